//! Where typed keys and pasted text go.

use crate::app::input::Key;
use crate::app::texts::*;
use crate::app::{App, Place, Tab};
use crate::model::Severity;

impl App {
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
