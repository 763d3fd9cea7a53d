//! `iotdbg cloud` in one process, devices and apps in others: the conversations of a working day.

mod support;

use std::process::Command;

use serde_json::Value;
use support::IOTDBG;
use support::process::Process;
use tempfile::TempDir;

/// A simulated cloud on free ports, and profiles that point at it.
struct Cloud {
    process: Process,
    folder: TempDir,
    control: String,
    endpoints: Vec<Value>,
}

const ROSTER: &str = r#"
[[onenet.product]]
product_id = "p1"

[[onenet.device]]
product_id = "p1"
device_name = "lamp"
access_key = "aW90ZGJnLXRlc3QtZGV2aWNl"

[[onenet.user]]
user_id = "12321"
access_key = "aW90ZGJnLXRlc3QtdXNlcg=="
"#;

impl Cloud {
    fn start() -> Cloud {
        let folder = tempfile::tempdir().unwrap();
        let roster = folder.path().join("roster.toml");
        std::fs::write(&roster, ROSTER).unwrap();
        let mut process = Process::start(
            Command::new(IOTDBG)
                .args(["cloud", "--json", "--ports", "onenet-app=0,onenet-device=0,control=0", "--roster"])
                .arg(&roster),
        );
        let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
        assert_eq!(first["v"], 1);
        let control = first["control"].as_str().unwrap().to_owned();
        let endpoints = first["endpoints"].as_array().unwrap().clone();
        Cloud { process, folder, control, endpoints }
    }

    fn url(&self, name: &str) -> String {
        let endpoint = self.endpoints.iter().find(|endpoint| endpoint["name"] == name);
        endpoint.unwrap_or_else(|| panic!("no endpoint {name}: {:?}", self.endpoints))["url"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn profile(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn app(&self) -> String {
        self.profile(
            "app.toml",
            &format!(
                "dialect = \"onenet\"\nrole = \"app\"\nserver = \"{}\"\n[identity]\nuser_id = \"12321\"\n\
                 access_key = \"aW90ZGJnLXRlc3QtdXNlcg==\"\n[device]\nproduct_id = \"p1\"\ndevice_name = \"lamp\"\n",
                self.url("onenet-app")
            ),
        )
    }

    fn device(&self, key: &str) -> String {
        self.profile(
            "device.toml",
            &format!(
                "dialect = \"onenet\"\nrole = \"device\"\nserver = \"{}\"\n[identity]\nproduct_id = \"p1\"\n\
                 device_name = \"lamp\"\naccess_key = \"{key}\"\n",
                self.url("onenet-device")
            ),
        )
    }

    /// A simulated device that is online, started with further arguments.
    fn lamp(&mut self, args: &[&str]) -> Process {
        let profile = self.device("aW90ZGJnLXRlc3QtZGV2aWNl");
        let device = Process::start(Command::new(IOTDBG).args(["device", "-p", &profile, "--json"]).args(args));
        self.process.next_json("the device to connect", |value| {
            value["event"] == "connected" && value["identity"].as_str().is_some_and(|who| who.contains("lamp"))
        });
        self.process.next_json("the device to subscribe", |value| value["event"] == "subscribed");
        device
    }

    fn set(&self, args: &[&str]) -> (Option<i32>, Value) {
        let app = self.app();
        let mut process = Process::start(Command::new(IOTDBG).args(["set", "-p", &app, "--json"]).args(args));
        let code = process.wait().code();
        let line = process.stdout();
        let value = serde_json::from_str(line.lines().last().unwrap_or_default());
        (code, value.unwrap_or_else(|fault| panic!("{fault}: “{line}”\n{}", process.stderr())))
    }
}

fn states(request: &Value) -> Vec<&str> {
    request["states"].as_array().unwrap().iter().map(|state| state["state"].as_str().unwrap()).collect()
}

#[test]
fn a_set_is_replied() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&[]);
    let (code, request) = cloud.set(&["Power=true"]);
    assert_eq!(code, Some(0), "{request}");
    assert_eq!(request["v"], 1);
    assert_eq!(request["outcome"], "replied");
    assert_eq!(request["topic"], "$sys/p1/lamp/thing/property/set");
    assert_eq!(states(&request), ["queued", "sent", "acknowledged", "replied"]);
    assert!(request["latency_ms"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_refused_set_carries_the_code_and_ends_with_16() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&["--refuse", "302"]);
    let (code, request) = cloud.set(&["Power=true"]);
    assert_eq!(code, Some(16), "{request}");
    assert_eq!(request["outcome"], "refused");
    assert_eq!(request["code"], "setPropertyFailed");
    assert!(request["message"].as_str().unwrap().contains("302"), "{request}");
}

#[test]
fn a_silent_device_times_out_with_15() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&["--silent"]);
    let (code, request) = cloud.set(&["Power=true", "--timeout", "1s"]);
    assert_eq!(code, Some(15), "{request}");
    assert_eq!(request["outcome"], "timeout");
}

#[test]
fn a_silent_device_is_a_timeout_also_when_the_platform_says_so() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&["--silent"]);
    let (code, request) = cloud.set(&["Power=true", "--timeout", "20s"]);
    assert_eq!(code, Some(15), "{request}");
    assert_eq!(request["outcome"], "timeout");
    assert_eq!(request["code"], "setPropertyFailed");
    assert_eq!(request["message"], "306 timeout");
}

