//! The keys as they are bound: the table, and what the user's settings change of it.

use std::collections::BTreeMap;

use crate::app::action::Action;
use crate::app::input::{Key, KeyCode};
use crate::app::keys::{self, Binding};
use crate::app::place::Place;
use crate::base::lang::Text;
use crate::base::toml::suggestion;
use crate::profile::ProfileError;
use crate::profile::settings::Settings;

/// Which keys run what.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    rebound: BTreeMap<(Place, Action), Vec<Key>>,
}

impl Keymap {
    /// The table with the user's changes. A row that cannot be taken is told and left as the table has it.
    pub fn new(settings: &Settings) -> (Keymap, Vec<ProfileError>) {
        let mut keymap = Keymap::default();
        let mut faults = Vec::new();
        for row in &settings.keys {
            let rebound = &row.value;
            let places: Vec<&str> = Place::ALL.iter().map(|place| place.name()).collect();
            let Some(place) = Place::ALL.iter().copied().find(|place| place.name() == rebound.place) else {
                let meant = suggestion(&rebound.place, &places).unwrap_or("iotdbg keys");
                faults.push(settings.fault(row, NO_PLACE.with(&[&rebound.place, &meant])));
                continue;
            };
            let known: Vec<&str> = keys::of(place).map(|binding| binding.action.name()).collect();
            let action = Action::parse(&rebound.action).filter(|action| known.contains(&action.name()));
            let Some(action) = action else {
                let meant = suggestion(&rebound.action, &known).map_or_else(|| known.join(", "), str::to_owned);
                faults.push(settings.fault(row, NO_ACTION.with(&[&rebound.action, &place.name(), &meant])));
                continue;
            };
            let mut keys = Vec::new();
            let mut wrong = None;
            for name in &rebound.keys {
                match Key::parse(name) {
                    Some(key) if place.takes_text() && key.text().is_some() => {
                        wrong = Some(TYPED.with(&[&name, &place.name()]));
                    }
                    Some(key) => keys.push(key),
                    None => wrong = Some(NO_KEY.with(&[&name])),
                }
            }
            match wrong {
                Some(reason) => faults.push(settings.fault(row, reason)),
                None => _ = keymap.rebound.insert((place, action), keys),
            }
        }
        // Two actions on one key: the one that was rebound gives way, because the table has no conflicts.
        for row in &settings.keys {
            let Some(place) = Place::ALL.iter().copied().find(|place| place.name() == row.value.place) else {
                continue;
            };
            let Some(action) = Action::parse(&row.value.action) else { continue };
            let taken = keymap.rebound.get(&(place, action)).cloned().unwrap_or_default().into_iter().find_map(|key| {
                let other = keys::of(place).find(|other| other.action != action && keymap.keys(other).contains(&key));
                other.map(|other| (key, other.action))
            });
            if let Some((key, other)) = taken {
                let words = CONFLICT.with(&[&key, &place.name(), &action.name(), &other.name()]);
                faults.push(settings.fault(row, words));
                keymap.rebound.remove(&(place, action));
            }
        }
        (keymap, faults)
    }

    /// The keys of a row.
    pub fn keys<'a>(&'a self, row: &'a Binding) -> &'a [Key] {
        self.rebound.get(&(row.place, row.action)).map_or(row.keys, Vec::as_slice)
    }

    /// The key that footers and tips show for a row; empty where it has none any more.
    pub fn shown(&self, row: &Binding) -> String {
        self.keys(row).first().map(ToString::to_string).unwrap_or_default()
    }

    /// The row that a key means at a place.
    pub fn lookup(&self, place: Place, key: Key) -> Option<&'static Binding> {
        keys::of(place).find(|row| self.keys(row).contains(&key))
    }
}

