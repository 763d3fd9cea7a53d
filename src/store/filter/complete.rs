//! How a filter could go on while it is typed.

use std::ops::Range;

use crate::base::lang::{Phrase, Text};
use crate::model::Kind;
use crate::store::filter::field::{DIRECTIONS, FIELDS, Field, FieldInfo, ROLES, ValueKind, YES_NO};
use crate::store::filter::names::Names;
use crate::store::filter::parse;

/// One way to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The bytes of the text that it stands for.
    pub replaces: Range<usize>,
    /// What is written there.
    pub text: String,
    /// What it means.
    pub help: Phrase,
}

const JOINS: &[(&str, Text)] = &[
    ("and", Text::new("both (white space means the same)", "同时满足（空格含义相同）")),
    ("or", Text::new("one of both", "满足其一")),
    ("not", Text::new("the contrary of what follows", "对后面的条件取反")),
];

/// How `source` could go on at byte `cursor`, in the order of the table.
pub(super) fn complete(source: &str, cursor: usize, names: &Names) -> Vec<Completion> {
    let before = source.get(..cursor).unwrap_or(source);
    if is_quoted(before) {
        return Vec::new();
    }
    let begin = before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '!'))
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let typed = before.get(begin..).unwrap_or_default();
    let named = typed.find([':', '=', '<', '>']).and_then(|end| Some((Field::named(typed.get(..end)?)?, end)));
    match named {
        Some((info, end)) => {
            let signs = typed.get(end..).unwrap_or_default();
            let sign_len = signs.len() - signs.trim_start_matches([':', '=', '<', '>']).len();
            let from = typed.rfind(',').map_or(end + sign_len, |comma| comma + 1);
            let value = typed.get(from..).unwrap_or_default();
            let place = begin + from..cursor;
            values(info, names)
                .into_iter()
                .filter(|(text, _)| starts_like(text, value))
                .map(|(text, help)| Completion { replaces: place.clone(), text, help })
                .collect()
        }
        None => fields(typed, begin..cursor),
    }
}

fn fields(typed: &str, place: Range<usize>) -> Vec<Completion> {
    let mut found: Vec<Completion> = FIELDS
        .iter()
        .filter(|info| info.names.iter().any(|name| starts_like(name, typed)))
        .filter_map(|info| {
            let sign = if info.value.is_ordered() { ">" } else { ":" };
            let text = format!("{}{sign}", info.names.first()?);
            Some(Completion { replaces: place.clone(), text, help: info.help.into() })
        })
        .collect();
    let joins = JOINS.iter().filter(|(word, _)| !typed.is_empty() && starts_like(word, typed));
    found.extend(joins.map(|(word, help)| Completion {
        replaces: place.clone(),
        text: format!("{word} "),
        help: (*help).into(),
    }));
    found
}

/// The values that a field is known to have.
fn values(info: &FieldInfo, names: &Names) -> Vec<(String, Phrase)> {
    let plain = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), Phrase::from(info.help))).collect();
    match (info.field, info.value) {
        (Field::Kind, _) => Kind::ALL.iter().map(|kind| (kind.name().to_owned(), Phrase::from(kind.title()))).collect(),
        (Field::Direction, _) => plain(DIRECTIONS),
        (Field::Role, _) => plain(ROLES),
        (Field::Outcome, _) => plain(parse::outcomes()),
        (Field::Retain | Field::Dup, _) => plain(YES_NO),
        (Field::Connection, _) => {
            names.iter().map(|name| (quoted(&name.name), Phrase::verbatim(name.dialect))).collect()
        }
        (Field::Dialect, _) => {
            let mut dialects: Vec<&str> = names.iter().map(|name| name.dialect).collect();
            dialects.sort_unstable();
            dialects.dedup();
            plain(&dialects)
        }
        (_, ValueKind::Duration) => plain(&["100ms", "1s", "5s"]),
        (_, ValueKind::Size) => plain(&["1KiB", "64KiB", "1MiB"]),
        (_, ValueKind::Number) => plain(&["0", "1", "2"]),
        _ => Vec::new(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([' ', ',', '(', ')', '"', '\'']) { format!("{text:?}") } else { text.to_owned() }
}

fn starts_like(word: &str, typed: &str) -> bool {
    word.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed)) && word != typed
}

/// Whether a text ends within quotes.
fn is_quoted(text: &str) -> bool {
    let mut open: Option<char> = None;
    let mut chars = text.chars();
    let mut previous = ' ';
    while let Some(c) = chars.next() {
        match open {
            Some(_) if c == '\\' => _ = chars.next(),
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            // A quote inside a word is a letter.
            None if matches!(c, '"' | '\'')
                && (previous.is_whitespace() || matches!(previous, ':' | '=' | ',' | '(' | '!')) =>
            {
                open = Some(c);
            }
            None => {}
        }
        previous = c;
    }
    open.is_some()
}
