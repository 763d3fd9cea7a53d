//! Requests of the operator (`POST /operate`): from the question to the request object of `INTERFACE.md`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Phrase};
use crate::base::text::rfc3339;
use crate::base::time::Time;
use crate::base::units::millis;
use crate::model::RequestState;
use crate::sim::event::answer;

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
