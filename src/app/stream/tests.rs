//! The tab as a person uses it: keys and mouse in, selection and effects out.

use std::time::Duration;

use super::*;
use crate::app::tests::{START, demo, press, tell};
use crate::app::{App, Effect, Mouse, MouseAct, Msg, Overlay, Place, Tab, Target};
use crate::base::lang::Lang;
use crate::dialect;
use crate::model::batch::Envelope;
use crate::model::{
    Batch, ConnectionId, Direction, Notice, RequestInfo, RequestKey, RequestState, RequestUpdate, Role,
};
use crate::session::Command;
use crate::store::Seq;

pub(crate) const SET: &str = "$sys/demo/lamp/thing/property/set";
pub(crate) const POST: &str = "$sys/demo/lamp/thing/property/post";

/// Hands a message over as a link does.
pub(crate) fn flow(app: &mut App, connection: u16, direction: Direction, topic: &str, payload: &[u8]) -> Seq {
    let role = if connection == 1 { Role::App } else { Role::Device };
    let meta = dialect::find("onenet").unwrap().classify(role, direction, topic, payload);
    let mut batch = Batch::new(ConnectionId(connection));
    let at = app.now();
    batch.push(Envelope { at, direction, qos: 1, retain: false, dup: false, meta }, topic, payload);
    app.update(Msg::Batch(batch), at);
    settle(app);
    app.store.kept().end.minus(1)
}

/// Lets long work come to its end.
pub(crate) fn finish_work(app: &mut App) {
    while app.has_work() {
        let now = app.now();
        app.update(Msg::Work, now);
    }
}

/// Lets long work come to its end and lays out a frame, a second later.
fn settle(app: &mut App) {
    finish_work(app);
    app.prepare(120, 40, app.now() + Duration::from_secs(1));
}

fn keys(app: &mut App, names: &[&str]) {
    for name in names {
        press(app, &[name]);
        settle(app);
    }
}

/// A stream with a report, a request of the cloud and its refusal, and a report again.
pub(crate) fn busy(lang: Lang) -> App {
    let mut app = demo(lang);
    keys(&mut app, &["2"]);
    flow(&mut app, 2, Direction::Out, POST, br#"{"id":"1","version":"1.0","params":{"temperature":{"value":30.5}}}"#);
    flow(&mut app, 2, Direction::In, SET, br#"{"id":"77","version":"1.0","params":{"Power":true}}"#);
    let refusal: &[u8] = br#"{"id":"77","code":2302,"msg":"param error"}"#;
    flow(&mut app, 2, Direction::Out, "$sys/demo/lamp/thing/property/set_reply", refusal);
    flow(&mut app, 2, Direction::Out, POST, br#"{"id":"2","version":"1.0","params":{"Power":{"value":true}}}"#);
    app
}

fn copied(app: &mut App) -> Option<String> {
    app.effects().into_iter().find_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
}

fn published(app: &mut App) -> Option<(ConnectionId, String, Vec<u8>)> {
    app.effects().into_iter().find_map(|effect| match effect {
        Effect::Command(id, Command::Publish { topic, payload, .. }) => Some((id, topic, payload)),
        _ => None,
    })
}

#[test]
fn failures_and_messages_of_one_request_are_a_key_away() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["g", "n"]);
    assert_eq!(app.stream.list.selected(), Some(Seq(2)));
    keys(&mut app, &[","]);
    assert_eq!(app.stream.list.selected(), Some(Seq(1)), "the request that was refused");
    keys(&mut app, &["."]);
    assert_eq!(app.stream.list.selected(), Some(Seq(2)));
    keys(&mut app, &["n"]);
    assert_eq!(app.stream.list.selected(), Some(Seq(2)));
    assert!(app.toast().is_some(), "a vain search says so");
}

#[test]
fn an_opened_message_stays_whatever_arrives() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["enter"]);
    assert_eq!(app.area(), Place::Inspect);
    flow(&mut app, 1, Direction::In, POST, b"{}");
    assert_eq!((app.stream.list.selected(), app.stream.inspector.seq()), (Some(Seq(3)), Some(Seq(3))));
    keys(&mut app, &["esc", "G"]);
    assert_eq!((app.stream.is_inspecting(), app.stream.list.selected()), (false, Some(Seq(4))));
}

#[test]
fn escape_goes_back_step_by_step_and_never_quits() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["/", "l", "a", "m", "p", "enter", "tab", "j", "tab", "enter", "z"]);
    let steps = |app: &App| {
        let words = app.stream.filter.is_active();
        (app.stream.is_zoomed(), app.stream.is_inspecting(), words, app.stream.scope().is_some())
    };
    for expected in [
        (true, true, true, true),
        (false, true, true, true),
        (false, false, true, true),
        (false, false, false, true),
        (false, false, false, false),
        (false, false, false, false),
    ] {
        assert_eq!(steps(&app), expected);
        keys(&mut app, &["esc"]);
    }
    assert!(!app.is_quitting() && app.tab() == Tab::Stream);
}

#[test]
fn escape_in_the_filter_gives_back_the_filter_before() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["/", "3", "0", ".", "5", "enter"]);
    assert_eq!(app.stream.counts(&app.store), ("1".into(), "4".into()));
    keys(&mut app, &["/", "x", "y"]);
    assert_eq!(app.stream.list.len(), 0);
    assert_eq!(app.tab(), Tab::Stream, "digits and letters are typed");
    keys(&mut app, &["esc"]);
    assert_eq!((app.stream.filter.text().as_str(), app.stream.list.len()), ("30.5", 1));
}

