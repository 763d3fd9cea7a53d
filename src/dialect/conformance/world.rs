//! The dialect's cloud with its clients, in virtual time and without sockets.
//!
//! A party logs in as the session does it: the calls of [`Dialect::login`], then the plan, then MQTT or a WebSocket, then
//! the requests of the plan. Devices answer what they are asked unless they are silent.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::base::time::Time;
use crate::base::topic;
use crate::dialect::cloud::{Admission, Client, ClientId, Cloud, CloudMessage, CloudOutput, CloudView, Connect};
use crate::dialect::conformance::{NOW, Party, context, parties, roster};
use crate::dialect::plan::CLIENT_ID_IN_USE;
use crate::dialect::{
    Answer, CallId, CloudOptions, Dialect, Encoded, HttpAnswer, HttpCall, HttpRequest, MqttLevel, Plan, REGISTRY,
    Reading, ReplyBody, Server, Transport, Upgrade, Via,
};
use crate::model::{Direction, Request, Role, ThingModel};

pub const APP: u64 = 1;
pub const DEVICE: u64 = 2;
/// The longest that any platform waits for a device.
const LONGEST: Duration = Duration::from_secs(60);

/// Why a party was not let in.
#[derive(Debug)]
pub struct Refusal {
    pub reason: String,
    /// Whether it says clearly that asking again is of no use: a CONNACK code, a 4xx, a login that was refused.
    pub is_refusal: bool,
}

pub struct World {
    pub dialect: &'static dyn Dialect,
    pub cloud: Box<dyn Cloud>,
    pub model: ThingModel,
    pub clients: BTreeMap<u64, Client>,
    /// Which of them came over a WebSocket.
    pub sockets: BTreeSet<u64>,
    pub silent: bool,
    pub logs: Vec<(&'static str, String)>,
    parties: BTreeMap<u64, Party>,
    now: Time,
    /// What each client was sent.
    received: Vec<(u64, CloudMessage)>,
    answers: BTreeMap<CallId, HttpAnswer>,
    next_call: u64,
}

impl World {
    pub fn new(dialect: &'static dyn Dialect) -> World {
        let mut cloud = dialect.cloud(&roster(dialect), &CloudOptions::default()).unwrap();
        for endpoint in dialect.spec().endpoints {
            let url = format!("{}://127.0.0.1:{}{}", endpoint.scheme, endpoint.port, endpoint.path);
            cloud.listening(endpoint.name, &Server::parse(&url).unwrap());
        }
        World {
            dialect,
            cloud,
            model: dialect.demo_model(),
            clients: BTreeMap::new(),
            sockets: BTreeSet::new(),
            silent: false,
            logs: Vec::new(),
            parties: BTreeMap::new(),
            now: NOW,
            received: Vec::new(),
            answers: BTreeMap::new(),
            next_call: 1,
        }
    }

    pub fn name(&self) -> &'static str {
        self.dialect.spec().name
    }

