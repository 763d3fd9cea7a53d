//! The thing model of a profile.

use std::path::Path;

use super::Profile;
use crate::base::lang::{Phrase, Text};
use crate::dialect::Dialect;
use crate::model::ThingModel;

const UNREADABLE: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
const BAD_MODEL: Text = Text::new("{}:{}:{}: {}", "{}:{}:{}：{}");

/// A thing model in the platform's own file format.
pub fn read_model(dialect: &dyn Dialect, path: &Path) -> Result<ThingModel, Phrase> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| UNREADABLE.with(&[&shown, &error]))?;
    dialect.read_model(&text).map_err(|fault| {
        let place = [shown.to_string(), fault.line.to_string(), fault.column.to_string()].map(Phrase::verbatim);
        BAD_MODEL.around(place.into_iter().chain([fault.reason]))
    })
}

/// The model that a profile names: by itself, or for the first of its devices that has one; otherwise the one that the
/// dialect has for what the profile names. `instead` is read in its place where given.
pub fn model_of(profile: &Profile, instead: Option<&Path>) -> Result<Option<ThingModel>, Phrase> {
    let of_device = || {
        let named = profile.settings.devices.iter().find_map(|device| device.get("model"))?;
        let folder = profile.directory();
        Some(folder.map_or_else(|| Path::new(named).to_owned(), |folder| folder.join(named)))
    };
    match instead.or(profile.model.as_deref()).map(Path::to_owned).or_else(of_device) {
        Some(path) => read_model(profile.dialect, &path).map(Some),
        None => Ok(profile.dialect.known_model(&profile.settings)),
    }
}
