//! Every topic of the platform: its pattern, what travels on it, and who may publish and subscribe.
//!
//! One table gives the [`Channel`]s, the `Spec`'s topic list and the reader, so they cannot disagree.
//! Sources: the application long connection page ("消息通信主题"), and OneNET docs, OneJSON `topic.md`.

use std::ops::Range;

use crate::base::topic::levels;
use crate::dialect::TopicSpec;
use crate::model::{Kind, Role};

const APP: &[Role] = &[Role::App];
const DEVICE: &[Role] = &[Role::Device];
const CLOUD: &[Role] = &[Role::Cloud];
/// An app sets on the very topic on which the cloud asks the device.
const APP_AND_CLOUD: &[Role] = &[Role::App, Role::Cloud];

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident $kind:ident $publishers:ident $subscribers:ident $source:literal $tail:literal;)*) => {
        /// What a topic below `$sys/{product_id}/{device_name}/` is for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Channel {
            $($(#[$doc])* $variant,)*
        }

        impl Channel {
            /// Every channel.
            pub const ALL: &'static [Channel] = &[$(Channel::$variant,)*];

            /// The part of the topic after the device name, with `{…}` for a variable level.
            pub const fn tail(self) -> &'static str {
                match self { $(Channel::$variant => $tail,)* }
            }

            /// What its messages are.
            pub const fn kind(self) -> Kind {
                match self { $(Channel::$variant => Kind::$kind,)* }
            }

            fn of_tail(tail: &str) -> Option<Channel> {
                match tail { $($tail => Some(Channel::$variant),)* _ => None }
            }
        }

        /// The topics for the `Spec`.
        pub static TOPICS: &[TopicSpec] = &[$(TopicSpec {
            pattern: concat!("$sys/{product_id}/{device_name}/", $tail),
            kind: Kind::$kind,
            publishers: $publishers,
            subscribers: $subscribers,
            source: $source,
        },)*];
    };
}

