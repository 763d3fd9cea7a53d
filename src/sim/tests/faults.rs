//! Faults between a cloud and its clients, in virtual time.

use super::*;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::{ConnectionSettings, MqttLevel};
use crate::model::Fields;

/// An app that hears everything of a lamp, and the lamp.
fn pair() -> (CloudSim, ClientId, ClientId) {
    let mut sim = toy_cloud();
    let app = enter(&mut sim, "toy-app", "anna", "");
    sim.subscribe(&app, "dev/+/note", 1, at(2)).unwrap();
    let lamp = enter(&mut sim, "toy-device", "p1/lamp", "c1");
    sim.subscribe(&lamp, "dev/p1/lamp/command", 1, at(2)).unwrap();
    sim.subscribe(&app, "dev/p1/lamp/note", 1, at(2)).unwrap();
    outputs(&mut sim);
    events(&mut sim);
    (sim, app, lamp)
}

fn fault(sim: &mut CloudSim, device: &str, arguments: Value, now: Time) -> Result<String, String> {
    let arguments = arguments.as_object().unwrap().clone();
    let request = OperateRequest { dialect: "toy".into(), device: device.into(), operation: "fault".into(), arguments };
    sim.operate(&request, now).map_err(|fault| fault.reason.to_string())?;
    let report = std::iter::from_fn(|| sim.poll_output()).find_map(|output| match output {
        Output::Operated(_, report) => Some(report),
        _ => None,
    });
    let Some(RequestState::Replied { message: Some(list), .. }) = report.unwrap().outcome().cloned() else {
        panic!("a fault is answered at once")
    };
    Ok(list)
}

fn post(sim: &mut CloudSim, lamp: &ClientId, payload: &str, now: Time) {
    sim.publish(lamp, &message("dev/p1/lamp/post", payload), now).unwrap();
}

/// The payloads that were delivered.
fn delivered(sim: &mut CloudSim) -> Vec<String> {
    let payload = |output| match output {
        Output::Deliver(_, message) => Some(String::from_utf8(message.payload).unwrap()),
        _ => None,
    };
    outputs(sim).into_iter().filter_map(payload).collect()
}

#[test]
fn messages_are_lost_and_doubled_and_the_log_tells_each() {
    let (mut sim, _, lamp) = pair();
    assert_eq!(
        fault(&mut sim, "lamp", json!({"name": "drop", "times": 2}), at(3)).unwrap(),
        "#1 drop device=lamp times=2"
    );
    fault(&mut sim, "", json!({"name": "duplicate", "direction": "down"}), at(3)).unwrap();
    for number in 1..=4 {
        post(&mut sim, &lamp, &number.to_string(), at(10));
    }
    assert_eq!(delivered(&mut sim), ["3", "3", "4", "4"]);
    let told: Vec<Value> = events(&mut sim).into_iter().filter(|event| event["event"] == "fault").collect();
    assert_eq!(told.len(), 4);
    assert!(told[0]["reason"].as_str().unwrap().starts_with("fault #1 drop"), "{}", told[0]);
    assert_eq!(fault(&mut sim, "", json!({"name": "clear"}), at(11)).unwrap(), "");
    post(&mut sim, &lamp, "5", at(12));
    assert_eq!(delivered(&mut sim), ["5"]);
}

#[test]
fn a_delayed_message_comes_when_its_time_has_come_and_not_after_its_connection() {
    let (mut sim, app, lamp) = pair();
    fault(&mut sim, "anna", json!({"name": "delay", "time": "2s"}), at(0)).unwrap();
    post(&mut sim, &lamp, "1", at(1_000));
    post(&mut sim, &lamp, "2", at(1_500));
    assert_eq!(delivered(&mut sim), [""; 0]);
    assert_eq!(sim.next_timeout(), Some(at(3_000)));
    sim.handle_timeout(at(3_000));
    assert_eq!(delivered(&mut sim), ["1"]);
    sim.disconnect(&app, Phrase::verbatim("gone"), at(3_100));
    sim.handle_timeout(at(9_000));
    assert_eq!(delivered(&mut sim), [""; 0]);
}

