//! Every topic of the device side, `$head/up|down/type/productID/deviceName`, and the names that WebSocket frames and HTTP
//! calls of an app have in the stream.
//!
//! One table gives the [`Channel`]s, the `Spec`'s topic list and the reader. Sources: unitedrhino/things,
//! `share/devices` and the handlers of `dgsvr`; the documentation page "物模型协议".

use std::ops::Range;

use crate::dialect::TopicSpec;
use crate::model::{Kind, Role};

const APP: &[Role] = &[Role::App];
const DEVICE: &[Role] = &[Role::Device];
const CLOUD: &[Role] = &[Role::Cloud];

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident $publishers:ident $subscribers:ident $kind:ident $head:literal;)*) => {
        /// What a topic is for. What exactly a message is, its `method` tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Channel {
            $($(#[$doc])* $variant,)*
        }

        impl Channel {
            /// Every channel.
            pub const ALL: &'static [Channel] = &[$(Channel::$variant,)*];

            /// What stands before product and device.
            pub const fn head(self) -> &'static str {
                match self { $(Channel::$variant => $head,)* }
            }

            /// What its messages are where the method says nothing else.
            pub const fn kind(self) -> Kind {
                match self { $(Channel::$variant => Kind::$kind,)* }
            }

            /// Whether a device publishes to it.
            pub fn is_up(self) -> bool {
                match self { $(Channel::$variant => $publishers.contains(&Role::Device),)* }
            }
        }

        /// The topics for the `Spec`.
        pub static TOPICS: &[TopicSpec] = &[
            $(TopicSpec {
                pattern: concat!($head, "/{product_id}/{device_name}"),
                kind: Kind::$kind,
                publishers: $publishers,
                subscribers: $subscribers,
                source: "unitedrhino/things share/devices",
            },)*
            TopicSpec { pattern: "ws/up.sub/{code}", kind: Kind::Subscribe, publishers: APP, subscribers: CLOUD, source: "websocket开发" },
            TopicSpec { pattern: "ws/up.unSub/{code}", kind: Kind::Unsubscribe, publishers: APP, subscribers: CLOUD, source: "unitedrhino/core share/websocket" },
            TopicSpec { pattern: "ws/up.ping", kind: Kind::Ping, publishers: APP, subscribers: CLOUD, source: "unitedrhino/core share/websocket" },
            TopicSpec { pattern: "ws/down.pub/{code}", kind: Kind::Push, publishers: CLOUD, subscribers: APP, source: "websocket开发" },
        ];
    };
}

channels! {
    /// Properties, reported and answered.
    PropertyUp DEVICE CLOUD Report "$thing/up/property";
    /// Properties, asked for and set.
    PropertyDown CLOUD DEVICE Set "$thing/down/property";
    /// Events.
    EventUp DEVICE CLOUD Event "$thing/up/event";
    /// Confirmation of events.
    EventDown CLOUD DEVICE EventReply "$thing/down/event";
    /// Actions, answered, or asked for by a device.
    ActionUp DEVICE CLOUD InvokeReply "$thing/up/action";
    /// Actions, called.
    ActionDown CLOUD DEVICE Invoke "$thing/down/action";
    /// Services of the platform.
    ServiceUp DEVICE CLOUD Push "$thing/up/service";
    /// Their answers.
    ServiceDown CLOUD DEVICE Push "$thing/down/service";
    /// Properties in the user's own format.
    CustomUp DEVICE CLOUD Raw "$thing/up/property/custom";
    /// The same, down.
    CustomDown CLOUD DEVICE Raw "$thing/down/property/custom";
    /// How far an upgrade is.
    OtaUp DEVICE CLOUD Ota "$ota/up/progress";
    /// An upgrade waits.
    OtaDown CLOUD DEVICE Ota "$ota/down/upgrade";
    /// A device tells its version; the handler is commented out on the platform.
    OtaReport DEVICE CLOUD Ota "$ota/up/report";
    /// A device asks for its configuration.
    ConfigUp DEVICE CLOUD Config "$config/up/get";
    /// The configuration.
    ConfigDown CLOUD DEVICE ConfigReply "$config/down/get";
    /// The configuration has changed.
    ConfigPush CLOUD DEVICE Config "$config/down/push";
    /// A device asks for the time.
    NtpUp DEVICE CLOUD Ntp "$ext/up/ntp";
    /// The time.
    NtpDown CLOUD DEVICE NtpReply "$ext/down/ntp";
    /// A device registers itself.
    RegisterUp DEVICE CLOUD Register "$ext/up/register";
    /// Its secret.
    RegisterDown CLOUD DEVICE RegisterReply "$ext/down/register";
    /// Sub-devices of a gateway.
    TopoUp DEVICE CLOUD Topology "$gateway/up/topo";
    /// Answers and notices about them.
    TopoDown CLOUD DEVICE TopologyReply "$gateway/down/topo";
    /// Sub-devices come and go.
    StatusUp DEVICE CLOUD Topology "$gateway/up/status";
    /// Answers to that.
    StatusDown CLOUD DEVICE TopologyReply "$gateway/down/status";
    /// The models of sub-devices.
    SchemaUp DEVICE CLOUD Model "$gateway/up/thing";
    /// Answers to that.
    SchemaDown CLOUD DEVICE ModelReply "$gateway/down/thing";
    /// A device asks what it is to log.
    LogOperationUp DEVICE CLOUD Log "$log/up/operation";
    /// What it is to log.
    LogOperationDown CLOUD DEVICE LogReply "$log/down/operation";
    /// Lines of a device's log.
    LogUp DEVICE CLOUD Log "$log/up/report";
    /// Confirmation.
    LogDown CLOUD DEVICE LogReply "$log/down/report";
    /// What a device is to log has changed.
    LogUpdate CLOUD DEVICE Log "$log/down/update";
    /// Shadow; the handler does nothing on the platform.
    ShadowUp DEVICE CLOUD Shadow "$shadow/up/property";
    /// Shadow.
    ShadowDown CLOUD DEVICE Shadow "$shadow/down/property";
}

