//! The platform's thing-model file (TSL), and the check of values against it.
//!
//! Sources: the vendor's C SDK, `src/dev_model/examples/model_for_examples.json`; help page 89301 on the forms of values;
//! help page 120329 on the codes. Numbers in `specs` are texts.

use serde_json::{Map, Value};

use crate::base::json::Node;
use crate::base::lang::Text;
use crate::dialect::model_file::{Read, Reader, whole};
use crate::dialect::{ModelFault, wire};
use crate::model::thing::{self, DataType, Event, Param, Property, Service, ThingModel, ValueFault, json_type};

/// The product key of the demo's lamp.
pub const DEMO_PRODUCT: &str = "a1iotdbgDev";
/// The model of the demo: a lamp with everything that a form can show.
pub const DEMO: &str = include_str!("demo-model.json");

const NOT_OBJECT: Text = Text::new(
    "a thing model (TSL) is an object with properties, events and services",
    "物模型（TSL）应为含 properties、events、services 的对象",
);
const MISSING: Text = Text::new("“{}” is missing", "缺少“{}”");

/// The built-in members of every model, which list what stands in it already.
const BUILT_IN: &[&str] = &["post", "set", "get"];

/// The data types of the platform (help page 89301).
const TYPES: &[&str] = &["int", "float", "double", "bool", "enum", "text", "date", "struct", "array"];

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
    let root = file.root(&["properties", "events", "services"], NOT_OBJECT)?;
    let mut events: Vec<Event> = file.list(&root, &["events"], |node| file.event(node))?;
    events.retain(|event| event.identifier != "post");
    let built_in = |node: &Node| node.get("identifier").and_then(Node::as_str).is_some_and(|id| BUILT_IN.contains(&id));
    let services = file.list(&root, &["services"], |node| {
        // `get` has a plain list of identifiers for its inputs.
        if built_in(node) { Ok(None) } else { file.service(node).map(Some) }
    })?;
    Ok(ThingModel {
        properties: file.list(&root, &["properties"], |node| file.property(node))?,
        events,
        services: services.into_iter().flatten().collect(),
        ..ThingModel::default()
    })
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
            class: self.words(node, "type"),
            outputs: self.list(node, &["outputData"], |node| self.param(node))?,
        })
    }

    fn service(&self, node: &Node) -> Read<Service> {
        Ok(Service {
            identifier: self.text(node, "identifier")?,
            name: self.words(node, "name"),
            synchronous: self.words(node, "callType") == "sync",
            inputs: self.list(node, &["inputData"], |node| self.param(node))?,
            outputs: self.list(node, &["outputData"], |node| self.param(node))?,
        })
    }

    fn param(&self, node: &Node) -> Read<Param> {
        let data_type = node.get("dataType").ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"dataType"])))?;
        let word = self.text(data_type, "type")?;
        Ok(Param {
            identifier: self.text(node, "identifier")?,
            name: self.words(node, "name"),
            optional: true,
            data_type: self.typed(data_type, &word)?,
        })
    }

    /// `{type, specs}`.
    fn typed(&self, node: &Node, word: &str) -> Read<DataType> {
        let specs = node.get("specs");
        Ok(match word {
            "int" => DataType::Int { bits: 32, range: self.range(specs)? },
            "float" => DataType::Float { double: false, range: self.range(specs)? },
            "double" => DataType::Float { double: true, range: self.range(specs)? },
            "bool" => DataType::Bool { off: self.label(specs, "0"), on: self.label(specs, "1") },
            "enum" => DataType::Enum(self.names(specs)?),
            "text" => DataType::Text { max_length: self.number(specs, "length")?.and_then(whole) },
            "date" => DataType::Date,
            "struct" => match specs {
                Some(specs) => DataType::Struct(self.elements(specs.elements(), |node| self.param(node))?),
                None => DataType::Struct(Vec::new()),
            },
            "array" => {
                let max_length = self.number(specs, "size")?.and_then(whole);
                let item = specs.and_then(|specs| specs.get("item"));
                let item = item.ok_or_else(|| self.fault(node.offset, MISSING.with(&[&"item"])))?;
                let element = Box::new(self.typed(item, &self.words(item, "type"))?);
                DataType::Array { element, max_length }
            }
            other => return Err(self.unknown_type(node, other, TYPES)),
        })
    }
}

