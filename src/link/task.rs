//! The task of one link: one session, at most one connection, one growing batch.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Sleep;

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::{Dialect, Plan, TlsSettings, Transport};
use crate::link::calls::{Called, Calls};
use crate::link::connect::{self, Socket, Staged};
use crate::link::packets::Packets;
use crate::link::{texts, trace::Trace};
use crate::model::batch::Envelope;
use crate::model::{Batch, ConnectionId, Direction, Meta, Notice, Role};
use crate::session::{Action, Command, LinkEvent, Outgoing, Session};

/// A batch of this weight stops the reading.
pub(super) const FULL: usize = 1024 * 1024;
/// The hard bound of a batch: replies are still taken between [`FULL`] and this.
const OVERFULL: usize = 2 * FULL;
/// The largest packet in either direction. MQTT itself ends at 256 MiB.
pub(super) const LARGEST_PACKET: usize = 128 * 1024 * 1024;
/// How long a closing connection may wait for what it has sent to be acknowledged.
pub(super) const LINGER: Duration = Duration::from_secs(2);
/// How long a closing link waits for somebody to take its last batch.
const LAST_BATCH: Duration = Duration::from_secs(1);
/// Commands taken in a row before the socket is looked at again.
const COMMANDS_IN_A_ROW: usize = 32;

/// What the handle tells the task.
#[derive(Debug)]
pub(super) enum Control {
    Command(Box<Command>),
    Packets(bool),
    Close,
}

/// What woke the task.
pub(super) enum Woken {
    Called(Called),
    Control(Option<Control>),
    Place(Result<mpsc::OwnedPermit<Batch>, mpsc::error::SendError<()>>),
    Timer,
}

type Place = Pin<Box<dyn Future<Output = Result<mpsc::OwnedPermit<Batch>, mpsc::error::SendError<()>>> + Send>>;

/// The task of one link.
pub(super) struct Task {
    id: ConnectionId,
    session: Session,
    dialect: &'static dyn Dialect,
    pub(super) role: Role,
    trace: Option<Trace>,
    /// Control packets among the messages.
    pub(super) packets: Packets,
    inbox: mpsc::UnboundedReceiver<Control>,
    mailbox: mpsc::Sender<Batch>,
    /// The place in the mailbox that is waited for. Kept while it is waited for, so that a link keeps its turn.
    place: Option<Place>,
    batch: Batch,
    timer: Pin<Box<Sleep>>,
    /// What `timer` is set to.
    alarm: Option<Time>,
    pub(super) actions: VecDeque<Action>,
    /// Since when nothing is read because the batch is full.
    stalled: Option<Time>,
    /// How long reading may stop on this connection; `None` where no ping has to be answered.
    patience: Option<Duration>,
    lost: u64,
    /// Calls over HTTP that wait for their answers, beside whatever the connection does.
    pub(super) calls: Calls,
    /// Nobody listens any more, or the link was closed.
    leaving: bool,
}

impl Task {
    pub(super) fn new(
        id: ConnectionId,
        session: Session,
        dialect: &'static dyn Dialect,
        role: Role,
        tls: TlsSettings,
        (trace, packets): (Option<Trace>, bool),
        inbox: mpsc::UnboundedReceiver<Control>,
        mailbox: mpsc::Sender<Batch>,
    ) -> Self {
        Task {
            id,
            session,
            dialect,
            role,
            trace,
            packets: Packets::new(packets),
            inbox,
            mailbox,
            place: None,
            batch: Batch::new(id),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            alarm: None,
            actions: VecDeque::new(),
            stalled: None,
            patience: None,
            lost: 0,
            calls: Calls::new(tls),
            leaving: false,
        }
    }

    /// Runs until the link is closed, or until nobody listens.
    pub(super) async fn run(mut self) {
        self.drain();
        loop {
            match self.actions.pop_front() {
                Some(Action::Open(plan)) => self.attempt(*plan).await,
                Some(Action::Call { number, call }) => self.log_in_by_call(number, *call),
                Some(Action::Close) => {
                    self.calls.give_up_login();
                    self.tell(LinkEvent::Closed);
                }
                Some(Action::Publish(Outgoing { ticket, .. })) => {
                    self.tell(LinkEvent::NotSent { ticket, reason: texts::NOT_CONNECTED.into() });
                }
                // The session subscribes everything anew on the next connection.
                Some(Action::Subscribe { .. } | Action::Unsubscribe { .. }) => {}
                None if self.leaving => break,
                None => {
                    let woken = self.wake().await;
                    self.handle(woken);
                }
            }
        }
        if !self.batch.is_empty() {
            // Nobody may be there to take it; then it is nobody's loss.
            if let Ok(Ok(place)) = tokio::time::timeout(LAST_BATCH, self.mailbox.reserve()).await {
                place.send(self.batch);
            }
        }
    }

