//! The Stream tab.

use ratatui::layout::Rect;

use crate::app::{App, Place, Target};
use crate::base::text::local_time;
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let inner = canvas.frame(area, canvas.words(&Place::Stream.title()), true);
    let list = &app.stream.list;
    let first = list.first_row(usize::from(inner.height));
    for (row, seq) in (0..inner.height).zip(list.rows(first)) {
        let Some(message) = app.store.get(seq) else { continue };
        let y = inner.y + row;
        let line = format!("{} {} {}", local_time(message.at), message.meta.kind.title().get(app.lang), message.topic);
        let style = canvas.style(if list.selected() == Some(seq) { Role::Selected } else { Role::Text });
        canvas.text(inner.x, y, inner.width, &line, style);
        canvas.hit(Rect::new(inner.x, y, inner.width, 1), Target::Message(seq));
    }
}
