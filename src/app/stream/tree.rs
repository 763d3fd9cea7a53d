//! The tree beside the stream: every level of every topic once, or every device, with the traffic below it.
//!
//! 1. It grows by the topics (the devices) that the store has added since the last look, and is never rebuilt.
//! 2. Counts and rates are added up from the topics at most four times a second: one pass over the topics, one over the
//!    nodes from the last to the first, since a child always stands behind its parent. A flood costs it nothing.
//! 3. A run of levels with nothing beside them is one row (`$sys/p1/lamp/thing`). A node at the end of a run stays one
//!    when the tree grows, so a selection never moves by itself.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use crate::base::time::Time;
use crate::store::{NameEntry, NameIndex, Scope, Seq, Store, TopicScope, Traffic};

/// The shortest time between two looks at the traffic.
pub const REFRESH: Duration = Duration::from_millis(250);

/// A node with more children than this starts folded.
const MANY_CHILDREN: usize = 40;

/// A node of the tree; counted in the order in which levels appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(usize);

impl NodeId {
    /// The row above everything, which stands for all topics.
    pub const ALL: NodeId = NodeId(0);
    /// The row for the topics beyond the number that the store keeps apart.
    pub const OVERFLOW: NodeId = NodeId(usize::MAX);
}

/// What the rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    /// The levels of the topics.
    #[default]
    Topics,
    /// The devices that messages name, whatever their topics.
    Devices,
}

impl Grouping {
    /// What there is to group by it.
    fn index(self, store: &Store) -> &NameIndex {
        match self {
            Grouping::Topics => store.topics(),
            Grouping::Devices => store.devices(),
        }
    }
}

/// The order of rows beside each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// Busiest first.
    Rate,
    /// Most messages first.
    Count,
    /// Most recent first.
    Recent,
}

impl Sort {
    /// The order after this one.
    pub const fn next(self) -> Sort {
        match self {
            Sort::Name => Sort::Rate,
            Sort::Rate => Sort::Count,
            Sort::Count => Sort::Recent,
            Sort::Recent => Sort::Name,
        }
    }
}

/// The traffic of a node with everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// Messages ever.
    pub count: u64,
    /// Messages per second.
    pub rate: f64,
    /// The newest message.
    pub last: Option<Seq>,
    /// When it came.
    pub last_at: Option<Time>,
    /// Topics (devices), itself included.
    pub topics: usize,
    /// Messages in each of the last seconds, the newest last.
    pub recent: [u32; RECENT],
    /// For how long a topic has been silent that used to speak often.
    pub silent: Option<Duration>,
}

/// Seconds of the line of bars.
const RECENT: usize = 10;
/// Messages after which a topic has a habit.
const HABIT: u64 = 5;
/// A topic is silent after so many of its usual pauses …
const PAUSES: u32 = 4;
/// … but never after less than this.
const LEAST_SILENCE: Duration = Duration::from_secs(5);

/// For how long a topic has been silent, measured by its own habit: several times longer than its usual pause. Only where
/// anything else still speaks: when everything is silent, nothing is remarkable about one topic.
pub(super) fn silence(traffic: &Traffic, now: Time) -> Option<Duration> {
    let (first, last) = (traffic.first_at()?, traffic.last_at()?);
    if traffic.count() < HABIT {
        return None;
    }
    let pauses = u32::try_from(traffic.count() - 1).unwrap_or(u32::MAX);
    let usual = last.since(first) / pauses.max(1);
    let silent = now.since(last);
    (silent > LEAST_SILENCE && silent > usual.saturating_mul(PAUSES)).then_some(silent)
}

impl Tally {
    fn of(entry: &NameEntry, now: Time) -> Tally {
        let mut recent = [0; RECENT];
        let rate = entry.rate(now);
        if rate > 0.0 {
            recent.iter_mut().zip(entry.traffic().recent(now)).for_each(|(slot, count)| *slot = count);
        }
        Tally {
            count: entry.count(),
            rate,
            last: entry.last(),
            last_at: entry.last_at(),
            topics: 1,
            recent,
            silent: silence(entry.traffic(), now),
        }
    }

