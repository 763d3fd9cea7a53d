//! The doctor on the Connections tab: one checkup at a time, and what the last one of each profile found.

use std::time::Duration;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::overlay::{Confirmed, Overlay};
use crate::app::{App, Place};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text::{duration_short, printable};
use crate::model::Severity;
use crate::session::Command;
use crate::session::checkup::{Part, Progress, Step};

/// How long the doctor watches a connection for another client with its identity.
pub const WATCH: Duration = Duration::from_secs(5);

/// A checkup of one profile.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// The profile, by its place in the list.
    pub profile: usize,
    /// The part that is under way; `None` once it is over.
    pub current: Option<Part>,
    /// What was found so far.
    pub steps: Vec<Step>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Checkup {
    /// The part where it failed first, rules aside.
    pub fn failed(&self) -> Option<&Step> {
        let failed = |step: &&Step| !step.ok;
        self.steps
            .iter()
            .filter(failed)
            .find(|step| step.part != Part::Rules)
            .or_else(|| self.steps.iter().find(failed))
    }

    /// All of it as text.
    pub fn text(&self, lang: Lang) -> String {
        let mut out = String::new();
        for step in &self.steps {
            let mark = if step.ok { "ok" } else { "FAILED" };
            let (title, detail) = (step.part.title().get(lang), step.detail.render(lang));
            out.push_str(&format!("{title} {mark} {} {}\n", duration_short(step.elapsed), printable(&detail)));
            for finding in &step.findings {
                let (what, fix) = (finding.message.render(lang), finding.fix.render(lang));
                out.push_str(&format!("  {}: {}\n  -> {}\n", finding.code, printable(&what), printable(&fix)));
            }
        }
        out
    }
}

/// A profile is there to be examined, and no other is.
pub fn can_examine(app: &App) -> Result<(), Text> {
    if app.checkups.iter().any(|checkup| checkup.current.is_some()) {
        return Err(BUSY);
    }
    app.connections.selected().map(|_| ()).ok_or(NO_PROFILE)
}

impl App {
    /// The checkup of the profile under the cursor.
    pub fn checkup(&self) -> Option<&Checkup> {
        self.checkups.iter().find(|checkup| checkup.profile == self.connections.cursor)
    }

    /// Whether a checkup is under way.
    pub(super) fn is_examining(&self) -> bool {
        self.checkups.iter().any(|checkup| checkup.current.is_some())
    }

    /// Examines the profile under the cursor. A connection of it would be thrown out by the doctor, so it is closed
    /// first, after asking where messages flow.
    pub(super) fn ask_to_examine(&mut self) {
        let profile = self.connections.cursor;
        match self.connections.selected_connection() {
            Some(connection) if connection.is_online() => {
                let question = ASK.with(&[&printable(&connection.name)]);
                self.open_overlay(Overlay::Confirm { question, then: Confirmed::Examine(profile) });
            }
            _ => self.examine(profile),
        }
    }

    pub(super) fn examine(&mut self, profile: usize) {
        let open = self.connections.of_profile(profile).filter(|connection| connection.is_open());
        if let Some(id) = open.map(|connection| connection.id) {
            self.effect(Effect::Command(id, Command::Disconnect));
        }
        let Some(from) = self.connections.profiles().get(profile).map(|known| Box::new(known.profile.clone())) else {
            return;
        };
        self.checkups.retain(|checkup| checkup.profile != profile);
        self.checkups.push(Checkup { profile, current: Some(Part::Rules), steps: Vec::new(), stopped: false });
        self.connections.log_scroll = 0;
        self.focus(Place::ConnectionLog);
        self.effect(Effect::Examine { profile, from });
    }

    pub(super) fn stop_examining(&mut self) {
        if let Some(checkup) = self.checkups.iter_mut().find(|checkup| checkup.current.is_some()) {
            checkup.current = None;
            checkup.stopped = true;
            self.effect(Effect::StopExamining);
        }
    }

    /// The doctor says something, or has ended.
    pub(super) fn examined(&mut self, profile: usize, progress: Option<Progress>) {
        let running = |checkup: &&mut Checkup| checkup.profile == profile && checkup.current.is_some();
        let Some(checkup) = self.checkups.iter_mut().find(running) else { return };
        match progress {
            Some(Progress::Begins(part)) => checkup.current = Some(part),
            Some(Progress::Over(step)) => checkup.steps.push(step),
            None => {
                checkup.current = None;
                let name = self.connections.profiles().get(profile).map(|known| known.profile.name.clone());
                let name = Phrase::verbatim(printable(&name.unwrap_or_default()).into_owned());
                match checkup.failed() {
                    None => self.tell(Severity::Info, HEALTHY.around([name])),
                    Some(step) => {
                        let why = step.findings.first().map_or(&step.detail, |finding| &finding.message);
                        let words = FOUND.around([name, step.part.title().into(), why.clone()]);
                        self.tell(Severity::Warning, words);
                    }
                }
            }
        }
    }

