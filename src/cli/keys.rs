//! `iotdbg keys`: the key table of the terminal application.

use serde_json::{Map, json};

use crate::app::keymap::Keymap;
use crate::app::{Place, keys};
use crate::base::lang::Text;
use crate::base::text::{printable, width};
use crate::cli::exit::{self, Failure, Outcome, PROFILE};
use crate::cli::message::padded;
use crate::cli::output::Tone;
use crate::cli::{Context, load};
use crate::profile::settings;

/// Words of `iotdbg keys`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  iotdbg keys --lang zh-CN")]
pub struct Args {
    /// One JSON object per line
    #[arg(long)]
    json: bool,
    /// Tables for the manual: keys, exit codes, commands
    #[arg(long, hide = true, conflicts_with = "json")]
    markdown: bool,
}

/// The tables of the manual, each between its marks.
fn markdown(context: &Context) -> Outcome {
    let out = &context.out;
    let cell = |text: &str| text.replace('|', "\\|");
    out.line("<!-- keys -->")?;
    for place in Place::ALL {
        let rows: Vec<&keys::Binding> = keys::of(*place).collect();
        if rows.is_empty() {
            continue;
        }
        out.line(&format!("\n**{}** (`{}`)\n", out.text(place.title()), place.name()))?;
        out.line(out.text(KEY_HEAD))?;
        out.line("|---|---|---|")?;
        for row in rows {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{}`", cell(&key.to_string()))).collect();
            let title = cell(out.text(row.action.title()));
            out.line(&format!("| {} | {title} | `{}` |", keys.join(" "), row.action.name()))?;
        }
    }
    out.line("<!-- /keys -->")?;
    out.line("<!-- exit -->")?;
    out.line(out.text(EXIT_HEAD))?;
    out.line("|---|---|")?;
    for (code, meaning) in exit::TABLE {
        out.line(&format!("| {code} | {} |", out.text(*meaning)))?;
    }
    out.line("<!-- /exit -->")
}

const KEY_HEAD: Text = Text::new("| key | does | action |", "| 按键 | 作用 | 动作名 |");
const EXIT_HEAD: Text = Text::new("| exit code | meaning |", "| 退出码 | 含义 |");

/// Prints the table, place by place.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let out = &context.out;
    if args.markdown {
        return markdown(context);
    }
    let (settings, mut faults) = settings::load(&load::dirs(context));
    let (keymap, wrong) = Keymap::new(&settings);
    faults.extend(wrong);
    for fault in &faults {
        out.say(Tone::Bad, &printable(&fault.render(out.lang)));
    }
    let rows: Vec<(&'static keys::Binding, String)> = keys::rows()
        .map(|row| (row, keymap.keys(row).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")))
        .collect();
    let column = rows.iter().map(|(_, keys)| width(keys)).max().unwrap_or_default();
    let mut place = None;
    for (row, keys) in &rows {
        if args.json {
            let mut members = Map::new();
            members.insert("place".to_owned(), json!(row.place.name()));
            members.insert("keys".to_owned(), keymap.keys(row).iter().map(|key| json!(key.to_string())).collect());
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
    if faults.is_empty() { Ok(()) } else { Err(Failure::silent(PROFILE)) }
}
