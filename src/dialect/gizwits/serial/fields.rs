//! Frames of the serial line taken apart for people. What is read are the bytes without their escapes; what is told are
//! places on the wire.

use std::ops::Range;

use crate::base::hex;
use crate::base::lang::Text;
use crate::dialect::Context;
use crate::dialect::gizwits::dissect::{Reader, add, field, noted};
use crate::dialect::gizwits::explain;
use crate::dialect::gizwits::frame::{self, command};
use crate::dialect::gizwits::serial::{Frame, frames, name};
use crate::model::{Dissection, Field, Kind, Problem, Severity};

const UNKNOWN: Text = Text::new("unknown command", "未知命令");
const NO_FRAME: Text = Text::new("no frame of the serial line", "不是串口帧");
const UNKNOWN_COMMAND: Text = Text::new(
    "no receiver knows the command {}: it is answered with 11 (invalid message), or ignored",
    "接收方不认识命令 {}：会以 11（非法消息通知）应答，或直接忽略",
);

/// Bits of the module's state, the lowest first (GoKit, `protocol.h`).
const STATES: [&str; 6] = ["soft_ap", "station", "onboarding", "binding", "router_connected", "cloud_connected"];
/// The bits of the state that are told apart in the upper byte (GoKit, `protocol.h`).
const APP_BIT: usize = 11;

/// The bit of a state of the module, by its name.
pub fn state_bit(name: &str) -> Option<usize> {
    if name == "app" { Some(APP_BIT) } else { STATES.iter().position(|known| *known == name) }
}

/// What makes a message invalid (GoKit, `protocol.h`).
const ERRORS: [Text; 3] = [
    Text::new("the sum is wrong", "校验和错误"),
    Text::new("the command is not known", "命令不可识别"),
    Text::new("another error", "其他错误"),
];
/// Ways to provision a module (GoKit, `protocol.h`).
const WAYS: [&str; 2] = ["SoftAP", "AirLink"];

/// Takes every frame apart.
pub fn dissect(context: &Context<'_>, wire: &[u8]) -> Vec<Dissection> {
    let all: Vec<Dissection> = frames(wire).iter().map(|frame| one(context, frame)).collect();
    if all.is_empty() {
        return vec![Dissection { summary: NO_FRAME.get(context.lang).to_owned(), ..Dissection::default() }];
    }
    all
}

fn one(context: &Context<'_>, found: &Frame) -> Dissection {
    let lang = context.lang;
    let mut problems: Vec<Problem> = found
        .faults
        .iter()
        .map(|(place, reason)| problem(Severity::Error, place.clone(), reason.render(lang)))
        .collect();
    let Some(code) = found.command() else {
        let summary = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        return Dissection { kind: Kind::Unknown, summary, fields: Vec::new(), problems };
    };
    let plain = found.plain();
    // The same frame as one between app and device, so that its business data is read and judged by the same rules.
    let as_command = if code == 0x03 { command::CONTROL } else { command::REPORT };
    let body = found.payload().start + 2..found.payload().end + 2;
    let twin = frame::Frame {
        start: 0,
        length: None,
        flag: None,
        command_at: 4,
        command: as_command,
        body: body.start,
        end: body.end.min(plain.len()),
    };
    let mut reader = Reader::new(context, &plain, twin);
    reader.fields = envelope(context, found, code);
    if found.p0().is_some() {
        reader.p0(body.clone());
        let remarks = explain::carried(context, &plain, &twin);
        add(context, &mut reader.problems, remarks);
    } else if body.end.min(plain.len()) > body.start {
        payload(context, &mut reader, code, body.start..body.end.min(plain.len()));
    }
    if plain.len() > body.end && body.end >= 8 {
        let sum = plain.get(body.end).copied().unwrap_or_default();
        reader.fields.push(field("sum", format!("{sum:02x}"), body.end..body.end + 1));
    }
    let Reader { mut fields, problems: inner, words, .. } = reader;
    let place = |range: &Range<usize>| on_the_wire(found, range);
    for field in &mut fields {
        moved(field, &place);
    }
    problems.extend(inner.into_iter().map(|mut problem| {
        let range = place(&(problem.offset..problem.offset + problem.length));
        (problem.offset, problem.length) = (range.start, range.len());
        problem
    }));
    if name(code).is_none() {
        let words = UNKNOWN_COMMAND.fill(lang, &[&format!("{code:02x}")]);
        problems.push(problem(Severity::Error, found.place(&(2..3)), words));
    }
    problems.sort_by_key(|problem| (problem.offset, problem.length));
    let title = name(code).unwrap_or(UNKNOWN).get(lang);
    let summary = format!("{code:02x} {title} {words}").trim_end().to_owned();
    Dissection { kind: kind(found, code), summary, fields, problems }
}

