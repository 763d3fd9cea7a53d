//! The form: which connection, which operation, which values.

use ratatui::layout::Rect;

use crate::app::compose::{FieldKey, FormRow};
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{printable, width};
use crate::tui::frame::Canvas;
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// Draws the form.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let place = app.area();
    let focus = matches!(place, Place::ComposeForm | Place::ComposeEdit);
    let inner = canvas.frame(area, canvas.words(&Place::ComposeForm.title()), focus);
    canvas.hit(area, Target::Area(Place::ComposeForm));
    let rows = app.compose_rows();
    if rows.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(&NOTHING), style);
        return;
    }
    let cursor = app.compose.cursor.min(rows.len().saturating_sub(1));
    // A text of several lines takes all that the rows before it leave.
    let height = usize::from(inner.height);
    let first = (cursor + 1).saturating_sub(height);
    let labels = rows.iter().map(|row| width(&printable(&label(canvas, app, row)))).max().unwrap_or_default();
    let label_cells = u16::try_from(labels).unwrap_or(14).clamp(8, 18);
    let mut y = inner.y;
    for (index, row) in rows.iter().enumerate().skip(first) {
        if y >= inner.bottom() {
            break;
        }
        let long = matches!(row, FormRow::Json | FormRow::Payload);
        let height = if long { inner.bottom() - y } else { 1 };
        let line = Rect::new(inner.x, y, inner.width, height);
        let here = index == cursor;
        canvas.hit(line, Target::Row(Place::ComposeForm, index));
        let editing = here && place == Place::ComposeEdit;
        draw_row(canvas, line, app, row, label_cells, editing, index);
        if here && focus && !editing {
            let style = canvas.style(Role::Selected);
            canvas.paint(Rect { height: 1, ..line }, style);
        }
        y += height;
    }
}

fn label(canvas: &Canvas<'_>, app: &App, row: &FormRow) -> String {
    match row {
        FormRow::Connection => canvas.words(&CONNECTION).to_owned(),
        FormRow::Operation => canvas.words(&OPERATION).to_owned(),
        FormRow::Device => canvas.words(&DEVICE).to_owned(),
        FormRow::Name => canvas.words(&NAME).to_owned(),
        FormRow::Field(key) => key.identifier.clone(),
        FormRow::Json => match app.compose.is_free_json() {
            true => "JSON".to_owned(),
            false => canvas.words(&PARAMS).to_owned(),
        },
        FormRow::Topic => canvas.words(&TOPIC).to_owned(),
        FormRow::Format => canvas.words(&FORMAT).to_owned(),
        FormRow::Payload => canvas.words(&PAYLOAD).to_owned(),
        FormRow::Qos => "QoS".to_owned(),
        FormRow::Retain => "retain".to_owned(),
        FormRow::Times => canvas.words(&TIMES).to_owned(),
        FormRow::Every => canvas.words(&EVERY).to_owned(),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, line: Rect, app: &App, row: &FormRow, cells: u16, editing: bool, index: usize) {
    let name = label(canvas, app, row);
    let x = line.x + 1;
    if let FormRow::Field(key) = row {
        field(canvas, line, app, key, cells, editing, index);
        return;
    }
    let style = canvas.style(Role::Dim);
    canvas.text(x, line.y, cells, &name, style);
    let at = x + cells + 1;
    let room = line.right().saturating_sub(at);
    let choice = |canvas: &mut Canvas<'_>, words: &str| {
        canvas.pieces(at, line.y, room, &[("‹ ", Role::Dim), (words, Role::Text), (" ›", Role::Dim)]);
    };
    match row {
        FormRow::Connection => {
            let Some(connection) = app.compose_connection() else { return };
            let words = connection.state_words(app.lang, app.now());
            let role = connection.role.name();
            choice(canvas, &format!("{} {} · {role} · {words}", connection.glyph(), connection.name));
        }
        FormRow::Operation => match app.compose_operation() {
            Some(spec) => {
                let words = format!("{} ({})", canvas.words(&spec.op.title()), spec.op.name());
                choice(canvas, &words);
            }
            None => choice(canvas, canvas.words(&HAND_MADE)),
        },
        FormRow::Device => {
            let (device, all) = (app.compose_device().unwrap_or_default(), app.compose_devices().len());
            match all {
                0..=3 => choice(canvas, &device),
                _ => choice(canvas, &OF_MANY.fill(app.lang, &[&device, &all])),
            }
        }
        FormRow::Name => choice(canvas, &app.compose_name().unwrap_or_default()),
        FormRow::Format => choice(canvas, canvas.words(&app.compose.format().title())),
        FormRow::Qos => choice(canvas, &app.compose.qos().to_string()),
        FormRow::Retain => choice(canvas, canvas.words(if app.compose.retain() { &YES } else { &NO })),
        FormRow::Times => {
            let used = app.compose.text(row).map_or(0, |edit| width(&edit.text()) + 1);
            text(canvas, Rect::new(at, line.y, room, 1), app, row, editing);
            let style = canvas.style(Role::Dim);
            let after = at + u16::try_from(used).unwrap_or(0).max(3);
            let words = match &app.compose.series {
                Some(series) => {
                    let of = series.of.map_or("∞".to_owned(), |of| of.to_string());
                    SENDING.fill(app.lang, &[&series.sent, &of])
                }
                None => canvas.words(&TIMES_HINT).to_owned(),
            };
            canvas.text(after, line.y, line.right().saturating_sub(after), &words, style);
        }
        FormRow::Every | FormRow::Topic => text(canvas, Rect::new(at, line.y, room, 1), app, row, editing),
        FormRow::Json | FormRow::Payload => {
            let below = Rect::new(x + 2, line.y + 1, line.width.saturating_sub(4), line.height.saturating_sub(1));
            if below.is_empty() {
                text(canvas, Rect::new(at, line.y, room, 1), app, row, editing);
            } else {
                text(canvas, below, app, row, editing);
            }
        }
        FormRow::Field(_) => {}
    }
}

