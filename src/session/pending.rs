//! The request table: every request that was asked for, from being queued to its outcome, and for a while after it.
//!
//! 1. A request keeps its key for life. Inside, it is named by its [`Ticket`], which is never used again either.
//! 2. A reply belongs to the request that has the reply's id and waits for the reply's kind. Among several (the same
//!    bytes sent twice) it is the oldest that still waits, otherwise the youngest. Where a platform has no ids, it is
//!    the oldest one that was sent and waits for this kind. The answer to a call over HTTP belongs to its call.
//! 3. The time for a reply runs from the moment the request was handed to the socket. What comes at the deadline or
//!    after it is late.
//! 4. A request without a reply has reached the end of its way when the broker confirms it (or with QoS 0, when it was
//!    sent). If the broker does not confirm it in time, it has timed out like any other.
//! 5. A `set` to which the platform sends no reply of its own is over when a later report carries its values.
//! 6. The latest finished requests are remembered, so that late and repeated replies are recognized: fewer of the simulated
//!    thing, of which there may be thousands, each reporting every second.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::model::thing;
use crate::model::{Kind, OpKind, RequestKey, RequestState};
use crate::session::{Ticket, texts};

/// The largest number of requests without an outcome.
pub(super) const MOST_OPEN: usize = 10_000;
/// How many finished requests of the simulated thing are remembered.
pub(super) const MOST_FINISHED_OF_THING: usize = 64;
/// How many finished requests are remembered.
pub(super) const MOST_FINISHED: usize = 4_096;
/// How long a request waits for a connection before it is given up: what a person asked for long ago should not happen
/// suddenly.
pub(super) const QUEUE_WAIT: Duration = Duration::from_secs(60);
/// How long a PUBACK is waited for where no reply is expected.
pub(super) const ACK_WAIT: Duration = Duration::from_secs(10);

/// Who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A person or a script; the key is theirs.
    Person(RequestKey),
    /// The simulated thing, with this operation.
    Thing(OpKind),
    /// The connection itself, at its beginning; the ticket is that of the request.
    Opening(Ticket),
}

/// What is known of a request when it is taken.
#[derive(Debug)]
pub(super) struct NewRequest {
    /// Who asked.
    pub(super) owner: Owner,
    /// The id that a reply will carry.
    pub(super) id: Option<String>,
    /// The kind of reply; `None` where none is expected (one with the same id is welcome nevertheless).
    pub(super) expected: Option<Kind>,
    /// The values that a report must carry, where there is no reply of its own.
    pub(super) observe: Option<Observation>,
    /// How long the outcome is waited for; where neither reply nor report is expected, the PUBACK.
    pub(super) wait: Duration,
    /// MQTT quality of service; 1 for a call over HTTP, whose answer confirms it.
    pub(super) qos: u8,
    /// Whether it is a call over HTTP, which does not end with the connection.
    pub(super) by_call: bool,
}

/// Values that a report will carry when a request was carried out.
#[derive(Debug)]
pub(super) struct Observation {
    /// The device, where it was named.
    pub(super) device: Option<String>,
    /// The values that were set.
    pub(super) values: Map<String, Value>,
}

/// The gist of a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    /// Whether it is a good answer.
    pub(super) ok: bool,
    /// Whether the platform answers for a peer that stayed silent.
    pub(super) silent: bool,
    /// Its code.
    pub(super) code: Option<String>,
    /// Its words.
    pub(super) message: Option<String>,
}

/// A request has reached a state.
#[derive(Debug, PartialEq)]
pub(super) struct Moved {
    /// Whose it is.
    pub(super) owner: Owner,
    /// The state.
    pub(super) state: RequestState,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Queued,
    Sent,
    Acknowledged,
    /// At the end of its way without a reply, because none is expected.
    Settled,
    /// An answer was received in time.
    Answered,
    /// Timed out, lost or failed.
    Unanswered,
    /// An answer was received after that.
    AnsweredLate,
}

