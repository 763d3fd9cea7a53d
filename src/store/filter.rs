//! Which messages are shown.
//!
//! A [`Filter`] has two parts: words that a person types, and a [`Scope`] that a selection in the tree gives. A
//! [`Matcher`] is a filter made ready to go through very many messages: what depends on the topic alone or on the kind
//! alone is decided once for each topic and kind. Whoever looks at messages knows only [`Matcher::admits`].

use std::collections::BTreeSet;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use crate::base::lang::Phrase;
use crate::model::{Code, ConnectionId, Id, Kind, MessageRef};
use crate::store::{Entry, TopicId, texts};

/// The largest number of words: one bit each in a word of the machine.
const MAX_WORDS: usize = 64;

/// Which messages are shown: every word is found in the message, and the scope holds.
///
/// A word is found where it stands, without regard to case, in the topic (which holds the device on most platforms), the
/// payload (as far as it is kept), the name or the title of the kind in either language, the device, the request id, or
/// the code. Words are separated by white space; `"…"` and `'…'` hold a word with spaces, with `\` before a quote that
/// belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    source: String,
    words: Vec<Word>,
    scope: Scope,
}

/// What is wrong with the text of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterFault {
    /// The byte of the text where it is wrong.
    pub offset: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// A part of the traffic, as selected in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these connections; all where `None`.
    pub connections: Option<BTreeSet<ConnectionId>>,
    /// Only these topics.
    pub topic: TopicScope,
}

/// Some topics, as selected in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TopicScope {
    /// All of them.
    #[default]
    Any,
    /// This one.
    Exact(String),
    /// This one and those below it: `a/b` holds `a/b` and `a/b/c`, not `a/bc`.
    Under(String),
}

