//! `iotdbg tail`: prints what arrives, decoded.

use std::time::Duration;

use crate::base::lang::{Lang, Text};
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::message::Lines;
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, load, texts};
use crate::model::{Batch, Direction, Kind, ThingModel};
use crate::profile::Profile;
use crate::session::Command;
use crate::store::{ConnectionName, FIELDS, Filter, Names};

/// Words of `iotdbg tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help(Lang::En))]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// Subscribe this filter too; may be given several times
    #[arg(short, long = "topic", value_name = "FILTER")]
    topics: Vec<String>,
    /// Show only messages for which this holds: words, fields, and, or, not
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// Stop after so many received messages
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Stop after this time
    #[arg(long = "for", value_name = "DUR", value_parser = args::duration)]
    time: Option<Duration>,
    /// Show control packets too: CONNECT, SUBACK, PUBACK, pings with their round trip, WebSocket frames
    #[arg(long)]
    packets: bool,
    /// The thing model
    #[arg(long, value_name = "FILE")]
    model: Option<std::path::PathBuf>,
    /// End when the connection is lost instead of connecting again
    #[arg(long)]
    no_reconnect: bool,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

const FILTERS: Text = Text::new("Filters:", "过滤条件：");
const ANYWHERE: Text = Text::new("found anywhere, without regard to case", "出现在任意位置，不区分大小写");
const JOINED: Text = Text::new("joined by and, or, not and ( )", "用 and、or、not 和括号组合");
const EXAMPLES: Text = Text::new("Examples:", "示例：");

/// Examples, and the fields of filters as their table has them.
pub fn after_help(lang: Lang) -> String {
    let fields: String =
        FIELDS.iter().map(|info| format!("  {:<30} {}\n", info.example, info.help.get(lang))).collect();
    format!(
        "{}\n  {:<30} {}\n{fields}  {:<30} {}\n\n{}\n  iotdbg tail -p lamp-app\n  iotdbg tail -p lamp-app --filter 'kind:set dev:lamp' --json | jq .payload\n  \
         iotdbg tail -p lamp -t 'bench/#' --count 10 --for 1m",
        FILTERS.get(lang),
        "lamp \"low battery\"",
        ANYWHERE.get(lang),
        "kind:set (dev:a or dev:b)",
        JOINED.get(lang),
        EXAMPLES.get(lang),
    )
}

/// What has been printed so far.
struct Tail<'a> {
    context: &'a Context,
    lines: Lines<'a>,
    filter: Filter,
    json: bool,
    left: Option<u64>,
    seq: u64,
}

/// Connects and prints until it is told to stop.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let model = load::model_of(&profile, args.model.as_deref())?;
    let filter = filter(args.filter.as_deref())?;
    check_topics(&args.topics)?;
    runner::block_on(tail(context, args, &profile, model.as_ref(), filter))
}

/// The filter of `--filter`.
pub fn filter(source: Option<&str>) -> Result<Filter, Failure> {
    Filter::parse(source.unwrap_or_default())
        .map_err(|fault| Failure::usage(texts::BAD_FILTER.around([at(fault.offset), fault.reason])))
}

/// Whether every topic filter can be subscribed.
pub fn check_topics(topics: &[String]) -> Outcome {
    for topic in topics {
        crate::base::topic::validate_filter(topic)
            .map_err(|fault| Failure::usage(texts::BAD_TOPIC_FILTER.around([verbatim(topic), fault.reason])))?;
    }
    Ok(())
}

fn verbatim(text: &str) -> crate::base::lang::Phrase {
    crate::base::lang::Phrase::verbatim(text)
}

fn at(offset: usize) -> crate::base::lang::Phrase {
    verbatim(&(offset + 1).to_string())
}

async fn tail(
    context: &Context,
    args: &Args,
    profile: &Profile,
    model: Option<&ThingModel>,
    filter: Filter,
) -> Outcome {
    let wish = Wish {
        reconnect: !args.no_reconnect,
        model: model.cloned().map(Into::into),
        packets: args.packets,
        ..Wish::default()
    };
    let mut connection = Connection::open(context, profile, wish)?;
    let names = ConnectionName {
        id: runner::ONLY,
        name: profile.name.clone(),
        dialect: profile.dialect.spec().name,
        role: profile.role,
    };
    let filter = filter.with_names(std::sync::Arc::new(Names::new(vec![names])));
    let lines = Lines::of_profile(&context.out, profile, model);
    let mut tail = Tail { context, lines, filter, json: args.json, left: args.count, seq: 0 };
    let deadline = args.time.map(|time| time::now() + time);
    let outcome = tail.follow(&mut connection, &args.topics, deadline).await;
    connection.finish().await;
    outcome
}

impl Tail<'_> {
    async fn follow(&mut self, connection: &mut Connection, topics: &[String], deadline: Option<Time>) -> Outcome {
        // Asked for once the platform's own subscriptions are there, so that an answer is known to be to these.
        let mut asked = topics.is_empty();
        while self.left != Some(0) {
            match connection.next(deadline).await {
                Event::Interrupted => break,
                Event::Deadline => {
                    connection.time_is_up()?;
                    return self
                        .left
                        .map_or(Ok(()), |left| Err(Failure::new(EXPECTATION, texts::FEWER_CAME.with(&[&left]))));
                }
                Event::Batch(batch) => {
                    let watched = connection.watch(self.context, &batch);
                    self.print(&batch)?;
                    watched?;
                    if topics.is_empty() {
                        connection.hears_nothing()?;
                    } else if asked {
                        connection.refused_subscription().map_or(Ok(()), Err)?;
                    }
                }
            }
            if !asked && connection.is_online() {
                asked = true;
                connection.forget_refused();
                for filter in topics {
                    connection.command(Command::Subscribe { filter: filter.clone(), qos: 1 });
                }
            }
        }
        Ok(())
    }

    /// Prints the messages of a batch that pass the filter, in one go.
    fn print(&mut self, batch: &Batch) -> Outcome {
        let mut text = String::new();
        for message in batch.messages() {
            self.seq += 1;
            if !self.filter.admits(&message) {
                continue;
            }
            match self.left.as_mut() {
                Some(0) => break,
                // What this side sends (subscriptions, acknowledgements) is shown but was not waited for.
                Some(left) if message.direction == Direction::In && message.meta.kind != Kind::Packet => *left -= 1,
                Some(_) | None => {}
            }
            if self.json {
                text.push_str(&crate::cli::output::json_line(self.lines.json(&message, self.seq)));
            } else {
                text.push_str(&self.lines.human(&message));
            }
            text.push('\n');
        }
        if text.is_empty() { Ok(()) } else { self.context.out.bytes(text.as_bytes()) }
    }
}
