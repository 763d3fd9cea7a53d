//! L3: one side of one conversation, without I/O and without a clock.
//!
//! A [`Session`] is a plain value. Commands of a person, events of a socket, received messages and times go in;
//! [`Action`]s for the socket and [`Notice`]s for people come out. This file only passes them on:
//!
//! - `connection` decides when to connect, and says so in words,
//! - `subscriptions` subscribes on every CONNACK and reports every answer; `opening` does the same for what is asked
//!   inside a WebSocket,
//! - `outbox` keeps the order of what is sent, within bounds,
//! - `pending` follows every request from being queued to its outcome, and recognizes late and repeated replies,
//! - `thing` is the simulated device behind the connection, where there is one.
//!
//! A one-way life of a request: it is encoded when it is asked for, so that the ledger shows its bytes at once; it waits
//! in the outbox until the connection has subscribed; its time runs from the moment it is sent. What is asked for while
//! nobody wants a connection fails at once: send [`Command::Connect`] first.

pub mod checkup;
pub mod port;
pub mod thing;

mod connection;
mod early;
mod errands;
mod opening;
mod outbox;
mod outputs;
mod pending;
mod requests;
mod subscriptions;
mod texts;

#[cfg(test)]
mod tests;

pub use port::{Action, CallFault, Command, LinkEvent, Outgoing, Reconnect, SECRET_BODY, SessionConfig, Ticket};

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::base::lang::{Lang, Phrase};
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::plan::CLIENT_ID_IN_USE;
use crate::dialect::{Context, Subscription, Via};
use crate::model::{Fields, LinkState, Meta, Notice, RequestKey, RequestState, RequestUpdate};
use connection::{Connection, Turn};
use early::Early;
use opening::Opening;
use outbox::Outbox;
use outputs::Outputs;
use pending::{Moved, Owner, Pending};
use subscriptions::Subscriptions;
use thing::Thing;

/// Whether a connection is refused because another client with the same identity kept throwing it out, so that connecting
/// again is a question for a person.
pub fn is_thrown_out(reason: &Phrase) -> bool {
    reason.is(&texts::KICKED) || reason.is(&texts::THROWN_OUT)
}

/// What such a connection says, for tests.
#[cfg(test)]
pub(crate) const fn thrown_out_words() -> crate::base::lang::Text {
    texts::THROWN_OUT
}

/// One side of one conversation.
pub struct Session {
    config: SessionConfig,
    out: Outputs,
    connection: Connection,
    /// Identity and devices as they were last told: at first those of the profile.
    told: (Fields, Vec<Fields>),
    subscriptions: Subscriptions,
    opening: Opening,
    /// Requests of a person that bind or unbind, without an outcome.
    rebinding: BTreeSet<RequestKey>,
    /// Requests that wait for the login over HTTP, in the order of asking.
    early: VecDeque<Early>,
    outbox: Outbox,
    pending: Pending,
    thing: Option<Thing>,
    /// Whether the simulated thing's missing replies were told on this connection.
    told_silence: bool,
    /// The next request id. Starts at random, so that two connections of the same identity do not share ids.
    next_id: u64,
    next_ticket: u64,
}

impl Session {
    /// A session that does nothing until it is told to connect.
    pub fn new(mut config: SessionConfig, now: Time) -> Session {
        let mut random = Random::new(config.seed ^ now.as_micros().rotate_left(32));
        let thing = config.thing.take().map(|thing| {
            config.model.get_or_insert_with(|| Arc::clone(&thing.model));
            Thing::new(thing, config.dialect, config.role, config.seed, now)
        });
        let mut session = Session {
            connection: Connection::new(random.bits()),
            // Twelve digits leave room below the thirteen that a platform allows at most.
            next_id: 100_000_000_000 + random.below(800_000_000_000),
            next_ticket: 1,
            out: Outputs::default(),
            told: (config.settings.identity.clone(), config.settings.devices.clone()),
            subscriptions: Subscriptions::default(),
            opening: Opening::default(),
            rebinding: BTreeSet::new(),
            early: VecDeque::new(),
            outbox: Outbox::default(),
            pending: Pending::default(),
            told_silence: false,
            thing,
            config,
        };
        let config = &mut session.config;
        let client_id = config.dialect.session_client_id(config.role, &config.settings, random.bits());
        if let Some(client_id) = client_id {
            config.settings.identity.set(CLIENT_ID_IN_USE, client_id);
        }
        session.tell_learned();
        if let Some(what) = session.thing.as_ref().map(Thing::greeting) {
            session.say(what, now);
        }
        session
    }

    /// The state of the connection, in words.
    pub fn state(&self) -> &LinkState {
        self.connection.state()
    }

