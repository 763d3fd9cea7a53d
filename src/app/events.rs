//! The Events tab: what happened to the connections, and what needs somebody to act.

use std::collections::VecDeque;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::input::{Mouse, MouseAct, Target};
use crate::app::overlay::{Confirmed, Overlay};
use crate::app::{App, Place, Tab};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::text::{local_date_time, printable};
use crate::base::time::Time;
use crate::model::{ConnectionId, LinkState, Notice, Severity, Stage};
use crate::session::is_thrown_out;

const AND_MORE: Text = Text::new("7 shows this and {} more: {}", "另有 {} 处问题，见 7：{}");

/// The largest number of rows that are kept.
const MOST_ROWS: usize = 5_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: Time,
    /// Where; `None` for iotdbg itself.
    pub connection: Option<ConnectionId>,
    /// How bad it is.
    pub severity: Severity,
    /// What.
    pub what: Phrase,
    /// Whether somebody has to say how to go on.
    pub asks: bool,
}

/// What happened so far.
#[derive(Debug)]
pub struct Events {
    rows: VecDeque<Event>,
    /// Indices into `rows` of what the severity filter shows.
    shown: Vec<usize>,
    /// The least severity that is shown.
    pub least: Severity,
    /// The shown row under the cursor; `None` while it follows the newest.
    cursor: Option<usize>,
    /// Warnings and errors that nobody has seen yet.
    unread: usize,
    /// Rows that had to leave.
    left: u64,
}

impl Default for Events {
    fn default() -> Self {
        Events { rows: VecDeque::new(), shown: Vec::new(), least: Severity::Info, cursor: None, unread: 0, left: 0 }
    }
}

impl Events {
    /// Appends an event. When there are too many, the oldest of the least severity leaves: what needs action stays
    /// longest.
    pub fn push(&mut self, event: Event) {
        if event.severity > Severity::Info {
            self.unread += 1;
        }
        self.rows.push_back(event);
        if self.rows.len() > MOST_ROWS {
            let least = self.rows.iter().map(|row| row.severity).min();
            if let Some(at) = self.rows.iter().position(|row| Some(row.severity) == least) {
                self.rows.remove(at);
                self.left += 1;
            }
            self.sift();
        } else if self.rows.back().is_some_and(|row| row.severity >= self.least) {
            self.shown.push(self.rows.len() - 1);
        }
    }

    /// What is shown, oldest first.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.shown.iter().filter_map(|index| self.rows.get(*index))
    }

    /// Number of events that are kept, whatever their severity.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Number of rows that had to leave.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// The shown row under the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor.unwrap_or(self.shown.len().saturating_sub(1)).min(self.shown.len().saturating_sub(1))
    }

    /// Warnings and errors that nobody has seen yet.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// Somebody looks at them.
    pub fn read(&mut self) {
        self.unread = 0;
    }

    /// The event whose question is answered: the one under the cursor, otherwise the latest that asks.
    fn asking(&self) -> Option<&Event> {
        self.selected().filter(|event| event.asks).or_else(|| self.rows.iter().rev().find(|event| event.asks))
    }

    /// The questions of a connection are answered.
    fn answered(&mut self, connection: ConnectionId) {
        for row in self.rows.iter_mut().filter(|row| row.connection == Some(connection)) {
            row.asks = false;
        }
    }

    fn selected(&self) -> Option<&Event> {
        self.rows.get(*self.shown.get(self.cursor())?)
    }

    fn move_to(&mut self, row: usize) {
        let last = self.shown.len().saturating_sub(1);
        // On the last row the cursor follows what comes.
        self.cursor = (row < last).then_some(row);
    }

    fn next_severity(&mut self) {
        self.least = match self.least {
            Severity::Info => Severity::Warning,
            Severity::Warning => Severity::Error,
            Severity::Error => Severity::Info,
        };
        self.cursor = None;
        self.sift();
    }

    fn sift(&mut self) {
        let least = self.least;
        self.shown = self.rows.iter().enumerate().filter(|(_, row)| row.severity >= least).map(|(at, _)| at).collect();
    }
}

/// There is an event to copy.
pub fn has_event(app: &App) -> Result<(), Text> {
    app.events.selected().map(|_| ()).ok_or(NO_EVENT)
}

/// An event waits for an answer.
pub fn asks(app: &App) -> Result<(), Text> {
    app.events.asking().map(|_| ()).ok_or(NO_QUESTION)
}

impl App {
    /// Turns a notice into an event, where it is one.
    /// Tells of an error that is no connection's, and keeps it among the events.
    pub(super) fn tell_and_keep(&mut self, what: Phrase) {
        self.tell(Severity::Error, what.clone());
        self.events.push(Event { at: self.now, connection: None, severity: Severity::Error, what, asks: false });
    }

    /// What was found to be wrong before the start. A line shows the first of it; all of it stays, in full.
    pub(super) fn tell_faults(&mut self, faults: Vec<Phrase>) {
        let more = faults.len().saturating_sub(1);
        if let Some(first) = faults.first().cloned() {
            let words = if more == 0 { first } else { AND_MORE.around([Phrase::verbatim(more.to_string()), first]) };
            self.tell(Severity::Warning, words);
        }
        for what in faults {
            let event = Event { at: self.now, connection: None, severity: Severity::Warning, what, asks: false };
            self.events.push(event);
        }
    }

