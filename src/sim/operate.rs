//! Requests of the operator (`POST /operate`): from the question, by way of the platform or of what is the same for all of
//! them, to the request object of `INTERFACE.md`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Phrase};
use crate::base::text::rfc3339;
use crate::base::time::Time;
use crate::base::units::millis;
use crate::dialect::cloud::{ClientId, CloudMessage, Operate};
use crate::model::{Direction, RequestKey, RequestState, Role};
use crate::sim::event::answer;
use crate::sim::{CloudSim, Happening, Output, Pending, texts};

/// What an operator asks of the simulated cloud.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OperateRequest {
    /// The dialect, or an alias; may be empty where there is only one.
    pub dialect: String,
    /// The device in the dialect's own form.
    pub device: String,
    /// What to do: an operation of the platform's console, or `kick`, `disable`, `enable`.
    pub operation: String,
    /// Arguments. By convention of the command line: property values by identifier for `set` and `desired`,
    /// `identifiers` (a list) for `get`, `name` and `params` for `invoke`, `hex` for `raw`, and `name` beside further
    /// members for the rest.
    pub arguments: Map<String, Value>,
}

/// The life of an operator's request so far.
#[derive(Debug, Clone, PartialEq)]
pub struct OperateReport {
    /// The id that ties the device's reply to it; `None` where the platform uses none.
    pub request_id: Option<String>,
    /// Where the request was published; empty where nothing was.
    pub topic: String,
    /// Every state with its time, oldest first.
    pub states: Vec<(RequestState, Time)>,
}

impl OperateReport {
    pub(super) fn new(now: Time) -> OperateReport {
        OperateReport { request_id: None, topic: String::new(), states: vec![(RequestState::Queued, now)] }
    }

    /// The state that decides the outcome, once there is one.
    pub fn outcome(&self) -> Option<&RequestState> {
        self.states.iter().map(|(state, _)| state).find(|state| state.is_final())
    }

    /// Time from the sending of the request to the outcome; `None` where nothing was sent.
    pub fn latency(&self) -> Option<Duration> {
        let (_, end) = self.states.iter().find(|(state, _)| state.is_final())?;
        let (_, start) = self.states.iter().find(|(state, _)| matches!(state, RequestState::Sent))?;
        Some(end.since(*start))
    }

    /// The request object; words in `lang`.
    pub fn to_json(&self, lang: Lang) -> Value {
        let mut object = Map::new();
        object.insert("v".into(), json!(1));
        object.insert("request_id".into(), json!(self.request_id));
        object.insert("topic".into(), json!(self.topic));
        let states: Vec<Value> =
            self.states.iter().map(|(state, at)| json!({ "state": state.name(), "at": rfc3339(*at) })).collect();
        object.insert("states".into(), Value::Array(states));
        if let Some(outcome) = self.outcome() {
            object.insert("outcome".into(), json!(outcome.name()));
            let (code, message) = answer(outcome, lang);
            for (name, value) in [("code", code), ("message", message)] {
                if let Some(value) = value {
                    object.insert(name.into(), json!(value));
                }
            }
            if matches!(outcome, RequestState::Replied { .. } | RequestState::Refused { .. } | RequestState::Observed)
                && let Some(latency) = self.latency()
            {
                object.insert("latency_ms".into(), json!(millis(latency)));
            }
        }
        Value::Object(object)
    }
}

/// Why a request of the operator was not even begun.
#[derive(Debug, Clone, PartialEq)]
pub struct OperateFault {
    /// What is wrong with it.
    pub reason: Phrase,
}

impl CloudSim {
    /// The operator asks for something. [`Output::Operated`] follows under the key.
    pub fn operate(&mut self, request: &OperateRequest, now: Time) -> Result<RequestKey, OperateFault> {
        let index = self.platform_of(&request.dialect)?;
        let OperateRequest { device, operation, arguments, .. } = request;
        let key = RequestKey(self.next_request);
        self.next_request += 1;
        self.pending.insert(
            key,
            Pending {
                platform: index,
                operation: operation.clone(),
                device: device.clone(),
                report: OperateReport::new(now),
            },
        );
        let begun = match operation.as_str() {
            "kick" | "disable" | "enable" => self.operate_identity(index, key, operation, device, now),
            "fault" => self.operate_fault(index, key, device, arguments, now),
            _ => {
                let (operation, device) = (operation.clone(), device.clone());
                let operate = Operate { key, operation, device, arguments: arguments.clone() };
                self.with_cloud(index, now, |cloud, view| cloud.operate(&operate, view)).unwrap_or(Ok(()))
            }
        };
        match begun {
            Ok(()) => Ok(key),
            Err(reason) => {
                self.pending.remove(&key);
                Err(OperateFault { reason })
            }
        }
    }

