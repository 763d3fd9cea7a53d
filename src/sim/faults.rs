//! Faults that the operator puts into a simulated cloud: messages late, lost, doubled, out of order, with another code;
//! logins that have expired. They work on what goes between the cloud and its clients, so they are the same for every
//! platform; what needs to know bytes (a code, an expiry) asks the dialect.
//!
//! 1. A fault is for all clients of a platform, or for those of one identity; for one direction or both; for all topics or
//!    those of a filter; always or by chance; for ever or so many times.
//! 2. Faults are asked in the order in which they were made. A message that was held back is not asked again.
//! 3. Every application of a fault is told in the log: what a client sees can be compared with what was injected.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::Phrase;
use crate::base::random::Random;
use crate::base::time::Time;
use crate::base::topic;
use crate::base::units::parse_duration;
use crate::dialect::cloud::{Admission, Client, ClientId, CloudMessage, Connect};
use crate::dialect::{Dialect, HttpAnswer, HttpRequest, Upgrade};
use crate::model::{Code, Direction, Place, RequestKey, RequestState};
use crate::sim::{CloudSim, Happening, Output, texts};

/// How long a message that is to be overtaken waits for another.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(3);
/// A time at which every login that can expire has expired.
const LONG_AFTER: Duration = Duration::from_secs(100 * 366 * 86_400);
/// The most messages that are held back at once.
const MOST_HELD: usize = 100_000;
/// The most faults at once.
const MOST_FAULTS: usize = 100;
/// The arguments of `fault`.
const ARGUMENTS: [&str; 7] = ["name", "direction", "topic", "probability", "times", "time", "code"];
/// The names of faults.
const NAMES: [&str; 8] = ["delay", "drop", "duplicate", "reorder", "code", "token", "list", "clear"];

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
enum Kind {
    /// Messages take this long, any time between the two.
    Delay(Duration, Duration),
    /// Messages do not arrive.
    Drop,
    /// Messages arrive twice.
    Duplicate,
    /// A message arrives after the one that follows it.
    Reorder,
    /// Answers carry this code.
    Code(String),
    /// The login has expired.
    Token,
}

/// A fault.
#[derive(Debug, Clone, PartialEq)]
struct Fault {
    number: u64,
    kind: Kind,
    platform: usize,
    /// An identity, or the last part of one; all where empty.
    identity: String,
    /// To the client, from it, or both where `None`.
    direction: Option<Direction>,
    /// A topic filter; every topic where `None`.
    topic: Option<String>,
    probability: f64,
    left: Option<u64>,
}

/// A message that is held back.
#[derive(Debug)]
struct Held {
    platform: usize,
    client: ClientId,
    /// Seen from the client, as everywhere.
    direction: Direction,
    message: CloudMessage,
    /// Whether it only waits to be overtaken.
    overtaken: bool,
}

/// The faults of a simulated cloud, and what they hold back.
#[derive(Debug)]
pub(super) struct Faults {
    faults: Vec<Fault>,
    held: BTreeMap<(Time, u64), Held>,
    random: Random,
    next: u64,
}

impl Faults {
    /// No faults. Chance comes out of the seed.
    pub(super) fn new(seed: u64) -> Faults {
        Faults { faults: Vec::new(), held: BTreeMap::new(), random: Random::new(seed), next: 1 }
    }

    /// When a held message is due.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.held.first_key_value().map(|((at, _), _)| *at)
    }
}

/// What becomes of a message.
enum Fate {
    /// It goes on, perhaps changed, perhaps twice.
    Goes(CloudMessage, bool),
    /// It is held back or gone.
    Stays,
}

impl Fault {
    fn is_for(&self, platform: usize, identity: &str) -> bool {
        let whole = self.identity.is_empty() || self.identity == identity;
        self.platform == platform && (whole || identity.rsplit_once('/').is_some_and(|(_, name)| name == self.identity))
    }

    fn could_meet(&self, platform: usize, identity: &str, direction: Direction, topic: &str) -> bool {
        self.kind != Kind::Token
            && self.is_for(platform, identity)
            && self.direction.is_none_or(|wanted| wanted == direction)
            && self.topic.as_deref().is_none_or(|filter| topic::matches(filter, topic))
    }

