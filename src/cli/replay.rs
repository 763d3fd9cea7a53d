//! `iotdbg replay`: a recording plays again — on the screen, as lines, into a broker, or as a simulated device.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;

use crate::base::lang::Phrase;
use crate::base::text::{duration_short, group_digits};
use crate::base::time::{self, Time};
use crate::capture::{Rewrite, Rewriter, Told, Writer};
use crate::cli::args::Worded;
use crate::cli::exit::{EXPECTATION, Failure, INTERRUPTED, Outcome, TIMEOUT, UNDECODABLE};
use crate::cli::message::Lines;
use crate::cli::output::Tone;
use crate::cli::play::{self, OfCapture};
use crate::cli::runner::{self, Connection, Event, Signals, Wish};
use crate::cli::{Context, args, load, tail, texts};
use crate::dialect::{self, Dialect};
use crate::link::capture::CaptureFile;
use crate::model::kind::Part;
use crate::model::{
    Batch, ConnectionId, Direction, MessageRef, Notice, Origin, RequestInfo, RequestKey, RequestState, Role,
};
use crate::profile::Profile;
use crate::session::Command;
use crate::session::thing::rules::{Reader, Rules};
use crate::session::thing::{Behaviour, Manner, ThingConfig};
use crate::store::{ConnectionName, Filter, Names};

/// Messages on their way at once.
const WINDOW: usize = 64;
/// How long a simulated device stays after its last message, so that answers are heard.
const FAREWELL: Duration = Duration::from_secs(2);

/// Words of `iotdbg replay`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg replay lamp.jsonl                                   # on the screen, in its own time\n  iotdbg replay lamp.jsonl --speed 10 --json | jq .payload   # as lines\n  iotdbg replay lamp.jsonl --into lamp --rewrite ids,times   # published again\n  iotdbg replay lamp.jsonl --into lamp --as-device           # reported by a simulated device"
)]
pub struct Args {
    #[command(flatten)]
    of: OfCapture,
    /// So many times as fast as it was recorded; max is as fast as it can be
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    speed: Speed,
    /// Publish the messages over the connection of this profile
    #[arg(long, value_name = "PROFILE")]
    into: Option<String>,
    /// Let a simulated device report what the recording tells, and answer what it is asked
    #[arg(long, requires = "into")]
    as_device: bool,
    /// Which messages are published: out (sent by who recorded them), in, both
    /// [default: what the profile's side sent, or would have sent]
    #[arg(long, value_name = "WAY", requires = "into", value_parser = ["in", "out", "both"])]
    direction: Option<String>,
    /// What is made new in published messages: ids, times; joined by a comma
    #[arg(long, value_name = "WHAT", requires = "into", value_delimiter = ',', value_parser = ["ids", "times"])]
    rewrite: Vec<String>,
    /// Publish on another topic: every OLD in a topic becomes NEW; may be given several times
    #[arg(long = "map", value_name = "OLD=NEW", requires = "into")]
    maps: Vec<String>,
    /// Play only messages for which this holds: words, fields, and, or, not (see iotdbg tail --help)
    #[arg(long, value_name = "EXPR")]
    filter: Option<String>,
    /// Stop after this time
    #[arg(long = "for", value_name = "DUR", value_parser = args::duration)]
    time: Option<Duration>,
    /// Send on production without asking
    #[arg(long)]
    yes: bool,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// How fast a recording is played.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Speed(Option<f64>);

fn speed(text: &str) -> Result<Speed, Worded> {
    if text == "max" {
        return Ok(Speed(None));
    }
    match text.parse::<f64>() {
        Ok(speed) if speed > 0.0 && speed.is_finite() => Ok(Speed(Some(speed))),
        _ => Err(Worded(texts::BAD_SPEED.into())),
    }
}

/// Plays the recording.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let filter = tail::filter(args.filter.as_deref())?;
    match &args.into {
        Some(name) => {
            let profile = load::profile(context, name)?;
            runner::confirm(context, &profile, args.yes)?;
            if args.as_device {
                runner::block_on(as_device(context, args, filter, &profile))
            } else {
                runner::block_on(publish(context, args, filter, &profile))
            }
        }
        None if args.json || args.filter.is_some() || !std::io::stdout().is_terminal() => {
            runner::block_on(print(context, args, filter))
        }
        None => play::show(context, &args.of, args.speed.0),
    }
}

/// The messages of a recording, one after the other, as far as they are wanted.
struct Source {
    file: CaptureFile,
    batch: Batch,
    index: usize,
    origins: HashMap<ConnectionId, Origin>,
    filter: Filter,
}

