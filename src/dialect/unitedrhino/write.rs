//! Operations as messages, frames and calls, and answers to requests.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::digest::Digest;
use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::dialect::unitedrhino::{http, model, register, sign, spec, subscribe};
use crate::dialect::{Answer, Context, EncodeFault, Encoded, Incoming, Via};
use crate::model::{Kind, OpKind, Request, Role};

const NEEDS: Text = Text::new("“{}” is required", "必须给出“{}”");
const NO_ACTION: Text = Text::new("must be one of {}, found “{}”", "必须是 {} 之一，实际是“{}”");
const UNKNOWN_EVENT: Text = Text::new("the thing model has no event “{}”", "物模型中没有事件“{}”");

/// How long a device waits for the cloud; the documents name no time.
pub const CLOUD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the platform waits for a device before it answers 2000002, and a little for the way.
pub const APP_TIMEOUT: Duration = Duration::from_secs(12);

/// Encodes an operation.
pub fn encode(
    context: &Context<'_>,
    request: &Request,
    id: u64,
    now: Time,
    check: bool,
) -> Result<Encoded, EncodeFault> {
    let writer = Writer { context, request, id, now };
    if check {
        writer.check()?;
    }
    match (context.role, request.op) {
        (Role::App, OpKind::Subscribe | OpKind::Unsubscribe) => writer.subscribe(check),
        (Role::App, OpKind::Set | OpKind::Get | OpKind::Invoke) => writer.call(),
        (Role::Device | Role::Cloud, op) => writer.device(op),
        (Role::App, _) => Err(none(Role::App)),
    }
}

fn none(role: Role) -> EncodeFault {
    let operations = spec::SPEC.role(role).map(|role| role.operations.iter().map(|spec| spec.op).collect());
    EncodeFault::NoSuchOperation(operations.unwrap_or_default())
}

fn argument(text: &'static str) -> EncodeFault {
    EncodeFault::Argument(NEEDS.with(&[&text]))
}

struct Writer<'w> {
    context: &'w Context<'w>,
    request: &'w Request,
    id: u64,
    now: Time,
}

