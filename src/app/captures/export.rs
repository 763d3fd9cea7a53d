//! The messages of the list, written slice by slice.

use std::path::{Path, PathBuf};

use super::texts;
use crate::app::App;
use crate::app::effect::{Effect, ExportPart};
use crate::base::lang::Phrase;
use crate::base::text;
use crate::capture::{Exporter, Format, Told};
use crate::model::Severity;
use crate::store::Seq;

/// Messages in one slice: about a millisecond.
const SLICE: usize = 1_000;

/// An export that goes on.
pub(super) struct Export {
    path: PathBuf,
    exporter: Exporter,
    /// The message to go on with.
    next: Seq,
    /// The first message that came after the export began.
    end: Seq,
    done: u64,
    of: u64,
    begun: bool,
}

impl Export {
    pub(super) fn progress(&self) -> (u64, u64) {
        (self.done, self.of)
    }
}

impl App {
    /// Begins to write what the list shows.
    pub(in crate::app) fn export_into(&mut self, name: &str) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(texts::EXPORT_HINT.into());
        }
        let exporter = Exporter::new(Format::of_file(name), false, self.lang);
        let end = self.stream.list.get(self.stream.list.len().saturating_sub(1)).map_or(Seq(0), |last| last.plus(1));
        let of = u64::try_from(self.stream.list.len()).unwrap_or(u64::MAX);
        self.captures.export =
            Some(Export { path: PathBuf::from(name), exporter, next: Seq(0), end, done: 0, of, begun: false });
        Ok(())
    }

    /// Whether an export has to go on.
    pub(in crate::app) fn is_exporting(&self) -> bool {
        self.captures.export.is_some()
    }

    /// Writes a slice.
    pub(in crate::app) fn export_work(&mut self) {
        let Some(mut export) = self.captures.export.take() else { return };
        let mut bytes = Vec::new();
        let first = !std::mem::replace(&mut export.begun, true);
        if first {
            export.exporter.head(&mut bytes);
            for connection in self.connections.all() {
                if let Some(origin) = self.origin(connection.id) {
                    export.exporter.origin(&mut bytes, self.now, &origin);
                }
            }
        }
        let from = self.stream.list.place_of(export.next);
        let mut looked_at = 0;
        for seq in self.stream.list.rows(from).take(SLICE).take_while(|seq| *seq < export.end) {
            looked_at += 1;
            export.next = seq.plus(1);
            let Some(entry) = self.store.entry(seq) else { continue };
            let name = self.connections.get(entry.message.connection).map(|connection| connection.name.as_str());
            let told = Told {
                message: entry.message,
                connection: name.unwrap_or_default(),
                outcome: entry.fate.map(crate::store::Fate::name),
                latency: entry.latency,
            };
            export.exporter.message(&mut bytes, seq.0 + 1, &told);
            export.done += 1;
        }
        let last = looked_at < SLICE;
        self.effect(Effect::Export(ExportPart { path: export.path.clone(), bytes, first, last }));
        if last {
            let words = texts::EXPORTED.with(&[&text::group_digits(export.done), &export.path.display()]);
            self.tell(Severity::Info, words);
        } else {
            self.captures.export = Some(export);
        }
    }

    /// An export could not be written: it ends.
    pub(in crate::app) fn export_failed(&mut self, path: &Path, reason: Phrase) {
        if self.captures.export.as_ref().is_some_and(|export| export.path == path) {
            self.captures.export = None;
        }
        self.tell(Severity::Error, reason);
    }
}