impl Source {
    fn new(context: &Context, args: &Args, filter: Filter) -> Result<Source, Failure> {
        let batch = Batch::new(ConnectionId(1));
        Ok(Source { file: args.of.open(context)?, batch, index: 0, origins: HashMap::new(), filter })
    }

    /// The next message that the filter admits, and whose it is.
    fn next(&mut self) -> Option<(MessageRef<'_>, Option<&Origin>)> {
        loop {
            while self.index >= self.batch.len() {
                self.batch = Batch::new(ConnectionId(1));
                self.index = 0;
                let more = self.file.read_line(&mut self.batch);
                self.learn();
                if !more && self.batch.messages().next().is_none() {
                    return None;
                }
            }
            self.index += 1;
            let admitted = self.batch.message(self.index - 1).is_some_and(|message| self.filter.admits(&message));
            if admitted {
                break;
            }
        }
        let message = self.batch.message(self.index - 1)?;
        Some((message, self.origins.get(&message.connection)))
    }

    fn learn(&mut self) {
        let before = self.origins.len();
        for notice in self.batch.notices() {
            if let Notice::Origin { connection, origin } = notice {
                self.origins.insert(*connection, origin.as_ref().clone());
            }
        }
        if self.origins.len() != before {
            let names = self.origins.iter().filter_map(|(id, origin)| {
                let dialect = dialect::find(&origin.dialect)?.spec().name;
                Some(ConnectionName { id: *id, name: origin.name.clone(), dialect, role: origin.role })
            });
            let names = Arc::new(Names::new(names.collect()));
            self.filter = std::mem::take(&mut self.filter).with_names(names);
        }
    }

    /// What was wrong with the recording: an end where nothing could be read, otherwise only told.
    fn faults(&self, context: &Context) -> Outcome {
        match self.file.fault_words() {
            Some(fault) if self.file.messages() == 0 => Err(Failure::new(UNDECODABLE, fault)),
            Some(fault) => {
                context.out.say(Tone::Warn, &context.out.phrase(&fault));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// When a message is due.
struct Pace {
    speed: Option<f64>,
    begin: Option<(Time, Time)>,
}

impl Pace {
    fn due(&mut self, at: Time) -> Time {
        let now = time::now();
        let (first, started) = *self.begin.get_or_insert((at, now));
        match self.speed {
            None => now,
            Some(speed) => started + Duration::from_secs_f64((at.since(first).as_secs_f64() / speed).min(1e9)),
        }
    }
}

/// Prints the messages when they are due.
async fn print(context: &Context, args: &Args, filter: Filter) -> Outcome {
    let mut source = Source::new(context, args, filter)?;
    let mut pace = Pace { speed: args.speed.0, begin: None };
    let mut signals = Signals::new()?;
    let mut writer = Writer::new(true);
    let end = args.time.map(|time| time::now() + time);
    let mut seq = 0;
    while let Some((message, origin)) = source.next() {
        let due = pace.due(message.at);
        let until = end.map_or(due, |end| end.min(due));
        let wait = until.since(time::now());
        if !wait.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = signals.wait() => return Err(Failure::silent(INTERRUPTED)),
            }
        }
        if end.is_some_and(|end| time::now() >= end) {
            return Ok(());
        }
        seq += 1;
        let name = origin.map_or("", |origin| origin.name.as_str());
        let mut bytes = Vec::new();
        match origin.and_then(|origin| Some((origin, dialect::find(&origin.dialect)?))) {
            Some((origin, dialect)) if !args.json => {
                let (identity, devices) = (&origin.identity, origin.devices.as_slice());
                let lines =
                    Lines { out: &context.out, name, dialect, role: origin.role, identity, devices, model: None };
                bytes.extend_from_slice(lines.human(&message).as_bytes());
                bytes.push(b'\n');
            }
            _ => writer.told(&mut bytes, seq, &Told { message, connection: name, outcome: None, latency: None }),
        }
        context.out.bytes(&bytes)?;
    }
    source.faults(context)
}

/// What is sent: a copy, because the recording goes on to be read meanwhile.
struct Ready {
    due: Time,
    topic: String,
    payload: Vec<u8>,
    qos: u8,
    retain: bool,
}

/// Chooses and prepares messages to be published.
struct Publisher<'a> {
    source: Source,
    pace: Pace,
    role: Role,
    direction: Option<&'a str>,
    dialect: &'static dyn Dialect,
    rewriter: Rewriter,
    maps: Vec<(&'a str, &'a str)>,
    /// Whether messages have topics.
    topics: bool,
    looked_at: u64,
    heads: u64,
}

impl Publisher<'_> {
    /// Whether the profile's side sent this, or would have: what it sent when it recorded, what it was heard to send
    /// when somebody else did.
    fn is_wanted(role: Role, direction: Option<&str>, message: &MessageRef<'_>, origin: Option<&Origin>) -> bool {
        match direction {
            Some("both") => true,
            Some(way) => message.direction.name() == way,
            None if origin.is_some_and(|origin| origin.role == role) => message.direction == Direction::Out,
            None => message.direction == Direction::In && message.meta.kind.part() != Part::Reply,
        }
    }

