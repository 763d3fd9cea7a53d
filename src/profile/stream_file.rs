//! What a person keeps about the stream: filters under names, highlights, and decoders of payloads — one file,
//! `stream.toml` in the configuration folder.
//!
//! ```toml
//! [[filter]]
//! name = "failures"
//! expr = "outcome:error"
//!
//! [[highlight]]
//! expr = "dev:lamp01"
//! colour = "yellow"
//!
//! [[decode]]
//! topic = "bench/+/cbor"
//! as = "cbor"
//! ```

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::{Dirs, ProfileError, edit, texts};
use crate::base::lang::{Phrase, Text};
use crate::base::toml::Source;
use crate::base::topic;
use crate::base::units::parse_duration;

/// The file as it begins, where there is none.
pub const TEMPLATE: &str = include_str!("../../profiles/stream.toml");
/// Its name.
const FILE: &str = "stream.toml";
/// How long a command may take where the file says nothing.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The colours of highlights.
pub const COLOURS: [&str; 6] = ["cyan", "magenta", "yellow", "blue", "green", "red"];

const A_LIST: Text = Text::new("expected [[{}]], found something else", "应为 [[{}]]，实际是别的内容");
const NEEDS: Text = Text::new("“{}” is missing", "缺少“{}”");
const NOT_FOR: Text = Text::new("“{}” is only for as = \"command\"", "“{}”只用于 as = \"command\"");

/// A filter under a name, or a rule of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedFilter {
    /// Its name.
    pub name: String,
    /// The expression, not checked yet.
    pub expr: String,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// Messages that are to catch the eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HighlightRule {
    /// Which: an expression, not checked yet.
    pub expr: String,
    /// One of [`COLOURS`].
    pub colour: usize,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// How payloads are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoder {
    /// CBOR.
    Cbor,
    /// MessagePack.
    MessagePack,
    /// A command of the shell: the payload is its input, its output is shown.
    Command {
        /// The command.
        command: String,
        /// How long it may take.
        timeout: Duration,
    },
}

/// Payloads that are read in another way than their platform reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeRule {
    /// On these topics.
    pub topic: String,
    /// In this way.
    pub decoder: Decoder,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamFile {
    /// The file, where there is a place for it.
    pub path: Option<PathBuf>,
    /// Filters under names.
    pub filters: Vec<SavedFilter>,
    /// Highlights, the first that fits decides.
    pub highlights: Vec<HighlightRule>,
    /// Decoders, the first that fits decides.
    pub decoders: Vec<DecodeRule>,
}

