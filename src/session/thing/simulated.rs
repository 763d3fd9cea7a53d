//! The simulated thing itself. It knows neither topics nor bytes: it is asked in a dialect's [`Incoming`] and wants
//! [`Deed`]s done, which the session turns into messages. How it answers is in `answering`, what it does by itself in
//! `running`, how it upgrades in `upgrading`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::{Phrase, Text};
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::{Answer, Dialect, Incoming};
use crate::model::{OpKind, Request, Role};
use crate::session::thing::answering::Verdict;
use crate::session::thing::rules::{Recorded, Rules};
use crate::session::thing::running::{Due, Running};
use crate::session::thing::ticker::SHORTEST_PERIOD;
use crate::session::thing::units::{Unit, Units};
use crate::session::thing::upgrading::{self, Upgrade};
use crate::session::thing::words::{duration, list, pair};
use crate::session::thing::{Behaviour, Manner, ThingCommand, ThingConfig, texts, values};

/// What a thing wants done.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::session) enum Deed {
    /// Tell people what happened; the values at this moment go with it.
    Say(Phrase),
    /// Answer a request.
    Answer {
        /// What is answered; the id of the answer is the one that stands here.
        incoming: Incoming,
        /// With what.
        answer: Answer,
        /// Whether the bytes are to be cut, so that nobody can read them.
        broken: bool,
    },
    /// Send a request of its own.
    Ask(Request),
    /// Send what was recorded.
    Play(Recorded),
}

/// A simulated thing.
pub(in crate::session) struct Thing {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) role: Role,
    pub(super) units: Units,
    pub(super) behaviour: Behaviour,
    pub(super) rules: Arc<Rules>,
    running: Running,
    pub(super) upgrade: Option<Upgrade>,
    report_every: Option<Duration>,
    event_every: Option<Duration>,
    drift: bool,
    online: bool,
    next_report: Option<Time>,
    next_event: Option<Time>,
    /// Number of events reported in turn.
    events_told: usize,
    /// Messages about the joining of sub-devices without an outcome.
    joining: usize,
    /// Requests that wait for their delay, in the order of their answers.
    pub(super) delayed: BTreeMap<(Time, u64), (Incoming, Verdict)>,
    /// Requests received so far.
    pub(super) asked: u64,
    /// Its number among many.
    number: u64,
    /// The connection's own seed.
    seed: u64,
    /// What the rules leave to chance. Apart from made-up values, so that a report more or less changes no answer.
    pub(super) chance: Random,
    /// What values are made up with.
    pub(super) random: Random,
}

impl Thing {
    /// Makes a thing; values that were not given are made up.
    pub(in crate::session) fn new(
        config: ThingConfig,
        dialect: &'static dyn Dialect,
        role: Role,
        seed: u64,
        now: Time,
    ) -> Thing {
        let ThingConfig { number, model, values: given, behaviour, report_every, event_every, drift, rules } = config;
        let mut random = Random::new(seed_of(&rules, number, seed));
        // What a person gave in the command line stands above what the file says.
        let mut first = rules.values.clone();
        first.extend(given);
        let own = Unit::new(model, first, &mut random, now);
        let mut units = Units { own, subs: BTreeMap::new() };
        units.set_subs(&rules.sub_devices, &mut random, now);
        Thing {
            dialect,
            role,
            units,
            behaviour,
            chance: chance(seed_of(&rules, number, seed)),
            number,
            rules,
            running: Running::default(),
            upgrade: None,
            report_every,
            event_every,
            drift,
            online: false,
            next_report: None,
            next_event: None,
            events_told: 0,
            joining: 0,
            delayed: BTreeMap::new(),
            asked: 0,
            seed,
            random,
        }
    }

    /// Its properties and their values.
    pub(in crate::session) fn values(&self) -> &Map<String, Value> {
        &self.units.own.values
    }

    /// What it says when it is made.
    pub(in crate::session) fn greeting(&self) -> Phrase {
        let properties = self.values().len();
        match self.rules.len() {
            0 => texts::START.with(&[&properties]),
            rules => texts::START_RULES.with(&[&properties, &rules]),
        }
    }

