//! What a person does at the platform's console: set, get, call a service, desired values, raw bytes, configuration, OTA.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Pending, Platform, Wants, connected, log, send, small, topic_of};
use crate::base::lang::{Phrase, Text};
use crate::dialect::aliyun::body::Body;
use crate::dialect::aliyun::model;
use crate::dialect::aliyun::topic::Channel;
use crate::dialect::cloud::{CloudOutput, CloudView, Operate, operator};
use crate::model::{RequestKey, RequestState};

const UNKNOWN_OPERATION: Text = Text::new(
    "“{}” is none of set, get, invoke, desired, raw, config, ota, kick, disable, enable",
    "“{}”不是 set、get、invoke、desired、raw、config、ota、kick、disable、enable 之一",
);
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const NO_SERVICE: Text = Text::new("name the service", "请指定服务标识符");
const UNKNOWN_SERVICE: Text = Text::new("the thing model has no service “{}”", "物模型中没有服务“{}”");
const OFFLINE: Text = Text::new("the device is offline", "设备离线");
const DEAF: Text = Text::new("the device has not subscribed {}", "设备没有订阅 {}");

/// How long the console waits for an answer that is not bound to a time (inferred).
const WAIT: Duration = Duration::from_secs(10);
/// The bit of `ext` with which a device says that it hears waiting calls on `/ext/rrpc/…` (vendor SDKs, auth).
const EXT_RRPC: u32 = 0b1;

/// A message to a device, and the id of its answer.
struct Downlink {
    channel: Channel,
    topic: String,
    id: String,
    payload: Vec<u8>,
    wants: Wants,
    wait: Duration,
}

impl Platform {
    /// Begins an action of the operator.
    pub(super) fn operator_asks(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let device = self.named(&operate.device)?;
        let arguments = &operate.arguments;
        match operate.operation.as_str() {
            "set" => {
                let params = self.values(&device, arguments)?;
                self.set(operate.key, &device, params, view);
            }
            "get" => {
                let names = self.identifiers(&device, arguments);
                let wants = Wants::Values(names.clone());
                self.ask(
                    operate.key,
                    &device,
                    Channel::PropertyGet,
                    "thing.service.property.get",
                    json!(names),
                    wants,
                    view,
                );
            }
            "invoke" => return self.invoke(operate, &device, view),
            "desired" => {
                let values = self.values(&device, arguments)?;
                let held = self.held(&device);
                for (name, value) in values.as_object().cloned().unwrap_or_default() {
                    let version = held.desired.get(&name).map_or(0, |(_, version)| *version) + 1;
                    held.desired.insert(name, (value, version));
                }
                // A device that is online is set at once (inferred).
                if connected(self, &device, view).is_some() {
                    self.set(operate.key, &device, values, view);
                } else {
                    operator::finish(view, operate.key, None);
                }
            }
            "raw" => {
                let payload = operator::raw_bytes(arguments)?;
                let topic = topic_of(Channel::DownRaw, &device, "");
                // Bytes have no id: the next answer is theirs.
                let down = Downlink {
                    channel: Channel::DownRaw,
                    topic,
                    id: "raw".to_owned(),
                    payload,
                    wants: Wants::Answer,
                    wait: WAIT,
                };
                self.hand_down(operate.key, &device, down, view);
            }
            "config" => {
                let mut params = small::config(&device);
                if let Some(members) = params.as_object_mut() {
                    members.extend(arguments.clone());
                }
                self.ask(operate.key, &device, Channel::ConfigPush, "thing.config.push", params, Wants::Answer, view);
            }
            "ota" => self.offer_upgrade(operate, &device, view),
            other => return Err(UNKNOWN_OPERATION.with(&[&other])),
        }
        Ok(())
    }

    fn set(&mut self, key: RequestKey, device: &str, values: Value, view: &mut CloudView<'_>) {
        let wants = Wants::Set(values.as_object().cloned().unwrap_or_default());
        self.ask(key, device, Channel::PropertySet, "thing.service.property.set", values, wants, view);
    }

    /// A request in the envelope of the platform, under a fresh id.
    fn ask(
        &mut self,
        key: RequestKey,
        device: &str,
        channel: Channel,
        method: &str,
        params: Value,
        wants: Wants,
        view: &mut CloudView<'_>,
    ) {
        let id = self.fresh_id();
        let payload = Body::request(id, method, params).emit();
        let topic = topic_of(channel, device, "");
        self.hand_down(key, device, Downlink { channel, topic, id: id.to_string(), payload, wants, wait: WAIT }, view);
    }

    fn hand_down(&mut self, key: RequestKey, device: &str, down: Downlink, view: &mut CloudView<'_>) {
        let Some(client) = connected(self, device, view) else { return refuse(view, key, device, "6205", OFFLINE) };
        if !client.filters.iter().any(|filter| crate::base::topic::matches(filter, &down.topic)) {
            return refuse(view, key, device, "6205", DEAF.with(&[&down.topic]));
        }
        let answered = down.channel.reply().is_some() || matches!(down.wants, Wants::Values(_));
        send(view, down.topic, down.payload);
        view.out.push(CloudOutput::Operated(key, RequestState::Sent));
        if answered {
            let pending =
                Pending { deadline: view.now + down.wait, key: Some(key), wants: down.wants, observed: false };
            self.pending.insert((device.to_owned(), down.id), pending);
        } else {
            operator::finish(view, key, None);
        }
    }

