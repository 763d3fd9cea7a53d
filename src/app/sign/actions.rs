//! What keys and mouse do on the Sign tab.

use crate::app::action::Action;
use crate::app::edit::TextEdit;
use crate::app::effect::Effect;
use crate::app::input::{Key, KeyCode, Mouse, MouseAct, Target};
use crate::app::keys::{Binding, ENTER};
use crate::app::sign::texts::*;
use crate::app::sign::{SignMode, SignRow, Used, choices};
use crate::app::{App, Place, conditions as when};
use crate::base::lang::Text;
use crate::dialect::REGISTRY;

/// Rows of the key table that belong to this tab.
pub const KEYS: &[Binding] = &[
    Binding::shown(Place::SignForm, ENTER, Action::EditField, when::always),
    Binding::shown(Place::SignForm, &[Key::char('m')], Action::SignMode, when::always),
    Binding::shown(Place::SignForm, &[Key::char('v')], Action::RevealSecrets, when::always),
    Binding::quiet(Place::SignForm, &[Key::char('r')], Action::SignAgain, when::always),
    Binding::quiet(Place::SignForm, &[Key::plain(KeyCode::Delete)], Action::ClearFields, when::always),
    Binding::shown(Place::SignEdit, ENTER, Action::SubmitText, when::always),
    Binding::shown(Place::SignEdit, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::quiet(Place::SignEdit, &[Key::plain(KeyCode::Tab)], Action::NextField, when::always),
    Binding::quiet(Place::SignEdit, &[Key::plain(KeyCode::BackTab)], Action::PreviousField, when::always),
    Binding::shown(Place::SignResult, &[Key::char('y'), Key::plain(KeyCode::Enter)], Action::CopyItem, has_copy),
    Binding::shown(Place::SignResult, &[Key::char('v')], Action::RevealSecrets, when::always),
    Binding::quiet(Place::SignResult, &[Key::char('m')], Action::SignMode, when::always),
    Binding::quiet(Place::SignResult, &[Key::char('r')], Action::SignAgain, when::always),
];

fn has_copy(app: &App) -> Result<(), Text> {
    let items = app.sign_items();
    items.get(app.sign.result_cursor).and_then(|item| item.copy.as_ref()).map(|_| ()).ok_or(NO_COPY)
}

impl App {
    /// The areas of the Sign tab.
    pub(in crate::app) fn sign_areas(&self) -> Vec<Place> {
        let form = if self.sign.editing.is_some() { Place::SignEdit } else { Place::SignForm };
        vec![form, Place::SignResult]
    }

    /// Runs an action of this tab; `false` if it is none.
    pub(in crate::app) fn sign_action(&mut self, action: Action) -> bool {
        match action {
            Action::RevealSecrets => {
                self.sign.revealed = !self.sign.revealed;
                return true;
            }
            Action::SignMode => {
                self.turn_sign_mode();
                return true;
            }
            Action::SignAgain => {
                self.sign.work_out(self.now);
                return true;
            }
            Action::ClearFields => {
                self.sign.fields.clear();
                self.sign.used.clear();
                self.sign.profile = None;
                self.sign.work_out(self.now);
                return true;
            }
            _ => {}
        }
        match self.area() {
            Place::SignResult => self.sign_result_action(action),
            Place::SignEdit => self.sign_edit_action(action),
            _ => self.sign_form_action(action),
        }
    }

    fn turn_sign_mode(&mut self) {
        self.sign.mode = match self.sign.mode {
            SignMode::Calculate => SignMode::Check,
            SignMode::Check => SignMode::Calculate,
        };
        self.sign.result_cursor = 0;
        self.sign.work_out(self.now);
    }

    fn sign_form_action(&mut self, action: Action) -> bool {
        let last = self.sign.rows().len().saturating_sub(1);
        let cursor = self.sign.cursor.min(last);
        if let Some(row) = action.moved(cursor, last) {
            self.sign.cursor = row;
            return true;
        }
        match action {
            Action::Left | Action::ChoicePrevious => self.turn_sign_row(false),
            Action::Right | Action::ChoiceNext => self.turn_sign_row(true),
            Action::Back => self.sign.cursor = 0,
            Action::EditField => self.change_sign_row(),
            _ => return false,
        }
        true
    }

    fn change_sign_row(&mut self) {
        let Some(row) = self.sign.row() else { return };
        match self.sign.text(row) {
            Some(text) if !matches!(row, SignRow::Field(field) if !choices(field).is_empty()) => {
                let long = matches!(row, SignRow::Used(Used::Pasted));
                self.sign.editing = Some(if long { TextEdit::multi(&text) } else { TextEdit::single(&text) });
                self.focus(Place::SignEdit);
            }
            _ => self.turn_sign_row(true),
        }
    }

    /// The next or the previous value of a row that is chosen.
    fn turn_sign_row(&mut self, forward: bool) {
        let Some(row) = self.sign.row() else { return };
        let next = |at: usize, count: usize| {
            let count = count.max(1);
            (at + if forward { 1 } else { count - 1 }) % count
        };
        match row {
            SignRow::Mode => return self.turn_sign_mode(),
            SignRow::Dialect => {
                self.sign.dialect = next(self.sign.dialect, REGISTRY.len());
                self.sign.role = 0;
                self.sign.profile = None;
            }
            SignRow::Role => {
                let roles = self.sign.dialect().map_or(0, |dialect| dialect.spec().roles.len());
                self.sign.role = next(self.sign.role, roles);
                self.sign.profile = None;
            }
            SignRow::Profile => return self.fill_from_next_profile(forward),
            SignRow::Field(field) if !choices(field).is_empty() => {
                let all = choices(field);
                let text = self.sign.text(row).filter(|text| !text.is_empty());
                let current = text.as_deref().or(field.default).unwrap_or_default();
                let chosen = match all.iter().position(|choice| *choice == current) {
                    Some(at) => next(at, all.len()),
                    None => 0,
                };
                let value = all.get(chosen).copied().unwrap_or_default();
                self.sign.set_text(row, value);
            }
            SignRow::Field(_) | SignRow::Used(_) => {
                let severity = crate::model::Severity::Info;
                return self.tell(severity, TYPED);
            }
        }
        self.sign.work_out(self.now);
    }

    /// Fills the form from the next profile; its secrets are fetched first.
    fn fill_from_next_profile(&mut self, forward: bool) {
        let order = self.connections.order();
        let count = order.len();
        if count == 0 {
            return self.tell(crate::model::Severity::Info, NO_PROFILES);
        }
        let row_of = |profile: usize| order.iter().position(|at| *at == profile).unwrap_or_default();
        let row = match self.sign.profile {
            Some(at) if forward => (row_of(at) + 1) % count,
            Some(at) => (row_of(at) + count - 1) % count,
            None if forward => row_of(self.connections.cursor),
            None => count - 1,
        };
        let at = order.get(row).copied().unwrap_or_default();
        self.sign.profile = Some(at);
        if let Some(known) = self.connections.profiles().get(at) {
            let from = Box::new(known.profile.clone());
            self.effect(Effect::Fetch { profile: at, from });
        }
    }

    fn sign_edit_action(&mut self, action: Action) -> bool {
        match action {
            Action::Back => self.leave_sign_edit(false),
            Action::SubmitText => self.leave_sign_edit(true),
            Action::NextField | Action::PreviousField => {
                self.leave_sign_edit(true);
                self.sign_form_action(if action == Action::NextField { Action::Down } else { Action::Up });
            }
            _ => return false,
        }
        true
    }

    fn leave_sign_edit(&mut self, keep: bool) {
        if let (Some(edit), Some(row), true) = (self.sign.editing.take(), self.sign.row(), keep) {
            self.sign.set_text(row, &edit.text());
            self.sign.work_out(self.now);
        }
        self.focus(Place::SignForm);
    }

    fn sign_result_action(&mut self, action: Action) -> bool {
        let items = self.sign_items();
        let last = items.len().saturating_sub(1);
        if let Some(row) = action.moved(self.sign.result_cursor.min(last), last) {
            self.sign.result_cursor = row;
            return true;
        }
        match action {
            Action::Back | Action::Left => self.focus(Place::SignForm),
            Action::CopyItem => {
                if let Some(text) = items.get(self.sign.result_cursor).and_then(|item| item.copy.clone()) {
                    self.effect(Effect::Copy(text));
                }
            }
            _ => return false,
        }
        true
    }

    /// Types a key into the text being edited.
    pub(in crate::app) fn sign_key(&mut self, key: Key) {
        if let Some(edit) = self.sign.editing.as_mut() {
            edit.key(key);
        }
    }

    /// Pastes: into the text being edited, otherwise as a login to be checked.
    pub(in crate::app) fn sign_paste(&mut self, text: &str) {
        match self.sign.editing.as_mut() {
            Some(edit) => edit.paste(text),
            None => {
                self.sign.mode = SignMode::Check;
                self.sign.recognise(text, self.now);
                self.sign.used.insert(Used::Pasted, text.to_owned());
                self.sign.result_cursor = 0;
                self.sign.work_out(self.now);
            }
        }
    }

    pub(in crate::app) fn sign_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Row(Place::SignForm, row))) => {
                self.leave_sign_edit(true);
                self.sign.cursor = row;
            }
            (MouseAct::DoublePress, Some(Target::Row(Place::SignForm, row))) => {
                self.sign.cursor = row;
                self.change_sign_row();
            }
            (MouseAct::Press, Some(Target::Row(Place::SignResult, row))) => self.sign.result_cursor = row,
            (MouseAct::DoublePress, Some(Target::Row(Place::SignResult, row))) => {
                self.sign.result_cursor = row;
                self.run(Action::CopyItem);
            }
            (MouseAct::ScrollUp, _) => self.run(Action::Up),
            (MouseAct::ScrollDown, _) => self.run(Action::Down),
            _ => {}
        }
    }
}

const TYPED: Text = Text::new("press enter to type", "按 enter 输入");
