//! L3: connection profiles — one TOML file each — and rosters of the simulated cloud.
//!
//! [`Profile::parse`] reads the form (keys, types, choices) and finds everything that is wrong with it at once, each
//! fault with its line and column. The meaning — which fields belong together — is the dialect's to judge; its
//! complaint about a field finds its place in the file through [`Profile::locate`]. Which keys `[identity]` and
//! `[device]` have, and which of them are secrets, is told by the dialect's `Spec`: no platform is known here.
//!
//! Secrets stay as they are written (`env:`, `file:`, `cmd:` or literal) until [`resolve`] is asked for them, just before
//! a connection is made.

pub mod collection;
mod draft;
mod edit;
mod find;
pub mod import;
mod keep;
mod model;
mod parse;
mod place;
pub mod roster;
mod secrets;
pub mod settings;
mod share;
mod shipped;
pub mod stream_file;
mod template;
#[cfg(test)]
mod testing;
mod texts;
pub mod workspace;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::time::Time;
use crate::dialect::{ConnectionSettings, Dialect, FieldSpec, RoleSpec};
use crate::model::{FieldFault, Role};

pub use draft::{Draft, Slot};
pub use edit::{Change, Setting, changed, save};
pub use find::{Dirs, Listed, find, list};
pub use keep::{delete, free_name, rename, save_at};
pub use model::{model_of, read_model};
pub use place::ProfileError;
pub use secrets::resolve;
pub use share::without_secrets;
pub use template::template;

/// One profile, read and checked in form.
#[derive(Clone)]
pub struct Profile {
    /// The file name without its ending; what `-p` takes and what the screens show.
    pub name: String,
    /// The file; `None` for a shipped profile.
    pub path: Option<PathBuf>,
    /// Whether it is shipped with iotdbg.
    pub builtin: bool,
    /// `dialect`.
    pub dialect: &'static dyn Dialect,
    /// `role`: app or device.
    pub role: Role,
    /// `production`: whether publishing asks first.
    pub production: bool,
    /// The connection. Secrets are as written in the file: see [`resolve`].
    pub settings: ConnectionSettings,
    /// `[history] budget` in bytes.
    pub history: Option<u64>,
    /// `model`: the file of the thing model, relative paths counted from the profile.
    pub model: Option<PathBuf>,
    /// `[simulate]`: how the simulated device behaves.
    pub simulate: Simulate,
    /// The text it was read from.
    pub text: String,
    places: BTreeMap<String, (usize, usize)>,
}

/// `[simulate]` of a device profile: what the simulated device does of its own accord.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Simulate {
    /// The file of its rules, relative paths counted from the profile.
    pub rules: Option<PathBuf>,
    /// How often it reports all its properties.
    pub report_every: Option<Duration>,
    /// How often it reports an event of its model.
    pub event_every: Option<Duration>,
    /// Whether its read-only numbers drift from report to report.
    pub drift: bool,
}

impl Profile {
    /// Reads a profile. `path` is the file it came from, if it came from one: relative paths inside count from there,
    /// and errors name it. The error is the first of the file.
    pub fn parse(text: &str, name: &str, path: Option<&Path>) -> Result<Profile, ProfileError> {
        let (profile, mut faults) = Profile::parse_all(text, name, path);
        match profile {
            Some(profile) if faults.is_empty() => Ok(profile),
            _ if faults.is_empty() => Err(ProfileError::whole(path.map(Path::to_owned), texts::NO_DIALECT)),
            _ => Err(faults.remove(0)),
        }
    }

    /// Reads a profile and gives every fault, in the order of the file. There is no profile where dialect or role are
    /// not known.
    pub fn parse_all(text: &str, name: &str, path: Option<&Path>) -> (Option<Profile>, Vec<ProfileError>) {
        parse::read(text, name, path, crate::dialect::REGISTRY)
    }

    /// What the dialect offers to this role.
    pub fn role_spec(&self) -> Option<&'static RoleSpec> {
        self.dialect.spec().role(self.role)
    }

    /// Puts a dialect's complaint about a field at its place in the file: the field's own line, or that of `[identity]`
    /// where the field is missing.
    pub fn locate(&self, fault: &FieldFault) -> ProfileError {
        let field = fault.field.as_str();
        let of_device = || {
            let ending = format!(".{field}");
            self.places.iter().find(|(key, _)| key.starts_with("device") && key.ends_with(&ending)).map(|(_, at)| at)
        };
        let at = self
            .places
            .get(&format!("identity.{field}"))
            .or_else(of_device)
            .or_else(|| ["mqtt", "tls"].iter().find_map(|table| self.places.get(&format!("{table}.{field}"))))
            .or_else(|| self.places.get(field))
            .or_else(|| self.places.get("identity"));
        let (line, column) = at.copied().unwrap_or((1, 1));
        let reason = texts::BAD_VALUE.around([crate::base::lang::Phrase::verbatim(field), fault.reason.clone()]);
        ProfileError { path: Some(self.shown_path()), line, column, reason }
    }

    /// The settings with the defaults of the `Spec`, and secrets that are fetched from elsewhere as they are written.
    pub fn settings_at_hand(&self) -> ConnectionSettings {
        let mut settings = self.settings.clone();
        let Some(role) = self.role_spec() else { return settings };
        let fill = |fields: &mut crate::model::Fields, specs: &[FieldSpec]| {
            for spec in specs {
                if let (None, Some(default)) = (fields.get(spec.name), spec.default) {
                    fields.set(spec.name, default);
                }
            }
        };
        fill(&mut settings.identity, role.identity);
        settings.devices.iter_mut().for_each(|device| fill(device, role.device));
        settings
    }

    /// Whether it would connect, as far as can be told without a network: secrets can be had, and the dialect can plan
    /// the connection. `now` is when it would.
    pub fn check(&self, now: Time) -> Result<(), ProfileError> {
        let settings = resolve(self)?;
        self.plausible(&settings, now)
    }

    /// Whether the dialect can begin to connect with these settings: log in or, where no login comes first, plan the
    /// connection.
    pub fn plausible(&self, settings: &ConnectionSettings, now: Time) -> Result<(), ProfileError> {
        let begun = match self.dialect.login(self.role, settings, now, 0) {
            Ok(None) => self.dialect.plan(self.role, settings, now, 0).map(|_| ()),
            Ok(Some(_)) => Ok(()),
            Err(fault) => Err(fault),
        };
        begun.map_err(|fault| self.locate(&fault))
    }

    /// The file, or the name in angle brackets for a shipped profile.
    pub fn shown_path(&self) -> PathBuf {
        shown_path(&self.name, self.path.as_deref())
    }

    /// Whether it holds secrets as they are, and so must be readable by its owner only.
    pub fn has_literal_secrets(&self) -> bool {
        let Some(role) = self.role_spec() else { return false };
        let literal = |fields: &crate::model::Fields, specs: &[FieldSpec]| {
            specs.iter().filter(|spec| spec.secret).any(|spec| fields.get(spec.name).is_some_and(secrets::is_literal))
        };
        literal(&self.settings.identity, role.identity)
            || self.settings.devices.iter().any(|device| literal(device, role.device))
    }

    /// The directory from which relative paths inside the profile count; `None` for the working directory.
    fn directory(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }
}

fn shown_path(name: &str, path: Option<&Path>) -> PathBuf {
    path.map_or_else(|| PathBuf::from(format!("<{name}>")), Path::to_owned)
}

/// Without the text, which may hold secrets.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("dialect", &self.dialect.spec().name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
