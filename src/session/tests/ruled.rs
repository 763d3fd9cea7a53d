//! The simulated thing under rules: every answer, every schedule, in virtual time.

use super::*;
use crate::base::random::Random;
use crate::session::thing::rules::{Reader, Rules};
use crate::session::thing::{Behaviour, ThingCommand};

fn rules(text: &str) -> std::sync::Arc<Rules> {
    let file = |name: &str| match name {
        "capture.jsonl" => Ok(CAPTURE.to_owned()),
        _ => Err(Phrase::verbatim("no such file")),
    };
    let model = FAKE.demo_model();
    let rules = Rules::parse(text, Reader { dialect: &FAKE, model: &model, file: &file });
    rules.unwrap_or_else(|fault| panic!("{fault:?}")).into()
}

const CAPTURE: &str = r#"
{"at":"2024-01-01T00:00:00.000+00:00","direction":"in","topic":"fake/lamp/report","kind":"report","payload":{"json":{"params":{"light":1}}}}
{"at":"2024-01-01T00:00:04.000+00:00","direction":"in","topic":"fake/lamp/report","kind":"report","payload":{"json":{"params":{"light":2}}}}
{"at":"2024-01-01T00:00:04.000+00:00","direction":"out","topic":"fake/lamp/raw","kind":"raw","qos":1,"payload":{"hex":"00ff"}}
"#;

fn config(text: &str) -> SessionConfig {
    device(ThingConfig {
        number: 0,
        model: FAKE.demo_model().into(),
        values: values(json!({"power": false, "light": 10, "heat": 20})),
        behaviour: Behaviour::default(),
        rules: rules(text),
        report_every: None,
        event_every: None,
        drift: false,
    })
}

/// A thing under these rules that is online; what it sent on the way is taken.
fn ready(text: &str) -> Desk {
    let mut desk = Desk::online(config(text));
    desk.publish_all();
    desk
}

fn published(desk: &mut Desk) -> Vec<(String, Value)> {
    let all = desk.publish_all();
    let kind = |out: &Outgoing| out.topic.rsplit('/').next().unwrap().to_owned();
    all.iter().map(|out| (kind(out), serde_json::from_slice(&out.payload).unwrap_or(Value::Null))).collect()
}

fn kinds(desk: &mut Desk) -> Vec<String> {
    published(desk).into_iter().map(|(kind, _)| kind).collect()
}

/// What is published second by second.
fn by_second(desk: &mut Desk, seconds: u32) -> Vec<Vec<(String, Value)>> {
    (0..seconds)
        .map(|_| {
            desk.pass(SECOND);
            published(desk)
        })
        .collect()
}

fn set(desk: &mut Desk, params: Value) {
    desk.receive("set", json!({"id": "77", "params": params}));
}

#[test]
fn a_value_over_the_limit_is_refused_with_code_and_words_and_one_below_is_taken_after_the_delay() {
    let mut desk = ready("delay = \"3s\"\n[[answer]]\nwhen = \"value > 30\"\ndo = \"refuse\"\ncode = 123\n");
    set(&mut desk, json!({"light": 31}));
    set(&mut desk, json!({"light": 30}));
    desk.pass(3 * SECOND - MILLI);
    assert_eq!(kinds(&mut desk), [""; 0]);
    desk.pass(MILLI);
    let sent = published(&mut desk);
    assert_eq!((sent[0].0.as_str(), &sent[0].1["code"], &sent[0].1["ok"]), ("set_reply", &json!("123"), &json!(false)));
    assert_eq!((sent[1].0.as_str(), &sent[1].1["ok"]), ("set_reply", &json!(true)));
    assert_eq!((sent[2].0.as_str(), &sent[2].1["params"]), ("report", &json!({"light": 30})));
    let said: Vec<String> = desk.said().into_iter().map(|(what, _)| what).collect();
    assert!(said.contains(&"Set properties light=31: refused with code 123 (rule in line 3)".to_owned()), "{said:?}");
}

