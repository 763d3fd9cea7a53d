//! The Stream tab: topic tree, message list, filter, and the inspector beside them.
//!
//! 1. What arrives costs as little as possible: [`StreamState::on_batch`] extends the view and nothing else. Everything
//!    that is worked out for the eye is worked out in [`StreamState::prepare`], once for each frame and for the rows that
//!    are drawn; a line, once worked out, is kept while it stays on the screen.
//! 2. The selection in the tree and the words of the filter box together are the filter of the list.
//! 3. Work that takes longer than a key may wait goes on in slices ([`StreamState::work`]).

mod choices;
pub mod clock;
pub mod commands;
mod control;
pub mod export;
pub mod filter_box;
pub mod layout;
pub mod list;
pub mod memory;
pub mod requests;
pub mod row;
pub mod scene;
pub mod spark;
pub(crate) mod texts;
pub mod tree;

#[cfg(test)]
mod found;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

use crate::app::inspect::{Decoders, Inspector, hex};
use crate::app::splits::Splits;
use crate::base::text;
use crate::base::time::Time;
use crate::store::{SeqRange, Store, TopicScope};

pub use choices::Choice;
pub use clock::Clock;
pub use control::KEYS;
pub use export::Draft;
pub use filter_box::FilterBox;
pub use layout::{Cells, Layout, Wanted};
pub use list::{HuntEnd, List};
pub use memory::Memory;
pub use requests::Requests;
pub use row::{Line, Outcome};
pub use scene::{Peer, Peers, Scene};
pub use tree::{Grouping, NodeId, Tree, TreeRow};

/// Messages that a slice of long work looks at: about a millisecond.
pub const WORK_SLICE: usize = 20_000;
/// A payload beyond this is not taken apart anew for every message of a flood.
const BIG_PAYLOAD: usize = 32 * 1024;
/// How often a big payload is taken apart while the list follows.
const BIG_PAUSE: Duration = Duration::from_millis(300);

/// The areas of the tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Focus {
    /// The topic tree.
    Tree,
    /// The messages.
    #[default]
    List,
    /// The inspector.
    Inspect,
}

/// The state of the tab.
#[derive(Debug)]
pub struct StreamState {
    /// The tree that is shown: topics, or devices.
    pub tree: Tree,
    /// The other one, with its own selection and folds.
    hidden_tree: Tree,
    /// The messages.
    pub list: List,
    /// The filter as it is typed.
    pub filter: FilterBox,
    /// The message taken apart.
    pub inspector: Inspector,
    /// How payloads are read that are not read as their platform reads them.
    pub decoders: Decoders,
    /// Filters under names, and highlights.
    pub memory: Memory,
    clock: Clock,
    /// The time of the message above the first line that is drawn.
    above: Option<Time>,
    inspecting: bool,
    zoom: bool,
    tree_shown: bool,
    /// Whether control packets are shown.
    packets: bool,
    copying: bool,
    layout: Layout,
    lines: Vec<Line>,
    /// The place in the list of the first line.
    first: usize,
    tree_gists: Vec<String>,
    inspected_at: Option<Time>,
    ended: Option<HuntEnd>,
}

impl Default for StreamState {
    fn default() -> Self {
        StreamState {
            tree: Tree::default(),
            hidden_tree: Tree::new(Grouping::Devices),
            list: List::default(),
            filter: FilterBox::default(),
            inspector: Inspector::default(),
            decoders: Decoders::default(),
            memory: Memory::default(),
            clock: Clock::default(),
            above: None,
            inspecting: false,
            zoom: false,
            tree_shown: true,
            packets: false,
            copying: false,
            layout: Layout::default(),
            lines: Vec::new(),
            first: 0,
            tree_gists: Vec::new(),
            inspected_at: None,
            ended: None,
        }
    }
}

impl StreamState {
    /// Takes over messages that were stored just now.
    pub fn on_batch(&mut self, store: &Store, range: SeqRange) {
        self.list.extend(store, range);
    }

    /// Goes on with what takes long, for about a millisecond.
    pub fn work(&mut self, store: &Store) {
        let (_, end) = self.list.work(store, WORK_SLICE);
        self.ended = end.or(self.ended);
    }