#[test]
fn a_message_of_a_device_is_late_at_the_platform_too() {
    let (mut sim, _, lamp) = pair();
    fault(&mut sim, "lamp", json!({"name": "delay", "time": "1s..3s", "direction": "up"}), at(0)).unwrap();
    post(&mut sim, &lamp, "1", at(1_000));
    let due = sim.next_timeout().unwrap();
    assert!((at(2_000)..=at(4_000)).contains(&due));
    sim.handle_timeout(due);
    assert_eq!(delivered(&mut sim), ["1"]);
}

#[test]
fn an_overtaken_message_comes_after_its_follower_or_alone_where_none_follows() {
    let (mut sim, _, lamp) = pair();
    fault(&mut sim, "anna", json!({"name": "reorder", "times": 1}), at(0)).unwrap();
    post(&mut sim, &lamp, "1", at(10));
    post(&mut sim, &lamp, "2", at(20));
    post(&mut sim, &lamp, "3", at(30));
    assert_eq!(delivered(&mut sim), ["2", "1", "3"]);
    fault(&mut sim, "anna", json!({"name": "reorder", "times": 1}), at(40)).unwrap();
    post(&mut sim, &lamp, "4", at(50));
    sim.handle_timeout(sim.next_timeout().unwrap());
    assert_eq!(delivered(&mut sim), ["4"]);
}

#[test]
fn a_fault_may_be_for_some_topics_or_by_chance() {
    let (mut sim, _, lamp) = pair();
    fault(&mut sim, "", json!({"name": "drop", "topic": "dev/+/other"}), at(0)).unwrap();
    post(&mut sim, &lamp, "1", at(10));
    assert_eq!(delivered(&mut sim), ["1"]);
    fault(&mut sim, "lamp", json!({"name": "drop", "probability": 0.3, "direction": "up"}), at(0)).unwrap();
    for _ in 0..1_000 {
        post(&mut sim, &lamp, "x", at(20));
    }
    let came = delivered(&mut sim).len();
    assert!((640..760).contains(&came), "{came}");
}

#[test]
fn an_expired_login_is_closed_and_refused_until_the_fault_is_used_up() {
    let (mut sim, _, lamp) = pair();
    fault(&mut sim, "lamp", json!({"name": "token", "times": 1}), at(10)).unwrap();
    assert!(!sim.devices().to_string().contains("\"identity\":\"p1/lamp\""), "{lamp:?} was closed");
    let again = login("toy-device", "p1/lamp", "c1");
    assert_eq!(sim.connect(&again, "127.0.0.1:9", at(20)), Decision::Refuse(4));
    assert!(matches!(sim.connect(&again, "127.0.0.1:9", at(30)), Decision::Accept(..)));
}

#[test]
fn a_mistake_in_a_fault_is_told_with_what_is_possible() {
    let (mut sim, ..) = pair();
    let mut told = |arguments| fault(&mut sim, "", arguments, at(0)).unwrap_err();
    assert!(told(json!({"name": "dely"})).contains("delay, drop, duplicate, reorder, code, token, list, clear"));
    assert!(told(json!({"name": "delay"})).contains("time=2s"));
    assert!(told(json!({"name": "delay", "time": "3s..1s"})).contains("3s..1s"));
    assert!(told(json!({"name": "drop", "probability": 2})).contains("“probability” cannot be “2”"));
    assert!(told(json!({"name": "drop", "direction": "left"})).contains("left"));
    assert!(told(json!({"name": "drop", "often": 2})).contains("no argument “often”"));
    assert!(told(json!({"name": "drop", "topic": "a/#/b"})).contains("a/#/b"));
    assert!(told(json!({"name": "code"})).contains("code=500"));
}

/// A real platform with one device and one user, who log in by its own rules.
fn platform() -> (CloudSim, ClientId, ClientId) {
    const KEY: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";
    let device = Fields::new().with("product_id", "p1").with("device_name", "lamp").with("access_key", KEY);
    let user = Fields::new().with("user_id", "u1").with("access_key", KEY);
    let mut roster = Roster::default();
    for (table, fields) in [("device", &device), ("user", &user)] {
        let entry = RosterEntry { fields: fields.clone(), ..RosterEntry::default() };
        roster.tables.insert(table.into(), vec![entry]);
    }
    let mut sim = CloudSim::new(&BTreeMap::from([("onenet".into(), roster)]), &CloudOptions::default()).unwrap();
    let devices = vec![device.clone()];
    let app =
        log_in(&mut sim, Role::App, ConnectionSettings { identity: user, devices, ..Default::default() }).unwrap();
    let lamp = log_in(&mut sim, Role::Device, ConnectionSettings { identity: device, ..Default::default() }).unwrap();
    outputs(&mut sim);
    (sim, app, lamp)
}

