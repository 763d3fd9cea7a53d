//! What waits to be sent: one bounded queue, in the order of asking.
//!
//! Messages wait while there is no connection, while a new connection subscribes, and while the socket still holds
//! [`WINDOW`] messages that it has not sent. So the link's own queue never overflows, and nothing overtakes.

use std::collections::{BTreeSet, VecDeque};

use crate::session::{Outgoing, Ticket};

/// The largest number of messages that wait.
pub(super) const MOST_MESSAGES: usize = 1_000;
/// The largest sum of their payloads in bytes.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// The largest number of messages handed to the socket that it has not reported as sent.
const WINDOW: usize = 64;

/// A message that waits.
#[derive(Debug)]
struct Waiting {
    outgoing: Outgoing,
    /// Whether it still makes sense on the next connection.
    outlives_link: bool,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<Waiting>,
    bytes: usize,
    in_flight: BTreeSet<Ticket>,
    open: bool,
}

impl Outbox {
    /// Appends a message; gives it back if the queue is full. `outlives_link` says whether it is kept when the
    /// connection ends before it was sent.
    pub(super) fn push(&mut self, outgoing: Outgoing, outlives_link: bool) -> Result<(), Outgoing> {
        let bytes = self.bytes.saturating_add(outgoing.payload.len());
        if self.queue.len() >= MOST_MESSAGES || (bytes > MOST_BYTES && !self.queue.is_empty()) {
            return Err(outgoing);
        }
        self.bytes = bytes;
        self.queue.push_back(Waiting { outgoing, outlives_link });
        Ok(())
    }

    /// Messages flow from now on.
    pub(super) fn open(&mut self) {
        self.open = true;
    }

    /// What was handed to the socket and not reported as sent.
    pub(super) fn held(&self) -> BTreeSet<Ticket> {
        self.in_flight.clone()
    }

    /// The connection is gone: nothing flows, what the socket held is forgotten, and of what waits only that is kept
    /// which makes sense on another connection, if there will be one (`keep`). Returns how many messages were removed
    /// that made sense on that connection only.
    pub(super) fn close(&mut self, keep: bool) -> u64 {
        self.open = false;
        self.in_flight.clear();
        let mut removed = 0;
        self.queue.retain(|waiting| {
            removed += u64::from(!waiting.outlives_link);
            keep && waiting.outlives_link
        });
        self.count_bytes();
        removed
    }

    /// The next message that may be handed to the socket.
    pub(super) fn next(&mut self) -> Option<Outgoing> {
        if !self.open || self.in_flight.len() >= WINDOW {
            return None;
        }
        let Waiting { outgoing, .. } = self.queue.pop_front()?;
        self.bytes = self.bytes.saturating_sub(outgoing.payload.len());
        self.in_flight.insert(outgoing.ticket);
        Some(outgoing)
    }

    /// The socket has sent this message, or will not.
    pub(super) fn done(&mut self, ticket: Ticket) {
        self.in_flight.remove(&ticket);
    }

    /// This message is not wanted any more.
    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.in_flight.remove(&ticket);
        self.queue.retain(|waiting| waiting.outgoing.ticket != ticket);
        self.count_bytes();
    }

    fn count_bytes(&mut self) {
        self.bytes = self.queue.iter().map(|waiting| waiting.outgoing.payload.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Via;

    fn message(ticket: u64, size: usize) -> Outgoing {
        Outgoing {
            ticket: Ticket(ticket),
            via: Via::Mqtt,
            topic: "t".into(),
            payload: vec![0; size],
            qos: 1,
            retain: false,
        }
    }

    #[test]
    fn what_does_not_fit_is_given_back_and_the_order_is_kept() {
        let mut outbox = Outbox::default();
        for ticket in 0..MOST_MESSAGES as u64 {
            outbox.push(message(ticket, 1), true).unwrap();
        }
        assert_eq!(outbox.push(message(9_999, 1), true).unwrap_err().ticket, Ticket(9_999));
        assert!(outbox.next().is_none(), "nothing flows before it is opened");
        outbox.open();
        let mut order = Vec::new();
        while let Some(outgoing) = outbox.next() {
            outbox.done(outgoing.ticket);
            order.push(outgoing.ticket.0);
        }
        assert_eq!(order, (0..MOST_MESSAGES as u64).collect::<Vec<_>>());
    }

    #[test]
    fn a_single_message_larger_than_the_bound_passes_but_two_do_not_wait() {
        let mut outbox = Outbox::default();
        outbox.push(message(1, MOST_BYTES + 1), true).unwrap();
        assert!(outbox.push(message(2, 1), true).is_err());
    }

    #[test]
    fn the_socket_holds_no_more_than_its_window() {
        let mut outbox = Outbox::default();
        outbox.open();
        for ticket in 0..100 {
            outbox.push(message(ticket, 1), true).unwrap();
        }
        let held = std::iter::from_fn(|| outbox.next()).count();
        assert_eq!(held, WINDOW);
        outbox.done(Ticket(0));
        assert_eq!(outbox.next().unwrap().ticket, Ticket(WINDOW as u64));
        assert!(outbox.next().is_none());
    }

    #[test]
    fn a_lost_link_takes_what_made_sense_on_it_only() {
        let mut outbox = Outbox::default();
        outbox.push(message(1, 1), false).unwrap();
        outbox.push(message(2, 1), true).unwrap();
        assert_eq!(outbox.close(true), 1);
        outbox.open();
        assert_eq!(outbox.next().unwrap().ticket, Ticket(2));
        assert!(outbox.next().is_none());
    }
}
