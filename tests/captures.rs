//! Recordings from outside: written, killed, exported, imported, opened, played into a cloud.

mod support;

use std::process::{Command, Output};

use support::process::Process;
use support::terminal::Setup;
use support::{IOTDBG, wait_until};
use tempfile::TempDir;

/// A simulated cloud and profiles that lead to it.
struct Cloud {
    process: Process,
    folder: TempDir,
}

impl Cloud {
    fn start() -> Cloud {
        let folder = tempfile::tempdir().unwrap();
        let ports = "onenet-app=0,onenet-device=0,onenet-http=0,aliyun=0,gizwits=0,gizwits-http=0,control=0";
        let mut process = Process::start(Command::new(IOTDBG).args(["cloud", "--json", "--ports", ports]));
        let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
        let endpoints = first["endpoints"].as_array().unwrap();
        for name in ["onenet-app", "onenet-device"] {
            let url = endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap()["url"].as_str().unwrap();
            let shipped = format!("{}/profiles/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(shipped).unwrap();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            *lines.iter_mut().find(|line| line.starts_with("server")).unwrap() = format!("server = \"{url}\"");
            std::fs::write(folder.path().join(format!("{name}.toml")), lines.join("\n")).unwrap();
        }
        Cloud { process, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn lamp(&mut self) -> Process {
        let profile = self.path("onenet-device.toml");
        let device = Process::start(Command::new(IOTDBG).args(["device", "-p", &profile, "--report-every", "100ms"]));
        self.process.next_json("the device to subscribe", |value| value["event"] == "subscribed");
        device
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(IOTDBG).args(args).current_dir(self.folder.path()).output().unwrap()
    }
}

fn lines(path: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_recording_is_recorded_exported_and_reported_again() {
    let mut cloud = Cloud::start();
    let lamp = cloud.lamp();
    let app = cloud.path("onenet-app.toml");
    let file = cloud.path("lamp.jsonl");
    let recorded = cloud.run(&["record", "-p", &app, "-o", &file, "--count", "5", "--json"]);
    assert!(recorded.status.success(), "{}", text(&recorded.stderr));
    let summary: serde_json::Value = serde_json::from_slice(&recorded.stdout).unwrap();
    assert_eq!((summary["v"].as_u64(), summary["lost"].as_u64()), (Some(1), Some(0)));
    let all = lines(&file);
    assert_eq!(all.len() as u64, summary["messages"].as_u64().unwrap() + 1);
    assert_eq!((all[0]["connection"].as_str(), all[0]["role"].as_str()), (Some("onenet-app"), Some("app")));
    let secret = std::fs::read_to_string(&app).unwrap();
    let secret = secret.lines().find_map(|line| line.strip_prefix("access_key = \"")).unwrap();
    let secret = secret.split('"').next().unwrap();
    assert!(!std::fs::read_to_string(&file).unwrap().contains(secret), "a recording holds no secret");
    drop(lamp);

    let csv = cloud.run(&["export", &file, "--as", "csv", "--filter", "kind:report"]);
    assert!(text(&csv.stdout).lines().count() >= 5, "{}", text(&csv.stdout));
    let played = cloud.run(&["replay", &file, "--speed", "max", "--json"]);
    assert_eq!(text(&played.stdout).lines().count(), all.len() - 1);

    // As it stands it is nothing that a device may publish; a simulated device says the same in its own words.
    let device = cloud.path("onenet-device.toml");
    let refused = cloud.run(&["replay", &file, "--into", &device]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("--as-device"));
    let reported = cloud.run(&["replay", &file, "--into", &device, "--as-device", "--speed", "20", "--json"]);
    assert!(reported.status.success(), "{}", text(&reported.stderr));
    assert!(text(&reported.stdout).contains("thing/property/post"), "{}", text(&reported.stdout));
}

#[test]
fn what_a_device_recorded_is_published_again_with_new_ids() {
    let mut cloud = Cloud::start();
    let device = cloud.path("onenet-device.toml");
    let file = cloud.path("device.jsonl");
    std::fs::write(
        &file,
        "{\"v\":1,\"capture\":1,\"connection\":\"lamp\",\"dialect\":\"onenet\",\"role\":\"device\",\"identity\":{},\"devices\":[]}\n\
         {\"v\":1,\"at\":\"2023-11-14T22:13:20Z\",\"connection\":\"lamp\",\"direction\":\"out\",\"topic\":\"$sys/demo/lamp/thing/property/post\",\
         \"qos\":1,\"payload\":{\"json\":{\"id\":\"5\",\"version\":\"1.0\",\"params\":{\"temperature\":{\"value\":7,\"time\":1700000000000}}}}}\n",
    )
    .unwrap();
    let sent = cloud.run(&["replay", &file, "--into", &device, "--rewrite", "ids,times"]);
    assert!(sent.status.success(), "{}", text(&sent.stderr));
    let published = cloud.process.next_json("the report", |value| value["event"] == "published");
    let payload = &published["payload"]["json"];
    assert_ne!(payload["id"], "5");
    assert!(payload["params"]["temperature"]["time"].as_u64().unwrap() > 1_700_000_000_000, "{payload}");
    assert_eq!(payload["params"]["temperature"]["value"], 7);
}

#[test]
fn a_killed_recording_loses_a_second_at_most() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp();
    let app = cloud.path("onenet-app.toml");
    for name in ["killed.jsonl", "killed.jsonl.zst"] {
        let file = cloud.path(name);
        let mut recording = Process::start(Command::new(IOTDBG).args(["record", "-p", &app, "-o", &file]));
        let there = || std::fs::metadata(&file).map_or(0, |found| found.len()) > 600;
        wait_until("lines in the file", || there().then_some(()), || recording.stderr());
        recording.kill();
        let exported = cloud.run(&["export", &file]);
        assert!(exported.status.success(), "{}", text(&exported.stderr));
        let messages = text(&exported.stdout).lines().filter(|line| line.contains("\"topic\"")).count();
        assert!(messages > 0, "{}", text(&exported.stdout));
    }
}

#[test]
fn logs_of_others_are_read_and_opened_like_a_stream() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("mosquitto.log");
    std::fs::write(
        &log,
        "$sys/demo/lamp/thing/property/post {\"id\":\"1\",\"version\":\"1.0\",\"params\":{\"temperature\":{\"value\":23.5}}}\n\
         $sys/demo/lamp/thing/property/set {\"id\":\"2\",\"params\":{\"Power\":true}}\nother/topic (null)\n",
    )
    .unwrap();
    let path = log.to_str().unwrap();
    let decoded = Command::new(IOTDBG).args(["export", path]).output().unwrap();
    assert!(text(&decoded.stdout).contains("\"kind\":\"report\""), "{}", text(&decoded.stdout));
    let mut terminal = Setup::iotdbg(&["open", path]).size(140, 40).start();
    terminal.wait_for("temperature=23.5");
    terminal.wait_for("3 messages read");
    terminal.wait_for("3 of 3");
    terminal.keys(&["E"]);
    terminal.wait_for("mosquitto_pub");
    terminal.keys(&["esc", "q"]);
    assert!(terminal.wait().success());
    terminal.assert_given_back();
}

#[test]
fn a_file_that_is_no_recording_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        Command::new(IOTDBG).args(["--lang", "en", "export"]).arg(path).output().unwrap()
    };
    let none = run("none.txt", "just/one\n");
    assert_eq!(none.status.code(), Some(17));
    assert!(text(&none.stderr).contains("none.txt:1:"), "{}", text(&none.stderr));
    let some = run("some.jsonl", "{\"topic\":\"a\",\"payload\":\"b\"}\n{\"cut\":");
    assert!(some.status.success());
    assert!(text(&some.stderr).contains("some.jsonl:2: the line is cut off"), "{}", text(&some.stderr));
}

