//! One line, whoever wrote it.
//!
//! 1. Lines of iotdbg are recognised by `"v":1` and read by their own names.
//! 2. Other JSON is read by the names that are in use: `topic`; `payload`, `message`, `msg`, `data`, `body`,
//!    `payload_hex`, `payload_base64`; `at`, `time`, `timestamp`, `ts`, `tst`; `qos`, `retain`, `dup`; `direction`.
//! 3. Anything else is `topic payload`, as `mosquitto_sub -v` prints it, with or without a time before it.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;

use super::stamp::Stamp;
use super::texts;
use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::base::{hex, json, text};
use crate::model::{Direction, Fields, Origin, Role};

/// A message as a line tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) at: Option<Time>,
    /// The name of its connection; empty where none is named.
    pub(super) connection: Cow<'a, str>,
    pub(super) direction: Option<Direction>,
    pub(super) topic: Cow<'a, str>,
    pub(super) payload: Cow<'a, [u8]>,
    /// The true length, where only the head was kept.
    pub(super) payload_len: usize,
    pub(super) qos: u8,
    pub(super) retain: bool,
    pub(super) dup: bool,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// A message.
    Message(Record<'a>),
    /// Whose messages follow.
    Origin(Origin),
    /// Something about anything else: a state, an empty line.
    Other,
}

/// Reads a line without its line end.
pub(super) fn read<'a>(line: &'a [u8], stamp: &mut Stamp) -> Result<Line<'a>, Phrase> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    match line.first() {
        None => Ok(Line::Other),
        Some(b'{') if line.last() == Some(&b'}') => object(line, stamp),
        Some(b'{') => Err(texts::CUT_OFF.into()),
        Some(_) => printed(line, stamp).map(Line::Message),
    }
}

/// The members that are looked for, as byte ranges of their values.
#[derive(Default)]
struct Found {
    at: Option<Range<usize>>,
    connection: Option<Range<usize>>,
    direction: Option<Range<usize>>,
    topic: Option<Range<usize>>,
    payload: Option<(Coding, Range<usize>)>,
    qos: Option<Range<usize>>,
    retain: Option<Range<usize>>,
    dup: Option<Range<usize>>,
    dialect: Option<Range<usize>>,
    role: Option<Range<usize>>,
    identity: Option<Range<usize>>,
    devices: Option<Range<usize>>,
    own: bool,
}

/// How a payload is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Plain,
    Hex,
    Base64,
}

fn object<'a>(line: &'a [u8], stamp: &mut Stamp) -> Result<Line<'a>, Phrase> {
    let mut found = Found::default();
    for member in json::members(line) {
        let value = member.value;
        match line.get(member.key).unwrap_or_default() {
            b"v" => found.own = line.get(value) == Some(b"1"),
            b"at" | b"time" | b"timestamp" | b"ts" | b"tst" | b"datetime" => found.at = Some(value),
            b"connection" => found.connection = Some(value),
            b"direction" => found.direction = Some(value),
            b"topic" | b"Topic" => found.topic = Some(value),
            b"payload" | b"Payload" | b"message" | b"msg" | b"data" | b"body" => {
                found.payload = Some((Coding::Plain, value));
            }
            b"payload_hex" | b"payloadHex" | b"hex" => found.payload = Some((Coding::Hex, value)),
            b"payload_base64" | b"payloadBase64" | b"base64" => found.payload = Some((Coding::Base64, value)),
            b"qos" | b"QoS" => found.qos = Some(value),
            b"retain" | b"retained" => found.retain = Some(value),
            b"dup" => found.dup = Some(value),
            b"dialect" => found.dialect = Some(value),
            b"role" => found.role = Some(value),
            b"identity" => found.identity = Some(value),
            b"devices" => found.devices = Some(value),
            _ => {}
        }
    }
    match (&found.topic, &found.dialect, &found.connection) {
        (Some(_), ..) => message(line, &found, stamp).map(Line::Message),
        (None, Some(_), Some(_)) => origin(line, &found).map(Line::Origin),
        // Commands with `--json` tell states between the messages.
        (None, ..) if found.own => Ok(Line::Other),
        (None, ..) => Err(texts::NO_TOPIC.into()),
    }
}

