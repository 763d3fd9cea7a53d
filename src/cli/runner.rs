//! Connect, do, wait, report: what every command with a connection has in common.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::lang::Phrase;
use crate::base::text::duration_short;
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, Outcome, REFUSED, SUBSCRIPTION};
use crate::cli::output::Tone;
use crate::cli::{Context, load, texts};
use crate::link::{self, LinkConfig, LinkHandle, Trace};
use crate::model::{Batch, ConnectionId, LinkState, Notice, Stage, StageReport, ThingModel};
use crate::profile::Profile;
use crate::session::thing::ThingConfig;
use crate::session::{Command, Reconnect, SessionConfig};

/// The number of the one connection that a command has.
pub const ONLY: ConnectionId = ConnectionId(1);

/// Runs the asynchronous part of a command.
pub fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(EXPECTATION, Phrase::verbatim(error.to_string())))?;
    let outcome = runtime.block_on(work);
    // A name that is still being resolved must not hold up the end.
    runtime.shutdown_background();
    outcome
}

/// What woke a command.
pub enum Event {
    /// Something came from the link.
    Batch(Batch),
    /// Ctrl-C, SIGTERM or SIGHUP.
    Interrupted,
    /// The time is up.
    Deadline,
}

/// The file of `--trace`, if one was asked for.
pub fn trace(context: &Context) -> Result<Option<Trace>, Failure> {
    let open = |path: &std::path::Path| {
        Trace::open(path).map_err(|error| Failure::usage(texts::UNWRITABLE.with(&[&path.display(), &error])))
    };
    context.globals.trace.as_deref().map(open).transpose()
}

/// How a command wants its connection.
#[derive(Default)]
pub struct Wish {
    /// Whether a lost or failed connection is made again.
    pub reconnect: bool,
    /// The thing model, where one is known.
    pub model: Option<Arc<ThingModel>>,
    /// The simulated thing behind the connection.
    pub thing: Option<ThingConfig>,
    /// Whether control packets are shown among the messages.
    pub packets: bool,
    /// Seed of everything that is chosen by chance; the time where `None`.
    pub seed: Option<u64>,
}

/// One connection of a command, and what was seen of it.
pub struct Connection {
    link: LinkHandle,
    mailbox: mpsc::Receiver<Batch>,
    signals: Signals,
    /// The failure that would explain the end, should it come now.
    failure: Option<Failure>,
    /// Whether a subscription was refused.
    refused: bool,
    /// Subscriptions granted so far.
    granted: usize,
    /// The exit code of the latest attempt to connect that failed.
    unreached: Option<u8>,
    online: bool,
    ever_online: bool,
}

impl Connection {
    /// Starts to connect. What the dialect finds wrong with the profile is found here already.
    pub fn open(context: &Context, profile: &Profile, wish: Wish) -> Result<Connection, Failure> {
        let now = time::now();
        profile.plausible(&profile.settings, now).map_err(|fault| load::fault(context, &fault))?;
        let trace = trace(context)?;
        let session = SessionConfig {
            dialect: profile.dialect,
            role: profile.role,
            settings: profile.settings.clone(),
            model: wish.model,
            reconnect: if wish.reconnect { Reconnect::BackOff } else { Reconnect::Never },
            thing: wish.thing,
            seed: wish.seed.unwrap_or_else(|| now.as_micros()),
        };
        let signals = Signals::new()?;
        let (sender, mailbox) = mpsc::channel(1);
        let link = link::spawn(LinkConfig { id: ONLY, session, trace, packets: wish.packets }, sender);
        link.command(Command::Connect);
        Ok(Connection {
            link,
            mailbox,
            signals,
            failure: None,
            refused: false,
            granted: 0,
            unreached: None,
            online: false,
            ever_online: false,
        })
    }

    /// Passes a command on.
    pub fn command(&self, command: Command) {
        self.link.command(command);
    }

