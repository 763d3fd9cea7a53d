//! What keys and mouse do on the Stream tab.

use crate::app::action::Action;
use crate::app::effect::{EditSubject, Effect};
use crate::app::input::{Key, KeyCode, Mouse, MouseAct, Target};
use crate::app::inspect::Mode;
use crate::app::keys::Binding;
use crate::app::overlay::{Confirmed, Overlay};
use crate::app::stream::commands::{self, Tool};
use crate::app::stream::export::{self, Draft, Part};
use crate::app::stream::list::{HuntEnd, Quarry, RequestTie};
use crate::app::stream::{Focus, Grouping, Scene, StreamState, texts};
use crate::app::{App, Place, Tab, conditions as when};
use crate::base::lang::Text;
use crate::base::text;
use crate::model::{Direction, Severity};
use crate::store::Seq;

const ENTER: &[Key] = &[Key::plain(KeyCode::Enter)];
const ESC: &[Key] = &[Key::plain(KeyCode::Esc)];
const SLASH: &[Key] = &[Key::char('/')];
const Z: &[Key] = &[Key::char('z')];
const COPY: &[Key] = &[Key::char('y')];
const MODE: &[Key] = &[Key::char('v')];
const TREE: &[Key] = &[Key::char('t')];

/// Rows of the key table that belong to this tab.
pub const KEYS: &[Binding] = &[
    Binding::shown(Place::Stream, SLASH, Action::EditFilter, when::always),
    Binding::shown(Place::Stream, &[Key::char(' ')], Action::Pause, when::always),
    Binding::shown(Place::Stream, ENTER, Action::Inspect, has_message),
    Binding::shown(Place::Stream, COPY, Action::CopyMenu, has_message),
    Binding::shown(Place::Stream, &[Key::char('n')], Action::NextFailure, when::always),
    Binding::quiet(Place::Stream, &[Key::char('N')], Action::PreviousFailure, when::always),
    Binding::shown(Place::Stream, &[Key::char('.')], Action::NextOfRequest, has_request_id),
    Binding::quiet(Place::Stream, &[Key::char(',')], Action::PreviousOfRequest, has_request_id),
    Binding::shown(Place::Stream, &[Key::char('r')], Action::Resend, can_resend),
    Binding::shown(Place::Stream, &[Key::char('a')], Action::AnswerThis, can_answer),
    Binding::quiet(Place::Stream, &[Key::char('d')], Action::TakeDraft, has_message),
    Binding::quiet(Place::Stream, &[Key::char('A')], Action::AnswerDraft, can_answer),
    Binding::quiet(Place::Stream, &[Key::char('m')], Action::Mark, has_message),
    Binding::quiet(Place::Stream, &[Key::char('\'')], Action::NextMark, has_marks),
    Binding::quiet(Place::Stream, &[Key::char('"')], Action::PreviousMark, has_marks),
    Binding::quiet(Place::Stream, TREE, Action::ToggleTree, when::always),
    Binding::quiet(Place::Stream, &[Key::char('T')], Action::RevealTopic, has_message),
    Binding::quiet(Place::Stream, &[Key::char('x')], Action::ClearFilter, has_filter),
    Binding::quiet(Place::Stream, &[Key::char('f')], Action::FindTopic, when::always),
    Binding::quiet(Place::Stream, &[Key::char('D')], Action::ListDevices, when::always),
    Binding::quiet(Place::Stream, &[Key::char('M')], Action::MarkNote, has_message),
    Binding::quiet(Place::Stream, &[Key::char('`')], Action::ListMarks, has_marks),
    Binding::quiet(Place::Stream, &[Key::char('@')], Action::GoToTime, when::always),
    Binding::quiet(Place::Stream, &[Key::char('i')], Action::NextClock, when::always),
    Binding::quiet(Place::Stream, &[Key::char('F')], Action::SavedFilters, when::always),
    Binding::quiet(Place::Stream, &[Key::ctrl('e')], Action::EditStreamFile, when::always),
    Binding::quiet(Place::Tree, &[Key::char('f')], Action::FindTopic, when::always),
    Binding::quiet(Place::Tree, &[Key::char('D')], Action::ListDevices, when::always),
    Binding::quiet(Place::Tree, &[Key::char('F')], Action::SavedFilters, when::always),
    Binding::shown(Place::Filter, &[Key::ctrl('s')], Action::KeepFilter, when::always),
    Binding::quiet(Place::Stream, &[Key::char('P')], Action::TogglePackets, when::always),
    Binding::quiet(Place::Stream, Z, Action::Zoom, when::always),
    Binding::quiet(Place::Stream, MODE, Action::NextMode, is_inspecting),
    Binding::shown(Place::Tree, ENTER, Action::Inspect, when::always),
    Binding::shown(Place::Tree, SLASH, Action::EditFilter, when::always),
    Binding::shown(Place::Tree, &[Key::char('s')], Action::SortTopics, when::always),
    Binding::shown(Place::Tree, &[Key::char('b')], Action::GroupTree, when::always),
    Binding::quiet(Place::Tree, &[Key::char(' ')], Action::Pause, when::always),
    Binding::quiet(Place::Tree, &[Key::char('-')], Action::FoldAll, when::always),
    Binding::quiet(Place::Tree, &[Key::char('+')], Action::UnfoldAll, when::always),
    Binding::quiet(Place::Tree, &[Key::char('x')], Action::ClearFilter, has_filter),
    Binding::quiet(Place::Tree, TREE, Action::ToggleTree, when::always),
    Binding::quiet(Place::Tree, Z, Action::Zoom, when::always),
    Binding::shown(Place::Inspect, MODE, Action::NextMode, when::always),
    Binding::shown(Place::Inspect, Z, Action::Zoom, when::always),
    Binding::shown(Place::Inspect, COPY, Action::CopyMenu, has_message),
    Binding::quiet(Place::Inspect, ENTER, Action::ToggleField, when::always),
    Binding::shown(Place::Inspect, &[Key::char('n')], Action::NextFailure, when::always),
    Binding::quiet(Place::Inspect, &[Key::char('N')], Action::PreviousFailure, when::always),
    Binding::shown(Place::Inspect, &[Key::char('.')], Action::NextOfRequest, has_request_id),
    Binding::quiet(Place::Inspect, &[Key::char(',')], Action::PreviousOfRequest, has_request_id),
    Binding::quiet(Place::Inspect, &[Key::char(' ')], Action::Pause, when::always),
    Binding::quiet(Place::Inspect, &[Key::char('r')], Action::Resend, can_resend),
    Binding::quiet(Place::Inspect, &[Key::char('a')], Action::AnswerThis, can_answer),
    Binding::quiet(Place::Inspect, &[Key::char('d')], Action::TakeDraft, has_message),
    Binding::quiet(Place::Inspect, &[Key::char('A')], Action::AnswerDraft, can_answer),
    Binding::quiet(Place::Inspect, SLASH, Action::EditFilter, when::always),
    Binding::shown(Place::Filter, &[Key::plain(KeyCode::Tab)], Action::CompleteFilter, has_completions),
    Binding::shown(Place::Filter, ENTER, Action::SubmitText, when::always),
    Binding::shown(Place::Filter, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::CopyMenu, &[Key::char('y'), Key::char('p')], Action::CopyPayload, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('t')], Action::CopyTopic, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('h')], Action::CopyHex, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('d')], Action::CopyDecoded, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('j')], Action::CopyJson, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('f')], Action::CopyFile, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('c')], Action::CopyCommand, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('m')], Action::CopyMosquitto, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('x')], Action::CopyMqttx, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('u')], Action::CopyCurl, has_message),
    Binding::shown(Place::CopyMenu, &[Key::char('P')], Action::CopyPython, has_message),
    Binding::shown(Place::CopyMenu, ESC, Action::Back, when::always),
];

