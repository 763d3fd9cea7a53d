//! The messages.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::app::connections::LogLine;
use crate::app::stream::{Grouping, Line, Outcome};
use crate::app::{App, Connection, Place, Target};
use crate::base::text::{fit_middle, group_digits, printable, width};
use crate::model::{Direction, LinkState, Stage};
use crate::tui::frame::Canvas;
use crate::tui::panes::stream::{completions, texts};
use crate::tui::theme::Role;
use crate::tui::widgets::input;

/// How wide the columns are.
struct Columns {
    peer: u16,
    kind: u16,
    device: u16,
    id: bool,
}

impl Columns {
    fn new(cells: u16) -> Columns {
        match cells {
            0..88 => Columns { peer: 1, kind: 12, device: 8, id: false },
            88..110 => Columns { peer: 1, kind: 14, device: 12, id: true },
            110..150 => Columns { peer: 12, kind: 16, device: 14, id: true },
            _ => Columns { peer: 16, kind: 20, device: 18, id: true },
        }
    }
}

/// Draws the list.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App, focus: bool) {
    let inside = canvas.frame(area, canvas.words(&texts::STREAM), focus);
    canvas.hit(area, Target::Area(Place::Stream));
    draw_title(canvas, area, app);
    draw_state(canvas, area, app);
    let (lines, first) = app.stream.lines();
    if lines.is_empty() {
        draw_empty(canvas, inside, app);
    }
    // The last column belongs to the bar that shows where in the list this is.
    let width = inside.width.saturating_sub(1);
    let columns = Columns::new(width);
    let selected = app.stream.list.selected().and_then(|seq| app.store.get(seq)).map(|message| message.at);
    for (index, line) in lines.iter().enumerate().take(usize::from(inside.height)) {
        let y = inside.y + u16::try_from(index).unwrap_or_default();
        let row = Rect::new(inside.x, y, width, 1);
        let before = index.checked_sub(1).and_then(|above| lines.get(above)).map(|above| above.at);
        let time = app.stream.clock().words(line, selected, before.or(app.stream.above()));
        draw_line(canvas, row, app, line, &columns, &time);
        canvas.hit(row, Target::Row(Place::Stream, first + index));
        if app.stream.list.selected() == Some(line.seq) {
            let style = canvas.style(if focus { Role::Selected } else { Role::SelectedElsewhere });
            canvas.paint(row, style);
        }
    }
    canvas.scrollbar(inside, first, usize::from(inside.height), app.stream.list.len());
    completions::draw(canvas, inside, app);
}

/// The upper border: filter, scope, and how much of what is shown.
fn draw_title(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let stream = &app.stream;
    let (shown, kept) = stream.counts(&app.store);
    let counts = format!(" {} ", texts::COUNTS.fill(canvas.lang, &[&shown, &kept]));
    let counts_width = u16::try_from(width(&counts)).unwrap_or_default();
    let right = area.right().saturating_sub(counts_width + 2);
    let style = canvas.style(Role::Title);
    let start = area.x + 4 + u16::try_from(width(canvas.words(&texts::STREAM))).unwrap_or_default();
    if right > start {
        canvas.text(right, area.y, counts_width, &counts, style);
    }
    let mut x = start;
    if stream.filter.is_editing() {
        let label = canvas.words(&texts::FILTER);
        let style = canvas.style(Role::Key);
        x += canvas.text(x, area.y, right.saturating_sub(x), label, style);
        let field = Rect::new(x, area.y, right.saturating_sub(x + 1), 1);
        input::draw(canvas, field, stream.filter.edit(), true);
        return;
    }
    let mut pieces: Vec<(String, Role)> = Vec::new();
    if !stream.filter.text().is_empty() {
        pieces.push((format!(" {}{} ", canvas.words(&texts::FILTER), stream.filter.text()), Role::Hit));
    }
    if let Some(name) = stream.scope() {
        let words = match stream.tree.grouping() {
            Grouping::Topics => texts::IN_TOPIC,
            Grouping::Devices => texts::IN_DEVICE,
        };
        pieces.push((format!(" {} ", words.fill(canvas.lang, &[&name])), Role::Hit));
    }
    for (text, role) in pieces {
        let style = canvas.style(role);
        x += canvas.text(x, area.y, right.saturating_sub(x + 1), &text, style) + 1;
        if x >= right {
            break;
        }
    }
    canvas
        .hit(Rect::new(start, area.y, right.saturating_sub(start), 1), Target::Action(crate::app::Action::EditFilter));
}

