//! Tells the program from which commit it was built. A development build says just that: asking for the commit would
//! build everything anew after each one.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=IOTDBG_COMMIT");
    println!("cargo:rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let given = std::env::var("IOTDBG_COMMIT").ok().filter(|commit| !commit.is_empty());
    let commit =
        given.or_else(|| if release { git(&["describe", "--always", "--dirty", "--abbrev=10"]) } else { None });
    if release && let Some(head) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={head}");
    }
    let shown = commit.unwrap_or_else(|| if release { "unknown commit" } else { "development build" }.to_owned());
    println!("cargo:rustc-env=IOTDBG_BUILD={shown}");
    println!("cargo:rustc-env=IOTDBG_TARGET={}", std::env::var("TARGET").unwrap_or_default());
}

fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
