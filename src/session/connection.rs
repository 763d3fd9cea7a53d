//! The state machine of one connection: plan, open, stages, login, loss, back-off.
//!
//! 1. An attempt starts when a person asks for it or when a wait is over. Its plan is made anew, because logins expire.
//! 2. Stages of the attempt move the state on: resolving, TCP, TLS, CONNECT, CONNACK, SUBACK, online.
//! 3. A refused login ends in `Refused`. It is never tried again without being asked: platforms ban who keeps knocking.
//! 4. A failed attempt or a lost connection is followed by a wait: one second, doubled each time up to thirty, less up
//!    to a quarter chosen by chance, so that many clients do not return at once. A connection that lived for
//!    [`STABLE`] starts the row anew.
//! 5. A connection lost [`MOST_KICKS`] times in a row within [`STABLE`] of its login, with no failed attempt in between,
//!    was probably thrown out by another client of the same identity: reconnecting would go on for ever, so it stops.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::Subscription;
use crate::model::{LinkState, Notice, Stage, StageReport};
use crate::session::outputs::Outputs;
use crate::session::{Action, LinkEvent, Reconnect, SessionConfig, texts};

/// The first wait.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A connection that lived so long counts as a success.
pub(super) const STABLE: Duration = Duration::from_secs(15);
/// So many losses in a row shortly after login mean that another client uses the same identity.
pub(super) const MOST_KICKS: u32 = 4;
/// How long the socket may take to say that it is closed.
const CLOSING: Duration = Duration::from_secs(5);

/// Where the connection is. `LinkState` says it in words for people; this says what may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing happens until someone asks.
    Idle,
    /// An attempt is on its way.
    Attempting,
    /// CONNACK 0 was received then.
    LoggedIn(Time),
    /// Asked the socket to close; if it does not answer by `until` it is taken as closed.
    Closing { until: Time, reopen: bool },
    /// The next attempt starts then.
    Waiting(Time),
}

/// The login of the current attempt.
#[derive(Debug, Default)]
struct Login {
    client_id: String,
    tls: bool,
    expires_at: Option<Time>,
    subscriptions: Vec<Subscription>,
}

/// What an input means for the rest of the session.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// CONNACK 0: subscribe these.
    LoggedIn(Vec<Subscription>),
    /// There is no connection any more, and there will be another one.
    Interrupted,
    /// There is no connection any more, and there will be none unless someone asks.
    Ended(Phrase),
}

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Connection {
    state: LinkState,
    phase: Phase,
    login: Login,
    /// Attempts and short-lived connections since the last success.
    failures: u32,
    /// Losses shortly after login, in a row.
    kicks: u32,
    /// When the login in use expires, until that was told.
    expiry: Option<Time>,
    random: Random,
}

impl Connection {
    /// A connection that was never opened.
    pub(super) fn new(seed: u64) -> Self {
        Connection {
            state: LinkState::Closed,
            phase: Phase::Idle,
            login: Login::default(),
            failures: 0,
            kicks: 0,
            expiry: None,
            random: Random::new(seed),
        }
    }

    /// Its state in words.
    pub(super) fn state(&self) -> &LinkState {
        &self.state
    }

