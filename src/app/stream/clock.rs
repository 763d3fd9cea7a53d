//! The column of times: the time of day, the distance from the selected message, or from the line above.

use crate::app::stream::Line;
use crate::base::text::duration_short;
use crate::base::time::Time;

/// What the column says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The time of day.
    #[default]
    Day,
    /// How long before or after the selected message.
    Relative,
    /// How long after the line above.
    Delta,
}

impl Clock {
    /// The one after this one.
    pub const fn next(self) -> Clock {
        match self {
            Clock::Day => Clock::Relative,
            Clock::Relative => Clock::Delta,
            Clock::Delta => Clock::Day,
        }
    }

    /// What the column says of a line. `selected` is the time of the selected message, `before` that of the line above.
    pub fn words(self, line: &Line, selected: Option<Time>, before: Option<Time>) -> String {
        let (sign, base) = match self {
            Clock::Day => return line.time.clone(),
            Clock::Relative => (true, selected),
            Clock::Delta => (false, before),
        };
        let Some(base) = base else { return line.time.clone() };
        let later = line.at >= base;
        let distance = if later { line.at.since(base) } else { base.since(line.at) };
        match (sign, later) {
            (true, _) if distance.is_zero() => "0".to_owned(),
            (_, false) => format!("-{}", duration_short(distance)),
            (_, true) => format!("+{}", duration_short(distance)),
        }
    }
}