fn log_in(sim: &mut CloudSim, role: Role, settings: ConnectionSettings) -> Result<ClientId, u8> {
    let now = Time::from_secs(1_700_000_000);
    let dialect = dialect::find("onenet").unwrap();
    let plan = dialect.plan(role, &settings, now, 1).unwrap();
    let endpoint = dialect.spec().endpoints.iter().find(|endpoint| endpoint.roles.contains(&role)).unwrap();
    let connect = Connect {
        endpoint: endpoint.name,
        client_id: &plan.client_id,
        username: &plan.username,
        password: plan.password.expose().as_bytes(),
        keep_alive: 60,
        clean_session: true,
        level: if plan.level == MqttLevel::V31 { 3 } else { 4 },
        will: false,
        tls: false,
    };
    match sim.connect(&connect, "127.0.0.1:9", now) {
        Decision::Accept(id, _) => {
            sim.online(&id, now);
            for subscription in plan.subscriptions {
                sim.subscribe(&id, &subscription.filter, subscription.qos, now).unwrap();
            }
            Ok(id)
        }
        Decision::Refuse(code) => Err(code),
    }
}

fn operate(sim: &mut CloudSim, operation: &str, arguments: Value, now: Time) {
    let arguments = arguments.as_object().unwrap().clone();
    let request =
        OperateRequest { dialect: "onenet".into(), device: "p1/lamp".into(), operation: operation.into(), arguments };
    sim.operate(&request, now).unwrap();
}

#[test]
fn an_answer_carries_the_code_that_was_injected_and_stays_readable() {
    let (mut sim, _, lamp) = platform();
    let now = Time::from_secs(1_700_000_001);
    operate(&mut sim, "fault", json!({"name": "code", "code": 303, "direction": "up", "times": 1}), now);
    outputs(&mut sim);
    for code in ["303", "200"] {
        operate(&mut sim, "set", json!({"Power": true}), now);
        let id = outputs(&mut sim)
            .iter()
            .find_map(|output| match output {
                Output::Deliver(_, message) => {
                    Some(serde_json::from_slice::<Value>(&message.payload).unwrap()["id"].as_str()?.to_owned())
                }
                _ => None,
            })
            .unwrap();
        let reply = json!({"id": id, "code": 200, "msg": "success"}).to_string();
        let topic = "$sys/p1/lamp/thing/property/set_reply".to_owned();
        sim.publish(&lamp, &CloudMessage { topic, payload: reply.into_bytes(), qos: 1 }, now).unwrap();
        let outcome = outputs(&mut sim).into_iter().find_map(|output| match output {
            Output::Operated(_, report) => report.outcome().cloned(),
            _ => None,
        });
        let found = match outcome.unwrap() {
            RequestState::Replied { code, .. } | RequestState::Refused { code, .. } => code,
            other => panic!("{other:?}"),
        };
        assert_eq!(found.as_deref(), Some(code));
    }
}

#[test]
fn an_expired_login_is_refused_in_the_platforms_own_words() {
    let (mut sim, ..) = platform();
    let now = Time::from_secs(1_700_000_001);
    operate(&mut sim, "fault", json!({"name": "token"}), now);
    events(&mut sim);
    const KEY: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";
    let device = Fields::new().with("product_id", "p1").with("device_name", "lamp").with("access_key", KEY);
    let settings = ConnectionSettings { identity: device, ..Default::default() };
    assert!(log_in(&mut sim, Role::Device, settings).is_err());
    let refused = events(&mut sim).into_iter().find(|event| event["event"] == "refused").unwrap();
    assert_ne!(refused["code"], "", "the platform has a code for it: {refused}");
}
