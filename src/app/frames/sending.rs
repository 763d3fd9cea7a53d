//! Frames go out: to the clipboard, and through a connection.

use crate::app::edit::TextEdit;
use crate::app::effect::Effect;
use crate::app::frames::texts::*;
use crate::app::overlay::{Asked, Confirmed, Overlay};
use crate::app::stream::Draft;
use crate::app::{App, Place, Tab};
use crate::base::hex;
use crate::base::lang::Phrase;
use crate::base::text::printable;
use crate::dialect::lab::dress;
use crate::model::{ConnectionId, Severity};

/// What a frame is copied as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAs {
    /// `0000000304…`
    Hex,
    /// `00 00 00 03 04 …`
    Spaced,
    /// An array in C.
    C,
    /// Base64.
    Base64,
    /// A command that sends it.
    Command,
}

impl App {
    /// Copies the selected frame.
    pub(super) fn copy_frame(&mut self, form: CopyAs) {
        self.frames.copying = false;
        let Some(entry) = self.frames.entry() else { return self.tell(Severity::Warning, NO_FRAME) };
        let bytes = entry.bytes();
        let text = match form {
            CopyAs::Hex => hex::encode(bytes),
            CopyAs::Spaced => bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "),
            CopyAs::C => dress::to_c(bytes, "frame"),
            CopyAs::Base64 => dress::to_base64(bytes),
            CopyAs::Command => {
                let peer = self.frames_peer().map_or("NAME", |peer| peer.name.as_str());
                let topic = self.frame_topic().unwrap_or_else(|| "TOPIC".to_owned());
                format!("iotdbg send -p '{peer}' -t '{topic}' --hex {}", hex::encode(bytes))
            }
        };
        self.effect(Effect::Copy(text));
    }

    /// The topic of the selected frame, or the one that such a frame is sent on.
    fn frame_topic(&self) -> Option<String> {
        let entry = self.frames.entry()?;
        if !entry.caught.topic.is_empty() {
            return Some(entry.caught.topic.clone());
        }
        self.on_bench(|lab, context| lab.topic_for(context, entry.bytes())).flatten()
    }

    /// The connection that sends: the chosen one, otherwise the first of the platform that is online.
    fn frame_sender(&self) -> Option<&crate::app::Connection> {
        let all = self.frames_connections();
        let chosen = all.iter().find(|connection| Some(connection.id) == self.frames.connection);
        chosen.or_else(|| all.iter().find(|connection| connection.is_online())).or(all.first()).copied()
    }

    /// The next connection sends.
    pub(super) fn next_sender(&mut self) {
        let all: Vec<ConnectionId> = self.frames_connections().iter().map(|connection| connection.id).collect();
        let at = self.frame_sender().and_then(|sender| all.iter().position(|id| *id == sender.id));
        self.frames.connection = at.and_then(|at| all.get((at + 1) % all.len().max(1)).copied());
        self.read_anew();
    }

    /// Asks for the topic, then sends.
    pub(super) fn ask_to_send_frame(&mut self) {
        let Some(sender) = self.frame_sender() else { return self.tell(Severity::Warning, NO_CONNECTION) };
        let (id, name) = (sender.id, printable(&sender.name).into_owned());
        let bytes = self.frames.entry().map_or(0, |entry| entry.bytes().len());
        let topic = self.frame_topic().unwrap_or_default();
        self.open_overlay(Overlay::Prompt {
            title: SEND_TITLE.with(&[&name]),
            hint: SEND_HINT.with(&[&bytes]),
            edit: TextEdit::single(&topic),
            about: Asked::FrameTopic(id),
        });
    }

    /// Sends the selected frame, after a question where the profile is marked as production.
    pub(in crate::app) fn send_frame(&mut self, id: ConnectionId, topic: &str) -> Result<(), Phrase> {
        let topic = topic.trim();
        if topic.is_empty() {
            return Err(NO_TOPIC.into());
        }
        let connection = self.connections.get(id).ok_or(NO_CONNECTION)?;
        let name = printable(&connection.name).into_owned();
        if !connection.is_online() {
            return Err(OFFLINE.with(&[&name]));
        }
        let production = connection.production;
        let payload = self.frames.entry().map(|entry| entry.bytes().to_vec()).ok_or(NO_FRAME)?;
        let draft = Draft { connection: id, topic: topic.to_owned(), payload, qos: 0, retain: false };
        if production {
            let question = SEND_ON_PRODUCTION.with(&[&printable(topic), &name]);
            self.open_overlay(Overlay::Confirm { question, then: Confirmed::Publish(Box::new(draft)) });
        } else {
            self.publish_draft(draft);
            self.frames.sent = self.compose.ledger.rows().next().map(|row| row.key);
        }
        Ok(())
    }

    /// Follows what was sent in the ledger.
    pub(super) fn show_in_ledger(&mut self) {
        self.show(Tab::Compose);
        self.focus(Place::Ledger);
    }
}
