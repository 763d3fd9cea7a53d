//! Calls over HTTP: the login before a connection, and operations beside it.

use super::*;
use crate::dialect::{HttpAnswer, HttpCall, Via};
use crate::session::CallFault;

fn account() -> SessionConfig {
    let mut config = app();
    config.settings.identity.set("account", "anna");
    config
}

fn answer(status: u16, body: &str) -> HttpAnswer {
    HttpAnswer { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

impl Desk {
    /// Takes the call that the session wants made.
    fn take_call(&mut self) -> Option<(u64, HttpCall)> {
        let at = self.actions.iter().position(|action| matches!(action, Action::Call { .. }))?;
        match self.actions.remove(at) {
            Action::Call { number, call } => Some((number, *call)),
            _ => None,
        }
    }

    fn call_back(&mut self, number: u64, outcome: Result<HttpAnswer, CallFault>) {
        self.link(LinkEvent::LoginAnswer { number, outcome, elapsed: 34 * MILLI });
    }

    /// Answers the call that waits.
    fn answer_login(&mut self, status: u16, body: &str) -> HttpCall {
        let (number, call) = self.take_call().expect("a call");
        self.call_back(number, Ok(answer(status, body)));
        call
    }

    fn plan(&mut self) -> crate::dialect::Plan {
        match self.actions.pop() {
            Some(Action::Open(plan)) => *plan,
            other => panic!("{other:?} is no attempt"),
        }
    }

    /// The message of a request that goes over HTTP, which the socket has begun.
    fn called(&mut self, key: u64, name: &str) -> Outgoing {
        let params = values(json!({"light": 1}));
        self.ask(key, Request { name: Some(name.into()), params, ..Request::new(OpKind::Set) });
        let outgoing = self.take_published().pop().expect("a call");
        self.sent(outgoing.ticket);
        outgoing
    }

    fn answer_call(&mut self, outgoing: &Outgoing, status: u16, body: &str) -> usize {
        self.next_message += 1;
        let (ticket, topic) = (outgoing.ticket, outgoing.topic.clone());
        self.link(LinkEvent::Answered { ticket, topic, answer: answer(status, body), message: self.next_message });
        self.next_message
    }
}

#[test]
fn calls_are_made_one_after_the_other_until_the_dialect_wants_no_more() {
    let mut config = account();
    config.settings.identity.set("two_calls", "yes");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Login));
    assert_eq!(desk.answer_login(200, "t1").name, "token");
    assert_eq!(desk.answer_login(200, "mqtts://m2m:8883").name, "address");
    let plan = desk.plan();
    assert!(plan.username.ends_with("-t1"), "{}", plan.username);
    assert_eq!(plan.server.host, "m2m");
    let reports = desk.stages();
    let found: Vec<_> = reports.iter().map(|report| (report.stage, report.ok, report.elapsed)).collect();
    assert_eq!(found, [(Stage::Login, true, 34 * MILLI); 2]);
    assert_eq!(reports[0].detail.render(Lang::En), "POST /token: HTTP 200");
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Resolve));
}

#[test]
fn what_a_login_brought_is_used_by_later_attempts_without_another_call() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.answer_login(200, "t1");
    desk.take_opens();
    desk.come_online();
    desk.lose();
    desk.pass(2 * SECOND);
    assert!(desk.take_call().is_none());
    assert!(desk.plan().username.ends_with("-t1"));
    let learned: Vec<Option<&str>> = desk.notices.iter().filter_map(learned_token).collect();
    assert_eq!(learned, [Some("t1")], "told once, for whoever reads and writes on behalf of the connection");
    desk.link(LinkEvent::Refused { code: 4 });
    let learned: Vec<Option<&str>> = desk.notices.iter().filter_map(learned_token).collect();
    assert_eq!(learned, [Some("t1"), None], "not in use any more");
}

fn learned_token(notice: &Notice) -> Option<Option<&str>> {
    match notice {
        Notice::Learned { identity, .. } => Some(identity.get("token")),
        _ => None,
    }
}

#[test]
fn a_refused_login_tells_status_code_and_words_and_is_not_tried_again() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.answer_login(400, "name or password wrong");
    let report = desk.stages().pop().unwrap();
    assert_eq!((report.stage, report.ok, report.stage.exit_code()), (Stage::Login, false, 13));
    let words = "POST /token: HTTP 400, code 9020: name or password wrong";
    assert_eq!(report.detail.render(Lang::En), words);
    assert!(matches!(desk.session.state(), LinkState::Refused(reason) if reason.render(Lang::En) == words));
    assert_eq!(desk.session.next_timeout(), None);
    desk.command(Command::Connect);
    assert!(desk.take_call().is_some(), "asked anew");
}

