//! unitedrhino end to end: the simulated cloud, a simulated device and an app over HTTP and WebSocket, each a process of
//! its own.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::IOTDBG;
use support::process::Process;

struct World {
    folder: tempfile::TempDir,
    cloud: Process,
    control: String,
    mqtt: String,
    socket: String,
}

impl World {
    fn new() -> World {
        let mut cloud = Process::start(Command::new(IOTDBG).args(["cloud", "--json", "--ports", "unitedrhino=0"]));
        let first = cloud.next_json("the cloud to listen", |value| value["event"] == "listening");
        let url = |name: &str| {
            let found = first["endpoints"].as_array().unwrap().iter().find(|endpoint| endpoint["name"] == name);
            found.unwrap()["url"].as_str().unwrap().to_owned()
        };
        World {
            folder: tempfile::tempdir().unwrap(),
            control: first["control"].as_str().unwrap().to_owned(),
            mqtt: url("unitedrhino"),
            socket: url("unitedrhino-ws"),
            cloud,
        }
    }

    /// The shipped profile, at this cloud, with some lines replaced.
    fn profile(&self, role: &str, replaced: &[(&str, &str)]) -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("profiles/unitedrhino-{role}.toml"));
        let server = if role == "app" { &self.socket } else { &self.mqtt };
        let line = |line: &str| {
            let key = line.split_once(" = ").map_or("", |(key, _)| key);
            let other = replaced.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
            match (key, other) {
                ("server", _) => format!("server = \"{server}\""),
                (_, Some(value)) => format!("{key} = {value}"),
                _ => line.to_owned(),
            }
        };
        let text: Vec<String> = std::fs::read_to_string(file).unwrap().lines().map(line).collect();
        let path = self.folder.path().join(format!("{role}-{}.toml", replaced.len()));
        std::fs::write(&path, text.join("\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn device(&self, more: &[&str]) -> Process {
        let profile = self.profile("device", &[]);
        let words = ["device", "--json", "-p", &profile, "--report-every", "1s"];
        let mut device = Process::start(Command::new(IOTDBG).args(words).args(more));
        device.next_line("the device to report", |line| line.contains("\"report\""));
        device
    }
}

/// Runs a command; its exit code and its last line of JSON.
fn run(words: &[&str]) -> (i32, Value) {
    let output = Command::new(IOTDBG).args(words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().last().unwrap_or_default();
    let explain = || format!("{words:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", explain()));
    (output.status.code().unwrap_or_else(|| panic!("{}", explain())), value)
}

#[test]
fn an_app_controls_reads_and_calls_over_http() {
    let world = World::new();
    let _device = world.device(&[]);
    let app = world.profile("app", &[]);
    let (code, set) = run(&["set", "-p", &app, "--json", "powerSwitch=true", "targetTemperature=26.5"]);
    assert_eq!((code, &set["outcome"]), (0, &json!("replied")), "{set}");
    assert_eq!(set["topic"], "POST /api/v1/things/device/interact/property-control-send", "{set}");
    let (code, got) = run(&["get", "-p", &app, "--json", "powerSwitch", "targetTemperature"]);
    assert_eq!((code, &got["data"]["params"]), (0, &json!({"powerSwitch": 1, "targetTemperature": 26.5})), "{got}");
    let (code, called) = run(&["invoke", "-p", &app, "--json", "blink", "times=3"]);
    assert_eq!((code, &called["outcome"]), (0, &json!("replied")), "{called}");
    // Without a model nobody but the device objects.
    let (code, refused) = run(&["set", "-p", &app, "--json", "powerSwitch=7"]);
    assert_eq!((code, &refused["code"]), (16, &json!("2000004")), "{refused}");
}

#[test]
fn a_device_that_refuses_or_is_away_or_silent_is_told_apart() {
    let world = World::new();
    let app = world.profile("app", &[]);
    let (code, away) = run(&["set", "-p", &app, "--json", "powerSwitch=true"]);
    assert_eq!((code, &away["code"]), (16, &json!("2000003")), "{away}");
    let refusing = world.device(&["--refuse", "100015"]);
    let (code, refused) = run(&["set", "-p", &app, "--json", "powerSwitch=true"]);
    assert_eq!((code, &refused["code"]), (16, &json!("2000004")), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("100015"), "{refused}");
    drop(refusing);
    let _silent = world.device(&["--silent"]);
    let (code, silent) = run(&["set", "-p", &app, "--json", "--timeout", "500ms", "powerSwitch=true"]);
    assert_eq!((code, &silent["outcome"]), (15, &json!("timeout")), "{silent}");
}

#[test]
fn pushes_come_over_the_websocket_with_the_connection_named() {
    let world = World::new();
    let app = world.profile("app", &[]);
    let mut tail = Process::start(Command::new(IOTDBG).args(["tail", "--json", "-p", &app]));
    tail.next_line("the first frame", |line| line.contains("connectID"));
    tail.next_json("a subscription to be granted", |value| value["topic"] == "ws/down.subRet");
    let _device = world.device(&[]);
    let online = tail.next_json("the device to be online", |value| value["topic"] == "ws/down.pub/deviceConn");
    assert_eq!((&online["kind"], &online["device"]), (&json!("online"), &json!("lamp")), "{online}");
    tail.next_json("a report", |value| value["topic"] == "ws/down.pub/devicePropertyReportV2");
}

#[test]
fn wrong_secrets_are_refused_with_the_reason_in_the_log() {
    let mut world = World::new();
    for (role, field, words) in [("device", "device_secret", "CONNACK 5"), ("app", "password", "1000004")] {
        let wrong = world.profile(role, &[(field, "\"d3Jvbmc=\"")]);
        let operation = if role == "app" { "set" } else { "report" };
        let refused = Command::new(IOTDBG).args([operation, "-p", &wrong, "powerSwitch=true"]).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(13), "{told}");
        assert!(told.contains(words) && !told.contains("d3Jvbmc"), "{told}");
        let log = world.cloud.next_json("the refusal in the log", |value| value["event"] == "refused");
        assert!(!log["reason"].as_str().unwrap_or_default().is_empty(), "{log}");
    }
}

#[test]
fn the_operator_plays_the_console() {
    let world = World::new();
    let _device = world.device(&[]);
    let control = ["--cloud", &world.control, "--as", "unitedrhino", "--json"];
    let operate = |words: &[&str]| run(&[&["operate"], words, &control[..]].concat());
    let (code, set) = operate(&["set", "--device", "25iotdbgLmp/lamp", "brightness=40"]);
    assert_eq!((code, &set["outcome"]), (0, &json!("replied")), "{set}");
    let (code, called) = operate(&["invoke", "--device", "25iotdbgLmp/lamp", "blink", "times=2"]);
    assert_eq!((code, &called["outcome"]), (0, &json!("replied")), "{called}");
}
