//! `--trace FILE`: one line per control packet, without credentials and without payloads.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::base::text::printable;
use crate::base::time::Time;
use crate::model::{ConnectionId, Direction};

/// A trace file that several links may share.
#[derive(Debug, Clone)]
pub struct Trace(Arc<Mutex<File>>);

impl Trace {
    /// Opens the file, and appends to it if it is there.
    pub fn open(path: &Path) -> io::Result<Trace> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Trace(Arc::new(Mutex::new(file))))
    }

    /// Writes one line: Unix time in seconds, connection, direction, packet. A full disk must not end a connection:
    /// what cannot be written is left out.
    pub fn line(&self, at: Time, connection: ConnectionId, direction: Direction, packet: &dyn Display) {
        let text = packet.to_string();
        let arrow = match direction {
            Direction::In => '<',
            Direction::Out => '>',
        };
        let line = format!(
            "{}.{:06} #{} {arrow} {}\n",
            at.as_secs(),
            at.as_micros() % 1_000_000,
            connection.0,
            printable(&text)
        );
        if let Ok(mut file) = self.0.lock() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}
