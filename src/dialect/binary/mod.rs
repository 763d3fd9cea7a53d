//! Binary formats that belong to no platform, taken apart for people: CBOR (RFC 8949) and MessagePack, every value with
//! its bytes. The decoders are libraries; what is here walks over the bytes with them and keeps the places.

mod cbor;
mod msgpack;
#[cfg(test)]
mod tests;

pub use cbor::cbor;
pub use msgpack::msgpack;

use crate::base::hex;
use crate::base::lang::{Lang, Text};
use crate::model::{Dissection, Field, Problem, Severity};

/// Levels that are taken apart.
const MAX_DEPTH: usize = 100;
/// Fields that are taken apart.
const MAX_FIELDS: usize = 100_000;

const TOO_DEEP: Text = Text::new("nested more than {} levels deep", "嵌套超过 {} 层");
const TOO_MANY: Text = Text::new("more than {} values", "超过 {} 个值");
const LEFT_OVER: Text = Text::new("{} bytes follow the value", "值之后还有 {} 字节");
const BROKEN: Text = Text::new("cannot be read from here: {}", "从此处起无法读取：{}");

/// Why the walk ended.
struct Stop {
    offset: usize,
    reason: String,
}

/// What the walk may still take, and in which language it speaks.
struct Limits {
    fields: usize,
    lang: Lang,
}

impl Limits {
    fn new(lang: Lang) -> Limits {
        Limits { fields: MAX_FIELDS, lang }
    }

    /// Counts a value at a place and a depth.
    fn enter(&mut self, offset: usize, depth: usize) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop { offset, reason: TOO_DEEP.fill(self.lang, &[&MAX_DEPTH]) });
        }
        if self.fields == 0 {
            return Err(Stop { offset, reason: TOO_MANY.fill(self.lang, &[&MAX_FIELDS]) });
        }
        self.fields -= 1;
        Ok(())
    }
}

/// A value without parts.
fn leaf(value: String, from: usize, to: usize, note: Option<String>) -> Field {
    Field { value, offset: from, length: to.saturating_sub(from), note, ..Field::default() }
}

/// Bytes as hexadecimal.
fn bytes(value: &[u8]) -> String {
    hex::encode(value)
}

/// What a whole payload comes to: its fields, and what is wrong with it.
fn whole(payload: &[u8], root: Result<Field, Stop>, end: usize, partial: Vec<Field>, lang: Lang) -> Dissection {
    let mut dissection = Dissection::default();
    match root {
        Ok(mut root) => {
            dissection.summary = summary(&root);
            if root.children.is_empty() {
                root.name = "payload".to_owned();
                dissection.fields = vec![root];
            } else {
                dissection.fields = root.children;
            }
            if end < payload.len() {
                let left = payload.len() - end;
                let message = LEFT_OVER.fill(lang, &[&left]);
                dissection.problems.push(Problem { severity: Severity::Warning, message, offset: end, length: left });
            }
        }
        Err(stop) => {
            dissection.fields = partial;
            let message = BROKEN.fill(lang, &[&stop.reason]);
            let offset = stop.offset.min(payload.len());
            let length = payload.len() - offset;
            dissection.problems.push(Problem { severity: Severity::Error, message, offset, length });
        }
    }
    dissection
}

/// One line on a value: what its members say.
fn summary(root: &Field) -> String {
    if root.children.is_empty() {
        return root.value.clone();
    }
    let said = root.children.iter().filter(|child| !child.value.is_empty()).take(8);
    said.map(|child| format!("{}={}", child.name, child.value)).collect::<Vec<_>>().join(" ")
}
