//! What a thing is asked and what it holds, in short sentences.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::{Phrase, Text};
use crate::dialect::Incoming;

/// Values in a sentence are cut at this many characters.
const LONGEST_LIST: usize = 160;

/// What is asked, in one short phrase.
pub(super) fn describe(incoming: &Incoming) -> Phrase {
    const WITH: Text = Text::same("{} {}");
    const OF_SUB: Text = Text::same("{} · {}");
    let arguments = match (&incoming.name, incoming.identifiers.is_empty()) {
        (Some(name), _) => format!("{name}({})", list(&incoming.params)),
        (None, true) => list(&incoming.params),
        (None, false) => cut(incoming.identifiers.join(", ")),
    };
    let asked = WITH.around([incoming.op.title().into(), Phrase::verbatim(arguments)]);
    match &incoming.device {
        Some(device) => OF_SUB.around([Phrase::verbatim(device.clone()), asked]),
        None => asked,
    }
}

/// Values in one line.
pub(super) fn list(values: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (identifier, value) in values {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&pair(identifier, value));
        if text.len() > LONGEST_LIST * 4 {
            break;
        }
    }
    cut(text)
}

/// One value with its name.
pub(super) fn pair(identifier: &str, value: &Value) -> String {
    format!("{identifier}={value}")
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST_LIST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// A number in a sentence.
pub(super) fn number(number: usize) -> Phrase {
    Phrase::verbatim(number.to_string())
}

/// A duration in a sentence.
pub(super) fn duration(duration: Duration) -> Phrase {
    Phrase::verbatim(format!("{duration:?}"))
}
