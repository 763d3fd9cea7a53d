//! L3: the simulated cloud, without I/O and without a clock.
//!
//! A [`CloudSim`] is a plain value: connects, subscriptions, publishes, questions of the operator and times go in;
//! [`Output`]s for the sockets and [`CloudEvent`]s for the log come out. What a platform decides is decided by its
//! dialect ([`crate::dialect::Cloud`]); what all platforms share is here:
//!
//! 1. A client has a number for as long as it is connected. It counts from the moment it is let in, and is *online* (may
//!    receive) from the moment its CONNACK was sent.
//! 2. A second login of an exclusive identity, or of the same identity with the same MQTT client id, closes the first.
//!    The platform sees the first leave before the second comes.
//! 3. No message of a client is routed by topic alone: the dialect receives it and says who gets what. A message goes to
//!    a client when one of its filters matches and the client might subscribe that very topic, so that a wildcard gives
//!    nobody the topics of the other role. It goes out once, with the best QoS of the matching filters.
//! 4. `kick`, `disable`, `enable` and `fault` of the operator work on identities and are the same everywhere.

pub mod event;
mod faults;
pub mod operate;
mod relay;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod texts;
pub mod web;
pub mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::cloud::{
    Admission, Client, ClientId, CloudMessage, CloudOutput, CloudView, Connect, Denial, Manners,
};
use crate::dialect::{
    self, CallId, Cloud, CloudOptions, Dialect, EndpointSpec, HttpAnswer, REGISTRY, Roster, RosterFault, Server, Spec,
    near,
};
use crate::model::{RequestKey, RequestState, Role};

use faults::Faults;
use relay::Filters;

pub use event::{Body, CloudEvent, Endpoint, Happening, Who};
pub use operate::{OperateFault, OperateReport, OperateRequest};
pub use web::Granted;

/// What the sockets have to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a message to one client.
    Deliver(ClientId, CloudMessage),
    /// Close the connection of a client.
    Close(ClientId),
    /// Answer a call over HTTP. There is exactly one for each call that was not abandoned.
    Answer(CallId, HttpAnswer),
    /// Send a WebSocket ping with this payload.
    Ping(ClientId, Vec<u8>),
    /// A request of the operator has its outcome.
    Operated(RequestKey, OperateReport),
}

/// Whether a CONNECT is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes, under this number. [`CloudSim::online`] or [`CloudSim::disconnect`] follows.
    Accept(ClientId, Manners),
    /// No, with this CONNACK return code, 1–5.
    Refuse(u8),
}

/// Why a simulated cloud cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub enum SimFault {
    /// The roster names a dialect that is none.
    UnknownDialect(Phrase),
    /// A setting names no dialect.
    UnknownOption(Phrase),
    /// An entry of the roster cannot be used.
    Roster {
        /// The dialect.
        dialect: &'static str,
        /// What is wrong, and where.
        fault: RosterFault,
    },
}

impl std::fmt::Display for SimFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SimFault::UnknownDialect(reason) | SimFault::UnknownOption(reason) => reason.fmt(f),
            SimFault::Roster { dialect, fault } => write!(f, "line {}: {dialect}: {}", fault.line, fault.reason),
        }
    }
}

impl std::error::Error for SimFault {}

/// The platform's side of one dialect, and the clients connected to it.
pub struct Platform {
    spec: &'static Spec,
    /// Reads request ids out of messages; none for clouds made up by tests.
    codec: Option<&'static dyn Dialect>,
    cloud: Box<dyn Cloud>,
    clients: BTreeMap<u64, Client>,
    filters: Filters,
    disabled: BTreeSet<String>,
    /// Every device that was ever let in. Devices are those of the roster, so this is bounded by it; apps may be anonymous.
    seen: BTreeSet<String>,
}

