//! The life of one request: one key for life, and every state that it can reach.

use std::time::Duration;

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::model::Role;
use crate::model::{OpKind, Request};

/// A request within one run of iotdbg, given by whoever asks; never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestKey(pub u64);

/// What is known of a request when it is queued.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestInfo {
    /// What was asked; `None` for a hand-made message.
    pub op: Option<OpKind>,
    /// The device it is about.
    pub device: Option<String>,
    /// The topic it goes to.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// The id that ties the reply to it, as text; `None` where nothing will be matched.
    pub request_id: Option<String>,
    /// How long a reply is waited for; `None` where no reply is expected.
    pub timeout: Option<Duration>,
    /// MQTT quality of service it is sent with: with 0 there is no acknowledgement. For a call over HTTP 1, because its
    /// answer acknowledges it.
    pub qos: u8,
    /// Whether the reply carries no id, so that it is paired with the oldest request that waits for its kind.
    pub inferred: bool,
}

impl RequestInfo {
    /// A request that was never made into a message.
    pub fn unmade(request: &Request) -> Self {
        RequestInfo {
            op: Some(request.op),
            device: request.device.clone(),
            topic: String::new(),
            payload: Vec::new(),
            request_id: None,
            timeout: None,
            qos: 0,
            inferred: false,
        }
    }

    /// Whether nothing more is waited for once this state is reached: a state that decides the outcome or, where no
    /// reply is expected, the last one that can be reached, which is `Acknowledged` (`Sent` with QoS 0).
    pub const fn is_settled_by(&self, state: &RequestState) -> bool {
        state.is_final()
            || (self.timeout.is_none()
                && match state {
                    RequestState::Acknowledged => true,
                    RequestState::Sent => self.qos == 0,
                    _ => false,
                })
    }
}

/// A state of a request (`DESIGN.md` §2), told in the order in which they are reached. The final ones can still be
/// followed by `RepliedLate` and `RepliedAgain`. A PUBACK that comes after the reply is not told.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestState {
    /// Waits for the connection, or for its turn.
    Queued,
    /// Handed to the socket.
    Sent,
    /// The broker confirmed it (PUBACK), or the platform took the call (HTTP). Says nothing about the peer.
    Acknowledged,
    /// The peer answered this very request, well. A request that expects no reply can still get one.
    Replied {
        /// The code it gave, if any.
        code: Option<String>,
        /// The words it gave, if any.
        message: Option<String>,
    },
    /// The peer, or the platform for it, answered with an error.
    Refused {
        /// The code it gave.
        code: Option<String>,
        /// The words it gave.
        message: Option<String>,
    },
    /// A later report carried the value that was set; the platform has no reply of its own.
    Observed,
    /// No reply in time.
    TimedOut {
        /// The code, where the platform itself says that the peer stayed silent.
        code: Option<String>,
        /// The words beside it.
        message: Option<String>,
    },
    /// The connection was lost while the reply was awaited.
    LinkLost,
    /// It could not be sent at all.
    Failed(Phrase),
    /// An answer came after the request had timed out or its link was lost.
    RepliedLate {
        /// Whether it was a good answer.
        ok: bool,
        /// The code it gave, if any.
        code: Option<String>,
    },
    /// A further answer came after the first.
    RepliedAgain {
        /// Whether it was a good answer.
        ok: bool,
        /// The code it gave, if any.
        code: Option<String>,
    },
}

const DEVICE_SILENT: Text = Text::new(
    "is the device online, is it subscribed, is its answer sound, with this id, on the reply topic? `iotdbg cloud` logs what a device gets wrong",
    "请检查设备：是否在线、是否已订阅，应答的 JSON、id 与应答主题是否正确。`iotdbg cloud` 的日志会指出设备错在哪里",
);
const PLATFORM_SILENT: Text = Text::new(
    "platforms drop without a word what has a wrong topic or is broken: check every level of the topic; `iotdbg cloud` logs what it drops and why",
    "主题或内容有误时，平台会直接丢弃而不应答：请逐级核对主题；`iotdbg cloud` 的日志会写明丢弃的原因",
);

impl RequestState {
    /// Nobody answered in time, and nobody says why.
    pub const fn silence() -> RequestState {
        RequestState::TimedOut { code: None, message: None }
    }

    /// Where to look after silence, on the side that asked. Everything else says for itself what to do.
    pub const fn advice(&self, asked_by: Role) -> Option<Text> {
        match (self, asked_by) {
            (RequestState::TimedOut { .. }, Role::Device) => Some(PLATFORM_SILENT),
            (RequestState::TimedOut { .. }, _) => Some(DEVICE_SILENT),
            _ => None,
        }
    }

    /// The name used in JSON (`states[].state`).
    pub const fn name(&self) -> &'static str {
        match self {
            RequestState::Queued => "queued",
            RequestState::Sent => "sent",
            RequestState::Acknowledged => "acknowledged",
            RequestState::Replied { .. } => "replied",
            RequestState::Refused { .. } => "refused",
            RequestState::Observed => "observed",
            RequestState::TimedOut { .. } => "timeout",
            RequestState::LinkLost => "link_lost",
            RequestState::Failed(_) => "failed",
            RequestState::RepliedLate { .. } => "replied_late",
            RequestState::RepliedAgain { .. } => "replied_again",
        }
    }

    /// Whether this state decides the outcome.
    pub const fn is_final(&self) -> bool {
        matches!(
            self,
            RequestState::Replied { .. }
                | RequestState::Refused { .. }
                | RequestState::Observed
                | RequestState::TimedOut { .. }
                | RequestState::LinkLost
                | RequestState::Failed(_)
        )
    }
}

/// A request has reached a state.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestUpdate {
    /// Which request.
    pub key: RequestKey,
    /// The state it reached.
    pub state: RequestState,
    /// When.
    pub at: Time,
    /// The message that carries it, as an index into the same batch: the request itself for `Sent`, the reply for the
    /// replied states, the report for `Observed`.
    pub message: Option<usize>,
}
