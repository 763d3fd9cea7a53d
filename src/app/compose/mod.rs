//! The Compose tab: what is to be sent, its preview, and the ledger of what was sent.

pub mod actions;
pub mod fields;
pub mod ledger;
pub mod models;
pub mod operator;
mod saved;
pub mod series;
mod texts;

use serde_json::{Map, Value};

use crate::app::App;
use crate::app::edit::TextEdit;
use crate::app::faults;
use crate::base::lang::{Phrase, Text};
use crate::base::placeholder::Source;
use crate::base::random::Random;
use crate::base::time::Time;
use crate::base::topic;
use crate::dialect::{EncodeFault, Encoded, OperationSpec, Via, remark};
use crate::model::{ConnectionId, OpKind, Request, Role, ThingModel};

use crate::profile::collection::{Body, Content, Ready};

pub use actions::KEYS;
pub use fields::{Field, FieldKey, Fields};
pub use ledger::{Ledger, Reached, Row, Show, Statistics};
pub use series::{Pace, Series};
use texts::*;

/// How a hand-made payload is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// As it stands.
    Text,
    /// As it stands, but it has to be JSON.
    #[default]
    Json,
    /// Bytes in hexadecimal.
    Hex,
    /// The path of a file with the bytes.
    File,
}

impl Format {
    const ALL: [Format; 4] = [Format::Text, Format::Json, Format::Hex, Format::File];

    /// Its name.
    pub const fn title(self) -> Text {
        match self {
            Format::Text => Text::new("text", "文本"),
            Format::Json => Text::same("JSON"),
            Format::Hex => Text::new("hex", "十六进制"),
            Format::File => Text::new("file", "文件"),
        }
    }
}

/// Something ready to be sent, kept to be sent again.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// An operation of the platform.
    Operation(Request),
    /// A hand-made message.
    Message {
        /// MQTT topic.
        topic: String,
        /// The exact bytes.
        payload: Vec<u8>,
        /// MQTT quality of service.
        qos: u8,
        /// MQTT retain flag.
        retain: bool,
    },
    /// A line for the console of a simulated cloud ([`operator`]).
    Operator(String),
}

/// A row of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormRow {
    /// Which connection sends.
    Connection,
    /// What is sent.
    Operation,
    /// To which device.
    Device,
    /// Which event or service.
    Name,
    /// A value, or an identifier asked for.
    Field(FieldKey),
    /// Free JSON instead of fields.
    Json,
    /// The topic of a hand-made message.
    Topic,
    /// How its payload is written.
    Format,
    /// Its payload.
    Payload,
    /// Its quality of service.
    Qos,
    /// Its retain flag.
    Retain,
    /// How many times it is sent.
    Times,
    /// How long from one time to the next.
    Every,
}

/// The state of the tab.
pub struct Compose {
    connection: Option<ConnectionId>,
    /// Index into the operations of the role; the one after the last is a hand-made message.
    operation: usize,
    pub(in crate::app) device: usize,
    name: usize,
    /// The row of the form that has the cursor.
    pub cursor: usize,
    /// The text being typed, if one is.
    pub editing: bool,
    fields: Fields,
    free_json: bool,
    json: TextEdit,
    topic: TextEdit,
    payload: TextEdit,
    format: Format,
    qos: u8,
    retain: bool,
    times: TextEdit,
    every: TextEdit,
    /// What is being sent again and again.
    pub series: Option<Series>,
    /// What places such as `{{id}}` are filled from.
    places: Source,
    /// What was sent.
    pub ledger: Ledger,
    /// The console of a simulated cloud.
    pub operator: operator::Operator,
    /// Thing models that are asked for.
    models: models::Models,
}

impl Default for Compose {
    fn default() -> Self {
        Compose {
            connection: None,
            operation: 0,
            device: 0,
            name: 0,
            cursor: 0,
            editing: false,
            fields: Fields::default(),
            free_json: false,
            json: TextEdit::multi("{}"),
            topic: TextEdit::single(""),
            payload: TextEdit::multi(""),
            format: Format::default(),
            qos: 0,
            retain: false,
            times: TextEdit::single("1"),
            every: TextEdit::single("1s"),
            series: None,
            places: Source { now: Time::ZERO, count: 1, id: 0, random: Random::new(0), env: |_| None },
            ledger: Ledger::default(),
            operator: operator::Operator::default(),
            models: models::Models::default(),
        }
    }
}

impl Compose {
    /// An empty form. Ids go on from the clock, so that two runs do not share them.
    pub fn new(seed: u64, env: Option<fn(&str) -> Option<String>>, now: Time) -> Compose {
        let env = env.unwrap_or(|_| None);
        let places = Source { now, count: 1, id: now.as_millis(), random: Random::new(seed), env };
        Compose { places, ..Compose::default() }
    }

