//! Values made up for a type: plausible, inside its limits, and repeatable by seed.

use serde_json::{Map, Number, Value};

use crate::base::random::Random;
use crate::base::time::Time;
use crate::model::thing::{DataType, Param, Range};

/// Structs and arrays nested deeper than this get no contents.
const DEEPEST: u8 = 8;
/// Limits of a number whose model has none.
const USUAL: (f64, f64) = (0.0, 100.0);
/// Elements of a made-up array, where the model allows that many.
const ELEMENTS: usize = 2;
/// The largest whole number that a 64-bit float holds exactly: 2^53.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value for this type.
pub(super) fn plausible(data_type: &DataType, random: &mut Random, now: Time) -> Value {
    value(data_type, random, now, 0)
}

/// Values for these parameters.
pub(super) fn plausible_all(params: &[Param], random: &mut Random, now: Time) -> Map<String, Value> {
    members(params, random, now, 0)
}

/// The value a little later: a number one or two steps up or down, inside its limits; a point in time is now. Other
/// types stay as they are.
pub(super) fn drifted(data_type: &DataType, old: &Value, random: &mut Random, now: Time) -> Value {
    let (range, whole_only) = match data_type {
        DataType::Int { range, .. } => (range, true),
        DataType::Float { range, .. } => (range, false),
        DataType::Date => return now.as_millis().into(),
        _ => return old.clone(),
    };
    let Some(number) = old.as_f64() else { return old.clone() };
    let limits = Limits::of(range, whole_only);
    let steps = [-2.0, -1.0, 0.0, 1.0, 2.0].get(random.index(5)).copied().unwrap_or(0.0);
    let wanted = number + steps * limits.stride;
    // At a limit it turns back, so that the value does not stick there.
    let turned = if wanted < limits.low || wanted > limits.high { number - steps * limits.stride } else { wanted };
    limits.number(turned, whole_only)
}

fn members(params: &[Param], random: &mut Random, now: Time, depth: u8) -> Map<String, Value> {
    params.iter().map(|param| (param.identifier.clone(), value(&param.data_type, random, now, depth))).collect()
}

fn value(data_type: &DataType, random: &mut Random, now: Time, depth: u8) -> Value {
    match data_type {
        DataType::Int { range, .. } => Limits::of(range, true).any(random, true),
        DataType::Float { range, .. } => Limits::of(range, false).any(random, false),
        DataType::Bool { .. } => Value::Bool(random.below(2) == 1),
        DataType::Enum(choices) => choices.get(random.index(choices.len())).map_or(0, |(number, _)| *number).into(),
        DataType::Bits { length, .. } => {
            let mask = 1_u64.checked_shl(u32::from(*length).min(53)).map_or(u64::MAX, |bit| bit - 1);
            (random.bits() & mask).into()
        }
        DataType::Text { max_length } => {
            let text = format!("demo-{:04}", random.below(10_000));
            text.chars().take(max_length.unwrap_or(usize::MAX)).collect::<String>().into()
        }
        DataType::Binary(length) => {
            let bytes = (0..*length).map(|_| format!("{:02x}", random.below(256)));
            Value::String(bytes.collect())
        }
        DataType::Date => now.as_millis().into(),
        DataType::Struct(params) if depth < DEEPEST => members(params, random, now, depth + 1).into(),
        DataType::Struct(_) => Value::Object(Map::new()),
        DataType::Array { element, max_length } if depth < DEEPEST => {
            let length = max_length.unwrap_or(ELEMENTS).min(ELEMENTS);
            (0..length).map(|_| value(element, random, now, depth + 1)).collect()
        }
        DataType::Array { .. } => Value::Array(Vec::new()),
        DataType::Other(_) => Value::String(String::new()),
    }
}

/// A range without gaps: every number of it can be given.
struct Limits {
    low: f64,
    high: f64,
    /// The distance that the model asks for; `None` where any number will do.
    step: Option<f64>,
    /// The distance that a drifting value moves by.
    stride: f64,
}

impl Limits {
    fn of(range: &Range, whole_only: bool) -> Limits {
        let usable = |limit: Option<f64>| limit.filter(|limit| limit.is_finite());
        let span = USUAL.1 - USUAL.0;
        let (mut low, mut high) = match (usable(range.min), usable(range.max)) {
            (Some(low), Some(high)) if low <= high => (low, high),
            (Some(low), None) => (low, low + span),
            (None, Some(high)) => (high - span, high),
            _ => USUAL,
        };
        if whole_only {
            (low, high) = (low.max(-LARGEST_EXACT).ceil(), high.min(LARGEST_EXACT).floor());
        }
        let step = usable(range.step).filter(|step| *step > 0.0);
        let finest = if whole_only { 1.0 } else { 0.1 };
        let stride = step.unwrap_or(finest).max((high - low) / 200.0);
        Limits { low, high, step, stride }
    }