#[test]
fn every_way_to_answer_does_what_its_name_says() {
    let act = |rule: &str, value: i64| {
        let mut desk = ready(&format!("[[answer]]\n{rule}\n"));
        set(&mut desk, json!({"light": value}));
        let sent = desk.publish_all();
        let kind = |out: &Outgoing| out.topic.rsplit('/').next().unwrap().to_owned();
        let held = desk.said().pop().unwrap().1["light"].clone();
        (sent.iter().map(kind).collect::<Vec<_>>(), sent.first().map(|out| out.payload.clone()), held)
    };
    let id = |payload: Option<Vec<u8>>| serde_json::from_slice::<Value>(&payload.unwrap()).unwrap()["id"].clone();
    assert_eq!(act("do = \"clamp\"", 900).2, 100);
    assert_eq!(act("do = \"clamp\"\nmax = 50", 90).2, 50);
    assert_eq!(act("do = \"clamp\"\nmin = 50\nmax = 60", 9).0, ["set_reply", "report"]);
    assert_eq!(act("do = \"ignore\"", 9), (vec![], None, json!(10)));
    assert_eq!((act("do = \"mute\"", 9).0, act("do = \"mute\"", 9).2), (vec!["report".to_owned()], json!(9)));
    assert_eq!(act("do = \"twice\"", 9).0, ["set_reply", "set_reply", "report"]);
    assert_eq!(id(act("do = \"wrong-id\"", 9).1), "1000000077");
    assert_eq!(id(act("do = \"accept\"", 9).1), "77");
    let (kinds, payload, held) = act("do = \"malformed\"", 9);
    assert_eq!((kinds, held), (vec!["set_reply".to_owned(), "report".to_owned()], json!(9)));
    assert!(serde_json::from_slice::<Value>(&payload.unwrap()).is_err());
    // Without a code the platform's usual one.
    let refused: Value = serde_json::from_slice(&act("do = \"refuse\"", 9).1.unwrap()).unwrap();
    assert_eq!((&refused["code"], &refused["ok"]), (&json!("500"), &json!(false)));
}

#[test]
fn a_service_and_a_get_have_their_rules_too() {
    let mut desk = ready(
        "[[answer]]\non = \"invoke\"\nidentifier = \"blink\"\nwhen = \"level > 50\"\ndo = \"refuse\"\ncode = 9\n\
         [[answer]]\non = \"get\"\ndo = \"ignore\"\n",
    );
    desk.receive("invoke", json!({"id": "1", "name": "blink", "params": {"level": 60}}));
    desk.receive("invoke", json!({"id": "2", "name": "blink", "params": {"level": 6}}));
    desk.receive("get", json!({"id": "3", "identifiers": ["light"]}));
    let sent = published(&mut desk);
    let codes: Vec<&Value> = sent.iter().map(|(_, body)| &body["code"]).collect();
    assert_eq!(codes, ["9", "0"]);
}

#[test]
fn a_sine_is_reported_every_second_and_what_is_due_together_goes_together() {
    let mut desk = ready(
        "[[report]]\nproperty = \"light\"\nevery = \"1s\"\nsine = { mean = 50, amplitude = 10, period = \"4s\" }\n\
         [[report]]\nproperty = \"heat\"\nevery = \"2s\"\nconstant = 7\n\
         [[report]]\nproperty = \"power\"\nevery = \"4s\"\n",
    );
    let seconds = by_second(&mut desk, 4);
    let params: Vec<Value> = seconds.iter().flatten().map(|(_, body)| body["params"].clone()).collect();
    let expected = [
        json!({"light": 60}),
        json!({"light": 50, "heat": 7}),
        json!({"light": 40}),
        json!({"light": 50, "heat": 7, "power": false}),
    ];
    assert_eq!(params, expected);
    assert_eq!(desk.said().pop().unwrap().1["heat"], 7, "what is reported is held");
}

#[test]
fn schedules_rest_while_there_is_no_connection_and_begin_anew_with_the_next() {
    let mut desk = ready(
        "[[report]]\nproperty = \"light\"\nevery = \"10s\"\nramp = { from = 0, to = 100, over = \"100s\" }\n\
         [[event]]\nname = \"hot\"\nat = [\"1s\"]\n",
    );
    desk.pass(20 * SECOND);
    let lights: Vec<Value> = published(&mut desk).iter().map(|(_, body)| body["params"]["light"].clone()).collect();
    assert_eq!(lights, [json!(null), json!(10), json!(20)]);
    desk.lose();
    desk.pass(300 * SECOND);
    assert!(desk.take_published().is_empty());
    desk.come_online();
    desk.publish_all();
    desk.pass(10 * SECOND);
    assert_eq!(kinds(&mut desk), ["event", "report"]);
}

