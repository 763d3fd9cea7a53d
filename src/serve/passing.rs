//! Finds PINGREQ and DISCONNECT in a stream of MQTT packets.
//!
//! The embedded broker tells nobody of a PINGREQ, and some platforms count them. It notes a DISCONNECT and then waits for
//! the client to close; the standard has the server close (OASIS MQTT 3.1.1, section 3.14.4), and some clients wait for
//! that. Only the frames are followed here: a byte that tells the type, a length of one to four bytes, a body.

const PINGREQ: u8 = 0xc0;
const DISCONNECT: u8 = 0xe0;

/// What was found in some bytes of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// So many pings.
    pub pings: usize,
    /// Whether the client said DISCONNECT. What follows it is not looked at.
    pub goodbye: bool,
}

/// Where in a packet the stream is.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Before its first byte.
    Start,
    /// Within its length: the first byte, the length so far, and the weight of the next seven bits.
    Length { first: u8, value: usize, shift: u32 },
    /// Within its body, so many bytes before its end.
    Body(usize),
    /// Not MQTT any more; the broker will close.
    Lost,
}

/// Follows a stream from the end of its CONNECT on.
#[derive(Debug)]
pub(super) struct Passing(Place);

impl Passing {
    pub const fn new() -> Passing {
        Passing(Place::Start)
    }

    /// Takes the next bytes of the stream; tells what was among them.
    pub fn passes(&mut self, bytes: &[u8]) -> Found {
        let mut found = Found::default();
        let mut rest = bytes;
        while let Some((byte, after)) = rest.split_first() {
            (self.0, rest) = match self.0 {
                Place::Start => (Place::Length { first: *byte, value: 0, shift: 0 }, after),
                Place::Length { first, value, shift } => {
                    let value = value | usize::from(byte & 0x7f) << shift;
                    match (byte & 0x80 == 0, shift) {
                        (true, _) if first == DISCONNECT => return Found { goodbye: true, ..found },
                        (true, _) if value == 0 => {
                            found.pings += usize::from(first == PINGREQ);
                            (Place::Start, after)
                        }
                        (true, _) => (Place::Body(value), after),
                        (false, 21) => (Place::Lost, after),
                        (false, _) => (Place::Length { first, value, shift: shift + 7 }, after),
                    }
                }
                Place::Body(left) => match rest.get(left..) {
                    Some(next) => (Place::Start, next),
                    None => (Place::Body(left - rest.len()), Default::default()),
                },
                Place::Lost => return found,
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(stream: &[u8], step: usize) -> bool {
        let mut passing = Passing::new();
        stream.chunks(step).any(|chunk| passing.passes(chunk).goodbye)
    }

    #[test]
    fn every_ping_is_counted_once_and_a_payload_holds_none() {
        let mut stream = b"\xc0\0\x30\x08\0\x01t\xc0\0\xc0\0\xc0".to_vec();
        stream.extend_from_slice(b"\xc0\0\xc0\0");
        for step in 1..=stream.len() {
            let mut passing = Passing::new();
            let pings: usize = stream.chunks(step).map(|chunk| passing.passes(chunk).pings).sum();
            assert_eq!(pings, 3, "{step}");
        }
    }

    #[test]
    fn a_disconnect_is_found_however_the_stream_is_cut() {
        let mut stream = b"\xc0\0\x30\x84\x01\0\x01t".to_vec();
        stream.resize(stream.len() + 129, 0xe0);
        assert!((1..=stream.len()).all(|step| !found(&stream, step)), "found in a payload");
        stream.extend_from_slice(b"\xe0\0");
        assert!((1..=stream.len()).all(|step| found(&stream, step)));
    }

    #[test]
    fn a_length_that_is_none_is_not_followed() {
        assert!(!found(b"\x30\xff\xff\xff\xff\xe0\0", 3));
    }
}
