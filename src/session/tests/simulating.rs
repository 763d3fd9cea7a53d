//! The simulated thing behind a device connection.

use super::*;
use crate::session::thing::{Behaviour, Manner, ThingCommand};

fn thing() -> ThingConfig {
    ThingConfig {
        number: 0,
        model: FAKE.demo_model().into(),
        values: values(json!({"power": false, "light": 10})),
        behaviour: Behaviour::default(),
        rules: Default::default(),
        report_every: None,
        event_every: None,
        drift: false,
    }
}

/// A thing that is online; what it sent on the way is taken.
fn ready(config: ThingConfig) -> Desk {
    let mut desk = Desk::online(device(config));
    desk.publish_all();
    desk
}

fn behave(desk: &mut Desk, manner: Manner, delay: Duration) {
    desk.command(Command::Thing(ThingCommand::Behave(Behaviour { manner, delay })));
}

/// What was published, as (kind, body).
fn published(desk: &mut Desk) -> Vec<(String, Value)> {
    let all = desk.publish_all();
    all.iter().map(|out| (out.topic.rsplit('/').next().unwrap().to_owned(), body(out))).collect()
}

fn kinds(desk: &mut Desk) -> Vec<String> {
    published(desk).into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn it_starts_with_given_values_and_makes_up_the_others() {
    let desk = Desk::new(device(thing()));
    let (what, values) = desk.said().remove(0);
    assert_eq!(what, "starts with 3 properties");
    assert_eq!((&values["power"], &values["light"]), (&json!(false), &json!(10)));
    assert!((0..=100).contains(&values["heat"].as_i64().unwrap()));
}

#[test]
fn an_accepted_set_is_answered_and_then_reported() {
    let mut desk = ready(thing());
    desk.receive("set", json!({"id": "77", "params": {"power": true, "light": 55}}));
    let sent = published(&mut desk);
    assert_eq!(sent.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["set_reply", "report"]);
    assert_eq!((&sent[0].1["id"], &sent[0].1["ok"]), (&json!("77"), &json!(true)));
    assert_eq!(sent[1].1["params"], json!({"power": true, "light": 55}));
    let (what, values) = desk.said().pop().unwrap();
    assert_eq!(what, "Set properties power=true, light=55: done");
    assert_eq!(values["light"], 55);
}

#[test]
fn a_set_that_breaks_the_model_is_refused_whole_with_the_platforms_code() {
    let mut desk = ready(thing());
    for (params, code) in [
        (json!({"light": 20, "power": 1}), "406"),
        (json!({"light": 101}), "406"),
        (json!({"heat": 1}), "405"),
        (json!({"nothing": 1}), "404"),
    ] {
        desk.receive("set", json!({"id": "1", "params": params}));
        let sent = published(&mut desk);
        assert_eq!(sent.len(), 1, "no report follows");
        assert_eq!((&sent[0].1["ok"], &sent[0].1["code"]), (&json!(false), &json!(code)));
    }
    assert_eq!(desk.said().pop().unwrap().1["light"], 10);
}

#[test]
fn it_refuses_ignores_and_answers_twice_as_told() {
    let mut desk = ready(thing());
    let set = json!({"id": "5", "params": {"light": 20}});
    behave(&mut desk, Manner::Refuse { code: "9".into(), message: None }, Duration::ZERO);
    desk.receive("set", set.clone());
    let sent = published(&mut desk);
    assert_eq!((sent.len(), &sent[0].1["code"]), (1, &json!("9")));
    behave(&mut desk, Manner::Ignore, Duration::ZERO);
    desk.receive("set", set.clone());
    assert!(kinds(&mut desk).is_empty());
    assert!(desk.said().pop().unwrap().0.contains("not answered, as told"));
    behave(&mut desk, Manner::Twice, Duration::ZERO);
    desk.receive("set", set);
    assert_eq!(kinds(&mut desk), ["set_reply", "set_reply", "report"]);
}

#[test]
fn a_slow_thing_answers_in_order_after_its_delay() {
    let mut desk = ready(thing());
    behave(&mut desk, Manner::Accept, 6 * SECOND);
    desk.receive("set", json!({"id": "1", "params": {"light": 1}}));
    desk.receive("set", json!({"id": "2", "params": {"light": 2}}));
    desk.pass(6 * SECOND - MILLI);
    assert!(kinds(&mut desk).is_empty());
    assert_eq!(desk.said().pop().unwrap().1["light"], 10, "nothing is taken before it answers");
    desk.pass(MILLI);
    let ids: Vec<Value> = published(&mut desk)
        .into_iter()
        .filter(|(kind, _)| kind == "set_reply")
        .map(|(_, body)| body["id"].clone())
        .collect();
    assert_eq!(ids, ["1", "2"]);
    assert_eq!(desk.said().pop().unwrap().1["light"], 2);
}

#[test]
fn delayed_answers_go_with_the_connection_and_that_is_told() {
    let mut desk = ready(thing());
    behave(&mut desk, Manner::Accept, 6 * SECOND);
    desk.receive("set", json!({"id": "1", "params": {"light": 1}}));
    desk.lose();
    assert!(desk.said().pop().unwrap().0.contains("1 delayed answers"));
    desk.pass(5 * SECOND);
    desk.come_online();
    desk.pass(5 * SECOND);
    assert!(!kinds(&mut desk).contains(&"set_reply".to_owned()));
}

#[test]
fn it_gives_the_values_asked_for() {
    let mut desk = ready(thing());
    desk.receive("get", json!({"id": "1", "identifiers": ["light"]}));
    desk.receive("get", json!({"id": "2", "identifiers": []}));
    desk.receive("get", json!({"id": "3", "identifiers": ["light", "nothing"]}));
    let sent = published(&mut desk);
    assert_eq!(sent[0].1["data"], json!({"light": 10}));
    assert_eq!(sent[1].1["data"].as_object().unwrap().len(), 3);
    assert_eq!(sent[2].1["code"], "404");
}

#[test]
fn it_carries_out_the_services_of_its_model() {
    let mut desk = ready(thing());
    desk.receive("invoke", json!({"id": "1", "name": "blink", "params": {"level": 3}}));
    desk.receive("invoke", json!({"id": "2", "name": "blink", "params": {"level": 300}}));
    desk.receive("invoke", json!({"id": "3", "name": "dance", "params": {}}));
    let sent = published(&mut desk);
    assert!((0..=100).contains(&sent[0].1["data"]["level"].as_i64().unwrap()));
    assert_eq!((&sent[1].1["code"], &sent[2].1["code"]), (&json!("406"), &json!("404")));
}

#[test]
fn desired_values_are_fetched_after_login_taken_cleared_and_reported() {
    let mut desk = Desk::online(device(thing()));
    let sent = published(&mut desk);
    assert_eq!((sent.len(), sent[0].0.as_str()), (1, "desired_get"));
    assert_eq!(sent[0].1["identifiers"], json!(["power", "light"]));
    let data = json!({"light": {"value": 66, "version": 3}, "power": {"value": "on", "version": 1}});
    desk.receive("desired_get_reply", json!({"id": sent[0].1["id"], "ok": true, "data": data}));
    let sent = published(&mut desk);
    assert_eq!((sent[0].0.as_str(), &sent[0].1["params"]), ("desired_delete", &json!({"light": 3})));
    assert_eq!((sent[1].0.as_str(), &sent[1].1["params"]), ("report", &json!({"light": 66})));
    assert_eq!(desk.said().pop().unwrap().1["light"], 66);
    assert!(desk.said().iter().any(|(what, _)| what.contains("does not take the desired value power=\"on\"")));
    assert!(desk.unsolicited().is_empty());
}

#[test]
fn it_reports_on_login_and_periodically_with_drift_only_while_online() {
    let mut desk = Desk::online(device(ThingConfig { report_every: Some(10 * SECOND), drift: true, ..thing() }));
    assert_eq!(kinds(&mut desk), ["desired_get", "report"]);
    let mut heats = std::collections::BTreeSet::new();
    for _ in 0..20 {
        desk.pass(10 * SECOND);
        let sent = published(&mut desk);
        assert_eq!((sent.len(), sent[0].0.as_str()), (1, "report"));
        assert_eq!(sent[0].1["params"]["light"], 10, "only read-only numbers drift");
        heats.insert(sent[0].1["params"]["heat"].as_i64().unwrap());
        desk.receive("report_reply", json!({"id": sent[0].1["id"], "ok": true}));
    }
    assert!(heats.len() > 2 && heats.iter().all(|heat| (0..=100).contains(heat)), "{heats:?}");
    desk.lose();
    desk.now += 300 * SECOND;
    desk.session.handle_timeout(desk.now);
    desk.drain();
    assert!(desk.take_published().is_empty());
    desk.come_online();
    assert_eq!(kinds(&mut desk), ["desired_get", "report"], "what was slept through is not made up for");
}

#[test]
fn events_of_the_model_take_turns() {
    let mut desk = ready(ThingConfig { event_every: Some(SECOND), ..thing() });
    desk.pass(3 * SECOND);
    let sent = published(&mut desk);
    let names: Vec<&Value> = sent.iter().map(|(_, body)| &body["name"]).collect();
    assert_eq!(names, ["hot", "cold", "hot"]);
    assert!(sent.iter().all(|(_, body)| body["params"]["level"].is_i64()));
    desk.command(Command::Thing(ThingCommand::EventEvery(None)));
    desk.pass(60 * SECOND);
    assert!(kinds(&mut desk).is_empty());
}

#[test]
fn commands_change_it_while_it_runs() {
    let mut desk = ready(thing());
    desk.command(Command::Thing(ThingCommand::SetValues(values(json!({"heat": 999})))));
    let sent = published(&mut desk);
    assert_eq!(sent, [("report".to_owned(), sent[0].1.clone())]);
    assert_eq!(sent[0].1["params"], json!({"heat": 999}), "a broken value is sent: that is what a tester wants to see");
    desk.command(Command::Thing(ThingCommand::Report));
    assert_eq!(kinds(&mut desk), ["report"]);
    desk.command(Command::Thing(ThingCommand::Event("cold".into())));
    assert_eq!(kinds(&mut desk), ["event"]);
    desk.command(Command::Thing(ThingCommand::Event("warm".into())));
    assert!(desk.said().pop().unwrap().0.contains("no event “warm”; it has: hot, cold"));
    desk.command(Command::Thing(ThingCommand::ReportEvery(Some(SECOND))));
    desk.pass(SECOND);
    assert_eq!(kinds(&mut desk), ["report"]);
}

#[test]
fn without_a_connection_nothing_is_reported_and_that_is_told() {
    let mut desk = Desk::new(device(thing()));
    desk.command(Command::Thing(ThingCommand::Report));
    assert_eq!(desk.said().pop().unwrap().0, "not online: nothing was reported");
    assert!(desk.actions.is_empty());
}

#[test]
fn a_period_of_nothing_does_not_spin() {
    let mut desk = ready(ThingConfig { report_every: Some(Duration::ZERO), ..thing() });
    desk.pass(SECOND);
    assert!(kinds(&mut desk).len() <= 100);
}

#[test]
fn a_refused_report_is_a_warning_and_silence_is_told_once() {
    let mut desk = ready(ThingConfig { report_every: Some(10 * SECOND), ..thing() });
    desk.pass(40 * SECOND);
    let last = published(&mut desk).pop().unwrap();
    desk.receive("report_reply", json!({"id": last.1["id"], "ok": false, "code": "2306", "message": "no such"}));
    let warnings = desk.warnings();
    assert_eq!(warnings.iter().filter(|what| what.contains("did not answer")).count(), 1, "{warnings:?}");
    assert_eq!(warnings.iter().filter(|what| what.contains("2306 no such")).count(), 1, "{warnings:?}");
}

#[test]
fn its_own_requests_do_not_appear_in_the_ledger() {
    let mut desk = ready(ThingConfig { report_every: Some(SECOND), ..thing() });
    desk.pass(10 * SECOND);
    desk.publish_all();
    desk.lose();
    assert!(!desk.notices.iter().any(|notice| matches!(notice, Notice::Request { .. } | Notice::Update(_))));
}

#[test]
fn a_connection_without_a_thing_says_so() {
    let mut desk = Desk::online(app());
    desk.command(Command::Thing(ThingCommand::Report));
    assert_eq!(desk.warnings(), ["this connection has no simulated device"]);
}

#[test]
fn a_person_can_report_beside_the_thing_and_gets_the_reply() {
    let mut desk = ready(thing());
    desk.ask(1, Request { params: values(json!({"light": 4})), ..Request::new(OpKind::Report) });
    desk.publish_all();
    let id = desk.id(1);
    desk.receive("report_reply", json!({"id": id, "ok": true}));
    assert_eq!(desk.states(1).last(), Some(&"replied"));
}

#[test]
fn a_thing_that_reports_for_hours_remembers_its_latest_reports_only() {
    let mut desk = ready(ThingConfig { report_every: Some(SECOND), ..thing() });
    for _ in 0..3_600 {
        desk.pass(SECOND);
        for (kind, body) in published(&mut desk) {
            desk.receive(&format!("{kind}_reply"), json!({"id": body["id"], "ok": true}));
        }
    }
    assert!(desk.session.pending.held() <= 100, "{}", desk.session.pending.held());
    assert!(desk.unsolicited().is_empty());
}
