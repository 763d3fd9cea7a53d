//! `iotdbg decode`: one message taken apart.

use std::cmp::Reverse;
use std::io::Read;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::base::hex;
use crate::base::lang::Phrase;
use crate::base::text::{printable, width};
use crate::cli::exit::{Failure, Outcome, UNDECODABLE, USAGE};
use crate::cli::output::Tone;
use crate::cli::{Context, codes, frames, load, texts};
use crate::dialect::lab::catch::{self, Catch};
use crate::dialect::{self, Dialect, REGISTRY, near};
use crate::model::{Dissection, Field, Fields, Kind, Problem, Role, Severity};

/// Words of `iotdbg decode`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg decode --dialect onenet --text '{\"id\":\"1\",\"code\":200,\"msg\":\"success\"}'\n  \
    iotdbg decode --topic '$sys/p1/lamp/thing/property/set' --file message.json --json\n  \
    iotdbg decode --dialect gizwits 00000003030000 90\n  iotdbg decode --paste module.log --model lamp-datapoints.json --brief"
)]
pub struct Args {
    /// The bytes in hex; separators and 0x are ignored. `-` reads standard input
    #[arg(value_name = "HEX")]
    hex: Vec<String>,
    /// The characters of the message
    #[arg(long, value_name = "S", conflicts_with = "hex")]
    text: Option<String>,
    /// A file with the bytes of the message
    #[arg(long, value_name = "F", conflicts_with_all = ["hex", "text"])]
    file: Option<PathBuf>,
    /// The file or standard input holds hex
    #[arg(long)]
    hex_input: bool,
    /// Frames in a log, in code, in a dump, in base64, in a packet capture; `-` reads standard input
    #[arg(long, value_name = "F", conflicts_with_all = ["hex", "text", "file"])]
    paste: Option<PathBuf>,
    /// How the frames are written, where their bytes do not tell: cloud, lan, server, serial
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// One line for each frame, with what changed
    #[arg(long, conflicts_with = "json")]
    brief: bool,
    /// The platform; without it, the one that makes most of the message
    #[arg(long, value_name = "D")]
    dialect: Option<String>,
    /// The side that receives the message: app or device
    #[arg(long, value_name = "R")]
    role: Option<String>,
    /// The topic of the message
    #[arg(long, value_name = "T", default_value = "", hide_default_value = true)]
    topic: String,
    /// The thing model
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// One JSON object on one line
    #[arg(long)]
    json: bool,
}

