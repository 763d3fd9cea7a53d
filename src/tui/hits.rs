//! What lies where on the screen, for the mouse. Drawing fills it; it is as old as the frame.

use ratatui::layout::{Position, Rect};

use crate::app::Target;

/// The areas of a frame that the mouse can hit.
#[derive(Debug, Default)]
pub struct Hits(Vec<(Rect, Target)>);

impl Hits {
    /// Forgets the last frame.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds an area. What is added later lies over what was added before.
    pub fn add(&mut self, area: Rect, target: Target) {
        if !area.is_empty() {
            self.0.push((area, target));
        }
    }

    /// The topmost area at a cell.
    pub fn at(&self, column: u16, row: u16) -> Option<(Target, Rect)> {
        let position = Position::new(column, row);
        self.0.iter().rev().find(|(area, _)| area.contains(position)).map(|(area, target)| (*target, *area))
    }
}
