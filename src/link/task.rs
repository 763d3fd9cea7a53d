//! The task of one link: one session, at most one connection, one growing batch.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, NetworkOptions, Outgoing as Wrote, Packet, Publish,
    PublishOptions, QoS, SubscribeReasonCode,
};
use tokio::sync::mpsc;
use tokio::time::Sleep;

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::{Dialect, MqttLevel, Plan, Transport};
use crate::link::connect::{self, STAGE_LIMIT, Socket, Staged};
use crate::link::handed::Handed;
use crate::link::stream::{Valve, Wire};
use crate::link::{faults, texts, trace::Trace};
use crate::model::batch::Envelope;
use crate::model::{Batch, ConnectionId, Direction, Notice, Role, Stage, StageReport};
use crate::session::{Action, Command, LinkEvent, Outgoing, Session};

/// A batch of this weight stops the reading.
pub(super) const FULL: usize = 1024 * 1024;
/// The hard bound of a batch: replies are still taken between [`FULL`] and this.
const OVERFULL: usize = 2 * FULL;
/// The largest packet in either direction. MQTT itself ends at 256 MiB.
pub(super) const LARGEST_PACKET: usize = 128 * 1024 * 1024;
/// How long a closing connection may wait for what it has sent to be acknowledged.
const LINGER: Duration = Duration::from_secs(2);
/// How long a closing link waits for somebody to take its last batch.
const LAST_BATCH: Duration = Duration::from_secs(1);
/// Commands taken in a row before the socket is looked at again.
const COMMANDS_IN_A_ROW: usize = 32;

/// What the handle tells the task.
#[derive(Debug)]
pub(super) enum Control {
    Command(Box<Command>),
    Close,
}

/// What woke the task.
enum Woken {
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
    role: Role,
    trace: Option<Trace>,
    inbox: mpsc::UnboundedReceiver<Control>,
    mailbox: mpsc::Sender<Batch>,
    /// The place in the mailbox that is waited for. Kept while it is waited for, so that a link keeps its turn.
    place: Option<Place>,
    batch: Batch,
    timer: Pin<Box<Sleep>>,
    /// What `timer` is set to.
    alarm: Option<Time>,
    actions: std::collections::VecDeque<Action>,
    /// Since when nothing is read because the batch is full.
    stalled: Option<Time>,
    /// How long reading may stop on this connection; `None` where no ping has to be answered.
    patience: Option<Duration>,
    lost: u64,
    /// Nobody listens any more, or the link was closed.
    leaving: bool,
}

impl Task {
    pub(super) fn new(
        id: ConnectionId,
        session: Session,
        dialect: &'static dyn Dialect,
        role: Role,
        trace: Option<Trace>,
        inbox: mpsc::UnboundedReceiver<Control>,
        mailbox: mpsc::Sender<Batch>,
    ) -> Self {
        Task {
            id,
            session,
            dialect,
            role,
            trace,
            inbox,
            mailbox,
            place: None,
            batch: Batch::new(id),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            alarm: None,
            actions: std::collections::VecDeque::new(),
            stalled: None,
            patience: None,
            lost: 0,
            leaving: false,
        }
    }

