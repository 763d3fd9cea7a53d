//! Where the sockets meet the simulated cloud: one lock around [`CloudSim`], its outputs carried out in order.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmqtt::codec::types::{Publish as PublishPacket, QoS};
use rmqtt::types::{From as Origin, Id, Message, Publish, Tx};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::cloud::{ClientId, CloudMessage, Connect, Denial};
use crate::model::RequestKey;
use crate::serve::texts;
use crate::sim::{CloudEvent, CloudSim, Decision, OperateFault, OperateReport, OperateRequest, Output};

/// From this much undelivered on, whoever causes more of it waits.
const SLOW: Load = Load { messages: 20_000, bytes: 16 * 1024 * 1024 };
/// From this much on, messages are dropped and counted. The broker's own queue is longer, so it drops nothing by itself.
const FULL: Load = Load { messages: 100_000, bytes: 128 * 1024 * 1024 };
/// How long a publisher waits at most for a slow receiver.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a session has not delivered yet.
#[derive(Clone, Copy, Default)]
struct Load {
    messages: usize,
    bytes: usize,
}

impl Load {
    fn reaches(self, limit: Load) -> bool {
        self.messages >= limit.messages || self.bytes >= limit.bytes
    }
}

/// A connection, as the sockets know it.
pub(super) struct Link {
    id: ClientId,
    /// Part of the name under which the broker knows it, so that nobody else can use that name.
    key: u64,
    /// The broker's session, from the moment it exists.
    session: Mutex<Option<(Id, Tx)>>,
    /// What was given to the broker and is not delivered yet.
    waiting: Mutex<Load>,
    lost: AtomicUsize,
    /// Whether waiting for it was in vain since it last took a message.
    stalled: AtomicBool,
    relieved: Notify,
    /// Tells the door to close the connection.
    pub close: Notify,
}

impl Link {
    /// The MQTT client id under which the broker knows this connection: never the client's own, because the broker has
    /// one session per client id and the platforms have one per identity.
    pub fn name(&self) -> String {
        format!("{}-{:016x}", self.id.0, self.key)
    }

    /// The broker has delivered a message of so many bytes.
    pub fn delivered(&self, bytes: usize) {
        self.stalled.store(false, Ordering::Relaxed);
        self.forget(bytes);
    }

    /// The broker has dropped a message of so many bytes.
    pub fn dropped(&self, bytes: usize) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        self.forget(bytes);
    }

    fn forget(&self, bytes: usize) {
        let mut waiting = lock(&self.waiting);
        waiting.messages = waiting.messages.saturating_sub(1);
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        if !waiting.reaches(SLOW) {
            self.relieved.notify_waiters();
        }
    }

    fn is_slow(&self) -> bool {
        lock(&self.waiting).reaches(SLOW)
    }

    /// Waits while too much is undelivered, so that a flood slows its own source down. A receiver that does not read at
    /// all is waited for only once: it must not stop everybody else.
    pub async fn relief(&self) {
        let relieved = async {
            while self.is_slow() {
                let notified = self.relieved.notified();
                if self.is_slow() {
                    notified.await;
                }
            }
        };
        if !self.stalled.load(Ordering::Relaxed) && tokio::time::timeout(PATIENCE, relieved).await.is_err() {
            self.stalled.store(true, Ordering::Relaxed);
        }
    }

    fn send(&self, message: CloudMessage) {
        let session = lock(&self.session);
        let Some((id, tx)) = session.as_ref() else { return };
        let bytes = message.payload.len();
        {
            let mut waiting = lock(&self.waiting);
            if waiting.reaches(FULL) {
                self.lost.fetch_add(1, Ordering::Relaxed);
                return;
            }
            waiting.messages += 1;
            waiting.bytes += bytes;
        }
        let qos = match message.qos {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        let packet = PublishPacket {
            dup: false,
            retain: false,
            qos,
            topic: message.topic.into(),
            packet_id: None,
            payload: message.payload.into(),
            properties: None,
        };
        if tx.unbounded_send(Message::Forward(Origin::from_system(id.clone()), Publish::from(packet))).is_err() {
            self.forget(bytes);
        }
    }
}

/// The simulated cloud behind its lock, and the connections.
pub(super) struct Hub {
    state: Mutex<State>,
    events: mpsc::UnboundedSender<CloudEvent>,
    /// Wakes the timer when it is due at another time than it knows.
    wake: Notify,
}

struct State {
    sim: CloudSim,
    links: BTreeMap<u64, Arc<Link>>,
    operators: HashMap<RequestKey, oneshot::Sender<OperateReport>>,
    /// When the timer is due, as it was told last.
    due: Option<Time>,
    /// A receiver of what is being done that has too much undelivered.
    slow: Option<Arc<Link>>,
}

impl Hub {
    pub fn new(sim: CloudSim, events: mpsc::UnboundedSender<CloudEvent>) -> Hub {
        let state = State { sim, links: BTreeMap::new(), operators: HashMap::new(), due: None, slow: None };
        Hub { state: Mutex::new(state), events, wake: Notify::new() }
    }

    /// Tells the log something that is not the simulated cloud's own.
    pub fn tell(&self, event: CloudEvent) {
        // Nobody listens any more: then there is nobody to tell.
        let _ = self.events.send(event);
    }

