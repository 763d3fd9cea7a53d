//! One line of the list in words: worked out for the lines that are drawn, and kept while they stay.

use std::time::Duration;

use crate::app::stream::list;
use crate::app::stream::scene::Scene;
use crate::app::stream::texts;
use crate::base::lang::{Lang, Text};
use crate::base::text;
use crate::base::time::Time;
use crate::model::{ConnectionId, Direction, Kind, packet};
use crate::store::{Entry, Fate, Seq};

/// A payload beyond this is shown by its first bytes instead of being read for a gist.
const MAX_READ: usize = 64 * 1024;
/// Bytes of a payload that are shown where no dialect has a gist.
const MAX_SHOWN: usize = 400;
/// Characters of a request id that tell it from others.
const SHORT_ID: usize = 5;

/// How a message ended, as a mark that does not need a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// Nothing to tell.
    #[default]
    None,
    /// Under way.
    Open,
    /// Acknowledged by the broker; says nothing about the peer.
    Acknowledged,
    /// Good.
    Good,
    /// A later report carried the value.
    Observed,
    /// It answers nothing that was asked here, or came too late or twice.
    Odd,
    /// Failed.
    Bad,
}

impl Outcome {
    /// The outcome of a message: what became of it, or else what it says itself.
    pub fn of(entry: &Entry<'_>) -> Outcome {
        match entry.fate {
            Some(Fate::Sent) if entry.message.meta.kind.part() == crate::model::kind::Part::Request => Outcome::Open,
            Some(Fate::Acknowledged) => Outcome::Acknowledged,
            Some(Fate::Observed) => Outcome::Observed,
            Some(Fate::RepliedLate | Fate::RepliedAgain) => Outcome::Odd,
            Some(Fate::Unsolicited) if entry.message.meta.ok != Some(false) => Outcome::Odd,
            Some(Fate::Replied) => Outcome::Good,
            _ if list::is_failure(entry) => Outcome::Bad,
            _ if entry.message.meta.ok == Some(true) => Outcome::Good,
            _ => Outcome::None,
        }
    }

    /// Its mark, one cell wide.
    pub const fn mark(self) -> &'static str {
        match self {
            Outcome::None => "",
            Outcome::Open => "…",
            Outcome::Acknowledged => "→",
            Outcome::Good => "✓",
            Outcome::Observed => "≈",
            Outcome::Odd => "!",
            Outcome::Bad => "✗",
        }
    }
}

/// A line of the list; every text is printable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The message.
    pub seq: Seq,
    /// When.
    pub at: Time,
    /// Time of day.
    pub time: String,
    /// The colour of the highlight that fits, if one does.
    pub highlight: Option<usize>,
    /// Which way it went.
    pub direction: Direction,
    /// Its connection.
    pub connection: ConnectionId,
    /// The mark and the name of the connection.
    pub peer: (String, String),
    /// What it is.
    pub kind: Kind,
    /// What it is, in words.
    pub kind_words: &'static str,
    /// The device.
    pub device: String,
    /// What it says.
    pub gist: String,
    /// Code with its meaning, or what became of it.
    pub outcome_words: String,
    /// Its outcome.
    pub outcome: Outcome,
    /// How long the reply took.
    pub latency: String,
    /// What the MQTT flags say, one letter each: R retained, D duplicate.
    pub flags: &'static str,
    /// The first characters of the request id.
    pub id: String,
    fate: Option<Fate>,
    waited: Option<Duration>,
    lang: Lang,
}

