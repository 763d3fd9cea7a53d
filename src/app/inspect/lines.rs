//! A payload as text: wrapped into rows of a given width, and JSON indented without changing a character of its values.

use std::borrow::Cow;
use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use crate::base::text;

/// Levels that are indented further; deeper ones stay at that depth.
const MAX_INDENT: usize = 32;
/// Bytes that an indented text may have.
const MAX_PRETTY: usize = 4 << 20;

/// A text in rows, each a range of its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    rows: Vec<Range<usize>>,
    width: usize,
    top: usize,
}

impl Lines {
    /// Breaks bytes into rows of at most `width` cells, at line ends and where a row is full.
    pub fn new(bytes: &[u8], width: usize) -> Lines {
        let width = width.max(1);
        let mut rows = Vec::new();
        let (mut start, mut at, mut used) = (0, 0, 0);
        let mut place = |length: usize, cells: usize, line_end: bool| {
            if line_end {
                rows.push(start..at);
                start = at + length;
                used = 0;
            } else {
                if used + cells > width && at > start {
                    rows.push(start..at);
                    start = at;
                    used = 0;
                }
                used += cells;
            }
            at += length;
        };
        for chunk in bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                place(c.len_utf8(), cells_of(c), c == '\n');
            }
            for _ in chunk.invalid() {
                place(1, 4, false);
            }
        }
        if start < bytes.len() {
            rows.push(start..bytes.len());
        }
        Lines { rows, width, top: 0 }
    }

    /// The width that it was made for.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row of the bytes that it was made from, made printable.
    pub fn row<'a>(&self, bytes: &'a [u8], row: usize) -> Option<Cow<'a, str>> {
        let range = self.rows.get(row)?;
        Some(text::printable_bytes(bytes.get(range.clone())?))
    }

    /// The first row to draw where `height` rows fit.
    pub fn first_row(&self, height: usize) -> usize {
        self.top.min(self.rows.len().saturating_sub(height))
    }

    /// Moves what is drawn.
    pub fn scroll(&mut self, by: isize, height: usize) {
        self.top = self.first_row(height).saturating_add_signed(by).min(self.rows.len().saturating_sub(height));
    }
}

/// The cells of a character as [`text::printable`] writes it.
fn cells_of(c: char) -> usize {
    if c.is_ascii() {
        return 1;
    }
    if text::is_hidden(c) {
        // ⟨U+202E⟩: brackets, U+, at least four digits.
        return if u32::from(c) > 0xFFFF { 9 } else { 8 };
    }
    c.width().unwrap_or(1)
}

/// JSON indented by two spaces, or `None` for what does not begin as an object or an array. It works on the characters
/// alone, so JSON with faults is indented as far as it goes, and no number or escape is rewritten. The flag says whether
/// the result was cut at [`MAX_PRETTY`].
pub fn pretty(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let bytes = bytes.get(start..).filter(|bytes| matches!(bytes.first(), Some(b'{' | b'[')))?;
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut depth: usize = 0;
    let mut quoted = false;
    let mut escaped = false;
    let mut bytes = bytes.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if out.len() > MAX_PRETTY {
            return Some((out, true));
        }
        if quoted {
            out.push(byte);
            quoted = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => {
                quoted = true;
                out.push(byte);
            }
            b'{' | b'[' => {
                out.push(byte);
                while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
                if let Some(close) = bytes.next_if(|next| matches!(next, b'}' | b']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ if byte.is_ascii_whitespace() => {}
            _ => out.push(byte),
        }
    }
    Some((out, false))
}

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth.min(MAX_INDENT), b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(bytes: &[u8], width: usize) -> Vec<String> {
        let lines = Lines::new(bytes, width);
        (0..lines.len()).filter_map(|row| lines.row(bytes, row)).map(Cow::into_owned).collect()
    }

    #[test]
    fn rows_break_at_line_ends_and_at_the_width() {
        assert_eq!(wrapped(b"abcdef\n\ngh\r\n", 4), ["abcd", "ef", "", "gh␍"]);
        assert_eq!(wrapped("温度湿度".as_bytes(), 5), ["温度", "湿度"]);
        assert_eq!(wrapped(b"a\xffb", 4), ["a", "⟨FF⟩", "b"]);
        assert!(wrapped(b"", 10).is_empty());
    }

    #[test]
    fn no_row_is_wider_than_the_pane_and_nothing_is_lost() {
        let payload = "a\u{202e}温\u{1b}[0m\u{f0000}x".repeat(20);
        for width in [9, 10, 13, 40] {
            let rows = wrapped(payload.as_bytes(), width);
            assert!(rows.iter().all(|row| text::width(row) <= width), "{width}: {rows:?}");
            assert_eq!(rows.concat(), text::printable(&payload));
        }
    }

    #[test]
    fn json_is_indented_and_not_rewritten() {
        let (out, cut) = pretty(br#" {"a":1.50,"b":[],"c":{"d":"x, {\"y\":1}","e":[1 , 2]}}"#).unwrap();
        let expected = "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {\n    \"d\": \"x, {\\\"y\\\":1}\",\n    \"e\": [\n      1,\n      2\n    ]\n  }\n}";
        assert_eq!((String::from_utf8(out).unwrap().as_str(), cut), (expected, false));
        assert_eq!(pretty(b"plain"), None);
        assert_eq!(pretty(b""), None);
    }

    #[test]
    fn hostile_nesting_is_indented_within_bounds() {
        let (out, cut) = pretty(&vec![b'['; 1 << 20]).unwrap();
        assert!(cut && out.len() < MAX_PRETTY + 100);
        assert!(pretty(b"{]}}]\"").is_some());
    }

    #[test]
    fn scrolling_ends_at_the_last_row() {
        let mut lines = Lines::new(&b"x\n".repeat(50), 10);
        lines.scroll(1_000, 10);
        assert_eq!(lines.first_row(10), 40);
        lines.scroll(-1_000, 10);
        assert_eq!(lines.first_row(10), 0);
    }
}
