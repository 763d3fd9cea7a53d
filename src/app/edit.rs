//! Text as it is being typed: one line or several.
//!
//! The editing itself (cursor, words, undo) is the text area of a library, used here as an engine only: `update` stays
//! the only place where state changes, and drawing asks for the lines, because what was pasted must pass the gate for
//! foreign text before it reaches a cell.

use ratatui_textarea::{CursorMove, DataCursor, Input, Key as EngineKey, TextArea};

use crate::app::input::{Key, KeyCode};

/// A text with a cursor.
#[derive(Debug, Clone)]
pub struct TextEdit {
    engine: TextArea<'static>,
    multiline: bool,
}

impl PartialEq for TextEdit {
    fn eq(&self, other: &Self) -> bool {
        self.multiline == other.multiline && self.lines() == other.lines() && self.cursor() == other.cursor()
    }
}

impl Eq for TextEdit {}

impl TextEdit {
    /// A text of one line; line breaks in what is pasted become spaces.
    pub fn single(text: &str) -> Self {
        TextEdit::new(text, false)
    }

    /// A text of any number of lines.
    pub fn multi(text: &str) -> Self {
        TextEdit::new(text, true)
    }

    fn new(text: &str, multiline: bool) -> Self {
        let mut edit = TextEdit { engine: TextArea::default(), multiline };
        edit.set(text);
        edit
    }

    /// Replaces the whole text and puts the cursor at its end (of one line) or start (of several).
    pub fn set(&mut self, text: &str) {
        let lines = self.clean(text).split('\n').map(str::to_owned).collect();
        self.engine = TextArea::new(lines);
        if !self.multiline {
            self.engine.move_cursor(CursorMove::End);
        }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// Its lines; at least one.
    pub fn lines(&self) -> &[String] {
        self.engine.lines()
    }

    /// Line and byte offset of the cursor.
    pub fn cursor(&self) -> (usize, usize) {
        let DataCursor(row, column) = self.engine.cursor();
        let line = self.lines().get(row).map(String::as_str).unwrap_or_default();
        (row, line.char_indices().nth(column).map_or(line.len(), |(at, _)| at))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.lines().iter().all(String::is_empty)
    }

    /// Puts the cursor at a byte offset of the whole text, for instance where a fault was found.
    pub fn jump_to_offset(&mut self, offset: usize) {
        let mut left = offset;
        for (row, line) in self.lines().iter().enumerate() {
            if left <= line.len() {
                let column = line.char_indices().take_while(|(at, c)| at + c.len_utf8() <= left).count();
                let clamp = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
                let (row, column) = (clamp(row), clamp(column));
                self.engine.move_cursor(CursorMove::Jump(row, column));
                return;
            }
            left -= line.len() + 1;
        }
    }

    /// Writes text at the cursor, as one step for undo.
    pub fn paste(&mut self, text: &str) {
        let text = self.clean(text);
        self.engine.insert_str(text);
    }

    /// Handles a key; says whether it meant something here.
    pub fn key(&mut self, key: Key) -> bool {
        let engine_key = match (key.code, key.ctrl) {
            // What `readline` has taught everybody; the engine has other keys for these.
            (KeyCode::Char('z'), true) => return self.engine.undo(),
            (KeyCode::Char('y'), true) => return self.engine.redo(),
            (KeyCode::Char('u'), true) => return self.engine.delete_line_by_head(),
            (KeyCode::Char('a' | 'e' | 'k' | 'w' | 'h' | 'd' | 'f' | 'b'), true) => match key.code {
                KeyCode::Char(c) => EngineKey::Char(c),
                _ => return false,
            },
            (KeyCode::Char(c), false) => EngineKey::Char(c),
            (KeyCode::Backspace, _) => EngineKey::Backspace,
            (KeyCode::Delete, _) => EngineKey::Delete,
            (KeyCode::Left, _) => EngineKey::Left,
            (KeyCode::Right, _) => EngineKey::Right,
            (KeyCode::Home, _) => EngineKey::Home,
            (KeyCode::End, _) => EngineKey::End,
            (KeyCode::Enter, false) if self.multiline => EngineKey::Enter,
            (KeyCode::Up, _) if self.multiline => EngineKey::Up,
            (KeyCode::Down, _) if self.multiline => EngineKey::Down,
            (KeyCode::PageUp, _) if self.multiline => EngineKey::PageUp,
            (KeyCode::PageDown, _) if self.multiline => EngineKey::PageDown,
            _ => return false,
        };
        self.engine.input(Input { key: engine_key, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
        true
    }

    /// Line ends of every system become one; in a text of one line they become spaces.
    fn clean(&self, text: &str) -> String {
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "  ");
        if self.multiline { text } else { text.trim_end_matches('\n').replace('\n', " ") }
    }
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
    fn the_cursor_stands_between_characters_and_is_told_in_bytes() {
        let mut edit = TextEdit::single("温度");
        assert_eq!(edit.cursor(), (0, 6));
        edit.key(Key::plain(KeyCode::Left));
        assert_eq!(edit.cursor(), (0, 3));
        edit.key(Key::plain(KeyCode::Backspace));
        assert_eq!(edit.text(), "度");
    }

    #[test]
    fn the_line_before_the_cursor_goes_with_ctrl_u_and_comes_back_with_ctrl_z() {
        let mut edit = TextEdit::single("filter words");
        edit.key(Key::ctrl('u'));
        assert!(edit.is_empty());
        edit.key(Key::ctrl('z'));
        assert_eq!(edit.text(), "filter words");
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
