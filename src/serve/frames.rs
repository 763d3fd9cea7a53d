//! WebSocket frames of the server's side (RFC 6455), with the headers read and written by `tungstenite`.
//!
//! Its own conversation is not used: it answers every ping with a pong and every end with a close frame, and there are
//! platforms that do neither.

use std::io::Cursor;

use tokio::io::{AsyncRead, AsyncReadExt};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::base::lang::Phrase;
use crate::serve::texts;

/// The longest message that is taken from a client, in bytes, its fragments together.
pub(super) const MAX_MESSAGE: usize = 1024 * 1024;
/// The longest payload of a control frame (RFC 6455, section 5.5).
const MAX_CONTROL: usize = 125;

/// A frame to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Text(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Vec<u8>),
}

impl Frame {
    pub fn payload(&self) -> &[u8] {
        match self {
            Frame::Text(payload) => payload,
            Frame::Ping(payload) | Frame::Pong(payload) | Frame::Close(payload) => {
                payload.get(..MAX_CONTROL).unwrap_or(payload)
            }
        }
    }

    /// Appends the frame as it goes over the wire.
    pub fn write(&self, to: &mut Vec<u8>) {
        let opcode = match self {
            Frame::Text(_) => OpCode::Data(Data::Text),
            Frame::Ping(_) => OpCode::Control(Control::Ping),
            Frame::Pong(_) => OpCode::Control(Control::Pong),
            Frame::Close(_) => OpCode::Control(Control::Close),
        };
        let header = FrameHeader { opcode, ..FrameHeader::default() };
        let length = u64::try_from(self.payload().len()).unwrap_or(u64::MAX);
        // Writing into memory does not fail.
        let _ = header.format(length, to);
        to.extend_from_slice(self.payload());
    }
}

/// What a client sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A whole message: text, or bytes.
    Message(Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// The client closes; its status code and reason are echoed.
    Close(Vec<u8>),
}

/// What a client did wrong: the status code of the close frame (RFC 6455, section 7.4.1), and the words for the log.
#[derive(Debug)]
pub(super) struct Fault {
    pub status: u16,
    pub what: Phrase,
}

/// Puts frames and messages together out of a stream of bytes.
pub(super) struct FrameReader<R> {
    from: R,
    buffer: Vec<u8>,
    /// How much of the buffer was used already.
    used: usize,
    /// The fragments of a message so far, and whether it is text.
    message: Option<(bool, Vec<u8>)>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub fn new(from: R) -> FrameReader<R> {
        FrameReader { from, buffer: Vec::new(), used: 0, message: None }
    }

    /// The next message or control frame; `None` at the end of the stream.
    pub async fn next(&mut self) -> Result<Option<Incoming>, Fault> {
        loop {
            let Some((header, payload)) = self.frame().await? else { return Ok(None) };
            let incoming = match header.opcode {
                OpCode::Control(control) => Some(control_frame(control, header.is_final, payload)?),
                OpCode::Data(data) => self.data_frame(data, header.is_final, payload)?,
            };
            if incoming.is_some() {
                return Ok(incoming);
            }
        }
    }

    /// One frame, unmasked; `None` at the end of the stream, even within a frame.
    async fn frame(&mut self) -> Result<Option<(FrameHeader, Vec<u8>)>, Fault> {
        loop {
            let rest = self.buffer.get(self.used..).unwrap_or_default();
            let mut cursor = Cursor::new(rest);
            let parsed = FrameHeader::parse(&mut cursor).map_err(|fault| broken(texts::BAD_FRAME.with(&[&fault])))?;
            if let Some((header, length)) = parsed {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                self.check(&header, length)?;
                let start = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
                if let Some(masked) = rest.get(start..start.saturating_add(length)) {
                    let mask = header.mask.unwrap_or_default();
                    let payload = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
                    self.used += start + length;
                    return Ok(Some((header, payload)));
                }
            }
            self.buffer.drain(..self.used);
            self.used = 0;
            // A connection that breaks has ended like one that is closed.
            if self.from.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return Ok(None);
            }
        }
    }

    /// Whether a frame may be as its header says, before its payload is waited for.
    fn check(&self, header: &FrameHeader, length: usize) -> Result<(), Fault> {
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(broken(texts::RESERVED_BITS.into()));
        }
        if header.mask.is_none() {
            return Err(broken(texts::UNMASKED.into()));
        }
        let before = self.message.as_ref().map_or(0, |(_, so_far)| so_far.len());
        if length.saturating_add(before) > MAX_MESSAGE {
            let found = length.saturating_add(before);
            return Err(Fault { status: 1009, what: texts::LONG_MESSAGE.with(&[&found, &MAX_MESSAGE]) });
        }
        Ok(())
    }

    fn data_frame(&mut self, data: Data, last: bool, payload: Vec<u8>) -> Result<Option<Incoming>, Fault> {
        let begun = self.message.take();
        let (is_text, message) = match (data, begun) {
            (Data::Text | Data::Binary, None) => (data == Data::Text, payload),
            (Data::Continue, Some((is_text, mut message))) => {
                message.extend_from_slice(&payload);
                (is_text, message)
            }
            _ => return Err(broken(texts::BAD_FRAGMENT.into())),
        };
        if !last {
            self.message = Some((is_text, message));
            return Ok(None);
        }
        if is_text && std::str::from_utf8(&message).is_err() {
            return Err(Fault { status: 1007, what: texts::NOT_UTF8.into() });
        }
        Ok(Some(Incoming::Message(message)))
    }
}

