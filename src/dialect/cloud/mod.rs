//! The platform's side of a dialect, for the simulated cloud: a state machine without sockets and without a clock.
//! `roster` reads the identities that it knows, `settings` how it behaves, `operator` what the console asks.

pub mod operator;
mod roster;
mod settings;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::Server;
use crate::dialect::http::{CallId, HttpAnswer, HttpRequest, Upgrade};
use crate::model::{RequestKey, RequestState, Role};

pub use roster::{Roster, RosterEntry, RosterFault};
pub use settings::{CloudOptions, Setting};

/// A CONNECT as the broker saw it.
#[derive(Debug, Clone)]
pub struct Connect<'a> {
    /// Which listener ([`crate::dialect::EndpointSpec::name`]).
    pub endpoint: &'a str,
    /// MQTT client id.
    pub client_id: &'a str,
    /// MQTT user name.
    pub username: &'a str,
    /// MQTT password.
    pub password: &'a [u8],
    /// Seconds.
    pub keep_alive: u16,
    /// Clean session flag.
    pub clean_session: bool,
    /// Protocol level: 3 or 4.
    pub level: u8,
    /// Whether a will is set.
    pub will: bool,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// Names a client of the simulated cloud for as long as it is connected.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64);

/// A client that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its number.
    pub id: ClientId,
    /// Whether it is an app or a device.
    pub role: Role,
    /// Who it is, in the dialect's own form (`pid/name`, `userid/1`). A second login of the same device identity kicks
    /// the first where `exclusive` is set.
    pub identity: String,
    /// Whether one identity may be connected only once.
    pub exclusive: bool,
    /// The filters it has subscribed.
    pub filters: Vec<String>,
}

/// How the server treats an MQTT client that was let in, where platforms differ from each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manners {
    /// The keep-alive that the server holds the client to, in seconds; `None` for the one that the client asked for.
    pub keep_alive: Option<u16>,
    /// Whether a subscription that is not allowed is answered with the QoS that was asked for, though nothing is
    /// delivered: SUBACK of MQTT 3.1 has no way to refuse. Otherwise the answer is 0x80.
    pub silent_suback: bool,
}

/// Whether a CONNECT is let in.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// Let in as this identity.
    Accept {
        /// App or device.
        role: Role,
        /// Who it is.
        identity: String,
        /// Whether an older connection of the same identity is closed.
        exclusive: bool,
        /// Filters that the platform subscribes on the client's behalf.
        auto_subscribe: Vec<String>,
        /// How the server treats it.
        manners: Manners,
    },
    /// Refused.
    Refuse {
        /// CONNACK return code, 1–5.
        connack: u8,
        /// The code in the platform's own log; empty where it has none.
        code: String,
        /// Why, for the operator's log.
        reason: Phrase,
    },
}

/// Why something is not allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Denial {
    /// Why, for the operator's log.
    pub reason: Phrase,
    /// The platform's code, empty where it has none.
    pub code: String,
    /// Whether the platform closes the connection over it.
    pub close: bool,
}

/// A message from or to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudMessage {
    /// MQTT topic.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// MQTT quality of service.
    pub qos: u8,
}

/// What the cloud wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum CloudOutput {
    /// Deliver to every client that has subscribed a filter matching the topic (and may).
    Publish(CloudMessage),
    /// Deliver to one client, whether it has subscribed or not.
    Deliver(ClientId, CloudMessage),
    /// Close the connection of a client: TCP ends without a word, as platforms do it.
    Kick(ClientId, Phrase),
    /// Answer a call.
    Answer(CallId, HttpAnswer),
    /// Send a WebSocket ping with this payload (at most 125 bytes).
    Ping(ClientId, Vec<u8>),
    /// Tell the operator's log.
    Log {
        /// Machine-readable name of the event (`replied`, `timeout`, `invalid` …).
        event: &'static str,
        /// Who it is about.
        identity: String,
        /// The platform's code, empty where it has none.
        code: String,
        /// What happened.
        what: Phrase,
    },
    /// A request of the operator has reached a state.
    Operated(RequestKey, RequestState),
}

