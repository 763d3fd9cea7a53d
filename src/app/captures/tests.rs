//! Captures in the application, without files.

use crate::app::tests::{demo, press};
use crate::app::{Effect, Msg, RecordingNews};
use crate::base::lang::Lang;
use crate::base::time::Time;
use crate::capture::{Assumed, Loader};
use crate::model::{Batch, ConnectionId, Notice, Played};
use crate::store::{Fate, Seq};

use super::Recorded;

const AT: Time = Time::from_secs(1_700_000_000);

fn capture(first: u16) -> Batch {
    let mut batch = Batch::new(ConnectionId(first));
    let mut loader = Loader::new(Assumed::nothing("lamp"), first..first + 4, AT);
    for line in [
        r#"{"v":1,"at":"2023-11-14T22:13:20Z","direction":"out","topic":"$sys/p1/lamp/thing/property/set","payload":{"json":{"id":"7","params":{"a":1}}}}"#,
        r#"{"v":1,"at":"2023-11-14T22:13:20.034Z","direction":"in","topic":"$sys/p1/lamp/thing/property/set_reply","payload":{"json":{"id":"7","code":200,"msg":"success"}}}"#,
        r#"{"v":1,"at":"2023-11-14T22:13:21Z","direction":"in","topic":"$sys/p1/lamp/thing/property/post","payload":{"json":{"id":"8","params":{}}}}"#,
    ] {
        loader.line(line.as_bytes(), &mut batch).unwrap();
    }
    loader.finish(&mut batch).unwrap();
    batch.notice(Notice::Played(Played { messages: 3, ended: true, ..Played::default() }));
    batch
}

#[test]
fn a_capture_is_a_stream_whose_replies_are_tied_to_their_requests() {
    let mut app = demo(Lang::En);
    app.open_capture("lamp.jsonl", None).unwrap();
    let wanted = app.effects().into_iter().find_map(|effect| match effect {
        Effect::OpenCapture(wanted) => Some(wanted),
        _ => None,
    });
    let first = wanted.unwrap().ids.start;
    app.update(Msg::Batch(capture(first)), AT);
    let connection = app.connections.get(ConnectionId(first)).unwrap();
    assert!(connection.captured && !connection.is_open() && connection.name == "lamp");
    assert_eq!(app.store.stats().kept, 3);
    let entry = app.store.entry(Seq(0)).unwrap();
    if entry.message.request_id().is_some() && app.store.get(Seq(1)).unwrap().meta.kind.is_reply() {
        assert_eq!(entry.fate, Some(Fate::Replied));
        assert_eq!(entry.latency.unwrap().as_millis(), 34);
    }
    assert!(app.captures.reading().is_none());
}

#[test]
fn a_recording_is_asked_for_begun_and_ended_by_the_same_key() {
    let mut app = demo(Lang::En);
    app.run(crate::app::Action::TabStream);
    press(&mut app, &["w", "enter"]);
    let wanted = app.effects().into_iter().find_map(|effect| match effect {
        Effect::Record(wanted) => Some(wanted),
        _ => None,
    });
    let wanted = wanted.expect("a recording");
    assert!(wanted.path.to_str().unwrap().ends_with(".jsonl") && wanted.filter.is_empty());
    app.update(Msg::Recording(RecordingNews::Began(wanted.path)), AT);
    press(&mut app, &["w"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::StopRecording)));
    let recorded = Recorded { messages: 5, lost: 2, ..Recorded::default() };
    app.update(Msg::Recording(RecordingNews::Ended(recorded)), AT);
    let words = app.toast().unwrap().text.render(Lang::En);
    assert!(words.contains("5 messages") && words.contains("2 lost"), "{words}");
    assert!(app.captures.recording().is_none());
}

#[test]
fn what_is_shown_is_written_slice_by_slice() {
    let mut app = demo(Lang::En);
    app.update(Msg::Batch(capture(40)), AT);
    app.export_into("shown.csv").unwrap();
    assert!(app.has_work());
    let mut text = String::new();
    while app.has_work() {
        app.update(Msg::Work, AT);
        for effect in app.effects() {
            if let Effect::Export(part) = effect {
                assert_eq!(part.first, text.is_empty());
                text.push_str(std::str::from_utf8(&part.bytes).unwrap());
            }
        }
    }
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.starts_with("seq,at,") && text.contains(",lamp,out,$sys/p1/lamp/thing/property/set,"), "{text}");
}
