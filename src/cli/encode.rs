//! `iotdbg encode`: the topic and bytes that an operation would send.

use clap::{Arg, ArgAction, ArgMatches};
use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Text};
use crate::base::text::printable_bytes;
use crate::base::time;
use crate::cli::exit::{Failure, Outcome};
use crate::cli::fields::Which;
use crate::cli::output::Tone;
use crate::cli::request::say_remarks;
use crate::cli::{Context, fields, frames, load, payload, texts, words};
use crate::dialect::{self, ConnectionSettings, Dialect, REGISTRY};
use crate::model::{Fields, OpKind, Role};

/// Words of `iotdbg encode`.
pub struct Args {
    dialect: &'static dyn Dialect,
    role: Option<Role>,
    op: String,
    words: Vec<String>,
    fields: Fields,
    device: Option<String>,
    model: Option<std::path::PathBuf>,
    id: Option<u64>,
    no_check: bool,
    desired: bool,
    ack: bool,
    json: bool,
}

const MODEL: &str = "model";
/// What stands in the place of an operation where a frame is built field by field.
const FRAME: &str = "frame";
const AT_THE_CONSOLE: Text = Text::new(
    "on the platform its console and its HTTP API do this; on a simulated cloud: iotdbg operate --as {} {} …",
    "在平台上由控制台或 HTTP API 完成；连接模拟云时可用：iotdbg operate --as {} {} …",
);
const DESIRED_OF: Text =
    Text::new("--desired is for set and get, not for {}", "--desired 只用于 set 和 get，不能用于 {}");

/// What the command of one platform does.
pub const ABOUT: Text = Text::new("Encode an operation of {}", "{}：编码操作");

impl std::fmt::Debug for Args {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Args").field("dialect", &self.dialect.spec().name).field("op", &self.op).finish_non_exhaustive()
    }
}

