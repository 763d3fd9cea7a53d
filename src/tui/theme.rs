//! Colours by role, and no meaning by colour alone, so that `NO_COLOR` loses nothing. Which theme is taken, and with how
//! many colours, is worked out in `looks`.

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

impl Role {
    /// Every role with its name in settings.
    pub const ALL: [(Role, &'static str); ROLES] = [
        (Role::Text, "text"),
        (Role::Dim, "dim"),
        (Role::Title, "title"),
        (Role::Border, "border"),
        (Role::Focus, "focus"),
        (Role::Selected, "selected"),
        (Role::SelectedElsewhere, "selected-elsewhere"),
        (Role::Key, "key"),
        (Role::Tab, "tab"),
        (Role::Good, "good"),
        (Role::Warning, "warning"),
        (Role::Bad, "bad"),
        (Role::Busy, "busy"),
        (Role::Incoming, "incoming"),
        (Role::Outgoing, "outgoing"),
        (Role::Name, "name"),
        (Role::Hit, "hit"),
        (Role::Input, "input"),
        (Role::InputFocus, "input-focus"),
    ];
}

/// Number of roles.
const ROLES: usize = 19;

/// How roles look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    styles: [Style; ROLES],
    connections: [Color; 6],
    colours: bool,
    /// Whether borders are drawn with the characters of ASCII.
    pub ascii: bool,
}

/// Colours that tell connections apart; their glyphs tell them apart too.
const CONNECTIONS: [Color; 6] =
    [Color::Cyan, Color::Magenta, Color::Yellow, Color::Blue, Color::Green, Color::LightRed];

/// What a role looks like without any colour: by weight, underlining and reversal.
const fn weight(role: Role) -> Modifier {
    match role {
        Role::Dim | Role::Border => Modifier::DIM,
        Role::Title | Role::Focus | Role::Key | Role::Bad => Modifier::BOLD,
        Role::Selected => Modifier::REVERSED,
        Role::Tab => Modifier::REVERSED.union(Modifier::BOLD),
        Role::SelectedElsewhere | Role::InputFocus => Modifier::UNDERLINED,
        Role::Hit => Modifier::BOLD.union(Modifier::UNDERLINED),
        _ => Modifier::empty(),
    }
}

impl Theme {
    /// Without colours: with weight, underlining and reversal only.
    pub fn plain() -> Theme {
        let styles = Role::ALL.map(|(role, _)| Style::new().add_modifier(weight(role)));
        Theme { styles, connections: [Color::Reset; 6], colours: false, ascii: false }
    }

    /// With the 16 colours that a terminal lets its user choose: legible on light and dark grounds alike.
    pub fn terminal() -> Theme {
        let of = |role: Role| match role {
            Role::Dim | Role::Border => Some(Color::DarkGray),
            Role::Focus | Role::Key | Role::Name => Some(Color::Cyan),
            Role::Good | Role::Incoming => Some(Color::Green),
            Role::Warning | Role::Hit => Some(Color::Yellow),
            Role::Bad => Some(Color::Red),
            Role::Busy => Some(Color::Blue),
            Role::Outgoing => Some(Color::Magenta),
            _ => None,
        };
        let mut theme = Theme::coloured(of, CONNECTIONS);
        theme.set(Role::SelectedElsewhere, Style::new().fg(Color::White).bg(Color::DarkGray));
        theme
    }

    /// A theme out of the colours of its roles.
    pub fn coloured(of: impl Fn(Role) -> Option<Color>, connections: [Color; 6]) -> Theme {
        let styles = Role::ALL.map(|(role, _)| {
            // A colour is less weight enough; dimmed as well a text would vanish on some terminals.
            let weight = if of(role).is_some() { weight(role).difference(Modifier::DIM) } else { weight(role) };
            let style = Style::new().add_modifier(weight);
            match of(role) {
                Some(colour) => style.fg(colour),
                // The colours of what lies under the cursor, turned round, would leave a patchwork.
                None if role == Role::Selected => style.fg(Color::Reset).bg(Color::Reset),
                None => style,
            }
        });
        Theme { styles, connections, colours: true, ascii: false }
    }

    /// Changes how a role looks.
    pub fn set(&mut self, role: Role, style: Style) {
        if let Some(slot) = self.styles.get_mut(place(role)) {
            *slot = style;
        }
    }

    /// The same with every colour turned into another.
    pub fn mapped(mut self, map: impl Fn(Color) -> Color) -> Theme {
        for style in &mut self.styles {
            style.fg = style.fg.map(&map);
            style.bg = style.bg.map(&map);
        }
        self.connections = self.connections.map(&map);
        self
    }

    /// How a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(place(role)).copied().unwrap_or_default()
    }

    /// The colour of a connection by its place in the order of colours.
    pub fn connection(&self, place: usize) -> Style {
        let colour = self.connections.get(place % self.connections.len()).copied().unwrap_or_default();
        if self.colours { Style::new().fg(colour) } else { Style::new() }
    }

    /// The colour of a kind of message: what asks stands out, what answers is quieter, what tells is plain.
    pub fn kind(&self, kind: Kind) -> Style {
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

/// Where a role's style stands.
const fn place(role: Role) -> usize {
    role as usize
}
