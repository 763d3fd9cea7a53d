//! Times as people write them in filters: `14:02`, `14:02:11.5`, `2026-01-31`, `2026-01-31T14:02`. In the local time zone.

use std::time::Duration;

use jiff::civil;

use crate::base::lang::Text;
use crate::base::text;
use crate::base::time::Time;

/// What is said of a text that is not a time.
pub const NOT_A_TIME: Text = Text::new(
    "must be a local time such as 14:02, 14:02:11, 2026-01-31 or 2026-01-31T14:02, found “{}”",
    "必须是本地时间，例如 14:02、14:02:11、2026-01-31、2026-01-31T14:02，实际是“{}”",
);

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// A stretch of time as long as what was written leaves open: `14:02` is a minute, a date is a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Every day between these times of day, the second one not included.
    Daily(Duration, Duration),
    /// Between these times, the second one not included.
    Once(Time, Time),
}

impl Moment {
    /// Reads a time; `None` where it is none.
    pub fn parse(written: &str) -> Option<Moment> {
        let (date, clock) = match written.split_once(['T', ' ']) {
            Some((date, clock)) => (Some(date), Some(clock)),
            None if written.contains(':') => (None, Some(written)),
            None => (Some(written), None),
        };
        let clock = clock.map(parse_clock).map_or(Some(None), |clock| clock.map(Some))?;
        let Some(date) = date else {
            let (from, step) = clock?;
            return Some(Moment::Daily(from, from + step));
        };
        let midnight = text::local_midnight(date.parse::<civil::Date>().ok()?)?;
        let (from, step) = clock.unwrap_or((Duration::ZERO, DAY));
        Some(Moment::Once(midnight + from, midnight + from + step))
    }

    /// Where a time lies: before it, within it, after it.
    pub fn place(self, time: Time) -> std::cmp::Ordering {
        match self {
            Moment::Daily(from, to) => order(text::local_time_of_day(time), from, to),
            Moment::Once(from, to) => order(time, from, to),
        }
    }
}

fn order<T: PartialOrd>(value: T, from: T, to: T) -> std::cmp::Ordering {
    if value < from {
        std::cmp::Ordering::Less
    } else if value < to {
        std::cmp::Ordering::Equal
    } else {
        std::cmp::Ordering::Greater
    }
}

/// Reads `hh:mm[:ss[.fraction]]`: the time of day, and how long the last digit lasts.
fn parse_clock(written: &str) -> Option<(Duration, Duration)> {
    let mut parts = written.split(':');
    let hours = number(parts.next()?, 23)?;
    let minutes = number(parts.next()?, 59)?;
    let base = Duration::from_secs(hours * 3_600 + minutes * 60);
    let Some(seconds) = parts.next() else { return Some((base, MINUTE)) };
    if parts.next().is_some() {
        return None;
    }
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let base = base + Duration::from_secs(number(whole, 59)?);
    if fraction.is_empty() {
        return (!seconds.ends_with('.')).then_some((base, Duration::from_secs(1)));
    }
    let digits = u32::try_from(fraction.len()).ok().filter(|digits| *digits <= 6)?;
    let unit = 10_u64.pow(6 - digits);
    let micros = fraction.bytes().all(|byte| byte.is_ascii_digit()).then(|| fraction.parse::<u64>().ok())?? * unit;
    Some((base + Duration::from_micros(micros), Duration::from_micros(unit)))
}

fn number(written: &str, most: u64) -> Option<u64> {
    let is_number = (1..=2).contains(&written.len()) && written.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| written.parse().ok()).flatten().filter(|number| *number <= most)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    /// 2026-01-31T14:02:11.250Z; unit tests live in UTC.
    const AT: Time = Time::from_millis(1_769_868_131_250);

    #[test]
    fn what_is_left_open_is_part_of_it() {
        for (written, place) in [
            ("14:02", Ordering::Equal),
            ("14:02:11", Ordering::Equal),
            ("14:02:11.2", Ordering::Equal),
            ("14:02:11.25", Ordering::Equal),
            ("14:02:11.251", Ordering::Less),
            ("14:02:10", Ordering::Greater),
            ("2:02", Ordering::Greater),
            ("14:03", Ordering::Less),
            ("2026-01-31", Ordering::Equal),
            ("2026-02-01", Ordering::Less),
            ("2026-01-31T14:02", Ordering::Equal),
            ("2026-01-31T14:02:12", Ordering::Less),
        ] {
            let moment = Moment::parse(written).unwrap_or_else(|| panic!("{written}"));
            assert_eq!(moment.place(AT), place, "{written}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in [
            "",
            "14",
            "24:00",
            "14:60",
            "14:02:60",
            "14:02:",
            "14:02:11.",
            "a:b",
            "14:02:11:00",
            "2026-13-01",
            "2026-02-30",
            "T14:02",
            "14:002",
        ] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }
}
