//! The words of an operation: `KEY=VALUE`, identifiers, names. The same for `set` and for `encode D set`.

use serde_json::{Map, Value};

use crate::base::hex;
use crate::base::lang::Phrase;
use crate::cli::decode::hex_place;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::texts;
use crate::model::thing::{DataType, Param};
use crate::model::{OpKind, Request, ThingModel};

/// Makes a request out of an operation and its words.
///
/// 1. `set`, `desired`, `report` take `KEY=VALUE`; `get`, `desired-get` take identifiers; `desired-delete` takes
///    identifiers with or without `=VERSION`.
/// 2. `event`, `invoke`, `bind`, `unbind`, `subscribe`, `topology` take a name first where they have one, then
///    `KEY=VALUE`.
/// 3. `raw` takes hex. Wherever `KEY=VALUE` stands, one JSON object may stand instead.
pub fn request(
    op: OpKind,
    device: Option<String>,
    words: &[String],
    model: Option<&ThingModel>,
) -> Result<Request, Failure> {
    let mut request = Request { device, ..Request::new(op) };
    match op {
        OpKind::Set | OpKind::DesiredSet | OpKind::Report => {
            assignments(words, |key| property(model, key), &mut request.params)?;
            require(!request.params.is_empty(), op, texts::NEEDS_ASSIGNMENT.into())?;
        }
        OpKind::Pack | OpKind::History => {
            assignments(words, |_| None, &mut request.params)?;
            require(!request.params.is_empty(), op, texts::NEEDS_ASSIGNMENT.into())?;
        }
        OpKind::Get | OpKind::DesiredGet => request.identifiers = words.to_vec(),
        OpKind::DesiredDelete => {
            for word in words {
                let (key, value) = match word.split_once('=') {
                    Some((key, value)) => (key, plain(value)),
                    None => (word.as_str(), Value::Null),
                };
                request.params.insert(key.to_owned(), value);
            }
            require(!request.params.is_empty(), op, texts::NEEDS_IDENTIFIER.into())?;
        }
        OpKind::Event | OpKind::Invoke => {
            let (name, rest) = words.split_first().ok_or_else(|| missing(op, texts::NEEDS_NAME.into()))?;
            if name.contains('=') {
                return Err(missing(op, texts::NEEDS_NAME.into()));
            }
            let params = model.map(|model| parameters(model, op, name)).unwrap_or_default();
            assignments(rest, |key| find(&params, key), &mut request.params)?;
            request.name = Some(name.clone());
        }
        OpKind::Bind
        | OpKind::Unbind
        | OpKind::Subscribe
        | OpKind::Unsubscribe
        | OpKind::Topology
        | OpKind::Ota
        | OpKind::Config
        | OpKind::Tag
        | OpKind::Shadow
        | OpKind::Ntp
        | OpKind::List
        | OpKind::Register
        | OpKind::Log => {
            let named =
                words.split_first().filter(|(first, _)| !first.contains('=') && !first.trim_start().starts_with('{'));
            if let Some((name, _)) = named {
                request.name = Some(name.clone());
            }
            assignments(named.map_or(words, |(_, rest)| rest), |_| None, &mut request.params)?;
        }
        OpKind::Raw => {
            let joined = words.concat();
            request.raw = hex::parse(&joined).map_err(|fault| missing(op, hex_place(&joined, &fault)))?;
        }
    }
    Ok(request)
}

fn require(met: bool, op: OpKind, what: Phrase) -> Outcome {
    if met { Ok(()) } else { Err(missing(op, what)) }
}

fn missing(op: OpKind, what: Phrase) -> Failure {
    Failure::usage(texts::OPERATION_WORDS.around([Phrase::verbatim(op.name()), what]))
}

fn assignments<'m>(
    words: &[String],
    type_of: impl Fn(&str) -> Option<&'m DataType>,
    into: &mut Map<String, Value>,
) -> Outcome {
    for word in words {
        if word.trim_start().starts_with('{') {
            match serde_json::from_str(word) {
                Ok(Value::Object(members)) => into.extend(members),
                Ok(_) => {}
                Err(error) => return Err(Failure::usage(texts::BAD_JSON.with(&[&error]))),
            }
            continue;
        }
        let (key, text) = word
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| Failure::usage(texts::NOT_ASSIGNMENT.with(&[word])))?;
        into.insert(key.to_owned(), value(text, type_of(key)));
    }
    Ok(())
}

