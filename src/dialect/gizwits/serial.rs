//! Frames between the module and the microcontroller of a device: `FFFF | length(2) | command | sn | flags(2) | payload |
//! sum`, where every FF behind the head is followed by 55 on the wire (giz-docs, Uart_Protocol; GoKit, `protocol.h`).
//!
//! The length counts command to sum; the sum is the low byte of the sum of length to payload.

mod fields;

use std::ops::Range;

use crate::base::lang::{Phrase, Text};

pub use fields::{dissect, state_bit};

/// What every frame begins with; nowhere else do two FF follow each other.
pub const HEAD: [u8; 2] = [0xff, 0xff];

/// Command, sn, flags and sum.
const SHORTEST: usize = 5;

const CUT: Text = Text::new("the length says {}, {} bytes follow", "长度为 {}，其后只有 {} 字节");
const LONG: Text = Text::new(
    "the length says {}, {} bytes follow before the next frame: write {}",
    "长度为 {}，但到下一帧之前共有 {} 字节：应写 {}",
);
const SWAPPED: Text =
    Text::new("the length is in little-endian order: swapped it is {}", "长度按小端写了：交换后为 {}");
const SHORT: Text = Text::new(
    "the length says {}, command, sn, flags and sum alone are 5",
    "长度为 {}，仅命令、sn、flags 与校验和就需要 5",
);
const NO_LENGTH: Text = Text::new("a length of two bytes is missing", "缺少两字节的长度");
const BAD_SUM: Text = Text::new("the sum is {}, the bytes add up to {}", "校验和为 {}，按内容计算应为 {}");
const NO_ESCAPE: Text =
    Text::new("FF is not followed by 55, as every FF behind the head must be", "FF 之后缺少转义字节 55");
const NO_HEAD: Text = Text::new("{} bytes that belong to no frame FFFF", "有 {} 字节不属于任何 FFFF 帧");

const COMMANDS: [Text; 18] = [
    Text::new("device information query", "查询设备信息"),
    Text::new("device information", "设备信息应答"),
    Text::new("business data, module to MCU", "业务指令（模组→MCU）"),
    Text::new("business data acknowledged by the MCU", "业务指令应答（MCU→模组）"),
    Text::new("business data, MCU to module", "业务指令（MCU→模组）"),
    Text::new("business data acknowledged by the module", "业务指令应答（模组→MCU）"),
    Text::new("heartbeat", "心跳"),
    Text::new("heartbeat answer", "心跳应答"),
    Text::new("start of provisioning", "进入配网"),
    Text::new("start of provisioning confirmed", "进入配网应答"),
    Text::new("module reset", "重置模组"),
    Text::new("module reset confirmed", "重置模组应答"),
    Text::new("state of the module", "模组工作状态"),
    Text::new("state of the module confirmed", "模组工作状态应答"),
    Text::new("reboot of the MCU", "重启 MCU"),
    Text::new("reboot of the MCU confirmed", "重启 MCU 应答"),
    Text::new("invalid message", "非法消息通知"),
    Text::new("invalid message confirmed", "非法消息通知应答"),
];

/// What a command is.
pub fn name(command: u8) -> Option<Text> {
    COMMANDS.get(usize::from(command).checked_sub(1)?).copied()
}

/// One frame, with its bytes as they were before they were escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The bytes of the wire, counted from the start of what was read.
    pub wire: Range<usize>,
    /// Length to sum, without escapes.
    bytes: Vec<u8>,
    /// For each of these bytes where it stands on the wire.
    places: Vec<usize>,
    /// What is wrong, with its place on the wire.
    pub faults: Vec<(Range<usize>, Phrase)>,
}

