//! L2: the platforms. One folder each, and nothing outside a folder names its platform, but for its line in [`REGISTRY`].
//!
//! A [`Dialect`] is a stateless object: bytes go in, findings come out, and the role is an argument. So the app, the
//! device and the simulated cloud share one codec. What a screen or a command needs to know about a platform in
//! advance (fields, operations, topics, codes) is in its [`Spec`].

pub mod aliyun;
pub mod binary;
pub mod check;
pub mod cloud;
pub mod copies;
pub mod gizwits;
pub mod http;
pub mod lab;
pub mod model_file;
pub mod model_out;
pub mod near;
pub mod onenet;
pub mod plan;
pub mod remark;
pub mod sign;
pub mod spec;
pub mod tree;
pub mod unitedrhino;
pub mod wire;

#[cfg(test)]
mod conformance;
#[cfg(test)]
pub(crate) mod testing;

use std::ops::Range;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::{Lang, Phrase};
use crate::base::time::Time;
use crate::model::learn::{Habits, Observed};
use crate::model::step::Grid;
use crate::model::thing::{DataType, ValueFault};
use crate::model::{Direction, Dissection, FieldFault, Fields, Kind, Meta, OpKind, Request, Role, ThingModel};

pub use check::{Checked, Finding, Given};
pub use cloud::{Cloud, CloudOptions, Roster, RosterFault};
pub use copies::CopyForm;
pub use http::{CallId, HttpAnswer, HttpCall, HttpRequest, LoginFault, Method, Upgrade};
pub use plan::{
    ConnectionSettings, Heartbeat, MqttLevel, MqttOverrides, Plan, Server, Subscription, TlsSettings, Transport,
};
pub use sign::{Signed, Step};
pub use spec::{
    BackOff, CodeSpec, EndpointSpec, FieldSpec, FieldType, OperationSpec, RoleSpec, RosterTable, Spec, TopicSpec,
};

/// Every dialect, in the order in which lists show them. The first is what a newcomer meets first in the demo: its app can
/// set a property and is answered.
pub static REGISTRY: &[&dyn Dialect] =
    &[&onenet::OneNet, &aliyun::Aliyun, &gizwits::Gizwits, &unitedrhino::UnitedRhino];

/// Finds a dialect by name or alias.
pub fn find(name: &str) -> Option<&'static dyn Dialect> {
    REGISTRY.iter().copied().find(|dialect| {
        let spec = dialect.spec();
        spec.name == name || spec.aliases.contains(&name)
    })
}

/// What a dialect needs to know about the connection on whose behalf it reads or writes.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The side that reads or writes. For reading, this is the side that iotdbg plays on the connection.
    pub role: Role,
    /// `[identity]` of the profile (and its defaults); of a session also [`plan::CLIENT_ID_IN_USE`].
    pub identity: &'a Fields,
    /// `[device]` tables of the profile: the devices that an app watches or drives.
    pub devices: &'a [Fields],
    /// The thing model, where one is known.
    pub model: Option<&'a ThingModel>,
    /// The language of words in results.
    pub lang: Lang,
}

/// The way that a message takes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Via {
    /// PUBLISH on an MQTT connection.
    #[default]
    Mqtt,
    /// A text frame on a WebSocket.
    Socket,
    /// A call beside the connection. Its answer is received on the same topic, and belongs to this call for certain.
    Http(Box<HttpCall>),
}

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The way it takes.
    pub via: Via,
    /// MQTT topic. On a WebSocket the name that [`Dialect::socket_topic`] gives the frame; for a call its method and
    /// path, as in `POST /app/bindings`.
    pub topic: String,
    /// The exact bytes.
    pub payload: Vec<u8>,
    /// MQTT quality of service, 0 or 1.
    pub qos: u8,
    /// The id that the reply will carry, as text, exactly as [`crate::model::MessageRef::request_id`] gives it. Where it
    /// is `None` and a reply is expected, the two are paired by order and kind, and the pairing is told to be inferred.
    pub request_id: Option<String>,
    /// The kind of message that answers it; `None` where the platform sends no answer.
    pub reply: Option<Kind>,
    /// How long the platform, or its documents, wait for the answer.
    pub timeout: Duration,
}

