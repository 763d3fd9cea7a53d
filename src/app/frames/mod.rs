//! The Frames tab: frames on the bench, looked at field by field and byte by byte, compared, changed, built and sent.
//!
//! 1. What is pasted or opened is caught once (`catch`) and lies in a list. Only frames that are seen are taken apart for
//!    it; the selected one is taken apart whenever its bytes, its form or its definition change.
//! 2. Fields and bytes are linked: a field shows its bytes, a byte selects the innermost field that it belongs to.
//! 3. A change of a field gives new bytes, and new bytes give new fields: there is nothing else to be kept in step.

pub mod actions;
pub mod bench;
pub mod entry;
pub mod heat;
pub mod layout;
pub mod sending;
pub mod tell;
mod texts;

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use crate::app::edit::TextEdit;
use crate::app::inspect::Hex;
use crate::base::lang::Lang;
use crate::dialect::lab::{Cell, Sheet};
use crate::model::{ConnectionId, RequestKey, ThingModel};

pub use actions::{BYTES, FIELDS, LIST, OTHERS};
pub use entry::{Entry, Told};
pub use heat::Heat;
pub use layout::Layout;
pub use tell::Tone;

/// Where the definition of the data comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Definition {
    /// From the connection that the frame came from, or from one of its platform that is open.
    #[default]
    Auto,
    /// There is none.
    Raw,
    /// From a profile.
    Profile(usize),
    /// From a file, by its place among those that were opened.
    File(usize),
}

/// The state of the tab.
#[derive(Default)]
pub struct Frames {
    /// The frames on the bench.
    pub(super) entries: Vec<Entry>,
    /// The selected one.
    pub cursor: usize,
    top: usize,
    /// Place among the forms.
    form: usize,
    definition: Definition,
    /// Definitions that were opened, by the name of their file.
    files: Vec<(String, ThingModel)>,
    /// The selected frame taken apart.
    pub sheet: Sheet,
    /// Whether it has to be taken apart anew.
    stale: bool,
    lang: Lang,
    /// The selected field, by its place in the sheet.
    cell: usize,
    cell_top: usize,
    folded: HashSet<String>,
    /// The place among the bytes.
    pub hex: Hex,
    /// Which bytes change.
    pub heat: Heat,
    heat_stale: bool,
    /// Whether the heat is shown, where somebody has said so.
    heat_wanted: Option<bool>,
    /// The frame that the selected one is compared with.
    pub against: Option<usize>,
    /// A value being typed.
    pub editing: Option<TextEdit>,
    /// Whether bytes are being typed; with the half of one that was typed already.
    pub typing: Option<Option<u8>>,
    /// Whether it is asked what to copy.
    pub copying: bool,
    connection: Option<ConnectionId>,
    /// The request that was sent last.
    sent: Option<RequestKey>,
    /// How the tab is divided.
    pub layout: Layout,
}

