//! Whose messages a capture holds, and how far it was read.

use crate::base::lang::Phrase;
use crate::model::{Fields, Role};

/// A connection as a capture names it: enough to read its messages again, and nothing secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its name.
    pub name: String,
    /// The name of its platform.
    pub dialect: String,
    /// The side that was played.
    pub role: Role,
    /// `[identity]`, without its secrets.
    pub identity: Fields,
    /// The devices, without their secrets.
    pub devices: Vec<Fields>,
}

/// How far a capture was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Played {
    /// Bytes of the file that were read.
    pub read: u64,
    /// Bytes of the file.
    pub size: u64,
    /// Bytes of lines that were read, decompressed.
    pub lines: u64,
    /// Messages so far.
    pub messages: u64,
    /// Whether nothing more comes.
    pub ended: bool,
    /// What is wrong with the file, if anything; with `ended`, why it ended early.
    pub fault: Option<Phrase>,
}
