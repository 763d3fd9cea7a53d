//! What travels from a link to the screen: many messages in one growing buffer, and the notices between them.

use crate::base::time::Time;
use crate::model::{ConnectionId, Direction, MessageRef, Meta, Notice};

/// The largest part of one payload that is kept, in bytes. Longer payloads keep their head and their true length.
pub const MAX_KEPT_PAYLOAD: usize = 1024 * 1024;

/// The fixed-size part of a message inside a [`Batch`].
#[derive(Debug, Clone, Copy)]
struct Head {
    envelope: Envelope,
    connection: ConnectionId,
    start: usize,
    topic_len: u32,
    kept_len: u32,
    payload_len: usize,
}

/// The attributes of a message that are not its topic or payload, for [`Batch::push`].
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    /// When it was received or handed to the socket.
    pub at: Time,
    /// Which way it went.
    pub direction: Direction,
    /// MQTT quality of service.
    pub qos: u8,
    /// MQTT retain flag.
    pub retain: bool,
    /// MQTT duplicate flag.
    pub dup: bool,
    /// What it is.
    pub meta: Meta,
}

/// Messages and notices of one connection (or of a capture), in order of arrival, handed over as a whole.
///
/// Topic and payload are copied into one buffer: a slice of a network buffer would keep the whole of that buffer alive.
#[derive(Debug)]
pub struct Batch {
    connection: ConnectionId,
    bytes: Vec<u8>,
    heads: Vec<Head>,
    notices: Vec<Notice>,
}

impl Batch {
    /// An empty batch of one connection.
    pub fn new(connection: ConnectionId) -> Self {
        Batch { connection, bytes: Vec::new(), heads: Vec::new(), notices: Vec::new() }
    }

    /// The connection that its notices belong to, and its messages too unless they were taken from a capture.
    pub fn connection(&self) -> ConnectionId {
        self.connection
    }

    /// Bytes of topics and payloads it holds: what the link's bound of 1 MiB is measured on.
    pub fn weight(&self) -> usize {
        self.bytes.len() + self.heads.len() * size_of::<Head>()
    }

    /// Whether there is nothing to hand over.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty() && self.notices.is_empty()
    }

    /// Number of messages.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Appends a message and returns its index within this batch. A payload beyond [`MAX_KEPT_PAYLOAD`] keeps its head.
    pub fn push(&mut self, envelope: Envelope, topic: &str, payload: &[u8]) -> usize {
        self.push_of(self.connection, envelope, topic, payload, payload.len())
    }

    /// Appends a message of any connection, as captures hold them: their messages lie one after the other, whichever
    /// connection they are of. `payload_len` is the true length, where `payload` is only the head.
    pub fn push_of(
        &mut self,
        connection: ConnectionId,
        envelope: Envelope,
        topic: &str,
        payload: &[u8],
        payload_len: usize,
    ) -> usize {
        let kept = payload.get(..MAX_KEPT_PAYLOAD).unwrap_or(payload);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(topic.as_bytes());
        self.bytes.extend_from_slice(kept);
        self.heads.push(Head {
            envelope,
            connection,
            start,
            // An MQTT topic has at most 65,535 bytes, a kept payload at most 1 MiB.
            topic_len: u32::try_from(topic.len()).unwrap_or(u32::MAX),
            kept_len: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            payload_len: payload_len.max(payload.len()),
        });
        self.heads.len() - 1
    }

    /// Appends a message that lies somewhere else.
    pub fn push_message(&mut self, message: &MessageRef<'_>) -> usize {
        let MessageRef { at, direction, qos, retain, dup, meta, .. } = *message;
        let envelope = Envelope { at, direction, qos, retain, dup, meta };
        self.push_of(message.connection, envelope, message.topic, message.payload, message.payload_len)
    }

    /// Appends a notice.
    pub fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// A copy of the messages, for who keeps them in a place of their own.
    pub fn copy_of_messages(&self) -> Batch {
        let (bytes, heads) = (self.bytes.clone(), self.heads.clone());
        Batch { connection: self.connection, bytes, heads, notices: Vec::new() }
    }

    /// The notices, oldest first.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> impl ExactSizeIterator<Item = MessageRef<'_>> {
        self.heads.iter().map(|head| self.resolve(head))
    }

    /// One message by its index within this batch.
    pub fn message(&self, index: usize) -> Option<MessageRef<'_>> {
        self.heads.get(index).map(|head| self.resolve(head))
    }

    fn resolve(&self, head: &Head) -> MessageRef<'_> {
        let topic_end = head.start + head.topic_len as usize;
        let topic = self.bytes.get(head.start..topic_end).unwrap_or_default();
        let Envelope { at, direction, qos, retain, dup, meta } = head.envelope;
        MessageRef {
            at,
            connection: head.connection,
            direction,
            qos,
            retain,
            dup,
            topic: std::str::from_utf8(topic).unwrap_or_default(),
            payload: self.bytes.get(topic_end..topic_end + head.kept_len as usize).unwrap_or_default(),
            payload_len: head.payload_len,
            meta,
        }
    }
}
