//! `iotdbg send`: publishes a hand-made message, once or several times.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::hex;
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::placeholder::Source;
use crate::base::random::Random;
use crate::base::text::duration_short;
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, INTERRUPTED, Outcome, TIMEOUT};
use crate::cli::output::Tone;
use crate::cli::request::{self, Manner};
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, decode, load, texts};
use crate::dialect::near;
use crate::model::{Batch, Notice, RequestInfo, RequestKey, RequestState};
use crate::profile::Profile;
use crate::profile::collection::{self, Body, Content, Ready, SavedRequest};
use crate::session::Command;

/// Messages on their way at once.
const WINDOW: u64 = 64;
const UNKNOWN_TOPIC: Text =
    Text::new("sent as it stands, but the platform has no such topic", "已照原样发送，但平台没有该主题");

/// Words of `iotdbg send`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg send -p lamp -t '$sys/p1/lamp/thing/property/post' --text '{\"id\":\"1\",\"params\":{}}'\n  \
    iotdbg send -p lamp -t bench/hex --hex '00 ff 1b' --qos 1\n  \
    date | iotdbg send -p lamp -t bench/time - --repeat 10 --every 500ms\n  \
    iotdbg send -p lamp -t bench/n --text '{\"n\":{{ n }},\"at\":{{now_ms}},\"v\":{{random 10 30}}}' --fill --repeat 5\n  \
    iotdbg send -p lamp-app --request 'lamp on'",
    group = clap::ArgGroup::new("message").required(true)
)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// The topic; not needed on a WebSocket, where the message is one text frame
    #[arg(short, long, value_name = "TOPIC")]
    topic: Option<String>,
    /// A request of a collection, by its name: an operation or a message
    #[arg(long, value_name = "NAME", group = "message", conflicts_with = "topic")]
    request: Option<String>,
    /// Fill places such as {{now_ms}}, {{uuid}} and {{random 10 30}} in topic and text, anew for each sending
    #[arg(long)]
    fill: bool,
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
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true, group = "message")]
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
    /// One JSON object for each operation of a collection
    #[arg(long, requires = "request")]
    json: bool,
}

/// Publishes and waits until every message was sent and, where the broker confirms them, confirmed.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let mut places = places();
    let content = match &args.request {
        Some(name) => saved(context, &profile, name)?,
        None => written(args)?,
    };
    if let Content::Operation(request) = content.content {
        let saved = SavedRequest { content: Content::Operation(request), ..content };
        return operation(context, args, &profile, &saved, &mut places);
    }
    let fills = args.fill || args.request.is_some();
    let server = profile.settings.named_server(profile.role_spec());
    let topics = !server.is_some_and(|server| server.transport.is_websocket());
    if topics && args.topic.is_none() && args.request.is_none() {
        return Err(Failure::usage(texts::NEEDS_TOPIC));
    }
    // The platform would drop it without a word; that it was sent on purpose is possible all the same.
    let known = profile.dialect.spec().topics;
    if let Some(topic) = args.topic.as_deref().filter(|topic| near::is_near(known, topic)) {
        let words = near::with_meant(UNKNOWN_TOPIC, known, topic);
        context.out.say(Tone::Warn, &context.out.phrase(&words));
    }
    let mut messages = Messages { content, fills, places, topics, error: context.out.lang };
    // What is wrong with it is told before anything is connected; the places of the first sending are filled again.
    messages.clone().next(1)?;
    runner::confirm(context, &profile, args.yes)?;
    runner::block_on(send(context, args, &profile, &mut messages))
}

/// An operation of a collection, followed to its outcome like any other.
fn operation(context: &Context, args: &Args, profile: &Profile, saved: &SavedRequest, places: &mut Source) -> Outcome {
    let manner = Manner { timeout: None, check: true, json: args.json, times: args.repeat, every: args.every };
    let model = load::model_of(profile, None)?;
    request::follow(context, manner, profile, model, args.yes, |number| {
        (places.now, places.count) = (time::now(), number);
        match saved.fill(places) {
            Ok(Ready::Operation(request)) => Ok(request),
            Ok(Ready::Message { .. }) => Err(Failure::usage(texts::UNFIT_REQUEST)),
            Err(fault) => Err(load::fault(context, &fault)),
        }
    })
}

