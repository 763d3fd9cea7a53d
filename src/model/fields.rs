//! Named settings of a connection, as they come from a profile, from flags or from a form.

use std::collections::BTreeMap;
use std::fmt;

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;

/// The settings of `[identity]` and their like: names as in `INTERFACE.md`, values as text. Every value is kept as a
/// [`Secret`], so that no field can leak through `Debug`; which ones are secrets is told by the dialect's `Spec`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(BTreeMap<String, Secret>);

/// A field that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name.
    pub field: String,
    /// What was expected and what was found. Never holds a secret.
    pub reason: Phrase,
}

/// A required field was not given.
pub const MISSING: Text = Text::new("is required", "必须填写");
/// A number was expected.
pub const NOT_A_NUMBER: Text = Text::new("must be a whole number, found “{}”", "必须是整数，实际是“{}”");

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), Secret::new(value));
    }

    /// Sets a field, for building one expression out of many.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Removes a field.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The value of a field that was given and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Secret::expose).filter(|value| !value.is_empty())
    }

    /// The value of a field that must be there.
    pub fn require(&self, name: &str) -> Result<&str, FieldFault> {
        self.get(name).ok_or_else(|| FieldFault::new(name, MISSING))
    }

    /// The value of a field that holds a whole number, if given.
    pub fn number(&self, name: &str) -> Result<Option<u64>, FieldFault> {
        self.get(name)
            .map(|text| text.trim().parse().map_err(|_| FieldFault::new(name, NOT_A_NUMBER.with(&[&text]))))
            .transpose()
    }

    /// The names of the fields that were given, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl FieldFault {
    /// A fault of the named field.
    pub fn new(field: impl Into<String>, reason: impl Into<Phrase>) -> Self {
        FieldFault { field: field.into(), reason: reason.into() }
    }
}

impl fmt::Display for FieldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.reason)
    }
}

impl std::error::Error for FieldFault {}
