//! The source keeps its own rules: layers, confinement of libraries, one reader of the clock, size, module docs.
//!
//! The rules are the tables below. What a compiler lint can tell (unwrap, indexing, casts, missing docs) is left to the
//! lints in `Cargo.toml` and at the top of `src/lib.rs`.

#[path = "tidy/source.rs"]
mod source;

use std::fmt::Write as _;
use std::path::Path;

use source::{File, words};

/// The layers. A file imports from its own folder and from folders with a smaller number.
const LAYERS: &[(&str, u8)] = &[
    ("base", 0),
    ("model", 1),
    ("dialect", 2),
    ("capture", 3),
    ("session", 3),
    ("sim", 3),
    ("store", 3),
    ("profile", 3),
    ("link", 4),
    ("serve", 4),
    ("app", 4),
    ("tui", 5),
    ("cli", 6),
];

/// What may be named only in some places: the names, the folders or files where they may, and why.
const CONFINED: &[(&[&str], &[&str], &str)] = &[
    (
        &["tokio", "tokio_rustls", "futures_util", "async_trait"],
        &["link/", "serve/", "tui/", "cli/"],
        "asynchronous code belongs to the sockets and the run loops",
    ),
    (&["rumqttc"], &["link/"], "the MQTT client belongs to the link"),
    (
        &["hyper", "hyper_util", "tokio_tungstenite", "tungstenite"],
        &["link/", "serve/"],
        "HTTP and WebSockets belong to the sockets",
    ),
    (&["rmqtt", "axum", "rcgen"], &["serve/"], "the servers belong to the simulated cloud's sockets"),
    (&["rustls"], &["link/", "serve/"], "TLS belongs to the sockets"),
    (&["ratatui", "crossterm", "arboard"], &["tui/"], "the terminal belongs to the tui"),
    (&["ratatui_textarea"], &["app/edit.rs"], "text is edited by one engine"),
    (&["clap", "clap_complete", "clap_mangen"], &["cli/"], "the command line belongs to the cli"),
    (&["ureq"], &["cli/"], "HTTP requests belong to the commands"),
    (
        &["std::net", "std::fs", "std::process", "std::thread", "std::env"],
        &["profile/", "link/", "serve/", "tui/", "cli/", "main.rs"],
        "the core does no I/O",
    ),
    (
        &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"],
        &["base/time.rs"],
        "everything else gets a Time from its caller",
    ),
    (&["todo!", "unimplemented!", "dbg!"], &[], "nothing unfinished is kept"),
    (&["allow(dead_code)", "allow(unused)"], &[], "dead code is removed"),
];

/// The most lines of one file, its tests not counted.
const MAX_LINES: usize = 700;

/// One breach of a rule.
fn breach(file: &File, line: usize, rule: &str) -> String {
    format!("src/{}:{line}: {rule}", file.path)
}

fn layering(file: &File) -> Vec<String> {
    let Some(own) = file.folder() else { return Vec::new() };
    let level = |folder: &str| LAYERS.iter().find(|(name, _)| *name == folder).map(|(_, level)| *level);
    let Some(own_level) = level(own) else {
        return vec![breach(file, 1, &format!("the folder {own}/ has no layer"))];
    };
    let mut found = Vec::new();
    for (line, target) in file.crate_paths() {
        match level(&target) {
            Some(other) if target == own || other < own_level => {}
            Some(_) => found.push(breach(file, line, &format!("{own} must not import from {target}"))),
            None => {}
        }
    }
    found
}

fn confinement(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    for (names, places, why) in CONFINED {
        if places.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        for name in *names {
            // A crate is named by a path that begins with it; everything else stands as it is written.
            let needle = if name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                format!("{name}::")
            } else {
                (*name).to_owned()
            };
            for line in words(&file.code, &needle) {
                let allowed = if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") };
                found.push(breach(file, line, &format!("{name} stands outside of {allowed}: {why}")));
            }
        }
    }
    found
}

fn dialect_names(file: &File, dialects: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for dialect in dialects {
        if file.path.starts_with(&format!("dialect/{dialect}/")) {
            continue;
        }
        let mut listing = false;
        for (line, text) in file.code_and_strings() {
            // The registry begins with its type and ends with its last bracket, on one line or on several.
            listing |= text.contains("&dyn Dialect] =");
            let registry = file.path == "dialect/mod.rs" && (text.contains("pub mod ") || listing);
            listing &= !text.trim_end().ends_with("];");
            // Help shows commands as they are typed, and these name a platform.
            let example = file.path.starts_with("cli/") && text.contains("iotdbg ");
            if !registry && !example && text.to_lowercase().contains(dialect.as_str()) {
                found.push(breach(
                    file,
                    line,
                    &format!("only dialect/{dialect}/ and its registry line name {dialect}"),
                ));
            }
        }
    }
    found
}

fn form(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    if !file.text.starts_with("//!") {
        found.push(breach(file, 1, "a file begins with a module doc that says what it is about"));
    }
    let lines = file.lines_without_tests();
    if lines > MAX_LINES {
        found.push(breach(file, MAX_LINES, &format!("{lines} lines without tests, more than {MAX_LINES}: split it")));
    }
    found
}

