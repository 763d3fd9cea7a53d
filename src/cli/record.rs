//! `iotdbg record`: what flows, written to a file.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use crate::base::text::{group_digits, human_size};
use crate::base::time::{self, Time};
use crate::capture::origin_of;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::output::{Tone, json_line};
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, load, tail, texts};
use crate::link::capture::{RecordTo, Recorded, Recorder};
use crate::model::{Direction, Kind, Notice};
use crate::profile::Profile;
use crate::session::Command;

/// How often the screen is told how far it is.
const TOLD: Duration = Duration::from_secs(5);

/// Words of `iotdbg record`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg record -p lamp-app -o lamp.jsonl\n  iotdbg record -p lamp-app -o lamp.jsonl.zst --rotate 100MiB --keep 5\n  iotdbg record -p lamp-app -o faults.jsonl --filter 'ok:no or kind:event' --for 1h"
)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// The file; a name that ends in .zst is compressed, - is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Subscribe this filter too; may be given several times
    #[arg(short, long = "topic", value_name = "FILTER")]
    topics: Vec<String>,
    /// Record only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// Stop after so many received messages
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Stop after this time
    #[arg(long = "for", value_name = "DUR", value_parser = args::duration)]
    time: Option<Duration>,
    /// Begin another file after so many bytes: lamp.jsonl, lamp.2.jsonl, lamp.3.jsonl
    #[arg(long, value_name = "SIZE", value_parser = args::size)]
    rotate: Option<u64>,
    /// Keep so many files, and delete the oldest
    #[arg(long, value_name = "N", requires = "rotate", value_parser = clap::value_parser!(u64).range(1..))]
    keep: Option<u64>,
    /// Record control packets too: CONNECT, SUBACK, PUBACK, pings with their round trip, WebSocket frames
    #[arg(long)]
    packets: bool,
    /// Write on where the file is there already
    #[arg(long)]
    append: bool,
    /// Keep secrets in payloads
    #[arg(long)]
    with_secrets: bool,
    /// End when the connection is lost instead of connecting again
    #[arg(long)]
    no_reconnect: bool,
    /// Print what was recorded as a JSON object
    #[arg(long)]
    json: bool,
}

/// Connects and records until it is told to stop.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let filter = tail::filter(args.filter.as_deref())?;
    if filter.asks_for_outcomes() {
        context.out.say(Tone::Warn, context.out.text(texts::NO_OUTCOMES_YET));
    }
    tail::check_topics(&args.topics)?;
    runner::block_on(record(context, args, &profile))
}

async fn record(context: &Context, args: &Args, profile: &Profile) -> Outcome {
    let to = RecordTo {
        path: args.output.clone(),
        append: args.append,
        rotate: args.rotate,
        keep: args.keep,
        filter: args.filter.clone().unwrap_or_default(),
        with_secrets: args.with_secrets,
    };
    let recorder = Recorder::start(to).map_err(Failure::usage)?;
    recorder.origin(runner::ONLY, origin_of(&profile.name, profile.dialect, profile.role, &profile.settings));
    let wish = Wish { reconnect: !args.no_reconnect, packets: args.packets, ..Wish::default() };
    let mut connection = Connection::open(context, profile, wish)?;
    let deadline = args.time.map(|time| time::now() + time);
    let outcome = follow(context, args, profile, &mut connection, &recorder, deadline).await;
    connection.finish().await;
    let recorded = recorder.finish();
    tell(context, args, &recorded)?;
    if let Some(fault) = recorded.fault {
        return Err(Failure::new(EXPECTATION, fault));
    }
    outcome
}

async fn follow(
    context: &Context,
    args: &Args,
    profile: &Profile,
    connection: &mut Connection,
    recorder: &Recorder,
    deadline: Option<Time>,
) -> Outcome {
    let mut asked = args.topics.is_empty();
    let mut left = args.count;
    let mut told_at = time::now();
    while left != Some(0) {
        match connection.next(deadline).await {
            Event::Interrupted => break,
            Event::Deadline => {
                connection.time_is_up()?;
                return left.map_or(Ok(()), |left| Err(Failure::new(EXPECTATION, texts::FEWER_CAME.with(&[&left]))));
            }
            Event::Batch(batch) => {
                recorder.take(&batch);
                for notice in batch.notices() {
                    if let Notice::Learned { identity, devices } = notice {
                        let mut settings = profile.settings.clone();
                        (settings.identity, settings.devices) = (identity.clone(), devices.clone());
                        let origin = origin_of(&profile.name, profile.dialect, profile.role, &settings);
                        recorder.origin(runner::ONLY, origin);
                    }
                }
                let received = batch
                    .messages()
                    .filter(|message| message.direction == Direction::In && message.meta.kind != Kind::Packet)
                    .count();
                left = left.map(|left| left.saturating_sub(u64::try_from(received).unwrap_or(u64::MAX)));
                connection.watch(context, &batch)?;
                if args.topics.is_empty() {
                    connection.hears_nothing()?;
                } else if asked {
                    connection.refused_subscription().map_or(Ok(()), Err)?;
                }
            }
        }
        if !asked && connection.is_online() {
            asked = true;
            connection.forget_refused();
            for filter in &args.topics {
                connection.command(Command::Subscribe { filter: filter.clone(), qos: 1 });
            }
        }
        let recorded = recorder.recorded();
        if let Some(fault) = recorded.fault {
            return Err(Failure::new(EXPECTATION, fault));
        }
        if context.globals.verbose > 0 && time::now().since(told_at) >= TOLD {
            told_at = time::now();
            say(context, &recorded);
        }
    }
    Ok(())
}

fn say(context: &Context, recorded: &Recorded) {
    let (count, size) = (group_digits(recorded.messages), human_size(recorded.bytes));
    let words = texts::RECORDED.with(&[&count, &size, &recorded.parts, &group_digits(recorded.lost)]);
    let tone = if recorded.lost > 0 { Tone::Bad } else { Tone::Good };
    context.out.say(tone, &context.out.phrase(&words));
}

fn tell(context: &Context, args: &Args, recorded: &Recorded) -> Outcome {
    say(context, recorded);
    if !args.json || args.output.as_os_str() == "-" {
        return Ok(());
    }
    let Recorded { messages, bytes, lost, parts, .. } = recorded;
    let members = json!({ "messages": messages, "bytes": bytes, "lost": lost, "files": parts });
    context.out.line(&json_line(members.as_object().cloned().unwrap_or_default()))
}