impl Frames {
    /// The frames on the bench.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The selected frame.
    pub fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.cursor)
    }

    /// The selected field.
    pub fn cell(&self) -> Option<&Cell> {
        self.sheet.cells.get(self.cell)
    }

    /// Its place in the sheet.
    pub fn cell_place(&self) -> usize {
        self.cell
    }

    /// The fields that are not hidden below a folded one, by their places in the sheet.
    pub fn rows(&self) -> Vec<usize> {
        let mut rows = Vec::new();
        let mut hidden: Option<usize> = None;
        for (place, cell) in self.sheet.cells.iter().enumerate() {
            if hidden.is_some_and(|depth| cell.depth > depth) {
                continue;
            }
            hidden = self.is_folded(cell).then_some(cell.depth);
            rows.push(place);
        }
        rows
    }

    /// Whether the parts of a field are hidden.
    pub fn is_folded(&self, cell: &Cell) -> bool {
        cell.has_parts && self.folded.contains(&cell.path)
    }

    /// The first row of the list that is drawn.
    pub fn first_entry(&self) -> usize {
        first(self.top, self.cursor, self.entries.len(), Layout::inside(self.layout.list))
    }

    /// The first row of the fields that is drawn.
    pub fn first_row(&self) -> usize {
        let rows = self.rows();
        let at = rows.iter().position(|place| *place == self.cell).unwrap_or_default();
        first(self.cell_top, at, rows.len(), Layout::inside(self.layout.middle))
    }

    /// Whether it is shown which bytes change: where nothing says what they mean, or where it is wanted.
    pub fn heat_shown(&self) -> bool {
        let unknown = self.sheet.cells.iter().any(|cell| cell.path == "p0/data" || cell.path == "body");
        self.heat.frames > 1 && self.heat_wanted.unwrap_or(unknown)
    }

    /// The innermost field that a byte belongs to.
    pub fn innermost(&self, byte: usize) -> Option<usize> {
        let cells = self.sheet.cells.iter().enumerate().filter(|(_, cell)| cell.range.contains(&byte));
        cells.min_by_key(|(_, cell)| (cell.range.len(), std::cmp::Reverse(cell.depth))).map(|(place, _)| place)
    }

    /// Whether a byte differs from the one in the frame that is compared with.
    pub fn differs(&self, byte: usize) -> bool {
        let other = self.against.and_then(|against| self.entries.get(against));
        other.is_some_and(|other| other.bytes().get(byte) != self.entry().and_then(|entry| entry.bytes().get(byte)))
    }

    /// The fields that differ from those of the frame that is compared with: by value where both have them, otherwise
    /// because one of them lacks it.
    pub fn differing_fields(&self) -> Vec<String> {
        let Some(told) = self.against.and_then(|against| self.entries.get(against)?.told.as_ref()) else {
            return Vec::new();
        };
        let own = self.sheet.values();
        let mut names: Vec<String> = own
            .iter()
            .filter(|(name, value)| told.value(name) != Some(value))
            .map(|(name, value)| format!("{name} {} → {value}", told.value(name).unwrap_or("–")))
            .collect();
        let gone = told.values.iter().filter(|(name, _)| own.iter().all(|(other, _)| other != name));
        names.extend(gone.map(|(name, value)| format!("{name} {value} → –")));
        names
    }

    /// What is different in a frame of the list from the one of its group before it.
    pub fn changes(&self, place: usize) -> Vec<String> {
        let Some(told) = self.entries.get(place).and_then(|entry| entry.told.as_ref()) else { return Vec::new() };
        let Some(before) = self.before(place) else { return Vec::new() };
        let changed = told.values.iter().filter_map(|(name, value)| {
            let was = before.value(name).filter(|was| *was != value)?;
            Some(format!("{name}: {}", difference(was, value)))
        });
        changed.collect()
    }

    /// What was told of the frame of the same group before one.
    fn before(&self, place: usize) -> Option<&Told> {
        let group = &self.entries.get(place)?.told.as_ref()?.group;
        let earlier = self.entries.get(..place)?.iter().rev().filter_map(|entry| entry.told.as_ref());
        earlier.into_iter().find(|told| told.group == *group)
    }
}

/// Values longer than this are told by what is different in them.
const LONG: usize = 32;

/// Two values of a field. Of two long ones of the same length, which are bytes in hex, those that differ, each with its
/// place in the field.
fn difference(was: &str, is: &str) -> String {
    if was.len() != is.len() || is.len() < LONG {
        return format!("{was} → {is}");
    }
    let pairs = |text: &str| -> Vec<String> {
        let bytes = text.as_bytes().chunks(2);
        bytes.map(|pair| String::from_utf8_lossy(pair).into_owned()).collect()
    };
    let (was, is) = (pairs(was), pairs(is));
    let differ = was.iter().zip(&is).enumerate().filter(|(_, (was, is))| was != is);
    let told: Vec<String> = differ.map(|(at, (was, is))| format!("+{at} {was}→{is}")).collect();
    let more = if told.len() > 4 { " …" } else { "" };
    format!("{}{more}", told.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(" "))
}

/// The first of so many rows to draw where `height` fit, so that the cursor is seen.
fn first(top: usize, cursor: usize, rows: usize, height: usize) -> usize {
    let top = top.min(cursor).min(rows.saturating_sub(height));
    top.max((cursor + 1).saturating_sub(height))
}
