//! Values that are made: constant, ramp, sine, random walk, rows of a file.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Number, Value};

use crate::base::random::Random;
use crate::model::thing::DataType;

/// How a value goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// As the thing holds it.
    Held,
    /// Always the same.
    Constant(Value),
    /// From one number to another, then from the beginning.
    Ramp {
        /// The first number.
        from: f64,
        /// The last number.
        to: f64,
        /// How long it takes.
        over: Duration,
        /// Whether it goes back the way it came instead of jumping.
        back: bool,
    },
    /// A sine.
    Sine {
        /// The middle.
        mean: f64,
        /// The largest distance from the middle.
        amplitude: f64,
        /// How long one turn takes.
        period: Duration,
        /// Where it begins, in turns: 0.25 begins at the top.
        phase: f64,
    },
    /// A step up or down by chance, each time.
    Walk {
        /// The first number.
        from: f64,
        /// The largest step.
        step: f64,
        /// The smallest number.
        min: f64,
        /// The largest number.
        max: f64,
    },
    /// One after the other.
    Rows {
        /// The values.
        rows: Arc<Vec<Value>>,
        /// Whether they begin anew at their end.
        repeat: bool,
    },
}

/// A shape while it runs.
#[derive(Debug, Clone)]
pub(in crate::session::thing) struct Wave {
    shape: Shape,
    turn: usize,
    walked: Option<f64>,
    random: Random,
}

impl Wave {
    /// A shape at its beginning.
    pub(in crate::session::thing) fn new(shape: Shape, seed: u64) -> Wave {
        Wave { shape, turn: 0, walked: None, random: Random::new(seed) }
    }

    /// The next value, so long after the start; `None` where the thing's own value holds. A number is written as its
    /// type wants it, but not kept inside the limits of the model: to leave them may be what is to be tried.
    pub(in crate::session::thing) fn next(&mut self, elapsed: Duration, data_type: Option<&DataType>) -> Option<Value> {
        let turn = self.turn;
        self.turn = self.turn.saturating_add(1);
        let number = match &self.shape {
            Shape::Held => return None,
            Shape::Constant(value) => return Some(value.clone()),
            Shape::Rows { rows, repeat } => {
                let at = if *repeat { turn.checked_rem(rows.len())? } else { turn };
                return rows.get(at).cloned();
            }
            Shape::Ramp { from, to, over, back } => {
                let turns = elapsed.as_secs_f64() / over.as_secs_f64().max(1e-6);
                let share = if *back { 1.0 - (turns % 2.0 - 1.0).abs() } else { turns % 1.0 };
                from + (to - from) * share
            }
            Shape::Sine { mean, amplitude, period, phase } => {
                let turns = elapsed.as_secs_f64() / period.as_secs_f64().max(1e-6) + phase;
                mean + amplitude * (std::f64::consts::TAU * turns).sin()
            }
            Shape::Walk { from, step, min, max } => {
                let next = match self.walked {
                    None => *from,
                    Some(before) => {
                        let by = (self.random.fraction() * 2.0 - 1.0) * step;
                        // At a limit it turns back, so that it does not stick there.
                        let to = before + by;
                        if to < *min || to > *max { before - by } else { to }
                    }
                };
                let next = next.clamp(*min, *max);
                self.walked = Some(next);
                next
            }
        };
        Some(written(number, data_type))
    }

    /// Whether nothing more comes of it.
    pub(in crate::session::thing) fn is_over(&self) -> bool {
        matches!(&self.shape, Shape::Rows { rows, repeat: false } if self.turn >= rows.len())
    }
}

/// A number as its type wants it.
fn written(number: f64, data_type: Option<&DataType>) -> Value {
    let whole = || format!("{number:.0}").parse::<i64>().map_or(Value::Null, Value::from);
    let decimal = |number: f64, digits: usize| {
        let short = format!("{number:.digits$}").parse().ok().and_then(Number::from_f64);
        short.map_or(Value::Null, Value::Number)
    };
    match data_type {
        Some(DataType::Int { .. } | DataType::Enum(_) | DataType::Bits { .. } | DataType::Date) => whole(),
        Some(DataType::Bool { .. }) => Value::Bool(number >= 0.5),
        Some(DataType::Text { .. }) => Value::String(decimal(number, 3).to_string()),
        Some(DataType::Float { range, .. }) => match range.step.filter(|step| step.is_finite() && *step > 0.0) {
            Some(step) => decimal((number / step).round() * step, 6),
            None => decimal(number, 3),
        },
        _ => decimal(number, 3),
    }
}

