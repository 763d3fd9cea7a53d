//! Frames out of pasted text and files for `iotdbg decode`, and frames built by hand for `iotdbg encode D frame`.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::base::hex;
use crate::base::lang::Text;
use crate::base::text::printable;
use crate::cli::exit::{Failure, Outcome, UNDECODABLE, USAGE};
use crate::cli::output::Tone;
use crate::cli::{Context, decode, payload, texts};
use crate::dialect::lab::catch::{Catch, Caught};
use crate::dialect::lab::{Cell, Lab, Sheet};
use crate::dialect::{self, Dialect};
use crate::model::{Dissection, Field, Kind};

const NO_LAB: Text = Text::new("{} has no binary frames", "{} 没有二进制帧");
const WHICH_FORM: Text = Text::new("no such form of frames: {}; there are: {}", "没有帧格式“{}”，可选：{}");
const NO_BYTES: Text = Text::new("no bytes were found in what was pasted", "粘贴内容中没有找到字节");
const LEFT_OUT: Text = Text::new("{} stretches of bytes without a frame were left out", "略去 {} 段不含帧的字节");
const AT_LINE: Text = Text::new("line {}", "第 {} 行");
const WHICH_FRAME: Text = Text::new("name the frame to build, one of: {}", "请给出要构造的帧，可选：{}");
const NO_FIELD: Text = Text::new("the frame has no field “{}”; it has: {}", "该帧没有字段“{}”，现有字段：{}");
const NO_VALUE: Text = Text::new("“{}” is no FIELD=VALUE", "“{}”不是 字段=值");

/// The lab of a dialect; of the first that has one where none is named.
pub fn lab(dialect: Option<&'static dyn Dialect>) -> Result<(&'static dyn Dialect, &'static dyn Lab), Failure> {
    let found = dialect.or_else(dialect::lab::first_dialect);
    let found = found.and_then(|dialect| Some((dialect, dialect.lab()?)));
    found.ok_or_else(|| Failure::usage(NO_LAB.with(&[&dialect.map_or("iotdbg", |dialect| dialect.spec().name)])))
}

/// The name of a form, if there is one of that name.
pub fn form(lab: &dyn Lab, name: Option<&str>) -> Result<&'static str, Failure> {
    let forms = lab.forms();
    let wanted = name.unwrap_or_else(|| forms.first().map_or("", |form| form.name));
    let found = forms.iter().find(|form| form.name == wanted).map(|form| form.name);
    let names: Vec<&str> = forms.iter().map(|form| form.name).collect();
    found.ok_or_else(|| Failure::usage(WHICH_FORM.with(&[&wanted, &names.join(", ")])))
}

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: &std::io::Error| Failure::new(USAGE, texts::UNREADABLE.with(&[&path.display(), error]));
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|error| unreadable(&error))
}

/// How frames are shown.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// The name of their form.
    pub form: &'a str,
    /// The topic of those that have none of their own.
    pub topic: &'a str,
    /// One line for each.
    pub brief: bool,
    /// One JSON object for each.
    pub json: bool,
}

/// Prints the frames that were caught.
pub fn show(
    context: &Context,
    (dialect, lab): (&'static dyn Dialect, &'static dyn Lab),
    view: &dialect::Context<'_>,
    caught: &Catch,
    manner: Manner<'_>,
) -> Outcome {
    if caught.frames.is_empty() {
        return Err(Failure::new(UNDECODABLE, NO_BYTES));
    }
    let mut known = false;
    let mut before: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for frame in &caught.frames {
        let topic = if frame.topic.is_empty() { manner.topic } else { &frame.topic };
        let sheet = lab.read(view, manner.form, topic, &frame.bytes);
        known |= sheet.kind != Kind::Unknown;
        if manner.json {
            context.out.json(object(dialect, frame, &sheet))?;
        } else if manner.brief {
            brief(context, frame, &sheet, &mut before)?;
        } else {
            head(context, frame)?;
            let fields = tree(&mut sheet.cells.as_slice(), 0);
            let part = Dissection { kind: sheet.kind, summary: sheet.summary, fields, problems: sheet.problems };
            decode::print(context, dialect, &part)?;
        }
    }
    if caught.left_out > 0 {
        context.out.say(Tone::Dim, &LEFT_OUT.fill(context.out.lang, &[&caught.left_out]));
    }
    if known { Ok(()) } else { Err(Failure::silent(UNDECODABLE)) }
}

