//! A platform made for these tests: topics `fake/{device}/{kind}`, payloads `{"id":"…","ok":true,"code":"…",…}`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::spec::{OperationSpec, RoleSpec, Spec, TopicSpec};
use crate::dialect::{
    Answer, BackOff, Cloud, CloudOptions, ConnectionSettings, Context, Dialect, EncodeFault, Encoded, HttpAnswer,
    HttpCall, Incoming, LoginFault, Method, ModelFault, MqttLevel, Plan, Reading, ReplyBody, Roster, RosterFault,
    Server, Signed, Subscription, Via,
};
use crate::model::thing::{DataType, Event, Param, Property, Range, Service, ValueFault};
use crate::model::{
    Code, Direction, Dissection, FieldFault, Fields, Id, Kind, Meta, OpKind, Place, Request, Role, Span, ThingModel,
};

pub(super) static FAKE: Fake = Fake { spec: &SPEC };
/// The same, with waits that grow by ten seconds from zero.
pub(super) static PATIENT: Fake = Fake { spec: &PATIENT_SPEC };

pub(super) struct Fake {
    spec: &'static Spec,
}

const WAIT: Duration = Duration::from_secs(5);
const HELP: Text = Text::same("");

const fn operation(op: OpKind, reply: Option<Kind>) -> OperationSpec {
    OperationSpec { op, reply, timeout: WAIT, help: HELP }
}

const fn topic(pattern: &'static str, kind: Kind, subscribers: &'static [Role]) -> TopicSpec {
    TopicSpec { pattern, kind, publishers: &[], subscribers, source: "made up" }
}

const APP: RoleSpec = RoleSpec {
    role: Role::App,
    identity: &[],
    device: &[],
    server: None,
    operations: &[
        operation(OpKind::Set, Some(Kind::SetReply)),
        operation(OpKind::Get, Some(Kind::GetReply)),
        operation(OpKind::DesiredSet, None),
        operation(OpKind::Subscribe, Some(Kind::SubscribeReply)),
        operation(OpKind::Unsubscribe, Some(Kind::UnsubscribeReply)),
        operation(OpKind::Bind, Some(Kind::BindReply)),
    ],
    back_off: BackOff::Doubling,
    refusals: &[],
};

const DEVICE: RoleSpec = RoleSpec {
    role: Role::Device,
    identity: &[],
    device: &[],
    server: None,
    operations: &[
        operation(OpKind::Report, Some(Kind::ReportReply)),
        operation(OpKind::Event, Some(Kind::EventReply)),
        operation(OpKind::DesiredGet, Some(Kind::DesiredGetReply)),
        operation(OpKind::DesiredDelete, Some(Kind::DesiredDeleteReply)),
        operation(OpKind::Topology, Some(Kind::TopologyReply)),
        operation(OpKind::Ota, None),
        operation(OpKind::Ntp, Some(Kind::NtpReply)),
    ],
    back_off: BackOff::Doubling,
    refusals: &["500"],
};

const PATIENT_APP: RoleSpec =
    RoleSpec { back_off: BackOff::Growing { by: Duration::from_secs(10), longest: Duration::from_secs(35) }, ..APP };

static SPEC: Spec = spec(&[APP, DEVICE]);
static PATIENT_SPEC: Spec = spec(&[PATIENT_APP]);

const TOPICS: &[TopicSpec] = &[
    topic("fake/{device}/report", Kind::Report, &[Role::App]),
    topic("fake/{device}/set_reply", Kind::SetReply, &[Role::App]),
    topic("fake/{device}/set", Kind::Set, &[Role::Device]),
];

const fn spec(roles: &'static [RoleSpec]) -> Spec {
    Spec {
        name: "fake",
        aliases: &[],
        title: Text::same("Fake"),
        example: "",
        roles,
        endpoints: &[],
        roster: &[],
        topics: TOPICS,
        codes: &[],
        operator: &[],
    }
}

