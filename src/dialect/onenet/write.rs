//! Operations and answers as messages.

use serde_json::{Map, Value, json};

use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::codes;
use crate::dialect::onenet::gateway;
use crate::dialect::onenet::model;
use crate::dialect::onenet::ota;
use crate::dialect::onenet::spec::{CLOUD_TIMEOUT, SPEC};
use crate::dialect::onenet::topic::{self, Channel};
use crate::dialect::{Answer, Context, EncodeFault, Encoded, Incoming, Via};
use crate::model::{Fields, OpKind, Request, Role};

/// Ids between cloud and device have at most this many digits (OneNET docs, `property&event.md`).
pub const ID_LIMIT: u64 = 10_000_000_000_000;

const NO_DEVICE: Text = Text::new("name the device: this connection knows none", "请指定设备：该连接没有配置设备");
const WHICH_DEVICE: Text = Text::new("name the device, one of: {}", "请指定设备：{}");
const UNKNOWN_DEVICE: Text =
    Text::new("this connection knows no device “{}”; it knows: {}", "该连接没有设备“{}”，已配置：{}");
const NO_PART: Text = Text::new("{} is required: the topic is made of it", "必须填写 {}：主题由它组成");
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const NO_IDENTIFIERS: Text = Text::new("give at least one identifier", "至少给出一个标识符");
const NO_EVENT: Text = Text::new("name the event", "请指定事件标识符");
const BAD_VERSION: Text = Text::new("the version of “{}” is a whole number or null", "“{}”的版本应为整数或 null");

/// Encodes an operation.
pub fn encode(
    context: &Context<'_>,
    request: &Request,
    id: u64,
    now: Time,
    check: bool,
) -> Result<Encoded, EncodeFault> {
    let operations = SPEC.role(context.role).map(|role| role.operations).unwrap_or_default();
    let Some(operation) = operations.iter().find(|operation| operation.op == request.op) else {
        return Err(EncodeFault::NoSuchOperation(operations.iter().map(|operation| operation.op).collect()));
    };
    if request.op == OpKind::Ota {
        return ota::encode(context, request, now);
    }
    let (product, device) = target(context, request)?;
    for (name, value) in [("product_id", &product), ("device_name", &device)] {
        if value.is_empty() {
            return Err(EncodeFault::Argument(NO_PART.with(&[&name])));
        }
    }
    if check {
        check_request(context, request)?;
    }
    let (channel, payload, request_id) = match context.role {
        Role::App => app(request, id, now)?,
        Role::Device | Role::Cloud => match sub_device(context, request) {
            Some(sub) => {
                let (channel, params) = gateway::post(&sub, request, now)?;
                enveloped(channel, params, id)
            }
            None => device_message(request, id, now)?,
        },
    };
    Ok(Encoded {
        via: Via::Mqtt,
        topic: channel.topic(&product, &device, ""),
        payload,
        qos: 1,
        request_id,
        // What is sent for a sub-device is a pack, and answered as one.
        reply: match channel.reply() {
            Some(reply) if channel == Channel::PackPost => Some(reply.kind()),
            _ => operation.reply,
        },
        timeout: operation.timeout,
    })
}

fn argument(text: Text) -> EncodeFault {
    EncodeFault::Argument(text.into())
}

/// Product and device that the message is about.
fn target(context: &Context<'_>, request: &Request) -> Result<(String, String), EncodeFault> {
    let pair = |fields: &Fields| {
        let part = |name| fields.get(name).unwrap_or_default().to_owned();
        (part("product_id"), part("device_name"))
    };
    if context.role != Role::App {
        // A gateway speaks for its sub-devices on topics of its own.
        return Ok(pair(context.identity));
    }
    let known = context.devices;
    let names = || {
        let names: Vec<String> =
            known.iter().map(pair).map(|(product, device)| format!("{product}/{device}")).collect();
        names.join(", ")
    };
    match &request.device {
        None => match known {
            [] => Err(argument(NO_DEVICE)),
            [one] => Ok(pair(one)),
            _ => Err(EncodeFault::Argument(WHICH_DEVICE.with(&[&names()]))),
        },
        Some(wanted) => {
            let found = known.iter().map(pair).find(|(product, device)| {
                device == wanted || wanted.split_once('/') == Some((product.as_str(), device.as_str()))
            });
            match (found, wanted.split_once('/')) {
                (Some(found), _) => Ok(found),
                // An app may drive a device that its profile does not list, if it names the product too.
                (None, Some((product, device))) => Ok((product.to_owned(), device.to_owned())),
                (None, None) => Err(EncodeFault::Argument(UNKNOWN_DEVICE.with(&[wanted, &names()]))),
            }
        }
    }
}

