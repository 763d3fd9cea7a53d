//! What a connection has subscribed, and how each filter was answered.
//!
//! Nothing re-subscribes by itself: on every CONNACK all filters are subscribed again, those of the plan, those of the
//! profile and those added by command, whatever the session-present flag says. Each is answered by one report, also
//! when it is refused or not answered at all. Messages are sent only when all of these first answers are in, so that no
//! reply can come before its topic is subscribed.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::time::Time;
use crate::base::topic;
use crate::dialect::{Spec, Subscription, near};
use crate::model::{Role, Stage, StageReport};
use crate::session::texts;

/// How long a SUBACK is waited for.
pub(super) const SUBACK_WAIT: Duration = Duration::from_secs(5);

/// A SUBSCRIBE that was sent.
#[derive(Debug)]
struct Asked {
    qos: u8,
    deadline: Time,
}

/// The filters of one connection.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    /// Added by command.
    further: Vec<Subscription>,
    /// Removed by command, also from the plan.
    removed: Vec<String>,
    /// Sent and not yet answered.
    asked: BTreeMap<String, Asked>,
}

impl Subscriptions {
    /// The filters to subscribe on a new connection: the plan's, the profile's, the further ones; each once, in order.
    pub(super) fn begin(&mut self, plan: Vec<Subscription>, profile: &[String], now: Time) -> Vec<Subscription> {
        let profile = profile.iter().map(|filter| Subscription { filter: filter.clone(), qos: 1 });
        let mut all: Vec<Subscription> = Vec::new();
        for wanted in plan.into_iter().chain(profile).chain(self.further.iter().cloned()) {
            let known = all.iter().any(|other| other.filter == wanted.filter);
            if !known && !self.removed.contains(&wanted.filter) {
                all.push(wanted);
            }
        }
        self.asked.clear();
        for subscription in &all {
            self.ask(subscription, now);
        }
        all
    }

    /// Adds a filter for good. On an open connection it is subscribed now, which the caller does.
    pub(super) fn add(&mut self, subscription: &Subscription, online: bool, now: Time) {
        self.removed.retain(|filter| *filter != subscription.filter);
        self.further.retain(|other| other.filter != subscription.filter);
        self.further.push(subscription.clone());
        if online {
            self.ask(subscription, now);
        }
    }

    /// Removes a filter for good.
    pub(super) fn remove(&mut self, filter: &str) {
        self.further.retain(|other| other.filter != filter);
        self.asked.remove(filter);
        if !self.removed.iter().any(|other| other == filter) {
            self.removed.push(filter.to_owned());
        }
    }

    /// The connection is gone, and unanswered questions with it.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// Whether every filter was answered.
    pub(super) fn all_answered(&self) -> bool {
        self.asked.is_empty()
    }

    /// A filter was answered: the report on it.
    pub(super) fn answered(
        &mut self,
        filter: &str,
        result: Result<u8, u8>,
        elapsed: Duration,
        spec: &Spec,
        role: Role,
    ) -> StageReport {
        let wanted = self.asked.remove(filter).map(|asked| asked.qos);
        let (detail, advice) = match (result, wanted) {
            (Ok(granted), Some(wanted)) if granted < wanted => {
                (texts::GRANTED_LESS.with(&[&filter, &granted, &wanted]), None)
            }
            (Ok(granted), _) => (texts::GRANTED.with(&[&filter, &granted]), None),
            (Err(code), _) => {
                (texts::FILTER_REFUSED.with(&[&filter, &format!("{code:02x}")]), Some(advice(filter, spec, role)))
            }
        };
        StageReport { stage: Stage::Suback, ok: result.is_ok(), elapsed, detail, advice }
    }

    /// The report on a filter that cannot be subscribed at all, which a broker would answer by closing the connection.
    /// It is not asked for again.
    pub(super) fn reject_malformed(&mut self, filter: &str) -> Option<StageReport> {
        let fault = topic::validate_filter(filter).err()?;
        self.asked.remove(filter);
        self.further.retain(|other| other.filter != filter);
        Some(StageReport {
            stage: Stage::Suback,
            ok: false,
            elapsed: Duration::ZERO,
            detail: texts::BAD_FILTER.around([Phrase::verbatim(filter), fault.reason]),
            advice: None,
        })
    }

