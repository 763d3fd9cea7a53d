//! The filter as it is typed: validity at every key, a history, and ways back.

use unicode_segmentation::UnicodeSegmentation;

use crate::store::{Filter, FilterFault};

/// Filters that are remembered.
const MAX_HISTORY: usize = 100;
/// Bytes that a filter may have; a slip of the clipboard ends there.
const MAX_LENGTH: usize = 4_096;

/// The filter box.
#[derive(Debug, Default)]
pub struct FilterBox {
    text: String,
    /// Byte offset of the cursor, at a character that people would count as one.
    cursor: usize,
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

impl FilterBox {
    /// The text in the box.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and after the cursor.
    pub fn split(&self) -> (&str, &str) {
        self.text.split_at_checked(self.cursor).unwrap_or((&self.text, ""))
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
        self.before.clone_from(&self.text);
        self.cursor = self.text.len();
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
        self.set(before);
    }

    /// Empties the box.
    pub fn clear(&mut self) {
        self.editing = false;
        self.remember();
        self.set(String::new());
    }

    /// Writes a text into the box, as if it were typed.
    pub fn set(&mut self, text: String) {
        self.text = text;
        self.cursor = self.text.len();
        self.read();
    }

    /// Writes at the cursor. Line ends and other controls become spaces.
    pub fn insert(&mut self, text: &str) {
        for c in text.chars() {
            let c = if c.is_control() { ' ' } else { c };
            if self.text.len() + c.len_utf8() > MAX_LENGTH {
                break;
            }
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
        self.read();
    }

    /// Removes the character before the cursor.
    pub fn backspace(&mut self) {
        let from = self.left_of_cursor();
        self.remove(from, self.cursor);
    }

    /// Removes the character under the cursor.
    pub fn delete(&mut self) {
        let to = self.right_of_cursor();
        self.remove(self.cursor, to);
    }

    /// Removes the word before the cursor.
    pub fn delete_word(&mut self) {
        let (before, _) = self.split();
        let word = before.trim_end();
        let from = word.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        self.remove(from, self.cursor);
    }

    /// Removes everything before the cursor.
    pub fn delete_to_start(&mut self) {
        self.remove(0, self.cursor);
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor = self.left_of_cursor();
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor = self.right_of_cursor();
    }

    /// To the start.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// To the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    /// The filter used before this one (or after it).
    pub fn walk(&mut self, older: bool) {
        let target = match (self.walking, older) {
            (None, true) => self.history.len().checked_sub(1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < self.history.len()),
            (None, false) => return,
        };
        match target.and_then(|at| self.history.get(at).cloned()) {
            Some(text) => self.set(text),
            None if older => return,
            None => self.set(self.before.clone()),
        }
        self.walking = target;
    }

    fn left_of_cursor(&self) -> usize {
        self.split().0.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }

    fn right_of_cursor(&self) -> usize {
        self.cursor + self.split().1.graphemes(true).next().map_or(0, str::len)
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        self.read();
    }

    fn read(&mut self) {
        match Filter::parse(&self.text) {
            Ok(filter) => {
                self.applied = filter;
                self.fault = None;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    fn remember(&mut self) {
        if self.text.trim().is_empty() || self.fault.is_some() {
            return;
        }
        self.history.retain(|known| *known != self.text);
        self.history.push(self.text.clone());
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
        filter.insert(text);
        filter
    }

    #[test]
    fn a_filter_is_in_force_while_it_is_typed() {
        let mut filter = typed("lamp");
        assert_eq!(filter.applied().source(), "lamp");
        filter.insert(" \"x");
        assert!(filter.fault().is_some());
        assert_eq!(filter.applied().source(), "lamp", "what could be read last stays in force");
        assert!(!filter.accept(), "a text with a fault stays open");
        filter.insert("\"");
        assert!(filter.fault().is_none() && filter.accept() && !filter.is_editing());
    }

    #[test]
    fn cancel_goes_back_to_what_was_there() {
        let mut filter = typed("one");
        filter.accept();
        filter.open();
        filter.insert(" two");
        filter.cancel();
        assert_eq!((filter.text(), filter.applied().source()), ("one", "one"));
        filter.clear();
        assert!(!filter.is_active());
        assert_eq!(filter.history(), ["one"]);
    }

    #[test]
    fn the_history_is_walked_both_ways() {
        let mut filter = FilterBox::default();
        for text in ["one", "two", "one"] {
            filter.open();
            filter.set(text.into());
            filter.accept();
        }
        filter.clear();
        filter.open();
        filter.walk(false);
        assert_eq!(filter.text(), "");
        for (older, text) in [(true, "one"), (true, "two"), (true, "two"), (false, "one"), (false, "")] {
            filter.walk(older);
            assert_eq!(filter.text(), text);
        }
    }

    #[test]
    fn the_cursor_moves_by_what_people_call_characters() {
        let mut filter = typed("温度e\u{301}x");
        filter.left();
        filter.left();
        assert_eq!(filter.split(), ("温度", "e\u{301}x"));
        filter.delete();
        assert_eq!(filter.text(), "温度x");
        filter.backspace();
        assert_eq!(filter.text(), "温x");
        filter.home();
        filter.backspace();
        filter.left();
        filter.end();
        filter.right();
        filter.delete();
        assert_eq!(filter.text(), "温x");
    }

    #[test]
    fn words_are_removed_backwards() {
        let mut filter = typed("set 灯\u{3000}lamp  ");
        filter.delete_word();
        assert_eq!(filter.text(), "set 灯\u{3000}");
        filter.delete_word();
        assert_eq!(filter.text(), "set ");
        filter.delete_to_start();
        assert_eq!(filter.text(), "");
    }

    #[test]
    fn a_pasted_line_end_becomes_a_space() {
        assert_eq!(typed("a\nb\u{1b}c").text(), "a b c");
        assert_eq!(typed(&"x".repeat(10_000)).text().len(), MAX_LENGTH);
    }
}
