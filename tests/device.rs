//! The simulated device over the embedded broker: what it was told to do to replies is what the ledger says, and many
//! devices of one profile report without loss.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command as Program;
use std::sync::Arc;
use std::time::Duration;

use iotdbg::base::lang::Phrase;
use iotdbg::base::random::Random;
use iotdbg::base::time;
use iotdbg::dialect::{ConnectionSettings, Dialect, Server};
use iotdbg::link::{self, LinkConfig, LinkHandle};
use iotdbg::model::{Batch, ConnectionId, Fields, LinkState, Notice, OpKind, Request, RequestKey, Role};
use iotdbg::profile::roster;
use iotdbg::serve::{self, Running, ServeConfig};
use iotdbg::session::thing::rules::{Reader, Rules};
use iotdbg::session::thing::{Behaviour, ThingConfig};
use iotdbg::session::{Command, Reconnect, SessionConfig};
use serde_json::{Map, Value, json};
use support::IOTDBG;
use support::process::Process;
use tokio::sync::mpsc;

const KEY: &str = "aW90ZGJnLXRlc3QtZGV2aWNl";
const PATIENCE: Duration = Duration::from_secs(60);

const ROSTER: &str = "[[onenet.product]]\nproduct_id = \"p1\"\n\
    [[onenet.device]]\nproduct_id = \"p1\"\ndevice_name = \"lamp-{n}\"\naccess_key = \"aW90ZGJnLXRlc3QtZGV2aWNl\"\ncount = 20\n\
    [[onenet.user]]\nuser_id = \"u1\"\naccess_key = \"aW90ZGJnLXRlc3QtZGV2aWNl\"\n";

/// The value says what is done with the request, so that what is expected does not come from what is tested.
const RULES: &str = "seed = 3\ndelay = { uniform = [\"0ms\", \"300ms\"] }\n\
    [[answer]]\nwhen = \"value < 10\"\ndo = \"ignore\"\n\
    [[answer]]\nwhen = \"value < 20\"\ndo = \"twice\"\n\
    [[answer]]\nwhen = \"value < 30\"\ndo = \"wrong-id\"\n\
    [[answer]]\nwhen = \"value < 40\"\ndo = \"refuse\"\ncode = 303\n\
    [[answer]]\nwhen = \"value < 50\"\ndelay = { uniform = [\"7s\", \"8s\"] }\n\
    [[answer]]\nwhen = \"value < 60\"\ndo = \"malformed\"\n";

fn dialect() -> &'static dyn Dialect {
    iotdbg::dialect::find("onenet").unwrap()
}

async fn cloud() -> Running {
    let rosters = roster::parse(ROSTER, None).unwrap();
    let config = ServeConfig { rosters, free_ports: true, ..ServeConfig::default() };
    let (sender, mut events) = mpsc::unbounded_channel();
    tokio::spawn(async move { while events.recv().await.is_some() {} });
    serve::start(config, sender).await.unwrap()
}

fn session(running: &Running, role: Role, thing: Option<ThingConfig>) -> SessionConfig {
    let endpoint = running.endpoints.iter().find(|endpoint| endpoint.name == format!("onenet-{role}")).unwrap();
    let device = Fields::new().with("product_id", "p1").with("device_name", "lamp-1");
    let identity = match role {
        Role::Device => device.clone().with("access_key", KEY),
        _ => Fields::new().with("user_id", "u1").with("access_key", KEY),
    };
    SessionConfig {
        dialect: dialect(),
        role,
        settings: ConnectionSettings {
            identity,
            devices: if role == Role::App { vec![device] } else { vec![] },
            server: Some(Server::parse(&endpoint.url).unwrap()),
            ..ConnectionSettings::default()
        },
        model: Some(dialect().demo_model().into()),
        reconnect: Reconnect::Never,
        thing,
        seed: 5,
    }
}

fn lamp() -> ThingConfig {
    let model = Arc::new(dialect().demo_model());
    let file = |_: &str| Err(Phrase::verbatim("no files here"));
    let rules = Rules::parse(RULES, Reader { dialect: dialect(), model: &model, file: &file }).unwrap();
    ThingConfig {
        number: 0,
        model,
        values: Map::new(),
        behaviour: Behaviour::default(),
        rules: Arc::new(rules),
        report_every: None,
        event_every: None,
        drift: false,
    }
}

/// A link and what it has told.
struct Side {
    link: LinkHandle,
    mailbox: mpsc::Receiver<Batch>,
    states: BTreeMap<u64, Vec<&'static str>>,
    unsolicited: usize,
    online: bool,
}

impl Side {
    async fn open(config: SessionConfig) -> Side {
        let (sender, mailbox) = mpsc::channel(1);
        let link =
            link::spawn(LinkConfig { id: ConnectionId(1), session: config, trace: None, packets: false }, sender);
        link.command(Command::Connect);
        let mut side = Side { link, mailbox, states: BTreeMap::new(), unsolicited: 0, online: false };
        side.until("online", |side| side.online).await;
        side
    }