    fn describe(&self) -> String {
        let mut words = match &self.kind {
            Kind::Delay(from, to) if from == to => format!("#{} delay {from:?}", self.number),
            Kind::Delay(from, to) => format!("#{} delay {from:?}..{to:?}", self.number),
            Kind::Drop => format!("#{} drop", self.number),
            Kind::Duplicate => format!("#{} duplicate", self.number),
            Kind::Reorder => format!("#{} reorder", self.number),
            Kind::Code(code) => format!("#{} code {code}", self.number),
            Kind::Token => format!("#{} token", self.number),
        };
        let mut add = |name: &str, value: String| words.push_str(&format!(" {name}={value}"));
        if !self.identity.is_empty() {
            add("device", self.identity.clone());
        }
        match self.direction {
            Some(Direction::In) => add("direction", "down".to_owned()),
            Some(Direction::Out) => add("direction", "up".to_owned()),
            None => {}
        }
        if let Some(topic) = &self.topic {
            add("topic", topic.clone());
        }
        if self.probability < 1.0 {
            add("probability", self.probability.to_string());
        }
        if let Some(left) = self.left {
            add("times", left.to_string());
        }
        words
    }
}

impl CloudSim {
    /// `fault NAME ARGUMENTS` of the operator. The outcome is told at once; its message names the faults in force.
    pub(super) fn operate_fault(
        &mut self,
        platform: usize,
        key: RequestKey,
        device: &str,
        arguments: &Map<String, Value>,
        now: Time,
    ) -> Result<(), Phrase> {
        if let Some(unknown) = arguments.keys().find(|name| !ARGUMENTS.contains(&name.as_str())) {
            return Err(texts::FAULT_ARGUMENT.with(&[unknown, &ARGUMENTS.join(", ")]));
        }
        let name = arguments.get("name").and_then(Value::as_str).unwrap_or_default();
        match name {
            "list" => {}
            "clear" => {
                self.faults
                    .faults
                    .retain(|fault| fault.platform != platform || !(device.is_empty() || fault.identity == device));
                self.release(|held| held.platform == platform, now);
            }
            _ => {
                let fault = self.fault(platform, name, device, arguments)?;
                if self.faults.faults.len() >= MOST_FAULTS {
                    return Err(texts::TOO_MANY_FAULTS.with(&[&MOST_FAULTS]));
                }
                let expired = fault.kind == Kind::Token;
                self.faults.faults.push(fault.clone());
                if expired {
                    self.expire(&fault, now);
                }
            }
        }
        let mine = self.faults.faults.iter().filter(|fault| fault.platform == platform);
        let list = mine.map(Fault::describe).collect::<Vec<_>>().join("; ");
        self.operated(key, RequestState::Replied { code: None, message: Some(list) }, now);
        Ok(())
    }

    fn fault(
        &mut self,
        platform: usize,
        name: &str,
        device: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Fault, Phrase> {
        let text = |name: &str| match arguments.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(value) => Some(value.to_string()),
            None => None,
        };
        let bad = |name: &str, value: &str| texts::FAULT_VALUE.with(&[&name, &value]);
        let kind = match name {
            "delay" => {
                let time = text("time").ok_or_else(|| texts::FAULT_NEEDS.with(&[&"delay", &"time=2s, time=1s..3s"]))?;
                let (from, to) = time.split_once("..").unwrap_or((&time, &time));
                let duration = |text| parse_duration(text).map_err(|_| bad("time", &time));
                let (from, to) = (duration(from)?, duration(to)?);
                if from > to {
                    return Err(bad("time", &time));
                }
                Kind::Delay(from, to)
            }
            "drop" => Kind::Drop,
            "duplicate" => Kind::Duplicate,
            "reorder" => Kind::Reorder,
            "code" => Kind::Code(text("code").ok_or_else(|| texts::FAULT_NEEDS.with(&[&"code", &"code=500"]))?),
            "token" => Kind::Token,
            other => return Err(texts::FAULT_NAME.with(&[&other, &NAMES.join(", ")])),
        };
        let direction = match text("direction").as_deref() {
            None | Some("both") => None,
            Some("down") => Some(Direction::In),
            Some("up") => Some(Direction::Out),
            Some(other) => return Err(bad("direction", other)),
        };
        let topic = text("topic");
        if let Some(filter) = &topic {
            topic::validate_filter(filter).map_err(|_| bad("topic", filter))?;
        }
        let probability = match text("probability") {
            None => 1.0,
            Some(text) => {
                text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or(bad("probability", &text))?
            }
        };
        let left = match text("times") {
            None => None,
            Some(text) => Some(text.parse().ok().filter(|times| *times > 0).ok_or(bad("times", &text))?),
        };
        let number = self.faults.next;
        self.faults.next += 1;
        Ok(Fault { number, kind, platform, identity: device.to_owned(), direction, topic, probability, left })
    }

