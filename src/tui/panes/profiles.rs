//! The start page, the form of a profile, and the list of workspaces.

use ratatui::layout::Rect;

use crate::app::picker::Picker;
use crate::app::profiles::{Beginning, ProfileForm, Purpose, Row};
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::wrap::wrap;
use crate::profile::workspace::Workspace;
use crate::tui::frame::Canvas;
use crate::tui::panes::overlay::{centred, open};
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// Cells of the labels of a form.
const LABEL: u16 = 18;

/// What a person without profiles can begin with.
pub fn start(canvas: &mut Canvas<'_>, window: Rect, cursor: usize, app: &App) {
    let all = Beginning::all(app);
    let rows = u16::try_from(all.len()).unwrap_or(u16::MAX).saturating_mul(2);
    let inner = open(canvas, centred(window, 76, rows.saturating_add(6)), "iotdbg", Place::Start);
    let style = canvas.style(Role::Title);
    let used = canvas.paragraph(inner, canvas.words(&WELCOME), style);
    let lines = Rect { y: inner.y + used + 1, height: inner.height.saturating_sub(used + 1), ..inner };
    // Where not all fits, every line is one row and the help of the chosen one stands below.
    let tall = lines.height >= rows;
    let each = if tall { 2 } else { 1 };
    let room = usize::from(lines.height.saturating_sub(if tall { 0 } else { 2 }) / each);
    let first = (cursor + 1).saturating_sub(room.max(1));
    for (row, (index, beginning)) in (0..).zip(all.iter().enumerate().skip(first).take(room)) {
        let line = Rect { y: lines.y + row * each, height: 1, ..lines };
        let mark = if index == cursor { "▸ " } else { "  " };
        let style = canvas.style(Role::Key);
        canvas.text(line.x, line.y, 2, mark, style);
        let style = canvas.style(Role::Text);
        canvas.text(line.x + 2, line.y, line.width.saturating_sub(2), &beginning.title().render(app.lang), style);
        if index == cursor {
            let style = canvas.style(Role::Selected);
            canvas.paint(line, style);
        }
        if tall {
            let style = canvas.style(Role::Dim);
            canvas.text(line.x + 4, line.y + 1, line.width.saturating_sub(4), canvas.words(&beginning.help()), style);
        }
        canvas.hit(Rect { height: each, ..line }, Target::Row(Place::Start, index));
    }
    if !tall && let Some(beginning) = all.get(cursor) {
        let style = canvas.style(Role::Dim);
        let foot = Rect { y: lines.bottom().saturating_sub(1), height: 1, ..lines };
        canvas.paragraph(foot, canvas.words(&beginning.help()), style);
    }
}

/// The form of a profile.
pub fn form(canvas: &mut Canvas<'_>, window: Rect, form: &ProfileForm) {
    let rows = form.rows();
    let wanted = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(9);
    let title = match &form.purpose {
        Purpose::New => canvas.words(&NEW).to_owned(),
        Purpose::Edit(_, path) => path.display().to_string(),
    };
    let area = centred(window, 96, wanted);
    let inner = open(canvas, area, &title, Place::ProfileForm);
    let row = form.row();
    let help = row.as_ref().map(|row| form.help(row)).unwrap_or_default();
    let foot = inner.height.min(5);
    let body = Rect { height: inner.height - foot, ..inner };
    let height = usize::from(body.height);
    // Two more rows than the cursor needs: what comes next is seen.
    let first = (form.cursor + 3).min(rows.len()).saturating_sub(height.max(1));
    for (line, (index, row)) in (0..body.height).zip(rows.iter().enumerate().skip(first)) {
        let line = Rect { y: body.y + line, height: 1, ..body };
        form_row(canvas, line, form, row, index == form.cursor);
        canvas.hit(line, Target::Row(Place::ProfileForm, index));
    }
    canvas.scrollbar(Rect { width: area.width, x: area.x, ..body }, first, height, rows.len());
    let below = Rect { y: body.bottom(), height: foot, ..inner };
    let style = canvas.style(Role::Border);
    canvas.text(below.x, below.y, below.width, &"─".repeat(usize::from(below.width)), style);
    let state = Rect { y: below.y + 1, height: 1, ..below };
    match (row.as_ref().and_then(|row| form.fault_of(row)), form.fault()) {
        (Some(reason), _) => {
            let style = canvas.style(Role::Bad);
            canvas.text(state.x, state.y, state.width, &format!("✗ {}", reason.render(canvas.lang)), style);
        }
        (None, Some(fault)) => {
            let words = STILL.fill(canvas.lang, &[&fault.field, &fault.reason.render(canvas.lang)]);
            let style = canvas.style(Role::Warning);
            canvas.text(state.x, state.y, state.width, &words, style);
        }
        (None, None) => {
            let style = canvas.style(Role::Good);
            canvas.text(state.x, state.y, state.width, canvas.words(&COMPLETE), style);
        }
    }
    let style = canvas.style(Role::Dim);
    let lines = wrap(&help, usize::from(below.width));
    for (row, line) in (2..foot).zip(lines) {
        canvas.text(below.x, below.y + row, below.width, &line, style);
    }
}