    /// The same, knowing where a simulated cloud is controlled.
    #[must_use]
    pub fn with_control(self, control: Option<String>) -> Compose {
        Compose { operator: operator::Operator::new(control), ..self }
    }

    /// The text of a row that takes one.
    pub fn text(&self, row: &FormRow) -> Option<&TextEdit> {
        match row {
            FormRow::Json => Some(&self.json),
            FormRow::Topic => Some(&self.topic),
            FormRow::Payload => Some(&self.payload),
            FormRow::Times => Some(&self.times),
            FormRow::Every => Some(&self.every),
            FormRow::Field(key) => self.fields.get(key).map(|field| &field.edit),
            _ => None,
        }
    }

    fn text_mut(&mut self, row: &FormRow) -> Option<&mut TextEdit> {
        match row {
            FormRow::Json => Some(&mut self.json),
            FormRow::Topic => Some(&mut self.topic),
            FormRow::Payload => Some(&mut self.payload),
            FormRow::Times => Some(&mut self.times),
            FormRow::Every => Some(&mut self.every),
            FormRow::Field(key) => self.fields.get_mut(key).map(|field| &mut field.edit),
            _ => None,
        }
    }

    /// A value of the form.
    pub fn field(&self, key: &FieldKey) -> Option<&Field> {
        self.fields.get(key)
    }

    /// How a hand-made payload is written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// QoS of a hand-made message.
    pub fn qos(&self) -> u8 {
        self.qos
    }

    /// Retain flag of a hand-made message.
    pub fn retain(&self) -> bool {
        self.retain
    }

    /// Whether the values are written as free JSON.
    pub fn is_free_json(&self) -> bool {
        self.free_json
    }
}

/// Says where a payload that is to be JSON is none.
fn check_json(payload: &[u8]) -> Result<(), Phrase> {
    serde_json::from_slice::<serde::de::IgnoredAny>(payload)
        .map(drop)
        .map_err(|error| NOT_JSON.with(&[&error.line(), &error.column(), &error]))
}

/// What an operation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Values of properties that can be set.
    Writable,
    /// Values of any properties.
    Values,
    /// Identifiers of properties.
    Identifiers,
    /// An event with its outputs.
    Event,
    /// A service with its inputs.
    Service,
    /// An object as the platform writes it.
    Json,
    /// Bytes.
    Raw,
}

const fn takes(op: OpKind) -> Takes {
    match op {
        OpKind::Set | OpKind::DesiredSet => Takes::Writable,
        OpKind::Report => Takes::Values,
        OpKind::Get | OpKind::DesiredGet | OpKind::DesiredDelete => Takes::Identifiers,
        OpKind::Event => Takes::Event,
        OpKind::Invoke => Takes::Service,
        OpKind::Raw => Takes::Raw,
        OpKind::Bind
        | OpKind::Unbind
        | OpKind::Subscribe
        | OpKind::Unsubscribe
        | OpKind::Pack
        | OpKind::History
        | OpKind::Topology
        | OpKind::Ota
        | OpKind::Config
        | OpKind::Tag
        | OpKind::Shadow
        | OpKind::Ntp
        | OpKind::List
        | OpKind::Register
        | OpKind::Log => Takes::Json,
    }
}

impl App {
    /// The connection that sends: the chosen one; otherwise the first app, or whatever is there.
    pub fn compose_connection(&self) -> Option<&crate::app::Connection> {
        let all = self.connections.all();
        let chosen = self.compose.connection.and_then(|id| self.connections.get(id));
        chosen.or_else(|| all.iter().find(|connection| connection.role == Role::App)).or(all.first())
    }

    /// Whether the connection sends text frames, so that a topic is only a name.
    fn compose_on_websocket(&self) -> bool {
        self.compose_connection().is_some_and(|connection| {
            let role = connection.dialect.spec().role(connection.role);
            connection.settings.named_server(role).is_some_and(|server| server.transport.is_websocket())
        })
    }

