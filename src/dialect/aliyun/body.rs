//! The two envelopes of Alink JSON: the one place where they are written, and the one place where they are read.
//!
//! Sources: MQTT access ("Alink格式"), app channel, help page 89301 (`sys.ack`, `message`).

use serde_json::{Map, Value, json};

use crate::base::json;
use crate::base::lang::Phrase;

/// The version where none is written.
pub const VERSION: &str = "1.0";
/// The code of a good reply.
pub const SUCCESS: &str = "200";

/// A message of the platform, its topic aside.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Any request or push.
    Request {
        /// As it stands: text of any kind, or a number.
        id: Value,
        /// `thing.…`; empty where it has none.
        method: String,
        /// Object or array; `null` where it has none.
        params: Value,
        /// Whether an answer is wanted (`sys.ack`, 1 where not said).
        ack: bool,
    },
    /// Any reply.
    Reply {
        /// As the request wrote it.
        id: Value,
        /// 200 for success; some senders write it as text.
        code: String,
        /// Words.
        message: String,
        /// Values; `null` where it has none.
        data: Value,
        /// The method of the request, where it is repeated.
        method: String,
    },
}

impl Body {
    /// The exact bytes.
    pub fn emit(&self) -> Vec<u8> {
        let value = match self {
            Body::Request { id, method, params, ack } => {
                let mut value = json!({"id": id, "version": VERSION});
                if let Some(members) = value.as_object_mut() {
                    if !ack {
                        members.insert("sys".to_owned(), json!({"ack": 0}));
                    }
                    members.insert("params".to_owned(), params.clone());
                    if !method.is_empty() {
                        members.insert("method".to_owned(), json!(method));
                    }
                }
                value
            }
            Body::Reply { id, code, message, data, method } => {
                let code = code.parse::<i64>().map_or_else(|_| json!(code), |number| json!(number));
                let mut value = json!({"id": id, "code": code, "data": data});
                if let Some(members) = value.as_object_mut() {
                    if !message.is_empty() {
                        members.insert("message".to_owned(), json!(message));
                    }
                    if !method.is_empty() {
                        members.insert("method".to_owned(), json!(method));
                        members.insert("version".to_owned(), json!(VERSION));
                    }
                }
                value
            }
        };
        value.to_string().into_bytes()
    }

    /// A request with an id in digits.
    pub fn request(id: u64, method: &str, params: Value) -> Body {
        Body::Request { id: json!(id.to_string()), method: method.to_owned(), params, ack: true }
    }

    /// A reply with the platform's words for its code.
    pub fn reply(id: Value, code: &str, data: Value, method: &str) -> Body {
        let message = crate::dialect::aliyun::codes::message(code).to_owned();
        Body::Reply { id, code: code.to_owned(), message, data, method: method.to_owned() }
    }

    /// Reads an envelope tolerantly; `None` where it is none of them.
    pub fn parse(payload: &[u8]) -> Option<Body> {
        Body::of(&json::parse(payload).root?.to_json())
    }

    /// Reads an envelope as the platform does, which takes no JSON that is not quite one.
    ///
    /// # Errors
    ///
    /// What is wrong with the JSON. `Ok(None)` where it is sound, but no envelope.
    pub fn parse_strictly(payload: &[u8]) -> Result<Option<Body>, Phrase> {
        let parsed = json::parse(payload);
        match parsed.problems.into_iter().next() {
            Some(problem) => Err(problem.reason),
            None => Ok(parsed.root.and_then(|root| Body::of(&root.to_json()))),
        }
    }

    /// Reads an envelope from a value.
    pub fn of(value: &Value) -> Option<Body> {
        let root = value.as_object()?;
        let id = root.get("id").cloned().unwrap_or(Value::Null);
        let words = |name: &str| root.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(code) = root.get("code").filter(|_| !root.contains_key("params")) {
            return Some(Body::Reply {
                id,
                code: text(code),
                message: words("message"),
                data: root.get("data").cloned().unwrap_or(Value::Null),
                method: words("method"),
            });
        }
        // The page on the app channel spells the push of a topology result with `param`.
        let params = root.get("params").or_else(|| root.get("param")).cloned();
        if params.is_none() && !root.contains_key("id") && !root.contains_key("method") {
            return None;
        }
        let ack = root.get("sys").and_then(|sys| sys.get("ack")).and_then(Value::as_u64) != Some(0);
        Some(Body::Request { id, method: words("method"), params: decoded(params.unwrap_or(Value::Null)), ack })
    }
}

/// Params that some SDK sends as text with JSON in it.
fn decoded(params: Value) -> Value {
    match &params {
        Value::String(text) => serde_json::from_str(text).unwrap_or(params),
        _ => params,
    }
}

/// A scalar as text.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Values out of `{P: v}` or `{P: {"value": v, "time": ms}}`.
pub fn unwrapped(params: &Map<String, Value>) -> Map<String, Value> {
    params.iter().map(|(name, value)| (name.clone(), bare(value).clone())).collect()
}

/// The value inside `{"value": …, "time": …}`, or the value itself. An object with further members is a struct.
pub fn bare(value: &Value) -> &Value {
    match value.as_object() {
        Some(members) if members.keys().all(|key| key == "value" || key == "time") => {
            members.get("value").unwrap_or(value)
        }
        _ => value,
    }
}
