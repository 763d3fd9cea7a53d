//! The terminal as a thing that is borrowed and given back: on quit, on errors, on panics, on signals, and while an
//! external editor runs.
//!
//! What is written here never asks the terminal anything: an answer could be late, missing, or mixed up with keys.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;

/// What is drawn on.
pub type Screen = Terminal<CrosstermBackend<Counted>>;

/// Bytes that frames have written so far.
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// Standard output that counts what is written to it: over a slow line, frames are paced by their size.
pub struct Counted(Stdout);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        WRITTEN.fetch_add(written, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Bytes that frames have written so far.
pub fn written() -> usize {
    WRITTEN.load(Ordering::Relaxed)
}

/// Whether the terminal is borrowed right now; the panic hook and the guard must not both give it back.
static BORROWED: AtomicBool = AtomicBool::new(false);

/// The borrowed terminal. Dropping it gives the terminal back.
pub struct Guard {
    screen: Screen,
    mouse: bool,
}

impl Guard {
    /// Borrows the terminal.
    ///
    /// # Errors
    ///
    /// Where standard output is no terminal, or it cannot be written to.
    pub fn enter(mouse: bool) -> io::Result<Guard> {
        install_panic_hook();
        borrow()?;
        let screen = Terminal::new(CrosstermBackend::new(Counted(io::stdout())))?;
        Ok(Guard { screen, mouse })
    }

    /// Wants to hear of pastes, of the focus, and of the mouse if it is taken. Before that the terminal sends nothing but
    /// keys and answers.
    ///
    /// # Errors
    ///
    /// Where the terminal cannot be written to.
    pub fn listen(&mut self) -> io::Result<()> {
        listen(self.mouse)
    }

    /// What is drawn on.
    pub fn screen(&mut self) -> &mut Screen {
        &mut self.screen
    }

    /// Takes the mouse, or leaves it to the terminal, so that text can be selected with it.
    ///
    /// # Errors
    ///
    /// Where the terminal cannot be written to.
    pub fn set_mouse(&mut self, taken: bool) -> io::Result<()> {
        self.mouse = taken;
        if taken { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    /// Gives the terminal back while `run` uses it, and borrows it again. The next frame draws everything.
    ///
    /// # Errors
    ///
    /// Where the terminal cannot be written to.
    pub fn suspend<T>(&mut self, run: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let result = run();
        borrow()?;
        self.listen()?;
        self.redraw_all()?;
        Ok(result)
    }

    /// Lets the next frame draw everything, in the size that the terminal has now.
    ///
    /// # Errors
    ///
    /// Where the terminal cannot be written to.
    pub fn redraw_all(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        // Resizing clears without asking the terminal where its cursor is.
        self.screen.resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn borrow() -> io::Result<()> {
    enable_raw_mode()?;
    BORROWED.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, SetTitle("iotdbg"))
}

fn listen(mouse: bool) -> io::Result<()> {
    let mut out = io::stdout();
    execute!(out, EnableBracketedPaste, EnableFocusChange)?;
    if mouse {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

/// Whether the terminal is borrowed. It is not while an editor runs, and no longer after a panic anywhere.
pub fn is_borrowed() -> bool {
    BORROWED.load(Ordering::SeqCst)
}

/// Gives the terminal back as it was. Safe to call twice; faults are of no use to anybody at this point.
pub fn give_back() {
    if !BORROWED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, DisableFocusChange, DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// A panic anywhere, also on another thread, must not leave the words of the panic on a screen that vanishes.
fn install_panic_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
    }));
}
