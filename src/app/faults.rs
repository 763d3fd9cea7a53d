//! What is wrong with a value, in words.

use crate::base::json::{self, Node};
use crate::base::lang::{Phrase, Text};
use crate::model::thing::ValueFault;

/// A fault in words of both languages, the platform's code behind them.
pub fn phrase(fault: &ValueFault, code: Option<&str>) -> Phrase {
    // A code stands in front, as the platform writes it: both languages read `460 · …`.
    let code = code.map(|code| format!("{code} · ")).unwrap_or_default();
    match fault {
        ValueFault::UnknownIdentifier => UNKNOWN.with(&[&code]),
        ValueFault::ReadOnly => READ_ONLY.with(&[&code]),
        ValueFault::WrongType { expected, found } => WRONG_TYPE.with(&[&code, expected, found]),
        ValueFault::OutOfRange { limits } => OUT_OF_RANGE.with(&[&code, limits]),
        ValueFault::TooLong { max, found } => TOO_LONG.with(&[&code, max, found]),
        ValueFault::NotLength { wanted, found } => NOT_LENGTH.with(&[&code, wanted, found]),
        ValueFault::MissingMember(name) => MISSING.with(&[&code, name]),
        ValueFault::Inside(part, fault) => {
            INSIDE.around([Phrase::verbatim(code), Phrase::verbatim(part.clone()), phrase(fault, None)])
        }
    }
}

/// Line and column of what a fault speaks of, in an object that was written as JSON. What is missing is looked for where it
/// should be.
pub fn place(text: &str, identifier: &str, fault: &ValueFault) -> Option<(usize, usize)> {
    let root = json::parse(text.as_bytes()).root?;
    let mut node = root.get(identifier).unwrap_or(&root);
    let mut fault = fault;
    while let ValueFault::Inside(part, inner) = fault {
        match inside(node, part) {
            Some(next) => node = next,
            None => break,
        }
        fault = inner;
    }
    // Of a name that is wrong the name is shown, not its value.
    let at = if *fault == ValueFault::UnknownIdentifier { node.start() } else { node.offset };
    Some(json::line_column(text.as_bytes(), at))
}

fn inside<'n>(node: &'n Node, part: &str) -> Option<&'n Node> {
    match part.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(index) => node.elements().get(index.parse::<usize>().ok()?),
        None => node.get(part),
    }
}

const INSIDE: Text = Text::new("{}{}: {}", "{}{}：{}");
const UNKNOWN: Text = Text::new("{}the model has no such identifier", "{}物模型中没有此标识符");
const READ_ONLY: Text = Text::new("{}read-only in the model", "{}物模型中为只读");
const WRONG_TYPE: Text = Text::new("{}expected {}, found {}", "{}应为 {}，实际为 {}");
const OUT_OF_RANGE: Text = Text::new("{}allowed: {}", "{}允许范围：{}");
const TOO_LONG: Text = Text::new("{}at most {} long, found {}", "{}长度不超过 {}，实际 {}");
const NOT_LENGTH: Text = Text::new("{}{} bytes, found {}", "{}应为 {} 字节，实际 {} 字节");
const MISSING: Text = Text::new("{}member {} is missing", "{}缺少成员 {}");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_its_place_in_what_was_written() {
        let text = "{\n  \"color\": {\"r\": 1,\n    \"g\": \"x\"},\n  \"timers\": [1, true]\n}";
        let wrong = || ValueFault::WrongType { expected: "int32".to_owned(), found: "string" };
        assert_eq!(place(text, "color", &wrong().inside("g")), Some((3, 10)));
        assert_eq!(place(text, "timers", &wrong().inside("[1]")), Some((4, 17)));
        assert_eq!(place(text, "timers", &ValueFault::ReadOnly), Some((4, 13)));
        assert_eq!(place(text, "timers", &ValueFault::UnknownIdentifier), Some((4, 3)));
        assert_eq!(place(text, "color", &ValueFault::MissingMember("b".to_owned())), Some((2, 12)));
        assert_eq!(place("{", "color", &ValueFault::ReadOnly), Some((1, 1)));
    }
}
