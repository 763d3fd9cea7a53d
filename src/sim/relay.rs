//! Who gets a message: the filters of all clients in one tree, level by level, so that a message costs what its topic has
//! levels and not what there are subscriptions.

use std::collections::{BTreeMap, HashMap};

use crate::base::topic::levels;
use crate::dialect::cloud::{Client, ClientId, CloudMessage};
use crate::sim::{Attached, CloudSim, Platform};

/// The filters of all clients of one platform.
#[derive(Debug, Default)]
pub(super) struct Filters {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    /// By the text of the next level; `+` and `#` stand here like any other.
    next: HashMap<String, Node>,
    /// Granted QoS by client, for the filters that end here.
    grants: BTreeMap<u64, u8>,
}

impl Filters {
    /// A client has subscribed a filter.
    pub(super) fn insert(&mut self, filter: &str, client: u64, qos: u8) {
        let mut node = &mut self.root;
        for level in levels(filter) {
            node = node.next.entry(level.to_owned()).or_default();
        }
        node.grants.insert(client, qos);
    }

    /// A client has given a filter up.
    pub(super) fn remove(&mut self, filter: &str, client: u64) {
        let path: Vec<&str> = levels(filter).collect();
        remove(&mut self.root, &path, client);
    }

    /// The clients with a filter that matches a topic, each with the best QoS of its matching filters.
    pub(super) fn matching(&self, topic: &str) -> BTreeMap<u64, u8> {
        let path: Vec<&str> = levels(topic).collect();
        let mut found = BTreeMap::new();
        // MQTT 3.1.1, section 4.7.2: a wildcard at the first level matches no topic that begins with $.
        collect(&self.root, &path, !topic.starts_with('$'), &mut found);
        found
    }
}

fn remove(node: &mut Node, path: &[&str], client: u64) {
    match path.split_first() {
        None => _ = node.grants.remove(&client),
        Some((level, rest)) => {
            let Some(next) = node.next.get_mut(*level) else { return };
            remove(next, rest, client);
            if next.next.is_empty() && next.grants.is_empty() {
                node.next.remove(*level);
            }
        }
    }
}

fn collect(node: &Node, path: &[&str], wildcards: bool, found: &mut BTreeMap<u64, u8>) {
    let mut grant = |node: &Node| {
        for (client, qos) in &node.grants {
            let best = found.entry(*client).or_insert(*qos);
            *best = (*best).max(*qos);
        }
    };
    // `a/#` matches `a` as well.
    if let Some(rest) = node.next.get("#").filter(|_| wildcards) {
        grant(rest);
    }
    let Some((level, rest)) = path.split_first() else { return grant(node) };
    if let Some(next) = node.next.get(*level) {
        collect(next, rest, true, found);
    }
    if let Some(next) = node.next.get("+").filter(|_| wildcards && *level != "+") {
        collect(next, rest, true, found);
    }
}

impl CloudSim {
    /// The clients that get a message, with the QoS that they get it with (condition 3 of the module's list).
    pub(super) fn receivers(&self, index: usize, message: &CloudMessage) -> Vec<(ClientId, CloudMessage)> {
        let Some(platform) = self.platforms.get(index) else { return Vec::new() };
        let mut receivers = Vec::new();
        for (id, granted) in platform.filters.matching(&message.topic) {
            let Some(attached) = self.attached.get(&id).filter(|attached| attached.online) else { continue };
            if may_receive(platform, id, attached, &message.topic) {
                receivers.push((ClientId(id), CloudMessage { qos: message.qos.min(granted), ..message.clone() }));
            }
        }
        receivers
    }
}

/// Whether a client that has a matching filter might have subscribed the topic itself. Asked as if it had no
/// subscriptions yet, because a limit on their number is no reason to withhold a message.
fn may_receive(platform: &Platform, id: u64, attached: &Attached, topic: &str) -> bool {
    if attached.grants.contains_key(topic) {
        return true;
    }
    platform.clients.get(&id).is_some_and(|client| {
        let Client { id, role, identity, exclusive, .. } = client;
        let bare = Client {
            id: id.clone(),
            role: *role,
            identity: identity.clone(),
            exclusive: *exclusive,
            filters: Vec::new(),
        };
        platform.cloud.may_subscribe(&bare, topic).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::topic;

    #[test]
    fn a_filter_that_was_given_up_leaves_nothing_behind() {
        let mut filters = Filters::default();
        filters.insert("a/+/c", 1, 0);
        filters.insert("a/#", 2, 1);
        filters.remove("a/+/c", 1);
        filters.remove("a/#", 1);
        assert_eq!(filters.matching("a/b/c"), [(2, 1)].into());
        filters.remove("a/#", 2);
        assert!(filters.root.next.is_empty());
    }

    fn level() -> impl Strategy<Value = &'static str> {
        prop_oneof![Just("a"), Just("b"), Just(""), Just("$s")]
    }

    proptest! {
        #[test]
        fn the_tree_agrees_with_the_rule_of_the_standard(
            filters in prop::collection::vec((prop::collection::vec(prop_oneof![level(), Just("+")], 1..5), any::<bool>()), 1..12),
            topic in prop::collection::vec(level(), 1..5),
        ) {
            let topic = topic.join("/");
            let mut tree = Filters::default();
            let mut expected = BTreeMap::new();
            for ((levels, rest), client) in filters.into_iter().zip(0..) {
                let filter = levels.join("/") + if rest { "/#" } else { "" };
                tree.insert(&filter, client, 1);
                if topic::matches(&filter, &topic) {
                    expected.insert(client, 1);
                }
            }
            prop_assert_eq!(tree.matching(&topic), expected);
        }
    }
}
