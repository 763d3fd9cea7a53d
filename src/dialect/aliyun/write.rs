//! Operations as messages, and answers to requests.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::digest::Digest;
use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::spec::{self, CLOUD_TIMEOUT};
use crate::dialect::aliyun::topic::{self, Channel};
use crate::dialect::aliyun::{model, sign};
use crate::dialect::{Answer, Context, EncodeFault, Encoded, Incoming, ModelSource, Via};
use crate::model::{OpKind, Request, Role};

const NEEDS: Text = Text::new("“{}” is required", "必须给出“{}”");
const UNKNOWN_EVENT: Text = Text::new("the thing model has no event “{}”", "物模型中没有事件“{}”");
const NO_ACTION: Text = Text::new("must be one of {}, found “{}”", "必须是 {} 之一，实际是“{}”");

/// The largest id: decimal digits up to 4294967295 (help page 89301).
pub const ID_LIMIT: u64 = 4_294_967_296;

/// Encodes an operation.
pub fn encode(
    context: &Context<'_>,
    request: &Request,
    id: u64,
    now: Time,
    check: bool,
) -> Result<Encoded, EncodeFault> {
    let identity =
        |name: &str| context.identity.require(name).map_err(|fault| EncodeFault::Argument(NEEDS.with(&[&fault.field])));
    // A gateway speaks for its sub-device on the sub-device's own topics.
    // What is about the topology goes on its own.
    let about = !matches!(request.op, OpKind::Topology | OpKind::Register);
    let (product, device) = match request.device.as_deref().and_then(|device| device.split_once('/')) {
        Some((product, device)) if about && context.role == Role::Device => (product.to_owned(), device.to_owned()),
        _ => (identity("product_key")?.to_owned(), identity("device_name")?.to_owned()),
    };
    let id = id % ID_LIMIT;
    let writer = Writer { context, request, id, product, device, now };
    if check {
        writer.check()?;
    }
    match (context.role, request.op) {
        (Role::Device | Role::Cloud, OpKind::Report) => {
            writer.alink(Channel::PropertyPost, "", "thing.event.property.post", Value::Object(writer.wire()))
        }
        (Role::Device | Role::Cloud, OpKind::Event) => {
            let name = writer.name("name")?;
            let params = json!({"value": writer.event_values(name), "time": now.as_millis()});
            writer.alink(Channel::EventPost, name, &format!("thing.event.{name}.post"), params)
        }
        (Role::Device | Role::Cloud, OpKind::DesiredGet) => {
            writer.alink(Channel::DesiredGet, "", "thing.property.desired.get", json!(request.identifiers))
        }
        (Role::Device | Role::Cloud, OpKind::DesiredDelete) => {
            let entry = |(name, version): (&String, &Value)| {
                let entry = if version.is_null() { json!({}) } else { json!({ "version": version }) };
                (name.clone(), entry)
            };
            let params: Map<String, Value> = request.params.iter().map(entry).collect();
            writer.alink(Channel::DesiredDelete, "", "thing.property.desired.delete", Value::Object(params))
        }
        (Role::Device | Role::Cloud, OpKind::Raw) => Ok(writer.raw(Channel::UpRaw)),
        (Role::Device | Role::Cloud, OpKind::Pack) => {
            writer.alink(Channel::PackPost, "", "thing.event.property.pack.post", Value::Object(request.params.clone()))
        }
        (Role::Device | Role::Cloud, OpKind::History) => {
            let params = request.params.get("params").cloned().unwrap_or_else(|| json!([request.params]));
            writer.alink(Channel::HistoryPost, "", "thing.event.property.history.post", params)
        }
        (Role::Device | Role::Cloud, OpKind::Tag) => writer.tag(),
        (Role::Device | Role::Cloud, OpKind::Config) => writer.alink(
            Channel::ConfigGet,
            "",
            "thing.config.get",
            json!({"configScope": "product", "getType": "file"}),
        ),
        (Role::Device | Role::Cloud, OpKind::Ota) => writer.ota(),
        (Role::Device | Role::Cloud, OpKind::Ntp) => Ok(writer.ntp()),
        (Role::Device | Role::Cloud, OpKind::Shadow) => writer.shadow(),
        (Role::Device | Role::Cloud, OpKind::Log) => writer.log(),
        (Role::Device | Role::Cloud, OpKind::Topology) => writer.topology(),
        (Role::Device | Role::Cloud, OpKind::Register) => {
            let named = writer.sub_device("signmethod");
            let sub = json!([{"productKey": named.get("productKey"), "deviceName": named.get("deviceName")}]);
            writer.alink(Channel::SubRegister, "", "thing.sub.register", sub)
        }
        (Role::App, OpKind::Bind | OpKind::Unbind) => writer.bind(),
        (role, _) => Err(EncodeFault::NoSuchOperation(
            spec::SPEC.role(role).map(|role| role.operations.iter().map(|spec| spec.op).collect()).unwrap_or_default(),
        )),
    }
}

