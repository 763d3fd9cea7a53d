//! Frames caught in what was pasted or read from a file.
//!
//! 1. Packets of a capture, bytes of a file and runs of bytes in a text are looked through for frames.
//! 2. A run that goes on from the one before (a dump, a bare line, the rest of a frame that was cut off) is joined to it;
//!    on lines with words in front only one with the same words, so that two directions of a log are kept apart.
//! 3. Runs without a frame are left out and counted. Where there is no frame at all, everything is taken for one damaged
//!    frame, because somebody wanted it looked at.

use std::collections::BTreeSet;

use crate::base::text;
use crate::base::time::Time;
use crate::dialect::lab::dress::{self, Run};
use crate::dialect::lab::{Lab, capture};

/// How far back the beginning of a frame is looked for whose rest comes later.
const BACK: usize = 8;

/// A frame with what is known of where it was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caught {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The line or the packet that it begins in, from 1; 0 where there are none.
    pub line: usize,
    /// The time stamp, as it is written there.
    pub stamp: String,
    /// The words before it.
    pub lead: String,
    /// Its topic, where one was found.
    pub topic: String,
}

/// What was found in a text or a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catch {
    /// The frames in their order.
    pub frames: Vec<Caught>,
    /// Runs of bytes without a frame.
    pub left_out: usize,
}

/// Catches frames in a file: a capture of packets, a text, or the bytes themselves.
pub fn file(lab: &dyn Lab, form: &str, file: &[u8]) -> Catch {
    if let Some(packets) = capture::packets(file) {
        let mut all = Catch::default();
        for (index, packet) in packets.iter().enumerate() {
            let stamp = text::local_date_time(Time::from_micros(packet.micros));
            let run = Run { bytes: packet.bytes.clone(), line: index + 1, stamp, ..Run::default() };
            if lab.first(form, &run.bytes).is_some() {
                all.frames.extend(split(lab, form, &run, true));
            } else {
                all.left_out += 1;
            }
        }
        return all;
    }
    match std::str::from_utf8(file) {
        Ok(words) if !words.contains('\0') => text(lab, form, words),
        _ => bytes(lab, form, file),
    }
}

/// Catches frames in bytes as they are.
pub fn bytes(lab: &dyn Lab, form: &str, bytes: &[u8]) -> Catch {
    let run = Run { bytes: bytes.to_vec(), ..Run::default() };
    Catch { frames: split(lab, form, &run, false), left_out: 0 }
}

/// Catches frames in a text.
pub fn text(lab: &dyn Lab, form: &str, words: &str) -> Catch {
    let runs = dress::runs(words);
    let mut caught = from_runs(lab, form, &runs);
    if caught.frames.is_empty() {
        let coded = dress::base64_words(words);
        let coded: Vec<Run> = coded.into_iter().filter(|run| lab.first(form, &run.bytes) == Some(0)).collect();
        caught = from_runs(lab, form, &coded);
    }
    if caught.frames.is_empty() {
        let all: Vec<u8> = runs.iter().flat_map(|run| run.bytes.iter().copied()).collect();
        if !all.is_empty() {
            let line = runs.first().map_or(0, |run| run.line);
            caught = Catch { frames: vec![Caught { bytes: all, line, ..Caught::default() }], left_out: 0 };
        }
    }
    let lines: Vec<&str> = words.lines().collect();
    // The frames of one line ask for the same topic.
    let mut told: Option<(usize, String)> = None;
    for frame in caught.frames.iter_mut().filter(|frame| frame.topic.is_empty()) {
        let (_, topic) = match told.take() {
            Some(told) if told.0 == frame.line => told,
            _ => {
                let line = lines.get(frame.line.saturating_sub(1)).copied().unwrap_or_default();
                (frame.line, lab.topic_in(line).unwrap_or_default())
            }
        };
        frame.topic.clone_from(&topic);
        told = Some((frame.line, topic));
    }
    caught
}

fn from_runs(lab: &dyn Lab, form: &str, runs: &[Run]) -> Catch {
    let mut joined: Vec<Run> = Vec::new();
    // The line that the last run ended on, and whether it was bare.
    let mut last: Option<(usize, bool)> = None;
    let mut left_out = 0;
    let dumps: BTreeSet<usize> = runs.iter().filter(|run| run.goes_on).map(|run| run.line).collect();
    for run in runs {
        let first = lab.first(form, &run.bytes);
        let follows = last.is_some_and(|(line, bare)| bare && run.bare && run.line == line + 1);
        let goes_on = run.goes_on || (follows && first != Some(0));
        if goes_on && let Some(open) = joined.last_mut() {
            open.bytes.extend_from_slice(&run.bytes);
        } else if first != Some(0)
            && let Some(open) = joined
                .iter_mut()
                .rev()
                .take(BACK)
                .find(|open| (run.bare || open.lead == run.lead) && lab.lacks(form, &open.bytes))
        {
            open.bytes.extend_from_slice(&run.bytes);
        } else if first.is_some() {
            joined.push(run.clone());
        } else {
            // A dump may have its first frame further on.
            let opens_dump = dumps.contains(&(run.line + 1));
            if opens_dump {
                joined.push(run.clone());
            } else {
                left_out += 1;
            }
            last = opens_dump.then_some((run.line, run.bare));
            continue;
        }
        last = Some((run.line, run.bare));
    }
    let mut frames = Vec::new();
    for run in &joined {
        if lab.first(form, &run.bytes).is_some() {
            frames.extend(split(lab, form, run, !run.lead.is_empty()));
        } else {
            left_out += 1;
        }
    }
    Catch { frames, left_out }
}

/// The frames of a run. Bytes before the first one are the head of an MQTT packet, which tells its topic, or belong to
/// the words of a log with `skip`; otherwise something is wrong with them, and they stay.
fn split(lab: &dyn Lab, form: &str, run: &Run, skip: bool) -> Vec<Caught> {
    let first = lab.first(form, &run.bytes).unwrap_or(0).min(run.bytes.len());
    let topic = published(run.bytes.get(..first).unwrap_or_default());
    let from = if topic.is_some() || skip { first } else { 0 };
    let rest = run.bytes.get(from..).unwrap_or_default();
    let topic = topic.unwrap_or_default();
    let caught = |range: std::ops::Range<usize>| Caught {
        bytes: rest.get(range).unwrap_or_default().to_vec(),
        line: run.line,
        stamp: run.stamp.clone(),
        lead: run.lead.clone(),
        topic: topic.clone(),
    };
    let ranges = lab.cut(form, rest);
    if ranges.is_empty() && !rest.is_empty() {
        return vec![caught(0..rest.len())];
    }
    ranges.into_iter().map(caught).collect()
}

/// The topic of an MQTT PUBLISH whose payload follows: its length in two bytes, itself, and perhaps a packet id.
fn published(before: &[u8]) -> Option<String> {
    for id in [0, 2] {
        let head = before.get(..before.len().checked_sub(id)?)?;
        for length in 1..head.len().saturating_sub(1).min(512) {
            let at = head.len() - length;
            let said = head.get(at.checked_sub(2)?..at)?;
            if said.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte)) != length {
                continue;
            }
            let topic = std::str::from_utf8(head.get(at..)?).ok();
            if let Some(topic) = topic.filter(|topic| topic.chars().all(|c| !c.is_control())) {
                return Some(topic.to_owned());
            }
        }
    }
    None
}
