//! A request as one JSON object (`INTERFACE.md`, "JSON", requests): the same for commands, the operator and exports.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::text::rfc3339;
use crate::base::time::Time;
use crate::base::units::millis;
use crate::model::RequestState;

/// What a request did, as it is told outside.
#[derive(Debug, Clone, Copy)]
pub struct RequestReport<'a> {
    /// The id that ties the reply to it.
    pub request_id: Option<&'a str>,
    /// The topic it went to.
    pub topic: &'a str,
    /// Every state in the order of arrival.
    pub states: &'a [(RequestState, Time)],
}

impl RequestReport<'_> {
    /// The state that decided, or the last one so far.
    pub fn outcome(&self) -> Option<&RequestState> {
        let states = || self.states.iter().map(|(state, _)| state);
        states().find(|state| state.is_final()).or_else(|| states().next_back())
    }

    /// Code and words of the answer.
    pub fn answer(&self) -> (Option<&str>, Option<&str>) {
        match self.outcome() {
            Some(
                RequestState::Replied { code, message }
                | RequestState::Refused { code, message }
                | RequestState::TimedOut { code, message },
            ) => (code.as_deref(), message.as_deref()),
            _ => (None, None),
        }
    }

    /// Time from the socket to the answer.
    pub fn latency(&self) -> Option<Duration> {
        let at =
            |wanted: fn(&RequestState) -> bool| self.states.iter().find(|(state, _)| wanted(state)).map(|(_, at)| *at);
        let sent = at(|state| *state == RequestState::Sent)?;
        let answered = at(|state| {
            matches!(
                state,
                RequestState::Replied { .. }
                    | RequestState::Refused { .. }
                    | RequestState::Observed
                    | RequestState::RepliedLate { .. }
            )
        })?;
        Some(answered.since(sent))
    }

    /// The members of the object, without `"v"`.
    pub fn json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| {
            members.insert(name.to_owned(), value);
        };
        put("request_id", json!(self.request_id));
        put("topic", json!(self.topic));
        let states = self.states.iter().map(|(state, at)| json!({"state": state.name(), "at": rfc3339(*at)}));
        put("states", Value::Array(states.collect()));
        if let Some(state) = self.outcome() {
            put("outcome", json!(state.name()));
        }
        let (code, message) = self.answer();
        if let Some(code) = code {
            put("code", json!(code));
        }
        if let Some(message) = message {
            put("message", json!(message));
        }
        if let Some(latency) = self.latency() {
            put("latency_ms", json!(millis(latency)));
        }
        members
    }
}
