//! The simulated thing itself. It knows neither topics nor bytes: it is asked in a dialect's [`Incoming`] and wants
//! [`Deed`]s done, which the session turns into messages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::{Phrase, Text};
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::{Answer, Dialect, Incoming};
use crate::model::thing::{Param, Property};
use crate::model::{OpKind, Request, Role, ThingModel};
use crate::session::thing::{Behaviour, Manner, ThingCommand, ThingConfig, texts, values};

/// The largest number of answers that wait for their delay.
const MOST_DELAYED: usize = 1_000;
/// The shortest time between periodic reports or events.
const SHORTEST_PERIOD: Duration = Duration::from_millis(10);
/// Values in a sentence are cut at this many characters.
const LONGEST_LIST: usize = 160;

/// What a thing wants done.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::session) enum Deed {
    /// Tell people what happened; the values at this moment go with it.
    Say(Phrase),
    /// Answer a request.
    Answer(Incoming, Answer),
    /// Send a request of its own.
    Ask(Request),
}

/// A simulated thing.
pub(in crate::session) struct Thing {
    dialect: &'static dyn Dialect,
    role: Role,
    model: Arc<ThingModel>,
    values: Map<String, Value>,
    behaviour: Behaviour,
    report_every: Option<Duration>,
    event_every: Option<Duration>,
    drift: bool,
    online: bool,
    next_report: Option<Time>,
    next_event: Option<Time>,
    /// Number of events reported in turn.
    events_told: usize,
    /// Requests that wait for their delay, in the order of their answers.
    delayed: BTreeMap<(Time, u64), (Incoming, Manner)>,
    /// Requests received so far.
    asked: u64,
    random: Random,
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
        let ThingConfig { model, values: given, behaviour, report_every, event_every, drift } = config;
        let mut random = Random::new(seed);
        let mut values: Map<String, Value> = model
            .properties
            .iter()
            .map(|property| (property.identifier.clone(), values::plausible(&property.data_type, &mut random, now)))
            .collect();
        values.extend(given);
        Thing {
            dialect,
            role,
            model,
            values,
            behaviour,
            report_every,
            event_every,
            drift,
            online: false,
            next_report: None,
            next_event: None,
            events_told: 0,
            delayed: BTreeMap::new(),
            asked: 0,
            random,
        }
    }

    /// Its properties and their values.
    pub(in crate::session) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// What it says when it is made.
    pub(in crate::session) fn greeting(&self) -> Phrase {
        texts::START.with(&[&self.values.len()])
    }

    /// The connection is there and messages flow: it asks for its desired values and starts its reports.
    pub(in crate::session) fn online(&mut self, now: Time) -> Vec<Deed> {
        self.online = true;
        let mut deeds = vec![Deed::Say(texts::ONLINE.into())];
        if self.has_operation(OpKind::DesiredGet) {
            let writable = self.model.properties.iter().filter(|property| property.writable);
            let identifiers: Vec<String> = writable.map(|property| property.identifier.clone()).collect();
            if !identifiers.is_empty() {
                deeds.push(Deed::Say(texts::ASKS_DESIRED.into()));
                deeds.push(Deed::Ask(Request { identifiers, ..Request::new(OpKind::DesiredGet) }));
            }
        }
        if self.report_every.is_some() {
            deeds.extend(self.report_all());
        }
        self.schedule(now);
        deeds
    }

    /// The connection is gone. Answers that waited for their delay are gone with it.
    pub(in crate::session) fn offline(&mut self) -> Vec<Deed> {
        self.online = false;
        self.next_report = None;
        self.next_event = None;
        let dropped = std::mem::take(&mut self.delayed).len();
        if dropped == 0 { Vec::new() } else { vec![Deed::Say(texts::ANSWERS_LOST.with(&[&dropped]))] }
    }

    /// It is asked for something.
    pub(in crate::session) fn asked(&mut self, incoming: Incoming, now: Time) -> Vec<Deed> {
        let Behaviour { manner, delay } = self.behaviour.clone();
        if manner == Manner::Ignore {
            return vec![Deed::Say(texts::IGNORED.around([describe(&incoming)]))];
        }
        if delay.is_zero() {
            return self.carry_out(incoming, manner, now);
        }
        if self.delayed.len() >= MOST_DELAYED {
            return vec![Deed::Say(texts::TOO_MANY.around([describe(&incoming), number(MOST_DELAYED)]))];
        }
        let said = texts::LATER.around([describe(&incoming), duration(delay)]);
        self.asked = self.asked.wrapping_add(1);
        self.delayed.insert((now + delay, self.asked), (incoming, manner));
        vec![Deed::Say(said)]
    }

    /// Its question for desired values was answered: `data` holds `{identifier: {value, version}}`, or bare values.
    pub(in crate::session) fn desired(&mut self, data: &Value) -> Vec<Deed> {
        let Some(wanted) = data.as_object().filter(|_| self.behaviour.manner != Manner::Ignore) else {
            return Vec::new();
        };
        let mut deeds = Vec::new();
        let mut taken = Map::new();
        let mut versions = Map::new();
        for (identifier, entry) in wanted {
            let inner = entry.as_object().filter(|members| members.contains_key("value"));
            let value = inner.and_then(|members| members.get("value")).unwrap_or(entry);
            if self.dialect.check_value(&self.model, identifier, value, true).is_err() {
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
        self.values.extend(taken.clone());
        deeds.push(Deed::Say(texts::TAKES_DESIRED.with(&[&list(&taken)])));
        if self.has_operation(OpKind::DesiredDelete) {
            deeds.push(Deed::Ask(Request { params: versions, ..Request::new(OpKind::DesiredDelete) }));
        }
        deeds.push(report(taken));
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
            ThingCommand::SetValues(given) => {
                self.values.extend(given.clone());
                let mut deeds = vec![Deed::Say(texts::VALUES.with(&[&list(&given)]))];
                deeds.extend(Some(report(given)).filter(|_| self.online));
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

    /// When [`Thing::handle_timeout`] wants to be called.
    pub(in crate::session) fn next_timeout(&self) -> Option<Time> {
        let delayed = self.delayed.first_key_value().map(|((at, _), _)| *at);
        [delayed, self.next_report, self.next_event].into_iter().flatten().min()
    }

    /// Gives the answers that are due, and reports what is due. A time that was slept through is not made up for.
    pub(in crate::session) fn handle_timeout(&mut self, now: Time) -> Vec<Deed> {
        let mut deeds = Vec::new();
        while self.delayed.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
            let Some((_, (incoming, manner))) = self.delayed.pop_first() else { break };
            deeds.extend(self.carry_out(incoming, manner, now));
        }
        if self.next_report.is_some_and(|at| at <= now) {
            self.next_report = None;
            if self.drift {
                self.drift(now);
            }
            deeds.extend(self.report_all());
        }
        if self.next_event.is_some_and(|at| at <= now) {
            self.next_event = None;
            let turn = self.events_told.checked_rem(self.model.events.len()).unwrap_or(0);
            if let Some(identifier) = self.model.events.get(turn).map(|event| event.identifier.clone()) {
                self.events_told = self.events_told.wrapping_add(1);
                deeds.extend(self.event(&identifier, now));
            }
        }
        self.schedule(now);
        deeds
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
        if self.next_event.is_none() && !self.model.events.is_empty() {
            self.next_event = due(self.event_every);
        }
    }

    fn carry_out(&mut self, incoming: Incoming, manner: Manner, now: Time) -> Vec<Deed> {
        let (answer, changed) = match &manner {
            Manner::Refuse { code, message } => {
                let answer = Answer { code: Some(code.clone()), message: message.clone(), data: Map::new() };
                (answer, Map::new())
            }
            Manner::Accept | Manner::Twice | Manner::Ignore => self.decide(&incoming, now),
        };
        self.values.extend(changed.clone());
        let said = match &answer.code {
            None => texts::DONE.around([describe(&incoming)]),
            Some(code) => texts::REFUSED.around([describe(&incoming), Phrase::verbatim(code)]),
        };
        let mut deeds = vec![Deed::Say(said)];
        if manner == Manner::Twice {
            deeds.push(Deed::Answer(incoming.clone(), answer.clone()));
        }
        deeds.push(Deed::Answer(incoming, answer));
        if !changed.is_empty() {
            deeds.push(report(changed));
        }
        deeds
    }

    /// What a well-behaved device answers, and which values it takes.
    fn decide(&mut self, incoming: &Incoming, now: Time) -> (Answer, Map<String, Value>) {
        let nothing = Map::new();
        match incoming.op {
            OpKind::Set | OpKind::DesiredSet => match self.refusal(&self.model, &incoming.params, true) {
                Some(code) => (refuse(code), nothing),
                None => (Answer::default(), incoming.params.clone()),
            },
            OpKind::Get => match self.read(&incoming.identifiers) {
                Ok(data) => (Answer { data, ..Answer::default() }, nothing),
                Err(code) => (refuse(code), nothing),
            },
            OpKind::Invoke => match self.invoke(incoming, now) {
                Ok(data) => (Answer { data, ..Answer::default() }, nothing),
                Err(code) => (refuse(code), nothing),
            },
            _ => (Answer::default(), nothing),
        }
    }

    /// The values of these properties; of all, where none is named. `Err` holds the code for the first unknown one.
    fn read(&self, identifiers: &[String]) -> Result<Map<String, Value>, String> {
        if identifiers.is_empty() {
            return Ok(self.values.clone());
        }
        let mut data = Map::new();
        for identifier in identifiers {
            match self.values.get(identifier) {
                Some(value) => _ = data.insert(identifier.clone(), value.clone()),
                None => return Err(self.code_of_unknown(identifier)),
            }
        }
        Ok(data)
    }

    /// The made-up outputs of a service. `Err` holds the code for an unknown service or a bad input.
    fn invoke(&mut self, incoming: &Incoming, now: Time) -> Result<Map<String, Value>, String> {
        let name = incoming.name.as_deref().unwrap_or_default();
        let Some(service) = self.model.services.iter().find(|service| service.identifier == name) else {
            return Err(self.code_of_unknown(name));
        };
        // A dialect checks values of properties; inputs are checked as if they were properties of their own model.
        let inputs = ThingModel {
            properties: service.inputs.iter().map(as_property).collect(),
            events: Vec::new(),
            services: Vec::new(),
        };
        if let Some(code) = self.refusal(&inputs, &incoming.params, true) {
            return Err(code);
        }
        Ok(values::plausible_all(&service.outputs, &mut self.random, now))
    }

    /// The platform's code for the first value that breaks the model.
    fn refusal(&self, model: &ThingModel, params: &Map<String, Value>, writing: bool) -> Option<String> {
        let fault = params
            .iter()
            .find_map(|(identifier, value)| self.dialect.check_value(model, identifier, value, writing).err());
        fault.map(|(_, code)| code.unwrap_or_else(|| self.usual_code()))
    }

    fn code_of_unknown(&self, identifier: &str) -> String {
        let nothing = ThingModel::default();
        let fault = self.dialect.check_value(&nothing, identifier, &Value::Null, false).err();
        fault.and_then(|(_, code)| code).unwrap_or_else(|| self.usual_code())
    }

    /// The code to refuse with where the platform has no special one.
    fn usual_code(&self) -> String {
        let offered = self.dialect.spec().role(self.role).and_then(|spec| spec.refusals.first());
        offered.copied().unwrap_or("1").to_owned()
    }

    fn report_all(&self) -> Vec<Deed> {
        vec![Deed::Say(texts::REPORTS.with(&[&list(&self.values)])), report(self.values.clone())]
    }

    fn event(&mut self, identifier: &str, now: Time) -> Vec<Deed> {
        let Some(event) = self.model.events.iter().find(|event| event.identifier == identifier) else {
            let have: Vec<&str> = self.model.events.iter().map(|event| event.identifier.as_str()).collect();
            return vec![Deed::Say(texts::NO_EVENT.with(&[&identifier, &have.join(", ")]))];
        };
        let params = values::plausible_all(&event.outputs, &mut self.random, now);
        let said = texts::EVENT.with(&[&identifier, &list(&params)]);
        let request = Request { name: Some(identifier.to_owned()), params, ..Request::new(OpKind::Event) };
        vec![Deed::Say(said), Deed::Ask(request)]
    }

    fn drift(&mut self, now: Time) {
        for property in self.model.properties.iter().filter(|property| !property.writable) {
            if let Some(value) = self.values.get_mut(&property.identifier) {
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

fn refuse(code: String) -> Answer {
    Answer { code: Some(code), ..Answer::default() }
}

fn report(params: Map<String, Value>) -> Deed {
    Deed::Ask(Request { params, ..Request::new(OpKind::Report) })
}

fn as_property(param: &Param) -> Property {
    Property {
        identifier: param.identifier.clone(),
        name: param.name.clone(),
        writable: true,
        data_type: param.data_type.clone(),
    }
}

fn said_of_period(period: Option<Duration>, every: Text, never: Text) -> Deed {
    Deed::Say(match period {
        Some(period) => every.around([duration(period)]),
        None => never.into(),
    })
}

/// What is asked, in one short phrase.
fn describe(incoming: &Incoming) -> Phrase {
    const WITH: Text = Text::same("{} {}");
    let arguments = match (&incoming.name, incoming.identifiers.is_empty()) {
        (Some(name), _) => format!("{name}({})", list(&incoming.params)),
        (None, true) => list(&incoming.params),
        (None, false) => cut(incoming.identifiers.join(", ")),
    };
    WITH.around([incoming.op.title().into(), Phrase::verbatim(arguments)])
}

fn list(values: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (identifier, value) in values {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&pair(identifier, value));
        if text.len() > LONGEST_LIST * 4 {
            break;
        }
    }
    cut(text)
}

fn pair(identifier: &str, value: &Value) -> String {
    format!("{identifier}={value}")
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST_LIST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

fn number(number: usize) -> Phrase {
    Phrase::verbatim(number.to_string())
}

fn duration(duration: Duration) -> Phrase {
    Phrase::verbatim(format!("{duration:?}"))
}