impl Frame {
    /// Bytes by their place behind the head: 0 is the length, 2 the command, 3 the sn, 4 the flags, 6 the payload.
    pub fn part(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range.start..range.end.min(self.bytes.len())).unwrap_or_default()
    }

    /// Where these bytes stand on the wire, their escapes included.
    pub fn place(&self, range: &Range<usize>) -> Range<usize> {
        let at = |index: usize| self.places.get(index).copied().unwrap_or(self.wire.end);
        at(range.start)..at(range.end)
    }

    /// The command, where the frame reaches that far.
    pub fn command(&self) -> Option<u8> {
        self.bytes.get(2).copied()
    }

    /// Where the payload stands behind the head.
    pub fn payload(&self) -> Range<usize> {
        6..self.bytes.len().saturating_sub(1).max(6)
    }

    /// The frame without escapes, its head included.
    pub fn plain(&self) -> Vec<u8> {
        [&HEAD, self.bytes.as_slice()].concat()
    }

    /// Business data, where the command carries some.
    pub fn p0(&self) -> Option<&[u8]> {
        let data = self.part(self.payload());
        // The answer to a question for the state comes with the acknowledgement (GoKit).
        (matches!(self.command(), Some(0x03..=0x06)) && !data.is_empty()).then_some(data)
    }

    /// Whether its length says that more bytes follow.
    pub fn is_cut(&self) -> bool {
        let said = self.bytes.first_chunk::<2>().map(|length| usize::from(u16::from_be_bytes(*length)));
        said.is_none_or(|said| said >= SHORTEST && said + 2 > self.bytes.len())
    }

    fn check(&mut self) {
        let Some(length) = self.bytes.first_chunk::<2>() else {
            self.faults.push((self.wire.clone(), NO_LENGTH.into()));
            return;
        };
        let said = usize::from(u16::from_be_bytes(*length));
        let follow = self.bytes.len() - 2;
        let place = self.place(&(0..2));
        if said < SHORTEST {
            self.faults.push((place, SHORT.with(&[&said])));
        } else if said != follow && usize::from(u16::from_le_bytes(*length)) == follow {
            self.faults.push((place, SWAPPED.with(&[&follow])));
        } else if said > follow {
            self.faults.push((place, CUT.with(&[&said, &follow])));
        } else if said < follow {
            self.faults.push((place, LONG.with(&[&said, &follow, &format!("{follow:04x}")])));
        } else if let Some((sum, rest)) = self.bytes.split_last() {
            let right = checksum(rest);
            if *sum != right {
                let last = self.bytes.len() - 1;
                let words = BAD_SUM.with(&[&format!("{sum:02x}"), &format!("{right:02x}")]);
                self.faults.push((self.place(&(last..last + 1)), words));
            }
        }
    }
}

/// The low byte of the sum.
pub fn checksum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte))
}

/// Whether bytes begin as frames of the serial line do.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(&HEAD)
}

/// The frames in what was read from a serial line. Bytes in front of the first head become a frame that is nothing but a
/// fault.
pub fn frames(wire: &[u8]) -> Vec<Frame> {
    let mut heads: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(found) = wire.get(at..).and_then(|rest| rest.windows(2).position(|pair| pair == HEAD)) {
        heads.push(at + found);
        at += found + 2;
    }
    let mut all = Vec::new();
    let first = heads.first().copied().unwrap_or(wire.len());
    if first > 0 {
        let faults = vec![(0..first, NO_HEAD.with(&[&first]))];
        all.push(Frame { wire: 0..first, bytes: Vec::new(), places: Vec::new(), faults });
    }
    for (index, start) in heads.iter().enumerate() {
        let end = heads.get(index + 1).copied().unwrap_or(wire.len());
        all.push(one(wire, *start..end));
    }
    all
}

fn one(wire: &[u8], range: Range<usize>) -> Frame {
    let mut frame = Frame { wire: range.clone(), bytes: Vec::new(), places: Vec::new(), faults: Vec::new() };
    let mut at = range.start + 2;
    while let Some(byte) = wire.get(at).copied().filter(|_| at < range.end) {
        frame.bytes.push(byte);
        frame.places.push(at);
        at += 1;
        if byte == 0xff {
            if wire.get(at) == Some(&0x55) && at < range.end {
                at += 1;
            } else {
                frame.faults.push((at - 1..at, NO_ESCAPE.into()));
            }
        }
    }
    frame.check();
    frame
}