fn has_message(app: &App) -> Result<(), Text> {
    let seq = app.stream.list.selected().ok_or(texts::NO_MESSAGE)?;
    app.store.get(seq).map(|_| ()).ok_or(texts::HAS_LEFT)
}

fn has_request_id(app: &App) -> Result<(), Text> {
    has_message(app)?;
    app.selected_message().and_then(|message| message.request_id()).map(|_| ()).ok_or(texts::NO_REQUEST_ID)
}

fn has_marks(app: &App) -> Result<(), Text> {
    if app.stream.list.marks() > 0 { Ok(()) } else { Err(texts::NO_MARKS) }
}

fn has_filter(app: &App) -> Result<(), Text> {
    if app.stream.filter.is_active() || app.stream.scope().is_some() { Ok(()) } else { Err(texts::NO_FILTER) }
}

fn has_completions(app: &App) -> Result<(), Text> {
    if app.stream.filter.completions().is_empty() { Err(texts::NO_COMPLETION) } else { Ok(()) }
}

fn is_inspecting(app: &App) -> Result<(), Text> {
    if app.stream.is_inspecting() { Ok(()) } else { Err(texts::NO_INSPECTOR) }
}

fn can_resend(app: &App) -> Result<(), Text> {
    has_message(app)?;
    app.selected_is(|direction, online| match (direction, online) {
        (Direction::In, _) => Err(texts::NOT_OURS),
        (_, false) => Err(texts::NOT_ONLINE),
        _ => Ok(()),
    })
}

