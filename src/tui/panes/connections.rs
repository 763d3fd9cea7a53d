//! The Connections tab: profiles at the left, the log of the last attempt at the right.

use ratatui::layout::Rect;

use crate::app::connections::{Connection, LogLine};
use crate::app::splits::Split;
use crate::app::{App, Checkup, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{countdown, duration_short, local_date_time, local_time, width};
use crate::base::wrap::wrap;
use crate::model::{LinkState, Severity};
use crate::tui::draw::state_mark;
use crate::tui::frame::Canvas;
use crate::tui::panes::split::divide;
use crate::tui::theme::Role;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let sideways = area.width >= 90;
    let usual = if sideways { (area.width * 2 / 5).clamp(38, 60) } else { (area.height / 2).clamp(4, 12) };
    let parts = divide(app, Split::Connections, area, sideways, usual, app.area() == Place::Connections);
    if !parts.first.is_empty() {
        profiles(canvas, parts.first, app);
    }
    if !parts.second.is_empty() {
        attempt(canvas, parts.second, app);
    }
    parts.grip(canvas);
}

fn profiles(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let focus = app.area() == Place::Connections;
    let inner = canvas.frame(area, canvas.words(&PROFILES), focus);
    canvas.hit(area, Target::Area(Place::Connections));
    let known = app.connections.profiles();
    if app.connections.order().is_empty() {
        let style = canvas.style(Role::Dim);
        canvas.paragraph(inner, canvas.words(&NO_PROFILES), style);
        return;
    }
    // Rows: a heading for every dialect and role, then its profiles.
    let mut rows: Vec<(Option<usize>, String)> = Vec::new();
    let mut group = None;
    for index in app.connections.order().iter().copied() {
        let Some(entry) = known.get(index) else { continue };
        let profile = &entry.profile;
        let key = (profile.dialect.spec().name, profile.role);
        if group != Some(key) {
            group = Some(key);
            rows.push((None, format!("{} · {}", canvas.words(&profile.dialect.spec().title), profile.role)));
        }
        rows.push((Some(index), profile.name.clone()));
    }
    let at = rows.iter().position(|(index, _)| *index == Some(app.connections.cursor)).unwrap_or_default();
    let height = usize::from(inner.height);
    let first = (at + 1).saturating_sub(height);
    for (row, (index, words)) in (0..inner.height).zip(rows.iter().skip(first)) {
        let y = inner.y + row;
        let Some(index) = index else {
            let style = canvas.style(Role::Title);
            canvas.text(inner.x, y, inner.width, words, style);
            continue;
        };
        let line = Rect::new(inner.x, y, inner.width, 1);
        profile_row(canvas, line, app, *index, words);
        if *index == app.connections.cursor {
            let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            canvas.paint(line, style);
        }
        canvas.hit(line, Target::Row(Place::Connections, *index));
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, height, rows.len());
}

fn profile_row(canvas: &mut Canvas<'_>, line: Rect, app: &App, index: usize, name: &str) {
    let connection = app.connections.of_profile(index);
    let (mark, style) = match connection {
        Some(connection) => (connection.glyph(), canvas.theme.connection(connection.colour())),
        None => ("·", canvas.style(Role::Dim)),
    };
    canvas.text(line.x + 1, line.y, 2, mark, style);
    let mut x = line.x + 3;
    let plain = canvas.style(Role::Text);
    x += canvas.text(x, line.y, line.right().saturating_sub(x), name, plain) + 1;
    if let Some(entry) = app.connections.profiles().get(index) {
        let words = match (entry.profile.production, entry.profile.builtin) {
            (true, _) => canvas.words(&PRODUCTION),
            (false, true) => canvas.words(&BUILTIN),
            (false, false) => "",
        };
        let style = canvas.style(if entry.profile.production { Role::Warning } else { Role::Dim });
        x += canvas.text(x, line.y, line.right().saturating_sub(x), words, style) + 1;
    }
    if let Some(connection) = connection {
        let words = format!("{} {}", state_mark(&connection.state), connection.state_words(app.lang, app.now()));
        let cells = u16::try_from(width(&words)).unwrap_or(u16::MAX);
        let room = line.right().saturating_sub(x);
        let start = line.right().saturating_sub(cells.min(room));
        let style = canvas.style(state_role(&connection.state));
        canvas.text(start, line.y, room, &words, style);
    }
}