struct Writer<'w> {
    context: &'w Context<'w>,
    request: &'w Request,
    id: u64,
    product: String,
    device: String,
    now: Time,
}

impl Writer<'_> {
    fn name(&self, what: &str) -> Result<&str, EncodeFault> {
        self.request.name.as_deref().ok_or_else(|| EncodeFault::Argument(NEEDS.with(&[&what])))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.request.params.get(name).and_then(Value::as_str)
    }

    /// Values in the form of the wire.
    fn wire(&self) -> Map<String, Value> {
        let params = &self.request.params;
        self.context.model.map_or_else(|| params.clone(), |known| model::wire_values(known, params))
    }

    fn event_values(&self, name: &str) -> Map<String, Value> {
        let params = &self.request.params;
        let event = self.context.model.and_then(|known| known.events.iter().find(|event| event.identifier == name));
        event.map_or_else(|| params.clone(), |event| model::wire_params(&event.outputs, params))
    }

    /// Checks values against the model, as the platform would.
    fn check(&self) -> Result<(), EncodeFault> {
        let Some(known) = self.context.model else { return Ok(()) };
        let fault = |identifier: &str, (fault, code): model::Finding| EncodeFault::Value {
            identifier: identifier.to_owned(),
            reason: fault.describe(identifier),
            fault,
            code,
        };
        match self.request.op {
            OpKind::Report => self.request.params.iter().try_for_each(|(name, value)| {
                model::check_property(known, name, body::bare(value), false).map_err(|found| fault(name, found))
            }),
            OpKind::Event => {
                let Some(name) = self.request.name.as_deref() else { return Ok(()) };
                let event = known.events.iter().find(|event| event.identifier == name);
                let event = event.ok_or_else(|| EncodeFault::Argument(UNKNOWN_EVENT.with(&[&name])))?;
                model::check_params(&event.outputs, &self.request.params).map_err(|(name, found)| fault(&name, found))
            }
            _ => Ok(()),
        }
    }

    fn alink(&self, channel: Channel, variable: &str, method: &str, params: Value) -> Result<Encoded, EncodeFault> {
        let payload = Body::request(self.id, method, params).emit();
        Ok(self.message(channel, variable, payload, Some(self.id.to_string())))
    }

    fn message(&self, channel: Channel, variable: &str, payload: Vec<u8>, request_id: Option<String>) -> Encoded {
        Encoded {
            via: Via::Mqtt,
            topic: channel.topic(&self.product, &self.device, variable),
            payload,
            qos: u8::from(!matches!(channel, Channel::NtpRequest | Channel::CombineLogin | Channel::CombineLogout)),
            reply: channel.reply().filter(|_| request_id.is_some()).map(Channel::kind),
            request_id,
            timeout: CLOUD_TIMEOUT,
        }
    }

    /// Bytes as they are. The answer carries no id: it is the next one on the reply topic.
    fn raw(&self, channel: Channel) -> Encoded {
        let reply = channel.reply().map(Channel::kind);
        Encoded { reply, ..self.message(channel, "", self.request.raw.clone(), None) }
    }

    fn tag(&self) -> Result<Encoded, EncodeFault> {
        let entries = self.request.params.iter();
        match self.request.name.as_deref().unwrap_or("update") {
            "update" => {
                let tags: Vec<Value> =
                    entries.map(|(key, value)| json!({"attrKey": key, "attrValue": body::text(value)})).collect();
                self.alink(Channel::TagUpdate, "", "thing.deviceinfo.update", json!(tags))
            }
            "delete" => {
                let names = self.request.identifiers.iter().chain(self.request.params.keys());
                let tags: Vec<Value> = names.map(|key| json!({ "attrKey": key })).collect();
                self.alink(Channel::TagDelete, "", "thing.deviceinfo.delete", json!(tags))
            }
            other => Err(EncodeFault::Argument(NO_ACTION.with(&[&"update, delete", &other]))),
        }
    }

    /// Version (`inform`), progress, or a question for an upgrade.
    fn ota(&self) -> Result<Encoded, EncodeFault> {
        let mut params = self.request.params.clone();
        match self.request.name.as_deref().unwrap_or("version") {
            "version" | "inform" => {
                params.entry("version").or_insert_with(|| json!("1.0.0"));
                let payload = json!({"id": self.id.to_string(), "params": params}).to_string().into_bytes();
                Ok(self.message(Channel::OtaInform, "", payload, Some(self.id.to_string())))
            }
            "progress" => {
                // The platform wants the step as text (vendor SDKs, ext_ota).
                let step = params.get("step").map_or_else(|| "0".to_owned(), body::text);
                params.insert("step".to_owned(), json!(step));
                params.entry("desc").or_insert_with(|| json!(""));
                let payload = json!({"id": self.id.to_string(), "params": params}).to_string().into_bytes();
                Ok(self.message(Channel::OtaProgress, "", payload, Some(self.id.to_string())))
            }
            "get" => self.alink(Channel::FirmwareGet, "", "thing.ota.firmware.get", Value::Object(params)),
            other => Err(EncodeFault::Argument(NO_ACTION.with(&[&"version, progress, get", &other]))),
        }
    }

    fn ntp(&self) -> Encoded {
        let sent = self.now.as_millis().to_string();
        let payload = json!({ "deviceSendTime": sent }).to_string().into_bytes();
        self.message(Channel::NtpRequest, "", payload, Some(sent))
    }

    fn shadow(&self) -> Result<Encoded, EncodeFault> {
        let token = self.id.to_string();
        let mut state = self.request.params.clone();
        let version = state.shift_remove("version").unwrap_or_else(|| json!(self.now.as_secs()));
        let mut message = match self.request.name.as_deref().unwrap_or("update") {
            "update" => json!({"method": "update", "state": {"reported": state}, "version": version}),
            "get" => json!({"method": "get"}),
            "delete" => {
                let names = self.request.identifiers.iter().chain(state.keys());
                let gone: Map<String, Value> = names.map(|name| (name.clone(), json!("null"))).collect();
                let reported = if gone.is_empty() { json!("null") } else { Value::Object(gone) };
                json!({"method": "delete", "state": {"reported": reported}, "version": version})
            }
            other => return Err(EncodeFault::Argument(NO_ACTION.with(&[&"update, get, delete", &other]))),
        };
        if let Some(members) = message.as_object_mut() {
            members.insert("clientToken".to_owned(), json!(token));
        }
        Ok(self.message(Channel::ShadowUpdate, "", message.to_string().into_bytes(), Some(token)))
    }

    fn log(&self) -> Result<Encoded, EncodeFault> {
        let line = json!([{
            "utcTime": crate::base::text::rfc3339(self.now),
            "logLevel": self.text("logLevel").unwrap_or("INFO"),
            "module": self.text("module").unwrap_or("iotdbg"),
            "code": self.text("code").unwrap_or("0"),
            "logContent": self.text("logContent").or(self.text("content")).unwrap_or_default(),
        }]);
        self.alink(Channel::LogPost, "", "thing.log.post", line)
    }

    /// What is said of a sub-device: its names, and where its secret is given the signature that is made with it in the
    /// secret's place. Adding and logging in spell the digest's name differently.
    fn sub_device(&self, method_key: &str) -> Map<String, Value> {
        let mut sub = self.request.params.clone();
        if let Some((product, device)) = self.request.device.as_deref().and_then(|device| device.split_once('/')) {
            sub.entry("productKey").or_insert_with(|| json!(product));
            sub.entry("deviceName").or_insert_with(|| json!(device));
        }
        let Some(secret) = sub.shift_remove("deviceSecret") else { return sub };
        let text = |name: &str| sub.get(name).map(body::text).unwrap_or_default();
        let (product, device) = (text("productKey"), text("deviceName"));
        let client =
            Some(text("clientId")).filter(|id| !id.is_empty()).unwrap_or_else(|| format!("{product}.{device}"));
        let method = Some(text(method_key)).filter(|method| !method.is_empty()).unwrap_or("hmacsha256".to_owned());
        let timestamp = self.now.as_millis().to_string();
        let content = sign::content(&client, &device, &product, Some(&timestamp));
        let digest = sign::digest_of(&method).unwrap_or(Digest::Sha256);
        let signature = sign::signature(digest, &body::text(&secret), &content);
        for (name, value) in [("clientId", client), ("timestamp", timestamp), (method_key, method), ("sign", signature)]
        {
            sub.insert(name.to_owned(), json!(value));
        }
        sub
    }

    /// `add`, `delete`, `get`, `found`, `login`, `logout` of sub-devices.
    fn topology(&self) -> Result<Encoded, EncodeFault> {
        let method_key = if self.request.name.as_deref() == Some("login") { "signMethod" } else { "signmethod" };
        let sub = self.sub_device(method_key);
        let listed = if sub.is_empty() { json!([]) } else { json!([sub]) };
        let params = Value::Object(sub);
        match self.name("name")? {
            "add" => self.alink(Channel::TopoAdd, "", "thing.topo.add", listed),
            "delete" => self.alink(Channel::TopoDelete, "", "thing.topo.delete", listed),
            "get" => self.alink(Channel::TopoGet, "", "thing.topo.get", json!({})),
            "found" => self.alink(Channel::ListFound, "", "thing.list.found", listed),
            "login" => {
                let payload = json!({"id": self.id.to_string(), "params": params}).to_string().into_bytes();
                Ok(self.message(Channel::CombineLogin, "", payload, Some(self.id.to_string())))
            }
            "logout" => {
                let payload = json!({"id": self.id.to_string(), "params": params}).to_string().into_bytes();
                Ok(self.message(Channel::CombineLogout, "", payload, Some(self.id.to_string())))
            }
            other => Err(EncodeFault::Argument(NO_ACTION.with(&[&"add, delete, get, found, login, logout", &other]))),
        }
    }

    /// The account of an iotToken to this channel, or from it.
    fn bind(&self) -> Result<Encoded, EncodeFault> {
        let client = format!("{}&{}", self.device, self.product);
        let (channel, params) = if self.request.op == OpKind::Bind {
            let token = self.text("iotToken").or_else(|| self.text("iot_token"));
            let token = token.or_else(|| self.context.identity.get("iot_token"));
            let token = token.ok_or_else(|| EncodeFault::Argument(NEEDS.with(&[&"iot_token"])))?;
            (Channel::AppBind, json!({ "iotToken": token }))
        } else {
            (Channel::AppUnbind, json!({}))
        };
        let payload = json!({
            "id": self.id.to_string(), "version": body::VERSION, "request": {"clientId": client}, "params": params,
        });
        Ok(self.message(channel, "", payload.to_string().into_bytes(), Some(self.id.to_string())))
    }
}

