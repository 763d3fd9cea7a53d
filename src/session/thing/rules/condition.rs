//! Conditions of rules: `value > 30`, `identifier == "mode" and value in [1, 3]`, `not (temperature < 10)`.
//!
//! ```text
//! either     = both *( ("or" | "||") both )
//! both       = single *( ("and" | "&&") single )
//! single     = ("not" | "!") single | "(" either ")" | comparison
//! comparison = term [ ("==" | "!=" | "<" | "<=" | ">" | ">=") term | "in" "[" literal *( "," literal ) "]" ]
//! term       = literal | "value" | "identifier" | "op" | "name" | "device" | a property or an input by its identifier
//! ```
//!
//! A request may carry several values: the condition is asked for each of them, and holds where it holds for one.
//! Values of different types are never equal, smaller or larger; a missing value is `null`.

use std::cmp::Ordering;

use serde_json::Value;

use super::texts;
use crate::base::lang::Phrase;
use crate::dialect::Incoming;

/// Conditions nested deeper than this are refused.
const DEEPEST: usize = 32;

/// A condition, ready to be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Expression);

#[derive(Debug, Clone, PartialEq)]
enum Expression {
    Either(Vec<Expression>),
    Both(Vec<Expression>),
    Not(Box<Expression>),
    Compare(Term, Comparison, Term),
    In(Term, Vec<Value>),
    True(Term),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Different,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Literal(Value),
    /// The value that the condition is asked for.
    Value,
    /// The identifier of that value.
    Identifier,
    /// The operation.
    Op,
    /// The service.
    Name,
    /// The sub-device.
    Device,
    /// Another value of the request.
    Param(String),
}

/// A condition that cannot be read: where, in bytes from its beginning, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ConditionFault {
    /// Byte offset.
    pub offset: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

impl Condition {
    /// Reads a condition. `known` tells whether a word is a property or an input of the model.
    pub(super) fn parse(text: &str, known: &dyn Fn(&str) -> bool) -> Result<Condition, ConditionFault> {
        let tokens = tokens(text)?;
        let mut parser = Parser { tokens: &tokens, at: 0, end: text.len(), depth: 0, known };
        let expression = parser.either()?;
        match parser.peek() {
            None => Ok(Condition(expression)),
            Some(_) => Err(parser.unexpected(texts::AN_OPERATOR.into())),
        }
    }

    /// Whether it holds for one of the request's values; only for those of `identifiers` where these are given.
    pub(super) fn holds(&self, incoming: &Incoming, identifiers: &[String]) -> bool {
        let wanted = |name: &str| identifiers.is_empty() || identifiers.iter().any(|identifier| identifier == name);
        let values = incoming.params.iter().map(|(name, value)| (name.as_str(), value));
        let names = incoming.identifiers.iter().map(|name| (name.as_str(), &Value::Null));
        let mut asked = values.chain(names).filter(|(name, _)| wanted(name)).peekable();
        if asked.peek().is_none() {
            return self.0.holds(&Asked { incoming, identifier: None, value: &Value::Null });
        }
        asked.any(|(name, value)| self.0.holds(&Asked { incoming, identifier: Some(name), value }))
    }
}

/// What a condition is asked for.
struct Asked<'a> {
    incoming: &'a Incoming,
    identifier: Option<&'a str>,
    value: &'a Value,
}

impl Expression {
    fn holds(&self, asked: &Asked<'_>) -> bool {
        match self {
            Expression::Either(parts) => parts.iter().any(|part| part.holds(asked)),
            Expression::Both(parts) => parts.iter().all(|part| part.holds(asked)),
            Expression::Not(inner) => !inner.holds(asked),
            Expression::Compare(left, comparison, right) => comparison.holds(&left.value(asked), &right.value(asked)),
            Expression::In(term, list) => {
                let value = term.value(asked);
                list.iter().any(|other| Comparison::Equal.holds(&value, other))
            }
            Expression::True(term) => match term.value(asked) {
                Value::Bool(value) => value,
                value => value.as_f64().is_some_and(|number| number != 0.0),
            },
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right))
            }
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (left, right) => (left == right).then_some(Ordering::Equal),
        };
        match self {
            Comparison::Equal => order == Some(Ordering::Equal),
            Comparison::Different => order != Some(Ordering::Equal),
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::AtMost => order.is_some_and(Ordering::is_le),
            Comparison::More => order == Some(Ordering::Greater),
            Comparison::AtLeast => order.is_some_and(Ordering::is_ge),
        }
    }
}

