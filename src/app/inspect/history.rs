//! The values that a field had in earlier messages of its kind.
//!
//! 1. A field is followed by the names that lead to it, through messages with the same topic, connection and direction.
//! 2. JSON is looked into by its bytes alone, which is quick; anything else has to be taken apart, so fewer messages of
//!    it are looked at.
//! 3. A field with a part named `value` means that part: platforms write `{"value": 23.5, "time": …}`.

use crate::app::inspect::{Fields, plot};
use crate::base::json;
use crate::base::time::Time;
use crate::store::Seq;

/// Values that are kept.
pub(super) const MOST_VALUES: usize = 2_000;
/// Values of messages that are not JSON.
pub(super) const MOST_TAKEN_APART: usize = 200;
/// Messages that are looked at.
pub(super) const LOOK_BACK: usize = 100_000;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When.
    pub at: Time,
    /// The message.
    pub seq: Seq,
    /// As it was written; not made printable.
    pub text: String,
    /// As a number, if it is one; true is 1, false is 0.
    pub number: Option<f64>,
}

/// The values of a field.
#[derive(Debug, Default)]
pub struct History {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// Oldest first.
    pub points: Vec<Point>,
    top: usize,
}

impl History {
    /// The values of a field, newest first as they were found.
    pub(super) fn new(path: Vec<String>, mut newest_first: Vec<Point>) -> History {
        newest_first.reverse();
        History { path, points: newest_first, top: 0 }
    }

    /// The smallest, the largest and the last number; `None` where there is no number.
    pub fn range(&self) -> Option<(f64, f64, f64)> {
        let mut numbers = self.points.iter().filter_map(|point| point.number);
        let first = numbers.next()?;
        Some(numbers.fold((first, first, first), |(least, most, _), n| (least.min(n), most.max(n), n)))
    }

    /// The curve in so many cells; nothing where fewer than two values are numbers.
    pub fn curve(&self, columns: usize, rows: usize) -> Vec<String> {
        let Some(first) = self.points.first() else { return Vec::new() };
        let points: Vec<(f64, f64)> = self
            .points
            .iter()
            .filter_map(|point| Some((point.at.since(first.at).as_secs_f64(), point.number?)))
            .collect();
        if points.len() < 2 { Vec::new() } else { plot::plot(&points, columns, rows) }
    }

    /// The values that differ from the one before, newest first: what a list of values is read for.
    pub fn changes(&self) -> impl Iterator<Item = &Point> {
        let is_change = |index: &usize| {
            let before = index.checked_sub(1).and_then(|index| self.points.get(index));
            self.points.get(*index).is_some_and(|point| before.is_none_or(|before| before.text != point.text))
        };
        (0..self.points.len()).rev().filter(is_change).filter_map(|index| self.points.get(index))
    }

    /// Changes that are scrolled past.
    pub fn top(&self) -> usize {
        self.top
    }

    pub(super) fn scroll(&mut self, by: isize) {
        self.top = self.top.saturating_add_signed(by).min(self.changes().count().saturating_sub(1));
    }
}

/// A value as a number.
pub(super) fn number(text: &str) -> Option<f64> {
    match text {
        "true" => Some(1.0),
        "false" => Some(0.0),
        // A time stamp is no measurement, but a counter may be long.
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// The value at a path of a JSON payload; `None` where there is none.
pub(super) fn in_json(payload: &[u8], path: &[String]) -> Option<String> {
    let mut offset = 0;
    let mut value = None;
    for (depth, name) in path.iter().enumerate() {
        let member = match payload.get(offset..)?.trim_ascii_start().first()? {
            b'{' => {
                json::members_in(payload, offset)
                    .find(|member| payload.get(member.key.clone()) == Some(name.as_bytes()))?
                    .value
            }
            // Elements of lists have no names to look for: the reader does it.
            b'[' => return in_list(payload.get(offset..)?, path.get(depth..)?),
            _ => return None,
        };
        offset = member.start;
        value = Some(member);
    }
    let range = json::scalar(payload, value?)?;
    std::str::from_utf8(payload.get(range)?).ok().map(str::to_owned)
}

fn in_list(payload: &[u8], path: &[String]) -> Option<String> {
    let parsed = json::parse(payload);
    let mut node = parsed.root.as_ref()?;
    for name in path {
        node = match name.parse::<usize>().ok().and_then(|index| node.elements().get(index)) {
            Some(element) => element,
            None => node.get(name)?,
        };
    }
    node.scalar_text().map(str::to_owned)
}

/// The value at a path of a message that was taken apart.
pub(super) fn in_fields(fields: &Fields, path: &[String]) -> Option<String> {
    let wanted = path.join(".");
    fields.values().find(|(path, _)| *path == wanted).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn a_value_is_found_by_its_path() {
        let payload = br#"{"params":{"t":{"value":23.5},"list":[1,{"a":"x"}],"s":"on"}}"#;
        assert_eq!(in_json(payload, &path("params.t.value")).as_deref(), Some("23.5"));
        assert_eq!(in_json(payload, &path("params.list.1.a")).as_deref(), Some("x"));
        assert_eq!(in_json(payload, &path("params.s")).as_deref(), Some("on"));
        assert_eq!(in_json(payload, &path("params.t")), None);
        assert_eq!(in_json(payload, &path("params.u.value")), None);
        assert_eq!(in_json(b"plain", &path("a")), None);
    }

    #[test]
    fn range_and_changes_are_those_of_the_values() {
        let point = |at: u64, text: &str| Point {
            at: Time::from_secs(at),
            seq: Seq(at),
            text: text.into(),
            number: number(text),
        };
        let history = History::new(path("a"), vec![point(4, "2"), point(3, "2"), point(2, "5"), point(1, "1")]);
        assert_eq!(history.range(), Some((1.0, 5.0, 2.0)));
        assert_eq!(history.changes().map(|point| point.seq.0).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(history.curve(10, 2).len(), 2);
        assert!(History::default().curve(10, 2).is_empty());
    }
}
