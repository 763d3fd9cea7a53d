//! What a device sends of its own accord: posts, answered with a code and passed on to apps.

use serde_json::{Map, Value, json};

use super::{Platform, log, publish, strict};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::CloudView;
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::dissect::is_message_id;
use crate::dialect::onenet::topic::Channel;
use crate::dialect::onenet::{codes, model};
use crate::model::ThingModel;
use crate::model::thing::ValueFault;

const REJECTED: Text = Text::new("{} rejected: {}", "{} 被拒绝：{}");
const NO_WRAPPER: Text = Text::new("“{}” is not wrapped in value", "“{}”缺少 value 包装");
const NOT_OBJECT: Text = Text::new("params must be an object", "params 必须是对象");

/// Why a post is refused: the code, the words beside it, and the whole for the log.
pub(super) struct Fault {
    pub code: String,
    pub msg: String,
    pub what: Phrase,
}

impl Fault {
    /// A fault whose words are those of its code.
    pub fn of(code: &str, what: impl Into<Phrase>) -> Fault {
        Fault { code: code.to_owned(), msg: codes::message(code).to_owned(), what: what.into() }
    }
}

/// What a good request gives back.
pub(super) type Answered = Result<Option<Value>, Fault>;

impl Platform {
    /// Any request of a device; each is answered on its reply topic with its own id.
    pub(super) fn device_asks(&mut self, device: &str, channel: Channel, payload: &[u8], view: &mut CloudView<'_>) {
        let (value, fault) = strict(payload);
        let id_value = value.as_ref().and_then(|value| value.get("id"));
        let id = body::text(id_value);
        let form = match (fault, id_value) {
            (Some(fault), _) => Err(Fault::of("301", fault)),
            (None, Some(Value::String(id))) if is_message_id(id) => Ok(()),
            _ => Err(Fault::of("312", super::code_words("312"))),
        };
        let params = value.as_ref().and_then(|value| value.get("params"));
        let answered = form.and_then(|()| self.carry_out(device, channel, &id, params, view));
        let Some(reply) = channel.reply() else { return };
        let body = match answered {
            Ok(data) => Body::Reply { id, code: body::SUCCESS, msg: "success".to_owned(), data },
            Err(fault) => {
                log(
                    view,
                    "invalid",
                    device,
                    &fault.code,
                    REJECTED.around([Phrase::verbatim(channel.tail()), fault.what.clone()]),
                );
                Body::Reply { id, code: codes::number(&fault.code), msg: fault.msg, data: None }
            }
        };
        publish(view, reply, device, &body);
    }

    fn carry_out(
        &mut self,
        device: &str,
        channel: Channel,
        id: &str,
        params: Option<&Value>,
        view: &mut CloudView<'_>,
    ) -> Answered {
        match channel {
            Channel::PropertyPost => {
                let values = self.checked_properties(device, object(params)?, view.now)?;
                self.take_properties(device, id, values, view);
                Ok(None)
            }
            Channel::EventPost => {
                let events = self.checked_events(device, object(params)?, view.now)?;
                notify(view, device, id, true, events);
                Ok(None)
            }
            Channel::DesiredGet => self.desired_values(device, params),
            Channel::DesiredDelete => self.forget_desired(device, object(params)?),
            Channel::PackPost => self.pack(device, id, params, view),
            Channel::HistoryPost => self.history(device, params),
            channel => self.gateway(device, channel, params, view),
        }
    }

    /// Stores values and tells the apps.
    pub(super) fn take_properties(
        &mut self,
        device: &str,
        id: &str,
        values: Map<String, Value>,
        view: &mut CloudView<'_>,
    ) {
        self.device(device).values.extend(values.clone());
        notify(view, device, id, false, values);
    }

    /// Identifier → `{value, time}`, all of it good, or the first fault: one rejects the whole post.
    pub(super) fn checked_properties(
        &self,
        device: &str,
        params: &Map<String, Value>,
        now: Time,
    ) -> Result<Map<String, Value>, Fault> {
        self.checked(device, params, now, |known, identifier, value| {
            model::check_property(known, identifier, value, false)
                .map_err(|finding| self.value_fault(identifier, finding))
        })
    }

    /// The same for events.
    pub(super) fn checked_events(
        &self,
        device: &str,
        params: &Map<String, Value>,
        now: Time,
    ) -> Result<Map<String, Value>, Fault> {
        self.checked(device, params, now, |known, identifier, value| {
            let event = known.events.iter().find(|event| event.identifier == *identifier);
            let unknown = (ValueFault::UnknownIdentifier, None);
            let event = event.ok_or_else(|| self.value_fault(identifier, unknown))?;
            let outputs = value.as_object().ok_or_else(|| Fault::of("302", super::code_words("302")))?;
            model::check_params(&event.outputs, outputs)
                .map_err(|(identifier, finding)| self.value_fault(&identifier, finding))
        })
    }

    /// Unwraps every entry, lets `check` judge it where the product has a model, and stamps those without a time.
    fn checked(
        &self,
        device: &str,
        params: &Map<String, Value>,
        now: Time,
        check: impl Fn(&ThingModel, &str, &Value) -> Result<(), Fault>,
    ) -> Result<Map<String, Value>, Fault> {
        let known = self.known.model(device);
        let entry = |(identifier, entry): (&String, &Value)| {
            let value = wrapped(identifier, entry)?;
            known.map_or(Ok(()), |known| check(known, identifier, value))?;
            Ok((identifier.clone(), restamped(value, entry, now)))
        };
        params.iter().map(entry).collect()
    }

    fn value_fault(&self, identifier: &str, (fault, code): model::Finding) -> Fault {
        let what = fault.describe(identifier);
        if *fault.innermost() == ValueFault::UnknownIdentifier {
            // The words are those of a device log of the new platform.
            let msg = format!("identifier not exist:identifier:{identifier}");
            return Fault { code: self.options.unknown_identifier.clone(), msg, what };
        }
        let code = code.unwrap_or_else(|| "302".to_owned());
        let msg = format!("{}:identifier:{identifier}", codes::message(&code));
        Fault { code, msg, what }
    }
}

/// `params` where they have to be an object.
pub(super) fn object(params: Option<&Value>) -> Result<&Map<String, Value>, Fault> {
    params.and_then(Value::as_object).ok_or_else(|| Fault::of("313", NOT_OBJECT))
}

fn wrapped<'a>(identifier: &str, entry: &'a Value) -> Result<&'a Value, Fault> {
    entry
        .as_object()
        .and_then(|entry| entry.get("value"))
        .ok_or_else(|| Fault::of("302", NO_WRAPPER.with(&[&identifier])))
}

/// The value with the device's time, or with the platform's where it gave none.
fn restamped(value: &Value, entry: &Value, now: Time) -> Value {
    match entry.get("time").and_then(Value::as_u64) {
        Some(time) => json!({"value": value, "time": time}),
        None => body::stamped(value, now),
    }
}

/// Tells the apps of a post.
pub(super) fn notify(view: &mut CloudView<'_>, identity: &str, id: &str, event: bool, params: Map<String, Value>) {
    let (product, device) = identity.split_once('/').unwrap_or((identity, ""));
    let (product, device) = (product.to_owned(), device.to_owned());
    let channel = if event { Channel::EventNotify } else { Channel::PropertyNotify };
    publish(view, channel, identity, &Body::Notify { product, device, event, id: id.to_owned(), params });
}
