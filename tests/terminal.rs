//! The real binary in a pseudo-terminal, against its own demo: what a person does with keys, and what they see.

mod support;

use support::terminal::{Setup, Terminal};

/// The demo at a comfortable size, with both sides online.
fn demo(args: &[&str]) -> Terminal {
    let args: Vec<&str> = ["demo", "--dialect", "onenet"].iter().chain(args).copied().collect();
    let terminal = Setup::iotdbg(&args).size(160, 40).start();
    terminal.wait_until("both sides online", |screen| screen.matches("online").count() >= 2);
    terminal
}

/// Quits as a person does. The demo has nothing to lose, so it does not ask.
fn quit(terminal: &mut Terminal) {
    terminal.keys(&["q"]);
    assert!(terminal.wait().success());
    terminal.assert_given_back();
}

#[test]
fn the_demo_opens_talks_and_is_left_in_good_order() {
    let mut terminal = demo(&[]);
    terminal.keys(&["2"]);
    for words in ["Topics", "property", "report reply", "desired get", "2 Stream", "following"] {
        terminal.wait_for(words);
    }
    quit(&mut terminal);
}

#[test]
fn the_terminal_is_given_back_after_a_signal() {
    for signal in ["TERM", "HUP", "INT"] {
        let mut terminal = demo(&[]);
        terminal.signal(signal);
        terminal.wait();
        terminal.assert_given_back();
    }
}

#[test]
#[cfg(debug_assertions)]
fn the_terminal_is_given_back_after_an_error_and_after_a_panic() {
    for (end, words) in [
        ("error", "the error that was asked for"),
        ("panic", "the panic that was asked for"),
        ("panic elsewhere", "the panic that was asked for"),
    ] {
        let mut terminal =
            Setup::iotdbg(&["demo", "--dialect", "onenet"]).size(160, 40).env("IOTDBG_SABOTAGE", end).start();
        terminal.wait_for("online");
        terminal.keys(&["f12"]);
        let status = terminal.wait();
        assert!(!status.success(), "{end}: {status:?}");
        terminal.assert_given_back();
        assert!(terminal.screen().contains(words), "{end}: its words are lost:\n{}", terminal.screen());
    }
}

#[test]
fn a_window_of_any_size_is_no_reason_to_panic() {
    let mut terminal = demo(&[]);
    for (columns, rows) in [(1, 1), (2, 40), (160, 2), (43, 9), (44, 10), (60, 12), (80, 24), (300, 100), (20, 5)] {
        terminal.resize(columns, rows);
        for tab in ["1", "2", "3", "4", "5", "6", "7"] {
            terminal.keys(&[tab]);
            let frames = terminal.frames();
            terminal.keys(&["tab", "down"]);
            terminal.wait_until("a further frame", |_| terminal.frames() > frames);
        }
        assert!(terminal.is_running(), "ended at {columns}×{rows}:\n{}", terminal.screen());
    }
    terminal.resize(160, 40);
    terminal.wait_for("lost 0");
    quit(&mut terminal);
}

#[test]
fn eighty_by_twenty_four_is_enough() {
    let mut terminal = Setup::iotdbg(&["demo", "--dialect", "onenet"]).size(80, 24).start();
    terminal.keys(&["2"]);
    terminal.wait_for("report");
    for (tab, words) in [
        ("1", "onenet-app"),
        ("3", "Compose"),
        ("4", "Frames"),
        ("5", "Sign"),
        ("6", "Device"),
        ("7", "Events"),
        ("2", "report"),
    ] {
        terminal.keys(&[tab]);
        terminal.wait_for(words);
    }
    quit(&mut terminal);
}

#[test]
fn a_filter_hides_what_does_not_fit_and_says_how_much() {
    let mut terminal = demo(&[]);
    terminal.keys(&["2"]);
    terminal.wait_for("report reply");
    terminal.wait_for("desired get");
    terminal.keys(&["/"]);
    terminal.type_text("Desired");
    terminal.keys(&["enter"]);
    terminal.wait_until("only what fits", |screen| screen.contains("desired get") && !screen.contains("report reply"));
    // The question and its answer.
    terminal.wait_until("how much of how much", |screen| screen.contains("2 of "));
    terminal.keys(&["/"]);
    terminal.type_text(" nothing-like-this");
    terminal.keys(&["enter"]);
    terminal.wait_until("an empty list that says why", |screen| screen.contains("0 of "));
    quit(&mut terminal);
}

#[test]
fn a_paused_list_stands_still_and_counts_what_is_new() {
    let mut terminal = demo(&[]);
    terminal.keys(&["2"]);
    terminal.wait_for("report");
    terminal.keys(&["space"]);
    terminal.wait_for("paused");
    // The simulated device reports every few seconds.
    terminal.wait_until("new messages", |screen| screen.contains("paused") && !screen.contains("paused · 0 new"));
    terminal.keys(&["space"]);
    terminal.wait_gone("paused");
    quit(&mut terminal);
}

#[test]
fn a_message_is_taken_apart() {
    let mut terminal = demo(&[]);
    terminal.keys(&["2", "/"]);
    terminal.type_text("property/post");
    terminal.keys(&["enter"]);
    terminal.wait_for("report");
    terminal.keys(&["g", "enter"]);
    terminal.wait_until("the fields of the report", |screen| screen.contains("params") && screen.contains("version"));
    quit(&mut terminal);
}

