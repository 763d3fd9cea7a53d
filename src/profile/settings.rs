//! `settings.toml`: keys, looks and mouse of the terminal application, as the user wrote them.
//!
//! ```toml
//! mouse = true
//! theme = "auto"              # auto, terminal, light, dark, contrast, or one of your own
//! colours = "auto"            # auto, none, 16, 256, true
//! borders = "lines"           # or ascii
//!
//! [keys.stream]               # places and actions as `iotdbg keys` names them
//! pause = "p"
//! copy = ["y", "ctrl-y"]
//!
//! [themes.mine]
//! base = "dark"
//! warning = "#ffaa00 bold"
//! ```
//!
//! What a name means is known by those who use it: keys by the application, colours by the terminal.

use std::path::PathBuf;

use toml_edit::{Item, TableLike};

use super::{Dirs, ProfileError, texts};
use crate::base::lang::Phrase;
use crate::base::toml::{Source, key_span, line_and_column};

/// The file in the folder of all settings.
const FILE: &str = "settings.toml";
/// Every key outside of a table.
const KEYS: &[&str] = &["mouse", "theme", "colours", "borders", "keys", "themes"];

/// Something that was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// What was written.
    pub value: T,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// Keys given to an action at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebound {
    /// The place.
    pub place: String,
    /// The action.
    pub action: String,
    /// The keys; none takes the action's keys away.
    pub keys: Vec<String>,
}

/// A theme of the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTheme {
    /// Its name.
    pub name: String,
    /// What it changes.
    pub base: Option<Placed<String>>,
    /// Styles by the name of what they are for.
    pub styles: Vec<(String, Placed<String>)>,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The file.
    pub path: Option<PathBuf>,
    /// Whether the mouse is taken.
    pub mouse: Option<bool>,
    /// The theme.
    pub theme: Option<Placed<String>>,
    /// How many colours.
    pub colours: Option<Placed<String>>,
    /// What borders are drawn with.
    pub borders: Option<Placed<String>>,
    /// Keys.
    pub keys: Vec<Placed<Rebound>>,
    /// Themes.
    pub themes: Vec<OwnTheme>,
}

impl Settings {
    /// Says that something that was written is wrong.
    pub fn fault<T>(&self, at: &Placed<T>, reason: impl Into<Phrase>) -> ProfileError {
        ProfileError { path: self.path.clone(), line: at.line, column: at.column, reason: reason.into() }
    }
}

/// Reads the settings; without a file nothing is set. What is wrong is told, what is right holds.
pub fn load(dirs: &Dirs) -> (Settings, Vec<ProfileError>) {
    let Some(path) = dirs.config().map(|config| config.join(FILE)) else { return Default::default() };
    match std::fs::read_to_string(&path) {
        Ok(text) => read(&text, Some(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Default::default(),
        Err(error) => {
            let fault = ProfileError::whole(Some(path), texts::CANNOT_READ.with(&[&error]));
            (Settings::default(), vec![fault])
        }
    }
}

/// Reads settings from a text.
pub fn read(text: &str, path: Option<PathBuf>) -> (Settings, Vec<ProfileError>) {
    let mut source = Source::new(text);
    let mut settings = Settings { path: path.clone(), ..Settings::default() };
    if let Some(document) = source.document() {
        let root: &dyn TableLike = document.as_table();
        source.refuse_unknown(root, KEYS);
        settings.mouse = source.boolean(root, "mouse");
        settings.theme = word(&mut source, text, root, "theme");
        settings.colours = word(&mut source, text, root, "colours");
        settings.borders = word(&mut source, text, root, "borders");
        if let Some(places) = source.table(root, "keys") {
            for (place, item) in places.iter() {
                let Some(actions) = item.as_table_like() else {
                    source.wrong_type(place, item, texts::A_TABLE);
                    continue;
                };
                for (action, item) in actions.iter() {
                    let Some(keys) = words(item) else {
                        source.wrong_type(action, item, texts::A_KEY);
                        continue;
                    };
                    let value = Rebound { place: place.to_owned(), action: action.to_owned(), keys };
                    settings.keys.push(placed(text, actions, action, value));
                }
            }
        }
        if let Some(themes) = source.table(root, "themes") {
            for (name, item) in themes.iter() {
                let Some(styles) = item.as_table_like() else {
                    source.wrong_type(name, item, texts::A_TABLE);
                    continue;
                };
                let mut theme = OwnTheme { name: name.to_owned(), base: None, styles: Vec::new() };
                for (role, _) in styles.iter() {
                    let Some(style) = word(&mut source, text, styles, role) else { continue };
                    match role {
                        "base" => theme.base = Some(style),
                        _ => theme.styles.push((role.to_owned(), style)),
                    }
                }
                settings.themes.push(theme);
            }
        }
    }
    let faults = source.into_faults().into_iter();
    let faults = faults.map(|fault| ProfileError {
        path: path.clone(),
        line: fault.line,
        column: fault.column,
        reason: fault.reason,
    });
    (settings, faults.collect())
}

fn placed<T>(text: &str, table: &dyn TableLike, key: &str, value: T) -> Placed<T> {
    let (line, column) = line_and_column(text, key_span(table, key).map_or(0, |span| span.start));
    Placed { value, line, column }
}

fn word(source: &mut Source<'_>, text: &str, table: &dyn TableLike, key: &str) -> Option<Placed<String>> {
    let (value, _) = source.string(table, key)?;
    Some(placed(text, table, key, value))
}

/// One text, or a list of texts.
fn words(item: &Item) -> Option<Vec<String>> {
    if let Some(text) = item.as_str() {
        return Some(vec![text.to_owned()]);
    }
    item.as_array()?.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_with_their_places() {
        let text = "mouse = false\ntheme = \"mine\"\n[keys.stream]\npause = \"p\"\ncopy = [\"y\", \"ctrl-y\"]\n[themes.mine]\nbase = \"dark\"\nwarning = \"#ffaa00 bold\"\n";
        let (settings, faults) = read(text, None);
        assert_eq!(faults, []);
        assert_eq!(settings.mouse, Some(false));
        assert_eq!((settings.keys[0].line, settings.keys[1].value.keys.len()), (4, 2));
        assert_eq!(settings.themes[0].styles[0].1.value, "#ffaa00 bold");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_the_rest_holds() {
        let (settings, faults) = read("moose = true\nmouse = true\n[keys]\nstream = 1\n", None);
        assert_eq!(settings.mouse, Some(true));
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 4]);
        assert!(faults[0].to_string().contains("mouse"), "{}", faults[0]);
    }
}
