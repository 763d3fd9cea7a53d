//! The platform's side: admission, permissions, the thing model's judge, and the bridge to bound apps.
//!
//! Conditions of the bridge (MQTT access; app channel; help page 89301): 1. A device's post is checked against its model,
//! answered on `…_reply` with the device's id as it stands, and if good passed to the apps that are bound and see the
//! device. 2. An app hears nothing before a good `bind`. 3. The operator's set, get and services wait for the device; an
//! asynchronous service does not. 4. A call that waits (RRPC) has eight seconds. 5. Nothing that a device publishes is
//! delivered to it again.

mod admit;
mod app;
mod device;
mod operate;
mod roster;
mod small;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::base::digest::{self, Digest};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::aliyun::body::Body;
use crate::dialect::aliyun::topic::{self, Channel};
use crate::dialect::aliyun::write::ID_LIMIT;
use crate::dialect::cloud::{Admission, Client, Cloud, CloudMessage, CloudOutput, CloudView, Connect, Denial, Operate};
use crate::dialect::{CloudOptions, Roster, RosterFault};
use crate::model::{RequestKey, RequestState, Role};
use roster::{Identities, Options};

const TIMED_OUT: Text = Text::new("no answer to {} in time", "{} 未在限定时间内应答");

/// The simulated platform.
pub struct Platform {
    known: Identities,
    options: Options,
    devices: BTreeMap<String, Held>,
    /// Sub-devices by gateway.
    topology: BTreeMap<String, BTreeSet<String>>,
    /// Apps that have bound an account.
    bound: BTreeSet<String>,
    /// Devices that have logged in to get their secret.
    registering: BTreeSet<String>,
    /// What devices have not answered yet, by device and id.
    pending: BTreeMap<(String, String), Pending>,
    next_id: u64,
}

/// What the platform holds of a device.
#[derive(Debug, Default)]
struct Held {
    online: bool,
    /// The `ext` bits of its last login.
    ext: u32,
    values: Map<String, Value>,
    /// Identifier → value and version.
    desired: BTreeMap<String, (Value, u64)>,
    tags: Map<String, Value>,
    shadow: Map<String, Value>,
    shadow_version: u64,
    firmware: String,
    /// The upgrade that waits for it.
    upgrade: Option<Value>,
}

/// A request that a device has not answered yet.
struct Pending {
    deadline: Time,
    /// The operator's name for it; `None` where nobody waits.
    key: Option<RequestKey>,
    wants: Wants,
    /// Whether a post has carried every value that was set: some vendor SDKs answer a set in this way only.
    observed: bool,
}

/// What ends a request, beside an answer under its id.
enum Wants {
    /// Nothing else.
    Answer,
    /// A post that has these identifiers.
    Values(Vec<String>),
    /// A post that has these values.
    Set(Map<String, Value>),
}

impl Platform {
    /// A platform with the identities of a roster.
    pub fn new(roster: &Roster, options: &CloudOptions) -> Result<Platform, RosterFault> {
        Ok(Platform {
            known: Identities::read(roster)?,
            options: Options::read(options)?,
            devices: BTreeMap::new(),
            topology: BTreeMap::new(),
            bound: BTreeSet::new(),
            registering: BTreeSet::new(),
            pending: BTreeMap::new(),
            // Nine digits at least, so that an id is not taken for a counter of the device.
            next_id: 100_000_000 + options.seed % 900_000_000,
        })
    }

    fn held(&mut self, identity: &str) -> &mut Held {
        self.devices.entry(identity.to_owned()).or_default()
    }

    fn fresh_id(&mut self) -> u64 {
        self.next_id = (self.next_id + 1) % ID_LIMIT;
        self.next_id
    }

    /// A request is over: tells whoever waits.
    fn settle(&mut self, device: &str, id: &str, state: RequestState, view: &mut CloudView<'_>) -> bool {
        let Some(pending) = self.pending.remove(&(device.to_owned(), id.to_owned())) else { return false };
        if let Some(key) = pending.key {
            view.out.push(CloudOutput::Operated(key, state));
        }
        true
    }

    fn presence(&mut self, identity: &str, online: bool, view: &mut CloudView<'_>) {
        self.held(identity).online = online;
        self.tell_status(identity, online, view);
    }
}

