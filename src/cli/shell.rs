//! `iotdbg completions` and `iotdbg man`: made from the command line's own definition.

use crate::base::lang::Phrase;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::{Context, args};

/// Words of `iotdbg completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  iotdbg completions bash > ~/.local/share/bash-completion/completions/iotdbg\n  \
    iotdbg completions fish > ~/.config/fish/completions/iotdbg.fish")]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// Words of `iotdbg man`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  iotdbg man | man -l -\n  iotdbg man set | man -l -")]
pub struct ManArgs {
    /// The page of this command; the main page if it is left out
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// Print the names of the commands that have a page
    #[arg(long, conflicts_with = "command")]
    list: bool,
}

/// Prints the completion script of a shell.
pub fn completions(context: &Context, args: &CompletionArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "iotdbg", &mut script);
    context.out.bytes(&script)
}

/// Prints a manual page.
pub fn man(context: &Context, args: &ManArgs) -> Outcome {
    let mut whole = args::command();
    whole.build();
    if args.list {
        for command in whole.get_subcommands() {
            context.out.line(command.get_name())?;
        }
        return Ok(());
    }
    let page = match &args.command {
        None => whole,
        Some(name) => whole
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(crate::cli::texts::NO_COMMAND.with(&[name])))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::new(EXPECTATION, Phrase::verbatim(error.to_string())))?;
    context.out.bytes(&text)
}
