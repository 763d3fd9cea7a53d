//! The Connections tab, and what every tab needs to know of the connections.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::app::action::Action;
use crate::app::effect::{EditSubject, Effect};
use crate::app::input::{Mouse, MouseAct, Target};
use crate::app::overlay::{Confirmed, Overlay};
use crate::app::{App, Place};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text::{duration_short, local_time, printable};
use crate::base::time::Time;
use crate::dialect::{ConnectionSettings, Context, Dialect};
use crate::model::{ConnectionId, LinkState, Notice, Origin, Role, Severity, StageReport, ThingModel};
use crate::profile::Profile;
use crate::session::thing::{Behaviour, ThingConfig};
use crate::session::{Command, Reconnect, SessionConfig};
use crate::store::{ConnectionName, Names};

/// A profile with its thing model.
#[derive(Debug, Clone)]
pub struct KnownProfile {
    /// The profile; secrets still as the file names them.
    pub profile: Profile,
    /// Its thing model; the dialect's demo model where it names none.
    pub model: ThingModel,
    /// Whether the model is the profile's own.
    pub own_model: bool,
}

impl KnownProfile {
    /// A profile with the model that was read from the file it names, if it names one.
    pub fn new(profile: Profile, model: Option<ThingModel>) -> KnownProfile {
        let own_model = model.is_some();
        let model = model.unwrap_or_else(|| profile.dialect.demo_model());
        KnownProfile { profile, model, own_model }
    }

    /// The simulated device behind a device profile.
    fn thing(&self) -> Option<ThingConfig> {
        let simulate = &self.profile.simulate;
        (self.profile.role == Role::Device).then(|| ThingConfig {
            number: 0,
            model: Arc::new(self.model.clone()),
            values: Map::new(),
            behaviour: Behaviour::default(),
            rules: Default::default(),
            report_every: simulate.report_every,
            event_every: simulate.event_every,
            drift: simulate.drift,
        })
    }
}

/// A line of the log of an attempt.
#[derive(Debug, Clone)]
pub enum LogLine {
    /// An attempt began.
    Attempt,
    /// A stage was over.
    Stage(StageReport),
    /// The connection came into a state.
    State(LinkState),
}

/// One connection that was opened in this run.
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The profile it was made from.
    pub profile: usize,
    /// Its name.
    pub name: String,
    /// Its platform.
    pub dialect: &'static dyn Dialect,
    /// The side it plays.
    pub role: Role,
    /// Whether sending asks first.
    pub production: bool,
    /// What the profile says, secrets unresolved, or what the connection has learned since: identity and devices for the
    /// dialect's context.
    pub settings: ConnectionSettings,
    /// The thing model, the dialect's demo model where the profile names none.
    pub model: ThingModel,
    /// Its state.
    pub state: LinkState,
    /// Since when.
    pub since: Time,
    /// The log of the last attempt.
    pub log: Vec<(Time, LogLine)>,
    /// When its login expires.
    pub expires: Option<Time>,
    /// Whether a link exists that can be told to connect; there is none when its secrets could not be read.
    linked: bool,
    /// Whether the profile was edited since the link was made.
    pub(super) stale: bool,
    /// The simulated device's values, once it told them.
    pub values: Map<String, Value>,
    /// Whether it is a connection of a capture, which nothing can be sent on.
    pub captured: bool,
}

/// Marks that tell connections apart.
const GLYPHS: [&str; 10] = ["●", "◆", "■", "▲", "★", "✚", "○", "◇", "□", "△"];

/// How many lines of one attempt are kept.
const LOG_LINES: usize = 200;

