//! Recording what flows, opening what was recorded, and writing what the list shows into a file.
//!
//! 1. A recording is a file that the loop writes beside the stream; here stands what became of it so far.
//! 2. An opened capture is a stream like any other: its connections get numbers of their own, its messages go into the
//!    store, and its replies are tied to its requests by their ids.
//! 3. Writing the list goes on in slices, so that no key waits for it.

mod export;
#[cfg(test)]
mod tests;
mod texts;

use std::path::PathBuf;

use crate::app::action::Action;
use crate::app::edit::TextEdit;
use crate::app::effect::{CaptureWanted, Effect, RecordWanted};
use crate::app::input::Key;
use crate::app::keys::Binding;
use crate::app::overlay::{Asked, Overlay};
use crate::app::{App, Place, Tab, conditions as when};
use crate::base::lang::{Phrase, Text};
use crate::base::text;
use crate::capture::{Assumed, Pairing, origin_of};
use crate::dialect;
use crate::model::{Batch, ConnectionId, Notice, Origin, Played, Severity};
use crate::store::{Fate, Seq, SeqRange};

use export::Export;

/// Connections that one capture may have; further ones are shown as the last of them.
const IDS: u16 = 64;

/// What the loop says of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordingNews {
    /// It began, in this file.
    Began(PathBuf),
    /// It could not begin.
    Failed(Phrase),
    /// It goes on, or has ended.
    Is(Recorded),
    /// It has ended.
    Ended(Recorded),
}

/// How much was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Messages in the file.
    pub messages: u64,
    /// Bytes of lines.
    pub bytes: u64,
    /// Messages that the recorder had no room for.
    pub lost: u64,
    /// Why it ended before its time.
    pub fault: Option<Phrase>,
}

/// A recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file.
    pub path: PathBuf,
    /// How much is in it.
    pub recorded: Recorded,
}

/// Recordings, opened captures and exports.
#[derive(Default)]
pub struct Captures {
    recording: Option<Recording>,
    pairing: Pairing,
    /// Numbers of the connections that captures brought.
    adopted: Vec<ConnectionId>,
    /// How far the capture that is read has come.
    reading: Option<Played>,
    export: Option<Export>,
    /// Whether the history may grow with what is opened.
    grows: bool,
}

impl Captures {
    /// `grows` lets the history grow with what is opened: nobody said how large it may be.
    pub fn new(grows: bool) -> Captures {
        Captures { grows, ..Captures::default() }
    }

    /// What is being recorded.
    pub fn recording(&self) -> Option<&Recording> {
        self.recording.as_ref()
    }

    /// How far the capture that is being read has come.
    pub fn reading(&self) -> Option<&Played> {
        self.reading.as_ref()
    }

    /// How far an export has come: written, of how many.
    pub fn exporting(&self) -> Option<(u64, u64)> {
        self.export.as_ref().map(Export::progress)
    }
}

/// Rows of the key table.
pub const KEYS: &[Binding] = &[
    Binding::shown(Place::Stream, RECORD, Action::Record, when::always),
    Binding::quiet(Place::Stream, RECORD_SHOWN, Action::RecordShown, can_record),
    Binding::quiet(Place::Stream, OPEN, Action::OpenCapture, when::always),
    Binding::quiet(Place::Stream, EXPORT, Action::ExportShown, can_export),
    Binding::quiet(Place::Tree, RECORD, Action::Record, when::always),
    Binding::quiet(Place::Tree, OPEN, Action::OpenCapture, when::always),
    Binding::quiet(Place::Tree, EXPORT, Action::ExportShown, can_export),
    Binding::quiet(Place::Inspect, RECORD, Action::Record, when::always),
    Binding::quiet(Place::Connections, OPEN, Action::OpenCapture, when::always),
];

const RECORD: &[Key] = &[Key::char('w')];
const RECORD_SHOWN: &[Key] = &[Key::char('W')];
const OPEN: &[Key] = &[Key::char('o')];
const EXPORT: &[Key] = &[Key::char('E')];

