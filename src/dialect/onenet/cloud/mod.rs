//! The platform's side: admission, permissions, and the bridge between apps and devices.
//!
//! Conditions of the bridge (application long connection; OneNET docs, OneJSON): 1. A device's post is checked against the
//! product's model, answered on `…/reply` with the device's id, and if good passed to apps; one fault rejects it whole.
//! 2. An app's set becomes a `property/set` with a fresh numeric id; the device's `set_reply` becomes the app's
//! `property/set/reply` with the app's requestId. 3. A device has five seconds; a later answer is logged (1023). 4. Desired
//! values are pushed to a device that is online and kept for one that is not. 5. Nothing that a device publishes is
//! delivered to it again.

mod admit;
mod desired;
mod firmware;
mod gateway;
mod limits;
mod operate;
mod post;
mod roster;
mod set;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use crate::base::json;
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{
    Admission, Client, ClientId, Cloud, CloudMessage, CloudOutput, CloudView, Connect, Denial, Operate,
};
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::codes;
use crate::dialect::onenet::spec::{self, DEVICE_TIMEOUT};
use crate::dialect::onenet::topic::{self, Channel};
use crate::dialect::onenet::write::ID_LIMIT;
use crate::dialect::{CallId, CloudOptions, HttpRequest, Roster, RosterFault};
use crate::model::{RequestKey, Role};
use roster::{Identities, Options};

/// Ids whose time is over that are remembered, to tell a late answer from a foreign one.
const REMEMBERED: usize = 1_000;

const RAW_UP: Text = Text::new("{} bytes of pass-through data", "收到 {} 字节透传数据");
const NOT_STRICT: Text = Text::new("not JSON: byte {}: {}", "不是合法 JSON：第 {} 字节：{}");
const TIMED_OUT: Text = Text::new("no answer to id {} within 5 s", "5 秒内没有收到 id {} 的应答");

/// The simulated platform.
pub struct Platform {
    known: Identities,
    options: Options,
    devices: BTreeMap<String, Device>,
    /// Sub-devices by gateway.
    topology: BTreeMap<String, BTreeSet<String>>,
    pending: BTreeMap<(String, String), Pending>,
    expired: VecDeque<(String, String)>,
    pace: limits::Pace,
    /// Firmware tasks by device.
    tasks: BTreeMap<String, firmware::Task>,
    next_id: u64,
}

/// What the platform holds of a device.
#[derive(Debug, Default)]
struct Device {
    online: bool,
    /// Identifier → `{value, time}`.
    values: Map<String, Value>,
    /// Identifier → value and version.
    desired: BTreeMap<String, (Value, u64)>,
    /// The firmware that it said it runs.
    firmware: Option<String>,
}

/// A request that a device has not answered yet; kept under the device that was asked and the id.
struct Pending {
    /// The device that it is about: the one that was asked, or a sub-device of it.
    device: String,
    /// The channel that answers it.
    reply: Channel,
    deadline: Time,
    origin: Origin,
}

/// On whose behalf a device was asked.
enum Origin {
    /// An app, with its requestId.
    App { request_id: String },
    /// The operator; `service` where a service was called.
    Operator { key: RequestKey, service: Option<String> },
    /// Nobody waits: a pushed desired value, an asynchronous service.
    Nobody,
}

/// A message to a device.
struct Downlink<'a> {
    channel: Channel,
    /// The device that it is about.
    device: &'a str,
    /// What stands in the variable level of the topic.
    variable: &'a str,
    /// The id that its answer carries.
    id: &'a str,
    payload: Vec<u8>,
}

/// What a device does not get, and the platform's code for it.
struct Refusal {
    code: &'static str,
}

impl Refusal {
    fn message(&self) -> String {
        format!("{} {}", self.code, codes::message(self.code))
    }
}

impl Platform {
    /// A platform with the identities of a roster.
    pub fn new(roster: &Roster, options: &CloudOptions) -> Result<Platform, RosterFault> {
        Ok(Platform {
            known: Identities::read(roster)?,
            options: Options::read(options)?,
            devices: BTreeMap::new(),
            topology: BTreeMap::new(),
            pending: BTreeMap::new(),
            expired: VecDeque::new(),
            pace: limits::Pace::default(),
            tasks: BTreeMap::new(),
            // Six digits at least, so that an id is not taken for a counter of the device.
            next_id: 100_000 + options.seed % 900_000,
        })
    }

    fn device(&mut self, identity: &str) -> &mut Device {
        self.devices.entry(identity.to_owned()).or_default()
    }

