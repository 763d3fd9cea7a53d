//! Places in a text that are filled anew at every sending: `{{now_ms}}`, `{{uuid}}`, `{{random 10 30}}`.
//!
//! `{{{{` stands for `{{` itself.

use serde_json::{Map, Value};

use crate::base::lang::{Phrase, Text};
use crate::base::random::Random;
use crate::base::text;
use crate::base::time::Time;

/// What a place can hold: the name, what follows it, what it becomes. One table for parser, help and README.
pub const PLACEHOLDERS: &[(&str, &str, Text)] = &[
    ("now_ms", "", Text::new("Unix time in milliseconds", "Unix 时间，毫秒")),
    ("now_s", "", Text::new("Unix time in seconds", "Unix 时间，秒")),
    ("now", "", Text::new("date and time with the offset from UTC", "日期与时间，带时区")),
    ("id", "", Text::new("a number that was not used before in this run", "本次运行内不重复的数字")),
    ("n", "", Text::new("1 for the first sending, then 2, 3 …", "第几次发送：1、2、3…")),
    ("uuid", "", Text::new("a random UUID", "随机 UUID")),
    (
        "random",
        "10 30",
        Text::new("a number from the first to the second, with as many decimals", "两数之间的随机数，小数位数相同"),
    ),
    ("env", "NAME", Text::new("the environment variable", "环境变量的值")),
];

/// A place that cannot be filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceholderFault {
    /// The byte of the text where it begins.
    pub offset: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// What places are filled from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The time of sending.
    pub now: Time,
    /// Which sending of the same message it is, from 1.
    pub count: u64,
    /// The next number for `{{id}}`.
    pub id: u64,
    /// For what is chosen at random.
    pub random: Random,
    /// Reads an environment variable.
    pub env: fn(&str) -> Option<String>,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Whether a text has places to be filled.
pub fn has_places(text: &str) -> bool {
    text.contains(OPEN)
}

impl Source {
    /// A text with every place filled.
    pub fn fill(&mut self, template: &str) -> Result<String, PlaceholderFault> {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        let mut offset = 0;
        while let Some((before, after)) = rest.split_once(OPEN) {
            out.push_str(before);
            let begin = offset + before.len();
            if let Some(literal) = after.strip_prefix(OPEN) {
                out.push_str(OPEN);
                rest = literal;
                offset = begin + 2 * OPEN.len();
                continue;
            }
            let fault = |reason: Phrase| PlaceholderFault { offset: begin, reason };
            let (inner, behind) = after.split_once(CLOSE).ok_or_else(|| fault(NEVER_CLOSED.into()))?;
            match self.place(inner).map_err(fault)? {
                Value::String(text) => out.push_str(&text),
                other => out.push_str(&other.to_string()),
            }
            rest = behind;
            offset = begin + OPEN.len() + inner.len() + CLOSE.len();
        }
        out.push_str(rest);
        Ok(out)
    }

