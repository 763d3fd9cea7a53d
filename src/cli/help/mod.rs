//! Help in both languages: the command line is defined in English, beside what it means to the program, and said in
//! Chinese from here. `words` holds the texts, `faults` tells usage errors.

#[cfg(test)]
mod examples;
pub mod faults;
mod words;

use std::collections::HashMap;

use clap::builder::{PossibleValue, StyledStr};
use clap::{Arg, Command};

use crate::base::lang::{Lang, Text};
use crate::base::wrap::wrap;
use crate::cli::{args, check, encode, sign, tail};
use crate::dialect::REGISTRY;

/// Cells that help lines take at most, and those that the text of an option stands in.
const CELLS: usize = 78;
const CELLS_OF_OPTION: usize = 68;

/// The command line in one language. In English it stays as it is defined.
pub fn localise(command: Command, lang: Lang) -> Command {
    if lang == Lang::En {
        return command;
    }
    let dictionary = dictionary();
    said(command, &mut |english| dictionary.get(english).cloned())
}

/// The Chinese of every English text of the command line.
fn dictionary() -> HashMap<String, String> {
    let mut pairs: HashMap<String, String> =
        words::WORDS.iter().map(|text| (text.en.to_owned(), text.zh.to_owned())).collect();
    for dialect in REGISTRY {
        let spec = dialect.spec();
        for about in [sign::ABOUT, check::ABOUT, encode::ABOUT] {
            pairs.insert(
                about.fill(Lang::En, &[&spec.title.get(Lang::En)]),
                about.fill(Lang::Zh, &[&spec.title.get(Lang::Zh)]),
            );
        }
        for field in spec.roles.iter().flat_map(|role| role.identity.iter().chain(role.device)) {
            pairs.insert(field.help.en.to_owned(), field.help.zh.to_owned());
        }
    }
    pairs.insert(args::about(Lang::En), args::about(Lang::Zh));
    pairs.insert(tail::after_help(Lang::En), tail::after_help(Lang::Zh));
    pairs
}

/// The command and all below it, each text replaced by what `say` has for it.
fn said(mut command: Command, say: &mut dyn FnMut(&str) -> Option<String>) -> Command {
    // What clap adds by itself (`--help`, global options) is there from here on.
    command.build();
    replaced(command, say)
}

fn replaced(mut command: Command, say: &mut dyn FnMut(&str) -> Option<String>) -> Command {
    let mut text = |english: &str| say(english).unwrap_or_else(|| english.to_owned());
    let usage = usage(&mut command.clone());
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(text(&about));
    }
    if let Some(about) = command.get_long_about().map(ToString::to_string) {
        command = command.long_about(broken(&text(&about), CELLS));
    }
    if let Some(after) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(block(&after, say));
    }
    command
        .override_usage(usage)
        .help_template(format!(
            "{{before-help}}{{about-with-newline}}\n\x1b[1;4m{}\x1b[0m{{usage}}\n\n{{all-args}}{{after-help}}",
            words::USAGE.zh
        ))
        .subcommand_help_heading(words::COMMANDS.zh)
        .subcommand_value_name(words::COMMAND.zh)
        .mut_args(|arg| option(arg, say))
        .mut_subcommands(|inner| replaced(inner, say))
}

/// How a command is called.
fn usage(command: &mut Command) -> String {
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
    let lines: Vec<String> = usage
        .lines()
        .map(|line| {
            line.trim()
                .replace("[OPTIONS]", words::OPTIONS_OF_USAGE.zh)
                .replace("[COMMAND]", &format!("[{}]", words::COMMAND.zh))
                .replace("<COMMAND>", &format!("<{}>", words::COMMAND.zh))
        })
        .collect();
    lines.join("\n      ")
}

/// What stands below the options: headings, command lines, and what a command line is for behind its `#`.
fn block(english: &str, say: &mut dyn FnMut(&str) -> Option<String>) -> String {
    if let Some(whole) = say(english) {
        return whole;
    }
    let lines: Vec<String> = english
        .lines()
        .map(|line| {
            if let Some((command, remark)) = line.split_once(" # ") {
                return format!("{command} # {}", say(remark).unwrap_or_else(|| remark.to_owned()));
            }
            if line.is_empty() || line.starts_with(' ') {
                return line.to_owned();
            }
            say(line).map_or_else(|| line.to_owned(), |words| broken(&words, CELLS))
        })
        .collect();
    lines.join("\n")
}

