//! A piece of the log: bodies one after the other, and a head of fixed size for each message.

use std::time::Duration;

use crate::base::time::Time;
use crate::model::{ConnectionId, Direction, MessageRef, Meta};
use crate::store::fate::Latency;
use crate::store::{Entry, Fate, NameId, NameIndex, Seq, SeqRange};

/// Bytes of bodies and heads after which a segment is full. A single message that is larger gets a segment of its own.
pub const SEGMENT_BYTES: usize = 1024 * 1024;

/// By how many heads a segment grows when the estimate it was made with was too small.
const HEADS_STEP: usize = 256;
/// By how many bytes of bodies a segment grows when the estimate it was made with was too small.
const BODY_STEP: usize = 64 * 1024;
/// Unused bytes that a full segment may keep; more are given back.
const SLACK: usize = SEGMENT_BYTES / 16;

/// The fixed-size part of a stored message.
#[derive(Debug, Clone, Copy)]
struct Head {
    at: Time,
    meta: Meta,
    /// First byte in the bodies of the segment.
    start: u32,
    /// Bytes of the payload that were kept.
    kept_len: u32,
    /// True length of the payload; lengths beyond 4 GiB (no MQTT packet has more than 256 MiB) are kept as 4 GiB.
    payload_len: u32,
    topic: NameId,
    latency: Latency,
    connection: ConnectionId,
    /// Bytes of a topic that stands before its payload, because the index had no room for it; otherwise 0.
    topic_len: u16,
    fate: Option<Fate>,
    flags: u8,
}

// Heads are what a budget of small messages is spent on.
const _: () = assert!(size_of::<Head>() <= 64);

const OUT: u8 = 0b0000_0100;
const RETAIN: u8 = 0b0000_1000;
const DUP: u8 = 0b0001_0000;
const QOS: u8 = 0b0000_0011;

/// Messages that follow one another, in two buffers.
#[derive(Debug)]
pub(super) struct Segment {
    first: Seq,
    heads: Vec<Head>,
    bodies: Vec<u8>,
}

impl Segment {
    /// An empty segment whose buffers are as large as the last one needed them to be.
    pub(super) fn new(first: Seq, heads: usize, bodies: usize) -> Segment {
        Segment { first, heads: Vec::with_capacity(heads), bodies: Vec::with_capacity(bodies) }
    }

    /// An empty segment in the buffers of one that is no longer needed.
    pub(super) fn reuse(mut self, first: Seq) -> Segment {
        self.first = first;
        self.heads.clear();
        self.bodies.clear();
        self
    }

    /// Bytes that a message takes in a segment, at most.
    pub(super) fn need(topic: &str, payload: &[u8]) -> usize {
        size_of::<Head>() + topic.len() + payload.len()
    }

    /// Whether `need` further bytes still belong here. An empty segment takes any message.
    pub(super) fn has_room(&self, need: usize) -> bool {
        self.heads.is_empty() || self.used() + need <= SEGMENT_BYTES
    }

    /// Sequence numbers of its messages.
    pub(super) fn range(&self) -> SeqRange {
        let len = u64::try_from(self.heads.len()).unwrap_or(u64::MAX);
        SeqRange::new(self.first, self.first.plus(len))
    }

    /// Bytes it takes, used or not.
    pub(super) fn weight(&self) -> usize {
        Segment::weight_of(self.heads.capacity(), self.bodies.capacity())
    }

    /// Bytes that a segment with room for so many heads and bytes of bodies takes.
    pub(super) fn weight_of(heads: usize, bodies: usize) -> usize {
        size_of::<Segment>() + heads * size_of::<Head>() + bodies
    }

    /// Whether hardly anything more would fit.
    pub(super) fn is_full(&self) -> bool {
        (SEGMENT_BYTES - SLACK..=SEGMENT_BYTES).contains(&self.used())
    }

