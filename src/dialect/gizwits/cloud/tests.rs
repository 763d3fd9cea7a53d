//! Conversations with the platform in virtual time.

use super::*;
use crate::base::hex;
use crate::dialect::cloud::{ClientId, RosterEntry};
use crate::dialect::gizwits::{model, sign};
use crate::dialect::{HttpAnswer, Transport};
use crate::model::{Fields, RequestState};

const NOW: Time = Time::from_secs(1_750_000_000);
const DID: &str = "iotdbgDid0123456789ABC";
const APP_ID: &str = "usrA1b2C3d4E5f6G7h8I9j0";

fn roster() -> Roster {
    let entry = |pairs: &[(&str, &str)]| RosterEntry {
        fields: pairs.iter().fold(Fields::new(), |fields, (name, value)| fields.with(*name, *value)),
        ..RosterEntry::default()
    };
    let user =
        |uid: &str| entry(&[("appid", "A"), ("username", uid), ("password", "pw"), ("uid", uid), ("token", "T")]);
    let mut device = entry(&[
        ("did", DID),
        ("passcode", "P"),
        ("product_key", "K"),
        ("mac", "A4CF12345678"),
        ("auth_key", "secret"),
        ("model", model::DEMO),
    ]);
    device.lists.insert("bound_to".to_owned(), vec!["u1".to_owned()]);
    let mut roster = Roster::default();
    roster.tables.insert("app".to_owned(), vec![entry(&[("appid", "A"), ("app_secret", "S")])]);
    roster.tables.insert("user".to_owned(), vec![user("u1"), user("u2")]);
    roster.tables.insert("product".to_owned(), vec![entry(&[("product_key", "K"), ("product_secret", "PS")])]);
    roster.tables.insert("device".to_owned(), vec![device]);
    roster
}

fn platform(settings: &[(&str, &str)]) -> Platform {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Platform::new(&roster(), &CloudOptions { settings, seed: 1 }).unwrap()
}

fn connect<'a>(client_id: &'a str, username: &'a str, password: &'a str) -> Connect<'a> {
    Connect {
        endpoint: MQTT_ENDPOINT,
        client_id,
        username,
        password: password.as_bytes(),
        keep_alive: 120,
        clean_session: true,
        level: 3,
        will: false,
        tls: false,
    }
}

fn refused(platform: &mut Platform, wanted: &Connect<'_>) -> Option<(u8, String)> {
    match platform.admit(wanted, NOW) {
        Admission::Accept { .. } => None,
        Admission::Refuse { connack, code, reason } => {
            assert!(!reason.to_string().is_empty());
            Some((connack, code))
        }
    }
}

#[test]
fn everybody_is_let_in_by_the_own_form_of_login_and_refused_by_name() {
    let mut cloud = platform(&[]);
    let signed = sign::sha256(&sign::device_content("K", "A4CF12345678", "secret", "NONCE"));
    let newer = sign::device_username(DID, "NONCE");
    for (id, user, password, expected) in [
        (APP_ID, "2$A$u1", "T", None),
        (DID, DID, "P", None),
        (DID, &newer, &signed, None),
        (APP_ID, "2$A$u1", "wrong", Some((4, "9004"))),
        (APP_ID, "2$B$u1", "T", Some((4, "9003"))),
        (APP_ID, "2$A$nobody", "T", Some((4, "9005"))),
        ("web1", "2$A$u1", "T", Some((2, ""))),
        ("usrWithFarMoreThan23Letters", "2$A$u1", "T", Some((2, ""))),
        (DID, DID, "wrong", Some((4, "9016"))),
        ("nobody", "nobody", "P", Some((4, "9014"))),
        (DID, &newer, "00", Some((4, "9044"))),
        ("other", &newer, &signed, Some((2, ""))),
        ("x", "y", "z", Some((4, ""))),
    ] {
        let found = refused(&mut cloud, &connect(id, user, password));
        assert_eq!(found.as_ref().map(|(connack, code)| (*connack, code.as_str())), expected, "{id} {user}");
    }
}

#[test]
fn both_levels_of_mqtt_are_spoken_unless_it_is_switched() {
    let newer = Connect { level: 4, ..connect(DID, DID, "P") };
    assert_eq!(refused(&mut platform(&[]), &newer), None);
    assert_eq!(refused(&mut platform(&[("gizwits.strict-level", "on")]), &newer), Some((1, String::new())));
}

