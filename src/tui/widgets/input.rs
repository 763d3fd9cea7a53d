//! Text as it is being typed, with the terminal's own cursor in it.

use ratatui::layout::{Position, Rect};

use crate::app::edit::TextEdit;
use crate::base::text::{printable, width};
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;

/// Draws a text of one or more lines so that the cursor is seen, scrolled where it must be.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, edit: &TextEdit, focus: bool) {
    if area.is_empty() {
        return;
    }
    let (row, column) = edit.cursor();
    let height = usize::from(area.height);
    let top = (row + 1).saturating_sub(height);
    let cells = usize::from(area.width);
    let before = edit.lines().get(row).and_then(|line| line.get(..column)).unwrap_or_default();
    // One cell is kept free for the cursor at the end.
    let skip = if focus { (width(&printable(before)) + 1).saturating_sub(cells) } else { 0 };
    let style = canvas.style(if focus && height == 1 { Role::InputFocus } else { Role::Input });
    if height == 1 {
        canvas.fill(area, style);
    }
    for (index, line) in edit.lines().iter().enumerate().skip(top).take(height) {
        let y = area.y + u16::try_from(index - top).unwrap_or_default();
        let shown = printable(line);
        let shown = if index == row { after_cells(&shown, skip) } else { &shown };
        canvas.text(area.x, y, area.width, shown, style);
    }
    if focus {
        let x = u16::try_from(width(&printable(before)).saturating_sub(skip)).unwrap_or(area.width);
        let y = u16::try_from(row - top).unwrap_or_default();
        canvas.cursor = Some(Position::new(area.x + x.min(area.width - 1), area.y + y.min(area.height - 1)));
    }
}

/// What is left of a text after so many cells.
fn after_cells(text: &str, cells: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        if used >= cells {
            return text.get(at..).unwrap_or_default();
        }
        used += width(c.encode_utf8(&mut [0; 4]));
    }
    if used >= cells && cells > 0 { "" } else { text }
}