#[test]
fn a_set_ends_as_the_device_is_told_to_answer() {
    let mut terminal = demo(&[]);
    let row = |terminal: &Terminal, nth: usize, words: &[&str]| {
        terminal.wait_until(&format!("{words:?} in row {nth} of the ledger"), |screen| {
            let row = screen.lines().filter(|line| line.contains("Set properties  ")).nth(nth);
            row.is_some_and(|row| words.iter().all(|word| row.contains(word)))
        })
    };
    // The first rows of the form choose connection and operation; then come the properties.
    terminal.keys(&["3", "down", "down", "space"]);
    terminal.wait_for("$sys/demo/lamp/thing/property/set");
    terminal.keys(&["right", "s"]);
    // A quick machine answers in microseconds, a slow one in milliseconds: both end in "s".
    row(&terminal, 0, &["Power=", "s ✓ replied"]);

    terminal.keys(&["6", "m"]);
    terminal.wait_for("refuse with code");
    terminal.keys(&["3", "s"]);
    // The platform does not pass the device's code on: it has one of its own for this.
    row(&terminal, 0, &["✗ refused", "setPropertyFailed"]);
    row(&terminal, 1, &["✓ replied"]);

    terminal.keys(&["6", "m"]);
    terminal.wait_for("ignore");
    terminal.keys(&["3", "s"]);
    // The platform waits five seconds for a device before it tells the app so.
    row(&terminal, 0, &["✗ timed out"]);
    terminal.wait_for("306 timeout");
    terminal.keys(&["2"]);
    terminal.wait_for("set reply");
    quit(&mut terminal);
}

#[test]
fn a_pasted_login_is_checked_and_the_doctor_examines_a_connection() {
    let mut terminal = demo(&[]);
    terminal.keys(&["5"]);
    terminal.wait_for("calculate a login");
    // A bracketed paste, as terminals send it: the published example, with its time in the past.
    terminal.type_text(
        "\x1b[200~version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D\x1b[201~",
    );
    terminal.wait_for("the token expired on");
    // The simulated device is asked for first; its connection is given up for the doctor.
    terminal.keys(&["1", "x"]);
    terminal.wait_for("Go on?");
    terminal.keys(&["y"]);
    terminal.wait_for("CONNACK 0, accepted");
    terminal.wait_for("connected: nothing is wrong");
    quit(&mut terminal);
}

#[test]
fn rules_written_in_the_editor_are_followed_at_once_and_a_mistake_in_them_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    let editor = folder.path().join("editor.sh");
    std::fs::write(&editor, format!("#!/bin/sh\ncat {} > \"$1\"\n", rules.display())).unwrap();
    let told = "delay = \"3s\"\n[[report]]\nproperty = \"WF\"\nevery = \"1s\"\n\
                sine = { mean = 50, amplitude = 20, period = \"10s\" }\n[[answer]]\nwhen = \"value > 30\"\ndo = \"refuse\"\n";
    std::fs::write(&rules, told).unwrap();
    let editor = format!("sh {}", editor.display());
    let mut terminal =
        Setup::iotdbg(&["demo", "--dialect", "onenet"]).size(160, 40).env("EDITOR", &editor).env("VISUAL", "").start();
    terminal.wait_until("both sides online", |screen| screen.matches("online").count() >= 2);
    terminal.keys(&["6"]);
    terminal.wait_for("What it was told");
    terminal.keys(&["R"]);
    terminal.wait_for("2 from onenet-device.toml");
    terminal.wait_for("follows 2 rules");
    terminal.keys(&["3", "down", "down", "space"]);
    terminal.wait_for("$sys/demo/lamp/thing/property/set");
    terminal.keys(&["right", "s"]);
    terminal.wait_until("an answer after three seconds", |screen| {
        // A slow machine takes a little longer; the platform waits no longer than five.
        let slow = |line: &str| ["  3.", "  4.", " 3.", " 4."].iter().any(|time| line.contains(time));
        screen.lines().any(|line| line.contains("Set properties  ") && line.contains("✓ replied") && slow(line))
    });
    std::fs::write(&rules, told.replace("refuse", "refus")).unwrap();
    terminal.keys(&["6", "R"]);
    terminal.wait_for("did you mean “refuse”?");
    std::fs::write(&rules, told).unwrap();
    terminal.keys(&["R"]);
    terminal.wait_for("2 from onenet-device.toml");
    quit(&mut terminal);
}

#[test]
fn the_demo_speaks_chinese() {
    let mut terminal = Setup::iotdbg(&["demo", "--dialect", "onenet", "--lang", "zh-CN"]).size(160, 40).start();
    terminal.wait_until("both sides online", |screen| screen.matches("在线").count() >= 2);
    terminal.keys(&["2"]);
    terminal.wait_for("属性上报");
    terminal.wait_for("消息流");
    quit(&mut terminal);
}

#[test]
fn an_idle_screen_is_not_drawn_again() {
    let mut terminal = Setup::iotdbg(&[]).size(120, 30).start();
    terminal.wait_for("What would you like to begin with?");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let frames = terminal.frames();
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(terminal.frames() - frames <= 1, "{} frames in three idle seconds", terminal.frames() - frames);
    terminal.keys(&["q"]);
    assert!(terminal.wait().success());
    terminal.assert_given_back();
}
