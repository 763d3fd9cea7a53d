//! L4: the application without a terminal.
//!
//! [`App::update`] is the only mutator and only pushes [`Effect`]s; the loop that owns the links carries them out and
//! sends what comes of them back as [`Msg`]. Drawing reads the [`App`] and changes nothing.
//!
//! A key travels so: the *places* that have the focus, from the innermost outwards, are looked up in the key table
//! ([`keys`]); the first row that holds the key names an [`Action`], and [`App::run`] runs it. Mouse, palette and `:` run
//! the same actions. A place that takes text gets every key that its own rows do not want.

pub mod action;
pub mod captures;
pub mod checkups;
pub mod compose;
pub mod conditions;
pub mod connections;
pub mod device;
pub mod edit;
pub mod effect;
pub mod events;
pub mod faults;
pub mod frames;
pub mod input;
pub mod inspect;
pub mod keymap;
pub mod keys;
mod mouse;
pub mod overlay;
pub mod picker;
pub mod place;
mod privacy;
pub mod profiles;
pub mod sign;
pub mod splits;
pub mod stream;
mod texts;
pub mod tour;
mod typing;

#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::base::lang::{Lang, Phrase, Text};
use crate::base::time::Time;
use crate::model::{Batch, ConnectionId, Fields, Notice, RequestKey, Severity};
use crate::profile::ProfileError;
use crate::profile::collection::SavedRequest;
use crate::profile::stream_file::StreamFile;
use crate::profile::workspace::{Layout, Workspace};
use crate::session::checkup::Progress;
use crate::session::thing::rules::Rules;
use crate::store::{Seq, SeqRange, Store};

pub use action::Action;
pub use captures::{Captures, RecordingNews};
pub use checkups::Checkup;
pub use compose::Compose;
pub use connections::{Connection, Connections, KnownProfile};
pub use device::Devices;
pub use effect::{
    CaptureWanted, Copied, EditSubject, Effect, ExportPart, FileFor, ProfileDeed, ProfileDone, RecordWanted,
    RulesWanted,
};
pub use events::Events;
pub use frames::Frames;
pub use input::{Key, KeyCode, Mouse, MouseAct, Target};
use keymap::Keymap;
pub use overlay::{Confirmed, Overlay, Palette};
pub use place::{Place, Tab};
pub use profiles::ProfileForm;
pub use sign::Sign;
use splits::Splits;
use stream::{Requests, StreamState};
use tour::Tour;

/// How the application starts.
#[derive(Default)]
pub struct AppConfig {
    /// The language of the interface.
    pub lang: Lang,
    /// Every profile that can be connected, the shipped ones included.
    pub profiles: Vec<KnownProfile>,
    /// Names of those to connect at once.
    pub open: Vec<String>,
    /// The tab to begin with; Stream where something is opened at once, Connections otherwise.
    pub demo: bool,
    /// Whether there is a demo to go to.
    pub has_demo: bool,
    /// How the screen was divided before.
    pub layout: Layout,
    /// The workspace to open at once.
    pub workspace: Option<Workspace>,
    /// Keys, with the user's own changes.
    pub keymap: Keymap,
    /// Whether the mouse is taken at the start.
    pub mouse: bool,
    /// Whether the tour begins at once.
    pub tour: bool,
    /// Bytes of history to keep.
    pub history: usize,
    /// Whether the history may grow with the captures that are opened: nobody said how large it may be.
    pub history_grows: bool,
    /// Captures to open at once.
    pub captures: Vec<CaptureWanted>,
    /// Seed for everything that is chosen at random.
    pub seed: u64,
    /// What is wrong and is to be told at once: broken profiles, settings that cannot hold.
    pub faults: Vec<Phrase>,
    /// The control address of a simulated cloud, where one is known.
    pub control: Option<String>,
    /// Reads an environment variable, for `{{env NAME}}` in messages; none is known where this is `None`.
    pub env: Option<fn(&str) -> Option<String>>,
}

