//! One field of a frame changed. Lengths and sums that were right before are right afterwards; the others are left as they
//! are, because somebody may want them wrong.

use std::ops::Range;

use serde_json::Value;

use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::dialect::Context;
use crate::dialect::gizwits::frame::{self, Form};
use crate::dialect::gizwits::lab::{first_frame, sheet};
use crate::dialect::gizwits::{p0, serial};
use crate::dialect::lab::Cell;
use crate::model::ThingModel;
use crate::model::thing::DataType;

const NO_FIELD: Text = Text::new("this frame has no field “{}”", "该帧没有字段“{}”");
const UNREADABLE: Text =
    Text::new("the frame cannot be read as it stands: change its bytes", "该帧目前无法解析：请直接修改字节");
const HEX_OF: Text = Text::new("{} takes {} bytes in hex, found “{}”", "{} 应为 {} 字节十六进制，实际是“{}”");
const HEX_ANY: Text = Text::new("{} takes bytes in hex, found “{}”", "{} 应为十六进制，实际是“{}”");
const NUMBER_TO: Text = Text::new("{} is a number from 0 to {}, found “{}”", "{} 应为 0 到 {} 的数，实际是“{}”");
const BIT_IS: Text = Text::new("{} is 0 or 1, found “{}”", "{} 应为 0 或 1，实际是“{}”");
const NO_VALUE: Text = Text::new("“{}” cannot stand for {}: expected {}", "“{}”不能作为 {} 的值：应为 {}");
const FIXED: Text = Text::new("{} cannot be changed here: change its bytes", "{} 不能在此修改：请直接修改字节");
const NO_MODEL: Text = Text::new("{} needs the data point definition", "修改 {} 需要数据点定义");

/// The frame with another value in a field.
pub fn edit(context: &Context<'_>, form: Form, bytes: &[u8], path: &str, text: &str) -> Result<Vec<u8>, Phrase> {
    let text = text.trim();
    if form == Form::Serial {
        return edit_serial(context, bytes, path, text);
    }
    let found = first_frame(form, bytes).ok_or(UNREADABLE)?;
    let all = sheet::read(context, form, "", bytes);
    let cell = all.cells.iter().find(|cell| cell.path == path).cloned();
    // A control may be given a value that it does not name yet.
    let absent = context.model.is_some_and(|known| {
        let points = known.binary.as_ref().map(|layout| layout.points.as_slice()).unwrap_or_default();
        points.iter().any(|point| path.strip_prefix("p0/") == Some(&point.identifier))
    });
    let cell = cell.or_else(|| absent.then(Cell::default)).ok_or_else(|| NO_FIELD.with(&[&path]))?;
    let right = found.end == bytes.len();
    let range = cell.range.clone();
    let mut changed = bytes.to_vec();
    let set = |changed: &mut Vec<u8>, range: Range<usize>, new: Vec<u8>| {
        changed.splice(range, new);
    };
    match path {
        "length" => {
            let number = number(path, text, 0x0fff_ffff)?;
            set(&mut changed, range, frame::write_length(usize::try_from(number).unwrap_or(usize::MAX)));
            return Ok(changed);
        }
        "head" | "flag" | "command" | "protocol_version" => {
            set(&mut changed, range.clone(), exact(path, text, range.len())?);
        }
        "sn" => set(&mut changed, range, big_endian(number(path, text, u32::MAX.into())?, 4)),
        "online" | "level" | "type" => set(&mut changed, range, big_endian(number(path, text, 255)?, 1)),
        "apps" => set(&mut changed, range, big_endian(number(path, text, 65_535)?, 2)),
        "mac" | "passcode" | "business_version" | "tag" | "source" | "content" => {
            let length = u16::try_from(text.len()).map_err(|_| NUMBER_TO.with(&[&path, &65_535, &text.len()]))?;
            let counted = [&length.to_be_bytes(), text.as_bytes()].concat();
            set(&mut changed, range.start.saturating_sub(2)..range.end, counted);
        }
        "bits15_8" | "bits7_0" => {
            let binary = (text.len() == 8).then(|| u8::from_str_radix(text, 2).ok()).flatten();
            set(&mut changed, range, binary.map_or_else(|| exact(path, text, 1), |byte| Ok(vec![byte]))?);
        }
        "body" => set(&mut changed, range, any(path, text)?),
        _ if path.ends_with("_length") => set(&mut changed, range, big_endian(number(path, text, 65_535)?, 2)),
        _ if path == "p0" || path.starts_with("p0/") => {
            let place = found.p0_range().ok_or_else(|| NO_FIELD.with(&[&path]))?;
            let data = bytes.get(place.clone()).unwrap_or_default();
            set(&mut changed, place, business(context.model, data, path, text)?);
        }
        _ => match cell.bits {
            Some(bits) if bits.width == 1 => {
                let on = bit(path, text)?;
                if let Some(byte) = changed.get_mut(range.start) {
                    *byte = *byte & !(1 << bits.from) | u8::from(on) << bits.from;
                }
            }
            _ => return Err(FIXED.with(&[&path])),
        },
    }
    Ok(if right { with_length(&changed, found.length) } else { changed })
}