/// The lower border: what the list is doing.
fn draw_state(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let stream = &app.stream;
    let list = &stream.list;
    let lang = canvas.lang;
    let number = |count: usize| group_digits(u64::try_from(count).unwrap_or(u64::MAX));
    let mut pieces: Vec<(String, Role)> = Vec::new();
    if stream.is_copying() {
        pieces.push((canvas.words(&texts::COPY_WHAT).to_owned(), Role::Key));
    } else if let Some(fault) = stream.filter.fault() {
        let text = stream.filter.text();
        let column = width(text.get(..fault.offset).unwrap_or(&text)) + 1;
        let words = texts::FAULT.fill(lang, &[&column, &fault.reason.render(lang)]);
        pieces.push((format!("✗ {words}"), Role::Bad));
    }
    if let Some(played) = app.captures.reading() {
        let percent = played.read.min(played.size) * 100 / played.size.max(1);
        pieces.push((texts::READING.fill(lang, &[&percent]), Role::Busy));
    }
    if let Some((done, of)) = app.captures.exporting() {
        pieces.push((texts::WRITING.fill(lang, &[&(done * 100 / of.max(1))]), Role::Busy));
    }
    if list.is_hunting() {
        pieces.push((canvas.words(&texts::HUNTING).to_owned(), Role::Busy));
    }
    let progress = list.progress();
    if !progress.is_complete() {
        let percent = progress.done * 100 / progress.total.max(1);
        pieces.push((texts::SCANNING.fill(lang, &[&percent]), Role::Busy));
    }
    if list.is_paused() {
        pieces.push((texts::PAUSED.fill(lang, &[&number(list.held_back())]), Role::Warning));
    } else if list.follows() {
        pieces.push((canvas.words(&texts::FOLLOWING).to_owned(), Role::Dim));
    } else if let Some(cursor) = list.cursor() {
        let words = match list.len().saturating_sub(cursor + 1) {
            0 => canvas.words(&texts::HELD).to_owned(),
            newer => texts::BEHIND.fill(lang, &[&number(newer)]),
        };
        pieces.push((words, Role::Dim));
    }
    let mut x = area.x + 2;
    let y = area.bottom().saturating_sub(1);
    for (text, role) in pieces {
        let room = area.right().saturating_sub(x + 2);
        let style = canvas.style(role);
        x += canvas.text(x, y, room, &format!(" {text} "), style) + 1;
    }
}

fn draw_empty(canvas: &mut Canvas<'_>, inside: Rect, app: &App) {
    let kept = app.store.stats().kept;
    let listened = if kept == 0 { listened(app) } else { Vec::new() };
    if !listened.is_empty() {
        return draw_silence(canvas, inside, &listened);
    }
    let words = if kept == 0 {
        canvas.words(&texts::NOTHING_YET).to_owned()
    } else {
        texts::NOTHING_FITS.fill(canvas.lang, &[&group_digits(kept)])
    };
    let style = canvas.style(Role::Dim);
    let area = Rect::new(inside.x + 1, inside.y + inside.height / 3, inside.width.saturating_sub(2), inside.height);
    canvas.paragraph(area.intersection(inside), &words, style);
}

/// What the open connections have subscribed, each topic with the answer to it.
fn listened(app: &App) -> Vec<String> {
    let online = app.connections.all().iter().filter(|connection| matches!(connection.state, LinkState::Online));
    online
        .flat_map(|connection| {
            connection.log.iter().filter_map(|(_, line)| match line {
                LogLine::Stage(report) if report.stage == Stage::Suback => {
                    Some(format!("{} {}", connection.glyph(), report.detail.render(app.lang)))
                }
                _ => None,
            })
        })
        .collect()
}

/// Connected, and nothing comes: the answer is most often in the topics that are listened to.
fn draw_silence(canvas: &mut Canvas<'_>, inside: Rect, listened: &[String]) {
    let style = canvas.style(Role::Dim);
    let area = Rect::new(inside.x + 1, inside.y + 1, inside.width.saturating_sub(2), inside.height.saturating_sub(1));
    let mut y = area.y;
    y += canvas.paragraph(area, canvas.words(&texts::SILENCE), style) + 1;
    let room = usize::from(area.bottom().saturating_sub(y));
    let plain = canvas.style(Role::Text);
    let shown = if listened.len() > room { room.saturating_sub(1) } else { listened.len() };
    for line in listened.iter().take(shown) {
        canvas.text(area.x, y, area.width, line, plain);
        y += 1;
    }
    if shown < listened.len() && room > 0 {
        let more = texts::MORE_LISTENED.fill(canvas.lang, &[&(listened.len() - shown)]);
        canvas.text(area.x, y, area.width, &more, style);
    }
}

