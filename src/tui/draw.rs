//! A whole frame: header, message line, the tab, footer, and what lies over them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::connections::EXPIRY_SHOWN;
use crate::app::tour::Tour;
use crate::app::{Action, App, Place, Tab, Target, keys};
use crate::base::lang::Text;
use crate::base::text::{countdown, fit, fit_middle, group_digits, human_size, printable, width};
use crate::model::{LinkState, Severity};
use crate::tui::frame::Canvas;
use crate::tui::hits::Hits;
use crate::tui::theme::{Role, Theme};
use crate::tui::{panes, privacy};

/// Below this nothing useful fits.
const MIN_WIDTH: u16 = 44;
const MIN_HEIGHT: u16 = 10;
/// What a state may say in the header.
const STATE_CELLS: usize = 24;

/// Draws the application and notes what lies where.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: Theme, hits: &mut Hits) {
    let cursor = paint(frame.buffer_mut(), app, theme, hits);
    if let Some(position) = cursor {
        frame.set_cursor_position(position);
    }
}

/// Draws into a buffer; returns where the terminal's cursor goes.
pub fn paint(buffer: &mut Buffer, app: &App, theme: Theme, hits: &mut Hits) -> Option<Position> {
    let area = buffer.area;
    let mut canvas = Canvas { buffer, theme, lang: app.lang, hits, cursor: None };
    if area.width < MIN_WIDTH || area.height < MIN_HEIGHT {
        let style = canvas.style(Role::Warning);
        let words = TOO_SMALL.fill(app.lang, &[&MIN_WIDTH, &MIN_HEIGHT, &area.width, &area.height]);
        canvas.paragraph(area, &words, style);
        return None;
    }
    header(&mut canvas, Rect { height: 1, ..area }, app);
    let toast = u16::from(app.toast().is_some());
    let tour = u16::from(app.tour.is_some());
    let body = Rect::new(area.x, area.y + 1, area.width, area.height - 2 - toast - tour);
    match app.tab() {
        Tab::Connections => panes::connections::draw(&mut canvas, body, app),
        Tab::Stream => panes::stream::draw(&mut canvas, body, app),
        Tab::Compose => panes::compose::draw(&mut canvas, body, app),
        Tab::Frames => panes::frames::draw(&mut canvas, body, app),
        Tab::Sign => panes::sign::draw(&mut canvas, body, app),
        Tab::Device => panes::device::draw(&mut canvas, body, app),
        Tab::Events => panes::events::draw(&mut canvas, body, app),
    }
    if let Some(tour) = app.tour {
        tour_line(&mut canvas, Rect::new(area.x, body.bottom(), area.width, 1), tour);
    }
    if toast == 1 {
        message(&mut canvas, Rect::new(area.x, area.bottom() - 2, area.width, 1), app);
    }
    footer(&mut canvas, Rect::new(area.x, area.bottom() - 1, area.width, 1), app);
    // A window never hides the message that tells what became of it.
    let window = Rect { height: area.height - toast, ..area };
    for overlay in app.overlays() {
        canvas.cursor = None;
        panes::overlay::draw(&mut canvas, window, overlay, app);
    }
    if app.overlays().is_empty() && app.place() == Place::CopyMenu {
        panes::overlay::chord(&mut canvas, body, app, Place::CopyMenu);
    }
    let cursor = canvas.cursor;
    if app.private {
        privacy::cover(buffer, &app.device_names());
    }
    cursor
}

/// `iotdbg  1 Connections  2 Stream …            ● lamp-app online  ◆ lamp connecting: TCP`
fn header(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let mut x = area.x;
    if area.width >= 100 {
        x += canvas.pieces(x, area.y, area.width, &[(" iotdbg ", Role::Title), (" ", Role::Text)]);
    }
    for tab in Tab::ALL {
        let chosen = *tab == app.tab();
        let badge = app.badge(*tab).map(|count| format!(" ({count})")).unwrap_or_default();
        // Where the window is narrow, blanks make room for the states of the connections.
        let end = if chosen || area.width >= 100 { " " } else { "" };
        let label = format!(" {} {}{badge}{end}", tab.number(), canvas.words(&tab.title()));
        let role = match (chosen, badge.is_empty()) {
            (true, _) => Role::Tab,
            (false, true) => Role::Text,
            (false, false) => Role::Warning,
        };
        let style = canvas.style(role);
        let used = canvas.text(x, area.y, area.right().saturating_sub(x), &label, style);
        canvas.hit(Rect::new(x, area.y, used, 1), Target::Tab(*tab));
        x += used;
    }
    connections(canvas, Rect::new(x + 1, area.y, area.right().saturating_sub(x + 1), 1), app);
}

