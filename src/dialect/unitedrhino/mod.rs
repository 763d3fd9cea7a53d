//! unitedrhino (联犀), formerly iThings: devices over MQTT, apps over a WebSocket and HTTP beside it.
//!
//! `topic` knows every topic, `subscribe` the subscriptions inside the WebSocket, `sign` the login and `register` the
//! registration, `http` the calls of an app, `codes` the code table, `model` the thing model (schema); `read` and `write` turn messages
//! into readings and operations into messages, frames and calls, `dissect` takes messages apart for people, `plan` makes
//! connections, `check` finds what is wrong with a login, and `cloud` is the platform's side.

mod check;
mod cloud;
mod codes;
mod dissect;
mod http;
mod identity;
mod model;
mod model_out;
mod observe;
mod plan;
mod read;
mod register;
mod sign;
mod spec;
mod subscribe;
mod topic;
mod write;

#[cfg(test)]
mod seeds;
#[cfg(test)]
mod vectors;

use serde_json::Value;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::remark;
use crate::dialect::{
    Answer, Checked, Cloud, CloudOptions, ConnectionSettings, Context, Dialect, EncodeFault, Encoded, Finding, Given,
    HttpAnswer, HttpCall, Incoming, LoginFault, ModelFault, ModelSource, Plan, Reading, Roster, RosterFault, Shipped,
    Signed, Spec,
};
use crate::model::learn::{Habits, Observed};
use crate::model::step::Grid;
use crate::model::thing::{DataType, ValueFault};
use crate::model::{Direction, Dissection, FieldFault, Fields, Kind, Meta, Request, Role, ThingModel};

/// The dialect of unitedrhino.
pub struct UnitedRhino;

impl Dialect for UnitedRhino {
    fn spec(&self) -> &'static Spec {
        &spec::SPEC
    }

    fn revision(&self) -> &'static str {
        "unitedrhino/things and core of 2025-11 (formerly iThings); device login of loginAuth.go"
    }

    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        plan::plan(role, settings, now, nonce)
    }

    fn login(
        &self,
        role: Role,
        settings: &ConnectionSettings,
        _now: Time,
        _nonce: u64,
    ) -> Result<Option<HttpCall>, FieldFault> {
        if role == Role::App { http::login(settings) } else { Ok(None) }
    }

    fn logged_in(
        &self,
        _role: Role,
        settings: &mut ConnectionSettings,
        _call: &HttpCall,
        answer: &HttpAnswer,
    ) -> Result<(), LoginFault> {
        http::logged_in(settings, answer)
    }

    fn authorize(&self, settings: &ConnectionSettings, call: &mut HttpCall) {
        http::authorize(settings, call);
    }

    fn sign(&self, role: Role, fields: &Fields, now: Time, nonce: u64) -> Result<Signed, FieldFault> {
        if role == Role::App { plan::sign_app(fields) } else { sign::sign(fields, now, nonce, None) }
    }

    fn check(&self, role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
        check::check(role, given, now)
    }

    fn recognises(&self, given: &Given) -> bool {
        check::recognises(given)
    }

    fn examine(&self, role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
        check::rules::examine(role, settings, plan)
    }

    fn identity(&self, given: &Given) -> Option<(Role, Fields)> {
        identity::identity(given)
    }

    fn classify(&self, _role: Role, direction: Direction, topic: &str, payload: &[u8]) -> Meta {
        read::classify(direction, topic, payload)
    }

    fn dissect(&self, context: &Context<'_>, topic: &str, payload: &[u8]) -> Dissection {
        dissect::dissect(context, topic, payload)
    }

    fn socket_topic(&self, _direction: Direction, payload: &[u8]) -> String {
        read::socket_topic(payload)
    }

    fn gist(&self, context: &Context<'_>, topic: &str, payload: &[u8], meta: &Meta) -> String {
        dissect::gist(context, topic, payload, meta)
    }

    fn may_want_action(&self, _role: Role, meta: &Meta) -> bool {
        // The time, and the first frame of a WebSocket.
        matches!(meta.kind, Kind::NtpReply | Kind::Push)
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

    fn remark_on_value(&self, data_type: &DataType, identifier: &str, value: &Value) -> Option<Phrase> {
        remark::between_steps(remark::MOVED, data_type, identifier, value, Grid::FromZero)
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
        Habits { bool_as_number: true, date_as_text: false }
    }

    fn model_source(&self, role: Role, settings: &ConnectionSettings) -> Result<Option<ModelSource>, FieldFault> {
        if role == Role::App { http::model(settings).map(|call| Some(ModelSource::Call(call))) } else { Ok(None) }
    }

    fn fetched_model(&self, _call: &HttpCall, answer: &HttpAnswer) -> Result<String, LoginFault> {
        http::fetched(answer)
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
                ("unitedrhino-app", include_str!("../../../profiles/unitedrhino-app.toml")),
                ("unitedrhino-device", include_str!("../../../profiles/unitedrhino-device.toml")),
            ],
            roster: include_str!("../../../profiles/roster/unitedrhino.toml"),
        }
    }
}
