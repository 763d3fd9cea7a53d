//! From what a person types to questions.
//!
//! ```text
//! any   = all { "or" all }
//! all   = one { ["and"] one }
//! one   = "not" one | "!" one | "(" any ")" | FIELD OP value { "," value } | word
//! OP    = ":" | "=" | "!=" | "<" | "<=" | ">" | ">="
//! value = "…" | '…' | anything up to white space or a comma
//! ```
//!
//! What stands before an operator and is not the name of a field makes the whole a word (`Power:true`), unless it is
//! so near to a name that a slip is more likely. Quotes take their meaning from everything.

use regex::bytes::RegexBuilder;

use crate::base::lang::{Phrase, Text};
use crate::base::moment::{self, Moment};
use crate::base::{hex, topic, units};
use crate::model::kind::Part;
use crate::model::{Direction, Kind, Role};
use crate::store::filter::field::{Field, FieldInfo, OUTCOMES, ValueKind};
use crate::store::filter::jq::Query;
use crate::store::filter::test::{self, Pattern, Relation, Test, Wanted};
use crate::store::filter::{Expr, FilterFault};
use crate::store::texts;

/// The largest number of questions: one bit each in a word of the machine.
pub(super) const MAX_TESTS: usize = 64;
/// How deep groups may stand within each other.
const MAX_DEPTH: usize = 32;

/// Reads a filter: its expression, and the questions that the leaves of it name.
pub(super) fn parse(source: &str) -> Result<(Expr, Vec<Test>), FilterFault> {
    let mut parser = Parser { source, at: 0, tests: Vec::new(), depth: 0, open: 0 };
    let expression = parser.any()?;
    match parser.peek() {
        // `any` only stops early at a parenthesis that closes nothing.
        Some(_) => Err(parser.fault(parser.at, texts::NOTHING_TO_CLOSE)),
        None => Ok((expression, parser.tests)),
    }
}

struct Parser<'a> {
    source: &'a str,
    at: usize,
    tests: Vec<Test>,
    /// Groups and negations around this place.
    depth: usize,
    /// Parentheses that are open at this place.
    open: usize,
}

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Has,
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
}

