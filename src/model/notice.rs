//! What a connection tells beside its messages.

use std::time::Duration;

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::model::{ConnectionId, Fields, Origin, Played, RequestInfo, RequestKey, RequestUpdate};

/// The state of a connection, in words (`UX.md`, "Screens").
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum LinkState {
    /// Never opened, or closed by the person.
    #[default]
    Closed,
    /// On its way, in the given stage.
    Connecting(Stage),
    /// Logged in; messages flow.
    Online,
    /// Lost or failed; tries again at the given time.
    Waiting {
        /// When the next attempt starts.
        until: Time,
        /// Number of the next attempt since the last success, from 1.
        attempt: u32,
        /// Why the last attempt or connection ended.
        reason: Phrase,
    },
    /// The platform said no; iotdbg does not try again unless asked.
    Refused(Phrase),
}

/// The stages of a connection attempt, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// A login over HTTP before the connection, one report per call.
    Login,
    /// Name resolution.
    Resolve,
    /// TCP connection.
    Tcp,
    /// TLS handshake.
    Tls,
    /// WebSocket upgrade.
    Upgrade,
    /// CONNECT sent.
    Connect,
    /// CONNACK received.
    Connack,
    /// SUBSCRIBE sent and SUBACK received, one report per filter; the same for subscriptions inside a WebSocket.
    Suback,
}

impl Stage {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Login => "login",
            Stage::Resolve => "resolve",
            Stage::Tcp => "tcp",
            Stage::Tls => "tls",
            Stage::Upgrade => "upgrade",
            Stage::Connect => "connect",
            Stage::Connack => "connack",
            Stage::Suback => "suback",
        }
    }

    /// The name shown to people.
    pub const fn title(self) -> Text {
        match self {
            Stage::Login => Text::new("Login", "登录"),
            Stage::Resolve => Text::new("DNS", "域名解析"),
            Stage::Tcp => Text::same("TCP"),
            Stage::Tls => Text::same("TLS"),
            Stage::Upgrade => Text::same("WebSocket"),
            Stage::Connect => Text::same("CONNECT"),
            Stage::Connack => Text::same("CONNACK"),
            Stage::Suback => Text::same("SUBACK"),
        }
    }

    /// The exit code of a one-shot command that failed in this stage (`INTERFACE.md`, "Exit codes").
    pub const fn exit_code(self) -> u8 {
        match self {
            Stage::Resolve => 10,
            Stage::Tcp => 11,
            Stage::Tls => 12,
            Stage::Login | Stage::Upgrade | Stage::Connect | Stage::Connack => 13,
            Stage::Suback => 14,
        }
    }
}

/// One stage of one attempt is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// Which stage.
    pub stage: Stage,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub elapsed: Duration,
    /// What was seen: addresses, protocol versions, codes, the topic filter and its granted QoS.
    pub detail: Phrase,
    /// What probably caused a failure and how to mend it.
    pub advice: Option<Phrase>,
}

/// Something that happened on a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The connection is in a new state.
    State {
        /// The new state.
        state: LinkState,
        /// Since when.
        at: Time,
    },
    /// A stage of the current attempt is over.
    Stage {
        /// What was seen.
        report: StageReport,
        /// When it was over.
        at: Time,
    },
    /// A request was taken; its updates follow.
    Request {
        /// Its key.
        key: RequestKey,
        /// What is known of it.
        info: Box<RequestInfo>,
        /// When.
        at: Time,
    },
    /// A request has reached a state.
    Update(RequestUpdate),
    /// A reply that matches no request of ours: the message at this index of the batch.
    Unsolicited {
        /// The message.
        message: usize,
        /// When.
        at: Time,
    },
    /// The simulated device of this connection changed a value or was told something.
    Thing {
        /// Its properties and their values, after the change.
        values: serde_json::Map<String, serde_json::Value>,
        /// What happened.
        what: Phrase,
        /// When.
        at: Time,
    },
    /// What the connection uses differs from its profile: a login brought it, or it was chosen for this run.
    Learned {
        /// `[identity]` as it is in use.
        identity: Fields,
        /// The devices, as `[device]` would name them.
        devices: Vec<Fields>,
    },
    /// The token or password in use expires then (Unix time); shown as a countdown.
    Expires {
        /// When it expires.
        at: Time,
    },
    /// Something worth knowing.
    Said {
        /// What.
        what: Phrase,
        /// When.
        at: Time,
    },
    /// Something a person should know.
    Warning {
        /// What.
        what: Phrase,
        /// When.
        at: Time,
    },
    /// Whose messages follow in a capture.
    Origin {
        /// The number that they have.
        connection: ConnectionId,
        /// What the capture says of them.
        origin: Box<Origin>,
    },
    /// How far a capture was read.
    Played(Played),
    /// Messages that had to be dropped.
    Lost {
        /// How many.
        count: u64,
        /// Why.
        why: Phrase,
        /// When.
        at: Time,
    },
}
