//! Gateways and thing models over `iotdbg cloud`: sub-devices join, report and are asked on each platform that has them;
//! models are fetched where the platform gives them, and learned from what was recorded.

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::IOTDBG;
use support::process::Process;
use tempfile::TempDir;

/// A simulated cloud of every platform on free ports, and the shipped profiles pointed at it.
struct Cloud {
    process: Process,
    folder: TempDir,
    control: String,
}

impl Cloud {
    fn start() -> Cloud {
        let folder = tempfile::tempdir().unwrap();
        let ports = [
            "aliyun",
            "onenet-app",
            "onenet-device",
            "onenet-http",
            "gizwits",
            "gizwits-http",
            "unitedrhino",
            "unitedrhino-ws",
            "control",
        ];
        let ports = ports.map(|name| format!("{name}=0")).join(",");
        let mut process = Process::start(Command::new(IOTDBG).args(["cloud", "--json", "--ports", &ports]));
        let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
        let url = |name: &str| {
            let endpoints = first["endpoints"].as_array().unwrap();
            endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap()["url"].as_str().unwrap().to_owned()
        };
        for (profile, endpoint) in [
            ("onenet-app", "onenet-app"),
            ("onenet-device", "onenet-device"),
            ("aliyun-device", "aliyun"),
            ("gizwits-app", "gizwits"),
            ("gizwits-device", "gizwits"),
            ("unitedrhino-app", "unitedrhino-ws"),
            ("unitedrhino-device", "unitedrhino"),
        ] {
            let shipped = format!("{}/profiles/{profile}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(shipped).unwrap();
            let pointed = text.lines().map(|line| match line {
                line if line.starts_with("server") => format!("server = \"{}\"", url(endpoint)),
                line if line.starts_with("api") => format!("api = \"{}\"", url("gizwits-http")),
                line => line.to_owned(),
            });
            let lines: Vec<String> = pointed.collect();
            std::fs::write(folder.path().join(format!("{profile}.toml")), lines.join("\n")).unwrap();
        }
        let control = first["control"].as_str().unwrap().to_owned();
        Cloud { process, folder, control }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn profile(&self, name: &str) -> String {
        self.path(&format!("{name}.toml"))
    }

    fn operate(&self, dialect: &str, device: &str, words: &[&str]) -> Value {
        let mut process = Process::start(
            Command::new(IOTDBG)
                .args(["operate", "--cloud", &self.control, "--as", dialect, "--json", "--device", device])
                .args(words),
        );
        process.wait();
        let line = process.stdout();
        serde_json::from_str(&line).unwrap_or_else(|fault| panic!("{fault}: {line}{}", process.stderr()))
    }
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let mut process = Process::start(Command::new(IOTDBG).args(args));
    let code = process.wait().code();
    (code, process.stdout(), process.stderr())
}

#[test]
fn sub_devices_join_report_and_answer_on_their_own_topics() {
    let mut cloud = Cloud::start();
    for (dialect, sub, secret, joins, property, text) in [
        ("aliyun", "a1iotdbgDev/sub-1", "iotdbg-demo-sub-secret", ["add", "login"], "Brightness", "Title"),
        (
            "unitedrhino",
            "25iotdbgLmp/sub-1",
            "aW90ZGJnLWRlbW8tc3ViLWRldmljZSE=",
            ["bind", "online"],
            "brightness",
            "title",
        ),
    ] {
        let rules = cloud.path("rules.toml");
        let joins = joins.map(|action| {
            format!("[[sub_device.join]]\naction = \"{action}\"\nparams = {{ deviceSecret = \"{secret}\" }}\n")
        });
        let told = format!(
            "[[sub_device]]\ndevice = \"{sub}\"\nvalues = {{ {text} = \"of the sub-device\" }}\n{}\
             [[report]]\ndevice = \"{sub}\"\nproperty = \"{property}\"\nevery = \"200ms\"\nconstant = 7\n",
            joins.concat()
        );
        std::fs::write(&rules, told).unwrap();
        let profile = cloud.profile(&format!("{dialect}-device"));
        let mut gateway =
            Process::start(Command::new(IOTDBG).args(["device", "-p", &profile, "--json", "--rules", &rules]));
        let own = sub.replace("sub-1", "");
        gateway.next_json("the answer to a report of the sub-device", |value| {
            value["kind"] == "report_reply" && value["device"] == "sub-1" && value["ok"] == true
        });
        cloud.process.next_json("the sub-device's filters to be subscribed", |value| {
            value["event"] == "subscribed" && value.to_string().contains("sub-1")
        });
        let read = cloud.operate(dialect, sub, &["get", text]);
        assert_eq!(read["outcome"], "replied", "{dialect} {own}: {read}");
        let set = cloud.operate(dialect, sub, &["set", &format!("{property}=55")]);
        assert_eq!(set["outcome"], "replied", "{dialect}: {set}");
        let line = gateway.next_json("the sub-device to be set", |value| {
            value["event"] == "thing" && value["what"].as_str().is_some_and(|what| what.contains(sub))
        });
        assert!(line["what"].as_str().is_some(), "{line}");
    }
}

#[test]
fn a_model_is_fetched_where_the_platform_gives_it() {
    let cloud = Cloud::start();
    for (profile, dialect) in
        [("gizwits-app", "gizwits"), ("unitedrhino-app", "unitedrhino"), ("aliyun-device", "aliyun")]
    {
        let file = cloud.path(&format!("{profile}.json"));
        let (code, _, words) = run(&["model", "fetch", "-p", &cloud.profile(profile), "-o", &file]);
        assert_eq!(code, Some(0), "{profile}: {words}");
        let known = iotdbg::dialect::find(dialect).unwrap();
        let read = known.read_model(&std::fs::read_to_string(Path::new(&file)).unwrap()).unwrap();
        assert_eq!(read.properties, known.demo_model().properties, "{profile}");
        // A file that is there is not written over.
        let (code, _, words) = run(&["model", "fetch", "-p", &cloud.profile(profile), "-o", &file]);
        assert_eq!(code, Some(1), "{words}");
        let (code, shown, _) = run(&["model", "show", &file, "--dialect", dialect, "--json"]);
        assert_eq!((code, shown.lines().filter(|line| line.contains("\"property\"")).count()), (Some(0), 10));
    }
    let (code, _, words) = run(&["model", "fetch", "-p", &cloud.profile("onenet-app")]);
    assert_eq!(code, Some(1));
    assert!(words.contains("model infer"), "{words}");
}

#[test]
fn a_model_is_learned_from_a_recording_and_gives_checks() {
    let cloud = Cloud::start();
    let (app, capture, model) = (cloud.profile("onenet-app"), cloud.path("lamp.jsonl"), cloud.path("lamp.json"));
    let device = cloud.profile("onenet-device");
    let mut lamp =
        Process::start(Command::new(IOTDBG).args(["device", "-p", &device, "--json", "--report-every", "200ms"]));
    lamp.next_json("the device to report", |value| value["kind"] == "report_reply");
    let mut record = Process::start(Command::new(IOTDBG).args(["record", "-p", &app, "-o", &capture, "--count", "6"]));
    record.wait();
    let (code, _, words) = run(&["model", "infer", &capture, "-o", &model]);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("product demo") && words.contains("taken as writable"), "{words}");
    let encode = |assignment: &str| {
        let to = ["--product-id", "demo", "--device-name", "lamp", "--model", &model];
        run(&[&["encode", "onenet", "set", assignment][..], &to[..]].concat())
    };
    assert_eq!(encode("Power=true").0, Some(0));
    let (code, _, words) = encode("Power=warm");
    assert_eq!(code, Some(2));
    assert!(words.contains("302"), "{words}");
    // What has no names in it cannot be learned of, and that is said.
    let frames = cloud.path("frames.jsonl");
    let (giz, lamp_of) = (cloud.profile("gizwits-app"), cloud.profile("gizwits-device"));
    let mut device =
        Process::start(Command::new(IOTDBG).args(["device", "-p", &lamp_of, "--json", "--report-every", "200ms"]));
    device.next_json("the device to report", |value| value["kind"] == "report");
    Process::start(Command::new(IOTDBG).args(["record", "-p", &giz, "-o", &frames, "--count", "3"])).wait();
    let (code, _, words) = run(&["model", "infer", &frames]);
    assert_eq!(code, Some(17));
    assert!(words.contains("without the names") && words.contains("model fetch"), "{words}");
}