impl Term {
    fn value(&self, asked: &Asked<'_>) -> Value {
        let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::String(text.to_owned()));
        match self {
            Term::Literal(value) => value.clone(),
            Term::Value => asked.value.clone(),
            Term::Identifier => text(asked.identifier),
            Term::Op => text(Some(asked.incoming.op.name())),
            Term::Name => text(asked.incoming.name.as_deref()),
            Term::Device => text(asked.incoming.device.as_deref()),
            Term::Param(name) => asked.incoming.params.get(name).cloned().unwrap_or(Value::Null),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(Value),
    Word(String),
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: [&str; 15] = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "[", "]", ",", "="];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ConditionFault> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(first) = rest.chars().next() else { break };
        let (length, token) = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if let Some(sign) = SIGNS.iter().copied().find(|sign| rest.starts_with(sign)) {
            (sign.len(), Token::Sign(sign))
        } else if first == '"' || first == '\'' {
            quoted(rest, first).ok_or_else(|| ConditionFault { offset: at, reason: texts::OPEN_QUOTE.into() })?
        } else if first.is_ascii_digit() || first == '-' || first == '.' {
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c))).unwrap_or(rest.len());
            let digits = rest.get(..length).unwrap_or_default();
            let number = digits.parse().ok().and_then(serde_json::Number::from_f64);
            let bad = || ConditionFault { offset: at, reason: texts::BAD_NUMBER.with(&[&digits]) };
            (length, Token::Literal(Value::Number(number.ok_or_else(bad)?)))
        } else if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || "_-:.$".contains(c))).unwrap_or(rest.len());
            (length, Token::Word(rest.get(..length).unwrap_or_default().to_owned()))
        } else {
            return Err(ConditionFault { offset: at, reason: texts::BAD_SIGN.with(&[&first]) });
        };
        found.push((at, token));
        at += length;
    }
    Ok(found)
}

/// A text in quotes, with `\` before a quote that belongs to it, and its length with the quotes.
fn quoted(rest: &str, quote: char) -> Option<(usize, Token)> {
    let mut text = String::new();
    let mut escaped = false;
    for (offset, c) in rest.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            c if c == quote && !escaped => return Some((offset + 1, Token::Literal(Value::String(text)))),
            c => {
                text.push(c);
                escaped = false;
            }
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    end: usize,
    depth: usize,
    known: &'a dyn Fn(&str) -> bool,
}

