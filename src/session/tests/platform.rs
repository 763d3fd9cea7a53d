//! Conversations with a real dialect: the bytes are those of the platform's documents.

use super::*;
use crate::model::thing::DataType;
use crate::session::thing::Behaviour;

const KEY: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";

fn config(role: Role) -> SessionConfig {
    let dialect = crate::dialect::find("onenet").unwrap();
    let device = Fields::new().with("product_id", "p1").with("device_name", "lamp");
    let identity = match role {
        Role::Device => device.clone().with("access_key", KEY),
        _ => Fields::new().with("user_id", "u1").with("access_key", KEY),
    };
    let model = std::sync::Arc::new(dialect.demo_model());
    SessionConfig {
        dialect,
        role,
        settings: ConnectionSettings {
            identity,
            devices: if role == Role::App { vec![device] } else { vec![] },
            ..ConnectionSettings::default()
        },
        model: Some(model.clone()),
        reconnect: Reconnect::BackOff,
        thing: (role == Role::Device).then(|| ThingConfig {
            number: 0,
            model,
            values: serde_json::Map::new(),
            behaviour: Behaviour::default(),
            rules: Default::default(),
            report_every: None,
            event_every: None,
            drift: false,
        }),
        seed: 1,
    }
}

/// A switch of the model, and a value for it.
fn writable(config: &SessionConfig) -> (String, Value) {
    let mut properties = config.model.as_ref().unwrap().properties.iter();
    let switch = properties.find(|property| property.writable && matches!(property.data_type, DataType::Bool { .. }));
    (switch.unwrap().identifier.clone(), json!(true))
}

fn hear(desk: &mut Desk, role: Role, topic: &str, body: Value) -> usize {
    let payload = body.to_string().into_bytes();
    let dialect = crate::dialect::find("onenet").unwrap();
    let meta = dialect.classify(role, Direction::In, topic, &payload);
    desk.next_message += 1;
    desk.session.receive(topic, &payload, meta, desk.next_message, desk.now);
    desk.drain();
    desk.next_message
}

#[test]
fn an_app_sets_a_property_and_hears_good_and_bad_replies() {
    let config = config(Role::App);
    let (name, value) = writable(&config);
    let mut desk = Desk::online(config);
    for key in 1..=3 {
        desk.set(key, json!({&name: value}));
    }
    let sent = desk.publish_all();
    assert_eq!(sent[0].topic, "$sys/p1/lamp/thing/property/set");
    assert_eq!(body(&sent[0])["requestId"], json!(desk.id(1)));
    let reply_topic = "$sys/p1/lamp/thing/property/set/reply";
    let (first, second) = (desk.id(1), desk.id(2));
    hear(&mut desk, Role::App, reply_topic, json!({"requestId": first, "success": true}));
    let bad =
        json!({"requestId": second, "code": "setPropertyFailed", "msg": "302 timeout too long", "success": false});
    hear(&mut desk, Role::App, reply_topic, bad);
    assert_eq!(desk.states(1).last(), Some(&"replied"));
    let (code, message) = (Some("setPropertyFailed".to_owned()), Some("302 timeout too long".to_owned()));
    assert_eq!(desk.updates(2).last(), Some(&RequestState::Refused { code: code.clone(), message }));
    // The platform says that the device said nothing: that is no refusal.
    let third = desk.id(3);
    let silent = json!({"requestId": third, "code": "setPropertyFailed", "msg": "306 timeout", "success": false});
    hear(&mut desk, Role::App, reply_topic, silent);
    assert_eq!(desk.updates(3).last(), Some(&RequestState::TimedOut { code, message: Some("306 timeout".into()) }));
}