impl Connection {
    /// What a dialect needs to know to read and write on its behalf.
    pub fn context(&self, lang: Lang) -> Context<'_> {
        Context {
            role: self.role,
            identity: &self.settings.identity,
            devices: &self.settings.devices,
            model: Some(&self.model),
            lang,
        }
    }

    /// A mark that tells connections apart without colour.
    pub fn glyph(&self) -> &'static str {
        GLYPHS.get(self.colour() % GLYPHS.len()).copied().unwrap_or("●")
    }

    /// Its place in the order of colours.
    pub fn colour(&self) -> usize {
        usize::from(self.id.0.saturating_sub(1))
    }

    /// Whether a link exists for it.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, LinkState::Closed | LinkState::Refused(_))
    }

    /// Whether messages flow.
    pub fn is_online(&self) -> bool {
        self.state == LinkState::Online
    }

    /// Its state in a few words.
    pub fn state_words(&self, lang: Lang, now: Time) -> String {
        match &self.state {
            LinkState::Closed if self.captured => CAPTURED.get(lang).to_owned(),
            LinkState::Closed => CLOSED.get(lang).to_owned(),
            LinkState::Connecting(stage) => CONNECTING.fill(lang, &[&stage.title().get(lang)]),
            LinkState::Online => ONLINE.get(lang).to_owned(),
            LinkState::Waiting { until, .. } => WAITING.fill(lang, &[&(until.since(now).as_millis().div_ceil(1000))]),
            LinkState::Refused(reason) => REFUSED.fill(lang, &[&printable(&reason.render(lang))]),
        }
    }

    /// Tells it a notice of its session.
    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::State { state, at } => {
                let first =
                    matches!(state, LinkState::Connecting(_)) && !matches!(self.state, LinkState::Connecting(_));
                if first {
                    self.log.clear();
                    self.log.push((*at, LogLine::Attempt));
                }
                if !matches!(state, LinkState::Connecting(_)) {
                    self.line(*at, LogLine::State(state.clone()));
                }
                self.state = state.clone();
                self.since = *at;
            }
            Notice::Stage { report, at } => self.line(*at, LogLine::Stage(report.clone())),
            Notice::Expires { at } => self.expires = Some(*at),
            Notice::Thing { values, .. } => self.values = values.clone(),
            Notice::Learned { identity, devices } => {
                self.settings.identity = identity.clone();
                self.settings.devices.clone_from(devices);
            }
            _ => {}
        }
    }

    fn line(&mut self, at: Time, line: LogLine) {
        if self.log.len() < LOG_LINES {
            self.log.push((at, line));
        }
    }

    /// The log of the last attempt as text.
    fn log_text(&self, lang: Lang) -> String {
        let mut out = format!("{} ({} {})\n", self.name, self.dialect.spec().name, self.role);
        for (at, line) in &self.log {
            let words = match line {
                LogLine::Attempt => ATTEMPT.get(lang).to_owned(),
                LogLine::State(LinkState::Refused(reason)) => REFUSED.fill(lang, &[&reason.render(lang)]),
                LogLine::State(LinkState::Waiting { reason, .. }) => reason.render(lang),
                LogLine::State(LinkState::Online) => ONLINE.get(lang).to_owned(),
                LogLine::State(_) => CLOSED.get(lang).to_owned(),
                LogLine::Stage(report) => {
                    let advice = report.advice.as_ref().map(|a| format!(" — {}", a.render(lang))).unwrap_or_default();
                    let mark = if report.ok { "ok" } else { "FAILED" };
                    let title = report.stage.title().get(lang);
                    let detail = report.detail.render(lang);
                    format!("{title} {mark} {} {detail}{advice}", duration_short(report.elapsed))
                }
            };
            out.push_str(&format!("{} {}\n", local_time(*at), printable(&words)));
        }
        out
    }
}

/// Profiles and connections.
pub struct Connections {
    /// Profiles. A place is never given to another: what was deleted is marked, and what is new comes last.
    pub(super) profiles: Vec<KnownProfile>,
    /// Their places, grouped by dialect and role, without those that were deleted.
    pub(super) order: Vec<usize>,
    /// Connections, in the order in which they were opened.
    pub(super) open: Vec<Connection>,
    /// The profile under the cursor.
    pub cursor: usize,
    /// First line of the log that is shown.
    pub log_scroll: usize,
    next: u16,
    seed: u64,
}

impl Connections {
    /// No connection yet.
    pub fn new(mut profiles: Vec<KnownProfile>, seed: u64) -> Connections {
        profiles.sort_by_key(|known| (known.profile.dialect.spec().name, known.profile.role));
        let order = (0..profiles.len()).collect();
        Connections { profiles, order, open: Vec::new(), cursor: 0, log_scroll: 0, next: 1, seed }
    }

