//! How the filter could go on, below the box it is typed into.

use ratatui::layout::Rect;

use crate::app::App;
use crate::base::text::{printable, width};
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;

/// Rows shown at once.
const MAX_ROWS: usize = 8;
/// Cells for the help beside the longest text.
const HELP_CELLS: usize = 44;

/// Draws the ways to go on over the first rows of the list.
pub fn draw(canvas: &mut Canvas<'_>, inside: Rect, app: &App) {
    let filter = &app.stream.filter;
    let found = filter.completions();
    if !filter.is_editing() || found.is_empty() || inside.height < 3 {
        return;
    }
    let rows = found.len().min(MAX_ROWS).min(usize::from(inside.height) - 1);
    let chosen = filter.chosen().unwrap_or(0);
    let first = (chosen + 1).saturating_sub(rows);
    let longest = found.iter().map(|completion| width(&completion.text)).max().unwrap_or(0);
    let cells = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let area = Rect { width: cells(longest + HELP_CELLS).min(inside.width), height: cells(rows), ..inside };
    let plain = canvas.style(Role::Text);
    canvas.clear(area, plain);
    for (row, (index, completion)) in (area.y..area.bottom()).zip(found.iter().enumerate().skip(first)) {
        let key = canvas.style(Role::Key);
        canvas.text(area.x + 1, row, cells(longest), &printable(&completion.text), key);
        let dim = canvas.style(Role::Dim);
        let help = completion.help.render(canvas.lang);
        let from = area.x + cells(longest) + 3;
        canvas.text(from, row, area.right().saturating_sub(from), &printable(&help), dim);
        if filter.chosen() == Some(index) {
            let selected = canvas.style(Role::Selected);
            canvas.paint(Rect { y: row, height: 1, ..area }, selected);
        }
    }
}
