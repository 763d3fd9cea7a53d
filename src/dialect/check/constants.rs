//! Constants of pasted code put in the place of their names, so that a call tells the texts that it is given.
//!
//! `#define`, assignments, and what joins texts in the usual languages: texts side by side, `+`, `..`, `f"{name}"`,
//! `` `${name}` ``. Nothing is executed, and a name that is not known stays as it is.

use std::collections::BTreeMap;

/// Rounds of putting constants into constants.
const ROUNDS: usize = 6;
/// The longest text that is put together.
const LONGEST: usize = 4_096;

/// A piece of code.
#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A text, quotes removed and escapes kept.
    Text(String),
    /// A text with places for values: `{name}`, or `${name}` where true.
    Template(String, bool),
    /// A name, or digits.
    Word(String),
    /// Blanks, but no line feed.
    Blank(String),
    /// Anything else.
    Sign(char),
}

/// The same code, its constants in the place of their names and texts that are joined put together.
pub fn resolve(code: &str) -> String {
    let mut tokens = read(code);
    let mut known = BTreeMap::new();
    for _ in 0..ROUNDS {
        let before = known.len();
        define(&tokens, &mut known);
        if known.is_empty() {
            return code.to_owned();
        }
        tokens = fold(tokens, &known);
        if known.len() == before {
            break;
        }
    }
    tokens.iter().map(write).collect()
}

fn write(token: &Token) -> String {
    match token {
        Token::Text(text) | Token::Template(text, _) => format!("\"{text}\""),
        Token::Word(text) | Token::Blank(text) => text.clone(),
        Token::Sign(sign) => sign.to_string(),
    }
}

/// Takes code apart. Comments are left out.
fn read(code: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if rest.starts_with("//") && tokens.last() != Some(&Token::Sign(':')) {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if word(first) {
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest.get(..end).unwrap_or_default().to_owned()));
            end
        } else if first.is_whitespace() && first != '\n' {
            let end = rest.find(|c: char| !c.is_whitespace() || c == '\n').unwrap_or(rest.len());
            tokens.push(Token::Blank(rest.get(..end).unwrap_or_default().to_owned()));
            end
        } else if let Some((text, end)) = matches!(first, '"' | '\'' | '`').then(|| text(rest, first)).flatten() {
            let prefix = match tokens.last() {
                Some(Token::Word(prefix)) if matches!(prefix.as_str(), "f" | "F" | "b" | "r" | "u" | "L") => {
                    let template = prefix.eq_ignore_ascii_case("f");
                    tokens.pop();
                    template
                }
                _ => false,
            };
            let text = if first == '"' { text } else { text.replace('"', "\\\"") };
            tokens.push(if prefix || first == '`' { Token::Template(text, first == '`') } else { Token::Text(text) });
            end
        } else {
            tokens.push(Token::Sign(first));
            first.len_utf8()
        };
        rest = rest.get(end..).unwrap_or_default();
    }
    tokens
}

/// A text up to its closing quote; `None` where it is not closed on its line.
fn text(code: &str, quote: char) -> Option<(String, usize)> {
    let mut escaped = false;
    for (at, found) in code.char_indices().skip(1) {
        match found {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if quote != '`' => return None,
            end if end == quote => return Some((code.get(1..at)?.to_owned(), at + 1)),
            _ => {}
        }
    }
    None
}

const fn is_blank(token: &Token) -> bool {
    matches!(token, Token::Blank(_))
}

/// Learns `#define NAME text` and `name = text`.
fn define(tokens: &[Token], known: &mut BTreeMap<String, String>) {
    let mut line: Vec<&Token> = Vec::new();
    for token in tokens.iter().chain([&Token::Sign('\n')]) {
        if matches!(token, Token::Sign('\n' | ';' | '{' | '}' | ',' | '(' | ')')) {
            if let Some((name, value)) = definition(&line) {
                known.entry(name).or_insert(value);
            }
            line.clear();
        } else if !is_blank(token) {
            line.push(token);
        }
    }
}

fn definition(line: &[&Token]) -> Option<(String, String)> {
    let value = match line.last()? {
        Token::Text(text) => text.clone(),
        Token::Word(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.clone(),
        _ => return None,
    };
    let before = line.get(..line.len().saturating_sub(1))?;
    let name = match before {
        [.., Token::Sign('#'), Token::Word(define), Token::Word(name)] if define == "define" => name,
        [.., Token::Word(name), Token::Sign('=')] | [.., Token::Word(name), Token::Sign(':'), Token::Sign('=')] => name,
        // An array of characters, with or without a length.
        [.., Token::Word(name), Token::Sign('['), Token::Sign(']'), Token::Sign('=')]
        | [.., Token::Word(name), Token::Sign('['), _, Token::Sign(']'), Token::Sign('=')] => name,
        _ => return None,
    };
    let is_name = name.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_');
    (is_name && value.len() <= LONGEST).then(|| (name.clone(), value))
}

/// Puts constants in the place of their names, and joins what is joined.
fn fold(tokens: Vec<Token>, known: &BTreeMap<String, String>) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let token = match token {
            Token::Word(name) if is_value(&tokens, at) => match known.get(name) {
                Some(value) => Token::Text(value.clone()),
                None => token.clone(),
            },
            Token::Template(text, dollar) => filled(text, *dollar, known),
            other => other.clone(),
        };
        let Token::Text(text) = &token else {
            all.push(token);
            continue;
        };
        // `"a" "b"`, `"a" + "b"`, `"a" .. "b"`, on one line.
        let mut end = all.len();
        let back = |all: &[Token], mut end: usize| {
            while end > 0 && all.get(end - 1).is_some_and(is_blank) {
                end -= 1;
            }
            end
        };
        end = back(&all, end);
        while end > 0 && matches!(all.get(end - 1), Some(Token::Sign('+' | '.'))) {
            end = back(&all, end - 1);
        }
        let joined = end.checked_sub(1).and_then(|last| all.get_mut(last));
        match joined {
            Some(Token::Text(before)) if before.len() + text.len() <= LONGEST => {
                before.push_str(text);
                all.truncate(end);
            }
            _ => all.push(token),
        }
    }
    all
}

