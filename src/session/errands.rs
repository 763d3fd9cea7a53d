//! What the simulated thing wants done, done: its answers and reports become messages, its words notices.

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::{Context, Encoded, Reading, Subscription, Via};
use crate::model::{Direction, Notice, OpKind, Request, RequestState, Role};
use crate::session::pending::{ACK_WAIT, NewRequest, Owner};
use crate::session::thing::rules::Recorded;
use crate::session::thing::{Deed, texts as thing_texts};
use crate::session::{Outgoing, Session, Ticket, context, outbox, requests, texts};

impl Session {
    /// Carries out what the thing wants, in its order.
    pub(super) fn carry_out(&mut self, deeds: Vec<Deed>, now: Time) {
        for deed in deeds {
            match deed {
                Deed::Say(what) => self.say(what, now),
                Deed::Answer { incoming, answer, broken } => {
                    let encoded = self.config.dialect.answer(&context(&self.config), &incoming, &answer, now);
                    if let Some(mut encoded) = encoded {
                        if broken {
                            encoded.payload.truncate(encoded.payload.len() / 2);
                        }
                        let ticket = self.ticket();
                        self.post(ticket, encoded, now);
                    }
                }
                Deed::Play(message) => self.play(message, now),
                Deed::Ask(mut request) => {
                    self.complete(&mut request);
                    let id = self.fresh_id();
                    // Unchecked: a person may want to see what the platform says to a value that breaks the model.
                    match self.config.dialect.encode(&context(&self.config), &request, id, now, false) {
                        Ok(encoded) => self.ask(request.op, encoded, now),
                        Err(fault) => self.out.warn(texts::THING_NOT_SENT.around([fault.phrase()]), now),
                    }
                }
            }
        }
    }

    /// Adds the other values to a report, where the platform has no reports of single values.
    fn complete(&self, request: &mut Request) {
        let whole = |model: &_| self.config.dialect.reports_everything(model);
        if request.op != OpKind::Report || request.device.is_some() || !self.config.model.as_deref().is_some_and(whole)
        {
            return;
        }
        if let Some(thing) = &self.thing {
            let mut all = thing.values().clone();
            all.extend(std::mem::take(&mut request.params));
            request.params = all;
        }
    }

    /// Sends what was recorded: values that can be read as a report of this device, everything else as it stands.
    fn play(&mut self, message: Recorded, now: Time) {
        let Recorded { direction, topic, payload, qos, .. } = message;
        let dialect = self.config.dialect;
        // What an app received is read as an app reads it, what a device sent as the platform does.
        let role = if direction == Direction::Out { Role::Cloud } else { Role::App };
        let reader = Context { role, ..context(&self.config) };
        let values = dialect.read(&reader, &topic, &payload).into_iter().find_map(|reading| match reading {
            Reading::Values { values, .. } if !values.is_empty() => Some(values),
            _ => None,
        });
        if let Some(values) = values {
            if let Some(thing) = self.thing.as_mut() {
                thing.played(&values);
            }
            let report = Request { params: values, ..Request::new(OpKind::Report) };
            return self.carry_out(vec![Deed::Say(thing_texts::PLAYS.with(&[&topic])), Deed::Ask(report)], now);
        }
        if direction == Direction::In {
            return self.out.warn(texts::THING_PLAYS_NOT.with(&[&topic]), now);
        }
        self.say(thing_texts::PLAYS.with(&[&topic]), now);
        let meta = dialect.classify(self.config.role, Direction::Out, &topic, &payload);
        let id = requests::id_text(meta, &topic, &payload);
        let via = Via::Mqtt;
        let encoded = Encoded { via, topic, payload, qos, request_id: id, reply: None, timeout: ACK_WAIT };
        self.ask(OpKind::Raw, encoded, now);
    }

    /// Tells what the thing does, with its values at this moment.
    pub(super) fn say(&mut self, what: Phrase, now: Time) {
        let values = self.thing.as_ref().map(|thing| thing.values().clone()).unwrap_or_default();
        self.out.tell(Notice::Thing { values, what, at: now });
    }

    /// A request of the thing has reached a state. What goes well needs no words; a missing reply is told once on each
    /// connection, because a platform that does not answer reports would otherwise fill the screen.
    pub(super) fn thing_request_moved(&mut self, op: OpKind, state: RequestState, now: Time) {
        if op == OpKind::Topology && state.is_final() {
            self.subscribe_for_subs(now);
        }
        let title = Phrase::from(op.title());
        match state {
            RequestState::Refused { code, message } => {
                let code = Phrase::verbatim(code.unwrap_or_default());
                let message = Phrase::verbatim(message.unwrap_or_default());
                self.out.warn(texts::THING_REFUSED.around([title, code, message]), now);
            }
            RequestState::TimedOut { .. } if !self.told_silence => {
                self.told_silence = true;
                self.out.warn(texts::THING_UNANSWERED.around([title]), now);
            }
            RequestState::Failed(reason) => self.out.warn(texts::THING_NOT_SENT.around([reason]), now),
            _ => {}
        }
    }

    /// Subscribes what sub-devices are asked on, as soon as they have joined. It is not asked for anew by itself: after a
    /// reconnect they have to join again first.
    fn subscribe_for_subs(&mut self, now: Time) {
        let filters = self.thing.as_mut().map(super::thing::Thing::join_over).unwrap_or_default();
        for filter in filters {
            self.send_subscription(Subscription { filter, qos: 1 }, now);
        }
    }

    fn ask(&mut self, op: OpKind, encoded: Encoded, now: Time) {
        if self.pending.is_full() {
            let full = texts::TOO_MANY_OPEN.with(&[&super::pending::MOST_OPEN]);
            return self.out.warn(texts::THING_NOT_SENT.around([full]), now);
        }
        let ticket = self.ticket();
        let new = NewRequest {
            owner: Owner::Thing(op),
            id: encoded.request_id.clone(),
            expected: encoded.reply,
            observe: None,
            wait: if encoded.reply.is_some() { encoded.timeout } else { ACK_WAIT },
            qos: if matches!(encoded.via, Via::Http(_)) { 1 } else { encoded.qos },
            by_call: matches!(encoded.via, Via::Http(_)),
        };
        if self.post(ticket, encoded, now) {
            self.pending.take(ticket, new, now);
        }
    }

    /// Queues a message of the thing for this connection. Returns whether it was taken.
    pub(super) fn post(&mut self, ticket: Ticket, encoded: Encoded, now: Time) -> bool {
        let Encoded { via, topic, payload, qos, .. } = encoded;
        let taken = self.outbox.push(Outgoing { ticket, via, topic, payload, qos, retain: false }, false).is_ok();
        if !taken {
            let why = texts::OUTBOX_FULL.with(&[&outbox::MOST_MESSAGES, &(outbox::MOST_BYTES / 1024 / 1024)]);
            self.out.tell(Notice::Lost { count: 1, why: texts::THING_NOT_SENT.around([why]), at: now });
        }
        taken
    }
}