fn can_answer(app: &App) -> Result<(), Text> {
    has_message(app)?;
    app.selected_is(|direction, online| match (direction, online) {
        (Direction::Out, _) => Err(texts::OURS),
        (_, false) => Err(texts::NOT_ONLINE),
        _ => Ok(()),
    })?;
    let is_request = app.selected_message().is_some_and(|message| {
        message.meta.kind.part() == crate::model::kind::Part::Request && message.direction == Direction::In
    });
    if is_request { Ok(()) } else { Err(texts::NOT_A_REQUEST) }
}

impl StreamState {
    /// The areas of the tab, in the order in which `tab` goes through them.
    pub fn areas(&self) -> Vec<Place> {
        if self.is_copying() {
            return vec![Place::CopyMenu];
        }
        if self.filter.is_editing() {
            return vec![Place::Filter];
        }
        let mut areas = vec![Place::Stream];
        areas.extend(self.is_inspecting().then_some(Place::Inspect));
        areas.push(Place::Tree);
        areas
    }

    /// Shows a message: selects it, whatever the filter says.
    pub fn show(&mut self, seq: Seq) {
        self.list.select(seq);
    }
}

impl App {
    /// Works out what is drawn on the Stream tab of this size.
    pub fn prepare_stream(&mut self, width: u16, height: u16) {
        // Not `self.scene()`, which would borrow the stream too.
        let scene = Scene { store: &self.store, peers: &self.connections, now: self.now, lang: self.lang };
        let focus = match self.stream_focus() {
            Place::Tree => Focus::Tree,
            Place::Inspect => Focus::Inspect,
            _ => Focus::List,
        };
        if self.stream.memory.asks_for_names() {
            self.stream.memory.rename(self.connections.names());
        }
        self.stream.prepare(&scene, focus, &self.splits, width, height);
    }

    /// The area of the tab that has the focus, also while a text is typed or something is to be copied.
    pub fn stream_focus(&self) -> Place {
        let wanted = self.focus.iter().find(|(tab, _)| *tab == Tab::Stream).map(|(_, place)| *place);
        match wanted {
            Some(Place::Inspect) if !self.stream.is_inspecting() => Place::Stream,
            Some(place) => place,
            None => Place::Stream,
        }
    }

