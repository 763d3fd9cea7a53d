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
mod help;
mod keys;
mod load;
mod manual;
mod message;
mod model;
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
use crate::cli::output::{Output, Tone};

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
    let (lang, color) = args::manner(std::env::args_os().skip(1));
    let out = Output::new(lang, color);
    let parsed =
        args::command(lang).color(color.into()).try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return misused(&out, &error),
    };
    let context = Context { globals: cli.globals, out };
    match run(&context, cli.command, &cli.profiles, cli.workspace.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            context.out.fail(&failure);
            failure.exit_code()
        }
    }
}

/// Ends a command line that asks for help or for the version, or that makes no sense.
fn misused(out: &Output, error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let page = matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) || !error.use_stderr();
    if page && out.lang == Lang::Zh {
        // Help and version are no error; a closed pipe is none either.
        let page = help::page(&error.render(), if error.use_stderr() { out.colours_of_words() } else { out.colours() });
        let _ = if error.use_stderr() {
            out.say(Tone::Plain, page.trim_end());
            Ok(())
        } else {
            out.bytes(page.as_bytes())
        };
    } else if out.lang == Lang::En {
        // clap knows what goes to standard output.
        let _ = error.print();
    } else {
        for (at, line) in help::faults::lines(error, out.lang).iter().enumerate() {
            let (tone, head) = if at == 0 { (Tone::Bad, out.text(help::faults::ERROR)) } else { (Tone::Plain, "") };
            out.say(tone, &format!("{head}{line}"));
        }
    }
    ExitCode::from(if error.use_stderr() { exit::USAGE } else { 0 })
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
        Some(args::Command::Model(args)) => model::run(context, &args),
        Some(args::Command::Profiles(args)) => profiles::run(context, &args),
        Some(args::Command::Keys(args)) => keys::run(context, &args),
        Some(args::Command::Codes(args)) => codes::run(context, &args),
        Some(args::Command::Completions(args)) => shell::completions(context, &args),
        Some(args::Command::Man(args)) => shell::man(context, &args),
        None => screen::run(context, profiles, workspace),
    }
}
