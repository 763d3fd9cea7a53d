//! Connecting, subscribing, losing, coming back.

use super::*;

fn wait_of(state: &LinkState) -> (Time, u32, String) {
    match state {
        LinkState::Waiting { until, attempt, reason } => (*until, *attempt, reason.render(Lang::En)),
        other => panic!("not waiting: {other:?}"),
    }
}

#[test]
fn stages_of_an_attempt_become_states_in_words() {
    let mut config = app();
    config.settings.server = Some(crate::dialect::Server::parse("mqtts://cloud").unwrap());
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    for stage in [Stage::Resolve, Stage::Tcp, Stage::Tls, Stage::Connect, Stage::Connack] {
        desk.link(good(stage));
    }
    desk.come_online();
    let stages = [Stage::Resolve, Stage::Tcp, Stage::Tls, Stage::Connect, Stage::Connack, Stage::Suback];
    let mut expected: Vec<LinkState> = stages.into_iter().map(LinkState::Connecting).collect();
    expected.push(LinkState::Online);
    assert_eq!(desk.link_states(), expected);
}

#[test]
fn without_tls_its_stage_is_left_out() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.link(good(Stage::Resolve));
    desk.link(good(Stage::Tcp));
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Connect));
}

#[test]
fn all_filters_are_subscribed_on_every_connack_even_if_a_session_is_present() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    assert_eq!(desk.take_filters(), ["fake/lamp/report", "fake/lamp/set_reply"]);
    desk.command(Command::Subscribe { filter: "further/#".into(), qos: 0 });
    assert_eq!(desk.take_filters(), ["further/#"]);
    desk.command(Command::Unsubscribe { filter: "fake/lamp/report".into() });
    assert!(matches!(desk.actions.last(), Some(Action::Unsubscribe { filter }) if filter == "fake/lamp/report"));
    desk.lose();
    desk.pass(2 * SECOND);
    desk.link(LinkEvent::Connected { session_present: true });
    assert_eq!(desk.take_filters(), ["fake/lamp/set_reply", "further/#"]);
}

#[test]
fn every_suback_is_reported_and_a_refused_one_names_filter_code_and_advice() {
    let mut config = app();
    config.settings.identity.set("filters", "fake/lamp/report,fake/lamp/set,fake/lamp/typo,fake/+/report");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    for filter in desk.take_filters() {
        assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Suback));
        desk.link(LinkEvent::SubAck { filter, result: Err(0x80), elapsed: 9 * MILLI });
    }
    assert_eq!(*desk.session.state(), LinkState::Online, "a refused filter does not end the connection");
    let found: Vec<(bool, String, String)> = desk
        .stages()
        .into_iter()
        .map(|report| (report.ok, report.detail.render(Lang::En), report.advice.unwrap().render(Lang::En)))
        .collect();
    assert!(found.iter().all(|(ok, ..)| !ok));
    assert_eq!(found[0].1, "fake/lamp/report: refused, SUBACK 0x80");
    assert!(found[0].2.contains("the topic exists"), "{}", found[0].2);
    assert!(found[1].2.contains("not for the role app"), "{}", found[1].2);
    assert!(found[2].2.contains("no such topic"), "{}", found[2].2);
    assert!(found[3].2.contains("wildcards"), "{}", found[3].2);
}

#[test]
fn a_filter_granted_with_less_says_so() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    let filter = "fake/lamp/report".to_owned();
    desk.link(LinkEvent::SubAck { filter, result: Ok(0), elapsed: MILLI });
    let report = desk.stages().pop().unwrap();
    assert!(report.ok);
    assert_eq!(report.detail.render(Lang::En), "fake/lamp/report: granted QoS 0, asked for 1");
}

#[test]
fn a_subscription_left_unanswered_is_reported_and_does_not_hold_up_the_connection() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    desk.grant("fake/lamp/report");
    desk.pass(5 * SECOND - MILLI);
    assert_eq!(*desk.session.state(), LinkState::Connecting(Stage::Suback));
    desk.pass(MILLI);
    assert_eq!(*desk.session.state(), LinkState::Online);
    let report = desk.stages().pop().unwrap();
    assert_eq!((report.ok, report.stage), (false, Stage::Suback));
    assert!(report.detail.render(Lang::En).starts_with("fake/lamp/set_reply: no SUBACK"));
}

