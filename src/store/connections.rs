//! Totals of every connection, for the header.

use crate::model::ConnectionId;
use crate::store::Traffic;

/// The largest number of connections that are kept apart.
const MAX_CONNECTIONS: usize = 1_024;

/// Totals of every connection that a message was stored of. Their number is bounded; a run that opens more counts the
/// traffic of the further ones together.
#[derive(Debug, Default)]
pub struct ConnectionIndex {
    /// Sorted by id. Ids grow, so a new one is appended nearly always.
    entries: Vec<(ConnectionId, Traffic)>,
    overflow: Traffic,
}

impl ConnectionIndex {
    /// The totals of one connection; `None` before its first message, and for one in the overflow.
    pub fn get(&self, id: ConnectionId) -> Option<&Traffic> {
        let index = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.entries.get(index).map(|(_, traffic)| traffic)
    }

    /// All that are kept apart, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = (ConnectionId, &Traffic)> {
        self.entries.iter().map(|(id, traffic)| (*id, traffic))
    }

    /// The traffic of all connections beyond the bounded number (1,024 in one run).
    pub fn overflow(&self) -> &Traffic {
        &self.overflow
    }

    /// Bytes it takes.
    pub(super) fn weight(&self) -> usize {
        self.entries.capacity() * size_of::<(ConnectionId, Traffic)>()
    }

    /// The totals of one connection, to be counted up.
    pub(super) fn entry_mut(&mut self, id: ConnectionId) -> &mut Traffic {
        let index = match self.entries.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(index) => index,
            Err(_) if self.entries.len() >= MAX_CONNECTIONS => return &mut self.overflow,
            Err(index) => {
                self.entries.insert(index, (id, Traffic::default()));
                index
            }
        };
        self.entries.get_mut(index).map_or(&mut self.overflow, |(_, traffic)| traffic)
    }
}
