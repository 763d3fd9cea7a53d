//! The application without a terminal: keys in, effects out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::*;
use crate::model::notice::Stage;
use crate::model::{LinkState, OpKind, RequestInfo, RequestState, RequestUpdate};
use crate::profile::Profile;
use crate::session::Command;
use crate::session::thing::{Manner, ThingCommand};

const APP: &str = include_str!("../../profiles/onenet-app.toml");
const DEVICE: &str = include_str!("../../profiles/onenet-device.toml");

/// A point in time to start from.
pub(crate) const START: Time = Time::from_secs(1_700_000_000);

/// An application with an app and a device opened, as the demo begins.
pub(crate) fn demo(lang: Lang) -> App {
    let mut app = App::new(config(lang, APP), START);
    app.effects();
    for id in [1, 2] {
        tell(&mut app, id, Notice::State { state: LinkState::Connecting(Stage::Tcp), at: START });
        tell(&mut app, id, Notice::State { state: LinkState::Online, at: START });
    }
    app
}

pub(crate) fn config(lang: Lang, text: &str) -> AppConfig {
    let profile = |text: &str, name: &str| KnownProfile::new(Profile::parse(text, name, None).unwrap(), None);
    AppConfig {
        lang,
        profiles: vec![profile(text, "lamp-app"), profile(DEVICE, "lamp")],
        open: vec!["lamp-app".to_owned(), "lamp".to_owned()],
        ..AppConfig::default()
    }
}

/// Hands a notice over as a link does.
pub(crate) fn tell(app: &mut App, id: u16, notice: Notice) {
    let mut batch = Batch::new(ConnectionId(id));
    batch.notice(notice);
    let now = app.now();
    app.update(Msg::Batch(batch), now);
}

/// Presses keys by their names; a single character stands for itself.
pub(crate) fn press(app: &mut App, keys: &[&str]) {
    for key in keys {
        let key = match *key {
            "enter" => Key::plain(KeyCode::Enter),
            "esc" => Key::plain(KeyCode::Esc),
            "tab" => Key::plain(KeyCode::Tab),
            "left" => Key::plain(KeyCode::Left),
            "right" => Key::plain(KeyCode::Right),
            "backspace" => Key::plain(KeyCode::Backspace),
            "ctrl-u" => Key::ctrl('u'),
            "ctrl-s" => Key::ctrl('s'),
            "ctrl-p" => Key::ctrl('p'),
            one => Key::char(one.chars().next().unwrap()),
        };
        let now = app.now();
        app.update(Msg::Key(key), now);
    }
}

fn typed(app: &mut App, text: &str) {
    for c in text.chars() {
        let now = app.now();
        app.update(Msg::Key(Key::char(c)), now);
    }
}

pub(crate) fn commands(app: &mut App) -> Vec<(ConnectionId, Command)> {
    let effects = app.effects().into_iter();
    effects
        .filter_map(|effect| if let Effect::Command(id, command) = effect { Some((id, command)) } else { None })
        .collect()
}

/// Chooses brightness on the Compose tab, gives it a value and sends it.
fn send_brightness(app: &mut App, value: &str) -> RequestKey {
    press(app, &["3", "g", "j", "j", "j", "enter", "ctrl-u"]);
    typed(app, value);
    press(app, &["enter", "s"]);
    match commands(app).as_slice() {
        [(ConnectionId(1), Command::Request { key, request, check: true, .. })] => {
            assert_eq!(request.op, OpKind::Set);
            assert_eq!(request.params.get("brightness"), Some(&value.parse::<i64>().unwrap().into()));
            *key
        }
        other => panic!("one request expected, found {other:?}"),
    }
}

fn update(key: RequestKey, state: RequestState, after_ms: u64) -> Notice {
    Notice::Update(RequestUpdate { key, state, at: START + Duration::from_millis(after_ms), message: None })
}

fn queued(key: RequestKey) -> Notice {
    let info = RequestInfo {
        op: Some(OpKind::Set),
        device: None,
        topic: "t".to_owned(),
        payload: b"{}".to_vec(),
        request_id: Some("7".to_owned()),
        qos: 1,
        timeout: Some(Duration::from_secs(5)),
        inferred: false,
    };
    Notice::Request { key, info: Box::new(info), at: START }
}