    /// The connection is there and messages flow: it asks for its desired values and starts its reports.
    pub(in crate::session) fn online(&mut self, now: Time) -> Vec<Deed> {
        self.online = true;
        let mut deeds = vec![Deed::Say(texts::ONLINE.into())];
        if let Some(version) = self.rules.upgrade.version.as_deref().filter(|_| self.has_operation(OpKind::Ota)) {
            deeds.push(upgrading::version_told(None, &Map::new(), version));
        }
        let joins = self.join();
        self.joining = joins.len();
        deeds.extend(joins);
        if self.has_operation(OpKind::DesiredGet) {
            let writable = self.units.own.model.properties.iter().filter(|property| property.writable);
            let identifiers: Vec<String> = writable.map(|property| property.identifier.clone()).collect();
            if !identifiers.is_empty() {
                deeds.push(Deed::Say(texts::ASKS_DESIRED.into()));
                deeds.push(Deed::Ask(Request { identifiers, ..Request::new(OpKind::DesiredGet) }));
            }
        }
        if self.report_every.is_some() {
            deeds.extend(self.report_all());
        }
        self.running = Running::begin(&self.rules, self.chance_seed(), now);
        self.schedule(now);
        deeds
    }

    /// The sub-devices are told to the platform.
    fn join(&self) -> Vec<Deed> {
        let subs = self.rules.sub_devices.iter();
        let joins = subs.flat_map(|sub| sub.joins.iter().map(move |(action, params)| (sub, action, params)));
        joins
            .map(|(sub, action, params)| {
                Deed::Ask(Request {
                    device: Some(sub.device.clone()),
                    name: Some(action.clone()),
                    params: params.clone(),
                    ..Request::new(OpKind::Topology)
                })
            })
            .collect()
    }

    /// A message about the joining of sub-devices has its outcome. With the last of them the sub-devices may be asked:
    /// what is to be subscribed for that.
    pub(in crate::session) fn join_over(&mut self) -> Vec<String> {
        if self.joining == 0 {
            return Vec::new();
        }
        self.joining -= 1;
        if self.joining > 0 {
            return Vec::new();
        }
        self.units.subs.keys().flat_map(|device| self.dialect.sub_device_filters(device)).collect()
    }

    /// The connection is gone. Answers that waited for their delay are gone with it.
    pub(in crate::session) fn offline(&mut self) -> Vec<Deed> {
        self.online = false;
        self.next_report = None;
        self.next_event = None;
        self.running = Running::default();
        self.upgrade = None;
        let dropped = std::mem::take(&mut self.delayed).len();
        if dropped == 0 { Vec::new() } else { vec![Deed::Say(texts::ANSWERS_LOST.with(&[&dropped]))] }
    }

    /// A question of its own was answered well, with this content.
    pub(in crate::session) fn answered(&mut self, op: OpKind, data: &Value) -> Vec<Deed> {
        match op {
            OpKind::DesiredGet => self.desired(data),
            OpKind::Ntp => vec![Deed::Say(texts::TIME_TOLD.with(&[data]))],
            OpKind::Config => vec![Deed::Say(texts::CONFIGURED.with(&[data]))],
            _ => Vec::new(),
        }
    }

    /// Its question for desired values was answered: `data` holds `{identifier: {value, version}}`, or bare values.
    fn desired(&mut self, data: &Value) -> Vec<Deed> {
        let Some(wanted) = data.as_object().filter(|_| self.behaviour.manner != Manner::Ignore) else {
            return Vec::new();
        };
        let mut deeds = Vec::new();
        let mut taken = Map::new();
        let mut versions = Map::new();
        for (identifier, entry) in wanted {
            let inner = entry.as_object().filter(|members| members.contains_key("value"));
            let value = inner.and_then(|members| members.get("value")).unwrap_or(entry);
            if self.dialect.check_value(&self.units.own.model, identifier, value, true).is_err() {
                deeds.push(Deed::Say(texts::LEAVES_DESIRED.with(&[&pair(identifier, value)])));
                continue;
            }
            let version = inner.and_then(|members| members.get("version")).cloned().unwrap_or(Value::Null);
            versions.insert(identifier.clone(), version);
            taken.insert(identifier.clone(), value.clone());
        }
        if taken.is_empty() {
            return deeds;
        }
        self.units.own.values.extend(taken.clone());
        deeds.push(Deed::Say(texts::TAKES_DESIRED.with(&[&list(&taken)])));
        if self.has_operation(OpKind::DesiredDelete) {
            deeds.push(Deed::Ask(Request { params: versions, ..Request::new(OpKind::DesiredDelete) }));
        }
        deeds.push(report(None, taken));
        deeds
    }