    fn next(&mut self) -> Result<Option<Ready>, Failure> {
        loop {
            let (role, direction) = (self.role, self.direction);
            let Some((message, origin)) = self.source.next() else { return Ok(None) };
            self.looked_at += 1;
            if !Self::is_wanted(role, direction, &message, origin) {
                continue;
            }
            if message.is_truncated() {
                self.heads += 1;
                continue;
            }
            // What an app is told of a device does not stand on the topics that the device uses.
            if direction.is_none() && role == Role::Device && origin.is_some_and(|origin| origin.role == Role::App) {
                return Err(Failure::usage(texts::FOREIGN_SIDE));
            }
            let due = self.pace.due(message.at);
            let (mut topic, payload) = self.rewriter.rewrite(&message, Some(self.dialect), due);
            for (old, new) in &self.maps {
                topic = topic.replace(old, new);
            }
            if self.topics {
                crate::base::topic::validate_topic(&topic).map_err(|fault| {
                    Failure::usage(texts::BAD_TOPIC.around([Phrase::verbatim(topic.as_str()), fault.reason]))
                })?;
            }
            return Ok(Some(Ready { due, topic, payload, qos: message.qos.min(1), retain: message.retain }));
        }
    }
}

async fn publish(context: &Context, args: &Args, filter: Filter, profile: &Profile) -> Outcome {
    let mut maps = Vec::new();
    for map in &args.maps {
        maps.push(map.split_once('=').ok_or_else(|| Failure::usage(texts::NOT_ASSIGNMENT.with(&[map])))?);
    }
    let has = |what: &str| args.rewrite.iter().any(|given| given == what);
    let server = profile.settings.named_server(profile.role_spec());
    let mut publisher = Publisher {
        source: Source::new(context, args, filter)?,
        pace: Pace { speed: args.speed.0, begin: None },
        role: profile.role,
        direction: args.direction.as_deref(),
        dialect: profile.dialect,
        rewriter: Rewriter::new(Rewrite { ids: has("ids"), times: has("times") }, time::now().as_millis()),
        maps,
        topics: !server.is_some_and(|server| server.transport.is_websocket()),
        looked_at: 0,
        heads: 0,
    };
    let mut connection = Connection::open(context, profile, Wish::default())?;
    let started = time::now();
    let mut sending = Sending::default();
    let end = args.time.map(|time| started + time);
    let outcome = sending.run(context, &mut connection, &mut publisher, end).await;
    connection.finish().await;
    outcome?;
    publisher.source.faults(context)?;
    if publisher.heads > 0 {
        context.out.say(Tone::Warn, &context.out.phrase(&texts::ONLY_HEADS.with(&[&publisher.heads])));
    }
    let of = group_digits(publisher.looked_at);
    if sending.settled == 0 {
        return Err(Failure::new(EXPECTATION, texts::NOTHING_TO_REPLAY.with(&[&of])));
    }
    let took = duration_short(time::now().since(started));
    let words = texts::REPLAYED.with(&[&group_digits(sending.settled), &of, &took]);
    context.out.say(Tone::Good, &context.out.phrase(&words));
    if args.json {
        let mut members = Map::new();
        members.insert("sent".to_owned(), sending.settled.into());
        members.insert("of".to_owned(), publisher.looked_at.into());
        context.out.json(members)?;
    }
    Ok(())
}

/// Messages on their way.
#[derive(Default)]
struct Sending {
    begun: u64,
    settled: u64,
    open: HashMap<RequestKey, Option<RequestInfo>>,
    ready: Option<Ready>,
    exhausted: bool,
}

impl Sending {
    async fn run(
        &mut self,
        context: &Context,
        connection: &mut Connection,
        publisher: &mut Publisher<'_>,
        end: Option<Time>,
    ) -> Outcome {
        loop {
            let wake = if connection.is_online() { self.hand_over(connection, publisher)? } else { None };
            if self.exhausted && self.open.is_empty() {
                return Ok(());
            }
            match connection.next(wake.into_iter().chain(end).min()).await {
                Event::Interrupted => return Err(Failure::silent(INTERRUPTED)),
                Event::Deadline if end.is_some_and(|end| time::now() >= end) => return connection.time_is_up(),
                Event::Deadline => {}
                Event::Batch(batch) => {
                    let settled = self.settle(&batch);
                    connection.watch(context, &batch)?;
                    settled?;
                }
            }
        }
    }

