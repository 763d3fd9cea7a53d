//! Messages taken apart for people: every member with its bytes, what it means, and what a receiver would object to.

use serde_json::Value as Json;

use crate::base::json::{Node, Value};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text;
use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::topic::{self, Channel};
use crate::dialect::aliyun::{codes, model, read};
use crate::dialect::{Context, near, tree};
use crate::model::{Code, Direction, Dissection, Kind, Meta, Problem, Severity, ThingModel};

const NOT_TYPE: Text = Text::new("{} must be of type {}, found {}", "{} 的类型应为 {}，实际是 {}");
const UNKNOWN_TOPIC: Text = Text::new("the documents have no such topic", "平台文档中没有该主题");
const FOREIGN_TOPIC: Text = Text::new("this topic is not for the role {}", "该主题不属于角色 {}");
const NO_MEMBER: Text = Text::new("“{}” is missing", "缺少“{}”");
const PARAM: Text =
    Text::new("“param” is the spelling of the page; live messages say “params”", "文档写作“param”，实际报文为“params”");
const EMPTY_METHOD: Text = Text::new("the method is empty, as in the page's own sample", "method 为空（文档示例如此）");
const NOT_JSON: Text = Text::new("this is no message of the platform (6207)", "不是平台的消息格式（6207）");
const CODED: Text = Text::new("{} ({})", "{}（{}）");
const TEXT_STATUS: Text = Text::new("{} (as text; live messages have a number)", "{}（字符串；线上报文为数字）");
const BINDING: Text = Text::new("the account of an iotToken", "绑定 iotToken 对应的账号");
const UNBINDING: Text = Text::new("the account of this channel", "解绑此通道的账号");
const OK: Text = Text::new("ok", "成功");

/// Device states of a status push (app channel; app clients).
const STATUS: &[(&str, Text)] = &[
    ("0", Text::new("not activated", "未激活")),
    ("1", Text::new("online", "在线")),
    ("3", Text::new("offline", "离线")),
    ("8", Text::new("disabled", "已禁用")),
];
/// Results of adding a sub-device (app channel).
const TOPO_STATUS: &[(&str, Text)] = &[
    ("0", Text::new("added", "添加成功")),
    ("1", Text::new("bound to another gateway", "已被其它网关绑定")),
    ("2", Text::new("registration failed", "子设备注册失败")),
];
/// Changes of a topology (vendor SDKs).
const TOPO_CHANGE: &[(&str, Text)] = &[
    ("0", Text::new("added", "添加")),
    ("1", Text::new("deleted", "删除")),
    ("2", Text::new("enabled", "启用")),
    ("8", Text::new("disabled", "禁用")),
];
/// States of an upgrade (app channel).
const UPGRADE: &[(&str, Text)] = &[
    ("0", Text::new("waiting or to be confirmed", "待升级或待确认")),
    ("1", Text::new("upgrading", "升级中")),
    ("2", Text::new("went wrong", "升级异常")),
    ("3", Text::new("failed", "升级失败")),
    ("4", Text::new("done", "升级完成")),
];
/// Steps of an upgrade that failed (vendor SDKs, ext_ota).
const STEP: &[(&str, Text)] = &[
    ("-1", Text::new("upgrade failed", "升级失败")),
    ("-2", Text::new("download failed", "下载失败")),
    ("-3", Text::new("verification failed", "校验失败")),
    ("-4", Text::new("flashing failed", "烧写失败")),
];

fn meaning(table: &[(&str, Text)], value: &str, lang: Lang) -> Option<&'static str> {
    table.iter().find(|(code, _)| *code == value).map(|(_, text)| text.get(lang))
}

/// Takes a message apart.
pub fn dissect(context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
    let direction = Direction::In;
    let meta = read::classify(context.role, direction, topic, payload);
    let channel = topic::parse(topic).and_then(|address| address.channel);
    let mut problems = Vec::new();
    let mut whole = |severity, reason: Phrase| {
        problems.push(Problem { severity, message: reason.render(context.lang), offset: 0, length: 0 });
    };
    match channel {
        Some(channel) if !read::concerns(context.role, channel) => {
            whole(Severity::Warning, FOREIGN_TOPIC.with(&[&context.role]));
        }
        None if !topic.is_empty() => whole(Severity::Warning, near::with_meant(UNKNOWN_TOPIC, topic::TOPICS, topic)),
        _ => {}
    }
    let summary = summary(context, topic, payload, &meta);
    let looks_like_json = payload.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'{');
    if channel.is_some_and(Channel::is_raw) && !looks_like_json {
        return Dissection { kind: meta.kind, summary, fields: tree::raw(payload), problems };
    }
    let lang = context.lang;
    let tree = tree::read(payload, lang, |path, node| remark(channel, meta.kind, path, node, lang));
    problems.extend(tree.problems);
    match &tree.root {
        Some(root) if !root.members().is_empty() => {
            envelope(channel, root, lang, &mut problems);
            types(meta.kind, root, lang, &mut problems);
            if let Some(model) = context.model {
                values(meta.kind, model, root, lang, &mut problems);
            }
        }
        _ if channel.is_some_and(Channel::is_raw) => {}
        Some(root) => problems.push(tree::at(Severity::Error, root, NOT_JSON, lang)),
        None => problems.push(Problem {
            severity: Severity::Error,
            message: NOT_JSON.get(lang).to_owned(),
            offset: 0,
            length: payload.len(),
        }),
    }
    if topic.is_empty() && meta.kind == Kind::Unknown && problems.is_empty() {
        problems.push(Problem {
            severity: Severity::Error,
            message: NOT_JSON.get(lang).to_owned(),
            offset: 0,
            length: payload.len(),
        });
    }
    problems.sort_by_key(|problem| (problem.offset, problem.length));
    Dissection { kind: meta.kind, summary, fields: tree.fields, problems }
}

