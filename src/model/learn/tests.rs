//! What is learned of which values.

use serde_json::json;

use super::*;
use crate::model::thing::{DataType, Range};

const PLAIN: Habits = Habits { bool_as_number: false, date_as_text: false };

fn shape(values: &[Value], habits: Habits) -> DataType {
    let mut shape = Shape::default();
    values.iter().for_each(|value| shape.take(value));
    shape.data_type(habits)
}

fn range(min: f64, max: f64, step: f64) -> Range {
    Range { min: Some(min), max: Some(max), step: Some(step), unit: String::new() }
}

fn repeated(values: &[i64], times: usize) -> Vec<Value> {
    values.iter().cycle().take(values.len() * times).map(|value| json!(value)).collect()
}

#[test]
fn types_follow_from_the_values_that_were_seen() {
    let text = |max| DataType::Text { max_length: Some(max) };
    let is = |values: &[Value]| shape(values, PLAIN);
    assert_eq!(is(&[json!(true)]), DataType::Bool { off: String::new(), on: String::new() });
    assert_eq!(
        is(&[json!(20.5), json!(21), json!(19.25)]),
        DataType::Float { double: true, range: range(19.25, 21.0, 0.01) }
    );
    assert_eq!(is(&[json!(3), json!(700)]), DataType::Int { bits: 32, range: range(3.0, 700.0, 1.0) });
    assert_eq!(
        is(&[json!(3), json!(3_000_000_000_u64)]),
        DataType::Int { bits: 64, range: range(3.0, 3_000_000_000.0, 1.0) }
    );
    let one = Range { min: None, max: None, step: Some(1.0), unit: String::new() };
    assert_eq!(is(&[json!(7), json!(7)]), DataType::Int { bits: 32, range: one }, "what never changed has no limits");
    assert_eq!(is(&[json!("abc")]), text(64));
    assert_eq!(is(&[json!("长".repeat(70))]), text(128));
    assert_eq!(is(&[json!(1_700_000_000_123_u64)]), DataType::Date);
    assert_eq!(
        is(&[json!([1, 2]), json!([])]),
        DataType::Array {
            element: Box::new(DataType::Int { bits: 32, range: range(1.0, 2.0, 1.0) }),
            max_length: Some(2),
        }
    );
    let DataType::Struct(members) = is(&[json!({"r": 1, "g": 2}), json!({"r": 5})]) else { panic!("no struct") };
    let found: Vec<(&str, bool)> = members.iter().map(|member| (member.identifier.as_str(), member.optional)).collect();
    assert_eq!(found, [("r", false), ("g", true)]);
    assert_eq!(is(&[Value::Null]), text(64));
}

#[test]
fn few_small_numbers_seen_often_are_taken_for_an_enum() {
    let names = |numbers: &[i64]| DataType::Enum(numbers.iter().map(|n| (*n, n.to_string())).collect());
    assert_eq!(shape(&repeated(&[0, 2, 5], 6), PLAIN), names(&[0, 2, 5]));
    assert!(matches!(shape(&repeated(&[0, 2, 5], 2), PLAIN), DataType::Int { .. }), "not often enough");
    assert!(matches!(shape(&repeated(&[0, 2, 50], 9), PLAIN), DataType::Int { .. }), "too large");
    let many: Vec<i64> = (0..12).collect();
    assert!(matches!(shape(&repeated(&many, 9), PLAIN), DataType::Int { .. }), "too many");
}

