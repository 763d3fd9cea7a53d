//! Every envelope of the platform: the one place where they are written, and the one place where they are read.
//!
//! Sources: application long connection, "消息通信主题"; OneNET docs, OneJSON `property&event.md`, `service.md`,
//! `desired.md`.

use serde_json::{Map, Value, json};

use crate::base::json;
use crate::base::time::Time;

/// The version of a message where none is written.
pub const VERSION: &str = "1.0";

/// The code of a good reply to or from a device.
pub const SUCCESS: i64 = 200;

/// A message of the platform, its topic aside.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `thing/lifecycle`, to apps.
    Lifecycle {
        /// Product id.
        product: String,
        /// Device name.
        device: String,
        /// Whether it went online.
        online: bool,
        /// When.
        at: Time,
    },
    /// `thing/property` and `thing/event`, to apps.
    Notify {
        /// Product id.
        product: String,
        /// Device name.
        device: String,
        /// `true` for events.
        event: bool,
        /// The id of the device's post.
        id: String,
        /// Identifier → `{value, time}`.
        params: Map<String, Value>,
    },
    /// `property/set` and `property/desired/set`, from apps.
    AppSet {
        /// Chosen by the app.
        request_id: String,
        /// Identifier → bare value.
        params: Map<String, Value>,
    },
    /// `property/set/reply`, to apps.
    AppReply {
        /// As the app wrote it.
        request_id: String,
        /// `None` for success; code and words otherwise.
        failure: Option<(String, String)>,
    },
    /// Any request between cloud and device.
    Request {
        /// Decimal digits, at most 13.
        id: String,
        /// Object or array, as the message has it; `None` where it has none.
        params: Option<Value>,
    },
    /// Any reply between cloud and device.
    Reply {
        /// As the request wrote it.
        id: String,
        /// 200 for success.
        code: i64,
        /// Words.
        msg: String,
        /// Values, where the reply carries some.
        data: Option<Value>,
    },
}

impl Body {
    /// The exact bytes.
    pub fn emit(&self) -> Vec<u8> {
        let value = match self {
            Body::Lifecycle { product, device, online, at } => json!({
                "productId": product, "deviceName": device, "messageType": "lifecycle",
                "data": {"status": if *online { "online" } else { "offline" }, "time": at.as_millis()},
            }),
            Body::Notify { product, device, event, id, params } => {
                let data = if *event {
                    json!({"id": id, "version": VERSION, "params": params})
                } else {
                    json!({"id": id, "params": params})
                };
                let what = if *event { "event" } else { "property" };
                json!({
                    "productId": product, "deviceName": device, "messageType": "notify", "notifyType": what,
                    "data": data,
                })
            }
            Body::AppSet { request_id, params } => {
                json!({"requestId": request_id, "data": {"version": VERSION, "params": params}})
            }
            Body::AppReply { request_id, failure: None } => json!({"requestId": request_id, "success": true}),
            Body::AppReply { request_id, failure: Some((code, msg)) } => {
                json!({"requestId": request_id, "code": code, "msg": msg, "success": false})
            }
            Body::Request { id, params } => match params {
                Some(params) => json!({"id": id, "version": VERSION, "params": params}),
                None => json!({"id": id, "version": VERSION}),
            },
            Body::Reply { id, code, msg, data } => match data {
                Some(data) => json!({"id": id, "code": code, "msg": msg, "data": data}),
                None => json!({"id": id, "code": code, "msg": msg}),
            },
        };
        value.to_string().into_bytes()
    }

    /// Reads an envelope by its shape, tolerantly; `None` where it is none of them.
    pub fn parse(payload: &[u8]) -> Option<Body> {
        Body::of(&json::parse(payload).root?.to_json())
    }