    /// Runs until the link is closed, or until nobody listens.
    pub(super) async fn run(mut self) {
        self.drain();
        loop {
            match self.actions.pop_front() {
                Some(Action::Open(plan)) => self.attempt(*plan).await,
                Some(Action::Close) => self.tell(LinkEvent::Closed),
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
    async fn wake(&mut self) -> Woken {
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
            control = self.inbox.recv() => Woken::Control(control),
            place = place => Woken::Place(place),
            () = &mut self.timer, if alarm.is_some() => Woken::Timer,
        }
    }

    fn handle(&mut self, woken: Woken) {
        match woken {
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
    fn tell(&mut self, event: LinkEvent) {
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
    async fn race<F: Future>(&mut self, work: F) -> Option<F::Output> {
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
        if !matches!(server.transport, Transport::Mqtt | Transport::Mqtts) {
            let reason = texts::NOT_MQTT.with(&[&server.transport.scheme()]);
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
        let valve = Arc::new(Valve::default());
        let wire = Wire::new(socket, plan.level, Arc::clone(&valve));
        let (client, mut eventloop) = match client(&plan, wire) {
            Ok(client) => client,
            Err(reason) => return self.tell(LinkEvent::Failed { reason }),
        };
        if self.log_in(&plan, &mut eventloop, &valve).await {
            self.patience = (!plan.keep_alive.is_zero()).then_some(plan.keep_alive);
            self.converse(client, eventloop, &valve).await;
            self.stalled = None;
        }
    }

    /// CONNECT and CONNACK. Whether the platform let us in.
    async fn log_in(&mut self, plan: &Plan, eventloop: &mut EventLoop, valve: &Valve) -> bool {
        let started = time::now();
        let mut poll = Box::pin(eventloop.poll());
        // CONNECT is reported when it has left, not when it was answered: an answer may never come.
        let first = async {
            tokio::select! {
                biased;
                result = &mut poll => Some(result),
                () = valve.until_connect_sent() => None,
            }
        };
        let Some(first) = self.race(first).await else { return self.give_up() };
        let sent = valve.connect_sent();
        if let Some(sent) = sent {
            let level = match plan.level {
                MqttLevel::V31 => "MQTT 3.1",
                MqttLevel::V311 => "MQTT 3.1.1",
            };
            let client_id = match plan.client_id.as_str() {
                "" => texts::CHOSEN_BY_SERVER.into(),
                id => Phrase::verbatim(id),
            };
            let keep_alive = plan.keep_alive.as_secs().to_string();
            let rest = [plan.username.clone(), keep_alive, level.to_owned()].map(Phrase::verbatim);
            let detail = texts::CONNECT_SENT.around([client_id].into_iter().chain(rest));
            self.trace(Direction::Out, format_args!("CONNECT {detail}"));
            let elapsed = sent.since(started);
            self.tell(LinkEvent::Stage(StageReport { stage: Stage::Connect, ok: true, elapsed, detail, advice: None }));
        }
        let result = match first {
            Some(result) => result,
            None => match self.race(poll).await {
                Some(result) => result,
                None => return self.give_up(),
            },
        };
        let elapsed = time::now().since(sent.unwrap_or(started));
        match result {
            Ok(Event::Incoming(Packet::ConnAck(connack))) => {
                let session_present = connack.session_present;
                self.trace(Direction::In, format_args!("CONNACK 0 session-present={session_present}"));
                let detail = if session_present { texts::CONNACK_SESSION } else { texts::CONNACK_OK }.into();
                let report = StageReport { stage: Stage::Connack, ok: true, elapsed, detail, advice: None };
                self.tell(LinkEvent::Stage(report));
                self.tell(LinkEvent::Connected { session_present });
                true
            }
            Ok(_) => {
                let reason = texts::CONNACK_MISSING.around([texts::CLOSED_BY_PEER.into()]);
                self.tell(LinkEvent::Failed { reason });
                false
            }
            Err(error) => {
                self.login_failed(&error, sent.is_some(), elapsed);
                false
            }
        }
    }

    fn give_up(&mut self) -> bool {
        self.tell(LinkEvent::Closed);
        false
    }

    fn login_failed(&mut self, error: &ConnectionError, sent: bool, elapsed: Duration) {
        if let Some(code) = faults::refusal(error) {
            self.trace(Direction::In, format_args!("CONNACK {code}"));
            let (meaning, advice) = faults::connack(code);
            let detail = texts::CONNACK_REFUSED.around([Phrase::verbatim(code.to_string()), meaning.into()]);
            let advice = advice.map(Phrase::from);
            self.tell(LinkEvent::Stage(StageReport { stage: Stage::Connack, ok: false, elapsed, detail, advice }));
            return self.tell(LinkEvent::Refused { code });
        }
        let (stage, text, advice) = if sent {
            (Stage::Connack, texts::CONNACK_MISSING, Some(texts::CONNACK_MISSING_ADVICE.into()))
        } else {
            (Stage::Connect, texts::CONNECT_FAILED, None)
        };
        let detail = text.around([faults::reason(error)]);
        let reason = detail.clone();
        self.tell(LinkEvent::Stage(StageReport { stage, ok: false, elapsed, detail, advice }));
        self.tell(LinkEvent::Failed { reason });
    }

    /// The conversation after CONNACK, to its end.
    ///
    /// 1. The client's `poll` is pinned until it is done: dropping it half-way could lose a packet.
    /// 2. What it has read besides is taken from its queue directly, a whole burst at once.
    /// 3. A close wanted by the session waits until everything is written and acknowledged, or [`LINGER`] is over.
    async fn converse(&mut self, client: AsyncClient, mut eventloop: EventLoop, valve: &Valve) {
        let mut handed = Handed::default();
        let mut closing: Option<Pin<Box<Sleep>>> = None;
        let mut disconnecting = false;
        let error = loop {
            let result = {
                let mut poll = pin!(eventloop.poll());
                loop {
                    if self.carry_out(&client, &mut handed) && closing.is_none() {
                        closing = Some(Box::pin(tokio::time::sleep(LINGER)));
                    }
                    if closing.is_some() && !disconnecting && handed.all_acknowledged() {
                        disconnecting = true;
                        // It fails only where the client has ended, which `poll` tells.
                        let _ = client.try_disconnect_now();
                    }
                    valve.set_closed(self.is_holding());
                    let lingered = async {
                        match closing.as_mut() {
                            Some(lingered) => lingered.await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        result = &mut poll => break Some(result),
                        woken = self.wake() => self.handle(woken),
                        () = lingered => {
                            if disconnecting {
                                break None;
                            }
                            disconnecting = true;
                            let _ = client.try_disconnect_now();
                            closing = Some(Box::pin(tokio::time::sleep(LINGER)));
                        }
                    }
                }
            };
            let failed = match result {
                None => break None,
                Some(Ok(event)) => {
                    self.event(event, &mut handed);
                    None
                }
                Some(Err(error)) => Some(error),
            };
            while let Some(event) = eventloop.state.events.pop_front() {
                self.event(event, &mut handed);
            }
            if let Some(error) = failed {
                break Some(error);
            }
        };
        for ticket in handed.unwritten() {
            self.tell(LinkEvent::NotSent { ticket, reason: texts::ENDED_BEFORE_SENT.into() });
        }
        match error {
            Some(error) if closing.is_none() => {
                let reason = faults::reason(&error);
                self.trace(Direction::In, format_args!("(lost: {reason})"));
                self.tell(LinkEvent::Lost { reason });
            }
            _ => self.tell(LinkEvent::Closed),
        }
    }

    /// Whether nothing may be read for now.
    fn is_holding(&mut self) -> bool {
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

    /// Gives the client what the session wants. Whether the session wants the connection closed; what it wants after
    /// that concerns the next one and stays.
    fn carry_out(&mut self, client: &AsyncClient, handed: &mut Handed) -> bool {
        loop {
            match self.actions.pop_front() {
                None => return false,
                Some(Action::Close) => return true,
                Some(open @ Action::Open(_)) => {
                    self.actions.push_front(open);
                    return false;
                }
                Some(Action::Subscribe { filter, qos }) => match client.try_subscribe(filter.as_str(), level(qos)) {
                    Ok(()) => handed.subscribe(filter),
                    Err(_) => {
                        let what = texts::BAD_FILTER.with(&[&filter]);
                        self.batch.notice(Notice::Warning { what, at: time::now() });
                        self.tell(LinkEvent::SubAck { filter, result: Err(0x80), elapsed: Duration::ZERO });
                    }
                },
                Some(Action::Unsubscribe { filter }) => {
                    if client.try_unsubscribe(filter.as_str()).is_err() {
                        let what = texts::BAD_FILTER.with(&[&filter]);
                        self.batch.notice(Notice::Warning { what, at: time::now() });
                    }
                }
                Some(Action::Publish(outgoing)) => self.publish(client, handed, outgoing),
            }
        }
    }

    fn publish(&mut self, client: &AsyncClient, handed: &mut Handed, outgoing: Outgoing) {
        let Outgoing { ticket, topic, payload, qos, retain, .. } = &outgoing;
        let size = topic.len().saturating_add(payload.len()).saturating_add(16);
        let reason = if size > LARGEST_PACKET {
            texts::TOO_LARGE.with(&[&payload.len(), &LARGEST_PACKET])
        } else {
            let options = PublishOptions::new(level(*qos)).retain(*retain);
            match client.try_publish(topic.as_str(), payload.as_slice(), options) {
                Ok(()) => return handed.publish(outgoing),
                Err(_) => texts::BAD_TOPIC.with(&[topic]),
            }
        };
        self.tell(LinkEvent::NotSent { ticket: *ticket, reason });
    }

    /// Something happened on the connection.
    fn event(&mut self, event: Event, handed: &mut Handed) {
        match event {
            Event::Incoming(Packet::Publish(publish)) => self.received(&publish),
            Event::Incoming(Packet::SubAck(suback)) => {
                let Some((filter, asked)) = handed.subscribed(suback.pkid) else { return };
                let result = match suback.return_codes.first() {
                    Some(SubscribeReasonCode::Success(qos)) => Ok(number(*qos)),
                    Some(SubscribeReasonCode::Failure) | None => Err(0x80),
                };
                let code = result.map_or("0x80".to_owned(), |qos| qos.to_string());
                self.trace(Direction::In, format_args!("SUBACK {} {filter} {code}", suback.pkid));
                self.tell(LinkEvent::SubAck { filter, result, elapsed: time::now().since(asked) });
            }
            Event::Incoming(Packet::PubAck(rumqttc::PubAck { pkid }) | Packet::PubComp(rumqttc::PubComp { pkid })) => {
                self.trace(Direction::In, format_args!("PUBACK {pkid}"));
                if let Some(ticket) = handed.acknowledged(pkid) {
                    self.tell(LinkEvent::PubAck { ticket });
                }
            }
            Event::Incoming(packet) => self.trace(Direction::In, format_args!("{}", name(packet))),
            Event::Outgoing(Wrote::Publish(number)) => {
                let Some(outgoing) = handed.published(number) else { return };
                self.wrote(number, outgoing);
            }
            Event::Outgoing(Wrote::Subscribe(number)) => {
                let filter = handed.subscribing(number, time::now()).unwrap_or_default();
                self.trace(Direction::Out, format_args!("SUBSCRIBE {number} {filter}"));
            }
            Event::Outgoing(other) => self.trace(Direction::Out, format_args!("{}", name(other))),
        }
    }

    /// A message was received.
    fn received(&mut self, publish: &Publish) {
        let now = time::now();
        let topic = String::from_utf8_lossy(&publish.topic);
        let meta = self.dialect.classify(self.role, Direction::In, &topic, &publish.payload);
        if self.trace.is_some() {
            let (size, qos) = (publish.payload.len(), number(publish.qos));
            self.trace(Direction::In, format_args!("PUBLISH {} {topic} qos={qos} {size} bytes", publish.pkid));
        }
        if self.is_impatient(now) {
            let weight = self.batch.weight();
            if weight >= FULL && (!meta.kind.is_reply() || weight >= OVERFULL) {
                self.lost = self.lost.saturating_add(1);
                return;
            }
        }
        let envelope = Envelope {
            at: now,
            direction: Direction::In,
            qos: number(publish.qos),
            retain: publish.retain,
            dup: publish.dup,
            meta,
        };
        let index = self.batch.push(envelope, &topic, &publish.payload);
        self.session.receive(&topic, &publish.payload, meta, index, now);
        self.drain();
    }

    /// A message was written to the socket.
    fn wrote(&mut self, packet: u16, outgoing: Outgoing) {
        let Outgoing { ticket, topic, payload, qos, retain, .. } = outgoing;
        let size = payload.len();
        self.trace(Direction::Out, format_args!("PUBLISH {packet} {topic} qos={qos} retain={retain} {size} bytes"));
        let meta = self.dialect.classify(self.role, Direction::Out, &topic, &payload);
        let envelope = Envelope { at: time::now(), direction: Direction::Out, qos, retain, dup: false, meta };
        let message = self.batch.push(envelope, &topic, &payload);
        self.tell(LinkEvent::Sent { ticket, message });
    }

    fn trace(&self, direction: Direction, packet: std::fmt::Arguments<'_>) {
        if let Some(trace) = &self.trace {
            trace.line(time::now(), self.id, direction, &packet);
        }
    }
}

/// An MQTT client for one connection over a stream that is already there.
fn client(plan: &Plan, wire: Wire<Box<dyn Socket>>) -> Result<(AsyncClient, EventLoop), Phrase> {
    let mut options = MqttOptions::new(plan.client_id.as_str(), (plan.server.host.as_str(), plan.server.port));
    options.set_keep_alive(u16::try_from(plan.keep_alive.as_secs()).unwrap_or(u16::MAX));
    options
        .try_set_clean_session(plan.clean_session)
        .map_err(|error| texts::CONNECT_FAILED.with(&[&error]))?
        .set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET)
        .set_read_batch_size(128)
        .set_inflight(1_000);
    if !plan.username.is_empty() || !plan.password.is_empty() {
        options.set_credentials(plan.username.as_str(), plan.password.expose().to_owned());
    }
    // The connector is asked once, because every attempt has a client of its own.
    let wire = std::sync::Mutex::new(Some(wire));
    options.set_socket_connector(move |_, _| {
        let wire = wire.lock().ok().and_then(|mut wire| wire.take());
        async move { wire.ok_or_else(|| std::io::ErrorKind::NotConnected.into()) }
    });
    let (client, mut eventloop) = AsyncClient::builder(options).unbounded().build();
    let mut network = NetworkOptions::new();
    network.set_connection_timeout(STAGE_LIMIT.as_secs());
    eventloop.set_network_options(network);
    Ok((client, eventloop))
}

fn level(qos: u8) -> QoS {
    match qos {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}

/// A packet that has no line of its own in the trace, as the others are named there.
fn name(packet: impl std::fmt::Debug) -> String {
    format!("{packet:?}").to_uppercase()
}

fn number(qos: QoS) -> u8 {
    match qos {
        QoS::AtMostOnce => 0,
        QoS::AtLeastOnce => 1,
        QoS::ExactlyOnce => 2,
    }
}
