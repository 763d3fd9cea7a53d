//! Where a recording goes: one file after the other, compressed where its name says so.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How much is gathered before the file is asked to take it.
const BUFFER: usize = 256 * 1024;
/// Compresses about as fast as lines are made, to a tenth of their size.
const LEVEL: i32 = 1;

/// A file that is written.
pub(super) struct Sink {
    out: Out,
    /// Bytes of lines that went into it, before compression.
    pub(super) lines: u64,
}

enum Out {
    Plain(BufWriter<File>),
    Zstd(zstd::Encoder<'static, BufWriter<File>>),
    Pipe(io::Stdout),
}

impl Sink {
    /// Opens a new file; an old one is only written on where that is wanted. `-` is standard output.
    pub(super) fn open(path: &Path, append: bool) -> io::Result<Sink> {
        if path.as_os_str() == "-" {
            return Ok(Sink { out: Out::Pipe(io::stdout()), lines: 0 });
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        if !append && file.metadata()?.len() > 0 {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = BufWriter::with_capacity(BUFFER, file);
        let compressed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zst"));
        let out = if compressed { Out::Zstd(zstd::Encoder::new(file, LEVEL)?) } else { Out::Plain(file) };
        Ok(Sink { out, lines: 0 })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(out) => out.write_all(bytes)?,
            Out::Zstd(out) => out.write_all(bytes)?,
            Out::Pipe(out) => out.write_all(bytes)?,
        }
        self.lines = self.lines.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Gives everything to the system: what was written until now outlives a killed process.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Plain(out) => out.flush(),
            Out::Zstd(out) => out.flush(),
            Out::Pipe(out) => out.flush(),
        }
    }

    pub(super) fn finish(self) -> io::Result<()> {
        match self.out {
            Out::Plain(mut out) => out.flush(),
            Out::Zstd(out) => out.finish()?.flush(),
            Out::Pipe(mut out) => out.flush(),
        }
    }
}

/// The file of a part, counted from 1: `lamp.jsonl`, `lamp.2.jsonl`, `lamp.3.jsonl`; `lamp.2.jsonl.zst`.
pub fn part_path(path: &Path, part: u64) -> PathBuf {
    if part <= 1 {
        return path.to_owned();
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem_end = name.find(".jsonl").or_else(|| name.find('.')).filter(|at| *at > 0).unwrap_or(name.len());
    let (stem, rest) = name.split_at_checked(stem_end).unwrap_or((&name, ""));
    path.with_file_name(format!("{stem}.{part}{rest}"))
}
