//! The store and its views against a model that keeps everything in plain vectors.

use std::time::Duration;

use proptest::prelude::*;

use crate::base::time::Time;
use crate::model::batch::{Envelope, MAX_KEPT_PAYLOAD};
use crate::model::{Batch, Code, ConnectionId, Direction, Id, Kind, Meta, Place, Span};
use crate::store::*;

/// A message as the model keeps it.
#[derive(Debug, Clone, PartialEq)]
struct Owned {
    connection: ConnectionId,
    topic: String,
    payload: Vec<u8>,
    payload_len: usize,
    envelope: (Time, Direction, u8, bool, bool),
    meta: Meta,
}

impl Owned {
    fn of(message: &crate::model::MessageRef<'_>) -> Owned {
        Owned {
            connection: message.connection,
            topic: message.topic.to_owned(),
            payload: message.payload.to_vec(),
            payload_len: message.payload_len,
            envelope: (message.at, message.direction, message.qos, message.retain, message.dup),
            meta: message.meta,
        }
    }
}

fn envelope(at: u64, meta: Meta) -> Envelope {
    Envelope { at: Time::from_millis(at), direction: Direction::In, qos: 0, retain: false, dup: false, meta }
}

fn batch_of(connection: u16, messages: &[(&str, &[u8])]) -> Batch {
    let mut batch = Batch::new(ConnectionId(connection));
    for (topic, payload) in messages {
        batch.push(envelope(0, Meta::default()), topic, payload);
    }
    batch
}

fn store_of(messages: &[(&str, &[u8])]) -> Store {
    let mut store = Store::new(MIN_BUDGET);
    store.push(&batch_of(0, messages));
    store
}

fn shown(view: &View) -> Vec<u64> {
    view.rows(0).map(|seq| seq.0).collect()
}