/// What the application is told.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed or repeats.
    Key(Key),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The terminal has a new size, or must be drawn anew for another reason.
    Resize,
    /// The program was to go into the background, where no shell could bring it back.
    NoShell,
    /// Messages and notices of a connection.
    Batch(Batch),
    /// The time given by [`App::next_wake`] has come.
    Tick,
    /// There is nothing else to do: time for a slice of long work.
    Work,
    /// A connection could not even be tried (a secret that cannot be read).
    OpenFailed(ConnectionId, Phrase),
    /// The editor was closed.
    Edited(EditSubject, Result<Option<String>, Phrase>),
    /// The rules of a simulated device were read, or something is wrong with them.
    Rules {
        /// The connection of the device.
        id: ConnectionId,
        /// The file.
        path: PathBuf,
        /// The rules, or what is wrong and where.
        rules: Result<Arc<Rules>, Phrase>,
    },
    /// Text was copied, or not.
    Copied(Copied),
    /// The requests that are kept, and what is wrong with files that hold some.
    Requests(Vec<SavedRequest>, Vec<ProfileError>),
    /// A file was written, or not.
    Saved(Result<PathBuf, Phrase>),
    /// A recording began, goes on, or has ended.
    Recording(RecordingNews),
    /// A capture could not be opened.
    CaptureFailed(Phrase),
    /// A part of an export could not be written.
    ExportFailed(PathBuf, Phrase),
    /// A file was read for the Frames tab, or not.
    FileRead {
        /// What it is for.
        wanted: FileFor,
        /// Its path as it was asked for.
        path: String,
        /// What is in it.
        read: Result<Vec<u8>, Phrase>,
    },
    /// Something was done with the files of profiles and workspaces.
    Profiles(ProfileDone),
    /// What is kept about the stream was read, or something is wrong with it.
    StreamFile(Result<StreamFile, Vec<ProfileError>>),
    /// A command that decodes a message has ended.
    Decoded(Seq, Result<String, Phrase>),
    /// The console of a simulated cloud has answered, with a request object or why there is none.
    Operated(RequestKey, Result<serde_json::Value, Phrase>),
    /// A thing model was fetched for a connection, or not.
    ModelFetched(ConnectionId, Result<String, Phrase>),
    /// The doctor says something.
    Examined {
        /// The profile's place among the profiles.
        profile: usize,
        /// What it says; `None` when it has ended.
        progress: Option<Progress>,
    },
    /// The secrets of a profile were fetched for the form of the Sign tab.
    Fetched {
        /// Its place among the profiles.
        profile: usize,
        /// `[identity]` with its secrets, or why there is none.
        identity: Result<Fields, Phrase>,
    },
}

/// A line that tells what just happened.
#[derive(Debug, Clone)]
pub struct Toast {
    /// What happened.
    pub text: Phrase,
    /// How bad it is; an error stays until it is dismissed or replaced.
    pub severity: Severity,
    /// Since when it is shown.
    pub at: Time,
}

/// How long a message that needs no action is shown.
const TOAST_TIME: Duration = Duration::from_secs(6);

/// The whole state of the application.
pub struct App {
    /// The language of the interface.
    pub lang: Lang,
    /// Every message that is kept.
    pub store: Store,
    /// Profiles and connections.
    pub connections: Connections,
    /// The Stream tab.
    pub stream: StreamState,
    /// The Compose tab.
    pub compose: Compose,
    /// What the doctor found.
    pub checkups: Vec<Checkup>,
    /// The Frames tab.
    pub frames: Frames,
    /// The Sign tab.
    pub sign: Sign,
    /// The Device tab.
    pub devices: Devices,
    /// The Events tab.
    pub events: Events,
    /// Recordings, opened captures and exports.
    pub captures: Captures,
    /// Whether this is the demo.
    pub demo: bool,
    /// Whether there is a demo to go to.
    pub has_demo: bool,
    /// Whether the demo is to be opened when this ends.
    pub demo_next: bool,
    /// Which keys run what.
    pub keymap: Keymap,
    /// Where the tour is, if it is under way or offered.
    pub tour: Option<Tour>,
    /// Whether the mouse is taken.
    pub mouse_taken: bool,
    /// Whether names of devices are covered on the screen.
    pub private: bool,
    /// How the screen is divided.
    pub splits: Splits,
    /// Messages that had to be dropped, over all connections.
    pub lost: u64,
    /// Which stored message is which request or reply.
    requests: Requests,
    tab: Tab,
    /// The area that has the focus, per tab.
    focus: Vec<(Tab, Place)>,
    overlays: Vec<Overlay>,
    toast: Option<Toast>,
    effects: Vec<Effect>,
    next_request: u64,
    quitting: bool,
    now: Time,
    /// When a character was typed where nothing takes text.
    stray: Option<Time>,
}