impl Line {
    /// The line of a message.
    pub fn new(scene: &Scene<'_>, entry: &Entry<'_>) -> Line {
        let message = &entry.message;
        let peer = scene.peer_of(message);
        let mut gist = match &peer {
            _ if message.meta.kind == Kind::Packet => packet::gist(message.topic, message.payload),
            Some(peer) if message.payload.len() <= MAX_READ => {
                peer.dialect.gist(&peer.context, message.topic, message.payload, &message.meta)
            }
            _ => String::new(),
        };
        if gist.is_empty() {
            let shown = message.payload.get(..MAX_SHOWN).unwrap_or(message.payload);
            gist = text::printable_bytes(trim_cut(shown, message.payload.len())).into_owned();
        } else {
            gist = text::printable(&text::fit(&gist, MAX_SHOWN)).into_owned();
        }
        if message.payload.len() > MAX_READ {
            let size = text::human_size(u64::try_from(message.payload_len).unwrap_or(u64::MAX));
            gist = format!("({size}) {gist}");
        }
        // Where the kind says nothing, the topic does.
        if message.meta.kind == Kind::Unknown {
            gist = format!("{} {gist}", text::printable(message.topic));
        }
        // A gist that begins with the code says its meaning too.
        let code = message.code().unwrap_or_default();
        let outcome_words = if !code.is_empty() && gist.starts_with(&*text::printable(&code)) {
            odd_fate(entry).map_or_else(String::new, |fate| fate_words(fate).get(scene.lang).to_owned())
        } else {
            outcome_words(scene, entry)
        };
        let id = message.request_id().unwrap_or_default();
        Line {
            seq: entry.seq,
            at: message.at,
            time: text::local_time(message.at),
            highlight: None,
            direction: message.direction,
            connection: message.connection,
            peer: peer.map_or_else(Default::default, |peer| {
                (peer.glyph.to_string(), text::printable(peer.name).into_owned())
            }),
            kind: message.meta.kind,
            kind_words: message.meta.kind.title().get(scene.lang),
            device: text::printable(message.device().unwrap_or_default()).into_owned(),
            gist,
            outcome_words,
            outcome: Outcome::of(entry),
            latency: entry.latency.map(text::duration_short).unwrap_or_default(),
            flags: match (message.retain, message.dup) {
                (false, false) => "",
                (true, false) => "R",
                (false, true) => "D",
                (true, true) => "RD",
            },
            id: short_id(&id),
            fate: entry.fate,
            waited: entry.latency,
            lang: scene.lang,
        }
    }

    /// Whether nothing that it shows has changed.
    pub fn is_fresh(&self, lang: Lang, entry: &Entry<'_>) -> bool {
        self.seq == entry.seq && self.fate == entry.fate && self.waited == entry.latency && self.lang == lang
    }
}

/// A cut may have gone through a character: what is left of it is not a broken byte.
fn trim_cut(shown: &[u8], whole: usize) -> &[u8] {
    if shown.len() == whole {
        return shown;
    }
    let cut = (1..=3).find(|back| {
        shown.len().checked_sub(*back).and_then(|at| shown.get(at)).is_some_and(|byte| *byte >= 0b1100_0000)
    });
    match cut.and_then(|back| shown.get(..shown.len() - back)) {
        Some(trimmed) if std::str::from_utf8(shown).is_err() => trimmed,
        _ => shown,
    }
}

/// The last characters of an id: numbers and times differ there.
fn short_id(id: &str) -> String {
    if id.is_empty() {
        return String::new();
    }
    let count = id.chars().count();
    if count <= SHORT_ID + 1 {
        return format!("#{}", text::printable(id));
    }
    let tail: String = id.chars().skip(count - SHORT_ID).collect();
    format!("#…{}", text::printable(&tail))
}

/// What became of a message, where its mark and its code do not say it.
fn odd_fate(entry: &Entry<'_>) -> Option<Fate> {
    let is_odd = matches!(Outcome::of(entry), Outcome::Odd | Outcome::Observed | Outcome::Bad);
    entry.fate.filter(|fate| is_odd && !matches!(fate, Fate::Refused | Fate::Sent))
}

/// What became of a message, with its code and the meaning of it: `460 params error`.
pub fn outcome_words(scene: &Scene<'_>, entry: &Entry<'_>) -> String {
    let mut words: Vec<String> = Vec::new();
    let outcome = Outcome::of(entry);
    words.extend(odd_fate(entry).map(|fate| fate_words(fate).get(scene.lang).to_owned()));
    if let Some(code) = entry.message.code()
        && (outcome == Outcome::Bad || outcome == Outcome::Odd)
    {
        words.push(text::printable(&code).into_owned());
        words.extend(scene.meaning(&entry.message).map(str::to_owned));
    }
    if words.is_empty() && entry.fate == Some(Fate::Refused) {
        words.push(fate_words(Fate::Refused).get(scene.lang).to_owned());
    }
    words.join(" ")
}

/// A fate in the reader's words.
pub const fn fate_words(fate: Fate) -> Text {
    match fate {
        Fate::Sent => texts::SENT,
        Fate::Acknowledged => texts::ACKNOWLEDGED,
        Fate::Replied => texts::REPLIED,
        Fate::Refused => texts::REFUSED,
        Fate::Observed => texts::OBSERVED,
        Fate::TimedOut => texts::TIMED_OUT,
        Fate::LinkLost => texts::LINK_LOST,
        Fate::Failed => texts::FAILED,
        Fate::RepliedLate => texts::REPLIED_LATE,
        Fate::RepliedAgain => texts::REPLIED_AGAIN,
        Fate::Unsolicited => texts::UNSOLICITED,
    }
}
