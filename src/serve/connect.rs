//! The CONNECT packet, as far as the door of the simulated cloud has to read and rewrite it.
//!
//! Layout: OASIS MQTT 3.1.1, section 3.1; MQTT 3.1 differs in the protocol name (`MQIsdp`) and the level (3).

/// The largest CONNECT that is read, in bytes: five fields of 65,535 bytes, their lengths and the fixed parts.
pub(super) const MAX_CONNECT: usize = 5 * 65_537 + 16;

const CLEAN_SESSION: u8 = 0b0000_0010;
const WILL: u8 = 0b0000_0100;
const PASSWORD: u8 = 0b0100_0000;
const USERNAME: u8 = 0b1000_0000;

/// A CONNECT, taken apart.
pub(super) struct ConnectPacket {
    pub level: u8,
    pub clean_session: bool,
    pub keep_alive: u16,
    pub client_id: String,
    pub will: bool,
    pub username: String,
    pub password: Vec<u8>,
}

/// What the bytes received so far are.
pub(super) enum Progress {
    /// Not a whole packet yet.
    More,
    /// A CONNECT, and how many bytes it took.
    Connect(ConnectPacket, usize),
    /// A CONNECT of a protocol level that is not spoken here.
    Level(u8),
    /// Something else: the connection is closed without an answer, as the standard asks.
    Nonsense,
}

/// Reads a CONNECT from the start of `bytes`.
pub(super) fn parse(bytes: &[u8]) -> Progress {
    if bytes.first().is_some_and(|first| *first != 0x10) {
        return Progress::Nonsense;
    }
    let (length, header) = match remaining_length(bytes.get(1..).unwrap_or_default()) {
        Some(Ok(found)) => found,
        Some(Err(())) => return Progress::Nonsense,
        None => return Progress::More,
    };
    if length > MAX_CONNECT {
        return Progress::Nonsense;
    }
    let end = 1 + header + length;
    let Some(body) = bytes.get(1 + header..end) else { return Progress::More };
    match read_body(body) {
        Some(Ok(packet)) => Progress::Connect(packet, end),
        Some(Err(level)) => Progress::Level(level),
        None => Progress::Nonsense,
    }
}

/// The variable-length number (section 2.2.3) and its size; `None` where bytes are missing.
fn remaining_length(bytes: &[u8]) -> Option<Result<(usize, usize), ()>> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(Ok((value, index + 1)));
        }
    }
    if bytes.len() < 4 { None } else { Some(Err(())) }
}

fn read_body(body: &[u8]) -> Option<Result<ConnectPacket, u8>> {
    let mut rest = body;
    let name = field(&mut rest)?;
    let level = byte(&mut rest)?;
    if !matches!((name, level), (b"MQTT", 4) | (b"MQIsdp", 3)) {
        return matches!(name, b"MQTT" | b"MQIsdp").then_some(Err(level));
    }
    let flags = byte(&mut rest)?;
    let keep_alive = u16::from_be_bytes([byte(&mut rest)?, byte(&mut rest)?]);
    let client_id = text(&mut rest)?;
    if flags & WILL != 0 {
        field(&mut rest)?;
        field(&mut rest)?;
    }
    let username = if flags & USERNAME == 0 { String::new() } else { text(&mut rest)? };
    let password = if flags & PASSWORD == 0 { Vec::new() } else { field(&mut rest)?.to_vec() };
    Some(Ok(ConnectPacket {
        level,
        clean_session: flags & CLEAN_SESSION != 0,
        keep_alive,
        client_id,
        will: flags & WILL != 0,
        username,
        password,
    }))
}

fn byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(*first)
}

fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(u16::from_be_bytes([byte(rest)?, byte(rest)?]));
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    std::str::from_utf8(field(rest)?).ok().map(str::to_owned)
}

/// The CONNECT that the broker gets instead: the same level, a name of our own, no will, no login; the keep-alive that
/// the platform holds the client to, in seconds.
pub(super) fn rewritten(packet: &ConnectPacket, name: &str, keep_alive: u16) -> Vec<u8> {
    let protocol: &[u8] = if packet.level == 3 { b"\0\x06MQIsdp" } else { b"\0\x04MQTT" };
    let mut body = protocol.to_vec();
    body.push(packet.level);
    body.push(CLEAN_SESSION);
    body.extend_from_slice(&keep_alive.to_be_bytes());
    // The name is a number and a key in hex: far below 100 bytes, so the length takes one byte.
    body.extend_from_slice(&u16::try_from(name.len()).unwrap_or_default().to_be_bytes());
    body.extend_from_slice(name.as_bytes());
    let mut bytes = vec![0x10, u8::try_from(body.len()).unwrap_or_default()];
    bytes.append(&mut body);
    bytes
}

/// A CONNACK with a return code.
pub(super) const fn connack(code: u8) -> [u8; 4] {
    [0x20, 0x02, 0x00, code]
}

/// The CONNACK of MQTT 5 for a protocol version that is not spoken here (0x84).
pub(super) const CONNACK_V5_UNSUPPORTED: [u8; 5] = [0x20, 0x03, 0x00, 0x84, 0x00];

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut body = b"\0\x04MQTT\x04\xc6\0\x3c\0\x02id\0\x01t\0\x01w\0\x04user\0\x02\xff\0".to_vec();
        let mut bytes = vec![0x10, u8::try_from(body.len()).unwrap()];
        bytes.append(&mut body);
        bytes
    }

    #[test]
    fn every_field_is_read_and_the_length_is_exact() {
        let mut bytes = sample();
        let len = bytes.len();
        bytes.extend_from_slice(b"more");
        let Progress::Connect(packet, used) = parse(&bytes) else { panic!("not read") };
        assert_eq!(used, len);
        assert_eq!((packet.level, packet.keep_alive, packet.clean_session, packet.will), (4, 60, true, true));
        assert_eq!((packet.client_id.as_str(), packet.username.as_str()), ("id", "user"));
        assert_eq!(packet.password, [0xff, 0]);
    }

    #[test]
    fn a_prefix_wants_more_and_never_panics() {
        let bytes = sample();
        for end in 0..bytes.len() {
            assert!(matches!(parse(&bytes[..end]), Progress::More), "{end}");
        }
    }

    #[test]
    fn what_is_not_a_connect_is_refused_at_its_first_byte() {
        assert!(matches!(parse(b"GET / HTTP/1.1\r\n"), Progress::Nonsense));
        assert!(matches!(parse(&[0x10, 0xff, 0xff, 0xff, 0xff]), Progress::Nonsense));
        assert!(matches!(parse(&[0x10, 0x02, 0, 9]), Progress::Nonsense));
    }

    #[test]
    fn another_protocol_level_is_named() {
        assert!(matches!(parse(b"\x10\x07\0\x04MQTT\x05"), Progress::Level(5)));
    }

    #[test]
    fn the_rewritten_packet_keeps_level_and_keep_alive_only() {
        let Progress::Connect(packet, _) = parse(&sample()) else { panic!("not read") };
        let bytes = rewritten(&packet, "7-abc", 600);
        let Progress::Connect(copy, used) = parse(&bytes) else { panic!("not read") };
        assert_eq!(used, bytes.len());
        assert_eq!((copy.level, copy.keep_alive, copy.client_id.as_str()), (4, 600, "7-abc"));
        assert!(copy.username.is_empty() && copy.password.is_empty() && !copy.will && copy.clean_session);
    }
}
