//! The start page: what a person without profiles can begin with.

use crate::app::App;
use crate::app::action::Action;
use crate::app::overlay::Overlay;
use crate::app::profiles::texts::*;
use crate::base::lang::{Phrase, Text};
use crate::dialect::{Dialect, REGISTRY};

/// Something to begin with.
#[derive(Clone, Copy)]
pub enum Beginning {
    /// The demo.
    Demo,
    /// A new profile of a platform.
    New(&'static dyn Dialect),
    /// What was recorded.
    Capture,
    /// Profiles out of foreign material.
    Import,
    /// The list as it is.
    Look,
}

impl Beginning {
    /// Everything to begin with, in the order of the page.
    pub fn all(app: &App) -> Vec<Beginning> {
        let mut all = Vec::new();
        if app.has_demo && !app.demo {
            all.push(Beginning::Demo);
        }
        all.extend(REGISTRY.iter().copied().map(Beginning::New));
        all.extend([Beginning::Capture, Beginning::Import, Beginning::Look]);
        all
    }

    /// Its name.
    pub fn title(self) -> Phrase {
        match self {
            Beginning::Demo => START_DEMO.into(),
            Beginning::New(dialect) => START_NEW.around([dialect.spec().title.into()]),
            Beginning::Capture => START_CAPTURE.into(),
            Beginning::Import => START_IMPORT.into(),
            Beginning::Look => START_LOOK.into(),
        }
    }

    /// What it is.
    pub const fn help(self) -> Text {
        match self {
            Beginning::Demo => START_DEMO_HELP,
            Beginning::New(_) => START_NEW_HELP,
            Beginning::Capture => START_CAPTURE_HELP,
            Beginning::Import => START_IMPORT_HELP,
            Beginning::Look => START_LOOK_HELP,
        }
    }
}

impl App {
    /// Does what the start page offers in a row.
    pub(super) fn begin(&mut self, row: usize) {
        let Some(beginning) = Beginning::all(self).get(row).copied() else { return };
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Start(_)));
        match beginning {
            Beginning::Demo => self.run(Action::StartDemo),
            Beginning::New(dialect) => self.new_profile(dialect),
            Beginning::Capture => self.run(Action::OpenCapture),
            Beginning::Import => self.run(Action::ImportProfiles),
            Beginning::Look => {}
        }
    }
}
