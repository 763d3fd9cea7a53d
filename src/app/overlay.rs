//! What lies over a tab: help, the palette, questions.

use crate::app::action::Action;
use crate::app::edit::TextEdit;
use crate::app::effect::FileFor;
use crate::app::input::Key;
use crate::app::picker::{self, Picker};
use crate::app::profiles::ProfileForm;
use crate::app::stream::{Choice, Draft};
use crate::app::{App, Place, keys};
use crate::base::lang::{Phrase, Text};
use crate::dialect::lab::Template;
use crate::model::ConnectionId;
use crate::profile::collection::{Content, SavedRequest};
use crate::profile::workspace::Workspace;
use crate::store::Seq;

/// An overlay.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of a place.
    Help {
        /// Which place.
        of: Place,
        /// First line shown.
        scroll: usize,
    },
    /// All actions.
    Palette(Palette),
    /// A question with yes and no.
    Confirm {
        /// The question.
        question: Phrase,
        /// What yes does.
        then: Confirmed,
    },
    /// A question with a text for an answer.
    Prompt {
        /// What is asked for.
        title: Phrase,
        /// What may be answered, or what is wrong with the answer so far.
        hint: Phrase,
        /// The answer.
        edit: TextEdit,
        /// What the answer is for.
        about: Asked,
    },
    /// The requests that are kept under names.
    Requests(Picker<SavedRequest>),
    /// The frames that can be built.
    Templates(Picker<Template>),
    /// What to begin with; the row under the cursor.
    Start(usize),
    /// A profile in a form.
    ProfileForm(Box<ProfileForm>),
    /// The workspaces.
    Workspaces(Picker<Workspace>),
    /// A list of the stream to pick from: topics, devices, marks, filters.
    Pick(Text, Picker<Choice>),
}

/// What happens on yes.
#[derive(Debug, Clone, PartialEq)]
pub enum Confirmed {
    /// Leave.
    Quit,
    /// Send what is composed, although the profile is marked production.
    Send {
        /// Whether values that break the thing model are sent.
        unchecked: bool,
    },
    /// Let the doctor examine the profile at this place, and close its connection for it.
    Examine(usize),
    /// Connect the profile at this place again, although another client throws it out.
    ConnectAgain(usize),
    /// Close a connection.
    Disconnect(ConnectionId),
    /// Send a message as it is.
    Publish(Box<Draft>),
    /// Delete the profile at this place.
    DeleteProfile(usize),
    /// Leave the form of a profile without saving.
    DiscardForm,
}

/// What an answer in words is for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// The file that frames or a definition are read from.
    ReadFile(FileFor),
    /// The topic that a frame is sent on.
    FrameTopic(ConnectionId),
    /// A new value of a property of a simulated device.
    ThingValue(ConnectionId, String),
    /// The name under which a request is kept.
    RequestName(Box<Content>),
    /// The file that is recorded to.
    RecordFile {
        /// Whether only what the filter admits is recorded.
        shown: bool,
    },
    /// The file that the list is written to.
    ExportFile,
    /// The capture that is opened.
    CaptureFile,
    /// The new name of the profile at this place.
    ProfileName(usize),
    /// What profiles are made from: a file or a text.
    Import,
    /// The name of a workspace.
    WorkspaceName,
    /// The note on a message.
    MarkNote(Seq),
    /// The time to go to.
    GoToTime,
    /// The name under which a filter is kept.
    FilterName(String),
    /// The control address of a simulated cloud.
    ControlAddress,
    /// What the console of a simulated cloud is to do.
    Operate,
    /// The file that a thing model is written to, and its text.
    ModelFile(String),
}

/// The list of all actions, narrowed by what is typed.
#[derive(Debug, Clone)]
pub struct Palette {
    /// What was typed.
    pub edit: TextEdit,
    /// The row that enter runs.
    pub cursor: usize,
    /// Actions with the reason why they do not work now, in the order in which they match.
    rows: Vec<(Action, Option<Text>)>,
    all: Vec<(Action, Option<Text>)>,
}

impl Palette {
    /// All actions, with what works now first.
    pub fn new(app: &App) -> Palette {
        let mut all: Vec<(Action, Option<Text>)> = Action::ALL
            .iter()
            .filter(|action| !matches!(action, Action::Palette | Action::SubmitText | Action::Accept | Action::Decline))
            .map(|action| (*action, keys::row_of(*action).and_then(|row| (row.when)(app).err())))
            .collect();
        all.sort_by_key(|(_, reason)| reason.is_some());
        Palette { edit: TextEdit::single(""), cursor: 0, rows: all.clone(), all }
    }