    /// The places of the profiles in the order of the list: grouped by dialect and role.
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// Every profile by its place, also those that were deleted; [`Connections::order`] leaves these out.
    pub fn profiles(&self) -> &[KnownProfile] {
        &self.profiles
    }

    /// Every connection of this run.
    pub fn all(&self) -> &[Connection] {
        &self.open
    }

    /// What the connections are called, for filters.
    pub fn names(&self) -> Arc<Names> {
        let names = self.open.iter().map(|connection| ConnectionName {
            id: connection.id,
            name: connection.name.clone(),
            dialect: connection.dialect.spec().name,
            role: connection.role,
        });
        Arc::new(Names::new(names.collect()))
    }

    /// A connection by its number.
    pub fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.open.iter().find(|connection| connection.id == id)
    }

    /// The connection made from a profile, if it was opened in this run.
    pub fn of_profile(&self, profile: usize) -> Option<&Connection> {
        self.open.iter().find(|connection| connection.profile == profile)
    }

    /// The profile under the cursor.
    pub fn selected(&self) -> Option<&KnownProfile> {
        self.profiles.get(self.cursor).filter(|_| self.order.contains(&self.cursor))
    }

    /// The connection of the profile under the cursor.
    pub fn selected_connection(&self) -> Option<&Connection> {
        self.of_profile(self.cursor)
    }

    /// Puts the cursor on the profile of a connection.
    pub fn select(&mut self, id: ConnectionId) {
        if let Some(profile) =
            self.get(id).filter(|connection| !connection.captured).map(|connection| connection.profile)
        {
            self.cursor = profile;
        }
    }

    /// Takes numbers for connections of a capture: the first of so many.
    pub(super) fn reserve(&mut self, count: u16) -> u16 {
        let first = self.next;
        self.next = first.saturating_add(count);
        first
    }

    /// A connection of a capture. A profile of the same name, platform and role lends its thing model.
    pub(super) fn adopt(&mut self, id: ConnectionId, origin: &Origin, dialect: &'static dyn Dialect, now: Time) {
        let identity = origin.identity.clone();
        let settings =
            ConnectionSettings { identity, devices: origin.devices.clone(), ..ConnectionSettings::default() };
        let known = self.profiles.iter().find(|known| {
            let profile = &known.profile;
            (profile.name.as_str(), profile.dialect.spec().name, profile.role)
                == (origin.name.as_str(), dialect.spec().name, origin.role)
        });
        let model = known.map(|known| known.model.clone()).or_else(|| dialect.known_model(&settings));
        let connection = Connection {
            id,
            profile: usize::MAX,
            name: origin.name.clone(),
            dialect,
            role: origin.role,
            production: false,
            settings,
            model: model.unwrap_or_else(|| dialect.demo_model()),
            state: LinkState::Closed,
            since: now,
            log: Vec::new(),
            expires: None,
            linked: false,
            stale: false,
            values: Map::new(),
            captured: true,
        };
        match self.open.iter_mut().find(|open| open.id == id) {
            Some(open) => *open = connection,
            None => self.open.push(connection),
        }
    }

    /// Lets a connection and its profile use a thing model; a simulated device takes it up when it is connected again.
    pub(super) fn set_model(&mut self, id: ConnectionId, model: &ThingModel) {
        let Some(connection) = self.open.iter_mut().find(|connection| connection.id == id) else { return };
        connection.model = model.clone();
        connection.stale |= connection.role == Role::Device;
        if let Some(known) = self.profiles.get_mut(connection.profile) {
            (known.model, known.own_model) = (model.clone(), true);
        }
    }

    /// Number of connections with a link.
    pub fn online(&self) -> usize {
        self.open.iter().filter(|connection| connection.is_open()).count()
    }

    /// Whether something counts down: a wait, or a login that expires.
    pub fn counting(&self, now: Time) -> bool {
        let waits = |connection: &Connection| matches!(connection.state, LinkState::Waiting { .. });
        self.open.iter().any(waits) || self.next_expiry().is_some_and(|at| at > now)
    }

    /// When the first of the logins in use expires.
    pub fn next_expiry(&self) -> Option<Time> {
        self.open.iter().filter(|connection| connection.is_open()).filter_map(|connection| connection.expires).min()
    }

    /// Tells a connection a notice of its session.
    pub(super) fn notice(&mut self, id: ConnectionId, notice: &Notice) {
        if let Some(connection) = self.open.iter_mut().find(|connection| connection.id == id) {
            connection.notice(notice);
        }
    }
}