/// Why an operation cannot be encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum EncodeFault {
    /// The dialect and role have no such operation; the ones they have.
    NoSuchOperation(Vec<OpKind>),
    /// An argument is missing or does not fit.
    Argument(Phrase),
    /// A value breaks the thing model. `code` is what the platform would answer.
    Value {
        /// The identifier.
        identifier: String,
        /// What is wrong.
        fault: ValueFault,
        /// The platform's own code for it.
        code: Option<String>,
        /// The whole finding in words.
        reason: Phrase,
    },
}

impl EncodeFault {
    /// The finding in words, with the code that the platform would answer.
    pub fn phrase(&self) -> Phrase {
        match self {
            EncodeFault::NoSuchOperation(have) => {
                let names: Vec<&str> = have.iter().map(|op| op.name()).collect();
                NO_SUCH_OPERATION.with(&[&names.join(", ")])
            }
            EncodeFault::Value { reason, code: Some(code), .. } => {
                CODED.around([reason.clone(), Phrase::verbatim(code.clone())])
            }
            EncodeFault::Argument(reason) | EncodeFault::Value { reason, .. } => reason.clone(),
        }
    }
}

const CODED: crate::base::lang::Text =
    crate::base::lang::Text::new("{} (the platform's code: {})", "{}（平台错误码：{}）");
const NO_SUCH_OPERATION: crate::base::lang::Text = crate::base::lang::Text::new(
    "this dialect and role has no such operation; it has: {}",
    "该平台与角色没有此操作，可用的操作：{}",
);

/// What a received message asks or tells, decoded for whoever has to act on it (the session, the simulated thing).
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A request to this side, which [`Dialect::answer`] can answer.
    Request(Incoming),
    /// An answer to a request of this side.
    Reply(ReplyBody),
    /// Property values of a device: a report or the push of one.
    Values {
        /// The device, named as [`Meta::device`] names it.
        device: Option<String>,
        /// Bare values by identifier.
        values: Map<String, Value>,
    },
    /// The protocol wants this sent at once, whoever plays this side (an acknowledgement). It is not tracked.
    Due(Encoded),
    /// Something worth knowing, beside the message itself.
    Said(Phrase),
    /// Something that probably is not meant so, and that the peer will not tell.
    Warned(Phrase),
    /// A device came online or went offline.
    Presence {
        /// The device, named as [`Meta::device`] names it.
        device: Option<String>,
        /// Its new state.
        online: bool,
    },
}

/// A request that this side received.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// What is asked: `Set`, `Get`, `Invoke`, `Raw`; `Ota` for a waiting upgrade, `Config` for a pushed configuration …
    pub op: OpKind,
    /// The sub-device that is meant, as [`crate::model::Request::device`] names it, where a gateway is asked on its
    /// behalf; `None` for the device of the connection.
    pub device: Option<String>,
    /// The topic it came on; the reply topic follows from it.
    pub topic: String,
    /// The id to be echoed, as it stands in the message.
    pub request_id: Option<String>,
    /// The service or action asked for.
    pub name: Option<String>,
    /// Values by identifier.
    pub params: Map<String, Value>,
    /// Identifiers asked for.
    pub identifiers: Vec<String>,
}

impl Incoming {
    /// A request without arguments, for the device of the connection.
    pub fn new(op: OpKind, topic: impl Into<String>) -> Self {
        Incoming {
            op,
            device: None,
            topic: topic.into(),
            request_id: None,
            name: None,
            params: Map::new(),
            identifiers: Vec::new(),
        }
    }
}

/// What this side answers to an [`Incoming`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// `None` for success, in the platform's own code for it; otherwise the code to refuse with.
    pub code: Option<String>,
    /// Words beside the code; the dialect's own words for the code if `None`.
    pub message: Option<String>,
    /// Values asked for, or outputs of a service.
    pub data: Map<String, Value>,
}

/// The contents of a reply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplyBody {
    /// The id it echoes.
    pub request_id: Option<String>,
    /// Whether it is a good answer.
    pub ok: bool,
    /// Whether the platform answers for a peer that did not answer in time.
    pub silent: bool,
    /// Its code as text.
    pub code: Option<String>,
    /// Its words.
    pub message: Option<String>,
    /// What it carries.
    pub data: Option<Value>,
}

/// What is shipped for a platform, so that it can be tried without an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shipped {
    /// Profiles by name; each connects to `iotdbg cloud` on its default ports without an edit.
    pub profiles: &'static [(&'static str, &'static str)],
    /// The roster that the simulated cloud uses where none is given: the identities of these profiles.
    pub roster: &'static str,
}

