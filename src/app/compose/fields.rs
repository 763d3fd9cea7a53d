//! The values of a form made from a thing model.

use std::collections::HashMap;

use serde_json::Value;

use crate::app::edit::TextEdit;
use crate::base::moment::Moment;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::model::describe::describe;
use crate::model::thing::DataType;
use crate::model::{OpKind, ThingModel};

/// Names a value: an identifier within an operation, and within an event or a service where it belongs to one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FieldKey {
    /// The operation.
    pub op: OpKind,
    /// The event or service.
    pub name: Option<String>,
    /// The identifier.
    pub identifier: String,
}

/// A value being composed.
#[derive(Debug, Clone)]
pub struct Field {
    /// Whether it is sent.
    pub included: bool,
    /// The value as text: JSON, or bare text for a text.
    pub edit: TextEdit,
    /// Its type.
    pub data_type: DataType,
}

impl Field {
    /// A value of this type, with a known value or one that the model allows.
    pub fn new(data_type: DataType, known: Option<&Value>, included: bool) -> Field {
        let text = match (known, &data_type) {
            (Some(Value::String(text)), DataType::Text { .. } | DataType::Binary(_)) => text.clone(),
            (Some(value), _) => value.to_string(),
            (None, data_type) => plausible(data_type),
        };
        Field { included, edit: TextEdit::single(&text), data_type }
    }

    /// The value. What is no JSON is taken as text, so that the platform's own check can say what it thinks of it.
    pub fn value(&self) -> Value {
        let text = self.edit.text();
        match self.data_type {
            DataType::Text { .. } | DataType::Binary(_) => Value::String(text),
            // A date may be written as people write it.
            DataType::Date => match date(text.trim()) {
                Some(millis) => Value::from(millis),
                None => serde_json::from_str(text.trim()).unwrap_or(Value::String(text)),
            },
            _ => serde_json::from_str(text.trim()).unwrap_or(Value::String(text)),
        }
    }

    /// The values to choose from, with their names; empty for a type that is typed.
    pub fn choices(&self) -> Vec<(String, String)> {
        match &self.data_type {
            DataType::Bool { off, on } => vec![("false".to_owned(), off.clone()), ("true".to_owned(), on.clone())],
            DataType::Enum(values) => values.iter().map(|(value, name)| (value.to_string(), name.clone())).collect(),
            _ => Vec::new(),
        }
    }

    /// Goes to another choice, or adds a step to a number.
    pub fn turn(&mut self, forward: bool) {
        let choices = self.choices();
        if choices.is_empty() {
            if let DataType::Int { range, .. } | DataType::Float { range, .. } = &self.data_type {
                let step = range.step.filter(|step| *step > 0.0).unwrap_or(1.0);
                let Ok(number) = self.edit.text().trim().parse::<f64>() else { return };
                let moved = number + if forward { step } else { -step };
                let moved = moved.clamp(range.min.unwrap_or(f64::MIN), range.max.unwrap_or(f64::MAX));
                self.edit.set(&shortest(moved, step));
            }
            return;
        }
        let at = choices.iter().position(|(value, _)| *value == self.edit.text().trim());
        let next = match at {
            Some(at) if forward => (at + 1) % choices.len(),
            Some(at) => (at + choices.len() - 1) % choices.len(),
            None => 0,
        };
        if let Some((value, _)) = choices.get(next) {
            self.edit.set(value);
        }
    }

    /// The name of the chosen value, where it has one.
    pub fn choice_name(&self) -> Option<String> {
        let text = self.edit.text();
        if self.data_type == DataType::Date
            && let Some(millis) = self.value().as_u64()
        {
            return Some(local_date_time(Time::from_millis(millis)));
        }
        let chosen = self.choices().into_iter().find(|(value, _)| *value == text.trim());
        chosen.map(|(_, name)| name).filter(|name| !name.is_empty())
    }

    /// Type and limits in a few words.
    pub fn limits(&self) -> String {
        describe(&self.data_type)
    }
}

/// Every value that was composed in this run, so that nothing typed is lost by a change of operation.
#[derive(Debug, Default)]
pub struct Fields(HashMap<FieldKey, Field>);

impl Fields {
    /// A value.
    pub fn get(&self, key: &FieldKey) -> Option<&Field> {
        self.0.get(key)
    }

    /// A value to be changed.
    pub fn get_mut(&mut self, key: &FieldKey) -> Option<&mut Field> {
        self.0.get_mut(key)
    }

    /// Adds values.
    pub fn extend(&mut self, fresh: Vec<(FieldKey, Field)>) {
        self.0.extend(fresh);
    }
}

