//! One frame on the bench: its bytes, the bytes that it had before, and what is shown of it in the list.

use crate::dialect::lab::Sheet;
use crate::dialect::lab::catch::Caught;
use crate::model::{ConnectionId, Severity};

/// Steps that can be taken back.
const MOST_STEPS: usize = 200;

/// What the list shows of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// One line, not made printable.
    pub summary: String,
    /// Values that can be compared with those of others.
    pub values: Vec<(String, String)>,
    /// Frames of the same group are compared with one another.
    pub group: String,
    /// The worst that is wrong with it.
    pub worst: Option<Severity>,
}

impl Told {
    /// What is told of a sheet.
    pub fn new(sheet: &Sheet) -> Told {
        let worst = sheet.problems.iter().map(|problem| problem.severity).max();
        Told { summary: sheet.summary.clone(), values: sheet.values(), group: sheet.group(), worst }
    }

    /// A value by its name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One frame.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Its bytes, and where they were found.
    pub caught: Caught,
    /// The connection that it was taken from.
    pub connection: Option<ConnectionId>,
    /// What the list shows of it; `None` until it was looked at.
    pub told: Option<Told>,
    undo: Vec<Vec<u8>>,
    redo: Vec<Vec<u8>>,
}

impl Entry {
    /// A frame that was caught.
    pub fn new(caught: Caught) -> Entry {
        Entry { caught, ..Entry::default() }
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.caught.bytes
    }

    /// Gives it other bytes; the old ones can be had back.
    pub fn change(&mut self, bytes: Vec<u8>) {
        if bytes == self.caught.bytes {
            return;
        }
        if self.undo.len() == MOST_STEPS {
            self.undo.remove(0);
        }
        self.undo.push(std::mem::replace(&mut self.caught.bytes, bytes));
        self.redo.clear();
        self.told = None;
    }

    /// Takes the last change back, or makes it again; says whether there was one.
    pub fn step(&mut self, back: bool) -> bool {
        let (from, to) = if back { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        let Some(bytes) = from.pop() else { return false };
        to.push(std::mem::replace(&mut self.caught.bytes, bytes));
        self.told = None;
        true
    }

    /// Whether a change can be taken back, or made again.
    pub fn can_step(&self, back: bool) -> bool {
        !if back { &self.undo } else { &self.redo }.is_empty()
    }
}
