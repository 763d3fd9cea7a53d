//! OneNET Studio: application long connection and device access (MQTT, token login).
//!
//! `topic` knows every topic and who may use it, `body` every envelope, `sign` the token, `codes` both code tables,
//! `model` the thing model; `read` and `write` turn messages into readings and operations into messages, `dissect` takes
//! messages apart for people, `plan` makes connections, and `cloud` is the platform's side.

mod body;
mod codes;
mod model;
mod plan;
mod read;
mod sign;
mod spec;
mod topic;
mod write;

#[cfg(test)]
mod vectors;