fn problem(severity: Severity, place: Range<usize>, message: String) -> Problem {
    Problem { severity, message, offset: place.start, length: place.len() }
}

/// Head to flags, with places in the frame without escapes.
fn envelope(context: &Context<'_>, found: &Frame, code: u8) -> Vec<Field> {
    let part = |range: Range<usize>| found.part(range);
    let number = |bytes: &[u8]| bytes.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
    let mut fields = vec![
        field("head", "ffff", 0..2),
        field("length", number(part(0..2)).to_string(), 2..4),
        noted(field("command", format!("{code:02x}"), 4..5), name(code).unwrap_or(UNKNOWN).get(context.lang)),
    ];
    if let [sn] = part(3..4) {
        fields.push(field("sn", sn.to_string(), 5..6));
    }
    if part(4..6).len() == 2 {
        fields.push(field("flags", hex::encode(part(4..6)), 6..8));
    }
    fields
}

/// What a command carries that is no business data.
fn payload(context: &Context<'_>, reader: &mut Reader<'_>, code: u8, range: Range<usize>) {
    let bytes = reader.bytes(range.clone()).to_vec();
    let first = bytes.first().copied().unwrap_or_default();
    let shown = match (code, bytes.as_slice()) {
        (0x0d, [high, low]) => {
            let state = u16::from_be_bytes([*high, *low]);
            let mut part = field("state", hex::encode(&bytes), range.clone());
            part.children = STATES
                .iter()
                .enumerate()
                .map(|(bit, name)| {
                    noted(field(name, (state >> bit & 1).to_string(), range.end - 1..range.end), format!("bit {bit}"))
                })
                .collect();
            let strength = noted(field("rssi", (state >> 8 & 7).to_string(), range.start..range.start + 1), "bit 8–10");
            let app = noted(field("app", (state >> APP_BIT & 1).to_string(), range.start..range.start + 1), "bit 11");
            part.children.extend([strength, app]);
            let set = part.children.iter().filter(|child| child.value == "1").map(|child| child.name.clone());
            reader.words = set.collect::<Vec<_>>().join(" ");
            part
        }
        (0x11, [_]) => {
            let words =
                usize::from(first).checked_sub(1).and_then(|at| ERRORS.get(at)).map(|text| text.get(context.lang));
            reader.words = words.unwrap_or_default().to_owned();
            noted(field("error", first.to_string(), range.clone()), words.unwrap_or_default())
        }
        (0x09, [_]) => {
            let way = usize::from(first).checked_sub(1).and_then(|at| WAYS.get(at)).copied().unwrap_or_default();
            reader.words = way.to_owned();
            noted(field("way", first.to_string(), range.clone()), way)
        }
        _ => {
            reader.words = hex::encode(bytes.get(..bytes.len().min(32)).unwrap_or_default());
            field("payload", hex::encode(&bytes), range.clone())
        }
    };
    reader.fields.push(shown);
}

/// A place in the frame without escapes as a place on the wire.
fn on_the_wire(found: &Frame, range: &Range<usize>) -> Range<usize> {
    let at = |index: usize| match index.checked_sub(2) {
        Some(behind) => found.place(&(behind..behind)).start,
        None => found.wire.start + index,
    };
    at(range.start)..at(range.end)
}

fn moved(field: &mut Field, place: &impl Fn(&Range<usize>) -> Range<usize>) {
    let range = place(&(field.offset..field.offset + field.length));
    (field.offset, field.length) = (range.start, range.len());
    for child in &mut field.children {
        moved(child, place);
    }
}

fn kind(found: &Frame, code: u8) -> Kind {
    match (code, found.p0().and_then(|p0| p0.first())) {
        (0x03, Some(0x01 | 0x11)) => Kind::Set,
        (0x03, Some(0x02 | 0x12)) => Kind::Get,
        (0x04 | 0x05, Some(0x03 | 0x13)) => Kind::GetReply,
        (0x05, Some(0x04 | 0x14)) => Kind::Report,
        (0x03 | 0x05, _) => Kind::Raw,
        (0x07, _) => Kind::Ping,
        (0x08, _) => Kind::Pong,
        (0x01..=0x12, _) if code.is_multiple_of(2) => Kind::Ack,
        (0x01..=0x11, _) => Kind::Config,
        _ => Kind::Unknown,
    }
}
