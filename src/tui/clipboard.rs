//! Copying, wherever iotdbg runs: to the desktop, through the terminal (OSC 52, over SSH and in tmux), or into a file.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine;

/// Where a copy went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// To the clipboard of the desktop.
    Desktop,
    /// Handed to the terminal; whether it took it cannot be known.
    Terminal,
    /// Into this file.
    File(PathBuf),
}

/// The longest text that is handed to a terminal, in bytes: many cut what is longer.
const TERMINAL_LIMIT: usize = 74_000;

/// The clipboard. On X11 and Wayland the owner of a copy must stay alive, so this lives as long as the screen.
#[derive(Default)]
pub struct Clipboard {
    desktop: Option<arboard::Clipboard>,
}

impl Clipboard {
    /// Copies a text.
    ///
    /// # Errors
    ///
    /// Where not even a file could be written.
    pub fn copy(&mut self, text: &str) -> io::Result<Copied> {
        if self.on_desktop(text) {
            return Ok(Copied::Desktop);
        }
        let through = Through::of_environment(&|name| std::env::var(name).ok());
        if text.len() <= TERMINAL_LIMIT && through != Through::Deaf {
            if through == Through::Tmux && tmux_takes(text) {
                return Ok(Copied::Terminal);
            }
            let mut out = io::stdout();
            out.write_all(&sequence(text, through))?;
            out.flush()?;
            return Ok(Copied::Terminal);
        }
        to_file(text).map(Copied::File)
    }

    /// Only where a display is named: asking for one that is not there takes long, and over SSH it is the wrong one.
    fn on_desktop(&mut self, text: &str) -> bool {
        let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if named("SSH_CONNECTION") || !(named("DISPLAY") || named("WAYLAND_DISPLAY") || cfg!(not(target_os = "linux")))
        {
            return false;
        }
        if self.desktop.is_none() {
            self.desktop = arboard::Clipboard::new().ok();
        }
        self.desktop.as_mut().is_some_and(|desktop| desktop.set_text(text).is_ok())
    }
}

/// What stands between iotdbg and the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Through {
    Nothing,
    Tmux,
    Screen,
    /// Nothing, and the terminal has no clipboard: the console of Linux, and the old ones.
    Deaf,
}

/// Terminals without a clipboard, by their `TERM`.
const DEAF: [&str; 5] = ["linux", "dumb", "vt100", "vt102", "vt220"];

impl Through {
    fn of_environment(var: &dyn Fn(&str) -> Option<String>) -> Through {
        let named = |name: &str| var(name).is_some_and(|value| !value.is_empty());
        if named("TMUX") {
            Through::Tmux
        } else if named("STY") {
            Through::Screen
        } else if var("TERM").is_some_and(|term| DEAF.contains(&term.as_str())) {
            Through::Deaf
        } else {
            Through::Nothing
        }
    }
}

/// The longest piece that `screen` passes on.
const SCREEN_PIECE: usize = 500;

/// OSC 52, wrapped so that what stands between passes it on.
///
/// 1. tmux takes the plain sequence where `set-clipboard` is `on`, and the wrapped one where `allow-passthrough` is.
/// 2. `screen` passes on what stands in device control strings, in pieces.
fn sequence(text: &str, through: Through) -> Vec<u8> {
    let plain = format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text));
    match through {
        Through::Nothing | Through::Deaf => plain.into_bytes(),
        Through::Tmux => format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes(),
        Through::Screen => {
            let mut out = Vec::new();
            for piece in plain.as_bytes().chunks(SCREEN_PIECE) {
                out.extend_from_slice(b"\x1bP");
                out.extend_from_slice(piece);
                out.extend_from_slice(b"\x1b\\");
            }
            out
        }
    }
}

/// Gives the text to tmux itself, which hands it on to the terminal whatever its options say (tmux 3.2 and newer).
fn tmux_takes(text: &str) -> bool {
    let mut tmux = Command::new("tmux");
    tmux.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = tmux.spawn() else { return false };
    // Dropped behind the block, so that tmux sees the end.
    let written = child.stdin.take().is_some_and(|mut stdin| stdin.write_all(text.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

fn to_file(text: &str) -> io::Result<PathBuf> {
    let mut builder = std::fs::OpenOptions::new();
    builder.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut builder, 0o600);
    let folder = std::env::temp_dir();
    for number in 0..1_000 {
        let path = folder.join(format!("iotdbg-copy-{}-{number}.txt", std::process::id()));
        match builder.open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {}
            Err(fault) => return Err(fault),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_wrapped_for_what_stands_between() {
        let var = |named: &'static str| move |name: &str| (name == named).then(|| "x".to_owned());
        assert_eq!(Through::of_environment(&var("TMUX")), Through::Tmux);
        assert_eq!(Through::of_environment(&var("STY")), Through::Screen);
        assert_eq!(Through::of_environment(&var("DISPLAY")), Through::Nothing);
        let term = |term: &'static str| move |name: &str| (name == "TERM").then(|| term.to_owned());
        assert_eq!(Through::of_environment(&term("linux")), Through::Deaf);
        assert_eq!(Through::of_environment(&term("xterm-256color")), Through::Nothing);
        assert_eq!(sequence("hi", Through::Nothing), b"\x1b]52;c;aGk=\x07");
        let tmux = String::from_utf8(sequence("hi", Through::Tmux)).unwrap();
        assert!(tmux.ends_with("\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"), "{tmux:?}");
        let screen = sequence(&"x".repeat(2_000), Through::Screen);
        let pieces: Vec<&[u8]> = screen.split(|byte| *byte == 0x1b).filter(|piece| piece.starts_with(b"P")).collect();
        assert!(pieces.len() > 4 && pieces.iter().all(|piece| piece.len() <= SCREEN_PIECE + 1));
    }
}
