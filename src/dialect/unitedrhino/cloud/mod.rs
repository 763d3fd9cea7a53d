//! The platform's side: admission, permissions, the thing model's judge, and the bridge between devices and apps.
//!
//! Conditions of the bridge (unitedrhino/core `share/websocket`; unitedrhino/things, `dgsvr` and `dmsvr`): 1. An app hears
//! what it has subscribed by exact key, at most once per connection, gathered for up to a second. 2. A report is mended,
//! not refused, unless nothing of it is left. 3. What an app sets counts as reported once the device has said 200.
//! 4. A device that keeps silent gives 2000002, one that is offline 2000003, one that refuses 2000004. 5. Nothing tells a
//! client that it published in vain.

mod admit;
mod control;
mod device;
mod gateway;
mod http;
mod operate;
mod push;
mod roster;
mod small;
mod socket;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::cloud::{Admission, Client, Cloud, CloudMessage, CloudOutput, CloudView, Connect, Denial, Operate};
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::dialect::{CallId, CloudOptions, HttpRequest, Roster, RosterFault, Upgrade};
use crate::model::Role;
use control::{Outcome, Pending};
use push::Publication;
use roster::{Identities, Options};
use socket::Socket;

/// The simulated platform.
pub struct Platform {
    known: Identities,
    options: Options,
    devices: BTreeMap<String, Held>,
    /// Sub-devices by gateway.
    topology: BTreeMap<String, BTreeSet<String>>,
    /// WebSockets by client.
    sockets: BTreeMap<u64, Socket>,
    /// What devices have not answered yet, by device and token.
    pending: BTreeMap<(String, String), Pending>,
    /// What became of calls that did not wait, by token.
    results: BTreeMap<String, Outcome>,
    /// What is gathered before it is pushed.
    gathered: Vec<Publication>,
    /// When that is pushed.
    push_at: Option<Time>,
    next_token: u64,
    /// A counter of the server's process.
    next_connection: u64,
}

/// What the platform holds of a device.
#[derive(Debug, Default)]
struct Held {
    online: bool,
    /// Whether it has ever logged in: it cannot be registered any more.
    activated: bool,
    values: Map<String, Value>,
    /// What is set as soon as it is online.
    shadow: Map<String, Value>,
    info: Map<String, Value>,
    config: Option<Value>,
    /// The upgrade that waits for it.
    upgrade: Option<Value>,
}

impl Platform {
    /// A platform with the identities of a roster.
    pub fn new(roster: &Roster, options: &CloudOptions) -> Result<Platform, RosterFault> {
        Ok(Platform {
            known: Identities::read(roster)?,
            options: Options::read(options)?,
            devices: BTreeMap::new(),
            topology: BTreeMap::new(),
            sockets: BTreeMap::new(),
            pending: BTreeMap::new(),
            results: BTreeMap::new(),
            gathered: Vec::new(),
            push_at: None,
            next_token: 0x10000 + options.seed % 0xe0000,
            next_connection: 0,
        })
    }

    fn held(&mut self, identity: &str) -> &mut Held {
        self.devices.entry(identity.to_owned()).or_default()
    }

    /// The platform's own tokens: five hexadecimal digits at most.
    fn fresh_token(&mut self) -> String {
        self.next_token = (self.next_token + 1) & 0xf_ffff;
        format!("{:x}", self.next_token)
    }

    fn presence(&mut self, identity: &str, online: bool, view: &mut CloudView<'_>) {
        let held = self.held(identity);
        held.online = online;
        held.activated |= online;
        let shadow = if online { std::mem::take(&mut held.shadow) } else { Map::new() };
        self.push_presence(identity, online, view);
        if !shadow.is_empty() {
            self.send_shadow(identity, shadow, view);
        }
    }
}

/// The client of a device that is online, perhaps through its gateway.
fn connected<'a>(platform: &Platform, identity: &str, view: &'a CloudView<'_>) -> Option<&'a Client> {
    let gateway = platform.topology.iter().find(|(_, subs)| subs.contains(identity)).map(|(gateway, _)| gateway);
    view.clients.values().find(|client| {
        client.role == Role::Device && (client.identity == identity || Some(&client.identity) == gateway)
    })
}

/// Product and device of an identity.
fn names(identity: &str) -> (&str, &str) {
    identity.split_once('/').unwrap_or((identity, ""))
}

/// The topic of a channel for `productID/deviceName`.
fn topic_of(channel: Channel, identity: &str) -> String {
    let (product, device) = names(identity);
    channel.topic(product, device)
}

fn send(view: &mut CloudView<'_>, channel: Channel, identity: &str, body: &Value) {
    let (topic, payload) = (topic_of(channel, identity), body.to_string().into_bytes());
    view.out.push(CloudOutput::Publish(CloudMessage { topic, payload, qos: 1 }));
}

fn log(view: &mut CloudView<'_>, event: &'static str, identity: &str, code: i64, what: impl Into<Phrase>) {
    let code = if code == 0 { String::new() } else { code.to_string() };
    view.out.push(CloudOutput::Log { event, identity: identity.to_owned(), code, what: what.into() });
}

impl Cloud for Platform {
    fn admit(&mut self, connect: &Connect<'_>, _now: Time) -> Admission {
        self.decide(connect)
    }

    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        self.permits(client, filter, false)
    }

    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial> {
        self.permits(client, topic, true)
    }

    fn online(&mut self, client: &Client, view: &mut CloudView<'_>) {
        if client.role == Role::App {
            return self.socket_opened(client, view);
        }
        if !admit::registers(&client.identity) {
            self.presence(&client.identity, true, view);
        }
    }

    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>) {
        if client.role == Role::App {
            self.sockets.remove(&client.id.0);
            return;
        }
        if admit::registers(&client.identity) {
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
        if client.role == Role::App {
            return self.frame(client, &message.payload, view);
        }
        let Some(address) = topic::parse(&message.topic) else { return };
        let Some(channel) = address.channel else { return };
        let owner = format!("{}/{}", address.product, address.device);
        if let Some((channel, reply)) = self.device_speaks(&owner, channel, &message.payload, view) {
            send(view, channel, &owner, &reply);
        }
    }

    fn upgrade(&mut self, request: &HttpRequest<'_>, _now: Time) -> Upgrade {
        self.decide_upgrade(request)
    }

    fn http(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        self.called(id, request, view);
    }

    fn pinged(&mut self, client: &Client, _view: &mut CloudView<'_>) {
        self.alive(client);
    }

    fn ponged(&mut self, client: &Client, _view: &mut CloudView<'_>) {
        self.alive(client);
    }

    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        self.operator_asks(operate, view)
    }

    fn next_timeout(&self) -> Option<Time> {
        let waiting = self.pending.values().map(|pending| pending.deadline).min();
        let pings = self.sockets.values().map(|socket| socket.ping_at).min();
        [waiting, pings, self.push_at].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, view: &mut CloudView<'_>) {
        if self.push_at.is_some_and(|at| at <= view.now) {
            self.push_gathered(view);
        }
        self.ping_sockets(view);
        self.give_up_waiting(view);
    }

    fn device_state(&self, device: &str) -> Option<Value> {
        if !self.known.devices.contains_key(device) {
            return None;
        }
        let unknown = Held::default();
        let held = self.devices.get(device).unwrap_or(&unknown);
        Some(json!({"online": held.online, "values": held.values, "shadow": held.shadow, "info": held.info}))
    }
}
