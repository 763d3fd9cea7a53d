//! The files of profiles and workspaces, as the application asks for them.

use std::path::Path;

use crate::app::{KnownProfile, ProfileDeed, ProfileDone};
use crate::base::lang::{Lang, Phrase, Text};
use crate::profile::import::{Import, import};
use crate::profile::{self, Dirs, Profile, ProfileError, workspace};

/// The longest material that is read.
const MOST: u64 = 4 * 1024 * 1024;

const UNREADABLE: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
const TOO_LONG: Text = Text::new("{} has more than {} bytes", "{} 超过 {} 字节");

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
            let text = read(&path)?;
            let known = Box::new(known(&text, &name, &path, lang)?);
            ProfileDone::Saved { profile: Some(profile), known, connect: false, quiet: false }
        }
        ProfileDeed::Delete { profile, path } => {
            profile::delete(&path).map_err(fault)?;
            ProfileDone::Deleted(profile)
        }
        ProfileDeed::Import(from) => ProfileDone::Imported(material(&from, lang)?),
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

/// What was given: the path of a file, as typed, dragged into the terminal or copied as a URL; or the text itself.
fn material(from: &str, lang: Lang) -> Result<Import, Phrase> {
    let path = from.trim().trim_matches(['\'', '"']);
    let path = path.strip_prefix("file://").unwrap_or(path).replace("\\ ", " ");
    let home = path.strip_prefix("~/").and_then(|rest| std::env::home_dir().map(|home| home.join(rest)));
    let path = home.unwrap_or_else(|| Path::new(&path).to_owned());
    let looks_like_text = from.contains(['{', '\n', '=', '|']) && !path.exists();
    if looks_like_text {
        return Ok(import(from, "imported", lang));
    }
    let text = read(&path)?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("imported");
    Ok(import(&text, name, lang))
}

fn read(path: &Path) -> Result<String, Phrase> {
    let unreadable = |error: std::io::Error| UNREADABLE.with(&[&path.display(), &error]);
    if std::fs::metadata(path).map_err(unreadable)?.len() > MOST {
        return Err(TOO_LONG.with(&[&path.display(), &MOST]));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}