fn message<'a>(line: &'a [u8], found: &Found, stamp: &mut Stamp) -> Result<Record<'a>, Phrase> {
    let string = |range: &Option<Range<usize>>| range.clone().and_then(|range| string(line, range));
    let flag = |range: &Option<Range<usize>>| {
        range.clone().and_then(|range| line.get(range)).is_some_and(|value| matches!(value, b"true" | b"1"))
    };
    let at = match &found.at {
        Some(range) => Some(time(line, range.clone(), stamp)?),
        None => None,
    };
    let direction = match string(&found.direction).as_deref() {
        None => None,
        Some("in" | "received" | "recv" | "incoming") => Some(Direction::In),
        Some("out" | "sent" | "published" | "outgoing") => Some(Direction::Out),
        Some(other) if found.own => return Err(texts::BAD_DIRECTION.with(&[&text::printable(other)])),
        Some(_) => None,
    };
    let (payload, length) = match &found.payload {
        Some((coding, range)) => payload(line, *coding, range.clone(), found.own)?,
        None => return Err(texts::NO_PAYLOAD.into()),
    };
    let qos = found.qos.clone().and_then(|range| line.get(range)).map_or(0, |value| match value {
        b"1" => 1,
        b"2" => 2,
        _ => 0,
    });
    Ok(Record {
        at,
        connection: string(&found.connection).unwrap_or_default(),
        direction,
        topic: string(&found.topic).ok_or(texts::NO_TOPIC)?,
        payload_len: length.unwrap_or(payload.len()),
        payload,
        qos,
        retain: flag(&found.retain),
        dup: flag(&found.dup),
    })
}

/// The text of a JSON string; `None` for what is none.
fn string(line: &[u8], range: Range<usize>) -> Option<Cow<'_, str>> {
    let whole = line.get(range.clone())?;
    if whole.first() != Some(&b'"') {
        return None;
    }
    let inner = line.get(json::scalar(line, range)?)?;
    if inner.contains(&b'\\') {
        return serde_json::from_slice::<String>(whole).ok().map(Cow::Owned);
    }
    match String::from_utf8_lossy(inner) {
        Cow::Borrowed(text) => Some(Cow::Borrowed(text)),
        Cow::Owned(text) => Some(Cow::Owned(text)),
    }
}

/// `{"json":…}`, `{"text":…}`, `{"hex":…}` with `length` beside them where only the head was kept; in lines of others
/// also a string, or JSON as it stands. Returns the bytes and the true length where it is another one.
fn payload(
    line: &[u8],
    coding: Coding,
    range: Range<usize>,
    own: bool,
) -> Result<(Cow<'_, [u8]>, Option<usize>), Phrase> {
    let raw = line.get(range.clone()).unwrap_or_default();
    if coding == Coding::Plain && raw.first() == Some(&b'{') {
        let mut bytes = None;
        let mut length = None;
        let mut members = 0;
        for member in json::members_in(line, range.start) {
            members += 1;
            let value = member.value;
            match line.get(member.key).unwrap_or_default() {
                b"json" => bytes = line.get(value).map(Cow::Borrowed),
                b"text" => bytes = string(line, value).map(into_bytes),
                b"hex" => bytes = Some(decoded(line, Coding::Hex, value)?),
                b"base64" => bytes = Some(decoded(line, Coding::Base64, value)?),
                b"length" => {
                    length = line.get(value).and_then(|value| std::str::from_utf8(value).ok()?.parse::<usize>().ok());
                }
                _ => {}
            }
            if member_count_is_enough(own, members) {
                break;
            }
        }
        return match bytes {
            Some(bytes) if own || members <= 2 => Ok((bytes, length)),
            _ if own => Err(texts::BAD_PAYLOAD.with(&[&text::fit(&text::printable_bytes(raw), 60)])),
            _ => Ok((Cow::Borrowed(raw), None)),
        };
    }
    match (coding, raw.first()) {
        (Coding::Plain, Some(b'"')) => Ok((string(line, range).map(into_bytes).unwrap_or_default(), None)),
        (Coding::Plain, _) if !own => Ok((Cow::Borrowed(if raw == b"null" { b"" } else { raw }), None)),
        (Coding::Plain, _) => Err(texts::BAD_PAYLOAD.with(&[&text::fit(&text::printable_bytes(raw), 60)])),
        (coding, _) => decoded(line, coding, range).map(|bytes| (bytes, None)),
    }
}

/// A foreign payload may be an object of thousands of members; the forms of our own have two at most.
fn member_count_is_enough(own: bool, members: usize) -> bool {
    !own && members > 2
}

fn into_bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

fn decoded(line: &[u8], coding: Coding, range: Range<usize>) -> Result<Cow<'_, [u8]>, Phrase> {
    let digits = string(line, range).unwrap_or_default();
    match coding {
        Coding::Base64 => base64::engine::general_purpose::STANDARD
            .decode(digits.as_bytes())
            .map(Cow::Owned)
            .map_err(|fault| texts::BAD_BASE64.with(&[&fault])),
        Coding::Hex | Coding::Plain => {
            hex::parse(&digits).map(Cow::Owned).map_err(|fault| texts::BAD_HEX.around([fault.reason]))
        }
    }
}

