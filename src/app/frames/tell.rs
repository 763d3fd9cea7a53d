//! What is said about the frame and the field under the cursor.

use std::cmp::Reverse;

use crate::app::App;
use crate::app::frames::texts::*;
use crate::base::hex;
use crate::dialect::lab::Cell;
use crate::model::Severity;

/// Bytes of a raw value that are written out.
const MOST_RAW: usize = 24;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The field under the cursor.
    Field,
    /// Its bits, or another remark.
    Plain,
    /// Where something is written, how something works.
    Dim,
    /// Something wrong.
    Problem(Severity),
    /// There is nothing wrong.
    Good,
}

impl App {
    /// The lines of the explanation, the most important first; not made printable.
    pub fn frame_lines(&self) -> Vec<(Tone, String)> {
        let lang = self.lang;
        let frames = &self.frames;
        let Some(entry) = frames.entry() else { return Vec::new() };
        let mut lines = Vec::new();
        let cell = frames.cell();
        let byte = frames.hex.cursor();
        if let Some(cell) = cell {
            field_lines(cell, entry.bytes(), &mut lines);
        }
        if let Some(row) = frames.sent.and_then(|key| self.compose.ledger.rows().find(|row| row.key == key)) {
            let words = self.connections.get(row.connection).map(|c| row.outcome_words(c.dialect, lang));
            lines.push((Tone::Plain, LEDGER.fill(lang, &[&row.journey(lang), &words.unwrap_or_default()])));
        }
        let mut problems: Vec<_> = frames.sheet.problems.iter().collect();
        let here =
            |problem: &&crate::model::Problem| (problem.offset..problem.offset + problem.length.max(1)).contains(&byte);
        problems.sort_by_key(|problem| (Reverse(problem.severity), !here(problem), problem.offset));
        for problem in &problems {
            let words = format!("{} ({})", problem.message, AT_BYTE.fill(lang, &[&problem.offset]));
            lines.push((Tone::Problem(problem.severity), words));
        }
        if problems.is_empty() {
            lines.push((Tone::Good, FINE.get(lang).to_owned()));
        }
        if let Some(cell) = cell.filter(|cell| !cell.rule.is_empty()) {
            lines.push((Tone::Dim, RULE.fill(lang, &[&cell.rule, &cell.source])));
        }
        if let Some(against) = frames.against {
            lines.push((Tone::Plain, self.difference(against)));
        }
        if frames.heat_shown() {
            lines.push((Tone::Plain, self.heat_words(byte)));
        }
        lines
    }

    fn difference(&self, against: usize) -> String {
        let lang = self.lang;
        let frames = &self.frames;
        let (Some(one), Some(other)) = (frames.entry(), frames.entries.get(against)) else { return String::new() };
        let (a, b) = (one.bytes(), other.bytes());
        let bytes = a.iter().zip(b).filter(|(a, b)| a != b).count() + a.len().abs_diff(b.len());
        if bytes == 0 {
            return SAME.fill(lang, &[&(against + 1)]);
        }
        let names = frames.differing_fields();
        DIFFERS.fill(lang, &[&(against + 1), &bytes, &names.join(", ")])
    }

    fn heat_words(&self, byte: usize) -> String {
        let heat = &self.frames.heat;
        match heat.spots.get(byte) {
            Some(spot) if spot.changes > 0 => {
                let bits: Vec<String> =
                    (0..8).filter(|bit| spot.bits >> bit & 1 == 1).map(|bit| bit.to_string()).collect();
                let values: Vec<String> =
                    spot.values.iter().map(|(value, count)| format!("{value:02x}×{count}")).collect();
                let more = if spot.more { " …" } else { "" };
                let steps = heat.frames.saturating_sub(1);
                let values = format!("{}{more}", values.join(" "));
                CHANGES.fill(self.lang, &[&byte, &spot.changes, &steps, &bits.join(","), &values])
            }
            Some(_) => NO_CHANGES.fill(self.lang, &[&byte, &heat.frames]),
            None => NOT_COMPARED.fill(self.lang, &[&byte, &heat.spots.len()]),
        }
    }
}

fn field_lines(cell: &Cell, bytes: &[u8], lines: &mut Vec<(Tone, String)>) {
    let raw = bytes.get(cell.range.clone()).unwrap_or_default();
    let shown = hex::encode(raw.get(..raw.len().min(MOST_RAW)).unwrap_or_default());
    let dots = if raw.len() > MOST_RAW { "…" } else { "" };
    let mut pieces = vec![cell.path.clone()];
    pieces.extend(Some(cell.kind.clone()).filter(|kind| !kind.is_empty()));
    pieces.push(format!("{shown}{dots}"));
    if (1..=8).contains(&raw.len()) && cell.bits.is_none() && !cell.has_parts {
        let number = raw.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        pieces.push(format!("= {number}"));
    }
    if !cell.value.is_empty() && cell.value.len() < 80 && cell.value != shown {
        pieces.push(cell.value.clone());
    }
    pieces.extend(cell.note.clone());
    lines.push((Tone::Field, pieces.join(" · ")));
    if let Some(bits) = cell.bits.filter(|_| raw.len() <= 8) {
        let all: String = raw.iter().map(|byte| format!("{byte:08b}")).collect();
        // The bits of the value stand in brackets.
        let end = all.len().saturating_sub(bits.from);
        let start = end.saturating_sub(bits.width);
        let part = |range: std::ops::Range<usize>| all.get(range).unwrap_or_default();
        let marked = format!("{}[{}]{}", part(0..start), part(start..end), part(end..all.len()));
        lines.push((Tone::Plain, format!("{shown} = {marked}")));
    }
}
