//! Frames of the tab, drawn into a buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::inspect::Mode;
use crate::app::stream::tests::{POST, busy, finish_work, flow};
use crate::app::tests::press;
use crate::app::{App, Place, Target};
use crate::base::lang::Lang;
use crate::base::text;
use crate::model::Direction;
use crate::tui::draw::paint;
use crate::tui::hits::Hits;
use crate::tui::theme::Theme;

struct Shot {
    text: String,
    hits: Hits,
    cursor: Option<Position>,
    styled: bool,
}

fn shot(app: &mut App, width: u16, height: u16, colours: bool) -> Shot {
    finish_work(app);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let mut hits = Hits::default();
    app.prepare(width, height, app.now());
    let cursor = paint(&mut buffer, app, if colours { Theme::terminal() } else { Theme::plain() }, &mut hits);
    let mut lines = Vec::new();
    for y in 0..height {
        let mut line = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(text::width(symbol)).unwrap().max(1);
        }
        lines.push(line);
    }
    let styled = buffer.content.iter().any(|cell| cell.fg != ratatui::style::Color::Reset);
    Shot { text: lines.join("\n"), hits, cursor, styled }
}

impl Shot {
    #[track_caller]
    fn shows(&self, words: &[&str]) {
        for words in words {
            assert!(self.text.contains(words), "no “{words}” in\n{}", self.text);
        }
    }

    #[track_caller]
    fn hides(&self, words: &str) {
        assert!(!self.text.contains(words), "“{words}” in\n{}", self.text);
    }
}

#[test]
fn a_line_says_when_where_what_who_and_how_it_ended() {
    let mut app = busy(Lang::En);
    let shot = shot(&mut app, 160, 40, true);
    shot.shows(&["Topics 3", "…demo/lamp/thing/property", "▲ ◆ lamp", "temperature=30.5", "set reply", "4 of 4"]);
    shot.shows(&["2302", "#77", "✗", "following"]);
}

#[test]
fn at_80_columns_the_tree_comes_only_when_asked_for() {
    let mut app = busy(Lang::En);
    let narrow = shot(&mut app, 80, 24, true);
    narrow.shows(&["temperature=30.5", "2302"]);
    narrow.hides("Topics");
    press(&mut app, &["h"]);
    shot(&mut app, 80, 24, true).shows(&["Topics 3", "set_reply", "Stream"]);
}

