//! Records as messages, classified as if they had come just now.
//!
//! 1. A record belongs to the connection it names. What is known of that connection stands in the capture, or is given
//!    by who opens it.
//! 2. Where neither says anything, the platform is guessed: the first [`SAMPLE`] records wait until there are enough of
//!    them, and the dialect and role that know most of them are taken.
//! 3. A record without a time gets the one before it, so that times never run backwards.

use std::borrow::Cow;
use std::time::Duration;

use super::record::{self, Line, Record};
use super::stamp::Stamp;
use super::texts;
use crate::base::lang::Phrase;
use crate::base::text;
use crate::base::time::Time;
use crate::dialect::{self, Dialect, REGISTRY};
use crate::model::{Batch, ConnectionId, Direction, Envelope, Fields, Kind, Notice, Origin, Role, packet};

/// Records that are looked at before a platform is guessed.
const SAMPLE: usize = 200;
/// Bytes that wait for that at most.
const SAMPLE_BYTES: usize = 4 * 1024 * 1024;
/// The longest printed message of several lines.
const MAX_PRINTED: usize = 1024 * 1024;

/// What is known of records whose capture says nothing about them.
#[derive(Clone)]
pub struct Assumed {
    /// What they are called.
    pub name: String,
    /// The platform; guessed where `None`.
    pub dialect: Option<&'static dyn Dialect>,
    /// The side that was played; guessed where `None`.
    pub role: Option<Role>,
    /// Further facts of the connection.
    pub identity: Fields,
    /// The devices.
    pub devices: Vec<Fields>,
}

impl Assumed {
    /// Nothing is known but a name.
    pub fn nothing(name: impl Into<String>) -> Assumed {
        Assumed { name: name.into(), dialect: None, role: None, identity: Fields::new(), devices: Vec::new() }
    }
}

/// A connection of the capture.
struct Known {
    name: String,
    dialect: &'static dyn Dialect,
    role: Role,
    id: ConnectionId,
}

/// Makes messages of lines.
pub struct Loader {
    assumed: Assumed,
    known: Vec<Known>,
    /// Numbers that connections of the capture may have.
    ids: std::ops::Range<u16>,
    /// The connection of the last record.
    last: usize,
    stamp: Stamp,
    clock: Time,
    waiting: Vec<Record<'static>>,
    waiting_bytes: usize,
    /// A printed message whose payload goes on in the next line.
    partial: Vec<u8>,
    messages: u64,
}

impl Loader {
    /// Connections get numbers out of `ids`; where there are more of them, the last number is that of all further ones.
    /// `now` is the time of records that have none.
    pub fn new(assumed: Assumed, ids: std::ops::Range<u16>, now: Time) -> Loader {
        Loader {
            assumed,
            known: Vec::new(),
            ids,
            last: 0,
            stamp: Stamp::default(),
            clock: now,
            waiting: Vec::new(),
            waiting_bytes: 0,
            partial: Vec::new(),
            messages: 0,
        }
    }

    /// Messages so far.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Takes a line, and puts what it says into the batch. `Err` says what is wrong with the line; the next one can be
    /// taken nevertheless.
    pub fn line(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), Phrase> {
        let printed = !self.partial.is_empty() || !matches!(line.trim_ascii_start().first(), None | Some(b'{' | 0xef));
        if !printed {
            return self.whole(line, batch);
        }
        // `mosquitto_sub -v` prints a payload of several lines as it is.
        if !self.partial.is_empty() {
            self.partial.push(b'\n');
        }
        self.partial.extend_from_slice(line);
        let payload = memchr::memchr(b' ', &self.partial).and_then(|at| self.partial.get(at + 1..)).unwrap_or_default();
        if goes_on(payload) && self.partial.len() < MAX_PRINTED {
            return Ok(());
        }
        let whole = std::mem::take(&mut self.partial);
        self.whole(&whole, batch)
    }

    fn whole(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), Phrase> {
        match record::read(line, &mut self.stamp)? {
            Line::Other => Ok(()),
            Line::Origin(origin) => {
                let dialect = dialect::find(&origin.dialect)
                    .ok_or_else(|| texts::UNKNOWN_DIALECT.with(&[&text::printable(&origin.dialect)]))?;
                self.settle(batch);
                self.begin(origin, dialect, batch);
                Ok(())
            }
            Line::Message(record) => {
                self.record(record, batch);
                Ok(())
            }
        }
    }

    /// The end of the capture: nothing waits any longer.
    pub fn finish(&mut self, batch: &mut Batch) -> Result<(), Phrase> {
        let rest = std::mem::take(&mut self.partial);
        let result = self.whole(&rest, batch);
        self.settle(batch);
        result
    }

    fn record(&mut self, record: Record<'_>, batch: &mut Batch) {
        let place = self.place(&record.connection);
        if let (Some(place), true) = (place, self.waiting.is_empty()) {
            return self.take(place, record, batch);
        }
        if place.is_none() && self.assumed.dialect.is_some() && self.waiting.is_empty() {
            let name = self.name_of(&record);
            if let Some(place) = self.assume(name, batch) {
                self.take(place, record, batch);
            }
            return;
        }
        self.waiting_bytes += record.payload.len();
        self.waiting.push(owned(record));
        if self.waiting.len() >= SAMPLE || self.waiting_bytes >= SAMPLE_BYTES {
            self.settle(batch);
        }
    }

