//! The life of a request.

use super::*;
use crate::session::outbox::MOST_MESSAGES;
use crate::session::pending::MOST_FINISHED;

/// Online, with request 1 sent; its ticket and its id.
fn one_sent() -> (Desk, Ticket, String) {
    let mut desk = Desk::online(app());
    desk.set(1, json!({"power": true}));
    let ticket = desk.take_published()[0].ticket;
    desk.sent(ticket);
    let id = desk.id(1);
    (desk, ticket, id)
}

#[test]
fn a_request_is_queued_sent_acknowledged_and_replied() {
    let (mut desk, ticket, id) = one_sent();
    desk.pass(10 * MILLI);
    desk.acknowledge(ticket);
    desk.pass(24 * MILLI);
    let message = desk.reply(&id, true);
    assert_eq!(desk.states(1), ["queued", "sent", "acknowledged", "replied"]);
    let Some(Notice::Update(last)) = desk.notices.last() else { panic!() };
    assert_eq!(last.message, Some(message));
    assert_eq!(last.at, Time::from_secs(1_000_000) + 34 * MILLI);
    let (code, words) = (Some("0".to_owned()), Some("said the lamp".to_owned()));
    assert_eq!(last.state, RequestState::Replied { code, message: words });
    let info = desk.info(1);
    assert_eq!((info.op, info.topic.as_str(), info.timeout), (Some(OpKind::Set), "fake/lamp/set", Some(5 * SECOND)));
}

#[test]
fn the_message_of_a_sent_request_is_named() {
    let (desk, ..) = one_sent();
    let sent = desk.notices.iter().find_map(|notice| match notice {
        Notice::Update(update) if update.state == RequestState::Sent => update.message,
        _ => None,
    });
    assert_eq!(sent, Some(1));
}

#[test]
fn a_reply_before_the_puback_decides_and_the_puback_is_not_told() {
    let (mut desk, ticket, id) = one_sent();
    desk.reply(&id, true);
    desk.acknowledge(ticket);
    assert_eq!(desk.states(1), ["queued", "sent", "replied"]);
}

#[test]
fn a_refusal_carries_code_and_words() {
    let (mut desk, _, id) = one_sent();
    desk.reply(&id, false);
    let refused = RequestState::Refused { code: Some("500".into()), message: Some("said the lamp".into()) };
    assert_eq!(desk.updates(1).last(), Some(&refused));
}

#[test]
fn the_time_is_up_exactly_at_the_deadline() {
    let (mut desk, ticket, id) = one_sent();
    desk.acknowledge(ticket);
    desk.pass(5 * SECOND - Duration::from_micros(1));
    assert_eq!(desk.states(1).last(), Some(&"acknowledged"));
    desk.pass(Duration::from_micros(1));
    assert_eq!(desk.states(1).last(), Some(&"timeout"));
    desk.reply(&id, true);
    assert_eq!(desk.updates(1).last(), Some(&RequestState::RepliedLate { ok: true, code: Some("0".into()) }));
}

#[test]
fn a_reply_at_the_deadline_is_late_even_if_no_timer_was_served() {
    let (mut desk, _, id) = one_sent();
    desk.now += 5 * SECOND;
    desk.reply(&id, true);
    assert_eq!(desk.states(1), ["queued", "sent", "timeout", "replied_late"]);
}

#[test]
fn a_timeout_given_with_the_request_counts_from_sending() {
    let mut desk = Desk::online(app());
    let request = Request::new(OpKind::Get);
    desk.command(Command::Request { key: RequestKey(1), request, timeout: Some(SECOND), check: true });
    desk.pass(30 * SECOND);
    let ticket = desk.take_published()[0].ticket;
    desk.sent(ticket);
    desk.pass(SECOND - MILLI);
    assert_eq!(desk.states(1), ["queued", "sent"]);
    desk.pass(MILLI);
    assert_eq!(desk.states(1), ["queued", "sent", "timeout"]);
}

#[test]
fn further_replies_are_marked_as_repeated() {
    let (mut desk, _, id) = one_sent();
    desk.reply(&id, true);
    desk.reply(&id, false);
    desk.reply(&id, true);
    assert_eq!(desk.states(1)[2..], ["replied", "replied_again", "replied_again"]);
    assert!(desk.unsolicited().is_empty());
}

#[test]
fn a_late_reply_that_comes_twice_is_late_once() {
    let (mut desk, _, id) = one_sent();
    desk.pass(6 * SECOND);
    desk.reply(&id, true);
    desk.reply(&id, true);
    assert_eq!(desk.states(1)[2..], ["timeout", "replied_late", "replied_again"]);
}

