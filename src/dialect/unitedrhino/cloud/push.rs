//! What apps are told of devices: gathered, and pushed to the connections that have subscribed one of its keys (page
//! "websocket开发"; unitedrhino/core, `share/websocket/userSubscribe.go`).

use serde_json::{Map, Value, json};

use super::{Platform, names};
use crate::dialect::cloud::{ClientId, CloudMessage, CloudOutput, CloudView};
use crate::dialect::unitedrhino::subscribe;

/// So many wait at most before they are pushed at once.
const MOST_GATHERED: usize = 500;

/// A push, and the keys under which it can be subscribed.
pub(super) struct Publication {
    keys: Vec<String>,
    frame: Value,
}

impl Platform {
    /// Tells what a device reported: one push for each property, and one with all of them.
    pub(super) fn push_values(&mut self, device: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        let time = view.now.as_millis().to_string();
        for (name, value) in values {
            let body = json!({"timestamp": time, "identifier": name, "param": value});
            self.push("devicePropertyReport", device, Some(name), body, view);
        }
        self.push("devicePropertyReportV2", device, None, json!({"timestamp": time, "params": values}), view);
    }

    /// Tells what was set in the cloud alone: in the form of the second code under the first one, then one by one
    /// (`propertyControlSendLogic.go`).
    pub(super) fn push_cloud_values(&mut self, device: &str, values: &Map<String, Value>, view: &mut CloudView<'_>) {
        let time = view.now.as_millis().to_string();
        let body = json!({"timestamp": time, "params": values});
        self.push("devicePropertyReport", device, None, body, view);
        for (name, value) in values {
            let body = json!({"timestamp": time, "identifier": name, "param": value});
            self.push("devicePropertyReport", device, Some(name), body, view);
        }
    }

    /// Tells that a device came or went: 1 online, 2 offline.
    pub(super) fn push_presence(&mut self, device: &str, online: bool, view: &mut CloudView<'_>) {
        let body = json!({"timestamp": view.now.as_millis().to_string(), "status": if online { 1 } else { 2 }});
        self.push("deviceConn", device, None, body, view);
    }

    /// Tells of something. `body` gets the device; it is in `identifier` where the code has that parameter set.
    pub(super) fn push(
        &mut self,
        code: &str,
        device: &str,
        identifier: Option<&str>,
        body: Value,
        view: &mut CloudView<'_>,
    ) {
        let (product, name) = names(device);
        let mut whole = Map::new();
        // The message log is flat, everything else names the device in an object.
        if code == "devicePublish" {
            whole.insert("productID".to_owned(), json!(product));
            whole.insert("deviceName".to_owned(), json!(name));
        } else {
            whole.insert("device".to_owned(), json!({"productID": product, "deviceName": name}));
        }
        whole.extend(body.as_object().cloned().unwrap_or_default());
        let frame = json!({"code": 200, "msg": "成功", "type": "down.pub", "path": code, "body": whole});
        let keys = self.keys(code, device, identifier);
        self.gathered.push(Publication { keys, frame });
        self.push_at.get_or_insert(view.now + self.options.push_delay);
        if self.gathered.len() > MOST_GATHERED {
            self.push_gathered(view);
        }
    }

    /// The keys of the parameter sets that the platform publishes a code under.
    fn keys(&self, code: &str, device: &str, identifier: Option<&str>) -> Vec<String> {
        let (product, name) = names(device);
        let known = self.known.devices.get(device);
        let project = known.and_then(|known| known.project.as_deref());
        let area = known.and_then(|known| known.area.as_deref());
        let sets = [
            identifier.map(|id| json!({"productID": product, "deviceName": name, "identifier": id})),
            Some(json!({"productID": product, "deviceName": name})),
            project.map(|project| json!({"projectID": project})),
            project.zip(area).map(|(project, area)| json!({"projectID": project, "areaID": area})),
        ];
        let allowed = subscribe::CODES.iter().find(|(known, _)| *known == code).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_default();
        let sets = sets.into_iter().zip(allowed).filter(|(_, allowed)| *allowed).filter_map(|(set, _)| set);
        sets.filter_map(|set| set.as_object().map(|params| subscribe::key(code, params))).collect()
    }

    /// Pushes what was gathered, in order, to each connection at most once.
    pub(super) fn push_gathered(&mut self, view: &mut CloudView<'_>) {
        self.push_at = None;
        for publication in std::mem::take(&mut self.gathered) {
            let payload = publication.frame.to_string().into_bytes();
            let hears = |socket: &super::Socket| publication.keys.iter().any(|key| socket.subscribed.contains(key));
            for (id, _) in self.sockets.iter().filter(|(_, socket)| hears(socket)) {
                let message = CloudMessage { topic: String::new(), payload: payload.clone(), qos: 0 };
                view.out.push(CloudOutput::Deliver(ClientId(*id), message));
            }
        }
    }
}