impl Platform {
    /// A platform without clients.
    pub fn new(spec: &'static Spec, codec: Option<&'static dyn Dialect>, cloud: Box<dyn Cloud>) -> Platform {
        Platform {
            spec,
            codec,
            cloud,
            clients: BTreeMap::new(),
            filters: Filters::default(),
            disabled: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }
}

/// What is known of a connection besides what the dialect sees.
struct Attached {
    platform: usize,
    who: Who,
    connected: Happening,
    since: Time,
    online: bool,
    /// Granted QoS by filter.
    grants: BTreeMap<String, u8>,
}

/// A request of the operator that has no outcome yet.
struct Pending {
    platform: usize,
    operation: String,
    device: String,
    report: OperateReport,
}

/// The simulated cloud of all dialects.
pub struct CloudSim {
    platforms: Vec<Platform>,
    attached: BTreeMap<u64, Attached>,
    pending: BTreeMap<RequestKey, Pending>,
    calls: BTreeMap<CallId, web::Call>,
    next_client: u64,
    next_request: u64,
    next_call: u64,
    outputs: VecDeque<Output>,
    events: VecDeque<CloudEvent>,
    faults: Faults,
}

impl CloudSim {
    /// A cloud of every dialect of the registry, with the identities of the rosters (by dialect name).
    pub fn new(rosters: &BTreeMap<String, Roster>, options: &CloudOptions) -> Result<CloudSim, SimFault> {
        for name in rosters.keys() {
            if dialect::find(name).is_none() {
                let known: Vec<&str> = REGISTRY.iter().map(|dialect| dialect.spec().name).collect();
                return Err(SimFault::UnknownDialect(texts::ROSTER_DIALECT.with(&[name, &known.join(", ")])));
            }
        }
        // A setting is `dialect.name`; each dialect knows its own names.
        for name in options.settings.keys() {
            if name.split_once('.').is_none_or(|(owner, _)| dialect::find(owner).is_none()) {
                let known: Vec<String> = REGISTRY.iter().map(|dialect| format!("{}.…", dialect.spec().name)).collect();
                return Err(SimFault::UnknownOption(texts::OPTION_DIALECT.with(&[name, &known.join(", ")])));
            }
        }
        let mut platforms = Vec::new();
        for codec in REGISTRY.iter().copied() {
            let spec = codec.spec();
            let named = |name: &str| rosters.get(name).cloned();
            let roster =
                named(spec.name).or_else(|| spec.aliases.iter().find_map(|alias| named(alias))).unwrap_or_default();
            let cloud =
                codec.cloud(&roster, options).map_err(|fault| SimFault::Roster { dialect: spec.name, fault })?;
            platforms.push(Platform::new(spec, Some(codec), cloud));
        }
        Ok(CloudSim { faults: Faults::new(options.seed), ..CloudSim::with_platforms(platforms) })
    }

    /// A cloud of these platforms.
    pub fn with_platforms(platforms: Vec<Platform>) -> CloudSim {
        CloudSim {
            platforms,
            attached: BTreeMap::new(),
            pending: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_client: 1,
            next_request: 1,
            next_call: 1,
            outputs: VecDeque::new(),
            events: VecDeque::new(),
            faults: Faults::new(0),
        }
    }

    /// The specs of the platforms, in the order of the registry.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.platforms.iter().map(|platform| platform.spec)
    }

    /// The listeners are open.
    pub fn listening(&mut self, endpoints: &[Endpoint]) {
        for platform in &mut self.platforms {
            for endpoint in endpoints.iter().filter(|endpoint| endpoint.dialect == platform.spec.name) {
                if let Ok(at) = Server::parse(&endpoint.url) {
                    platform.cloud.listening(&endpoint.name, &at);
                }
            }
        }
    }

    /// The next thing to do for the sockets.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The next line of the log.
    pub fn poll_event(&mut self) -> Option<CloudEvent> {
        self.events.pop_front()
    }