/// From when on a narrow status line shows the countdown of a login.
pub const EXPIRY_SHOWN: Duration = Duration::from_secs(3600);

/// The profile under the cursor can be connected or disconnected.
pub fn can_toggle(app: &App) -> Result<(), Text> {
    app.connections.selected().map(|_| ()).ok_or(NO_PROFILE)
}

/// The profile under the cursor is not connected.
pub fn can_connect(app: &App) -> Result<(), Text> {
    can_toggle(app)?;
    match app.connections.selected_connection() {
        Some(connection) if connection.is_online() => Err(ALREADY_ONLINE),
        _ => Ok(()),
    }
}

/// The profile under the cursor has a link.
pub fn can_disconnect(app: &App) -> Result<(), Text> {
    match app.connections.selected_connection() {
        Some(connection) if connection.is_open() => Ok(()),
        _ => Err(NOT_CONNECTED),
    }
}

/// The profile under the cursor is a file.
pub fn can_edit(app: &App) -> Result<(), Text> {
    match app.connections.selected() {
        Some(known) if known.profile.path.is_some() => Ok(()),
        Some(_) => Err(BUILT_IN),
        None => Err(NO_PROFILE),
    }
}

/// There was an attempt, or a checkup.
pub fn has_log(app: &App) -> Result<(), Text> {
    match app.connections.selected_connection() {
        Some(connection) if !connection.log.is_empty() => Ok(()),
        _ if app.checkup().is_some() => Ok(()),
        _ => Err(NO_ATTEMPT),
    }
}

impl App {
    /// Opens the profile of that name; tells it if there is none.
    pub(super) fn open_by_name(&mut self, name: &str) {
        match self
            .connections
            .order
            .iter()
            .copied()
            .find(|at| self.connections.profiles.get(*at).is_some_and(|known| known.profile.name == name))
        {
            Some(profile) => {
                // What was asked for first is what a person wants to read about first.
                if self.connections.open.is_empty() {
                    self.connections.cursor = profile;
                }
                self.connect(profile);
            }
            None => self.tell(Severity::Error, NO_SUCH_PROFILE.with(&[&printable(name)])),
        }
    }

    /// Opens the link of a profile, or makes its waiting link try now.
    pub fn connect(&mut self, profile: usize) {
        let now = self.now;
        self.warn_of_twins(profile);
        if let Some(connection) = self.connections.of_profile(profile) {
            let (id, linked, stale) = (connection.id, connection.linked, connection.stale);
            if linked && !stale {
                self.effect(Effect::Command(id, Command::Connect));
                return;
            }
            if linked {
                self.effect(Effect::Close(id));
            }
        }
        // A connection keeps its number, so that messages of an earlier link still show whose they are.
        let before = self.connections.of_profile(profile).map(|connection| connection.id.0);
        let number = before.unwrap_or(self.connections.next);
        let seed = self.connections.seed.wrapping_add(u64::from(number));
        let Some(known) = self.connections.profiles.get(profile) else { return };
        let id = ConnectionId(number);
        let model = known.model.clone();
        let profile_of = &known.profile;
        let connection = Connection {
            id,
            profile,
            name: profile_of.name.clone(),
            dialect: profile_of.dialect,
            role: profile_of.role,
            production: profile_of.production,
            settings: profile_of.settings.clone(),
            model: model.clone(),
            state: LinkState::Closed,
            since: now,
            log: Vec::new(),
            expires: None,
            linked: true,
            stale: false,
            values: Map::new(),
            captured: false,
        };
        let config = SessionConfig {
            dialect: profile_of.dialect,
            role: profile_of.role,
            settings: profile_of.settings.clone(),
            model: Some(Arc::new(model)),
            reconnect: Reconnect::BackOff,
            thing: known.thing(),
            seed,
        };
        let profile = Box::new(known.profile.clone());
        if let Some(thing) = &config.thing {
            self.devices.open(id, thing.report_every);
        }
        match self.connections.open.iter_mut().find(|open| open.id == id) {
            Some(open) => *open = connection,
            None => {
                self.connections.next = number.saturating_add(1);
                self.connections.open.push(connection);
            }
        }
        let rules = profile.simulate.rules.clone();
        self.effect(Effect::Open { id, profile, config: Box::new(config) });
        self.record_origin(id);
        self.follow_rules(id, rules);
    }