/// The longer ones first, because they begin like the shorter ones.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::IsNot),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    (":", Operator::Has),
    ("=", Operator::Is),
    ("<", Operator::Below),
    (">", Operator::Above),
];

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Expr, FilterFault> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all_after("or")?);
        }
        Ok(Expr::any(parts, &self.tests))
    }

    /// What follows a word that joins must be there.
    fn all_after(&mut self, word: &'static str) -> Result<Expr, FilterFault> {
        let begin = self.at;
        match self.all()? {
            Expr::All(parts) if parts.is_empty() => Err(self.fault(begin, texts::NOTHING_AFTER.with(&[&word]))),
            found => Ok(found),
        }
    }

    fn all(&mut self) -> Result<Expr, FilterFault> {
        let mut parts = Vec::new();
        loop {
            let begin = self.at;
            if self.keyword("and") {
                if parts.is_empty() || !self.has_more() {
                    return Err(self.fault(begin, texts::NOTHING_AFTER.with(&[&"and"])));
                }
                continue;
            }
            if !self.has_more() {
                return Ok(Expr::all(parts, &self.tests));
            }
            parts.push(self.one()?);
        }
    }

    /// Whether another part of a conjunction stands here.
    fn has_more(&mut self) -> bool {
        let begin = self.at;
        let is_end = match self.peek() {
            None => true,
            Some(')') => self.open > 0 || self.rest().chars().nth(1).is_none_or(char::is_whitespace),
            Some(_) => self.keyword("or"),
        };
        self.at = begin.max(self.skipped(begin));
        !is_end
    }

    fn one(&mut self) -> Result<Expr, FilterFault> {
        let begin = self.skipped(self.at);
        self.at = begin;
        let negates = self.keyword("not") || (self.peek() == Some('!') && self.bang());
        if negates {
            if !self.has_more() {
                return Err(self.fault(begin, texts::NOTHING_AFTER.with(&[&"not"])));
            }
            self.deeper(begin)?;
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Expr::Not(Box::new(inner)));
        }
        if self.peek() == Some('(') {
            self.at += 1;
            self.deeper(begin)?;
            self.open += 1;
            let inner = self.any()?;
            self.open -= 1;
            self.depth -= 1;
            if self.peek() != Some(')') {
                return Err(self.fault(begin, texts::NEVER_CLOSED));
            }
            self.at += 1;
            return Ok(inner);
        }
        match self.field()? {
            Some((info, operator)) => self.question(info, operator, begin),
            None => self.word(begin),
        }
    }

    fn deeper(&mut self, begin: usize) -> Result<(), FilterFault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.fault(begin, texts::TOO_DEEP.with(&[&MAX_DEPTH]))) } else { Ok(()) }
    }

    /// A `!` that stands before something, not alone.
    fn bang(&mut self) -> bool {
        let negates = self.rest().chars().nth(1).is_some_and(|next| !next.is_whitespace());
        if negates {
            self.at += 1;
        }
        negates
    }

    /// A field with its operator, if one stands here.
    fn field(&mut self) -> Result<Option<(&'static FieldInfo, Operator)>, FilterFault> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let Some((sign, operator)) = OPERATORS.iter().find(|(sign, _)| after.starts_with(sign)) else {
            return Ok(None);
        };
        let Some(info) = Field::named(name) else {
            return match Field::near(name).and_then(|near| near.names.first()) {
                Some(near) if *operator == Operator::Has => {
                    Err(self.fault(self.at, texts::NO_SUCH_FIELD.with(&[&name, near])))
                }
                _ => Ok(None),
            };
        };
        let orders = !matches!(operator, Operator::Has | Operator::Is | Operator::IsNot);
        if orders && !info.value.is_ordered() {
            return Err(self.fault(self.at + end, texts::NOT_ORDERED.with(&[&name, sign])));
        }
        self.at += end + sign.len();
        Ok(Some((info, *operator)))
    }

    fn question(&mut self, info: &'static FieldInfo, operator: Operator, begin: usize) -> Result<Expr, FilterFault> {
        let mut alternatives = Vec::new();
        loop {
            let at = self.at;
            let value = self.value(info.value.is_listed())?;
            if value.is_empty() {
                return Err(self.fault(at.min(self.source.len()), texts::NO_VALUE.with(&[&info.example])));
            }
            let test = self.test(info, operator, &value, at)?;
            alternatives.push(self.leaf(test, begin)?);
            if !info.value.is_listed() || !self.rest().starts_with(',') {
                break;
            }
            self.at += 1;
        }
        let found = Expr::any(alternatives, &self.tests);
        Ok(if operator == Operator::IsNot { Expr::Not(Box::new(found)) } else { found })
    }

    fn leaf(&mut self, test: Test, begin: usize) -> Result<Expr, FilterFault> {
        if self.tests.len() == MAX_TESTS {
            return Err(self.fault(begin, texts::TOO_MANY_WORDS.with(&[&MAX_TESTS])));
        }
        self.tests.push(test);
        Ok(Expr::Leaf(self.tests.len() - 1))
    }

    fn word(&mut self, begin: usize) -> Result<Expr, FilterFault> {
        let is_quoted = matches!(self.peek(), Some('"' | '\''));
        let text = self.value(false)?;
        if text.is_empty() && is_quoted {
            return Err(self.fault(begin, texts::EMPTY_WORD));
        }
        let test = test::part(&text)
            .map(Test::Word)
            .ok_or_else(|| self.fault(begin, texts::WORD_TOO_LONG.with(&[&test::MAX_TEXT_BYTES])))?;
        self.leaf(test, begin)
    }

    /// A quoted text, or one that ends at white space, at the parenthesis that closes the group, and in a list at a comma.
    fn value(&mut self, listed: bool) -> Result<String, FilterFault> {
        let begin = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().peekable();
        if let Some((_, quote @ ('"' | '\''))) = chars.peek().copied() {
            chars.next();
            loop {
                match chars.next() {
                    Some((_, '\\')) if matches!(chars.peek(), Some((_, '"' | '\'' | '\\'))) => {
                        text.extend(chars.next().map(|(_, escaped)| escaped));
                    }
                    Some((at, closing)) if closing == quote => {
                        self.at = begin + at + 1;
                        return Ok(text);
                    }
                    Some((_, inner)) => text.push(inner),
                    None => return Err(self.fault(begin, texts::UNCLOSED_QUOTE.with(&[&quote]))),
                }
            }
        }
        let mut nested = 0_usize;
        for (at, c) in chars {
            match c {
                _ if c.is_whitespace() => return Ok(self.ended(begin + at, text)),
                ',' if listed => return Ok(self.ended(begin + at, text)),
                ')' if self.open > 0 && nested == 0 => return Ok(self.ended(begin + at, text)),
                '(' => nested += 1,
                ')' => nested = nested.saturating_sub(1),
                _ => {}
            }
            text.push(c);
        }
        Ok(self.ended(self.source.len(), text))
    }

    fn ended(&mut self, at: usize, text: String) -> String {
        self.at = at;
        text
    }

    fn test(&self, info: &FieldInfo, operator: Operator, value: &str, at: usize) -> Result<Test, FilterFault> {
        let relation = match operator {
            Operator::Below => Relation::Below,
            Operator::AtMost => Relation::AtMost,
            Operator::Above => Relation::Above,
            Operator::AtLeast => Relation::AtLeast,
            Operator::Has | Operator::Is | Operator::IsNot => Relation::Is,
        };
        let whole = operator != Operator::Has;
        let fault = |reason: Phrase| FilterFault { offset: at, reason };
        let pattern = || {
            if whole {
                Ok(Pattern::Whole(value.to_owned()))
            } else {
                Pattern::part(value).ok_or_else(|| fault(texts::WORD_TOO_LONG.with(&[&test::MAX_TEXT_BYTES])))
            }
        };
        Ok(match info.field {
            Field::Topic if !whole && topic::has_wildcard(value) => {
                topic::validate_filter(value).map_err(|wrong| fault(wrong.reason))?;
                Test::TopicFilter(value.to_owned())
            }
            Field::Topic => Test::Topic(pattern()?),
            Field::Connection => Test::Connection(pattern()?),
            Field::Dialect => Test::Dialect(pattern()?),
            Field::Device => Test::Device(pattern()?),
            Field::Code => Test::Code(pattern()?),
            Field::Id => Test::Id(pattern()?),
            Field::Text => Test::Text(pattern()?),
            Field::Role => Test::Role(if choice(info, value).map_err(fault)? == Role::App.name() {
                Role::App
            } else {
                Role::Device
            }),
            Field::Kind => Test::Kind(kinds(value, whole).ok_or_else(|| fault(no_kind(value)))?),
            Field::Direction => Test::Direction(if choice(info, value).map_err(fault)? == Direction::In.name() {
                Direction::In
            } else {
                Direction::Out
            }),
            Field::Outcome => Test::Outcome(match choice(info, value).map_err(fault)? {
                "ok" => Wanted::Good,
                "error" => Wanted::Bad,
                "open" => Wanted::Open,
                name => Wanted::Exactly(name),
            }),
            Field::Retain => Test::Retain(choice(info, value).map_err(fault)? == "yes"),
            Field::Dup => Test::Dup(choice(info, value).map_err(fault)? == "yes"),
            Field::Latency => Test::Latency(relation, units::parse_duration(value).map_err(fault)?),
            Field::Size => Test::Size(relation, units::parse_size(value).map_err(fault)?),
            Field::Qos => {
                let number = value.parse().map_err(|_| fault(texts::NOT_A_NUMBER.with(&[&value])))?;
                Test::Qos(relation, number)
            }
            Field::Time => {
                let read = |text: &str| Moment::parse(text).ok_or_else(|| fault(moment::NOT_A_TIME.with(&[&text])));
                match value.split_once("..") {
                    Some((from, to)) if relation == Relation::Is => Test::Between(read(from)?, read(to)?),
                    _ => Test::Time(relation, read(value)?),
                }
            }
            Field::Regex => {
                let regex = RegexBuilder::new(value).size_limit(1 << 20).build();
                Test::Regex(regex.map_err(|wrong| fault(texts::BAD_REGEX.with(&[&first_words(&wrong.to_string())])))?)
            }
            Field::Hex => {
                let bytes = hex::parse(value).map_err(|wrong| fault(wrong.reason))?;
                Test::Hex(Box::new(memchr::memmem::Finder::new(&bytes).into_owned()))
            }
            Field::Jq => Test::Jq(Query::parse(value).map_err(|(place, what)| {
                // The offset is exact where nothing in the quotes is escaped.
                let quote = usize::from(self.source.get(at..).is_some_and(|rest| rest.starts_with(['"', '\''])));
                let offset = (at + quote + place).min(self.source.len());
                FilterFault { offset, reason: texts::BAD_JQ.with(&[&what]) }
            })?),
        })
    }

    /// Takes a word that joins or negates, if it stands here by itself.
    fn keyword(&mut self, word: &str) -> bool {
        let begin = self.skipped(self.at);
        let rest = self.source.get(begin..).unwrap_or_default();
        let is_it = rest.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
            && rest.get(word.len()..).is_some_and(|after| {
                after.chars().next().is_none_or(|next| next.is_whitespace() || matches!(next, '(' | ')'))
            });
        if is_it {
            self.at = begin + word.len();
        }
        is_it
    }

    fn skipped(&self, at: usize) -> usize {
        let rest = self.source.get(at..).unwrap_or_default();
        at + (rest.len() - rest.trim_start().len())
    }

    fn peek(&mut self) -> Option<char> {
        self.at = self.skipped(self.at);
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, offset: usize, reason: impl Into<Phrase>) -> FilterFault {
        FilterFault { offset: offset.min(self.source.len()), reason: reason.into() }
    }
}