impl Progress {
    fn is_open(self) -> bool {
        matches!(self, Progress::Queued | Progress::Sent | Progress::Acknowledged)
    }

    fn awaits_reply(self) -> bool {
        self.is_open() || self == Progress::Settled
    }
}

#[derive(Debug)]
struct Entry {
    request: NewRequest,
    progress: Progress,
    deadline: Option<Time>,
}

impl Entry {
    fn moved(&self, state: RequestState) -> Moved {
        Moved { owner: self.request.owner, state }
    }

    /// Whether nothing but the PUBACK is waited for.
    fn ends_with_ack(&self) -> bool {
        self.request.expected.is_none() && self.request.observe.is_none()
    }

    /// Whether it is where an answer without an id can be meant for it: nobody answers what was not sent, and what a
    /// call brings beside its own answer comes after that.
    fn has_left(&self) -> bool {
        match self.progress {
            Progress::Sent => !self.request.by_call,
            Progress::Acknowledged => true,
            _ => false,
        }
    }

    /// Whether a reply of this kind can be the answer.
    fn takes(&self, kind: Kind) -> bool {
        match self.request.expected {
            None => true,
            // Some platforms answer several operations on one topic or with one bare acknowledgement: the id decides.
            Some(Kind::DesiredSetReply) => matches!(kind, Kind::DesiredSetReply | Kind::SetReply | Kind::Ack),
            Some(expected) => kind == expected || kind == Kind::Ack,
        }
    }
}

/// The request table.
#[derive(Debug, Default)]
pub(super) struct Pending {
    entries: BTreeMap<Ticket, Entry>,
    /// Tickets by request id, oldest first.
    by_id: HashMap<String, Vec<Ticket>>,
    /// Requests without an id that wait for a reply.
    nameless: BTreeSet<Ticket>,
    /// Requests that wait for a report.
    observing: BTreeSet<Ticket>,
    deadlines: BTreeSet<(Time, Ticket)>,
    /// Finished requests, oldest first.
    finished: VecDeque<Ticket>,
    /// The same, of the simulated thing.
    finished_of_thing: VecDeque<Ticket>,
}

