//! Conversations with the platform in virtual time, code by code.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::onenet::{model, sign::Token, spec};
use crate::model::{Fields, RequestState};

const NOW: Time = Time::from_secs(1_750_000_000);
const KEY: &str = "a2V5";
const OTHER: &str = "b3RoZXI=";

fn roster() -> Roster {
    let entry = |pairs: &[(&str, &str)]| RosterEntry {
        fields: pairs.iter().fold(Fields::new(), |fields, (name, value)| fields.with(*name, *value)),
        ..RosterEntry::default()
    };
    let device = |name: &str| entry(&[("product_id", "p1"), ("device_name", name), ("access_key", KEY)]);
    let mut group = entry(&[("project_id", "pr"), ("group_id", "g"), ("access_key", KEY)]);
    group.lists.insert("devices".to_owned(), vec!["p1/fan".to_owned()]);
    let mut roster = Roster::default();
    roster.tables.insert(
        "product".to_owned(),
        vec![entry(&[("product_id", "p1"), ("access_key", OTHER), ("model", model::DEMO)])],
    );
    roster.tables.insert("device".to_owned(), vec![device("lamp"), device("fan")]);
    roster.tables.insert("user".to_owned(), vec![entry(&[("user_id", "1"), ("access_key", KEY)])]);
    roster.tables.insert("group".to_owned(), vec![group]);
    roster
}

fn platform(settings: &[(&str, &str)]) -> Platform {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Platform::new(&roster(), &CloudOptions { settings, seed: 1 }).unwrap()
}

fn token(version: &str, res: &str, key: &str) -> String {
    let key = crate::base::digest::base64_decode_lenient(key).unwrap();
    Token::make(version, res, "1750000100", "sha1", &key).unwrap().emit()
}

/// The code of the device log for a login; empty for an accepted one.
fn login(platform: &mut Platform, device: bool, client_id: &str, username: &str, password: &str) -> String {
    let endpoint = if device { spec::DEVICE_ENDPOINT } else { spec::APP_ENDPOINT };
    let connect = Connect {
        endpoint,
        client_id,
        username,
        password: password.as_bytes(),
        keep_alive: 60,
        clean_session: true,
        level: 4,
        will: false,
        tls: false,
    };
    match platform.admit(&connect, NOW) {
        Admission::Accept { .. } => String::new(),
        Admission::Refuse { connack, code, reason } => {
            assert_eq!(connack, 4);
            assert!(!reason.to_string().is_empty());
            code
        }
    }
}

#[test]
fn a_refused_device_is_told_four_and_the_log_the_exact_code() {
    let platform = &mut platform(&[]);
    let own = "products/p1/devices/lamp";
    let good = token("2018-10-31", own, KEY);
    for (client_id, username, password, code) in [
        ("lamp", "p1", good.clone(), ""),
        ("lamp", "p1", token("2018-10-31", "products/p1", OTHER), ""),
        ("lamp", "p1", token("2018-10-31", own, OTHER), ""),
        ("lamp", "p1", good.replace("sha1", "SHA1"), "1106"),
        ("", "p1", good.clone(), "1101"),
        ("lamp", "", good.clone(), "1101"),
        ("lamp", "p1", String::new(), "1101"),
        ("lamp", "p1", "secret".to_owned(), "1103"),
        ("lamp", "p1", format!("{good}&x=1"), "1103"),
        ("lamp", "p1", good.replace("et=1750000100", "et=1749999999"), "1104"),
        ("lamp", "p1", token("2018-10-31", "products/p1", KEY), "1106"),
        ("lamp", "p1", token("2018-10-31", own, "d3Jvbmc="), "1106"),
        ("none", "p1", good.clone(), "1107"),
        ("p1&lamp", "p1", good.clone(), "1114"),
        ("lamp", "p1", good.replace("sha1", "sm2"), "1110"),
        ("lamp", "p1", token("2017-01-01", own, KEY), "1111"),
        ("fan", "p1", good.clone(), "1114"),
    ] {
        assert_eq!(login(platform, true, client_id, username, &password), code, "{client_id} {username} {password}");
    }
}

#[test]
fn a_product_key_for_a_device_resource_can_be_switched_off() {
    let password = token("2018-10-31", "products/p1/devices/lamp", OTHER);
    let strict = &mut platform(&[("onenet.product-key-with-device-res", "off")]);
    assert_eq!(login(strict, true, "lamp", "p1", &password), "1106");
    let refused = Platform::new(
        &roster(),
        &CloudOptions { settings: BTreeMap::from([("onenet.nothing".to_owned(), "on".to_owned())]), seed: 1 },
    );
    assert!(refused.is_err());
}

