//! What the operator of a simulated cloud asks, as far as it is the same on every platform.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::{CloudOutput, CloudView};
use crate::model::{RequestKey, RequestState};

const UNKNOWN_DEVICE: Text = Text::new("the roster has no device “{}”; it has: {}", "名册中没有设备“{}”，有：{}");
const WHICH_DEVICE: Text = Text::new(
    "name the device (--device, or @ before the line), one of: {}",
    "请指明设备（--device，或在行首写 @），可选：{}",
);
const UNASKED: Text = Text::new("no request waits under the id “{}”", "没有等待中的请求 id 为“{}”");
const UNASKED_OTHERS: Text =
    Text::new("no request waits under the id “{}”; waiting: {}", "没有等待中的请求 id 为“{}”；正在等待：{}");
const NO_BYTES: Text = Text::new("give the bytes as hex or text", "请用 hex 或 text 给出数据");
const BAD_HEX: Text = Text::new("hex, offset {}: {}", "hex 第 {} 字节：{}");

/// The device that is meant: the one that fits, or the only one where none is named.
///
/// # Errors
///
/// Where none or several fit; the words name all that there are.
pub fn device<'a>(
    wanted: &str,
    all: impl Iterator<Item = &'a String> + Clone,
    fits: impl Fn(&str) -> bool,
) -> Result<String, Phrase> {
    let mut fitting = all.clone().filter(|identity| wanted.is_empty() || *identity == wanted || fits(identity));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.clone()),
        (Some(_), _) if wanted.is_empty() => {
            Err(WHICH_DEVICE.with(&[&all.map(String::as_str).collect::<Vec<_>>().join(", ")]))
        }
        _ => Err(UNKNOWN_DEVICE.with(&[&wanted, &all.map(String::as_str).collect::<Vec<_>>().join(", ")])),
    }
}

/// What is said of an answer that nobody asked for: its id, and those that this device has still to answer, so that one
/// sees what was done to the id. Not more than a line holds.
pub fn unasked<T>(device: &str, id: &str, pending: &BTreeMap<(String, String), T>) -> Phrase {
    let waiting = pending.keys().filter(|(owner, _)| owner == device).map(|(_, id)| id.as_str());
    match waiting.take(3).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => UNASKED.with(&[&id]),
        waiting => UNASKED_OTHERS.with(&[&id, &waiting]),
    }
}

/// Whether an identity in two levels (`product/name`) ends with this name.
pub fn is_named(identity: &str, name: &str) -> bool {
    identity.split_once('/').is_some_and(|(_, own)| own == name)
}

/// The bytes of a raw message: `hex` or `text`.
///
/// # Errors
///
/// Where neither is given, or the hex is none.
pub fn raw_bytes(arguments: &Map<String, Value>) -> Result<Vec<u8>, Phrase> {
    if let Some(text) = arguments.get("hex").and_then(Value::as_str) {
        return hex::parse(text)
            .map_err(|fault| BAD_HEX.around([Phrase::verbatim(fault.offset.to_string()), fault.reason]));
    }
    let text = arguments.get("text").and_then(Value::as_str).ok_or(NO_BYTES)?;
    Ok(text.as_bytes().to_vec())
}

/// A request of the operator is done, without a code of the platform.
pub fn finish(view: &mut CloudView<'_>, key: RequestKey, message: Option<String>) {
    view.out.push(CloudOutput::Operated(key, RequestState::Replied { code: None, message }));
}
