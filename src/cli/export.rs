//! `iotdbg export`: recorded messages for other programs.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::lang::Phrase;
use crate::base::text::group_digits;
use crate::capture::{Exporter, Format, Pairing, Told};
use crate::cli::args::Worded;
use crate::cli::exit::{EXPECTATION, Failure, Outcome, UNDECODABLE};
use crate::cli::output::Tone;
use crate::cli::play::OfCapture;
use crate::cli::{Context, tail, texts};
use crate::dialect;
use crate::link::capture::CaptureFile;
use crate::model::{Batch, ConnectionId, Notice, Origin};
use crate::store::{ConnectionName, Fate, Matcher, Names, Store};

/// A batch of this weight is taken out of the file at once.
const PORTION: usize = 1024 * 1024;

/// Words of `iotdbg export`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    #[command(flatten)]
    of: OfCapture,
    /// What is written: JSON lines, a table, or a script of mosquitto_pub commands
    #[arg(long = "as", value_name = "FORMAT", value_parser = format, default_value = "jsonl")]
    format: Format,
    /// Write only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep secrets in payloads
    #[arg(long)]
    with_secrets: bool,
}

fn after_help() -> &'static str {
    "Examples:\n  iotdbg export lamp.jsonl --as csv --filter 'kind:report' -o lamp.csv\n  \
     iotdbg export lamp.jsonl --as commands --filter dir:out | HOST=127.0.0.1 PORT=1883 sh\n  \
     iotdbg export mosquitto.log --filter 'outcome:error'"
}

fn format(text: &str) -> Result<Format, Worded> {
    Format::ALL
        .into_iter()
        .find(|format| format.name() == text)
        .ok_or_else(|| Worded(texts::ONE_OF.with(&[&Format::ALL.map(Format::name).join(", ")])))
}

/// Reads the recording, then writes what the filter admits: what became of a request is only known at its end.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let filter = tail::filter(args.filter.as_deref())?;
    let mut file = args.of.open(context)?;
    let read = read(&mut file);
    if let Some(fault) = file.fault_words() {
        if file.messages() == 0 {
            return Err(Failure::new(UNDECODABLE, fault));
        }
        context.out.say(Tone::Warn, &context.out.phrase(&fault));
    }
    let names = read.origins.iter().filter_map(|(id, origin)| {
        let dialect = dialect::find(&origin.dialect)?.spec().name;
        Some(ConnectionName { id: *id, name: origin.name.clone(), dialect, role: origin.role })
    });
    let mut matcher = Matcher::new(filter.with_names(Arc::new(Names::new(names.collect()))));
    let mut exporter = Exporter::new(args.format, args.with_secrets, context.out.lang);
    let mut to: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(BufWriter::new(
            File::create_new(path)
                .map_err(|error| Failure::usage(texts::UNWRITABLE.with(&[&path.display(), &error])))?,
        )),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let mut bytes = Vec::new();
    exporter.head(&mut bytes);
    let first = read.store.entries(read.store.kept()).next().map(|entry| entry.message.at).unwrap_or_default();
    for (_, origin) in &read.origins {
        exporter.origin(&mut bytes, first, origin);
    }
    let mut count = 0;
    for entry in read.store.entries(read.store.kept()) {
        if !matcher.admits(&entry) {
            continue;
        }
        count += 1;
        let name = read.origins.iter().find(|(id, _)| *id == entry.message.connection);
        let told = Told {
            message: entry.message,
            connection: name.map_or("", |(_, origin)| origin.name.as_str()),
            outcome: entry.fate.map(Fate::name),
            latency: entry.latency,
        };
        exporter.message(&mut bytes, entry.seq.0 + 1, &told);
        if bytes.len() >= PORTION && !written(to.write_all(&bytes))? {
            return Ok(());
        } else if bytes.len() >= PORTION {
            bytes.clear();
        }
    }
    if !written(to.write_all(&bytes).and_then(|()| to.flush()))? {
        return Ok(());
    }
    if args.output.is_some() {
        let of = group_digits(read.store.stats().kept);
        let words = texts::EXPORTED.with(&[&group_digits(count), &of]);
        context.out.say(Tone::Good, &context.out.phrase(&words));
    }
    Ok(())
}

/// Whether there is still a reader; one that has gone is a normal end.
fn written(result: io::Result<()>) -> Result<bool, Failure> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(EXPECTATION, Phrase::verbatim(error.to_string()))),
    }
}

/// A whole recording.
struct Read {
    store: Store,
    origins: Vec<(ConnectionId, Origin)>,
}

fn read(file: &mut CaptureFile) -> Read {
    let mut read = Read { store: Store::new(usize::MAX / 2), origins: Vec::new() };
    let mut pairing = Pairing::default();
    let mut more = true;
    while more {
        let mut batch = Batch::new(ConnectionId(1));
        while more && batch.weight() < PORTION {
            more = file.read_line(&mut batch);
        }
        let range = read.store.push(&batch);
        for notice in batch.notices() {
            if let Notice::Origin { connection, origin } = notice {
                read.origins.retain(|(id, _)| id != connection);
                read.origins.push((*connection, origin.as_ref().clone()));
            }
        }
        for (seq, message) in range.iter().zip(batch.messages()) {
            let Some(pair) = pairing.look_at(seq.0, &message) else { continue };
            let fate = Fate::of_reply(pair.ok, pair.again);
            for seq in [pair.request, pair.reply] {
                read.store.annotate(crate::store::Seq(seq), fate, Some(pair.latency));
            }
        }
    }
    read
}
