//! How a thing answers: what a rule or its behaviour makes of a request.

use serde_json::{Map, Number, Value};

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::dialect::{Answer, Incoming};
use crate::model::thing::{DataType, Param, Property};
use crate::model::{OpKind, ThingModel};
use crate::session::thing::rules::Act;
use crate::session::thing::simulated::{Deed, Thing, report};
use crate::session::thing::words::{describe, list, number};
use crate::session::thing::{Manner, texts, values};

/// The largest number of answers that wait for their delay.
const MOST_DELAYED: usize = 1_000;

/// What will be done with a request, and which rule says so.
#[derive(Debug, Clone)]
pub(super) struct Verdict {
    act: Act,
    /// Line of the rule; `None` where the thing's own behaviour decides.
    line: Option<usize>,
}

impl Manner {
    fn act(&self) -> Act {
        match self {
            Manner::Accept => Act::Accept,
            Manner::Refuse { code, message } => Act::Refuse { code: Some(code.clone()), message: message.clone() },
            Manner::Ignore => Act::Ignore,
            Manner::Twice => Act::Twice,
        }
    }
}

impl Thing {
    /// It is asked for something.
    pub(in crate::session) fn asked(&mut self, incoming: Incoming, now: Time) -> Vec<Deed> {
        let rule = self.rules.fitting(&incoming, &mut self.chance);
        let verdict = match rule {
            Some(rule) => Verdict { act: rule.act.clone(), line: Some(rule.line) },
            None => Verdict { act: self.behaviour.manner.act(), line: None },
        };
        let delay = rule.and_then(|rule| rule.delay).or(self.rules.delay);
        let delay = delay.map_or(self.behaviour.delay, |delay| delay.draw(&mut self.chance));
        if verdict.act == Act::Ignore {
            return vec![verdict.say(texts::IGNORED.around([describe(&incoming)]))];
        }
        if delay.is_zero() {
            return self.carry_out(incoming, verdict, now);
        }
        if self.delayed.len() >= MOST_DELAYED {
            return vec![Deed::Say(texts::TOO_MANY.around([describe(&incoming), number(MOST_DELAYED)]))];
        }
        let said = texts::LATER.around([describe(&incoming), super::words::duration(delay)]);
        self.asked = self.asked.wrapping_add(1);
        self.delayed.insert((now + delay, self.asked), (incoming, verdict));
        vec![Deed::Say(said)]
    }

    /// Gives the answers that are due.
    pub(super) fn answer_due(&mut self, now: Time) -> Vec<Deed> {
        let mut deeds = Vec::new();
        while self.delayed.first_key_value().is_some_and(|((at, _), _)| *at <= now) {
            let Some((_, (incoming, verdict))) = self.delayed.pop_first() else { break };
            deeds.extend(self.carry_out(incoming, verdict, now));
        }
        deeds
    }

    fn carry_out(&mut self, mut incoming: Incoming, verdict: Verdict, now: Time) -> Vec<Deed> {
        if let Act::Clamp { min, max } = verdict.act {
            self.clamp(&mut incoming, (min, max));
        }
        let (answer, changed) = match &verdict.act {
            Act::Refuse { code, message } => {
                let code = code.clone().unwrap_or_else(|| self.usual_code());
                (Answer { code: Some(code), message: message.clone(), data: Map::new() }, Map::new())
            }
            _ => self.decide(&incoming, now),
        };
        let device = incoming.device.clone();
        if let Some(unit) = self.units.of_mut(device.as_deref()) {
            unit.values.extend(changed.clone());
        }
        let mut deeds = vec![verdict.say(said(&incoming, &answer, &verdict.act))];
        if incoming.op == OpKind::Ota {
            deeds.extend(self.upgrade_asked(&incoming, &answer, now));
        }
        deeds.extend(answers(incoming, answer, &verdict.act));
        if !changed.is_empty() {
            deeds.push(report(device, changed));
        }
        deeds
    }

    /// Brings numbers inside their limits: those of the rule, or else those of the model.
    fn clamp(&self, incoming: &mut Incoming, (min, max): (Option<f64>, Option<f64>)) {
        let Some(unit) = self.units.of(incoming.device.as_deref()) else { return };
        for (identifier, value) in &mut incoming.params {
            let data_type = unit.data_type(identifier);
            let (range, whole) = match data_type {
                Some(DataType::Int { range, .. }) => (range.clone(), true),
                Some(DataType::Float { range, .. }) => (range.clone(), false),
                _ => continue,
            };
            let Some(number) = value.as_f64() else { continue };
            let low = min.or(range.min).unwrap_or(f64::MIN);
            let high = max.or(range.max).unwrap_or(f64::MAX).max(low);
            if (low..=high).contains(&number) {
                continue;
            }
            let number = number.clamp(low, high);
            *value = match whole {
                true => format!("{number:.0}").parse::<i64>().map_or(Value::Null, Value::from),
                false => Number::from_f64(number).map_or(Value::Null, Value::Number),
            };
        }
    }

