//! Tests of what finds and keeps: times, marks with notes, lists to pick from, highlights, filters, decoders.

use std::time::Duration;

use super::tests::{POST, busy, finish_work, flow};
use super::*;
use crate::app::inspect::Mode;
use crate::app::tests::press;
use crate::app::{App, Effect, Msg, Overlay};
use crate::base::lang::{Lang, Phrase};
use crate::model::Direction;
use crate::profile::stream_file::StreamFile;
use crate::store::Seq;

fn lay_out(app: &mut App) {
    finish_work(app);
    app.prepare(140, 50, app.now() + Duration::from_millis(500));
}

fn keys(app: &mut App, names: &[&str]) {
    for name in names {
        press(app, &[name]);
        lay_out(app);
    }
}

fn remember(app: &mut App, text: &str) {
    let now = app.now();
    app.update(Msg::StreamFile(StreamFile::parse(text, None)), now);
    lay_out(app);
}

fn picked(app: &App) -> Vec<(String, String)> {
    match app.overlays().last() {
        Some(Overlay::Pick(_, picker)) => {
            picker.rows().map(|choice| (choice.label.clone(), choice.detail.clone())).collect()
        }
        _ => panic!("no list"),
    }
}

#[test]
fn a_mark_has_a_note_and_the_list_of_marks_leads_back() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["g", "M", "h", "e", "r", "e", "enter", "G", "m"]);
    assert_eq!(app.stream.list.note(Seq(0)), Some("here"));
    assert_eq!(app.stream.list.note(Seq(3)), Some(""));
    keys(&mut app, &["`"]);
    let rows = picked(&app);
    assert!(rows[0].0 == "here" && rows[0].1.contains("temperature=30.5"), "{rows:?}");
    keys(&mut app, &["enter"]);
    assert_eq!(app.stream.list.selected(), Some(Seq(0)));
}

#[test]
fn a_time_is_gone_to_and_what_is_no_time_is_asked_again() {
    let mut app = busy(Lang::En);
    // Every message of this stream is later than midnight.
    keys(&mut app, &["@", "0", "0", ":", "0", "0", "enter"]);
    assert_eq!(app.stream.list.selected(), Some(Seq(0)), "also the oldest is looked at");
    keys(&mut app, &["@", "x", "enter"]);
    let Some(Overlay::Prompt { hint, .. }) = app.overlays().last() else { panic!("the question is gone") };
    assert!(hint.render(Lang::En).contains("found “x”"));
}

#[test]
fn topics_and_devices_are_found_by_a_few_letters() {
    let mut app = busy(Lang::En);
    keys(&mut app, &["f", "s", "e", "t", "r", "e", "p"]);
    assert!(picked(&app)[0].0.ends_with("set_reply"), "{:?}", picked(&app));
    keys(&mut app, &["enter"]);
    assert_eq!(app.stream.scope(), Some("$sys/demo/lamp/thing/property/set_reply"));
    assert_eq!(app.stream.list.len(), 1);
    keys(&mut app, &["D"]);
    let rows = picked(&app);
    assert!(rows[0].0 == "lamp" && rows[0].1.starts_with('4'), "{rows:?}");
    keys(&mut app, &["enter"]);
    assert_eq!(app.stream.filter.text(), "dev=lamp");
}

#[test]
fn the_column_of_times_is_relative_to_the_selection_or_to_the_line_above() {
    let mut app = busy(Lang::En);
    let later = app.now() + Duration::from_millis(1_500);
    app.update(Msg::Tick, later);
    flow(&mut app, 2, Direction::Out, POST, b"{}");
    keys(&mut app, &["g", "i"]);
    let (lines, _) = app.stream.lines();
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    let words = |line: &Line| app.stream.clock().words(line, Some(first.at), Some(first.at));
    assert_eq!(words(first), "0");
    assert!(words(last).starts_with('+') && words(last).ends_with(" s"), "{}", words(last));
    assert!(Clock::Relative.words(first, Some(last.at), None).starts_with('-'));
    assert_eq!(Clock::Day.words(first, None, None), first.time);
    assert_eq!(Clock::Delta.words(first, None, None), first.time, "nothing stands above the first line");
}

#[test]
fn rules_highlight_lines_and_what_is_wrong_with_one_is_told_at_its_line() {
    let mut app = busy(Lang::En);
    remember(&mut app, "[[highlight]]\nexpr = \"kind:set\"\ncolour = \"red\"\n");
    let coloured: Vec<Option<usize>> = app.stream.lines().0.iter().map(|line| line.highlight).collect();
    assert_eq!(coloured, [None, Some(5), Some(5), None]);
    remember(&mut app, "[[highlight]]\nexpr = \"kind:\"\n");
    let words = app.toast().expect("a fault").text.render(Lang::En);
    assert!(words.contains('2') || words.contains("kind"), "{words}");
    assert!(app.stream.lines().0.iter().all(|line| line.highlight.is_none()));
}

#[test]
fn a_filter_is_kept_from_its_box_and_taken_from_the_list() {
    let mut app = busy(Lang::En);
    app.effects();
    keys(&mut app, &["/", "2", "3", "0", "2", "ctrl-s"]);
    keys(&mut app, &["b", "a", "d", "enter"]);
    let kept = app.effects().into_iter().find_map(|effect| match effect {
        Effect::KeepFilter { name, expr } => Some((name, expr)),
        _ => None,
    });
    assert_eq!(kept, Some(("bad".to_owned(), "2302".to_owned())));
    remember(&mut app, "[[filter]]\nname = \"bad\"\nexpr = \"ok:no or 2302\"\n");
    keys(&mut app, &["esc"]);
    remember(&mut app, "[[filter]]\nname = \"bad\"\nexpr = \"2302\"\n");
    keys(&mut app, &["F", "enter"]);
    assert_eq!((app.stream.filter.text().as_str(), app.stream.list.len()), ("2302", 1));
}