/// Every breach in a set of files.
fn breaches(files: &[File], dialects: &[String]) -> Vec<String> {
    let kept = |file: &&File| !file.is_test;
    files
        .iter()
        .filter(kept)
        .flat_map(|file| [layering(file), confinement(file), dialect_names(file, dialects)].concat())
        .chain(files.iter().flat_map(form))
        .collect()
}

#[test]
fn the_source_keeps_its_rules() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = source::read_all(&src);
    assert!(files.len() > 50, "only {} files were read", files.len());
    // A folder in `dialect/` is a dialect if the registry names it; the others hold what dialects have in common.
    let registry = std::fs::read_to_string(src.join("dialect/mod.rs")).unwrap();
    let mut dialects = source::folders(&src.join("dialect"));
    dialects.retain(|folder| registry.contains(&format!("&{folder}::")));
    assert!(!dialects.is_empty());
    let found = breaches(&files, &dialects);
    let mut report = String::new();
    for line in &found {
        writeln!(report, "{line}").unwrap();
    }
    assert!(found.is_empty(), "\n{report}");
}

#[test]
fn every_folder_says_what_it_is_about() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, _) in LAYERS {
        let text = std::fs::read_to_string(src.join(folder).join("mod.rs")).unwrap();
        let doc: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        assert!(doc.concat().len() > 20, "src/{folder}/mod.rs says too little about its folder");
    }
}

/// A rule that cannot fail is no rule: each one meets a file that breaks it.
#[test]
fn every_rule_bites() {
    let dialects = ["acme".to_owned()];
    let told =
        |path: &str, text: &str| breaches(&[File::new(path, &format!("//! Doc.\n{text}"))], &dialects).join("\n");
    for (path, text, rule) in [
        ("store/a.rs", "use crate::session::Session;", "src/store/a.rs:2: store must not import from session"),
        ("base/a.rs", "fn f() {\n    crate::model::kind();\n}", "src/base/a.rs:3: base must not import from model"),
        ("model/a.rs", "use crate::{\n    base::time,\n    tui::run,\n};", "model must not import from tui"),
        ("link/a.rs", "println!(\"{}\", crate::app::name());", "link must not import from app"),
        ("link/b/c.rs", "use super::super::super::app::App;", "link must not import from app"),
        ("odd/a.rs", "", "the folder odd/ has no layer"),
        ("session/a.rs", "use tokio::time;", "tokio stands outside of link/"),
        ("app/a.rs", "fn f(c: ratatui::Frame) {}", "ratatui stands outside of tui/"),
        ("app/a.rs", "let text = std::fs::read(path);", "the core does no I/O"),
        ("link/a.rs", "let now = std::time::Instant::now();", "Instant::now stands outside of base/time.rs"),
        ("sim/a.rs", "todo!()", "nothing unfinished is kept"),
        ("sim/a.rs", "#[allow(dead_code)]", "dead code is removed"),
        ("app/a.rs", "if name == \"acme\" {}", "only dialect/acme/ and its registry line name acme"),
        ("dialect/other/a.rs", "use crate::dialect::acme::X;", "only dialect/acme/ and its registry line name acme"),
        ("store/a.rs", &"\n".repeat(MAX_LINES), "lines without tests"),
    ] {
        let found = told(path, text);
        assert!(found.contains(rule), "“{text}” in {path} gave “{found}”");
    }
    assert!(breaches(&[File::new("store/a.rs", "fn f() {}")], &dialects)[0].contains("module doc"));
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    let dialects = ["acme".to_owned()];
    let told = |path: &str, text: &str| breaches(&[File::new(path, &format!("//! Doc.\n{text}"))], &dialects);
    for (path, text) in [
        ("session/a.rs", "use crate::base::time;\nuse crate::session::port;\nuse super::thing;"),
        ("store/a.rs", "// use crate::session::Session; tokio::time, todo!()"),
        ("store/a.rs", "let text = \"crate::session, std::fs, dbg!\";"),
        (
            "store/a.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::session::Session;\n    fn f() { std::fs::read(\"acme\"); }\n}",
        ),
        ("store/tests.rs", "use crate::session::Session;"),
        ("base/time.rs", "let now = Instant::now();"),
        ("dialect/mod.rs", "pub mod acme;\npub static REGISTRY: &[&dyn Dialect] = &[&acme::Acme];"),
        ("dialect/mod.rs", "pub mod acme;\npub static REGISTRY: &[&dyn Dialect] =\n    &[&acme::Acme];"),
        ("dialect/acme/mod.rs", "const NAME: &str = \"acme\";"),
        ("cli/args.rs", "const EXAMPLE: &str = \"iotdbg sign acme device\";"),
        ("app/a.rs", "/// As acme does it.\nfn f<'a>(x: &'a str) -> char { '\"' }\n"),
    ] {
        assert_eq!(told(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
