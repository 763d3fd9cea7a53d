//! Profiles and models for commands: found, read, resolved, or refused with exit code 3.

use std::path::Path;

use crate::base::lang::Phrase;
use crate::cli::exit::{Failure, PROFILE};
use crate::cli::{Context, texts};
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
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(PROFILE, texts::UNREADABLE.with(&[&shown, &error])))?;
    dialect.read_model(&text).map_err(|fault| {
        let place = [shown.to_string(), fault.line.to_string(), fault.column.to_string()].map(Phrase::verbatim);
        Failure::new(PROFILE, texts::BAD_MODEL.around(place.into_iter().chain([fault.reason])))
    })
}

/// The model that a profile names: by itself, or for the first of its devices that has one; otherwise the one that the
/// dialect has for what the profile names.
pub fn model_of(profile: &Profile, flag: Option<&Path>) -> Result<Option<ThingModel>, Failure> {
    let of_device = || {
        let named = profile.settings.devices.iter().find_map(|device| device.get("model"))?;
        let folder = profile.path.as_deref().and_then(Path::parent);
        Some(folder.map_or_else(|| Path::new(named).to_owned(), |folder| folder.join(named)))
    };
    match flag.or(profile.model.as_deref()).map(Path::to_owned).or_else(of_device) {
        Some(path) => model(profile.dialect, &path).map(Some),
        None => Ok(profile.dialect.known_model(&profile.settings)),
    }
}
