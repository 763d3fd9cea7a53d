//! Keys and mouse in the application's own terms. The terminal converts into these; `app` knows no terminal.

use std::fmt;

use crate::app::action::Action;
use crate::app::splits::Handle;
use crate::app::{Place, Tab};
use crate::model::ConnectionId;
use crate::store::{NameId, Seq};

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyCode {
    /// A character as typed; upper case needs no shift.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// A key with its modifiers. Shift is kept for keys that are no characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: KeyCode,
    /// Control was held.
    pub ctrl: bool,
    /// Alt was held.
    pub alt: bool,
    /// Shift was held.
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: KeyCode) -> Key {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    /// A character.
    pub const fn char(c: char) -> Key {
        Key::plain(KeyCode::Char(c))
    }

    /// A character with control.
    pub const fn ctrl(c: char) -> Key {
        Key { code: KeyCode::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// A character with alt.
    pub const fn alt(c: char) -> Key {
        Key { code: KeyCode::Char(c), ctrl: false, alt: true, shift: false }
    }

    /// A key with shift.
    pub const fn shift(code: KeyCode) -> Key {
        Key { code, ctrl: false, alt: false, shift: true }
    }

    /// The character that this key writes into a text, if it writes one.
    pub const fn text(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// The name of a key in footers, help and `iotdbg keys`: `ctrl-p`, `space`, `?`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if self.shift {
            f.write_str("shift-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::Enter => f.write_str("enter"),
            KeyCode::Esc => f.write_str("esc"),
            KeyCode::Tab => f.write_str("tab"),
            KeyCode::BackTab => f.write_str("shift-tab"),
            KeyCode::Backspace => f.write_str("backspace"),
            KeyCode::Delete => f.write_str("delete"),
            KeyCode::Up => f.write_str("↑"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Left => f.write_str("←"),
            KeyCode::Right => f.write_str("→"),
            KeyCode::Home => f.write_str("home"),
            KeyCode::End => f.write_str("end"),
            KeyCode::PageUp => f.write_str("pgup"),
            KeyCode::PageDown => f.write_str("pgdn"),
            KeyCode::F(n) => write!(f, "f{n}"),
        }
    }
}

/// What a mouse button or wheel did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MouseAct {
    /// The left button went down.
    Press,
    /// The left button went down a second time at the same place, quickly.
    DoublePress,
    /// The mouse moved with the left button down.
    Drag,
    /// The wheel turned towards the top.
    ScrollUp,
    /// The wheel turned towards the bottom.
    ScrollDown,
}

/// What lies under the mouse. Draw returns one for every area that can be hit; the innermost wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// A tab in the header.
    Tab(Tab),
    /// A button or a footer entry: runs the action.
    Action(Action),
    /// A whole area: takes the focus, and turns with the wheel.
    Area(Place),
    /// A row of the list at a place, counted from the start of the list (not of the screen).
    Row(Place, usize),
    /// A part of a row: a choice, a toggle, a byte.
    Part(Place, usize, usize),
    /// A message of the stream.
    Message(Seq),
    /// A topic of the tree.
    Topic(NameId),
    /// A connection in the header.
    Connection(ConnectionId),
    /// A border that can be moved.
    Split(Handle),
}

/// A mouse event, its position already turned into what lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What happened.
    pub act: MouseAct,
    /// What lies there; `None` for nothing.
    pub target: Option<Target>,
    /// Cells right of the left edge of the target's area.
    pub column: u16,
    /// Cells below the top edge of the target's area.
    pub row: u16,
    /// The cell on the screen.
    pub at: (u16, u16),
}
