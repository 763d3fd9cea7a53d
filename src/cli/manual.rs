//! A manual page: the definition of a command as roff, with the sections that its definition does not have.

use std::io;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::base::lang::{Lang, Text};
use crate::cli::{exit, version};

/// Headings as `clap_mangen` writes them.
const HEADINGS: [Text; 5] = [
    Text::new("NAME", "名称"),
    Text::new("SYNOPSIS", "用法"),
    Text::new("DESCRIPTION", "说明"),
    Text::new("OPTIONS", "选项"),
    Text::new("SUBCOMMANDS", "命令"),
];
const EXAMPLES: Text = Text::new("EXAMPLES", "示例");
const NOTES: Text = Text::new("NOTES", "备注");
const STATUS: Text = Text::new("EXIT STATUS", "退出码");
const ENVIRONMENT: Text = Text::new("ENVIRONMENT", "环境变量");
const VERSION: Text = Text::new("VERSION", "版本");
const SEE_ALSO: Text = Text::new("SEE ALSO", "另见");

/// Variables that are looked at, and what for.
const VARIABLES: &[(&str, Text)] = &[
    (
        "LC_ALL, LC_MESSAGES, LANG",
        Text::new("language of words, where --lang does not name it", "界面语言（未用 --lang 指定时）"),
    ),
    ("NO_COLOR", Text::new("no colours, if it is set and not empty", "设置为非空值时不使用颜色")),
    ("VISUAL, EDITOR", Text::new("the editor for profiles, rules and messages", "编辑配置、规则与消息所用的编辑器")),
    ("XDG_CONFIG_HOME", Text::new("where the folder of profiles and settings is", "配置与设置目录所在位置")),
];

/// The page of a command. `whole` is the page of iotdbg itself, which tells what holds for every command.
pub fn page(command: clap::Command, whole: bool, lang: Lang) -> io::Result<Vec<u8>> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let has_commands = command.has_subcommands();
    let man = Man::new(command).source(concat!("iotdbg ", env!("CARGO_PKG_VERSION")));
    let mut made = Vec::new();
    man.render_title(&mut made)?;
    man.render_name_section(&mut made)?;
    man.render_synopsis_section(&mut made)?;
    man.render_description_section(&mut made)?;
    man.render_options_section(&mut made)?;
    if has_commands {
        man.render_subcommands_section(&mut made)?;
    }
    let mut text = String::from_utf8_lossy(&made).into_owned();
    for heading in HEADINGS {
        text = text.replace(&format!(".SH {}\n", heading.en), &format!(".SH {}\n", heading.get(lang)));
    }
    // A list of values, one a line.
    text = text.replace("\n\\- ", "\n.br\n\\- ");
    let mut roff = Roff::default();
    examples(&mut roff, &after, lang);
    if whole {
        rows(&mut roff, STATUS, exit::TABLE.iter().map(|(code, meaning)| (code.to_string(), *meaning)), lang);
        rows(&mut roff, ENVIRONMENT, VARIABLES.iter().map(|(name, use_)| ((*name).to_owned(), *use_)), lang);
        roff.control("SH", [VERSION.get(lang)]);
        as_it_stands(&mut roff, version::long().lines());
    } else {
        roff.control("SH", [SEE_ALSO.get(lang)]);
        roff.text([roman("iotdbg(1)")]);
    }
    let mut end = Vec::new();
    roff.to_writer(&mut end)?;
    let mut page = text.into_bytes();
    page.extend(end);
    Ok(page)
}

/// What stands below the options of a command: blocks with headings, and sentences.
fn examples(roff: &mut Roff, after: &str, lang: Lang) {
    for block in after.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
        let is_heading = first.ends_with([':', '：']) && !rest.is_empty();
        let is_example = first.starts_with("Example") || first.starts_with(EXAMPLES.zh);
        roff.control("SH", [if is_example { EXAMPLES } else { NOTES }.get(lang)]);
        if !is_heading {
            roff.text([roman(block)]);
            continue;
        }
        if !is_example {
            roff.text([roman(first)]);
        }
        as_it_stands(roff, rest.lines());
    }
}

fn rows(roff: &mut Roff, heading: Text, rows: impl Iterator<Item = (String, Text)>, lang: Lang) {
    roff.control("SH", [heading.get(lang)]);
    for (name, meaning) in rows {
        roff.control("TP", []);
        roff.text([roman(name)]);
        roff.text([roman(meaning.get(lang))]);
    }
}

/// Lines that are not filled.
fn as_it_stands<'l>(roff: &mut Roff, lines: impl Iterator<Item = &'l str>) {
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}
