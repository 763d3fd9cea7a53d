//! Mistakes in what a command carries: business data, online states, logs.

use std::ops::Range;

use serde_json::Value;

use crate::base::hex;
use crate::dialect::gizwits::explain::{Hearer, Remark, error, texts, warning};
use crate::dialect::gizwits::frame::{Frame, command};
use crate::dialect::gizwits::p0::{self, Decoded, Found};
use crate::dialect::gizwits::{model, read};
use crate::model::ThingModel;
use crate::model::thing::Coding;

/// What there is to say about the body of a frame.
pub fn remarks(known: Option<&ThingModel>, hearer: Hearer, payload: &[u8], frame: &Frame) -> Vec<Remark> {
    match frame.command {
        command::CONTROL | command::REPORT | command::WITH_ACK | command::ACK => {
            business(known, hearer, payload, frame)
        }
        command::ONLINE => online(payload, frame),
        command::LOG => log(payload, frame),
        _ => Vec::new(),
    }
}

const fn is_action(action: u8) -> bool {
    matches!(action, 0x01..=0x06 | 0x11..=0x14 | 0x71..=0x73)
}

/// Whether bytes read as business data, by the definition where there is one.
fn reads(known: Option<&ThingModel>, data: &[u8]) -> bool {
    let Some(&first) = data.first() else { return false };
    is_action(first) && known.is_none_or(|known| p0::decode(known, data).faults.is_empty())
}

fn business(known: Option<&ThingModel>, hearer: Hearer, payload: &[u8], frame: &Frame) -> Vec<Remark> {
    let known = known.filter(|known| known.binary.is_some());
    let body = frame.body(payload);
    let code = format!("{:04x}", frame.command);
    let numbered = matches!(frame.command, command::WITH_ACK | command::ACK);
    let first = body.first().copied().unwrap_or_default();
    // An sn of a data frame that is none: what stands there is an action, and nothing readable follows.
    let shifted = body.get(4..).unwrap_or_default();
    if numbered && is_action(first) && !shifted.is_empty() && !reads(known, shifted) && reads(known, body) {
        let place = frame.body..frame.body + 4;
        return vec![error(place, texts::SN_MISSING.with(&[&code, &format!("{first:02x}")]))];
    }
    if numbered && !body.is_empty() && body.len() < 4 && is_action(first) {
        let reason = texts::SN_MISSING.with(&[&code, &format!("{first:02x}")]);
        return vec![error(frame.body..frame.end, reason)];
    }
    // Actions without a layout read always: where the first byte is an action already, values have to be found.
    let is_data = |data: &[u8]| known.is_some_and(|known| !p0::decode(known, data).values.is_empty());
    if !numbered && !reads(known, body) && reads(known, shifted) && (!is_action(first) || is_data(shifted)) {
        return vec![error(frame.body..frame.body + 4, texts::SN_SURPLUS.with(&[&code]))];
    }
    let Some(range) = frame.p0_range() else {
        if frame.command == command::ACK || numbered && body.len() < 4 {
            return Vec::new();
        }
        return vec![error(frame.body..frame.end, texts::NO_DATA.with(&[&code]))];
    };
    let data = payload.get(range.clone()).unwrap_or_default();
    let mut remarks = direction(hearer, frame.command, data, range.start);
    let Some(known) = known else { return remarks };
    let decoded = p0::decode(known, data);
    let control = matches!(data.first(), Some(0x01 | 0x11));
    if control && !decoded.faults.is_empty() {
        remarks.push(error(range.clone(), texts::SIZE_IGNORED));
    }
    let mut found = swapped_flags(known, data, &decoded);
    if found.is_empty() && control && decoded.faults.is_empty() && decoded.named.is_empty() {
        found.push(error(decoded.flags.clone(), texts::NOTHING_NAMED));
    }
    found.extend(values(known, data, &decoded));
    found.extend(spare_bits(known, data, &decoded));
    for remark in found {
        let bytes = range.start + remark.bytes.start..range.start + remark.bytes.end;
        remarks.push(Remark { bytes, ..remark });
    }
    remarks
}

