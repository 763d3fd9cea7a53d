//! What keys and mouse do on the Frames tab.

use crate::app::action::Action;
use crate::app::edit::TextEdit;
use crate::app::effect::FileFor;
use crate::app::frames::bench::bench;
use crate::app::frames::sending::CopyAs;
use crate::app::frames::texts::*;
use crate::app::frames::{Definition, Entry, Layout};
use crate::app::input::{Key, KeyCode, Mouse, MouseAct, Target};
use crate::app::keys::{Binding, ENTER};
use crate::app::overlay::{Asked, Overlay};
use crate::app::picker::Picker;
use crate::app::{App, Place, conditions as when};
use crate::base::lang::Text;
use crate::dialect::lab::Template;
use crate::model::Severity;

/// What works in every area of the tab.
macro_rules! rows {
    ($place:expr, $enter:expr, $when:expr) => {
        &[
            Binding::shown($place, ENTER, $enter, $when),
            Binding::shown($place, &[Key::char('n')], Action::NextChange, several_frames),
            Binding::quiet($place, &[Key::char('N')], Action::PreviousChange, several_frames),
            Binding::shown($place, &[Key::char('a')], Action::BuildFrame, when::always),
            Binding::shown($place, &[Key::char('o')], Action::OpenFrames, when::always),
            Binding::shown($place, &[Key::char('y')], Action::CopyMenu, has_frame),
            Binding::shown($place, &[Key::char('s')], Action::SendFrame, can_send),
            Binding::shown($place, &[Key::char('u')], Action::Undo, can_undo),
            Binding::quiet($place, &[Key::char('U'), Key::ctrl('r')], Action::Redo, can_redo),
            Binding::shown($place, &[Key::char('i')], Action::EditBytes, has_frame),
            Binding::quiet($place, &[Key::char('x')], Action::NextProblem, has_problem),
            Binding::quiet($place, &[Key::char('c')], Action::CompareFrames, several_frames),
            Binding::quiet($place, &[Key::char('d')], Action::DuplicateFrame, has_frame),
            Binding::quiet($place, &[Key::char('f')], Action::FrameForm, when::always),
            Binding::quiet($place, &[Key::char('m')], Action::NextDefinition, when::always),
            Binding::quiet($place, &[Key::char('M')], Action::OpenDefinition, when::always),
            Binding::quiet($place, &[Key::char('t')], Action::ToggleHeat, several_frames),
            Binding::quiet($place, &[Key::char('w')], Action::NextSender, can_send),
            Binding::quiet($place, &[Key::char('L')], Action::ShowLedger, when::always),
            Binding::quiet($place, &[Key::plain(KeyCode::Delete)], Action::RemoveFrame, has_frame),
            Binding::quiet($place, &[Key::char('D')], Action::ClearBench, has_frame),
        ]
    };
}

