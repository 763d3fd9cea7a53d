//! A thing model learned from messages: `shape` learns the type of one value, this file which values, events and services
//! there are.
//!
//! 1. What a message tells, its dialect says ([`Observed`]). Products are kept apart: a gateway speaks for several.
//! 2. A property is writable once it was set, or desired. Where nothing of a product ever was, that tells nothing, and all of
//!    its properties are taken as writable. An event or service has the parameters that were seen in it.
//! 3. What a service gives back comes in a message that does not always name the service; the id of the call does.
//! 4. Where the messages hold the definition itself, nothing is guessed: it is the result.

mod shape;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

pub use shape::Habits;
use shape::{Members, Shape};

use crate::model::thing::{Event, Property, Service, ThingModel};

/// Products that are told apart.
const MOST_PRODUCTS: usize = 256;
/// Identifiers of one kind that a product may have.
const MOST_IDENTIFIERS: usize = 1_024;
/// Calls whose answers are waited for.
const MOST_CALLS: usize = 1_024;

/// What a message tells of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The product; empty where the message does not say.
    pub product: String,
    /// What it tells.
    pub what: Observation,
}

/// One thing that a message tells of a product.
#[derive(Debug, Clone, PartialEq)]
pub enum Observation {
    /// Bare values of properties, as a device told them.
    Values(Map<String, Value>),
    /// Bare values that a device is to take.
    Wanted(Map<String, Value>),
    /// An event.
    Event {
        /// Its identifier.
        name: String,
        /// The platform's class of event, where the message says it.
        class: Option<String>,
        /// What it carries.
        outputs: Map<String, Value>,
    },
    /// A service is called.
    Call {
        /// Its identifier.
        name: String,
        /// The id that the answer carries.
        id: Option<String>,
        /// Whether the caller waits.
        synchronous: bool,
        /// What it is given.
        inputs: Map<String, Value>,
    },
    /// A service gives something back.
    Returned {
        /// Its identifier, where the message says it.
        name: Option<String>,
        /// The id of the call.
        id: Option<String>,
        /// What it gives.
        outputs: Map<String, Value>,
    },
    /// The definition itself, as the platform's file has it.
    Definition(String),
    /// Values without names: nothing can be learned of them.
    Nameless,
}

/// What was seen of an event.
#[derive(Debug, Default)]
struct SeenEvent {
    class: Option<String>,
    outputs: Members,
}

/// What was seen of a service.
#[derive(Debug, Default)]
struct SeenService {
    synchronous: bool,
    inputs: Members,
    outputs: Members,
}

/// What was seen of a property.
#[derive(Debug, Default)]
struct SeenProperty {
    writable: bool,
    shape: Shape,
}

/// What was seen of a product.
#[derive(Debug, Default)]
struct Product {
    messages: u64,
    properties: Named<SeenProperty>,
    events: Named<SeenEvent>,
    services: Named<SeenService>,
    definition: Option<String>,
}

/// Things by identifier, in the order in which they were met.
#[derive(Debug)]
struct Named<T>(Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T: Default> Named<T> {
    /// The thing of that name, made where it is new; `None` where there are too many.
    fn of(&mut self, name: &str) -> Option<&mut T> {
        let at = match self.0.iter().position(|(known, _)| known == name) {
            Some(at) => at,
            None if self.0.len() < MOST_IDENTIFIERS => {
                self.0.push((name.to_owned(), T::default()));
                self.0.len() - 1
            }
            None => return None,
        };
        self.0.get_mut(at).map(|(_, thing)| thing)
    }
}

/// What was learned of one product.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The product; empty where no message said it.
    pub product: String,
    /// Messages that told something of it.
    pub messages: u64,
    /// Its model.
    pub model: ThingModel,
    /// Whether no property was ever set, so that all are taken as writable.
    pub never_set: bool,
    /// Its definition, where a message held it.
    pub definition: Option<String>,
}

/// Learns from messages.
#[derive(Debug, Default)]
pub struct Learner {
    products: BTreeMap<String, Product>,
    calls: HashMap<String, String>,
    /// Messages with values that have no names.
    nameless: u64,
    /// Things that were left out because there were too many.
    left_out: u64,
}

