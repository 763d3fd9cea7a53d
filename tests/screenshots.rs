//! Every screen as a picture, from the real binary in a pseudo-terminal over the demo: English and Chinese, light and
//! dark, as SVG and PNG; and the main job as an asciinema cast and a moving SVG.
//!
//! `cargo test --test screenshots -- --ignored` writes them into `screenshots/`. PNG needs the fonts of the Debian
//! packages `fonts-dejavu-core` and `fonts-noto-cjk`.

#[path = "screenshots/picture.rs"]
mod picture;
mod support;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use picture::{Fonts, Palette};
use support::terminal::{Setup, Terminal};

const SIZE: (u16, u16) = (128, 36);

/// A screen: its name, the keys that lead there from the one before, and how long it needs to fill.
type Scene = (&'static str, &'static [&'static str], u64);

/// A module's log as a person would paste it: two reports, and one whose length is wrong.
const FRAMES: &str = "\x1b[200~[08:00:01.120] RX 000000031200009104000821 01860001fb9f30f94f0100\r\
    [08:00:03.450] RX 000000031200009104030821 01860001fb9f30f94f0100\r\
    [08:00:05.900] RX 000000031300009104030821 01860001fb9f30f94f0100\x1b[201~";

/// In the order in which one process shows them. `tab:` opens a tab by its English or Chinese name.
const SCENES: &[Scene] = &[
    ("stream", &["tab:Stream", "ctrl-t", "esc", "esc"], 2_500),
    ("inspect", &["up", "up", "up", "enter"], 400),
    ("copy", &["y"], 300),
    ("filter", &["esc", "esc", "/", "kind:report"], 500),
    ("compose", &["esc", "esc", "tab:Compose", "j", "j", "j", "space", "s"], 900),
    ("palette", &[":", "dev"], 300),
    ("help", &["esc", "?"], 300),
    ("sign", &["esc", "tab:Sign", "j", "j", "j", "right"], 700),
    // A log frame of the platform, pasted as a person does.
    ("frames", &["esc", "tab:Frames", FRAMES], 700),
    ("device", &["esc", "tab:Device", "m"], 600),
    ("events", &["tab:Events"], 400),
    ("connections", &["tab:Connections", "j", "j"], 500),
    ("profile-form", &["n", "down", "right", "down", "right", "down"], 400),
];

fn start(args: &[&str], lang: &str, theme: &str) -> Terminal {
    let args: Vec<&str> = args.iter().copied().chain(["--lang", lang, "--theme", theme]).collect();
    Setup::iotdbg(&args).size(SIZE.0, SIZE.1).env("COLORTERM", "truecolor").start()
}

/// Presses keys; a tab is looked up by its number in the header, where the language shows it.
fn go(terminal: &mut Terminal, keys: &[&str], lang: &str) -> bool {
    for key in keys {
        let Some(name) = key.strip_prefix("tab:") else {
            terminal.keys(&[key]);
            std::thread::sleep(Duration::from_millis(60));
            continue;
        };
        let chinese = [
            ("Connections", "连接"),
            ("Stream", "消息流"),
            ("Compose", "下发"),
            ("Sign", "签名"),
            ("Frames", "帧"),
            ("Device", "设备"),
            ("Events", "事件"),
        ];
        let name =
            if lang == "en" { name } else { chinese.iter().find(|(en, _)| *en == name).map_or(name, |(_, zh)| zh) };
        let header = terminal.screen().lines().next().unwrap_or_default().to_owned();
        let Some(at) = header.find(&format!(" {name}")) else { return false };
        let number = header[..at].trim_end().chars().last().filter(char::is_ascii_digit);
        let Some(number) = number else { return false };
        terminal.keys(&[&number.to_string()]);
        std::thread::sleep(Duration::from_millis(80));
    }
    true
}

fn write(terminal: &Terminal, name: &str, folder: &Path, palette: &Palette, fonts: Option<&Fonts>) {
    terminal.inspect(|screen| {
        std::fs::write(folder.join(format!("{name}.svg")), picture::svg(screen, palette)).unwrap();
        if let Some(fonts) = fonts {
            picture::png(screen, palette, fonts, &folder.join(format!("{name}.png")));
        }
    });
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
#[ignore = "writes the pictures of the manual"]
fn every_screen_is_written_as_a_picture() {
    let fonts = Fonts::installed();
    for (lang, short) in [("en", "en"), ("zh-CN", "zh")] {
        for theme in ["dark", "light"] {
            let folder = folder().join(format!("{short}-{theme}"));
            std::fs::create_dir_all(&folder).unwrap();
            let palette = picture::palette(theme == "light");
            let terminal = start(&[], lang, theme);
            terminal.wait_for("OneNET");
            std::thread::sleep(Duration::from_millis(600));
            write(&terminal, "start", &folder, &palette, fonts.as_ref());
            drop(terminal);
            let mut terminal = start(&["demo", "--seed", "7"], lang, theme);
            terminal.wait_for("ctrl-t");
            for (name, keys, wait) in SCENES {
                if !go(&mut terminal, keys, lang) {
                    continue;
                }
                std::thread::sleep(Duration::from_millis(*wait));
                write(&terminal, name, &folder, &palette, fonts.as_ref());
            }
        }
    }
}

/// The main job: look at what flows, take a message apart, set a property and see the answer.
#[test]
#[ignore = "writes the pictures of the manual"]
fn the_main_job_is_written_as_a_moving_picture() {
    let begun = Instant::now();
    let mut terminal = start(&["demo", "--dialect", "onenet", "--seed", "7"], "en", "dark");
    terminal.wait_for("ctrl-t");
    let mut cast = format!(
        "{{\"version\": 2, \"width\": {}, \"height\": {}, \"title\": \"iotdbg demo\", \"env\": {{\"TERM\": \"xterm-256color\"}}}}\n",
        SIZE.0, SIZE.1
    );
    let mut seen = 0;
    let mut frames: Vec<(vt100::Screen, f64)> = Vec::new();
    let mut look = |terminal: &Terminal, seconds: f64| {
        std::thread::sleep(Duration::from_secs_f64(seconds.min(1.2)));
        let raw = terminal.raw();
        // An escape sequence or a character is never cut: what is read here ends with a frame.
        let text = String::from_utf8_lossy(&raw[seen..]).into_owned();
        seen = raw.len();
        let at = begun.elapsed().as_secs_f64();
        cast.push_str(&format!("[{at:.3}, \"o\", {}]\n", serde_json::to_string(&text).unwrap()));
        terminal.inspect(|screen| frames.push((screen.clone(), seconds)));
    };
    terminal.keys(&["esc", "2"]);
    look(&terminal, 1.5);
    look(&terminal, 1.5);
    for (keys, seconds) in [
        (&["up", "up"][..], 0.8),
        (&["enter"][..], 2.0),
        (&["v"][..], 1.2),
        (&["esc", "3"][..], 1.2),
        (&["j", "j", "j"][..], 0.6),
        (&["space"][..], 0.8),
        (&["s"][..], 2.4),
        (&["tab:Device", "m"][..], 1.6),
        (&["3", "s"][..], 2.4),
        (&["1"][..], 2.0),
    ] {
        go(&mut terminal, keys, "en");
        look(&terminal, seconds);
    }
    let folder = folder();
    std::fs::write(folder.join("demo.cast"), &cast).unwrap();
    std::fs::write(folder.join("demo.svg"), picture::moving(&frames, &picture::palette(false))).unwrap();
}