    /// Heads and bytes of bodies for the next segment, if its messages are like these: a little more than was needed
    /// here, since growing a full buffer costs more than that little.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.heads.len() + self.heads.len() / 64, self.bodies.len() + self.bodies.len() / 64)
    }

    /// Appends a message. `topic` is only kept where the index has none (`NameId::OVERFLOW`).
    pub(super) fn push(&mut self, message: &MessageRef<'_>, topic: NameId) {
        let own_topic = if topic == NameId::OVERFLOW { message.topic } else { "" };
        let body = own_topic.len() + message.payload.len();
        if self.heads.len() == self.heads.capacity() {
            self.heads.reserve_exact(HEADS_STEP);
        }
        if self.bodies.capacity() - self.bodies.len() < body {
            self.bodies.reserve_exact(body.max(BODY_STEP));
        }
        let start = self.bodies.len();
        self.bodies.extend_from_slice(own_topic.as_bytes());
        self.bodies.extend_from_slice(message.payload);
        let mut flags = message.qos & QOS;
        for (is_set, flag) in [(message.direction == Direction::Out, OUT), (message.retain, RETAIN), (message.dup, DUP)]
        {
            flags |= if is_set { flag } else { 0 };
        }
        self.heads.push(Head {
            at: message.at,
            meta: message.meta,
            start: saturate(start),
            kept_len: saturate(message.payload.len()),
            payload_len: saturate(message.payload_len),
            topic,
            latency: Latency::NONE,
            fate: None,
            connection: message.connection,
            topic_len: u16::try_from(own_topic.len()).unwrap_or(u16::MAX),
            flags,
        });
    }

    /// Gives back what a full segment reserved and does not need.
    pub(super) fn seal(&mut self) {
        if self.weight() - self.used() > SLACK {
            self.heads.shrink_to_fit();
            self.bodies.shrink_to_fit();
        }
    }

    pub(super) fn annotate(&mut self, seq: Seq, fate: Fate, latency: Option<Duration>) -> bool {
        let Some(head) = self.index(seq).and_then(|index| self.heads.get_mut(index)) else { return false };
        head.fate = Some(fate);
        head.latency = Latency::new(latency);
        true
    }

    pub(super) fn topic_of(&self, seq: Seq) -> Option<NameId> {
        self.index(seq).and_then(|index| self.heads.get(index)).map(|head| head.topic)
    }

    pub(super) fn entry<'a>(&'a self, seq: Seq, topics: &'a NameIndex) -> Option<Entry<'a>> {
        let head = self.index(seq).and_then(|index| self.heads.get(index))?;
        Some(self.resolve(seq, head, topics))
    }

    /// Those of its messages that are in `range`, oldest first.
    pub(super) fn entries<'a>(
        &'a self,
        range: SeqRange,
        topics: &'a NameIndex,
    ) -> impl DoubleEndedIterator<Item = Entry<'a>> {
        let wanted = range.intersect(self.range());
        let from = self.index(wanted.start).unwrap_or(0);
        let heads = self.heads.get(from..from.saturating_add(wanted.len())).unwrap_or_default();
        heads.iter().enumerate().map(move |(offset, head)| {
            let seq = wanted.start.plus(u64::try_from(offset).unwrap_or(u64::MAX));
            self.resolve(seq, head, topics)
        })
    }

    fn used(&self) -> usize {
        self.heads.len() * size_of::<Head>() + self.bodies.len()
    }

    fn index(&self, seq: Seq) -> Option<usize> {
        usize::try_from(seq.0.checked_sub(self.first.0)?).ok()
    }

    fn resolve<'a>(&'a self, seq: Seq, head: &Head, topics: &'a NameIndex) -> Entry<'a> {
        let [start, kept_len, payload_len] =
            [head.start, head.kept_len, head.payload_len].map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        let topic_end = start.saturating_add(usize::from(head.topic_len));
        let topic = if head.topic == NameId::OVERFLOW {
            std::str::from_utf8(self.bodies.get(start..topic_end).unwrap_or_default()).unwrap_or_default()
        } else {
            topics.name(head.topic)
        };
        let message = MessageRef {
            at: head.at,
            connection: head.connection,
            direction: if head.flags & OUT == 0 { Direction::In } else { Direction::Out },
            qos: head.flags & QOS,
            retain: head.flags & RETAIN != 0,
            dup: head.flags & DUP != 0,
            topic,
            payload: self.bodies.get(topic_end..topic_end.saturating_add(kept_len)).unwrap_or_default(),
            payload_len,
            meta: head.meta,
        };
        Entry { seq, topic: head.topic, message, fate: head.fate, latency: head.latency.get() }
    }
}

fn saturate(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