/// A value as it was meant: what the model says where there is one, otherwise JSON if it is JSON, otherwise text.
pub fn value(text: &str, data_type: Option<&DataType>) -> Value {
    match data_type {
        Some(DataType::Text { .. } | DataType::Binary(_)) => match serde_json::from_str(text) {
            Ok(Value::String(quoted)) => Value::String(quoted),
            _ => Value::String(text.to_owned()),
        },
        Some(DataType::Bool { off, on }) => match text.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" => Value::Bool(true),
            "off" | "false" | "no" => Value::Bool(false),
            _ if text == on.as_str() => Value::Bool(true),
            _ if text == off.as_str() => Value::Bool(false),
            _ => plain(text),
        },
        Some(DataType::Enum(choices)) => choices
            .iter()
            .find(|(_, name)| name == text)
            .map_or_else(|| plain(text), |(number, _)| Value::from(*number)),
        _ => plain(text),
    }
}

fn plain(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

fn property<'m>(model: Option<&'m ThingModel>, identifier: &str) -> Option<&'m DataType> {
    model?.properties.iter().find(|property| property.identifier == identifier).map(|property| &property.data_type)
}

fn parameters<'m>(model: &'m ThingModel, op: OpKind, name: &str) -> Vec<&'m Param> {
    match op {
        OpKind::Event => {
            model.events.iter().filter(|event| event.identifier == name).flat_map(|event| &event.outputs).collect()
        }
        _ => model
            .services
            .iter()
            .filter(|service| service.identifier == name)
            .flat_map(|service| &service.inputs)
            .collect(),
    }
}

fn find<'m>(params: &[&'m Param], identifier: &str) -> Option<&'m DataType> {
    params.iter().find(|param| param.identifier == identifier).map(|param| &param.data_type)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_value_is_json_where_it_can_be_and_text_otherwise() {
        let made = request(OpKind::Set, None, &words(&["a=30", "b=on", "c=[1,2]", "d=\"30\"", "e=x=y"]), None).unwrap();
        assert_eq!(Value::Object(made.params), json!({"a": 30, "b": "on", "c": [1, 2], "d": "30", "e": "x=y"}));
    }

    #[test]
    fn the_model_decides_what_a_word_means() {
        assert_eq!(value("30", Some(&DataType::Text { max_length: None })), json!("30"));
        let switch = DataType::Bool { off: "关".into(), on: "开".into() };
        assert_eq!(value("on", Some(&switch)), json!(true));
        assert_eq!(value("关", Some(&switch)), json!(false));
        let mode = DataType::Enum(vec![(0, "cool".into()), (1, "heat".into())]);
        assert_eq!(value("heat", Some(&mode)), json!(1));
        assert_eq!(value("1", Some(&mode)), json!(1));
    }

    #[test]
    fn an_event_needs_its_name_first() {
        let made = request(OpKind::Event, None, &words(&["alarm", "level=2"]), None).unwrap();
        assert_eq!(made.name.as_deref(), Some("alarm"));
        assert_eq!(Value::Object(made.params), json!({"level": 2}));
        assert_eq!(request(OpKind::Event, None, &words(&["level=2"]), None).unwrap_err().code, 2);
    }

    #[test]
    fn words_without_sense_are_usage_errors() {
        assert_eq!(request(OpKind::Set, None, &[], None).unwrap_err().code, 2);
        assert_eq!(request(OpKind::Set, None, &words(&["Power"]), None).unwrap_err().code, 2);
        assert_eq!(request(OpKind::Raw, None, &words(&["zz"]), None).unwrap_err().code, 2);
    }

    #[test]
    fn a_json_object_stands_for_many_assignments() {
        let made = request(OpKind::Report, None, &words(&[r#"{"a":1,"b":{"c":2}}"#]), None).unwrap();
        assert_eq!(Value::Object(made.params), json!({"a": 1, "b": {"c": 2}}));
    }
}
