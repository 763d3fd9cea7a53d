//! JSON with the byte range of every part, read tolerantly.
//!
//! People paste samples from platform documents, and firmware sends what it sends: comments, trailing and missing commas,
//! a byte order mark, cut-off messages. [`parse`] reads all of these and lists what a strict reader would refuse, each
//! with its place. [`members`] is the quick look for every message on the way in: no allocation, no tree.
//!
//! How faults are read: 1. a comment or a byte order mark is skipped; 2. a missing comma is assumed before the next key or
//! value, a surplus one is ignored; 3. full-width punctuation counts as its ASCII form; 4. a bare word or a malformed
//! number becomes a string; 5. a string that is not closed ends at the line's end; 6. brackets that do not match close
//! everything up to the next that does; 7. deeper than [`MAX_DEPTH`] a value is skipped as a whole. Each leaves a problem.

mod scan;

use serde_json::{Map, Value as Json};

pub use scan::{Member, Members, member, members, members_in, scalar};

use crate::base::lang::{Phrase, Text};

/// Nesting that is read as a tree; deeper values are skipped and reported.
pub const MAX_DEPTH: usize = 100;

/// Problems that are listed; the others are counted in [`Parsed::problems_left_out`].
pub const MAX_PROBLEMS: usize = 100;

/// What [`parse`] found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The value; `None` where there is nothing that could be one.
    pub root: Option<Node>,
    /// What a strict reader would refuse, in the order of the bytes.
    pub problems: Vec<Problem>,
    /// How many further problems there were beyond [`MAX_PROBLEMS`].
    pub problems_left_out: usize,
}

/// Something that JSON does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// First byte.
    pub offset: usize,
    /// Number of bytes; 0 for a point between bytes.
    pub length: usize,
    /// What was expected and what was found.
    pub reason: Phrase,
}

/// The key of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpan {
    /// First byte: the opening quote.
    pub offset: usize,
    /// Number of bytes with the quotes.
    pub length: usize,
    /// The key with its escapes resolved.
    pub text: String,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// First byte of the value.
    pub offset: usize,
    /// Number of bytes.
    pub length: usize,
    /// The key, for a member of an object.
    pub key: Option<KeySpan>,
    /// The value.
    pub value: Value,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, also where a value is missing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it stands in the text.
    Number(String),
    /// A string with its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Node>),
    /// An object; members in the order of the text, repeated keys kept.
    Object(Vec<Node>),
}

impl Node {
    /// The byte range of the value.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.length
    }

    /// The first byte of the whole member (its key), or of the value where it has no key.
    pub fn start(&self) -> usize {
        self.key.as_ref().map_or(self.offset, |key| key.offset)
    }

    /// The first byte after the value.
    pub fn end(&self) -> usize {
        self.offset + self.length
    }

    /// A member by key; the last one where a key is repeated, as most readers do.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members().iter().rfind(|node| node.key.as_ref().is_some_and(|span| span.text == key))
    }

    /// The members of an object; none for anything else.
    pub fn members(&self) -> &[Node] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; none for anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::Array(elements) => elements,
            _ => &[],
        }
    }

    /// The key's text, for a member of an object.
    pub fn name(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.text.as_str())
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string or a number, the word of a bool.
    pub fn scalar_text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The JSON type in one word.
    pub const fn type_name(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// The value without places. A number beyond what can be held becomes a string.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(raw) => {
                raw.parse::<serde_json::Number>().map_or_else(|_| Json::String(raw.clone()), Json::Number)
            }
            Value::String(text) => Json::String(text.clone()),
            Value::Array(elements) => Json::Array(elements.iter().map(Node::to_json).collect()),
            Value::Object(members) => {
                let mut map = Map::new();
                for member in members {
                    map.insert(member.name().unwrap_or_default().to_owned(), member.to_json());
                }
                Json::Object(map)
            }
        }
    }
}

/// Line and column, both from 1, of a byte offset; the column counts characters.
pub fn line_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    (line, column)
}

