//! `set`, `get`, `report` and their kin: one operation, followed to its outcome.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::app::compose::ledger::explained;
use crate::base::text::{duration_short, printable, rfc3339};
use crate::base::time::{self, Time};
use crate::base::units::millis;
use crate::cli::encode::no_operation;
use crate::cli::exit::{EXPECTATION, Failure, INTERRUPTED, Outcome, PEER_ERROR, SUBSCRIPTION, TIMEOUT};
use crate::cli::message::padded;
use crate::cli::output::Tone;
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, load, texts, words};
use crate::dialect::{self, Dialect, EncodeFault, OperationSpec, Reading, ReplyBody};
use crate::model::{
    Batch, Fields, MessageRef, Notice, OpKind, Request, RequestInfo, RequestKey, RequestState, Role, ThingModel,
};
use crate::profile::Profile;
use crate::session::Command;

/// Words of an operation.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// KEY=VALUE, identifiers, or a name followed by KEY=VALUE; VALUE is JSON if it can be, otherwise text
    #[arg(value_name = "ARGS")]
    words: Vec<String>,
    /// The device, where the profile knows several
    #[arg(long, value_name = "DEV")]
    device: Option<String>,
    /// Wait for the broker's acknowledgement only; where the platform can ask the device for one, ask and wait for that
    #[arg(long)]
    ack: bool,
    /// How long to wait for the reply [default: as long as the platform does]
    #[arg(long, value_name = "DUR", value_parser = args::duration)]
    timeout: Option<Duration>,
    /// The thing model that gives values their types
    #[arg(long, value_name = "FILE")]
    model: Option<std::path::PathBuf>,
    /// Send values that break the model as well
    #[arg(long)]
    no_check: bool,
    /// Do not ask before sending to production
    #[arg(long)]
    yes: bool,
    /// One JSON object on one line
    #[arg(long)]
    json: bool,
}

/// Words of `iotdbg set` and `iotdbg get`.
#[derive(Debug, clap::Args)]
pub struct DesiredArgs {
    /// Work on the desired values kept by the platform
    #[arg(long)]
    pub desired: bool,
    /// The rest
    #[command(flatten)]
    pub args: Args,
}

/// Words of `iotdbg request`.
#[derive(Debug, clap::Args)]
pub struct AnyArgs {
    /// The operation, any that the dialect and role has
    #[arg(value_name = "OP")]
    pub op: String,
    /// The rest
    #[command(flatten)]
    pub args: Args,
}

/// How requests are sent and told of.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How long to wait for a reply; as long as the platform does where `None`.
    pub timeout: Option<Duration>,
    /// Whether values that break the model are refused before sending.
    pub check: bool,
    /// One JSON object for each request.
    pub json: bool,
    /// How often it is sent.
    pub times: u64,
    /// The time from one sending to the next; at once after the outcome where `None`.
    pub every: Option<Duration>,
}

/// Sends one operation and reports what became of it.
pub fn run(context: &Context, op: OpKind, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let model = load::model_of(&profile, args.model.as_deref())?;
    let mut request = words::request(op, args.device.clone(), &args.words, model.as_ref())?;
    request.ack = args.ack;
    let manner = Manner { timeout: args.timeout, check: !args.no_check, json: args.json, times: 1, every: None };
    follow(context, manner, &profile, model, args.yes, |_| Ok(request.clone()))
}

/// Sends what `make` gives, as often as the manner says, and reports what became of each. The first that does not end
/// well ends it.
pub fn follow(
    context: &Context,
    manner: Manner,
    profile: &Profile,
    model: Option<ThingModel>,
    yes: bool,
    mut make: impl FnMut(u64) -> Result<Request, Failure>,
) -> Outcome {
    let first = make(1)?;
    let op = first.op;
    let operation =
        operation(profile, op).ok_or_else(|| no_operation(op.name(), profile.dialect, Some(profile.role)))?;
    check(context, profile, model.as_ref(), &first, manner.check)?;
    runner::confirm(context, profile, yes)?;
    let requests = (1..=manner.times).map(|number| if number == 1 { Ok(first.clone()) } else { make(number) });
    runner::block_on(send_all(context, manner, profile, model, operation, requests))
}

