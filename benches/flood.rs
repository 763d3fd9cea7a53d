//! How fast a flood gets through, against a bare client that only counts, in the same run.
//!
//! `cargo bench --bench flood` prints messages per second and ratios. `FLOOD_COUNT=N` changes the number of messages
//! (1,000,000), `FLOOD_ONLY=bare,ingest,…` runs some of the parts.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use iotdbg::store::Filter;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use support::flood::{Flood, Source};
use support::ingest::ingest;
use support::memory_of;

fn main() {
    let count = std::env::var("FLOOD_COUNT").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let only = std::env::var("FLOOD_ONLY").unwrap_or_default();
    let wanted = |part: &str| only.is_empty() || only.split(',').any(|name| name == part);
    let flood = Flood { count, size: 227, topics: 100, rate: None };
    println!("{count} messages of {} bytes over {} topics", flood.size, flood.topics);

    let bare = bare(flood);
    report("bare", "a client that only counts", count, bare, bare);
    if wanted("ingest") {
        for (what, filter) in [("link, store, view", ""), ("the same with a word to search for", "absent")] {
            let source = Source::start(flood);
            let taken = ingest(&source, count, 512 << 20, Filter::parse(filter).unwrap(), Duration::ZERO);
            report("ingest", what, count - taken.lost, taken.took, bare);
            let stats = taken.store.stats();
            let wire = count * (flood.size as u64 + 2);
            println!(
                "{:8} lost {}, store {} MiB = {:.2} x payload bytes, resident now {} MiB",
                "",
                taken.lost,
                stats.bytes >> 20,
                stats.bytes as f64 / wire as f64,
                memory_of(std::process::id()).map_or(0, |(now, _)| now >> 10)
            );
        }
    }
}

fn report(part: &str, what: &str, count: u64, took: Duration, bare: Duration) {
    println!(
        "{part:8} {what}: {:.0} msg/s in {took:.2?}, {:.2} x bare",
        count as f64 / took.as_secs_f64(),
        bare.as_secs_f64() / took.as_secs_f64()
    );
}

/// The least that a client can do: poll and count.
fn bare(flood: Flood) -> Duration {
    let source = Source::start(flood);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut options = MqttOptions::new("bare", ("127.0.0.1", source.port));
        options.set_max_packet_size(1 << 20, 1 << 20).set_read_batch_size(128);
        let (client, mut events) = AsyncClient::builder(options).capacity(10).build();
        client.subscribe("#", QoS::AtMostOnce).await.unwrap();
        let mut begin = None;
        let mut seen = 0;
        while seen < flood.count {
            match events.poll().await.unwrap() {
                Event::Incoming(Packet::SubAck(_)) => {
                    begin = Some(Instant::now());
                    source.go();
                }
                Event::Incoming(Packet::Publish(_)) => seen += 1,
                _ => {}
            }
        }
        begin.unwrap().elapsed()
    })
}
