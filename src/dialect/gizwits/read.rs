//! What a message is (for every message, without allocation), and what it asks or tells (for whoever acts on it).

use std::ops::Range;

use serde_json::{Map, Value};

use crate::base::json;
use crate::base::lang::{Phrase, Text};
use crate::dialect::gizwits::frame::{self, Form, Frame, command};
use crate::dialect::gizwits::p0::{self, action};
use crate::dialect::gizwits::topic::{self, Address, Channel};
use crate::dialect::gizwits::{codes, http, write};
use crate::dialect::plan::CLIENT_ID_IN_USE;
use crate::dialect::{Context, Incoming, Reading, ReplyBody};
use crate::model::{Code, Direction, Id, Kind, Meta, OpKind, Place, Role, Span, ThingModel};

const IGNORED: Text =
    Text::new("a device would ignore this without a word: {}", "设备会直接忽略该指令，不做任何应答：{}");
const OTA_PUSH: Text = Text::new("the server announces firmware for the {}", "服务器通知 {} 有新固件");
const SWITCHES: Text = Text::new("log level and LED switches are set to 0x{}", "日志级别与指示灯开关设置为 0x{}");

/// Classifies a message by its topic, and where the topic is empty by its shape.
pub fn classify(direction: Direction, topic: &str, payload: &[u8]) -> Meta {
    if let Some((method, path)) = topic::call(topic) {
        return classify_call(direction, method, path, payload);
    }
    let address = topic::parse(topic);
    if address.is_none() && !topic.is_empty() {
        return Meta::default();
    }
    let Some(frame) = first(address.as_ref(), payload) else {
        let device = address.as_ref().map_or(Span::NONE, device_span);
        return Meta { device, ..Meta::default() };
    };
    let kind = kind_of(&frame, payload);
    Meta {
        kind,
        ok: matches!(kind, Kind::Ack | Kind::GetReply | Kind::LogReply).then_some(true),
        device: address.as_ref().map_or(Span::NONE, device_span),
        id: frame.sn(payload).map_or(Id::None, Id::Number),
        code: Code::None,
    }
}

/// Where the first frame of a payload has its number.
pub fn number_at(topic: &str, payload: &[u8]) -> Option<Range<usize>> {
    let frame = first(topic::parse(topic).as_ref(), payload)?;
    frame.sn(payload).map(|_| frame.body..frame.body + 4)
}

/// Where the DID stands in a topic.
fn device_span(address: &Address) -> Span {
    match address.channel {
        Channel::App2Dev | Channel::App2Module | Channel::Broadcast | Channel::Dev2App => {
            Span::new(Place::Topic, address.subject.start, address.subject.len())
        }
        Channel::ServerAnswer | Channel::ServerNotice | Channel::ServerRequest => Span::NONE,
    }
}

fn first(address: Option<&Address>, payload: &[u8]) -> Option<Frame> {
    frame::frames(payload, Form::of(address, payload) == Form::Server).next()?.ok()
}

/// What a frame is.
pub fn kind_of(frame: &Frame, payload: &[u8]) -> Kind {
    match frame.command {
        command::ACK => Kind::Ack,
        command::CONTROL | command::REPORT | command::WITH_ACK => match frame.action(payload) {
            Some(0x01 | 0x11 | 0x72) => Kind::Set,
            Some(0x02 | 0x12) => Kind::Get,
            Some(0x03 | 0x13) => Kind::GetReply,
            Some(0x04 | 0x14 | 0x73) => Kind::Report,
            Some(0x71) => Kind::Topology,
            _ => Kind::Raw,
        },
        command::ONLINE => Kind::Online,
        command::LOG_SWITCHES | command::LOG => Kind::Log,
        command::LOG_CONFIRM => Kind::LogReply,
        0x0205..=0x0208 | 0x020e | 0x0211 | 0x021c | 0x021d => Kind::Ota,
        0x0213..=0x0216 => Kind::Topology,
        0x020f | 0x0210 | 0x021e => Kind::Push,
        _ => Kind::Unknown,
    }
}

/// What a call is, and what its answer.
fn kinds_of_call(method: &str, path: &str) -> (Kind, Kind) {
    match (method, path) {
        ("GET", "/app/bindings") => (Kind::List, Kind::ListReply),
        ("POST", "/app/bindings" | "/app/bind_mac") => (Kind::Bind, Kind::BindReply),
        ("DELETE", "/app/bindings") => (Kind::Unbind, Kind::UnbindReply),
        ("POST", "/app/users" | "/app/login" | "/dev/devices") => (Kind::Register, Kind::RegisterReply),
        ("GET", path) if path.starts_with("/dev/devices/") => (Kind::Register, Kind::RegisterReply),
        _ => (Kind::Unknown, Kind::Unknown),
    }
}