channels! {
    /// A device went online or offline.
    Lifecycle Online CLOUD APP "application long connection" "thing/lifecycle";
    /// A device posted properties.
    PropertyNotify Report CLOUD APP "application long connection" "thing/property";
    /// A device posted events.
    EventNotify Event CLOUD APP "application long connection" "thing/event";
    /// Properties are to be set: by the app, and by the cloud at the device.
    PropertySet Set APP_AND_CLOUD DEVICE "application long connection; OneJSON topic" "thing/property/set";
    /// An app sets desired values.
    DesiredSet DesiredSet APP CLOUD "application long connection" "thing/property/desired/set";
    /// The outcome for the app.
    AppSetReply SetReply CLOUD APP "application long connection" "thing/property/set/reply";
    /// A device posts properties.
    PropertyPost Report DEVICE CLOUD "OneJSON topic" "thing/property/post";
    /// Confirmation of a property post.
    PropertyPostReply ReportReply CLOUD DEVICE "OneJSON topic" "thing/property/post/reply";
    /// A device's answer to a set.
    PropertySetReply SetReply DEVICE CLOUD "OneJSON topic" "thing/property/set_reply";
    /// The cloud asks for property values.
    PropertyGet Get CLOUD DEVICE "OneJSON topic" "thing/property/get";
    /// A device's answer to a get.
    PropertyGetReply GetReply DEVICE CLOUD "OneJSON topic" "thing/property/get_reply";
    /// A device asks for its desired values.
    DesiredGet DesiredGet DEVICE CLOUD "OneJSON topic" "thing/property/desired/get";
    /// The desired values.
    DesiredGetReply DesiredGetReply CLOUD DEVICE "OneJSON topic" "thing/property/desired/get/reply";
    /// A device clears desired values.
    DesiredDelete DesiredDelete DEVICE CLOUD "OneJSON topic" "thing/property/desired/delete";
    /// Confirmation of clearing.
    DesiredDeleteReply DesiredDeleteReply CLOUD DEVICE "OneJSON topic" "thing/property/desired/delete/reply";
    /// A device posts events.
    EventPost Event DEVICE CLOUD "OneJSON topic" "thing/event/post";
    /// Confirmation of an event post.
    EventPostReply EventReply CLOUD DEVICE "OneJSON topic" "thing/event/post/reply";
    /// The cloud calls a service.
    ServiceInvoke Invoke CLOUD DEVICE "OneJSON topic" "thing/service/{identifier}/invoke";
    /// A device's answer to a service call.
    ServiceInvokeReply InvokeReply DEVICE CLOUD "OneJSON topic" "thing/service/{identifier}/invoke_reply";
    /// A gateway posts for several devices.
    PackPost Pack DEVICE CLOUD "OneJSON topic" "thing/pack/post";
    /// Confirmation of a pack.
    PackPostReply PackReply CLOUD DEVICE "OneJSON topic" "thing/pack/post/reply";
    /// Values with times of the past.
    HistoryPost History DEVICE CLOUD "OneJSON topic" "thing/history/post";
    /// Confirmation of a history post.
    HistoryPostReply HistoryReply CLOUD DEVICE "OneJSON topic" "thing/history/post/reply";
    /// A sub-device goes online.
    SubLogin Topology DEVICE CLOUD "OneJSON topic" "thing/sub/login";
    /// Confirmation of a login.
    SubLoginReply TopologyReply CLOUD DEVICE "OneJSON topic" "thing/sub/login/reply";
    /// A sub-device goes offline.
    SubLogout Topology DEVICE CLOUD "OneJSON topic" "thing/sub/logout";
    /// Confirmation of a logout.
    SubLogoutReply TopologyReply CLOUD DEVICE "OneJSON topic" "thing/sub/logout/reply";
    /// The cloud asks a gateway for values of a sub-device.
    SubPropertyGet Get CLOUD DEVICE "OneJSON topic" "thing/sub/property/get";
    /// The gateway's answer.
    SubPropertyGetReply GetReply DEVICE CLOUD "OneJSON topic" "thing/sub/property/get_reply";
    /// The cloud sets properties of a sub-device.
    SubPropertySet Set CLOUD DEVICE "OneJSON topic" "thing/sub/property/set";
    /// The gateway's answer.
    SubPropertySetReply SetReply DEVICE CLOUD "OneJSON topic" "thing/sub/property/set_reply";
    /// The cloud calls a service of a sub-device.
    SubServiceInvoke Invoke CLOUD DEVICE "OneJSON topic" "thing/sub/service/invoke";
    /// The gateway's answer.
    SubServiceInvokeReply InvokeReply DEVICE CLOUD "OneJSON topic" "thing/sub/service/invoke_reply";
    /// A gateway adds a sub-device.
    TopoAdd Topology DEVICE CLOUD "OneJSON topic" "thing/sub/topo/add";
    /// Confirmation.
    TopoAddReply TopologyReply CLOUD DEVICE "OneJSON topic" "thing/sub/topo/add/reply";
    /// A gateway removes a sub-device.
    TopoDelete Topology DEVICE CLOUD "OneJSON topic" "thing/sub/topo/delete";
    /// Confirmation.
    TopoDeleteReply TopologyReply CLOUD DEVICE "OneJSON topic" "thing/sub/topo/delete/reply";
    /// A gateway asks for its sub-devices.
    TopoGet Topology DEVICE CLOUD "OneJSON topic" "thing/sub/topo/get";
    /// The list of sub-devices.
    TopoGetReply TopologyReply CLOUD DEVICE "OneJSON topic" "thing/sub/topo/get/reply";
    /// What the gateway made of the list.
    TopoGetResult TopologyReply DEVICE CLOUD "OneJSON topic" "thing/sub/topo/get/result";
    /// The platform's list of sub-devices has changed.
    TopoChange Topology CLOUD DEVICE "OneJSON topic" "thing/sub/topo/change";
    /// The gateway's answer.
    TopoChangeReply TopologyReply DEVICE CLOUD "OneJSON topic" "thing/sub/topo/change_reply";
    /// Bytes of the user's own format, up. The platform spells it so.
    CustomUp Raw DEVICE CLOUD "OneNET docs and device SDK, pass-through" "custome/up";
    /// Confirmation.
    CustomUpReply RawReply CLOUD DEVICE "OneNET docs and device SDK, pass-through" "custome/up_reply";
    /// Bytes of the user's own format, down.
    CustomDown Raw CLOUD DEVICE "OneNET docs and device SDK, pass-through" "custome/down/{id}";
    /// A device's answer to them.
    CustomDownReply RawReply DEVICE CLOUD "OneNET docs and device SDK, pass-through" "custome/down_reply/{id}";
    /// A firmware task waits.
    OtaInform Ota CLOUD DEVICE "third-party device code" "ota/inform";
    /// A device has heard of it.
    OtaInformReply OtaReply DEVICE CLOUD "third-party topic list" "ota/inform_reply";
}