/// Whether a name stands for its value here, and is not given one, called, or a part of something.
fn is_value(tokens: &[Token], at: usize) -> bool {
    let sign = |token: Option<&Token>| match token {
        Some(Token::Sign(sign)) => Some(*sign),
        _ => None,
    };
    let mut after = tokens.get(at + 1..).unwrap_or_default().iter().filter(|token| !is_blank(token));
    let next = sign(after.next());
    let compared = next == Some('=') && sign(after.next()) == Some('=');
    if matches!(next, Some('(' | '[')) || matches!(next, Some('=' | ':')) && !compared {
        return false;
    }
    let mut before = tokens.get(..at).unwrap_or_default().iter().rev().filter(|token| !is_blank(token));
    let (first, second) = (before.next(), before.next());
    let defined = matches!((first, second), (Some(Token::Word(define)), Some(Token::Sign('#'))) if define == "define");
    // A member: `self.name`, but not `.. name`.
    let member = sign(first) == Some('.') && matches!(second, Some(Token::Word(_)));
    !defined && !member
}

/// A template, as a text where every place in it is known.
fn filled(text: &str, dollar: bool, known: &BTreeMap<String, String>) -> Token {
    let open = if dollar { "${" } else { "{" };
    let mut all = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let Some((name, next)) = after.split_once('}') else { break };
        let Some(value) = known.get(name.trim()) else { return Token::Template(text.to_owned(), dollar) };
        all.push_str(before);
        all.push_str(value);
        rest = next;
    }
    Token::Text(all + rest)
}

/// The variables of a shell in the place of their names: `$NAME` and `${NAME}`, set by `NAME=value` on a line.
pub fn expand(script: &str) -> String {
    let mut known: Vec<(&str, &str)> = script
        .lines()
        .filter_map(|line| {
            let line = line.trim().trim_start_matches("export ").trim_end_matches(';');
            let (name, value) = line.split_once('=')?;
            let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            is_name.then(|| (name, value.trim_matches(['"', '\''])))
        })
        .collect();
    // A name may begin with another.
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut all = script.to_owned();
    for _ in 0..ROUNDS {
        for (name, value) in &known {
            all = all.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
        }
        if all.len() > LONGEST * 64 {
            break;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_take_the_place_of_their_names() {
        let code = r#"
#define PK "a1"  // the key
#define DN "dev"
#define USER DN "&" PK
const char id[] = "12345";
client.connect(id, USER, self.DN);
"#;
        let resolved = resolve(code);
        assert!(resolved.contains(r#"client.connect("12345", "dev&a1", self.DN);"#), "{resolved}");
        assert!(resolved.contains(r#"#define USER "dev&a1""#), "{resolved}");
    }

    #[test]
    fn texts_are_joined_as_the_languages_do() {
        for code in [
            "pk = 'a1'\ndn = 'dev'\nuser = dn + '&' + pk\nf(user)",
            "pk = 'a1'\ndn = 'dev'\nf(f'{dn}&{pk}')",
            "const pk = 'a1', dn = \"dev\";\nf(`${dn}&${pk}`)",
            "local pk = \"a1\"\nlocal dn = \"dev\"\nf(dn .. \"&\" .. pk)",
        ] {
            assert!(resolve(code).contains("f(\"dev&a1\")"), "{}", resolve(code));
        }
    }

    #[test]
    fn numbers_join_texts_and_unknown_names_stay() {
        let resolved = resolve("ts = 789\nid = 'x|timestamp=' + ts + '|'\nf(id, other, 'a' + other)");
        assert!(resolved.contains("f(\"x|timestamp=789|\", other, \"a\" + other)"), "{resolved}");
        assert_eq!(resolve("f(a, b)"), "f(a, b)");
        assert_eq!(resolve("AT+MQTTCONN=0,\"h\",1883"), "AT+MQTTCONN=0,\"h\",1883");
        // What refers to itself ends, too.
        let long = resolve(&format!("a = 'x'\n{}", "a = a + a\n".repeat(40)));
        assert!(long.len() < 4 * LONGEST * 40, "{}", long.len());
    }

    #[test]
    fn a_shell_knows_its_variables() {
        let script = "ID=dev\nexport USER=\"$ID&pk\"\nmosquitto_pub -i ${ID} -u \"$USER\" -P 2$other";
        assert!(expand(script).ends_with("mosquitto_pub -i dev -u \"dev&pk\" -P 2$other"), "{}", expand(script));
    }
}
