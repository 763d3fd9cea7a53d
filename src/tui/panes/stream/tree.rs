//! The tree of topics, or of devices.

use std::time::Duration;

use ratatui::layout::Rect;

use crate::app::stream::spark;
use crate::app::stream::tree::{Sort, Tally};
use crate::app::stream::{Grouping, NodeId, TreeRow};
use crate::app::{App, Place, Target};
use crate::base::text::{duration_short, group_digits, printable, width};
use crate::tui::frame::Canvas;
use crate::tui::panes::stream::texts;
use crate::tui::theme::Role;

/// Draws the tree.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App, focus: bool) {
    let tree = &app.stream.tree;
    let topics = u64::try_from(tree.topics()).unwrap_or(u64::MAX);
    let named = match tree.grouping() {
        Grouping::Topics => texts::TOPICS,
        Grouping::Devices => texts::DEVICES,
    };
    let mut title = format!("{} {}", canvas.words(&named), group_digits(topics));
    if tree.sort() != Sort::Name {
        let words = match tree.sort() {
            Sort::Name => texts::BY_NAME,
            Sort::Rate => texts::BY_RATE,
            Sort::Count => texts::BY_COUNT,
            Sort::Recent => texts::BY_TIME,
        };
        title = format!("{title} · {}", canvas.words(&words));
    }
    let inside = canvas.frame(area, &title, focus);
    canvas.hit(area, Target::Area(Place::Tree));
    let height = usize::from(inside.height);
    let first = tree.first_row(height);
    let gists = app.stream.tree_gists();
    for (index, row) in tree.rows().iter().skip(first).take(height).enumerate() {
        let y = inside.y + u16::try_from(index).unwrap_or_default();
        let line = Rect::new(inside.x, y, inside.width.saturating_sub(1), 1);
        draw_row(canvas, line, app, row, gists.get(index).map(String::as_str).unwrap_or_default());
        canvas.hit(line, Target::Row(Place::Tree, first + index));
        if row.node == tree.selected() {
            let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            canvas.paint(line, style);
        }
    }
    canvas.scrollbar(inside, first, height, tree.rows().len());
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, app: &App, row: &TreeRow, gist: &str) {
    let tree = &app.stream.tree;
    let tally = tree.tally(row.node);
    let right = match tally.silent {
        Some(silent) => silence(canvas, silent),
        None => traffic(&tally, line.width),
    };
    let right_width = u16::try_from(width(&right)).unwrap_or_default();
    let room = line.width.saturating_sub(right_width + 1);

    // Deep levels are drawn at most half-way in: what a level is called matters more than how deep it is.
    let indent = u16::try_from(row.depth * 2).unwrap_or(u16::MAX).min(line.width / 2);
    let mark = match tree.folded(row.node) {
        Some(true) => "▸ ",
        Some(false) => "▾ ",
        None => "  ",
    };
    let label = match row.node {
        NodeId::ALL => canvas.words(&texts::ALL_TOPICS).to_owned(),
        NodeId::OVERFLOW if tree.grouping() == Grouping::Devices => canvas.words(&texts::FURTHER_DEVICES).to_owned(),
        NodeId::OVERFLOW => canvas.words(&texts::FURTHER_TOPICS).to_owned(),
        _ => tree.label(row),
    };
    let label = if label.is_empty() { canvas.words(&texts::EMPTY_LEVEL).to_owned() } else { label };
    let mark = if row.node == NodeId::ALL { "" } else { mark };
    let label = shorten(&printable(&label), usize::from(room.saturating_sub(indent + 2)));
    let mut x = line.x + indent;
    x += canvas.pieces(x, line.y, room.saturating_sub(indent), &[(mark, Role::Dim), (&label, Role::Text)]);
    let left = (line.x + room).saturating_sub(x + 2);
    if left >= 4 && !gist.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.text(x + 2, line.y, left, gist, style);
    }
    let style = canvas.style(match (tally.silent, tally.rate > 0.0) {
        (Some(_), _) => Role::Warning,
        (None, true) => Role::Good,
        (None, false) => Role::Dim,
    });
    canvas.text(line.right().saturating_sub(right_width), line.y, right_width, &right, style);
}

/// A path that does not fit keeps its end: that is where paths differ.
fn shorten(label: &str, cells: usize) -> String {
    if width(label) <= cells || cells < 2 {
        return label.to_owned();
    }
    let mut from = label.len();
    let mut used = 1;
    for (at, c) in label.char_indices().rev() {
        used += width(c.encode_utf8(&mut [0; 4]));
        if used > cells {
            break;
        }
        from = at;
    }
    format!("…{}", label.get(from..).unwrap_or_default())
}

/// `silent 45 s`
fn silence(canvas: &Canvas<'_>, silent: Duration) -> String {
    texts::SILENT.fill(canvas.lang, &[&duration_short(silent)])
}

/// Rate while something comes, count otherwise; both where there is room.
fn traffic(tally: &Tally, cells: u16) -> String {
    let count = group_digits(tally.count);
    let rate = match tally.rate {
        rate if rate <= 0.0 => String::new(),
        rate if rate < 9.95 => format!("{rate:.1}/s"),
        rate => format!("{rate:.0}/s"),
    };
    match (rate.is_empty(), cells >= 34) {
        (true, _) => count,
        (false, true) if cells >= 44 => format!("{} {count} {rate:>7}", spark::line(&tally.recent)),
        (false, true) => format!("{count} {rate:>7}"),
        (false, false) => rate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_keeps_its_end() {
        assert_eq!(shorten("$sys/p1/lamp/thing", 9), "…mp/thing");
        assert_eq!(shorten("温度/湿度", 5), "…湿度");
        assert_eq!(shorten("abc", 3), "abc");
    }

    #[test]
    fn rates_are_short() {
        let tally = |rate| Tally { count: 12_345, rate, ..Tally::default() };
        assert_eq!(traffic(&tally(0.0), 40), "12,345");
        assert_eq!(traffic(&tally(0.31), 20), "0.3/s");
        assert_eq!(traffic(&tally(1234.5), 40), "12,345  1234/s");
    }
}
