//! The topic that was probably meant, where a platform has none of that name.

use crate::base::lang::{Phrase, Text};
use crate::dialect::TopicSpec;
use crate::model::Role;

const MEANT: Text = Text::new("probably meant: {}", "可能应为：{}");
const BOTH: Text = Text::new("{}; {}", "{}；{}");

/// What is wrong with a topic, and the one that was probably meant, where one is near.
pub fn with_meant(what: impl Into<Phrase>, topics: &[TopicSpec], topic: &str) -> Phrase {
    let what = what.into();
    match meant(topics, topic, |_| true) {
        Some(meant) => BOTH.around([what, MEANT.with(&[&meant])]),
        None => what,
    }
}

/// The same for one that a role wants to publish to.
pub fn with_meant_to_publish(what: Phrase, topics: &[TopicSpec], topic: &str, role: Role) -> Phrase {
    match meant(topics, topic, |spec| spec.publishers.contains(&role)) {
        Some(meant) => BOTH.around([what, MEANT.with(&[&meant])]),
        None => what,
    }
}

/// The same for one that a role wants to subscribe.
pub fn with_meant_to_subscribe(what: Phrase, topics: &[TopicSpec], filter: &str, role: Role) -> Phrase {
    match meant(topics, filter, |spec| spec.subscribers.contains(&role)) {
        Some(meant) => BOTH.around([what, MEANT.with(&[&meant])]),
        None => what,
    }
}

/// Whether a topic of the platform was probably meant, though it is none.
pub fn is_near(topics: &[TopicSpec], topic: &str) -> bool {
    !topic.is_empty() && meant(topics, topic, |_| true).is_some()
}

/// The topic with the fewest characters to change, product and device as they were given. `None` where it is a topic as it
/// stands, and where none is near: a guess that rewrites half of what was typed helps nobody.
///
/// 1. Levels are aligned as words of a sentence are in a comparison: one may be changed, missing, or too many. A place such
///    as `{device_name}` takes the text that stands there.
/// 2. What the pattern becomes is compared with what was given, character by character: `set/reply` is one away from
///    `set_reply`.
/// 3. The nearest wins, the first of the table among equals, if it is no farther than a third of its fixed characters. Where
///    the topic is one of the platform, but not of this role, only a slip of two characters is believed.
fn meant(topics: &[TopicSpec], topic: &str, fits: impl Fn(&TopicSpec) -> bool) -> Option<String> {
    // Longer ones are no slip of the finger, and the work grows with their levels.
    if topic.len() > 256 {
        return None;
    }
    let given: Vec<&str> = topic.split('/').collect();
    let mut best: Option<(usize, String)> = None;
    let mut exists = false;
    for spec in topics.iter().filter(|spec| !spec.pattern.contains('#')) {
        let (_, text) = align(spec.pattern, &given)?;
        let cost = strsim::damerau_levenshtein(&text, topic);
        if cost == 0 {
            if fits(spec) {
                return None;
            }
            exists = true;
        }
        let fixed: usize = spec.pattern.split('/').filter(|level| !level.starts_with('{')).map(str::len).sum();
        if cost > 0 && fits(spec) && cost * 3 <= fixed && best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, text));
        }
    }
    best.filter(|(cost, _)| !exists || *cost <= 2).map(|(_, text)| text)
}

/// The least number of changed characters that make a topic one of this pattern, and that topic.
fn align(pattern: &str, given: &[&str]) -> Option<(usize, String)> {
    let first = given.iter().scan(0, |cost, level| {
        *cost += level.len() + 1;
        Some((*cost, Vec::new()))
    });
    let mut row: Vec<(usize, Vec<String>)> = std::iter::once((0, Vec::new())).chain(first).collect();
    for wanted in pattern.split('/') {
        let mut next: Vec<(usize, Vec<String>)> = Vec::with_capacity(row.len());
        for (index, above) in row.iter().enumerate() {
            let put = |(cost, levels): &(usize, Vec<String>), more: usize, level: &str| {
                let mut levels = levels.clone();
                levels.push(level.to_owned());
                (cost + more, levels)
            };
            let level = index.checked_sub(1).and_then(|before| given.get(before)).copied();
            let missing = put(above, wanted.len() + 1, wanted);
            let changed = level.zip(index.checked_sub(1).and_then(|before| row.get(before))).map(|(level, before)| {
                let (cost, text) = change(wanted, level);
                put(before, cost, &text)
            });
            let spare = level.zip(next.last()).map(|(level, (cost, levels))| (cost + level.len() + 1, levels.clone()));
            let cheapest = [changed, spare]
                .into_iter()
                .flatten()
                .fold(missing, |best, other| if other.0 <= best.0 { other } else { best });
            next.push(cheapest);
        }
        row = next;
    }
    row.pop().map(|(cost, levels)| (cost, levels.join("/")))
}

