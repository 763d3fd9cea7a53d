//! The server of the tests: packets as bytes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::dialect::{Server, Transport};

/// A listener on a free port of the loopback interface.
pub struct Serving(TcpListener);

/// One client.
pub struct Peer(TcpStream);

/// One packet: its first byte, and what follows its length.
pub struct Packet {
    pub first: u8,
    pub body: Vec<u8>,
}

impl Serving {
    pub async fn start() -> Serving {
        Serving(TcpListener::bind("127.0.0.1:0").await.expect("a free port"))
    }

    pub fn address(&self) -> Server {
        let port = self.0.local_addr().expect("an address").port();
        Server { transport: Transport::Mqtt, host: "127.0.0.1".into(), port, path: String::new() }
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = self.0.accept().await.expect("a client");
        stream.set_nodelay(true).expect("nodelay");
        Peer(stream)
    }
}

impl Peer {
    /// The next packet; `None` at the end of the connection.
    pub async fn try_read(&mut self) -> Option<Packet> {
        let first = self.0.read_u8().await.ok()?;
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = self.0.read_u8().await.ok()?;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.ok()?;
        Some(Packet { first, body })
    }

    pub async fn read(&mut self) -> Packet {
        tokio::time::timeout(super::PATIENCE, self.try_read()).await.expect("a packet in time").expect("a packet")
    }

    /// Writes bytes; a client that has gone is not the server's trouble.
    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// Sends a message with QoS 0.
    pub async fn publish(&mut self, topic: &str, payload: &[u8]) {
        let mut left = 2 + topic.len() + payload.len();
        let mut packet = vec![0x30];
        loop {
            let byte = (left & 0x7f) as u8;
            left >>= 7;
            packet.push(if left > 0 { byte | 0x80 } else { byte });
            if left == 0 {
                break;
            }
        }
        packet.extend_from_slice(&(topic.len() as u16).to_be_bytes());
        packet.extend_from_slice(topic.as_bytes());
        packet.extend_from_slice(payload);
        self.write(&packet).await;
    }

    /// Answers CONNECT and the first SUBSCRIBE. The CONNECT.
    pub async fn let_in(&mut self) -> Packet {
        let connect = self.read().await;
        assert_eq!(connect.first, 0x10);
        self.write(&[0x20, 2, 0, 0]).await;
        let subscribe = self.read().await;
        assert_eq!(subscribe.first, 0x82);
        self.write(&[0x90, 3, subscribe.body[0], subscribe.body[1], 1]).await;
        connect
    }
}