    fn with<R>(&self, act: impl FnOnce(&mut State, Time) -> R) -> R {
        let now = time::now();
        let mut state = lock(&self.state);
        let result = act(&mut state, now);
        self.carry_out(&mut state);
        let due = state.sim.next_timeout();
        let changed = due != state.due;
        state.due = due;
        drop(state);
        if changed {
            self.wake.notify_one();
        }
        result
    }

    /// Carries out what the simulated cloud wants done.
    fn carry_out(&self, state: &mut State) {
        while let Some(output) = state.sim.poll_output() {
            match output {
                Output::Deliver(id, message) => {
                    if let Some(link) = state.links.get(&id.0) {
                        link.send(message);
                        if link.is_slow() {
                            state.slow = Some(Arc::clone(link));
                        }
                    }
                }
                // There are no listeners for these yet.
                Output::Answer(..) | Output::Ping(..) => {}
                Output::Close(id) => {
                    if let Some(link) = state.links.remove(&id.0) {
                        link.close.notify_one();
                    }
                }
                Output::Operated(key, report) => {
                    if let Some(operator) = state.operators.remove(&key) {
                        // The operator may have gone away.
                        let _ = operator.send(report);
                    }
                }
            }
        }
        while let Some(event) = state.sim.poll_event() {
            self.tell(event);
        }
    }

    /// A client wants in: the link under which it is let in, or the CONNACK code it is refused with.
    pub fn connect(&self, connect: &Connect<'_>, peer: &str) -> Result<Arc<Link>, u8> {
        self.with(|state, now| match state.sim.connect(connect, peer, now) {
            Decision::Accept(id) => {
                let link = Arc::new(Link {
                    id: id.clone(),
                    key: RandomState::new().build_hasher().finish(),
                    session: Mutex::new(None),
                    waiting: Mutex::new(Load::default()),
                    lost: AtomicUsize::new(0),
                    stalled: AtomicBool::new(false),
                    relieved: Notify::new(),
                    close: Notify::new(),
                });
                state.links.insert(id.0, Arc::clone(&link));
                Ok(link)
            }
            Decision::Refuse(code) => Err(code),
        })
    }

    /// The connection that the broker knows by this name.
    pub fn link(&self, name: &str) -> Option<Arc<Link>> {
        let (number, _) = name.split_once('-')?;
        let number: u64 = number.parse().ok()?;
        let link = lock(&self.state).links.get(&number).cloned()?;
        (link.name() == name).then_some(link)
    }

    /// The broker has made a session.
    pub fn online(&self, link: &Link, id: Id, tx: Tx) {
        *lock(&link.session) = Some((id, tx));
        self.with(|state, now| state.sim.online(&link.id, now));
    }

    pub fn subscribe(&self, link: &Link, filter: &str, qos: u8) -> Result<u8, Denial> {
        self.with(|state, now| state.sim.subscribe(&link.id, filter, qos, now))
    }

    pub fn unsubscribe(&self, link: &Link, filter: &str) {
        self.with(|state, now| state.sim.unsubscribe(&link.id, filter, now));
    }

    /// A client publishes. Gives the receiver that has too much undelivered, if this made one have more.
    pub fn publish(&self, link: &Link, message: &CloudMessage) -> Result<Option<Arc<Link>>, Denial> {
        let verdict = self.with(|state, now| {
            state.slow = None;
            state.sim.publish(&link.id, message, now)
        });
        verdict.map(|()| lock(&self.state).slow.take())
    }

    /// A connection is gone.
    pub fn gone(&self, link: &Link, reason: Phrase) {
        self.with(|state, now| {
            let lost = link.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                state.sim.lost(&link.id, u64::try_from(lost).unwrap_or(u64::MAX), now);
            }
            state.links.remove(&link.id.0);
            state.sim.disconnect(&link.id, reason, now);
        });
    }

    /// The operator asks for something; the receiver gets the outcome.
    pub fn operate(&self, request: &OperateRequest) -> Result<oneshot::Receiver<OperateReport>, OperateFault> {
        let (sender, receiver) = oneshot::channel();
        self.with(|state, now| {
            let key = state.sim.operate(request, now)?;
            state.operators.insert(key, sender);
            Ok(receiver)
        })
    }

    /// Looks at the simulated cloud without changing it.
    pub fn look<R>(&self, look: impl FnOnce(&CloudSim) -> R) -> R {
        look(&lock(&self.state).sim)
    }

    /// Closes every connection.
    pub fn close_all(&self) {
        let links: Vec<Arc<Link>> = lock(&self.state).links.values().cloned().collect();
        for link in links {
            link.close.notify_one();
            self.gone(&link, texts::STOPPED.into());
        }
    }

    /// Runs the simulated cloud's timers and tells of dropped messages, for ever.
    pub async fn keep_time(&self) {
        loop {
            let due = lock(&self.state).sim.next_timeout();
            let pause = due.map_or(Duration::from_secs(1), |due| due.since(time::now()).min(Duration::from_secs(1)));
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.wake.notified() => continue,
            }
            self.with(|state, now| {
                state.sim.handle_timeout(now);
                for link in state.links.values() {
                    let lost = link.lost.swap(0, Ordering::Relaxed);
                    if lost > 0 {
                        state.sim.lost(&link.id, u64::try_from(lost).unwrap_or(u64::MAX), now);
                    }
                }
            });
        }
    }
}

/// Takes a lock. A panic of another holder is no reason to panic too: the state is a plain value.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
