//! Conversations in virtual time.

mod calling;
mod connecting;
mod fake;
mod framing;
mod interleaving;
mod platform;
mod requesting;
mod ruled;
mod simulating;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::base::lang::{Lang, Phrase};
use crate::base::time::Time;
use crate::dialect::{ConnectionSettings, Dialect};
use crate::model::{
    Direction, Fields, LinkState, Notice, OpKind, Request, RequestInfo, RequestKey, RequestState, Role, Stage,
    StageReport,
};
use crate::session::thing::ThingConfig;
use crate::session::{Action, Command, LinkEvent, Outgoing, Reconnect, Session, SessionConfig, Ticket};
use fake::{FAKE, values};

/// A session, the hands that move it, and everything that it said.
struct Desk {
    session: Session,
    now: Time,
    actions: Vec<Action>,
    notices: Vec<Notice>,
    next_message: usize,
}

fn app() -> SessionConfig {
    SessionConfig {
        dialect: &FAKE,
        role: Role::App,
        settings: ConnectionSettings {
            identity: Fields::new().with("filters", "fake/lamp/report,fake/lamp/set_reply"),
            ..ConnectionSettings::default()
        },
        model: None,
        reconnect: Reconnect::BackOff,
        thing: None,
        seed: 7,
    }
}

fn device(thing: ThingConfig) -> SessionConfig {
    let mut config = app();
    config.role = Role::Device;
    config.settings.identity.set("filters", "fake/lamp/set");
    config.thing = Some(thing);
    config
}

impl Desk {
    fn new(config: SessionConfig) -> Desk {
        let now = Time::from_secs(1_000_000);
        let mut desk =
            Desk { session: Session::new(config, now), now, actions: vec![], notices: vec![], next_message: 0 };
        desk.drain();
        desk
    }

    /// A desk whose session is online.
    fn online(config: SessionConfig) -> Desk {
        let mut desk = Desk::new(config);
        desk.command(Command::Connect);
        desk.come_online();
        desk
    }

    fn drain(&mut self) {
        self.actions.extend(std::iter::from_fn(|| self.session.poll_action()));
        self.notices.extend(std::iter::from_fn(|| self.session.poll_notice()));
    }

    fn command(&mut self, command: Command) {
        self.session.command(command, self.now);
        self.drain();
    }

    fn link(&mut self, event: LinkEvent) {
        self.session.link(event, self.now);
        self.drain();
    }

    /// The login succeeds and every filter is granted.
    fn come_online(&mut self) {
        self.link(LinkEvent::Connected { session_present: false });
        for filter in self.take_filters() {
            self.grant(&filter);
        }
        assert_eq!(*self.session.state(), LinkState::Online);
    }

    fn grant(&mut self, filter: &str) {
        let elapsed = Duration::from_millis(20);
        self.link(LinkEvent::SubAck { filter: filter.to_owned(), result: Ok(1), elapsed });
    }

    fn lose(&mut self) {
        self.link(LinkEvent::Lost { reason: Phrase::verbatim("reset by peer") });
    }

