//! What a person does at the platform's console: set, get, call a service, desired values, raw bytes.

use serde_json::{Map, Value};

use super::{Downlink, Origin, Platform, code_words, log};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::{CloudOutput, CloudView, Operate, operator};
use crate::dialect::onenet::body;
use crate::dialect::onenet::model;
use crate::dialect::onenet::topic::Channel;
use crate::model::{RequestKey, RequestState};

const UNKNOWN_OPERATION: Text = Text::new(
    "“{}” is none of set, get, invoke, desired, ota, raw, topology, kick, disable, enable, fault",
    "“{}”不是 set、get、invoke、desired、ota、raw、topology、kick、disable、enable、fault 之一",
);
const NO_VALUES: Text = Text::new("give at least one identifier=value", "至少给出一个 标识符=值");
const NO_SERVICE: Text = Text::new("name the service", "请指定服务标识符");
const UNKNOWN_SERVICE: Text = Text::new("the thing model has no service “{}”", "物模型中没有服务“{}”");
const INVALID: Text = Text::same("{}: {}");

impl Platform {
    /// Begins an action of the operator.
    pub(super) fn operator_asks(&mut self, operate: &Operate, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let device = self.named(&operate.device)?;
        let arguments = &operate.arguments;
        let ask = |service: Option<String>| Origin::Operator { key: operate.key, service };
        let asked = match operate.operation.as_str() {
            "set" => {
                let params = values(arguments)?;
                self.check(&device, &params)?;
                self.ask(&device, Channel::PropertySet, "", Some(Value::Object(params)), ask(None), view)
            }
            "desired" => {
                let params = values(arguments)?;
                self.check(&device, &params)?;
                self.desire(&device, params, view);
                operator::finish(view, operate.key, None);
                return Ok(());
            }
            "get" => {
                let names = self.identifiers(&device, arguments);
                self.ask(&device, Channel::PropertyGet, "", Some(names), ask(None), view)
            }
            "invoke" => return self.invoke(operate, &device, view),
            "raw" => {
                let bytes = operator::raw_bytes(arguments)?;
                let id = self.fresh_id();
                let down =
                    Downlink { channel: Channel::CustomDown, device: &device, variable: &id, id: &id, payload: bytes };
                self.send_down(&device, down, ask(None), view).map(|()| id.clone())
            }
            "ota" => {
                let announced = self.announce(operate, &device, view)?;
                self.begun(operate.key, &device, announced, view);
                return Ok(());
            }
            "topology" => {
                let list = self.changed_topology(&device, arguments)?;
                self.ask(&device, Channel::TopoChange, "", Some(list), ask(None), view)
            }
            other => return Err(UNKNOWN_OPERATION.with(&[&other])),
        };
        self.begun(operate.key, &device, asked.map(|_| ()).map_err(|refusal| refusal.code), view);
        Ok(())
    }

    /// Tells how far a request came: to the device, or not.
    fn begun(&mut self, key: RequestKey, device: &str, asked: Result<(), &'static str>, view: &mut CloudView<'_>) {
        match asked {
            Ok(()) => view.out.push(CloudOutput::Operated(key, RequestState::Sent)),
            Err(code) => {
                log(view, "refused", device, code, code_words(code));
                let message = Some(code_words(code).to_string());
                let state = RequestState::Refused { code: Some(code.to_owned()), message };
                view.out.push(CloudOutput::Operated(key, state));
            }
        }
    }

    /// A service: the caller of a synchronous one waits, that of an asynchronous one does not.
    fn invoke(&mut self, operate: &Operate, device: &str, view: &mut CloudView<'_>) -> Result<(), Phrase> {
        let arguments = &operate.arguments;
        let name = arguments.get("name").and_then(Value::as_str).ok_or(NO_SERVICE)?.to_owned();
        let params = arguments.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut synchronous = arguments.get("async").and_then(Value::as_bool) != Some(true);
        if let Some(known) = self.known.model(device) {
            let service = known.services.iter().find(|service| service.identifier == name);
            let service = service.ok_or_else(|| UNKNOWN_SERVICE.with(&[&name]))?;
            model::check_params(&service.inputs, &params)
                .map_err(|(identifier, (fault, _))| fault.describe(&identifier))?;
            synchronous &= service.synchronous;
        }
        let origin = if synchronous {
            Origin::Operator { key: operate.key, service: Some(name.clone()) }
        } else {
            Origin::Nobody
        };
        let asked = self.ask(device, Channel::ServiceInvoke, &name, Some(Value::Object(params)), origin, view);
        let sent = asked.is_ok();
        self.begun(operate.key, device, asked.map(|_| ()).map_err(|refusal| refusal.code), view);
        if sent && !synchronous {
            operator::finish(view, operate.key, None);
        }
        Ok(())
    }

