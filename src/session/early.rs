//! Requests that are asked for before the login over HTTP is done.
//!
//! What a request says may depend on what the login brings: devices, ids, addresses. So it is encoded when the login is
//! done, in the order of asking; until then only its wish is kept.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::model::{Request, RequestInfo, RequestKey};
use crate::session::pending::{MOST_OPEN, QUEUE_WAIT};
use crate::session::{Session, texts};

/// A request that waits for the login.
#[derive(Debug)]
pub(super) struct Early {
    key: RequestKey,
    request: Request,
    timeout: Option<Duration>,
    check: bool,
    deadline: Time,
}

impl Session {
    /// Takes an operation: at once, or when the login over HTTP is done.
    pub(super) fn request_in_time(
        &mut self,
        key: RequestKey,
        request: Request,
        timeout: Option<Duration>,
        check: bool,
        now: Time,
    ) {
        if self.early.len() < MOST_OPEN && self.connection.will_log_in(&self.config, now) {
            let deadline = now + QUEUE_WAIT;
            return self.early.push_back(Early { key, request, timeout, check, deadline });
        }
        self.request(key, &request, timeout, check, now);
    }

    /// Encodes what has waited for the login, as soon as that is done.
    pub(super) fn begin_early(&mut self, now: Time) {
        while !self.early.is_empty() && !self.connection.will_log_in(&self.config, now) {
            let Some(Early { key, request, timeout, check, .. }) = self.early.pop_front() else { return };
            self.request(key, &request, timeout, check, now);
        }
    }

    /// There will be no login.
    pub(super) fn fail_early(&mut self, reason: &Phrase, now: Time) {
        for Early { key, request, .. } in std::mem::take(&mut self.early) {
            self.refuse(key, RequestInfo::unmade(&request), reason.clone(), now);
        }
    }

    /// When [`Session::expire_early`] has something to say.
    pub(super) fn next_early_timeout(&self) -> Option<Time> {
        self.early.front().map(|early| early.deadline)
    }

    /// Gives up what has waited too long.
    pub(super) fn expire_early(&mut self, now: Time) {
        while self.early.front().is_some_and(|early| early.deadline <= now) {
            let Some(Early { key, request, .. }) = self.early.pop_front() else { return };
            let reason = texts::WAITED_TOO_LONG.with(&[&QUEUE_WAIT.as_secs()]);
            self.refuse(key, RequestInfo::unmade(&request), reason, now);
        }
    }
}