/// How long the platform waits for an answer to a call that waits: eight seconds at most (inferred; 1 to 8 s).
pub const RRPC_TIMEOUT: Duration = Duration::from_secs(8);

/// The answer to a request of the cloud.
pub fn answer(context: &Context<'_>, request: &Incoming, answer: &Answer, now: Time) -> Option<Encoded> {
    let address = topic::parse(&request.topic)?;
    let channel = address.channel?;
    let send = |topic: String, payload: Vec<u8>, qos: u8| {
        Some(Encoded { via: Via::Mqtt, topic, payload, qos, request_id: None, reply: None, timeout: CLOUD_TIMEOUT })
    };
    let variable = address.variable.clone().and_then(|range| request.topic.get(range)).unwrap_or_default();
    let reply_topic = match channel {
        Channel::ExtRrpc => {
            // The vendor's SDK 4 answers raw bytes on the topic of their reply.
            if topic::inner(&request.topic).is_some_and(|inner| inner.ends_with("/thing/model/down_raw")) {
                format!("{}_reply", request.topic)
            } else {
                request.topic.clone()
            }
        }
        Channel::PropertyGet => Channel::PropertyGetReply.topic(address.product, address.device, ""),
        Channel::ShadowGet => Channel::ShadowUpdate.topic(address.product, address.device, ""),
        channel => channel.reply()?.topic(address.product, address.device, variable),
    };
    let qos = u8::from(!matches!(channel, Channel::RrpcRequest | Channel::ExtRrpc));
    let code = answer.code.clone().unwrap_or_else(|| body::SUCCESS.to_owned());
    let service = request.name.as_deref().filter(|_| request.op == OpKind::Invoke);
    let data = match (context.model, service) {
        (Some(known), Some(name)) => {
            let service = known.services.iter().find(|service| service.identifier == name);
            service.map_or_else(|| answer.data.clone(), |service| model::wire_params(&service.outputs, &answer.data))
        }
        (Some(known), None) => model::wire_values(known, &answer.data),
        (None, _) => answer.data.clone(),
    };
    let id = request.request_id.clone().unwrap_or_default();
    match (channel, request.op) {
        // What is asked for is reported by a post; the platform reads no other answer (MQTT access, "服务器获取设备属性").
        (Channel::PropertyGet, _) if answer.code.is_none() => {
            let id = id.parse::<u64>().unwrap_or_else(|_| now.as_millis() % ID_LIMIT);
            let payload = Body::request(id, "thing.event.property.post", Value::Object(data)).emit();
            send(Channel::PropertyPost.topic(address.product, address.device, ""), payload, 1)
        }
        (Channel::ShadowGet, _) => {
            let payload = json!({
                "method": "update", "state": {"reported": request.params, "desired": "null"},
                "version": now.as_secs(),
            });
            send(reply_topic, payload.to_string().into_bytes(), 1)
        }
        (_, OpKind::Raw) => send(reply_topic, b"ok".to_vec(), qos),
        (Channel::OtaUpgrade, _) => None,
        _ => {
            let message = answer.message.clone().unwrap_or_else(|| super::codes::message(&code).to_owned());
            let data = Value::Object(data);
            let payload = Body::Reply { id: Value::String(id), code, message, data, method: String::new() }.emit();
            send(reply_topic, payload, qos)
        }
    }
}

