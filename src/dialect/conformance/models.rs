//! Thing models: written and read back, fetched from the dialect's own cloud, and learned from its messages.

use super::*;
use crate::model::learn::Learner;

#[test]
fn a_model_that_is_written_is_read_back() {
    for dialect in REGISTRY {
        let model = dialect.demo_model();
        let text = dialect.write_model(&model).unwrap();
        let read = dialect.read_model(&text).unwrap_or_else(|fault| panic!("{}: {fault:?}", dialect.spec().name));
        assert_eq!(read, model, "{}", dialect.spec().name);
    }
}

/// What a form knows of a value: whether it is sent, and roughly what it is.
fn sort(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int { .. } | DataType::Float { .. } | DataType::Enum(_) | DataType::Bits { .. } => "number",
        DataType::Bool { .. } => "bool",
        DataType::Text { .. } | DataType::Binary(_) => "text",
        DataType::Date => "date",
        DataType::Struct(_) => "struct",
        DataType::Array { .. } => "array",
        DataType::Other(_) => "other",
    }
}

/// Two values of each type, so that a bool is seen both ways.
fn values(model: &ThingModel, second: bool, writable: bool) -> Map<String, Value> {
    let chosen = model.properties.iter().filter(|property| !writable || property.writable);
    let value = |property: &crate::model::thing::Property| {
        let value = match &property.data_type {
            DataType::Bool { .. } => json!(second),
            DataType::Date => json!(NOW.as_millis()),
            other => plausible(other, second),
        };
        (property.identifier.clone(), value)
    };
    chosen.map(value).collect()
}

fn plausible(data_type: &DataType, second: bool) -> Value {
    let within = |range: &Range| {
        let (min, max) = (range.min.unwrap_or(0.0), range.max.unwrap_or(100.0));
        let step = range.step.unwrap_or(1.0);
        let steps = if second { ((max - min) / step).min(3.0).floor() } else { 1.0 };
        ((min + steps * step) * 1000.0).round() / 1000.0
    };
    match data_type {
        DataType::Int { range, .. } => json!(format!("{:.0}", within(range)).parse::<i64>().unwrap()),
        DataType::Float { range, .. } => json!(within(range) + 0.0),
        DataType::Bool { .. } => json!(second),
        // From the end: what was only ever 0 and 1 is taken for a bool where bools are numbers.
        DataType::Enum(choices) => json!(choices[choices.len() - 1 - usize::from(second)].0),
        DataType::Bits { .. } => json!(u8::from(second)),
        DataType::Text { .. } => json!("ab"),
        DataType::Binary(length) => json!("00".repeat(*length)),
        DataType::Date => json!(NOW.as_millis()),
        DataType::Struct(members) => members
            .iter()
            .map(|param: &Param| (param.identifier.clone(), plausible(&param.data_type, second)))
            .collect(),
        DataType::Array { element, .. } => json!([plausible(element, second), plausible(element, !second)]),
        DataType::Other(_) => Value::Null,
    }
}

#[test]
fn a_model_is_learned_from_what_app_and_device_send() {
    for dialect in REGISTRY {
        let (name, model) = (dialect.spec().name, dialect.demo_model());
        let mut learner = Learner::default();
        let mut product = String::new();
        for party in ready(*dialect) {
            let spec = dialect.spec().role(party.role).unwrap();
            let context = Context {
                role: party.role,
                identity: &party.settings.identity,
                devices: &party.settings.devices,
                model: Some(&model),
                lang: Lang::En,
            };
            for (id, second) in [(1_u64, false), (2, true)] {
                let mut requests = Vec::new();
                for op in [OpKind::Set, OpKind::DesiredSet, OpKind::Report] {
                    let params = values(&model, second, op != OpKind::Report);
                    requests.push(Request { params, ..Request::new(op) });
                }
                for event in &model.events {
                    let params = event.outputs.iter().map(|p| (p.identifier.clone(), plausible(&p.data_type, second)));
                    let name = Some(event.identifier.clone());
                    requests.push(Request { name, params: params.collect(), ..Request::new(OpKind::Event) });
                }
                for request in requests.iter().filter(|request| spec.operations.iter().any(|o| o.op == request.op)) {
                    let sent = dialect.encode(&context, request, id, NOW, true).unwrap_or_else(|fault| {
                        panic!("{name} {} {}: {}", party.role, request.op.name(), fault.phrase())
                    });
                    for seen in dialect.observe(&sent.topic, &sent.payload) {
                        product = Some(seen.product.clone()).filter(|name| !name.is_empty()).unwrap_or(product);
                        learner.take(seen);
                    }
                }
            }
        }
        let learned = learner.learned(dialect.habits());
        if model.binary.is_some() {
            // Frames have no names in them, and that is said.
            assert!(learned.is_empty() && learner.nameless() >= 2, "{name}: {learned:?}");
            assert!(dialect.write_model(&ThingModel::default()).is_err());
            continue;
        }
        let learned = learned.iter().find(|learned| learned.product == product).unwrap();
        for property in &model.properties {
            let found = learned.model.properties.iter().find(|found| found.identifier == property.identifier);
            let found = found.unwrap_or_else(|| panic!("{name}: no {}", property.identifier));
            assert_eq!(sort(&found.data_type), sort(&property.data_type), "{name} {}", property.identifier);
        }
        let events: Vec<&str> = learned.model.events.iter().map(|event| event.identifier.as_str()).collect();
        let known: Vec<&str> = model.events.iter().map(|event| event.identifier.as_str()).collect();
        assert_eq!(events, known, "{name}");
        // What was learned is a file that gives forms.
        let text = dialect.write_model(&learned.model).unwrap();
        let read = dialect.read_model(&text).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        assert_eq!(read.properties.len(), model.properties.len(), "{name}");
    }
}

#[test]
fn the_model_is_fetched_where_the_platform_offers_it() {
    let mut offered = Vec::new();
    for dialect in REGISTRY {
        let mut world = World::new(*dialect);
        for mut party in parties(*dialect) {
            world.prepare(&mut party).unwrap();
            let Some(source) = dialect.model_source(party.role, &party.settings).unwrap() else { continue };
            let text = match source {
                ModelSource::Call(call) => {
                    let answer = world.call(&call);
                    dialect.fetched_model(&call, &answer).unwrap_or_else(|fault| panic!("{}", fault.reason))
                }
                // The black-box test of the command asks over a connection.
                ModelSource::Message { .. } => continue,
            };
            let model = dialect.read_model(&text).unwrap();
            assert_eq!(model, dialect.demo_model(), "{}", dialect.spec().name);
            offered.push(dialect.spec().name);
        }
    }
    assert!(offered.len() >= 2, "{offered:?}");
}
