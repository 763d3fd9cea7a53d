//! The identities that a simulated cloud knows, as its roster lists them.

use std::collections::BTreeMap;

use crate::base::lang::{Phrase, Text};
use crate::dialect::ModelFault;
use crate::model::{FieldFault, Fields, ThingModel};

const BAD_MODEL: Text = Text::new("model, line {}, column {}: {}", "物模型第 {} 行第 {} 列：{}");
const TWICE: Text = Text::new("{} is listed twice", "{} 重复");
const BAD_FIELD: Text = Text::same("{} {}");

/// One entry of a roster table, for example one `[[onenet.device]]`.
#[derive(Debug, Clone, Default)]
pub struct RosterEntry {
    /// Keys that hold text.
    pub fields: Fields,
    /// Keys that hold lists of text.
    pub lists: BTreeMap<String, Vec<String>>,
    /// Line in the roster file, from 1; 0 for built-in entries.
    pub line: usize,
}

/// The identities of one dialect that the simulated cloud knows, by table name.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Entries by table (`device`, `user`, …), in the order of the file.
    pub tables: BTreeMap<String, Vec<RosterEntry>>,
}

impl Roster {
    /// The entries of one table; none if there is no such table.
    pub fn table(&self, name: &str) -> &[RosterEntry] {
        self.tables.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// An entry of a roster that cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct RosterFault {
    /// Line in the roster file, from 1.
    pub line: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

impl RosterEntry {
    /// A fault of this entry.
    pub fn fault(&self, reason: impl Into<Phrase>) -> RosterFault {
        RosterFault { line: self.line, reason: reason.into() }
    }

    /// A fault of one of its fields.
    pub fn bad_field(&self, field: &str, reason: impl Into<Phrase>) -> RosterFault {
        self.fault(BAD_FIELD.around([Phrase::verbatim(field), reason.into()]))
    }

    /// A field that has to be there.
    pub fn require(&self, name: &str) -> Result<String, RosterFault> {
        let found = self.fields.require(name).map(str::to_owned);
        found.map_err(|FieldFault { field, reason }| self.bad_field(&field, reason))
    }

    /// Complains of an identity that was listed before.
    pub fn unique(&self, new: bool, id: &str) -> Result<(), RosterFault> {
        if new { Ok(()) } else { Err(self.fault(TWICE.with(&[&id]))) }
    }

    /// A model that cannot be read.
    pub fn bad_model(&self, fault: ModelFault) -> RosterFault {
        let place = [fault.line, fault.column].map(|number| Phrase::verbatim(number.to_string()));
        self.fault(BAD_MODEL.around(place.into_iter().chain([fault.reason])))
    }

    /// The thing model of this entry, where it has one.
    pub fn model(
        &self,
        read: impl FnOnce(&str) -> Result<ThingModel, ModelFault>,
    ) -> Result<Option<ThingModel>, RosterFault> {
        self.fields.get("model").map(read).transpose().map_err(|fault| self.bad_model(fault))
    }
}