#[test]
fn a_longer_keep_alive_is_taken_for_ten_minutes() {
    let held = |keep_alive| {
        let wanted = Connect { keep_alive, ..connect(DID, DID, "P") };
        match platform(&[]).admit(&wanted, NOW) {
            Admission::Accept { manners, .. } => (manners.keep_alive, manners.silent_suback),
            refused @ Admission::Refuse { .. } => panic!("{refused:?}"),
        }
    };
    assert_eq!([held(120), held(600), held(601)], [(None, true), (None, true), (Some(600), true)]);
}

/// A platform with whoever is connected to it.
struct World {
    cloud: Platform,
    clients: BTreeMap<u64, Client>,
    now: Time,
}

impl World {
    fn new(settings: &[(&str, &str)]) -> World {
        World { cloud: platform(settings), clients: BTreeMap::new(), now: NOW }
    }

    fn act(&mut self, act: impl FnOnce(&mut Platform, &mut CloudView<'_>)) -> Vec<CloudOutput> {
        let mut out = Vec::new();
        act(&mut self.cloud, &mut CloudView { now: self.now, clients: &self.clients, out: &mut out });
        out
    }

    fn enter(&mut self, id: u64, role: Role, identity: &str) -> Vec<CloudOutput> {
        let (exclusive, filters) = (role == Role::Device, Vec::new());
        let client = Client { id: ClientId(id), role, identity: identity.to_owned(), exclusive, filters };
        self.clients.insert(id, client.clone());
        self.act(|cloud, view| cloud.online(&client, view))
    }

    fn publish(&mut self, id: u64, topic: &str, payload: &str) -> Vec<CloudOutput> {
        let client = self.clients[&id].clone();
        assert_eq!(self.cloud.may_publish(&client, topic), Ok(()));
        let message = CloudMessage { topic: topic.to_owned(), payload: hex::parse(payload).unwrap(), qos: 0 };
        self.act(|cloud, view| cloud.receive(&client, &message, view))
    }

    fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let pairs = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let query: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).map(pairs).collect();
        let headers: Vec<_> = headers.iter().copied().chain([("host", "10.0.0.7:22880")]).map(pairs).collect();
        let request = HttpRequest {
            endpoint: "gizwits-http",
            method,
            path,
            query: &query,
            headers: &headers,
            body: body.as_bytes(),
        };
        let out = self.act(|cloud, view| cloud.http(CallId(1), &request, view));
        let found = out.into_iter().find_map(|output| match output {
            CloudOutput::Answer(_, HttpAnswer { status, body, .. }) => Some((status, body)),
            _ => None,
        });
        let (status, body) = found.expect("every call is answered");
        (status, serde_json::from_slice(&body).unwrap_or_else(|_| Value::from(String::from_utf8(body).unwrap())))
    }

    fn operate(&mut self, operation: &str, arguments: Value) -> Vec<CloudOutput> {
        let arguments = arguments.as_object().cloned().unwrap();
        let asked = Operate { key: RequestKey(7), operation: operation.to_owned(), device: DID.to_owned(), arguments };
        self.act(|cloud, view| cloud.operate(&asked, view).unwrap())
    }
}

fn published(out: &[CloudOutput]) -> Vec<(String, String)> {
    let message = |output: &CloudOutput| match output {
        CloudOutput::Publish(message) => Some((message.topic.clone(), hex::encode(&message.payload))),
        _ => None,
    };
    out.iter().filter_map(message).collect()
}

fn outcome(out: &[CloudOutput]) -> Option<RequestState> {
    out.iter().rev().find_map(|output| match output {
        CloudOutput::Operated(_, state) => Some(state.clone()),
        _ => None,
    })
}

#[test]
fn coming_and_going_of_a_device_is_told() {
    let mut world = World::new(&[]);
    let told = published(&world.enter(2, Role::Device, DID));
    let topic = format!("dev2app/{DID}");
    assert_eq!(told[0].0, topic);
    assert_eq!(told[0].1, "000000031b000092000c41344346313233343536373800015001000000030000");
    let client = world.clients.remove(&2).unwrap();
    let told = published(&world.act(|cloud, view| cloud.offline(&client, view)));
    assert_eq!(told[0].1, "000000031b000092000c41344346313233343536373800015000000000030000");
}

