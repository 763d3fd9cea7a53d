//! A recorded message made fit to be sent again: an id that was not used yet, times of today.

use std::collections::HashMap;
use std::ops::Range;

use crate::base::time::Time;
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

/// Topic and payload of a message, rewritten. `ids` holds the new ids by the old ones, `next` is the next new one.
pub fn rewrite(
    message: &MessageRef<'_>,
    what: Rewrite,
    ids: &mut HashMap<String, String>,
    next: &mut u64,
    now: Time,
) -> (String, Vec<u8>) {
    let mut topic = message.topic.to_owned();
    let mut edits: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    if let (true, Id::Text(span), Some(old)) = (what.ids, message.meta.id, message.request_id()) {
        let new = match message.meta.kind.part() {
            Part::Reply => ids.get(old.as_ref()).cloned(),
            Part::Request | Part::Notice => {
                let new = ids.entry(old.into_owned()).or_insert_with(|| {
                    *next += 1;
                    next.to_string()
                });
                Some(new.clone())
            }
        };
        match (new, span.place()) {
            (Some(new), Place::Payload) => edits.push((span.range(), new.into_bytes())),
            (Some(new), Place::Topic) if topic.get(span.range()).is_some() => topic.replace_range(span.range(), &new),
            _ => {}
        }
    }
    if what.times && matches!(message.payload.trim_ascii_start().first(), Some(b'{' | b'[')) {
        let taken = edits.first().map(|(range, _)| range.clone());
        let apart =
            |range: &Range<usize>| taken.as_ref().is_none_or(|id| range.end <= id.start || range.start >= id.end);
        edits.extend(times(message.payload, message.at, now).into_iter().filter(|(range, _)| apart(range)));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut payload = Vec::with_capacity(message.payload.len() + 16);
    let mut done = 0;
    for (range, new) in edits {
        payload.extend_from_slice(message.payload.get(done..range.start).unwrap_or_default());
        payload.extend_from_slice(&new);
        done = range.end;
    }
    payload.extend_from_slice(message.payload.get(done..).unwrap_or_default());
    (topic, payload)
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
