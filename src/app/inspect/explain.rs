//! Numbers explained: a time stamp as local time, where nobody has said it yet.

use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::model::Field;

/// Times from 2001 to 2100 are taken for times; earlier and later ones are numbers like any other.
const YEARS: std::ops::Range<u64> = 978_307_200..4_102_444_800;

/// Words in names of fields that hold seconds since 1970. Ten digits alone say too little: they may be an id.
const TIMELY: &[&str] = &["time", "stamp", "date", "expire", "since", "until", "created", "updated", "_at", "ts"];

/// Adds a remark to every value that is a time and has none.
pub(super) fn explain(fields: &mut [Field]) {
    for field in fields {
        explain(&mut field.children);
        if field.note.is_none() && field.children.is_empty() {
            field.note = time_of(&field.name, &field.value).map(local_date_time);
        }
    }
}

/// The time that a value of this name is, if it is one: seconds, milliseconds or microseconds since 1970.
fn time_of(name: &str, value: &str) -> Option<Time> {
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = value.parse().ok()?;
    let micros = match value.len() {
        10 => {
            let name = name.to_ascii_lowercase();
            TIMELY.iter().any(|word| name.contains(word)).then(|| number * 1_000_000)?
        }
        13 => number * 1_000,
        16 => number,
        _ => return None,
    };
    YEARS.contains(&(micros / 1_000_000)).then(|| Time::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps_are_told_from_other_numbers() {
        for (name, value, is_time) in [
            ("x", "1700000000000", true),
            ("x", "1700000000000123", true),
            ("x", "1700000000", false),
            ("expiresAt", "1700000000", true),
            ("time", "17000000000", false),
            ("x", "9999999999999", false),
            ("x", "-170000000000", false),
            ("x", "1.70000000000", false),
        ] {
            assert_eq!(time_of(name, value).is_some(), is_time, "{name} {value}");
        }
        let mut fields = vec![Field { name: "time".into(), value: "1700000000".into(), ..Field::default() }];
        explain(&mut fields);
        assert_eq!(fields[0].note.as_deref(), Some("2023-11-14 22:13:20"));
    }
}
