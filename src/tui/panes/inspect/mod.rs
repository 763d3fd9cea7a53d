//! A message taken apart: fields beside bytes, indented JSON, the text as it is.

use ratatui::layout::Rect;

use crate::app::inspect::{HeaderLine, Inspector, Mode, Row, hex};
use crate::app::{App, Place, Target};
use crate::base::text::width;
use crate::model::Severity;
use crate::tui::frame::Canvas;
use crate::tui::panes::stream::outcome_role;
use crate::tui::theme::Role;

mod related;
mod texts;

/// Draws the inspector.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App, focus: bool) {
    let inspector = &app.stream.inspector;
    let inside = canvas.frame(area, "", focus);
    canvas.hit(area, Target::Area(Place::Inspect));
    draw_tabs(canvas, area, inspector);
    let header = u16::try_from(app.stream.header_rows()).unwrap_or_default().min(inside.height);
    draw_header(canvas, Rect { height: header, ..inside }, inspector);
    let body = Rect { y: inside.y + header, height: inside.height - header, ..inside };
    match inspector.mode() {
        Mode::Fields | Mode::Hex if app.stream.is_split() => {
            let bytes = u16::try_from(app.stream.hex_columns()).unwrap_or_default().min(body.width);
            let left = Rect { width: body.width - bytes, ..body };
            draw_fields(canvas, left, inspector, focus);
            draw_bytes(canvas, Rect { x: left.right(), width: bytes, ..body }, app, focus);
        }
        Mode::Fields => draw_fields(canvas, body, inspector, focus),
        Mode::Hex => draw_bytes(canvas, body, app, focus),
        Mode::Pretty | Mode::Raw => draw_text(canvas, body, inspector),
        Mode::Diff => related::draw_diff(canvas, body, inspector),
        Mode::History => related::draw_history(canvas, body, inspector),
    }
}

/// The ways to look at it, on the upper border.
fn draw_tabs(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector) {
    let title = format!(" {} ", canvas.words(&texts::INSPECT));
    let style = canvas.style(Role::Title);
    let mut x = area.x + 1;
    x += canvas.text(x, area.y, area.width.saturating_sub(3), &title, style);
    for (index, mode) in Mode::ALL.iter().enumerate() {
        let role = if *mode == inspector.mode() { Role::Tab } else { Role::Text };
        let style = canvas.style(role);
        let label = format!(" {} ", canvas.words(&mode.title()));
        let used = canvas.text(x, area.y, area.right().saturating_sub(x + 1), &label, style);
        canvas.hit(Rect::new(x, area.y, used, 1), Target::Part(Place::Inspect, 2, index));
        x += used;
    }
}

fn draw_header(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector) {
    for (row, (line, text)) in inspector.header_lines().into_iter().enumerate().take(usize::from(area.height)) {
        let role = match line {
            HeaderLine::Topic => Role::Title,
            HeaderLine::Warning => Role::Warning,
            HeaderLine::Outcome => outcome_role(inspector.header().outcome),
            HeaderLine::Pieces => Role::Text,
            HeaderLine::Summary => Role::Dim,
        };
        let style = canvas.style(role);
        let y = area.y + u16::try_from(row).unwrap_or_default();
        canvas.text(area.x + 1, y, area.width.saturating_sub(1), &text, style);
    }
}

fn draw_fields(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector, focus: bool) {
    let fields = inspector.fields();
    let height = usize::from(area.height);
    let first = fields.first_row(height);
    if fields.rows().is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(area, canvas.words(&texts::NO_FIELDS), style);
    }
    for (index, row) in fields.rows().iter().enumerate().skip(first).take(height) {
        let y = area.y + u16::try_from(index - first).unwrap_or_default();
        let line = Rect { y, height: 1, ..area };
        match row {
            Row::Problem(place) => draw_problem(canvas, line, inspector, *place),
            Row::Field(place) => draw_field(canvas, line, inspector, *place),
        }
        canvas.hit(line, Target::Part(Place::Inspect, 0, index));
        if index == fields.cursor() {
            let role = if focus && inspector.mode() == Mode::Fields { Role::Selected } else { Role::SelectedElsewhere };
            let style = canvas.style(role);
            canvas.paint(line, style);
        }
    }
    canvas.scrollbar(area, first, height, fields.rows().len());
}

