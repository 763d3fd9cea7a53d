//! The Device tab: the simulated devices of open connections — what they hold, what they were told, how they answer.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::app::action::Action;
use crate::app::connections::Connection;
use crate::app::edit::TextEdit;
use crate::app::effect::{EditSubject, Effect, RulesWanted};
use crate::app::input::{Mouse, MouseAct, Target};
use crate::app::overlay::{Asked, Overlay};
use crate::app::{App, Place};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::model::thing::{DataType, Property};
use crate::model::{ConnectionId, Role, Severity};
use crate::session::Command;
use crate::session::thing::rules::Rules;
use crate::session::thing::{Behaviour, Manner, ThingCommand};

/// How many lines of what a device was told are kept.
const LOG_LINES: usize = 1_000;
/// The delays that a device can be given. The longest is beyond the time that any of the platforms waits.
const DELAYS: [Duration; 8] = [
    Duration::ZERO,
    Duration::from_millis(100),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(6),
    Duration::from_secs(10),
];
/// How often a device reports when periodic reports are switched on by hand.
const PERIOD: Duration = Duration::from_secs(5);

/// What is known of one simulated device beside what its connection knows.
#[derive(Debug, Clone, Default)]
pub struct Puppet {
    /// How it answers.
    pub behaviour: Behaviour,
    /// How often it reports of its own accord.
    pub report_every: Option<Duration>,
    /// What it was told and what it did, oldest first.
    pub log: VecDeque<(Time, Phrase)>,
    /// The rules file that it follows, if there is one.
    pub rules: Option<FollowedRules>,
    /// The event of the model that is reported next by hand.
    next_event: usize,
}

/// A rules file that a device follows.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowedRules {
    /// The file.
    pub path: PathBuf,
    /// How many rules are in force.
    pub count: usize,
    /// What is wrong with the file as it was saved last; the rules before that stay in force.
    pub fault: Option<Phrase>,
}

/// The simulated devices.
#[derive(Debug, Default)]
pub struct Devices {
    puppets: BTreeMap<ConnectionId, Puppet>,
    current: Option<ConnectionId>,
    /// The property under the cursor.
    pub cursor: usize,
    /// Lines of the log above the newest that is shown.
    pub log_scroll: usize,
}

impl Devices {
    /// A simulated device by its connection.
    pub fn get(&self, id: ConnectionId) -> Option<&Puppet> {
        self.puppets.get(&id)
    }

    /// Takes a device in when its connection is opened.
    pub(super) fn open(&mut self, id: ConnectionId, report_every: Option<Duration>) {
        self.puppets.entry(id).or_insert_with(|| Puppet { report_every, ..Puppet::default() });
        self.current.get_or_insert(id);
    }

    /// What a device tells of itself.
    pub(super) fn told(&mut self, id: ConnectionId, what: Phrase, at: Time) {
        let Some(puppet) = self.puppets.get_mut(&id) else { return };
        puppet.log.push_back((at, what));
        if puppet.log.len() > LOG_LINES {
            puppet.log.pop_front();
        }
        if self.current == Some(id) && self.log_scroll > 0 {
            // Who reads further up stays where he reads.
            self.log_scroll = (self.log_scroll + 1).min(puppet.log.len());
        }
    }

    fn next(&mut self) {
        let ids: Vec<ConnectionId> = self.puppets.keys().copied().collect();
        let at = ids.iter().position(|id| Some(*id) == self.current).map_or(0, |at| at + 1);
        self.current = ids.get(at % ids.len().max(1)).copied();
        self.cursor = 0;
        self.log_scroll = 0;
    }
}

/// There is a simulated device.
pub fn has_device(app: &App) -> Result<(), Text> {
    app.device().map(|_| ()).ok_or(NO_DEVICE)
}

/// There is more than one simulated device.
pub fn several_devices(app: &App) -> Result<(), Text> {
    has_device(app)?;
    if app.devices.puppets.len() > 1 { Ok(()) } else { Err(ONLY_ONE) }
}

/// The device refuses, so that another code makes sense.
pub fn refuses(app: &App) -> Result<(), Text> {
    match app.device() {
        Some((_, Puppet { behaviour: Behaviour { manner: Manner::Refuse { .. }, .. }, .. })) => Ok(()),
        Some(_) => Err(REFUSES_NOT),
        None => Err(NO_DEVICE),
    }
}

/// The device is online, so that it can report.
pub fn can_report(app: &App) -> Result<(), Text> {
    match app.device() {
        Some((connection, _)) if connection.is_online() => Ok(()),
        Some(_) => Err(OFFLINE),
        None => Err(NO_DEVICE),
    }
}