/// The weight of a state for the eye.
pub fn state_role(state: &LinkState) -> Role {
    match state {
        LinkState::Closed => Role::Dim,
        LinkState::Connecting(_) => Role::Busy,
        LinkState::Online => Role::Good,
        LinkState::Waiting { .. } => Role::Warning,
        LinkState::Refused(_) => Role::Bad,
    }
}

fn attempt(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let focus = app.area() == Place::ConnectionLog;
    let connection = app.connections.selected_connection();
    let title = match (connection, app.connections.selected()) {
        (Some(connection), _) => LOG_OF.fill(app.lang, &[&connection.name]),
        (None, Some(entry)) => entry.profile.name.clone(),
        (None, None) => String::new(),
    };
    let inner = canvas.frame(area, &title, focus);
    canvas.hit(area, Target::Area(Place::ConnectionLog));
    let cells = usize::from(inner.width);
    let mut lines = match (connection, app.checkup()) {
        (None, None) => return about_profile(canvas, inner, app),
        (Some(connection), _) => log_lines(connection, app, cells),
        (None, Some(_)) => Vec::new(),
    };
    let log = lines.len();
    if let Some(checkup) = app.checkup() {
        lines.extend(checkup_lines(checkup, app, cells));
    } else if connection.is_some_and(|connection| failed(&connection.state)) {
        lines.push((String::new(), Role::Text));
        lines.push((canvas.words(&ASK_DOCTOR).to_owned(), Role::Busy));
    }
    let height = usize::from(inner.height);
    // A checkup under way is followed.
    let running = app.checkup().is_some_and(|checkup| checkup.current.is_some());
    let wanted = if running && lines.len() > height { lines.len() } else { app.connections.log_scroll };
    // What the doctor found is looked at first; the log of the attempt is above it.
    let wanted = if app.checkup().is_some() && !running { wanted.saturating_add(log) } else { wanted };
    let first = wanted.min(lines.len().saturating_sub(height));
    for (row, (words, role)) in (0..inner.height).zip(lines.iter().skip(first)) {
        let style = canvas.style(*role);
        canvas.text(inner.x, inner.y + row, inner.width, words, style);
    }
    canvas.scrollbar(area.inner(ratatui::layout::Margin::new(0, 1)), first, height, lines.len());
}

/// What a profile that was not connected yet says, without its secrets.
fn about_profile(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let Some(entry) = app.connections.selected() else { return };
    let profile = &entry.profile;
    let mut lines: Vec<(String, Role)> =
        vec![(canvas.words(&NEVER).to_owned(), Role::Dim), (String::new(), Role::Text)];
    if let Some(server) = &profile.settings.server {
        let words = format!("server = {}://{}:{}{}", server.transport.scheme(), server.host, server.port, server.path);
        lines.push((words, Role::Text));
    }
    let spec = profile.role_spec();
    let tables = [("", Some(&profile.settings.identity))]
        .into_iter()
        .chain(profile.settings.devices.iter().map(|device| ("device.", Some(device))));
    for (table, fields) in tables {
        let Some(fields) = fields else { continue };
        for name in fields.names() {
            let of = |specs: &'static [crate::dialect::FieldSpec]| specs.iter().find(|field| field.name == name);
            let known = spec.and_then(|spec| if table.is_empty() { of(spec.identity) } else { of(spec.device) });
            // A field that nobody knows is treated as a secret.
            let secret = known.is_none_or(|field| field.secret);
            let value = if secret { crate::base::secret::MASK } else { fields.get(name).unwrap_or_default() };
            lines.push((format!("{table}{name} = {value}"), Role::Text));
        }
    }
    if let Some(path) = &profile.path {
        lines.push((String::new(), Role::Text));
        lines.push((path.display().to_string(), Role::Dim));
    }
    let mut y = area.y;
    for (words, role) in lines {
        if y >= area.bottom() {
            break;
        }
        let style = canvas.style(role);
        let left = Rect::new(area.x, y, area.width, area.bottom() - y);
        y += canvas.paragraph(left, &words, style).max(1);
    }
}

