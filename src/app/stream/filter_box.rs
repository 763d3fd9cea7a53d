//! The filter as it is typed: validity at every key, a history, and ways back.

use std::sync::Arc;

use crate::app::edit::TextEdit;
use crate::app::input::{Key, KeyCode};
use crate::store::{Completion, Filter, FilterFault, Names};

/// Filters that are remembered.
const MAX_HISTORY: usize = 100;
/// Bytes that a filter may have; a slip of the clipboard ends there.
const MAX_LENGTH: usize = 4_096;

/// The filter box.
#[derive(Debug)]
pub struct FilterBox {
    edit: TextEdit,
    editing: bool,
    /// What is in force: the last text that could be read.
    applied: Filter,
    fault: Option<FilterFault>,
    /// What was in the box before it was opened.
    before: String,
    history: Vec<String>,
    /// The place in the history while walking through it.
    walking: Option<usize>,
    /// What the connections are called.
    names: Arc<Names>,
    /// How the text could go on, and which of these ways stands in the box.
    completions: Vec<Completion>,
    chosen: Option<usize>,
    /// The text that the completions go on from.
    stem: String,
}

impl Default for FilterBox {
    fn default() -> Self {
        FilterBox {
            edit: TextEdit::single(""),
            editing: false,
            applied: Filter::everything(),
            fault: None,
            before: String::new(),
            history: Vec::new(),
            walking: None,
            names: Arc::default(),
            completions: Vec::new(),
            chosen: None,
            stem: String::new(),
        }
    }
}

impl FilterBox {
    /// The text in the box, with its cursor.
    pub fn edit(&self) -> &TextEdit {
        &self.edit
    }

    /// The text in the box.
    pub fn text(&self) -> String {
        self.edit.text()
    }

    /// Whether keys are typed into it.
    pub fn is_editing(&self) -> bool {
        self.editing
    }

    /// What is wrong with the text, if it cannot be read. The last one that could be read stays in force.
    pub fn fault(&self) -> Option<&FilterFault> {
        self.fault.as_ref()
    }

    /// The words in force; their scope is everything.
    pub fn applied(&self) -> &Filter {
        &self.applied
    }

    /// Whether it keeps anything from being shown.
    pub fn is_active(&self) -> bool {
        !self.applied.is_everything()
    }

    /// Filters that were used, oldest first.
    pub fn history(&self) -> &[String] {
        &self.history
    }

