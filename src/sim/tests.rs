//! Conversations with a made-up platform in virtual time.

use std::time::Duration;

use serde_json::{Value, json};

use super::testing::{PASSWORD, toy_cloud};
use super::*;
use crate::base::lang::Lang;

mod faults;

fn at(millis: u64) -> Time {
    Time::from_millis(millis)
}

fn login<'a>(endpoint: &'a str, username: &'a str, client_id: &'a str) -> Connect<'a> {
    Connect {
        endpoint,
        client_id,
        username,
        password: PASSWORD,
        keep_alive: 60,
        clean_session: true,
        level: 4,
        will: false,
        tls: false,
    }
}

fn enter(sim: &mut CloudSim, endpoint: &str, username: &str, client_id: &str) -> ClientId {
    let Decision::Accept(id, _) = sim.connect(&login(endpoint, username, client_id), "127.0.0.1:9", at(0)) else {
        panic!("{username} was not let in")
    };
    sim.online(&id, at(1));
    id
}

fn message(topic: &str, payload: &str) -> CloudMessage {
    CloudMessage { topic: topic.into(), payload: payload.into(), qos: 1 }
}

fn outputs(sim: &mut CloudSim) -> Vec<Output> {
    std::iter::from_fn(|| sim.poll_output()).collect()
}

fn events(sim: &mut CloudSim) -> Vec<Value> {
    std::iter::from_fn(|| sim.poll_event()).map(|event| event.to_json(Lang::En)).collect()
}

