//! `iotdbg device`: the simulated device without a screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, json};

use crate::base::lang::Text;
use crate::base::text::{local_time, rfc3339};
use crate::base::time::{self, Time};
use crate::cli::exit::{Failure, Outcome, PROFILE};
use crate::cli::message::Lines;
use crate::cli::output::{Tone, json_line};
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::swarm::{self, Swarm};
use crate::cli::{Context, args, load, texts, words};
use crate::link::RulesFile;
use crate::model::{Batch, LinkState, Notice, OpKind, Role};
use crate::profile::Profile;
use crate::session::Command;
use crate::session::thing::rules::EXAMPLE;
use crate::session::thing::{Behaviour, Manner, ThingCommand, ThingConfig};

const NO_FIELD: Text = Text::new(
    "--vary: no field of [identity] is called “{}”; there are: {}",
    "--vary：[identity] 没有字段“{}”，可用的有：{}",
);

/// Summaries do not come faster than this.
const SHORTEST_SUMMARY: Duration = Duration::from_millis(100);

/// Words of `iotdbg device`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg device -p lamp --report-every 5s\n  iotdbg device -p lamp --refuse 302 --delay 200ms --json\n  \
    iotdbg device -p lamp --model model.json Power=true --for 1m\n  iotdbg device --example-rules > rules.toml\n  \
    iotdbg device -p lamp --rules rules.toml\n  iotdbg device -p lamp --count 500 --vary 'device_name=lamp-{n:03}' --report-every 1s"
)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME", required_unless_present = "example_rules")]
    profile: Option<String>,
    /// First values of properties; the others are made up
    #[arg(value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// The thing model [default: the profile's, or one for demonstrations]
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Rules for answers, reports and events; read again whenever the file is saved. `example` is the one that is shipped
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Print the shipped rules, which show everything that rules can do, and end
    #[arg(long)]
    example_rules: bool,
    /// Seed of what is left to chance and of made-up values
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// So many devices at once. Their number, from 1, takes the place of n in braces, as in lamp-{n:03}, in the fields of the identity
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=i64::from(swarm::MOST)))]
    count: Option<u16>,
    /// Another value for a field of the identity, with n in braces for the number: lamp-{n:04}, lamp-{n:x}; may be given several times
    #[arg(long, value_name = "FIELD=PATTERN", requires = "count")]
    vary: Vec<String>,
    /// With --count: how often to print the summary
    #[arg(long, value_name = "DUR", value_parser = args::duration, default_value = "5s", requires = "count")]
    summary_every: Duration,
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
    if args.example_rules {
        return context.out.bytes(EXAMPLE.as_bytes());
    }
    let mut profile = load::profile(context, args.profile.as_deref().unwrap_or_default())?;
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
    let path = args.rules.as_ref().or(profile.simulate.rules.as_ref());
    let mut rules = path.map(|path| RulesFile::new(path, profile.dialect, Arc::clone(&model)));
    let read = rules.as_mut().map(|rules| rules.read().map_err(|fault| Failure::new(PROFILE, fault))).transpose()?;
    let thing = ThingConfig {
        number: 0,
        model: Arc::clone(&model),
        values,
        behaviour: Behaviour { manner, delay: args.delay },
        rules: read.unwrap_or_default(),
        report_every: args.report_every.or(profile.simulate.report_every),
        event_every: args.event_every.or(profile.simulate.event_every),
        drift: args.drift || profile.simulate.drift,
    };
    let Some(count) = args.count else {
        return runner::block_on(live(context, args, &profile, thing, rules));
    };
    vary(&mut profile, &args.vary)?;
    runner::block_on(swarm::run(
        context,
        Swarm {
            profile: &profile,
            count,
            model,
            thing,
            rules,
            seed: args.seed.unwrap_or_else(|| time::now().as_micros()),
            time: args.time,
            every: args.summary_every.max(SHORTEST_SUMMARY),
            reconnect: !args.no_reconnect,
            json: args.json,
        },
    ))
}

/// Puts the patterns of `--vary` into the profile.
fn vary(profile: &mut Profile, given: &[String]) -> Outcome {
    let specs = profile.dialect.spec().role(profile.role).map(|spec| spec.identity).unwrap_or_default();
    for text in given {
        let (name, pattern) =
            text.split_once('=').ok_or_else(|| Failure::usage(texts::NOT_ASSIGNMENT.with(&[text])))?;
        if !specs.iter().any(|spec| spec.name == name) {
            let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
            return Err(Failure::usage(NO_FIELD.with(&[&name, &known.join(", ")])));
        }
        profile.settings.identity.set(name, pattern);
    }
    Ok(())
}

async fn live(
    context: &Context,
    args: &Args,
    profile: &Profile,
    thing: ThingConfig,
    mut rules: Option<RulesFile>,
) -> Outcome {
    let model = Arc::clone(&thing.model);
    let wish = Wish {
        reconnect: !args.no_reconnect,
        model: Some(Arc::clone(&model)),
        thing: Some(thing),
        seed: args.seed,
        packets: false,
    };
    let mut connection = Connection::open(context, profile, wish)?;
    let lines = Lines::of_profile(&context.out, profile, Some(&model));
    let deadline = args.time.map(|time| time::now() + time);
    let mut seq = 0;
    let mut look = time::now() + swarm::LOOK;
    let outcome = loop {
        let wake = rules.as_ref().map(|_| look).into_iter().chain(deadline).min();
        match connection.next(wake).await {
            Event::Interrupted => break Ok(()),
            Event::Deadline if deadline.is_none_or(|end| time::now() < end) => {
                look = time::now() + swarm::LOOK;
                follow(context, &connection, rules.as_mut());
            }
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

/// Gives the device its rules again if they were saved.
fn follow(context: &Context, connection: &Connection, rules: Option<&mut RulesFile>) {
    let out = &context.out;
    match rules.and_then(RulesFile::changed) {
        None => {}
        Some(Ok(rules)) => {
            out.say(Tone::Good, &swarm::RULES_READ.fill(out.lang, &[&rules.len()]));
            connection.command(Command::Thing(ThingCommand::Rules(rules)));
        }
        Some(Err(fault)) => out.say(Tone::Bad, &out.phrase(&swarm::RULES_KEPT.around([fault]))),
    }
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
