//! Desired values: kept with a version, pushed to a device that is online, fetched and cleared by the device
//! (OneNET docs, OneJSON `desired.md`).

use serde_json::{Map, Value, json};

use super::post::{Answered, Fault};
use super::{Origin, Platform, code_words, log};
use crate::base::lang::Text;
use crate::dialect::cloud::CloudView;
use crate::dialect::onenet::topic::Channel;

const NOT_ARRAY: Text = Text::new("params must be an array of identifiers", "params 必须是标识符数组");

impl Platform {
    /// Sets desired values. A version starts at 1, grows with each change, and starts anew after deletion.
    pub(super) fn desire(&mut self, device: &str, params: Map<String, Value>, view: &mut CloudView<'_>) {
        let held = self.device(device);
        let online = held.online;
        for (identifier, value) in &params {
            let entry = held.desired.entry(identifier.clone()).or_insert((Value::Null, 0));
            *entry = (value.clone(), entry.1 + 1);
        }
        if !online {
            return;
        }
        let pushed = self.ask(device, Channel::PropertySet, "", Some(Value::Object(params)), Origin::Nobody, view);
        if let Err(refusal) = pushed {
            log(view, "refused", device, refusal.code, code_words(refusal.code));
        }
    }

    /// `desired/get`; identifiers that were never set or are cleared are left out.
    pub(super) fn desired_values(&mut self, device: &str, params: Option<&Value>) -> Answered {
        let wanted = match params {
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
            None => Vec::new(),
            Some(_) => return Err(Fault::of("313", NOT_ARRAY)),
        };
        let all = wanted.is_empty();
        let held = &self.device(device).desired;
        let values = held
            .iter()
            .filter(|(identifier, _)| all || wanted.contains(&identifier.as_str()))
            .map(|(identifier, (value, version))| (identifier.clone(), json!({"value": value, "version": version})));
        Ok(Some(Value::Object(values.collect())))
    }

    /// `desired/delete`; a version that is not the current one is ignored.
    pub(super) fn forget_desired(&mut self, device: &str, params: &Map<String, Value>) -> Answered {
        let held = &mut self.device(device).desired;
        for (identifier, entry) in params {
            let current = held.get(identifier).map(|(_, version)| *version);
            let wanted = entry.get("version").and_then(Value::as_u64);
            if wanted.is_none() || wanted == current {
                held.remove(identifier);
            }
        }
        Ok(None)
    }
}
