//! Where in a file something is, and the error that says so.

use std::fmt;
use std::path::PathBuf;

use crate::base::lang::{Lang, Phrase};

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

/// Line and column, both from 1, the column in characters, of a byte offset.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The known name that was probably meant: the nearest by edit distance, if it is near.
pub(super) fn suggestion<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = |name: &str| strsim::damerau_levenshtein(&found.to_lowercase(), &name.to_lowercase());
    let limit = (found.chars().count() / 3).max(1);
    known.iter().copied().map(|name| (near(name), name)).filter(|(far, _)| *far <= limit).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a = 1\n名 = \"值\" x";
        let offset = text.find('x').unwrap();
        assert_eq!(line_and_column(text, offset), (2, 9));
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, 10_000), (2, 10));
    }

    #[test]
    fn only_near_names_are_suggested() {
        let known = ["access_key", "token", "user_id"];
        assert_eq!(suggestion("acess_key", &known), Some("access_key"));
        assert_eq!(suggestion("Token", &known), Some("token"));
        assert_eq!(suggestion("userid", &known), Some("user_id"));
        assert_eq!(suggestion("password", &known), None);
    }
}
