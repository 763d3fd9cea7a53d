//! Bytes on one line: escaped text, lines of a dump, groups of hex digits.

/// What was found, with what stands before and behind it.
pub type Found = (String, Vec<u8>, String);

/// Fewer bytes than this are part of the words around them.
const FEWEST: usize = 3;

/// Text with escapes, in quotes or by itself; nothing where there are none.
pub fn escaped(line: &str) -> Vec<Found> {
    let Some(first) = line.find('\\') else { return Vec::new() };
    if !line.get(first + 1..).is_some_and(|rest| rest.starts_with(['x', 'X', 'u', '0', '1', '2', '3'])) {
        return Vec::new();
    }
    // The text begins behind the quote before the first escape, or with the escape.
    let head = line.get(..first).unwrap_or_default();
    let (start, quote) = match head.rfind(['"', '\'', '`']) {
        Some(at) => (at + 1, head.get(at..at + 1).and_then(|text| text.chars().next())),
        None => (first, None),
    };
    let body = line.get(start..).unwrap_or_default();
    let (bytes, used) = unescape(body, quote);
    if bytes.len() < FEWEST {
        return Vec::new();
    }
    let lead = line.get(..start).unwrap_or_default().trim_end_matches(['"', '\'', '`']);
    // A letter before the quote says what kind of text it is in some languages.
    let lead = lead.strip_suffix('b').filter(|rest| !rest.ends_with(char::is_alphanumeric)).unwrap_or(lead);
    let tail = body.get(used..).unwrap_or_default();
    vec![(lead.to_owned(), bytes, tail.trim_start_matches(['"', '\'', '`']).to_owned())]
}

/// Bytes of a text with escapes up to the quote that ends it, and how much of the text they take. Texts that follow with
/// nothing but blanks between are joined, as C does.
fn unescape(body: &str, quote: Option<char>) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    let mut chars = body.char_indices().peekable();
    let mut end = 0;
    while let Some((at, c)) = chars.next() {
        end = at + c.len_utf8();
        if Some(c) == quote {
            let rest = body.get(end..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start().len();
            if blanks > 0 && rest.trim_start().starts_with(c) && rest.get(blanks + 1..).is_some_and(|t| t.contains(c)) {
                chars = body.char_indices().peekable();
                while chars.peek().is_some_and(|(place, _)| *place < end + blanks + 1) {
                    chars.next();
                }
                continue;
            }
            return (bytes, at);
        }
        if c != '\\' {
            if quote.is_none() {
                // Without quotes the text ends where the escapes do.
                return (bytes, at);
            }
            bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let Some((_, kind)) = chars.next() else { break };
        let digits = |chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>, radix: u32, most: usize| {
            let mut value = 0u32;
            let mut count = 0;
            while count < most
                && let Some(digit) = chars.peek().and_then(|(_, c)| c.to_digit(radix))
            {
                value = value * radix + digit;
                count += 1;
                chars.next();
            }
            value
        };
        let value = match kind {
            'x' | 'X' => digits(&mut chars, 16, 2),
            'u' => digits(&mut chars, 16, 4),
            '0'..='7' => {
                let first = kind.to_digit(8).unwrap_or_default();
                let before = chars.clone();
                let rest = digits(&mut chars, 8, 2);
                let count = before.count() - chars.clone().count();
                first * 8u32.pow(u32::try_from(count).unwrap_or(0)) + rest
            }
            'n' => 10,
            'r' => 13,
            't' => 9,
            'a' => 7,
            'b' => 8,
            'v' => 11,
            'f' => 12,
            other => u32::from(other),
        };
        match u8::try_from(value) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(char::from_u32(value).unwrap_or('?').encode_utf8(&mut [0; 4]).bytes()),
        }
        end = chars.peek().map_or(body.len(), |(at, _)| *at);
    }
    (bytes, end)
}

/// Offset and bytes of a line of a dump: `00000010  00 01 … |..|`, `0000: 0001 0203  ..`.
pub fn dump_line(line: &str) -> Option<(usize, Vec<u8>)> {
    let text = line.trim_start();
    let end = text.find([' ', '\t', ':'])?;
    let first = text.get(..end)?;
    let digits = first.strip_prefix("0x").unwrap_or(first);
    let is_hex = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !(4..=8).contains(&digits.len()) || !is_hex(digits) {
        return None;
    }
    let offset = usize::from_str_radix(digits, 16).ok()?;
    let mut rest = text.get(end..)?.trim_start_matches(':');
    let mut out = String::new();
    loop {
        let blanks = rest.len() - rest.trim_start().len();
        let tail = rest.trim_start();
        let word = tail.split([' ', '\t']).next().unwrap_or_default();
        let count = out.len() / 2;
        // The characters stand behind a wider gap; on a full line behind two blanks.
        let is_text = blanks >= 2 && count > 0 && (blanks > 2 || tail.len() == count || count >= 16);
        if is_text || count >= 32 || word.is_empty() || !is_hex(word) || !matches!(word.len(), 2 | 4 | 8) {
            break;
        }
        out.push_str(word);
        rest = tail.get(word.len()..)?;
    }
    let bytes = crate::base::hex::parse(&out).ok().filter(|bytes| !bytes.is_empty())?;
    Some((offset, bytes))
}

/// Groups of hex digits on a line: digits with nothing between them but what separates bytes.
pub fn groups(line: &str) -> Vec<Found> {
    let mut found: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    let mut at = 0;
    let mut open: Option<(usize, usize, Vec<u8>)> = None;
    while let Some((start, end, bytes)) = token(line, at) {
        let gap = line.get(at..start).unwrap_or_default();
        let joins =
            gap.chars().all(|c| c.is_whitespace() || matches!(c, ',' | '-' | ':' | ';' | '_' | '|' | '"' | '\''));
        match (&mut open, bytes) {
            (Some((_, until, all)), Some(bytes)) if joins => {
                all.extend(bytes);
                *until = end;
            }
            (_, bytes) => {
                found.extend(open.take());
                open = bytes.map(|bytes| (start, end, bytes));
            }
        }
        at = end;
    }
    found.extend(open);
    let mut last = 0;
    let kept = found.into_iter().filter(|(_, _, bytes)| bytes.len() >= FEWEST);
    kept.map(|(start, end, bytes)| {
        let lead = line.get(last..start).unwrap_or_default().to_owned();
        last = end;
        (lead, bytes, line.get(end..).unwrap_or_default().to_owned())
    })
    .collect()
}

/// The next word from a place on: where it is, and its bytes where it is made of hex digits.
fn token(line: &str, from: usize) -> Option<(usize, usize, Option<Vec<u8>>)> {
    let rest = line.get(from..)?;
    let begin = rest.find(char::is_alphanumeric)?;
    let word: &str = rest.get(begin..)?.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let (start, end) = (from + begin, from + begin + word.len());
    let bare = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    let marked = bare.is_some();
    let digits = bare.unwrap_or(word);
    let digits = digits.strip_suffix(['h', 'H']).filter(|rest| rest.len() == 2).unwrap_or(digits);
    let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let whole = digits.len().is_multiple_of(2) || (marked && digits.len() == 1);
    let bytes = (is_hex && whole).then(|| if digits.len() == 1 { format!("0{digits}") } else { digits.to_owned() });
    Some((start, end, bytes.and_then(|digits| crate::base::hex::parse(&digits).ok())))
}
