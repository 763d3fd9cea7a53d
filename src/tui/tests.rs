//! Frames drawn into a buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::app::tests::{START, config, demo, press, tell};
use crate::app::{App, AppConfig, Tab, Target};
use crate::base::lang::{Lang, Phrase};
use crate::model::{LinkState, Notice, Severity};
use crate::tui::draw::paint;
use crate::tui::hits::Hits;
use crate::tui::theme::Theme;

struct Shot {
    lines: Vec<String>,
    hits: Hits,
    cursor: Option<Position>,
}

fn shot(app: &mut App, width: u16, height: u16) -> Shot {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let mut hits = Hits::default();
    app.prepare(width, height, app.now());
    let cursor = paint(&mut buffer, app, Theme::terminal(), &mut hits);
    let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    Shot { lines: (0..height).map(line).collect(), hits, cursor }
}

impl Shot {
    fn text(&self) -> String {
        self.lines.join("\n")
    }

    #[track_caller]
    fn shows(&self, words: &str) {
        // A wide character is followed by an empty cell that the buffer shows as a blank.
        let squeezed = |text: &str| text.replace(' ', "");
        assert!(squeezed(&self.text()).contains(&squeezed(words)), "no “{words}” in\n{}", self.text());
    }
}

#[test]
fn every_tab_fits_80_by_24_and_shows_its_own_in_both_languages() {
    for (lang, words) in [
        (Lang::En, ["Profiles", "Stream", "Preview", "Paste frames", "Result", "Properties", "Events"]),
        (Lang::Zh, ["连接配置", "消息流", "预览", "粘贴帧", "结果", "属性", "事件"]),
    ] {
        for (width, height) in [(80, 24), (200, 50)] {
            let mut app = demo(lang);
            for (tab, words) in Tab::ALL.iter().zip(words) {
                press(&mut app, &[&tab.number().to_string()]);
                let shot = shot(&mut app, width, height);
                shot.shows(words);
                // Every tab has its number in the header, and the way to help in the footer.
                shot.shows(&format!("{} {}", tab.number(), tab.title().get(lang)));
                assert!(shot.lines.last().is_some_and(|line| line.contains('?')), "{}", shot.text());
            }
        }
    }
}

#[test]
fn no_size_panics_and_a_small_one_says_what_is_needed() {
    let mut app = demo(Lang::En);
    for tab in Tab::ALL {
        press(&mut app, &[&tab.number().to_string()]);
        for overlay in [None, Some("?"), Some(":"), Some("q")] {
            if let Some(key) = overlay {
                press(&mut app, &[key]);
            }
            for (width, height) in [(1, 1), (2, 1), (1, 40), (43, 9), (44, 10), (45, 11), (60, 12), (80, 10), (300, 3)]
            {
                shot(&mut app, width, height);
            }
            if overlay.is_some() {
                press(&mut app, &["esc"]);
            }
        }
    }
    shot(&mut app, 40, 8).shows("iotdbg needs 44 × 10 cells");
}

#[test]
fn the_state_of_a_connection_stands_in_words_in_the_header() {
    let mut app = demo(Lang::En);
    let wide = shot(&mut app, 160, 30);
    assert!(wide.lines[0].contains("● lamp-app online"), "{}", wide.lines[0]);
    assert!(wide.lines[0].contains("◆ lamp online"), "{}", wide.lines[0]);
    let state = LinkState::Refused(Phrase::verbatim("CONNACK 4"));
    tell(&mut app, 1, Notice::State { state, at: START });
    assert!(shot(&mut app, 160, 30).lines[0].contains("refused: CONNACK 4"));
}

#[test]
fn hostile_text_never_reaches_a_cell_as_it_is() {
    let mut app = demo(Lang::En);
    let hostile = "\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}evil\u{200b}\r\n\u{9b}31m";
    let state = LinkState::Refused(Phrase::verbatim(hostile));
    tell(&mut app, 1, Notice::State { state, at: START });
    app.tell(Severity::Error, Phrase::verbatim(hostile));
    for tab in Tab::ALL {
        press(&mut app, &[&tab.number().to_string()]);
        let text = shot(&mut app, 120, 30).text();
        for forbidden in ['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\r', '\u{9b}'] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {tab:?}");
        }
        assert!(text.contains("␛[2J"), "{text}");
    }
}

#[test]
fn the_terminals_own_cursor_stands_in_the_input() {
    let mut app = demo(Lang::Zh);
    assert_eq!(shot(&mut app, 100, 30).cursor, None);
    press(&mut app, &[":"]);
    let before = shot(&mut app, 100, 30).cursor.unwrap();
    press(&mut app, &["温"]);
    let after = shot(&mut app, 100, 30).cursor.unwrap();
    assert_eq!((after.x, after.y), (before.x + 2, before.y));
}

#[test]
fn the_mouse_hits_what_is_drawn() {
    let mut app = demo(Lang::En);
    let shot = shot(&mut app, 120, 30);
    let column = shot.lines[0].find("3 Compose").unwrap();
    let (target, _) = shot.hits.at(u16::try_from(column).unwrap(), 0).unwrap();
    assert_eq!(target, Target::Tab(Tab::Compose));
}

#[test]
fn empty_screens_say_what_to_do_next() {
    let mut app = App::new(
        AppConfig { open: Vec::new(), ..config(Lang::En, include_str!("../../profiles/onenet-app.toml")) },
        START,
    );
    shot(&mut app, 100, 30).shows("What would you like to begin with?");
    press(&mut app, &["esc"]);
    shot(&mut app, 100, 30).shows("Press enter to connect");
    press(&mut app, &["3"]);
    shot(&mut app, 100, 30).shows("No connection is open");
    let mut bare = App::new(AppConfig::default(), START);
    shot(&mut bare, 100, 30).shows("iotdbg demo");
}

#[test]
fn secrets_of_a_profile_are_masked() {
    let mut app = App::new(
        AppConfig { open: Vec::new(), ..config(Lang::En, include_str!("../../profiles/onenet-app.toml")) },
        START,
    );
    press(&mut app, &["esc"]);
    let shot = shot(&mut app, 120, 30);
    shot.shows("user_id = 10001");
    shot.shows("access_key = ••••••");
    assert!(!shot.text().contains("aW90"), "{}", shot.text());
}

#[test]
fn the_help_page_lists_the_keys_of_the_place_and_why_one_does_not_work() {
    let mut app = demo(Lang::En);
    press(&mut app, &["1", "?"]);
    let shot = shot(&mut app, 100, 60);
    shot.shows("Help: Connections");
    shot.shows("edit profile — this profile is part of iotdbg");
    shot.shows("ctrl-p");
}

#[test]
fn the_preview_shows_the_exact_topic_and_a_fault_with_the_platforms_code() {
    let mut app = demo(Lang::En);
    press(&mut app, &["3", "j", "j", "j", " "]);
    shot(&mut app, 160, 40).shows("$sys/demo/lamp/thing/property/set");
    press(&mut app, &["enter", "ctrl-u", "9", "9", "9", "enter"]);
    let shot = shot(&mut app, 160, 40);
    shot.shows("is outside 0 – 100");
    shot.shows("✗ 302 · “brightness” is outside");
    assert!(shot.text().contains('✗'), "{}", shot.text());
}