type Parsed<T> = Result<T, ConditionFault>;

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    /// Takes the next token if it is one of these signs or words.
    fn takes(&mut self, wanted: &[&str]) -> bool {
        let fits = match self.peek() {
            Some(Token::Sign(sign)) => wanted.contains(sign),
            Some(Token::Word(word)) => wanted.contains(&word.as_str()),
            _ => false,
        };
        self.at += usize::from(fits);
        fits
    }

    fn unexpected(&self, expected: Phrase) -> ConditionFault {
        let (offset, found) = match self.tokens.get(self.at) {
            Some((offset, Token::Literal(value))) => (*offset, Phrase::verbatim(value.to_string())),
            Some((offset, Token::Word(word))) => (*offset, Phrase::verbatim(word.clone())),
            Some((offset, Token::Sign(sign))) => (*offset, Phrase::verbatim(*sign)),
            None => (self.end, texts::THE_END.into()),
        };
        ConditionFault { offset, reason: texts::UNEXPECTED.around([expected, found]) }
    }

    fn either(&mut self) -> Parsed<Expression> {
        self.chain(&["or", "||"], Parser::both, Expression::Either)
    }

    fn both(&mut self) -> Parsed<Expression> {
        self.chain(&["and", "&&"], Parser::single, Expression::Both)
    }

    fn chain(
        &mut self,
        joined_by: &[&str],
        part: impl Fn(&mut Self) -> Parsed<Expression>,
        whole: impl Fn(Vec<Expression>) -> Expression,
    ) -> Parsed<Expression> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.takes(joined_by) {
            parts.push(part(self)?);
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                whole(parts)
            }
        })
    }

    fn single(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ConditionFault { offset: 0, reason: texts::TOO_DEEP.with(&[&DEEPEST]) });
        }
        let expression = if self.takes(&["not", "!"]) {
            Expression::Not(Box::new(self.single()?))
        } else if self.takes(&["("]) {
            let inner = self.either()?;
            if !self.takes(&[")"]) {
                return Err(self.unexpected(Phrase::verbatim(")")));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn comparison(&mut self) -> Parsed<Expression> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("==", Comparison::Equal),
            ("!=", Comparison::Different),
            ("<", Comparison::Less),
            ("<=", Comparison::AtMost),
            (">", Comparison::More),
            (">=", Comparison::AtLeast),
        ];
        let left = self.term()?;
        if let Some((_, comparison)) = SIGNS.iter().find(|(sign, _)| self.takes(&[sign])) {
            return Ok(Expression::Compare(left, *comparison, self.term()?));
        }
        if self.takes(&["="]) {
            self.at -= 1;
            return Err(self.unexpected(Phrase::verbatim("==")));
        }
        if !self.takes(&["in"]) {
            return Ok(Expression::True(left));
        }
        if !self.takes(&["["]) {
            return Err(self.unexpected(Phrase::verbatim("[")));
        }
        let mut list = Vec::new();
        loop {
            match self.term()? {
                Term::Literal(value) => list.push(value),
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected(texts::A_LITERAL.into()));
                }
            }
            if !self.takes(&[","]) {
                break;
            }
        }
        if self.takes(&["]"]) { Ok(Expression::In(left, list)) } else { Err(self.unexpected(Phrase::verbatim("]"))) }
    }

    fn term(&mut self) -> Parsed<Term> {
        let term = match self.peek() {
            Some(Token::Literal(value)) => Term::Literal(value.clone()),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Term::Literal(Value::Bool(true)),
                "false" => Term::Literal(Value::Bool(false)),
                "null" => Term::Literal(Value::Null),
                "value" => Term::Value,
                "identifier" => Term::Identifier,
                "op" => Term::Op,
                "name" => Term::Name,
                "device" => Term::Device,
                "and" | "or" | "not" | "in" => return Err(self.unexpected(texts::A_TERM.into())),
                word if (self.known)(word) => Term::Param(word.to_owned()),
                word => {
                    let offset = self.tokens.get(self.at).map_or(self.end, |(offset, _)| *offset);
                    return Err(ConditionFault { offset, reason: texts::UNKNOWN_WORD.with(&[&word]) });
                }
            },
            _ => return Err(self.unexpected(texts::A_TERM.into())),
        };
        self.at += 1;
        Ok(term)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::OpKind;

    fn known(word: &str) -> bool {
        ["temperature", "mode", "温度"].contains(&word)
    }

    fn holds(text: &str, params: Value) -> bool {
        let incoming = Incoming {
            name: Some("blink".into()),
            params: params.as_object().cloned().unwrap(),
            ..Incoming::new(OpKind::Set, "t")
        };
        Condition::parse(text, &known).unwrap_or_else(|fault| panic!("{text}: {fault:?}")).holds(&incoming, &[])
    }

    fn fault(text: &str) -> (usize, String) {
        let fault = Condition::parse(text, &known).unwrap_err();
        (fault.offset, fault.reason.to_string())
    }

    #[test]
    fn a_condition_holds_where_it_holds_for_one_of_the_values() {
        assert!(holds("value > 30", json!({"mode": 1, "temperature": 30.5})));
        assert!(!holds("value > 30", json!({"mode": 1, "temperature": 30})));
        assert!(!holds("identifier == \"mode\" and value > 30", json!({"mode": 1, "temperature": 31})));
        assert!(holds("temperature > 30 && mode == 1", json!({"mode": 1, "temperature": 31})));
        assert!(holds("op == 'set' and name == 'blink'", json!({})));
        assert!(holds("温度 >= 0", json!({"温度": 0})));
    }

    #[test]
    fn operators_bind_as_in_other_languages() {
        assert!(holds("true or false and false", json!({})));
        assert!(!holds("(true or false) and false", json!({})));
        assert!(holds("not mode == 2 and !(mode == 3)", json!({"mode": 1})));
        assert!(holds("value in [1, 3, \"x\"]", json!({"mode": 3})));
        assert!(!holds("value in [1, 3]", json!({"mode": 2})));
        assert!(holds("mode", json!({"mode": true})));
        assert!(!holds("mode", json!({"mode": 0})));
    }

    #[test]
    fn values_of_different_types_are_different_and_in_no_order() {
        assert!(!holds("value > 30", json!({"mode": "31"})));
        assert!(!holds("value <= 30", json!({"mode": null})));
        assert!(holds("value != 30", json!({"mode": "30"})));
        assert!(holds("value == -1.5e1", json!({"mode": -15})));
        assert!(holds("value == \"a\\\"b\"", json!({"mode": "a\"b"})));
    }

    #[test]
    fn a_fault_names_its_place_and_what_was_expected() {
        assert_eq!(fault("value >"), (7, "expected a value or a name, found the end".into()));
        assert_eq!(fault("value > 30 30"), (11, "expected and, or, or the end, found 30.0".into()));
        assert_eq!(fault("value = 30").0, 6);
        assert_eq!(fault("(value > 3").1, "expected ), found the end");
        assert_eq!(fault("value > \"x").0, 8);
        assert!(fault("temprature > 3").1.contains("“temprature”"));
        assert_eq!(fault("value ~ 3").0, 6);
        assert_eq!(fault("value > 3x").1, "“3x” is not a number");
        assert_eq!(fault("value in [mode]").0, 10);
        assert!(fault(&"(".repeat(200)).1.contains("32"));
        assert_eq!(fault("").0, 0);
    }
}
