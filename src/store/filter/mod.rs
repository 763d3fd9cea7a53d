//! Which messages are shown.
//!
//! A [`Filter`] has two parts: an expression that a person types, and a [`Scope`] that a selection in the tree gives. A
//! [`Matcher`] is a filter made ready to go through very many messages: what depends on the topic alone, on the kind
//! alone or on the connection alone is decided once for each of them. Whoever looks at messages knows only
//! [`Matcher::admits`].
//!
//! - `field` is the table of what can be asked, `parse` reads expressions, `test` answers one question, `jq` runs jq,
//! - `matcher` remembers answers, `complete` proposes how to go on while one types,
//! - `scope` and `names` are what the filter is told about the tree and the connections.

mod complete;
pub mod field;
mod jq;
mod matcher;
mod names;
mod parse;
mod scope;
mod test;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::base::lang::Phrase;
use crate::model::MessageRef;

pub use complete::Completion;
pub use field::{FIELDS, Field, FieldInfo, ValueKind};
pub use matcher::Matcher;
pub use names::{ConnectionName, Names};
pub use scope::{Scope, TopicScope};
use test::{Subject, Test};

/// Which messages are shown: those for which the expression holds, within the scope.
///
/// A bare word is found where it stands, without regard to case, in the topic (which holds the device on most
/// platforms), the payload (as far as it is kept), the name or the title of the kind in either language, the device, the
/// request id, or the code. The rest of the language is in [`FIELDS`] and at the top of `parse.rs`.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    source: String,
    expression: Expr,
    tests: Vec<Test>,
    scope: Scope,
    names: Arc<Names>,
}

/// What is wrong with the text of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFault {
    /// The byte of the text where it is wrong.
    pub offset: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// How questions are joined. The leaves are places in a list of questions.
#[derive(Debug, Clone)]
enum Expr {
    /// Every one holds; also where there is none.
    All(Vec<Expr>),
    /// One of them holds.
    Any(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// The answer to a question.
    Leaf(usize),
}

impl Default for Expr {
    fn default() -> Self {
        Expr::All(Vec::new())
    }
}

impl Expr {
    /// All of these, the cheapest first.
    fn all(mut parts: Vec<Expr>, tests: &[Test]) -> Expr {
        parts.sort_by_key(|part| part.cost(tests));
        if parts.len() == 1 { parts.pop().unwrap_or_default() } else { Expr::All(parts) }
    }

    /// One of these, the cheapest first.
    fn any(mut parts: Vec<Expr>, tests: &[Test]) -> Expr {
        parts.sort_by_key(|part| part.cost(tests));
        if parts.len() == 1 { parts.pop().unwrap_or_default() } else { Expr::Any(parts) }
    }

    /// What the dearest question of it costs.
    fn cost(&self, tests: &[Test]) -> u8 {
        match self {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().map(|part| part.cost(tests)).max().unwrap_or(0),
            Expr::Not(inner) => inner.cost(tests),
            Expr::Leaf(index) => tests.get(*index).map_or(0, Test::cost),
        }
    }

    fn holds(&self, answer: &mut impl FnMut(usize) -> bool) -> bool {
        match self {
            Expr::All(parts) => parts.iter().all(|part| part.holds(answer)),
            Expr::Any(parts) => parts.iter().any(|part| part.holds(answer)),
            Expr::Not(inner) => !inner.holds(answer),
            Expr::Leaf(index) => answer(*index),
        }
    }

    /// The questions whose answer must be yes, as far as it goes: what a reader wants to see highlighted.
    fn positive<'a>(&self, tests: &'a [Test], found: &mut Vec<&'a Test>) {
        match self {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| part.positive(tests, found)),
            Expr::Not(_) => {}
            Expr::Leaf(index) => found.extend(tests.get(*index)),
        }
    }
}

/// Two filters are equal when they were written alike, have the same scope, and mean the same connections.
impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.source == other.source
            && self.scope == other.scope
            && (!self.asks_for_names() || self.names == other.names)
    }
}

impl Eq for Filter {}

impl Filter {
    /// A filter that shows everything.
    pub fn everything() -> Filter {
        Filter::default()
    }

    /// Reads what a person typed. The scope is everything.
    pub fn parse(source: &str) -> Result<Filter, FilterFault> {
        let (expression, tests) = parse::parse(source)?;
        Ok(Filter { source: source.to_owned(), expression, tests, ..Filter::default() })
    }

    /// The same expression within another scope.
    pub fn with_scope(self, scope: Scope) -> Filter {
        Filter { scope, ..self }
    }

    /// The same expression, with the names of the connections that it may ask for.
    pub fn with_names(self, names: Arc<Names>) -> Filter {
        Filter { names, ..self }
    }

    /// The text it was read from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The part of the traffic it is limited to.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether it shows everything.
    pub fn is_everything(&self) -> bool {
        self.tests.is_empty() && self.scope.is_everything()
    }

    /// Whether it asks what became of messages: an answer that can change after a message was looked at.
    pub fn asks_for_outcomes(&self) -> bool {
        self.tests.iter().any(|test| matches!(test, Test::Outcome(_) | Test::Latency(..)))
    }

    /// How many times dearer than a search for words its dearest question is: jq parses every payload.
    pub(super) fn effort(&self) -> usize {
        if self.tests.iter().any(|test| matches!(test, Test::Jq(_))) { 16 } else { 1 }
    }

    /// Whether it asks for names of connections.
    pub fn asks_for_names(&self) -> bool {
        self.tests.iter().any(|test| test.scope() == test::Scope::Connection)
    }

    /// Whether it shows this message, of which no outcome is known. For very many messages a [`Matcher`] is quicker.
    pub fn admits(&self, message: &MessageRef<'_>) -> bool {
        let subject = Subject { message: *message, fate: None, latency: None };
        self.scope.holds_message(message)
            && self.scope.topic.holds(message.topic)
            && self.expression.holds(&mut |index| self.tests.get(index).is_some_and(|test| self.answer(test, &subject)))
    }

    fn answer(&self, test: &Test, subject: &Subject<'_>) -> bool {
        match test.scope() {
            test::Scope::Topic => test.of_topic(subject.message.topic),
            test::Scope::Kind => test.of_kind(subject.message.meta.kind),
            test::Scope::Connection => test.of_connection(self.names.get(subject.message.connection)),
            test::Scope::Message => test.of_message(subject),
            test::Scope::Anywhere => {
                test.of_topic(subject.message.topic)
                    || test.of_kind(subject.message.meta.kind)
                    || test.of_message(subject)
            }
        }
    }

    /// Where what is looked for stands in a text, to be highlighted: byte ranges, sorted, without overlaps.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let mut wanted = Vec::new();
        self.expression.positive(&self.tests, &mut wanted);
        let mut hits: Vec<Range<usize>> = wanted.iter().flat_map(|test| test.hits(text)).collect();
        hits.retain(|hit| !hit.is_empty() && text.is_char_boundary(hit.start) && text.is_char_boundary(hit.end));
        hits.sort_by_key(|hit| hit.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(hits.len());
        for hit in hits {
            match merged.last_mut() {
                Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
                _ => merged.push(hit),
            }
        }
        merged
    }

    /// How a text could go on at a place in it, in the order of the table.
    pub fn complete(source: &str, cursor: usize, names: &Names) -> Vec<Completion> {
        complete::complete(source, cursor, names)
    }
}
