//! What a message is (for every message, without allocation), and what it asks or tells (for whoever acts on it).

use std::ops::Range;

use serde_json::{Map, Value};

use crate::base::json;
use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::topic::{self, Channel};
use crate::dialect::{Context, Incoming, Reading, ReplyBody};
use crate::model::{Code, Direction, Id, Kind, Meta, OpKind, Place, Role, Span};

const CLOCK: Text =
    Text::new("network time: this clock is {} ms behind the platform's", "对时：本机时钟比平台慢 {} ms");

/// Classifies a message by its topic, and where there is none by its method.
pub fn classify(role: Role, direction: Direction, topic: &str, payload: &[u8]) -> Meta {
    if topic.is_empty() {
        return by_method(payload);
    }
    let Some(address) = topic::parse(topic) else { return Meta::default() };
    let mut device = Span::new(Place::Topic, address.device_range.start, address.device_range.len());
    let Some(channel) = address.channel else { return Meta { device, ..Meta::default() } };
    let mut kind = kind_of(channel, topic, role, direction);
    if matches!(channel, Channel::ExtRegister | Channel::ExtRegnwl | Channel::Probe | Channel::Broadcast) {
        device = Span::NONE;
    }
    if channel.is_raw() {
        return Meta { kind, device, ..Meta::default() };
    }
    let found = Envelope::scan(payload);
    if is_push(channel) {
        device = found.device(payload).unwrap_or(device);
    }
    let id = match channel {
        // The message id of the topic ties a call and its answer; what is in the payload is the caller's own.
        Channel::RrpcRequest | Channel::RrpcResponse | Channel::ExtRrpc => {
            address.variable.clone().map(|range| Id::Text(Span::new(Place::Topic, range.start, range.len())))
        }
        Channel::NtpRequest | Channel::NtpResponse => json::member(payload, "deviceSendTime")
            .and_then(|value| json::scalar(payload, value))
            .map(|range| Id::Text(Span::new(Place::Payload, range.start, range.len()))),
        Channel::ShadowUpdate | Channel::ShadowGet => json::member(payload, "clientToken")
            .and_then(|value| json::scalar(payload, value))
            .map(|range| Id::Text(Span::new(Place::Payload, range.start, range.len()))),
        _ => found.id.map(|range| Id::Text(Span::new(Place::Payload, range.start, range.len()))),
    };
    // The cloud answers and asks on the same topic.
    let method = || json::member(payload, "method").and_then(|value| json::scalar(payload, value));
    if channel == Channel::ShadowGet && method().and_then(|range| payload.get(range)) == Some(b"control") {
        kind = Kind::Shadow;
    }
    let mut meta = Meta { kind, device, id: id.unwrap_or_default(), ..Meta::default() };
    // A reply in the shape of one, on a topic that both sides use.
    if channel == Channel::ExtRrpc && found.code.is_some() {
        kind = Kind::InvokeReply;
        meta.kind = kind;
    }
    if let Some(code) = found.code.filter(|_| kind.is_reply() || channel == Channel::OtaUpgrade) {
        if kind.is_reply() {
            meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
        }
        meta.code = Code::Text(Span::new(Place::Payload, code.start, code.len()));
    }
    meta
}

/// The kind on topics where it depends on who speaks.
fn kind_of(channel: Channel, topic: &str, role: Role, direction: Direction) -> Kind {
    let from_device = (role == Role::Device) == (direction == Direction::Out);
    match channel {
        Channel::ExtRrpc if from_device => Kind::InvokeReply,
        Channel::ExtRrpc => match topic::inner(topic).and_then(topic::parse).and_then(|inner| inner.channel) {
            Some(Channel::DownRaw) => Kind::Raw,
            _ => Kind::Invoke,
        },
        Channel::Probe if from_device => Kind::Pong,
        channel => channel.kind(),
    }
}

/// Whether the platform tells an app about another device.
fn is_push(channel: Channel) -> bool {
    matches!(
        channel,
        Channel::AppProperties
            | Channel::AppEvents
            | Channel::AppStatus
            | Channel::AppTopo
            | Channel::AppOta
            | Channel::AppDownRaw
            | Channel::AppDown
            | Channel::AppNotify
            | Channel::AppServiceReply
    )
}

