//! The inspector: one message taken apart.
//!
//! 1. A message is copied and dissected once, when it is selected. The copy stays when the message leaves the store.
//! 2. Fields and bytes are linked: a field lights up its bytes, a byte selects the innermost field that it belongs to.
//! 3. Only rows that are drawn are written out; a payload of 1 MiB costs one dissection and, where it is looked at as
//!    text, one pass for the line ends.

pub mod decode;
pub mod diff;
mod explain;
pub mod fields;
pub mod hex;
pub mod history;
pub mod lines;
mod plot;
mod relate;
mod texts;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::app::stream::row::{self, Outcome};
use crate::app::stream::scene::Scene;
use crate::base::lang::{Lang, Text};
use crate::base::text;
use crate::base::time::Time;
use crate::model::{Direction, Dissection, MessageRef};
use crate::store::{Entry, Seq};

pub use decode::Decoders;
pub use diff::Diff;
pub use fields::{FieldRow, Fields, Row};
pub use hex::Hex;
pub use history::History;
pub use lines::Lines;
use relate::Related;

/// The ways to look at a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Fields, linked with the bytes.
    #[default]
    Fields,
    /// Bytes, linked with the fields.
    Hex,
    /// JSON indented.
    Pretty,
    /// The text as it is.
    Raw,
    /// What differs from the message of its kind before it.
    Diff,
    /// The values of the selected field over time.
    History,
}

impl Mode {
    /// Every mode, in the order of the tabs.
    pub const ALL: [Mode; 6] = [Mode::Fields, Mode::Hex, Mode::Pretty, Mode::Raw, Mode::Diff, Mode::History];

    /// The name shown to people.
    pub const fn title(self) -> Text {
        match self {
            Mode::Fields => Text::new("Tree", "字段"),
            Mode::Hex => Text::new("Hex", "十六进制"),
            Mode::Pretty => Text::new("Pretty", "格式化"),
            Mode::Raw => Text::new("Raw", "原文"),
            Mode::Diff => Text::new("Diff", "对比"),
            Mode::History => Text::new("History", "历史值"),
        }
    }

    /// The mode after this one.
    pub const fn next(self) -> Mode {
        match self {
            Mode::Fields => Mode::Hex,
            Mode::Hex => Mode::Pretty,
            Mode::Pretty => Mode::Raw,
            Mode::Raw => Mode::Diff,
            Mode::Diff => Mode::History,
            Mode::History => Mode::Fields,
        }
    }

    /// Whether fields and bytes stand side by side where there is room.
    pub const fn is_linked(self) -> bool {
        matches!(self, Mode::Fields | Mode::Hex)
    }
}

/// Where a message came from and what is known of it, in words, made printable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The topic.
    pub topic: String,
    /// Kind, device, direction, connection, time, QoS, size and so on, each a short piece.
    pub pieces: Vec<String>,
    /// What became of it, if anything.
    pub outcome: Outcome,
    /// Words of the outcome.
    pub outcome_words: String,
    /// One line on what it says.
    pub summary: String,
}

/// What a line above the fields is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLine {
    /// The topic.
    Topic,
    /// Something to beware of.
    Warning,
    /// What became of the message.
    Outcome,
    /// Kind, device, time and so on.
    Pieces,
    /// What it says.
    Summary,
}

impl Header {
    fn tell_outcome(&mut self, scene: &Scene<'_>, entry: &Entry<'_>) {
        self.outcome = Outcome::of(entry);
        let mut words = row::outcome_words(scene, entry);
        if let (true, Some(fate)) = (words.is_empty(), entry.fate) {
            words = row::fate_words(fate).get(scene.lang).to_owned();
        }
        if words.is_empty() && self.outcome == Outcome::Good {
            texts::GOOD.get(scene.lang).clone_into(&mut words);
        }
        if let Some(latency) = entry.latency {
            let after = texts::AFTER.fill(scene.lang, &[&text::duration_short(latency)]);
            words = format!("{words} · {after}");
        }
        self.outcome_words = words;
    }
}

