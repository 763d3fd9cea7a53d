//! What messages tell of the thing model of their product.

use serde_json::{Map, Value};

use crate::dialect::aliyun::body::{self, Body};
use crate::dialect::aliyun::topic::{self, Channel};
use crate::model::learn::{Observation, Observed};

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// What a message tells.
pub fn observe(topic: &str, payload: &[u8]) -> Vec<Observed> {
    let Some((address, channel)) = topic::parse(topic).and_then(|address| Some((address.clone(), address.channel?)))
    else {
        return Vec::new();
    };
    if channel.is_raw() {
        return Vec::new();
    }
    let Some(body) = Body::parse(payload) else { return Vec::new() };
    let variable = || address.variable.clone().and_then(|range| topic.get(range)).unwrap_or_default().to_owned();
    let own = |what| vec![Observed { product: address.product.to_owned(), what }];
    match (channel, body) {
        (Channel::PropertyPost, Body::Request { params, .. }) => {
            own(Observation::Values(body::unwrapped(&object(&params))))
        }
        (Channel::AppProperties, Body::Request { params, .. }) => {
            let values = params.get("items").map(object).unwrap_or_default();
            of_push(&params, Observation::Values(body::unwrapped(&values)))
        }
        (Channel::PropertySet, Body::Request { params, .. }) => own(Observation::Wanted(object(&params))),
        (Channel::PropertyGetReply, Body::Reply { data, .. }) => {
            own(Observation::Values(body::unwrapped(&object(&data))))
        }
        (Channel::DesiredGetReply, Body::Reply { data, .. }) => {
            own(Observation::Wanted(object(&data).into_iter().map(|(name, held)| (name, bare(held))).collect()))
        }
        (Channel::EventPost, Body::Request { params, .. }) => {
            let outputs = object(body::bare(&params));
            own(Observation::Event { name: variable(), class: None, outputs })
        }
        (Channel::AppEvents, Body::Request { params, .. }) => {
            let text = |name: &str| params.get(name).and_then(Value::as_str).map(str::to_owned);
            let outputs = params.get("value").map(object).unwrap_or_default();
            let name = text("identifier").unwrap_or_default();
            of_push(&params, Observation::Event { name, class: text("type"), outputs })
        }
        (Channel::Service, Body::Request { id, params, .. }) => own(Observation::Call {
            name: variable(),
            id: Some(body::text(&id)),
            synchronous: false,
            inputs: object(&params),
        }),
        (Channel::ServiceReply, Body::Reply { id, data, .. }) => {
            own(Observation::Returned { name: Some(variable()), id: Some(body::text(&id)), outputs: object(&data) })
        }
        (Channel::RrpcRequest, Body::Request { method, params, .. }) => {
            // The message id of the topic ties a call and its answer.
            match method.strip_prefix("thing.service.") {
                Some("property.set") => own(Observation::Wanted(object(&params))),
                Some("property.get") | None => Vec::new(),
                Some(name) => own(Observation::Call {
                    name: name.to_owned(),
                    id: Some(variable()),
                    synchronous: true,
                    inputs: object(&params),
                }),
            }
        }
        (Channel::RrpcResponse, Body::Reply { data, .. }) => {
            own(Observation::Returned { name: None, id: Some(variable()), outputs: object(&data) })
        }
        (Channel::BatchPost | Channel::PackPost | Channel::HistoryPost, Body::Request { params, .. }) => {
            many(address.product, &params)
        }
        (Channel::TemplateGetReply, Body::Reply { data, .. }) if data.get("properties").is_some() => {
            own(Observation::Definition(crate::dialect::model_out::file(&data)))
        }
        _ => Vec::new(),
    }
}

/// The value in `{"value": …, "version": …}`.
fn bare(held: Value) -> Value {
    held.get("value").cloned().unwrap_or(held)
}

/// A push names its product in the body.
fn of_push(params: &Value, what: Observation) -> Vec<Observed> {
    let product = params.get("productKey").or_else(|| params.get("subProductKey")).map(body::text);
    vec![Observed { product: product.unwrap_or_default(), what }]
}

/// `{properties, events, subDevices: [{identity, properties, events}]}`, lists of values where there are several; a
/// history is a list of such.
fn many(product: &str, params: &Value) -> Vec<Observed> {
    if let Value::Array(entries) = params {
        return entries.iter().flat_map(|entry| many(product, entry)).collect();
    }
    let product = params.pointer("/identity/productKey").and_then(Value::as_str).unwrap_or(product);
    let told = |what| Observed { product: product.to_owned(), what };
    let mut all = Vec::new();
    match params.get("properties") {
        Some(Value::Object(properties)) => {
            let lists = properties.iter().flat_map(|(name, value)| {
                let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                values.into_iter().map(|value| (name.clone(), body::bare(&value).clone()))
            });
            all.extend(lists.map(|pair| told(Observation::Values(Map::from_iter([pair])))));
        }
        Some(Value::Array(points)) => {
            let points = points.iter().filter_map(Value::as_object);
            all.extend(points.map(|point| told(Observation::Values(body::unwrapped(point)))));
        }
        _ => {}
    }
    if let Some(Value::Object(events)) = params.get("events") {
        all.extend(events.iter().map(|(name, event)| {
            let event = event.as_array().and_then(|list| list.last()).unwrap_or(event);
            told(Observation::Event { name: name.clone(), class: None, outputs: object(body::bare(event)) })
        }));
    }
    let subs = params.get("subDevices").and_then(Value::as_array).into_iter().flatten();
    all.extend(subs.flat_map(|sub| many(product, sub)));
    all
}
