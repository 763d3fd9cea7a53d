//! What the application wants done about the world. The loop carries it out.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::app::connections::KnownProfile;
use crate::app::inspect::decode::DecodeWanted;
use crate::base::lang::Phrase;
use crate::capture::Assumed;
use crate::dialect::Dialect;
use crate::model::{ConnectionId, Origin, RequestKey, ThingModel};
use crate::profile::collection::Content;
use crate::profile::import::Import;
use crate::profile::workspace::Workspace;
use crate::profile::{Profile, ProfileError};
use crate::session::{Command, SessionConfig};

/// Something to be done.
pub enum Effect {
    /// Resolve the secrets of the settings and open a connection under this number.
    Open {
        /// Its number.
        id: ConnectionId,
        /// Tells how to get at its secrets.
        profile: Box<Profile>,
        /// What it is made from; secrets still as the profile names them.
        config: Box<SessionConfig>,
    },
    /// Close a connection and forget it.
    Close(ConnectionId),
    /// Tell a connection's session.
    Command(ConnectionId, Command),
    /// Fetch the secrets of a profile, for a form.
    Fetch {
        /// Its place among the profiles.
        profile: usize,
        /// Tells how to get at its secrets.
        from: Box<Profile>,
    },
    /// Fetch the secrets of a profile and let the doctor examine its connection; one at a time.
    Examine {
        /// Its place among the profiles.
        profile: usize,
        /// Tells how to get at its secrets.
        from: Box<Profile>,
    },
    /// Fetch the thing model of a profile's product for a connection.
    FetchModel {
        /// The connection.
        id: ConnectionId,
        /// Tells how to get at its secrets.
        profile: Box<Profile>,
    },
    /// Break the checkup off.
    StopExamining,
    /// Follow the rules file of a simulated device: read it now, and again whenever it is saved.
    Rules(RulesWanted),
    /// Put text on the clipboard.
    Copy(String),
    /// Open `$EDITOR`, with the terminal given back meanwhile.
    Edit {
        /// What is edited.
        subject: EditSubject,
        /// The text to begin with; not used for a file.
        text: String,
    },
    /// Read the requests that are kept ([`crate::profile::collection`]).
    LoadRequests {
        /// The profile beside which they may lie too.
        beside: Option<PathBuf>,
    },
    /// Keep a request under a name.
    KeepRequest {
        /// The name.
        name: String,
        /// The request.
        content: Box<Content>,
    },
    /// Do something with the files of profiles and workspaces.
    Profiles(ProfileDeed),
    /// Write a file into the working directory.
    SaveFile {
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// Go into the background until the shell brings the program back.
    Pause,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Read what is kept about the stream.
    LoadStreamFile,
    /// Keep a filter under a name.
    KeepFilter {
        /// The name.
        name: String,
        /// The expression.
        expr: String,
    },
    /// Let a command decode a message, beside the loop.
    Decode(DecodeWanted),
    /// Show control packets among the messages, or show them no longer.
    ShowPackets(bool),
    /// Record what flows from now on.
    Record(RecordWanted),
    /// Tell the recording whose messages have this number.
    RecordOrigin(ConnectionId, Box<Origin>),
    /// End the recording.
    StopRecording,
    /// Open a capture as a stream.
    OpenCapture(CaptureWanted),
    /// Write a part of an export.
    Export(ExportPart),
    /// Read a file for the Frames tab.
    ReadFile {
        /// What it is for.
        wanted: FileFor,
        /// The file.
        path: PathBuf,
    },
    /// Let the console of a simulated cloud do something.
    Operate(OperateWanted),
    /// Leave.
    Quit,
}

/// What the console of a simulated cloud is to do.
#[derive(Debug, Clone)]
pub struct OperateWanted {
    /// The request's name for life.
    pub key: RequestKey,
    /// The control address.
    pub control: String,
    /// The request as the control address takes it.
    pub body: serde_json::Value,
}

/// Something to be done with the files of profiles and workspaces.
pub enum ProfileDeed {
    /// Save a profile.
    Save {
        /// Its place among the profiles; `None` for a new one.
        profile: Option<usize>,
        /// Its name.
        name: String,
        /// Whether another name may be found where this one is taken.
        free: bool,
        /// Its file; `None` for a new one.
        path: Option<PathBuf>,
        /// The text.
        text: String,
        /// Whether it is connected then.
        connect: bool,
    },
    /// Give a profile another name.
    Rename {
        /// Its place among the profiles.
        profile: usize,
        /// Its file.
        path: PathBuf,
        /// The new name.
        name: String,
    },
    /// Delete a profile.
    Delete {
        /// Its place among the profiles.
        profile: usize,
        /// Its file.
        path: PathBuf,
    },
    /// Read foreign material: a file, or the text itself.
    Import(String),
    /// Save a workspace.
    SaveWorkspace(Box<Workspace>),
    /// Read the workspaces.
    LoadWorkspaces,
}

/// What came of a [`ProfileDeed`].
#[derive(Debug)]
pub enum ProfileDone {
    /// A profile was saved or renamed, and read again.
    Saved {
        /// Its place among the profiles; `None` for a new one.
        profile: Option<usize>,
        /// The profile.
        known: Box<KnownProfile>,
        /// Whether it is connected now.
        connect: bool,
        /// Whether nothing is to be said of it, because it is one of many.
        quiet: bool,
    },
    /// A profile was deleted.
    Deleted(usize),
    /// Foreign material was read.
    Imported(Import),
    /// A workspace was saved.
    WorkspaceSaved(PathBuf),
    /// The workspaces, and what is wrong with others.
    Workspaces(Vec<Workspace>, Vec<ProfileError>),
    /// It failed.
    Failed(Phrase),
}

/// What a file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFor {
    /// Frames are looked for in it.
    Frames,
    /// It defines what data means.
    Definition,
    /// It is the thing model of this connection.
    Model(ConnectionId),
}

