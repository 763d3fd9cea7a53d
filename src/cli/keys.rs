//! `iotdbg keys`: the key table of the terminal application.

use serde_json::{Map, json};

use crate::app::keys;
use crate::base::text::width;
use crate::cli::Context;
use crate::cli::exit::Outcome;
use crate::cli::message::padded;
use crate::cli::output::Tone;

/// Words of `iotdbg keys`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  iotdbg keys --lang zh-CN")]
pub struct Args {
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Prints the table, place by place.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let out = &context.out;
    let rows: Vec<(&'static keys::Binding, String)> =
        keys::rows().map(|row| (row, row.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))).collect();
    let column = rows.iter().map(|(_, keys)| width(keys)).max().unwrap_or_default();
    let mut place = None;
    for (row, keys) in &rows {
        if args.json {
            let mut members = Map::new();
            members.insert("place".to_owned(), json!(row.place.name()));
            members.insert("keys".to_owned(), row.keys.iter().map(|key| json!(key.to_string())).collect());
            members.insert("action".to_owned(), json!(row.action.name()));
            members.insert("title".to_owned(), json!(out.text(row.action.title())));
            out.json(members)?;
            continue;
        }
        if place != Some(row.place) {
            if place.is_some() {
                out.line("")?;
            }
            place = Some(row.place);
            out.line(&out.paint(Tone::Bold, out.text(row.place.title())))?;
        }
        let name = out.paint(Tone::Dim, row.action.name());
        out.line(&format!(
            "  {}  {}  {name}",
            out.paint(Tone::Name, &padded(keys, column)),
            out.text(row.action.title())
        ))?;
    }
    Ok(())
}
