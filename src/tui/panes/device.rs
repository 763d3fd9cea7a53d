//! The Device tab: the properties of a simulated device, how it answers, and what it was told.

use std::time::Duration;

use ratatui::layout::{Margin, Rect};

use crate::app::connections::Connection;
use crate::app::device::{FollowedRules, Puppet, limits, named};
use crate::app::splits::Split;
use crate::app::{Action, App, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{duration_short, fit, local_time, printable, width};
use crate::base::wrap::wrap;
use crate::model::thing::Property;
use crate::session::thing::Manner;
use crate::tui::draw::state_mark;
use crate::tui::frame::Canvas;
use crate::tui::panes::connections::state_role;
use crate::tui::panes::split::divide;
use crate::tui::theme::Role;

/// Rows that one line of the log may take: a report of everything must not push out what the device was told.
const LOG_ROWS: usize = 2;
/// Rows of the part that says how the device answers, with its frame.
const MANNERS: u16 = 6;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let Some((connection, puppet)) = app.device() else {
        let inner = canvas.frame(area, canvas.words(&TITLE), true);
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(&NOTHING), style);
        return;
    };
    let sideways = area.width >= 100;
    let usual = if sideways { (area.width / 2).min(84) } else { (area.height * 3 / 5).max(MANNERS + 4) };
    let parts = divide(app, Split::Device, area, sideways, usual, app.area() == Place::Device);
    let left = parts.first;
    if !left.is_empty() {
        let manners = MANNERS.min(left.height);
        answers(canvas, Rect { height: manners, ..left }, app, connection, puppet);
        let values = Rect { y: left.y + manners, height: left.height - manners, ..left };
        properties(canvas, values, app, connection);
    }
    if !parts.second.is_empty() {
        log(canvas, parts.second, app, puppet);
    }
    parts.grip(canvas);
}

/// How the device answers: one line for each thing that can be changed, with what it is now.
fn answers(canvas: &mut Canvas<'_>, area: Rect, app: &App, connection: &Connection, puppet: &Puppet) {
    let words = connection.state_words(app.lang, app.now());
    let title = format!("{} {}", connection.glyph(), connection.name);
    let inner = canvas.frame(area, &title, false);
    let state = format!(" {} {words} ", state_mark(&connection.state));
    let cells = u16::try_from(width(&state)).unwrap_or(u16::MAX).min(area.width / 2);
    let style = canvas.style(state_role(&connection.state));
    canvas.text(area.right().saturating_sub(cells + 2), area.y, cells, &state, style);

    let behaviour = &puppet.behaviour;
    let mut manner = behaviour.manner.describe().render(app.lang);
    if let Manner::Refuse { code, .. } = &behaviour.manner
        && let Some(spec) = connection.dialect.explain_code(code)
    {
        manner.push_str(&format!(" ({})", spec.meaning.get(app.lang)));
    }
    let role = match behaviour.manner {
        Manner::Accept => Role::Good,
        Manner::Refuse { .. } => Role::Bad,
        Manner::Ignore | Manner::Twice => Role::Warning,
    };
    let delay = if behaviour.delay.is_zero() {
        canvas.words(&AT_ONCE).to_owned()
    } else {
        AFTER.fill(app.lang, &[&period(behaviour.delay)])
    };
    let every = match puppet.report_every {
        Some(every) => EVERY.fill(app.lang, &[&period(every)]),
        None => canvas.words(&BY_HAND).to_owned(),
    };
    let (rules, rules_role) = rules_line(canvas, app, puppet);
    let lines = [
        ("m", canvas.words(&MANNER), manner, role, Action::MannerNext),
        ("+ -", canvas.words(&DELAY), delay, Role::Text, Action::DelayMore),
        ("p", canvas.words(&REPORTS), every, Role::Text, Action::PeriodicReports),
        ("R", canvas.words(&RULES), rules, rules_role, Action::EditRules),
    ];
    let column = u16::try_from(lines.iter().map(|line| width(line.1)).max().unwrap_or_default()).unwrap_or_default();
    for (row, (key, name, value, role, action)) in (0..inner.height).zip(lines) {
        let y = inner.y + row;
        canvas.pieces(inner.x, y, 4, &[(key, Role::Key)]);
        let style = canvas.style(Role::Dim);
        canvas.text(inner.x + 4, y, column, name, style);
        let x = inner.x + 4 + column + 2;
        let style = canvas.style(role);
        canvas.text(x, y, inner.right().saturating_sub(x), &value, style);
        canvas.hit(Rect::new(inner.x, y, inner.width, 1), Target::Action(action));
    }
}

/// The rules that the device follows, or what is wrong with them.
fn rules_line(canvas: &Canvas<'_>, app: &App, puppet: &Puppet) -> (String, Role) {
    match &puppet.rules {
        None => (canvas.words(&NO_RULES).to_owned(), Role::Text),
        Some(FollowedRules { fault: Some(fault), path, .. }) => {
            // There is room for the place and the words; the whole path is in the message.
            let words = fault.render(app.lang);
            let place = words.strip_prefix(&format!("{}:", path.display())).unwrap_or(&words);
            (printable(place).into_owned(), Role::Bad)
        }
        Some(FollowedRules { path, count, .. }) => {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            (SOME_RULES.fill(app.lang, &[count, &printable(&name)]), Role::Text)
        }
    }
}

/// A time that a person chose: `5 s` where it is whole.
fn period(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { duration_short(time) }
}

