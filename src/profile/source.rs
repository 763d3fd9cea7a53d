//! A TOML text while it is read: every value with its place, every fault collected.

use std::ops::Range;
use std::path::PathBuf;

use toml_edit::{Document, Item, TableLike};

use super::place::{ProfileError, line_and_column, suggestion};
use super::texts;
use crate::base::lang::{Phrase, Text};

/// A text that is being read, and what is wrong with it so far.
pub(super) struct Source<'t> {
    text: &'t str,
    path: Option<PathBuf>,
    pub(super) faults: Vec<ProfileError>,
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str, path: Option<PathBuf>) -> Self {
        Source { text, path, faults: Vec::new() }
    }

    /// The TOML document; a syntax error is a fault.
    pub(super) fn document(&mut self) -> Option<Document<&'t str>> {
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
    pub(super) fn fault(&mut self, at: Option<Range<usize>>, reason: impl Into<Phrase>) {
        let (line, column) = line_and_column(self.text, at.map_or(0, |span| span.start));
        self.faults.push(ProfileError { path: self.path.clone(), line, column, reason: reason.into() });
    }

    /// Notes a fault for every key that is not known here. Whether there was one.
    pub(super) fn refuse_unknown(&mut self, table: &dyn TableLike, known: &[&str]) -> bool {
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
    pub(super) fn wrong_type(&mut self, key: &str, item: &Item, expected: Text) {
        // The type only and never the value: it may be a secret.
        let found = item.type_name();
        let reason = texts::WRONG_TYPE.around([Phrase::verbatim(key), expected.into(), Phrase::verbatim(found)]);
        self.fault(item.span(), reason);
    }

    /// A sub-table; one of another type is a fault.
    pub(super) fn table<'i>(&mut self, table: &'i dyn TableLike, key: &str) -> Option<&'i dyn TableLike> {
        let item = table.get(key)?;
        let found = item.as_table_like();
        if found.is_none() {
            self.wrong_type(key, item, texts::A_TABLE);
        }
        found
    }

    /// A text with its place.
    pub(super) fn string(&mut self, table: &dyn TableLike, key: &str) -> Option<(String, Option<Range<usize>>)> {
        let item = table.get(key)?;
        let Some(text) = item.as_str() else {
            self.wrong_type(key, item, texts::A_TEXT);
            return None;
        };
        Some((text.to_owned(), item.span()))
    }

    /// True or false.
    pub(super) fn boolean(&mut self, table: &dyn TableLike, key: &str) -> Option<bool> {
        let item = table.get(key)?;
        let found = item.as_bool();
        if found.is_none() {
            self.wrong_type(key, item, texts::A_BOOL);
        }
        found
    }

    /// A text read by `parse`, whose complaint becomes the fault.
    pub(super) fn parsed<T>(
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
    pub(super) fn strings(&mut self, table: &dyn TableLike, key: &str) -> Option<Vec<String>> {
        let item = table.get(key)?;
        let list: Option<Vec<String>> =
            item.as_array().and_then(|array| array.iter().map(|value| value.as_str().map(str::to_owned)).collect());
        if list.is_none() {
            self.wrong_type(key, item, texts::TEXTS);
        }
        list
    }

    /// Notes that a value is none of the allowed ones.
    pub(super) fn not_a_choice(&mut self, key: &str, found: &str, choices: &[&str], at: Option<Range<usize>>) {
        let list = choices.join(", ");
        let reason = match suggestion(found, choices) {
            Some(meant) => texts::NOT_A_CHOICE_MEANT.with(&[&key, &list, &found, &meant]),
            None => texts::NOT_A_CHOICE.with(&[&key, &list, &found]),
        };
        self.fault(at, reason);
    }
}

/// Where a key stands.
pub(super) fn key_span(table: &dyn TableLike, key: &str) -> Option<Range<usize>> {
    table.key(key).and_then(toml_edit::Key::span).or_else(|| table.get(key).and_then(Item::span))
}