fn draw_problem(canvas: &mut Canvas<'_>, line: Rect, inspector: &Inspector, place: usize) {
    let Some(problem) = inspector.fields().problem(place) else { return };
    let (mark, role) = match problem.severity {
        Severity::Error => ("✗", Role::Bad),
        Severity::Warning => ("!", Role::Warning),
        Severity::Info => ("i", Role::Busy),
    };
    let offset = texts::AT_BYTE.fill(canvas.lang, &[&problem.offset]);
    canvas.pieces(
        line.x + 1,
        line.y,
        line.width.saturating_sub(1),
        &[
            (mark, role),
            (" ", Role::Text),
            (head(&problem.message, line.width), role),
            (" ", Role::Text),
            (&offset, Role::Dim),
        ],
    );
}

fn draw_field(canvas: &mut Canvas<'_>, line: Rect, inspector: &Inspector, place: usize) {
    let fields = inspector.fields();
    let Some(field) = fields.field(place) else { return };
    let indent = u16::try_from(field.depth * 2).unwrap_or(u16::MAX).min(line.width / 2);
    let mark = match (fields.has_parts(place), fields.is_folded(place)) {
        (true, true) => "▸ ",
        (true, false) => "▾ ",
        _ => "  ",
    };
    let note = field.note.as_deref().map(|note| format!("  {}", head(note, line.width))).unwrap_or_default();
    let between = if field.value.is_empty() { "" } else { "  " };
    canvas.pieces(
        line.x + 1 + indent,
        line.y,
        line.width.saturating_sub(1 + indent),
        &[
            (mark, Role::Dim),
            (head(&field.name, line.width), Role::Name),
            (between, Role::Text),
            (head(&field.value, line.width), Role::Text),
            (&note, Role::Dim),
        ],
    );
}

/// As much of a text as can possibly be seen: a value may have a million characters.
fn head(text: &str, cells: u16) -> &str {
    text.get(..text.floor_char_boundary(usize::from(cells) * 8)).unwrap_or_default()
}

fn draw_bytes(canvas: &mut Canvas<'_>, area: Rect, app: &App, focus: bool) {
    let inspector = &app.stream.inspector;
    let per_row = app.stream.per_row();
    let height = usize::from(area.height);
    let place = inspector.hex();
    let first = place.first_row(height, per_row);
    let range = inspector.highlight().unwrap_or_default();
    let plain = canvas.style(Role::Text);
    let dim = canvas.style(Role::Dim);
    let hit = canvas.style(Role::Hit);
    let cursor =
        canvas.style(if focus && inspector.mode() == Mode::Hex { Role::Selected } else { Role::SelectedElsewhere });
    if inspector.payload().is_empty() {
        canvas.paragraph(area, canvas.words(&texts::NO_BYTES), dim);
    }
    // Eight digits of offset, two spaces; then three cells for each byte and one more after each eighth.
    let text_start = area.x + 10 + u16::try_from(per_row * 3 + per_row / 8).unwrap_or_default() + 1;
    for index in 0..height {
        let Some(row) = hex::row(inspector.payload(), first + index, per_row) else { break };
        let y = area.y + u16::try_from(index).unwrap_or_default();
        canvas.text(area.x, y, 8.min(area.width), &format!("{:08x}", row.offset), dim);
        for (column, byte) in row.bytes.iter().enumerate() {
            let cells = u16::try_from(column * 3 + column / 8).unwrap_or_default();
            let x = area.x + 10 + cells;
            let style = if byte.offset == place.cursor() {
                cursor
            } else if range.contains(&byte.offset) {
                hit
            } else {
                plain
            };
            if x + 2 <= area.right() {
                canvas.text(x, y, 2, &format!("{:02x}", byte.value), style);
                canvas.hit(Rect::new(x, y, 2, 1), Target::Part(Place::Inspect, 1, byte.offset));
            }
            let x = text_start + u16::try_from(column).unwrap_or_default();
            if x < area.right() {
                let cells = u16::try_from(width(&byte.text)).unwrap_or_default();
                canvas.text(x, y, cells.min(area.right() - x), &byte.text, style);
                canvas.hit(Rect::new(x, y, 1, 1), Target::Part(Place::Inspect, 1, byte.offset));
            }
        }
    }
    canvas.scrollbar(area, first, height, inspector.payload().len().div_ceil(per_row.max(1)));
}

fn draw_text(canvas: &mut Canvas<'_>, area: Rect, inspector: &Inspector) {
    let Some((lines, bytes)) = inspector.lines() else { return };
    let height = usize::from(area.height);
    let first = lines.first_row(height);
    let style = canvas.style(Role::Text);
    for index in 0..height {
        let Some(text) = lines.row(bytes, first + index) else { break };
        canvas.text(area.x, area.y + u16::try_from(index).unwrap_or_default(), area.width, &text, style);
    }
    canvas.scrollbar(area, first, height, lines.len());
}