    /// The connection of that name. A record without a name is of the first one.
    fn place(&mut self, name: &str) -> Option<usize> {
        if self.known.get(self.last).is_some_and(|known| known.name == name) {
            return Some(self.last);
        }
        let named = if name.is_empty() { &self.assumed.name } else { name };
        let place = self.known.iter().position(|known| known.name == named)?;
        self.last = place;
        Some(place)
    }

    fn name_of(&self, record: &Record<'_>) -> String {
        if record.connection.is_empty() { self.assumed.name.clone() } else { record.connection.as_ref().to_owned() }
    }

    /// A connection is met of which the capture says nothing.
    fn assume(&mut self, name: String, batch: &mut Batch) -> Option<usize> {
        let sample: Vec<&Record<'_>> =
            self.waiting.iter().filter(|record| self.name_of(record) == name).take(SAMPLE).collect();
        let (dialect, role) = guess(&self.assumed, &sample)?;
        let Assumed { identity, devices, .. } = self.assumed.clone();
        let origin = Origin { name, dialect: dialect.spec().name.to_owned(), role, identity, devices };
        Some(self.begin(origin, dialect, batch))
    }

    fn begin(&mut self, origin: Origin, dialect: &'static dyn Dialect, batch: &mut Batch) -> usize {
        let count = u16::try_from(self.known.len()).unwrap_or(u16::MAX);
        let last = self.ids.end.saturating_sub(1);
        let id = ConnectionId(self.ids.start.saturating_add(count).min(last));
        if let Some(place) = self.known.iter().position(|known| known.name == origin.name) {
            // Every part of a rotated capture says it again.
            if let Some(known) = self.known.get_mut(place) {
                (known.dialect, known.role) = (dialect, origin.role);
                batch.notice(Notice::Origin { connection: known.id, origin: Box::new(origin) });
            }
            return place;
        }
        self.known.push(Known { name: origin.name.clone(), dialect, role: origin.role, id });
        batch.notice(Notice::Origin { connection: id, origin: Box::new(origin) });
        self.known.len() - 1
    }

    /// Decides about everything that waits.
    fn settle(&mut self, batch: &mut Batch) {
        let mut names: Vec<String> = Vec::new();
        for record in &self.waiting {
            let name = self.name_of(record);
            if !names.contains(&name) && self.known.iter().all(|known| known.name != name) {
                names.push(name);
            }
        }
        for name in names {
            self.assume(name, batch);
        }
        self.waiting_bytes = 0;
        for record in std::mem::take(&mut self.waiting) {
            if let Some(place) = self.place(&record.connection) {
                self.take(place, record, batch);
            }
        }
    }

    fn take(&mut self, place: usize, record: Record<'_>, batch: &mut Batch) {
        let Some(known) = self.known.get(place) else { return };
        let at = record.at.unwrap_or(self.clock);
        self.clock = if record.at.is_some() { at } else { at + Duration::from_micros(1) };
        let direction = record.direction.unwrap_or(Direction::In);
        let meta = packet::classify(&record.topic, &record.payload)
            .unwrap_or_else(|| known.dialect.classify(known.role, direction, &record.topic, &record.payload));
        let Record { qos, retain, dup, .. } = record;
        let envelope = Envelope { at, direction, qos, retain, dup, meta };
        batch.push_of(known.id, envelope, &record.topic, &record.payload, record.payload_len);
        self.messages += 1;
    }
}

fn owned(record: Record<'_>) -> Record<'static> {
    Record {
        connection: Cow::Owned(record.connection.into_owned()),
        topic: Cow::Owned(record.topic.into_owned()),
        payload: Cow::Owned(record.payload.into_owned()),
        at: record.at,
        direction: record.direction,
        payload_len: record.payload_len,
        qos: record.qos,
        retain: record.retain,
        dup: record.dup,
    }
}

/// The platform and the side that know most of the records; the first of both where none knows any.
fn guess(assumed: &Assumed, records: &[&Record<'_>]) -> Option<(&'static dyn Dialect, Role)> {
    let fits =
        |dialect: &&'static dyn Dialect| assumed.dialect.is_none_or(|wanted| wanted.spec().name == dialect.spec().name);
    let mut best: Option<(usize, &'static dyn Dialect, Role)> = None;
    for dialect in REGISTRY.iter().copied().filter(fits) {
        for role in
            [Role::App, Role::Device].into_iter().filter(|role| assumed.role.is_none_or(|wanted| wanted == *role))
        {
            let knows = |record: &&&Record<'_>| {
                let direction = record.direction.unwrap_or(Direction::In);
                dialect.classify(role, direction, &record.topic, &record.payload).kind != Kind::Unknown
            };
            let known = records.iter().filter(knows).count();
            if best.as_ref().is_none_or(|(most, ..)| known > *most) {
                best = Some((known, dialect, role));
            }
        }
    }
    best.map(|(_, dialect, role)| (dialect, role))
}

/// Whether a payload of several lines goes on after these bytes: an object or an array that is not closed yet.
fn goes_on(payload: &[u8]) -> bool {
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    for byte in payload {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
    }
    depth > 0
}
