//! Captures as files: written beside the stream, read as if they were a stream.
//!
//! Both work on threads of their own, because files block. A recorder has its own mailbox with a bound of its own: a disk
//! that is too slow loses messages of the recording, counted, and never those of the screen.

mod file;
mod play;
mod record;
mod sink;
#[cfg(test)]
mod tests;

pub use file::CaptureFile;
pub use play::{Player, Playing, play};
pub use record::{RecordTo, Recorded, Recorder};
pub use sink::part_path;