impl TopicScope {
    /// Whether a topic belongs to it.
    pub fn holds(&self, topic: &str) -> bool {
        match self {
            TopicScope::Any => true,
            TopicScope::Exact(wanted) => topic == wanted,
            TopicScope::Under(root) => {
                topic.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

impl Scope {
    /// Whether it holds everything.
    pub fn is_everything(&self) -> bool {
        self.connections.is_none() && self.topic == TopicScope::Any
    }

    fn holds_connection(&self, id: ConnectionId) -> bool {
        self.connections.as_ref().is_none_or(|ids| ids.contains(&id))
    }
}

/// Two filters are equal when they were written alike and have the same scope.
impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.source == other.source && self.scope == other.scope
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
        let mut words = Vec::new();
        for (offset, text) in split(source)? {
            if words.len() == MAX_WORDS {
                return Err(FilterFault { offset, reason: texts::TOO_MANY_WORDS.with(&[&MAX_WORDS]) });
            }
            words.push(Word::new(&text).ok_or(FilterFault { offset, reason: texts::WORD_TOO_LONG.into() })?);
        }
        Ok(Filter { source: source.to_owned(), words, scope: Scope::default() })
    }

    /// The same words within another scope.
    pub fn with_scope(self, scope: Scope) -> Filter {
        Filter { scope, ..self }
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
        self.words.is_empty() && self.scope.is_everything()
    }

    /// Whether it shows this message. For very many messages a [`Matcher`] is quicker.
    pub fn admits(&self, message: &MessageRef<'_>) -> bool {
        self.scope.holds_connection(message.connection)
            && self.scope.topic.holds(message.topic)
            && self.words.iter().all(|word| {
                word.is_in(message.topic.as_bytes()) || word.is_in_kind(message.meta.kind) || word.is_in_rest(message)
            })
    }

    /// Where the words stand in a text, to be highlighted: byte ranges, sorted, without overlaps.
    pub fn hits(&self, text: &str) -> Vec<Range<usize>> {
        let mut hits: Vec<Range<usize>> =
            self.words.iter().flat_map(|word| word.finder.find_iter(text.as_bytes()).map(|hit| hit.range())).collect();
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
}

/// A word to be found.
#[derive(Debug, Clone)]
struct Word {
    finder: Regex,
}

impl Word {
    /// `None` for a text that is too long to be searched for.
    fn new(text: &str) -> Option<Word> {
        // Folding of ASCII letters alone is quicker, and the same for a word that has no others.
        RegexBuilder::new(&regex::escape(text))
            .case_insensitive(true)
            .unicode(!text.is_ascii())
            .build()
            .ok()
            .map(|finder| Word { finder })
    }

    fn is_in(&self, text: &[u8]) -> bool {
        self.finder.is_match(text)
    }

    fn is_in_kind(&self, kind: Kind) -> bool {
        let title = kind.title();
        [kind.name(), title.en, title.zh].iter().any(|text| self.is_in(text.as_bytes()))
    }

    /// Device, id and code are stretches of topic and payload, unless they are numbers in a frame.
    fn is_in_rest(&self, message: &MessageRef<'_>) -> bool {
        self.is_in(message.payload)
            || matches!(message.meta.id, Id::Number(number) if self.is_in(number.to_string().as_bytes()))
            || matches!(message.meta.code, Code::Number(number) if self.is_in(number.to_string().as_bytes()))
    }
}

/// Splits a text into words with their offsets.
fn split(source: &str) -> Result<Vec<(usize, String)>, FilterFault> {
    let mut words = Vec::new();
    let mut chars = source.char_indices().peekable();
    while let Some((offset, first)) = chars.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut word = String::new();
        if first == '"' || first == '\'' {
            loop {
                match chars.next() {
                    Some((_, '\\')) if matches!(chars.peek(), Some((_, '"' | '\'' | '\\'))) => {
                        word.extend(chars.next().map(|(_, escaped)| escaped));
                    }
                    Some((_, closing)) if closing == first => break,
                    Some((_, inner)) => word.push(inner),
                    None => return Err(FilterFault { offset, reason: texts::UNCLOSED_QUOTE.with(&[&first]) }),
                }
            }
            if word.is_empty() {
                return Err(FilterFault { offset, reason: texts::EMPTY_WORD.into() });
            }
        } else {
            word.push(first);
            while let Some((_, next)) = chars.next_if(|(_, next)| !next.is_whitespace()) {
                word.push(next);
            }
        }
        words.push((offset, word));
    }
    Ok(words)
}

/// A filter made ready to go through very many messages of one store. What depends on the topic or the kind alone is
/// decided once and remembered.
#[derive(Debug, Clone)]
pub struct Matcher {
    filter: Filter,
    /// One bit for each word.
    all: u64,
    /// The words that the kind itself answers, for kinds that answer any.
    kinds: Vec<(Kind, u64)>,
    /// By [`TopicId::index`]; grows as topics are met.
    topics: Vec<TopicVerdict>,
}

/// What is known of a topic.
#[derive(Debug, Clone, Copy)]
enum TopicVerdict {
    /// Not met yet.
    Unknown,
    /// Outside the scope.
    Outside,
    /// Within the scope, and it answers these words.
    Within(u64),
}

impl Matcher {
    /// Makes a filter ready.
    pub fn new(filter: Filter) -> Matcher {
        let all = bits(&filter.words, |_| true);
        let kinds = Kind::ALL
            .iter()
            .map(|kind| (*kind, bits(&filter.words, |word| word.is_in_kind(*kind))))
            .filter(|(_, answered)| *answered != 0)
            .collect();
        Matcher { filter, all, kinds, topics: Vec::new() }
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the filter shows this message.
    pub fn admits(&mut self, entry: &Entry<'_>) -> bool {
        let message = &entry.message;
        if !self.filter.scope.holds_connection(message.connection) {
            return false;
        }
        let TopicVerdict::Within(by_topic) = self.verdict(entry.topic, message.topic) else { return false };
        let by_kind = self.kinds.iter().find(|(kind, _)| *kind == message.meta.kind).map_or(0, |(_, words)| *words);
        let mut open = self.all & !by_topic & !by_kind;
        for word in &self.filter.words {
            if open == 0 {
                return true;
            }
            if open & 1 != 0 && !word.is_in_rest(message) {
                return false;
            }
            open >>= 1;
        }
        true
    }

    fn verdict(&mut self, id: TopicId, name: &str) -> TopicVerdict {
        if id == TopicId::OVERFLOW {
            return self.judge(name);
        }
        if let Some(known @ (TopicVerdict::Outside | TopicVerdict::Within(_))) = self.topics.get(id.index()) {
            return *known;
        }
        let verdict = self.judge(name);
        if self.topics.len() <= id.index() {
            self.topics.resize(id.index() + 1, TopicVerdict::Unknown);
        }
        if let Some(place) = self.topics.get_mut(id.index()) {
            *place = verdict;
        }
        verdict
    }

    fn judge(&self, topic: &str) -> TopicVerdict {
        if self.filter.scope.topic.holds(topic) {
            TopicVerdict::Within(bits(&self.filter.words, |word| word.is_in(topic.as_bytes())))
        } else {
            TopicVerdict::Outside
        }
    }
}

/// One bit for each word, set where `holds`.
fn bits(words: &[Word], holds: impl Fn(&Word) -> bool) -> u64 {
    words.iter().enumerate().filter(|(_, word)| holds(word)).fold(0, |bits, (index, _)| bits | 1 << index)
}