    /// The report on a filter for a connection that has no filters. It is not asked for again.
    pub(super) fn reject_on_socket(&mut self, filter: &str) -> StageReport {
        self.asked.remove(filter);
        self.further.retain(|other| other.filter != filter);
        let detail = texts::NO_FILTERS.with(&[&filter]);
        StageReport { stage: Stage::Suback, ok: false, elapsed: Duration::ZERO, detail, advice: None }
    }

    /// When [`Subscriptions::expired`] has something to say.
    pub(super) fn next_timeout(&self) -> Option<Time> {
        self.asked.values().map(|asked| asked.deadline).min()
    }

    /// Reports on the filters that were not answered in time.
    pub(super) fn expired(&mut self, now: Time) -> Vec<StageReport> {
        let mut reports = Vec::new();
        self.asked.retain(|filter, asked| {
            let in_time = now < asked.deadline;
            if !in_time {
                reports.push(StageReport {
                    stage: Stage::Suback,
                    ok: false,
                    elapsed: SUBACK_WAIT,
                    detail: texts::NO_SUBACK.with(&[filter, &SUBACK_WAIT.as_secs()]),
                    advice: Some(texts::ADVICE_NO_SUBACK.into()),
                });
            }
            in_time
        });
        reports
    }

    fn ask(&mut self, subscription: &Subscription, now: Time) {
        let asked = Asked { qos: subscription.qos, deadline: now + SUBACK_WAIT };
        self.asked.insert(subscription.filter.clone(), asked);
    }
}

/// Why a filter was probably refused, from what the platform's documents say about its topics.
pub(super) fn advice(filter: &str, spec: &Spec, role: Role) -> Phrase {
    let mut known = spec.topics.iter().filter(|topic| overlaps(topic.pattern, filter)).peekable();
    if known.peek().is_none() {
        return near::with_meant_to_subscribe(texts::ADVICE_UNKNOWN.into(), spec.topics, filter, role);
    }
    if !known.any(|topic| topic.subscribers.contains(&role)) {
        return texts::ADVICE_WRONG_ROLE.with(&[&role]);
    }
    if topic::has_wildcard(filter) { texts::ADVICE_WILDCARD.into() } else { texts::ADVICE_KNOWN.into() }
}

/// Whether a topic of this pattern could match the filter. `{name}`, `+` and `#` stand for what they stand for.
fn overlaps(pattern: &str, filter: &str) -> bool {
    let mut pattern = pattern.split('/');
    let mut filter = filter.split('/');
    loop {
        match (pattern.next(), filter.next()) {
            (None, None) | (_, Some("#")) | (Some("#"), _) => return true,
            (Some(left), Some(right)) => {
                let any = left.starts_with('{') || left == "+" || right == "+";
                if !any && left != right {
                    return false;
                }
            }
            (None, Some(_)) | (Some(_), None) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_filters_overlap_level_by_level() {
        assert!(overlaps("$sys/{p}/{d}/thing/property/set", "$sys/p1/lamp/thing/property/set"));
        assert!(overlaps("$sys/{p}/{d}/thing/property/set", "$sys/p1/lamp/thing/#"));
        assert!(overlaps("$sys/{p}/{d}/thing/property/set", "$sys/p1/lamp/thing/+/set"));
        assert!(!overlaps("$sys/{p}/{d}/thing/property/set", "$sys/p1/lamp/thing/property"));
        assert!(!overlaps("$sys/{p}/{d}/thing/property", "$sys/p1/lamp/thing/property/set"));
        assert!(!overlaps("$sys/{p}/{d}/thing/property", "$sys/p1/lamp/thing/event"));
    }

    #[test]
    fn a_filter_named_twice_is_subscribed_once_and_a_removed_one_not_at_all() {
        let mut subscriptions = Subscriptions::default();
        let sub = |filter: &str, qos| Subscription { filter: filter.into(), qos };
        subscriptions.add(&sub("c", 0), false, Time::ZERO);
        subscriptions.add(&sub("a", 0), false, Time::ZERO);
        subscriptions.remove("b");
        let all = subscriptions.begin(vec![sub("a", 1), sub("b", 1)], &["d".into(), "a".into()], Time::ZERO);
        assert_eq!(all, [sub("a", 1), sub("d", 1), sub("c", 0)]);
        subscriptions.add(&sub("b", 0), false, Time::ZERO);
        let again = subscriptions.begin(vec![sub("b", 1)], &[], Time::ZERO);
        assert_eq!(again, [sub("b", 1), sub("c", 0), sub("a", 0)]);
    }
}
