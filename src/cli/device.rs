//! `iotdbg device`: the simulated device without a screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use crate::base::text::{local_time, rfc3339};
use crate::base::time::{self, Time};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::message::Lines;
use crate::cli::output::{Tone, json_line};
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, load, texts, words};
use crate::model::{Batch, LinkState, Notice, OpKind, Role, ThingModel};
use crate::profile::Profile;
use crate::session::thing::{Behaviour, Manner, ThingConfig};

/// Words of `iotdbg device`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg device -p lamp --report-every 5s\n  iotdbg device -p lamp --refuse 302 --delay 200ms --json\n  \
    iotdbg device -p lamp --model model.json Power=true --for 1m"
)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// First values of properties; the others are made up
    #[arg(value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// The thing model [default: the profile's, or one for demonstrations]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Report all properties this often
    #[arg(long, value_name = "DUR", value_parser = args::duration)]
    report_every: Option<Duration>,
    /// Report an event this often
    #[arg(long, value_name = "DUR", value_parser = args::duration)]
    event_every: Option<Duration>,
    /// Let read-only numbers drift from report to report
    #[arg(long)]
    drift: bool,
    /// Refuse every request with this code
    #[arg(long, value_name = "CODE")]
    refuse: Option<String>,
    /// Words beside the code
    #[arg(long, value_name = "TEXT", requires = "refuse")]
    message: Option<String>,
    /// Answer nothing
    #[arg(long, conflicts_with_all = ["refuse", "twice"])]
    silent: bool,
    /// Answer everything twice
    #[arg(long, conflicts_with = "refuse")]
    twice: bool,
    /// Wait so long before answering
    #[arg(long, value_name = "DUR", value_parser = args::duration, default_value = "0s", hide_default_value = true)]
    delay: Duration,
    /// Stop after this time
    #[arg(long = "for", value_name = "DUR", value_parser = args::duration)]
    time: Option<Duration>,
    /// End when the connection is lost instead of connecting again
    #[arg(long)]
    no_reconnect: bool,
    /// One JSON object per line: messages as `tail` prints them, and what the device makes of them
    #[arg(long)]
    json: bool,
}

/// Connects as a device and answers until it is told to stop.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    if profile.role != Role::Device {
        return Err(Failure::usage(texts::NOT_A_DEVICE.with(&[&profile.name, &profile.role])));
    }
    let model = load::model_of(&profile, args.model.as_deref())?.unwrap_or_else(|| profile.dialect.demo_model());
    let model = Arc::new(model);
    let values = if args.values.is_empty() {
        Map::new()
    } else {
        words::request(OpKind::Report, None, &args.values, Some(&model))?.params
    };
    let manner = match (&args.refuse, args.silent, args.twice) {
        (Some(code), ..) => Manner::Refuse { code: code.clone(), message: args.message.clone() },
        (None, true, _) => Manner::Ignore,
        (None, false, true) => Manner::Twice,
        (None, false, false) => Manner::Accept,
    };
    let thing = ThingConfig {
        model: Arc::clone(&model),
        values,
        behaviour: Behaviour { manner, delay: args.delay },
        rules: Arc::default(),
        report_every: args.report_every.or(profile.simulate.report_every),
        event_every: args.event_every.or(profile.simulate.event_every),
        drift: args.drift || profile.simulate.drift,
    };
    runner::block_on(live(context, args, &profile, &model, thing))
}

async fn live(
    context: &Context,
    args: &Args,
    profile: &Profile,
    model: &Arc<ThingModel>,
    thing: ThingConfig,
) -> Outcome {
    let wish = Wish { reconnect: !args.no_reconnect, model: Some(Arc::clone(model)), thing: Some(thing) };
    let mut connection = Connection::open(context, profile, wish)?;
    let lines = Lines { out: &context.out, profile, model: Some(model) };
    let deadline = args.time.map(|time| time::now() + time);
    let mut seq = 0;
    let outcome = loop {
        match connection.next(deadline).await {
            Event::Interrupted => break Ok(()),
            Event::Deadline => break connection.time_is_up(),
            Event::Batch(batch) => {
                let watched = connection.watch(context, &batch);
                let printed = print(context, &lines, &batch, &mut seq, args.json);
                if let Err(failure) = printed.and(watched) {
                    break Err(failure);
                }
            }
        }
    };
    connection.finish().await;
    outcome
}

fn print(context: &Context, lines: &Lines<'_>, batch: &Batch, seq: &mut u64, json: bool) -> Outcome {
    let out = &context.out;
    // A batch keeps messages and notices apart; people read them in the order in which they happened.
    let mut told: Vec<(Time, String)> = Vec::new();
    let mut latest = None;
    for message in batch.messages() {
        *seq += 1;
        let line = if json { json_line(lines.json(&message, *seq)) } else { lines.human(&message) };
        // Messages keep their order, whatever their times say.
        latest = latest.max(Some(message.at));
        told.push((latest.unwrap_or(message.at), line));
    }
    for notice in batch.notices() {
        match notice {
            Notice::Thing { values, what, at } if json => {
                let mut members = Map::new();
                members.insert("at".to_owned(), json!(rfc3339(*at)));
                members.insert("event".to_owned(), json!("thing"));
                members.insert("what".to_owned(), json!(what.render(out.lang)));
                members.insert("values".to_owned(), json!(values));
                told.push((*at, json_line(members)));
            }
            Notice::Thing { what, at, .. } => {
                let line = format!("{} · {}", local_time(*at), out.phrase(what));
                told.push((*at, out.paint(Tone::Dim, &line)));
            }
            Notice::State { state, at } if json => {
                let name = match state {
                    LinkState::Closed => "closed",
                    LinkState::Connecting(_) => continue,
                    LinkState::Online => "online",
                    LinkState::Waiting { .. } => "waiting",
                    LinkState::Refused(_) => "refused",
                };
                let mut members = Map::new();
                members.insert("at".to_owned(), json!(rfc3339(*at)));
                members.insert("event".to_owned(), json!("state"));
                members.insert("state".to_owned(), json!(name));
                told.push((*at, json_line(members)));
            }
            _ => {}
        }
    }
    told.sort_by_key(|(at, _)| *at);
    told.iter().try_for_each(|(_, line)| out.line(line))
}