fn can_record(app: &App) -> Result<(), Text> {
    if app.captures.recording.is_none() { Ok(()) } else { Err(texts::RECORDING_ALREADY) }
}

fn can_export(app: &App) -> Result<(), Text> {
    if app.captures.export.is_some() {
        Err(texts::EXPORTING_ALREADY)
    } else if app.stream.list.is_empty() {
        Err(texts::NOTHING_SHOWN)
    } else {
        Ok(())
    }
}

impl App {
    /// Runs an action about captures; `false` if it is none.
    pub(super) fn capture_action(&mut self, action: Action) -> bool {
        match action {
            Action::Record if self.captures.recording.is_some() => self.effect(Effect::StopRecording),
            Action::Record => self.ask_for_file(texts::RECORD_TO, "jsonl", Asked::RecordFile { shown: false }),
            Action::RecordShown => {
                self.ask_for_file(texts::RECORD_SHOWN_TO, "jsonl", Asked::RecordFile { shown: true });
            }
            Action::ExportShown => self.ask_for_file(texts::EXPORT_TO, "csv", Asked::ExportFile),
            Action::OpenCapture => self.open_overlay(Overlay::Prompt {
                title: texts::OPEN_WHICH.into(),
                hint: texts::OPEN_HINT.into(),
                edit: TextEdit::single(""),
                about: Asked::CaptureFile,
            }),
            _ => return false,
        }
        true
    }

    fn ask_for_file(&mut self, title: Text, extension: &str, about: Asked) {
        let time: String = text::local_date_time(self.now).chars().filter(char::is_ascii_digit).collect();
        let (date, clock) = time.split_at_checked(8).unwrap_or((&time, ""));
        let hint = match about {
            Asked::ExportFile => texts::EXPORT_HINT,
            _ => texts::RECORD_HINT,
        };
        let edit = TextEdit::single(&format!("iotdbg-{date}-{clock}.{extension}"));
        self.open_overlay(Overlay::Prompt { title: title.into(), hint: hint.into(), edit, about });
    }