/// The question of a device for its thing model (vendor's C SDK 3.2, `dm_msg`).
pub fn model_question(product: &str, device: &str) -> ModelSource {
    let topic = |channel: Channel| channel.topic(product, device, "");
    ModelSource::Message {
        topic: topic(Channel::TemplateGet),
        payload: Body::request(1, "thing.dsltemplate.get", Value::Object(Map::new())).emit(),
        reply: topic(Channel::TemplateGetReply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::model::Fields;

    fn run(role: Role, request: &Request) -> Result<Encoded, EncodeFault> {
        let identity = Fields::new().with("product_key", "pk").with("device_name", "dn").with("iot_token", "tok");
        let context = Context { role, identity: &identity, devices: &[], model: None, lang: Lang::En };
        encode(&context, request, 7, Time::from_millis(1_700_000_000_123), true)
    }

    fn with(op: OpKind, name: &str, params: Value) -> Request {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        Request { name, params: params.as_object().cloned().unwrap_or_default(), ..Request::new(op) }
    }

    fn json_of(encoded: &Encoded) -> Value {
        serde_json::from_slice(&encoded.payload).unwrap()
    }

    #[test]
    fn operations_are_written_as_the_documents_have_them() {
        let report = run(Role::Device, &with(OpKind::Report, "", json!({"Power": 1}))).unwrap();
        assert_eq!(report.topic, "/sys/pk/dn/thing/event/property/post");
        assert_eq!(
            json_of(&report),
            json!({"id": "7", "version": "1.0", "params": {"Power": 1}, "method": "thing.event.property.post"})
        );
        let event = run(Role::Device, &with(OpKind::Event, "Broken", json!({"Code": 3}))).unwrap();
        assert_eq!(event.topic, "/sys/pk/dn/thing/event/Broken/post");
        assert_eq!(json_of(&event)["params"], json!({"value": {"Code": 3}, "time": 1_700_000_000_123_u64}));
        let bind = run(Role::App, &Request::new(OpKind::Bind)).unwrap();
        assert_eq!(bind.topic, "/sys/pk/dn/app/up/account/bind");
        assert_eq!(
            json_of(&bind),
            json!({"id": "7", "version": "1.0", "request": {"clientId": "dn&pk"}, "params": {"iotToken": "tok"}})
        );
        let progress = run(Role::Device, &with(OpKind::Ota, "progress", json!({"step": -2}))).unwrap();
        assert_eq!(
            (progress.topic.as_str(), json_of(&progress)["params"]["step"].as_str()),
            ("/ota/device/progress/pk/dn", Some("-2"))
        );
        let tags = run(Role::Device, &with(OpKind::Tag, "", json!({"room": "k"}))).unwrap();
        assert_eq!(json_of(&tags)["params"], json!([{"attrKey": "room", "attrValue": "k"}]));
        assert!(
            matches!(run(Role::App, &Request::new(OpKind::Set)), Err(EncodeFault::NoSuchOperation(ops)) if !ops.is_empty())
        );
    }

    #[test]
    fn answers_go_where_the_platform_waits_for_them() {
        let nobody = Fields::new();
        let context = Context { role: Role::Device, identity: &nobody, devices: &[], model: None, lang: Lang::En };
        let to = |topic: &str, op: OpKind| {
            let incoming = Incoming { request_id: Some("9".into()), ..Incoming::new(op, topic) };
            answer(&context, &incoming, &Answer::default(), Time::ZERO).map(|encoded| (encoded.topic, encoded.qos))
        };
        for (topic, op, reply) in [
            ("/sys/pk/dn/thing/service/property/set", OpKind::Set, ("/sys/pk/dn/thing/service/property/set_reply", 1)),
            ("/sys/pk/dn/thing/service/Blink", OpKind::Invoke, ("/sys/pk/dn/thing/service/Blink_reply", 1)),
            ("/sys/pk/dn/rrpc/request/55", OpKind::Invoke, ("/sys/pk/dn/rrpc/response/55", 0)),
            (
                "/ext/rrpc/55/sys/pk/dn/thing/service/Blink",
                OpKind::Invoke,
                ("/ext/rrpc/55/sys/pk/dn/thing/service/Blink", 0),
            ),
            ("/sys/pk/dn/thing/service/property/get", OpKind::Get, ("/sys/pk/dn/thing/event/property/post", 1)),
            ("/sys/pk/dn/thing/model/down_raw", OpKind::Raw, ("/sys/pk/dn/thing/model/down_raw_reply", 1)),
            ("/sys/pk/dn/thing/config/push", OpKind::Config, ("/sys/pk/dn/thing/config/push_reply", 1)),
        ] {
            assert_eq!(to(topic, op), Some((reply.0.to_owned(), reply.1)), "{topic}");
        }
        assert_eq!(to("/ota/device/upgrade/pk/dn", OpKind::Ota), None);
    }

    #[test]
    fn a_gateway_signs_for_its_sub_device_on_its_own_topics() {
        // Computed with other code from the rule of the vendor's SDKs.
        let identity = Fields::new().with("product_key", "gpk").with("device_name", "gdn");
        let context = Context { role: Role::Device, identity: &identity, devices: &[], model: None, lang: Lang::En };
        let secret = json!({"deviceSecret": "fedcba9876543210fedcba9876543210", "clientId": "a1iotdbg002&sub-01"});
        let request = |name: &str| Request {
            device: Some("a1iotdbg002/sub-01".to_owned()),
            ..with(OpKind::Topology, name, secret.clone())
        };
        let sent = |name: &str| {
            let sent = encode(&context, &request(name), 7, Time::from_millis(1_700_000_000_000), true).unwrap();
            let text = String::from_utf8(sent.payload).unwrap();
            assert!(!text.contains("fedcba"), "the secret stays here: {text}");
            (sent.topic, serde_json::from_str::<Value>(&text).unwrap())
        };
        let (topic, body) = sent("add");
        let sub = &body["params"][0];
        assert_eq!(topic, "/sys/gpk/gdn/thing/topo/add");
        assert_eq!((&sub["productKey"], &sub["deviceName"]), (&json!("a1iotdbg002"), &json!("sub-01")));
        assert_eq!((&sub["signmethod"], &sub["timestamp"]), (&json!("hmacsha256"), &json!("1700000000000")));
        let signature = sub["sign"].as_str().unwrap().to_lowercase();
        assert_eq!(signature, "0cdb9de8653c683ce27cc3a5e224eae2e32a90dc1f1a783366ed638c29c85961");
        let (topic, body) = sent("login");
        assert_eq!(topic, "/ext/session/gpk/gdn/combine/login");
        assert_eq!((&body["params"]["signMethod"], body["params"].get("signmethod")), (&json!("hmacsha256"), None));
    }
}
