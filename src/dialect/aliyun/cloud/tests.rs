//! Conversations with the simulated platform, in virtual time.

use serde_json::{Value, json};

use super::*;
use crate::dialect::aliyun::sign;
use crate::dialect::cloud::{ClientId, RosterEntry};
use crate::model::Fields;

const NOW: Time = Time::from_secs(1_750_000_000);

fn roster() -> Roster {
    let entry = |fields: &[(&str, &str)]| RosterEntry {
        fields: fields.iter().fold(Fields::new(), |fields, (name, value)| fields.with(*name, *value)),
        ..RosterEntry::default()
    };
    let mut roster = Roster::default();
    let model = crate::dialect::aliyun::model::DEMO;
    roster
        .tables
        .insert("product".into(), vec![entry(&[("product_key", "pk"), ("product_secret", "ps"), ("model", model)])]);
    roster.tables.insert(
        "device".into(),
        vec![
            entry(&[("product_key", "pk"), ("device_name", "dn"), ("device_secret", "secret")]),
            entry(&[("product_key", "pk"), ("device_name", "sub"), ("device_secret", "subsecret")]),
        ],
    );
    let mut app = entry(&[("product_key", "apk"), ("device_name", "phone"), ("device_secret", "appsecret")]);
    app.lists.insert("iot_tokens".into(), vec!["token".into()]);
    app.lists.insert("devices".into(), vec!["pk/dn".into()]);
    roster.tables.insert("app".into(), vec![app]);
    roster
}

struct World {
    platform: Platform,
    clients: BTreeMap<u64, Client>,
    now: Time,
}

impl World {
    fn new() -> World {
        World {
            platform: Platform::new(&roster(), &CloudOptions::default()).unwrap(),
            clients: BTreeMap::new(),
            now: NOW,
        }
    }