/// The rows of a column of comma-separated values (RFC 4180): numbers, `true` and `false` as such, the rest as text. The
/// first line names the columns. `None` where there is no such column; empty cells are left out.
pub(super) fn column(text: &str, name: &str) -> Option<Vec<Value>> {
    let mut records = records(text).into_iter();
    let heads = records.next()?;
    let at = heads.iter().position(|head| head.trim() == name)?;
    let cells = records.filter_map(|record| record.get(at).map(|cell| cell.trim().to_owned()));
    Some(cells.filter(|cell| !cell.is_empty()).map(cell_value).collect())
}

fn cell_value(cell: String) -> Value {
    match serde_json::from_str(&cell) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Object(_) | Value::Array(_))) => value,
        _ => Value::String(cell),
    }
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut record = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut signs = text.strip_prefix('\u{feff}').unwrap_or(text).chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted || cell.trim().is_empty() => {
                quoted = !quoted;
                if quoted {
                    cell.clear();
                }
            }
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                all.push(std::mem::take(&mut record));
            }
            '\r' if !quoted => {}
            sign => cell.push(sign),
        }
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        all.push(record);
    }
    all.retain(|record| record.iter().any(|cell| !cell.trim().is_empty()));
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::thing::Range;

    fn float() -> DataType {
        DataType::Float { double: false, range: Range::default() }
    }

    fn at(shape: &Shape, seconds: &[u64]) -> Vec<Value> {
        let mut wave = Wave::new(shape.clone(), 5);
        seconds.iter().filter_map(|second| wave.next(Duration::from_secs(*second), Some(&float()))).collect()
    }

    #[test]
    fn a_sine_and_a_ramp_are_where_mathematics_has_them() {
        let sine = Shape::Sine { mean: 25.0, amplitude: 5.0, period: Duration::from_secs(4), phase: 0.0 };
        assert_eq!(at(&sine, &[0, 1, 2, 3, 4]), [25.0, 30.0, 25.0, 20.0, 25.0]);
        let ramp = |back| Shape::Ramp { from: 0.0, to: 10.0, over: Duration::from_secs(4), back };
        assert_eq!(at(&ramp(false), &[0, 1, 2, 3, 4, 5]), [0.0, 2.5, 5.0, 7.5, 0.0, 2.5]);
        assert_eq!(at(&ramp(true), &[0, 2, 4, 6, 8]), [0.0, 5.0, 10.0, 5.0, 0.0]);
    }

    #[test]
    fn a_walk_stays_inside_its_limits_and_is_the_same_for_the_same_seed() {
        let walk = Shape::Walk { from: 5.0, step: 3.0, min: 0.0, max: 10.0 };
        let seconds: Vec<u64> = (0..500).collect();
        let walked = at(&walk, &seconds);
        assert_eq!(walked, at(&walk, &seconds));
        assert_eq!(walked[0], 5.0);
        assert!(walked.iter().all(|value| (0.0..=10.0).contains(&value.as_f64().unwrap())));
        assert!(walked.windows(2).any(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn rows_come_in_their_order_and_begin_anew_only_where_told() {
        let rows = |repeat| Shape::Rows { rows: Arc::new(vec![json!(1), json!("x")]), repeat };
        assert_eq!(at(&rows(true), &[0; 5]), [json!(1), json!("x"), json!(1), json!("x"), json!(1)]);
        assert_eq!(at(&rows(false), &[0; 5]), [json!(1), json!("x")]);
        let mut wave = Wave::new(rows(false), 1);
        wave.next(Duration::ZERO, None);
        assert!(!wave.is_over());
        wave.next(Duration::ZERO, None);
        assert!(wave.is_over());
    }

    #[test]
    fn a_number_is_written_as_its_type_wants_it() {
        let range = Range { step: Some(0.5), ..Range::default() };
        assert_eq!(written(2.6, Some(&DataType::Int { bits: 32, range: Range::default() })), json!(3));
        assert_eq!(written(2.6, Some(&DataType::Float { double: false, range })), json!(2.5));
        assert_eq!(written(0.1 + 0.2, Some(&float())), json!(0.3));
        assert_eq!(written(0.7, Some(&DataType::Bool { off: String::new(), on: String::new() })), json!(true));
        assert_eq!(written(f64::NAN, Some(&float())), Value::Null);
    }

    #[test]
    fn a_column_of_a_file_is_read_with_its_quotes() {
        let text = "\u{feff}time, temperature ,note\r\n1,20.5,\"a, \"\"b\"\"\"\r\n\r\n2,,x\n3,21,\"two\nlines\"";
        assert_eq!(column(text, "temperature").unwrap(), [json!(20.5), json!(21)]);
        assert_eq!(column(text, "note").unwrap(), [json!("a, \"b\""), json!("x"), json!("two\nlines")]);
        assert_eq!(column(text, "nothing"), None);
    }
}
