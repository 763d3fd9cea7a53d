//! Random conversations: whatever the network does to the replies, the ledger says exactly that.

use proptest::prelude::*;

use super::*;

/// What happens to the reply of one request. Times in milliseconds after it was sent; the deadline is at 5,000.
#[derive(Debug, Clone)]
enum Fate {
    InTime { after: u64, ok: bool },
    Dropped,
    Late { after: u64 },
    Twice { first: u64, second: u64 },
    WrongId { after: u64 },
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        (0_u64..5_000, any::<bool>()).prop_map(|(after, ok)| Fate::InTime { after, ok }),
        Just(Fate::Dropped),
        (5_000_u64..20_000).prop_map(|after| Fate::Late { after }),
        (0_u64..5_000, 0_u64..15_000).prop_map(|(first, gap)| Fate::Twice { first, second: first + gap }),
        (0_u64..20_000).prop_map(|after| Fate::WrongId { after }),
    ]
}

/// What the network does next, at a time in milliseconds.
#[derive(Debug, Clone)]
enum Step {
    Ask(u64),
    Ack(u64),
    Reply { key: u64, ok: bool },
    Wrong,
}

fn expected(fate: &Fate) -> Vec<String> {
    let states: &[&str] = match fate {
        Fate::InTime { ok: true, .. } => &["replied"],
        Fate::InTime { ok: false, .. } => &["refused"],
        Fate::Dropped | Fate::WrongId { .. } => &["timeout"],
        Fate::Late { .. } => &["timeout", "replied_late"],
        Fate::Twice { .. } => &["replied", "replied_again"],
    };
    states.iter().map(|state| (*state).to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_tells_exactly_what_happened_to_every_reply(
        plan in prop::collection::vec((0_u64..10_000, 0_u64..8_000, fate()), 1..40)
    ) {
        let mut steps: Vec<(u64, Step)> = Vec::new();
        for (key, (at, ack, fate)) in plan.iter().enumerate() {
            let key = key as u64;
            steps.push((*at, Step::Ask(key)));
            steps.push((at + ack, Step::Ack(key)));
            match fate {
                Fate::InTime { after, ok } => steps.push((at + after, Step::Reply { key, ok: *ok })),
                Fate::Dropped => {}
                Fate::Late { after } => steps.push((at + after, Step::Reply { key, ok: true })),
                Fate::Twice { first, second } => {
                    steps.push((at + first, Step::Reply { key, ok: true }));
                    steps.push((at + second, Step::Reply { key, ok: false }));
                }
                Fate::WrongId { after } => steps.push((at + after, Step::Wrong)),
            }
        }
        // Stable: what is asked for comes before what happens to it at the same time.
        steps.sort_by_key(|(at, _)| *at);

        let mut desk = Desk::online(app());
        let start = desk.now;
        let mut tickets = BTreeMap::new();
        let mut wrong = 0;
        for (at, step) in steps {
            let due = start + Duration::from_millis(at);
            desk.pass(due.since(desk.now));
            match step {
                Step::Ask(key) => {
                    desk.set(key, json!({"light": key}));
                    let ticket = desk.take_published()[0].ticket;
                    desk.sent(ticket);
                    tickets.insert(key, ticket);
                }
                Step::Ack(key) => desk.acknowledge(tickets[&key]),
                Step::Reply { key, ok } => {
                    let id = desk.id(key);
                    desk.reply(&id, ok);
                }
                Step::Wrong => {
                    wrong += 1;
                    desk.reply("none of ours", true);
                }
            }
        }
        desk.pass(30 * SECOND);

        let told = desk.outcomes();
        for (key, (_, _, fate)) in plan.iter().enumerate() {
            prop_assert_eq!(&told[&(key as u64)], &expected(fate), "request {} with {:?}", key, fate);
        }
        prop_assert_eq!(told.len(), plan.len());
        prop_assert_eq!(desk.unsolicited().len(), wrong);
        prop_assert_eq!(desk.session.next_timeout(), None, "something is still waited for");
    }

    #[test]
    fn no_order_of_events_breaks_a_session_or_leaves_a_request_without_an_outcome(
        moves in prop::collection::vec((0_u8..16, 0_u64..4_000), 1..120)
    ) {
        let mut desk = Desk::new(app());
        let mut key = 0;
        for (kind, number) in moves {
            match kind {
                0 => desk.command(Command::Connect),
                1 => desk.command(Command::Disconnect),
                2 | 3 => {
                    key += 1;
                    desk.set(key, json!({}));
                }
                4 => desk.link(LinkEvent::Connected { session_present: number % 2 == 0 }),
                5 => desk.lose(),
                6 => desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") }),
                7 => desk.link(LinkEvent::Refused { code: 4 }),
                8 => desk.link(LinkEvent::Closed),
                9 => drop(desk.publish_all()),
                10 => {
                    for filter in desk.take_filters() {
                        desk.grant(&filter);
                    }
                }
                11 => desk.acknowledge(Ticket(number % 20)),
                12 => desk.sent(Ticket(number % 20)),
                13 => drop(desk.reply(&(desk.session.next_id - number % 20).to_string(), number % 3 == 0)),
                14 => desk.link(LinkEvent::NotSent { ticket: Ticket(number % 20), reason: Phrase::verbatim("") }),
                _ => desk.pass(Duration::from_millis(number)),
            }
        }
        desk.command(Command::Disconnect);
        desk.pass(60 * SECOND);
        for key in 1..=key {
            let states = desk.updates(key);
            prop_assert_eq!(states.iter().filter(|state| state.is_final()).count(), 1, "{:?}", states);
        }
        prop_assert_eq!(desk.session.next_timeout(), None);
    }

    #[test]
    fn no_order_of_logins_calls_and_frames_leaves_a_request_without_an_outcome(
        moves in prop::collection::vec((0_u8..18, 0_u64..4_000), 1..120), openings in 0_usize..3
    ) {
        let mut config = app();
        config.settings.identity.set("account", "anna");
        config.settings.identity.set("filters", "none");
        config.settings.server = Some(crate::dialect::Server::parse("ws://cloud/").unwrap());
        if openings > 0 {
            config.settings.identity.set("opening", vec!["one"; openings].join(","));
        }
        let mut desk = Desk::new(config);
        let (mut key, mut number_of_call) = (0, 0);
        for (kind, number) in moves {
            let ticket = Ticket(number % 20);
            match kind {
                0 => desk.command(Command::Connect),
                1 => desk.command(Command::Disconnect),
                2..=4 => {
                    key += 1;
                    let (op, name) = match kind {
                        2 => (OpKind::Set, "call"),
                        3 => (OpKind::Subscribe, "one"),
                        _ => (OpKind::Get, "nameless"),
                    };
                    desk.ask(key, Request { name: Some(name.into()), ..Request::new(op) });
                }
                5 => desk.link(LinkEvent::Connected { session_present: false }),
                6 => desk.lose(),
                7 => desk.link(LinkEvent::Failed { reason: Phrase::verbatim("") }),
                8 => desk.link(LinkEvent::Denied { reason: Phrase::verbatim("") }),
                9 => desk.link(LinkEvent::Closed),
                10 => drop(desk.publish_all()),
                11 | 12 => {
                    number_of_call += number % 2;
                    let elapsed = MILLI;
                    let status = [200, 302, 400, 503][(number % 4) as usize];
                    let outcome = if kind == 11 {
                        Ok(crate::dialect::HttpAnswer { status, body: b"t".to_vec(), ..Default::default() })
                    } else {
                        let (stage, reason) = (Stage::Tcp, Phrase::verbatim(""));
                        Err(crate::session::CallFault { stage, reason, advice: None })
                    };
                    desk.link(LinkEvent::LoginAnswer { number: number_of_call, outcome, elapsed });
                }
                13 => {
                    let body = if number % 3 == 0 { &b"{\"ok\":true}"[..] } else { b"" };
                    let status = if number % 2 == 0 { 200 } else { 500 };
                    let answer = crate::dialect::HttpAnswer { status, body: body.to_vec(), ..Default::default() };
                    desk.link(LinkEvent::Answered { ticket, topic: "POST /call".into(), answer, message: 0 });
                }
                14 => drop(desk.receive("subscribe_reply", json!({"ok": number % 3 != 0}))),
                15 => drop(desk.receive("get_reply", json!({"ok": true}))),
                16 => desk.link(LinkEvent::NotSent { ticket, reason: Phrase::verbatim("") }),
                _ => desk.pass(Duration::from_millis(number)),
            }
        }
        desk.command(Command::Disconnect);
        desk.pass(60 * SECOND);
        for key in 1..=key {
            let states = desk.updates(key);
            prop_assert_eq!(states.iter().filter(|state| state.is_final()).count(), 1, "{:?}", states);
        }
        prop_assert_eq!(desk.session.next_timeout(), None);
    }
}
