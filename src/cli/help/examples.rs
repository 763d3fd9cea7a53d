//! Every example is a command line: those of help, and those of the manual in both languages.

use crate::base::lang::Lang;
use crate::cli::args;

/// The command lines of iotdbg in a text for a shell: from the word to the next `|`, `>`, `;`, `#` or end of line.
fn command_lines(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ").replace("\"$(", "(").replace(")\"", ")");
    joined.lines().flat_map(of_line).collect()
}

fn of_line(line: &str) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = vec![Vec::new()];
    let (mut word, mut open, mut quote) = (String::new(), false, None);
    let mut chars = line.chars().peekable();
    let end = |word: &mut String, open: &mut bool, found: &mut Vec<Vec<String>>| {
        if std::mem::take(open) {
            found.last_mut().unwrap().push(std::mem::take(word));
        }
    };
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None, '#') if !open => break,
            (None, '|' | ';' | '>' | '<' | '&' | '(' | ')') => {
                end(&mut word, &mut open, &mut found);
                found.push(Vec::new());
            }
            (None, '\\') => word.extend(chars.next()),
            (None, c) if c.is_whitespace() => end(&mut word, &mut open, &mut found),
            (None, c) => {
                word.push(c);
                open = true;
            }
        }
    }
    end(&mut word, &mut open, &mut found);
    let begins = |words: &Vec<String>| words.iter().position(|word| word == "iotdbg");
    found.iter().filter_map(|words| Some(words[begins(words)?..].to_vec())).collect()
}

/// The blocks of a manual that are for a shell.
fn blocks(manual: &str) -> String {
    let parts = manual.split("```sh\n").skip(1);
    parts.filter_map(|part| part.split("```").next()).collect::<Vec<_>>().join("\n")
}

fn check(place: &str, text: &str, wrong: &mut Vec<String>) -> usize {
    let lines = command_lines(text);
    for words in &lines {
        if let Err(error) = args::command(Lang::En).try_get_matches_from(words)
            && error.use_stderr()
        {
            wrong.push(format!("{place}: {}\n{error}", words.join(" ")));
        }
    }
    lines.len()
}

fn of_help(command: &clap::Command, path: &str, wrong: &mut Vec<String>) -> usize {
    let here = format!("{path} {}", command.get_name());
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut count = check(&here, &text, wrong);
    if count == 0 {
        wrong.push(format!("{here} has no example"));
    }
    for inner in command.get_subcommands() {
        count += of_help(inner, &here, wrong);
    }
    count
}

#[test]
fn every_example_of_help_and_of_the_manuals_is_a_command_line() {
    let mut wrong = Vec::new();
    let mut command = args::command(Lang::En);
    command.build();
    let of_help = of_help(&command, "", &mut wrong);
    assert!(of_help > 80, "only {of_help} examples");
    for file in ["README.md", "README.zh-CN.md"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let count = check(file, &blocks(&std::fs::read_to_string(path).unwrap()), &mut wrong);
        assert!(count > 30, "{file} has only {count} command lines");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_line_for_a_shell_is_taken_apart_as_a_shell_does() {
    let of = |text: &str| command_lines(text).iter().map(|words| words.join("·")).collect::<Vec<_>>();
    assert_eq!(of("date | iotdbg send -p 'a b' - # words"), ["iotdbg·send·-p·a b·-"]);
    assert_eq!(of("iotdbg set \\\n  Power=true; iotdbg keys > f"), ["iotdbg·set·Power=true", "iotdbg·keys"]);
    assert_eq!(of("cargo run"), Vec::<String>::new());
}
