//! When something is due: single times and a period, counted from a start.

use std::collections::VecDeque;
use std::time::Duration;

use crate::base::time::Time;
use crate::session::thing::rules::Schedule;

/// The shortest time between two periodic doings.
pub(super) const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// A schedule that runs.
#[derive(Debug, Clone)]
pub(super) struct Ticker {
    single: VecDeque<Time>,
    periodic: Option<(Time, Duration)>,
    left: Option<u64>,
}

impl Ticker {
    /// A schedule that starts now.
    pub(super) fn new(schedule: &Schedule, start: Time) -> Ticker {
        let mut single: Vec<Time> = schedule.at.iter().map(|offset| start + *offset).collect();
        single.sort_unstable();
        let periodic = schedule.every.map(|every| {
            let every = every.max(SHORTEST_PERIOD);
            (start + schedule.after.unwrap_or(every), every)
        });
        Ticker { single: single.into(), periodic, left: schedule.times }
    }

    /// When it is due next.
    pub(super) fn next(&self) -> Option<Time> {
        let periodic = self.periodic.map(|(at, _)| at);
        let next = self.single.front().copied().into_iter().chain(periodic).min();
        next.filter(|_| self.left != Some(0))
    }

    /// Whether it is due; then it goes on to the next time. What was slept through is not made up for.
    pub(super) fn take(&mut self, now: Time) -> bool {
        if self.next().is_none_or(|at| at > now) {
            return false;
        }
        while self.single.front().is_some_and(|at| *at <= now) {
            self.single.pop_front();
        }
        if let Some((at, every)) = self.periodic.as_mut().filter(|(at, _)| *at <= now) {
            // On the beat, unless that is over as well.
            let next = *at + *every;
            *at = if next > now { next } else { now + *every };
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn due(schedule: &Schedule, seconds: u64) -> Vec<u64> {
        let start = Time::from_secs(100);
        let mut ticker = Ticker::new(schedule, start);
        let mut times = Vec::new();
        while let Some(at) = ticker.next().filter(|at| *at <= start + SECOND * u32::try_from(seconds).unwrap()) {
            assert!(ticker.take(at));
            times.push(at.as_secs() - 100);
        }
        times
    }

    #[test]
    fn single_times_and_a_period_run_beside_each_other() {
        let schedule = Schedule { at: vec![7 * SECOND, SECOND], every: Some(3 * SECOND), ..Schedule::default() };
        assert_eq!(due(&schedule, 10), [1, 3, 6, 7, 9]);
        let first = Schedule { after: Some(Duration::ZERO), times: Some(2), every: Some(3 * SECOND), at: vec![] };
        assert_eq!(due(&first, 10), [0, 3]);
        assert_eq!(due(&Schedule::default(), 10), [0_u64; 0]);
    }

    #[test]
    fn what_was_slept_through_is_not_made_up_for() {
        let mut ticker = Ticker::new(&Schedule { every: Some(SECOND), ..Schedule::default() }, Time::from_secs(0));
        assert!(ticker.take(Time::from_millis(60_500)));
        assert!(!ticker.take(Time::from_millis(60_500)));
        assert_eq!(ticker.next(), Some(Time::from_millis(61_500)));
    }
}
