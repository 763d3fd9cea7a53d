//! Bytes as people write them down: hex with any separator, code, escaped text, dumps with offsets, numbers in lists;
//! with time stamps and other words of a log around them.
//!
//! 1. Lists in brackets are read first, over as many lines as they take.
//! 2. Then each line by itself: time stamps are noted and put aside; a text in quotes with escapes is decoded; a dump line
//!    (offset, bytes, characters) is told by offsets that add up; what is left is searched for groups of hex digits.
//! 3. Nothing is guessed of what the bytes mean: a run is only a candidate.

mod lists;
mod words;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use regex::Regex;

/// A stretch of bytes found in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The line that it begins on, from 1.
    pub line: usize,
    /// The time stamp of the line, as it is written there.
    pub stamp: String,
    /// The words before the bytes, without the time stamp.
    pub lead: String,
    /// Whether nothing but bytes stands on the line, so that they may go on from the line before.
    pub bare: bool,
    /// Whether an offset says that the bytes go on from the line before.
    pub goes_on: bool,
}

static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \[?\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T\x20_]+\d{1,2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?\]?
        | \[?\d{1,2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?\]?
        | \[\s*\d+(?:\.\d+)?\s*\]
        | \(\d+\)
        | ^\s*\d+\.\d{3,9}\b
        ",
    )
    .ok()
});

static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_-]{8,}={0,2}").ok());

/// The stretches of bytes in a text, in its order.
pub fn runs(text: &str) -> Vec<Run> {
    let text = text.trim_start_matches('\u{feff}');
    let (text, mut found) = lists::take(text);
    // Where a dump has got to: the offset that its next line must have.
    let mut dump: Option<usize> = None;
    for (index, line) in text.lines().enumerate() {
        let (stamp, rest) = stamp(line);
        let at = index + 1;
        if let Some((offset, bytes)) = words::dump_line(&rest)
            && (offset == 0 || dump == Some(offset))
        {
            dump = Some(offset + bytes.len());
            let goes_on = offset > 0;
            found.push(Run { bytes, line: at, stamp, goes_on, ..Run::default() });
            continue;
        }
        let decoded = words::escaped(&rest);
        let all = if decoded.is_empty() { words::groups(&rest) } else { decoded };
        let count = all.len();
        for (position, (lead, bytes, tail)) in all.into_iter().enumerate() {
            dump = None;
            let is_mark = |c: char| !c.is_alphanumeric();
            let bare = count == 1 && lead.chars().all(is_mark) && tail.chars().all(is_mark) && stamp.is_empty();
            let lead = if position == 0 { tidy(&lead) } else { String::new() };
            found.push(Run { bytes, line: at, stamp: stamp.clone(), lead, bare, goes_on: false });
        }
    }
    found.sort_by_key(|run| run.line);
    found
}

/// The first time stamp of a line, and the line with all of them blanked out.
fn stamp(line: &str) -> (String, String) {
    let Some(regex) = STAMP.as_ref() else { return (String::new(), line.to_owned()) };
    // Bytes with colons between them look like times.
    let is_part = |c: char| c == ':' || c.is_ascii_hexdigit();
    let stands_alone = |range: &std::ops::Range<usize>| {
        let (before, behind) = (line.get(..range.start).unwrap_or_default(), line.get(range.end..).unwrap_or_default());
        !before.ends_with(is_part) && !behind.starts_with(is_part)
    };
    let (mut first, mut rest, mut at) = (None, String::new(), 0);
    for found in regex.find_iter(line).filter(|found| stands_alone(&found.range())) {
        rest.push_str(line.get(at..found.start()).unwrap_or_default());
        rest.push_str(" ~ ");
        at = found.end();
        first.get_or_insert_with(|| found.as_str().trim_matches(['[', ']', '(', ')', ' ']).to_owned());
    }
    rest.push_str(line.get(at..).unwrap_or_default());
    (first.unwrap_or_default(), rest)
}

/// Words of a log line as they are shown beside a frame.
fn tidy(words: &str) -> String {
    let words = words.replace('~', " ");
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| c == '"' || c == '\'' || c == ',' || c == '{').to_owned()
}

/// Texts in base64 that could be bytes, each with its line: the whole text where it is nothing else, then word by word.
pub fn base64_words(text: &str) -> Vec<Run> {
    let Some(regex) = BASE64.as_ref() else { return Vec::new() };
    let whole: String = text.split_whitespace().collect();
    let mut found = Vec::new();
    if regex.find(&whole).is_some_and(|word| word.len() == whole.len())
        && let Some(bytes) = decode(&whole)
    {
        return vec![Run { bytes, line: 1, bare: true, ..Run::default() }];
    }
    for (index, line) in text.lines().enumerate() {
        let (stamp, rest) = stamp(line);
        for word in regex.find_iter(&rest) {
            if let Some(bytes) = decode(word.as_str()) {
                let lead = tidy(rest.get(..word.start()).unwrap_or_default());
                found.push(Run { bytes, line: index + 1, stamp: stamp.clone(), lead, ..Run::default() });
            }
        }
    }
    found
}

