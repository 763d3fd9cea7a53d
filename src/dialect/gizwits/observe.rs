//! What messages tell of the definition of their product: only the HTTP API ever names a data point. Frames carry values
//! alone, and what they mean cannot be learned of them.

use crate::base::json;
use crate::dialect::gizwits::{frame, model};
use crate::dialect::http::is_call_topic;
use crate::model::learn::{Observation, Observed};

/// What a message tells.
pub fn observe(topic: &str, payload: &[u8]) -> Vec<Observed> {
    if !is_call_topic(topic) {
        let nameless = frame::frames(payload, false).flatten().any(|frame| frame.p0_range().is_some());
        return nameless
            .then(|| Observed { product: String::new(), what: Observation::Nameless })
            .into_iter()
            .collect();
    }
    let Some(root) = json::parse(payload).root else { return Vec::new() };
    let Some(text) = std::str::from_utf8(payload).ok().filter(|text| model::read(text).is_ok()) else {
        return Vec::new();
    };
    let product = root.get("product_key").and_then(json::Node::as_str).unwrap_or_default().to_owned();
    vec![Observed { product, what: Observation::Definition(text.to_owned()) }]
}
