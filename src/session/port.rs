//! What goes into a session and what comes out of it.

use std::sync::Arc;
use std::time::Duration;

use crate::base::lang::Phrase;
use crate::dialect::{ConnectionSettings, Dialect, HttpAnswer, HttpCall, Plan, Via};
use crate::model::{Request, RequestKey, Role, Stage, StageReport, ThingModel};
use crate::session::thing::{ThingCommand, ThingConfig};

/// How a session is made.
#[derive(Clone)]
pub struct SessionConfig {
    /// The platform.
    pub dialect: &'static dyn Dialect,
    /// The side that is played.
    pub role: Role,
    /// What the profile says, secrets resolved.
    pub settings: ConnectionSettings,
    /// The thing model, where one is known.
    pub model: Option<Arc<ThingModel>>,
    /// Whether a lost or failed connection is made again.
    pub reconnect: Reconnect,
    /// The simulated thing behind a device connection, where there is one.
    pub thing: Option<ThingConfig>,
    /// Seed for everything that is chosen at random.
    pub seed: u64,
}

/// Whether a lost or failed connection is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconnect {
    /// Never: one-shot commands.
    Never,
    /// After a growing wait. A refused login is never tried again without being asked.
    BackOff,
}

/// What a person (or a script) wants of a connection.
#[derive(Debug, Clone)]
pub enum Command {
    /// Connect now, also out of a wait.
    Connect,
    /// Disconnect and stay so.
    Disconnect,
    /// Send an operation and track it.
    Request {
        /// Names it from now on.
        key: RequestKey,
        /// The operation.
        request: Request,
        /// How long to wait for the reply; the platform's own time where `None`.
        timeout: Option<Duration>,
        /// `false` sends values that break the thing model.
        check: bool,
    },
    /// Send a hand-made message and track its acknowledgement.
    Publish {
        /// Names it from now on.
        key: RequestKey,
        /// MQTT topic. On a WebSocket, where the bytes are sent as a text frame, only a name; may be empty.
        topic: String,
        /// The exact bytes.
        payload: Vec<u8>,
        /// MQTT quality of service, 0–2.
        qos: u8,
        /// MQTT retain flag.
        retain: bool,
    },
    /// Subscribe a further filter, now and after every reconnect.
    Subscribe {
        /// MQTT topic filter.
        filter: String,
        /// Requested QoS.
        qos: u8,
    },
    /// Remove a filter.
    Unsubscribe {
        /// MQTT topic filter.
        filter: String,
    },
    /// Change the simulated thing.
    Thing(ThingCommand),
    /// Read and write by another thing model; the simulated thing keeps its own.
    Model(Arc<ThingModel>),
}

/// Names one packet handed to the socket until it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Comes back in [`LinkEvent::Sent`] and [`LinkEvent::PubAck`].
    pub ticket: Ticket,
    /// The way it takes.
    pub via: Via,
    /// MQTT topic, or the name that stands for it.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// MQTT quality of service.
    pub qos: u8,
    /// MQTT retain flag.
    pub retain: bool,
}

/// What a session wants of its socket.
#[derive(Debug, Clone)]
pub enum Action {
    /// Make a call of the login; the answer comes back as [`LinkEvent::LoginAnswer`].
    Call {
        /// Comes back with the answer.
        number: u64,
        /// The call.
        call: Box<HttpCall>,
    },
    /// Make the connection. Stages come back as [`LinkEvent::Stage`], then one of `Connected`, `Refused`, `Failed`.
    Open(Box<Plan>),
    /// Close it in good order (DISCONNECT).
    Close,
    /// Subscribe; the answer comes back as [`LinkEvent::SubAck`].
    Subscribe {
        /// MQTT topic filter.
        filter: String,
        /// Requested QoS.
        qos: u8,
    },
    /// Unsubscribe.
    Unsubscribe {
        /// MQTT topic filter.
        filter: String,
    },
    /// Send; [`LinkEvent::Sent`] and, for QoS > 0, [`LinkEvent::PubAck`] come back, for a call over HTTP
    /// [`LinkEvent::Answered`].
    Publish(Outgoing),
}

/// What the socket tells its session. Received messages go through `Session::receive` instead.
#[derive(Debug, Clone)]
pub enum LinkEvent {
    /// A call of the login was answered, or could not be made.
    LoginAnswer {
        /// Which.
        number: u64,
        /// The answer, whatever its status.
        outcome: Result<HttpAnswer, CallFault>,
        /// From the beginning of the call to its answer.
        elapsed: Duration,
    },
    /// A stage of the attempt is over (all but the login over HTTP and SUBACK, which the session reports itself).
    Stage(StageReport),
    /// CONNACK 0.
    Connected {
        /// MQTT session present flag.
        session_present: bool,
    },
    /// CONNACK with another code.
    Refused {
        /// The return code.
        code: u8,
    },
    /// The server answered a WebSocket upgrade with something else, and would do so again.
    Denied {
        /// The status, and what the server said beside it.
        reason: Phrase,
    },
    /// The attempt failed before CONNACK.
    Failed {
        /// Why.
        reason: Phrase,
    },
    /// An established connection ended without being asked to.
    Lost {
        /// Why.
        reason: Phrase,
    },
    /// The connection was closed as asked.
    Closed,
    /// An answer to a subscription.
    SubAck {
        /// The filter.
        filter: String,
        /// The granted QoS, or the refusal code (0x80).
        result: Result<u8, u8>,
        /// Time since it was sent.
        elapsed: Duration,
    },
    /// A message was handed to the socket.
    Sent {
        /// Which.
        ticket: Ticket,
        /// Its index in the current batch.
        message: usize,
    },
    /// A message was acknowledged (PUBACK, or PUBCOMP for QoS 2).
    PubAck {
        /// Which.
        ticket: Ticket,
    },
    /// A call over HTTP was answered.
    Answered {
        /// Which.
        ticket: Ticket,
        /// The topic of the message that it was.
        topic: String,
        /// The answer, whatever its status.
        answer: HttpAnswer,
        /// Its index in the current batch.
        message: usize,
    },
    /// A message could not be handed to the socket, or a call over HTTP got no answer.
    NotSent {
        /// Which.
        ticket: Ticket,
        /// Why.
        reason: Phrase,
    },
}

/// Why a call over HTTP got no answer.
#[derive(Debug, Clone, PartialEq)]
pub struct CallFault {
    /// How far it came: name, TCP, TLS, or the call itself.
    pub stage: Stage,
    /// What was seen.
    pub reason: Phrase,
    /// What to do about it.
    pub advice: Option<Phrase>,
}

/// Stands for the body of a call that holds secrets, in streams, ledgers and recordings; also for that of an answer of
/// which nobody can tell.
pub const SECRET_BODY: &str = "(not shown: it holds secrets)";