fn classify_call(direction: Direction, method: &str, path: &str, payload: &[u8]) -> Meta {
    let (request, reply) = kinds_of_call(method, path);
    if direction == Direction::Out {
        return Meta { kind: request, ..Meta::default() };
    }
    let code = json::member(payload, "error_code").and_then(|value| json::scalar(payload, value));
    let failed = json::member(payload, "failed").and_then(|value| payload.get(value)).is_some_and(|list| {
        // A list with anything in it.
        list.iter().any(|byte| !matches!(byte, b'[' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
    });
    Meta {
        kind: reply,
        ok: Some(code.is_none() && !failed),
        code: code.map_or(Code::None, |range| Code::Text(Span::new(Place::Payload, range.start, range.len()))),
        ..Meta::default()
    }
}

/// What a received message asks or tells this side.
pub fn read(context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
    if topic::call(topic).is_some() {
        return vec![Reading::Reply(call_answer(payload))];
    }
    let Some(address) = topic::parse(topic).filter(|address| address.channel.is_heard_by(context.role)) else {
        return Vec::new();
    };
    let mut readings = Vec::new();
    for frame in frame::frames(payload, address.channel.is_server()).map_while(Result::ok) {
        let message = Message { context, topic, payload, address: &address, frame };
        match context.role {
            Role::App => message.for_app(&mut readings),
            Role::Device => message.for_device(&mut readings),
            Role::Cloud => message.values(&mut readings),
        }
    }
    readings
}

/// The body of an answer over HTTP. Devices are answered with a form, apps with JSON.
fn call_answer(payload: &[u8]) -> ReplyBody {
    if let Some((code, words)) = http::error(payload) {
        let message = if words.is_empty() { codes::message(&code).to_owned() } else { words };
        return ReplyBody { code: Some(code), message: Some(message), ..ReplyBody::default() };
    }
    let data: Option<Value> = serde_json::from_slice(payload).ok();
    let failed = data.as_ref().and_then(|data| data.get("failed")).and_then(Value::as_array);
    let ok = failed.is_none_or(Vec::is_empty);
    let form = || {
        let text = std::str::from_utf8(payload).ok().filter(|text| text.contains('='))?;
        let fields = http::read_form(text);
        let pairs = fields.names().map(|name| (name.to_owned(), Value::from(fields.get(name).unwrap_or_default())));
        Some(Value::Object(pairs.collect()))
    };
    ReplyBody { ok, data: data.or_else(form), ..ReplyBody::default() }
}

/// One frame in its message.
struct Message<'a> {
    context: &'a Context<'a>,
    topic: &'a str,
    payload: &'a [u8],
    address: &'a Address,
    frame: Frame,
}

impl Message<'_> {
    fn did(&self) -> &str {
        self.address.subject(self.topic)
    }

    fn decoded(&self) -> Option<p0::Decoded> {
        let (known, data) = (self.context.model?, self.frame.p0(self.payload)?);
        let prefixed = self.frame.command == command::ACK && !matches!(data.first(), Some(0x01..=0x14));
        let data = p0::from_the_end(known, data).filter(|_| prefixed).unwrap_or(data);
        Some(p0::decode(known, data))
    }

    fn reply(&self) -> Reading {
        let data = self.decoded().map(|decoded| decoded.map()).filter(|values| !values.is_empty());
        Reading::Reply(ReplyBody {
            request_id: self.frame.sn(self.payload).map(|sn| sn.to_string()),
            ok: true,
            data: data.map(Value::Object),
            ..ReplyBody::default()
        })
    }

    /// The state that a device tells.
    fn values(&self, readings: &mut Vec<Reading>) {
        let told = matches!(kind_of(&self.frame, self.payload), Kind::GetReply | Kind::Report);
        let values = self.decoded().filter(|_| told).map(|decoded| decoded.map());
        if let Some(values) = values.filter(|values| !values.is_empty()) {
            readings.push(Reading::Values { device: Some(self.did().to_owned()), values });
        }
    }

    fn for_app(&self, readings: &mut Vec<Reading>) {
        let own = self.context.identity.get(CLIENT_ID_IN_USE).unwrap_or_default();
        let client = self.address.client(self.topic);
        if self.address.channel == Channel::Dev2App && !own.is_empty() && client != own {
            // The answer of the device to another app, heard because of a wide filter.
            return;
        }
        match self.frame.command {
            command::ONLINE => {
                if let Some(online) = online_flag(self.frame.body(self.payload)) {
                    readings.push(Reading::Presence { device: Some(self.did().to_owned()), online });
                }
            }
            command::ACK | command::LOG_CONFIRM => readings.push(self.reply()),
            command::REPORT | command::WITH_ACK => {
                let kind = kind_of(&self.frame, self.payload);
                if kind == Kind::GetReply {
                    readings.push(self.reply());
                }
                self.values(readings);
                if let Some(sn) = self.frame.sn(self.payload) {
                    let to = if own.is_empty() { client } else { own };
                    readings.push(Reading::Due(write::due(topic::app2dev(self.did(), to), command::ACK, Some(sn))));
                }
            }
            _ => {}
        }
    }

    fn for_device(&self, readings: &mut Vec<Reading>) {
        let client = self.address.client(self.topic);
        match self.frame.command {
            command::ACK => readings.push(self.reply()),
            command::CONTROL | command::WITH_ACK => self.asked(readings),
            command::LOG_SWITCHES => {
                let bits = crate::base::hex::encode(self.frame.body(self.payload));
                readings.push(Reading::Said(SWITCHES.with(&[&bits])));
                let topic = topic::dev2app(self.did(), client);
                readings.push(Reading::Due(write::due(topic, command::LOG_CONFIRM, None)));
            }
            0x0211 if self.address.channel.is_server() => {
                let part = match self.frame.body(self.payload).first() {
                    Some(1) => "Wi-Fi",
                    _ => "MCU",
                };
                readings.push(Reading::Said(OTA_PUSH.with(&[&part])));
            }
            _ => {}
        }
    }

    /// Business data for a device.
    fn asked(&self, readings: &mut Vec<Reading>) {
        let incoming = Incoming {
            request_id: self.frame.sn(self.payload).map(|sn| sn.to_string()),
            ..Incoming::new(OpKind::Raw, self.topic)
        };
        let decoded = self.decoded().unwrap_or_default();
        if let Some((_, reason)) = decoded.faults.first() {
            readings.push(Reading::Warned(IGNORED.around([reason.clone()])));
            return;
        }
        readings.push(Reading::Request(match self.frame.action(self.payload) {
            Some(action::CONTROL | 0x11) => Incoming { op: OpKind::Set, params: decoded.map(), ..incoming },
            Some(action::READ | 0x12) => Incoming { op: OpKind::Get, identifiers: decoded.named, ..incoming },
            _ => incoming,
        }));
    }
}

