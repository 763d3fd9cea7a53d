//! A filter made ready to go through very many messages of one store.

use crate::model::{ConnectionId, Kind};
use crate::store::filter::Filter;
use crate::store::filter::test::{Scope, Subject};
use crate::store::{Entry, NameId};

/// A filter made ready. What depends on the topic, the kind or the connection alone is decided once and remembered.
#[derive(Debug, Clone)]
pub struct Matcher {
    filter: Filter,
    /// Questions whose answer is settled by topic, kind or connection alone, one bit each.
    settled: u64,
    /// The questions that the kind itself answers with yes, for kinds that answer any.
    kinds: Vec<(Kind, u64)>,
    /// The same for connections, as they are met.
    connections: Vec<(ConnectionId, u64)>,
    /// By [`NameId::index`]; grows as topics are met.
    topics: Vec<TopicVerdict>,
}

/// What is known of a topic.
#[derive(Debug, Clone, Copy)]
enum TopicVerdict {
    /// Not met yet.
    Unknown,
    /// Outside the scope.
    Outside,
    /// Within the scope, and it answers these questions with yes.
    Within(u64),
}

impl Matcher {
    /// Makes a filter ready.
    pub fn new(filter: Filter) -> Matcher {
        let settled = bits(&filter, |test| matches!(test.scope(), Scope::Topic | Scope::Kind | Scope::Connection));
        let kinds = Kind::ALL
            .iter()
            .map(|kind| (*kind, bits(&filter, |test| test.of_kind(*kind))))
            .filter(|(_, answered)| *answered != 0)
            .collect();
        Matcher { filter, settled, kinds, connections: Vec::new(), topics: Vec::new() }
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the filter shows this message.
    pub fn admits(&mut self, entry: &Entry<'_>) -> bool {
        let message = &entry.message;
        if !self.filter.scope.holds_message(message) {
            return false;
        }
        let TopicVerdict::Within(by_topic) = self.verdict(entry.topic, message.topic) else { return false };
        let by_kind = self.kinds.iter().find(|(kind, _)| *kind == message.meta.kind).map_or(0, |(_, yes)| *yes);
        let by_connection = self.connection(message.connection);
        let known_yes = by_topic | by_kind | by_connection;
        let subject = Subject { message: *message, fate: entry.fate, latency: entry.latency };
        let (tests, settled) = (&self.filter.tests, self.settled);
        self.filter.expression.holds(&mut |index| {
            let bit = bit(index);
            known_yes & bit != 0
                || (settled & bit == 0 && tests.get(index).is_some_and(|test| test.of_message(&subject)))
        })
    }

    fn connection(&mut self, id: ConnectionId) -> u64 {
        if let Some((_, known)) = self.connections.iter().find(|(known, _)| *known == id) {
            return *known;
        }
        let found = bits(&self.filter, |test| test.of_connection(self.filter.names.get(id)));
        self.connections.push((id, found));
        found
    }

    fn verdict(&mut self, id: NameId, name: &str) -> TopicVerdict {
        if id == NameId::OVERFLOW {
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
            TopicVerdict::Within(bits(&self.filter, |test| test.of_topic(topic)))
        } else {
            TopicVerdict::Outside
        }
    }
}

fn bit(index: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0)
}

/// One bit for each question, set where `holds`.
fn bits(filter: &Filter, holds: impl Fn(&super::test::Test) -> bool) -> u64 {
    filter.tests.iter().enumerate().filter(|(_, test)| holds(test)).fold(0, |bits, (index, _)| bits | bit(index))
}
