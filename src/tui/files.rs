//! Files that the application writes and reads beside its connections: a recording, captures, exports.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use crate::app::captures::Recorded;
use crate::app::{CaptureWanted, Effect, ExportPart, Msg, RecordWanted, RecordingNews};
use crate::base::lang::{Phrase, Text};
use crate::base::time;
use crate::capture::Loader;
use crate::link::capture::{self, CaptureFile, Player, Playing, RecordTo, Recorder};
use crate::model::{Batch, ConnectionId};

const NOT_WRITTEN: Text = Text::new("{} cannot be written: {}", "无法写入 {}：{}");

/// What is written and read.
pub struct Files {
    recorder: Option<Recorder>,
    playing: Vec<Playing>,
    export: Option<(PathBuf, BufWriter<File>)>,
    mailbox: mpsc::Sender<Batch>,
}

impl Files {
    /// Nothing yet. Captures go through the mailbox of the links.
    pub fn new(mailbox: mpsc::Sender<Batch>) -> Files {
        Files { recorder: None, playing: Vec::new(), export: None, mailbox }
    }

    /// Messages came.
    pub fn take(&self, batch: &Batch) {
        if let Some(recorder) = &self.recorder {
            recorder.take(batch);
        }
    }

    /// How the recording goes.
    pub fn news(&self) -> Option<Msg> {
        self.recorder.as_ref().map(|recorder| Msg::Recording(RecordingNews::Is(recorded(&recorder.recorded()))))
    }

    /// Carries out what concerns files; what came of it.
    pub fn carry_out(&mut self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Record(wanted) => Some(Msg::Recording(self.record(wanted))),
            Effect::RecordOrigin(id, origin) => {
                if let Some(recorder) = &self.recorder {
                    recorder.origin(id, *origin);
                }
                None
            }
            Effect::StopRecording => {
                let ended = self.recorder.take()?.finish();
                Some(Msg::Recording(RecordingNews::Ended(recorded(&ended))))
            }
            Effect::OpenCapture(wanted) => self.open(wanted).err().map(Msg::CaptureFailed),
            Effect::Export(part) => {
                let path = part.path.clone();
                let fault = self.export(part).err()?;
                self.export = None;
                let reason = NOT_WRITTEN.with(&[&path.display(), &fault]);
                Some(Msg::ExportFailed(path, reason))
            }
            _ => None,
        }
    }

    fn record(&mut self, wanted: RecordWanted) -> RecordingNews {
        let RecordWanted { path, filter, origins } = wanted;
        match Recorder::start(RecordTo { path: path.clone(), filter, ..RecordTo::default() }) {
            Ok(recorder) => {
                for (id, origin) in origins {
                    recorder.origin(id, origin);
                }
                self.recorder = Some(recorder);
                RecordingNews::Began(path)
            }
            Err(reason) => RecordingNews::Failed(reason),
        }
    }

    fn open(&mut self, wanted: CaptureWanted) -> Result<(), Phrase> {
        let CaptureWanted { paths, assumed, ids, speed } = wanted;
        let id = ConnectionId(ids.start);
        let file = CaptureFile::open(&paths, Loader::new(assumed, ids, time::now()))?;
        self.playing.push(capture::play(Player { file, id, speed }, self.mailbox.clone()));
        Ok(())
    }

    fn export(&mut self, part: ExportPart) -> io::Result<()> {
        if part.first {
            self.export = Some((part.path.clone(), BufWriter::new(new_file(&part.path)?)));
        }
        if let Some((_, file)) = self.export.as_mut().filter(|(path, _)| *path == part.path) {
            file.write_all(&part.bytes)?;
            if part.last {
                file.flush()?;
                self.export = None;
            }
        }
        Ok(())
    }

    /// Ends everything, the recording with all that came.
    pub fn finish(self) {
        drop(self.playing);
        if let Some(recorder) = self.recorder {
            recorder.finish();
        }
    }
}

/// A file that is not there yet: an old one is never written over.
fn new_file(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

fn recorded(from: &capture::Recorded) -> Recorded {
    let capture::Recorded { messages, bytes, lost, fault, .. } = from.clone();
    Recorded { messages, bytes, lost, fault }
}
