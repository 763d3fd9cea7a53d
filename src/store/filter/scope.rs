//! A part of the traffic, as a selection in the tree gives it.

use std::collections::BTreeSet;

use crate::model::ConnectionId;

/// A part of the traffic, as selected in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these connections; all where `None`.
    pub connections: Option<BTreeSet<ConnectionId>>,
    /// Only these topics.
    pub topic: TopicScope,
}

/// Some topics, as selected in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TopicScope {
    /// All of them.
    #[default]
    Any,
    /// This one.
    Exact(String),
    /// This one and those below it: `a/b` holds `a/b` and `a/b/c`, not `a/bc`.
    Under(String),
}

impl TopicScope {
    /// Whether a topic belongs to it.
    pub fn holds(&self, topic: &str) -> bool {
        match self {
            TopicScope::Any => true,
            TopicScope::Exact(wanted) => topic == wanted,
            TopicScope::Under(root) => {
                topic.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

impl Scope {
    /// Whether it holds everything.
    pub fn is_everything(&self) -> bool {
        self.connections.is_none() && self.topic == TopicScope::Any
    }

    /// Whether messages of this connection belong to it.
    pub(super) fn holds_connection(&self, id: ConnectionId) -> bool {
        self.connections.as_ref().is_none_or(|ids| ids.contains(&id))
    }
}
