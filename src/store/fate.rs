//! What became of a message, as the session found out after it was stored.

use std::time::Duration;

use crate::model::RequestState;

/// What became of a request, or what a reply turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// A request that was handed to the socket.
    Sent,
    /// A request that the broker confirmed.
    Acknowledged,
    /// A request that was answered well, or the reply that did it.
    Replied,
    /// A request that was answered with an error, or the reply that did it.
    Refused,
    /// A request whose value a later report carried, or that report.
    Observed,
    /// A request that was not answered in time.
    TimedOut,
    /// A request whose connection was lost.
    LinkLost,
    /// A request that could not be sent.
    Failed,
    /// A request that was answered after it had timed out, or that reply.
    RepliedLate,
    /// A request that was answered more than once, or the further reply.
    RepliedAgain,
    /// A reply that answers no request of ours.
    Unsolicited,
}

impl Fate {
    /// The fate of a request and its reply, as the reply tells it.
    pub const fn of_reply(ok: bool, again: bool) -> Fate {
        match (again, ok) {
            (true, _) => Fate::RepliedAgain,
            (false, true) => Fate::Replied,
            (false, false) => Fate::Refused,
        }
    }

    /// The name used in JSON and in filters; the one of the request's state where there is one.
    pub const fn name(self) -> &'static str {
        match self {
            Fate::Sent => "sent",
            Fate::Acknowledged => "acknowledged",
            Fate::Replied => "replied",
            Fate::Refused => "refused",
            Fate::Observed => "observed",
            Fate::TimedOut => "timeout",
            Fate::LinkLost => "link_lost",
            Fate::Failed => "failed",
            Fate::RepliedLate => "replied_late",
            Fate::RepliedAgain => "replied_again",
            Fate::Unsolicited => "unsolicited",
        }
    }

    /// The fate of a request in this state; `None` while it waits to be sent.
    pub const fn of(state: &RequestState) -> Option<Fate> {
        Some(match state {
            RequestState::Queued => return None,
            RequestState::Sent => Fate::Sent,
            RequestState::Acknowledged => Fate::Acknowledged,
            RequestState::Replied { .. } => Fate::Replied,
            RequestState::Refused { .. } => Fate::Refused,
            RequestState::Observed => Fate::Observed,
            RequestState::TimedOut { .. } => Fate::TimedOut,
            RequestState::LinkLost => Fate::LinkLost,
            RequestState::Failed(_) => Fate::Failed,
            RequestState::RepliedLate { .. } => Fate::RepliedLate,
            RequestState::RepliedAgain { .. } => Fate::RepliedAgain,
        })
    }
}

/// A latency in 4 bytes, for the head of a message: microseconds, [`NO_LATENCY`] for none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency(u32);

const NO_LATENCY: u32 = u32::MAX;

impl Latency {
    /// Nothing known.
    pub(super) const NONE: Latency = Latency(NO_LATENCY);

    /// A latency beyond 71 minutes is kept as 71 minutes.
    pub(super) fn new(latency: Option<Duration>) -> Latency {
        let micros = latency.map(|latency| u32::try_from(latency.as_micros()).unwrap_or(NO_LATENCY));
        Latency(micros.map_or(NO_LATENCY, |micros| micros.min(NO_LATENCY - 1)))
    }

    pub(super) fn get(self) -> Option<Duration> {
        (self.0 != NO_LATENCY).then(|| Duration::from_micros(u64::from(self.0)))
    }
}