#[test]
fn a_reply_with_an_unknown_id_or_to_another_kind_is_unsolicited() {
    let (mut desk, _, id) = one_sent();
    let wrong_id = desk.reply("nobody", true);
    let wrong_kind = desk.receive("get_reply", json!({"id": id, "ok": true}));
    let no_id = desk.receive("set_reply", json!({"ok": true}));
    assert_eq!(desk.unsolicited(), [wrong_id, wrong_kind, no_id]);
    assert_eq!(desk.states(1), ["queued", "sent"]);
}

#[test]
fn a_reply_whose_body_cannot_be_read_counts_by_what_was_seen_at_a_glance() {
    let (mut desk, _, id) = one_sent();
    let payload = format!("{{\"id\":\"{id}\",\"ok\":false,\"code\":\"301\",").into_bytes();
    let meta = FAKE.classify(Role::App, Direction::In, "fake/lamp/set_reply", &payload);
    desk.session.receive("fake/lamp/set_reply", &payload, meta, 9, desk.now);
    desk.drain();
    let refused = RequestState::Refused { code: Some("301".into()), message: None };
    assert_eq!(desk.updates(1).last(), Some(&refused));
}

#[test]
fn without_ids_the_oldest_request_of_the_kind_is_answered() {
    let mut desk = Desk::online(app());
    for key in 1..=2 {
        desk.ask(key, Request { name: Some("nameless".into()), ..Request::new(OpKind::Get) });
    }
    desk.publish_all();
    desk.receive("get_reply", json!({"ok": true}));
    assert_eq!((desk.states(1).last(), desk.states(2).last()), (Some(&"replied"), Some(&"acknowledged")));
    desk.receive("get_reply", json!({"ok": false}));
    assert_eq!(desk.states(2).last(), Some(&"refused"));
    desk.receive("get_reply", json!({"ok": true}));
    assert_eq!(desk.unsolicited().len(), 1);
}

#[test]
fn a_lost_link_takes_requests_on_their_way_and_keeps_those_that_wait() {
    let (mut desk, _, id) = one_sent();
    desk.set(2, json!({}));
    assert_eq!(desk.take_published().len(), 1, "handed over, but never reported as sent");
    desk.lose();
    desk.set(3, json!({}));
    assert_eq!(desk.states(1).last(), Some(&"link_lost"));
    assert_eq!(desk.states(2), ["queued", "link_lost"]);
    assert_eq!(desk.states(3), ["queued"]);
    desk.pass(2 * SECOND);
    desk.come_online();
    let sent = desk.publish_all();
    assert_eq!(sent.len(), 1);
    assert_eq!(desk.states(3), ["queued", "sent", "acknowledged"]);
    desk.reply(&id, true);
    assert_eq!(desk.states(1).last(), Some(&"replied_late"));
}

#[test]
fn requests_asked_for_while_connecting_are_sent_in_order_after_the_last_suback() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    for key in 1..=3 {
        desk.set(key, json!({"light": key}));
    }
    desk.link(LinkEvent::Connected { session_present: false });
    desk.grant("fake/lamp/report");
    assert!(desk.take_published().is_empty(), "the reply's topic is not subscribed yet");
    desk.grant("fake/lamp/set_reply");
    let lights: Vec<Value> =
        desk.take_published().iter().map(|outgoing| body(outgoing)["params"]["light"].clone()).collect();
    assert_eq!(lights, [1, 2, 3]);
}

#[test]
fn a_request_without_a_connection_in_sight_fails_at_once() {
    let mut desk = Desk::new(app());
    desk.set(1, json!({}));
    assert_eq!(desk.updates(1), [RequestState::Failed(Phrase::from(crate::session::texts::NOT_CONNECTED))]);
    desk.command(Command::Connect);
    desk.link(LinkEvent::Refused { code: 5 });
    desk.set(2, json!({}));
    assert_eq!(desk.states(2), ["failed"]);
}

#[test]
fn what_waits_when_the_login_is_refused_fails_with_the_reason() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.set(1, json!({}));
    desk.link(LinkEvent::Refused { code: 4 });
    let [RequestState::Queued, RequestState::Failed(reason)] = &desk.updates(1)[..] else { panic!() };
    assert!(reason.render(Lang::En).contains("CONNACK 4"));
}

#[test]
fn what_waits_a_minute_for_a_connection_is_given_up_and_not_sent_later() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.set(1, json!({}));
    desk.pass(60 * SECOND);
    assert_eq!(desk.states(1), ["queued", "failed"]);
    desk.come_online();
    assert!(desk.take_published().is_empty());
}

