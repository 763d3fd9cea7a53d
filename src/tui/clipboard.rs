//! Copying, wherever iotdbg runs: to the desktop, through the terminal (OSC 52, over SSH and in tmux), or into a file.

use std::io::{self, Write};
use std::path::PathBuf;

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

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
        if text.len() <= TERMINAL_LIMIT {
            let mut out = io::stdout();
            execute!(out, CopyToClipboard::to_clipboard_from(text))?;
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