fn draw_line(canvas: &mut Canvas<'_>, row: Rect, app: &App, line: &Line, columns: &Columns, time: &str) {
    let y = row.y;
    let marked = app.stream.list.is_marked(line.seq);
    let (dim, warning) = (canvas.style(Role::Dim), canvas.style(Role::Warning));
    let mut x = row.x;
    let mut cell = |canvas: &mut Canvas<'_>, cells: u16, text: &str, style: Style| {
        let room = row.right().saturating_sub(x);
        canvas.text(x, y, cells.min(room), text, style);
        x = x.saturating_add(cells + 1);
    };
    let highlight = line.highlight.map(|colour| canvas.theme.connection(colour).add_modifier(Modifier::BOLD));
    let mark = match (marked, highlight) {
        (true, _) => "◆",
        (false, Some(_)) => "▌",
        (false, None) => " ",
    };
    let time = format!("{mark}{time:>12}");
    cell(canvas, 13, &time, highlight.unwrap_or(if marked { warning } else { dim }));
    let (arrow, role) = match line.direction {
        Direction::In => ("▼", Role::Incoming),
        Direction::Out => ("▲", Role::Outgoing),
    };
    let style = canvas.style(role);
    cell(canvas, 1, arrow, style);
    let colour = app.connections.get(line.connection).map_or(0, Connection::colour);
    let style = canvas.theme.connection(colour);
    let (glyph, name) = &line.peer;
    let peer = if columns.peer > 2 { format!("{glyph} {name}") } else { glyph.clone() };
    // App and device of one platform differ at the end of their names.
    cell(canvas, columns.peer, &fit_middle(&peer, usize::from(columns.peer)), style);
    let style = canvas.theme.kind(line.kind);
    cell(canvas, columns.kind, line.kind_words, style);
    let style = highlight.unwrap_or(canvas.style(Role::Text));
    cell(canvas, columns.device, &line.device, style);

    let right = right_side(line, columns);
    let right_width: u16 = right.iter().map(|(text, _)| u16::try_from(width(text)).unwrap_or_default()).sum();
    let end = row.right().saturating_sub(right_width);
    let gap = u16::from(right_width > 0);
    draw_gist(canvas, Rect::new(x, y, end.saturating_sub(x + gap), 1), app, line);
    let pieces: Vec<(&str, Role)> = right.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    canvas.pieces(end.max(row.x), y, right_width, &pieces);
}

/// Latency, id and outcome, at the right edge so that they can be compared.
fn right_side(line: &Line, columns: &Columns) -> Vec<(String, Role)> {
    let role = outcome_role(line.outcome);
    let mut pieces = Vec::new();
    if !line.flags.is_empty() {
        pieces.push((format!("{} ", line.flags), Role::Warning));
    }
    if !line.latency.is_empty() {
        pieces.push((line.latency.clone(), Role::Text));
    }
    if columns.id && !line.id.is_empty() {
        pieces.push((format!("  {:<7}", line.id), Role::Dim));
    }
    if line.outcome != Outcome::None {
        pieces.push((format!(" {} ", line.outcome.mark()), role));
    } else if !pieces.is_empty() {
        pieces.push(("   ".to_owned(), Role::Text));
    }
    pieces
}

/// The colour of an outcome; its mark says the same.
pub fn outcome_role(outcome: Outcome) -> Role {
    match outcome {
        Outcome::None => Role::Text,
        Outcome::Open | Outcome::Acknowledged => Role::Busy,
        Outcome::Good | Outcome::Observed => Role::Good,
        Outcome::Odd => Role::Warning,
        Outcome::Bad => Role::Bad,
    }
}

/// What the message says, with what the filter found in it.
fn draw_gist(canvas: &mut Canvas<'_>, area: Rect, app: &App, line: &Line) {
    let mut x = area.x;
    if !line.outcome_words.is_empty() {
        let style = canvas.style(outcome_role(line.outcome));
        x += canvas.text(x, area.y, area.width, &line.outcome_words, style) + 1;
    }
    if let Some(note) = app.stream.list.note(line.seq).filter(|note| !note.is_empty()) {
        let style = canvas.style(Role::Warning);
        x += canvas.text(x, area.y, area.right().saturating_sub(x), &format!("“{note}” "), style);
    }
    let gist = printable(&line.gist);
    let plain = match line.highlight {
        Some(colour) => canvas.theme.connection(colour).add_modifier(Modifier::BOLD),
        None => canvas.style(Role::Text),
    };
    let hit = canvas.style(Role::Hit);
    let mut done = 0;
    let mut piece = |canvas: &mut Canvas<'_>, text: &str, style: Style| {
        x += canvas.text(x, area.y, area.right().saturating_sub(x), text, style);
    };
    for range in app.stream.list.filter().hits(&gist) {
        piece(canvas, gist.get(done..range.start).unwrap_or_default(), plain);
        piece(canvas, gist.get(range.clone()).unwrap_or_default(), hit);
        done = range.end;
    }
    piece(canvas, gist.get(done..).unwrap_or_default(), plain);
}