    /// A platform lets a device in once: an older connection with the same identity is closed. Tells it where that one
    /// is a connection of this run.
    fn warn_of_twins(&mut self, profile: usize) {
        let Some(known) = self.connections.profiles.get(profile).map(|known| &known.profile) else { return };
        let same = |other: &&Connection| {
            let (own, others) = (&known.settings, &other.settings);
            other.profile != profile
                && other.is_open()
                && (other.role, other.dialect.spec().name) == (known.role, known.dialect.spec().name)
                && (&others.identity, &others.server) == (&own.identity, &own.server)
        };
        if known.role == Role::Device
            && let Some(twin) = self.connections.open.iter().find(same)
        {
            let words = TWIN.with(&[&printable(&known.name), &printable(&twin.name)]);
            let (id, now) = (twin.id, self.now);
            self.event_of(id, &Notice::Warning { what: words.clone(), at: now });
            self.tell(Severity::Warning, words);
        }
    }

    pub(super) fn disconnect(&mut self, id: ConnectionId) {
        self.effect(Effect::Command(id, Command::Disconnect));
    }

    /// A connection could not even be tried: it is shown as refused, and a later attempt starts from nothing.
    pub(super) fn open_failed(&mut self, id: ConnectionId, reason: Phrase) {
        let now = self.now;
        if let Some(connection) = self.connections.open.iter_mut().find(|connection| connection.id == id) {
            connection.linked = false;
            connection.notice(&Notice::State { state: LinkState::Refused(reason.clone()), at: now });
            self.tell(Severity::Error, reason);
        }
    }

    /// A profile's file was edited: what it says now holds from the next attempt on; what is wrong with it is told.
    pub(super) fn profile_edited(&mut self, path: &Path, text: &str) {
        let Some(index) =
            self.connections.profiles.iter().position(|known| known.profile.path.as_deref() == Some(path))
        else {
            return;
        };
        let name = self.connections.profiles.get(index).map(|known| known.profile.name.clone()).unwrap_or_default();
        match Profile::parse(text, &name, Some(path)) {
            Err(error) => {
                let words = error.render(self.lang);
                self.tell(Severity::Error, Phrase::verbatim(words));
            }
            Ok(profile) => {
                if let Some(known) = self.connections.profiles.get_mut(index) {
                    known.profile = profile;
                }
                if let Some(connection) = self.connections.open.iter_mut().find(|open| open.profile == index) {
                    connection.stale = true;
                }
                self.tell(Severity::Info, EDITED.with(&[&path.display()]));
            }
        }
    }

