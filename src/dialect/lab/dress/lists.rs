//! Numbers in brackets: arrays of code and lists of scripts, over as many lines as they take.

use crate::dialect::lab::dress::Run;

/// Fewer numbers in brackets are an index, a time or a version.
const FEWEST: usize = 4;

/// Takes the lists out of a text: the text with blanks in their place, and what they hold.
pub fn take(text: &str) -> (String, Vec<Run>) {
    let mut rest = String::with_capacity(text.len());
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(open) = text.get(at..).and_then(|tail| tail.find(['{', '[', '<', '('])).map(|found| at + found) {
        let before = text.get(at..open).unwrap_or_default();
        line += before.matches('\n').count();
        rest.push_str(before);
        let inside_from = open + 1;
        let inside = text.get(inside_from..).and_then(|tail| {
            let end = tail.find(['{', '[', '<', '(', '}', ']', '>', ')'])?;
            tail.get(..end).filter(|_| tail.get(end..).is_some_and(|tail| tail.starts_with(['}', ']', '>', ')'])))
        });
        let Some((inside, bytes)) = inside.and_then(|inside| Some((inside, numbers(inside)?))) else {
            rest.push_str(text.get(open..inside_from).unwrap_or_default());
            at = inside_from;
            continue;
        };
        let start_of_line = text.get(..open).and_then(|head| head.rfind('\n')).map_or(0, |found| found + 1);
        let lead = text.get(start_of_line..open).unwrap_or_default();
        let (stamp, words) = super::stamp(lead);
        found.push(Run { bytes, line, stamp, lead: super::tidy(&words), ..Run::default() });
        // The lines keep their numbers.
        let breaks = inside.matches('\n').count();
        rest.push_str(&"\n".repeat(breaks));
        line += breaks;
        at = inside_from + inside.len() + 1;
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    (rest, found)
}

/// The bytes of a list; nothing where it is no list of bytes.
fn numbers(inside: &str) -> Option<Vec<u8>> {
    let inside = without_comments(inside);
    let inside = inside.trim().strip_prefix("Buffer").unwrap_or(&inside);
    let words: Vec<&str> = inside.split([',', ' ', '\t', '\r', '\n', ';']).filter(|word| !word.is_empty()).collect();
    let is_hex = |word: &&str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    // `<00000003 04000090 02>`, as some debuggers print data.
    if words.len() >= 2 && words.iter().all(|word| is_hex(word) && word.len().is_multiple_of(2)) {
        let digits = words.concat();
        return crate::base::hex::parse(&digits).ok().filter(|bytes| bytes.len() >= FEWEST);
    }
    if words.len() < FEWEST {
        return None;
    }
    let trimmed: Vec<&str> = words.iter().map(|word| word.trim_end_matches("u8").trim_end_matches('U')).collect();
    let marked = trimmed.iter().any(|word| word.starts_with("0x") || word.starts_with("0X"));
    let one = |word: &&str| -> Option<u8> {
        let word = word.trim_start_matches("(byte)").trim_start_matches("(char)");
        match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(digits) => u8::from_str_radix(digits, 16).ok(),
            None if marked => word.parse().ok(),
            None => word.parse().ok().or_else(|| word.parse::<i8>().ok().map(i8::cast_unsigned)),
        }
    };
    trimmed.iter().map(one).collect()
}

fn without_comments(text: &str) -> String {
    if !text.contains('/') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("/*") {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at + 2..).unwrap_or_default();
        rest = tail.find("*/").and_then(|end| tail.get(end + 2..)).unwrap_or_default();
    }
    out.push_str(rest);
    let lines: Vec<&str> = out.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    lines.join("\n")
}