/// The frame with the length that fits it.
fn with_length(bytes: &[u8], place: Option<(usize, usize)>) -> Vec<u8> {
    let Some((at, digits)) = place else { return bytes.to_vec() };
    let (before, rest) = bytes.split_at(at.min(bytes.len()));
    let behind = rest.get(digits..).unwrap_or_default();
    [before, &frame::write_length(behind.len()), behind].concat()
}

/// Business data with another value in it.
fn business(known: Option<&ThingModel>, data: &[u8], path: &str, text: &str) -> Result<Vec<u8>, Phrase> {
    let behind = |count: usize, new: Vec<u8>| [data.get(..count).unwrap_or_default(), &new].concat();
    let known = known.filter(|known| known.binary.is_some());
    match path.strip_prefix("p0/") {
        None => any(path, text),
        Some("action") => Ok([exact(path, text, 1)?.as_slice(), data.get(1..).unwrap_or_default()].concat()),
        Some("data") => Ok(behind(1, any(path, text)?)),
        Some("flags") => {
            let known = known.ok_or_else(|| NO_MODEL.with(&[&path]))?;
            let flags = p0::decode(known, data).flags;
            let new = exact(path, text, flags.len())?;
            let mut changed = data.to_vec();
            changed.splice(flags, new);
            Ok(changed)
        }
        Some(name) => {
            let known = known.ok_or_else(|| NO_MODEL.with(&[&name]))?;
            if let Some(flag) = name.strip_prefix("flags/") {
                let on = bit(flag, text)?;
                return p0::with_flag(known, data, flag, on).map_err(|_| FIXED.with(&[&flag]));
            }
            let (value, expected) = value(known, name, text);
            p0::with_value(known, data, name, &value).map_err(|_| NO_VALUE.with(&[&text, &name, &expected]))
        }
    }
}

/// What a text stands for, and what was expected in words that are the same in every language.
fn value(known: &ThingModel, identifier: &str, text: &str) -> (Value, String) {
    let property = known.properties.iter().find(|property| property.identifier == identifier);
    let number = || text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).ok();
    match property.map(|property| &property.data_type) {
        Some(DataType::Bool { .. }) => {
            let value = match text.to_ascii_lowercase().as_str() {
                "true" | "on" | "1" | "开" => Value::Bool(true),
                "false" | "off" | "0" | "关" => Value::Bool(false),
                _ => Value::Null,
            };
            (value, "true | false".to_owned())
        }
        Some(DataType::Enum(choices)) => {
            let names: Vec<&str> = choices.iter().map(|(_, name)| name.as_str()).collect();
            let named = names.contains(&text).then(|| Value::from(text));
            (named.or_else(number).unwrap_or(Value::Null), names.join(" | "))
        }
        Some(DataType::Int { range, .. } | DataType::Float { range, .. }) => {
            let text = text.strip_suffix(range.unit.as_str()).unwrap_or(text).trim();
            let value = text.parse::<f64>().map_or(Value::Null, Value::from);
            (value, format!("{} … {}", range.min.unwrap_or_default(), range.max.unwrap_or_default()))
        }
        _ => {
            let bytes = hex::parse(text).ok().map(|bytes| Value::from(hex::encode(&bytes)));
            (bytes.unwrap_or(Value::Null), "hex".to_owned())
        }
    }
}