#[test]
fn a_full_outbox_refuses_in_words_and_keeps_what_it_has() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    for key in 0..=MOST_MESSAGES as u64 {
        desk.set(key, json!({}));
    }
    let RequestState::Failed(reason) = &desk.updates(MOST_MESSAGES as u64)[0] else { panic!() };
    assert!(reason.render(Lang::En).contains("1000 messages"), "{reason}");
    desk.come_online();
    assert_eq!(desk.publish_all().len(), MOST_MESSAGES);
}

#[test]
fn an_operation_that_cannot_be_encoded_has_a_row_in_the_ledger_and_says_why() {
    let mut desk = Desk::online(app());
    desk.ask(1, Request::new(OpKind::Unbind));
    let [RequestState::Failed(reason)] = &desk.updates(1)[..] else { panic!() };
    assert!(reason.render(Lang::En).contains("it has: set, get, desired"));
    desk.set(2, json!({"bad": 1}));
    assert_eq!(desk.states(2), ["failed"]);
    let request = Request { params: values(json!({"bad": 1})), ..Request::new(OpKind::Set) };
    desk.command(Command::Request { key: RequestKey(3), request, timeout: None, check: false });
    assert_eq!(desk.states(3), ["queued"]);
}

#[test]
fn a_message_that_the_socket_does_not_take_has_failed() {
    let mut desk = Desk::online(app());
    desk.set(1, json!({}));
    let ticket = desk.take_published()[0].ticket;
    desk.link(LinkEvent::NotSent { ticket, reason: Phrase::verbatim("topic too long") });
    assert_eq!(desk.updates(1)[1], RequestState::Failed(Phrase::verbatim("topic too long")));
}

#[test]
fn a_request_without_a_reply_is_settled_by_its_acknowledgement() {
    let mut desk = Desk::online(app());
    desk.ask(1, Request::new(OpKind::DesiredSet));
    let info = desk.info(1);
    assert_eq!(info.timeout, None);
    desk.publish_all();
    let updates = desk.updates(1);
    assert_eq!(desk.states(1), ["queued", "sent", "acknowledged"]);
    let settled: Vec<bool> = updates.iter().map(|state| info.is_settled_by(state)).collect();
    assert_eq!(settled, [false, false, true]);
    desk.pass(3600 * SECOND);
    assert_eq!(desk.states(1).len(), 3, "nothing more is waited for");
    let id = desk.id(1);
    desk.reply(&id, true);
    assert_eq!(desk.states(1).last(), Some(&"replied"), "an undocumented reply is welcome");
}

#[test]
fn a_request_without_a_reply_and_without_a_puback_times_out() {
    let mut desk = Desk::online(app());
    desk.ask(1, Request::new(OpKind::DesiredSet));
    let ticket = desk.take_published()[0].ticket;
    desk.sent(ticket);
    desk.pass(10 * SECOND);
    assert_eq!(desk.states(1), ["queued", "sent", "timeout"]);
}

#[test]
fn with_qos_0_sending_settles_it() {
    let mut desk = Desk::online(app());
    desk.ask(1, Request { name: Some("careless".into()), ..Request::new(OpKind::DesiredSet) });
    let ticket = desk.take_published()[0].ticket;
    desk.sent(ticket);
    assert!(desk.info(1).is_settled_by(&RequestState::Sent));
    desk.lose();
    assert_eq!(desk.states(1), ["queued", "sent"]);
}

#[test]
fn a_set_without_a_reply_of_its_own_is_observed_in_a_later_report() {
    let mut desk = Desk::online(app());
    let quiet = |params| Request { name: Some("quiet".into()), params: values(params), ..Request::new(OpKind::Set) };
    desk.ask(1, quiet(json!({"light": 30, "power": true})));
    desk.ask(2, quiet(json!({"light": 30})));
    desk.publish_all();
    desk.receive("report", json!({"params": {"light": 30}}));
    assert_eq!((desk.states(1).len(), desk.states(2).last()), (3, Some(&"observed")));
    let message = desk.receive("report", json!({"params": {"light": 30.0, "power": true, "heat": 4}}));
    let Some(Notice::Update(update)) = desk.notices.last() else { panic!() };
    assert_eq!((update.key.0, update.message), (1, Some(message)));
    assert_eq!(update.state, RequestState::Observed);
    desk.ask(3, quiet(json!({"light": 31})));
    desk.publish_all();
    desk.pass(5 * SECOND);
    assert_eq!(desk.states(3).last(), Some(&"timeout"));
}

#[test]
fn a_set_with_a_reply_is_not_observed() {
    let (mut desk, ..) = one_sent();
    desk.receive("report", json!({"params": {"power": true}}));
    assert_eq!(desk.states(1), ["queued", "sent"]);
}

