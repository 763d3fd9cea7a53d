//! A profile while it is being filled in: values by field over a commented text, saved without losing a comment.
//!
//! A value goes where the text already speaks of its field, also where that line is commented out; a value that is taken
//! away is commented out and not deleted, so that its explanation stays.

use std::collections::BTreeMap;
use std::path::Path;

use super::edit::{Change, Setting, changed};
use super::{Profile, ProfileError, template};
use crate::base::lang::Lang;
use crate::base::time::Time;
use crate::dialect::{Dialect, FieldSpec, FieldType};
use crate::model::{FieldFault, Fields, Role};

/// Where a value of a profile stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// `""`, `identity`, `device` …
    pub table: &'static str,
    /// Its key.
    pub key: &'static str,
}

impl Slot {
    /// A key outside of every table.
    pub const fn top(key: &'static str) -> Slot {
        Slot { table: "", key }
    }

    /// A field of `[identity]`.
    pub const fn identity(key: &'static str) -> Slot {
        Slot { table: "identity", key }
    }

    /// A field of `[device]`.
    pub const fn device(key: &'static str) -> Slot {
        Slot { table: "device", key }
    }
}

/// A profile being filled in.
#[derive(Clone)]
pub struct Draft {
    /// Its platform.
    pub dialect: &'static dyn Dialect,
    /// Its role.
    pub role: Role,
    base: String,
    before: BTreeMap<Slot, String>,
    values: BTreeMap<Slot, String>,
}

/// Without its values, which may be secrets.
impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("dialect", &self.dialect.spec().name).field("role", &self.role).finish()
    }
}

impl Draft {
    /// A new profile, explained in a language.
    pub fn new(dialect: &'static dyn Dialect, role: Role, lang: Lang) -> Draft {
        let base = template(dialect, role, lang).unwrap_or_default();
        Draft { dialect, role, base, before: BTreeMap::new(), values: BTreeMap::new() }
    }

