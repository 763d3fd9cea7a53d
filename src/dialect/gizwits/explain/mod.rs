//! What is wrong with a frame in words, with its place and how to mend it: the mistakes that people make with these
//! frames, each recognised by what the bytes would be without it.
//!
//! `envelope` looks at head, length, flag and command, `data` at what the command carries. Nothing here decides how a frame
//! is read; a remark only stands beside what was read.

mod data;
mod envelope;
mod texts;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::base::lang::Phrase;
use crate::dialect::Context;
use crate::dialect::gizwits::frame::{Frame, FrameFault};
use crate::dialect::gizwits::topic::{Address, Channel};
use crate::model::Severity;

/// Something about a stretch of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// The bytes, counted from the start of the payload.
    pub bytes: Range<usize>,
    /// What is wrong, and how to mend it.
    pub reason: Phrase,
}

fn error(bytes: Range<usize>, reason: impl Into<Phrase>) -> Remark {
    Remark { severity: Severity::Error, bytes, reason: reason.into() }
}

fn warning(bytes: Range<usize>, reason: impl Into<Phrase>) -> Remark {
    Remark { severity: Severity::Warning, bytes, reason: reason.into() }
}

/// Who hears a frame, as far as its topic tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hearer {
    Device,
    App,
    Unknown,
}

fn hearer(address: Option<&Address>) -> Hearer {
    match address.map(|address| address.channel) {
        Some(Channel::App2Dev | Channel::App2Module) => Hearer::Device,
        Some(Channel::Broadcast | Channel::Dev2App) => Hearer::App,
        _ => Hearer::Unknown,
    }
}

/// What there is to say about a frame that could be read.
pub fn frame(context: &Context<'_>, address: Option<&Address>, payload: &[u8], frame: &Frame) -> Vec<Remark> {
    if frame.length.is_none() {
        return envelope::server(payload, frame);
    }
    let hearer = hearer(address);
    let mut remarks = envelope::length(payload, frame);
    let envelope = envelope::command(hearer, frame);
    // Where the command itself is mistaken, what it carries cannot be judged.
    let mistaken = envelope.iter().any(|remark| remark.severity == Severity::Error);
    remarks.extend(envelope);
    if !mistaken {
        remarks.extend(data::remarks(context.model, hearer, payload, frame));
    }
    remarks
}

/// What there is to say about the business data of a frame whose envelope was looked at elsewhere.
pub fn carried(context: &Context<'_>, payload: &[u8], frame: &Frame) -> Vec<Remark> {
    data::remarks(context.model, Hearer::Unknown, payload, frame)
}

/// What more there is to say about bytes that could not be read as a frame; `before` is the frame that ends where they
/// begin.
pub fn fault(payload: &[u8], before: Option<&Frame>, fault: &FrameFault) -> Vec<Remark> {
    envelope::fault(payload, before, fault)
}
