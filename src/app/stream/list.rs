//! The message list: which messages are shown, where the reader stands, and what holds still.
//!
//! 1. The selection, the marks and the first line on the screen are sequence numbers: they mean the same message
//!    whatever arrives or leaves.
//! 2. While the list follows, the selection is the newest message. Moving away from it ends following; going to the end
//!    takes it up again.
//! 3. A pause ends the list at the message that was newest then. What comes later is filtered and counted, not shown.
//! 4. A selected message that left the store stays selected (the inspector holds its copy) until the reader moves.
//! 5. Looking back through a large store after a change of the filter, and looking for the next error, both go on in
//!    slices ([`List::work`]), so that no key waits for them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::base::moment::Moment;
use crate::model::{ConnectionId, MessageRef};
use crate::store::{Entry, Fate, Filter, Progress, Seq, SeqRange, Store, View};

/// Marks that are kept; the oldest is given up first.
const MAX_MARKS: usize = 10_000;

/// Messages that a hunt looks at in one slice.
const HUNT_SLICE: usize = 20_000;

/// Whether a message is, or turned out to be, a failure.
pub fn is_failure(entry: &Entry<'_>) -> bool {
    let failed = matches!(entry.fate, Some(Fate::Refused | Fate::TimedOut | Fate::LinkLost | Fate::Failed));
    failed || entry.message.meta.ok == Some(false)
}

/// What messages of one request have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTie {
    id: String,
    connection: ConnectionId,
    device: Option<String>,
}

impl RequestTie {
    /// What ties other messages to this one; `None` for a message without a request id.
    pub fn of(message: &MessageRef<'_>) -> Option<RequestTie> {
        Some(RequestTie {
            id: message.request_id()?.into_owned(),
            connection: message.connection,
            device: message.device().map(str::to_owned),
        })
    }

    /// Whether a message belongs to the request: the same id, on the same connection or about the same device. Ids such
    /// as `1` are used by every device, so the id alone says little.
    pub fn holds(&self, message: &MessageRef<'_>) -> bool {
        message.request_id().is_some_and(|id| *id == self.id)
            && (message.connection == self.connection
                || self.device.is_some() && message.device() == self.device.as_deref())
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quarry {
    /// A message that failed.
    Failure,
    /// A message of the same request.
    SameRequest(RequestTie),
    /// A marked message.
    Mark,
    /// A message of this time or later.
    Time(Moment),
}

/// How a hunt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HuntEnd {
    /// It was found and is selected.
    Found(Seq),
    /// There is none in that direction.
    None,
}

#[derive(Debug, Clone)]
struct Hunt {
    quarry: Quarry,
    forward: bool,
    /// The last message that was looked at.
    at: Seq,
    /// Whether the message at `at` itself has not been looked at yet.
    whole: bool,
}

/// The list.
#[derive(Debug)]
pub struct List {
    view: View,
    selected: Option<Seq>,
    top: Seq,
    follow: bool,
    paused: Option<Seq>,
    /// Marked messages with their notes, which may be empty.
    marks: BTreeMap<Seq, String>,
    hunt: Option<Hunt>,
    progress: Progress,
}

impl Default for List {
    fn default() -> Self {
        List {
            view: View::new(Filter::everything()),
            selected: None,
            top: Seq(0),
            follow: true,
            paused: None,
            marks: BTreeMap::new(),
            hunt: None,
            progress: Progress::default(),
        }
    }
}

impl List {
    /// Takes over the messages that were stored since the last call.
    pub fn extend(&mut self, store: &Store, range: SeqRange) {
        self.view.extend(store, range);
        self.marks = self.marks.split_off(&store.kept().start);
        self.keep_up();
    }

    /// Looks again at messages of which something new is known.
    pub fn reconsider(&mut self, store: &Store, noted: &[Seq]) {
        for seq in noted {
            self.view.reconsider(store, *seq);
        }
        if !noted.is_empty() {
            self.keep_up();
        }
    }

    /// Shows what another filter admits; the selection stays where it is admitted, or goes to what stands next to it.
    pub fn set_filter(&mut self, store: &Store, filter: Filter) {
        if *self.view.filter() == filter {
            return;
        }
        self.view.set_filter(filter);
        self.view.extend(store, SeqRange::new(store.kept().end, store.kept().end));
        self.hunt = None;
        self.progress = Progress { done: 0, total: 1 };
        self.scan(store, HUNT_SLICE);
    }

