//! Messages taken apart for people: every member with its bytes, what it means, and what a receiver would object to.

use serde_json::{Map, Value as Json};

use crate::base::json::{self, Node, Value};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text;
use crate::base::time::Time;
use crate::dialect::http::is_call_topic;
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::dialect::unitedrhino::{codes, model, read};
use crate::dialect::{Context, near, tree};
use crate::model::{Direction, Dissection, Kind, Meta, Problem, Role, Severity, ThingModel};

const UNKNOWN_TOPIC: Text = Text::new("the platform has no such topic", "平台没有该主题");
const FOREIGN_TOPIC: Text = Text::new("an app has no MQTT topics on this platform", "该平台的 App 不使用 MQTT 主题");
const NO_MEMBER: Text = Text::new("“{}” is missing (100006)", "缺少“{}”（100006）");
const NOT_OBJECT: Text = Text::new("a JSON object is expected (100014)", "应为 JSON 对象（100014）");
const CODED: Text = Text::new("{} ({})", "{}（{}）");
const NOT_IMPLEMENTED: Text =
    Text::new("the server takes this frame and does nothing with it", "服务器接收该帧但不做任何处理");
const UNKNOWN_TYPE: Text = Text::new("the server ignores this type without a word", "服务器会直接忽略该 type");
const STEP_ZERO: Text = Text::new("the platform rejects step 0", "平台不接受 step 0");
const OLD_TOKEN: Text = Text::new("the older name of msgToken", "msgToken 的旧名称");
const OK: Text = Text::new("ok", "成功");

/// States of a connection push (page "websocket开发").
const STATUS: &[(&str, Text)] = &[("1", Text::new("online", "在线")), ("2", Text::new("offline", "离线"))];
/// States of an upgrade task (unitedrhino/things, `share/domain/application`; the page has those of a connection here).
const TASK: &[(&str, Text)] = &[
    ("1", Text::new("to be confirmed", "待确认")),
    ("2", Text::new("queued", "待推送")),
    ("3", Text::new("pushed", "已推送")),
    ("4", Text::new("in progress", "升级中")),
    ("5", Text::new("done", "升级成功")),
    ("6", Text::new("failed", "升级失败")),
    ("7", Text::new("cancelled", "已取消")),
];
/// Steps of an upgrade that failed (page "websocket开发").
const STEP: &[(&str, Text)] = &[
    ("-1", Text::new("upgrade failed", "升级失败")),
    ("-2", Text::new("download failed", "下载失败")),
    ("-3", Text::new("verification failed", "校验失败")),
    ("-4", Text::new("flashing failed", "烧写失败")),
];
/// Levels of log lines (`msgSdkLog`).
const LEVEL: &[(&str, Text)] = &[
    ("2", Text::new("error", "错误")),
    ("3", Text::new("warning", "警告")),
    ("4", Text::new("info", "信息")),
    ("5", Text::new("debug", "调试")),
];

fn meaning(table: &[(&str, Text)], value: &str, lang: Lang) -> Option<&'static str> {
    table.iter().find(|(code, _)| *code == value).map(|(_, text)| text.get(lang))
}

/// Takes a message apart.
pub fn dissect(context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
    let lang = context.lang;
    // A call and its answer have the same topic; an answer has a code.
    let asks = is_call_topic(topic) && json::member(payload, "code").is_none();
    let direction = if asks { Direction::Out } else { Direction::In };
    let meta = read::classify(direction, topic, payload);
    let address = topic::parse(topic);
    let channel = address.as_ref().and_then(|address| address.channel);
    let mut problems = Vec::new();
    let mut whole = |severity, reason: Phrase| {
        problems.push(Problem { severity, message: reason.render(lang), offset: 0, length: 0 });
    };
    match channel {
        Some(_) if context.role == Role::App => whole(Severity::Warning, FOREIGN_TOPIC.into()),
        None if topic.starts_with('$') => {
            whole(Severity::Warning, near::with_meant(UNKNOWN_TOPIC, topic::TOPICS, topic));
        }
        _ => {}
    }
    let summary = summary(context, topic, payload, &meta);
    if channel.is_some_and(is_custom) {
        return Dissection { kind: meta.kind, summary, fields: tree::raw(payload), problems };
    }
    let tree = tree::read(payload, lang, |path, node| remark(meta.kind, path, node, lang));
    problems.extend(tree.problems);
    let is_object = |root: &&Node| matches!(root.value, Value::Object(_));
    match tree.root.as_ref().filter(is_object) {
        Some(root) => {
            if channel.is_some() {
                of_device(meta.kind, root, lang, &mut problems);
            } else if !is_call_topic(topic) {
                of_app(meta.kind, root, lang, &mut problems);
            }
            if let Some(known) = context.model {
                values(meta.kind, known, root, lang, &mut problems);
            }
        }
        None => problems.push(Problem {
            severity: Severity::Error,
            message: NOT_OBJECT.get(lang).to_owned(),
            offset: 0,
            length: payload.len(),
        }),
    }
    problems.sort_by_key(|problem| (problem.offset, problem.length));
    Dissection { kind: meta.kind, summary, fields: tree.fields, problems }
}

