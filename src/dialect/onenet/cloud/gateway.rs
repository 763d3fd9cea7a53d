//! Gateways: topology, sub-devices' presence, pack and history posts (OneNET docs, OneJSON `topy-manager.md`,
//! `subdevice-loginout.md`, `property&event.md`).

use serde_json::{Map, Value, json};

use super::admit::fits;
use super::post::{Answered, Fault, notify, object};
use super::{Platform, code_words, connected};
use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::CloudView;
use crate::dialect::onenet::body;
use crate::dialect::onenet::gateway::{identity, members};
use crate::dialect::onenet::sign::Token;
use crate::dialect::onenet::topic::Channel;

/// Sub-devices in one pack.
const MAX_PACK: usize = 10;
/// Values per point in one history post, and points per device in a pack.
const MAX_POINTS: usize = 100;

const NOT_ARRAY: Text = Text::new("params must be an array", "params 必须是数组");
const NO_POINTS: Text =
    Text::new("an entry has neither properties nor events", "条目中既没有 properties 也没有 events");
const TOO_MANY: Text = Text::new("more than {} entries", "超过 {} 项");
const NOT_SUB: Text = Text::new("{} is no sub-device of this gateway", "{} 不是该网关的子设备");
const NO_CHANGE: Text = Text::new(
    "write topology add sub=product/name, or topology delete sub=product/name",
    "写法：topology add sub=产品ID/设备名称，或 topology delete sub=产品ID/设备名称",
);
const NO_TOKEN: Text = Text::new("sasToken: {}", "sasToken：{}");

impl Platform {
    /// Topology, and login and logout of sub-devices.
    pub(super) fn gateway(
        &mut self,
        gateway: &str,
        channel: Channel,
        params: Option<&Value>,
        view: &mut CloudView<'_>,
    ) -> Answered {
        if channel == Channel::TopoGet {
            return Ok(Some(self.sub_list(gateway)));
        }
        let params = object(params)?;
        let sub = identity(params).ok_or_else(|| Fault::of("307", code_words("307")))?;
        match channel {
            Channel::TopoAdd => {
                self.check_token(&sub, &body::text(params.get("sasToken")))?;
                self.topology.entry(gateway.to_owned()).or_default().insert(sub);
            }
            Channel::TopoDelete => {
                self.topology.entry(gateway.to_owned()).or_default().remove(&sub);
            }
            Channel::SubLogin | Channel::SubLogout => {
                self.check_sub(gateway, &sub)?;
                self.lifecycle(&sub, channel == Channel::SubLogin, view);
            }
            _ => return Err(Fault::of("313", code_words("313"))),
        }
        Ok(None)
    }

    fn sub_list(&self, gateway: &str) -> Value {
        self.topology.get(gateway).into_iter().flatten().map(|sub| Value::Object(members(sub))).collect()
    }

    /// How a device that is not connected itself is asked: its gateway, the gateway's channel, and the device within.
    pub(super) fn asked_for(
        &self,
        device: &str,
        channel: Channel,
        service: &str,
        params: Option<&Value>,
        view: &CloudView<'_>,
    ) -> Option<(String, Channel, Value)> {
        let (gateway, _) = self.topology.iter().find(|(_, subs)| subs.contains(device))?;
        if connected(device, view).is_some() {
            return None;
        }
        let mut inside = members(device);
        let channel = match channel {
            Channel::PropertySet => Channel::SubPropertySet,
            Channel::PropertyGet => Channel::SubPropertyGet,
            Channel::ServiceInvoke => Channel::SubServiceInvoke,
            _ => return None,
        };
        if channel == Channel::SubServiceInvoke {
            inside.insert("identifier".to_owned(), json!(service));
            inside.insert("input".to_owned(), json!(params));
        } else {
            inside.insert("params".to_owned(), json!(params));
        }
        Some((gateway.clone(), channel, Value::Object(inside)))
    }

