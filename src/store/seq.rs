//! Sequence numbers: the names of messages within one run.

/// Names one message within one run of iotdbg; counted from 0 in order of arrival and never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seq(pub u64);

impl Seq {
    /// The sequence number `by` further on.
    pub const fn plus(self, by: u64) -> Seq {
        Seq(self.0.saturating_add(by))
    }

    /// The sequence number `by` further back; 0 at the least.
    pub const fn minus(self, by: u64) -> Seq {
        Seq(self.0.saturating_sub(by))
    }
}

/// The sequence numbers from `start` up to, but without, `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SeqRange {
    /// The first one.
    pub start: Seq,
    /// The one after the last.
    pub end: Seq,
}

impl SeqRange {
    /// From `start` up to, but without, `end`.
    pub const fn new(start: Seq, end: Seq) -> SeqRange {
        SeqRange { start, end }
    }

    /// How many there are.
    pub fn len(self) -> usize {
        usize::try_from(self.end.0.saturating_sub(self.start.0)).unwrap_or(usize::MAX)
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.start.0 >= self.end.0
    }

    /// Whether `seq` is among them.
    pub const fn contains(self, seq: Seq) -> bool {
        self.start.0 <= seq.0 && seq.0 < self.end.0
    }

    /// Those that are also in `other`.
    pub fn intersect(self, other: SeqRange) -> SeqRange {
        let start = self.start.max(other.start);
        SeqRange { start, end: self.end.min(other.end).max(start) }
    }

    /// All of them, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Seq> {
        (self.start.0..self.end.0).map(Seq)
    }
}
