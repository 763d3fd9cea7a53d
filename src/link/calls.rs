//! Calls over HTTP beside the connection: those of the login, and operations that a platform takes over HTTP.
//!
//! They run at once and for as long as they need, whatever the connection does meanwhile. An operation stands in the
//! stream as two messages of one topic: what was sent, and what was answered.

use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};

use crate::base::time;
use crate::dialect::http::without_secrets;
use crate::dialect::{HttpAnswer, HttpCall, TlsSettings, Via};
use crate::link::task::{LARGEST_PACKET, Task};
use crate::link::{http, texts};
use crate::model::Direction;
use crate::model::batch::Envelope;
use crate::session::{CallFault, LinkEvent, Outgoing, SECRET_BODY, Ticket};

/// What became of a call.
type Outcome = Result<HttpAnswer, CallFault>;

/// A call that is over.
#[derive(Debug)]
pub(super) enum Called {
    /// One of the login.
    Login { number: u64, topic: String, outcome: Outcome, elapsed: Duration },
    /// An operation.
    Operation { ticket: Ticket, topic: String, secret: bool, outcome: Outcome, elapsed: Duration },
}

/// The calls that are on their way.
#[derive(Debug)]
pub(super) struct Calls {
    tls: TlsSettings,
    running: JoinSet<Called>,
    login: Option<AbortHandle>,
}

impl Calls {
    /// None; those to come use these settings.
    pub(super) fn new(tls: TlsSettings) -> Self {
        Calls { tls, running: JoinSet::new(), login: None }
    }

    /// Waits for the next call that is over. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Called {
        loop {
            match self.running.join_next().await {
                Some(Ok(called)) => return called,
                // It was given up.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// The login is not wanted any more.
    pub(super) fn give_up_login(&mut self) {
        if let Some(login) = self.login.take() {
            login.abort();
        }
    }

    fn start(
        &mut self,
        call: HttpCall,
        over: impl FnOnce(Outcome, Duration) -> Called + Send + 'static,
    ) -> AbortHandle {
        let tls = self.tls.clone();
        self.running.spawn(async move {
            let started = time::now();
            let outcome = http::call(&call, &tls).await;
            over(outcome, time::now().since(started))
        })
    }
}

impl Task {
    /// Makes a call of the login.
    pub(super) fn log_in_by_call(&mut self, number: u64, call: HttpCall) {
        let topic = call.topic();
        self.trace(Direction::Out, format_args!("{topic} {} bytes", call.body.len()));
        let over = move |outcome, elapsed| Called::Login { number, topic, outcome, elapsed };
        self.calls.login = Some(self.calls.start(call, over));
    }

    /// Makes a call that is an operation.
    pub(super) fn call(&mut self, outgoing: Outgoing) {
        let Outgoing { ticket, via, topic, payload, .. } = outgoing;
        let Via::Http(call) = via else { return };
        if call.body.len() > LARGEST_PACKET {
            let reason = texts::TOO_LARGE.with(&[&call.body.len(), &LARGEST_PACKET]);
            return self.tell(LinkEvent::NotSent { ticket, reason });
        }
        self.trace(Direction::Out, format_args!("{topic} {} bytes", call.body.len()));
        let message = self.sent(&topic, &payload, 0, false);
        let secret = call.secret_body;
        self.calls.start(*call, move |outcome, elapsed| Called::Operation { ticket, topic, secret, outcome, elapsed });
        self.tell(LinkEvent::Sent { ticket, message });
    }

    /// A call is over.
    pub(super) fn called(&mut self, called: Called) {
        match called {
            Called::Login { number, topic, outcome, elapsed } => {
                self.trace_answer(&topic, &outcome, elapsed);
                self.tell(LinkEvent::LoginAnswer { number, outcome, elapsed });
            }
            Called::Operation { ticket, topic, secret, outcome, elapsed } => {
                self.trace_answer(&topic, &outcome, elapsed);
                let answer = match outcome {
                    Ok(answer) => answer,
                    Err(CallFault { reason, .. }) => return self.tell(LinkEvent::NotSent { ticket, reason }),
                };
                let shown = if secret {
                    without_secrets(&answer.body).unwrap_or_else(|| SECRET_BODY.into())
                } else {
                    answer.body.clone()
                };
                let meta = self.classify(Direction::In, &topic, &shown);
                let direction = Direction::In;
                let envelope = Envelope { at: time::now(), direction, qos: 0, retain: false, dup: false, meta };
                let message = self.push(envelope, &topic, &shown);
                self.tell(LinkEvent::Answered { ticket, topic, answer, message });
            }
        }
    }

    fn trace_answer(&self, topic: &str, outcome: &Outcome, elapsed: Duration) {
        let elapsed = elapsed.as_millis();
        match outcome {
            Ok(answer) => {
                let (status, size) = (answer.status, answer.body.len());
                self.trace(Direction::In, format_args!("{topic} HTTP {status} {size} bytes after {elapsed} ms"));
            }
            Err(fault) => {
                let reason = &fault.reason;
                self.trace(Direction::In, format_args!("{topic} ({reason}) after {elapsed} ms"));
            }
        }
    }
}
