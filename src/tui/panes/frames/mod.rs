//! The Frames tab: the list over fields and bytes side by side, over the explanation.

mod bytes;
mod texts;

use ratatui::layout::Rect;

use crate::app::frames::Tone;
use crate::app::picker::Picker;
use crate::app::{App, Place, Target};
use crate::base::text::{printable, width};
use crate::base::wrap::wrap;
use crate::dialect::lab::{Cell, Template};
use crate::model::Severity;
use crate::tui::frame::Canvas;
use crate::tui::panes::overlay;
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let layout = app.frames.layout;
    if app.frames.entries().is_empty() {
        return empty(canvas, area, app);
    }
    let list_area = Rect { height: layout.list.min(area.height), ..area };
    let middle = Rect { y: list_area.bottom(), height: layout.middle.min(area.bottom() - list_area.bottom()), ..area };
    let foot = Rect { y: middle.bottom(), height: area.bottom() - middle.bottom(), ..area };
    let cells = layout.bytes.min(middle.width);
    let left = Rect { width: middle.width - cells, ..middle };
    list(canvas, list_area, app);
    fields(canvas, left, app);
    bytes::draw(canvas, Rect { x: left.right(), width: cells, ..middle }, app);
    explanation(canvas, foot, app);
}

/// What can be done while nothing lies on the bench.
fn empty(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let inner = canvas.frame(area, canvas.words(&Place::FrameList.title()), true);
    canvas.hit(area, Target::Area(Place::FrameList));
    let text = Rect::new(inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), inner.height.saturating_sub(1));
    let style = canvas.style(Role::Text);
    let used = canvas.paragraph(text, canvas.words(&texts::EMPTY), style);
    let (name, _) = app.frames_model();
    let rest = Rect { y: text.y + used + 1, height: text.height.saturating_sub(used + 1), ..text };
    let style = canvas.style(Role::Dim);
    canvas.paragraph(rest, &texts::TITLE.fill(canvas.lang, &[&app.frames_form_words(), &name]), style);
}

/// The frames, each with its time, what changed in it, and what it says.
fn list(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let frames = &app.frames;
    let focus = app.frames_focus() == Place::FrameList;
    let (definition, _) = app.frames_model();
    let count = frames.entries().len();
    let title = texts::LIST.fill(canvas.lang, &[&(frames.cursor + 1), &count, &app.frames_form_words(), &definition]);
    let inner = canvas.frame(area, &title, focus);
    canvas.hit(area, Target::Area(Place::FrameList));
    let height = usize::from(inner.height);
    let first = frames.first_entry();
    let digits = count.to_string().len();
    let entries = || frames.entries().iter().skip(first).take(height);
    let of = |text: &str| width(&printable(text)).min(28);
    let stamp_cells = entries().map(|entry| of(&entry.caught.stamp)).max().unwrap_or_default();
    let lead_cells = entries().map(|entry| of(&entry.caught.lead)).max().unwrap_or_default().min(16);
    for (offset, entry) in entries().enumerate() {
        let place = first + offset;
        let y = inner.y + u16::try_from(offset).unwrap_or_default();
        let row = Rect::new(inner.x, y, inner.width, 1);
        canvas.hit(row, Target::Row(Place::FrameList, place));
        let told = entry.told.as_ref();
        let (mark, role) = match told.and_then(|told| told.worst) {
            Some(Severity::Error) => ("✗", Role::Bad),
            Some(Severity::Warning) => ("!", Role::Warning),
            _ if frames.against == Some(place) => ("=", Role::Busy),
            _ => (" ", Role::Text),
        };
        let number = format!("{:>digits$}", place + 1);
        let mut x = row.x;
        x +=
            canvas.pieces(x, y, row.width, &[(&number, Role::Dim), (" ", Role::Text), (mark, role), (" ", Role::Text)]);
        for (text, cells, role) in
            [(&entry.caught.stamp, stamp_cells, Role::Dim), (&entry.caught.lead, lead_cells, Role::Name)]
        {
            if cells > 0 {
                let room = u16::try_from(cells).unwrap_or_default().min(row.right().saturating_sub(x));
                let style = canvas.style(role);
                canvas.text(x, y, room, text, style);
                x = (x + room + 1).min(row.right());
            }
        }
        let changes = frames.changes(place);
        let shown = if changes.len() > 3 {
            format!("{} … ({})", changes.iter().take(3).cloned().collect::<Vec<_>>().join(", "), changes.len())
        } else if changes.is_empty() {
            String::new()
        } else {
            changes.join(", ")
        };
        let summary = told.map(|told| head(&told.summary, row.width)).unwrap_or_default();
        let room = row.right().saturating_sub(x);
        let between = if shown.is_empty() { "" } else { "  " };
        canvas.pieces(x, y, room, &[(&shown, Role::Hit), (between, Role::Text), (summary, Role::Text)]);
        select(canvas, row, place == frames.cursor, focus);
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, height, count);
}

/// Lays the style of the selection over a row.
fn select(canvas: &mut Canvas<'_>, row: Rect, selected: bool, focus: bool) {
    if selected {
        let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
        canvas.paint(row, style);
    }
}

/// As much of a text as can possibly be seen.
fn head(text: &str, cells: u16) -> &str {
    text.get(..text.floor_char_boundary(usize::from(cells) * 4)).unwrap_or_default()
}

/// The colour of a field, by its place in the sheet: the same in fields and bytes.
fn colour(canvas: &Canvas<'_>, cell: &Cell, place: usize) -> ratatui::style::Style {
    if cell.has_parts { canvas.style(Role::Title) } else { canvas.theme.connection(place) }
}

