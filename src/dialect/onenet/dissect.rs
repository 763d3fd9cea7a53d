//! Messages taken apart for people: every member with its bytes, what it means, and what a receiver would object to.

use serde_json::Value as Json;

use crate::base::json::{self, Node, Value};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text;
use crate::base::time::Time;
use crate::dialect::onenet::body::Body;
use crate::dialect::onenet::model;
use crate::dialect::onenet::ota;
use crate::dialect::onenet::read::{self, Shape};
use crate::dialect::onenet::sign::Token;
use crate::dialect::onenet::topic::{self, Channel};
use crate::dialect::onenet::{body, codes};
use crate::dialect::{Context, near};
use crate::model::thing::{DataType, Event, Param, ThingModel};
use crate::model::{Code, Dissection, Field, Kind, Meta, Problem, Severity};

const NOT_STRICT: Text = Text::new("{} (the platform would answer 301)", "{}（平台会返回 301）");
const MORE: Text = Text::new("{} more problems of the kind", "另有 {} 处类似问题");
const NOT_JSON: Text = Text::new("this is no message of the platform", "不是平台的消息格式");
const NO_METHOD: Text =
    Text::new("OneJSON has no “method”: the topic says what a message is", "OneJSON 没有 method 字段，由主题区分消息");
const UNKNOWN_TOPIC: Text = Text::new("the documents have no such topic", "平台文档中没有该主题");
const FOREIGN_TOPIC: Text = Text::new("this topic is not for the role {}", "该主题不属于角色 {}");
const NO_MEMBER: Text = Text::new("“{}” is missing", "缺少“{}”");
const ID_TYPE: Text = Text::new("id must be a string, found {} (1027)", "id 必须是字符串，实际是 {}（1027）");
const ID_DIGITS: Text = Text::new(
    "id must be 1 to 13 decimal digits, found “{}” (312)",
    "id 必须是 1 到 13 位十进制数字，实际是“{}”（312）",
);
const EMPTY_REQUEST_ID: Text = Text::new(
    "without a requestId of its own the reply cannot be told from others",
    "没有唯一的 requestId，无法区分各次应答",
);
const NOT_OBJECT: Text = Text::new("“{}” must be an object, found {}", "“{}”必须是对象，实际是 {}");
const NO_WRAPPER: Text =
    Text::new("the value of “{}” is not wrapped: {\"value\": …} was expected", "“{}”的值没有包装：应为 {\"value\": …}");
const SURPLUS_WRAPPER: Text = Text::new(
    "“{}” is wrapped in value and time; a set takes bare values",
    "“{}”带有 value、time 包装；属性设置应直接写值",
);
const NUMBER_AS_TEXT: Text = Text::new(
    "“{}” is a number in quotes; a numeric identifier refuses it (302)",
    "“{}”的数字带有引号；数值类型的标识符会拒绝（302）",
);
const CODED: Text = Text::new("{} ({})", "{}（{}）");
const SECONDS: Text = Text::new("seconds? time is in milliseconds", "疑似秒：time 的单位是毫秒");
const BAD_TIME: Text = Text::new("time must be a number of milliseconds", "time 必须是毫秒数");
const UNENCODED: Text = Text::new("the token is not percent-encoded", "token 没有做 URL 编码");
const BAD_TOKEN: Text = Text::new("{} (1103)", "{}（1103）");
const EXPIRES: Text = Text::new("token, expires {}", "token，过期时间 {}");
const REPLY: Text = Text::new("ok", "成功");
const REFUSED: Text = Text::new("refused", "失败");