impl App {
    /// The application at its start. Its first effects open the connections that were asked for.
    pub fn new(config: AppConfig, now: Time) -> App {
        let opens = !config.open.is_empty() || !config.captures.is_empty();
        let mut app = App {
            lang: config.lang,
            store: Store::new(config.history),
            connections: Connections::new(config.profiles, config.seed),
            stream: StreamState::default(),
            compose: Compose::new(config.seed, config.env, now).with_control(config.control),
            checkups: Vec::new(),
            frames: Frames::default(),
            sign: Sign::default(),
            devices: Devices::default(),
            events: Events::default(),
            captures: Captures::new(config.history_grows),
            demo: config.demo,
            has_demo: config.has_demo,
            demo_next: false,
            keymap: config.keymap,
            tour: config.demo.then_some(Tour::OFFERED),
            mouse_taken: config.mouse,
            private: false,
            splits: Splits::default(),
            lost: 0,
            requests: Requests::default(),
            tab: if opens { Tab::Stream } else { Tab::Connections },
            focus: Vec::new(),
            overlays: Vec::new(),
            toast: None,
            effects: Vec::new(),
            next_request: 1,
            quitting: false,
            now,
            stray: None,
        };
        app.effect(Effect::LoadStreamFile);
        for name in &config.open {
            app.open_by_name(name);
        }
        for wanted in config.captures {
            app.open_captures(wanted);
        }
        app.take_layout(&Layout { tab: None, ..config.layout });
        if let Some(workspace) = config.workspace {
            app.open_workspace(&workspace);
        }
        app.offer_start();
        if config.tour {
            app.next_of_tour();
        }
        app.tell_faults(config.faults);
        app
    }

    /// The only mutator. What is to be done about the world is collected in [`App::effects`].
    pub fn update(&mut self, msg: Msg, now: Time) {
        self.now = now;
        match msg {
            Msg::Key(key) => self.key_event(key),
            Msg::Mouse(mouse) => self.mouse(mouse),
            Msg::Paste(text) => self.paste(&text),
            Msg::Resize => {}
            Msg::NoShell => self.tell(Severity::Warning, NO_SHELL),
            Msg::Batch(batch) => self.batch(&batch),
            Msg::Tick => self.go_on_with_series(),
            Msg::Work => {
                self.stream_work();
                self.export_work();
            }
            Msg::OpenFailed(id, reason) => self.open_failed(id, reason),
            Msg::Edited(subject, result) => self.edited(subject, result),
            Msg::Rules { id, path, rules } => self.rules_read(id, path, rules),
            Msg::Copied(copied) => self.copied(copied),
            Msg::Requests(requests, faults) => self.requests_loaded(requests, &faults),
            Msg::Saved(result) => self.saved(result),
            Msg::Recording(news) => self.recording_news(news),
            Msg::CaptureFailed(reason) => self.capture_failed(reason),
            Msg::ExportFailed(path, reason) => self.export_failed(&path, reason),
            Msg::FileRead { wanted, path, read } => self.frames_file(wanted, &path, read),
            Msg::Profiles(done) => self.profiles_done(done),
            Msg::StreamFile(read) => self.stream_file_read(read),
            Msg::Decoded(seq, output) => {
                self.stream.decoders.decoded(seq, output);
                self.stream.inspector.forget();
            }
            Msg::Operated(key, answer) => self.operated(key, answer),
            Msg::ModelFetched(id, fetched) => self.model_fetched(id, fetched),
            Msg::Examined { profile, progress } => self.examined(profile, progress),
            Msg::Fetched { profile, identity } => self.sign_filled(profile, identity),
        }
        self.look_at_tour(None);
        if self
            .toast
            .as_ref()
            .is_some_and(|toast| toast.severity != Severity::Error && now.since(toast.at) >= TOAST_TIME)
        {
            self.toast = None;
        }
    }