#[test]
fn a_connection_without_filters_is_online_at_once() {
    let mut config = app();
    config.settings.identity.set("filters", "none");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    assert_eq!(*desk.session.state(), LinkState::Online);
}

#[test]
fn waits_double_up_to_thirty_seconds_with_jitter_and_the_plan_is_made_anew() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    let mut usernames = std::collections::BTreeSet::new();
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        let Some(Action::Open(plan)) = desk.actions.pop() else { panic!("no attempt {attempt}") };
        assert!(usernames.insert(plan.username), "the plan of attempt {attempt} is an old one");
        desk.link(LinkEvent::Failed { reason: Phrase::verbatim("connection refused") });
        let (until, number, reason) = wait_of(desk.session.state());
        assert_eq!((number, reason.as_str()), (attempt, "connection refused"));
        let wait = until.since(desk.now);
        desk.pass(wait - MILLI);
        assert!(desk.actions.is_empty(), "too early");
        desk.pass(MILLI);
        waits.push(wait.as_secs_f64());
    }
    for (wait, full) in waits.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]) {
        assert!(*wait <= full && *wait >= full * 0.75, "{wait} of {full}");
    }
    assert_ne!(waits[6], waits[7], "no jitter");
}

#[test]
fn the_same_seed_gives_the_same_waits_and_another_seed_others() {
    let first_wait = |seed| {
        let mut desk = Desk::new(SessionConfig { seed, ..app() });
        desk.command(Command::Connect);
        desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") });
        wait_of(desk.session.state()).0
    };
    assert_eq!(first_wait(1), first_wait(1));
    assert_ne!(first_wait(1), first_wait(2));
}

#[test]
fn a_long_lived_connection_starts_the_row_of_waits_anew() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    for _ in 0..5 {
        desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") });
        desk.pass(60 * SECOND);
    }
    desk.come_online();
    desk.pass(15 * SECOND);
    desk.lose();
    assert_eq!(wait_of(desk.session.state()).1, 1);
}

#[test]
fn a_refused_login_is_not_retried_until_asked() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 1);
    desk.link(LinkEvent::Refused { code: 4 });
    let LinkState::Refused(reason) = desk.session.state().clone() else { panic!() };
    assert!(reason.render(Lang::En).starts_with("CONNACK 4: bad user name or password"));
    assert!(reason.render(Lang::Zh).contains("鉴权失败"));
    assert_eq!(desk.session.next_timeout(), None);
    desk.pass(3600 * SECOND);
    assert_eq!(desk.take_opens(), 0);
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 1);
}

#[test]
fn a_refusal_says_that_the_login_had_expired() {
    let mut config = app();
    config.settings.identity.set("expires", "999999");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    desk.link(LinkEvent::Refused { code: 4 });
    let LinkState::Refused(reason) = desk.session.state().clone() else { panic!() };
    assert!(reason.render(Lang::En).ends_with("The login had already expired"));
    assert!(reason.render(Lang::Zh).contains("CONNACK 4：用户名或密码错误"), "both parts in the reader's language");
}

#[test]
fn settings_that_make_no_plan_are_told_with_the_field() {
    let mut config = app();
    config.settings.identity.remove("filters");
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    assert!(desk.actions.is_empty());
    let LinkState::Refused(reason) = desk.session.state().clone() else { panic!() };
    assert_eq!(reason.render(Lang::En), "cannot connect: field filters is required");
}

#[test]
fn connect_leads_out_of_a_wait_and_disconnect_ends_it() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") });
    desk.take_opens();
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 1);
    desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") });
    desk.command(Command::Disconnect);
    assert_eq!(*desk.session.state(), LinkState::Closed);
    desk.pass(3600 * SECOND);
    assert_eq!(desk.take_opens(), 0);
}