    /// The outcome of an operator's request from a device's reply. Values are checked against the model: the platform
    /// does so for service outputs and for get (OneNET docs, OneJSON introduction).
    pub(super) fn operator_outcome(
        &self,
        device: &str,
        channel: Channel,
        service: Option<&str>,
        (code, msg, data): (i64, String, Option<Value>),
    ) -> RequestState {
        if code != body::SUCCESS {
            return RequestState::Refused { code: Some(code.to_string()), message: Some(msg) };
        }
        // The outputs of a sub-device's service stand one level deeper.
        let data = match (channel, data) {
            (Channel::SubServiceInvokeReply, Some(Value::Object(mut data))) => data.remove("output"),
            (_, data) => data,
        };
        let values = data.as_ref().and_then(Value::as_object);
        let fault = self.known.model(device).zip(values).and_then(|(known, values)| match (channel, service) {
            (Channel::PropertyGetReply | Channel::SubPropertyGetReply, _) => {
                values.iter().find_map(|(identifier, value)| {
                    let (fault, _) = model::check_property(known, identifier, value, false).err()?;
                    Some(fault.describe(identifier))
                })
            }
            (_, Some(name)) => {
                let service = known.services.iter().find(|service| service.identifier == name)?;
                let (identifier, (fault, _)) = model::check_params(&service.outputs, values).err()?;
                Some(fault.describe(&identifier))
            }
            _ => None,
        });
        match fault {
            Some(fault) => {
                let message = INVALID.with(&[&code_words("304"), &fault]).to_string();
                RequestState::Refused { code: Some("304".to_owned()), message: Some(message) }
            }
            None => {
                let message = data.map_or(msg, |data| data.to_string());
                RequestState::Replied { code: Some(code.to_string()), message: Some(message) }
            }
        }
    }

    /// A device's answer to raw bytes.
    pub(super) fn raw_answered(&mut self, device: &str, id: &str, payload: &[u8], view: &mut CloudView<'_>) {
        let Some(pending) = self.settle(device, id, Channel::CustomDownReply, view) else { return };
        if let Origin::Operator { key, .. } = pending.origin {
            let text = std::str::from_utf8(payload).map_or_else(|_| hex::encode(payload), str::to_owned);
            operator::finish(view, key, Some(text));
        }
    }

    /// `pid/name`, or the name alone where it is unique; nothing where there is one device only.
    pub(super) fn named(&self, wanted: &str) -> Result<String, Phrase> {
        operator::device(wanted, self.known.devices.keys(), |identity| operator::is_named(identity, wanted))
    }

    fn check(&self, device: &str, params: &Map<String, Value>) -> Result<(), Phrase> {
        let Some(known) = self.known.model(device) else { return Ok(()) };
        params.iter().try_for_each(|(identifier, value)| {
            model::check_property(known, identifier, value, true).map_err(|(fault, _)| fault.describe(identifier))
        })
    }

    /// The identifiers asked for: those given, those of the model, or those that the device ever reported.
    fn identifiers(&self, device: &str, arguments: &Map<String, Value>) -> Value {
        if let Some(given @ Value::Array(_)) = arguments.get("identifiers") {
            return given.clone();
        }
        match self.known.model(device) {
            Some(known) => known.properties.iter().map(|property| property.identifier.clone()).collect(),
            None => self.devices.get(device).map(|held| held.values.keys().cloned().collect()).unwrap_or_default(),
        }
    }
}

/// The values of set and desired: the arguments themselves.
fn values(arguments: &Map<String, Value>) -> Result<Map<String, Value>, Phrase> {
    if arguments.is_empty() { Err(NO_VALUES.into()) } else { Ok(arguments.clone()) }
}