/// The client of a device that is online, perhaps through its gateway.
fn connected<'a>(platform: &Platform, identity: &str, view: &'a CloudView<'_>) -> Option<&'a Client> {
    let gateway = platform.topology.iter().find(|(_, subs)| subs.contains(identity)).map(|(gateway, _)| gateway);
    view.clients.values().find(|client| {
        client.role == Role::Device && (client.identity == identity || Some(&client.identity) == gateway)
    })
}

/// The topic of a channel for `pk/dn`.
fn topic_of(channel: Channel, identity: &str, variable: &str) -> String {
    let (product, device) = identity.split_once('/').unwrap_or((identity, ""));
    channel.topic(product, device, variable)
}

fn publish(view: &mut CloudView<'_>, channel: Channel, identity: &str, variable: &str, body: &Body) {
    send(view, topic_of(channel, identity, variable), body.emit());
}

fn send(view: &mut CloudView<'_>, topic: String, payload: Vec<u8>) {
    view.out.push(CloudOutput::Publish(CloudMessage { topic, payload, qos: 1 }));
}

fn log(view: &mut CloudView<'_>, event: &'static str, identity: &str, code: &str, what: impl Into<Phrase>) {
    let (identity, code, what) = (identity.to_owned(), code.to_owned(), what.into());
    view.out.push(CloudOutput::Log { event, identity, code, what });
}

/// The platform's own id of a device. Made from its names, so that it is the same in every run.
fn iot_id(identity: &str) -> String {
    crate::base::hex::encode(&digest::hash(Digest::Md5, identity.as_bytes()))
}

impl Cloud for Platform {
    fn admit(&mut self, connect: &Connect<'_>, _now: Time) -> Admission {
        self.decide(connect)
    }

    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        self.permits_filter(client, filter)
    }

    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial> {
        self.permits_topic(client, topic)
    }

    fn online(&mut self, client: &Client, view: &mut CloudView<'_>) {
        if self.registering.remove(&client.identity) {
            return self.give_secret(client, view);
        }
        if client.role == Role::Device {
            self.presence(&client.identity, true, view);
        }
    }

    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>) {
        if client.role == Role::App {
            self.bound.remove(&client.identity);
            return;
        }
        self.presence(&client.identity, false, view);
        for sub in self.topology.get(&client.identity).cloned().unwrap_or_default() {
            if self.devices.get(&sub).is_some_and(|held| held.online) {
                self.presence(&sub, false, view);
            }
        }
    }

    fn receive(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        let Some(address) = topic::parse(&message.topic) else { return };
        let Some(channel) = address.channel else { return };
        if client.role == Role::App {
            return self.app_asks(client, channel, &message.payload, view);
        }
        let owner = if address.product.is_empty() {
            client.identity.clone()
        } else {
            format!("{}/{}", address.product, address.device)
        };
        let variable = address.variable.and_then(|range| message.topic.get(range)).unwrap_or_default();
        self.device_speaks(&owner, channel, variable, &message.payload, view);
    }

    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        self.operator_asks(operate, view)
    }

    fn next_timeout(&self) -> Option<Time> {
        self.pending.values().map(|pending| pending.deadline).min()
    }

    fn handle_timeout(&mut self, view: &mut CloudView<'_>) {
        let now = view.now;
        let due: Vec<(String, String)> =
            self.pending.iter().filter(|(_, pending)| pending.deadline <= now).map(|(key, _)| key.clone()).collect();
        for (device, id) in due {
            let observed = self.pending.get(&(device.clone(), id.clone())).is_some_and(|pending| pending.observed);
            if !observed {
                log(view, "timeout", &device, "", TIMED_OUT.with(&[&id]));
            }
            let state = if observed { RequestState::Observed } else { RequestState::silence() };
            self.settle(&device, &id, state, view);
        }
    }

    fn device_state(&self, device: &str) -> Option<Value> {
        if !self.known.devices.contains_key(device) {
            return None;
        }
        let unknown = Held::default();
        let held = self.devices.get(device).unwrap_or(&unknown);
        let desired: Map<String, Value> = held
            .desired
            .iter()
            .map(|(name, (value, version))| (name.clone(), json!({"value": value, "version": version})))
            .collect();
        Some(json!({
            "online": held.online, "values": held.values, "desired": desired, "tags": held.tags,
            "shadow": held.shadow, "firmware": held.firmware,
        }))
    }
}
