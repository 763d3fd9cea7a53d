//! Mistakes in head, length, flag and command.

use crate::base::hex;
use crate::dialect::gizwits::explain::{Hearer, Remark, error, texts, warning};
use crate::dialect::gizwits::frame::{self, Frame, FrameFault, HEAD, command};
use crate::dialect::gizwits::{dissect, lan, serial};

/// Commands between app and device, and those of the server about devices.
const COMMANDS: [u16; 8] = [
    command::CONTROL,
    command::REPORT,
    command::ONLINE,
    command::WITH_ACK,
    command::ACK,
    command::LOG_SWITCHES,
    command::LOG_CONFIRM,
    command::LOG,
];

fn is_known(code: u16) -> bool {
    COMMANDS.contains(&code) || lan::name(code).is_some()
}

/// A frame on a topic of the server that has a length after all.
pub fn server(payload: &[u8], frame: &Frame) -> Vec<Remark> {
    let at = frame.command_at;
    let read = frame::frames(payload, false).next().and_then(Result::ok);
    match read {
        Some(found) if found.end == payload.len() && is_known(found.command) => {
            vec![error(at..found.body, texts::HAS_LENGTH)]
        }
        _ => Vec::new(),
    }
}

/// A length in more bytes than it needs.
pub fn length(payload: &[u8], frame: &Frame) -> Vec<Remark> {
    let Some((at, digits)) = frame.length else { return Vec::new() };
    let Some((said, _)) = payload.get(at..).and_then(frame::read_length) else { return Vec::new() };
    let best = frame::write_length(said);
    if best.len() == digits {
        return Vec::new();
    }
    vec![warning(at..at + digits, texts::LENGTH_LONG.with(&[&digits, &best.len(), &hex::encode(&best)]))]
}

/// Flag and command, and whether whoever hears the frame acts on it.
pub fn command(hearer: Hearer, frame: &Frame) -> Vec<Remark> {
    let (at, code) = (frame.command_at, frame.command);
    let place = at..at + 2;
    let mut remarks = Vec::new();
    let flag = frame.flag.map_or(0, |(_, flag)| flag);
    if flag != 0 {
        remarks.push(warning(at.saturating_sub(1)..at, texts::FLAG_SET.with(&[&format!("{flag:02x}")])));
    }
    let named = |code: u16| format!("{code:04x}");
    if !is_known(code) {
        let [high, _] = code.to_be_bytes();
        let reason = if high == 2 && dissect::is_command(code) {
            let right = hex::encode(&[HEAD.as_slice(), &code.to_be_bytes()].concat());
            texts::SERVER_COMMAND.with(&[&named(code), &right])
        } else if code == code.swap_bytes() {
            texts::UNKNOWN.with(&[&named(code)])
        } else if is_known(code.swap_bytes()) {
            texts::COMMAND_SWAPPED.with(&[&named(code.swap_bytes())])
        } else if flag == 0 && (0x90..=0x94).contains(&high) {
            texts::NO_FLAG.with(&[&named(u16::from(high))])
        } else {
            texts::UNKNOWN.with(&[&named(code)])
        };
        remarks.push(error(place, reason));
        return remarks;
    }
    let meant_for_app = matches!(code, command::REPORT | command::ONLINE | command::LOG | command::LOG_CONFIRM);
    let meant_for_device = matches!(code, command::CONTROL | command::LOG_SWITCHES);
    let other = match code {
        command::REPORT => command::CONTROL,
        command::CONTROL => command::REPORT,
        command::LOG_CONFIRM => command::LOG_SWITCHES,
        command::LOG_SWITCHES => command::LOG_CONFIRM,
        _ => command::WITH_ACK,
    };
    match hearer {
        Hearer::Device if meant_for_app => {
            remarks.push(error(place, texts::NOT_FOR_DEVICE.with(&[&named(code), &named(other)])));
        }
        Hearer::App if meant_for_device => {
            remarks.push(error(place, texts::NOT_FOR_APP.with(&[&named(code), &named(other)])));
        }
        _ => {}
    }
    remarks
}

