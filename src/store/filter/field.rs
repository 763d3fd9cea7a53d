//! The fields that a filter can ask about: one table, from which parser, completion, help and README are made.

use crate::base::lang::Text;

/// What a message is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The topic.
    Topic,
    /// The connection, by name.
    Connection,
    /// The platform of the connection.
    Dialect,
    /// The role that is played on the connection.
    Role,
    /// The device it is about.
    Device,
    /// What it is.
    Kind,
    /// Which way it went.
    Direction,
    /// What became of it.
    Outcome,
    /// Its result code.
    Code,
    /// Its request id.
    Id,
    /// The time between request and reply.
    Latency,
    /// The true length of its payload.
    Size,
    /// When it was received or sent.
    Time,
    /// Its quality of service.
    Qos,
    /// Its retain flag.
    Retain,
    /// Its duplicate flag.
    Dup,
    /// Text in its payload.
    Text,
    /// A regular expression over its payload.
    Regex,
    /// Bytes in its payload.
    Hex,
    /// A jq expression over its payload.
    Jq,
}

/// How the value of a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text that is found somewhere in the field with `:`, and is the whole of it with `=`.
    Text,
    /// One of the names of kinds, or their beginning.
    Kind,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Number,
    /// A duration such as `100ms`.
    Duration,
    /// A size such as `1KiB`.
    Size,
    /// A local time such as `14:02` or `2026-01-31T14:02:11`.
    Time,
    /// A regular expression.
    Regex,
    /// Hexadecimal digits.
    Hex,
    /// A jq expression.
    Jq,
}

impl ValueKind {
    /// Whether values are compared with `<`, `<=`, `>`, `>=`.
    pub const fn is_ordered(self) -> bool {
        matches!(self, ValueKind::Number | ValueKind::Duration | ValueKind::Size | ValueKind::Time)
    }

