//! Where typed keys and pasted text go.

use std::time::Duration;

use crate::app::action::Action;
use crate::app::input::{Key, KeyCode};
use crate::app::texts::*;
use crate::app::{App, Place, Tab};
use crate::model::Severity;

/// Characters that move by words or delete words where they come with alt, in the editor and in shells.
const WORD_KEYS: &str = "bdfhnpv<>";
/// Text that is typed where nothing takes text comes faster than this.
const TYPING: Duration = Duration::from_millis(500);

impl App {
    /// Handles a key press.
    ///
    /// Terminals have no other sign for alt than an escape before the key: `esc` and a key that is typed at once behind it
    /// arrive as one. So a key with alt that means nothing here is taken for the two.
    pub(super) fn key_event(&mut self, key: Key) {
        let place = self.place();
        let bound = self.places().into_iter().any(|place| self.keymap.lookup(place, key).is_some());
        let edits = place.takes_text() && matches!(key.code, KeyCode::Char(c) if WORD_KEYS.contains(c));
        if key.alt && !bound && !edits && matches!(key.code, KeyCode::Char(_)) {
            self.press(Key::plain(KeyCode::Esc));
            self.press(Key { alt: false, ..key });
        } else {
            self.press(key);
        }
    }

    fn press(&mut self, key: Key) {
        let typing = self.stray.is_some_and(|at| self.now.since(at) < TYPING);
        for place in self.places() {
            if let Some(binding) = self.keymap.lookup(place, key) {
                // Text typed or pasted where nothing takes it must not end the program because it holds a `q`.
                if binding.action == Action::Quit && key.text().is_some() && typing {
                    self.stray = Some(self.now);
                    return self.tell(Severity::Info, TYPED_NOWHERE);
                }
                match (binding.when)(self) {
                    Ok(()) => self.run(binding.action),
                    Err(reason) => self.tell_disabled(binding.action, reason),
                }
                return;
            }
        }
        let place = self.place();
        if place.takes_text() {
            self.type_key(place, key);
        } else if let Some(digit) = key.text().and_then(|c| c.to_digit(10))
            && !place.is_overlay()
            && let Some(tab) = usize::try_from(digit).ok().and_then(|n| Tab::ALL.get(n.checked_sub(1)?))
        {
            self.show(*tab);
        } else if key.text().is_some() {
            self.stray = Some(self.now);
        }
    }

    /// Types a key into the text that has the focus.
    pub(super) fn type_key(&mut self, place: Place, key: Key) {
        match place {
            Place::Palette
            | Place::Requests
            | Place::Pick
            | Place::Templates
            | Place::Prompt
            | Place::ProfileForm
            | Place::Workspaces => {
                if let Some(overlay) = self.overlays.last_mut() {
                    overlay.key(key);
                }
            }
            Place::ComposeEdit => self.compose_key(key),
            Place::SignEdit => self.sign_key(key),
            Place::FrameEdit | Place::FrameType | Place::FrameCopy => self.frames_key(key),
            _ => {
                self.stream_key(key);
            }
        }
    }

    /// Pastes text: into the text that has the focus, or onto the tab that can make something of it.
    pub(super) fn paste(&mut self, text: &str) {
        if self.paste_profile(text) {
            return;
        }
        match self.place() {
            Place::Palette
            | Place::Requests
            | Place::Pick
            | Place::Templates
            | Place::Prompt
            | Place::ProfileForm
            | Place::Workspaces => {
                if let Some(overlay) = self.overlays.last_mut() {
                    overlay.paste(text);
                }
            }
            Place::Filter => self.stream_paste(text),
            Place::ComposeEdit => self.compose_paste(text),
            Place::SignForm | Place::SignEdit | Place::SignResult => self.sign_paste(text),
            _ if self.tab == Tab::Frames => self.frames_paste(text),
            _ => self.tell(Severity::Info, PASTE_NOWHERE),
        }
    }
}
