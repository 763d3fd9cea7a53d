//! MQTT topics and topic filters (MQTT 3.1.1, section 4.7).

use crate::base::lang::{Phrase, Text};

/// Why a topic or a filter is not well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicFault {
    /// Byte offset of the fault.
    pub offset: usize,
    /// What is wrong.
    pub reason: Phrase,
}

impl std::fmt::Display for TopicFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "offset {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for TopicFault {}

const EMPTY: Text = Text::new("must not be empty", "不能为空");
const TOO_LONG: Text = Text::new("is {} bytes long, at most 65,535 are possible", "长 {} 字节，最多 65535 字节");
const NUL: Text = Text::new("must not hold a NUL character", "不能含有 NUL 字符");
const WILDCARD_IN_TOPIC: Text =
    Text::new("a topic to publish to must not hold the wildcard “{}”", "发布的主题不能含有通配符“{}”");
const WILDCARD_NOT_ALONE: Text = Text::new("the wildcard “{}” must stand alone in its level", "通配符“{}”必须独占一级");
const HASH_NOT_LAST: Text = Text::new("“#” must be the last level", "“#”必须是最后一级");

/// The levels of a topic or filter.
pub fn levels(topic: &str) -> std::str::Split<'_, char> {
    topic.split('/')
}

/// Whether a well-formed filter matches a topic. A filter that starts with a wildcard does not match a topic that starts
/// with `$` (section 4.7.2).
pub fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut topic_levels = levels(topic);
    for wanted in levels(filter) {
        match (wanted, topic_levels.next()) {
            ("#", _) | ("+", Some(_)) => {}
            (wanted, Some(found)) if wanted == found => {}
            _ => return false,
        }
        if wanted == "#" {
            return true;
        }
    }
    topic_levels.next().is_none()
}

/// Whether a filter holds a wildcard level.
pub fn has_wildcard(filter: &str) -> bool {
    levels(filter).any(|level| matches!(level, "+" | "#"))
}

/// Whether a topic may be published to.
pub fn validate_topic(topic: &str) -> Result<(), TopicFault> {
    validate_text(topic)?;
    match topic.find(['+', '#']) {
        None => Ok(()),
        Some(offset) => {
            let found = topic.get(offset..=offset).unwrap_or_default();
            Err(TopicFault { offset, reason: WILDCARD_IN_TOPIC.with(&[&found]) })
        }
    }
}

/// Whether a filter may be subscribed.
pub fn validate_filter(filter: &str) -> Result<(), TopicFault> {
    validate_text(filter)?;
    let mut offset = 0;
    for level in levels(filter) {
        if level.len() > 1
            && let Some(inside) = level.find(['+', '#'])
        {
            let found = level.get(inside..=inside).unwrap_or_default();
            return Err(TopicFault { offset: offset + inside, reason: WILDCARD_NOT_ALONE.with(&[&found]) });
        }
        if level == "#" && offset + 1 != filter.len() {
            return Err(TopicFault { offset, reason: HASH_NOT_LAST.into() });
        }
        offset += level.len() + 1;
    }
    Ok(())
}

fn validate_text(text: &str) -> Result<(), TopicFault> {
    if text.is_empty() {
        return Err(TopicFault { offset: 0, reason: EMPTY.into() });
    }
    if text.len() > usize::from(u16::MAX) {
        return Err(TopicFault { offset: usize::from(u16::MAX), reason: TOO_LONG.with(&[&text.len()]) });
    }
    match text.find('\0') {
        Some(offset) => Err(TopicFault { offset, reason: NUL.into() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_as_the_standard_says() {
        // The examples of MQTT 3.1.1, sections 4.7.1.2, 4.7.1.3 and 4.7.2.
        for (filter, topic) in [
            ("sport/tennis/player1/#", "sport/tennis/player1"),
            ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"),
            ("#", "a/b"),
            ("sport/+", "sport/"),
            ("+/+", "/finance"),
            ("/+", "/finance"),
            ("$SYS/#", "$SYS/monitor"),
            ("$SYS/monitor/+", "$SYS/monitor/Clients"),
        ] {
            assert!(matches(filter, topic), "{filter} {topic}");
        }
        for (filter, topic) in [
            ("sport/tennis/+", "sport/tennis/player1/ranking"),
            ("sport/+", "sport"),
            ("+", "/finance"),
            ("#", "$SYS/monitor"),
            ("+/monitor/Clients", "$SYS/monitor/Clients"),
            ("a/b", "a"),
            ("a", "a/b"),
        ] {
            assert!(!matches(filter, topic), "{filter} {topic}");
        }
    }

    #[test]
    fn a_fault_names_its_place() {
        let place = |filter| validate_filter(filter).map_err(|fault| fault.offset);
        assert_eq!(place("a/#"), Ok(()));
        assert_eq!(place("+/b/+"), Ok(()));
        assert_eq!(place("a/#/b"), Err(2));
        assert_eq!(place("a/b+"), Err(3));
        assert_eq!(place(""), Err(0));
        assert_eq!(validate_topic("a/+").map_err(|fault| fault.offset), Err(2));
        assert_eq!(validate_topic("a\0").map_err(|fault| fault.offset), Err(1));
        assert_eq!(validate_topic(&"x".repeat(70_000)).map_err(|fault| fault.offset), Err(65_535));
    }

    proptest::proptest! {
        #[test]
        fn a_topic_matches_itself(topic in "[a-z/$]{1,20}") {
            assert!(matches(&topic, &topic));
        }

        #[test]
        fn no_text_panics(filter: String, topic: String) {
            let _ = (matches(&filter, &topic), validate_filter(&filter), validate_topic(&topic));
        }
    }
}
