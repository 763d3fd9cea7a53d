//! Lists to pick from: topics, devices, marks, saved filters — each narrowed by what is typed.

use std::collections::BTreeSet;

use crate::app::edit::TextEdit;
use crate::app::overlay::{Asked, Overlay};
use crate::app::picker::Picker;
use crate::app::stream::list::Quarry;
use crate::app::stream::{Grouping, texts};
use crate::app::{App, Place};
use crate::base::lang::{Phrase, Text};
use crate::base::moment::{self, Moment};
use crate::base::text;
use crate::model::{LinkState, Severity};
use crate::store::{Seq, Traffic};

/// A row to pick.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name; not made printable.
    pub label: String,
    /// What else is known of it.
    pub detail: String,
    /// What picking it does.
    chosen: Chosen,
}

#[derive(Debug, Clone)]
enum Chosen {
    Topic(String),
    Filter(String),
    Message(Seq),
    /// The place of a device in the composer's list.
    Target(usize),
}

fn names(choice: &Choice) -> Vec<&str> {
    vec![&choice.label, &choice.detail]
}

fn pick(title: Text, rows: Vec<Choice>) -> Overlay {
    Overlay::Pick(title, Picker::new(rows, names))
}

impl App {
    /// Lists every topic.
    pub(super) fn pick_topic(&mut self) {
        let now = self.now;
        let mut topics: Vec<(u64, Choice)> = self
            .store
            .topics()
            .iter()
            .map(|(_, topic)| {
                let detail = traffic_words(self, topic.traffic(), topic.rate(now));
                let label = topic.name().to_owned();
                (topic.count(), Choice { chosen: Chosen::Topic(label.clone()), label, detail })
            })
            .collect();
        topics.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        self.open_overlay(pick(texts::FIND_TOPIC, topics.into_iter().map(|(_, choice)| choice).collect()));
    }

    /// Lists every device that messages named, with their traffic. First stand those that need a look: devices that are
    /// watched and were not heard of, then those that spoke regularly and fell silent.
    pub(super) fn pick_device(&mut self) {
        let devices = self.store.devices();
        // When everything is silent, nothing is remarkable about one device.
        let speaking = self.store.traffic().rate(self.now) > 0.0;
        let mut rows: Vec<(u64, Choice)> = self
            .watched_devices()
            .into_iter()
            .filter(|name| devices.find(name).is_none())
            .map(|label| {
                let chosen = Chosen::Filter(format!("dev={}", quoted(&label)));
                (u64::MAX, Choice { detail: texts::UNHEARD.get(self.lang).to_owned(), label, chosen })
            })
            .collect();
        let scene = self.scene();
        let heard = devices.iter().map(|(_, device)| {
            let (traffic, label) = (device.traffic(), device.name().to_owned());
            let mut detail = traffic_words(self, traffic, device.rate(self.now));
            if let Some(entry) = device.last().and_then(|seq| self.store.entry(seq)) {
                detail = format!("{detail}  {}", super::Line::new(&scene, &entry).gist);
            }
            let mut rank = device.count();
            if let Some(silent) = super::tree::silence(traffic, self.now).filter(|_| speaking) {
                let words = texts::SILENT_FOR.fill(self.lang, &[&text::countdown(silent)]);
                (detail, rank) = (format!("{words} · {detail}"), u64::MAX - 1);
            }
            let chosen = Chosen::Filter(format!("dev={}", quoted(&label)));
            (rank, Choice { label, detail, chosen })
        });
        rows.extend(heard);
        rows.sort_by(|(rank, choice), (other, with)| other.cmp(rank).then_with(|| choice.label.cmp(&with.label)));
        self.open_overlay(pick(texts::DEVICES, rows.into_iter().map(|(_, choice)| choice).collect()));
    }