impl Key {
    /// Reads a key as [`Key`]'s `Display` writes it, and as people do: `ctrl-p`, `space`, `up`, `?`.
    pub fn parse(name: &str) -> Option<Key> {
        let mut key = Key::plain(KeyCode::Enter);
        let mut rest = name;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|after| !after.is_empty()) {
                (key.ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|after| !after.is_empty()) {
                (key.alt, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("shift-").filter(|after| !after.is_empty() && *after != "tab")
            {
                (key.shift, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut letters = rest.chars();
        key.code = match (rest, letters.next(), letters.next()) {
            ("space", ..) => KeyCode::Char(' '),
            ("enter" | "return", ..) => KeyCode::Enter,
            ("esc" | "escape", ..) => KeyCode::Esc,
            ("tab", ..) => KeyCode::Tab,
            ("shift-tab" | "backtab", ..) => KeyCode::BackTab,
            ("backspace", ..) => KeyCode::Backspace,
            ("delete" | "del", ..) => KeyCode::Delete,
            ("up" | "↑", ..) => KeyCode::Up,
            ("down" | "↓", ..) => KeyCode::Down,
            ("left" | "←", ..) => KeyCode::Left,
            ("right" | "→", ..) => KeyCode::Right,
            ("home", ..) => KeyCode::Home,
            ("end", ..) => KeyCode::End,
            ("pgup" | "pageup", ..) => KeyCode::PageUp,
            ("pgdn" | "pagedown", ..) => KeyCode::PageDown,
            (_, Some(letter), None) => KeyCode::Char(letter),
            (_, Some('f'), Some(_)) => {
                let number = rest.get(1..).and_then(|number| number.parse().ok());
                KeyCode::F(number.filter(|number| (1..=24).contains(number))?)
            }
            _ => return None,
        };
        // A character says by itself that shift was held.
        key.shift &= !matches!(key.code, KeyCode::Char(_) | KeyCode::BackTab);
        Some(key)
    }
}

const NO_PLACE: Text = Text::new(
    "there is no place “{}”; did you mean “{}”? `iotdbg keys` lists them",
    "没有位置“{}”，是否想写“{}”？可用 iotdbg keys 查看",
);
const NO_ACTION: Text = Text::new("“{}” is no action at “{}”; there: {}", "“{}”不是“{}”处的动作；可用：{}");
const NO_KEY: Text = Text::new(
    "“{}” is no key; keys are written like p, G, space, enter, f5, ctrl-p, alt-x",
    "“{}”不是按键；写法如 p、G、space、enter、f5、ctrl-p、alt-x",
);
const TYPED: Text = Text::new(
    "“{}” is typed into the text at “{}”; take a key with ctrl or alt",
    "在“{}”的位置“{}”会作为文本输入，请改用带 ctrl 或 alt 的按键",
);
const CONFLICT: Text = Text::new("{} at “{}” would mean both “{}” and “{}”", "{} 在“{}”同时对应“{}”和“{}”");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::settings;

    fn keymap(text: &str) -> (Keymap, Vec<ProfileError>) {
        let (settings, faults) = settings::read(text, None);
        assert_eq!(faults, []);
        Keymap::new(&settings)
    }

    #[test]
    fn every_key_of_the_table_can_be_written_in_the_settings() {
        for row in keys::rows() {
            for key in row.keys {
                assert_eq!(Key::parse(&key.to_string()), Some(*key), "{key}");
            }
        }
        for none in ["", "ctrl", "f0", "f99", "nonsense"] {
            assert_eq!(Key::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_rebound_key_runs_its_action_and_the_old_one_does_not() {
        let (keymap, faults) = keymap("[keys.stream]\npause = [\"p\", \"ctrl-s\"]\n");
        assert_eq!(faults, []);
        let runs = |key: &str| keymap.lookup(Place::Stream, Key::parse(key).unwrap()).map(|row| row.action);
        assert_eq!((runs("p"), runs("ctrl-s"), runs("space")), (Some(Action::Pause), Some(Action::Pause), None));
        assert_eq!(keymap.lookup(Place::Inspect, Key::char(' ')).map(|row| row.action), Some(Action::Pause));
    }

    #[test]
    fn what_cannot_be_bound_is_told_with_its_line_and_left_as_it_was() {
        for (text, words) in [
            ("[keys.stream]\npause = \"y\"\n", "both “pause” and “copy”"),
            ("[keys.streem]\npause = \"p\"\n", "did you mean “stream”"),
            ("[keys.stream]\npuase = \"p\"\n", "pause"),
            ("[keys.stream]\npause = \"hyper-x\"\n", "is no key"),
            ("[keys.filter]\nback = \"q\"\n", "typed into the text"),
        ] {
            let (keymap, faults) = keymap(text);
            assert_eq!(faults.len(), 1, "{text}");
            assert!(faults[0].line == 2 && faults[0].to_string().contains(words), "{}", faults[0]);
            assert_eq!(keymap.lookup(Place::Stream, Key::char(' ')).map(|row| row.action), Some(Action::Pause));
        }
    }
}