    /// A person or a script wants something.
    pub fn command(&mut self, command: Command, now: Time) {
        self.expire(now);
        match command {
            Command::Connect => {
                let turn = self.connection.connect(&mut self.config, now, &mut self.out);
                self.turn(turn, now);
            }
            Command::Disconnect => {
                let turn = self.connection.disconnect(now, &mut self.out);
                self.turn(turn, now);
            }
            Command::Request { key, request, timeout, check } => {
                self.request_in_time(key, request, timeout, check, now);
            }
            Command::Publish { key, topic, payload, qos, retain } => {
                self.publish(key, topic, payload, qos, retain, now);
            }
            Command::Subscribe { filter, qos } => self.subscribe(Subscription { filter, qos }, now),
            Command::Unsubscribe { filter } => {
                self.subscriptions.remove(&filter);
                if self.is_logged_in() {
                    self.out.act(Action::Unsubscribe { filter });
                }
                self.check_subscribed(now);
            }
            Command::Model(model) => self.config.model = Some(model),
            Command::Thing(command) => match self.thing.as_mut() {
                Some(thing) => {
                    let deeds = thing.command(command, now);
                    self.carry_out(deeds, now);
                }
                None => self.out.warn(texts::NO_THING.into(), now),
            },
        }
        self.flush();
    }

    /// The socket tells something.
    pub fn link(&mut self, event: LinkEvent, now: Time) {
        self.expire(now);
        match event {
            LinkEvent::Stage(report) => self.connection.stage(report, now, &mut self.out),
            LinkEvent::SubAck { filter, result, elapsed } => {
                let (spec, role) = (self.config.dialect.spec(), self.config.role);
                let report = self.subscriptions.answered(&filter, result, elapsed, spec, role);
                self.out.tell(Notice::Stage { report, at: now });
                self.check_subscribed(now);
            }
            LinkEvent::Sent { ticket, message } => {
                self.outbox.done(ticket);
                if let Some(moved) = self.pending.sent(ticket, now) {
                    self.moved(moved, Some(message), now);
                }
            }
            LinkEvent::PubAck { ticket } => {
                if let Some(moved) = self.pending.acknowledged(ticket) {
                    self.moved(moved, None, now);
                }
            }
            LinkEvent::Answered { ticket, topic, answer, message } => {
                self.call_answered(ticket, &topic, &answer, message, now);
            }
            LinkEvent::NotSent { ticket, reason } => {
                self.outbox.done(ticket);
                match self.pending.failed(ticket, reason.clone()) {
                    Some(moved) => self.moved(moved, None, now),
                    None if self.thing.is_some() => self.out.warn(texts::THING_NOT_SENT.around([reason]), now),
                    None => {}
                }
            }
            event => {
                let turn = self.connection.link(event, &mut self.config, now, &mut self.out);
                self.turn(turn, now);
            }
        }
        self.flush();
    }

    /// A message was received. `meta` is what the dialect's `classify` said, `index` its place in the current batch.
    pub fn receive(&mut self, topic: &str, payload: &[u8], meta: Meta, index: usize, now: Time) {
        self.expire(now);
        self.hear(topic, payload, meta, index, now);
        self.flush();
    }

    /// When [`Session::handle_timeout`] wants to be called next.
    pub fn next_timeout(&self) -> Option<Time> {
        [
            self.connection.next_timeout(),
            self.subscriptions.next_timeout(),
            self.pending.next_timeout(),
            self.next_early_timeout(),
            self.thing.as_ref().and_then(Thing::next_timeout),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The time given by [`Session::next_timeout`] has come. Early and late calls do no harm.
    pub fn handle_timeout(&mut self, now: Time) {
        self.expire(now);
        let turn = self.connection.handle_timeout(&mut self.config, now, &mut self.out);
        self.turn(turn, now);
        for report in self.subscriptions.expired(now) {
            self.out.tell(Notice::Stage { report, at: now });
        }
        self.check_subscribed(now);
        if let Some(thing) = self.thing.as_mut() {
            let deeds = thing.handle_timeout(now);
            self.carry_out(deeds, now);
        }
        self.flush();
    }

    /// What the socket should do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.out.actions.pop_front()
    }

    /// What there is to tell next. Indices of messages in it belong to the batch that was current when it was made.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.out.notices.pop_front()
    }

    /// Tells what a login has brought, or that it is not in use any more.
    fn tell_learned(&mut self) {
        let settings = &self.config.settings;
        if self.told.0 != settings.identity || self.told.1 != settings.devices {
            self.told = (settings.identity.clone(), settings.devices.clone());
            let (identity, devices) = self.told.clone();
            self.out.tell(Notice::Learned { identity, devices });
        }
    }