/// The operation with the name given, or a usage error that lists those there are.
pub fn any(context: &Context, args: &AnyArgs) -> Outcome {
    match OpKind::parse(&args.op) {
        Some(op) => run(context, op, &args.args),
        None => {
            let profile = load::profile(context, &args.args.profile)?;
            Err(no_operation(&args.op, profile.dialect, Some(profile.role)))
        }
    }
}

fn operation(profile: &Profile, op: OpKind) -> Option<&'static OperationSpec> {
    profile.role_spec()?.operations.iter().find(|operation| operation.op == op)
}

/// Whether `--ack` is about the broker: a platform that can ask the device for an acknowledgement is waited for like any
/// other that answers.
fn only_broker(view: &dialect::Context<'_>, dialect: &dyn Dialect, request: &Request) -> bool {
    let reply = |ack| {
        let request = Request { ack, ..request.clone() };
        dialect.encode(view, &request, 0, time::now(), false).ok().map(|encoded| encoded.reply)
    };
    // Where it cannot be told before a login, the platform is waited for.
    request.ack && reply(true).is_some_and(|with| Some(with) == reply(false))
}

/// Encodes the request once before anything is connected: what cannot be sent is a mistake of the command line.
fn check(context: &Context, profile: &Profile, model: Option<&ThingModel>, request: &Request, strict: bool) -> Outcome {
    let view = view(context, profile, model);
    let now = time::now();
    match profile.dialect.encode(&view, request, 0, now, strict) {
        Ok(_) => {
            if let Some(model) = model {
                say_remarks(context, profile.dialect, model, request);
            }
            Ok(())
        }
        // The login may bring what is missing, for example the devices.
        Err(EncodeFault::Argument(_))
            if matches!(profile.dialect.login(profile.role, &profile.settings, now, 0), Ok(Some(_))) =>
        {
            Ok(())
        }
        Err(fault) => Err(Failure::usage(fault.phrase())),
    }
}

/// Says what is to be said of values that will not arrive as they were meant.
pub fn say_remarks(context: &Context, dialect: &dyn Dialect, model: &ThingModel, request: &Request) {
    for remark in dialect::remark::remarks(dialect, model, request) {
        context.out.say(Tone::Warn, &context.out.phrase(&remark));
    }
}

fn view<'a>(context: &Context, profile: &'a Profile, model: Option<&'a ThingModel>) -> dialect::Context<'a> {
    dialect::Context {
        role: profile.role,
        identity: &profile.settings.identity,
        devices: &profile.settings.devices,
        model,
        lang: context.out.lang,
    }
}

/// What is known of the request so far.
struct Course {
    key: RequestKey,
    info: Option<RequestInfo>,
    states: Vec<(RequestState, Time)>,
    /// The message that decided the outcome, where one did.
    reply: Option<ReplyBody>,
}

impl Course {
    fn new(key: RequestKey) -> Course {
        Course { key, info: None, states: Vec::new(), reply: None }
    }

    /// Takes what a batch tells of the request. Whether nothing more is waited for: what came after that is not asked
    /// about.
    fn take_all(&mut self, reader: &Reader<'_>, batch: &Batch, only_ack: bool) -> bool {
        batch.notices().iter().any(|notice| self.take(reader, batch, notice, only_ack))
    }

    fn take(&mut self, reader: &Reader<'_>, batch: &Batch, notice: &Notice, only_ack: bool) -> bool {
        match notice {
            Notice::Request { key, info, .. } if *key == self.key => {
                self.info = Some(info.as_ref().clone());
                false
            }
            Notice::Update(update) if update.key == self.key => {
                self.states.push((update.state.clone(), update.at));
                if let Some(message) = update.message.and_then(|index| batch.message(index))
                    && update.state.is_final()
                {
                    self.reply = reader.reply(&message);
                }
                let settled = self.info.as_ref().is_some_and(|info| {
                    info.is_settled_by(&update.state)
                        || (only_ack
                            && match update.state {
                                RequestState::Acknowledged => true,
                                RequestState::Sent => info.qos == 0,
                                _ => false,
                            })
                });
                settled || update.state.is_final()
            }
            _ => false,
        }
    }

    /// From being sent to its last state.
    fn latency(&self) -> Option<Duration> {
        let sent = self.states.iter().find(|(state, _)| *state == RequestState::Sent)?.1;
        let (_, last) = self.states.last().filter(|(state, _)| *state != RequestState::Sent)?;
        Some(last.since(sent))
    }

