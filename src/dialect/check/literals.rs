//! Text literals of code, commands and labelled lines, each with the name that it has there.

use crate::dialect::check::constants;

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Values by the name that stands before them; `header:…` for a header field.
    pub named: Vec<(String, String)>,
    /// Values without a name.
    pub loose: Vec<String>,
}

/// A text literal, and what stands before it.
struct Literal {
    text: String,
    /// The code since the start of the statement, texts replaced by a quote.
    before: String,
    /// How many literals stand in the same brackets or command before it.
    index: usize,
}

/// Finds the values in a text.
pub fn scan(text: &str, found: &mut Found) {
    let labels = labels(text);
    let commands = commands(text, found);
    let quoted = literals(&constants::resolve(text));
    if quoted.is_empty() || (commands && quoted.iter().all(|literal| literal.before.trim_end().ends_with('-'))) {
        if labels.is_empty() && !commands {
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            found.loose.extend(lines.map(|line| line.trim_end_matches(',').to_owned()));
        }
        found.named.extend(labels);
        return;
    }
    if commands {
        return;
    }
    let mut at = 0;
    while let Some(literal) = quoted.get(at) {
        // Everything in one call or one modem command belongs together.
        let group: Vec<&Literal> = match quoted.get(at..) {
            Some(rest) => rest
                .iter()
                .enumerate()
                .take_while(|(offset, next)| *offset == 0 || next.index > 0)
                .map(|(_, next)| next)
                .collect(),
            None => break,
        };
        at += group.len().max(1);
        name_group(literal, &group, found);
    }
    // Labels outside of quotes fill what the literals left open.
    found.named.extend(labels);
}

/// Names the literals of one call.
fn name_group(first: &Literal, group: &[&Literal], found: &mut Found) {
    let call = first.before.trim_end();
    let upper = call.to_ascii_uppercase();
    if let Some(command) = upper.rfind("AT+").map(|at| upper.get(at..).unwrap_or_default()) {
        return modem(command, group, found);
    }
    for literal in group {
        // A modem command inside a literal of C code.
        if literal.text.trim_start().to_ascii_uppercase().starts_with("AT+") {
            scan(&literal.text, found);
        } else if let Some((name, value)) = header(&literal.text, &literal.before) {
            found.named.push((format!("header:{name}"), value));
        } else if let Some(name) = assigned_name(&literal.before) {
            found.named.push((name, literal.text.clone()));
        }
    }
    let open: Vec<&&Literal> = group
        .iter()
        .filter(|literal| {
            assigned_name(&literal.before).is_none()
                && !literal.text.trim_start().to_ascii_uppercase().starts_with("AT+")
                && header(&literal.text, &literal.before).is_none()
        })
        .collect();
    let function = call.rsplit('(').nth(usize::from(!call.ends_with('(')).min(1)).unwrap_or(call);
    let function = function_name(call).unwrap_or_else(|| function.to_ascii_lowercase());
    let texts: Vec<String> = open.iter().map(|literal| literal.text.clone()).collect();
    let names: &[&str] = match (function.as_str(), texts.len()) {
        (name, 1) if name.contains("clientid") || name.ends_with("setid") || name.ends_with("client") => &["client_id"],
        (name, 1) if name.contains("username") || name.contains("setuser") => &["username"],
        (name, 1) if name.contains("passw") || name.contains("setpass") => &["password"],
        (name, 2) if name.contains("username") || name.contains("credential") || name.contains("auth") => {
            &["username", "password"]
        }
        (name, 2) if name.contains("define") => &[],
        // The example code of OneNET: the product, its token, the device.
        (name, count) if name.ends_with("packetconnect") && count >= 3 => &["username", "password", "client_id"],
        (name, count) if name.ends_with("connect") && count >= 3 => &["client_id", "username", "password"],
        (name, count) if name.contains("client") && count >= 2 => &["client_id", "host", "username", "password"],
        _ => &[],
    };
    // A client made with host and port beside its id: `MQTTClient("id", "host", user="…")`.
    for (at, text) in texts.into_iter().enumerate() {
        match names.get(at) {
            Some(name) => found.named.push(((*name).to_owned(), text)),
            None => found.loose.push(text),
        }
    }
}

