//! Numbered names: `lamp-{n}` for one of many, `lamp-{1..500}` for all of them.
//!
//! `{n}` is the number, `{n:04}` the number with at least four digits, `{n:x}` and `{n:012x}` the same in hexadecimal.
//! A range counts both ends; leading zeros of its first number are kept (`{001..500}`).

/// The most names that one range stands for.
pub const MOST: u64 = 100_000;

/// Whether a text holds a place for a number.
pub fn is_numbered(text: &str) -> bool {
    numbered(text, 0) != numbered(text, 1)
}

/// The text with the number in its places. Everything else in braces stays as it is.
pub fn numbered(text: &str, number: u64) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(before);
        match after.split_once('}').and_then(|(inner, tail)| Some((written(inner, number)?, tail))) {
            Some((digits, tail)) => {
                made.push_str(&digits);
                rest = tail;
            }
            None => {
                made.push('{');
                rest = after;
            }
        }
    }
    made.push_str(rest);
    made
}

/// The number as `n`, `n:04` or `n:012x` want it.
fn written(form: &str, number: u64) -> Option<String> {
    let format = match form.strip_prefix('n')? {
        "" => return Some(number.to_string()),
        format => format.strip_prefix(':')?,
    };
    let (width, hexadecimal) = match format.strip_suffix('x') {
        Some(width) => (width, true),
        None => (format, false),
    };
    let width: usize = if width.is_empty() { 0 } else { width.parse().ok().filter(|width| *width <= 64)? };
    Some(if hexadecimal { format!("{number:0width$x}") } else { format!("{number:0width$}") })
}

/// Every name that a text with a range `{1..500}` stands for; the text alone where it has none. Of several ranges the
/// first counts. `None` where the range has more than [`MOST`] names or ends before it begins.
pub fn expanded(text: &str) -> Option<Vec<String>> {
    let Some((before, from, to, after)) = range(text) else { return Some(vec![text.to_owned()]) };
    let (first, last): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    if last < first || last - first >= MOST {
        return None;
    }
    let width = from.len();
    Some((first..=last).map(|number| format!("{before}{number:0width$}{after}")).collect())
}

fn range(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (inner, after) = rest.split_once('}')?;
    let (from, to) = inner.split_once("..")?;
    let digits = |text: &str| !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(from) && digits(to)).then_some((before, from, to, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_its_place_in_the_form_that_was_asked_for() {
        assert_eq!(numbered("lamp-{n}", 7), "lamp-7");
        assert_eq!(numbered("{n:04}/{n}", 7), "0007/7");
        assert_eq!(numbered("{n:012x}", 255), "0000000000ff");
        assert_eq!(numbered("{n:x}", 255), "ff");
        assert_eq!(numbered("{name} {n:q} {", 7), "{name} {n:q} {");
        assert_eq!(numbered("{{n}}", 7), "{7}");
        assert!(is_numbered("a{n}") && !is_numbered("a{N}"));
    }

    #[test]
    fn a_range_stands_for_every_name_in_it() {
        assert_eq!(expanded("p/l-{9..11}").unwrap(), ["p/l-9", "p/l-10", "p/l-11"]);
        assert_eq!(expanded("l{08..10}x").unwrap(), ["l08x", "l09x", "l10x"]);
        assert_eq!(expanded("lamp").unwrap(), ["lamp"]);
        assert_eq!(expanded("{n}").unwrap(), ["{n}"]);
        assert_eq!(expanded("{5..1}"), None);
        assert_eq!(expanded("{1..9999999}"), None);
    }
}
