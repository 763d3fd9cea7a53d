//! Frames: between app and device `00000003 | length | flag | command | …`, to and from the server without length and
//! flag (App与云端通讯 v4.0.4, sections 4.7–4.11; GAgent for the server's).

use std::ops::Range;

use crate::base::lang::{Phrase, Text};
use crate::dialect::gizwits::serial;
use crate::dialect::gizwits::topic::Address;

/// What every frame begins with: the version of the protocol.
pub const HEAD: [u8; 4] = [0, 0, 0, 3];

/// Commands between app and device, and of the server about devices.
pub mod command {
    /// Business data, app to device.
    pub const CONTROL: u16 = 0x0090;
    /// Business data, device to app.
    pub const REPORT: u16 = 0x0091;
    /// A device came online or went offline.
    pub const ONLINE: u16 = 0x0092;
    /// Business data, either way, to be acknowledged.
    pub const WITH_ACK: u16 = 0x0093;
    /// The acknowledgement.
    pub const ACK: u16 = 0x0094;
    /// Log level and LED switches.
    pub const LOG_SWITCHES: u16 = 0x0010;
    /// Their confirmation.
    pub const LOG_CONFIRM: u16 = 0x0011;
    /// A log line.
    pub const LOG: u16 = 0x0012;
}

/// How frames are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Between app and device, over the cloud or a local network: with length and flag.
    Peer,
    /// To and from the server: neither length nor flag.
    Server,
    /// Between module and microcontroller.
    Serial,
}

impl Form {
    /// The form of a payload: by its topic where there is one, otherwise by its first bytes.
    pub fn of(address: Option<&Address>, payload: &[u8]) -> Form {
        match address {
            Some(address) if address.channel.is_server() => Form::Server,
            Some(_) => Form::Peer,
            // Every command of the server begins with 02, which as a length would be too short for a frame.
            None if payload.get(..5) == Some(&[0, 0, 0, 3, 2]) => Form::Server,
            None if serial::begins(payload) => Form::Serial,
            None => Form::Peer,
        }
    }
}

const SHORT_HEAD: Text =
    Text::new("{} bytes are left, a frame begins with four: 00000003", "只剩 {} 字节，帧头需要 4 字节 00000003");
const BAD_HEAD: Text = Text::new("a frame begins with 00000003, found {}", "帧头应为 00000003，实际是 {}");
const NO_LENGTH: Text =
    Text::new("the variable length is cut off or longer than 4 bytes", "可变长度被截断或超过 4 字节");
const TOO_SHORT: Text =
    Text::new("the length says {}, flag and command alone are 3", "长度为 {}，仅 Flag 与命令字就需要 3");
const CUT: Text = Text::new("the length says {}, {} bytes follow", "长度为 {}，其后只有 {} 字节");
const NO_COMMAND: Text = Text::new("a command of two bytes is missing", "缺少两字节的命令字");
const SERVER_FORM: Text = Text::new(
    "this reads as a frame of the server, which has neither length nor flag; on this topic both are expected",
    "这像是服务器帧（没有长度与 Flag），该主题的帧应带有长度与 Flag",
);

/// One frame, as places in the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// First byte of the head.
    pub start: usize,
    /// First byte of the variable length; nothing for a server frame.
    pub length: Option<(usize, usize)>,
    /// Where the flag stands, and the flag.
    pub flag: Option<(usize, u8)>,
    /// First byte of the command.
    pub command_at: usize,
    /// The command.
    pub command: u16,
    /// First byte after the command.
    pub body: usize,
    /// First byte after the frame.
    pub end: usize,
}

impl Frame {
    /// What follows the command.
    pub fn body<'a>(&self, payload: &'a [u8]) -> &'a [u8] {
        payload.get(self.body..self.end).unwrap_or_default()
    }

    /// The number of a frame that is to be acknowledged or that acknowledges.
    pub fn sn(&self, payload: &[u8]) -> Option<u32> {
        if !matches!(self.command, command::WITH_ACK | command::ACK) {
            return None;
        }
        let bytes: [u8; 4] = self.body(payload).get(..4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    /// Where the business data stands, where the command carries some.
    pub fn p0_range(&self) -> Option<Range<usize>> {
        let start = match self.command {
            command::CONTROL | command::REPORT => self.body,
            command::WITH_ACK | command::ACK => self.body.checked_add(4)?,
            _ => return None,
        };
        (start < self.end).then_some(start..self.end)
    }

    /// The business data.
    pub fn p0<'a>(&self, payload: &'a [u8]) -> Option<&'a [u8]> {
        payload.get(self.p0_range()?)
    }

    /// Its first byte: what it asks or tells.
    pub fn action(&self, payload: &[u8]) -> Option<u8> {
        self.p0(payload)?.first().copied()
    }
}

/// Bytes that are no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameFault {
    /// First byte, counted from the start of the payload.
    pub offset: usize,
    /// Number of bytes.
    pub length: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// The frames of a payload, one after the other; ends with the first fault.
#[derive(Debug, Clone)]
pub struct Frames<'a> {
    payload: &'a [u8],
    at: usize,
    server: bool,
}

/// Reads the frames of a payload; `server` for the topics of the server.
pub fn frames(payload: &[u8], server: bool) -> Frames<'_> {
    Frames { payload, at: 0, server }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, FrameFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.payload.len() {
            return None;
        }
        let read = one(self.payload, self.at, self.server);
        self.at = read.as_ref().map_or(self.payload.len(), |frame| frame.end);
        Some(read)
    }
}