    async fn until(&mut self, what: &str, met: impl Fn(&Side) -> bool) {
        let deadline = time::now() + PATIENCE;
        while !met(self) {
            let left = deadline.since(time::now());
            let batch = tokio::time::timeout(left, self.mailbox.recv()).await;
            let batch = batch.unwrap_or_else(|_| panic!("not {what} in time")).unwrap();
            for notice in batch.notices() {
                match notice {
                    Notice::State { state, .. } => self.online = *state == LinkState::Online,
                    // A PUBACK may come before the reply or after it, when it is not told.
                    Notice::Update(update) if update.state.name() == "acknowledged" => {}
                    Notice::Update(update) => {
                        self.states.entry(update.key.0).or_default().push(update.state.name());
                    }
                    Notice::Unsolicited { .. } => self.unsolicited += 1,
                    Notice::Lost { count, why, .. } => panic!("{count} lost: {why}"),
                    _ => {}
                }
            }
        }
    }

    fn set(&self, key: u64, value: u64, timeout: Duration) {
        let params = Map::from_iter([("brightness".to_owned(), json!(value))]);
        let request = Request { params, ..Request::new(OpKind::Set) };
        self.link.command(Command::Request { key: RequestKey(key), request, timeout: Some(timeout), check: true });
    }

    fn is_over(&self, keys: &[u64], states: usize) -> bool {
        keys.iter().all(|key| self.states.get(key).is_some_and(|found| found.len() >= states))
    }
}

async fn inject(control: &str, arguments: Value) {
    let url = format!("{control}/operate");
    let body = json!({"dialect": "onenet", "device": "userid/u1", "operation": "fault", "arguments": arguments});
    let status =
        tokio::task::spawn_blocking(move || ureq::post(&url).send_json(body).map(|answer| answer.status().as_u16()));
    assert_eq!(status.await.unwrap().unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_sets_over_the_broker_the_ledger_tells_what_was_injected() {
    let running = cloud().await;
    let device = tokio::spawn(Side::open(session(&running, Role::Device, Some(lamp()))));
    let mut device = device.await.unwrap();
    // Its mailbox must be emptied, or it would stop reading.
    let mut app = Side::open(session(&running, Role::App, None)).await;
    tokio::spawn(async move { while device.mailbox.recv().await.is_some() {} });

    // What the device does. The platform waits five seconds for it and then answers itself.
    let mut random = Random::new(11);
    let injected: BTreeMap<u64, u64> = (1..=800).map(|key| (key, random.below(100))).collect();
    let long = Duration::from_secs(30);
    for (key, value) in &injected {
        app.set(*key, *value, long);
    }
    let keys: Vec<u64> = injected.keys().copied().collect();
    app.until("answered", |app| app.is_over(&keys, 3)).await;
    for (key, value) in &injected {
        let expected = match value {
            0..10 | 20..30 | 40..60 => "timeout",
            30..40 => "refused",
            _ => "replied",
        };
        assert_eq!(app.states[key], ["queued", "sent", expected], "{value}");
    }

    // What the network does on the way back to the app.
    inject(
        &running.control,
        json!({"name": "duplicate", "direction": "down", "topic": "$sys/+/+/thing/property/set/reply"}),
    )
    .await;
    let doubled: Vec<u64> = (801..=900).collect();
    doubled.iter().for_each(|key| app.set(*key, 99, long));
    app.until("answered twice", |app| app.is_over(&doubled, 4)).await;
    inject(&running.control, json!({"name": "clear"})).await;
    inject(
        &running.control,
        json!({"name": "delay", "time": "4s", "direction": "down", "topic": "$sys/+/+/thing/property/set/reply"}),
    )
    .await;
    let late: Vec<u64> = (901..=1_000).collect();
    late.iter().for_each(|key| app.set(*key, 99, Duration::from_secs(1)));
    app.until("answered late", |app| app.is_over(&late, 4)).await;
    for key in &doubled {
        assert_eq!(app.states[key], ["queued", "sent", "replied", "replied_again"]);
    }
    for key in &late {
        assert_eq!(app.states[key], ["queued", "sent", "timeout", "replied_late"]);
    }
    assert_eq!(app.unsolicited, 0);
    app.link.finish().await;
    running.stop().await;
}

/// Writes the files of one simulated cloud with many devices, and starts it.
fn crowd(folder: &Path) -> (Process, String, String) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let roster = file("roster.toml", ROSTER);
    let mut process = Process::start(Program::new(IOTDBG).args([
        "cloud",
        "--json",
        "--ports",
        "onenet-app=0,onenet-device=0,control=0",
        "--roster",
        &roster,
    ]));
    let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
    let url = |role: &str| {
        let endpoints = first["endpoints"].as_array().unwrap();
        let found = endpoints.iter().find(|endpoint| endpoint["name"] == format!("onenet-{role}"));
        found.unwrap()["url"].as_str().unwrap().to_owned()
    };
    let device = file(
        "device.toml",
        &format!(
            "dialect = \"onenet\"\nrole = \"device\"\nserver = \"{}\"\n[identity]\nproduct_id = \"p1\"\n\
             device_name = \"lamp-{{n}}\"\naccess_key = \"{KEY}\"\n",
            url("device")
        ),
    );
    let app = file(
        "app.toml",
        &format!(
            "dialect = \"onenet\"\nrole = \"app\"\nserver = \"{}\"\n[identity]\nuser_id = \"u1\"\naccess_key = \"{KEY}\"\n\
             [device]\nproduct_id = \"p1\"\ndevice_name = \"lamp-{{1..20}}\"\n",
            url("app")
        ),
    );
    (process, device, app)
}

#[test]
fn many_devices_of_one_profile_report_to_one_app_and_all_of_them_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let (_cloud, device, app) = crowd(folder.path());
    let mut tail = Process::start(Program::new(IOTDBG).args(["tail", "-p", &app, "--json"]));
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[report]]\nproperty = \"WF\"\nevery = \"1s\"\nconstant = 5\n").unwrap();
    let mut devices = Process::start(
        Program::new(IOTDBG)
            .args(["device", "-p", &device, "--count", "20", "--json", "--summary-every", "1s", "--rules"])
            .arg(&rules),
    );
    devices.next_json("all devices to come online", |value| value["event"] == "summary" && value["online"] == 20);
    let mut heard = std::collections::BTreeSet::new();
    while heard.len() < 20 {
        let line = tail.next_json("a report of every device", |value| value["kind"] == "report");
        assert_eq!(line["payload"]["json"]["data"]["params"]["WF"]["value"], 5, "{line}");
        heard.insert(line["device"].as_str().unwrap().to_owned());
    }
    // Rules are read again while the devices run.
    std::fs::write(&rules, "[[report]]\nproperty = \"WF\"\nevery = \"1s\"\nconstant = 1234\n").unwrap();
    tail.next_json("the new value", |value| {
        value["kind"] == "report" && value["payload"]["json"]["data"]["params"]["WF"]["value"] == 1234
    });
}