fn decode(word: &str) -> Option<Vec<u8>> {
    // Some tools leave out the padding, some use the alphabet for URLs.
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if word.contains(['-', '_']) { &base64::alphabet::URL_SAFE } else { &base64::alphabet::STANDARD };
    GeneralPurpose::new(alphabet, config).decode(word).ok().filter(|bytes| !bytes.is_empty())
}

/// Bytes in base64.
pub fn to_base64(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// Bytes as an array in C, twelve to a line.
pub fn to_c(bytes: &[u8], name: &str) -> String {
    let words: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    let lines: Vec<String> = words.chunks(12).map(|line| format!("    {},", line.join(", "))).collect();
    format!("static const unsigned char {name}[{}] = {{\n{}\n}};", bytes.len(), lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::hex;

    const FRAME: &str = "000000030400009002";

    fn only(text: &str) -> String {
        let found = runs(text);
        let all: Vec<u8> = found.iter().flat_map(|run| run.bytes.clone()).collect();
        hex::encode(&all)
    }

    #[test]
    fn every_dress_is_read() {
        for text in [
            "000000030400009002",
            "00 00 00 03 04 00 00 90 02",
            "00,00,00,03,04,00,00,90,02",
            "00-00-00-03-04-00-00-90-02",
            "00:00:00:03:04:00:00:90:02",
            "0x00 0x00 0x00 0x03 0x04 0x00 0x00 0x90 0x02",
            "0x0,0x0,0x0,0x3,0x4,0x0,0x0,0x90,0x2",
            "uint8_t frame[] = {0x00, 0x00, 0x00, 0x03, 0x04, 0x00, 0x00, 0x90, 0x02};",
            "static const unsigned char f[9] = {\n  0x00, 0x00, 0x00, 0x03, // head\n  0x04, 0x00,\n 0x00, 0x90, 0x02\n};",
            "[]byte{0x0, 0x0, 0x0, 0x3, 0x4, 0x0, 0x0, 0x90, 0x2}",
            "[0, 0, 0, 3, 4, 0, 0, 144, 2]",
            "[0, 0, 0, 3, 4, 0, 0, -112, 2]",
            "{\"type\":\"Buffer\",\"data\":[0,0,0,3,4,0,0,144,2]}",
            "<Buffer 00 00 00 03 04 00 00 90 02>",
            "<00000003 04000090 02>",
            "00000003 04 00 0090 02",
            r"\x00\x00\x00\x03\x04\x00\x00\x90\x02",
            r"b'\x00\x00\x00\x03\x04\x00\x00\x90\x02'",
            r#"char *s = "\0\0\0\003\004\0\0\220\002";"#,
            r#"{"payload":"\u0000\u0000\u0000\u0003\u0004\u0000\u0000\u0090\u0002"}"#,
            "00000000  00 00 00 03 04 00 00 90  02                       |.........|",
            "00000000: 0000 0003 0400 0090 02                   .........",
            "0000   00 00 00 03 04 00 00 90 02                        .........",
            "X'000000030400009002'",
            "0x000000030400009002",
            "00h 00h 00h 03h 04h 00h 00h 90h 02h",
            "[12:03:04.123] RX: 00 00 00 03 04 00 00 90 02",
            "2024-01-02 03:04:05,678 DEBUG [mqtt] recv 9 bytes: 000000030400009002",
            "[2024-01-02 03:04:05.678]收←◆00 00 00 03 04 00 00 90 02 ",
            "I (12345) uart: 00 00 00 03 04 00 00 90 02",
            "{\"v\":1,\"seq\":4,\"payload\":{\"hex\":\"000000030400009002\"}}",
        ] {
            assert_eq!(only(text), FRAME, "{text}");
        }
    }

    #[test]
    fn a_dump_over_several_lines_goes_on() {
        let found = runs(
            "00000000  00 00 00 03 13 00 00 90  01 00 01 00 01 00 00 00  |................|\n\
             00000010  00 00 00 00 00 00 00 00                           |........|",
        );
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].goes_on, found[1].goes_on, found[1].bytes.len()), (false, true, 8));
    }

    #[test]
    fn stamps_and_words_are_kept_apart_from_the_bytes() {
        let found = runs("[2024-01-02 03:04:05.678] MCU -> WiFi: ff ff 00 05 07 00 00 00 0c");
        assert_eq!((found[0].stamp.as_str(), found[0].lead.as_str()), ("2024-01-02 03:04:05.678", "MCU -> WiFi:"));
        assert!(!found[0].bare);
    }

    #[test]
    fn base64_is_decoded_whatever_its_padding() {
        for text in ["AAAAAwQAAJAC", "payload = AAAAAwMAAAM= ;", "\"AAAAAwMAAAM\""] {
            assert!(base64_words(text)[0].bytes.starts_with(&[0, 0, 0, 3]), "{text}");
        }
        assert_eq!(to_base64(&[0, 0, 0, 3]), "AAAAAw==");
    }

    #[test]
    fn an_array_in_c_is_read_back() {
        let bytes: Vec<u8> = (0..40).collect();
        assert_eq!(only(&to_c(&bytes, "frame")), hex::encode(&bytes));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = (runs(&text), base64_words(&text));
        }

        #[test]
        fn odd_lines_do_not_panic(text in "[0-9a-fx,{}\\[\\]<>:|\\\\\" \n.-]{0,80}") {
            let _ = runs(&text);
        }
    }
}