impl clap::Args for Args {
    fn augment_args(command: clap::Command) -> clap::Command {
        let command = command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .arg(fields::json_flag())
            .after_help("Example:\n  iotdbg encode onenet set Power=on --product-id p1 --device-name lamp");
        REGISTRY.iter().fold(command, |command, dialect| {
            let spec = dialect.spec();
            let subcommand = clap::Command::new(spec.name)
                .aliases(spec.aliases)
                .about(ABOUT.fill(Lang::En, &[&spec.title.get(Lang::En)]))
                .arg(
                    Arg::new("op").value_name("OP").required(true).help(
                        "set, get, report, event, invoke …; frame for a frame field by field, where there are any",
                    ),
                )
                .arg(Arg::new("words").value_name("ARGS").num_args(0..).help("The operation's own words, KEY=VALUE …"))
                .arg(
                    Arg::new("role")
                        .long("role")
                        .value_name("ROLE")
                        .value_parser(fields::role_names(spec))
                        .help("Who sends it"),
                )
                .arg(Arg::new("device").long("device").value_name("DEV").help("The device it is about"))
                .arg(
                    Arg::new("id")
                        .long("id")
                        .value_name("NUMBER")
                        .value_parser(clap::value_parser!(u64))
                        .help("The request id [default: from the clock]"),
                )
                .arg(
                    Arg::new("no-check")
                        .long("no-check")
                        .action(ArgAction::SetTrue)
                        .help("Encode values that break the model as well"),
                )
                .arg(
                    Arg::new("desired")
                        .long("desired")
                        .action(ArgAction::SetTrue)
                        .help("set or get of the desired values kept by the platform"),
                )
                .arg(
                    Arg::new("ack")
                        .long("ack")
                        .action(ArgAction::SetTrue)
                        .help("Ask for an acknowledgement, where the platform leaves the choice"),
                )
                .after_help(format!("Example:\n  iotdbg encode {} {} --json", spec.name, spec.example));
            let fields = fields::of(*dialect, Which::All);
            // A platform may have a field of this name, which holds the same.
            let subcommand = if fields.iter().any(|field| field.name == MODEL) {
                subcommand
            } else {
                let help = "The thing model that gives values their types";
                subcommand.arg(Arg::new(MODEL).long(MODEL).value_name("FILE").help(help))
            };
            command.subcommand(fields::add(subcommand, &fields))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let found = matches.subcommand().and_then(|(name, inner)| Some((dialect::find(name)?, inner)));
        let Some((dialect, inner)) = found else {
            return Err(clap::Error::new(clap::error::ErrorKind::MissingSubcommand));
        };
        Ok(Args {
            dialect,
            role: inner.get_one::<String>("role").and_then(|role| Role::parse(role)),
            op: inner.get_one::<String>("op").cloned().unwrap_or_default(),
            words: inner.get_many::<String>("words").map(|words| words.cloned().collect()).unwrap_or_default(),
            fields: fields::read(inner, &fields::of(dialect, Which::All)),
            device: inner.get_one::<String>("device").cloned(),
            model: inner.get_one::<String>(MODEL).map(Into::into),
            id: inner.get_one::<u64>("id").copied(),
            no_check: inner.get_flag("no-check"),
            desired: inner.get_flag("desired"),
            ack: inner.get_flag("ack"),
            json: matches.get_flag("json"),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Encodes an operation and prints its topic and payload.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let dialect = args.dialect;
    if args.op == FRAME && dialect.lab().is_some() {
        return frame(context, args);
    }
    let op = OpKind::parse(&args.op).ok_or_else(|| no_operation(&args.op, dialect, args.role))?;
    let op = if args.desired { desired(op).ok_or_else(|| Failure::usage(DESIRED_OF.with(&[&op.name()])))? } else { op };
    let able: Vec<Role> = dialect
        .spec()
        .roles
        .iter()
        .filter(|spec| spec.operations.iter().any(|operation| operation.op == op))
        .map(|spec| spec.role)
        .collect();
    // Several roles may have the operation: the one that has all the given fields, otherwise the first.
    let role = args
        .role
        .or_else(|| fields::guess_role(dialect, &args.fields, Which::All, &able))
        .or_else(|| able.first().copied())
        .filter(|role| able.contains(role))
        .ok_or_else(|| no_operation(op.name(), dialect, args.role))?;
    // A flag may belong to the identity, to the device, or to both: each takes what it knows.
    let devices = vec![args.fields.clone()];
    let model = match args.model.as_deref() {
        Some(path) => Some(load::model(dialect, path)?),
        None => {
            let (identity, devices) = (args.fields.clone(), devices.clone());
            dialect.known_model(&ConnectionSettings { identity, devices, ..ConnectionSettings::default() })
        }
    };
    let mut request = words::request(op, args.device.clone(), &args.words, model.as_ref())?;
    request.ack = args.ack;
    let view = dialect::Context {
        role,
        identity: &args.fields,
        devices: &devices,
        model: model.as_ref(),
        lang: context.out.lang,
    };
    let now = time::now();
    let id = args.id.unwrap_or(now.as_millis());
    let encoded =
        dialect.encode(&view, &request, id, now, !args.no_check).map_err(|fault| Failure::usage(fault.phrase()))?;
    if let Some(model) = &model {
        say_remarks(context, dialect, model, &request);
    }
    if args.json {
        let mut members = Map::new();
        members.insert("topic".to_owned(), json!(encoded.topic));
        members.insert("payload".to_owned(), payload::json(&encoded.payload, encoded.payload.len()));
        members.insert("qos".to_owned(), json!(encoded.qos));
        if let Some(id) = encoded.request_id {
            members.insert("request_id".to_owned(), Value::String(id));
        }
        return context.out.json(members);
    }
    context.out.line(&context.out.paint(Tone::Name, &encoded.topic))?;
    if payload::json(&encoded.payload, encoded.payload.len()).get("hex").is_some() {
        return context.out.line(&crate::base::hex::encode(&encoded.payload));
    }
    context.out.line(&printable_bytes(&encoded.payload))
}

/// Builds a frame by hand: `encode D frame NAME FIELD=VALUE…`.
fn frame(context: &Context, args: &Args) -> Outcome {
    let dialect = args.dialect;
    let role = args.role.unwrap_or(Role::App);
    let devices = vec![args.fields.clone()];
    let model = match args.model.as_deref() {
        Some(path) => Some(load::model(dialect, path)?),
        None => None,
    };
    let lang = context.out.lang;
    let view = dialect::Context { role, identity: &args.fields, devices: &devices, model: model.as_ref(), lang };
    frames::build(context, dialect, &view, &args.words, args.json)
}

/// The operation on desired values that `--desired` makes of this one.
fn desired(op: OpKind) -> Option<OpKind> {
    match op {
        OpKind::Set | OpKind::DesiredSet => Some(OpKind::DesiredSet),
        OpKind::Get | OpKind::DesiredGet => Some(OpKind::DesiredGet),
        _ => None,
    }
}

/// A usage error that lists the operations of the dialect, by role. `op` is what was asked for.
pub fn no_operation(op: &str, dialect: &dyn Dialect, role: Option<Role>) -> Failure {
    let roles = dialect.spec().roles.iter().filter(|spec| role.is_none_or(|role| spec.role == role));
    let lists: Vec<String> = roles
        .map(|spec| {
            let names: Vec<&str> = spec.operations.iter().map(|operation| operation.op.name()).collect();
            format!("{} {}", spec.role, names.join(", "))
        })
        .collect();
    // What apps cannot do over this channel, the platform's console can.
    let console = ["set", "get", "invoke", "desired"].contains(&op) && role.is_none_or(|role| role == Role::App);
    let advice = console.then(|| AT_THE_CONSOLE.with(&[&dialect.spec().name, &op]));
    Failure::usage(texts::NO_OPERATION.with(&[&op, &dialect.spec().name, &lists.join("; ")])).with_advice(advice)
}
