//! The message beside others of its kind: what differs from the one before, and what a field was before.

use std::time::Duration;

use super::decode::Decoders;
use super::diff::Diff;
use super::explain::explain;
use super::history::{self, History, LOOK_BACK, MOST_TAKEN_APART, MOST_VALUES, Point};
use super::{Fields, Inspector, Mode};
use crate::app::stream::scene::Scene;
use crate::base::text::duration_short;
use crate::base::time::Time;
use crate::store::{Entry, Seq, SeqRange};

/// How often a field is looked up anew while messages pour in.
const PAUSE: Duration = Duration::from_millis(300);

/// What was found beside the message.
#[derive(Debug, Default)]
pub(super) struct Related {
    pub(super) diff: Diff,
    diff_of: Option<Seq>,
    pub(super) history: History,
    /// The message, the field, and the first message that was not there yet.
    history_of: Option<(Seq, Vec<String>, Seq)>,
    looked_at: Time,
}

/// Whether two messages are of one kind.
fn alike(one: &Entry<'_>, other: &Entry<'_>) -> bool {
    let (a, b) = (&one.message, &other.message);
    one.topic == other.topic
        && a.connection == b.connection
        && a.direction == b.direction
        && a.meta.kind == b.meta.kind
        && a.topic == b.topic
        && a.device() == b.device()
}

/// Whether a payload has the form of JSON, as far as its first byte tells.
fn is_json(payload: &[u8]) -> bool {
    matches!(payload.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Messages of the kind of this one, newest first, from before `end` on.
fn alikes<'a>(scene: &Scene<'a>, entry: Entry<'a>, end: Seq) -> impl Iterator<Item = Entry<'a>> {
    let range = SeqRange::new(scene.store.kept().start, end.min(scene.store.kept().end));
    scene.store.entries(range).rev().take(LOOK_BACK).filter(move |other| alike(&entry, other))
}

impl Inspector {
    /// Looks at other messages, if that is what is shown.
    pub fn relate(&mut self, scene: &Scene<'_>, decoders: &Decoders) {
        let Some(entry) = self.seq.and_then(|seq| scene.store.entry(seq)) else { return };
        match self.mode {
            Mode::Diff if self.related.diff_of != self.seq => {
                self.related.diff_of = self.seq;
                self.related.diff = match alikes(scene, entry, entry.seq).next() {
                    Some(before) => {
                        let mut dissection = decoders.known(scene, before.seq, &before.message);
                        explain(&mut dissection.fields);
                        let ago = duration_short(entry.message.at.since(before.message.at));
                        Diff::new(&self.fields, &Fields::new(dissection), ago)
                    }
                    None => Diff::default(),
                };
            }
            Mode::History => self.remember(scene, entry, decoders),
            _ => {}
        }
    }

    fn remember(&mut self, scene: &Scene<'_>, entry: Entry<'_>, decoders: &Decoders) {
        let Some(path) = self.fields.selected_value().map(|place| self.fields.path(place)) else { return };
        // What came after the message belongs to the history of its field too, as far as half of the look reaches.
        let end = entry.seq.plus(u64::try_from(LOOK_BACK / 2).unwrap_or(u64::MAX)).min(scene.store.kept().end);
        let known = self.related.history_of.as_ref();
        let same_field = known.is_some_and(|(_, known, _)| *known == path);
        let fresh = same_field && known.is_some_and(|(seq, _, to)| (*seq, *to) == (entry.seq, end));
        if fresh || (same_field && scene.now.since(self.related.looked_at) < PAUSE) {
            return;
        }
        self.related.looked_at = scene.now;
        let mut points = Vec::new();
        let mut taken_apart = 0;
        for other in alikes(scene, entry, end) {
            let message = &other.message;
            let text = if is_json(message.payload) && decoders.rule(message.topic).is_none() {
                history::in_json(message.payload, &path)
            } else {
                taken_apart += 1;
                history::in_fields(&Fields::new(decoders.known(scene, other.seq, message)), &path)
            };
            if let Some(text) = text {
                points.push(Point { at: message.at, seq: other.seq, number: history::number(&text), text });
            }
            if points.len() >= MOST_VALUES || taken_apart >= MOST_TAKEN_APART {
                break;
            }
        }
        self.related.history_of = Some((entry.seq, path.clone(), end));
        self.related.history = History::new(path, points);
    }

    /// What differs from the message before.
    pub fn diff(&self) -> &Diff {
        &self.related.diff
    }

    /// What the selected field was before.
    pub fn history(&self) -> &History {
        &self.related.history
    }
}
