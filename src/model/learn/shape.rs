//! The type of a value, learned from the values it had.
//!
//! 1. `true` and `false` make a bool. On platforms that write 0 and 1 for them, a value that was only ever 0 and 1, and
//!    both, is one too.
//! 2. Whole numbers that lie in this century when read as Unix milliseconds make a date; on platforms that write dates as
//!    text, such digits in text do.
//! 3. Whole numbers that were seen often and had few values, all of them small, are taken for an enum; its names are not
//!    known.
//! 4. Other numbers have the limits that were seen, and the digits that were seen as their step. A number that never
//!    changed has no limits.
//! 5. Objects are structs, arrays have elements of one type. Where values of several JSON types were seen, the one seen most
//!    counts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::model::thing::{DataType, Param, Range};

/// Values of an enum that a guess allows.
const MOST_CHOICES: usize = 8;
/// The largest number that a guess takes for a value of an enum.
const LARGEST_CHOICE: i64 = 15;
/// How often each value of an enum has to be seen on average before it is taken for one.
const SIGHTINGS: u64 = 5;
/// Members of a struct that are kept.
const MOST_MEMBERS: usize = 256;
/// Digits after the point that count.
const MOST_DECIMALS: usize = 6;
/// 2001-09-09 and 2100-01-01 in Unix milliseconds.
const CENTURY: std::ops::Range<i64> = 1_000_000_000_000..4_102_444_800_000;
/// The length of text that is allowed at least, however short the texts were that were seen.
const SHORTEST_LIMIT: usize = 64;

/// How a platform writes values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Habits {
    /// Bools are 0 and 1.
    pub bool_as_number: bool,
    /// Dates are text.
    pub date_as_text: bool,
}

/// What was seen of a value.
#[derive(Debug, Default)]
pub struct Shape {
    bools: u64,
    ints: u64,
    floats: u64,
    texts: u64,
    objects: u64,
    arrays: u64,
    /// Smallest and largest number.
    ends: Option<(f64, f64)>,
    decimals: usize,
    /// The whole numbers, as long as there are few.
    choices: BTreeSet<i64>,
    /// Whether there were more.
    many: bool,
    /// Whether every number, or every text, was a time.
    times: u64,
    longest: usize,
    members: Members,
    element: Option<Box<Shape>>,
    most_elements: usize,
}

impl Shape {
    /// Takes a value.
    pub fn take(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) => self.bools += 1,
            Value::Number(number) => self.number(number),
            Value::String(text) => {
                self.texts += 1;
                self.longest = self.longest.max(text.chars().count());
                self.times += u64::from(text.parse::<i64>().is_ok_and(|millis| CENTURY.contains(&millis)));
            }
            Value::Array(items) => {
                self.arrays += 1;
                self.most_elements = self.most_elements.max(items.len());
                let element = self.element.get_or_insert_default();
                items.iter().for_each(|item| element.take(item));
            }
            Value::Object(members) => {
                self.objects += 1;
                self.members.take(members);
            }
        }
    }

    fn number(&mut self, number: &serde_json::Number) {
        match number.as_i64() {
            Some(whole) => {
                self.ints += 1;
                self.times += u64::from(CENTURY.contains(&whole));
                if self.choices.len() <= MOST_CHOICES {
                    self.choices.insert(whole);
                } else {
                    self.many |= !self.choices.contains(&whole);
                }
            }
            None => {
                self.floats += 1;
                let written = number.to_string();
                let digits = written.split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len());
                self.decimals = self.decimals.max(digits.min(MOST_DECIMALS));
            }
        }
        let Some(number) = number.as_f64() else { return };
        let (least, most) = self.ends.unwrap_or((number, number));
        self.ends = Some((least.min(number), most.max(number)));
    }

    /// The type that these values had.
    pub fn data_type(&self, habits: Habits) -> DataType {
        let numbers = self.ints + self.floats;
        let most = [self.bools, numbers, self.texts, self.objects, self.arrays].into_iter().max().unwrap_or(0);
        if most == 0 || most == self.texts {
            return self.text(habits);
        }
        if most == self.bools {
            return DataType::Bool { off: String::new(), on: String::new() };
        }
        if most == self.objects {
            return DataType::Struct(self.members.params(habits));
        }
        if most == self.arrays {
            let element = self.element.as_deref().map(|element| element.data_type(habits));
            let element = element.unwrap_or(DataType::Text { max_length: Some(SHORTEST_LIMIT) });
            return DataType::Array { element: Box::new(element), max_length: Some(self.most_elements.max(1)) };
        }
        self.of_numbers(habits)
    }

    fn text(&self, habits: Habits) -> DataType {
        if habits.date_as_text && self.texts > 0 && self.times == self.texts {
            return DataType::Date;
        }
        DataType::Text { max_length: Some(self.longest.next_power_of_two().max(SHORTEST_LIMIT)) }
    }

    fn of_numbers(&self, habits: Habits) -> DataType {
        if self.floats > 0 {
            return DataType::Float { double: true, range: self.range() };
        }
        if self.times == self.ints {
            return DataType::Date;
        }
        if habits.bool_as_number && !self.many && self.choices.iter().eq([0, 1].iter()) {
            return DataType::Bool { off: String::new(), on: String::new() };
        }
        let count = u64::try_from(self.choices.len()).unwrap_or(u64::MAX);
        let few = !self.many && (2..=MOST_CHOICES).contains(&self.choices.len());
        if few
            && self.choices.iter().all(|choice| (0..=LARGEST_CHOICE).contains(choice))
            && self.ints >= count * SIGHTINGS
        {
            return DataType::Enum(self.choices.iter().map(|choice| (*choice, choice.to_string())).collect());
        }
        let fits = |end: f64| end.abs() <= f64::from(i32::MAX);
        let bits = if self.ends.is_none_or(|(least, most)| fits(least) && fits(most)) { 32 } else { 64 };
        DataType::Int { bits, range: self.range() }
    }

    fn range(&self) -> Range {
        let ends = self.ends.filter(|(least, most)| least < most);
        let step: Option<f64> = match self.decimals {
            0 => Some(1.0),
            digits => format!("1e-{digits}").parse().ok(),
        };
        // Digits that were seen in a few values say little of those to come.
        let step = step.filter(|_| self.floats == 0 || self.decimals < MOST_DECIMALS);
        Range { min: ends.map(|(least, _)| least), max: ends.map(|(_, most)| most), step, unit: String::new() }
    }
}

/// Named values that come together: members of a struct, parameters of an event or a service.
#[derive(Debug, Default)]
pub struct Members {
    times: u64,
    seen: Vec<(String, u64, Shape)>,
}

impl Members {
    /// Takes them; says how many were left out.
    pub fn take(&mut self, members: &Map<String, Value>) -> u64 {
        self.times += 1;
        let mut left_out = 0;
        for (name, value) in members {
            if let Some((_, times, shape)) = self.seen.iter_mut().find(|(known, ..)| known == name) {
                *times += 1;
                shape.take(value);
            } else if self.seen.len() < MOST_MEMBERS {
                let mut shape = Shape::default();
                shape.take(value);
                self.seen.push((name.clone(), 1, shape));
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// Their types; what was not always there may be left out.
    pub fn params(&self, habits: Habits) -> Vec<Param> {
        let param = |(name, times, shape): &(String, u64, Shape)| Param {
            identifier: name.clone(),
            name: name.clone(),
            optional: *times < self.times,
            data_type: shape.data_type(habits),
        };
        self.seen.iter().map(param).collect()
    }
}