const EMPTY: Text = Text::new("a JSON value was expected, found nothing", "应为 JSON 值，实际为空");
const BOM: Text = Text::new(
    "a byte order mark stands before the JSON; most readers refuse it",
    "JSON 前有字节序标记（BOM），多数解析器会拒绝",
);
const COMMENT: Text = Text::new("JSON has no comments", "JSON 不允许注释");
const OPEN_COMMENT: Text = Text::new("this comment is not closed", "注释没有结束");
const NO_VALUE: Text = Text::new("a value was expected, found {}", "应为一个值，实际是{}");
const NO_KEY: Text = Text::new("a key in quotes was expected, found {}", "应为带引号的键，实际是{}");
const BARE_KEY: Text = Text::new("the key “{}” has no quotes", "键“{}”缺少双引号");
const NO_COLON: Text = Text::new("“:” was expected after the key “{}”", "键“{}”后应为“:”");
const MISSING_COMMA: Text = Text::new("a comma is missing here", "此处缺少逗号");
const TRAILING_COMMA: Text = Text::new("this comma is one too many", "此处多了一个逗号");
const OPEN_OBJECT: Text = Text::new("this object is not closed: “}” is missing", "对象没有结束：缺少“}”");
const OPEN_ARRAY: Text = Text::new("this array is not closed: “]” is missing", "数组没有结束：缺少“]”");
const WRONG_CLOSE: Text = Text::new("“{}” was expected, found “{}”", "应为“{}”，实际是“{}”");
const OPEN_STRING: Text = Text::new("this string is not closed", "字符串没有结束");
const SINGLE_QUOTE: Text =
    Text::new("strings stand in double quotes, found single ones", "字符串应使用双引号，实际是单引号");
const CONTROL: Text = Text::new("the control character {} must be escaped", "控制字符 {} 必须转义");
const BAD_ESCAPE: Text = Text::new("“{}” is not an escape", "“{}”不是合法的转义");
const LONE_SURROGATE: Text = Text::new("half of a surrogate pair", "不成对的代理项");
const NOT_UTF8: Text = Text::new("these bytes are not UTF-8", "这些字节不是 UTF-8");
const BARE_WORD: Text = Text::new("“{}” is neither a value nor in quotes", "“{}”既不是合法的值，也没有加引号");
const BAD_NUMBER: Text = Text::new("“{}” is not a number", "“{}”不是合法的数字");
const FULL_WIDTH: Text = Text::new("full-width punctuation “{}”", "全角标点“{}”");
const TOO_DEEP: Text = Text::new("nested deeper than {} levels; not taken apart", "嵌套超过 {} 层，不再解析");
const TRAILING: Text = Text::new("{} more bytes follow the value", "值之后还有 {} 个字节");
const END: Text = Text::new("the end", "结尾");
const QUOTED: Text = Text::same("“{}”");

