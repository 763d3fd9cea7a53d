//! Thing-model files: what the platforms' formats share when they are written.

use serde_json::{Map, Value, json};

use crate::model::thing::Range;

/// A model file: indented, with a line break at its end.
pub fn file(root: &Value) -> String {
    serde_json::to_string_pretty(root).map(|text| text + "\n").unwrap_or_default()
}

/// The limits of a number as text, as far as there are some.
pub fn range(range: &Range) -> Map<String, Value> {
    let number = |name: &str, end: Option<f64>| Some((name.to_owned(), Value::from(end?.to_string())));
    let unit = (!range.unit.is_empty()).then(|| ("unit".to_owned(), Value::from(range.unit.as_str())));
    let members = [number("min", range.min), number("max", range.max), number("step", range.step), unit];
    members.into_iter().flatten().collect()
}

/// The names of numbers: `{"0": "label", …}`.
pub fn names<'n>(names: impl IntoIterator<Item = (i64, &'n str)>) -> Value {
    Value::Object(names.into_iter().map(|(number, name)| (number.to_string(), json!(name))).collect())
}

/// The names of an enum.
pub fn choices(choices: &[(i64, String)]) -> Value {
    names(choices.iter().map(|(number, name)| (*number, name.as_str())))
}
