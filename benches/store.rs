//! What the way from a batch to the screen costs: storing, keeping a view up to date, searching, classifying.
//!
//! `cargo bench --bench store`. Criterion prints time per batch or per search; the throughput beside it is what the
//! bars are set in (messages or bytes per second).

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use iotdbg::base::time::Time;
use iotdbg::model::batch::Envelope;
use iotdbg::model::{Batch, ConnectionId, Direction, Id, Kind, Meta, Place, Role, Span};
use iotdbg::store::{Filter, Store, View};

/// The message that other tools were measured with: 227 bytes of payload over 100 topics.
const SIZE: usize = 227;
const TOPICS: usize = 100;
/// Messages of one batch: what a link hands over when the loop is busy.
const BATCH: usize = 2_000;

fn payload(number: usize) -> Vec<u8> {
    let mut text = format!(
        r#"{{"id":"{number}","version":"1.0","params":{{"Power":{{"value":true,"time":{}}},"temperature":{{"value":{}.5}},"note":""#,
        1_700_000_000_000u64 + number as u64,
        number % 40
    );
    while text.len() < SIZE - 3 {
        text.push(char::from(b'a' + (text.len() % 26) as u8));
    }
    text.push_str("\"}}");
    text.into_bytes()
}

fn batch(first: usize, count: usize) -> Batch {
    let mut batch = Batch::new(ConnectionId(1));
    for number in first..first + count {
        let meta = Meta {
            kind: Kind::Report,
            ok: None,
            device: Span::new(Place::Topic, 8, 8),
            id: Id::Text(Span::new(Place::Payload, 7, 4)),
            ..Meta::default()
        };
        let envelope = Envelope {
            at: Time::from_micros(1_700_000_000_000_000 + number as u64 * 10),
            direction: Direction::In,
            qos: 0,
            retain: false,
            dup: false,
            meta,
        };
        let topic = format!("$sys/p1/lamp{:04}/thing/property/post", number % TOPICS);
        batch.push(envelope, &topic, &payload(number));
    }
    batch
}

fn filled(bytes: usize) -> Store {
    let mut store = Store::new(bytes * 2);
    let batch = batch(0, BATCH);
    while store.stats().bytes < bytes {
        store.push(&batch);
    }
    store
}

fn push(c: &mut Criterion) {
    let mut group = c.benchmark_group("push");
    group.throughput(Throughput::Elements(BATCH as u64));
    let batch = batch(0, BATCH);
    group.bench_function("steady, 64 MiB full", |b| {
        let mut store = filled(64 << 20);
        while store.stats().left == 0 {
            store.push(&batch);
        }
        b.iter(|| black_box(store.push(&batch)));
    });
    group.bench_function("growing", |b| {
        b.iter_batched_ref(
            || Store::new(1 << 30),
            |store| {
                for _ in 0..20 {
                    black_box(store.push(&batch));
                }
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn extend(c: &mut Criterion) {
    let mut group = c.benchmark_group("extend a view");
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut store = Store::new(64 << 20);
    let range = store.push(&batch(0, BATCH));
    for (name, filter) in [
        ("everything", ""),
        ("a word of the topic", "lamp0007"),
        ("a word of the payload", "temperature"),
        ("an absent word", "absent"),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || View::new(Filter::parse(filter).unwrap()),
                |view| view.extend(&store, range),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn scan(c: &mut Criterion) {
    let mut group = c.benchmark_group("search 64 MiB");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    let store = filled(64 << 20);
    group.throughput(Throughput::Bytes(store.stats().kept * SIZE as u64));
    for word in ["absent", "Temperature", "xyz9", "温度", "e", "absent missing"] {
        group.bench_function(word, |b| {
            b.iter_batched_ref(
                || View::new(Filter::parse(word).unwrap()),
                |view| while !view.scan(&store, 20_000).is_complete() {},
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn rows(c: &mut Criterion) {
    let store = filled(64 << 20);
    let mut view = View::new(Filter::parse("lamp0007").unwrap());
    while !view.scan(&store, usize::MAX).is_complete() {}
    let index = view.len() - 50;
    c.bench_function("the last 50 rows of a filtered view", |b| {
        b.iter(|| {
            view.rows(index).filter_map(|seq| store.get(seq)).map(|message| message.payload.len()).sum::<usize>()
        });
    });
}

/// A message of each dialect as it comes from a device: JSON of about 200 bytes, a frame.
fn classify(c: &mut Criterion) {
    let json = |head: &str, tail: &str| {
        let room = 200 - head.len() - tail.len();
        format!("{head}{}{tail}", "a".repeat(room)).into_bytes()
    };
    let messages: [(&str, &str, Vec<u8>); 5] = [
        (
            "aliyun",
            "/sys/a1b2c3d4e5F/lamp0001/thing/event/property/post",
            json(
                r#"{"id":"1234567","version":"1.0","method":"thing.event.property.post","params":{"power":1,"note":""#,
                r#""}}"#,
            ),
        ),
        (
            "onenet",
            "$sys/p1/lamp0001/thing/property/post",
            json(
                r#"{"id":"1234567","version":"1.0","params":{"power":{"value":true,"time":1700000000123},"note":{"value":""#,
                r#""}}}"#,
            ),
        ),
        (
            "unitedrhino",
            "$thing/up/property/p1/lamp0001",
            json(
                r#"{"method":"report","msgToken":"1234567","timestamp":1700000000123,"params":{"power":1,"note":""#,
                r#""}}"#,
            ),
        ),
        // A report (0x0091): action 4, four bytes of data points.
        ("gizwits", "dev2app/zKCDgjfWaDJ5hmPhEBbgTm", vec![0, 0, 0, 3, 8, 0, 0, 0x91, 4, 1, 2, 3, 4]),
        // The same with a number to acknowledge (0x0093).
        ("gizwits", "dev2app/zKCDgjfWaDJ5hmPhEBbgTm", vec![0, 0, 0, 3, 12, 0, 0, 0x93, 0, 0, 0, 7, 4, 1, 2, 3, 4]),
    ];
    let mut group = c.benchmark_group("classify");
    for (name, topic, payload) in messages {
        let dialect = iotdbg::dialect::find(name).unwrap();
        let meta = dialect.classify(Role::Device, Direction::Out, topic, &payload);
        assert!(meta.kind != Kind::Unknown && !meta.device.is_none(), "{name}: {meta:?}");
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("{name}, {} bytes", payload.len()), |b| {
            b.iter(|| dialect.classify(Role::Device, Direction::Out, black_box(topic), black_box(&payload)));
        });
    }
    group.finish();
}

criterion_group!(benches, push, extend, scan, rows, classify);
criterion_main!(benches);