fn check_request(context: &Context<'_>, request: &Request) -> Result<(), EncodeFault> {
    let Some(known) = context.model else { return Ok(()) };
    let refuse = |identifier: &str, (fault, code): model::Finding| EncodeFault::Value {
        reason: fault.describe(identifier),
        identifier: identifier.to_owned(),
        fault,
        code,
    };
    match request.op {
        OpKind::Set | OpKind::DesiredSet | OpKind::Report => {
            let writing = request.op != OpKind::Report;
            request.params.iter().try_for_each(|(identifier, value)| {
                model::check_property(known, identifier, value, writing).map_err(|finding| refuse(identifier, finding))
            })
        }
        OpKind::Event => {
            let name = request.name.as_deref().unwrap_or_default();
            match known.events.iter().find(|event| event.identifier == name) {
                Some(event) => model::check_params(&event.outputs, &request.params)
                    .map_err(|(identifier, finding)| refuse(&identifier, finding)),
                None => Err(refuse(name, (crate::model::thing::ValueFault::UnknownIdentifier, Some("309".to_owned())))),
            }
        }
        _ => Ok(()),
    }
}

type Message = (Channel, Vec<u8>, Option<String>);

fn app(request: &Request, id: u64, now: Time) -> Result<Message, EncodeFault> {
    if request.params.is_empty() {
        return Err(argument(NO_VALUES));
    }
    let channel = if request.op == OpKind::DesiredSet { Channel::DesiredSet } else { Channel::PropertySet };
    // 32 hexadecimal capitals, as the platform's own sample. The time keeps two runs of iotdbg apart.
    let request_id = format!("{:016X}{id:016X}", now.as_micros());
    let body = Body::AppSet { request_id: request_id.clone(), params: request.params.clone() };
    Ok((channel, body.emit(), Some(request_id)))
}

fn device_message(request: &Request, id: u64, now: Time) -> Result<Message, EncodeFault> {
    let (channel, params) = match request.op {
        OpKind::Report if request.params.is_empty() => return Err(argument(NO_VALUES)),
        OpKind::Report => (Channel::PropertyPost, Some(stamp_all(&request.params, now))),
        OpKind::Event => {
            let name = request.name.as_ref().ok_or_else(|| argument(NO_EVENT))?;
            let outputs = Value::Object(request.params.clone());
            let entry = Map::from_iter([(name.clone(), body::stamped(&outputs, now))]);
            (Channel::EventPost, Some(Value::Object(entry)))
        }
        OpKind::DesiredGet if request.identifiers.is_empty() => return Err(argument(NO_IDENTIFIERS)),
        OpKind::DesiredGet => (Channel::DesiredGet, Some(json!(request.identifiers))),
        OpKind::DesiredDelete => (Channel::DesiredDelete, Some(Value::Object(desired_versions(request)?))),
        OpKind::Raw => return Ok((Channel::CustomUp, request.raw.clone(), None)),
        OpKind::Pack => (Channel::PackPost, Some(list(request, &|value| body::stamped(value, now))?)),
        OpKind::History => (Channel::HistoryPost, Some(list(request, &|value| json!([body::stamped(value, now)]))?)),
        _ => gateway::topology(request.name.as_deref(), request.params.clone(), now)?,
    };
    Ok(enveloped(channel, params, id))
}

fn enveloped(channel: Channel, params: Option<Value>, id: u64) -> Message {
    let id = (id % ID_LIMIT).to_string();
    let body = Body::Request { id: id.clone(), params };
    (channel, body.emit(), Some(id))
}

/// The sub-device that a gateway speaks for, as `product/name`; `None` where it speaks for itself.
fn sub_device(context: &Context<'_>, request: &Request) -> Option<String> {
    let own = |name| context.identity.get(name).unwrap_or_default();
    let wanted = request.device.as_deref()?;
    let (product, device) = wanted.split_once('/').unwrap_or((own("product_id"), wanted));
    ((product, device) != (own("product_id"), own("device_name"))).then(|| format!("{product}/{device}"))
}

fn stamp_all(params: &Map<String, Value>, now: Time) -> Value {
    params.iter().map(|(identifier, value)| (identifier.clone(), body::stamped(value, now))).collect()
}

