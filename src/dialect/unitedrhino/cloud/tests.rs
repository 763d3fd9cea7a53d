//! Conversations with the simulated platform, in virtual time.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::base::digest;
use crate::dialect::HttpAnswer;
use crate::dialect::cloud::{ClientId, RosterEntry};
use crate::dialect::unitedrhino::{register, sign, spec};
use crate::model::{Fields, RequestKey, RequestState};

const NOW: Time = Time::from_secs(1_750_000_000);
const SECRET: &str = "MTIzNDU2Nzg5MGFiY2RlZg==";
const PRODUCT_SECRET: &str = "1234567890123456";
const PRODUCT: &str = "k0sr6A5BMbN";
const APP: u64 = 1;
const DEVICE: u64 = 2;

fn entry(fields: &[(&str, &str)]) -> RosterEntry {
    RosterEntry {
        fields: fields.iter().fold(Fields::new(), |fields, (name, value)| fields.with(*name, *value)),
        ..RosterEntry::default()
    }
}

fn roster() -> Roster {
    let mut roster = Roster::default();
    let model = crate::dialect::unitedrhino::model::DEMO;
    let product = entry(&[("product_id", PRODUCT), ("product_secret", PRODUCT_SECRET), ("model", model)]);
    roster.tables.insert("product".into(), vec![product]);
    let device = |name: &str, more: &[(&str, &str)]| {
        let own = [("product_id", PRODUCT), ("device_name", name), ("device_secret", SECRET)];
        entry(&[&own, more].concat())
    };
    let place = [("project_id", "17"), ("area_id", "3")];
    roster.tables.insert(
        "device".into(),
        vec![device("dn", &place), device("sub", &place), device("far", &[("project_id", "18")])],
    );
    let mut user = entry(&[("token", "t"), ("app_code", "core"), ("account", "me"), ("password", "pw")]);
    user.lists.insert("project_ids".into(), vec!["17".into()]);
    roster.tables.insert("user".into(), vec![user]);
    roster
}