    pub(super) fn connections_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Row(Place::Connections, row))) => self.connections.cursor = row,
            (MouseAct::DoublePress, Some(Target::Row(Place::Connections, row))) => {
                self.connections.cursor = row;
                self.run(Action::ToggleConnection);
            }
            (MouseAct::ScrollUp, _) => self.run(Action::Up),
            (MouseAct::ScrollDown, _) => self.run(Action::Down),
            _ => {}
        }
    }

    pub(super) fn connections_action(&mut self, action: Action) -> bool {
        if self.checkup_action(action) {
            return true;
        }
        let last = self.connections.order.len().saturating_sub(1);
        let row = self.connections.order.iter().position(|at| *at == self.connections.cursor).unwrap_or_default();
        if self.area() == Place::ConnectionLog {
            let scroll = &mut self.connections.log_scroll;
            match action {
                Action::Up => *scroll = scroll.saturating_sub(1),
                Action::Down => *scroll += 1,
                Action::PageUp => *scroll = scroll.saturating_sub(10),
                Action::PageDown => *scroll += 10,
                Action::First => *scroll = 0,
                Action::Back => self.focus(Place::Connections),
                _ => return self.connection_command(action),
            }
            return true;
        }
        if let Some(row) = action.moved(row, last) {
            let profile = self.connections.order.get(row).copied().unwrap_or_default();
            if self.connections.cursor != profile {
                self.connections.cursor = profile;
                self.connections.log_scroll = 0;
            }
            return true;
        }
        match action {
            Action::Back | Action::Left => {}
            Action::Right => self.focus(Place::ConnectionLog),
            _ => return self.connection_command(action),
        }
        true
    }

    fn connection_command(&mut self, action: Action) -> bool {
        let selected = self.connections.selected_connection();
        match action {
            Action::ToggleConnection => match selected.filter(|connection| connection.is_open()) {
                Some(connection) if connection.is_online() => {
                    let (id, name) = (connection.id, connection.name.clone());
                    let question = ASK_DISCONNECT.with(&[&printable(&name)]);
                    self.open_overlay(Overlay::Confirm { question, then: Confirmed::Disconnect(id) });
                }
                Some(connection) => {
                    let id = connection.id;
                    self.disconnect(id);
                }
                None => self.connect(self.connections.cursor),
            },
            Action::Connect => self.connect(self.connections.cursor),
            Action::Disconnect => {
                if let Some(id) = selected.map(|connection| connection.id) {
                    self.disconnect(id);
                }
            }
            Action::EditProfileFile => {
                if let Some(path) = self.connections.selected().and_then(|known| known.profile.path.clone()) {
                    self.effect(Effect::Edit { subject: EditSubject::File(path), text: String::new() });
                }
            }
            Action::CopyLog => {
                let log = selected.map(|connection| connection.log_text(self.lang)).unwrap_or_default();
                let text = log + &self.checkup().map(|checkup| checkup.text(self.lang)).unwrap_or_default();
                if !text.is_empty() {
                    self.effect(Effect::Copy(text));
                }
            }
            _ => return self.profile_action(action),
        }
        true
    }
}

const TWIN: Text = Text::new(
    "{} has the identity of {}, which is connected: the platform lets a device in once, and the two will throw each other out",
    "{} 与已连接的 {} 身份相同：平台只允许同一设备在线一次，双方会互踢下线",
);
const EDITED: Text = Text::new("edited {}; connect again to use it", "已编辑 {}，重新连接后生效");
const CLOSED: Text = Text::new("closed", "已断开");
const CAPTURED: Text = Text::new("recorded", "录制");
const CONNECTING: Text = Text::new("connecting: {}", "连接中：{}");
const ONLINE: Text = Text::new("online", "在线");
const WAITING: Text = Text::new("waiting {} s", "等待 {} 秒后重连");
const REFUSED: Text = Text::new("refused: {}", "被拒绝：{}");
const ATTEMPT: Text = Text::new("attempt begins", "开始连接");
pub(super) const NO_PROFILE: Text = Text::new("there is no profile; n makes one", "没有配置，可按 n 新建");
const ALREADY_ONLINE: Text = Text::new("already online", "已经在线");
const NOT_CONNECTED: Text = Text::new("not connected", "未连接");
const BUILT_IN: Text = Text::new(
    "this profile is part of iotdbg; duplicate it (D) to make one of your own",
    "这是内置配置，可按 D 复制为自己的配置",
);
const NO_ATTEMPT: Text = Text::new("no attempt was made yet", "还没有连接过");
const NO_SUCH_PROFILE: Text = Text::new("there is no profile named “{}”", "没有名为“{}”的配置");
const ASK_DISCONNECT: Text = Text::new("Disconnect {}?", "断开 {} 吗？");
