//! What messages tell of the thing model of their product.

use serde_json::{Map, Value};

use crate::dialect::onenet::body::{self, Body};
use crate::dialect::onenet::topic::{self, Channel};
use crate::model::learn::{Observation, Observed};

fn object(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

/// What a message tells.
pub fn observe(topic: &str, payload: &[u8]) -> Vec<Observed> {
    let Some((address, channel)) = topic::parse(topic).and_then(|address| Some((address.clone(), address.channel?)))
    else {
        return Vec::new();
    };
    let Some(body) = Body::parse(payload) else { return Vec::new() };
    let name = || address.variable.clone().and_then(|range| topic.get(range)).unwrap_or_default().to_owned();
    let own = |what| vec![Observed { product: address.product.to_owned(), what }];
    match (channel, body) {
        (Channel::PropertyPost | Channel::PropertyNotify, body) => {
            own(Observation::Values(body::unwrapped(&params(body))))
        }
        (Channel::EventPost | Channel::EventNotify, body) => events(address.product, &params(body)),
        (Channel::PropertySet | Channel::DesiredSet, body) => own(Observation::Wanted(params(body))),
        (Channel::PropertyGetReply, Body::Reply { data, .. }) => {
            own(Observation::Values(body::unwrapped(&object(data.as_ref()))))
        }
        (Channel::DesiredGetReply, Body::Reply { data, .. }) => {
            own(Observation::Wanted(body::unwrapped(&object(data.as_ref()))))
        }
        (Channel::ServiceInvoke, Body::Request { id, params }) => {
            let inputs = object(params.as_ref());
            // Whether the caller waits does not show.
            own(Observation::Call { name: name(), id: Some(id), synchronous: true, inputs })
        }
        (Channel::ServiceInvokeReply, Body::Reply { id, data, .. }) => {
            own(Observation::Returned { name: Some(name()), id: Some(id), outputs: object(data.as_ref()) })
        }
        (Channel::PackPost | Channel::HistoryPost, Body::Request { params: Some(Value::Array(entries)), .. }) => {
            entries.iter().flat_map(of_entry).collect()
        }
        (Channel::SubPropertySet, Body::Request { params, .. }) => {
            of_sub(params, |params| Observation::Wanted(object(params.get("params"))))
        }
        (Channel::SubServiceInvoke, Body::Request { id, params }) => of_sub(params, |params| Observation::Call {
            name: body::text(params.get("identifier")),
            id: Some(id),
            synchronous: true,
            inputs: object(params.get("input")),
        }),
        (Channel::SubServiceInvokeReply, Body::Reply { id, data, .. }) => of_sub(data, |data| Observation::Returned {
            name: Some(body::text(data.get("identifier"))),
            id: Some(id),
            outputs: object(data.get("output")),
        }),
        _ => Vec::new(),
    }
}

/// The values of a message, whoever sent it.
fn params(body: Body) -> Map<String, Value> {
    match body {
        Body::Request { params: Some(Value::Object(params)), .. }
        | Body::AppSet { params, .. }
        | Body::Notify { params, .. } => params,
        _ => Map::new(),
    }
}

fn events(product: &str, params: &Map<String, Value>) -> Vec<Observed> {
    let outputs = body::unwrapped(params);
    let told = outputs.into_iter().map(|(name, outputs)| Observed {
        product: product.to_owned(),
        what: Observation::Event { name, class: None, outputs: object(Some(&outputs)) },
    });
    told.collect()
}

/// What a gateway says of one of its devices: `{identity, properties, events}`; in a history a list of values each.
fn of_entry(entry: &Value) -> Vec<Observed> {
    let product = body::text(entry.pointer("/identity/productID"));
    let latest = |name: &str| -> Map<String, Value> {
        let given = object(entry.get(name));
        let last = |value: Value| value.as_array().and_then(|list| list.last().cloned()).unwrap_or(value);
        given.into_iter().map(|(name, value)| (name, last(value))).collect()
    };
    let values = Observation::Values(body::unwrapped(&latest("properties")));
    let mut told = vec![Observed { product: product.clone(), what: values }];
    told.extend(events(&product, &latest("events")));
    told
}

/// What is asked of a sub-device: `{productID, deviceName, …}`.
fn of_sub(params: Option<Value>, what: impl FnOnce(&Map<String, Value>) -> Observation) -> Vec<Observed> {
    let Some(Value::Object(params)) = params else { return Vec::new() };
    vec![Observed { product: body::text(params.get("productID")), what: what(&params) }]
}