    /// Closes the connections whose login has expired just now.
    fn expire(&mut self, fault: &Fault, now: Time) {
        let concerned: Vec<u64> = self
            .attached
            .iter()
            .filter(|(_, attached)| fault.is_for(attached.platform, &attached.who.identity))
            .map(|(id, _)| *id)
            .collect();
        for id in concerned {
            self.kick(ClientId(id), texts::TOKEN_EXPIRED.into(), now);
        }
    }

    /// What an expired login is answered, if a fault makes it one: as the platform answers it long after, or with
    /// CONNACK 4 where its logins never expire.
    pub(super) fn expired(
        &mut self,
        platform: usize,
        client: &Client,
        connect: &Connect<'_>,
        now: Time,
    ) -> Option<Admission> {
        if !self.token_expires(platform, &client.identity) {
            return None;
        }
        let platform = self.platforms.get_mut(platform)?;
        Some(match platform.cloud.admit(connect, now + LONG_AFTER) {
            refused @ Admission::Refuse { .. } => refused,
            Admission::Accept { .. } => {
                Admission::Refuse { connack: 4, code: String::new(), reason: texts::TOKEN_EXPIRED.into() }
            }
        })
    }

    /// The same for a WebSocket.
    pub(super) fn expired_upgrade(
        &mut self,
        platform: usize,
        identity: &str,
        request: &HttpRequest<'_>,
        now: Time,
    ) -> Option<Upgrade> {
        if !self.token_expires(platform, identity) {
            return None;
        }
        let platform = self.platforms.get_mut(platform)?;
        Some(match platform.cloud.upgrade(request, now + LONG_AFTER) {
            refused @ Upgrade::Refuse { .. } => refused,
            Upgrade::Accept { .. } => Upgrade::Refuse {
                answer: HttpAnswer { status: 401, ..HttpAnswer::default() },
                code: String::new(),
                reason: texts::TOKEN_EXPIRED.into(),
            },
        })
    }

    /// Whether a fault makes the login of an identity expire; it is used up by this.
    fn token_expires(&mut self, platform: usize, identity: &str) -> bool {
        let faults = &mut self.faults;
        let at = faults.faults.iter().position(|fault| fault.kind == Kind::Token && fault.is_for(platform, identity));
        let Some((at, fault)) = at.and_then(|at| Some((at, faults.faults.get(at)?))) else { return false };
        if fault.probability < 1.0 && faults.random.fraction() >= fault.probability {
            return false;
        }
        self.use_up(at);
        true
    }

