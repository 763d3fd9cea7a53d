//! The ledger: a row per request, and the journey of the one under the cursor.

use ratatui::layout::{Margin, Rect};

use crate::app::compose::Row;
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{duration_short, local_time};
use crate::model::{OpKind, Role as Side, Severity};
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;

/// Draws the ledger.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let ledger = &app.compose.ledger;
    let focus = app.area() == Place::Ledger;
    let open = ledger.open();
    let title = if ledger.is_empty() {
        canvas.words(&Place::Ledger.title()).to_owned()
    } else {
        TITLE.fill(app.lang, &[&ledger.len(), &open, &ledger.show().title().get(app.lang), &ledger.shown()])
    };
    let inner = canvas.frame(area, &title, focus);
    canvas.hit(area, Target::Area(Place::Ledger));
    if ledger.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(empty(app)), style);
        return;
    }
    // The last lines tell of the chosen request what does not fit into its row: outcome and journey.
    let advice = ledger.selected().and_then(|row| advice(app, row));
    let detail = match inner.height {
        0..=2 => 0,
        3..=4 => 1,
        6.. if advice.is_some() => 4,
        5..=7 => 2,
        _ => 3,
    };
    let height = usize::from(inner.height.saturating_sub(detail));
    let first = (ledger.cursor + 1).saturating_sub(height);
    for (index, row) in ledger.rows().enumerate().skip(first).take(height) {
        let y = inner.y + u16::try_from(index - first).unwrap_or_default();
        let line = Rect::new(inner.x, y, inner.width, 1);
        draw_row(canvas, line, app, row);
        if index == ledger.cursor {
            let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            canvas.paint(line, style);
        }
        canvas.hit(line, Target::Row(Place::Ledger, index));
    }
    canvas.scrollbar(area.inner(Margin::new(0, 1)), first, height, ledger.shown());
    if detail > 0
        && let Some(row) = ledger.selected()
    {
        if detail >= 3 {
            let place = Rect { y: inner.bottom() - detail, height: detail - 2, ..inner };
            match advice {
                Some(advice) => {
                    let style = canvas.style(Role::Warning);
                    canvas.paragraph(place, &format!("→ {}", canvas.words(&advice)), style);
                }
                None => draw_statistics(canvas, place, app, row),
            }
        }
        if detail >= 2
            && let Some(connection) = app.connections.get(row.connection)
        {
            let (mark, role) = verdict(row);
            let style = canvas.style(role);
            let words = row.outcome_words(connection.dialect, app.lang);
            let words = format!("{mark} {} · {words}", row.gist);
            canvas.text(inner.x, inner.bottom() - 2, inner.width, &words, style);
        }
        let style = canvas.style(Role::Dim);
        let id = row.request_id.as_deref().map(|id| format!("  #{id}")).unwrap_or_default();
        let words = format!("{}{id}", row.journey(app.lang));
        canvas.text(inner.x, inner.bottom() - 1, inner.width, &words, style);
    }
}

/// `14:02:11.204 ● Set properties  Power=true       34 ms  ✓ replied`
fn draw_row(canvas: &mut Canvas<'_>, line: Rect, app: &App, row: &Row) {
    let connection = app.connections.get(row.connection);
    let mut x = line.x;
    let end = line.right();
    let dim = canvas.style(Role::Dim);
    x += canvas.text(x, line.y, 12, &local_time(row.at), dim) + 1;
    if let Some(connection) = connection {
        let style = canvas.theme.connection(connection.colour());
        canvas.text(x, line.y, 1, connection.glyph(), style);
        x += 2;
        if line.width >= 110 {
            canvas.text(x, line.y, 14, &connection.name, style);
            x += 15;
        }
    }
    let op = row.title(app.lang);
    let op_cells = if line.width >= 100 { 20 } else { 14 };
    let style = canvas.style(Role::Text);
    canvas.text(x, line.y, op_cells, &op, style);
    x += op_cells + 1;
    if line.width >= 110 {
        let device = row.device.as_deref().unwrap_or_default();
        canvas.text(x, line.y, 14, device, style);
        x += 15;
    }
    // What is left is shared by what was said and what came of it.
    let rest = end.saturating_sub(x);
    let gist_cells = rest * 2 / 5;
    canvas.text(x, line.y, gist_cells, &row.gist, style);
    x += gist_cells + 1;
    let latency = row.latency().map(duration_short).unwrap_or_default();
    canvas.text(x, line.y, 8, &format!("{latency:>7}"), style);
    x += 8;
    let (mark, role) = verdict(row);
    let style = canvas.style(role);
    let words = match connection {
        Some(connection) => row.outcome_words(connection.dialect, app.lang),
        None => String::new(),
    };
    let waiting = match (row.severity(), row.sent_at()) {
        (None, Some(at)) => format!(" {} s", app.now().since(at).as_secs()),
        _ => String::new(),
    };
    canvas.text(x, line.y, end.saturating_sub(x), &format!("{mark} {words}{waiting}"), style);
}

