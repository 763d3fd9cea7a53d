//! A foreign broker and foreign clients: mosquitto on one side, iotdbg on the other.
//!
//! Needs the Debian packages `mosquitto` and `mosquitto-clients`. Where they are missing the tests say so and pass,
//! except in CI, where `.ci/run` installs them and a missing one is a failure.

mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use support::process::Process;
use support::terminal::Setup;
use support::{IOTDBG, device_profile, wait_until};
use tempfile::TempDir;

/// A mosquitto that anybody may use, on a free port of the loopback interface.
struct Mosquitto {
    process: Process,
    port: u16,
    folder: TempDir,
}

impl Mosquitto {
    fn start() -> Option<Mosquitto> {
        let program = find("mosquitto")?;
        find("mosquitto_pub")?;
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut broker = Mosquitto { process: Process::start(&mut Command::new("true")), port, folder };
        broker.run(&program);
        Some(broker)
    }

    fn run(&mut self, program: &PathBuf) {
        let config = self.folder.path().join("mosquitto.conf");
        let text = format!("listener {} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n", self.port);
        std::fs::write(&config, text).unwrap();
        self.process = Process::start(Command::new(program).arg("-c").arg(&config));
        let port = self.port;
        wait_until(
            "mosquitto to listen",
            || std::net::TcpStream::connect(("127.0.0.1", port)).ok(),
            || self.process.stderr(),
        );
    }

    fn restart(&mut self) {
        self.run(&find("mosquitto").unwrap());
    }

    fn client(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(args);
        command
    }

    fn publish(&self, topic: &str, payload: &[u8]) {
        let file = self.folder.path().join("payload");
        std::fs::write(&file, payload).unwrap();
        let file = file.to_str().unwrap();
        let status = self.client("mosquitto_pub", &["-q", "1", "-t", topic, "-f", file]).status().unwrap();
        assert!(status.success());
    }

    /// A profile of a device that logs in here.
    fn profile(&self) -> String {
        device_profile(self.folder.path(), self.port)
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing, and CI must have it");
        eprintln!("{program} is not installed: this test is passed over");
    }
    found
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn tail_shows_what_a_foreign_client_publishes() {
    let Some(broker) = Mosquitto::start() else { return };
    let profile = broker.profile();
    let mut tail = Process::start(Command::new(IOTDBG).args(["tail", "-p", &profile, "-t", "bench/#", "--json"]));
    let line = wait_until(
        "the first message",
        || {
            broker.publish("bench/text", "温度 23.5".as_bytes());
            let lines = tail.stdout();
            lines.lines().find(|line| line.contains("bench/text")).map(str::to_owned)
        },
        || tail.stderr(),
    );
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(value["v"], 1);
    assert_eq!(value["topic"], "bench/text");
    assert_eq!(value["direction"], "in");
    assert_eq!(value["payload"]["text"], "温度 23.5");

    broker.publish("bench/binary", &[0x00, 0xff, 0x1b, 0x5b, 0x80]);
    let value = tail.next_json("the binary message", |value| value["topic"] == "bench/binary");
    assert_eq!(value["payload"]["hex"], "00ff1b5b80");

    broker.publish("bench/json", br#"{"id":"7","params":{}}"#);
    let value = tail.next_json("the JSON message", |value| value["topic"] == "bench/json");
    assert_eq!(value["payload"]["json"]["id"], "7");
}

#[test]
fn send_reaches_a_foreign_client_byte_for_byte() {
    let Some(broker) = Mosquitto::start() else { return };
    let profile = broker.profile();
    let mut listener = Process::start(
        broker.client("mosquitto_sub", &["-q", "1", "-t", "bench/#", "-F", "%t %l %x"]).stderr(Stdio::piped()),
    );
    let every_byte: Vec<u8> = (0..=255).collect();
    let hex: String = every_byte.iter().map(|byte| format!("{byte:02x}")).collect();
    let send = |args: &[&str]| {
        let mut process =
            Process::start(Command::new(IOTDBG).args(["send", "-p", &profile, "--qos", "1", "-t"]).args(args));
        assert!(process.wait().success(), "{}", process.stderr());
    };
    // The listener may still be on its way: what matters is that it comes through once it listens.
    let line = wait_until(
        "the message in hex",
        || {
            send(&["bench/hex", "--hex", &hex]);
            listener.stdout().lines().find(|line| line.starts_with("bench/hex")).map(str::to_owned)
        },
        || listener.stderr(),
    );
    assert_eq!(line, format!("bench/hex 256 {hex}"));

    let file = broker.folder.path().join("large.bin");
    let large: Vec<u8> = every_byte.iter().copied().cycle().take(300_000).collect();
    std::fs::write(&file, &large).unwrap();
    send(&["bench/file", "--file", file.to_str().unwrap()]);
    let line = listener.next_line("the file", |line| line.starts_with("bench/file"));
    let expected: String = large.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line, format!("bench/file 300000 {expected}"));

    send(&["bench/text", "--text", "你好 {}"]);
    let line = listener.next_line("the text", |line| line.starts_with("bench/text"));
    assert_eq!(line, "bench/text 9 e4bda0e5a5bd207b7d");

    // A slip in a topic of the platform is told: the platform itself would drop the message without a word.
    let slip = ["send", "-p", &profile, "-t", "$sys/demo/lamp/thing/propery/post", "--text", "{}"];
    let mut process = Process::start(Command::new(IOTDBG).args(slip));
    assert!(process.wait().success(), "{}", process.stderr());
    let told = process.stderr();
    assert!(told.contains("probably meant: $sys/demo/lamp/thing/property/post"), "{told}");
}

#[test]
fn the_screen_survives_the_death_of_the_broker() {
    let Some(mut broker) = Mosquitto::start() else { return };
    let profile = broker.profile();
    let mut terminal = Setup::iotdbg(&["-p", &profile]).size(160, 40).start();
    terminal.wait_for("online");
    terminal.keys(&["2"]);
    let topic = "$sys/p1/lamp/thing/property/set";
    let set = |id: u32| format!(r#"{{"id":"{id}","version":"1.0","params":{{"before{id}":true}}}}"#);
    broker.publish(topic, set(1).as_bytes());
    terminal.wait_for("before1");

    broker.process.kill();
    terminal.wait_until("words about the loss", |screen| screen.contains("waiting"));
    assert!(terminal.screen().contains("before1"), "a message already shown was lost:\n{}", terminal.screen());

    broker.restart();
    terminal.wait_for("online");
    // Subscribed again: a message that is published now arrives, and the old one is still there.
    wait_until(
        "a message after the return",
        || {
            broker.publish(topic, set(2).as_bytes());
            Some(terminal.screen()).filter(|screen| screen.contains("before2"))
        },
        || terminal.screen(),
    );
    assert!(terminal.screen().contains("before1"), "a message already shown was lost:\n{}", terminal.screen());
}