/// A frame of the serial line with another value in a field.
fn edit_serial(context: &Context<'_>, bytes: &[u8], path: &str, text: &str) -> Result<Vec<u8>, Phrase> {
    let all = serial::frames(bytes);
    let found = all.iter().find(|frame| frame.command().is_some()).ok_or(UNREADABLE)?;
    let right = found.faults.is_empty();
    // Without its head: the length is at 0, the command at 2, the payload at 6.
    let mut plain = found.plain().get(2..).unwrap_or_default().to_vec();
    let payload = found.payload();
    let payload = payload.start.min(plain.len())..payload.end.min(plain.len());
    let data = plain.get(payload.clone()).unwrap_or_default().to_vec();
    let mut follow = right;
    let (range, new) = match path {
        "length" => {
            follow = false;
            (0..2, big_endian(number(path, text, 65_535)?, 2))
        }
        "sum" => {
            follow = false;
            (plain.len().saturating_sub(1)..plain.len(), exact(path, text, 1)?)
        }
        "command" => (2..3, exact(path, text, 1)?),
        "sn" => (3..4, big_endian(number(path, text, 255)?, 1)),
        "flags" => (4..6, exact(path, text, 2)?),
        "error" | "way" => (payload, big_endian(number(path, text, 255)?, 1)),
        "payload" => (payload, any(path, text)?),
        "state" => (payload, exact(path, text, 2)?),
        _ if path == "p0" || path.starts_with("p0/") => {
            let new = business(context.model, &data, path, text)?;
            (payload, new)
        }
        _ => {
            let place = path.strip_prefix("state/").and_then(serial::state_bit).ok_or_else(|| FIXED.with(&[&path]))?;
            let on = bit(path, text)?;
            let mut state = data;
            let at = 1usize.saturating_sub(place / 8);
            if let Some(byte) = state.get_mut(at) {
                *byte = *byte & !(1 << (place % 8)) | u8::from(on) << (place % 8);
            }
            (payload, state)
        }
    };
    if range.end > plain.len() {
        return Err(UNREADABLE.into());
    }
    plain.splice(range, new);
    if follow {
        let length = u16::try_from(plain.len().saturating_sub(2)).unwrap_or(u16::MAX);
        plain.splice(0..2, length.to_be_bytes());
        plain.pop();
        plain.push(serial::checksum(&plain));
    }
    Ok(serial::escape(&plain))
}

fn exact(name: &str, text: &str, count: usize) -> Result<Vec<u8>, Phrase> {
    let wrong = || HEX_OF.with(&[&name, &count, &text]);
    hex::parse(text).ok().filter(|bytes| bytes.len() == count).ok_or_else(wrong)
}

fn any(name: &str, text: &str) -> Result<Vec<u8>, Phrase> {
    hex::parse(text).map_err(|_| HEX_ANY.with(&[&name, &text]))
}

fn number(name: &str, text: &str, most: u64) -> Result<u64, Phrase> {
    let read = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    read.filter(|number| *number <= most).ok_or_else(|| NUMBER_TO.with(&[&name, &most, &text]))
}

fn bit(name: &str, text: &str) -> Result<bool, Phrase> {
    match text {
        "0" | "false" | "off" => Ok(false),
        "1" | "true" | "on" => Ok(true),
        _ => Err(BIT_IS.with(&[&name, &text])),
    }
}

fn big_endian(number: u64, count: usize) -> Vec<u8> {
    let all = number.to_be_bytes();
    all.get(8usize.saturating_sub(count)..).unwrap_or_default().to_vec()
}
