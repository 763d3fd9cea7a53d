//! The result in rows: what was worked out, each part to be copied by itself.

use crate::app::App;
use crate::app::sign::texts::*;
use crate::app::sign::{SignMode, SignOutcome};
use crate::base::lang::{Lang, Phrase};
use crate::base::secret::MASK;
use crate::base::text::{countdown, local_date_time};
use crate::dialect::check::differing;
use crate::dialect::{Checked, CopyForm, Finding, Signed};
use crate::model::Severity;

/// How a row of the result is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKind {
    /// A heading.
    Heading,
    /// A part of the login.
    Part,
    /// A part that was given and is another one; the bytes of the value that differ.
    Wrong(std::ops::Range<usize>),
    /// A step: what goes in, or what comes out.
    Step,
    /// Something good.
    Good,
    /// A finding, and how bad it is.
    Finding(Severity),
    /// What to do.
    Fix,
    /// A form to copy the login in.
    Form(CopyForm),
    /// A remark.
    Note,
}

/// A row of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// How it is meant.
    pub kind: ItemKind,
    /// Its name; may be empty.
    pub label: String,
    /// What is shown; masked where it is a secret.
    pub value: String,
    /// What is copied; `None` where there is nothing to copy.
    pub copy: Option<String>,
}

impl Item {
    fn new(kind: ItemKind, label: &str, value: &str) -> Item {
        Item { kind, label: label.to_owned(), value: value.to_owned(), copy: None }
    }

    fn copied(mut self, text: &str) -> Item {
        self.copy = Some(text.to_owned());
        self
    }
}

/// What masks secrets, or shows them.
struct Veil {
    revealed: bool,
}

impl Veil {
    fn over(&self, text: &str) -> String {
        if self.revealed || text.is_empty() { text.to_owned() } else { MASK.to_owned() }
    }
}

impl App {
    /// The rows of the result.
    pub fn sign_items(&self) -> Vec<Item> {
        let lang = self.lang;
        let veil = Veil { revealed: self.sign.revealed };
        match self.sign.outcome() {
            SignOutcome::NothingUsed if self.sign.mode() == SignMode::Check => {
                vec![Item::new(ItemKind::Note, "", NOTHING_USED.get(lang))]
            }
            SignOutcome::NothingUsed => Vec::new(),
            SignOutcome::Missing(fault) => {
                let words = MISSING.around([Phrase::verbatim(fault.field.clone()), fault.reason.clone()]);
                vec![Item::new(ItemKind::Note, "", &words.render(lang))]
            }
            SignOutcome::Signed(signed) => {
                let mut items = vec![Item::new(ItemKind::Heading, "", LOGIN.get(lang))];
                items.extend(self.login_items(signed, &veil));
                items.extend(self.sign.remarks().iter().flat_map(|finding| finding_items(finding, lang)));
                items.extend(self.forms(lang));
                items.extend(steps(signed, &veil, lang));
                items
            }
            SignOutcome::Checked(checked) => {
                let mut items = self.verdict(checked, &veil);
                if let Some(signed) = &checked.expected {
                    items.extend(steps(signed, &veil, lang));
                }
                items
            }
        }
    }

    /// The parts of a login.
    fn login_items(&self, signed: &Signed, veil: &Veil) -> Vec<Item> {
        let lang = self.lang;
        let mut items = Vec::new();
        let mut plain = |name: &str, value: Option<String>| {
            items.extend(value.map(|value| Item::new(ItemKind::Part, name, &value).copied(&value)));
        };
        let url = |server: &crate::dialect::Server| {
            format!("{}://{}:{}{}", server.transport.scheme(), server.host, server.port, server.path)
        };
        plain("server", signed.server.as_ref().map(url));
        plain("client_id", signed.client_id.clone());
        plain("username", signed.username.clone());
        let secrets =
            [("password", signed.password.as_ref()), ("url", signed.url.as_ref()), ("body", signed.body.as_ref())];
        let headers = signed.headers.iter().map(|(name, value)| (name.as_str(), Some(value)));
        for (name, value) in secrets.into_iter().chain(headers) {
            if let Some(value) = value {
                items.push(Item::new(ItemKind::Part, name, &veil.over(value.expose())).copied(value.expose()));
            }
        }
        if let Some(at) = signed.expires_at {
            let date = local_date_time(at);
            let words = if at > self.now {
                EXPIRES_IN.fill(lang, &[&date, &countdown(at.since(self.now))])
            } else {
                EXPIRED.fill(lang, &[&date])
            };
            let kind = if at > self.now { ItemKind::Part } else { ItemKind::Finding(Severity::Error) };
            items.push(Item::new(kind, EXPIRES.get(lang), &words).copied(&at.as_secs().to_string()));
        }
        items
    }