#[test]
fn no_key_means_two_things_at_one_place() {
    let mut seen: BTreeMap<(Place, Key), Action> = BTreeMap::new();
    for binding in keys::rows() {
        for key in binding.keys {
            if let Some(other) = seen.insert((binding.place, *key), binding.action) {
                panic!("{key} at {} means {} and {}", binding.place.name(), other.name(), binding.action.name());
            }
        }
    }
}

#[test]
fn names_of_actions_and_places_are_unique() {
    let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
    assert_eq!(names.len(), Action::ALL.len());
    for action in Action::ALL {
        assert_eq!(Action::parse(action.name()), Some(*action));
    }
}

#[test]
fn every_action_can_be_reached_by_a_key_a_tab_number_or_the_palette() {
    let mut app = demo(Lang::En);
    press(&mut app, &[":"]);
    let Some(Overlay::Palette(palette)) = app.overlays().last() else { panic!("no palette") };
    let listed: BTreeSet<Action> = palette.rows().iter().map(|(action, _)| *action).collect();
    for action in Action::ALL {
        assert!(keys::row_of(*action).is_some() || listed.contains(action), "{} is out of reach", action.name());
    }
}

#[test]
fn tab_numbers_follow_the_one_table() {
    let mut app = demo(Lang::En);
    for (number, tab) in ["1", "2", "3", "4", "5", "6", "7"].iter().zip(Tab::ALL) {
        press(&mut app, &[number]);
        assert_eq!(app.tab(), *tab);
    }
}

#[test]
fn escape_never_quits_and_q_asks_when_connected() {
    let mut app = demo(Lang::En);
    press(&mut app, &["esc", "esc", "esc"]);
    assert!(!app.is_quitting());
    press(&mut app, &["q"]);
    assert!(!app.is_quitting());
    assert_eq!(app.place(), Place::Confirm);
    press(&mut app, &["esc"]);
    assert!(!app.is_quitting());
    press(&mut app, &["q", "y"]);
    assert!(app.is_quitting());
}

#[test]
fn connections_asked_for_are_opened_at_once_under_fresh_numbers() {
    let mut app = App::new(config(Lang::En, APP), START);
    let opened: Vec<ConnectionId> =
        app.effects().iter().filter_map(|e| if let Effect::Open { id, .. } = e { Some(*id) } else { None }).collect();
    assert_eq!(opened, [ConnectionId(1), ConnectionId(2)]);
    assert_eq!(app.tab(), Tab::Stream);
}

#[test]
fn a_set_is_sent_from_the_form_and_followed_to_its_reply() {
    let mut app = demo(Lang::En);
    let key = send_brightness(&mut app, "42");
    tell(&mut app, 1, queued(key));
    tell(&mut app, 1, update(key, RequestState::Sent, 1));
    assert_eq!(app.compose.ledger.open(), 1);
    tell(&mut app, 1, update(key, RequestState::Acknowledged, 3));
    let replied = RequestState::Replied { code: Some("200".to_owned()), message: None };
    tell(&mut app, 1, update(key, replied, 35));
    let row = app.compose.ledger.selected().unwrap();
    assert_eq!(row.latency(), Some(Duration::from_millis(34)));
    assert_eq!(row.journey(Lang::En), "queued → sent → PUBACK +2.0 ms → replied +34 ms");
    assert_eq!(row.severity(), Some(Severity::Info));
    assert_eq!(app.compose.ledger.open(), 0);
}

#[test]
fn a_late_and_a_repeated_reply_are_kept_beside_the_outcome() {
    let mut app = demo(Lang::En);
    let key = send_brightness(&mut app, "1");
    for notice in [
        queued(key),
        update(key, RequestState::Sent, 0),
        update(key, RequestState::silence(), 5_000),
        update(key, RequestState::RepliedLate { ok: true, code: Some("200".to_owned()) }, 6_000),
        update(key, RequestState::RepliedAgain { ok: true, code: Some("200".to_owned()) }, 7_000),
    ] {
        tell(&mut app, 1, notice);
    }
    let row = app.compose.ledger.selected().unwrap();
    let words = row.outcome_words(app.connections.get(ConnectionId(1)).unwrap().dialect, Lang::En);
    assert!(words.starts_with("no reply within 5.00 s"), "{words}");
    assert!(words.contains("late reply after 6.00 s (code 200)"), "{words}");
    assert!(words.contains("replied again after 7.00 s"), "{words}");
    assert_eq!(row.severity(), Some(Severity::Error));
}

