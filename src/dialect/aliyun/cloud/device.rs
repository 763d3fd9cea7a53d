//! What a device sends: posts, answered with a code and passed on, and answers to what the cloud asked.

use serde_json::{Map, Value, json};

use super::{Platform, Wants, log, publish};
use crate::base::json;
use crate::base::lang::{Phrase, Text};
use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::topic::Channel;
use crate::dialect::aliyun::{codes, model};
use crate::dialect::cloud::{CloudView, operator};
use crate::model::RequestState;

pub(super) const NOT_JSON: Text = Text::new("not JSON (6207)", "不是 JSON（6207）");
const NO_ANSWER: Text =
    Text::new("an answer needs “id” and “code”: not taken as one", "应答须含 id 与 code，未作应答处理");
const ANSWER: Text = Text::new("answer", "应答");
const REJECTED: Text = Text::new("{} rejected: {}", "{} 被拒绝：{}");
const RAW_UP: Text = Text::new("{} bytes of raw data", "收到 {} 字节透传数据");
const IGNORED: Text = Text::new(
    "the platform does not read get_reply: values are reported by a post",
    "平台不处理 get_reply，属性值应通过 post 上报",
);
const UNKNOWN_EVENT: Text = Text::new("the thing model has no event “{}”", "物模型中没有事件“{}”");