    /// A person changes it.
    pub(in crate::session) fn command(&mut self, command: ThingCommand, now: Time) -> Vec<Deed> {
        match command {
            ThingCommand::Behave(behaviour) => {
                let said = texts::BEHAVES.around([behaviour.manner.describe(), duration(behaviour.delay)]);
                self.behaviour = behaviour;
                vec![Deed::Say(said)]
            }
            ThingCommand::Rules(rules) => self.take_rules(rules, now),
            ThingCommand::SetValues(given) => {
                self.units.own.values.extend(given.clone());
                let mut deeds = vec![Deed::Say(texts::VALUES.with(&[&list(&given)]))];
                deeds.extend(Some(report(None, given)).filter(|_| self.online));
                deeds
            }
            ThingCommand::Report if self.online => self.report_all(),
            ThingCommand::Event(identifier) if self.online => self.event(&identifier, now),
            ThingCommand::Report | ThingCommand::Event(_) => vec![Deed::Say(texts::OFFLINE.into())],
            ThingCommand::ReportEvery(period) => {
                self.report_every = period;
                self.next_report = None;
                self.schedule(now);
                vec![said_of_period(period, texts::REPORT_EVERY, texts::REPORT_NEVER)]
            }
            ThingCommand::EventEvery(period) => {
                self.event_every = period;
                self.next_event = None;
                self.schedule(now);
                vec![said_of_period(period, texts::EVENT_EVERY, texts::EVENT_NEVER)]
            }
            ThingCommand::Drift(drift) => {
                self.drift = drift;
                vec![Deed::Say(if drift { texts::DRIFTS.into() } else { texts::DRIFTS_NOT.into() })]
            }
        }
    }

    /// Other rules from now on: schedules and chance begin anew. Answers that wait keep what was decided for them.
    fn take_rules(&mut self, rules: Arc<Rules>, now: Time) -> Vec<Deed> {
        let known: Vec<String> = self.units.subs.keys().cloned().collect();
        let given = rules.values.clone();
        self.rules = rules;
        self.chance = chance(self.chance_seed());
        let Thing { units, rules, random, .. } = self;
        units.set_subs(&rules.sub_devices, random, now);
        let mut deeds = vec![Deed::Say(texts::RULES.with(&[&self.rules.len()]))];
        let fresh =
            |deed: &Deed| matches!(deed, Deed::Ask(Request { device: Some(name), .. }) if !known.contains(name));
        if self.online {
            let joins: Vec<Deed> = self.join().into_iter().filter(fresh).collect();
            self.joining += joins.len();
            deeds.extend(joins);
            self.running = Running::begin(&self.rules, self.chance_seed(), now);
        }
        if !given.is_empty() {
            self.units.own.values.extend(given.clone());
            deeds.extend(Some(report(None, given)).filter(|_| self.online));
        }
        deeds
    }

    fn chance_seed(&self) -> u64 {
        seed_of(&self.rules, self.number, self.seed)
    }

    /// When [`Thing::handle_timeout`] wants to be called.
    pub(in crate::session) fn next_timeout(&self) -> Option<Time> {
        let delayed = self.delayed.first_key_value().map(|((at, _), _)| *at);
        let upgrade = self.upgrade.as_ref().map(Upgrade::next_timeout);
        [delayed, self.next_report, self.next_event, upgrade, self.running.next_timeout()].into_iter().flatten().min()
    }

    /// Gives the answers that are due, and reports what is due. A time that was slept through is not made up for.
    pub(in crate::session) fn handle_timeout(&mut self, now: Time) -> Vec<Deed> {
        let mut deeds = self.answer_due(now);
        deeds.extend(self.upgrade_due(now));
        deeds.extend(self.run_due(now));
        if self.next_report.is_some_and(|at| at <= now) {
            self.next_report = None;
            if self.drift {
                self.drift(now);
            }
            deeds.extend(self.report_all());
        }
        if self.next_event.is_some_and(|at| at <= now) {
            self.next_event = None;
            let events = &self.units.own.model.events;
            let turn = self.events_told.checked_rem(events.len()).unwrap_or(0);
            if let Some(identifier) = events.get(turn).map(|event| event.identifier.clone()) {
                self.events_told = self.events_told.wrapping_add(1);
                deeds.extend(self.event(&identifier, now));
            }
        }
        self.schedule(now);
        deeds
    }

