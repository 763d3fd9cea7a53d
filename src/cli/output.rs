//! Where a command writes: data to standard output, words to standard error.

use std::io::{self, IsTerminal, Write};

use serde_json::{Map, Value};

use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text::printable;
use crate::cli::exit::{Failure, Outcome};

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, and unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// For help and usage errors, which clap writes itself.
impl From<ColorChoice> for clap::ColorChoice {
    fn from(choice: ColorChoice) -> Self {
        match choice {
            ColorChoice::Auto => clap::ColorChoice::Auto,
            ColorChoice::Always => clap::ColorChoice::Always,
            ColorChoice::Never => clap::ColorChoice::Never,
        }
    }
}

impl ColorChoice {
    fn decide(self, terminal: bool) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
                terminal && !forbidden && !dumb
            }
        }
    }
}

/// What a piece of text means; its colour follows from it. No meaning rests on colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// Less important.
    Dim,
    /// More important.
    Bold,
    /// Went well.
    Good,
    /// Failed.
    Bad,
    /// Needs attention.
    Warn,
    /// A name.
    Name,
}

impl Tone {
    const fn sequence(self) -> &'static str {
        match self {
            Tone::Plain => "",
            Tone::Dim => "\x1b[2m",
            Tone::Bold => "\x1b[1m",
            Tone::Good => "\x1b[32m",
            Tone::Bad => "\x1b[31m",
            Tone::Warn => "\x1b[33m",
            Tone::Name => "\x1b[36m",
        }
    }
}

/// The two streams of a command, and how to write to them.
#[derive(Debug, Clone)]
pub struct Output {
    /// The reader's language.
    pub lang: Lang,
    out_color: bool,
    err_color: bool,
}

impl Output {
    /// Decides about colours once.
    pub fn new(lang: Lang, color: ColorChoice) -> Self {
        Output {
            lang,
            out_color: color.decide(io::stdout().is_terminal()),
            err_color: color.decide(io::stderr().is_terminal()),
        }
    }

    /// Whether standard output takes colours.
    pub fn colours(&self) -> bool {
        self.out_color
    }

    /// Whether standard error takes colours.
    pub fn colours_of_words(&self) -> bool {
        self.err_color
    }

    /// One text in the reader's language.
    pub fn text(&self, text: Text) -> &'static str {
        text.get(self.lang)
    }

    /// A phrase in the reader's language, fit for a terminal.
    pub fn phrase(&self, phrase: &Phrase) -> String {
        let words = phrase.render(self.lang);
        // Newlines of our own words stay; everything else passes the gate line by line.
        words.lines().map(printable).collect::<Vec<_>>().join("\n")
    }

    /// Text for standard output in a tone.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if self.out_color && tone != Tone::Plain {
            format!("{}{text}\x1b[0m", tone.sequence())
        } else {
            text.to_owned()
        }
    }

    /// Writes one line of data. A reader that has gone ends the command without a fuss.
    pub fn line(&self, line: &str) -> Outcome {
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .map_err(|error| closed_pipe(&error))
    }

    /// Writes bytes of data as they are.
    pub fn bytes(&self, bytes: &[u8]) -> Outcome {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(|error| closed_pipe(&error))
    }

    /// Writes one JSON object on one line; `"v":1` is put first.
    pub fn json(&self, members: Map<String, Value>) -> Outcome {
        self.line(&json_line(members))
    }

    /// Says something to the person.
    pub fn say(&self, tone: Tone, words: &str) {
        let mut err = io::stderr().lock();
        // Nobody to talk to is no reason to stop.
        let _ = if self.err_color && tone != Tone::Plain {
            writeln!(err, "{}{words}\x1b[0m", tone.sequence())
        } else {
            writeln!(err, "{words}")
        };
    }

    /// Says what is being worked on. On a terminal the next line of data takes its place.
    pub fn progress(&self, words: &str) {
        let mut err = io::stderr().lock();
        // Nobody to talk to is no reason to stop.
        let _ = if io::stderr().is_terminal() {
            write!(err, "{words}\r").and_then(|()| err.flush())
        } else {
            writeln!(err, "{words}")
        };
    }

    /// Tells why the command failed.
    pub fn fail(&self, failure: &Failure) {
        if let Some(words) = &failure.words {
            self.say(Tone::Bad, &format!("iotdbg: {}", self.phrase(words)));
        }
        if let Some(advice) = &failure.advice {
            self.say(Tone::Plain, &format!("  → {}", self.phrase(advice)));
        }
    }
}

/// One JSON object as text; `"v":1` is put first.
pub fn json_line(members: Map<String, Value>) -> String {
    let mut object = Map::with_capacity(members.len() + 1);
    object.insert("v".to_owned(), 1.into());
    object.extend(members);
    Value::Object(object).to_string()
}

fn closed_pipe(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Failure::silent(0)
    } else {
        Failure::new(crate::cli::exit::EXPECTATION, Phrase::verbatim(error.to_string()))
    }
}
