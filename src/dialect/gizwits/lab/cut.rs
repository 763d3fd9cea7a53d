//! Where frames begin and end.

use std::ops::Range;

use crate::dialect::gizwits::dissect;
use crate::dialect::gizwits::explain;
use crate::dialect::gizwits::frame::{self, Form, HEAD};
use crate::dialect::gizwits::lab::{SERIAL, form_of};
use crate::dialect::gizwits::serial;

/// The longest business data, with what stands around it: what says to be longer is no length.
const LONGEST: usize = 65_535 + 64;

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, wanted).map(|at| from + at)
}

/// Where the first frame begins. Further on in the bytes only what reads as a frame is one.
pub fn first(form: &str, bytes: &[u8]) -> Option<usize> {
    if form == SERIAL {
        return find(bytes, &serial::HEAD, 0);
    }
    let head = || {
        let mut at = find(bytes, &HEAD, 0)?;
        while at > 0 && !reads(bytes.get(at..).unwrap_or_default()) {
            at = find(bytes, &HEAD, at + 1)?;
        }
        Some(at)
    };
    let head = head();
    if head == Some(0) || form != super::AUTO {
        return head;
    }
    let line = find(bytes, &serial::HEAD, 0).filter(|at| is_serial(bytes.get(*at..).unwrap_or_default(), *at == 0));
    match (head, line) {
        (Some(head), Some(line)) => Some(head.min(line)),
        (None, None) => is_damaged_head(bytes).then_some(0),
        (head, line) => head.or(line),
    }
}

/// Whether bytes read as a frame with a command that is known.
fn reads(bytes: &[u8]) -> bool {
    let form = Form::of(None, bytes);
    frame::frames(bytes, form == Form::Server)
        .next()
        .and_then(Result::ok)
        .is_some_and(|frame| dissect::is_command(frame.command))
}

fn is_serial(bytes: &[u8], at_start: bool) -> bool {
    let known = bytes.get(4).is_some_and(|code| serial::name(*code).is_some());
    let whole = || {
        let said = bytes.get(2..4).map(|two| two.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)));
        said.is_some_and(|said| said >= 5 && said + 4 <= bytes.len())
    };
    known && (at_start || whole()) || at_start && bytes.len() < 5
}

/// A head that is not whole, in the other order, or written as text.
fn is_damaged_head(bytes: &[u8]) -> bool {
    let fault = frame::frames(bytes, false).next().and_then(Result::err);
    fault.is_some_and(|fault| !explain::fault(bytes, None, &fault).is_empty())
}

/// Whether the last frame is cut off.
pub fn lacks(form: &str, bytes: &[u8]) -> bool {
    let kind = form_of(form, "", bytes);
    let Some(last) = cut(kind, bytes).pop() else { return true };
    let tail = bytes.get(last).unwrap_or_default();
    match kind {
        Form::Serial => serial::frames(tail).pop().is_some_and(|frame| frame.is_cut()),
        Form::Server => tail.len() < 6,
        Form::Peer if tail.len() < 5 => HEAD.starts_with(tail.get(..tail.len().min(4)).unwrap_or_default()),
        Form::Peer => match tail.get(4..).and_then(frame::read_length) {
            Some((said, digits)) => tail.starts_with(&HEAD) && said + digits + 4 > tail.len() && said <= LONGEST,
            None => tail.len() < 8,
        },
    }
}

/// The frames of a run of bytes.
pub fn cut(form: Form, bytes: &[u8]) -> Vec<Range<usize>> {
    match form {
        Form::Serial => serial_frames(bytes),
        Form::Server => at_heads(bytes),
        Form::Peer => peers(bytes),
    }
}

fn serial_frames(bytes: &[u8]) -> Vec<Range<usize>> {
    let all = serial::frames(bytes);
    with_first(all.into_iter().map(|frame| frame.wire).collect(), serial::begins(bytes))
}

/// Frames without a length end where the next one begins.
fn at_heads(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    while let Some(next) = find(bytes, &HEAD, start + 4) {
        ranges.push(start..next);
        start = next;
    }
    if start < bytes.len() {
        ranges.push(start..bytes.len());
    }
    ranges
}

fn peers(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let read = frame::frames(rest, false).next().and_then(Result::ok);
        let end = match read {
            Some(frame) => {
                let end = at + frame.end;
                let behind = bytes.get(end..).unwrap_or_default();
                // A length that says too much reaches into the next frame, and what is left of that is no frame.
                let inside = || find(bytes, &HEAD, at + 8).filter(|next| *next < end);
                let is_next = |next: &usize| reads(bytes.get(*next..).unwrap_or_default());
                if behind.is_empty() || behind.starts_with(&HEAD) {
                    end
                } else {
                    inside().filter(is_next).unwrap_or(end)
                }
            }
            // Up to where the next frame can be read.
            None => {
                let mut next = find(bytes, &HEAD, at + 1);
                while let Some(place) = next
                    && !reads(bytes.get(place..).unwrap_or_default())
                {
                    next = find(bytes, &HEAD, place + 1);
                }
                next.unwrap_or(bytes.len())
            }
        };
        let is_frame = rest.starts_with(&HEAD);
        match ranges.last_mut() {
            Some(last) if !is_frame => last.end = end,
            _ => ranges.push(at..end),
        }
        at = end.max(at + 1);
    }
    with_first(ranges, bytes.starts_with(&HEAD))
}

/// What stands before the first head is looked at together with its frame.
fn with_first(mut ranges: Vec<Range<usize>>, begins: bool) -> Vec<Range<usize>> {
    if let [first, second, ..] = ranges.as_mut_slice()
        && !begins
    {
        second.start = first.start;
        ranges.remove(0);
    }
    ranges
}
