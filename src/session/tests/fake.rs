//! A platform made for these tests: topics `fake/{device}/{kind}`, payloads `{"id":"…","ok":true,"code":"…",…}`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::spec::{OperationSpec, RoleSpec, Spec, TopicSpec};
use crate::dialect::{
    Answer, BackOff, Cloud, CloudOptions, ConnectionSettings, Context, Dialect, EncodeFault, Encoded, Incoming,
    ModelFault, MqttLevel, Plan, Reading, ReplyBody, Roster, RosterFault, Server, Signed, Subscription, Via,
};
use crate::model::thing::{DataType, Event, Param, Property, Range, Service, ValueFault};
use crate::model::{
    Code, Direction, Dissection, FieldFault, Fields, Id, Kind, Meta, OpKind, Place, Request, Role, Span, ThingModel,
};

pub(super) static FAKE: Fake = Fake;

pub(super) struct Fake;

const WAIT: Duration = Duration::from_secs(5);
const HELP: Text = Text::same("");

const fn operation(op: OpKind, reply: Option<Kind>) -> OperationSpec {
    OperationSpec { op, reply, timeout: WAIT, help: HELP }
}

const fn topic(pattern: &'static str, kind: Kind, subscribers: &'static [Role]) -> TopicSpec {
    TopicSpec { pattern, kind, publishers: &[], subscribers, source: "made up" }
}

static SPEC: Spec = Spec {
    name: "fake",
    aliases: &[],
    title: Text::same("Fake"),
    roles: &[
        RoleSpec {
            role: Role::App,
            identity: &[],
            device: &[],
            server: None,
            operations: &[
                operation(OpKind::Set, Some(Kind::SetReply)),
                operation(OpKind::Get, Some(Kind::GetReply)),
                operation(OpKind::DesiredSet, None),
            ],
            back_off: BackOff::Doubling,
            refusals: &[],
        },
        RoleSpec {
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
        },
    ],
    endpoints: &[],
    roster: &[],
    topics: &[
        topic("fake/{device}/report", Kind::Report, &[Role::App]),
        topic("fake/{device}/set_reply", Kind::SetReply, &[Role::App]),
        topic("fake/{device}/set", Kind::Set, &[Role::Device]),
    ],
    codes: &[],
    operator: &[],
};

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

impl Dialect for Fake {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        let filters = settings.identity.require("filters")?;
        Ok(Plan {
            server: settings.server.clone().unwrap_or(Server::parse("mqtt://localhost").unwrap()),
            client_id: "client-1".into(),
            username: format!("{}-{nonce}", now.as_micros()),
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
            opening: Vec::new(),
            heartbeat: None,
            tls: settings.tls.clone(),
            expires_at: settings.identity.number("expires")?.map(Time::from_secs),
        })
    }

    fn sign(&self, _: Role, _: &Fields, _: Time, _: u64) -> Result<Signed, FieldFault> {
        Err(FieldFault::new("none", Text::same("")))
    }

    fn classify(&self, _: Role, _: Direction, topic: &str, payload: &[u8]) -> Meta {
        let kind = topic.rsplit('/').next().and_then(Kind::parse).unwrap_or_default();
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
        let kind = topic.rsplit('/').next().and_then(Kind::parse).unwrap_or_default();
        let Ok(Value::Object(body)) = serde_json::from_slice(payload) else { return Vec::new() };
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let object = |name: &str| body.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let op = match kind {
            Kind::Set => OpKind::Set,
            Kind::Get => OpKind::Get,
            Kind::Invoke => OpKind::Invoke,
            Kind::Ota => OpKind::Ota,
            Kind::Config => OpKind::Config,
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

    /// A request named `quiet` gets no reply; one named `nameless` has no id; one named `careless` goes with QoS 0.
    fn encode(
        &self,
        context: &Context<'_>,
        request: &Request,
        id: u64,
        _: Time,
        check: bool,
    ) -> Result<Encoded, EncodeFault> {
        let role = SPEC.role(context.role).unwrap();
        let Some(operation) = role.operations.iter().find(|operation| operation.op == request.op) else {
            return Err(EncodeFault::NoSuchOperation(role.operations.iter().map(|operation| operation.op).collect()));
        };
        if check && request.params.contains_key("bad") {
            return Err(EncodeFault::Argument(Phrase::verbatim("bad is not allowed")));
        }
        let name = request.name.as_deref().unwrap_or_default();
        let id = (name != "nameless").then(|| id.to_string());
        let reply = operation.reply.filter(|_| name != "quiet");
        let body = json!({
            "id": id, "name": request.name, "params": request.params, "identifiers": request.identifiers,
            "device": request.device,
        });
        let qos = if name == "careless" { 0 } else { 1 };
        Ok(message(kind_of(request.op), body, id, reply, qos))
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

    fn demo_model(&self) -> ThingModel {
        let range = Range { min: Some(0.0), max: Some(100.0), step: Some(1.0), unit: String::new() };
        let int = DataType::Int { bits: 32, range };
        let property = |identifier: &str, writable, data_type| Property {
            identifier: identifier.into(),
            name: identifier.into(),
            writable,
            data_type,
        };
        let param = Param { identifier: "level".into(), name: String::new(), data_type: int.clone() };
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