    /// The operator adds a sub-device to a gateway (`name` = `add`, `sub`), or takes it away (`delete`): the new list.
    pub(super) fn changed_topology(&mut self, gateway: &str, arguments: &Map<String, Value>) -> Result<Value, Phrase> {
        let sub = self.named(&body::text(arguments.get("sub")))?;
        let subs = self.topology.entry(gateway.to_owned()).or_default();
        match arguments.get("name").and_then(Value::as_str) {
            Some("add") if sub != gateway => _ = subs.insert(sub),
            Some("delete") => _ = subs.remove(&sub),
            _ => return Err(NO_CHANGE.into()),
        }
        Ok(json!({"subList": self.sub_list(gateway)}))
    }

    /// The token of a sub-device proves that its owner agrees.
    fn check_token(&self, sub: &str, token: &str) -> Result<(), Fault> {
        let key = self.known.devices.get(sub).ok_or_else(|| Fault::of("1107", code_words("1107")))?;
        let token = Token::parse(token).map_err(|reason| Fault::of("1103", NO_TOKEN.around([reason])))?;
        if fits(&token, key) { Ok(()) } else { Err(Fault::of("1106", code_words("1106"))) }
    }

    fn check_sub(&self, gateway: &str, sub: &str) -> Result<(), Fault> {
        let own = gateway == sub || self.topology.get(gateway).is_some_and(|subs| subs.contains(sub));
        if own { Ok(()) } else { Err(Fault::of("307", NOT_SUB.with(&[&sub]))) }
    }

    /// `pack/post`: properties and events of several devices; everything is checked before anything is taken.
    pub(super) fn pack(
        &mut self,
        gateway: &str,
        id: &str,
        params: Option<&Value>,
        view: &mut CloudView<'_>,
    ) -> Answered {
        let entries = array(params, MAX_PACK)?;
        let mut taken = Vec::new();
        for entry in entries {
            let device = self.device_of(gateway, entry)?;
            let points = |name: &str| entry.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
            let (properties, events) = (points("properties"), points("events"));
            if properties.len().max(events.len()) > MAX_POINTS {
                return Err(Fault::of("313", TOO_MANY.with(&[&MAX_POINTS])));
            }
            let properties = self.checked_properties(&device, &properties, view.now)?;
            let events = self.checked_events(&device, &events, view.now)?;
            taken.push((device, properties, events));
        }
        for (device, properties, events) in taken {
            if !properties.is_empty() {
                self.take_properties(&device, id, properties, view);
            }
            if !events.is_empty() {
                notify(view, &device, id, true, events);
            }
        }
        Ok(None)
    }

    /// `history/post`: checked and confirmed; apps are not told of the past.
    pub(super) fn history(&mut self, gateway: &str, params: Option<&Value>) -> Answered {
        for entry in array(params, MAX_PACK)? {
            self.device_of(gateway, entry)?;
            for group in ["properties", "events"] {
                let points = entry.get(group).and_then(Value::as_object).into_iter().flatten();
                for (_, values) in points {
                    array(Some(values), MAX_POINTS)?;
                }
            }
        }
        Ok(None)
    }

    /// The device that an entry is about: `identity`, or the gateway itself.
    fn device_of(&self, gateway: &str, entry: &Value) -> Result<String, Fault> {
        if entry.get("properties").or_else(|| entry.get("events")).is_none() {
            return Err(Fault::of("313", NO_POINTS));
        }
        let device = match entry.get("identity").and_then(Value::as_object) {
            Some(named) => identity(named).ok_or_else(|| Fault::of("307", code_words("307")))?,
            None => gateway.to_owned(),
        };
        self.check_sub(gateway, &device)?;
        Ok(device)
    }
}

fn array(value: Option<&Value>, limit: usize) -> Result<&[Value], Fault> {
    let entries = value.and_then(Value::as_array).ok_or_else(|| Fault::of("313", NOT_ARRAY))?;
    if entries.len() > limit { Err(Fault::of("313", TOO_MANY.with(&[&limit]))) } else { Ok(entries) }
}
