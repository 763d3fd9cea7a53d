//! Control packets in the stream: what the protocol below the messages says, as messages of their own.
//!
//! A packet is kept as a message on a topic that nobody can publish to, its payload a small JSON object. So it stands in
//! its place on the time line, and lists, filters, recordings and exports know it without knowing anything new.

use serde_json::{Map, Value};

use crate::model::{Kind, Meta};

/// The first level of their topics. A parenthesis is legal in a topic, but no platform has such a level.
pub const ROOT: &str = "(packets)";

/// The topic of packets of this name.
pub fn topic(name: &str) -> String {
    format!("{ROOT}/{name}")
}

/// What a message on such a topic is; `None` for any other topic.
pub fn classify(topic: &str, payload: &[u8]) -> Option<Meta> {
    topic.strip_prefix(ROOT)?.strip_prefix('/')?;
    let failed = memchr::memmem::find(payload, b"\"failed\":true").is_some();
    Some(Meta { kind: Kind::Packet, ok: failed.then_some(false), ..Meta::default() })
}

/// One line on a packet: its name and what it carries.
pub fn gist(topic: &str, payload: &[u8]) -> String {
    let name = topic.rsplit('/').next().unwrap_or_default();
    let members: Map<String, Value> = serde_json::from_slice(payload).unwrap_or_default();
    let mut line = name.to_owned();
    for (name, value) in members.iter().filter(|(name, _)| *name != "failed") {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        line.push_str(&format!(" {name}={value}"));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_known_by_its_topic_and_says_what_it_carries() {
        let payload = br#"{"packet_id":3,"filter":"a/b","code":"0x80","failed":true}"#;
        let meta = classify(&topic("SUBACK"), payload).unwrap();
        assert_eq!((meta.kind, meta.ok), (Kind::Packet, Some(false)));
        assert_eq!(gist(&topic("SUBACK"), payload), "SUBACK packet_id=3 filter=a/b code=0x80");
        assert_eq!(classify("a/b", b"{}"), None);
        assert_eq!(classify("(packets)x/PING", b"{}"), None);
        assert_eq!(gist("(packets)/PINGREQ", b"not json"), "PINGREQ");
    }
}