    /// A client wants in. `peer` is its address, for the log.
    pub fn connect(&mut self, connect: &Connect<'_>, peer: &str, now: Time) -> Decision {
        let Some((index, endpoint)) = self.endpoint(connect.endpoint) else {
            self.tell(
                now,
                "",
                None,
                Happening::Refused {
                    connack: 3,
                    code: String::new(),
                    reason: texts::NO_ENDPOINT.with(&[&connect.endpoint]),
                },
            );
            return Decision::Refuse(3);
        };
        let mut who = Who {
            endpoint: endpoint.name,
            role: None,
            identity: connect.username.to_owned(),
            client_id: connect.client_id.to_owned(),
            peer: peer.to_owned(),
        };
        let Some(platform) = self.platforms.get_mut(index) else { return Decision::Refuse(3) };
        let name = platform.spec.name;
        let mut admission = platform.cloud.admit(connect, now);
        if let Admission::Accept { role, identity, exclusive, .. } = &admission {
            let (id, identity) = (ClientId(self.next_client), identity.clone());
            let client = Client { id, role: *role, identity, exclusive: *exclusive, filters: Vec::new() };
            admission = self.expired(index, &client, connect, now).unwrap_or(admission);
        }
        let Some(platform) = self.platforms.get_mut(index) else { return Decision::Refuse(3) };
        let (client, manners) = match admission {
            Admission::Accept { role, identity, exclusive, auto_subscribe: filters, manners }
                if !platform.disabled.contains(&identity) =>
            {
                (Client { id: ClientId(self.next_client), role, identity, exclusive, filters }, manners)
            }
            Admission::Accept { role, identity, .. } => {
                who.role = Some(role);
                who.identity = identity;
                let what = Happening::Refused { connack: 5, code: String::new(), reason: texts::DISABLED.into() };
                self.tell(now, name, Some(who), what);
                return Decision::Refuse(5);
            }
            Admission::Refuse { connack, code, reason } => {
                self.tell(now, name, Some(who), Happening::Refused { connack, code, reason });
                return Decision::Refuse(connack);
            }
        };
        let connected = Happening::Connected {
            keep_alive: connect.keep_alive,
            clean_session: connect.clean_session,
            level: connect.level,
        };
        Decision::Accept(self.attach(index, client, who, connected, now), manners)
    }

    /// The listener of that name, and the number of its platform.
    fn endpoint(&self, name: &str) -> Option<(usize, &'static EndpointSpec)> {
        self.platforms.iter().enumerate().find_map(|(index, platform)| {
            let endpoint = platform.spec.endpoints.iter().find(|endpoint| endpoint.name == name)?;
            Some((index, endpoint))
        })
    }

    /// Lets a client in under the next number, which it bears already.
    fn attach(&mut self, index: usize, client: Client, mut who: Who, connected: Happening, now: Time) -> ClientId {
        who.role = Some(client.role);
        who.identity.clone_from(&client.identity);
        self.close_older(index, &who, client.exclusive, now);

        self.next_client += 1;
        let (id, grants) = (client.id.clone(), client.filters.iter().map(|filter| (filter.clone(), 1)).collect());
        if let Some(platform) = self.platforms.get_mut(index) {
            if client.role == Role::Device {
                platform.seen.insert(client.identity.clone());
            }
            for filter in &client.filters {
                platform.filters.insert(filter, id.0, 1);
            }
            platform.clients.insert(id.0, client);
        }
        self.attached.insert(id.0, Attached { platform: index, who, connected, since: now, online: false, grants });
        id
    }

    /// Condition 2 of the module's list.
    fn close_older(&mut self, platform: usize, newer: &Who, exclusive: bool, now: Time) {
        let older: Vec<u64> = self
            .attached
            .iter()
            .filter(|(_, attached)| {
                let who = &attached.who;
                let same = attached.platform == platform && who.identity == newer.identity && who.role == newer.role;
                same && (exclusive || (!newer.client_id.is_empty() && who.client_id == newer.client_id))
            })
            .map(|(id, _)| *id)
            .collect();
        for id in older {
            self.kick(ClientId(id), texts::DUPLICATE.with(&[&newer.peer]), now);
        }
    }

    /// The CONNACK of a client was sent.
    pub fn online(&mut self, id: &ClientId, now: Time) {
        let Some(attached) = self.attached.get_mut(&id.0) else { return };
        attached.online = true;
        let (platform, who, what) = (attached.platform, attached.who.clone(), attached.connected.clone());
        self.tell_platform(now, platform, Some(who), what);
        self.with_client(platform, id, now, |cloud, client, view| cloud.online(client, view));
    }

