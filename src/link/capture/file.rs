//! Captures read from files, batch by batch.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::lang::{Phrase, Text};
use crate::base::text::group_digits;
use crate::capture::Loader;
use crate::model::{Batch, Played};

/// How much is read at once.
const BUFFER: usize = 512 * 1024;
/// A longer line is no message: MQTT itself ends at 256 MiB, which hex doubles.
const LONGEST_LINE: u64 = 600 * 1024 * 1024;
/// What a compressed file begins with.
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

const UNREADABLE: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
const BAD_LINE: Text = Text::new("{}:{}: {}", "{}:{}: {}");
const AND_OTHERS: Text = Text::new("{}:{}: {} ({} lines could not be read)", "{}:{}: {}（共 {} 行无法读取）");
const ENDS_EARLY: Text =
    Text::new("{}: the compressed data ends early: the recording was cut off", "{}：压缩数据不完整，录制被中断");

/// Counts what is read, before it is decompressed.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(read)
    }
}

/// One or several files, read one after the other.
pub struct CaptureFile {
    paths: std::vec::IntoIter<PathBuf>,
    path: PathBuf,
    reader: Option<Box<dyn BufRead + Send>>,
    loader: Loader,
    count: Arc<AtomicU64>,
    size: u64,
    line: Vec<u8>,
    number: u64,
    lines: u64,
    faults: u64,
    first_fault: Option<(PathBuf, u64, Phrase)>,
}

impl CaptureFile {
    /// Opens the files; `-` is standard input.
    ///
    /// # Errors
    ///
    /// Where one of them cannot be opened.
    pub fn open(paths: &[PathBuf], loader: Loader) -> Result<CaptureFile, Phrase> {
        let mut size = 0_u64;
        for path in paths.iter().filter(|path| path.as_os_str() != "-") {
            let found = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
            size = size.saturating_add(found.len());
        }
        let mut file = CaptureFile {
            paths: Vec::from(paths).into_iter(),
            path: PathBuf::new(),
            reader: None,
            loader,
            count: Arc::default(),
            size,
            line: Vec::new(),
            number: 0,
            lines: 0,
            faults: 0,
            first_fault: None,
        };
        file.next_file()?;
        Ok(file)
    }

    fn next_file(&mut self) -> Result<(), Phrase> {
        self.reader = None;
        let Some(path) = self.paths.next() else { return Ok(()) };
        let source: Box<dyn Read + Send> = if path.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&path).map_err(|error| unreadable(&path, &error))?)
        };
        let mut reader = BufReader::with_capacity(BUFFER, Counted { inner: source, count: Arc::clone(&self.count) });
        let head = reader.fill_buf().map_err(|error| unreadable(&path, &error))?;
        self.reader = Some(if head.starts_with(ZSTD) {
            let decoder = zstd::Decoder::with_buffer(reader).map_err(|error| unreadable(&path, &error))?;
            Box::new(BufReader::with_capacity(BUFFER, decoder))
        } else {
            Box::new(reader)
        });
        self.path = path;
        self.number = 0;
        Ok(())
    }

    /// Reads one line into the batch; `false` at the end of the last file.
    pub fn read_line(&mut self, batch: &mut Batch) -> bool {
        let Some(reader) = &mut self.reader else { return false };
        self.line.clear();
        match reader.take(LONGEST_LINE).read_until(b'\n', &mut self.line) {
            Ok(0) => {
                let rest = self.loader.finish(batch);
                if let Err(reason) = rest {
                    self.fault(reason);
                }
                if let Err(reason) = self.next_file() {
                    self.fault(reason);
                }
                self.reader.is_some()
            }
            Ok(_) => {
                self.number += 1;
                self.lines = self.lines.saturating_add(u64::try_from(self.line.len()).unwrap_or(u64::MAX));
                let whole = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
                if let Err(reason) = self.loader.line(whole, batch) {
                    self.fault(reason);
                }
                true
            }
            Err(error) => {
                let path = self.path.display();
                let reason = match error.kind() {
                    io::ErrorKind::UnexpectedEof => ENDS_EARLY.with(&[&path]),
                    _ => unreadable(&self.path, &error),
                };
                // What a killed recorder leaves may end within a line.
                if !self.line.is_empty() {
                    let _ = self.loader.line(&self.line, batch);
                }
                let _ = self.loader.finish(batch);
                self.fault(reason);
                if let Err(reason) = self.next_file() {
                    self.fault(reason);
                }
                self.reader.is_some()
            }
        }
    }

    fn fault(&mut self, reason: Phrase) {
        self.faults += 1;
        let (path, number) = (self.path.clone(), self.number);
        self.first_fault.get_or_insert((path, number, reason));
    }

    /// How far it was read, and what was wrong.
    pub fn played(&self, ended: bool) -> Played {
        Played {
            read: self.count.load(Ordering::Relaxed),
            size: self.size,
            lines: self.lines,
            messages: self.loader.messages(),
            ended,
            fault: self.fault_words(),
        }
    }

    /// What was wrong with its lines, if anything: the first of them, and how many.
    pub fn fault_words(&self) -> Option<Phrase> {
        let (path, number, reason) = self.first_fault.clone()?;
        let place = [path.display().to_string(), number.to_string()].map(Phrase::verbatim);
        let words = place.into_iter().chain([reason]);
        Some(match self.faults {
            1 => BAD_LINE.around(words),
            faults => AND_OTHERS.around(words.chain([Phrase::verbatim(group_digits(faults))])),
        })
    }

    /// Messages so far.
    pub fn messages(&self) -> u64 {
        self.loader.messages()
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Phrase {
    UNREADABLE.with(&[&path.display(), error])
}
