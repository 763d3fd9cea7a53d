//! The platform's thing-model file (物模型), and the check of values against it.
//!
//! Sources: OneNET docs, `thing-model` pages and `QueryThingModel`; key names from the vendor's model generator. Numbers in
//! `specs` are strings, and `specs` may be null.

use serde_json::Value;

use crate::base::json::{self, Node};
use crate::base::lang::{Phrase, Text};
use crate::dialect::ModelFault;
use crate::model::thing::{DataType, Event, Param, Property, Range, Service, ThingModel, ValueFault, json_type};

/// The model of the demo: a lamp with everything that a form can show.
pub const DEMO: &str = include_str!("demo-model.json");

const NOT_OBJECT: Text = Text::new(
    "a thing model is an object with properties, events and services",
    "物模型应为含 properties、events、services 的对象",
);
const EXPECTED: Text = Text::new("“{}” should be {}, found {}", "“{}”应为 {}，实际是 {}");
const MISSING: Text = Text::new("“{}” is missing", "缺少“{}”");
const TWICE: Text = Text::new("the identifier “{}” is used twice", "标识符“{}”重复");
const NOT_NUMBER: Text = Text::new("“{}” should be a number, found “{}”", "“{}”应为数字，实际是“{}”");

struct Reader<'a> {
    text: &'a [u8],
}

type Read<T> = Result<T, ModelFault>;

/// Reads a model file; the fault has line and column.
pub fn read(text: &str) -> Read<ThingModel> {
    let reader = Reader { text: text.as_bytes() };
    let parsed = json::parse(text.as_bytes());
    if let Some(problem) = parsed.problems.into_iter().next() {
        return Err(reader.fault(problem.offset, problem.reason));
    }
    let root = parsed.root.filter(|root| matches!(root.value, json::Value::Object(_)));
    let root = root.ok_or_else(|| reader.fault(0, NOT_OBJECT.into()))?;
    let known = ["properties", "events", "services"];
    if !known.iter().any(|name| root.get(name).is_some()) {
        return Err(reader.fault(root.offset, NOT_OBJECT.into()));
    }
    let model = ThingModel {
        properties: reader.list(&root, &["properties"], |node| reader.property(node))?,
        events: reader.list(&root, &["events"], |node| reader.event(node))?,
        services: reader.list(&root, &["services"], |node| reader.service(node))?,
        binary: None,
    };
    Ok(model)
}