fn fields(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let frames = &app.frames;
    let focus = app.frames_focus() == Place::FrameFields;
    let inner = canvas.frame(area, canvas.words(&Place::FrameFields.title()), focus);
    canvas.hit(area, Target::Area(Place::FrameFields));
    let rows = frames.rows();
    let height = usize::from(inner.height);
    let first = frames.first_row();
    let name_cells = rows
        .iter()
        .filter_map(|place| frames.sheet.cells.get(*place))
        .map(|cell| width(&printable(&cell.name)) + cell.depth * 2)
        .max()
        .unwrap_or_default();
    let name_cells = u16::try_from(name_cells).unwrap_or(20).clamp(6, (inner.width / 2).max(6));
    // Where there is room the type stands at the right.
    let kind_cells = if inner.width >= 64 { 22 } else { 0 };
    for (offset, place) in rows.iter().skip(first).take(height).enumerate() {
        let Some(cell) = frames.sheet.cells.get(*place) else { continue };
        let y = inner.y + u16::try_from(offset).unwrap_or_default();
        let row = Rect::new(inner.x, y, inner.width, 1);
        canvas.hit(row, Target::Row(Place::FrameFields, *place));
        let here = *place == frames.cell_place();
        let fold = match (cell.has_parts, frames.is_folded(cell)) {
            (true, true) => "▸",
            (true, false) => "▾",
            _ => " ",
        };
        let dim = canvas.style(Role::Dim);
        canvas.text(row.x, y, 1, fold, dim);
        let indent = u16::try_from(cell.depth * 2).unwrap_or_default().min(name_cells);
        let style = colour(canvas, cell, *place);
        let name_room = name_cells.saturating_sub(indent).min(row.width.saturating_sub(2 + indent));
        canvas.text(row.x + 2 + indent, y, name_room, &cell.name, style);
        let x = row.x + 3 + name_cells;
        let room = row.right().saturating_sub(x + kind_cells);
        let value = Rect::new(x.min(row.right()), y, room, 1);
        match frames.editing.as_ref().filter(|_| here) {
            Some(edit) => input::draw(canvas, value, edit, true),
            None => {
                let note = cell.note.as_deref().map(|note| format!("  {}", head(note, room))).unwrap_or_default();
                let problem = frames.sheet.problems.iter().any(|problem| {
                    problem.severity == Severity::Error && problem.offset == cell.range.start && !cell.has_parts
                });
                let role = if problem { Role::Bad } else { Role::Text };
                canvas.pieces(value.x, y, value.width, &[(head(&cell.value, room), role), (&note, Role::Dim)]);
            }
        }
        if kind_cells > 0 {
            canvas.text(row.right() - kind_cells + 1, y, kind_cells - 1, &cell.kind, dim);
        }
        if !(here && frames.editing.is_some()) {
            select(canvas, row, here, focus);
        }
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, height, rows.len());
}

fn explanation(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    if area.height < 3 {
        return;
    }
    let inner = canvas.frame(area, canvas.words(&texts::EXPLANATION), false);
    let mut y = inner.y;
    for (tone, words) in app.frame_lines() {
        let role = match tone {
            Tone::Field => Role::Title,
            Tone::Plain => Role::Text,
            Tone::Dim => Role::Dim,
            Tone::Good => Role::Good,
            Tone::Problem(Severity::Error) => Role::Bad,
            Tone::Problem(Severity::Warning) => Role::Warning,
            Tone::Problem(Severity::Info) => Role::Busy,
        };
        let mark = match tone {
            Tone::Problem(Severity::Error) => "✗ ",
            Tone::Problem(Severity::Warning) => "! ",
            Tone::Good => "✓ ",
            _ => "",
        };
        let style = canvas.style(role);
        for line in wrap(&printable(&format!("{mark}{words}")), usize::from(inner.width)) {
            if y >= inner.bottom() {
                // Nothing is left out without a sign.
                let dim = canvas.style(Role::Dim);
                canvas.text(inner.right().saturating_sub(2), inner.bottom() - 1, 2, " …", dim);
                return;
            }
            canvas.text(inner.x, y, inner.width, &line, style);
            y += 1;
        }
    }
}

/// The frames that can be built.
pub fn templates(canvas: &mut Canvas<'_>, window: Rect, picker: &Picker<Template>) {
    let rows = window.height.saturating_sub(4).min(26);
    let area = Rect { y: window.y + 2, ..overlay::centred(window, 76, rows) };
    let inner = overlay::open(canvas, area, canvas.words(&Place::Templates.title()), Place::Templates);
    input::draw(canvas, Rect { height: 1, ..inner }, &picker.edit, true);
    let rows = Rect::new(inner.x, inner.y + 2, inner.width, inner.height.saturating_sub(2));
    let height = usize::from(rows.height);
    let first = (picker.cursor + 1).saturating_sub(height);
    for (index, template) in picker.rows().enumerate().skip(first).take(height) {
        let y = rows.y + u16::try_from(index - first).unwrap_or_default();
        let row = Rect::new(rows.x, y, rows.width, 1);
        let (name, text, dim) = (canvas.style(Role::Name), canvas.style(Role::Text), canvas.style(Role::Dim));
        canvas.text(row.x, y, 16, &template.name, name);
        canvas.text(row.x + 17, y, row.width.saturating_sub(27), canvas.words(&template.title), text);
        canvas.text(row.right().saturating_sub(8), y, 8, template.form, dim);
        select(canvas, row, index == picker.cursor, true);
        canvas.hit(row, Target::Row(Place::Templates, index));
    }
}