/// A value as it stands in a field: text as it is, everything else as JSON.
pub fn written(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The type of a value in the model.
pub fn data_type<'a>(model: &'a ThingModel, key: &FieldKey) -> Option<&'a DataType> {
    let of = |params: &'a [crate::model::thing::Param]| {
        params.iter().find(|param| param.identifier == key.identifier).map(|param| &param.data_type)
    };
    match (&key.name, key.op) {
        (Some(name), OpKind::Event) => of(&model.events.iter().find(|event| event.identifier == *name)?.outputs),
        (Some(name), _) => of(&model.services.iter().find(|service| service.identifier == *name)?.inputs),
        (None, _) => {
            let property = model.properties.iter().find(|property| property.identifier == key.identifier)?;
            Some(&property.data_type)
        }
    }
}

/// `2026-01-31 14:05:00` in local time, as Unix milliseconds.
fn date(written: &str) -> Option<u64> {
    match Moment::parse(written).filter(|_| written.contains('-')) {
        Some(Moment::Once(from, _)) => Some(from.as_millis()),
        _ => None,
    }
}

/// A number in the fewest digits that its step asks for.
fn shortest(number: f64, step: f64) -> String {
    let decimals = step.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    format!("{number:.decimals$}")
}

/// A value that the model allows.
fn plausible(data_type: &DataType) -> String {
    match data_type {
        DataType::Int { range, .. } => shortest(range.min.unwrap_or(0.0), 1.0),
        DataType::Float { range, .. } => shortest(range.min.unwrap_or(0.0), range.step.unwrap_or(0.1)),
        DataType::Bool { .. } => "true".to_owned(),
        DataType::Enum(values) => values.first().map_or(String::new(), |(value, _)| value.to_string()),
        DataType::Bits { .. } => "0".to_owned(),
        DataType::Date => "{{now_ms}}".to_owned(),
        DataType::Text { .. } => String::new(),
        DataType::Binary(length) => "00".repeat(*length),
        DataType::Struct(members) => {
            let parts: Vec<String> = members
                .iter()
                .map(|member| {
                    let value = plausible(&member.data_type);
                    // Inside of JSON a place to be filled is a text as well.
                    let quoted =
                        matches!(member.data_type, DataType::Text { .. } | DataType::Binary(_) | DataType::Date);
                    let value = if quoted { format!("\"{value}\"") } else { value };
                    format!("\"{}\":{value}", member.identifier)
                })
                .collect();
            format!("{{{}}}", parts.join(","))
        }
        DataType::Array { .. } => "[]".to_owned(),
        DataType::Other(_) => "null".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::thing::Range;

    fn number() -> Field {
        let range = Range { min: Some(0.0), max: Some(1.0), step: Some(0.5), unit: "℃".to_owned() };
        Field::new(DataType::Float { double: false, range }, None, true)
    }

    #[test]
    fn a_number_turns_by_its_step_within_its_limits() {
        let mut field = number();
        for wanted in ["0.5", "1.0", "1.0"] {
            field.turn(true);
            assert_eq!(field.edit.text(), wanted);
        }
        assert_eq!(field.limits(), "float 0 … 1 Δ0.5 ℃");
    }

    #[test]
    fn what_is_no_json_is_sent_to_the_check_as_text() {
        let mut field = number();
        field.edit.set("warm");
        assert_eq!(field.value(), Value::String("warm".to_owned()));
    }

    #[test]
    fn a_date_is_typed_as_people_write_it_and_shown_so() {
        let mut field = Field::new(DataType::Date, None, true);
        assert_eq!(field.edit.text(), "{{now_ms}}", "the time of sending, unless another one is given");
        field.edit.set("2026-01-31 14:05:09");
        assert_eq!(field.value(), Value::from(1_769_868_309_000_u64));
        field.edit.set("1769868309000");
        assert_eq!(field.value(), Value::from(1_769_868_309_000_u64));
        assert_eq!(field.choice_name().as_deref(), Some("2026-01-31 14:05:09"));
        field.edit.set("soon");
        assert_eq!(field.value(), Value::String("soon".to_owned()), "the platform's check says what it thinks of it");
    }

    #[test]
    fn bytes_begin_with_their_length() {
        let field = Field::new(DataType::Binary(3), None, true);
        assert_eq!((field.value(), field.limits()), (Value::from("000000"), "hex(3)".to_owned()));
    }

    #[test]
    fn choices_go_round() {
        let mut field = Field::new(DataType::Enum(vec![(1, "a".to_owned()), (4, "b".to_owned())]), None, true);
        field.turn(false);
        assert_eq!((field.edit.text().as_str(), field.choice_name().as_deref()), ("4", Some("b")));
        field.turn(true);
        assert_eq!(field.value(), Value::from(1));
    }
}
