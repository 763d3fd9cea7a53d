//! The replies of a capture and the requests that they answer. Live, the session knows; in a capture, the ids tell.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::base::time::Time;
use crate::model::kind::Part;
use crate::model::{ConnectionId, Direction, MessageRef};

/// Requests that wait for a reply; the oldest is forgotten first.
const MAX_OPEN: usize = 65_536;

/// A request that was sent.
#[derive(Debug, Clone, Copy)]
struct Open {
    seq: u64,
    at: Time,
    answered: bool,
}

/// A request and its reply, found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The request.
    pub request: u64,
    /// The reply.
    pub reply: u64,
    /// The time between them.
    pub latency: Duration,
    /// Whether the reply is a good one.
    pub ok: bool,
    /// Whether the request had been answered before.
    pub again: bool,
}

type Key = (ConnectionId, Box<str>, Option<Box<str>>);

/// Pairs requests and replies as they come by.
#[derive(Debug, Default)]
pub struct Pairing {
    open: HashMap<Key, Open>,
    order: VecDeque<Key>,
}

impl Pairing {
    /// Looks at a message, named by `seq`.
    pub fn look_at(&mut self, seq: u64, message: &MessageRef<'_>) -> Option<Pair> {
        let is_request = message.direction == Direction::Out && message.meta.kind.part() == Part::Request;
        let is_reply = message.direction == Direction::In && message.meta.kind.is_reply();
        if !is_request && !is_reply {
            return None;
        }
        let id = message.request_id()?;
        let key: Key = (message.connection, id.as_ref().into(), message.device().map(Into::into));
        if is_request {
            let open = Open { seq, at: message.at, answered: false };
            if self.open.insert(key.clone(), open).is_none() {
                self.order.push_back(key);
            }
            if self.order.len() > MAX_OPEN
                && let Some(oldest) = self.order.pop_front()
            {
                self.open.remove(&oldest);
            }
            return None;
        }
        let open = self.open.get_mut(&key)?;
        let again = std::mem::replace(&mut open.answered, true);
        let latency = message.at.since(open.at);
        Some(Pair { request: open.seq, reply: seq, latency, ok: message.meta.ok != Some(false), again })
    }
}