fn one(payload: &[u8], start: usize, server: bool) -> Result<Frame, FrameFault> {
    let rest = payload.get(start..).unwrap_or_default();
    let fault = |offset: usize, length: usize, reason: Phrase| FrameFault { offset, length, reason };
    let Some(head) = rest.get(..4) else {
        return Err(fault(start, rest.len(), SHORT_HEAD.with(&[&rest.len()])));
    };
    if head != HEAD {
        return Err(fault(start, 4, BAD_HEAD.with(&[&crate::base::hex::encode(head)])));
    }
    let at = start + 4;
    if server {
        let command =
            payload.get(at..at + 2).and_then(two).ok_or_else(|| fault(at, rest.len() - 4, NO_COMMAND.into()))?;
        return Ok(Frame {
            start,
            length: None,
            flag: None,
            command_at: at,
            command,
            body: at + 2,
            end: payload.len(),
        });
    }
    let Some((said, digits)) = read_length(payload.get(at..).unwrap_or_default()) else {
        return Err(fault(at, rest.len().saturating_sub(4).min(4), NO_LENGTH.into()));
    };
    let flag_at = at + digits;
    let follow = payload.len().saturating_sub(flag_at);
    if said < 3 || said > follow {
        // 0x02.. as a length would be a frame of two bytes: the high byte of a server's command.
        let looks_like_server = start == 0 && payload.get(at) == Some(&2);
        let reason = if looks_like_server {
            SERVER_FORM.into()
        } else if said < 3 {
            TOO_SHORT.with(&[&said])
        } else {
            CUT.with(&[&said, &follow])
        };
        return Err(fault(at, digits, reason));
    }
    let command = payload.get(flag_at + 1..flag_at + 3).and_then(two);
    let command = command.ok_or_else(|| fault(flag_at, follow, NO_COMMAND.into()))?;
    let flag = payload.get(flag_at).copied().unwrap_or_default();
    Ok(Frame {
        start,
        length: Some((at, digits)),
        flag: Some((flag_at, flag)),
        command_at: flag_at + 1,
        command,
        body: flag_at + 3,
        end: flag_at + said,
    })
}

fn two(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

/// Value and size of a variable length: seven bits a byte, the lowest first, at most four bytes.
pub fn read_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// A variable length as bytes; what does not fit four bytes is cut to the largest that does.
pub fn write_length(value: usize) -> Vec<u8> {
    let mut rest = value.min(0x0fff_ffff);
    let mut bytes = Vec::with_capacity(4);
    loop {
        let low = u8::try_from(rest & 0x7f).unwrap_or(0);
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A frame between app and device.
pub fn write(command: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = HEAD.to_vec();
    frame.extend(write_length(body.len() + 3));
    frame.push(0);
    frame.extend(command.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// A frame to or from the server.
pub fn write_server(command: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = HEAD.to_vec();
    frame.extend(command.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// A frame that is to be acknowledged (0x0093), or that acknowledges (0x0094).
pub fn write_numbered(command: u16, sn: u32, p0: &[u8]) -> Vec<u8> {
    let mut body = sn.to_be_bytes().to_vec();
    body.extend_from_slice(p0);
    write(command, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_coded_as_mqtt_codes_them() {
        for (value, bytes) in [
            (0, &[0x00][..]),
            (127, &[0x7f]),
            (128, &[0x80, 0x01]),
            (16_383, &[0xff, 0x7f]),
            (16_384, &[0x80, 0x80, 0x01]),
            (2_097_151, &[0xff, 0xff, 0x7f]),
            (2_097_152, &[0x80, 0x80, 0x80, 0x01]),
            (268_435_455, &[0xff, 0xff, 0xff, 0x7f]),
        ] {
            assert_eq!(write_length(value), bytes);
            assert_eq!(read_length(bytes), Some((value, bytes.len())));
        }
        assert_eq!(read_length(&[0x80, 0x80, 0x80, 0x80, 0x01]), None);
    }

    #[test]
    fn several_frames_in_one_payload_are_read_one_after_the_other() {
        let mut payload = write(command::LOG_CONFIRM, &[]);
        payload.extend(write_numbered(command::ACK, 42, &[4]));
        let read: Vec<Frame> = frames(&payload, false).map(Result::unwrap).collect();
        assert_eq!((read.len(), read[0].command, read[1].sn(&payload)), (2, 0x0011, Some(42)));
        assert_eq!(read[1].action(&payload), Some(4));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let fault = |hex: &str| {
            let payload = crate::base::hex::parse(hex).unwrap();
            frames(&payload, false).find_map(Result::err).map(|fault| (fault.offset, fault.reason.to_string()))
        };
        assert_eq!(fault("0000000409"), Some((0, "a frame begins with 00000003, found 00000004".into())));
        assert_eq!(fault("00000003090000"), Some((4, "the length says 9, 2 bytes follow".into())));
        assert_eq!(fault("000000030100"), Some((4, "the length says 1, flag and command alone are 3".into())));
        assert!(fault("00000003020f").unwrap().1.contains("frame of the server"));
        assert_eq!(
            fault("00000003 03 000011 0000"),
            Some((8, "2 bytes are left, a frame begins with four: 00000003".into()))
        );
        assert_eq!(fault("000000030300 0011"), None);
    }

    proptest! {
        #[test]
        fn every_frame_is_read_back(command: u16, body: Vec<u8>) {
            let bytes = write(command, &body);
            let read = frames(&bytes, false).next().unwrap().unwrap();
            prop_assert_eq!((read.command, read.body(&bytes), read.end), (command, &body[..], bytes.len()));
        }

        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, server: bool) {
            for frame in frames(&bytes, server).flatten() {
                prop_assert!(frame.end <= bytes.len() && frame.body <= frame.end);
                let _ = (frame.sn(&bytes), frame.action(&bytes));
            }
        }
    }
}
