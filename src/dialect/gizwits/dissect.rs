//! Messages taken apart for people: every field of a frame with its bytes, the values of the data points, what is wrong.

use crate::base::hex;
use crate::base::json::{self, Node};
use crate::base::lang::{Lang, Phrase, Text};
use crate::dialect::Context;
use crate::dialect::gizwits::frame::{self, Form, Frame, command};
use crate::dialect::gizwits::p0::{self, action};
use crate::dialect::gizwits::topic;
use crate::dialect::gizwits::{codes, explain, lan, read, serial};
use crate::model::thing::DataType;
use crate::model::{Direction, Dissection, Field, Kind, Meta, Problem, Severity};

const COMMANDS: [(u16, Text); 21] = [
    (0x0010, Text::new("set log level and LED switches", "设置日志级别与指示灯开关")),
    (0x0011, Text::new("log level and LED switches confirmed", "日志级别与指示灯开关已确认")),
    (0x0012, Text::new("log", "日志")),
    (0x0090, Text::new("business data, app to device", "业务指令（应用→设备）")),
    (0x0091, Text::new("business data, device to app", "业务指令（设备→应用）")),
    (0x0092, Text::new("online state", "在线状态变更")),
    (0x0093, Text::new("business data, to be acknowledged", "业务指令（带 ACK）")),
    (0x0094, Text::new("acknowledgement", "ACK")),
    (0x0205, Text::new("firmware query", "固件查询")),
    (0x0206, Text::new("firmware answer", "固件查询应答")),
    (0x0207, Text::new("firmware chunk request", "固件分片请求")),
    (0x0208, Text::new("firmware chunk", "固件分片")),
    (0x020f, Text::new("how many apps are online", "查询在线应用数")),
    (0x0210, Text::new("number of apps online", "在线应用数")),
    (0x0211, Text::new("firmware push", "固件推送")),
    (0x0213, Text::new("sub-device login", "子设备登录")),
    (0x0214, Text::new("sub-device login answer", "子设备登录应答")),
    (0x0215, Text::new("sub-device logout", "子设备登出")),
    (0x0216, Text::new("sub-device logout answer", "子设备登出应答")),
    (0x021c, Text::new("version report", "版本上报")),
    (0x021e, Text::new("reset or unbind notice", "重置/解绑通知")),
];
const CONTROL: Text = Text::new("control", "控制");
const QUERY: Text = Text::new("query", "查询");
const QUERY_REPLY: Text = Text::new("query answer", "查询应答");
const REPORT: Text = Text::new("report", "上报");
const CUSTOM: Text = Text::new("pass-through", "透传");
const SUB_ONLINE: Text = Text::new("sub-devices' online states", "子设备在线状态");
const SUB_CONTROL: Text = Text::new("control of sub-devices", "控制子设备");
const SUB_REPORT: Text = Text::new("report of sub-devices", "子设备上报");
/// What firmware is pushed for, by the number in the frame.
const PARTS: [&str; 3] = ["", "Wi-Fi", "MCU"];
const UNKNOWN_COMMAND: Text = Text::new("unknown command", "未知命令字");
const UNKNOWN_ACTION: Text = Text::new("unknown action", "未知动作");
const ONLINE: Text = Text::new("online", "上线");
const OFFLINE: Text = Text::new("offline", "离线");
const LEVELS: [&str; 4] = ["", "Error", "Warning", "Info"];
const NO_DEFINITION: Text = Text::new("no data point definition is known: raw bytes", "没有数据点定义，显示原始字节");
const NO_SN: Text = Text::new("a frame 0x{} carries a sn of 4 bytes", "0x{} 帧应带 4 字节 sn");
const CUT: Text = Text::new("“{}” is cut off", "“{}”不完整");
const TRAILING: Text = Text::new("{} bytes that the command does not have", "命令字之外多出 {} 字节");
const NO_FRAME: Text = Text::new("no frame", "不是帧");
const EMPTY_CALL: Text = Text::new("no body", "无请求体");