    /// Whether [`StreamState::work`] has anything to do.
    pub fn has_work(&self) -> bool {
        self.list.is_busy()
    }

    /// How the last hunt ended; told once.
    pub fn take_hunt_end(&mut self) -> Option<HuntEnd> {
        self.ended.take()
    }

    /// When the screen will be out of date although nothing arrives.
    pub fn next_change(&self, store: &Store) -> Option<Time> {
        self.tree.next_change(store).filter(|_| self.layout.tree.is_usable())
    }

    /// Works out what is drawn on a tab of this size while this area has the focus.
    pub fn prepare(&mut self, scene: &Scene<'_>, focus: Focus, splits: &Splits, width: u16, height: u16) {
        let wanted = Wanted {
            tree: self.tree_shown,
            tree_focused: focus == Focus::Tree,
            inspector: self.inspecting,
            inspector_focused: focus == Focus::Inspect,
            zoom: self.zoom,
        };
        self.layout = Layout::new(width, height, wanted, splits);
        self.prepare_tree(scene);
        self.prepare_list(scene);
        self.prepare_inspector(scene);
    }

    fn prepare_tree(&mut self, scene: &Scene<'_>) {
        let height = self.layout.tree.rows();
        if self.layout.tree.is_usable() {
            self.tree.refresh(scene.store, scene.now);
            self.tree.settle(height);
            let first = self.tree.first_row(height);
            let rows = self.tree.rows().iter().skip(first).take(height);
            self.tree_gists = rows.map(|row| self.last_value(scene, row)).collect();
        }
    }

    /// What the last message of a topic said; nothing for a row with several topics.
    fn last_value(&self, scene: &Scene<'_>, row: &TreeRow) -> String {
        let tally = self.tree.tally(row.node);
        if row.node == NodeId::ALL || row.node == NodeId::OVERFLOW || tally.topics != 1 {
            return String::new();
        }
        let entry = tally.last.and_then(|seq| scene.store.entry(seq));
        entry
            .map(|entry| Line::new(scene, &entry))
            .map(|line| format!("{}{}", line.gist, line.outcome.mark()))
            .unwrap_or_default()
    }

    fn prepare_list(&mut self, scene: &Scene<'_>) {
        let height = self.layout.list.rows();
        self.list.settle(height);
        self.first = self.list.first_row(height);
        let mut before = std::mem::take(&mut self.lines).into_iter().peekable();
        let mut lines = Vec::with_capacity(height);
        for seq in self.list.rows(self.first).take(height) {
            let Some(entry) = scene.store.entry(seq) else { continue };
            while before.next_if(|line| line.seq < seq).is_some() {}
            match before.next_if(|line| line.is_fresh(scene.lang, &entry)) {
                Some(line) => lines.push(line),
                None => {
                    let mut line = Line::new(scene, &entry);
                    line.highlight = self.memory.colour(&entry);
                    lines.push(line);
                }
            }
        }
        self.lines = lines;
        let above = self.first.checked_sub(1).and_then(|above| self.list.get(above));
        self.above = above.and_then(|seq| scene.store.get(seq)).map(|message| message.at);
    }

    fn prepare_inspector(&mut self, scene: &Scene<'_>) {
        if !self.inspecting {
            return;
        }
        let selected = self.list.selected();
        let is_big = |seq| scene.store.get(seq).is_some_and(|message| message.payload.len() > BIG_PAYLOAD);
        let soon = self.inspected_at.is_some_and(|at| scene.now.since(at) < BIG_PAUSE);
        if self.list.follows() && soon && selected.is_some_and(is_big) {
            return;
        }
        if self.inspector.seq() != selected {
            self.inspected_at = Some(scene.now);
        }
        self.inspector.look_at(scene, selected, &mut self.decoders);
        self.inspector.relate(scene, &self.decoders);
        let area = self.layout.inspect;
        self.inspector.prepare(area.columns());
        let rows = self.body_rows();
        self.inspector.settle(rows, rows, self.per_row());
    }

    /// Works every line out again: what they are made of has changed.
    pub fn forget_lines(&mut self) {
        self.lines.clear();
    }

    /// What the column of times says.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Lets the column of times say something else.
    pub fn next_clock(&mut self) {
        self.clock = self.clock.next();
    }

