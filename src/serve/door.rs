//! The door of the simulated cloud: one listener per endpoint, in front of the embedded broker.
//!
//! 1. The door reads the CONNECT of a connection (and unwraps TLS) and asks the simulated cloud. The broker's own hook
//!    knows two refusals only; the door answers with the very CONNACK code that the platform wants.
//! 2. A client that is let in is passed to the broker under a name of its own. The broker keeps one session per MQTT
//!    client id, but platforms keep one per identity: two devices of different products may have the same client id.
//! 3. The will is left out (no platform here documents one; the dialect sees the flag and may refuse it), and sessions
//!    are always clean (no platform here keeps messages for a client that is away).
//! 4. From then on bytes go through unchanged. Closing the door's end closes the connection at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::dialect::cloud::Connect;
use crate::serve::connect::{CONNACK_V5_UNSUPPORTED, ConnectPacket, Progress, connack, parse, rewritten};
use crate::serve::front::{Front, HANDSHAKE, Pipe};
use crate::serve::link::Link;
use crate::serve::passing::{Found, Passing};
use crate::serve::texts;
use crate::sim::Happening;

/// How long the rest of a conversation is waited for after one side has closed.
const FAREWELL: Duration = Duration::from_secs(2);
/// Bytes carried at once in each direction.
const CHUNK: usize = 64 * 1024;

/// The door of one listener.
#[derive(Clone)]
pub(super) struct Door {
    pub front: Front,
    pub broker: SocketAddr,
}

impl Door {
    /// Speaks with one client until it has gone.
    pub async fn admit(self, mut stream: Box<dyn Pipe>, peer: SocketAddr) {
        let mut received = Vec::new();
        let read = self.read_connect(&mut stream, &mut received, peer);
        let (packet, used) = match tokio::time::timeout(HANDSHAKE, read).await {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(_) => return self.front.rejected(texts::TOO_SLOW.with(&[&HANDSHAKE.as_secs()]), peer),
        };
        let link = match self.ask(&packet, peer) {
            Ok(link) => link,
            Err(code) => return refuse(&mut stream, &connack(code)).await,
        };
        let keep_alive = link.manners.keep_alive.unwrap_or(packet.keep_alive);
        let pipelined = received.get(used..).unwrap_or_default();
        let opened = async {
            let mut broker = TcpStream::connect(self.broker).await?;
            broker.set_nodelay(true)?;
            broker.write_all(&rewritten(&packet, &link.name(), keep_alive)).await?;
            broker.write_all(pipelined).await?;
            std::io::Result::Ok(broker)
        };
        match opened.await {
            Ok(broker) => {
                tokio::select! {
                    () = self.splice(&link, stream, broker, pipelined) => {}
                    () = link.close.notified() => {}
                }
                // Nothing happens here where the broker has told of the end already.
                self.front.hub.gone(&link, texts::LEFT.into());
            }
            Err(_) => {
                self.front.hub.gone(&link, texts::NEVER_STARTED.into());
                refuse(&mut stream, &connack(3)).await;
            }
        }
    }

    /// Reads until a CONNECT is complete. `None` where there is none, or it was answered already.
    async fn read_connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        received: &mut Vec<u8>,
        peer: SocketAddr,
    ) -> Option<(ConnectPacket, usize)> {
        loop {
            match parse(received) {
                Progress::More => {
                    // A connection that breaks has ended like one that is closed.
                    if stream.read_buf(received).await.unwrap_or(0) == 0 {
                        self.front.rejected(texts::LEFT_EARLY.with(&[&received.len()]), peer);
                        return None;
                    }
                }
                Progress::Connect(packet, used) => return Some((packet, used)),
                Progress::Level(level) => {
                    self.tell_refused(1, texts::BAD_VERSION.with(&[&level]), String::new(), peer);
                    match level {
                        5 => refuse(stream, &CONNACK_V5_UNSUPPORTED).await,
                        _ => refuse(stream, &connack(1)).await,
                    }
                    return None;
                }
                Progress::Nonsense => {
                    let start = crate::base::hex::encode(received.get(..8).unwrap_or(received));
                    self.front.rejected(texts::NOT_MQTT.with(&[&start]), peer);
                    return None;
                }
            }
        }
    }

    fn ask(&self, packet: &ConnectPacket, peer: SocketAddr) -> Result<Arc<Link>, u8> {
        if packet.client_id.is_empty() && !packet.clean_session {
            self.tell_refused(2, texts::EMPTY_ID.into(), packet.username.clone(), peer);
            return Err(2);
        }
        let connect = Connect {
            endpoint: self.front.endpoint,
            client_id: &packet.client_id,
            username: &packet.username,
            password: &packet.password,
            keep_alive: packet.keep_alive,
            clean_session: packet.clean_session,
            level: packet.level,
            will: packet.will,
            tls: self.front.tls.is_some(),
        };
        self.front.hub.connect(&connect, &peer.to_string())
    }

    fn tell_refused(&self, connack: u8, reason: crate::base::lang::Phrase, identity: String, peer: SocketAddr) {
        self.front.tell(Happening::Refused { connack, code: String::new(), reason }, identity, peer);
    }

    /// Carries bytes both ways until the broker closes, or the client closes or says DISCONNECT and the broker had the time
    /// to read the rest.
    /// `pipelined` is what followed the CONNECT at once; the broker has it already.
    async fn splice(&self, link: &Link, client: Box<dyn Pipe>, broker: TcpStream, pipelined: &[u8]) {
        let mut passing = Passing::new();
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_broker, mut to_broker) = broker.into_split();
        let inward = async {
            let mut buffer = vec![0; CHUNK];
            let mut left = self.heard(link, passing.passes(pipelined));
            while !left {
                // Either end may go at any moment, which is an end like any other.
                let count = from_client.read(&mut buffer).await.unwrap_or(0);
                let bytes = buffer.get(..count).unwrap_or_default();
                left = bytes.is_empty()
                    || to_broker.write_all(bytes).await.is_err()
                    || self.heard(link, passing.passes(bytes));
            }
            let _ = to_broker.shutdown().await;
        };
        let outward = async {
            let mut buffer = tokio::io::BufReader::with_capacity(CHUNK, &mut from_broker);
            let _ = tokio::io::copy_buf(&mut buffer, &mut to_client).await;
            let _ = to_client.shutdown().await;
        };
        tokio::pin!(inward, outward);
        tokio::select! {
            () = &mut outward => {}
            () = &mut inward => {
                let _ = tokio::time::timeout(FAREWELL, outward).await;
            }
        }
    }

    /// Tells of pings; gives whether the client said goodbye.
    fn heard(&self, link: &Link, found: Found) -> bool {
        for _ in 0..found.pings {
            self.front.hub.pinged(link);
        }
        found.goodbye
    }
}

async fn refuse<S: AsyncWrite + Unpin>(stream: &mut S, packet: &[u8]) {
    // A client that has gone needs no answer.
    if stream.write_all(packet).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}
