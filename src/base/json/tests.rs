//! Tests of the tolerant reader.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(text: &str) -> Json {
    parse(text.as_bytes()).root.map_or(Json::Null, |root| root.to_json())
}

fn faults(text: &str) -> Vec<(usize, usize, Phrase)> {
    parse(text.as_bytes())
        .problems
        .into_iter()
        .map(|problem| (problem.offset, problem.length, problem.reason))
        .collect()
}

#[test]
fn every_node_knows_its_bytes() {
    let text = r#" {"a\u0062": [1, {"c": "x\ny"}], "d": null}"#;
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.problems, []);
    let root = parsed.root.unwrap();
    assert_eq!(&text[root.range()], text.trim());
    let array = root.get("ab").unwrap();
    assert_eq!(&text[array.range()], r#"[1, {"c": "x\ny"}]"#);
    let key = array.key.as_ref().unwrap();
    assert_eq!(&text[key.offset..key.offset + key.length], r#""a\u0062""#);
    let inner = array.elements()[1].get("c").unwrap();
    assert_eq!(&text[inner.range()], r#""x\ny""#);
    assert_eq!(inner.as_str(), Some("x\ny"));
    assert_eq!(root.get("d").unwrap().value, Value::Null);
}

#[test]
fn the_faults_of_published_samples_are_read_and_placed() {
    let text = "{\"a\": 1, // note：全角，\n \"b\": 2,}";
    assert_eq!(read(text), json!({"a": 1, "b": 2}));
    let found = faults(text);
    assert!(found[0].2.is(&COMMENT) && found[0].0 == 9);
    assert!(found[1].2.is(&TRAILING_COMMA) && found[1].0 == text.len() - 2);

    let text = "{\"a\": 1 \"b\": [1 2],, \"c\": 3}";
    assert_eq!(read(text), json!({"a": 1, "b": [1, 2], "c": 3}));
    let found = faults(text);
    assert_eq!(found.iter().map(|fault| (fault.0, fault.1)).collect::<Vec<_>>(), [(7, 0), (15, 0), (19, 1)]);
}

#[test]
fn a_byte_order_mark_is_reported_and_skipped() {
    assert_eq!(read("\u{feff}{}"), json!({}));
    assert_eq!(faults("\u{feff}{}")[0].0, 0);
}

#[test]
fn what_is_cut_off_is_read_up_to_the_cut() {
    for cut in ["{\"a\": [1, \"x", "{\"a\": [1, \"x\"", "{\"a\": [1, \"x\","] {
        assert_eq!(read(cut), json!({"a": [1, "x"]}), "{cut}");
        assert!(!faults(cut).is_empty());
    }
    assert_eq!(read("{\"a\":"), json!({"a": null}));
    assert_eq!(read("{\"a"), json!({"a": null}));
}

#[test]
fn words_and_numbers_in_foreign_dress_become_strings() {
    assert_eq!(
        read("{a: True, 'b': on, \"c\": 0x1F, \"d\": +1, \"e\": 01}"),
        json!({"a": "True", "b": "on", "c": "0x1F", "d": "+1", "e": "01"})
    );
    assert_eq!(read("{“a”：1，\"b\"：“二”}"), json!({"a": 1, "b": "二"}));
    assert_eq!(read("[1e5, -0.5, 1E-2, 123456789012345678901234567890]")[0], json!(1e5));
}

#[test]
fn escapes_are_resolved_and_bad_ones_reported() {
    assert_eq!(read(r#""\ud83d\ude00\t\/""#), json!("😀\t/"));
    assert_eq!(read(r#""\ud83d""#), json!("\u{fffd}"));
    assert!(faults(r#""\ud83d""#)[0].2.is(&LONE_SURROGATE));
    assert!(faults(r#""\q""#)[0].2.is(&BAD_ESCAPE));
    assert!(faults(r#""\u+123""#)[0].2.is(&BAD_ESCAPE));
    assert!(parse(b"\"\xff\"").problems[0].reason.is(&NOT_UTF8));
    assert!(faults("\"\u{1}\"")[0].2.is(&CONTROL));
}

#[test]
fn depth_is_limited_and_reported() {
    let text = "[".repeat(1_000_000);
    let parsed = parse(text.as_bytes());
    assert!(parsed.root.is_some());
    assert!(parsed.problems.iter().any(|problem| problem.reason.is(&TOO_DEEP)));
    assert!(parse("{\"a\":".repeat(100_000).as_bytes()).problems.len() <= MAX_PROBLEMS);
}

#[test]
fn problems_are_listed_up_to_a_bound_and_then_counted() {
    let parsed = parse(format!("[{}]", ",".repeat(1_000)).as_bytes());
    assert_eq!(parsed.problems.len(), MAX_PROBLEMS);
    assert_eq!(parsed.problems_left_out, 1_000 - MAX_PROBLEMS);
}

#[test]
fn trailing_bytes_and_wrong_brackets_are_reported() {
    assert!(faults("{} x")[0].2.is(&TRAILING));
    assert_eq!(read("{\"a\":[1}, \"b\":2}"), json!({"a": [1]}));
    assert!(faults("{\"a\":[1}, \"b\":2}")[0].2.is(&WRONG_CLOSE));
    assert!(parse(b"").root.is_none());
    assert!(parse(b"\x00\x01").root.is_none());
}

#[test]
fn a_repeated_key_is_kept_and_the_last_one_counts() {
    let parsed = parse(br#"{"a":1,"a":2}"#);
    let root = parsed.root.unwrap();
    assert_eq!(root.members().len(), 2);
    assert_eq!(root.get("a").unwrap().to_json(), json!(2));
}

#[test]
fn lines_and_columns_count_characters() {
    let text = "{\n  \"名\": x}";
    assert_eq!(line_column(text.as_bytes(), text.find('x').unwrap()), (2, 8));
    assert_eq!(line_column(b"", 5), (1, 1));
}

fn inside(node: &Node, bytes: &[u8]) {
    assert!(bytes.get(node.range()).is_some());
    for child in node.members().iter().chain(node.elements()) {
        assert!(child.start() >= node.offset && child.end() <= node.end());
        inside(child, bytes);
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| json!(number)),
        (-1e9..1e9).prop_map(|number: f64| json!(number)),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn valid_json_is_read_as_a_strict_reader_reads_it(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let parsed = parse(text.as_bytes());
        prop_assert_eq!(&parsed.problems, &[]);
        let strict: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(parsed.root.unwrap().to_json(), strict);
    }

    #[test]
    fn no_bytes_panic_and_ranges_nest(bytes: Vec<u8>) {
        if let Some(root) = parse(&bytes).root {
            inside(&root, &bytes);
        }
    }

    #[test]
    fn no_json_like_text_panics_and_faults_are_told(text in "[{}\\[\\]\"':,：，“/*\\\\\nua01.+e =]{0,80}") {
        let parsed = parse(text.as_bytes());
        if let Some(root) = &parsed.root {
            inside(root, text.as_bytes());
        }
        // Whatever a strict reader refuses has a problem, and nothing else has one.
        let strict: Result<Json, _> = serde_json::from_str(&text);
        prop_assume!(!strict.as_ref().is_err_and(|error| error.to_string().contains("out of range")));
        prop_assert_eq!(strict.is_ok(), parsed.problems.is_empty(), "{:?}", parsed);
    }
}