fn control_frame(control: Control, last: bool, payload: Vec<u8>) -> Result<Incoming, Fault> {
    if !last || payload.len() > MAX_CONTROL {
        return Err(broken(texts::BAD_CONTROL.into()));
    }
    match control {
        Control::Close => Ok(Incoming::Close(payload)),
        Control::Ping => Ok(Incoming::Ping(payload)),
        Control::Pong => Ok(Incoming::Pong),
        Control::Reserved(_) => Err(broken(texts::BAD_CONTROL.into())),
    }
}

/// A breach of the protocol (status 1002).
fn broken(what: Phrase) -> Fault {
    Fault { status: 1002, what }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that comes out of a stream, and the status that it ends with.
    fn read(pieces: (&[u8], &[u8])) -> (Vec<Incoming>, Option<u16>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut reader = FrameReader::new(pieces.0.chain(pieces.1));
            let mut all = Vec::new();
            loop {
                match reader.next().await {
                    Ok(Some(incoming)) => all.push(incoming),
                    Ok(None) => return (all, None),
                    Err(fault) => return (all, Some(fault.status)),
                }
            }
        })
    }

    /// A frame of a client with this first byte.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).unwrap()];
        bytes.extend_from_slice(&mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    #[test]
    fn frames_are_found_wherever_the_stream_is_cut() {
        let frames =
            [masked(0x01, b"a"), masked(0x89, b"p"), masked(0x80, b"b"), masked(0x8a, b""), masked(0x82, &[0xff])];
        let stream = [&frames.concat()[..], &masked(0x88, b"\x03\xe8")].concat();
        let all = [
            Incoming::Ping(b"p".to_vec()),
            Incoming::Message(b"ab".to_vec()),
            Incoming::Pong,
            Incoming::Message(vec![0xff]),
            Incoming::Close(b"\x03\xe8".to_vec()),
        ];
        for cut in 0..=stream.len() {
            let (found, end) = read(stream.split_at(cut));
            assert_eq!((&found[..], end), (&all[..], None), "{cut}");
        }
    }

    #[test]
    fn a_message_may_not_grow_by_fragments_either() {
        let long = vec![b'x'; MAX_MESSAGE / 2 + 1];
        let mut fragment = vec![0x01, 0xff];
        fragment.extend_from_slice(&u64::try_from(long.len()).unwrap().to_be_bytes());
        fragment.extend_from_slice(&[0; 4]);
        fragment.extend_from_slice(&long);
        let mut more = fragment.clone();
        more[0] = 0x80;
        assert_eq!(read((&fragment, &more)), (Vec::new(), Some(1009)));
    }

    #[test]
    fn control_frames_are_short_and_server_frames_are_not_masked() {
        let mut bytes = Vec::new();
        Frame::Ping(vec![b'x'; 300]).write(&mut bytes);
        assert_eq!((bytes.len(), &bytes[..2]), (127, &[0x89, 125][..]));
        bytes.clear();
        Frame::Text(vec![b'x'; 300]).write(&mut bytes);
        assert_eq!((bytes.len(), &bytes[..4]), (304, &[0x81, 126, 1, 44][..]));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_the_end_is_reached(bytes: Vec<u8>, cut: prop::sample::Index) {
            read(bytes.split_at(cut.index(bytes.len() + 1)));
        }
    }
}
