//! Where a session puts what it wants done and what it has to tell, in order, until the link takes it.

use std::collections::VecDeque;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::model::Notice;
use crate::session::Action;

/// Actions for the socket and notices for people.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    /// For the socket.
    pub(super) actions: VecDeque<Action>,
    /// For people.
    pub(super) notices: VecDeque<Notice>,
}

impl Outputs {
    /// Wants something done.
    pub(super) fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    /// Tells something.
    pub(super) fn tell(&mut self, notice: Notice) {
        self.notices.push_back(notice);
    }

    /// Tells something that a person should know.
    pub(super) fn warn(&mut self, what: Phrase, at: Time) {
        self.tell(Notice::Warning { what, at });
    }
}