    fn add(&mut self, other: Tally) {
        self.count += other.count;
        self.rate += other.rate;
        self.last = self.last.max(other.last);
        self.last_at = self.last_at.max(other.last_at);
        self.topics += other.topics;
        self.recent.iter_mut().zip(other.recent).for_each(|(sum, count)| *sum = sum.saturating_add(count));
    }
}

#[derive(Debug, Default)]
struct Node {
    name: Box<str>,
    parent: usize,
    children: Vec<usize>,
    /// Whether a topic ends here.
    is_topic: bool,
    /// What the person wants; where nothing was said, nodes with many children are folded.
    folded: Option<bool>,
    tally: Tally,
}

impl Node {
    fn is_folded(&self) -> bool {
        self.folded.unwrap_or(self.children.len() > MANY_CHILDREN)
    }
}

/// A visible row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeRow {
    /// The node whose traffic and children it shows: the last one of a run.
    pub node: NodeId,
    head: usize,
    /// Rows above it in the hierarchy; the rows below [`NodeId::ALL`] have none.
    pub depth: usize,
}

/// The tree with its selection.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    by_name: HashMap<(usize, Box<str>), usize>,
    /// The node of each topic, by the topic's place in the store's index.
    leaves: Vec<usize>,
    grouping: Grouping,
    overflow: Tally,
    rows: Vec<TreeRow>,
    selected: NodeId,
    top: usize,
    sort: Sort,
    refreshed: Option<Time>,
    /// Messages that the store had taken at the last look.
    looked_at: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Tree {
            nodes: vec![Node { folded: Some(false), ..Node::default() }],
            by_name: HashMap::new(),
            leaves: Vec::new(),
            grouping: Grouping::default(),
            overflow: Tally::default(),
            rows: vec![TreeRow { node: NodeId::ALL, head: 0, depth: 0 }],
            selected: NodeId::ALL,
            top: 0,
            sort: Sort::default(),
            refreshed: None,
            looked_at: 0,
        }
    }
}

impl Tree {
    /// An empty one.
    pub fn new(grouping: Grouping) -> Tree {
        Tree { grouping, ..Tree::default() }
    }

    /// What its rows are.
    pub fn grouping(&self) -> Grouping {
        self.grouping
    }

    /// Takes over new topics and the traffic, unless that was done a moment ago. Says whether it did.
    pub fn refresh(&mut self, store: &Store, now: Time) -> bool {
        if self.refreshed.is_some_and(|last| now.since(last) < REFRESH && now >= last) {
            return false;
        }
        self.refreshed = Some(now);
        self.looked_at = store.stats().total;
        let grew = self.grow(store);
        self.count_up(store, now);
        if grew || self.sort != Sort::Name {
            self.flatten();
        }
        true
    }

    /// Takes over new topics and the traffic at once.
    pub fn refresh_now(&mut self, store: &Store, now: Time) {
        self.refreshed = None;
        self.refresh(store, now);
    }

    /// When the numbers shown will be out of date although nothing arrives; `None` while nothing moves.
    pub fn next_change(&self, store: &Store) -> Option<Time> {
        let shown = self.nodes.first().map(|root| root.tally).unwrap_or_default();
        // What came since the last look is not shown yet; messages of a capture have no rate that would tell.
        let behind = self.looked_at != store.stats().total;
        let wait = if behind { Some(REFRESH) } else { (shown.rate > 0.0).then_some(Duration::from_secs(1)) };
        self.refreshed.zip(wait).map(|(last, wait)| last + wait)
    }

    fn grow(&mut self, store: &Store) -> bool {
        let topics = self.grouping.index(store);
        let known = self.leaves.len();
        for (_, entry) in topics.iter().skip(known) {
            let mut node = 0;
            match self.grouping {
                Grouping::Topics => entry.name().split('/').for_each(|level| node = self.child(node, level)),
                Grouping::Devices => node = self.child(node, entry.name()),
            }
            if let Some(node) = self.nodes.get_mut(node) {
                node.is_topic = true;
            }
            self.leaves.push(node);
        }
        self.leaves.len() > known || (self.overflow.count == 0) != (topics.overflow().count() == 0)
    }