    /// The devices that open connections watch, as messages name them.
    fn watched_devices(&self) -> BTreeSet<String> {
        let online = self.connections.all().iter().filter(|connection| connection.state == LinkState::Online);
        let names = online.flat_map(|connection| {
            connection
                .settings
                .devices
                .iter()
                .filter_map(|device| device.get("device_name").or_else(|| device.get("did")))
        });
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Lists the devices that the composer can send to.
    pub(in crate::app) fn pick_target(&mut self) {
        let devices = self.compose_devices().into_iter().enumerate();
        let rows = devices.map(|(place, label)| Choice { label, detail: String::new(), chosen: Chosen::Target(place) });
        let overlay = pick(texts::TARGETS, rows.collect());
        self.open_overlay(overlay);
    }

    /// Lists the marks with their notes.
    pub(super) fn pick_mark(&mut self) {
        let rows: Vec<Choice> = self
            .stream
            .list
            .notes()
            .map(|(seq, note)| {
                let line = self.store.entry(seq).map(|entry| super::Line::new(&self.scene(), &entry));
                let detail =
                    line.map(|line| format!("{} {} {}", line.time, line.kind_words, line.gist)).unwrap_or_default();
                let label = if note.is_empty() { "◆".to_owned() } else { note.to_owned() };
                Choice { label, detail, chosen: Chosen::Message(seq) }
            })
            .collect();
        self.open_overlay(pick(texts::MARKS, rows));
    }

    /// Lists the filters that are kept under names.
    pub(super) fn pick_filter(&mut self) {
        let filters = self.stream.memory.filters().iter();
        let rows: Vec<Choice> = filters
            .map(|saved| Choice {
                label: saved.name.clone(),
                detail: saved.expr.clone(),
                chosen: Chosen::Filter(saved.expr.clone()),
            })
            .collect();
        if rows.is_empty() {
            self.tell(Severity::Info, texts::NO_SAVED_FILTERS);
        } else {
            self.open_overlay(pick(texts::SAVED_FILTERS, rows));
        }
    }

    /// A row was picked.
    pub(in crate::app) fn picked(&mut self, choice: &Choice) {
        match &choice.chosen {
            Chosen::Topic(topic) => {
                self.stream.group_by(Grouping::Topics);
                self.stream.tree.refresh_now(&self.store, self.now);
                self.stream.tree.reveal(topic);
                self.stream.apply_filter(&self.store);
                self.focus(Place::Stream);
            }
            Chosen::Filter(expr) => {
                let names = self.connections.names();
                self.stream.filter.open(names);
                self.stream.filter.set(expr);
                self.stream.filter.accept();
                self.stream.apply_filter(&self.store);
            }
            Chosen::Target(place) => self.compose.device = *place,
            Chosen::Message(seq) => self.stream.show(*seq),
        }
    }

    /// Asks for a note on the selected message.
    pub(super) fn ask_for_note(&mut self) {
        let Some(seq) = self.stream.list.selected() else { return self.tell(Severity::Warning, texts::NO_MESSAGE) };
        let note = self.stream.list.note(seq).unwrap_or_default().to_owned();
        self.open_overlay(Overlay::Prompt {
            title: texts::NOTE.into(),
            hint: texts::NOTE_HINT.into(),
            edit: TextEdit::single(&note),
            about: Asked::MarkNote(seq),
        });
    }

    /// Asks for a time to go to.
    pub(super) fn ask_for_time(&mut self) {
        self.open_overlay(Overlay::Prompt {
            title: texts::GO_TO_TIME.into(),
            hint: texts::GO_TO_TIME_HINT.into(),
            edit: TextEdit::single(""),
            about: Asked::GoToTime,
        });
    }

    /// Goes to the first message of a time, or to the first one after it.
    pub(in crate::app) fn go_to_time(&mut self, written: &str) -> Result<(), Phrase> {
        let written = written.trim();
        let moment = Moment::parse(written).ok_or_else(|| moment::NOT_A_TIME.with(&[&text::printable(written)]))?;
        self.stream.list.hunt_from_start(Quarry::Time(moment));
        Ok(())
    }
}

/// `12,345  3.1/s  ▁▂▅█  1.2 MiB  last 14:02:11.204`
fn traffic_words(app: &App, traffic: &Traffic, rate: f64) -> String {
    let bytes = text::human_size(traffic.bytes());
    let last = traffic.last_at().map(text::local_time).unwrap_or_default();
    let curve = super::spark::line(&traffic.recent(app.now).collect::<Vec<_>>());
    format!("{}  {rate:.1}/s  {curve}  {bytes}  {last}", text::group_digits(traffic.count()))
}

/// A value of a filter: in quotes where it is not a plain word.
fn quoted(value: &str) -> String {
    let plain =
        !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '$'));
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}
