//! Far more messages than anybody can read: nothing may be lost in silence, and memory stays within its bounds.
//!
//! What it costs in time is measured by `cargo bench --bench flood`, not here.

mod support;

use std::time::Duration;

use iotdbg::store::{Filter, MIN_BUDGET};
use support::flood::{Flood, Source};
use support::ingest::ingest;
use support::terminal::Setup;
use support::{device_profile, flooded, memory_of};

const FLOOD: Flood = Flood { count: 100_000, size: 227, topics: 100, rate: None };

#[test]
fn every_message_of_a_flood_arrives_or_is_counted_as_lost() {
    let source = Source::start(FLOOD);
    let taken = ingest(&source, FLOOD.count, 256 << 20, Filter::parse("lamp0007").unwrap(), Duration::ZERO);
    let stats = taken.store.stats();
    assert_eq!(stats.total + taken.lost, FLOOD.count);
    assert_eq!((stats.kept, stats.left), (stats.total, 0));
    assert_eq!(taken.store.topics().len(), 100);
    let counted: u64 = taken.store.topics().iter().map(|(_, topic)| topic.count()).sum();
    assert_eq!(counted, stats.total);
    if taken.lost == 0 {
        assert_eq!(taken.view.len(), 1_000);
    }
}

#[test]
fn a_busy_loop_slows_the_sender_instead_of_losing_messages() {
    let source = Source::start(FLOOD);
    let taken = ingest(&source, FLOOD.count, 256 << 20, Filter::everything(), Duration::from_millis(20));
    assert_eq!(taken.lost, 0, "the keep-alive time was not over, so nothing had to be dropped");
    assert_eq!(taken.store.stats().total, FLOOD.count);
    let numbers: Vec<u64> = taken
        .view
        .rows(0)
        .map(|seq| taken.store.get(seq).unwrap())
        .map(|message| {
            let text = std::str::from_utf8(message.payload).unwrap();
            text.split('"').nth(3).unwrap().parse().unwrap()
        })
        .collect();
    assert_eq!(numbers, (0..FLOOD.count).collect::<Vec<u64>>(), "in order, none twice, none missing");
}

#[test]
fn a_flood_beyond_the_budget_stays_within_it() {
    let source = Source::start(FLOOD);
    let taken = ingest(&source, FLOOD.count, MIN_BUDGET, Filter::everything(), Duration::ZERO);
    let stats = taken.store.stats();
    assert!(stats.bytes <= stats.budget, "{stats:?}");
    assert!(stats.left > 0);
    assert_eq!(stats.kept + stats.left + taken.lost, FLOOD.count);
    assert_eq!(taken.view.len() as u64, stats.kept);
}

#[test]
fn the_screen_counts_a_flood_and_stays_within_its_memory() {
    let source = Source::start(FLOOD);
    let folder = tempfile::tempdir().unwrap();
    let profile = device_profile(folder.path(), source.port);
    let mut terminal = Setup::iotdbg(&["-p", &profile, "--history", "8MiB"]).size(160, 45).start();
    terminal.wait_for("online");
    terminal.keys(&["2"]);
    source.go();
    flooded(&terminal, &source, FLOOD.count);
    // A key is still answered, and the history has lost its beginning, not its end.
    terminal.keys(&["?"]);
    terminal.wait_for("Help");
    terminal.keys(&["esc", "1"]);
    terminal.wait_for("✓ online");
    if let Some((_, most)) = memory_of(terminal.pid()) {
        assert!(most < (8 + 48) << 10, "{} MiB of memory for a history of 8 MiB", most >> 10);
    }
    terminal.keys(&["q", "y"]);
    assert!(terminal.wait().success());
    terminal.assert_given_back();
}