impl Channel {
    /// The channel on which a request of this channel is answered; `None` where nothing answers.
    pub const fn reply(self) -> Option<Channel> {
        Some(match self {
            Channel::PropertySet => Channel::PropertySetReply,
            Channel::DesiredSet => Channel::AppSetReply,
            Channel::PropertyPost => Channel::PropertyPostReply,
            Channel::PropertyGet => Channel::PropertyGetReply,
            Channel::DesiredGet => Channel::DesiredGetReply,
            Channel::DesiredDelete => Channel::DesiredDeleteReply,
            Channel::EventPost => Channel::EventPostReply,
            Channel::ServiceInvoke => Channel::ServiceInvokeReply,
            Channel::PackPost => Channel::PackPostReply,
            Channel::HistoryPost => Channel::HistoryPostReply,
            Channel::SubLogin => Channel::SubLoginReply,
            Channel::SubLogout => Channel::SubLogoutReply,
            Channel::SubPropertyGet => Channel::SubPropertyGetReply,
            Channel::SubPropertySet => Channel::SubPropertySetReply,
            Channel::SubServiceInvoke => Channel::SubServiceInvokeReply,
            Channel::TopoAdd => Channel::TopoAddReply,
            Channel::TopoDelete => Channel::TopoDeleteReply,
            Channel::TopoGet => Channel::TopoGetReply,
            Channel::TopoChange => Channel::TopoChangeReply,
            Channel::CustomUp => Channel::CustomUpReply,
            Channel::CustomDown => Channel::CustomDownReply,
            Channel::OtaInform => Channel::OtaInformReply,
            _ => return None,
        })
    }

    /// Whether its payload is the user's own format.
    pub const fn is_raw(self) -> bool {
        matches!(self, Channel::CustomUp | Channel::CustomUpReply | Channel::CustomDown | Channel::CustomDownReply)
    }

    fn spec(self) -> Option<&'static TopicSpec> {
        Channel::ALL.iter().position(|channel| *channel == self).and_then(|index| TOPICS.get(index))
    }

    /// Whether a role may publish to it.
    pub fn published_by(self, role: Role) -> bool {
        self.spec().is_some_and(|spec| spec.publishers.contains(&role))
    }

    /// Whether a role may subscribe to it.
    pub fn subscribed_by(self, role: Role) -> bool {
        self.spec().is_some_and(|spec| spec.subscribers.contains(&role))
    }

    /// The whole topic; `variable` stands in the variable level of those that have one.
    pub fn topic(self, product: &str, device: &str, variable: &str) -> String {
        let tail = self.tail();
        let tail = match (tail.find('{'), tail.find('}')) {
            (Some(open), Some(close)) => {
                let head = tail.get(..open).unwrap_or_default();
                format!("{head}{variable}{}", tail.get(close + 1..).unwrap_or_default())
            }
            _ => tail.to_owned(),
        };
        format!("$sys/{product}/{device}/{tail}")
    }
}

/// A topic of the platform taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'a> {
    /// Product id.
    pub product: &'a str,
    /// Device name.
    pub device: &'a str,
    /// Where the device name stands in the topic.
    pub device_range: Range<usize>,
    /// What it is for; `None` for a topic that the documents do not have.
    pub channel: Option<Channel>,
    /// What stands in the variable level: a service or a message id.
    pub variable: Option<Range<usize>>,
}