/// Who says an action, and to whom.
fn direction(hearer: Hearer, code: u16, data: &[u8], at: usize) -> Vec<Remark> {
    let Some(&action) = data.first() else { return Vec::new() };
    let (place, name) = (at..at + 1, format!("{action:02x}"));
    if !is_action(action) {
        // Newer firmware puts bytes of its own between the sn of an acknowledgement and the data.
        let severe = code != command::ACK;
        let reason = texts::ACTION_UNKNOWN.with(&[&name]);
        return vec![if severe { error(place, reason) } else { warning(place, reason) }];
    }
    let to_device = matches!(action, 0x01 | 0x02 | 0x05 | 0x11 | 0x12 | 0x72);
    let hearer = match code {
        command::CONTROL => Hearer::Device,
        command::REPORT => Hearer::App,
        _ => hearer,
    };
    match hearer {
        Hearer::Device if !to_device => vec![error(place, texts::ACTION_TO_DEVICE.with(&[&name]))],
        Hearer::App if to_device => vec![error(place, texts::ACTION_TO_APP.with(&[&name]))],
        _ => Vec::new(),
    }
}

fn reversed(data: &[u8], range: &Range<usize>) -> Option<(Vec<u8>, String)> {
    let mut turned = data.to_vec();
    let part = turned.get_mut(range.clone()).filter(|part| part.len() > 1)?;
    part.reverse();
    let text = hex::encode(part);
    (turned != data).then_some((turned, text))
}

/// Flags that make sense only when read the other way round.
fn swapped_flags(known: &ThingModel, data: &[u8], decoded: &Decoded) -> Vec<Remark> {
    let Some((turned, text)) = reversed(data, &decoded.flags) else { return Vec::new() };
    let other = p0::decode(known, &turned);
    if other.named.is_empty() || !other.faults.is_empty() {
        return Vec::new();
    }
    let is_set = |decoded: &Decoded| decoded.values.iter().any(|found| !is_zero(data, found));
    // In the fixed layout all values are there: what is named should be set, what is not is zero.
    let is_fixed = data.first() == Some(&0x01);
    let by_value = is_fixed && !is_set(decoded) && is_set(&other);
    if decoded.faults.is_empty() && !by_value {
        return Vec::new();
    }
    let reason = texts::FLAGS_SWAPPED.with(&[&text, &other.named.join(", ")]);
    vec![if decoded.faults.is_empty() {
        warning(decoded.flags.clone(), reason)
    } else {
        error(decoded.flags.clone(), reason)
    }]
}

fn is_zero(data: &[u8], found: &Found) -> bool {
    let bytes = data.get(found.bytes.clone()).unwrap_or_default();
    // Bits of other points may be set in the same bytes.
    bytes.iter().all(|byte| *byte == 0) || found.value == Value::Bool(false) || found.value.as_f64() == Some(0.0)
}

/// Values outside their limits, and whether the other order of bytes would mend them.
fn values(known: &ThingModel, data: &[u8], decoded: &Decoded) -> Vec<Remark> {
    let layout = model::layout(known);
    let mut remarks: Vec<Remark> = Vec::new();
    let bad = |decoded: &Decoded, place: &Range<usize>| {
        decoded
            .values
            .iter()
            .filter(|found| found.bytes == *place)
            .any(|found| model::check(known, &found.identifier, &found.value, false).is_err())
    };
    for found in &decoded.values {
        let Err((fault, _)) = model::check(known, &found.identifier, &found.value, false) else { continue };
        let place = found.bytes.clone();
        remarks.push(warning(place.clone(), model::describe(&found.identifier, &fault)));
        let point = layout.and_then(|all| all.points.iter().find(|point| point.identifier == found.identifier));
        let Some((turned, text)) = reversed(data, &place) else { continue };
        if bad(&p0::decode(known, &turned), &place) {
            continue;
        }
        let reason = match point.map(|point| &point.coding) {
            Some(Coding::Bits(_)) => texts::GROUP_SWAPPED.with(&[&text]),
            _ => texts::NUMBER_SWAPPED.with(&[&found.identifier, &text]),
        };
        remarks.push(warning(place, reason));
    }
    remarks
}

/// Whether a state written anew from its values has the same bytes at a place.
fn is_exact(known: &ThingModel, data: &[u8], place: &Range<usize>) -> bool {
    let action = data.first().copied().unwrap_or_default();
    let written = p0::encode(known, action, &p0::decode(known, data).map()).ok();
    written.is_none_or(|written| written.get(place.clone()) == data.get(place.clone()))
}