/// The members of an envelope that classification needs, as byte ranges.
#[derive(Default)]
struct Envelope {
    id: Option<Range<usize>>,
    code: Option<Range<usize>>,
    method: Option<Range<usize>>,
    params: Option<Range<usize>>,
}

impl Envelope {
    fn scan(payload: &[u8]) -> Envelope {
        let mut found = Envelope::default();
        for member in json::members(payload) {
            let value = member.value;
            match payload.get(member.key) {
                Some(b"id") => found.id = json::scalar(payload, value),
                Some(b"code") => found.code = json::scalar(payload, value),
                Some(b"method") => found.method = json::scalar(payload, value),
                Some(b"params" | b"param") => found.params = Some(value),
                _ => {}
            }
        }
        found
    }

    /// The device that a push speaks of.
    fn device(&self, payload: &[u8]) -> Option<Span> {
        let params = self.params.clone()?;
        let named = |key: &[u8]| {
            json::members_in(payload, params.start).find(|member| payload.get(member.key.clone()) == Some(key))
        };
        let member = named(b"deviceName").or_else(|| named(b"subDeviceName"))?;
        let range = json::scalar(payload, member.value)?;
        Some(Span::new(Place::Payload, range.start, range.len()))
    }
}

/// A payload without a topic: pasted, or from a file.
fn by_method(payload: &[u8]) -> Meta {
    let found = Envelope::scan(payload);
    let kind = shape(payload, &found);
    let id = found.id.clone().map(|range| Id::Text(Span::new(Place::Payload, range.start, range.len())));
    let device = found.device(payload).unwrap_or(Span::NONE);
    let mut meta = Meta { kind, device, id: id.unwrap_or_default(), ..Meta::default() };
    if let Some(code) = found.code.filter(|_| kind.is_reply()) {
        meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
        meta.code = Code::Text(Span::new(Place::Payload, code.start, code.len()));
    }
    meta
}

fn shape(payload: &[u8], found: &Envelope) -> Kind {
    let is_reply = found.code.is_some() && found.params.is_none();
    let method = found.method.clone().and_then(|range| payload.get(range)).unwrap_or_default();
    let request = match method {
        b"thing.event.property.post" => Kind::Report,
        b"thing.service.property.set" => Kind::Set,
        b"thing.service.property.get" => Kind::Get,
        b"thing.properties" => Kind::Report,
        b"thing.events" => Kind::Event,
        b"thing.status" => Kind::Online,
        b"thing.topo.add.status" => Kind::Topology,
        b"ota.device.forward" => Kind::Ota,
        method if method.starts_with(b"thing.event.") => Kind::Event,
        method if method.starts_with(b"thing.service.") => Kind::Invoke,
        method if method.starts_with(b"thing.property.desired.get") => Kind::DesiredGet,
        method if method.starts_with(b"thing.property.desired.delete") => Kind::DesiredDelete,
        method if method.starts_with(b"thing.topo.") || method.starts_with(b"combine.") => Kind::Topology,
        method if method.starts_with(b"thing.config.") => Kind::Config,
        method if method.starts_with(b"thing.deviceinfo.") => Kind::Tag,
        _ if json::member(payload, "iotToken").is_some() || json::member(payload, "request").is_some() => {
            let token = found.params.clone().and_then(|params| json::members_in(payload, params.start).next());
            if token.is_some() { Kind::Bind } else { Kind::Unbind }
        }
        // The sample of the properties push has an empty method.
        _ if found.params.clone().is_some_and(|params| {
            json::members_in(payload, params.start).any(|member| payload.get(member.key) == Some(b"items"))
        }) =>
        {
            Kind::Report
        }
        _ if is_reply => return Kind::Ack,
        _ => return Kind::Unknown,
    };
    if !is_reply {
        return request;
    }
    match request {
        Kind::Report => Kind::ReportReply,
        Kind::Set => Kind::SetReply,
        Kind::Get => Kind::GetReply,
        Kind::Event => Kind::EventReply,
        Kind::Invoke => Kind::InvokeReply,
        Kind::DesiredGet => Kind::DesiredGetReply,
        Kind::DesiredDelete => Kind::DesiredDeleteReply,
        Kind::Topology => Kind::TopologyReply,
        Kind::Config => Kind::ConfigReply,
        Kind::Tag => Kind::TagReply,
        _ => Kind::Ack,
    }
}