/// The connections at the right of the header: with words while they fit, then as glyphs with a mark, then counted by
/// their marks.
fn connections(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let all = app.connections.all();
    let worded: Vec<String> = all
        .iter()
        .map(|connection| {
            let words = connection.state_words(app.lang, app.now());
            // A reason can be long; all of it is on the Connections tab.
            let words = fit(&printable(&words), STATE_CELLS).into_owned();
            format!("{} {} {words}", connection.glyph(), printable(&connection.name))
        })
        .collect();
    let room = usize::from(area.width);
    let full: usize = worded.iter().map(|words| width(words) + 2).sum();
    let short = |index: usize| {
        all.get(index).map(|connection| format!("{}{}", connection.glyph(), state_mark(&connection.state)))
    };
    let medium: usize = all.iter().map(|connection| width(&printable(&connection.name)) + 6).sum();
    let pieces: Vec<String> = if full <= room {
        worded
    } else if medium <= room {
        let named = |(index, name): (usize, &str)| short(index).map(|mark| format!("{mark} {}", printable(name)));
        all.iter().map(|c| c.name.as_str()).enumerate().filter_map(named).collect()
    } else {
        (0..all.len()).filter_map(short).collect()
    };
    // A single blank keeps glyphs apart, names need two.
    let gap = if full <= room || medium <= room { 2 } else { 1 };
    let total: usize = pieces.iter().map(|piece| width(piece) + gap).sum();
    if total > room {
        return counted(canvas, area, app);
    }
    let mut x = area.right().saturating_sub(u16::try_from(total).unwrap_or(u16::MAX)).max(area.x);
    for (connection, piece) in all.iter().zip(pieces) {
        let style = match connection.state {
            LinkState::Refused(_) => canvas.style(Role::Bad),
            LinkState::Closed => canvas.style(Role::Dim),
            _ => canvas.theme.connection(connection.colour()),
        };
        let used = canvas.text(x, area.y, area.right().saturating_sub(x), &piece, style);
        canvas.hit(Rect::new(x, area.y, used, 1), Target::Connection(connection.id));
        x = x.saturating_add(used + u16::try_from(gap).unwrap_or(2));
    }
}

/// `✓6 ✗2`: how many connections are in which state, those that need a look first.
fn counted(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let marks = [("✗", Role::Bad), ("↻", Role::Warning), ("…", Role::Busy), ("✓", Role::Good), ("-", Role::Dim)];
    let mut x = area.x;
    for (mark, role) in marks {
        let count = app.connections.all().iter().filter(|connection| state_mark(&connection.state) == mark).count();
        if count > 0 {
            let style = canvas.style(role);
            x += canvas.text(x, area.y, area.right().saturating_sub(x), &format!("{mark}{count} "), style);
        }
    }
    canvas.hit(Rect::new(area.x, area.y, x - area.x, 1), Target::Tab(Tab::Connections));
}

/// A state in one character, for where there is no room for words.
pub fn state_mark(state: &LinkState) -> &'static str {
    match state {
        LinkState::Closed => "-",
        LinkState::Connecting(_) => "…",
        LinkState::Online => "✓",
        LinkState::Waiting { .. } => "↻",
        LinkState::Refused(_) => "✗",
    }
}

/// The message line.
fn message(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let Some(toast) = app.toast() else { return };
    let (mark, role) = match toast.severity {
        Severity::Info => ("i", Role::Busy),
        Severity::Warning => ("!", Role::Warning),
        Severity::Error => ("✗", Role::Bad),
    };
    let close = if toast.severity == Severity::Error { canvas.words(&DISMISS) } else { "" };
    let room = area.width.saturating_sub(u16::try_from(width(close)).unwrap_or_default() + 1);
    let style = canvas.style(role);
    // What happened stands at the beginning, why and what to do at the end: a long path between them can spare most.
    let words = printable(&toast.text.render(app.lang)).into_owned();
    let words = fit_middle(&words, usize::from(room).saturating_sub(4));
    canvas.text(area.x, area.y, room, &format!(" {mark} {words}"), style);
    let style = canvas.style(Role::Dim);
    canvas.text(area.x + room, area.y, area.width - room, close, style);
    canvas.hit(area, Target::Action(Action::Dismiss));
}

/// What the tour says to try now.
fn tour_line(canvas: &mut Canvas<'_>, area: Rect, tour: Tour) {
    let Some(words) = tour.words() else { return };
    let style = canvas.style(Role::Tab);
    canvas.fill(area, style);
    let progress = tour.progress().map(|(step, of)| format!("{step}/{of} ")).unwrap_or_default();
    let line = format!(" {progress}{}", canvas.words(&words));
    canvas.text(area.x, area.y, area.width, &line, style);
    canvas.hit(area, Target::Action(Action::Tour));
}

