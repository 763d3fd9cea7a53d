//! A message taken apart: a tree of fields with byte ranges, and what is wrong with it.

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Works, but is probably not meant so.
    Warning,
    /// A receiver would refuse or ignore the message.
    Error,
}

impl Severity {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something wrong with, or remarkable about, a stretch of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// What was expected and what was found, in the reader's language.
    pub message: String,
    /// First byte, counted from the start of the payload.
    pub offset: usize,
    /// Number of bytes; 0 for a point between bytes.
    pub length: usize,
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Field {
    /// Its name as the platform writes it.
    pub name: String,
    /// Its value as it should be read; empty for a field that only holds children.
    pub value: String,
    /// First byte, counted from the start of the payload.
    pub offset: usize,
    /// Number of bytes.
    pub length: usize,
    /// A remark: meaning of a code, local time of a time stamp, unit.
    pub note: Option<String>,
    /// Parts.
    pub children: Vec<Field>,
}

/// A message taken apart. Dissection never fails: what cannot be read becomes a problem.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dissection {
    /// What the message is.
    pub kind: super::Kind,
    /// One line for people, not yet made printable.
    pub summary: String,
    /// The fields, in the order of their bytes.
    pub fields: Vec<Field>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}