#[test]
fn the_habits_of_a_platform_count() {
    let habits = Habits { bool_as_number: true, date_as_text: true };
    assert!(matches!(shape(&[json!(0), json!(1)], habits), DataType::Bool { .. }));
    assert!(matches!(shape(&[json!(1), json!(1)], habits), DataType::Int { .. }), "only ever one of them");
    assert!(matches!(shape(&[json!(0), json!(1)], PLAIN), DataType::Int { .. }));
    assert_eq!(shape(&[json!("1700000000123")], habits), DataType::Date);
    assert!(matches!(shape(&[json!("1700000000123")], PLAIN), DataType::Text { .. }));
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn seen(product: &str, what: Observation) -> Observed {
    Observed { product: product.to_owned(), what }
}

#[test]
fn properties_events_and_services_are_told_apart() {
    let mut learner = Learner::default();
    for temperature in [20.5, 21.0] {
        learner.take(seen("p1", Observation::Values(map(json!({"Power": true, "temperature": temperature})))));
    }
    learner.take(seen("p1", Observation::Wanted(map(json!({"Power": false})))));
    let (name, id) = ("blink".to_owned(), Some("7".to_owned()));
    let inputs = map(json!({"times": 3}));
    learner.take(seen("p1", Observation::Call { name, id: id.clone(), synchronous: true, inputs }));
    learner.take(seen("p1", Observation::Returned { name: None, id, outputs: map(json!({"ok": true})) }));
    let stray = Observation::Returned { name: None, id: Some("8".to_owned()), outputs: map(json!({"x": 1})) };
    learner.take(seen("p1", stray));
    let class = Some("alert".to_owned());
    let hot = Observation::Event { name: "hot".to_owned(), class, outputs: map(json!({"value": 90})) };
    learner.take(seen("p1", hot));
    learner.take(seen("p2", Observation::Values(map(json!({"other": 1})))));
    learner.take(seen("", Observation::Nameless));

    let learned = learner.learned(PLAIN);
    assert_eq!(learned.iter().map(|one| one.product.as_str()).collect::<Vec<_>>(), ["p1", "p2"]);
    let model = &learned[0].model;
    let properties: Vec<(&str, bool)> = model.properties.iter().map(|p| (p.identifier.as_str(), p.writable)).collect();
    assert_eq!(properties, [("Power", true), ("temperature", false)]);
    assert_eq!((model.events[0].identifier.as_str(), model.events[0].class.as_str()), ("hot", "alert"));
    let service = &model.services[0];
    assert!(service.synchronous && service.inputs[0].identifier == "times" && service.outputs[0].identifier == "ok");
    assert_eq!((model.services.len(), service.outputs.len()), (1, 1));
    assert_eq!((learner.nameless(), learner.left_out()), (1, 0));
}

#[test]
fn where_nothing_was_ever_set_everything_is_taken_as_writable() {
    let mut learner = Learner::default();
    learner.take(seen("p", Observation::Values(map(json!({"a": 1, "b": 2})))));
    let writable = |learner: &Learner| {
        let learned = learner.learned(PLAIN).remove(0);
        (learned.never_set, learned.model.properties.iter().map(|property| property.writable).collect::<Vec<_>>())
    };
    assert_eq!(writable(&learner), (true, vec![true, true]));
    learner.take(seen("p", Observation::Wanted(map(json!({"a": 1})))));
    assert_eq!(writable(&learner), (false, vec![true, false]));
}

#[test]
fn a_definition_that_was_heard_is_not_guessed_and_comes_first() {
    let mut learner = Learner::default();
    for _ in 0..5 {
        learner.take(seen("p1", Observation::Values(map(json!({"a": 1})))));
    }
    learner.take(seen("p2", Observation::Definition("{}".to_owned())));
    let learned = learner.learned(PLAIN);
    assert_eq!((learned[0].product.as_str(), learned[0].definition.as_deref()), ("p2", Some("{}")));
}

#[test]
fn too_many_names_are_left_out_and_counted() {
    let mut learner = Learner::default();
    for at in 0..MOST_IDENTIFIERS + 3 {
        learner.take(seen("p", Observation::Values(map(json!({format!("x{at}"): 1})))));
    }
    assert_eq!(learner.left_out(), 3);
    assert_eq!(learner.learned(PLAIN)[0].model.properties.len(), MOST_IDENTIFIERS);
}