fn desired_versions(request: &Request) -> Result<Map<String, Value>, EncodeFault> {
    let mut entries = Map::new();
    for identifier in &request.identifiers {
        entries.insert(identifier.clone(), json!({}));
    }
    for (identifier, version) in &request.params {
        let entry = match version {
            Value::Null => json!({}),
            version if version.is_u64() => json!({"version": version}),
            _ => return Err(EncodeFault::Argument(BAD_VERSION.with(&[identifier]))),
        };
        entries.insert(identifier.clone(), entry);
    }
    if entries.is_empty() { Err(argument(NO_IDENTIFIERS)) } else { Ok(entries) }
}

/// Members of an entry of pack and history.
const ENTRY: [&str; 3] = ["identity", "properties", "events"];

/// `params` of pack and history are an array: the member `params` of the arguments; or one entry, either as it stands or
/// made of the device's own property values, each written by `point`.
fn list(request: &Request, point: &dyn Fn(&Value) -> Value) -> Result<Value, EncodeFault> {
    match request.params.get("params") {
        Some(Value::Array(entries)) => Ok(json!(entries)),
        _ if request.params.is_empty() => Err(argument(NO_VALUES)),
        _ if request.params.keys().all(|name| ENTRY.contains(&name.as_str())) => Ok(json!([request.params])),
        _ => {
            let points = request.params.iter().map(|(identifier, value)| (identifier.clone(), point(value)));
            Ok(json!([{"properties": points.collect::<Map<String, Value>>()}]))
        }
    }
}

/// The answer of a device to a request of the cloud.
pub fn answer(request: &Incoming, answer: &Answer) -> Option<Encoded> {
    let address = topic::parse(&request.topic)?;
    let channel = address.channel?;
    let reply = channel.reply().filter(|_| channel.subscribed_by(Role::Device))?;
    let variable = address.variable.and_then(|range| request.topic.get(range)).unwrap_or_default();
    let payload = if channel.is_raw() {
        // Pass-through has no envelope: whatever the device says stands by itself.
        if answer.data.is_empty() { Vec::new() } else { Value::Object(answer.data.clone()).to_string().into_bytes() }
    } else {
        let code = match answer.code.as_deref() {
            None => body::SUCCESS,
            Some(code) => match codes::number(code) {
                0 => INTERNAL,
                number => number,
            },
        };
        let msg = answer.message.clone().unwrap_or_else(|| codes::message(&code.to_string()).to_owned());
        let carries = matches!(request.op, OpKind::Get | OpKind::Invoke) && code == body::SUCCESS;
        Body::Reply {
            id: body::unescape(request.request_id.as_deref().unwrap_or_default()),
            code,
            msg,
            data: carries.then(|| gateway::answer_data(request, &answer.data)),
        }
        .emit()
    };
    Some(Encoded {
        via: Via::Mqtt,
        topic: reply.topic(address.product, address.device, variable),
        payload,
        qos: 1,
        request_id: request.request_id.clone(),
        reply: None,
        timeout: CLOUD_TIMEOUT,
    })
}