    /// Waits for what comes next.
    pub async fn next(&mut self, deadline: Option<Time>) -> Event {
        let until = async {
            match deadline {
                Some(at) => tokio::time::sleep(at.since(time::now())).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            batch = self.mailbox.recv() => batch.map_or(Event::Interrupted, Event::Batch),
            () = self.signals.wait() => Event::Interrupted,
            () = until => Event::Deadline,
        }
    }

    /// Takes note of what a batch says about the connection, and tells the person what they should know. `Err` when the
    /// connection is over for good.
    pub fn watch(&mut self, context: &Context, batch: &Batch) -> Outcome {
        for notice in batch.notices() {
            self.note(context, notice)?;
        }
        Ok(())
    }

    fn note(&mut self, context: &Context, notice: &Notice) -> Outcome {
        let out = &context.out;
        match notice {
            Notice::Stage { report, .. } => {
                if context.globals.verbose > 0 || (!report.ok && report.stage == Stage::Suback) {
                    say_stage(context, report);
                }
                match (report.ok, report.stage) {
                    (true, Stage::Suback) => self.granted += 1,
                    (true, _) => {}
                    (false, Stage::Suback) => self.refused = true,
                    (false, _) => self.failure = Some(Failure::stage(report)),
                }
            }
            Notice::State { state, .. } => match state {
                LinkState::Online => {
                    if self.ever_online || context.globals.verbose > 0 {
                        out.say(Tone::Good, out.text(texts::ONLINE));
                    }
                    (self.online, self.ever_online, self.failure) = (true, true, None);
                }
                LinkState::Connecting(_) => self.online = false,
                LinkState::Waiting { until, attempt, reason } => {
                    self.online = false;
                    let wait = duration_short(until.since(time::now()));
                    let words = texts::WAITING.around([
                        reason.clone(),
                        Phrase::verbatim(wait),
                        Phrase::verbatim(attempt.to_string()),
                    ]);
                    out.say(Tone::Warn, &out.phrase(&words));
                    let failure = self.failure.take();
                    self.unreached = failure.as_ref().map(|failure| failure.code);
                    if let Some(advice) = failure.and_then(|failure| failure.advice) {
                        out.say(Tone::Plain, &format!("  → {}", out.phrase(&advice)));
                    }
                }
                LinkState::Refused(reason) => {
                    let failure = self.failure.take();
                    return Err(failure.unwrap_or_else(|| Failure::new(REFUSED, reason.clone())));
                }
                LinkState::Closed => {
                    self.online = false;
                    let failure = self.failure.take();
                    return Err(failure.unwrap_or_else(|| Failure::new(EXPECTATION, texts::CONNECTION_LOST)));
                }
            },
            Notice::Said { what, .. } => out.say(Tone::Dim, &out.phrase(what)),
            Notice::Warning { what, .. } => {
                // The reason of an ended connection is told with the end.
                if self.failure.is_none() || context.globals.verbose > 0 {
                    out.say(Tone::Warn, &out.phrase(what));
                }
            }
            Notice::Lost { count, why, .. } => {
                let words = texts::LOST.around([Phrase::verbatim(count.to_string()), why.clone()]);
                out.say(Tone::Bad, &out.phrase(&words));
            }
            Notice::Request { .. }
            | Notice::Update(_)
            | Notice::Unsolicited { .. }
            | Notice::Thing { .. }
            | Notice::Learned { .. }
            | Notice::Expires { .. }
            | Notice::Origin { .. }
            | Notice::Played(_) => {}
        }
        Ok(())
    }

    /// Whether messages flow.
    pub fn is_online(&self) -> bool {
        self.online
    }

    /// A refused subscription as the end of a command. It was told when it was refused.
    pub fn refused_subscription(&self) -> Option<Failure> {
        self.refused.then_some(Failure::silent(SUBSCRIPTION))
    }

    /// The same where no subscription at all was granted, so that nothing can arrive.
    pub fn hears_nothing(&self) -> Outcome {
        if self.online && self.granted == 0 { self.refused_subscription().map_or(Ok(()), Err) } else { Ok(()) }
    }

    /// The end of a command whose time is up: a failure where the connection never came about. Why was told already.
    pub fn time_is_up(&self) -> Outcome {
        match self.unreached {
            Some(code) if !self.ever_online => Err(Failure::silent(code)),
            _ => Ok(()),
        }
    }

    /// Forgets the refused subscriptions seen so far.
    pub fn forget_refused(&mut self) {
        self.refused = false;
    }

    /// Closes the connection in good order.
    pub async fn finish(self) {
        // Nobody reads any more, so the link need not wait for it.
        drop(self.mailbox);
        // The link bounds its own end; this bounds the unexpected.
        let _ = tokio::time::timeout(Duration::from_secs(6), self.link.finish()).await;
    }
}

fn say_stage(context: &Context, report: &StageReport) {
    let out = &context.out;
    let (tone, mark) = if report.ok { (Tone::Dim, "✓") } else { (Tone::Bad, "✗") };
    let title = out.text(report.stage.title());
    out.say(tone, &format!("{mark} {title} {} — {}", duration_short(report.elapsed), out.phrase(&report.detail)));
    if let Some(advice) = &report.advice {
        out.say(Tone::Plain, &format!("  → {}", out.phrase(advice)));
    }
}

/// Asks before something is sent to production; `yes` answers in advance.
pub fn confirm(context: &Context, profile: &Profile, yes: bool) -> Outcome {
    use std::io::{BufRead, IsTerminal};
    if !profile.production || yes {
        return Ok(());
    }
    let refusal = || Failure::usage(texts::PRODUCTION_NO.with(&[&profile.name]));
    if !std::io::stdin().is_terminal() {
        return Err(refusal());
    }
    let question = texts::PRODUCTION_ASK.with(&[&profile.name]);
    context.out.say(Tone::Warn, &context.out.phrase(&question));
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes" | "是") { Ok(()) } else { Err(refusal()) }
}

/// The signals that end a command. Each is listened to from the start: a listener made anew for every wait would miss a
/// signal that comes between two waits.
pub struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    /// Listens from now on.
    pub fn new() -> Result<Signals, Failure> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let fault = |error: std::io::Error| Failure::new(EXPECTATION, Phrase::verbatim(error.to_string()));
            Ok(Signals {
                interrupt: signal(SignalKind::interrupt()).map_err(fault)?,
                terminate: signal(SignalKind::terminate()).map_err(fault)?,
                hang_up: signal(SignalKind::hangup()).map_err(fault)?,
            })
        }
        #[cfg(not(unix))]
        Ok(Signals {})
    }

    /// Waits for one of them.
    pub async fn wait(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