    /// Condition 4 of the module's list.
    fn operate_identity(
        &mut self,
        index: usize,
        key: RequestKey,
        operation: &str,
        identity: &str,
        now: Time,
    ) -> Result<(), Phrase> {
        if identity.is_empty() {
            return Err(texts::NO_DEVICE.into());
        }
        let Some(identity) = &self.whole_identity(index, identity) else {
            return Err(texts::UNKNOWN_IDENTITY.with(&[&identity]));
        };
        let connected: Vec<u64> = self
            .attached
            .iter()
            .filter(|(_, attached)| attached.platform == index && attached.who.identity == *identity)
            .map(|(id, _)| *id)
            .collect();
        if operation == "kick" && connected.is_empty() {
            return Err(texts::NOT_CONNECTED.with(&[&identity]));
        }
        if let Some(platform) = self.platforms.get_mut(index) {
            match operation {
                "disable" => platform.disabled.insert(identity.clone()),
                "enable" => platform.disabled.remove(identity),
                _ => false,
            };
        }
        if operation != "enable" {
            for id in connected {
                self.kick(ClientId(id), texts::KICKED.into(), now);
            }
        }
        self.operated(key, RequestState::Replied { code: None, message: None }, now);
        Ok(())
    }

    /// The identity that is meant: one that is connected, a device that was or that the platform knows; the last part
    /// alone will do where only one device that was connected has it.
    fn whole_identity(&self, index: usize, wanted: &str) -> Option<String> {
        let platform = self.platforms.get(index)?;
        let connected = platform.clients.values().any(|client| client.identity == wanted);
        if connected || platform.seen.contains(wanted) || platform.cloud.device_state(wanted).is_some() {
            return Some(wanted.to_owned());
        }
        let mut fitting =
            platform.seen.iter().filter(|identity| identity.rsplit_once('/').is_some_and(|(_, name)| name == wanted));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(one.clone()),
            _ => None,
        }
    }

    fn platform_of(&self, name: &str) -> Result<usize, OperateFault> {
        let known = || self.platforms.iter().map(|platform| platform.spec.name).collect::<Vec<_>>().join(", ");
        if name.is_empty() {
            return match self.platforms.len() {
                1 => Ok(0),
                _ => Err(OperateFault { reason: texts::MANY_DIALECTS.with(&[&known()]) }),
            };
        }
        self.platforms
            .iter()
            .position(|platform| platform.spec.name == name || platform.spec.aliases.contains(&name))
            .ok_or_else(|| OperateFault { reason: texts::NO_DIALECT.with(&[&name, &known()]) })
    }

    /// Notes the message that carries a request of the operator: the one that the dialect sent just before it said so.
    pub(super) fn name_request(&mut self, key: RequestKey, message: &CloudMessage) {
        let Some(pending) = self.pending.get_mut(&key) else { return };
        pending.report.topic.clone_from(&message.topic);
        let codec = self.platforms.get(pending.platform).and_then(|platform| platform.codec);
        pending.report.request_id = codec.and_then(|codec| {
            let meta = codec.classify(Role::Device, Direction::In, &message.topic, &message.payload);
            match meta.id {
                crate::model::Id::None => None,
                crate::model::Id::Text(span) => span.text(&message.topic, &message.payload).map(str::to_owned),
                crate::model::Id::Number(number) => Some(number.to_string()),
            }
        });
    }

    pub(super) fn operated(&mut self, key: RequestKey, state: RequestState, now: Time) {
        let Some(pending) = self.pending.get_mut(&key) else { return };
        pending.report.states.push((state.clone(), now));
        let what = Happening::Operated {
            key,
            operation: pending.operation.clone(),
            device: pending.device.clone(),
            state: state.clone(),
        };
        let index = pending.platform;
        self.tell_platform(now, index, None, what);
        if state.is_final()
            && let Some(pending) = self.pending.remove(&key)
        {
            self.outputs.push_back(Output::Operated(key, pending.report));
        }
    }

    /// Who is connected, and what the platform holds of each device.
    pub fn devices(&self) -> Value {
        let clients = self.attached.iter().map(|(id, attached)| {
            let platform = self.platforms.get(attached.platform);
            let who = &attached.who;
            let mut object = Map::new();
            object.insert("dialect".into(), json!(platform.map(|platform| platform.spec.name)));
            object.insert("endpoint".into(), json!(who.endpoint));
            object.insert("role".into(), json!(who.role.map(Role::name)));
            object.insert("identity".into(), json!(who.identity));
            object.insert("client_id".into(), json!(who.client_id));
            object.insert("peer".into(), json!(who.peer));
            object.insert("since".into(), json!(rfc3339(attached.since)));
            object.insert("subscriptions".into(), json!(attached.grants));
            object.insert("client".into(), json!(id));
            if let Some(state) = platform.and_then(|platform| platform.cloud.device_state(&who.identity)) {
                object.insert("state".into(), state);
            }
            Value::Object(object)
        });
        Value::Array(clients.collect())
    }

    /// What a platform holds of one device, connected or not.
    pub fn device_state(&self, dialect: &str, device: &str) -> Result<Option<Value>, OperateFault> {
        let index = self.platform_of(dialect)?;
        Ok(self.platforms.get(index).and_then(|platform| platform.cloud.device_state(device)))
    }
}