    /// The actions that these words find.
    pub fn narrowed(app: &App, words: &str) -> Palette {
        let mut palette = Palette { edit: TextEdit::single(words), ..Palette::new(app) };
        // The action that asks for them would only ask again.
        palette.all.retain(|(action, _)| *action != Action::ThingModel);
        palette.narrow();
        palette
    }

    /// The actions that match what was typed, the best first.
    pub fn rows(&self) -> &[(Action, Option<Text>)] {
        &self.rows
    }

    /// The action under the cursor.
    pub fn selected(&self) -> Option<(Action, Option<Text>)> {
        self.rows.get(self.cursor).copied()
    }

    fn narrow(&mut self) {
        let names = |(action, _): &(Action, Option<Text>)| vec![action.name(), action.title().en, action.title().zh];
        let found = picker::ranked(&self.edit.text(), &self.all, names);
        self.rows = found.into_iter().filter_map(|place| self.all.get(place).copied()).collect();
        self.cursor = 0;
    }
}

impl Overlay {
    /// The place whose keys hold while it lies on top.
    pub fn place(&self) -> Place {
        match self {
            Overlay::Help { .. } => Place::Help,
            Overlay::Palette(_) => Place::Palette,
            Overlay::Confirm { .. } => Place::Confirm,
            Overlay::Prompt { .. } => Place::Prompt,
            Overlay::Requests(_) => Place::Requests,
            Overlay::Templates(_) => Place::Templates,
            Overlay::Start(_) => Place::Start,
            Overlay::ProfileForm(_) => Place::ProfileForm,
            Overlay::Workspaces(_) => Place::Workspaces,
            Overlay::Pick(..) => Place::Pick,
        }
    }

    /// Types a key into it.
    pub(super) fn key(&mut self, key: Key) {
        match self {
            Overlay::Palette(palette) => {
                if palette.edit.key(key) {
                    palette.narrow();
                }
            }
            Overlay::Prompt { edit, .. } => {
                edit.key(key);
            }
            Overlay::Requests(picker) => picker.key(key),
            Overlay::Pick(_, picker) => picker.key(key),
            Overlay::Templates(picker) => picker.key(key),
            Overlay::Workspaces(picker) => picker.key(key),
            Overlay::ProfileForm(form) => form.key(key),
            Overlay::Help { .. } | Overlay::Confirm { .. } | Overlay::Start(_) => {}
        }
    }

    /// Pastes text into it.
    pub(super) fn paste(&mut self, text: &str) {
        match self {
            Overlay::Palette(palette) => {
                palette.edit.paste(text);
                palette.narrow();
            }
            Overlay::Prompt { edit, .. } => edit.paste(text),
            Overlay::Requests(picker) => picker.paste(text),
            Overlay::Pick(_, picker) => picker.paste(text),
            Overlay::Templates(picker) => picker.paste(text),
            Overlay::Workspaces(picker) => picker.paste(text),
            Overlay::ProfileForm(form) => form.paste(text),
            Overlay::Help { .. } | Overlay::Confirm { .. } | Overlay::Start(_) => {}
        }
    }
}