/// A frame as it goes over the wire; the payload is at most 65,530 bytes, what is beyond is cut off.
pub fn write(command: u8, sn: u8, flags: u16, payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..payload.len().min(65_530)).unwrap_or_default();
    let length = u16::try_from(payload.len() + SHORTEST).unwrap_or(u16::MAX);
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend([command, sn]);
    bytes.extend(flags.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes.push(checksum(&bytes));
    escape(&bytes)
}

/// Length to sum as they go over the wire, behind a head; what they say is not looked at.
pub fn escape(bytes: &[u8]) -> Vec<u8> {
    let mut wire = HEAD.to_vec();
    for byte in bytes {
        wire.push(*byte);
        if *byte == 0xff {
            wire.push(0x55);
        }
    }
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hex;
    use proptest::prelude::*;

    fn faults(text: &str) -> Vec<(usize, String)> {
        let wire = hex::parse(text).unwrap();
        let all = frames(&wire).into_iter().flat_map(|frame| frame.faults);
        all.map(|(place, reason)| (place.start, reason.to_string())).collect()
    }

    #[test]
    fn frames_of_others_are_read_and_written() {
        // giz-docs, Uart_Protocol: a control and a report of eight bytes.
        for (text, command, sn, data) in [
            ("ffff000d03160000051122334455667707", 0x03, 0x16, "0511223344556677"),
            ("ffff000d050000000611223344556677f4", 0x05, 0x00, "0611223344556677"),
        ] {
            let wire = hex::parse(text).unwrap();
            let read = frames(&wire);
            assert_eq!((read.len(), read[0].command(), read[0].faults.len()), (1, Some(command), 0));
            assert_eq!(read[0].p0().map(hex::encode).as_deref(), Some(data));
            assert_eq!(write(command, sn, 0, &hex::parse(data).unwrap()), wire);
        }
    }

    #[test]
    fn an_escaped_byte_keeps_its_place_on_the_wire() {
        let wire = write(0x05, 1, 0, &[4, 0xff, 0x55, 7]);
        let read = frames(&wire);
        assert_eq!(read[0].p0(), Some(&[4, 0xff, 0x55, 7][..]));
        assert_eq!((read[0].place(&(7..8)), read[0].faults.len()), (9..11, 0));
    }

    #[test]
    fn damage_on_the_line_is_named() {
        assert_eq!(
            faults("ffff000d03160000051122334455667708"),
            [(16, "the sum is 08, the bytes add up to 07".into())]
        );
        assert_eq!(faults("ffff000d0316000005112233"), [(2, "the length says 13, 8 bytes follow".into())]);
        assert_eq!(faults("ffff0002070009"), [(2, "the length says 2, command, sn, flags and sum alone are 5".into())]);
        assert_eq!(
            faults("ffff0005070000000c00"),
            [(2, "the length says 5, 6 bytes follow before the next frame: write 0006".into())]
        );
        assert_eq!(faults("0102ffff0005070000000c"), [(0, "2 bytes that belong to no frame FFFF".into())]);
        assert!(faults("ffff000605000000ff0a").iter().any(|(at, words)| *at == 8 && words.starts_with("FF is not")));
        assert_eq!(faults("ffff00"), [(0, "a length of two bytes is missing".into())]);
    }

    proptest! {
        #[test]
        fn every_frame_is_read_back(command: u8, sn: u8, flags: u16, payload: Vec<u8>) {
            let wire = write(command, sn, flags, &payload);
            let read = frames(&wire);
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].part(read[0].payload()), &payload[..]);
            prop_assert_eq!(read[0].faults.clone(), Vec::new());
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            for frame in frames(&bytes) {
                prop_assert!(frame.wire.end <= bytes.len());
                let place = frame.place(&frame.payload());
                prop_assert!(place.start <= place.end && place.end <= bytes.len());
            }
        }
    }
}
