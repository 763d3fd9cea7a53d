//! Writes what flows into a capture.
//!
//! 1. [`Recorder::take`] copies the messages of a batch into the mailbox and returns at once. The mailbox is bounded by
//!    bytes; what does not fit is counted.
//! 2. Lines are given to the system each second at least, so that a killed process loses no more than that.
//! 3. A file that has reached its size is followed by the next part; each part says again whose messages it holds.
//! 4. A file that cannot be written ends the recording, and the reason is told.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::sink::{Sink, part_path};
use crate::base::lang::{Phrase, Text};
use crate::base::time::{self, Time};
use crate::capture::Writer;
use crate::dialect;
use crate::model::{Batch, ConnectionId, Origin};
use crate::store::{ConnectionName, Filter, Names};

/// Bytes of messages that may wait for the file.
const MAILBOX: usize = 16 * 1024 * 1024;
/// The longest time that a line waits for the system.
const FLUSH: Duration = Duration::from_secs(1);
/// Bytes of lines that are gathered before they are written.
const CHUNK: usize = 128 * 1024;

const NOT_WRITTEN: Text = Text::new("{} cannot be written: {}", "无法写入 {}：{}");
const EXISTS: Text = Text::new(
    "there is something in it already; name another file, or say that it is to be written on",
    "文件已有内容，请换一个文件名，或指定追加",
);

/// How a recording is made.
#[derive(Debug, Clone, Default)]
pub struct RecordTo {
    /// The file; a name that ends in `.zst` is compressed.
    pub path: PathBuf,
    /// Whether an old file is written on.
    pub append: bool,
    /// Bytes of lines after which the next part begins.
    pub rotate: Option<u64>,
    /// Parts that are kept; the oldest is deleted first.
    pub keep: Option<u64>,
    /// Which messages are recorded: an expression as a person wrote it, checked already; all where it is empty.
    pub filter: String,
    /// Whether secrets in payloads are kept.
    pub with_secrets: bool,
}

/// What was recorded so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recorded {
    /// Messages in the file.
    pub messages: u64,
    /// Bytes of lines.
    pub bytes: u64,
    /// Messages that the mailbox had no room for.
    pub lost: u64,
    /// Parts begun.
    pub parts: u64,
    /// Why it ended before its time.
    pub fault: Option<Phrase>,
}

#[derive(Default)]
struct Shared {
    waiting: AtomicUsize,
    messages: AtomicU64,
    bytes: AtomicU64,
    lost: AtomicU64,
    parts: AtomicU64,
    failed: AtomicBool,
    fault: Mutex<Option<Phrase>>,
}

enum Job {
    Origin(ConnectionId, Box<Origin>),
    Batch(Batch),
}

/// A recording that goes on.
pub struct Recorder {
    jobs: Option<Sender<Job>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
}