    fn child(&mut self, parent: usize, level: &str) -> usize {
        let id = self.nodes.len();
        let found = *self.by_name.entry((parent, level.into())).or_insert(id);
        if found == id {
            self.nodes.push(Node { name: level.into(), parent, ..Node::default() });
            if let Some(parent) = self.nodes.get_mut(parent) {
                parent.children.push(id);
            }
        }
        found
    }

    fn count_up(&mut self, store: &Store, now: Time) {
        let topics = self.grouping.index(store);
        for node in &mut self.nodes {
            node.tally = Tally::default();
        }
        for ((_, entry), leaf) in topics.iter().zip(&self.leaves) {
            if let Some(node) = self.nodes.get_mut(*leaf) {
                node.tally = Tally::of(entry, now);
            }
        }
        for id in (1..self.nodes.len()).rev() {
            let Some((parent, tally)) = self.nodes.get(id).map(|node| (node.parent, node.tally)) else { continue };
            if let Some(parent) = self.nodes.get_mut(parent) {
                parent.tally.add(tally);
            }
        }
        // When everything is silent, nothing is remarkable about one topic.
        if store.traffic().rate(now) <= 0.0 {
            self.nodes.iter_mut().for_each(|node| node.tally.silent = None);
        }
        self.overflow = Tally { topics: 0, ..Tally::of(topics.overflow(), now) };
        if let Some(root) = self.nodes.first_mut() {
            root.tally.add(self.overflow);
        }
    }

    fn flatten(&mut self) {
        self.rows.clear();
        self.rows.push(TreeRow { node: NodeId::ALL, head: 0, depth: 0 });
        // Depth first without recursion: a topic may have 65,535 levels.
        let mut open: Vec<(usize, usize)> = Vec::new();
        self.push_children(0, 0, &mut open);
        while let Some((head, depth)) = open.pop() {
            let mut last = head;
            while let Some(node) = self.nodes.get(last)
                && !node.is_topic
                && let [only] = node.children.as_slice()
            {
                last = *only;
            }
            self.rows.push(TreeRow { node: NodeId(last), head, depth });
            if self.nodes.get(last).is_some_and(|node| !node.is_folded()) {
                self.push_children(last, depth + 1, &mut open);
            }
        }
        if self.overflow.count > 0 {
            self.rows.push(TreeRow { node: NodeId::OVERFLOW, head: usize::MAX, depth: 0 });
        }
    }

    /// Puts the children of a node on the stack, the first one uppermost.
    fn push_children(&self, node: usize, depth: usize, open: &mut Vec<(usize, usize)>) {
        let Some(node) = self.nodes.get(node) else { return };
        let mut children: Vec<(usize, &Node)> =
            node.children.iter().filter_map(|id| self.nodes.get(*id).map(|node| (*id, node))).collect();
        children.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        match self.sort {
            Sort::Name => {}
            Sort::Rate => children.sort_by(|(_, a), (_, b)| b.tally.rate.total_cmp(&a.tally.rate)),
            Sort::Count => children.sort_by_key(|(_, node)| Reverse(node.tally.count)),
            Sort::Recent => children.sort_by_key(|(_, node)| Reverse(node.tally.last)),
        }
        open.extend(children.into_iter().rev().map(|(id, _)| (id, depth)));
    }

    /// The visible rows, [`NodeId::ALL`] first.
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// Number of topics (of devices) known.
    pub fn topics(&self) -> usize {
        self.leaves.len()
    }

