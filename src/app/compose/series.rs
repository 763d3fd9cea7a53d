//! The same message again and again: so many times, at such a distance, until it is stopped.

use std::time::Duration;

use crate::app::App;
use crate::app::compose::texts::{BAD_EVERY, BAD_TIMES, SERIES_OVER, SERIES_STOPPED};
use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::base::units;
use crate::model::{ConnectionId, Severity};
use crate::profile::collection::Content;

/// A series that is being sent.
#[derive(Debug, Clone)]
pub struct Series {
    connection: ConnectionId,
    content: Content,
    check: bool,
    every: Duration,
    next: Time,
    /// How many were sent.
    pub sent: u64,
    /// How many there will be; `None` for no end.
    pub of: Option<u64>,
}

/// How often and at what distance, as it stands in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How many times; `None` for no end.
    pub times: Option<u64>,
    /// The time from one to the next.
    pub every: Duration,
}

impl Pace {
    /// Reads the two rows of the form: `1`, `10`, or `*` for no end; a duration.
    pub fn read(times: &str, every: &str) -> Result<Pace, Phrase> {
        let times = match times.trim() {
            "*" | "∞" => None,
            number => {
                let number = number.parse().ok().filter(|number| *number > 0);
                Some(number.ok_or_else(|| BAD_TIMES.with(&[&times.trim()]))?)
            }
        };
        let every = units::parse_duration(every)?;
        if times != Some(1) && every < Duration::from_millis(1) {
            return Err(BAD_EVERY.into());
        }
        Ok(Pace { times, every })
    }

    /// Whether one message is all.
    pub fn is_single(self) -> bool {
        self.times == Some(1)
    }
}

impl App {
    /// Begins a series; its first message goes at once.
    pub(super) fn begin_series(&mut self, connection: ConnectionId, content: Content, pace: Pace, check: bool) {
        let Pace { times, every } = pace;
        self.compose.series = Some(Series { connection, content, check, every, next: self.now(), sent: 0, of: times });
        self.go_on_with_series();
    }

    /// Sends what is due of the series.
    pub(in crate::app) fn go_on_with_series(&mut self) {
        let now = self.now();
        // What a stalled screen missed is made up for, but not all at once.
        for _ in 0..MOST_AT_ONCE {
            let Some(series) = self.compose.series.as_mut().filter(|series| series.next <= now) else { return };
            series.sent += 1;
            series.next += series.every;
            let (connection, content, check, sent) =
                (series.connection, series.content.clone(), series.check, series.sent);
            let is_over = series.of.is_some_and(|of| sent >= of);
            if let Err(reason) = self.send_content(connection, &content, check, sent) {
                self.compose.series = None;
                return self.tell(Severity::Error, reason);
            }
            if is_over {
                self.compose.series = None;
                return self.tell(Severity::Info, SERIES_OVER.with(&[&sent]));
            }
        }
        if let Some(series) = self.compose.series.as_mut() {
            series.next = series.next.max(now);
        }
    }

    /// Ends the series.
    pub(super) fn stop_series(&mut self) {
        if let Some(series) = self.compose.series.take() {
            self.tell(Severity::Info, SERIES_STOPPED.with(&[&series.sent]));
        }
    }

    /// When the series goes on.
    pub(in crate::app) fn series_wake(&self) -> Option<Time> {
        self.compose.series.as_ref().map(|series| series.next)
    }
}

/// Messages sent in one go when the loop was kept from sending them in time.
const MOST_AT_ONCE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_read_or_refused() {
        assert_eq!(Pace::read("3", "500ms"), Ok(Pace { times: Some(3), every: Duration::from_millis(500) }));
        assert_eq!(Pace::read("*", "1s").map(|pace| pace.times), Ok(None));
        assert!(Pace::read("1", "1s").is_ok_and(Pace::is_single));
        for (times, every) in [("0", "1s"), ("x", "1s"), ("2", "soon"), ("2", "0ms")] {
            assert!(Pace::read(times, every).is_err(), "{times} {every}");
        }
    }
}