/// Keys that work now at the left, counters at the right. Keys come first: counters get shorter where there is little
/// room, and help, which leads to everything that does not fit, always has its place.
fn footer(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let status = if app.overlays().is_empty() {
        private(app) + &recording(app) + &expiry(app, area.width) + &status(app, area.width)
    } else {
        String::new()
    };
    let status_width = u16::try_from(width(&status)).unwrap_or(u16::MAX).min(area.width);
    let bindings: Vec<&keys::Binding> = app
        .places()
        .into_iter()
        .flat_map(keys::of)
        .filter(|binding| binding.footer && !app.keymap.keys(binding).is_empty() && (binding.when)(app).is_ok())
        .collect();
    let cells = |binding: &keys::Binding| {
        let key = app.keymap.shown(binding);
        u16::try_from(width(&key) + 1 + width(canvas.words(&binding.action.title())) + 2).unwrap_or(u16::MAX)
    };
    let help = bindings.iter().find(|binding| binding.action == Action::Help).map_or(0, |binding| cells(binding));
    let mut room = (area.width - status_width).saturating_sub(help + 2);
    let shown: Vec<&keys::Binding> = bindings
        .into_iter()
        .filter(|binding| {
            let needs = cells(binding);
            let fits = binding.action == Action::Help || needs <= room;
            if fits && binding.action != Action::Help {
                room -= needs;
            }
            fits
        })
        .collect();
    let mut x = area.x + 1;
    let end = area.right().saturating_sub(status_width + 1);
    for binding in shown {
        let key = app.keymap.shown(binding);
        let title = canvas.words(&binding.action.title());
        let start = x;
        let left = end.saturating_sub(x);
        x += canvas.pieces(x, area.y, left, &[(&key, Role::Key), (" ", Role::Text), (title, Role::Text)]);
        canvas.hit(Rect::new(start, area.y, x - start, 1), Target::Action(binding.action));
        x += 2;
    }
    let not_recorded = app.captures.recording().is_some_and(|recording| recording.recorded.lost > 0);
    let role = if app.lost > 0 || not_recorded { Role::Bad } else { Role::Dim };
    let style = canvas.style(role);
    canvas.text(area.right() - status_width, area.y, status_width, &status, style);
}

/// `names covered · `: so that nobody takes dots for names.
fn private(app: &App) -> String {
    if app.private { PRIVATE.get(app.lang).to_owned() } else { String::new() }
}

/// `● rec 12,345 · `: what is in the recording, and what it had to leave out.
fn recording(app: &App) -> String {
    let Some(recording) = app.captures.recording() else { return String::new() };
    let count = group_digits(recording.recorded.messages);
    match recording.recorded.lost {
        0 => RECORDING.fill(app.lang, &[&count]),
        lost => RECORDING_LOST.fill(app.lang, &[&count, &group_digits(lost)]),
    }
}

/// `token 11:59:48 · `: what is left of the first login that expires; on a narrow line only the last hour of it.
fn expiry(app: &App, cells: u16) -> String {
    let Some(at) = app.connections.next_expiry() else { return String::new() };
    if at <= app.now() {
        return EXPIRED.get(app.lang).to_owned();
    }
    let left = at.since(app.now());
    let shown = cells >= 100 || left < EXPIRY_SHOWN;
    if shown { EXPIRY.fill(app.lang, &[&countdown(left)]) } else { String::new() }
}

/// `88,310 msgs · 12/s · 41 MiB of 256 MiB · lost 0 `, or less of it where the window is narrow.
fn status(app: &App, cells: u16) -> String {
    let stats = app.store.stats();
    let count = group_digits(stats.total);
    let lost = group_digits(app.lost);
    if cells < 100 {
        return if app.lost > 0 {
            STATUS_LOST.fill(app.lang, &[&count, &lost])
        } else {
            STATUS_SHORT.fill(app.lang, &[&count])
        };
    }
    let rate = app.store.traffic().rate(app.now());
    let (used, of) = (human_size(stats.bytes as u64), human_size(stats.budget as u64));
    STATUS.fill(app.lang, &[&count, &format!("{rate:.0}"), &used, &of, &lost])
}

const TOO_SMALL: Text =
    Text::new("iotdbg needs {} × {} cells; this window has {} × {}.", "iotdbg 需要 {} × {} 的窗口，当前为 {} × {}。");
const DISMISS: Text = Text::new("esc dismiss ", "esc 关闭 ");
const PRIVATE: Text = Text::new("names covered · ", "名称已遮蔽 · ");
const RECORDING: Text = Text::new("● rec {} · ", "● 录制 {} · ");
const RECORDING_LOST: Text = Text::new("● rec {}, lost {} · ", "● 录制 {}，丢失 {} · ");
const EXPIRY: Text = Text::new("token {} · ", "token {} · ");
const EXPIRED: Text = Text::new("token expired · ", "token 已过期 · ");
const STATUS: Text = Text::new("{} msgs · {}/s · {} of {} · lost {} ", "{} 条 · {}/秒 · {}/{} · 丢失 {} ");
const STATUS_SHORT: Text = Text::new("{} msgs ", "{} 条 ");
const STATUS_LOST: Text = Text::new("{} msgs · lost {} ", "{} 条 · 丢失 {} ");