    fn connect(&mut self, client_id: &str, username: &str, password: &str) -> Admission {
        let connect = Connect {
            endpoint: "aliyun",
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

    /// Lets a device in, with these filters.
    fn enter(&mut self, number: u64, role: Role, identity: &str, filters: &[&str]) -> Vec<CloudOutput> {
        let client = Client {
            id: ClientId(number),
            role,
            identity: identity.into(),
            exclusive: true,
            filters: filters.iter().map(|filter| (*filter).to_owned()).collect(),
        };
        self.clients.insert(number, client.clone());
        self.act(|platform, view| platform.online(&client, view))
    }

    fn act(&mut self, act: impl FnOnce(&mut Platform, &mut CloudView<'_>)) -> Vec<CloudOutput> {
        let mut out = Vec::new();
        act(&mut self.platform, &mut CloudView { now: self.now, clients: &self.clients, out: &mut out });
        out
    }

    fn say(&mut self, number: u64, topic: &str, payload: Value) -> Vec<(String, Value)> {
        let client = self.clients[&number].clone();
        assert_eq!(self.platform.may_publish(&client, topic), Ok(()), "{topic}");
        let message = CloudMessage { topic: topic.into(), payload: payload.to_string().into_bytes(), qos: 1 };
        messages(self.act(|platform, view| platform.receive(&client, &message, view)))
    }

    fn operate(&mut self, operation: &str, arguments: Value) -> Vec<CloudOutput> {
        let operate = Operate {
            key: RequestKey(1),
            operation: operation.into(),
            device: "dn".into(),
            arguments: arguments.as_object().cloned().unwrap_or_default(),
        };
        self.act(|platform, view| platform.operate(&operate, view).unwrap())
    }
}

fn messages(out: Vec<CloudOutput>) -> Vec<(String, Value)> {
    let message = |output| match output {
        CloudOutput::Publish(message) | CloudOutput::Deliver(_, message) => {
            Some((message.topic, serde_json::from_slice(&message.payload).unwrap_or(Value::Null)))
        }
        _ => None,
    };
    out.into_iter().filter_map(message).collect()
}

fn outcome(out: &[CloudOutput]) -> Option<&RequestState> {
    out.iter().rev().find_map(|output| match output {
        CloudOutput::Operated(_, state) => Some(state),
        _ => None,
    })
}

fn signed(client_id: &str, secret: &str, product: &str, device: &str) -> String {
    let parsed = sign::ClientId::parse(client_id).unwrap();
    let content = sign::content(&parsed.id, device, product, parsed.get("timestamp"));
    let method = parsed.get("signmethod").unwrap_or("hmacmd5");
    sign::signature(sign::digest_of(method).unwrap(), secret, &content)
}

#[test]
fn logins_in_the_ways_of_vendor_sdks_are_let_in_and_wrong_ones_are_not() {
    let mut world = World::new();
    for client_id in [
        "12345|securemode=3,signmethod=hmacsha1,timestamp=789|",
        "pk&dn|ext=1,_ss=1,lan=Python,_v=1.2.13,securemode=2,signmethod=hmacsha256,timestamp=1700000000|",
        "pk.dn|timestamp=2524608000000,_ss=1,_v=sdk-c-3.2.0,securemode=3,signmethod=hmacmd5,lan=C,gw=0,ext=0|",
        "x|securemode=3|",
    ] {
        let password = signed(client_id, "secret", "pk", "dn");
        for password in [password.to_ascii_lowercase(), password] {
            let Admission::Accept { identity, auto_subscribe, exclusive: true, .. } =
                world.connect(client_id, "dn&pk", &password)
            else {
                panic!("{client_id}");
            };
            assert_eq!(identity, "pk/dn");
            assert_eq!(auto_subscribe.is_empty(), !client_id.contains("_ss=1"));
        }
    }
    let good = "12345|securemode=3,signmethod=hmacsha1,timestamp=789|";
    let password = signed(good, "secret", "pk", "dn");
    let connack = |admission| match admission {
        Admission::Refuse { connack, .. } => connack,
        Admission::Accept { .. } => 0,
    };
    for (client_id, username, password, expected) in [
        ("12345", "dn&pk", password.as_str(), 2),
        ("12345|securemode=3,signmethod=hmacsha1,timestamp=789", "dn&pk", &password, 2),
        (good, "dn", &password, 4),
        (good, "pk&dn", &password, 5),
        (good, "dn&pk", "00", 5),
        // An SDK that announces a digest it does not use.
        ("12345|securemode=3,signmethod=hmacsha256,timestamp=789|", "dn&pk", &password, 5),
        ("12345|securemode=3,signmethod=hmacsha1|", "dn&pk", &password, 5),
    ] {
        assert_eq!(connack(world.connect(client_id, username, password)), expected, "{client_id} {username}");
    }
}

#[test]
fn posts_are_judged_by_the_model_and_answered_with_their_own_id() {
    let mut world = World::new();
    world.enter(1, Role::Device, "pk/dn", &["/sys/pk/dn/#"]);
    let post = "/sys/pk/dn/thing/event/property/post";
    for id in [json!("7"), json!(7), json!("1|exp-topic|/sys/x")] {
        let answers = world.say(
            1,
            post,
            json!({"id": id, "version": "1.0", "params": {"PowerSwitch": 1}, "method": "thing.event.property.post"}),
        );
        assert_eq!(answers[0].0, format!("{post}_reply"));
        assert_eq!(
            (&answers[0].1["id"], &answers[0].1["code"], &answers[0].1["message"]),
            (&id, &json!(200), &json!("success"))
        );
    }
    for (params, code) in [
        (json!({"PowerSwitch": true}), 6308),
        (json!({"Brightness": 101}), 6306),
        (json!({"TargetTemperature": "20"}), 6307),
        (json!({"Mode": 9}), 6309),
        (json!({"Title": "x".repeat(33)}), 6310),
        (json!({"AlarmTime": 5}), 6311),
        (json!({"Color": {"r": 300}}), 6312),
        (json!({"Nope": 1}), 6320),
        (json!({}), 6302),
        (json!([1]), 6301),
        (json!(null), 460),
    ] {
        let answers = world.say(1, post, json!({"id": "8", "params": params}));
        assert_eq!(answers[0].1["code"], json!(code), "{params}");
    }
    assert!(world.say(1, post, json!({"id": "9", "sys": {"ack": 0}, "params": {"PowerSwitch": 1}})).is_empty());
    let wrapped = world.say(1, post, json!({"id": "10", "params": {"Brightness": {"value": 7, "time": 1}}}));
    assert_eq!(wrapped[0].1["code"], json!(200));
    assert_eq!(world.platform.device_state("pk/dn").unwrap()["values"]["Brightness"], json!(7));
}

#[test]
fn a_bound_app_hears_of_its_devices_and_an_unbound_one_does_not() {
    let mut world = World::new();
    world.enter(1, Role::Device, "pk/dn", &["/sys/pk/dn/#"]);
    world.enter(2, Role::App, "apk/phone", &[]);
    let post = |world: &mut World| {
        let message = json!({"id": "1", "params": {"Brightness": 5}});
        let out = world.say(1, "/sys/pk/dn/thing/event/property/post", message);
        out.into_iter().filter(|(topic, _)| topic.contains("/app/down/")).collect::<Vec<_>>()
    };
    assert!(post(&mut world).is_empty(), "before the binding");
    let bind = |world: &mut World, token: &str| {
        let message =
            json!({"id": "b", "version": "1.0", "request": {"clientId": "phone&apk"}, "params": {"iotToken": token}});
        world.say(2, "/sys/apk/phone/app/up/account/bind", message)
    };
    assert_eq!(bind(&mut world, "stale")[0].1["code"], json!(460));
    assert!(post(&mut world).is_empty());
    let answer = bind(&mut world, "token");
    assert_eq!(
        (answer[0].0.as_str(), &answer[0].1["code"]),
        ("/sys/apk/phone/app/down/account/bind_reply", &json!(200))
    );
    let pushes = post(&mut world);
    assert_eq!(pushes[0].0, "/sys/apk/phone/app/down/thing/properties");
    assert_eq!(pushes[0].1["params"]["items"]["Brightness"]["value"], json!(5));
    let event = world.say(
        1,
        "/sys/pk/dn/thing/event/Overheat/post",
        json!({"id": "2", "params": {"value": {"Value": 90.5, "Level": 1}, "time": 1}}),
    );
    assert!(
        event
            .iter()
            .any(|(topic, body)| topic.ends_with("/thing/events") && body["params"]["identifier"] == "Overheat")
    );
    let client = world.clients.remove(&1).unwrap();
    let gone = messages(world.act(|platform, view| platform.offline(&client, view)));
    assert_eq!(gone[0].1["params"]["status"]["value"], json!(3));
    world.say(2, "/sys/apk/phone/app/up/account/unbind", json!({"id": "u", "params": {}}));
    assert!(world.platform.bound.is_empty());
}

#[test]
fn the_operator_gets_his_answers_in_every_way_the_platform_has() {
    let mut world = World::new();
    world.enter(1, Role::Device, "pk/dn", &["/sys/pk/dn/#"]);
    let out = world.operate("set", json!({"PowerSwitch": true}));
    let sent = messages(out);
    assert_eq!(sent[0].0, "/sys/pk/dn/thing/service/property/set");
    assert_eq!(sent[0].1["params"], json!({"PowerSwitch": 1}), "in the form of the wire");
    let reply = |world: &mut World, topic: &str, body: Value| {
        let client = world.clients[&1].clone();
        let message = CloudMessage { topic: topic.into(), payload: body.to_string().into_bytes(), qos: 1 };
        world.act(|platform, view| platform.receive(&client, &message, view))
    };
    let id = sent[0].1["id"].clone();
    let out =
        reply(&mut world, "/sys/pk/dn/thing/service/property/set_reply", json!({"id": id, "code": 200, "data": {}}));
    assert!(matches!(outcome(&out), Some(RequestState::Replied { .. })));
    let late =
        reply(&mut world, "/sys/pk/dn/thing/service/property/set_reply", json!({"id": id, "code": 200, "data": {}}));
    assert!(outcome(&late).is_none());

    world.operate("get", json!({"identifiers": ["Brightness"]}));
    let out =
        reply(&mut world, "/sys/pk/dn/thing/event/property/post", json!({"id": "55", "params": {"Brightness": 9}}));
    assert_eq!(outcome(&out), Some(&RequestState::Observed));

    let sent = messages(world.operate("invoke", json!({"name": "Blink", "params": {"Times": 2}})));
    assert!(sent[0].0.starts_with("/sys/pk/dn/rrpc/request/"), "{}", sent[0].0);
    let topic = sent[0].0.replace("request", "response");
    let out = reply(&mut world, &topic, json!({"id": sent[0].1["id"], "code": 200, "data": {"Done": 1}}));
    assert!(matches!(outcome(&out), Some(RequestState::Replied { .. })));

    let sent = messages(world.operate("invoke", json!({"name": "Restart", "params": {"Delay": 1}})));
    assert_eq!(sent[0].0, "/sys/pk/dn/thing/service/Restart");
    let out = reply(
        &mut world,
        "/sys/pk/dn/thing/service/Restart_reply",
        json!({"id": sent[0].1["id"], "code": 460, "data": {}}),
    );
    assert!(matches!(outcome(&out), Some(RequestState::Refused { code: Some(code), .. }) if code == "460"));

    world.operate("invoke", json!({"name": "Blink", "params": {"Times": 2}}));
    world.now += std::time::Duration::from_secs(9);
    let out = world.act(Cloud::handle_timeout);
    assert_eq!(outcome(&out), Some(&RequestState::silence()));

    // A device that answers a set with nothing but a post.
    world.operate("set", json!({"PowerSwitch": true, "Brightness": 7}));
    let post = json!({"id": "56", "params": {"PowerSwitch": 1, "Brightness": 7}});
    assert_eq!(outcome(&reply(&mut world, "/sys/pk/dn/thing/event/property/post", post)), None);
    world.now += std::time::Duration::from_secs(11);
    let out = world.act(Cloud::handle_timeout);
    assert_eq!(outcome(&out), Some(&RequestState::Observed));
}

#[test]
fn a_gateway_brings_its_sub_device() {
    let mut world = World::new();
    world.enter(1, Role::Device, "pk/dn", &["/sys/pk/dn/#"]);
    let sub = |secret: &str| {
        let content = sign::content("pk&sub", "sub", "pk", Some("1"));
        let signature = sign::signature(sign::digest_of("hmacsha256").unwrap(), secret, &content);
        json!({"productKey": "pk", "deviceName": "sub", "clientId": "pk&sub", "timestamp": "1", "signmethod": "hmacSha256", "signMethod": "hmacSha256", "sign": signature, "cleanSession": "true"})
    };
    let add = |world: &mut World, secret: &str| {
        world.say(
            1,
            "/sys/pk/dn/thing/topo/add",
            json!({"id": "1", "params": [sub(secret)], "method": "thing.topo.add"}),
        )
    };
    assert_eq!(add(&mut world, "wrong")[0].1["code"], json!(401));
    assert_eq!(add(&mut world, "subsecret")[0].1["code"], json!(200));
    let login = world.say(1, "/ext/session/pk/dn/combine/login", json!({"id": "2", "params": sub("subsecret")}));
    assert_eq!((login[0].0.as_str(), &login[0].1["code"]), ("/ext/session/pk/dn/combine/login_reply", &json!(200)));
    let post = world.say(1, "/sys/pk/sub/thing/event/property/post", json!({"id": "3", "params": {"Brightness": 3}}));
    assert_eq!((post[0].0.as_str(), &post[0].1["code"]), ("/sys/pk/sub/thing/event/property/post_reply", &json!(200)));
    let client = world.clients[&1].clone();
    assert!(world.platform.may_publish(&client, "/sys/pk/other/thing/event/property/post").is_err());
}

#[test]
fn a_device_registers_itself_with_the_products_secret() {
    let mut world = World::new();
    let client_id = "dn.pk|random=abc,authType=register,securemode=2,signmethod=hmacsha256|";
    let content = sign::register_content("dn", "pk", "abc");
    let password = sign::signature(sign::digest_of("hmacsha256").unwrap(), "ps", &content);
    assert!(matches!(world.connect(client_id, "dn&pk", &password), Admission::Accept { .. }));
    let pushed = messages(world.enter(1, Role::Device, "pk/dn", &[]));
    assert_eq!(pushed[0].0, "/ext/register");
    assert_eq!(pushed[0].1["deviceSecret"], json!("secret"));
    assert!(matches!(world.connect(client_id, "dn&pk", "00"), Admission::Refuse { .. }));
}

#[test]
fn time_and_shadow_are_answered() {
    let mut world = World::new();
    world.enter(1, Role::Device, "pk/dn", &["/sys/pk/dn/#"]);
    let time = world.say(1, "/ext/ntp/pk/dn/request", json!({"deviceSendTime": "5"}));
    assert_eq!(time[0].0, "/ext/ntp/pk/dn/response");
    assert_eq!(time[0].1["serverSendTime"], json!(NOW.as_millis().to_string()));
    let shadow = |world: &mut World, body: Value| world.say(1, "/shadow/update/pk/dn", body)[0].1["payload"].clone();
    assert_eq!(
        shadow(&mut world, json!({"method": "update", "state": {"reported": {"a": 1}}, "version": 5}))["status"],
        "success"
    );
    assert_eq!(
        shadow(&mut world, json!({"method": "update", "state": {"reported": {"a": 1}}, "version": 5}))["content"]["errorcode"],
        "409"
    );
    assert_eq!(shadow(&mut world, json!({"method": "get"}))["state"]["reported"], json!({"a": 1}));
}