/// Dissects a message and prints what is in it.
pub fn run(context: &Context, args: &Args) -> Outcome {
    if let Some(caught) = caught(args)? {
        return frames(context, args, &caught);
    }
    let bytes = bytes(args)?;
    if args.model.is_some() && args.dialect.is_none() {
        return Err(Failure::usage(texts::MODEL_OF_WHAT));
    }
    let dialects = match &args.dialect {
        Some(name) => vec![codes::find_dialect(name)?],
        None => REGISTRY.to_vec(),
    };
    let role = match &args.role {
        Some(name) => Some(Role::parse(name).ok_or_else(|| Failure::usage(texts::WHICH_ROLE.with(&[&"app, device"])))?),
        None => None,
    };
    let model = match (&args.model, dialects.first()) {
        (Some(path), Some(dialect)) => Some(load::model(*dialect, path)?),
        _ => None,
    };
    let nothing = Fields::new();
    let mut best: Option<(&'static dyn Dialect, Role, Dissection)> = None;
    let rank = |dialect: &dyn Dialect, found: &Dissection| {
        (found.kind != Kind::Unknown, near::is_near(dialect.spec().topics, &args.topic), worth(found))
    };
    for dialect in dialects {
        let roles =
            dialect.spec().roles.iter().map(|spec| spec.role).filter(|known| role.is_none_or(|role| role == *known));
        for role in roles {
            let view = dialect::Context {
                role,
                identity: &nothing,
                devices: &[],
                model: model.as_ref(),
                lang: context.out.lang,
            };
            let found = dialect.dissect(&view, &args.topic, &bytes);
            if best.as_ref().is_none_or(|(other, _, best)| rank(dialect, &found) > rank(*other, best)) {
                best = Some((dialect, role, found));
            }
        }
    }
    let Some((dialect, role, found)) = best else { return Err(Failure::silent(UNDECODABLE)) };
    let model = model.as_ref();
    let view = dialect::Context { role, identity: &nothing, devices: &[], model, lang: context.out.lang };
    for part in dialect.dissect_each(&view, &args.topic, &bytes) {
        if args.json {
            context.out.json(object(dialect, &part))?;
        } else {
            print(context, dialect, &part)?;
        }
    }
    // An unknown message that is sound JSON was decoded as far as anybody could.
    let broken = found.fields.is_empty() || found.problems.iter().any(|problem| problem.severity == Severity::Error);
    if found.kind == Kind::Unknown && broken { Err(Failure::silent(UNDECODABLE)) } else { Ok(()) }
}

/// The frames of what was pasted: where that was said, where a form was chosen, and where the words are no plain hex but
/// hold frames.
fn caught(args: &Args) -> Result<Option<Catch>, Failure> {
    let dialect = args.dialect.as_deref().map(codes::find_dialect).transpose()?;
    if let Some(path) = &args.paste {
        let (_, lab) = frames::lab(dialect)?;
        let form = frames::form(lab, args.form.as_deref())?;
        return Ok(Some(catch::file(lab, form, &frames::read(path)?)));
    }
    if args.form.is_some() || args.brief {
        let (_, lab) = frames::lab(dialect)?;
        let form = frames::form(lab, args.form.as_deref())?;
        let text = args.hex.join(" ");
        let no_words = args.hex.is_empty() || args.hex == ["-"];
        return Ok(Some(if no_words { catch::bytes(lab, form, &bytes(args)?) } else { catch::text(lab, form, &text) }));
    }
    if args.hex.is_empty() || args.hex == ["-"] || hex::parse(&args.hex.concat()).is_ok() {
        return Ok(None);
    }
    let Ok((_, lab)) = frames::lab(dialect) else { return Ok(None) };
    let form = frames::form(lab, None)?;
    let found = catch::text(lab, form, &args.hex.join(" "));
    let is_frame = |frame: &catch::Caught| lab.first(form, &frame.bytes).is_some();
    Ok(Some(found).filter(|found| found.frames.iter().any(is_frame)))
}

fn frames(context: &Context, args: &Args, caught: &Catch) -> Outcome {
    let dialect = args.dialect.as_deref().map(codes::find_dialect).transpose()?;
    let (dialect, lab) = frames::lab(dialect)?;
    let model = args.model.as_deref().map(|path| load::model(dialect, path)).transpose()?;
    let role = args.role.as_deref().and_then(Role::parse).unwrap_or(Role::App);
    let (identity, lang) = (Fields::new(), context.out.lang);
    let view = dialect::Context { role, identity: &identity, devices: &[], model: model.as_ref(), lang };
    let form = frames::form(lab, args.form.as_deref())?;
    let manner = frames::Manner { form, topic: &args.topic, brief: args.brief, json: args.json };
    frames::show(context, (dialect, lab), &view, caught, manner)
}

/// How much was made of a message: a known kind or at least some fields, then few errors, then any fields at all, then few
/// warnings and remarks. So a topic of the device is read in the device's place, where nobody has said whose message it is.
fn worth(found: &Dissection) -> (bool, bool, Reverse<usize>, bool, Reverse<usize>, Reverse<usize>) {
    let count = |severity| Reverse(found.problems.iter().filter(|problem| problem.severity == severity).count());
    let (known, taken_apart) = (found.kind != Kind::Unknown, !found.fields.is_empty());
    (known, known || taken_apart, count(Severity::Error), taken_apart, count(Severity::Warning), count(Severity::Info))
}

fn bytes(args: &Args) -> Result<Vec<u8>, Failure> {
    let unreadable = |path: &str, error: &std::io::Error| Failure::new(USAGE, texts::UNREADABLE.with(&[&path, error]));
    let raw = if let Some(text) = &args.text {
        return Ok(text.clone().into_bytes());
    } else if let Some(path) = &args.file {
        std::fs::read(path).map_err(|error| unreadable(&path.display().to_string(), &error))?
    } else if args.hex == ["-"] {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable("-", &error))?;
        bytes
    } else if args.hex.is_empty() {
        return Err(Failure::usage(texts::DECODE_WHAT));
    } else {
        return parse_hex(&args.hex.concat());
    };
    if args.hex_input { parse_hex(&String::from_utf8_lossy(&raw)) } else { Ok(raw) }
}

