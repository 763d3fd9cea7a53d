//! Durations and sizes as people write them in profiles and on the command line: `500ms`, `5s`, `2m`, `12h`, `64MiB`.

use std::time::Duration;

use crate::base::lang::{Phrase, Text};

/// What is said of a text that is not a duration.
pub const NOT_A_DURATION: Text = Text::new(
    "must be a duration such as 500ms, 5s, 2m, 12h or 7d, found “{}”",
    "必须是时长，例如 500ms、5s、2m、12h、7d，实际是“{}”",
);
/// What is said of a text that is not a size.
pub const NOT_A_SIZE: Text = Text::new(
    "must be a size such as 512KiB, 64MiB or 1GiB, found “{}”",
    "必须是大小，例如 512KiB、64MiB、1GiB，实际是“{}”",
);

/// Reads a whole number followed by `ms`, `s`, `m`, `h` or `d`. A unit is required: a bare number could mean anything.
pub fn parse_duration(text: &str) -> Result<Duration, Phrase> {
    let fault = || NOT_A_DURATION.with(&[&text]);
    let (number, unit) = split(text).ok_or_else(fault)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(fault()),
    };
    number.checked_mul(millis).map(Duration::from_millis).ok_or_else(fault)
}

/// Reads a whole number of bytes, alone or followed by `B`, `KiB`, `MiB` or `GiB` (`K`, `KB`, `M` … mean the same:
/// memory is counted in binary units). Upper and lower case are the same.
pub fn parse_size(text: &str) -> Result<u64, Phrase> {
    let fault = || NOT_A_SIZE.with(&[&text]);
    let (number, unit) = split(text).ok_or_else(fault)?;
    let bytes: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(fault()),
    };
    number.checked_mul(bytes).ok_or_else(fault)
}

/// A duration as `latency_ms` and its like give it: milliseconds with three decimals at most. Above an hour it stays at
/// what a [`u32`] of microseconds holds; no timeout is that long.
pub fn millis(duration: Duration) -> f64 {
    // A whole number of microseconds divided once: the nearest there is to three decimals, so it prints as such.
    f64::from(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)) / 1_000.0
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration(" 5 s "), Ok(Duration::from_secs(5)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("12h"), Ok(Duration::from_secs(43_200)));
        assert_eq!(parse_duration("7d"), Ok(Duration::from_secs(604_800)));
        for wrong in ["", "5", "s", "-1s", "1.5s", "5 parsecs", "99999999999999999999s", "18446744073709551615d", "５s"]
        {
            assert_eq!(parse_duration(wrong), Err(NOT_A_DURATION.with(&[&wrong])), "{wrong}");
        }
    }

    #[test]
    fn milliseconds_print_with_three_decimals() {
        for (nanos, printed) in [(2_546_000_000_000_u64, "2546000.0"), (2_546_123, "2.546"), (999, "0.0"), (0, "0.0")] {
            assert_eq!(format!("{:?}", millis(Duration::from_nanos(nanos))), printed);
        }
    }

    #[test]
    fn sizes_are_binary() {
        assert_eq!(parse_size("64MiB"), Ok(64 << 20));
        assert_eq!(parse_size("512k"), Ok(512 << 10));
        assert_eq!(parse_size("1 GB"), Ok(1 << 30));
        assert_eq!(parse_size("4096"), Ok(4096));
        for wrong in ["", "MiB", "-1", "1.5MiB", "64 apples", "18446744073709551615KiB"] {
            assert_eq!(parse_size(wrong), Err(NOT_A_SIZE.with(&[&wrong])), "{wrong}");
        }
    }
}