fn names(sim: &mut CloudSim) -> Vec<String> {
    events(sim).iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_refusal_carries_the_connack_and_the_reason_and_never_the_password() {
    let mut sim = toy_cloud();
    let connect = Connect { password: b"hunter2", ..login("toy-device", "lamp", "c1") };
    assert_eq!(sim.connect(&connect, "127.0.0.1:9", at(5)), Decision::Refuse(4));
    let told = events(&mut sim);
    assert_eq!(told.len(), 1);
    let refused = &told[0];
    assert_eq!(refused["v"], 1);
    assert_eq!(refused["event"], "refused");
    assert_eq!((&refused["connack"], &refused["code"]), (&json!(4), &json!("T4")));
    assert_eq!(refused["reason"], "wrong password");
    assert_eq!((&refused["identity"], &refused["endpoint"]), (&json!("lamp"), &json!("toy-device")));
    assert!(!refused.to_string().contains("hunter2"));
}

#[test]
fn a_report_reaches_the_app_on_the_topic_that_the_platform_chose() {
    let mut sim = toy_cloud();
    let app = enter(&mut sim, "toy-app", "anna", "");
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    assert_eq!(sim.subscribe(&app, "dev/+/note", 0, at(2)), Ok(0));
    outputs(&mut sim);
    assert_eq!(sim.publish(&lamp, &message("dev/lamp/post", "{\"t\":1}"), at(3)), Ok(()));
    let note = CloudMessage { qos: 0, ..message("dev/lamp/note", "{\"t\":1}") };
    assert_eq!(outputs(&mut sim), [Output::Deliver(app, note)]);
}

#[test]
fn a_wildcard_does_not_give_a_device_the_topics_of_apps() {
    let mut sim = toy_cloud();
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    sim.subscribe(&lamp, "dev/lamp/#", 1, at(2)).unwrap();
    outputs(&mut sim);
    sim.publish(&lamp, &message("dev/lamp/post", "1"), at(3)).unwrap();
    assert_eq!(outputs(&mut sim), []);
}

#[test]
fn a_message_goes_out_once_with_the_best_quality_of_the_matching_filters() {
    let mut sim = toy_cloud();
    let app = enter(&mut sim, "toy-app", "anna", "");
    sim.subscribe(&app, "dev/lamp/+", 0, at(2)).unwrap();
    sim.subscribe(&app, "dev/#", 1, at(2)).unwrap();
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    outputs(&mut sim);
    sim.publish(&lamp, &message("dev/lamp/post", "1"), at(3)).unwrap();
    assert_eq!(outputs(&mut sim), [Output::Deliver(app, message("dev/lamp/note", "1"))]);
}

#[test]
fn a_limit_on_subscriptions_does_not_withhold_messages() {
    let mut sim = toy_cloud();
    let app = enter(&mut sim, "toy-app", "anna", "");
    for filter in ["dev/lamp/+", "dev/a/x", "dev/b/x"] {
        sim.subscribe(&app, filter, 1, at(2)).unwrap();
    }
    assert_eq!(sim.subscribe(&app, "dev/c/x", 1, at(2)).unwrap_err().reason.to_string(), "too many");
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    outputs(&mut sim);
    sim.publish(&lamp, &message("dev/lamp/post", "1"), at(3)).unwrap();
    assert_eq!(outputs(&mut sim).len(), 1);
}

#[test]
fn the_same_device_twice_closes_the_older_and_it_leaves_before_the_newer_comes() {
    let mut sim = toy_cloud();
    let app = enter(&mut sim, "toy-app", "anna", "");
    sim.subscribe(&app, "$sys/lamp/lifecycle", 1, at(2)).unwrap();
    let older = enter(&mut sim, "toy-device", "lamp", "c1");
    outputs(&mut sim);
    events(&mut sim);
    let newer = enter(&mut sim, "toy-device", "lamp", "c2");
    let lifecycle = |state| Output::Deliver(app.clone(), message("$sys/lamp/lifecycle", state));
    assert_eq!(outputs(&mut sim), [Output::Close(older.clone()), lifecycle("offline"), lifecycle("online")]);
    assert_eq!(names(&mut sim), ["kicked", "disconnected", "connected"]);
    // The socket tells of the end later: that is no second end.
    sim.disconnect(&older, Phrase::verbatim("gone"), at(9));
    assert_eq!(names(&mut sim), [""; 0]);
    assert_ne!(older, newer);
}

#[test]
fn two_devices_with_one_client_id_do_not_disturb_each_other_and_neither_do_two_nameless_apps() {
    let mut sim = toy_cloud();
    enter(&mut sim, "toy-device", "lamp", "same");
    enter(&mut sim, "toy-device", "fan", "same");
    enter(&mut sim, "toy-app", "anna", "");
    enter(&mut sim, "toy-app", "anna", "");
    assert!(!outputs(&mut sim).iter().any(|output| matches!(output, Output::Close(_))));
    enter(&mut sim, "toy-app", "anna", "tablet");
    let closed = outputs(&mut sim).len();
    enter(&mut sim, "toy-app", "anna", "tablet");
    assert_eq!(outputs(&mut sim).len() - closed, 1);
}

#[test]
fn a_foreign_topic_is_refused_and_a_forbidden_one_closes_the_connection() {
    let mut sim = toy_cloud();
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    assert!(sim.subscribe(&lamp, "dev/fan/command", 1, at(2)).is_err());
    assert!(!sim.publish(&lamp, &message("dev/fan/post", "1"), at(3)).unwrap_err().close);
    assert!(outputs(&mut sim).is_empty());
    assert!(sim.publish(&lamp, &message("dev/lamp/forbidden", "1"), at(4)).unwrap_err().close);
    assert_eq!(outputs(&mut sim), [Output::Close(lamp)]);
    let told = events(&mut sim);
    let names: Vec<&str> = told.iter().map(|event| event["event"].as_str().unwrap()).collect();
    let expected = ["connected", "subscribe_refused", "publish_refused", "publish_refused", "kicked", "disconnected"];
    assert_eq!(names, expected);
    assert_eq!((&told[1]["filter"], &told[1]["code"]), (&json!("dev/fan/command"), &json!("T1")));
    assert_eq!(told[3]["closed"], true);
}

#[test]
fn the_operator_sets_and_the_report_tells_every_state() {
    let mut sim = toy_cloud();
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    sim.subscribe(&lamp, "dev/lamp/command", 1, at(2)).unwrap();
    let arguments = json!({ "Power": true }).as_object().unwrap().clone();
    let request =
        OperateRequest { dialect: "plaything".into(), device: "lamp".into(), operation: "set".into(), arguments };
    let key = sim.operate(&request, at(100)).unwrap();
    assert_eq!(outputs(&mut sim), [Output::Deliver(lamp.clone(), message("dev/lamp/command", "{\"Power\":true}"))]);
    sim.publish(&lamp, &message("dev/lamp/answer", "0"), at(134)).unwrap();
    let Some(Output::Operated(done, report)) = sim.poll_output() else { panic!("no outcome") };
    assert_eq!(done, key);
    assert_eq!(report.latency(), Some(Duration::from_millis(34)));
    let object = report.to_json(Lang::En);
    let states: Vec<&Value> = object["states"].as_array().unwrap().iter().map(|state| &state["state"]).collect();
    assert_eq!(states, ["queued", "sent", "replied"]);
    assert_eq!((&object["topic"], &object["outcome"]), (&json!("dev/lamp/command"), &json!("replied")));
    assert_eq!((&object["code"], &object["latency_ms"]), (&json!("0"), &json!(34.0)));
}

#[test]
fn a_silent_device_times_out_when_the_time_has_come_and_not_before() {
    let mut sim = toy_cloud();
    let request = OperateRequest { device: "lamp".into(), operation: "set".into(), ..OperateRequest::default() };
    let key = sim.operate(&request, at(100)).unwrap();
    assert_eq!(sim.next_timeout(), Some(at(600)));
    sim.handle_timeout(at(599));
    assert_eq!(outputs(&mut sim), []);
    sim.handle_timeout(at(600));
    let [Output::Operated(done, report)] = &outputs(&mut sim)[..] else { panic!("no outcome") };
    assert_eq!((*done, report.outcome()), (key, Some(&RequestState::silence())));
    assert_eq!(sim.next_timeout(), None);
}

#[test]
fn a_disabled_device_is_closed_and_stays_out_until_it_is_enabled() {
    let mut sim = toy_cloud();
    let lamp = enter(&mut sim, "toy-device", "lamp", "c1");
    let ask = |sim: &mut CloudSim, operation: &str| {
        let request =
            OperateRequest { device: "lamp".into(), operation: operation.into(), ..OperateRequest::default() };
        sim.operate(&request, at(3))
    };
    ask(&mut sim, "disable").unwrap();
    let done = outputs(&mut sim);
    assert_eq!(done[0], Output::Close(lamp));
    assert!(matches!(&done[1], Output::Operated(_, report) if report.outcome().is_some()));
    assert_eq!(sim.connect(&login("toy-device", "lamp", "c1"), "127.0.0.1:9", at(4)), Decision::Refuse(5));
    assert!(ask(&mut sim, "kick").unwrap_err().reason.to_string().contains("not connected"));
    ask(&mut sim, "enable").unwrap();
    enter(&mut sim, "toy-device", "lamp", "c1");
    ask(&mut sim, "kick").unwrap();
}

#[test]
fn the_last_part_of_an_identity_is_enough_where_only_one_has_it() {
    let mut sim = toy_cloud();
    let kick =
        |device: &str| OperateRequest { device: device.into(), operation: "kick".into(), ..OperateRequest::default() };
    let fan = enter(&mut sim, "toy-device", "p1/fan", "");
    enter(&mut sim, "toy-device", "p1/lamp", "");
    enter(&mut sim, "toy-device", "p2/lamp", "");
    outputs(&mut sim);
    assert!(sim.operate(&kick("lamp"), at(5)).unwrap_err().reason.to_string().contains("not the only one"));
    assert!(sim.operate(&kick("p1/pump"), at(5)).unwrap_err().reason.to_string().contains("not connected"));
    sim.operate(&kick("fan"), at(5)).unwrap();
    assert_eq!(outputs(&mut sim)[0], Output::Close(fan));
}

#[test]
fn an_operation_that_makes_no_sense_leaves_nothing_behind() {
    let mut sim = toy_cloud();
    let request = |dialect: &str, operation: &str| OperateRequest {
        dialect: dialect.into(),
        operation: operation.into(),
        device: "lamp".into(),
        ..OperateRequest::default()
    };
    assert!(sim.operate(&request("nowhere", "set"), at(0)).unwrap_err().reason.to_string().contains("toy"));
    assert_eq!(sim.operate(&request("toy", "dance"), at(0)).unwrap_err().reason.to_string(), "only set");
    assert!(sim.pending.is_empty() && outputs(&mut sim).is_empty());
}

#[test]
fn payloads_are_told_as_json_text_or_hex_and_their_secrets_are_masked() {
    let body = |payload: &[u8]| Body::new(payload).to_json();
    assert_eq!(
        body(br#"{"a":[{"deviceSecret":"x","sasToken":"y"}],"token":{"n":1}}"#),
        json!({ "json": { "a": [{ "deviceSecret": "••••••", "sasToken": "••••••" }], "token": { "n": 1 } } })
    );
    assert_eq!(body("grün".as_bytes()), json!({ "text": "grün" }));
    assert_eq!(body(&[0xff, 0x00]), json!({ "hex": "ff00" }));
    assert_eq!(body(&[b'x'; 70_000]), json!({ "omitted": true, "length": 70_000 }));
}

#[test]
fn a_line_of_words_holds_no_control_character() {
    let mut sim = toy_cloud();
    let connect = Connect { password: b"no", ..login("toy-device", "la\x1b[2Jmp\n", "c\r1") };
    sim.connect(&connect, "127.0.0.1:9", at(5));
    let line = sim.poll_event().unwrap().line(Lang::Zh);
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(line.contains("拒绝连接") && line.contains("CONNACK 4"), "{line}");
}

fn call(sim: &mut CloudSim, path: &str, millis: u64) -> CallId {
    let request = dialect::HttpRequest {
        endpoint: "toy-http",
        method: "POST",
        path,
        query: &[("token".to_owned(), "hidden".to_owned())],
        headers: &[("authorization".to_owned(), "hidden".to_owned())],
        body: b"{\"password\":\"hidden\"}",
    };
    sim.http(&request, "127.0.0.1:9", at(millis))
}

fn answers(sim: &mut CloudSim) -> Vec<(CallId, u16)> {
    let outputs = std::iter::from_fn(|| sim.poll_output());
    outputs
        .filter_map(|output| if let Output::Answer(id, answer) = output { Some((id, answer.status)) } else { None })
        .collect()
}

#[test]
fn a_call_is_answered_once_told_without_its_secrets_and_not_after_it_was_abandoned() {
    let mut sim = toy_cloud();
    let now = call(&mut sim, "/now", 0);
    assert_eq!(answers(&mut sim), [(now, 200)]);
    let waiting = call(&mut sim, "/ask/lamp", 1);
    let given_up = call(&mut sim, "/never", 2);
    assert_eq!(answers(&mut sim), []);
    sim.abandon(given_up, web::Abandoned::Silence(Duration::from_secs(60)), at(62));
    sim.abandon(now, web::Abandoned::Left, at(62));
    let lamp = login("toy-device", "lamp", "c1");
    let Decision::Accept(lamp, _) = sim.connect(&lamp, "127.0.0.1:9", at(62)) else { panic!("refused") };
    sim.online(&lamp, at(62));
    let answer = CloudMessage { topic: "dev/lamp/answer".into(), payload: b"0".to_vec(), qos: 1 };
    sim.publish(&lamp, &answer, at(63)).unwrap();
    sim.publish(&lamp, &answer, at(64)).unwrap();
    assert_eq!(answers(&mut sim), [(waiting, 202)]);
    let told: Vec<String> = std::iter::from_fn(|| sim.poll_event())
        .filter(|event| event.name().starts_with("call"))
        .map(|event| event.to_json(Lang::En).to_string())
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|line| !line.contains("hidden")));
    assert!(told[1].contains("no answer within 60 s") && told[2].contains("\"latency_ms\":62.0"), "{told:?}");
}
