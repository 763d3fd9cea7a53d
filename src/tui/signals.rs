//! The signals that end the application: whatever ends it, the terminal is given back.

use std::io;

/// Waits for the signals that end a terminal application.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals over from the system.
    ///
    /// # Errors
    ///
    /// Where the system does not let it.
    pub fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            // In raw mode ctrl-c is a key; this one is sent by `kill -INT`.
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them. May be dropped and called again.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for the signals that end a terminal application.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Nothing to take over.
    ///
    /// # Errors
    ///
    /// Never.
    pub fn new() -> io::Result<Signals> {
        Ok(Signals)
    }

    /// Waits for ctrl-c from outside. May be dropped and called again.
    pub async fn received(&mut self) {
        // Without a handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
