//! L6: the commands. Each has its own file; what they share is in `args` (words of the command line), `output`, `exit`
//! and `runner` (connect, do, wait, report).
//!
//! Data goes to standard output, words to standard error; a closed pipe is a normal end. Commands that need no
//! connection build no runtime, so that they start at once.

mod args;
mod check;
#[cfg(feature = "cloud")]
mod cloud;
mod codes;
mod decode;
#[cfg(feature = "cloud")]
mod demo;
mod device;
mod doctor;
mod encode;
mod exit;
mod export;
mod fields;
mod frames;
mod keys;
mod load;
mod message;
mod operate;
mod output;
mod payload;
mod play;
mod profiles;
mod record;
mod replay;
mod request;
mod runner;
mod screen;
mod send;
mod shell;
mod sign;
mod swarm;
mod tail;
mod texts;
mod version;
mod words;

use std::process::ExitCode;

use clap::FromArgMatches;

use crate::base::lang::Lang;
use crate::cli::args::{Cli, Globals};
use crate::cli::exit::Outcome;
use crate::cli::output::Output;

/// What every command gets: the global options, and where to write.
#[derive(Debug, Clone)]
pub struct Context {
    /// The global options.
    pub globals: Globals,
    /// Where to write, and in which language.
    pub out: Output,
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let parsed = args::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error; clap knows which. A closed pipe is none either.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { 0 });
        }
    };
    let lang = cli
        .globals
        .lang
        .as_deref()
        .and_then(Lang::parse)
        .unwrap_or_else(|| Lang::from_environment(|name| std::env::var(name).ok()));
    let out = Output::new(lang, cli.globals.color);
    let context = Context { globals: cli.globals, out };
    match run(&context, cli.command, &cli.profiles, cli.workspace.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            context.out.fail(&failure);
            failure.exit_code()
        }
    }
}

fn run(context: &Context, command: Option<args::Command>, profiles: &[String], workspace: Option<&str>) -> Outcome {
    use crate::model::OpKind;
    if command.is_some() && (!profiles.is_empty() || workspace.is_some()) {
        return Err(exit::Failure::usage(texts::PROFILE_BESIDE));
    }
    match command {
        Some(args::Command::Operate(args)) => operate::run(context, &args),
        #[cfg(feature = "cloud")]
        Some(args::Command::Cloud(args)) => cloud::run(context, &args),
        #[cfg(feature = "cloud")]
        Some(args::Command::Demo(args)) => demo::run(context, &args),
        Some(args::Command::Tail(args)) => tail::run(context, &args),
        Some(args::Command::Record(args)) => record::run(context, &args),
        Some(args::Command::Replay(args)) => replay::run(context, &args),
        Some(args::Command::Export(args)) => export::run(context, &args),
        Some(args::Command::Open(args)) => play::run(context, &args),
        Some(args::Command::Send(args)) => send::run(context, &args),
        Some(args::Command::Set(args)) => {
            let op = if args.desired { OpKind::DesiredSet } else { OpKind::Set };
            request::run(context, op, &args.args)
        }
        Some(args::Command::Get(args)) => {
            let op = if args.desired { OpKind::DesiredGet } else { OpKind::Get };
            request::run(context, op, &args.args)
        }
        Some(args::Command::Report(args)) => request::run(context, OpKind::Report, &args),
        Some(args::Command::Event(args)) => request::run(context, OpKind::Event, &args),
        Some(args::Command::Invoke(args)) => request::run(context, OpKind::Invoke, &args),
        Some(args::Command::Bind(args)) => request::run(context, OpKind::Bind, &args),
        Some(args::Command::Unbind(args)) => request::run(context, OpKind::Unbind, &args),
        Some(args::Command::Subscribe(args)) => request::run(context, OpKind::Subscribe, &args),
        Some(args::Command::Request(args)) => request::any(context, &args),
        Some(args::Command::Device(args)) => device::run(context, &args),
        Some(args::Command::Doctor(args)) => doctor::run(context, &args),
        Some(args::Command::Sign(args)) => sign::run(context, args),
        Some(args::Command::Check(args)) => check::run(context, *args),
        Some(args::Command::Encode(args)) => encode::run(context, &args),
        Some(args::Command::Decode(args)) => decode::run(context, &args),
        Some(args::Command::Profiles(args)) => profiles::run(context, &args),
        Some(args::Command::Keys(args)) => keys::run(context, &args),
        Some(args::Command::Codes(args)) => codes::run(context, &args),
        Some(args::Command::Completions(args)) => shell::completions(context, &args),
        Some(args::Command::Man(args)) => shell::man(context, &args),
        None => screen::run(context, profiles, workspace),
    }
}
