//! A capture as a stream: its messages go through the same mailbox as those of a link, at once or in their own time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use super::file::CaptureFile;
use crate::base::time::{self, Time};
use crate::model::{Batch, ConnectionId, Notice};

/// A batch of this weight is handed over.
const FULL: usize = 1024 * 1024;
/// A batch is handed over after this time, however small it is.
const SOON: Duration = Duration::from_millis(10);
/// The first batches are small, so that something is seen at once.
const FIRST: usize = 64 * 1024;
/// How often a wait looks whether it is still wanted.
const NAP: Duration = Duration::from_millis(50);

/// What is played.
pub struct Player {
    /// The file.
    pub file: CaptureFile,
    /// The number that notices of the capture have.
    pub id: ConnectionId,
    /// How much faster than it was recorded; at once where `None`.
    pub speed: Option<f64>,
}

/// A capture that is being played. Dropping it ends the playing.
pub struct Playing(Arc<AtomicBool>);

impl Drop for Playing {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Plays a capture on a thread of its own, into the mailbox.
pub fn play(player: Player, mailbox: mpsc::Sender<Batch>) -> Playing {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    // A thread that cannot be had leaves the mailbox alone: the capture then shows nothing, and its progress stands.
    let _ = std::thread::Builder::new().name("player".to_owned()).spawn(move || {
        let Player { mut file, id, speed } = player;
        let mut run = Run { id, mailbox, stopped, batch: Batch::new(id), sent_at: time::now(), sent: 0 };
        match speed {
            None => run.at_once(&mut file),
            Some(speed) => run.in_time(&mut file, speed),
        };
    });
    Playing(stop)
}

struct Run {
    id: ConnectionId,
    mailbox: mpsc::Sender<Batch>,
    stopped: Arc<AtomicBool>,
    batch: Batch,
    sent_at: Time,
    sent: usize,
}

impl Run {
    /// Hands the batch over; `None` where nobody wants it any more.
    fn send(&mut self, file: &CaptureFile, ended: bool) -> Option<()> {
        let mut batch = std::mem::replace(&mut self.batch, Batch::new(self.id));
        batch.notice(Notice::Played(file.played(ended)));
        if self.stopped.load(Ordering::Relaxed) || self.mailbox.blocking_send(batch).is_err() {
            return None;
        }
        self.sent += 1;
        self.sent_at = time::now();
        Some(())
    }

    fn at_once(&mut self, file: &mut CaptureFile) -> Option<()> {
        while file.read_line(&mut self.batch) {
            let full = if self.sent < 8 { FIRST } else { FULL };
            if self.batch.weight() >= full {
                self.send(file, false)?;
            }
        }
        self.send(file, true)
    }

    fn in_time(&mut self, file: &mut CaptureFile, speed: f64) -> Option<()> {
        let mut begin: Option<(Time, Time)> = None;
        let mut next = Batch::new(self.id);
        while file.read_line(&mut next) {
            let at = next.messages().next().map(|message| message.at);
            if let Some(at) = at {
                let (first, started) = *begin.get_or_insert((at, time::now()));
                let due = started + Duration::from_secs_f64((at.since(first).as_secs_f64() / speed).min(1e9));
                if due > time::now() && !self.batch.is_empty() {
                    self.send(file, false)?;
                }
                while due > time::now() {
                    std::thread::sleep(due.since(time::now()).min(NAP));
                    if self.stopped.load(Ordering::Relaxed) || self.mailbox.is_closed() {
                        return None;
                    }
                }
            }
            self.append(&next);
            next = Batch::new(self.id);
            if self.batch.weight() >= FULL || time::now().since(self.sent_at) >= SOON {
                self.send(file, false)?;
            }
        }
        self.append(&next);
        self.send(file, true)
    }

    fn append(&mut self, next: &Batch) {
        for notice in next.notices() {
            self.batch.notice(notice.clone());
        }
        for message in next.messages() {
            self.batch.push_message(&message);
        }
    }
}
