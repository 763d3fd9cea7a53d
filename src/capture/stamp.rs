//! Times in lines, quickly: what changes once a second is worked out once a second.

use crate::base::text::{parse_rfc3339, rfc3339};
use crate::base::time::Time;

/// Writes and reads times of lines that follow one another.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamp {
    /// The second that was written last, with what stands before and after its fraction.
    written: Option<(u64, String, String)>,
    /// What stood before and after the fraction that was read last, and its second.
    read: Option<(String, String, u64)>,
}

impl Stamp {
    /// Appends `2026-11-21T14:02:11.204113+08:00`.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, at: Time) {
        let second = at.as_secs();
        if self.written.as_ref().is_none_or(|(known, ..)| *known != second) {
            let whole = rfc3339(Time::from_secs(second));
            let (head, tail) = whole.split_once(".000").unwrap_or((whole.as_str(), ""));
            self.written = Some((second, head.to_owned(), tail.to_owned()));
        }
        if let Some((_, head, tail)) = &self.written {
            out.extend_from_slice(head.as_bytes());
            out.push(b'.');
            let mut left = at.as_micros() % 1_000_000;
            for unit in [100_000, 10_000, 1_000, 100, 10, 1] {
                out.push(b'0'.saturating_add(u8::try_from(left / unit).unwrap_or_default()));
                left %= unit;
            }
            out.extend_from_slice(tail.as_bytes());
        }
    }

    /// Reads a time as [`Stamp::write`] writes it, or with any other precision.
    pub(super) fn read(&mut self, text: &str) -> Option<Time> {
        let dot = text.find('.');
        let digits =
            |at: usize| text.get(at + 1..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
        let split = dot.and_then(|at| {
            let count = digits(at);
            Some((text.get(..at)?, text.get(at + 1..at + 1 + count)?, text.get(at + 1 + count..)?))
        });
        let Some((head, fraction, tail)) = split.filter(|(_, fraction, _)| (1..=6).contains(&fraction.len())) else {
            return parse_rfc3339(text);
        };
        let scale = 10_u64.pow(6 - u32::try_from(fraction.len()).unwrap_or(6));
        let micros = fraction.parse::<u64>().ok()? * scale;
        if let Some((known_head, known_tail, second)) = &self.read
            && known_head == head
            && known_tail == tail
        {
            return Some(Time::from_micros(second * 1_000_000 + micros));
        }
        let at = parse_rfc3339(text)?;
        self.read = Some((head.to_owned(), tail.to_owned(), at.as_secs()));
        Some(Time::from_micros(at.as_secs() * 1_000_000 + micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_to_the_microsecond() {
        let mut stamp = Stamp::default();
        for micros in [1_700_000_000_000_001, 1_700_000_000_999_999, 1_700_000_001_000_000, 1_699_999_999_120_000] {
            let mut out = Vec::new();
            stamp.write(&mut out, Time::from_micros(micros));
            let text = String::from_utf8(out).unwrap();
            assert_eq!(stamp.read(&text), Some(Time::from_micros(micros)), "{text}");
            assert_eq!(parse_rfc3339(&text), Some(Time::from_micros(micros)), "{text}");
        }
        assert_eq!(stamp.read("2023-11-14T22:13:20.5Z"), Some(Time::from_micros(1_700_000_000_500_000)));
        assert_eq!(stamp.read("2023-11-14T22:13:20Z"), Some(Time::from_secs(1_700_000_000)));
        assert_eq!(stamp.read("yesterday"), None);
    }
}
