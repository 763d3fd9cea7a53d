//! The bytes of a frame in the colours of their fields, with the heat of each below it where that is shown.

use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;

use crate::app::inspect::hex;
use crate::app::{App, Place, Target};
use crate::base::text::width;
use crate::tui::frame::Canvas;
use crate::tui::panes::frames::colour;
use crate::tui::theme::Role;

/// How much a byte changes.
const LEVELS: [&str; 5] = ["  ", "▁▁", "▃▃", "▅▅", "▇▇"];

/// Draws them.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let frames = &app.frames;
    let focus = app.frames_focus() == Place::FrameBytes;
    let place = if frames.typing.is_some() { Place::FrameType } else { Place::FrameBytes };
    let inner = canvas.frame(area, canvas.words(&place.title()), focus);
    canvas.hit(area, Target::Area(Place::FrameBytes));
    let Some(entry) = frames.entry() else { return };
    let bytes = entry.bytes();
    let (layout, cursor) = (frames.layout, frames.hex.cursor());
    let per_row = layout.per_row;
    let rows = layout.byte_rows().max(1);
    let first = frames.hex.first_row(rows, per_row);
    let selected = frames.cell().map(|cell| cell.range.clone()).unwrap_or_default();
    let dim = canvas.style(Role::Dim);
    let text_start = inner.x + 6 + u16::try_from(per_row * 3 + per_row / 8).unwrap_or_default();
    for index in 0..rows {
        let Some(row) = hex::row(bytes, first + index, per_row) else { break };
        let y = inner.y + u16::try_from(index).unwrap_or_default() * layout.lines;
        if y >= inner.bottom() {
            break;
        }
        canvas.text(inner.x, y, 5, &format!("{:04x}", row.offset), dim);
        for (column, byte) in row.bytes.iter().enumerate() {
            let x = inner.x + 6 + u16::try_from(column * 3 + column / 8).unwrap_or_default();
            let field = frames.innermost(byte.offset);
            let cell = field.and_then(|place| Some((frames.sheet.cells.get(place)?, place)));
            let mut style = match cell {
                Some((cell, place)) => colour(canvas, cell, place),
                None => canvas.style(Role::Bad),
            };
            if frames.differs(byte.offset) {
                style = canvas.style(Role::Hit);
            }
            if selected.contains(&byte.offset) {
                style = style.add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED));
            }
            if byte.offset == cursor {
                style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            }
            if x + 2 <= inner.right() {
                canvas.text(x, y, 2, &format!("{:02x}", byte.value), style);
                canvas.hit(Rect::new(x, y, 2, 1), Target::Part(Place::FrameBytes, 0, byte.offset));
                if byte.offset == cursor && frames.typing.is_some() {
                    let half = u16::from(frames.typing.flatten().is_some());
                    canvas.cursor = Some(Position::new(x + half, y));
                }
                if layout.lines > 1 && y + 1 < inner.bottom() {
                    let level = LEVELS.get(frames.heat.level(byte.offset)).copied().unwrap_or_default();
                    let heat = canvas.style(Role::Warning);
                    canvas.text(x, y + 1, 2, level, heat);
                }
            }
            let x = text_start + u16::try_from(column).unwrap_or_default();
            if layout.with_text && x < inner.right() {
                let cells = u16::try_from(width(&byte.text)).unwrap_or_default();
                canvas.text(x, y, cells.min(inner.right() - x), &byte.text, style);
                canvas.hit(Rect::new(x, y, 1, 1), Target::Part(Place::FrameBytes, 0, byte.offset));
            }
        }
    }
    let total = bytes.len().div_ceil(per_row.max(1));
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, rows, total);
}