/// The model of the device has events, and the device is online.
pub fn has_events(app: &App) -> Result<(), Text> {
    can_report(app)?;
    match app.device() {
        Some((connection, _)) if !connection.model.events.is_empty() => Ok(()),
        _ => Err(NO_EVENTS),
    }
}

impl App {
    /// The simulated device that is shown.
    pub fn device(&self) -> Option<(&Connection, &Puppet)> {
        let id = self.devices.current?;
        Some((self.connections.get(id)?, self.devices.get(id)?))
    }

    /// The property under the cursor.
    fn device_property(&self) -> Option<&Property> {
        self.device()?.0.model.properties.get(self.devices.cursor)
    }

    pub(super) fn device_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Row(Place::Device, row))) => self.devices.cursor = row,
            (MouseAct::DoublePress, Some(Target::Row(Place::Device, row))) => {
                self.devices.cursor = row;
                self.run(Action::EditValue);
            }
            (MouseAct::ScrollUp, _) => self.run(Action::Up),
            (MouseAct::ScrollDown, _) => self.run(Action::Down),
            _ => {}
        }
    }

    pub(super) fn device_action(&mut self, action: Action) -> bool {
        if self.area() == Place::DeviceLog {
            let most = self.device().map_or(0, |(_, puppet)| puppet.log.len().saturating_sub(1));
            // Counted from the newest line, at the bottom: up is further back.
            if let Some(row) = action.moved(most.saturating_sub(self.devices.log_scroll), most) {
                self.devices.log_scroll = most - row;
                return true;
            }
            match action {
                Action::Back | Action::Left => self.focus(Place::Device),
                _ => return self.device_command(action),
            }
            return true;
        }
        let last = self.device().map_or(0, |(connection, _)| connection.model.properties.len().saturating_sub(1));
        if let Some(row) = action.moved(self.devices.cursor, last) {
            self.devices.cursor = row;
            return true;
        }
        match action {
            Action::Right => self.focus(Place::DeviceLog),
            Action::Back | Action::Left => {}
            _ => return self.device_command(action),
        }
        true
    }

    fn device_command(&mut self, action: Action) -> bool {
        let Some(id) = self.devices.current else { return false };
        match action {
            Action::NextDevice => self.devices.next(),
            Action::EditValue => self.ask_thing_value(),
            Action::EditRules => self.edit_rules(id),
            Action::ReportNow => self.thing(id, ThingCommand::Report),
            Action::EventNow => self.report_next_event(id),
            Action::PeriodicReports => {
                let every = match self.devices.get(id).and_then(|puppet| puppet.report_every) {
                    Some(_) => None,
                    None => Some(PERIOD),
                };
                if let Some(puppet) = self.devices.puppets.get_mut(&id) {
                    puppet.report_every = every;
                }
                self.thing(id, ThingCommand::ReportEvery(every));
            }
            Action::MannerNext => self.behave(id, |behaviour, codes| {
                behaviour.manner = match &behaviour.manner {
                    Manner::Accept => {
                        let code = codes.first().copied().unwrap_or_default().to_owned();
                        Manner::Refuse { code, message: None }
                    }
                    Manner::Refuse { .. } => Manner::Ignore,
                    Manner::Ignore => Manner::Twice,
                    Manner::Twice => Manner::Accept,
                };
            }),
            Action::CodeNext => self.behave(id, |behaviour, codes| {
                if let Manner::Refuse { code, .. } = &mut behaviour.manner {
                    let at = codes.iter().position(|known| *known == code.as_str()).map_or(0, |at| at + 1);
                    codes.get(at % codes.len().max(1)).copied().unwrap_or_default().clone_into(code);
                }
            }),
            Action::DelayMore => self.behave(id, |behaviour, _| {
                if let Some(longer) = DELAYS.iter().find(|delay| **delay > behaviour.delay) {
                    behaviour.delay = *longer;
                }
            }),
            Action::DelayLess => self.behave(id, |behaviour, _| {
                if let Some(shorter) = DELAYS.iter().rev().find(|delay| **delay < behaviour.delay) {
                    behaviour.delay = *shorter;
                }
            }),
            _ => return false,
        }
        true
    }

    /// Follows the rules that a profile names for its device, or those that it followed before.
    pub(super) fn follow_rules(&mut self, id: ConnectionId, named: Option<PathBuf>) {
        let before = self.devices.get(id).and_then(|puppet| puppet.rules.as_ref()).map(|rules| rules.path.clone());
        let Some(path) = named.or(before) else { return };
        let Some(connection) = self.connections.get(id).filter(|connection| connection.role == Role::Device) else {
            return;
        };
        let (dialect, model) = (connection.dialect, Arc::new(connection.model.clone()));
        self.effect(Effect::Rules(RulesWanted { id, path, dialect, model }));
    }

    /// The rules of a device were read: it follows them, unless there is something wrong with them.
    pub(super) fn rules_read(&mut self, id: ConnectionId, path: PathBuf, rules: Result<Arc<Rules>, Phrase>) {
        let Some(puppet) = self.devices.puppets.get_mut(&id) else { return };
        let count = puppet.rules.as_ref().map_or(0, |rules| rules.count);
        match rules {
            Ok(rules) => {
                puppet.rules = Some(FollowedRules { path, count: rules.len(), fault: None });
                self.thing(id, ThingCommand::Rules(rules));
            }
            Err(fault) => {
                puppet.rules = Some(FollowedRules { path, count, fault: Some(fault.clone()) });
                self.tell(Severity::Error, fault);
            }
        }
    }

    fn edit_rules(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(id) else { return };
        let name = connection.name.clone();
        let path = self.devices.get(id).and_then(|puppet| puppet.rules.as_ref()).map(|rules| rules.path.clone());
        let subject = EditSubject::Rules { id, path, name };
        self.effect(Effect::Edit { subject, text: String::new() });
    }

    /// The editor of a device's rules was closed; a file that is followed is read again by itself.
    pub(super) fn rules_edited(&mut self, id: ConnectionId, path: Option<PathBuf>) {
        let followed = self.devices.get(id).is_some_and(|puppet| puppet.rules.is_some());
        if !followed {
            self.follow_rules(id, path);
        }
    }

    fn thing(&mut self, id: ConnectionId, command: ThingCommand) {
        self.effect(Effect::Command(id, Command::Thing(command)));
    }

    /// Changes how a device answers. `change` gets the codes that its platform lets a device refuse with.
    fn behave(&mut self, id: ConnectionId, change: impl FnOnce(&mut Behaviour, &[&'static str])) {
        let Some(connection) = self.connections.get(id) else { return };
        let codes = connection.dialect.spec().role(Role::Device).map(|spec| spec.refusals).unwrap_or_default();
        let Some(puppet) = self.devices.puppets.get_mut(&id) else { return };
        change(&mut puppet.behaviour, codes);
        let behaviour = puppet.behaviour.clone();
        self.thing(id, ThingCommand::Behave(behaviour));
    }

    fn report_next_event(&mut self, id: ConnectionId) {
        let Some(events) = self.connections.get(id).map(|connection| &connection.model.events) else { return };
        let Some(puppet) = self.devices.puppets.get_mut(&id) else { return };
        let Some(event) = events.get(puppet.next_event % events.len().max(1)) else { return };
        puppet.next_event += 1;
        let event = event.identifier.clone();
        self.tell(Severity::Info, REPORTING.with(&[&event]));
        self.thing(id, ThingCommand::Event(event));
    }

    /// Asks for a new value of the property under the cursor, beginning with the one it has.
    fn ask_thing_value(&mut self) {
        let Some((connection, _)) = self.device() else { return };
        let Some(property) = self.device_property() else { return };
        let value = connection.values.get(&property.identifier);
        let text = match value {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        let hint = Phrase::verbatim(limits(&property.data_type));
        let title = NEW_VALUE.with(&[&property.identifier]);
        let about = Asked::ThingValue(connection.id, property.identifier.clone());
        self.open_overlay(Overlay::Prompt { title, hint, edit: TextEdit::single(&text), about });
    }

    /// Gives a property of a simulated device a new value, written as JSON; text needs no quotes. `Err` says what is
    /// wrong with it.
    pub(super) fn set_thing_value(&mut self, id: ConnectionId, identifier: &str, text: &str) -> Result<(), Phrase> {
        let Some(connection) = self.connections.get(id) else { return Ok(()) };
        let property = connection.model.properties.iter().find(|property| property.identifier == identifier);
        let value = match property.map(|property| &property.data_type) {
            Some(DataType::Text { .. } | DataType::Binary(_)) => Value::String(text.to_owned()),
            _ => serde_json::from_str(text.trim()).map_err(|error| NOT_JSON.with(&[&error]))?,
        };
        if let Err((fault, code)) = connection.dialect.check_value(&connection.model, identifier, &value, false) {
            return Err(crate::app::faults::phrase(&fault, code.as_deref()));
        }
        let mut values = Map::new();
        values.insert(identifier.to_owned(), value);
        self.thing(id, ThingCommand::SetValues(values));
        Ok(())
    }
}

/// What a type allows, in the signs of its field: `0…100 %`, `0 off · 1 on`, `≤ 64`.
pub fn limits(data_type: &DataType) -> String {
    match data_type {
        DataType::Int { range, .. } | DataType::Float { range, .. } => {
            let number = |bound: Option<f64>| bound.map_or_else(|| "∞".to_owned(), |bound| bound.to_string());
            let bounds = match (range.min, range.max) {
                (None, None) => String::new(),
                (min, max) => format!("{}…{}", number(min), number(max)),
            };
            format!("{bounds} {}", range.unit).trim().to_owned()
        }
        DataType::Bool { off, on } => format!("false {off} · true {on}"),
        DataType::Enum(choices) => {
            choices.iter().map(|(number, name)| format!("{number} {name}")).collect::<Vec<_>>().join(" · ")
        }
        DataType::Bits { length, .. } => format!("{length} bit"),
        DataType::Text { max_length: Some(max) } => format!("≤ {max}"),
        DataType::Array { max_length: Some(max), .. } => format!("[≤ {max}]"),
        DataType::Binary(length) => format!("hex {length}"),
        DataType::Date => "ms".to_owned(),
        DataType::Struct(members) => {
            let names: Vec<&str> = members.iter().map(|member| member.identifier.as_str()).collect();
            format!("{{{}}}", names.join(", "))
        }
        DataType::Text { max_length: None } | DataType::Array { max_length: None, .. } => String::new(),
        DataType::Other(name) => name.clone(),
    }
}

/// A value with the name that the model has for it.
pub fn named(value: &Value, data_type: &DataType) -> String {
    let name = match (data_type, value) {
        (DataType::Bool { off, on }, Value::Bool(value)) => Some(if *value { on } else { off }),
        (DataType::Bool { off, on }, Value::Number(number)) => Some(if number.as_i64() == Some(0) { off } else { on }),
        (DataType::Enum(choices), Value::Number(number)) => {
            choices.iter().find(|(choice, _)| Some(*choice) == number.as_i64()).map(|(_, name)| name)
        }
        _ => None,
    };
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    match (name.filter(|name| !name.is_empty()), data_type) {
        (Some(name), _) => format!("{text} {name}"),
        (None, DataType::Int { range, .. } | DataType::Float { range, .. }) => {
            format!("{text} {}", range.unit).trim_end().to_owned()
        }
        _ => text,
    }
}

const NO_DEVICE: Text = Text::new("no simulated device is open", "没有打开的模拟设备");
const ONLY_ONE: Text = Text::new("there is only one simulated device", "只有一个模拟设备");
const REFUSES_NOT: Text = Text::new("the device does not refuse; choose that first", "设备当前不是拒绝方式，请先切换");
const OFFLINE: Text = Text::new("the device is not online", "设备不在线");
const NO_EVENTS: Text = Text::new("its model has no events", "物模型中没有事件");
const REPORTING: Text = Text::new("reporting event {}", "上报事件 {}");
const NEW_VALUE: Text = Text::new("New value of {}", "{} 的新值");
const NOT_JSON: Text = Text::new("not a value: {}", "不是合法的值：{}");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::thing::Range;

    #[test]
    fn limits_are_shown_in_the_signs_of_the_field() {
        let range = Range { min: Some(0.0), max: Some(100.0), step: None, unit: "%".to_owned() };
        assert_eq!(limits(&DataType::Int { bits: 32, range }), "0…100 %");
        assert_eq!(limits(&DataType::Float { double: false, range: Range::default() }), "");
        assert_eq!(limits(&DataType::Enum(vec![(0, "off".into()), (1, "auto".into())])), "0 off · 1 auto");
    }

    #[test]
    fn a_value_carries_the_name_of_its_choice_or_its_unit() {
        let modes = DataType::Enum(vec![(0, "off".into()), (1, "auto".into())]);
        assert_eq!(named(&Value::from(1), &modes), "1 auto");
        assert_eq!(named(&Value::from(7), &modes), "7");
        let power = DataType::Bool { off: "off".into(), on: "on".into() };
        assert_eq!(named(&Value::Bool(true), &power), "true on");
        let range = Range { unit: "°C".into(), ..Range::default() };
        assert_eq!(named(&Value::from(23.5), &DataType::Float { double: false, range }), "23.5 °C");
    }
}
