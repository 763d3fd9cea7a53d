//! Requests of a person: how they are taken, and how what is received is tied to them.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::base::topic;
use crate::dialect::{Encoded, HttpAnswer, Reading, ReplyBody, Via};
use crate::model::kind::Part;
use crate::model::{
    Code, Direction, Id, Kind, Meta, Notice, OpKind, Request, RequestInfo, RequestKey, RequestState, RequestUpdate,
};
use crate::session::pending::{ACK_WAIT, MOST_OPEN, Moved, NewRequest, Observation, Outcome, Owner};
use crate::session::{Outgoing, SECRET_BODY, Session, Ticket, context, outbox, texts};

/// Codes and words of a peer are kept up to this many characters; the whole reply is in its message.
const LONGEST_WORDS: usize = 1_024;

impl Session {
    /// Takes an operation: encodes it and queues it, or says why not.
    pub(super) fn request(
        &mut self,
        key: RequestKey,
        request: &Request,
        timeout: Option<Duration>,
        check: bool,
        now: Time,
    ) {
        let id = self.fresh_id();
        let mut info = RequestInfo::unmade(request);
        let encoded = self.config.dialect.encode(&context(&self.config), request, id, now, check);
        let Encoded { via, topic, payload, qos, request_id, reply, timeout: usual } = match encoded {
            Ok(encoded) => encoded,
            Err(fault) => return self.refuse(key, info, fault.phrase(), now),
        };
        let by_call = matches!(via, Via::Http(_));
        let qos = if by_call { 1 } else { qos };
        if matches!(request.op, OpKind::Bind | OpKind::Unbind) {
            self.rebinding.insert(key);
        }
        if via == Via::Socket {
            self.opening.wish(key, request);
        }
        let observe = (reply.is_none() && request.op == OpKind::Set)
            .then(|| Observation { device: request.device.clone(), values: request.params.clone() });
        let wait = timeout.unwrap_or(usual);
        let outcome_expected = reply.is_some() || observe.is_some();
        info.topic = topic;
        info.payload = match &via {
            Via::Http(call) if call.secret_body => SECRET_BODY.into(),
            _ => payload,
        };
        info.inferred = reply.is_some() && request_id.is_none() && !by_call;
        info.qos = qos;
        info.request_id = request_id.clone();
        info.timeout = outcome_expected.then_some(wait);
        let wait = if outcome_expected { wait } else { timeout.unwrap_or(ACK_WAIT) };
        let new =
            NewRequest { owner: Owner::Person(key), id: request_id, expected: reply, observe, wait, qos, by_call };
        self.take(key, info, via, false, new, now);
    }

    /// Takes a hand-made message. If it is a request of the platform with an id, a reply to it is recognized.
    pub(super) fn publish(
        &mut self,
        key: RequestKey,
        mut topic: String,
        payload: Vec<u8>,
        mut qos: u8,
        retain: bool,
        now: Time,
    ) {
        let mut via = Via::Mqtt;
        if self.connection.is_socket(&self.config) {
            (via, qos) = (Via::Socket, 0);
            if topic.is_empty() {
                topic = self.config.dialect.socket_topic(Direction::Out, &payload);
            }
        }
        let meta = self.config.dialect.classify(self.config.role, Direction::Out, &topic, &payload);
        let request_id = id_text(meta, &topic, &payload).filter(|_| meta.kind.part() == Part::Request);
        let new = NewRequest {
            owner: Owner::Person(key),
            id: request_id.clone(),
            expected: None,
            observe: None,
            wait: ACK_WAIT,
            qos,
            by_call: false,
        };
        let inferred = false;
        let info = RequestInfo { op: None, device: None, topic, payload, request_id, timeout: None, qos, inferred };
        self.take(key, info, via, retain, new, now);
    }