    /// Takes what is to be done.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// When [`Msg::Tick`] is wanted; `None` while nothing on the screen changes by itself.
    pub fn next_wake(&self, now: Time) -> Option<Time> {
        let second = Time::from_secs(now.as_secs() + 1);
        let toast = self.toast.as_ref().filter(|toast| toast.severity != Severity::Error).map(|t| t.at + TOAST_TIME);
        // Rates fall to zero by themselves for as long as their window reaches back to a message.
        let flowing = self
            .store
            .traffic()
            .last_at()
            .is_some_and(|at| now.since(at) < Duration::from_secs(crate::store::RATE_WINDOW * 2));
        let counting = self.connections.counting(now)
            || self.is_examining()
            || self.compose.ledger.open() > 0
            || (self.tab == Tab::Sign && self.sign.expires_at().is_some_and(|at| at > now));
        let tree = if self.tab == Tab::Stream { self.stream.next_change(&self.store) } else { None };
        [toast, (flowing || counting).then_some(second), self.series_wake(), tree].into_iter().flatten().min()
    }

    /// Whether [`Msg::Work`] is wanted.
    pub fn has_work(&self) -> bool {
        self.stream.has_work() || self.is_exporting()
    }

    /// Works out what is drawn on a screen of this size. Comes before every frame, so that drawing changes nothing.
    pub fn prepare(&mut self, width: u16, height: u16, now: Time) {
        self.now = now;
        // Header and footer, and the message line where there is one.
        let taken = 2 + u16::from(self.toast.is_some()) + u16::from(self.tour.is_some());
        match self.tab {
            Tab::Stream => {
                self.prepare_stream(width, height.saturating_sub(taken));
                if let Some(wanted) = self.stream.decoders.take_wanted() {
                    self.effect(Effect::Decode(wanted));
                }
            }
            Tab::Frames => self.prepare_frames(width, height.saturating_sub(taken)),
            _ => {}
        }
    }

    /// The tab that is shown.
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// How many things of a tab wait to be seen.
    pub fn badge(&self, tab: Tab) -> Option<usize> {
        match tab {
            Tab::Compose => Some(self.compose.ledger.open()).filter(|open| *open > 0),
            Tab::Events => Some(self.events.unread()).filter(|unread| *unread > 0),
            _ => None,
        }
    }

    /// The time of the last update: what durations on the screen are measured against.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The areas of the tab, in the order in which `tab` goes through them; the first has the focus at the start.
    pub fn areas(&self) -> Vec<Place> {
        match self.tab {
            Tab::Connections => vec![Place::Connections, Place::ConnectionLog],
            Tab::Stream => self.stream.areas(),
            Tab::Compose => self.compose_areas(),
            Tab::Frames => self.frames_areas(),
            Tab::Sign => self.sign_areas(),
            Tab::Device => vec![Place::Device, Place::DeviceLog],
            Tab::Events => vec![Place::Events],
        }
    }

    /// The area of the tab that has the focus.
    pub fn area(&self) -> Place {
        let areas = self.areas();
        let wanted = self.focus.iter().find(|(tab, _)| *tab == self.tab).map(|(_, place)| *place);
        wanted.filter(|place| areas.contains(place)).or(areas.first().copied()).unwrap_or(Place::Global)
    }

    /// Whether the focus is where the tab has it at the start, so that there is no level to go back.
    fn area_is_first(&self) -> bool {
        self.areas().first() == Some(&self.area())
    }