/// The log of an attempt in lines that fit.
fn log_lines(connection: &Connection, app: &App, cells: usize) -> Vec<(String, Role)> {
    let lang = app.lang;
    let mut out = Vec::new();
    let words = connection.state_words(lang, app.now());
    let since = LASTING.fill(lang, &[&local_time(connection.since)]);
    let head = format!("{} ", state_mark(&connection.state));
    push_wrapped(&mut out, &head, &format!("{words}  {since}"), state_role(&connection.state), cells);
    if let Some(at) = connection.expires {
        let (words, role) = if at > app.now() {
            (EXPIRES.fill(lang, &[&countdown(at.since(app.now())), &local_date_time(at)]), Role::Dim)
        } else {
            (EXPIRED.fill(lang, &[&local_date_time(at)]), Role::Bad)
        };
        out.push((words, role));
    }
    out.push((String::new(), Role::Text));
    for (at, line) in &connection.log {
        let time = local_time(*at);
        match line {
            LogLine::Attempt => out.push((format!("{time}  {}", ATTEMPT.get(lang)), Role::Title)),
            LogLine::State(state) => {
                let (words, role) = match state {
                    LinkState::Waiting { reason, attempt, .. } => {
                        (AGAIN.fill(lang, &[&reason.render(lang), attempt]), Role::Warning)
                    }
                    LinkState::Refused(reason) => (REFUSED.fill(lang, &[&reason.render(lang)]), Role::Bad),
                    LinkState::Online => (ONLINE.get(lang).to_owned(), Role::Good),
                    LinkState::Closed => (CLOSED.get(lang).to_owned(), Role::Dim),
                    LinkState::Connecting(_) => continue,
                };
                push_wrapped(&mut out, &format!("{time}  "), &words, role, cells);
            }
            LogLine::Stage(report) => {
                let (mark, role) = if report.ok { ("✓", Role::Good) } else { ("✗", Role::Bad) };
                let title = report.stage.title().get(lang);
                let pad = " ".repeat(8_usize.saturating_sub(width(title)));
                let elapsed = format!("{:>8}", duration_short(report.elapsed));
                let head = format!("{time}  {mark} {title}{pad} {elapsed}  ");
                push_wrapped(&mut out, &head, &report.detail.render(lang), role, cells);
                if let Some(advice) = &report.advice {
                    push_wrapped(&mut out, "    → ", &advice.render(lang), Role::Warning, cells);
                }
            }
        }
    }
    out
}

fn failed(state: &LinkState) -> bool {
    matches!(state, LinkState::Refused(_) | LinkState::Waiting { .. })
}