/// The name of the function whose arguments follow: letters and digits in lower case.
fn function_name(before: &str) -> Option<String> {
    let open = before.rfind('(')?;
    let name: String = before
        .get(..open)?
        .trim_end()
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_'))
        .filter(char::is_ascii_alphanumeric)
        .collect();
    Some(name.chars().rev().collect::<String>().to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// The arguments of a command for a modem, whatever its maker: texts that are no address are client id, user name and
/// password, in this order.
fn modem(command: &str, group: &[&Literal], found: &mut Found) {
    let texts: Vec<&str> = group.iter().map(|literal| literal.text.as_str()).collect();
    if let [key, value] = texts.as_slice()
        && matches!(key.to_ascii_uppercase().as_str(), "CLIENTID" | "USERNAME" | "PASSWORD")
    {
        return found.named.push(((*key).to_owned(), (*value).to_owned()));
    }
    if let [key, rest @ ..] = texts.as_slice()
        && key.eq_ignore_ascii_case("aliauth")
    {
        let names = ["product_key", "device_name", "device_secret"];
        let pairs = names.iter().zip(rest).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        return found.named.extend(pairs);
    }
    let address = |text: &str| {
        text.contains("://")
            // A port, or an address in numbers.
            || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            || [".com", ".cn", ".net", ".io", ".org"].iter().any(|end| text.ends_with(end))
    };
    let texts: Vec<&str> = texts.into_iter().filter(|text| !matches!(*text, "" | "NULL") && !address(text)).collect();
    let names: &[&str] = match texts.len() {
        0 => return,
        1 if command.contains("USER") => &["username"],
        1 if command.contains("PASS") => &["password"],
        1 if command.contains("CLIENT") || command.contains("ACCQ") || command.contains("CONN") => &["client_id"],
        1 => &[],
        2 => &["username", "password"],
        _ => &["client_id", "username", "password"],
    };
    for (at, text) in texts.iter().enumerate() {
        match names.get(at) {
            Some(name) => found.named.push(((*name).to_owned(), (*text).to_owned())),
            None => found.loose.push((*text).to_owned()),
        }
    }
}

/// The name on the left of `=`, `:` or `=>`, or after `#define`.
fn assigned_name(before: &str) -> Option<String> {
    let before = before.trim_end();
    let stripped = before.trim_end_matches(['=', ':', '>', ' ', '\t', '(', '{', 'f', 'r', 'b']);
    let last_line = before.lines().last().unwrap_or_default().trim_start();
    let left = if let Some(rest) = last_line.strip_prefix("#define") {
        rest.trim()
    } else {
        let joined = before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '{'));
        let prefix = joined.trim_end_matches(['f', 'r', 'b', 'u', 'L']);
        let joined = if prefix.ends_with(['=', ':', '>', ' ']) { prefix.trim_end() } else { joined };
        if !joined.ends_with(['=', ':', '>']) {
            return None;
        }
        stripped.trim_end()
    };
    let left = match left.rfind('[') {
        Some(open) if left.ends_with(']') => left.get(..open)?.trim_end(),
        _ => left,
    };
    let left = left.trim_end_matches(['"', '\'']);
    let start = left
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .last()
        .map(|(at, _)| at)?;
    let name = left.get(start..)?.rsplit('.').next()?.trim_start_matches('-');
    (!name.is_empty() && !name.chars().all(|c| c.is_ascii_digit())).then(|| name.to_owned())
}

