//! The words of the command line: global options, the list of commands, and the kinds of values that several share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::base::lang::{Lang, Phrase, Text};
use crate::base::units;
use crate::cli::output::ColorChoice;
use crate::cli::{help, texts};
use crate::dialect::REGISTRY;

/// A terminal debugger for the real-time channels of IoT clouds
#[derive(Debug, Parser)]
#[command(name = "iotdbg", version, propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Examples:\n  iotdbg demo\n  iotdbg -p lamp-app -p lamp\n  iotdbg set -p lamp-app Power=true")]
pub struct Cli {
    /// Profile to connect at once: a name or a path; may be given several times
    #[arg(short, long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
    /// Workspace to open: several profiles with their layout
    #[arg(short, long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// Options that every command has
    #[command(flatten)]
    pub globals: Globals,
    /// What to do
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command has.
#[derive(Debug, Clone, clap::Args)]
pub struct Globals {
    /// Language of words: en or zh-CN [default: from LC_ALL, LC_MESSAGES, LANG]
    #[arg(long, global = true, value_name = "LANG", value_parser = language, help_heading = GLOBAL)]
    pub lang: Option<String>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", help_heading = GLOBAL)]
    pub color: ColorChoice,
    /// Folder of profiles and settings [default: iotdbg in the XDG config directory]
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL)]
    pub config: Option<PathBuf>,
    /// Theme of the terminal application: auto, terminal, light, dark, contrast, or one of your own
    #[arg(long, global = true, value_name = "NAME", help_heading = GLOBAL)]
    pub theme: Option<String>,
    /// How much history to keep in memory, for example 64MiB
    #[arg(long, global = true, value_name = "SIZE", value_parser = size, help_heading = GLOBAL)]
    pub history: Option<u64>,
    /// Append one line per MQTT packet to this file, without secrets
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub trace: Option<PathBuf>,
    /// Say more on standard error; twice for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = GLOBAL)]
    pub verbose: u8,
}

const GLOBAL: &str = "Global options";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The terminal application over a simulated cloud; needs no account and no network
    #[cfg(feature = "cloud")]
    Demo(super::demo::Args),
    /// Run a simulated cloud until Ctrl-C
    #[cfg(feature = "cloud")]
    Cloud(super::cloud::Args),
    /// Print what arrives, decoded
    Tail(super::tail::Args),
    /// Record what flows to a file
    Record(super::record::Args),
    /// Open recorded messages in the terminal application
    Open(super::play::Args),
    /// Play a recording again: on the screen, into a broker, or as a simulated device
    Replay(super::replay::Args),
    /// Write recorded messages as JSON lines, a table or commands
    Export(super::export::Args),
    /// Publish a hand-made message
    Send(super::send::Args),
    /// Set properties of a device and wait for the reply
    #[command(
        after_help = "Examples:\n  iotdbg set -p lamp-app Power=true\n  iotdbg set -p lamp-app temperature=26.5 mode=heat --timeout 5s --json\n  iotdbg set -p lamp-app --desired Power=true"
    )]
    Set(super::request::DesiredArgs),
    /// Ask for property values
    #[command(after_help = "Example:\n  iotdbg get -p lamp-app temperature Power")]
    Get(super::request::DesiredArgs),
    /// Report property values as a device
    #[command(after_help = "Example:\n  iotdbg report -p lamp temperature=23.5")]
    Report(super::request::Args),
    /// Report an event as a device
    #[command(after_help = "Example:\n  iotdbg event -p lamp overheat temperature=90")]
    Event(super::request::Args),
    /// Call a service of a device
    #[command(after_help = "Example:\n  iotdbg invoke -p lamp-app blink times=3")]
    Invoke(super::request::Args),
    /// Bind an account or a device
    #[command(after_help = "Example:\n  iotdbg bind -p lamp-app")]
    Bind(super::request::Args),
    /// Remove a binding
    #[command(after_help = "Example:\n  iotdbg unbind -p lamp-app")]
    Unbind(super::request::Args),
    /// Subscribe inside the application protocol
    #[command(after_help = "Example:\n  iotdbg subscribe -p lamp-app")]
    Subscribe(super::request::Args),
    /// Any operation that the dialect and role has
    #[command(after_help = "Example:\n  iotdbg request desired-get -p lamp Power")]
    Request(super::request::AnyArgs),
    /// A simulated device without a screen
    Device(super::device::Args),
    /// Connect step by step and explain what is wrong
    Doctor(super::doctor::Args),
    /// Signature calculator
    Sign(super::sign::Args),
    /// Signature checker: is this login right, and if not, what was done wrong
    Check(Box<super::check::Args>),
    /// Print the topic and bytes that an operation would send
    Encode(super::encode::Args),
    /// Take one message apart
    Decode(super::decode::Args),
    /// Fetch a thing model, learn one from traffic, or read one
    Model(super::model::Args),
    /// List, show, make, check, import and export profiles
    Profiles(super::profiles::Args),
    /// Print the keys of the terminal application
    Keys(super::keys::Args),
    /// Explain the codes of the platforms
    Codes(super::codes::Args),
    /// Print a completion script for a shell
    Completions(super::shell::CompletionArgs),
    /// Print the manual page (roff)
    Man(super::shell::ManArgs),
    /// Do what a person would do at the console of a simulated cloud
    Operate(super::operate::Args),
}

