//! The one key table: it drives dispatch, footer, `?` page, `iotdbg keys` and the test for conflicts.

use crate::app::action::Action;
use crate::app::input::{Key, KeyCode};
use crate::app::{
    App, Place, captures, checkups, compose, conditions as when, connections, device, events, frames, profiles, sign,
    stream,
};
use crate::base::lang::Text;

/// Says whether an action makes sense now, and why not.
pub type Condition = fn(&App) -> Result<(), Text>;

/// One row of the table.
pub struct Binding {
    /// Where it works.
    pub place: Place,
    /// The keys that run it; the first is the one shown in the footer.
    pub keys: &'static [Key],
    /// What it runs.
    pub action: Action,
    /// When it works.
    pub when: Condition,
    /// Whether the footer shows it (the `?` page shows all).
    pub footer: bool,
}

impl Binding {
    /// A row that the footer shows.
    pub const fn shown(place: Place, keys: &'static [Key], action: Action, when: Condition) -> Binding {
        Binding { place, keys, action, when, footer: true }
    }

    /// A row that only the `?` page shows.
    pub const fn quiet(place: Place, keys: &'static [Key], action: Action, when: Condition) -> Binding {
        Binding { place, keys, action, when, footer: false }
    }
}

const UP: &[Key] = &[Key::plain(KeyCode::Up), Key::char('k')];
const DOWN: &[Key] = &[Key::plain(KeyCode::Down), Key::char('j')];
const LEFT: &[Key] = &[Key::plain(KeyCode::Left), Key::char('h')];
const RIGHT: &[Key] = &[Key::plain(KeyCode::Right), Key::char('l')];
/// Enter.
pub const ENTER: &[Key] = &[Key::plain(KeyCode::Enter)];
/// The space bar.
pub const SPACE: &[Key] = &[Key::char(' ')];

/// Rows that hold wherever no text is typed; a place's own rows come first.
const GLOBAL: &[Binding] = &[
    Binding::quiet(Place::Global, UP, Action::Up, when::always),
    Binding::quiet(Place::Global, DOWN, Action::Down, when::always),
    Binding::quiet(Place::Global, LEFT, Action::Left, when::always),
    Binding::quiet(Place::Global, RIGHT, Action::Right, when::always),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::PageUp), Key::ctrl('b')], Action::PageUp, when::always),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::PageDown), Key::ctrl('f')], Action::PageDown, when::always),
    Binding::quiet(Place::Global, &[Key::char('g'), Key::plain(KeyCode::Home)], Action::First, when::always),
    Binding::quiet(Place::Global, &[Key::char('G'), Key::plain(KeyCode::End)], Action::Last, when::always),
    Binding::shown(Place::Global, &[Key::plain(KeyCode::Tab)], Action::FocusNext, when::several_areas),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::BackTab)], Action::FocusPrevious, when::several_areas),
    Binding::quiet(Place::Global, &[Key::char(']')], Action::NextTab, when::always),
    Binding::quiet(Place::Global, &[Key::char('[')], Action::PreviousTab, when::always),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::Esc)], Action::Back, when::always),
    Binding::quiet(Place::Global, &[Key::char('z')], Action::Zoom, when::several_areas),
    Binding::quiet(Place::Global, &[Key::char('>')], Action::Larger, when::several_areas),
    Binding::quiet(Place::Global, &[Key::char('<')], Action::Smaller, when::several_areas),
    Binding::quiet(Place::Global, &[Key::ctrl('l')], Action::Dismiss, when::message_shown),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::F(2))], Action::ToggleMouse, when::always),
    Binding::quiet(Place::Global, &[Key::plain(KeyCode::F(3))], Action::TogglePrivacy, when::always),
    Binding::quiet(Place::Global, &[Key::ctrl('z')], Action::Suspend, when::always),
    Binding::quiet(Place::Global, &[Key::ctrl('t')], Action::Tour, when::always),
    Binding::quiet(Place::Global, &[Key::char(':'), Key::ctrl('p')], Action::Palette, when::always),
    Binding::shown(Place::Global, &[Key::char('?'), Key::plain(KeyCode::F(1))], Action::Help, when::always),
    Binding::shown(Place::Global, &[Key::char('q'), Key::ctrl('c')], Action::Quit, when::always),
];

const CONNECTIONS: &[Binding] = &[
    Binding::shown(Place::Connections, ENTER, Action::ToggleConnection, connections::can_toggle),
    Binding::quiet(Place::Connections, &[Key::char('c')], Action::Connect, connections::can_connect),
    Binding::shown(Place::Connections, &[Key::char('d')], Action::Disconnect, connections::can_disconnect),
    Binding::shown(Place::Connections, &[Key::char('n')], Action::NewProfile, when::always),
    Binding::shown(Place::Connections, &[Key::char('e')], Action::EditProfile, connections::can_edit),
    Binding::quiet(Place::Connections, &[Key::char('E')], Action::EditProfileFile, connections::can_edit),
    Binding::quiet(Place::Connections, &[Key::char('D')], Action::DuplicateProfile, profiles::can_copy),
    Binding::quiet(Place::Connections, &[Key::char('r')], Action::RenameProfile, profiles::can_move),
    Binding::quiet(
        Place::Connections,
        &[Key::plain(KeyCode::Delete), Key::char('X')],
        Action::DeleteProfile,
        profiles::can_move,
    ),
    Binding::quiet(Place::Connections, &[Key::char('P')], Action::ToggleProduction, connections::can_edit),
    Binding::quiet(Place::Connections, &[Key::char('i')], Action::ImportProfiles, when::always),
    Binding::quiet(Place::Connections, &[Key::char('s')], Action::ExportProfile, profiles::can_copy),
    Binding::quiet(Place::Connections, &[Key::char('w')], Action::SaveWorkspace, when::connection_open),
    Binding::quiet(Place::Connections, &[Key::char('W')], Action::OpenWorkspace, when::always),
    Binding::quiet(Place::Connections, &[Key::char('S')], Action::StartPage, when::always),
    Binding::shown(Place::Connections, &[Key::char('x')], Action::Examine, checkups::can_examine),
    Binding::shown(Place::Connections, &[Key::char('y')], Action::CopyLog, connections::has_log),
    Binding::shown(Place::ConnectionLog, &[Key::char('x')], Action::Examine, checkups::can_examine),
    Binding::shown(Place::ConnectionLog, &[Key::char('y')], Action::CopyLog, connections::has_log),
];

