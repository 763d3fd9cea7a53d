//! The simulated thing: holds the properties of a model, and answers what it is asked.
//!
//! This file says how one is made and commanded; `simulated` is the thing itself, `rules` what a file says about it,
//! `values` makes values up.

pub mod rules;

mod answering;
mod running;
mod simulated;
pub(super) mod texts;
mod ticker;
mod units;
mod upgrading;
mod values;
mod words;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::ThingModel;

use rules::Rules;
pub(super) use simulated::{Deed, Thing};

/// How a simulated thing is made.
#[derive(Debug, Clone, PartialEq)]
pub struct ThingConfig {
    /// Its number among many of one profile, from 0: what the rules' seed gives to chance differs with it.
    pub number: u64,
    /// Its model.
    pub model: Arc<ThingModel>,
    /// First values; the others are plausible ones.
    pub values: Map<String, Value>,
    /// How it behaves where no rule says otherwise.
    pub behaviour: Behaviour,
    /// Rules for its answers, and what it does by itself.
    pub rules: Arc<Rules>,
    /// How often it reports all its properties of its own accord; `None` for never.
    pub report_every: Option<Duration>,
    /// How often it reports an event of its model in turn; `None` for never.
    pub event_every: Option<Duration>,
    /// Whether its read-only numbers drift and its read-only times follow the clock, so that something is to be seen.
    pub drift: bool,
}

/// How a simulated thing answers what it is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Behaviour {
    /// What it does with a request.
    pub manner: Manner,
    /// How long it takes to answer.
    pub delay: Duration,
}

/// What a simulated thing does with a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Manner {
    /// Takes what the model allows, refuses what it does not.
    #[default]
    Accept,
    /// Refuses everything with this code.
    Refuse {
        /// The platform's code.
        code: String,
        /// Words beside it; the platform's own if `None`.
        message: Option<String>,
    },
    /// Says nothing.
    Ignore,
    /// Answers twice.
    Twice,
}

/// A change of a simulated thing while it runs.
#[derive(Debug, Clone, PartialEq)]
pub enum ThingCommand {
    /// Behave so from now on.
    Behave(Behaviour),
    /// Follow these rules from now on.
    Rules(Arc<Rules>),
    /// Take these values, and report them.
    SetValues(Map<String, Value>),
    /// Report all properties now.
    Report,
    /// Report an event of the model now, with plausible contents.
    Event(String),
    /// Report periodically from now on; `None` stops it.
    ReportEvery(Option<Duration>),
    /// Report an event of the model in turn from now on; `None` stops it.
    EventEvery(Option<Duration>),
    /// Whether read-only numbers drift from report to report from now on.
    Drift(bool),
}
