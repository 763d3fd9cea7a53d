//! What a message is (for every message, without allocation), and what it asks or tells (for whoever acts on it).

use std::ops::Range;

use serde_json::{Map, Value};

use crate::base::json;
use crate::base::lang::Text;
use crate::dialect::http::is_call_topic;
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::dialect::{Context, Incoming, Reading, ReplyBody};
use crate::model::{Code, Direction, Id, Kind, Meta, OpKind, Place, Span};

/// The code of a good answer.
pub const SUCCESS: &str = "200";

const CONNECTED: Text = Text::new(
    "connectID {}: the server's logs know this connection by it",
    "connectID {}：服务端日志按此编号查找该连接",
);
const SILENT: Text = Text::new("this subscription stays silent: {}", "此订阅收不到消息：{}");
const OFFSET: Text =
    Text::new("network time: this clock is {} ms behind the platform's", "对时：本机时钟比平台慢 {} ms");

/// The members of a message that classification needs, as byte ranges.
#[derive(Default)]
struct Found {
    kind: Option<Range<usize>>,
    method: Option<Range<usize>>,
    id: Option<Range<usize>>,
    code: Option<Range<usize>>,
    path: Option<Range<usize>>,
    body: Option<Range<usize>>,
    handler: bool,
}

impl Found {
    fn scan(payload: &[u8]) -> Found {
        let mut found = Found::default();
        for member in json::members(payload) {
            let value = member.value;
            match payload.get(member.key) {
                Some(b"type") => found.kind = json::scalar(payload, value),
                Some(b"method") => found.method = json::scalar(payload, value),
                Some(b"msgToken" | b"clientToken") => found.id = json::scalar(payload, value),
                Some(b"code") => found.code = json::scalar(payload, value),
                Some(b"path") => found.path = json::scalar(payload, value),
                Some(b"body") => found.body = Some(value),
                Some(b"handler") => found.handler = true,
                _ => {}
            }
        }
        found
    }

    fn text<'p>(payload: &'p [u8], range: &Option<Range<usize>>) -> &'p [u8] {
        range.clone().and_then(|range| payload.get(range)).unwrap_or_default()
    }
}

fn member(payload: &[u8], object: usize, key: &[u8]) -> Option<Range<usize>> {
    let member = json::members_in(payload, object).find(|member| payload.get(member.key.clone()) == Some(key))?;
    Some(member.value)
}

fn span(range: Range<usize>) -> Span {
    Span::new(Place::Payload, range.start, range.len())
}

/// Classifies a message: of a device by topic and method, of an app by type, path and call.
pub fn classify(direction: Direction, topic: &str, payload: &[u8]) -> Meta {
    if is_call_topic(topic) {
        return call(direction, topic, payload);
    }
    let found = Found::scan(payload);
    if let Some(address) = topic::parse(topic) {
        let device = Span::new(Place::Topic, address.device_range.start, address.device_range.len());
        let Some(channel) = address.channel else { return Meta { device, ..Meta::default() } };
        let kind = method_kind(channel, Found::text(payload, &found.method));
        return finish(payload, &found, Meta { kind, device, ..Meta::default() });
    }
    // Where nothing but the payload is known, a frame has a type and a device's message a method.
    if found.kind.is_none() && found.method.is_some() {
        let method = Found::text(payload, &found.method);
        let channel = if is_reply(method) { Channel::PropertyDown } else { Channel::PropertyUp };
        let kind = method_kind(channel, method);
        return finish(payload, &found, Meta { kind, ..Meta::default() });
    }
    frame(direction, payload, &found)
}

fn is_reply(method: &[u8]) -> bool {
    method.ends_with(b"Reply") || method == b"reply"
}

fn finish(payload: &[u8], found: &Found, mut meta: Meta) -> Meta {
    meta.id = found.id.clone().map_or(Id::None, |range| Id::Text(span(range)));
    if let Some(code) = found.code.clone().filter(|_| meta.kind.is_reply()) {
        meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
        meta.code = Code::Text(span(code));
    }
    meta
}