    /// Somewhere in the middle half, where nothing alarms anybody.
    fn any(&self, random: &mut Random, whole_only: bool) -> Value {
        let share = 0.25 + random.fraction() / 2.0;
        self.number(self.low + (self.high - self.low) * share, whole_only)
    }

    /// The allowed number next to this one.
    fn number(&self, wanted: f64, whole_only: bool) -> Value {
        let step = self.step.unwrap_or(if whole_only { 1.0 } else { 0.1 });
        let steps = ((wanted - self.low) / step).round().min(((self.high - self.low) / step).floor()).max(0.0);
        let number = self.low + steps * step;
        if whole_only {
            return whole(number.round()).into();
        }
        // Steps such as 0.1 are not exact in binary: cut the noise behind the digits that a step can have.
        let short = format!("{number:.6}").parse().ok().filter(|short| (self.low..=self.high).contains(short));
        Number::from_f64(short.unwrap_or(number)).map_or(Value::Null, Value::Number)
    }
}

/// A whole float as an integer; 0 for what is none. By way of text, because a cast would hide what does not fit.
fn whole(number: f64) -> i64 {
    format!("{number:.0}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: f64, max: f64, step: f64) -> Range {
        Range { min: Some(min), max: Some(max), step: Some(step), unit: String::new() }
    }

    #[test]
    fn numbers_stay_inside_their_limits_and_on_their_steps_however_long_they_drift() {
        let mut random = Random::new(7);
        let float = DataType::Float { double: false, range: range(-40.0, 80.0, 0.1) };
        let int = DataType::Int { bits: 32, range: range(3.0, 11.0, 4.0) };
        let mut temperature = plausible(&float, &mut random, Time::ZERO);
        let mut level = plausible(&int, &mut random, Time::ZERO);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2_000 {
            temperature = drifted(&float, &temperature, &mut random, Time::ZERO);
            let number = temperature.as_f64().unwrap();
            assert!((-40.0..=80.0).contains(&number), "{number}");
            assert_eq!(format!("{number}").split_once('.').map_or(0, |(_, digits)| digits.len()).max(1), 1, "{number}");
            level = drifted(&int, &level, &mut random, Time::ZERO);
            seen.insert(level.as_i64().unwrap());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 7, 11]);
    }

    #[test]
    fn every_type_gets_a_value_of_its_own_kind_inside_its_bounds() {
        let mut random = Random::new(1);
        let now = Time::from_millis(1_700_000_000_123);
        for _ in 0..200 {
            let mut make = |data_type: &DataType| plausible(data_type, &mut random, now);
            assert!(make(&DataType::Bool { off: String::new(), on: String::new() }).is_boolean());
            assert!([3, 5].contains(&make(&DataType::Enum(vec![(3, "a".into()), (5, "b".into())])).as_i64().unwrap()));
            assert!(make(&DataType::Bits { length: 3, names: vec![] }).as_u64().unwrap() < 8);
            assert_eq!(make(&DataType::Text { max_length: Some(3) }).as_str().unwrap().len(), 3);
            assert_eq!(make(&DataType::Date), 1_700_000_000_123_u64);
            let element = Box::new(DataType::Int { bits: 32, range: range(1.0, 2.0, 1.0) });
            let array = make(&DataType::Array { element, max_length: Some(1) });
            assert_eq!(array.as_array().unwrap().len(), 1);
        }
    }

    #[test]
    fn limits_that_make_no_sense_give_a_number_nevertheless() {
        let mut random = Random::new(1);
        for limits in [
            Range::default(),
            range(5.0, 1.0, 1.0),
            range(f64::NAN, f64::INFINITY, 0.0),
            range(-1e300, 1e300, -1.0),
            range(1.0, 1.0, 10.0),
        ] {
            let int = plausible(&DataType::Int { bits: 64, range: limits.clone() }, &mut random, Time::ZERO);
            assert!(int.is_i64() || int.is_u64(), "{limits:?}: {int}");
            let float = plausible(&DataType::Float { double: true, range: limits.clone() }, &mut random, Time::ZERO);
            assert!(float.is_number(), "{limits:?}: {float}");
        }
    }

    #[test]
    fn a_struct_inside_itself_ends() {
        let mut nested = DataType::Date;
        for _ in 0..100 {
            nested = DataType::Struct(vec![Param {
                identifier: "a".into(),
                name: String::new(),
                optional: true,
                data_type: nested,
            }]);
        }
        let value = plausible(&nested, &mut Random::new(1), Time::ZERO);
        assert_eq!(value.to_string().matches('{').count(), usize::from(DEEPEST) + 1);
    }
}
