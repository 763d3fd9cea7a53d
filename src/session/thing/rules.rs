//! Rules of a simulated thing: how it answers, what it reports of its own accord, and when. They come from a TOML file
//! (`profiles/rules/example.toml` shows everything) and may be exchanged while the thing runs.
//!
//! 1. Of the `[[answer]]` rules the first that fits decides; where none fits, the thing does what its [`Behaviour`] says.
//! 2. A rule fits when its operation, identifier and condition fit and its chance comes up. Chance is drawn for each
//!    request in the order of the rules, out of the seed, so that a run can be repeated.
//! 3. `[[report]]`, `[[event]]`, `[[ask]]` and `[[replay]]` are schedules that run while the thing is online. What is due
//!    at the same instant goes in one report.
//!
//! [`Behaviour`]: super::Behaviour

mod capture;
mod condition;
mod read;
#[cfg(test)]
mod tests;
mod texts;
mod waves;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::lang::Phrase;
use crate::base::random::Random;
use crate::base::toml::Fault;
use crate::dialect::{Dialect, Incoming};
use crate::model::{OpKind, Request, ThingModel};

pub use capture::Recorded;
pub use condition::Condition;
pub use waves::Shape;
pub(super) use waves::Wave;

/// The rules file that is shipped: every rule there is, with comments. It is written for the thing models that have its
/// identifiers.
pub const EXAMPLE: &str = include_str!("../../../profiles/rules/example.toml");

/// The longest delay of an answer.
pub const LONGEST_DELAY: Duration = Duration::from_secs(3_600);

/// Everything that a rules file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// Seed of everything that is chosen by chance, instead of the connection's.
    pub seed: Option<u64>,
    /// How long answers take that no rule gives another time.
    pub delay: Option<Delay>,
    /// Values that properties are given when the rules are taken.
    pub values: Map<String, Value>,
    /// How requests are answered.
    pub answers: Vec<AnswerRule>,
    /// Values that are made and reported.
    pub reports: Vec<ReportRule>,
    /// Requests of the thing's own: events, questions to the cloud.
    pub asks: Vec<AskRule>,
    /// Captures that are played.
    pub replays: Vec<ReplayRule>,
    /// How firmware upgrades go.
    pub upgrade: UpgradeRule,
    /// The sub-devices behind the thing, where it is a gateway.
    pub sub_devices: Vec<SubDevice>,
}

/// How one kind of request is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct AnswerRule {
    /// Operations that it is for; any where empty.
    pub on: Vec<OpKind>,
    /// Properties (or services) that it is for; any where empty.
    pub identifiers: Vec<String>,
    /// What must hold for one of the request's values.
    pub when: Option<Condition>,
    /// How often it fits when it could: from 0 to 1.
    pub probability: f64,
    /// What is done.
    pub act: Act,
    /// How long it takes; [`Rules::delay`] where it says nothing.
    pub delay: Option<Delay>,
    /// Line in the file, from 1: its name in the log.
    pub line: usize,
}

/// What is done with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// What the model allows is taken, the rest refused.
    Accept,
    /// Numbers are brought inside their limits and taken.
    Clamp {
        /// Smallest number; the model's where `None`.
        min: Option<f64>,
        /// Largest number; the model's where `None`.
        max: Option<f64>,
    },
    /// Refused.
    Refuse {
        /// The platform's code; its usual one where `None`.
        code: Option<String>,
        /// Words beside it.
        message: Option<String>,
    },
    /// As if it had never come.
    Ignore,
    /// Carried out, but not answered.
    Mute,
    /// Answered twice.
    Twice,
    /// Answered with an id that nobody asked with.
    WrongId,
    /// Answered with bytes that cannot be read.
    Malformed,
}

/// How long something takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Delay {
    /// Always as long.
    Fixed(Duration),
    /// Any time between two, each as likely.
    Uniform(Duration, Duration),
    /// Around a mean; never less than nothing.
    Normal {
        /// The mean.
        mean: Duration,
        /// The standard deviation.
        deviation: Duration,
    },
    /// Mostly short and sometimes long, with this mean.
    Exponential(Duration),
}

impl Delay {
    /// One time out of the distribution, at most [`LONGEST_DELAY`].
    pub fn draw(self, random: &mut Random) -> Duration {
        let seconds = match self {
            Delay::Fixed(time) => return time.min(LONGEST_DELAY),
            Delay::Uniform(from, to) => {
                let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
                from + (to - from) * random.fraction()
            }
            Delay::Normal { mean, deviation } => mean.as_secs_f64() + deviation.as_secs_f64() * random.normal(),
            // The chance of 1 would be a time without end.
            Delay::Exponential(mean) => -mean.as_secs_f64() * (1.0 - random.fraction()).max(1e-9).ln(),
        };
        // Whole microseconds, as the clock has them.
        let micros = (seconds.clamp(0.0, LONGEST_DELAY.as_secs_f64()) * 1e6).round();
        Duration::try_from_secs_f64(micros / 1e6).unwrap_or(LONGEST_DELAY)
    }
}