    /// Ties what was received to the requests that wait for it, does what the protocol wants done at once, and lets the
    /// simulated thing hear the rest.
    pub(super) fn hear(&mut self, topic: &str, payload: &[u8], meta: Meta, index: usize, now: Time) {
        // The answer to a heartbeat is a reply to nobody.
        if meta.kind == Kind::Pong {
            return;
        }
        let is_reply = meta.kind.is_reply();
        let found = if is_reply {
            let id = id_text(meta, topic, payload);
            self.pending.find(meta.kind, id.as_deref())
        } else {
            None
        };
        // What devices tell asks nothing of a device; it may be a flood, and reading costs more than all the rest.
        let told = matches!(meta.kind, Kind::Report | Kind::Event | Kind::Pack | Kind::History);
        let wanted = (self.thing.is_some() && !told)
            || self.pending.observes()
            || self.config.dialect.may_want_action(self.config.role, &meta);
        if !is_reply && !wanted {
            return;
        }
        let readings = self.config.dialect.read(&context(&self.config), topic, payload);
        // The first reply of a payload is what `meta` speaks of; further frames name their own request.
        let mut first = is_reply.then_some(found);
        let kind = if is_reply { meta.kind } else { Kind::Ack };
        let mut unsolicited = false;
        for reading in readings {
            match reading {
                Reading::Reply(body) => {
                    let ticket = first.take().flatten();
                    match ticket.or_else(|| self.pending.find(kind, body.request_id.as_deref())) {
                        Some(ticket) => self.answered(ticket, body, index, now),
                        None => unsolicited = true,
                    }
                }
                other => self.heed(other, index, now),
            }
        }
        match first {
            // The dialect could not read the body: what it saw at a glance has to do.
            Some(Some(ticket)) => self.answered(ticket, at_a_glance(meta, topic, payload), index, now),
            Some(None) => unsolicited = true,
            None => {}
        }
        if unsolicited {
            self.out.tell(Notice::Unsolicited { message: index, at: now });
        }
    }

    /// A call over HTTP was answered. Its answer is a reply where it reads as one, and otherwise confirms that the
    /// platform took the call; a status that is no success is a refusal whatever the body says.
    pub(super) fn call_answered(&mut self, ticket: Ticket, topic: &str, answer: &HttpAnswer, index: usize, now: Time) {
        self.outbox.done(ticket);
        let meta = self.config.dialect.classify(self.config.role, Direction::In, topic, &answer.body);
        let readings = self.config.dialect.read(&context(&self.config), topic, &answer.body);
        let mut reply = None;
        for reading in readings {
            match reading {
                Reading::Reply(body) if reply.is_none() => reply = Some(body),
                Reading::Reply(body) => match self.pending.find(Kind::Ack, body.request_id.as_deref()) {
                    Some(other) => self.answered(other, body, index, now),
                    None => self.out.tell(Notice::Unsolicited { message: index, at: now }),
                },
                other => self.heed(other, index, now),
            }
        }
        if !answer.is_success() {
            let body = reply.unwrap_or_else(|| at_a_glance(meta, topic, &answer.body));
            let status = format!("HTTP {}", answer.status);
            let message = texts::redirection(answer).map(|reason| reason.to_string()).or(body.message);
            let code = body.code.or_else(|| Some(answer.status.to_string()));
            let body = ReplyBody { ok: false, silent: body.silent, code, message: message.or(Some(status)), ..body };
            return self.answered(ticket, body, index, now);
        }
        if reply.is_none() && self.pending.expects(ticket, meta.kind) && meta.kind.is_reply() {
            reply = Some(at_a_glance(meta, topic, &answer.body));
        }
        match reply {
            Some(body) => self.answered(ticket, body, index, now),
            None => {
                if let Some(moved) = self.pending.acknowledged(ticket) {
                    self.moved(moved, None, now);
                }
            }
        }
    }