    /// A change of the connection, carried to the other parts.
    fn turn(&mut self, turn: Turn, now: Time) {
        self.tell_learned();
        match turn {
            Turn::None => {}
            Turn::LoggedIn(subscriptions, opening) => {
                self.told_silence = false;
                let profile = &self.config.settings.mqtt.subscribe;
                for subscription in self.subscriptions.begin(subscriptions, profile, now) {
                    self.send_subscription(subscription, now);
                }
                self.opening.wait(opening);
                self.check_subscribed(now);
            }
            Turn::Interrupted => self.link_gone(None, now),
            Turn::Ended(reason) => {
                let reason = texts::ENDED_BEFORE_SENT.around([reason]);
                self.fail_early(&reason, now);
                self.link_gone(Some(reason), now);
            }
        }
        self.begin_early(now);
    }

    /// There is no connection any more. `waiting` is why what was not sent yet fails, or `None` if it is kept.
    fn link_gone(&mut self, waiting: Option<Phrase>, now: Time) {
        self.subscriptions.forget();
        self.opening.forget();
        let held = self.outbox.held();
        let dropped = self.outbox.close(waiting.is_none());
        for moved in self.pending.link_lost(waiting.as_ref(), &held) {
            self.moved(moved, None, now);
        }
        if dropped > 0 {
            self.out.tell(Notice::Lost { count: dropped, why: texts::LOST_WITH_LINK.into(), at: now });
        }
        if let Some(thing) = self.thing.as_mut() {
            let deeds = thing.offline();
            self.carry_out(deeds, now);
        }
    }

    /// Goes online when the last of the first subscriptions was answered.
    fn check_subscribed(&mut self, now: Time) {
        let subscribing = *self.state() == LinkState::Connecting(crate::model::Stage::Suback);
        if !subscribing || !self.subscriptions.all_answered() {
            return;
        }
        // Their answers come on topics that have to be subscribed first.
        if let Some(plan) = self.opening.take_waiting() {
            self.begin_opening(plan, now);
        }
        if !self.opening.all_answered() {
            return;
        }
        self.connection.subscribed(now, &mut self.out);
        self.outbox.open();
        if let Some(thing) = self.thing.as_mut() {
            let deeds = thing.online(now);
            self.carry_out(deeds, now);
        }
    }

    fn subscribe(&mut self, subscription: Subscription, now: Time) {
        let logged_in = self.is_logged_in();
        self.subscriptions.add(&subscription, logged_in, now);
        if logged_in {
            self.send_subscription(subscription, now);
            self.check_subscribed(now);
        }
    }

    fn send_subscription(&mut self, subscription: Subscription, now: Time) {
        let Subscription { filter, qos } = subscription;
        if let Some(said) = self.config.dialect.remark_on_filter(self.config.role, &filter) {
            self.out.warn(said, now);
        }
        let rejected = if self.connection.is_socket(&self.config) {
            Some(self.subscriptions.reject_on_socket(&filter))
        } else {
            self.subscriptions.reject_malformed(&filter)
        };
        match rejected {
            Some(report) => self.out.tell(Notice::Stage { report, at: now }),
            None => self.out.act(Action::Subscribe { filter, qos }),
        }
    }

    fn is_logged_in(&self) -> bool {
        matches!(self.state(), LinkState::Online | LinkState::Connecting(crate::model::Stage::Suback))
    }

    /// Requests whose time is up.
    fn expire(&mut self, now: Time) {
        self.expire_early(now);
        if self.pending.next_timeout().is_none_or(|at| at > now) {
            return;
        }
        for (ticket, moved) in self.pending.expired(now) {
            if matches!(moved.state, RequestState::Failed(_)) {
                self.outbox.withdraw(ticket);
            }
            self.moved(moved, None, now);
        }
    }

    /// A request has reached a state: tells whoever asked.
    fn moved(&mut self, moved: Moved, message: Option<usize>, now: Time) {
        let Moved { owner, state } = moved;
        match owner {
            Owner::Person(key) => {
                self.opening.settle(key, &state);
                if state.is_final() && self.rebinding.remove(&key) && matches!(state, RequestState::Replied { .. }) {
                    self.connection.learn_anew();
                }
                self.out.tell(Notice::Update(RequestUpdate { key, state, at: now, message }));
            }
            Owner::Thing(op) => self.thing_request_moved(op, state, now),
            Owner::Opening(ticket) => self.opening_moved(ticket, state, now),
        }
    }

    /// Hands over what may be sent now.
    fn flush(&mut self) {
        while let Some(mut outgoing) = self.outbox.next() {
            if let Via::Http(call) = &mut outgoing.via {
                self.config.dialect.authorize(&self.config.settings, call);
            }
            self.out.act(Action::Publish(outgoing));
        }
    }

    fn ticket(&mut self) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket = self.next_ticket.wrapping_add(1);
        ticket
    }
}

/// What the dialect needs to know about this connection.
fn context(config: &SessionConfig) -> Context<'_> {
    Context {
        role: config.role,
        identity: &config.settings.identity,
        devices: &config.settings.devices,
        model: config.model.as_deref(),
        lang: Lang::default(),
    }
}
