//! The person's own editor, for a file or for a text in hand.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use crate::base::lang::{Phrase, Text};

const NO_START: Text = Text::new("cannot start the editor “{}”: {}", "无法启动编辑器“{}”：{}");
const NO_READ: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
const FAILED: Text = Text::new("the editor “{}” ended with an error", "编辑器“{}”异常退出");
const NO_FILE: Text = Text::new("cannot write the file for the editor: {}", "无法写入供编辑的文件：{}");

/// Opens a file in `$VISUAL` or `$EDITOR` (`vi` where neither is set) and waits. The terminal must be given back before.
///
/// # Errors
///
/// Where the editor cannot be started, or says that it failed.
pub fn edit_file(path: &Path) -> Result<(), Phrase> {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    // `EDITOR="code --wait"` is common: words after the first are arguments.
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status =
        Command::new(program).args(words).arg(path).status().map_err(|fault| NO_START.with(&[&editor, &fault]))?;
    if status.success() { Ok(()) } else { Err(FAILED.with(&[&editor])) }
}

/// Reads a file that was edited.
///
/// # Errors
///
/// Where it cannot be read as text.
pub fn read(path: &Path) -> Result<String, Phrase> {
    std::fs::read_to_string(path).map_err(|fault| NO_READ.with(&[&path.display(), &fault]))
}

/// Lets a text be edited and returns what became of it.
///
/// # Errors
///
/// As [`edit_file`], and where the text cannot be written for or read from the editor.
pub fn edit_text(text: &str, suffix: &str) -> Result<String, Phrase> {
    let mut file = temporary(suffix).map_err(|fault| NO_FILE.with(&[&fault]))?;
    file.write(text).map_err(|fault| NO_FILE.with(&[&fault]))?;
    edit_file(&file.path)?;
    read(&file.path)
}

/// A file of one's own that goes away with the value.
struct Temporary {
    path: std::path::PathBuf,
}

impl Temporary {
    fn write(&mut self, text: &str) -> io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)?.write_all(text.as_bytes())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // The editor may have moved it; there is nothing left to do then.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn temporary(suffix: &str) -> io::Result<Temporary> {
    let folder = std::env::temp_dir();
    (0..1_000)
        .map(|number| folder.join(format!("iotdbg-edit-{}-{number}{suffix}", std::process::id())))
        .find(|path| !path.exists())
        .map(|path| Temporary { path })
        .ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))
}
