//! Ties the requests of the sessions to the stored messages: which line is the request, which its reply, and how long
//! it took. What is found out is written into the store, beside the messages, so that lists and filters can tell it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::base::time::Time;
use crate::model::{Batch, Notice, RequestKey, RequestState, RequestUpdate};
use crate::store::{Fate, Seq, SeqRange, Store};

/// Requests that are remembered; the oldest is forgotten first. A reply to a forgotten request is still marked as a
/// reply, only its latency is unknown.
const MAX_REQUESTS: usize = 16_384;

/// A request that was handed to the socket.
#[derive(Debug, Clone, Copy)]
struct SentRequest {
    seq: Seq,
    at: Time,
    /// What is known of its end.
    end: Option<(Fate, Duration)>,
}

/// The store, and which of its messages were written on.
struct Notes<'a> {
    store: &'a mut Store,
    noted: Vec<Seq>,
}

impl Notes<'_> {
    fn annotate(&mut self, seq: Seq, fate: Fate, latency: Option<Duration>) {
        self.store.annotate(seq, fate, latency);
        self.noted.push(seq);
    }
}

/// The requests whose messages are known.
#[derive(Debug, Default)]
pub struct Requests {
    sent: HashMap<RequestKey, SentRequest>,
    order: VecDeque<RequestKey>,
}

impl Requests {
    /// Writes what the notices of a stored batch say into the store. `range` is what [`Store::push`] gave for it. The
    /// result is the messages of which something new is known.
    pub fn absorb(&mut self, store: &mut Store, batch: &Batch, range: SeqRange) -> Vec<Seq> {
        let mut notes = Notes { store, noted: Vec::new() };
        for notice in batch.notices() {
            match notice {
                Notice::Update(update) => self.update(&mut notes, update, range),
                Notice::Unsolicited { message, .. } => {
                    if let Some(seq) = place(range, Some(*message)) {
                        notes.annotate(seq, Fate::Unsolicited, None);
                    }
                }
                _ => {}
            }
        }
        notes.noted
    }

    fn update(&mut self, store: &mut Notes<'_>, update: &RequestUpdate, range: SeqRange) {
        let Some(fate) = Fate::of(&update.state) else { return };
        let message = place(range, update.message);
        if update.state == RequestState::Sent {
            if let Some(seq) = message {
                self.remember(update.key, SentRequest { seq, at: update.at, end: None });
                store.annotate(seq, fate, None);
            }
            return;
        }
        let Some(request) = self.sent.get_mut(&update.key) else {
            if let Some(seq) = message {
                store.annotate(seq, fate, None);
            }
            return;
        };
        let latency = update.at.since(request.at);
        if let Some(seq) = message {
            store.annotate(seq, fate, Some(latency));
        }
        match (fate, request.end) {
            // A PUBACK that comes after the reply takes nothing back.
            (Fate::Acknowledged, Some(_)) => {}
            (Fate::Acknowledged, None) => {
                store.annotate(request.seq, fate, None);
            }
            // The latency of a request answered twice is that of its first answer.
            (Fate::RepliedAgain, Some((_, first))) => {
                store.annotate(request.seq, fate, Some(first));
            }
            _ => {
                request.end = Some((fate, latency));
                store.annotate(request.seq, fate, Some(latency));
            }
        }
    }

    fn remember(&mut self, key: RequestKey, request: SentRequest) {
        if self.sent.insert(key, request).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_REQUESTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.sent.remove(&oldest);
        }
    }
}

/// The sequence number of a message that a notice names by its index within the batch.
fn place(range: SeqRange, index: Option<usize>) -> Option<Seq> {
    let seq = range.start.plus(u64::try_from(index?).ok()?);
    range.contains(seq).then_some(seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stream::testing::{at, envelope};
    use crate::model::{ConnectionId, Direction};

    fn push(store: &mut Store, requests: &mut Requests, batch: &Batch) -> SeqRange {
        let range = store.push(batch);
        requests.absorb(store, batch, range);
        range
    }

    fn update(state: RequestState, millis: u64, message: Option<usize>) -> Notice {
        Notice::Update(RequestUpdate { key: RequestKey(7), state, at: at(millis), message })
    }

    fn replied() -> RequestState {
        RequestState::Replied { code: None, message: None }
    }

    #[test]
    fn request_and_reply_get_outcome_and_latency_across_batches() {
        let (mut store, mut requests) = (Store::new(0), Requests::default());
        let mut first = Batch::new(ConnectionId(1));
        first.push(envelope(0, Direction::In), "other", b"");
        let sent = first.push(envelope(1, Direction::Out), "set", b"1");
        first.notice(update(RequestState::Sent, 1, Some(sent)));
        first.notice(update(RequestState::Acknowledged, 5, None));
        push(&mut store, &mut requests, &first);
        assert_eq!(store.entry(Seq(1)).unwrap().fate, Some(Fate::Acknowledged));

        let mut second = Batch::new(ConnectionId(1));
        let reply = second.push(envelope(35, Direction::In), "set_reply", b"1");
        second.notice(update(replied(), 35, Some(reply)));
        second.notice(update(RequestState::Acknowledged, 36, None));
        push(&mut store, &mut requests, &second);
        for seq in [Seq(1), Seq(2)] {
            let entry = store.entry(seq).unwrap();
            assert_eq!((entry.fate, entry.latency), (Some(Fate::Replied), Some(Duration::from_millis(34))));
        }
        assert_eq!(store.entry(Seq(0)).unwrap().fate, None);
    }

    #[test]
    fn a_second_reply_keeps_the_latency_of_the_first() {
        let (mut store, mut requests) = (Store::new(0), Requests::default());
        let mut batch = Batch::new(ConnectionId(1));
        for (state, millis) in
            [(RequestState::Sent, 0), (replied(), 10), (RequestState::RepliedAgain { ok: true, code: None }, 90)]
        {
            let index = batch.push(envelope(millis, Direction::In), "t", b"");
            batch.notice(update(state, millis, Some(index)));
        }
        push(&mut store, &mut requests, &batch);
        let request = store.entry(Seq(0)).unwrap();
        assert_eq!((request.fate, request.latency), (Some(Fate::RepliedAgain), Some(Duration::from_millis(10))));
        assert_eq!(store.entry(Seq(1)).unwrap().fate, Some(Fate::Replied));
        assert_eq!(store.entry(Seq(2)).unwrap().latency, Some(Duration::from_millis(90)));
    }

    #[test]
    fn an_index_outside_the_batch_marks_nothing() {
        let (mut store, mut requests) = (Store::new(0), Requests::default());
        let mut batch = Batch::new(ConnectionId(1));
        batch.push(envelope(0, Direction::In), "t", b"");
        batch.notice(Notice::Unsolicited { message: 5, at: at(0) });
        batch.notice(update(RequestState::Sent, 0, Some(9)));
        push(&mut store, &mut requests, &batch);
        assert_eq!(store.entry(Seq(0)).unwrap().fate, None);
    }

    #[test]
    fn only_so_many_requests_are_remembered() {
        let (mut store, mut requests) = (Store::new(0), Requests::default());
        for key in 0..MAX_REQUESTS + 10 {
            let mut batch = Batch::new(ConnectionId(1));
            batch.push(envelope(0, Direction::Out), "t", b"");
            let key = RequestKey(u64::try_from(key).unwrap());
            batch.notice(Notice::Update(RequestUpdate { key, state: RequestState::Sent, at: at(0), message: Some(0) }));
            push(&mut store, &mut requests, &batch);
        }
        assert_eq!((requests.sent.len(), requests.order.len()), (MAX_REQUESTS, MAX_REQUESTS));
    }
}