#[test]
fn with_ack_nothing_but_the_acknowledgement_counts() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&["--refuse", "302"]);
    let (code, request) = cloud.set(&["Power=true", "--ack"]);
    assert_eq!(code, Some(0), "{request}");
    assert_eq!(request["outcome"], "acknowledged");
}

#[test]
fn desired_values_are_set_by_an_app_and_read_by_the_device() {
    let cloud = Cloud::start();
    let (code, request) = cloud.set(&["--desired", "Power=true"]);
    assert_eq!((code, &request["outcome"]), (Some(0), &Value::from("replied")), "{request}");
    let profile = cloud.device("aW90ZGJnLXRlc3QtZGV2aWNl");
    let run = |args: &[&str]| {
        let mut process =
            Process::start(Command::new(IOTDBG).args(["get", "-p", &profile, "--desired", "Power"]).args(args));
        assert_eq!(process.wait().code(), Some(0), "{}", process.stderr());
        process.stdout()
    };
    let object: Value = serde_json::from_str(run(&["--json"]).trim()).unwrap();
    assert_eq!(object["data"]["Power"], serde_json::json!({"value": true, "version": 1}));
    let words = run(&[]);
    assert!(words.contains(r#"Power = {"value":true,"version":1}"#), "{words}");
}

#[test]
fn a_tail_that_can_hear_nothing_ends_with_14() {
    let cloud = Cloud::start();
    let app = cloud.app();
    let text = std::fs::read_to_string(&app).unwrap().replace("\"lamp\"", "\"ghost\"");
    let ghost = cloud.profile("ghost.toml", &text);
    let mut tail = Process::start(Command::new(IOTDBG).args(["tail", "-p", &ghost]));
    assert_eq!(tail.wait().code(), Some(14), "{}", tail.stderr());
    assert!(tail.stderr().contains("$sys/p1/ghost/thing/property"), "{}", tail.stderr());
}

#[test]
fn a_wrong_key_is_refused_with_13_and_the_cloud_says_why() {
    let mut cloud = Cloud::start();
    let profile = cloud.device("d3Jvbmcta2V5LXdyb25nLWtleQ==");
    let mut device = Process::start(Command::new(IOTDBG).args(["device", "-p", &profile, "--json"]));
    assert_eq!(device.wait().code(), Some(13), "{}", device.stderr());
    let refused = cloud.process.next_json("the refusal", |value| value["event"] == "refused");
    assert_eq!(refused["connack"], 4);
    assert_eq!(refused["code"], "1106");
    assert!(!cloud.process.stdout().contains("d3Jvbmcta2V5"), "a key was logged");
}

#[test]
fn a_foreign_topic_is_refused_with_14() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&[]);
    let app = cloud.app();
    let mut tail =
        Process::start(Command::new(IOTDBG).args(["tail", "-p", &app, "--json", "-t", "$sys/p1/lamp/nonsense"]));
    assert_eq!(tail.wait().code(), Some(14), "{}", tail.stderr());
    assert!(tail.stderr().contains("$sys/p1/lamp/nonsense"), "{}", tail.stderr());
}

#[test]
fn tail_sees_what_the_device_reports() {
    let mut cloud = Cloud::start();
    let app = cloud.app();
    let mut tail = Process::start(Command::new(IOTDBG).args(["tail", "-p", &app, "--json"]));
    cloud.process.next_json("the app to subscribe", |value| value["event"] == "subscribed");
    let _lamp = cloud.lamp(&["--report-every", "200ms"]);
    let line = tail.next_json("a report", |value| value["kind"] == "report");
    assert_eq!(line["topic"], "$sys/p1/lamp/thing/property");
    assert_eq!(line["device"], "lamp");
    assert!(line["payload"]["json"]["data"]["params"].is_object(), "{line}");
}

#[test]
fn a_tail_that_waits_for_messages_in_vain_says_so_and_ends_with_1() {
    let cloud = Cloud::start();
    let app = cloud.app();
    let mut tail = Process::start(Command::new(IOTDBG).args(["tail", "-p", &app, "--count", "3", "--for", "300ms"]));
    assert_eq!(tail.wait().code(), Some(1), "{}", tail.stderr());
    assert!(tail.stderr().contains("3 more message(s) were expected"), "{}", tail.stderr());
}

#[test]
fn the_operator_sets_and_kicks() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&[]);
    let operate = |args: &[&str]| {
        let mut process = Process::start(
            Command::new(IOTDBG).args(["operate", "--cloud", &cloud.control, "--as", "onenet"]).args(args),
        );
        let code = process.wait().code();
        (code, process.stdout(), process.stderr())
    };
    let (code, out, words) = operate(&["set", "--device", "p1/lamp", "Power=true"]);
    assert_eq!(code, Some(0), "{out}{words}");
    assert!(out.contains("replied"), "{out}");
    let (code, out, words) = operate(&["kick", "--device", "p1/lamp"]);
    assert_eq!(code, Some(0), "{out}{words}");
    cloud.process.next_json("the kick", |value| {
        value["event"] == "disconnected" && value["identity"].as_str().is_some_and(|who| who.contains("lamp"))
    });
}

#[test]
fn ctrl_c_ends_the_cloud_and_a_device_with_0() {
    let mut cloud = Cloud::start();
    let mut lamp = cloud.lamp(&[]);
    lamp.signal("INT");
    assert_eq!(lamp.wait().code(), Some(0));
    cloud.process.signal("INT");
    assert_eq!(cloud.process.wait().code(), Some(0));
}