    fn answer(&self) -> (Option<&str>, Option<&str>) {
        match self.states.last().map(|(state, _)| state) {
            Some(
                RequestState::Replied { code, message }
                | RequestState::Refused { code, message }
                | RequestState::TimedOut { code, message },
            ) => (code.as_deref(), message.as_deref()),
            _ => (None, None),
        }
    }

    /// What the answer carries.
    fn data(&self) -> Option<&Value> {
        let data = self.reply.as_ref()?.data.as_ref()?;
        (!data.is_null()).then_some(data)
    }
}

/// Reads replies on behalf of a connection.
struct Reader<'a> {
    dialect: &'static dyn Dialect,
    context: dialect::Context<'a>,
    /// Identity and devices, where a login brought others than the profile has.
    learned: Option<(Fields, Vec<Fields>)>,
}

impl Reader<'_> {
    fn learn(&mut self, batch: &Batch) {
        for notice in batch.notices() {
            if let Notice::Learned { identity, devices } = notice {
                self.learned = Some((identity.clone(), devices.clone()));
            }
        }
    }

    fn reply(&self, message: &MessageRef<'_>) -> Option<ReplyBody> {
        let context = match &self.learned {
            Some((identity, devices)) => dialect::Context { identity, devices, ..self.context },
            None => self.context,
        };
        let readings = self.dialect.read(&context, message.topic, message.payload);
        readings.into_iter().find_map(|reading| match reading {
            Reading::Reply(body) => Some(body),
            _ => None,
        })
    }
}

async fn send_all(
    context: &Context,
    manner: Manner,
    profile: &Profile,
    model: Option<ThingModel>,
    operation: &OperationSpec,
    requests: impl Iterator<Item = Result<Request, Failure>>,
) -> Outcome {
    let wish = Wish { model: model.clone().map(Into::into), ..Wish::default() };
    let mut connection = Connection::open(context, profile, wish)?;
    let outcome = send_each(context, manner, profile, model.as_ref(), &mut connection, operation, requests).await;
    connection.finish().await;
    outcome
}

async fn send_each(
    context: &Context,
    manner: Manner,
    profile: &Profile,
    model: Option<&ThingModel>,
    connection: &mut Connection,
    operation: &OperationSpec,
    requests: impl Iterator<Item = Result<Request, Failure>>,
) -> Outcome {
    let timeout = manner.timeout.or(Some(operation.timeout));
    let mut reader = Reader { dialect: profile.dialect, context: view(context, profile, model), learned: None };
    let mut due = time::now();
    for (request, number) in requests.zip(1..) {
        if number > 1
            && let Some(every) = manner.every
        {
            due += every;
            pause(context, connection, due).await?;
        }
        let (key, request) = (RequestKey(number), request?);
        let only_ack = only_broker(&view(context, profile, model), profile.dialect, &request);
        connection.command(Command::Request { key, request, timeout, check: manner.check });
        let mut course = Course::new(key);
        wait(context, connection, &mut reader, &mut course, only_ack).await?;
        report(context, profile.dialect, &course, manner.json)?;
        verdict(&course, profile.role, connection.refused_subscription())?;
    }
    Ok(())
}

/// Lets time pass while the connection lives on.
async fn pause(context: &Context, connection: &mut Connection, until: Time) -> Outcome {
    while time::now() < until {
        match connection.next(Some(until)).await {
            Event::Interrupted => return Err(Failure::silent(INTERRUPTED)),
            Event::Deadline => break,
            Event::Batch(batch) => connection.watch(context, &batch)?,
        }
    }
    Ok(())
}

async fn wait(
    context: &Context,
    connection: &mut Connection,
    reader: &mut Reader<'_>,
    course: &mut Course,
    only_ack: bool,
) -> Outcome {
    loop {
        match connection.next(None).await {
            Event::Interrupted | Event::Deadline => return Err(Failure::silent(INTERRUPTED)),
            Event::Batch(batch) => {
                reader.learn(&batch);
                let over = course.take_all(reader, &batch, only_ack);
                let watched = connection.watch(context, &batch);
                if over {
                    // An outcome such as `link_lost` stands beside the reason of the loss; that reason is kept.
                    return if matches!(course.states.last(), Some((RequestState::Failed(_), _))) {
                        watched
                    } else {
                        Ok(())
                    };
                }
                watched?;
            }
        }
    }
}

fn report(context: &Context, dialect: &dyn Dialect, course: &Course, json: bool) -> Outcome {
    if json { context.out.json(object(course)) } else { print(context, dialect, course) }
}

