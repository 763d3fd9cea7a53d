//! Control packets for the stream, while somebody wants to see them: what was said below the messages, and how long its
//! answer took. No credentials, no payloads.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::base::time::{self, Time};
use crate::base::units::millis;
use crate::link::task::Task;
use crate::model::{Direction, Envelope, packet};

/// Packets that wait for their answer; more are not timed.
const MOST_OPEN: usize = 10_000;

/// Whether packets are shown, and when those left that are answered.
#[derive(Debug, Default)]
pub(super) struct Packets {
    on: bool,
    asked: HashMap<(&'static str, u16), Time>,
    pinged: Option<Time>,
}

impl Packets {
    pub(super) fn new(on: bool) -> Packets {
        Packets { on, ..Packets::default() }
    }

    pub(super) fn set(&mut self, on: bool) {
        *self = Packets::new(on);
    }

    /// A packet left that is answered by another with the same number.
    pub(super) fn asked(&mut self, name: &'static str, number: u16) {
        if self.on && self.asked.len() < MOST_OPEN {
            self.asked.insert((name, number), time::now());
        }
    }
}

impl Task {
    /// Shows a packet, if packets are shown.
    pub(super) fn packet(&mut self, direction: Direction, name: &str, details: impl FnOnce() -> Value) {
        if !self.packets.on {
            return;
        }
        let payload = match details() {
            Value::Object(members) => Value::Object(members),
            _ => Value::Object(Map::new()),
        };
        let (topic, payload) = (packet::topic(name), payload.to_string());
        let meta = packet::classify(&topic, payload.as_bytes()).unwrap_or_default();
        let envelope = Envelope { at: time::now(), direction, qos: 0, retain: false, dup: false, meta };
        self.push(envelope, &topic, payload.as_bytes());
    }

    /// The answer to a packet that left: with the time it took, where that is known.
    pub(super) fn answered(&mut self, of: &'static str, name: &str, number: u16) {
        if !self.packets.on {
            return;
        }
        let asked = self.packets.asked.remove(&(of, number));
        let mut details = json!({ "packet_id": number });
        put_time(&mut details, asked);
        self.packet(Direction::In, name, || details);
    }

    /// A ping left.
    pub(super) fn pinged(&mut self, name: &str) {
        self.packets.pinged = Some(time::now());
        self.packet(Direction::Out, name, || Value::Null);
    }

    /// A ping was answered.
    pub(super) fn ponged(&mut self, name: &str) {
        let mut details = json!({});
        put_time(&mut details, self.packets.pinged.take());
        self.packet(Direction::In, name, || details);
    }
}

fn put_time(details: &mut Value, since: Option<Time>) {
    if let (Some(since), Some(members)) = (since, details.as_object_mut()) {
        members.insert("round_trip_ms".to_owned(), json!(millis(time::now().since(since))));
    }
}