/// Takes a message apart as one: its frames one after the other.
pub fn dissect(context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
    let mut each = each(context, topic, payload);
    if each.len() < 2 {
        return each.pop().unwrap_or_default();
    }
    let mut whole =
        Dissection { kind: each.first().map_or(Kind::Unknown, |first| first.kind), ..Dissection::default() };
    let mut summaries = Vec::new();
    for (index, part) in each.into_iter().enumerate() {
        summaries.push(part.summary.clone());
        whole.problems.extend(part.problems);
        let (start, end) = extent(&part.fields);
        let name = format!("frame {}", index + 1);
        whole.fields.push(Field {
            name,
            value: part.summary,
            offset: start,
            length: end - start,
            note: None,
            children: part.fields,
        });
    }
    whole.summary = summaries.join(" | ");
    whole
}

fn extent(fields: &[Field]) -> (usize, usize) {
    let start = fields.iter().map(|field| field.offset).min().unwrap_or(0);
    (start, fields.iter().map(|field| field.offset + field.length).max().unwrap_or(start))
}

/// Takes every frame of a message apart.
pub fn each(context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Dissection> {
    if let Some((method, path)) = topic::call(topic) {
        return vec![call(context, topic, (method, path), payload)];
    }
    let form = Form::of(topic::parse(topic).as_ref(), payload);
    each_in(context, topic, form, payload)
}

/// Takes every frame of a payload apart, in a form that is known.
pub fn each_in(context: &Context<'_>, topic: &str, form: Form, payload: &[u8]) -> Vec<Dissection> {
    if form == Form::Serial {
        return serial::dissect(context, payload);
    }
    let address = topic::parse(topic);
    let server = form == Form::Server;
    let mut all = Vec::new();
    let mut before = None;
    for found in frame::frames(payload, server) {
        match found {
            Ok(frame) => {
                let mut part = one(context, payload, frame);
                add(context, &mut part.problems, explain::frame(context, address.as_ref(), payload, &frame));
                all.push(part);
                before = Some(frame);
            }
            Err(fault) => {
                let problem = Problem {
                    severity: Severity::Error,
                    message: fault.reason.render(context.lang),
                    offset: fault.offset,
                    length: fault.length,
                };
                let summary = problem.message.clone();
                let mut problems = vec![problem];
                add(context, &mut problems, explain::fault(payload, before.as_ref(), &fault));
                all.push(Dissection { kind: Kind::Unknown, summary, fields: Vec::new(), problems });
            }
        }
    }
    if all.is_empty() {
        all.push(Dissection { summary: NO_FRAME.get(context.lang).to_owned(), ..Dissection::default() });
    }
    all
}

/// Adds remarks to the problems that reading found.
pub(super) fn add(context: &Context<'_>, problems: &mut Vec<Problem>, remarks: Vec<explain::Remark>) {
    problems.extend(remarks.into_iter().map(|remark| Problem {
        severity: remark.severity,
        message: remark.reason.render(context.lang),
        offset: remark.bytes.start,
        length: remark.bytes.len(),
    }));
    problems.sort_by_key(|problem| (problem.offset, problem.length));
}

pub(super) fn field(name: &str, value: impl Into<String>, range: std::ops::Range<usize>) -> Field {
    Field { name: name.to_owned(), value: value.into(), offset: range.start, length: range.len(), ..Field::default() }
}

pub(super) fn noted(mut field: Field, note: impl Into<String>) -> Field {
    field.note = Some(note.into());
    field
}

/// Commands of the cloud, with what they are.
pub fn commands() -> &'static [(u16, Text)] {
    &COMMANDS
}

/// Whether a command is known, over the cloud or on a local network.
pub fn is_command(command: u16) -> bool {
    COMMANDS.iter().any(|(known, _)| *known == command) || lan::name(command).is_some()
}

fn command_name(command: u16, lang: Lang) -> &'static str {
    let known = COMMANDS.iter().find(|(known, _)| *known == command).map(|(_, name)| *name);
    known.or_else(|| lan::name(command)).unwrap_or(UNKNOWN_COMMAND).get(lang)
}

