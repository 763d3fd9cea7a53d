//! WebSockets: requests of the beginning, subscriptions inside the application protocol, hand-made frames, waits.

use super::*;
use crate::dialect::{Server, Via};

fn socket() -> SessionConfig {
    let mut config = app();
    config.settings.identity.set("filters", "none");
    config.settings.server = Some(Server::parse("ws://cloud/path").unwrap());
    config
}

fn opening(names: &str) -> SessionConfig {
    let mut config = socket();
    config.settings.identity.set("opening", names);
    config
}

fn subscription(name: &str) -> Request {
    Request { name: Some(name.into()), ..Request::new(OpKind::Subscribe) }
}

impl Desk {
    /// The names of the subscriptions that were asked for, which are told as sent.
    fn take_subscriptions(&mut self) -> Vec<String> {
        let published = self.publish_all();
        published.iter().map(|outgoing| body(outgoing)["name"].as_str().unwrap().to_owned()).collect()
    }

    fn granted(&mut self) {
        self.receive("subscribe_reply", json!({"ok": true, "code": "200"}));
    }

    fn log_in(&mut self) {
        self.link(LinkEvent::Connected { session_present: false });
    }
}

#[test]
fn a_websocket_has_stages_of_its_own() {
    let mut config = socket();
    config.settings.server = Some(Server::parse("wss://cloud/path").unwrap());
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    for stage in [Stage::Resolve, Stage::Tcp, Stage::Tls, Stage::Upgrade] {
        assert_eq!(*desk.session.state(), LinkState::Connecting(stage));
        desk.link(good(stage));
    }
    desk.log_in();
    assert_eq!(*desk.session.state(), LinkState::Online);
}

#[test]
fn a_refused_upgrade_is_not_retried_until_asked() {
    let mut desk = Desk::new(socket());
    desk.command(Command::Connect);
    desk.take_opens();
    desk.link(LinkEvent::Denied { reason: Phrase::verbatim("HTTP 401") });
    assert_eq!(*desk.session.state(), LinkState::Refused(Phrase::verbatim("HTTP 401")));
    assert_eq!(desk.session.next_timeout(), None);
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 1);
}

#[test]
fn what_is_asked_at_the_beginning_is_answered_before_anything_else_is_sent() {
    let mut desk = Desk::new(opening("one,two"));
    desk.command(Command::Connect);
    desk.set(1, json!({}));
    desk.log_in();
    assert_eq!(desk.take_subscriptions(), ["one", "two"]);
    desk.granted();
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Suback));
    assert!(desk.take_published().is_empty(), "the request of a person waits");
    desk.granted();
    assert_eq!(*desk.session.state(), LinkState::Online);
    assert_eq!(desk.take_published().len(), 1);
    let reports = desk.stages();
    let found: Vec<String> = reports.iter().map(|report| report.detail.render(Lang::En)).collect();
    assert_eq!(found, ["one: subscribed", "two: subscribed"]);
    assert!(reports.iter().all(|report| report.ok && report.stage == Stage::Suback));
    assert!(desk.unsolicited().is_empty());
}

#[test]
fn a_refused_or_unanswered_subscription_of_the_beginning_is_told_and_holds_nobody_up() {
    let mut desk = Desk::new(opening("one,two"));
    desk.command(Command::Connect);
    desk.log_in();
    desk.publish_all();
    desk.receive("subscribe_reply", json!({"ok": false, "code": "100012", "message": "no right"}));
    desk.pass(5 * SECOND);
    assert_eq!(*desk.session.state(), LinkState::Online);
    let found: Vec<(u8, bool, String)> = desk
        .stages()
        .into_iter()
        .map(|report| (report.stage.exit_code(), report.ok, report.detail.render(Lang::En)))
        .collect();
    assert_eq!(
        found,
        [
            (14, false, "one: not subscribed: 100012 no right".to_owned()),
            (14, false, "two: not subscribed: no reply in time".to_owned()),
        ]
    );
}

#[test]
fn subscriptions_of_a_person_are_renewed_after_a_loss_and_forgotten_when_taken_back() {
    let mut desk = Desk::online(socket());
    desk.ask(1, subscription("kept"));
    desk.ask(2, subscription("dropped"));
    desk.ask(3, subscription("refused"));
    desk.publish_all();
    desk.granted();
    desk.granted();
    desk.receive("subscribe_reply", json!({"ok": false}));
    desk.ask(4, Request { op: OpKind::Unsubscribe, ..subscription("dropped") });
    desk.publish_all();
    desk.lose();
    desk.pass(2 * SECOND);
    desk.take_opens();
    desk.log_in();
    assert_eq!(desk.take_subscriptions(), ["kept"]);
    desk.granted();
    assert_eq!(*desk.session.state(), LinkState::Online);
    assert_eq!(desk.stages().last().unwrap().detail.render(Lang::En), "kept: subscribed");
}