    /// Waits for a command, a place in the mailbox, or the time of the session. May be dropped and called again.
    pub(super) async fn wake(&mut self) -> Woken {
        if self.place.is_none() && !self.batch.is_empty() {
            self.place = Some(Box::pin(self.mailbox.clone().reserve_owned()));
        }
        let patience_ends = self.stalled.zip(self.patience).map(|(since, patience)| since + patience);
        let alarm = [self.session.next_timeout(), patience_ends].into_iter().flatten().min();
        if alarm != self.alarm {
            self.alarm = alarm;
            if let Some(at) = alarm {
                self.timer.set(tokio::time::sleep(at.since(time::now())));
            }
        }
        let place = async {
            match self.place.as_mut() {
                Some(place) => place.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            called = self.calls.next() => Woken::Called(called),
            control = self.inbox.recv() => Woken::Control(control),
            place = place => Woken::Place(place),
            () = &mut self.timer, if alarm.is_some() => Woken::Timer,
        }
    }

    pub(super) fn handle(&mut self, woken: Woken) {
        match woken {
            Woken::Called(called) => self.called(called),
            Woken::Control(control) => {
                self.control(control);
                for _ in 0..COMMANDS_IN_A_ROW {
                    match self.inbox.try_recv() {
                        Ok(control) => self.control(Some(control)),
                        Err(_) => break,
                    }
                }
            }
            Woken::Place(Ok(place)) => {
                self.place = None;
                place.send(std::mem::replace(&mut self.batch, Batch::new(self.id)));
                self.stalled = None;
                if self.lost > 0 {
                    let count = std::mem::take(&mut self.lost);
                    self.batch.notice(Notice::Lost { count, why: texts::DROPPED.into(), at: time::now() });
                }
            }
            Woken::Place(Err(_)) => {
                // Nobody listens any more: what was collected has no reader.
                self.place = None;
                self.batch = Batch::new(self.id);
                self.leave();
            }
            Woken::Timer => {
                self.alarm = None;
                self.session.handle_timeout(time::now());
                self.drain();
            }
        }
    }

    fn control(&mut self, control: Option<Control>) {
        match control {
            Some(Control::Command(command)) if !self.leaving => {
                self.session.command(*command, time::now());
                self.drain();
            }
            Some(Control::Packets(on)) => self.packets.set(on),
            Some(Control::Command(_)) => {}
            Some(Control::Close) | None => self.leave(),
        }
    }

    fn leave(&mut self) {
        if !self.leaving {
            self.leaving = true;
            self.session.command(Command::Disconnect, time::now());
            self.drain();
        }
    }

    /// Tells the session something, and takes what it says to it.
    pub(super) fn tell(&mut self, event: LinkEvent) {
        self.session.link(event, time::now());
        self.drain();
    }

    /// Takes what the session wants and says. Called after every call of the session, because indices of messages in
    /// its notices belong to the batch of that moment.
    fn drain(&mut self) {
        while let Some(notice) = self.session.poll_notice() {
            self.batch.notice(notice);
        }
        while let Some(action) = self.session.poll_action() {
            self.actions.push_back(action);
        }
    }

    /// Waits for `work` and keeps everything else going; `None` if the attempt is not wanted any more.
    pub(super) async fn race<F: Future>(&mut self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                woken = self.wake() => self.handle(woken),
            }
            if matches!(self.actions.front(), Some(Action::Close)) {
                self.actions.pop_front();
                return None;
            }
        }
    }

    /// One stage of an attempt: its result, unless it failed or is not wanted any more.
    async fn stage<T>(&mut self, work: impl Future<Output = Staged<T>>) -> Option<T> {
        let Some((result, report)) = self.race(work).await else {
            self.tell(LinkEvent::Closed);
            return None;
        };
        let reason = report.detail.clone();
        self.tell(LinkEvent::Stage(report));
        if result.is_none() {
            self.tell(LinkEvent::Failed { reason });
        }
        result
    }

    /// Makes a connection as planned, and stays with it to its end.
    async fn attempt(&mut self, plan: Plan) {
        let server = &plan.server;
        if matches!(server.transport, Transport::Http | Transport::Https) {
            let reason = texts::NOT_CARRIED.with(&[&server.transport.scheme()]);
            return self.tell(LinkEvent::Failed { reason });
        }
        let Some(addresses) = self.stage(connect::resolve(server)).await else { return };
        let Some(stream) = self.stage(connect::tcp(addresses)).await else { return };
        let socket: Box<dyn Socket> = if server.transport.is_tls() {
            let Some(stream) = self.stage(connect::encrypt(&server.host, &plan.tls, stream)).await else { return };
            stream
        } else {
            Box::new(stream)
        };
        match server.transport {
            Transport::Ws | Transport::Wss => self.speak_websocket(&plan, socket).await,
            _ => self.speak_mqtt(&plan, socket).await,
        }
        self.stalled = None;
    }

    /// Whether nothing may be read for now.
    pub(super) fn is_holding(&mut self) -> bool {
        if self.batch.weight() < FULL {
            self.stalled = None;
            return false;
        }
        let now = time::now();
        self.stalled.get_or_insert(now);
        !self.is_impatient(now)
    }

    /// Whether reading stopped for so long that it must go on, whatever the batch holds.
    fn is_impatient(&self, now: Time) -> bool {
        self.stalled.zip(self.patience).is_some_and(|(since, patience)| now.since(since) >= patience)
    }

    /// A message was received: puts it into the batch and shows it to the session, or counts it where there is no place.
    pub(super) fn received(&mut self, envelope: Envelope, topic: &str, payload: &[u8]) {
        let (now, meta) = (envelope.at, envelope.meta);
        if self.is_impatient(now) {
            let weight = self.batch.weight();
            if weight >= FULL && (!meta.kind.is_reply() || weight >= OVERFULL) {
                self.lost = self.lost.saturating_add(1);
                return;
            }
        }
        let index = self.batch.push(envelope, topic, payload);
        self.session.receive(topic, payload, meta, index, now);
        self.drain();
    }

    /// A message was sent: its place in the batch.
    pub(super) fn sent(&mut self, topic: &str, payload: &[u8], qos: u8, retain: bool) -> usize {
        let meta = self.classify(Direction::Out, topic, payload);
        let envelope = Envelope { at: time::now(), direction: Direction::Out, qos, retain, dup: false, meta };
        self.push(envelope, topic, payload)
    }

    /// Puts a message into the batch: its place there.
    pub(super) fn push(&mut self, envelope: Envelope, topic: &str, payload: &[u8]) -> usize {
        self.batch.push(envelope, topic, payload)
    }

    pub(super) fn classify(&self, direction: Direction, topic: &str, payload: &[u8]) -> Meta {
        self.dialect.classify(self.role, direction, topic, payload)
    }

    /// The name of a frame in the stream.
    pub(super) fn socket_topic(&self, direction: Direction, payload: &[u8]) -> String {
        self.dialect.socket_topic(direction, payload)
    }

    /// What a code of the platform means.
    pub(super) fn explain(&self, code: &str) -> Option<Phrase> {
        self.dialect.explain_code(code).map(|spec| Phrase::from(spec.meaning))
    }

    /// What usually causes a code of the platform; `None` where nothing is known.
    pub(super) fn cause(&self, code: &str) -> Option<Phrase> {
        let cause = self.dialect.explain_code(code)?.cause;
        (!cause.en.is_empty()).then(|| cause.into())
    }

    /// Puts a notice of the link itself into the batch.
    pub(super) fn note(&mut self, notice: Notice) {
        self.batch.notice(notice);
    }

    /// How long reading may stop on the connection that begins.
    pub(super) fn be_patient_for(&mut self, patience: Option<Duration>) {
        self.patience = patience;
    }

    pub(super) fn trace(&self, direction: Direction, packet: std::fmt::Arguments<'_>) {
        if let Some(trace) = &self.trace {
            trace.line(time::now(), self.id, direction, &packet);
        }
    }
}
