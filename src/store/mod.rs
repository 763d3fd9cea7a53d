//! L3: everything that was received or sent, kept within a byte budget, and the ways to look at it.
//!
//! - [`Store`] is a log of segments of 1 MiB. A segment holds the payloads of its messages one after the other and a
//!   head of fixed size for each. The budget counts segments, topics and connections; when it is used up the oldest
//!   segment leaves whole, and what left is counted. A message is named by a [`Seq`], which is never used again:
//!   selection, marks and hits are sequence numbers and cannot come to mean another message.
//! - [`NameIndex`] keeps each topic, and each device, once, with its traffic. Their number is bounded; what comes on further topics is
//!   counted in [`NameIndex::overflow`] and keeps its topic text beside its payload.
//! - [`Filter`] decides which messages are shown, [`View`] remembers which ones those are.

mod bitmap;
mod connections;
mod fate;
mod filter;
mod index;
mod log;
mod segment;
mod seq;
mod texts;
mod traffic;
mod view;

pub use connections::ConnectionIndex;
pub use fate::Fate;
pub use filter::{
    Completion, ConnectionName, FIELDS, Field, FieldInfo, Filter, FilterFault, Matcher, Names, Scope, TopicScope,
    ValueKind,
};
pub use index::{ConnectionSet, NameEntry, NameId, NameIndex};
pub use log::{Entry, MIN_BUDGET, Store, StoreStats};
pub use segment::SEGMENT_BYTES;
pub use seq::{Seq, SeqRange};
pub use traffic::{RATE_WINDOW, Traffic};
pub use view::{Progress, View};

#[cfg(test)]
mod tests;
