//! A recorded message made fit to be sent again: an id that was not used yet, times of today.

use std::collections::HashMap;
use std::ops::Range;

use crate::base::time::Time;
use crate::dialect::Dialect;
use crate::model::kind::Part;
use crate::model::{Id, MessageRef, Place};

/// What is rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rewrite {
    /// The ids of requests; a reply gets the id of its request where that was rewritten.
    pub ids: bool,
    /// Times in JSON: numbers of seconds or milliseconds since 1970 that lie within a day of the message.
    pub times: bool,
}

/// How far a time in a payload may lie from the time of its message.
const NEAR: u64 = 86_400_000;

/// Rewrites the messages of a recording, and remembers which id became which.
#[derive(Debug)]
pub struct Rewriter {
    what: Rewrite,
    /// The new ids by the old ones.
    ids: HashMap<String, u64>,
    /// The last new id.
    last: u64,
}

impl Rewriter {
    /// Begins; new ids follow `last`.
    pub fn new(what: Rewrite, last: u64) -> Rewriter {
        Rewriter { what, ids: HashMap::new(), last }
    }

    /// Topic and payload of a message, as they are sent `now`. The dialect knows where a binary frame has its number;
    /// without one such a number stays.
    pub fn rewrite(&mut self, message: &MessageRef<'_>, dialect: Option<&dyn Dialect>, now: Time) -> (String, Vec<u8>) {
        let mut topic = message.topic.to_owned();
        let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
        match (message.meta.id, self.new_id(message)) {
            (Id::Text(span), Some(new)) if span.place() == Place::Payload => {
                edits.push((span.range(), new.to_string().into_bytes()));
            }
            (Id::Text(span), Some(new)) if topic.get(span.range()).is_some() => {
                topic.replace_range(span.range(), &new.to_string());
            }
            (Id::Number(_), Some(new)) => {
                let place = dialect.and_then(|dialect| dialect.number_at(message.topic, message.payload));
                // The number of a frame has four bytes: of a longer one the lower half counts on as well.
                let [.., a, b, c, d] = new.to_be_bytes();
                edits.extend(place.map(|range| (range, vec![a, b, c, d])));
            }
            _ => {}
        }
        if self.what.times && matches!(message.payload.trim_ascii_start().first(), Some(b'{' | b'[')) {
            let taken = edits.first().map(|(range, _)| range.clone());
            let apart =
                |range: &Range<usize>| taken.as_ref().is_none_or(|id| range.end <= id.start || range.start >= id.end);
            edits.extend(times(message.payload, message.at, now).into_iter().filter(|(range, _)| apart(range)));
        }
        (topic, edited(message.payload, edits))
    }

    /// The id that takes the place of the message's own; `None` where there is none or it stays.
    fn new_id(&mut self, message: &MessageRef<'_>) -> Option<u64> {
        let old = message.request_id().filter(|_| self.what.ids)?;
        match message.meta.kind.part() {
            Part::Reply => self.ids.get(old.as_ref()).copied(),
            Part::Request | Part::Notice => {
                let last = &mut self.last;
                let new = self.ids.entry(old.into_owned()).or_insert_with(|| {
                    *last += 1;
                    *last
                });
                Some(*new)
            }
        }
    }
}

/// A payload with other bytes in these places, which do not overlap.
fn edited(payload: &[u8], mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut written = Vec::with_capacity(payload.len() + 16);
    let mut done = 0;
    for (range, new) in edits {
        written.extend_from_slice(payload.get(done..range.start).unwrap_or_default());
        written.extend_from_slice(&new);
        done = range.end;
    }
    written.extend_from_slice(payload.get(done..).unwrap_or_default());
    written
}

/// The numbers of a payload that are times near the time of its message, as they would be `now`.
fn times(payload: &[u8], at: Time, now: Time) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(&byte) = payload.get(start) {
        if !byte.is_ascii_digit() {
            start += 1;
            continue;
        }
        let length =
            payload.get(start..).map_or(1, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
        let range = start..start + length;
        start = range.end;
        let beside = |at: Option<usize>| {
            at.and_then(|at| payload.get(at)).is_some_and(|b| matches!(b, b'.' | b'_') || b.is_ascii_alphabetic())
        };
        if beside(range.start.checked_sub(1)) || beside(Some(range.end)) {
            continue;
        }
        let number =
            payload.get(range.clone()).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u64>().ok());
        let (Some(number), true) = (number, length == 10 || length == 13) else { continue };
        let millis = if length == 10 { number.saturating_mul(1_000) } else { number };
        if millis.abs_diff(at.as_millis()) > NEAR {
            continue;
        }
        let shifted = (now.as_millis() + millis).saturating_sub(at.as_millis());
        let new = if length == 10 { shifted / 1_000 } else { shifted };
        found.push((range, new.to_string().into_bytes()));
    }
    found
}
