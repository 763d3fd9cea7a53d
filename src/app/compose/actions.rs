//! What keys and mouse do on the Compose tab.

use crate::app::action::Action;
use crate::app::compose::texts::*;
use crate::app::compose::{Draft, FormRow, Format, Row, Takes, models, takes};
use crate::app::effect::{EditSubject, Effect};
use crate::app::input::{Key, KeyCode, Mouse, MouseAct, Target};
use crate::app::keys::{Binding, ENTER, SPACE};
use crate::app::overlay::{Confirmed, Overlay};
use crate::app::{App, Place, Tab, conditions as when};
use crate::base::lang::{Phrase, Text};
use crate::base::text::{local_time, printable, printable_bytes};
use crate::model::{ConnectionId, Notice, Severity};
use crate::profile::collection::Content;
use crate::session::Command;
use crate::store::SeqRange;

const SEND: &[Key] = &[Key::char('s'), Key::ctrl('s')];

/// Rows of the key table that belong to this tab.
pub const KEYS: &[Binding] = &[
    Binding::shown(Place::ComposeForm, ENTER, Action::EditField, can_change),
    Binding::shown(Place::ComposeForm, SPACE, Action::ToggleField, can_toggle),
    Binding::shown(Place::ComposeForm, SEND, Action::Send, can_send),
    Binding::shown(Place::ComposeForm, &[Key::char('S')], Action::SendUnchecked, can_send_unchecked),
    Binding::shown(Place::ComposeForm, &[Key::char('P')], Action::Operate, when::connection_open),
    Binding::shown(Place::ComposeForm, &[Key::char('m')], Action::ThingModel, when::connection_open),
    Binding::shown(Place::ComposeForm, &[Key::char('f')], Action::ToggleJson, has_form),
    Binding::quiet(Place::ComposeForm, &[Key::char('o')], Action::NextOperation, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[Key::char('O')], Action::PreviousOperation, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[Key::char('c')], Action::NextConnection, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[Key::char('e')], Action::EditorOpen, has_long_text),
    Binding::shown(Place::ComposeForm, &[Key::char('l')], Action::OpenRequests, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[Key::char('w')], Action::KeepRequest, has_content),
    Binding::shown(Place::ComposeForm, &[Key::char('x')], Action::StopSeries, has_series),
    Binding::quiet(Place::ComposeForm, &[], Action::FetchModel, models::can_fetch),
    Binding::quiet(Place::ComposeForm, &[], Action::LearnModel, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[], Action::OpenModel, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[], Action::SaveModel, when::connection_open),
    Binding::quiet(Place::ComposeForm, &[Key::char('y')], Action::CopyPayload, has_preview),
    Binding::quiet(Place::ComposeForm, &[Key::char('Y')], Action::CopyTopic, has_preview),
    Binding::shown(Place::ComposeEdit, &[Key::ctrl('s')], Action::Send, can_send),
    Binding::shown(Place::ComposeEdit, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::quiet(Place::ComposeEdit, &[Key::plain(KeyCode::Tab)], Action::NextField, when::always),
    Binding::quiet(Place::ComposeEdit, &[Key::plain(KeyCode::BackTab)], Action::PreviousField, when::always),
    Binding::quiet(Place::Ledger, &[Key::char('P')], Action::Operate, when::connection_open),
    Binding::shown(Place::Ledger, ENTER, Action::ShowInStream, was_sent),
    Binding::shown(Place::Ledger, &[Key::char('a')], Action::ShowReply, was_answered),
    Binding::shown(Place::Ledger, &[Key::char('r')], Action::Resend, has_request),
    Binding::shown(Place::Ledger, &[Key::char('y')], Action::CopyPayload, has_request),
    Binding::quiet(Place::Ledger, &[Key::char('Y')], Action::CopyTopic, has_request),
    Binding::shown(Place::Ledger, &[Key::char('f')], Action::ShowNextOutcome, has_rows),
    Binding::quiet(Place::Ledger, &[Key::char('d')], Action::TakeDraft, has_request),
    Binding::quiet(Place::Ledger, &[Key::char('E')], Action::ExportLedger, has_rows),
    Binding::shown(Place::Ledger, &[Key::char('x')], Action::StopSeries, has_series),
];

fn can_change(app: &App) -> Result<(), Text> {
    app.compose_row().map(|_| ()).ok_or(NO_CONNECTION)
}

fn can_toggle(app: &App) -> Result<(), Text> {
    match app.compose_row() {
        Some(FormRow::Field(_) | FormRow::Retain) => Ok(()),
        Some(_) => Err(NO_CHOICE),
        None => Err(NO_CONNECTION),
    }
}

fn can_send(app: &App) -> Result<(), Text> {
    when::connection_open(app)?;
    match app.compose_preview() {
        Ok((_, None)) => Ok(()),
        Ok((_, Some(_))) => Err(FAULTY),
        Err(_) => Err(INCOMPLETE),
    }
}

fn can_send_unchecked(app: &App) -> Result<(), Text> {
    match app.compose_preview() {
        Ok((_, Some(_))) => when::connection_open(app),
        _ => Err(NO_FAULT),
    }
}

fn has_form(app: &App) -> Result<(), Text> {
    match app.compose_operation().map(|spec| takes(spec.op)) {
        Some(Takes::Writable | Takes::Values | Takes::Event | Takes::Service) => Ok(()),
        _ => Err(NO_FORM),
    }
}

fn has_long_text(app: &App) -> Result<(), Text> {
    match long_row(app) {
        Some(_) => Ok(()),
        None => Err(NO_TEXT),
    }
}

fn long_row(app: &App) -> Option<FormRow> {
    app.compose_rows().into_iter().find(|row| matches!(row, FormRow::Json | FormRow::Payload))
}

fn has_content(app: &App) -> Result<(), Text> {
    app.compose_content().map(|_| ()).map_err(|_| INCOMPLETE)
}

fn has_series(app: &App) -> Result<(), Text> {
    app.compose.series.as_ref().map(|_| ()).ok_or(NO_SERIES)
}

fn has_rows(app: &App) -> Result<(), Text> {
    if app.compose.ledger.is_empty() { Err(NO_REQUEST) } else { Ok(()) }
}

fn has_preview(app: &App) -> Result<(), Text> {
    app.compose_preview().map(|_| ()).map_err(|_| INCOMPLETE)
}

fn has_request(app: &App) -> Result<(), Text> {
    app.compose.ledger.selected().map(|_| ()).ok_or(NO_REQUEST)
}

fn was_sent(app: &App) -> Result<(), Text> {
    has_request(app)?;
    app.compose.ledger.selected().and_then(Row::sent_message).map(|_| ()).ok_or(NOT_SENT_YET)
}

fn was_answered(app: &App) -> Result<(), Text> {
    has_request(app)?;
    app.compose.ledger.selected().and_then(Row::reply_message).map(|_| ()).ok_or(NO_REPLY)
}

impl App {
    /// The areas of the Compose tab.
    pub(in crate::app) fn compose_areas(&self) -> Vec<Place> {
        vec![if self.compose.editing { Place::ComposeEdit } else { Place::ComposeForm }, Place::Ledger]
    }

    /// Runs an action of this tab; `false` if it is none.
    pub(in crate::app) fn compose_action(&mut self, action: Action) -> bool {
        if self.operator_action(action) || self.model_action(action) {
            return true;
        }
        let known = match self.area() {
            Place::Ledger => self.ledger_action(action),
            Place::ComposeEdit => self.edit_action(action),
            _ => self.form_action(action),
        };
        self.settle_form();
        known
    }

    fn form_action(&mut self, action: Action) -> bool {
        let last = self.compose_rows().len().saturating_sub(1);
        let cursor = self.compose.cursor.min(last);
        if let Some(row) = action.moved(cursor, last) {
            self.compose.cursor = row;
            return true;
        }
        match action {
            Action::Left | Action::ChoicePrevious => self.turn(false),
            Action::Right | Action::ChoiceNext => self.turn(true),
            Action::Back => self.compose.cursor = 0,
            Action::EditField => self.change_row(),
            Action::ToggleField => self.toggle_row(),
            Action::ToggleJson => self.toggle_json(),
            Action::NextOperation => self.turn_operation(true),
            Action::PreviousOperation => self.turn_operation(false),
            Action::NextConnection => self.turn_connection(true),
            Action::OpenRequests => self.ask_for_requests(),
            Action::KeepRequest => self.ask_to_keep(),
            Action::EditorOpen => {
                if let Some(text) = long_row(self).and_then(|row| Some(self.compose.text(&row)?.text())) {
                    self.effect(Effect::Edit { subject: EditSubject::Payload, text });
                }
            }
            _ => return self.send_action(action),
        }
        true
    }

    fn send_action(&mut self, action: Action) -> bool {
        match action {
            Action::Send => self.ask_or_send(false),
            Action::SendUnchecked => self.ask_or_send(true),
            Action::StopSeries => self.stop_series(),
            Action::CopyPayload => {
                if let Ok((encoded, _)) = self.compose_preview() {
                    let text = String::from_utf8(encoded.payload)
                        .unwrap_or_else(|error| crate::base::hex::encode(error.as_bytes()));
                    self.effect(Effect::Copy(text));
                }
            }
            Action::CopyTopic => {
                if let Ok((encoded, _)) = self.compose_preview() {
                    self.effect(Effect::Copy(encoded.topic));
                }
            }
            _ => return false,
        }
        true
    }

    fn edit_action(&mut self, action: Action) -> bool {
        match action {
            Action::Back => self.stop_editing(),
            Action::NextField | Action::PreviousField => {
                self.stop_editing();
                self.form_action(if action == Action::NextField { Action::Down } else { Action::Up });
            }
            _ => return self.send_action(action),
        }
        true
    }

    fn stop_editing(&mut self) {
        self.compose.editing = false;
        self.focus(Place::ComposeForm);
    }

    fn ledger_action(&mut self, action: Action) -> bool {
        let last = self.compose.ledger.shown().saturating_sub(1);
        if let Some(row) = action.moved(self.compose.ledger.cursor, last) {
            self.compose.ledger.cursor = row;
            return true;
        }
        match action {
            Action::Back => self.focus(Place::ComposeForm),
            Action::ShowInStream | Action::ShowReply => {
                let row = self.compose.ledger.selected();
                let seq = row
                    .and_then(|row| if action == Action::ShowReply { row.reply_message() } else { row.sent_message() });
                if let Some(seq) = seq {
                    self.show(Tab::Stream);
                    self.stream.show(seq);
                }
            }
            Action::Resend => {
                if let Some(row) = self.compose.ledger.selected() {
                    let (id, draft) = (row.connection, row.draft.clone());
                    self.send_draft(id, draft, true);
                }
            }
            Action::CopyPayload => {
                if let Some(text) = self.compose.ledger.selected().map(|row| self.row_text(row)) {
                    self.effect(Effect::Copy(text));
                }
            }
            Action::CopyTopic => {
                if let Some(topic) = self.compose.ledger.selected().map(|row| row.topic.clone()) {
                    self.effect(Effect::Copy(topic));
                }
            }
            Action::ShowNextOutcome => self.compose.ledger.show_next(),
            Action::ExportLedger => self.export_ledger(),
            Action::TakeDraft => {
                if let Some(row) = self.compose.ledger.selected() {
                    let (id, draft) = (row.connection, row.draft.clone());
                    self.compose.connection = Some(id);
                    match draft {
                        Draft::Operator(_) => self.ask_operator(),
                        Draft::Operation(request) => self.open_content(&Content::Operation(request)),
                        Draft::Message { topic, payload, qos, retain } => self
                            .take_as_draft(crate::app::stream::Draft { connection: id, topic, payload, qos, retain }),
                    }
                }
            }
            // Sending and the choice of what to send work from here as well.
            Action::Send | Action::SendUnchecked | Action::StopSeries => return self.send_action(action),
            Action::NextOperation | Action::PreviousOperation | Action::NextConnection => {
                return self.form_action(action);
            }
            _ => return false,
        }
        true
    }

    /// A row of the ledger as text.
    fn row_text(&self, row: &Row) -> String {
        let lang = self.lang;
        let connection = self.connections.get(row.connection);
        let name = connection.map(|connection| connection.name.clone()).unwrap_or_default();
        let outcome = connection.map(|connection| row.outcome_words(connection.dialect, lang)).unwrap_or_default();
        let op = row.operation().unwrap_or("message");
        format!(
            "{} {name} {op} {}\n{}\n{}\n{} → {outcome}\n",
            local_time(row.at),
            row.gist,
            printable(&row.topic),
            printable_bytes(&row.payload),
            row.journey(lang),
        )
    }

    fn turn_connection(&mut self, forward: bool) {
        let ids: Vec<ConnectionId> = self.connections.all().iter().map(|connection| connection.id).collect();
        let current = self.compose_connection().map(|connection| connection.id);
        let at = ids.iter().position(|id| Some(*id) == current).unwrap_or_default();
        let step = if forward { 1 } else { ids.len().saturating_sub(1) };
        self.compose.connection = ids.get((at + step) % ids.len().max(1)).copied();
        self.compose.operation = 0;
        self.compose.device = 0;
        self.compose.name = 0;
    }

    fn turn_operation(&mut self, forward: bool) {
        // One more than the operations: the hand-made message.
        let count = self.compose_operations().len() + 1;
        let step = if forward { 1 } else { count - 1 };
        self.compose.operation = (self.compose.operation + step) % count;
        self.compose.name = 0;
    }

    /// Goes to another choice of the row under the cursor.
    fn turn(&mut self, forward: bool) {
        let step = |at: usize, count: usize| {
            if forward { (at + 1) % count.max(1) } else { (at + count.max(1) - 1) % count.max(1) }
        };
        match self.compose_row() {
            Some(FormRow::Connection) => self.turn_connection(forward),
            Some(FormRow::Operation) => self.turn_operation(forward),
            Some(FormRow::Device) => self.compose.device = step(self.compose.device, self.compose_devices().len()),
            Some(FormRow::Name) => self.compose.name = step(self.compose.name, self.compose_names().len()),
            Some(FormRow::Field(key)) => {
                if let Some(field) = self.compose.fields.get_mut(&key) {
                    field.turn(forward);
                    field.included = true;
                }
            }
            Some(FormRow::Format) => {
                let at = Format::ALL.iter().position(|format| *format == self.compose.format).unwrap_or_default();
                self.compose.format = Format::ALL.get(step(at, Format::ALL.len())).copied().unwrap_or_default();
            }
            Some(FormRow::Qos) => {
                self.compose.qos = if forward { (self.compose.qos + 1) % 3 } else { (self.compose.qos + 2) % 3 }
            }
            Some(FormRow::Retain) => self.compose.retain = !self.compose.retain,
            Some(FormRow::Times) => self.turn_times(forward),
            Some(FormRow::Json | FormRow::Topic | FormRow::Payload | FormRow::Every) | None => {}
        }
    }

    /// Once, or more often by one; before once comes no end.
    fn turn_times(&mut self, forward: bool) {
        let times = self.compose.times.text().trim().parse::<u64>().ok();
        let next = match (times, forward) {
            (None, true) => "1".to_owned(),
            (None, false) => "1000".to_owned(),
            (Some(times), true) => times.saturating_add(1).to_string(),
            (Some(0 | 1), false) => "*".to_owned(),
            (Some(times), false) => (times - 1).to_string(),
        };
        self.compose.times.set(&next);
    }

    /// Enter: types into a text, goes on with a choice.
    fn change_row(&mut self) {
        let Some(row) = self.compose_row() else { return };
        // So many are not gone through one by one.
        if matches!(row, FormRow::Device) && self.compose_devices().len() > 3 {
            self.pick_target();
            return;
        }
        if let FormRow::Field(key) = &row
            && let Some(field) = self.compose.fields.get_mut(key)
        {
            field.included = true;
            if !field.choices().is_empty() {
                field.turn(true);
                return;
            }
        }
        if self.compose.text(&row).is_some() {
            self.compose.editing = true;
            self.focus(Place::ComposeEdit);
        } else {
            self.turn(true);
        }
    }

    fn toggle_row(&mut self) {
        match self.compose_row() {
            Some(FormRow::Field(key)) => {
                if let Some(field) = self.compose.fields.get_mut(&key) {
                    field.included = !field.included;
                }
            }
            Some(FormRow::Retain) => self.compose.retain = !self.compose.retain,
            _ => {}
        }
    }

    /// Between form and free JSON; what the form holds is taken along.
    fn toggle_json(&mut self) {
        if !self.compose.free_json
            && let Ok(Draft::Operation(request)) = self.compose_draft()
            && !request.params.is_empty()
            && let Ok(text) = serde_json::to_string_pretty(&request.params)
        {
            self.compose.json.set(&text);
        }
        self.compose.free_json = !self.compose.free_json;
        self.compose.cursor = self.compose.cursor.min(self.compose_rows().len().saturating_sub(1));
    }

    /// A key typed into a text of this tab.
    pub(in crate::app) fn compose_key(&mut self, key: Key) {
        let Some(row) = self.compose_row() else { return };
        let single = !matches!(row, FormRow::Json | FormRow::Payload);
        if single && key.code == KeyCode::Enter {
            self.stop_editing();
        } else if single && matches!(key.code, KeyCode::Up | KeyCode::Down) {
            self.stop_editing();
            self.form_action(if key.code == KeyCode::Up { Action::Up } else { Action::Down });
        } else if let Some(edit) = self.compose.text_mut(&row) {
            edit.key(key);
        }
    }

    /// Text pasted into a text of this tab.
    pub(in crate::app) fn compose_paste(&mut self, text: &str) {
        if let Some(edit) = self.compose_row().and_then(|row| self.compose.text_mut(&row)) {
            edit.paste(text);
        }
    }

    /// What came back from `$EDITOR`.
    pub(in crate::app) fn payload_edited(&mut self, text: &str) {
        if let Some(edit) = long_row(self).and_then(|row| self.compose.text_mut(&row)) {
            edit.set(text.trim_end_matches('\n'));
        }
    }

    /// The mouse did something in this tab.
    pub(in crate::app) fn compose_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press | MouseAct::DoublePress, Some(Target::Row(Place::ComposeForm, row))) => {
                let again = self.compose.cursor == row;
                if self.compose.editing && !again {
                    self.stop_editing();
                }
                self.compose.cursor = row;
                if mouse.act == MouseAct::DoublePress {
                    self.run(Action::EditField);
                }
            }
            (MouseAct::Press, Some(Target::Part(Place::ComposeForm, row, _))) => {
                self.compose.cursor = row;
                self.toggle_row();
            }
            (MouseAct::Press, Some(Target::Row(Place::Ledger, row))) => self.compose.ledger.cursor = row,
            (MouseAct::DoublePress, Some(Target::Row(Place::Ledger, row))) => {
                self.compose.ledger.cursor = row;
                if was_sent(self).is_ok() {
                    self.run(Action::ShowInStream);
                }
            }
            (MouseAct::ScrollUp, _) => self.run(Action::Up),
            (MouseAct::ScrollDown, _) => self.run(Action::Down),
            _ => {}
        }
    }

    fn ask_or_send(&mut self, unchecked: bool) {
        match self.compose_connection() {
            Some(connection) if connection.production => {
                let question = ASK_PRODUCTION.with(&[&printable(&connection.name)]);
                self.open_overlay(Overlay::Confirm { question, then: Confirmed::Send { unchecked } });
            }
            _ => self.send_composed(unchecked),
        }
    }

    /// Sends what is composed.
    pub(in crate::app) fn send_composed(&mut self, unchecked: bool) {
        let Some(id) = self.compose_connection().map(|connection| connection.id) else {
            self.tell(Severity::Warning, NO_CONNECTION);
            return;
        };
        let begun = self.compose_pace().and_then(|pace| Ok((pace, self.compose_content()?)));
        match begun {
            Ok((pace, content)) if pace.is_single() => {
                if let Err(reason) = self.send_content(id, &content, !unchecked, 1) {
                    self.tell(Severity::Warning, reason);
                }
            }
            Ok((pace, content)) => self.begin_series(id, content, pace, !unchecked),
            Err(reason) => self.tell(Severity::Warning, reason),
        }
    }

    /// Fills the places of a content for its sending with this number, and sends it.
    pub(super) fn send_content(
        &mut self,
        id: ConnectionId,
        content: &Content,
        check: bool,
        number: u64,
    ) -> Result<(), Phrase> {
        let mut places = self.compose.places.clone();
        (places.now, places.count) = (self.now(), number);
        let draft = self.fill_content(content, &mut places)?;
        self.compose.places = places;
        self.send_draft(id, draft, check);
        Ok(())
    }

    /// Sends a message as it is and enters it into the ledger.
    pub(in crate::app) fn send_message(
        &mut self,
        id: ConnectionId,
        topic: String,
        payload: Vec<u8>,
        qos: u8,
        retain: bool,
    ) {
        self.send_draft(id, Draft::Message { topic, payload, qos, retain }, true);
    }

    fn send_draft(&mut self, id: ConnectionId, draft: Draft, check: bool) {
        if let Draft::Operator(line) = &draft {
            self.compose.connection = Some(id);
            if let Err(fault) = self.operate_line(line) {
                self.tell(Severity::Warning, fault);
            }
            return;
        }
        let Some(online) = self.connections.get(id).map(crate::app::Connection::is_online) else {
            self.tell(Severity::Warning, GONE_CONNECTION);
            return;
        };
        let key = self.new_request();
        let (op, device, gist, command) = match &draft {
            Draft::Operator(_) => return,
            Draft::Operation(request) => (
                Some(request.op),
                request.device.clone().or_else(|| self.compose_devices().first().cloned()),
                gist(request),
                Command::Request { key, request: request.clone(), timeout: None, check },
            ),
            Draft::Message { topic, payload, qos, retain } => (
                None,
                None,
                format!("{} {}", topic, printable_bytes(payload.get(..64).unwrap_or(payload))),
                Command::Publish { key, topic: topic.clone(), payload: payload.clone(), qos: *qos, retain: *retain },
            ),
        };
        self.compose.ledger.add(Row {
            key,
            at: self.now,
            connection: id,
            op,
            device,
            gist,
            request_id: None,
            inferred: false,
            topic: String::new(),
            payload: Vec::new(),
            qos: 1,
            timeout: None,
            states: Vec::new(),
            draft,
        });
        self.effect(Effect::Command(id, command));
        if !online {
            self.tell(Severity::Info, QUEUED_OFFLINE);
        }
    }

    /// What a session tells of a request.
    pub(in crate::app) fn compose_notice(&mut self, notice: &Notice, range: SeqRange) {
        self.compose.ledger.notice(notice, range);
    }
}

/// What a request says, in a few words: `Power=true temperature=26`.
fn gist(request: &crate::model::Request) -> String {
    let mut parts: Vec<String> = request.name.iter().cloned().collect();
    parts.extend(request.params.iter().map(|(name, value)| format!("{name}={value}")));
    parts.extend(request.identifiers.iter().cloned());
    if !request.raw.is_empty() {
        parts.push(printable_bytes(request.raw.get(..32).unwrap_or(&request.raw)).into_owned());
    }
    parts.join(" ")
}
