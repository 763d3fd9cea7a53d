//! The Device tab: the simulated devices of open connections.

use serde_json::{Map, Value};

use crate::app::App;
use crate::app::effect::Effect;
use crate::base::lang::{Phrase, Text};
use crate::model::ConnectionId;
use crate::model::thing::DataType;
use crate::session::Command;
use crate::session::thing::ThingCommand;

impl App {
    /// Gives a property of a simulated device a new value, written as JSON; text needs no quotes. `Err` says what is
    /// wrong with it.
    pub(super) fn set_thing_value(&mut self, id: ConnectionId, identifier: &str, text: &str) -> Result<(), Phrase> {
        let Some(connection) = self.connections.get(id) else { return Ok(()) };
        let property = connection.model.properties.iter().find(|property| property.identifier == identifier);
        let value = match property.map(|property| &property.data_type) {
            Some(DataType::Text { .. }) => Value::String(text.to_owned()),
            _ => serde_json::from_str(text.trim()).map_err(|error| NOT_JSON.with(&[&error]))?,
        };
        if let Err((fault, code)) = connection.dialect.check_value(&connection.model, identifier, &value, false) {
            return Err(crate::app::faults::phrase(&fault, code.as_deref()));
        }
        let mut values = Map::new();
        values.insert(identifier.to_owned(), value);
        self.effect(Effect::Command(id, Command::Thing(ThingCommand::SetValues(values))));
        Ok(())
    }
}

const NOT_JSON: Text = Text::new("not a value: {}", "不是合法的值：{}");