/// Whether the bytes are in the user's own format.
fn is_custom(channel: Channel) -> bool {
    matches!(channel, Channel::CustomUp | Channel::CustomDown)
}

/// What a message of a device has to have.
fn of_device(kind: Kind, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    if let Some(node) = root.get("clientToken").filter(|_| root.get("msgToken").is_none()) {
        problems.push(tree::at(Severity::Info, node, OLD_TOKEN, lang));
    }
    let needed: &[&str] = match kind {
        Kind::Report | Kind::Set | Kind::Event | Kind::Invoke if root.get("code").is_none() => &["method", "params"],
        _ => &["method"],
    };
    missing(root, needed, lang, problems);
    let step = root.get("params").and_then(|params| params.get("step"));
    if let Some(step) = step.filter(|step| kind == Kind::Ota && step.scalar_text() == Some("0")) {
        problems.push(tree::at(Severity::Warning, step, STEP_ZERO, lang));
    }
}

fn missing(root: &Node, needed: &[&str], lang: Lang, problems: &mut Vec<Problem>) {
    for name in needed.iter().filter(|name| root.get(name).is_none()) {
        problems.push(Problem {
            severity: Severity::Error,
            message: NO_MEMBER.fill(lang, &[name]),
            offset: root.offset,
            length: root.length.min(1),
        });
    }
}

/// What a frame has to have, and what the server would do with it without a word.
fn of_app(kind: Kind, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    let Some(name) = root.get("type") else {
        // The first frame of the server, and the bodies of pushes as the page prints them, have no type.
        if kind == Kind::Unknown {
            missing(root, &["type"], lang, problems);
        }
        return;
    };
    match name.as_str().unwrap_or_default() {
        "up.control" | "up.setHandle" => problems.push(tree::at(Severity::Warning, name, NOT_IMPLEMENTED, lang)),
        _ if kind == Kind::Unknown => problems.push(tree::at(Severity::Warning, name, UNKNOWN_TYPE, lang)),
        _ => {}
    }
    let body = root.get("body");
    let code = body.and_then(|body| body.get("code")).and_then(Node::as_str);
    if let (Kind::Subscribe, Some(body), Some(code)) = (kind, body, code) {
        let params = body.get("params").map(Node::to_json);
        let params = params.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
        if let Some(silent) = read::silent_subscription(code, &params) {
            problems.push(tree::at(Severity::Warning, body, silent, lang));
        }
    }
}

/// Values that break the model.
fn values(kind: Kind, known: &ThingModel, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    if !matches!(kind, Kind::Report | Kind::Set) {
        return;
    }
    let root = root.get("body").unwrap_or(root);
    let Some(entries) = root.get("params") else { return };
    for entry in entries.members() {
        let name = entry.name().unwrap_or_default();
        if let Err((fault, code)) = model::check_property(known, name, &entry.to_json(), kind == Kind::Set) {
            let words = fault.describe(name);
            let reason = match code {
                Some(code) => CODED.around([words, Phrase::verbatim(code)]),
                None => words,
            };
            problems.push(tree::at(Severity::Warning, entry, reason, lang));
        }
    }
}

/// A remark on a member.
fn remark(kind: Kind, path: &[String], node: &Node, lang: Lang) -> Option<String> {
    let value = node.scalar_text()?;
    match path.last()?.as_str() {
        "code" | "resultCode" => {
            codes::CODES.iter().find(|spec| spec.code == value).map(|spec| spec.meaning.get(lang).to_owned())
        }
        "status" if kind == Kind::Online => meaning(STATUS, value, lang).map(str::to_owned),
        "status" if kind == Kind::Ota => meaning(TASK, value, lang).map(str::to_owned),
        "step" => meaning(STEP, value, lang).map(str::to_owned).or_else(|| Some(format!("{value} %"))),
        "logLevel" => meaning(LEVEL, value, lang).map(str::to_owned),
        "timestamp" | "deviceSendTime" | "serverRecvTime" => moment(value),
        _ => None,
    }
}

/// Unix milliseconds or seconds as local time.
fn moment(value: &str) -> Option<String> {
    let number = value.parse::<u64>().ok()?;
    match number {
        100_000_000_000..=9_999_999_999_999 => Some(text::local_date_time(Time::from_millis(number))),
        1_000_000_000..=9_999_999_999 => Some(text::local_date_time(Time::from_secs(number))),
        _ => None,
    }
}

