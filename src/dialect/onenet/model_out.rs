//! The platform's thing-model file (物模型), written. Its form is that of [`super::model`].

use serde_json::{Map, Value, json};

use crate::dialect::model_out::{choices, file, range};
use crate::model::thing::{DataType, Event, Param, Property, Service, ThingModel};

/// A model as a file.
pub fn write(model: &ThingModel) -> String {
    file(&json!({
        "version": "1.0",
        "properties": model.properties.iter().map(property).collect::<Vec<_>>(),
        "events": model.events.iter().map(event).collect::<Vec<_>>(),
        "services": model.services.iter().map(service).collect::<Vec<_>>(),
    }))
}

fn property(property: &Property) -> Value {
    json!({
        "identifier": property.identifier, "name": property.name, "functionType": "u",
        "accessMode": if property.writable { "rw" } else { "r" }, "desc": "",
        "dataType": data_type(&property.data_type), "functionMode": "property",
    })
}

fn event(event: &Event) -> Value {
    json!({
        "identifier": event.identifier, "name": event.name, "functionType": "u", "eventType": event.class, "desc": "",
        "outputData": params(&event.outputs), "functionMode": "event",
    })
}

fn service(service: &Service) -> Value {
    json!({
        "identifier": service.identifier, "name": service.name, "functionType": "u",
        "callType": if service.synchronous { "s" } else { "a" }, "desc": "",
        "input": params(&service.inputs), "output": params(&service.outputs), "functionMode": "service",
    })
}

fn params(params: &[Param]) -> Vec<Value> {
    let param = |param: &Param| json!({"identifier": param.identifier, "name": param.name, "dataType": data_type(&param.data_type)});
    params.iter().map(param).collect()
}

fn length(name: &str, length: Option<usize>) -> Map<String, Value> {
    Map::from_iter(length.map(|length| (name.to_owned(), json!(length.to_string()))))
}

fn data_type(data_type: &DataType) -> Value {
    let (word, specs) = match data_type {
        DataType::Int { bits: 32, range: limits } => ("int32", Value::Object(range(limits))),
        DataType::Int { range: limits, .. } => ("int64", Value::Object(range(limits))),
        DataType::Float { double: true, range: limits } => ("double", Value::Object(range(limits))),
        DataType::Float { range: limits, .. } => ("float", Value::Object(range(limits))),
        DataType::Bool { off, on } => ("bool", json!({"true": on, "false": off})),
        DataType::Enum(known) => ("enum", choices(known)),
        DataType::Bits { length, names } => ("bitMap", json!({"length": length.to_string(), "define": names})),
        DataType::Text { max_length } => ("string", Value::Object(length("length", *max_length))),
        DataType::Binary(bytes) => ("string", Value::Object(length("length", Some(bytes * 2)))),
        DataType::Date => ("date", json!({})),
        DataType::Struct(members) => ("struct", Value::Array(params(members))),
        DataType::Array { element, max_length } => {
            let mut specs = length("length", *max_length);
            if let Value::Object(inner) = self::data_type(element) {
                specs.extend(inner);
            }
            ("array", Value::Object(specs))
        }
        DataType::Other(word) => (word.as_str(), json!({})),
    };
    json!({"type": word, "specs": specs})
}
