//! What a person waits for: the first frame, a signature, a capture that is opened; and what iotdbg costs while nothing,
//! or little, happens.
//!
//! `cargo bench --bench screen` prints each beside its bar. `SCREEN_ONLY=start,idle,calm,capture,large` runs some of the
//! parts, `CAPTURE_MB=N` changes the size of the capture (1,024).

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use iotdbg::base::time::Time;
use iotdbg::capture::{Assumed, Loader};
use iotdbg::link::capture::{CaptureFile, RecordTo, Recorder};
use iotdbg::model::{Batch, ConnectionId, Direction, Envelope, Fields, Meta, Origin, Role};
use iotdbg::store::Store;
use support::flood::{Flood, Source};
use support::terminal::Setup;
use support::{IOTDBG, busy_of, device_profile, flooded, memory_of};

fn main() {
    let only = std::env::var("SCREEN_ONLY").unwrap_or_default();
    let wanted = |part: &str| only.is_empty() || only.split(',').any(|name| name == part);
    if wanted("start") {
        start();
    }
    if wanted("idle") {
        idle();
    }
    if wanted("calm") {
        calm();
    }
    if wanted("large") {
        large();
    }
    if wanted("capture") {
        capture();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// From the start of the process to its first frame, and to the end of a signature.
fn start() {
    let frames = (0..21).map(|_| {
        let begin = Instant::now();
        let terminal = Setup::iotdbg(&[]).size(160, 45).start();
        while !terminal.screen().contains("Connections") {
            assert!(begin.elapsed() < Duration::from_secs(10), "no first frame");
            std::thread::sleep(Duration::from_micros(100));
        }
        begin.elapsed()
    });
    println!("start    to the first frame: {:.1?} (median of 21; bar 15 ms)", median(frames.collect()));
    let sign = "sign aliyun device --product-key pk --device-name device --device-secret secret --client-id 12345 \
                --timestamp 789 --sign-method hmacsha1 --secure-mode 3 --json";
    let signed = (0..21).map(|_| {
        let begin = Instant::now();
        let output = Command::new(IOTDBG).args(sign.split_whitespace()).output().unwrap();
        assert!(output.status.success());
        begin.elapsed()
    });
    println!("start    iotdbg sign: {:.1?} (median of 21; bar 10 ms)", median(signed.collect()));
}

/// A connection over which nothing comes.
fn idle() {
    let source = Source::start(Flood { count: 0, size: 227, topics: 1, rate: None });
    let folder = tempfile::tempdir().unwrap();
    let profile = device_profile(folder.path(), source.port);
    let mut terminal = Setup::iotdbg(&["-p", &profile]).size(160, 45).start();
    terminal.wait_for("online");
    // What the start has to say is over after a few seconds.
    std::thread::sleep(Duration::from_secs(15));
    let (before, written, begin) = (busy_of(terminal.pid()), terminal.raw().len(), Instant::now());
    std::thread::sleep(Duration::from_secs(20));
    let used = (busy_of(terminal.pid()) - before).as_secs_f64() / begin.elapsed().as_secs_f64() * 100.0;
    println!(
        "idle     {used:.2} % of a core (bar 1 %), {} bytes written to the terminal in 20 s",
        terminal.raw().len() - written
    );
    terminal.keys(&["q", "y"]);
    terminal.wait();
}

/// A thousand messages a second: what goes to the terminal.
fn calm() {
    let flood = Flood { count: 10_000, size: 227, topics: 100, rate: Some(1_000) };
    let source = Source::start(flood);
    let folder = tempfile::tempdir().unwrap();
    let profile = device_profile(folder.path(), source.port);
    let mut terminal = Setup::iotdbg(&["-p", &profile]).size(160, 45).start();
    terminal.wait_for("online");
    terminal.keys(&["2"]);
    let (written, before, begin) = (terminal.raw().len(), busy_of(terminal.pid()), Instant::now());
    source.go();
    let (_, lost) = flooded(&terminal, &source, flood.count);
    let took = begin.elapsed().as_secs_f64();
    println!(
        "calm     1,000 msg/s at 160×45: {:.0} kB/s to the terminal (bar 40 kB/s), {:.1} % of a core, lost {lost}",
        (terminal.raw().len() - written) as f64 / took / 1_000.0,
        (busy_of(terminal.pid()) - before).as_secs_f64() / took * 100.0
    );
    terminal.keys(&["q", "y"]);
    terminal.wait();
}

/// Ten thousand topics, and a payload of 64 MB: how long a key waits.
fn large() {
    for (what, flood) in [
        ("10,000 topics", Flood { count: 200_000, size: 227, topics: 10_000, rate: Some(20_000) }),
        ("payloads of 64 MB", Flood { count: 3, size: 64_000_000, topics: 1, rate: None }),
    ] {
        let source = Source::start(flood);
        let folder = tempfile::tempdir().unwrap();
        let profile = device_profile(folder.path(), source.port);
        let mut terminal = Setup::iotdbg(&["-p", &profile]).size(160, 45).start();
        terminal.wait_for("online");
        terminal.keys(&["2"]);
        source.go();
        let (mut worst, begin) = (Duration::ZERO, Instant::now());
        while source.sent() < flood.count || begin.elapsed() < Duration::from_secs(3) {
            let pressed = Instant::now();
            terminal.type_text("?");
            while !terminal.screen().contains("Help") && pressed.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_micros(200));
            }
            worst = worst.max(pressed.elapsed());
            terminal.keys(&["esc"]);
            terminal.wait_gone("Help");
        }
        let (_, lost) = flooded(&terminal, &source, flood.count);
        println!("large    {what}: the slowest key took {worst:.1?} (bar 100 ms), lost {lost}");
        terminal.keys(&["q", "y"]);
        terminal.wait();
    }
}