/// A text, or the hint to type one.
fn text(canvas: &mut Canvas<'_>, area: Rect, app: &App, row: &FormRow, editing: bool) {
    let Some(edit) = app.compose.text(row) else { return };
    if edit.is_empty() && !editing {
        let style = canvas.style(Role::Dim);
        canvas.text(area.x, area.y, area.width, canvas.words(&TYPE_HERE), style);
        return;
    }
    input::draw(canvas, area, edit, editing);
}

/// `[x] temperature   26.5       float 0 … 100 ℃`
fn field(canvas: &mut Canvas<'_>, line: Rect, app: &App, key: &FieldKey, cells: u16, editing: bool, index: usize) {
    let Some(field) = app.compose.field(key) else { return };
    let weight = if field.included { Role::Text } else { Role::Dim };
    let style = canvas.style(weight);
    let mark = if field.included { "[x]" } else { "[ ]" };
    let used = canvas.text(line.x + 1, line.y, 3, mark, style);
    canvas.hit(Rect::new(line.x, line.y, used + 2, 1), Target::Part(Place::ComposeForm, index, 0));
    let x = line.x + 5;
    let name_style = canvas.style(if field.included { Role::Name } else { Role::Dim });
    canvas.text(x, line.y, cells, &key.identifier, name_style);
    let at = x + cells + 1;
    let room = line.right().saturating_sub(at);
    if app.compose_asks_only(key) {
        let style = canvas.style(Role::Dim);
        canvas.text(at, line.y, room, &field.limits(), style);
        return;
    }
    let fault = app.field_fault(key);
    let between = app.field_remark(key).filter(|_| fault.is_none());
    let (remark, role) = match (&fault, &between, field.choice_name()) {
        (Some(fault), _, _) => (format!("✗ {}", fault.render(app.lang)), Role::Bad),
        (None, Some(between), _) => (format!("! {}", between.render(app.lang)), Role::Warning),
        (None, None, Some(name)) => (name, Role::Dim),
        (None, None, None) => (field.limits(), Role::Dim),
    };
    // The value gets a third, the remark the rest; a long value takes more where there is no fault.
    let value_width = u16::try_from(width(&printable(&field.edit.text())) + 1).unwrap_or(u16::MAX);
    let value_cells = if editing { value_width.max(12) } else { value_width.max(8) };
    let value_cells = value_cells.min(if role == Role::Dim { room } else { room / 2 });
    let area = Rect::new(at, line.y, value_cells, 1);
    if editing {
        input::draw(canvas, area, &field.edit, true);
    } else {
        let value_style = canvas.style(weight);
        canvas.text(area.x, area.y, area.width, &field.edit.text(), value_style);
    }
    let after = area.right() + 1;
    let style = canvas.style(role);
    canvas.text(after, line.y, line.right().saturating_sub(after), &remark, style);
}

const NOTHING: Text = Text::new(
    "No connection is open. Press 1, choose a profile and press enter; then come back here to send.",
    "没有打开的连接。按 1 选择一个配置并按 enter 连接，再回到这里下发。",
);
const CONNECTION: Text = Text::new("connection", "连接");
const OPERATION: Text = Text::new("operation", "操作");
const DEVICE: Text = Text::new("device", "设备");
const NAME: Text = Text::new("identifier", "标识符");
const PARAMS: Text = Text::new("params", "参数");
const TOPIC: Text = Text::new("topic", "主题");
const FORMAT: Text = Text::new("format", "格式");
const PAYLOAD: Text = Text::new("payload", "报文");
const OF_MANY: Text = Text::new("{} (of {}: enter searches)", "{}（共 {} 台，回车查找）");
const HAND_MADE: Text = Text::new("hand-made message", "自定义消息");
const TYPE_HERE: Text = Text::new("enter to type", "按 enter 输入");
const TIMES: Text = Text::new("times", "次数");
const EVERY: Text = Text::new("every", "间隔");
const TIMES_HINT: Text = Text::new("* for no end", "* 表示不停");
const SENDING: Text = Text::new("sending: {} of {}; x stops", "正在发送：第 {} 次，共 {} 次；x 停止");
const YES: Text = Text::new("yes", "是");
const NO: Text = Text::new("no", "否");