/// What a value stands for, which decides its remarks.
#[derive(Clone, Copy)]
enum Sense<'m> {
    /// Nothing in particular.
    Plain,
    /// The whole message.
    Envelope,
    /// `data` of a message to or from an app.
    AppData,
    /// Identifier → entry.
    Entries(Entry),
    /// The entry of one property, `{value, time}` or `{value, version}`.
    Wrapped(Option<&'m DataType>),
    /// A bare value.
    Bare(Option<&'m DataType>),
    /// The entry of one event.
    EventEntry(Option<&'m Event>),
    /// Named parameters.
    Params(&'m [Param]),
    /// A time stamp in milliseconds.
    Millis,
    /// A result code.
    Code,
    /// A message id between cloud and device.
    DeviceId,
    /// A token.
    Token,
}

/// How entries of properties are written on a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Wrapped,
    Bare,
    Events,
    Versioned,
}

struct Reader<'c> {
    channel: Option<Channel>,
    model: Option<&'c ThingModel>,
    service: Option<&'c crate::model::thing::Service>,
    lang: Lang,
    problems: Vec<Problem>,
}

/// Takes a message apart.
pub fn dissect(context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
    let meta = read::classify(topic, payload);
    let address = topic::parse(topic);
    let channel = read::channel(topic, payload);
    let service_name = address.as_ref().and_then(|address| address.variable.clone()).and_then(|range| topic.get(range));
    let service = context
        .model
        .zip(service_name)
        .and_then(|(model, name)| model.services.iter().find(|service| service.identifier == name));
    let mut reader = Reader { channel, model: context.model, service, lang: context.lang, problems: Vec::new() };
    let mut dissection =
        Dissection { kind: meta.kind, summary: summary(context, topic, payload, &meta), ..Dissection::default() };
    match channel {
        Some(channel) if !read::concerns(context.role, channel) && !topic.is_empty() => {
            reader.problem(Severity::Warning, 0, 0, FOREIGN_TOPIC.with(&[&context.role]));
        }
        None if !topic.is_empty() && !ota::is_call(topic) => {
            reader.problem(Severity::Warning, 0, 0, near::with_meant(UNKNOWN_TOPIC, topic::TOPICS, topic));
        }
        _ => {}
    }
    // What an announcement of firmware looks like is not documented: nothing is wrong with one that is no envelope.
    let is_free = channel == Some(Channel::OtaInform) && Body::parse(payload).is_none();
    if is_free || channel.is_some_and(Channel::is_raw) || (ota::is_call(topic) && payload.is_empty()) {
        dissection.fields = raw_fields(payload);
        dissection.problems = reader.problems;
        return dissection;
    }
    let parsed = json::parse(payload);
    for problem in parsed.problems {
        reader.problem(
            Severity::Error,
            problem.offset,
            problem.length,
            NOT_STRICT.with(&[&problem.reason.render(context.lang)]),
        );
    }
    if parsed.problems_left_out > 0 {
        reader.problem(Severity::Error, payload.len(), 0, MORE.with(&[&parsed.problems_left_out]));
    }
    match parsed.root {
        Some(root) if !root.members().is_empty() => {
            dissection.fields = root.members().iter().map(|node| reader.field(node, Sense::Envelope, 0)).collect();
            reader.envelope(&root);
        }
        Some(root) => {
            dissection.fields = vec![reader.field(&root, Sense::Plain, 0)];
            reader.problem(Severity::Error, root.offset, root.length, NOT_JSON.into());
        }
        None => dissection.fields = raw_fields(payload),
    }
    if topic.is_empty() && read::shape(payload) == Shape::Unknown && !reader.has_errors() {
        reader.problem(Severity::Error, 0, payload.len(), NOT_JSON.into());
    }
    reader.problems.sort_by_key(|problem| (problem.offset, problem.length));
    dissection.problems = reader.problems;
    dissection
}

/// A payload of the user's own format: text where it is text.
fn raw_fields(payload: &[u8]) -> Vec<Field> {
    let value = match std::str::from_utf8(payload) {
        Ok(text) => text.to_owned(),
        Err(_) => crate::base::hex::encode(payload),
    };
    vec![Field { name: "payload".to_owned(), value, length: payload.len(), ..Field::default() }]
}

impl<'c> Reader<'c> {
    fn problem(&mut self, severity: Severity, offset: usize, length: usize, reason: Phrase) {
        self.problems.push(Problem { severity, message: reason.render(self.lang), offset, length });
    }

    fn at(&mut self, severity: Severity, node: &Node, reason: Phrase) {
        self.problem(severity, node.offset, node.length, reason);
    }

    fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// What has to be there, and is not.
    fn envelope(&mut self, root: &Node) {
        if let Some(method) = root.get("method") {
            self.at(Severity::Info, method, NO_METHOD.into());
        }
        let Some(channel) = self.channel else { return };
        let needed: &[&str] = match channel {
            Channel::Lifecycle | Channel::PropertyNotify | Channel::EventNotify => &["productId", "deviceName", "data"],
            Channel::AppSetReply => &["requestId", "success"],
            Channel::DesiredSet => &["requestId", "data"],
            // The app's set and the cloud's set share their topic; the shape tells them apart.
            Channel::PropertySet if root.get("requestId").is_some() || root.get("data").is_some() => {
                &["requestId", "data"]
            }
            channel if channel.kind().is_reply() => &["id", "code"],
            Channel::TopoGet => &["id"],
            _ => &["id", "params"],
        };
        for name in needed {
            if root.get(name).is_none() {
                self.problem(Severity::Error, root.offset, root.length.min(1), NO_MEMBER.with(&[name]));
            }
        }
        if let Some(data) = root.get("data")
            && matches!(channel, Channel::PropertySet | Channel::DesiredSet)
        {
            match data.get("params") {
                None => self.at(Severity::Error, data, NO_MEMBER.with(&[&"params"])),
                Some(params) if !matches!(params.value, Value::Object(_)) => {
                    self.at(Severity::Error, params, NOT_OBJECT.with(&[&"params", &params.type_name()]));
                }
                Some(_) => {}
            }
        }
    }

    /// How `params` or `data` list properties on this channel.
    fn entries(&self) -> Option<Entry> {
        Some(match self.channel? {
            Channel::PropertyNotify | Channel::PropertyPost => Entry::Wrapped,
            Channel::EventNotify | Channel::EventPost => Entry::Events,
            Channel::PropertySet | Channel::DesiredSet | Channel::PropertyGetReply => Entry::Bare,
            Channel::DesiredGetReply | Channel::DesiredDelete => Entry::Versioned,
            _ => return None,
        })
    }

    /// The sense of a member, from the sense of its parent.
    fn child_sense<'m>(&self, parent: Sense<'m>, name: &str) -> Sense<'m>
    where
        'c: 'm,
    {
        match (parent, name) {
            (Sense::Envelope, "id") => Sense::DeviceId,
            (Sense::Envelope, "code") => Sense::Code,
            (Sense::Envelope, "params") => match (self.entries(), self.service) {
                (Some(entries), _) => Sense::Entries(entries),
                (None, Some(service)) => Sense::Params(&service.inputs),
                (None, None) => Sense::Plain,
            },
            (Sense::Envelope, "data") => match self.channel {
                Some(Channel::DesiredGetReply | Channel::PropertyGetReply) => {
                    self.entries().map_or(Sense::Plain, Sense::Entries)
                }
                Some(Channel::ServiceInvokeReply) => {
                    self.service.map_or(Sense::Plain, |service| Sense::Params(&service.outputs))
                }
                _ => Sense::AppData,
            },
            (Sense::AppData, "params") => self.entries().map_or(Sense::Plain, Sense::Entries),
            (Sense::AppData | Sense::Plain | Sense::Wrapped(_) | Sense::EventEntry(_), "time") => Sense::Millis,
            (Sense::Plain, "sasToken") => Sense::Token,
            (Sense::Entries(Entry::Events), name) => Sense::EventEntry(
                self.model.and_then(|model| model.events.iter().find(|event| event.identifier == name)),
            ),
            (Sense::Entries(entry), name) => {
                let property =
                    self.model.and_then(|model| model.properties.iter().find(|property| property.identifier == name));
                let data_type = property.map(|property| &property.data_type);
                if entry == Entry::Bare { Sense::Bare(data_type) } else { Sense::Wrapped(data_type) }
            }
            (Sense::Wrapped(data_type), "value") => Sense::Bare(data_type),
            (Sense::EventEntry(Some(event)), "value") => Sense::Params(&event.outputs),
            (Sense::Params(params), name) => {
                Sense::Bare(params.iter().find(|param| param.identifier == name).map(|param| &param.data_type))
            }
            (Sense::Bare(Some(DataType::Struct(params))), name) => {
                Sense::Bare(params.iter().find(|param| param.identifier == name).map(|param| &param.data_type))
            }
            _ => Sense::Plain,
        }
    }

    fn field(&mut self, node: &Node, parent: Sense<'_>, index: usize) -> Field {
        let name = node.name().map_or_else(|| index.to_string(), str::to_owned);
        let sense = match node.key {
            Some(_) => self.child_sense(parent, &name),
            None => match parent {
                Sense::Bare(Some(DataType::Array { element, .. })) => Sense::Bare(Some(element)),
                Sense::Plain => Sense::Plain,
                _ => Sense::Plain,
            },
        };
        if let Sense::Entries(entry) = parent {
            self.check_entry(node, &name, entry);
        }
        if let (Sense::Params(params), Sense::EventEntry(_) | Sense::Envelope) = (sense, parent)
            && let Json::Object(values) = node.to_json()
            && let Err((identifier, finding)) = model::check_params(params, &values)
        {
            let place = node.get(&identifier).unwrap_or(node);
            self.value_fault(place, &identifier, &finding);
        }
        let note = self.remark(node, sense);
        let children = node
            .members()
            .iter()
            .chain(node.elements())
            .enumerate()
            .map(|(index, child)| self.field(child, sense, index));
        let children = children.collect();
        let value = match &node.value {
            Value::Null if node.length == 0 => String::new(),
            Value::Null => "null".to_owned(),
            Value::Array(elements) if elements.is_empty() => "[]".to_owned(),
            Value::Object(members) if members.is_empty() => "{}".to_owned(),
            _ => node.scalar_text().unwrap_or_default().to_owned(),
        };
        Field { name, value, offset: node.start(), length: node.end() - node.start(), note, children }
    }

    /// Judges one entry of `params`: its wrapper, its identifier, its value.
    fn check_entry(&mut self, node: &Node, name: &str, entry: Entry) {
        let wrapped = node.get("value");
        match entry {
            Entry::Wrapped | Entry::Events if wrapped.is_none() => {
                self.at(Severity::Error, node, NO_WRAPPER.with(&[&name]));
            }
            _ => {}
        }
        let bare = match entry {
            Entry::Bare => Some(node),
            Entry::Wrapped => Some(wrapped.unwrap_or(node)),
            Entry::Events => {
                if let Some(model) = self.model
                    && !model.events.iter().any(|event| event.identifier == name)
                {
                    self.value_fault(
                        node,
                        name,
                        &(crate::model::thing::ValueFault::UnknownIdentifier, Some("309".to_owned())),
                    );
                }
                None
            }
            Entry::Versioned => wrapped,
        };
        let Some(bare) = bare else { return };
        if entry == Entry::Bare && wrapped.is_some() && node.get("time").is_some() {
            self.at(Severity::Warning, node, SURPLUS_WRAPPER.with(&[&name]));
            return;
        }
        match self.model {
            Some(known) => {
                let writing = matches!(self.channel, Some(Channel::PropertySet | Channel::DesiredSet));
                if let Err(finding) = model::check_property(known, name, &bare.to_json(), writing) {
                    self.value_fault(bare, name, &finding);
                }
            }
            None => {
                if let Value::String(text) = &bare.value
                    && text.trim().parse::<f64>().is_ok_and(f64::is_finite)
                {
                    self.at(Severity::Info, bare, NUMBER_AS_TEXT.with(&[&name]));
                }
            }
        }
    }

    fn value_fault(&mut self, node: &Node, identifier: &str, (fault, code): &model::Finding) {
        let words = fault.describe(identifier).render(self.lang);
        let reason = CODED.with(&[&words, &code.as_deref().unwrap_or_default()]);
        self.at(Severity::Error, node, reason);
    }

    /// The remark beside a value; what is wrong with it becomes a problem.
    fn remark(&mut self, node: &Node, sense: Sense<'_>) -> Option<String> {
        match sense {
            Sense::Bare(data_type) => model::meaning(data_type?, &node.to_json()),
            Sense::Millis => self.millis(node),
            Sense::Code => explain(node.scalar_text()?, self.lang),
            Sense::DeviceId => {
                self.device_id(node);
                None
            }
            Sense::Token => self.token(node),
            Sense::Plain
            | Sense::Envelope
            | Sense::AppData
            | Sense::Entries(_)
            | Sense::Wrapped(_)
            | Sense::EventEntry(_) => {
                if node.name() == Some("requestId") && node.scalar_text().is_none_or(str::is_empty) {
                    self.at(Severity::Warning, node, EMPTY_REQUEST_ID.into());
                }
                None
            }
            Sense::Params(_) => None,
        }
    }

    fn millis(&mut self, node: &Node) -> Option<String> {
        let Value::Number(raw) = &node.value else {
            self.at(Severity::Warning, node, BAD_TIME.into());
            return None;
        };
        let millis: u64 = raw.parse().ok()?;
        // 10^9 s is in 2001, 10^11 ms in 1973: what lies between is a time in seconds.
        if (1_000_000_000..100_000_000_000).contains(&millis) {
            self.at(Severity::Warning, node, SECONDS.into());
            return Some(text::local_date_time(Time::from_secs(millis)));
        }
        Some(text::local_date_time(Time::from_millis(millis)))
    }

    fn device_id(&mut self, node: &Node) {
        match node.as_str() {
            None => self.at(Severity::Error, node, ID_TYPE.with(&[&node.type_name()])),
            Some(id) if !is_message_id(id) => self.at(Severity::Error, node, ID_DIGITS.with(&[&id])),
            Some(_) => {}
        }
    }

    fn token(&mut self, node: &Node) -> Option<String> {
        let written = node.as_str()?;
        match Token::parse(written) {
            Ok(token) => {
                if token.emit().len() != written.len() {
                    self.at(Severity::Warning, node, UNENCODED.into());
                }
                Some(EXPIRES.fill(self.lang, &[&text::local_date_time(token.expires_at()?)]))
            }
            Err(reason) => {
                self.at(Severity::Error, node, BAD_TOKEN.with(&[&reason.render(self.lang)]));
                None
            }
        }
    }
}

