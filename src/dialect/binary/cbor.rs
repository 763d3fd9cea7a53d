//! CBOR (RFC 8949).

use std::time::Duration;

use ciborium_ll::{Decoder, Error, Header, simple};

use super::{Limits, Stop, bytes, leaf, whole};
use crate::base::lang::Lang;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::model::{Dissection, Field};

type Bytes<'a> = Decoder<&'a [u8]>;

/// Takes a payload apart.
pub fn cbor(payload: &[u8], lang: Lang) -> Dissection {
    let mut decoder = Decoder::from(payload);
    let root = next(&mut decoder, &mut Limits::new(lang), 0).and_then(|value| match value {
        Some(field) => Ok(field),
        None => Err(Stop { offset: 0, reason: OUT_OF_PLACE.to_owned() }),
    });
    let end = decoder.offset();
    whole(payload, root, end, Vec::new(), lang)
}

const OUT_OF_PLACE: &str = "an end mark without a beginning";

/// The next value, or the end mark of the list that is being read.
fn next(decoder: &mut Bytes<'_>, limits: &mut Limits, depth: usize) -> Result<Option<Field>, Stop> {
    let from = decoder.offset();
    limits.enter(from, depth)?;
    let header = decoder.pull().map_err(|error| stop(from, &error))?;
    let text = match header {
        Header::Break => return Ok(None),
        Header::Positive(number) => number.to_string(),
        Header::Negative(number) => (-1 - i128::from(number)).to_string(),
        Header::Float(number) => number.to_string(),
        Header::Simple(simple::FALSE) => "false".to_owned(),
        Header::Simple(simple::TRUE) => "true".to_owned(),
        Header::Simple(simple::NULL) => "null".to_owned(),
        Header::Simple(simple::UNDEFINED) => "undefined".to_owned(),
        Header::Simple(other) => format!("simple({other})"),
        Header::Text(length) => text(decoder, length, from)?,
        Header::Bytes(length) => {
            let digits = bytes(&binary(decoder, length, from)?);
            return Ok(Some(leaf(digits, from, decoder.offset(), Some("bytes".to_owned()))));
        }
        Header::Array(count) => {
            let mut children = Vec::new();
            while count.is_none_or(|count| children.len() < count) {
                let Some(mut child) = part(decoder, limits, depth, count)? else { break };
                child.name = children.len().to_string();
                children.push(child);
            }
            return Ok(Some(parent("[]", children, from, decoder)));
        }
        Header::Map(count) => {
            let mut children = Vec::new();
            while count.is_none_or(|count| children.len() < count) {
                let start = decoder.offset();
                let Some(key) = part(decoder, limits, depth, count)? else { break };
                let Some(mut child) = part(decoder, limits, depth, Some(1))? else { break };
                child.name =
                    if key.children.is_empty() { key.value } else { format!("({} parts)", key.children.len()) };
                child.length += child.offset - start;
                child.offset = start;
                children.push(child);
            }
            return Ok(Some(parent("{}", children, from, decoder)));
        }
        Header::Tag(tag) => {
            let Some(inner) = part(decoder, limits, depth, Some(1))? else { return Ok(None) };
            return Ok(Some(tagged(tag, inner, from)));
        }
    };
    Ok(Some(leaf(text, from, decoder.offset(), None)))
}

/// A part of a list. The end mark is only in place where the list does not say how long it is.
fn part(
    decoder: &mut Bytes<'_>,
    limits: &mut Limits,
    depth: usize,
    count: Option<usize>,
) -> Result<Option<Field>, Stop> {
    let from = decoder.offset();
    match next(decoder, limits, depth + 1)? {
        None if count.is_some() => Err(Stop { offset: from, reason: OUT_OF_PLACE.to_owned() }),
        part => Ok(part),
    }
}

fn stop<E: std::fmt::Debug>(from: usize, error: &Error<E>) -> Stop {
    match error {
        Error::Io(_) => Stop { offset: from, reason: "the end of the bytes".to_owned() },
        Error::Syntax(offset) => Stop { offset: *offset, reason: "no CBOR".to_owned() },
    }
}

fn text(decoder: &mut Bytes<'_>, length: Option<usize>, from: usize) -> Result<String, Stop> {
    let mut whole = String::new();
    let mut buffer = [0; 4096];
    let mut segments = decoder.text(length);
    while let Some(mut segment) = segments.pull().map_err(|error| stop(from, &error))? {
        while let Some(chunk) = segment.pull(&mut buffer).map_err(|error| stop(from, &error))? {
            whole.push_str(chunk);
        }
    }
    Ok(whole)
}

fn binary(decoder: &mut Bytes<'_>, length: Option<usize>, from: usize) -> Result<Vec<u8>, Stop> {
    let mut whole = Vec::new();
    let mut buffer = [0; 4096];
    let mut segments = decoder.bytes(length);
    while let Some(mut segment) = segments.pull().map_err(|error| stop(from, &error))? {
        while let Some(chunk) = segment.pull(&mut buffer).map_err(|error| stop(from, &error))? {
            whole.extend_from_slice(chunk);
        }
    }
    Ok(whole)
}

/// Tag 1 are seconds since 1970 (RFC 8949, section 3.4.2).
fn tagged(tag: u64, mut inner: Field, from: usize) -> Field {
    let seconds = inner.value.parse::<f64>().ok().filter(|seconds| tag == 1 && (0.0..4e9).contains(seconds));
    let time = seconds.map(|seconds| Time::ZERO + Duration::from_secs_f64(seconds));
    let note = time.map_or_else(|| format!("tag {tag}"), |at| format!("tag {tag} · {}", local_date_time(at)));
    inner.note = Some(inner.note.map_or(note.clone(), |old| format!("{note} · {old}")));
    inner.length += inner.offset - from;
    inner.offset = from;
    inner
}

fn parent(empty: &str, children: Vec<Field>, from: usize, decoder: &mut Bytes<'_>) -> Field {
    let value = if children.is_empty() { empty.to_owned() } else { String::new() };
    Field { value, offset: from, length: decoder.offset() - from, children, ..Field::default() }
}
