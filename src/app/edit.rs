//! Text as it is being typed: one line or several, with a cursor that moves by what a reader sees as one character.
//!
//! It knows no terminal, so that `update` stays the only place where state changes; drawing asks it for its lines.

use unicode_segmentation::UnicodeSegmentation;

use crate::app::input::{Key, KeyCode};

/// How many earlier states `ctrl-z` can go back to.
const UNDO_DEPTH: usize = 100;

/// A text with a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    lines: Vec<String>,
    row: usize,
    /// Byte offset within the line, always at a boundary between characters as a reader sees them.
    column: usize,
    multiline: bool,
    undo: Vec<(Vec<String>, usize, usize)>,
}

impl TextEdit {
    /// A text of one line; line breaks in what is pasted become spaces.
    pub fn single(text: &str) -> Self {
        let mut edit = TextEdit { lines: vec![String::new()], row: 0, column: 0, multiline: false, undo: Vec::new() };
        edit.set(text);
        edit
    }

    /// A text of any number of lines.
    pub fn multi(text: &str) -> Self {
        let mut edit = TextEdit::single("");
        edit.multiline = true;
        edit.set(text);
        edit
    }

    /// Replaces the whole text and puts the cursor at its end (of one line) or start (of several).
    pub fn set(&mut self, text: &str) {
        self.lines = vec![String::new()];
        self.row = 0;
        self.column = 0;
        self.insert(text);
        if self.multiline {
            self.row = 0;
            self.column = 0;
        }
        self.undo.clear();
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Its lines; at least one.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Line and byte offset of the cursor.
    pub fn cursor(&self) -> (usize, usize) {
        (self.row, self.column)
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(String::is_empty)
    }

    /// Puts the cursor at a byte offset of the whole text, for instance where a fault was found.
    pub fn jump_to_offset(&mut self, offset: usize) {
        let mut left = offset;
        for (row, line) in self.lines.iter().enumerate() {
            if left <= line.len() {
                self.row = row;
                self.column = floor_boundary(line, left);
                return;
            }
            left -= line.len() + 1;
        }
    }

    /// Writes text at the cursor, as one step for undo.
    pub fn paste(&mut self, text: &str) {
        self.remember();
        self.insert(text);
    }

    /// Handles a key; says whether it meant something here.
    pub fn key(&mut self, key: Key) -> bool {
        if let Some(c) = key.text() {
            self.remember();
            self.insert(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (key.code, key.ctrl, key.alt) {
            (KeyCode::Enter, false, _) if self.multiline => {
                self.remember();
                self.insert("\n");
            }
            (KeyCode::Backspace, false, false) | (KeyCode::Char('h'), true, false) => self.delete(Self::left),
            (KeyCode::Backspace, _, _) | (KeyCode::Char('w'), true, false) => self.delete(Self::word_left),
            (KeyCode::Delete, false, false) | (KeyCode::Char('d'), true, false) => self.delete(Self::right),
            (KeyCode::Delete, _, _) => self.delete(Self::word_right),
            (KeyCode::Char('u'), true, false) => self.delete(Self::home),
            (KeyCode::Char('k'), true, false) => self.delete(Self::end),
            (KeyCode::Char('z'), true, false) => self.undo(),
            (KeyCode::Left, false, false) => self.left(),
            (KeyCode::Right, false, false) => self.right(),
            (KeyCode::Left, _, _) => self.word_left(),
            (KeyCode::Right, _, _) => self.word_right(),
            (KeyCode::Home, _, _) | (KeyCode::Char('a'), true, false) => self.home(),
            (KeyCode::End, _, _) | (KeyCode::Char('e'), true, false) => self.end(),
            (KeyCode::Up, false, false) if self.multiline => self.vertical(self.row.checked_sub(1)),
            (KeyCode::Down, false, false) if self.multiline => self.vertical(Some(self.row + 1)),
            (KeyCode::PageUp, _, _) if self.multiline => self.vertical(Some(self.row.saturating_sub(10))),
            (KeyCode::PageDown, _, _) if self.multiline => {
                self.vertical(Some((self.row + 10).min(self.lines.len().saturating_sub(1))));
            }
            _ => return false,
        }
        true
    }

    fn line(&self) -> &str {
        self.lines.get(self.row).map(String::as_str).unwrap_or_default()
    }

    fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "  ");
        let text = if self.multiline { text } else { text.trim_end_matches('\n').replace('\n', " ") };
        let mut pieces = text.split('\n');
        if let (Some(first), Some(line)) = (pieces.next(), self.lines.get_mut(self.row)) {
            line.insert_str(self.column, first);
            self.column += first.len();
        }
        for piece in pieces {
            let rest = match self.lines.get_mut(self.row) {
                Some(line) => line.split_off(self.column),
                None => String::new(),
            };
            self.row += 1;
            self.column = piece.len();
            self.lines.insert(self.row.min(self.lines.len()), format!("{piece}{rest}"));
        }
        // A combining character joins the one before it: the cursor goes behind both.
        self.column = ceil_boundary(self.line(), self.column);
    }

    /// Removes what lies between the cursor and where `motion` takes it.
    fn delete(&mut self, motion: fn(&mut Self)) {
        self.remember();
        let before = (self.row, self.column);
        motion(self);
        let after = (self.row, self.column);
        let (from, to) = if before <= after { (before, after) } else { (after, before) };
        let tail = match self.lines.get(to.0) {
            Some(line) => line.get(to.1..).unwrap_or_default().to_owned(),
            None => String::new(),
        };
        if from.0 < to.0 {
            self.lines.drain(from.0 + 1..=to.0.min(self.lines.len().saturating_sub(1)));
        }
        if let Some(line) = self.lines.get_mut(from.0) {
            line.truncate(from.1);
            line.push_str(&tail);
        }
        (self.row, self.column) = from;
    }

    fn left(&mut self) {
        if self.column > 0 {
            let before = self.line().get(..self.column).unwrap_or_default();
            self.column = before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
        } else if self.row > 0 {
            self.row -= 1;
            self.column = self.line().len();
        }
    }

    fn right(&mut self) {
        let rest = self.line().get(self.column..).unwrap_or_default();
        if let Some(next) = rest.graphemes(true).next() {
            self.column += next.len();
        } else if self.row + 1 < self.lines.len() {
            self.row += 1;
            self.column = 0;
        }
    }

    fn word_left(&mut self) {
        let before = self.line().get(..self.column).unwrap_or_default();
        match before.unicode_word_indices().next_back() {
            Some((at, _)) => self.column = at,
            None if self.column > 0 => self.column = 0,
            None => self.left(),
        }
    }

    fn word_right(&mut self) {
        let rest = self.line().get(self.column..).unwrap_or_default();
        match rest.unicode_word_indices().next() {
            Some((at, word)) => self.column += at + word.len(),
            None if !rest.is_empty() => self.column += rest.len(),
            None => self.right(),
        }
    }

    fn home(&mut self) {
        self.column = 0;
    }

    fn end(&mut self) {
        self.column = self.line().len();
    }

    fn vertical(&mut self, row: Option<usize>) {
        if let Some(row) = row.filter(|row| *row < self.lines.len()) {
            self.row = row;
            self.column = floor_boundary(self.line(), self.column);
        }
    }

    fn remember(&mut self) {
        if self.undo.len() == UNDO_DEPTH {
            self.undo.remove(0);
        }
        self.undo.push((self.lines.clone(), self.row, self.column));
    }

    fn undo(&mut self) {
        if let Some((lines, row, column)) = self.undo.pop() {
            (self.lines, self.row, self.column) = (lines, row, column);
        }
    }
}

fn floor_boundary(line: &str, at: usize) -> usize {
    line.grapheme_indices(true)
        .map(|(start, _)| start)
        .take_while(|start| *start <= at)
        .last()
        .map_or(0, |start| if at >= line.len() { line.len() } else { start })
}

fn ceil_boundary(line: &str, at: usize) -> usize {
    line.grapheme_indices(true).map(|(start, _)| start).find(|start| *start >= at).unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(edit: &mut TextEdit, text: &str) {
        for c in text.chars() {
            edit.key(Key::char(c));
        }
    }

    #[test]
    fn backspace_takes_a_whole_character_as_a_reader_sees_it() {
        let mut edit = TextEdit::single("温度e\u{301}");
        edit.key(Key::plain(KeyCode::Backspace));
        assert_eq!(edit.text(), "温度");
        edit.key(Key::plain(KeyCode::Backspace));
        assert_eq!(edit.text(), "温");
    }

    #[test]
    fn what_is_pasted_into_one_line_stays_one_line() {
        let mut edit = TextEdit::single("");
        edit.paste("a\r\nb\n");
        assert_eq!(edit.lines(), ["a b"]);
    }

    #[test]
    fn lines_split_and_join() {
        let mut edit = TextEdit::multi("");
        typed(&mut edit, "ab");
        edit.key(Key::plain(KeyCode::Enter));
        typed(&mut edit, "cd");
        assert_eq!(edit.lines(), ["ab", "cd"]);
        edit.key(Key::plain(KeyCode::Home));
        edit.key(Key::plain(KeyCode::Backspace));
        assert_eq!(edit.lines(), ["abcd"]);
        assert_eq!(edit.cursor(), (0, 2));
        edit.key(Key::ctrl('z'));
        assert_eq!(edit.lines(), ["ab", "cd"]);
    }

    #[test]
    fn an_offset_names_a_place_in_any_line() {
        let mut edit = TextEdit::multi("ab\n温度\nz");
        edit.jump_to_offset(6);
        assert_eq!(edit.cursor(), (1, 3));
    }
}
