//! The platform's side: admission, the M2M server between apps and devices, and the HTTP API.
//!
//! Conditions: 1. What an app and a device say to each other is passed on unchanged; the server never acknowledges it
//! (App与云端通讯 v4.0.4, section 4.8). 2. An app reaches the devices bound to its user, and hears them only. 3. Coming and
//! going of a device is told on `dev2app/{did}` as 0x0092 (section 4.9). 4. Who pings faster than 60 times in 180 s is
//! disconnected (section 4.6). 5. Requests of the operator go out as if an app had sent them, with an acknowledgement.

mod admit;
mod http;
mod operate;
mod roster;
mod route;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{Admission, Client, Cloud, CloudMessage, CloudOutput, CloudView, Connect, Denial, Operate};
use crate::dialect::gizwits::spec::MQTT_ENDPOINT;
use crate::dialect::gizwits::{topic, write};
use crate::dialect::{CallId, CloudOptions, HttpRequest, Roster, RosterFault, Server};
use crate::model::{RequestKey, Role};
use operate::Asked;
use roster::{Identities, Options};

/// The window in which pings are counted (section 4.6).
const PING_WINDOW: Duration = Duration::from_secs(180);

const TOO_MANY_PINGS: Text = Text::new("more than {} pings within 180 s", "180 秒内心跳超过 {} 次");

/// The simulated platform.
pub struct Platform {
    known: Identities,
    options: Options,
    devices: BTreeMap<String, State>,
    /// Requests of the operator without an outcome.
    asked: BTreeMap<RequestKey, Asked>,
    /// Times of the latest pings by number of the client.
    pings: BTreeMap<u64, VecDeque<Time>>,
    /// Where our own M2M server listens.
    m2m: Option<Server>,
    next_sn: u32,
}

/// What the platform holds of a device.
#[derive(Debug, Default)]
struct State {
    online: bool,
    values: Map<String, Value>,
    updated: Option<Time>,
}

impl Platform {
    /// A platform with the identities of a roster.
    pub fn new(roster: &Roster, options: &CloudOptions) -> Result<Platform, RosterFault> {
        Ok(Platform {
            known: Identities::read(roster, options.seed)?,
            options: Options::read(options)?,
            devices: BTreeMap::new(),
            asked: BTreeMap::new(),
            pings: BTreeMap::new(),
            m2m: None,
            // Far from where apps begin to count.
            next_sn: 0x4000_0000,
        })
    }

    fn device(&mut self, did: &str) -> &mut State {
        self.devices.entry(did.to_owned()).or_default()
    }

    fn fresh_sn(&mut self) -> u32 {
        self.next_sn = self.next_sn.wrapping_add(1);
        self.next_sn
    }

    /// Sends a frame to a device as if the operator's app had.
    fn send_down(&self, did: &str, frame: &[u8], view: &mut CloudView<'_>) {
        publish(view, topic::app2dev(did, operate::CLIENT_ID), frame.to_vec());
    }

    fn presence(&mut self, client: &Client, online: bool, view: &mut CloudView<'_>) {
        if client.role != Role::Device {
            return;
        }
        let did = client.identity.as_str();
        self.device(did).online = online;
        if let Some(device) = self.known.devices.get(did) {
            let frame = write::online(&device.mac, device.passcode.expose(), online);
            publish(view, topic::broadcast(did), frame);
        }
    }
}

/// The client of a device that is online.
fn connected<'a>(did: &str, view: &'a CloudView<'_>) -> Option<&'a Client> {
    view.clients.values().find(|client| client.role == Role::Device && client.identity == did)
}

fn publish(view: &mut CloudView<'_>, topic: String, payload: Vec<u8>) {
    view.out.push(CloudOutput::Publish(CloudMessage { topic, payload, qos: 0 }));
}

fn log(view: &mut CloudView<'_>, event: &'static str, identity: &str, code: &str, what: impl Into<Phrase>) {
    let (identity, code, what) = (identity.to_owned(), code.to_owned(), what.into());
    view.out.push(CloudOutput::Log { event, identity, code, what });
}

impl Cloud for Platform {
    fn listening(&mut self, endpoint: &str, at: &Server) {
        if endpoint == MQTT_ENDPOINT {
            self.m2m = Some(at.clone());
        }
    }

    fn admit(&mut self, connect: &Connect<'_>, now: Time) -> Admission {
        admit::admit(&self.known, &self.options, connect, now)
    }

    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        admit::may_subscribe(&self.known, &self.options, client, filter)
    }

    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial> {
        admit::may_publish(&self.known, client, topic)
    }

    fn online(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.presence(client, true, view);
    }

    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.pings.remove(&client.id.0);
        self.presence(client, false, view);
    }

    fn receive(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        self.passed(client, message, view);
    }

    fn http(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        self.called(id, request, view);
    }

    fn pinged(&mut self, client: &Client, view: &mut CloudView<'_>) {
        let limit = self.options.ping_limit;
        let (times, now) = (self.pings.entry(client.id.0).or_default(), view.now);
        while times.front().is_some_and(|at| now.since(*at) > PING_WINDOW) {
            times.pop_front();
        }
        times.push_back(now);
        if limit > 0 && times.len() > limit {
            self.pings.remove(&client.id.0);
            view.out.push(CloudOutput::Kick(client.id.clone(), TOO_MANY_PINGS.with(&[&limit])));
        }
    }

    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        self.operator_asks(operate, view)
    }

    fn next_timeout(&self) -> Option<Time> {
        self.asked.values().map(|asked| asked.deadline).min()
    }

    fn handle_timeout(&mut self, view: &mut CloudView<'_>) {
        self.give_up(view);
    }

    fn device_state(&self, device: &str) -> Option<Value> {
        let known = self.known.devices.get(device)?;
        let held = self.devices.get(device);
        Some(json!({
            "online": held.is_some_and(|held| held.online),
            "values": held.map(|held| held.values.clone()).unwrap_or_default(),
            "bound_to": known.bound_to.keys().collect::<Vec<_>>(),
        }))
    }
}
