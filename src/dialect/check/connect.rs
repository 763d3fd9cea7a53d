//! A CONNECT packet as bytes (MQTT 3.1.1, section 3.1), read from a hex dump.

use crate::base::hex;
use crate::base::secret::Secret;

/// What a CONNECT packet holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectPacket {
    /// Protocol name, `MQTT` or `MQIsdp`.
    pub protocol: String,
    /// Protocol level.
    pub level: u8,
    /// Connect flags.
    pub flags: u8,
    /// Keep-alive, seconds.
    pub keep_alive: u16,
    /// Client id.
    pub client_id: String,
    /// User name.
    pub username: Option<String>,
    /// Password, as text.
    pub password: Option<Secret>,
}

impl ConnectPacket {
    /// Whether the clean session flag is set.
    pub const fn is_clean(&self) -> bool {
        self.flags & 0x02 != 0
    }

    /// Reads a packet; `None` where the bytes are no complete CONNECT. What follows it is ignored.
    pub fn parse(bytes: &[u8]) -> Option<ConnectPacket> {
        let (&0x10, rest) = bytes.split_first()? else { return None };
        let length_bytes = rest.iter().take(4).position(|byte| byte & 0x80 == 0)? + 1;
        let (length, body) = rest.split_at_checked(length_bytes)?;
        let length = length.iter().rev().fold(0_usize, |sum, byte| (sum << 7) | usize::from(byte & 0x7f));
        let mut left = body.get(..length)?;
        let protocol = text(&mut left)?;
        if !matches!(protocol.as_str(), "MQTT" | "MQIsdp") {
            return None;
        }
        let (&[level, flags, high, low], after) = left.split_first_chunk::<4>()?;
        left = after;
        if level >= 5 {
            skip_properties(&mut left)?;
        }
        let client_id = text(&mut left)?;
        if flags & 0x04 != 0 {
            if level >= 5 {
                skip_properties(&mut left)?;
            }
            field(&mut left)?;
            field(&mut left)?;
        }
        let username = if flags & 0x80 != 0 { Some(text(&mut left)?) } else { None };
        let password = if flags & 0x40 != 0 { Some(Secret::new(text(&mut left)?)) } else { None };
        let keep_alive = u16::from_be_bytes([high, low]);
        Some(ConnectPacket { protocol, level, flags, keep_alive, client_id, username, password })
    }

    /// Reads a packet from hex as people paste it: plain, with separators, or as the dump of a tool with offsets on the
    /// left and characters on the right.
    pub fn from_hex(text: &str) -> Option<ConnectPacket> {
        let plain = hex::parse(text).ok().and_then(|bytes| Self::parse(&bytes));
        plain.or_else(|| Self::parse(&from_dump(text)?))
    }
}

/// The bytes of a dump: of every line the groups of two hex digits behind the offset, at most sixteen.
fn from_dump(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let line = line.split('|').next().unwrap_or_default();
        let mut words = line.split_whitespace().peekable();
        if words.peek().is_some_and(|word| word.trim_end_matches(':').len() >= 4) {
            words.next();
        }
        let start = bytes.len();
        for word in words {
            let digits = word.len() == 2 || word.len() == 4;
            let Some(read) = hex::parse(word).ok().filter(|_| digits && bytes.len() - start < 16) else { break };
            bytes.extend(read);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn field<'a>(left: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = left.split_first_chunk::<2>()?;
    let (found, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    *left = rest;
    Some(found)
}

fn text(left: &mut &[u8]) -> Option<String> {
    field(left).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

fn skip_properties(left: &mut &[u8]) -> Option<()> {
    let length_bytes = left.iter().take(4).position(|byte| byte & 0x80 == 0)? + 1;
    let (length, rest) = left.split_at_checked(length_bytes)?;
    let length = length.iter().rev().fold(0_usize, |sum, byte| (sum << 7) | usize::from(byte & 0x7f));
    *left = rest.get(length..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made from the seed's example: client id `12345|…|`, user `device&pk`, keep-alive 300.
    const PACKET: &str = "107600044d51545404c2012c003531323334357c7365637572656d6f64653d332c7369676e6d6574686f643d686d\
        6163736861312c74696d657374616d703d3738397c000964657669636526706b0028464146443832413344363032423337464230464138\
        42373839324632344134373746383531413134";

    #[test]
    fn a_packet_gives_the_triple_and_its_settings() {
        let packet = ConnectPacket::from_hex(PACKET).unwrap();
        assert_eq!(packet.client_id, "12345|securemode=3,signmethod=hmacsha1,timestamp=789|");
        assert_eq!(packet.username.as_deref(), Some("device&pk"));
        assert_eq!(packet.password.as_ref().map(Secret::expose), Some("FAFD82A3D602B37FB0FA8B7892F24A477F851A14"));
        assert_eq!((packet.level, packet.keep_alive, packet.is_clean()), (4, 300, true));
    }

    #[test]
    fn a_dump_with_offsets_and_characters_is_read() {
        let bytes = hex::parse(PACKET).unwrap();
        let dump: String = bytes
            .chunks(16)
            .enumerate()
            .map(|(line, chunk)| {
                let hex: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{:08x}  {}  |................|\n", line * 16, hex.join(" "))
            })
            .collect();
        assert_eq!(ConnectPacket::from_hex(&dump), ConnectPacket::from_hex(PACKET));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, text: String) {
            let _ = ConnectPacket::parse(&bytes);
            let _ = ConnectPacket::from_hex(&text);
        }
    }
}