fn messages(first: u64, count: u64) -> Batch {
    let mut batch = Batch::new(ConnectionId(1));
    for number in first..first + count {
        let at = Time::from_micros(1_700_000_000_000_000 + number * 10);
        let envelope =
            Envelope { at, direction: Direction::In, qos: 0, retain: false, dup: false, meta: Meta::default() };
        let mut payload = format!("{{\"id\":\"{number}\",\"version\":\"1.0\",\"params\":{{\"text\":\"");
        payload.push_str(&"x".repeat(224_usize.saturating_sub(payload.len())));
        payload.push_str("\"}}");
        batch.push(envelope, &format!("$sys/p1/lamp{:04}/thing/property/post", number % 100), payload.as_bytes());
    }
    batch
}

/// Writes a capture, reads it, opens it.
fn capture() {
    let megabytes: u64 = std::env::var("CAPTURE_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(1_024);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("big.jsonl");
    let recorder = Recorder::start(RecordTo { path: path.clone(), ..RecordTo::default() }).unwrap();
    let (name, dialect) = ("lamp".to_owned(), "onenet".to_owned());
    let origin = Origin { name, dialect, role: Role::Device, identity: Fields::new(), devices: Vec::new() };
    recorder.origin(ConnectionId(1), origin);
    let begin = Instant::now();
    let mut sent = 0;
    while recorder.recorded().bytes < megabytes << 20 {
        let batch = messages(sent, 2_000);
        // The mailbox of a recorder is bounded: a producer faster than the disk would lose messages.
        while recorder.recorded().messages + 20_000 < sent {
            std::thread::sleep(Duration::from_micros(200));
        }
        recorder.take(&batch);
        sent += 2_000;
    }
    let recorded = recorder.finish();
    let took = begin.elapsed();
    let size = std::fs::metadata(&path).unwrap().len();
    println!(
        "capture  recorded {} messages, {} MiB in {took:.2?}: {:.0} msg/s, lost {}",
        recorded.messages,
        size >> 20,
        recorded.messages as f64 / took.as_secs_f64(),
        recorded.lost
    );
    read(&path, size);
    open(&path, size, recorded.messages);
}

fn read(path: &Path, size: u64) {
    let loader = Loader::new(Assumed::nothing("lamp"), 1..9, Time::ZERO);
    let mut file = CaptureFile::open(&[path.to_owned()], loader).unwrap();
    let mut store = Store::new(usize::try_from(size).unwrap());
    let begin = Instant::now();
    let mut more = true;
    while more {
        let mut batch = Batch::new(ConnectionId(1));
        while more && batch.weight() < 1 << 20 {
            more = file.read_line(&mut batch);
        }
        store.push(&batch);
    }
    let took = begin.elapsed();
    let stats = store.stats();
    println!(
        "capture  read, classified, stored: {:.0} MB/s (bar 300), {} of {} messages kept in {} MiB = {:.2} x the file",
        size as f64 / took.as_secs_f64() / 1e6,
        stats.kept,
        stats.total,
        stats.bytes >> 20,
        stats.bytes as f64 / size as f64
    );
}

fn open(path: &Path, size: u64, messages: u64) {
    let begin = Instant::now();
    let mut terminal = Setup::iotdbg(&["open", path.to_str().unwrap()]).size(160, 45).start();
    while !terminal.screen().contains("report") {
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing is shown");
        std::thread::sleep(Duration::from_micros(200));
    }
    let first = begin.elapsed();
    while !terminal.screen().contains(" messages read") {
        assert!(begin.elapsed() < Duration::from_secs(300), "the capture is not read\n{}", terminal.screen());
        std::thread::sleep(Duration::from_millis(5));
    }
    let all = begin.elapsed();
    let (now, _) = memory_of(terminal.pid()).unwrap_or_default();
    println!(
        "capture  opened: first screen {first:.1?} (bar 1 s), all {messages} messages after {all:.2?} = {:.0} MB/s, resident {} MiB of {} MiB",
        size as f64 / all.as_secs_f64() / 1e6,
        now >> 10,
        size >> 20
    );
    // A filter over all of it, while the screen stays alive.
    terminal.keys(&["/"]);
    terminal.type_text("lamp0007");
    let begin = Instant::now();
    let wanted = format!("{} of", iotdbg::base::text::group_digits(messages / 100));
    while !terminal.screen().contains(&wanted) && begin.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(1));
    }
    println!("capture  a filter over all of them is complete after {:.0?}", begin.elapsed());
    terminal.keys(&["enter", "q"]);
    terminal.wait();
    std::io::stdout().flush().unwrap();
}
