//! Every topic of the M2M server, and who may use it.
//!
//! The topic decides how a frame is to be read: between app and device it has a length and a flag, on the two topics of
//! the server it has neither. Sources: "机智云平台标准接入协议之App与云端通讯" v4.0.4, section 3.4; GAgent, `mqttxpg.c`.

use std::ops::Range;

use crate::dialect::TopicSpec;
use crate::model::{Kind, Role};

const APP: &[Role] = &[Role::App];
const DEVICE: &[Role] = &[Role::Device];
const CLOUD: &[Role] = &[Role::Cloud];
const BOTH: &[Role] = &[Role::App, Role::Device];
const APP_AND_CLOUD: &[Role] = &[Role::App, Role::Cloud];

const SEED: &str = "App与云端通讯 v4.0.4";
const GAGENT: &str = "GAgent, mqttxpg.c";

const fn topic(
    pattern: &'static str,
    kind: Kind,
    publishers: &'static [Role],
    subscribers: &'static [Role],
    source: &'static str,
) -> TopicSpec {
    TopicSpec { pattern, kind, publishers, subscribers, source }
}

/// The topics for the `Spec`. The kind is that of the usual message; frames say themselves what they are.
pub static TOPICS: &[TopicSpec] = &[
    topic("app2dev/{did}/{client_id}", Kind::Set, APP_AND_CLOUD, DEVICE, SEED),
    topic("dev2app/{did}", Kind::Report, &[Role::Device, Role::Cloud], APP, SEED),
    topic("dev2app/{did}/{client_id}", Kind::Ack, DEVICE, APP, SEED),
    topic("ser2cli_res/{client_id}", Kind::Push, CLOUD, BOTH, SEED),
    topic("ser2cli_noti/{product_key}", Kind::Push, CLOUD, BOTH, GAGENT),
    topic("app2module/{did}/{client_id}", Kind::Push, APP_AND_CLOUD, DEVICE, "RT-Thread port"),
    topic("cli2ser_req", Kind::Push, DEVICE, CLOUD, GAGENT),
];

/// What a topic is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// `app2dev/{did}/{client_id}`: an app to a device.
    App2Dev,
    /// `app2module/{did}/{client_id}`: an app to the module of a device.
    App2Module,
    /// `dev2app/{did}`: a device to every app bound to it, and the server about the device.
    Broadcast,
    /// `dev2app/{did}/{client_id}`: a device to one app.
    Dev2App,
    /// `ser2cli_res/{client_id}`: the server to one client.
    ServerAnswer,
    /// `ser2cli_noti/{product_key}`: the server to every device of a product.
    ServerNotice,
    /// `cli2ser_req`: a client to the server.
    ServerRequest,
}

impl Channel {
    /// Whether its frames have no length and no flag.
    pub const fn is_server(self) -> bool {
        matches!(self, Channel::ServerAnswer | Channel::ServerNotice | Channel::ServerRequest)
    }

    /// Whether a role receives what is published here.
    pub const fn is_heard_by(self, role: Role) -> bool {
        match self {
            Channel::App2Dev | Channel::App2Module => matches!(role, Role::Device | Role::Cloud),
            Channel::Broadcast | Channel::Dev2App => matches!(role, Role::App | Role::Cloud),
            Channel::ServerAnswer | Channel::ServerNotice => matches!(role, Role::App | Role::Device),
            Channel::ServerRequest => matches!(role, Role::Cloud),
        }
    }
}

/// A topic taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What it is for.
    pub channel: Channel,
    /// Where the DID stands; for the server's answers the client id, which is the DID where the client is a device; for
    /// its notices the product key.
    pub subject: Range<usize>,
    /// Where the client id of the app stands.
    pub client: Option<Range<usize>>,
}

impl Address {
    /// The subject as text.
    pub fn subject<'a>(&self, topic: &'a str) -> &'a str {
        topic.get(self.subject.clone()).unwrap_or_default()
    }

    /// The client id of the app as text; empty on a broadcast.
    pub fn client<'a>(&self, topic: &'a str) -> &'a str {
        self.client.clone().and_then(|range| topic.get(range)).unwrap_or_default()
    }
}

