//! What messages tell of the thing model of their product.

use serde_json::{Map, Value};

use crate::base::json;
use crate::dialect::http::is_call_topic;
use crate::dialect::unitedrhino::read::text;
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::model::learn::{Observation, Observed};

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// What a message tells.
pub fn observe(topic: &str, payload: &[u8]) -> Vec<Observed> {
    let Some(root) = json::parse(payload).root.map(|root| root.to_json()) else { return Vec::new() };
    if is_call_topic(topic) {
        return called(topic, &root);
    }
    match topic::parse(topic) {
        Some(address) => address.channel.map(|channel| of_device(channel, address.product, &root)).unwrap_or_default(),
        None => pushed(root.get("body").unwrap_or(&root)),
    }
}

fn method(root: &Value) -> &str {
    root.get("method").and_then(Value::as_str).unwrap_or_default()
}

fn of_device(channel: Channel, product: &str, root: &Value) -> Vec<Observed> {
    let params = || object(root.get("params"));
    let word = |name: &str| root.get(name).map(text).filter(|word| !word.is_empty());
    let id = || word("msgToken").or_else(|| word("clientToken"));
    let what = match (channel, method(root)) {
        (Channel::PropertyUp, "report") => Observation::Values(params()),
        (Channel::PropertyUp, "getReportReply") => Observation::Values(object(root.get("data"))),
        (Channel::PropertyUp, "packReport") => return packed(product, root),
        (Channel::PropertyDown, "control") => Observation::Wanted(params()),
        (Channel::EventUp, "eventPost") => {
            Observation::Event { name: word("eventID").unwrap_or_default(), class: word("type"), outputs: params() }
        }
        (Channel::ActionDown | Channel::ActionUp, "action") => Observation::Call {
            name: word("actionID").unwrap_or_default(),
            id: id(),
            synchronous: true,
            inputs: params(),
        },
        (Channel::ActionDown | Channel::ActionUp, "actionReply") => {
            Observation::Returned { name: word("actionID"), id: id(), outputs: object(root.get("data")) }
        }
        _ => return Vec::new(),
    };
    vec![Observed { product: product.to_owned(), what }]
}

/// `{properties: [{params}], events: [{eventID, params}], subDevices: [{productID, …}]}`.
fn packed(product: &str, root: &Value) -> Vec<Observed> {
    let list = |name: &str| root.get(name).and_then(Value::as_array).into_iter().flatten();
    let told = |what| Observed { product: product.to_owned(), what };
    let mut all: Vec<Observed> =
        list("properties").map(|entry| told(Observation::Values(object(entry.get("params"))))).collect();
    all.extend(list("events").map(|entry| {
        let name = entry.get("eventID").map(text).unwrap_or_default();
        told(Observation::Event { name, class: entry.get("type").map(text), outputs: object(entry.get("params")) })
    }));
    all.extend(list("subDevices").flat_map(|sub| packed(&sub.get("productID").map(text).unwrap_or_default(), sub)));
    all
}

/// The body of a push.
fn pushed(body: &Value) -> Vec<Observed> {
    let Some(product) = body.pointer("/device/productID").map(text) else { return Vec::new() };
    let word = |name: &str| body.get(name).map(text);
    let what = match (word("identifier"), word("actionID"), body.get("param")) {
        (Some(name), _, Some(value)) => Observation::Values(Map::from_iter([(name, value.clone())])),
        (_, Some(name), _) if word("reqType").as_deref() == Some("resp") => {
            Observation::Returned { name: Some(name), id: None, outputs: object(body.get("params")) }
        }
        (_, Some(name), _) => {
            Observation::Call { name, id: None, synchronous: true, inputs: object(body.get("params")) }
        }
        (Some(name), None, None) => {
            Observation::Event { name, class: word("type"), outputs: object(body.get("params")) }
        }
        (None, None, _) if body.get("params").is_some() => Observation::Values(object(body.get("params"))),
        _ => return Vec::new(),
    };
    vec![Observed { product, what }]
}

/// A call of an app: values stand in it as text.
fn called(topic: &str, root: &Value) -> Vec<Observed> {
    let Some(product) = root.get("productID").map(text) else { return Vec::new() };
    let inner = |name: &str| -> Map<String, Value> {
        root.get(name).and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let what = match topic.rsplit('/').next().unwrap_or_default() {
        "property-control-send" => Observation::Wanted(inner("data")),
        "action-send" => Observation::Call {
            name: root.get("actionID").map(text).unwrap_or_default(),
            id: None,
            synchronous: root.get("isAsync").and_then(Value::as_bool) != Some(true),
            inputs: inner("inputParams"),
        },
        _ => return Vec::new(),
    };
    vec![Observed { product, what }]
}
