//! A connection as the sockets know it: how messages reach it, and what it has not taken yet.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rmqtt::codec::types::{Publish as PublishPacket, QoS};
use rmqtt::types::{From as Origin, Id, Message, Publish, Tx};
use tokio::sync::{Notify, mpsc};

use crate::dialect::cloud::{ClientId, CloudMessage, Manners};
use crate::serve::frames::Frame;
use crate::serve::hub::lock;

/// From this much undelivered on, whoever causes more of it waits.
const SLOW: Load = Load { messages: 20_000, bytes: 16 * 1024 * 1024 };
/// From this much on, messages are dropped and counted. The broker's own queue is longer, so it drops nothing by itself.
const FULL: Load = Load { messages: 100_000, bytes: 128 * 1024 * 1024 };
/// How long a publisher waits at most for a slow receiver.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a connection has not delivered yet.
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

/// How messages reach a client.
enum Way {
    /// The connection is not open yet: nothing is sent.
    Closed,
    /// Through its session in the broker.
    Broker(Id, Tx),
    /// Through the task that writes to its WebSocket.
    Socket(mpsc::UnboundedSender<Frame>),
}

/// A connection.
pub(super) struct Link {
    pub id: ClientId,
    /// How the server treats it.
    pub manners: Manners,
    /// Part of the name under which the broker knows it, so that nobody else can use that name.
    key: u64,
    way: Mutex<Way>,
    /// What was given away to be sent and is not delivered yet.
    waiting: Mutex<Load>,
    lost: AtomicUsize,
    /// Whether waiting for it was in vain since it last took a message.
    stalled: AtomicBool,
    relieved: Notify,
    /// Tells whoever holds the connection to close it.
    pub close: Notify,
}

impl Link {
    pub fn new(id: ClientId, manners: Manners) -> Link {
        Link {
            id,
            manners,
            key: RandomState::new().build_hasher().finish(),
            way: Mutex::new(Way::Closed),
            waiting: Mutex::new(Load::default()),
            lost: AtomicUsize::new(0),
            stalled: AtomicBool::new(false),
            relieved: Notify::new(),
            close: Notify::new(),
        }
    }

    /// The MQTT client id under which the broker knows this connection: never the client's own, because the broker has
    /// one session per client id and the platforms have one per identity.
    pub fn name(&self) -> String {
        format!("{}-{:016x}", self.id.0, self.key)
    }

    /// From now on messages go through a session of the broker.
    pub fn open_broker(&self, id: Id, tx: Tx) {
        *lock(&self.way) = Way::Broker(id, tx);
    }

    /// From now on frames go to whoever holds the receiver, who tells of each with [`Link::delivered`].
    pub fn open_socket(&self) -> mpsc::UnboundedReceiver<Frame> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *lock(&self.way) = Way::Socket(sender);
        receiver
    }

    /// A message of so many bytes is delivered.
    pub fn delivered(&self, bytes: usize) {
        self.stalled.store(false, Ordering::Relaxed);
        self.forget(bytes);
    }

    /// The broker has dropped a message of so many bytes.
    pub fn dropped(&self, bytes: usize) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        self.forget(bytes);
    }

    /// How many messages were dropped since the last question.
    pub fn take_lost(&self) -> u64 {
        u64::try_from(self.lost.swap(0, Ordering::Relaxed)).unwrap_or(u64::MAX)
    }

    fn forget(&self, bytes: usize) {
        let mut waiting = lock(&self.waiting);
        waiting.messages = waiting.messages.saturating_sub(1);
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
        if !waiting.reaches(SLOW) {
            self.relieved.notify_waiters();
        }
    }

    /// Whether too much is undelivered.
    pub fn is_slow(&self) -> bool {
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

    /// Sends a message, or drops it and counts it where too much is undelivered already.
    pub fn send(&self, message: CloudMessage) {
        let way = lock(&self.way);
        let bytes = message.payload.len();
        let taken = match &*way {
            Way::Closed => return,
            _ if !self.reserve(bytes) => return,
            Way::Broker(id, tx) => {
                let forward = Message::Forward(Origin::from_system(id.clone()), Publish::from(packet(message)));
                tx.unbounded_send(forward).is_ok()
            }
            Way::Socket(sender) => sender.send(Frame::Text(message.payload)).is_ok(),
        };
        if !taken {
            self.forget(bytes);
        }
    }

    /// Sends a frame on a WebSocket; a client of the broker gets none.
    pub fn frame(&self, frame: Frame) {
        let way = lock(&self.way);
        let bytes = frame.payload().len();
        if let Way::Socket(sender) = &*way
            && self.reserve(bytes)
            && sender.send(frame).is_err()
        {
            self.forget(bytes);
        }
    }

    fn reserve(&self, bytes: usize) -> bool {
        let mut waiting = lock(&self.waiting);
        if waiting.reaches(FULL) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        waiting.messages += 1;
        waiting.bytes += bytes;
        true
    }
}

fn packet(message: CloudMessage) -> PublishPacket {
    let qos = match message.qos {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    };
    PublishPacket {
        dup: false,
        retain: false,
        qos,
        topic: message.topic.into(),
        packet_id: None,
        payload: message.payload.into(),
        properties: None,
    }
}
