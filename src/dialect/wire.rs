//! Values as people give them, in the form that a platform has them on the wire. What does not fit stays as it is.

use serde_json::{Map, Value};

use crate::model::thing::{DataType, Param};

/// The platform's form of a single value; `None` where it is the same.
pub type Scalar = fn(&DataType, &Value) -> Option<Value>;

/// A value, its members and elements.
pub fn value(data_type: &DataType, given: &Value, scalar: Scalar) -> Value {
    match (data_type, given) {
        (DataType::Struct(of), Value::Object(members)) => Value::Object(params(of, members, scalar)),
        (DataType::Array { element, .. }, Value::Array(items)) => {
            Value::Array(items.iter().map(|item| value(element, item, scalar)).collect())
        }
        _ => scalar(data_type, given).unwrap_or_else(|| given.clone()),
    }
}

/// Named values, by their parameters.
pub fn params(params: &[Param], given: &Map<String, Value>, scalar: Scalar) -> Map<String, Value> {
    let type_of = |name: &str| params.iter().find(|param| param.identifier == name).map(|param| &param.data_type);
    named(given, type_of, scalar)
}

/// Named values whose types are looked up.
pub fn named<'t>(
    given: &Map<String, Value>,
    type_of: impl Fn(&str) -> Option<&'t DataType>,
    scalar: Scalar,
) -> Map<String, Value> {
    let of =
        |name: &str, found: &Value| type_of(name).map_or_else(|| found.clone(), |known| value(known, found, scalar));
    given.iter().map(|(name, found)| (name.clone(), of(name, found))).collect()
}