/// The code that stands in for one that is not a number (device log table: internal error).
const INTERNAL: i64 = 303;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::dialect::onenet::model as thing;
    use crate::model::ThingModel;

    fn fields() -> Fields {
        Fields::new().with("product_id", "p1").with("device_name", "lamp")
    }

    fn run(role: Role, model: Option<&ThingModel>, request: &Request) -> Result<Encoded, EncodeFault> {
        let (identity, devices) = (fields(), [fields()]);
        let context = Context { role, identity: &identity, devices: &devices, model, lang: Lang::En };
        encode(&context, request, 7, Time::from_millis(1_524_448_722_123), true)
    }

    fn with(op: OpKind, params: Value) -> Request {
        Request { params: params.as_object().cloned().unwrap_or_default(), ..Request::new(op) }
    }

    #[test]
    fn a_set_is_written_as_the_documents_show_it() {
        let sent = run(Role::App, None, &with(OpKind::Set, json!({"temperature": 30.5}))).unwrap();
        assert_eq!(sent.topic, "$sys/p1/lamp/thing/property/set");
        let id = sent.request_id.unwrap();
        assert!(id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(&digit)));
        assert_eq!(
            String::from_utf8(sent.payload).unwrap(),
            format!(r#"{{"requestId":"{id}","data":{{"version":"1.0","params":{{"temperature":30.5}}}}}}"#)
        );
    }

    #[test]
    fn a_device_wraps_values_with_their_time() {
        let sent = run(Role::Device, None, &with(OpKind::Report, json!({"Power": true}))).unwrap();
        assert_eq!(sent.topic, "$sys/p1/lamp/thing/property/post");
        assert_eq!(
            String::from_utf8(sent.payload).unwrap(),
            r#"{"id":"7","version":"1.0","params":{"Power":{"value":true,"time":1524448722123}}}"#
        );
        let mut event = with(OpKind::Event, json!({"WF": 1.5}));
        event.name = Some("overheat".to_owned());
        let sent = run(Role::Device, None, &event).unwrap();
        assert_eq!(
            String::from_utf8(sent.payload).unwrap(),
            r#"{"id":"7","version":"1.0","params":{"overheat":{"value":{"WF":1.5},"time":1524448722123}}}"#
        );
    }

    #[test]
    fn values_that_break_the_model_are_refused_with_the_platforms_code() {
        let model = thing::read(thing::DEMO).unwrap();
        let refused = run(Role::App, Some(&model), &with(OpKind::Set, json!({"temperature": "30.5"}))).unwrap_err();
        assert!(matches!(refused, EncodeFault::Value { code: Some(code), .. } if code == "302"));
        let refused = run(Role::App, Some(&model), &with(OpKind::Set, json!({"WF": 3}))).unwrap_err();
        assert!(matches!(refused, EncodeFault::Value { fault: crate::model::thing::ValueFault::ReadOnly, .. }));
        assert!(run(Role::Device, Some(&model), &with(OpKind::Report, json!({"WF": 3}))).is_ok());
    }

    #[test]
    fn an_operation_of_the_other_role_lists_the_own_ones() {
        let refused = run(Role::App, None, &Request::new(OpKind::Report)).unwrap_err();
        assert_eq!(refused, EncodeFault::NoSuchOperation(vec![OpKind::Set, OpKind::DesiredSet]));
    }

    #[test]
    fn the_device_is_found_by_name_or_by_product_and_name() {
        let mut request = with(OpKind::Set, json!({"a": 1}));
        for (name, found) in [
            ("lamp", Some("$sys/p1/lamp/")),
            ("p1/lamp", Some("$sys/p1/lamp/")),
            ("p9/x", Some("$sys/p9/x/")),
            ("x", None),
        ] {
            request.device = Some(name.to_owned());
            let topic = run(Role::App, None, &request).ok().map(|sent| sent.topic);
            assert_eq!(topic.is_some(), found.is_some(), "{name}");
            assert!(topic.is_none_or(|topic| topic.starts_with(found.unwrap())));
        }
    }

    #[test]
    fn desired_values_and_gateway_messages_have_their_shapes() {
        let text = |request: &Request| String::from_utf8(run(Role::Device, None, request).unwrap().payload).unwrap();
        let mut get = Request::new(OpKind::DesiredGet);
        get.identifiers = vec!["Power".to_owned()];
        assert_eq!(text(&get), r#"{"id":"7","version":"1.0","params":["Power"]}"#);
        let delete = with(OpKind::DesiredDelete, json!({"Power": null, "mode": 3}));
        assert_eq!(text(&delete), r#"{"id":"7","version":"1.0","params":{"Power":{},"mode":{"version":3}}}"#);
        let mut topology = with(OpKind::Topology, json!({"productID": "p2"}));
        topology.name = Some("get".to_owned());
        assert_eq!(text(&topology), r#"{"id":"7","version":"1.0"}"#);
        let pack = with(OpKind::Pack, json!({"properties": {}}));
        assert_eq!(text(&pack), r#"{"id":"7","version":"1.0","params":[{"properties":{}}]}"#);
        let own = json!({"WF": 1.5});
        assert_eq!(
            text(&with(OpKind::Pack, own.clone())),
            r#"{"id":"7","version":"1.0","params":[{"properties":{"WF":{"value":1.5,"time":1524448722123}}}]}"#
        );
        assert_eq!(
            text(&with(OpKind::History, own)),
            r#"{"id":"7","version":"1.0","params":[{"properties":{"WF":[{"value":1.5,"time":1524448722123}]}}]}"#
        );
    }

    #[test]
    fn a_topic_is_not_made_without_its_parts() {
        let nobody = Fields::new().with("product_id", "p1");
        let context = Context { role: Role::Device, identity: &nobody, devices: &[], model: None, lang: Lang::En };
        let request = with(OpKind::Report, json!({"a": 1}));
        let fault = encode(&context, &request, 7, Time::from_secs(1), true).unwrap_err();
        assert!(fault.phrase().to_string().contains("device_name"), "{}", fault.phrase());
    }
}
