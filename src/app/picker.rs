//! A list narrowed by what is typed, the best match first.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::app::edit::TextEdit;
use crate::app::input::Key;

/// A list to pick from.
#[derive(Debug, Clone)]
pub struct Picker<T> {
    /// What was typed.
    pub edit: TextEdit,
    /// The row that enter takes.
    pub cursor: usize,
    all: Vec<T>,
    /// Places in `all`, the best match first.
    rows: Vec<usize>,
    names: fn(&T) -> Vec<&str>,
}

impl<T> Picker<T> {
    /// A list whose rows are found by any of their names.
    pub fn new(all: Vec<T>, names: fn(&T) -> Vec<&str>) -> Picker<T> {
        let rows = (0..all.len()).collect();
        Picker { edit: TextEdit::single(""), cursor: 0, all, rows, names }
    }

    /// The rows that match what was typed, the best first.
    pub fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().filter_map(|index| self.all.get(*index))
    }

    /// Number of rows that match.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing matches.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&T> {
        self.all.get(*self.rows.get(self.cursor)?)
    }

    /// Moves the cursor.
    pub fn step(&mut self, down: bool) {
        self.cursor =
            if down { (self.cursor + 1).min(self.rows.len().saturating_sub(1)) } else { self.cursor.saturating_sub(1) };
    }

    /// Types a key.
    pub fn key(&mut self, key: Key) {
        if self.edit.key(key) {
            self.narrow();
        }
    }

    /// Pastes text.
    pub fn paste(&mut self, text: &str) {
        self.edit.paste(text);
        self.narrow();
    }

    fn narrow(&mut self) {
        let found = ranked(&self.edit.text(), &self.all, |row| (self.names)(row));
        self.rows = found;
        self.cursor = 0;
    }
}

/// The rows that have a name in which the words are found, by their places: what is called just so first, then what begins
/// so, then what matches best, the shorter name first.
pub fn ranked<'r, T>(words: &str, rows: &'r [T], names: impl Fn(&'r T) -> Vec<&'r str>) -> Vec<usize> {
    let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let typed = words.trim().to_lowercase();
    let mut score = |name: &str| {
        let score = pattern.score(Utf32Str::new(name, &mut letters), &mut matcher)?;
        let name = name.to_lowercase();
        Some((
            !typed.is_empty() && name == typed,
            !typed.is_empty() && name.starts_with(&typed),
            score,
            std::cmp::Reverse(name.len()),
        ))
    };
    let best = |(place, row): (usize, &'r T)| {
        let best = names(row).into_iter().filter_map(&mut score).max()?;
        Some((best, place))
    };
    let mut scored: Vec<_> = rows.iter().enumerate().filter_map(best).collect();
    // Stable: rows that match alike stay as they were.
    scored.sort_by_key(|(best, _)| std::cmp::Reverse(*best));
    scored.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_match_comes_first() {
        let mut picker = Picker::new(vec!["lamp on", "lamp off", "灯 开"], |row| vec![row]);
        assert_eq!(picker.len(), 3);
        picker.paste("off");
        assert_eq!((picker.len(), picker.selected()), (1, Some(&"lamp off")));
        picker.paste("x");
        assert!(picker.is_empty() && picker.selected().is_none());
        let mut picker = Picker::new(vec!["saved filters", "filter the list", "filter"], |row| vec![row]);
        picker.paste("fil");
        assert_eq!(picker.rows().copied().collect::<Vec<_>>(), ["filter", "filter the list", "saved filters"]);
        let mut picker = Picker::new(vec!["lamp on", "灯 开"], |row| vec![row]);
        picker.paste("灯");
        assert_eq!(picker.selected(), Some(&"灯 开"));
    }
}
