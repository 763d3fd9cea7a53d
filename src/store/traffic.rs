//! How much passed, and how fast: counters of one topic, one connection, or of everything.

use crate::base::time::Time;
use crate::store::Seq;

/// The seconds over which [`Traffic::rate`] is an average.
pub const RATE_WINDOW: u64 = 10;

/// Seconds that are remembered; a power of two, and more than [`RATE_WINDOW`], so that the slots of the window are
/// never reused within it.
const SLOTS: usize = 16;

/// Counters over the messages of one topic, one connection, or of everything. They count what arrived, not what is
/// still kept.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    count: u64,
    bytes: u64,
    first_at: Time,
    last_at: Time,
    last: Seq,
    /// The newest second that was counted, and one count for each of the [`SLOTS`] seconds up to it.
    second: u64,
    per_second: [u32; SLOTS],
}

impl Traffic {
    /// Messages ever.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Payload bytes ever; true lengths, also of payloads that were kept in part only.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The newest message; `None` before the first. It may have left the store.
    pub fn last(&self) -> Option<Seq> {
        (self.count > 0).then_some(self.last)
    }

    /// When the first message came; `None` before it.
    pub fn first_at(&self) -> Option<Time> {
        (self.count > 0).then_some(self.first_at)
    }

    /// When the newest message came; `None` before the first.
    pub fn last_at(&self) -> Option<Time> {
        (self.count > 0).then_some(self.last_at)
    }

    /// Messages per second over the last [`RATE_WINDOW`] seconds before `now`, judged by the messages' own times. For
    /// traffic that began later than that, over the time since it began (at least one second).
    pub fn rate(&self, now: Time) -> f64 {
        let now_second = now.as_secs();
        let sum: u32 = (0..RATE_WINDOW)
            .filter_map(|back| now_second.checked_sub(back))
            .map(|second| self.in_second(second))
            .fold(0, u32::saturating_add);
        let window_start = Time::from_secs((now_second + 1).saturating_sub(RATE_WINDOW));
        let span = now.since(window_start.max(self.first_at)).as_secs_f64().max(1.0);
        f64::from(sum) / span
    }

    /// Messages in each of the last [`RATE_WINDOW`] seconds up to that of `now`, oldest first.
    pub fn recent(&self, now: Time) -> impl Iterator<Item = u32> + '_ {
        let now_second = now.as_secs();
        (0..RATE_WINDOW).rev().map(move |back| now_second.checked_sub(back).map_or(0, |second| self.in_second(second)))
    }

    /// Counts a message.
    pub fn add(&mut self, seq: Seq, at: Time, payload_len: usize) {
        if self.count == 0 {
            self.first_at = at;
            self.second = at.as_secs();
        }
        self.count += 1;
        self.bytes += u64::try_from(payload_len).unwrap_or(u64::MAX);
        self.last = seq;
        self.last_at = at;
        let second = at.as_secs();
        if second > self.second {
            // The slots of the seconds that were passed over still hold what was counted a round ago.
            let passed = (second - self.second).min(16);
            for back in 0..passed {
                if let Some(slot) = self.per_second.get_mut(slot(second - back)) {
                    *slot = 0;
                }
            }
            self.second = second;
        } else if self.is_forgotten(second) {
            return;
        }
        if let Some(slot) = self.per_second.get_mut(slot(second)) {
            *slot = slot.saturating_add(1);
        }
    }

    fn in_second(&self, second: u64) -> u32 {
        if second > self.second || self.is_forgotten(second) {
            return 0;
        }
        self.per_second.get(slot(second)).copied().unwrap_or(0)
    }

    fn is_forgotten(&self, second: u64) -> bool {
        self.second - second.min(self.second) >= 16
    }
}

fn slot(second: u64) -> usize {
    usize::try_from(second % 16).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(1_000_000_000 + millis)
    }

    #[test]
    fn steady_traffic_shows_its_rate() {
        let mut traffic = Traffic::default();
        for n in 0..2_000 {
            traffic.add(Seq(n), at(n * 10), 1);
        }
        let rate = traffic.rate(at(19_999));
        assert!((99.0..101.5).contains(&rate), "{rate}");
        assert_eq!(traffic.count(), 2_000);
        assert_eq!(traffic.recent(at(19_999)).collect::<Vec<_>>(), vec![100; 10]);
    }

    #[test]
    fn young_traffic_is_averaged_over_its_own_age() {
        let mut traffic = Traffic::default();
        for n in 0..30 {
            traffic.add(Seq(n), at(n * 100), 1);
        }
        let rate = traffic.rate(at(3_000));
        assert!((9.5..10.5).contains(&rate), "{rate}");
    }

    #[test]
    fn a_single_message_is_not_a_thousand_per_second() {
        let mut traffic = Traffic::default();
        traffic.add(Seq(0), at(0), 1);
        assert!(traffic.rate(at(1)) <= 1.0);
    }

    #[test]
    fn silence_brings_the_rate_down_to_zero() {
        let mut traffic = Traffic::default();
        for n in 0..100 {
            traffic.add(Seq(n), at(n), 1);
        }
        assert!(traffic.rate(at(5_000)) > 10.0);
        assert_eq!(traffic.rate(at(11_000)), 0.0);
        traffic.add(Seq(100), at(100_000), 1);
        assert_eq!(traffic.recent(at(100_000)).sum::<u32>(), 1);
    }

    #[test]
    fn messages_out_of_order_are_counted_in_their_own_second() {
        let mut traffic = Traffic::default();
        traffic.add(Seq(0), at(9_000), 1);
        traffic.add(Seq(1), at(5_000), 1);
        traffic.add(Seq(2), Time::from_secs(1), 1);
        assert_eq!(traffic.count(), 3);
        assert_eq!(traffic.recent(at(9_000)).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    }
}
