//! How fast a flood gets through, against a bare client that only counts, in the same run.
//!
//! `cargo bench --bench flood` prints messages per second and ratios. `FLOOD_COUNT=N` changes the number of messages
//! (1,000,000), `FLOOD_ONLY=ingest,screen,filters,memory,peers,paced` runs some of the
//! parts. Peers (mqttui, LazyMQTT, MQTTX)
//! are measured where they are found on PATH.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use iotdbg::store::Filter;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use support::flood::{Flood, Source};
use support::ingest::ingest;
use support::terminal::{Setup, Terminal};
use support::{busy_of, device_profile, flooded, memory_of};

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
    if wanted("screen") {
        screen(flood);
    }
    if wanted("filters") {
        filters(flood);
    }
    if wanted("memory") {
        memory(Flood { count: count * 10, ..flood });
    }
    if wanted("peers") {
        peers(flood, bare);
    }
    if wanted("paced") {
        for rate in [50_000, 100_000] {
            paced(Flood { rate: Some(rate), count: rate * 10, ..flood });
        }
    }
}

/// Runs of which the median counts: what two processors do besides is noise of a third.
const RUNS: usize = 5;

/// The terminal application at 160×45 under a flood as fast as it takes it; before each run the bare client once more.
fn screen(flood: Flood) {
    let mut ratios = Vec::new();
    for _ in 0..RUNS {
        let bare = bare(flood);
        let source = Source::start(flood);
        let mut terminal = open(&source, "512MiB", "");
        let (frames, written, used) = (terminal.frames(), terminal.raw().len(), busy_of(terminal.pid()));
        let begin = Instant::now();
        source.go();
        let (_, lost) = flooded(&terminal, &source, flood.count);
        let took = begin.elapsed();
        report("screen", "the terminal application", flood.count - lost, took, bare);
        let used = (busy_of(terminal.pid()) - used).as_nanos() / u128::from(flood.count);
        let costs = costs(&terminal, frames, written, took);
        println!("{:8} lost {lost}, {costs}, {used} ns of processor time per message", "");
        ratios.push(bare.as_secs_f64() / took.as_secs_f64());
        leave(&mut terminal);
    }
    ratios.sort_by(f64::total_cmp);
    println!("{:8} median of {RUNS} runs: {:.2} x bare (bar 0.6)", "", ratios[RUNS / 2]);
}

/// Other filters over everything that is kept: how soon the screen shows the first of what is looked for, when all of it
/// is found, and how long a key waits meanwhile.
fn filters(flood: Flood) {
    let source = Source::start(flood);
    let mut terminal = open(&source, "512MiB", "");
    source.go();
    let (kept, lost) = flooded(&terminal, &source, flood.count);
    assert_eq!(lost, 0);
    let of_topic = flood.count / flood.topics;
    for (what, filter, found, keys) in [
        ("a text", "lamp0007", of_topic, false),
        ("a text in the payload", "\"\\\"id\\\":\\\"7\\\"\"", 1, false),
        ("a regular expression", "re:'\"id\":\"7[0-9]\"'", 10, false),
        ("jq", "jq:'.id == \"7\"'", 1, true),
    ] {
        terminal.keys(&["/"]);
        terminal.type_text(filter);
        let (begin, drawn) = (Instant::now(), terminal.raw().len());
        terminal.type_text("\r");
        while terminal.raw().len() == drawn {
            std::thread::sleep(Duration::from_micros(100));
        }
        let first = begin.elapsed();
        let mut slowest = Duration::ZERO;
        let counts = [found, kept].map(iotdbg::base::text::group_digits).join(" of ");
        while !terminal.screen().contains(&format!(" {counts} ")) || terminal.screen().contains("filtering") {
            assert!(begin.elapsed() < Duration::from_secs(60), "{counts}\n{}", terminal.screen());
            if keys {
                slowest = slowest.max(help(&mut terminal));
                terminal.keys(&["esc"]);
                terminal.wait_gone(HELP);
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        let took = begin.elapsed();
        println!("filters  {what} over {kept} messages: first screen {first:.1?}, complete after {took:.1?}");
        if keys {
            println!("{:8} the slowest key meanwhile took {slowest:.1?}", "");
        }
        terminal.keys(&["x"]);
    }
    leave(&mut terminal);
}

/// How long the page of help waits for its key.
fn help(terminal: &mut Terminal) -> Duration {
    let pressed = Instant::now();
    terminal.type_text("?");
    while !terminal.screen().contains(HELP) && pressed.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_micros(200));
    }
    pressed.elapsed()
}

/// Ten times as many messages within a small budget: what is resident after each tenth.
fn memory(flood: Flood) {
    let source = Source::start(flood);
    let mut terminal = open(&source, "64MiB", "");
    source.go();
    let mut resident = Vec::new();
    for tenth in 1..=10 {
        while source.sent() < flood.count / 10 * tenth {
            std::thread::sleep(Duration::from_millis(5));
        }
        resident.push(memory_of(terminal.pid()).map_or(0, |(now, _)| now >> 10));
    }
    let (_, lost) = flooded(&terminal, &source, flood.count);
    let most = memory_of(terminal.pid()).map_or(0, |(_, most)| most >> 10);
    println!(
        "memory   {} messages with --history 64MiB: resident after each tenth {resident:?} MiB, at most {most} MiB, lost {lost}",
        flood.count
    );
    leave(&mut terminal);
}