/// Reads JSON. Never fails: what is wrong becomes a problem, and whatever can be read is there.
pub fn parse(bytes: &[u8]) -> Parsed {
    let mut parser = Parser { bytes, at: 0, found: Parsed::default() };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        parser.problem(0, 3, BOM.into());
        parser.at = 3;
    }
    parser.space();
    parser.found.root = parser.value(0);
    if parser.found.root.is_none() {
        let reason = if parser.peek().is_none() { EMPTY.into() } else { NO_VALUE.with(&[&parser.here()]) };
        parser.problem(parser.at, parser.char_length(), reason);
        return parser.found;
    }
    parser.space();
    let rest = bytes.len().saturating_sub(parser.at);
    if rest > 0 {
        parser.problem(parser.at, rest, TRAILING.with(&[&rest]));
    }
    // What is not closed is noticed at the end, but belongs to where it was opened.
    parser.found.problems.sort_by_key(|problem| problem.offset);
    parser.found
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Parsed,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn slice(&self, start: usize, end: usize) -> &[u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn problem(&mut self, offset: usize, length: usize, reason: Phrase) {
        if self.found.problems.len() < MAX_PROBLEMS {
            self.found.problems.push(Problem { offset, length, reason });
        } else {
            self.found.problems_left_out += 1;
        }
    }

    /// Skips white space and comments; comments are reported.
    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                Some(b'/') => {
                    let Some(end) = scan::skip_comment(self.bytes, self.at) else { return };
                    let comment = self.slice(self.at, end);
                    let open = comment.starts_with(b"/*") && (comment.len() < 4 || !comment.ends_with(b"*/"));
                    self.problem(self.at, end - self.at, if open { OPEN_COMMENT.into() } else { COMMENT.into() });
                    self.at = end;
                }
                _ => return,
            }
        }
    }

    /// The ASCII form of the punctuation at the current place, and its length in bytes.
    fn punctuation(&self) -> Option<(u8, usize)> {
        let wide = |ascii| Some((ascii, 3));
        match self.peek()? {
            byte if byte.is_ascii() => Some((byte, 1)),
            _ => match self.slice(self.at, self.at + 3) {
                b"\xef\xbc\x8c" => wide(b','),
                b"\xef\xbc\x9a" => wide(b':'),
                b"\xe2\x80\x9c" | b"\xe2\x80\x9d" => wide(b'"'),
                _ => None,
            },
        }
    }

    /// Takes one punctuation mark if it is there, in either width.
    fn take(&mut self, wanted: u8) -> bool {
        match self.punctuation() {
            Some((found, length)) if found == wanted => {
                if length > 1 {
                    let text = String::from_utf8_lossy(self.slice(self.at, self.at + length)).into_owned();
                    self.problem(self.at, length, FULL_WIDTH.with(&[&text]));
                }
                self.at += length;
                true
            }
            _ => false,
        }
    }

    /// Length in bytes of the character at the current place; 1 for a byte that starts none, 0 at the end.
    fn char_length(&self) -> usize {
        let rest = self.slice(self.at, (self.at + 4).min(self.bytes.len()));
        match std::str::from_utf8(rest) {
            Ok(text) => text.chars().next().map_or(0, char::len_utf8),
            Err(error) => {
                let valid = rest.get(..error.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok());
                valid.and_then(|head| head.chars().next()).map_or(1, char::len_utf8)
            }
        }
    }

    /// What stands at the current place, for a message.
    fn here(&self) -> Phrase {
        let length = self.char_length();
        if length == 0 {
            return END.into();
        }
        QUOTED.with(&[&String::from_utf8_lossy(self.slice(self.at, self.at + length))])
    }

    /// One value; `None`, nothing taken, where none starts here.
    fn value(&mut self, depth: usize) -> Option<Node> {
        let offset = self.at;
        let value = match self.punctuation() {
            Some((b'{' | b'[', 1)) if depth >= MAX_DEPTH => {
                self.at = scan::skip_value(self.bytes, self.at);
                self.problem(offset, self.at - offset, TOO_DEEP.with(&[&MAX_DEPTH]));
                Value::Null
            }
            Some((b'{', 1)) => Value::Object(self.object(depth)),
            Some((b'[', 1)) => Value::Array(self.array(depth)),
            Some((b'"', _) | (b'\'', 1)) => Value::String(self.string()),
            Some((b'-' | b'+' | b'.' | b'0'..=b'9', 1)) => self.number(),
            Some((byte, 1)) if is_word(byte) => self.word(),
            Some(_) => return None,
            None if self.peek().is_some() => self.word(),
            None => return None,
        };
        Some(Node { offset, length: self.at - offset, key: None, value })
    }

    fn object(&mut self, depth: usize) -> Vec<Node> {
        let open = self.at;
        self.at += 1;
        let mut members: Vec<Node> = Vec::new();
        let mut comma = None;
        loop {
            self.space();
            match self.punctuation() {
                None if self.peek().is_none() => {
                    self.problem(open, 1, OPEN_OBJECT.into());
                    return members;
                }
                Some((b'}', 1)) => {
                    self.surplus(comma);
                    self.at += 1;
                    return members;
                }
                Some((b']', 1)) => {
                    self.problem(self.at, 1, WRONG_CLOSE.with(&[&"}", &"]"]));
                    return members;
                }
                Some((b',', _)) => self.comma(&mut comma, members.is_empty()),
                _ => {
                    if comma.is_none()
                        && let Some(last) = members.last()
                    {
                        let end = last.end();
                        self.problem(end, 0, MISSING_COMMA.into());
                    }
                    comma = None;
                    if let Some(member) = self.member(depth) {
                        members.push(member);
                    }
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Vec<Node> {
        let open = self.at;
        self.at += 1;
        let mut elements: Vec<Node> = Vec::new();
        let mut comma = None;
        loop {
            self.space();
            match self.punctuation() {
                None if self.peek().is_none() => {
                    self.problem(open, 1, OPEN_ARRAY.into());
                    return elements;
                }
                Some((b']', 1)) => {
                    self.surplus(comma);
                    self.at += 1;
                    return elements;
                }
                Some((b'}', 1)) => {
                    self.problem(self.at, 1, WRONG_CLOSE.with(&[&"]", &"}"]));
                    return elements;
                }
                Some((b',', _)) => self.comma(&mut comma, elements.is_empty()),
                _ => {
                    if comma.is_none()
                        && let Some(last) = elements.last()
                    {
                        let end = last.end();
                        self.problem(end, 0, MISSING_COMMA.into());
                    }
                    comma = None;
                    match self.value(depth + 1) {
                        Some(element) => elements.push(element),
                        None => self.refuse(NO_VALUE),
                    }
                }
            }
        }
    }

    fn comma(&mut self, pending: &mut Option<usize>, first: bool) {
        let at = self.at;
        if pending.is_some() || first {
            self.surplus(Some(at));
        }
        self.take(b',');
        if !first {
            *pending = Some(at);
        }
    }

    fn surplus(&mut self, comma: Option<usize>) {
        if let Some(at) = comma {
            self.problem(at, 1, TRAILING_COMMA.into());
        }
    }

    /// Reports the character at the current place and steps over it.
    fn refuse(&mut self, expected: Text) {
        let length = self.char_length();
        let here = self.here();
        self.problem(self.at, length, expected.around([here]));
        self.at += length.max(1);
    }

    fn member(&mut self, depth: usize) -> Option<Node> {
        let offset = self.at;
        let text = match self.punctuation() {
            Some((b'"', _) | (b'\'', 1)) => self.string(),
            Some((byte, 1)) if !is_word(byte) => {
                self.refuse(NO_KEY);
                return None;
            }
            Some((b',' | b':', _)) => {
                self.refuse(NO_KEY);
                return None;
            }
            _ => {
                let text = self.bare();
                self.problem(offset, self.at - offset, BARE_KEY.with(&[&text]));
                text
            }
        };
        let key = KeySpan { offset, length: self.at - offset, text };
        self.space();
        if !self.take(b':') {
            self.problem(self.at, 0, NO_COLON.with(&[&key.text]));
            if self.peek() == Some(b'=') {
                self.at += 1;
            }
        }
        self.space();
        let mut node = self.value(depth + 1).unwrap_or_else(|| {
            let here = self.here();
            self.problem(self.at, 0, NO_VALUE.around([here]));
            Node { offset: self.at, length: 0, key: None, value: Value::Null }
        });
        node.key = Some(key);
        Some(node)
    }

    /// A string in double quotes, or (reported) in single or full-width ones.
    fn string(&mut self) -> String {
        let open = self.at;
        let quote = match self.peek() {
            Some(b'\'') => {
                self.problem(open, 1, SINGLE_QUOTE.into());
                self.at += 1;
                b'\''
            }
            _ => {
                self.take(b'"');
                b'"'
            }
        };
        let wide = self.at - open > 1;
        let mut text: Vec<u8> = Vec::new();
        loop {
            // Everything up to the next byte with a meaning is taken as a whole.
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let plain = rest
                .iter()
                .position(|&byte| byte == quote || byte == b'\\' || byte < 0x20 || (wide && byte == 0xe2))
                .unwrap_or(rest.len());
            text.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    break;
                }
                Some(0xe2) => {
                    if self.take(b'"') {
                        break;
                    }
                    text.push(0xe2);
                    self.at += 1;
                }
                Some(b'\\') => self.escape(&mut text),
                Some(b'\n') | None => {
                    self.problem(open, self.at - open, OPEN_STRING.into());
                    break;
                }
                Some(control) => {
                    self.problem(self.at, 1, CONTROL.with(&[&format_args!("{control:02x}")]));
                    text.push(control);
                    self.at += 1;
                }
            }
        }
        String::from_utf8(text).unwrap_or_else(|error| {
            self.problem(open, self.at - open, NOT_UTF8.into());
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        })
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let start = self.at;
        let found = self.bytes.get(self.at + 1).copied();
        let plain = match found {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(text),
            _ => {
                self.at += 1;
                let length = self.char_length();
                let escape = String::from_utf8_lossy(self.slice(start, self.at + length)).into_owned();
                self.problem(start, 1 + length, BAD_ESCAPE.with(&[&escape]));
                text.push(b'\\');
                return;
            }
        };
        text.push(plain);
        self.at += 2;
    }

    /// `\uXXXX`, or a pair of them for a character beyond the basic plane.
    fn unicode_escape(&mut self, text: &mut Vec<u8>) {
        let start = self.at;
        let Some(first) = self.four_digits(start) else {
            let shown = String::from_utf8_lossy(self.slice(start, (start + 6).min(self.bytes.len()))).into_owned();
            self.problem(start, 2, BAD_ESCAPE.with(&[&shown]));
            self.at += 2;
            return;
        };
        self.at += 6;
        let second = match first {
            0xd800..=0xdbff => self.four_digits(self.at).filter(|second| (0xdc00..=0xdfff).contains(second)),
            _ => None,
        };
        let code = match second {
            Some(second) => {
                self.at += 6;
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            None => first,
        };
        let resolved = char::from_u32(code).unwrap_or_else(|| {
            self.problem(start, self.at - start, LONE_SURROGATE.into());
            char::REPLACEMENT_CHARACTER
        });
        text.extend_from_slice(resolved.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn four_digits(&self, at: usize) -> Option<u32> {
        let escape = self.bytes.get(at..at + 6)?;
        let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
        // `from_str_radix` would take a sign.
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn number(&mut self) -> Value {
        let offset = self.at;
        let raw = self.bare();
        if is_number(raw.as_bytes()) {
            return Value::Number(raw);
        }
        self.problem(offset, self.at - offset, BAD_NUMBER.with(&[&raw]));
        Value::String(raw)
    }

    fn word(&mut self) -> Value {
        let offset = self.at;
        let raw = self.bare();
        match raw.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => {
                self.problem(offset, self.at - offset, BARE_WORD.with(&[&raw]));
                Value::String(raw)
            }
        }
    }

    /// Everything up to the next space or punctuation, at least one character.
    fn bare(&mut self) -> String {
        let start = self.at;
        loop {
            match self.punctuation() {
                Some((byte, 1)) if is_word(byte) || matches!(byte, b'+' | b'-' | b'.') => self.at += 1,
                Some(_) => break,
                None if self.peek().is_some() => self.at += self.char_length(),
                None => break,
            }
        }
        String::from_utf8_lossy(self.slice(start, self.at)).into_owned()
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// The grammar of RFC 8259, section 6.
fn is_number(raw: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = raw.strip_prefix(b"-").unwrap_or(raw);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with(b"0")) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(after) = rest.strip_prefix(b".") {
        let places = digits(after);
        if places == 0 {
            return false;
        }
        rest = after.get(places..).unwrap_or_default();
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let after = after.strip_prefix(b"+").or_else(|| after.strip_prefix(b"-")).unwrap_or(after);
        let places = digits(after);
        return places > 0 && places == after.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests;