    pub(super) fn event_of(&mut self, id: ConnectionId, notice: &Notice) {
        let mut asks = false;
        if let Notice::State { state: LinkState::Connecting(_) | LinkState::Online, .. } = notice {
            self.events.answered(id);
        }
        let (at, severity, what) = match notice {
            // The reason of the refusal that follows says it, and asks.
            Notice::Warning { what, .. } if is_thrown_out(what) => return,
            Notice::State { state, at } => match state {
                LinkState::Connecting(Stage::Resolve) => (*at, Severity::Info, CONNECTING.into()),
                LinkState::Connecting(_) => return,
                LinkState::Online => (*at, Severity::Info, ONLINE.into()),
                LinkState::Closed => (*at, Severity::Info, CLOSED.into()),
                LinkState::Waiting { until, attempt, reason } => {
                    let seconds = until.since(*at).as_millis().div_ceil(1_000);
                    let numbers = [Phrase::verbatim(seconds.to_string()), Phrase::verbatim(attempt.to_string())];
                    let [seconds, attempt] = numbers;
                    (*at, Severity::Warning, WAITING.around([reason.clone(), seconds, attempt]))
                }
                LinkState::Refused(reason) if is_thrown_out(reason) => {
                    let number = Tab::Events.number().to_string();
                    self.tell(Severity::Error, ASKED.around([reason.clone(), Phrase::verbatim(number)]));
                    asks = true;
                    (*at, Severity::Error, QUESTION.around([reason.clone()]))
                }
                LinkState::Refused(reason) => (*at, Severity::Error, REFUSED.around([reason.clone()])),
            },
            // What went well is in the log of the attempt; only a refused subscription leaves the connection standing.
            Notice::Stage { report, at } if !report.ok && report.stage == Stage::Suback => {
                let what = match &report.advice {
                    Some(advice) => ADVISED.around([report.detail.clone(), advice.clone()]),
                    None => report.detail.clone(),
                };
                (*at, Severity::Error, what)
            }
            Notice::Warning { what, at } => (*at, Severity::Warning, what.clone()),
            Notice::Said { what, at } => (*at, Severity::Info, what.clone()),
            Notice::Lost { count, why, at } => {
                (*at, Severity::Error, LOST.around([Phrase::verbatim(count.to_string()), why.clone()]))
            }
            Notice::Unsolicited { at, .. } => (*at, Severity::Info, UNSOLICITED.into()),
            _ => return,
        };
        self.events.push(Event { at, connection: Some(id), severity, what, asks });
        if self.tab() == Tab::Events {
            self.events.read();
        }
    }

    pub(super) fn events_mouse(&mut self, mouse: Mouse) {
        match (mouse.act, mouse.target) {
            (MouseAct::Press, Some(Target::Row(Place::Events, row))) => self.events.move_to(row),
            (MouseAct::ScrollUp, _) => self.run(Action::Up),
            (MouseAct::ScrollDown, _) => self.run(Action::Down),
            _ => {}
        }
    }

    pub(super) fn events_action(&mut self, action: Action) -> bool {
        let last = self.events.shown.len().saturating_sub(1);
        if let Some(row) = action.moved(self.events.cursor(), last) {
            self.events.move_to(row);
            return true;
        }
        match action {
            Action::Back => self.events.move_to(last),
            Action::SeverityNext => self.events.next_severity(),
            Action::AnswerEvent => {
                let about = self.events.asking().and_then(|event| self.connections.get(event.connection?));
                if let Some(connection) = about {
                    let question = CONNECT_AGAIN.with(&[&printable(&connection.name)]);
                    let then = Confirmed::ConnectAgain(connection.profile);
                    self.open_overlay(Overlay::Confirm { question, then });
                }
            }
            Action::CopyEvent => {
                if let Some(text) = self.events.selected().map(|event| self.event_text(event, self.lang)) {
                    self.effect(Effect::Copy(text));
                }
            }
            Action::ShowConnection => {
                if let Some(id) = self.events.selected().and_then(|event| event.connection) {
                    self.connections.select(id);
                    self.show(Tab::Connections);
                }
            }
            _ => return false,
        }
        true
    }

    fn event_text(&self, event: &Event, lang: Lang) -> String {
        let name = event.connection.and_then(|id| self.connections.get(id)).map_or("iotdbg", |of| of.name.as_str());
        let words = event.what.render(lang);
        let severity = event.severity.name();
        format!("{} {severity} {} {}", local_date_time(event.at), printable(name), printable(&words))
    }
}

