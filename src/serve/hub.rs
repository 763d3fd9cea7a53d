//! Where the sockets meet the simulated cloud: one lock around [`CloudSim`], its outputs carried out in order.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmqtt::types::{Id, Tx};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::cloud::{ClientId, CloudMessage, Connect, Denial, Manners};
use crate::dialect::{CallId, HttpAnswer, HttpRequest};
use crate::model::RequestKey;
use crate::serve::frames::Frame;
use crate::serve::link::Link;
use crate::serve::texts;
use crate::sim::web::Abandoned;
use crate::sim::{CloudEvent, CloudSim, Decision, OperateFault, OperateReport, OperateRequest, Output};

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
    calls: HashMap<CallId, oneshot::Sender<HttpAnswer>>,
    /// When the timer is due, as it was told last.
    due: Option<Time>,
    /// A receiver of what is being done that has too much undelivered.
    slow: Option<Arc<Link>>,
}

impl Hub {
    pub fn new(sim: CloudSim, events: mpsc::UnboundedSender<CloudEvent>) -> Hub {
        let (links, operators, calls) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        let state = State { sim, links, operators, calls, due: None, slow: None };
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
                Output::Answer(id, answer) => {
                    if let Some(caller) = state.calls.remove(&id) {
                        // The caller may be going away at this moment.
                        let _ = caller.send(answer);
                    }
                }
                Output::Ping(id, payload) => {
                    if let Some(link) = state.links.get(&id.0) {
                        link.frame(Frame::Ping(payload));
                    }
                }
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
            Decision::Accept(id, manners) => Ok(state.admit(id, manners)),
            Decision::Refuse(code) => Err(code),
        })
    }

    /// A client wants to open a WebSocket: its link and whether it gets pongs, or the answer it gets instead.
    pub fn upgrade(&self, request: &HttpRequest<'_>, peer: &str) -> Result<(Arc<Link>, bool), HttpAnswer> {
        self.with(|state, now| {
            let granted = state.sim.upgrade(request, peer, now)?;
            Ok((state.admit(granted.id, Manners::default()), granted.pong))
        })
    }

    /// A client calls over HTTP. Also gives the receiver that has too much undelivered, if this made one have more.
    pub fn http(&self, request: &HttpRequest<'_>, peer: &str) -> (Waiting<'_>, Option<Arc<Link>>) {
        let (sender, answer) = oneshot::channel();
        let id = self.with(|state, now| {
            state.slow = None;
            let id = state.sim.http(request, peer, now);
            state.calls.insert(id, sender);
            id
        });
        (Waiting { hub: self, id, answer }, lock(&self.state).slow.take())
    }

    fn abandon(&self, id: CallId, why: Abandoned) {
        self.with(|state, now| {
            state.calls.remove(&id);
            state.sim.abandon(id, why, now);
        });
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
        link.open_broker(id, tx);
        self.with(|state, now| state.sim.online(&link.id, now));
    }

    /// A WebSocket is open; what is sent to it comes out of the receiver.
    pub fn opened(&self, link: &Link) -> mpsc::UnboundedReceiver<Frame> {
        let frames = link.open_socket();
        self.with(|state, now| state.sim.online(&link.id, now));
        frames
    }

    /// A frame came over a WebSocket. Gives the receiver that has too much undelivered, if this made one have more.
    pub fn frame(&self, link: &Link, payload: Vec<u8>) -> Option<Arc<Link>> {
        self.with(|state, now| {
            state.slow = None;
            state.sim.frame(&link.id, payload, now);
        });
        lock(&self.state).slow.take()
    }

    /// A client pinged.
    pub fn pinged(&self, link: &Link) {
        self.with(|state, now| state.sim.pinged(&link.id, now));
    }

    /// A client answered a ping.
    pub fn ponged(&self, link: &Link) {
        self.with(|state, now| state.sim.ponged(&link.id, now));
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
            state.tell_lost(link, now);
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

    /// Closes every connection; calls that wait get no answer any more.
    pub fn close_all(&self) {
        let links: Vec<Arc<Link>> = {
            let mut state = lock(&self.state);
            state.calls.clear();
            state.links.values().cloned().collect()
        };
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
                let links: Vec<Arc<Link>> = state.links.values().cloned().collect();
                for link in links {
                    state.tell_lost(&link, now);
                }
            });
        }
    }
}

impl State {
    fn admit(&mut self, id: ClientId, manners: Manners) -> Arc<Link> {
        let number = id.0;
        let link = Arc::new(Link::new(id, manners));
        self.links.insert(number, Arc::clone(&link));
        link
    }

    fn tell_lost(&mut self, link: &Link, now: Time) {
        let lost = link.take_lost();
        if lost > 0 {
            self.sim.lost(&link.id, lost, now);
        }
    }
}

/// A call that waits for its answer. Where it is dropped without one, its client has gone.
pub(super) struct Waiting<'a> {
    hub: &'a Hub,
    id: CallId,
    answer: oneshot::Receiver<HttpAnswer>,
}

/// Why there is no answer to a call.
pub(super) enum NoAnswer {
    /// The platform was silent for too long.
    Silence,
    /// The simulated cloud stops.
    Stopped,
}

impl Waiting<'_> {
    /// The answer, unless none comes within `patience`.
    pub async fn answer(mut self, patience: Duration) -> Result<HttpAnswer, NoAnswer> {
        match tokio::time::timeout(patience, &mut self.answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => {
                self.hub.abandon(self.id, Abandoned::Stopped);
                Err(NoAnswer::Stopped)
            }
            Err(_) => {
                self.hub.abandon(self.id, Abandoned::Silence(patience));
                Err(NoAnswer::Silence)
            }
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // A call that was answered is not known any more: this changes nothing then.
        self.hub.abandon(self.id, Abandoned::Left);
    }
}

/// Takes a lock. A panic of another holder is no reason to panic too: the state is a plain value.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
