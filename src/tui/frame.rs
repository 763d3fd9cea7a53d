//! What panes draw with: the buffer, the theme, the language, and the areas that the mouse can hit.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use crate::app::Target;
use crate::base::lang::{Lang, Text};
use crate::base::text::{fit, printable, width};
use crate::base::wrap::wrap;
use crate::tui::hits::Hits;
use crate::tui::theme::{Role, Theme};

/// One frame while it is drawn.
pub struct Canvas<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    /// How roles look.
    pub theme: Theme,
    /// The language.
    pub lang: Lang,
    /// What the mouse can hit.
    pub hits: &'a mut Hits,
    /// Where the terminal's own cursor goes: into the input that takes what is typed, so that input methods work.
    pub cursor: Option<Position>,
}

impl Canvas<'_> {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A text in the reader's language.
    pub fn words(&self, text: &Text) -> &'static str {
        text.get(self.lang)
    }

    /// Remembers an area for the mouse.
    pub fn hit(&mut self, area: Rect, target: Target) {
        self.hits.add(area, target);
    }

    /// Writes one line at a place, cut with … at `cells`, and returns the cells used. Hidden characters become visible.
    pub fn text(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x >= area.right() || cells == 0 {
            return 0;
        }
        let cells = cells.min(area.right() - x);
        let safe = printable(text);
        let shown = fit(&safe, usize::from(cells));
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(cells), style);
        end.saturating_sub(x)
    }

    /// Writes pieces of one line one after the other and returns the cells used.
    pub fn pieces(&mut self, x: u16, y: u16, cells: u16, pieces: &[(&str, Role)]) -> u16 {
        let mut used = 0;
        for (text, role) in pieces {
            let style = self.style(*role);
            used += self.text(x.saturating_add(used), y, cells.saturating_sub(used), text, style);
        }
        used
    }

    /// Writes text over several lines, broken between words (or anywhere where there are none), and returns the lines
    /// used.
    pub fn paragraph(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let mut row = 0;
        for line in wrap(&printable_lines(text), usize::from(area.width)) {
            if row >= area.height {
                break;
            }
            self.text(area.x, area.y + row, area.width, &line, style);
            row += 1;
        }
        row
    }

    /// A box with a title; returns what is inside. The box of the area with the focus is heavier, not only coloured.
    pub fn frame(&mut self, area: Rect, title: &str, focus: bool) -> Rect {
        if area.width < 2 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let style = self.style(if focus { Role::Focus } else { Role::Border });
        let set = match (self.theme.ascii, focus) {
            (true, true) => ["#", "#", "#", "#", "=", "#"],
            (true, false) => ["+", "+", "+", "+", "-", "|"],
            (false, true) => ["┏", "┓", "┗", "┛", "━", "┃"],
            (false, false) => ["┌", "┐", "└", "┘", "─", "│"],
        };
        let [tl, tr, bl, br, h, v] = set;
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        for x in area.x + 1..right {
            self.buffer.set_string(x, area.y, h, style);
            self.buffer.set_string(x, bottom, h, style);
        }
        for y in area.y + 1..bottom {
            self.buffer.set_string(area.x, y, v, style);
            self.buffer.set_string(right, y, v, style);
        }
        for (x, y, corner) in [(area.x, area.y, tl), (right, area.y, tr), (area.x, bottom, bl), (right, bottom, br)] {
            self.buffer.set_string(x, y, corner, style);
        }
        let title_style = if focus { style } else { self.style(Role::Title) };
        if area.width > 6 && !title.is_empty() {
            self.text(area.x + 1, area.y, area.width - 2, &format!(" {title} "), title_style);
        }
        Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
    }

    /// Fills an area with blanks in a style.
    pub fn fill(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.set_symbol(" ").set_style(style);
                }
            }
        }
    }

    /// Empties an area, styles included.
    pub fn clear(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            // A wide character that begins just before the area would swallow its first cell.
            let before = area.left().checked_sub(1).and_then(|x| self.buffer.cell_mut((x, y)));
            if let Some(cell) = before.filter(|cell| width(cell.symbol()) > 1) {
                cell.set_symbol(" ");
            }
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// Lays a style over an area without changing what is written there. A reversed row is of one colour: reversed
    /// patches of many colours would be harder to read than the text they are meant to stress.
    pub fn paint(&mut self, area: Rect, style: Style) {
        let style = if style.add_modifier.contains(Modifier::REVERSED) {
            style.fg(Color::Reset).bg(Color::Reset).remove_modifier(Modifier::DIM)
        } else {
            style
        };
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// A bar at the right edge of an area that shows which part of a longer list is seen.
    pub fn scrollbar(&mut self, area: Rect, first: usize, seen: usize, total: usize) {
        if total <= seen || area.height < 3 || area.width == 0 {
            return;
        }
        let height = usize::from(area.height);
        let size = (height * seen / total).max(1);
        let top = (height - size) * first / (total - seen).max(1);
        let style = self.style(Role::Border);
        for row in 0..height {
            let mark = if (top..top + size).contains(&row) { if self.theme.ascii { "#" } else { "▐" } } else { " " };
            let y = area.y.saturating_add(u16::try_from(row).unwrap_or(u16::MAX));
            self.buffer.set_string(area.right().saturating_sub(1), y, mark, style);
        }
    }
}

/// Lines stay lines; everything else that is hidden becomes visible.
fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}
