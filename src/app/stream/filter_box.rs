//! The filter as it is typed: validity at every key, a history, and ways back.

use crate::app::edit::TextEdit;
use crate::app::input::{Key, KeyCode};
use crate::store::{Filter, FilterFault};

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

    /// Opens the box.
    pub fn open(&mut self) {
        self.editing = true;
        self.before = self.text();
        self.walking = None;
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
            }
        }
    }

    /// Writes pasted text at the cursor.
    pub fn paste(&mut self, text: &str) {
        self.edit.paste(text.get(..text.floor_char_boundary(MAX_LENGTH)).unwrap_or_default());
        self.read();
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
        filter.open();
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
        filter.open();
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
            filter.open();
            filter.set(text);
            filter.accept();
        }
        filter.clear();
        filter.open();
        filter.key(Key::plain(KeyCode::Down));
        assert_eq!(filter.text(), "");
        let (up, down) = (Key::plain(KeyCode::Up), Key::plain(KeyCode::Down));
        for (key, text) in [(up, "one"), (up, "two"), (up, "two"), (down, "one"), (down, "")] {
            filter.key(key);
            assert_eq!(filter.text(), text);
        }
    }

    #[test]
    fn a_slip_of_the_clipboard_is_cut() {
        let mut filter = typed("");
        filter.paste(&"温".repeat(10_000));
        assert!(filter.text().len() <= MAX_LENGTH && filter.text().len() > MAX_LENGTH - 3);
    }
}