/// A time as text, or as a number of seconds, milliseconds or microseconds since 1970.
fn time(line: &[u8], range: Range<usize>, stamp: &mut Stamp) -> Result<Time, Phrase> {
    let wrong = || texts::BAD_TIME.with(&[&text::printable_bytes(line.get(range.clone()).unwrap_or_default())]);
    if let Some(words) = string(line, range.clone()) {
        return stamp.read(&words).or_else(|| loose_time(&words)).ok_or_else(wrong);
    }
    let digits = line.get(range.clone()).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default();
    unix_time(digits).ok_or_else(wrong)
}

/// Seconds (with or without a fraction), milliseconds or microseconds since 1970, told apart by their size.
fn unix_time(digits: &str) -> Option<Time> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let number: u64 = whole.parse().ok()?;
    let micros = match whole.len() {
        0..=11 => {
            let padded: String =
                fraction.bytes().filter(u8::is_ascii_digit).chain([b'0'; 6]).take(6).map(char::from).collect();
            number.checked_mul(1_000_000)? + padded.parse::<u64>().ok()?
        }
        12..=14 => number.checked_mul(1_000)?,
        _ => number,
    };
    Some(Time::from_micros(micros))
}

/// Times as programs print them: an offset without a colon (`+0800`, as `mosquitto_sub` has it), a blank for the `T`, no
/// zone (then it is taken as UTC).
fn loose_time(words: &str) -> Option<Time> {
    if words.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return unix_time(words);
    }
    let mut fixed = words.trim().replacen(' ', "T", 1);
    if fixed.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let zone = fixed.get(11..).and_then(|rest| rest.rfind(['+', '-', 'Z']));
    match zone {
        None => fixed.push('Z'),
        Some(at) => {
            let digits = fixed.get(11 + at + 1..).unwrap_or_default();
            if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                fixed.insert(11 + at + 3, ':');
            }
        }
    }
    text::parse_rfc3339(&fixed)
}

fn origin(line: &[u8], found: &Found) -> Result<Origin, Phrase> {
    let of = |range: &Option<Range<usize>>| {
        range.clone().and_then(|range| string(line, range)).unwrap_or_default().into_owned()
    };
    let role = of(&found.role);
    let fields = |value: &serde_json::Value| {
        let mut fields = Fields::new();
        for (name, value) in value.as_object().into_iter().flatten() {
            if let Some(value) = value.as_str() {
                fields.set(name.as_str(), value);
            }
        }
        fields
    };
    let value = |range: &Option<Range<usize>>| -> serde_json::Value {
        range.clone().and_then(|range| serde_json::from_slice(line.get(range)?).ok()).unwrap_or_default()
    };
    Ok(Origin {
        name: of(&found.connection),
        dialect: of(&found.dialect),
        role: Role::parse(&role).ok_or_else(|| texts::BAD_ROLE.with(&[&text::printable(&role)]))?,
        identity: fields(&value(&found.identity)),
        devices: value(&found.devices)
            .as_array()
            .map(|devices| devices.iter().map(fields).collect())
            .unwrap_or_default(),
    })
}

/// `topic payload`, or `time topic payload`.
fn printed<'a>(line: &'a [u8], stamp: &mut Stamp) -> Result<Record<'a>, Phrase> {
    let wrong = || texts::NOT_A_MESSAGE.with(&[&text::fit(&text::printable_bytes(line), 60)]);
    let split = |bytes: &'a [u8]| -> (&'a [u8], &'a [u8]) {
        match memchr::memchr(b' ', bytes) {
            Some(at) => (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..).unwrap_or_default()),
            None => (bytes, &[]),
        }
    };
    let (first, rest) = split(line);
    let first_text = std::str::from_utf8(first).map_err(|_| wrong())?;
    // A topic is no time: it would have to be a bare number, or begin like a date.
    let at = stamp.read(first_text).or_else(|| loose_time(first_text)).filter(|at| at.as_secs() > 1_000_000_000);
    let (topic, payload) = match at {
        Some(_) if !rest.is_empty() => split(rest),
        _ => (first, rest),
    };
    let topic = std::str::from_utf8(topic).map_err(|_| wrong())?;
    // An empty payload is printed as a word of its own.
    let payload = if payload == b"(null)" { b"".as_slice() } else { payload };
    if rest.is_empty() {
        return Err(wrong());
    }
    if crate::base::topic::validate_topic(topic).is_err() {
        return Err(wrong());
    }
    Ok(Record {
        at: at.filter(|_| !rest.is_empty()),
        connection: Cow::Borrowed(""),
        direction: None,
        topic: Cow::Borrowed(topic),
        payload_len: payload.len(),
        payload: Cow::Borrowed(payload),
        qos: 0,
        retain: false,
        dup: false,
    })
}
