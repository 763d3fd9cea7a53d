//! Requests of a person: how they are taken, and how what is received is tied to them.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::base::topic;
use crate::dialect::{Encoded, Reading, ReplyBody, Via};
use crate::model::kind::Part;
use crate::model::{
    Code, Direction, Id, Kind, Meta, Notice, OpKind, Request, RequestInfo, RequestKey, RequestState, RequestUpdate,
};
use crate::session::pending::{ACK_WAIT, MOST_OPEN, Moved, NewRequest, Observation, Outcome, Owner};
use crate::session::{Outgoing, Session, context, outbox, texts};

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
        let mut info = RequestInfo {
            op: Some(request.op),
            device: request.device.clone(),
            topic: String::new(),
            payload: Vec::new(),
            request_id: None,
            timeout: None,
            qos: 0,
        };
        let encoded = self.config.dialect.encode(&context(&self.config), request, id, now, check);
        let Encoded { via, topic, payload, qos, request_id, reply, timeout: usual } = match encoded {
            Ok(encoded) => encoded,
            Err(fault) => return self.refuse(key, info, fault.phrase(), now),
        };
        let observe = (reply.is_none() && request.op == OpKind::Set)
            .then(|| Observation { device: request.device.clone(), values: request.params.clone() });
        let wait = timeout.unwrap_or(usual);
        let outcome_expected = reply.is_some() || observe.is_some();
        info.topic = topic;
        info.payload = payload;
        info.qos = qos;
        info.request_id = request_id.clone();
        info.timeout = outcome_expected.then_some(wait);
        let wait = if outcome_expected { wait } else { timeout.unwrap_or(ACK_WAIT) };
        let new = NewRequest { owner: Owner::Person(key), id: request_id, expected: reply, observe, wait, qos };
        self.take(key, info, via, false, new, now);
    }

    /// Takes a hand-made message. If it is a request of the platform with an id, a reply to it is recognized.
    pub(super) fn publish(
        &mut self,
        key: RequestKey,
        topic: String,
        payload: Vec<u8>,
        qos: u8,
        retain: bool,
        now: Time,
    ) {
        let meta = self.config.dialect.classify(self.config.role, Direction::Out, &topic, &payload);
        let request_id = id_text(meta, &topic, &payload).filter(|_| meta.kind.part() == Part::Request);
        let new = NewRequest {
            owner: Owner::Person(key),
            id: request_id.clone(),
            expected: None,
            observe: None,
            wait: ACK_WAIT,
            qos,
        };
        let info = RequestInfo { op: None, device: None, topic, payload, request_id, timeout: None, qos };
        self.take(key, info, Via::Mqtt, retain, new, now);
    }

    /// Ties what was received to the requests that wait for it, and lets the simulated thing hear the rest.
    pub(super) fn hear(&mut self, topic: &str, payload: &[u8], meta: Meta, index: usize, now: Time) {
        let is_reply = meta.kind.is_reply();
        let found = if is_reply {
            let id = id_text(meta, topic, payload);
            self.pending.find(meta.kind, id.as_deref())
        } else {
            None
        };
        if is_reply && found.is_none() {
            self.out.tell(Notice::Unsolicited { message: index, at: now });
            return;
        }
        if !is_reply && self.thing.is_none() && !self.pending.observes() {
            return;
        }
        let readings = self.config.dialect.read(&context(&self.config), topic, payload);
        // The first reply of a payload is what `meta` speaks of; further frames name their own request.
        let mut ticket = found;
        let kind = if is_reply { meta.kind } else { Kind::Ack };
        for reading in readings {
            match reading {
                Reading::Reply(body) => {
                    let first = ticket.take();
                    match first.or_else(|| self.pending.find(kind, body.request_id.as_deref())) {
                        Some(ticket) => self.answered(ticket, body, index, now),
                        None => self.out.tell(Notice::Unsolicited { message: index, at: now }),
                    }
                }
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
                Reading::Said(what) => self.out.warn(what, now),
                Reading::Presence { .. } => {}
            }
        }
        if let Some(ticket) = ticket {
            // The dialect could not read the body: what it saw at a glance has to do.
            let body = ReplyBody {
                request_id: None,
                ok: meta.ok.unwrap_or(true),
                silent: false,
                code: code_text(meta, topic, payload),
                message: None,
                data: None,
            };
            self.answered(ticket, body, index, now);
        }
    }

    fn answered(&mut self, ticket: super::Ticket, body: ReplyBody, index: usize, now: Time) {
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

    fn refuse(&mut self, key: RequestKey, info: RequestInfo, reason: Phrase, now: Time) {
        self.out.tell(Notice::Request { key, info: Box::new(info), at: now });
        let state = RequestState::Failed(reason);
        self.out.tell(Notice::Update(RequestUpdate { key, state, at: now, message: None }));
    }

    pub(super) fn fresh_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        id
    }
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
