//! Data points in binary: frames equal those of an encoder that has nothing in common with this one
//! (`datapoints/make.py` tells how they are made), and what a definition does not allow is refused before it is sent.

use iotdbg::base::lang::Lang;
use iotdbg::base::time::Time;
use iotdbg::dialect::{self, Context, Dialect, EncodeFault, Reading};
use iotdbg::model::{Fields, OpKind, Request, Role, ThingModel};
use serde::Deserialize;
use serde_json::{Map, Value};

const NOW: Time = Time::from_secs(1_800_000_000);

#[derive(Deserialize)]
struct Product {
    name: String,
    definition: Value,
    control: Vec<Vector>,
    report: Vec<Vector>,
    /// Identifiers with values that do not fit.
    refuse: Vec<(String, Value)>,
}

#[derive(Deserialize)]
struct Vector {
    values: Map<String, Value>,
    /// The numbers that stand for the values, where they were written down.
    #[serde(default)]
    raw: Map<String, Value>,
    frame: String,
}

fn products() -> Vec<(Product, ThingModel)> {
    let dialect = dialect::find("gizwits").unwrap();
    let products: Vec<Product> = serde_json::from_str(include_str!("datapoints/vectors.json")).unwrap();
    let read = |product: Product| {
        let text = product.definition.to_string();
        let model = dialect.read_model(&text).unwrap_or_else(|fault| panic!("{}: {fault:?}", product.name));
        (product, model)
    };
    products.into_iter().map(read).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Side {
    role: Role,
    identity: Fields,
    devices: Vec<Fields>,
}

fn sides() -> [Side; 2] {
    let did = || Fields::new().with("did", "D");
    let app = Side { role: Role::App, identity: Fields::new().with("client_id", "C"), devices: vec![did()] };
    [app, Side { role: Role::Device, identity: did(), devices: Vec::new() }]
}

fn encode(
    side: &Side,
    model: &ThingModel,
    op: OpKind,
    values: &Map<String, Value>,
) -> Result<(String, Vec<u8>), EncodeFault> {
    let context = Context {
        role: side.role,
        identity: &side.identity,
        devices: &side.devices,
        model: Some(model),
        lang: Lang::En,
    };
    let request = Request { params: values.clone(), ..Request::new(op) };
    let sent = dialect::find("gizwits").unwrap().encode(&context, &request, 1, NOW, true)?;
    Ok((sent.topic, sent.payload))
}

#[test]
fn frames_equal_those_of_an_independent_encoder() {
    let [app, device] = sides();
    let mut compared = 0;
    for (product, model) in products() {
        for (side, op, vectors) in [(&app, OpKind::Set, &product.control), (&device, OpKind::Report, &product.report)] {
            for Vector { values, frame, .. } in vectors {
                let name = format!("{}: {} {values:?}", product.name, op.name());
                let (_, sent) =
                    encode(side, &model, op, values).unwrap_or_else(|fault| panic!("{name}: {}", fault.phrase()));
                assert_eq!(hex(&sent), *frame, "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 400, "{compared}");
}

#[test]
fn a_device_reads_from_such_frames_what_was_set() {
    let dialect: &dyn Dialect = dialect::find("gizwits").unwrap();
    let [app, device] = sides();
    for (product, model) in products() {
        for Vector { values, raw, frame } in &product.control {
            let (topic, sent) = encode(&app, &model, OpKind::Set, values).unwrap();
            assert_eq!(hex(&sent), *frame);
            let context = Context {
                role: Role::Device,
                identity: &device.identity,
                devices: &[],
                model: Some(&model),
                lang: Lang::En,
            };
            let readings = dialect.read(&context, &topic, &sent);
            let found = readings.iter().find_map(|reading| match reading {
                Reading::Request(incoming) if incoming.op == OpKind::Set => Some(&incoming.params),
                _ => None,
            });
            let found = found.unwrap_or_else(|| panic!("{}: {readings:?}", product.name));
            assert_eq!(found.len(), values.len(), "{}: {values:?} {found:?}", product.name);
            for (identifier, value) in values {
                let same = match (&found[identifier], value) {
                    (Value::Number(read), Value::Number(given)) => {
                        (read.as_f64().unwrap() - given.as_f64().unwrap()).abs() < 1e-9
                    }
                    // An enum value that was given by its name is read as its number.
                    (read @ Value::Number(_), Value::String(_)) => *read == raw[identifier],
                    (read, given) => read == given,
                };
                assert!(same, "{}: {identifier} {value} {}", product.name, found[identifier]);
            }
        }
    }
}

#[test]
fn what_the_definition_does_not_allow_is_refused_with_the_platforms_code() {
    let [app, _] = sides();
    for (product, model) in products() {
        for (identifier, value) in &product.refuse {
            let values = Map::from_iter([(identifier.clone(), value.clone())]);
            let name = format!("{}: {identifier}={value}", product.name);
            match encode(&app, &model, OpKind::Set, &values) {
                Err(EncodeFault::Value { code, .. }) => assert_eq!(code.as_deref(), Some("9025"), "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