impl Pending {
    /// Whether no further request is taken for now.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len().saturating_sub(self.finished.len() + self.finished_of_thing.len()) >= MOST_OPEN
    }

    /// Takes a request. Its first state is `Queued`.
    pub(super) fn take(&mut self, ticket: Ticket, request: NewRequest, now: Time) -> Moved {
        match &request.id {
            Some(id) => self.by_id.entry(id.clone()).or_default().push(ticket),
            None if request.expected.is_some() => _ = self.nameless.insert(ticket),
            None => {}
        }
        if request.observe.is_some() {
            self.observing.insert(ticket);
        }
        let deadline = now + QUEUE_WAIT;
        self.deadlines.insert((deadline, ticket));
        let entry = Entry { request, progress: Progress::Queued, deadline: Some(deadline) };
        let moved = entry.moved(RequestState::Queued);
        self.entries.insert(ticket, entry);
        moved
    }

    /// The request was handed to the socket: its time runs.
    pub(super) fn sent(&mut self, ticket: Ticket, now: Time) -> Option<Moved> {
        let entry = self.entries.get_mut(&ticket).filter(|entry| entry.progress == Progress::Queued)?;
        entry.progress = Progress::Sent;
        let moved = entry.moved(RequestState::Sent);
        let settled = entry.ends_with_ack() && entry.request.qos == 0;
        let deadline = now + entry.request.wait;
        if settled {
            self.finish(ticket, Progress::Settled);
        } else {
            self.set_deadline(ticket, Some(deadline));
        }
        Some(moved)
    }

    /// The broker has confirmed the request. Says nothing where the outcome is already known.
    pub(super) fn acknowledged(&mut self, ticket: Ticket) -> Option<Moved> {
        let entry = self.entries.get_mut(&ticket)?;
        if !matches!(entry.progress, Progress::Queued | Progress::Sent) {
            return None;
        }
        entry.progress = Progress::Acknowledged;
        let moved = entry.moved(RequestState::Acknowledged);
        if entry.ends_with_ack() {
            self.finish(ticket, Progress::Settled);
        }
        Some(moved)
    }

    /// The request could not be sent.
    pub(super) fn failed(&mut self, ticket: Ticket, reason: Phrase) -> Option<Moved> {
        let entry = self.entries.get(&ticket).filter(|entry| entry.progress.is_open())?;
        let moved = entry.moved(RequestState::Failed(reason));
        self.finish(ticket, Progress::Unanswered);
        Some(moved)
    }

    /// Whether a message of this kind and id answers a request of ours, and which.
    pub(super) fn find(&self, kind: Kind, id: Option<&str>) -> Option<Ticket> {
        let Some(id) = id else {
            return self
                .nameless
                .iter()
                .copied()
                .find(|ticket| self.entries.get(ticket).is_some_and(|entry| entry.has_left() && entry.takes(kind)));
        };
        let mut youngest = None;
        for ticket in self.by_id.get(id)? {
            let Some(entry) = self.entries.get(ticket).filter(|entry| entry.takes(kind)) else { continue };
            if entry.progress.awaits_reply() {
                return Some(*ticket);
            }
            youngest = Some(*ticket);
        }
        youngest
    }

    /// Whether this request waits for a reply of this kind.
    pub(super) fn expects(&self, ticket: Ticket, kind: Kind) -> bool {
        self.entries.get(&ticket).is_some_and(|entry| entry.request.expected.is_some() && entry.takes(kind))
    }

    /// The request was answered.
    pub(super) fn replied(&mut self, ticket: Ticket, outcome: Outcome) -> Option<Moved> {
        let entry = self.entries.get(&ticket)?;
        let Outcome { ok, silent, code, message } = outcome;
        let (progress, state) = match entry.progress {
            Progress::Queued | Progress::Sent | Progress::Acknowledged | Progress::Settled if ok => {
                (Progress::Answered, RequestState::Replied { code, message })
            }
            // Nobody refused: the platform gave up waiting for the peer before we did.
            Progress::Queued | Progress::Sent | Progress::Acknowledged | Progress::Settled if silent => {
                (Progress::Answered, RequestState::TimedOut { code, message })
            }
            Progress::Queued | Progress::Sent | Progress::Acknowledged | Progress::Settled => {
                (Progress::Answered, RequestState::Refused { code, message })
            }
            Progress::Unanswered => (Progress::AnsweredLate, RequestState::RepliedLate { ok, code }),
            seen @ (Progress::Answered | Progress::AnsweredLate) => (seen, RequestState::RepliedAgain { ok, code }),
        };
        let moved = entry.moved(state);
        self.finish(ticket, progress);
        Some(moved)
    }

    /// Whether any request waits for a report, so that reports are worth reading.
    pub(super) fn observes(&self) -> bool {
        !self.observing.is_empty()
    }

    /// A report carries these values: the requests that it shows to be carried out.
    pub(super) fn observed(&mut self, device: Option<&str>, values: &Map<String, Value>) -> Vec<Moved> {
        let seen: Vec<Ticket> = self
            .observing
            .iter()
            .copied()
            .filter(|ticket| {
                let entry = self.entries.get(ticket);
                entry.is_some_and(|entry| {
                    matches!(entry.progress, Progress::Sent | Progress::Acknowledged)
                        && entry.request.observe.as_ref().is_some_and(|wanted| wanted.is_met_by(device, values))
                })
            })
            .collect();
        let mut moved = Vec::new();
        for ticket in seen {
            moved.extend(self.entries.get(&ticket).map(|entry| entry.moved(RequestState::Observed)));
            self.finish(ticket, Progress::Answered);
        }
        moved
    }

    /// The connection is gone: what was on its way is lost, but for calls over HTTP where another connection follows.
    /// `waiting` says what becomes of what was not sent yet: kept
    /// if `None`, otherwise failed with this reason. A request whose ticket is in `held` had been handed over and is
    /// lost whether the socket has told so or not; the thing's own requests are not kept either.
    pub(super) fn link_lost(&mut self, waiting: Option<&Phrase>, held: &BTreeSet<Ticket>) -> Vec<Moved> {
        let mut moved = Vec::new();
        let mut over = Vec::new();
        for (ticket, entry) in self.entries.iter().filter(|(_, entry)| entry.progress.is_open()) {
            let waits = entry.progress == Progress::Queued
                && !held.contains(ticket)
                && matches!(entry.request.owner, Owner::Person(_));
            let called = entry.request.by_call && matches!(entry.progress, Progress::Sent);
            let state = match waiting {
                None if waits || called => continue,
                Some(reason) if waits => RequestState::Failed(reason.clone()),
                _ => RequestState::LinkLost,
            };
            over.push(*ticket);
            moved.push(entry.moved(state));
        }
        for ticket in over {
            self.finish(ticket, Progress::Unanswered);
        }
        moved
    }

    /// When [`Pending::expired`] has something to say.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// The requests whose time is up, in the order of their deadlines. Those that were never sent must be withdrawn.
    pub(super) fn expired(&mut self, now: Time) -> Vec<(Ticket, Moved)> {
        let mut moved = Vec::new();
        while self.deadlines.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, ticket)) = self.deadlines.pop_first() else { break };
            if let Some(entry) = self.entries.get(&ticket) {
                let state = match entry.progress {
                    Progress::Queued => RequestState::Failed(texts::WAITED_TOO_LONG.with(&[&QUEUE_WAIT.as_secs()])),
                    _ => RequestState::silence(),
                };
                moved.push((ticket, entry.moved(state)));
            }
            self.finish(ticket, Progress::Unanswered);
        }
        moved
    }

    /// How many requests are held, with and without an outcome.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.entries.len()
    }

    /// A request has its outcome; the oldest finished one is forgotten when there are too many.
    fn finish(&mut self, ticket: Ticket, progress: Progress) {
        self.set_deadline(ticket, None);
        self.nameless.remove(&ticket);
        self.observing.remove(&ticket);
        if let Some(entry) = self.entries.get_mut(&ticket) {
            let first_time = entry.progress.is_open();
            entry.progress = progress;
            if first_time {
                entry.request.observe = None;
                match entry.request.owner {
                    Owner::Person(_) | Owner::Opening(_) => self.finished.push_back(ticket),
                    Owner::Thing(_) => self.finished_of_thing.push_back(ticket),
                }
            }
        }
        while self.finished.len() > MOST_FINISHED {
            if let Some(oldest) = self.finished.pop_front() {
                self.forget(oldest);
            }
        }
        while self.finished_of_thing.len() > MOST_FINISHED_OF_THING {
            if let Some(oldest) = self.finished_of_thing.pop_front() {
                self.forget(oldest);
            }
        }
    }

    fn forget(&mut self, ticket: Ticket) {
        let Some(id) = self.entries.remove(&ticket).and_then(|entry| entry.request.id) else { return };
        if let Some(tickets) = self.by_id.get_mut(&id) {
            tickets.retain(|other| *other != ticket);
            if tickets.is_empty() {
                self.by_id.remove(&id);
            }
        }
    }

    fn set_deadline(&mut self, ticket: Ticket, deadline: Option<Time>) {
        if let Some(entry) = self.entries.get_mut(&ticket) {
            if let Some(old) = entry.deadline {
                self.deadlines.remove(&(old, ticket));
            }
            entry.deadline = deadline;
        }
        if let Some(new) = deadline {
            self.deadlines.insert((new, ticket));
        }
    }
}

impl Observation {
    fn is_met_by(&self, device: Option<&str>, values: &Map<String, Value>) -> bool {
        let same_device = match (self.device.as_deref(), device) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => true,
        };
        same_device
            && !self.values.is_empty()
            && self
                .values
                .iter()
                .all(|(name, wanted)| values.get(name).is_some_and(|found| thing::same_value(wanted, found)))
    }
}