/// The inspected message.
#[derive(Debug, Default)]
pub struct Inspector {
    seq: Option<Seq>,
    lang: Lang,
    payload: Vec<u8>,
    payload_len: usize,
    topic: String,
    at: Time,
    header: Header,
    left: bool,
    fields: Fields,
    hex: Hex,
    mode: Mode,
    pretty: Option<(Vec<u8>, bool)>,
    pretty_lines: Lines,
    raw_lines: Lines,
    related: Related,
}

impl Inspector {
    /// Looks at a message; nothing is done again for the one that is already there. Without a message, or with one that
    /// left the store, what is there stays.
    pub fn look_at(&mut self, scene: &Scene<'_>, seq: Option<Seq>, decoders: &mut Decoders) {
        let Some(seq) = seq else { return };
        let Some(entry) = scene.store.entry(seq) else {
            self.left = true;
            return;
        };
        let message = entry.message;
        if self.seq == Some(seq) && self.lang == scene.lang {
            // What became of it may have changed meanwhile.
            self.header.tell_outcome(scene, &entry);
            return;
        }
        let dissection = decoders.dissect(scene, seq, &message);
        let previous = self.hex.cursor();
        let same_kind = self.topic == message.topic;
        self.header = header(scene, &message, &dissection);
        self.header.tell_outcome(scene, &entry);
        self.seq = Some(seq);
        self.lang = scene.lang;
        self.left = false;
        self.at = message.at;
        self.topic = message.topic.to_owned();
        self.payload_len = message.payload_len;
        self.payload.clear();
        self.payload.extend_from_slice(message.payload);
        self.fields = Fields::new(dissection);
        self.hex = Hex::new(self.payload.len());
        self.pretty = None;
        self.pretty_lines = Lines::default();
        self.raw_lines = Lines::default();
        // Walking through messages of one topic, the eye stays on the same bytes.
        if same_kind && previous > 0 {
            self.select_byte(previous);
        } else {
            self.show_bytes();
        }
    }

    /// Takes the message apart again: something new is known about how to read it.
    pub fn forget(&mut self) {
        self.seq = None;
    }

    /// Prepares what the mode needs for panes of this width in cells.
    pub fn prepare(&mut self, cells: usize) {
        match self.mode {
            Mode::Raw if self.raw_lines.width() != cells.max(1) => {
                self.raw_lines = Lines::new(&self.payload, cells);
            }
            Mode::Pretty => {
                if self.pretty.is_none() {
                    self.pretty = lines::pretty(&self.payload);
                }
                if self.pretty_lines.width() != cells.max(1) {
                    let text = self.pretty.as_ref().map_or(self.payload.as_slice(), |(text, _)| text);
                    self.pretty_lines = Lines::new(text, cells);
                }
            }
            _ => {}
        }
    }

    /// The message that is looked at.
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// Its topic, not made printable.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The payload, as far as it was kept.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What is known of the message.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What is known of the message, line by line, the most important first.
    pub fn header_lines(&self) -> Vec<(HeaderLine, String)> {
        let header = &self.header;
        let mut lines = vec![(HeaderLine::Topic, header.topic.clone())];
        if self.left {
            lines.push((HeaderLine::Warning, texts::LEFT.get(self.lang).to_owned()));
        }
        if header.outcome != Outcome::None {
            lines.push((HeaderLine::Outcome, format!("{} {}", header.outcome.mark(), header.outcome_words)));
        }
        lines.push((HeaderLine::Pieces, header.pieces.join(" · ")));
        if !header.summary.is_empty() {
            lines.push((HeaderLine::Summary, header.summary.clone()));
        }
        lines
    }

    /// How the payload is looked at.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Looks at the payload in another way.
    pub fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    /// Problems and fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The place among the bytes.
    pub fn hex(&self) -> &Hex {
        &self.hex
    }

    /// The bytes that belong to the selected row.
    pub fn highlight(&self) -> Option<Range<usize>> {
        self.fields.range()
    }

    /// The text shown in this mode, in rows; `None` where fields or bytes are shown.
    pub fn lines(&self) -> Option<(&Lines, &[u8])> {
        match self.mode {
            Mode::Raw => Some((&self.raw_lines, &self.payload)),
            Mode::Pretty => {
                Some((&self.pretty_lines, self.pretty.as_ref().map_or(self.payload.as_slice(), |(text, _)| text)))
            }
            Mode::Fields | Mode::Hex | Mode::Diff | Mode::History => None,
        }
    }

