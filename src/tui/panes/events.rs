//! The Events tab: one line per event, the newest at the bottom; the event under the cursor in full below.

use ratatui::layout::{Margin, Rect};

use crate::app::events::Event;
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{group_digits, local_time};
use crate::base::wrap::wrap;
use crate::model::Severity;
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let shown: Vec<&Event> = app.events.shown().collect();
    let cursor = app.events.cursor();
    let detail = detail_height(shown.get(cursor).copied(), app, area);
    let list = Rect { height: area.height - detail, ..area };
    let inner = canvas.frame(list, &title(canvas, app, shown.len()), true);
    canvas.hit(list, Target::Area(Place::Events));
    if shown.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(&NOTHING), style);
        return;
    }
    let height = usize::from(inner.height);
    let first = if shown.len() <= height {
        0
    } else {
        // The cursor stays in the middle while it moves, and the newest row at the bottom.
        cursor.saturating_sub(height / 2).min(shown.len() - height)
    };
    for (row, (index, event)) in (0..inner.height).zip(shown.iter().enumerate().skip(first)) {
        let line = Rect::new(inner.x, inner.y + row, inner.width, 1);
        row_of(canvas, line, app, event);
        if index == cursor {
            let style = canvas.style(Role::Selected);
            canvas.paint(line, style);
        }
        canvas.hit(line, Target::Row(Place::Events, index));
    }
    canvas.scrollbar(list.inner(Margin::new(0, 1)), first, height, shown.len());
    if let Some(event) = shown.get(cursor).filter(|_| detail > 0) {
        let area = Rect { y: list.bottom(), height: detail, ..area };
        let inner = canvas.frame(area, canvas.words(&IN_FULL), false);
        let style = canvas.style(role(event.severity));
        canvas.paragraph(inner, &event.what.render(app.lang), style);
    }
}

/// `Events — 12 of 40, warnings and worse`.
fn title(canvas: &Canvas<'_>, app: &App, shown: usize) -> String {
    let least = canvas.words(match app.events.least {
        Severity::Info => &ALL,
        Severity::Warning => &WARNINGS,
        Severity::Error => &ERRORS,
    });
    let count = format!("{}/{}", group_digits(shown as u64), group_digits(app.events.len() as u64));
    let mut title = format!("{} {count} · {least}", canvas.words(&TITLE));
    if app.events.left() > 0 {
        title.push_str(&format!(" · {}", LEFT.fill(app.lang, &[&group_digits(app.events.left())])));
    }
    title
}

fn row_of(canvas: &mut Canvas<'_>, line: Rect, app: &App, event: &Event) {
    let mark = match event.severity {
        Severity::Info => "i",
        Severity::Warning => "!",
        Severity::Error => "✗",
    };
    let time = local_time(event.at);
    let style = role(event.severity);
    let mut x = line.x;
    x += canvas.pieces(x, line.y, line.width, &[(&time, Role::Dim), ("  ", Role::Text), (mark, style), (" ", style)]);
    let connection = event.connection.and_then(|id| app.connections.get(id));
    let (name, style) = match connection {
        Some(connection) => {
            (format!("{} {}", connection.glyph(), connection.name), canvas.theme.connection(connection.colour()))
        }
        None => ("iotdbg".to_owned(), canvas.style(Role::Dim)),
    };
    let column = 20.min(line.width / 4);
    canvas.text(x, line.y, column, &name, style);
    x += column + 1;
    let style = canvas.style(role(event.severity));
    canvas.text(x, line.y, line.right().saturating_sub(x), &event.what.render(app.lang), style);
}

fn role(severity: Severity) -> Role {
    match severity {
        Severity::Info => Role::Text,
        Severity::Warning => Role::Warning,
        Severity::Error => Role::Bad,
    }
}

/// Rows that the event under the cursor needs when its line cannot hold it; none where the window is low.
fn detail_height(event: Option<&Event>, app: &App, area: Rect) -> u16 {
    let Some(event) = event else { return 0 };
    let lines = wrap(&event.what.render(app.lang), usize::from(area.width.saturating_sub(2))).len();
    let wanted = u16::try_from(lines.max(2)).unwrap_or(u16::MAX).min(6) + 2;
    if area.height >= wanted + 8 { wanted } else { 0 }
}

const TITLE: Text = Text::new("Events", "事件");
const ALL: Text = Text::new("all", "全部");
const WARNINGS: Text = Text::new("warnings and errors", "警告和错误");
const ERRORS: Text = Text::new("errors only", "仅错误");
const LEFT: Text = Text::new("{} older ones left", "更早的 {} 条已移出");
const IN_FULL: Text = Text::new("In full", "完整内容");
const NOTHING: Text = Text::new(
    "Nothing has happened yet. Connections that come and go, refused subscriptions and losses are listed here.",
    "还没有事件。连接的建立与断开、被拒绝的订阅以及丢失的消息会列在这里。",
);