const DEVICE: &[Binding] = &[
    Binding::shown(Place::Device, ENTER, Action::EditValue, device::has_device),
    Binding::shown(Place::Device, &[Key::char('m')], Action::MannerNext, device::has_device),
    Binding::shown(Place::Device, &[Key::char('c')], Action::CodeNext, device::refuses),
    Binding::shown(Place::Device, &[Key::char('+'), Key::char('=')], Action::DelayMore, device::has_device),
    Binding::quiet(Place::Device, &[Key::char('-')], Action::DelayLess, device::has_device),
    Binding::shown(Place::Device, &[Key::char('r')], Action::ReportNow, device::can_report),
    Binding::shown(Place::Device, &[Key::char('e')], Action::EventNow, device::has_events),
    Binding::shown(Place::Device, &[Key::char('p')], Action::PeriodicReports, device::has_device),
    Binding::quiet(Place::Device, &[Key::char('R')], Action::EditRules, device::has_device),
    Binding::shown(Place::Device, &[Key::char('n')], Action::NextDevice, device::several_devices),
    Binding::shown(Place::DeviceLog, &[Key::char('m')], Action::MannerNext, device::has_device),
    Binding::shown(Place::DeviceLog, &[Key::char('n')], Action::NextDevice, device::several_devices),
];

const EVENTS: &[Binding] = &[
    Binding::shown(Place::Events, ENTER, Action::ShowConnection, events::has_event),
    Binding::shown(Place::Events, &[Key::char('a')], Action::AnswerEvent, events::asks),
    Binding::shown(Place::Events, &[Key::char('s')], Action::SeverityNext, when::always),
    Binding::shown(Place::Events, &[Key::char('y')], Action::CopyEvent, events::has_event),
];

const OVERLAYS: &[Binding] = &[
    Binding::shown(
        Place::Confirm,
        &[Key::char('y'), Key::plain(KeyCode::Enter), Key::ctrl('c')],
        Action::Accept,
        when::always,
    ),
    Binding::shown(Place::Confirm, &[Key::char('n'), Key::plain(KeyCode::Esc)], Action::Decline, when::always),
    Binding::shown(Place::Palette, ENTER, Action::SubmitText, when::always),
    Binding::quiet(Place::Palette, &[Key::plain(KeyCode::Up), Key::ctrl('p')], Action::Up, when::always),
    Binding::quiet(Place::Palette, &[Key::plain(KeyCode::Down), Key::ctrl('n')], Action::Down, when::always),
    Binding::shown(Place::Palette, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::Requests, ENTER, Action::SubmitText, when::always),
    Binding::quiet(Place::Requests, &[Key::plain(KeyCode::Up), Key::ctrl('p')], Action::Up, when::always),
    Binding::quiet(Place::Requests, &[Key::plain(KeyCode::Down), Key::ctrl('n')], Action::Down, when::always),
    Binding::shown(Place::Requests, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::Pick, ENTER, Action::SubmitText, when::always),
    Binding::quiet(Place::Pick, &[Key::plain(KeyCode::Up), Key::ctrl('p')], Action::Up, when::always),
    Binding::quiet(Place::Pick, &[Key::plain(KeyCode::Down), Key::ctrl('n')], Action::Down, when::always),
    Binding::shown(Place::Pick, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::Prompt, ENTER, Action::SubmitText, when::always),
    Binding::shown(Place::Prompt, &[Key::plain(KeyCode::Esc), Key::ctrl('c')], Action::Back, when::always),
    Binding::shown(Place::Help, &[Key::plain(KeyCode::Esc), Key::char('?')], Action::Back, when::always),
];

/// The table, part by part. A part belongs to the tab that it speaks of.
pub const TABLE: &[&[Binding]] = &[
    OVERLAYS,
    profiles::KEYS,
    CONNECTIONS,
    stream::KEYS,
    captures::KEYS,
    compose::KEYS,
    frames::LIST,
    frames::FIELDS,
    frames::BYTES,
    frames::OTHERS,
    sign::KEYS,
    DEVICE,
    EVENTS,
    GLOBAL,
];

/// Every row.
pub fn rows() -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().copied().flatten()
}

/// The rows of one place.
pub fn of(place: Place) -> impl Iterator<Item = &'static Binding> {
    rows().filter(move |binding| binding.place == place)
}

/// The first row that runs an action, for tooltips and the palette.
pub fn row_of(action: Action) -> Option<&'static Binding> {
    rows().find(|binding| binding.action == action)
}