fn action_name(action: u8) -> Text {
    match action {
        0x01 | 0x11 => CONTROL,
        0x02 | 0x12 => QUERY,
        0x03 | 0x13 => QUERY_REPLY,
        0x04 | 0x14 => REPORT,
        action::CUSTOM_DOWN | action::CUSTOM_UP => CUSTOM,
        0x71 => SUB_ONLINE,
        0x72 => SUB_CONTROL,
        0x73 => SUB_REPORT,
        _ => UNKNOWN_ACTION,
    }
}

/// One frame that is being taken apart.
pub(super) struct Reader<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) payload: &'a [u8],
    pub(super) frame: Frame,
    /// What was found so far.
    pub(super) fields: Vec<Field>,
    /// What is wrong so far.
    pub(super) problems: Vec<Problem>,
    /// What it says, in one line.
    pub(super) words: String,
}

fn one(context: &Context<'_>, payload: &[u8], frame: Frame) -> Dissection {
    let mut reader = Reader::new(context, payload, frame);
    reader.head();
    match frame.command {
        command::CONTROL | command::REPORT | command::WITH_ACK | command::ACK => reader.business(),
        command::ONLINE => reader.online(),
        command::LOG => reader.log(),
        command::LOG_SWITCHES => reader.switches(),
        command::LOG_CONFIRM => reader.nothing_more(frame.body),
        0x0210 => reader.one_number("apps", 2),
        0x0211 => reader.one_number("type", 1),
        _ => reader.rest(frame.body),
    }
    let is_business = matches!(frame.command, command::CONTROL | command::REPORT | command::WITH_ACK);
    let mut summary = format!("0x{:04x}", frame.command);
    // Business data says by its action what it is.
    if !is_business || reader.words.is_empty() {
        summary = format!("{summary} {}", command_name(frame.command, context.lang));
    }
    if let Some(sn) = frame.sn(payload) {
        summary = format!("{summary} sn={sn}");
    }
    if !reader.words.is_empty() {
        summary = format!("{summary} {}", reader.words);
    }
    Dissection { kind: read::kind_of(&frame, payload), summary, fields: reader.fields, problems: reader.problems }
}

