//! The platform's thing-model file (schema), and the check of values against it (unitedrhino/things,
//! `share/domain/schema` and `msgThing`).
//!
//! `define` holds `type`, `mapping`, `min`, `max`, `step`, `unit`, `specs`, `arrayInfo`; its numbers are texts. The check
//! here is that of the platform for a person who sends values; what the platform does to reports instead of refusing
//! them is [`settle`].

use serde_json::{Map, Value};

use crate::base::json::{self, Node};
use crate::base::lang::Text;
use crate::dialect::model_file::{Read, Reader, whole};
use crate::dialect::{ModelFault, wire};
use crate::model::thing::{self, DataType, Event, Param, Property, Range, Service, ThingModel, ValueFault, json_type};

/// The product of the demo's lamp.
pub const DEMO_PRODUCT: &str = "25iotdbgLmp";
/// The model of the demo: a lamp with everything that a form can show.
pub const DEMO: &str = include_str!("demo-model.json");

/// The largest text and the largest array where the file says nothing (schema).
const MAX_TEXT: usize = 2048;
const MAX_ARRAY: usize = 1024;

/// The data types of the platform (schema).
const TYPES: &[&str] = &["bool", "int", "float", "string", "enum", "timestamp", "struct", "array", "matrix"];

/// The parameter is missing or unknown.
const WRONG_PARAMETER: &str = "100006";
/// The value has another type.
const WRONG_TYPE: &str = "100014";
/// The value is outside its limits.
const OUT_OF_RANGE: &str = "100015";

const NOT_OBJECT: Text = Text::new(
    "a thing model (schema) is an object with properties, events and actions",
    "物模型（schema）应为含 properties、events、actions 的对象",
);
const MISSING: Text = Text::new("“{}” is missing", "缺少“{}”");

/// A file that is being read.
struct File<'a>(Reader<'a>);

impl<'a> std::ops::Deref for File<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.0
    }
}

/// Reads a model file; the fault has line and column.
pub fn read(text: &str) -> Result<ThingModel, ModelFault> {
    let file = File(Reader::new(text));
    let root = file.root(&["properties", "events", "actions"], NOT_OBJECT)?;
    Ok(ThingModel {
        properties: file.list(&root, &["properties"], |node| file.property(node))?,
        events: file.list(&root, &["events"], |node| file.event(node))?,
        services: file.list(&root, &["actions"], |node| file.action(node))?,
        ..ThingModel::default()
    })
}

impl File<'_> {
    fn property(&self, node: &Node) -> Read<Property> {
        let Param { identifier, name, data_type, .. } = self.param(node)?;
        // A property without a mode can be read only.
        let writable = self.words(node, "mode").contains('w');
        Ok(Property { identifier, name, writable, data_type })
    }

    fn event(&self, node: &Node) -> Read<Event> {
        Ok(Event {
            identifier: self.identifier(node)?,
            name: self.words(node, "name"),
            class: self.words(node, "type"),
            outputs: self.list(node, &["params"], |node| self.param(node))?,
        })
    }

    fn action(&self, node: &Node) -> Read<Service> {
        Ok(Service {
            identifier: self.identifier(node)?,
            name: self.words(node, "name"),
            synchronous: true,
            inputs: self.list(node, &["input"], |node| self.param(node))?,
            outputs: self.list(node, &["output"], |node| self.param(node))?,
        })
    }

    /// A property, a parameter, or a member of a struct, which says `dataType` for `define`.
    fn param(&self, node: &Node) -> Read<Param> {
        let define = node.get("define").or_else(|| node.get("dataType"));
        let define = define.ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"define"])))?;
        Ok(Param {
            identifier: self.identifier(node)?,
            name: self.words(node, "name"),
            optional: matches!(node.get("required").map(|node| &node.value), Some(json::Value::Bool(false))),
            data_type: self.define(define)?,
        })
    }

    fn define(&self, node: &Node) -> Read<DataType> {
        let limits = Some(node);
        let longest = |most: usize| Ok(Some(self.number(limits, "max")?.and_then(whole).unwrap_or(most)));
        Ok(match self.text(node, "type")?.as_str() {
            "bool" => {
                let mapping = node.get("mapping");
                DataType::Bool { off: self.label(mapping, "0"), on: self.label(mapping, "1") }
            }
            "int" => DataType::Int { bits: 64, range: self.range(limits)? },
            "float" => DataType::Float { double: true, range: self.range(limits)? },
            "string" => DataType::Text { max_length: longest(MAX_TEXT)? },
            "enum" => DataType::Enum(self.names(node.get("mapping"))?),
            "timestamp" => DataType::Date,
            "struct" => {
                let specs = node.get("specs").map(Node::elements).unwrap_or_default();
                DataType::Struct(self.elements(specs, |node| self.param(node))?)
            }
            "array" => {
                let info = node.get("arrayInfo");
                let info = info.ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"arrayInfo"])))?;
                DataType::Array { element: Box::new(self.define(info)?), max_length: longest(MAX_ARRAY)? }
            }
            // Nested arrays, of which the platform says no more.
            "matrix" => DataType::Other("matrix".to_owned()),
            other => return Err(self.unknown_type(node, other, TYPES)),
        })
    }
}

