//! What devices are asked on behalf of apps and the operator: property control, a report on demand, actions; and what
//! becomes of it (unitedrhino/things, `deviceinteract`).

use serde_json::{Map, Value, json};

use super::{Platform, connected, log, send};
use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::cloud::{CloudOutput, CloudView, operator};
use crate::dialect::unitedrhino::codes;
use crate::dialect::unitedrhino::read;
use crate::dialect::unitedrhino::topic::Channel;
use crate::dialect::{CallId, HttpAnswer};
use crate::model::{RequestKey, RequestState};

/// No reply in time.
const SILENT: i64 = 2_000_002;
/// The device is offline.
const OFFLINE: i64 = 2_000_003;
/// The device refused.
const REFUSED: i64 = 2_000_004;

const TIMED_OUT: Text = Text::new("no answer to {} in time", "{} 未在限定时间内应答");
const ANSWERED: Text = Text::new("msgToken {} answered", "msgToken {} 已应答");
const NOT_ONLINE: Text = Text::new("the device is offline", "设备离线");

/// A request that a device has not answered yet.
pub(super) struct Pending {
    pub(super) deadline: Time,
    waiter: Waiter,
    asked: Asked,
}

/// Who waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiter {
    /// The operator.
    Operator(RequestKey),
    /// A call over HTTP.
    Call(CallId),
    /// Nobody: the result can be read later.
    Later,
}

/// What was asked.
pub(super) enum Asked {
    /// Properties to be set.
    Set(Map<String, Value>),
    /// Properties to be reported.
    Get,
    /// An action.
    Action(String),
}

/// What became of a request: the code, the words of the device, and what it gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Outcome {
    pub(super) code: i64,
    pub(super) words: String,
    pub(super) data: Map<String, Value>,
}

impl Outcome {
    /// Code and words alone.
    pub(super) fn plain(code: i64) -> Outcome {
        Outcome { code, words: codes::message(code).to_owned(), data: Map::new() }
    }

    /// The envelope of the HTTP API.
    pub(super) fn answer(&self) -> HttpAnswer {
        let mut body = json!({"code": self.code, "msg": self.words});
        if let (200, Some(members)) = (self.code, body.as_object_mut()) {
            members.insert("data".to_owned(), Value::Object(self.data.clone()));
        }
        HttpAnswer::json(200, &body)
    }

    fn state(&self) -> RequestState {
        let given = ["params", "data"].iter().find_map(|name| self.data.get(*name)).filter(|given| given.is_object());
        let words = given.map_or_else(|| self.words.clone(), Value::to_string);
        let (code, message) = (Some(self.code.to_string()), Some(words).filter(|words| !words.is_empty()));
        match self.code {
            200 => RequestState::Replied { code, message },
            SILENT => RequestState::TimedOut { code, message },
            _ => RequestState::Refused { code, message },
        }
    }
}

impl Platform {
    /// Asks a device; the waiter hears of the outcome, at once where it is offline. The token of the request.
    pub(super) fn ask(
        &mut self,
        device: &str,
        asked: Asked,
        arguments: &Map<String, Value>,
        waiter: Waiter,
        view: &mut CloudView<'_>,
    ) -> String {
        let token = self.fresh_token();
        if connected(self, device, view).is_none() {
            log(view, "refused", device, OFFLINE, NOT_ONLINE);
            self.tell(waiter, &token, Outcome::plain(OFFLINE), view);
            return token;
        }
        let (channel, method) = match &asked {
            Asked::Set(_) => (Channel::PropertyDown, "control"),
            Asked::Get => (Channel::PropertyDown, "getReport"),
            Asked::Action(_) => (Channel::ActionDown, "action"),
        };
        let mut body = json!({"method": method, "msgToken": token, "timestamp": view.now.as_millis()});
        if let Some(members) = body.as_object_mut() {
            members.extend(arguments.clone());
        }
        send(view, channel, device, &body);
        if let Waiter::Operator(key) = waiter {
            view.out.push(CloudOutput::Operated(key, RequestState::Sent));
        }
        if let Asked::Action(name) = &asked {
            let params = arguments.get("params").cloned().unwrap_or(json!({}));
            self.push_action(device, &token, name, ("down", "req"), &Outcome::plain(200), &params, view);
        }
        let deadline = view.now + self.options.reply_timeout;
        self.pending.insert((device.to_owned(), token.clone()), Pending { deadline, waiter, asked });
        token
    }

    /// Puts values into the shadow: a device that is online gets them at once, another one when it comes.
    pub(super) fn wish(&mut self, device: &str, values: Map<String, Value>, view: &mut CloudView<'_>) {
        if self.held(device).online {
            self.send_shadow(device, values, view);
        } else {
            self.held(device).shadow.extend(values);
        }
    }