    /// Reads an envelope from a value.
    pub fn of(value: &Value) -> Option<Body> {
        let root = value.as_object()?;
        let data = root.get("data");
        let member = |name: &str| data.and_then(|data| data.get(name));
        if let Some(kind) = root.get("messageType").and_then(Value::as_str) {
            let (product, device) = (text(root.get("productId")), text(root.get("deviceName")));
            // The rule engine spells it `lifeCycle` (OneNET docs, rule engine message format).
            if kind.eq_ignore_ascii_case("lifecycle") {
                let online = text(member("status")).eq_ignore_ascii_case("online");
                let at = Time::from_millis(member("time").and_then(Value::as_u64).unwrap_or_default());
                return Some(Body::Lifecycle { product, device, online, at });
            }
            let event = root.get("notifyType").and_then(Value::as_str) == Some("event");
            return Some(Body::Notify {
                product,
                device,
                event,
                id: text(member("id")),
                params: object(member("params")),
            });
        }
        if let Some(request_id) = root.get("requestId") {
            let request_id = text(Some(request_id));
            return Some(match root.get("success") {
                Some(success) => {
                    let failed = !is_true(success);
                    let failure = failed.then(|| (text(root.get("code")), text(root.get("msg"))));
                    Body::AppReply { request_id, failure }
                }
                None => Body::AppSet { request_id, params: object(member("params")) },
            });
        }
        let id = text(root.get("id"));
        match root.get("code") {
            Some(code) => Some(Body::Reply {
                id,
                code: code.as_i64().or_else(|| code.as_str().and_then(|code| code.parse().ok())).unwrap_or_default(),
                msg: text(root.get("msg")),
                data: data.cloned(),
            }),
            None if root.contains_key("id") || root.contains_key("params") => {
                Some(Body::Request { id, params: root.get("params").cloned() })
            }
            None => None,
        }
    }
}

/// `{"value": …, "time": ms}`, as property posts and notifications have it.
pub fn stamped(value: &Value, at: Time) -> Value {
    json!({"value": value, "time": at.as_millis()})
}

/// The bare values of `{identifier: {value, time}}`; an entry without the wrapper passes as it is.
pub fn unwrapped(params: &Map<String, Value>) -> Map<String, Value> {
    params
        .iter()
        .map(|(identifier, entry)| {
            let value = entry.as_object().and_then(|entry| entry.get("value")).unwrap_or(entry);
            (identifier.clone(), value.clone())
        })
        .collect()
}

/// A string as it is, a number or bool as its text, nothing for anything else.
pub fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// An id as it stands between the quotes of a message, with its escapes resolved.
pub fn unescape(raw: &str) -> String {
    serde_json::from_str(&format!("\"{raw}\"")).unwrap_or_else(|_| raw.to_owned())
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn params() -> impl Strategy<Value = Map<String, Value>> {
        let value = prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        prop::collection::vec(("[a-zA-Z$_]{1,6}", value), 0..4).prop_map(|pairs| pairs.into_iter().collect())
    }

    fn any_body() -> impl Strategy<Value = Body> {
        let text = || ".{0,12}";
        prop_oneof![
            (text(), text(), any::<bool>(), 0..u64::from(u32::MAX)).prop_map(|(product, device, online, at)| {
                Body::Lifecycle { product, device, online, at: Time::from_millis(at) }
            }),
            (text(), text(), any::<bool>(), text(), params())
                .prop_map(|(product, device, event, id, params)| Body::Notify { product, device, event, id, params }),
            (text(), params()).prop_map(|(request_id, params)| Body::AppSet { request_id, params }),
            (text(), prop::option::of((text(), text())))
                .prop_map(|(request_id, failure)| Body::AppReply { request_id, failure }),
            (text(), prop::option::of(params().prop_map(Value::Object)))
                .prop_map(|(id, params)| Body::Request { id, params }),
            (text(), any::<i64>(), text(), prop::option::of(params().prop_map(Value::Object)))
                .prop_map(|(id, code, msg, data)| Body::Reply { id, code, msg, data }),
        ]
    }

    proptest! {
        #[test]
        fn what_is_emitted_is_parsed_back(body in any_body()) {
            prop_assert_eq!(Body::parse(&body.emit()), Some(body));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let _ = Body::parse(&bytes);
        }
    }

    #[test]
    fn ids_with_escapes_are_resolved() {
        assert_eq!(unescape(r"a\u0062\n"), "ab\n");
        assert_eq!(unescape("\u{1}\\"), "\u{1}\\");
    }
}
