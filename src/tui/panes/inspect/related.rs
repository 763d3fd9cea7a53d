//! The message beside others of its kind: differences, and a curve.

use ratatui::layout::Rect;

use crate::app::inspect::Inspector;
use crate::app::inspect::diff::Change;
use crate::base::text::{duration_short, fit, group_digits, local_time, printable, width};
use crate::tui::frame::Canvas;
use crate::tui::panes::inspect::texts;
use crate::tui::theme::Role;

/// Draws what differs from the message before.
pub fn draw_diff(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector) {
    let diff = inspector.diff();
    let dim = canvas.style(Role::Dim);
    let Some(ago) = &diff.before else {
        canvas.paragraph(area, canvas.words(&texts::NOTHING_BEFORE), dim);
        return;
    };
    let head = texts::DIFFERENCES.fill(canvas.lang, &[&diff.rows.len(), &diff.same, ago]);
    canvas.text(area.x + 1, area.y, area.width.saturating_sub(1), &head, dim);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let height = usize::from(body.height);
    let first = diff.first_row(height);
    let room = usize::from(body.width);
    for (index, row) in diff.rows.iter().enumerate().skip(first).take(height) {
        let y = body.y + u16::try_from(index - first).unwrap_or_default();
        let (mark, role) = match row.change {
            Change::Changed => ("~", Role::Warning),
            Change::Added => ("+", Role::Good),
            Change::Gone => ("-", Role::Bad),
        };
        let (path, before, now) = (printable(&row.path), cut(&row.before, room), cut(&row.now, room));
        let arrow = if row.change == Change::Changed { " → " } else { "" };
        canvas.pieces(
            body.x + 1,
            y,
            body.width.saturating_sub(1),
            &[
                (mark, role),
                (" ", Role::Text),
                (&path, Role::Name),
                ("  ", Role::Text),
                (&before, Role::Dim),
                (arrow, Role::Dim),
                (&now, role),
            ],
        );
    }
    canvas.scrollbar(body, first, height, diff.rows.len());
}

/// Draws the values of a field over time.
pub fn draw_history(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector) {
    let history = inspector.history();
    let dim = canvas.style(Role::Dim);
    let (Some(first), Some(last)) = (history.points.first(), history.points.last()) else {
        canvas.paragraph(area, canvas.words(&texts::NO_VALUES), dim);
        return;
    };
    let span = duration_short(last.at.since(first.at));
    let count = group_digits(u64::try_from(history.points.len()).unwrap_or(u64::MAX));
    let words = match history.range() {
        Some((least, most, _)) => texts::VALUES_RANGE.fill(canvas.lang, &[&least, &most, &last.text, &count, &span]),
        None => texts::VALUES.fill(canvas.lang, &[&printable(&last.text), &count, &span]),
    };
    let path = history.path.join(".");
    canvas.pieces(
        area.x + 1,
        area.y,
        area.width.saturating_sub(1),
        &[(&printable(&path), Role::Name), ("  ", Role::Text), (&words, Role::Dim)],
    );
    let mut y = area.y + 1;
    let rest = area.height.saturating_sub(1);
    let curve_rows = if history.range().is_some() { (rest * 2 / 3).clamp(rest.min(3), 16) } else { 0 };
    if let Some((least, most, _)) = history.range() {
        let labels = [most.to_string(), least.to_string()];
        let label = labels.iter().map(|label| width(label)).max().unwrap_or_default().min(12);
        let label_cells = u16::try_from(label).unwrap_or_default() + 1;
        let columns = area.width.saturating_sub(label_cells + 2);
        let curve = history.curve(usize::from(columns), usize::from(curve_rows));
        let drawn = u16::try_from(curve.len()).unwrap_or_default();
        for (row, line) in curve.iter().enumerate() {
            let at = y + u16::try_from(row).unwrap_or_default();
            let style = canvas.style(Role::Good);
            canvas.text(area.x + label_cells + 1, at, columns, line, style);
        }
        if drawn > 0 {
            let [upper, lower] = &labels;
            canvas.text(area.x + 1, y, label_cells, &fit(upper, label), dim);
            if drawn > 1 {
                canvas.text(area.x + 1, y + drawn - 1, label_cells, &fit(lower, label), dim);
            }
        }
        y += drawn;
    }
    let left = usize::from(area.bottom().saturating_sub(y));
    for point in history.changes().skip(history.top()).take(left) {
        let value = cut(&point.text, usize::from(area.width));
        let time = format!("{}  ", local_time(point.at));
        canvas.pieces(area.x + 1, y, area.width.saturating_sub(1), &[(&time, Role::Dim), (&value, Role::Text)]);
        y += 1;
    }
}

/// As much of a value as can be seen.
fn cut(text: &str, cells: usize) -> String {
    let head = text.get(..text.floor_char_boundary(cells * 8)).unwrap_or_default();
    printable(head).into_owned()
}