#[test]
fn an_app_reaches_devices_that_are_bound_and_no_other() {
    let mut world = World::new(&[]);
    world.enter(1, Role::App, &format!("u1/{APP_ID}"));
    world.enter(3, Role::App, "u2/usrOther");
    let (mine, foreign) = (world.clients[&1].clone(), world.clients[&3].clone());
    for filter in [format!("dev2app/{DID}"), format!("dev2app/{DID}/{APP_ID}"), format!("ser2cli_res/{APP_ID}/#")] {
        assert_eq!(world.cloud.may_subscribe(&mine, &filter), Ok(()), "{filter}");
        assert!(world.cloud.may_subscribe(&foreign, &filter).is_err(), "{filter}");
    }
    assert!(world.cloud.may_subscribe(&mine, "dev2app/+").is_err());
    assert_eq!(world.cloud.may_publish(&mine, &format!("app2dev/{DID}/{APP_ID}")), Ok(()));
    assert_eq!(world.cloud.may_publish(&foreign, &format!("app2dev/{DID}/usrOther")).unwrap_err().code, "9017");
    assert!(world.cloud.may_publish(&mine, &format!("app2dev/{DID}/usrOther")).is_err());
    let strict = World::new(&[("gizwits.foreign-answers", "off")]);
    assert!(strict.cloud.may_subscribe(&mine, &format!("dev2app/{DID}/#")).is_err());
}

#[test]
fn what_the_module_firmware_subscribes_is_granted() {
    let mut world = World::new(&[]);
    world.enter(2, Role::Device, DID);
    let device = world.clients[&2].clone();
    for filter in ["ser2cli_noti/K".to_owned(), format!("ser2cli_res/{DID}"), format!("app2dev/{DID}/#")] {
        assert_eq!(world.cloud.may_subscribe(&device, &filter), Ok(()), "{filter}");
    }
    assert!(world.cloud.may_subscribe(&device, "app2dev/other/#").is_err());
    assert!(world.cloud.may_publish(&device, "dev2app/other").is_err());
}

#[test]
fn messages_are_passed_on_unchanged_and_the_state_is_kept() {
    let mut world = World::new(&[]);
    world.enter(1, Role::App, &format!("u1/{APP_ID}"));
    world.enter(2, Role::Device, DID);
    let topic = format!("app2dev/{DID}/{APP_ID}");
    assert_eq!(published(&world.publish(1, &topic, "000000030400009002")), [(topic, "000000030400009002".into())]);
    let (topic, report) = (format!("dev2app/{DID}"), "0000000312000091040006500000000000000000070000");
    assert_eq!(published(&world.publish(2, &topic, report)), [(topic, report.to_owned())]);
    let state = world.cloud.device_state(DID).unwrap();
    assert_eq!((&state["values"]["Mode"], &state["values"]["Brightness"]), (&json!(3), &json!(80)));
}

#[test]
fn a_client_that_pings_too_often_is_disconnected() {
    let mut world = World::new(&[]);
    world.enter(2, Role::Device, DID);
    let client = world.clients[&2].clone();
    let mut ping = |after: u64| {
        world.now = NOW + Duration::from_secs(after);
        let out = world.act(|cloud, view| cloud.pinged(&client, view));
        out.iter().any(|output| matches!(output, CloudOutput::Kick(..)))
    };
    assert!((0..60).all(|second| !ping(second * 3)));
    assert!((60..200).all(|second| !ping(second * 4)));
    assert!((0..61).any(|_| ping(1_000)));
}

const APP: (&str, &str) = ("x-gizwits-application-id", "A");
const TOKEN: (&str, &str) = ("x-gizwits-user-token", "T");

