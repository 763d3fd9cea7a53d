//! The quick look into JSON: members of an object by byte range, without allocation, as tolerant as the parser.

use std::ops::Range;

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Bytes of the key between its quotes, escapes untouched.
    pub key: Range<usize>,
    /// Bytes of the value; a string with its quotes.
    pub value: Range<usize>,
}

/// The members of the object that a payload starts with; none where it starts with something else.
pub fn members(bytes: &[u8]) -> Members<'_> {
    members_in(bytes, 0)
}

/// The members of the object that starts at `offset` (after white space and comments). Ranges count from the start of
/// `bytes`.
pub fn members_in(bytes: &[u8], offset: usize) -> Members<'_> {
    let at = if offset == 0 && bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { offset };
    let at = skip_space(bytes, at);
    if bytes.get(at) == Some(&b'{') { Members { bytes, at: at + 1 } } else { Members { bytes, at: bytes.len() } }
}

/// The value of one member of the object that a payload starts with.
pub fn member(bytes: &[u8], key: &str) -> Option<Range<usize>> {
    members(bytes).find(|member| bytes.get(member.key.clone()) == Some(key.as_bytes())).map(|member| member.value)
}

/// The bytes of a scalar without the quotes of a string: `"ok"` gives `ok`, `200` gives `200`; `None` for objects and
/// arrays and for an empty range.
pub fn scalar(bytes: &[u8], value: Range<usize>) -> Option<Range<usize>> {
    match bytes.get(value.clone())? {
        [b'"', .., b'"'] => Some(value.start + 1..value.end - 1),
        [] | [b'{' | b'[', ..] => None,
        // The string is cut off.
        [b'"', ..] => Some(value.start + 1..value.end),
        _ => Some(value),
    }
}

/// Iterator over the members of one object. Ends at the closing brace, at the end, or where no key follows.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let bytes = self.bytes;
        let mut at = skip_space(bytes, self.at);
        while bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
        if bytes.get(at) != Some(&b'"') {
            self.at = bytes.len();
            return None;
        }
        let key_end = skip_string(bytes, at);
        let key = at + 1..if bytes.get(key_end - 1) == Some(&b'"') && key_end - 1 > at { key_end - 1 } else { key_end };
        at = skip_space(bytes, key_end);
        if bytes.get(at) == Some(&b':') {
            at = skip_space(bytes, at + 1);
        }
        let end = skip_value(bytes, at);
        self.at = end;
        Some(Member { key, value: at..end })
    }
}

/// The first byte after white space and comments.
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(b'/') => match skip_comment(bytes, at) {
                Some(end) => at = end,
                None => return at,
            },
            _ => return at,
        }
    }
}

/// The first byte after the comment that starts at `at`; `None` where there is no comment.
pub(super) fn skip_comment(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    if rest.starts_with(b"//") {
        Some(memchr::memchr(b'\n', rest).map_or(bytes.len(), |length| at + length))
    } else if rest.starts_with(b"/*") {
        Some(memchr::memmem::find(rest.get(2..)?, b"*/").map_or(bytes.len(), |length| at + length + 4))
    } else {
        None
    }
}

/// The first byte after the string that starts with the quote at `at`. A string that is not closed ends before the next
/// line break, or at the end.
pub(super) fn skip_string(bytes: &[u8], at: usize) -> usize {
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' => return at,
            _ if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The first byte after the value that starts at `at`; brackets are counted, not nested, so any depth is safe.
pub(super) fn skip_value(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => skip_string(bytes, at),
        Some(b'{' | b'[') => skip_nested(bytes, at),
        _ => {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest.iter().position(|byte| {
                matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'"' | b'{' | b'[')
            });
            length.map_or(bytes.len(), |length| at + length)
        }
    }
}

fn skip_nested(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'/' => {
                if let Some(end) = skip_comment(bytes, at) {
                    at = end;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        members(text.as_bytes()).map(|member| (text[member.key].to_owned(), text[member.value].to_owned())).collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn members_are_found_with_their_exact_bytes() {
        assert_eq!(
            pairs(r#" {"id" : "1\"2", "params":{"a":[1,"}"]}, "n":-1.5e3,"t":true} "#),
            [pair("id", r#""1\"2""#), pair("params", r#"{"a":[1,"}"]}"#), pair("n", "-1.5e3"), pair("t", "true")]
        );
        assert_eq!(pairs("{}"), []);
        assert_eq!(pairs("[1]"), []);
    }

    #[test]
    fn broken_json_gives_what_can_be_read() {
        assert_eq!(pairs("\u{feff}{\"a\":1,}"), [pair("a", "1")]);
        assert_eq!(pairs("{\"a\":1 // one, \"}\n \"b\":2 /* } */}"), [pair("a", "1"), pair("b", "2")]);
        assert_eq!(pairs("{\"a\":\"x\" \"b\":[1"), [pair("a", "\"x\""), pair("b", "[1")]);
        assert_eq!(pairs("{\"a"), [pair("a", "")]);
    }

    #[test]
    fn a_scalar_loses_its_quotes() {
        let of = |text: &str| scalar(text.as_bytes(), 0..text.len()).map(|range| text[range].to_owned());
        assert_eq!(of("\"ok\"").as_deref(), Some("ok"));
        assert_eq!(of("200").as_deref(), Some("200"));
        assert_eq!(of("\"\"").as_deref(), Some(""));
        assert_eq!(of("\"").as_deref(), Some(""));
        assert_eq!(of("{}"), None);
        assert_eq!(of(""), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic_and_ranges_stay_inside(bytes: Vec<u8>) {
            for member in members(&bytes) {
                assert!(bytes.get(member.key).is_some());
                assert!(bytes.get(member.value.clone()).is_some());
                let _ = scalar(&bytes, member.value);
            }
        }

        #[test]
        fn no_json_like_text_panics(text in "[{}\\[\\]\",:/*\\\\\na1 ]{0,60}") {
            for member in members(text.as_bytes()) {
                assert!(text.as_bytes().get(member.value).is_some());
                assert!(text.as_bytes().get(member.key).is_some());
            }
        }
    }
}
