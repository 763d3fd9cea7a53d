//! Messages for the tests of this folder and of the inspector.

use crate::base::time::Time;
use crate::model::batch::Envelope;
use crate::model::{Batch, ConnectionId, Direction, Meta};
use crate::store::{SeqRange, Store};

/// A time on the tests' own clock.
pub(crate) fn at(millis: u64) -> Time {
    Time::from_millis(1_700_000_000_000 + millis)
}

/// The attributes of a message that is nothing special.
pub(crate) fn envelope(millis: u64, direction: Direction) -> Envelope {
    Envelope { at: at(millis), direction, qos: 0, retain: false, dup: false, meta: Meta::default() }
}

/// Stores one message on each of the topics.
pub(crate) fn push(store: &mut Store, topics: &[&str]) -> SeqRange {
    let mut batch = Batch::new(ConnectionId(1));
    for topic in topics {
        batch.push(envelope(0, Direction::In), topic, b"{}");
    }
    store.push(&batch)
}

/// A store that holds one message on each of the topics.
pub(crate) fn store_of(topics: &[&str]) -> Store {
    let mut store = Store::new(64 << 20);
    push(&mut store, topics);
    store
}
