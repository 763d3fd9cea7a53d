//! Sub-devices, the gateway's side: what it is asked on their behalf, and what it sends for them.
//!
//! A sub-device is named `product/name`. Its own topics are not the gateway's: everything about it travels on the
//! gateway's topics, with the sub-device in the body (OneNET docs, OneJSON `subdevice-data.md`, `topy-manager.md`).

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::digest::base64_decode_lenient;
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::sign::{DEVICE_VERSION, METHOD, NOT_BASE64, Token};
use crate::dialect::onenet::spec::CLOUD_TIMEOUT;
use crate::dialect::onenet::topic::{self, Channel};
use crate::dialect::onenet::{codes, read};
use crate::dialect::{EncodeFault, Encoded, Incoming, Via};
use crate::model::{OpKind, Request};

const NO_ACTION: Text =
    Text::new("the action is one of add, delete, get, login, logout", "操作应为 add、delete、get、login、logout 之一");
const ONLY_POSTS: Text = Text::new(
    "a gateway reports, tells events and topology for “{}”, nothing else",
    "网关只能代“{}”上报属性、事件和拓扑操作",
);
const BAD_KEY: Text = Text::same("access_key {}");

/// How long a token that is made for a sub-device is valid.
const TOKEN_LIFE: Duration = Duration::from_secs(12 * 3_600);

/// Whether a gateway is asked something on this channel.
pub fn is_asked(channel: Channel) -> bool {
    matches!(
        channel,
        Channel::SubPropertyGet | Channel::SubPropertySet | Channel::SubServiceInvoke | Channel::TopoChange
    )
}

/// What a gateway is asked.
pub fn incoming(channel: Channel, topic: &str, request_id: Option<String>, params: Option<Value>) -> Incoming {
    let params = match params {
        Some(Value::Object(params)) => params,
        _ => Map::new(),
    };
    let inner = |name: &str| params.get(name).cloned();
    let (op, name, inside) = match channel {
        Channel::SubPropertySet => (OpKind::Set, None, inner("params")),
        Channel::SubPropertyGet => (OpKind::Get, None, inner("params")),
        Channel::SubServiceInvoke => (OpKind::Invoke, Some(body::text(params.get("identifier"))), inner("input")),
        _ => (OpKind::Topology, Some("change".to_owned()), Some(Value::Object(params.clone()))),
    };
    Incoming { device: identity(&params), ..read::incoming(op, topic, request_id, name, inside) }
}

/// `{productID, deviceName}` as `product/name`.
pub fn identity(params: &Map<String, Value>) -> Option<String> {
    let (product, device) = (body::text(params.get("productID")), body::text(params.get("deviceName")));
    (!product.is_empty() && !device.is_empty()).then(|| format!("{product}/{device}"))
}

/// `product/name` as the members of a body.
pub fn members(device: &str) -> Map<String, Value> {
    let (product, name) = device.split_once('/').unwrap_or(("", device));
    Map::from_iter([("productID".to_owned(), json!(product)), ("deviceName".to_owned(), json!(name))])
}

/// The data of a good answer to what was asked for a sub-device: outputs of a service name it again.
pub fn answer_data(request: &Incoming, data: &Map<String, Value>) -> Value {
    match (&request.device, request.op) {
        (Some(device), OpKind::Invoke) => {
            let mut named = members(device);
            named.insert("identifier".to_owned(), json!(request.name));
            named.insert("output".to_owned(), json!(data));
            Value::Object(named)
        }
        _ => Value::Object(data.clone()),
    }
}

/// What a gateway owes at once: the result of having taken the list of its sub-devices in.
pub fn due(topic: &str, payload: &[u8]) -> Option<Encoded> {
    let address = topic::parse(topic).filter(|address| address.channel == Some(Channel::TopoGetReply))?;
    let Body::Reply { id, code: body::SUCCESS, .. } = Body::parse(payload)? else { return None };
    let result = Body::Reply { id: id.clone(), code: body::SUCCESS, msg: codes::message("200").to_owned(), data: None };
    Some(Encoded {
        via: Via::Mqtt,
        topic: Channel::TopoGetResult.topic(address.product, address.device, ""),
        payload: result.emit(),
        qos: 1,
        request_id: Some(id),
        reply: None,
        timeout: CLOUD_TIMEOUT,
    })
}