impl Channel {
    /// The channel of the other direction.
    pub fn other(self) -> Option<Channel> {
        Some(match self {
            Channel::PropertyUp => Channel::PropertyDown,
            Channel::PropertyDown => Channel::PropertyUp,
            Channel::EventUp => Channel::EventDown,
            Channel::ActionUp => Channel::ActionDown,
            Channel::ActionDown => Channel::ActionUp,
            Channel::ServiceUp => Channel::ServiceDown,
            Channel::OtaUp | Channel::OtaReport => Channel::OtaDown,
            Channel::ConfigUp => Channel::ConfigDown,
            Channel::NtpUp => Channel::NtpDown,
            Channel::RegisterUp => Channel::RegisterDown,
            Channel::TopoUp => Channel::TopoDown,
            Channel::TopoDown => Channel::TopoUp,
            Channel::StatusUp => Channel::StatusDown,
            Channel::SchemaUp => Channel::SchemaDown,
            Channel::LogOperationUp => Channel::LogOperationDown,
            Channel::LogUp => Channel::LogDown,
            Channel::ShadowUp => Channel::ShadowDown,
            _ => return None,
        })
    }

    /// The whole topic.
    pub fn topic(self, product: &str, device: &str) -> String {
        format!("{}/{product}/{device}", self.head())
    }
}

/// A topic, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'t> {
    /// Product id.
    pub product: &'t str,
    /// Device name.
    pub device: &'t str,
    /// Where the device name stands.
    pub device_range: Range<usize>,
    /// What it is for; `None` where the platform has no such topic.
    pub channel: Option<Channel>,
}

/// Reads a topic of the device side.
pub fn parse(topic: &str) -> Option<Address<'_>> {
    let (rest, device) = topic.rsplit_once('/')?;
    let (head, product) = rest.rsplit_once('/')?;
    if !head.starts_with('$') || product.is_empty() || device.is_empty() {
        return None;
    }
    // The older name of the gateway's topics (documentation; iThings).
    let head = match head {
        "$gateway/up/operation" => "$gateway/up/topo",
        "$gateway/down/operation" => "$gateway/down/topo",
        other => other,
    };
    let channel = Channel::ALL.iter().copied().find(|channel| channel.head() == head);
    let start = topic.len() - device.len();
    Some(Address { product, device, device_range: start..topic.len(), channel })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_is_found_again_by_its_topic() {
        for &channel in Channel::ALL {
            let topic = channel.topic("pid", "dev");
            let address = parse(&topic).unwrap();
            assert_eq!((address.channel, address.product, address.device), (Some(channel), "pid", "dev"));
            assert_eq!(&topic[address.device_range], "dev");
            assert_eq!(channel.is_up(), topic.contains("/up/"), "{topic}");
        }
        assert_eq!(parse("$gateway/up/operation/p/d").unwrap().channel, Some(Channel::TopoUp));
        for topic in ["", "a/b/c", "$thing", "$thing/up/property//d"] {
            assert!(parse(topic).is_none(), "{topic}");
        }
    }
}