    /// What the rules want done now. Values of one device go in one report.
    fn run_due(&mut self, now: Time) -> Vec<Deed> {
        let mut reports: BTreeMap<Option<String>, Map<String, Value>> = BTreeMap::new();
        let mut deeds = Vec::new();
        for due in self.running.due(&self.rules, now, &self.units) {
            match due {
                Due::Value { device, property, value } => {
                    let Some(unit) = self.units.of_mut(device.as_deref()) else { continue };
                    let value = value.or_else(|| unit.values.get(&property).cloned()).unwrap_or(Value::Null);
                    unit.values.insert(property.clone(), value.clone());
                    reports.entry(device).or_default().insert(property, value);
                }
                Due::Ask { mut request, made_up } => {
                    if made_up {
                        request.params = self.made_up(&request, now);
                    }
                    let name = request.name.clone().unwrap_or_default();
                    let what = texts::ASKS.around([
                        request.op.title().into(),
                        Phrase::verbatim(format!("{name} {}", list(&request.params)).trim().to_owned()),
                    ]);
                    deeds.extend([Deed::Say(what), Deed::Ask(request)]);
                }
                Due::Play(message) => deeds.push(Deed::Play(message)),
            }
        }
        for (device, values) in reports.into_iter().rev() {
            let said = texts::REPORTS.with(&[&list(&values)]);
            deeds.splice(0..0, [Deed::Say(said), report(device, values)]);
        }
        deeds
    }

    /// Contents of an event out of its model.
    fn made_up(&mut self, request: &Request, now: Time) -> Map<String, Value> {
        let Some(unit) = self.units.of(request.device.as_deref()) else { return Map::new() };
        let name = request.name.as_deref().unwrap_or_default();
        let event = unit.model.events.iter().find(|event| event.identifier == name);
        event.map(|event| values::plausible_all(&event.outputs, &mut self.random, now)).unwrap_or_default()
    }

    /// Values that were played: it holds them from now on.
    pub(in crate::session) fn played(&mut self, values: &Map<String, Value>) {
        self.units.own.values.extend(values.clone());
    }

    /// Sets the periodic timers that are not set, while there is a connection.
    fn schedule(&mut self, now: Time) {
        if !self.online {
            return;
        }
        let due = |period: Option<Duration>| period.map(|period| now + period.max(SHORTEST_PERIOD));
        if self.next_report.is_none() {
            self.next_report = due(self.report_every);
        }
        if self.next_event.is_none() && !self.units.own.model.events.is_empty() {
            self.next_event = due(self.event_every);
        }
    }

    fn report_all(&self) -> Vec<Deed> {
        let values = self.values();
        vec![Deed::Say(texts::REPORTS.with(&[&list(values)])), report(None, values.clone())]
    }

    fn event(&mut self, identifier: &str, now: Time) -> Vec<Deed> {
        let events = &self.units.own.model.events;
        let Some(event) = events.iter().find(|event| event.identifier == identifier) else {
            let have: Vec<&str> = events.iter().map(|event| event.identifier.as_str()).collect();
            return vec![Deed::Say(texts::NO_EVENT.with(&[&identifier, &have.join(", ")]))];
        };
        let params = values::plausible_all(&event.outputs, &mut self.random, now);
        let said = texts::EVENT.with(&[&identifier, &list(&params)]);
        let request = Request { name: Some(identifier.to_owned()), params, ..Request::new(OpKind::Event) };
        vec![Deed::Say(said), Deed::Ask(request)]
    }

    fn drift(&mut self, now: Time) {
        let Unit { model, values: held } = &mut self.units.own;
        for property in model.properties.iter().filter(|property| !property.writable) {
            if let Some(value) = held.get_mut(&property.identifier) {
                *value = values::drifted(&property.data_type, value, &mut self.random, now);
            }
        }
    }

    fn has_operation(&self, op: OpKind) -> bool {
        self.dialect
            .spec()
            .role(self.role)
            .is_some_and(|spec| spec.operations.iter().any(|operation| operation.op == op))
    }
}

impl Manner {
    /// The manner in words.
    pub fn describe(&self) -> Phrase {
        match self {
            Manner::Accept => texts::ACCEPTS.into(),
            Manner::Refuse { code, .. } => texts::REFUSES.with(&[code]),
            Manner::Ignore => texts::IGNORES.into(),
            Manner::Twice => texts::TWICE.into(),
        }
    }
}

/// The seed of the rules where they name one, different for each of many things; otherwise that of the connection.
fn seed_of(rules: &Rules, number: u64, seed: u64) -> u64 {
    rules.seed.map_or(seed, |given| given.wrapping_add(number))
}

/// Chance for the rules. Not the same numbers as those that make values up.
fn chance(seed: u64) -> Random {
    Random::new(seed.rotate_left(17))
}

/// A report of these values.
pub(super) fn report(device: Option<String>, params: Map<String, Value>) -> Deed {
    Deed::Ask(Request { device, params, ..Request::new(OpKind::Report) })
}

fn said_of_period(period: Option<Duration>, every: Text, never: Text) -> Deed {
    Deed::Say(match period {
        Some(period) => every.around([duration(period)]),
        None => never.into(),
    })
}