    /// What a well-behaved device answers, and which values it takes.
    fn decide(&mut self, incoming: &Incoming, now: Time) -> (Answer, Map<String, Value>) {
        let nothing = Map::new();
        let Some(unit) = self.units.of(incoming.device.as_deref()) else {
            let unknown = self.code_of_unknown(incoming.device.as_deref().unwrap_or_default());
            return (refuse(unknown), nothing);
        };
        match incoming.op {
            OpKind::Set | OpKind::DesiredSet => match self.refusal(&unit.model, &incoming.params, true) {
                Some(code) => (refuse(code), nothing),
                None => (Answer::default(), incoming.params.clone()),
            },
            OpKind::Get => match self.read(&unit.values, &incoming.identifiers) {
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
    fn read(&self, values: &Map<String, Value>, identifiers: &[String]) -> Result<Map<String, Value>, String> {
        if identifiers.is_empty() {
            return Ok(values.clone());
        }
        let mut data = Map::new();
        for identifier in identifiers {
            match values.get(identifier) {
                Some(value) => _ = data.insert(identifier.clone(), value.clone()),
                None => return Err(self.code_of_unknown(identifier)),
            }
        }
        Ok(data)
    }

    /// The made-up outputs of a service. `Err` holds the code for an unknown service or a bad input.
    fn invoke(&mut self, incoming: &Incoming, now: Time) -> Result<Map<String, Value>, String> {
        let name = incoming.name.as_deref().unwrap_or_default();
        let model = self.units.of(incoming.device.as_deref()).map(|unit| std::sync::Arc::clone(&unit.model));
        let model = model.unwrap_or_default();
        let Some(service) = model.services.iter().find(|service| service.identifier == name) else {
            return Err(self.code_of_unknown(name));
        };
        // A dialect checks values of properties; inputs are checked as if they were properties of their own model.
        let inputs = ThingModel {
            properties: service.inputs.iter().map(as_property).collect(),
            events: Vec::new(),
            services: Vec::new(),
            binary: None,
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
}

impl Verdict {
    /// A sentence, with the rule that it comes from.
    fn say(&self, what: Phrase) -> Deed {
        Deed::Say(match self.line {
            Some(line) => texts::BY_RULE.around([what, number(line)]),
            None => what,
        })
    }
}

/// The answers that go out.
fn answers(incoming: Incoming, answer: Answer, act: &Act) -> Vec<Deed> {
    let plain = |incoming, answer| Deed::Answer { incoming, answer, broken: false };
    match act {
        Act::Mute | Act::Ignore => Vec::new(),
        Act::Twice => vec![plain(incoming.clone(), answer.clone()), plain(incoming, answer)],
        Act::Malformed => vec![Deed::Answer { incoming, answer, broken: true }],
        Act::WrongId => {
            let request_id = incoming.request_id.as_deref().map(foreign_id);
            vec![plain(Incoming { request_id, ..incoming }, answer)]
        }
        Act::Accept | Act::Clamp { .. } | Act::Refuse { .. } => vec![plain(incoming, answer)],
    }
}

fn said(incoming: &Incoming, answer: &Answer, act: &Act) -> Phrase {
    let what = describe(incoming);
    match (&answer.code, act) {
        (Some(code), _) => texts::REFUSED.around([what, Phrase::verbatim(code)]),
        (None, Act::Clamp { .. }) => texts::CLAMPED.around([what]),
        (None, Act::Mute) => texts::MUTE.around([what]),
        (None, Act::WrongId) if incoming.request_id.is_none() => texts::NO_ID.around([what]),
        (None, Act::WrongId) => texts::WRONG_ID.around([what]),
        (None, Act::Malformed) => texts::MALFORMED.around([what]),
        (None, _) if incoming.op == OpKind::Config => {
            texts::CONFIGURED.around([Phrase::verbatim(list(&incoming.params))])
        }
        (None, _) => texts::DONE.around([what]),
    }
}

/// An id that nobody asked with: as long and of the same signs, but far away, for ids are counted upwards.
fn foreign_id(id: &str) -> String {
    /// A distance that no session counts through.
    const FAR: u64 = 1_000_000_000;
    /// Some platforms count in 32 bits.
    const NARROW: u64 = 1 << 32;
    if let Ok(number) = id.parse::<u64>() {
        let far = number.wrapping_add(FAR);
        let far = if number < NARROW { far % NARROW } else { far };
        return far.to_string();
    }
    let other = |sign: char| match sign {
        '0'..='9' => char::from_digit(9 - sign.to_digit(10).unwrap_or(0), 10).unwrap_or('0'),
        'a' => 'f',
        'b' => 'e',
        'c' => 'd',
        'd' => 'c',
        'e' => 'b',
        'f' => 'a',
        'A' => 'F',
        'B' => 'E',
        'C' => 'D',
        'D' => 'C',
        'E' => 'B',
        'F' => 'A',
        sign => sign,
    };
    let foreign: String = id.chars().map(other).collect();
    if foreign == id { format!("{id}0") } else { foreign }
}

fn refuse(code: String) -> Answer {
    Answer { code: Some(code), ..Answer::default() }
}

fn as_property(param: &Param) -> Property {
    Property {
        identifier: param.identifier.clone(),
        name: param.name.clone(),
        writable: true,
        data_type: param.data_type.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::foreign_id;

    #[test]
    fn a_foreign_id_has_the_form_of_the_true_one_and_is_another() {
        assert_eq!(foreign_id("7"), "1000000007");
        assert_eq!(foreign_id("4294967295"), "999999999");
        assert_eq!(foreign_id("123456789012"), "124456789012");
        assert_eq!(foreign_id("00FF19"), "99AA80");
        assert_eq!(foreign_id("xyz"), "xyz0");
    }
}
