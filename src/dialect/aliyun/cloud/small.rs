//! The smaller conversations: time, shadow, tags, configuration, firmware, sub-devices, registration.

use serde_json::{Map, Value, json};

use super::device::{Refusal, code_words, object};
use super::{Platform, log, send, topic_of};
use crate::base::json;
use crate::base::lang::Text;
use crate::dialect::aliyun::body;
use crate::dialect::aliyun::sign;
use crate::dialect::aliyun::topic::Channel;
use crate::dialect::aliyun::{model, model_out};
use crate::dialect::cloud::{Client, CloudMessage, CloudOutput, CloudView};

const REGISTERED: Text = Text::new("the secret was handed over", "已下发设备密钥");
const VERSION: Text = Text::new("firmware {}", "固件版本 {}");
const PROGRESS: Text = Text::new("upgrade: step {} {}", "升级进度：{} {}");
const CONFLICT: Text = Text::new("shadow version {} is not above {}", "影子版本 {} 不大于 {}");

impl Platform {
    /// A device that logged in to register itself hears its secret, without having subscribed.
    pub(super) fn give_secret(&mut self, client: &Client, view: &mut CloudView<'_>) {
        let Some(known) = self.known.devices.get(&client.identity) else { return };
        let (product, device) = client.identity.split_once('/').unwrap_or_default();
        let body = json!({"productKey": product, "deviceName": device, "deviceSecret": known.secret.expose()});
        let message = CloudMessage {
            topic: Channel::ExtRegister.pattern().to_owned(),
            payload: body.to_string().into_bytes(),
            qos: 0,
        };
        view.out.push(CloudOutput::Deliver(client.id.clone(), message));
        log(view, "registered", &client.identity, "", REGISTERED);
    }

    /// NTP: three times as text.
    pub(super) fn time(&mut self, device: &str, payload: &[u8], view: &mut CloudView<'_>) {
        let sent = json::parse(payload).root.map(|root| root.to_json());
        let sent = sent.as_ref().and_then(|root| root.get("deviceSendTime")).map(body::text).unwrap_or_default();
        let now = view.now.as_millis().to_string();
        let answer = json!({"deviceSendTime": sent, "serverRecvTime": now, "serverSendTime": now});
        send(view, topic_of(Channel::NtpResponse, device, ""), answer.to_string().into_bytes());
    }

