//! Files of captured packets: the classic format of `tcpdump -w`, and pcapng. Only what is needed to get at the bytes of
//! each packet and its time; protocols below the frames are left to whoever looks for frames in them.

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Microseconds since 1970.
    pub micros: u64,
    /// Its bytes, link layer included.
    pub bytes: Vec<u8>,
}

/// The packets of a file; nothing where it is none of these formats.
pub fn packets(file: &[u8]) -> Option<Vec<Packet>> {
    match file.get(..4)? {
        [0xd4, 0xc3, 0xb2, 0xa1] => Some(classic(file, false, 1)),
        [0xa1, 0xb2, 0xc3, 0xd4] => Some(classic(file, true, 1)),
        [0x4d, 0x3c, 0xb2, 0xa1] => Some(classic(file, false, 1_000)),
        [0xa1, 0xb2, 0x3c, 0x4d] => Some(classic(file, true, 1_000)),
        [0x0a, 0x0d, 0x0d, 0x0a] => Some(blocks(file)),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn classic(file: &[u8], big: bool, per_micro: u64) -> Vec<Packet> {
    let mut all = Vec::new();
    let mut at = 24;
    while let (Some(seconds), Some(part), Some(length)) =
        (number(file, at, big), number(file, at + 4, big), number(file, at + 8, big))
    {
        let Some(bytes) = file.get(at + 16..(at + 16).saturating_add(size(length))) else { break };
        let micros = u64::from(seconds) * 1_000_000 + u64::from(part) / per_micro;
        all.push(Packet { micros, bytes: bytes.to_vec() });
        at += 16 + bytes.len();
    }
    all
}

/// pcapng: enhanced packet blocks; the time stamps are taken for microseconds, which is what is written by default.
fn blocks(file: &[u8]) -> Vec<Packet> {
    let big = file.get(8..12) == Some(&[0x1a, 0x2b, 0x3c, 0x4d]);
    let mut all = Vec::new();
    let mut at = 0;
    while let (Some(kind), Some(length)) = (number(file, at, big), number(file, at + 4, big)) {
        if size(length) < 12 {
            break;
        }
        let packet = || {
            let (high, low) = (number(file, at + 12, big)?, number(file, at + 16, big)?);
            let captured = size(number(file, at + 20, big)?);
            let bytes = file.get(at + 28..(at + 28).checked_add(captured)?)?;
            Some(Packet { micros: u64::from(high) << 32 | u64::from(low), bytes: bytes.to_vec() })
        };
        if kind == 6 {
            all.extend(packet());
        }
        at = at.saturating_add(size(length));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_of_both_formats_are_read() {
        let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1];
        file.extend([0; 20]);
        for part in [1u32, 500_000, 3, 3] {
            file.extend(part.to_le_bytes());
        }
        file.extend([7, 8, 9]);
        assert_eq!(packets(&file), Some(vec![Packet { micros: 1_500_000, bytes: vec![7, 8, 9] }]));
        file.truncate(file.len() - 1);
        assert_eq!(packets(&file), Some(Vec::new()), "a cut packet is none");

        let mut file = vec![0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a];
        file.extend([0; 16]);
        for part in [6u32, 36, 0, 0, 1_500_000, 3, 3] {
            file.extend(part.to_le_bytes());
        }
        file.extend([7, 8, 9, 0]);
        file.extend(36u32.to_le_bytes());
        assert_eq!(packets(&file), Some(vec![Packet { micros: 1_500_000, bytes: vec![7, 8, 9] }]));
        assert_eq!(packets(b"00000003"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(kind in 0usize..5, rest: Vec<u8>) {
            let heads = [[0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0xc3, 0xd4], [0x4d, 0x3c, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d], [0x0a, 0x0d, 0x0d, 0x0a]];
            let file = [heads[kind].to_vec(), rest].concat();
            let _ = packets(&file);
        }
    }
}