/// What the cloud may look at while it decides.
pub struct CloudView<'a> {
    /// The time.
    pub now: Time,
    /// Every client that is connected, of this dialect.
    pub clients: &'a BTreeMap<u64, Client>,
    /// Where results go.
    pub out: &'a mut Vec<CloudOutput>,
}

/// A console action on a simulated cloud (`POST /operate`).
#[derive(Debug, Clone, PartialEq)]
pub struct Operate {
    /// Names it in [`CloudOutput::Operated`].
    pub key: RequestKey,
    /// `set`, `get`, `invoke`, `desired`, `ota`, `raw`, `kick`, `disable`, `fault` …
    pub operation: String,
    /// The device, in the dialect's own form.
    pub device: String,
    /// Arguments as given.
    pub arguments: Map<String, Value>,
}

/// The platform's side of a dialect.
pub trait Cloud: Send {
    /// Where a listener can be reached, told for each before anything else. Platforms give clients the address of their
    /// broker; the host of a call's own `Host` header may be nearer to its client.
    fn listening(&mut self, _endpoint: &str, _at: &Server) {}

    /// Whether a CONNECT is let in. Duplicate logins are handled by the caller.
    fn admit(&mut self, connect: &Connect<'_>, now: Time) -> Admission;

    /// Whether a client may subscribe a filter.
    fn may_subscribe(&self, client: &Client, filter: &str) -> Result<(), Denial>;

    /// Whether a client may publish to a topic.
    fn may_publish(&self, client: &Client, topic: &str) -> Result<(), Denial>;

    /// A client is online (CONNACK sent).
    fn online(&mut self, client: &Client, view: &mut CloudView<'_>);

    /// A client is gone.
    fn offline(&mut self, client: &Client, view: &mut CloudView<'_>);

    /// A client published; permission was checked. The broker does not route client messages by itself.
    fn receive(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>);

    /// Whether a WebSocket upgrade is granted on a listener with the scheme `ws`. A granted one is a client like any
    /// other: its text frames come to [`Cloud::receive`] with an empty topic, and are sent to it with
    /// [`CloudOutput::Deliver`] and an empty topic. [`Cloud::may_publish`] is not asked about them.
    fn upgrade(&mut self, _request: &HttpRequest<'_>, _now: Time) -> Upgrade {
        Upgrade::Refuse {
            answer: HttpAnswer { status: 404, ..HttpAnswer::default() },
            code: String::new(),
            reason: NO_HTTP.into(),
        }
    }

    /// A call on a listener with the scheme `http` or `ws`. Answered with [`CloudOutput::Answer`], now or later: a call
    /// that waits for a device does not hold up the others. Its client may have left when the answer comes. A HEAD comes
    /// as GET; OPTIONS, TRACE and CONNECT do not come here.
    fn http(&mut self, id: CallId, _request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        view.out.push(CloudOutput::Answer(id, HttpAnswer { status: 404, ..HttpAnswer::default() }));
    }

    /// A client pinged: PINGREQ, or a WebSocket ping.
    fn pinged(&mut self, _client: &Client, _view: &mut CloudView<'_>) {}

    /// A client answered a WebSocket ping.
    fn ponged(&mut self, _client: &Client, _view: &mut CloudView<'_>) {}

    /// The operator asks for something. The outcome follows as [`CloudOutput::Operated`]; `Err` where the request itself
    /// makes no sense.
    fn operate(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase>;

    /// When [`Cloud::handle_timeout`] wants to be called next.
    fn next_timeout(&self) -> Option<Time>;

    /// The time given by [`Cloud::next_timeout`] has come.
    fn handle_timeout(&mut self, view: &mut CloudView<'_>);

    /// What the cloud holds of a device, for the operator: values, desired values, online state.
    fn device_state(&self, device: &str) -> Option<Value>;
}

const NO_HTTP: crate::base::lang::Text = crate::base::lang::Text::new("nothing answers on this path", "该路径无应答");
