//! The schedules of the rules while they run: waves, requests of the thing's own, captures.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::base::time::Time;
use crate::model::Request;
use crate::session::thing::rules::{Recorded, Rules, Wave};
use crate::session::thing::ticker::Ticker;

/// Something that the schedules want done.
pub(super) enum Due {
    /// A property has a new value and is reported; the held value where there is none.
    Value {
        /// The sub-device it is about.
        device: Option<String>,
        /// The property.
        property: String,
        /// The new value.
        value: Option<Value>,
    },
    /// Something is asked or told; `made_up` where the contents are to be made up.
    Ask {
        /// What.
        request: Request,
        /// Whether contents are made up.
        made_up: bool,
    },
    /// A recorded message is played.
    Play(Recorded),
}

/// The schedules of one rules file.
#[derive(Debug, Default)]
pub(super) struct Running {
    start: Option<Time>,
    waves: Vec<(Ticker, Wave)>,
    asks: Vec<Ticker>,
    /// Index of the next message and when it is due.
    replays: Vec<(usize, Option<Time>)>,
}

impl Running {
    /// The schedules begin now.
    pub(super) fn begin(rules: &Rules, seed: u64, now: Time) -> Running {
        let waves = rules.reports.iter().zip(1_u64..).map(|(rule, number)| {
            // Each wave has chance of its own: what one draws changes nothing for the others.
            let seed = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            (Ticker::new(&rule.schedule, now), Wave::new(rule.shape.clone(), seed))
        });
        Running {
            start: Some(now),
            waves: waves.collect(),
            asks: rules.asks.iter().map(|rule| Ticker::new(&rule.schedule, now)).collect(),
            replays: rules.replays.iter().map(|rule| (0, Some(now + rule.after))).collect(),
        }
    }

    /// When something is due.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        let waves = self.waves.iter().filter(|(_, wave)| !wave.is_over()).filter_map(|(ticker, _)| ticker.next());
        let asks = self.asks.iter().filter_map(Ticker::next);
        let replays = self.replays.iter().filter_map(|(_, at)| *at);
        waves.chain(asks).chain(replays).min()
    }

    /// What is due now: values first, in the order of the rules. `type_of` gives the type of a property.
    pub(super) fn due(&mut self, rules: &Arc<Rules>, now: Time, units: &super::units::Units) -> Vec<Due> {
        let Some(start) = self.start else { return Vec::new() };
        let mut due = Vec::new();
        for ((ticker, wave), rule) in self.waves.iter_mut().zip(&rules.reports) {
            if !wave.is_over() && ticker.take(now) {
                let data_type = units.of(rule.device.as_deref()).and_then(|unit| unit.data_type(&rule.property));
                let value = wave.next(now.since(start), data_type);
                due.push(Due::Value { device: rule.device.clone(), property: rule.property.clone(), value });
            }
        }
        for (ticker, rule) in self.asks.iter_mut().zip(&rules.asks) {
            if ticker.take(now) {
                due.push(Due::Ask { request: rule.request.clone(), made_up: rule.made_up });
            }
        }
        for ((index, at), rule) in self.replays.iter_mut().zip(&rules.replays) {
            // All that share one time, but not what a long sleep has piled up: a second round waits for its turn.
            while at.is_some_and(|at| at <= now) {
                let Some(message) = rule.messages.get(*index) else { break };
                due.push(Due::Play(message.clone()));
                let played = message.offset;
                *index += 1;
                *at = match rule.messages.get(*index) {
                    Some(next) => at.map(|at| at + pause(played, next.offset, rule.speed)),
                    None if rule.repeat => {
                        *index = 0;
                        Some(now + BETWEEN_ROUNDS)
                    }
                    None => None,
                };
            }
        }
        due
    }
}

/// Time between the end of a capture and its next round.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(1);

fn pause(from: Duration, to: Duration, speed: f64) -> Duration {
    let seconds = to.saturating_sub(from).as_secs_f64() / speed;
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).min(Duration::from_secs(86_400))
}