#[test]
fn a_value_that_breaks_the_model_is_marked_and_sent_only_on_request() {
    let mut app = demo(Lang::En);
    press(&mut app, &["3", "j", "j", "j", "enter", "ctrl-u"]);
    typed(&mut app, "5000");
    press(&mut app, &["enter", "s"]);
    assert!(commands(&mut app).is_empty());
    assert!(app.toast().unwrap().text.render(Lang::En).starts_with("send: "));
    let row = app.compose_row().unwrap();
    let compose::FormRow::Field(field) = row else { panic!("{row:?}") };
    assert!(app.field_fault(&field).is_some());
    press(&mut app, &["esc", "S"]);
    assert!(matches!(commands(&mut app).as_slice(), [(_, Command::Request { check: false, .. })]));
}

#[test]
fn a_production_profile_asks_before_anything_is_published() {
    let text = APP.replace("production = false", "production = true");
    let mut app = App::new(config(Lang::En, &text), START);
    app.effects();
    tell(&mut app, 1, Notice::State { state: LinkState::Online, at: START });
    press(&mut app, &["3", "j", "j", " ", "s"]);
    assert!(commands(&mut app).is_empty());
    assert_eq!(app.place(), Place::Confirm);
    press(&mut app, &["y"]);
    assert_eq!(commands(&mut app).len(), 1);
}

#[test]
fn a_hand_made_message_keeps_its_exact_bytes() {
    let mut app = demo(Lang::En);
    // Backwards from the first operation lies the hand-made message.
    press(&mut app, &["3", "j", "left", "j", "enter"]);
    typed(&mut app, "a/b");
    press(&mut app, &["enter", "j", "j", "j", "j", "right", "j", "enter"]);
    typed(&mut app, "00 ff 0a");
    press(&mut app, &["esc", "s"]);
    match commands(&mut app).as_slice() {
        [(ConnectionId(1), Command::Publish { topic, payload, qos: 0, retain: false, .. })] => {
            assert_eq!((topic.as_str(), payload.as_slice()), ("a/b", &[0, 255, 10][..]));
        }
        other => panic!("one message expected, found {other:?}"),
    }
}

#[test]
fn a_series_goes_on_at_its_pace_fills_places_anew_and_ends() {
    let mut app = demo(Lang::En);
    press(&mut app, &["3", "j", "left", "j", "enter"]);
    typed(&mut app, "n/{{n}}");
    press(&mut app, &["enter", "j", "j", "j", "enter", "ctrl-u"]);
    typed(&mut app, "3");
    press(&mut app, &["enter", "j", "enter", "ctrl-u"]);
    typed(&mut app, "2s");
    press(&mut app, &["enter", "j", "left", "j", "enter"]);
    typed(&mut app, "hello");
    press(&mut app, &["esc", "s"]);
    let topics = |app: &mut App| -> Vec<String> {
        let topic = |(_, command)| if let Command::Publish { topic, .. } = command { topic } else { panic!() };
        commands(app).into_iter().map(topic).collect()
    };
    assert_eq!(topics(&mut app), ["n/1"]);
    assert_eq!(app.next_wake(START).unwrap().min(START + Duration::from_secs(2)), app.next_wake(START).unwrap());
    app.update(Msg::Tick, START + Duration::from_millis(1_999));
    assert!(topics(&mut app).is_empty());
    app.update(Msg::Tick, START + Duration::from_secs(2));
    assert_eq!(topics(&mut app), ["n/2"]);
    app.update(Msg::Tick, START + Duration::from_secs(9));
    assert_eq!(topics(&mut app), ["n/3"]);
    assert!(app.compose.series.is_none());

    press(&mut app, &["s"]);
    assert_eq!(topics(&mut app), ["n/1"]);
    press(&mut app, &["x"]);
    app.update(Msg::Tick, START + Duration::from_secs(99));
    assert!(topics(&mut app).is_empty(), "stopped");
}

