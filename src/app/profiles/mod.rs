//! Profiles made, changed and taken along inside the application; workspaces; the start page.
//!
//! Files are the loop's business: what is to be done with them goes out as a [`ProfileDeed`] and comes back as a
//! [`ProfileDone`].

pub mod form;
pub mod start;
pub(crate) mod texts;

#[cfg(test)]
mod tests;

pub use form::{ProfileForm, Purpose, Row};
pub use start::Beginning;

use crate::app::action::Action;
use crate::app::connections::KnownProfile;
use crate::app::edit::TextEdit;
use crate::app::effect::{Effect, ProfileDeed, ProfileDone};
use crate::app::input::{Key, KeyCode};
use crate::app::keys::Binding;
use crate::app::overlay::{Asked, Confirmed, Overlay};
use crate::app::picker::Picker;
use crate::app::{App, Place, Tab, conditions as when, connections};
use crate::base::lang::{Phrase, Text};
use crate::base::text::printable;
use crate::dialect::{Dialect, REGISTRY};
use crate::model::{Role, Severity};
use crate::profile::import::Import;
use crate::profile::workspace::Workspace;
use crate::profile::{Draft, Profile, Slot, without_secrets};
use texts::*;

/// Rows of the key table that belong to the forms.
pub const KEYS: &[Binding] = &[
    Binding::shown(Place::Start, &[Key::plain(KeyCode::Enter)], Action::Begin, when::always),
    Binding::quiet(Place::Start, &[Key::plain(KeyCode::Up), Key::char('k')], Action::Up, when::always),
    Binding::quiet(Place::Start, &[Key::plain(KeyCode::Down), Key::char('j')], Action::Down, when::always),
    Binding::shown(Place::Start, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::shown(Place::Start, &[Key::char('q'), Key::ctrl('c')], Action::Quit, when::always),
    Binding::shown(Place::ProfileForm, &[Key::ctrl('s')], Action::SaveProfile, when::always),
    Binding::shown(Place::ProfileForm, &[Key::ctrl('o')], Action::SaveAndConnect, when::always),
    Binding::quiet(
        Place::ProfileForm,
        &[Key::plain(KeyCode::Enter), Key::plain(KeyCode::Down), Key::plain(KeyCode::Tab)],
        Action::NextField,
        when::always,
    ),
    Binding::quiet(
        Place::ProfileForm,
        &[Key::plain(KeyCode::Up), Key::plain(KeyCode::BackTab)],
        Action::PreviousField,
        when::always,
    ),
    Binding::shown(Place::ProfileForm, &[Key::ctrl('r')], Action::RevealSecrets, when::always),
    Binding::shown(Place::ProfileForm, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::Workspaces, &[Key::plain(KeyCode::Enter)], Action::SubmitText, when::always),
    Binding::quiet(Place::Workspaces, &[Key::plain(KeyCode::Up), Key::ctrl('p')], Action::Up, when::always),
    Binding::quiet(Place::Workspaces, &[Key::plain(KeyCode::Down), Key::ctrl('n')], Action::Down, when::always),
    Binding::shown(Place::Workspaces, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
];

/// There is a profile under the cursor.
pub fn can_copy(app: &App) -> Result<(), Text> {
    app.connections.selected().map(|_| ()).ok_or(connections::NO_PROFILE)
}

/// The profile under the cursor is a file of the user's.
pub fn can_move(app: &App) -> Result<(), Text> {
    match app.connections.selected() {
        Some(known) if known.profile.path.is_some() => Ok(()),
        Some(_) => Err(CANNOT_MOVE),
        None => Err(connections::NO_PROFILE),
    }
}

impl App {
    /// Opens the start page where there is nothing of the user's own yet.
    pub(super) fn offer_start(&mut self) {
        let own = self.connections.profiles().iter().any(|known| !known.profile.builtin);
        if !own && !self.demo && self.connections.all().is_empty() && self.tab == Tab::Connections {
            self.open_overlay(Overlay::Start(0));
        }
    }

    /// Commands of the list of profiles.
    pub(super) fn profile_action(&mut self, action: Action) -> bool {
        let place = self.connections.cursor;
        let selected = self.connections.selected().map(|known| known.profile.clone());
        match (action, selected) {
            (Action::NewProfile, selected) => {
                let dialect = selected.map(|profile| profile.dialect).or(REGISTRY.first().copied());
                if let Some(dialect) = dialect {
                    self.new_profile(dialect);
                }
            }
            (Action::ImportProfiles, _) => {
                let (title, hint) = (IMPORT_TITLE.into(), IMPORT_HINT.into());
                self.prompt(title, hint, "", Asked::Import);
            }
            (Action::SaveWorkspace, _) => {
                let names = self.open_names().join(", ");
                let hint = WORKSPACE_HINT.with(&[&printable(&names)]);
                self.prompt(WORKSPACE_TITLE.into(), hint, "", Asked::WorkspaceName);
            }
            (Action::OpenWorkspace, _) => self.effect(Effect::Profiles(ProfileDeed::LoadWorkspaces)),
            (Action::StartPage, _) => self.open_overlay(Overlay::Start(0)),
            (Action::StartDemo, _) if self.has_demo => {
                self.demo_next = true;
                self.quit();
            }
            (Action::StartDemo, _) => self.tell(Severity::Info, NO_DEMO),
            (Action::EditProfile, Some(profile)) => {
                if let Some(path) = profile.path.clone() {
                    let (draft, purpose) = (Draft::of(&profile), Purpose::Edit(place, path));
                    let form = ProfileForm::open(purpose, draft, &profile.name, self.lang, self.now);
                    self.open_form(form);
                }
            }
            (Action::DuplicateProfile, Some(profile)) => {
                let name = format!("{}-2", profile.name);
                let form = ProfileForm::new(Draft::of(&profile), &name, self.lang, self.now);
                self.open_form(form);
            }
            (Action::RenameProfile, Some(profile)) => {
                let title = RENAME_TITLE.with(&[&printable(&profile.name)]);
                self.prompt(title, RENAME_HINT.into(), &profile.name, Asked::ProfileName(place));
            }
            (Action::DeleteProfile, Some(profile)) => {
                let name = printable(&profile.name).into_owned();
                if self.connections.of_profile(place).is_some_and(connections::Connection::is_open) {
                    return self.told(STILL_OPEN.with(&[&name]));
                }
                let question = ASK_DELETE.with(&[&name]);
                self.open_overlay(Overlay::Confirm { question, then: Confirmed::DeleteProfile(place) });
            }
            (Action::ToggleProduction, Some(profile)) => self.toggle_production(place, &profile),
            (Action::ExportProfile, Some(profile)) => {
                let name = format!("{}.shared.toml", profile.name);
                self.effect(Effect::SaveFile { name, bytes: without_secrets(&profile).into_bytes() });
            }
            _ => return false,
        }
        true
    }

    fn told(&mut self, words: Phrase) -> bool {
        self.tell(Severity::Warning, words);
        true
    }

    fn prompt(&mut self, title: Phrase, hint: Phrase, text: &str, about: Asked) {
        self.open_overlay(Overlay::Prompt { title, hint, edit: TextEdit::single(text), about });
    }

    /// Opens a form for a new profile of a platform.
    pub(super) fn new_profile(&mut self, dialect: &'static dyn Dialect) {
        let role = dialect.spec().roles.first().map_or(Role::App, |role| role.role);
        let form = ProfileForm::new(Draft::new(dialect, role, self.lang), NEW_NAME, self.lang, self.now);
        self.open_form(form);
    }

    fn open_form(&mut self, form: ProfileForm) {
        self.show(Tab::Connections);
        self.open_overlay(Overlay::ProfileForm(Box::new(form)));
    }

    /// Takes the form away.
    pub(super) fn close_form(&mut self) {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::ProfileForm(_)));
    }

    fn toggle_production(&mut self, place: usize, profile: &Profile) {
        let mut draft = Draft::of(profile);
        draft.set(Slot::top("production"), if profile.production { "" } else { "true" });
        let (name, text, path) = (profile.name.clone(), draft.text(), profile.path.clone());
        let save = ProfileDeed::Save { profile: Some(place), name, free: false, path, text, connect: false };
        self.effect(Effect::Profiles(save));
        // The connection that is open asks from now on, too.
        if let Some(open) = self.connections.open.iter_mut().find(|open| open.profile == place) {
            open.production = !profile.production;
        }
    }

    /// Actions that the forms and lists of this part take for themselves; says whether one did.
    pub(super) fn run_in_profiles(&mut self, action: Action) -> bool {
        match (self.overlays.last_mut(), action) {
            (Some(Overlay::Start(row)), Action::Up) => *row = row.saturating_sub(1),
            (Some(Overlay::Start(row)), Action::Down) => {
                let row = *row + 1;
                let last = Beginning::all(self).len().saturating_sub(1);
                if let Some(Overlay::Start(at)) = self.overlays.last_mut() {
                    *at = row.min(last);
                }
            }
            (Some(Overlay::Start(row)), Action::Begin) => {
                let row = *row;
                self.begin(row);
            }
            (Some(Overlay::ProfileForm(form)), Action::NextField) => form.step(true),
            (Some(Overlay::ProfileForm(form)), Action::PreviousField) => form.step(false),
            (Some(Overlay::ProfileForm(form)), Action::RevealSecrets) => form.revealed = !form.revealed,
            (Some(Overlay::ProfileForm(form)), Action::SaveProfile | Action::SaveAndConnect) => {
                let save = deed_of(form, action == Action::SaveAndConnect);
                self.effect(Effect::Profiles(save));
            }
            (Some(Overlay::ProfileForm(form)), Action::Back) if form.is_changed() => {
                let question = ASK_DISCARD.into();
                self.open_overlay(Overlay::Confirm { question, then: Confirmed::DiscardForm });
            }
            (Some(Overlay::Workspaces(picker)), Action::Up | Action::Down) => picker.step(action == Action::Down),
            (Some(Overlay::Workspaces(picker)), Action::SubmitText) => {
                let chosen = picker.selected().cloned();
                self.overlays.pop();
                if let Some(workspace) = chosen {
                    self.open_workspace(&workspace);
                }
            }
            _ => return false,
        }
        true
    }

    /// A press on a row of the forms and lists of this part.
    pub(super) fn press_in_profiles(&mut self, place: Place, row: usize) {
        match self.overlays.last_mut() {
            Some(Overlay::Start(_)) if place == Place::Start => self.begin(row),
            Some(Overlay::ProfileForm(form)) if place == Place::ProfileForm => form.to_row(row, true),
            Some(Overlay::Workspaces(picker)) if place == Place::Workspaces => {
                picker.cursor = row;
                self.run(Action::SubmitText);
            }
            _ => {}
        }
    }

    /// Material pasted where profiles are asked for; says whether it was taken.
    pub(super) fn paste_profile(&mut self, text: &str) -> bool {
        let asked = matches!(self.overlays.last(), Some(Overlay::Prompt { about: Asked::Import, .. }))
            && text.trim().contains(['\n', '{']);
        // Who pastes a triple onto the list of profiles wants one made of it.
        let offered = matches!(self.place(), Place::Start | Place::Connections) && !text.trim().is_empty();
        if asked || offered {
            if self.place() != Place::Connections {
                self.overlays.pop();
            }
            self.effect(Effect::Profiles(ProfileDeed::Import(text.to_owned())));
            return true;
        }
        false
    }

    /// Asks for foreign material to be read.
    pub(super) fn import_from(&mut self, text: &str) -> Result<(), Phrase> {
        self.effect(Effect::Profiles(ProfileDeed::Import(text.trim().to_owned())));
        Ok(())
    }

    /// Asks for a profile to be renamed.
    pub(super) fn rename_profile(&mut self, profile: usize, name: &str) -> Result<(), Phrase> {
        let path = self.connections.profiles().get(profile).and_then(|known| known.profile.path.clone());
        if let Some(path) = path {
            let name = name.trim().to_owned();
            self.effect(Effect::Profiles(ProfileDeed::Rename { profile, path, name }));
        }
        Ok(())
    }

    /// Asks for a profile to be deleted.
    pub(super) fn delete_profile(&mut self, profile: usize) {
        let path = self.connections.profiles().get(profile).and_then(|known| known.profile.path.clone());
        if let Some(path) = path {
            self.effect(Effect::Profiles(ProfileDeed::Delete { profile, path }));
        }
    }

    /// The profiles that are connected, by name.
    fn open_names(&self) -> Vec<String> {
        let open = self.connections.all().iter().filter(|connection| connection.is_open());
        open.map(|connection| connection.name.clone()).collect()
    }

    /// Asks for what is connected to be kept as a workspace.
    pub(super) fn save_workspace(&mut self, name: &str) -> Result<(), Phrase> {
        let workspace =
            Workspace { name: name.trim().to_owned(), profiles: self.open_names(), layout: self.screen_layout() };
        self.effect(Effect::Profiles(ProfileDeed::SaveWorkspace(Box::new(workspace))));
        Ok(())
    }

    /// Connects the profiles of a workspace and takes its layout.
    pub fn open_workspace(&mut self, workspace: &Workspace) {
        let mut missing = Vec::new();
        for name in &workspace.profiles {
            let known = |at: &usize| self.connections.profiles().get(*at).is_some_and(|k| k.profile.name == *name);
            match self.connections.order().iter().copied().find(known) {
                Some(profile) => {
                    let open = self.connections.of_profile(profile).is_some_and(connections::Connection::is_open);
                    if !open {
                        self.connect(profile);
                    }
                }
                None => missing.push(name.clone()),
            }
        }
        self.take_layout(&workspace.layout);
        if !missing.is_empty() {
            self.tell(Severity::Warning, WORKSPACE_MISSING.with(&[&printable(&missing.join(", "))]));
        }
    }

    /// What came of a deed.
    pub(super) fn profiles_done(&mut self, done: ProfileDone) {
        match done {
            ProfileDone::Failed(reason) => self.tell(Severity::Error, reason),
            ProfileDone::Saved { profile, known, quiet: true, .. } => _ = self.put_profile(profile, *known),
            ProfileDone::Saved { profile, known, connect, .. } => self.profile_saved(profile, *known, connect),
            ProfileDone::Deleted(profile) => {
                self.connections.order.retain(|at| *at != profile);
                self.connections.cursor = self.connections.order.first().copied().unwrap_or_default();
                let name = self.connections.profiles().get(profile).map(|known| known.profile.name.clone());
                self.tell(Severity::Info, DELETED.with(&[&printable(&name.unwrap_or_default())]));
            }
            ProfileDone::Imported(import) => self.imported(import),
            ProfileDone::WorkspaceSaved(path) => self.tell(Severity::Info, WORKSPACE_SAVED.with(&[&path.display()])),
            ProfileDone::Workspaces(found, faults) => {
                if let Some(fault) = faults.first() {
                    self.tell(Severity::Error, Phrase::verbatim(fault.render(self.lang)));
                } else if found.is_empty() {
                    self.tell(Severity::Info, NO_WORKSPACES);
                }
                if !found.is_empty() {
                    self.open_overlay(Overlay::Workspaces(Picker::new(found, |workspace| vec![&workspace.name])));
                }
            }
        }
    }

    fn profile_saved(&mut self, profile: Option<usize>, known: KnownProfile, connect: bool) {
        let name = printable(&known.profile.name).into_owned();
        let fault = Draft::of(&known.profile).fault(known.profile.path.as_deref(), self.now);
        let before = profile.and_then(|at| self.connections.profiles().get(at)).map(|known| known.profile.production);
        let production = known.profile.production;
        let place = self.put_profile(profile, known);
        self.connections.cursor = place;
        self.close_form();
        let words = match (fault, before) {
            (Some(fault), _) => {
                SAVED_FAULTY.around([Phrase::verbatim(name), Phrase::verbatim(fault.field), fault.reason])
            }
            (None, Some(before)) if before != production && production => PRODUCTION_ON.with(&[&name]),
            (None, Some(before)) if before != production => PRODUCTION_OFF.with(&[&name]),
            (None, _) => SAVED.with(&[&name]),
        };
        self.tell(Severity::Info, words);
        if connect {
            self.connect(place);
        }
    }

    /// Puts a profile at its place, or at a new one where it has none, and gives that place.
    fn put_profile(&mut self, profile: Option<usize>, known: KnownProfile) -> usize {
        let place = match profile {
            Some(place) => {
                if let Some(open) = self.connections.open.iter_mut().find(|open| open.profile == place) {
                    open.stale = true;
                }
                if let Some(slot) = self.connections.profiles.get_mut(place) {
                    *slot = known;
                }
                place
            }
            None => {
                // An own profile hides a shipped one of its name.
                let name = known.profile.name.clone();
                let profiles = &self.connections.profiles;
                self.connections.order.retain(|at| profiles.get(*at).is_none_or(|old| old.profile.name != name));
                self.connections.profiles.push(known);
                self.connections.order.push(self.connections.profiles.len() - 1);
                self.connections.profiles.len() - 1
            }
        };
        let profiles = &self.connections.profiles;
        let key = |at: &usize| {
            profiles
                .get(*at)
                .map(|known| (known.profile.dialect.spec().name, known.profile.role, known.profile.builtin))
        };
        self.connections.order.sort_by_key(key);
        place
    }

    /// One profile is looked over in the form; several are saved at once.
    fn imported(&mut self, import: Import) {
        let skipped = import.skipped.first().map(|reason| {
            SKIPPED.around([Phrase::verbatim(import.skipped.len().to_string()), reason.clone()]).render(self.lang)
        });
        match import.found.as_slice() {
            [] => {
                if let Some(reason) = import.skipped.into_iter().next() {
                    self.tell(Severity::Error, reason);
                }
            }
            [found] => {
                if let Ok(profile) = Profile::parse(&found.text, &found.name, None) {
                    let form = ProfileForm::new(Draft::of(&profile), &found.name, self.lang, self.now);
                    self.open_form(form);
                }
            }
            several => {
                let names: Vec<&str> = several.iter().map(|found| found.name.as_str()).collect();
                let words = IMPORTED.fill(self.lang, &[&names.len(), &printable(&names.join(", "))]);
                for found in several {
                    let (name, text) = (found.name.clone(), found.text.clone());
                    let save = ProfileDeed::Save { profile: None, name, free: true, path: None, text, connect: false };
                    self.effect(Effect::Profiles(save));
                }
                self.show(Tab::Connections);
                self.tell(Severity::Info, Phrase::verbatim(words + &skipped.unwrap_or_default()));
            }
        }
    }
}

/// What saves a form.
fn deed_of(form: &ProfileForm, connect: bool) -> ProfileDeed {
    let (profile, path) = match &form.purpose {
        Purpose::New => (None, None),
        Purpose::Edit(place, path) => (Some(*place), Some(path.clone())),
    };
    ProfileDeed::Save { profile, name: form.name.clone(), free: false, path, text: form.draft.text(), connect }
}