#[test]
fn a_refused_app_hears_about_the_spelling_of_its_user_name() {
    let platform = &mut platform(&[]);
    let good = token("2020-05-29", "userid/1", KEY);
    assert_eq!(login(platform, false, "", "userid/1", &good), "");
    assert_eq!(
        login(platform, false, "", "projectid/pr/groupid/g", &token("2020-05-29", "projectid/pr/groupid/g", KEY)),
        ""
    );
    assert_eq!(login(platform, false, "", "user/1", &good), "1114");
    assert_eq!(login(platform, false, "", "userid/2", &good), "1105");
    assert_eq!(login(platform, false, "", "userid/1", &token("2020-05-29", "user/1", KEY)), "1114");
    assert_eq!(login(platform, false, "", "userid/1", &token("2020-05-29", "userid/2", KEY)), "1114");
    assert_eq!(login(platform, false, "", "userid/1", &token("2018-10-31", "userid/1", KEY)), "1111");
}

/// A platform with clients, and everything that it said.
struct Talk {
    platform: Platform,
    clients: BTreeMap<u64, Client>,
    now: Time,
    out: Vec<CloudOutput>,
}

const USER: u64 = 1;
const LAMP: u64 = 2;
const GROUP: u64 = 3;

impl Talk {
    fn new(device_filters: &[&str]) -> Talk {
        Talk::with(&[], device_filters)
    }

    fn with(settings: &[(&str, &str)], device_filters: &[&str]) -> Talk {
        let client = |id, role, identity: &str, filters: &[&str]| Client {
            id: ClientId(id),
            role,
            identity: identity.to_owned(),
            exclusive: role == Role::Device,
            filters: filters.iter().map(|filter| format!("$sys/p1/lamp/{filter}")).collect(),
        };
        let mut talk = Talk { platform: platform(settings), clients: BTreeMap::new(), now: NOW, out: Vec::new() };
        talk.clients.insert(USER, client(USER, Role::App, "userid/1", &[]));
        talk.clients.insert(GROUP, client(GROUP, Role::App, "projectid/pr/groupid/g", &[]));
        talk.clients.insert(LAMP, client(LAMP, Role::Device, "p1/lamp", device_filters));
        talk.act(|platform, view| {
            let lamp = view.clients[&LAMP].clone();
            platform.online(&lamp, view);
        });
        talk
    }

