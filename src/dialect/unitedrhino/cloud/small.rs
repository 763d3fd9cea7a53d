//! The smaller conversations of a device: time, configuration, upgrade, log, registration.

use serde_json::{Map, Value, json};

use super::device::{Carried, Refusal, because, done, refuse, with};
use super::{Platform, log, names};
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::CloudView;
use crate::dialect::unitedrhino::read;
use crate::dialect::unitedrhino::register::{self, Wrapping};
use crate::dialect::unitedrhino::topic::Channel;

const PROGRESS: Text = Text::new("upgrade: step {} {}", "升级进度：{} {}");
const STEP: Text = Text::new("step is 1 to 100, or -1 to -4, found {}", "step 应为 1–100 或 -1 至 -4，实际是 {}");
const LINE: Text = Text::new("log, level {}: {}", "设备日志，级别 {}：{}");
const REGISTERED: Text = Text::new("the secret was handed over", "已下发设备密钥");
const SIGNATURE: Text = Text::new("invalid signature (signed text: {})", "无效签名（签名内容：{}）");
const NO_METHOD: Text = Text::new("no method “{}” here", "该主题没有 method“{}”");

impl Platform {
    /// Every request that is not about properties, events, actions or gateways.
    pub(super) fn small_talk(
        &mut self,
        device: &str,
        channel: Channel,
        method: &str,
        root: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Carried {
        match (channel, method) {
            (Channel::NtpUp, "getNtp") => {
                let sent = root.get("timestamp").cloned().unwrap_or(Value::Null);
                with("data", json!({"deviceSendTime": sent, "serverRecvTime": view.now.as_millis()}))
            }
            (Channel::ConfigUp, "get") => with("data", self.config(device)),
            (Channel::OtaUp, "progress") => self.progress(device, root, view),
            // The handler is commented out on the platform.
            (Channel::OtaReport, _) => Err(refuse(100_018)),
            (Channel::LogUp, "report") => lines(device, root, view),
            (Channel::LogOperationUp, _) => with("data", json!({"logLevel": 5})),
            (Channel::RegisterUp, "register") => {
                let payload = root.get("payload").and_then(Value::as_object).ok_or_else(|| refuse(100_006))?;
                with("data", self.register(device, payload, view)?)
            }
            // The handler does nothing on the platform.
            (Channel::ShadowUp, _) => Ok(None),
            _ => Err(because(100_013, NO_METHOD.with(&[&method]))),
        }
    }

    /// The configuration of a device: what the operator gave it last.
    pub(super) fn config(&mut self, device: &str) -> Value {
        self.held(device).config.clone().unwrap_or_else(|| json!({"reportInterval": 5}))
    }

    fn progress(&mut self, device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
        let params = root.get("params").unwrap_or(&Value::Null);
        let text = |name: &str| params.get(name).map(read::text).unwrap_or_default();
        let (step, desc) = (text("step"), text("desc"));
        let number = step.parse::<i64>().ok().filter(|step| matches!(step, -4..=-1 | 1..=100));
        let Some(number) = number else {
            // There is nothing that such a message could be answered with: the device hears nothing.
            log(view, "invalid", device, 100_006, STEP.with(&[&step]));
            return Ok(None);
        };
        log(view, "firmware", device, 0, PROGRESS.with(&[&step, &desc]));
        let status = match number {
            100 => 5,
            1.. => 4,
            _ => 6,
        };
        if status != 4 {
            self.held(device).upgrade = None;
        }
        let body = json!({
            "timestamp": view.now.as_millis().to_string(), "status": status, "detail": desc, "step": number,
        });
        self.push("deviceOtaReport", device, None, body, view);
        Ok(None)
    }

    /// Hands the secret of a device over, if the request is signed with that of its product.
    pub(super) fn register(
        &mut self,
        device: &str,
        payload: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Result<Value, Refusal> {
        let (product, name) = names(device);
        let text = |name: &str| payload.get(name).map(read::text).unwrap_or_default();
        let secret = self.known.products.get(product).ok_or_else(|| refuse(100_021))?;
        let content = register::content(product, name, &text("nonce"), &text("timestamp"));
        if !register::fits(&text("signature"), secret.expose(), &content) {
            return Err(because(100_006, SIGNATURE.with(&[&content])));
        }
        let known = self.known.devices.get(device).ok_or_else(|| refuse(100_009))?;
        if self.devices.get(device).is_some_and(|held| held.activated) {
            return Err(refuse(100_019));
        }
        let wrapping = Wrapping::parse(&text("retEnc")).ok_or_else(|| refuse(100_006))?;
        let data = register::answer(wrapping, secret.expose(), known.secret.expose()).ok_or_else(|| refuse(100_020))?;
        log(view, "registered", device, 0, REGISTERED);
        Ok(data)
    }
}

/// `[{content, timestamp?, logLevel?}]`; 5 where no level is said.
fn lines(device: &str, root: &Map<String, Value>, view: &mut CloudView<'_>) -> Carried {
    let lines = root.get("params").and_then(Value::as_array).ok_or_else(|| refuse(100_006))?;
    for line in lines {
        let content = line.get("content").and_then(Value::as_str).filter(|content| !content.is_empty());
        let content = content.ok_or_else(|| refuse(100_006))?;
        let level = line.get("logLevel").map_or_else(|| "5".to_owned(), read::text);
        let words = [Phrase::verbatim(level), Phrase::verbatim(crate::base::text::printable(content))];
        log(view, "log", device, 0, LINE.around(words));
    }
    done()
}