#[test]
fn events_and_other_questions_are_asked_on_schedule() {
    let mut desk = ready(
        "[[event]]\nname = \"hot\"\nevery = \"2s\"\ntimes = 2\nparams = { level = 5 }\n\
         [[event]]\nname = \"cold\"\nat = [\"3s\"]\n[[ask]]\nop = \"ntp\"\nafter = \"1s\"\n",
    );
    let seconds = by_second(&mut desk, 4);
    let told: Vec<(usize, &str, Value)> = seconds
        .iter()
        .enumerate()
        .flat_map(|(second, sent)| {
            sent.iter().map(move |(kind, body)| (second + 1, kind.as_str(), body["name"].clone()))
        })
        .collect();
    let expected =
        [(1, "ntp", json!(null)), (2, "event", json!("hot")), (3, "event", json!("cold")), (4, "event", json!("hot"))];
    assert_eq!(told, expected);
    assert_eq!(seconds[1][0].1["params"], json!({"level": 5}));
    assert!(seconds[2][0].1["params"]["level"].is_i64(), "contents that are not given are made up");
    let id = seconds[0][0].1["id"].clone();
    desk.receive("ntp_reply", json!({"id": id, "ok": true, "data": {"now": 17}}));
    assert!(desk.said().pop().unwrap().0.contains("is told the time: {\"now\":17}"));
}

#[test]
fn a_capture_is_played_with_its_pauses_and_its_values_are_held() {
    let mut desk = ready("[[replay]]\nfile = \"capture.jsonl\"\nspeed = 2\nafter = \"1s\"\nrepeat = true\n");
    let seconds = by_second(&mut desk, 5);
    let sent: Vec<Vec<String>> =
        seconds.iter().map(|sent| sent.iter().map(|(kind, _)| kind.clone()).collect()).collect();
    assert_eq!(sent, [vec!["report"], vec![], vec!["report", "raw"], vec!["report"], vec![]]);
    assert_eq!(seconds[2][0].1["params"], json!({"light": 2}));
    assert_ne!(seconds[0][0].1["id"], seconds[3][0].1["id"], "each report has an id of its own");
    assert_eq!(desk.said().pop().unwrap().1["light"], 1);
}

#[test]
fn rules_are_exchanged_while_it_runs_and_answers_on_their_way_keep_their_verdict() {
    let mut desk = ready("[[answer]]\ndo = \"refuse\"\ncode = 1\ndelay = \"5s\"\n");
    set(&mut desk, json!({"light": 30}));
    let new = "[values]\nheat = 99\n[[answer]]\ndo = \"refuse\"\ncode = 2\n[[report]]\nproperty = \"light\"\nevery = \"1s\"\n";
    desk.command(Command::Thing(ThingCommand::Rules(rules(new))));
    set(&mut desk, json!({"light": 31}));
    let sent = published(&mut desk);
    assert_eq!((&sent[0].1["params"], &sent[1].1["code"]), (&json!({"heat": 99}), &json!("2")));
    assert_eq!(kinds(&mut desk), [""; 0]);
    desk.pass(5 * SECOND);
    let sent = published(&mut desk);
    assert_eq!(sent.iter().filter(|(kind, _)| kind == "report").count(), 5);
    assert_eq!(sent.iter().find(|(kind, _)| kind == "set_reply").unwrap().1["code"], "1");
    assert!(desk.said().iter().any(|(what, _)| what == "follows 2 rules from now on"));
}

#[test]
fn an_upgrade_walks_through_its_steps_and_tells_the_new_version() {
    let mut desk = ready("[ota]\nversion = \"1.0\"\nsteps = [10, 50, 100]\nevery = \"2s\"\n");
    desk.receive("ota", json!({"id": "5", "params": {"version": "2.0", "module": "mcu"}}));
    assert_eq!(kinds(&mut desk), ["ota_reply"]);
    let seconds = by_second(&mut desk, 8);
    let told: Vec<(usize, Value, Value)> = seconds
        .iter()
        .enumerate()
        .flat_map(|(second, sent)| sent.iter().map(move |(_, body)| (second + 1, body)))
        .map(|(second, body)| (second, body["name"].clone(), body["params"]["step"].clone()))
        .collect();
    let progress = json!("progress");
    let expected = [
        (2, progress.clone(), json!(10)),
        (4, progress.clone(), json!(50)),
        (6, progress, json!(100)),
        (6, json!("version"), json!(null)),
    ];
    assert_eq!(told, expected);
    let last = &seconds[5][1].1["params"];
    assert_eq!((&last["version"], &last["module"]), (&json!("2.0"), &json!("mcu")));
}