fn object(course: &Course) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    if let Some(info) = &course.info {
        put("request_id", json!(info.request_id));
        put("topic", json!(info.topic));
        if info.inferred {
            put("inferred", json!(true));
        }
    }
    let states: Vec<Value> =
        course.states.iter().map(|(state, at)| json!({"state": state.name(), "at": rfc3339(*at)})).collect();
    put("states", Value::Array(states));
    if let Some((state, _)) = course.states.last() {
        put("outcome", json!(state.name()));
    }
    let (code, message) = course.answer();
    if let Some(code) = code {
        put("code", json!(code));
    }
    if let Some(message) = message {
        put("message", json!(message));
    }
    if let Some(latency) = course.latency() {
        put("latency_ms", json!(millis(latency)));
    }
    if let Some(data) = course.data() {
        put("data", data.clone());
    }
    members
}

fn print(context: &Context, dialect: &dyn Dialect, course: &Course) -> Outcome {
    let out = &context.out;
    if let Some(info) = &course.info {
        let id = info.request_id.as_deref().map(|id| format!("  #{}", printable(id))).unwrap_or_default();
        out.line(&format!("{}{}", out.paint(Tone::Name, &printable(&info.topic)), out.paint(Tone::Dim, &id)))?;
    }
    if course.info.as_ref().is_some_and(|info| info.inferred) {
        out.line(&out.paint(Tone::Dim, out.text(texts::INFERRED)))?;
    }
    // Times count from the moment it was sent: what was before that is the connection's.
    let sent = course.states.iter().find(|(state, _)| *state == RequestState::Sent).map(|(_, at)| *at);
    for (state, at) in &course.states {
        let tone = match state {
            RequestState::Replied { .. } | RequestState::Observed => Tone::Good,
            RequestState::Refused { .. }
            | RequestState::TimedOut { .. }
            | RequestState::LinkLost
            | RequestState::Failed(_) => Tone::Bad,
            _ => Tone::Plain,
        };
        let words = match state {
            RequestState::Refused { code, message } | RequestState::TimedOut { code, message } => {
                printable(&explained(dialect, code.as_deref(), message.as_deref(), out.lang)).into_owned()
            }
            RequestState::Replied { code, message } => [code.as_deref(), message.as_deref()]
                .into_iter()
                .flatten()
                .map(printable)
                .collect::<Vec<_>>()
                .join("  "),
            RequestState::Failed(reason) => out.phrase(reason),
            _ => String::new(),
        };
        let name = out.paint(tone, &padded(out.text(texts::state(state)), 14));
        let after = match (state, sent) {
            (RequestState::Queued | RequestState::Sent, _) | (_, None) => String::new(),
            (_, Some(sent)) => format!("+{}", duration_short(at.since(sent))),
        };
        let line = format!("{name} {after:>10}  {words}");
        out.line(line.trim_end())?;
    }
    print_data(context, course)
}

/// What was asked for: a value a line, where the answer is an object.
fn print_data(context: &Context, course: &Course) -> Outcome {
    let out = &context.out;
    match course.data() {
        Some(Value::Object(members)) if !members.is_empty() => members.iter().try_for_each(|(name, value)| {
            out.line(&format!("{} = {}", out.paint(Tone::Name, &printable(name)), printable(&value.to_string())))
        }),
        Some(other) => out.line(&printable(&other.to_string())),
        None => Ok(()),
    }
}

/// The exit code of an outcome.
fn verdict(course: &Course, role: Role, refused: Option<Failure>) -> Outcome {
    let Some((state, _)) = course.states.last() else { return Ok(()) };
    match state {
        RequestState::Refused { .. } => {
            let subscribes = course.info.as_ref().is_some_and(|info| info.op == Some(OpKind::Subscribe));
            Err(Failure::silent(if subscribes { SUBSCRIPTION } else { PEER_ERROR }))
        }
        // A reply that cannot arrive is not late: its subscription was refused.
        RequestState::TimedOut { .. } => {
            Err(refused.unwrap_or_else(|| Failure::silent(TIMEOUT).with_advice(state.advice(role))))
        }
        RequestState::LinkLost => Err(Failure::new(EXPECTATION, texts::CONNECTION_LOST)),
        RequestState::Failed(reason) => Err(Failure::new(EXPECTATION, reason.clone())),
        _ => Ok(()),
    }
}