/// Where a frame was found: `line 3 · 10:00:01.250 · RX`.
fn place(context: &Context, frame: &Caught) -> String {
    let line = (frame.line > 0).then(|| AT_LINE.fill(context.out.lang, &[&frame.line]));
    let told = [frame.stamp.clone(), frame.lead.clone(), frame.topic.clone()];
    let pieces = line.into_iter().chain(told).filter(|piece| !piece.is_empty());
    pieces.map(|piece| printable(&piece).into_owned()).collect::<Vec<_>>().join(" · ")
}

fn head(context: &Context, frame: &Caught) -> Outcome {
    let place = place(context, frame);
    if place.is_empty() { Ok(()) } else { context.out.line(&context.out.paint(Tone::Dim, &place)) }
}

/// One line: where and when, what it says, and which values are others than before.
fn brief(
    context: &Context,
    frame: &Caught,
    sheet: &Sheet,
    before: &mut HashMap<String, Vec<(String, String)>>,
) -> Outcome {
    let out = &context.out;
    let time = if frame.stamp.is_empty() { place(context, frame) } else { printable(&frame.stamp).into_owned() };
    let mut line = out.paint(Tone::Dim, &time);
    let values = sheet.values();
    let old = before.insert(sheet.group(), values.clone()).unwrap_or_default();
    for (name, value) in &values {
        let was = old.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        if let Some(was) = was.filter(|was| *was != value) {
            line = format!("{line}  {}", out.paint(Tone::Bold, &printable(&format!("{name}: {was} → {value}"))));
        }
    }
    // What changed is looked for more often than what was said again.
    line = format!("{line}  {}", printable(&sheet.summary));
    let errors = sheet.problems.iter().filter(|problem| problem.severity == crate::model::Severity::Error);
    if let Some(problem) = errors.into_iter().next() {
        line = format!("{line}  {}", out.paint(Tone::Bad, &format!("✗ {}", printable(&problem.message))));
    }
    out.line(&line)
}

fn object(dialect: &dyn Dialect, frame: &Caught, sheet: &Sheet) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("dialect".to_owned(), json!(dialect.spec().name));
    members.insert("kind".to_owned(), json!(sheet.kind.name()));
    members.insert("summary".to_owned(), json!(sheet.summary));
    members.insert("fields".to_owned(), cells(&mut sheet.cells.as_slice(), 0));
    members.insert("problems".to_owned(), sheet.problems.iter().map(decode::problem).collect());
    members.insert("form".to_owned(), json!(sheet.form));
    members.insert("hex".to_owned(), json!(hex::encode(&frame.bytes)));
    if frame.line > 0 {
        members.insert("line".to_owned(), json!(frame.line));
    }
    for (name, value) in [("at", &frame.stamp), ("lead", &frame.lead), ("topic", &frame.topic)] {
        if !value.is_empty() {
            members.insert(name.to_owned(), json!(value));
        }
    }
    members
}

/// Takes the cells at a depth, and what is below them, off a list in preorder.
fn tree(rest: &mut &[Cell], depth: usize) -> Vec<Field> {
    let mut fields = Vec::new();
    while let Some((cell, behind)) = rest.split_first().filter(|(cell, _)| cell.depth >= depth) {
        *rest = behind;
        let children = tree(rest, cell.depth + 1);
        fields.push(Field {
            name: cell.name.clone(),
            value: cell.value.clone(),
            offset: cell.range.start,
            length: cell.range.len(),
            note: cell.note.clone(),
            children,
        });
    }
    fields
}

