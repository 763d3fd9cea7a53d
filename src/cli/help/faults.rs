//! Usage errors in Chinese. English is clap's own; what clap knows of an error is in its kind and its context.

use std::error::Error as _;

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::base::lang::{Lang, Text};
use crate::base::text::printable;
use crate::cli::args::Worded;
use crate::cli::help::words;

const CONFLICT: Text = Text::new("{} cannot be used with {}", "{} 不能与 {} 同时使用");
const CONFLICT_WITH_OTHERS: Text =
    Text::new("{} cannot be used with other arguments that were given", "{} 不能与已给出的其他参数同时使用");
const TWICE: Text = Text::new("{} cannot be used more than once", "{} 不能多次给出");
const NO_EQUALS: Text = Text::new("{} needs an equals sign before its value", "{} 的值前需要等号");
const NO_VALUE: Text = Text::new("{} needs a value, none was given", "{} 需要一个值，但没有给出");
const BAD_VALUE: Text = Text::new("invalid value “{}” for {}", "{1} 的值“{0}”无效");
const BAD_VALUE_BECAUSE: Text = Text::new("invalid value “{}” for {}: {}", "{1} 的值“{0}”无效：{2}");
const NO_COMMAND: Text = Text::new("there is no command “{}”", "没有命令“{}”");
const NEEDED: Text = Text::new("required arguments are missing: {}", "缺少必需的参数：{}");
const NEEDS_COMMAND: Text = Text::new("{} needs a command", "{} 后需要命令");
const NOT_UTF8: Text = Text::new("a word is not valid UTF-8", "参数不是合法的 UTF-8");
const TOO_MANY: Text = Text::new("“{}” is one value too many for {}", "{1} 不再接受更多的值，多出“{0}”");
const TOO_FEW: Text = Text::new("{} needs {} values, {} were given", "{} 需要 {} 个值，只给出 {} 个");
const UNKNOWN: Text = Text::new("there is no argument {}", "没有参数 {}");
const OTHER: Text = Text::new("the command line makes no sense", "命令行有误");
const NOT_IN: Text = Text::new("{} is not in {}", "{} 不在范围 {} 内");
const NOT_A_NUMBER: Text = Text::new("must be a whole number", "必须是整数");
const CHOICES: Text = Text::new("possible values: {}", "可选值：{}");
const COMMANDS: Text = Text::new("commands: {}", "可用命令：{}");
const SIMILAR: Text = Text::new("similar: {}", "相近的写法：{}");
const AS_A_VALUE: Text = Text::new("to give it as a value, write it behind --", "如果要把它作为值传入，请写在 -- 之后");
const SEE_HELP: Text = Text::new("For more, see --help.", "更多说明见 --help。");
/// Before what is wrong.
pub const ERROR: Text = Text::new("error: ", "错误：");

