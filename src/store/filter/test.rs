//! One question that a filter asks of a message.

use std::cmp::Ordering;
use std::ops::Range;
use std::time::Duration;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use crate::base::moment::Moment;
use crate::base::topic;
use crate::model::{Code, Direction, Id, Kind, MessageRef, Role};
use crate::store::Fate;
use crate::store::filter::jq::Query;
use crate::store::filter::names::ConnectionName;

/// A message with what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) message: MessageRef<'a>,
    pub(super) fate: Option<Fate>,
    pub(super) latency: Option<Duration>,
}

/// A comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Below,
    AtMost,
    Is,
    AtLeast,
    Above,
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Relation::Below => order == Ordering::Less,
            Relation::AtMost => order != Ordering::Greater,
            Relation::Is => order == Ordering::Equal,
            Relation::AtLeast => order != Ordering::Less,
            Relation::Above => order == Ordering::Greater,
        }
    }
}

/// Text to be found, without regard to case, or to be the whole.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Part(Regex),
    Whole(String),
}

impl Pattern {
    /// `None` for a text that is too long to be searched for.
    pub(super) fn part(text: &str) -> Option<Pattern> {
        part(text).map(Pattern::Part)
    }

    fn fits(&self, text: &[u8]) -> bool {
        match self {
            Pattern::Part(finder) => finder.is_match(text),
            Pattern::Whole(whole) => whole.as_bytes() == text,
        }
    }
}

/// The largest number of bytes in a text to be found; the automaton of a longer one takes too long to build.
pub(super) const MAX_TEXT_BYTES: usize = 256;

/// A text to be found without regard to case.
pub(super) fn part(text: &str) -> Option<Regex> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    // Folding of ASCII letters alone is quicker, and the same for a text that has no others.
    RegexBuilder::new(&regex::escape(text)).case_insensitive(true).unicode(!text.is_ascii()).build().ok()
}

/// What became of a message, as it can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A good outcome.
    Good,
    /// A bad outcome.
    Bad,
    /// None yet.
    Open,
    /// Exactly this.
    Exactly(&'static str),
}

impl Wanted {
    fn is(self, subject: &Subject<'_>) -> bool {
        let fate = subject.fate;
        match self {
            Wanted::Good => {
                !Wanted::Bad.is(subject)
                    && (subject.message.meta.ok == Some(true) || matches!(fate, Some(Fate::Replied | Fate::Observed)))
            }
            Wanted::Bad => {
                subject.message.meta.ok == Some(false)
                    || matches!(fate, Some(Fate::Refused | Fate::TimedOut | Fate::LinkLost | Fate::Failed))
            }
            Wanted::Open => matches!(fate, Some(Fate::Sent | Fate::Acknowledged)),
            Wanted::Exactly(name) => fate.is_some_and(|fate| fate.name() == name),
        }
    }
}

/// One question.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// A word, found anywhere.
    Word(Regex),
    /// The topic holds this text or is it.
    Topic(Pattern),
    /// The topic matches this MQTT filter.
    TopicFilter(String),
    /// The name of the connection.
    Connection(Pattern),
    /// The platform of the connection.
    Dialect(Pattern),
    /// The role on the connection.
    Role(Role),
    /// The kind is one of these.
    Kind(Vec<Kind>),
    Device(Pattern),
    Code(Pattern),
    Id(Pattern),
    Direction(Direction),
    Outcome(Wanted),
    Latency(Relation, Duration),
    Size(Relation, u64),
    Qos(Relation, u64),
    Retain(bool),
    Dup(bool),
    Time(Relation, Moment),
    /// Between two moments, both included.
    Between(Moment, Moment),
    /// Text in the payload.
    Text(Pattern),
    Regex(Regex),
    Hex(Box<memmem::Finder<'static>>),
    Jq(Query),
}

/// What the answer to a question depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The topic alone.
    Topic,
    /// The kind alone.
    Kind,
    /// The connection alone.
    Connection,
    /// Anywhere: a hit in topic or kind is an answer, none is not.
    Anywhere,
    /// The rest of the message.
    Message,
}

impl Test {
    /// What the answer depends on.
    pub(super) fn scope(&self) -> Scope {
        match self {
            Test::Word(_) => Scope::Anywhere,
            Test::Topic(_) | Test::TopicFilter(_) => Scope::Topic,
            Test::Kind(_) => Scope::Kind,
            Test::Connection(_) | Test::Dialect(_) | Test::Role(_) => Scope::Connection,
            _ => Scope::Message,
        }
    }

