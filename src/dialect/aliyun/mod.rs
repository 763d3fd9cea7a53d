//! Aliyun IoT: device access over MQTT (Alink JSON, raw topics, services, RRPC) and the app channel of Living Link.
//!
//! `topic` knows every topic and who may use it, `body` both envelopes, `sign` the login and the registration, `codes` the
//! code tables, `model` the thing model (TSL); `read` and `write` turn messages into readings and operations into
//! messages, `dissect` takes messages apart for people, `plan` makes connections, and `cloud` is the platform's side.

mod body;
mod check;
mod cloud;
mod codes;
mod dissect;
mod identity;
mod model;
mod model_out;
mod observe;
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
    Incoming, ModelFault, ModelSource, Plan, Reading, Roster, RosterFault, Shipped, Signed, Spec,
};
use crate::model::learn::{Habits, Observed};
use crate::model::thing::ValueFault;
use crate::model::{Direction, Dissection, FieldFault, Fields, Meta, Request, Role, ThingModel};

/// The dialect of Aliyun IoT.
pub struct Aliyun;

impl Dialect for Aliyun {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn revision(&self) -> &'static str {
        "Alink JSON 1.0; CONNECT signatures hmacmd5, hmacsha1, hmacsha256; Living Link app channel"
    }

    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        plan::plan(role, settings, now, nonce)
    }

    fn sign(&self, role: Role, fields: &Fields, now: Time, nonce: u64) -> Result<Signed, FieldFault> {
        let default_mode = if role == Role::App { "2" } else { "3" };
        // A registration over MQTT is taken over TLS only.
        let registers = fields.get("product_secret").is_some() && fields.get("device_secret").is_none();
        let tls = registers || fields.get("secure_mode").unwrap_or(default_mode) == "2";
        sign::sign(role, fields, now, nonce, plan::default_server(fields, tls))
    }

    fn check(&self, role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
        check::check(role, given, now)
    }

    fn recognises(&self, given: &Given) -> bool {
        check::recognises(given)
    }

    fn identity(&self, given: &Given) -> Option<(Role, Fields)> {
        identity::identity(given)
    }

    fn examine(&self, role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
        check::rules::examine(role, settings, plan)
    }

    fn classify(&self, role: Role, direction: Direction, topic: &str, payload: &[u8]) -> Meta {
        read::classify(role, direction, topic, payload)
    }

    fn dissect(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
        dissect::dissect(context, topic, payload)
    }

    fn gist(&self, context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
        dissect::gist(context, topic, payload, meta)
    }

    fn may_want_action(&self, _: Role, meta: &Meta) -> bool {
        meta.kind == crate::model::Kind::NtpReply
    }

    fn read(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Reading> {
        read::read(context, topic, payload)
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

    fn answer(&self, context: &Context<'_>, request: &Incoming, answer: &Answer, now: Time) -> Option<Encoded> {
        write::answer(context, request, answer, now)
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

    fn sub_device_filters(&self, device: &str) -> Vec<String> {
        plan::sub_device_filters(device)
    }

    fn write_model(&self, model: &ThingModel) -> Result<String, Phrase> {
        Ok(model_out::write(model))
    }

    fn observe(&self, topic: &str, payload: &[u8]) -> Vec<Observed> {
        observe::observe(topic, payload)
    }

    fn habits(&self) -> Habits {
        Habits { bool_as_number: true, date_as_text: true }
    }

    fn model_source(&self, role: Role, settings: &ConnectionSettings) -> Result<Option<ModelSource>, FieldFault> {
        if role != Role::Device {
            return Ok(None);
        }
        let product = settings.identity.require("product_key")?;
        let device = settings.identity.require("device_name")?;
        Ok(Some(write::model_question(product, device)))
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
                ("aliyun-app", include_str!("../../../profiles/aliyun-app.toml")),
                ("aliyun-device", include_str!("../../../profiles/aliyun-device.toml")),
            ],
            roster: include_str!("../../../profiles/roster/aliyun.toml"),
        }
    }
}