/// A finding of the check, and the platform's code for it.
pub type Finding = (ValueFault, Option<String>);

fn finding(fault: ValueFault) -> Finding {
    let code = match fault.innermost() {
        ValueFault::WrongType { .. } => WRONG_TYPE,
        ValueFault::OutOfRange { .. } | ValueFault::TooLong { .. } => OUT_OF_RANGE,
        _ => WRONG_PARAMETER,
    };
    (fault, Some(code.to_owned()))
}

/// A property by its identifier; one element of an array is named `identifier.n`.
fn property<'m>(model: &'m ThingModel, identifier: &str) -> Option<(&'m Property, &'m DataType)> {
    let whole = |name: &str| model.properties.iter().find(|property| property.identifier == name);
    if let Some(property) = whole(identifier) {
        return Some((property, &property.data_type));
    }
    let (name, index) = identifier.rsplit_once('.')?;
    index.parse::<usize>().ok()?;
    let property = whole(name)?;
    match &property.data_type {
        DataType::Array { element, .. } => Some((property, element)),
        _ => None,
    }
}

/// Checks a property value as a person gives it: what [`wire()`] turns into the platform's form is good.
pub fn check_property(model: &ThingModel, identifier: &str, value: &Value, writing: bool) -> Result<(), Finding> {
    let (property, data_type) = property(model, identifier).ok_or_else(|| finding(ValueFault::UnknownIdentifier))?;
    if writing && !property.writable {
        return Err(finding(ValueFault::ReadOnly));
    }
    judge(data_type, &wire(data_type, value)).map_err(finding)
}

/// Checks named values as a person gives them; here a missing one is a fault as well.
pub fn check_params(params: &[Param], values: &Map<String, Value>) -> Result<(), (String, Finding)> {
    let values = wire_params(params, values);
    for (identifier, value) in &values {
        let param = params.iter().find(|param| param.identifier == *identifier);
        let judged = param.map_or(Err(ValueFault::UnknownIdentifier), |param| judge(&param.data_type, value));
        judged.map_err(|fault| (identifier.clone(), finding(fault)))?;
    }
    match params.iter().find(|param| !param.optional && !values.contains_key(&param.identifier)) {
        Some(missing) => Err(("params".to_owned(), finding(ValueFault::MissingMember(missing.identifier.clone())))),
        None => Ok(()),
    }
}

/// The form of single values on the wire: 0 and 1 for a bool.
fn scalar(data_type: &DataType, value: &Value) -> Option<Value> {
    match (data_type, value) {
        (DataType::Bool { .. }, Value::Bool(flag)) => Some(Value::from(u8::from(*flag))),
        _ => None,
    }
}

/// A value in the form of the wire. What does not fit stays as it is.
pub fn wire(data_type: &DataType, value: &Value) -> Value {
    wire::value(data_type, value, scalar)
}

