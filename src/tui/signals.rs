//! The signals that end the application, or lay it aside: whatever comes, the terminal is given back.

use std::io;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To end.
    End,
    /// To go into the background until the shell brings it back.
    Pause,
}

/// Waits for the signals that concern a terminal application.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    pause: tokio::signal::unix::Signal,
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
            // The same is true of ctrl-z and `kill -TSTP`.
            pause: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    /// Waits for one of them. May be dropped and called again.
    pub async fn received(&mut self) -> Wanted {
        tokio::select! {
            _ = self.terminate.recv() => Wanted::End,
            _ = self.hang_up.recv() => Wanted::End,
            _ = self.interrupt.recv() => Wanted::End,
            _ = self.pause.recv() => Wanted::Pause,
        }
    }
}

/// Whether a shell is there that could bring a stopped program back. Without one (the program is all that runs in a pane
/// or over SSH) it would stay stopped for ever.
#[cfg(unix)]
pub fn can_pause() -> bool {
    use rustix::process::{getppid, getsid};
    let own = getsid(None);
    getppid().is_some_and(|parent| getsid(Some(parent)).is_ok_and(|shell| own == Ok(shell)))
}

/// Stops the program, and what was started with it in one line of the shell, until the shell brings it back.
#[cfg(unix)]
pub fn pause() -> io::Result<()> {
    Ok(rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?)
}

/// Whether the program can be stopped and brought back.
#[cfg(not(unix))]
pub fn can_pause() -> bool {
    false
}

/// Nothing, because nobody could bring it back.
#[cfg(not(unix))]
pub fn pause() -> io::Result<()> {
    Ok(())
}

/// Waits for the signals that concern a terminal application.
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
    pub async fn received(&mut self) -> Wanted {
        // Without a handler there is nothing to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Wanted::End
    }
}
