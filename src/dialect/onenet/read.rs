//! What a message is (for every message, without allocation), and what it asks or tells (for whoever acts on it).

use std::ops::Range;

use serde_json::Value;

use crate::base::json;
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::gateway;
use crate::dialect::onenet::ota;
use crate::dialect::onenet::topic::{self, Address, Channel};
use crate::dialect::{Context, Incoming, Reading, ReplyBody};
use crate::model::{Code, Id, Kind, Meta, OpKind, Place, Role, Span};

/// Classifies a message by its topic, and where the topic is not known by its shape.
pub fn classify(topic: &str, payload: &[u8]) -> Meta {
    if ota::is_call(topic) {
        return ota::classify(payload);
    }
    let Some(address) = topic::parse(topic) else {
        return if topic.is_empty() { by_shape(payload) } else { Meta::default() };
    };
    let device = Span::new(Place::Topic, address.device_range.start, address.device_range.len());
    let Some(channel) = address.channel else {
        return Meta { device, ..Meta::default() };
    };
    let kind = channel.kind();
    if channel.is_raw() {
        return raw(kind, device, &address);
    }
    let nested = matches!(channel, Channel::PropertyNotify | Channel::EventNotify);
    let found = Envelope::scan(payload, !kind.is_reply() && !nested);
    let id = if nested { found.data.and_then(|data| string_member(payload, data.start, b"id")) } else { found.id };
    let mut meta = Meta { kind, device, id: id_of(id), ..Meta::default() };
    if kind.is_reply() {
        outcome(&mut meta, payload, found.code, found.success);
    }
    meta
}

/// The pass-through topics carry no envelope; downlinks have an id in the topic.
fn raw(kind: Kind, device: Span, address: &Address<'_>) -> Meta {
    let id = address.variable.clone().map(|range| Id::Text(Span::new(Place::Topic, range.start, range.len())));
    Meta { kind, device, id: id.unwrap_or_default(), ..Meta::default() }
}

fn id_of(range: Option<Range<usize>>) -> Id {
    range.map_or(Id::None, |range| Id::Text(Span::new(Place::Payload, range.start, range.len())))
}

fn outcome(meta: &mut Meta, payload: &[u8], code: Option<Range<usize>>, success: Option<bool>) {
    if let Some(code) = code {
        meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
        meta.code = Code::Text(Span::new(Place::Payload, code.start, code.len()));
    }
    if success.is_some() {
        meta.ok = success;
    }
}

/// The members of an envelope that classification needs, as byte ranges.
#[derive(Default)]
struct Envelope {
    id: Option<Range<usize>>,
    code: Option<Range<usize>>,
    success: Option<bool>,
    data: Option<Range<usize>>,
}

impl Envelope {
    /// Scans the top level; a request is done with as soon as its id is found.
    fn scan(payload: &[u8], request: bool) -> Envelope {
        let mut found = Envelope::default();
        for member in json::members(payload) {
            let value = member.value;
            match payload.get(member.key) {
                Some(b"id" | b"requestId") => {
                    found.id = json::scalar(payload, value);
                    if request {
                        break;
                    }
                }
                Some(b"code") => found.code = json::scalar(payload, value),
                Some(b"success") => found.success = Some(payload.get(value) == Some(b"true")),
                Some(b"data") => found.data = Some(value),
                _ => {}
            }
        }
        found
    }
}

fn string_member(payload: &[u8], object: usize, key: &[u8]) -> Option<Range<usize>> {
    let member = json::members_in(payload, object).find(|member| payload.get(member.key.clone()) == Some(key))?;
    json::scalar(payload, member.value)
}

/// A payload without a topic: pasted, or from a file.
fn by_shape(payload: &[u8]) -> Meta {
    let text = |key: &[u8]| string_member(payload, 0, key);
    let kind = match shape(payload) {
        Shape::Channel(channel) => channel.kind(),
        Shape::Reply => Kind::Ack,
        Shape::Unknown => return Meta::default(),
    };
    let device = text(b"deviceName").map_or(Span::NONE, |range| Span::new(Place::Payload, range.start, range.len()));
    let nested = || json::member(payload, "data").and_then(|data| string_member(payload, data.start, b"id"));
    let id = text(b"requestId").or_else(|| text(b"id")).or_else(nested);
    let mut meta = Meta { kind, device, id: id_of(id), ..Meta::default() };
    if kind.is_reply() {
        let found = Envelope::scan(payload, false);
        outcome(&mut meta, payload, found.code, found.success);
    }
    meta
}

/// What the shape of a payload tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// It can only have come on this channel, or on one that reads alike.
    Channel(Channel),
    /// A reply between cloud and device; to what, only the topic would tell.
    Reply,
    /// None of the platform's.
    Unknown,
}

/// Guesses the channel of a payload without a topic.
pub fn shape(payload: &[u8]) -> Shape {
    let text = |key: &str| {
        let range = json::scalar(payload, json::member(payload, key)?)?;
        payload.get(range)
    };
    let has = |key: &str| json::member(payload, key).is_some();
    if let Some(kind) = text("messageType") {
        return Shape::Channel(if kind.eq_ignore_ascii_case(b"lifecycle") {
            Channel::Lifecycle
        } else if text("notifyType") == Some(b"event") {
            Channel::EventNotify
        } else {
            Channel::PropertyNotify
        });
    }
    if has("requestId") {
        return Shape::Channel(if has("success") { Channel::AppSetReply } else { Channel::PropertySet });
    }
    if has("id") && has("code") {
        return Shape::Reply;
    }
    match json::member(payload, "params") {
        Some(params) => Shape::Channel(params_shape(payload, params)),
        None => Shape::Unknown,
    }
}