    /// Whether one value may be followed by others after a comma. In expressions a comma means something else.
    pub(super) const fn is_listed(self) -> bool {
        !matches!(self, ValueKind::Regex | ValueKind::Jq)
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct FieldInfo {
    /// Which.
    pub field: Field,
    /// Its names; the first is the one that is shown.
    pub names: &'static [&'static str],
    /// How its value is written.
    pub value: ValueKind,
    /// What it asks, in a few words.
    pub help: Text,
    /// An example that can be typed as it stands.
    pub example: &'static str,
}

/// The directions.
pub(super) const DIRECTIONS: &[&str] = &["in", "out"];
/// The roles.
pub(super) const ROLES: &[&str] = &["app", "device"];
/// Words for flags.
pub(super) const YES_NO: &[&str] = &["yes", "no"];
/// What became of a message: the names of [`crate::store::Fate`], and words for several of them together.
pub(super) const OUTCOMES: &[&str] = &[
    "ok",
    "error",
    "open",
    "sent",
    "acknowledged",
    "replied",
    "refused",
    "observed",
    "timeout",
    "link_lost",
    "failed",
    "replied_late",
    "replied_again",
    "unsolicited",
];

macro_rules! fields {
    ($($field:ident $names:expr, $value:expr, $example:literal, $en:literal, $zh:literal;)*) => {
        /// Every field, in the order in which lists show them.
        pub static FIELDS: &[FieldInfo] = &[$(FieldInfo {
            field: Field::$field,
            names: &$names,
            value: $value,
            help: Text::new($en, $zh),
            example: $example,
        },)*];
    };
}

fields! {
    Topic ["topic", "t"], ValueKind::Text, "topic:property/#",
        "topic: a part of it, or an MQTT filter with + and #", "主题：其中一段，或含 + 和 # 的 MQTT 过滤器";
    Connection ["conn", "connection"], ValueKind::Text, "conn:lamp-app",
        "name of the connection", "连接名称";
    Dialect ["dialect"], ValueKind::Text, "dialect:NAME",
        "platform of the connection", "连接所属的平台";
    Role ["role"], ValueKind::Word(ROLES), "role:device",
        "role played on the connection", "连接扮演的角色";
    Device ["dev", "device"], ValueKind::Text, "dev:lamp",
        "device it is about", "所涉及的设备";
    Kind ["kind", "k"], ValueKind::Kind, "kind:set,report",
        "what it is; “set” means set and set_reply", "消息种类；“set”包括 set 与 set_reply";
    Direction ["dir", "direction"], ValueKind::Word(DIRECTIONS), "dir:out",
        "received or sent", "收到或发出";
    Outcome ["outcome", "o"], ValueKind::Word(OUTCOMES), "outcome:error,timeout",
        "what became of a request, or what a reply says", "请求的结局，或应答的结果";
    Code ["code"], ValueKind::Text, "code=460",
        "result code", "结果码";
    Id ["id"], ValueKind::Text, "id:8906",
        "request id", "请求 ID";
    Latency ["latency", "lat"], ValueKind::Duration, "latency>100ms",
        "time from request to reply", "从请求到应答的时间";
    Size ["size"], ValueKind::Size, "size>=1KiB",
        "length of the payload", "负载长度";
    Time ["time", "at"], ValueKind::Time, "time>=14:02",
        "local time of day, or date and time", "本地时刻，或日期加时刻";
    Qos ["qos"], ValueKind::Number, "qos=1",
        "MQTT quality of service", "MQTT 服务质量等级";
    Retain ["retain"], ValueKind::Word(YES_NO), "retain:yes",
        "MQTT retain flag", "MQTT 保留标志";
    Dup ["dup"], ValueKind::Word(YES_NO), "dup:yes",
        "MQTT duplicate flag", "MQTT 重发标志";
    Text ["text"], ValueKind::Text, "text:\"low battery\"",
        "text in the payload alone", "只在负载中查找文字";
    Regex ["re", "regex"], ValueKind::Regex, "re:'temp\\w*\":3[0-9]'",
        "regular expression over the payload", "用正则表达式匹配负载";
    Hex ["hex"], ValueKind::Hex, "hex:00000003",
        "bytes in the payload", "负载中的字节";
    Jq ["jq"], ValueKind::Jq, "jq:'.params.temperature > 30'",
        "jq expression over the JSON of the payload; true, or anything but false and null", "用 jq 表达式检查负载中的 JSON；结果不是 false 或 null 即为匹配";
}

impl Field {
    /// Its row of the table.
    pub fn info(self) -> Option<&'static FieldInfo> {
        FIELDS.iter().find(|info| info.field == self)
    }

    /// The field with this name, without regard to case.
    pub(super) fn named(name: &str) -> Option<&'static FieldInfo> {
        FIELDS.iter().find(|info| info.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// The field that was probably meant by a name that is none.
    pub(super) fn near(name: &str) -> Option<&'static FieldInfo> {
        let name = name.to_ascii_lowercase();
        let near = |known: &str| known.len() > 2 && name.len() > 2 && strsim::damerau_levenshtein(known, &name) == 1;
        FIELDS.iter().find(|info| info.names.iter().any(|known| near(known)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_there_once() {
        let mut names: Vec<&str> = FIELDS.iter().flat_map(|info| info.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(FIELDS.iter().all(|info| info.field.info().is_some_and(|found| found.names == info.names)));
    }

    #[test]
    fn every_example_can_be_typed() {
        for info in FIELDS {
            let filter = crate::store::Filter::parse(info.example).unwrap_or_else(|fault| {
                panic!("{}: {} at {}", info.example, fault.reason, fault.offset);
            });
            assert!(!filter.is_everything(), "{}", info.example);
        }
    }

    #[test]
    fn every_fate_can_be_asked_for() {
        use crate::store::Fate;
        for fate in [
            Fate::Sent,
            Fate::Acknowledged,
            Fate::Replied,
            Fate::Refused,
            Fate::Observed,
            Fate::TimedOut,
            Fate::LinkLost,
            Fate::Failed,
            Fate::RepliedLate,
            Fate::RepliedAgain,
            Fate::Unsolicited,
        ] {
            assert!(OUTCOMES.contains(&fate.name()), "{}", fate.name());
        }
    }
}