/// An option: its help, and what clap would add to it in English.
fn option(arg: Arg, say: &mut dyn FnMut(&str) -> Option<String>) -> Arg {
    let mut text = |english: &str| say(english).unwrap_or_else(|| english.to_owned());
    let help = arg.get_help().map(ToString::to_string).map(|help| text(&help)).unwrap_or_default();
    let long = arg.get_long_help().map(ToString::to_string).map(|help| text(&help));
    let heading = match arg.get_help_heading() {
        Some(heading) => text(heading),
        None if arg.is_positional() => words::ARGUMENTS.zh.to_owned(),
        None => words::OPTIONS.zh.to_owned(),
    };
    let mut notes = Vec::new();
    let mut list = String::new();
    let takes_values = arg.get_num_args().is_some_and(|range| range.takes_values());
    if takes_values && !arg.is_hide_possible_values_set() {
        let values: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
        if values.iter().any(|value| value.get_help().is_some()) {
            list = values
                .iter()
                .map(|value| {
                    let help = value.get_help().map(|help| text(&help.to_string())).unwrap_or_default();
                    format!("\n- {}：{help}", value.get_name())
                })
                .collect();
        }
        if !values.is_empty() {
            let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            notes.push(note(words::VALUES, &names.join(", ")));
        }
    }
    if takes_values && !arg.is_hide_default_value_set() {
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let defaults = defaults.join(",");
        if !defaults.is_empty() {
            notes.push(note(words::DEFAULT, &defaults));
        }
    }
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        notes.push(note(words::VARIABLE, &variable.to_string_lossy()));
    }
    let notes = notes.join(" ");
    let short = [help.as_str(), notes.as_str()].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>();
    let mut whole = broken(long.as_deref().unwrap_or(&help), CELLS_OF_OPTION);
    if !list.is_empty() {
        whole.push('\n');
        whole.push_str(&list);
    }
    if !notes.is_empty() {
        whole.push_str("\n\n");
        whole.push_str(&notes);
    }
    arg.help(short.join(" "))
        .long_help(whole)
        .help_heading(heading)
        .hide_possible_values(true)
        .hide_default_value(true)
        .hide_env(true)
}

fn broken(text: &str, cells: usize) -> String {
    wrap(text, cells).join("\n")
}

/// A page of Chinese help as it is printed. clap ends its headings with the colon of English.
pub fn page(made: &StyledStr, colours: bool) -> String {
    let text = if colours { made.ansi().to_string() } else { made.to_string() };
    let headings = [words::COMMANDS, words::ARGUMENTS, words::OPTIONS, words::GLOBAL, words::FIELDS];
    headings.iter().fold(text, |text, heading| text.replace(&format!("{}:", heading.zh), &format!("{}：", heading.zh)))
}