    fn fresh_id(&mut self) -> String {
        self.next_id = (self.next_id + 1) % ID_LIMIT;
        self.next_id.to_string()
    }

    /// Sends a request to a device and waits for its answer; refused where it is not there or does not listen.
    fn ask(
        &mut self,
        identity: &str,
        channel: Channel,
        variable: &str,
        params: Option<Value>,
        origin: Origin,
        view: &mut CloudView<'_>,
    ) -> Result<String, Refusal> {
        let id = self.fresh_id();
        let asked = self.asked_for(identity, channel, variable, params.as_ref(), view);
        let (to, channel, variable, params) = match asked {
            Some((gateway, channel, params)) => (gateway, channel, "", Some(params)),
            None => (identity.to_owned(), channel, variable, params),
        };
        let payload = Body::Request { id: id.clone(), params }.emit();
        let down = Downlink { channel, variable, id: &id, payload, device: identity };
        self.send_down(&to, down, origin, view)?;
        Ok(id)
    }

    fn send_down(
        &mut self,
        identity: &str,
        down: Downlink<'_>,
        origin: Origin,
        view: &mut CloudView<'_>,
    ) -> Result<(), Refusal> {
        let Downlink { channel, variable, id, payload, device } = down;
        let topic = topic_of(channel, identity, variable);
        let Some(client) = connected(identity, view) else { return Err(Refusal { code: "308" }) };
        if matches!(channel, Channel::PropertySet | Channel::SubPropertySet)
            && !self.pace.set(self.options.set_rate, identity, view.now)
        {
            return Err(Refusal { code: "37" });
        }
        if !client.filters.iter().any(|filter| crate::base::topic::matches(filter, &topic)) {
            return Err(Refusal { code: "1022" });
        }
        view.out.push(CloudOutput::Publish(CloudMessage { topic, payload, qos: 0 }));
        // A device may say that it has heard of firmware, or say nothing.
        if let Some(reply) = channel.reply().filter(|_| channel != Channel::OtaInform) {
            let device = device.to_owned();
            let pending = Pending { device, reply, deadline: view.now + DEVICE_TIMEOUT, origin };
            self.pending.insert((identity.to_owned(), id.to_owned()), pending);
        }
        Ok(())
    }

    fn remember(&mut self, key: (String, String)) {
        if self.expired.len() == REMEMBERED {
            self.expired.pop_front();
        }
        self.expired.push_back(key);
    }
}

/// The client of a device that is online.
fn connected<'a>(identity: &str, view: &'a CloudView<'_>) -> Option<&'a Client> {
    view.clients.values().find(|client| client.role == Role::Device && client.identity == identity)
}

/// The topic of a channel for `pid/name`.
fn topic_of(channel: Channel, identity: &str, variable: &str) -> String {
    let (product, device) = identity.split_once('/').unwrap_or((identity, ""));
    channel.topic(product, device, variable)
}

fn publish(view: &mut CloudView<'_>, channel: Channel, identity: &str, body: &Body) {
    let message = CloudMessage { topic: topic_of(channel, identity, ""), payload: body.emit(), qos: 0 };
    view.out.push(CloudOutput::Publish(message));
}

fn deliver(view: &mut CloudView<'_>, to: &ClientId, channel: Channel, identity: &str, body: &Body) {
    let message = CloudMessage { topic: topic_of(channel, identity, ""), payload: body.emit(), qos: 0 };
    view.out.push(CloudOutput::Deliver(to.clone(), message));
}

fn log(view: &mut CloudView<'_>, event: &'static str, identity: &str, code: &str, what: impl Into<Phrase>) {
    let (identity, code, what) = (identity.to_owned(), code.to_owned(), what.into());
    view.out.push(CloudOutput::Log { event, identity, code, what });
}

/// Words of a code.
fn code_words(code: &str) -> Phrase {
    codes::CODES
        .iter()
        .find(|spec| spec.code == code)
        .map_or_else(|| Phrase::verbatim(code), |spec| spec.meaning.into())
}

/// Reads a payload as strictly as the platform does; whatever could be read comes with the fault.
fn strict(payload: &[u8]) -> (Option<Value>, Option<Phrase>) {
    let parsed = json::parse(payload);
    let fault = parsed
        .problems
        .first()
        .map(|problem| NOT_STRICT.around([Phrase::verbatim(problem.offset.to_string()), problem.reason.clone()]));
    (parsed.root.map(|root| root.to_json()), fault)
}