#[test]
fn control_packets_are_shown_on_request_and_hold_no_credentials() {
    let cloud = Cloud::start();
    let device = cloud.path("onenet-device.toml");
    let profile = std::fs::read_to_string(&device).unwrap();
    std::fs::write(&device, format!("{}\n[mqtt]\nkeep_alive = 1\n", profile.replace("[mqtt]\n", "\n"))).unwrap();
    let tail = cloud.run(&["tail", "-p", &device, "--packets", "--json", "--for", "2500ms"]);
    let packets: Vec<serde_json::Value> =
        text(&tail.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| {
        let topic = format!("(packets)/{name}");
        packets.iter().find(|packet| packet["topic"] == topic.as_str()).unwrap_or_else(|| panic!("{name}: {packets:?}"))
    };
    assert_eq!((of("CONNECT")["kind"].as_str(), of("CONNECT")["direction"].as_str()), (Some("packet"), Some("out")));
    assert_eq!(of("CONNACK")["payload"]["json"]["code"], 0);
    assert!(of("SUBACK")["payload"]["json"]["round_trip_ms"].as_f64().is_some());
    assert!(of("PINGRESP")["payload"]["json"]["round_trip_ms"].as_f64().is_some(), "{packets:?}");
    assert!(!text(&tail.stdout).contains("sign="), "the password of a login is never shown");
    let quiet = cloud.run(&["tail", "-p", &device, "--json", "--for", "1s"]);
    assert!(!text(&quiet.stdout).contains("(packets)"));
}