/// Whether an id between cloud and device has its form: 1 to 13 decimal digits.
pub fn is_message_id(id: &str) -> bool {
    (1..=13).contains(&id.len()) && id.bytes().all(|digit| digit.is_ascii_digit())
}

/// Meaning and usual cause of a code.
fn explain(code: &str, lang: Lang) -> Option<String> {
    let spec = codes::CODES.iter().find(|spec| spec.code == code)?;
    let (meaning, cause) = (spec.meaning.get(lang), spec.cause.get(lang));
    Some(if cause.is_empty() { meaning.to_owned() } else { format!("{meaning} — {cause}") })
}

fn summary(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let mut parts = vec![meta.kind.title().get(context.lang).to_owned()];
    parts.extend(meta.device.text(topic, payload).map(str::to_owned));
    parts.push(gist(context, topic, payload, meta));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// One line on what a message says.
pub fn gist(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    let lang = context.lang;
    if meta.kind == Kind::Unknown || read::channel(topic, payload).is_some_and(Channel::is_raw) {
        return String::new();
    }
    let Some(body) = Body::parse(payload) else { return String::new() };
    match body {
        Body::Lifecycle { online, .. } => if online { "online" } else { "offline" }.to_owned(),
        Body::Notify { params, event: false, .. } => pairs(&body::unwrapped(&params)),
        Body::Notify { params, .. } => events(&params),
        Body::AppSet { params, .. } => pairs(&params),
        Body::AppReply { failure: None, .. } => REPLY.get(lang).to_owned(),
        Body::AppReply { failure: Some((code, msg)), .. } => refusal(&code, &msg, lang),
        Body::Request { params, .. } => match (params, meta.kind) {
            (Some(Json::Object(params)), Kind::Report) => pairs(&body::unwrapped(&params)),
            (Some(Json::Object(params)), Kind::Event) => events(&params),
            (Some(Json::Object(params)), Kind::Invoke) => {
                let service =
                    topic::parse(topic).and_then(|address| address.variable).and_then(|range| topic.get(range));
                format!("{}({})", service.unwrap_or_default(), pairs(&params))
            }
            (Some(Json::Object(params)), _) => pairs(&params),
            (Some(Json::Array(items)), _) => items.iter().map(short).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        },
        Body::Reply { code, msg, data, .. } => {
            let code_text = match meta.code {
                Code::Text(span) => span.text(topic, payload).unwrap_or_default().to_owned(),
                _ => code.to_string(),
            };
            if code != body::SUCCESS {
                return refusal(&code_text, &msg, lang);
            }
            match data {
                Some(Json::Object(data)) if !data.is_empty() => pairs(&body::unwrapped(&data)),
                _ => REPLY.get(lang).to_owned(),
            }
        }
    }
}

/// A refusal: code, its meaning in the reader's language, and the words sent with it where they say more.
fn refusal(code: &str, msg: &str, lang: Lang) -> String {
    let known = codes::CODES.iter().find(|spec| spec.code == code).map(|spec| spec.meaning.get(lang));
    let known = known.unwrap_or(if msg.is_empty() { REFUSED.get(lang) } else { "" });
    let said = if known.eq_ignore_ascii_case(msg) { "" } else { msg };
    let mut parts = vec![code, known, said];
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn events(params: &serde_json::Map<String, Json>) -> String {
    let one = |(name, entry): (&String, &Json)| match entry.get("value").and_then(Json::as_object) {
        Some(outputs) => format!("{name}({})", pairs(outputs)),
        None => name.clone(),
    };
    params.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn pairs(params: &serde_json::Map<String, Json>) -> String {
    params.iter().map(|(name, value)| format!("{name}={}", short(value))).collect::<Vec<_>>().join(" ")
}

/// A value in one word, or nearly.
fn short(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fields, Role};

    const ROOT: &str = "$sys/p1/lamp/";

    fn run(role: Role, known: Option<&ThingModel>, tail: &str, payload: &str) -> Dissection {
        let identity = Fields::new();
        let context = Context { role, identity: &identity, devices: &[], model: known, lang: Lang::En };
        let topic = if tail.is_empty() { String::new() } else { format!("{ROOT}{tail}") };
        dissect(&context, &topic, payload.as_bytes())
    }

    fn messages(dissection: &Dissection) -> Vec<&str> {
        dissection.problems.iter().map(|problem| problem.message.as_str()).collect()
    }

    fn find<'a>(fields: &'a [Field], path: &[&str]) -> &'a Field {
        let field = fields.iter().find(|field| field.name == path[0]).unwrap();
        if path.len() == 1 { field } else { find(&field.children, &path[1..]) }
    }

    #[test]
    fn fields_carry_their_bytes_meanings_and_units() {
        let known = model::read(model::DEMO).unwrap();
        let text = r#"{"id":"1","params":{"mode":{"value":2,"time":1524448722123},"WF":{"value":23.6}}}"#;
        let found = run(Role::Device, Some(&known), "thing/property/post", text);
        assert_eq!(found.problems, []);
        let mode = find(&found.fields, &["params", "mode", "value"]);
        assert_eq!((mode.value.as_str(), mode.note.as_deref()), ("2", Some("制热 heat")));
        assert_eq!(&text[mode.offset..mode.offset + mode.length], r#""value":2"#);
        assert!(find(&found.fields, &["params", "mode", "time"]).note.as_ref().unwrap().starts_with("2018-04-"));
        assert_eq!(find(&found.fields, &["params", "WF", "value"]).note.as_deref(), Some("W"));
        assert_eq!(found.summary, "report lamp mode=2 WF=23.6");
    }

    #[test]
    fn what_the_platform_would_refuse_is_told_with_its_code() {
        let known = model::read(model::DEMO).unwrap();
        let text = r#"{"id":12,"params":{"mode":2,"x":{"value":1},"temperature":{"value":"30.5"}}}"#;
        let found = run(Role::Device, Some(&known), "thing/property/post", text);
        let all = messages(&found).join("\n");
        for part in ["(1027)", "“mode” is not wrapped", "no “x” (309)", "should be float, found string (302)"] {
            assert!(all.contains(part), "{part}\n{all}");
        }
        let found = run(Role::Device, None, "thing/property/post", r#"{"id":"12345678901234","params":{}}"#);
        assert!(messages(&found)[0].contains("(312)"));
    }

    #[test]
    fn a_number_in_quotes_is_remarked_without_a_model_too() {
        let found = run(Role::App, None, "thing/property/set", r#"{"requestId":"1","data":{"params":{"a":"30.5"}}}"#);
        assert_eq!((found.problems.len(), found.problems[0].severity), (1, Severity::Info));
    }

    #[test]
    fn a_wrapped_set_and_a_set_without_params_are_remarked() {
        let found = run(
            Role::App,
            None,
            "thing/property/set",
            r#"{"requestId":"","data":{"params":{"a":{"value":1,"time":2}}}}"#,
        );
        assert!(messages(&found).iter().any(|message| message.contains("bare values")));
        assert!(messages(&found).iter().any(|message| message.contains("requestId")));
        let found = run(Role::App, None, "thing/property/set", r#"{"requestId":"1","data":{"params":[1]}}"#);
        assert!(messages(&found)[0].contains("must be an object"));
    }

    #[test]
    fn codes_are_explained() {
        let found = run(
            Role::App,
            None,
            "thing/property/set/reply",
            r#"{"requestId":"1","code":"deviceNotFound","msg":"device does not exist","success":false}"#,
        );
        assert_eq!(found.kind, Kind::SetReply);
        assert!(find(&found.fields, &["code"]).note.as_ref().unwrap().contains("device does not exist"));
        assert_eq!(found.summary, "set reply lamp deviceNotFound device does not exist");
    }

    #[test]
    fn a_foreign_or_unknown_topic_is_remarked() {
        let found = run(Role::App, None, "thing/property/post", r#"{"id":"1","params":{}}"#);
        assert!(messages(&found)[0].contains("not for the role app"));
        let found = run(Role::App, None, "thing/property/sets", "{}");
        assert!(messages(&found).iter().any(|message| message.contains("no such topic")));
    }

    #[test]
    fn seconds_for_milliseconds_are_noticed() {
        let found = run(
            Role::Device,
            None,
            "thing/property/post",
            r#"{"id":"1","params":{"a":{"value":true,"time":1524448722}}}"#,
        );
        assert!(messages(&found)[0].starts_with("seconds?"));
    }

    #[test]
    fn pass_through_stays_what_it_is() {
        let found = run(Role::Device, None, "custome/up", "{not json");
        assert_eq!((found.kind, found.problems.len()), (Kind::Raw, 0));
        assert_eq!(found.fields[0].value, "{not json");
    }

    #[test]
    fn without_a_topic_the_shape_decides() {
        let found = run(
            Role::App,
            None,
            "",
            r#"{"productId":"p","deviceName":"d","messageType":"lifeCycle","data":{"status":"offline","time":1}}"#,
        );
        assert_eq!((found.kind, found.summary.as_str()), (Kind::Online, "online state d offline"));
        assert!(!run(Role::App, None, "", r#"{"a":1}"#).problems.is_empty());
        assert!(!run(Role::App, None, "", "hello").problems.is_empty());
    }
}
