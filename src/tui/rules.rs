//! The rules files of the simulated devices: read when a device is opened, and again whenever one was saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::app::{Msg, RulesWanted};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::link::RulesFile;
use crate::model::ConnectionId;
use crate::profile::Dirs;
use crate::session::thing::rules::EXAMPLE;

/// How often a saved file is looked for.
const LOOK: Duration = Duration::from_millis(500);

const NO_FOLDER: Text =
    Text::new("no folder for settings is known; start with --config DIR", "找不到配置目录，请用 --config DIR 启动");
const NOT_MADE: Text = Text::new("{} cannot be written: {}", "无法写入 {}：{}");

/// Every rules file that is in use.
#[derive(Default)]
pub struct RulesFiles {
    files: BTreeMap<ConnectionId, (PathBuf, RulesFile)>,
    next: Option<Time>,
}

impl RulesFiles {
    /// Follows the file of a device from now on, and reads it.
    pub fn follow(&mut self, wanted: &RulesWanted, now: Time) -> Msg {
        let RulesWanted { id, path, dialect, model } = wanted;
        let mut file = RulesFile::new(path, *dialect, Arc::clone(model));
        let rules = file.read();
        self.files.insert(*id, (path.clone(), file));
        self.next.get_or_insert(now + LOOK);
        Msg::Rules { id: *id, path: path.clone(), rules }
    }

    /// When the files are to be looked at; never while none is in use.
    pub fn next_look(&self) -> Option<Time> {
        self.next.filter(|_| !self.files.is_empty())
    }

    /// Looks at the files: what was saved since is told.
    pub fn look(&mut self, now: Time) -> Vec<Msg> {
        self.next = Some(now + LOOK);
        let changed = |(id, (path, file)): (&ConnectionId, &mut (PathBuf, RulesFile))| {
            file.changed().map(|rules| Msg::Rules { id: *id, path: path.clone(), rules })
        };
        self.files.iter_mut().filter_map(changed).collect()
    }

    /// A device is gone.
    pub fn forget(&mut self, id: ConnectionId) {
        self.files.remove(&id);
    }
}

/// The file in which a device without rules gets its first ones: `rules/NAME.toml` in the folder of settings. Made where it
/// is not there yet, with everything that rules can do in comments.
///
/// # Errors
///
/// Where there is no such folder, or nothing can be written to it.
pub fn first_file(dirs: &Dirs, name: &str) -> Result<PathBuf, Phrase> {
    let folder = dirs.config().ok_or(NO_FOLDER)?.join("rules");
    let path = folder.join(format!("{name}.toml"));
    if path.exists() {
        return Ok(path);
    }
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, commented(EXAMPLE)));
    written.map(|()| path.clone()).map_err(|error| NOT_MADE.with(&[&shown(&path), &error]))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// A text in which every line is a comment: it changes nothing before a person takes a `#` away.
fn commented(text: &str) -> String {
    let line =
        |line: &str| if line.is_empty() || line.starts_with('#') { line.to_owned() } else { format!("# {line}") };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_of_a_device_says_everything_and_does_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        let path = first_file(&dirs, "lamp").unwrap();
        assert!(path.ends_with("rules/lamp.toml"));
        let dialect = crate::dialect::find("onenet").unwrap();
        let wanted =
            RulesWanted { id: ConnectionId(3), path: path.clone(), dialect, model: dialect.demo_model().into() };
        let mut files = RulesFiles::default();
        let now = Time::from_secs(1);
        assert_eq!(files.next_look(), None);
        let Msg::Rules { rules: Ok(rules), .. } = files.follow(&wanted, now) else { panic!("no rules") };
        assert!(rules.is_empty());
        assert!(files.look(now).is_empty());
        std::fs::write(&path, "[[answer]]\ndo = \"ignore\"\n").unwrap();
        let told = files.look(now);
        assert!(matches!(&told[..], [Msg::Rules { rules: Ok(rules), .. }] if rules.len() == 1));
        assert_eq!(first_file(&dirs, "lamp").unwrap(), path, "a file that is there is left as it is");
        files.forget(ConnectionId(3));
        assert_eq!(files.next_look(), None);
    }
}
