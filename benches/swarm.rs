//! Very many connections: a simulated cloud, devices of one profile that each report once a second, and the terminal
//! application that watches all of them, each in a process of its own.
//!
//! `cargo bench --bench swarm` prints processor time, memory, what was published and what arrived, and how long a key
//! waited. `SWARM_DEVICES=N` changes the number of devices (1,000), `SWARM_SECONDS=N` how long it goes on (60).

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use support::process::Process;
use support::terminal::{Setup, Terminal};
use support::{IOTDBG, busy_of, memory_of};

const KEY: &str = "aW90ZGJnLXRlc3QtZGV2aWNl";

fn main() {
    let number =
        |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(usual);
    let (count, seconds) = (number("SWARM_DEVICES", 1_000), number("SWARM_SECONDS", 60));
    let folder = tempfile::tempdir().unwrap();
    let (cloud, device, app) = cloud(folder.path(), count);
    let mut terminal = Setup::iotdbg(&["-p", &app, "--history", "1GiB"]).size(160, 45).start();
    terminal.wait_for("online");
    terminal.keys(&["2"]);
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "").unwrap();
    let begin = Instant::now();
    let mut devices = Process::start(
        Command::new(IOTDBG)
            .args(["device", "-p", &device, "--count", &count.to_string(), "--json", "--summary-every", "1s"])
            .args(["--for", &format!("{}s", seconds + 30), "--rules"])
            .arg(&rules),
    );
    devices.next_json("all devices to come online", |value| value["event"] == "summary" && value["online"] == count);
    println!("swarm    {count} devices are online after {:.1?}", begin.elapsed());

    // What they say when they come online is no report. The rules are read again when they are written.
    let greetings = settled(&mut devices);
    std::fs::write(&rules, "[[report]]\nproperty = \"WF\"\nevery = \"1s\"\nconstant = 5\n").unwrap();

    let processes = [("cloud", cloud.id()), ("devices", devices.id()), ("application", terminal.pid())];
    let before = processes.map(|(_, pid)| busy_of(pid));
    let begin = Instant::now();
    let mut waits = Vec::new();
    while begin.elapsed() < Duration::from_secs(seconds) {
        waits.push(key(&mut terminal));
        std::thread::sleep(Duration::from_millis(400));
    }
    let took = begin.elapsed().as_secs_f64();
    for ((name, pid), before) in processes.into_iter().zip(before) {
        let (now, most) = memory_of(pid).unwrap_or_default();
        let share = (busy_of(pid) - before).as_secs_f64() / took * 100.0;
        println!("swarm    {name}: {share:.0} % of a core, resident {} MiB, at most {} MiB", now >> 10, most >> 10);
    }
    waits.sort();
    println!(
        "swarm    key to screen over {took:.0} s: {:.1?} (median), {:.1?} (slowest; bar 100 ms)",
        waits[waits.len() / 2],
        waits[waits.len() - 1]
    );
    std::fs::write(&rules, "").unwrap();
    let published = settled(&mut devices) - greetings;
    account(&mut terminal, published);
    devices.signal("INT");
    devices.wait();
    terminal.keys(&["q", "y"]);
    terminal.wait();
}

/// How long a key waits for its screen.
fn key(terminal: &mut Terminal) -> Duration {
    let pressed = Instant::now();
    terminal.type_text("?");
    while !terminal.screen().contains("Help") {
        assert!(pressed.elapsed() < Duration::from_secs(20), "no answer to a key\n{}", terminal.screen());
        std::thread::sleep(Duration::from_micros(200));
    }
    let waited = pressed.elapsed();
    terminal.keys(&["esc"]);
    terminal.wait_gone("Help");
    waited
}

/// What all devices have sent, when nothing more is added to it for three seconds.
fn settled(devices: &mut Process) -> u64 {
    let (mut sent, mut same) = (None, 0);
    while same < 3 {
        let summary = devices.next_json("a summary", |value| value["event"] == "summary");
        let now = summary["sent"].as_u64();
        same = if now == sent { same + 1 } else { 0 };
        sent = now;
    }
    sent.unwrap()
}

/// What was published and what arrived: the reports among all that the application keeps.
fn account(terminal: &mut Terminal, published: u64) {
    let sent = iotdbg::base::text::group_digits(published);
    terminal.keys(&["/"]);
    terminal.type_text("kind=report");
    terminal.keys(&["enter"]);
    let begin = Instant::now();
    let arrived = || {
        let screen = terminal.screen();
        let title = screen.lines().find(|line| line.contains("kind=report") && line.contains(" of "))?;
        let (before, _) = title.rsplit_once(" of ")?;
        before.rsplit(' ').next().map(str::to_owned)
    };
    while arrived().as_ref() != Some(&sent) && begin.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("swarm    {sent} reports were published, {} arrived", arrived().unwrap_or_default());
    let screen = terminal.screen();
    println!("swarm    {}", screen.lines().find(|line| line.contains(" msgs · ")).unwrap_or_default().trim());
}

/// A simulated cloud that knows so many devices, and the profiles of a device and of an app.
fn cloud(folder: &Path, count: u64) -> (Process, String, String) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let roster = file(
        "roster.toml",
        &format!(
            "[[onenet.product]]\nproduct_id = \"p1\"\n[[onenet.device]]\nproduct_id = \"p1\"\ndevice_name = \"lamp-{{n}}\"\n\
             access_key = \"{KEY}\"\ncount = {count}\n[[onenet.user]]\nuser_id = \"u1\"\naccess_key = \"{KEY}\"\n"
        ),
    );
    let ports = "onenet-app=0,onenet-device=0,control=0";
    let mut process =
        Process::start(Command::new(IOTDBG).args(["cloud", "--json", "--ports", ports, "--roster", &roster]));
    let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
    let url = |role: &str| {
        let endpoints = first["endpoints"].as_array().unwrap();
        let found = endpoints.iter().find(|endpoint| endpoint["name"] == format!("onenet-{role}"));
        found.unwrap()["url"].as_str().unwrap().to_owned()
    };
    let profile = |role: &str, rest: &str| {
        let head = format!("dialect = \"onenet\"\nrole = \"{role}\"\nserver = \"{}\"\n[identity]\n", url(role));
        file(&format!("{role}.toml"), &format!("{head}access_key = \"{KEY}\"\n{rest}"))
    };
    let device = profile("device", "product_id = \"p1\"\ndevice_name = \"lamp-{n}\"\n");
    let watched = format!("user_id = \"u1\"\n[device]\nproduct_id = \"p1\"\ndevice_name = \"lamp-{{1..{count}}}\"\n");
    let app = profile("app", &watched);
    (process, device, app)
}
