//! One message as iotdbg keeps it: raw bytes, and a fixed-size note on what they are.

use crate::base::time::Time;
use crate::model::Kind;

/// A connection within one run of iotdbg. Numbers are never used again in the same run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u16);

/// Which way a message went, seen from iotdbg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

impl Direction {
    /// The name used in JSON and filters: `in`, `out`.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::In => "in",
            Direction::Out => "out",
        }
    }
}

/// Which part of a message a [`Span`] lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    /// Nowhere: there is no such text in this message.
    #[default]
    None,
    /// The topic.
    Topic,
    /// The payload.
    Payload,
}

/// A stretch of bytes inside a message. 8 bytes; classification returns these instead of copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    start: u32,
    len: u16,
    place: Place,
}

impl Span {
    /// No text.
    pub const NONE: Span = Span { start: 0, len: 0, place: Place::None };

    /// Bytes `start .. start + len` of `place`; [`Span::NONE`] if that does not fit (a start beyond 4 GiB, a length
    /// beyond 65,535: no identifier is that long).
    pub fn new(place: Place, start: usize, len: usize) -> Span {
        match (u32::try_from(start), u16::try_from(len)) {
            (Ok(start), Ok(len)) => Span { start, len, place },
            _ => Span::NONE,
        }
    }

    /// Whether there is no text.
    pub const fn is_none(self) -> bool {
        matches!(self.place, Place::None)
    }

    /// The part of the message it lies in.
    pub const fn place(self) -> Place {
        self.place
    }

    /// The byte range within that part.
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }

    /// The bytes, if they are there.
    pub fn bytes<'a>(self, topic: &'a str, payload: &'a [u8]) -> Option<&'a [u8]> {
        match self.place {
            Place::None => None,
            Place::Topic => topic.as_bytes().get(self.range()),
            Place::Payload => payload.get(self.range()),
        }
    }

    /// The bytes as text; `None` where there are none or they are not UTF-8.
    pub fn text<'a>(self, topic: &'a str, payload: &'a [u8]) -> Option<&'a str> {
        self.bytes(topic, payload).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}

/// What ties a reply to its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Id {
    /// The message carries none.
    #[default]
    None,
    /// Text as it stands in the message (for JSON strings: between the quotes, escapes untouched).
    Text(Span),
    /// A number in a binary frame.
    Number(u32),
}

/// The result code that a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Code {
    /// The message carries none.
    #[default]
    None,
    /// Text or digits as they stand in the message, without quotes.
    Text(Span),
    /// A number in a binary frame.
    Number(i32),
}

/// What `Dialect::classify` found out about a message. Fixed size, no heap, `Copy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meta {
    /// What the message is.
    pub kind: Kind,
    /// For messages with an outcome: whether it is a good one.
    pub ok: Option<bool>,
    /// The device it is about.
    pub device: Span,
    /// What ties it to a request or a reply.
    pub id: Id,
    /// Its result code.
    pub code: Code,
}

/// A message, borrowed from wherever it lies (a batch, a store, a capture).
#[derive(Debug, Clone, Copy)]
pub struct MessageRef<'a> {
    /// When it was received or handed to the socket.
    pub at: Time,
    /// The connection it belongs to.
    pub connection: ConnectionId,
    /// Which way it went.
    pub direction: Direction,
    /// MQTT quality of service, 0–2.
    pub qos: u8,
    /// MQTT retain flag.
    pub retain: bool,
    /// MQTT duplicate flag.
    pub dup: bool,
    /// MQTT topic.
    pub topic: &'a str,
    /// The payload, or its head where it was too large to keep.
    pub payload: &'a [u8],
    /// The true length of the payload in bytes; larger than `payload.len()` where only the head was kept.
    pub payload_len: usize,
    /// What the dialect said about it.
    pub meta: Meta,
}

impl<'a> MessageRef<'a> {
    /// The device it is about.
    pub fn device(&self) -> Option<&'a str> {
        self.meta.device.text(self.topic, self.payload)
    }

    /// Its request id as text.
    pub fn request_id(&self) -> Option<std::borrow::Cow<'a, str>> {
        match self.meta.id {
            Id::None => None,
            Id::Text(span) => span.text(self.topic, self.payload).map(std::borrow::Cow::Borrowed),
            Id::Number(number) => Some(number.to_string().into()),
        }
    }

    /// Its result code as text.
    pub fn code(&self) -> Option<std::borrow::Cow<'a, str>> {
        match self.meta.code {
            Code::None => None,
            Code::Text(span) => span.text(self.topic, self.payload).map(std::borrow::Cow::Borrowed),
            Code::Number(number) => Some(number.to_string().into()),
        }
    }

    /// Whether only the head of the payload was kept.
    pub fn is_truncated(&self) -> bool {
        self.payload.len() < self.payload_len
    }
}