/// The kind of a device's message: `control`, `report` … (unitedrhino/things, `share/domain/deviceMsg`).
fn method_kind(channel: Channel, method: &[u8]) -> Kind {
    let down = !channel.is_up();
    match (channel, method) {
        (_, b"report") if matches!(channel, Channel::LogUp) => Kind::Log,
        (_, b"reportReply" | b"report") if channel == Channel::LogDown => Kind::LogReply,
        (_, b"report") => Kind::Report,
        (_, b"reportReply") => Kind::ReportReply,
        (_, b"packReport") => Kind::Pack,
        (_, b"packReportReply") => Kind::PackReply,
        (_, b"getReport") => Kind::Get,
        (_, b"getReportReply") => Kind::GetReply,
        (_, b"control") => Kind::Set,
        (_, b"controlReply") => Kind::SetReply,
        (_, b"getStatus") => Kind::DesiredGet,
        (_, b"getStatusReply") => Kind::DesiredGetReply,
        (_, b"reportInfo") => Kind::Tag,
        (_, b"reportInfoReply") => Kind::TagReply,
        (_, b"eventPost") => Kind::Event,
        (_, b"eventReply") => Kind::EventReply,
        (_, b"action") => Kind::Invoke,
        (_, b"actionReply") => Kind::InvokeReply,
        (_, b"getNtp") => Kind::Ntp,
        (_, b"getNtpReply") => Kind::NtpReply,
        (Channel::ConfigDown, _) => Kind::ConfigReply,
        (Channel::RegisterDown, _) => Kind::RegisterReply,
        // Gateways: the reply repeats the request's method.
        (Channel::TopoDown, b"notifyBind" | b"getFound" | b"change") => Kind::Topology,
        (Channel::TopoDown | Channel::StatusDown, _) if down => Kind::TopologyReply,
        (channel, _) => channel.kind(),
    }
}

/// A frame of the WebSocket.
fn frame(direction: Direction, payload: &[u8], found: &Found) -> Meta {
    let kind = match (Found::text(payload, &found.kind), direction) {
        (b"up.sub", Direction::Out) => Kind::Subscribe,
        // An error carries the type of the request.
        (b"up.sub", Direction::In) if found.code.is_some() => Kind::SubscribeReply,
        (b"up.sub", Direction::In) => Kind::Subscribe,
        (b"up.unSub", Direction::In) if found.code.is_some() => Kind::UnsubscribeReply,
        (b"up.unSub", _) => Kind::Unsubscribe,
        (b"up.ping", _) => Kind::Ping,
        (b"down.subRet", _) => Kind::SubscribeReply,
        (b"down.unSubRet", _) => Kind::UnsubscribeReply,
        (b"down.pong", _) => Kind::Pong,
        (b"down.pub", _) => push_kind(Found::text(payload, &found.path)),
        (b"", _) if found.handler => Kind::Push,
        // The bodies of pushes as the page prints them, without the frame around.
        (b"", _) => body_kind(payload),
        _ => Kind::Unknown,
    };
    let mut meta = Meta { kind, ..Meta::default() };
    let body = found.body.clone().map_or(0, |range| range.start);
    let device = member(payload, body, b"device")
        .and_then(|device| member(payload, device.start, b"deviceName"))
        .or_else(|| member(payload, body, b"deviceName"));
    if let Some(range) = device.and_then(|value| json::scalar(payload, value)) {
        meta.device = span(range);
    }
    if let Some(code) = found.code.clone().filter(|_| kind.is_reply()) {
        meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
        meta.code = Code::Text(span(code));
    }
    meta
}

fn push_kind(path: &[u8]) -> Kind {
    match path {
        b"devicePropertyReport" | b"devicePropertyReportV2" => Kind::Report,
        b"deviceConn" => Kind::Online,
        b"deviceEventReport" => Kind::Event,
        b"deviceOtaReport" => Kind::Ota,
        _ => Kind::Push,
    }
}