impl StreamFile {
    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with line and column.
    pub fn load(dirs: &Dirs) -> Result<StreamFile, Vec<ProfileError>> {
        let Some(path) = dirs.config().map(|folder| folder.join(FILE)) else { return Ok(StreamFile::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => StreamFile::parse(&text, Some(&path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(StreamFile { path: Some(path), ..StreamFile::default() })
            }
            Err(error) => Err(vec![ProfileError::whole(Some(path), texts::CANNOT_READ.with(&[&error]))]),
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str, path: Option<&Path>) -> Result<StreamFile, Vec<ProfileError>> {
        let mut source = Source::new(text);
        let mut file = StreamFile { path: path.map(Path::to_owned), ..StreamFile::default() };
        if let Some(document) = source.document() {
            let top = document.as_table();
            source.refuse_unknown(top, &["filter", "highlight", "decode"]);
            for table in tables(&mut source, top, "filter") {
                source.refuse_unknown(table, &["name", "expr"]);
                let (name, expr) = (required(&mut source, table, "name"), required(&mut source, table, "expr"));
                if let (Some(name), Some(expr)) = (name, expr) {
                    file.filters.push(SavedFilter { name, expr, line: line(text, table, "expr") });
                }
            }
            for table in tables(&mut source, top, "highlight") {
                source.refuse_unknown(table, &["expr", "colour"]);
                let (expr, colour) = (required(&mut source, table, "expr"), colour(&mut source, table));
                if let (Some(expr), Some(colour)) = (expr, colour) {
                    file.highlights.push(HighlightRule { expr, colour, line: line(text, table, "expr") });
                }
            }
            for table in tables(&mut source, top, "decode") {
                source.refuse_unknown(table, &["topic", "as", "command", "timeout"]);
                file.decoders.extend(decode(&mut source, table));
            }
        }
        let faults = source.into_faults();
        if faults.is_empty() {
            return Ok(file);
        }
        Err(faults.into_iter().map(|fault| ProfileError::at(path.map(Path::to_owned), fault)).collect())
    }

    /// A fault of an expression, at its line.
    pub fn fault(&self, line: usize, reason: Phrase) -> ProfileError {
        ProfileError { path: self.path.clone(), line, column: 1, reason }
    }
}

/// Keeps a filter under a name; one of the same name is replaced. Comments stay.
///
/// # Errors
///
/// Where the file cannot be read or written.
pub fn keep_filter(dirs: &Dirs, name: &str, expr: &str) -> Result<PathBuf, ProfileError> {
    let path = make(dirs)?;
    let fault = |reason: Phrase| ProfileError::whole(Some(path.clone()), reason);
    let old = std::fs::read_to_string(&path).map_err(|error| fault(texts::CANNOT_READ.with(&[&error])))?;
    let mut document: DocumentMut =
        old.parse().map_err(|error: toml_edit::TomlError| fault(texts::SYNTAX.with(&[&error.message().trim()])))?;
    // In a file of comments alone they would all stand behind whatever is put in.
    let comments = if document.as_table().is_empty() { old.as_str() } else { "" };
    if !comments.is_empty() {
        document = DocumentMut::new();
    }
    let item = document.entry("filter").or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    let tables = item.as_array_of_tables_mut().ok_or_else(|| fault(A_LIST.with(&[&"filter"])))?;
    let mut fresh = Table::new();
    fresh.insert("name", toml_edit::value(name));
    fresh.insert("expr", toml_edit::value(expr));
    let same = tables.iter().position(|table| table.get("name").and_then(Item::as_str) == Some(name));
    match same.and_then(|index| tables.get_mut(index)) {
        Some(same) => _ = same.insert("expr", toml_edit::value(expr)),
        None => tables.push(fresh),
    }
    let text = if comments.is_empty() { document.to_string() } else { format!("{comments}\n{document}") };
    edit::write(&path, &text, false).map_err(|error| fault(texts::CANNOT_WRITE.with(&[&error])))?;
    Ok(path)
}

/// The file, made from the template where there is none.
///
/// # Errors
///
/// Where there is no place for it, or it cannot be written.
pub fn make(dirs: &Dirs) -> Result<PathBuf, ProfileError> {
    let path = dirs.config().ok_or_else(|| ProfileError::whole(None, texts::NO_CONFIG_DIR))?.join(FILE);
    if !path.exists() {
        edit::write(&path, TEMPLATE, false)
            .map_err(|error| ProfileError::whole(Some(path.clone()), texts::CANNOT_WRITE.with(&[&error])))?;
    }
    Ok(path)
}

fn tables<'i>(source: &mut Source<'_>, top: &'i dyn TableLike, key: &str) -> Vec<&'i dyn TableLike> {
    let Some(item) = top.get(key) else { return Vec::new() };
    if let Some(list) = item.as_array_of_tables() {
        return list.iter().map(|table| table as &dyn TableLike).collect();
    }
    source.fault(item.span(), A_LIST.with(&[&key]));
    Vec::new()
}

fn required(source: &mut Source<'_>, table: &dyn TableLike, key: &str) -> Option<String> {
    if table.get(key).is_none() {
        let near = table.iter().next().and_then(|(_, item)| item.span());
        source.fault(near, NEEDS.with(&[&key]));
        return None;
    }
    source.string(table, key).map(|(text, _)| text)
}

fn line(text: &str, table: &dyn TableLike, key: &str) -> usize {
    let at = table.get(key).and_then(Item::span).map_or(0, |span| span.start);
    crate::base::toml::line_and_column(text, at).0
}

fn colour(source: &mut Source<'_>, table: &dyn TableLike) -> Option<usize> {
    let Some(_) = table.get("colour") else { return Some(2) };
    let (name, span) = source.string(table, "colour")?;
    let found = COLOURS.iter().position(|colour| *colour == name);
    if found.is_none() {
        source.not_a_choice("colour", &name, &COLOURS, span);
    }
    found
}

fn decode(source: &mut Source<'_>, table: &dyn TableLike) -> Option<DecodeRule> {
    let way = required(source, table, "as");
    required(source, table, "topic")?;
    let topic = source.parsed(table, "topic", |text| {
        topic::validate_filter(text).map(|()| text.to_owned()).map_err(|fault| fault.reason)
    });
    let timeout = source.parsed(table, "timeout", parse_duration);
    let decoder = match way.as_deref()? {
        "command" => {
            Decoder::Command { command: required(source, table, "command")?, timeout: timeout.unwrap_or(TIMEOUT) }
        }
        way => {
            for key in ["command", "timeout"] {
                if let Some(item) = table.get(key) {
                    source.fault(item.span(), NOT_FOR.with(&[&key]));
                }
            }
            match way {
                "cbor" => Decoder::Cbor,
                "msgpack" => Decoder::MessagePack,
                other => {
                    let span = table.get("as").and_then(Item::span);
                    source.not_a_choice("as", other, &["cbor", "msgpack", "command"], span);
                    return None;
                }
            }
        }
    };
    Some(DecodeRule { topic: topic?, decoder })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;

    #[test]
    fn the_template_says_nothing_until_it_is_edited_and_its_examples_are_right() {
        assert_eq!(StreamFile::parse(TEMPLATE, None).unwrap(), StreamFile::default());
        let examples: String = TEMPLATE
            .lines()
            .filter_map(|line| line.strip_prefix("# ").filter(|line| line.starts_with("[[") || line.contains(" = ")))
            .map(|line| format!("{line}\n"))
            .collect();
        let file = StreamFile::parse(&examples, None).unwrap_or_else(|faults| panic!("{faults:?}\n{examples}"));
        assert!(file.filters.len() == 1 && file.highlights.len() == 1 && file.decoders.len() == 3, "{file:?}");
    }

    #[test]
    fn faults_have_their_places() {
        let fault = |text: &str| {
            let faults = StreamFile::parse(text, Some(Path::new("stream.toml"))).unwrap_err();
            faults.iter().map(|fault| fault.render(Lang::En)).collect::<Vec<_>>().join("\n")
        };
        assert!(fault("[[filter]]\nname = \"a\"\n").contains("stream.toml:2:8: “expr” is missing"));
        assert!(fault("[[highlight]]\nexpr = \"a\"\ncolour = \"yelow\"\n").contains("yellow"));
        assert!(fault("[[decode]]\ntopic = \"a/#/b\"\nas = \"cbor\"\n").contains("stream.toml:2:"));
        assert!(fault("[[decode]]\ntopic = \"a\"\nas = \"protobuf\"\n").contains("cbor, msgpack, command"));
        assert!(fault("[[decode]]\ntopic = \"a\"\nas = \"cbor\"\ntimeout = \"1s\"\n").contains("only for"));
        assert!(fault("filter = 1\n").contains("[[filter]]"));
    }

    #[test]
    fn a_filter_is_kept_and_replaced_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        keep_filter(&dirs, "mine", "kind:set").unwrap();
        keep_filter(&dirs, "mine", "kind:report").unwrap();
        keep_filter(&dirs, "other", "a").unwrap();
        let file = StreamFile::load(&dirs).unwrap();
        let kept: Vec<(&str, &str)> = file.filters.iter().map(|f| (f.name.as_str(), f.expr.as_str())).collect();
        assert_eq!(kept, [("mine", "kind:report"), ("other", "a")]);
        assert!(std::fs::read_to_string(file.path.unwrap()).unwrap().starts_with('#'));
    }
}
