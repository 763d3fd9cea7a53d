//! A profile in a form: rows made of the dialect's fields, each checked while it is typed.

use std::path::PathBuf;

use crate::app::edit::TextEdit;
use crate::app::input::{Key, KeyCode};
use crate::app::profiles::texts::*;
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::secret::MASK;
use crate::base::time::Time;
use crate::dialect::{Dialect, FieldSpec, FieldType, REGISTRY};
use crate::model::{FieldFault, Role};
use crate::profile::{Draft, Profile, Slot, import};

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A profile that has no file yet.
    New,
    /// The profile at this place, in this file.
    Edit(usize, PathBuf),
}

/// A row of the form.
#[derive(Debug, Clone)]
pub enum Row {
    /// A heading.
    Heading(Text),
    /// The name of the profile.
    Name,
    /// The platform.
    Dialect,
    /// App or device.
    Role,
    /// A key that every profile has.
    Key(Slot, Text),
    /// A field of the dialect.
    Field(Slot, &'static FieldSpec),
}

/// The form.
#[derive(Debug, Clone)]
pub struct ProfileForm {
    /// What it is for.
    pub purpose: Purpose,
    /// The name of the profile.
    pub name: String,
    /// The values.
    pub draft: Draft,
    /// The row that has the cursor.
    pub cursor: usize,
    /// The text of that row, where it takes one.
    pub edit: TextEdit,
    /// Whether secrets are shown.
    pub revealed: bool,
    /// The language of the comments of a new profile.
    lang: Lang,
    now: Time,
    fault: Option<FieldFault>,
    /// Whether something was typed.
    touched: bool,
}

impl ProfileForm {
    /// A form for a new profile.
    pub fn new(draft: Draft, name: &str, lang: Lang, now: Time) -> ProfileForm {
        ProfileForm::open(Purpose::New, draft, name, lang, now)
    }

    /// A form for what is there.
    pub fn open(purpose: Purpose, draft: Draft, name: &str, lang: Lang, now: Time) -> ProfileForm {
        let edit = TextEdit::single("");
        let name = name.to_owned();
        let mut form = ProfileForm {
            purpose,
            name,
            draft,
            cursor: 0,
            edit,
            revealed: false,
            lang,
            now,
            fault: None,
            touched: false,
        };
        form.check();
        form.to_row(0, true);
        form
    }