    /// A client wants to subscribe. Gives the granted QoS.
    pub fn subscribe(&mut self, id: &ClientId, filter: &str, qos: u8, now: Time) -> Result<u8, Denial> {
        let Some((index, who)) = self.place(id) else { return Err(self.not_connected(id)) };
        let Some(platform) = self.platforms.get_mut(index) else { return Err(self.not_connected(id)) };
        let Some(client) = platform.clients.get_mut(&id.0) else { return Err(self.not_connected(id)) };
        match platform.cloud.may_subscribe(client, filter) {
            Ok(()) => {
                if !client.filters.iter().any(|have| have == filter) {
                    client.filters.push(filter.to_owned());
                }
                platform.filters.insert(filter, id.0, qos);
                if let Some(attached) = self.attached.get_mut(&id.0) {
                    attached.grants.insert(filter.to_owned(), qos);
                }
                self.tell_platform(now, index, Some(who), Happening::Subscribed { filter: filter.to_owned(), qos });
                Ok(qos)
            }
            Err(denial) => {
                let (code, topics) = (denial.code.clone(), platform.spec.topics);
                let reason = near::with_meant_to_subscribe(denial.reason.clone(), topics, filter, client.role);
                let what = Happening::SubscribeRefused { filter: filter.to_owned(), code, reason };
                self.tell_platform(now, index, Some(who), what);
                self.close_for(id, &denial, now);
                Err(denial)
            }
        }
    }

    /// A client gives a subscription up.
    pub fn unsubscribe(&mut self, id: &ClientId, filter: &str, now: Time) {
        let Some((index, who)) = self.place(id) else { return };
        if let Some(platform) = self.platforms.get_mut(index) {
            platform.filters.remove(filter, id.0);
            if let Some(client) = platform.clients.get_mut(&id.0) {
                client.filters.retain(|have| have != filter);
            }
        }
        if let Some(attached) = self.attached.get_mut(&id.0) {
            attached.grants.remove(filter);
        }
        self.tell_platform(now, index, Some(who), Happening::Unsubscribed { filter: filter.to_owned() });
    }

    /// A client publishes. `Err` where it may not; the connection is closed where the denial says so.
    pub fn publish(&mut self, id: &ClientId, message: &CloudMessage, now: Time) -> Result<(), Denial> {
        let Some((index, who)) = self.place(id) else { return Err(self.not_connected(id)) };
        let CloudMessage { topic, payload, qos } = message;
        let allowed = self.platforms.get(index).and_then(|platform| {
            let client = platform.clients.get(&id.0)?;
            let meant = |reason| near::with_meant_to_publish(reason, platform.spec.topics, topic, client.role);
            Some(platform.cloud.may_publish(client, topic).map_err(|denial| (meant(denial.reason.clone()), denial)))
        });
        match allowed {
            Some(Ok(())) => {
                let what = Happening::Published { topic: topic.clone(), qos: *qos, payload: Body::new(payload) };
                self.tell_platform(now, index, Some(who), what);
                self.take_in(id, message, now);
                Ok(())
            }
            Some(Err((reason, denial))) => {
                let (code, closed) = (denial.code.clone(), denial.close);
                let what = Happening::PublishRefused { topic: topic.clone(), qos: *qos, code, reason, closed };
                self.tell_platform(now, index, Some(who), what);
                self.close_for(id, &denial, now);
                Err(denial)
            }
            None => Err(self.not_connected(id)),
        }
    }

    /// The connection of a client is gone.
    pub fn disconnect(&mut self, id: &ClientId, reason: Phrase, now: Time) {
        let Some(attached) = self.attached.remove(&id.0) else { return };
        let index = attached.platform;
        self.tell_platform(now, index, Some(attached.who), Happening::Disconnected { reason });
        let Some(platform) = self.platforms.get_mut(index) else { return };
        for filter in attached.grants.keys() {
            platform.filters.remove(filter, id.0);
        }
        let Some(client) = platform.clients.remove(&id.0) else { return };
        if attached.online {
            self.with_cloud(index, now, |cloud, view| cloud.offline(&client, view));
        }
    }

    /// Messages for a client were dropped by the sockets.
    pub fn lost(&mut self, id: &ClientId, count: u64, now: Time) {
        if let Some((index, who)) = self.place(id) {
            self.tell_platform(now, index, Some(who), Happening::Lost { count });
        }
    }

