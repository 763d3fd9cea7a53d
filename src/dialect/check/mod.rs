//! The checker: was a login made right, and if not, what was done wrong.
//!
//! 1. What was given (a triple, a URL, headers, pasted code) becomes a [`Given`]; [`harvest`] reads pasted material.
//! 2. The dialect reads its parts, notes what breaks a rule of form, and computes what the signature has to be.
//! 3. Where it is another one, [`search`] recomputes the plausible mistakes until one gives the signature that was given:
//!    that one is certain, because a digest does not agree by chance. Where two mistakes give the same bytes neither is
//!    certain; where none does, the finding says what was tried.

pub mod connect;
mod constants;
pub mod harvest;
mod literals;
pub mod mistakes;
pub mod search;

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::{Dialect, Server, Signed};
use crate::model::{Fields, Role, Severity};
use connect::ConnectPacket;

/// What was given to a connection.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// MQTT client id.
    pub client_id: Option<String>,
    /// MQTT user name.
    pub username: Option<String>,
    /// MQTT password.
    pub password: Option<Secret>,
    /// A URL, where the platform logs in by one.
    pub url: Option<Secret>,
    /// HTTP headers, where the platform logs in by them.
    pub headers: Vec<(String, Secret)>,
    /// Where the login was used.
    pub server: Option<Server>,
    /// The whole CONNECT, where one was given.
    pub packet: Option<ConnectPacket>,
    /// The secret, and whatever else is known, by the names of the profile.
    pub fields: Fields,
    /// Texts of pasted material that had no name; the dialect knows them by their form.
    pub loose: Vec<Secret>,
}

impl Given {
    /// The password as text.
    pub fn password(&self) -> Option<&str> {
        self.password.as_ref().map(Secret::expose)
    }

    /// Takes the first nameless text that looks right.
    pub fn claim(&mut self, looks: impl Fn(&str) -> bool) -> Option<String> {
        let at = self.loose.iter().position(|text| looks(text.expose()))?;
        Some(self.loose.remove(at).expose().to_owned())
    }

    /// Fills the parts that are still missing from nameless texts by their form.
    pub fn adopt(
        &mut self,
        client_id: impl Fn(&str) -> bool,
        username: impl Fn(&str) -> bool,
        password: impl Fn(&str) -> bool,
    ) {
        if self.client_id.is_none() {
            self.client_id = self.claim(client_id);
        }
        if self.username.is_none() {
            self.username = self.claim(username);
        }
        if self.password.is_none() {
            self.password = self.claim(password).map(Secret::new);
        }
    }

    /// The value of a header field, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.expose())
    }

    /// Whether there is anything to check.
    pub fn is_empty(&self) -> bool {
        self.client_id.is_none()
            && self.username.is_none()
            && self.password.is_none()
            && self.url.is_none()
            && self.headers.is_empty()
            && self.loose.is_empty()
    }
}

/// Something to say about a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Machine-readable name; it never changes.
    pub code: &'static str,
    /// `Error` where it makes the login fail, `Warning` where it does not.
    pub severity: Severity,
    /// Whether it was proved: by a digest that agrees, or by a rule that the text itself breaks.
    pub certain: bool,
    /// What was seen, and the rule.
    pub message: Phrase,
    /// What to do.
    pub fix: Phrase,
}

impl Finding {
    /// Something proved that makes the login fail.
    pub fn error(code: &'static str, message: impl Into<Phrase>, fix: impl Into<Phrase>) -> Finding {
        Finding { code, severity: Severity::Error, certain: true, message: message.into(), fix: fix.into() }
    }

    /// A remark that does not make the login wrong.
    pub fn warning(code: &'static str, message: impl Into<Phrase>, fix: impl Into<Phrase>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(code, message, fix) }
    }

    /// The same, as a supposition.
    pub fn supposed(self) -> Finding {
        Finding { certain: false, ..self }
    }
}

/// What the checker found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Whose login it is.
    pub role: Role,
    /// What was given, its parts found and named.
    pub given: Given,
    /// What there is to say, the worst first.
    pub findings: Vec<Finding>,
    /// The login as it should be, where that can be told.
    pub expected: Option<Signed>,
}