impl Reader<'_> {
    fn fault(&self, offset: usize, reason: Phrase) -> ModelFault {
        let (line, column) = json::line_column(self.text, offset);
        ModelFault { line, column, reason }
    }

    fn expected(&self, node: &Node, what: &str) -> ModelFault {
        let name = node.name().unwrap_or_default();
        self.fault(node.offset, EXPECTED.with(&[&name, &what, &node.type_name()]))
    }

    /// The elements of the first of these members that is there; identifiers must differ.
    fn list<T>(&self, parent: &Node, names: &[&str], read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
        let Some(node) = names.iter().find_map(|name| parent.get(name)) else { return Ok(Vec::new()) };
        match &node.value {
            json::Value::Null => Ok(Vec::new()),
            json::Value::Array(elements) => self.elements(elements, read),
            _ => Err(self.expected(node, "array")),
        }
    }

    fn elements<T>(&self, elements: &[Node], read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
        let mut seen = std::collections::BTreeSet::new();
        for element in elements {
            let identifier = self.text(element, "identifier")?;
            if !seen.insert(identifier.clone()) {
                return Err(self.fault(element.offset, TWICE.with(&[&identifier])));
            }
        }
        elements.iter().map(read).collect()
    }

    fn text(&self, node: &Node, name: &str) -> Read<String> {
        let member = node.get(name).ok_or_else(|| self.fault(node.offset, MISSING.with(&[&name])))?;
        member.as_str().map(str::to_owned).ok_or_else(|| self.expected(member, "string"))
    }

    /// A text that may be missing or null.
    fn words(&self, node: &Node, name: &str) -> String {
        node.get(name).and_then(Node::as_str).unwrap_or_default().to_owned()
    }

    fn property(&self, node: &Node) -> Read<Property> {
        let Param { identifier, name, data_type } = self.param(node)?;
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
            data_type: self.data_type(data_type)?,
        })
    }

    /// `{type, specs}`; element types of arrays may stand as a bare word.
    fn data_type(&self, node: &Node) -> Read<DataType> {
        let (word, specs) = match node.as_str() {
            Some(word) => (word.to_owned(), None),
            None => (self.text(node, "type")?, node.get("specs")),
        };
        self.typed(&word, specs)
    }

    fn typed(&self, word: &str, specs: Option<&Node>) -> Read<DataType> {
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
            "array" => self.array(specs)?,
            other => DataType::Other(other.to_owned()),
        })
    }

    fn array(&self, specs: Option<&Node>) -> Read<DataType> {
        let max_length = self.number(specs, "length")?.and_then(whole);
        let word = specs.map(|specs| self.words(specs, "type")).unwrap_or_default();
        let inner = specs.and_then(|specs| specs.get("specs"));
        Ok(DataType::Array { element: Box::new(self.typed(&word, inner)?), max_length })
    }

    fn range(&self, specs: Option<&Node>) -> Read<Range> {
        Ok(Range {
            min: self.number(specs, "min")?,
            max: self.number(specs, "max")?,
            step: self.number(specs, "step")?,
            unit: self.label(specs, "unit"),
        })
    }

    fn label(&self, specs: Option<&Node>, name: &str) -> String {
        specs.map(|specs| self.words(specs, name)).unwrap_or_default()
    }

    /// A number written as a number or as text; empty text and null mean none.
    fn number(&self, specs: Option<&Node>, name: &str) -> Read<Option<f64>> {
        let Some(node) = specs.and_then(|specs| specs.get(name)) else { return Ok(None) };
        let text = match &node.value {
            json::Value::Null => return Ok(None),
            json::Value::Number(text) | json::Value::String(text) => text.trim(),
            _ => return Err(self.expected(node, "number")),
        };
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.fault(node.offset, NOT_NUMBER.with(&[&name, &text]))),
        }
    }

    /// `{"0": "label", …}`.
    fn names(&self, specs: Option<&Node>) -> Read<Vec<(i64, String)>> {
        let Some(specs) = specs else { return Ok(Vec::new()) };
        specs
            .members()
            .iter()
            .map(|member| {
                let key = member.name().unwrap_or_default();
                let number =
                    key.trim().parse().map_err(|_| self.fault(member.start(), NOT_NUMBER.with(&[&"specs", &key])))?;
                Ok((number, member.scalar_text().unwrap_or_default().to_owned()))
            })
            .collect()
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

/// A whole number that is not negative.
fn whole(number: f64) -> Option<usize> {
    format!("{number:.0}").parse().ok()
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
    let code = match &fault {
        ValueFault::UnknownIdentifier => "309",
        ValueFault::ReadOnly => "313",
        ValueFault::WrongType { .. }
        | ValueFault::OutOfRange { .. }
        | ValueFault::TooLong { .. }
        | ValueFault::MissingMember(_) => "302",
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
            in_range(range, value)
        }
        DataType::Float { double, range } => {
            value.as_f64().ok_or_else(|| wrong(if *double { "double" } else { "float" }))?;
            in_range(range, value)
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
            within(*max_length, found)
        }
        DataType::Date => value.as_i64().map(|_| ()).ok_or_else(|| wrong("date")),
        DataType::Struct(params) => {
            let object = value.as_object().ok_or_else(|| wrong("struct"))?;
            for (name, value) in object {
                let param = params.iter().find(|param| param.identifier == *name);
                check_type(&param.ok_or(ValueFault::UnknownIdentifier)?.data_type, value)?;
            }
            match params.iter().find(|param| !object.contains_key(&param.identifier)) {
                Some(missing) => Err(ValueFault::MissingMember(missing.identifier.clone())),
                None => Ok(()),
            }
        }
        DataType::Array { element, max_length } => {
            let elements = value.as_array().ok_or_else(|| wrong("array"))?;
            within(*max_length, elements.len())?;
            elements.iter().try_for_each(|value| check_type(element, value))
        }
        DataType::Other(_) => Ok(()),
    }
}