#[test]
fn a_gateway_joins_its_sub_device_reports_for_it_and_answers_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut cloud, device, _) = crowd(folder.path());
    let control = cloud.stdout();
    let control: Value = serde_json::from_str(control.lines().next().unwrap()).unwrap();
    let control = control["control"].as_str().unwrap().to_owned();
    let rules = folder.path().join("rules.toml");
    let text = format!(
        "[[sub_device]]\ndevice = \"p1/lamp-2\"\n[[sub_device.join]]\naction = \"add\"\nparams = {{ access_key = \"{KEY}\" }}\n\
         [[sub_device.join]]\naction = \"login\"\n\
         [[report]]\ndevice = \"p1/lamp-2\"\nproperty = \"WF\"\nevery = \"200ms\"\nconstant = 7\n\
         [[answer]]\nwhen = \"device == 'p1/lamp-2' and value > 30\"\ndo = \"refuse\"\ncode = 303\n"
    );
    std::fs::write(&rules, text).unwrap();
    let mut gateway = Process::start(
        Program::new(IOTDBG).args(["device", "-p", &device, "--count", "1", "--json", "--rules"]).arg(&rules),
    );
    // A second report shows that the platform has answered the first.
    for _ in 0..2 {
        gateway.next_json("a report for the sub-device", |value| {
            value["event"] == "thing" && value["what"].as_str().is_some_and(|what| what.contains("reports WF=7"))
        });
    }
    cloud.next_json("the pack to arrive", |value| {
        value["event"] == "published" && value["topic"].as_str().is_some_and(|topic| topic.ends_with("pack/post"))
    });
    let operate = |words: &[&str]| {
        let mut process = Process::start(
            Program::new(IOTDBG)
                .args(["operate", "--cloud", &control, "--as", "onenet", "--json", "--device", "p1/lamp-2"])
                .args(words),
        );
        process.wait();
        let line = process.stdout();
        serde_json::from_str::<Value>(&line).unwrap_or_else(|fault| panic!("{fault}: {line}{}", process.stderr()))
    };
    assert_eq!(operate(&["set", "brightness=20"])["outcome"], "replied");
    let refused = operate(&["set", "brightness=40"]);
    assert_eq!((&refused["outcome"], &refused["code"]), (&json!("refused"), &json!("303")));
    let read = operate(&["get", "brightness"]);
    assert!(read["message"].as_str().unwrap().contains("\"brightness\":20"), "{read}");
}

#[test]
fn a_mistake_in_the_rules_ends_the_command_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[answer]]\ndo = \"refus\"\n").unwrap();
    let mut process =
        Process::start(Program::new(IOTDBG).args(["device", "-p", "onenet-device", "--rules"]).arg(&rules));
    assert_eq!(process.wait().code(), Some(3));
    let words = process.stderr();
    assert!(words.contains("rules.toml:2:6:") && words.contains("did you mean “refuse”?"), "{words}");
}

#[test]
fn devices_without_a_place_for_their_number_are_a_usage_error() {
    let mut process = Process::start(Program::new(IOTDBG).args(["device", "-p", "onenet-device", "--count", "2"]));
    assert_eq!(process.wait().code(), Some(2));
    assert!(process.stderr().contains("{n}"));
}