    /// The operations that the connection can choose from.
    pub fn compose_operations(&self) -> &'static [OperationSpec] {
        let role = self.compose_connection().and_then(|c| c.dialect.spec().role(c.role));
        role.map_or(&[], |role| role.operations)
    }

    /// The chosen operation; `None` for a hand-made message.
    pub fn compose_operation(&self) -> Option<&'static OperationSpec> {
        self.compose_operations().get(self.compose.operation)
    }

    /// The devices that the connection knows, as the platform names them.
    pub fn compose_devices(&self) -> Vec<String> {
        let Some(connection) = self.compose_connection() else { return Vec::new() };
        let name = |device: &crate::model::Fields| {
            let own = device.get("device_name").or_else(|| device.get("did")).unwrap_or_default();
            match device.get("product_id").or_else(|| device.get("product_key")) {
                Some(product) if device.get("device_name").is_some() => format!("{product}/{own}"),
                _ => own.to_owned(),
            }
        };
        connection.settings.devices.iter().map(name).filter(|name| !name.is_empty()).collect()
    }

    /// The chosen device, where there is more than one to choose from.
    pub fn compose_device(&self) -> Option<String> {
        let devices = self.compose_devices();
        if devices.len() < 2 { None } else { devices.get(self.compose.device % devices.len()).cloned() }
    }

    /// The events or services to choose from.
    pub fn compose_names(&self) -> Vec<String> {
        let (Some(connection), Some(spec)) = (self.compose_connection(), self.compose_operation()) else {
            return Vec::new();
        };
        match takes(spec.op) {
            Takes::Event => connection.model.events.iter().map(|event| event.identifier.clone()).collect(),
            Takes::Service => connection.model.services.iter().map(|service| service.identifier.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// The chosen event or service.
    pub fn compose_name(&self) -> Option<String> {
        let names = self.compose_names();
        names.get(self.compose.name % names.len().max(1)).cloned()
    }

    /// The rows of the form, from top to bottom.
    pub fn compose_rows(&self) -> Vec<FormRow> {
        let Some(connection) = self.compose_connection() else { return Vec::new() };
        let mut rows = vec![FormRow::Connection, FormRow::Operation];
        let Some(spec) = self.compose_operation() else {
            rows.extend([FormRow::Topic, FormRow::Qos, FormRow::Retain, FormRow::Times]);
            rows.extend(self.compose_repeats().then_some(FormRow::Every));
            rows.extend([FormRow::Format, FormRow::Payload]);
            return rows;
        };
        if self.compose_devices().len() > 1 {
            rows.push(FormRow::Device);
        }
        let takes = takes(spec.op);
        if matches!(takes, Takes::Event | Takes::Service) && !self.compose_names().is_empty() {
            rows.push(FormRow::Name);
        }
        let mut pace = vec![FormRow::Times];
        pace.extend(self.compose_repeats().then_some(FormRow::Every));
        // A text of several lines comes last, because it takes all the room that is left.
        match takes {
            Takes::Json => rows.extend(pace.into_iter().chain([FormRow::Json])),
            Takes::Raw => rows.extend(pace.into_iter().chain([FormRow::Format, FormRow::Payload])),
            _ if self.compose.free_json && takes != Takes::Identifiers => {
                rows.extend(pace.into_iter().chain([FormRow::Json]));
            }
            _ => {
                rows.extend(self.field_keys(&connection.model, spec.op).into_iter().map(FormRow::Field));
                rows.extend(pace);
            }
        }
        rows
    }

    /// Whether more than one message is asked for.
    fn compose_repeats(&self) -> bool {
        self.compose.times.text().trim() != "1"
    }

    /// How often and at what distance.
    pub fn compose_pace(&self) -> Result<Pace, Phrase> {
        let every = if self.compose_repeats() { self.compose.every.text() } else { "1s".to_owned() };
        Pace::read(&self.compose.times.text(), &every)
    }

    fn field_keys(&self, model: &ThingModel, op: OpKind) -> Vec<FieldKey> {
        let name = self.compose_name();
        let key = |identifier: &String| FieldKey { op, name: name.clone(), identifier: identifier.clone() };
        let params = |params: &[crate::model::thing::Param]| params.iter().map(|p| key(&p.identifier)).collect();
        match takes(op) {
            Takes::Writable => model.properties.iter().filter(|p| p.writable).map(|p| key(&p.identifier)).collect(),
            Takes::Values | Takes::Identifiers => model.properties.iter().map(|p| key(&p.identifier)).collect(),
            Takes::Event => {
                let event = model.events.iter().find(|event| Some(&event.identifier) == name.as_ref());
                event.map(|event| params(&event.outputs)).unwrap_or_default()
            }
            Takes::Service => {
                let service = model.services.iter().find(|service| Some(&service.identifier) == name.as_ref());
                service.map(|service| params(&service.inputs)).unwrap_or_default()
            }
            Takes::Json | Takes::Raw => Vec::new(),
        }
    }

    /// The row of the form that has the cursor.
    pub fn compose_row(&self) -> Option<FormRow> {
        let rows = self.compose_rows();
        rows.get(self.compose.cursor.min(rows.len().saturating_sub(1))).cloned()
    }

    /// Gives every field of the form a first value: what the device is known to have, or one that the model allows.
    pub(super) fn settle_form(&mut self) {
        let Some(connection) = self.compose_connection() else { return };
        let Some(spec) = self.compose_operation() else { return };
        let keys = self.field_keys(&connection.model, spec.op);
        // Of the same platform: others may mean something else by the same name.
        let alike = |other: &&crate::app::Connection| other.dialect.spec().name == connection.dialect.spec().name;
        let mut told = self.connections.all().iter().filter(alike).filter(|other| !other.values.is_empty());
        let known = told.next().map(|other| &other.values);
        let mut fresh = Vec::new();
        for key in keys {
            if self.compose.fields.get(&key).is_some() {
                continue;
            }
            let Some(data_type) = fields::data_type(&connection.model, &key) else { continue };
            let value = known.and_then(|values| values.get(&key.identifier));
            // Parts of an event or a call belong together; properties are chosen one by one.
            let included = key.name.is_some();
            fresh.push((key, Field::new(data_type.clone(), value, included)));
        }
        self.compose.fields.extend(fresh);
    }

    /// Whether the field is asked for by name only and has no value.
    pub fn compose_asks_only(&self, key: &FieldKey) -> bool {
        takes(key.op) == Takes::Identifiers
    }

    /// What is wrong with the value of a field, in words.
    pub fn field_fault(&self, key: &FieldKey) -> Option<Phrase> {
        let connection = self.compose_connection()?;
        let field = self.compose.fields.get(key)?;
        if !field.included || takes(key.op) == Takes::Identifiers {
            return None;
        }
        // Only properties are known to the dialect's check by their identifier.
        if key.name.is_some() {
            return None;
        }
        let writing = takes(key.op) == Takes::Writable;
        let mut places = Source { now: self.now, ..self.compose.places.clone() };
        let value = match places.fill_value(&field.value()) {
            Ok(value) => value,
            Err(fault) => return Some(fault.reason),
        };
        let checked = connection.dialect.check_value(&connection.model, &key.identifier, &value, writing);
        checked.err().map(|(fault, code)| faults::phrase(&fault, code.as_deref()))
    }

    /// What is to be said of a value that fits but will not arrive as it was meant.
    pub fn field_remark(&self, key: &FieldKey) -> Option<Phrase> {
        let connection = self.compose_connection()?;
        let field = self.compose.fields.get(key).filter(|field| field.included)?;
        connection.dialect.remark_on_value(&field.data_type, &key.identifier, &field.value())
    }

    /// What is to be said of the values of the whole request.
    pub fn compose_remarks(&self) -> Vec<Phrase> {
        match (self.compose_connection(), self.compose_draft()) {
            (Some(connection), Ok(Draft::Operation(request))) => {
                remark::remarks(connection.dialect, &connection.model, &request)
            }
            _ => Vec::new(),
        }
    }

    /// The object that is written as JSON instead of in fields.
    fn compose_json(&self) -> Option<String> {
        self.compose_rows().contains(&FormRow::Json).then(|| self.compose.json.text())
    }

    /// What the form says, its places not yet filled; or why it says nothing yet.
    pub fn compose_content(&self) -> Result<Content, Phrase> {
        self.compose_connection().ok_or_else(|| Phrase::from(NO_CONNECTION))?;
        let compose = &self.compose;
        let Some(spec) = self.compose_operation() else {
            let (topic, body) = (compose.topic.text(), self.written_body());
            return Ok(Content::Message { topic, body, qos: compose.qos, retain: compose.retain });
        };
        let mut request = Request::new(spec.op);
        request.device = self.compose_device();
        request.name = self.compose_name();
        let takes = takes(spec.op);
        let connection_model = self.compose_connection().map(|connection| &connection.model);
        let keys = connection_model.map(|model| self.field_keys(model, spec.op)).unwrap_or_default();
        let chosen = keys.iter().filter_map(|key| Some((key, self.compose.fields.get(key).filter(|f| f.included)?)));
        match takes {
            Takes::Raw => request.raw = self.written_payload()?,
            Takes::Identifiers => {
                request.identifiers = chosen.map(|(key, _)| key.identifier.clone()).collect();
                if spec.op == OpKind::DesiredDelete {
                    request.params = request.identifiers.drain(..).map(|name| (name, Value::Null)).collect();
                }
            }
            Takes::Json => request.params = self.written_params()?,
            _ if compose.free_json => request.params = self.written_params()?,
            _ => {
                request.params = chosen.map(|(key, field)| (key.identifier.clone(), field.value())).collect();
                if request.params.is_empty() && takes == Takes::Writable {
                    return Err(CHOOSE_VALUE.into());
                }
            }
        }
        Ok(Content::Operation(request))
    }

    /// What would be sent, or why not yet. Places are filled as they would be now.
    pub fn compose_draft(&self) -> Result<Draft, Phrase> {
        self.compose_pace()?;
        let content = self.compose_content()?;
        let mut places = Source { now: self.now, ..self.compose.places.clone() };
        self.fill_content(&content, &mut places)
    }

    /// Fills the places of a content.
    fn fill_content(&self, content: &Content, places: &mut Source) -> Result<Draft, Phrase> {
        let draft = match content.fill(places)? {
            Ready::Operation(request) => Draft::Operation(request),
            Ready::Message { topic, payload, qos, retain } => Draft::Message { topic, payload, qos, retain },
        };
        if let Draft::Message { topic, payload, .. } = &draft {
            if !self.compose_on_websocket() {
                topic::validate_topic(topic).map_err(|fault| fault.reason)?;
            }
            if self.compose_operation().is_none() && self.compose.format == Format::Json {
                check_json(payload)?;
            }
        }
        Ok(draft)
    }

    fn written_params(&self) -> Result<Map<String, Value>, Phrase> {
        match serde_json::from_str(&self.compose.json.text()) {
            Ok(Value::Object(map)) => Ok(map),
            Ok(_) => Err(NOT_OBJECT.into()),
            Err(error) => Err(NOT_JSON.with(&[&error.line(), &error.column(), &error])),
        }
    }

    /// The payload of a hand-made message as it is written.
    fn written_body(&self) -> Body {
        let text = self.compose.payload.text();
        match self.compose.format {
            Format::Text | Format::Json => Body::Text(text),
            Format::Hex => Body::Hex(text),
            Format::File => Body::File(text.trim().into()),
        }
    }

    /// Bytes for an operation that takes them as they are.
    fn written_payload(&self) -> Result<Vec<u8>, Phrase> {
        let mut places = Source { now: self.now, ..self.compose.places.clone() };
        let content = Content::Message { topic: "-".to_owned(), body: self.written_body(), qos: 0, retain: false };
        match content.fill(&mut places)? {
            Ready::Message { payload, .. } => {
                if self.compose.format == Format::Json {
                    check_json(&payload)?;
                }
                Ok(payload)
            }
            Ready::Operation(_) => Ok(Vec::new()),
        }
    }

    /// The exact topic and bytes of what would be sent; the id in them is the next one, not yet taken. With the fault
    /// that sending would run into, if there is one that can be overridden.
    pub fn compose_preview(&self) -> Result<(Encoded, Option<Phrase>), Phrase> {
        let draft = self.compose_draft()?;
        let connection = self.compose_connection().ok_or_else(|| Phrase::from(NO_CONNECTION))?;
        match draft {
            // Never composed in the form.
            Draft::Operator(_) => Err(NO_CONNECTION.into()),
            Draft::Message { topic, payload, qos, .. } => Ok((
                Encoded {
                    via: Via::Mqtt,
                    topic,
                    payload,
                    qos,
                    request_id: None,
                    reply: None,
                    timeout: std::time::Duration::ZERO,
                },
                None,
            )),
            Draft::Operation(request) => {
                let context = connection.context(self.lang);
                let encode = |check| connection.dialect.encode(&context, &request, 1, self.now, check);
                match encode(true) {
                    Ok(encoded) => Ok((encoded, None)),
                    Err(EncodeFault::Value { identifier, fault, code, reason }) => match encode(false) {
                        Ok(encoded) => {
                            let written =
                                self.compose_json().and_then(|text| faults::place(&text, &identifier, &fault));
                            Ok((encoded, Some(placed(written, coded(code, reason)))))
                        }
                        Err(fault) => Err(fault.phrase()),
                    },
                    Err(fault) => Err(fault.phrase()),
                }
            }
        }
    }
}

/// A fault with line and column in front, where it has a place.
fn placed(place: Option<(usize, usize)>, reason: Phrase) -> Phrase {
    match place {
        Some((line, column)) => CODED.around([Phrase::verbatim(format!("{line}:{column}")), reason]),
        None => reason,
    }
}

/// A fault with the code that the platform would answer in front.
fn coded(code: Option<String>, reason: Phrase) -> Phrase {
    match code {
        Some(code) => CODED.around([Phrase::verbatim(code), reason]),
        None => reason,
    }
}

const CODED: Text = Text::same("{} · {}");
