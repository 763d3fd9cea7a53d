//! Captures that are played: lines of JSON as `tail --json` and `device --json` print them.

use std::time::Duration;

use serde_json::Value;

use super::texts;
use crate::base::hex;
use crate::base::lang::Phrase;
use crate::base::text::parse_rfc3339;
use crate::model::kind::Part;
use crate::model::{Direction, Kind};

/// One recorded message of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Time since the first message of the capture.
    pub offset: Duration,
    /// Which way it went, seen from whoever recorded it.
    pub direction: Direction,
    /// MQTT topic.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// MQTT quality of service.
    pub qos: u8,
}

/// Reads the messages that a device sends: what it sent by itself, and what an app received of it. Answers and requests
/// of others are left out, as are lines about anything but messages. `Err` holds the line and what is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<Recorded>, (usize, Phrase)> {
    let mut messages = Vec::new();
    let mut first = None;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |reason: Phrase| (number + 1, reason);
        let line: Value = serde_json::from_str(line).map_err(|error| fault(texts::NOT_JSON.with(&[&error])))?;
        let member = |name: &str| line.get(name).and_then(Value::as_str);
        let (Some(topic), Some(direction)) = (member("topic"), member("direction")) else { continue };
        let kind = member("kind").and_then(Kind::parse).unwrap_or_default();
        let direction = if direction == "out" { Direction::Out } else { Direction::In };
        let told = matches!(kind, Kind::Report | Kind::Event | Kind::Pack | Kind::History);
        let played = match direction {
            Direction::Out => told || matches!((kind, kind.part()), (Kind::Raw | Kind::Log, _)),
            Direction::In => told && kind.part() == Part::Request,
        };
        if !played {
            continue;
        }
        let missing = |name: &str| fault(texts::NO_MEMBER.with(&[&name]));
        let at = member("at").and_then(parse_rfc3339).ok_or_else(|| missing("at"))?;
        let payload = line.get("payload").and_then(bytes).ok_or_else(|| missing("payload"))?;
        let start = *first.get_or_insert(at);
        let qos = line.get("qos").and_then(Value::as_u64).map_or(0, |qos| u8::try_from(qos.min(2)).unwrap_or(0));
        messages.push(Recorded { offset: at.since(start), direction, topic: topic.to_owned(), payload, qos });
    }
    Ok(messages)
}

/// The bytes of `{"json":…}`, `{"text":…}` or `{"hex":…}`; nothing where only the head of a payload was kept.
fn bytes(payload: &Value) -> Option<Vec<u8>> {
    if let Some(value) = payload.get("json") {
        return Some(value.to_string().into_bytes());
    }
    if let Some(text) = payload.get("text").and_then(Value::as_str) {
        return Some(text.as_bytes().to_vec());
    }
    payload.get("hex").and_then(Value::as_str).and_then(|text| hex::parse(text).ok())
}