    /// A value with every place in its texts filled. A text that is one place alone becomes what the place is: a number
    /// where that is one.
    pub fn fill_value(&mut self, value: &Value) -> Result<Value, PlaceholderFault> {
        Ok(match value {
            Value::String(text) => match alone(text) {
                Some(inner) => self.place(inner).map_err(|reason| PlaceholderFault { offset: 0, reason })?,
                None => Value::String(self.fill(text)?),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.fill_value(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(self.fill_members(members)?),
            other => other.clone(),
        })
    }

    /// The same for an object.
    pub fn fill_members(&mut self, members: &Map<String, Value>) -> Result<Map<String, Value>, PlaceholderFault> {
        members.iter().map(|(name, value)| Ok((name.clone(), self.fill_value(value)?))).collect()
    }

    fn place(&mut self, inner: &str) -> Result<Value, Phrase> {
        let mut words = inner.split_whitespace();
        let name = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        Ok(match (name, words.as_slice()) {
            ("now_ms", []) => self.now.as_millis().into(),
            ("now_s", []) => self.now.as_secs().into(),
            ("now", []) => text::rfc3339(self.now).into(),
            ("n", []) => self.count.into(),
            ("id", []) => {
                self.id += 1;
                self.id.into()
            }
            ("uuid", []) => self.uuid().into(),
            ("random", [from, to]) => self.random(from, to)?,
            ("env", [name]) => (self.env)(name).ok_or_else(|| NO_VARIABLE.with(&[name]))?.into(),
            _ => {
                let known: Vec<String> = PLACEHOLDERS
                    .iter()
                    .map(|(name, after, _)| format!("{{{{{}}}}}", format!("{name} {after}").trim_end()))
                    .collect();
                return Err(UNKNOWN.with(&[&known.join(", "), &inner.trim()]));
            }
        })
    }

    fn random(&mut self, from: &str, to: &str) -> Result<Value, Phrase> {
        let fault = || BAD_RANGE.with(&[&from, &to]);
        let decimals = [from, to]
            .iter()
            .map(|text| text.split_once('.').map_or(0, |(_, decimals)| decimals.len()))
            .max()
            .filter(|decimals| *decimals <= 9)
            .ok_or_else(fault)?;
        let read = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(fault);
        let (low, high) = (read(from)?, read(to)?);
        if low > high {
            return Err(fault());
        }
        let steps = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
        // Every number of the range is equally likely, the last one too.
        let places = ((high - low) * steps).round() + 1.0;
        let step = (self.random.fraction() * places).floor().min(places - 1.0);
        let number = format!("{:.decimals$}", low + step / steps);
        serde_json::from_str(&number).map_err(|_| fault())
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.random.bits(), self.random.bits());
        // Version 4, variant 1 (RFC 9562, section 5.4).
        let high = high & !0xf000 | 0x4000;
        let low = low & !(0b11 << 62) | 0b10 << 62;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }
}

/// What stands in a text that is one place and nothing else.
fn alone(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    (!inner.contains(OPEN) && !inner.contains(CLOSE) && !inner.starts_with('{')).then_some(inner)
}

const NEVER_CLOSED: Text =
    Text::new("“{{” is never closed by “}}”; “{{{{” stands for itself", "“{{”没有配对的“}}”；“{{{{”表示它本身");
const UNKNOWN: Text = Text::new("must be one of {}, found “{}”", "必须是 {} 之一，实际是“{}”");
const NO_VARIABLE: Text = Text::new("there is no environment variable {}", "没有环境变量 {}");
const BAD_RANGE: Text = Text::new(
    "random takes two numbers, the smaller one first, found “{} {}”",
    "random 需要两个数，小的在前，实际是“{} {}”",
);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source() -> Source {
        Source {
            now: Time::from_millis(1_700_000_000_123),
            count: 7,
            id: 41,
            random: Random::new(1),
            env: |name| (name == "HOME").then(|| "/home".into()),
        }
    }

    #[test]
    fn places_are_filled() {
        let filled =
            source().fill("{\"t\":{{now_ms}},\"s\":{{ now_s }},\"id\":\"{{id}}-{{id}}\",\"n\":{{n}}}").unwrap();
        assert_eq!(filled, r#"{"t":1700000000123,"s":1700000000,"id":"42-43","n":7}"#);
        assert_eq!(source().fill("{{now}}").unwrap(), "2023-11-14T22:13:20.123+00:00");
        assert_eq!(source().fill("a {b} }} c").unwrap(), "a {b} }} c");
        assert_eq!(source().fill("{{{{n}}").unwrap(), "{{n}}");
        assert_eq!(source().fill("{{env HOME}}").unwrap(), "/home");
    }

    #[test]
    fn a_uuid_has_its_form() {
        let uuid = source().fill("{{uuid}}").unwrap();
        let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert!(uuid.get(14..15) == Some("4") && matches!(uuid.get(19..20), Some("8" | "9" | "a" | "b")), "{uuid}");
    }

    #[test]
    fn chance_stays_within_its_bounds_and_reaches_them() {
        let mut source = source();
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..500 {
            seen.insert(source.fill("{{random -1 2}}").unwrap());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["-1", "0", "1", "2"]);
        let half = source.fill("{{random 0.5 0.5}}").unwrap();
        assert_eq!(half, "0.5");
    }

    #[test]
    fn a_text_that_is_one_place_becomes_a_number() {
        let value = json!({"t": "{{now_ms}}", "u": "at {{now_ms}}", "l": ["{{n}}", 1, null], "e": "{{random 3 3}}"});
        let filled = source().fill_value(&value).unwrap();
        assert_eq!(filled, json!({"t": 1_700_000_000_123_u64, "u": "at 1700000000123", "l": [7, 1, null], "e": 3}));
    }

    #[test]
    fn faults_name_the_place() {
        for (template, offset, words) in [
            ("a {{n", 2, "never closed"),
            ("{{n}} {{nope 1}}", 6, "found “nope 1”"),
            ("{{random 3 1}}", 0, "smaller one first"),
            ("{{random a b}}", 0, "two numbers"),
            ("{{env IOTDBG_NO_SUCH_VARIABLE}}", 0, "IOTDBG_NO_SUCH_VARIABLE"),
        ] {
            let fault = source().fill(template).expect_err(template);
            assert_eq!(fault.offset, offset, "{template}");
            assert!(fault.reason.to_string().contains(words), "{template}: {}", fault.reason);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_filled_or_refused_within_it(text in "([a-z{} ]|random|now_ms| 1)*") {
            if let Err(fault) = source().fill(&text) {
                proptest::prop_assert!(text.get(fault.offset..).is_some_and(|rest| rest.starts_with("{{")));
            }
        }
    }
}