    /// Begins to record into a file.
    pub(super) fn record_into(&mut self, name: &str, shown: bool) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(texts::RECORD_HINT.into());
        }
        let filter = if shown { self.stream.list.filter().source().to_owned() } else { String::new() };
        let origins = self.connections.all().iter().map(|connection| (connection.id, self.origin(connection.id)));
        let origins = origins.filter_map(|(id, origin)| Some((id, origin?))).collect();
        self.effect(Effect::Record(RecordWanted { path: PathBuf::from(name), filter, origins }));
        Ok(())
    }

    /// What a recording says of a connection.
    fn origin(&self, id: ConnectionId) -> Option<Origin> {
        let connection = self.connections.get(id)?;
        Some(origin_of(&connection.name, connection.dialect, connection.role, &connection.settings))
    }

    /// Tells the recording whose messages come now.
    pub(super) fn record_origin(&mut self, id: ConnectionId) {
        if self.captures.recording.is_some()
            && let Some(origin) = self.origin(id)
        {
            self.effect(Effect::RecordOrigin(id, Box::new(origin)));
        }
    }

    /// Opens a file as a stream.
    pub(super) fn open_capture(&mut self, name: &str, speed: Option<f64>) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(texts::OPEN_HINT.into());
        }
        let path = PathBuf::from(name);
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        self.open_captures(CaptureWanted { paths: vec![path], assumed: Assumed::nothing(stem), ids: 0..0, speed });
        Ok(())
    }

    /// Opens files as a stream; they get numbers for their connections.
    pub(super) fn open_captures(&mut self, mut wanted: CaptureWanted) {
        let first = self.connections.reserve(IDS);
        wanted.ids = first..first.saturating_add(IDS);
        self.captures.reading = Some(Played::default());
        self.effect(Effect::OpenCapture(wanted));
        self.show(Tab::Stream);
    }

    /// What became of a recording.
    pub(super) fn recording_news(&mut self, news: RecordingNews) {
        match news {
            RecordingNews::Began(path) => {
                self.tell(Severity::Info, texts::RECORDING.with(&[&path.display()]));
                self.captures.recording = Some(Recording { path, recorded: Recorded::default() });
            }
            RecordingNews::Failed(reason) => self.tell(Severity::Error, reason),
            RecordingNews::Is(recorded) => {
                if let Some(fault) = &recorded.fault {
                    self.tell(Severity::Error, fault.clone());
                    self.effect(Effect::StopRecording);
                }
                if let Some(recording) = &mut self.captures.recording {
                    recording.recorded = recorded;
                }
            }
            RecordingNews::Ended(recorded) => {
                let Some(recording) = self.captures.recording.take() else { return };
                let path = recording.path.display().to_string();
                let count = text::group_digits(recorded.messages);
                let lost = text::group_digits(recorded.lost);
                match recorded.fault {
                    Some(fault) => {
                        self.tell_and_keep(texts::BROKE_OFF.around([Phrase::verbatim(count), fault]));
                    }
                    None if recorded.lost > 0 => {
                        self.tell_and_keep(texts::RECORDED_WITH_LOSS.with(&[&count, &path, &lost]));
                    }
                    None => self.tell(Severity::Info, texts::RECORDED.with(&[&count, &path])),
                }
            }
        }
    }

    /// A capture could not be opened.
    pub(super) fn capture_failed(&mut self, reason: Phrase) {
        self.captures.reading = None;
        self.tell(Severity::Error, reason);
    }

    /// Something that a capture tells.
    pub(super) fn capture_notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Origin { connection, origin } => {
                if let Some(dialect) = dialect::find(&origin.dialect) {
                    self.connections.adopt(*connection, origin, dialect, self.now);
                    if !self.captures.adopted.contains(connection) {
                        self.captures.adopted.push(*connection);
                    }
                    self.record_origin(*connection);
                }
            }
            Notice::Played(played) => {
                if played.ended {
                    self.captures.reading = None;
                    let count = text::group_digits(played.messages);
                    match &played.fault {
                        Some(fault) => {
                            let words = texts::READ_WITH_FAULT.around([Phrase::verbatim(count), fault.clone()]);
                            self.tell(Severity::Warning, words);
                        }
                        None => self.tell(Severity::Info, texts::READ.with(&[&count])),
                    }
                } else {
                    self.captures.reading = Some(played.clone());
                }
            }
            _ => {}
        }
    }

    /// Lets the history grow with what was read: a capture is opened to be seen whole.
    pub(super) fn make_room_for(&mut self, batch: &Batch) {
        let read = batch.notices().iter().filter_map(|notice| match notice {
            Notice::Played(played) => Some(played.lines),
            _ => None,
        });
        if let (true, Some(lines)) = (self.captures.grows, read.max()) {
            self.store.grow(usize::try_from(lines).unwrap_or(usize::MAX));
        }
    }

    /// Ties the replies of captures to their requests. The result is the messages of which something new is known.
    pub(super) fn pair_captured(&mut self, batch: &Batch, range: SeqRange) -> Vec<Seq> {
        let mut noted = Vec::new();
        if self.captures.adopted.is_empty() {
            return noted;
        }
        for (seq, message) in range.iter().zip(batch.messages()) {
            if !self.captures.adopted.contains(&message.connection) {
                continue;
            }
            let Some(pair) = self.captures.pairing.look_at(seq.0, &message) else { continue };
            let fate = Fate::of_reply(pair.ok, pair.again);
            for seq in [Seq(pair.request), Seq(pair.reply)] {
                self.store.annotate(seq, fate, Some(pair.latency));
                noted.push(seq);
            }
        }
        noted
    }
}
