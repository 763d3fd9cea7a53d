//! The byte stream between the socket and the MQTT client.
//!
//! It does four small things that the client cannot do by itself:
//!
//! 1. It writes CONNECT as MQTT 3.1 (`MQIsdp`, level 3) where the platform asks for it; the client speaks 3.1.1 only
//!    and the two differ in nothing else that is used here (MQTT 3.1 specification, section 3.1).
//! 2. It notes when CONNECT left, so that CONNECT and CONNACK are timed apart.
//! 3. It stops reading while the batch is full: the client goes on writing and keeping the connection alive, and TCP
//!    slows the sender.
//! 4. It takes a breath now and then: the client looks at its keep-alive timer only when there is nothing to read, which
//!    under a flood is never.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use crate::base::time::{self, Time};
use crate::dialect::MqttLevel;

/// Reads between two breaths.
const READS_PER_BREATH: u8 = 32;

/// What the link and the stream, which the client owns, have in common.
#[derive(Debug, Default)]
pub struct Valve {
    closed: AtomicBool,
    connect_sent: OnceLock<Time>,
    sent: Notify,
}

impl Valve {
    /// Stops or resumes reading. The link polls the client after it, so no waker is needed.
    pub fn set_closed(&self, closed: bool) {
        self.closed.store(closed, Ordering::Relaxed);
    }

    /// When CONNECT had left.
    pub fn connect_sent(&self) -> Option<Time> {
        self.connect_sent.get().copied()
    }

    /// Waits until CONNECT has left.
    pub async fn until_connect_sent(&self) {
        self.sent.notified().await;
    }
}

/// A socket with the four additions.
pub struct Wire<S> {
    socket: S,
    valve: Arc<Valve>,
    level: MqttLevel,
    /// CONNECT in its final form, as far as it is not yet written.
    head: Vec<u8>,
    started: bool,
    reads: u8,
}

impl<S> Wire<S> {
    /// Wraps a connected socket.
    pub fn new(socket: S, level: MqttLevel, valve: Arc<Valve>) -> Self {
        Wire { socket, valve, level, head: Vec::new(), started: false, reads: 0 }
    }
}

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Writes what is left of CONNECT.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.head.is_empty() {
            let written = ready!(Pin::new(&mut self.socket).poll_write(cx, &self.head))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.head.drain(..written.min(self.head.len()));
        }
        Poll::Ready(Ok(()))
    }
}

/// CONNECT as MQTT 3.1; `None` if it is not a CONNECT of MQTT 3.1.1.
///
/// The protocol name grows by two bytes and the level becomes 3; the remaining length grows with it.
fn as_mqtt_31(connect: &[u8]) -> Option<Vec<u8>> {
    const NAME_311: &[u8] = b"\x00\x04MQTT\x04";
    const NAME_31: &[u8] = b"\x00\x06MQIsdp\x03";
    let (&first, rest) = connect.split_first()?;
    if first != 0x10 {
        return None;
    }
    let length_bytes = rest.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let (length, body) = rest.split_at_checked(length_bytes)?;
    let length = length.iter().rev().fold(0_usize, |sum, byte| (sum << 7) | usize::from(byte & 0x7f));
    let tail = body.strip_prefix(NAME_311)?;
    let mut out = vec![first];
    let mut left = length + NAME_31.len() - NAME_311.len();
    loop {
        let byte = u8::try_from(left & 0x7f).ok()?;
        left >>= 7;
        out.push(if left > 0 { byte | 0x80 } else { byte });
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(NAME_31);
    out.extend_from_slice(tail);
    Some(out)
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.valve.closed.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        self.reads = self.reads.wrapping_add(1);
        if self.reads >= READS_PER_BREATH {
            self.reads = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if !self.started {
            self.started = true;
            if let (MqttLevel::V31, Some(head)) = (self.level, as_mqtt_31(buf)) {
                self.head = head;
                return Poll::Ready(Ok(buf.len()));
            }
        }
        ready!(self.poll_head(cx))?;
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_head(cx))?;
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        if self.started && self.valve.connect_sent.get().is_none() {
            self.valve.connect_sent.get_or_init(time::now);
            self.valve.sent.notify_one();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_head(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_becomes_mqtt_31_and_its_length_grows() {
        // CONNECT of MQTT 3.1.1: clean session, keep-alive 60, client id “a”.
        let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a";
        let expected = b"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x01a";
        assert_eq!(as_mqtt_31(connect).as_deref(), Some(expected.as_slice()));
    }

    #[test]
    fn a_length_that_crosses_127_takes_a_second_byte() {
        let mut connect = b"\x10\x7e\x00\x04MQTT\x04\x02\x00\x3c\x00\x72".to_vec();
        connect.extend_from_slice(&[b'x'; 0x72]);
        let rewritten = as_mqtt_31(&connect).expect("a CONNECT");
        assert_eq!(rewritten.get(..3), Some(b"\x10\x80\x01".as_slice()));
        assert_eq!(rewritten.len(), connect.len() + 3);
    }

    #[test]
    fn other_bytes_are_left_alone() {
        assert_eq!(as_mqtt_31(b"\x30\x05\x00\x03a/b"), None);
        assert_eq!(as_mqtt_31(b""), None);
        assert_eq!(as_mqtt_31(b"\x10\xff\xff"), None);
    }
}