/// One platform. Stateless; every method may be called from any thread.
pub trait Dialect: Sync {
    /// Names, fields, operations, topics, codes.
    fn spec(&self) -> &'static Spec;

    /// Which revision of the platform's protocol this is, for `--version`.
    fn revision(&self) -> &'static str {
        ""
    }

    /// How to connect: address, CONNECT fields, subscriptions. `nonce` supplies randomness where the platform wants
    /// some (a client id suffix), so that the result is a function of its arguments.
    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault>;

    /// The call that has to be made before [`Dialect::plan`] can be: a login, a registration, the address of the broker.
    /// Asked again after each answer, until it is `None`.
    fn login(
        &self,
        _role: Role,
        _settings: &ConnectionSettings,
        _now: Time,
        _nonce: u64,
    ) -> Result<Option<HttpCall>, FieldFault> {
        Ok(None)
    }

    /// Takes what a call of [`Dialect::login`] brought into the settings: tokens, ids, addresses, devices.
    fn logged_in(
        &self,
        _role: Role,
        _settings: &mut ConnectionSettings,
        _call: &HttpCall,
        _answer: &HttpAnswer,
    ) -> Result<(), LoginFault> {
        Ok(())
    }

    /// The MQTT client id that every connection of a session uses, where topics are made of it: it has to be known before
    /// the first connection is planned, and is kept under [`plan::CLIENT_ID_IN_USE`].
    fn session_client_id(&self, _role: Role, _settings: &ConnectionSettings, _nonce: u64) -> Option<String> {
        None
    }

    /// Puts what a login brought into a call that was encoded before it, and the address where the call has only a path.
    fn authorize(&self, _settings: &ConnectionSettings, _call: &mut HttpCall) {}

    /// What is to be said of a filter that may be subscribed though it does not do what is probably meant.
    fn remark_on_filter(&self, _role: Role, _filter: &str) -> Option<Phrase> {
        None
    }

    /// What a gateway subscribes for a sub-device of this name (`product/name`) once it has joined; nothing where everything
    /// about it comes on the gateway's own topics.
    fn sub_device_filters(&self, _device: &str) -> Vec<String> {
        Vec::new()
    }

    /// The signature calculator: the login of `role` made from `fields`, with each step shown.
    fn sign(&self, role: Role, fields: &Fields, now: Time, nonce: u64) -> Result<Signed, FieldFault>;

    /// The signature checker: whether a login was made right, and if not, what was done wrong. The role is guessed from
    /// what was given where it is not named. `Err` names the field without which nothing can be told.
    fn check(&self, role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
        let role = role.unwrap_or(Role::Device);
        let signed = self.sign(role, &given.fields, now, 0)?;
        Ok(check::compare(role, given, signed))
    }

    /// Whether something that was given has a form that only this platform's logins have.
    fn recognises(&self, _given: &Given) -> bool {
        false
    }

    /// Whose login was given: the role, and the fields of `[identity]` that can be read out of it. A secret that only
    /// signs is not among them.
    fn identity(&self, _given: &Given) -> Option<(Role, Fields)> {
        None
    }

    /// What is remarkable about a connection that is to be made, by the rules of the platform: client id, keep-alive,
    /// port, host, topics, MQTT level. Each finding names its source.
    fn examine(&self, _role: Role, _settings: &ConnectionSettings, _plan: &Plan) -> Vec<Finding> {
        Vec::new()
    }

    /// What a message is. Called for every message on the way in: no allocation, no parsing beyond what is asked.
    fn classify(&self, role: Role, direction: Direction, topic: &str, payload: &[u8]) -> Meta;

    /// Where the number of a binary frame stands: four bytes, big-endian. `None` where ids are text, or there is none.
    fn number_at(&self, _topic: &str, _payload: &[u8]) -> Option<Range<usize>> {
        None
    }

    /// A message taken apart for people. Complete, never fails. `topic` may be empty where only a payload is known.
    fn dissect(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection;

    /// Every message that a payload holds, taken apart: several where a platform packs several frames into one payload.
    /// Offsets are into the whole payload.
    fn dissect_each(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Dissection> {
        vec![self.dissect(context, topic, payload)]
    }

    /// The name under which a WebSocket frame stands in the stream, in the place of a topic: levels joined by `/`.
    fn socket_topic(&self, _direction: Direction, _payload: &[u8]) -> String {
        "ws".to_owned()
    }

    /// One line on what a message says, for the list ("temperature=30.5"). Called for visible rows only; may be empty.
    fn gist(&self, context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String;

    /// What a received message asks or tells; several where one payload carries several frames, none where nobody has
    /// to act.
    fn read(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading>;

    /// Whether [`Dialect::read`] may give [`Reading::Due`] or [`Reading::Said`] for such a message, so that it is read
    /// even where nobody waits for it. Where it surely does not, saying so saves reading every message of a flood.
    fn may_want_action(&self, _role: Role, _meta: &Meta) -> bool {
        true
    }

    /// An operation as a message. `id` is a number that was never used before on this connection; the dialect writes it
    /// in its own form. A value that breaks the model is a fault here; `check: false` sends it nevertheless.
    fn encode(
        &self,
        context: &Context<'_>,
        request: &Request,
        id: u64,
        now: Time,
        check: bool,
    ) -> Result<Encoded, EncodeFault>;

    /// The answer to a request; `None` where the platform wants none.
    fn answer(&self, context: &Context<'_>, request: &Incoming, answer: &Answer, now: Time) -> Option<Encoded>;

    /// Checks one value against a model, in the platform's terms: the fault and the platform's code for it.
    fn check_value(
        &self,
        model: &ThingModel,
        identifier: &str,
        value: &Value,
        writing: bool,
    ) -> Result<(), (ValueFault, Option<String>)>;

    /// What is to be said of a value that fits its type but will not arrive as it was meant.
    fn remark_on_value(&self, data_type: &DataType, identifier: &str, value: &Value) -> Option<Phrase> {
        remark::between_steps(remark::BETWEEN, data_type, identifier, value, Grid::Either)
    }

    /// Reads a thing model in the platform's own file format.
    fn read_model(&self, text: &str) -> Result<ThingModel, ModelFault>;

    /// Writes a thing model in the platform's own file format, so that [`Dialect::read_model`] reads it back; or why it cannot
    /// be written.
    fn write_model(&self, model: &ThingModel) -> Result<String, Phrase>;

    /// What a message tells of the thing model of its product, whoever sent it.
    fn observe(&self, topic: &str, payload: &[u8]) -> Vec<Observed>;

    /// How the platform writes values, for a model that is learned from messages.
    fn habits(&self) -> Habits {
        Habits::default()
    }

    /// How a product's thing model is fetched with this profile, which has logged in; `None` where the platform does not
    /// give it to this role.
    fn model_source(&self, _role: Role, _settings: &ConnectionSettings) -> Result<Option<ModelSource>, FieldFault> {
        Ok(None)
    }

    /// The model file in the answer to [`ModelSource::Call`].
    fn fetched_model(&self, call: &HttpCall, answer: &HttpAnswer) -> Result<String, LoginFault> {
        let reason = Phrase::verbatim(format!("{} {}", call.topic(), answer.status));
        Err(LoginFault { code: String::new(), reason, refused: true })
    }

    /// The model that belongs to what a profile names, where the dialect has it built in.
    fn known_model(&self, _settings: &ConnectionSettings) -> Option<ThingModel> {
        None
    }

    /// Whether a report always carries every property of this model, so that a change is told with all the others.
    fn reports_everything(&self, _model: &ThingModel) -> bool {
        false
    }

    /// The model that the demo and the simulated device use where none was given.
    fn demo_model(&self) -> ThingModel;

    /// The platform's side for the simulated cloud, with the identities of `roster`.
    fn cloud(&self, roster: &Roster, options: &CloudOptions) -> Result<Box<dyn Cloud>, RosterFault>;

    /// What it knows of its frames on the bench, where it has binary frames.
    fn lab(&self) -> Option<&'static dyn lab::Lab> {
        None
    }

    /// The profiles and the roster that are shipped for it.
    fn shipped(&self) -> Shipped {
        Shipped::default()
    }

    /// The words of a code of this platform.
    fn explain_code(&self, code: &str) -> Option<&'static CodeSpec> {
        self.spec().codes.iter().find(|spec| spec.code == code)
    }
}

/// How a thing model is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A call; its answer is read by [`Dialect::fetched_model`].
    Call(HttpCall),
    /// A message of the connection. The answer on the other topic holds the definition, as [`Dialect::observe`] tells.
    Message {
        /// Where it is published.
        topic: String,
        /// The exact bytes.
        payload: Vec<u8>,
        /// The topic of the answer.
        reply: String,
    },
}

/// Why a thing model cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}