/// What the doctor found, in lines that fit.
fn checkup_lines(checkup: &Checkup, app: &App, cells: usize) -> Vec<(String, Role)> {
    let lang = app.lang;
    let mut out = vec![(String::new(), Role::Text), (DOCTOR.get(lang).to_owned(), Role::Title)];
    for step in &checkup.steps {
        let remarked = step.findings.iter().any(|finding| finding.severity >= Severity::Warning);
        let (mark, role) = match (step.ok, remarked) {
            (true, false) => ("✓", Role::Good),
            (true, true) => ("!", Role::Warning),
            (false, _) => ("✗", Role::Bad),
        };
        let title = step.part.title().get(lang);
        let pad = " ".repeat(9_usize.saturating_sub(width(title)));
        let elapsed = format!("{:>8}", duration_short(step.elapsed));
        push_wrapped(&mut out, &format!("{mark} {title}{pad} {elapsed}  "), &step.detail.render(lang), role, cells);
        for finding in &step.findings {
            let words = finding.message.render(lang);
            let words = if finding.certain { words } else { PROBABLY.fill(lang, &[&words]) };
            let role = if finding.severity == Severity::Error { Role::Bad } else { Role::Warning };
            push_wrapped(&mut out, "    ", &format!("{words} ({})", finding.code), role, cells);
            push_wrapped(&mut out, "    → ", &finding.fix.render(lang), Role::Warning, cells);
        }
    }
    if let Some(part) = checkup.current {
        out.push((format!("… {}", part.title().get(lang)), Role::Busy));
    } else if checkup.stopped {
        out.push((STOPPED.get(lang).to_owned(), Role::Dim));
    } else {
        let (words, role) = match checkup.failed() {
            None => (HEALTHY.get(lang).to_owned(), Role::Good),
            Some(step) => (FAILED_AT.fill(lang, &[&step.part.title().get(lang)]), Role::Bad),
        };
        out.push((words, role));
    }
    out
}

/// Adds words behind a heading; further lines begin under the words.
fn push_wrapped(out: &mut Vec<(String, Role)>, head: &str, words: &str, role: Role, cells: usize) {
    if width(head) + width(words) <= cells || width(head) * 2 < cells {
        let mut lead = head.to_owned();
        for line in wrap(words, cells.saturating_sub(width(head)).max(16)) {
            out.push((format!("{lead}{line}"), role));
            lead = " ".repeat(width(head));
        }
        return;
    }
    // The heading takes most of the line: the words begin on the next one.
    out.push((head.trim_end().to_owned(), role));
    for line in wrap(words, cells.saturating_sub(INDENT).max(16)) {
        out.push((format!("{}{line}", " ".repeat(INDENT)), role));
    }
}

/// Cells before words that begin on a line of their own.
const INDENT: usize = 16;

const ASK_DOCTOR: Text =
    Text::new("press x: the doctor connects step by step and explains", "按 x：逐步连接并解释失败原因");
const DOCTOR: Text = Text::new("Doctor", "连接诊断");
const PROBABLY: Text = Text::new("probably: {}", "可能：{}");
const STOPPED: Text = Text::new("stopped", "已停止");
const HEALTHY: Text = Text::new("connected: nothing is wrong", "连接正常，未发现问题");
const FAILED_AT: Text = Text::new("failed at: {}", "失败于：{}");
const PROFILES: Text = Text::new("Profiles", "连接配置");
const NO_PROFILES: Text = Text::new(
    "There is no profile yet. `iotdbg profiles new` makes one; `iotdbg demo` needs none.",
    "还没有配置。可用 iotdbg profiles new 新建；iotdbg demo 无需配置。",
);
const PRODUCTION: Text = Text::new("production", "生产环境");
const BUILTIN: Text = Text::new("built in", "内置");
const LOG_OF: Text = Text::new("Last attempt: {}", "最近一次连接：{}");
const NEVER: Text =
    Text::new("Not connected in this run. Press enter to connect.", "本次运行尚未连接，按 enter 连接。");
const LASTING: Text = Text::new("since {}", "自 {} 起");
const EXPIRES: Text = Text::new("token expires in {} ({})", "token 将在 {} 后过期（{}）");
const EXPIRED: Text = Text::new("token has expired ({})", "token 已过期（{}）");
const ATTEMPT: Text = Text::new("attempt begins", "开始连接");
const AGAIN: Text = Text::new("{} — attempt {} follows", "{}——稍后第 {} 次重试");
const REFUSED: Text = Text::new("refused: {}", "被拒绝：{}");
const ONLINE: Text = Text::new("online", "在线");
const CLOSED: Text = Text::new("closed", "已断开");