#[test]
fn a_request_is_kept_under_a_name_and_opened_again() {
    use crate::profile::collection::{Content, SavedRequest};
    let mut app = demo(Lang::En);
    press(&mut app, &["3", "j", "j", "j", "enter", "ctrl-u"]);
    typed(&mut app, "7");
    press(&mut app, &["enter", "w"]);
    typed(&mut app, "dim");
    press(&mut app, &["enter"]);
    let kept = app.effects().into_iter().find_map(|effect| match effect {
        Effect::KeepRequest { name, content } => Some((name, *content)),
        _ => None,
    });
    let (name, content) = kept.unwrap();
    assert_eq!(name, "dim");
    let Content::Operation(request) = &content else { panic!("an operation") };
    assert_eq!(serde_json::json!(request.params), serde_json::json!({"brightness": 7}));

    let mut app = demo(Lang::En);
    press(&mut app, &["3", "l"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::LoadRequests { .. })));
    let saved = |name: &str, content: Content| SavedRequest {
        name: name.to_owned(),
        note: String::new(),
        content,
        path: None,
        line: 0,
    };
    let other = Content::Operation(crate::model::Request::new(OpKind::Get));
    app.update(Msg::Requests(vec![saved("other", other), saved("dim", content)], Vec::new()), START);
    typed(&mut app, "di");
    press(&mut app, &["enter"]);
    assert!(app.overlays().is_empty());
    assert_eq!(app.compose_preview().map(|(encoded, fault)| (encoded.qos, fault)), Ok((1, None)));
    press(&mut app, &["s"]);
    match commands(&mut app).as_slice() {
        [(_, Command::Request { request, .. })] => {
            assert_eq!(serde_json::json!(request.params), serde_json::json!({"brightness": 7}));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_ledger_shows_outcomes_that_were_asked_for() {
    let mut app = demo(Lang::En);
    let good = send_brightness(&mut app, "1");
    let bad = send_brightness(&mut app, "2");
    for (key, state) in [
        (good, RequestState::Replied { code: None, message: None }),
        (bad, RequestState::Refused { code: Some("1".to_owned()), message: None }),
    ] {
        tell(&mut app, 1, queued(key));
        tell(&mut app, 1, update(key, RequestState::Sent, 0));
        tell(&mut app, 1, update(key, state, 40));
    }
    let open = send_brightness(&mut app, "3");
    let shown = |app: &App| -> Vec<RequestKey> { app.compose.ledger.rows().map(|row| row.key).collect() };
    assert_eq!(shown(&app), [open, bad, good]);
    press(&mut app, &["tab"]);
    for expected in [vec![open], vec![good], vec![bad], vec![], vec![open, bad, good]] {
        press(&mut app, &["f"]);
        assert_eq!(shown(&app), expected);
    }
    let row = app.compose.ledger.rows().next().unwrap();
    let statistics = app.compose.ledger.statistics(row);
    assert_eq!((statistics.total, statistics.good, statistics.bad), (3, 1, 1));
    assert_eq!(statistics.p99, Some(Duration::from_millis(40)));
    press(&mut app, &["f", "f", "f", "E"]);
    let file = app.effects().into_iter().find_map(|effect| match effect {
        Effect::SaveFile { bytes, .. } => Some(String::from_utf8(bytes).unwrap()),
        _ => None,
    });
    let row: serde_json::Value = serde_json::from_str(file.unwrap().trim()).unwrap();
    assert_eq!((row["outcome"].as_str(), row["latency_ms"].as_f64()), (Some("refused"), Some(40.0)));
    assert_eq!((row["operation"].as_str(), row["connection"].as_str()), (Some("set"), Some("lamp-app")));
}

#[test]
fn the_form_becomes_free_json_with_what_it_holds() {
    let mut app = demo(Lang::En);
    press(&mut app, &["3", "j", "j", "j", "enter", "ctrl-u"]);
    typed(&mut app, "7");
    press(&mut app, &["enter", "f"]);
    let text = app.compose.text(&compose::FormRow::Json).unwrap().text();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), serde_json::json!({"brightness": 7}));
}

#[test]
fn a_request_is_sent_again_with_a_key_of_its_own() {
    let mut app = demo(Lang::En);
    let first = send_brightness(&mut app, "9");
    press(&mut app, &["tab", "r"]);
    match commands(&mut app).as_slice() {
        [(_, Command::Request { key, .. })] => assert_ne!(*key, first),
        other => panic!("{other:?}"),
    }
    assert_eq!(app.compose.ledger.len(), 2);
}

#[test]
fn the_simulated_device_is_told_to_refuse() {
    let mut app = demo(Lang::En);
    press(&mut app, &["6", "m"]);
    let told = commands(&mut app);
    assert!(
        matches!(told.as_slice(), [(ConnectionId(2), Command::Thing(ThingCommand::Behave(b)))] if matches!(b.manner, Manner::Refuse { .. })),
        "{told:?}"
    );
}

