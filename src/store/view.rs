//! What is shown: the messages that a filter admits, in order.

use crate::store::bitmap::Bitmap;
use crate::store::{Filter, Matcher, Seq, SeqRange, Store};

/// Bytes of payload that count as one message more in the budget of [`View::scan`].
const BYTES_PER_STEP: usize = 512;

/// How far a view has looked back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Messages that were looked at, of those that are kept.
    pub done: usize,
    /// Messages to be looked at.
    pub total: usize,
}

impl Progress {
    /// Whether nothing is left to look at.
    pub const fn is_complete(self) -> bool {
        self.done >= self.total
    }
}

/// The messages that a filter admits, oldest first.
///
/// It is extended batch by batch with what is new ([`View::extend`]), and looks back at what was there before it in
/// slices, newest first ([`View::scan`]). What it has looked at is always one unbroken range, and every message of that
/// range that the filter admits is in the view. A filter that admits everything costs nothing per message.
#[derive(Debug, Clone)]
pub struct View {
    matcher: Matcher,
    /// What was looked at; `None` before the first look.
    seen: Option<SeqRange>,
    /// Those of `seen` that the filter admits; unused where it admits everything.
    hits: Bitmap,
    /// Nothing before this is shown.
    floor: Seq,
}

impl View {
    /// A view that has not looked at anything yet.
    pub fn new(filter: Filter) -> View {
        View { matcher: Matcher::new(filter), seen: None, hits: Bitmap::default(), floor: Seq(0) }
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        self.matcher.filter()
    }

    /// Changes the filter. The view begins anew, looking back from where it had got to.
    pub fn set_filter(&mut self, filter: Filter) {
        self.matcher = Matcher::new(filter);
        self.hits = Bitmap::default();
        self.seen = self.seen.map(|seen| SeqRange::new(seen.end, seen.end));
    }

    /// Shows nothing before this message from now on.
    pub fn hide_before(&mut self, seq: Seq) {
        self.floor = self.floor.max(seq);
        self.drop_before(seq);
    }

    /// Looks at new messages up to `range.end`, none left out since the last call, and drops what left the store. An
    /// empty range only drops; on a fresh view it also says where [`View::scan`] is to begin.
    pub fn extend(&mut self, store: &Store, range: SeqRange) {
        self.drop_before(store.kept().start);
        let seen = *self.seen.get_or_insert(SeqRange::new(range.start, range.start));
        let new = SeqRange::new(seen.end.max(self.floor), range.end).intersect(store.kept());
        if new.is_empty() {
            return;
        }
        if !self.shows_everything() {
            for entry in store.entries(new) {
                if self.matcher.admits(&entry) {
                    self.hits.insert(entry.seq);
                }
            }
        }
        // What lies between has left the store or is hidden.
        let start = if seen.end < new.start { new.start } else { seen.start };
        self.seen = Some(SeqRange::new(start, new.end));
    }

    /// Looks back at about `budget` older messages, newest first; a long message counts as several, and so does one that
    /// jq looks at. Call it until the progress is complete.
    pub fn scan(&mut self, store: &Store, budget: usize) -> Progress {
        let kept = store.kept();
        self.drop_before(kept.start);
        let mut seen = *self.seen.get_or_insert(SeqRange::new(kept.end, kept.end));
        let oldest = kept.start.max(self.floor);
        if self.shows_everything() {
            seen.start = seen.start.min(oldest);
        } else {
            let (mut left, effort) = (budget, self.filter().effort());
            for entry in store.entries(SeqRange::new(oldest, seen.start)).rev() {
                if left == 0 {
                    break;
                }
                left = left.saturating_sub(effort * (1 + entry.message.payload.len() / BYTES_PER_STEP));
                if self.matcher.admits(&entry) {
                    self.hits.insert(entry.seq);
                }
                seen.start = entry.seq;
            }
        }
        self.seen = Some(seen);
        self.progress(store)
    }

    /// Looks again at a message of which something new is known ([`Store::annotate`]).
    pub fn reconsider(&mut self, store: &Store, seq: Seq) {
        let is_seen = self.seen.is_some_and(|seen| seen.contains(seq)) && seq >= self.floor;
        if !is_seen || !self.filter().asks_for_outcomes() {
            return;
        }
        match store.entry(seq) {
            Some(entry) if self.matcher.admits(&entry) => self.hits.insert(seq),
            _ => self.hits.remove(seq),
        }
    }

    /// How far it has looked back.
    pub fn progress(&self, store: &Store) -> Progress {
        let oldest = store.kept().start.max(self.floor);
        let seen = self.seen.unwrap_or(SeqRange::new(store.kept().end, store.kept().end));
        Progress { done: seen.len(), total: SeqRange::new(oldest.min(seen.start), seen.end).len() }
    }

    /// Messages in the view.
    pub fn len(&self) -> usize {
        if self.shows_everything() { self.seen.unwrap_or_default().len() } else { self.hits.len() }
    }

    /// Whether there is no message in the view.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The message at this place, counted from the oldest. It may have left the store since the view was last extended.
    pub fn get(&self, index: usize) -> Option<Seq> {
        if self.shows_everything() { self.rows(index).next() } else { self.hits.select(index) }
    }

    /// The messages from this place on; cheaper than [`View::get`] for each.
    pub fn rows(&self, index: usize) -> impl Iterator<Item = Seq> + '_ {
        let range = self.seen.unwrap_or_default();
        let plain = self.shows_everything().then(|| {
            let start = range.start.plus(u64::try_from(index).unwrap_or(u64::MAX));
            SeqRange::new(start, range.end).iter()
        });
        let filtered = (!self.shows_everything()).then(|| self.hits.iter_from(index));
        plain.into_iter().flatten().chain(filtered.into_iter().flatten())
    }

    /// The place of a message, if it is in the view.
    pub fn position_of(&self, seq: Seq) -> Option<usize> {
        let is_in = if self.shows_everything() {
            self.seen.is_some_and(|seen| seen.contains(seq))
        } else {
            self.hits.contains(seq)
        };
        is_in.then(|| self.place_of(seq))
    }

    /// The place where a message would be: the number of messages in the view that are older.
    pub fn place_of(&self, seq: Seq) -> usize {
        if self.shows_everything() {
            let seen = self.seen.unwrap_or_default();
            SeqRange::new(seen.start, seq.min(seen.end)).len()
        } else {
            self.hits.rank(seq)
        }
    }

    fn shows_everything(&self) -> bool {
        self.matcher.filter().is_everything()
    }

    fn drop_before(&mut self, seq: Seq) {
        if let Some(seen) = &mut self.seen
            && seen.start < seq
        {
            *seen = SeqRange::new(seq, seen.end.max(seq));
            self.hits.drop_before(seq);
        }
    }
}
