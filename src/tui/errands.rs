//! Work beside the loop that is no connection of the stream: secrets for a form, and the doctor. What comes of it is told
//! to the application as messages.

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::Msg;
use crate::app::checkups::WATCH;
use crate::base::lang::{Phrase, Text};
use crate::base::time;
use crate::dialect::Finding;
use crate::link::doctor;
use crate::profile::{self, Profile};
use crate::session::checkup::{Part, Patient, Progress, Step};

/// What is under way.
pub struct Errands {
    told: mpsc::UnboundedSender<Msg>,
    checkup: Option<JoinHandle<()>>,
}

impl Errands {
    /// Nothing is under way. What comes of errands goes to `told`.
    pub fn new(told: mpsc::UnboundedSender<Msg>) -> Errands {
        Errands { told, checkup: None }
    }

    /// Fetches the secrets of a profile; a `cmd:` may take long.
    pub fn fetch(&self, profile: usize, from: Box<Profile>) {
        let told = self.told.clone();
        tokio::task::spawn_blocking(move || {
            let settings = profile::resolve(&from);
            let identity = settings.map(|settings| settings.identity);
            // The English words stand for both languages: they quote a file or a command.
            let identity = identity.map_err(|fault| Phrase::verbatim(fault.render(crate::base::lang::Lang::En)));
            // The loop may have ended meanwhile.
            let _ = told.send(Msg::Fetched { profile, identity });
        });
    }

    /// Lets the doctor examine a profile.
    pub fn examine(&mut self, profile: usize, from: Box<Profile>) {
        self.stop();
        let told = self.told.clone();
        self.checkup = Some(tokio::spawn(async move {
            let tell = |progress| {
                // The loop may have ended meanwhile.
                let _ = told.send(Msg::Examined { profile, progress });
            };
            let (dialect, role) = (from.dialect, from.role);
            let settings = tokio::task::spawn_blocking(move || profile::resolve(&from)).await;
            let settings = match settings {
                Ok(Ok(settings)) => settings,
                Ok(Err(fault)) => {
                    tell(Some(Progress::Over(unreadable(&fault.render(crate::base::lang::Lang::En)))));
                    return tell(None);
                }
                Err(_) => return tell(None),
            };
            let patient = Patient { dialect, role, settings, watch: WATCH, seed: time::now().as_micros() };
            let (sender, mut steps) = mpsc::unbounded_channel();
            let work = doctor::examine(patient, sender);
            let pass_on = async {
                while let Some(progress) = steps.recv().await {
                    tell(Some(progress));
                }
            };
            tokio::join!(work, pass_on);
            tell(None);
        }));
    }

    /// Breaks the checkup off.
    pub fn stop(&mut self) {
        if let Some(checkup) = self.checkup.take() {
            checkup.abort();
        }
    }
}

/// A profile whose secrets cannot be read, as a part of the checkup.
fn unreadable(words: &str) -> Step {
    let detail = Phrase::verbatim(words);
    Step {
        part: Part::Rules,
        ok: false,
        elapsed: std::time::Duration::ZERO,
        findings: vec![Finding::error("secret", detail.clone(), SECRET_FIX)],
        detail,
    }
}

const SECRET_FIX: Text = Text::new("correct the profile", "请修正 profile");