/// Whether a device came online, out of the body of 0x0092.
pub fn online_flag(body: &[u8]) -> Option<bool> {
    let (_, rest) = counted(body)?;
    let (_, rest) = counted(rest)?;
    rest.first().map(|online| *online != 0)
}

/// A part with its length before it in two bytes, and what follows.
pub fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length: [u8; 2] = bytes.get(..2)?.try_into().ok()?;
    let end = 2 + usize::from(u16::from_be_bytes(length));
    Some((bytes.get(2..end)?, bytes.get(end..)?))
}

/// The frames of a message between app and device, as far as they can be read, each with its payload.
pub fn frames<'p>(topic: &str, payload: &'p [u8]) -> Vec<(Frame, &'p [u8])> {
    let server = topic::parse(topic).is_some_and(|address| address.channel.is_server());
    frame::frames(payload, server).map_while(Result::ok).map(|frame| (frame, payload)).collect()
}

/// The first thing that is wrong with the frames of a message.
pub fn first_fault(topic: &str, payload: &[u8]) -> Option<Phrase> {
    let server = topic::parse(topic).is_some_and(|address| address.channel.is_server());
    frame::frames(payload, server).find_map(Result::err).map(|fault| fault.reason)
}

/// The state that a device tells in a frame.
pub fn state(model: &ThingModel, (frame, payload): &(Frame, &[u8])) -> Option<Map<String, Value>> {
    let told = matches!(frame.action(payload)?, 0x03 | 0x04 | 0x13 | 0x14);
    let decoded = p0::decode(model, frame.p0(payload).filter(|_| told)?);
    Some(decoded.map()).filter(|values| !values.is_empty())
}