fn headers(more: &[(&str, &str)]) -> Vec<(String, String)> {
    more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Messages, answers, log and everything else that came of one act.
#[derive(Default, Debug)]
struct Came {
    frames: Vec<Value>,
    down: Vec<(String, Value)>,
    answers: Vec<(u64, Value)>,
    logs: Vec<(&'static str, String)>,
    operated: Vec<RequestState>,
    kicked: Vec<u64>,
    pings: usize,
}

struct World {
    platform: Platform,
    clients: BTreeMap<u64, Client>,
    now: Time,
}

impl World {
    /// The app and the device, both connected.
    fn new() -> World {
        let mut world = World {
            platform: Platform::new(&roster(), &CloudOptions::default()).unwrap(),
            clients: BTreeMap::new(),
            now: NOW,
        };
        let given = headers(&[("token", "t"), ("app-code", "core"), ("project-id", "17")]);
        let Upgrade::Accept { identity, .. } = world.upgrade(&given, &[]) else { panic!("not let in") };
        world.enter(APP, Role::App, &identity, Vec::new());
        world.login("dn");
        world
    }

    fn upgrade(&mut self, headers: &[(String, String)], query: &[(String, String)]) -> Upgrade {
        let request = HttpRequest {
            endpoint: spec::WEBSOCKET,
            method: "GET",
            path: spec::CONNECT_PATH,
            query,
            headers,
            body: &[],
        };
        self.platform.upgrade(&request, self.now)
    }

    fn enter(&mut self, id: u64, role: Role, identity: &str, filters: Vec<String>) -> Came {
        let client = Client { id: ClientId(id), role, identity: identity.to_owned(), exclusive: false, filters };
        self.clients.insert(id, client.clone());
        self.act(|platform, view| platform.online(&client, view))
    }

    fn admit(&mut self, client_id: &str, username: &str, password: &str) -> Admission {
        let connect = Connect {
            endpoint: spec::MQTT,
            client_id,
            username,
            password: password.as_bytes(),
            keep_alive: 60,
            clean_session: true,
            level: 4,
            will: false,
            tls: false,
        };
        self.platform.admit(&connect, self.now)
    }

    fn login(&mut self, name: &str) -> Came {
        let client_id = format!("{PRODUCT}&{name}");
        let username = format!("{client_id};12010126;ABCDE;1");
        let token = sign::token(digest::Digest::Sha256, SECRET, &username);
        let admitted = self.admit(&client_id, &username, &format!("{token};hmacsha256"));
        let Admission::Accept { identity, auto_subscribe, .. } = admitted else { panic!("{admitted:?}") };
        self.enter(DEVICE, Role::Device, &identity, auto_subscribe)
    }

    fn act(&mut self, act: impl FnOnce(&mut Platform, &mut CloudView<'_>)) -> Came {
        let mut out = Vec::new();
        act(&mut self.platform, &mut CloudView { now: self.now, clients: &self.clients, out: &mut out });
        let mut came = Came::default();
        let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
        for output in out {
            match output {
                CloudOutput::Deliver(id, message) if id.0 == APP => came.frames.push(json(&message.payload)),
                CloudOutput::Deliver(_, message) | CloudOutput::Publish(message) => {
                    came.down.push((message.topic.clone(), json(&message.payload)));
                }
                CloudOutput::Answer(id, HttpAnswer { body, .. }) => came.answers.push((id.0, json(&body))),
                CloudOutput::Log { event, code, .. } => came.logs.push((event, code)),
                CloudOutput::Operated(_, state) => came.operated.push(state),
                CloudOutput::Kick(id, _) => came.kicked.push(id.0),
                CloudOutput::Ping(..) => came.pings += 1,
            }
        }
        came
    }

    fn frame(&mut self, frame: &str) -> Came {
        let (client, payload) = (self.clients[&APP].clone(), frame.as_bytes().to_vec());
        let message = CloudMessage { topic: String::new(), payload, qos: 0 };
        self.act(|platform, view| platform.receive(&client, &message, view))
    }

    fn speak(&mut self, head: &str, name: &str, body: Value) -> Came {
        let client = self.clients[&DEVICE].clone();
        let topic = format!("{head}/{PRODUCT}/{name}");
        let message = CloudMessage { topic, payload: body.to_string().into_bytes(), qos: 1 };
        self.act(|platform, view| platform.receive(&client, &message, view))
    }

    fn say(&mut self, head: &str, body: Value) -> Came {
        self.speak(head, "dn", body)
    }

    fn call(&mut self, id: u64, path: &str, body: Value) -> Came {
        let given = headers(&[("token", "t"), ("app-code", "core")]);
        let body = body.to_string();
        let request = HttpRequest {
            endpoint: spec::WEBSOCKET,
            method: "POST",
            path,
            query: &[],
            headers: &given,
            body: body.as_bytes(),
        };
        self.act(|platform, view| platform.http(CallId(id), &request, view))
    }

    fn interact(&mut self, id: u64, name: &str, more: Value) -> Came {
        let mut body = json!({"productID": PRODUCT, "deviceName": "dn"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call(id, &format!("/api/v1/things/device/interact/{name}"), body)
    }

    fn pass(&mut self, time: Duration) -> Came {
        self.now += time;
        self.act(Cloud::handle_timeout)
    }

    fn subscribe(&mut self, code: &str, params: Value) -> Value {
        let frame = json!({"type": "up.sub", "body": {"code": code, "params": params}});
        self.frame(&frame.to_string()).frames.remove(0)
    }

    fn second(&mut self) -> Vec<Value> {
        self.pass(Duration::from_secs(1)).frames
    }
}

fn paths(frames: &[Value]) -> Vec<&str> {
    frames.iter().filter_map(|frame| frame["path"].as_str()).collect()
}

#[test]
fn upgrades_are_refused_with_the_status_and_code_of_the_platform() {
    let mut world = World::new();
    let mut refused = |given: &[(&str, &str)]| match world.upgrade(&headers(given), &[]) {
        Upgrade::Refuse { answer, code, .. } => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body["code"].to_string(), code);
            (answer.status, code)
        }
        Upgrade::Accept { .. } => (101, String::new()),
    };
    assert_eq!(refused(&[]), (401, "1000007".into()));
    assert_eq!(refused(&[("token", "wrong")]), (401, "100005".into()));
    assert_eq!(refused(&[("token", "t"), ("app-code", "other")]), (400, "100012".into()));
    assert_eq!(refused(&[("token", "t"), ("project-id", "99")]), (200, "100012".into()));
    assert_eq!(refused(&[("ithings-token", "t")]).0, 101, "the older names are taken as well");
    let query = headers(&[("token", "t"), ("app-code", "core")]);
    assert!(matches!(world.upgrade(&[], &query), Upgrade::Accept { .. }));
    let header_first = headers(&[("token", "wrong")]);
    assert!(matches!(world.upgrade(&header_first, &query), Upgrade::Refuse { .. }));
}

#[test]
fn the_first_frame_names_the_connection() {
    let mut world = World::new();
    let second = world.enter(APP, Role::App, "me", Vec::new()).frames.remove(0);
    assert_eq!(second["handler"]["connectID"], "2");
    assert_eq!(second["handler"]["Traceparent"].as_str().unwrap().len(), 32);
    assert_eq!(second.get("type"), None);
}

#[test]
fn frames_are_answered_as_the_server_does_it() {
    let mut world = World::new();
    let mut answer = |frame: &str| world.frame(frame).frames;
    assert_eq!(answer("[]")[0], json!({"code": 100_014, "msg": "参数的类型不对"}));
    assert_eq!(answer("{}")[0]["code"], 100_006);
    assert_eq!(
        answer(r#"{"type":"up.ping","body":{"a":1}}"#),
        [json!({"code": 200, "msg": "成功", "type": "down.pong"})]
    );
    assert_eq!(answer(r#"{"type":"up.sub"}"#)[0], json!({"code": 100_006, "msg": "参数错误", "type": "up.sub"}));
    assert_eq!(answer(r#"{"type":"up.sub","body":{"code":"deviceConn","params":[]}}"#)[0]["code"], 100_007);
    assert_eq!(answer(r#"{"type":"up.unSub","body":{"code":"x","params":{}}}"#)[0]["type"], "down.unSubRet");
    assert_eq!(answer(r#"{"type":"down.pub"}"#)[0]["code"], 100_018);
    assert_eq!(answer(r#"{"type":"up.control"}"#)[0]["code"], 100_006);
    assert_eq!(answer(r#"{"type":"up.control","path":"/x","method":"POST","body":{}}"#), [] as [Value; 0]);
    assert_eq!(answer(r#"{"type":"up.setHandle"}"#), [] as [Value; 0]);
    assert_eq!(answer(r#"{"type":"iotdbg"}"#), [] as [Value; 0]);
}

#[test]
fn a_report_is_pushed_under_the_keys_that_were_subscribed() {
    let mut world = World::new();
    world.second();
    let device = json!({"productID": PRODUCT, "deviceName": "dn"});
    assert_eq!(world.subscribe("devicePropertyReportV2", device.clone())["type"], "down.subRet");
    let one = json!({"productID": PRODUCT, "deviceName": "dn", "identifier": "brightness"});
    world.subscribe("devicePropertyReport", one);
    // The same message under another key: once per connection.
    world.subscribe("devicePropertyReportV2", json!({"projectID": "17"}));
    // Granted, and silent: a number, a misspelt code, an identifier with the second version.
    world.subscribe("deviceConn", json!({"projectID": 17}));
    let came = world.say(
        "$thing/up/property",
        json!({"method": "report", "msgToken": "9", "params": {"brightness": 40, "powerSwitch": true}}),
    );
    assert_eq!(came.down[0].0, format!("$thing/down/property/{PRODUCT}/dn"));
    assert_eq!(came.down[0].1, json!({"method": "reportReply", "msgToken": "9", "code": 200}));
    assert!(came.frames.is_empty(), "pushes are gathered");
    let frames = world.second();
    assert_eq!(paths(&frames), ["devicePropertyReport", "devicePropertyReportV2"]);
    assert_eq!(frames[0]["body"]["param"], 40);
    assert_eq!(frames[1]["body"]["params"], json!({"brightness": 40, "powerSwitch": 1}));
    assert_eq!(frames[1]["body"]["timestamp"], NOW.as_millis().saturating_add(1_000).to_string());
}

#[test]
fn subscriptions_are_checked_against_the_projects_of_the_user() {
    let mut world = World::new();
    let code = |answer: Value| answer["code"].as_i64().unwrap();
    let device = |name: &str| json!({"productID": PRODUCT, "deviceName": name});
    assert_eq!(code(world.subscribe("deviceConn", device("dn"))), 200);
    assert_eq!(code(world.subscribe("deviceConn", device("nobody"))), 100_009);
    assert_eq!(code(world.subscribe("deviceConn", device("far"))), 100_012);
    assert_eq!(code(world.subscribe("deviceConn", json!({"areaID": "3"}))), 100_012);
    assert_eq!(code(world.subscribe("deviceConn", json!({"projectID": "18"}))), 100_012);
    assert_eq!(code(world.subscribe("deviceConn", json!({"shareDevice": true}))), 100_009);
    // Codes without a check take anything.
    assert_eq!(code(world.subscribe("deviceActionReport", device("far"))), 200);
    assert_eq!(code(world.subscribe("deviceCon", json!({}))), 200);
}

#[test]
fn reports_are_mended_and_only_an_empty_one_is_refused() {
    let mut world = World::new();
    let mut report = |params: Value, sys: Value| {
        world.say("$thing/up/property", json!({"method": "report", "msgToken": "1", "sys": sys, "params": params}))
    };
    let came = report(json!({"brightness": 300, "mode": 99, "nothing": 1}), json!(null));
    assert_eq!(came.down[0].1["code"], 200);
    let events: Vec<&str> = came.logs.iter().map(|(event, _)| *event).collect();
    assert_eq!(events, ["changed", "skipped", "skipped"]);
    let came = report(json!({"nothing": 1}), json!(null));
    assert_eq!(came.down[0].1, json!({"method": "reportReply", "msgToken": "1", "code": 100_006}), "without words");
    let came = report(json!({"nothing": 1}), json!({"retMsg": true}));
    assert!(came.down[0].1["msg"].as_str().unwrap().starts_with("参数错误:"));
    assert!(report(json!({"brightness": 1}), json!({"noAsk": true})).down.is_empty());
    let state = world.platform.device_state(&format!("{PRODUCT}/dn")).unwrap();
    assert_eq!(state["values"], json!({"brightness": 1}));
}

#[test]
fn an_app_controls_a_device_over_http() {
    let mut world = World::new();
    world.subscribe("devicePropertyReportV2", json!({"productID": PRODUCT, "deviceName": "dn"}));
    let came = world.interact(1, "property-control-send", json!({"data": "{\"powerSwitch\":true}"}));
    let (topic, control) = &came.down[0];
    assert_eq!(topic, &format!("$thing/down/property/{PRODUCT}/dn"));
    assert_eq!((&control["method"], &control["params"]), (&json!("control"), &json!({"powerSwitch": 1})));
    let token = control["msgToken"].as_str().unwrap().to_owned();
    assert!(token.len() <= 5 && u32::from_str_radix(&token, 16).is_ok(), "{token}");
    // An answer to another token is nobody's.
    let late = world.say("$thing/up/property", json!({"method": "controlReply", "msgToken": "zz", "code": 200}));
    assert_eq!(late.logs[0].0, "unasked");
    let came = world.say("$thing/up/property", json!({"method": "controlReply", "msgToken": token, "code": 200}));
    assert_eq!((came.answers[0].0, &came.answers[0].1["code"]), (1, &json!(200)));
    assert_eq!(came.answers[0].1["data"]["msgToken"], token);
    // What was asked for counts as reported.
    let frames = world.second();
    assert!(frames.iter().any(|frame| frame["body"]["params"] == json!({"powerSwitch": 1})), "{frames:?}");

    let came = world.interact(2, "property-control-send", json!({"data": "{\"powerSwitch\":1}"}));
    let token = came.down[0].1["msgToken"].clone();
    let refused = json!({"method": "controlReply", "msgToken": token, "code": 100_015, "msg": "too much"});
    let answer = world.say("$thing/up/property", refused).answers.remove(0).1;
    assert_eq!(answer, json!({"code": 2_000_004, "msg": "设备回复错误:100015 too much"}));

    assert!(world.interact(3, "property-control-send", json!({"data": "{\"powerSwitch\":1}"})).answers.is_empty());
    let came = world.pass(Duration::from_secs(10));
    assert_eq!((came.answers[0].0, &came.answers[0].1["code"]), (3, &json!(2_000_002)));

    for (data, code) in
        [("{\"powerSwitch\":7}", 100_015), ("{\"nothing\":7}", 100_006), ("[", 100_006), ("{}", 100_006)]
    {
        let answer = world.interact(4, "property-control-send", json!({"data": data})).answers.remove(0).1;
        assert_eq!(answer["code"], code, "{data}");
    }
}

#[test]
fn a_device_that_is_away_is_told_so_or_reached_by_its_shadow() {
    let mut world = World::new();
    let client = world.clients.remove(&DEVICE).unwrap();
    world.act(|platform, view| platform.offline(&client, view));
    let data = json!({"data": "{\"brightness\":9}"});
    assert_eq!(world.interact(1, "property-control-send", data.clone()).answers[0].1["code"], 2_000_003);
    let with = |control: u8| json!({"data": "{\"brightness\":9}", "shadowControl": control});
    assert_eq!(world.interact(2, "property-control-send", with(2)).answers[0].1["code"], 200);
    world.subscribe("devicePropertyReport", json!({"productID": PRODUCT, "deviceName": "dn"}));
    world.second();
    assert_eq!(world.interact(3, "property-control-send", with(3)).answers[0].1["code"], 200);
    let frames = world.second();
    assert_eq!(frames[0]["body"]["params"], json!({"brightness": 9}), "both shapes under the first code");
    assert_eq!(frames[1]["body"]["param"], 9);
    // The shadow is sent as soon as the device is there.
    let came = world.login("dn");
    assert_eq!(came.down[0].1["params"], json!({"brightness": 9}));
}

#[test]
fn what_is_not_waited_for_is_read_later() {
    let mut world = World::new();
    let came =
        world.interact(1, "action-send", json!({"actionID": "blink", "inputParams": "{\"times\":3}", "isAsync": true}));
    let token = came.answers[0].1["data"]["msgToken"].clone();
    assert_eq!(came.down[0].1["actionID"], "blink");
    let read = |world: &mut World| world.interact(2, "action-read", json!({"msgToken": token})).answers.remove(0).1;
    assert_eq!(read(&mut world)["code"], 100_024);
    world
        .say("$thing/up/action", json!({"method": "actionReply", "msgToken": token, "code": 200, "data": {"done": 1}}));
    assert_eq!(read(&mut world)["data"]["outputParams"], "{\"done\":1}");
    // A missing parameter of an action is a fault.
    let answer =
        world.interact(3, "action-send", json!({"actionID": "blink", "inputParams": "{}"})).answers.remove(0).1;
    assert_eq!(answer["code"], 100_006);
    // What is asked of the device is asked by name, and comes back as values.
    let came = world.interact(4, "property-get-report-send", json!({"dataIDs": ["brightness"]}));
    assert_eq!(came.down[0].1["identifiers"], json!(["brightness"]));
    let reply = json!({"method": "getReportReply", "msgToken": came.down[0].1["msgToken"], "code": 200, "data": {"brightness": 12}});
    assert_eq!(world.say("$thing/up/property", reply).answers[0].1["data"]["params"], json!({"brightness": 12}));
}

#[test]
fn an_account_logs_in() {
    let mut world = World::new();
    let login =
        |world: &mut World, body: Value| world.call(1, "/api/v1/system/user/self/login", body).answers.remove(0).1;
    let good = login(&mut world, json!({"account": "me", "pwdType": 1, "password": "pw", "loginType": "pwd"}));
    assert_eq!(good["data"]["token"]["accessToken"], "t");
    let hashed =
        login(&mut world, json!({"account": "me", "pwdType": 2, "password": "8FE4C11451281C094A6578E6DDBF5EED"}));
    assert_eq!(hashed["code"], 200, "MD5 of pw");
    assert_eq!(login(&mut world, json!({"account": "me", "password": "no"}))["code"], 1_000_004);
    assert_eq!(login(&mut world, json!({"password": "pw"}))["code"], 100_006);
}

#[test]
fn device_logins_are_judged_as_the_platform_judges_them() {
    let mut world = World::new();
    let username = format!("{PRODUCT}&dn;12010126;ABCDE;1");
    let token = sign::token(digest::Digest::Sha1, SECRET, &username);
    let good = format!("{token};hmacsha1");
    let id = format!("{PRODUCT}&dn");
    let legacy = format!("{PRODUCT}dn");
    let accepted = |admission: &Admission| matches!(admission, Admission::Accept { .. });
    assert!(accepted(&world.admit(&id, &username, &good)), "an expired login is taken");
    assert!(accepted(&world.admit(&legacy, &username, &good)), "either form of the client id");
    for (client_id, username, password) in [
        (id.as_str(), username.as_str(), format!("{};hmacsha1", token.to_uppercase())),
        (&id, &username, token.clone()),
        (&id, &username, format!("{token};hmacmd5")),
        (&id, &format!("{PRODUCT}&sub;12010126;ABCDE;1"), good.clone()),
        (&id, &format!("{PRODUCT}&dn;12010126;1"), good.clone()),
        ("short", &username, good.clone()),
    ] {
        let refused = world.admit(client_id, username, &password);
        let Admission::Refuse { connack, reason, .. } = refused else { panic!("{client_id} {username} {password}") };
        assert!(connack == 5 && !reason.to_string().is_empty());
    }
    let settings = BTreeMap::from([("unitedrhino.connack".to_owned(), "4".to_owned())]);
    world.platform = Platform::new(&roster(), &CloudOptions { settings, seed: 0 }).unwrap();
    assert!(matches!(world.admit(&id, &username, "x"), Admission::Refuse { connack: 4, .. }));
}

#[test]
fn a_device_may_publish_up_and_subscribe_down_only_its_own() {
    let world = World::new();
    let client = &world.clients[&DEVICE];
    let own = |head: &str| format!("{head}/{PRODUCT}/dn");
    assert_eq!(world.platform.may_publish(client, &own("$thing/up/property")), Ok(()));
    assert_eq!(world.platform.may_subscribe(client, &own("$thing/down/property")), Ok(()));
    for topic in
        [own("$thing/down/property"), format!("$thing/up/property/{PRODUCT}/sub"), own("$made/up/thing"), "a/b".into()]
    {
        assert!(world.platform.may_publish(client, &topic).is_err(), "{topic}");
    }
    for filter in [own("$thing/up/property"), "$thing/down/property/+/+".into(), "#".into()] {
        assert!(world.platform.may_subscribe(client, &filter).is_err(), "{filter}");
    }
}

#[test]
fn the_small_conversations_are_held() {
    let mut world = World::new();
    let mut reply = |head: &str, body: Value| world.say(head, body).down.first().map(|(_, reply)| reply.clone());
    let ntp = reply("$ext/up/ntp", json!({"method": "getNtp", "msgToken": "1", "timestamp": 7})).unwrap();
    assert_eq!(ntp["data"], json!({"deviceSendTime": 7, "serverRecvTime": NOW.as_millis()}));
    assert_eq!(ntp["method"], "getNtpReply");
    let config = reply("$config/up/get", json!({"method": "get", "msgToken": "2"})).unwrap();
    assert_eq!((&config["method"], &config["code"]), (&json!("reply"), &json!(200)));
    let event =
        json!({"method": "eventPost", "msgToken": "3", "eventID": "overheat", "params": {"value": 99.0, "level": 1}});
    assert_eq!(reply("$thing/up/event", event).unwrap()["code"], 200);
    let event = json!({"method": "eventPost", "msgToken": "4", "eventID": "overheat", "params": {"level": 1}});
    assert_eq!(reply("$thing/up/event", event).unwrap()["code"], 100_006);
    let event =
        json!({"method": "eventPost", "msgToken": "4", "eventID": "overheat", "type": "info", "params": {"value": 1}});
    assert_eq!(reply("$thing/up/event", event).unwrap()["code"], 100_006, "its type is alert");
    assert_eq!(reply("$ota/up/progress", json!({"method": "progress", "params": {"step": 0}})), None);
    assert_eq!(reply("$ota/up/report", json!({"method": "report", "params": {}})).unwrap()["code"], 100_018);
    let log = json!({"method": "report", "msgToken": "5", "params": [{"content": "hot", "logLevel": 2}]});
    assert_eq!(reply("$log/up/report", log).unwrap()["code"], 200);
    assert_eq!(reply("$log/up/report", json!({"method": "report", "params": [{}]})).unwrap()["code"], 100_006);
    assert_eq!(reply("$thing/up/property", json!({"method": "what", "msgToken": "6"})).unwrap()["code"], 100_013);
    let status = reply("$thing/up/property", json!({"method": "getStatus", "msgToken": "7"})).unwrap();
    assert_eq!(status["data"], json!({}));
}

#[test]
fn a_gateway_binds_and_speaks_for_its_sub_device() {
    let mut world = World::new();
    let text = sign::bind_content(PRODUCT, "sub", "12345", "1700000000", false);
    let signature = sign::token(digest::Digest::Sha1, SECRET, &text);
    let sub = |signature: &str| {
        json!({"devices": [{"productID": PRODUCT, "deviceName": "sub", "random": 12345, "timestamp": 1_700_000_000,
                            "signMethod": "hmacsha1", "signature": signature}]})
    };
    let topic = format!("$thing/up/property/{PRODUCT}/sub");
    assert!(world.platform.may_publish(&world.clients[&DEVICE], &topic).is_err());
    let wrong = world.say("$gateway/up/topo", json!({"method": "bind", "msgToken": "1", "payload": sub("00")}));
    assert_eq!(wrong.down[0].1["code"], 100_006);
    let bound = world.say("$gateway/up/topo", json!({"method": "bind", "msgToken": "2", "payload": sub(&signature)}));
    assert_eq!((&bound.down[0].1["method"], &bound.down[0].1["code"]), (&json!("bind"), &json!(200)));
    assert_eq!(world.platform.may_publish(&world.clients[&DEVICE], &topic), Ok(()));
    world.subscribe("deviceConn", json!({"productID": PRODUCT, "deviceName": "sub"}));
    world.second();
    let online = json!({"method": "online", "msgToken": "3", "payload": {"devices": [{"productID": PRODUCT, "deviceName": "sub"}]}});
    assert_eq!(world.say("$gateway/up/status", online).down[0].1["code"], 200);
    assert_eq!(world.second()[0]["body"]["status"], 1);
    let topo = world.say("$gateway/up/topo", json!({"method": "getTopo", "msgToken": "4", "payload": {"devices": []}}));
    assert_eq!(topo.down[0].1["payload"]["devices"][0]["deviceName"], "sub");
    let report = world.speak(
        "$thing/up/property",
        "sub",
        json!({"method": "report", "msgToken": "5", "params": {"brightness": 5}}),
    );
    assert_eq!(report.down[0].0, format!("$thing/down/property/{PRODUCT}/sub"));
    let schema = world
        .say("$gateway/up/thing", json!({"method": "getSchema", "msgToken": "6", "payload": {"productID": PRODUCT}}));
    assert!(schema.down[0].1["payload"]["schema"]["properties"].is_array());
}

#[test]
fn a_device_registers_itself_once() {
    let mut world = World::new();
    let content = register::content(PRODUCT, "sub", "7", "1700000000");
    let signature = register::signature(PRODUCT_SECRET, &content);
    let client_id = format!("register&{PRODUCT}&sub");
    let Admission::Accept { identity, .. } = world.admit(&client_id, "", "") else { panic!("not let in") };
    world.enter(DEVICE, Role::Device, &identity, Vec::new());
    let client = world.clients[&DEVICE].clone();
    assert!(world.platform.may_publish(&client, &format!("$thing/up/property/{PRODUCT}/sub")).is_err());
    assert_eq!(world.platform.may_publish(&client, &format!("$ext/up/register/{PRODUCT}/sub")), Ok(()));
    let mut ask = |signature: &str, form: &str| {
        let payload = json!({"nonce": 7, "timestamp": 1_700_000_000, "signature": signature, "retEnc": form});
        world
            .speak("$ext/up/register", "sub", json!({"method": "register", "msgToken": "1", "payload": payload}))
            .down
            .remove(0)
            .1
    };
    assert_eq!(ask("wrong", "")["code"], 100_006);
    assert_eq!(ask(&signature, "")["data"], register::answer(register::Wrapping::Cbc, PRODUCT_SECRET, SECRET).unwrap());
    assert_eq!(ask(&signature, "hex")["code"], 200);
    world.clients.remove(&DEVICE);
    world.login("sub");
    let body = json!({"productID": PRODUCT, "deviceName": "sub", "nonce": 7, "timestamp": 1_700_000_000, "signature": signature});
    assert_eq!(world.call(1, "/api/v1/things/device/auth/register", body).answers[0].1["code"], 100_019);
}

#[test]
fn a_silent_websocket_is_dropped_after_five_pings() {
    let mut world = World::new();
    for _ in 0..5 {
        assert_eq!(world.pass(Duration::from_secs(10)).pings, 1);
    }
    world.frame(r#"{"type":"up.ping"}"#);
    for _ in 0..5 {
        let came = world.pass(Duration::from_secs(10));
        assert_eq!((came.pings, came.kicked.len()), (1, 0));
    }
    assert_eq!(world.pass(Duration::from_secs(10)).kicked, [APP]);
}

#[test]
fn the_operator_sets_gets_and_calls() {
    let mut world = World::new();
    let mut operate = |operation: &str, arguments: Value| {
        let arguments = arguments.as_object().unwrap().clone();
        let (key, operation) = (RequestKey(1), operation.to_owned());
        let operate = Operate { key, operation, device: "dn".to_owned(), arguments };
        let mut result = Ok(());
        let came = world.act(|platform, view| result = platform.operate(&operate, view));
        (came, result)
    };
    let (came, _) = operate("set", json!({"brightness": 5}));
    assert_eq!((came.operated.len(), &came.down[0].1["method"]), (1, &json!("control")));
    assert!(operate("set", json!({"roomTemperature": 5})).1.is_err(), "read-only");
    assert_eq!(operate("get", json!({})).0.down[0].1.get("identifiers"), None, "all");
    assert!(operate("invoke", json!({"name": "blink", "params": {}})).1.is_err(), "a parameter is missing");
    let (came, _) = operate("raw", json!({"hex": "00ff"}));
    assert_eq!(came.down[0].0, format!("$thing/down/property/custom/{PRODUCT}/dn"));
    assert_eq!(operate("ota", json!({"version": "3"})).0.down[0].1["data"]["version"], "3");
    assert_eq!(operate("config", json!({"a": 1})).0.down[0].1["data"], json!({"a": 1}));
    assert!(operate("dance", json!({})).1.is_err());
}