impl Checked {
    /// Puts the worst findings first, certain ones before suppositions.
    pub fn new(role: Role, given: Given, mut findings: Vec<Finding>, expected: Option<Signed>) -> Checked {
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), !finding.certain));
        let mut seen: Vec<&'static str> = Vec::new();
        findings.retain(|finding| {
            let new = !seen.contains(&finding.code) || finding.severity == Severity::Error;
            seen.push(finding.code);
            new
        });
        Checked { role, given, findings, expected }
    }

    /// Whether nothing was found that makes the login fail.
    pub fn is_right(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity < Severity::Error)
    }
}

/// Another dialect whose login this looks like; `None` where it looks like nothing else.
pub fn foreign(own: &dyn Dialect, given: &Given) -> Option<&'static dyn Dialect> {
    crate::dialect::REGISTRY
        .iter()
        .copied()
        .find(|other| other.spec().name != own.spec().name && other.recognises(given))
}

/// What is certain and remarkable about a login that was just made: that it has expired, or counts milliseconds.
pub fn remarks(dialect: &dyn Dialect, role: Role, fields: &Fields, signed: &Signed, now: Time) -> Vec<Finding> {
    if signed.body.is_some() {
        // A call that brings the login is not one itself.
        return Vec::new();
    }
    let given = Given {
        client_id: signed.client_id.clone(),
        username: signed.username.clone(),
        password: signed.password.clone(),
        url: signed.url.clone(),
        headers: signed.headers.clone(),
        server: signed.server.clone(),
        fields: fields.clone(),
        ..Given::default()
    };
    // What cannot be checked needs no remark.
    let findings = dialect.check(Some(role), &given, now).map(|checked| checked.findings).unwrap_or_default();
    findings.into_iter().filter(|finding| finding.certain).collect()
}

/// The dialect whose login was given or pasted; `None` where no one knows it as its own.
pub fn guess(given: &Given, pasted: &str) -> Option<&'static dyn Dialect> {
    crate::dialect::REGISTRY.iter().copied().find(|dialect| {
        let mut given = given.clone();
        harvest::harvest(&mut given, dialect.spec(), pasted);
        dialect.recognises(&given)
    })
}

/// Where two texts differ: byte ranges of `given` that are not in `expected`, for marking. Whole characters.
pub fn differing(given: &str, expected: &str) -> Option<std::ops::Range<usize>> {
    if given == expected {
        return None;
    }
    let same = |a: char, b: char| a == b;
    let front: usize =
        given.chars().zip(expected.chars()).take_while(|(a, b)| same(*a, *b)).map(|(a, _)| a.len_utf8()).sum();
    let (rest, other) = (given.get(front..).unwrap_or_default(), expected.get(front..).unwrap_or_default());
    let back: usize =
        rest.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| same(*a, *b)).map(|(a, _)| a.len_utf8()).sum();
    Some(front..given.len().saturating_sub(back).max(front))
}

/// Compares what was given with the calculator's result, part by part: for platforms without a checker of their own.
pub fn compare(role: Role, given: &Given, signed: Signed) -> Checked {
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let parts = [
        ("client_id", given.client_id.clone(), signed.client_id.clone()),
        ("username", given.username.clone(), signed.username.clone()),
        ("password", secret(&given.password), secret(&signed.password)),
        ("url", secret(&given.url), secret(&signed.url)),
    ];
    let findings = parts.into_iter().filter_map(|(name, found, right)| {
        let (found, right) = (found?, right?);
        (found != right)
            .then(|| Finding::error("differs", DIFFERS.with(&[&name, &search::parting(&found, &right)]), DIFFERS_FIX))
    });
    Checked::new(role, given.clone(), findings.collect(), Some(signed))
}

const DIFFERS: Text = Text::new("{} is another one, from character {} on", "{} 与期望值不同，从第 {} 个字符开始");
const DIFFERS_FIX: Text = Text::new("use the expected value", "请使用期望值");