/// A finding of the check, and the platform's code for it (help page 120329).
pub type Finding = (ValueFault, Option<String>);

/// Checks a property value as a person gives it: what [`wire()`] turns into the platform's form is good.
pub fn check_property(model: &ThingModel, identifier: &str, value: &Value, writing: bool) -> Result<(), Finding> {
    let property = model.properties.iter().find(|property| property.identifier == identifier);
    let value = property.map_or_else(|| value.clone(), |property| wire(&property.data_type, value));
    check_strictly(model, identifier, &value, writing)
}

/// Checks a property value as it stands on the wire.
pub fn check_strictly(model: &ThingModel, identifier: &str, value: &Value, writing: bool) -> Result<(), Finding> {
    let Some(property) = model.properties.iter().find(|property| property.identifier == identifier) else {
        return Err((ValueFault::UnknownIdentifier, Some("6320".to_owned())));
    };
    if writing && !property.writable {
        return Err((ValueFault::ReadOnly, Some("6320".to_owned())));
    }
    check_type(&property.data_type, value)
}

/// The form of single values on the wire: 0 and 1 for a bool, text for a date (help page 89301).
fn scalar(data_type: &DataType, value: &Value) -> Option<Value> {
    match (data_type, value) {
        (DataType::Bool { .. }, Value::Bool(flag)) => Some(Value::from(u8::from(*flag))),
        (DataType::Date, Value::Number(number)) => Some(Value::String(number.to_string())),
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

/// Property values in the form of the wire; those in `{"value": …, "time": …}` stay so.
pub fn wire_values(model: &ThingModel, values: &Map<String, Value>) -> Map<String, Value> {
    let type_of = |name: &str| {
        model.properties.iter().find(|property| property.identifier == name).map(|property| &property.data_type)
    };
    wire::named(values, type_of, scalar)
}

/// Checks named values as a person gives them.
pub fn check_params(params: &[Param], values: &Map<String, Value>) -> Result<(), (String, Finding)> {
    check_params_strictly(params, &wire_params(params, values))
}

/// Checks named values against their parameters.
pub fn check_params_strictly(params: &[Param], values: &Map<String, Value>) -> Result<(), (String, Finding)> {
    for (identifier, value) in values {
        match params.iter().find(|param| param.identifier == *identifier) {
            Some(param) => check_type(&param.data_type, value).map_err(|finding| (identifier.clone(), finding))?,
            None => return Err((identifier.clone(), (ValueFault::UnknownIdentifier, Some("6320".to_owned())))),
        }
    }
    Ok(())
}

fn check_type(data_type: &DataType, value: &Value) -> Result<(), Finding> {
    judge(data_type, value).map_err(|fault| (fault, Some(code(data_type).to_owned())))
}

/// The code for a value outside the specs of its type.
const fn code(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int { .. } => "6306",
        DataType::Float { double: false, .. } => "6307",
        DataType::Float { double: true, .. } => "6322",
        DataType::Bool { .. } => "6308",
        DataType::Enum(_) => "6309",
        DataType::Text { .. } => "6310",
        DataType::Date => "6311",
        DataType::Struct(_) => "6312",
        DataType::Array { .. } | DataType::Bits { .. } | DataType::Binary(_) | DataType::Other(_) => "6323",
    }
}

fn judge(data_type: &DataType, value: &Value) -> Result<(), ValueFault> {
    let wrong = |expected: &str| ValueFault::WrongType { expected: expected.to_owned(), found: json_type(value) };
    match data_type {
        DataType::Int { range, .. } => {
            let number = value.as_i64().ok_or_else(|| wrong("int"))?;
            if i32::try_from(number).is_err() {
                return Err(ValueFault::OutOfRange { limits: "int".to_owned() });
            }
            range.check(value)
        }
        DataType::Float { double, range } => {
            value.as_f64().ok_or_else(|| wrong(if *double { "double" } else { "float" }))?;
            range.check(value)
        }
        // The wire has 0 and 1; a bare true or false is a common mistake that the platform refuses.
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
        // Bytes, not characters (help page 89301).
        DataType::Text { max_length } => thing::within(*max_length, value.as_str().ok_or_else(|| wrong("text"))?.len()),
        DataType::Date => {
            let text = value.as_str().ok_or_else(|| wrong("date (text of ms)"))?;
            text.parse::<u64>().map(drop).map_err(|_| wrong("date (text of ms)"))
        }
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

    #[test]
    fn the_demo_model_is_read_whole() {
        let model = read(DEMO).unwrap();
        assert!(model.properties.len() >= 6 && !model.events.is_empty() && model.services.len() >= 2);
        assert!(model.services.iter().any(|service| service.synchronous));
        assert!(model.properties.iter().any(|property| !property.writable));
    }

    #[test]
    fn the_vendors_sample_is_read() {
        // The shape of the notes' own sample, with the built-in members that the console exports.
        let text = r#"{"schema":"x","profile":{"productKey":"a1iotdbg001"},
         "properties":[{"identifier":"Power","name":"Power","accessMode":"rw","required":true,"dataType":{"type":"bool","specs":{"0":"off","1":"on"}}},
          {"identifier":"Temp","name":"Temp","accessMode":"r","required":false,"dataType":{"type":"float","specs":{"min":"-40","max":"85","step":"0.1","unit":"°C"}}}],
         "events":[{"identifier":"post","name":"post","type":"info","outputData":[]},
          {"identifier":"Broken","name":"Broken","type":"error","required":false,"method":"thing.event.Broken.post","outputData":[{"identifier":"Code","name":"Code","dataType":{"type":"int","specs":{"min":"0","max":"99"}}}]}],
         "services":[{"identifier":"get","inputData":["Power","Temp"]},
          {"identifier":"Blink","name":"Blink","callType":"sync","required":false,"method":"thing.service.Blink","inputData":[{"identifier":"Times","name":"Times","dataType":{"type":"int","specs":{"min":"1","max":"10"}}}],"outputData":[]}]}"#;
        let model = read(text).unwrap();
        assert_eq!((model.properties.len(), model.events.len(), model.services.len()), (2, 1, 1));
        let check = |name: &str, value: Value, writing: bool| {
            check_property(&model, name, &value, writing).err().and_then(|(_, code)| code)
        };
        assert_eq!(check("Power", json!(1), true), None);
        assert_eq!(check("Power", json!(true), true), None, "sent as 1");
        assert_eq!(check("Power", json!(2), true).as_deref(), Some("6308"));
        assert!(check_strictly(&model, "Power", &json!(true), true).is_err());
        assert_eq!(check("Temp", json!(99.0), false).as_deref(), Some("6307"));
        assert_eq!(check("Temp", json!(20.0), true).as_deref(), Some("6320"));
        assert_eq!(check("Nope", json!(1), false).as_deref(), Some("6320"));
    }

    #[test]
    fn an_unknown_data_type_is_told_at_its_place_with_those_that_there_are() {
        crate::dialect::testing::unknown_types_are_told(
            read,
            TYPES,
            [r#""dataType":{"type":"boool"}"#, r#""dataType":{"type":"array","specs":{"item":{"type":"boool"}}}"#],
        );
    }

    #[test]
    fn a_fault_names_line_and_column() {
        let fault = read("{\n \"properties\": [\n  {\"identifier\": \"a\"}]}").unwrap_err();
        assert_eq!((fault.line, fault.column), (3, 3));
    }
}
