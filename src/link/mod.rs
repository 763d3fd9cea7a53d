//! L4: the client's sockets. A link owns one [`Session`] and carries out what it wants.
//!
//! `socket → link (session, classify) → batch → mailbox of one → loop`. Every connection attempt is made of the stages
//! of `connect` and then of a fresh conversation: `mqtt` (a client library over `stream`) or `websocket`; nothing of an old
//! connection can leak into a new one. Calls over HTTP (`calls`, `http`) run beside it.
//!
//! 1. What arrives is classified, copied once into the growing [`Batch`], and shown to the session, whose notices go
//!    into the same batch.
//! 2. All links share a mailbox of one. A link waits for its free place in the same select in which it reads, so the
//!    last message never stays behind.
//! 3. While the mailbox is taken the batch grows to [`task::FULL`] bytes; then reading stops and TCP slows the sender.
//! 4. Reading resumes after the keep-alive time (a fixed time for a WebSocket) even so, because an unanswered ping would
//!    end the connection: what arrives then and does not fit is counted and told ([`Notice::Lost`]). Replies are kept.
//!
//! [`Notice::Lost`]: crate::model::Notice::Lost

mod calls;
pub mod capture;
mod connect;
pub mod doctor;
mod faults;
mod handed;
pub mod http;
pub mod model;
mod mqtt;
mod packets;
mod rules_file;
mod stream;
mod task;
mod texts;
mod tls;
mod trace;
mod websocket;

#[cfg(test)]
mod tests;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::base::time;
use crate::model::{Batch, ConnectionId};
use crate::session::{Command, Session, SessionConfig};
use task::{Control, Task};

pub use rules_file::{RulesFile, SHIPPED as SHIPPED_RULES};
pub use trace::Trace;

/// How a link is made.
pub struct LinkConfig {
    /// Its number; every batch carries it.
    pub id: ConnectionId,
    /// The session that it carries out.
    pub session: SessionConfig,
    /// Where control packets are written, if anywhere.
    pub trace: Option<Trace>,
    /// Whether control packets are shown among the messages.
    pub packets: bool,
}

/// A running link. Dropping it closes the connection in good order, as [`LinkHandle::close`] does.
#[derive(Debug)]
pub struct LinkHandle {
    id: ConnectionId,
    control: mpsc::UnboundedSender<Control>,
    task: JoinHandle<()>,
}

/// Starts a link on the current tokio runtime. It does nothing until [`Command::Connect`].
///
/// `mailbox` has a capacity of one and may be shared by all links. When its receiver is gone the link disconnects and
/// ends.
pub fn spawn(config: LinkConfig, mailbox: mpsc::Sender<Batch>) -> LinkHandle {
    let (control, inbox) = mpsc::unbounded_channel();
    let LinkConfig { id, session, trace, packets } = config;
    let (dialect, role, tls) = (session.dialect, session.role, session.settings.tls.clone());
    let session = Session::new(session, time::now());
    let task = tokio::spawn(Task::new(id, session, dialect, role, tls, (trace, packets), inbox, mailbox).run());
    LinkHandle { id, control, task }
}

impl LinkHandle {
    /// The number of the connection.
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Passes a command to the session. A link that has ended ignores it.
    pub fn command(&self, command: Command) {
        // The only error is that the link has ended.
        let _ = self.control.send(Control::Command(Box::new(command)));
    }

    /// Shows control packets among the messages, or shows them no longer.
    pub fn show_packets(&self, on: bool) {
        // The only error is that the link has ended.
        let _ = self.control.send(Control::Packets(on));
    }

    /// Disconnects (DISCONNECT, then the end of the connection), hands over what is left, and ends the link.
    pub fn close(&self) {
        let _ = self.control.send(Control::Close);
    }

    /// Closes the link and waits until it has ended, which takes a few seconds at most.
    pub async fn finish(self) {
        self.close();
        // A link that was cancelled has ended as well.
        let _ = self.task.await;
    }
}