/// What places are filled from. Ids go on from the clock, so that two runs do not share them.
fn places() -> Source {
    let now = time::now();
    Source {
        now,
        count: 1,
        id: now.as_millis(),
        random: Random::new(now.as_micros()),
        env: |name| std::env::var(name).ok(),
    }
}

/// The request of a collection with this name.
fn saved(context: &Context, profile: &Profile, name: &str) -> Result<SavedRequest, Failure> {
    let (requests, faults) = collection::all(&load::dirs(context), profile.path.as_deref());
    for fault in &faults {
        context.out.say(Tone::Bad, &fault.render(context.out.lang));
    }
    collection::find(&requests, name).cloned().map_err(|fault| load::fault(context, &fault))
}

/// The message of the command line.
fn written(args: &Args) -> Result<SavedRequest, Failure> {
    let topic = args.topic.clone().unwrap_or_default();
    let unreadable = |path: String, error: std::io::Error| Failure::usage(texts::UNREADABLE.with(&[&path, &error]));
    let body = if let Some(text) = &args.text {
        Body::Text(text.clone())
    } else if let Some(digits) = &args.hex {
        if !args.fill {
            decode::parse_hex(digits)?;
        }
        Body::Hex(digits.clone())
    } else if let Some(path) = &args.file {
        std::fs::metadata(path).map_err(|error| unreadable(path.display().to_string(), error))?;
        Body::File(path.clone())
    } else {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| unreadable("-".to_owned(), error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Body::Text(text),
            Err(error) => Body::Hex(hex::encode(error.as_bytes())),
        }
    };
    let content = Content::Message { topic, body, qos: args.qos, retain: args.retain };
    Ok(SavedRequest { name: String::new(), note: String::new(), content, path: None, line: 0 })
}

/// One message after the other.
#[derive(Clone)]
struct Messages {
    content: SavedRequest,
    fills: bool,
    places: Source,
    /// Whether the connection has topics, as MQTT has.
    topics: bool,
    error: Lang,
}

impl Messages {
    /// Topic, payload, QoS and retain flag of a sending, counted from 1.
    fn next(&mut self, number: u64) -> Result<(String, Vec<u8>, u8, bool), Failure> {
        (self.places.now, self.places.count) = (time::now(), number);
        let ready = if self.fills { self.content.fill(&mut self.places) } else { self.content.plain() };
        let ready = ready.map_err(|fault| Failure::usage(Phrase::verbatim(fault.render(self.error))))?;
        let Ready::Message { topic, payload, qos, retain } = ready else {
            return Err(Failure::usage(texts::UNFIT_REQUEST));
        };
        if self.topics {
            crate::base::topic::validate_topic(&topic).map_err(|fault| {
                Failure::usage(texts::BAD_TOPIC.around([Phrase::verbatim(topic.as_str()), fault.reason]))
            })?;
        }
        Ok((topic, payload, qos, retain))
    }
}

/// The messages of one command.
struct Series<'a> {
    args: &'a Args,
    messages: &'a mut Messages,
    begun: u64,
    settled: u64,
    open: HashMap<RequestKey, RequestInfo>,
    failure: Option<Failure>,
    next: Time,
}

async fn send(context: &Context, args: &Args, profile: &Profile, messages: &mut Messages) -> Outcome {
    let mut connection = Connection::open(context, profile, Wish::default())?;
    let started = time::now();
    let open = HashMap::new();
    let mut series = Series { args, messages, begun: 0, settled: 0, open, failure: None, next: started };
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
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
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
            match self.messages.next(self.begun) {
                Ok((topic, payload, qos, retain)) => {
                    let key = RequestKey(self.begun);
                    connection.command(Command::Publish { key, topic, payload, qos, retain });
                }
                Err(failure) => {
                    self.failure = Some(failure);
                    return Some(now);
                }
            }
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
