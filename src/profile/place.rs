//! Where in a file something is, and the error that says so.

use std::fmt;
use std::path::PathBuf;

use crate::base::lang::{Lang, Phrase};
use crate::base::toml::Fault;

/// A profile or a roster that cannot be used: where, what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The file; the name in angle brackets for a shipped profile (`<onenet-app>`); `None` where no file is concerned.
    pub path: Option<PathBuf>,
    /// Line, from 1; 0 where the error is about the file as a whole.
    pub line: usize,
    /// Column in characters, from 1; 0 where the error is about the file as a whole.
    pub column: usize,
    /// What was expected and what was found. Never holds a secret.
    pub reason: Phrase,
}

impl ProfileError {
    /// An error about a file as a whole, or about no file.
    pub(super) fn whole(path: Option<PathBuf>, reason: impl Into<Phrase>) -> Self {
        ProfileError { path, line: 0, column: 0, reason: reason.into() }
    }

    /// A fault of a text that came from this file.
    pub(super) fn at(path: Option<PathBuf>, fault: Fault) -> Self {
        let Fault { line, column, reason } = fault;
        ProfileError { path, line, column, reason }
    }

    /// The error in one language, in the form that editors and terminals make a link of: `FILE:LINE:COLUMN: …`.
    pub fn render(&self, lang: Lang) -> String {
        let reason = self.reason.render(lang);
        match (&self.path, self.line) {
            (None, _) => reason,
            (Some(path), 0) => format!("{}: {reason}", path.display()),
            (Some(path), line) => format!("{}:{line}:{}: {reason}", path.display(), self.column),
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl std::error::Error for ProfileError {}
