//! The Sign tab: the form at the left, the login or the verdict at the right.

use ratatui::layout::Rect;

use crate::app::sign::{Item, ItemKind, SignRow};
use crate::app::splits::Split;
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::secret::MASK;
use crate::base::text::{fit, printable, width};
use crate::base::wrap::wrap;
use crate::model::Severity;
use crate::tui::frame::Canvas;
use crate::tui::panes::split::divide;
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let sideways = area.width >= 90;
    let rows = u16::try_from(app.sign.rows().len()).unwrap_or(u16::MAX).saturating_add(4);
    let usual = if sideways { (area.width * 2 / 5).clamp(40, 64) } else { rows.min(area.height / 2 + 2) };
    let parts = divide(app, Split::Sign, area, sideways, usual, app.area() != Place::SignResult);
    if !parts.first.is_empty() {
        form(canvas, parts.first, app);
    }
    if !parts.second.is_empty() {
        result(canvas, parts.second, app);
    }
    parts.grip(canvas);
}

fn form(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let focus = matches!(app.area(), Place::SignForm | Place::SignEdit);
    let inner = canvas.frame(area, canvas.words(&Place::SignForm.title()), focus);
    canvas.hit(area, Target::Area(Place::SignForm));
    let rows = app.sign.rows();
    let cursor = app.sign.cursor.min(rows.len().saturating_sub(1));
    // The last lines say what the field under the cursor is.
    let help = app.sign.row().map(|row| help(canvas, row)).unwrap_or_default();
    let help_lines = wrap(&help, usize::from(inner.width));
    let foot = u16::try_from(help_lines.len()).unwrap_or_default().min(3).min(inner.height / 3);
    let height = usize::from(inner.height - foot);
    let first = (cursor + 1).saturating_sub(height.max(1));
    let names: Vec<String> = rows.iter().map(|row| label(canvas, *row)).collect();
    let cells = names.iter().map(|name| width(name)).max().unwrap_or_default();
    let cells = u16::try_from(cells).unwrap_or(14).clamp(8, 18);
    for (line, (index, row)) in rows.iter().enumerate().skip(first).take(height).enumerate() {
        let y = inner.y + u16::try_from(line).unwrap_or_default();
        let line = Rect::new(inner.x, y, inner.width, 1);
        canvas.hit(line, Target::Row(Place::SignForm, index));
        let here = index == cursor;
        let style = canvas.style(Role::Dim);
        canvas.text(line.x + 1, y, cells, names.get(index).map(String::as_str).unwrap_or_default(), style);
        let at = line.x + cells + 2;
        let room = Rect::new(at, y, line.right().saturating_sub(at), 1);
        match app.sign.editing.as_ref().filter(|_| here) {
            Some(edit) => input::draw(canvas, room, edit, true),
            None => value(canvas, room, app, *row),
        }
        if here && focus && app.sign.editing.is_none() {
            let style = canvas.style(Role::Selected);
            canvas.paint(line, style);
        }
    }
    let style = canvas.style(Role::Dim);
    for (line, words) in (0..foot).zip(help_lines) {
        canvas.text(inner.x, inner.bottom() - foot + line, inner.width, &words, style);
    }
}

fn label(canvas: &Canvas<'_>, row: SignRow) -> String {
    match row {
        SignRow::Mode => canvas.words(&MODE).to_owned(),
        SignRow::Dialect => canvas.words(&DIALECT).to_owned(),
        SignRow::Role => canvas.words(&ROLE).to_owned(),
        SignRow::Profile => canvas.words(&PROFILE).to_owned(),
        SignRow::Used(used) => canvas.words(&used.title()).to_owned(),
        SignRow::Field(field) => field.name.to_owned(),
    }
}

fn help(canvas: &Canvas<'_>, row: SignRow) -> String {
    match row {
        SignRow::Field(field) => canvas.words(&field.help).to_owned(),
        SignRow::Profile => canvas.words(&PROFILE_HELP).to_owned(),
        SignRow::Used(_) => canvas.words(&USED_HELP).to_owned(),
        SignRow::Mode | SignRow::Dialect | SignRow::Role => String::new(),
    }
}

fn value(canvas: &mut Canvas<'_>, area: Rect, app: &App, row: SignRow) {
    let choice = |canvas: &mut Canvas<'_>, words: &str| {
        canvas.pieces(area.x, area.y, area.width, &[("‹ ", Role::Dim), (words, Role::Text), (" ›", Role::Dim)]);
    };
    let sign = &app.sign;
    match row {
        SignRow::Mode => choice(canvas, canvas.words(&sign.mode().title())),
        SignRow::Dialect => {
            let title = sign.dialect().map(|dialect| canvas.words(&dialect.spec().title)).unwrap_or_default();
            choice(canvas, title);
        }
        SignRow::Role => choice(canvas, sign.role().name()),
        SignRow::Profile => {
            let filled = sign.filled_from().and_then(|at| app.connections.profiles().get(at));
            choice(canvas, filled.map_or("-", |known| known.profile.name.as_str()));
        }
        SignRow::Used(_) | SignRow::Field(_) => {
            let text = sign.text(row).unwrap_or_default();
            let default = match row {
                SignRow::Field(field) => field.default.unwrap_or_default(),
                _ => "",
            };
            if text.is_empty() {
                let style = canvas.style(Role::Dim);
                canvas.text(area.x, area.y, area.width, default, style);
            } else if sign.is_secret(row) && !sign.revealed {
                let style = canvas.style(Role::Text);
                canvas.text(area.x, area.y, area.width, MASK, style);
            } else {
                let style = canvas.style(Role::Text);
                let line = text.replace('\n', " ");
                canvas.text(area.x, area.y, area.width, &fit(&printable(&line), usize::from(area.width)), style);
            }
        }
    }
}

