//! Firmware tasks: announced over MQTT when the operator begins one, followed over HTTP (OneNET docs, OTA pages).
//!
//! The bodies of the answers are those of the platform's newer HTTP interface (`code`, `msg`, `data`), and what stands
//! in `data` follows the description of the pages only as far as it goes. (inferred)

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::admit::fits;
use super::{Downlink, Origin, Platform, code_words, log};
use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{CloudOutput, CloudView, Operate};
use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::sign::Token;
use crate::dialect::onenet::topic::Channel;
use crate::dialect::{HttpAnswer, HttpRequest};
use crate::model::{RequestKey, RequestState};

/// How long a task may stand still before the operator is told that nothing happens.
const STILL: Duration = Duration::from_secs(30);
/// The step at which a task is done.
const DONE: i64 = 100;
/// Authorisation failed (newer HTTP interface).
const UNAUTHORISED: i64 = 10_403;

const NO_VERSION: Text = Text::new("name the version, as in `ota 2.0`", "请指定版本，例如 ota 2.0");
const UNKNOWN_CALL: &str = "no such call";
const TOKEN: Text = Text::new("the token of the call does not fit", "请求的 token 不正确");
const VERSION_TOLD: Text = Text::new("firmware version {}", "固件版本 {}");
const ANNOUNCED: Text = Text::new("task {}: firmware {} is announced", "任务 {}：已通知升级到 {}");
const ASKED: Text = Text::new("task {}: taken by the device", "任务 {}：设备已获取");
const STEP: Text = Text::new("task {}: step {}", "任务 {}：进度 {}");
const STANDS_STILL: Text = Text::new("task {}: no progress for {} s", "任务 {}：{} 秒没有进度");

/// A firmware task of a device.
#[derive(Debug)]
pub(super) struct Task {
    tid: String,
    version: String,
    step: i64,
    /// Whose it is, and when it counts as standing still; nothing once the operator was told the outcome.
    waiting: Option<(RequestKey, Time)>,
}