fn body_kind(payload: &[u8]) -> Kind {
    let has = |key: &str| json::member(payload, key).is_some();
    if has("device") && (has("param") || (has("params") && !has("identifier") && !has("actionID"))) {
        Kind::Report
    } else if has("device") && has("step") {
        Kind::Ota
    } else if has("device") && has("status") {
        Kind::Online
    } else if has("device") && has("actionID") || has("traceID") {
        Kind::Push
    } else if has("device") && has("identifier") {
        Kind::Event
    } else {
        Kind::Unknown
    }
}

/// A call over HTTP, or its answer.
fn call(direction: Direction, topic: &str, payload: &[u8]) -> Meta {
    let asked = match topic.rsplit('/').next().unwrap_or_default() {
        "property-control-send" | "property-control-read" | "property-control-multi-send" => Kind::Set,
        "property-get-report-send" | "property-get-report-multi-send" => Kind::Get,
        "action-send" | "action-read" => Kind::Invoke,
        "login" | "register" => Kind::Register,
        _ => Kind::Push,
    };
    let mut meta = Meta { kind: asked, ..Meta::default() };
    let found = Found::scan(payload);
    if let Some(range) = json::member(payload, "deviceName").and_then(|value| json::scalar(payload, value)) {
        meta.device = span(range);
    }
    if direction == Direction::In {
        meta.kind = match asked {
            Kind::Set => Kind::SetReply,
            Kind::Get => Kind::GetReply,
            Kind::Invoke => Kind::InvokeReply,
            Kind::Register => Kind::RegisterReply,
            _ => Kind::Ack,
        };
        if let Some(code) = found.code {
            meta.ok = Some(payload.get(code.clone()) == Some(b"200"));
            meta.code = Code::Text(span(code));
        }
    }
    meta
}

/// The name of a frame in the stream: its type, and what it is about.
pub fn socket_topic(payload: &[u8]) -> String {
    let found = Found::scan(payload);
    let text = |range: &Option<Range<usize>>| String::from_utf8_lossy(Found::text(payload, range)).into_owned();
    let kind = text(&found.kind);
    if kind.is_empty() {
        return if found.handler { "ws/connected".to_owned() } else { "ws".to_owned() };
    }
    let about = match &found.path {
        Some(_) => text(&found.path),
        None => {
            let code = found.body.clone().and_then(|body| member(payload, body.start, b"code"));
            text(&code.and_then(|code| json::scalar(payload, code)))
        }
    };
    if about.is_empty() { format!("ws/{kind}") } else { format!("ws/{kind}/{about}") }
}

/// What a received message asks or tells this side.
pub fn read(context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
    let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return Vec::new() };
    if is_call_topic(topic) {
        return vec![Reading::Reply(reply(&root, None))];
    }
    match topic::parse(topic) {
        Some(address) => {
            let mut readings =
                address.channel.map(|channel| device_reads(channel, topic, payload, &root)).unwrap_or_default();
            let own = |name: &str, found: &str| context.identity.get(name).is_none_or(|own| own == found);
            let is_own = own("product_id", address.product) && own("device_name", address.device);
            let sub = (!is_own).then(|| format!("{}/{}", address.product, address.device));
            for reading in &mut readings {
                if let Reading::Request(incoming) = reading {
                    incoming.device.clone_from(&sub);
                }
            }
            readings
        }
        None => app_reads(context, payload, &root),
    }
}

fn reply(root: &Value, request_id: Option<String>) -> ReplyBody {
    let code = root.get("code").map(text);
    let message = root.get("msg").and_then(Value::as_str).filter(|words| !words.is_empty()).map(str::to_owned);
    ReplyBody {
        request_id,
        // A reply without a code is a good one; the platform leaves it out nowhere else.
        ok: code.as_deref().is_none_or(|code| code == SUCCESS),
        silent: code.as_deref() == Some("2000002"),
        code,
        message,
        data: root.get("data").cloned().filter(|data| !data.is_null()),
    }
}