/// What it costs to make one level of another, and the level made.
fn change(wanted: &str, given: &str) -> (usize, String) {
    if given == "+" {
        return (0, given.to_owned());
    }
    match wanted.split_once('}').filter(|_| wanted.starts_with('{')) {
        Some((_, _)) if given.is_empty() => (wanted.len() + 1, wanted.to_owned()),
        Some((_, "")) => (0, given.to_owned()),
        Some((_, tail)) if given.ends_with(tail) => (0, given.to_owned()),
        Some((_, tail)) => (tail.len(), format!("{given}{tail}")),
        None => (strsim::damerau_levenshtein(wanted, given), wanted.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::REGISTRY;

    fn meant_of(dialect: &str, topic: &str) -> String {
        meant(crate::dialect::find(dialect).unwrap().spec().topics, topic, |_| true).unwrap_or_default()
    }

    #[test]
    fn slips_of_the_finger_are_mended_and_names_are_kept() {
        assert_eq!(
            meant_of("aliyun", "/sys/pk/lamp/thing/event/property/pots"),
            "/sys/pk/lamp/thing/event/property/post"
        );
        assert_eq!(
            meant_of("aliyun", "sys/pk/lamp/thing/event/property/post"),
            "/sys/pk/lamp/thing/event/property/post"
        );
        assert_eq!(meant_of("onenet", "$sys/p1/lamp/thing/propery/post"), "$sys/p1/lamp/thing/property/post");
        assert_eq!(meant_of("onenet", "$sys/p1/lamp/property/post"), "$sys/p1/lamp/thing/property/post");
        assert_eq!(meant_of("gizwits", "app2dve/did1/c1"), "app2dev/did1/c1");
        assert_eq!(meant_of("unitedrhino", "$thing/up/propertys/p1/lamp"), "$thing/up/property/p1/lamp");
    }

    #[test]
    fn topics_of_the_platform_and_far_ones_are_left_alone() {
        assert_eq!(meant_of("aliyun", "/sys/pk/lamp/thing/event/property/post"), "");
        assert_eq!(meant_of("onenet", "house/kitchen/temperature"), "");
        assert_eq!(meant_of("onenet", &"a/".repeat(4000)), "");
        for dialect in REGISTRY {
            for spec in dialect.spec().topics {
                assert_eq!(meant(dialect.spec().topics, spec.pattern, |_| true), None, "{}", spec.pattern);
            }
        }
    }

    #[test]
    fn only_what_the_role_may_use_is_proposed() {
        let topics = crate::dialect::find("onenet").unwrap().spec().topics;
        let wrong = "$sys/p1/lamp/thing/property/post_replay";
        let words = |phrase: Phrase| phrase.render(crate::base::lang::Lang::En);
        let heard = with_meant_to_subscribe(Phrase::verbatim("no"), topics, wrong, Role::Device);
        assert_eq!(words(heard), "no; probably meant: $sys/p1/lamp/thing/property/post/reply");
        let answer = with_meant_to_publish(
            Phrase::verbatim("no"),
            topics,
            "$sys/p1/lamp/thing/property/set/reply",
            Role::Device,
        );
        assert_eq!(words(answer), "no; probably meant: $sys/p1/lamp/thing/property/set_reply");
        let sent = with_meant_to_publish(Phrase::verbatim("no"), topics, wrong, Role::Device);
        assert!(!words(sent).contains("post/reply"));
    }
}