/// What has to be there, and what is spelled otherwise in the page's samples.
fn envelope(channel: Option<Channel>, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    if let Some(param) = root.get("param").filter(|_| root.get("params").is_none()) {
        problems.push(tree::at(Severity::Info, param, PARAM, lang));
    }
    if let Some(method) = root.get("method").filter(|method| method.as_str() == Some("")) {
        problems.push(tree::at(Severity::Info, method, EMPTY_METHOD, lang));
    }
    let Some(channel) = channel else { return };
    let needed: &[&str] = match channel {
        Channel::ShadowUpdate | Channel::ShadowGet => &["method"],
        Channel::NtpRequest | Channel::NtpResponse => &["deviceSendTime"],
        Channel::ExtRegister | Channel::ExtRegnwl | Channel::ExtRrpc | Channel::RrpcRequest | Channel::RrpcResponse => {
            &[]
        }
        Channel::AppTopo => &["id"],
        channel if channel.is_raw() => &[],
        channel if channel.kind().is_reply() || channel == Channel::OtaUpgrade => &["id", "code"],
        Channel::ExtError => &["code"],
        _ => &["id", "params"],
    };
    for name in needed {
        if root.get(name).is_none() {
            let reason = NO_MEMBER.with(&[name]);
            let message = reason.render(lang);
            problems.push(Problem {
                severity: Severity::Error,
                message,
                offset: root.offset,
                length: root.length.min(1),
            });
        }
    }
}

/// The types of the envelope's members, where the documents name them.
fn types(kind: Kind, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    if let Some(id) = root.get("id").filter(|id| !matches!(id.value, Value::String(_))) {
        problems.push(tree::at(Severity::Warning, id, NOT_TYPE.with(&[&"id", &"string", &id.type_name()]), lang));
    }
    let is_values = matches!(kind, Kind::Report | Kind::Set);
    if let Some(params) = root.get("params").filter(|params| is_values && !matches!(params.value, Value::Object(_))) {
        let words = NOT_TYPE.with(&[&"params", &"object", &params.type_name()]);
        problems.push(tree::at(Severity::Error, params, words, lang));
    }
}

