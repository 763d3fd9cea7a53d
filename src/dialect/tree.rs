//! A JSON payload as a tree of fields: what the platforms that speak JSON share when they take a message apart.

use crate::base::json::{self, Node, Value};
use crate::base::lang::{Lang, Phrase, Text};
use crate::model::{Field, Problem, Severity};

const MORE: Text = Text::new("{} more problems of the kind", "另有 {} 处类似问题");
const BROKEN: Text = Text::new("{}; read anyway", "{}；仍尽量解析");

/// A payload read as JSON, however broken.
pub struct Tree {
    /// What it holds; `None` where nothing could be read.
    pub root: Option<Node>,
    /// Its members as fields, or the payload itself where it is no object.
    pub fields: Vec<Field>,
    /// Where it is broken.
    pub problems: Vec<Problem>,
}

/// Reads a payload. `note` is asked for a remark on each value: it gets the names that lead to it, outermost first
/// (elements of lists have their number), and the value.
pub fn read(payload: &[u8], lang: Lang, mut note: impl FnMut(&[String], &Node) -> Option<String>) -> Tree {
    let parsed = json::parse(payload);
    let mut problems: Vec<Problem> = parsed
        .problems
        .iter()
        .map(|problem| Problem {
            severity: Severity::Error,
            message: BROKEN.with(&[&problem.reason.render(lang)]).render(lang),
            offset: problem.offset,
            length: problem.length,
        })
        .collect();
    if parsed.problems_left_out > 0 {
        let message = MORE.fill(lang, &[&parsed.problems_left_out]);
        problems.push(Problem { severity: Severity::Error, message, offset: payload.len(), length: 0 });
    }
    let fields = match &parsed.root {
        Some(root) if !root.members().is_empty() => {
            let mut path = Vec::new();
            root.members().iter().map(|node| field(node, &mut path, 0, &mut note)).collect()
        }
        Some(root) => vec![field(root, &mut Vec::new(), 0, &mut note)],
        None => raw(payload),
    };
    Tree { root: parsed.root, fields, problems }
}

/// A payload of the user's own format: text where it is text.
pub fn raw(payload: &[u8]) -> Vec<Field> {
    let value = match std::str::from_utf8(payload) {
        Ok(text) => text.to_owned(),
        Err(_) => crate::base::hex::encode(payload),
    };
    vec![Field { name: "payload".to_owned(), value, length: payload.len(), ..Field::default() }]
}

/// A problem at a value.
pub fn at(severity: Severity, node: &Node, reason: impl Into<Phrase>, lang: Lang) -> Problem {
    Problem { severity, message: reason.into().render(lang), offset: node.offset, length: node.length }
}

fn field(
    node: &Node,
    path: &mut Vec<String>,
    index: usize,
    note: &mut impl FnMut(&[String], &Node) -> Option<String>,
) -> Field {
    let name = node.name().map_or_else(|| index.to_string(), str::to_owned);
    path.push(name.clone());
    let remark = note(path, node);
    let children = node
        .members()
        .iter()
        .chain(node.elements())
        .enumerate()
        .map(|(index, child)| field(child, path, index, note))
        .collect();
    path.pop();
    let value = match &node.value {
        Value::Null if node.length == 0 => String::new(),
        Value::Null => "null".to_owned(),
        Value::Array(elements) if elements.is_empty() => "[]".to_owned(),
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        _ => node.scalar_text().unwrap_or_default().to_owned(),
    };
    Field { name, value, offset: node.start(), length: node.end() - node.start(), note: remark, children }
}
