//! What was given to the MQTT client, until it tells the packet number and the broker acknowledges it.
//!
//! The client tells only *that* it has written a PUBLISH or a SUBSCRIBE, and the packet number. Messages of QoS 0 and
//! of QoS above 0 may overtake each other in it, but within each of these classes the order is kept, and so it is for
//! subscriptions: three queues are enough to know which is which.

use std::collections::{HashMap, VecDeque};

use crate::base::time::Time;
use crate::session::{Outgoing, Ticket};

/// The packets of one connection that are on their way.
#[derive(Debug, Default)]
pub(super) struct Handed {
    plain: VecDeque<Outgoing>,
    assured: VecDeque<Outgoing>,
    filters: VecDeque<String>,
    unacknowledged: HashMap<u16, Ticket>,
    asked: HashMap<u16, (String, Time)>,
}

impl Handed {
    /// A message was given to the client.
    pub(super) fn publish(&mut self, outgoing: Outgoing) {
        if outgoing.qos == 0 { self.plain.push_back(outgoing) } else { self.assured.push_back(outgoing) }
    }

    /// A subscription was given to the client.
    pub(super) fn subscribe(&mut self, filter: String) {
        self.filters.push_back(filter);
    }

    /// The client has written a PUBLISH; its number is 0 for QoS 0.
    pub(super) fn published(&mut self, number: u16) -> Option<Outgoing> {
        if number == 0 {
            return self.plain.pop_front();
        }
        let outgoing = self.assured.pop_front()?;
        self.unacknowledged.insert(number, outgoing.ticket);
        Some(outgoing)
    }

    /// The broker has acknowledged a PUBLISH.
    pub(super) fn acknowledged(&mut self, number: u16) -> Option<Ticket> {
        self.unacknowledged.remove(&number)
    }

    /// The client has written a SUBSCRIBE.
    pub(super) fn subscribing(&mut self, number: u16, now: Time) -> Option<&str> {
        let filter = self.filters.pop_front()?;
        Some(&self.asked.entry(number).insert_entry((filter, now)).into_mut().0)
    }

    /// The broker has answered a SUBSCRIBE: its filter, and when it was asked for.
    pub(super) fn subscribed(&mut self, number: u16) -> Option<(String, Time)> {
        self.asked.remove(&number)
    }

    /// Whether the client has written everything that it was given.
    pub(super) fn all_written(&self) -> bool {
        self.plain.is_empty() && self.assured.is_empty()
    }

    /// Whether everything written was acknowledged as well.
    pub(super) fn all_acknowledged(&self) -> bool {
        self.all_written() && self.unacknowledged.is_empty()
    }

    /// The messages that the client had not written when the connection ended.
    pub(super) fn unwritten(self) -> impl Iterator<Item = Ticket> {
        self.plain.into_iter().chain(self.assured).map(|outgoing| outgoing.ticket)
    }
}