fn form_row(canvas: &mut Canvas<'_>, line: Rect, form: &ProfileForm, row: &Row, chosen: bool) {
    let label = form.label(row);
    if matches!(row, Row::Heading(_)) {
        let style = canvas.style(Role::Title);
        canvas.text(line.x, line.y, line.width, &label, style);
        return;
    }
    let name = canvas.style(if chosen { Role::Key } else { Role::Name });
    canvas.text(line.x, line.y, 2, if chosen { "▸" } else { " " }, name);
    canvas.text(line.x + 2, line.y, LABEL.saturating_sub(3), &label, name);
    let field = Rect { x: line.x + LABEL, width: line.width.saturating_sub(LABEL + 3), ..line };
    let chooses = !form.choices(row).is_empty();
    let value = form.shown(row);
    let hidden = form.is_secret(row) && value != form.value(row);
    if chosen && !chooses && !hidden {
        input::draw(canvas, field, &form.edit, true);
        if form.edit.is_empty() {
            let style = canvas.style(Role::Dim);
            canvas.text(field.x + 1, field.y, field.width.saturating_sub(1), &form.placeholder(row), style);
        }
    } else if chosen && hidden {
        // The text goes on being typed behind the mask.
        let style = canvas.style(Role::InputFocus);
        canvas.fill(field, style);
        let used = canvas.text(field.x, field.y, field.width, &value, style);
        canvas.cursor = Some(ratatui::layout::Position::new(field.x + used.min(field.width - 1), field.y));
    } else if value.is_empty() {
        let style = canvas.style(Role::Dim);
        let words =
            if chosen && chooses { format!("‹ {} ›", form.placeholder(row)) } else { form.placeholder(row) };
        canvas.text(field.x, field.y, field.width, &words, style);
    } else {
        let shown = if chosen { format!("‹ {value} ›") } else { value };
        let style = canvas.style(if chosen { Role::InputFocus } else { Role::Text });
        canvas.text(field.x, field.y, field.width, &shown, style);
    }
    if form.fault_of(row).is_some() {
        let style = canvas.style(Role::Bad);
        canvas.text(line.right().saturating_sub(2), line.y, 2, "✗", style);
    }
}

/// The workspaces, with the profiles that each connects.
pub fn workspaces(canvas: &mut Canvas<'_>, window: Rect, picker: &Picker<Workspace>) {
    let area = Rect { y: window.y + 2, ..centred(window, 72, window.height.saturating_sub(6).min(20)) };
    let inner = open(canvas, area, canvas.words(&Place::Workspaces.title()), Place::Workspaces);
    input::draw(canvas, Rect { height: 1, ..inner }, &picker.edit, true);
    let rows = Rect { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    let first = (picker.cursor + 1).saturating_sub(usize::from(rows.height));
    for (line, (index, workspace)) in (0..rows.height).zip(picker.rows().enumerate().skip(first)) {
        let row = Rect { y: rows.y + line, height: 1, ..rows };
        let style = canvas.style(Role::Text);
        let used = canvas.text(row.x, row.y, 26, &workspace.name, style).max(20);
        let style = canvas.style(Role::Dim);
        let profiles = workspace.profiles.join(", ");
        canvas.text(row.x + used + 2, row.y, row.width.saturating_sub(used + 2), &profiles, style);
        if index == picker.cursor {
            let style = canvas.style(Role::Selected);
            canvas.paint(row, style);
        }
        canvas.hit(row, Target::Row(Place::Workspaces, index));
    }
}

const WELCOME: Text = Text::new(
    "There is no profile of your own yet. What would you like to begin with?",
    "还没有自己的配置。从哪里开始？",
);
const NEW: Text = Text::new(
    "New profile — paste a triple, a login or JSON to fill it",
    "新建配置（可粘贴三元组、登录信息或 JSON 自动填入）",
);
const STILL: Text = Text::new("still open: {} {}", "尚缺：{} {}");
const COMPLETE: Text =
    Text::new("✓ complete: ctrl-s saves, ctrl-o saves and connects", "✓ 已完整：ctrl-s 保存，ctrl-o 保存并连接");