/// Named values in the form of the wire, by their parameters.
pub fn wire_params(params: &[Param], values: &Map<String, Value>) -> Map<String, Value> {
    wire::params(params, values, scalar)
}

/// Property values in the form of the wire.
pub fn wire_values(model: &ThingModel, values: &Map<String, Value>) -> Map<String, Value> {
    wire::named(values, |name| property(model, name).map(|(_, data_type)| data_type), scalar)
}

/// What the platform makes of a reported value: numbers are moved into their limits and onto their step, texts are cut,
/// and what has the wrong type or an unknown enum value is skipped without a word (`msgThing/param.go`).
pub fn settle(model: &ThingModel, identifier: &str, value: &Value) -> Option<Value> {
    let (_, data_type) = property(model, identifier)?;
    settled(data_type, &wire(data_type, value))
}

fn settled(data_type: &DataType, value: &Value) -> Option<Value> {
    match data_type {
        DataType::Int { range, .. } => {
            let number = fitted(range, value.as_f64()?, 1.0);
            format!("{number:.0}").parse::<i64>().ok().map(Value::from)
        }
        DataType::Float { range, .. } => Some(Value::from(fitted(range, value.as_f64()?, 0.001))),
        DataType::Text { max_length } => {
            let text = value.as_str()?;
            Some(Value::from(text.chars().take(max_length.unwrap_or(MAX_TEXT)).collect::<String>()))
        }
        DataType::Struct(params) => {
            let members = value.as_object()?.iter().filter_map(|(name, value)| {
                let param = params.iter().find(|param| param.identifier == *name)?;
                Some((name.clone(), settled(&param.data_type, value)?))
            });
            Some(Value::Object(members.collect()))
        }
        DataType::Array { element, max_length } => {
            let items = value.as_array()?.iter().take(max_length.unwrap_or(MAX_ARRAY));
            Some(Value::Array(items.map(|item| settled(element, item)).collect::<Option<_>>()?))
        }
        other => judge(other, value).ok().map(|()| value.clone()),
    }
}

/// A number within its limits and on its step, without the digits that division leaves behind.
fn fitted(range: &Range, number: f64, usual_step: f64) -> f64 {
    let number = number.max(range.min.unwrap_or(f64::MIN)).min(range.max.unwrap_or(f64::MAX));
    let step = range.step.filter(|step| *step > 0.0).unwrap_or(usual_step);
    let decimals = step.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    format!("{:.decimals$}", (number / step).round() * step).parse().unwrap_or(number)
}

