//! The Sign tab: calculator and checker of logins, in one form.
//!
//! The form is made of the dialect's fields. What it gives is worked out anew whenever something was changed, not while
//! drawing: a check may take many digests.

pub mod actions;
pub mod items;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::app::App;
use crate::app::edit::TextEdit;
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::check::{self, Given, harvest};
use crate::dialect::{Checked, Dialect, FieldSpec, FieldType, Finding, REGISTRY, Signed};
use crate::model::{FieldFault, Fields, Role};

pub use actions::KEYS;
pub use items::{Item, ItemKind};

/// What the tab does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignMode {
    /// Makes a login.
    #[default]
    Calculate,
    /// Checks one.
    Check,
}

impl SignMode {
    /// Its name.
    pub const fn title(self) -> Text {
        match self {
            SignMode::Calculate => Text::new("calculate a login", "计算登录信息"),
            SignMode::Check => Text::new("check a login", "校验登录信息"),
        }
    }
}

/// A part of a login that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Used {
    /// Token, URL, packet, code: whatever was pasted.
    Pasted,
    /// MQTT client id.
    ClientId,
    /// MQTT user name.
    Username,
    /// MQTT password.
    Password,
}

impl Used {
    /// Every part, in the order of the form.
    pub const ALL: [Used; 4] = [Used::Pasted, Used::ClientId, Used::Username, Used::Password];

    /// Its name.
    pub const fn title(self) -> Text {
        match self {
            Used::Pasted => Text::new("pasted", "粘贴内容"),
            Used::ClientId => Text::same("client_id"),
            Used::Username => Text::same("username"),
            Used::Password => Text::same("password"),
        }
    }
}

/// A row of the form.
#[derive(Debug, Clone, Copy)]
pub enum SignRow {
    /// Calculate or check.
    Mode,
    /// The platform.
    Dialect,
    /// App or device.
    Role,
    /// A profile to fill the fields from.
    Profile,
    /// A part of the login to be checked.
    Used(Used),
    /// A field of the dialect.
    Field(&'static FieldSpec),
}

/// What the form gives.
#[derive(Debug)]
pub enum SignOutcome {
    /// Not enough was given yet.
    Missing(FieldFault),
    /// Nothing to check was given yet.
    NothingUsed,
    /// The login.
    Signed(Box<Signed>),
    /// The verdict.
    Checked(Box<Checked>),
}

/// The state of the tab.
pub struct Sign {
    mode: SignMode,
    dialect: usize,
    role: usize,
    /// The profile that the fields were filled from.
    profile: Option<usize>,
    /// What was typed, by dialect and role.
    fields: HashMap<(usize, Role), Fields>,
    used: HashMap<Used, String>,
    /// The row of the form that has the cursor.
    pub cursor: usize,
    /// The text being typed, if one is.
    pub editing: Option<TextEdit>,
    /// The row of the result that has the cursor.
    pub result_cursor: usize,
    /// Whether secrets are shown.
    pub revealed: bool,
    outcome: SignOutcome,
    /// What is remarkable about the login that was made.
    remarks: Vec<Finding>,
}

impl Default for Sign {
    fn default() -> Self {
        Sign {
            mode: SignMode::default(),
            dialect: 0,
            role: 0,
            profile: None,
            fields: HashMap::new(),
            used: HashMap::new(),
            cursor: 0,
            editing: None,
            result_cursor: 0,
            revealed: false,
            outcome: SignOutcome::NothingUsed,
            remarks: Vec::new(),
        }
    }
}

impl Sign {
    /// What the tab does.
    pub fn mode(&self) -> SignMode {
        self.mode
    }

    /// The platform.
    pub fn dialect(&self) -> Option<&'static dyn Dialect> {
        REGISTRY.get(self.dialect % REGISTRY.len().max(1)).copied()
    }

    /// Whose login.
    pub fn role(&self) -> Role {
        let roles = self.dialect().map(|dialect| dialect.spec().roles).unwrap_or_default();
        roles.get(self.role % roles.len().max(1)).map_or(Role::Device, |spec| spec.role)
    }

    /// The fields as they were typed or filled.
    pub fn fields(&self) -> Fields {
        self.fields.get(&(self.dialect, self.role())).cloned().unwrap_or_default()
    }

    /// What is remarkable about the login that was made.
    pub fn remarks(&self) -> &[Finding] {
        &self.remarks
    }

    /// What the form gives.
    pub fn outcome(&self) -> &SignOutcome {
        &self.outcome
    }

    /// The profile that the fields were filled from.
    pub fn filled_from(&self) -> Option<usize> {
        self.profile
    }

    /// A part of the login to be checked, as it was typed.
    pub fn used(&self, used: Used) -> &str {
        self.used.get(&used).map(String::as_str).unwrap_or_default()
    }

    /// The rows of the form, from top to bottom.
    pub fn rows(&self) -> Vec<SignRow> {
        let mut rows = vec![SignRow::Mode, SignRow::Dialect, SignRow::Role, SignRow::Profile];
        let identity = self.dialect().and_then(|dialect| dialect.spec().role(self.role())).map(|spec| spec.identity);
        let fields = identity.unwrap_or_default().iter();
        if self.mode == SignMode::Check {
            rows.extend(Used::ALL.map(SignRow::Used));
            // These are what was used; the form has them already.
            let own = |field: &&FieldSpec| !matches!(field.name, "client_id" | "username" | "password");
            rows.extend(fields.filter(own).map(SignRow::Field));
        } else {
            rows.extend(fields.map(SignRow::Field));
        }
        rows
    }