fn within(max: Option<usize>, found: usize) -> Result<(), ValueFault> {
    match max {
        Some(max) if found > max => Err(ValueFault::TooLong { max, found }),
        _ => Ok(()),
    }
}

fn in_range(range: &Range, value: &Value) -> Result<(), ValueFault> {
    let number = value.as_f64().unwrap_or_default();
    let below = range.min.is_some_and(|min| number < min);
    let above = range.max.is_some_and(|max| number > max);
    if !below && !above {
        return Ok(());
    }
    let end = |limit: Option<f64>| limit.map_or("…".to_owned(), |limit| limit.to_string());
    Err(ValueFault::OutOfRange { limits: format!("{} – {}", end(range.min), end(range.max)) })
}

const UNKNOWN: Text = Text::new("the thing model has no “{}”", "物模型中没有“{}”");
const READ_ONLY: Text = Text::new("“{}” is read-only", "“{}”只读，不能设置");
const WRONG_TYPE: Text = Text::new("“{}” should be {}, found {}", "“{}”的类型应为 {}，实际是 {}");
const OUT_OF_RANGE: Text = Text::new("“{}” is outside {}", "“{}”超出取值范围 {}");
const TOO_LONG: Text = Text::new("“{}” is {} long, at most {} are allowed", "“{}”的长度为 {}，最多 {}");
const NO_MEMBER: Text = Text::new("“{}” lacks the member “{}”", "“{}”缺少成员“{}”");

/// A finding in words.
pub fn describe(identifier: &str, fault: &ValueFault) -> Phrase {
    match fault {
        ValueFault::UnknownIdentifier => UNKNOWN.with(&[&identifier]),
        ValueFault::ReadOnly => READ_ONLY.with(&[&identifier]),
        ValueFault::WrongType { expected, found } => WRONG_TYPE.with(&[&identifier, expected, found]),
        ValueFault::OutOfRange { limits } => OUT_OF_RANGE.with(&[&identifier, limits]),
        ValueFault::TooLong { max, found } => TOO_LONG.with(&[&identifier, found, max]),
        ValueFault::MissingMember(member) => NO_MEMBER.with(&[&identifier, member]),
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
    fn a_fault_names_line_and_column() {
        let place = |text: &str| read(text).map_err(|fault| (fault.line, fault.column)).unwrap_err();
        assert_eq!(place("{\n  \"properties\": [\n    {\"name\": \"x\"}]}"), (3, 5));
        assert_eq!(place("{\"properties\": [],}"), (1, 18));
        assert_eq!(place("[]"), (1, 1));
        assert_eq!(place("{\"a\": 1}"), (1, 1));
        assert_eq!(place("{\"properties\": 1}"), (1, 16));
        let two = r#"{"properties":[{"identifier":"a","dataType":{"type":"bool","specs":null}},{"identifier":"a"}]}"#;
        assert!(read(two).unwrap_err().reason.is(&TWICE));
    }

    #[test]
    fn limits_are_read_from_text_numbers_and_null() {
        let text = |specs: &str| {
            let text = format!(
                r#"{{"properties":[{{"identifier":"a","name":"A","accessMode":"rw","dataType":{{"type":"int32","specs":{specs}}}}}]}}"#
            );
            read(&text).map(|model| model.properties[0].data_type.clone())
        };
        let range = |min, max| DataType::Int { bits: 32, range: Range { min, max, step: None, unit: String::new() } };
        assert_eq!(text(r#"{"min":"0","max":"100","step":""}"#), Ok(range(Some(0.0), Some(100.0))));
        assert_eq!(text(r#"{"min":-5}"#), Ok(range(Some(-5.0), None)));
        assert_eq!(text("null"), Ok(range(None, None)));
        assert!(text(r#"{"min":"low"}"#).unwrap_err().reason.is(&NOT_NUMBER));
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
