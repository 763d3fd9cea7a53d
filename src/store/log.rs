//! The store: a log of segments under one byte budget.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{Batch, MessageRef, Place};
use crate::store::segment::Segment;
use crate::store::{ConnectionIndex, Fate, NameId, NameIndex, SEGMENT_BYTES, Seq, SeqRange, Traffic};

/// The smallest budget in bytes; a smaller one is taken as this. It holds the segment that is being filled, the
/// largest message beside it, and some topics.
pub const MIN_BUDGET: usize = 4 * SEGMENT_BYTES;

/// The share of the budget that topics may take.
const TOPICS_SHARE: usize = 8;
/// The share of the budget that devices may take.
const DEVICES_SHARE: usize = 16;

/// The largest buffers that are used again; those of a segment with one large message may be much larger.
const MAX_REUSED: usize = SEGMENT_BYTES + SEGMENT_BYTES / 8;

/// One stored message with what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its name.
    pub seq: Seq,
    /// Its topic.
    pub topic: NameId,
    /// The message.
    pub message: MessageRef<'a>,
    /// What became of it ([`Store::annotate`]).
    pub fate: Option<Fate>,
    /// How long its reply took, or it as a reply.
    pub latency: Option<Duration>,
}

/// How much the store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoreStats {
    /// Messages that are kept.
    pub kept: u64,
    /// Messages ever.
    pub total: u64,
    /// Messages that left because the budget was used up.
    pub left: u64,
    /// Bytes in use, all of them: bodies, heads, topics, connections, reserves.
    pub bytes: usize,
    /// Bytes that may be in use.
    pub budget: usize,
}

/// Messages within a byte budget, in order of arrival.
#[derive(Debug)]
pub struct Store {
    /// Full segments, oldest first, none of them empty.
    sealed: VecDeque<Segment>,
    sealed_bytes: usize,
    /// The segment that is being filled; its messages follow those of the sealed ones.
    current: Segment,
    /// Heads and bytes of bodies that the next segment is made with, learned from the last one that was filled.
    shape: (usize, usize),
    topics: NameIndex,
    devices: NameIndex,
    connections: ConnectionIndex,
    traffic: Traffic,
    budget: usize,
}

impl Store {
    /// An empty store that will never take more than `budget_bytes` ([`MIN_BUDGET`] at least).
    pub fn new(budget_bytes: usize) -> Store {
        let budget = budget_bytes.max(MIN_BUDGET);
        Store {
            sealed: VecDeque::new(),
            sealed_bytes: 0,
            current: Segment::new(Seq(0), 0, 0),
            shape: (0, 0),
            topics: NameIndex::new(budget / TOPICS_SHARE),
            devices: NameIndex::new(budget / DEVICES_SHARE),
            connections: ConnectionIndex::default(),
            traffic: Traffic::default(),
            budget,
        }
    }

    /// Stores the messages of a batch and gives them the next sequence numbers, in their order: the message with index
    /// `i` of the batch becomes `range.start.plus(i)`. Older segments leave where the budget asks for it; when a batch
    /// is larger than the whole budget, also its own first messages.
    pub fn push(&mut self, batch: &Batch) -> SeqRange {
        let start = self.next();
        let mut seq = start;
        // The same topic often comes several times in a row.
        let mut last: Option<(&str, NameId)> = None;
        for message in batch.messages() {
            let topic = match last {
                Some((name, topic)) if name == message.topic => topic,
                _ => self.topics.intern(message.topic),
            };
            last = Some((message.topic, topic));
            self.topics.entry_mut(topic).add(seq, message.connection, message.at, message.payload_len);
            self.connections.entry_mut(message.connection).add(seq, message.at, message.payload_len);
            self.traffic.add(seq, message.at, message.payload_len);
            if let Some(device) = self.device_of(topic, &message) {
                self.devices.entry_mut(device).add(seq, message.connection, message.at, message.payload_len);
            }
            let need = Segment::need(message.topic, message.payload);
            if !self.current.has_room(need) {
                self.roll(need);
            }
            self.current.push(&message, topic);
            seq = seq.plus(1);
        }
        self.make_room(0);
        SeqRange::new(start, seq)
    }

    /// Lets the budget grow to so many bytes; a smaller number changes nothing.
    pub fn grow(&mut self, budget_bytes: usize) {
        self.budget = self.budget.max(budget_bytes);
    }