const NO_QUESTION: Text = Text::new("no event asks anything", "没有需要回答的事件");
const QUESTION: Text = Text::new("{}. Connect again? Press a to answer", "{}。要重新连接吗？按 a 回答");
const ASKED: Text = Text::new("{}. Press {}, then a, to say how to go on", "{}。按 {} 再按 a 选择如何处理");
const CONNECT_AGAIN: Text = Text::new(
    "Connect {} again? If the other client still runs, the two throw each other out once more.",
    "重新连接 {} 吗？若另一个客户端仍在运行，双方会再次互踢下线。",
);
const NO_EVENT: Text = Text::new("nothing has happened yet", "还没有事件");
const CONNECTING: Text = Text::new("connecting", "正在连接");
const ONLINE: Text = Text::new("online", "已上线");
const CLOSED: Text = Text::new("closed", "已断开");
const WAITING: Text = Text::new("{}. Next attempt in {} s (number {})", "{}。{} 秒后重连（第 {} 次）");
const REFUSED: Text = Text::new("refused: {}", "被拒绝：{}");
const ADVISED: Text = Text::new("{} — {}", "{}——{}");
const LOST: Text = Text::new("lost {} message(s): {}", "丢失 {} 条消息：{}");
const UNSOLICITED: Text = Text::new("a reply that matches no request of ours", "收到一条与本端请求都不匹配的应答");

#[cfg(test)]
mod tests {
    use super::*;

    fn event(severity: Severity, number: u64) -> Event {
        Event {
            at: Time::from_secs(number),
            connection: None,
            severity,
            what: Phrase::verbatim(number.to_string()),
            asks: false,
        }
    }

    #[test]
    fn an_error_outlives_any_number_of_lesser_events() {
        let mut events = Events::default();
        events.push(event(Severity::Error, 0));
        for number in 1..=MOST_ROWS as u64 + 10 {
            events.push(event(Severity::Info, number));
        }
        assert_eq!(events.len(), MOST_ROWS);
        assert_eq!(events.left(), 11);
        assert_eq!(events.shown().next(), Some(&event(Severity::Error, 0)));
        assert_eq!(events.shown().next_back(), Some(&event(Severity::Info, MOST_ROWS as u64 + 10)));
    }

    #[test]
    fn the_severity_filter_shows_what_is_at_least_as_bad() {
        let mut events = Events::default();
        for (number, severity) in [Severity::Info, Severity::Warning, Severity::Error].into_iter().enumerate() {
            events.push(event(severity, number as u64));
        }
        events.next_severity();
        assert_eq!(events.shown().map(|row| row.severity).collect::<Vec<_>>(), [Severity::Warning, Severity::Error]);
        events.push(event(Severity::Info, 9));
        assert_eq!(events.shown().count(), 2);
        events.next_severity();
        events.next_severity();
        assert_eq!(events.shown().count(), 4);
    }

    #[test]
    fn the_cursor_follows_the_newest_until_it_is_moved() {
        let mut events = Events::default();
        (0..5).for_each(|number| events.push(event(Severity::Info, number)));
        assert_eq!(events.cursor(), 4);
        events.move_to(2);
        events.push(event(Severity::Info, 5));
        assert_eq!(events.cursor(), 2);
        events.move_to(5);
        events.push(event(Severity::Info, 6));
        assert_eq!(events.cursor(), 6);
    }

    #[test]
    fn only_what_needs_a_look_is_unread() {
        let mut events = Events::default();
        events.push(event(Severity::Info, 0));
        events.push(event(Severity::Warning, 1));
        assert_eq!(events.unread(), 1);
        events.read();
        assert_eq!(events.unread(), 0);
    }

    #[test]
    fn a_client_that_is_thrown_out_over_and_over_asks_before_it_connects_again() {
        use crate::app::tests::{START, commands, demo, press, tell};
        let mut app = demo(Lang::En);
        let kicked = Phrase::from(crate::session::thrown_out_words());
        tell(&mut app, 1, Notice::Warning { what: kicked.clone(), at: START });
        tell(&mut app, 1, Notice::State { state: LinkState::Refused(kicked), at: START });
        assert_eq!(app.events.shown().filter(|event| event.severity >= Severity::Warning).count(), 1);
        assert!(app.toast().is_some_and(|toast| toast.severity == Severity::Error));
        press(&mut app, &[&Tab::Events.number().to_string(), "a"]);
        assert!(matches!(app.overlays(), [Overlay::Confirm { .. }]));
        commands(&mut app);
        press(&mut app, &["y"]);
        assert!(matches!(commands(&mut app).as_slice(), [(ConnectionId(1), crate::session::Command::Connect)]));
        tell(&mut app, 1, Notice::State { state: LinkState::Connecting(Stage::Resolve), at: START });
        assert!(asks(&app).is_err(), "an answered question is asked no more");
    }

    #[test]
    fn everything_that_is_wrong_at_the_start_is_kept_and_the_first_is_told() {
        let faults = vec![Phrase::verbatim("broken.toml"), Phrase::verbatim("settings.toml")];
        let app = App::new(crate::app::AppConfig { faults, ..Default::default() }, Time::from_secs(1));
        let told = app.toast().unwrap().text.render(Lang::En);
        assert_eq!(told, "7 shows this and 1 more: broken.toml");
        let kept: Vec<String> = app.events.shown().map(|event| event.what.render(Lang::En)).collect();
        assert_eq!(kept, ["broken.toml", "settings.toml"]);
        assert_eq!(app.events.unread(), 2);
    }
}