    /// Acts on what was read and is no reply.
    fn heed(&mut self, reading: Reading, index: usize, now: Time) {
        match reading {
            Reading::Request(incoming) => {
                if let Some(thing) = self.thing.as_mut() {
                    let deeds = thing.asked(incoming, now);
                    self.carry_out(deeds, now);
                }
            }
            Reading::Values { device, values } => {
                for moved in self.pending.observed(device.as_deref(), &values) {
                    self.moved(moved, Some(index), now);
                }
            }
            Reading::Due(encoded) => {
                let ticket = self.ticket();
                self.post(ticket, encoded, now);
            }
            Reading::Said(what) => self.out.tell(Notice::Said { what, at: now }),
            Reading::Warned(what) => self.out.warn(what, now),
            Reading::Presence { .. } | Reading::Reply(_) => {}
        }
    }

    fn answered(&mut self, ticket: Ticket, body: ReplyBody, index: usize, now: Time) {
        let ReplyBody { ok, silent, code, message, data, .. } = body;
        let outcome = Outcome { ok, silent, code: code.map(cut), message: message.map(cut) };
        let Some(moved) = self.pending.replied(ticket, outcome) else { return };
        if let (Owner::Thing(op), RequestState::Replied { .. }, Some(data), Some(thing)) =
            (moved.owner, &moved.state, data, self.thing.as_mut())
        {
            let deeds = thing.answered(op, &data);
            self.carry_out(deeds, now);
        }
        self.moved(moved, Some(index), now);
    }

    fn take(&mut self, key: RequestKey, info: RequestInfo, via: Via, retain: bool, new: NewRequest, now: Time) {
        if via == Via::Mqtt
            && let Err(fault) = topic::validate_topic(&info.topic)
        {
            return self.refuse(key, info, texts::BAD_TOPIC.around([fault.reason]), now);
        }
        if !self.connection.is_hopeful() {
            return self.refuse(key, info, texts::NOT_CONNECTED.into(), now);
        }
        if self.pending.is_full() {
            return self.refuse(key, info, texts::TOO_MANY_OPEN.with(&[&MOST_OPEN]), now);
        }
        let ticket = self.ticket();
        let (topic, payload, qos) = (info.topic.clone(), info.payload.clone(), info.qos);
        let outgoing = Outgoing { ticket, via, topic, payload, qos, retain };
        if self.outbox.push(outgoing, true).is_err() {
            let limits = texts::OUTBOX_FULL.with(&[&outbox::MOST_MESSAGES, &(outbox::MOST_BYTES / 1024 / 1024)]);
            return self.refuse(key, info, limits, now);
        }
        self.out.tell(Notice::Request { key, info: Box::new(info), at: now });
        let moved: Moved = self.pending.take(ticket, new, now);
        self.moved(moved, None, now);
    }

    pub(super) fn refuse(&mut self, key: RequestKey, info: RequestInfo, reason: Phrase, now: Time) {
        self.out.tell(Notice::Request { key, info: Box::new(info), at: now });
        let state = RequestState::Failed(reason);
        self.opening.settle(key, &state);
        self.rebinding.remove(&key);
        self.out.tell(Notice::Update(RequestUpdate { key, state, at: now, message: None }));
    }

    pub(super) fn fresh_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        id
    }
}

/// What a reply says, as far as `classify` has seen it.
fn at_a_glance(meta: Meta, topic: &str, payload: &[u8]) -> ReplyBody {
    let code = code_text(meta, topic, payload);
    ReplyBody { ok: meta.ok.unwrap_or(true), code, ..ReplyBody::default() }
}

pub(super) fn id_text(meta: Meta, topic: &str, payload: &[u8]) -> Option<String> {
    match meta.id {
        Id::None => None,
        Id::Text(span) => span.text(topic, payload).map(str::to_owned),
        Id::Number(number) => Some(number.to_string()),
    }
}

fn code_text(meta: Meta, topic: &str, payload: &[u8]) -> Option<String> {
    match meta.code {
        Code::None => None,
        Code::Text(span) => span.text(topic, payload).map(str::to_owned),
        Code::Number(number) => Some(number.to_string()),
    }
}

fn cut(words: String) -> String {
    match words.char_indices().nth(LONGEST_WORDS) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or_default()),
        None => words,
    }
}
