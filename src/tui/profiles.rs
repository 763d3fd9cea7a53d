//! The files of profiles and workspaces, as the application asks for them.

use std::path::Path;

use crate::app::{KnownProfile, ProfileDeed, ProfileDone};
use crate::base::lang::{Lang, Phrase};
use crate::profile::{self, Dirs, Profile, ProfileError, import, workspace};

/// Does what the application asks for and tells what came of it.
pub fn deed(dirs: &Dirs, deed: ProfileDeed, lang: Lang) -> ProfileDone {
    done(dirs, deed, lang).unwrap_or_else(ProfileDone::Failed)
}

fn done(dirs: &Dirs, deed: ProfileDeed, lang: Lang) -> Result<ProfileDone, Phrase> {
    let fault = |error: ProfileError| Phrase::verbatim(error.render(lang));
    Ok(match deed {
        ProfileDeed::Save { profile, name, free, path, text, connect } => {
            let (name, path) = match path {
                Some(path) => profile::save_at(&path, &name, &text).map(|()| (name, path)).map_err(fault)?,
                None => {
                    let name = if free { profile::free_name(dirs, &name) } else { name };
                    let path = profile::save(dirs, &name, &text, false).map_err(fault)?;
                    (name, path)
                }
            };
            let known = Box::new(known(&text, &name, &path, lang)?);
            ProfileDone::Saved { profile, known, connect, quiet: free }
        }
        ProfileDeed::Rename { profile, path, name } => {
            let path = profile::rename(&path, &name).map_err(fault)?;
            let text = import::read(&path)?;
            let known = Box::new(known(&text, &name, &path, lang)?);
            ProfileDone::Saved { profile: Some(profile), known, connect: false, quiet: false }
        }
        ProfileDeed::Delete { profile, path } => {
            profile::delete(&path).map_err(fault)?;
            ProfileDone::Deleted(profile)
        }
        ProfileDeed::Import(from) => ProfileDone::Imported(import::material(&from, lang)?),
        ProfileDeed::SaveWorkspace(kept) => ProfileDone::WorkspaceSaved(workspace::save(dirs, &kept).map_err(fault)?),
        ProfileDeed::LoadWorkspaces => {
            let (found, faults) = workspace::all(dirs);
            ProfileDone::Workspaces(found, faults)
        }
    })
}

fn known(text: &str, name: &str, path: &Path, lang: Lang) -> Result<KnownProfile, Phrase> {
    let profile = Profile::parse(text, name, Some(path)).map_err(|error| Phrase::verbatim(error.render(lang)))?;
    let model = profile::model_of(&profile, None)?;
    Ok(KnownProfile::new(profile, model))
}
