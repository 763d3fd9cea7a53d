//! What is wrong with a value, in words.

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
        ValueFault::MissingMember(name) => MISSING.with(&[&code, name]),
        ValueFault::Inside(part, fault) => {
            INSIDE.around([Phrase::verbatim(code), Phrase::verbatim(part.clone()), phrase(fault, None)])
        }
    }
}

const INSIDE: Text = Text::new("{}{}: {}", "{}{}：{}");
const UNKNOWN: Text = Text::new("{}the model has no such identifier", "{}物模型中没有此标识符");
const READ_ONLY: Text = Text::new("{}read-only in the model", "{}物模型中为只读");
const WRONG_TYPE: Text = Text::new("{}expected {}, found {}", "{}应为 {}，实际为 {}");
const OUT_OF_RANGE: Text = Text::new("{}allowed: {}", "{}允许范围：{}");
const TOO_LONG: Text = Text::new("{}at most {} long, found {}", "{}长度不超过 {}，实际 {}");
const MISSING: Text = Text::new("{}member {} is missing", "{}缺少成员 {}");
