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
/// The largest number of bytes in a word; the automaton of a longer one takes too long to build.
const MAX_WORD_BYTES: usize = 256;

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
            let too_long = || FilterFault { offset, reason: texts::WORD_TOO_LONG.with(&[&MAX_WORD_BYTES]) };
            words.push(Word::new(&text).ok_or_else(too_long)?);
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
        if text.len() > MAX_WORD_BYTES {
            return None;
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Time;
    use crate::model::{Direction, Meta, Place, Span};

    fn message<'a>(topic: &'a str, payload: &'a [u8], meta: Meta) -> MessageRef<'a> {
        MessageRef {
            at: Time::ZERO,
            connection: ConnectionId(0),
            direction: Direction::In,
            qos: 0,
            retain: false,
            dup: false,
            topic,
            payload,
            payload_len: payload.len(),
            meta,
        }
    }

    fn admits(filter: &str, topic: &str, payload: &str) -> bool {
        Filter::parse(filter).unwrap().admits(&message(topic, payload.as_bytes(), Meta::default()))
    }

    #[test]
    fn words_are_found_without_regard_to_case() {
        assert!(admits("power", "t", r#"{"Power":true}"#));
        assert!(admits("POWER lamp", "p1/Lamp", r#"{"Power":true}"#));
        assert!(!admits("power lamp", "p1/fan", r#"{"Power":true}"#));
        assert!(admits("ÉTÉ", "t", "en été"));
        assert!(admits("Ж", "t", "ж"));
    }

    #[test]
    fn chinese_is_found() {
        assert!(admits("温度", "t", "当前温度为 23"));
        assert!(!admits("湿度", "t", "当前温度为 23"));
        assert!(admits("温度 23", "t", "当前温度为 23"));
        assert!(admits("温度\u{3000}23", "t", "当前温度为 23"), "a full-width space separates too");
    }

    #[test]
    fn signs_have_no_meaning_of_their_own() {
        assert!(admits("a.b", "t", "a.b"));
        assert!(!admits("a.b", "t", "axb"));
        assert!(admits("$sys/+/#", "$sys/+/#", ""));
        assert!(admits(r"\d (", "t", r"(\d"));
    }

    #[test]
    fn quotes_hold_a_word_with_spaces() {
        assert!(admits("\"a b\"", "t", "xa bx"));
        assert!(!admits("\"a b\"", "t", "b a"));
        assert!(admits(r#"'"Power":true'"#, "t", r#"{"Power":true}"#));
        assert!(admits(r#""\"Power\"""#, "t", r#"{"Power":true}"#));
        assert!(admits("it's", "t", "It's"), "a quote inside a word is a letter");
    }

    #[test]
    fn broken_bytes_are_searched_around() {
        let filter = Filter::parse("灯 on").unwrap();
        let payload = [b"\xff\xfe".as_slice(), "灯".as_bytes(), b"\x80ON\xc3"].concat();
        assert!(filter.admits(&message("t", &payload, Meta::default())));
    }

    #[test]
    fn the_kind_is_found_by_name_and_in_both_languages() {
        let meta = Meta { kind: Kind::SetReply, ..Meta::default() };
        for word in ["set_reply", "\"set reply\"", "设置应答", "SET"] {
            assert!(Filter::parse(word).unwrap().admits(&message("t", b"", meta)), "{word}");
        }
        assert!(!Filter::parse("report").unwrap().admits(&message("t", b"", meta)));
    }

    #[test]
    fn device_id_and_code_are_found() {
        let meta = Meta {
            kind: Kind::Set,
            ok: None,
            device: Span::new(Place::Topic, 3, 4),
            id: Id::Number(4711),
            code: Code::Number(-12),
        };
        let message = message("p1/lamp/set", b"\x00\x01", meta);
        for word in ["lamp", "4711", "-12", "lamp 471"] {
            assert!(Filter::parse(word).unwrap().admits(&message), "{word}");
        }
        assert!(!Filter::parse("4712").unwrap().admits(&message));
    }

    #[test]
    fn a_fault_names_the_place() {
        let fault = Filter::parse("灯 \"on").unwrap_err();
        assert_eq!(fault.offset, 4);
        assert!(fault.reason.is(&texts::UNCLOSED_QUOTE));
        let fault = Filter::parse("a ''").unwrap_err();
        assert_eq!((fault.offset, fault.reason.is(&texts::EMPTY_WORD)), (2, true));
        let fault = Filter::parse(&"w ".repeat(65)).unwrap_err();
        assert_eq!((fault.offset, fault.reason.is(&texts::TOO_MANY_WORDS)), (128, true));
        assert!(Filter::parse(&"w ".repeat(64)).is_ok());
    }

    #[test]
    fn an_empty_filter_is_everything() {
        assert!(Filter::parse("  ").unwrap().is_everything());
        assert!(!Filter::parse("a").unwrap().is_everything());
        let scope = Scope { topic: TopicScope::Exact("a".into()), ..Scope::default() };
        assert!(!Filter::everything().with_scope(scope).is_everything());
    }

    #[test]
    fn hits_are_sorted_and_joined() {
        let filter = Filter::parse("ab bc 灯").unwrap();
        assert_eq!(filter.hits("xABc 灯 ab"), [1..4, 5..8, 9..11]);
        assert!(Filter::everything().hits("abc").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_filter_or_a_fault_within_it(text in "[a-c灯 \"'\\\\\u{3000}]{0,24}") {
            match Filter::parse(&text) {
                Ok(filter) => {
                    filter.admits(&message(&text, text.as_bytes(), Meta::default()));
                    for hit in filter.hits(&text) {
                        proptest::prop_assert!(text.get(hit).is_some());
                    }
                }
                Err(fault) => proptest::prop_assert!(text.get(fault.offset..).is_some_and(|rest| !rest.is_empty())),
            }
        }

        #[test]
        fn a_quoted_word_finds_itself(word in "\\PC{1,12}") {
            let quoted = format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""));
            let payload = format!("<{word}>");
            proptest::prop_assert!(admits(&quoted, "t", &payload));
        }
    }

    #[test]
    fn a_word_may_be_long_but_not_endless() {
        for letter in ["x", "灯", "ß"] {
            let long = letter.repeat(MAX_WORD_BYTES / letter.len());
            assert!(admits(&long, "t", &format!("a{long}b")));
            let fault = Filter::parse(&format!("a {}", letter.repeat(100_000))).unwrap_err();
            assert_eq!((fault.offset, fault.reason.is(&texts::WORD_TOO_LONG)), (2, true));
        }
    }
}
