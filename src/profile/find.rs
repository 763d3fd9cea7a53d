//! Where profiles are: the user's own folder first, the shipped ones behind it.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::{Profile, ProfileError, shipped, texts};
use crate::base::toml::suggestion;

/// The folder for everything that the user keeps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dirs {
    config: Option<PathBuf>,
}

/// One line of a list of profiles.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What `-p` takes.
    pub name: String,
    /// The file; `None` for a shipped profile.
    pub path: Option<PathBuf>,
    /// Whether it is shipped with iotdbg.
    pub builtin: bool,
    /// The profile, or why it cannot be used.
    pub profile: Result<Profile, ProfileError>,
}

impl Dirs {
    /// The folder given by `--config`, or `iotdbg` in the XDG config directory.
    pub fn new(config: Option<PathBuf>) -> Self {
        let usual = || etcetera::choose_base_strategy().ok().map(|base| base.config_dir().join("iotdbg"));
        Dirs { config: config.or_else(usual) }
    }

    /// The folder of all settings; `None` where no home directory is known.
    pub fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// Where new profiles are saved: `profiles` in [`Dirs::config`].
    pub fn profiles(&self) -> Option<PathBuf> {
        self.config.as_ref().map(|config| config.join("profiles"))
    }

    /// The user's own profile files, sorted by name. Those in the folder itself count too where they say what dialect
    /// they are for, so that other settings may lie beside them.
    fn own(&self) -> Result<Vec<(String, PathBuf)>, ProfileError> {
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for (folder, settings_too) in [(self.profiles(), false), (self.config.clone(), true)] {
            let Some(folder) = folder else { continue };
            for path in toml_files(&folder)? {
                // A name that is no UTF-8 is listed with marks, so that its owner finds out.
                let Some(name) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { continue };
                if found.iter().any(|(known, _)| *known == name) || (settings_too && !names_a_dialect(&path)) {
                    continue;
                }
                found.push((name, path));
            }
        }
        found.sort();
        Ok(found)
    }
}

/// The `.toml` files of a folder; none where there is no such folder.
pub(super) fn toml_files(folder: &Path) -> Result<Vec<PathBuf>, ProfileError> {
    let fault =
        |error: std::io::Error| ProfileError::whole(Some(folder.to_owned()), texts::CANNOT_READ.with(&[&error]));
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(fault)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    Ok(files)
}

fn names_a_dialect(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().take_while(|line| !line.starts_with('[')).any(|line| line.trim_start().starts_with("dialect"))
}

fn read_file(path: &Path) -> Result<Profile, ProfileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProfileError::whole(Some(path.to_owned()), texts::CANNOT_READ.with(&[&error])))?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Profile::parse(&text, name, Some(path))
}

/// Whether `-p` was given a path and not a name.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".toml")
}

/// Finds a profile by name or path. A name is looked for among the user's own profiles, then among the shipped ones.
pub fn find(name_or_path: &str, dirs: &Dirs) -> Result<Profile, ProfileError> {
    if is_path(name_or_path) {
        return read_file(Path::new(name_or_path));
    }
    let own = dirs.own()?;
    if let Some((_, path)) = own.iter().find(|(name, _)| name == name_or_path) {
        return read_file(path);
    }
    if let Some(shipped) = shipped::get(name_or_path) {
        return shipped;
    }
    let mut names: Vec<&str> = own.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(shipped::all().map(|(name, _)| name));
    let list = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    let reason = match suggestion(name_or_path, &names) {
        Some(meant) => texts::NOT_FOUND_MEANT.with(&[&name_or_path, &meant, &list]),
        None => texts::NOT_FOUND.with(&[&name_or_path, &list]),
    };
    Err(ProfileError::whole(None, reason))
}

/// Every profile: the user's own by name, then the shipped ones that are not hidden behind an own one.
pub fn list(dirs: &Dirs) -> Result<Vec<Listed>, ProfileError> {
    let mut listed: Vec<Listed> = dirs
        .own()?
        .into_iter()
        .map(|(name, path)| Listed { profile: read_file(&path), name, path: Some(path), builtin: false })
        .collect();
    for (name, text) in shipped::all() {
        if !listed.iter().any(|own| own.name == name) {
            let profile = Profile::parse(text, name, None);
            listed.push(Listed { name: name.to_owned(), path: None, builtin: true, profile });
        }
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dirs(folder: &Path) -> Dirs {
        Dirs::new(Some(folder.to_owned()))
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let listed = list(&dirs(&folder.path().join("none"))).unwrap();
        assert!(listed.iter().all(|profile| profile.builtin));
    }

    #[test]
    fn own_profiles_are_listed_with_what_is_wrong_with_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("profiles")).unwrap();
        std::fs::write(folder.path().join("profiles/broken.toml"), "dialect = \n").unwrap();
        std::fs::write(folder.path().join("profiles/.hidden.toml"), "x").unwrap();
        std::fs::write(folder.path().join("profiles/notes.txt"), "x").unwrap();
        std::fs::write(folder.path().join("keys.toml"), "[stream]\npause = \"p\"\n").unwrap();
        std::fs::write(folder.path().join("beside.toml"), "# mine\ndialect = \"none\"\n").unwrap();
        let listed = list(&dirs(folder.path())).unwrap();
        let own: Vec<&str> =
            listed.iter().filter(|listed| !listed.builtin).map(|listed| listed.name.as_str()).collect();
        assert_eq!(own, ["beside", "broken"]);
        let error = listed[1].profile.as_ref().unwrap_err();
        assert_eq!(error.line, 1, "{error}");
        assert!(error.path.as_ref().unwrap().ends_with("profiles/broken.toml"));
    }

    #[test]
    fn an_unknown_name_is_told_with_the_names_that_there_are() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("profiles")).unwrap();
        std::fs::write(folder.path().join("profiles/kitchen.toml"), "").unwrap();
        let error = find("kitchn", &dirs(folder.path())).unwrap_err().to_string();
        assert!(error.starts_with("no profile “kitchn”; did you mean “kitchen”? There are: kitchen"), "{error}");
    }

    #[test]
    fn a_path_is_read_as_it_stands() {
        let error = find("./nowhere.toml", &Dirs::default()).unwrap_err().to_string();
        assert!(error.starts_with("./nowhere.toml: cannot be read: "), "{error}");
    }

    #[test]
    fn an_own_profile_wins_over_a_shipped_one() {
        for (name, text) in shipped::all() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("profiles")).unwrap();
            let path = folder.path().join(format!("profiles/{name}.toml"));
            std::fs::write(&path, text).unwrap();
            assert_eq!(find(name, &dirs(folder.path())).unwrap().path, Some(path));
            assert_eq!(find(name, &dirs(&folder.path().join("none"))).unwrap().path, None);
            let listed = list(&dirs(folder.path())).unwrap();
            assert_eq!(listed.iter().filter(|listed| listed.name == name).count(), 1);
        }
    }
}