    /// What the connections are called.
    pub fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names)
    }

    /// How the text could go on at the cursor.
    pub fn completions(&self) -> &[Completion] {
        &self.completions
    }

    /// The completion that stands in the box.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// Opens the box; the connections are called so from now on.
    pub fn open(&mut self, names: Arc<Names>) {
        self.editing = true;
        self.before = self.text();
        self.walking = None;
        self.names = names;
        self.propose();
    }

    /// Writes the first completion into the box, or the one after the one that stands there.
    pub fn complete(&mut self) {
        let next = self.chosen.map_or(0, |chosen| chosen + 1);
        let Some(completion) = self.completions.get(next).or(self.completions.first()) else { return };
        let (before, after) = (
            self.stem.get(..completion.replaces.start).unwrap_or_default(),
            self.stem.get(completion.replaces.end..).unwrap_or_default(),
        );
        let cursor = before.len() + completion.text.len();
        let text = format!("{before}{}{after}", completion.text);
        // With one way only, what comes next is of more use.
        self.chosen = (self.completions.len() > 1).then_some(if next < self.completions.len() { next } else { 0 });
        self.edit.set(&text);
        self.edit.jump_to_offset(cursor);
        self.read();
        if self.chosen.is_none() {
            self.propose();
        }
    }

    fn propose(&mut self) {
        self.chosen = None;
        self.stem = self.text();
        self.completions = Filter::complete(&self.stem, self.edit.cursor().1, &self.names);
    }

    /// Closes the box and keeps what can be read; what cannot be read stays in the box until it is mended.
    pub fn accept(&mut self) -> bool {
        if self.fault.is_some() {
            return false;
        }
        self.editing = false;
        self.remember();
        true
    }

    /// Closes the box and goes back to what was in force before.
    pub fn cancel(&mut self) {
        self.editing = false;
        let before = std::mem::take(&mut self.before);
        self.set(&before);
    }

    /// Empties the box.
    pub fn clear(&mut self) {
        self.editing = false;
        self.remember();
        self.set("");
    }

    /// Writes a text into the box, as if it were typed.
    pub fn set(&mut self, text: &str) {
        self.edit.set(text);
        self.read();
    }

    /// Types a key. Up and down walk through the history.
    pub fn key(&mut self, key: Key) {
        match key.code {
            KeyCode::Up => self.walk(true),
            KeyCode::Down => self.walk(false),
            _ => {
                self.edit.key(key);
                self.read();
                self.propose();
            }
        }
    }

    /// Writes pasted text at the cursor.
    pub fn paste(&mut self, text: &str) {
        self.edit.paste(text.get(..text.floor_char_boundary(MAX_LENGTH)).unwrap_or_default());
        self.read();
        self.propose();
    }

    /// The filter used before this one (or after it).
    fn walk(&mut self, older: bool) {
        let target = match (self.walking, older) {
            (None, true) => self.history.len().checked_sub(1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < self.history.len()),
            (None, false) => return,
        };
        match target.and_then(|at| self.history.get(at).cloned()) {
            Some(text) => self.set(&text),
            None if older => return,
            None => self.set(&self.before.clone()),
        }
        self.walking = target;
    }

    fn read(&mut self) {
        match Filter::parse(&self.text()) {
            Ok(filter) => {
                self.applied = filter;
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    fn remember(&mut self) {
        let text = self.text();
        if text.trim().is_empty() || self.fault.is_some() {
            return;
        }
        self.history.retain(|known| *known != text);
        self.history.push(text);
        if self.history.len() > MAX_HISTORY {
            self.history.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> FilterBox {
        let mut filter = FilterBox::default();
        filter.open(Arc::default());
        type_into(&mut filter, text);
        filter
    }

    fn type_into(filter: &mut FilterBox, text: &str) {
        for c in text.chars() {
            filter.key(Key::char(c));
        }
    }

    #[test]
    fn a_filter_is_in_force_while_it_is_typed() {
        let mut filter = typed("lamp");
        assert_eq!(filter.applied().source(), "lamp");
        type_into(&mut filter, " \"x");
        assert!(filter.fault().is_some());
        assert_eq!(filter.applied().source(), "lamp ", "what could be read last stays in force");
        assert!(!filter.accept(), "a text with a fault stays open");
        type_into(&mut filter, "\"");
        assert!(filter.fault().is_none() && filter.accept() && !filter.is_editing());
    }

    #[test]
    fn cancel_goes_back_to_what_was_there() {
        let mut filter = typed("one");
        filter.accept();
        filter.open(Arc::default());
        type_into(&mut filter, " two");
        filter.cancel();
        assert_eq!((filter.text().as_str(), filter.applied().source()), ("one", "one"));
        filter.clear();
        assert!(!filter.is_active());
        assert_eq!(filter.history(), ["one"]);
    }

    #[test]
    fn the_history_is_walked_both_ways() {
        let mut filter = FilterBox::default();
        for text in ["one", "two", "one"] {
            filter.open(Arc::default());
            filter.set(text);
            filter.accept();
        }
        filter.clear();
        filter.open(Arc::default());
        filter.key(Key::plain(KeyCode::Down));
        assert_eq!(filter.text(), "");
        let (up, down) = (Key::plain(KeyCode::Up), Key::plain(KeyCode::Down));
        for (key, text) in [(up, "one"), (up, "two"), (up, "two"), (down, "one"), (down, "")] {
            filter.key(key);
            assert_eq!(filter.text(), text);
        }
    }

    #[test]
    fn completions_are_walked_and_gone_on_from() {
        let mut filter = typed("lamp di");
        let words: Vec<&str> = filter.completions().iter().map(|found| found.text.as_str()).collect();
        assert_eq!(words, ["dialect:", "dir:"]);
        filter.complete();
        assert_eq!((filter.text().as_str(), filter.chosen()), ("lamp dialect:", Some(0)));
        filter.complete();
        assert_eq!(filter.text(), "lamp dir:");
        filter.complete();
        assert_eq!(filter.text(), "lamp dialect:");
        filter.complete();
        type_into(&mut filter, "o");
        filter.complete();
        assert_eq!(filter.text(), "lamp dir:out", "one way only is taken, and the next word can follow");
        assert_eq!(filter.chosen(), None);
    }

    #[test]
    fn a_slip_of_the_clipboard_is_cut() {
        let mut filter = typed("");
        filter.paste(&"温".repeat(10_000));
        assert!(filter.text().len() <= MAX_LENGTH && filter.text().len() > MAX_LENGTH - 3);
    }
}