fn kind_of(op: OpKind) -> Kind {
    Kind::parse(op.name())
        .or(match op {
            OpKind::DesiredSet => Some(Kind::DesiredSet),
            OpKind::DesiredGet => Some(Kind::DesiredGet),
            OpKind::DesiredDelete => Some(Kind::DesiredDelete),
            _ => None,
        })
        .unwrap()
}

/// The kind of what comes on a topic; what comes on that of a call is its answer.
fn kind_on(topic: &str) -> Kind {
    match topic {
        "POST /call" => Kind::SetReply,
        topic => topic.rsplit('/').next().and_then(Kind::parse).unwrap_or_default(),
    }
}

/// The reply kind of a request kind.
fn reply_of(kind: Kind) -> Option<Kind> {
    Kind::parse(&format!("{}_reply", kind.name()))
}

fn message(kind: Kind, body: Value, id: Option<String>, reply: Option<Kind>, qos: u8) -> Encoded {
    Encoded {
        via: Via::Mqtt,
        topic: format!("fake/lamp/{}", kind.name()),
        payload: body.to_string().into_bytes(),
        qos,
        request_id: id,
        reply,
        timeout: WAIT,
    }
}

/// The bytes between `open` and the next quote.
fn span_after(payload: &[u8], open: &str) -> Span {
    let Ok(text) = std::str::from_utf8(payload) else { return Span::NONE };
    let Some(start) = text.find(open).map(|at| at + open.len()) else { return Span::NONE };
    text[start..].find('"').map_or(Span::NONE, |len| Span::new(Place::Payload, start, len))
}

