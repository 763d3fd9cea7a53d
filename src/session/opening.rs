//! What is asked at the beginning of every connection, before anything else may be sent: subscriptions inside a
//! WebSocket, mostly.
//!
//! A server forgets them with the connection, so they are asked again on every one: those of the plan, and those that a
//! person has subscribed since. Each is answered by one report of the stage SUBACK, like a topic filter; other requests
//! are only told where they fail. The outbox opens when all of them have their outcome.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::{Encoded, Via};
use crate::model::{Notice, OpKind, Request, RequestKey, RequestState, Stage, StageReport};
use crate::session::pending::{ACK_WAIT, MOST_OPEN, NewRequest, Owner};
use crate::session::{Action, Outgoing, Session, Ticket, context, texts};

/// A request of the beginning that waits for its outcome.
#[derive(Debug)]
struct Asked {
    op: OpKind,
    title: String,
    since: Time,
    /// Whether a reply is expected.
    expects: bool,
    qos: u8,
}

/// The requests of the beginning.
#[derive(Debug, Default)]
pub(super) struct Opening {
    /// Subscribed by a person, to be renewed.
    further: Vec<Request>,
    /// Unsubscribed by a person, also from the plan.
    removed: Vec<Request>,
    /// Subscriptions of a person whose outcome is not known yet.
    wished: BTreeMap<RequestKey, Request>,
    /// The plan's requests of this connection, until its topics are subscribed.
    waiting: Option<Vec<Request>>,
    /// Sent on this connection and without an outcome.
    asked: BTreeMap<Ticket, Asked>,
}

impl Opening {
    /// A new connection: these are asked when its topics are subscribed.
    pub(super) fn wait(&mut self, plan: Vec<Request>) {
        self.waiting = Some(plan);
    }

    /// What waited for the topics to be subscribed; once on each connection.
    pub(super) fn take_waiting(&mut self) -> Option<Vec<Request>> {
        self.waiting.take()
    }

    /// What to ask on a new connection: the plan's requests and the further ones, each once, in order.
    fn begin(&self, plan: Vec<Request>) -> Vec<Request> {
        let mut all: Vec<Request> = Vec::new();
        for request in plan.into_iter().chain(self.further.iter().cloned()) {
            let removed = self.removed.iter().any(|other| is_same(other, &request));
            if !removed && !all.iter().any(|other| is_same(other, &request)) {
                all.push(request);
            }
        }
        all
    }

    /// A person asks for something over the socket: a subscription is remembered when it is granted, and forgotten when
    /// it is taken back.
    pub(super) fn wish(&mut self, key: RequestKey, request: &Request) {
        match request.op {
            OpKind::Subscribe => _ = self.wished.insert(key, request.clone()),
            OpKind::Unsubscribe => {
                self.further.retain(|other| !is_same(other, request));
                self.removed.push(Request { op: OpKind::Subscribe, ..request.clone() });
            }
            _ => {}
        }
    }

    /// A request of a person has reached a state.
    pub(super) fn settle(&mut self, key: RequestKey, state: &RequestState) {
        let granted = match state {
            RequestState::Replied { .. } => true,
            state if state.is_final() => false,
            _ => return,
        };
        let Some(request) = self.wished.remove(&key).filter(|_| granted) else { return };
        self.removed.retain(|other| !is_same(other, &request));
        if !self.further.iter().any(|other| is_same(other, &request)) {
            self.further.push(request);
        }
    }

    /// Whether everything asked for has its outcome.
    pub(super) fn all_answered(&self) -> bool {
        self.asked.is_empty()
    }

    /// The connection is gone, and unanswered questions with it.
    pub(super) fn forget(&mut self) {
        self.waiting = None;
        self.asked.clear();
    }
}

/// Whether two requests concern the same subscription.
fn is_same(left: &Request, right: &Request) -> bool {
    (&left.device, &left.name, &left.params, &left.identifiers)
        == (&right.device, &right.name, &right.params, &right.identifiers)
}

/// Operation, name and arguments on one line.
fn title(request: &Request) -> String {
    let name = match (&request.name, request.op) {
        (Some(name), OpKind::Subscribe) => name.clone(),
        (Some(name), op) => format!("{} {name}", op.name()),
        (None, op) => op.name().to_owned(),
    };
    if request.params.is_empty() { name } else { format!("{name} {}", Value::Object(request.params.clone())) }
}

impl Session {
    /// Asks what is asked at the beginning of every connection.
    pub(super) fn begin_opening(&mut self, plan: Vec<Request>, now: Time) {
        for request in self.opening.begin(plan) {
            self.ask_first(&request, now);
        }
    }

    fn ask_first(&mut self, request: &Request, now: Time) {
        let (op, title) = (request.op, title(request));
        let id = self.fresh_id();
        let encoded = match self.config.dialect.encode(&context(&self.config), request, id, now, true) {
            Ok(encoded) => encoded,
            Err(fault) => return self.tell_opening(op, &title, Err(fault.phrase()), now, now),
        };
        if self.pending.is_full() {
            return self.tell_opening(op, &title, Err(texts::TOO_MANY_OPEN.with(&[&MOST_OPEN])), now, now);
        }
        let Encoded { via, topic, payload, qos, request_id, reply, timeout } = encoded;
        let ticket = self.ticket();
        let qos = if matches!(via, Via::Http(_)) { 1 } else { qos };
        let new = NewRequest {
            owner: Owner::Opening(ticket),
            id: request_id,
            expected: reply,
            observe: None,
            wait: if reply.is_some() { timeout } else { ACK_WAIT },
            qos,
            by_call: matches!(via, Via::Http(_)),
        };
        self.opening.asked.insert(ticket, Asked { op, title, since: now, expects: reply.is_some(), qos });
        self.pending.take(ticket, new, now);
        self.out.act(Action::Publish(Outgoing { ticket, via, topic, payload, qos, retain: false }));
    }

    /// A request of the beginning has reached a state.
    pub(super) fn opening_moved(&mut self, ticket: Ticket, state: RequestState, now: Time) {
        let Some(asked) = self.opening.asked.get(&ticket) else { return };
        let settled = match &state {
            RequestState::Acknowledged => !asked.expects,
            RequestState::Sent => !asked.expects && asked.qos == 0,
            state => state.is_final(),
        };
        if !settled {
            return;
        }
        let Some(Asked { op, title, since, .. }) = self.opening.asked.remove(&ticket) else { return };
        let result = match state {
            RequestState::Refused { code, message } => {
                let words: Vec<String> = [code, message].into_iter().flatten().collect();
                Err(Phrase::verbatim(words.join(" ")))
            }
            RequestState::TimedOut { .. } => Err(texts::NO_REPLY.into()),
            RequestState::Failed(reason) => Err(reason),
            RequestState::LinkLost => return,
            _ => Ok(()),
        };
        self.tell_opening(op, &title, result, since, now);
        self.check_subscribed(now);
    }

    fn tell_opening(&mut self, op: OpKind, title: &str, result: Result<(), Phrase>, since: Time, now: Time) {
        let (ok, title) = (result.is_ok(), Phrase::verbatim(title));
        if op == OpKind::Subscribe {
            let detail = match result {
                Ok(()) => texts::SUBSCRIBED.around([title]),
                Err(reason) => texts::NOT_SUBSCRIBED.around([title, reason]),
            };
            let report = StageReport { stage: Stage::Suback, ok, elapsed: now.since(since), detail, advice: None };
            self.out.tell(Notice::Stage { report, at: now });
        } else if let Err(reason) = result {
            self.out.warn(texts::OPENING_FAILED.around([title, reason]), now);
        }
    }
}
