//! What a device sends: reports, mended and passed on, events, and answers to what it was asked.

use serde_json::{Map, Value, json};

use super::control::token_of;
use super::{Platform, log};
use crate::base::json;
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::CloudView;
use crate::dialect::unitedrhino::topic::Channel;
use crate::dialect::unitedrhino::{codes, model};

const NOT_OBJECT: Text = Text::new("not a JSON object", "不是 JSON 对象");
const REJECTED: Text = Text::new("{} {} rejected: {}", "{} {} 被拒绝：{}");
const DROPPED: Text = Text::new(
    "“{}” is not in the model or does not fit: passed over without a word to the device",
    "“{}”不在物模型中或取值不符：平台静默跳过",
);
const CHANGED: Text = Text::new("“{}” was {}, stored as {}", "“{}”上报值 {}，按物模型修正为 {}");
const RAW_UP: Text = Text::new("{} bytes in the user's own format", "收到自定义格式数据 {} 字节");
const NO_EVENT: Text = Text::new("the thing model has no event “{}”", "物模型中没有事件“{}”");
const OTHER_CLASS: Text = Text::new("the event is of the type {}, not {}", "事件类型应为 {}，实际是 {}");
const NOTHING_VALID: Text = Text::new("nothing valid is left", "没有有效的属性");
const NO_METHOD: Text = Text::new("no method “{}” here", "该主题没有 method“{}”");

/// Why a request of a device is refused: code, and what it was.
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) reason: Phrase,
}

/// A refusal in the words of the code.
pub(super) fn refuse(code: i64) -> Refusal {
    Refusal { code, reason: Phrase::verbatim(codes::message(code)) }
}

pub(super) fn because(code: i64, reason: impl Into<Phrase>) -> Refusal {
    Refusal { code, reason: reason.into() }
}

/// What is answered to a request that was taken: members beside `method`, `msgToken` and `code`; `None` where nothing
/// is answered at all.
pub(super) type Carried = Result<Option<Map<String, Value>>, Refusal>;

/// An answer without anything beside the code.
pub(super) fn done() -> Carried {
    Ok(Some(Map::new()))
}

/// An answer with one member.
pub(super) fn with(name: &str, value: Value) -> Carried {
    Ok(Some(Map::from_iter([(name.to_owned(), value)])))
}

impl Platform {
    /// A message of a device, or of its gateway on its behalf. The answer, and the channel that it goes to.
    pub(super) fn device_speaks(
        &mut self,
        device: &str,
        channel: Channel,
        payload: &[u8],
        view: &mut CloudView<'_>,
    ) -> Option<(Channel, Value)> {
        if channel == Channel::CustomUp {
            log(view, "raw", device, 0, RAW_UP.with(&[&payload.len()]));
            return None;
        }
        let Ok(Value::Object(root)) = serde_json::from_slice::<Value>(payload) else {
            let broken = json::parse(payload).problems.into_iter().next();
            let what = broken.map_or_else(|| NOT_OBJECT.into(), |problem| problem.reason);
            log(view, "invalid", device, 100_014, what);
            return None;
        };
        let method = root.get("method").and_then(Value::as_str).unwrap_or_default();
        if matches!(
            (channel, method),
            (Channel::PropertyUp | Channel::ActionUp, "controlReply" | "getReportReply" | "actionReply")
        ) {
            self.answered(device, &root, view);
            return None;
        }
        let carried = self.carry_out(device, channel, method, &root, view);
        let code = carried.as_ref().map_or_else(|refusal| refusal.code, |_| 200);
        let reply = self.reply(device, channel, method, &root, carried, view);
        self.push_message(device, channel, payload, code, reply.as_ref(), view);
        let wanted = root.get("sys").and_then(|sys| sys.get("noAsk")).and_then(Value::as_bool) != Some(true);
        channel.other().zip(reply.filter(|_| wanted))
    }

