//! `iotdbg completions` and `iotdbg man`: made from the command line's own definition.

use crate::base::lang::Phrase;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::{Context, args, manual};

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
#[command(
    after_help = "Examples:\n  iotdbg man | man -l -\n  iotdbg man set | man -l -\n  iotdbg man sign onenet | man -l -"
)]
pub struct ManArgs {
    /// The page of this command; the main page if it is left out
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Print the names of the commands that have a page
    #[arg(long, conflicts_with = "command")]
    list: bool,
}

/// Prints the completion script of a shell.
pub fn completions(context: &Context, args: &CompletionArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(context.out.lang), "iotdbg", &mut script);
    if args.shell == clap_complete::Shell::Bash {
        script = with_profiles(&String::from_utf8_lossy(&script)).into_bytes();
    }
    context.out.bytes(&script)
}

/// The script for bash, with the names of profiles offered beside files where a profile is to be named.
fn with_profiles(script: &str) -> String {
    const FILES: &str = "compgen -f \"${cur}\"";
    const NAMES: &str = "compgen -f -W \"$(iotdbg profiles list 2>/dev/null | cut -d' ' -f1)\" -- \"${cur}\"";
    let mut named = false;
    let lines = script.lines().map(|line| {
        let after = std::mem::replace(&mut named, matches!(line.trim(), "--profile)" | "-p)"));
        if after { line.replace(FILES, NAMES) } else { line.to_owned() }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// Prints a manual page, or the names of the commands that have one.
pub fn man(context: &Context, args: &ManArgs) -> Outcome {
    let lang = context.out.lang;
    let mut whole = args::command(lang);
    whole.build();
    if args.list {
        return names(&whole, "").iter().try_for_each(|name| context.out.line(name));
    }
    let mut page = &whole;
    for name in &args.command {
        page = page
            .find_subcommand(name)
            .ok_or_else(|| Failure::usage(crate::cli::texts::NO_COMMAND.with(&[&args.command.join(" ")])))?;
    }
    let text = manual::page(page.clone(), args.command.is_empty(), lang)
        .map_err(|error| Failure::new(EXPECTATION, Phrase::verbatim(error.to_string())))?;
    context.out.bytes(&text)
}

/// The commands below a command, each with the words that lead to it.
fn names(command: &clap::Command, path: &str) -> Vec<String> {
    let inner = command.get_subcommands().filter(|inner| !inner.is_hide_set());
    inner
        .flat_map(|inner| {
            let name = format!("{path}{}", inner.get_name());
            let below = names(inner, &format!("{name} "));
            std::iter::once(name).chain(below)
        })
        .collect()
}