fn judge(data_type: &DataType, value: &Value) -> Result<(), ValueFault> {
    let wrong = |expected: &str| ValueFault::WrongType { expected: expected.to_owned(), found: json_type(value) };
    match data_type {
        DataType::Int { range, .. } => {
            value.as_i64().ok_or_else(|| wrong("int"))?;
            range.check(value)
        }
        DataType::Float { range, .. } => {
            value.as_f64().ok_or_else(|| wrong("float"))?;
            range.check(value)
        }
        DataType::Bool { .. } => match value.as_i64() {
            Some(0 | 1) => Ok(()),
            Some(_) => Err(ValueFault::OutOfRange { limits: "0, 1".to_owned() }),
            None => Err(wrong("bool (0, 1)")),
        },
        DataType::Enum(names) => {
            let number = value.as_i64().ok_or_else(|| wrong("enum"))?;
            if names.is_empty() || names.iter().any(|(known, _)| *known == number) {
                return Ok(());
            }
            let known: Vec<String> = names.iter().map(|(known, _)| known.to_string()).collect();
            Err(ValueFault::OutOfRange { limits: known.join(", ") })
        }
        DataType::Text { max_length } => {
            thing::within(*max_length, value.as_str().ok_or_else(|| wrong("string"))?.chars().count())
        }
        DataType::Date => value.as_u64().map(drop).ok_or_else(|| wrong("timestamp (ms)")),
        DataType::Struct(params) => {
            let object = value.as_object().ok_or_else(|| wrong("struct"))?;
            for (name, value) in object {
                let param = params.iter().find(|param| param.identifier == *name).ok_or(ValueFault::UnknownIdentifier);
                param.and_then(|param| judge(&param.data_type, value)).map_err(|fault| fault.inside(name.as_str()))?;
            }
            Ok(())
        }
        DataType::Array { element, max_length } => {
            let elements = value.as_array().ok_or_else(|| wrong("array"))?;
            thing::within(*max_length, elements.len())?;
            thing::each(elements, |value| judge(element, value))
        }
        DataType::Bits { .. } | DataType::Binary(_) | DataType::Other(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(model: &ThingModel, name: &str, value: Value, writing: bool) -> Option<String> {
        check_property(model, name, &value, writing).err().and_then(|(_, code)| code)
    }

    #[test]
    fn the_demo_model_is_read_whole() {
        let model = read(DEMO).unwrap();
        assert!(model.properties.len() >= 6 && !model.events.is_empty() && !model.services.is_empty());
        assert!(model.properties.iter().any(|property| !property.writable));
        assert_eq!(code(&model, "powerSwitch", json!(true), true), None, "sent as 1");
        assert_eq!(code(&model, "powerSwitch", json!(2), true).as_deref(), Some("100015"));
        assert_eq!(code(&model, "brightness", json!("50"), true).as_deref(), Some("100014"));
        assert_eq!(code(&model, "brightness", json!(101), true).as_deref(), Some("100015"));
        assert_eq!(code(&model, "roomTemperature", json!(20.0), true).as_deref(), Some("100006"), "read-only");
        assert_eq!(code(&model, "nothing", json!(1), false).as_deref(), Some("100006"));
        assert_eq!(code(&model, "timers.2", json!(30), true), None, "one element of an array");
        assert_eq!(code(&model, "timers.2", json!("x"), true).as_deref(), Some("100014"));
    }

    #[test]
    fn reports_are_mended_and_skipped_as_the_platform_does_it() {
        let model = read(DEMO).unwrap();
        for (name, given, kept) in [
            ("brightness", json!(300), Some(json!(100))),
            ("brightness", json!("300"), None),
            ("roomTemperature", json!(21.26), Some(json!(21.3))),
            ("mode", json!(99), None),
            ("powerSwitch", json!(true), Some(json!(1))),
            ("title", json!("长".repeat(40)), Some(json!("长".repeat(32)))),
            ("timers", json!([1, 9_999]), Some(json!([1, 1_440]))),
            ("nothing", json!(1), None),
        ] {
            assert_eq!(settle(&model, name, &given), kept, "{name} {given}");
        }
    }

    #[test]
    fn a_missing_parameter_is_a_fault_unless_it_may_be_left_out() {
        let model = read(DEMO).unwrap();
        let event = model.events.iter().find(|event| event.identifier == "overheat").unwrap();
        let params = |value: Value| value.as_object().unwrap().clone();
        assert_eq!(check_params(&event.outputs, &params(json!({"value": 90.5, "level": 2}))), Ok(()));
        let (name, (fault, code)) = check_params(&event.outputs, &params(json!({"level": 2}))).unwrap_err();
        assert_eq!((name.as_str(), code.as_deref()), ("params", Some("100006")));
        assert_eq!(fault, ValueFault::MissingMember("value".to_owned()));
        assert_eq!(check_params(&event.outputs, &params(json!({"value": 90.5}))), Ok(()), "level may be left out");
    }

    #[test]
    fn an_unknown_data_type_is_told_at_its_place_with_those_that_there_are() {
        crate::dialect::testing::unknown_types_are_told(
            read,
            TYPES,
            [r#""define":{"type":"boool"}"#, r#""define":{"type":"array","arrayInfo":{"type":"boool"}}"#],
        );
    }

    #[test]
    fn a_fault_names_line_and_column() {
        let fault = read("{\n \"properties\": [\n  {\"identifier\": \"a\"}]}").unwrap_err();
        assert_eq!((fault.line, fault.column), (3, 3));
    }
}
