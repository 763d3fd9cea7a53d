//! A part of the traffic, as a selection in the tree gives it.

use std::collections::BTreeSet;

use crate::model::{ConnectionId, MessageRef};

/// A part of the traffic, as selected in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these connections; all where `None`.
    pub connections: Option<BTreeSet<ConnectionId>>,
    /// Only these topics.
    pub topic: TopicScope,
    /// Only messages that name this device; all where `None`.
    pub device: Option<String>,
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
        self.connections.is_none() && self.topic == TopicScope::Any && self.device.is_none()
    }

    /// Whether a message belongs to it, apart from its topic.
    pub(super) fn holds_message(&self, message: &MessageRef<'_>) -> bool {
        self.holds_connection(message.connection)
            && self.device.as_ref().is_none_or(|device| message.device() == Some(device))
    }

    /// Whether messages of this connection belong to it.
    fn holds_connection(&self, id: ConnectionId) -> bool {
        self.connections.as_ref().is_none_or(|ids| ids.contains(&id))
    }
}
