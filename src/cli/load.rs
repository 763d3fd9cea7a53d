//! Profiles and models for commands: found, read, resolved, or refused with exit code 3.

use std::path::Path;

use crate::base::lang::Phrase;
use crate::cli::Context;
use crate::cli::exit::{Failure, PROFILE};
use crate::dialect::Dialect;
use crate::model::ThingModel;
use crate::profile::{self, Dirs, Profile, ProfileError};

/// A profile by name or path, with its secrets in place.
pub fn profile(context: &Context, name: &str) -> Result<Profile, Failure> {
    let mut found = unresolved(context, name)?;
    found.settings = profile::resolve(&found).map_err(|error| fault(context, &error))?;
    Ok(found)
}

/// A profile by name or path, its secrets still as it names them.
pub fn unresolved(context: &Context, name: &str) -> Result<Profile, Failure> {
    profile::find(name, &dirs(context)).map_err(|error| fault(context, &error))
}

/// Where profiles are looked for.
pub fn dirs(context: &Context) -> Dirs {
    Dirs::new(context.globals.config.clone())
}

/// What is wrong with a profile, in words.
pub fn fault(context: &Context, error: &ProfileError) -> Failure {
    Failure::new(PROFILE, Phrase::verbatim(error.render(context.out.lang)))
}

/// A thing model in the platform's own file format.
pub fn model(dialect: &dyn Dialect, path: &Path) -> Result<ThingModel, Failure> {
    profile::read_model(dialect, path).map_err(|reason| Failure::new(PROFILE, reason))
}

/// The model that a profile names, or the one that a flag names instead.
pub fn model_of(profile: &Profile, flag: Option<&Path>) -> Result<Option<ThingModel>, Failure> {
    profile::model_of(profile, flag).map_err(|reason| Failure::new(PROFILE, reason))
}
