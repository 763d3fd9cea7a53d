//! A rules file of a simulated device: read at the start, and again whenever it was saved.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::lang::{Phrase, Text};
use crate::dialect::Dialect;
use crate::model::ThingModel;
use crate::session::thing::rules::{EXAMPLE, Reader, Rules};

/// The name of the rules that are shipped.
pub const SHIPPED: &str = "example";

const PLACE: Text = Text::same("{}:{}:{}: {}");
const UNREADABLE: Text = Text::new("{}: cannot be read: {}", "{}：无法读取：{}");

/// A rules file, and what it was when it was read last.
pub struct RulesFile {
    path: PathBuf,
    dialect: &'static dyn Dialect,
    model: Arc<ThingModel>,
    seen: Option<(SystemTime, u64)>,
    /// Whether it is the shipped one, which never changes.
    shipped: bool,
}

impl RulesFile {
    /// A rules file that has not been read yet. [`SHIPPED`] means the shipped one where there is no such file.
    pub fn new(path: &Path, dialect: &'static dyn Dialect, model: Arc<ThingModel>) -> RulesFile {
        let shipped = path.as_os_str() == SHIPPED && !path.exists();
        RulesFile { path: path.to_owned(), dialect, model, seen: None, shipped }
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Where it cannot be read, or a rule is wrong: `FILE:LINE:COLUMN: …`.
    pub fn read(&mut self) -> Result<Arc<Rules>, Phrase> {
        if self.shipped {
            return self.parse(EXAMPLE);
        }
        // Before the text: what is saved in between is then read once more, not missed.
        self.seen = self.stamp();
        let text =
            std::fs::read_to_string(&self.path).map_err(|error| UNREADABLE.with(&[&self.path.display(), &error]))?;
        self.parse(&text)
    }

    /// Reads the file again if it was saved since. A file that is not there is left in peace: editors take it away for a
    /// moment while they save.
    pub fn changed(&mut self) -> Option<Result<Arc<Rules>, Phrase>> {
        let stamp = self.stamp();
        if self.shipped || stamp.is_none() || stamp == self.seen {
            return None;
        }
        Some(self.read())
    }

    fn stamp(&self) -> Option<(SystemTime, u64)> {
        let found = std::fs::metadata(&self.path).ok()?;
        Some((found.modified().ok()?, found.len()))
    }

    fn parse(&self, text: &str) -> Result<Arc<Rules>, Phrase> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new(""));
        let file = |name: &str| {
            std::fs::read_to_string(folder.join(name)).map_err(|error| Phrase::verbatim(error.to_string()))
        };
        let reader = Reader { dialect: self.dialect, model: &self.model, file: &file };
        Rules::parse(text, reader).map(Arc::new).map_err(|fault| {
            let place = [self.path.display().to_string(), fault.line.to_string(), fault.column.to_string()];
            PLACE.around(place.map(Phrase::verbatim).into_iter().chain([fault.reason]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> RulesFile {
        let dialect = crate::dialect::find("onenet").unwrap();
        RulesFile::new(path, dialect, dialect.demo_model().into())
    }

    #[test]
    fn a_file_is_read_again_when_it_was_saved_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        std::fs::write(&path, "[[answer]]\ndo = \"ignore\"\n").unwrap();
        let mut file = open(&path);
        assert_eq!(file.read().unwrap().len(), 1);
        assert!(file.changed().is_none());
        std::fs::write(&path, "[[answer]]\ndo = \"ignor\"\n").unwrap();
        let fault = file.changed().unwrap().unwrap_err().to_string();
        assert!(fault.contains("rules.toml:2:6:") && fault.contains("did you mean “ignore”?"), "{fault}");
        assert!(file.changed().is_none());
        std::fs::remove_file(&path).unwrap();
        assert!(file.changed().is_none());
        std::fs::write(&path, "").unwrap();
        assert!(file.changed().unwrap().unwrap().is_empty());
    }

    #[test]
    fn files_that_the_rules_name_stand_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        std::fs::write(folder.path().join("day.csv"), "temperature\n1\n").unwrap();
        let text = "[[report]]\nproperty = \"temperature\"\nevery = \"1s\"\ncsv = { file = \"day.csv\" }\n";
        std::fs::write(&path, text).unwrap();
        assert_eq!(open(&path).read().unwrap().len(), 1);
    }

    #[test]
    fn the_shipped_rules_are_there_under_their_name() {
        assert!(!open(Path::new(SHIPPED)).read().unwrap().is_empty());
    }
}