    /// Gives the focus to an area of the tab that is shown.
    pub fn focus(&mut self, place: Place) {
        let tab = self.tab;
        self.focus.retain(|(of, _)| *of != tab);
        self.focus.push((tab, place));
    }

    /// The place that gets keys first: an overlay, a text being typed, or the area with the focus.
    pub fn place(&self) -> Place {
        match self.overlays.last() {
            Some(overlay) => overlay.place(),
            None => self.area(),
        }
    }

    /// The places that get a key, in order.
    pub fn places(&self) -> Vec<Place> {
        let place = self.place();
        if place.is_overlay() || place.takes_text() { vec![place] } else { vec![place, Place::Global] }
    }

    /// What lies over the tab, the topmost last.
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// The message line.
    pub fn toast(&self) -> Option<&Toast> {
        self.toast.as_ref()
    }

    /// Whether the loop should end.
    pub fn is_quitting(&self) -> bool {
        self.quitting
    }

    /// Shows a message line.
    pub fn tell(&mut self, severity: Severity, text: impl Into<Phrase>) {
        self.toast = Some(Toast { text: text.into(), severity, at: self.now });
    }

    /// Says why an action does not work now.
    fn tell_disabled(&mut self, action: Action, reason: Text) {
        let (action, reason) = (action.title().get(self.lang), reason.get(self.lang));
        self.tell(Severity::Warning, DISABLED.with(&[&action, &reason]));
    }

    /// Asks for something to be done.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// A key for a new request.
    pub fn new_request(&mut self) -> RequestKey {
        self.next_request += 1;
        RequestKey(self.next_request - 1)
    }

    /// Shows a tab.
    pub fn show(&mut self, tab: Tab) {
        self.tab = tab;
        match tab {
            Tab::Events => self.events.read(),
            Tab::Compose => self.settle_form(),
            Tab::Sign => self.sign.work_out(self.now),
            _ => {}
        }
    }

    /// Puts an overlay on top.
    pub fn open_overlay(&mut self, overlay: Overlay) {
        self.overlays.push(overlay);
    }

    /// Runs an action, whoever asked for it.
    pub fn run(&mut self, action: Action) {
        self.look_at_tour(Some(action));
        if self.run_in_overlay(action)
            || self.split_action(action)
            || self.run_everywhere(action)
            || self.capture_action(action)
        {
            return;
        }
        let known = match self.tab {
            Tab::Connections => self.connections_action(action),
            Tab::Stream => self.stream_action(action),
            Tab::Compose => self.compose_action(action),
            Tab::Frames => self.frames_action(action),
            Tab::Sign => self.sign_action(action),
            Tab::Device => self.device_action(action),
            Tab::Events => self.events_action(action),
        };
        // Profiles are made wherever one is.
        if known || (self.tab != Tab::Connections && self.profile_action(action)) {
            return;
        }
        if let Some(binding) = keys::row_of(action) {
            // Only the palette can name an action of another tab.
            let place = binding.place.title().get(self.lang);
            self.tell(Severity::Info, NOT_HERE.with(&[&action.title().get(self.lang), &place]));
        }
    }