/// The properties with their values and limits.
fn properties(canvas: &mut Canvas<'_>, area: Rect, app: &App, connection: &Connection) {
    let focus = app.area() == Place::Device;
    let inner = canvas.frame(area, canvas.words(&PROPERTIES), focus);
    canvas.hit(area, Target::Area(Place::Device));
    let model = &connection.model.properties;
    let longest = model.iter().map(|property| width(&property.identifier)).max().unwrap_or_default();
    let column = u16::try_from(longest.min(24)).unwrap_or(24);
    let height = usize::from(inner.height);
    let cursor = app.devices.cursor;
    let first = (cursor + 1).saturating_sub(height);
    for (row, (index, property)) in (0..inner.height).zip(model.iter().enumerate().skip(first)) {
        let line = Rect::new(inner.x, inner.y + row, inner.width, 1);
        property_row(canvas, line, column, connection, property);
        if index == cursor {
            let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            canvas.paint(line, style);
        }
        canvas.hit(line, Target::Row(Place::Device, index));
    }
    canvas.scrollbar(area.inner(Margin::new(0, 1)), first, height, model.len());
}

fn property_row(canvas: &mut Canvas<'_>, line: Rect, column: u16, connection: &Connection, property: &Property) {
    let style = canvas.style(Role::Name);
    canvas.text(line.x, line.y, column, &property.identifier, style);
    let style = canvas.style(Role::Dim);
    canvas.text(line.x + column + 1, line.y, 2, if property.writable { "rw" } else { "r" }, style);
    let x = line.x + column + 4;
    let room = line.right().saturating_sub(x);
    let value = match connection.values.get(&property.identifier) {
        Some(value) => named(value, &property.data_type),
        None => "—".to_owned(),
    };
    let style = canvas.style(Role::Text);
    let used = canvas.text(x, line.y, room, &value, style);
    // The limits stand at the right, as far as there is room for them.
    let limits = limits(&property.data_type);
    let cells = u16::try_from(width(&limits)).unwrap_or(u16::MAX);
    let left = room.saturating_sub(used + 2);
    if left >= 6 {
        let cells = cells.min(left);
        let style = canvas.style(Role::Dim);
        canvas.text(line.right() - cells, line.y, cells, &limits, style);
    }
}

/// What the device was told and did, the newest at the bottom.
fn log(canvas: &mut Canvas<'_>, area: Rect, app: &App, puppet: &Puppet) {
    let focus = app.area() == Place::DeviceLog;
    let inner = canvas.frame(area, canvas.words(&LOG), focus);
    canvas.hit(area, Target::Area(Place::DeviceLog));
    if puppet.log.is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(&SILENCE), style);
        return;
    }
    let height = usize::from(inner.height);
    let scroll = app.devices.log_scroll.min(puppet.log.len().saturating_sub(1));
    // From the newest shown upwards, until the window is full: long lines take several rows.
    let mut lines: Vec<(String, String)> = Vec::new();
    for (at, what) in puppet.log.iter().rev().skip(scroll) {
        if lines.len() >= height {
            break;
        }
        let time = local_time(*at);
        let room = usize::from(inner.width).saturating_sub(width(&time) + 1).max(16);
        let mut wrapped = wrap(&what.render(app.lang), room);
        if wrapped.len() > LOG_ROWS {
            wrapped.truncate(LOG_ROWS);
            if let Some(last) = wrapped.last_mut() {
                *last = format!("{}…", fit(last, room.saturating_sub(1)).trim_end_matches('…'));
            }
        }
        for (number, words) in wrapped.into_iter().enumerate().rev() {
            let time = if number == 0 { time.clone() } else { " ".repeat(width(&time)) };
            lines.push((time, words));
        }
    }
    lines.truncate(height);
    for (row, (time, words)) in (0..inner.height).zip(lines.iter().rev()) {
        canvas.pieces(
            inner.x,
            inner.y + row,
            inner.width,
            &[(time, Role::Dim), (" ", Role::Text), (words, Role::Text)],
        );
    }
    let first = puppet.log.len().saturating_sub(scroll + height);
    canvas.scrollbar(area.inner(Margin::new(0, 1)), first, height, puppet.log.len());
}

const TITLE: Text = Text::new("Device", "设备");
const NOTHING: Text = Text::new(
    "No simulated device is open. Connect a profile with role = \"device\" on the Connections tab: iotdbg then plays the device, and this tab shows what it holds and what it is told.",
    "没有打开的模拟设备。在“连接”页连接一个 role = \"device\" 的配置后，iotdbg 会扮演该设备，这里显示它的属性以及收到的指令。",
);
const MANNER: Text = Text::new("answers", "应答方式");
const DELAY: Text = Text::new("delay", "应答延时");
const REPORTS: Text = Text::new("reports", "属性上报");
const RULES: Text = Text::new("rules", "规则");
const NO_RULES: Text = Text::new("none", "无");
const SOME_RULES: Text = Text::new("{} from {}", "{} 条，来自 {}");
const AT_ONCE: Text = Text::new("at once", "立即应答");
const AFTER: Text = Text::new("answers after {}", "{} 后应答");
const EVERY: Text = Text::new("every {}", "每 {} 一次");
const BY_HAND: Text = Text::new("only when told to", "仅手动上报");
const PROPERTIES: Text = Text::new("Properties", "属性");
const LOG: Text = Text::new("What it was told", "设备日志");
const SILENCE: Text = Text::new("Nothing yet.", "暂无记录。");