/// One line on what a message says.
pub fn gist(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let custom = topic::parse(topic).and_then(|address| address.channel).is_some_and(is_custom);
    let root = if custom { None } else { json::parse(payload).root.map(|root| root.to_json()) };
    let Some(root) = root.filter(Json::is_object) else {
        return text::printable_bytes(payload.get(..64).unwrap_or(payload)).into_owned();
    };
    if meta.kind.is_reply() {
        return reply(context, &root);
    }
    let body = root.get("body").unwrap_or(&root);
    let member = |name: &str| body.get(name).map(read::text).unwrap_or_default();
    let lang = context.lang;
    if let Some(id) = root.pointer("/handler/connectID") {
        return format!("connectID {}", read::text(id));
    }
    match meta.kind {
        Kind::Subscribe | Kind::Unsubscribe => {
            format!("{} {}", member("code"), pairs(body.get("params"))).trim_end().to_owned()
        }
        Kind::Report if body.get("param").is_some() => format!("{}={}", member("identifier"), member("param")),
        Kind::Online => meaning(STATUS, &member("status"), lang).map_or_else(|| member("status"), str::to_owned),
        Kind::Ota => upgrade(body, lang),
        Kind::Event | Kind::Invoke | Kind::Push => {
            let name = ["eventID", "actionID", "identifier", "topic"].into_iter().find(|name| body.get(name).is_some());
            let name = name.map(&member).unwrap_or_default();
            let what = pairs(body.get("params").or_else(|| body.get("content")).or_else(|| body.get("inputParams")));
            format!("{name} {what}").trim().to_owned()
        }
        Kind::Get | Kind::DesiredGet => pairs(body.get("identifiers").or_else(|| body.get("dataIDs"))),
        Kind::Topology | Kind::Model => {
            let devices = body.pointer("/payload/devices").and_then(Json::as_array).into_iter().flatten();
            let names: Vec<String> = devices.filter_map(|device| device.get("deviceName")).map(read::text).collect();
            format!("{} {}", member("method"), names.join(" ")).trim_end().to_owned()
        }
        // A call carries its values as text that holds JSON.
        _ => pairs(body.get("params").or_else(|| body.get("data"))),
    }
}

fn upgrade(body: &Json, lang: Lang) -> String {
    let within = body.get("params").or_else(|| body.get("data")).unwrap_or(body);
    let member = |name: &str| within.get(name).map(read::text).unwrap_or_default();
    let step = member("step");
    let step = meaning(STEP, &step, lang).map_or_else(
        || if step.is_empty() { step.clone() } else { format!("{step} %") },
        |words| format!("{step} {words}"),
    );
    let task = meaning(TASK, &member("status"), lang).unwrap_or_default().to_owned();
    let parts = [member("version"), step, task, member("desc"), member("detail")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn reply(context: &Context<'_>, root: &Json) -> String {
    let code = root.get("code").map(read::text).unwrap_or_default();
    let mut parts = Vec::new();
    if code.is_empty() || code == read::SUCCESS {
        parts.push(OK.get(context.lang).to_owned());
    } else {
        let known = codes::CODES.iter().find(|spec| spec.code == code).map(|spec| spec.meaning.get(context.lang));
        let words = root.get("msg").and_then(Json::as_str).unwrap_or_default();
        parts.push(format!("{code} {}", known.unwrap_or(words)));
    }
    let data = root.get("data").filter(|data| data.is_object());
    parts.extend(Some(pairs(data)).filter(|data| !data.is_empty()));
    parts.join(" ")
}

fn pairs(values: Option<&Json>) -> String {
    match values {
        Some(Json::Object(members)) => named(members),
        Some(Json::Array(elements)) => elements
            .iter()
            .map(|element| element.as_object().map_or_else(|| read::text(element), named))
            .collect::<Vec<_>>()
            .join(" "),
        Some(Json::String(text)) => match serde_json::from_str::<Map<String, Json>>(text) {
            Ok(members) => named(&members),
            Err(_) => text.clone(),
        },
        None | Some(Json::Null) => String::new(),
        Some(other) => read::text(other),
    }
}

fn named(members: &Map<String, Json>) -> String {
    members.iter().map(|(name, value)| format!("{name}={}", read::text(value))).collect::<Vec<_>>().join(" ")
}

fn summary(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let mut parts = vec![meta.kind.title().get(context.lang).to_owned()];
    parts.extend(meta.device.text(topic, payload).map(str::to_owned));
    parts.extend(Some(gist(context, topic, payload, meta)).filter(|gist| !gist.is_empty()));
    parts.join(" ")
}
