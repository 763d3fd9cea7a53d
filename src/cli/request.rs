//! `set`, `get`, `report` and their kin: one operation, followed to its outcome.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::text::{duration_short, printable, rfc3339};
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, INTERRUPTED, Outcome, PEER_ERROR, TIMEOUT};
use crate::cli::message::padded;
use crate::cli::output::Tone;
use crate::cli::runner::{self, Connection, Event, Wish};
use crate::cli::{Context, args, load, texts, words};
use crate::dialect::{self, OperationSpec};
use crate::model::{Notice, OpKind, Request, RequestInfo, RequestKey, RequestState, ThingModel};
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
    /// Wait for the broker's acknowledgement only
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

/// The only request of a command.
const KEY: RequestKey = RequestKey(1);

/// Sends one operation and reports what became of it.
pub fn run(context: &Context, op: OpKind, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let operation = operation(&profile, op)?;
    let model = load::model_of(&profile, args.model.as_deref())?;
    let request = words::request(op, args.device.clone(), &args.words, model.as_ref())?;
    check(context, &profile, model.as_ref(), &request, !args.no_check)?;
    runner::confirm(context, &profile, args.yes)?;
    runner::block_on(follow(context, args, &profile, model, request, operation))
}

/// The operation with the name given, or a usage error that lists those there are.
pub fn any(context: &Context, args: &AnyArgs) -> Outcome {
    match OpKind::parse(&args.op) {
        Some(op) => run(context, op, &args.args),
        None => {
            let profile = load::profile(context, &args.args.profile)?;
            Err(crate::cli::encode::no_operation(profile.dialect, Some(profile.role)))
        }
    }
}

fn operation(profile: &Profile, op: OpKind) -> Result<&'static OperationSpec, Failure> {
    profile
        .role_spec()
        .and_then(|spec| spec.operations.iter().find(|operation| operation.op == op))
        .ok_or_else(|| crate::cli::encode::no_operation(profile.dialect, Some(profile.role)))
}

/// Encodes the request once before anything is connected: what cannot be sent is a mistake of the command line.
fn check(context: &Context, profile: &Profile, model: Option<&ThingModel>, request: &Request, strict: bool) -> Outcome {
    let view = dialect::Context {
        role: profile.role,
        identity: &profile.settings.identity,
        devices: &profile.settings.devices,
        model,
        lang: context.out.lang,
    };
    let encoded = profile.dialect.encode(&view, request, 0, time::now(), strict);
    encoded.map(drop).map_err(|fault| Failure::usage(fault.phrase()))
}

/// What is known of the request so far.
#[derive(Default)]
struct Course {
    info: Option<RequestInfo>,
    states: Vec<(RequestState, Time)>,
}

impl Course {
    /// Takes what a notice tells of the request. Whether nothing more is waited for.
    fn take(&mut self, notice: &Notice, only_ack: bool) -> bool {
        match notice {
            Notice::Request { info, .. } => {
                self.info = Some(info.as_ref().clone());
                false
            }
            Notice::Update(update) if update.key == KEY => {
                self.states.push((update.state.clone(), update.at));
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
}

async fn follow(
    context: &Context,
    args: &Args,
    profile: &Profile,
    model: Option<ThingModel>,
    request: Request,
    operation: &OperationSpec,
) -> Outcome {
    let mut connection = Connection::open(context, profile, Wish { reconnect: false, model, thing: None })?;
    let timeout = args.timeout.or(Some(operation.timeout));
    connection.command(Command::Request { key: KEY, request, timeout, check: !args.no_check });
    let mut course = Course::default();
    let watched = wait(context, &mut connection, &mut course, args.ack).await;
    let refused = connection.refused_subscription();
    connection.finish().await;
    watched?;
    report(context, &course, args.json)?;
    verdict(&course, refused)
}

async fn wait(context: &Context, connection: &mut Connection, course: &mut Course, only_ack: bool) -> Outcome {
    loop {
        match connection.next(None).await {
            Event::Interrupted | Event::Deadline => return Err(Failure::silent(INTERRUPTED)),
            Event::Batch(batch) => {
                let mut over = false;
                for notice in batch.notices() {
                    over |= course.take(notice, only_ack);
                }
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

fn report(context: &Context, course: &Course, json: bool) -> Outcome {
    if json { context.out.json(object(course)) } else { print(context, course) }
}

fn object(course: &Course) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    if let Some(info) = &course.info {
        put("request_id", json!(info.request_id));
        put("topic", json!(info.topic));
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
        // Microseconds, so that no digit is made up; a request that takes an hour is beyond any timeout.
        let micros = u32::try_from(latency.as_micros()).unwrap_or(u32::MAX);
        put("latency_ms", json!(f64::from(micros) / 1_000.0));
    }
    members
}

fn print(context: &Context, course: &Course) -> Outcome {
    let out = &context.out;
    if let Some(info) = &course.info {
        let id = info.request_id.as_deref().map(|id| format!("  #{}", printable(id))).unwrap_or_default();
        out.line(&format!("{}{}", out.paint(Tone::Name, &printable(&info.topic)), out.paint(Tone::Dim, &id)))?;
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
            RequestState::Replied { code, message }
            | RequestState::Refused { code, message }
            | RequestState::TimedOut { code, message } => [code.as_deref(), message.as_deref()]
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
    Ok(())
}

/// The exit code of an outcome.
fn verdict(course: &Course, refused: Option<Failure>) -> Outcome {
    let Some((state, _)) = course.states.last() else { return Ok(()) };
    match state {
        RequestState::Refused { .. } => Err(Failure::silent(PEER_ERROR)),
        // A reply that cannot arrive is not late: its subscription was refused.
        RequestState::TimedOut { .. } => Err(refused.unwrap_or(Failure::silent(TIMEOUT))),
        RequestState::LinkLost => Err(Failure::new(EXPECTATION, texts::CONNECTION_LOST)),
        RequestState::Failed(reason) => Err(Failure::new(EXPECTATION, reason.clone())),
        _ => Ok(()),
    }
}