    /// The levels of a row, not made printable: of a run of nodes all of them, joined.
    pub fn label(&self, row: &TreeRow) -> String {
        let mut names = Vec::new();
        let mut id = row.node.0;
        while let Some(node) = self.nodes.get(id) {
            names.push(&*node.name);
            if id == row.head || id == 0 {
                break;
            }
            id = node.parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The traffic of a node.
    pub fn tally(&self, node: NodeId) -> Tally {
        if node == NodeId::OVERFLOW {
            return self.overflow;
        }
        self.nodes.get(node.0).map(|node| node.tally).unwrap_or_default()
    }

    /// Whether it has something below it that is (`Some(true)`) or is not hidden; `None` for a leaf.
    pub fn folded(&self, node: NodeId) -> Option<bool> {
        let found = self.nodes.get(node.0)?;
        (node != NodeId::ALL && !found.children.is_empty()).then(|| found.is_folded())
    }

    /// The selected node.
    pub fn selected(&self) -> NodeId {
        self.selected
    }

    /// The row of the selection.
    pub fn cursor(&self) -> usize {
        self.rows.iter().position(|row| row.node == self.selected).unwrap_or(0)
    }

    /// The first row to draw where `height` rows fit.
    pub fn first_row(&self, height: usize) -> usize {
        let cursor = self.cursor();
        let top = self.top.min(cursor).min(self.rows.len().saturating_sub(height));
        top.max((cursor + 1).saturating_sub(height))
    }

    /// Keeps the rows where they were drawn last.
    pub fn settle(&mut self, height: usize) {
        self.top = self.first_row(height);
    }

    /// Selects the row so many further down (up, if negative).
    pub fn step(&mut self, by: isize) {
        let target = self.cursor().saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
        self.select_row(target);
    }

    /// Selects a row by its place among [`Tree::rows`].
    pub fn select_row(&mut self, row: usize) {
        if let Some(row) = self.rows.get(row) {
            self.selected = row.node;
        }
    }

    /// Selects everything.
    pub fn select_all(&mut self) {
        self.selected = NodeId::ALL;
    }

    /// Selects the node of a topic, opening what hides it; only where the rows are topics.
    pub fn reveal(&mut self, topic: &str) {
        let mut node = 0;
        for level in topic.split('/') {
            let Some(next) = self.by_name.get(&(node, level.into())) else { return };
            node = *next;
        }
        self.selected = NodeId(node);
        let mut above = self.nodes.get(node).map_or(0, |node| node.parent);
        while let Some(open) = self.nodes.get_mut(above)
            && above != 0
        {
            open.folded = Some(false);
            above = open.parent;
        }
        self.flatten();
    }

    /// Folds (hides what is below) or unfolds the selection. On something already folded, or on a leaf, folding selects
    /// the row above it in the hierarchy. Says whether anything changed.
    pub fn fold(&mut self, folded: bool) -> bool {
        match (self.folded(self.selected), folded) {
            (Some(was), wanted) if was != wanted => {
                if let Some(node) = self.nodes.get_mut(self.selected.0) {
                    node.folded = Some(wanted);
                }
                self.flatten();
                true
            }
            (_, true) => self.select_above(),
            _ => false,
        }
    }

    /// Folds what is unfolded and the other way round.
    pub fn toggle(&mut self) {
        if let Some(folded) = self.folded(self.selected) {
            self.fold(!folded);
        }
    }

    /// Folds or unfolds everything.
    pub fn fold_all(&mut self, folded: bool) {
        for node in self.nodes.iter_mut().skip(1) {
            node.folded = Some(folded);
        }
        self.flatten();
        if !self.rows.iter().any(|row| row.node == self.selected) {
            self.selected = NodeId::ALL;
        }
    }

    fn select_above(&mut self) -> bool {
        let cursor = self.cursor();
        let Some(row) = self.rows.get(cursor).copied() else { return false };
        let above = self.rows.get(..cursor).unwrap_or_default().iter().rev().find(|above| above.depth < row.depth);
        let target = above.map_or(NodeId::ALL, |row| row.node);
        let changed = target != self.selected;
        self.selected = target;
        changed
    }

    /// The order of rows.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Changes the order of rows.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.flatten();
    }

    /// The topic, or the levels that its topics share, of a node; `None` for the rows that stand for more than one.
    pub fn path(&self, node: NodeId) -> Option<String> {
        if node == NodeId::ALL || node == NodeId::OVERFLOW {
            return None;
        }
        Some(self.label(&TreeRow { node, head: self.top_level(node.0)?, depth: 0 }))
    }

    fn top_level(&self, mut id: usize) -> Option<usize> {
        loop {
            let parent = self.nodes.get(id)?.parent;
            if parent == 0 {
                return Some(id);
            }
            id = parent;
        }
    }

    /// The part of the traffic that the selection stands for.
    pub fn scope(&self) -> Scope {
        if self.grouping == Grouping::Devices {
            return Scope { device: self.path(self.selected), ..Scope::default() };
        }
        let topic = match self.path(self.selected) {
            None => TopicScope::Any,
            Some(path) if self.folded(self.selected).is_none() => TopicScope::Exact(path),
            Some(path) => TopicScope::Under(path),
        };
        Scope { topic, ..Scope::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::stream::testing::{at, envelope, store_of};
    use crate::model::{Batch, ConnectionId, Direction, Envelope, Meta, Place, Span};
    use crate::store::{Filter, View};

    fn labels(tree: &Tree) -> Vec<String> {
        tree.rows().iter().skip(1).map(|row| format!("{}{}", "  ".repeat(row.depth), tree.label(row))).collect()
    }

    fn tree_of(topics: &[&str]) -> (Tree, Store) {
        let store = store_of(topics);
        let mut tree = Tree::default();
        tree.refresh(&store, at(0));
        (tree, store)
    }

    #[test]
    fn runs_of_single_levels_are_one_row() {
        let (tree, _) =
            tree_of(&["$sys/p1/lamp/thing/set", "$sys/p1/lamp/thing/post", "$sys/p1/lamp/thing/post/reply"]);
        assert_eq!(labels(&tree), ["$sys/p1/lamp/thing", "  post", "    reply", "  set"]);
    }

    #[test]
    fn counts_and_rates_are_those_of_everything_below() {
        let (tree, _) = tree_of(&["a/b", "a/b", "a/c", "d"]);
        let of = |label: &str| tree.rows().iter().find(|row| tree.label(row) == label).map(|row| tree.tally(row.node));
        assert_eq!(of("a").unwrap().count, 3);
        assert_eq!(of("a").unwrap().topics, 2);
        assert_eq!(of("a").unwrap().last, Some(Seq(2)));
        assert_eq!(of("b").unwrap().count, 2);
        assert_eq!(tree.tally(NodeId::ALL).count, 4);
        let below: f64 = ["a", "d"].iter().map(|label| of(label).unwrap().rate).sum();
        assert!((tree.tally(NodeId::ALL).rate - below).abs() < 1e-9 && below > 0.0);
    }

    #[test]
    fn a_selection_stays_on_its_topic_while_the_tree_grows() {
        let mut store = store_of(&["m/b/x"]);
        let mut tree = Tree::default();
        tree.refresh(&store, at(0));
        tree.step(1);
        assert_eq!(tree.path(tree.selected()).as_deref(), Some("m/b/x"));
        for topics in [&["m/a/x"][..], &["a", "m/b/x/deeper", "m"]] {
            crate::app::stream::testing::push(&mut store, topics);
            let again = at(1_000) + tree.refreshed.unwrap().since(Time::ZERO);
            tree.refresh(&store, again);
            assert_eq!(tree.path(tree.selected()).as_deref(), Some("m/b/x"));
            assert_eq!(tree.rows()[tree.cursor()].node, tree.selected());
        }
        assert_eq!(tree.scope().topic, TopicScope::Under("m/b/x".into()));
    }

    #[test]
    fn the_selection_gives_the_scope() {
        let (mut tree, _) = tree_of(&["a/b", "a/c", "/x"]);
        assert!(tree.scope().is_everything());
        tree.reveal("a/b");
        assert_eq!(tree.scope().topic, TopicScope::Exact("a/b".into()));
        assert!(tree.fold(true), "a leaf goes to what it is in");
        assert_eq!(tree.scope().topic, TopicScope::Under("a".into()));
        tree.reveal("/x");
        assert_eq!(tree.scope().topic, TopicScope::Exact("/x".into()));
    }

    #[test]
    fn folding_hides_what_is_below_and_keeps_the_rest() {
        let (mut tree, _) = tree_of(&["a/b", "a/c", "d/e", "d/f"]);
        tree.step(1);
        assert!(tree.fold(true));
        assert_eq!(labels(&tree), ["a", "d", "  e", "  f"]);
        assert_eq!(tree.folded(tree.selected()), Some(true));
        tree.fold_all(true);
        assert_eq!(labels(&tree), ["a", "d"]);
        tree.fold_all(false);
        tree.reveal("d/f");
        tree.fold_all(true);
        assert_eq!(tree.selected(), NodeId::ALL, "a hidden selection does not go on filtering");
    }

    #[test]
    fn rows_can_be_sorted_by_traffic() {
        let (mut tree, _) = tree_of(&["a", "b", "b", "c"]);
        tree.sort_by(Sort::Count);
        assert_eq!(labels(&tree), ["b", "a", "c"]);
        tree.sort_by(Sort::Recent);
        assert_eq!(labels(&tree), ["c", "b", "a"]);
    }

    #[test]
    fn the_cursor_is_always_drawn() {
        let names: Vec<String> = (0..30).map(|n| format!("t{n:02}")).collect();
        let (mut tree, _) = tree_of(&names.iter().map(String::as_str).collect::<Vec<_>>());
        for (step, height) in [(29, 10), (-3, 10), (-20, 10), (5, 1), (100, 4)] {
            tree.step(step);
            let first = tree.first_row(height);
            assert!((first..first + height).contains(&tree.cursor()), "{step} {height} {first} {}", tree.cursor());
            tree.settle(height);
        }
    }

    #[test]
    fn ten_thousand_topics_are_taken_in_and_looked_at_without_delay() {
        let names: Vec<String> = (0..10_000).map(|n| format!("plant/{}/line/{}/state", n / 100, n % 100)).collect();
        let store = store_of(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut tree = Tree::default();
        tree.refresh(&store, at(0));
        assert_eq!(tree.topics(), 10_000);
        assert_eq!(tree.tally(NodeId::ALL).count, 10_000);
        assert!(tree.rows().len() < 200, "many children start folded");
        assert!(!tree.refresh(&store, at(100)), "not looked at again at once");
        assert!(tree.refresh(&store, at(250)));
    }

    #[test]
    fn devices_are_rows_whatever_their_topics() {
        let mut batch = Batch::new(ConnectionId(1));
        let mut say = |topic: &str, device: Span, payload: &str| {
            let meta = Meta { device, ..Meta::default() };
            batch.push(Envelope { meta, ..envelope(0, Direction::In) }, topic, payload.as_bytes());
        };
        let (in_topic, in_payload) = (Span::new(Place::Topic, 2, 4), Span::new(Place::Payload, 1, 4));
        say("p/lamp/post", in_topic, "{}");
        say("p/fans/post", in_topic, "{}");
        say("app", in_payload, "<lamp>");
        say("app", in_payload, "<fans>");
        say("p/lamp/post", in_topic, "{}");
        say("nobody", Span::NONE, "{}");
        let mut store = Store::new(64 << 20);
        store.push(&batch);
        let mut tree = Tree::new(Grouping::Devices);
        tree.refresh(&store, at(0));
        assert_eq!(labels(&tree), ["fans", "lamp"]);
        let counts: Vec<u64> = tree.rows().iter().map(|row| tree.tally(row.node).count).collect();
        assert_eq!(counts, [5, 2, 3]);
        assert_eq!(tree.next_change(&store), Some(at(0) + Duration::from_secs(1)), "what names no device is seen too");
        tree.step(2);
        assert_eq!(tree.scope(), Scope { device: Some("lamp".into()), ..Scope::default() });
        let mut view = View::new(Filter::everything().with_scope(tree.scope()));
        assert!(view.scan(&store, usize::MAX).is_complete());
        assert_eq!(view.rows(0).map(|seq| seq.0).collect::<Vec<_>>(), [0, 2, 4]);
    }

    #[test]
    fn a_topic_of_very_many_levels_is_one_row() {
        let deep = "/".repeat(60_000);
        let (tree, _) = tree_of(&[&deep]);
        assert_eq!(tree.rows().len(), 2);
        assert_eq!(tree.label(&tree.rows()[1]), deep);
    }
}