#[test]
fn the_version_is_told_on_login_and_a_failed_or_refused_upgrade_tells_its_step() {
    let mut desk = Desk::online(config("[ota]\nversion = \"1.0\"\nsteps = [10, -2, 100]\n"));
    let login = published(&mut desk);
    assert_eq!((login[0].0.as_str(), &login[0].1["params"]["version"]), ("ota", &json!("1.0")));
    desk.receive("ota", json!({"id": "5", "params": {"version": "2.0"}}));
    desk.pass(10 * SECOND);
    let steps: Vec<Value> = published(&mut desk).iter().map(|(_, body)| body["params"]["step"].clone()).collect();
    assert_eq!(steps, [json!(null), json!(10), json!(-2)], "the answer, then two steps");
    let mut desk = ready("[[answer]]\non = \"ota\"\ndo = \"refuse\"\ncode = -3\nmessage = \"bad sum\"\n");
    desk.receive("ota", json!({"id": "5", "params": {"version": "2.0"}}));
    let sent = published(&mut desk);
    let progress = sent.iter().find(|(kind, _)| kind == "ota").unwrap();
    assert_eq!((&progress.1["params"]["step"], &progress.1["params"]["desc"]), (&json!(-3), &json!("bad sum")));
}

#[test]
fn a_pushed_configuration_is_received_and_told() {
    let mut desk = ready("");
    desk.receive("config", json!({"id": "5", "params": {"url": "http://x"}}));
    assert_eq!(kinds(&mut desk), ["config_reply"]);
    assert_eq!(desk.said().pop().unwrap().0, "receives the configuration url=\"http://x\"");
}

