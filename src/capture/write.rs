//! Messages as lines of a capture.

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::mask::mask;
use super::stamp::Stamp;
use crate::base::hex;
use crate::base::time::Time;
use crate::base::units::millis;
use crate::model::{Direction, Fields, MessageRef, Origin};

/// A message with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The message.
    pub message: MessageRef<'a>,
    /// The name of its connection.
    pub connection: &'a str,
    /// What became of it.
    pub outcome: Option<&'a str>,
    /// The time from request to reply.
    pub latency: Option<Duration>,
}

/// Writes lines.
#[derive(Debug, Clone, Default)]
pub struct Writer {
    stamp: Stamp,
    /// Whether payloads are written as they are, secrets included.
    bare: bool,
}

impl Writer {
    /// Lines whose payloads keep their secrets only if `with_secrets`.
    pub fn new(with_secrets: bool) -> Writer {
        Writer { stamp: Stamp::default(), bare: with_secrets }
    }

    /// Appends the line that says whose messages follow.
    pub fn origin(&mut self, out: &mut Vec<u8>, at: Time, origin: &Origin) {
        out.extend_from_slice(b"{\"v\":1,\"capture\":1,\"at\":\"");
        self.stamp.write(out, at);
        out.extend_from_slice(b"\",\"connection\":");
        text(out, &origin.name);
        let fields = |fields: &Fields| -> Map<String, Value> {
            fields.names().map(|name| (name.to_owned(), json!(fields.get(name)))).collect()
        };
        let devices: Vec<_> = origin.devices.iter().map(fields).collect();
        let rest = [
            ("dialect", json!(origin.dialect)),
            ("role", json!(origin.role.name())),
            ("identity", Value::Object(fields(&origin.identity))),
            ("devices", json!(devices)),
        ];
        for (name, value) in rest {
            // Writing into memory cannot fail.
            let _ = write!(out, ",\"{name}\":{value}");
        }
        out.extend_from_slice(b"}\n");
    }

    /// Appends the line of a message; `seq` counts from 1.
    pub fn message(&mut self, out: &mut Vec<u8>, seq: u64, connection: &str, message: &MessageRef<'_>) {
        self.open(out, seq, connection, message);
        self.payload(out, message);
        out.extend_from_slice(b"}\n");
    }

    /// Appends the line of a message of which more is known.
    pub fn told(&mut self, out: &mut Vec<u8>, seq: u64, told: &Told<'_>) {
        self.open(out, seq, told.connection, &told.message);
        if let Some(outcome) = told.outcome {
            let _ = write!(out, ",\"outcome\":\"{outcome}\"");
        }
        if let Some(latency) = told.latency {
            let _ = write!(out, ",\"latency_ms\":{}", millis(latency));
        }
        self.payload(out, &told.message);
        out.extend_from_slice(b"}\n");
    }

    /// Appends a time.
    pub(super) fn time(&mut self, out: &mut Vec<u8>, at: Time) {
        self.stamp.write(out, at);
    }

    fn open(&mut self, out: &mut Vec<u8>, seq: u64, connection: &str, message: &MessageRef<'_>) {
        let _ = write!(out, "{{\"v\":1,\"seq\":{seq},\"at\":\"");
        self.stamp.write(out, message.at);
        out.extend_from_slice(b"\",\"connection\":");
        text(out, connection);
        out.extend_from_slice(match message.direction {
            Direction::In => b",\"direction\":\"in\",\"topic\":",
            Direction::Out => b",\"direction\":\"out\",\"topic\":",
        });
        text(out, message.topic);
        let _ = write!(out, ",\"kind\":\"{}\"", message.meta.kind.name());
        let named = [
            ("device", message.device().map(Into::into)),
            ("request_id", message.request_id()),
            ("code", message.code()),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                let _ = write!(out, ",\"{name}\":");
                text(out, &value);
            }
        }
        if let Some(ok) = message.meta.ok {
            let _ = write!(out, ",\"ok\":{ok}");
        }
        let (retain, dup) = (message.retain, message.dup);
        let _ = write!(out, ",\"qos\":{},\"retain\":{retain},\"dup\":{dup}", message.qos);
    }

    /// The exact bytes: as JSON where JSON gives them back byte by byte, as text where they are text, otherwise as hex.
    fn payload(&self, out: &mut Vec<u8>, message: &MessageRef<'_>) {
        let masked = if self.bare { None } else { mask(message.payload) };
        let payload = masked.as_deref().unwrap_or(message.payload);
        out.extend_from_slice(b",\"payload\":{");
        if !message.is_truncated() && is_plain_json(payload) {
            out.extend_from_slice(b"\"json\":");
            out.extend_from_slice(payload);
        } else {
            match std::str::from_utf8(payload) {
                // No text holds a NUL, but many a binary frame is UTF-8 by chance.
                Ok(words) if !payload.contains(&0) => {
                    out.extend_from_slice(b"\"text\":");
                    text(out, words);
                }
                _ => {
                    let _ = write!(out, "\"hex\":\"{}\"", hex::encode(payload));
                }
            }
        }
        if message.is_truncated() {
            let _ = write!(out, ",\"length\":{}", message.payload_len);
        }
        out.push(b'}');
        if masked.is_some() {
            out.extend_from_slice(b",\"masked\":true");
        }
    }
}

/// Whether a payload can stand in a line as it is: an object or an array without a line break, strictly written.
fn is_plain_json(payload: &[u8]) -> bool {
    matches!((payload.first(), payload.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
        && !payload.iter().any(u8::is_ascii_control)
        && serde_json::from_slice::<serde::de::IgnoredAny>(payload).is_ok()
}

/// Appends a text as a JSON string.
pub(super) fn text(out: &mut Vec<u8>, words: &str) {
    if words.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f)) {
        // Writing into memory cannot fail.
        let _ = serde_json::to_writer(out, words);
    } else {
        out.push(b'"');
        out.extend_from_slice(words.as_bytes());
        out.push(b'"');
    }
}