#[test]
fn the_palette_finds_an_action_and_says_why_one_does_not_work() {
    let mut app = demo(Lang::En);
    press(&mut app, &["ctrl-p"]);
    typed(&mut app, "tab-dev");
    press(&mut app, &["enter"]);
    assert_eq!(app.tab(), Tab::Device);
    press(&mut app, &["1", ":"]);
    typed(&mut app, "edit-profile");
    press(&mut app, &["enter"]);
    assert!(app.toast().unwrap().text.render(Lang::En).contains("part of iotdbg"));
}

#[test]
fn an_error_stays_until_it_is_dismissed_and_a_remark_leaves_by_itself() {
    let mut app = demo(Lang::En);
    app.tell(Severity::Info, Text::same("remark"));
    let later = START + Duration::from_secs(60);
    app.update(Msg::Tick, later);
    assert!(app.toast().is_none());
    app.tell(Severity::Error, Text::same("error"));
    app.update(Msg::Tick, later + Duration::from_secs(3600));
    assert!(app.toast().is_some());
    press(&mut app, &["esc"]);
    assert!(app.toast().is_none());
}

#[test]
fn nothing_wakes_an_application_in_which_nothing_changes() {
    let mut app = App::new(AppConfig { open: Vec::new(), ..config(Lang::En, APP) }, START);
    app.effects();
    assert_eq!(app.next_wake(START), None);
    app.tell(Severity::Info, Text::same("remark"));
    assert!(app.next_wake(START).is_some());
}

#[test]
fn a_secret_that_cannot_be_read_is_told_and_the_attempt_can_be_made_again() {
    let mut app = App::new(config(Lang::En, APP), START);
    app.effects();
    app.update(Msg::OpenFailed(ConnectionId(1), Phrase::verbatim("no such variable")), START);
    assert!(app.toast().unwrap().text.render(Lang::En).contains("no such variable"));
    press(&mut app, &["1", "enter"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::Open { .. })));
}

/// What was asked of the world since the last question, as far as it concerns rules.
fn rules_effects(app: &mut App) -> Vec<String> {
    let name = |effect| match effect {
        Effect::Rules(wanted) => Some(format!("follow {} {}", wanted.id.0, wanted.path.display())),
        Effect::Edit { subject: EditSubject::Rules { id, path, name }, .. } => {
            Some(format!("edit {} {path:?} {name}", id.0))
        }
        Effect::Command(id, Command::Thing(ThingCommand::Rules(rules))) => {
            Some(format!("rules {} {}", id.0, rules.len()))
        }
        _ => None,
    };
    app.effects().into_iter().filter_map(name).collect()
}

#[test]
fn a_device_follows_the_rules_of_its_profile_and_those_that_are_edited() {
    let device = format!("{DEVICE}rules = \"lamp-rules.toml\"\n");
    let mut settings = config(Lang::En, APP);
    settings.profiles[1] = KnownProfile::new(Profile::parse(&device, "lamp", None).unwrap(), None);
    let mut app = App::new(settings, START);
    assert_eq!(rules_effects(&mut app), ["follow 2 lamp-rules.toml"]);
    let read = |rules| Msg::Rules { id: ConnectionId(2), path: "lamp-rules.toml".into(), rules };
    app.update(read(Ok(Arc::default())), START);
    assert_eq!(rules_effects(&mut app), ["rules 2 0"]);
    // A mistake is told, and the rules that are in force stay.
    app.update(read(Err(Phrase::verbatim("lamp-rules.toml:2:6: no"))), START);
    assert!(rules_effects(&mut app).is_empty());
    let followed = app.devices.get(ConnectionId(2)).unwrap().rules.clone().unwrap();
    assert_eq!(followed.fault.unwrap().to_string(), "lamp-rules.toml:2:6: no");
    while app.tab() != Tab::Device {
        press(&mut app, &["]"]);
    }
    press(&mut app, &["R"]);
    assert_eq!(rules_effects(&mut app), ["edit 2 Some(\"lamp-rules.toml\") lamp"]);
}

#[test]
fn a_device_without_rules_gets_a_file_of_its_own_when_they_are_edited() {
    let mut app = demo(Lang::En);
    while app.tab() != Tab::Device {
        press(&mut app, &["]"]);
    }
    press(&mut app, &["R"]);
    assert_eq!(rules_effects(&mut app), ["edit 2 None lamp"]);
    let subject = EditSubject::Rules { id: ConnectionId(2), path: None, name: "lamp".into() };
    app.update(Msg::Edited(subject, Ok(Some("/c/rules/lamp.toml".into()))), START);
    assert_eq!(rules_effects(&mut app), ["follow 2 /c/rules/lamp.toml"]);
}