impl Platform {
    /// `ota` of the operator: announces a task.
    pub(super) fn announce(
        &mut self,
        operate: &Operate,
        device: &str,
        view: &mut CloudView<'_>,
    ) -> Result<Result<(), &'static str>, Phrase> {
        let given = operate.arguments.get("version").or_else(|| operate.arguments.get("name"));
        let version = body::text(given);
        if version.is_empty() {
            return Err(NO_VERSION.into());
        }
        let id = self.fresh_id();
        let params = json!({"type": 1, "version": version, "tid": id});
        let payload = Body::Request { id: id.clone(), params: Some(params) }.emit();
        let down = Downlink { channel: Channel::OtaInform, device, variable: "", id: &id, payload };
        if let Err(refusal) = self.send_down(device, down, Origin::Nobody, view) {
            return Ok(Err(refusal.code));
        }
        log(view, "ota", device, "", ANNOUNCED.with(&[&id, &version]));
        let waiting = Some((operate.key, view.now + STILL));
        self.tasks.insert(device.to_owned(), Task { tid: id, version, step: 0, waiting });
        Ok(Ok(()))
    }

    /// When a task counts as standing still.
    pub(super) fn next_standstill(&self) -> Option<Time> {
        self.tasks.values().filter_map(|task| task.waiting.map(|(_, at)| at)).min()
    }

    /// Tells the operators of tasks that stand still.
    pub(super) fn tell_standstill(&mut self, view: &mut CloudView<'_>) {
        for (device, task) in &mut self.tasks {
            if let Some((key, _)) = task.waiting.take_if(|(_, at)| *at <= view.now) {
                log(view, "timeout", device, "", STANDS_STILL.with(&[&task.tid, &STILL.as_secs()]));
                view.out.push(CloudOutput::Operated(key, RequestState::silence()));
            }
        }
    }

    /// A call of a device: `/ota/{product}/{device}/…`.
    pub(super) fn call(&mut self, request: &HttpRequest<'_>, view: &mut CloudView<'_>) -> HttpAnswer {
        let decoded = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
        let parts: Vec<String> = request.path.split('/').skip(1).map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let (device, rest) = match &parts[..] {
            ["ota", product, name, rest @ ..] => (format!("{product}/{name}"), rest),
            _ => return refusal(404, 404, UNKNOWN_CALL),
        };
        if !self.is_authorised(&device, request.header("authorization").unwrap_or_default(), view.now) {
            log(view, "refused", &device, &UNAUTHORISED.to_string(), TOKEN);
            return refusal(401, UNAUTHORISED, "authorisation failed");
        }
        match (request.method, rest) {
            ("POST", ["version"]) => self.version_told(&device, request.body, view),
            ("GET", ["check"]) => self.task_asked(&device, view),
            ("POST", [tid, "status"]) => self.step_told(&device, tid, request.body, view),
            ("GET", [tid, "check"]) => match self.tasks.get(&device).filter(|task| task.tid == **tid) {
                Some(task) => good(json!({"status": task.status()})),
                None => refusal(200, 404, "no such task"),
            },
            ("GET", [tid, "download"]) => match self.tasks.get(&device).filter(|task| task.tid == **tid) {
                Some(task) => {
                    let headers = vec![("content-type".to_owned(), "application/octet-stream".to_owned())];
                    HttpAnswer { status: 200, headers, body: firmware(&task.version) }
                }
                None => refusal(404, 404, "no such task"),
            },
            _ => refusal(404, 404, UNKNOWN_CALL),
        }
    }

    fn is_authorised(&self, device: &str, token: &str, now: Time) -> bool {
        let Ok(token) = Token::parse(token) else { return false };
        let (product, name) = device.split_once('/').unwrap_or_default();
        let own = token.res == format!("products/{product}/devices/{name}");
        let by_product = token.res == format!("products/{product}");
        let product_key = self.known.products.get(product).and_then(|product| product.key.as_ref());
        let fitting = match (own, by_product) {
            (true, _) => self.known.devices.get(device).is_some_and(|key| fits(&token, key)),
            (_, true) => self.known.devices.contains_key(device) && product_key.is_some_and(|key| fits(&token, key)),
            _ => false,
        };
        fitting && token.expires_at().is_some_and(|at| at >= now)
    }

    fn version_told(&mut self, device: &str, body: &[u8], view: &mut CloudView<'_>) -> HttpAnswer {
        let Ok(told) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return refusal(400, 301, "not a JSON object");
        };
        let version = body::text(told.get("f_version").or_else(|| told.get("s_version")));
        log(view, "ota", device, "", VERSION_TOLD.with(&[&version]));
        self.device(device).firmware = Some(version);
        good(Value::Null)
    }

    fn task_asked(&mut self, device: &str, view: &mut CloudView<'_>) -> HttpAnswer {
        let Some(task) = self.tasks.get(device).filter(|task| (0..DONE).contains(&task.step)) else {
            return good(Value::Null);
        };
        log(view, "ota", device, "", ASKED.with(&[&task.tid]));
        let file = firmware(&task.version);
        good(json!({
            "target": task.version, "tid": task.tid, "type": 1, "size": file.len(), "md5": hex::encode(&digest::hash(Digest::Md5, &file)),
        }))
    }

    fn step_told(&mut self, device: &str, tid: &str, body: &[u8], view: &mut CloudView<'_>) -> HttpAnswer {
        let told: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(step) = told.get("step").and_then(Value::as_i64) else {
            return refusal(400, 313, "step is required");
        };
        let Some(task) = self.tasks.get_mut(device).filter(|task| task.tid == tid) else {
            return refusal(200, 404, "no such task");
        };
        log(view, "ota", device, &step.to_string(), STEP.with(&[&tid, &step]));
        task.step = step;
        let outcome = match step {
            DONE.. => Some(RequestState::Replied { code: None, message: Some(task.version.clone()) }),
            ..0 => Some(RequestState::Refused { code: Some(step.to_string()), message: None }),
            _ => None,
        };
        match outcome {
            Some(state) => {
                if let Some((key, _)) = task.waiting.take() {
                    view.out.push(CloudOutput::Operated(key, state));
                }
            }
            None => {
                if let Some((_, at)) = &mut task.waiting {
                    *at = view.now + STILL;
                }
            }
        }
        good(Value::Null)
    }
}

impl Task {
    /// The platform's number for how it stands (OneNET docs, OTA pages: 1 pending … 5 failed).
    const fn status(&self) -> u8 {
        match self.step {
            ..0 => 5,
            0 => 1,
            1..50 => 2,
            50..DONE => 3,
            DONE.. => 4,
        }
    }
}

/// What is downloaded: there is no firmware here, but a file of the right name.
fn firmware(version: &str) -> Vec<u8> {
    format!("iotdbg simulated firmware {version}\n").into_bytes()
}

fn good(data: Value) -> HttpAnswer {
    let mut answer = json!({"code": 0, "msg": "succ"});
    if !data.is_null()
        && let Some(answer) = answer.as_object_mut()
    {
        answer.insert("data".to_owned(), data);
    }
    HttpAnswer::json(200, &answer)
}

fn refusal(status: u16, code: i64, msg: &str) -> HttpAnswer {
    let words = if msg.is_empty() { code_words(&code.to_string()).to_string() } else { msg.to_owned() };
    HttpAnswer::json(status, &json!({"code": code, "msg": words}))
}
