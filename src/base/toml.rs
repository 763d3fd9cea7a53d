//! A TOML text while it is read: every value with its place, every fault collected.

pub mod texts;

use std::ops::Range;

use toml_edit::{Document, Item, TableLike};

use crate::base::lang::{Phrase, Text};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// A text that is being read, and what is wrong with it so far.
pub struct Source<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl<'t> Source<'t> {
    /// A text of which nothing has been read yet.
    pub fn new(text: &'t str) -> Self {
        Source { text, faults: Vec::new() }
    }

    /// What is wrong with it, from its beginning to its end.
    pub fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|fault| (fault.line, fault.column));
        self.faults
    }

    /// The TOML document; a syntax error is a fault.
    pub fn document(&mut self) -> Option<Document<&'t str>> {
        match Document::parse(self.text) {
            Ok(document) => Some(document),
            Err(error) => {
                let what = error.message().trim().replace('\n', "; ");
                self.fault(error.span(), texts::SYNTAX.with(&[&what]));
                None
            }
        }
    }

    /// Notes a fault at a place; at the start of the file where the place is not known.
    pub fn fault(&mut self, at: Option<Range<usize>>, reason: impl Into<Phrase>) {
        let (line, column) = line_and_column(self.text, at.map_or(0, |span| span.start));
        self.faults.push(Fault { line, column, reason: reason.into() });
    }

    /// Notes a fault for every key that is not known here. Whether there was one.
    pub fn refuse_unknown(&mut self, table: &dyn TableLike, known: &[&str]) -> bool {
        let before = self.faults.len();
        for (key, _) in table.iter() {
            if known.contains(&key) {
                continue;
            }
            let list = known.join(", ");
            let reason = match suggestion(key, known) {
                Some(meant) => texts::UNKNOWN_KEY_MEANT.with(&[&key, &meant, &list]),
                None => texts::UNKNOWN_KEY.with(&[&key, &list]),
            };
            self.fault(key_span(table, key), reason);
        }
        self.faults.len() > before
    }

    /// Notes that a value has another type than it should.
    pub fn wrong_type(&mut self, key: &str, item: &Item, expected: Text) {
        // The type only and never the value: it may be a secret.
        let found = item.type_name();
        let reason = texts::WRONG_TYPE.around([Phrase::verbatim(key), expected.into(), Phrase::verbatim(found)]);
        self.fault(item.span(), reason);
    }

    /// A sub-table; one of another type is a fault.
    pub fn table<'i>(&mut self, table: &'i dyn TableLike, key: &str) -> Option<&'i dyn TableLike> {
        let item = table.get(key)?;
        let found = item.as_table_like();
        if found.is_none() {
            self.wrong_type(key, item, texts::A_TABLE);
        }
        found
    }

    /// A text with its place.
    pub fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<(String, Option<Range<usize>>)> {
        let item = table.get(key)?;
        let Some(text) = item.as_str() else {
            self.wrong_type(key, item, texts::A_TEXT);
            return None;
        };
        Some((text.to_owned(), item.span()))
    }

    /// True or false.
    pub fn boolean(&mut self, table: &dyn TableLike, key: &str) -> Option<bool> {
        let item = table.get(key)?;
        let found = item.as_bool();
        if found.is_none() {
            self.wrong_type(key, item, texts::A_BOOL);
        }
        found
    }

    /// A text read by `parse`, whose complaint becomes the fault.
    pub fn parsed<T>(
        &mut self,
        table: &dyn TableLike,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Phrase>,
    ) -> Option<T> {
        let (text, span) = self.string(table, key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.fault(span, texts::BAD_VALUE.around([Phrase::verbatim(key), reason]));
                None
            }
        }
    }

    /// A list of texts.
    pub fn strings(&mut self, table: &dyn TableLike, key: &str) -> Option<Vec<String>> {
        let item = table.get(key)?;
        let list: Option<Vec<String>> =
            item.as_array().and_then(|array| array.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        if list.is_none() {
            self.wrong_type(key, item, texts::TEXTS);
        }
        list
    }

    /// Notes that a value is none of the allowed ones.
    pub fn not_a_choice(&mut self, key: &str, found: &str, choices: &[&str], at: Option<Range<usize>>) {
        let list = choices.join(", ");
        let reason = match suggestion(found, choices) {
            Some(meant) => texts::NOT_A_CHOICE_MEANT.with(&[&key, &list, &found, &meant]),
            None => texts::NOT_A_CHOICE.with(&[&key, &list, &found]),
        };
        self.fault(at, reason);
    }
}

/// Where a key stands.
pub fn key_span(table: &dyn TableLike, key: &str) -> Option<Range<usize>> {
    table.key(key).and_then(toml_edit::Key::span).or_else(|| table.get(key).and_then(Item::span))
}

/// Line and column, both from 1, the column in characters, of a byte offset.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
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
pub fn suggestion<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
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