impl Cloud for Platform {
    fn admit(&mut self, connect: &Connect<'_>, now: Time) -> Admission {
        // Only devices are counted, and only those that there are, so that nobody fills the memory with names.
        let device = format!("{}/{}", connect.username, connect.client_id);
        let is_device = connect.endpoint == spec::DEVICE_ENDPOINT && self.known.devices.contains_key(&device);
        if is_device && !self.pace.login(self.options.login_limit, &device, now) {
            return admit::too_many_logins(self.options.login_limit);
        }
        admit::admit(&self.known, &self.options, connect, now)
    }

    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        admit::may_subscribe(&self.known, &self.options, client, filter)
    }

    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial> {
        admit::may_publish(client, topic)
    }

    fn online(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.presence(client, true, view);
    }

    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>) {
        self.presence(client, false, view);
        let subs = self.topology.get(&client.identity).cloned().unwrap_or_default();
        for sub in subs {
            if self.devices.get(&sub).is_some_and(|device| device.online) {
                self.lifecycle(&sub, false, view);
            }
        }
    }

    fn receive(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        if self.within_limits(client, message, view) {
            self.take(client, message, view);
        }
    }
    fn http(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        let answer = self.call(request, view);
        view.out.push(CloudOutput::Answer(id, answer));
    }

    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        self.operator_asks(operate, view)
    }

    fn next_timeout(&self) -> Option<Time> {
        self.pending
            .values()
            .map(|pending| pending.deadline)
            .chain(self.pace.next_timeout())
            .chain(self.next_standstill())
            .min()
    }

    fn handle_timeout(&mut self, view: &mut CloudView<'_>) {
        let now = view.now;
        let due: Vec<(String, String)> =
            self.pending.iter().filter(|(_, pending)| pending.deadline <= now).map(|(key, _)| key.clone()).collect();
        for key in due {
            let Some(pending) = self.pending.remove(&key) else { continue };
            log(view, "timeout", &key.0, "306", TIMED_OUT.with(&[&key.1]));
            self.timed_out(&pending.device, pending.origin, view);
            self.remember(key);
        }
        self.take_delayed(view);
        self.tell_standstill(view);
    }

    fn device_state(&self, device: &str) -> Option<Value> {
        if !self.known.devices.contains_key(device) {
            return None;
        }
        let unknown = Device::default();
        let held = self.devices.get(device).unwrap_or(&unknown);
        let desired: Map<String, Value> = held
            .desired
            .iter()
            .map(|(identifier, (value, version))| (identifier.clone(), json!({"value": value, "version": version})))
            .collect();
        Some(json!({
            "online": held.online,
            "values": body::unwrapped(&held.values),
            "desired": desired,
            "firmware": held.firmware,
        }))
    }
}

impl Platform {
    /// Takes a message of a client.
    fn take(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) {
        let Some(address) = topic::parse(&message.topic) else { return };
        let Some(channel) = address.channel else { return };
        let device = format!("{}/{}", address.product, address.device);
        if client.role == Role::App {
            return self.app_asks(client, channel, &device, &message.payload, view);
        }
        let variable = address.variable.and_then(|range| message.topic.get(range)).unwrap_or_default();
        match channel {
            Channel::CustomUp => {
                log(view, "raw", &device, "", RAW_UP.with(&[&message.payload.len()]));
                // What stands in the reply is not documented: nothing. (inferred)
                let topic = topic_of(Channel::CustomUpReply, &device, "");
                view.out.push(CloudOutput::Publish(CloudMessage { topic, payload: Vec::new(), qos: 0 }));
            }
            Channel::TopoGetResult | Channel::OtaInformReply => {}
            Channel::CustomDownReply => self.raw_answered(&device, variable, &message.payload, view),
            channel if channel.kind().is_reply() => self.device_answers(&device, channel, &message.payload, view),
            channel => self.device_asks(&device, channel, &message.payload, view),
        }
    }

    fn presence(&mut self, client: &Client, online: bool, view: &mut CloudView<'_>) {
        if client.role == Role::Device {
            self.lifecycle(&client.identity, online, view);
        }
    }

    fn lifecycle(&mut self, identity: &str, online: bool, view: &mut CloudView<'_>) {
        self.device(identity).online = online;
        let (product, device) = identity.split_once('/').unwrap_or((identity, ""));
        let (product, device) = (product.to_owned(), device.to_owned());
        publish(view, Channel::Lifecycle, identity, &Body::Lifecycle { product, device, online, at: view.now });
    }
}