#[test]
fn connect_right_after_disconnect_waits_for_the_old_socket_to_close() {
    let mut desk = Desk::online(app());
    desk.take_opens();
    desk.command(Command::Disconnect);
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 0, "the old one is still closing");
    desk.link(LinkEvent::Closed);
    assert_eq!(desk.take_opens(), 1);
    desk.come_online();
}

#[test]
fn a_socket_that_never_says_closed_is_given_up_after_five_seconds() {
    let mut desk = Desk::online(app());
    desk.take_opens();
    desk.command(Command::Disconnect);
    desk.command(Command::Connect);
    desk.pass(5 * SECOND);
    assert_eq!(desk.take_opens(), 1);
}

#[test]
fn news_of_an_attempt_that_was_called_off_change_nothing() {
    let mut desk = Desk::new(app());
    desk.command(Command::Connect);
    desk.command(Command::Disconnect);
    desk.link(good(Stage::Tcp));
    desk.link(LinkEvent::Connected { session_present: false });
    assert_eq!(*desk.session.state(), LinkState::Closed);
    desk.link(LinkEvent::Closed);
    desk.lose();
    assert_eq!(*desk.session.state(), LinkState::Closed);
    assert!(desk.take_filters().is_empty());
}

#[test]
fn a_one_shot_connection_is_not_made_again_and_says_why_it_ended() {
    let mut desk = Desk::online(SessionConfig { reconnect: Reconnect::Never, ..app() });
    desk.lose();
    assert_eq!(*desk.session.state(), LinkState::Closed);
    assert_eq!(desk.warnings(), ["the connection ended: reset by peer"]);
    assert_eq!(desk.session.next_timeout(), None);
}

#[test]
fn two_clients_that_throw_each_other_out_are_noticed_and_it_stops() {
    let mut desk = Desk::online(app());
    for _ in 0..3 {
        desk.lose();
        desk.pass(10 * SECOND);
        desk.come_online();
        desk.pass(SECOND);
    }
    desk.lose();
    let LinkState::Refused(_) = desk.session.state() else { panic!("{:?}", desk.session.state()) };
    assert_eq!(desk.session.next_timeout(), None);
    assert!(desk.warnings().iter().any(|what| what.contains("client id “client-1”")), "{:?}", desk.warnings());
    desk.take_opens();
    desk.command(Command::Connect);
    assert_eq!(desk.take_opens(), 1);
}

#[test]
fn a_server_that_restarts_is_not_taken_for_a_rival() {
    let mut desk = Desk::online(app());
    for _ in 0..6 {
        desk.lose();
        desk.pass(40 * SECOND);
        desk.link(LinkEvent::Failed { reason: Phrase::verbatim("connection refused") });
        desk.pass(40 * SECOND);
        desk.come_online();
    }
    assert_eq!(desk.warnings(), Vec::<String>::new());
}

#[test]
fn the_expiry_of_the_login_is_told_on_connack_and_when_it_comes() {
    let mut config = app();
    config.settings.identity.set("expires", "1000060");
    let mut desk = Desk::online(config);
    assert!(desk.notices.contains(&Notice::Expires { at: Time::from_secs(1_000_060) }));
    desk.pass(59 * SECOND);
    assert!(desk.warnings().is_empty());
    desk.pass(SECOND);
    assert!(desk.warnings()[0].contains("has expired"));
    assert_eq!(*desk.session.state(), LinkState::Online);
}

#[test]
fn a_malformed_filter_is_reported_and_never_reaches_the_broker() {
    let mut config = app();
    config.settings.mqtt.subscribe = vec!["a/#/b".into(), "good/+".into()];
    let mut desk = Desk::new(config);
    desk.command(Command::Connect);
    desk.link(LinkEvent::Connected { session_present: false });
    assert_eq!(desk.take_filters(), ["fake/lamp/report", "fake/lamp/set_reply", "good/+"]);
    let report = desk.stages().pop().unwrap();
    assert!(!report.ok && report.detail.render(Lang::En).starts_with("a/#/b: not subscribed"), "{report:?}");
    desk.command(Command::Subscribe { filter: String::new(), qos: 0 });
    assert!(desk.take_filters().is_empty());
}