    /// A profile as it stands.
    pub fn of(profile: &Profile) -> Draft {
        let mut before = BTreeMap::new();
        if let Some(server) = &profile.settings.server {
            before.insert(Slot::top("server"), server.to_string());
        }
        if profile.production {
            before.insert(Slot::top("production"), "true".to_owned());
        }
        if let Some(path) = &profile.model {
            let shown = profile.directory().and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path);
            before.insert(Slot::top("model"), shown.display().to_string());
        }
        let spec = profile.role_spec();
        let tables = [
            ("identity", spec.map(|spec| spec.identity), Some(&profile.settings.identity)),
            ("device", spec.map(|spec| spec.device), profile.settings.devices.first()),
        ];
        for (table, specs, fields) in tables {
            for field in specs.unwrap_or_default() {
                if let Some(value) = fields.and_then(|fields| fields.get(field.name)) {
                    before.insert(Slot { table, key: field.name }, value.to_owned());
                }
            }
        }
        let (dialect, role, base) = (profile.dialect, profile.role, profile.text.clone());
        Draft { dialect, role, base, values: before.clone(), before }
    }

    /// The same values for another platform or role, as far as it has such fields.
    pub fn moved(&self, dialect: &'static dyn Dialect, role: Role, lang: Lang) -> Draft {
        let mut draft = Draft::new(dialect, role, lang);
        let slots = draft.slots();
        draft.values =
            self.values.iter().filter(|(slot, _)| slots.contains(slot)).map(|(s, v)| (s.clone(), v.clone())).collect();
        draft
    }

    /// The fields that the role has, with where they stand.
    pub fn fields(&self) -> impl Iterator<Item = (Slot, &'static FieldSpec)> + use<> {
        let spec = self.dialect.spec().role(self.role);
        let identity = spec.map(|spec| spec.identity).unwrap_or_default().iter();
        let device = spec.map(|spec| spec.device).unwrap_or_default().iter();
        identity
            .map(|field| (Slot::identity(field.name), field))
            .chain(device.map(|field| (Slot::device(field.name), field)))
    }

    fn slots(&self) -> Vec<Slot> {
        let top = ["server", "production", "model"].map(Slot::top);
        top.into_iter().chain(self.fields().map(|(slot, _)| slot)).collect()
    }

    /// A value; empty where there is none.
    pub fn get(&self, slot: &Slot) -> &str {
        self.values.get(slot).map(String::as_str).unwrap_or_default()
    }

    /// Sets a value; an empty one takes it away.
    pub fn set(&mut self, slot: Slot, value: &str) {
        if value.is_empty() {
            self.values.remove(&slot);
        } else {
            self.values.insert(slot, value.to_owned());
        }
    }

    /// Sets a value that no form has.
    pub(super) fn set_raw(&mut self, table: &'static str, key: &'static str, value: &str) {
        self.set(Slot { table, key }, value);
    }

    /// Takes the fields of an identity.
    pub fn fill(&mut self, identity: &Fields) {
        for name in self.fields().map(|(slot, _)| slot).filter(|slot| slot.table == "identity").collect::<Vec<_>>() {
            if let Some(value) = identity.get(name.key) {
                self.set(name, value);
            }
        }
    }

    /// Whether something was changed.
    pub fn is_changed(&self) -> bool {
        self.values != self.before
    }

    /// The profile as text.
    pub fn text(&self) -> String {
        let with_device = self.values.keys().any(|slot| slot.table == "device");
        let mut text = if with_device { with_header(&self.base) } else { self.base.clone() };
        let mut changes = Vec::new();
        // What the template holds empty, for the eye, is not meant to be given.
        let emptied = self.fields().map(|(slot, _)| slot).filter(|slot| self.get(slot).is_empty());
        for slot in emptied.chain(self.before.keys().filter(|slot| !self.values.contains_key(*slot)).cloned()) {
            if let Some(new) = commented_out(&text, &slot) {
                text = new;
            } else if self.before.contains_key(&slot) {
                changes.push(Change { table: slot.table.to_owned(), key: slot.key.to_owned(), value: None });
            }
        }
        for (slot, value) in self.values.iter().filter(|(slot, value)| self.before.get(slot) != Some(value)) {
            text = uncommented(&text, slot);
            let setting = self.setting(slot, value);
            changes.push(Change { table: slot.table.to_owned(), key: slot.key.to_owned(), value: Some(setting) });
        }
        let text = changed(&text, &changes).unwrap_or(text);
        if with_device { text } else { without_header(text) }
    }

    fn setting(&self, slot: &Slot, value: &str) -> Setting {
        let kind = self.fields().find(|(known, _)| known == slot).map(|(_, field)| field.kind);
        let text = || Setting::Text(value.to_owned());
        match (slot.key, kind) {
            ("production", None) | (_, Some(FieldType::Bool)) => value.parse().map_or_else(|_| text(), Setting::Bool),
            ("keep_alive", None) | (_, Some(FieldType::Integer)) => {
                value.parse().map_or_else(|_| text(), Setting::Integer)
            }
            _ => text(),
        }
    }

    /// What is wrong with it, as far as can be told without fetching a secret: the field, and why.
    pub fn fault(&self, path: Option<&Path>, now: Time) -> Option<FieldFault> {
        let text = self.text();
        let profile = match Profile::parse(&text, "draft", path) {
            Ok(profile) => profile,
            Err(error) => return Some(FieldFault::new(key_at(&text, &error), error.reason)),
        };
        let settings = profile.settings_at_hand();
        let judged = match profile.dialect.login(profile.role, &settings, now, 0) {
            Ok(None) => profile.dialect.plan(profile.role, &settings, now, 0).map(|_| ()),
            Ok(Some(_)) => Ok(()),
            Err(fault) => Err(fault),
        };
        let fault = judged.err()?;
        // What is fetched later cannot be judged now.
        let elsewhere = self.fields().any(|(slot, field)| {
            field.name == fault.field
                && field.secret
                && !self.get(&slot).is_empty()
                && !super::secrets::is_literal(self.get(&slot))
        });
        (!elsewhere).then_some(fault)
    }
}

/// A `[device]` that holds nothing asks for a device; its header is commented out.
fn without_header(text: String) -> String {
    let empty = text.parse::<toml_edit::DocumentMut>().is_ok_and(|document| {
        document.get("device").and_then(toml_edit::Item::as_table).is_some_and(toml_edit::Table::is_empty)
    });
    if empty { text.replacen("\n[device]", "\n# [device]", 1) } else { text }
}

/// The header of the device, where it is commented out.
fn with_header(text: &str) -> String {
    if text.contains("\n[device]") || text.contains("\n[[device]]") {
        return text.to_owned();
    }
    text.replacen("\n# [device]", "\n[device]", 1)
}

/// The key of the line that an error names.
fn key_at(text: &str, error: &ProfileError) -> String {
    let line = text.lines().nth(error.line.saturating_sub(1)).unwrap_or_default();
    line.split('=').next().unwrap_or_default().trim().to_owned()
}

/// The lines of a text with the table that each stands in. Of several `[[device]]` the first counts.
fn lines(text: &str) -> impl Iterator<Item = (String, &str)> {
    let mut table = String::new();
    let mut seen = false;
    text.split_inclusive('\n').map(move |line| {
        let trimmed = line.trim();
        if trimmed.starts_with('[') {
            let name = trimmed.split('#').next().unwrap_or_default().trim().trim_matches(['[', ']']);
            let again = trimmed.starts_with("[[") && std::mem::replace(&mut seen, true);
            table = if again { String::new() + "\0" } else { name.to_owned() };
        }
        (table.clone(), line)
    })
}