    fn act(&mut self, act: impl FnOnce(&mut Platform, &mut CloudView<'_>)) {
        self.out.clear();
        act(&mut self.platform, &mut CloudView { now: self.now, clients: &self.clients, out: &mut self.out });
    }

    fn send(&mut self, id: u64, tail: &str, payload: &str) {
        let client = self.clients[&id].clone();
        let message =
            CloudMessage { topic: format!("$sys/p1/lamp/{tail}"), payload: payload.as_bytes().to_vec(), qos: 1 };
        self.act(|platform, view| platform.receive(&client, &message, view));
    }

    /// What was last said on a topic.
    fn said(&self, tail: &str) -> Value {
        let found = self.out.iter().rev().find_map(|output| match output {
            CloudOutput::Publish(message) | CloudOutput::Deliver(_, message)
                if message.topic == format!("$sys/p1/lamp/{tail}") =>
            {
                Some(message)
            }
            _ => None,
        });
        found.map_or(Value::Null, |message| serde_json::from_slice(&message.payload).unwrap())
    }

    fn logged(&self) -> Vec<&str> {
        let code = |output: &CloudOutput| matches!(output, CloudOutput::Log { .. });
        let logs = self.out.iter().filter(|output| code(output));
        logs.map(|output| if let CloudOutput::Log { code, .. } = output { code.as_str() } else { "" }).collect()
    }

    fn set(&mut self, params: Value) {
        self.send(USER, "thing/property/set", &json!({"requestId": "R1", "data": {"params": params}}).to_string());
    }
}

#[test]
fn a_set_goes_down_with_a_fresh_id_and_comes_back_with_the_apps() {
    let mut talk = Talk::new(&["thing/property/set"]);
    talk.set(json!({"temperature": 30.5}));
    let down = talk.said("thing/property/set");
    assert_eq!(down["params"], json!({"temperature": 30.5}));
    let id = down["id"].as_str().unwrap().to_owned();
    assert!(crate::dialect::onenet::dissect::is_message_id(&id) && id != "R1");
    talk.send(LAMP, "thing/property/set_reply", &json!({"id": id, "code": 200, "msg": "success"}).to_string());
    assert_eq!(talk.said("thing/property/set/reply"), json!({"requestId": "R1", "success": true}));
    talk.send(LAMP, "thing/property/set_reply", &json!({"id": id, "code": 200, "msg": "success"}).to_string());
    assert_eq!(talk.logged(), ["1028"]);
}

#[test]
fn a_refusing_a_silent_and_a_late_device_are_told_apart() {
    let mut talk = Talk::new(&["thing/property/set"]);
    talk.set(json!({"Power": true}));
    let id = talk.said("thing/property/set")["id"].clone();
    talk.send(LAMP, "thing/property/set_reply", &json!({"id": id, "code": 302, "msg": "no"}).to_string());
    let reply = talk.said("thing/property/set/reply");
    assert_eq!(
        (&reply["code"], &reply["msg"], &reply["success"]),
        (&json!("setPropertyFailed"), &json!("302 no"), &json!(false))
    );

    talk.set(json!({"Power": true}));
    let id = talk.said("thing/property/set")["id"].clone();
    let due = talk.platform.next_timeout().unwrap();
    assert_eq!(due.since(NOW), Duration::from_secs(5));
    talk.now = due;
    talk.act(Platform::handle_timeout);
    let reply = talk.said("thing/property/set/reply");
    assert_eq!((&reply["code"], &reply["msg"]), (&json!("setPropertyFailed"), &json!("306 timeout")));
    assert_eq!(talk.logged(), ["306"]);
    assert_eq!(talk.platform.next_timeout(), None);
    talk.send(LAMP, "thing/property/set_reply", &json!({"id": id, "code": 200, "msg": ""}).to_string());
    assert_eq!(talk.logged(), ["1023"]);
    talk.send(LAMP, "thing/property/set_reply", r#"{"id": 7, "code": 200}"#);
    assert_eq!(talk.logged(), ["1027"]);
}

#[test]
fn a_set_that_cannot_reach_the_device_says_why() {
    let failure = |talk: &mut Talk, params| {
        talk.set(params);
        let reply = talk.said("thing/property/set/reply");
        (reply["code"].as_str().unwrap().to_owned(), reply["msg"].as_str().unwrap().to_owned())
    };
    let mut talk = Talk::new(&[]);
    let (code, msg) = failure(&mut talk, json!({"Power": true}));
    assert_eq!(code, "setPropertyFailed");
    assert!(msg.starts_with("1022"));
    let (code, msg) = failure(&mut talk, json!({"temperature": "30.5"}));
    assert_eq!(code, "invalidParameter");
    assert!(msg.starts_with("302"));
    let lamp = talk.clients.remove(&LAMP).unwrap();
    talk.act(|platform, view| platform.offline(&lamp, view));
    assert_eq!(talk.said("thing/lifecycle")["data"]["status"], json!("offline"));
    let (_, msg) = failure(&mut talk, json!({"Power": true}));
    assert!(msg.starts_with("308"));
    talk.send(GROUP, "thing/property/set", r#"{"requestId":"R2","data":{"params":{"Power":true}}}"#);
    assert_eq!(talk.said("thing/property/set/reply")["code"], json!("resourePermissionDeny"));
    talk.send(USER, "thing/property/set", r#"{"requestId":"R2","data":{"params":[1]}}"#);
    assert_eq!(talk.said("thing/property/set/reply")["code"], json!("invalidParameter"));
    talk.send(USER, "thing/property/set", "{");
    assert_eq!(talk.logged(), ["parameterRequired"]);
}

#[test]
fn a_post_is_checked_answered_and_passed_on_but_never_echoed() {
    let mut talk = Talk::new(&["thing/#"]);
    talk.send(LAMP, "thing/property/post", r#"{"id":"5","params":{"WF":{"value":23.6,"time":1524448722123}}}"#);
    assert_eq!(talk.said("thing/property/post/reply"), json!({"id": "5", "code": 200, "msg": "success"}));
    let notice = talk.said("thing/property");
    assert_eq!(
        (&notice["deviceName"], &notice["data"]["params"]["WF"]),
        (&json!("lamp"), &json!({"value": 23.6, "time": 1_524_448_722_123_u64}))
    );
    assert_eq!(talk.said("thing/property/post"), Value::Null);
    for (payload, code) in [
        (r#"{"id":"5","params":{"WF":23.6}}"#, 302),
        (r#"{"id":"5","params":{"x":{"value":1}}}"#, 309),
        (r#"{"id":"5","params":{"WF":{"value":"23.6"}}}"#, 302),
        (r#"{"id":5,"params":{}}"#, 312),
        (r#"{"id":"5","params":{},}"#, 301),
        (r#"{"id":"5"}"#, 313),
    ] {
        talk.send(LAMP, "thing/property/post", payload);
        assert_eq!(talk.said("thing/property/post/reply")["code"], json!(code), "{payload}");
        assert_eq!(talk.said("thing/property"), Value::Null);
    }
    talk.send(LAMP, "thing/event/post", r#"{"id":"6","params":{"overheat":{"value":{"WF":1.5}}}}"#);
    assert_eq!(talk.said("thing/event")["data"]["params"]["overheat"]["value"], json!({"WF": 1.5}));
    assert_eq!(talk.platform.device_state("p1/lamp").unwrap()["values"], json!({"WF": 23.6}));
}

#[test]
fn desired_values_are_pushed_kept_fetched_and_cleared() {
    let mut talk = Talk::new(&["thing/property/#"]);
    let desire = r#"{"requestId":"D","data":{"params":{"mode":2}}}"#;
    talk.send(USER, "thing/property/desired/set", desire);
    assert_eq!(talk.said("thing/property/set")["params"], json!({"mode": 2}));
    assert_eq!(talk.said("thing/property/set/reply"), json!({"requestId": "D", "success": true}));
    let lamp = talk.clients.remove(&LAMP).unwrap();
    talk.act(|platform, view| platform.offline(&lamp, view));
    talk.send(USER, "thing/property/desired/set", desire);
    assert_eq!(talk.said("thing/property/set"), Value::Null);
    talk.clients.insert(LAMP, lamp);
    talk.send(LAMP, "thing/property/desired/get", r#"{"id":"1","params":["mode","Power"]}"#);
    assert_eq!(talk.said("thing/property/desired/get/reply")["data"], json!({"mode": {"value": 2, "version": 2}}));
    talk.send(LAMP, "thing/property/desired/delete", r#"{"id":"2","params":{"mode":{"version":1}}}"#);
    talk.send(LAMP, "thing/property/desired/get", r#"{"id":"3","params":["mode"]}"#);
    assert_eq!(talk.said("thing/property/desired/get/reply")["data"]["mode"]["version"], json!(2));
    talk.send(LAMP, "thing/property/desired/delete", r#"{"id":"4","params":{"mode":{"version":2}}}"#);
    talk.send(LAMP, "thing/property/desired/get", r#"{"id":"5","params":["mode"]}"#);
    assert_eq!(talk.said("thing/property/desired/get/reply")["data"], json!({}));
}

#[test]
fn topics_are_permitted_by_role_device_and_group() {
    let talk = Talk::new(&[]);
    let may = |id: u64, filter: &str| talk.platform.may_subscribe(&talk.clients[&id], filter).is_ok();
    assert!(may(USER, "$sys/p1/lamp/thing/property") && may(GROUP, "$sys/p1/fan/thing/lifecycle"));
    assert!(!may(GROUP, "$sys/p1/lamp/thing/property") && !may(USER, "$sys/p1/none/thing/property"));
    assert!(!may(USER, "$sys/p1/lamp/thing/property/set_reply") && !may(USER, "$sys/p1/lamp/thing/#"));
    assert!(may(LAMP, "$sys/p1/lamp/thing/#") && may(LAMP, "$sys/p1/lamp/custome/down/+"));
    assert!(!may(LAMP, "$sys/p1/fan/thing/#") && !may(LAMP, "$sys/p1/+/thing/#") && !may(LAMP, "#"));
    assert!(!may(LAMP, "$sys/p1/lamp/thing/property/post") && !may(LAMP, "$sys/p1/lamp/thing/property"));
    let publishes = |id: u64, topic: &str| talk.platform.may_publish(&talk.clients[&id], topic);
    assert_eq!(publishes(LAMP, "$sys/p1/lamp/thing/property/post"), Ok(()));
    assert!(publishes(LAMP, "$sys/p1/lamp/thing/property/set").is_err_and(|denial| denial.close));
    assert!(publishes(LAMP, "$sys/p1/fan/thing/property/post").is_err());
    assert!(publishes(USER, "$sys/p1/lamp/thing/property/post").is_err_and(|denial| !denial.close));
}

#[test]
fn the_eleventh_topic_of_a_device_is_refused() {
    let tails: Vec<String> = (0..10).map(|number| format!("thing/service/s{number}/invoke")).collect();
    let tails: Vec<&str> = tails.iter().map(String::as_str).collect();
    let talk = Talk::new(&tails);
    let may = |filter: &str| talk.platform.may_subscribe(&talk.clients[&LAMP], filter).is_ok();
    assert!(!may("$sys/p1/lamp/thing/property/set"));
    assert!(may("$sys/p1/lamp/thing/service/s3/invoke"));
}

fn operate(talk: &mut Talk, operation: &str, arguments: Value) -> Result<Vec<RequestState>, Phrase> {
    let operate = Operate {
        key: RequestKey(9),
        operation: operation.to_owned(),
        device: "p1/lamp".to_owned(),
        arguments: arguments.as_object().cloned().unwrap(),
    };
    let mut result = Ok(());
    talk.act(|platform, view| result = platform.operate(&operate, view));
    result.map(|()| states(talk))
}

fn states(talk: &Talk) -> Vec<RequestState> {
    let state =
        |output: &CloudOutput| if let CloudOutput::Operated(_, state) = output { Some(state.clone()) } else { None };
    talk.out.iter().filter_map(state).collect()
}

#[test]
fn the_console_sets_gets_calls_and_sends_raw() {
    let mut talk = Talk::new(&["thing/#", "custome/down/+"]);
    assert_eq!(operate(&mut talk, "set", json!({"Power": true})), Ok(vec![RequestState::Sent]));
    assert_eq!(talk.said("thing/property/set")["params"], json!({"Power": true}));

    operate(&mut talk, "get", json!({"identifiers": ["WF"]})).unwrap();
    let id = talk.said("thing/property/get")["id"].clone();
    talk.send(
        LAMP,
        "thing/property/get_reply",
        &json!({"id": id, "code": 200, "msg": "", "data": {"WF": 1.5}}).to_string(),
    );
    assert!(matches!(&states(&talk)[0], RequestState::Replied { message: Some(data), .. } if data == "{\"WF\":1.5}"));
    operate(&mut talk, "get", json!({"identifiers": ["WF"]})).unwrap();
    let id = talk.said("thing/property/get")["id"].clone();
    talk.send(
        LAMP,
        "thing/property/get_reply",
        &json!({"id": id, "code": 200, "msg": "", "data": {"WF": "x"}}).to_string(),
    );
    assert!(matches!(&states(&talk)[0], RequestState::Refused { code: Some(code), .. } if code == "304"));

    assert_eq!(
        operate(&mut talk, "invoke", json!({"name": "calibrate", "params": {"target": 1.5}})),
        Ok(vec![RequestState::Sent])
    );
    talk.now += Duration::from_secs(5);
    talk.act(Platform::handle_timeout);
    assert!(states(&talk).contains(&RequestState::silence()));
    let states = operate(&mut talk, "invoke", json!({"name": "reboot", "params": {"delay": 1}})).unwrap();
    assert!(matches!(states[..], [RequestState::Sent, RequestState::Replied { .. }]));

    operate(&mut talk, "raw", json!({"hex": "00 ff"})).unwrap();
    assert!(
        talk.out.iter().any(|output| matches!(output, CloudOutput::Publish(message) if message.payload == [0, 255]))
    );
    for (operation, arguments) in
        [("nothing", json!({})), ("set", json!({})), ("set", json!({"Power": 1})), ("invoke", json!({"name": "x"}))]
    {
        assert!(operate(&mut talk, operation, arguments).is_err(), "{operation}");
    }
}

#[test]
fn a_gateway_adds_its_sub_devices_and_posts_for_them() {
    let mut talk = Talk::new(&["thing/#"]);
    let identity = json!({"productID": "p1", "deviceName": "fan"});
    let pack = json!({"id": "1", "params": [{"identity": identity, "properties": {"WF": {"value": 2.5}}}]}).to_string();
    talk.send(LAMP, "thing/pack/post", &pack);
    assert_eq!(talk.said("thing/pack/post/reply")["code"], json!(307));
    let add = |key| {
        let token = token("2018-10-31", "products/p1/devices/fan", key);
        json!({"id": "2", "params": {"productID": "p1", "deviceName": "fan", "sasToken": token}}).to_string()
    };
    talk.send(LAMP, "thing/sub/topo/add", &add("d3Jvbmc="));
    assert_eq!(talk.said("thing/sub/topo/add/reply")["code"], json!(1106));
    talk.send(LAMP, "thing/sub/topo/add", &add(KEY));
    assert_eq!(talk.said("thing/sub/topo/add/reply")["code"], json!(200));
    talk.send(LAMP, "thing/sub/topo/get", r#"{"id":"3"}"#);
    assert_eq!(talk.said("thing/sub/topo/get/reply")["data"], json!([identity]));
    talk.send(LAMP, "thing/pack/post", &pack);
    assert_eq!(talk.said("thing/pack/post/reply")["code"], json!(200));
    assert!(talk.out.iter().any(
        |output| matches!(output, CloudOutput::Publish(message) if message.topic == "$sys/p1/fan/thing/property")
    ));
}

#[test]
fn limits_are_off_or_as_documented_and_each_has_its_own_switch() {
    let read = |pairs: &[(&str, &str)]| {
        let settings = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Options::read(&CloudOptions { settings, seed: 0 })
    };
    let usual = read(&[]).unwrap();
    assert_eq!((usual.topic_limit, usual.payload_limit, usual.message_rate, usual.login_limit), (10, 256 * 1024, 0, 0));
    let all = read(&[("onenet.limits", "on"), ("onenet.login-limit", "5")]).unwrap();
    assert_eq!((all.topic_limit, all.message_rate, all.login_limit, all.set_rate), (10, 1, 5, 1));
    let none = read(&[("onenet.limits", "off")]).unwrap();
    assert_eq!((none.topic_limit, none.payload_limit, none.strict_connect), (0, 0, false));
    for wrong in [("onenet.limits", "some"), ("onenet.message-rate", "-1"), ("onenet.strict-connect", "1")] {
        assert!(read(&[wrong]).is_err(), "{wrong:?}");
    }
}

/// The CONNECT of the lamp.
fn lamp(password: &str) -> Connect<'_> {
    Connect {
        endpoint: spec::DEVICE_ENDPOINT,
        client_id: "lamp",
        username: "p1",
        password: password.as_bytes(),
        keep_alive: 60,
        clean_session: true,
        level: 4,
        will: false,
        tls: false,
    }
}

#[test]
fn the_fourth_login_within_five_seconds_is_refused() {
    let good = token("2018-10-31", "products/p1/devices/lamp", KEY);
    let limited = &mut platform(&[("onenet.login-limit", "3")]);
    let log_in = |platform: &mut Platform| match platform.admit(&lamp(&good), NOW) {
        Admission::Accept { .. } => String::new(),
        Admission::Refuse { reason, .. } => reason.to_string(),
    };
    for _ in 0..3 {
        assert_eq!(log_in(limited), "");
    }
    assert!(log_in(limited).contains("more than 3 logins"));
    let free = &mut platform(&[]);
    for _ in 0..10 {
        assert_eq!(log_in(free), "");
    }
}

#[test]
fn a_device_with_a_will_or_a_kept_session_is_refused_where_the_platform_is_strict() {
    let good = token("2018-10-31", "products/p1/devices/lamp", KEY);
    let refused = |platform: &mut Platform, change: fn(&mut Connect<'_>)| {
        let mut connect = lamp(&good);
        change(&mut connect);
        match platform.admit(&connect, NOW) {
            Admission::Accept { .. } => false,
            Admission::Refuse { connack, reason, .. } => connack == 4 && !reason.to_string().is_empty(),
        }
    };
    let strict = &mut platform(&[]);
    assert!(refused(strict, |connect| connect.will = true));
    assert!(refused(strict, |connect| connect.clean_session = false));
    let lenient = &mut platform(&[("onenet.strict-connect", "off")]);
    assert!(!refused(lenient, |connect| connect.will = true));
    assert!(!refused(lenient, |connect| connect.clean_session = false));
}

#[test]
fn messages_over_the_rate_wait_for_their_second_in_their_order() {
    let mut talk = Talk::with(&[("onenet.message-rate", "1")], &["thing/#"]);
    for number in 1..=3 {
        let post = format!(r#"{{"id":"{number}","params":{{"WF":{{"value":{number}.5}}}}}}"#);
        talk.send(LAMP, "thing/property/post", &post);
        let answered = talk.said("thing/property/post/reply");
        assert_eq!(answered == Value::Null, number > 1, "{answered}");
    }
    for number in 2..=3 {
        let due = talk.platform.next_timeout().unwrap();
        assert_eq!(due.since(NOW), Duration::from_secs(number - 1));
        talk.now = due;
        talk.act(Platform::handle_timeout);
        assert_eq!(talk.said("thing/property/post/reply")["id"], json!(number.to_string()));
    }
    assert_eq!(talk.platform.next_timeout(), None);
    // An app has no such limit.
    talk.set(json!({"Power": true}));
    talk.set(json!({"Power": false}));
    assert_eq!(talk.said("thing/property/set")["params"], json!({"Power": false}));
}

#[test]
fn a_payload_that_is_too_long_ends_the_connection_and_a_set_too_soon_fails() {
    let mut talk = Talk::with(&[("onenet.set-rate", "1")], &["thing/#"]);
    let long = "x".repeat(256 * 1024 + 1);
    talk.send(LAMP, "custome/up", &long[1..]);
    let kicks = |talk: &Talk| talk.out.iter().filter(|output| matches!(output, CloudOutput::Kick(..))).count();
    assert_eq!(kicks(&talk), 0);
    talk.send(LAMP, "custome/up", &long);
    assert_eq!(kicks(&talk), 1);
    talk.set(json!({"Power": true}));
    assert_eq!(talk.said("thing/property/set/reply"), Value::Null);
    talk.set(json!({"Power": true}));
    assert_eq!(talk.said("thing/property/set/reply")["msg"], json!("37 rate limit reached"));
}

#[test]
fn a_sub_device_is_asked_through_its_gateway_and_answers_for_itself() {
    let mut talk = Talk::new(&["thing/#"]);
    let token = token("2018-10-31", "products/p1/devices/fan", KEY);
    let add = json!({"id": "2", "params": {"productID": "p1", "deviceName": "fan", "sasToken": token}});
    talk.send(LAMP, "thing/sub/topo/add", &add.to_string());
    let user = talk.clients[&USER].clone();
    let ask = |talk: &mut Talk| {
        let message = CloudMessage {
            topic: "$sys/p1/fan/thing/property/set".to_owned(),
            payload: json!({"requestId": "R7", "data": {"params": {"Power": true}}}).to_string().into_bytes(),
            qos: 1,
        };
        talk.act(|platform, view| platform.receive(&user, &message, view));
        talk.said("thing/sub/property/set")
    };
    let replied = |talk: &Talk| {
        let found = talk.out.iter().find_map(|output| match output {
            CloudOutput::Publish(message) if message.topic == "$sys/p1/fan/thing/property/set/reply" => Some(message),
            _ => None,
        });
        found.map_or(Value::Null, |message| serde_json::from_slice(&message.payload).unwrap())
    };
    let down = ask(&mut talk);
    assert_eq!(down["params"], json!({"productID": "p1", "deviceName": "fan", "params": {"Power": true}}));
    let good = json!({"id": down["id"], "code": 200, "msg": "success"}).to_string();
    talk.send(LAMP, "thing/sub/property/set_reply", &good);
    assert_eq!(replied(&talk), json!({"requestId": "R7", "success": true}));
    ask(&mut talk);
    talk.now += Duration::from_secs(5);
    talk.act(Platform::handle_timeout);
    assert_eq!(replied(&talk)["msg"], json!("306 timeout"));

    let fan = |operation: &str, arguments: Value| Operate {
        key: RequestKey(4),
        operation: operation.to_owned(),
        device: "p1/fan".to_owned(),
        arguments: arguments.as_object().cloned().unwrap(),
    };
    let invoke = fan("invoke", json!({"name": "calibrate", "params": {"target": 1.5}}));
    talk.act(|platform, view| platform.operate(&invoke, view).unwrap());
    let down = talk.said("thing/sub/service/invoke");
    assert_eq!(
        (&down["params"]["identifier"], &down["params"]["input"]),
        (&json!("calibrate"), &json!({"target": 1.5}))
    );
    let data = json!({"productID": "p1", "deviceName": "fan", "identifier": "calibrate", "output": {"error": "x"}});
    let answer = json!({"id": down["id"], "code": 200, "msg": "", "data": data}).to_string();
    talk.send(LAMP, "thing/sub/service/invoke_reply", &answer);
    assert!(matches!(&states(&talk)[0], RequestState::Refused { code: Some(code), .. } if code == "304"));
}

#[test]
fn the_operator_changes_a_gateways_topology() {
    let mut talk = Talk::new(&["thing/#"]);
    let change = |talk: &mut Talk, name: &str| {
        operate(talk, "topology", json!({"name": name, "sub": "p1/fan"})).unwrap();
        let down = talk.said("thing/sub/topo/change");
        let answer = json!({"id": down["id"], "code": 200, "msg": "success"}).to_string();
        talk.send(LAMP, "thing/sub/topo/change_reply", &answer);
        assert!(matches!(states(talk)[..], [RequestState::Replied { .. }]));
        down["params"]["subList"].clone()
    };
    assert_eq!(change(&mut talk, "add"), json!([{"productID": "p1", "deviceName": "fan"}]));
    assert_eq!(change(&mut talk, "delete"), json!([]));
    assert!(operate(&mut talk, "topology", json!({"name": "swap", "sub": "p1/fan"})).is_err());
    assert!(operate(&mut talk, "topology", json!({"name": "add", "sub": "p1/lamp"})).is_err());
}

#[test]
fn bytes_sent_up_are_answered() {
    let mut talk = Talk::new(&["custome/up_reply"]);
    talk.send(LAMP, "custome/up", "anything");
    assert!(talk.out.iter().any(
        |output| matches!(output, CloudOutput::Publish(message) if message.topic == "$sys/p1/lamp/custome/up_reply")
    ));
}

/// What a device's call is answered.
fn call(talk: &mut Talk, method: &str, path: &str, token: &str, body: Value) -> (u16, Value) {
    let headers = [("authorization".to_owned(), token.to_owned())];
    let body = body.to_string();
    let request = HttpRequest {
        endpoint: spec::HTTP_ENDPOINT,
        method,
        path,
        query: &[],
        headers: &headers,
        body: body.as_bytes(),
    };
    talk.act(|platform, view| platform.http(CallId(1), &request, view));
    let found = talk.out.iter().find_map(|output| match output {
        CloudOutput::Answer(CallId(1), answer) => Some(answer),
        _ => None,
    });
    let answer = found.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[test]
fn firmware_is_announced_asked_for_followed_and_done() {
    let mut talk = Talk::new(&["ota/inform"]);
    let good = token("2018-10-31", "products/p1/devices/lamp", KEY);
    let (status, answer) = call(&mut talk, "POST", "/ota/p1/lamp/version", &good, json!({"f_version": "1.0"}));
    assert_eq!((status, &answer["code"]), (200, &json!(0)));
    assert_eq!(talk.platform.device_state("p1/lamp").unwrap()["firmware"], "1.0");
    assert_eq!(call(&mut talk, "GET", "/ota/p1/lamp/check", &good, json!({})).1.get("data"), None);

    assert!(operate(&mut talk, "ota", json!({})).is_err());
    assert_eq!(operate(&mut talk, "ota", json!({"version": "2.0"})), Ok(vec![RequestState::Sent]));
    let told = talk.said("ota/inform")["params"].clone();
    let tid = told["tid"].as_str().unwrap().to_owned();
    assert_eq!(told["version"], "2.0");
    let (_, task) = call(&mut talk, "GET", "/ota/p1/lamp/check", &good, json!({}));
    assert_eq!((&task["data"]["target"], &task["data"]["tid"]), (&json!("2.0"), &json!(tid)));
    for (step, status) in [(10, 2), (60, 3), (100, 4)] {
        let told = call(&mut talk, "POST", &format!("/ota/p1/lamp/{tid}/status"), &good, json!({"step": step}));
        assert_eq!(told.1["code"], json!(0));
        assert_eq!(states(&talk).len(), usize::from(step == 100));
        let (_, seen) = call(&mut talk, "GET", &format!("/ota/p1/lamp/{tid}/check"), &good, json!({}));
        assert_eq!(seen["data"]["status"], json!(status));
    }
    assert_eq!(talk.platform.next_timeout(), None);

    operate(&mut talk, "ota", json!({"name": "3.0"})).unwrap();
    let tid = talk.said("ota/inform")["params"]["tid"].as_str().unwrap().to_owned();
    call(&mut talk, "POST", &format!("/ota/p1/lamp/{tid}/status"), &good, json!({"step": -2}));
    assert!(matches!(&states(&talk)[..], [RequestState::Refused { code: Some(code), .. }] if code == "-2"));
    operate(&mut talk, "ota", json!({"name": "3.0"})).unwrap();
    talk.now = talk.platform.next_timeout().unwrap();
    talk.act(Platform::handle_timeout);
    assert_eq!(states(&talk), [RequestState::silence()]);
}

#[test]
fn a_call_with_a_foreign_token_or_to_nowhere_is_refused() {
    let mut talk = Talk::new(&[]);
    let good = token("2018-10-31", "products/p1/devices/lamp", KEY);
    for (path, token, status, code) in [
        ("/ota/p1/lamp/version", "", 401, 10_403),
        ("/ota/p1/fan/version", good.as_str(), 401, 10_403),
        ("/ota/p1/lamp/version", &good.replace("et=1750000100", "et=1749999999"), 401, 10_403),
        ("/ota/p1/lamp/nothing", &good, 404, 404),
        ("/", &good, 404, 404),
        ("/ota/p1/lamp/9/status", &good, 400, 313),
        ("/ota/p1/lamp/version", &good, 200, 0),
    ] {
        let body = if status == 200 { json!({"f_version": "1"}) } else { json!({}) };
        let (found, answer) = call(&mut talk, "POST", path, token, body);
        assert_eq!((found, &answer["code"]), (status, &json!(code)), "{path}");
    }
    assert_eq!(operate(&mut talk, "ota", json!({"name": "2"})).unwrap().len(), 1);
    assert_eq!(talk.said("ota/inform"), Value::Null);
}
