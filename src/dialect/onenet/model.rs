//! The platform's thing-model file (物模型), and the check of values against it.
//!
//! Sources: OneNET docs, `thing-model` pages and `QueryThingModel`; key names from the vendor's model generator. Numbers in
//! `specs` are strings, and `specs` may be null.

use serde_json::Value;

use crate::base::json::Node;
use crate::base::lang::Text;
use crate::dialect::model_file::{Read, Reader, whole};
use crate::model::thing::{self, DataType, Event, Param, Property, Service, ThingModel, ValueFault, json_type};

/// The model of the demo: a lamp with everything that a form can show.
pub const DEMO: &str = include_str!("demo-model.json");

const MISSING: Text = Text::new("“{}” is missing", "缺少“{}”");
const NOT_OBJECT: Text = Text::new(
    "a thing model is an object with properties, events and services",
    "物模型应为含 properties、events、services 的对象",
);

/// The data types of the platform (OneNET docs, `thing-model`).
const TYPES: &[&str] =
    &["int32", "int64", "float", "double", "bool", "enum", "string", "date", "bitMap", "struct", "array"];

/// Reads a model file; the fault has line and column.
pub fn read(text: &str) -> Read<ThingModel> {
    let reader = File(Reader::new(text));
    let root = reader.root(&["properties", "events", "services"], NOT_OBJECT)?;
    let model = ThingModel {
        properties: reader.list(&root, &["properties"], |node| reader.property(node))?,
        events: reader.list(&root, &["events"], |node| reader.event(node))?,
        services: reader.list(&root, &["services"], |node| reader.service(node))?,
        binary: None,
    };
    Ok(model)
}

/// A file that is being read.
struct File<'a>(Reader<'a>);

impl<'a> std::ops::Deref for File<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.0
    }
}

impl File<'_> {
    fn property(&self, node: &Node) -> Read<Property> {
        let Param { identifier, name, data_type, .. } = self.param(node)?;
        let writable = self.words(node, "accessMode").contains('w');
        Ok(Property { identifier, name, writable, data_type })
    }

    fn event(&self, node: &Node) -> Read<Event> {
        Ok(Event {
            identifier: self.text(node, "identifier")?,
            name: self.words(node, "name"),
            class: self.words(node, "eventType"),
            outputs: self.list(node, &["outputData", "output"], |node| self.param(node))?,
        })
    }

    fn service(&self, node: &Node) -> Read<Service> {
        Ok(Service {
            identifier: self.text(node, "identifier")?,
            name: self.words(node, "name"),
            synchronous: self.words(node, "callType") != "a",
            inputs: self.list(node, &["input", "inputData"], |node| self.param(node))?,
            outputs: self.list(node, &["output", "outputData"], |node| self.param(node))?,
        })
    }

    fn param(&self, node: &Node) -> Read<Param> {
        let data_type = node.get("dataType").ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"dataType"])))?;
        Ok(Param {
            identifier: self.text(node, "identifier")?,
            name: self.words(node, "name"),
            optional: true,
            data_type: self.data_type(data_type)?,
        })
    }

    /// `{type, specs}`; element types of arrays may stand as a bare word.
    fn data_type(&self, node: &Node) -> Read<DataType> {
        match node.as_str() {
            Some(word) => self.typed(node, word),
            None => self.typed(node, &self.text(node, "type")?),
        }
    }

    fn typed(&self, node: &Node, word: &str) -> Read<DataType> {
        let specs = node.get("specs");
        Ok(match word {
            "int32" => DataType::Int { bits: 32, range: self.range(specs)? },
            "int64" => DataType::Int { bits: 64, range: self.range(specs)? },
            "float" => DataType::Float { double: false, range: self.range(specs)? },
            "double" => DataType::Float { double: true, range: self.range(specs)? },
            "bool" => DataType::Bool { off: self.label(specs, "false"), on: self.label(specs, "true") },
            "enum" => DataType::Enum(self.names(specs)?),
            "string" => DataType::Text { max_length: self.number(specs, "length")?.and_then(whole) },
            "date" => DataType::Date,
            "bitMap" => DataType::Bits {
                length: self
                    .number(specs, "length")?
                    .and_then(whole)
                    .and_then(|bits| u8::try_from(bits).ok())
                    .unwrap_or(32),
                names: self.bit_names(specs),
            },
            "struct" => match specs {
                Some(specs) => DataType::Struct(self.elements(specs.elements(), |node| self.param(node))?),
                None => DataType::Struct(Vec::new()),
            },
            "array" => {
                let specs = specs.ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"specs"])))?;
                let max_length = self.number(Some(specs), "length")?.and_then(whole);
                let element = Box::new(self.typed(specs, &self.words(specs, "type"))?);
                DataType::Array { element, max_length }
            }
            other => return Err(self.unknown_type(node, other, TYPES)),
        })
    }

    /// `define` is a list of names, or of objects that have one.
    fn bit_names(&self, specs: Option<&Node>) -> Vec<String> {
        let define = specs.and_then(|specs| specs.get("define"));
        define
            .map(|define| define.elements().iter().chain(define.members()))
            .into_iter()
            .flatten()
            .map(|node| node.scalar_text().map_or_else(|| self.words(node, "name"), str::to_owned))
            .collect()
    }
}

