//! Changing and saving profiles: comments stay, secrets are for the owner only, and a crash leaves the old file whole.

use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::{Dirs, Profile, ProfileError, texts};

/// One change of a profile's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table: `identity`, `mqtt` …; empty for the top level. `device` means the first `[[device]]` of several.
    pub table: String,
    /// The key.
    pub key: String,
    /// The new value; `None` removes the key.
    pub value: Option<Setting>,
}

/// A value of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Bool(bool),
}

/// The text of a profile with some values changed; comments, order and everything else stay.
pub fn changed(text: &str, changes: &[Change]) -> Result<String, ProfileError> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        ProfileError::whole(None, texts::SYNTAX.with(&[&error.message().trim()]))
    })?;
    for change in changes {
        let Some(table) = table_of(&mut document, &change.table) else {
            let reason = texts::WRONG_TYPE.around([
                crate::base::lang::Phrase::verbatim(&change.table),
                texts::A_TABLE.into(),
                crate::base::lang::Phrase::verbatim("value"),
            ]);
            return Err(ProfileError::whole(None, reason));
        };
        match &change.value {
            None => {
                table.remove(&change.key);
            }
            Some(setting) => put(table, &change.key, setting),
        }
    }
    Ok(document.to_string())
}

fn table_of<'d>(document: &'d mut DocumentMut, name: &str) -> Option<&'d mut dyn toml_edit::TableLike> {
    if name.is_empty() {
        return Some(document.as_table_mut());
    }
    let item = document.entry(name).or_insert_with(|| Item::Table(Table::new()));
    if item.is_array_of_tables() {
        return item.as_array_of_tables_mut()?.get_mut(0).map(|table| table as &mut dyn toml_edit::TableLike);
    }
    item.as_table_like_mut()
}

/// Sets a value; the comment behind the old one stays.
fn put(table: &mut dyn toml_edit::TableLike, key: &str, setting: &Setting) {
    let mut new = match setting {
        Setting::Text(text) => value(text.as_str()),
        Setting::Integer(number) => value(*number),
        Setting::Bool(flag) => value(*flag),
    };
    match table.get_mut(key) {
        Some(old) => {
            if let (Some(new), Some(old)) = (new.as_value_mut(), old.as_value()) {
                *new.decor_mut() = old.decor().clone();
            }
            *old = new;
        }
        None => {
            table.insert(key, new);
        }
    }
}

/// Saves a profile under a name in the user's own folder and gives its path. The text must be a valid profile. `replace`
/// allows to write over an older one. With secrets inside, only the owner may read the file (mode 600).
pub fn save(dirs: &Dirs, name: &str, text: &str, replace: bool) -> Result<PathBuf, ProfileError> {
    check_name(name)?;
    let folder = dirs.profiles().ok_or_else(|| ProfileError::whole(None, texts::NO_CONFIG_DIR))?;
    let path = folder.join(format!("{name}.toml"));
    let profile = Profile::parse(text, name, Some(&path))?;
    if !replace && path.exists() {
        return Err(ProfileError::whole(Some(path), texts::EXISTS.with(&[&name])));
    }
    write(&path, text, profile.has_literal_secrets())
        .map_err(|error| ProfileError::whole(Some(path.clone()), texts::CANNOT_WRITE.with(&[&error])))?;
    Ok(path)
}

/// A name that stays in its folder and can be typed.
pub(super) fn check_name(name: &str) -> Result<(), ProfileError> {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(good) {
        return Err(ProfileError::whole(None, texts::BAD_NAME.with(&[&name])));
    }
    Ok(())
}

/// Writes beside the file and renames, so that there is always one whole file.
pub(super) fn write(path: &Path, text: &str, private: bool) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension(format!("toml.{}.tmp", std::process::id()));
    let result = write_new(&beside, text, private).and_then(|()| std::fs::rename(&beside, path));
    if result.is_err() {
        // The first fault is the one to tell; what is left of the attempt may not be there at all.
        let _ = std::fs::remove_file(&beside);
    }
    result
}

fn write_new(path: &Path, text: &str, private: bool) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if private { 0o600 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = private;
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{parse, testing};

    fn change(table: &str, key: &str, value: Option<Setting>) -> Change {
        Change { table: table.to_owned(), key: key.to_owned(), value }
    }

    #[test]
    fn a_change_keeps_comments_and_order() {
        let text = "# mine\ndialect = \"fake\" # which\nrole = \"app\"\n\n[identity] # who\n# the user\nuser_id = \"1\" # old\nmethod = \"md5\"\n";
        let changes = [
            change("identity", "user_id", Some(Setting::Text("2".to_owned()))),
            change("identity", "method", None),
            change("mqtt", "keep_alive", Some(Setting::Integer(30))),
            change("", "production", Some(Setting::Bool(true))),
        ];
        let new = changed(text, &changes).unwrap();
        assert_eq!(
            new,
            "# mine\ndialect = \"fake\" # which\nrole = \"app\"\nproduction = true\n\n[identity] # who\n# the user\nuser_id = \"2\" # old\n\n[mqtt]\nkeep_alive = 30\n"
        );
        assert_eq!(parse::read(&new, "x", None, testing::DIALECTS).1, []);
    }

    #[test]
    fn names_that_would_leave_the_folder_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        for name in ["", "../x", ".x", "a/b", "a\0b"] {
            let error = save(&dirs, name, "", false).unwrap_err().to_string();
            assert!(error.starts_with("a profile name has letters"), "{name}: {error}");
        }
    }

    #[test]
    fn a_file_with_secrets_is_for_its_owner_only_and_no_half_file_stays_behind() {
        let folder = tempfile::tempdir().unwrap();
        for (name, private) in [("open", false), ("private", true)] {
            let path = folder.path().join("profiles").join(name);
            write(&path, "text", private).unwrap();
            write(&path, "text 2", private).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "text 2");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o077;
                assert_eq!(mode == 0, private, "{name}: {mode:o}");
            }
        }
        assert_eq!(std::fs::read_dir(folder.path().join("profiles")).unwrap().count(), 2);
    }

    #[test]
    fn a_shipped_profile_can_be_saved_as_an_own_one() {
        for (name, text) in crate::profile::shipped::all() {
            let folder = tempfile::tempdir().unwrap();
            let dirs = Dirs::new(Some(folder.path().to_owned()));
            let path = save(&dirs, name, text, false).unwrap();
            assert_eq!(crate::profile::find(name, &dirs).unwrap().path.as_ref(), Some(&path));
            assert!(save(&dirs, name, text, false).unwrap_err().to_string().contains("already"));
            save(&dirs, name, text, true).unwrap();
        }
    }
}