    /// The forms that the login can be copied in.
    fn forms(&self, lang: Lang) -> Vec<Item> {
        let (SignOutcome::Signed(signed), Some(dialect)) = (self.sign.outcome(), self.sign.dialect()) else {
            return Vec::new();
        };
        let (role, fields) = (self.sign.role(), self.sign.fields());
        let mut items = vec![Item::new(ItemKind::Heading, "", COPY_AS.get(lang))];
        for form in CopyForm::ALL {
            if let Ok(text) = form.write(dialect, role, &fields, signed) {
                items.push(Item::new(ItemKind::Form(form), form.title().get(lang), "").copied(&text));
            }
        }
        items
    }

    /// What the checker says.
    fn verdict(&self, checked: &Checked, veil: &Veil) -> Vec<Item> {
        let lang = self.lang;
        let mut items = vec![if checked.is_right() {
            Item::new(ItemKind::Good, "✓", RIGHT.get(lang))
        } else {
            Item::new(ItemKind::Finding(Severity::Error), "✗", WRONG.get(lang))
        }];
        for finding in &checked.findings {
            items.extend(finding_items(finding, lang));
        }
        let Some(expected) = &checked.expected else { return items };
        items.push(Item::new(ItemKind::Heading, "", EXPECTED.get(lang)));
        let given = &checked.given;
        for (name, found, right, secret) in [
            ("client_id", given.client_id.clone(), expected.client_id.clone(), false),
            ("username", given.username.clone(), expected.username.clone(), false),
            (
                "password",
                given.password().map(str::to_owned),
                expected.password.as_ref().map(|text| text.expose().to_owned()),
                true,
            ),
            (
                "url",
                given.url.as_ref().map(|text| text.expose().to_owned()),
                expected.url.as_ref().map(|text| text.expose().to_owned()),
                true,
            ),
        ] {
            let Some(right) = right else { continue };
            let shown = |text: &str| if secret { veil.over(text) } else { text.to_owned() };
            if let Some(range) = found.as_deref().and_then(|found| differing(found, &right)) {
                let found = found.unwrap_or_default();
                let range = if shown(&found) == found { range } else { 0..0 };
                items.push(Item::new(ItemKind::Wrong(range), GIVEN.get(lang), &shown(&found)).copied(&found));
            }
            items.push(Item::new(ItemKind::Part, name, &shown(&right)).copied(&right));
        }
        items
    }
}

/// A finding in rows.
pub fn finding_items(finding: &Finding, lang: Lang) -> [Item; 2] {
    let mark = match finding.severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
        Severity::Info => "·",
    };
    let words = finding.message.render(lang);
    let words = if finding.certain { words } else { SUPPOSED.fill(lang, &[&words]) };
    let fix = finding.fix.render(lang);
    [
        Item::new(ItemKind::Finding(finding.severity), mark, &words).copied(&words),
        Item::new(ItemKind::Fix, "→", &fix).copied(&fix),
    ]
}

/// The steps of a calculation. From the first digest on, results can be turned into the login, and are masked with it.
fn steps(signed: &Signed, veil: &Veil, lang: Lang) -> Vec<Item> {
    if signed.steps.is_empty() {
        return Vec::new();
    }
    let mut items = vec![Item::new(ItemKind::Heading, "", STEPS.get(lang))];
    let mut secret = false;
    // What is masked once is masked wherever it goes on.
    let mut hidden: Vec<&str> = Vec::new();
    for (number, step) in signed.steps.iter().enumerate() {
        let known = hidden.iter().any(|part| step.input.contains(part));
        let input = if known { veil.over(&step.input) } else { step.input.clone() };
        secret |= ["hmac", "md5", "sha"].iter().any(|digest| step.name.contains(digest));
        let open = [&signed.client_id, &signed.username].into_iter().flatten().any(|part| *part == step.output);
        if secret && !open && !step.output.is_empty() {
            hidden.push(&step.output);
        }
        let output = if secret && !open { veil.over(&step.output) } else { step.output.clone() };
        items.push(
            Item::new(ItemKind::Step, &format!("{}. {}", number + 1, step.name), &format!("← {input}"))
                .copied(&step.input),
        );
        items.push(Item::new(ItemKind::Step, "", &format!("→ {output}")).copied(&step.output));
    }
    items
}
