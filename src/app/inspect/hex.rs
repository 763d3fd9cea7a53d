//! The bytes of a message in rows: offset, values, text.

use std::ops::Range;

use crate::base::text;

/// The bytes of one row with what stands in the text column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexRow {
    /// The offset of the first byte.
    pub offset: usize,
    /// Offset, value and text cell of each byte.
    pub bytes: Vec<HexByte>,
}

/// One byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexByte {
    /// Its offset in the payload.
    pub offset: usize,
    /// Its value.
    pub value: u8,
    /// What stands for it in the text column: one cell, or two where the next byte has an empty text.
    pub text: String,
}

/// The bytes of a row of `per_row`. A character of several bytes is written at its first byte and padded to as many
/// cells as it has bytes, so that Chinese text can be read; one that a row cuts, and whatever is not text, is `·`.
pub fn row(payload: &[u8], row: usize, per_row: usize) -> Option<HexRow> {
    let offset = row.checked_mul(per_row)?;
    let end = offset.saturating_add(per_row).min(payload.len());
    let bytes = payload.get(offset..end).filter(|bytes| !bytes.is_empty())?;
    let mut cells: Vec<HexByte> = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_char(&mut cells, offset, c);
        }
        for byte in chunk.invalid() {
            push_byte(&mut cells, offset, *byte, "·");
        }
    }
    Some(HexRow { offset, bytes: cells })
}

fn push_char(cells: &mut Vec<HexByte>, offset: usize, c: char) {
    let mut buffer = [0; 4];
    let encoded = c.encode_utf8(&mut buffer);
    let width = text::width(encoded);
    let shown = if text::is_hidden(c) || width == 0 || width > encoded.len() { None } else { Some(encoded.to_owned()) };
    for (index, byte) in encoded.bytes().enumerate() {
        let cell = match &shown {
            None => "·",
            Some(shown) if index == 0 => shown,
            Some(_) if index < width => "",
            Some(_) => " ",
        };
        push_byte(cells, offset, byte, cell);
    }
}

fn push_byte(cells: &mut Vec<HexByte>, offset: usize, value: u8, text: &str) {
    cells.push(HexByte { offset: offset + cells.len(), value, text: text.to_owned() });
}

/// How many bytes a row shows in a pane so many cells wide: 32, 16, 8 or 4.
pub fn per_row(cells: usize) -> usize {
    // Offset and two spaces, three cells and one for each byte, a further space for each eight, two before the text.
    [32, 16, 8].into_iter().find(|bytes| 12 + bytes * 4 + bytes / 8 <= cells).unwrap_or(4)
}

/// Where the reader stands among the bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hex {
    cursor: usize,
    top: usize,
    len: usize,
}

impl Hex {
    /// At the start of so many bytes.
    pub fn new(len: usize) -> Hex {
        Hex { cursor: 0, top: 0, len }
    }

    /// The selected byte.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Selects a byte; the last one where there are fewer.
    pub fn select(&mut self, byte: usize) {
        self.cursor = byte.min(self.len.saturating_sub(1));
    }

    /// Moves by bytes.
    pub fn step(&mut self, by: isize) {
        self.select(self.cursor.saturating_add_signed(by));
    }

    /// Moves by rows; stays in the column where there is no further row.
    pub fn step_rows(&mut self, by: isize, per_row: usize) {
        let by = by.saturating_mul(isize::try_from(per_row).unwrap_or(1));
        if let Some(target) = self.cursor.checked_add_signed(by) {
            self.select(target);
        } else {
            self.select(self.cursor % per_row.max(1));
        }
    }

    /// The first row to draw where `height` rows of `per_row` bytes fit.
    pub fn first_row(&self, height: usize, per_row: usize) -> usize {
        let per_row = per_row.max(1);
        let rows = self.len.div_ceil(per_row);
        let cursor = self.cursor / per_row;
        let top = self.top.min(cursor).min(rows.saturating_sub(height));
        top.max((cursor + 1).saturating_sub(height))
    }

    /// Keeps the rows where they were drawn last.
    pub fn settle(&mut self, height: usize, per_row: usize) {
        self.top = self.first_row(height, per_row);
    }

    /// Brings a range into sight: its first byte is selected.
    pub fn show(&mut self, range: &Range<usize>) {
        self.select(range.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(payload: &[u8], per_row: usize) -> Vec<String> {
        (0..)
            .map_while(|at| row(payload, at, per_row))
            .map(|row| row.bytes.iter().map(|b| b.text.as_str()).collect())
            .collect()
    }

    #[test]
    fn every_byte_stands_in_exactly_one_row() {
        let payload: Vec<u8> = (0..=255).chain("温度 30.5 ℃".bytes()).collect();
        for per_row in [4, 8, 16, 32] {
            let rows: Vec<HexRow> = (0..).map_while(|at| row(&payload, at, per_row)).collect();
            let bytes: Vec<u8> = rows.iter().flat_map(|row| row.bytes.iter().map(|byte| byte.value)).collect();
            assert_eq!(bytes, payload);
            let offsets: Vec<usize> = rows.iter().flat_map(|row| row.bytes.iter().map(|byte| byte.offset)).collect();
            assert_eq!(offsets, (0..payload.len()).collect::<Vec<_>>());
        }
        assert_eq!(row(b"", 0, 16), None);
    }

    #[test]
    fn the_text_column_has_one_cell_for_each_byte() {
        for payload in
            ["plain".as_bytes(), "温度=30℃".as_bytes(), b"\x00\x1b[2J\xff\xc3", "e\u{301}\u{202e}🙂".as_bytes()]
        {
            for line in text_of(payload, 8).iter().zip(payload.chunks(8)) {
                assert_eq!(text::width(line.0), line.1.len(), "{:?}", line.0);
            }
        }
        assert_eq!(text_of("温度ab".as_bytes(), 16), ["温 度 ab"]);
        assert_eq!(text_of("a温".as_bytes(), 2), ["a·", "··"], "a cut character is not guessed");
    }

    #[test]
    fn no_control_or_override_reaches_the_text_column() {
        let shown: String = text_of("a\u{1b}[31m\u{202e}b\u{7f}\n".as_bytes(), 32).concat();
        assert!(!shown.chars().any(text::is_hidden), "{shown:?}");
    }

    #[test]
    fn as_many_bytes_are_shown_as_fit() {
        for cells in 0..200 {
            let bytes = per_row(cells);
            assert!(bytes == 4 || 12 + bytes * 4 + bytes / 8 <= cells);
        }
        assert_eq!((per_row(78), per_row(50), per_row(160)), (16, 8, 32));
    }

    #[test]
    fn the_cursor_stays_within_the_bytes() {
        let mut hex = Hex::new(20);
        hex.step_rows(1, 16);
        assert_eq!(hex.cursor(), 16);
        hex.step_rows(5, 16);
        assert_eq!(hex.cursor(), 19);
        hex.step_rows(-9, 16);
        assert_eq!(hex.cursor(), 3);
        hex.step(-9);
        assert_eq!(hex.cursor(), 0);
        Hex::new(0).step(4);
    }
}