/// Another program for the same purpose, with `{port}` in the place of the port.
struct Peer {
    program: &'static str,
    words: &'static [&'static str],
    /// A file below its home directory, and what stands in it.
    file: Option<(&'static str, &'static str)>,
    /// What has to be typed before it connects.
    keys: &'static str,
}

const PEERS: [Peer; 3] = [
    Peer { program: "mqttui", words: &["--broker", "mqtt://127.0.0.1:{port}", "#"], file: None, keys: "" },
    Peer {
        program: "lazymqtt",
        words: &[],
        file: Some((
            "config/lazymqtt/connections.json",
            r##"{"connections":[{"name":"flood","host":"127.0.0.1","port":{port},"subscriptions":[{"topic":"#"}]}]}"##,
        )),
        keys: "\r",
    },
    Peer { program: "mqttx", words: &["sub", "-h", "127.0.0.1", "-p", "{port}", "-t", "#"], file: None, keys: "" },
];

/// How fast a peer takes the same flood from the socket, and what it keeps for it in memory.
fn peers(flood: Flood, bare: Duration) {
    for Peer { program, words, file, keys } in PEERS {
        let found = std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()));
        if !found {
            println!("{:8} {program} is not installed", "peer");
            continue;
        }
        let source = Source::start(flood);
        let words: Vec<String> = words.iter().map(|word| word.replace("{port}", &source.port.to_string())).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut setup = Setup::program(program, &words).size(160, 45);
        if let Some((path, text)) = file {
            setup = setup.file(path, &text.replace("{port}", &source.port.to_string()));
        }
        let mut terminal = setup.start();
        std::thread::sleep(Duration::from_secs(1));
        terminal.type_text(keys);
        std::thread::sleep(Duration::from_secs(1));
        let begin = Instant::now();
        source.go();
        while source.sent() < flood.count && begin.elapsed() < Duration::from_secs(300) {
            std::thread::sleep(Duration::from_millis(1));
        }
        report("peer", program, source.sent(), begin.elapsed(), bare);
        let most = memory_of(terminal.pid()).map_or(0, |(_, most)| most >> 10);
        println!("{:8} at most {most} MiB; what it shows is not checked", "");
    }
}

/// The terminal application with an active filter, under a flood at a given pace, while keys are pressed.
fn paced(flood: Flood) {
    let source = Source::start(flood);
    let mut terminal = open(&source, "256MiB", "absent");
    let (frames, written) = (terminal.frames(), terminal.raw().len());
    let begin = Instant::now();
    source.go();
    let mut waits = Vec::new();
    while source.sent() < flood.count {
        waits.push(help(&mut terminal));
        std::thread::sleep(Duration::from_millis(70));
        // The end of an escape key is guessed from the silence after it: it is no measure.
        terminal.keys(&["esc"]);
        terminal.wait_gone(HELP);
        std::thread::sleep(Duration::from_millis(70));
    }
    let (_, lost) = flooded(&terminal, &source, flood.count);
    let took = begin.elapsed();
    waits.sort();
    let at = |part: usize| waits.get((waits.len() * part / 100).min(waits.len().saturating_sub(1))).copied();
    println!(
        "{:8} {} msg/s with a filter: all seen after {took:.2?}, lost {lost}, key to screen {:.1?} (median) {:.1?} (99 of 100)",
        "paced",
        flood.rate.unwrap_or_default(),
        at(50).unwrap_or_default(),
        at(99).unwrap_or_default(),
    );
    println!("{:8} {}", "", costs(&terminal, frames, written, took));
    leave(&mut terminal);
}

/// A word that only the page of help shows.
const HELP: &str = "Help";

fn open(source: &Source, history: &str, filter: &str) -> Terminal {
    let folder = tempfile::tempdir().unwrap();
    let profile = device_profile(folder.path(), source.port);
    let mut terminal = Setup::iotdbg(&["-p", &profile, "--history", history]).size(160, 45).start();
    terminal.wait_for("online");
    terminal.keys(&["2"]);
    if !filter.is_empty() {
        terminal.keys(&["/"]);
        terminal.type_text(filter);
        terminal.keys(&["enter"]);
        terminal.wait_for(filter);
    }
    terminal
}

fn costs(terminal: &Terminal, frames: usize, written: usize, took: Duration) -> String {
    let per_second = |count: usize| count as f64 / took.as_secs_f64();
    let (now, most) = memory_of(terminal.pid()).unwrap_or_default();
    format!(
        "{:.0} frames/s, {:.0} kB/s to the terminal, resident {} MiB, at most {} MiB",
        per_second(terminal.frames() - frames),
        per_second(terminal.raw().len() - written) / 1_000.0,
        now >> 10,
        most >> 10
    )
}

fn leave(terminal: &mut Terminal) {
    terminal.keys(&["q", "y"]);
    terminal.wait();
    terminal.assert_given_back();
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