    /// Whether an attempt is on its way or will be made, so that it makes sense to queue messages.
    pub(super) fn is_hopeful(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Closing { reopen: false, .. })
    }

    /// A person wants to be connected now.
    pub(super) fn connect(&mut self, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        match &mut self.phase {
            Phase::Attempting | Phase::LoggedIn(_) => Turn::None,
            Phase::Closing { reopen, .. } => {
                *reopen = true;
                Turn::None
            }
            Phase::Idle | Phase::Waiting(_) => {
                self.failures = 0;
                self.kicks = 0;
                self.open(config, now, out)
            }
        }
    }

    /// A person wants to be disconnected, and to stay so.
    pub(super) fn disconnect(&mut self, now: Time, out: &mut Outputs) -> Turn {
        match &mut self.phase {
            Phase::Attempting | Phase::LoggedIn(_) => {
                out.act(Action::Close);
                self.phase = Phase::Closing { until: now + CLOSING, reopen: false };
            }
            Phase::Closing { reopen, .. } => *reopen = false,
            Phase::Idle | Phase::Waiting(_) => self.phase = Phase::Idle,
        }
        self.expiry = None;
        self.enter(LinkState::Closed, now, out);
        Turn::Ended(texts::CLOSED_BEFORE_SENT.into())
    }

    /// All first subscriptions were answered.
    pub(super) fn subscribed(&mut self, now: Time, out: &mut Outputs) {
        if matches!(self.phase, Phase::LoggedIn(_)) {
            self.enter(LinkState::Online, now, out);
        }
    }

    /// A stage of the attempt is over.
    pub(super) fn stage(&mut self, report: StageReport, now: Time, out: &mut Outputs) {
        let next = match report.stage {
            _ if !report.ok || self.phase != Phase::Attempting => None,
            Stage::Resolve => Some(Stage::Tcp),
            Stage::Tcp if self.login.tls => Some(Stage::Tls),
            Stage::Tcp | Stage::Tls => Some(Stage::Connect),
            Stage::Connect => Some(Stage::Connack),
            Stage::Connack | Stage::Suback => None,
        };
        out.tell(Notice::Stage { report, at: now });
        if let Some(stage) = next {
            self.enter(LinkState::Connecting(stage), now, out);
        }
    }

    /// The socket tells how the connection fares (events about messages and subscriptions do not come here).
    pub(super) fn link(&mut self, event: LinkEvent, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        match (self.phase, event) {
            (Phase::Attempting, LinkEvent::Connected { .. }) => {
                self.phase = Phase::LoggedIn(now);
                self.expiry = self.login.expires_at;
                if let Some(at) = self.login.expires_at {
                    out.tell(Notice::Expires { at });
                }
                self.enter(LinkState::Connecting(Stage::Suback), now, out);
                Turn::LoggedIn(self.login.subscriptions.clone())
            }
            (Phase::Attempting, LinkEvent::Refused { code }) => {
                let mut reason = texts::connack(code).with(&[&code]);
                if self.login.expires_at.is_some_and(|at| at <= now) {
                    reason = texts::EXPIRED_LOGIN.around([reason]);
                }
                self.refuse(reason, now, out)
            }
            (Phase::Attempting, LinkEvent::Failed { reason } | LinkEvent::Lost { reason }) => {
                self.kicks = 0;
                self.failures = self.failures.saturating_add(1);
                self.retry(reason, config.reconnect, now, out)
            }
            (Phase::LoggedIn(since), LinkEvent::Lost { reason } | LinkEvent::Failed { reason }) => {
                if now.since(since) < STABLE {
                    self.kicks = self.kicks.saturating_add(1);
                    self.failures = self.failures.saturating_add(1);
                } else {
                    self.kicks = 0;
                    self.failures = 1;
                }
                if self.kicks >= MOST_KICKS {
                    let what = texts::KICKED.with(&[&self.kicks, &self.login.client_id]);
                    out.warn(what.clone(), now);
                    return self.refuse(what, now, out);
                }
                self.retry(reason, config.reconnect, now, out)
            }
            (Phase::Attempting | Phase::LoggedIn(_), LinkEvent::Closed) => {
                self.phase = Phase::Idle;
                self.expiry = None;
                self.enter(LinkState::Closed, now, out);
                Turn::Ended(texts::CLOSED_BEFORE_SENT.into())
            }
            (
                Phase::Closing { reopen, .. },
                LinkEvent::Closed | LinkEvent::Lost { .. } | LinkEvent::Failed { .. } | LinkEvent::Refused { .. },
            ) => self.closed(reopen, config, now, out),
            // What is left speaks of an attempt that is over: a socket that was told to close may still have news.
            _ => Turn::None,
        }
    }

    /// When [`Connection::handle_timeout`] wants to be called.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let phase = match self.phase {
            Phase::Waiting(until) | Phase::Closing { until, .. } => Some(until),
            Phase::Idle | Phase::Attempting | Phase::LoggedIn(_) => None,
        };
        [phase, self.expiry].into_iter().flatten().min()
    }

    /// Starts the next attempt when its wait is over, and tells when the login in use has expired.
    pub(super) fn handle_timeout(&mut self, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        if self.expiry.is_some_and(|at| at <= now) {
            self.expiry = None;
            out.warn(texts::EXPIRED.into(), now);
        }
        match self.phase {
            Phase::Waiting(until) if until <= now => self.open(config, now, out),
            Phase::Closing { until, reopen } if until <= now => self.closed(reopen, config, now, out),
            _ => Turn::None,
        }
    }

    fn closed(&mut self, reopen: bool, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.phase = Phase::Idle;
        if reopen { self.connect(config, now, out) } else { Turn::None }
    }

    fn open(&mut self, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        match config.dialect.plan(config.role, &config.settings, now, self.random.bits()) {
            Ok(plan) => {
                self.login = Login {
                    client_id: plan.client_id.clone(),
                    tls: plan.server.transport.is_tls(),
                    expires_at: plan.expires_at,
                    subscriptions: plan.subscriptions.clone(),
                };
                self.phase = Phase::Attempting;
                self.enter(LinkState::Connecting(Stage::Resolve), now, out);
                out.act(Action::Open(Box::new(plan)));
                Turn::None
            }
            Err(fault) => {
                let reason = texts::NO_PLAN.around([Phrase::verbatim(fault.field), fault.reason]);
                self.refuse(reason, now, out)
            }
        }
    }

    fn refuse(&mut self, reason: Phrase, now: Time, out: &mut Outputs) -> Turn {
        self.phase = Phase::Idle;
        self.expiry = None;
        self.enter(LinkState::Refused(reason.clone()), now, out);
        Turn::Ended(reason)
    }

    fn retry(&mut self, reason: Phrase, reconnect: Reconnect, now: Time, out: &mut Outputs) -> Turn {
        self.expiry = None;
        match reconnect {
            Reconnect::Never => {
                self.phase = Phase::Idle;
                out.warn(texts::ENDED.around([reason.clone()]), now);
                self.enter(LinkState::Closed, now, out);
                Turn::Ended(reason)
            }
            Reconnect::BackOff => {
                let until = now + self.wait();
                self.phase = Phase::Waiting(until);
                self.enter(LinkState::Waiting { until, attempt: self.failures, reason }, now, out);
                Turn::Interrupted
            }
        }
    }

    /// The wait after the current number of failures.
    fn wait(&mut self) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        let full = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
        full - full.mul_f64(self.random.fraction() / 4.0)
    }

    fn enter(&mut self, state: LinkState, now: Time, out: &mut Outputs) {
        if self.state != state {
            self.state = state.clone();
            out.tell(Notice::State { state, at: now });
        }
    }
}
