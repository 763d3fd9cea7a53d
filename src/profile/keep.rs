//! Profiles as files: saved where they are, renamed, deleted.

use std::path::{Path, PathBuf};

use super::{Dirs, Profile, ProfileError, edit, texts};

/// Saves a profile where it is. The text must be a valid profile. With secrets inside, only the owner may read it.
pub fn save_at(path: &Path, name: &str, text: &str) -> Result<(), ProfileError> {
    let profile = Profile::parse(text, name, Some(path))?;
    edit::write(path, text, profile.has_literal_secrets()).map_err(|error| unwritable(path, &error))
}

/// Gives a profile another name in its own folder and gives its new path.
pub fn rename(path: &Path, name: &str) -> Result<PathBuf, ProfileError> {
    edit::check_name(name)?;
    let new = path.with_file_name(format!("{name}.toml"));
    if new.exists() {
        return Err(ProfileError::whole(Some(new), texts::EXISTS.with(&[&name])));
    }
    std::fs::rename(path, &new).map_err(|error| unwritable(path, &error))?;
    Ok(new)
}

/// Deletes a profile.
pub fn delete(path: &Path) -> Result<(), ProfileError> {
    std::fs::remove_file(path).map_err(|error| unwritable(path, &error))
}

/// A name that no profile of the user has yet: the wanted one, or with a number behind it.
pub fn free_name(dirs: &Dirs, wanted: &str) -> String {
    let taken = |name: &str| dirs.profiles().is_some_and(|folder| folder.join(format!("{name}.toml")).exists());
    let numbered = (2..10_000).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_else(|| wanted.to_owned())
}

fn unwritable(path: &Path, error: &std::io::Error) -> ProfileError {
    ProfileError::whole(Some(path.to_owned()), texts::CANNOT_WRITE.with(&[error]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::shipped;

    #[test]
    fn a_profile_is_saved_renamed_and_deleted_and_no_other_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        let (_, text) = shipped::all().next().unwrap();
        let first = super::super::save(&dirs, "first", text, false).unwrap();
        assert_eq!((free_name(&dirs, "first"), free_name(&dirs, "new")), ("first-2".to_owned(), "new".to_owned()));
        let second = super::super::save(&dirs, "second", text, false).unwrap();
        assert!(rename(&first, "second").unwrap_err().to_string().contains("already"));
        assert!(rename(&first, "../up").is_err());
        let third = rename(&first, "third").unwrap();
        assert!(third.exists() && !first.exists() && second.exists());
        save_at(&third, "third", &format!("# more\n{text}")).unwrap();
        assert!(std::fs::read_to_string(&third).unwrap().starts_with("# more"));
        assert!(save_at(&third, "third", "nonsense").is_err());
        delete(&third).unwrap();
        assert!(!third.exists());
    }
}
