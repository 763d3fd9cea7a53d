//! The Stream tab: topics, messages, the message taken apart.

mod completions;
mod list;
pub use list::outcome_role;
mod texts;
mod tree;

#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use crate::app::splits::{Handle, Split};
use crate::app::stream::Cells;
use crate::app::{App, Place, Target};
use crate::tui::frame::Canvas;
use crate::tui::panes::inspect;

/// Draws the tab as [`App::prepare`] has laid it out.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let layout = *app.stream.layout();
    let focus = app.stream_focus();
    let place = |cells: Cells| place(area, cells);
    if layout.tree.is_usable() {
        tree::draw(canvas, place(layout.tree), app, focus == Place::Tree);
    }
    if layout.list.is_usable() {
        list::draw(canvas, place(layout.list), app, focus == Place::Stream);
    }
    if layout.inspect.is_usable() {
        inspect::draw(canvas, place(layout.inspect), app, focus == Place::Inspect);
    }
    // Borders between two areas that are shown can be moved.
    if layout.tree.is_usable() && layout.tree.width < area.width {
        let border = Rect { x: area.x + layout.tree.width - 1, width: 2, ..area };
        let handle = Handle { split: Split::Tree, start: area.x, length: area.width, sideways: true };
        canvas.hit(border, Target::Split(handle));
    }
    if layout.list.is_usable() && layout.inspect.is_usable() {
        let list = place(layout.list);
        let border = Rect { y: list.bottom().saturating_sub(1), height: 1, ..list };
        let handle = Handle { split: Split::Inspect, start: area.y, length: area.height, sideways: false };
        canvas.hit(border, Target::Split(handle));
    }
}

/// The cells of an area on the screen.
fn place(area: Rect, cells: Cells) -> Rect {
    let x = area.x.saturating_add(cells.x);
    let y = area.y.saturating_add(cells.y);
    Rect { x, y, width: cells.width, height: cells.height }.intersection(area)
}