    /// What was set while the device was away.
    pub(super) fn send_shadow(&mut self, device: &str, values: Map<String, Value>, view: &mut CloudView<'_>) {
        let arguments = Map::from_iter([("params".to_owned(), Value::Object(values.clone()))]);
        self.ask(device, Asked::Set(values), &arguments, Waiter::Later, view);
    }

    /// An answer of a device. One to an unknown or expired token is dropped without a word to the device.
    pub(super) fn answered(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) {
        let token = token_of(root);
        let code = root.get("code").map_or(200, |code| read::text(code).parse().unwrap_or(100_001));
        let Some(pending) = self.pending.remove(&(device.to_owned(), token.clone())) else {
            return log(view, "unasked", device, code, operator::unasked(device, &token, &self.pending));
        };
        log(view, "replied", device, code, ANSWERED.with(&[&token]));
        let words = root.get("msg").and_then(Value::as_str).unwrap_or_default();
        let data = root.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut given = Map::from_iter([("msgToken".to_owned(), json!(token))]);
        match &pending.asked {
            Asked::Set(values) if code == 200 => self.store(device, values, view),
            Asked::Get if code == 200 => {
                let mended = self.mend(device, &data);
                self.store(device, &mended, view);
                given.extend([
                    ("params".to_owned(), json!(mended)),
                    ("timestamp".to_owned(), json!(view.now.as_millis())),
                ]);
            }
            Asked::Action(name) => {
                given.insert("outputParams".to_owned(), json!(Value::Object(data.clone()).to_string()));
                given.insert("data".to_owned(), json!(data));
                let result = Outcome { code, words: words.to_owned(), data: Map::new() };
                self.push_action(device, &token, name, ("up", "resp"), &result, &json!(data), view);
            }
            Asked::Set(_) | Asked::Get => {}
        }
        let result = if code == 200 {
            given.extend([("code".to_owned(), json!(200)), ("msg".to_owned(), json!("成功"))]);
            Outcome { code, words: "成功".to_owned(), data: given }
        } else {
            // What the device said stands behind the platform's own words, joined by a colon.
            let said = if words.is_empty() { code.to_string() } else { format!("{code} {words}") };
            Outcome { code: REFUSED, words: format!("{}:{said}", codes::message(REFUSED)), data: Map::new() }
        };
        self.tell(pending.waiter, &token, result, view);
    }

    /// Values that are true now: stored, and pushed to apps.
    pub(super) fn store(&mut self, device: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        self.held(device).values.extend(values.clone());
        self.push_values(device, values, view);
    }

    fn push_action(
        &mut self,
        device: &str,
        token: &str,
        name: &str,
        (direction, kind): (&str, &str),
        result: &Outcome,
        params: &Value,
        view: &mut CloudView<'_>,
    ) {
        let body = json!({
            "msgToken": token, "timestamp": view.now.as_millis().to_string(), "actionID": name, "params": params,
            "code": result.code, "msg": result.words, "dir": direction, "reqType": kind,
        });
        self.push("deviceActionReport", device, Some(name), body, view);
    }

    /// Passes on an action that a device asked for.
    pub(super) fn push_request(
        &mut self,
        device: &str,
        token: &str,
        name: &str,
        params: &Value,
        view: &mut CloudView<'_>,
    ) {
        self.push_action(device, token, name, ("up", "req"), &Outcome::plain(200), params, view);
    }

    fn tell(&mut self, waiter: Waiter, token: &str, result: Outcome, view: &mut CloudView<'_>) {
        match waiter {
            Waiter::Operator(key) => view.out.push(CloudOutput::Operated(key, result.state())),
            Waiter::Call(id) => view.out.push(CloudOutput::Answer(id, result.answer())),
            Waiter::Later => _ = self.results.insert(token.to_owned(), result),
        }
    }

    /// Ends what has waited for too long.
    pub(super) fn give_up_waiting(&mut self, view: &mut CloudView<'_>) {
        let now = view.now;
        let due = self.pending.iter().filter(|(_, pending)| pending.deadline <= now).map(|(key, _)| key.clone());
        for (device, token) in due.collect::<Vec<_>>() {
            log(view, "timeout", &device, SILENT, TIMED_OUT.with(&[&token]));
            if let Some(pending) = self.pending.remove(&(device, token.clone())) {
                self.tell(pending.waiter, &token, Outcome::plain(SILENT), view);
            }
        }
    }
}

/// The token of a message, under its present or its older name.
pub(super) fn token_of(root: &Map<String, Value>) -> String {
    root.get("msgToken").or_else(|| root.get("clientToken")).map(read::text).unwrap_or_default()
}