/// What is wrong with the command line, in lines; the first is the error itself.
pub fn lines(error: &Error, lang: Lang) -> Vec<String> {
    let mut lines = vec![headline(error, lang)];
    let list = |kind| values(error, kind).join(", ");
    for (text, found) in [(CHOICES, list(ContextKind::ValidValue)), (COMMANDS, list(ContextKind::ValidSubcommand))] {
        if !found.is_empty() {
            lines.push(format!("  {}", text.fill(lang, &[&found])));
        }
    }
    let similar: Vec<String> =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
            .into_iter()
            .flat_map(|kind| values(error, kind))
            .collect();
    if !similar.is_empty() {
        lines.push(format!("  {}", SIMILAR.fill(lang, &[&similar.join(", ")])));
    }
    if error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::Suggested).is_some() {
        lines.push(format!("  {}", AS_A_VALUE.get(lang)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        lines.push(String::new());
        lines.extend(format!("{}{usage}", words::USAGE.get(lang)).lines().map(str::to_owned));
    }
    lines.push(String::new());
    lines.push(SEE_HELP.get(lang).to_owned());
    lines.iter().map(|line| printable(line).into_owned()).collect()
}

fn headline(error: &Error, lang: Lang) -> String {
    let arg = values(error, ContextKind::InvalidArg).join(", ");
    let value = values(error, ContextKind::InvalidValue).join(", ");
    let prior = values(error, ContextKind::PriorArg);
    let named = !arg.is_empty();
    match error.kind() {
        ErrorKind::ArgumentConflict if named && prior.contains(&arg) => TWICE.fill(lang, &[&arg]),
        ErrorKind::ArgumentConflict if prior.is_empty() => {
            let command = values(error, ContextKind::InvalidSubcommand).join(", ");
            CONFLICT_WITH_OTHERS.fill(lang, &[if named { &arg } else { &command }])
        }
        ErrorKind::ArgumentConflict => {
            let command = values(error, ContextKind::InvalidSubcommand).join(", ");
            CONFLICT.fill(lang, &[if named { &arg } else { &command }, &prior.join(", ")])
        }
        ErrorKind::NoEquals if named => NO_EQUALS.fill(lang, &[&arg]),
        ErrorKind::InvalidValue if named && value.is_empty() => NO_VALUE.fill(lang, &[&arg]),
        ErrorKind::InvalidValue if named => BAD_VALUE.fill(lang, &[&value, &arg]),
        ErrorKind::ValueValidation if named => match reason(error, lang) {
            Some(reason) => BAD_VALUE_BECAUSE.fill(lang, &[&value, &arg, &reason]),
            None => BAD_VALUE.fill(lang, &[&value, &arg]),
        },
        ErrorKind::InvalidSubcommand => {
            NO_COMMAND.fill(lang, &[&values(error, ContextKind::InvalidSubcommand).join(", ")])
        }
        ErrorKind::MissingRequiredArgument if named => NEEDED.fill(lang, &[&arg]),
        ErrorKind::MissingSubcommand => {
            let command = values(error, ContextKind::InvalidSubcommand).join(", ");
            let command = if command.is_empty() { "iotdbg" } else { &command };
            NEEDS_COMMAND.fill(lang, &[&command])
        }
        ErrorKind::InvalidUtf8 => NOT_UTF8.get(lang).to_owned(),
        ErrorKind::TooManyValues if named => TOO_MANY.fill(lang, &[&value, &arg]),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues if named => {
            let wanted = number(error, ContextKind::MinValues).or(number(error, ContextKind::ExpectedNumValues));
            let given = number(error, ContextKind::ActualNumValues).unwrap_or_default();
            TOO_FEW.fill(lang, &[&arg, &wanted.unwrap_or(1), &given])
        }
        ErrorKind::UnknownArgument if named => UNKNOWN.fill(lang, &[&arg]),
        _ => OTHER.get(lang).to_owned(),
    }
}

/// Why a value is none: our own words, or what clap's number parsers say, translated.
fn reason(error: &Error, lang: Lang) -> Option<String> {
    let source = error.source()?;
    if let Some(Worded(phrase)) = source.downcast_ref() {
        return Some(phrase.render(lang));
    }
    if source.is::<std::num::ParseIntError>() {
        return Some(NOT_A_NUMBER.get(lang).to_owned());
    }
    let words = source.to_string();
    Some(match words.split_once(" is not in ") {
        Some((value, range)) => NOT_IN.fill(lang, &[&value, &range]),
        None => words,
    })
}

fn values(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(value)) => vec![value.clone()],
        Some(ContextValue::Strings(values)) => values.clone(),
        _ => Vec::new(),
    }
}

fn number(error: &Error, kind: ContextKind) -> Option<isize> {
    match error.get(kind) {
        Some(ContextValue::Number(number)) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;

    fn said(line: &str) -> String {
        let words = std::iter::once("iotdbg").chain(line.split(' ').filter(|word| !word.is_empty()));
        let error = args::command(Lang::Zh).try_get_matches_from(words).unwrap_err();
        lines(&error, Lang::Zh).join("\n")
    }

    #[test]
    fn usage_errors_are_told_in_chinese_with_what_they_are_about() {
        for (line, parts) in [
            ("tial", &["没有命令“tial”", "相近的写法：tail"][..]),
            ("tail", &["缺少必需的参数：--profile <NAME>", "用法：iotdbg tail"]),
            ("tail -p a --jsn", &["没有参数 --jsn", "相近的写法：--json"]),
            ("tail -p a --for soon", &["--for <DUR> 的值“soon”无效：必须是时长"]),
            ("send -p a -t t --text x --qos 7", &["--qos <N> 的值“7”无效", "7 不在范围 0..=2 内"]),
            ("send -p a -t t --text x --qos two", &["--qos <N> 的值“two”无效", "必须是整数"]),
            ("send -p a -t t --text x --hex 00", &["不能与"]),
            ("tail -p", &["--profile <NAME> 需要一个值"]),
            ("--lang fr", &["iotdbg 支持 en 与 zh-CN"]),
            ("--color pink", &["的值“pink”无效", "可选值：auto, always, never"]),
            ("tail -p a -p b", &["不能多次给出"]),
            ("man a b\u{1b}[31m --list", &["不能与"]),
        ] {
            let said = said(line);
            for part in parts {
                assert!(said.contains(part), "{line}: {part} is not in\n{said}");
            }
            assert!(!said.contains('\u{1b}'), "{said:?}");
            for word in ["error", "Usage", "invalid", "required", "unexpected"] {
                assert!(!said.contains(word), "{line}: {word} in\n{said}");
            }
        }
    }
}