/// A finding of the check, and the platform's code for it (device log, "业务状态码").
pub type Finding = (ValueFault, Option<String>);

/// Checks a property value.
pub fn check_property(model: &ThingModel, identifier: &str, value: &Value, writing: bool) -> Result<(), Finding> {
    let Some(property) = model.properties.iter().find(|property| property.identifier == identifier) else {
        return Err(coded(ValueFault::UnknownIdentifier));
    };
    if writing && !property.writable {
        return Err(coded(ValueFault::ReadOnly));
    }
    check_type(&property.data_type, value).map_err(coded)
}

/// Checks named values (outputs of an event, inputs and outputs of a service) against their parameters.
pub fn check_params(params: &[Param], values: &serde_json::Map<String, Value>) -> Result<(), (String, Finding)> {
    for (identifier, value) in values {
        let checked = match params.iter().find(|param| param.identifier == *identifier) {
            Some(param) => check_type(&param.data_type, value),
            None => Err(ValueFault::UnknownIdentifier),
        };
        checked.map_err(|fault| (identifier.clone(), coded(fault)))?;
    }
    Ok(())
}

fn coded(fault: ValueFault) -> Finding {
    let code = match fault.innermost() {
        ValueFault::UnknownIdentifier => "309",
        ValueFault::ReadOnly => "313",
        _ => "302",
    };
    (fault, Some(code.to_owned()))
}

fn check_type(data_type: &DataType, value: &Value) -> Result<(), ValueFault> {
    let wrong = |expected: &str| ValueFault::WrongType { expected: expected.to_owned(), found: json_type(value) };
    match data_type {
        DataType::Int { bits, range } => {
            let name = if *bits == 32 { "int32" } else { "int64" };
            let number = value.as_i64().ok_or_else(|| wrong(name))?;
            if *bits == 32 && i32::try_from(number).is_err() {
                return Err(ValueFault::OutOfRange { limits: "int32".to_owned() });
            }
            range.check(value)
        }
        DataType::Float { double, range } => {
            value.as_f64().ok_or_else(|| wrong(if *double { "double" } else { "float" }))?;
            range.check(value)
        }
        DataType::Bool { .. } => value.as_bool().map(|_| ()).ok_or_else(|| wrong("bool")),
        DataType::Enum(names) => {
            let number = value.as_i64().ok_or_else(|| wrong("enum"))?;
            if names.is_empty() || names.iter().any(|(known, _)| *known == number) {
                return Ok(());
            }
            let known: Vec<String> = names.iter().map(|(known, _)| known.to_string()).collect();
            Err(ValueFault::OutOfRange { limits: known.join(", ") })
        }
        DataType::Bits { length, .. } => {
            let number = value.as_u64().ok_or_else(|| wrong("bitMap"))?;
            match number.checked_shr(u32::from(*length)) {
                Some(rest) if rest != 0 => Err(ValueFault::OutOfRange { limits: format!("{length} bit") }),
                _ => Ok(()),
            }
        }
        DataType::Text { max_length } => {
            let found = value.as_str().ok_or_else(|| wrong("string"))?.chars().count();
            thing::within(*max_length, found)
        }
        DataType::Date => value.as_i64().map(|_| ()).ok_or_else(|| wrong("date")),
        DataType::Struct(params) => {
            let object = value.as_object().ok_or_else(|| wrong("struct"))?;
            for (name, value) in object {
                let param = params.iter().find(|param| param.identifier == *name).ok_or(ValueFault::UnknownIdentifier);
                param
                    .and_then(|param| check_type(&param.data_type, value))
                    .map_err(|fault| fault.inside(name.as_str()))?;
            }
            match params.iter().find(|param| !object.contains_key(&param.identifier)) {
                Some(missing) => Err(ValueFault::MissingMember(missing.identifier.clone())),
                None => Ok(()),
            }
        }
        DataType::Array { element, max_length } => {
            let elements = value.as_array().ok_or_else(|| wrong("array"))?;
            thing::within(*max_length, elements.len())?;
            thing::each(elements, |value| check_type(element, value))
        }
        DataType::Binary(_) | DataType::Other(_) => Ok(()),
    }
}