    /// A service: synchronous by RRPC in the form that the device hears, asynchronous on its own topic.
    fn invoke(&mut self, operate: &Operate, device: &str, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let arguments = &operate.arguments;
        let name = arguments.get("name").and_then(Value::as_str).ok_or(NO_SERVICE)?.to_owned();
        let mut params = arguments.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut synchronous = arguments.get("async").and_then(Value::as_bool) != Some(true);
        if let Some(known) = self.known.model(device) {
            let service = known.services.iter().find(|service| service.identifier == name);
            let service = service.ok_or_else(|| UNKNOWN_SERVICE.with(&[&name]))?;
            params = model::wire_params(&service.inputs, &params);
            model::check_params_strictly(&service.inputs, &params)
                .map_err(|(name, (fault, _))| fault.describe(&name))?;
            synchronous &= service.synchronous;
        }
        let id = self.fresh_id();
        let payload = Body::request(id, &format!("thing.service.{name}"), Value::Object(params)).emit();
        let ext = self.held(device).ext;
        let (channel, topic, id) = if !synchronous {
            (Channel::Service, topic_of(Channel::Service, device, &name), id.to_string())
        } else {
            // 64 bits, so that it is not taken for a message id of the payload.
            let message_id = (u64::from(u32::MAX) * 1_000 + id).to_string();
            if ext & EXT_RRPC != 0 {
                let inner = topic_of(Channel::Service, device, &name);
                (Channel::ExtRrpc, format!("/ext/rrpc/{message_id}{inner}"), message_id)
            } else {
                (Channel::RrpcRequest, topic_of(Channel::RrpcRequest, device, &message_id), message_id)
            }
        };
        let wait = if synchronous { self.options.rrpc_timeout } else { WAIT };
        self.hand_down(operate.key, device, Downlink { channel, topic, id, payload, wants: Wants::Answer, wait }, view);
        Ok(())
    }

    /// An upgrade is announced; how far it comes is told by the device.
    fn offer_upgrade(&mut self, operate: &Operate, device: &str, view: &mut CloudView<'_>) {
        let mut data = json!({
            "version": "2.0.0", "size": 1024, "url": "https://ota.invalid/firmware.bin", "isDiff": 0,
            "signMethod": "Md5", "sign": "0123456789abcdef0123456789abcdef", "md5": "0123456789abcdef0123456789abcdef",
        });
        if let Some(members) = data.as_object_mut() {
            members.extend(operate.arguments.clone());
        }
        self.held(device).upgrade = Some(data.clone());
        let id = self.fresh_id();
        let payload = json!({"id": id, "code": "1000", "data": data, "message": "success"}).to_string().into_bytes();
        let topic = topic_of(Channel::OtaUpgrade, device, "");
        let down = Downlink {
            channel: Channel::OtaUpgrade,
            topic,
            id: id.to_string(),
            payload,
            wants: Wants::Answer,
            wait: WAIT,
        };
        self.hand_down(operate.key, device, down, view);
    }

    /// `pk/dn`, or the name alone where it is unique; nothing where there is one device only.
    fn named(&self, wanted: &str) -> Result<String, Phrase> {
        operator::device(wanted, self.known.devices.keys(), |identity| operator::is_named(identity, wanted))
    }

    /// The values of set and desired: the arguments themselves, in the forms of the wire.
    fn values(&self, device: &str, arguments: &Map<String, Value>) -> Result<Value, Phrase> {
        if arguments.is_empty() {
            return Err(NO_VALUES.into());
        }
        let Some(known) = self.known.model(device) else { return Ok(Value::Object(arguments.clone())) };
        let values = model::wire_values(known, arguments);
        for (name, value) in &values {
            model::check_strictly(known, name, value, true).map_err(|(fault, _)| fault.describe(name))?;
        }
        Ok(Value::Object(values))
    }

    /// The identifiers asked for: those given, those of the model, or those that the device ever reported.
    fn identifiers(&self, device: &str, arguments: &Map<String, Value>) -> Vec<String> {
        if let Some(given) = arguments.get("identifiers").and_then(Value::as_array).filter(|given| !given.is_empty()) {
            return given.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        match self.known.model(device) {
            Some(known) => known.properties.iter().map(|property| property.identifier.clone()).collect(),
            None => self.devices.get(device).map(|held| held.values.keys().cloned().collect()).unwrap_or_default(),
        }
    }
}

fn refuse(view: &mut CloudView<'_>, key: RequestKey, device: &str, code: &str, reason: impl Into<Phrase>) {
    let reason = reason.into();
    let message = Some(reason.to_string());
    log(view, "refused", device, code, reason);
    view.out.push(CloudOutput::Operated(key, RequestState::Refused { code: Some(code.to_owned()), message }));
}
