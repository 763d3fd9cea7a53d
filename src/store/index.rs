//! Names that come from outside, each once, with its traffic: topics, and devices.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::base::time::Time;
use crate::model::{ConnectionId, Span};
use crate::store::{Seq, Traffic};

/// The largest number of names that are kept apart.
const MAX_NAMES: usize = 65_536;
/// The largest number of connections that are remembered per name.
const MAX_CONNECTIONS: usize = 32;

/// A topic, or a device, within one run of iotdbg; counted from 0 in the order in which they appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(u32);

impl NameId {
    /// Every name beyond the bounded number that is kept apart ([`NameIndex::overflow`]).
    pub const OVERFLOW: NameId = NameId(u32::MAX);

    /// Its place in [`NameIndex::iter`]; out of range for [`NameId::OVERFLOW`].
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    fn new(index: usize) -> NameId {
        NameId(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// The connections that a name was seen on. At most 32 are remembered; a name that was seen on more says that it may
/// have been on any.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSet {
    ids: Vec<ConnectionId>,
    and_more: bool,
}

impl ConnectionSet {
    /// Whether the name was, or may have been, seen on this connection.
    pub fn contains(&self, id: ConnectionId) -> bool {
        self.and_more || self.ids.contains(&id)
    }

    /// The connections that are remembered, in the order in which they appeared.
    pub fn iter(&self) -> impl Iterator<Item = ConnectionId> {
        self.ids.iter().copied()
    }

    /// Whether there were more than are remembered.
    pub fn and_more(&self) -> bool {
        self.and_more
    }

    fn add(&mut self, id: ConnectionId) {
        if self.and_more || self.ids.contains(&id) {
            return;
        }
        if self.ids.len() == MAX_CONNECTIONS {
            self.and_more = true;
        } else {
            self.ids.push(id);
        }
    }
}

/// One topic, or one device, and what is known of it.
#[derive(Debug, Clone, Default)]
pub struct NameEntry {
    name: Box<str>,
    connections: ConnectionSet,
    traffic: Traffic,
    /// Of a topic that names its device: where, and which.
    device: Option<(Span, NameId)>,
}

impl NameEntry {
    /// The name; empty for [`NameIndex::overflow`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The connections that it was seen on.
    pub fn connections(&self) -> &ConnectionSet {
        &self.connections
    }

    /// All its counters.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Messages ever.
    pub fn count(&self) -> u64 {
        self.traffic.count()
    }

    /// Payload bytes ever.
    pub fn bytes(&self) -> u64 {
        self.traffic.bytes()
    }

    /// Its newest message, which may have left the store.
    pub fn last(&self) -> Option<Seq> {
        self.traffic.last()
    }

    /// When its newest message came.
    pub fn last_at(&self) -> Option<Time> {
        self.traffic.last_at()
    }

    /// Messages per second over the last seconds before `now` ([`Traffic::rate`]).
    pub fn rate(&self, now: Time) -> f64 {
        self.traffic.rate(now)
    }

    /// The device that messages of this topic name at this place of the topic, as far as it was looked up already.
    pub(super) fn device_at(&self, span: Span) -> Option<NameId> {
        self.device.filter(|(at, _)| *at == span).map(|(_, device)| device)
    }

    pub(super) fn set_device(&mut self, span: Span, device: NameId) {
        self.device = Some((span, device));
    }

    pub(super) fn add(&mut self, seq: Seq, connection: ConnectionId, at: Time, payload_len: usize) {
        self.connections.add(connection);
        self.traffic.add(seq, at, payload_len);
    }
}

/// What one name costs beside its text: its entry, twice because vectors grow by doubling, a share of the hash table,
/// and the connections it may have been seen on.
const ENTRY_WEIGHT: usize = 2 * size_of::<NameEntry>() + 16 + MAX_CONNECTIONS * size_of::<ConnectionId>();

/// Every topic, or every device, that a message was stored of. It only grows, up to a bounded number and a bounded weight.
#[derive(Debug)]
pub struct NameIndex {
    entries: Vec<NameEntry>,
    overflow: NameEntry,
    /// Indices into `entries`, found by the hash of the name. Names are kept once, in the entries.
    table: HashTable<u32>,
    /// Seeded at random: topics come from outside, and chosen ones must not collide.
    hasher: DefaultHashBuilder,
    weight: usize,
    max_weight: usize,
}

impl NameIndex {
    pub(super) fn new(max_weight: usize) -> NameIndex {
        NameIndex {
            entries: Vec::new(),
            overflow: NameEntry::default(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            weight: 0,
            max_weight,
        }
    }

    /// Number of names that are kept apart.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no name yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// One of them. [`NameId::OVERFLOW`] gives [`NameIndex::overflow`].
    pub fn get(&self, id: NameId) -> Option<&NameEntry> {
        if id == NameId::OVERFLOW { Some(&self.overflow) } else { self.entries.get(id.index()) }
    }

    /// Finds one by its name; `None` for one that never appeared and for one in the overflow.
    pub fn find(&self, name: &str) -> Option<NameId> {
        let hash = self.hasher.hash_one(name);
        self.table.find(hash, |&index| self.is_named(index, name)).map(|&index| NameId(index))
    }

    /// All that are kept apart, in the order in which they appeared.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (NameId, &NameEntry)> {
        self.entries.iter().enumerate().map(|(index, entry)| (NameId::new(index), entry))
    }

    /// The traffic of all names beyond the bounded number; its name is empty.
    pub fn overflow(&self) -> &NameEntry {
        &self.overflow
    }

    /// A number that changes when a name is added; what was built from the names can be kept until then.
    pub fn generation(&self) -> usize {
        self.entries.len()
    }

    /// Bytes it takes, never underestimated.
    pub(super) fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn entry_mut(&mut self, id: NameId) -> &mut NameEntry {
        self.entries.get_mut(id.index()).unwrap_or(&mut self.overflow)
    }

    pub(super) fn name(&self, id: NameId) -> &str {
        self.entries.get(id.index()).map_or("", NameEntry::name)
    }

    /// The id of a name, which is added if it is new and there is room for it.
    pub(super) fn intern(&mut self, name: &str) -> NameId {
        let hash = self.hasher.hash_one(name);
        let entries = &self.entries;
        let is_named = |index: &u32| entry_is_named(entries, *index, name);
        if let Some(index) = self.table.find(hash, is_named) {
            return NameId(*index);
        }
        let weight = ENTRY_WEIGHT + name.len();
        if self.entries.len() >= MAX_NAMES || self.weight + weight > self.max_weight {
            return NameId::OVERFLOW;
        }
        let id = NameId::new(self.entries.len());
        let (entries, hasher) = (&self.entries, &self.hasher);
        self.table.insert_unique(hash, id.0, |&index| {
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            hasher.hash_one(entries.get(index).map_or("", NameEntry::name))
        });
        self.entries.push(NameEntry { name: name.into(), ..NameEntry::default() });
        self.weight += weight;
        id
    }

    fn is_named(&self, index: u32, name: &str) -> bool {
        entry_is_named(&self.entries, index, name)
    }
}

fn entry_is_named(entries: &[NameEntry], index: u32, name: &str) -> bool {
    entries.get(NameId(index).index()).is_some_and(|entry| &*entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_one_id_for_ever() {
        let mut index = NameIndex::new(usize::MAX);
        let ids: Vec<NameId> = (0..10_000).map(|n| index.intern(&format!("plant/{n}/state"))).collect();
        for (n, id) in ids.iter().enumerate() {
            let name = format!("plant/{n}/state");
            assert_eq!(index.intern(&name), *id);
            assert_eq!(index.find(&name), Some(*id));
            assert_eq!(index.get(*id).unwrap().name(), name);
        }
        assert_eq!(index.len(), 10_000);
        assert_eq!(index.find("plant"), None);
    }

    #[test]
    fn topics_beyond_the_bounds_share_the_overflow() {
        let mut index = NameIndex::new(usize::MAX);
        for n in 0..MAX_NAMES + 10 {
            index.intern(&n.to_string());
        }
        assert_eq!(index.len(), MAX_NAMES);
        assert_eq!(index.intern("one more"), NameId::OVERFLOW);
        assert_eq!(index.intern("0").index(), 0);

        let mut light = NameIndex::new(10 * (ENTRY_WEIGHT + 1));
        for n in 0..20 {
            light.intern(&n.to_string());
        }
        assert_eq!(light.len(), 10);
        assert!(light.weight() <= 10 * (ENTRY_WEIGHT + 1));
    }

    #[test]
    fn a_topic_on_many_connections_says_it_may_be_on_any() {
        let mut set = ConnectionSet::default();
        for id in 0..32 {
            set.add(ConnectionId(id));
            set.add(ConnectionId(0));
        }
        assert!(!set.and_more() && !set.contains(ConnectionId(99)));
        set.add(ConnectionId(32));
        assert!(set.and_more() && set.contains(ConnectionId(99)));
        assert_eq!(set.iter().count(), 32);
    }
}
