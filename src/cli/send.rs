//! `iotdbg send`: publishes a hand-made message, once or several times.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::lang::Phrase;
use crate::base::text::duration_short;
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, INTERRUPTED, Outcome, TIMEOUT};
use crate::cli::output::Tone;
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, decode, load, texts};
use crate::model::{Batch, Notice, RequestInfo, RequestKey, RequestState};
use crate::profile::Profile;
use crate::session::Command;

/// Messages on their way at once.
const WINDOW: u64 = 64;

/// Words of `iotdbg send`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg send -p lamp -t '$sys/p1/lamp/thing/property/post' --text '{\"id\":\"1\",\"params\":{}}'\n  \
    iotdbg send -p lamp -t bench/hex --hex '00 ff 1b' --qos 1\n  \
    date | iotdbg send -p lamp -t bench/time - --repeat 10 --every 500ms",
    group = clap::ArgGroup::new("message").required(true)
)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// The topic
    #[arg(short, long, value_name = "TOPIC")]
    topic: String,
    /// The characters of the message
    #[arg(long, value_name = "S", group = "message")]
    text: Option<String>,
    /// The bytes of the message in hex
    #[arg(long, value_name = "H", group = "message")]
    hex: Option<String>,
    /// A file with the bytes of the message
    #[arg(long, value_name = "F", group = "message")]
    file: Option<PathBuf>,
    /// `-` reads the message from standard input
    #[arg(value_name = "-", value_parser = ["-"], group = "message")]
    input: Option<String>,
    /// MQTT quality of service
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=2))]
    qos: u8,
    /// Set the MQTT retain flag
    #[arg(long)]
    retain: bool,
    /// Send so many times
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeat: u64,
    /// Wait so long between two messages
    #[arg(long, value_name = "DUR", value_parser = args::duration, requires = "repeat")]
    every: Option<Duration>,
    /// Do not ask before sending to production
    #[arg(long)]
    yes: bool,
}

/// Publishes and waits until every message was sent and, where the broker confirms them, confirmed.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let payload = payload(args)?;
    crate::base::topic::validate_topic(&args.topic).map_err(|fault| {
        Failure::usage(texts::BAD_TOPIC.around([Phrase::verbatim(args.topic.as_str()), fault.reason]))
    })?;
    let profile = load::profile(context, &args.profile)?;
    runner::confirm(context, &profile, args.yes)?;
    runner::block_on(send(context, args, &profile, payload))
}

fn payload(args: &Args) -> Result<Vec<u8>, Failure> {
    let unreadable = |path: String, error: std::io::Error| Failure::usage(texts::UNREADABLE.with(&[&path, &error]));
    if let Some(text) = &args.text {
        return Ok(text.clone().into_bytes());
    }
    if let Some(hex) = &args.hex {
        return decode::parse_hex(hex);
    }
    if let Some(path) = &args.file {
        return std::fs::read(path).map_err(|error| unreadable(path.display().to_string(), error));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable("-".to_owned(), error))?;
    Ok(bytes)
}

/// The messages of one command.
struct Series<'a> {
    args: &'a Args,
    payload: Vec<u8>,
    begun: u64,
    settled: u64,
    open: HashMap<RequestKey, RequestInfo>,
    failure: Option<Failure>,
    next: Time,
}

async fn send(context: &Context, args: &Args, profile: &Profile, payload: Vec<u8>) -> Outcome {
    let mut connection = Connection::open(context, profile, Wish::default())?;
    let started = time::now();
    let open = HashMap::new();
    let mut series = Series { args, payload, begun: 0, settled: 0, open, failure: None, next: started };
    let outcome = series.run(context, &mut connection).await;
    let took = duration_short(time::now().since(series.next.min(started)));
    connection.finish().await;
    outcome?;
    if context.globals.verbose > 0 {
        let words = texts::SENT.with(&[&series.settled, &took]);
        context.out.say(Tone::Good, &context.out.phrase(&words));
    }
    Ok(())
}

impl Series<'_> {
    async fn run(&mut self, context: &Context, connection: &mut Connection) -> Outcome {
        while self.settled < self.args.repeat {
            let deadline = self.hand_over(connection);
            match connection.next(deadline).await {
                Event::Interrupted => return Err(Failure::silent(INTERRUPTED)),
                Event::Deadline => {}
                Event::Batch(batch) => {
                    self.take(&batch);
                    let watched = connection.watch(context, &batch);
                    if let Some(failure) = self.failure.take() {
                        // The reason of a failed or lost connection says more than what became of the message.
                        return watched.and(Err(failure));
                    }
                    if self.settled < self.args.repeat {
                        watched?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends what is due. When the next one is.
    fn hand_over(&mut self, connection: &Connection) -> Option<Time> {
        while self.begun < self.args.repeat && self.begun - self.settled < WINDOW {
            let now = time::now();
            if let Some(every) = self.args.every.filter(|_| self.begun > 0) {
                if now < self.next {
                    return Some(self.next);
                }
                self.next += every;
            } else if let Some(every) = self.args.every {
                self.next = now + every;
            }
            self.begun += 1;
            connection.command(Command::Publish {
                key: RequestKey(self.begun),
                topic: self.args.topic.clone(),
                payload: self.payload.clone(),
                qos: self.args.qos,
                retain: self.args.retain,
            });
        }
        None
    }

    fn take(&mut self, batch: &Batch) {
        for notice in batch.notices() {
            match notice {
                Notice::Request { key, info, .. } => _ = self.open.insert(*key, info.as_ref().clone()),
                Notice::Update(update) => {
                    let Some(info) = self.open.get(&update.key) else { continue };
                    match &update.state {
                        RequestState::Failed(reason) => self.failure = Some(Failure::new(EXPECTATION, reason.clone())),
                        RequestState::TimedOut { .. } => self.failure = Some(Failure::new(TIMEOUT, texts::NO_PUBACK)),
                        RequestState::LinkLost => {
                            self.failure = Some(Failure::new(EXPECTATION, texts::CONNECTION_LOST));
                        }
                        state if info.is_settled_by(state) => {
                            self.open.remove(&update.key);
                            self.settled += 1;
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
    }
}
