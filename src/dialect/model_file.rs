//! Thing-model files: what the platforms' formats share when they are read, each fault with its line and column.

use crate::base::json::{self, Node};
use crate::base::lang::{Phrase, Text};
use crate::dialect::ModelFault;
use crate::model::thing::Range;

const EXPECTED: Text = Text::new("“{}” should be {}, found {}", "“{}”应为 {}，实际是 {}");
const MISSING: Text = Text::new("“{}” is missing", "缺少“{}”");
const UNKNOWN_TYPE: Text = Text::new("the data type is one of {}, found “{}”", "数据类型应为 {} 之一，实际是“{}”");
pub(super) const TWICE: Text = Text::new("the identifier “{}” is used twice", "标识符“{}”重复");
pub(super) const NOT_NUMBER: Text = Text::new("“{}” should be a number, found “{}”", "“{}”应为数字，实际是“{}”");

/// The result of reading a part of a file.
pub type Read<T> = Result<T, ModelFault>;

/// A file that is being read.
pub struct Reader<'a> {
    text: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins to read a text.
    pub fn new(text: &'a str) -> Self {
        Reader { text: text.as_bytes() }
    }

    /// The file as an object that has at least one of these members; `otherwise` says what was expected.
    pub fn root(&self, members: &[&str], otherwise: Text) -> Read<Node> {
        let parsed = json::parse(self.text);
        if let Some(problem) = parsed.problems.into_iter().next() {
            return Err(self.fault(problem.offset, problem.reason));
        }
        let root = parsed.root.filter(|root| matches!(root.value, json::Value::Object(_)));
        let root = root.ok_or_else(|| self.fault(0, otherwise.into()))?;
        let is_model = |node: &Node| members.iter().any(|name| node.get(name).is_some());
        if is_model(&root) {
            return Ok(root);
        }
        // The answer of an API, kept as it came.
        match root.get("data").filter(|data| is_model(data)) {
            Some(data) => Ok(data.clone()),
            None => Err(self.fault(root.offset, otherwise.into())),
        }
    }

    /// A fault at a byte of the file.
    pub fn fault(&self, offset: usize, reason: Phrase) -> ModelFault {
        let (line, column) = json::line_column(self.text, offset);
        ModelFault { line, column, reason }
    }

    /// A value of another type than expected.
    pub fn expected(&self, node: &Node, what: &str) -> ModelFault {
        let name = node.name().unwrap_or_default();
        self.fault(node.offset, EXPECTED.with(&[&name, &what, &node.type_name()]))
    }

    /// A data type that the platform does not have: an object that should name one in `type`, or the name itself.
    pub fn unknown_type(&self, node: &Node, found: &str, known: &[&str]) -> ModelFault {
        let place = node.get("type").unwrap_or(node).offset;
        self.fault(place, UNKNOWN_TYPE.with(&[&known.join(", "), &crate::base::text::printable(found)]))
    }

    /// The elements of the first of these members that is there; identifiers must differ.
    pub fn list<T>(&self, parent: &Node, names: &[&str], read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
        let Some(node) = names.iter().find_map(|name| parent.get(name)) else { return Ok(Vec::new()) };
        match &node.value {
            json::Value::Null => Ok(Vec::new()),
            json::Value::Array(elements) => self.elements(elements, read),
            _ => Err(self.expected(node, "array")),
        }
    }

    /// Elements with an `identifier` each; identifiers must differ.
    pub fn elements<T>(&self, elements: &[Node], read: impl Fn(&Node) -> Read<T>) -> Read<Vec<T>> {
        let mut seen = std::collections::BTreeSet::new();
        for element in elements {
            let identifier = self.identifier(element)?;
            if !seen.insert(identifier.clone()) {
                return Err(self.fault(element.offset, TWICE.with(&[&identifier])));
            }
        }
        elements.iter().map(read).collect()
    }

    /// What something is called in messages. Older exports of one platform, and what its gateways get, say `id`.
    pub fn identifier(&self, node: &Node) -> Read<String> {
        match node.get("id").filter(|_| node.get("identifier").is_none()).and_then(Node::as_str) {
            Some(id) => Ok(id.to_owned()),
            None => self.text(node, "identifier"),
        }
    }

    /// A text that must be there.
    pub fn text(&self, node: &Node, name: &str) -> Read<String> {
        let member = node.get(name).ok_or_else(|| self.fault(node.offset, MISSING.with(&[&name])))?;
        member.as_str().map(str::to_owned).ok_or_else(|| self.expected(member, "string"))
    }

    /// A text that may be missing or null.
    pub fn words(&self, node: &Node, name: &str) -> String {
        node.get(name).and_then(Node::as_str).unwrap_or_default().to_owned()
    }

    /// The limits of a number: `min`, `max`, `step`, `unit`.
    pub fn range(&self, specs: Option<&Node>) -> Read<Range> {
        Ok(Range {
            min: self.number(specs, "min")?,
            max: self.number(specs, "max")?,
            step: self.number(specs, "step")?,
            unit: self.label(specs, "unit"),
        })
    }

    /// A text of `specs`, empty where there is none.
    pub fn label(&self, specs: Option<&Node>, name: &str) -> String {
        specs.map(|specs| self.words(specs, name)).unwrap_or_default()
    }

    /// A number written as a number or as text; empty text and null mean none.
    pub fn number(&self, specs: Option<&Node>, name: &str) -> Read<Option<f64>> {
        let Some(node) = specs.and_then(|specs| specs.get(name)) else { return Ok(None) };
        let text = match &node.value {
            json::Value::Null => return Ok(None),
            json::Value::Number(text) | json::Value::String(text) => text.trim(),
            _ => return Err(self.expected(node, "number")),
        };
        if text.is_empty() {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.fault(node.offset, NOT_NUMBER.with(&[&name, &text]))),
        }
    }

    /// `{"0": "label", …}`.
    pub fn names(&self, specs: Option<&Node>) -> Read<Vec<(i64, String)>> {
        let Some(specs) = specs else { return Ok(Vec::new()) };
        specs
            .members()
            .iter()
            .map(|member| {
                let key = member.name().unwrap_or_default();
                let number =
                    key.trim().parse().map_err(|_| self.fault(member.start(), NOT_NUMBER.with(&[&"specs", &key])))?;
                Ok((number, member.scalar_text().unwrap_or_default().to_owned()))
            })
            .collect()
    }
}

/// A whole number that is not negative.
pub fn whole(number: f64) -> Option<usize> {
    format!("{number:.0}").parse().ok()
}