/// Takes a topic apart; `None` where it does not start with `$sys/{product}/{device}/`.
pub fn parse(topic: &str) -> Option<Address<'_>> {
    let rest = topic.strip_prefix("$sys/")?;
    let (product, rest) = rest.split_once('/')?;
    let (device, tail) = rest.split_once('/')?;
    if product.is_empty() || device.is_empty() {
        return None;
    }
    let device_start = "$sys/".len() + product.len() + 1;
    let tail_start = device_start + device.len() + 1;
    let (channel, variable) = match Channel::of_tail(tail).filter(|channel| !channel.tail().contains('{')) {
        Some(channel) => (Some(channel), None),
        None => variable_level(tail).map_or((None, None), |(channel, range)| {
            (Some(channel), Some(tail_start + range.start..tail_start + range.end))
        }),
    };
    Some(Address { product, device, device_range: device_start..device_start + device.len(), channel, variable })
}

/// The channels with a variable level.
fn variable_level(tail: &str) -> Option<(Channel, Range<usize>)> {
    const SHAPES: [(&str, &str, Channel); 4] = [
        ("thing/service/", "/invoke", Channel::ServiceInvoke),
        ("thing/service/", "/invoke_reply", Channel::ServiceInvokeReply),
        ("custome/down/", "", Channel::CustomDown),
        ("custome/down_reply/", "", Channel::CustomDownReply),
    ];
    SHAPES.iter().find_map(|(head, end, channel)| {
        let name = tail.strip_prefix(head)?.strip_suffix(end)?;
        (!name.is_empty() && !name.contains('/')).then(|| (*channel, head.len()..head.len() + name.len()))
    })
}

/// Whether a filter's tail (after the device name) can match a topic of this channel.
pub fn overlaps(filter_tail: &str, channel: Channel) -> bool {
    let mut pattern = levels(channel.tail());
    for wanted in levels(filter_tail) {
        match (wanted, pattern.next()) {
            ("#", _) => return true,
            (_, None) => return false,
            ("+", Some(_)) => {}
            (_, Some(found)) if found.starts_with('{') => {}
            (wanted, Some(found)) if wanted == found => {}
            _ => return false,
        }
    }
    pattern.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_read_back_from_its_topic() {
        for &channel in Channel::ALL {
            let topic = channel.topic("p1", "lamp", "x7");
            let address = parse(&topic).unwrap();
            assert_eq!((address.product, address.device, address.channel), ("p1", "lamp", Some(channel)), "{topic}");
            assert_eq!(&topic[address.device_range.clone()], "lamp");
            assert_eq!(address.variable.is_some(), channel.tail().contains('{'));
            if let Some(range) = address.variable {
                assert_eq!(&topic[range], "x7");
            }
            assert!(overlaps(topic.strip_prefix("$sys/p1/lamp/").unwrap(), channel));
        }
    }

    #[test]
    fn an_unknown_topic_of_a_device_still_names_the_device() {
        let address = parse("$sys/p1/lamp/thing/property/set-reply").unwrap();
        assert_eq!((address.device, address.channel), ("lamp", None));
        assert_eq!(parse("$sys/p1/lamp"), None);
        assert_eq!(parse("user/p1/lamp/x"), None);
        assert_eq!(parse("$sys//lamp/x"), None);
        assert_eq!(parse("$sys/p1/lamp/thing/service/invoke").unwrap().channel, None);
    }

    #[test]
    fn replies_follow_the_rule_of_slash_up_and_underscore_down() {
        for &channel in Channel::ALL {
            // An app's request is answered on the one reply topic that the documents have.
            if let Some(reply) = channel.reply().filter(|_| !channel.published_by(Role::App)) {
                let underscore = channel.published_by(Role::Cloud) || channel == Channel::CustomUp;
                let end = if underscore { "_reply" } else { "/reply" };
                assert!(reply.tail().replace("/{id}", "").ends_with(end), "{channel:?}");
            }
        }
    }
}