    /// Time passes; every timer is served when it is due.
    fn pass(&mut self, by: Duration) {
        let end = self.now + by;
        let mut served = 0;
        while let Some(at) = self.session.next_timeout().filter(|at| *at <= end) {
            assert!(served < 100_000, "a timer is always due");
            served += 1;
            self.now = self.now.max(at);
            self.session.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn set(&mut self, key: u64, params: Value) {
        self.ask(key, Request { params: values(params), ..Request::new(OpKind::Set) });
    }

    fn ask(&mut self, key: u64, request: Request) {
        self.command(Command::Request { key: RequestKey(key), request, timeout: None, check: true });
    }

    fn sent(&mut self, ticket: Ticket) {
        self.next_message += 1;
        self.link(LinkEvent::Sent { ticket, message: self.next_message });
    }

    fn acknowledge(&mut self, ticket: Ticket) {
        self.link(LinkEvent::PubAck { ticket });
    }

    /// Takes the messages to be published, and tells that they were sent and acknowledged.
    fn publish_all(&mut self) -> Vec<Outgoing> {
        let mut all = Vec::new();
        loop {
            let batch = self.take_published();
            if batch.is_empty() {
                return all;
            }
            for outgoing in batch {
                self.sent(outgoing.ticket);
                self.acknowledge(outgoing.ticket);
                all.push(outgoing);
            }
        }
    }

    fn take_published(&mut self) -> Vec<Outgoing> {
        let mut out = Vec::new();
        self.actions.retain(|action| match action {
            Action::Publish(outgoing) => {
                out.push(outgoing.clone());
                false
            }
            _ => true,
        });
        out
    }

    fn take_filters(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        self.actions.retain(|action| match action {
            Action::Subscribe { filter, .. } => {
                out.push(filter.clone());
                false
            }
            _ => true,
        });
        out
    }

    /// Attempts to open a connection since the last question.
    fn take_opens(&mut self) -> usize {
        let before = self.actions.len();
        self.actions.retain(|action| !matches!(action, Action::Open(_)));
        before - self.actions.len()
    }

    fn receive(&mut self, kind: &str, body: Value) -> usize {
        let topic = format!("fake/lamp/{kind}");
        let payload = body.to_string().into_bytes();
        let meta = FAKE.classify(Role::App, Direction::In, &topic, &payload);
        self.next_message += 1;
        self.session.receive(&topic, &payload, meta, self.next_message, self.now);
        self.drain();
        self.next_message
    }

    fn reply(&mut self, id: &str, ok: bool) -> usize {
        let code = if ok { "0" } else { "500" };
        self.receive("set_reply", json!({"id": id, "ok": ok, "code": code, "message": "said the lamp"}))
    }

    fn info(&self, key: u64) -> RequestInfo {
        let found = self.notices.iter().find_map(|notice| match notice {
            Notice::Request { key: found, info, .. } if found.0 == key => Some((**info).clone()),
            _ => None,
        });
        found.unwrap()
    }

    fn id(&self, key: u64) -> String {
        self.info(key).request_id.unwrap()
    }

    /// The states of a request, in the order told.
    fn states(&self, key: u64) -> Vec<&'static str> {
        self.updates(key).into_iter().map(|state| state.name()).collect()
    }

    fn updates(&self, key: u64) -> Vec<RequestState> {
        let updates = self.notices.iter().filter_map(|notice| match notice {
            Notice::Update(update) if update.key.0 == key => Some(update.state.clone()),
            _ => None,
        });
        updates.collect()
    }

    /// Every outcome by key.
    fn outcomes(&self) -> BTreeMap<u64, Vec<String>> {
        let mut all: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for notice in &self.notices {
            if let Notice::Update(update) = notice {
                let decides = update.state.is_final() || update.state.name().starts_with("replied_");
                if decides {
                    all.entry(update.key.0).or_default().push(update.state.name().to_owned());
                }
            }
        }
        all
    }

    fn link_states(&mut self) -> Vec<LinkState> {
        let states = self.notices.iter().filter_map(|notice| match notice {
            Notice::State { state, .. } => Some(state.clone()),
            _ => None,
        });
        states.collect()
    }

    fn remarks(&self) -> Vec<String> {
        let said = self.notices.iter().filter_map(|notice| match notice {
            Notice::Said { what, .. } => Some(what.render(Lang::En)),
            _ => None,
        });
        said.collect()
    }

    fn warnings(&self) -> Vec<String> {
        let warnings = self.notices.iter().filter_map(|notice| match notice {
            Notice::Warning { what, .. } => Some(what.render(Lang::En)),
            _ => None,
        });
        warnings.collect()
    }

    fn stages(&self) -> Vec<StageReport> {
        let stages = self.notices.iter().filter_map(|notice| match notice {
            Notice::Stage { report, .. } => Some(report.clone()),
            _ => None,
        });
        stages.collect()
    }

    fn unsolicited(&self) -> Vec<usize> {
        let messages = self.notices.iter().filter_map(|notice| match notice {
            Notice::Unsolicited { message, .. } => Some(*message),
            _ => None,
        });
        messages.collect()
    }

    /// What the simulated thing said, and its values then.
    fn said(&self) -> Vec<(String, Value)> {
        let said = self.notices.iter().filter_map(|notice| match notice {
            Notice::Thing { values, what, .. } => Some((what.render(Lang::En), Value::Object(values.clone()))),
            _ => None,
        });
        said.collect()
    }
}

fn good(stage: Stage) -> LinkEvent {
    let elapsed = Duration::from_millis(3);
    LinkEvent::Stage(StageReport { stage, ok: true, elapsed, detail: Phrase::verbatim("seen"), advice: None })
}

fn body(outgoing: &Outgoing) -> Value {
    serde_json::from_slice(&outgoing.payload).unwrap()
}

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);
