//! The platform's thing-model file (TSL), written. Its form is that of [`super::model`].

use serde_json::{Map, Value, json};

use crate::dialect::model_out::{choices, file, names, range};
use crate::model::thing::{DataType, Event, Param, Property, Service, ThingModel};

/// What the console writes at the top.
const SCHEMA: &str = "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json";

/// A model as a file.
pub fn write(model: &ThingModel) -> String {
    file(&template(model, ""))
}

/// A model as devices get it.
pub fn template(model: &ThingModel, product: &str) -> Value {
    json!({
        "schema": SCHEMA,
        "profile": {"productKey": product},
        "properties": model.properties.iter().map(property).collect::<Vec<_>>(),
        "events": model.events.iter().map(event).collect::<Vec<_>>(),
        "services": model.services.iter().map(service).collect::<Vec<_>>(),
    })
}

fn property(property: &Property) -> Value {
    json!({
        "identifier": property.identifier, "name": property.name,
        "accessMode": if property.writable { "rw" } else { "r" }, "required": false,
        "dataType": data_type(&property.data_type),
    })
}

fn event(event: &Event) -> Value {
    json!({
        "identifier": event.identifier, "name": event.name, "type": event.class, "required": false,
        "method": format!("thing.event.{}.post", event.identifier), "outputData": params(&event.outputs),
    })
}

fn service(service: &Service) -> Value {
    json!({
        "identifier": service.identifier, "name": service.name, "required": false,
        "callType": if service.synchronous { "sync" } else { "async" },
        "method": format!("thing.service.{}", service.identifier),
        "inputData": params(&service.inputs), "outputData": params(&service.outputs),
    })
}

fn params(params: &[Param]) -> Vec<Value> {
    let param = |param: &Param| json!({"identifier": param.identifier, "name": param.name, "dataType": data_type(&param.data_type)});
    params.iter().map(param).collect()
}

fn data_type(data_type: &DataType) -> Value {
    let (word, specs) = match data_type {
        DataType::Int { bits: 32, range: limits } => ("int", Value::Object(range(limits))),
        // Whole numbers have 32 bits; larger ones are written as double.
        DataType::Int { range: limits, .. } | DataType::Float { double: true, range: limits } => {
            ("double", Value::Object(range(limits)))
        }
        DataType::Float { range: limits, .. } => ("float", Value::Object(range(limits))),
        DataType::Bool { off, on } => ("bool", names([(0, off.as_str()), (1, on.as_str())])),
        DataType::Enum(known) => ("enum", choices(known)),
        DataType::Text { max_length } => {
            let length = max_length.map(|length| ("length".to_owned(), json!(length.to_string())));
            ("text", Value::Object(Map::from_iter(length)))
        }
        DataType::Date => ("date", json!({})),
        DataType::Struct(members) => ("struct", Value::Array(params(members))),
        DataType::Array { element, max_length } => {
            let item = self::data_type(element);
            let size = max_length.map(|length| ("size".to_owned(), json!(length.to_string())));
            ("array", Value::Object(size.into_iter().chain([("item".to_owned(), item)]).collect()))
        }
        DataType::Bits { .. } => ("int", json!({})),
        DataType::Binary(length) => ("text", json!({"length": (length * 2).to_string()})),
        DataType::Other(word) => (word.as_str(), json!({})),
    };
    json!({"type": word, "specs": specs})
}
