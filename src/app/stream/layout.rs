//! Where things stand on the Stream tab, in cells: worked out by one function, for drawing and for paging alike.

use crate::app::splits::{Split, Splits};

/// A rectangle of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cells {
    /// Left edge.
    pub x: u16,
    /// Top edge.
    pub y: u16,
    /// Width, the frame included.
    pub width: u16,
    /// Height, the frame included.
    pub height: u16,
}

impl Cells {
    /// Columns within the frame.
    pub fn columns(self) -> usize {
        usize::from(self.width.saturating_sub(2))
    }

    /// Rows within the frame.
    pub fn rows(self) -> usize {
        usize::from(self.height.saturating_sub(2))
    }

    /// Whether anything can be drawn within the frame.
    pub fn is_usable(self) -> bool {
        self.width > 4 && self.height > 2
    }
}

/// Narrower than this, the tree is only there while it has the focus.
const TREE_BESIDE: u16 = 96;
/// Lower than this, the inspector takes the place of the list instead of a part of it.
const SPLIT_HEIGHT: u16 = 16;

/// What is shown, and what wants the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The tree is wanted beside the list.
    pub tree: bool,
    /// The tree has the focus.
    pub tree_focused: bool,
    /// A message is open.
    pub inspector: bool,
    /// The inspector has the focus.
    pub inspector_focused: bool,
    /// The area with the focus has it all.
    pub zoom: bool,
}

/// The areas of the tab; what is not shown has no size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layout {
    /// The topic tree.
    pub tree: Cells,
    /// The messages.
    pub list: Cells,
    /// The inspector.
    pub inspect: Cells,
}

impl Layout {
    /// Divides a tab of this size.
    pub fn new(width: u16, height: u16, wanted: Wanted, splits: &Splits) -> Layout {
        let whole = Cells { x: 0, y: 0, width, height };
        let mut layout = Layout::default();
        if wanted.zoom {
            let area = if wanted.tree_focused {
                &mut layout.tree
            } else if wanted.inspector_focused && wanted.inspector {
                &mut layout.inspect
            } else {
                &mut layout.list
            };
            *area = whole;
            return layout;
        }
        let mut right = whole;
        if wanted.tree_focused || (wanted.tree && width >= TREE_BESIDE) {
            let share = if width >= TREE_BESIDE { (width / 4).clamp(28, 48) } else { (width / 2).max(width.min(30)) };
            let share = splits.cells(Split::Tree, width, share);
            layout.tree = Cells { width: share, ..whole };
            right = Cells { x: share, width: width - share, ..whole };
        }
        if !wanted.inspector {
            layout.list = right;
        } else if height < SPLIT_HEIGHT {
            if wanted.inspector_focused {
                layout.inspect = right;
            } else {
                layout.list = right;
            }
        } else {
            // With the focus the inspector has the larger part: who reads a message wants to see it.
            let list = if wanted.inspector_focused { height / 5 * 2 } else { height / 2 };
            let list = splits.cells(Split::Inspect, height, list);
            layout.list = Cells { height: list, ..right };
            layout.inspect = Cells { y: list, height: height - list, ..right };
        }
        layout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_areas_never_overlap_and_never_leave_the_screen() {
        for (width, height) in [(1, 1), (10, 3), (80, 22), (96, 30), (200, 48), (0, 0), (65_535, 65_535)] {
            for bits in 0..32_u8 {
                let on = |bit: u8| bits & (1 << bit) != 0;
                let wanted = Wanted {
                    tree: on(0),
                    tree_focused: on(1),
                    inspector: on(2),
                    inspector_focused: on(3),
                    zoom: on(4),
                };
                let layout = Layout::new(width, height, wanted, &Splits::default());
                let areas = [layout.tree, layout.list, layout.inspect];
                let sum: u64 = areas.iter().map(|area| u64::from(area.width) * u64::from(area.height)).sum();
                assert_eq!(sum, u64::from(width) * u64::from(height), "{width}×{height} {wanted:?}");
                for area in areas {
                    assert!(area.x + area.width <= width && area.y + area.height <= height);
                }
            }
        }
    }

    #[test]
    fn a_small_screen_shows_the_tree_only_while_it_is_used() {
        let wanted = Wanted { tree: true, ..Wanted::default() };
        assert_eq!(Layout::new(80, 22, wanted, &Splits::default()).tree, Cells::default());
        assert_eq!(Layout::new(80, 22, Wanted { tree_focused: true, ..wanted }, &Splits::default()).tree.width, 40);
        assert_eq!(Layout::new(120, 22, wanted, &Splits::default()).tree.width, 30);
    }
}
