//! L5: the terminal. It turns keys into messages, effects into deeds, and the application into frames.

mod clipboard;
mod convert;
mod draw;
mod editor;
mod errands;
mod event_loop;
mod files;
mod frame;
mod hits;
mod links;
pub mod looks;
mod panes;
mod privacy;
mod profiles;
mod rules;
#[cfg(debug_assertions)]
mod sabotage;
mod signals;
mod terminal;
pub mod theme;
mod widgets;

#[cfg(test)]
mod tests;

use crate::app::AppConfig;
use crate::link::Trace;
use crate::profile::Dirs;

pub use event_loop::run;

/// What is to happen after the application was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing.
    End,
    /// The demo is to be opened.
    Demo,
}

/// How the terminal application starts.
pub struct TuiConfig {
    /// The application.
    pub app: AppConfig,
    /// How it looks, at least at first.
    pub theme: theme::Theme,
    /// How it looks when the terminal has told its ground: asked behind the first frame, because a terminal that does not
    /// answer is waited for. `None` where nothing has to be asked.
    pub settled: Option<Box<dyn FnOnce() -> theme::Theme + Send>>,
    /// Whether the mouse is taken.
    pub mouse: bool,
    /// Where kept requests lie.
    pub dirs: Dirs,
    /// Where control packets are written, if anywhere.
    pub trace: Option<Trace>,
}
