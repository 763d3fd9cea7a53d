//! The test harness itself: if it lied, every other black-box test could pass for nothing.

mod support;

use std::process::Command;

use support::process::Process;
use support::terminal::Setup;

#[test]
fn a_program_in_the_terminal_is_seen_and_hears_keys() {
    let mut terminal = Setup::program("cat", &[]).start();
    terminal.type_text("灯 lamp");
    terminal.wait_for("灯 lamp");
    terminal.keys(&["enter", "ctrl-d"]);
    assert!(terminal.wait().success());
    terminal.assert_given_back();
}

#[test]
fn a_terminal_left_in_disorder_is_noticed() {
    for disorder in [
        r"\033[?1049h",
        r"\033[?25l",
        r"\033[?2004h",
        r"\033[?1002;1006h",
        // Reports of the focus, which the parser does not know.
        r"\033[?1004h",
    ] {
        let mut terminal = Setup::program("printf", &[disorder]).start();
        terminal.wait();
        let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| terminal.assert_given_back()));
        assert!(verdict.is_err(), "{disorder} was left on and nobody noticed");
    }
    let mut terminal = Setup::program("stty", &["-echo", "-icanon"]).start();
    terminal.wait();
    let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| terminal.assert_given_back()));
    assert!(verdict.is_err(), "raw mode was left on and nobody noticed");
    let mut terminal = Setup::program("printf", &[r"\033[?1049h\033[?25l\033[?25h\033[?1049l"]).start();
    terminal.wait();
    terminal.assert_given_back();
}

#[test]
fn the_size_reaches_the_program() {
    let mut terminal = Setup::program("stty", &["size"]).size(132, 43).start();
    terminal.wait();
    assert_eq!(terminal.screen().trim(), "43 132");
}

#[test]
fn lines_of_a_process_are_found_in_order() {
    let mut process = Process::start(Command::new("printf").arg("one\n{\"n\":2}\nthree\n"));
    assert_eq!(process.next_json("a number", |value| value.get("n").is_some())["n"], 2);
    assert_eq!(process.next_line("the last line", |line| line.starts_with('t')), "three");
    assert!(process.wait().success());
}