    /// Moves up or down within `height` rows of `per_row` bytes.
    pub fn step(&mut self, by: isize, height: usize, per_row: usize) {
        match self.mode {
            Mode::Fields => {
                self.fields.step(by);
                self.show_bytes();
            }
            Mode::Hex => {
                self.hex.step_rows(by, per_row);
                self.show_field();
            }
            Mode::Pretty => self.pretty_lines.scroll(by, height),
            Mode::Raw => self.raw_lines.scroll(by, height),
            Mode::Diff => self.related.diff.scroll(by, height),
            Mode::History => self.fields.step_value(by > 0),
        }
    }

    /// Moves left or right: folds and unfolds fields, goes from byte to byte.
    pub fn sideways(&mut self, right: bool) {
        match self.mode {
            Mode::Fields => {
                self.fields.fold(!right);
                self.show_bytes();
            }
            Mode::Hex => {
                self.hex.step(if right { 1 } else { -1 });
                self.show_field();
            }
            Mode::History => self.related.history.scroll(if right { 1 } else { -1 }),
            Mode::Pretty | Mode::Raw | Mode::Diff => {}
        }
    }

    /// Folds or unfolds the selected field.
    pub fn toggle(&mut self) {
        self.fields.toggle();
    }

    /// Selects a row of the fields: a click.
    pub fn select_row(&mut self, row: usize) {
        self.fields.select_row(row);
        self.show_bytes();
    }

    /// Selects a byte, and with it the innermost field that it belongs to: a click.
    pub fn select_byte(&mut self, byte: usize) {
        self.hex.select(byte);
        self.show_field();
    }

    /// Keeps the rows where they were drawn last.
    pub fn settle(&mut self, fields_height: usize, hex_height: usize, per_row: usize) {
        self.fields.settle(fields_height);
        self.hex.settle(hex_height, per_row);
    }

    fn show_bytes(&mut self) {
        if let Some(range) = self.fields.range() {
            self.hex.show(&range);
        }
    }

    fn show_field(&mut self) {
        if let Some(place) = self.fields.innermost(self.hex.cursor()) {
            self.fields.select_field(place);
        }
    }
}

fn header(scene: &Scene<'_>, message: &MessageRef<'_>, dissection: &Dissection) -> Header {
    let lang = scene.lang;
    let mut pieces = vec![message.meta.kind.title().get(lang).to_owned()];
    if let Some(device) = message.device() {
        pieces.push(text::printable(device).into_owned());
    }
    pieces.push(if message.is_truncated() {
        // Where both round to the same, bytes tell them apart.
        let (kept, all) = (size(message.payload.len()), size(message.payload_len));
        let bytes = |length: usize| format!("{} B", text::group_digits(length as u64));
        match kept == all {
            true => texts::TRUNCATED.fill(lang, &[&bytes(message.payload.len()), &bytes(message.payload_len)]),
            false => texts::TRUNCATED.fill(lang, &[&kept, &all]),
        }
    } else {
        size(message.payload_len)
    });
    let way = match message.direction {
        Direction::In => texts::RECEIVED,
        Direction::Out => texts::SENT,
    };
    pieces.push(format!("{} {}", way.get(lang), text::local_time(message.at)));
    if let Some(peer) = scene.peer_of(message) {
        pieces.push(format!("{} {}", peer.glyph, text::printable(peer.name)));
    }
    let flags = [(message.retain, texts::RETAINED), (message.dup, texts::DUPLICATE)];
    let flags = flags.iter().filter(|(set, _)| *set).map(|(_, text)| format!(" {}", text.get(lang)));
    pieces.push(format!("QoS {}{}", message.qos, flags.collect::<String>()));
    if let Some(id) = message.request_id() {
        pieces.push(format!("#{}", text::printable(&id)));
    }
    Header {
        topic: text::printable(message.topic).into_owned(),
        pieces,
        summary: text::printable(&dissection.summary).into_owned(),
        ..Header::default()
    }
}

fn size(bytes: usize) -> String {
    text::human_size(u64::try_from(bytes).unwrap_or(u64::MAX))
}