/// What a gateway posts for a sub-device: reports and events are packs of one.
pub fn post(device: &str, request: &Request, now: Time) -> Result<(Channel, Option<Value>), EncodeFault> {
    let stamped = |params: &Map<String, Value>| -> Map<String, Value> {
        params.iter().map(|(identifier, value)| (identifier.clone(), body::stamped(value, now))).collect()
    };
    let (group, points) = match (request.op, &request.name) {
        (OpKind::Report, _) => ("properties", stamped(&request.params)),
        (OpKind::Event, Some(name)) => {
            let event = Map::from_iter([(name.clone(), Value::Object(request.params.clone()))]);
            ("events", stamped(&event))
        }
        (OpKind::Topology, _) => {
            let mut params = members(device);
            params.extend(request.params.clone());
            return topology(request.name.as_deref(), params, now);
        }
        _ => return Err(EncodeFault::Argument(ONLY_POSTS.with(&[&device]))),
    };
    let entry = Map::from_iter([
        ("identity".to_owned(), Value::Object(members(device))),
        (group.to_owned(), Value::Object(points)),
    ]);
    Ok((Channel::PackPost, Some(json!([entry]))))
}

/// A topology message. To add a sub-device takes its token; it is made here where its `access_key` is given instead.
pub fn topology(
    action: Option<&str>,
    mut params: Map<String, Value>,
    now: Time,
) -> Result<(Channel, Option<Value>), EncodeFault> {
    let channel = match action {
        Some("add") => Channel::TopoAdd,
        Some("delete") => Channel::TopoDelete,
        Some("get") => return Ok((Channel::TopoGet, None)),
        Some("login") => Channel::SubLogin,
        Some("logout") => Channel::SubLogout,
        _ => return Err(EncodeFault::Argument(NO_ACTION.into())),
    };
    if let Some(key) = params.remove("access_key") {
        let fault = |reason: Phrase| EncodeFault::Argument(BAD_KEY.around([reason]));
        let key = base64_decode_lenient(&body::text(Some(&key))).map_err(|_| fault(NOT_BASE64.into()))?;
        let (product, name) = (body::text(params.get("productID")), body::text(params.get("deviceName")));
        let resource = format!("products/{product}/devices/{name}");
        let expiry = (now + TOKEN_LIFE).as_secs().to_string();
        let token = Token::make(DEVICE_VERSION, &resource, &expiry, METHOD, &key);
        let token = token.ok_or_else(|| fault(NOT_BASE64.into()))?;
        params.insert("sasToken".to_owned(), json!(token.emit()));
    }
    Ok((channel, Some(Value::Object(params))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::dialect::onenet::{OneNet, write};
    use crate::dialect::{Answer, Context, Dialect, Reading};
    use crate::model::{Fields, Role};

    fn gateway() -> Fields {
        Fields::new().with("product_id", "p1").with("device_name", "hub")
    }

    fn context(identity: &Fields) -> Context<'_> {
        Context { role: Role::Device, identity, devices: &[], model: None, lang: Lang::En }
    }

    /// What the gateway answers, as the topic's tail and the body.
    fn answer(tail: &str, body: &Value, data: Value) -> (String, Value) {
        let identity = gateway();
        let topic = format!("$sys/p1/hub/{tail}");
        let readings = OneNet.read(&context(&identity), &topic, body.to_string().as_bytes());
        let [Reading::Request(incoming)] = &readings[..] else { panic!("{readings:?}") };
        let given = Answer { data: data.as_object().cloned().unwrap_or_default(), ..Answer::default() };
        if tail.contains("topo") {
            assert_eq!((incoming.op, &incoming.device), (OpKind::Topology, &None));
        } else {
            assert_eq!(incoming.device.as_deref(), Some("p2/meter"));
        }
        let sent = write::answer(incoming, &given).unwrap();
        (sent.topic.trim_start_matches("$sys/p1/hub/").to_owned(), serde_json::from_slice(&sent.payload).unwrap())
    }

    #[test]
    fn a_gateway_is_asked_for_its_sub_devices_and_answers_in_the_documents_shapes() {
        let about = |more: Value| {
            let mut params = members("p2/meter");
            params.extend(more.as_object().cloned().unwrap());
            json!({"id": "12", "version": "1.0", "params": params})
        };
        let (tail, body) = answer("thing/sub/property/set", &about(json!({"params": {"a": 1}})), json!({}));
        assert_eq!(
            (tail.as_str(), &body["id"], &body["code"]),
            ("thing/sub/property/set_reply", &json!("12"), &json!(200))
        );
        let (tail, body) = answer("thing/sub/property/get", &about(json!({"params": ["a"]})), json!({"a": 1}));
        assert_eq!((tail.as_str(), &body["data"]), ("thing/sub/property/get_reply", &json!({"a": 1})));
        let call = about(json!({"identifier": "reset", "input": {"x": 2}}));
        let (tail, body) = answer("thing/sub/service/invoke", &call, json!({"y": 3}));
        assert_eq!(tail, "thing/sub/service/invoke_reply");
        let named = json!({"productID": "p2", "deviceName": "meter", "identifier": "reset", "output": {"y": 3}});
        assert_eq!(body["data"], named);
        let list = json!({"id": "12", "params": {"subList": [members("p2/meter")]}});
        assert_eq!(answer("thing/sub/topo/change", &list, json!({})).0, "thing/sub/topo/change_reply");
    }

    #[test]
    fn a_list_that_was_asked_for_is_confirmed() {
        let identity = gateway();
        let list = json!({"id": "4", "code": 200, "msg": "success", "data": [members("p2/meter")]}).to_string();
        let readings = OneNet.read(&context(&identity), "$sys/p1/hub/thing/sub/topo/get/reply", list.as_bytes());
        let [Reading::Reply(_), Reading::Due(due)] = &readings[..] else { panic!("{readings:?}") };
        assert_eq!(due.topic, "$sys/p1/hub/thing/sub/topo/get/result");
        assert_eq!(due.payload, br#"{"id":"4","code":200,"msg":"success"}"#);
    }

    #[test]
    fn posts_and_topology_of_a_sub_device_travel_on_the_gateways_topics() {
        let identity = gateway();
        let encode = |op: OpKind, name: Option<&str>, params: Value| {
            let request = Request {
                device: Some("p2/meter".to_owned()),
                name: name.map(str::to_owned),
                params: params.as_object().cloned().unwrap(),
                ..Request::new(op)
            };
            let now = Time::from_millis(1_524_448_722_123);
            let sent = write::encode(&context(&identity), &request, 7, now, false)?;
            Ok::<_, EncodeFault>((
                sent.topic,
                serde_json::from_slice::<Value>(&sent.payload).unwrap()["params"].clone(),
            ))
        };
        let who = json!({"productID": "p2", "deviceName": "meter"});
        let stamped = json!({"value": 1, "time": 1_524_448_722_123_u64});
        assert_eq!(
            encode(OpKind::Report, None, json!({"a": 1})),
            Ok(("$sys/p1/hub/thing/pack/post".to_owned(), json!([{"identity": who, "properties": {"a": stamped}}])))
        );
        let (_, params) = encode(OpKind::Event, Some("alarm"), json!({"a": 1})).unwrap();
        assert_eq!(params[0]["events"]["alarm"]["value"], json!({"a": 1}));
        let (topic, params) = encode(OpKind::Topology, Some("login"), json!({})).unwrap();
        assert_eq!((topic.as_str(), &params), ("$sys/p1/hub/thing/sub/login", &who));
        let (_, params) = encode(OpKind::Topology, Some("add"), json!({"access_key": "a2V5"})).unwrap();
        let token = Token::parse(params["sasToken"].as_str().unwrap()).unwrap();
        assert_eq!((token.res.as_str(), params.get("access_key")), ("products/p2/devices/meter", None));
        assert!(encode(OpKind::DesiredGet, None, json!({})).is_err());
    }
}
