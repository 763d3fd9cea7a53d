//! Rust source as the rules need it: code without comments, strings and tests, with its line numbers.

use std::path::Path;

/// One file of the source.
pub struct File {
    /// Path below `src/`, with forward slashes.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its code: comments, contents of strings, and test modules are blanks. As many lines as the text.
    pub code: String,
    /// The same, but with the contents of strings.
    with_strings: String,
    /// Whether it is compiled for tests only.
    pub is_test: bool,
}

impl File {
    pub fn new(path: &str, text: &str) -> File {
        let code = blank(text, false);
        let tests = test_modules(&code);
        let is_test =
            ["tests.rs", "testing.rs", "conformance.rs", "vectors.rs"].iter().any(|name| path.ends_with(name))
                || path.contains("/tests/");
        File {
            path: path.to_owned(),
            text: text.to_owned(),
            with_strings: without(&blank(text, true), &tests),
            code: without(&code, &tests),
            is_test,
        }
    }

    /// The folder that decides the layer; `None` for `lib.rs` and `main.rs`.
    pub fn folder(&self) -> Option<&str> {
        self.path.split_once('/').map(|(folder, _)| folder)
    }

    /// Code and strings by line.
    pub fn code_and_strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.with_strings.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines up to the last one that is not part of a test module.
    pub fn lines_without_tests(&self) -> usize {
        if self.is_test { 0 } else { self.text.lines().count() - self.test_lines() }
    }

    fn test_lines(&self) -> usize {
        test_modules(&blank(&self.text, false))
            .iter()
            .map(|range| self.text.get(range.clone()).unwrap_or_default().lines().count())
            .sum()
    }

    /// The first name after `crate::`, or after as many `super::` as lead to the crate, wherever a path is written: in
    /// `use`, in expressions, in macros. With its line.
    pub fn crate_paths(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for start in positions(&self.code, "crate::") {
            names_after(&self.code, start + "crate::".len(), &mut found);
        }
        // `a/b.rs` and `a/b/mod.rs` are both two levels below the crate.
        let path = self.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let up = "super::".repeat(path.split('/').count());
        for start in positions(&self.code, &up) {
            names_after(&self.code, start + up.len(), &mut found);
        }
        found
    }
}

/// Lines on which a text stands as a word of its own.
pub fn words(code: &str, needle: &str) -> Vec<usize> {
    positions(code, needle).into_iter().map(|at| line_of(code, at)).collect()
}

/// Names of the folders in a folder.
pub fn folders(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// Every Rust file below a folder, sorted by path.
pub fn read_all(root: &Path) -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(File::new(&name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where `needle` stands without being the end of a longer name or path.
fn positions(code: &str, needle: &str) -> Vec<usize> {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(needle)
        .map(|(at, _)| at)
        .filter(|at| {
            let before = &code[..*at];
            // A path in a longer path: `super::super::x` holds `super::x`, `a::tokio::x` is not the crate.
            !before.ends_with(part_of_name) && (needle.contains("::now") || !before.ends_with("super::"))
        })
        .collect()
}

/// The name at a place of a path, or the first names of the members of a brace group.
fn names_after(code: &str, at: usize, found: &mut Vec<(usize, String)>) {
    let rest = &code[at..];
    let name_end = |text: &str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    if !rest.starts_with('{') {
        found.push((line_of(code, at), rest[..name_end(rest)].to_owned()));
        return;
    }
    let mut depth = 0;
    let mut expecting = false;
    for (offset, c) in rest.char_indices() {
        match c {
            '{' => {
                depth += 1;
                expecting = depth == 1;
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            ',' => expecting = depth == 1,
            c if expecting && !c.is_whitespace() => {
                let name = &rest[offset..];
                found.push((line_of(code, at + offset), name[..name_end(name)].to_owned()));
                expecting = false;
            }
            _ => {}
        }
    }
}

/// The byte ranges of `#[cfg(test)] mod … { … }`, and of other items that are for tests only.
fn test_modules(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for (start, _) in code.match_indices("#[cfg(test)]") {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let mut depth = 0;
        let end = code[start..].char_indices().find_map(|(offset, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0 && matches!(c, '}' | ';')).then_some(start + offset + 1)
        });
        found.push(start..end.unwrap_or(code.len()));
    }
    found
}

/// The text with ranges blanked; lines stay.
fn without(text: &str, ranges: &[std::ops::Range<usize>]) -> String {
    text.char_indices()
        .map(|(at, c)| if c != '\n' && ranges.iter().any(|range| range.contains(&at)) { ' ' } else { c })
        .collect()
}

/// The text with comments, and unless `strings` also the contents of strings and characters, replaced by as many bytes
/// of blanks; lines stay.
fn blank(text: &str, strings: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let hide = |out: &mut String, part: &str| {
        for c in part.chars() {
            if c == '\n' {
                out.push('\n');
            } else {
                out.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
        }
    };
    while let Some(c) = rest.chars().next() {
        let after_name = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let (length, is_string) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), false)
        } else if rest.starts_with("/*") {
            (block_comment(rest), false)
        } else if c == '"' {
            (quoted(rest, 0), true)
        } else if !after_name && let Some(prefix) = raw_prefix(rest) {
            (raw(rest, prefix), true)
        } else if c == '\''
            && let Some(length) = character(rest)
        {
            (length, true)
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        let (part, tail) = rest.split_at(length);
        if is_string && strings {
            out.push_str(part);
        } else {
            hide(&mut out, part);
        }
        rest = tail;
    }
    out
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a string in double quotes that begins at `from`.
fn quoted(text: &str, from: usize) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at <= from) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The number of `#` of a raw string that begins here, and where its quote is.
fn raw_prefix(text: &str) -> Option<(usize, usize)> {
    let body = text.strip_prefix("br").or_else(|| text.strip_prefix("cr")).or_else(|| text.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    body[hashes..].starts_with('"').then_some((hashes, text.len() - body.len() + hashes))
}

fn raw(text: &str, (hashes, quote): (usize, usize)) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    text[quote + 1..].find(&end).map_or(text.len(), |at| quote + 1 + at + end.len())
}

/// Length of a character in single quotes; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next();
        return chars.find(|(_, c)| *c == '\'').map(|(at, _)| at + 1);
    }
    chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}
