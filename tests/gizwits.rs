//! Gizwits end to end: the simulated cloud, a simulated device and an app, each a process of its own.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::IOTDBG;
use support::process::Process;

const DID: &str = "iotdbgDid0123456789ABC";

struct World {
    folder: tempfile::TempDir,
    _cloud: Process,
    control: String,
    m2m: String,
    api: String,
}

impl World {
    fn new() -> World {
        let mut cloud = Process::start(Command::new(IOTDBG).args(["cloud", "--json", "--ports", "gizwits=0"]));
        let first = cloud.next_json("the cloud to listen", |value| value["event"] == "listening");
        let url = |name: &str| {
            let found = first["endpoints"].as_array().unwrap().iter().find(|endpoint| endpoint["name"] == name);
            found.unwrap()["url"].as_str().unwrap().to_owned()
        };
        World {
            folder: tempfile::tempdir().unwrap(),
            control: first["control"].as_str().unwrap().to_owned(),
            m2m: url("gizwits"),
            api: url("gizwits-http"),
            _cloud: cloud,
        }
    }

    /// Writes a profile and gives its path.
    fn profile(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text.replace("M2M", &self.m2m).replace("API", &self.api)).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The shipped profile, at this cloud; `server` or without one, as the platform wants it.
    fn shipped(&self, role: &str, server: bool) -> String {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("profiles/gizwits-{role}.toml"));
        let line = |line: &str| match line.split_once(" = ").map(|(key, _)| key) {
            Some("server") if server => "server = \"M2M\"".to_owned(),
            Some("server") => String::new(),
            Some("api") => "api = \"API\"".to_owned(),
            _ => line.to_owned(),
        };
        let text: Vec<String> = std::fs::read_to_string(file).unwrap().lines().map(line).collect();
        self.profile(&format!("{role}-{server}.toml"), &text.join("\n"))
    }

    fn device(&self) -> Process {
        let profile = self.shipped("device", true);
        let mut device = Process::start(Command::new(IOTDBG).args(["device", "--json", "-p", &profile]));
        device.next_line("the device to report", |line| line.contains("\"report\""));
        device
    }
}

/// Runs a command; its exit code and its line of JSON.
fn run(words: &[&str]) -> (i32, Value) {
    let output = Command::new(IOTDBG).args(words).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().last().unwrap_or_default();
    let explain = || format!("{words:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{}", explain()));
    (output.status.code().unwrap_or_else(|| panic!("{}", explain())), value)
}

#[test]
fn control_and_query_end_with_a_report_or_an_acknowledgement() {
    let world = World::new();
    let _device = world.device();
    let app = world.shipped("app", true);
    let (code, set) = run(&["set", "-p", &app, "--json", "Power=true", "Mode=heat"]);
    assert_eq!((code, &set["outcome"]), (0, &json!("observed")), "{set}");
    let (code, set) = run(&["set", "-p", &app, "--ack", "--json", "SetTemp=26.5"]);
    assert_eq!((code, &set["outcome"]), (0, &json!("replied")), "{set}");
    assert!(set["topic"].as_str().unwrap().starts_with(&format!("app2dev/{DID}/usr")), "{set}");
    assert!(set["request_id"].as_str().unwrap().parse::<u32>().is_ok(), "{set}");
    for words in [&["get", "-p", &app, "--json"][..], &["get", "-p", &app, "--ack", "--json"]] {
        let (code, got) = run(words);
        assert_eq!((code, &got["outcome"]), (0, &json!("replied")), "{got}");
        let data = &got["data"];
        assert_eq!((&data["Power"], &data["Mode"], &data["SetTemp"]), (&json!(true), &json!(3), &json!(26.5)), "{got}");
    }
    let (code, log) = run(&["request", "log", "-p", &app, "--json", "bits=0x0105"]);
    assert_eq!((code, &log["outcome"]), (0, &json!("replied")), "{log}");
}

#[test]
fn nobody_answers_for_a_device_that_is_not_there() {
    let world = World::new();
    let app = world.shipped("app", true);
    let (code, set) = run(&["set", "-p", &app, "--ack", "--json", "--timeout", "300ms", "Power=true"]);
    assert_eq!((code, &set["outcome"]), (15, &json!("timeout")), "{set}");
}

