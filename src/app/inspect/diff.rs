//! What differs between a message and the one of its kind before it, field by field.

use std::collections::HashMap;

use crate::app::inspect::Fields;

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It has another value.
    Changed,
    /// It was not there before.
    Added,
    /// It is no longer there.
    Gone,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What happened.
    pub change: Change,
    /// The names that lead to the field, joined by dots; not made printable.
    pub path: String,
    /// Its value before.
    pub before: String,
    /// Its value now.
    pub now: String,
}

/// A message beside the one before it.
#[derive(Debug, Default)]
pub struct Diff {
    /// What differs: in the order of the message, what is gone at the end.
    pub rows: Vec<Difference>,
    /// Fields that are the same.
    pub same: usize,
    /// The time between the two, in words; `None` where there is no message before.
    pub before: Option<String>,
    top: usize,
}

impl Diff {
    /// Compares the values of two messages.
    pub(super) fn new(now: &Fields, before: &Fields, ago: String) -> Diff {
        let mut old: HashMap<String, &str> = before.values().collect();
        let order: Vec<String> = before.values().map(|(path, _)| path).collect();
        let mut diff = Diff { before: Some(ago), ..Diff::default() };
        for (path, value) in now.values() {
            match old.remove(&path) {
                Some(was) if was == value => diff.same += 1,
                Some(was) => diff.push(Change::Changed, path, was, value),
                None => diff.push(Change::Added, path, "", value),
            }
        }
        for path in order {
            if let Some(was) = old.remove(&path) {
                diff.push(Change::Gone, path, was, "");
            }
        }
        diff
    }

    fn push(&mut self, change: Change, path: String, before: &str, now: &str) {
        self.rows.push(Difference { change, path, before: before.to_owned(), now: now.to_owned() });
    }

    /// The first row to draw where `height` rows fit.
    pub fn first_row(&self, height: usize) -> usize {
        self.top.min(self.rows.len().saturating_sub(height))
    }

    pub(super) fn scroll(&mut self, by: isize, height: usize) {
        self.top = self.first_row(height).saturating_add_signed(by).min(self.rows.len().saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Dissection, Field};

    fn fields(values: &[(&str, &str)]) -> Fields {
        let child =
            |(name, value): &(&str, &str)| Field { name: (*name).into(), value: (*value).into(), ..Field::default() };
        let parent = Field { name: "p".into(), children: values.iter().map(child).collect(), ..Field::default() };
        Fields::new(Dissection { fields: vec![parent], ..Dissection::default() })
    }

    #[test]
    fn fields_are_compared_by_their_paths() {
        let diff = Diff::new(
            &fields(&[("a", "1"), ("b", "2"), ("d", "4")]),
            &fields(&[("c", "0"), ("b", "3"), ("a", "1")]),
            String::new(),
        );
        let rows: Vec<(Change, &str, &str, &str)> = diff
            .rows
            .iter()
            .map(|row| (row.change, row.path.as_str(), row.before.as_str(), row.now.as_str()))
            .collect();
        assert_eq!(
            rows,
            [(Change::Changed, "p.b", "3", "2"), (Change::Added, "p.d", "", "4"), (Change::Gone, "p.c", "0", "")]
        );
        assert_eq!(diff.same, 1);
    }
}
