//! Two areas with a border between them that can be moved.

use ratatui::layout::Rect;

use crate::app::splits::{Handle, Split};
use crate::app::{App, Target};
use crate::tui::frame::Canvas;

/// How an area is divided.
#[derive(Debug, Clone, Copy)]
pub struct Divided {
    /// The left or upper part; empty where the other has it all.
    pub first: Rect,
    /// The right or lower part.
    pub second: Rect,
    handle: Option<(Rect, Handle)>,
}

/// Divides an area: `usual` cells for the first part where nothing else was chosen. Zoomed, the part with the focus has
/// it all.
pub fn divide(app: &App, split: Split, area: Rect, sideways: bool, usual: u16, first_focused: bool) -> Divided {
    let nothing = Rect { width: 0, height: 0, ..area };
    if app.splits.is_zoomed() {
        let (first, second) = if first_focused { (area, nothing) } else { (nothing, area) };
        return Divided { first, second, handle: None };
    }
    let length = if sideways { area.width } else { area.height };
    let cells = app.splits.cells(split, length, usual);
    let start = if sideways { area.x } else { area.y };
    let handle = Handle { split, start, length, sideways };
    let (first, second, border) = if sideways {
        (
            Rect { width: cells, ..area },
            Rect { x: area.x + cells, width: area.width - cells, ..area },
            Rect { x: (area.x + cells).saturating_sub(1), width: 2.min(area.width), ..area },
        )
    } else {
        (
            Rect { height: cells, ..area },
            Rect { y: area.y + cells, height: area.height - cells, ..area },
            // The upper border of the lower part has its title; the row above belongs to the upper part alone.
            Rect { y: (area.y + cells).saturating_sub(1), height: 1.min(area.height), ..area },
        )
    };
    Divided { first, second, handle: Some((border, handle)) }
}

impl Divided {
    /// Lets the mouse take the border. To be called when both parts are drawn, so that it lies on top.
    pub fn grip(&self, canvas: &mut Canvas<'_>) {
        if let Some((area, handle)) = self.handle {
            canvas.hit(area, Target::Split(handle));
        }
    }
}