/// What all requests of this kind did: `12 × Set properties: 10 good, 2 failed · median 34 ms · p99 120 ms`.
fn draw_statistics(canvas: &mut Canvas<'_>, line: Rect, app: &App, row: &Row) {
    let statistics = app.compose.ledger.statistics(row);
    let op = row.title(app.lang);
    let mut words = STATISTICS.fill(app.lang, &[&statistics.total, &op, &statistics.good, &statistics.bad]);
    if let (Some(median), Some(p99)) = (statistics.median, statistics.p99) {
        words.push_str(&LATENCIES.fill(app.lang, &[&duration_short(median), &duration_short(p99)]));
    }
    let style = canvas.style(Role::Dim);
    canvas.text(line.x, line.y, line.width, &words, style);
}

/// Where to look, where a request ended in a way that does not say so itself.
fn advice(app: &App, row: &Row) -> Option<Text> {
    let asked_by = app.connections.get(row.connection)?.role;
    row.outcome()?.state.advice(asked_by)
}

/// What stands where nothing was sent yet. Somebody who looks for the way to set a property is told where the platform has
/// it, if not here.
fn empty(app: &App) -> &'static Text {
    let operations = app.compose_operations();
    let is_app = app.compose_connection().is_some_and(|connection| connection.role == Side::App);
    let has_properties = |op: OpKind| matches!(op, OpKind::Set | OpKind::DesiredSet | OpKind::Report);
    match operations.iter().any(|operation| has_properties(operation.op)) {
        true => &EMPTY,
        false if is_app && !operations.is_empty() => &EMPTY_NO_SET,
        false => &EMPTY_PLAIN,
    }
}

/// The outcome as a mark and a weight.
fn verdict(row: &Row) -> (&'static str, Role) {
    match row.severity() {
        None => ("…", Role::Busy),
        Some(Severity::Info) => ("✓", Role::Good),
        Some(Severity::Warning) => ("!", Role::Warning),
        Some(Severity::Error) => ("✗", Role::Bad),
    }
}

const TITLE: Text =
    Text::new("Requests: {}, {} open · shown: {} ({})", "请求记录：{} 条，{} 条未完成 · 显示：{}（{} 条）");
const STATISTICS: Text = Text::new("{} × {}: {} good, {} failed", "{} × {}：成功 {}，失败 {}");
const LATENCIES: Text = Text::new(" · median {} · p99 {}", " · 中位数 {} · p99 {}");
const EMPTY: Text = Text::new(
    "Nothing was sent yet. Choose properties with space, change values with ← →, send with s.",
    "还没有发送过请求。空格选入属性，← → 修改取值，s 发送。",
);
const EMPTY_PLAIN: Text =
    Text::new("Nothing was sent yet. Edit with enter, send with s.", "还没有发送过请求。回车编辑，s 发送。");
const EMPTY_NO_SET: Text = Text::new(
    "Nothing was sent yet. On this channel the platform lets an app set no property: its console and its HTTP API do. \
     On a simulated cloud P plays the console (set NAME=VALUE).",
    "还没有发送过请求。该平台的 App 不能经此通道设置属性，需用控制台或 HTTP API；连接模拟云时，按 P 可代替控制台（set 名称=值）。",
);