fn note(text: Text, value: &str) -> String {
    format!("[{}]", text.fill(Lang::Zh, &[&value]))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    fn is_han(c: char) -> bool {
        ('\u{3400}'..='\u{9fff}').contains(&c)
    }

    /// Every text of the tree that people read, by the path of its command.
    fn texts(command: &Command, path: &str, into: &mut Vec<(String, String)>) {
        let here = format!("{path} {}", command.get_name());
        let shown = [command.get_about(), command.get_long_about(), command.get_after_help()];
        for text in shown.into_iter().flatten() {
            into.push((here.clone(), text.to_string()));
        }
        for arg in command.get_arguments() {
            let place = format!("{here} {}", arg.get_id());
            for text in [arg.get_help(), arg.get_long_help()].into_iter().flatten() {
                into.push((place.clone(), text.to_string()));
            }
            into.extend(arg.get_help_heading().map(|heading| (place.clone(), heading.to_owned())));
        }
        for inner in command.get_subcommands() {
            texts(inner, &here, into);
        }
    }

    #[test]
    fn no_help_of_any_command_option_or_value_is_missing_in_either_language() {
        let dictionary = dictionary();
        let (mut missing, mut used) = (BTreeSet::new(), HashSet::new());
        let english = args::command(Lang::En);
        let chinese = said(english.clone(), &mut |text| {
            used.insert(text.to_owned());
            let found = dictionary.get(text).cloned();
            // A block is asked for as a whole before its lines are.
            if found.is_none() && !text.contains('\n') {
                missing.insert(text.to_owned());
            }
            found
        });
        assert!(missing.is_empty(), "no Chinese for: {missing:#?}");
        let stale: Vec<_> = words::WORDS.iter().map(|text| text.en).filter(|en| !used.contains(*en)).collect();
        assert!(stale.is_empty(), "nobody says: {stale:#?}");

        // clap makes a line break of it.
        let broken: Vec<_> = used.iter().filter(|text| text.contains("{n}")).collect();
        assert!(broken.is_empty(), "{broken:?}");

        let mut built = english;
        built.build();
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        texts(&built, "", &mut en);
        texts(&chinese, "", &mut zh);
        assert!(en.len() > 600, "only {} texts", en.len());
        let wordless = |(place, text): &(String, String)| text.trim().is_empty().then(|| place.clone());
        assert_eq!(en.iter().filter_map(wordless).collect::<Vec<_>>(), Vec::<String>::new());
        let foreign: Vec<_> = zh.iter().filter(|(_, text)| !text.chars().any(is_han)).collect();
        assert!(foreign.is_empty(), "not Chinese: {foreign:#?}");
        let turned: Vec<_> = en.iter().filter(|(_, text)| text.chars().any(is_han)).collect();
        assert!(turned.is_empty(), "not English: {turned:#?}");
    }

    /// Every option has a help text, whatever the language; clap itself does not insist.
    #[test]
    fn every_command_and_option_is_explained() {
        fn walk(command: &Command, bare: &mut Vec<String>) {
            if command.get_about().is_none() || command.get_after_help().is_none() {
                bare.push(command.get_name().to_owned());
            }
            let unexplained = command.get_arguments().filter(|arg| arg.get_help().is_none());
            bare.extend(unexplained.map(|arg| format!("{} {}", command.get_name(), arg.get_id())));
            command.get_subcommands().for_each(|inner| walk(inner, bare));
        }
        let mut bare = Vec::new();
        let mut command = args::command(Lang::En);
        command.build();
        walk(&command, &mut bare);
        assert!(bare.is_empty(), "without help or example: {bare:?}");
    }

    #[test]
    fn a_page_of_help_has_no_word_of_clap_left() {
        let mut command = args::command(Lang::Zh);
        for name in ["", "send", "cloud", "operate", "decode"] {
            let page = match name {
                "" => command.render_long_help().to_string(),
                name => command.find_subcommand_mut(name).unwrap().render_long_help().to_string(),
            };
            let page = super::page(&StyledStr::from(page), false);
            for word in [
                "Usage",
                "Options",
                "Commands:",
                "Arguments:",
                "[default",
                "ossible values",
                "[env",
                "Print ",
                "选项:",
                "命令:",
                "参数:",
            ] {
                assert!(!page.contains(word), "{word} in\n{page}");
            }
            assert!(page.contains("用法：") && page.contains("选项") && page.contains("iotdbg"), "{page}");
            let wide = page
                .lines()
                .find(|line| !line.trim_start().starts_with("iotdbg") && crate::base::text::width(line) > 120);
            assert_eq!(wide, None);
        }
    }

    #[test]
    fn both_languages_take_the_same_words() {
        for line in ["tail -p lamp --for 5s --json", "sign onenet device --product-id p --json", "-p a -p b", "man set"]
        {
            let words = std::iter::once("iotdbg").chain(line.split(' '));
            for lang in [Lang::En, Lang::Zh] {
                assert!(args::command(lang).try_get_matches_from(words.clone()).is_ok(), "{line}");
            }
        }
    }
}
