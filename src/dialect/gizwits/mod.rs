//! Gizwits: apps and devices over MQTT 3.1 in binary frames, and the HTTP API (App与云端通讯 v4.0.4).
//!
//! `topic` knows every topic and who may use it, `frame` the frames, `p0` the business data in them, `model` the data point
//! definitions, `serial` the frames between module and microcontroller; `sign` makes logins, `http` the calls before a connection, `plan` connections; `read` and `write` turn
//! messages into readings and operations into messages, `dissect` takes messages apart for people, and `cloud` is the
//! platform's side, `lab` the bench on which frames are looked at and built.

mod check;
mod cloud;
mod codes;
mod dissect;
mod explain;
mod frame;
mod http;
mod identity;
mod lab;
mod lan;
mod model;
mod model_out;
mod observe;
mod p0;
mod plan;
mod read;
mod serial;
mod sign;
mod spec;
mod topic;
mod write;

#[cfg(test)]
mod vectors;

use std::ops::Range;

use serde_json::Value;

use crate::base::lang::Phrase;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::remark;
use crate::dialect::{
    Answer, Checked, Cloud, CloudOptions, ConnectionSettings, Context, Dialect, EncodeFault, Encoded, Finding, Given,
    HttpAnswer, HttpCall, Incoming, LoginFault, ModelFault, ModelSource, Plan, Reading, Roster, RosterFault, Shipped,
    Signed, Spec,
};
use crate::model::learn::Observed;
use crate::model::step::Grid;
use crate::model::thing::{DataType, ValueFault};
use crate::model::{Direction, Dissection, FieldFault, Fields, Meta, Request, Role, ThingModel};

/// The dialect of Gizwits.
pub struct Gizwits;

impl Dialect for Gizwits {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn revision(&self) -> &'static str {
        "App 与云端通讯 v4.0.4 over MQTT 3.1; p0 of the 4.x data points; Open API v1"
    }

    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        plan::plan(role, settings, now, nonce)
    }

    fn login(
        &self,
        role: Role,
        settings: &ConnectionSettings,
        _now: Time,
        nonce: u64,
    ) -> Result<Option<HttpCall>, FieldFault> {
        http::login(role, settings, nonce)
    }

    fn logged_in(
        &self,
        _role: Role,
        settings: &mut ConnectionSettings,
        call: &HttpCall,
        answer: &HttpAnswer,
    ) -> Result<(), LoginFault> {
        http::logged_in(settings, call, answer)
    }

    fn session_client_id(&self, role: Role, settings: &ConnectionSettings, nonce: u64) -> Option<String> {
        plan::session_client_id(role, settings, nonce)
    }

    fn authorize(&self, settings: &ConnectionSettings, call: &mut HttpCall) {
        const TOKEN: &str = "X-Gizwits-User-token";
        // A path alone was not made by this dialect's own calls.
        if call.url.starts_with('/')
            && let (Ok(api), Some(appid)) = (http::api(&settings.identity), settings.identity.get("appid"))
        {
            call.url.insert_str(0, &api);
            call.headers.push(("X-Gizwits-Application-Id", Secret::new(appid)));
        }
        let has_token = call.headers.iter().any(|(name, _)| *name == TOKEN);
        let login = matches!(call.name, http::name::LOGIN | http::name::USERS);
        let device = matches!(call.name, http::name::DEVICES | http::name::PROVISION);
        if let Some(token) = settings.identity.get("token").filter(|_| !has_token && !login && !device) {
            call.headers.push((TOKEN, Secret::new(token)));
        }
    }

    fn remark_on_filter(&self, role: Role, filter: &str) -> Option<Phrase> {
        plan::lint(role, filter)
    }

    fn sign(&self, role: Role, fields: &Fields, now: Time, nonce: u64) -> Result<Signed, FieldFault> {
        sign::sign(role, fields, now, nonce, plan::default_server())
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

    fn classify(&self, _role: Role, direction: Direction, topic: &str, payload: &[u8]) -> Meta {
        read::classify(direction, topic, payload)
    }

    fn number_at(&self, topic: &str, payload: &[u8]) -> Option<Range<usize>> {
        read::number_at(topic, payload)
    }

    fn dissect(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
        dissect::dissect(context, topic, payload)
    }

    fn dissect_each(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Vec<Dissection> {
        dissect::each(context, topic, payload)
    }

    fn gist(&self, context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
        dissect::gist(context, topic, payload, meta)
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

    fn answer(&self, context: &Context<'_>, request: &Incoming, answer: &Answer, _now: Time) -> Option<Encoded> {
        write::answer(context, request, answer)
    }

    fn check_value(
        &self,
        model: &ThingModel,
        identifier: &str,
        value: &Value,
        writing: bool,
    ) -> Result<(), (ValueFault, Option<String>)> {
        model::check(model, identifier, value, writing)
    }

    fn remark_on_value(&self, data_type: &DataType, identifier: &str, value: &Value) -> Option<Phrase> {
        remark::between_steps(remark::ROUNDED, data_type, identifier, value, Grid::FromMin)
    }

    fn read_model(&self, text: &str) -> Result<ThingModel, ModelFault> {
        model::read(text)
    }

    fn known_model(&self, settings: &ConnectionSettings) -> Option<ThingModel> {
        let all = std::iter::once(&settings.identity).chain(&settings.devices);
        let demo = all.filter_map(|fields| fields.get("product_key")).any(|key| key == model::DEMO_PRODUCT);
        demo.then(|| self.demo_model())
    }

    fn reports_everything(&self, model: &ThingModel) -> bool {
        model.binary.as_ref().is_some_and(|layout| !layout.variable)
    }

    fn write_model(&self, model: &ThingModel) -> Result<String, Phrase> {
        model_out::write(model)
    }

    fn observe(&self, topic: &str, payload: &[u8]) -> Vec<Observed> {
        observe::observe(topic, payload)
    }

    fn model_source(&self, role: Role, settings: &ConnectionSettings) -> Result<Option<ModelSource>, FieldFault> {
        if role == Role::App { http::definition(settings).map(|call| Some(ModelSource::Call(call))) } else { Ok(None) }
    }

    fn fetched_model(&self, call: &HttpCall, answer: &HttpAnswer) -> Result<String, LoginFault> {
        http::fetched(call, answer)
    }

    fn demo_model(&self) -> ThingModel {
        // The shipped file is read by a test; an empty model is the honest answer if it ever were broken.
        model::read(model::DEMO).unwrap_or_default()
    }

    fn cloud(&self, roster: &Roster, options: &CloudOptions) -> Result<Box<dyn Cloud>, RosterFault> {
        Ok(Box::new(cloud::Platform::new(roster, options)?))
    }

    fn lab(&self) -> Option<&'static dyn crate::dialect::lab::Lab> {
        Some(&lab::Bench)
    }

    fn shipped(&self) -> Shipped {
        Shipped {
            profiles: &[
                ("gizwits-app", include_str!("../../../profiles/gizwits-app.toml")),
                ("gizwits-device", include_str!("../../../profiles/gizwits-device.toml")),
            ],
            roster: include_str!("../../../profiles/roster/gizwits.toml"),
        }
    }
}