    /// The listener of an address.
    fn endpoint(&self, at: &Server) -> &'static str {
        let endpoints = self.dialect.spec().endpoints;
        let found = endpoints.iter().find(|endpoint| endpoint.port == at.port);
        let found = found.unwrap_or_else(|| panic!("{}: nobody listens on port {}", self.name(), at.port));
        let scheme = found.scheme;
        let fits = at.transport.scheme() == scheme || (at.transport == Transport::Http && scheme == "ws");
        assert!(fits, "{}: {at:?} is a listener for {scheme}", self.name());
        found.name
    }

    /// Makes the calls of a login, and the plan that follows from them.
    pub fn prepare(&mut self, party: &mut Party) -> Result<Plan, Refusal> {
        if let Some(client_id) = self.dialect.session_client_id(party.role, &party.settings, 1) {
            party.settings.identity.set(CLIENT_ID_IN_USE, client_id);
        }
        for _ in 0..10 {
            let call = self.dialect.login(party.role, &party.settings, self.now, 1).unwrap();
            let Some(call) = call else {
                return Ok(self.dialect.plan(party.role, &party.settings, self.now, 1).unwrap());
            };
            let answer = self.call(&call);
            self.dialect
                .logged_in(party.role, &mut party.settings, &call, &answer)
                .map_err(|fault| Refusal { reason: fault.reason.to_string(), is_refusal: fault.refused })?;
        }
        panic!("{}: the login has no end", self.name());
    }

    /// Asks to be let in.
    pub fn enter(&mut self, party: &Party, plan: &Plan, now: Time) -> Result<Client, Refusal> {
        let endpoint = self.endpoint(&plan.server);
        let (role, identity, exclusive, filters) = if matches!(plan.server.transport, Transport::Ws | Transport::Wss) {
            let headers = plan.headers.iter().map(|(name, value)| (name.to_lowercase(), value.expose().to_owned()));
            let headers: Vec<(String, String)> = headers.collect();
            let (path, query) = split(&plan.server.path);
            let request = HttpRequest { endpoint, method: "GET", path, query: &query, headers: &headers, body: &[] };
            match self.cloud.upgrade(&request, now) {
                Upgrade::Accept { role, identity, exclusive, .. } => (role, identity, exclusive, Vec::new()),
                Upgrade::Refuse { answer, reason, .. } => {
                    return Err(Refusal { reason: reason.to_string(), is_refusal: answer.status < 500 });
                }
            }
        } else {
            match self.cloud.admit(&connect(endpoint, plan), now) {
                Admission::Accept { role, identity, exclusive, auto_subscribe, .. } => {
                    (role, identity, exclusive, auto_subscribe)
                }
                Admission::Refuse { connack, reason, .. } => {
                    return Err(Refusal { reason: reason.to_string(), is_refusal: (1..=5).contains(&connack) });
                }
            }
        };
        assert_eq!(role, party.role);
        Ok(Client { id: ClientId(0), role, identity, exclusive, filters })
    }

    /// Logs in, subscribes, and makes the first requests.
    fn connect(&mut self, id: u64, mut party: Party) {
        let plan = self.prepare(&mut party).unwrap();
        let mut client = self.enter(&party, &plan, self.now).unwrap();
        client.id = ClientId(id);
        for subscription in &plan.subscriptions {
            let allowed = self.cloud.may_subscribe(&client, &subscription.filter);
            assert_eq!(allowed, Ok(()), "{}", subscription.filter);
            client.filters.push(subscription.filter.clone());
        }
        if matches!(plan.server.transport, Transport::Ws | Transport::Wss) {
            self.sockets.insert(id);
        }
        self.clients.insert(id, client.clone());
        self.parties.insert(id, party);
        self.act(|cloud, view| cloud.online(&client, view));
        for (number, request) in (1_000..).zip(&plan.opening) {
            let sent = self.encode(id, request, number);
            self.send(id, &sent);
        }
    }

    /// Sends a message the way it is to take.
    pub fn send(&mut self, id: u64, sent: &Encoded) {
        match &sent.via {
            Via::Mqtt => {
                let client = self.clients[&id].clone();
                assert_eq!(self.cloud.may_publish(&client, &sent.topic), Ok(()), "{}", sent.topic);
                let message = CloudMessage { topic: sent.topic.clone(), payload: sent.payload.clone(), qos: sent.qos };
                self.act(|cloud, view| cloud.receive(&client, &message, view));
            }
            Via::Socket => self.frame(id, &sent.payload),
            Via::Http(call) => {
                let mut call = call.clone();
                self.dialect.authorize(&self.parties[&id].settings, &mut call);
                let payload = self.call(&call).body;
                self.received.push((id, CloudMessage { topic: sent.topic.clone(), payload, qos: 0 }));
            }
        }
    }

    /// A frame of a WebSocket.
    pub fn frame(&mut self, id: u64, payload: &[u8]) {
        let client = self.clients[&id].clone();
        let message = CloudMessage { topic: String::new(), payload: payload.to_vec(), qos: 0 };
        self.act(|cloud, view| cloud.receive(&client, &message, view));
    }

    pub fn call(&mut self, call: &HttpCall) -> HttpAnswer {
        let server = Server::parse(&call.url).unwrap();
        let headers = call.headers.iter().map(|(name, value)| (name.to_lowercase(), value.expose().to_owned()));
        let headers: Vec<(String, String)> = headers.collect();
        self.request(self.endpoint(&server), call.method.name(), &server.path, &headers, &call.body)
    }

    /// A call, and its answer; time passes until there is one.
    pub fn request(
        &mut self,
        endpoint: &str,
        method: &str,
        target: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> HttpAnswer {
        let id = CallId(self.next_call);
        self.next_call += 1;
        let (path, query) = split(target);
        let request = HttpRequest { endpoint, method, path, query: &query, headers, body };
        self.act(|cloud, view| cloud.http(id, &request, view));
        let end = self.now + LONGEST;
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            assert!(self.step(end), "{}: {method} {target} has no answer", self.name());
        }
    }

    /// Lets the cloud act, routes what it says, and lets the clients answer.
    fn act(&mut self, act: impl FnOnce(&mut dyn Cloud, &mut CloudView<'_>)) {
        let mut out = Vec::new();
        act(self.cloud.as_mut(), &mut CloudView { now: self.now, clients: &self.clients, out: &mut out });
        self.carry_out(out);
    }

    fn carry_out(&mut self, out: Vec<CloudOutput>) {
        let mut arrived: VecDeque<(u64, CloudMessage)> = VecDeque::new();
        let mut pinged = Vec::new();
        for output in out {
            match output {
                CloudOutput::Publish(message) => {
                    for (id, client) in &self.clients {
                        let wanted = client.filters.iter().any(|filter| topic::matches(filter, &message.topic));
                        if wanted && self.cloud.may_subscribe(client, &message.topic).is_ok() {
                            arrived.push_back((*id, message.clone()));
                        }
                    }
                }
                CloudOutput::Deliver(id, mut message) => {
                    if self.sockets.contains(&id.0) {
                        assert_eq!(message.topic, "", "a frame has no topic");
                        message.topic = self.dialect.socket_topic(Direction::In, &message.payload);
                    }
                    arrived.push_back((id.0, message));
                }
                CloudOutput::Answer(id, answer) => {
                    assert!(self.answers.insert(id, answer).is_none(), "answered twice");
                }
                CloudOutput::Ping(id, payload) => {
                    assert!(payload.len() <= 125);
                    pinged.push(self.clients[&id.0].clone());
                }
                CloudOutput::Kick(id, reason) => panic!("{}: {id:?} is kicked: {reason}", self.name()),
                CloudOutput::Log { event, code, .. } => self.logs.push((event, code)),
                CloudOutput::Operated(..) => {}
            }
        }
        for client in pinged {
            self.act(|cloud, view| cloud.ponged(&client, view));
        }
        for (id, message) in arrived {
            self.received.push((id, message.clone()));
            for answer in self.answers_to(id, &message) {
                self.send(id, &answer);
            }
        }
    }

    /// What a client says to a message at once.
    fn answers_to(&self, id: u64, message: &CloudMessage) -> Vec<Encoded> {
        let party = &self.parties[&id];
        let context = context(party, &self.model);
        let is_silent = party.role == Role::Device && self.silent;
        let readings = self.dialect.read(&context, &message.topic, &message.payload).into_iter();
        readings
            .filter(|_| !is_silent)
            .filter_map(|reading| match reading {
                Reading::Request(incoming) => self.dialect.answer(&context, &incoming, &Answer::default(), self.now),
                Reading::Due(encoded) => Some(encoded),
                _ => None,
            })
            .collect()
    }

    /// Goes to the next moment at which the cloud wants to act; `false` where there is none before `end`.
    fn step(&mut self, end: Time) -> bool {
        match self.cloud.next_timeout() {
            Some(at) if at <= end => {
                self.now = self.now.max(at);
                self.act(|cloud, view| cloud.handle_timeout(view));
                true
            }
            _ => false,
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step(end) {}
        self.now = end;
    }

    /// What a client was told since the last question.
    pub fn told(&mut self, id: u64) -> Vec<Reading> {
        let party = &self.parties[&id];
        let context = context(party, &self.model);
        let mine = self.received.iter().filter(|(to, _)| *to == id);
        let read = |(_, message): &(u64, CloudMessage)| {
            let readings = self.dialect.read(&context, &message.topic, &message.payload);
            // A session asks for replies only where the kind of the message is that of one.
            if readings.iter().any(|reading| matches!(reading, Reading::Reply(_))) {
                let meta = self.dialect.classify(party.role, Direction::In, &message.topic, &message.payload);
                assert!(meta.kind.is_reply(), "{} {}: {:?}", self.name(), message.topic, meta.kind);
            }
            readings
        };
        let told = mine.flat_map(read).collect();
        self.received.retain(|(to, _)| *to != id);
        told
    }

    /// The next reply to a client, as long as any platform waits.
    pub fn reply(&mut self, id: u64) -> Option<ReplyBody> {
        let end = self.now + LONGEST;
        loop {
            let replies = self.told(id).into_iter();
            let mut replies =
                replies.filter_map(|told| if let Reading::Reply(reply) = told { Some(reply) } else { None });
            if let Some(reply) = replies.next() {
                return Some(reply);
            }
            if !self.step(end) {
                return None;
            }
        }
    }

    pub fn encode(&self, id: u64, request: &Request, number: u64) -> Encoded {
        self.try_encode(id, request, number).unwrap()
    }

    /// `None` where the request lacks something that the platform wants.
    pub fn try_encode(&self, id: u64, request: &Request, number: u64) -> Option<Encoded> {
        self.dialect.encode(&context(&self.parties[&id], &self.model), request, number, self.now, true).ok()
    }
}

fn connect<'a>(endpoint: &'a str, plan: &'a Plan) -> Connect<'a> {
    Connect {
        endpoint,
        client_id: &plan.client_id,
        username: &plan.username,
        password: plan.password.expose().as_bytes(),
        keep_alive: u16::try_from(plan.keep_alive.as_secs()).unwrap(),
        clean_session: plan.clean_session,
        level: if plan.level == MqttLevel::V31 { 3 } else { 4 },
        will: false,
        tls: plan.server.transport.is_tls(),
    }
}

/// Path and decoded query of a request target.
fn split(target: &str) -> (&str, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    (path, pairs.map(|(name, value)| (decode(name), decode(value))).collect())
}

/// The first app and the first device of every dialect, both connected, the app first.
pub fn worlds() -> Vec<World> {
    let world = |dialect: &&'static dyn Dialect| {
        let mut world = World::new(*dialect);
        for (id, role) in [(APP, Role::App), (DEVICE, Role::Device)] {
            let party = parties(*dialect).into_iter().find(|party| party.role == role).unwrap();
            world.connect(id, party);
        }
        world
    };
    REGISTRY.iter().map(world).collect()
}