    /// The rows, from top to bottom.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if self.purpose == Purpose::New {
            rows.extend([Row::Name, Row::Dialect, Row::Role]);
        }
        rows.push(Row::Heading(WHO));
        let shown = |slot: &Slot, field: &FieldSpec| !field.signing_only || !self.draft.get(slot).is_empty();
        let fields = self.draft.fields().filter(|(slot, field)| shown(slot, field));
        let (identity, device): (Vec<_>, Vec<_>) = fields.partition(|(slot, _)| slot.table == "identity");
        rows.extend(identity.into_iter().map(|(slot, field)| Row::Field(slot, field)));
        if !device.is_empty() {
            rows.push(Row::Heading(WHICH_DEVICE));
            rows.extend(device.into_iter().map(|(slot, field)| Row::Field(slot, field)));
        }
        rows.push(Row::Heading(CONNECTION));
        rows.push(Row::Key(Slot::top("server"), SERVER_HELP));
        rows.push(Row::Key(Slot::top("model"), MODEL_HELP));
        rows.push(Row::Key(Slot::top("production"), PRODUCTION_HELP));
        rows
    }

    /// The row with the cursor.
    pub fn row(&self) -> Option<Row> {
        self.rows().get(self.cursor).cloned()
    }

    /// The label of a row.
    pub fn label(&self, row: &Row) -> String {
        match row {
            Row::Heading(text) => text.get(self.lang).to_owned(),
            Row::Name => NAME.get(self.lang).to_owned(),
            Row::Dialect => PLATFORM.get(self.lang).to_owned(),
            Row::Role => ROLE.get(self.lang).to_owned(),
            Row::Key(slot, _) | Row::Field(slot, _) => slot.key.to_owned(),
        }
    }

    /// What a row holds, secrets as they are.
    pub fn value(&self, row: &Row) -> String {
        match row {
            Row::Heading(_) => String::new(),
            Row::Name => self.name.clone(),
            Row::Dialect => self.draft.dialect.spec().title.get(self.lang).to_owned(),
            Row::Role => self.draft.role.to_string(),
            Row::Key(slot, _) | Row::Field(slot, _) => self.draft.get(slot).to_owned(),
        }
    }

    /// What a row shows: secrets masked, but not the place where one is kept.
    pub fn shown(&self, row: &Row) -> String {
        let value = self.value(row);
        let elsewhere = ["env:", "file:", "cmd:"].iter().any(|scheme| value.starts_with(scheme));
        if self.is_secret(row) && !self.revealed && !elsewhere && !value.is_empty() { MASK.to_owned() } else { value }
    }

    /// Whether a row holds a secret.
    pub fn is_secret(&self, row: &Row) -> bool {
        matches!(row, Row::Field(_, field) if field.secret)
    }

    /// What stands in an empty row: the default, or whether it need not be given.
    pub fn placeholder(&self, row: &Row) -> String {
        match row {
            Row::Field(_, field) => field.default.map(|text| DEFAULT.fill(self.lang, &[&text])).unwrap_or_default(),
            Row::Key(slot, _) if slot.key == "server" => {
                let usual = self.draft.dialect.spec().role(self.draft.role).and_then(|role| role.server);
                usual.map(|text| DEFAULT.fill(self.lang, &[&text])).unwrap_or_default()
            }
            Row::Key(slot, _) if slot.key == "production" => DEFAULT.fill(self.lang, &[&"false"]),
            _ => String::new(),
        }
    }

    /// What a row is and where its value is found.
    pub fn help(&self, row: &Row) -> String {
        match row {
            Row::Heading(_) => String::new(),
            Row::Name => NAME_HELP.get(self.lang).to_owned(),
            Row::Dialect => PLATFORM_HELP.get(self.lang).to_owned(),
            Row::Role => ROLE_HELP.get(self.lang).to_owned(),
            Row::Key(_, help) => help.get(self.lang).to_owned(),
            Row::Field(_, field) => {
                let help = field.help.get(self.lang);
                let stop = if self.lang == Lang::Zh { "。" } else { ". " };
                let secret = if field.secret { format!("{stop}{}", SECRET_HELP.get(self.lang)) } else { String::new() };
                format!("{help}{secret}")
            }
        }
    }

    /// What can be chosen in a row that takes no text; the empty one takes the default.
    pub fn choices(&self, row: &Row) -> Vec<String> {
        let owned = |all: &[&str]| std::iter::once("").chain(all.iter().copied()).map(str::to_owned).collect();
        match row {
            Row::Dialect => REGISTRY.iter().map(|dialect| dialect.spec().name.to_owned()).collect(),
            Row::Role => self.draft.dialect.spec().roles.iter().map(|role| role.role.to_string()).collect(),
            Row::Key(slot, _) if slot.key == "production" => owned(&["true"]),
            Row::Field(_, field) => match field.kind {
                FieldType::Choice(all) => owned(all),
                FieldType::Bool => owned(&["true", "false"]),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What is wrong with a row.
    pub fn fault_of(&self, row: &Row) -> Option<&Phrase> {
        let fault = self.fault.as_ref()?;
        let here = match row {
            Row::Key(slot, _) => slot.key == fault.field,
            Row::Field(slot, _) => {
                // A field of that name in the identity is meant before one of the device.
                let first = self.rows().into_iter().find_map(|row| match row {
                    Row::Field(slot, _) if slot.key == fault.field => Some(slot),
                    _ => None,
                });
                first.as_ref() == Some(slot)
            }
            _ => false,
        };
        here.then_some(&fault.reason)
    }

    /// What is wrong with the whole, if anything is.
    pub fn fault(&self) -> Option<&FieldFault> {
        self.fault.as_ref()
    }

    /// Whether something would be lost by leaving.
    pub fn is_changed(&self) -> bool {
        self.touched
    }

    /// Where a step through the choices of the row leads.
    fn choose(&mut self, forward: bool) -> bool {
        let Some(row) = self.row() else { return false };
        let choices = self.choices(&row);
        if choices.is_empty() {
            return false;
        }
        let now = match row {
            Row::Dialect => self.draft.dialect.spec().name.to_owned(),
            _ => self.value(&row),
        };
        let at = choices.iter().position(|choice| *choice == now).unwrap_or_default();
        let step = if forward { 1 } else { choices.len() - 1 };
        let Some(chosen) = choices.get((at + step) % choices.len()) else { return false };
        self.touched = true;
        match row {
            Row::Dialect => {
                let dialect = REGISTRY.iter().copied().find(|dialect| dialect.spec().name == *chosen);
                self.move_to(dialect.unwrap_or(self.draft.dialect), self.draft.role);
            }
            Row::Role => self.move_to(self.draft.dialect, Role::parse(chosen).unwrap_or(self.draft.role)),
            Row::Key(slot, _) | Row::Field(slot, _) => self.draft.set(slot, chosen),
            Row::Heading(_) | Row::Name => {}
        }
        self.check();
        true
    }

    fn move_to(&mut self, dialect: &'static dyn Dialect, role: Role) {
        let role = if dialect.spec().role(role).is_some() { role } else { Role::Device };
        self.draft = self.draft.moved(dialect, role, self.lang);
    }

    /// Types a key: into the text of the row, or through its choices.
    pub fn key(&mut self, key: Key) {
        let chooses = self.row().is_some_and(|row| !self.choices(&row).is_empty());
        if chooses {
            match key.code {
                KeyCode::Right | KeyCode::Char(' ') => _ = self.choose(true),
                KeyCode::Left => _ = self.choose(false),
                _ => {}
            }
            return;
        }
        if self.edit.key(key) {
            self.take();
        }
    }

    /// Pastes text into the row; a login or a triple fills the form.
    pub fn paste(&mut self, text: &str) {
        let several = text.trim().contains(['\n', '{']);
        if several && let [found] = import::import(text, &self.name, self.lang).found.as_slice() {
            let text = found.text.clone();
            let name = found.name.clone();
            if let Ok(profile) = Profile::parse(&text, &name, None) {
                if self.purpose == Purpose::New {
                    let (old, fresh) = (std::mem::take(&mut self.name), self.name.is_empty());
                    self.name = if fresh || old == NEW_NAME { name } else { old };
                    let mut draft = self.draft.moved(profile.dialect, profile.role, self.lang);
                    draft.fill(&profile.settings.identity);
                    self.draft = draft;
                } else {
                    self.draft.fill(&profile.settings.identity);
                }
                self.touched = true;
                self.check();
                return self.to_row(self.cursor, true);
            }
        }
        self.edit.paste(text);
        self.take();
    }

    /// Takes what was typed.
    fn take(&mut self) {
        let text = self.edit.text();
        let text = text.trim();
        match self.row() {
            Some(Row::Name) => text.clone_into(&mut self.name),
            Some(Row::Key(slot, _) | Row::Field(slot, _)) => self.draft.set(slot, text),
            _ => return,
        }
        self.touched = true;
        self.check();
    }

    /// Looks at the whole anew.
    fn check(&mut self) {
        let path = match &self.purpose {
            Purpose::New => None,
            Purpose::Edit(_, path) => Some(path.as_path()),
        };
        self.fault = self.draft.fault(path, self.now);
    }

    /// Puts the cursor on a row, or on the next that can have it.
    pub fn to_row(&mut self, row: usize, forward: bool) {
        let rows = self.rows();
        let last = rows.len().saturating_sub(1);
        let mut at = row.min(last);
        while matches!(rows.get(at), Some(Row::Heading(_))) {
            at = match (forward, at) {
                (true, at) if at < last => at + 1,
                (_, 0) => 1,
                (_, at) => at - 1,
            };
        }
        self.cursor = at;
        let text = rows.get(at).filter(|row| self.choices(row).is_empty()).map(|row| self.value(row));
        self.edit = TextEdit::single(&text.unwrap_or_default());
    }

    /// Moves the cursor by a row.
    pub fn step(&mut self, forward: bool) {
        let to = if forward { self.cursor + 1 } else { self.cursor.saturating_sub(1) };
        self.to_row(to, forward);
    }
}
