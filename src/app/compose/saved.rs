//! Requests kept under a name, messages of the stream taken as drafts, and the ledger as a file.

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::app::compose::texts::*;
use crate::app::compose::{FormRow, Format, fields};
use crate::app::effect::Effect;
use crate::app::overlay::{Asked, Overlay};
use crate::app::picker::Picker;
use crate::app::stream::Draft;
use crate::app::{App, Place, Tab};
use crate::base::hex;
use crate::base::lang::Phrase;
use crate::base::text::local_date_time;
use crate::model::{Request, Severity};
use crate::profile::ProfileError;
use crate::profile::collection::{Body, Content, SavedRequest};

impl App {
    /// Asks under which name the form is kept.
    pub(super) fn ask_to_keep(&mut self) {
        match self.compose_content() {
            Ok(content) => self.open_overlay(Overlay::Prompt {
                title: KEEP_AS.into(),
                hint: KEEP_HINT.into(),
                edit: crate::app::edit::TextEdit::single(""),
                about: Asked::RequestName(Box::new(content)),
            }),
            Err(reason) => self.tell(Severity::Warning, reason),
        }
    }

    /// Keeps a request under a name.
    pub(in crate::app) fn keep_request(&mut self, name: &str, content: &Content) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(KEEP_HINT.into());
        }
        self.effect(Effect::KeepRequest { name: name.to_owned(), content: Box::new(content.clone()) });
        Ok(())
    }

    /// Asks for the requests that are kept.
    pub(super) fn ask_for_requests(&mut self) {
        let profile =
            self.compose_connection().and_then(|connection| self.connections.profiles().get(connection.profile));
        let beside = profile.and_then(|known| known.profile.path.clone());
        self.effect(Effect::LoadRequests { beside });
    }

    /// The requests that are kept, to pick one.
    pub(in crate::app) fn requests_loaded(&mut self, requests: Vec<SavedRequest>, faults: &[ProfileError]) {
        if let Some(fault) = faults.first() {
            self.tell(Severity::Error, Phrase::verbatim(fault.render(self.lang)));
        } else if requests.is_empty() {
            return self.tell(Severity::Info, NONE_KEPT);
        }
        if !requests.is_empty() {
            let picker = Picker::new(requests, |request| vec![&request.name, &request.note]);
            self.open_overlay(Overlay::Requests(picker));
        }
    }

    /// A file was written, or not.
    pub(in crate::app) fn saved(&mut self, result: Result<PathBuf, Phrase>) {
        match result {
            Ok(path) => self.tell(Severity::Info, SAVED_IN.with(&[&path.display()])),
            Err(reason) => self.tell(Severity::Error, reason),
        }
    }

    /// Writes the rows of the ledger that are shown into a file.
    pub(super) fn export_ledger(&mut self) {
        let name = |id| self.connections.get(id).map(|connection| connection.name.clone()).unwrap_or_default();
        let text = self.compose.ledger.export(name);
        let stamp: String = local_date_time(self.now()).chars().filter(char::is_ascii_digit).collect();
        self.effect(Effect::SaveFile { name: format!("iotdbg-requests-{stamp}.jsonl"), bytes: text.into_bytes() });
    }

    /// Opens a message of the stream as a hand-made one, to be changed and sent.
    pub(in crate::app) fn take_as_draft(&mut self, draft: Draft) {
        let Draft { connection, topic, payload, qos, retain } = draft;
        self.compose.connection = Some(connection);
        let body = match String::from_utf8(payload) {
            Ok(text) => Body::Text(text),
            Err(error) => Body::Hex(hex::encode(error.as_bytes())),
        };
        self.open_content(&Content::Message { topic, body, qos, retain });
    }

    /// Writes a content into the form and shows it.
    pub(in crate::app) fn open_content(&mut self, content: &Content) {
        match content {
            Content::Operation(request) => {
                let index = self.compose_operations().iter().position(|spec| spec.op == request.op);
                let Some(index) = index else {
                    return self.tell(Severity::Warning, NOT_HERE.with(&[&request.op.name()]));
                };
                self.compose.operation = index;
                self.open_operation(request);
            }
            Content::Message { topic, body, qos, retain } => {
                self.compose.operation = self.compose_operations().len();
                self.compose.topic.set(topic);
                (self.compose.qos, self.compose.retain) = (*qos, *retain);
                let (format, text) = match body {
                    // Text that is JSON is opened as such: it is what most of it is, and the check is of use.
                    Body::Text(text) if serde_json::from_str::<Map<String, Value>>(text).is_ok() => {
                        (Format::Json, text.clone())
                    }
                    Body::Text(text) => (Format::Text, text.clone()),
                    Body::Json(value) => {
                        (Format::Json, serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string()))
                    }
                    Body::Hex(text) => (Format::Hex, text.clone()),
                    Body::File(path) => (Format::File, path.display().to_string()),
                };
                self.compose.format = format;
                self.compose.payload.set(&text);
            }
        }
        self.show(Tab::Compose);
        self.focus(Place::ComposeForm);
        let rows = self.compose_rows();
        self.compose.cursor = rows
            .iter()
            .position(|row| matches!(row, FormRow::Field(_) | FormRow::Json | FormRow::Payload))
            .unwrap_or_default();
    }

    fn open_operation(&mut self, request: &Request) {
        self.settle_form();
        let at = |list: Vec<String>, wanted: &Option<String>| {
            wanted.as_ref().and_then(|wanted| list.iter().position(|name| name == wanted)).unwrap_or_default()
        };
        self.compose.device = at(self.compose_devices(), &request.device);
        self.compose.name = at(self.compose_names(), &request.name);
        self.settle_form();
        let Some(connection) = self.compose_connection() else { return };
        let keys = self.field_keys(&connection.model, request.op);
        let has_all = request.params.keys().all(|name| keys.iter().any(|key| key.identifier == *name));
        self.compose.free_json = !has_all;
        if let Ok(text) = serde_json::to_string_pretty(&request.params) {
            self.compose.json.set(&text);
        }
        if !request.raw.is_empty() {
            self.compose.format = Format::Hex;
            self.compose.payload.set(&hex::encode(&request.raw));
        }
        for key in keys {
            let value = request.params.get(&key.identifier);
            let asked = request.identifiers.contains(&key.identifier);
            if let Some(field) = self.compose.fields.get_mut(&key) {
                field.included = value.is_some() || asked;
                if let Some(value) = value {
                    field.edit.set(&fields::written(value));
                }
            }
        }
    }
}