/// Whether a line, after its `#` or without one, gives a value to a key.
fn speaks_of(line: &str, key: &str, commented: bool) -> bool {
    let line = line.trim_start();
    let line = match (line.strip_prefix('#'), commented) {
        (Some(rest), true) => rest.trim_start(),
        (None, false) => line,
        _ => return false,
    };
    line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// The text with the first commented line of a field made a value, where it has no other.
fn uncommented(text: &str, slot: &Slot) -> String {
    let here = |table: &str, line: &str, commented| table == slot.table && speaks_of(line, slot.key, commented);
    if lines(text).any(|(table, line)| here(&table, line, false)) {
        return text.to_owned();
    }
    let mut done = false;
    lines(text)
        .map(|(table, line)| {
            if !done && here(&table, line, true) {
                done = true;
                format!("{} = \"\"\n", slot.key)
            } else {
                line.to_owned()
            }
        })
        .collect()
}

/// The text with a field's line commented out; `None` where its value is not on one line.
fn commented_out(text: &str, slot: &Slot) -> Option<String> {
    let mut done = false;
    let new = lines(text)
        .map(|(table, line)| {
            if !done && table == slot.table && speaks_of(line, slot.key, false) {
                done = true;
                format!("# {line}")
            } else {
                line.to_owned()
            }
        })
        .collect::<String>();
    (done && new.parse::<toml_edit::DocumentMut>().is_ok()).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::REGISTRY;

    const NOW: Time = Time::from_secs(1_700_000_000);

    #[test]
    fn every_form_can_be_filled_and_gives_a_commented_profile() {
        for dialect in REGISTRY.iter().copied() {
            for spec in dialect.spec().roles {
                let mut draft = Draft::new(dialect, spec.role, Lang::Zh);
                let help = draft.text().lines().filter(|line| line.starts_with('#')).count();
                let fault = draft.fault(None, NOW);
                assert!(fault.is_some(), "{} {}: an empty profile is no fault", dialect.spec().name, spec.role);
                // The shipped profile of the role is typed into the form.
                let name = format!("{}-{}", dialect.spec().name, spec.role);
                let shipped = super::super::shipped::get(&name).unwrap().unwrap();
                draft.fill(&shipped.settings.identity);
                if spec.server.is_none() {
                    draft.set(Slot::top("server"), &shipped.settings.server.clone().unwrap().to_string());
                }
                let text = draft.text();
                assert_eq!(draft.fault(None, NOW), None, "{text}");
                let made = Profile::parse(&text, "made", None).unwrap();
                assert_eq!(made.settings.identity, shipped.settings.identity, "{text}");
                let comments = text.lines().filter(|line| line.starts_with('#')).count();
                let filled = shipped.settings.identity.names().count();
                assert!(comments + filled + 2 >= help, "comments were lost:\n{text}");
            }
        }
    }

    #[test]
    fn an_edit_keeps_comments_and_what_the_form_does_not_know() {
        let text = "# mine\ndialect = \"onenet\" # which\nrole = \"device\"\n\n[identity] # who\n# the product\nproduct_id = \"p\" # old\ndevice_name = \"lamp\"\naccess_key = \"a2V5\"\nmethod = \"md5\"\n\n[mqtt]\nkeep_alive = 30 # short\n";
        let mut draft = Draft::of(&Profile::parse(text, "x", None).unwrap());
        assert!(!draft.is_changed());
        assert_eq!(draft.text(), text);
        draft.set(Slot::identity("product_id"), "q");
        draft.set(Slot::identity("method"), "");
        draft.set(Slot::top("production"), "true");
        let new = draft.text();
        assert!(draft.is_changed());
        for kept in [
            "# mine\n",
            "# which",
            "# who",
            "# the product\nproduct_id = \"q\" # old",
            "# method = \"md5\"",
            "keep_alive = 30 # short",
            "production = true",
        ] {
            assert!(new.contains(kept), "{kept} is not in\n{new}");
        }
    }

    #[test]
    fn a_fault_names_its_field_and_a_secret_kept_elsewhere_is_not_judged() {
        let dialect = REGISTRY.iter().copied().find(|dialect| dialect.spec().name == "onenet").unwrap();
        let mut draft = Draft::new(dialect, Role::Device, Lang::En);
        draft.set(Slot::identity("product_id"), "p");
        draft.set(Slot::identity("device_name"), "lamp");
        draft.set(Slot::identity("access_key"), "***");
        assert_eq!(draft.fault(None, NOW).unwrap().field, "access_key");
        draft.set(Slot::identity("access_key"), "env:KEY");
        assert_eq!(draft.fault(None, NOW), None);
        draft.set(Slot::top("server"), "nonsense");
        assert_eq!(draft.fault(None, NOW).unwrap().field, "server");
    }
}