/// Rows of the key table: the list of frames.
pub const LIST: &[Binding] = rows!(Place::FrameList, Action::FocusNext, has_frame);
/// Rows of the key table: the fields.
pub const FIELDS: &[Binding] = rows!(Place::FrameFields, Action::EditField, can_edit);
/// Rows of the key table: the bytes.
pub const BYTES: &[Binding] = rows!(Place::FrameBytes, Action::EditBytes, has_frame);
/// Rows of the key table: values and bytes being typed, copying, and what other tabs hand over.
pub const OTHERS: &[Binding] = &[
    Binding::shown(Place::FrameEdit, ENTER, Action::SubmitText, when::always),
    Binding::shown(Place::FrameEdit, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::shown(
        Place::FrameType,
        &[Key::plain(KeyCode::Esc), Key::plain(KeyCode::Enter)],
        Action::Back,
        when::always,
    ),
    Binding::shown(Place::FrameType, &[Key::plain(KeyCode::Delete)], Action::DeleteByte, has_frame),
    Binding::shown(Place::FrameType, &[Key::char('+')], Action::InsertByte, has_frame),
    Binding::shown(Place::FrameType, &[Key::char('u'), Key::ctrl('z')], Action::Undo, can_undo),
    Binding::shown(Place::FrameCopy, &[Key::char('h'), Key::char('y')], Action::CopyHex, has_frame),
    Binding::shown(Place::FrameCopy, &[Key::char('p')], Action::CopySpaced, has_frame),
    Binding::shown(Place::FrameCopy, &[Key::char('a')], Action::CopyArray, has_frame),
    Binding::shown(Place::FrameCopy, &[Key::char('b')], Action::CopyBase64, has_frame),
    Binding::shown(Place::FrameCopy, &[Key::char('c')], Action::CopyCommand, has_frame),
    Binding::shown(Place::FrameCopy, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::quiet(Place::Stream, &[Key::char('B')], Action::ToFrames, when::always),
    Binding::quiet(Place::Inspect, &[Key::char('B')], Action::ToFrames, when::always),
    Binding::shown(Place::Templates, ENTER, Action::SubmitText, when::always),
    Binding::quiet(Place::Templates, &[Key::plain(KeyCode::Up), Key::ctrl('p')], Action::Up, when::always),
    Binding::quiet(Place::Templates, &[Key::plain(KeyCode::Down), Key::ctrl('n')], Action::Down, when::always),
    Binding::shown(Place::Templates, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
];

/// What a template is found by.
fn names(template: &Template) -> Vec<&str> {
    vec![template.name.as_str(), template.title.en, template.title.zh]
}

fn has_frame(app: &App) -> Result<(), Text> {
    app.frames.entry().map(|_| ()).ok_or(NO_FRAME)
}

fn several_frames(app: &App) -> Result<(), Text> {
    has_frame(app)?;
    if app.frames.entries().len() > 1 { Ok(()) } else { Err(ONE_FRAME) }
}

fn can_edit(app: &App) -> Result<(), Text> {
    has_frame(app)?;
    let cell = app.frames.cell().ok_or(NO_FIELD)?;
    if cell.editable { Ok(()) } else { Err(NOT_EDITABLE) }
}

fn can_send(app: &App) -> Result<(), Text> {
    has_frame(app)?;
    app.frames_connections().first().map(|_| ()).ok_or(NO_CONNECTION)
}

fn can_undo(app: &App) -> Result<(), Text> {
    app.frames.entry().filter(|entry| entry.can_step(true)).map(|_| ()).ok_or(NO_UNDO)
}

fn can_redo(app: &App) -> Result<(), Text> {
    app.frames.entry().filter(|entry| entry.can_step(false)).map(|_| ()).ok_or(NO_REDO)
}

fn has_problem(app: &App) -> Result<(), Text> {
    has_frame(app)?;
    if app.frames.sheet.problems.is_empty() { Err(NO_PROBLEM) } else { Ok(()) }
}

impl App {
    /// The areas of the Frames tab.
    pub(in crate::app) fn frames_areas(&self) -> Vec<Place> {
        if self.frames.copying {
            return vec![Place::FrameCopy];
        }
        if self.frames.editing.is_some() {
            return vec![Place::FrameEdit];
        }
        if self.frames.typing.is_some() {
            return vec![Place::FrameType];
        }
        vec![Place::FrameList, Place::FrameFields, Place::FrameBytes]
    }

    /// The area that has the focus, also while something is typed in it.
    pub fn frames_focus(&self) -> Place {
        match self.area() {
            Place::FrameEdit => Place::FrameFields,
            Place::FrameType => Place::FrameBytes,
            Place::FrameCopy => Place::FrameList,
            place => place,
        }
    }

    /// Runs an action of this tab; `false` if it is none.
    pub(in crate::app) fn frames_action(&mut self, action: Action) -> bool {
        match action {
            Action::Back => self.frames_back(),
            Action::SubmitText => self.take_value(),
            Action::EditField => self.edit_cell(),
            Action::EditBytes => {
                self.frames.typing = Some(None);
            }
            Action::DeleteByte => self.splice_byte(false),
            Action::InsertByte => self.splice_byte(true),
            Action::Undo | Action::Redo => self.step_back(action == Action::Undo),
            Action::BuildFrame => self.ask_for_template(),
            Action::OpenFrames => self.ask_to_read(FileFor::Frames),
            Action::OpenDefinition => self.ask_to_read(FileFor::Definition),
            Action::NextDefinition => self.next_definition(),
            Action::FrameForm => {
                self.frames.form += 1;
                self.read_anew();
            }
            Action::NextChange => self.hunt_change(true),
            Action::PreviousChange => self.hunt_change(false),
            Action::NextProblem => self.next_problem(),
            Action::CompareFrames => self.compare_frames(),
            Action::ToggleHeat => self.frames.heat_wanted = Some(!self.frames.heat_shown()),
            Action::DuplicateFrame => self.duplicate_frame(),
            Action::RemoveFrame => self.remove_frame(),
            Action::ClearBench => {
                self.frames.entries.clear();
                self.frames.against = None;
                self.select_frame(0);
            }
            Action::CopyMenu => self.frames.copying = true,
            Action::CopyHex => self.copy_frame(CopyAs::Hex),
            Action::CopySpaced => self.copy_frame(CopyAs::Spaced),
            Action::CopyArray => self.copy_frame(CopyAs::C),
            Action::CopyBase64 => self.copy_frame(CopyAs::Base64),
            Action::CopyCommand => self.copy_frame(CopyAs::Command),
            Action::SendFrame => self.ask_to_send_frame(),
            Action::NextSender => self.next_sender(),
            Action::ShowLedger => self.show_in_ledger(),
            _ => return self.move_in_frames(action),
        }
        true
    }

    /// Takes the selected message of the stream here; from whichever tab.
    pub(in crate::app) fn hand_to_frames(&mut self) {
        self.frames_from_stream();
    }

    fn frames_back(&mut self) {
        if self.frames.copying {
            self.frames.copying = false;
        } else if self.frames.editing.take().is_some() {
            self.focus(Place::FrameFields);
        } else if self.frames.typing.take().is_some() {
            self.focus(Place::FrameBytes);
        } else if self.frames.against.take().is_none() {
            self.focus(Place::FrameList);
        }
    }

    fn move_in_frames(&mut self, action: Action) -> bool {
        match self.frames_focus() {
            Place::FrameFields => self.move_in_fields(action),
            Place::FrameBytes => self.move_in_bytes(action),
            _ => {
                let last = self.frames.entries.len().saturating_sub(1);
                let page = Layout::inside(self.frames.layout.list).max(1);
                let cursor = self.frames.cursor;
                let to = match action {
                    Action::PageUp => cursor.saturating_sub(page),
                    Action::PageDown => (cursor + page).min(last),
                    Action::Right => {
                        self.focus(Place::FrameFields);
                        return true;
                    }
                    Action::Left => return true,
                    action => match action.moved(cursor, last) {
                        Some(row) => row,
                        None => return false,
                    },
                };
                self.select_frame(to);
                true
            }
        }
    }

    fn move_in_fields(&mut self, action: Action) -> bool {
        let rows = self.frames.rows();
        let at = rows.iter().position(|place| *place == self.frames.cell).unwrap_or_default();
        if let Some(row) = action.moved(at, rows.len().saturating_sub(1)) {
            self.select_cell(rows.get(row).copied().unwrap_or_default());
            return true;
        }
        let Some(cell) = self.frames.cell().cloned() else { return false };
        match action {
            Action::Left if cell.has_parts && !self.frames.is_folded(&cell) => {
                self.frames.folded.insert(cell.path);
            }
            Action::Left => {
                // The field that it is part of; from the outermost the list.
                let above = cell.path.rsplit_once('/').map(|(above, _)| above.to_owned());
                match above.and_then(|path| self.frames.sheet.cells.iter().position(|cell| cell.path == path)) {
                    Some(place) => self.select_cell(place),
                    None => self.focus(Place::FrameList),
                }
            }
            Action::Right if self.frames.is_folded(&cell) => {
                self.frames.folded.remove(&cell.path);
            }
            Action::Right => self.focus(Place::FrameBytes),
            _ => return false,
        }
        true
    }

    fn move_in_bytes(&mut self, action: Action) -> bool {
        let per_row = self.frames.layout.per_row;
        let page = isize::try_from(self.frames.layout.byte_rows()).unwrap_or(1).max(1);
        match action {
            Action::Up => self.frames.hex.step_rows(-1, per_row),
            Action::Down => self.frames.hex.step_rows(1, per_row),
            Action::PageUp => self.frames.hex.step_rows(-page, per_row),
            Action::PageDown => self.frames.hex.step_rows(page, per_row),
            Action::First => self.frames.hex.select(0),
            Action::Last => self.frames.hex.select(usize::MAX),
            Action::Left if self.frames.hex.cursor().is_multiple_of(per_row.max(1)) && self.frames.typing.is_none() => {
                self.focus(Place::FrameFields);
            }
            Action::Left => self.frames.hex.step(-1),
            Action::Right => self.frames.hex.step(1),
            _ => return false,
        }
        self.show_cell();
        true
    }

    fn select_cell(&mut self, place: usize) {
        self.frames.cell = place.min(self.frames.sheet.cells.len().saturating_sub(1));
        if let Some(range) = self.frames.cell().map(|cell| cell.range.clone()) {
            self.frames.hex.show(&range);
        }
    }

    fn select_byte(&mut self, byte: usize) {
        self.frames.hex.select(byte);
        self.show_cell();
    }

    /// Selects the field of the byte under the cursor; stays on the field where it holds the byte too.
    fn show_cell(&mut self) {
        let byte = self.frames.hex.cursor();
        let stays = self.frames.cell().is_some_and(|cell| cell.range.contains(&byte) && !cell.has_parts);
        if !stays && let Some(place) = self.frames.innermost(byte) {
            self.frames.cell = place;
            let path = self.frames.cell().map(|cell| cell.path.clone()).unwrap_or_default();
            // Nothing may hide it.
            self.frames.folded.retain(|folded| !path.starts_with(&format!("{folded}/")));
        }
    }

    fn edit_cell(&mut self) {
        if let Some(cell) = self.frames.cell().filter(|cell| cell.editable) {
            self.frames.editing = Some(TextEdit::single(&cell.typed));
        }
    }

    /// Writes the value that was typed into its field.
    fn take_value(&mut self) {
        let Some(text) = self.frames.editing.as_ref().map(TextEdit::text) else { return };
        let (Some(entry), Some(cell)) = (self.frames.entry(), self.frames.cell()) else { return };
        let form = self.frames_form();
        let changed = self.on_bench(|lab, context| lab.edit(context, form, entry.bytes(), &cell.path, &text));
        match changed {
            Some(Ok(bytes)) => {
                self.frames.editing = None;
                self.focus(Place::FrameFields);
                self.change_frame(bytes);
            }
            Some(Err(reason)) => self.tell(Severity::Error, reason),
            None => {}
        }
    }

    /// Types a key into a value or into the bytes.
    pub(in crate::app) fn frames_key(&mut self, key: Key) {
        if self.frames.copying {
            self.frames.copying = false;
        } else if let Some(edit) = self.frames.editing.as_mut() {
            edit.key(key);
        } else if self.frames.typing.is_some() {
            self.type_byte(key);
        }
    }

    fn type_byte(&mut self, key: Key) {
        let action = match key.code {
            KeyCode::Left => Some(Action::Left),
            KeyCode::Right => Some(Action::Right),
            KeyCode::Up => Some(Action::Up),
            KeyCode::Down => Some(Action::Down),
            KeyCode::Home => Some(Action::First),
            KeyCode::End => Some(Action::Last),
            KeyCode::Backspace => {
                if self.frames.hex.cursor() > 0 {
                    self.frames.hex.step(-1);
                    self.splice_byte(false);
                }
                None
            }
            _ => None,
        };
        if let Some(action) = action {
            self.frames.typing = Some(None);
            self.move_in_bytes(action);
        }
        let digit = key.text().and_then(|c| c.to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        let (Some(digit), Some(entry)) = (digit, self.frames.entry()) else { return };
        let mut bytes = entry.bytes().to_vec();
        let at = self.frames.hex.cursor();
        let half = self.frames.typing.flatten();
        if let Some(byte) = bytes.get_mut(at) {
            // The first digit is the upper half; the second completes the byte.
            *byte = if half.is_some() { *byte & 0xf0 | digit } else { digit << 4 | *byte & 0x0f };
        } else {
            bytes.push(digit << 4);
        }
        self.change_frame(bytes);
        self.frames.typing = Some(if half.is_some() { None } else { Some(digit) });
        self.frames.hex.select(if half.is_some() { at + 1 } else { at });
        self.show_cell();
    }

    /// Puts a byte in before the cursor, or takes the one under it away.
    fn splice_byte(&mut self, insert: bool) {
        let Some(entry) = self.frames.entry() else { return };
        let at = self.frames.hex.cursor();
        let mut bytes = entry.bytes().to_vec();
        if insert {
            bytes.insert(at.min(bytes.len()), 0);
        } else if at < bytes.len() && bytes.len() > 1 {
            bytes.remove(at);
        }
        let typing = self.frames.typing.map(|_| None);
        self.change_frame(bytes);
        self.frames.typing = typing;
        self.select_byte(at);
    }

    fn step_back(&mut self, back: bool) {
        let cursor = self.frames.cursor;
        if self.frames.entries.get_mut(cursor).is_some_and(|entry| entry.step(back)) {
            self.read_anew();
        }
    }

    fn ask_for_template(&mut self) {
        let Some((_, lab)) = bench() else { return self.tell(Severity::Warning, NO_LAB) };
        self.open_overlay(Overlay::Templates(Picker::new(lab.templates(), names)));
    }

    /// Builds a frame from a template.
    pub(in crate::app) fn build_frame(&mut self, template: &Template) {
        // Two requests with one number could not be told apart by their answers.
        let number = (self.now.as_millis() & u64::from(u32::MAX)).to_string();
        let made = self.on_bench(|lab, context| {
            let made = lab.make(context, &template.name)?;
            Some(lab.edit(context, template.form, &made, "sn", &number).unwrap_or(made))
        });
        if let Some(bytes) = made.flatten() {
            self.put_made(bytes);
        }
    }

    fn ask_to_read(&mut self, wanted: FileFor) {
        let (title, hint) = match wanted {
            FileFor::Frames => (OPEN_FILE, OPEN_HINT),
            FileFor::Definition | FileFor::Model(_) => (OPEN_MODEL, MODEL_HINT),
        };
        let about = Asked::ReadFile(wanted);
        self.open_overlay(Overlay::Prompt {
            title: title.into(),
            hint: hint.into(),
            edit: TextEdit::single(""),
            about,
        });
    }

    /// The next definition: by connection, none, those of the profiles of the platform, those of files.
    fn next_definition(&mut self) {
        let Some((dialect, _)) = bench() else { return };
        let name = dialect.spec().name;
        let mut all = vec![Definition::Auto, Definition::Raw];
        let profiles = self.connections.profiles().iter().enumerate();
        let own = profiles.filter(|(_, known)| {
            let named = known.own_model || dialect.known_model(&known.profile.settings).is_some();
            known.profile.dialect.spec().name == name && named
        });
        all.extend(own.map(|(at, _)| Definition::Profile(at)));
        all.extend((0..self.frames.files.len()).map(Definition::File));
        let at = all.iter().position(|known| *known == self.frames.definition).unwrap_or_default();
        self.frames.definition = all.get((at + 1) % all.len().max(1)).copied().unwrap_or_default();
        self.read_anew();
        let (name, _) = self.frames_model();
        self.tell(Severity::Info, DEFINITION.with(&[&name]));
    }

    /// Goes to the next frame in which the value under the cursor is another than before; without a value under the
    /// cursor, any value.
    fn hunt_change(&mut self, forward: bool) {
        let Some(cell) = self.frames.cell().cloned() else { return self.tell(Severity::Info, WHICH_VALUE) };
        let wanted = cell.path.starts_with("p0/").then(|| cell.name.clone()).filter(|_| !cell.has_parts);
        let prefix =
            wanted.as_ref().filter(|_| cell.kind != "bit" && cell.path != "p0/action").map(|name| format!("{name}: "));
        let from = self.frames.cursor;
        let places: Vec<usize> =
            if forward { (from + 1..self.frames.entries.len()).collect() } else { (0..from).rev().collect() };
        for place in places {
            self.tell_with_before(place);
            let changes = self.frames.changes(place);
            if changes.iter().any(|change| prefix.as_ref().is_none_or(|prefix| change.starts_with(prefix))) {
                return self.select_frame(place);
            }
        }
        let name = wanted.unwrap_or_else(|| "p0".to_owned());
        self.tell(Severity::Info, NO_CHANGE.with(&[&name]));
    }

    /// Goes through the bytes that something is wrong with.
    fn next_problem(&mut self) {
        let mut places: Vec<usize> = self.frames.sheet.problems.iter().map(|problem| problem.offset).collect();
        places.sort_unstable();
        places.dedup();
        let here = self.frames.hex.cursor();
        let next = places.iter().find(|place| **place > here).or(places.first()).copied();
        if let Some(place) = next {
            self.select_byte(place);
        }
    }

    fn compare_frames(&mut self) {
        match self.frames.against.take() {
            Some(_) => self.tell(Severity::Info, COMPARE_OVER),
            None => {
                self.frames.against = Some(self.frames.cursor);
                self.tell(Severity::Info, COMPARE_WITH.with(&[&(self.frames.cursor + 1)]));
            }
        }
    }

    fn duplicate_frame(&mut self) {
        let Some(entry) = self.frames.entry() else { return };
        let copy = Entry::new(entry.caught.clone());
        let at = self.frames.cursor + 1;
        self.frames.entries.insert(at, copy);
        if let Some(against) = self.frames.against.as_mut().filter(|against| **against >= at) {
            *against += 1;
        }
        self.select_frame(at);
    }

    fn remove_frame(&mut self) {
        let at = self.frames.cursor;
        if at < self.frames.entries.len() {
            self.frames.entries.remove(at);
        }
        self.frames.against = match self.frames.against {
            Some(against) if against == at => None,
            Some(against) if against > at => Some(against - 1),
            other => other,
        };
        self.select_frame(at);
    }

    /// The mouse did something on this tab.
    pub(in crate::app) fn frames_mouse(&mut self, mouse: Mouse) {
        let wheel = match mouse.act {
            MouseAct::ScrollUp => Some(Action::Up),
            MouseAct::ScrollDown => Some(Action::Down),
            _ => None,
        };
        let place = match mouse.target {
            Some(Target::Area(place) | Target::Row(place, _) | Target::Part(place, ..)) => place,
            _ => Place::FrameList,
        };
        if let Some(action) = wheel {
            let _ = match place {
                Place::FrameFields => self.move_in_fields(action),
                Place::FrameBytes => self.move_in_bytes(action),
                _ => {
                    let last = self.frames.entries.len().saturating_sub(1);
                    if let Some(row) = action.moved(self.frames.cursor, last) {
                        self.select_frame(row);
                    }
                    true
                }
            };
            return;
        }
        let pressed = matches!(mouse.act, MouseAct::Press | MouseAct::DoublePress | MouseAct::Drag);
        match mouse.target.filter(|_| pressed) {
            Some(Target::Row(Place::FrameList, row)) => {
                self.frames_leave();
                self.select_frame(row);
            }
            Some(Target::Row(Place::FrameFields, place)) => {
                self.frames_leave();
                self.focus(Place::FrameFields);
                self.select_cell(place);
                if mouse.act == MouseAct::DoublePress {
                    self.run(Action::EditField);
                }
            }
            Some(Target::Part(Place::FrameBytes, _, byte)) => {
                self.frames.editing = None;
                self.focus(Place::FrameBytes);
                self.select_byte(byte);
                if mouse.act == MouseAct::DoublePress {
                    self.run(Action::EditBytes);
                }
            }
            _ => {}
        }
    }

    /// Leaves whatever is being typed.
    fn frames_leave(&mut self) {
        self.frames.editing = None;
        self.frames.typing = None;
        self.frames.copying = false;
    }
}