#[test]
fn a_message_comes_back_as_it_was_stored() {
    let meta = Meta {
        kind: Kind::SetReply,
        ok: Some(false),
        device: Span::new(Place::Topic, 8, 4),
        id: Id::Text(Span::new(Place::Payload, 7, 3)),
        code: Code::Number(-3),
    };
    let mut batch = Batch::new(ConnectionId(7));
    let at = Time::from_micros(1_700_000_000_123_456);
    let envelope = Envelope { at, direction: Direction::Out, qos: 2, retain: true, dup: true, meta };
    batch.push(envelope, "$sys/p1/lamp/thing", br#"{"id":"789","code":200}"#);
    let mut store = Store::new(MIN_BUDGET);
    let range = store.push(&batch);
    assert_eq!(range, SeqRange::new(Seq(0), Seq(1)));
    let message = store.get(Seq(0)).unwrap();
    assert_eq!(Owned::of(&message), Owned::of(&batch.message(0).unwrap()));
    assert_eq!(message.device(), Some("lamp"));
    assert_eq!(message.request_id().as_deref(), Some("789"));
    assert_eq!(message.code().as_deref(), Some("-3"));
    assert_eq!(store.get(Seq(1)).map(|message| message.at), None);
}

#[test]
fn a_payload_that_was_cut_keeps_its_head_and_its_true_length() {
    let huge: Vec<u8> = (0..3 * MAX_KEPT_PAYLOAD).map(|n| (n % 251) as u8).collect();
    let store = store_of(&[("a", b"before"), ("t/huge", &huge), ("b", b"after")]);
    let message = store.get(Seq(1)).unwrap();
    assert!(message.is_truncated());
    assert_eq!(message.payload, &huge[..MAX_KEPT_PAYLOAD]);
    assert_eq!(message.payload_len, huge.len());
    assert_eq!(store.topics().get(store.topic_of(Seq(1)).unwrap()).unwrap().bytes(), huge.len() as u64);
    assert_eq!(store.get(Seq(0)).unwrap().payload, b"before");
    assert_eq!(store.get(Seq(2)).unwrap().payload, b"after");
}

#[test]
fn the_budget_holds_and_what_left_is_counted() {
    let mut store = Store::new(8 * 1024 * 1024);
    let payload = vec![b'x'; 227];
    for round in 0..200u64 {
        let mut batch = Batch::new(ConnectionId(1));
        for n in 0..1_000u64 {
            batch.push(envelope(round, Meta::default()), &format!("t/{}", n % 100), &payload);
        }
        let range = store.push(&batch);
        assert_eq!(range, SeqRange::new(Seq(round * 1_000), Seq((round + 1) * 1_000)));
        let stats = store.stats();
        assert!(stats.bytes <= stats.budget, "{stats:?}");
        assert_eq!(stats.kept + stats.left, stats.total);
        assert_eq!(stats.total, (round + 1) * 1_000);
    }
    let stats = store.stats();
    assert!(stats.left > 0);
    // Not more leaves than must: all but a segment's worth of the budget is used.
    assert!(stats.bytes > stats.budget - 2 * SEGMENT_BYTES, "{stats:?}");
    let kept = store.kept();
    assert_eq!((kept.start.0, kept.end.0), (stats.left, stats.total));
    assert!(store.get(kept.start.minus(1)).is_none());
    assert!(store.get(kept.start).is_some());
    assert_eq!(store.traffic().count(), stats.total);
    assert_eq!(store.connections().get(ConnectionId(1)).unwrap().count(), stats.total);
    assert_eq!(store.topics().len(), 100);
    assert!(store.topics().iter().all(|(_, topic)| topic.count() == 2_000 && topic.bytes() == 2_000 * 227));
}

#[test]
fn small_messages_cost_at_most_their_bytes_and_a_head() {
    let mut store = Store::new(512 * 1024 * 1024);
    let payload = vec![b'x'; 227];
    let mut batch = Batch::new(ConnectionId(1));
    for n in 0..100_000u64 {
        batch.push(envelope(n, Meta::default()), &format!("site/{}/report", n % 100), &payload);
    }
    store.push(&batch);
    let stats = store.stats();
    assert_eq!(stats.kept, 100_000);
    let bound = 100_000 * (227 + 64);
    assert!(stats.bytes < bound + bound / 20 + 2 * SEGMENT_BYTES, "{stats:?}");
}

#[test]
fn a_batch_larger_than_the_budget_keeps_its_newest_messages() {
    let payload = vec![0u8; MAX_KEPT_PAYLOAD];
    let messages: Vec<(&str, &[u8])> = (0..20).map(|_| ("t", payload.as_slice())).collect();
    let store = store_of(&messages);
    let stats = store.stats();
    assert_eq!(stats.total, 20);
    assert!(stats.kept >= 1 && stats.bytes <= stats.budget, "{stats:?}");
    assert_eq!(store.get(Seq(19)).unwrap().payload.len(), MAX_KEPT_PAYLOAD);
}

#[test]
fn topics_beyond_the_bound_are_counted_and_keep_their_text() {
    let mut store = Store::new(MIN_BUDGET);
    let mut batch = Batch::new(ConnectionId(0));
    for n in 0..10_000u64 {
        let topic = format!("device/{n}/state");
        batch.push(envelope(n, Meta { device: Span::new(Place::Topic, 7, 4), ..Meta::default() }), &topic, b"{}");
    }
    store.push(&batch);
    let known = store.topics().len();
    assert!(known > 500 && known < 10_000, "{known}");
    assert_eq!(store.topics().overflow().count(), 10_000 - known as u64);
    assert_eq!(store.topics().iter().map(|(_, topic)| topic.count()).sum::<u64>(), known as u64);
    assert_eq!(store.topic_of(Seq(9_999)), Some(NameId::OVERFLOW));
    let last = store.get(Seq(9_999)).unwrap();
    assert_eq!((last.topic, last.device(), last.payload), ("device/9999/state", Some("9999"), b"{}".as_slice()));

    let mut view = View::new(Filter::parse("device/9998/").unwrap());
    view.scan(&store, usize::MAX);
    assert_eq!(shown(&view), [9_998]);
}

#[test]
fn ten_thousand_topics_fit_into_the_usual_budget() {
    let mut store = Store::new(256 * 1024 * 1024);
    let mut batch = Batch::new(ConnectionId(0));
    for n in 0..20_000u64 {
        batch.push(envelope(n, Meta::default()), &format!("device/{}/state", n % 10_000), b"{}");
    }
    store.push(&batch);
    assert_eq!(store.topics().len(), 10_000);
    assert_eq!(store.topics().overflow().count(), 0);
    let id = store.topics().find("device/1234/state").unwrap();
    let topic = store.topics().get(id).unwrap();
    assert_eq!((topic.count(), topic.last(), topic.last_at()), (2, Some(Seq(11_234)), Some(Time::from_millis(11_234))));
}

#[test]
fn a_topic_knows_its_connections() {
    let mut store = Store::new(MIN_BUDGET);
    store.push(&batch_of(3, &[("a", b""), ("b", b"")]));
    store.push(&batch_of(5, &[("b", b"")]));
    let connections = |name: &str| {
        let id = store.topics().find(name).unwrap();
        store.topics().get(id).unwrap().connections().iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(connections("a"), [3]);
    assert_eq!(connections("b"), [3, 5]);
}

#[test]
fn more_connections_than_are_kept_apart_are_counted_together() {
    let mut store = Store::new(MIN_BUDGET);
    for id in 0..1_030 {
        store.push(&batch_of(id, &[("a", b"")]));
    }
    assert_eq!(store.connections().iter().count(), 1_024);
    assert_eq!(store.connections().overflow().count(), 6);
}

#[test]
fn what_became_of_a_message_stays_with_it() {
    let mut store = store_of(&[("a", b"1"), ("a", b"2")]);
    let latency = Some(Duration::from_micros(34_567));
    assert!(store.annotate(Seq(1), Fate::Replied, latency));
    assert!(!store.annotate(Seq(2), Fate::Replied, None));
    let entry = store.entry(Seq(1)).unwrap();
    assert_eq!((entry.fate, entry.latency), (Some(Fate::Replied), latency));
    let entry = store.entry(Seq(0)).unwrap();
    assert_eq!((entry.fate, entry.latency), (None, None));

    let payload = vec![0u8; 1000];
    let filler: Vec<(&str, &[u8])> = (0..2_000).map(|_| ("t", payload.as_slice())).collect();
    store.push(&batch_of(0, &filler));
    assert!(store.annotate(Seq(0), Fate::TimedOut, Some(Duration::from_secs(100_000))), "in a full segment");
    assert_eq!(store.entry(Seq(0)).unwrap().fate, Some(Fate::TimedOut));
    for _ in 0..5 {
        store.push(&batch_of(0, &filler));
    }
    assert!(!store.annotate(Seq(0), Fate::Replied, None), "it has left");
}

#[test]
fn a_view_without_a_filter_shows_everything_that_is_kept() {
    let mut store = store_of(&[("a", b"1"), ("b", b"2")]);
    let mut view = View::new(Filter::everything());
    assert!(view.scan(&store, 0).is_complete());
    assert_eq!(shown(&view), [0, 1]);
    let range = store.push(&batch_of(0, &[("c", b"3")]));
    view.extend(&store, range);
    assert_eq!(shown(&view), [0, 1, 2]);
    assert_eq!((view.get(1), view.position_of(Seq(2)), view.position_of(Seq(3))), (Some(Seq(1)), Some(2), None));
    view.hide_before(Seq(2));
    assert_eq!(shown(&view), [2]);
    assert!(view.scan(&store, usize::MAX).is_complete());
    assert_eq!(shown(&view), [2], "what was hidden stays hidden");
}

#[test]
fn a_view_that_is_not_extended_stands_still() {
    let mut store = store_of(&[("a", b"1")]);
    let mut view = View::new(Filter::parse("a").unwrap());
    view.scan(&store, usize::MAX);
    store.push(&batch_of(0, &[("a", b"2"), ("b", b"x")]));
    assert_eq!(shown(&view), [0]);
    assert!(view.scan(&store, usize::MAX).is_complete(), "looking back is not looking ahead");
    assert_eq!(shown(&view), [0]);
    let range = store.push(&batch_of(0, &[("a", b"3")]));
    view.extend(&store, range);
    assert_eq!(shown(&view), [0, 1, 3], "what came meanwhile is not left out");
}

#[test]
fn a_changed_filter_finds_the_newest_first_and_tells_its_progress() {
    let messages: Vec<String> = (0..1_000).map(|n| if n % 10 == 0 { "hit".into() } else { format!("{n}") }).collect();
    let messages: Vec<(&str, &[u8])> = messages.iter().map(|text| ("t", text.as_bytes())).collect();
    let store = store_of(&messages);
    let mut view = View::new(Filter::everything());
    view.scan(&store, 0);
    view.set_filter(Filter::parse("hit").unwrap());
    assert_eq!(view.len(), 0);
    let progress = view.scan(&store, 100);
    assert_eq!(progress, Progress { done: 100, total: 1_000 });
    assert!(!progress.is_complete());
    assert_eq!(shown(&view), (900..1_000).step_by(10).collect::<Vec<u64>>());
    while !view.scan(&store, 100).is_complete() {}
    assert_eq!(view.len(), 100);
    assert_eq!(view.get(0), Some(Seq(0)));
}

#[test]
fn long_messages_count_as_several_in_a_slice() {
    let long = vec![b'x'; 100 * 1024];
    let messages: Vec<(&str, &[u8])> = (0..20).map(|_| ("t", long.as_slice())).collect();
    let store = store_of(&messages);
    let mut view = View::new(Filter::parse("absent").unwrap());
    assert!(view.scan(&store, 1_000).done < 10);
}

#[test]
fn a_selection_in_the_tree_limits_connection_and_topic() {
    let mut store = Store::new(MIN_BUDGET);
    store.push(&batch_of(1, &[("a/b", b"x"), ("a/b/c", b"x"), ("a/bc", b"x"), ("a", b"x")]));
    store.push(&batch_of(2, &[("a/b", b"x"), ("a/b/c", b"y")]));
    let found = |words: &str, connections: Option<&[u16]>, topic: TopicScope| {
        let connections = connections.map(|ids| ids.iter().map(|id| ConnectionId(*id)).collect());
        let mut view = View::new(Filter::parse(words).unwrap().with_scope(Scope { connections, topic, device: None }));
        assert!(view.scan(&store, usize::MAX).is_complete());
        shown(&view)
    };
    assert_eq!(found("", None, TopicScope::Under("a/b".into())), [0, 1, 4, 5]);
    assert_eq!(found("", None, TopicScope::Exact("a/b".into())), [0, 4]);
    assert_eq!(found("", Some(&[2]), TopicScope::Any), [4, 5]);
    assert_eq!(found("x", Some(&[2]), TopicScope::Under("a".into())), [4]);
    assert_eq!(found("", Some(&[]), TopicScope::Any), Vec::<u64>::new());
}

/// Words that collide with topics, kinds and payloads on purpose.
const WORDS: &[&str] = &["", "a", "SET", "lamp", "a lamp", "\"b c\"", "灯", "é", "absent", "42", "属性设置", "x x x"];
const TOPICS: &[&str] = &["a", "a/b", "a/b/lamp", "灯/a", "É/x", "lamp"];

fn any_message() -> impl Strategy<Value = (usize, String, usize, u8, u32)> {
    let text = prop_oneof!["[a-f ]{0,12}", Just("b c".to_owned()), Just("关灯 LAMP É".to_owned())];
    (0..TOPICS.len(), text, prop_oneof![9 => 0..200usize, 1 => 0..300_000usize], any::<u8>(), 0u32..50)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn store_and_view_agree_with_a_model(
        batches in prop::collection::vec((0u16..3, prop::collection::vec(any_message(), 0..40)), 1..25),
        words in prop::sample::select(WORDS),
        under in prop::option::of(prop::sample::select(&["a", "a/b", "lamp"][..])),
        device in prop::option::of(prop::sample::select(&["a", "l", "absent"][..])),
        slices in prop::collection::vec(0usize..60, 25),
    ) {
        let scope = Scope {
            connections: under.is_some().then(|| [ConnectionId(0), ConnectionId(2)].into()),
            topic: under.map_or(TopicScope::Any, |root| TopicScope::Under(root.to_owned())),
            device: device.map(str::to_owned),
        };
        let filter = Filter::parse(words).unwrap().with_scope(scope);
        let mut store = Store::new(0);
        let mut model: Vec<Owned> = Vec::new();
        let mut live = View::new(filter.clone());
        let mut late: Option<View> = None;
        for (round, (connection, messages)) in batches.into_iter().enumerate() {
            let mut batch = Batch::new(ConnectionId(connection));
            for (topic, mut payload, padding, bits, number) in messages {
                payload.extend(std::iter::repeat_n('~', padding));
                let kind = if bits & 1 == 0 { Kind::Set } else { Kind::Report };
                let id = if bits & 2 == 0 { Id::Number(number) } else { Id::None };
                let meta = Meta { kind, id, ok: None, device: Span::new(Place::Topic, 0, 1), code: Code::None };
                let index = batch.push(envelope(u64::from(number), meta), TOPICS[topic], payload.as_bytes());
                model.push(Owned::of(&batch.message(index).unwrap()));
            }
            let range = store.push(&batch);
            live.extend(&store, range);
            if round == 10 {
                late = Some(View::new(filter.clone()));
            }
            if let Some(view) = &mut late {
                view.extend(&store, range);
                view.scan(&store, slices[round % slices.len()]);
            }

            let (stats, kept) = (store.stats(), store.kept());
            prop_assert!(stats.bytes <= stats.budget);
            prop_assert_eq!(stats.total, model.len() as u64);
            prop_assert_eq!(stats.kept + stats.left, stats.total);
            let expected: Vec<u64> = kept
                .iter()
                .filter(|seq| filter.admits(&store.get(*seq).unwrap()))
                .map(|seq| seq.0)
                .collect();
            prop_assert_eq!(&shown(&live), &expected);
            prop_assert_eq!(live.len(), expected.len());
            for (index, seq) in expected.iter().enumerate() {
                prop_assert_eq!(live.get(index), Some(Seq(*seq)));
                prop_assert_eq!(live.position_of(Seq(*seq)), Some(index));
            }
        }
        let kept = store.kept();
        for entry in store.entries(SeqRange::new(Seq(0), Seq(u64::MAX))) {
            prop_assert!(kept.contains(entry.seq));
            prop_assert_eq!(&Owned::of(&entry.message), &model[entry.seq.0 as usize]);
        }
        prop_assert_eq!(store.entries(kept).count(), kept.len());
        let backwards: Vec<u64> = store.entries(kept).rev().map(|entry| entry.seq.0).collect();
        prop_assert_eq!(backwards, kept.iter().rev().map(|seq| seq.0).collect::<Vec<_>>());
        for (_, topic) in store.topics().iter() {
            let of_topic: Vec<&Owned> = model.iter().filter(|message| message.topic == topic.name()).collect();
            prop_assert_eq!(topic.count(), of_topic.len() as u64);
            prop_assert_eq!(topic.bytes(), of_topic.iter().map(|message| message.payload_len as u64).sum::<u64>());
        }
        if let Some(mut view) = late {
            while !view.scan(&store, 50).is_complete() {}
            prop_assert_eq!(shown(&view), shown(&live));
        }
    }
}