const ABOUT: Text = Text::new(
    "A terminal debugger for the real-time channels of IoT clouds: {}.\n\nWithout a command the terminal application opens.",
    "物联网云平台实时通道的终端调试工具：{}。\n\n不带命令时打开终端界面。",
);

/// What iotdbg is, and for which platforms.
pub fn about(lang: Lang) -> String {
    let titles: Vec<&str> = REGISTRY.iter().map(|dialect| dialect.spec().title.get(lang)).collect();
    ABOUT.fill(lang, &[&titles.join(if lang == Lang::Zh { "、" } else { ", " })])
}

/// The whole command line as clap knows it, in one language.
pub fn command(lang: Lang) -> clap::Command {
    help::localise(Cli::command().long_about(about(Lang::En)).long_version(super::version::long()), lang)
}

/// What the command line says about words and colours: needed before it is parsed, because help and usage errors are words.
pub fn manner(words: impl IntoIterator<Item = std::ffi::OsString>) -> (Lang, ColorChoice) {
    let words: Vec<String> =
        words.into_iter().map(|word| word.to_string_lossy().into_owned()).take_while(|word| word != "--").collect();
    let option = |name: &str| {
        words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix(name)? {
            "" => words.get(at + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    };
    let lang = option("--lang")
        .and_then(Lang::parse)
        .unwrap_or_else(|| Lang::from_environment(|name| std::env::var(name).ok()));
    let color = option("--color").and_then(|when| ColorChoice::from_str(when, false).ok()).unwrap_or_default();
    (lang, color)
}

/// Why a value of the command line is none, in the reader's language.
#[derive(Debug, Clone)]
pub struct Worded(pub Phrase);

impl std::fmt::Display for Worded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Worded {}

fn language(text: &str) -> Result<String, Worded> {
    Lang::parse(text).map(|_| text.to_owned()).ok_or_else(|| Worded(texts::NO_LANGUAGE.into()))
}

/// Reads a duration: `500ms`, `5s`, `2m`, `12h`.
pub fn duration(text: &str) -> Result<Duration, Worded> {
    units::parse_duration(text).map_err(Worded)
}

/// Reads a size in bytes: `64MiB`, `1GiB`, `512KiB`.
pub fn size(text: &str) -> Result<u64, Worded> {
    units::parse_size(text).map_err(Worded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_and_colours_are_known_before_the_command_line_is() {
        let of = |line: &str| manner(line.split(' ').map(Into::into));
        assert_eq!(of("tail --lang zh-CN --nonsense"), (Lang::Zh, ColorChoice::Auto));
        assert_eq!(of("--lang=zh --color=never"), (Lang::Zh, ColorChoice::Never));
        assert_eq!(of("--lang en --color always --help"), (Lang::En, ColorChoice::Always));
        assert_eq!(of("--lang en -- --lang zh").0, Lang::En);
    }

    #[test]
    fn the_command_line_is_consistent() {
        command(Lang::En).debug_assert();
    }
}
