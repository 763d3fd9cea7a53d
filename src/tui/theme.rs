//! Colours by role. Only the 16 colours that every terminal lets its user choose, so that what is drawn stays legible on
//! light and dark grounds alike; and no meaning by colour alone, so that `NO_COLOR` loses nothing.

use ratatui::style::{Color, Modifier, Style};

use crate::model::{Kind, kind::Part};

/// What a stretch of text is, for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Text of less weight: units, remarks, times.
    Dim,
    /// A heading.
    Title,
    /// The border of an area without the focus.
    Border,
    /// The border of the area with the focus.
    Focus,
    /// The selected row in the area with the focus.
    Selected,
    /// The selected row in another area.
    SelectedElsewhere,
    /// A key in the footer or on the help page.
    Key,
    /// The chosen tab.
    Tab,
    /// It went well.
    Good,
    /// It needs a look.
    Warning,
    /// It went wrong, or was lost.
    Bad,
    /// Under way.
    Busy,
    /// Received.
    Incoming,
    /// Sent.
    Outgoing,
    /// The name of a field.
    Name,
    /// Found by the filter, or linked with the cursor of another area.
    Hit,
    /// An input without the focus.
    Input,
    /// The input that takes what is typed.
    InputFocus,
}

/// How roles look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    colours: bool,
}

/// Colours that tell connections apart; their glyphs tell them apart too.
const CONNECTIONS: [Color; 6] =
    [Color::Cyan, Color::Magenta, Color::Yellow, Color::Blue, Color::Green, Color::LightRed];

impl Theme {
    /// With colours, or with weight, underlining and reversal only.
    pub const fn new(colours: bool) -> Theme {
        Theme { colours }
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let (colour, weight) = match role {
            Role::Text | Role::Input => (None, Modifier::empty()),
            Role::Dim | Role::Border => (Some(Color::DarkGray), Modifier::DIM),
            Role::Title => (None, Modifier::BOLD),
            Role::Focus => (Some(Color::Cyan), Modifier::BOLD),
            Role::Selected => (None, Modifier::REVERSED),
            Role::SelectedElsewhere => (None, Modifier::UNDERLINED),
            Role::Key => (Some(Color::Cyan), Modifier::BOLD),
            Role::Tab => (None, Modifier::REVERSED.union(Modifier::BOLD)),
            Role::Good => (Some(Color::Green), Modifier::empty()),
            Role::Warning => (Some(Color::Yellow), Modifier::empty()),
            Role::Bad => (Some(Color::Red), Modifier::BOLD),
            Role::Busy => (Some(Color::Blue), Modifier::empty()),
            Role::Incoming => (Some(Color::Green), Modifier::empty()),
            Role::Outgoing => (Some(Color::Magenta), Modifier::empty()),
            Role::Name => (Some(Color::Cyan), Modifier::empty()),
            Role::Hit => (Some(Color::Yellow), Modifier::BOLD.union(Modifier::UNDERLINED)),
            Role::InputFocus => (None, Modifier::UNDERLINED),
        };
        match colour {
            // The colours of what lies under the cursor, turned round, would leave a patchwork.
            _ if self.colours && role == Role::Selected => plain.fg(Color::Reset).bg(Color::Reset).add_modifier(weight),
            _ if self.colours && role == Role::SelectedElsewhere => plain.fg(Color::White).bg(Color::DarkGray),
            // Dark grey is colour enough; dimmed as well it would vanish on some terminals.
            Some(colour) if self.colours => plain.fg(colour).add_modifier(weight.difference(Modifier::DIM)),
            _ => plain.add_modifier(weight),
        }
    }

    /// The colour of a connection by its place in the order of colours.
    pub fn connection(self, place: usize) -> Style {
        let colour = CONNECTIONS.get(place % CONNECTIONS.len()).copied().unwrap_or_default();
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    /// The colour of a kind of message: what asks stands out, what answers is quieter, what tells is plain.
    pub fn kind(self, kind: Kind) -> Style {
        match kind {
            Kind::Unknown => self.style(Role::Dim),
            Kind::Online | Kind::Event => self.style(Role::Warning),
            _ => match kind.part() {
                Part::Request if kind != Kind::Report => self.style(Role::Title),
                Part::Reply => self.style(Role::Name),
                _ => self.style(Role::Text),
            },
        }
    }
}