/// Values that break the model.
fn values(kind: Kind, known: &ThingModel, root: &Node, lang: Lang, problems: &mut Vec<Problem>) {
    let entries = match kind {
        Kind::Report | Kind::Set => root.get("params"),
        _ => None,
    };
    let Some(entries) = entries else { return };
    let entries = entries.get("items").unwrap_or(entries);
    for entry in entries.members() {
        let name = entry.name().unwrap_or_default();
        let json = entry.to_json();
        if let Err((fault, code)) = model::check_strictly(known, name, body::bare(&json), kind == Kind::Set) {
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
fn remark(channel: Option<Channel>, kind: Kind, path: &[String], node: &Node, lang: Lang) -> Option<String> {
    let name = path.last()?.as_str();
    let value = node.scalar_text()?;
    let parent = path.len().checked_sub(2).and_then(|index| path.get(index)).map(String::as_str);
    let is_text = matches!(node.value, Value::String(_));
    match (name, parent) {
        ("code", _) => {
            codes::CODES.iter().find(|spec| spec.code == value).map(|spec| spec.meaning.get(lang).to_owned())
        }
        ("value", Some("status")) if kind == Kind::Online => {
            let meaning = meaning(STATUS, value, lang)?;
            Some(if is_text { TEXT_STATUS.fill(lang, &[&meaning]) } else { meaning.to_owned() })
        }
        ("status", Some("param" | "params")) if channel == Some(Channel::TopoChange) => {
            meaning(TOPO_CHANGE, value, lang).map(str::to_owned)
        }
        ("status", Some("param" | "params")) => meaning(TOPO_STATUS, value, lang).map(str::to_owned),
        ("upgradeStatus", _) => meaning(UPGRADE, value, lang).map(str::to_owned),
        ("step", _) => meaning(STEP, value, lang).map(str::to_owned).or_else(|| Some(format!("{value} %"))),
        ("time" | "deviceSendTime" | "serverRecvTime" | "serverSendTime" | "timestamp", _) => {
            let at = read::millis(&node.to_json()).filter(|at| at.as_millis() > 100_000_000_000)?;
            Some(text::local_date_time(at))
        }
        _ => None,
    }
}

/// One line on what a message says.
pub fn gist(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let channel = topic::parse(topic).and_then(|address| address.channel);
    if channel.is_some_and(Channel::is_raw) {
        return text::printable_bytes(payload.get(..64).unwrap_or(payload)).into_owned();
    }
    let Some(body) = Body::parse(payload) else {
        return text::printable_bytes(payload.get(..64).unwrap_or(payload)).into_owned();
    };
    match body {
        Body::Reply { code, message, data, .. } => reply(context, meta, &code, &message, &data),
        Body::Request { params, method, .. } => request(context, channel, meta, &method, &params),
    }
}

fn reply(context: &Context<'_>, meta: &Meta, code: &str, message: &str, data: &Json) -> String {
    let mut parts = Vec::new();
    if code == body::SUCCESS {
        parts.push(OK.get(context.lang).to_owned());
    } else {
        let meaning = codes::CODES.iter().find(|spec| spec.code == code).map(|spec| spec.meaning.get(context.lang));
        parts.push(format!("{code} {}", meaning.unwrap_or(message)));
    }
    if matches!(meta.kind, Kind::GetReply | Kind::InvokeReply | Kind::DesiredGetReply | Kind::OtaReply)
        && let Some(members) = data.as_object()
    {
        parts.extend(members.iter().map(|(name, value)| format!("{name}={}", shown(body::bare(value)))));
    }
    parts.join(" ")
}

fn request(context: &Context<'_>, channel: Option<Channel>, meta: &Meta, method: &str, params: &Json) -> String {
    let lang = context.lang;
    let member = |name: &str| params.get(name).map(body::text).unwrap_or_default();
    match (channel, meta.kind) {
        (Some(Channel::AppStatus), _) => {
            let value = params.get("status").and_then(|status| status.get("value")).map(body::text).unwrap_or_default();
            meaning(STATUS, &value, lang).map_or(value.clone(), str::to_owned)
        }
        (Some(Channel::AppEvents), _) => {
            format!("{} {}", member("identifier"), shown(params.get("value").unwrap_or(&Json::Null)))
        }
        (Some(Channel::AppOta), _) => {
            let status = meaning(UPGRADE, &member("upgradeStatus"), lang).unwrap_or_default();
            format!("{} → {} {} % {status}", member("srcVersion"), member("destVersion"), member("step"))
        }
        (Some(Channel::AppTopo), _) => {
            let status = meaning(TOPO_STATUS, &member("status"), lang).unwrap_or_default();
            format!("{} {status}", member("subDeviceName"))
        }
        (Some(Channel::OtaProgress), _) => {
            let step = member("step");
            let words =
                meaning(STEP, &step, lang).map_or_else(|| format!("{step} %"), |words| format!("{step} {words}"));
            format!("{words} {}", member("desc")).trim_end().to_owned()
        }
        (_, Kind::Invoke | Kind::Event) => {
            let name = method
                .strip_prefix("thing.service.")
                .or_else(|| method.strip_prefix("thing.event.").and_then(|rest| rest.strip_suffix(".post")));
            let values = params.get("value").filter(|value| value.is_object()).unwrap_or(params);
            format!("{} {}", name.unwrap_or_default(), pairs(values)).trim().to_owned()
        }
        // A token is a secret.
        (_, Kind::Bind) => BINDING.get(lang).to_owned(),
        (_, Kind::Unbind) => UNBINDING.get(lang).to_owned(),
        _ => pairs(params.get("items").unwrap_or(params)),
    }
}

fn pairs(params: &Json) -> String {
    match params {
        Json::Object(members) => {
            let parts: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}={}", shown(body::bare(value)))).collect();
            parts.join(" ")
        }
        Json::Array(elements) => {
            let parts: Vec<String> = elements.iter().map(shown).collect();
            parts.join(" ")
        }
        Json::Null => String::new(),
        other => shown(other),
    }
}

fn shown(value: &Json) -> String {
    body::text(value)
}

fn summary(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let title = meta.kind.title().get(context.lang);
    let mut parts = vec![title.to_owned()];
    parts.extend(meta.device.text(topic, payload).map(str::to_owned));
    let gist = gist(context, topic, payload, meta);
    parts.extend(Some(gist).filter(|gist| !gist.is_empty()));
    if let (Code::Text(span), false) = (meta.code, meta.kind.is_reply()) {
        parts.extend(span.text(topic, payload).map(str::to_owned));
    }
    parts.join(" ")
}