    /// The doctor's part of the actions of the Connections tab; `false` if it is none.
    pub(super) fn checkup_action(&mut self, action: Action) -> bool {
        match action {
            Action::Examine => self.ask_to_examine(),
            Action::Back if self.is_examining() => self.stop_examining(),
            _ => return false,
        }
        true
    }
}

const BUSY: Text = Text::new("a checkup is under way; esc stops it", "诊断正在进行，按 esc 停止");
const NO_PROFILE: Text = Text::new("there is no profile", "没有配置");
const ASK: Text = Text::new(
    "The doctor logs in with the identity of {}; its connection is closed for that. Go on?",
    "诊断会用 {} 的身份登录，需先断开其连接。继续吗？",
);
const HEALTHY: Text = Text::new("{}: nothing is wrong with the connection", "{}：连接正常，未发现问题");
const FOUND: Text = Text::new("{}: {}: {}", "{}：{}：{}");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Msg;
    use crate::app::tests::{START, demo, press, tell};
    use crate::dialect::Finding;
    use crate::model::{LinkState, Notice, Stage};

    fn step(part: Part, ok: bool) -> Step {
        let findings = if ok { Vec::new() } else { vec![Finding::error("c", BUSY, NO_PROFILE)] };
        Step { part, ok, elapsed: Duration::ZERO, detail: Phrase::verbatim("seen"), findings }
    }

    fn say(app: &mut App, profile: usize, progress: Option<Progress>) {
        app.update(Msg::Examined { profile, progress }, START);
    }

    #[test]
    fn a_failed_connection_is_examined_and_the_finding_is_told() {
        let mut app = demo(Lang::En);
        tell(&mut app, 1, Notice::State { state: LinkState::Refused(Phrase::verbatim("no")), at: START });
        app.effects();
        press(&mut app, &["1"]);
        app.connections.select(crate::model::ConnectionId(1));
        let profile = app.connections.cursor;
        press(&mut app, &["x"]);
        assert!(
            app.effects().iter().any(|effect| matches!(effect, Effect::Examine { profile: at, .. } if *at == profile))
        );
        say(&mut app, profile, Some(Progress::Over(step(Part::Rules, true))));
        say(&mut app, profile, Some(Progress::Over(step(Part::Stage(Stage::Connack), false))));
        say(&mut app, profile, None);
        let checkup = app.checkup().unwrap();
        assert_eq!(checkup.failed().map(|step| step.part), Some(Part::Stage(Stage::Connack)));
        assert!(checkup.text(Lang::En).contains("CONNACK FAILED"));
        assert!(app.toast().unwrap().text.render(Lang::En).contains("CONNACK"));
    }

    #[test]
    fn two_connections_of_one_device_are_warned_of() {
        use crate::app::tests::config;
        let mut config = config(Lang::En, include_str!("../../profiles/onenet-device.toml"));
        config.open = vec!["lamp".to_owned()];
        let mut app = App::new(config, START);
        tell(&mut app, 1, Notice::State { state: LinkState::Online, at: START });
        assert!(app.toast().is_none());
        let other = app.connections.profiles().iter().position(|known| known.profile.name == "lamp-app").unwrap();
        app.connect(other);
        assert!(app.toast().unwrap().text.render(Lang::En).contains("throw each other out"));
    }

    #[test]
    fn where_messages_flow_the_doctor_asks_first_and_escape_stops_it() {
        let mut app = demo(Lang::En);
        press(&mut app, &["1"]);
        app.connections.select(crate::model::ConnectionId(1));
        app.effects();
        press(&mut app, &["x"]);
        assert!(matches!(app.overlays(), [Overlay::Confirm { .. }]));
        press(&mut app, &["y"]);
        let effects = app.effects();
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Command(_, Command::Disconnect))));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Examine { .. })));
        press(&mut app, &["esc"]);
        assert!(app.effects().iter().any(|effect| matches!(effect, Effect::StopExamining)));
        assert!(app.checkup().unwrap().stopped);
        let profile = app.connections.cursor;
        say(&mut app, profile, Some(Progress::Over(step(Part::Ping, true))));
        assert!(app.checkup().unwrap().steps.is_empty(), "what comes late is not taken");
    }
}
