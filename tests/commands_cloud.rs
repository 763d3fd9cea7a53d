//! Commands against `iotdbg cloud` where it speaks TLS, and where they are interrupted.

mod support;

use std::process::Command;

use support::IOTDBG;
use support::process::Process;
use tempfile::TempDir;

/// A simulated cloud with TLS, on free ports.
struct Cloud {
    process: Process,
    folder: TempDir,
    app: String,
    device: String,
}

impl Cloud {
    fn start() -> Cloud {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        let mut process = Process::start(
            Command::new(IOTDBG)
                .args(["cloud", "--json", "--ports", "onenet-app=0,onenet-device=0,control=0", "--tls", "--ca-out"])
                .arg(&ca),
        );
        let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
        let url = |name: &str| {
            let endpoints = first["endpoints"].as_array().unwrap();
            endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap()["url"].as_str().unwrap().to_owned()
        };
        let (app, device) = (url("onenet-app"), url("onenet-device"));
        Cloud { process, folder, app, device }
    }

    /// A shipped profile that points here, with `tls` as its `[tls]`.
    fn profile(&self, shipped: &str, url: &str, tls: &str) -> String {
        let text = std::fs::read_to_string(format!("{}/profiles/{shipped}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let server = lines.iter_mut().find(|line| line.starts_with("server")).unwrap();
        *server = format!("server = \"{url}\"");
        let path = self.folder.path().join(format!("{shipped}.toml"));
        std::fs::write(&path, format!("{}\n[tls]\n{tls}\n", lines.join("\n"))).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn lamp(&mut self, args: &[&str]) -> Process {
        let profile = self.profile("onenet-device", &self.device, "ca = \"ca.pem\"");
        let device = Process::start(Command::new(IOTDBG).args(["device", "-p", &profile, "--json"]).args(args));
        self.process.next_json("the device to subscribe", |value| value["event"] == "subscribed");
        device
    }
}

#[test]
fn a_set_over_tls_is_replied_and_its_stages_are_told() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&[]);
    let app = cloud.profile("onenet-app", &cloud.app, "ca = \"ca.pem\"");
    let mut set = Process::start(Command::new(IOTDBG).args(["set", "-v", "-p", &app, "Power=true"]));
    assert_eq!(set.wait().code(), Some(0), "{}", set.stderr());
    assert!(set.stderr().contains("TLS 1."), "{}", set.stderr());
    assert!(set.stdout().contains("replied"), "{}", set.stdout());
}

#[test]
fn an_authority_that_is_not_trusted_ends_with_12_and_says_what_to_do() {
    let cloud = Cloud::start();
    let app = cloud.profile("onenet-app", &cloud.app, "");
    let mut set = Process::start(Command::new(IOTDBG).args(["set", "-p", &app, "Power=true"]));
    assert_eq!(set.wait().code(), Some(12), "{}", set.stderr());
    assert!(set.stderr().contains("not trusted") && set.stderr().contains("[tls]"), "{}", set.stderr());
}

#[test]
fn plain_mqtt_to_a_tls_port_ends_with_13_and_says_why() {
    let cloud = Cloud::start();
    let app = cloud.profile("onenet-app", &cloud.app.replace("mqtts://", "mqtt://"), "");
    let mut set = Process::start(Command::new(IOTDBG).args(["set", "-p", &app, "Power=true"]));
    assert_eq!(set.wait().code(), Some(13), "{}", set.stderr());
    assert!(set.stderr().contains("no CONNACK"), "{}", set.stderr());
}

#[test]
fn an_interrupted_request_ends_with_130_and_an_interrupted_tail_with_0() {
    let mut cloud = Cloud::start();
    let _lamp = cloud.lamp(&["--silent"]);
    let app = cloud.profile("onenet-app", &cloud.app, "ca = \"ca.pem\"");
    for (signal, args, code) in [
        ("INT", &["set", "Power=true", "--timeout", "1m"][..], 130),
        ("TERM", &["set", "Power=true", "--timeout", "1m"], 130),
        ("INT", &["tail"], 0),
        ("TERM", &["tail"], 0),
    ] {
        let mut process = Process::start(Command::new(IOTDBG).args(args).args(["-p", &app]));
        cloud
            .process
            .next_json("the command to subscribe", |value| value["event"] == "subscribed" && value["role"] == "app");
        process.signal(signal);
        assert_eq!(process.wait().code(), Some(code), "{signal} {args:?}: {}", process.stderr());
        cloud.process.next_json("DISCONNECT", |value| value["event"] == "disconnected" && value["role"] == "app");
    }
}