/// Hex as people write it, or a usage error that names the place.
pub fn parse_hex(text: &str) -> Result<Vec<u8>, Failure> {
    hex::parse(text).map_err(|fault| Failure::usage(hex_place(text, &fault)))
}

/// What is wrong with a hex text, and at which of its characters.
pub fn hex_place(text: &str, fault: &hex::HexFault) -> Phrase {
    let place = text.get(..fault.offset).map_or(fault.offset, |before| before.chars().count()) + 1;
    texts::BAD_HEX.around([Phrase::verbatim(place.to_string()), fault.reason.clone()])
}

fn object(dialect: &dyn Dialect, found: &Dissection) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("dialect".to_owned(), json!(dialect.spec().name));
    members.insert("kind".to_owned(), json!(found.kind.name()));
    members.insert("summary".to_owned(), json!(found.summary));
    members.insert("fields".to_owned(), found.fields.iter().map(field).collect());
    members.insert("problems".to_owned(), found.problems.iter().map(problem).collect());
    members
}

fn field(field: &Field) -> Value {
    let mut members = Map::new();
    members.insert("name".to_owned(), json!(field.name));
    members.insert("value".to_owned(), json!(field.value));
    members.insert("offset".to_owned(), json!(field.offset));
    members.insert("length".to_owned(), json!(field.length));
    if let Some(note) = &field.note {
        members.insert("note".to_owned(), json!(note));
    }
    if !field.children.is_empty() {
        members.insert("children".to_owned(), field.children.iter().map(self::field).collect());
    }
    Value::Object(members)
}

/// A problem as `INTERFACE.md` has it.
pub fn problem(problem: &Problem) -> Value {
    json!({
        "severity": problem.severity.name(),
        "message": problem.message,
        "offset": problem.offset,
        "length": problem.length,
    })
}

/// Prints a message taken apart.
pub fn print(context: &Context, dialect: &dyn Dialect, found: &Dissection) -> Outcome {
    let out = &context.out;
    let title = out.text(found.kind.title());
    let head = Phrase::verbatim(format!("{} · {title}", out.text(dialect.spec().title)));
    // Most summaries begin with what the head has said.
    let summary = found.summary.strip_prefix(title).map_or(found.summary.as_str(), str::trim_start);
    out.line(format!("{}  {}", out.paint(Tone::Bold, &out.phrase(&head)), printable(summary)).trim_end())?;
    let column = deepest(&found.fields, 1);
    for field in &found.fields {
        print_field(context, field, 1, column)?;
    }
    for problem in &found.problems {
        let (tone, mark) = match problem.severity {
            Severity::Error => (Tone::Bad, "✗"),
            Severity::Warning => (Tone::Warn, "!"),
            Severity::Info => (Tone::Dim, "i"),
        };
        let place = if problem.length == 0 {
            format!("@{}", problem.offset)
        } else {
            format!("@{}+{}", problem.offset, problem.length)
        };
        out.line(&out.paint(tone, &format!("{mark} {place} {}", printable(&problem.message))))?;
    }
    Ok(())
}

fn deepest(fields: &[Field], depth: usize) -> usize {
    fields
        .iter()
        .map(|field| (2 * depth + width(&printable(&field.name))).max(deepest(&field.children, depth + 1)))
        .max()
        .unwrap_or_default()
}

fn print_field(context: &Context, field: &Field, depth: usize, column: usize) -> Outcome {
    let out = &context.out;
    let name = printable(&field.name);
    let indent = " ".repeat(2 * depth);
    let pad = " ".repeat(column.saturating_sub(2 * depth + width(&name)));
    let note =
        field.note.as_ref().map(|note| out.paint(Tone::Dim, &format!("  ({})", printable(note)))).unwrap_or_default();
    let place = out.paint(Tone::Dim, &format!("{:>6}+{:<5}", field.offset, field.length));
    out.line(&format!("{place}{indent}{}{pad}  {}{note}", out.paint(Tone::Name, &name), printable(&field.value)))?;
    field.children.iter().try_for_each(|child| print_field(context, child, depth + 1, column))
}
