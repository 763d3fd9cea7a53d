//! Hexadecimal as people paste it, and as programs print it.

use crate::base::lang::{Phrase, Text};

/// Why a text is not hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HexFault {
    /// Byte offset into the text.
    pub offset: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

const NOT_A_DIGIT: Text = Text::new("a hex digit was expected, found “{}”", "应为十六进制数字，实际是“{}”");
const ODD: Text =
    Text::new("the last byte has one digit only: {} digits in all", "最后一个字节只有一位数字：共 {} 位数字");

impl std::fmt::Display for HexFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "offset {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for HexFault {}

/// Reads bytes written in hexadecimal. White space, `,` `:` `;` `-` `_` `|` and the prefixes `0x` and `\x` are ignored;
/// digits are joined across them, but a prefixed group with an odd number of digits (`0x1,0x2`) gets a leading zero.
pub fn parse(text: &str) -> Result<Vec<u8>, HexFault> {
    let mut digits: Vec<u8> = Vec::with_capacity(text.len());
    // Where the digits of the current prefixed group start; `None` outside of one.
    let mut group: Option<usize> = None;
    let mut last = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((offset, found)) = chars.next() {
        if is_separator(found) {
            close_group(&mut digits, group.take());
            continue;
        }
        let next_is_x = chars.peek().is_some_and(|(_, next)| matches!(next, 'x' | 'X'));
        if matches!(found, '0' | '\\') && next_is_x {
            chars.next();
            close_group(&mut digits, group.take());
            group = Some(digits.len());
            continue;
        }
        let digit = found
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or_else(|| HexFault { offset, reason: NOT_A_DIGIT.with(&[&found]) })?;
        digits.push(digit);
        last = offset;
    }
    close_group(&mut digits, group);
    if !digits.len().is_multiple_of(2) {
        return Err(HexFault { offset: last, reason: ODD.with(&[&digits.len()]) });
    }
    let (pairs, _) = digits.as_chunks::<2>();
    Ok(pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

fn is_separator(found: char) -> bool {
    found.is_whitespace() || matches!(found, ',' | ':' | ';' | '-' | '_' | '|')
}

fn close_group(digits: &mut Vec<u8>, group: Option<usize>) {
    if let Some(start) = group
        && !(digits.len() - start).is_multiple_of(2)
    {
        digits.insert(start, 0);
    }
}

/// Lower-case digits without separators.
pub fn encode(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dresses_that_people_paste_are_read() {
        let bytes = vec![0x00, 0x03, 0xab];
        for text in
            ["0003ab", "00 03 AB", "0x00, 0x03, 0xab", "\\x00\\x03\\xAB", "00:03:ab", "0x0,0x3,0xab", "0003 ab\n"]
        {
            assert_eq!(parse(text), Ok(bytes.clone()), "{text}");
        }
        assert_eq!(parse("00000003030000 90").map(|bytes| bytes.len()), Ok(8));
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn a_fault_names_its_place() {
        assert_eq!(parse("00 0g").map_err(|fault| fault.offset), Err(4));
        assert_eq!(parse("00 0").map_err(|fault| fault.offset), Err(3));
        assert!(parse("00 0").is_err_and(|fault| fault.reason.is(&ODD)));
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_read_back(bytes: Vec<u8>) {
            assert_eq!(parse(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = parse(&text);
        }
    }
}
