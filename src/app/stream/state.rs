//! The state of the Stream tab as the application sees it.

use crate::app::action::Action;
use crate::app::input::{Key, Mouse, MouseAct, Target};
use crate::app::keys::Binding;
use crate::app::stream::List;
use crate::app::{App, Place};
use crate::store::{Seq, SeqRange, Store};

/// Rows of the key table that belong to this tab.
pub const KEYS: &[Binding] = &[];

/// Messages looked at in one slice of a rescan: about 2 ms.
const SLICE: usize = 20_000;

/// The state of the tab.
#[derive(Default)]
pub struct StreamState {
    /// The list of messages.
    pub list: List,
}

impl StreamState {
    /// The areas of the tab.
    pub fn areas(&self) -> Vec<Place> {
        vec![Place::Stream]
    }

    /// New messages were stored.
    pub fn on_batch(&mut self, store: &Store, range: SeqRange) {
        self.list.extend(store, range);
    }

    /// Whether a rescan is under way.
    pub fn has_work(&self) -> bool {
        self.list.is_busy()
    }

    /// Does a slice of a rescan.
    pub fn work(&mut self, store: &Store) {
        self.list.work(store, SLICE);
    }

    /// Puts the cursor on a message.
    pub fn show(&mut self, seq: Seq) {
        self.list.select(seq);
    }
}

impl App {
    /// Runs an action of this tab; `false` if it is none.
    pub(in crate::app) fn stream_action(&mut self, action: Action) -> bool {
        let list = &mut self.stream.list;
        match action {
            Action::Up => list.step(-1),
            Action::Down => list.step(1),
            Action::PageUp => list.step(-20),
            Action::PageDown => list.step(20),
            Action::First => list.first(),
            Action::Last | Action::Back => list.last(),
            _ => return false,
        }
        true
    }

    /// A key typed into a text of this tab.
    pub(in crate::app) fn stream_key(&mut self, _key: Key) {}

    /// Text pasted into a text of this tab.
    pub(in crate::app) fn stream_paste(&mut self, _text: &str) {}

    /// The mouse did something in this tab.
    pub(in crate::app) fn stream_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Message(seq))) => self.stream.list.select(seq),
            (MouseAct::ScrollUp, _) => self.stream.list.step(-3),
            (MouseAct::ScrollDown, _) => self.stream.list.step(3),
            _ => {}
        }
    }
}
