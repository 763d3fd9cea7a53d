//! One message as a line: for people, and as JSON.

use serde_json::{Map, Value, json};

use crate::base::text::{fit, local_time, printable, printable_bytes, rfc3339, width};
use crate::cli::output::{Output, Tone};
use crate::cli::payload;
use crate::dialect::{self, Dialect};
use crate::model::{Direction, Field, Fields, Kind, MessageRef, Role, ThingModel, packet};
use crate::profile::Profile;

/// Cells of the column of kinds.
const KIND_CELLS: usize = 14;
/// Cells of the column of devices.
const DEVICE_CELLS: usize = 16;
/// Cells of what a message says.
const GIST_CELLS: usize = 400;

/// What lines of messages are made with.
pub struct Lines<'a> {
    /// Where they go.
    pub out: &'a Output,
    /// The name of the connection.
    pub name: &'a str,
    /// The platform.
    pub dialect: &'static dyn Dialect,
    /// The side that is played.
    pub role: Role,
    /// `[identity]` of the connection.
    pub identity: &'a Fields,
    /// The devices.
    pub devices: &'a [Fields],
    /// The thing model, where one is known.
    pub model: Option<&'a ThingModel>,
}

impl<'a> Lines<'a> {
    /// Lines of the messages of a profile's connection.
    pub fn of_profile(out: &'a Output, profile: &'a Profile, model: Option<&'a ThingModel>) -> Lines<'a> {
        let (identity, devices) = (&profile.settings.identity, profile.settings.devices.as_slice());
        Lines { out, name: &profile.name, dialect: profile.dialect, role: profile.role, identity, devices, model }
    }
    /// The members of a `tail` line (`INTERFACE.md`, "JSON"); `seq` counts from 1.
    pub fn json(&self, message: &MessageRef<'_>, seq: u64) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            members.insert(name.to_owned(), value);
        };
        put("seq", json!(seq));
        put("at", json!(rfc3339(message.at)));
        put("connection", json!(self.name));
        put("direction", json!(message.direction.name()));
        put("topic", json!(message.topic));
        put("kind", json!(message.meta.kind.name()));
        if let Some(device) = message.device() {
            put("device", json!(device));
        }
        if let Some(id) = message.request_id() {
            put("request_id", json!(id));
        }
        if let Some(code) = message.code() {
            put("code", json!(code));
        }
        if let Some(ok) = message.meta.ok {
            put("ok", json!(ok));
        }
        put("qos", json!(message.qos));
        put("retain", json!(message.retain));
        put("dup", json!(message.dup));
        let payload = payload::json(message.payload, message.payload_len);
        if payload.get("hex").is_some() {
            let parts = self.dialect.dissect_each(&self.context(), message.topic, message.payload);
            let mut frames: Vec<Value> =
                parts.iter().filter(|part| !part.fields.is_empty()).map(|part| named(&part.fields)).collect();
            match frames.len() {
                0 => {}
                1 => put("frame", frames.remove(0)),
                _ => put("frame", Value::Array(frames)),
            }
        }
        put("payload", payload);
        members
    }

    /// The line for people: time, direction, kind, device, what it says, request id.
    pub fn human(&self, message: &MessageRef<'_>) -> String {
        let out = self.out;
        let arrow = match message.direction {
            Direction::In => out.paint(Tone::Name, "▼"),
            Direction::Out => out.paint(Tone::Warn, "▲"),
        };
        let kind = out.text(message.meta.kind.title());
        let tone = match message.meta.ok {
            Some(true) => Tone::Good,
            Some(false) => Tone::Bad,
            None => Tone::Bold,
        };
        let time = out.paint(Tone::Dim, &local_time(message.at));
        let kind = out.paint(tone, &padded(kind, KIND_CELLS));
        let device = message.device().map(printable).unwrap_or_default();
        let gist = match message.meta.kind {
            Kind::Unknown => String::new(),
            Kind::Packet => packet::gist(message.topic, message.payload),
            _ => self.gist(message),
        };
        let says = if gist.is_empty() {
            format!(
                "{}  {}",
                out.paint(Tone::Dim, &printable(message.topic)),
                fit(&printable_bytes(message.payload), GIST_CELLS)
            )
        } else {
            fit(&printable(&gist), GIST_CELLS).into_owned()
        };
        let id =
            message.request_id().map(|id| out.paint(Tone::Dim, &format!("  #{}", printable(&id)))).unwrap_or_default();
        format!("{time} {arrow} {kind} {} {says}{id}", padded(&device, DEVICE_CELLS))
    }

    fn gist(&self, message: &MessageRef<'_>) -> String {
        self.dialect.gist(&self.context(), message.topic, message.payload, &message.meta)
    }

    fn context(&self) -> dialect::Context<'_> {
        dialect::Context {
            role: self.role,
            identity: self.identity,
            devices: self.devices,
            model: self.model,
            lang: self.out.lang,
        }
    }
}

/// The fields of a binary message by name.
fn named(fields: &[Field]) -> Value {
    let value = |field: &Field| match field.children.as_slice() {
        [] => Value::from(field.value.as_str()),
        children => named(children),
    };
    Value::Object(fields.iter().map(|field| (field.name.clone(), value(field))).collect())
}

/// Text cut and filled to a number of cells.
pub fn padded(text: &str, cells: usize) -> String {
    let fitted = fit(text, cells);
    let pad = " ".repeat(cells.saturating_sub(width(&fitted)));
    format!("{fitted}{pad}")
}