fn result(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let focus = app.area() == Place::SignResult;
    let inner = canvas.frame(area, canvas.words(&Place::SignResult.title()), focus);
    canvas.hit(area, Target::Area(Place::SignResult));
    let items = app.sign_items();
    let cursor = app.sign.result_cursor.min(items.len().saturating_sub(1));
    let cells = usize::from(inner.width);
    // Every item takes as many lines as it needs; the one under the cursor is seen whole.
    let blocks: Vec<Vec<(String, Role)>> = items.iter().map(|item| lines(item, cells)).collect();
    let heights: Vec<usize> = blocks.iter().map(Vec::len).collect();
    let end: usize = heights.iter().take(cursor + 1).sum();
    let total: usize = heights.iter().sum();
    let first = end.saturating_sub(usize::from(inner.height));
    let mut at = 0;
    for (index, block) in blocks.iter().enumerate() {
        let top = at;
        at += block.len();
        for (offset, (words, role)) in block.iter().enumerate() {
            let line = top + offset;
            let Some(y) = line.checked_sub(first).and_then(|y| u16::try_from(y).ok()).filter(|y| *y < inner.height)
            else {
                continue;
            };
            let area = Rect::new(inner.x, inner.y + y, inner.width, 1);
            canvas.hit(area, Target::Row(Place::SignResult, index));
            let style = canvas.style(*role);
            canvas.text(area.x, area.y, area.width, words, style);
            if index == cursor && focus {
                let style = canvas.style(Role::Selected);
                canvas.paint(area, style);
            }
        }
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, usize::from(inner.height), total);
}

/// An item in lines that fit.
fn lines(item: &Item, cells: usize) -> Vec<(String, Role)> {
    let role = match &item.kind {
        ItemKind::Heading => Role::Title,
        ItemKind::Part | ItemKind::Note | ItemKind::Step => Role::Text,
        ItemKind::Wrong(_) => Role::Bad,
        ItemKind::Good => Role::Good,
        ItemKind::Finding(Severity::Error) => Role::Bad,
        ItemKind::Finding(Severity::Warning) | ItemKind::Fix => Role::Warning,
        ItemKind::Finding(Severity::Info) => Role::Dim,
        ItemKind::Form(_) => Role::Name,
    };
    let value = printable(&item.value);
    let mut out = Vec::new();
    if item.kind == ItemKind::Heading {
        out.push((String::new(), role));
    }
    let label = printable(&item.label).into_owned();
    // Short labels stand before their value; a longer one, the name of a step, gets a line of its own.
    let column = match &item.kind {
        ItemKind::Part | ItemKind::Wrong(_) => 11,
        ItemKind::Fix => 4,
        ItemKind::Finding(_) | ItemKind::Good if width(&label) <= 2 => 2,
        ItemKind::Step => 3,
        _ => width(&label) + usize::from(!label.is_empty()),
    };
    let mut lead = format!("{label}{}", " ".repeat(column.saturating_sub(width(&label))));
    if width(&label) > column || item.kind == ItemKind::Step && !label.is_empty() {
        out.push((label, Role::Dim));
        lead = " ".repeat(column);
    }
    let room = cells.saturating_sub(column).max(8);
    for line in hard_wrap(&value, room) {
        out.push((format!("{lead}{line}"), role));
        lead = " ".repeat(column);
    }
    if let ItemKind::Wrong(range) = &item.kind
        && !range.is_empty()
        && width(&value) <= room
    {
        let front = width(&printable(item.value.get(..range.start).unwrap_or_default()));
        let marked = width(&printable(item.value.get(range.clone()).unwrap_or_default())).max(1);
        out.push((format!("{}{}", " ".repeat(column + front), "^".repeat(marked)), role));
    }
    out
}

/// Words are wrapped at blanks; a token without one is cut where the line ends.
fn hard_wrap(text: &str, cells: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in wrap(text, cells) {
        let mut rest = line.as_str();
        while width(rest) > cells {
            let mut used = 0;
            let cut = rest.char_indices().find(|(_, c)| {
                used += width(c.encode_utf8(&mut [0; 4]));
                used > cells
            });
            let Some((at, _)) = cut else { break };
            let (head, tail) = rest.split_at(at);
            out.push(head.to_owned());
            rest = tail;
        }
        out.push(rest.to_owned());
    }
    if out.is_empty() {
        out.push(String::new());
    }
    out
}

const MODE: Text = Text::new("do", "操作");
const DIALECT: Text = Text::new("platform", "平台");
const ROLE: Text = Text::new("role", "角色");
const PROFILE: Text = Text::new("fill from", "取自配置");
const PROFILE_HELP: Text =
    Text::new("← → takes the fields of a profile, its secret included", "← → 从某个配置填入各字段（含密钥）");
const USED_HELP: Text = Text::new(
    "What was used to connect. Pasting anywhere on this tab checks what was pasted.",
    "连接时实际使用的内容。在本页任意位置粘贴即可校验。",
);