/// When something is done, counted from the moment the thing is online (or takes its rules).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schedule {
    /// Single times.
    pub at: Vec<Duration>,
    /// The first of the periodic times; one period after the start where `None`.
    pub after: Option<Duration>,
    /// The period.
    pub every: Option<Duration>,
    /// How often at most; without an end where `None`.
    pub times: Option<u64>,
}

/// A value that is made and reported.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRule {
    /// The sub-device it is about; `None` for the thing itself.
    pub device: Option<String>,
    /// The property.
    pub property: String,
    /// When.
    pub schedule: Schedule,
    /// How the value goes.
    pub shape: Shape,
}

/// A request of the thing's own.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRule {
    /// What is asked. An event without `params` gets made-up ones.
    pub request: Request,
    /// Whether contents are made up each time.
    pub made_up: bool,
    /// When.
    pub schedule: Schedule,
}

/// A capture that is played.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayRule {
    /// What was recorded, in its order.
    pub messages: Arc<Vec<Recorded>>,
    /// How much faster than it was recorded; above 0.
    pub speed: f64,
    /// Whether it begins anew at its end.
    pub repeat: bool,
    /// When it begins.
    pub after: Duration,
}

/// How firmware upgrades go.
#[derive(Debug, Clone, PartialEq)]
pub struct UpgradeRule {
    /// The version that is told when the thing comes online; none is told where `None`.
    pub version: Option<String>,
    /// The progress told step by step; a negative one is a failure and ends it.
    pub steps: Vec<i64>,
    /// Time between two steps.
    pub every: Duration,
}

impl Default for UpgradeRule {
    fn default() -> Self {
        UpgradeRule { version: None, steps: vec![10, 30, 50, 70, 90, 100], every: Duration::from_secs(1) }
    }
}

/// A sub-device behind a gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct SubDevice {
    /// As the platform names it.
    pub device: String,
    /// Its model; that of the gateway where the rules name none.
    pub model: Option<Arc<ThingModel>>,
    /// First values; the others are made up.
    pub values: Map<String, Value>,
    /// What is told to the platform when the gateway comes online, in this order: topology actions with their arguments.
    pub joins: Vec<(String, Map<String, Value>)>,
}

/// What rules are read with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The platform, which reads the models of sub-devices.
    pub dialect: &'static dyn Dialect,
    /// The model of the thing: properties, events and services that rules name must be in it.
    pub model: &'a ThingModel,
    /// Gives the text of a file that the rules name, as they name it.
    pub file: &'a dyn Fn(&str) -> Result<String, Phrase>,
}

impl Rules {
    /// Reads a rules file.
    ///
    /// # Errors
    ///
    /// The first fault of the file, with its place.
    pub fn parse(text: &str, reader: Reader<'_>) -> Result<Rules, Fault> {
        read::read(text, reader)
    }

    /// How many rules there are, schedules included.
    pub fn len(&self) -> usize {
        self.answers.len() + self.reports.len() + self.asks.len() + self.replays.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first rule that fits a request. Draws chance for the rules that could.
    pub fn fitting(&self, incoming: &Incoming, random: &mut Random) -> Option<&AnswerRule> {
        self.answers.iter().find(|rule| rule.could_fit(incoming) && rule.comes_up(random))
    }
}

impl AnswerRule {
    fn could_fit(&self, incoming: &Incoming) -> bool {
        let on = self.on.is_empty() || self.on.contains(&incoming.op);
        on && self.names(incoming) && self.when.as_ref().is_none_or(|when| when.holds(incoming, &self.identifiers))
    }

    fn names(&self, incoming: &Incoming) -> bool {
        let wanted = |name: &str| self.identifiers.iter().any(|identifier| identifier == name);
        self.identifiers.is_empty()
            || incoming.params.keys().any(|name| wanted(name))
            || incoming.identifiers.iter().any(|name| wanted(name))
            || incoming.name.as_deref().is_some_and(wanted)
    }

    fn comes_up(&self, random: &mut Random) -> bool {
        // A sure rule draws nothing, so that it can be put in without changing what chance gives to the others.
        self.probability >= 1.0 || random.fraction() < self.probability
    }
}
