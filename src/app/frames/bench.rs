//! Frames come onto the bench, are taken apart, and change.

use std::path::PathBuf;

use crate::app::effect::{Effect, FileFor};
use crate::app::frames::texts::*;
use crate::app::frames::{Definition, Entry, Heat, Layout, Told};
use crate::app::inspect::Hex;
use crate::app::{App, Place, Tab};
use crate::base::lang::Phrase;
use crate::dialect::lab::catch::{self, Catch, Caught};
use crate::dialect::lab::{self, Lab};
use crate::dialect::{Context, Dialect};
use crate::model::{Fields, Role, Severity, ThingModel};

/// Frames on the bench; a log with more is cut, and it is said.
const MOST_FRAMES: usize = 20_000;
/// How far back the frame before one of its group is looked for, to say what changed.
const BACK: usize = 200;

/// What belongs to the bench of a platform.
pub type Bench = (&'static dyn Dialect, &'static dyn Lab);

/// The platform whose frames lie on the bench.
pub fn bench() -> Option<Bench> {
    let dialect = lab::first_dialect()?;
    Some((dialect, dialect.lab()?))
}

impl App {
    /// The name of the form that is chosen.
    pub fn frames_form(&self) -> &'static str {
        let forms = bench().map(|(_, lab)| lab.forms()).unwrap_or_default();
        forms.get(self.frames.form % forms.len().max(1)).map_or("", |form| form.name)
    }

    /// The words of the form that is chosen.
    pub fn frames_form_words(&self) -> &'static str {
        let forms = bench().map(|(_, lab)| lab.forms()).unwrap_or_default();
        forms.get(self.frames.form % forms.len().max(1)).map_or("", |form| form.title.get(self.lang))
    }

    /// The definition in use, with its name.
    pub fn frames_model(&self) -> (String, Option<&ThingModel>) {
        let lang = self.lang;
        match self.frames.definition {
            Definition::Raw => (RAW.get(lang).to_owned(), None),
            Definition::Profile(at) => match self.connections.profiles().get(at) {
                Some(known) => (known.profile.name.clone(), Some(&known.model)),
                None => (RAW.get(lang).to_owned(), None),
            },
            Definition::File(at) => match self.frames.files.get(at) {
                Some((name, model)) => (name.clone(), Some(model)),
                None => (RAW.get(lang).to_owned(), None),
            },
            Definition::Auto => match self.frames_peer() {
                Some(connection) => (format!("{} ({})", connection.name, AUTO.get(lang)), Some(&connection.model)),
                None => (RAW.get(lang).to_owned(), None),
            },
        }
    }

    /// The connection that the selected frame came from; otherwise the one that sends, or the first of the platform.
    pub(super) fn frames_peer(&self) -> Option<&crate::app::Connection> {
        let own = self.frames.entry().and_then(|entry| entry.connection);
        let chosen = own.or(self.frames.connection).and_then(|id| self.connections.get(id));
        chosen.or_else(|| self.frames_connections().into_iter().next())
    }

    /// The connections of the platform.
    pub(super) fn frames_connections(&self) -> Vec<&crate::app::Connection> {
        let Some((dialect, _)) = bench() else { return Vec::new() };
        let name = dialect.spec().name;
        self.connections.all().iter().filter(|connection| connection.dialect.spec().name == name).collect()
    }

    /// Reads something on the bench with the definition in use.
    pub(super) fn on_bench<R>(&self, act: impl FnOnce(&'static dyn Lab, &Context<'_>) -> R) -> Option<R> {
        let (_, lab) = bench()?;
        let nobody = Fields::new();
        let (_, model) = self.frames_model();
        let peer = self.frames_peer();
        let context = Context {
            role: peer.map_or(Role::App, |peer| peer.role),
            identity: peer.map_or(&nobody, |peer| &peer.settings.identity),
            devices: peer.map_or(&[], |peer| peer.settings.devices.as_slice()),
            model,
            lang: self.lang,
        };
        Some(act(lab, &context))
    }

    /// Puts what was caught onto the bench and selects the first of it.
    pub(super) fn put_on_bench(&mut self, caught: Catch) {
        if caught.frames.is_empty() {
            return self.tell(Severity::Warning, NOTHING_CAUGHT);
        }
        let first = self.frames.entries.len();
        let room = MOST_FRAMES.saturating_sub(first);
        let count = caught.frames.len();
        self.frames.entries.extend(caught.frames.into_iter().take(room).map(Entry::new));
        if count > room {
            self.tell(Severity::Warning, TOO_MANY.with(&[&MOST_FRAMES, &(count - room)]));
        } else if caught.left_out > 0 {
            self.tell(Severity::Info, CAUGHT_SOME.with(&[&count, &caught.left_out]));
        } else {
            self.tell(Severity::Info, CAUGHT.with(&[&count]));
        }
        self.select_frame(first);
        let several = self.frames.entries.len() > 1;
        self.focus(if several { Place::FrameList } else { Place::FrameFields });
    }

    /// Pasted text: into a value being typed, otherwise onto the bench.
    pub(in crate::app) fn frames_paste(&mut self, text: &str) {
        if let Some(edit) = self.frames.editing.as_mut() {
            return edit.paste(text);
        }
        let Some((_, lab)) = bench() else { return self.tell(Severity::Warning, NO_LAB) };
        let caught = catch::text(lab, self.frames_form(), text);
        self.frames.typing = None;
        self.put_on_bench(caught);
    }

    /// A file was read: frames, or a definition.
    pub(in crate::app) fn frames_file(&mut self, wanted: FileFor, path: &str, read: Result<Vec<u8>, Phrase>) {
        if let FileFor::Model(id) = wanted {
            return self.model_file_read(id, path, read);
        }
        let bytes = match read {
            Ok(bytes) => bytes,
            Err(reason) => return self.tell(Severity::Error, NOT_READ.around([reason])),
        };
        let Some((dialect, lab)) = bench() else { return self.tell(Severity::Warning, NO_LAB) };
        match wanted {
            FileFor::Frames => {
                let caught = catch::file(lab, self.frames_form(), &bytes);
                self.put_on_bench(caught);
            }
            FileFor::Definition | FileFor::Model(_) => {
                let Ok(text) = String::from_utf8(bytes) else {
                    return self.tell(Severity::Error, NOT_TEXT.with(&[&path]));
                };
                match dialect.read_model(&text) {
                    Ok(model) => {
                        self.frames.files.push((path.to_owned(), model));
                        self.frames.definition = Definition::File(self.frames.files.len() - 1);
                        self.read_anew();
                    }
                    Err(fault) => {
                        let place = [path.to_owned(), fault.line.to_string(), fault.column.to_string()];
                        let place = place.map(Phrase::verbatim).into_iter();
                        self.tell(Severity::Error, BAD_MODEL.around(place.chain([fault.reason])));
                    }
                }
            }
        }
    }

    /// Asks for a file to be read.
    pub(in crate::app) fn want_file(&mut self, wanted: FileFor, text: &str) -> Result<(), Phrase> {
        let path = text.trim();
        if path.is_empty() {
            return Err(match wanted {
                FileFor::Frames => OPEN_HINT.into(),
                FileFor::Definition | FileFor::Model(_) => MODEL_HINT.into(),
            });
        }
        self.effect(Effect::ReadFile { wanted, path: PathBuf::from(path) });
        Ok(())
    }

    /// Takes the message selected in the stream onto the bench: each of its frames.
    pub(super) fn frames_from_stream(&mut self) {
        let Some(message) = self.stream.list.selected().and_then(|seq| self.store.get(seq)) else {
            return self.tell(Severity::Warning, NO_FRAME);
        };
        let connection = message.connection;
        let Some((dialect, lab)) = bench() else { return self.tell(Severity::Warning, NO_LAB) };
        let own = self.connections.get(connection).map(|connection| connection.dialect.spec().name);
        if own != Some(dialect.spec().name) {
            return self.tell(Severity::Warning, NO_LAB_MESSAGE);
        }
        let mut caught = catch::bytes(lab, "auto", message.payload);
        for frame in &mut caught.frames {
            message.topic.clone_into(&mut frame.topic);
            frame.stamp = crate::base::text::local_time(message.at);
        }
        let first = self.frames.entries.len();
        self.show(Tab::Frames);
        self.put_on_bench(caught);
        for entry in self.frames.entries.iter_mut().skip(first) {
            entry.connection = Some(connection);
        }
        self.focus(Place::FrameFields);
        self.read_anew();
    }

    /// Puts a frame onto the bench that was made here.
    pub(super) fn put_made(&mut self, bytes: Vec<u8>) {
        let caught = Caught { bytes, ..Caught::default() };
        self.frames.entries.push(Entry::new(caught));
        self.select_frame(self.frames.entries.len() - 1);
        self.focus(Place::FrameFields);
    }

    /// Selects a frame; the cursor stays on the same field and byte, so that frames can be compared by eye.
    pub(super) fn select_frame(&mut self, place: usize) {
        let last = self.frames.entries.len().saturating_sub(1);
        self.frames.cursor = place.min(last);
        self.frames.typing = None;
        self.frames.stale = true;
        self.frames.heat_stale = true;
        self.settle_frames();
    }

    /// Everything is read anew: another definition, form or language.
    pub(super) fn read_anew(&mut self) {
        for entry in &mut self.frames.entries {
            entry.told = None;
        }
        self.frames.stale = true;
        self.frames.heat_stale = true;
        self.settle_frames();
    }

    /// Gives the selected frame other bytes.
    pub(super) fn change_frame(&mut self, bytes: Vec<u8>) {
        let cursor = self.frames.cursor;
        if let Some(entry) = self.frames.entries.get_mut(cursor) {
            entry.change(bytes);
        }
        self.frames.stale = true;
        self.frames.heat_stale = true;
        self.settle_frames();
    }

    /// Takes the selected frame apart where that has to be done.
    pub(super) fn settle_frames(&mut self) {
        if !std::mem::take(&mut self.frames.stale) {
            return;
        }
        let path = self.frames.cell().map(|cell| cell.path.clone());
        let byte = self.frames.hex.cursor();
        let Some(entry) = self.frames.entry() else {
            self.frames.sheet = lab::Sheet::default();
            return;
        };
        let (form, length) = (self.frames_form(), entry.bytes().len());
        let sheet = self
            .on_bench(|lab, context| lab.read(context, form, &entry.caught.topic, entry.bytes()))
            .unwrap_or_default();
        let told = Told::new(&sheet);
        let cursor = self.frames.cursor;
        if let Some(entry) = self.frames.entries.get_mut(cursor) {
            entry.told = Some(told);
        }
        self.frames.sheet = sheet;
        self.frames.hex = Hex::new(length);
        self.frames.hex.select(byte);
        let cells = &self.frames.sheet.cells;
        let same = path.and_then(|path| cells.iter().position(|cell| cell.path == path));
        self.frames.cell = same.or_else(|| self.frames.innermost(byte)).unwrap_or_default();
    }

    /// Tells of a frame what the list shows, if that was not done yet.
    pub(super) fn tell_frame(&mut self, place: usize) {
        let form = self.frames_form();
        let Some(entry) = self.frames.entries.get(place).filter(|entry| entry.told.is_none()) else { return };
        let sheet = self.on_bench(|lab, context| lab.read(context, form, &entry.caught.topic, entry.bytes()));
        let told = sheet.map(|sheet| Told::new(&sheet));
        if let Some(entry) = self.frames.entries.get_mut(place) {
            entry.told = told;
        }
    }

    /// Tells of a frame and of the one of its group before it.
    pub(super) fn tell_with_before(&mut self, place: usize) {
        self.tell_frame(place);
        let group =
            |app: &App, place: usize| app.frames.entries.get(place)?.told.as_ref().map(|told| told.group.clone());
        let own = group(self, place);
        for earlier in (place.saturating_sub(BACK)..place).rev() {
            self.tell_frame(earlier);
            if group(self, earlier) == own {
                return;
            }
        }
    }

    /// Works out what is drawn.
    pub(in crate::app) fn prepare_frames(&mut self, width: u16, height: u16) {
        if self.frames.lang != self.lang {
            self.frames.lang = self.lang;
            self.read_anew();
        }
        self.settle_frames();
        if std::mem::take(&mut self.frames.heat_stale) {
            self.warm_up();
        }
        let heat = self.frames.heat_shown();
        self.frames.layout = Layout::new(width, height, self.frames.entries.len(), heat);
        let seen = Layout::inside(self.frames.layout.list);
        let first = self.frames.first_entry();
        for place in first..(first + seen).min(self.frames.entries.len()) {
            self.tell_with_before(place);
        }
        if let Some(against) = self.frames.against {
            self.tell_frame(against);
        }
        let (rows, per_row) = (self.frames.layout.byte_rows(), self.frames.layout.per_row);
        self.frames.hex.settle(rows, per_row);
        self.frames.top = first;
        self.frames.cell_top = self.frames.first_row();
    }

    /// Finds the bytes that change among the frames that are like the selected one.
    fn warm_up(&mut self) {
        let Some(entry) = self.frames.entry() else { return };
        let kind = |bytes: &[u8]| (bytes.len(), bytes.get(4..9.min(bytes.len())).map(<[u8]>::to_vec));
        let own = kind(entry.bytes());
        let alike = self.frames.entries.iter().map(Entry::bytes).filter(|bytes| kind(bytes) == own);
        self.frames.heat = Heat::new(alike);
    }
}