#[test]
fn a_server_in_trouble_is_asked_again_later() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.answer_login(503, "busy");
    assert!(matches!(desk.session.state(), LinkState::Waiting { attempt: 1, .. }));
    desk.pass(2 * SECOND);
    desk.answer_login(200, "t1");
    assert_eq!(desk.take_opens(), 1);
}

#[test]
fn a_login_that_the_broker_refuses_is_fetched_anew_when_asked() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.answer_login(200, "stale");
    desk.link(LinkEvent::Refused { code: 4 });
    desk.take_opens();
    desk.command(Command::Connect);
    desk.answer_login(200, "fresh");
    assert!(desk.plan().username.ends_with("-fresh"));
}

#[test]
fn a_host_that_cannot_be_reached_fails_in_its_stage() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    let (number, _) = desk.take_call().unwrap();
    let fault = CallFault { stage: Stage::Resolve, reason: Phrase::verbatim("no such name"), advice: None };
    desk.call_back(number, Err(fault));
    let report = desk.stages().pop().unwrap();
    assert_eq!((report.stage, report.ok), (Stage::Resolve, false));
    assert_eq!(report.detail.render(Lang::En), "POST /token: no such name");
    assert!(matches!(desk.session.state(), LinkState::Waiting { .. }));
}

#[test]
fn a_redirection_of_the_login_is_told_and_not_followed() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    let (number, _) = desk.take_call().unwrap();
    let headers = vec![("location".to_owned(), "https://elsewhere/".to_owned())];
    desk.call_back(number, Ok(HttpAnswer { status: 302, headers, body: Vec::new() }));
    let LinkState::Refused(reason) = desk.session.state().clone() else { panic!("{:?}", desk.session.state()) };
    assert!(reason.render(Lang::En).contains("redirects to https://elsewhere/"), "{reason}");
    assert!(desk.take_call().is_none());
}

#[test]
fn answers_that_lead_nowhere_end_after_sixteen_calls() {
    let mut config = app();
    config.settings.identity.set("two_calls", "yes");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    for _ in 0..16 {
        desk.answer_login(200, "no address");
    }
    assert!(matches!(desk.session.state(), LinkState::Refused(_)));
    assert!(desk.take_call().is_none());
}

#[test]
fn disconnecting_during_the_login_ends_it_and_a_late_answer_changes_nothing() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    let (number, _) = desk.take_call().unwrap();
    desk.command(Command::Disconnect);
    assert!(matches!(desk.actions.as_slice(), [Action::Close]));
    desk.call_back(number, Ok(answer(200, "t1")));
    desk.link(LinkEvent::Closed);
    assert_eq!(*desk.session.state(), LinkState::Closed);
    desk.command(Command::Connect);
    let (again, _) = desk.take_call().unwrap();
    desk.call_back(number, Ok(answer(200, "t1")));
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Login), "an answer of the first attempt");
    desk.call_back(again, Ok(answer(200, "t2")));
    assert!(desk.plan().username.ends_with("-t2"));
}