/// What a value means in the terms of its type: the name of an enum value or a bool, a number's unit, set bits.
pub fn meaning(data_type: &DataType, value: &Value) -> Option<String> {
    let named = |name: &String| (!name.is_empty()).then(|| name.clone());
    match data_type {
        DataType::Int { range, .. } | DataType::Float { range, .. } => named(&range.unit),
        DataType::Bool { off, on } => named(if value.as_bool()? { on } else { off }),
        DataType::Enum(names) => {
            let number = value.as_i64()?;
            names.iter().find(|(known, _)| *known == number).and_then(|(_, name)| named(name))
        }
        DataType::Bits { names, .. } => {
            let number = value.as_u64()?;
            let set: Vec<&str> = (0u32..)
                .zip(names)
                .filter(|(bit, _)| number.checked_shr(*bit).is_some_and(|rest| rest & 1 == 1))
                .map(|(_, name)| name.as_str())
                .collect();
            (!set.is_empty()).then(|| set.join(", "))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::model_file;

    #[test]
    fn the_demo_model_is_read_whole() {
        let model = read(DEMO).unwrap();
        let types: Vec<&str> = model.properties.iter().map(|property| property.identifier.as_str()).collect();
        assert_eq!(
            types,
            ["Power", "brightness", "temperature", "mode", "title", "color", "alarms", "timers", "updated", "WF"]
        );
        assert!(model.properties.iter().all(|property| !matches!(property.data_type, DataType::Other(_))));
        assert!(!model.properties.last().unwrap().writable);
        assert_eq!(model.events[0].outputs.len(), 2);
        assert_eq!(model.services.iter().map(|service| service.synchronous).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn an_unknown_data_type_is_told_at_its_place_with_those_that_there_are() {
        crate::dialect::testing::unknown_types_are_told(
            read,
            TYPES,
            [r#""dataType":{"type":"boool"}"#, r#""dataType":{"type":"array","specs":{"type":"boool"}}"#],
        );
    }

    #[test]
    fn a_fault_names_line_and_column() {
        let place = |text: &str| read(text).map_err(|fault| (fault.line, fault.column)).unwrap_err();
        assert_eq!(place("{\n  \"properties\": [\n    {\"name\": \"x\"}]}"), (3, 5));
        assert_eq!(place("{\"properties\": [],}"), (1, 18));
        assert_eq!(place("[]"), (1, 1));
        assert_eq!(place("{\"a\": 1}"), (1, 1));
        assert_eq!(place("{\"properties\": 1}"), (1, 16));
        let two = r#"{"properties":[{"identifier":"a","dataType":{"type":"bool","specs":null}},{"identifier":"a"}]}"#;
        assert!(read(two).unwrap_err().reason.is(&model_file::TWICE));
    }

    #[test]
    fn limits_are_read_from_text_numbers_and_null() {
        let text = |specs: &str| {
            let text = format!(
                r#"{{"properties":[{{"identifier":"a","name":"A","accessMode":"rw","dataType":{{"type":"int32","specs":{specs}}}}}]}}"#
            );
            read(&text).map(|model| model.properties[0].data_type.clone())
        };
        let range =
            |min, max| DataType::Int { bits: 32, range: thing::Range { min, max, step: None, unit: String::new() } };
        assert_eq!(text(r#"{"min":"0","max":"100","step":""}"#), Ok(range(Some(0.0), Some(100.0))));
        assert_eq!(text(r#"{"min":-5}"#), Ok(range(Some(-5.0), None)));
        assert_eq!(text("null"), Ok(range(None, None)));
        assert!(text(r#"{"min":"low"}"#).unwrap_err().reason.is(&model_file::NOT_NUMBER));
    }

    #[test]
    fn values_are_checked_with_the_platforms_codes() {
        let model = read(DEMO).unwrap();
        let code = |identifier: &str, value: Value, writing| {
            check_property(&model, identifier, &value, writing).map_err(|(_, code)| code.unwrap_or_default())
        };
        assert_eq!(code("temperature", json!(21.5), true), Ok(()));
        assert_eq!(code("temperature", json!("21.5"), true), Err("302".to_owned()));
        assert_eq!(code("temperature", json!(900), true), Err("302".to_owned()));
        assert_eq!(code("nothing", json!(1), true), Err("309".to_owned()));
        assert_eq!(code("WF", json!(1.0), true), Err("313".to_owned()));
        assert_eq!(code("WF", json!(1.0), false), Ok(()));
        assert_eq!(code("Power", json!(1), true), Err("302".to_owned()));
        assert_eq!(code("mode", json!(9), true), Err("302".to_owned()));
        assert_eq!(code("brightness", json!(10.5), true), Err("302".to_owned()));
        assert_eq!(code("color", json!({"r": 1, "g": 2}), true), Err("302".to_owned()));
        assert_eq!(code("alarms", json!(16), true), Err("302".to_owned()));
        assert_eq!(code("timers", json!([1, 2, 3, 4, 5]), true), Err("302".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = read(&text);
        }
    }
}