/// `Name: value` in a literal that stands for a header field.
fn header(text: &str, before: &str) -> Option<(String, String)> {
    let wanted = before.trim_end().ends_with("-H") || before.to_ascii_lowercase().contains("header");
    let (name, value) = text.split_once(':').filter(|_| wanted)?;
    let known = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    known.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// The text literals of code, in order. Comments are left out; literals that follow each other are one.
fn literals(text: &str) -> Vec<Literal> {
    let mut all: Vec<Literal> = Vec::new();
    let mut before = String::new();
    let mut index = 0;
    // Whether nothing but white space (and a sign that joins) came since the last literal.
    let mut joins = false;
    let mut chars = text.chars().peekable();
    while let Some(found) = chars.next() {
        match found {
            '/' if chars.peek() == Some(&'/') && !before.ends_with(':') => {
                while chars.peek().is_some_and(|next| *next != '\n') {
                    chars.next();
                }
            }
            '/' if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                for next in chars.by_ref() {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
            }
            '"' | '\'' | '`' | '“' => {
                let close = if found == '“' { '”' } else { found };
                let Some(literal) = literal(&mut chars, close) else { continue };
                match all.last_mut().filter(|_| joins) {
                    Some(last) => last.text.push_str(&literal),
                    None => {
                        all.push(Literal { text: literal, before: before.clone(), index });
                        index += 1;
                    }
                }
                joins = true;
                before.push(found);
            }
            ';' => {
                before.clear();
                (index, joins) = (0, false);
            }
            '\n' => {
                let define = before.trim_start().starts_with("#define") && !before.trim_end().ends_with('\\');
                let command = before.to_ascii_uppercase().contains("AT+");
                before.push(found);
                if define || command || balanced(&before) && !joins_next(&mut chars) {
                    before.clear();
                    (index, joins) = (0, false);
                }
            }
            other => {
                if !other.is_whitespace() && !matches!(other, '\\') {
                    joins = false;
                }
                before.push(other);
                if matches!(other, ')' | '}') && balanced(&before) {
                    before.clear();
                    (index, joins) = (0, false);
                }
            }
        }
    }
    all
}

/// Whether the next sign is a quote or closes or joins something, so that the statement goes on.
fn joins_next(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    ahead.find(|c| !c.is_whitespace()).is_some_and(|c| matches!(c, '"' | '\'' | ',' | ')' | '.'))
}

fn balanced(code: &str) -> bool {
    let depth = code.chars().fold(0_i32, |depth, c| match c {
        '(' => depth.saturating_add(1),
        ')' => depth.saturating_sub(1),
        _ => depth,
    });
    depth <= 0
}

/// The rest of a literal, its escapes resolved; `None` where it is not closed on its line.
fn literal(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, close: char) -> Option<String> {
    let mut ahead = chars.clone();
    let mut text = String::new();
    loop {
        match ahead.next()? {
            '\n' => return None,
            '\\' if close != '`' => match ahead.next()? {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '0' => text.push('\0'),
                '\n' => {}
                'x' => text.push(code_point(&mut ahead, 2)?),
                'u' => text.push(code_point(&mut ahead, 4)?),
                other => text.push(other),
            },
            end if end == close => {
                *chars = ahead;
                return Some(text);
            }
            other => text.push(other),
        }
    }
}

fn code_point(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, digits: usize) -> Option<char> {
    let mut number = 0;
    for _ in 0..digits {
        number = number * 16 + chars.next()?.to_digit(16)?;
    }
    char::from_u32(number)
}

/// Options of the usual command-line clients. Says whether there were any.
fn commands(text: &str, found: &mut Found) -> bool {
    if !text.lines().any(is_command) {
        return false;
    }
    let Some(words) = words(&constants::expand(text)) else { return false };
    for pair in words.windows(2) {
        let [flag, value] = pair else { continue };
        let (flag, value) = flag.split_once('=').map_or((flag.as_str(), value.as_str()), |(flag, value)| (flag, value));
        let name = match flag {
            "-i" | "--id" | "--client-id" | "--identifier" => "client_id",
            "-u" | "--username" | "--user" => "username",
            "-P" | "--pw" | "--password" | "-pw" => "password",
            "-H" | "--header" => match value.split_once(':') {
                Some((name, value)) => {
                    found.named.push((format!("header:{}", name.trim()), value.trim().to_owned()));
                    continue;
                }
                None => continue,
            },
            _ if value.contains("://") && !flag.starts_with("--") => "url",
            _ => continue,
        };
        found.named.push((name.to_owned(), value.to_owned()));
    }
    true
}

/// Whether a line begins with one of the usual clients, behind what may stand before it.
fn is_command(line: &str) -> bool {
    let mut words = line.split_whitespace().skip_while(|word| {
        matches!(*word, "$" | "#" | ">" | "%" | "sudo" | "exec" | "timeout" | "time") || word.contains('=')
    });
    let tool = words.next().and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    match tool {
        "mosquitto_pub" | "mosquitto_sub" | "mosquitto_rr" | "mqttx" | "curl" | "wscat" | "websocat" => true,
        // A name that stands in code as well.
        "mqtt" => matches!(words.next(), Some("pub" | "sub" | "con" | "conn" | "shell" | "test")),
        _ => false,
    }
}

/// Words as a shell splits them; `None` where a quote is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(found) = chars.next() {
        match found {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => word.push(chars.next()?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => {
                if let Some(next) = chars.next().filter(|next| *next != '\n') {
                    word.get_or_insert_default().push(next);
                }
            }
            space if space.is_whitespace() => all.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    all.extend(word);
    Some(all)
}

/// Names of values in labelled lines, the longest first.
const LABELS: &[&str] = &[
    "mqttclientid",
    "mqttusername",
    "mqttpassword",
    "mqttpasswrod",
    "client_id",
    "client id",
    "clientid",
    "user name",
    "user_name",
    "username",
    "password",
    "passwd",
    "product_key",
    "productkey",
    "device_name",
    "devicename",
    "device_secret",
    "devicesecret",
    "product_secret",
    "productsecret",
    "product_id",
    "productid",
    "access_key",
    "accesskey",
    "authorization",
    "passcode",
    "token",
    "user",
    "pwd",
    "pass",
];

/// `label: value` and `label=value` without quotes: a value goes to the next label or to the end of its line.
fn labels(text: &str) -> Vec<(String, String)> {
    let lower = text.to_ascii_lowercase();
    let mut starts: Vec<(usize, usize, &str)> = Vec::new();
    let mut at = 0;
    while at < lower.len() {
        let rest = lower.get(at..).unwrap_or_default();
        let label = LABELS.iter().find(|label| rest.starts_with(**label));
        let value = label.and_then(|label| {
            let after = rest.get(label.len()..)?;
            let sign = after.trim_start_matches([' ', '\t']);
            let is_code = sign.starts_with("==") || sign.starts_with("=>");
            let value = sign.strip_prefix(['=', ':']).or_else(|| sign.strip_prefix('：')).filter(|_| !is_code);
            // Columns as iotdbg and consoles print them.
            let column = || (after.starts_with("  ") || after.starts_with('\t')).then(|| after.trim_start());
            let line_start = lower
                .get(..at)
                .is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n') || before.trim().is_empty());
            let value = value.or_else(|| column().filter(|_| line_start))?;
            Some(rest.len() - value.len())
        });
        match (label, value) {
            (Some(label), Some(offset)) => {
                starts.push((at, at + offset, label));
                at += offset.max(1);
            }
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    let mut all = Vec::new();
    for (number, (_, from, label)) in starts.iter().enumerate() {
        let next = starts.get(number + 1).map_or(text.len(), |(start, ..)| *start);
        let value = text.get(*from..next).unwrap_or_default();
        let value = value.lines().next().unwrap_or_default().trim();
        let value = value.trim_end_matches([',', ';']).trim_matches(['"', '\'']);
        if !value.is_empty() && !value.contains(['"', '(']) {
            all.push(((*label).to_owned(), value.to_owned()));
        }
    }
    all
}
