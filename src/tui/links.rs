//! The links of the application: opened, told and closed as its effects ask.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::dialect::ConnectionSettings;
use crate::link::{self, LinkConfig, LinkHandle, Trace};
use crate::model::{Batch, ConnectionId};
use crate::profile::{self, Profile, ProfileError};
use crate::session::{Command, SessionConfig};

/// How long closing connections may take at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// A connection that could not even be tried.
pub struct NotOpened {
    /// Which.
    pub id: ConnectionId,
    /// Why.
    pub fault: ProfileError,
}

/// Settings with their secrets, ready to become a link.
pub struct Resolved {
    id: ConnectionId,
    config: Box<SessionConfig>,
    settings: Result<ConnectionSettings, ProfileError>,
}

/// Every link, by connection.
pub struct Links {
    handles: HashMap<ConnectionId, LinkHandle>,
    /// Commands for links whose secrets are still being fetched.
    early: HashMap<ConnectionId, Vec<Command>>,
    mailbox: mpsc::Sender<Batch>,
    resolved: mpsc::UnboundedSender<Resolved>,
    trace: Option<Trace>,
    packets: bool,
}

impl Links {
    /// No link yet. Batches go to `mailbox`; what [`Links::take`] wants comes through `resolved`.
    pub fn new(mailbox: mpsc::Sender<Batch>, resolved: mpsc::UnboundedSender<Resolved>, trace: Option<Trace>) -> Links {
        Links { handles: HashMap::new(), early: HashMap::new(), mailbox, resolved, trace, packets: false }
    }

    /// Opens a connection: fetches its secrets beside the loop, because a `cmd:` may take long.
    pub fn open(&mut self, id: ConnectionId, profile: Box<Profile>, config: Box<SessionConfig>) {
        self.early.insert(id, Vec::new());
        let resolved = self.resolved.clone();
        tokio::task::spawn_blocking(move || {
            let settings = profile::resolve(&profile);
            // The loop may have ended meanwhile.
            let _ = resolved.send(Resolved { id, config, settings });
        });
    }

    /// Starts the link of a connection whose secrets are there.
    pub fn take(&mut self, resolved: Resolved) -> Result<(), NotOpened> {
        let Resolved { id, mut config, settings } = resolved;
        // Closed while its secrets were fetched.
        let Some(commands) = self.early.remove(&id) else { return Ok(()) };
        config.settings = settings.map_err(|fault| NotOpened { id, fault })?;
        let config = LinkConfig { id, session: *config, trace: self.trace.clone(), packets: self.packets };
        let handle = link::spawn(config, self.mailbox.clone());
        handle.command(Command::Connect);
        commands.into_iter().for_each(|command| handle.command(command));
        self.handles.insert(id, handle);
        Ok(())
    }

    /// Shows control packets of every connection among the messages, or shows them no longer.
    pub fn show_packets(&mut self, on: bool) {
        self.packets = on;
        self.handles.values().for_each(|handle| handle.show_packets(on));
    }

    /// Passes a command on.
    pub fn command(&mut self, id: ConnectionId, command: Command) {
        if let Some(handle) = self.handles.get(&id) {
            handle.command(command);
        } else if let Some(early) = self.early.get_mut(&id) {
            early.push(command);
        }
    }

    /// Closes a connection for good.
    pub fn close(&mut self, id: ConnectionId) {
        self.early.remove(&id);
        if let Some(handle) = self.handles.remove(&id) {
            handle.close();
        }
    }

    /// Says farewell to every broker, for a few seconds at most.
    pub async fn finish(self) {
        let goodbyes = futures_util::future::join_all(self.handles.into_values().map(LinkHandle::finish));
        // Who does not answer is left behind.
        let _ = tokio::time::timeout(FAREWELL, goodbyes).await;
    }
}
