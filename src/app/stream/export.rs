//! A message as something to take along: text for the clipboard, a command, a draft to send again or as an answer.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::app::stream::scene::Peer;
use crate::base::shell;
use crate::base::time::Time;
use crate::dialect::{Answer, Reading};
use crate::model::{ConnectionId, Dissection, Field, MessageRef};

/// What to copy of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The payload as text.
    Payload,
    /// The topic.
    Topic,
    /// The payload in hexadecimal.
    Hex,
    /// The command that sends the message again.
    Command,
    /// What the message says, field by field, as the inspector shows it.
    Decoded,
    /// Topic, payload and fields as one JSON value.
    Json,
}

/// A message to be looked over, changed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The connection to send it on.
    pub connection: ConnectionId,
    /// MQTT topic.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// MQTT quality of service.
    pub qos: u8,
    /// MQTT retain flag.
    pub retain: bool,
}

/// A part of a message as text. The text is what was sent, not made printable: it goes to the clipboard, and a copy
/// that differs from the original is no copy. Bytes that are not text are copied as hexadecimal.
pub fn copy(part: Part, message: &MessageRef<'_>, peer: Option<&Peer<'_>>) -> String {
    match part {
        Part::Topic => message.topic.to_owned(),
        Part::Hex => hex(message.payload),
        Part::Payload => std::str::from_utf8(message.payload).map_or_else(|_| hex(message.payload), str::to_owned),
        Part::Command => command(message, peer),
        Part::Decoded => decoded(message, peer),
        Part::Json => json(message, peer),
    }
}

fn command(message: &MessageRef<'_>, peer: Option<&Peer<'_>>) -> String {
    let mut out = String::from("iotdbg send");
    if let Some(peer) = peer {
        let _ = write!(out, " -p {}", shell::quoted(peer.profile));
    }
    let _ = write!(out, " -t {}", shell::quoted(message.topic));
    match std::str::from_utf8(message.payload) {
        // A control character would not survive every shell and every terminal.
        Ok(text) if !text.chars().any(char::is_control) => {
            let _ = write!(out, " --text {}", shell::quoted(text));
        }
        _ => {
            let _ = write!(out, " --hex {}", hex(message.payload));
        }
    }
    if message.qos > 0 {
        let _ = write!(out, " --qos {}", message.qos);
    }
    if message.retain {
        out.push_str(" --retain");
    }
    out
}

fn dissection(message: &MessageRef<'_>, peer: Option<&Peer<'_>>) -> Option<Dissection> {
    peer.map(|peer| peer.dialect.dissect(&peer.context, message.topic, message.payload))
}

/// The fields as lines, parts indented below their whole.
fn decoded(message: &MessageRef<'_>, peer: Option<&Peer<'_>>) -> String {
    let Some(dissection) = dissection(message, peer) else { return copy(Part::Payload, message, peer) };
    let mut out = format!("{}\n", dissection.summary);
    lines(&dissection.fields, 0, &mut out);
    for problem in &dissection.problems {
        let _ = writeln!(out, "! {} @{}+{}", problem.message, problem.offset, problem.length);
    }
    out
}

fn lines(fields: &[Field], depth: usize, out: &mut String) {
    for field in fields {
        let note = field.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
        let _ = writeln!(out, "{}{}: {}{note}", "  ".repeat(depth), field.name, field.value);
        lines(&field.children, depth + 1, out);
    }
}

/// One JSON value; the payload as in `iotdbg tail --json`.
fn json(message: &MessageRef<'_>, peer: Option<&Peer<'_>>) -> String {
    let payload = match (serde_json::from_slice::<Value>(message.payload), std::str::from_utf8(message.payload)) {
        (Ok(value), _) => json!({ "json": value }),
        (_, Ok(text)) => json!({ "text": text }),
        _ => json!({ "hex": hex(message.payload) }),
    };
    let mut whole = json!({
        "topic": message.topic,
        "kind": message.meta.kind.name(),
        "qos": message.qos,
        "retain": message.retain,
        "payload": payload,
    });
    if let (Some(members), Some(dissection)) = (whole.as_object_mut(), dissection(message, peer)) {
        members.insert("fields".to_owned(), dissection.fields.iter().map(field_json).collect());
    }
    serde_json::to_string_pretty(&whole).unwrap_or_else(|_| whole.to_string())
}

fn field_json(field: &Field) -> Value {
    let mut out = json!({ "name": field.name, "value": field.value, "offset": field.offset, "length": field.length });
    if let Some(members) = out.as_object_mut() {
        if let Some(note) = &field.note {
            members.insert("note".to_owned(), json!(note));
        }
        if !field.children.is_empty() {
            members.insert("children".to_owned(), field.children.iter().map(field_json).collect());
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    crate::base::hex::encode(bytes)
}

/// The message as it is, to be sent again.
pub fn resend(message: &MessageRef<'_>) -> Draft {
    Draft {
        connection: message.connection,
        topic: message.topic.to_owned(),
        payload: message.payload.to_vec(),
        qos: message.qos,
        retain: message.retain,
    }
}

/// The good answer to a request, as the platform writes it; `None` for what is no request, or wants no answer.
pub fn answer(message: &MessageRef<'_>, peer: &Peer<'_>, now: Time) -> Option<Draft> {
    let readings = peer.dialect.read(&peer.context, message.topic, message.payload);
    let request = readings.iter().find_map(|reading| match reading {
        Reading::Request(request) => Some(request),
        _ => None,
    })?;
    let encoded = peer.dialect.answer(&peer.context, request, &Answer::default(), now)?;
    Some(Draft {
        connection: message.connection,
        topic: encoded.topic,
        payload: encoded.payload,
        qos: encoded.qos,
        retain: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stream::testing::envelope;
    use crate::model::{Batch, Direction};

    fn copied(part: Part, topic: &str, payload: &[u8]) -> String {
        let mut batch = Batch::new(ConnectionId(1));
        batch.push(envelope(0, Direction::In), topic, payload);
        copy(part, &batch.message(0).unwrap(), None)
    }

    #[test]
    fn a_command_survives_the_shell() {
        assert_eq!(copied(Part::Command, "a/b", b"hello"), "iotdbg send -t a/b --text hello");
        assert_eq!(
            copied(Part::Command, "$sys/p 1/it's", br#"{"a":1}"#),
            r#"iotdbg send -t '$sys/p 1/it'\''s' --text '{"a":1}'"#
        );
        assert_eq!(copied(Part::Command, "t", b"a\nb"), "iotdbg send -t t --hex 610a62");
        assert_eq!(copied(Part::Command, "t", b"\xff"), "iotdbg send -t t --hex ff");
    }

    #[test]
    fn a_copy_is_the_original() {
        assert_eq!(copied(Part::Payload, "t", "温度\u{202e}\n".as_bytes()), "温度\u{202e}\n");
        assert_eq!(copied(Part::Payload, "t", b"\x00\xff"), "00ff");
        assert_eq!(copied(Part::Hex, "t", b"AB"), "4142");
        assert_eq!(copied(Part::Topic, "a/温", b""), "a/温");
    }
}