    /// The filter in force.
    pub fn filter(&self) -> &Filter {
        self.view.filter()
    }

    /// Goes on with what takes longer than a key may wait: about `budget` messages of it. The first is whether there is
    /// more to do, the second is how a hunt ended.
    pub fn work(&mut self, store: &Store, budget: usize) -> (bool, Option<HuntEnd>) {
        if !self.progress.is_complete() {
            self.scan(store, budget);
        }
        let end = self.go_hunting(store, budget.max(1));
        (self.is_busy(), end)
    }

    /// Whether [`List::work`] has anything to do.
    pub fn is_busy(&self) -> bool {
        self.hunt.is_some() || !self.progress.is_complete()
    }

    /// How far the filter has looked back.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    fn scan(&mut self, store: &Store, budget: usize) {
        self.progress = self.view.scan(store, budget);
        self.keep_up();
    }

    fn keep_up(&mut self) {
        if self.follow {
            self.selected = self.len().checked_sub(1).and_then(|last| self.view.get(last)).or(self.selected);
        }
    }

    /// Messages in the list.
    pub fn len(&self) -> usize {
        self.paused.map_or_else(|| self.view.len(), |end| self.view.place_of(end))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Messages that came since the list was paused, as far as the filter admits them.
    pub fn held_back(&self) -> usize {
        self.view.len() - self.len()
    }

    /// Whether the list stands still.
    pub fn is_paused(&self) -> bool {
        self.paused.is_some()
    }

    /// Whether the newest message is kept in sight.
    pub fn follows(&self) -> bool {
        self.follow
    }

    /// Holds the list still, or lets it go on.
    pub fn toggle_pause(&mut self, store: &Store) {
        self.paused = match self.paused {
            Some(_) => None,
            None => Some(store.kept().end),
        };
        self.keep_up();
    }

    /// The message at a place, counted from the oldest.
    pub fn get(&self, index: usize) -> Option<Seq> {
        if index < self.len() { self.view.get(index) } else { None }
    }

    /// The place of a message in the list, or where it would be.
    pub fn place_of(&self, seq: Seq) -> usize {
        self.view.place_of(seq).min(self.len())
    }

    /// The messages from a place on.
    pub fn rows(&self, from: usize) -> impl Iterator<Item = Seq> + '_ {
        self.view.rows(from).take(self.len().saturating_sub(from))
    }

    /// The selected message. It may have left the store, or may not be admitted by the filter.
    pub fn selected(&self) -> Option<Seq> {
        self.selected
    }