fn params_shape(payload: &[u8], params: Range<usize>) -> Channel {
    if payload.get(params.start) == Some(&b'[') {
        let names = payload.get(params.clone()).is_some_and(|array| !array.contains(&b'{'));
        return if names { Channel::PropertyGet } else { Channel::PackPost };
    }
    let wrapped = json::members_in(payload, params.start).next().and_then(|first| {
        json::members_in(payload, first.value.start).find(|member| payload.get(member.key.clone()) == Some(b"value"))
    });
    match wrapped {
        Some(value) if payload.get(value.value.start) == Some(&b'{') => Channel::EventPost,
        Some(_) => Channel::PropertyPost,
        None => Channel::PropertySet,
    }
}

/// The channel of a message: from its topic, or where that is empty from its shape.
pub fn channel(topic: &str, payload: &[u8]) -> Option<Channel> {
    if !topic.is_empty() {
        return topic::parse(topic)?.channel;
    }
    match shape(payload) {
        Shape::Channel(channel) => Some(channel),
        Shape::Reply | Shape::Unknown => None,
    }
}

/// What a received message asks or tells this side.
pub fn read(context: &Context<'_>, topic: &str, payload: &[u8]) -> Option<Reading> {
    if ota::is_call(topic) {
        return ota::read(payload);
    }
    let address = topic::parse(topic)?;
    let channel = address.channel?;
    let meta = classify(topic, payload);
    let request_id = match meta.id {
        Id::Text(span) => span.text(topic, payload).map(str::to_owned),
        Id::None | Id::Number(_) => None,
    };
    let device = Some(address.device.to_owned());
    let name = address.variable.clone().and_then(|range| topic.get(range)).map(str::to_owned);
    if !channel.subscribed_by(context.role) {
        return None;
    }
    match channel {
        Channel::CustomDown => {
            return Some(Reading::Request(incoming(OpKind::Raw, topic, request_id, name, None)));
        }
        Channel::CustomUpReply => {
            let data = std::str::from_utf8(payload).ok().filter(|text| !text.is_empty()).map(Value::from);
            return Some(Reading::Reply(ReplyBody { ok: true, data, ..ReplyBody::default() }));
        }
        channel if channel.is_raw() => return None,
        _ => {}
    }
    let body = Body::parse(payload)?;
    match (channel, body) {
        (Channel::Lifecycle, Body::Lifecycle { online, .. }) => Some(Reading::Presence { device, online }),
        (Channel::PropertyNotify, Body::Notify { params, .. }) => {
            Some(Reading::Values { device, values: body::unwrapped(&params) })
        }
        (Channel::PropertySet, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Set, topic, request_id, None, params)))
        }
        (Channel::PropertyGet, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Get, topic, request_id, None, params)))
        }
        (Channel::ServiceInvoke, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Invoke, topic, request_id, name, params)))
        }
        (Channel::OtaInform, Body::Request { params, .. }) => {
            Some(Reading::Request(incoming(OpKind::Ota, topic, request_id, None, params)))
        }
        (channel, Body::Request { params, .. }) if gateway::is_asked(channel) => {
            Some(Reading::Request(gateway::incoming(channel, topic, request_id, params)))
        }
        (channel, body) if channel.kind().is_reply() => Some(Reading::Reply(reply(request_id, body)?)),
        _ => None,
    }
}

pub(super) fn incoming(
    op: OpKind,
    topic: &str,
    request_id: Option<String>,
    name: Option<String>,
    params: Option<Value>,
) -> Incoming {
    let (params, identifiers) = match params {
        Some(Value::Object(params)) => (params, Vec::new()),
        Some(Value::Array(names)) => {
            (Default::default(), names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => Default::default(),
    };
    Incoming { request_id, name, params, identifiers, ..Incoming::new(op, topic) }
}

fn reply(request_id: Option<String>, body: Body) -> Option<ReplyBody> {
    let given = |text: String| (!text.is_empty()).then_some(text);
    match body {
        Body::AppReply { failure: None, .. } => Some(ReplyBody { request_id, ok: true, ..ReplyBody::default() }),
        Body::AppReply { failure: Some((code, message)), .. } => {
            let silent = says_silence(&code, &message);
            Some(ReplyBody { request_id, ok: false, silent, code: given(code), message: given(message), data: None })
        }
        Body::Reply { code, msg, data, .. } => Some(ReplyBody {
            request_id,
            ok: code == body::SUCCESS,
            silent: code == TIMEOUT,
            code: Some(code.to_string()),
            message: given(msg),
            data,
        }),
        Body::Lifecycle { .. } | Body::Notify { .. } | Body::AppSet { .. } | Body::Request { .. } => None,
    }
}

/// The platform waited 5 s for the device (OneNET docs, device log codes: 306 timeout).
const TIMEOUT: i64 = 306;

/// Whether a failed set means that the device said nothing. The documents give `setPropertyFailed` for this as for every
/// other failure; the words beside it are the only difference, and they are not documented either. (inferred) Where they
/// begin with a code of the device's it decides, for the device's own words may speak of a timeout as well.
fn says_silence(code: &str, message: &str) -> bool {
    let message = message.to_lowercase();
    let number: Option<i64> =
        message.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    code == "setPropertyFailed"
        && match number {
            Some(number) => number == TIMEOUT,
            None => ["timeout", "timed out", "time out", "超时"].iter().any(|word| message.contains(word)),
        }
}

/// Whether a role that iotdbg plays could meet this channel at all.
pub fn concerns(role: Role, channel: Channel) -> bool {
    role == Role::Cloud || channel.published_by(role) || channel.subscribed_by(role)
}