/// Bytes that could not be read as a frame.
pub fn fault(payload: &[u8], before: Option<&Frame>, fault: &FrameFault) -> Vec<Remark> {
    let start = before.map_or(0, |frame| frame.end);
    let rest = payload.get(start..).unwrap_or_default();
    if rest.starts_with(&HEAD) {
        return bad_length(payload, start).into_iter().collect();
    }
    if let Some(before) = before {
        return left_over(payload, before, rest).into_iter().collect();
    }
    bad_head(rest)
        .map(|remark| Remark { bytes: fault.offset..remark.bytes.end.max(fault.offset), ..remark })
        .into_iter()
        .collect()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A payload that does not begin as a frame does.
fn bad_head(rest: &[u8]) -> Option<Remark> {
    let all = 0..rest.len();
    let text = std::str::from_utf8(rest).unwrap_or_default();
    if text.len() > 8 && hex::parse(text).is_ok_and(|bytes| find(&bytes, &HEAD).is_some()) {
        return Some(error(all, texts::HEX_TEXT));
    }
    // The head of the serial line, half of it.
    if rest.first() == Some(&0xff) && !serial::begins(rest) {
        let mended = [&[0xff], rest].concat();
        if serial::frames(&mended).iter().all(|frame| frame.faults.is_empty()) {
            return Some(error(0..1, texts::SERIAL_HEAD_SHORT));
        }
    }
    if rest.starts_with(&[3, 0, 0, 0]) {
        return Some(error(0..4, texts::HEAD_SWAPPED));
    }
    let reads =
        |at: usize| rest.get(at..).is_some_and(|tail| frame::frames(tail, false).next().is_some_and(|one| one.is_ok()));
    if let Some(at) = find(rest, &HEAD).filter(|at| reads(*at)) {
        // The first byte of an MQTT PUBLISH, and a length that fits.
        let is_packet = rest.first().is_some_and(|byte| byte & 0xf0 == 0x30)
            && rest.get(1..).and_then(frame::read_length).is_some_and(|(said, digits)| said + digits + 1 == rest.len());
        let reason = if is_packet { texts::WHOLE_PACKET.with(&[&at]) } else { texts::HEAD_LATER.with(&[&at, &at]) };
        return Some(error(0..at, reason));
    }
    // Zeros of the head that are missing: what follows the 03 reads as a frame with them put back.
    let zeros = rest.iter().take_while(|byte| **byte == 0).count();
    let tail = rest.get(zeros..).unwrap_or_default();
    if zeros < 3 && tail.first() == Some(&3) {
        let mended = [&[0, 0, 0], tail].concat();
        if frame::frames(&mended, false).next().is_some_and(|one| one.is_ok()) {
            return Some(error(0..zeros + 1, texts::HEAD_SHORT.with(&[&(3 - zeros)])));
        }
    }
    None
}

/// Bytes behind a frame that are no frame: a length that says too little, or a line end.
fn left_over(payload: &[u8], before: &Frame, rest: &[u8]) -> Option<Remark> {
    if !rest.is_empty() && rest.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
        let place = before.end..payload.len();
        return Some(error(place, texts::LINE_END.with(&[&hex::encode(rest)])));
    }
    let (at, digits) = before.length?;
    // A length that says too much: the next frame begins inside of this one.
    let inside = payload.get(before.body..).and_then(|body| find(body, &HEAD)).map(|found| before.body + found);
    let is_next = |next: &usize| {
        let tail = payload.get(*next..).unwrap_or_default();
        *next < before.end
            && frame::frames(tail, false).next().is_some_and(|one| one.is_ok_and(|one| is_known(one.command)))
    };
    if let Some(next) = inside.filter(is_next) {
        let (said, follow) = (before.end - (at + digits), next - (at + digits));
        let right = hex::encode(&frame::write_length(follow));
        return Some(error(at..at + digits, texts::INTO_NEXT.with(&[&said, &follow, &right])));
    }
    // Another frame stands further behind: what is between them is not a matter of the length.
    let end = find(rest, &HEAD).map_or(payload.len(), |next| before.end + next);
    let (said, follow) = (before.end - (at + digits), end.checked_sub(at + digits)?);
    let right = hex::encode(&frame::write_length(follow));
    let mut reason = texts::LENGTH_IS.with(&[&said, &follow, &right]);
    let how = match follow.checked_sub(said) {
        Some(1) => Some(texts::COUNTS_NO_FLAG),
        Some(3) => Some(texts::COUNTS_NO_COMMAND),
        _ => None,
    };
    if let Some(how) = how {
        reason = texts::LENGTH_HOW.around([reason, how.with(&[&right])]);
    }
    Some(error(at..at + digits, reason))
}

/// A length that does not fit what follows.
fn bad_length(payload: &[u8], start: usize) -> Option<Remark> {
    let at = start + 4;
    let follow = payload.get(at..)?;
    for size in [2usize, 4] {
        let (said, rest) = follow.split_at_checked(size)?;
        let value = said.iter().fold(0usize, |value, byte| (value << 8) | usize::from(*byte));
        let is_command = rest.get(1..3).and_then(|bytes| Some(u16::from_be_bytes(bytes.try_into().ok()?)));
        if value == rest.len() && is_command.is_some_and(is_known) {
            let right = hex::encode(&frame::write_length(value));
            return Some(error(at..at + size, texts::LENGTH_BIG_ENDIAN.with(&[&size, &right])));
        }
    }
    let (said, digits) = frame::read_length(follow)?;
    let follow = follow.len() - digits;
    let right = hex::encode(&frame::write_length(follow));
    let reason = match said.checked_sub(follow)? {
        0 => return None,
        more if more == 4 + digits => texts::COUNTS_ALL,
        more if more == digits => texts::COUNTS_ITSELF,
        _ => texts::LENGTH_SHOULD,
    };
    // Flag and command alone are three bytes: a shorter frame cannot be mended by its length.
    (follow >= 3).then(|| error(at..at + digits, reason.with(&[&right])))
}