    /// The time of the message above the first line that is drawn.
    pub fn above(&self) -> Option<Time> {
        self.above
    }

    /// The areas as they were laid out for the last frame.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The lines to draw, and the place of the first one in the list.
    pub fn lines(&self) -> (&[Line], usize) {
        (&self.lines, self.first)
    }

    /// The last values to draw beside the rows of the tree.
    pub fn tree_gists(&self) -> &[String] {
        &self.tree_gists
    }

    /// Whether a message is open.
    pub fn is_inspecting(&self) -> bool {
        self.inspecting
    }

    /// Whether the tree is wanted beside the list.
    pub fn is_tree_shown(&self) -> bool {
        self.tree_shown
    }

    /// Shows the tree beside the list, or does not.
    pub fn show_tree(&mut self, shown: bool) {
        self.tree_shown = shown;
    }

    /// Whether one area has all the room.
    pub fn is_zoomed(&self) -> bool {
        self.zoom
    }

    /// Whether the next key says what to copy.
    pub fn is_copying(&self) -> bool {
        self.copying
    }

    /// Asks what to copy, or stops asking.
    pub fn set_copying(&mut self, copying: bool) {
        self.copying = copying;
    }

    /// Opens the selected message, or closes it.
    pub fn set_inspecting(&mut self, inspecting: bool) {
        self.inspecting = inspecting;
    }

    /// Gives one area all the room, or takes it away.
    pub fn toggle_zoom(&mut self) {
        self.zoom = !self.zoom;
    }

    /// Shows control packets from now on, or shows them no longer; which of both.
    pub fn toggle_packets(&mut self) -> bool {
        self.packets = !self.packets;
        self.packets
    }

    /// Shows the tree beside the list, or hides it.
    pub fn toggle_tree(&mut self) {
        self.tree_shown = !self.tree_shown;
    }

    /// Whether fields and bytes stand side by side.
    pub fn is_split(&self) -> bool {
        self.inspector.mode().is_linked() && self.layout.inspect.columns() >= 96
    }

    /// Columns of the part that holds the bytes.
    pub fn hex_columns(&self) -> usize {
        let columns = self.layout.inspect.columns();
        if !self.is_split() {
            return columns;
        }
        // The bytes have as much as they need, the fields what is left, but at least a third.
        let most = columns * 2 / 3;
        let bytes = hex::per_row(most);
        (12 + bytes * 4 + bytes / 8).min(most)
    }

    /// Bytes in a row.
    pub fn per_row(&self) -> usize {
        hex::per_row(self.hex_columns())
    }

    /// Rows above the fields, as far as there is room for them.
    pub fn header_rows(&self) -> usize {
        let room = match self.layout.inspect.rows() {
            0..=4 => 1,
            5..=8 => 2,
            9..=14 => 3,
            _ => 4,
        };
        self.inspector.header_lines().len().min(room)
    }

    /// Rows for the fields or the bytes.
    pub fn body_rows(&self) -> usize {
        self.layout.inspect.rows().saturating_sub(self.header_rows())
    }

    /// Puts the words of the filter box and the selection of the tree into force.
    pub fn apply_filter(&mut self, store: &Store) {
        let filter = self.filter.applied().clone().with_scope(self.tree.scope()).with_names(self.filter.names());
        self.list.set_filter(store, filter);
    }

    /// The topic, the levels or the device that the list is limited to.
    pub fn scope(&self) -> Option<&str> {
        let scope = self.list.filter().scope();
        match &scope.topic {
            TopicScope::Any => scope.device.as_deref(),
            TopicScope::Exact(topic) | TopicScope::Under(topic) => Some(topic),
        }
    }

    /// Shows this tree in the place of the other one.
    pub fn group_by(&mut self, grouping: Grouping) {
        if self.tree.grouping() != grouping {
            std::mem::swap(&mut self.tree, &mut self.hidden_tree);
        }
    }

    /// `1,204 of 88,310`: shown of kept.
    pub fn counts(&self, store: &Store) -> (String, String) {
        let shown = u64::try_from(self.list.len()).unwrap_or(u64::MAX);
        (text::group_digits(shown), text::group_digits(store.stats().kept))
    }
}
