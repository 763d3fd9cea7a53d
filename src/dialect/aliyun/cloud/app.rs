//! The app channel: binding, and what is passed on to apps that are bound.

use serde_json::{Map, Value, json};

use super::{Platform, iot_id, log, publish};
use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::topic::Channel;
use crate::dialect::cloud::{Client, CloudView};

const BOUND: Text = Text::new("account bound to this channel", "账号已绑定到此通道");
const UNBOUND: Text = Text::new("account no longer bound", "账号已解绑");
const NO_TOKEN: Text = Text::new("params.iotToken is missing or blank", "params.iotToken 缺失或为空");
const BAD_TOKEN: Text = Text::new("no account has this iotToken", "iotToken 无效，没有对应账号");

impl Platform {
    /// A request of an app.
    pub(super) fn app_asks(&mut self, client: &Client, channel: Channel, payload: &[u8], view: &mut CloudView<'_>) {
        let Some(Body::Request { id, params, .. }) = Body::parse(payload) else {
            log(view, "invalid", &client.identity, "6207", crate::dialect::aliyun::cloud::device::NOT_JSON);
            return;
        };
        let Some(reply) = channel.reply() else { return };
        let code = match channel {
            Channel::AppBind => self.bind(&client.identity, &params, view),
            _ => {
                self.bound.remove(&client.identity);
                log(view, "unbound", &client.identity, "", UNBOUND);
                body::SUCCESS
            }
        };
        let mut answer = Body::reply(id, code, Value::Null, "");
        if code == "460"
            && let Body::Reply { message, .. } = &mut answer
        {
            // The words of the live platform.
            *message = "check iotToken failed".to_owned();
        }
        publish(view, reply, &client.identity, "", &answer);
    }

    fn bind(&mut self, identity: &str, params: &Value, view: &mut CloudView<'_>) -> &'static str {
        let token = params.get("iotToken").and_then(Value::as_str).unwrap_or_default();
        let known = self.known.apps.get(identity).is_some_and(|app| app.tokens.contains(token));
        if !known {
            log(view, "invalid", identity, "460", if token.is_empty() { NO_TOKEN } else { BAD_TOKEN });
            return "460";
        }
        self.bound.insert(identity.to_owned());
        log(view, "bound", identity, "", BOUND);
        body::SUCCESS
    }

    /// The apps that hear of a device.
    fn listeners(&self, device: &str) -> Vec<String> {
        let sees = |app: &&String| {
            self.known
                .apps
                .get(*app)
                .is_some_and(|app| app.devices.as_ref().is_none_or(|devices| devices.contains(device)))
        };
        self.bound.iter().filter(sees).cloned().collect()
    }

    fn push(&mut self, device: &str, channel: Channel, method: &str, more: Value, view: &mut CloudView<'_>) {
        let (product, name) = device.split_once('/').unwrap_or((device, ""));
        let mut params = Map::new();
        params.insert("iotId".to_owned(), json!(iot_id(device)));
        params.insert("productKey".to_owned(), json!(product));
        params.insert("deviceName".to_owned(), json!(name));
        params.extend(more.as_object().cloned().unwrap_or_default());
        for app in self.listeners(device) {
            let body = Body::request(self.fresh_id(), method, Value::Object(params.clone()));
            publish(view, channel, &app, "", &body);
        }
    }

    /// Properties of a device have changed: values with their times.
    pub(super) fn tell_properties(&mut self, device: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        let at = view.now.as_millis();
        let items: Map<String, Value> = values
            .iter()
            .map(|(name, value)| {
                let time = value.get("time").cloned().unwrap_or(json!(at));
                (name.clone(), json!({"time": time, "value": body::bare(value)}))
            })
            .collect();
        self.push(device, Channel::AppProperties, "thing.properties", json!({ "items": items }), view);
    }

    /// A device posted an event.
    pub(super) fn tell_event(&mut self, device: &str, name: &str, value: &Value, at: Time, view: &mut CloudView<'_>) {
        let event = self.known.model(device).and_then(|model| model.events.iter().find(|e| e.identifier == name));
        let (title, class) =
            event.map_or((name.to_owned(), "info".to_owned()), |event| (event.name.clone(), event.class.clone()));
        let more = json!({"identifier": name, "name": title, "type": class, "value": value, "time": at.as_millis()});
        self.push(device, Channel::AppEvents, "thing.events", more, view);
    }

    /// A device came or went.
    pub(super) fn tell_status(&mut self, device: &str, online: bool, view: &mut CloudView<'_>) {
        let state = if online { 1 } else { 3 };
        let state = if self.options.status_as_text { json!(state.to_string()) } else { json!(state) };
        let more = json!({"status": {"time": view.now.as_millis(), "value": state}});
        self.push(device, Channel::AppStatus, "thing.status", more, view);
    }

    /// How far the upgrade of a device is.
    pub(super) fn tell_upgrade(&mut self, device: &str, step: i64, desc: &str, view: &mut CloudView<'_>) {
        let held = self.held(device);
        let from = held.firmware.clone();
        let to = held.upgrade.as_ref().and_then(|upgrade| upgrade.get("version")).cloned().unwrap_or(json!(""));
        let state = match step {
            100.. => 4,
            0..100 => 1,
            _ => 3,
        };
        let more = json!({"srcVersion": from, "destVersion": to, "step": step, "desc": desc, "upgradeStatus": state});
        self.push(device, Channel::AppOta, "ota.device.forward", more, view);
    }

    /// A gateway has added a sub-device, or not: 0 added, 1 bound to another gateway, 2 registration failed.
    pub(super) fn tell_topology(&mut self, gateway: &str, sub: &str, status: u8, view: &mut CloudView<'_>) {
        let parts = |identity: &str| {
            let (product, name) = identity.split_once('/').unwrap_or((identity, ""));
            (product.to_owned(), name.to_owned())
        };
        let ((sub_product, sub_name), (product, name)) = (parts(sub), parts(gateway));
        for app in self.listeners(gateway) {
            let params = json!({
                "status": status, "subIotId": iot_id(sub), "subProductKey": sub_product, "subDeviceName": sub_name,
                "newGwIotId": iot_id(gateway), "newGwProductKey": product, "newGwDeviceName": name,
            });
            let body = Body::request(self.fresh_id(), "thing.topo.add.status", params);
            publish(view, Channel::AppTopo, &app, "", &body);
        }
    }
}
