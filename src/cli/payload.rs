//! Payloads in JSON: as JSON where they are JSON, as text where they are text, otherwise as hex.

use serde_json::{Map, Value};

use crate::base::hex;

/// `{"json":…}`, `{"text":…}` or `{"hex":…}`; `length` is the true length, which is told where only the head was kept.
pub fn json(payload: &[u8], length: usize) -> Value {
    let mut members = Map::new();
    let whole = payload.len() == length;
    let first = payload.iter().find(|byte| !byte.is_ascii_whitespace());
    // A bare number is JSON too, but a payload such as `23` is meant as text by most who send it.
    let parsed = first
        .filter(|byte| whole && matches!(byte, b'{' | b'['))
        .and_then(|_| serde_json::from_slice::<Value>(payload).ok());
    match (parsed, std::str::from_utf8(payload)) {
        (Some(value), _) => members.insert("json".to_owned(), value),
        // No text holds a NUL, but many a binary frame is UTF-8 by chance.
        (None, Ok(text)) if !text.contains('\0') => members.insert("text".to_owned(), Value::from(text)),
        (None, _) => members.insert("hex".to_owned(), Value::from(hex::encode(payload))),
    };
    if !whole {
        members.insert("length".to_owned(), Value::from(length));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_payload_is_shown_as_what_it_is() {
        let show = |bytes: &[u8]| super::json(bytes, bytes.len());
        assert_eq!(show(br#"{"a":1}"#), json!({"json": {"a": 1}}));
        assert_eq!(show("温度 23.5".as_bytes()), json!({"text": "温度 23.5"}));
        assert_eq!(show(br#"{"a":1,}"#), json!({"text": "{\"a\":1,}"}));
        assert_eq!(show(&[0, 0xff, 0x1b]), json!({"hex": "00ff1b"}));
        assert_eq!(show(&[0, 0, 0, 3]), json!({"hex": "00000003"}));
        assert_eq!(show(b""), json!({"text": ""}));
        assert_eq!(super::json(b"abc", 10), json!({"text": "abc", "length": 10}));
    }
}