impl App {
    /// Actions that an overlay takes for itself; says whether one did.
    pub(super) fn run_in_overlay(&mut self, action: Action) -> bool {
        if self.run_in_profiles(action) {
            return true;
        }
        let Some(top) = self.overlays.last_mut() else { return false };
        match (top, action) {
            (_, Action::Back) => {
                self.overlays.pop();
            }
            (Overlay::Help { scroll, .. }, Action::Up) => *scroll = scroll.saturating_sub(1),
            (Overlay::Help { scroll, .. }, Action::Down) => *scroll += 1,
            (Overlay::Palette(palette), Action::Up) => palette.cursor = palette.cursor.saturating_sub(1),
            (Overlay::Palette(palette), Action::Down) => {
                palette.cursor = (palette.cursor + 1).min(palette.rows.len().saturating_sub(1));
            }
            (Overlay::Palette(palette), Action::SubmitText) => {
                let chosen = palette.selected();
                self.overlays.pop();
                match chosen {
                    Some((action, None)) => self.run(action),
                    Some((action, Some(reason))) => self.tell_disabled(action, reason),
                    None => {}
                }
            }
            (Overlay::Requests(picker), Action::Up | Action::Down) => picker.step(action == Action::Down),
            (Overlay::Templates(picker), Action::Up | Action::Down) => picker.step(action == Action::Down),
            (Overlay::Templates(picker), Action::SubmitText) => {
                let chosen = picker.selected().cloned();
                self.overlays.pop();
                if let Some(template) = chosen {
                    self.build_frame(&template);
                }
            }
            (Overlay::Requests(picker), Action::SubmitText) => {
                let chosen = picker.selected().map(|request| request.content.clone());
                self.overlays.pop();
                if let Some(content) = chosen {
                    self.open_content(&content);
                }
            }
            (Overlay::Pick(_, picker), Action::Up | Action::Down) => picker.step(action == Action::Down),
            (Overlay::Pick(_, picker), Action::SubmitText) => {
                let chosen = picker.selected().cloned();
                self.overlays.pop();
                if let Some(choice) = chosen {
                    self.picked(&choice);
                }
            }
            (Overlay::Confirm { .. }, Action::Decline) => {
                self.overlays.pop();
            }
            (Overlay::Confirm { .. }, Action::Accept) => {
                if let Some(Overlay::Confirm { then, .. }) = self.overlays.pop() {
                    self.confirmed(then);
                }
            }
            (Overlay::Prompt { .. }, Action::SubmitText) => {
                if let Some(Overlay::Prompt { title, edit, about, .. }) = self.overlays.pop()
                    && let Err(fault) = self.answered(&about, &edit.text())
                {
                    self.overlays.push(Overlay::Prompt { title, hint: fault, edit, about });
                }
            }
            (
                Overlay::Help { .. }
                | Overlay::Confirm { .. }
                | Overlay::Palette(_)
                | Overlay::Prompt { .. }
                | Overlay::Start(_)
                | Overlay::ProfileForm(_)
                | Overlay::Workspaces(_)
                | Overlay::Requests(_)
                | Overlay::Pick(..)
                | Overlay::Templates(_),
                _,
            ) => return false,
        }
        true
    }

    fn confirmed(&mut self, then: Confirmed) {
        match then {
            Confirmed::Quit => self.quit(),
            Confirmed::Send { unchecked } => self.send_composed(unchecked),
            Confirmed::Examine(profile) => self.examine(profile),
            Confirmed::ConnectAgain(profile) => self.connect(profile),
            Confirmed::Disconnect(id) => self.disconnect(id),
            Confirmed::Publish(draft) => self.publish_draft(*draft),
            Confirmed::DeleteProfile(profile) => self.delete_profile(profile),
            Confirmed::DiscardForm => self.close_form(),
        }
    }

    fn answered(&mut self, about: &Asked, text: &str) -> Result<(), Phrase> {
        match about {
            Asked::ThingValue(id, identifier) => self.set_thing_value(*id, identifier, text),
            Asked::RequestName(content) => self.keep_request(text, content),
            Asked::RecordFile { shown } => self.record_into(text, *shown),
            Asked::ExportFile => self.export_into(text),
            Asked::CaptureFile => self.open_capture(text, None),
            Asked::ProfileName(profile) => self.rename_profile(*profile, text),
            Asked::Import => self.import_from(text),
            Asked::WorkspaceName => self.save_workspace(text),
            Asked::MarkNote(seq) => {
                self.stream.list.set_note(*seq, text.trim().to_owned());
                Ok(())
            }
            Asked::GoToTime => self.go_to_time(text),
            Asked::ControlAddress => self.take_control_address(text),
            Asked::Operate => self.operate_line(text),
            Asked::ModelFile(model) => self.model_into(text, model),
            Asked::FilterName(expr) => self.keep_filter(text, expr),
            Asked::ReadFile(wanted) => self.want_file(*wanted, text),
            Asked::FrameTopic(id) => self.send_frame(*id, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Vec<&'static str> {
        let all = Action::ALL.iter().map(|action| (*action, None)).collect();
        let mut palette = Palette { edit: TextEdit::single(typed), cursor: 0, rows: Vec::new(), all };
        palette.narrow();
        palette.rows.iter().map(|(action, _)| action.name()).collect()
    }

    #[test]
    fn a_beginning_beats_scattered_letters_and_another_order_is_no_match() {
        assert_eq!(found("send").first(), Some(&"send"));
        assert!(found("nxtb").contains(&"next-tab"), "{:?}", found("nxtb"));
        assert!(!found("dnes").contains(&"send"));
    }

    #[test]
    fn actions_are_found_by_their_chinese_names() {
        assert!(found("断开").contains(&"disconnect"), "{:?}", found("断开"));
    }

    #[test]
    fn nothing_typed_finds_everything() {
        assert_eq!(found("").len(), Action::ALL.len());
    }
}