fn cells(rest: &mut &[Cell], depth: usize) -> Value {
    let mut fields = Vec::new();
    while let Some((cell, behind)) = rest.split_first().filter(|(cell, _)| cell.depth >= depth) {
        *rest = behind;
        let mut members = Map::new();
        members.insert("name".to_owned(), json!(cell.name));
        members.insert("value".to_owned(), json!(cell.value));
        members.insert("offset".to_owned(), json!(cell.range.start));
        members.insert("length".to_owned(), json!(cell.range.len()));
        for (name, text) in [("type", &cell.kind), ("rule", &cell.rule), ("source", &cell.source)] {
            if !text.is_empty() {
                members.insert(name.to_owned(), json!(text));
            }
        }
        if let Some(bits) = cell.bits {
            members.insert("bits".to_owned(), json!({"from": bits.from, "width": bits.width}));
        }
        if let Some(note) = &cell.note {
            members.insert("note".to_owned(), json!(note));
        }
        let children = cells(rest, cell.depth + 1);
        if children.as_array().is_some_and(|list| !list.is_empty()) {
            members.insert("children".to_owned(), children);
        }
        fields.push(Value::Object(members));
    }
    Value::Array(fields)
}

/// Builds a frame: the name of its template, then `FIELD=VALUE`.
pub fn build(
    context: &Context,
    dialect: &'static dyn Dialect,
    view: &dialect::Context<'_>,
    words: &[String],
    json: bool,
) -> Outcome {
    let (_, lab) = lab(Some(dialect))?;
    let templates = lab.templates();
    let names = || templates.iter().map(|template| template.name.as_str()).collect::<Vec<_>>().join(", ");
    let made = words.split_first().and_then(|(name, rest)| Some((lab.make(view, name)?, rest)));
    let (mut bytes, rest) = made.ok_or_else(|| Failure::usage(WHICH_FRAME.with(&[&names()])))?;
    let form = lab.forms().first().map_or("", |form| form.name);
    for word in rest {
        let (name, value) = word.split_once('=').ok_or_else(|| Failure::usage(NO_VALUE.with(&[word])))?;
        let sheet = lab.read(view, form, "", &bytes);
        let path = path_of(&sheet, view, name).ok_or_else(|| {
            let known: Vec<&str> = sheet.cells.iter().map(|cell| cell.path.as_str()).collect();
            Failure::usage(NO_FIELD.with(&[&name, &known.join(", ")]))
        })?;
        bytes = lab.edit(view, form, &bytes, &path, value).map_err(Failure::usage)?;
    }
    let topic = lab.topic_for(view, &bytes);
    if json {
        let mut members = Map::new();
        if let Some(topic) = &topic {
            members.insert("topic".to_owned(), json!(topic));
        }
        members.insert("payload".to_owned(), payload::json(&bytes, bytes.len()));
        return context.out.json(members);
    }
    if let Some(topic) = topic {
        context.out.line(&context.out.paint(Tone::Name, &topic))?;
    }
    context.out.line(&hex::encode(&bytes))
}

/// A field by its path, its bare name, or the name of a data point that the frame does not name yet.
fn path_of(sheet: &Sheet, view: &dialect::Context<'_>, name: &str) -> Option<String> {
    let value = format!("p0/{name}");
    let exact = sheet.cells.iter().find(|cell| cell.path == name);
    let point = || sheet.cells.iter().find(|cell| cell.path == value);
    let is_property = || view.model.is_some_and(|model| model.properties.iter().any(|one| one.identifier == name));
    let bare = || sheet.cells.iter().find(|cell| cell.name == name);
    match exact.or_else(point) {
        Some(cell) => Some(cell.path.clone()),
        None if is_property() => Some(value),
        None => bare().map(|cell| cell.path.clone()),
    }
}
