//! Binary frames on the bench: what a platform has to say of frames that are pasted, changed or built by hand, and how
//! frames are found in whatever people paste.
//!
//! `dress` knows how bytes are written down (hex, code, dumps, logs), `capture` files of packets, and `catch` puts both
//! together with a [`Lab`], which knows where its frames begin and end. Whether a platform has a lab tells
//! [`Dialect::lab`].

pub mod capture;
pub mod catch;
pub mod dress;

use std::ops::Range;

use crate::base::lang::{Phrase, Text};
use crate::dialect::{Context, Dialect, REGISTRY};
use crate::model::{Kind, Problem};

/// A way in which frames are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The name that never changes: in `--form`.
    pub name: &'static str,
    /// The name shown to people.
    pub title: Text,
}

/// A frame that can be made from nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name that never changes: in `iotdbg encode D frame NAME`.
    pub name: String,
    /// The name shown to people.
    pub title: Text,
    /// The name of the form that it is written in.
    pub form: &'static str,
}

/// Bits within the bytes of a cell, which are taken for one number, the highest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bits {
    /// The lowest, from 0.
    pub from: usize,
    /// How many.
    pub width: usize,
}

/// A field of a frame with everything that can be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its name with the names of all it is part of: `p0/flags/Power`.
    pub path: String,
    /// Its name as the platform writes it.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its value as it should be read.
    pub value: String,
    /// The value as [`Lab::edit`] takes it.
    pub typed: String,
    /// A remark on the value.
    pub note: Option<String>,
    /// How the bytes stand for the value.
    pub rule: String,
    /// Where that is written.
    pub source: String,
    /// Its bytes.
    pub range: Range<usize>,
    /// Its bits, where it does not take whole bytes.
    pub bits: Option<Bits>,
    /// Levels above it.
    pub depth: usize,
    /// Whether it has parts.
    pub has_parts: bool,
    /// Whether [`Lab::edit`] takes a new value for it.
    pub editable: bool,
}

/// A frame taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// What it is.
    pub kind: Kind,
    /// The name of the form that it was read in.
    pub form: &'static str,
    /// One line for people, not yet made printable.
    pub summary: String,
    /// Its fields in preorder.
    pub cells: Vec<Cell>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Sheet {
    /// The values that can be compared from frame to frame: those without parts that are no envelope.
    pub fn values(&self) -> Vec<(String, String)> {
        let told =
            self.cells.iter().filter(|cell| cell.path.starts_with("p0/") && !cell.has_parts && cell.kind != "bit");
        let told = told.filter(|cell| cell.path != "p0/action");
        told.map(|cell| (cell.name.clone(), cell.meaning().to_owned())).collect()
    }

    /// What frames have in common that can be compared with one another: form, command, and who says it.
    pub fn group(&self) -> String {
        let of = |path: &str| self.cells.iter().find(|cell| cell.path == path).map_or("", |cell| cell.value.as_str());
        let action = of("p0/action");
        // A state is a state, asked for or not.
        let told = action.strip_suffix(['3', '4']).map_or(action.to_owned(), |front| format!("{front}3"));
        if told.is_empty() { format!("{} {}", self.form, of("command")) } else { format!("{} {told}", self.form) }
    }
}

impl Cell {
    /// The value in the words of the platform: the name of an enum value rather than its number.
    pub fn meaning(&self) -> &str {
        let named = self.kind.starts_with("enum ");
        let note = self.note.as_deref().filter(|_| named).and_then(|note| note.split(" · ").next());
        note.unwrap_or(&self.value)
    }
}

/// What a platform knows of its own frames. A form is given by its name; `auto`, or none that is known, leaves it to the
/// bytes.
pub trait Lab: Sync {
    /// The forms that can be chosen; the first leaves it to the bytes.
    fn forms(&self) -> &'static [Form];

    /// Where the first frame begins.
    fn first(&self, form: &str, bytes: &[u8]) -> Option<usize>;

    /// Whether the last frame is cut off, so that more bytes may belong to it.
    fn lacks(&self, form: &str, bytes: &[u8]) -> bool;

    /// The frames, one after the other. Bytes between them belong to the frame before; so do those that a wrong length
    /// leaves over.
    fn cut(&self, form: &str, bytes: &[u8]) -> Vec<Range<usize>>;

    /// The topic of a frame out of the words that stand before it.
    fn topic_in(&self, words: &str) -> Option<String>;

    /// A frame taken apart.
    fn read(&self, context: &Context<'_>, form: &str, topic: &str, bytes: &[u8]) -> Sheet;

    /// The frame with another value in a field. What depends on it (lengths, sums) follows where it was right before.
    fn edit(&self, context: &Context<'_>, form: &str, bytes: &[u8], path: &str, text: &str) -> Result<Vec<u8>, Phrase>;

    /// The frames that can be made.
    fn templates(&self) -> Vec<Template>;

    /// A frame as empty as it can be; `None` where there is no such template.
    fn make(&self, context: &Context<'_>, template: &str) -> Option<Vec<u8>>;

    /// The topic that such a frame is sent on, over the connection of the context.
    fn topic_for(&self, context: &Context<'_>, bytes: &[u8]) -> Option<String>;
}

/// The first dialect that has a lab.
pub fn first_dialect() -> Option<&'static dyn Dialect> {
    REGISTRY.iter().copied().find(|dialect| dialect.lab().is_some())
}