    /// A message, if it is still kept.
    pub fn get(&self, seq: Seq) -> Option<MessageRef<'_>> {
        self.entry(seq).map(|entry| entry.message)
    }

    /// A message with what is known of it, if it is still kept.
    pub fn entry(&self, seq: Seq) -> Option<Entry<'_>> {
        self.segment(seq)?.entry(seq, &self.topics)
    }

    /// Those messages of `range` that are still kept, oldest first; reversible.
    pub fn entries(&self, range: SeqRange) -> impl DoubleEndedIterator<Item = Entry<'_>> {
        let from = self.sealed.partition_point(|segment| segment.range().end <= range.start);
        let to = self.sealed.partition_point(|segment| segment.range().start < range.end).max(from);
        let segments = self.sealed.range(from..to).chain([&self.current]);
        segments.flat_map(move |segment| segment.entries(range, &self.topics))
    }

    /// The topic of a message, if it is still kept.
    pub fn topic_of(&self, seq: Seq) -> Option<NameId> {
        self.segment(seq)?.topic_of(seq)
    }

    /// Remembers what became of a message and, for requests and replies, the time between them. Says whether the
    /// message was still kept.
    pub fn annotate(&mut self, seq: Seq, fate: Fate, latency: Option<Duration>) -> bool {
        if seq >= self.current.range().start {
            return self.current.annotate(seq, fate, latency);
        }
        let index = self.sealed.partition_point(|segment| segment.range().end <= seq);
        self.sealed.get_mut(index).is_some_and(|segment| segment.annotate(seq, fate, latency))
    }

    /// The sequence numbers of the messages that are kept. Nothing is missing between them.
    pub fn kept(&self) -> SeqRange {
        let oldest = self.sealed.front().unwrap_or(&self.current);
        SeqRange::new(oldest.range().start, self.next())
    }

    /// How much it holds.
    pub fn stats(&self) -> StoreStats {
        let kept = self.kept();
        StoreStats {
            kept: kept.end.0 - kept.start.0,
            total: kept.end.0,
            left: kept.start.0,
            bytes: self.bytes(),
            budget: self.budget,
        }
    }

    /// Every topic, with its traffic.
    pub fn topics(&self) -> &NameIndex {
        &self.topics
    }

    /// Every device that a message named, with the traffic of the messages that did.
    pub fn devices(&self) -> &NameIndex {
        &self.devices
    }

    /// The totals of every connection.
    pub fn connections(&self) -> &ConnectionIndex {
        &self.connections
    }

    /// The totals of everything.
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The device that a message names. Most platforms name it in the topic, so that it is looked up once for a topic.
    fn device_of(&mut self, topic: NameId, message: &MessageRef<'_>) -> Option<NameId> {
        let span = message.meta.device;
        let in_topic = span.place() == Place::Topic && topic != NameId::OVERFLOW;
        if in_topic && let Some(known) = self.topics.entry_mut(topic).device_at(span) {
            return Some(known);
        }
        let device = self.devices.intern(message.device().filter(|name| !name.is_empty())?);
        if in_topic {
            self.topics.entry_mut(topic).set_device(span, device);
        }
        Some(device)
    }

    fn next(&self) -> Seq {
        self.current.range().end
    }

    fn segment(&self, seq: Seq) -> Option<&Segment> {
        if seq >= self.current.range().start {
            return Some(&self.current);
        }
        self.sealed.get(self.sealed.partition_point(|segment| segment.range().end <= seq))
    }

    fn bytes(&self) -> usize {
        let places = size_of::<Store>() + (self.sealed.capacity() - self.sealed.len()) * size_of::<Segment>();
        self.sealed_bytes
            + self.current.weight()
            + self.topics.weight()
            + self.devices.weight()
            + self.connections.weight()
            + places
    }

    /// Seals the current segment and begins the next one, which takes a message of `need` bytes; if possible in the
    /// buffers of a segment that had to leave, which spares asking the system for fresh pages.
    fn roll(&mut self, need: usize) {
        let first = self.next();
        self.current.seal();
        if self.current.is_full() {
            self.shape = self.current.shape();
        }
        let fresh = if need > SEGMENT_BYTES { (1, need) } else { self.shape };
        let empty = Segment::new(first, 0, 0);
        let full = std::mem::replace(&mut self.current, empty);
        self.sealed_bytes += full.weight();
        self.sealed.push_back(full);

        let (heads, bodies) = fresh;
        let spare = self.make_room(Segment::weight_of(heads, bodies));
        self.current = match spare.filter(|spare| need <= SEGMENT_BYTES && spare.weight() <= MAX_REUSED) {
            Some(spare) => {
                self.make_room(spare.weight());
                spare.reuse(first)
            }
            None => Segment::new(first, heads, bodies),
        };
    }

    /// Lets the oldest segments leave until `further` bytes fit into the budget; gives the last one that left.
    fn make_room(&mut self, further: usize) -> Option<Segment> {
        let mut spare = None;
        while self.bytes() + further > self.budget {
            let Some(oldest) = self.sealed.pop_front() else { break };
            self.sealed_bytes -= oldest.weight();
            spare = Some(oldest);
        }
        spare
    }
}