    /// The shadow: update, get, delete (help page 53964).
    pub(super) fn shadow(&mut self, device: &str, payload: &[u8], view: &mut CloudView<'_>) {
        let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return };
        let now = view.now.as_secs();
        let held = self.held(device);
        let version = root.get("version").and_then(Value::as_i64);
        let stored = held.shadow_version;
        let reported = root.pointer("/state/reported").cloned().unwrap_or(Value::Null);
        let newer = version.is_none_or(|version| version <= 0 || version.unsigned_abs() > stored);
        let mut reply = match root.get("method").and_then(Value::as_str) {
            Some("update" | "delete") if !newer => {
                let words = CONFLICT.with(&[&version.unwrap_or_default(), &stored]).to_string();
                json!({"status": "error", "content": {"errorcode": "409", "errormessage": words}})
            }
            Some("update") => {
                if let Some(values) = reported.as_object() {
                    held.shadow.extend(values.clone());
                }
                held.shadow_version = version.map_or(stored + 1, i64::unsigned_abs);
                if version == Some(-1) {
                    (held.shadow, held.shadow_version) = (Map::new(), 0);
                }
                json!({"status": "success", "version": held.shadow_version})
            }
            Some("delete") => {
                match reported.as_object() {
                    Some(names) => names.keys().for_each(|name| _ = held.shadow.shift_remove(name)),
                    None => held.shadow.clear(),
                }
                held.shadow_version = version.map_or(stored + 1, i64::unsigned_abs);
                json!({"status": "success", "version": held.shadow_version})
            }
            Some("get") => json!({
                "status": "success", "state": {"reported": held.shadow}, "metadata": {}, "version": stored,
            }),
            _ => json!({"status": "error", "content": {"errorcode": "400", "errormessage": "method"}}),
        };
        let mut answer = json!({"method": "reply", "payload": reply.take(), "timestamp": now});
        if let (Some(token), Some(members)) = (root.get("clientToken"), answer.as_object_mut()) {
            members.insert("clientToken".to_owned(), token.clone());
        }
        send(view, topic_of(Channel::ShadowGet, device, ""), answer.to_string().into_bytes());
    }

    /// Every other request of a device.
    pub(super) fn small_talk(
        &mut self,
        device: &str,
        channel: Channel,
        params: &Value,
        view: &mut CloudView<'_>,
    ) -> Result<Value, Refusal> {
        match channel {
            Channel::TagUpdate => {
                for tag in params.as_array().into_iter().flatten() {
                    let key = tag.get("attrKey").map(body::text).ok_or_else(|| ("460", code_words("460")))?;
                    let value = tag.get("attrValue").cloned().unwrap_or(Value::Null);
                    self.held(device).tags.insert(key, value);
                }
                Ok(json!({}))
            }
            Channel::TagDelete => {
                for tag in params.as_array().into_iter().flatten() {
                    let key = tag.get("attrKey").map(body::text).unwrap_or_default();
                    self.held(device).tags.shift_remove(&key);
                }
                Ok(json!({}))
            }
            Channel::TemplateGet => {
                let product = device.split('/').next().unwrap_or_default();
                let demo = || (product == model::DEMO_PRODUCT).then(|| model::read(model::DEMO).ok()).flatten();
                let known = self.known.model(device).cloned().or_else(demo);
                let known = known.ok_or_else(|| ("6313", code_words("6313")))?;
                Ok(model_out::template(&known, product))
            }
            Channel::ConfigGet => Ok(config(device)),
            Channel::LogConfigGet => Ok(json!({"getType": "content", "content": {"mode": 1}})),
            Channel::OtaInform => {
                let version = params.get("version").map(body::text).unwrap_or_default();
                log(view, "firmware", device, "", VERSION.with(&[&version]));
                self.held(device).firmware = version;
                Ok(json!({}))
            }
            Channel::OtaProgress => {
                let step = params.get("step").map(body::text).unwrap_or_default();
                let desc = params.get("desc").map(body::text).unwrap_or_default();
                log(view, "firmware", device, "", PROGRESS.with(&[&step, &desc]));
                self.tell_upgrade(device, step.parse().unwrap_or(0), &desc, view);
                Ok(json!({}))
            }
            Channel::FirmwareGet | Channel::OtaRequest => {
                Ok(self.held(device).upgrade.clone().unwrap_or_else(|| json!({})))
            }
            Channel::TopoAdd => self.add_sub_devices(device, params, view),
            Channel::TopoDelete => {
                for sub in params.as_array().into_iter().flatten() {
                    let identity = identity_of(sub);
                    self.topology.entry(device.to_owned()).or_default().remove(&identity);
                }
                Ok(json!({}))
            }
            Channel::TopoGet => {
                let subs = self.topology.get(device).into_iter().flatten().map(|sub| {
                    let (product, name) = sub.split_once('/').unwrap_or_default();
                    json!({"productKey": product, "deviceName": name})
                });
                Ok(Value::Array(subs.collect()))
            }
            Channel::SubRegister => self.register_sub_devices(params),
            Channel::CombineLogin => {
                let params = object(params)?;
                self.sub_login(device, &Value::Object(params.clone()), view)
            }
            Channel::CombineLogout => {
                let identity = identity_of(params);
                if self.devices.get(&identity).is_some_and(|held| held.online) {
                    self.presence(&identity, false, view);
                    Ok(params.clone())
                } else {
                    Err(("520", code_words("520")))
                }
            }
            Channel::CombineBatchLogin => {
                for sub in params.get("deviceList").and_then(Value::as_array).into_iter().flatten() {
                    self.sub_login(device, sub, view)?;
                }
                Ok(params.clone())
            }
            Channel::CombineBatchLogout => {
                for sub in params.as_array().into_iter().flatten() {
                    self.presence(&identity_of(sub), false, view);
                }
                Ok(params.clone())
            }
            // Logs, diagnosis, files, jobs: taken and confirmed.
            _ => Ok(json!({})),
        }
    }

    /// Whether a sub-device's signature is right: over the client id as it stands, bars and all.
    fn proves(&self, sub: &Value, method_key: &str) -> bool {
        let text = |name: &str| sub.get(name).map(body::text).unwrap_or_default();
        let identity = identity_of(sub);
        let Some(known) = self.known.devices.get(&identity) else { return false };
        let Some(digest) = sign::digest_of(&text(method_key)) else { return false };
        let timestamp = sub.get("timestamp").map(body::text);
        let content = sign::content(&text("clientId"), &text("deviceName"), &text("productKey"), timestamp.as_deref());
        sign::signature(digest, known.secret.expose(), &content).eq_ignore_ascii_case(&text("sign"))
    }

    fn add_sub_devices(&mut self, gateway: &str, params: &Value, view: &mut CloudView<'_>) -> Result<Value, Refusal> {
        let mut added = Vec::new();
        for sub in params.as_array().into_iter().flatten() {
            let identity = identity_of(sub);
            if identity == gateway {
                return Err(("6402", code_words("6402")));
            }
            if !self.known.devices.contains_key(&identity) {
                self.tell_topology(gateway, &identity, 2, view);
                return Err(("6100", code_words("6100")));
            }
            let other = self.topology.iter().any(|(owner, subs)| owner != gateway && subs.contains(&identity));
            if other {
                self.tell_topology(gateway, &identity, 1, view);
                return Err(("6619", code_words("6619")));
            }
            if !self.proves(sub, "signmethod") {
                return Err(("401", code_words("401")));
            }
            self.topology.entry(gateway.to_owned()).or_default().insert(identity.clone());
            self.tell_topology(gateway, &identity, 0, view);
            added.push(json!({"deviceName": sub.get("deviceName"), "productKey": sub.get("productKey")}));
        }
        Ok(Value::Array(added))
    }

    fn register_sub_devices(&mut self, params: &Value) -> Result<Value, Refusal> {
        let mut registered = Vec::new();
        for sub in params.as_array().into_iter().flatten() {
            let identity = identity_of(sub);
            let Some(known) = self.known.devices.get(&identity) else { return Err(("6100", code_words("6100"))) };
            let (product, name) = identity.split_once('/').unwrap_or_default();
            registered.push(json!({
                "iotId": super::iot_id(&identity), "productKey": product, "deviceName": name,
                "deviceSecret": known.secret.expose(),
            }));
        }
        Ok(Value::Array(registered))
    }

    fn sub_login(&mut self, gateway: &str, sub: &Value, view: &mut CloudView<'_>) -> Result<Value, Refusal> {
        let identity = identity_of(sub);
        if !self.topology.get(gateway).is_some_and(|subs| subs.contains(&identity)) {
            return Err(("6401", code_words("6401")));
        }
        if !self.proves(sub, "signMethod") && !self.proves(sub, "signmethod") {
            return Err(("6287", code_words("6287")));
        }
        self.presence(&identity, true, view);
        Ok(json!({"productKey": sub.get("productKey"), "deviceName": sub.get("deviceName")}))
    }
}

/// `pk/dn` of an object that names a device.
fn identity_of(sub: &Value) -> String {
    let text = |name: &str| sub.get(name).map(body::text).unwrap_or_default();
    format!("{}/{}", text("productKey"), text("deviceName"))
}

/// A configuration to be fetched; nothing listens at its address.
pub(super) fn config(device: &str) -> Value {
    let content = format!("{{\"device\":\"{device}\"}}");
    let digest = crate::base::digest::hash(crate::base::digest::Digest::Sha256, content.as_bytes());
    json!({
        "configId": "iotdbg-1", "configSize": content.len(), "sign": crate::base::hex::encode(&digest),
        "signMethod": "Sha256", "url": "https://config.invalid/iotdbg-1", "getType": "file",
    })
}