    fn reply(
        &self,
        device: &str,
        channel: Channel,
        method: &str,
        root: &Map<String, Value>,
        carried: Carried,
        view: &mut CloudView<'_>,
    ) -> Option<Value> {
        let mut reply = json!({"method": reply_method(channel, method), "msgToken": token_of(root)});
        let members = reply.as_object_mut()?;
        match carried {
            Ok(more) => {
                members.insert("code".to_owned(), json!(200));
                members.extend(more?);
            }
            Err(Refusal { code, reason }) => {
                members.insert("code".to_owned(), json!(code));
                // The words come only where they are asked for.
                if root.get("sys").and_then(|sys| sys.get("retMsg")).and_then(Value::as_bool) == Some(true) {
                    members.insert("msg".to_owned(), json!(format!("{}:{reason}", codes::message(code))));
                }
                let what = [Phrase::verbatim(channel.head()), Phrase::verbatim(method), reason];
                log(view, "invalid", device, code, REJECTED.around(what));
            }
        }
        Some(reply)
    }

    fn carry_out(
        &mut self,
        device: &str,
        channel: Channel,
        method: &str,
        root: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Carried {
        match (channel, method) {
            (Channel::PropertyUp, "report") => self.report(device, root, view),
            (Channel::PropertyUp, "packReport") => self.pack(device, root, view),
            (Channel::PropertyUp, "getStatus") => with("data", self.status(device, root)),
            (Channel::PropertyUp, "reportInfo") => {
                let info = root.get("params").and_then(Value::as_object).ok_or_else(|| refuse(100_006))?;
                self.held(device).info.extend(info.clone());
                done()
            }
            (Channel::EventUp, "eventPost") => self.event(device, root, view),
            (Channel::ActionUp, "action") => self.device_action(device, root, view),
            (Channel::TopoUp | Channel::StatusUp | Channel::SchemaUp, _) => {
                self.gateway_asks(device, channel, method, root, view)
            }
            (Channel::PropertyUp | Channel::EventUp | Channel::ActionUp, _) => {
                Err(because(100_013, NO_METHOD.with(&[&method])))
            }
            _ => self.small_talk(device, channel, method, root, view),
        }
    }

    fn report(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
        let given = root.get("params").and_then(Value::as_object).ok_or_else(|| refuse(100_006))?;
        let values = self.judge(device, given, view);
        if values.is_empty() {
            return Err(because(100_006, NOTHING_VALID));
        }
        self.store(device, &values, view);
        done()
    }

    /// What the platform makes of values, told in the log: the device hears nothing of it.
    fn judge(&self, device: &str, given: &Map<String, Value>, view: &mut CloudView<'_>) -> Map<String, Value> {
        let kept = self.mend(device, given);
        for (name, value) in given {
            match kept.get(name) {
                None => log(view, "skipped", device, 100_006, DROPPED.with(&[name])),
                Some(stored) if !crate::model::thing::same_value(stored, value) => {
                    log(view, "changed", device, 100_015, CHANGED.with(&[name, value, stored]));
                }
                Some(_) => {}
            }
        }
        kept
    }

    /// What is left of values after the model check.
    pub(super) fn mend(&self, device: &str, given: &Map<String, Value>) -> Map<String, Value> {
        let Some(known) = self.known.model(device) else { return given.clone() };
        let mend = |(name, value): (&String, &Value)| Some((name.clone(), model::settle(known, name, value)?));
        given.iter().filter_map(mend).collect()
    }

    /// `packReport`: reports and events with their times, of the device and of its sub-devices. The last report counts.
    fn pack(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
        self.pack_of(device, root, view)?;
        for sub in root.get("subDevices").and_then(Value::as_array).into_iter().flatten() {
            let identity = super::gateway::identity_of(sub);
            if !self.topology.get(device).is_some_and(|subs| subs.contains(&identity)) {
                return Err(refuse(100_012));
            }
            match sub.get("isOnline").and_then(Value::as_i64) {
                Some(1) => self.presence(&identity, true, view),
                Some(2) => self.presence(&identity, false, view),
                _ => {}
            }
            if let Some(part) = sub.as_object() {
                self.pack_of(&identity, part, view)?;
            }
        }
        done()
    }

    fn pack_of(&mut self, device: &str, part: &Map<String, Value>, view: &mut CloudView<'_>) -> Result<(), Refusal> {
        let each = |name: &str| part.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        for report in each("properties") {
            let given = report.get("params").and_then(Value::as_object).ok_or_else(|| refuse(100_006))?;
            let values = self.judge(device, given, view);
            if !values.is_empty() {
                self.store(device, &values, view);
            }
        }
        for event in each("events") {
            self.event(device, event.as_object().ok_or_else(|| refuse(100_006))?, view)?;
        }
        Ok(())
    }

    /// The values that the platform holds, those asked for or all.
    fn status(&self, device: &str, root: &Map<String, Value>) -> Value {
        let asked: Vec<&str> =
            root.get("identifiers").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let held = self.devices.get(device).map(|held| &held.values);
        let wanted = |name: &str| asked.is_empty() || asked.contains(&name);
        let found = held.into_iter().flatten().filter(|(name, _)| wanted(name));
        Value::Object(found.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// Events are strict: every parameter has to be there and to fit.
    fn event(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
        let name = root.get("eventID").and_then(Value::as_str).ok_or_else(|| refuse(100_006))?;
        let given = root.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut class = root.get("type").and_then(Value::as_str).unwrap_or("info").to_owned();
        let mut params = given;
        if let Some(known) = self.known.model(device) {
            let event = known.events.iter().find(|event| event.identifier == name);
            let event = event.ok_or_else(|| because(100_006, NO_EVENT.with(&[&name])))?;
            if root.contains_key("type") && class != event.class {
                return Err(because(100_006, OTHER_CLASS.with(&[&event.class, &class])));
            }
            class.clone_from(&event.class);
            strict(&event.outputs, &params)?;
            params = model::wire_params(&event.outputs, &params);
        }
        let body = json!({
            "timestamp": view.now.as_millis().to_string(), "identifier": name, "type": class, "params": params,
        });
        self.push("deviceEventReport", device, Some(name), body, view);
        done()
    }

    /// An action that a device asks for: an app answers it over HTTP.
    fn device_action(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
        let name = root.get("actionID").and_then(Value::as_str).ok_or_else(|| refuse(100_006))?;
        let params = root.get("params").cloned().unwrap_or(json!({}));
        self.push_request(device, &token_of(root), name, &params, view);
        Ok(None)
    }

    /// The log of messages, which apps can subscribe as well.
    fn push_message(
        &mut self,
        device: &str,
        channel: Channel,
        payload: &[u8],
        code: i64,
        reply: Option<&Value>,
        view: &mut CloudView<'_>,
    ) {
        let action = channel.head().rsplit('/').next().unwrap_or_default();
        let body = json!({
            "content": String::from_utf8_lossy(payload), "topic": super::topic_of(channel, device), "action": action,
            "timestamp": view.now.as_millis().to_string(), "requestID": "", "traceID": "", "resultCode": code,
            "respPayload": reply.map(Value::to_string).unwrap_or_default(),
        });
        self.push("devicePublish", device, None, body, view);
    }
}

/// Parameters of events and actions: a missing or unknown one is a fault.
pub(super) fn strict(params: &[crate::model::thing::Param], given: &Map<String, Value>) -> Result<(), Refusal> {
    model::check_params(params, given).map_err(|(name, (fault, _))| because(100_006, fault.describe(&name)))
}

/// The method of an answer: that of the pair, or the request's own (`method.go`).
fn reply_method(channel: Channel, method: &str) -> String {
    match (channel, method) {
        (Channel::ConfigUp, _) => "reply".to_owned(),
        (_, "eventPost") => "eventReply".to_owned(),
        (_, "report" | "packReport" | "getStatus" | "reportInfo" | "action" | "getNtp") => format!("{method}Reply"),
        (_, other) => other.to_owned(),
    }
}
