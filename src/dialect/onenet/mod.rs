//! OneNET Studio: application long connection and device access (MQTT, token login).
//!
//! `topic` knows every topic and who may use it, `body` every envelope, `sign` the token, `codes` both code tables,
//! `model` the thing model; `read` and `write` turn messages into readings and operations into messages, `gateway` does
//! so for sub-devices, `dissect` takes messages apart for people, `ota` makes the calls of firmware upgrades, `plan` connections, and `cloud` is the platform's side.

mod body;
mod check;
mod cloud;
mod codes;
mod dissect;
mod gateway;
mod identity;
mod model;
mod model_out;
mod observe;
mod ota;
mod plan;
mod read;
mod sign;
mod spec;
mod topic;
mod write;

#[cfg(test)]
mod seeds;
#[cfg(test)]
mod vectors;

use serde_json::Value;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::{
    Answer, Checked, Cloud, CloudOptions, ConnectionSettings, Context, Dialect, EncodeFault, Encoded, Finding, Given,
    Incoming, ModelFault, Plan, Reading, Roster, RosterFault, Shipped, Signed, Spec,
};
use crate::model::learn::Observed;
use crate::model::thing::ValueFault;
use crate::model::{Direction, Dissection, FieldFault, Fields, Meta, Request, Role, ThingModel};

/// The dialect of OneNET Studio.
pub struct OneNet;

impl Dialect for OneNet {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn revision(&self) -> &'static str {
        "Studio OneJSON 1.0; tokens 2018-10-31 (device) and 2020-05-29 (application)"
    }

    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, _nonce: u64) -> Result<Plan, FieldFault> {
        plan::plan(role, settings, now)
    }

    fn sign(&self, role: Role, fields: &Fields, now: Time, _nonce: u64) -> Result<Signed, FieldFault> {
        sign::sign(role, fields, now, plan::default_server(role))
    }

    fn check(&self, role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
        check::check(role, given, now)
    }

    fn identity(&self, given: &Given) -> Option<(Role, Fields)> {
        identity::identity(given)
    }

    fn examine(&self, role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
        check::rules::examine(role, settings, plan)
    }

    fn recognises(&self, given: &Given) -> bool {
        check::recognises(given)
    }

    fn classify(&self, _role: Role, _direction: Direction, topic: &str, payload: &[u8]) -> Meta {
        read::classify(topic, payload)
    }

    fn dissect(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
        dissect::dissect(context, topic, payload)
    }

    fn gist(&self, context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
        dissect::gist(context, topic, payload, meta)
    }

    fn may_want_action(&self, _: Role, _: &Meta) -> bool {
        false
    }

    fn read(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
        let due = gateway::due(topic, payload).map(Reading::Due);
        read::read(context, topic, payload).into_iter().chain(due).collect()
    }

    fn encode(
        &self,
        context: &Context<'_>,
        request: &Request,
        id: u64,
        now: Time,
        check: bool,
    ) -> Result<Encoded, EncodeFault> {
        write::encode(context, request, id, now, check)
    }

    fn answer(&self, _context: &Context<'_>, request: &Incoming, answer: &Answer, _now: Time) -> Option<Encoded> {
        write::answer(request, answer)
    }

    fn check_value(
        &self,
        model: &ThingModel,
        identifier: &str,
        value: &Value,
        writing: bool,
    ) -> Result<(), (ValueFault, Option<String>)> {
        model::check_property(model, identifier, value, writing)
    }

    fn read_model(&self, text: &str) -> Result<ThingModel, ModelFault> {
        model::read(text)
    }

    fn write_model(&self, model: &ThingModel) -> Result<String, Phrase> {
        Ok(model_out::write(model))
    }

    fn observe(&self, topic: &str, payload: &[u8]) -> Vec<Observed> {
        observe::observe(topic, payload)
    }

    fn demo_model(&self) -> ThingModel {
        // The shipped file is read by a test; an empty model is the honest answer if it ever were broken.
        model::read(model::DEMO).unwrap_or_default()
    }

    fn cloud(&self, roster: &Roster, options: &CloudOptions) -> Result<Box<dyn Cloud>, RosterFault> {
        Ok(Box::new(cloud::Platform::new(roster, options)?))
    }

    fn shipped(&self) -> Shipped {
        Shipped {
            profiles: &[
                ("onenet-app", include_str!("../../../profiles/onenet-app.toml")),
                ("onenet-device", include_str!("../../../profiles/onenet-device.toml")),
            ],
            roster: include_str!("../../../profiles/roster/onenet.toml"),
        }
    }
}
