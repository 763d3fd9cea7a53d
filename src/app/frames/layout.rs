//! How the tab is divided: the list over fields and bytes side by side, over the explanation.

/// A window at least so wide has room for everything side by side.
const WIDE: u16 = 110;

/// Sizes of the areas, their borders included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// Rows of the list.
    pub list: u16,
    /// Rows of fields and bytes.
    pub middle: u16,
    /// Rows of the explanation.
    pub foot: u16,
    /// Cells of the bytes, at the right of the fields.
    pub bytes: u16,
    /// Bytes on a line.
    pub per_row: usize,
    /// Whether characters stand beside the bytes.
    pub with_text: bool,
    /// Lines that a row of bytes takes: two where the heat is shown.
    pub lines: u16,
}

impl Layout {
    /// Divides so many cells and rows.
    pub fn new(width: u16, height: u16, frames: usize, heat: bool) -> Layout {
        let frames = u16::try_from(frames).unwrap_or(u16::MAX);
        let list = frames.max(1).saturating_add(2).min(height * 3 / 10).max(3);
        let foot = (height / 4).clamp(6, 14);
        let middle = height.saturating_sub(list + foot);
        let with_text = width >= WIDE;
        let per_row = match width {
            160.. => 16,
            _ => 8,
        };
        // Four digits of offset and two blanks, three cells a byte and one after each eighth, characters.
        let cells = 7 + per_row * 3 + per_row / 8 + if with_text { per_row + 2 } else { 0 };
        let bytes = u16::try_from(cells + 2).unwrap_or(u16::MAX).min(width / 2);
        Layout { list, middle, foot, bytes, per_row, with_text, lines: 1 + u16::from(heat) }
    }

    /// Rows inside an area.
    pub fn inside(rows: u16) -> usize {
        usize::from(rows.saturating_sub(2))
    }

    /// Rows of bytes that are seen.
    pub fn byte_rows(&self) -> usize {
        Layout::inside(self.middle) / usize::from(self.lines.max(1))
    }
}