#[test]
fn a_device_takes_a_set_answers_with_200_and_reports_the_new_value() {
    let config = config(Role::Device);
    let (name, value) = writable(&config);
    let mut desk = Desk::online(config);
    let login = desk.publish_all();
    assert_eq!(login[0].topic, "$sys/p1/lamp/thing/property/desired/get");
    let set = json!({"id": "1234567890123", "version": "1.0", "params": {&name: value}});
    hear(&mut desk, Role::Device, "$sys/p1/lamp/thing/property/set", set);
    let sent = desk.publish_all();
    let topics: Vec<&str> = sent.iter().map(|out| out.topic.as_str()).collect();
    assert_eq!(topics, ["$sys/p1/lamp/thing/property/set_reply", "$sys/p1/lamp/thing/property/post"]);
    assert_eq!((&body(&sent[0])["id"], &body(&sent[0])["code"]), (&json!("1234567890123"), &json!(200)));
    let post = body(&sent[1]);
    assert_eq!(post["params"][&name]["value"], value);
    assert_eq!(desk.said().pop().unwrap().1[&name], value);
    let reply = json!({"id": post["id"], "code": 200, "msg": "success"});
    hear(&mut desk, Role::Device, "$sys/p1/lamp/thing/property/post/reply", reply);
    assert!(desk.unsolicited().is_empty() && desk.warnings().is_empty(), "{:?}", desk.warnings());
}

#[test]
fn a_device_refuses_what_its_model_does_not_have_with_the_platforms_code() {
    let mut desk = Desk::online(config(Role::Device));
    desk.publish_all();
    let set = json!({"id": "5", "params": {"noSuchThing": 1}});
    hear(&mut desk, Role::Device, "$sys/p1/lamp/thing/property/set", set);
    let sent = desk.publish_all();
    assert_eq!(sent.len(), 1);
    assert_ne!(body(&sent[0])["code"], 200);
}

#[test]
fn a_device_takes_the_desired_values_that_wait_for_it() {
    let config = config(Role::Device);
    let (name, value) = writable(&config);
    let mut desk = Desk::online(config);
    let asked = body(&desk.publish_all()[0]);
    let data = json!({&name: {"value": value, "version": 4}});
    let reply = json!({"id": asked["id"], "code": 200, "msg": "success", "data": data});
    hear(&mut desk, Role::Device, "$sys/p1/lamp/thing/property/desired/get/reply", reply);
    let sent = desk.publish_all();
    assert_eq!(sent[0].topic, "$sys/p1/lamp/thing/property/desired/delete");
    assert_eq!(body(&sent[0])["params"][&name]["version"], 4);
    assert_eq!(sent[1].topic, "$sys/p1/lamp/thing/property/post");
}

#[test]
fn a_gateways_report_for_a_sub_device_is_a_pack_and_answered_as_one() {
    use crate::session::thing::rules::{Reader, Rules};
    let mut config = config(Role::Device);
    let text = "[[sub_device]]\ndevice = \"p2/meter\"\n[[report]]\ndevice = \"p2/meter\"\nproperty = \"WF\"\nat = [\"1s\"]\nconstant = 7\n";
    let thing = config.thing.as_mut().unwrap();
    let file = |_: &str| Err(Phrase::verbatim("no files here"));
    let rules = Rules::parse(text, Reader { dialect: config.dialect, model: &thing.model, file: &file }).unwrap();
    thing.rules = rules.into();
    let mut desk = Desk::online(config);
    let asked = body(&desk.publish_all()[0]);
    hear(
        &mut desk,
        Role::Device,
        "$sys/p1/lamp/thing/property/desired/get/reply",
        json!({"id": asked["id"], "code": 200}),
    );
    desk.pass(SECOND);
    let sent = desk.publish_all();
    assert_eq!(sent[0].topic, "$sys/p1/lamp/thing/pack/post");
    let pack = body(&sent[0]);
    assert_eq!(pack["params"][0]["identity"], json!({"productID": "p2", "deviceName": "meter"}));
    hear(&mut desk, Role::Device, "$sys/p1/lamp/thing/pack/post/reply", json!({"id": pack["id"], "code": 200}));
    desk.pass(20 * SECOND);
    assert!(desk.unsolicited().is_empty() && desk.warnings().is_empty(), "{:?}", desk.warnings());
}