#[test]
fn a_gateway_joins_its_sub_devices_and_answers_for_each_with_its_own_values() {
    let text = "[[sub_device]]\ndevice = \"p/meter\"\nvalues = { light = 5 }\n[[sub_device.join]]\naction = \"login\"\nparams = { who = \"meter\" }\n\
                [[report]]\ndevice = \"p/meter\"\nproperty = \"light\"\nevery = \"1s\"\nconstant = 6\n";
    let mut desk = Desk::online(config(text));
    let login = published(&mut desk);
    assert_eq!((login[0].0.as_str(), &login[0].1["name"]), ("topology", &json!("login")));
    assert_eq!((&login[0].1["params"], &login[0].1["device"]), (&json!({"who": "meter"}), &json!("p/meter")));
    desk.receive("get", json!({"id": "1", "device": "p/meter", "identifiers": ["light"]}));
    desk.receive("set", json!({"id": "2", "device": "p/meter", "params": {"light": 8}}));
    desk.receive("get", json!({"id": "3", "identifiers": ["light"]}));
    desk.receive("set", json!({"id": "4", "device": "p/nobody", "params": {"light": 8}}));
    let sent = published(&mut desk);
    assert_eq!(sent[0].1["data"], json!({"light": 5}));
    assert_eq!((&sent[2].1["params"], &sent[2].1["device"]), (&json!({"light": 8}), &json!("p/meter")));
    assert_eq!(sent[3].1["data"], json!({"light": 10}), "the gateway's own value is another");
    assert_eq!(sent[4].1["code"], "404");
    desk.pass(SECOND);
    let report = published(&mut desk);
    assert_eq!((&report[0].1["params"], &report[0].1["device"]), (&json!({"light": 6}), &json!("p/meter")));
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let text = |seed: u64| {
        format!(
            "seed = {seed}\ndelay = {{ exponential = \"700ms\" }}\n[[answer]]\nprobability = 0.3\ndo = \"ignore\"\n\
             [[report]]\nproperty = \"heat\"\nevery = \"1s\"\nwalk = {{ from = 50, step = 9 }}\n"
        )
    };
    let run = |seed| {
        let mut desk = ready(&text(seed));
        for value in 0..20 {
            set(&mut desk, json!({"light": value}));
            desk.pass(100 * MILLI);
        }
        desk.pass(10 * SECOND);
        desk.said()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

/// An app and a device that hear each other at once: no platform between them that has a mind of its own.
struct Wire {
    app: Desk,
    device: Desk,
}

impl Wire {
    /// Carries every message to the other side, until nobody says anything.
    fn settle(&mut self) {
        loop {
            let (down, up) = (self.app.publish_all(), self.device.publish_all());
            if down.is_empty() && up.is_empty() {
                return;
            }
            for out in down {
                self.device.receive("set", body(&out));
            }
            for out in up.iter().filter(|out| out.topic.ends_with("/set_reply")) {
                match serde_json::from_slice(&out.payload) {
                    Ok(reply) => _ = self.app.receive("set_reply", reply),
                    Err(_) => self.garbled(&out.payload),
                }
            }
        }
    }

    fn garbled(&mut self, payload: &[u8]) {
        let app = &mut self.app;
        let meta = FAKE.classify(Role::App, Direction::In, "fake/lamp/set_reply", payload);
        app.next_message += 1;
        app.session.receive("fake/lamp/set_reply", payload, meta, app.next_message, app.now);
        app.drain();
    }

    fn pass(&mut self, by: Duration) {
        let end = self.app.now + by;
        loop {
            self.settle();
            let due = [self.app.session.next_timeout(), self.device.session.next_timeout()];
            let Some(at) = due.into_iter().flatten().min().filter(|at| *at <= end) else { break };
            for desk in [&mut self.app, &mut self.device] {
                desk.now = desk.now.max(at);
                desk.session.handle_timeout(desk.now);
                desk.drain();
            }
        }
        (self.app.now, self.device.now) = (end, end);
    }
}

#[test]
fn of_a_thousand_sets_the_ledger_tells_exactly_what_was_injected() {
    // The value says what is injected, so that what is expected does not come from what is tested. Replies are waited for
    // 5 s.
    let text = "seed = 3\ndelay = { uniform = [\"0ms\", \"4900ms\"] }\n\
        [[answer]]\nwhen = \"value < 10\"\ndo = \"ignore\"\n\
        [[answer]]\nwhen = \"value < 20\"\ndo = \"twice\"\n\
        [[answer]]\nwhen = \"value < 30\"\ndo = \"wrong-id\"\n\
        [[answer]]\nwhen = \"value < 40\"\ndo = \"refuse\"\ncode = 77\n\
        [[answer]]\nwhen = \"value < 50\"\ndelay = { uniform = [\"5100ms\", \"20s\"] }\n\
        [[answer]]\nwhen = \"value < 60\"\ndo = \"mute\"\n";
    let mut wire = Wire { app: Desk::online(app()), device: ready(text) };
    let mut random = Random::new(11);
    let mut injected = BTreeMap::new();
    for key in 1..=1_000 {
        let value = random.below(100);
        injected.insert(key, value);
        wire.app.set(key, json!({"light": value}));
        wire.pass(Duration::from_millis(random.below(40)));
    }
    wire.pass(60 * SECOND);
    let mut counts = BTreeMap::new();
    for (key, value) in injected {
        let states = wire.app.states(key);
        let expected: &[&str] = match value {
            0..10 | 20..30 | 50..60 => &["timeout"],
            10..20 => &["replied", "replied_again"],
            30..40 => &["refused"],
            40..50 => &["timeout", "replied_late"],
            _ => &["replied"],
        };
        assert_eq!(states[..3], ["queued", "sent", "acknowledged"], "{value}");
        assert_eq!(&states[3..], expected, "{value}");
        if (30..40).contains(&value) {
            let refused = wire.app.updates(key);
            assert!(matches!(&refused[3], RequestState::Refused { code: Some(code), .. } if code == "77"));
        }
        *counts.entry(value / 10).or_insert(0_usize) += 1;
    }
    assert_eq!(wire.app.unsolicited().len(), counts[&2], "a wrong id answers nobody, and each is told");
    assert!(counts.values().all(|count| *count > 60), "{counts:?}");
}