/// What a received message asks or tells this side.
pub fn read(context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
    let mut readings = read_own(context, topic, payload);
    let sub = topic::parse(topic).and_then(|address| sub_device(context, address.product, address.device));
    for reading in &mut readings {
        if let Reading::Request(incoming) = reading {
            incoming.device.clone_from(&sub);
        }
    }
    readings
}

/// The sub-device that a topic is about, where it is not the device itself.
fn sub_device(context: &Context<'_>, product: &str, device: &str) -> Option<String> {
    let own = |name: &str, found: &str| context.identity.get(name).is_none_or(|own| own == found);
    let other = context.role == Role::Device
        && !device.is_empty()
        && !(own("product_key", product) && own("device_name", device));
    other.then(|| format!("{product}/{device}"))
}

fn read_own(context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
    let Some(address) = topic::parse(topic) else { return Vec::new() };
    let Some(channel) = address.channel else { return Vec::new() };
    if !channel.subscribed_by(context.role) {
        return Vec::new();
    }
    let meta = classify(context.role, Direction::In, topic, payload);
    let request_id = match meta.id {
        Id::Text(span) => span.text(topic, payload).map(str::to_owned),
        Id::None | Id::Number(_) => None,
    };
    let variable = address.variable.clone().and_then(|range| topic.get(range)).map(str::to_owned);
    let device = meta.device.text(topic, payload).map(str::to_owned);
    match channel {
        Channel::DownRaw => return vec![Reading::Request(Incoming::new(OpKind::Raw, topic))],
        Channel::NtpResponse => return ntp(payload, request_id),
        Channel::ShadowGet => return shadow(topic, payload, request_id),
        Channel::OtaUpgrade | Channel::FirmwareGetReply => return upgrade(channel, topic, payload, request_id),
        Channel::RrpcRequest | Channel::ExtRrpc => return vec![rrpc(channel, topic, payload, request_id)],
        channel if channel.is_raw() && channel.kind().is_reply() => {
            let code = Body::parse(payload).and_then(|body| match body {
                Body::Reply { code, .. } => Some(code),
                Body::Request { .. } => None,
            });
            let ok = code.as_deref().is_none_or(|code| code == body::SUCCESS);
            return vec![Reading::Reply(ReplyBody { request_id, ok, code, ..ReplyBody::default() })];
        }
        channel if channel.is_raw() => return Vec::new(),
        _ => {}
    }
    let Some(body) = Body::parse(payload) else { return Vec::new() };
    let reading = match (channel, body) {
        (_, Body::Reply { code, message, data, .. }) => Some(Reading::Reply(ReplyBody {
            request_id,
            ok: code == body::SUCCESS,
            silent: false,
            code: Some(code),
            message: Some(message).filter(|message| !message.is_empty()),
            data: Some(data).filter(|data| !data.is_null()),
        })),
        (Channel::PropertySet, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Set, topic, request_id, None, params)))
        }
        (Channel::PropertyGet, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Get, topic, request_id, None, params)))
        }
        (Channel::Service, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Invoke, topic, request_id, variable, params)))
        }
        (Channel::ConfigPush, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Config, topic, request_id, None, params)))
        }
        (Channel::AppProperties, Body::Request { params, .. }) => {
            let items = params.get("items").and_then(Value::as_object).cloned().unwrap_or_default();
            Some(Reading::Values { device, values: body::unwrapped(&items) })
        }
        (Channel::AppStatus, Body::Request { params, .. }) => {
            let status = params.get("status").and_then(|status| status.get("value")).map(body::text);
            status.map(|status| Reading::Presence { device, online: status == "1" })
        }
        (
            Channel::TopoChange | Channel::TopoAddNotify | Channel::Disable | Channel::Enable | Channel::Delete,
            Body::Request { params, .. },
        ) => Some(Reading::Request(incoming(OpKind::Topology, topic, request_id, None, params))),
        _ => None,
    };
    reading.into_iter().collect()
}

