//! The platform's thing-model file (schema), written. Its form is that of [`super::model`].

use serde_json::{Map, Value, json};

use crate::dialect::model_out::{choices, file, names, range};
use crate::model::thing::{DataType, Event, Param, Property, Service, ThingModel};

/// A model as a file.
pub fn write(model: &ThingModel) -> String {
    file(&json!({
        "version": "1.0",
        "profile": {"productID": ""},
        "properties": model.properties.iter().map(property).collect::<Vec<_>>(),
        "events": model.events.iter().map(event).collect::<Vec<_>>(),
        "actions": model.services.iter().map(action).collect::<Vec<_>>(),
    }))
}

fn property(property: &Property) -> Value {
    json!({
        "identifier": property.identifier, "name": property.name, "desc": "",
        "mode": if property.writable { "rw" } else { "r" }, "required": false, "define": define(&property.data_type),
    })
}

fn event(event: &Event) -> Value {
    json!({
        "identifier": event.identifier, "name": event.name, "desc": "", "type": event.class,
        "params": params(&event.outputs),
    })
}

fn action(action: &Service) -> Value {
    json!({
        "identifier": action.identifier, "name": action.name, "desc": "", "dir": "down",
        "input": params(&action.inputs), "output": params(&action.outputs),
    })
}

fn params(params: &[Param]) -> Vec<Value> {
    let param = |param: &Param| {
        json!({
            "identifier": param.identifier, "name": param.name, "required": !param.optional,
            "define": define(&param.data_type),
        })
    };
    params.iter().map(param).collect()
}

fn define(data_type: &DataType) -> Value {
    let mut define = Map::new();
    let mut put = |name: &str, value: Value| {
        define.insert(name.to_owned(), value);
    };
    let longest = |length: Option<usize>| length.map(|length| json!(length.to_string()));
    match data_type {
        DataType::Int { range: limits, .. } => {
            put("type", json!("int"));
            define.extend(range(limits));
        }
        DataType::Float { range: limits, .. } => {
            put("type", json!("float"));
            define.extend(range(limits));
        }
        DataType::Bool { off, on } => {
            put("type", json!("bool"));
            put("mapping", names([(0, off.as_str()), (1, on.as_str())]));
        }
        DataType::Enum(known) => {
            put("type", json!("enum"));
            put("mapping", choices(known));
        }
        DataType::Text { max_length } => {
            put("type", json!("string"));
            longest(*max_length).into_iter().for_each(|length| put("max", length));
        }
        DataType::Binary(bytes) => {
            put("type", json!("string"));
            put("max", json!((bytes * 2).to_string()));
        }
        DataType::Date => put("type", json!("timestamp")),
        DataType::Struct(members) => {
            put("type", json!("struct"));
            let member = |param: &Param| {
                json!({"identifier": param.identifier, "name": param.name, "required": !param.optional,
                    "dataType": self::define(&param.data_type)})
            };
            put("specs", members.iter().map(member).collect());
        }
        DataType::Array { element, max_length } => {
            put("type", json!("array"));
            put("arrayInfo", self::define(element));
            longest(*max_length).into_iter().for_each(|length| put("max", length));
        }
        DataType::Bits { .. } => put("type", json!("int")),
        DataType::Other(word) => put("type", json!(word)),
    }
    Value::Object(define)
}