impl Writer<'_> {
    /// Checks values against the model.
    fn check(&self) -> Result<(), EncodeFault> {
        let Some(known) = self.context.model else { return Ok(()) };
        let fault = |identifier: &str, (fault, code): model::Finding| EncodeFault::Value {
            identifier: identifier.to_owned(),
            reason: fault.describe(identifier),
            fault,
            code,
        };
        let named = |found: &[crate::model::thing::Param]| {
            model::check_params(found, &self.request.params).map_err(|(name, found)| fault(&name, found))
        };
        match self.request.op {
            OpKind::Set | OpKind::Report => self.request.params.iter().try_for_each(|(name, value)| {
                let writing = self.request.op == OpKind::Set;
                model::check_property(known, name, value, writing).map_err(|found| fault(name, found))
            }),
            OpKind::Event => {
                let name = self.request.name.as_deref().ok_or_else(|| argument("name"))?;
                let event = known.events.iter().find(|event| event.identifier == name);
                named(&event.ok_or_else(|| EncodeFault::Argument(UNKNOWN_EVENT.with(&[&name])))?.outputs)
            }
            OpKind::Invoke => {
                let service =
                    known.services.iter().find(|s| Some(s.identifier.as_str()) == self.request.name.as_deref());
                service.map_or(Ok(()), |service| named(&service.inputs))
            }
            _ => Ok(()),
        }
    }

    /// Values in the form of the wire.
    fn wire(&self) -> Map<String, Value> {
        let params = &self.request.params;
        self.context.model.map_or_else(|| params.clone(), |known| model::wire_values(known, params))
    }

    /// The device that an app means: the one named, or the only one of the profile.
    fn target(&self) -> Result<(String, String), EncodeFault> {
        if let Some((product, device)) = self.request.device.as_deref().and_then(|device| device.split_once('/')) {
            return Ok((product.to_owned(), device.to_owned()));
        }
        let wanted = self.request.device.as_deref();
        let found = self
            .context
            .devices
            .iter()
            .find(|device| wanted.is_none_or(|name| device.get("device_name") == Some(name)));
        let found = found.ok_or_else(|| argument("device"))?;
        let field = |name: &'static str| found.get(name).map(str::to_owned).ok_or_else(|| argument(name));
        Ok((field("product_id")?, field("device_name")?))
    }

    /// `up.sub` and `up.unSub`. What would be granted and stay silent is refused, unless it is to be sent nevertheless.
    fn subscribe(&self, check: bool) -> Result<Encoded, EncodeFault> {
        let code = self.request.name.as_deref().unwrap_or("devicePropertyReportV2");
        let mut params = self.request.params.clone();
        if params.is_empty() {
            let (product, device) = self.target()?;
            params.insert("productID".to_owned(), json!(product));
            params.insert("deviceName".to_owned(), json!(device));
        }
        if check && let Some(why) = subscribe::lint(code, &params) {
            return Err(EncodeFault::Value {
                identifier: code.to_owned(),
                fault: crate::model::thing::ValueFault::UnknownIdentifier,
                code: None,
                reason: why,
            });
        }
        let (kind, reply) = if self.request.op == OpKind::Subscribe {
            ("up.sub", Kind::SubscribeReply)
        } else {
            ("up.unSub", Kind::UnsubscribeReply)
        };
        let frame = json!({"type": kind, "body": {"code": code, "params": params}});
        Ok(Encoded {
            via: Via::Socket,
            topic: format!("ws/{kind}/{code}"),
            payload: frame.to_string().into_bytes(),
            qos: 0,
            // There is no id on this platform: order and type have to do.
            request_id: None,
            reply: Some(reply),
            timeout: CLOUD_TIMEOUT,
        })
    }

    /// Property control, read and action over HTTP.
    fn call(&self) -> Result<Encoded, EncodeFault> {
        let (product, device) = self.target()?;
        let (path, more, reply) = match self.request.op {
            // Values and parameters are texts that hold JSON.
            OpKind::Set => {
                let data = Value::Object(self.wire()).to_string();
                ("property-control-send", json!({ "data": data }), Kind::SetReply)
            }
            OpKind::Get if self.request.identifiers.is_empty() => {
                ("property-get-report-send", json!({}), Kind::GetReply)
            }
            OpKind::Get => ("property-get-report-send", json!({"dataIDs": self.request.identifiers}), Kind::GetReply),
            _ => {
                let name = self.request.name.as_deref().ok_or_else(|| argument("name"))?;
                let inputs = Value::Object(self.action_inputs()).to_string();
                ("action-send", json!({"actionID": name, "inputParams": inputs}), Kind::InvokeReply)
            }
        };
        let mut body = json!({"productID": product, "deviceName": device});
        if let (Some(members), Some(more)) = (body.as_object_mut(), more.as_object()) {
            members.extend(more.clone());
        }
        let call = http::call(path, &body);
        Ok(Encoded {
            topic: call.topic(),
            payload: call.body.clone(),
            via: Via::Http(Box::new(call)),
            qos: 1,
            request_id: None,
            reply: Some(reply),
            timeout: APP_TIMEOUT,
        })
    }

    fn action_inputs(&self) -> Map<String, Value> {
        let params = &self.request.params;
        let service = self.context.model.and_then(|known| {
            known.services.iter().find(|service| Some(service.identifier.as_str()) == self.request.name.as_deref())
        });
        service.map_or_else(|| params.clone(), |service| model::wire_params(&service.inputs, params))
    }

    fn device(&self, op: OpKind) -> Result<Encoded, EncodeFault> {
        let request = self.request;
        let time = self.now.as_millis();
        let (channel, method, more, reply) = match op {
            OpKind::Report => (
                Channel::PropertyUp,
                "report",
                json!({"params": self.wire(), "timestamp": time}),
                Some(Kind::ReportReply),
            ),
            OpKind::Event => {
                let name = request.name.as_deref().ok_or_else(|| argument("name"))?;
                let event = self.context.model.and_then(|known| known.events.iter().find(|e| e.identifier == name));
                let class = event.map_or("info", |event| event.class.as_str());
                let params = event.map_or_else(
                    || request.params.clone(),
                    |event| model::wire_params(&event.outputs, &request.params),
                );
                let more = json!({"eventID": name, "type": class, "params": params, "timestamp": time});
                (Channel::EventUp, "eventPost", more, Some(Kind::EventReply))
            }
            OpKind::DesiredGet => {
                let more = if request.identifiers.is_empty() {
                    json!({})
                } else {
                    json!({"identifiers": request.identifiers})
                };
                (Channel::PropertyUp, "getStatus", more, Some(Kind::DesiredGetReply))
            }
            OpKind::Pack => {
                (Channel::PropertyUp, "packReport", Value::Object(request.params.clone()), Some(Kind::PackReply))
            }
            OpKind::Tag => (Channel::PropertyUp, "reportInfo", json!({"params": request.params}), Some(Kind::TagReply)),
            OpKind::Config => (Channel::ConfigUp, "get", json!({}), Some(Kind::ConfigReply)),
            OpKind::Ota => {
                let mut params = request.params.clone();
                params.entry("step").or_insert_with(|| json!(1));
                params.entry("desc").or_insert_with(|| json!(""));
                (Channel::OtaUp, "progress", json!({ "params": params }), None)
            }
            OpKind::Ntp => (Channel::NtpUp, "getNtp", json!({"timestamp": time}), Some(Kind::NtpReply)),
            OpKind::Log => {
                let content = request.params.get("content").cloned().ok_or_else(|| argument("content"))?;
                let level = request.params.get("logLevel").cloned().unwrap_or(json!(4));
                let line = json!([{"content": content, "timestamp": time, "logLevel": level}]);
                (Channel::LogUp, "report", json!({ "params": line }), Some(Kind::LogReply))
            }
            OpKind::Topology => return self.gateway(),
            OpKind::Register => {
                let more = json!({"payload": self.registration()?});
                (Channel::RegisterUp, "register", more, Some(Kind::RegisterReply))
            }
            OpKind::Raw => {
                let mut encoded = self.message(Channel::CustomUp, "raw", json!({}), None)?;
                (encoded.payload, encoded.request_id) = (request.raw.clone(), None);
                return Ok(encoded);
            }
            _ => return Err(none(Role::Device)),
        };
        self.message(channel, method, more, reply)
    }

    /// Nonce, time and signature of a registration: those given, or made with the product secret of the profile.
    fn registration(&self) -> Result<Map<String, Value>, EncodeFault> {
        let mut params = self.request.params.clone();
        let identity = self.context.identity;
        if let (Some(secret), false) = (identity.get("product_secret"), params.contains_key("signature")) {
            let field = |name: &'static str| identity.get(name).ok_or_else(|| argument(name));
            let (nonce, timestamp) = (self.id, self.now.as_secs());
            let content = register::content(
                field("product_id")?,
                field("device_name")?,
                &nonce.to_string(),
                &timestamp.to_string(),
            );
            params.insert("nonce".to_owned(), json!(nonce));
            params.insert("timestamp".to_owned(), json!(timestamp));
            params.insert("signature".to_owned(), json!(register::signature(secret, &content)));
        }
        Ok(params)
    }

    /// `bind`, `unbind`, `register`, `getTopo`, `found`, `online`, `offline`.
    fn gateway(&self) -> Result<Encoded, EncodeFault> {
        let name = self.request.name.as_deref().ok_or_else(|| argument("name"))?;
        let channel = match name {
            "bind" | "unbind" | "register" | "getTopo" | "found" => Channel::TopoUp,
            "online" | "offline" => Channel::StatusUp,
            "getSchema" | "createSchema" | "deleteSchema" => Channel::SchemaUp,
            other => {
                let known = "bind, unbind, register, getTopo, found, online, offline, getSchema";
                return Err(EncodeFault::Argument(NO_ACTION.with(&[&known, &other])));
            }
        };
        let sub = self.sub_device(name == "bind");
        let nobody = sub.is_empty();
        let device = Value::Object(sub);
        let payload = match channel {
            Channel::SchemaUp => device,
            _ if nobody => json!({"devices": []}),
            _ => json!({"devices": [device]}),
        };
        let reply = if channel == Channel::SchemaUp { Kind::ModelReply } else { Kind::TopologyReply };
        self.message(channel, name, json!({ "payload": payload }), Some(reply))
    }

    /// What is said of a sub-device: its names, and for a binding the signature that is made with its secret, in the
    /// secret's place (unitedrhino/things, `deviceGatewayMultiCreateLogic.go`).
    fn sub_device(&self, binds: bool) -> Map<String, Value> {
        let mut sub = self.request.params.clone();
        if let Some((product, device)) = self.sub() {
            sub.entry("productID").or_insert_with(|| json!(product));
            sub.entry("deviceName").or_insert_with(|| json!(device));
        }
        let Some(secret) = sub.shift_remove("deviceSecret").filter(|_| binds) else { return sub };
        let text = |name: &str| sub.get(name).map(super::read::text).unwrap_or_default();
        let (random, timestamp) = (self.id, self.now.as_secs());
        let method = Some(text("signMethod")).filter(|method| !method.is_empty()).unwrap_or("hmacsha256".to_owned());
        let content = sign::bind_content(
            &text("productID"),
            &text("deviceName"),
            &random.to_string(),
            &timestamp.to_string(),
            false,
        );
        let digest = sign::digest_of(&method).unwrap_or(Digest::Sha256);
        let signature = sign::token(digest, &super::read::text(&secret), &content);
        sub.insert("random".to_owned(), json!(random));
        sub.insert("timestamp".to_owned(), json!(timestamp));
        sub.insert("signMethod".to_owned(), json!(method));
        sub.insert("signature".to_owned(), json!(signature));
        sub
    }

    /// The sub-device that a gateway speaks of.
    fn sub(&self) -> Option<(&str, &str)> {
        self.request.device.as_deref().filter(|_| self.context.role == Role::Device)?.split_once('/')
    }

    fn message(
        &self,
        channel: Channel,
        method: &str,
        more: Value,
        reply: Option<Kind>,
    ) -> Result<Encoded, EncodeFault> {
        let field = |name: &'static str| self.context.identity.get(name).ok_or_else(|| argument(name));
        let token = self.id.to_string();
        let mut message = json!({"method": method, "msgToken": token});
        if let (Some(members), Some(more)) = (message.as_object_mut(), more.as_object()) {
            members.extend(more.clone());
        }
        Ok(Encoded {
            via: Via::Mqtt,
            topic: match self.sub().filter(|_| !matches!(self.request.op, OpKind::Topology | OpKind::Register)) {
                // A gateway speaks for its sub-device on the sub-device's own topics.
                Some((product, device)) => channel.topic(product, device),
                None => channel.topic(field("product_id")?, field("device_name")?),
            },
            payload: message.to_string().into_bytes(),
            qos: 1,
            request_id: Some(token),
            reply,
            timeout: CLOUD_TIMEOUT,
        })
    }
}