#[test]
fn copies_are_chosen_by_a_second_key() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["g", "y", "t"]);
    assert_eq!(copied(&mut app).as_deref(), Some(POST));
    keys(&mut app, &["y", "c"]);
    let command = copied(&mut app).unwrap();
    assert!(command.starts_with("iotdbg send -p lamp -t '$sys/demo/lamp/thing/property/post' --text '{"), "{command}");
    keys(&mut app, &["y", "q"]);
    assert!(!app.is_quitting() && !app.stream.is_copying(), "a key that copies nothing only closes the question");
    keys(&mut app, &["y", "esc", "y", "y"]);
    assert!(copied(&mut app).unwrap().contains("30.5"));
}

#[test]
fn what_was_sent_can_be_sent_again_and_what_asks_can_be_answered() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["g", "r"]);
    let (id, topic, payload) = published(&mut app).unwrap();
    assert_eq!((id, topic.as_str()), (ConnectionId(2), POST));
    assert!(String::from_utf8(payload).unwrap().contains("30.5"));
    keys(&mut app, &["j", "r"]);
    assert!(published(&mut app).is_none(), "what was received is not sent");
    keys(&mut app, &["a"]);
    let (_, topic, payload) = published(&mut app).unwrap();
    assert_eq!(topic, "$sys/demo/lamp/thing/property/set_reply");
    let reply: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((&reply["id"], &reply["code"]), (&"77".into(), &200.into()));
}

#[test]
fn a_reply_marks_its_request_with_outcome_and_latency() {
    let mut app = demo(Lang::En);
    keys(&mut app, &["2"]);
    let key = RequestKey(9);
    let info = RequestInfo {
        op: None,
        device: None,
        topic: "t".into(),
        payload: vec![],
        request_id: None,
        qos: 0,
        timeout: None,
        inferred: false,
    };
    tell(&mut app, 1, Notice::Request { key, info: Box::new(info), at: START });
    let envelope = |millis| Envelope {
        at: START + Duration::from_millis(millis),
        direction: Direction::Out,
        qos: 0,
        retain: false,
        dup: false,
        meta: crate::model::Meta { kind: crate::model::Kind::Set, ..Default::default() },
    };
    for (millis, state) in [(0, RequestState::Sent), (34, RequestState::Replied { code: None, message: None })] {
        let mut batch = Batch::new(ConnectionId(1));
        let message = Some(batch.push(envelope(millis), "t", b"{}"));
        let at = START + Duration::from_millis(millis);
        batch.notice(Notice::Update(RequestUpdate { key, state, at, message }));
        app.update(Msg::Batch(batch), at);
    }
    settle(&mut app);
    let (lines, _) = app.stream.lines();
    for line in lines {
        assert_eq!((line.latency.as_str(), line.outcome), ("34 ms", Outcome::Good), "{line:?}");
    }
    assert_eq!(lines.len(), 2);
}

#[test]
fn the_tree_limits_the_list_and_the_mouse_does_what_keys_do() {
    let mut app = busy(Lang::En);
    let mouse = |app: &mut App, act, target| {
        let now = app.now();
        app.update(Msg::Mouse(Mouse { act, target: Some(target), column: 0, row: 0, at: (0, 0) }), now);
        settle(app);
    };
    let row = (0..app.stream.tree.rows().len())
        .find(|row| app.stream.tree.rows().get(*row).is_some_and(|r| app.stream.tree.label(r) == "post"))
        .unwrap();
    mouse(&mut app, MouseAct::Press, Target::Row(Place::Tree, row));
    assert_eq!((app.stream.scope(), app.stream.list.len()), (Some(POST), 2));
    mouse(&mut app, MouseAct::Press, Target::Row(Place::Tree, 0));
    assert_eq!((app.stream.scope(), app.stream.list.len()), (None, 4));
    mouse(&mut app, MouseAct::Press, Target::Row(Place::Stream, 1));
    mouse(&mut app, MouseAct::DoublePress, Target::Row(Place::Stream, 1));
    assert_eq!((app.stream.is_inspecting(), app.stream.inspector.seq()), (true, Some(Seq(1))));
    mouse(&mut app, MouseAct::Press, Target::Part(Place::Inspect, 1, 9));
    assert_eq!(app.stream.inspector.hex().cursor(), 9);
    mouse(&mut app, MouseAct::ScrollUp, Target::Area(Place::Stream));
    assert!(app.overlays().iter().all(|overlay| !matches!(overlay, Overlay::Confirm { .. })));
}

#[test]
fn fields_and_bytes_are_linked_over_every_byte_of_a_real_message() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["g", "enter"]);
    let inspector = &mut app.stream.inspector;
    let payload = inspector.payload().to_vec();
    assert!(inspector.fields().len() > 3);
    for byte in 0..payload.len() {
        inspector.select_byte(byte);
        assert_eq!(inspector.hex().cursor(), byte);
        let Some(place) = inspector.fields().innermost(byte) else { continue };
        let range = inspector.highlight().unwrap();
        assert!(range.contains(&byte) && range == inspector.fields().field(place).unwrap().range, "byte {byte}");
    }
    for row in 0..inspector.fields().rows().len() {
        inspector.select_row(row);
        let range = inspector.highlight().unwrap();
        if !range.is_empty() {
            assert_eq!(inspector.hex().cursor(), range.start, "row {row}");
        }
    }
}
