//! What a person does at the platform's console: set, get, an action, raw bytes, configuration, OTA.

use serde_json::{Map, Value, json};

use super::control::{Asked, Waiter};
use super::{Platform, connected, log, send, topic_of};
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::{CloudMessage, CloudOutput, CloudView, Operate, operator};
use crate::dialect::unitedrhino::model;
use crate::dialect::unitedrhino::topic::Channel;
use crate::model::{RequestKey, RequestState};

const UNKNOWN_OPERATION: Text = Text::new(
    "“{}” is none of set, get, invoke, desired, raw, config, ota, kick, disable, enable",
    "“{}”不是 set、get、invoke、desired、raw、config、ota、kick、disable、enable 之一",
);
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const NO_ACTION: Text = Text::new("name the action", "请指定行为标识符");
const UNKNOWN_ACTION: Text = Text::new("the thing model has no action “{}”", "物模型中没有行为“{}”");
const OFFLINE: Text = Text::new("the device is offline", "设备离线");

impl Platform {
    /// Begins an action of the operator.
    pub(super) fn operator_asks(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let device = self.named(&operate.device)?;
        let (arguments, waiter) = (&operate.arguments, Waiter::Operator(operate.key));
        match operate.operation.as_str() {
            "set" => {
                let values = self.values(&device, arguments)?;
                let params = Map::from_iter([("params".to_owned(), Value::Object(values.clone()))]);
                self.ask(&device, Asked::Set(values), &params, waiter, view);
            }
            "get" => {
                let names =
                    arguments.get("identifiers").filter(|names| names.as_array().is_some_and(|n| !n.is_empty()));
                let params = names.map(|names| ("identifiers".to_owned(), names.clone())).into_iter().collect();
                self.ask(&device, Asked::Get, &params, waiter, view);
            }
            "invoke" => self.invoke(&device, arguments, waiter, view)?,
            "desired" => {
                let values = self.values(&device, arguments)?;
                self.wish(&device, values, view);
                view.out.push(CloudOutput::Operated(operate.key, RequestState::Sent));
                view.out.push(CloudOutput::Operated(operate.key, RequestState::Replied { code: None, message: None }));
            }
            "raw" => {
                let message = CloudMessage {
                    topic: topic_of(Channel::CustomDown, &device),
                    payload: operator::raw_bytes(arguments)?,
                    qos: 1,
                };
                self.hand_down(operate.key, &device, CloudOutput::Publish(message), view);
            }
            "config" => {
                let content = Value::Object(arguments.clone());
                self.held(&device).config = Some(content.clone());
                let body = json!({"method": "push", "msgToken": self.fresh_token(), "data": content});
                self.tell_down(operate.key, &device, Channel::ConfigPush, &body, view);
            }
            "ota" => self.offer_upgrade(operate, &device, view),
            other => return Err(UNKNOWN_OPERATION.with(&[&other])),
        }
        Ok(())
    }

    fn invoke(
        &mut self,
        device: &str,
        arguments: &Map<String, Value>,
        waiter: Waiter,
        view: &mut CloudView<'_>,
    ) -> Result<(), Phrase> {
        let name = arguments.get("name").and_then(Value::as_str).ok_or(NO_ACTION)?.to_owned();
        let mut params = arguments.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(known) = self.known.model(device) {
            let action = known.services.iter().find(|action| action.identifier == name);
            let action = action.ok_or_else(|| UNKNOWN_ACTION.with(&[&name]))?;
            model::check_params(&action.inputs, &params).map_err(|(name, (fault, _))| fault.describe(&name))?;
            params = model::wire_params(&action.inputs, &params);
        }
        let arguments =
            Map::from_iter([("actionID".to_owned(), json!(name)), ("params".to_owned(), Value::Object(params))]);
        self.ask(device, Asked::Action(name), &arguments, waiter, view);
        Ok(())
    }

    /// An upgrade is announced; how far it comes is told by the device.
    fn offer_upgrade(&mut self, operate: &Operate, device: &str, view: &mut CloudView<'_>) {
        let mut data = json!({
            "version": "2.0.0", "isDiff": 2, "signMethod": "md5", "extra": "", "size": 1024, "name": "firmware.bin",
            "fileUrl": "https://ota.invalid/firmware.bin", "fileMd5": "0123456789abcdef0123456789abcdef",
            "signature": "0123456789abcdef0123456789abcdef",
        });
        if let Some(members) = data.as_object_mut() {
            members.extend(operate.arguments.clone());
        }
        self.held(device).upgrade = Some(data.clone());
        let body = json!({"method": "upgrade", "msgToken": self.fresh_token(), "data": data});
        self.tell_down(operate.key, device, Channel::OtaDown, &body, view);
    }

    /// A notice that nothing answers.
    fn tell_down(&mut self, key: RequestKey, device: &str, channel: Channel, body: &Value, view: &mut CloudView<'_>) {
        let mut out = Vec::new();
        let mut aside = CloudView { now: view.now, clients: view.clients, out: &mut out };
        send(&mut aside, channel, device, body);
        for output in out {
            self.hand_down(key, device, output, view);
        }
    }

    fn hand_down(&mut self, key: RequestKey, device: &str, output: CloudOutput, view: &mut CloudView<'_>) {
        if connected(self, device, view).is_none() {
            log(view, "refused", device, 2_000_003, OFFLINE);
            let (code, message) = (Some("2000003".to_owned()), Some(OFFLINE.en.to_owned()));
            view.out.push(CloudOutput::Operated(key, RequestState::Refused { code, message }));
            return;
        }
        view.out.push(output);
        view.out.push(CloudOutput::Operated(key, RequestState::Sent));
        view.out.push(CloudOutput::Operated(key, RequestState::Replied { code: None, message: None }));
    }

    /// `productID/deviceName`, or the name alone where it is unique; nothing where there is one device only.
    fn named(&self, wanted: &str) -> Result<String, Phrase> {
        operator::device(wanted, self.known.devices.keys(), |identity| operator::is_named(identity, wanted))
    }

    /// The values of a set: the arguments themselves, in the forms of the wire.
    fn values(&self, device: &str, arguments: &Map<String, Value>) -> Result<Map<String, Value>, Phrase> {
        if arguments.is_empty() {
            return Err(NO_VALUES.into());
        }
        let Some(known) = self.known.model(device) else { return Ok(arguments.clone()) };
        for (name, value) in arguments {
            model::check_property(known, name, value, true).map_err(|(fault, _)| fault.describe(name))?;
        }
        Ok(model::wire_values(known, arguments))
    }
}