/// Bits of a state that belong to no data point.
fn spare_bits(known: &ThingModel, data: &[u8], decoded: &Decoded) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    if !matches!(data.first(), Some(0x03 | 0x04)) || !decoded.faults.is_empty() {
        return remarks;
    }
    for point in model::layout(known).map(|layout| layout.points.as_slice()).unwrap_or_default() {
        let found = decoded.values.iter().find(|found| found.identifier == point.identifier);
        let Some(found) = found.filter(|_| matches!(point.coding, Coding::Bits(_))) else { continue };
        let place = found.bytes.clone();
        if remarks.iter().any(|remark| remark.bytes == place) || is_exact(known, data, &place) {
            continue;
        }
        remarks.push(warning(place.clone(), texts::SPARE_BITS));
        if let Some((turned, text)) = reversed(data, &place)
            && is_exact(known, &turned, &place)
        {
            remarks.push(warning(place, texts::GROUP_SWAPPED.with(&[&text])));
        }
    }
    remarks
}

/// Texts with their length before them, as far as they can be read.
struct Parts<'a> {
    payload: &'a [u8],
    at: usize,
    end: usize,
    remarks: Vec<Remark>,
}

impl Parts<'_> {
    fn text(&mut self, name: &str, most: usize) -> Option<Vec<u8>> {
        let rest = self.payload.get(self.at..self.end).unwrap_or_default();
        if let Some((text, _)) = read::counted(rest) {
            let place = self.at + 2..self.at + 2 + text.len();
            if text.len() > most {
                self.remarks.push(warning(place.clone(), texts::PART_LONG.with(&[&name, &text.len(), &most])));
            }
            if std::str::from_utf8(text).is_err() {
                self.remarks.push(warning(place.clone(), texts::NOT_UTF8.with(&[&name])));
            }
            if let Some(zero) = text.iter().position(|byte| *byte == 0) {
                let length = self.at..self.at + 2;
                self.remarks.push(error(length, texts::PART_WITH_ZERO.with(&[&name, &name, &zero])));
            }
            self.at = place.end;
            return Some(text.to_vec());
        }
        let (said, text) = rest.split_first_chunk::<2>()?;
        let (said, turned) = (u16::from_be_bytes(*said), u16::from_le_bytes(*said));
        let place = self.at..self.at + 2;
        self.remarks.push(error(place.clone(), texts::PART_CUT.with(&[&name, &said, &text.len()])));
        if usize::from(turned) <= text.len() {
            self.remarks.push(error(place, texts::PART_SWAPPED.with(&[&name, &turned])));
        }
        None
    }

    /// The last text of a frame has to reach to its end.
    fn last(&mut self, name: &str, most: usize) {
        let start = self.at;
        let Some(text) = self.text(name, most) else { return };
        if self.at < self.end && !text.is_empty() {
            let follow = self.end - start - 2;
            let words = texts::PART_SHORT.with(&[&name, &text.len(), &follow, &format!("{follow:04x}")]);
            self.remarks.push(error(start..start + 2, words));
        }
    }

    fn byte(&mut self) -> Option<(u8, Range<usize>)> {
        let place = self.at..self.at + 1;
        let byte = self.payload.get(self.at).copied().filter(|_| self.at < self.end)?;
        self.at += 1;
        Some((byte, place))
    }
}

fn online(payload: &[u8], frame: &Frame) -> Vec<Remark> {
    let mut parts = Parts { payload, at: frame.body, end: frame.end, remarks: Vec::new() };
    // Each part begins where the one before ends: nothing can be said about what follows one that is cut off.
    let _ = online_parts(&mut parts);
    parts.remarks
}

fn online_parts(parts: &mut Parts<'_>) -> Option<()> {
    parts.text("mac", 32)?;
    parts.text("passcode", 32)?;
    let (online, place) = parts.byte()?;
    if online > 1 {
        parts.remarks.push(warning(place, texts::ONLINE_IS.with(&[&online])));
    }
    let version = parts.payload.get(parts.at..parts.at + 4).filter(|_| parts.at + 4 <= parts.end)?;
    if version != [0, 0, 0, 3] {
        let place = parts.at..parts.at + 4;
        parts.remarks.push(warning(place, texts::VERSION_IS.with(&[&hex::encode(version)])));
    }
    parts.at += 4;
    parts.last("business_version", 64);
    Some(())
}

fn log(payload: &[u8], frame: &Frame) -> Vec<Remark> {
    let mut parts = Parts { payload, at: frame.body, end: frame.end, remarks: Vec::new() };
    if let Some((level, place)) = parts.byte() {
        if !(1..=3).contains(&level) {
            parts.remarks.push(warning(place, texts::LEVEL_IS.with(&[&level])));
        }
        let _ = parts
            .text("tag", 256)
            .and_then(|_| parts.text("source", 32))
            .map(|_| parts.last("content", usize::from(u16::MAX)));
    }
    parts.remarks
}