/// One of the words that a field knows.
fn choice(info: &FieldInfo, value: &str) -> Result<&'static str, Phrase> {
    let ValueKind::Word(words) = info.value else { return Err(texts::NO_VALUE.with(&[&info.example])) };
    let found = words.iter().copied().find(|word| word.eq_ignore_ascii_case(value));
    found.ok_or_else(|| texts::NOT_ONE_OF.with(&[&words.join(", "), &value]))
}

/// The kinds that a name stands for: itself and, where not the whole is asked for, its reply and the parts of a request.
fn kinds(name: &str, whole: bool) -> Option<Vec<Kind>> {
    let name = name.to_ascii_lowercase().replace([' ', '-'], "_");
    let fits = |kind: &Kind| {
        let own = kind.name();
        let part = match kind.part() {
            Part::Request => "request",
            Part::Reply => "reply",
            Part::Notice => "notice",
        };
        own == name
            || (!whole && (part == name || own.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('_'))))
    };
    let found: Vec<Kind> = Kind::ALL.iter().copied().filter(fits).collect();
    (!found.is_empty()).then_some(found)
}

fn no_kind(value: &str) -> Phrase {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    // What begins like it is still being typed.
    let distance = |name: &&&str| (!name.starts_with(value), strsim::damerau_levenshtein(name, value));
    let near = names.iter().min_by_key(distance).copied().unwrap_or_default();
    NO_KIND.with(&[&value, &near])
}

const NO_KIND: Text = Text::new("there is no kind “{}”; the nearest is “{}”", "没有“{}”这种消息种类，最接近的是“{}”");

/// The last line of a report of the regex parser, which holds the reason.
fn first_words(report: &str) -> String {
    report.lines().last().unwrap_or_default().trim_start_matches("error: ").trim().to_owned()
}

/// Words that can follow `outcome:`; for completion.
pub(super) const fn outcomes() -> &'static [&'static str] {
    OUTCOMES
}