#[test]
fn an_anonymous_user_logs_in_over_http_binds_and_takes_the_server_of_the_binding() {
    let world = World::new();
    let _device = world.device();
    let text = std::fs::read_to_string(world.shipped("app", false)).unwrap();
    let mine = |line: &&str| !line.starts_with("uid") && !line.starts_with("token");
    let text: Vec<&str> = text.lines().filter(mine).collect();
    let text = text.join("\n").replace("[identity]", "[identity]\nanonymous = true\nphone_id = \"p1\"");
    let app = world.profile("anonymous.toml", &text);
    let (code, list) = run(&["request", "list", "-p", &app, "--json"]);
    assert_eq!((code, &list["data"]["devices"]), (0, &json!([])), "{list}");
    let (code, bound) = run(&["bind", "-p", &app, "--json"]);
    assert_eq!((code, &bound["data"]["success"]), (0, &json!([DID])), "{bound}");
    let (_, list) = run(&["request", "list", "-p", &app, "--json"]);
    let device = &list["data"]["devices"][0];
    let m2m = format!("mqtt://{}:{}", device["host"].as_str().unwrap(), device["port"]);
    assert_eq!((&device["did"], m2m), (&json!(DID), world.m2m.clone()));
    let (code, set) = run(&["set", "-p", &app, "--ack", "--json", "Power=false"]);
    assert_eq!((code, &set["outcome"]), (0, &json!("replied")), "{set}");
    let (code, refused) = run(&["bind", "-p", &app, "--json", &format!("did={DID}"), "passcode=wrong"]);
    assert_eq!((code, &refused["code"]), (16, &json!("9016")), "{refused}");
    let (code, unbound) = run(&["unbind", "-p", &app, "--json"]);
    assert_eq!((code, &unbound["data"]["success"]), (0, &json!([DID])), "{unbound}");
}

#[test]
fn a_device_without_a_did_registers_and_is_provisioned() {
    let world = World::new();
    let text = "dialect = \"gizwits\"\nrole = \"device\"\n[identity]\napi = \"API\"\nmac = \"001122334455\"\n\
        product_key = \"d0e1a2b3c4d5e6f708192a3b4c5d6e7f\"\n";
    let profile = world.profile("new.toml", text);
    let mut device =
        Process::start(Command::new(IOTDBG).args(["device", "--json", "-p", &profile, "--report-every", "1s"]));
    let line = device.next_line("the device to report", |line| line.contains("dev2app/"));
    assert!(!line.contains(DID), "{line}");
}

#[test]
fn the_console_asks_the_device() {
    let world = World::new();
    let _device = world.device();
    let operate = |words: &[&str]| {
        let all =
            [&["operate", "--cloud", &world.control, "--as", "gizwits", "--device", DID, "--json"], words].concat();
        let (code, told) = run(&all);
        (code, told["outcome"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(operate(&["set", "Brightness=33"]), (0, "replied".to_owned()));
    assert_eq!(operate(&["set", "Brightness=34", "ack=false"]), (0, "observed".to_owned()));
    assert_eq!(operate(&["get"]), (0, "replied".to_owned()));
    assert_eq!(operate(&["log", "bits=3"]), (0, "replied".to_owned()));
}

/// Runs a command with words on its standard input; what it says on standard output, line by line.
fn said(args: &[&str], input: &str) -> Vec<String> {
    let run = assert_cmd::Command::new(IOTDBG).args(args).write_stdin(input).assert().success();
    String::from_utf8(run.get_output().stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_moment_when_power_was_switched_on_is_found_in_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("product.json");
    std::fs::write(&model, include_str!("../src/dialect/gizwits/bench.json")).unwrap();
    let model = model.to_str().unwrap();
    let log = "[2024-05-01 10:00:00.001] boot ok, mac a4:cf:12:34:56:78\n\
        [2024-05-01 10:00:01.250] RX dev2app/D: 00000003160000910403345001d1deadbeef075bcd1501015b0201\n\
        [2024-05-01 10:00:02.100] TX app2dev/D/usr1 len=9 00 00 00 03 04 00 00 90 02\n\
        [2024-05-01 10:00:03.000] MCU>> ff ff 00 05 07 00 00 00 0c\n\
        [2024-05-01 10:00:04.250] RX dev2app/D: 00000003160000910403355001d1deadbeef075bcd1501015b0201\n";
    let lines = said(&["--lang", "en", "decode", "--paste", "-", "--model", model, "--brief"], log);
    let found: Vec<&String> = lines.iter().filter(|line| line.contains("Power: false → true")).collect();
    assert_eq!((lines.len(), found.len()), (4, 1), "{lines:?}");
    assert!(found[0].starts_with("2024-05-01 10:00:04.250"), "{}", found[0]);

    let objects: Vec<Value> = said(&["decode", "--paste", "-", "--json"], log)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(&str, i64)> =
        objects.iter().map(|object| (object["form"].as_str().unwrap(), object["line"].as_i64().unwrap())).collect();
    assert_eq!(told, [("cloud", 2), ("cloud", 3), ("serial", 4), ("cloud", 5)]);
    assert_eq!(objects[1]["topic"], "app2dev/D/usr1");
    assert_eq!(objects[1]["hex"], "000000030400009002");
}

#[test]
fn any_frame_is_built_by_its_fields() {
    let frame = |words: &[&str]| {
        let args: Vec<&str> = ["encode", "gizwits", "frame"].iter().chain(words).copied().collect();
        said(&args, "").pop().unwrap()
    };
    let log = ["0012", "level=2", "tag=wifi", "source=mcu", "content=信号弱 rssi=-81"];
    assert_eq!(frame(&log), "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831");
    assert_eq!(frame(&["0010", "bit8=1", "bit0=1", "bit2=1"]), "00000003050000100105");
    assert_eq!(frame(&["020f"]), "00000003020f");
    assert_eq!(frame(&["serial-07"]), "ffff0005070000000c");
    assert_eq!(frame(&["ack", "sn=42"]), "00000003070000940000002a");
}