impl Learner {
    /// Takes what a message tells.
    pub fn take(&mut self, seen: Observed) {
        if seen.what == Observation::Nameless {
            self.nameless += 1;
            return;
        }
        if !self.products.contains_key(&seen.product) && self.products.len() >= MOST_PRODUCTS {
            self.left_out += 1;
            return;
        }
        let product = self.products.entry(seen.product).or_default();
        product.messages += 1;
        self.left_out += match seen.what {
            Observation::Values(values) => product.values(&values, false),
            Observation::Wanted(values) => product.values(&values, true),
            Observation::Event { name, class, outputs } => product.event(&name, class, &outputs),
            Observation::Call { name, id, synchronous, inputs } => {
                if let Some(id) = id
                    && self.calls.len() < MOST_CALLS
                {
                    self.calls.insert(id, name.clone());
                }
                product.call(&name, synchronous, &inputs)
            }
            Observation::Returned { name, id, outputs } => {
                match name.or_else(|| id.and_then(|id| self.calls.remove(&id))) {
                    Some(name) => product.returned(&name, &outputs),
                    None => 0,
                }
            }
            Observation::Definition(text) => {
                product.definition = Some(text);
                0
            }
            Observation::Nameless => 0,
        };
    }

    /// Messages with values that have no names.
    pub fn nameless(&self) -> u64 {
        self.nameless
    }

    /// Things that were left out because there were too many.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// What was learned of each product; of whom most was heard comes first.
    pub fn learned(&self, habits: Habits) -> Vec<Learned> {
        let mut all: Vec<Learned> = self.products.iter().map(|(name, product)| product.learned(name, habits)).collect();
        all.retain(|learned| {
            let model = &learned.model;
            learned.definition.is_some()
                || !(model.properties.is_empty() && model.events.is_empty() && model.services.is_empty())
        });
        all.sort_by_key(|learned| std::cmp::Reverse((learned.definition.is_some(), learned.messages)));
        all
    }
}

impl Product {
    /// Takes values of properties; says how many were left out.
    fn values(&mut self, values: &Map<String, Value>, wanted: bool) -> u64 {
        let mut left_out = 0;
        for (name, value) in values {
            match self.properties.of(name) {
                Some(seen) => {
                    seen.writable |= wanted;
                    seen.shape.take(value);
                }
                None => left_out += 1,
            }
        }
        left_out
    }

    fn event(&mut self, name: &str, class: Option<String>, outputs: &Map<String, Value>) -> u64 {
        let Some(seen) = self.events.of(name) else { return 1 };
        seen.class = class.or_else(|| seen.class.take());
        seen.outputs.take(outputs)
    }

    fn call(&mut self, name: &str, synchronous: bool, inputs: &Map<String, Value>) -> u64 {
        let Some(seen) = self.services.of(name) else { return 1 };
        seen.synchronous |= synchronous;
        seen.inputs.take(inputs)
    }

    fn returned(&mut self, name: &str, outputs: &Map<String, Value>) -> u64 {
        let Some(seen) = self.services.of(name) else { return 1 };
        seen.outputs.take(outputs)
    }

    fn learned(&self, name: &str, habits: Habits) -> Learned {
        let never_set = self.properties.0.iter().all(|(_, seen)| !seen.writable);
        let properties = self.properties.0.iter().map(|(identifier, seen)| Property {
            identifier: identifier.clone(),
            name: identifier.clone(),
            writable: seen.writable || never_set,
            data_type: seen.shape.data_type(habits),
        });
        let events = self.events.0.iter().map(|(identifier, seen)| Event {
            identifier: identifier.clone(),
            name: identifier.clone(),
            class: seen.class.clone().unwrap_or_else(|| "info".to_owned()),
            outputs: seen.outputs.params(habits),
        });
        let services = self.services.0.iter().map(|(identifier, seen)| Service {
            identifier: identifier.clone(),
            name: identifier.clone(),
            synchronous: seen.synchronous,
            inputs: seen.inputs.params(habits),
            outputs: seen.outputs.params(habits),
        });
        let model = ThingModel {
            properties: properties.collect(),
            events: events.collect(),
            services: services.collect(),
            binary: None,
        };
        let (product, definition) = (name.to_owned(), self.definition.clone());
        Learned { product, messages: self.messages, model, never_set, definition }
    }
}
