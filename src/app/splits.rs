//! How the screen is divided: splits that are moved by mouse and keys, an area that has it all, and what is kept of both.

use std::collections::BTreeMap;

use crate::app::action::Action;
use crate::app::{App, Place, Tab};
use crate::model::Severity;
use crate::profile::workspace::Layout;

/// A border that can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Split {
    /// Profiles and log.
    Connections,
    /// Topic tree and messages.
    Tree,
    /// Messages and the opened one.
    Inspect,
    /// Form and preview.
    Compose,
    /// Form and ledger.
    Ledger,
    /// Form and result.
    Sign,
    /// Properties and log.
    Device,
}

/// Where a split lies and what it divides, in cells of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Handle {
    /// Which.
    pub split: Split,
    /// The first cell of what is divided.
    pub start: u16,
    /// How many cells are divided.
    pub length: u16,
    /// Whether it is moved to left and right.
    pub sideways: bool,
}

/// The fewest cells of a part.
const LEAST: u16 = 8;
/// What one key press moves, in parts of a thousand.
const STEP: u16 = 30;
/// What a split is taken to be at where it was never moved and a key moves it.
const MIDDLE: u16 = 500;

impl Split {
    /// Every split.
    pub const ALL: [Split; 7] =
        [Split::Connections, Split::Tree, Split::Inspect, Split::Compose, Split::Ledger, Split::Sign, Split::Device];

    /// The name in a layout that is kept.
    pub const fn name(self) -> &'static str {
        match self {
            Split::Connections => "connections",
            Split::Tree => "tree",
            Split::Inspect => "inspect",
            Split::Compose => "compose",
            Split::Ledger => "ledger",
            Split::Sign => "sign",
            Split::Device => "device",
        }
    }

    /// The split that the area with the focus can move, and whether the area is its first part.
    fn of(place: Place) -> Option<(Split, bool)> {
        Some(match place {
            Place::Connections => (Split::Connections, true),
            Place::ConnectionLog => (Split::Connections, false),
            Place::Tree => (Split::Tree, true),
            Place::Stream => (Split::Inspect, true),
            Place::Inspect => (Split::Inspect, false),
            Place::ComposeForm => (Split::Ledger, true),
            Place::Ledger => (Split::Ledger, false),
            Place::SignForm => (Split::Sign, true),
            Place::SignResult => (Split::Sign, false),
            Place::Device => (Split::Device, true),
            Place::DeviceLog => (Split::Device, false),
            _ => return None,
        })
    }
}

/// The state of all splits.
#[derive(Debug, Default)]
pub struct Splits {
    /// Shares of the first parts that were moved, in parts of a thousand.
    shares: BTreeMap<Split, u16>,
    /// The share that was drawn last where nothing was moved, so that a key moves from what is seen.
    dragged: Option<Handle>,
    /// Whether the area with the focus has it all.
    zoomed: bool,
}

impl Splits {
    /// Cells of the first part of `length`: what was chosen, or what is usual.
    pub fn cells(&self, split: Split, length: u16, usual: u16) -> u16 {
        let Some(share) = self.shares.get(&split) else { return usual.min(length) };
        let cells = u32::from(length) * u32::from(*share) / 1000;
        let most = length.saturating_sub(LEAST);
        u16::try_from(cells).unwrap_or(u16::MAX).clamp(LEAST.min(most), most.max(LEAST.min(most)))
    }

    /// The share that was chosen.
    pub fn share(&self, split: Split) -> Option<u16> {
        self.shares.get(&split).copied()
    }

    /// Whether the area with the focus has it all.
    pub fn is_zoomed(&self) -> bool {
        self.zoomed
    }

    /// The border that the mouse moves.
    pub fn take(&mut self, handle: Option<Handle>) {
        self.dragged = handle;
    }

    /// Moves the border that the mouse has, to a cell of the screen; says whether it has one.
    pub fn drag(&mut self, x: u16, y: u16) -> bool {
        let Some(handle) = self.dragged else { return false };
        let at = if handle.sideways { x } else { y };
        let cells = u32::from(at.saturating_sub(handle.start));
        let share = cells * 1000 / u32::from(handle.length.max(1));
        self.shares.insert(handle.split, u16::try_from(share).unwrap_or(1000).min(1000));
        true
    }

    /// Makes the part that has the focus larger or smaller.
    fn step(&mut self, split: Split, more: bool) {
        let share = self.shares.entry(split).or_insert(MIDDLE);
        *share = if more { share.saturating_add(STEP).min(900) } else { share.saturating_sub(STEP).max(100) };
    }
}

impl App {
    /// Makes the area with the focus larger or smaller, or gives it everything; says whether the action was one of these.
    pub(super) fn split_action(&mut self, action: Action) -> bool {
        match action {
            Action::Larger | Action::Smaller => {
                if let Some((split, first)) = Split::of(self.area()) {
                    self.splits.step(split, (action == Action::Larger) == first);
                }
            }
            Action::EvenSplits => {
                self.splits.shares.clear();
                self.tell(Severity::Info, texts::EVEN);
            }
            // The stream lays itself out.
            Action::Zoom if self.tab != Tab::Stream => self.splits.zoomed = !self.splits.zoomed,
            _ => return false,
        }
        true
    }

    /// How the screen is divided, to be kept.
    pub fn screen_layout(&self) -> Layout {
        let shares = self.splits.shares.iter().map(|(split, share)| (split.name().to_owned(), *share));
        Layout {
            tab: Some(self.tab.action().name().to_owned()),
            tree: Some(self.stream.is_tree_shown()),
            splits: shares.collect(),
        }
    }

    /// Divides the screen as it was kept; names that are not known any more are left alone.
    pub fn take_layout(&mut self, layout: &Layout) {
        for split in Split::ALL {
            if let Some(share) = layout.splits.get(split.name()) {
                self.splits.shares.insert(split, *share);
            }
        }
        if let Some(tree) = layout.tree {
            self.stream.show_tree(tree);
        }
        let named = layout.tab.as_deref().and_then(Action::parse);
        if let Some(tab) = named.and_then(|action| Tab::ALL.iter().find(|tab| tab.action() == action)) {
            self.show(*tab);
        }
    }
}

mod texts {
    use crate::base::lang::Text;

    pub const EVEN: Text = Text::new("every area has its usual size again", "各区域已恢复默认大小");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_goes_where_the_mouse_drags_it_and_leaves_both_parts_some_room() {
        let mut splits = Splits::default();
        assert_eq!(splits.cells(Split::Tree, 100, 30), 30);
        assert!(!splits.drag(50, 0));
        splits.take(Some(Handle { split: Split::Tree, start: 10, length: 100, sideways: true }));
        assert!(splits.drag(70, 3));
        assert_eq!(splits.cells(Split::Tree, 100, 30), 60);
        splits.drag(0, 0);
        assert_eq!(splits.cells(Split::Tree, 100, 30), LEAST);
        splits.drag(500, 0);
        assert_eq!(splits.cells(Split::Tree, 100, 30), 100 - LEAST);
        // A window in which nothing fits any more.
        for length in 0..20 {
            assert!(splits.cells(Split::Tree, length, 30) <= length);
        }
    }
}