    fn selected_message(&self) -> Option<crate::model::MessageRef<'_>> {
        self.store.get(self.stream.list.selected()?)
    }

    fn selected_is(&self, test: impl Fn(Direction, bool) -> Result<(), Text>) -> Result<(), Text> {
        let message = self.selected_message().ok_or(texts::NO_MESSAGE)?;
        let connection = self.connections.get(message.connection).ok_or(texts::NO_SUCH_CONNECTION)?;
        test(message.direction, connection.is_online())
    }

    /// A slice of long work, and the word on how a search ended.
    pub(in crate::app) fn stream_work(&mut self) {
        self.stream.work(&self.store);
        if self.stream.take_hunt_end() == Some(HuntEnd::None) {
            self.tell(Severity::Info, texts::NONE_FURTHER);
        }
    }

    /// Runs an action of this tab; `false` if it is none.
    pub(in crate::app) fn stream_action(&mut self, action: Action) -> bool {
        let focus = self.stream_focus();
        let page = match focus {
            Place::Tree => self.stream.layout().tree.rows(),
            Place::Inspect => self.stream.body_rows(),
            _ => self.stream.layout().list.rows(),
        };
        let page = isize::try_from(page.saturating_sub(1).max(1)).unwrap_or(1);
        match action {
            Action::Up => self.stream_step(focus, -1),
            Action::Down => self.stream_step(focus, 1),
            Action::PageUp => self.stream_step(focus, -page),
            Action::PageDown => self.stream_step(focus, page),
            Action::First => self.stream_end(focus, false),
            Action::Last => self.stream_end(focus, true),
            Action::Left => self.stream_sideways(focus, false),
            Action::Right => self.stream_sideways(focus, true),
            Action::Back => self.stream_back(focus),
            Action::Pause => self.stream.list.toggle_pause(&self.store),
            Action::Inspect => match focus {
                Place::Tree => self.focus(Place::Stream),
                _ => self.open_message(),
            },
            Action::ToggleField => self.stream.inspector.toggle(),
            Action::EditFilter => {
                let names = self.connections.names();
                self.stream.filter.open(names);
            }
            Action::CompleteFilter => {
                self.stream.filter.complete();
                self.stream.apply_filter(&self.store);
            }
            Action::SubmitText => {
                self.stream.filter.accept();
            }
            Action::ClearFilter => self.clear_filter(),
            Action::NextFailure => self.stream.list.hunt(Quarry::Failure, true),
            Action::PreviousFailure => self.stream.list.hunt(Quarry::Failure, false),
            Action::NextOfRequest => self.hunt_request(true),
            Action::PreviousOfRequest => self.hunt_request(false),
            Action::Mark => self.mark(),
            Action::NextMark => self.stream.list.hunt(Quarry::Mark, true),
            Action::PreviousMark => self.stream.list.hunt(Quarry::Mark, false),
            Action::CopyMenu => self.stream.set_copying(true),
            Action::CopyPayload => self.copy_message(Part::Payload),
            Action::CopyTopic => self.copy_message(Part::Topic),
            Action::CopyHex => self.copy_message(Part::Hex),
            Action::CopyCommand => self.copy_message(Part::Command),
            Action::CopyDecoded => self.copy_message(Part::Decoded),
            Action::CopyJson => self.copy_message(Part::Json),
            Action::CopyFile => self.payload_into_file(),
            Action::CopyMosquitto => self.copy_command(Tool::Mosquitto),
            Action::CopyMqttx => self.copy_command(Tool::Mqttx),
            Action::CopyCurl => self.copy_command(Tool::Curl),
            Action::CopyPython => self.copy_command(Tool::Python),
            Action::ToFrames => self.hand_to_frames(),
            Action::Resend => self.resend(),
            Action::AnswerThis => match self.answer_draft() {
                Some(draft) => self.offer(draft),
                None => self.tell(Severity::Warning, texts::NO_ANSWER),
            },
            Action::TakeDraft => match self.selected_message().map(|message| export::resend(&message)) {
                Some(draft) => self.take_as_draft(draft),
                None => self.tell(Severity::Warning, texts::HAS_LEFT),
            },
            Action::AnswerDraft => match self.answer_draft() {
                Some(draft) => self.take_as_draft(draft),
                None => self.tell(Severity::Warning, texts::NO_ANSWER),
            },
            Action::Zoom => self.stream.toggle_zoom(),
            Action::ToggleTree => {
                self.stream.toggle_tree();
                if focus == Place::Tree {
                    self.focus(Place::Stream);
                }
            }
            Action::FindTopic => self.pick_topic(),
            Action::ListDevices => self.pick_device(),
            Action::ListMarks => self.pick_mark(),
            Action::MarkNote => self.ask_for_note(),
            Action::GoToTime => self.ask_for_time(),
            Action::NextClock => self.stream.next_clock(),
            Action::SavedFilters => self.pick_filter(),
            Action::KeepFilter => self.ask_to_keep_filter(),
            Action::EditStreamFile => {
                self.effect(Effect::Edit { subject: EditSubject::StreamFile, text: String::new() });
            }
            Action::TogglePackets => {
                let on = self.stream.toggle_packets();
                self.effect(Effect::ShowPackets(on));
                self.tell(Severity::Info, if on { texts::PACKETS_ON } else { texts::PACKETS_OFF });
            }
            Action::RevealTopic => self.reveal_topic(),
            Action::SortTopics => {
                let sort = self.stream.tree.sort().next();
                self.stream.tree.sort_by(sort);
            }
            Action::GroupTree => {
                self.stream.group_by(match self.stream.tree.grouping() {
                    Grouping::Topics => Grouping::Devices,
                    Grouping::Devices => Grouping::Topics,
                });
                self.stream.apply_filter(&self.store);
            }
            Action::FoldAll => {
                self.stream.tree.fold_all(true);
                self.stream.apply_filter(&self.store);
            }
            Action::UnfoldAll => self.stream.tree.fold_all(false),
            Action::NextMode => {
                let mode = self.stream.inspector.mode().next();
                self.stream.inspector.set_mode(mode);
            }
            _ => return false,
        }
        true
    }

    fn stream_step(&mut self, focus: Place, by: isize) {
        match focus {
            Place::Tree => {
                self.stream.tree.step(by);
                self.stream.apply_filter(&self.store);
            }
            Place::Inspect => {
                let (rows, per_row) = (self.stream.body_rows(), self.stream.per_row());
                self.stream.inspector.step(by, rows, per_row);
            }
            _ => self.stream.list.step(by),
        }
    }

    fn stream_end(&mut self, focus: Place, last: bool) {
        match focus {
            Place::Stream if last => self.stream.list.last(),
            Place::Stream => self.stream.list.first(),
            _ => self.stream_step(focus, if last { isize::MAX / 64 } else { isize::MIN / 64 }),
        }
    }

    fn stream_sideways(&mut self, focus: Place, right: bool) {
        match (focus, right) {
            (Place::Tree, _) => {
                let tree = &mut self.stream.tree;
                let is_leaf = tree.folded(tree.selected()) != Some(true);
                if right && is_leaf {
                    self.focus(Place::Stream);
                } else {
                    tree.fold(!right);
                    self.stream.apply_filter(&self.store);
                }
            }
            (Place::Inspect, _) => self.stream.inspector.sideways(right),
            (_, true) => self.open_message(),
            (_, false) => self.focus(Place::Tree),
        }
    }

    /// One level back: what was opened last is closed first, then the filter goes, then the selection of the tree.
    fn stream_back(&mut self, focus: Place) {
        if self.stream.is_copying() {
            self.stream.set_copying(false);
        } else if self.stream.filter.is_editing() {
            self.stream.filter.cancel();
            self.stream.apply_filter(&self.store);
        } else if self.stream.list.is_hunting() {
            self.stream.list.call_off();
        } else if self.stream.is_zoomed() {
            self.stream.toggle_zoom();
        } else if focus == Place::Inspect {
            self.stream.set_inspecting(false);
            self.focus(Place::Stream);
        } else if self.stream.is_inspecting() && focus == Place::Stream {
            self.stream.set_inspecting(false);
        } else if focus == Place::Tree && self.stream.scope().is_none() {
            self.focus(Place::Stream);
        } else {
            self.clear_filter();
        }
    }

    /// Takes away the words first, and the selection of the tree only when there are none.
    fn clear_filter(&mut self) {
        if self.stream.filter.is_active() || !self.stream.filter.text().is_empty() {
            self.stream.filter.clear();
        } else {
            self.stream.tree.select_all();
        }
        self.stream.apply_filter(&self.store);
    }

    fn open_message(&mut self) {
        if let Err(reason) = has_message(self) {
            return self.tell(Severity::Warning, reason);
        }
        // Who opens a message wants to read it: it stays, whatever arrives.
        if let Some(seq) = self.stream.list.selected() {
            self.stream.list.select(seq);
        }
        self.stream.set_inspecting(true);
        self.focus(Place::Inspect);
    }

    fn hunt_request(&mut self, forward: bool) {
        match self.selected_message().as_ref().and_then(RequestTie::of) {
            Some(tie) => self.stream.list.hunt(Quarry::SameRequest(tie), forward),
            None => self.tell(Severity::Warning, texts::NO_REQUEST_ID),
        }
    }

    fn mark(&mut self) {
        self.stream.list.toggle_mark();
        let marks = self.stream.list.marks();
        self.tell(Severity::Info, texts::MARKED.with(&[&marks, &'\'', &'"']));
    }

    fn copy_message(&mut self, part: Part) {
        self.stream.set_copying(false);
        let scene = self.scene();
        let Some(message) = self.selected_message() else {
            return self.tell(Severity::Warning, texts::HAS_LEFT);
        };
        let text = export::copy(part, &message, scene.peer_of(&message).as_ref());
        self.effect(Effect::Copy(text));
    }

    fn copy_command(&mut self, tool: Tool) {
        self.stream.set_copying(false);
        let written = {
            let scene = self.scene();
            self.selected_message().map(|message| {
                let peer = scene.peer_of(&message);
                commands::write(tool, &message, peer.map_or("PROFILE", |peer| peer.profile))
            })
        };
        match written {
            Some(Ok(text)) => self.effect(Effect::Copy(text)),
            Some(Err(reason)) => self.tell(Severity::Warning, reason),
            None => self.tell(Severity::Warning, texts::HAS_LEFT),
        }
    }

    /// Writes the payload, byte for byte, into a file of the working directory.
    fn payload_into_file(&mut self) {
        self.stream.set_copying(false);
        let bytes = self.selected_message().map(|message| message.payload.to_vec());
        let found = self.stream.list.selected().zip(bytes);
        match found {
            Some((seq, bytes)) => {
                let ending = if std::str::from_utf8(&bytes).is_ok() { "txt" } else { "bin" };
                let stamp: String = text::local_date_time(self.now).chars().filter(char::is_ascii_digit).collect();
                self.effect(Effect::SaveFile { name: format!("iotdbg-{stamp}-{}.{ending}", seq.0), bytes });
            }
            None => self.tell(Severity::Warning, texts::HAS_LEFT),
        }
    }

    fn resend(&mut self) {
        match self.selected_message().map(|message| export::resend(&message)) {
            Some(draft) => self.offer(draft),
            None => self.tell(Severity::Warning, texts::HAS_LEFT),
        }
    }

    /// The good answer to the selected message.
    fn answer_draft(&self) -> Option<Draft> {
        let scene = self.scene();
        self.selected_message().and_then(|message| export::answer(&message, &scene.peer_of(&message)?, self.now))
    }

    /// Sends a message, after a question where the profile is marked as production.
    fn offer(&mut self, draft: Draft) {
        let connection = self.connections.get(draft.connection);
        if connection.is_some_and(|connection| connection.production) {
            let name = connection.map(|connection| connection.name.clone()).unwrap_or_default();
            let question = texts::SEND_ON_PRODUCTION.with(&[&text::printable(&draft.topic), &text::printable(&name)]);
            self.open_overlay(Overlay::Confirm { question, then: Confirmed::Publish(Box::new(draft)) });
        } else {
            self.publish_draft(draft);
        }
    }

    /// Sends a message as it is.
    pub(in crate::app) fn publish_draft(&mut self, draft: Draft) {
        let Draft { connection, topic, payload, qos, retain } = draft;
        self.tell(Severity::Info, texts::SENT_TO.with(&[&text::printable(&topic)]));
        self.send_message(connection, topic, payload, qos, retain);
    }

    fn reveal_topic(&mut self) {
        let Some(topic) = self.selected_message().map(|message| message.topic.to_owned()) else { return };
        self.stream.group_by(Grouping::Topics);
        self.stream.tree.refresh(&self.store, self.now);
        self.stream.tree.reveal(&topic);
        self.stream.apply_filter(&self.store);
        self.focus(Place::Tree);
    }

    /// A key typed into a text of this tab.
    pub(in crate::app) fn stream_key(&mut self, key: Key) {
        if self.stream.is_copying() {
            self.stream.set_copying(false);
        } else if self.stream.filter.is_editing() {
            self.stream.filter.key(key);
            self.stream.apply_filter(&self.store);
        }
    }

    /// Text pasted into a text of this tab.
    pub(in crate::app) fn stream_paste(&mut self, text: &str) {
        self.stream.filter.paste(text);
        self.stream.apply_filter(&self.store);
    }

    /// The mouse did something in this tab.
    pub(in crate::app) fn stream_mouse(&mut self, mouse: Mouse) {
        let wheel = match mouse.act {
            MouseAct::ScrollUp => -3,
            MouseAct::ScrollDown => 3,
            _ => 0,
        };
        let place = match mouse.target {
            Some(Target::Area(place) | Target::Row(place, _) | Target::Part(place, ..)) => place,
            _ => Place::Stream,
        };
        if wheel != 0 {
            return match place {
                Place::Tree => self.stream_step(Place::Tree, wheel),
                Place::Inspect => self.stream_step(Place::Inspect, wheel),
                _ => {
                    let height = self.stream.layout().list.rows();
                    self.stream.list.scroll(wheel, height);
                }
            };
        }
        match (mouse.act, mouse.target) {
            (MouseAct::Press | MouseAct::Drag, Some(Target::Row(Place::Stream, row))) => {
                self.stream.list.select_place(row);
            }
            (MouseAct::DoublePress, Some(Target::Row(Place::Stream, _))) => self.open_message(),
            (act, Some(Target::Row(Place::Tree, row))) => self.click_topic(act, row),
            (_, Some(Target::Part(Place::Inspect, 0, row))) => {
                let again = self.stream.inspector.fields().cursor() == row && mouse.act == MouseAct::Press;
                self.stream.inspector.set_mode(Mode::Fields);
                self.stream.inspector.select_row(row);
                if again {
                    self.stream.inspector.toggle();
                }
            }
            (_, Some(Target::Part(Place::Inspect, 1, byte))) => {
                self.stream.inspector.set_mode(Mode::Hex);
                self.stream.inspector.select_byte(byte);
            }
            (MouseAct::Press, Some(Target::Part(Place::Inspect, 2, mode))) => {
                if let Some(mode) = Mode::ALL.get(mode) {
                    self.stream.inspector.set_mode(*mode);
                }
            }
            _ => {}
        }
    }

    fn click_topic(&mut self, act: MouseAct, row: usize) {
        if !matches!(act, MouseAct::Press | MouseAct::DoublePress) {
            return;
        }
        let again = self.stream.tree.cursor() == row;
        self.stream.tree.select_row(row);
        if again {
            self.stream.tree.toggle();
        }
        self.stream.apply_filter(&self.store);
    }
}