impl<'a> Reader<'a> {
    pub(super) fn new(context: &'a Context<'a>, payload: &'a [u8], frame: Frame) -> Reader<'a> {
        Reader { context, payload, frame, fields: Vec::new(), problems: Vec::new(), words: String::new() }
    }

    pub(super) fn bytes(&self, range: std::ops::Range<usize>) -> &[u8] {
        self.payload.get(range).unwrap_or_default()
    }

    fn problem(&mut self, severity: Severity, range: std::ops::Range<usize>, reason: &Phrase) {
        let message = reason.render(self.context.lang);
        self.problems.push(Problem { severity, message, offset: range.start, length: range.len() });
    }

    fn head(&mut self) {
        let frame = self.frame;
        self.fields.push(field("head", "00000003", frame.start..frame.start + 4));
        if let Some((at, digits)) = frame.length {
            let said = frame.end.saturating_sub(at + digits);
            self.fields.push(field("length", said.to_string(), at..at + digits));
        }
        if let Some((at, flag)) = frame.flag {
            self.fields.push(field("flag", format!("{flag:02x}"), at..at + 1));
        }
        let name = command_name(frame.command, self.context.lang);
        let command = field("command", format!("0x{:04x}", frame.command), frame.command_at..frame.command_at + 2);
        self.fields.push(noted(command, name));
    }

    fn nothing_more(&mut self, from: usize) {
        if from < self.frame.end {
            let range = from..self.frame.end;
            self.problem(Severity::Warning, range.clone(), &TRAILING.with(&[&range.len()]));
            self.rest(from);
        }
    }

    fn rest(&mut self, from: usize) {
        if from < self.frame.end {
            let range = from..self.frame.end;
            self.words = hex::encode(self.bytes(range.start..range.end.min(range.start + 32)));
            self.fields.push(field("body", hex::encode(self.bytes(range.clone())), range));
        }
    }

    /// A body that is one number.
    fn one_number(&mut self, name: &str, bytes: usize) {
        let (from, end) = (self.frame.body, self.frame.body + bytes);
        if end > self.frame.end {
            let reason = CUT.with(&[&name]);
            return self.problem(Severity::Error, from..self.frame.end, &reason);
        }
        let number = self.bytes(from..end).iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        let mut shown = field(name, number.to_string(), from..end);
        if name == "type" {
            shown.note = PARTS.get(usize::try_from(number).unwrap_or_default()).map(|part| (*part).to_owned());
        }
        self.words = format!("{name}={}", shown.note.as_deref().unwrap_or(&shown.value));
        self.fields.push(shown);
        self.nothing_more(end);
    }

    /// What a gateway tells or is told about its sub-devices: a count, then for each its id and what follows it
    /// (giz-docs, light gateway guide).
    fn sub_devices(&mut self, part: &mut Field, range: std::ops::Range<usize>, action: u8) {
        let cut = |reader: &mut Self, at: usize| {
            let reason = CUT.with(&[&"sub_device"]);
            reader.problem(Severity::Error, at.min(range.end)..range.end, &reason);
        };
        let mut at = range.start + 1;
        let count = self
            .bytes(at..range.end)
            .get(..2)
            .map(|bytes| bytes.iter().fold(0usize, |n, byte| n << 8 | usize::from(*byte)));
        let Some(count) = count else { return cut(self, at) };
        part.children.push(field("count", count.to_string(), at..at + 2));
        at += 2;
        for _ in 0..count {
            let Some(&length) = self.bytes(at..range.end).first() else { return cut(self, at) };
            let id = at + 1..at + 1 + usize::from(length);
            if id.end > range.end {
                return cut(self, at);
            }
            let name = hex::encode(self.bytes(id.clone()));
            let rest = self.bytes(id.end..range.end);
            let (value, end) = match action {
                // Online states: one byte each.
                0x71 => (rest.first().map(u8::to_string), id.end + 1),
                _ => {
                    let length =
                        rest.get(..2).map(|bytes| bytes.iter().fold(0usize, |n, byte| n << 8 | usize::from(*byte)));
                    let length = length.unwrap_or(usize::from(u16::MAX));
                    (rest.get(2..2 + length).map(hex::encode), id.end + 2 + length)
                }
            };
            let Some(value) = value else { return cut(self, at) };
            part.children.push(field(&format!("sub_device {name}"), value, at..end));
            at = end;
        }
    }

    fn switches(&mut self) {
        let (from, end) = (self.frame.body, self.frame.end);
        let bytes = self.bytes(from..end.min(from + 2)).to_vec();
        if bytes.len() < 2 {
            self.problem(Severity::Error, from..end, &CUT.with(&[&"bits"]));
            return;
        }
        self.words = format!("bits=0x{}", hex::encode(&bytes));
        for (name, at, highest) in [("bits15_8", from, 15usize), ("bits7_0", from + 1, 7)] {
            let byte = self.payload.get(at).copied().unwrap_or_default();
            let mut part = field(name, format!("{byte:08b}"), at..at + 1);
            // What each bit switches is not documented.
            part.children = (0..8)
                .map(|index| {
                    field(&format!("bit{}", highest - index), (byte >> (7 - index) & 1).to_string(), at..at + 1)
                })
                .collect();
            self.fields.push(part);
        }
        self.nothing_more(from + 2);
    }

    /// A text with its length before it in two bytes; the place after it.
    fn counted(&mut self, name: &str, at: usize, secret: bool) -> Option<(String, usize)> {
        let cut = |reader: &mut Self| reader.problem(Severity::Error, at..reader.frame.end, &CUT.with(&[&name]));
        let Some((text, _)) = read::counted(self.bytes(at..self.frame.end)) else {
            cut(self);
            return None;
        };
        let text = String::from_utf8_lossy(text).into_owned();
        let length = self.bytes(at..at + 2).iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        self.fields.push(field(&format!("{name}_length"), length.to_string(), at..at + 2));
        let shown = if secret { crate::base::secret::MASK.to_owned() } else { text.clone() };
        self.fields.push(field(name, shown, at + 2..at + 2 + length));
        Some((text, at + 2 + length))
    }

    fn online(&mut self) {
        let Some((mac, at)) = self.counted("mac", self.frame.body, false) else { return };
        // Whoever has the passcode can bind the device.
        let Some((_, at)) = self.counted("passcode", at, true) else { return };
        let lang = self.context.lang;
        let Some(&online) = self.bytes(at..self.frame.end).first() else {
            self.problem(Severity::Error, at..self.frame.end, &CUT.with(&[&"online"]));
            return;
        };
        let word = if online == 0 { OFFLINE } else { ONLINE }.get(lang);
        self.words = format!("{mac} {word}");
        self.fields.push(noted(field("online", online.to_string(), at..at + 1), word));
        let at = at + 1;
        if self.frame.end < at + 4 {
            self.problem(Severity::Error, at..self.frame.end, &CUT.with(&[&"protocol_version"]));
            return;
        }
        self.fields.push(field("protocol_version", hex::encode(self.bytes(at..at + 4)), at..at + 4));
        if let Some((_, at)) = self.counted("business_version", at + 4, false) {
            self.nothing_more(at);
        }
    }

    fn log(&mut self) {
        let at = self.frame.body;
        let Some(&level) = self.bytes(at..self.frame.end).first() else {
            self.problem(Severity::Error, at..self.frame.end, &CUT.with(&[&"level"]));
            return;
        };
        let name = LEVELS.get(usize::from(level)).copied().unwrap_or_default();
        self.fields.push(noted(field("level", level.to_string(), at..at + 1), name));
        let Some((tag, at)) = self.counted("tag", at + 1, false) else { return };
        let Some((source, at)) = self.counted("source", at, false) else { return };
        let Some((content, at)) = self.counted("content", at, false) else { return };
        self.words =
            [name, &tag, &source, &content].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        self.nothing_more(at);
    }

    fn business(&mut self) {
        let frame = self.frame;
        if matches!(frame.command, command::WITH_ACK | command::ACK) {
            match frame.sn(self.payload) {
                Some(sn) => self.fields.push(field("sn", sn.to_string(), frame.body..frame.body + 4)),
                None => {
                    let reason = NO_SN.with(&[&format!("{:04x}", frame.command)]);
                    return self.problem(Severity::Error, frame.body..frame.end, &reason);
                }
            }
        }
        let Some(range) = frame.p0_range() else {
            if frame.command != command::ACK {
                self.problem(Severity::Warning, frame.body..frame.end, &CUT.with(&[&"p0"]));
            }
            return;
        };
        self.p0(range);
    }

    /// Business data.
    pub(super) fn p0(&mut self, range: std::ops::Range<usize>) {
        let p0 = self.bytes(range.clone()).to_vec();
        let action = p0.first().copied().unwrap_or_default();
        let name = action_name(action).get(self.context.lang);
        let mut part = field("p0", String::new(), range.clone());
        part.children.push(noted(field("action", format!("{action:02x}"), range.start..range.start + 1), name));
        self.words = name.to_owned();
        let known = self.context.model.filter(|model| model.binary.is_some());
        match known {
            Some(known) if matches!(action, 0x01..=0x04 | 0x11..=0x14) => {
                let decoded = p0::decode(known, &p0);
                let shift = |part: &std::ops::Range<usize>| range.start + part.start..range.start + part.end;
                if !decoded.flags.is_empty() {
                    let flags = field(
                        "flags",
                        hex::encode(p0.get(decoded.flags.clone()).unwrap_or_default()),
                        shift(&decoded.flags),
                    );
                    let mut flags = noted(flags, decoded.named.join(", "));
                    flags.children = p0::flag_bits(known, &p0)
                        .into_iter()
                        .map(|bit| noted(field(bit.name, u8::from(bit.set).to_string(), shift(&bit.bytes)), bit.note()))
                        .collect();
                    part.children.push(flags);
                }
                let mut shown = Vec::new();
                for found in &decoded.values {
                    let text = found.value.as_str().map_or_else(|| found.value.to_string(), str::to_owned);
                    let mut value = field(&found.identifier, text, shift(&found.bytes));
                    let property = known.properties.iter().find(|property| property.identifier == found.identifier);
                    value.note = property.and_then(|property| meaning(&property.data_type, &found.value));
                    shown.push(format!("{}={}", found.identifier, value.note.as_deref().unwrap_or(&value.value)));
                    part.children.push(value);
                }
                if decoded.values.is_empty() {
                    shown.extend(decoded.named.iter().cloned());
                }
                self.words = format!("{name} {}", shown.join(" ")).trim_end().to_owned();
                for (place, reason) in &decoded.faults {
                    self.problem(Severity::Error, shift(place), reason);
                }
            }
            _ if matches!(action, 0x71..=0x73) => {
                self.sub_devices(&mut part, range.clone(), action);
                self.words = format!(
                    "{name} {}",
                    part.children
                        .iter()
                        .skip(1)
                        .map(|child| format!("{}={}", child.name, child.value))
                        .collect::<Vec<_>>()
                        .join(" ")
                );
            }
            _ if p0.len() > 1 => {
                let data = range.start + 1..range.end;
                let raw = hex::encode(p0.get(1..).unwrap_or_default());
                self.words = format!("{name} {}", raw.get(..raw.len().min(64)).unwrap_or_default());
                let mut data = field("data", raw, data);
                if known.is_none() && matches!(action, 0x01..=0x04 | 0x11..=0x14) {
                    data.note = Some(NO_DEFINITION.get(self.context.lang).to_owned());
                }
                part.children.push(data);
            }
            _ => {}
        }
        self.fields.push(part);
    }
}

/// The name of an enum value, the unit of a number.
fn meaning(data_type: &DataType, value: &serde_json::Value) -> Option<String> {
    match data_type {
        DataType::Enum(choices) => {
            let index = value.as_i64()?;
            choices.iter().find(|(known, _)| *known == index).map(|(_, name)| name.clone())
        }
        _ => None,
    }
}

/// One line on what a message says.
pub fn gist(context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
    if topic::call(topic).is_some() {
        return topic.to_owned();
    }
    let all = each(context, topic, payload);
    let summaries: Vec<&str> = all.iter().map(|part| part.summary.as_str()).collect();
    if meta.kind == Kind::Unknown && all.iter().all(|part| part.fields.is_empty()) {
        return String::new();
    }
    summaries.join(" | ")
}

/// A call over HTTP: the members of its body.
fn call(context: &Context<'_>, topic: &str, (method, path): (&str, &str), payload: &[u8]) -> Dissection {
    // Which of the two it is is not told; an error or a record can only be an answer.
    let answer = json::member(payload, "error_code").is_some() || json::member(payload, "success").is_some();
    let direction = if answer { Direction::In } else { Direction::Out };
    let meta = read::classify(direction, topic, payload);
    let mut dissection = Dissection { kind: meta.kind, summary: format!("{method} {path}"), ..Dissection::default() };
    if payload.is_empty() {
        let empty = noted(field("body", "", 0..0), EMPTY_CALL.get(context.lang));
        dissection.fields.push(empty);
        return dissection;
    }
    match json::parse(payload).root.filter(|root| !root.members().is_empty()) {
        Some(root) => {
            if let Some(code) = root.get("error_code").and_then(Node::scalar_text) {
                let words =
                    codes::CODES.iter().find(|spec| spec.code == code).map(|spec| spec.meaning.get(context.lang));
                dissection.summary = format!("{} {code} {}", dissection.summary, words.unwrap_or_default());
            }
            dissection.fields = root.members().iter().map(node).collect();
        }
        None => {
            let text = String::from_utf8_lossy(payload).into_owned();
            dissection.fields.push(field("body", text, 0..payload.len()));
        }
    }
    dissection
}

fn node(node: &Node) -> Field {
    let name = node.name().unwrap_or_default();
    let secret = matches!(name, "password" | "passcode" | "token");
    let value = if secret { crate::base::secret::MASK } else { node.scalar_text().unwrap_or_default() };
    let children = node.members().iter().chain(node.elements()).map(self::node).collect();
    Field {
        name: name.to_owned(),
        value: value.to_owned(),
        offset: node.start(),
        length: node.end() - node.start(),
        note: None,
        children,
    }
}
