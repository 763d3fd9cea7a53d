//! A WebSocket of the simulated cloud, from the upgrade to its end.
//!
//! Text frames go to the platform in their order; what it sends waits in a queue that is counted like that of an MQTT
//! client. A client that is kicked gets what was sent to it before, and then the end of the stream without a close
//! frame; one that closes itself gets its close frame back.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use crate::base::lang::Phrase;
use crate::serve::frames::{Frame, FrameReader, Incoming};
use crate::serve::hub::Hub;
use crate::serve::link::Link;
use crate::serve::texts;

/// Bytes that are gathered before they are written.
const CHUNK: usize = 64 * 1024;
/// How long a client may take for the rest of what was sent to it once the conversation has ended.
const FAREWELL: Duration = Duration::from_secs(2);

/// Holds the conversation until one side ends it.
pub(super) async fn run<S: AsyncRead + AsyncWrite>(stream: S, hub: &Hub, link: &Arc<Link>, pong: bool) {
    let frames = hub.opened(link);
    let (from, to) = tokio::io::split(stream);
    let mut writer = Writer { to, frames, link: Arc::clone(link), buffer: Vec::new(), written: 0, sizes: Vec::new() };
    let reason = tokio::select! {
        // Closing comes first: nothing is taken from a client that was kicked.
        biased;
        () = link.close.notified() => texts::LEFT.into(),
        reason = read(from, hub, link, pong) => reason,
        () = writer.run() => texts::LEFT.into(),
    };
    // Nothing happens here where the client was kicked: its end was told.
    hub.gone(link, reason);
    let _ = tokio::time::timeout(FAREWELL, writer.finish()).await;
}

/// Takes what the client sends until it closes or breaks the protocol; tells why it ended.
async fn read<R: AsyncRead + Unpin>(from: R, hub: &Hub, link: &Arc<Link>, pong: bool) -> Phrase {
    let mut reader = FrameReader::new(from);
    loop {
        match reader.next().await {
            Ok(Some(Incoming::Message(payload))) => {
                if let Some(slow) = hub.frame(link, payload) {
                    slow.relief().await;
                }
            }
            Ok(Some(Incoming::Ping(payload))) => {
                if pong {
                    link.frame(Frame::Pong(payload));
                    link.relief().await;
                }
                hub.pinged(link);
            }
            Ok(Some(Incoming::Pong)) => hub.ponged(link),
            Ok(Some(Incoming::Close(payload))) => {
                link.frame(Frame::Close(payload));
                return texts::SAID_CLOSE.into();
            }
            Ok(None) => return texts::LEFT.into(),
            Err(fault) => {
                link.frame(Frame::Close(fault.status.to_be_bytes().to_vec()));
                return texts::BROKE_PROTOCOL.around([fault.what]);
            }
        }
    }
}

/// Writes frames. May be stopped at any point and goes on where it was.
struct Writer<W> {
    to: W,
    frames: mpsc::UnboundedReceiver<Frame>,
    link: Arc<Link>,
    /// Frames as they go over the wire, and how much of them has gone.
    buffer: Vec<u8>,
    written: usize,
    /// The payload sizes of the frames in the buffer.
    sizes: Vec<usize>,
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Writes until the connection breaks.
    async fn run(&mut self) {
        while self.flush().await.is_ok() {
            // The sender is in the link, which is held here too.
            let Some(frame) = self.frames.recv().await else { return };
            self.take(&frame);
            self.gather();
        }
    }

    /// Writes what there is and ends the stream.
    async fn finish(&mut self) {
        while self.flush().await.is_ok() {
            self.gather();
            if self.buffer.is_empty() {
                let _ = self.to.shutdown().await;
                return;
            }
        }
    }

    fn gather(&mut self) {
        while self.buffer.len() < CHUNK
            && let Ok(frame) = self.frames.try_recv()
        {
            self.take(&frame);
        }
    }

    fn take(&mut self, frame: &Frame) {
        self.sizes.push(frame.payload().len());
        frame.write(&mut self.buffer);
    }

    async fn flush(&mut self) -> std::io::Result<()> {
        while let Some(rest) = self.buffer.get(self.written..)
            && !rest.is_empty()
        {
            match self.to.write(rest).await? {
                0 => return Err(std::io::ErrorKind::WriteZero.into()),
                count => self.written += count,
            }
        }
        self.to.flush().await?;
        self.buffer.clear();
        self.written = 0;
        for size in self.sizes.drain(..) {
            self.link.delivered(size);
        }
        Ok(())
    }
}