    /// The place of the selection, or where it would be.
    pub fn cursor(&self) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        Some(self.selected.map_or(last, |seq| self.view.place_of(seq)).min(last))
    }

    /// The first place to draw where `height` rows fit. A list shorter than that begins at the top.
    pub fn first_row(&self, height: usize) -> usize {
        let Some(cursor) = self.cursor() else { return 0 };
        let end = self.len().saturating_sub(height);
        if self.follow {
            return end;
        }
        let top = self.view.place_of(self.top).min(end).min(cursor);
        top.max((cursor + 1).saturating_sub(height))
    }

    /// Keeps the rows where they were drawn last.
    pub fn settle(&mut self, height: usize) {
        let first = self.first_row(height);
        if let Some(seq) = self.view.get(first) {
            self.top = seq;
        }
    }

    /// Selects a message, whether or not it is in the list.
    pub fn select(&mut self, seq: Seq) {
        self.selected = Some(seq);
        self.follow = false;
        self.hunt = None;
    }

    /// Selects the message so many places further down (up, if negative). The newest one is followed from then on.
    pub fn step(&mut self, by: isize) {
        let Some(cursor) = self.cursor() else { return };
        let left = self.selected.is_some_and(|seq| self.view.get(cursor) != Some(seq));
        // Coming from a message that is no longer there, the one next to it is the first step.
        let by = if left && by > 0 { by - 1 } else { by };
        self.select_place(cursor.saturating_add_signed(by));
    }

    /// Selects the message at a place; the last one where there are fewer.
    pub fn select_place(&mut self, place: usize) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let place = place.min(last);
        if let Some(seq) = self.view.get(place) {
            self.select(seq);
        }
        self.follow = place == last && self.paused.is_none();
    }

    /// Selects the oldest message.
    pub fn first(&mut self) {
        self.select_place(0);
    }

    /// Selects the newest message and follows; a pause ends.
    pub fn last(&mut self) {
        self.paused = None;
        self.hunt = None;
        self.follow = true;
        self.keep_up();
    }

    /// Moves what is drawn without moving the selection further than needed: the wheel.
    pub fn scroll(&mut self, by: isize, height: usize) {
        let Some(cursor) = self.cursor() else { return };
        let end = self.len().saturating_sub(height);
        let first = self.first_row(height).saturating_add_signed(by).min(end);
        let bottom = (first + height).saturating_sub(1);
        self.select_place(cursor.clamp(first, bottom.max(first)));
        self.follow = self.follow && by > 0;
        if let Some(seq) = self.view.get(first) {
            self.top = seq;
        }
    }

    /// Whether a message is marked.
    pub fn is_marked(&self, seq: Seq) -> bool {
        self.marks.contains_key(&seq)
    }

    /// Number of marks.
    pub fn marks(&self) -> usize {
        self.marks.len()
    }

    /// Marks the selection, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        let Some(seq) = self.selected else { return };
        if self.marks.remove(&seq).is_none() {
            self.set_note(seq, String::new());
        }
    }

    /// Marks a message with a note.
    pub fn set_note(&mut self, seq: Seq, note: String) {
        self.marks.insert(seq, note);
        if self.marks.len() > MAX_MARKS {
            self.marks.pop_first();
        }
    }

    /// The note on a message, if it is marked.
    pub fn note(&self, seq: Seq) -> Option<&str> {
        self.marks.get(&seq).map(String::as_str)
    }

    /// Marked messages with their notes, oldest first.
    pub fn notes(&self) -> impl Iterator<Item = (Seq, &str)> {
        self.marks.iter().map(|(seq, note)| (*seq, note.as_str()))
    }

    /// Begins to look for something after (or before) the selection; [`List::work`] goes on with it.
    pub fn hunt(&mut self, quarry: Quarry, forward: bool) {
        let start = if forward { Seq(0) } else { Seq(u64::MAX) };
        self.hunt = Some(Hunt { quarry, forward, at: self.selected.unwrap_or(start), whole: false });
    }

    /// Begins to look for something from the oldest message on.
    pub fn hunt_from_start(&mut self, quarry: Quarry) {
        self.hunt = Some(Hunt { quarry, forward: true, at: Seq(0), whole: true });
    }

    /// Whether something is being looked for.
    pub fn is_hunting(&self) -> bool {
        self.hunt.is_some()
    }

    /// Gives up looking for something.
    pub fn call_off(&mut self) {
        self.hunt = None;
    }

    fn go_hunting(&mut self, store: &Store, budget: usize) -> Option<HuntEnd> {
        let mut hunt = self.hunt.take()?;
        let is_it = |seq: Seq| match &hunt.quarry {
            Quarry::Failure => store.entry(seq).is_some_and(|entry| is_failure(&entry)),
            Quarry::SameRequest(tie) => store.get(seq).is_some_and(|message| tie.holds(&message)),
            Quarry::Mark => self.marks.contains_key(&seq),
            Quarry::Time(moment) => store.get(seq).is_some_and(|message| moment.place(message.at) != Ordering::Less),
        };
        let mut at = hunt.at;
        let mut looked_at = 0;
        let found = if hunt.forward {
            let from = self.view.place_of(at.plus(u64::from(!hunt.whole)));
            let mut rows = self.rows(from).take(budget).inspect(|seq| {
                at = *seq;
                looked_at += 1;
            });
            rows.find(|seq| is_it(*seq))
        } else {
            let end = self.view.place_of(at).min(self.len());
            let start = end.saturating_sub(budget);
            let slice: Vec<Seq> = self.rows(start).take(end - start).collect();
            looked_at = slice.len();
            at = slice.first().copied().unwrap_or(at);
            slice.into_iter().rev().find(|seq| is_it(*seq))
        };
        if let Some(seq) = found {
            self.select(seq);
            return Some(HuntEnd::Found(seq));
        }
        if looked_at < budget && self.progress.is_complete() {
            return Some(HuntEnd::None);
        }
        if looked_at < budget && hunt.forward {
            return Some(HuntEnd::None);
        }
        hunt.at = at;
        hunt.whole = false;
        self.hunt = Some(hunt);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stream::testing::{envelope, push, store_of};
    use crate::model::{Batch, Direction, Id, Meta, Place, Span};
    use crate::store::{Scope, TopicScope};

    fn listed(store: &Store) -> List {
        let mut list = List::default();
        list.extend(store, store.kept());
        list
    }

    fn arrive(store: &mut Store, list: &mut List, topics: &[&str]) {
        let range = push(store, topics);
        list.extend(store, range);
    }

    #[test]
    fn the_newest_message_is_followed_until_the_reader_moves_away() {
        let mut store = store_of(&["a", "b", "c"]);
        let mut list = listed(&store);
        assert_eq!(list.selected(), Some(Seq(2)));
        arrive(&mut store, &mut list, &["d"]);
        assert_eq!(list.selected(), Some(Seq(3)));
        list.step(-1);
        arrive(&mut store, &mut list, &["e", "f"]);
        assert_eq!((list.selected(), list.follows()), (Some(Seq(2)), false));
        list.step(100);
        arrive(&mut store, &mut list, &["g"]);
        assert_eq!((list.selected(), list.follows()), (Some(Seq(6)), true));
    }

    #[test]
    fn a_pause_holds_still_and_counts_what_the_filter_admits() {
        let mut store = store_of(&["a", "b"]);
        let mut list = listed(&store);
        let scope = Scope { topic: TopicScope::Exact("a".into()), ..Scope::default() };
        list.toggle_pause(&store);
        arrive(&mut store, &mut list, &["a", "b", "a"]);
        assert_eq!((list.len(), list.held_back(), list.selected()), (2, 3, Some(Seq(1))));
        list.set_filter(&store, Filter::everything().with_scope(scope));
        while list.work(&store, 10).0 {}
        assert_eq!((list.len(), list.held_back()), (1, 2));
        list.toggle_pause(&store);
        assert_eq!((list.len(), list.held_back(), list.selected()), (3, 0, Some(Seq(4))));
    }

    #[test]
    fn the_end_key_ends_a_pause() {
        let mut store = store_of(&["a", "b"]);
        let mut list = listed(&store);
        list.toggle_pause(&store);
        list.first();
        arrive(&mut store, &mut list, &["c"]);
        list.last();
        assert_eq!((list.selected(), list.is_paused(), list.follows()), (Some(Seq(2)), false, true));
    }

    #[test]
    fn the_selection_is_a_message_and_survives_that_it_leaves_the_store() {
        let mut store = Store::new(0);
        let mut list = List::default();
        arrive(&mut store, &mut list, &["a", "b", "c"]);
        list.select(Seq(1));
        list.toggle_mark();
        let payload = vec![b'x'; 300_000];
        while store.kept().start <= Seq(2) {
            let mut batch = Batch::new(ConnectionId(1));
            batch.push(envelope(0, Direction::In), "big", &payload);
            let range = store.push(&batch);
            list.extend(&store, range);
        }
        assert_eq!((list.selected(), list.marks()), (Some(Seq(1)), 0));
        assert_eq!(list.cursor(), Some(0));
        list.step(1);
        assert_eq!(list.selected(), Some(store.kept().start), "the next one is the oldest that is left");
        assert_eq!(list.len(), store.kept().len());
    }

    #[test]
    fn rows_stand_still_while_messages_arrive() {
        let mut store = store_of(&["t"; 50]);
        let mut list = listed(&store);
        list.select_place(20);
        list.settle(10);
        let first = list.first_row(10);
        assert!((first..first + 10).contains(&20));
        arrive(&mut store, &mut list, &["t"; 500]);
        assert_eq!(list.first_row(10), first);
        for place in [0, 549, 13, 300] {
            list.select_place(place);
            let first = list.first_row(7);
            assert!((first..first + 7).contains(&place), "{place} is drawn from {first}");
            list.settle(7);
        }
    }

    #[test]
    fn the_wheel_moves_the_rows_and_takes_the_selection_along() {
        let store = store_of(&["t"; 100]);
        let mut list = listed(&store);
        list.scroll(-3, 10);
        assert_eq!((list.first_row(10), list.cursor(), list.follows()), (87, Some(96), false));
        list.scroll(-87, 10);
        assert_eq!((list.first_row(10), list.cursor()), (0, Some(9)));
        list.scroll(1_000, 10);
        assert_eq!(list.first_row(10), 90);
    }

    #[test]
    fn a_filter_that_hides_the_selection_goes_to_its_neighbour() {
        let store = store_of(&["a", "b", "a", "b"]);
        let mut list = listed(&store);
        list.select(Seq(1));
        let scope = Scope { topic: TopicScope::Exact("a".into()), ..Scope::default() };
        list.set_filter(&store, Filter::everything().with_scope(scope));
        while list.work(&store, 1).0 {}
        assert_eq!((list.len(), list.cursor()), (2, Some(1)));
        list.step(-1);
        assert_eq!(list.selected(), Some(Seq(0)));
    }

    fn hunted(list: &mut List, store: &Store) -> Option<HuntEnd> {
        for _ in 0..1_000 {
            if let (_, Some(end)) = list.work(store, 3) {
                return Some(end);
            }
        }
        None
    }

    #[test]
    fn the_next_and_the_previous_failure_are_found() {
        let mut store = Store::new(0);
        let mut batch = Batch::new(ConnectionId(1));
        for n in 0..30 {
            let ok = match n {
                4 => Some(false),
                20 => Some(true),
                _ => None,
            };
            let meta = Meta { ok, ..Meta::default() };
            batch.push(crate::model::batch::Envelope { meta, ..envelope(0, Direction::In) }, "t", b"");
        }
        store.push(&batch);
        store.annotate(Seq(25), Fate::TimedOut, None);
        let mut list = listed(&store);
        list.first();
        for (forward, end) in [
            (true, HuntEnd::Found(Seq(4))),
            (true, HuntEnd::Found(Seq(25))),
            (true, HuntEnd::None),
            (false, HuntEnd::Found(Seq(4))),
            (false, HuntEnd::None),
        ] {
            list.hunt(Quarry::Failure, forward);
            assert_eq!(hunted(&mut list, &store), Some(end));
        }
        assert_eq!(list.selected(), Some(Seq(4)), "a vain search leaves the selection alone");
    }

    #[test]
    fn messages_of_one_request_are_found_but_not_those_of_another_device() {
        let mut store = Store::new(0);
        for (connection, topic, id) in
            [(1, "lamp/set", "7"), (2, "fan/set", "7"), (1, "lamp/set", "8"), (2, "lamp/set", "7"), (1, "fan/x", "7")]
        {
            let mut batch = Batch::new(ConnectionId(connection));
            let device = Span::new(Place::Topic, 0, topic.find('/').unwrap());
            let meta = Meta { device, id: Id::Text(Span::new(Place::Payload, 0, 1)), ..Meta::default() };
            batch.push(crate::model::batch::Envelope { meta, ..envelope(0, Direction::In) }, topic, id.as_bytes());
            store.push(&batch);
        }
        let mut list = listed(&store);
        list.first();
        let tie = RequestTie::of(&store.get(Seq(0)).unwrap()).unwrap();
        for end in [HuntEnd::Found(Seq(3)), HuntEnd::Found(Seq(4)), HuntEnd::None] {
            list.hunt(Quarry::SameRequest(tie.clone()), true);
            assert_eq!(hunted(&mut list, &store), Some(end));
        }
    }

    #[test]
    fn an_empty_list_takes_every_key() {
        let store = Store::new(0);
        let mut list = listed(&store);
        list.step(1);
        list.first();
        list.last();
        list.scroll(3, 10);
        list.toggle_mark();
        list.hunt(Quarry::Mark, false);
        assert_eq!(hunted(&mut list, &store), Some(HuntEnd::None));
        assert_eq!((list.cursor(), list.first_row(0), list.is_empty()), (None, 0, true));
    }
}