#[test]
fn a_subscription_of_the_plan_can_be_taken_back_and_wanted_again() {
    let mut desk = Desk::new(opening("plan"));
    desk.command(Command::Connect);
    desk.log_in();
    desk.publish_all();
    desk.granted();
    let renewed = |desk: &mut Desk| {
        desk.lose();
        desk.pass(40 * SECOND);
        desk.log_in();
        let asked = desk.take_subscriptions();
        for _ in &asked {
            desk.granted();
        }
        desk.pass(20 * SECOND);
        asked
    };
    desk.ask(1, Request { op: OpKind::Unsubscribe, ..subscription("plan") });
    desk.publish_all();
    assert_eq!(renewed(&mut desk), Vec::<String>::new());
    desk.ask(2, subscription("plan"));
    desk.publish_all();
    desk.granted();
    assert_eq!(renewed(&mut desk), ["plan"]);
}

#[test]
fn a_reply_without_an_id_is_told_to_be_inferred_and_never_answers_what_was_not_sent() {
    let mut desk = Desk::online(socket());
    desk.ask(1, subscription("one"));
    assert!(desk.info(1).inferred);
    desk.granted();
    assert_eq!(desk.states(1), ["queued"], "handed over, but not sent yet");
    assert_eq!(desk.unsolicited().len(), 1);
    desk.set(2, json!({}));
    assert!(!desk.info(2).inferred);
}

#[test]
fn a_hand_made_message_is_a_text_frame_and_its_topic_only_a_name() {
    let mut desk = Desk::online(socket());
    for (key, topic) in [(1, ""), (2, "any + name")] {
        let topic = topic.to_owned();
        desk.command(Command::Publish { key: RequestKey(key), topic, payload: b"hi".to_vec(), qos: 1, retain: false });
    }
    let sent = desk.publish_all();
    let found: Vec<(&Via, &str, u8)> = sent.iter().map(|frame| (&frame.via, frame.topic.as_str(), frame.qos)).collect();
    assert_eq!(found, [(&Via::Socket, "ws", 0), (&Via::Socket, "any + name", 0)]);
    assert_eq!(desk.states(1), ["queued", "sent"]);
    assert!(desk.info(1).is_settled_by(&RequestState::Sent));
}

#[test]
fn a_topic_filter_on_a_websocket_is_refused_with_a_word() {
    let mut desk = Desk::online(socket());
    desk.command(Command::Subscribe { filter: "a/#".into(), qos: 0 });
    assert!(desk.take_filters().is_empty());
    let report = desk.stages().pop().unwrap();
    assert!(!report.ok && report.detail.render(Lang::En).contains("no topic filters"), "{report:?}");
    assert_eq!(*desk.session.state(), LinkState::Online);
}

#[test]
fn the_answer_to_a_heartbeat_is_nobodys_reply() {
    let mut desk = Desk::online(socket());
    desk.receive("pong", json!({}));
    assert!(desk.unsolicited().is_empty());
}

#[test]
fn what_the_protocol_wants_at_once_is_sent_by_an_app_without_a_device() {
    let mut desk = Desk::online(app());
    desk.receive("event", json!({"sn": 7}));
    let sent = desk.publish_all();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].topic.as_str(), body(&sent[0])), ("fake/lamp/ack", json!({"sn": 7})));
    assert_eq!(desk.remarks(), ["an event"]);
}

#[test]
fn every_frame_of_a_payload_is_heard() {
    let mut desk = Desk::online(app());
    for key in 1..=3 {
        desk.set(key, json!({}));
    }
    desk.publish_all();
    let frame = |id: &str, ok: bool| json!({"id": id, "ok": ok});
    let frames = json!([frame("unknown", true), frame(&desk.id(3), true), frame(&desk.id(1), false)]);
    desk.receive("set_reply", frames);
    assert_eq!(desk.states(1).last(), Some(&"refused"));
    assert_eq!(desk.states(2).last(), Some(&"acknowledged"));
    assert_eq!(desk.states(3).last(), Some(&"replied"));
    assert_eq!(desk.unsolicited().len(), 1, "told once for the message");
}

#[test]
fn waits_grow_as_the_platform_wants_them() {
    let mut desk = Desk::new(SessionConfig { dialect: &fake::PATIENT, ..app() });
    desk.command(Command::Connect);
    let mut waits = Vec::new();
    for _ in 0..6 {
        assert_eq!(desk.take_opens(), 1);
        desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") });
        let LinkState::Waiting { until, .. } = desk.session.state() else { panic!("{:?}", desk.session.state()) };
        let wait = until.since(desk.now);
        waits.push(wait.as_secs());
        desk.pass(wait);
    }
    assert_eq!(waits, [0, 10, 20, 30, 35, 35]);
}