#[test]
fn chinese_is_aligned_and_complete() {
    let mut app = busy(Lang::Zh);
    press(&mut app, &["enter"]);
    for (width, height) in [(80, 24), (120, 40), (200, 50)] {
        let shot = shot(&mut app, width, height, true);
        shot.shows(&["消息流", "属性上报", "解析", "十六进制"]);
        for line in shot.text.lines().skip(1).take(usize::from(height) - 3) {
            assert_eq!(text::width(line), usize::from(width), "{line}");
            assert!(line.ends_with(['┓', '┐', '│', '┃', '┘', '┛']), "a frame is broken: {line}");
        }
    }
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    let mut app = busy(Lang::En);
    let evil = "\u{1b}[2J\u{202e}evil\u{7}\u{200b}".repeat(3);
    flow(&mut app, 1, Direction::In, &format!("a/{evil}/b"), evil.as_bytes());
    flow(&mut app, 1, Direction::In, POST, format!(r#"{{"{evil}":"{evil}"}}"#).as_bytes());
    press(&mut app, &["enter"]);
    for mode in Mode::ALL {
        app.stream.inspector.set_mode(mode);
        for (width, height) in [(80, 24), (200, 50)] {
            let shot = shot(&mut app, width, height, true);
            let hidden = shot.text.chars().find(|c| *c != '\n' && text::is_hidden(*c));
            assert_eq!(hidden, None, "{mode:?}");
            shot.shows(&["␛[2J"]);
        }
    }
}

#[test]
fn an_active_filter_is_never_invisible_and_a_fault_is_told_at_once() {
    let mut app = busy(Lang::En);
    press(&mut app, &["/", "3", "0", ".", "5", "\""]);
    let typing = shot(&mut app, 80, 24, true);
    typing.shows(&["filter: 30.5\""]);
    assert!(typing.cursor.is_some(), "the terminal's cursor is in the box");
    press(&mut app, &["backspace", " ", "\""]);
    shot(&mut app, 80, 24, true).shows(&["✗ column 6"]);
    press(&mut app, &["backspace", "backspace", "enter"]);
    shot(&mut app, 80, 24, true).shows(&["filter: 30.5", "1 of 4"]);
    press(&mut app, &["z", "enter"]);
    app.stream.toggle_zoom();
    shot(&mut app, 80, 24, true).shows(&["filter: 30.5", "1 of 4"]);
    press(&mut app, &["esc", "/", "z", "z", "z", "enter"]);
    shot(&mut app, 80, 24, true).shows(&["None of the 4 messages kept fits the filter", "0 of 4"]);
}

#[test]
fn a_pause_counts_what_it_holds_back() {
    let mut app = busy(Lang::En);
    press(&mut app, &[" "]);
    for _ in 0..12 {
        flow(&mut app, 1, Direction::In, POST, b"{}");
    }
    shot(&mut app, 120, 30, true).shows(&["paused · 12 new", "4 of 16"]);
}

#[test]
fn without_colour_everything_is_still_said() {
    let mut app = busy(Lang::En);
    press(&mut app, &["enter"]);
    let plain = shot(&mut app, 160, 40, false);
    assert!(!plain.styled);
    let coloured = shot(&mut app, 160, 40, true);
    assert_eq!(plain.text, coloured.text);
}

#[test]
fn fields_and_bytes_stand_side_by_side_where_there_is_room() {
    let mut app = busy(Lang::En);
    press(&mut app, &["g", "enter", "z"]);
    shot(&mut app, 160, 40, true).shows(&["temperature", "00000000  7b 22 69 64", "{\"id\":\"1\""]);
    let narrow = shot(&mut app, 80, 24, true);
    narrow.shows(&["temperature", "Tree", "Hex", "Pretty", "Raw"]);
    narrow.hides("00000000");
    press(&mut app, &["v"]);
    shot(&mut app, 80, 24, true).shows(&["00000000  7b 22 69 64"]);
    press(&mut app, &["v"]);
    shot(&mut app, 80, 24, true).shows(&["  \"version\": \"1.0\","]);
    press(&mut app, &["v"]);
    shot(&mut app, 80, 24, true).shows(&[r#"{"id":"1","version":"1.0","#]);
}

#[test]
fn every_row_and_byte_can_be_hit() {
    let mut app = busy(Lang::En);
    press(&mut app, &["g", "enter"]);
    let shot = shot(&mut app, 160, 40, true);
    let (mut rows, mut topics, mut bytes, mut fields) = (0, 0, 0, 0);
    for y in 0..40 {
        for x in 0..160 {
            match shot.hits.at(x, y).map(|(target, _)| target) {
                Some(Target::Row(Place::Stream, _)) => rows += 1,
                Some(Target::Row(Place::Tree, _)) => topics += 1,
                Some(Target::Part(Place::Inspect, 1, _)) => bytes += 1,
                Some(Target::Part(Place::Inspect, 0, _)) => fields += 1,
                _ => {}
            }
        }
    }
    assert!(rows > 300 && topics > 100 && fields > 100, "{rows} {topics} {fields}");
    let payload = app.stream.inspector.payload().len();
    assert_eq!(bytes, payload.min(bytes / 3) * 3, "two digits and one character for each byte shown");
    assert!(bytes > 0);
}

#[test]
fn a_payload_of_a_mebibyte_is_drawn_like_any_other() {
    let mut app = busy(Lang::En);
    let value = "x".repeat(3 << 20);
    flow(
        &mut app,
        1,
        Direction::In,
        POST,
        format!(r#"{{"id":"5","params":{{"title":{{"value":"{value}"}}}}}}"#).as_bytes(),
    );
    press(&mut app, &["enter"]);
    for mode in Mode::ALL {
        app.stream.inspector.set_mode(mode);
        shot(&mut app, 80, 24, true).shows(&["truncated, 1 MiB of 3 MiB"]);
        press(&mut app, &["G"]);
        shot(&mut app, 200, 50, true);
        press(&mut app, &["g"]);
    }
}

#[test]
fn no_size_panics_in_any_state() {
    let mut app = busy(Lang::Zh);
    let states: [&[&str]; 7] = [&[], &["enter"], &["z"], &["v"], &["esc", "/", "\""], &["esc", "h"], &["l", "y"]];
    for keys in states {
        press(&mut app, keys);
        for (width, height) in [(1, 1), (2, 3), (44, 10), (45, 11), (60, 12), (96, 10), (200, 11), (44, 60), (300, 100)]
        {
            shot(&mut app, width, height, true);
        }
    }
}