    /// When [`CloudSim::handle_timeout`] wants to be called next.
    pub fn next_timeout(&self) -> Option<Time> {
        let platforms = self.platforms.iter().filter_map(|platform| platform.cloud.next_timeout());
        platforms.chain(self.faults.next_timeout()).min()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Time) {
        self.release_due(now);
        for index in 0..self.platforms.len() {
            let due = self.platforms.get(index).and_then(|platform| platform.cloud.next_timeout());
            if due.is_some_and(|due| due <= now) {
                self.with_cloud(index, now, |cloud, view| cloud.handle_timeout(view));
            }
        }
    }

    fn place(&self, id: &ClientId) -> Option<(usize, Who)> {
        self.attached.get(&id.0).map(|attached| (attached.platform, attached.who.clone()))
    }

    fn not_connected(&self, id: &ClientId) -> Denial {
        Denial { reason: texts::NOT_DELIVERED.with(&[&id.0]), code: String::new(), close: true }
    }

    fn close_for(&mut self, id: &ClientId, denial: &Denial, now: Time) {
        if denial.close {
            self.kick(id.clone(), texts::DENIED.around([denial.reason.clone()]), now);
        }
    }

    fn kick(&mut self, id: ClientId, reason: Phrase, now: Time) {
        if let Some((index, who)) = self.place(&id) {
            self.outputs.push_back(Output::Close(id.clone()));
            self.tell_platform(now, index, Some(who), Happening::Kicked { reason: reason.clone() });
            self.disconnect(&id, reason, now);
        }
    }

    fn with_client(
        &mut self,
        index: usize,
        id: &ClientId,
        now: Time,
        act: impl FnOnce(&mut dyn Cloud, &Client, &mut CloudView<'_>),
    ) {
        let Some(platform) = self.platforms.get_mut(index) else { return };
        let Some(client) = platform.clients.get(&id.0) else { return };
        let mut out = Vec::new();
        act(platform.cloud.as_mut(), client, &mut CloudView { now, clients: &platform.clients, out: &mut out });
        self.carry_out(index, out, now);
    }

    fn with_cloud<R>(
        &mut self,
        index: usize,
        now: Time,
        act: impl FnOnce(&mut dyn Cloud, &mut CloudView<'_>) -> R,
    ) -> Option<R> {
        let platform = self.platforms.get_mut(index)?;
        let mut out = Vec::new();
        let result = act(platform.cloud.as_mut(), &mut CloudView { now, clients: &platform.clients, out: &mut out });
        self.carry_out(index, out, now);
        Some(result)
    }

    /// Does what a dialect's cloud wants done, in its order.
    fn carry_out(&mut self, index: usize, wanted: Vec<CloudOutput>, now: Time) {
        let mut carrier: Option<CloudMessage> = None;
        for output in wanted {
            match output {
                CloudOutput::Publish(message) => {
                    carrier = Some(message.clone());
                    for (id, copy) in self.receivers(index, &message) {
                        self.deliver(id, copy, now);
                    }
                }
                CloudOutput::Deliver(id, message) => {
                    carrier = Some(message.clone());
                    if self.attached.get(&id.0).is_some_and(|attached| attached.platform == index) {
                        self.deliver(id, message, now);
                    }
                }
                CloudOutput::Answer(id, answer) => self.answered(index, id, answer, now),
                CloudOutput::Ping(id, payload) => self.outputs.push_back(Output::Ping(id, payload)),
                CloudOutput::Kick(id, reason) => self.kick(id, reason, now),
                CloudOutput::Log { event, identity, code, what } => {
                    self.tell_platform(now, index, None, Happening::Told { event, identity, code, what });
                }
                CloudOutput::Operated(key, state) => {
                    if let (RequestState::Sent, Some(message)) = (&state, &carrier) {
                        self.name_request(key, message);
                    }
                    self.operated(key, state, now);
                }
            }
        }
    }

    fn tell_platform(&mut self, at: Time, index: usize, who: Option<Who>, what: Happening) {
        let dialect = self.platforms.get(index).map(|platform| platform.spec.name).unwrap_or_default();
        self.tell(at, dialect, who, what);
    }

    fn tell(&mut self, at: Time, dialect: &'static str, who: Option<Who>, what: Happening) {
        self.events.push_back(CloudEvent { at, dialect, who, what });
    }
}