#[test]
fn the_answer_to_a_call_belongs_to_it_whatever_its_order() {
    let mut desk = Desk::online(app());
    let first = desk.called(1, "nameless call");
    let second = desk.called(2, "nameless call");
    assert!(matches!(first.via, Via::Http(_)));
    assert!(!desk.info(1).inferred);
    let index = desk.answer_call(&second, 200, r#"{"ok":true,"code":"0","data":{}}"#);
    desk.answer_call(&first, 200, r#"{"ok":false,"code":"100","message":"no"}"#);
    assert_eq!(desk.states(1), ["queued", "sent", "refused"]);
    assert_eq!(desk.states(2), ["queued", "sent", "replied"]);
    let said = desk
        .notices
        .iter()
        .any(|notice| matches!(notice, Notice::Update(update) if update.key.0 == 2 && update.message == Some(index)));
    assert!(said, "the answer is named");
}

#[test]
fn a_status_of_400_or_more_is_a_refusal_even_if_the_body_says_nothing() {
    let mut desk = Desk::online(app());
    let silent = desk.called(1, "call");
    desk.answer_call(&silent, 403, "");
    let glad = desk.called(2, "call");
    desk.answer_call(&glad, 500, r#"{"ok":true,"code":"9008","message":"server error"}"#);
    let refused = |code: &str, message: &str| RequestState::Refused {
        code: Some(code.to_owned()),
        message: Some(message.to_owned()),
    };
    assert_eq!(desk.updates(1).pop(), Some(refused("403", "HTTP 403")));
    assert_eq!(desk.updates(2).pop(), Some(refused("9008", "server error")));
}

#[test]
fn a_call_that_gets_no_answer_has_failed_with_the_reason() {
    let mut desk = Desk::online(app());
    let call = desk.called(1, "call");
    let ticket = call.ticket;
    desk.link(LinkEvent::NotSent { ticket, reason: Phrase::verbatim("connection refused") });
    assert_eq!(desk.updates(1).pop(), Some(RequestState::Failed(Phrase::verbatim("connection refused"))));
}

#[test]
fn a_call_that_is_not_answered_times_out_and_its_answer_is_late() {
    let mut desk = Desk::online(app());
    let call = desk.called(1, "call");
    desk.pass(5 * SECOND);
    desk.answer_call(&call, 200, r#"{"ok":true}"#);
    assert_eq!(desk.states(1), ["queued", "sent", "timeout", "replied_late"]);
}

#[test]
fn a_lost_connection_does_not_take_a_call_along() {
    let mut desk = Desk::online(app());
    let call = desk.called(1, "call");
    desk.lose();
    assert_eq!(desk.states(1), ["queued", "sent"]);
    desk.answer_call(&call, 200, r#"{"ok":true}"#);
    assert_eq!(desk.states(1), ["queued", "sent", "replied"]);
}

#[test]
fn a_call_without_a_reply_is_confirmed_by_its_answer_and_settled_by_the_report() {
    let mut desk = Desk::online(app());
    let params = values(json!({"light": 7}));
    let request = Request { name: Some("call".into()), params, ..Request::new(OpKind::DesiredSet) };
    desk.ask(1, request);
    let call = desk.take_published().pop().unwrap();
    desk.sent(call.ticket);
    assert_eq!(desk.states(1), ["queued", "sent"], "the answer is still to come, though nothing is acknowledged");
    assert_eq!(desk.info(1).qos, 1);
    desk.answer_call(&call, 200, "done");
    assert_eq!(desk.states(1), ["queued", "sent", "acknowledged"]);
    assert!(desk.info(1).is_settled_by(&RequestState::Acknowledged));
}

#[test]
fn a_body_with_secrets_is_in_no_ledger() {
    let mut desk = Desk::online(app());
    let outgoing = desk.called(1, "secret call");
    assert_eq!(desk.info(1).payload, b"(not shown: it holds secrets)");
    assert_eq!(outgoing.payload, b"(not shown: it holds secrets)", "nor in the stream");
    let Via::Http(call) = outgoing.via else { panic!("not a call") };
    assert!(call.body.starts_with(b"{"), "but it is sent");
}

#[test]
fn what_is_asked_during_the_login_is_encoded_with_what_it_brings() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.ask(1, Request { name: Some("token in id".into()), ..Request::new(OpKind::Set) });
    desk.set(2, json!({}));
    assert!(desk.states(1).is_empty(), "its bytes are not known yet");
    desk.answer_login(200, "t1");
    assert_eq!(desk.info(1).request_id.as_deref(), Some("t1"));
    assert_eq!(desk.states(1), ["queued"]);
    desk.come_online();
    assert_eq!(desk.publish_all().len(), 2);
}

#[test]
fn what_is_asked_during_the_login_fails_with_it_or_after_a_minute() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.set(1, json!({}));
    desk.answer_login(503, "busy");
    assert!(desk.states(1).is_empty(), "there will be another attempt");
    desk.pass(2 * SECOND);
    desk.set(2, json!({}));
    let (number, _) = desk.take_call().unwrap();
    desk.pass(58 * SECOND);
    assert_eq!(desk.states(1), ["failed"]);
    assert!(desk.states(2).is_empty());
    desk.call_back(number, Ok(answer(400, "wrong password")));
    let Some(RequestState::Failed(reason)) = desk.updates(2).pop() else { panic!("{:?}", desk.updates(2)) };
    assert!(reason.render(Lang::En).contains("wrong password"), "{reason}");
}

#[test]
fn after_a_binding_the_next_connection_logs_in_anew() {
    let mut desk = Desk::new(account());
    desk.command(Command::Connect);
    desk.answer_login(200, "t1");
    desk.come_online();
    desk.ask(1, Request { name: Some("call".into()), ..Request::new(OpKind::Bind) });
    let call = desk.take_published().pop().unwrap();
    desk.sent(call.ticket);
    desk.answer_call(&call, 200, r#"{"ok":true}"#);
    assert_eq!(desk.states(1).last(), Some(&"replied"));
    assert!(desk.take_call().is_none(), "the connection goes on");
    desk.lose();
    desk.pass(2 * SECOND);
    desk.answer_login(200, "t2");
    assert!(desk.plan().username.ends_with("-t2"));
}