    /// Actions that mean the same wherever the focus is.
    fn run_everywhere(&mut self, action: Action) -> bool {
        match action {
            Action::Help => {
                let place = self.place();
                self.overlays.push(Overlay::Help { of: place, scroll: 0 });
            }
            Action::Palette => self.overlays.push(Overlay::Palette(Palette::new(self))),
            Action::Quit => self.ask_to_quit(),
            Action::NextTab | Action::PreviousTab => {
                let count = Tab::ALL.len();
                let step = if action == Action::NextTab { 1 } else { count - 1 };
                if let Some(tab) = Tab::ALL.get((self.tab.number() - 1 + step) % count) {
                    self.show(*tab);
                }
            }
            Action::FocusNext | Action::FocusPrevious => {
                let areas = self.areas();
                let at = areas.iter().position(|place| *place == self.area()).unwrap_or_default();
                let step = if action == Action::FocusNext { 1 } else { areas.len().saturating_sub(1) };
                if let Some(place) = areas.get((at + step) % areas.len().max(1)) {
                    self.focus(*place);
                }
            }
            Action::Dismiss => self.toast = None,
            Action::Tour => self.next_of_tour(),
            Action::Suspend => self.effect(Effect::Pause),
            Action::ToggleMouse => {
                self.mouse_taken = !self.mouse_taken;
                self.effect(Effect::Mouse(self.mouse_taken));
                self.tell(Severity::Info, if self.mouse_taken { MOUSE_ON } else { MOUSE_OFF });
            }
            Action::TogglePrivacy => self.private = !self.private,
            Action::SwitchLanguage => {
                self.lang = match self.lang {
                    Lang::En => Lang::Zh,
                    Lang::Zh => Lang::En,
                };
            }
            // Who types leaves the text first.
            Action::Back if self.toast.is_some() && !self.place().takes_text() => self.toast = None,
            Action::Back if self.tour.is_some() && self.area_is_first() => self.tour = None,
            _ => match Tab::ALL.iter().find(|tab| tab.action() == action) {
                Some(tab) => self.show(*tab),
                None => return false,
            },
        }
        true
    }

    fn ask_to_quit(&mut self) {
        let open = self.connections.online();
        if open == 0 || self.demo {
            self.quit();
        } else {
            self.overlays.push(Overlay::Confirm { question: QUIT_CONNECTED.with(&[&open]), then: Confirmed::Quit });
        }
    }

    /// Ends the application without asking again.
    pub fn quit(&mut self) {
        self.quitting = true;
        self.effects.push(Effect::Quit);
    }

    /// What came from a connection: messages go into the store, notices to whom they concern.
    fn batch(&mut self, batch: &Batch) {
        self.make_room_for(batch);
        let range = self.store.push(batch);
        let mut noted = self.requests.absorb(&mut self.store, batch, range);
        let id = batch.connection();
        for notice in batch.notices() {
            self.notice(id, notice, range);
        }
        self.hear_model(batch);
        noted.extend(self.pair_captured(batch, range));
        self.stream.on_batch(&self.store, range);
        self.stream.list.reconsider(&self.store, &noted);
    }

    fn notice(&mut self, id: ConnectionId, notice: &Notice, range: SeqRange) {
        if let Notice::Lost { count, .. } = notice {
            self.lost = self.lost.saturating_add(*count);
        }
        if let Notice::Thing { what, at, .. } = notice {
            self.devices.told(id, what.clone(), *at);
        }
        self.capture_notice(notice);
        self.compose_notice(notice, range);
        self.event_of(id, notice);
        self.connections.notice(id, notice);
        if let Notice::Learned { .. } = notice {
            self.record_origin(id);
        }
    }

    fn edited(&mut self, subject: EditSubject, result: Result<Option<String>, Phrase>) {
        match (subject, result) {
            (_, Err(reason)) => self.tell(Severity::Error, reason),
            (EditSubject::File(path), Ok(text)) => self.profile_edited(&path, &text.unwrap_or_default()),
            (EditSubject::Rules { id, .. }, Ok(path)) => {
                let path = path.map(PathBuf::from);
                self.rules_edited(id, path);
            }
            (EditSubject::StreamFile, Ok(_)) => self.effect(Effect::LoadStreamFile),
            (EditSubject::Payload, Ok(text)) => self.payload_edited(&text.unwrap_or_default()),
        }
    }

    fn copied(&mut self, copied: Copied) {
        let (severity, text) = match copied {
            Copied::Clipboard(bytes) => (Severity::Info, COPIED.with(&[&bytes])),
            Copied::Terminal(bytes) => (Severity::Info, COPIED_OSC52.with(&[&bytes])),
            Copied::File(path) => (Severity::Warning, COPIED_FILE.with(&[&path.display()])),
            Copied::Failed(reason) => (Severity::Error, reason),
        };
        self.tell(severity, text);
    }
}

use texts::*;