fn incoming(op: OpKind, topic: &str, request_id: Option<String>, name: Option<String>, params: Value) -> Incoming {
    let (params, identifiers) = match params {
        Value::Object(params) => (params, Vec::new()),
        Value::Array(names) => (Map::default(), names.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => Default::default(),
    };
    Incoming { request_id, name, params, identifiers, ..Incoming::new(op, topic) }
}

/// A call that waits: a service of the thing model, or anything else.
fn rrpc(channel: Channel, topic: &str, payload: &[u8], message_id: Option<String>) -> Reading {
    let inner = topic::inner(topic).and_then(topic::parse);
    let inner_name = inner
        .as_ref()
        .filter(|inner| inner.channel == Some(Channel::Service))
        .and_then(|inner| topic::inner(topic)?.get(inner.variable.clone()?));
    match Body::parse(payload) {
        Some(Body::Request { method, params, .. }) => {
            let name = method.strip_prefix("thing.service.").or(inner_name);
            let op = match name {
                Some("property.set") => OpKind::Set,
                Some("property.get") => OpKind::Get,
                _ => OpKind::Invoke,
            };
            let name = name.filter(|_| op == OpKind::Invoke).map(str::to_owned);
            // The id in the payload has to be echoed as well; it travels with the topic's.
            Reading::Request(incoming(op, topic, payload_id(payload).or(message_id), name, params))
        }
        _ if channel == Channel::ExtRrpc && inner.is_some_and(|inner| inner.channel == Some(Channel::DownRaw)) => {
            Reading::Request(Incoming::new(OpKind::Raw, topic))
        }
        _ => Reading::Request(Incoming { request_id: message_id, ..Incoming::new(OpKind::Raw, topic) }),
    }
}

/// The id in a payload, as it stands.
fn payload_id(payload: &[u8]) -> Option<String> {
    let range = json::scalar(payload, json::member(payload, "id")?)?;
    std::str::from_utf8(payload.get(range)?).ok().map(str::to_owned)
}

/// `(serverRecv + serverSend + deviceRecv − deviceSend) / 2` is the platform's clock (vendor SDKs, ntp).
fn ntp(payload: &[u8], request_id: Option<String>) -> Vec<Reading> {
    let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return Vec::new() };
    let number = |name: &str| root.get(name).and_then(|value| body::text(value).parse::<i64>().ok());
    let reply = ReplyBody { request_id, ok: true, data: Some(root.clone()), ..ReplyBody::default() };
    let mut readings = vec![Reading::Reply(reply)];
    if let (Some(sent), Some(received), Some(answered)) =
        (number("deviceSendTime"), number("serverRecvTime"), number("serverSendTime"))
    {
        let behind = received.saturating_add(answered) / 2 - sent;
        readings.push(Reading::Said(CLOCK.with(&[&behind])));
    }
    readings
}

fn shadow(topic: &str, payload: &[u8], request_id: Option<String>) -> Vec<Reading> {
    let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return Vec::new() };
    let inner = root.get("payload").cloned().unwrap_or(Value::Null);
    match root.get("method").and_then(Value::as_str) {
        Some("control") => {
            let desired = inner.pointer("/state/desired").cloned().unwrap_or(Value::Null);
            vec![Reading::Request(incoming(OpKind::Set, topic, request_id, None, desired))]
        }
        _ => {
            let ok = inner.get("status").and_then(Value::as_str) == Some("success");
            let code = inner.pointer("/content/errorcode").map(body::text);
            let message = inner.pointer("/content/errormessage").map(body::text);
            vec![Reading::Reply(ReplyBody { request_id, ok, silent: false, code, message, data: Some(inner) })]
        }
    }
}

/// An upgrade that waits: pushed, or as the answer to a question.
fn upgrade(channel: Channel, topic: &str, payload: &[u8], request_id: Option<String>) -> Vec<Reading> {
    let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return Vec::new() };
    let data = root.get("data").cloned().unwrap_or(Value::Null);
    let mut readings = Vec::new();
    if channel == Channel::FirmwareGetReply {
        let code = root.get("code").map(body::text);
        readings.push(Reading::Reply(ReplyBody {
            request_id: request_id.clone(),
            ok: code.as_deref() == Some(body::SUCCESS),
            code,
            data: Some(data.clone()),
            ..ReplyBody::default()
        }));
    }
    if data.get("version").is_some() {
        readings.push(Reading::Request(incoming(OpKind::Ota, topic, request_id, None, data)));
    }
    readings
}

/// Whether a role that iotdbg plays could meet this channel at all.
pub fn concerns(role: Role, channel: Channel) -> bool {
    role == Role::Cloud || channel.published_by(role) || channel.subscribed_by(role)
}

/// A time in milliseconds as the platform writes it: number or text.
pub fn millis(value: &Value) -> Option<Time> {
    body::text(value).parse().ok().map(Time::from_millis)
}