/// A rules file that is to be followed.
#[derive(Clone)]
pub struct RulesWanted {
    /// The connection of the device.
    pub id: ConnectionId,
    /// The file.
    pub path: PathBuf,
    /// Its platform.
    pub dialect: &'static dyn Dialect,
    /// The model of the device: what rules name must be in it.
    pub model: Arc<ThingModel>,
}

/// A recording that is to begin.
#[derive(Debug, Clone)]
pub struct RecordWanted {
    /// The file.
    pub path: PathBuf,
    /// Which messages are recorded; all where it is empty.
    pub filter: String,
    /// The connections there are.
    pub origins: Vec<(ConnectionId, Origin)>,
}

/// A capture that is to be opened.
#[derive(Clone)]
pub struct CaptureWanted {
    /// The files, read one after the other.
    pub paths: Vec<PathBuf>,
    /// What is known of its messages where it says nothing itself.
    pub assumed: Assumed,
    /// Numbers for its connections.
    pub ids: Range<u16>,
    /// How much faster than it was recorded; at once where `None`.
    pub speed: Option<f64>,
}

/// A part of an export.
#[derive(Debug, Clone)]
pub struct ExportPart {
    /// The file.
    pub path: PathBuf,
    /// What is appended to it.
    pub bytes: Vec<u8>,
    /// Whether it is a new file, which must not be there yet.
    pub first: bool,
    /// Whether nothing more comes.
    pub last: bool,
}

/// What an editor is opened on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditSubject {
    /// A file that exists.
    File(PathBuf),
    /// The payload being composed.
    Payload,
    /// What is kept about the stream.
    StreamFile,
    /// The rules of a simulated device; in a file of their own, made from the name, where it has none yet.
    Rules {
        /// The connection of the device.
        id: ConnectionId,
        /// Its file.
        path: Option<PathBuf>,
        /// The name of its profile.
        name: String,
    },
}

/// Where copied text went.
#[derive(Debug, Clone)]
pub enum Copied {
    /// To the system's clipboard; number of bytes.
    Clipboard(usize),
    /// To the terminal (OSC 52), which may or may not have taken it; number of bytes.
    Terminal(usize),
    /// Into a file, because nothing else worked.
    File(PathBuf),
    /// Nowhere.
    Failed(Phrase),
}
