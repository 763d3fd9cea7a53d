//! The state machine of one connection: login calls, plan, open, stages, login, loss, back-off.
//!
//! 1. An attempt starts when a person asks for it or when a wait is over. First the dialect's calls are made, one after
//!    the other; what they bring (tokens, addresses, devices) stays in the settings for later attempts. Then the plan is
//!    made, anew for each attempt, because logins expire.
//! 2. Stages of the attempt move the state on: login, resolving, TCP, TLS, CONNECT and CONNACK or the WebSocket upgrade,
//!    SUBACK, online.
//! 3. A refused login ends in `Refused`. It is never tried again without being asked: platforms ban who keeps knocking.
//!    What earlier calls brought is dropped then, so that the next attempt logs in anew.
//! 4. A failed attempt or a lost connection is followed by a wait, as the platform wants it ([`BackOff`]) or, where it
//!    says nothing: one second, doubled each time up to thirty, less up to a quarter chosen by chance, so that many
//!    clients do not return at once. A connection that lived for [`STABLE`] starts the row anew.
//! 5. A connection lost [`MOST_KICKS`] times in a row within [`STABLE`] of its login, with no failed attempt in between,
//!    was probably thrown out by another client of the same identity: reconnecting would go on for ever, so it stops.

use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::random::Random;
use crate::base::time::Time;
use crate::dialect::{BackOff, ConnectionSettings, HttpAnswer, HttpCall, LoginFault, Subscription, Transport};
use crate::model::{FieldFault, LinkState, Notice, Request, Stage, StageReport};
use crate::session::outputs::Outputs;
use crate::session::port::CallFault;
use crate::session::{Action, LinkEvent, Reconnect, SessionConfig, texts};

/// The first wait.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A connection that lived so long counts as a success.
pub(super) const STABLE: Duration = Duration::from_secs(15);
/// So many losses in a row shortly after login mean that another client uses the same identity.
pub(super) const MOST_KICKS: u32 = 4;
/// So many calls in one attempt do not lead to a login: the answers go round in a circle.
const MOST_CALLS: u32 = 16;
/// How long the socket may take to say that it is closed.
const CLOSING: Duration = Duration::from_secs(5);

/// Where the connection is. `LinkState` says it in words for people; this says what may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing happens until someone asks.
    Idle,
    /// A call of the login waits for its answer.
    Calling,
    /// An attempt is on its way.
    Attempting,
    /// CONNACK 0 was received, or the WebSocket was granted, then.
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
    transport: Option<Transport>,
    expires_at: Option<Time>,
    subscriptions: Vec<Subscription>,
    opening: Vec<Request>,
}

