//! An app sets properties; the device answers, too late, wrongly, or not at all.

use serde_json::{Map, Value};

use super::{Origin, Pending, Platform, code_words, deliver, log, publish, strict};
use crate::base::lang::Text;
use crate::dialect::cloud::{Client, CloudOutput, CloudView, operator};
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::topic::Channel;
use crate::dialect::onenet::{codes, model};
use crate::model::RequestState;

const NO_REQUEST_ID: Text =
    Text::new("a request without requestId cannot be answered", "没有 requestId 的请求无法应答");
const REFUSED: Text = Text::new("an app's request was refused: {}", "应用请求被拒绝：{}");
const LATE: Text = Text::new("the answer to id {} came after the timeout", "id {} 的应答在超时之后才到达");
const BAD_ID: Text = Text::new("the answer has no id in form of a string", "应答中没有字符串形式的 id");
const ANSWERED: Text = Text::new("id {} answered: {} {}", "id {} 已应答：{} {}");

/// An app's refusal: its code and words.
pub(super) type Failure = (&'static str, String);

impl Platform {
    /// `property/set` and `property/desired/set` of an app.
    pub(super) fn app_asks(
        &mut self,
        client: &Client,
        channel: Channel,
        device: &str,
        payload: &[u8],
        view: &mut CloudView<'_>,
    ) {
        let (value, fault) = strict(payload);
        let request_id = body::text(value.as_ref().and_then(|value| value.get("requestId")));
        if request_id.is_empty() {
            let reason = fault.unwrap_or_else(|| NO_REQUEST_ID.into());
            log(view, "invalid", &client.identity, "parameterRequired", reason);
            return;
        }
        let params = match fault {
            Some(fault) => Err(("invalidParameter", format!("301 {fault}"))),
            None => app_params(value.as_ref()),
        };
        let known = params.and_then(|params| self.app_may(client, device, &params).map(|()| params));
        let params = match known {
            Ok(params) => params,
            Err((code, msg)) => {
                log(view, "refused", &client.identity, code, REFUSED.with(&[&msg]));
                let failure = Some((code.to_owned(), msg));
                // The asker hears of it even where it may not subscribe this device's topics.
                deliver(view, &client.id, Channel::AppSetReply, device, &Body::AppReply { request_id, failure });
                return;
            }
        };
        if channel == Channel::DesiredSet {
            self.desire(device, params, view);
            if self.options.desired_reply {
                publish(view, Channel::AppSetReply, device, &Body::AppReply { request_id, failure: None });
            }
            return;
        }
        let origin = Origin::App { request_id: request_id.clone() };
        if let Err(refusal) = self.ask(device, Channel::PropertySet, "", Some(Value::Object(params)), origin, view) {
            log(view, "refused", device, refusal.code, code_words(refusal.code));
            self.app_fails(device, request_id, refusal.message(), view);
        }
    }

    /// Whether an app may set these values of this device.
    fn app_may(&self, client: &Client, device: &str, params: &Map<String, Value>) -> Result<(), Failure> {
        if !self.known.devices.contains_key(device) {
            return Err(("deviceNotFound", "device does not exist".to_owned()));
        }
        if !self.known.sees(&client.identity, device) {
            return Err(("resourePermissionDeny", codes::message("resourePermissionDeny").to_owned()));
        }
        let Some(model) = self.known.model(device) else { return Ok(()) };
        params.iter().try_for_each(|(identifier, value)| {
            model::check_property(model, identifier, value, true).map_err(|(fault, code)| {
                let words = fault.describe(identifier);
                ("invalidParameter", format!("{} {words}", code.unwrap_or_default()))
            })
        })
    }

    fn app_fails(&mut self, device: &str, request_id: String, msg: String, view: &mut CloudView<'_>) {
        let failure = Some(("setPropertyFailed".to_owned(), msg));
        publish(view, Channel::AppSetReply, device, &Body::AppReply { request_id, failure });
    }

    /// An answer of a device to something that the cloud asked.
    pub(super) fn device_answers(&mut self, device: &str, channel: Channel, payload: &[u8], view: &mut CloudView<'_>) {
        let (value, fault) = strict(payload);
        let id = value.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str).map(str::to_owned);
        let Some(id) = id.filter(|_| fault.is_none()) else {
            log(view, "invalid", device, "1027", fault.unwrap_or_else(|| BAD_ID.into()));
            return;
        };
        let Some(Body::Reply { code, msg, data, .. }) = value.as_ref().and_then(Body::of) else {
            log(view, "invalid", device, "304", code_words("304"));
            return;
        };
        let Some(pending) = self.settle(device, &id, channel, view) else { return };
        let code_text = code.to_string();
        log(view, "replied", device, &code_text, ANSWERED.with(&[&id, &code, &msg]));
        let device = pending.device.as_str();
        match pending.origin {
            Origin::App { request_id } if code == body::SUCCESS => {
                publish(view, Channel::AppSetReply, device, &Body::AppReply { request_id, failure: None });
            }
            Origin::App { request_id } => self.app_fails(device, request_id, format!("{code} {msg}"), view),
            Origin::Operator { key, service } => {
                let state = self.operator_outcome(device, channel, service.as_deref(), (code, msg, data));
                view.out.push(CloudOutput::Operated(key, state));
            }
            Origin::Nobody => {}
        }
    }

    /// Takes the request that an answer belongs to; logs where there is none.
    pub(super) fn settle(
        &mut self,
        device: &str,
        id: &str,
        channel: Channel,
        view: &mut CloudView<'_>,
    ) -> Option<Pending> {
        let key = (device.to_owned(), id.to_owned());
        if self.pending.get(&key).is_some_and(|pending| pending.reply == channel) {
            return self.pending.remove(&key);
        }
        if self.expired.contains(&key) {
            log(view, "late", device, "1023", LATE.with(&[&id]));
        } else {
            log(view, "invalid", device, "1028", operator::unasked(device, id, &self.pending));
        }
        None
    }

    /// A device did not answer in time.
    pub(super) fn timed_out(&mut self, device: &str, origin: Origin, view: &mut CloudView<'_>) {
        match origin {
            Origin::App { request_id } => self.app_fails(device, request_id, "306 timeout".to_owned(), view),
            Origin::Operator { key, .. } => view.out.push(CloudOutput::Operated(key, RequestState::silence())),
            Origin::Nobody => {}
        }
    }
}

/// `data.params` of an app's request.
fn app_params(value: Option<&Value>) -> Result<Map<String, Value>, Failure> {
    match value.and_then(|value| value.get("data")).and_then(|data| data.get("params")) {
        None => Err(("parameterRequired", "data.params is required".to_owned())),
        Some(Value::Object(params)) if params.is_empty() => {
            Err(("parameterRequired", "data.params is empty".to_owned()))
        }
        Some(Value::Object(params)) => Ok(params.clone()),
        Some(_) => Err(("invalidParameter", "data.params must be an object".to_owned())),
    }
}