#[test]
fn a_command_decodes_beside_the_loop_and_its_json_is_a_tree() {
    let mut app = busy(Lang::En);
    remember(&mut app, "[[decode]]\ntopic = \"bench/#\"\nas = \"command\"\ncommand = \"protoc\"\n");
    let seq = flow(&mut app, 2, Direction::In, "bench/a", b"\x08\x01");
    app.effects();
    keys(&mut app, &["G", "enter"]);
    let wanted: Vec<_> = app
        .effects()
        .into_iter()
        .filter_map(|effect| if let Effect::Decode(wanted) = effect { Some(wanted) } else { None })
        .collect();
    assert_eq!(wanted.len(), 1, "asked for once");
    assert_eq!((wanted[0].seq, wanted[0].payload.as_slice()), (seq, b"\x08\x01".as_slice()));
    let now = app.now();
    app.update(Msg::Decoded(seq, Ok("{\"on\":true}".to_owned())), now);
    lay_out(&mut app);
    let values: Vec<(String, String)> =
        app.stream.inspector.fields().values().map(|(path, value)| (path, value.to_owned())).collect();
    assert_eq!(values, [("on".to_owned(), "true".to_owned())]);
    app.update(Msg::Decoded(seq, Err(Phrase::verbatim("no"))), now);
}

#[test]
fn a_message_is_compared_with_the_one_before_and_a_value_is_followed() {
    let mut app = busy(Lang::En);
    for value in [20.0, 25.5, 22.0] {
        let payload = format!(r#"{{"id":"9","params":{{"temperature":{{"value":{value}}}}}}}"#);
        flow(&mut app, 2, Direction::Out, POST, payload.as_bytes());
    }
    keys(&mut app, &["G", "enter"]);
    app.stream.inspector.set_mode(Mode::Diff);
    lay_out(&mut app);
    let diff = app.stream.inspector.diff();
    assert_eq!(diff.rows.len(), 1, "{diff:?}");
    assert_eq!((diff.rows[0].before.as_str(), diff.rows[0].now.as_str()), ("25.5", "22"));
    app.stream.inspector.set_mode(Mode::Fields);
    let place =
        (0..).find(|place| app.stream.inspector.fields().path(*place).ends_with(&["value".to_owned()])).unwrap();
    let row =
        app.stream.inspector.fields().rows().iter().position(|row| *row == crate::app::inspect::Row::Field(place));
    app.stream.inspector.select_row(row.unwrap());
    app.stream.inspector.set_mode(Mode::History);
    lay_out(&mut app);
    let history = app.stream.inspector.history();
    assert_eq!(history.range(), Some((20.0, 30.5, 22.0)), "{history:?}");
    assert_eq!(history.points.len(), 4);
    assert_eq!(history.curve(20, 4).len(), 4);
}

#[test]
fn control_packets_are_switched_for_every_connection() {
    let mut app = busy(Lang::En);
    app.effects();
    keys(&mut app, &["P"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::ShowPackets(true))));
    keys(&mut app, &["P"]);
    assert!(app.effects().iter().any(|effect| matches!(effect, Effect::ShowPackets(false))));
}

#[test]
fn a_topic_that_falls_silent_while_others_speak_is_marked() {
    let mut app = busy(Lang::En);
    let start = app.now();
    for second in 0..40_u64 {
        let now = start + Duration::from_secs(second);
        app.update(Msg::Tick, now);
        flow(&mut app, 2, Direction::Out, POST, b"{}");
        if second < 10 {
            flow(&mut app, 2, Direction::Out, "other/topic", b"{}");
        }
    }
    app.prepare(140, 50, start + Duration::from_secs(40));
    let tree = &app.stream.tree;
    let row = tree.rows().iter().find(|row| tree.label(row).ends_with("other/topic")).unwrap();
    let silent = tree.tally(row.node).silent.expect("silent");
    assert!(silent >= Duration::from_secs(29), "{silent:?}");
    let speaking = tree.rows().iter().find(|row| tree.label(row).ends_with("post")).unwrap();
    assert_eq!(tree.tally(speaking.node).silent, None);
    assert!(tree.tally(speaking.node).recent.iter().sum::<u32>() > 0);
}

#[test]
fn devices_that_fell_silent_stand_first_in_the_list_and_equals_by_name() {
    let mut app = busy(Lang::En);
    let start = app.now();
    for second in 0..40_u64 {
        app.update(Msg::Tick, start + Duration::from_secs(second));
        for device in ["zeta", "beta"] {
            flow(&mut app, 2, Direction::Out, &POST.replace("lamp", device), b"{}");
        }
        if second < 10 {
            flow(&mut app, 2, Direction::Out, &POST.replace("lamp", "quiet"), b"{}");
        }
    }
    keys(&mut app, &["D"]);
    let rows = picked(&app);
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["quiet", "beta", "zeta", "lamp"], "{rows:?}");
    assert!(rows[0].1.starts_with("silent "), "{rows:?}");
}