    /// How much an answer costs, to ask the cheap questions first.
    pub(super) fn cost(&self) -> u8 {
        match self {
            Test::Jq(_) => 4,
            Test::Regex(_) => 3,
            Test::Word(_) | Test::Text(_) | Test::Hex(_) => 2,
            Test::Time(..) | Test::Between(..) => 1,
            _ => 0,
        }
    }

    /// The answer of a topic, where the question is about topics; for a word, whether it is found there.
    pub(super) fn of_topic(&self, name: &str) -> bool {
        match self {
            Test::Topic(pattern) => pattern.fits(name.as_bytes()),
            Test::TopicFilter(filter) => topic::matches(filter, name),
            Test::Word(finder) => finder.is_match(name.as_bytes()),
            _ => false,
        }
    }

    /// The answer of a kind, where the question is about kinds; for a word, whether it is one of its names.
    pub(super) fn of_kind(&self, kind: Kind) -> bool {
        match self {
            Test::Kind(kinds) => kinds.contains(&kind),
            Test::Word(finder) => {
                let title = kind.title();
                [kind.name(), title.en, title.zh].iter().any(|text| finder.is_match(text.as_bytes()))
            }
            _ => false,
        }
    }

    /// The answer of a connection, where the question is about connections.
    pub(super) fn of_connection(&self, connection: Option<&ConnectionName>) -> bool {
        let Some(connection) = connection else { return false };
        match self {
            Test::Connection(pattern) => pattern.fits(connection.name.as_bytes()),
            Test::Dialect(pattern) => pattern.fits(connection.dialect.as_bytes()),
            Test::Role(role) => connection.role == *role,
            _ => false,
        }
    }

    /// The answer of the rest of a message; for a word, whether it is found in the payload or in a number of the frame
    /// (device, id and code are otherwise stretches of topic and payload).
    pub(super) fn of_message(&self, subject: &Subject<'_>) -> bool {
        let message = &subject.message;
        match self {
            Test::Word(finder) => {
                let is_in = |number: String| finder.is_match(number.as_bytes());
                finder.is_match(message.payload)
                    || matches!(message.meta.id, Id::Number(number) if is_in(number.to_string()))
                    || matches!(message.meta.code, Code::Number(number) if is_in(number.to_string()))
            }
            Test::Device(pattern) => message.device().is_some_and(|device| pattern.fits(device.as_bytes())),
            Test::Code(pattern) => message.code().is_some_and(|code| pattern.fits(code.as_bytes())),
            Test::Id(pattern) => message.request_id().is_some_and(|id| pattern.fits(id.as_bytes())),
            Test::Direction(direction) => message.direction == *direction,
            Test::Outcome(wanted) => wanted.is(subject),
            Test::Latency(relation, bound) => subject.latency.is_some_and(|latency| relation.holds(latency.cmp(bound))),
            Test::Size(relation, bound) => {
                relation.holds(u64::try_from(message.payload_len).unwrap_or(u64::MAX).cmp(bound))
            }
            Test::Qos(relation, bound) => relation.holds(u64::from(message.qos).cmp(bound)),
            Test::Retain(wanted) => message.retain == *wanted,
            Test::Dup(wanted) => message.dup == *wanted,
            Test::Time(relation, moment) => relation.holds(moment.place(message.at)),
            Test::Between(from, to) => {
                from.place(message.at) != Ordering::Less && to.place(message.at) != Ordering::Greater
            }
            Test::Text(pattern) => pattern.fits(message.payload),
            Test::Regex(finder) => finder.is_match(message.payload),
            Test::Hex(finder) => finder.find(message.payload).is_some(),
            Test::Jq(query) => query.holds(message.payload),
            Test::Topic(_)
            | Test::TopicFilter(_)
            | Test::Kind(_)
            | Test::Connection(_)
            | Test::Dialect(_)
            | Test::Role(_) => false,
        }
    }

    /// Where it finds something in a text, to be highlighted.
    pub(super) fn hits(&self, text: &str) -> Vec<Range<usize>> {
        match self {
            Test::Word(finder)
            | Test::Regex(finder)
            | Test::Text(Pattern::Part(finder))
            | Test::Topic(Pattern::Part(finder))
            | Test::Device(Pattern::Part(finder))
            | Test::Id(Pattern::Part(finder)) => finder.find_iter(text.as_bytes()).map(|hit| hit.range()).collect(),
            _ => Vec::new(),
        }
    }
}
