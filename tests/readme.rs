//! The manual in both languages: tables made from the code, pictures that exist, commands that are commands.
//!
//! `UPDATE_README=1 cargo test --test readme` writes the tables anew.

use std::path::Path;
use std::process::Command;

const FILES: [(&str, &str); 2] = [("README.md", "en"), ("README.zh-CN.md", "zh-CN")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn iotdbg(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_iotdbg")).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What stands between the marks of a table, the marks included.
fn table<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let start = text.find(&open)?;
    let end = text[start..].find(&close)? + start + close.len();
    text.get(start..end)
}

#[test]
fn the_tables_are_those_of_the_code() {
    for (file, lang) in FILES {
        let path = root().join(file);
        let mut text = std::fs::read_to_string(&path).unwrap();
        let made = iotdbg(&["keys", "--markdown", "--lang", lang]);
        for name in ["keys", "exit"] {
            let new = table(&made, name).unwrap_or_else(|| panic!("no table {name}"));
            let old =
                table(&text, name).unwrap_or_else(|| panic!("{file} has no place for the table {name}")).to_owned();
            if std::env::var_os("UPDATE_README").is_some() {
                text = text.replace(&old, new);
                std::fs::write(&path, &text).unwrap();
            } else {
                assert!(
                    old == new,
                    "the table {name} of {file} is out of date: UPDATE_README=1 cargo test --test readme"
                );
            }
        }
    }
}

#[test]
fn every_picture_and_page_that_is_linked_is_there() {
    for (file, _) in FILES {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let mut seen = 0;
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") && !link.starts_with('#') {
                seen += 1;
                assert!(
                    root().join(link.split('#').next().unwrap_or(link)).exists(),
                    "{file} links {link}, which is not there"
                );
            }
        }
        assert!(seen > 3, "{file} links nothing");
    }
}

#[test]
fn every_command_is_in_the_manual_of_both_languages_and_the_other_way_round() {
    let help = iotdbg(&["--help"]);
    let list = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 20, "{commands:?}");
    for (file, _) in FILES {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for command in &commands {
            assert!(
                text.contains(&format!("`{command}")) || text.contains(&format!("iotdbg {command}")),
                "{file} does not speak of {command}"
            );
        }
        for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("iotdbg ")) {
            let word = line.split_whitespace().next().unwrap_or_default();
            assert!(word.starts_with('-') || commands.contains(&word), "{file}: there is no command {word}");
        }
    }
}