/// Takes a topic apart; `None` where it is none of the platform's.
pub fn parse(topic: &str) -> Option<Address> {
    // A bug of GAgent writes `cli2ser` for one request (GAgent, mqttxpg.c).
    if topic == SERVER_REQUEST || topic == "cli2ser" {
        return Some(Address { channel: Channel::ServerRequest, subject: 0..0, client: None });
    }
    let (head, rest) = topic.split_once('/')?;
    let start = head.len() + 1;
    let (subject, client) = match rest.split_once('/') {
        Some((subject, client)) => {
            let end = start + subject.len();
            (start..end, Some(end + 1..end + 1 + client.len()))
        }
        None => (start..start + rest.len(), None),
    };
    let channel = match (head, &client) {
        ("app2dev", Some(_)) => Channel::App2Dev,
        ("app2module", _) => Channel::App2Module,
        ("dev2app", None) => Channel::Broadcast,
        ("dev2app", Some(_)) => Channel::Dev2App,
        // A published app client listens below its own level as well.
        ("ser2cli_res", _) => Channel::ServerAnswer,
        ("ser2cli_noti", None) => Channel::ServerNotice,
        _ => return None,
    };
    (!subject.is_empty()).then_some(Address { channel, subject, client })
}

/// `cli2ser_req`: the server knows who asks by the connection.
pub const SERVER_REQUEST: &str = "cli2ser_req";

/// `app2dev/{did}/{client_id}`.
pub fn app2dev(did: &str, client: &str) -> String {
    format!("app2dev/{did}/{client}")
}

/// `dev2app/{did}`, the broadcast.
pub fn broadcast(did: &str) -> String {
    format!("dev2app/{did}")
}

/// `dev2app/{did}/{client_id}`.
pub fn dev2app(did: &str, client: &str) -> String {
    format!("dev2app/{did}/{client}")
}

/// `ser2cli_res/{client_id}`.
pub fn server_answer(client: &str) -> String {
    format!("ser2cli_res/{client}")
}

/// `ser2cli_noti/{product_key}`.
pub fn server_notice(product: &str) -> String {
    format!("ser2cli_noti/{product}")
}

/// Method and path of a call that stands in the place of a topic, as in `POST /app/bindings`.
pub fn call(topic: &str) -> Option<(&str, &str)> {
    let (method, path) = topic.split_once(' ')?;
    (matches!(method, "GET" | "POST" | "PUT" | "DELETE") && path.starts_with('/')).then_some((method, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::topic::{levels, matches};

    #[test]
    fn every_topic_of_the_platform_is_taken_apart() {
        let parts = |topic: &str| {
            let address = parse(topic).unwrap();
            (address.channel, address.subject(topic).to_owned(), address.client(topic).to_owned())
        };
        assert_eq!(parts("app2dev/D/usr1"), (Channel::App2Dev, "D".into(), "usr1".into()));
        assert_eq!(parts("dev2app/D"), (Channel::Broadcast, "D".into(), String::new()));
        assert_eq!(parts("dev2app/D/usr1"), (Channel::Dev2App, "D".into(), "usr1".into()));
        assert_eq!(parts("ser2cli_res/usr1"), (Channel::ServerAnswer, "usr1".into(), String::new()));
        assert_eq!(parts("cli2ser_req"), (Channel::ServerRequest, String::new(), String::new()));
        assert_eq!(parts("cli2ser").0, Channel::ServerRequest);
        assert_eq!(parse("dev2ser/D"), None);
        assert_eq!(parse("dev2app/"), None);
        for spec in TOPICS {
            let topic = spec.pattern.replace(['{', '}'], "");
            assert!(parse(&topic).is_some(), "{topic}");
            let filter: Vec<&str> = levels(spec.pattern).map(|l| if l.starts_with('{') { "+" } else { l }).collect();
            assert!(matches(&filter.join("/"), &topic));
        }
    }

    #[test]
    fn a_call_is_told_from_a_topic() {
        assert_eq!(call("POST /app/bindings"), Some(("POST", "/app/bindings")));
        assert_eq!(call("dev2app/D"), None);
        assert_eq!(call("PUBLISH /x"), None);
    }
}