    /// The row with the cursor.
    pub fn row(&self) -> Option<SignRow> {
        let rows = self.rows();
        rows.get(self.cursor.min(rows.len().saturating_sub(1))).copied()
    }

    /// The text of a row that takes one.
    pub fn text(&self, row: SignRow) -> Option<String> {
        match row {
            SignRow::Used(used) => Some(self.used(used).to_owned()),
            SignRow::Field(field) => Some(self.fields().get(field.name).unwrap_or_default().to_owned()),
            SignRow::Mode | SignRow::Dialect | SignRow::Role | SignRow::Profile => None,
        }
    }

    /// Whether a row holds a secret.
    pub fn is_secret(&self, row: SignRow) -> bool {
        match row {
            SignRow::Used(Used::Password | Used::Pasted) => true,
            SignRow::Field(field) => field.secret,
            _ => false,
        }
    }

    fn set_text(&mut self, row: SignRow, text: &str) {
        match row {
            SignRow::Used(used) => {
                self.used.insert(used, text.to_owned());
            }
            SignRow::Field(field) => {
                let key = (self.dialect, self.role());
                let fields = self.fields.entry(key).or_default();
                if text.is_empty() { fields.remove(field.name) } else { fields.set(field.name, text) }
            }
            SignRow::Mode | SignRow::Dialect | SignRow::Role | SignRow::Profile => {}
        }
    }

    /// What was given to the connection, as far as the form knows.
    fn given(&self) -> Given {
        let part = |used: Used| Some(self.used(used).to_owned()).filter(|text| !text.is_empty());
        let mut given = Given {
            client_id: part(Used::ClientId),
            username: part(Used::Username),
            password: part(Used::Password).map(crate::base::secret::Secret::new),
            fields: self.fields(),
            ..Given::default()
        };
        if let (Some(dialect), Some(text)) = (self.dialect(), part(Used::Pasted)) {
            harvest::harvest(&mut given, dialect.spec(), &text);
        }
        given
    }

    /// Chooses the platform and the role that a pasted login speaks of.
    fn recognise(&mut self, text: &str, now: Time) {
        let Some(dialect) = check::guess(&Given::default(), text) else { return };
        let name = dialect.spec().name;
        if let Some(at) = REGISTRY.iter().position(|known| known.spec().name == name).filter(|at| *at != self.dialect) {
            (self.dialect, self.role, self.profile) = (at, 0, None);
        }
        let mut given = Given { fields: self.fields(), ..Given::default() };
        harvest::harvest(&mut given, dialect.spec(), text);
        if let Ok(checked) = dialect.check(None, &given, now) {
            let role = dialect.spec().roles.iter().position(|spec| spec.role == checked.role);
            self.role = role.unwrap_or(self.role);
        }
    }

    /// Works the outcome out anew.
    pub(super) fn work_out(&mut self, now: Time) {
        let Some(dialect) = self.dialect() else { return };
        let role = self.role();
        self.remarks = Vec::new();
        self.outcome = match self.mode {
            SignMode::Calculate => {
                match crate::dialect::sign::calculate(dialect, role, &self.fields(), now, now.as_micros()) {
                    Ok(signed) => {
                        self.remarks = check::remarks(dialect, role, &self.fields(), &signed, now);
                        SignOutcome::Signed(Box::new(signed))
                    }
                    Err(fault) => SignOutcome::Missing(fault),
                }
            }
            SignMode::Check => {
                let given = self.given();
                if given.is_empty() && given.fields.get("token").is_none() {
                    SignOutcome::NothingUsed
                } else {
                    match dialect.check(Some(role), &given, now) {
                        Ok(checked) => SignOutcome::Checked(Box::new(checked)),
                        Err(fault) => SignOutcome::Missing(fault),
                    }
                }
            }
        };
    }

    /// Takes the fields of a profile.
    pub(super) fn fill(&mut self, profile: usize, dialect: &dyn Dialect, role: Role, identity: &Fields) {
        let name = dialect.spec().name;
        self.dialect = REGISTRY.iter().position(|known| known.spec().name == name).unwrap_or_default();
        let roles = dialect.spec().roles;
        self.role = roles.iter().position(|spec| spec.role == role).unwrap_or_default();
        self.profile = Some(profile);
        self.fields.insert((self.dialect, role), identity.clone());
    }

    /// When the login that is shown expires.
    pub fn expires_at(&self) -> Option<Time> {
        match &self.outcome {
            SignOutcome::Signed(signed) => signed.expires_at,
            SignOutcome::Checked(checked) => checked.expected.as_ref().and_then(|signed| signed.expires_at),
            SignOutcome::Missing(_) | SignOutcome::NothingUsed => None,
        }
    }
}

/// The values of a field that is one of several.
pub(super) fn choices(field: &FieldSpec) -> &'static [&'static str] {
    match field.kind {
        FieldType::Choice(choices) => choices,
        FieldType::Bool => &["true", "false"],
        _ => &[],
    }
}

impl App {
    /// The secrets of the profile that fills the form are there, or not.
    pub(super) fn sign_filled(&mut self, profile: usize, result: Result<Fields, Phrase>) {
        let Some(known) = self.connections.profiles().get(profile) else { return };
        let (dialect, role) = (known.profile.dialect, known.profile.role);
        match result {
            Ok(identity) => {
                self.sign.fill(profile, dialect, role, &identity);
                self.sign.work_out(self.now);
            }
            Err(reason) => self.tell(crate::model::Severity::Error, reason),
        }
    }
}