/// Why a request of a device is refused: code and what it was, for the log.
pub(super) type Refusal = (&'static str, Phrase);

impl Platform {
    /// A message of a device, or of its gateway on its behalf.
    pub(super) fn device_speaks(
        &mut self,
        device: &str,
        channel: Channel,
        variable: &str,
        payload: &[u8],
        view: &mut CloudView<'_>,
    ) {
        match channel {
            Channel::UpRaw => {
                log(view, "raw", device, "", RAW_UP.with(&[&payload.len()]));
                // What the platform says where the script gives nothing back (help page 89301).
                let body = Body::reply(json!("0"), body::SUCCESS, json!({}), "");
                publish(view, Channel::UpRawReply, device, "", &body);
            }
            Channel::DownRawReply => _ = self.settle(device, "raw", answered_raw(payload), view),
            Channel::RrpcResponse | Channel::ExtRrpc => self.call_answered(device, variable, payload, view),
            Channel::ShadowUpdate => self.shadow(device, payload, view),
            Channel::NtpRequest => self.time(device, payload, view),
            Channel::User | Channel::Broadcast | Channel::Probe | Channel::FileSend => {
                log(view, "raw", device, "", RAW_UP.with(&[&payload.len()]));
            }
            Channel::PropertyGetReply => {
                log(view, "invalid", device, "", IGNORED);
                self.answered(device, payload, view);
            }
            channel if channel.kind().is_reply() => self.answered(device, payload, view),
            channel => self.device_asks(device, channel, variable, payload, view),
        }
    }

    /// A request; answered with its own id, unless it says that no answer is wanted.
    fn device_asks(
        &mut self,
        device: &str,
        channel: Channel,
        variable: &str,
        payload: &[u8],
        view: &mut CloudView<'_>,
    ) {
        let broken = json::parse(payload).problems.first().map(|problem| problem.reason.clone());
        let parsed = Body::parse(payload);
        let (id, method, params, ack) = match parsed {
            Some(Body::Request { id, method, params, ack }) => (id, method, params, ack),
            // The samples of the page let a device answer a get on the topic of posts, in the form of a reply.
            Some(Body::Reply { id, data, .. }) => (id, String::new(), data, true),
            None => {
                log(view, "invalid", device, "6207", NOT_JSON);
                (json!("0"), String::new(), Value::Null, true)
            }
        };
        let answered = match broken {
            Some(reason) => Err(("6207", reason)),
            None => self.carry_out(device, channel, variable, &id, &params, view),
        };
        let (code, data) = match answered {
            Ok(data) => (body::SUCCESS, data),
            Err((code, what)) => {
                log(view, "invalid", device, code, REJECTED.around([Phrase::verbatim(channel.kind().name()), what]));
                (code, json!({}))
            }
        };
        if let (Some(reply), true) = (channel.reply(), ack) {
            publish(view, reply, device, variable, &Body::reply(id, code, data, &method));
        }
    }

    fn carry_out(
        &mut self,
        device: &str,
        channel: Channel,
        variable: &str,
        id: &Value,
        params: &Value,
        view: &mut CloudView<'_>,
    ) -> Result<Value, Refusal> {
        match channel {
            Channel::PropertyPost => self.properties(device, id, params, view),
            Channel::EventPost => self.event(device, variable, params, view),
            Channel::HistoryPost | Channel::BatchPost | Channel::PackPost => self.many(device, channel, params, view),
            Channel::DesiredGet => Ok(self.desired_values(device, params)),
            Channel::DesiredDelete => Ok(self.forget_desired(device, params)),
            channel => self.small_talk(device, channel, params, view),
        }
    }

    fn properties(
        &mut self,
        device: &str,
        id: &Value,
        params: &Value,
        view: &mut CloudView<'_>,
    ) -> Result<Value, Refusal> {
        let values = object(params)?;
        if values.len() > 200 {
            return Err(("6106", code_words("6106")));
        }
        self.check(device, values)?;
        let bare = body::unwrapped(values);
        self.held(device).values.extend(bare.clone());
        self.tell_properties(device, values, view);
        self.reported(device, &body::text(id), &bare, view);
        Ok(json!({}))
    }

    fn check(&self, device: &str, values: &Map<String, Value>) -> Result<(), Refusal> {
        let Some(known) = self.known.model(device) else { return Ok(()) };
        for (name, value) in values {
            if let Err((fault, code)) = model::check_strictly(known, name, body::bare(value), false) {
                return Err((static_code(code.as_deref()), fault.describe(name)));
            }
        }
        Ok(())
    }

    /// A get is answered by a post: one under its id, or one that has what was asked for. A set may be.
    fn reported(&mut self, device: &str, id: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        for ((owner, _), pending) in &mut self.pending {
            if let (true, Wants::Set(wanted)) = (owner == device, &pending.wants) {
                let carried = |(name, value): (&String, &Value)| {
                    values.get(name).is_some_and(|found| crate::model::thing::same_value(found, value))
                };
                pending.observed |= wanted.iter().all(carried);
            }
        }
        let answers = |(owner, asked_id): &(String, String), pending: &super::Pending| {
            let Wants::Values(asked) = &pending.wants else { return None };
            if owner != device {
                return None;
            }
            if asked_id == id {
                return Some(true);
            }
            asked.iter().all(|name| values.contains_key(name)).then_some(false)
        };
        let found = self.pending.iter().find_map(|(key, pending)| Some((key.1.clone(), answers(key, pending)?)));
        if let Some((id, own)) = found {
            let message = Some(Value::Object(values.clone()).to_string());
            let state = if own { RequestState::Replied { code: None, message } } else { RequestState::Observed };
            self.settle(device, &id, state, view);
        }
    }

    fn event(&mut self, device: &str, name: &str, params: &Value, view: &mut CloudView<'_>) -> Result<Value, Refusal> {
        let outer = object(params)?;
        // Wrapped in value and time, or bare: both are sent.
        let wrapped = outer.get("value").filter(|value| value.is_object() && outer.len() <= 2);
        let values = wrapped.and_then(Value::as_object).unwrap_or(outer);
        if let Some(known) = self.known.model(device) {
            let Some(event) = known.events.iter().find(|event| event.identifier == name) else {
                return Err(("6319", UNKNOWN_EVENT.with(&[&name])));
            };
            if let Err((name, (fault, code))) = model::check_params_strictly(&event.outputs, values) {
                return Err((static_code(code.as_deref()), fault.describe(&name)));
            }
        }
        let value = Value::Object(values.clone());
        self.tell_event(device, name, &value, view.now, view);
        Ok(json!({}))
    }

    /// Posts that hold many values: those of this device are stored and passed on.
    fn many(
        &mut self,
        device: &str,
        channel: Channel,
        params: &Value,
        view: &mut CloudView<'_>,
    ) -> Result<Value, Refusal> {
        let Some(properties) = params.get("properties").and_then(Value::as_object).cloned() else {
            let good = matches!(channel, Channel::HistoryPost) && params.is_array();
            return if good { Ok(json!({})) } else { Err(("6301", code_words("6301"))) };
        };
        // A batch lists several values with their times: the last one counts.
        let latest: Map<String, Value> = properties
            .into_iter()
            .map(|(name, value)| {
                let last = value.as_array().and_then(|list| list.last()).cloned();
                (name, last.unwrap_or(value))
            })
            .collect();
        self.check(device, &latest)?;
        if !latest.is_empty() {
            self.held(device).values.extend(body::unwrapped(&latest));
            self.tell_properties(device, &latest, view);
        }
        let subs = params.get("subDevices").and_then(Value::as_array).cloned().unwrap_or_default();
        if subs.len() > 20 {
            return Err(("6357", code_words("6357")));
        }
        for sub in subs {
            let part =
                |name: &str| sub.pointer(&format!("/identity/{name}")).and_then(Value::as_str).unwrap_or_default();
            let identity = format!("{}/{}", part("productKey"), part("deviceName"));
            if !self.topology.get(device).is_some_and(|known| known.contains(&identity)) {
                return Err(("6401", code_words("6401")));
            }
            if let Some(values) = sub.get("properties").and_then(Value::as_object) {
                self.check(&identity, values)?;
                self.held(&identity).values.extend(body::unwrapped(values));
                self.tell_properties(&identity, values, view);
            }
        }
        Ok(json!({}))
    }

    fn desired_values(&mut self, device: &str, params: &Value) -> Value {
        let asked: Vec<&str> = params.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let held = self.held(device);
        let found: Map<String, Value> = held
            .desired
            .iter()
            .filter(|(name, _)| asked.is_empty() || asked.contains(&name.as_str()))
            .map(|(name, (value, version))| (name.clone(), json!({"value": value, "version": version})))
            .collect();
        Value::Object(found)
    }

    fn forget_desired(&mut self, device: &str, params: &Value) -> Value {
        let held = self.held(device);
        for (name, entry) in params.as_object().into_iter().flatten() {
            let version = entry.get("version").and_then(Value::as_u64);
            let current = held.desired.get(name).map(|(_, version)| *version);
            if version.is_none() || version == current {
                held.desired.remove(name);
            }
        }
        json!({})
    }

    /// An answer under an id of ours.
    fn answered(&mut self, device: &str, payload: &[u8], view: &mut CloudView<'_>) {
        let (id, code, message, data) = match Body::parse_strictly(payload) {
            Ok(Some(Body::Reply { id, code, message, data, .. })) => (id, code, message, data),
            Ok(_) => return log(view, "invalid", device, "6207", NO_ANSWER),
            Err(reason) => return log(view, "invalid", device, "6207", REJECTED.around([ANSWER.into(), reason])),
        };
        let state = outcome(&code, message, &data);
        self.told(device, &body::text(&id), &code, state, view);
    }

    /// An answer to a call that waits: the message id of the topic says to which.
    fn call_answered(&mut self, device: &str, message_id: &str, payload: &[u8], view: &mut CloudView<'_>) {
        let (code, state) = match Body::parse(payload) {
            Some(Body::Reply { code, message, data, .. }) => (code.clone(), outcome(&code, message, &data)),
            _ => (String::new(), answered_raw(payload)),
        };
        self.told(device, message_id, &code, state, view);
    }

    fn told(&mut self, device: &str, id: &str, code: &str, state: RequestState, view: &mut CloudView<'_>) {
        if self.settle(device, id, state, view) {
            log(view, "replied", device, code, ANSWERED.with(&[&id]));
        } else {
            log(view, "unasked", device, code, operator::unasked(device, id, &self.pending));
        }
    }
}

const ANSWERED: Text = Text::new("id {} answered", "id {} 已应答");

fn outcome(code: &str, message: String, data: &Value) -> RequestState {
    let words = if data.as_object().is_some_and(|members| !members.is_empty()) { data.to_string() } else { message };
    let message = Some(words).filter(|words| !words.is_empty());
    let code = Some(code.to_owned());
    if code.as_deref() == Some(body::SUCCESS) {
        RequestState::Replied { code, message }
    } else {
        RequestState::Refused { code, message }
    }
}

fn answered_raw(payload: &[u8]) -> RequestState {
    let text = std::str::from_utf8(payload).map_or_else(|_| crate::base::hex::encode(payload), str::to_owned);
    RequestState::Replied { code: None, message: Some(text) }
}

/// Params that must be an object with something in it.
pub(super) fn object(params: &Value) -> Result<&Map<String, Value>, Refusal> {
    match params {
        Value::Object(members) if members.is_empty() => Err(("6302", code_words("6302"))),
        Value::Object(members) => Ok(members),
        Value::Null => Err(("460", code_words("460"))),
        _ => Err(("6301", code_words("6301"))),
    }
}

/// Words of a code.
pub(super) fn code_words(code: &str) -> Phrase {
    codes::CODES
        .iter()
        .find(|spec| spec.code == code)
        .map_or_else(|| Phrase::verbatim(code), |spec| spec.meaning.into())
}

/// The code of the table that is spelled like this.
fn static_code(code: Option<&str>) -> &'static str {
    codes::CODES.iter().find(|spec| Some(spec.code) == code).map_or("400", |spec| spec.code)
}