impl Recorder {
    /// Opens the file and starts to write.
    ///
    /// # Errors
    ///
    /// Where the file cannot be opened, or holds something already.
    pub fn start(to: RecordTo) -> Result<Recorder, Phrase> {
        let sink = Sink::open(&to.path, to.append).map_err(|error| unwritable(&to.path, &error))?;
        let shared = Arc::new(Shared::default());
        shared.parts.store(1, Ordering::Relaxed);
        let (jobs, inbox) = channel();
        let path = to.path.clone();
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let mut work = Work {
                    writer: Writer::new(to.with_secrets),
                    // A prepared filter stays on its thread.
                    filter: Filter::parse(&to.filter).unwrap_or_default(),
                    sink: Some(sink),
                    shared: of_thread,
                    origins: Vec::new(),
                    names: HashMap::new(),
                    lines: Vec::new(),
                    seq: 0,
                    part: 1,
                    to,
                };
                work.run(&inbox);
            })
            .map_err(|error| unwritable(&path, &error))?;
        Ok(Recorder { jobs: Some(jobs), shared, thread: Some(thread), path })
    }

    /// The file.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Says whose messages have this number.
    pub fn origin(&self, connection: ConnectionId, origin: Origin) {
        if let Some(jobs) = &self.jobs {
            // A recording that failed takes nothing more; the fault says so.
            let _ = jobs.send(Job::Origin(connection, Box::new(origin)));
        }
    }

    /// Takes the messages of a batch.
    pub fn take(&self, batch: &Batch) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        if count == 0 {
            return;
        }
        let weight = batch.weight();
        let full = self.shared.waiting.load(Ordering::Relaxed).saturating_add(weight) > MAILBOX;
        let sent = match &self.jobs {
            Some(jobs) if !full && !self.shared.failed.load(Ordering::Relaxed) => {
                self.shared.waiting.fetch_add(weight, Ordering::Relaxed);
                jobs.send(Job::Batch(batch.copy_of_messages())).is_ok()
            }
            _ => false,
        };
        if !sent {
            self.shared.lost.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// What was recorded so far.
    pub fn recorded(&self) -> Recorded {
        let Shared { messages, bytes, lost, parts, fault, .. } = &*self.shared;
        Recorded {
            messages: messages.load(Ordering::Relaxed),
            bytes: bytes.load(Ordering::Relaxed),
            lost: lost.load(Ordering::Relaxed),
            parts: parts.load(Ordering::Relaxed),
            fault: fault.lock().ok().and_then(|fault| fault.clone()),
        }
    }

    /// Writes what waits, and ends.
    pub fn finish(mut self) -> Recorded {
        self.end();
        self.recorded()
    }

    fn end(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so; what it wrote is in the file.
            let _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Phrase {
    let reason = if error.kind() == std::io::ErrorKind::AlreadyExists {
        EXISTS.into()
    } else {
        Phrase::verbatim(error.to_string())
    };
    NOT_WRITTEN.around([Phrase::verbatim(path.display().to_string()), reason])
}

/// What the thread works with.
struct Work {
    to: RecordTo,
    writer: Writer,
    filter: Filter,
    sink: Option<Sink>,
    shared: Arc<Shared>,
    origins: Vec<(ConnectionId, Origin)>,
    names: HashMap<ConnectionId, String>,
    lines: Vec<u8>,
    seq: u64,
    part: u64,
}

impl Work {
    fn run(&mut self, inbox: &Receiver<Job>) {
        let mut flush_at: Option<Time> = None;
        loop {
            let now = time::now();
            let wait = flush_at.map_or(Duration::from_secs(3_600), |at| at.since(now));
            match inbox.recv_timeout(wait) {
                Ok(job) => {
                    self.job(job);
                    flush_at.get_or_insert(now + FLUSH);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if flush_at.is_some_and(|at| time::now() >= at) {
                self.flush();
                flush_at = None;
            }
        }
        self.write();
        if let Some(sink) = self.sink.take()
            && let Err(error) = sink.finish()
        {
            self.fail(&error);
        }
    }

    fn job(&mut self, job: Job) {
        match job {
            Job::Origin(connection, origin) => {
                self.names.insert(connection, origin.name.clone());
                self.writer.origin(&mut self.lines, time::now(), &origin);
                self.origins.retain(|(known, _)| *known != connection);
                self.origins.push((connection, *origin));
                let names = self.origins.iter().filter_map(|(id, origin)| {
                    let dialect = dialect::find(&origin.dialect)?.spec().name;
                    Some(ConnectionName { id: *id, name: origin.name.clone(), dialect, role: origin.role })
                });
                let names = Arc::new(Names::new(names.collect()));
                self.filter = std::mem::take(&mut self.filter).with_names(names);
            }
            Job::Batch(batch) => {
                self.batch(&batch);
                self.shared.waiting.fetch_sub(batch.weight(), Ordering::Relaxed);
            }
        }
    }

    fn batch(&mut self, batch: &Batch) {
        let all = self.filter.is_everything();
        let mut written = 0;
        for message in batch.messages() {
            if !all && !self.filter.admits(&message) {
                continue;
            }
            self.seq += 1;
            written += 1;
            let name = self.names.get(&message.connection).map(String::as_str).unwrap_or_default();
            self.writer.message(&mut self.lines, self.seq, name, &message);
            if self.lines.len() >= CHUNK {
                self.write();
            }
        }
        if self.sink.is_some() {
            self.shared.messages.fetch_add(written, Ordering::Relaxed);
        } else {
            self.shared.lost.fetch_add(written, Ordering::Relaxed);
        }
    }

    /// Gives the gathered lines to the file, and begins the next part where this one is full.
    fn write(&mut self) {
        let Some(sink) = &mut self.sink else { return self.lines.clear() };
        self.shared.bytes.fetch_add(u64::try_from(self.lines.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let result = sink.write(&self.lines);
        self.lines.clear();
        let full = self.to.rotate.is_some_and(|size| sink.lines >= size);
        if let Err(error) = result {
            return self.fail(&error);
        }
        if full && self.to.path.as_os_str() != "-" {
            self.next_part();
        }
    }

    fn next_part(&mut self) {
        if let Some(sink) = self.sink.take()
            && let Err(error) = sink.finish()
        {
            return self.fail(&error);
        }
        self.part += 1;
        match Sink::open(&part_path(&self.to.path, self.part), self.to.append) {
            Ok(sink) => self.sink = Some(sink),
            Err(error) => return self.fail(&error),
        }
        self.shared.parts.store(self.part, Ordering::Relaxed);
        if let Some(gone) = self.to.keep.and_then(|keep| self.part.checked_sub(keep.max(1))).filter(|gone| *gone > 0) {
            // A part that somebody took away meanwhile need not be deleted.
            let _ = std::fs::remove_file(part_path(&self.to.path, gone));
        }
        for (_, origin) in &self.origins {
            self.writer.origin(&mut self.lines, time::now(), origin);
        }
    }

    fn flush(&mut self) {
        self.write();
        if let Some(sink) = &mut self.sink
            && let Err(error) = sink.flush()
        {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &std::io::Error) {
        self.sink = None;
        self.shared.failed.store(true, Ordering::Relaxed);
        if let Ok(mut fault) = self.shared.fault.lock() {
            fault.get_or_insert(unwritable(&part_path(&self.to.path, self.part), error));
        }
    }
}