/// The answer to a request of the cloud.
pub fn answer(context: &Context<'_>, request: &Incoming, answer: &Answer, now: Time) -> Option<Encoded> {
    let address = topic::parse(&request.topic)?;
    let channel = address.channel?;
    let code = answer.code.as_deref().unwrap_or("200");
    let number = code.parse::<i64>().unwrap_or(100_001);
    let words = answer.message.clone().unwrap_or_else(|| super::codes::message(number).to_owned());
    let wire = |values: &Map<String, Value>| {
        let known = context.model;
        let service = known
            .zip(request.name.as_deref())
            .and_then(|(known, name)| known.services.iter().find(|service| service.identifier == name));
        match (known, service) {
            (_, Some(service)) => model::wire_params(&service.outputs, values),
            (Some(known), None) => model::wire_values(known, values),
            (None, None) => values.clone(),
        }
    };
    let (reply, method, data) = match request.op {
        OpKind::Set => (Channel::PropertyUp, "controlReply", None),
        OpKind::Get => (Channel::PropertyUp, "getReportReply", Some(wire(&answer.data))),
        OpKind::Invoke => (Channel::ActionUp, "actionReply", Some(wire(&answer.data))),
        OpKind::Topology => (channel.other()?, "change", None),
        _ => return None,
    };
    let mut message = json!({
        "method": method, "msgToken": request.request_id, "timestamp": now.as_millis(), "code": number, "msg": words,
    });
    if let (Some(data), Some(members)) = (data, message.as_object_mut()) {
        members.insert("data".to_owned(), Value::Object(data));
    }
    Some(Encoded {
        via: Via::Mqtt,
        topic: reply.topic(address.product, address.device),
        payload: message.to_string().into_bytes(),
        qos: 1,
        request_id: None,
        reply: None,
        timeout: CLOUD_TIMEOUT,
    })
}
