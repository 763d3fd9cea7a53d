//! The few MQTT packets that a checkup needs, as bytes (MQTT 3.1.1, chapter 3).
//!
//! The client of the link keeps its packets to itself; here every single one is timed, and what comes instead of an
//! answer is looked at.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::dialect::{MqttLevel, Plan, Subscription};

/// The largest packet that is read.
const LARGEST: usize = 1024 * 1024;

/// A packet from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Type and flags.
    pub first: u8,
    /// What follows the length.
    pub body: Vec<u8>,
}

/// Why there is no packet.
#[derive(Debug)]
pub enum NoPacket {
    /// The server closed the connection.
    Closed,
    /// The time is over.
    Late,
    /// Something else came: the first bytes of it.
    Foreign(Vec<u8>),
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    // Longer texts cannot be written; the rules have said so before.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(text.get(..usize::from(length)).unwrap_or_default());
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![first];
    let mut left = body.len();
    loop {
        let low = u8::try_from(left & 0x7f).unwrap_or_default();
        left >>= 7;
        out.push(if left > 0 { low | 0x80 } else { low });
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(body);
    out
}

/// CONNECT as planned.
pub fn connect(plan: &Plan) -> Vec<u8> {
    let mut body = Vec::new();
    let (name, level): (&[u8], u8) = match plan.level {
        MqttLevel::V31 => (b"MQIsdp", 3),
        MqttLevel::V311 => (b"MQTT", 4),
    };
    text(&mut body, name);
    let has_name = !plan.username.is_empty();
    let has_password = has_name && !plan.password.is_empty();
    let flags = u8::from(has_name) << 7 | u8::from(has_password) << 6 | u8::from(plan.clean_session) << 1;
    body.extend_from_slice(&[level, flags]);
    body.extend_from_slice(&u16::try_from(plan.keep_alive.as_secs()).unwrap_or(u16::MAX).to_be_bytes());
    text(&mut body, plan.client_id.as_bytes());
    if has_name {
        text(&mut body, plan.username.as_bytes());
    }
    if has_password {
        text(&mut body, plan.password.expose().as_bytes());
    }
    packet(0x10, &body)
}

/// SUBSCRIBE of one filter.
pub fn subscribe(id: u16, subscription: &Subscription) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    text(&mut body, subscription.filter.as_bytes());
    body.push(subscription.qos);
    packet(0x82, &body)
}

/// PUBLISH with QoS 0.
pub fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, topic.as_bytes());
    body.extend_from_slice(payload);
    packet(0x30, &body)
}

/// Topic and payload of a PUBLISH.
pub fn published(packet: &Packet) -> Option<(&str, &[u8])> {
    let (length, rest) = packet.body.split_first_chunk::<2>()?;
    let (topic, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    let id = if packet.first & 0x06 == 0 { 0 } else { 2 };
    Some((std::str::from_utf8(topic).ok()?, rest.get(id..)?))
}

/// PINGREQ.
pub const PING: &[u8] = &[0xc0, 0];
/// DISCONNECT.
pub const DISCONNECT: &[u8] = &[0xe0, 0];

/// Writes bytes; a peer that does not take them within `limit` has gone.
pub async fn write<S: AsyncWrite + Unpin>(socket: &mut S, bytes: &[u8], limit: Duration) -> Result<(), NoPacket> {
    let work = async {
        socket.write_all(bytes).await?;
        socket.flush().await
    };
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(NoPacket::Closed),
        Err(_) => Err(NoPacket::Late),
    }
}

/// The next packet of one of the given types; what the platform publishes meanwhile is acknowledged and passed over.
pub async fn read<S>(socket: &mut S, wanted: &[u8], limit: Duration) -> Result<Packet, NoPacket>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let work = async {
        loop {
            let packet = one(socket).await?;
            if let Some([high, low]) = id_to_acknowledge(&packet) {
                write(socket, &[0x40, 2, high, low], limit).await?;
            }
            if wanted.contains(&(packet.first >> 4)) {
                return Ok(packet);
            }
        }
    };
    tokio::time::timeout(limit, work).await.unwrap_or(Err(NoPacket::Late))
}

/// The packet id of a PUBLISH with QoS 1.
fn id_to_acknowledge(packet: &Packet) -> Option<[u8; 2]> {
    if packet.first & 0xf6 != 0x32 {
        return None;
    }
    let (length, rest) = packet.body.split_first_chunk::<2>()?;
    rest.get(usize::from(u16::from_be_bytes(*length))..)?.first_chunk::<2>().copied()
}

async fn one<S: AsyncRead + Unpin>(socket: &mut S) -> Result<Packet, NoPacket> {
    let mut byte = async || socket.read_u8().await.map_err(|_| NoPacket::Closed);
    let first = byte().await?;
    let mut seen = vec![first];
    let (mut length, mut shift) = (0_usize, 0);
    loop {
        let next = byte().await?;
        seen.push(next);
        length |= usize::from(next & 0x7f) << shift;
        shift += 7;
        if next & 0x80 == 0 {
            break;
        }
        if shift > 21 {
            return Err(NoPacket::Foreign(seen));
        }
    }
    // What a server sends is CONNACK, PUBLISH, PUBACK … PINGRESP; `HTTP/1.1` and alerts of TLS are not among them.
    let kind = first >> 4;
    let plausible = matches!(kind, 2..=7 | 9 | 11 | 13) && (kind == 3 || kind == 6 || first & 0x0f == 0);
    if !plausible || length > LARGEST {
        return Err(NoPacket::Foreign(seen));
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.map_err(|_| NoPacket::Closed)?;
    Ok(Packet { first, body })
}