/// What an input means for the rest of the session.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// CONNACK 0, or a granted WebSocket: subscribe these and ask these.
    LoggedIn(Vec<Subscription>, Vec<Request>),
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
    /// The call that waits for its answer, by number.
    call: Option<(u64, HttpCall)>,
    /// The number of the latest call.
    latest_call: u64,
    /// Calls made in this attempt.
    calls: u32,
    /// The settings as they were given, while those in use hold what calls have brought.
    given: Option<Box<ConnectionSettings>>,
    /// Whether what calls have brought is out of date.
    stale: bool,
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
            call: None,
            latest_call: 0,
            calls: 0,
            given: None,
            stale: false,
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

    /// Whether a login over HTTP has to be made before the connection that is on its way.
    pub(super) fn will_log_in(&self, config: &SessionConfig, now: Time) -> bool {
        match self.phase {
            Phase::Calling => true,
            Phase::Waiting(_) | Phase::Closing { reopen: true, .. } => {
                matches!(config.dialect.login(config.role, &config.settings, now, 0), Ok(Some(_)))
            }
            _ => false,
        }
    }

    /// Whether the connection is, or most likely will be, a WebSocket.
    pub(super) fn is_socket(&self, config: &SessionConfig) -> bool {
        let named = || config.settings.named_server(config.dialect.spec().role(config.role));
        self.login.transport.or_else(|| named().map(|server| server.transport)).is_some_and(Transport::is_websocket)
    }

    /// A person wants to be connected now.
    pub(super) fn connect(&mut self, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        match &mut self.phase {
            Phase::Calling | Phase::Attempting | Phase::LoggedIn(_) => Turn::None,
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
            Phase::Calling | Phase::Attempting | Phase::LoggedIn(_) => {
                out.act(Action::Close);
                self.phase = Phase::Closing { until: now + CLOSING, reopen: false };
            }
            Phase::Closing { reopen, .. } => *reopen = false,
            Phase::Idle | Phase::Waiting(_) => self.phase = Phase::Idle,
        }
        self.call = None;
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
            Stage::Tcp if self.login.transport.is_some_and(Transport::is_tls) => Some(Stage::Tls),
            Stage::Tcp | Stage::Tls => match self.login.transport {
                Some(transport) if transport.is_websocket() => Some(Stage::Upgrade),
                _ => Some(Stage::Connect),
            },
            Stage::Connect => Some(Stage::Connack),
            Stage::Login | Stage::Upgrade | Stage::Connack | Stage::Suback => None,
        };
        out.tell(Notice::Stage { report, at: now });
        if let Some(stage) = next {
            self.enter(LinkState::Connecting(stage), now, out);
        }
    }

    /// The socket tells how the connection fares (events about messages and subscriptions do not come here).
    pub(super) fn link(&mut self, event: LinkEvent, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        match (self.phase, event) {
            (Phase::Calling, LinkEvent::LoginAnswer { number, outcome, elapsed }) => {
                match self.call.take_if(|(waiting, _)| *waiting == number) {
                    Some((_, call)) => self.login_answered(&call, outcome, elapsed, config, now, out),
                    None => Turn::None,
                }
            }
            (Phase::Attempting, LinkEvent::Connected { .. }) => {
                self.phase = Phase::LoggedIn(now);
                self.expiry = self.login.expires_at;
                if let Some(at) = self.login.expires_at {
                    out.tell(Notice::Expires { at });
                }
                self.enter(LinkState::Connecting(Stage::Suback), now, out);
                Turn::LoggedIn(self.login.subscriptions.clone(), self.login.opening.clone())
            }
            (Phase::Attempting, LinkEvent::Denied { reason }) => {
                let reason = self.blame_expiry(reason, now);
                self.refuse(reason, config, now, out)
            }
            (Phase::Attempting, LinkEvent::Refused { code }) => {
                let reason = self.blame_expiry(texts::connack(code).with(&[&code]), now);
                self.refuse(reason, config, now, out)
            }
            (Phase::Attempting, LinkEvent::Failed { reason } | LinkEvent::Lost { reason }) => {
                self.fail(reason, config, now, out)
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
                    let what = if self.is_socket(config) {
                        texts::THROWN_OUT.with(&[&self.kicks])
                    } else {
                        texts::KICKED.with(&[&self.kicks, &self.login.client_id])
                    };
                    out.warn(what.clone(), now);
                    return self.refuse(what, config, now, out);
                }
                self.retry(reason, config, now, out)
            }
            (Phase::Calling | Phase::Attempting | Phase::LoggedIn(_), LinkEvent::Closed) => {
                self.phase = Phase::Idle;
                self.call = None;
                self.expiry = None;
                self.enter(LinkState::Closed, now, out);
                Turn::Ended(texts::CLOSED_BEFORE_SENT.into())
            }
            (
                Phase::Closing { reopen, .. },
                LinkEvent::Closed
                | LinkEvent::Lost { .. }
                | LinkEvent::Failed { .. }
                | LinkEvent::Refused { .. }
                | LinkEvent::Denied { .. },
            ) => self.closed(reopen, config, now, out),
            // What is left speaks of an attempt that is over: a socket that was told to close may still have news.
            _ => Turn::None,
        }
    }

    /// When [`Connection::handle_timeout`] wants to be called.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let phase = match self.phase {
            Phase::Waiting(until) | Phase::Closing { until, .. } => Some(until),
            Phase::Idle | Phase::Calling | Phase::Attempting | Phase::LoggedIn(_) => None,
        };
        [phase, self.expiry].into_iter().flatten().min()
    }

    /// Starts the next attempt when its wait is over, and tells when the login in use has expired.
    pub(super) fn handle_timeout(&mut self, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
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

    fn closed(&mut self, reopen: bool, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.phase = Phase::Idle;
        if reopen { self.connect(config, now, out) } else { Turn::None }
    }

    /// Something was bound or unbound: what the login has brought (devices, their servers) holds for this connection
    /// only.
    pub(super) fn learn_anew(&mut self) {
        self.stale = true;
    }

    /// Starts an attempt.
    fn open(&mut self, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.calls = 0;
        if std::mem::take(&mut self.stale) {
            self.forget_login(config);
        }
        self.go_on(config, now, out)
    }

    /// Makes the next call of the login or, where none is left, the connection.
    fn go_on(&mut self, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        let nonce = self.random.bits();
        match config.dialect.login(config.role, &config.settings, now, nonce) {
            Ok(None) => {}
            Ok(Some(_)) if self.calls >= MOST_CALLS => {
                return self.refuse(texts::TOO_MANY_CALLS.with(&[&MOST_CALLS]), config, now, out);
            }
            Ok(Some(call)) => {
                self.calls += 1;
                self.latest_call = self.latest_call.wrapping_add(1);
                self.phase = Phase::Calling;
                self.enter(LinkState::Connecting(Stage::Login), now, out);
                out.act(Action::Call { number: self.latest_call, call: Box::new(call.clone()) });
                self.call = Some((self.latest_call, call));
                return Turn::None;
            }
            Err(fault) => return self.no_plan(fault, config, now, out),
        }
        match config.dialect.plan(config.role, &config.settings, now, nonce) {
            Ok(plan) => {
                self.login = Login {
                    client_id: plan.client_id.clone(),
                    transport: Some(plan.server.transport),
                    expires_at: plan.expires_at,
                    subscriptions: plan.subscriptions.clone(),
                    opening: plan.opening.clone(),
                };
                self.phase = Phase::Attempting;
                self.enter(LinkState::Connecting(Stage::Resolve), now, out);
                out.act(Action::Open(Box::new(plan)));
                Turn::None
            }
            Err(fault) => self.no_plan(fault, config, now, out),
        }
    }

    /// A call of the login has its answer: takes it into the settings and goes on.
    fn login_answered(
        &mut self,
        call: &HttpCall,
        outcome: Result<HttpAnswer, CallFault>,
        elapsed: Duration,
        config: &mut SessionConfig,
        now: Time,
        out: &mut Outputs,
    ) -> Turn {
        let report = |stage, ok, detail, advice| Notice::Stage {
            report: StageReport { stage, ok, elapsed, detail, advice },
            at: now,
        };
        let topic = Phrase::verbatim(call.topic());
        let answer = match outcome {
            Ok(answer) => answer,
            Err(CallFault { stage, reason, advice }) => {
                let reason = texts::CALL_FAILED.around([topic, reason]);
                out.tell(report(stage, false, reason.clone(), advice));
                return self.fail(reason, config, now, out);
            }
        };
        let before = config.settings.clone();
        let status = Phrase::verbatim(answer.status.to_string());
        let taken = match texts::redirection(&answer) {
            // Not followed: a token must not go where nobody meant it to go.
            Some(reason) => Err(LoginFault { code: String::new(), reason, refused: true }),
            None => config.dialect.logged_in(config.role, &mut config.settings, call, &answer),
        };
        match taken {
            Ok(()) => {
                self.given.get_or_insert_with(|| Box::new(before));
                out.tell(report(Stage::Login, true, texts::CALL_ANSWERED.around([topic, status]), None));
                self.go_on(config, now, out)
            }
            Err(LoginFault { code, reason, refused }) => {
                config.settings = before;
                let what = if code.is_empty() {
                    texts::CALL_REFUSED.around([topic, status, reason])
                } else {
                    texts::CALL_REFUSED_CODE.around([topic, status, Phrase::verbatim(code), reason])
                };
                out.tell(report(Stage::Login, false, what.clone(), None));
                if refused { self.refuse(what, config, now, out) } else { self.fail(what, config, now, out) }
            }
        }
    }

    fn blame_expiry(&self, reason: Phrase, now: Time) -> Phrase {
        let expired = self.login.expires_at.is_some_and(|at| at <= now);
        if expired { texts::EXPIRED_LOGIN.around([reason]) } else { reason }
    }

    fn no_plan(&mut self, fault: FieldFault, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.refuse(texts::NO_PLAN.around([Phrase::verbatim(fault.field), fault.reason]), config, now, out)
    }

    fn refuse(&mut self, reason: Phrase, config: &mut SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.phase = Phase::Idle;
        self.expiry = None;
        self.forget_login(config);
        self.enter(LinkState::Refused(reason.clone()), now, out);
        Turn::Ended(reason)
    }

    /// Back to the settings as they were given.
    fn forget_login(&mut self, config: &mut SessionConfig) {
        if let Some(given) = self.given.take() {
            config.settings = *given;
        }
    }

    /// An attempt failed.
    fn fail(&mut self, reason: Phrase, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.kicks = 0;
        self.failures = self.failures.saturating_add(1);
        self.retry(reason, config, now, out)
    }

    fn retry(&mut self, reason: Phrase, config: &SessionConfig, now: Time, out: &mut Outputs) -> Turn {
        self.expiry = None;
        match config.reconnect {
            Reconnect::Never => {
                self.phase = Phase::Idle;
                out.warn(texts::ENDED.around([reason.clone()]), now);
                self.enter(LinkState::Closed, now, out);
                Turn::Ended(reason)
            }
            Reconnect::BackOff => {
                let spec = config.dialect.spec().role(config.role);
                let until = now + self.wait(spec.map_or(BackOff::Doubling, |role| role.back_off));
                self.phase = Phase::Waiting(until);
                self.enter(LinkState::Waiting { until, attempt: self.failures, reason }, now, out);
                Turn::Interrupted
            }
        }
    }

    /// The wait after the current number of failures.
    fn wait(&mut self, back_off: BackOff) -> Duration {
        let before = self.failures.saturating_sub(1);
        match back_off {
            BackOff::Doubling => {
                let full = FIRST_WAIT.saturating_mul(1 << before.min(16)).min(LONGEST_WAIT);
                full - full.mul_f64(self.random.fraction() / 4.0)
            }
            BackOff::Growing { by, longest } => by.saturating_mul(before).min(longest),
        }
    }

    fn enter(&mut self, state: LinkState, now: Time, out: &mut Outputs) {
        if self.state != state {
            self.state = state.clone();
            out.tell(Notice::State { state, at: now });
        }
    }
}
