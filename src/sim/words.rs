//! The arguments of an operator's request as a person writes them, on the command line and in the application.

use serde_json::{Map, Value, json};

/// The arguments as the control address takes them ([`crate::sim::OperateRequest::arguments`]); `Err` names the word that
/// is one too many.
pub fn arguments(operation: &str, given: &[String]) -> Result<Map<String, Value>, String> {
    let mut names = Vec::new();
    let mut pairs = Map::new();
    for word in given {
        match word.split_once('=') {
            Some((key, text)) => {
                let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
                pairs.insert(key.to_owned(), value);
            }
            None => names.push(word.as_str()),
        }
    }
    let mut arguments = Map::new();
    match (operation, names.as_slice()) {
        ("get", names) => {
            if !names.is_empty() {
                arguments.insert("identifiers".to_owned(), json!(names));
            }
            arguments.extend(pairs);
        }
        ("set" | "desired", [name, ..]) | (_, [_, name, ..]) => return Err((*name).to_owned()),
        ("invoke", [name]) => {
            arguments.insert("name".to_owned(), json!(name));
            arguments.insert("params".to_owned(), Value::Object(pairs));
        }
        ("raw", [hex]) => {
            arguments.insert("hex".to_owned(), json!(hex));
            arguments.extend(pairs);
        }
        (_, [name]) => {
            arguments.insert("name".to_owned(), json!(name));
            arguments.extend(pairs);
        }
        (_, []) => arguments = pairs,
    }
    Ok(arguments)
}

/// The words of a line. Blanks inside of quotes, brackets and braces belong to the word, so that JSON stays whole.
pub fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for found in line.chars() {
        match found {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            blank if blank.is_whitespace() && !quoted && depth == 0 => {
                words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
                continue;
            }
            _ => {}
        }
        word.push(found);
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(operation: &str, words: &[&str]) -> Value {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        arguments(operation, &words).map_or_else(Value::String, Value::Object)
    }

    #[test]
    fn values_are_json_or_else_text() {
        assert_eq!(
            read("set", &["Power=true", "t=30.5", "name=lamp", "n=\"7\"", "list=[1]", "eq=a=b"]),
            json!({ "Power": true, "t": 30.5, "name": "lamp", "n": "7", "list": [1], "eq": "a=b" })
        );
    }

    #[test]
    fn bare_words_are_names_where_an_operation_has_names() {
        assert_eq!(read("get", &["Power", "t"]), json!({ "identifiers": ["Power", "t"] }));
        assert_eq!(read("get", &[]), json!({}));
        assert_eq!(read("invoke", &["reboot", "delay=5"]), json!({ "name": "reboot", "params": { "delay": 5 } }));
        assert_eq!(read("fault", &["silent", "for=5s"]), json!({ "name": "silent", "for": "5s" }));
        assert_eq!(read("raw", &["0a0b"]), json!({ "hex": "0a0b" }));
        assert_eq!(read("set", &["Power"]), json!("Power"));
        assert_eq!(read("invoke", &["a", "b"]), json!("b"));
    }

    #[test]
    fn json_in_a_line_stays_whole() {
        assert_eq!(
            split(r#"set  color={"r": 1, "n": "a ] b"} t="x y" l=[1, 2]"#),
            ["set", r#"color={"r": 1, "n": "a ] b"}"#, r#"t="x y""#, "l=[1, 2]"]
        );
        assert!(split("  ").is_empty());
    }
}