#[test]
fn users_register_and_log_in_over_http() {
    let mut world = World::new(&[]);
    let (status, made) = world.call("POST", "/app/users", &[APP], r#"{"username":"new","password":"secret1A"}"#);
    assert_eq!(status, 201);
    let (status, login) = world.call("POST", "/app/login", &[APP], r#"{"username":"new","password":"secret1A"}"#);
    assert_eq!((status, &login["uid"], &login["token"]), (200, &made["uid"], &made["token"]));
    assert_eq!(login["expire_at"], NOW.as_secs() + 180 * 86_400);
    let anonymous = r#"{"phone_id":"p1"}"#;
    let (_, first) = world.call("POST", "/app/users", &[APP], anonymous);
    let (_, again) = world.call("POST", "/app/users", &[APP], anonymous);
    assert_eq!(first, again);
    for (method, path, headers, body, status, code) in [
        ("POST", "/app/users", &[APP][..], r#"{"username":"new","password":"secret1A"}"#, 400, 9019),
        ("POST", "/app/users", &[APP], "{}", 400, 9015),
        ("POST", "/app/users", &[APP], "no json", 400, 9015),
        ("POST", "/app/login", &[], anonymous, 400, 9003),
        ("POST", "/app/login", &[APP], r#"{"username":"new","password":"x"}"#, 400, 9020),
        ("GET", "/app/bindings", &[APP], "", 400, 9004),
        ("GET", "/app/devdata/none/latest", &[APP, TOKEN], "", 404, 9014),
        ("GET", "/app/datapoint?product_key=none", &[APP], "", 400, 9002),
    ] {
        let (found, answer) = world.call(method, path, headers, body);
        assert_eq!((found, &answer["error_code"]), (status, &json!(code)), "{path} {answer}");
    }
    let login = world.call("POST", "/app/login", &[APP], r#"{"username":"new","password":"secret1A"}"#).1;
    world.now = NOW + Duration::from_secs(181 * 86_400);
    let old = [APP, ("x-gizwits-user-token", login["token"].as_str().unwrap())];
    assert_eq!(world.call("GET", "/app/bindings", &old, "").1["error_code"], 9006);
}

#[test]
fn bindings_are_made_listed_and_removed() {
    let mut world = World::new(&[]);
    let at = Server { transport: Transport::Mqtt, host: "127.0.0.1".to_owned(), port: 4711, path: String::new() };
    world.cloud.listening(MQTT_ENDPOINT, &at);
    let made = world.call("POST", "/app/users", &[APP], r#"{"phone_id":"p"}"#).1;
    let token = made["token"].as_str().unwrap().to_owned();
    let me = [APP, ("x-gizwits-user-token", token.as_str())];
    assert_eq!(world.call("GET", "/app/bindings", &me, "").1, json!({"devices": []}));
    assert_eq!(world.call("GET", &format!("/app/devdata/{DID}/latest"), &me, "").0, 401);
    let body = format!(r#"{{"devices":[{{"did":"{DID}","passcode":"wrong"}}]}}"#);
    assert_eq!(world.call("POST", "/app/bindings", &me, &body).1["error_code"], 9016);
    let body = format!(r#"{{"devices":[{{"did":"{DID}","passcode":"P","remark":"灯"}}]}}"#);
    assert_eq!(world.call("POST", "/app/bindings", &me, &body), (200, json!({"success": [DID], "failed": []})));
    let listed = world.call("GET", "/app/bindings?limit=20&skip=0", &me, "").1;
    let device = &listed["devices"][0];
    // The host by which the caller came, the port of our own listener.
    assert_eq!((&device["host"], &device["port"]), (&json!("10.0.0.7"), &json!(4711)));
    assert_eq!(
        (&device["did"], &device["remark"], &device["mac"]),
        (&json!(DID), &json!("灯"), &json!("A4CF12345678"))
    );
    let body = format!(r#"{{"devices":[{{"did":"{DID}"}}]}}"#);
    assert_eq!(world.call("DELETE", "/app/bindings", &me, &body).1, json!({"success": [DID], "failed": []}));
    assert_eq!(world.call("DELETE", "/app/bindings", &me, &body).1, json!({"success": [], "failed": [DID]}));
    let body = r#"{"product_key":"K","mac":"a4cf12345678"}"#;
    let now = NOW.as_secs().to_string();
    let signature = sign::bind_signature("PS", &now);
    let signed = |time: &str, signature: &str| {
        let mut headers = me.to_vec();
        headers.push(("x-gizwits-timestamp", Box::leak(time.to_owned().into_boxed_str())));
        headers.push(("x-gizwits-signature", Box::leak(signature.to_owned().into_boxed_str())));
        headers
    };
    assert_eq!(world.call("POST", "/app/bind_mac", &signed("1700000000", &signature), body).1["error_code"], 9043);
    assert_eq!(world.call("POST", "/app/bind_mac", &signed(&now, "00"), body).1["error_code"], 9044);
    let (status, record) = world.call("POST", "/app/bind_mac", &signed(&now, &signature), body);
    assert_eq!((status, &record["did"]), (201, &json!(DID)));
}

#[test]
fn data_points_are_controlled_and_read_over_http() {
    let mut world = World::new(&[]);
    let me = [APP, TOKEN];
    let path = format!("/app/control/{DID}");
    assert_eq!(world.call("POST", &path, &me, r#"{"attrs":{"Power":true}}"#).1["error_code"], 9042);
    world.enter(2, Role::Device, DID);
    assert_eq!(world.call("POST", &path, &me, r#"{"attrs":{"Nothing":1}}"#).1["error_code"], 9025);
    assert_eq!(world.call("POST", &path, &me, r#"{"attrs":{"Mode":"heat"}}"#), (200, json!({})));
    assert_eq!(world.call("POST", &path, &me, r#"{"raw":[5,300]}"#).1["error_code"], 9015);
    // Power, Mode heat, Brightness 80, SetTemp 26.5; the rest zero.
    world.publish(2, &format!("dev2app/{DID}"), "000000031200009104000750 01d1 00 0000 00000000 00 00");
    let (_, latest) = world.call("GET", &format!("/app/devdata/{DID}/latest"), &me, "");
    assert_eq!((&latest["attr"]["Mode"], &latest["attr"]["SetTemp"]), (&json!("heat"), &json!(26.5)), "{latest}");
    assert_eq!(latest["updated_at"], NOW.as_secs());
    let (status, points) = world.call("GET", "/app/datapoint?product_key=K", &me, "");
    assert_eq!((status, &points["product_key"]), (200, &json!("K")));
}

#[test]
fn a_device_registers_and_is_told_its_server() {
    let mut world = World::new(&[]);
    let (status, told) = world.call("POST", "/dev/devices", &[], "mac=001122334455&passcode=abc&product_key=K");
    let did = told.as_str().unwrap().strip_prefix("did=").unwrap().to_owned();
    assert_eq!((status, did.len()), (201, 22));
    let (_, again) = world.call("POST", "/dev/devices", &[], "mac=001122334455&passcode=abc&product_key=K");
    assert_eq!(again, told);
    assert_eq!(refused(&mut world.cloud, &connect(&did, &did, "abc")), None);
    let (status, server) = world.call("GET", &format!("/dev/devices/{did}"), &[], "");
    assert!(status == 200 && server.as_str().unwrap().starts_with("host=10.0.0.7&port="), "{server}");
    let (_, refused) = world.call("POST", "/dev/devices", &[], "mac=1&passcode=abc&product_key=none");
    assert_eq!(refused["error_code"], 9002);
}

#[test]
fn the_operator_is_answered_by_the_device_or_told_that_it_is_silent() {
    let mut world = World::new(&[]);
    let offline = outcome(&world.operate("set", json!({"Power": true})));
    assert!(matches!(offline, Some(RequestState::Refused { code: Some(code), .. }) if code == "9042"));
    world.enter(2, Role::Device, DID);
    let sent = published(&world.operate("set", json!({"Power": true})));
    let (topic, frame) = &sent[0];
    assert!(topic.starts_with("app2dev/") && frame.starts_with("000000030e000093"), "{frame}");
    let (sn, reply) = (&frame[16..24], topic.replace("app2dev", "dev2app"));
    let answered = world.publish(2, &reply, &format!("0000000307000094{sn}"));
    assert!(matches!(outcome(&answered), Some(RequestState::Replied { .. })));
    assert_eq!(published(&answered), []);
    world.operate("log", json!({"bits": "0x0105"}));
    let confirmed = world.publish(2, &reply, "0000000303000011");
    assert!(matches!(outcome(&confirmed), Some(RequestState::Replied { .. })));
    assert!(matches!(outcome(&world.operate("ota", json!({"type": 1}))), Some(RequestState::Replied { .. })));
    world.operate("set", json!({"Mode": 3, "ack": false}));
    let observed = world.publish(2, &format!("dev2app/{DID}"), "0000000312000091040006000000000000000000000000");
    assert_eq!(outcome(&observed), Some(RequestState::Observed));
    world.operate("get", json!({}));
    world.now = world.cloud.next_timeout().unwrap();
    let silent = world.act(Cloud::handle_timeout);
    assert_eq!(outcome(&silent), Some(RequestState::silence()));
    assert_eq!(world.cloud.next_timeout(), None);
}

#[test]
fn a_device_is_told_how_many_apps_listen() {
    let mut world = World::new(&[]);
    world.enter(1, Role::App, &format!("u1/{APP_ID}"));
    world.enter(2, Role::Device, DID);
    world.enter(3, Role::App, "u2/usrOther");
    let told = published(&world.publish(2, "cli2ser_req", "00000003020f"));
    assert_eq!(told, [(format!("ser2cli_res/{DID}"), "0000000302100001".to_owned())]);
}