    /// Sends what is due. When the next one is.
    fn hand_over(&mut self, connection: &Connection, publisher: &mut Publisher<'_>) -> Result<Option<Time>, Failure> {
        while self.open.len() < WINDOW {
            if self.ready.is_none() {
                self.ready = publisher.next()?;
            }
            let Some(ready) = &self.ready else {
                self.exhausted = true;
                return Ok(None);
            };
            if ready.due > time::now() {
                return Ok(Some(ready.due));
            }
            let Some(Ready { topic, payload, qos, retain, .. }) = self.ready.take() else { return Ok(None) };
            self.begun += 1;
            let key = RequestKey(self.begun);
            self.open.insert(key, None);
            connection.command(Command::Publish { key, topic, payload, qos, retain });
        }
        Ok(None)
    }

    fn settle(&mut self, batch: &Batch) -> Outcome {
        for notice in batch.notices() {
            match notice {
                Notice::Request { key, info, .. } => {
                    if let Some(open) = self.open.get_mut(key) {
                        *open = Some(info.as_ref().clone());
                    }
                }
                Notice::Update(update) => {
                    let Some(Some(info)) = self.open.get(&update.key) else { continue };
                    match &update.state {
                        RequestState::Failed(reason) => return Err(Failure::new(EXPECTATION, reason.clone())),
                        RequestState::TimedOut { .. } => return Err(Failure::new(TIMEOUT, texts::NO_PUBACK)),
                        RequestState::LinkLost => return Err(Failure::new(EXPECTATION, texts::CONNECTION_LOST)),
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
        Ok(())
    }
}

/// A simulated device that reports what the recording tells.
async fn as_device(context: &Context, args: &Args, filter: Filter, profile: &Profile) -> Outcome {
    if profile.role != Role::Device {
        return Err(Failure::usage(texts::NOT_A_DEVICE.with(&[&profile.name, &profile.role])));
    }
    let model = load::model_of(profile, None)?.unwrap_or_else(|| profile.dialect.demo_model());
    let mut source = Source::new(context, args, filter)?;
    let (mut lines, mut writer, mut seq) = (Vec::new(), Writer::new(true), 0);
    let (mut first, mut last) = (None, Time::ZERO);
    while let Some((message, origin)) = source.next() {
        seq += 1;
        first.get_or_insert(message.at);
        last = message.at;
        writer.message(&mut lines, seq, origin.map_or("", |origin| origin.name.as_str()), &message);
    }
    source.faults(context)?;
    let text = String::from_utf8_lossy(&lines).into_owned();
    // As fast as it can be is as fast as a schedule goes.
    let speed = args.speed.0.unwrap_or(1e6);
    let reader = Reader { dialect: profile.dialect, model: &model, file: &|_| Ok(text.clone()) };
    let rules = Rules::parse(&format!("[[replay]]\nfile = \"capture\"\nspeed = {speed:?}\n"), reader)
        .map_err(|fault| Failure::new(EXPECTATION, fault.reason))?;
    let thing = ThingConfig {
        number: 0,
        model: Arc::new(model.clone()),
        values: Map::new(),
        behaviour: Behaviour { manner: Manner::Accept, delay: Duration::ZERO },
        rules: Arc::new(rules),
        report_every: None,
        event_every: None,
        drift: false,
    };
    let wish = Wish { reconnect: true, model: Some(Arc::new(model.clone())), thing: Some(thing), ..Wish::default() };
    let mut connection = Connection::open(context, profile, wish)?;
    let lines = Lines::of_profile(&context.out, profile, Some(&model));
    let length = Duration::from_secs_f64(last.since(first.unwrap_or(last)).as_secs_f64() / speed);
    let mut end = args.time.map(|time| time::now() + time);
    let mut seq = 0;
    let outcome = loop {
        match connection.next(end).await {
            Event::Interrupted => break Ok(()),
            Event::Deadline => break connection.time_is_up(),
            Event::Batch(batch) => {
                let watched = connection.watch(context, &batch);
                if connection.is_online() && end.is_none() {
                    end = Some(time::now() + length + FAREWELL);
                }
                let printed = batch.messages().try_for_each(|message| {
                    seq += 1;
                    if args.json {
                        context.out.json(lines.json(&message, seq))
                    } else {
                        context.out.line(&lines.human(&message))
                    }
                });
                if let Err(failure) = printed.and(watched) {
                    break Err(failure);
                }
            }
        }
    };
    connection.finish().await;
    outcome
}