fn readings(topic: &str, payload: &[u8]) -> Vec<Reading> {
    let kind = kind_on(topic);
    let body = match serde_json::from_slice(payload) {
        Ok(Value::Object(body)) => body,
        // Several frames in one payload.
        Ok(Value::Array(frames)) => {
            let each = frames.iter().map(|frame| frame.to_string().into_bytes());
            return each.flat_map(|frame| readings(topic, &frame)).collect();
        }
        _ => return Vec::new(),
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let object = |name: &str| body.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let op = match kind {
        Kind::Set => OpKind::Set,
        Kind::Get => OpKind::Get,
        Kind::Invoke => OpKind::Invoke,
        Kind::Ota => OpKind::Ota,
        Kind::Config => OpKind::Config,
        // An event wants an acknowledgement at once.
        Kind::Event => {
            let due = message(Kind::Ack, json!({"sn": body.get("sn")}), None, None, 0);
            return vec![Reading::Due(due), Reading::Said(Phrase::verbatim("an event"))];
        }
        Kind::Report => return vec![Reading::Values { device: text("device"), values: object("params") }],
        kind if kind.is_reply() => {
            return vec![Reading::Reply(ReplyBody {
                request_id: text("id"),
                ok: body.get("ok").and_then(Value::as_bool).unwrap_or(true),
                silent: false,
                code: text("code"),
                message: text("message"),
                data: body.get("data").cloned(),
            })];
        }
        _ => return Vec::new(),
    };
    vec![Reading::Request(Incoming {
        op,
        device: text("device"),
        topic: topic.to_owned(),
        request_id: text("id"),
        name: text("name"),
        params: object("params"),
        identifiers: body
            .get("identifiers")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default(),
    })]
}

impl Dialect for Fake {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    /// With an account a token is fetched, and with `two_calls` an address after it.
    fn login(&self, _: Role, settings: &ConnectionSettings, _: Time, _: u64) -> Result<Option<HttpCall>, FieldFault> {
        let has = |name| settings.identity.get(name).is_some();
        let call = |name: &'static str| HttpCall {
            name,
            method: Method::Post,
            url: format!("http://cloud/{name}?lang=en"),
            headers: Vec::new(),
            body: b"password".to_vec(),
            secret_body: true,
        };
        Ok(if has("account") && !has("token") {
            Some(call("token"))
        } else if has("two_calls") && settings.server.is_none() {
            Some(call("address"))
        } else {
            None
        })
    }

    fn logged_in(
        &self,
        _: Role,
        settings: &mut ConnectionSettings,
        call: &HttpCall,
        answer: &HttpAnswer,
    ) -> Result<(), LoginFault> {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        // What is taken over before the fault is found must not stay.
        settings.identity.set("touched", "yes");
        if !answer.is_success() {
            let refused = answer.status < 500;
            return Err(LoginFault { code: "9020".into(), reason: Phrase::verbatim(text), refused });
        }
        match call.name {
            "token" => settings.identity.set("token", text),
            _ => settings.server = Server::parse(&text).ok(),
        }
        Ok(())
    }

    fn plan(&self, _: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        let filters = settings.identity.require("filters")?;
        Ok(Plan {
            server: settings.server.clone().unwrap_or(Server::parse("mqtt://localhost").unwrap()),
            client_id: "client-1".into(),
            username: format!(
                "{}-{nonce}{}",
                now.as_micros(),
                settings.identity.get("token").map(|token| format!("-{token}")).unwrap_or_default()
            ),
            password: Secret::new("secret"),
            keep_alive: Duration::from_secs(60),
            clean_session: true,
            level: MqttLevel::V311,
            subscriptions: filters
                .split(',')
                .filter(|filter| *filter != "none")
                .map(|filter| Subscription { filter: filter.into(), qos: 1 })
                .collect(),
            headers: Vec::new(),
            opening: settings
                .identity
                .get("opening")
                .into_iter()
                .flat_map(|names| names.split(','))
                .map(|name| Request { name: Some(name.into()), ..Request::new(OpKind::Subscribe) })
                .collect(),
            heartbeat: None,
            tls: settings.tls.clone(),
            expires_at: settings.identity.number("expires")?.map(Time::from_secs),
        })
    }

    fn sign(&self, _: Role, _: &Fields, _: Time, _: u64) -> Result<Signed, FieldFault> {
        Err(FieldFault::new("none", Text::same("")))
    }

    fn classify(&self, _: Role, _: Direction, topic: &str, payload: &[u8]) -> Meta {
        let kind = kind_on(topic);
        let id = span_after(payload, "\"id\":\"");
        let code = span_after(payload, "\"code\":\"");
        let has = |text: &str| String::from_utf8_lossy(payload).contains(text);
        Meta {
            kind,
            ok: if has("\"ok\":true") {
                Some(true)
            } else if has("\"ok\":false") {
                Some(false)
            } else {
                None
            },
            device: Span::NONE,
            id: if id.is_none() { Id::None } else { Id::Text(id) },
            code: if code.is_none() { Code::None } else { Code::Text(code) },
        }
    }

    fn dissect(&self, _: &Context<'_>, _: &str, _: &[u8]) -> Dissection {
        Dissection::default()
    }

    fn gist(&self, _: &Context<'_>, _: &str, _: &[u8], _: &Meta) -> String {
        String::new()
    }

    fn read(&self, _: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
        readings(topic, payload)
    }

    /// A request named `quiet` gets no reply; one named `nameless` has no id; one named `careless` goes with QoS 0; one
    /// named `call` goes over HTTP, `secret call` with a body that nobody may see. Subscriptions go over a WebSocket.
    fn encode(
        &self,
        context: &Context<'_>,
        request: &Request,
        id: u64,
        _: Time,
        check: bool,
    ) -> Result<Encoded, EncodeFault> {
        let role = self.spec.role(context.role).unwrap();
        let Some(operation) = role.operations.iter().find(|operation| operation.op == request.op) else {
            return Err(EncodeFault::NoSuchOperation(role.operations.iter().map(|operation| operation.op).collect()));
        };
        if check && request.params.contains_key("bad") {
            return Err(EncodeFault::Argument(Phrase::verbatim("bad is not allowed")));
        }
        let name = request.name.as_deref().unwrap_or_default();
        let socket = matches!(request.op, OpKind::Subscribe | OpKind::Unsubscribe);
        let id = match (name, context.identity.get("token")) {
            ("token in id", token) => token.map(str::to_owned),
            _ => (name != "nameless" && !socket).then(|| id.to_string()),
        };
        let reply = operation.reply.filter(|_| name != "quiet");
        let body = json!({
            "id": id, "name": request.name, "params": request.params, "identifiers": request.identifiers,
            "device": request.device,
        });
        let qos = if name == "careless" { 0 } else { 1 };
        let mut encoded = message(kind_of(request.op), body, id, reply, qos);
        if socket {
            encoded.via = Via::Socket;
        }
        if name.ends_with("call") {
            let call = HttpCall {
                name: "call",
                method: Method::Post,
                url: "http://cloud/call".into(),
                headers: Vec::new(),
                body: encoded.payload.clone(),
                secret_body: name.starts_with("secret"),
            };
            encoded.topic = call.topic();
            encoded.via = Via::Http(Box::new(call));
        }
        Ok(encoded)
    }

    fn answer(&self, _: &Context<'_>, request: &Incoming, answer: &Answer, _: Time) -> Option<Encoded> {
        let kind = reply_of(kind_of(request.op))?;
        let body = json!({
            "id": request.request_id, "ok": answer.code.is_none(),
            "code": answer.code.as_deref().unwrap_or("0"), "data": answer.data,
        });
        Some(message(kind, body, None, None, 1))
    }

    fn check_value(
        &self,
        model: &ThingModel,
        identifier: &str,
        value: &Value,
        writing: bool,
    ) -> Result<(), (ValueFault, Option<String>)> {
        let Some(property) = model.properties.iter().find(|property| property.identifier == identifier) else {
            return Err((ValueFault::UnknownIdentifier, Some("404".into())));
        };
        if writing && !property.writable {
            return Err((ValueFault::ReadOnly, Some("405".into())));
        }
        let fits = match &property.data_type {
            DataType::Bool { .. } => value.is_boolean(),
            DataType::Int { range, .. } => {
                value.as_f64().is_some_and(|number| number >= range.min.unwrap() && number <= range.max.unwrap())
            }
            _ => true,
        };
        if fits { Ok(()) } else { Err((ValueFault::OutOfRange { limits: String::new() }, Some("406".into()))) }
    }

    fn read_model(&self, _: &str) -> Result<ThingModel, ModelFault> {
        Ok(self.demo_model())
    }

    fn write_model(&self, _: &ThingModel) -> Result<String, Phrase> {
        Ok(String::new())
    }

    fn observe(&self, _: &str, _: &[u8]) -> Vec<crate::model::learn::Observed> {
        Vec::new()
    }

    fn demo_model(&self) -> ThingModel {
        let range = Range { min: Some(0.0), max: Some(100.0), step: Some(1.0), unit: String::new() };
        let int = DataType::Int { bits: 32, range };
        let property = |identifier: &str, writable, data_type| Property {
            identifier: identifier.into(),
            name: identifier.into(),
            writable,
            data_type,
        };
        let param = Param { identifier: "level".into(), name: String::new(), optional: true, data_type: int.clone() };
        let event = |identifier: &str| Event {
            identifier: identifier.into(),
            name: String::new(),
            class: "info".into(),
            outputs: vec![param.clone()],
        };
        ThingModel {
            properties: vec![
                property("power", true, DataType::Bool { off: String::new(), on: String::new() }),
                property("light", true, int.clone()),
                property("heat", false, int),
            ],
            events: vec![event("hot"), event("cold")],
            services: vec![Service {
                identifier: "blink".into(),
                name: String::new(),
                synchronous: true,
                inputs: vec![param.clone()],
                outputs: vec![param],
            }],
            binary: None,
        }
    }

    fn cloud(&self, _: &Roster, _: &CloudOptions) -> Result<Box<dyn Cloud>, RosterFault> {
        Err(RosterFault { line: 0, reason: Phrase::verbatim("no cloud") })
    }
}

/// Values by identifier.
pub(super) fn values(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}