/// A scalar as text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn device_reads(channel: Channel, topic: &str, payload: &[u8], root: &Value) -> Vec<Reading> {
    if channel.is_up() {
        return Vec::new();
    }
    let meta = classify(Direction::In, topic, payload);
    let request_id = match meta.id {
        Id::Text(span) => span.text(topic, payload).map(str::to_owned),
        Id::None | Id::Number(_) => None,
    };
    if channel == Channel::CustomDown {
        return vec![Reading::Request(Incoming::new(OpKind::Raw, topic))];
    }
    let object = |name: &str| root.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let ask = |op: OpKind, name: Option<String>, params: Map<String, Value>, identifiers: Vec<String>| {
        Reading::Request(Incoming {
            request_id: request_id.clone(),
            name,
            params,
            identifiers,
            ..Incoming::new(op, topic)
        })
    };
    match meta.kind {
        Kind::Set => vec![ask(OpKind::Set, None, object("params"), Vec::new())],
        Kind::Get => {
            let names = root.get("identifiers").and_then(Value::as_array).into_iter().flatten();
            let names = names.filter_map(Value::as_str).map(str::to_owned).collect();
            vec![ask(OpKind::Get, None, Map::new(), names)]
        }
        Kind::Invoke => {
            let name = root.get("actionID").and_then(Value::as_str).map(str::to_owned);
            vec![ask(OpKind::Invoke, name, object("params"), Vec::new())]
        }
        Kind::Ota => vec![ask(OpKind::Ota, None, object("data"), Vec::new())],
        Kind::Config => {
            let content = root.get("data").or_else(|| root.get("payload")).cloned().unwrap_or(Value::Null);
            let content = content.as_object().cloned().unwrap_or_default();
            vec![ask(OpKind::Config, None, content, Vec::new())]
        }
        Kind::Topology => vec![ask(OpKind::Topology, None, object("payload"), Vec::new())],
        Kind::NtpReply => {
            let mut readings = vec![Reading::Reply(reply(root, request_id))];
            let number = |name: &str| root.pointer(&format!("/data/{name}")).and_then(|v| text(v).parse::<i64>().ok());
            if let (Some(sent), Some(received)) = (number("deviceSendTime"), number("serverRecvTime")) {
                readings.push(Reading::Said(OFFSET.with(&[&(received - sent)])));
            }
            readings
        }
        kind if kind.is_reply() => {
            let mut body = reply(root, request_id);
            // Config content stands in `data` or, by the documentation, in `payload`.
            body.data = body.data.or_else(|| root.get("payload").cloned());
            vec![Reading::Reply(body)]
        }
        _ => Vec::new(),
    }
}

fn app_reads(context: &Context<'_>, payload: &[u8], root: &Value) -> Vec<Reading> {
    let _ = context;
    let meta = classify(Direction::In, "ws", payload);
    if meta.kind.is_reply() {
        return vec![Reading::Reply(reply(root, None))];
    }
    if let Some(id) = root.pointer("/handler/connectID") {
        return vec![Reading::Said(CONNECTED.with(&[&text(id)]))];
    }
    let body = root.get("body").unwrap_or(root);
    let device = body.pointer("/device/deviceName").map(text);
    match meta.kind {
        // One property each, or all of a report; shadow control sends the second form under the first code.
        Kind::Report => {
            let mut values = Map::new();
            if let Some(params) = body.get("params").and_then(Value::as_object) {
                values.extend(params.clone());
            }
            if let (Some(name), Some(value)) = (body.get("identifier").and_then(Value::as_str), body.get("param")) {
                values.insert(name.to_owned(), value.clone());
            }
            vec![Reading::Values { device, values }]
        }
        Kind::Online => {
            let online = body.get("status").map(text).is_some_and(|status| status == "1");
            vec![Reading::Presence { device, online }]
        }
        _ => Vec::new(),
    }
}

/// What is said of a subscription that was granted and will be silent.
pub fn silent_subscription(code: &str, params: &Map<String, Value>) -> Option<crate::base::lang::Phrase> {
    crate::dialect::unitedrhino::subscribe::lint(code, params).map(|why| SILENT.around([why]))
}