    fn use_up(&mut self, at: usize) {
        let Some(fault) = self.faults.faults.get_mut(at) else { return };
        if let Some(left) = fault.left.as_mut() {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.faults.faults.remove(at);
            }
        }
    }

    /// Sends a message to a client, as far as the faults let it.
    pub(super) fn deliver(&mut self, client: ClientId, message: CloudMessage, now: Time) {
        if self.faults.faults.is_empty() && self.faults.held.is_empty() {
            return self.outputs.push_back(Output::Deliver(client, message));
        }
        if let Fate::Goes(message, twice) = self.fate(&client, Direction::In, message, now) {
            if twice {
                self.outputs.push_back(Output::Deliver(client.clone(), message.clone()));
            }
            self.outputs.push_back(Output::Deliver(client.clone(), message));
            self.overtake(&client, Direction::In, now);
        }
    }

    /// Takes a message of a client to its platform, as far as the faults let it.
    pub(super) fn take_in(&mut self, client: &ClientId, message: &CloudMessage, now: Time) {
        let Some(platform) = self.attached.get(&client.0).map(|attached| attached.platform) else { return };
        if self.faults.faults.is_empty() && self.faults.held.is_empty() {
            return self.with_client(platform, client, now, |cloud, client, view| cloud.receive(client, message, view));
        }
        if let Fate::Goes(message, twice) = self.fate(client, Direction::Out, message.clone(), now) {
            for _ in 0..=u8::from(twice) {
                self.with_client(platform, client, now, |cloud, client, view| cloud.receive(client, &message, view));
            }
            self.overtake(client, Direction::Out, now);
        }
    }

    /// Asks the faults what becomes of a message, and tells what they do.
    fn fate(&mut self, client: &ClientId, direction: Direction, mut message: CloudMessage, now: Time) -> Fate {
        let Some(attached) = self.attached.get(&client.0) else { return Fate::Goes(message, false) };
        let (platform, identity) = (attached.platform, attached.who.identity.clone());
        let mut twice = false;
        let mut at = 0;
        while let Some(fault) = self.faults.faults.get(at) {
            let meets = fault.could_meet(platform, &identity, direction, &message.topic)
                && (fault.probability >= 1.0 || self.faults.random.fraction() < fault.probability);
            if !meets {
                at += 1;
                continue;
            }
            let fault = fault.clone();
            if let Kind::Code(code) = &fault.kind {
                let Some(payload) = self.with_code(platform, client, direction, &message, code) else {
                    at += 1;
                    continue;
                };
                message.payload = payload;
            }
            // A fault that is used up goes, and the next one stands in its place.
            let before = self.faults.faults.len();
            self.use_up(at);
            at += usize::from(self.faults.faults.len() == before);
            self.tell_fault(platform, &identity, direction, &fault, &message, now);
            match fault.kind {
                Kind::Drop => return Fate::Stays,
                Kind::Duplicate => twice = true,
                Kind::Delay(from, to) => {
                    let time = from + (to - from).mul_f64(self.faults.random.fraction());
                    return self.hold(platform, client, direction, message, (now + time, false));
                }
                Kind::Reorder => {
                    return self.hold(platform, client, direction, message, (now + OVERTAKEN_WITHIN, true));
                }
                Kind::Code(_) | Kind::Token => {}
            }
        }
        Fate::Goes(message, twice)
    }

    fn hold(
        &mut self,
        platform: usize,
        client: &ClientId,
        direction: Direction,
        message: CloudMessage,
        (until, overtaken): (Time, bool),
    ) -> Fate {
        if self.faults.held.len() >= MOST_HELD {
            return Fate::Goes(message, false);
        }
        let number = self.faults.next;
        self.faults.next += 1;
        let held = Held { platform, client: client.clone(), direction, message, overtaken };
        self.faults.held.insert((until, number), held);
        Fate::Stays
    }

    fn tell_fault(
        &mut self,
        platform: usize,
        identity: &str,
        direction: Direction,
        fault: &Fault,
        message: &CloudMessage,
        now: Time,
    ) {
        let way = if direction == Direction::In { "down" } else { "up" };
        let what = texts::FAULT_APPLIED.with(&[&fault.describe(), &way, &message.topic]);
        let told = Happening::Told { event: "fault", identity: identity.to_owned(), code: String::new(), what };
        self.tell_platform(now, platform, None, told);
    }

    /// A message has gone: those that only waited for it follow.
    fn overtake(&mut self, client: &ClientId, direction: Direction, now: Time) {
        self.release(|held| held.overtaken && held.client == *client && held.direction == direction, now);
    }

    /// Lets held messages go whose time has come.
    pub(super) fn release_due(&mut self, now: Time) {
        while self.faults.next_timeout().is_some_and(|at| at <= now) {
            let Some((_, held)) = self.faults.held.pop_first() else { break };
            self.let_go(held, now);
        }
    }

    fn release(&mut self, which: impl Fn(&Held) -> bool, now: Time) {
        let keys: Vec<(Time, u64)> =
            self.faults.held.iter().filter(|(_, held)| which(held)).map(|(key, _)| *key).collect();
        for key in keys {
            if let Some(held) = self.faults.held.remove(&key) {
                self.let_go(held, now);
            }
        }
    }

    /// A held message goes its way; with the connection it was for, it is gone as well.
    fn let_go(&mut self, held: Held, now: Time) {
        let Held { platform, client, direction, message, .. } = held;
        if !self.attached.contains_key(&client.0) {
            return;
        }
        match direction {
            Direction::In => self.outputs.push_back(Output::Deliver(client, message)),
            Direction::Out => {
                self.with_client(platform, &client, now, |cloud, client, view| cloud.receive(client, &message, view));
            }
        }
    }

    /// The payload with another code; nothing where it is no answer with a code in text.
    fn with_code(
        &self,
        platform: usize,
        client: &ClientId,
        direction: Direction,
        message: &CloudMessage,
        code: &str,
    ) -> Option<Vec<u8>> {
        let platform = self.platforms.get(platform)?;
        let role = platform.clients.get(&client.0)?.role;
        let codec: &dyn Dialect = platform.codec?;
        let meta = codec.classify(role, direction, &message.topic, &message.payload);
        let Code::Text(span) = meta.code else { return None };
        let range = (meta.kind.is_reply() && span.place() == Place::Payload).then(|| span.range())?;
        let (before, after) = (message.payload.get(..range.start)?, message.payload.get(range.end..)?);
        // A code that stands there as a number must stay one, or the whole would be no JSON any more.
        let bare = !before.ends_with(b"\"");
        let written = match bare && code.parse::<i64>().is_err() {
            true => Value::from(code).to_string(),
            false => code.to_owned(),
        };
        Some([before, written.as_bytes(), after].concat())
    }
}
