//! What the connections are called, for the fields that ask about them.

use crate::model::{ConnectionId, Role};

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionName {
    /// Its number.
    pub id: ConnectionId,
    /// Its name.
    pub name: String,
    /// The name of its platform.
    pub dialect: &'static str,
    /// The role that is played on it.
    pub role: Role,
}

/// What the connections are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names(Vec<ConnectionName>);

impl Names {
    /// Takes the names of all connections.
    pub fn new(names: Vec<ConnectionName>) -> Names {
        Names(names)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &ConnectionName> {
        self.0.iter()
    }

    /// One of them.
    pub(super) fn get(&self, id: ConnectionId) -> Option<&ConnectionName> {
        self.0.iter().find(|name| name.id == id)
    }
}