#[test]
fn a_report_of_another_device_is_not_observed() {
    let mut desk = Desk::online(app());
    let name = Some("quiet".into());
    let params = values(json!({"light": 1}));
    desk.ask(1, Request { name, device: Some("lamp".into()), params, ..Request::new(OpKind::Set) });
    desk.publish_all();
    desk.receive("report", json!({"device": "oven", "params": {"light": 1}}));
    assert_eq!(desk.states(1).len(), 3);
    desk.receive("report", json!({"device": "lamp", "params": {"light": 1}}));
    assert_eq!(desk.states(1).last(), Some(&"observed"));
}

#[test]
fn a_hand_made_message_is_tracked_and_a_reply_to_it_is_recognized() {
    let mut desk = Desk::online(app());
    let publish = |key, topic: &str, payload: &[u8]| Command::Publish {
        key: RequestKey(key),
        topic: topic.into(),
        payload: payload.to_vec(),
        qos: 1,
        retain: true,
    };
    desk.command(publish(1, "any/topic", b"\xff\x00"));
    desk.command(publish(2, "fake/lamp/set", b"{\"id\":\"mine\",\"params\":{}}"));
    let sent = desk.publish_all();
    assert_eq!((sent[0].payload.as_slice(), sent[0].retain), (&b"\xff\x00"[..], true));
    assert_eq!((desk.info(1).op, desk.info(1).request_id), (None, None));
    assert_eq!(desk.id(2), "mine");
    desk.reply("mine", true);
    assert_eq!(desk.states(1).last(), Some(&"acknowledged"));
    assert_eq!(desk.states(2).last(), Some(&"replied"));
}

#[test]
fn the_same_bytes_sent_again_get_their_own_reply_first_come_first_served() {
    let (mut desk, ..) = one_sent();
    let info = desk.info(1);
    desk.command(Command::Publish {
        key: RequestKey(2),
        topic: info.topic,
        payload: info.payload,
        qos: 1,
        retain: false,
    });
    desk.publish_all();
    let id = desk.id(1);
    for _ in 0..3 {
        desk.reply(&id, true);
    }
    assert_eq!(desk.states(1).last(), Some(&"replied"));
    assert_eq!(desk.states(2)[3..], ["replied", "replied_again"]);
}

#[test]
fn a_timed_out_request_does_not_take_the_reply_of_one_that_still_waits() {
    let (mut desk, _, id) = one_sent();
    desk.pass(5 * SECOND);
    let info = desk.info(1);
    let (topic, payload) = (info.topic, info.payload);
    desk.command(Command::Publish { key: RequestKey(2), topic, payload, qos: 1, retain: false });
    desk.publish_all();
    desk.reply(&id, true);
    assert_eq!((desk.states(1).last(), desk.states(2).last()), (Some(&"timeout"), Some(&"replied")));
}

#[test]
fn the_oldest_finished_requests_are_forgotten_and_their_replies_unsolicited() {
    let mut desk = Desk::online(app());
    for key in 0..=MOST_FINISHED as u64 {
        desk.set(key, json!({}));
        desk.publish_all();
        let id = desk.session.next_id - 1;
        desk.reply(&id.to_string(), true);
    }
    let (first, second) = (desk.id(0), desk.id(1));
    desk.reply(&second, true);
    assert_eq!(desk.states(1).last(), Some(&"replied_again"));
    desk.reply(&first, true);
    assert_eq!(desk.states(0).last(), Some(&"replied"));
    assert_eq!(desk.unsolicited().len(), 1);
}

#[test]
fn disconnecting_ends_every_request_with_a_word() {
    let (mut desk, ..) = one_sent();
    desk.command(Command::Disconnect);
    assert_eq!(desk.states(1).last(), Some(&"link_lost"));
    desk.command(Command::Connect);
    desk.set(2, json!({}));
    assert_eq!(desk.states(2), ["queued"], "it will be connected again");
    desk.command(Command::Disconnect);
    assert_eq!(desk.states(2), ["queued", "failed"]);
}

#[test]
fn two_sessions_of_one_identity_do_not_share_request_ids() {
    let id = |seed| {
        let mut desk = Desk::online(SessionConfig { seed, ..app() });
        desk.set(1, json!({}));
        desk.id(1)
    };
    assert_ne!(id(1), id(2));
    assert!(id(3).len() <= 13, "the longest id that a platform allows");
}

#[test]
fn a_topic_with_a_wildcard_is_not_published_to() {
    let mut desk = Desk::online(app());
    let (topic, payload) = ("a/+".to_owned(), Vec::new());
    desk.command(Command::Publish { key: RequestKey(1), topic, payload, qos: 0, retain: false });
    assert_eq!(desk.states(1), ["failed"]);
    assert!(desk.take_published().is_empty());
}
