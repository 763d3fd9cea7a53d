//! MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>).

use std::io::{Cursor, Read};

use rmp::Marker;
use rmp::decode;

use super::{Limits, Stop, bytes, leaf, whole};
use crate::base::lang::Lang;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::model::{Dissection, Field};

type Bytes<'a> = Cursor<&'a [u8]>;

/// Takes a payload apart.
pub fn msgpack(payload: &[u8], lang: Lang) -> Dissection {
    let mut cursor = Cursor::new(payload);
    let root = value(&mut cursor, &mut Limits::new(lang), 0);
    let end = position(&cursor);
    whole(payload, root, end, Vec::new(), lang)
}

fn position(cursor: &Bytes<'_>) -> usize {
    usize::try_from(cursor.position()).unwrap_or(usize::MAX)
}

fn value(cursor: &mut Bytes<'_>, limits: &mut Limits, depth: usize) -> Result<Field, Stop> {
    let from = position(cursor);
    limits.enter(from, depth)?;
    let stop = |error: &dyn std::fmt::Display| Stop { offset: from, reason: error.to_string() };
    let rest = cursor.get_ref().get(from..).unwrap_or_default();
    let marker = Marker::from_u8(*rest.first().ok_or_else(|| stop(&"the end of the bytes"))?);
    let text = match marker {
        Marker::Null => decode::read_nil(cursor).map(|()| "null".to_owned()).map_err(|error| stop(&error))?,
        Marker::True | Marker::False => decode::read_bool(cursor).map_err(|error| stop(&error))?.to_string(),
        Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
            decode::read_int::<u64, _>(cursor).map_err(|error| stop(&error))?.to_string()
        }
        Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
            decode::read_int::<i64, _>(cursor).map_err(|error| stop(&error))?.to_string()
        }
        Marker::F32 => decode::read_f32(cursor).map_err(|error| stop(&error))?.to_string(),
        Marker::F64 => decode::read_f64(cursor).map_err(|error| stop(&error))?.to_string(),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            let length = decode::read_str_len(cursor).map_err(|error| stop(&error))?;
            let text = take(cursor, length)?;
            String::from_utf8(text).map_err(|error| stop(&error))?
        }
        Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
            let length = decode::read_bin_len(cursor).map_err(|error| stop(&error))?;
            let taken = take(cursor, length)?;
            return Ok(leaf(bytes(&taken), from, position(cursor), Some("bytes".to_owned())));
        }
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
            let count = decode::read_array_len(cursor).map_err(|error| stop(&error))?;
            let mut children = Vec::new();
            for index in 0..count {
                let mut child = value(cursor, limits, depth + 1)?;
                child.name = index.to_string();
                children.push(child);
            }
            return Ok(parent("[]", children, from, cursor));
        }
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
            let count = decode::read_map_len(cursor).map_err(|error| stop(&error))?;
            let mut children = Vec::new();
            for _ in 0..count {
                let start = position(cursor);
                let key = value(cursor, limits, depth + 1)?;
                let mut child = value(cursor, limits, depth + 1)?;
                child.name =
                    if key.children.is_empty() { key.value } else { format!("({} parts)", key.children.len()) };
                child.length += child.offset - start;
                child.offset = start;
                children.push(child);
            }
            return Ok(parent("{}", children, from, cursor));
        }
        Marker::FixExt1
        | Marker::FixExt2
        | Marker::FixExt4
        | Marker::FixExt8
        | Marker::FixExt16
        | Marker::Ext8
        | Marker::Ext16
        | Marker::Ext32 => {
            let meta = decode::read_ext_meta(cursor).map_err(|error| stop(&error))?;
            let taken = take(cursor, meta.size)?;
            let note = match time_of(meta.typeid, &taken) {
                Some(at) => format!("extension {} · {}", meta.typeid, local_date_time(at)),
                None => format!("extension {}", meta.typeid),
            };
            return Ok(leaf(bytes(&taken), from, position(cursor), Some(note)));
        }
        Marker::Reserved => return Err(stop(&"the reserved marker 0xc1")),
    };
    Ok(leaf(text, from, position(cursor), None))
}

/// So many bytes, if they are there.
fn take(cursor: &mut Bytes<'_>, length: u32) -> Result<Vec<u8>, Stop> {
    let from = position(cursor);
    let mut taken = Vec::new();
    let read = cursor.by_ref().take(u64::from(length)).read_to_end(&mut taken);
    match read {
        Ok(read) if u32::try_from(read).is_ok_and(|read| read == length) => Ok(taken),
        _ => Err(Stop { offset: from, reason: format!("{length} bytes wanted, {} there", taken.len()) }),
    }
}

/// Extension −1 is a time; of its three forms these two hold seconds in the first or the last bytes.
fn time_of(typeid: i8, bytes: &[u8]) -> Option<Time> {
    match (typeid, bytes.len()) {
        (-1, 4) => Some(Time::from_secs(u64::from(u32::from_be_bytes(bytes.try_into().ok()?)))),
        (-1, 8) => Some(Time::from_secs(u64::from_be_bytes(bytes.try_into().ok()?) & 0x3_ffff_ffff)),
        _ => None,
    }
}

fn parent(empty: &str, children: Vec<Field>, from: usize, cursor: &Bytes<'_>) -> Field {
    let value = if children.is_empty() { empty.to_owned() } else { String::new() };
    Field { value, offset: from, length: position(cursor) - from, children, ..Field::default() }
}
