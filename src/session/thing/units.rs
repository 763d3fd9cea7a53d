//! The thing itself and its sub-devices: each with a model and the values of its properties.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::base::random::Random;
use crate::base::time::Time;
use crate::model::ThingModel;
use crate::model::thing::DataType;
use crate::session::thing::rules::SubDevice;
use crate::session::thing::values;

/// A model and the values of its properties.
#[derive(Debug)]
pub(super) struct Unit {
    /// The model.
    pub(super) model: Arc<ThingModel>,
    /// The values, those of the model first.
    pub(super) values: Map<String, Value>,
}

impl Unit {
    /// A unit with these values; the others are made up.
    pub(super) fn new(model: Arc<ThingModel>, given: Map<String, Value>, random: &mut Random, now: Time) -> Unit {
        let properties = model.properties.iter();
        let mut values: Map<String, Value> = properties
            .map(|property| (property.identifier.clone(), values::plausible(&property.data_type, random, now)))
            .collect();
        values.extend(given);
        Unit { model, values }
    }

    /// The type of a property.
    pub(super) fn data_type(&self, property: &str) -> Option<&DataType> {
        let found = self.model.properties.iter().find(|known| known.identifier == property);
        found.map(|property| &property.data_type)
    }
}

/// The thing and its sub-devices.
#[derive(Debug)]
pub(super) struct Units {
    /// The thing itself.
    pub(super) own: Unit,
    /// Its sub-devices, by the name that the platform has for them.
    pub(super) subs: BTreeMap<String, Unit>,
}

impl Units {
    /// A unit by name; the thing itself without one.
    pub(super) fn of(&self, device: Option<&str>) -> Option<&Unit> {
        match device {
            None => Some(&self.own),
            Some(name) => self.subs.get(name),
        }
    }

    /// The same, to be changed.
    pub(super) fn of_mut(&mut self, device: Option<&str>) -> Option<&mut Unit> {
        match device {
            None => Some(&mut self.own),
            Some(name) => self.subs.get_mut(name),
        }
    }

    /// Has these sub-devices from now on; one that is there already keeps its values.
    pub(super) fn set_subs(&mut self, wanted: &[SubDevice], random: &mut Random, now: Time) {
        let mut before = std::mem::take(&mut self.subs);
        for sub in wanted {
            let model = sub.model.clone().unwrap_or_else(|| Arc::clone(&self.own.model));
            let unit = match before.remove(&sub.device) {
                Some(unit) => Unit { model, values: unit.values },
                None => Unit::new(model, sub.values.clone(), random, now),
            };
            self.subs.insert(sub.device.clone(), unit);
        }
    }
}
