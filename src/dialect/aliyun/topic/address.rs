//! What a topic says: its channel, and the device and variable level named in it.

use std::ops::Range;

use super::Channel;

/// A topic, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'t> {
    /// Product key; empty where the topic has none.
    pub product: &'t str,
    /// Device name; empty where the topic has none.
    pub device: &'t str,
    /// Where the device name stands.
    pub device_range: Range<usize>,
    /// What stands in the variable level: identifier, message id, the rest of a topic.
    pub variable: Option<Range<usize>>,
    /// What it is for; `None` where the documents have no such topic.
    pub channel: Option<Channel>,
}

/// Reads a topic; `None` where it has none of the platform's forms.
pub fn parse(topic: &str) -> Option<Address<'_>> {
    let head = topic.get(1..)?.split('/').next()?;
    match head {
        "sys" => parse_sys(topic),
        "ext" => parse_ext(topic),
        "ota" => match topic.get(12..)?.split('/').next()? {
            "inform" => of_prefix(topic, "/ota/device/inform/", Channel::OtaInform),
            "upgrade" => of_prefix(topic, "/ota/device/upgrade/", Channel::OtaUpgrade),
            "progress" => of_prefix(topic, "/ota/device/progress/", Channel::OtaProgress),
            "request" => of_prefix(topic, "/ota/device/request/", Channel::OtaRequest),
            _ => None,
        },
        "shadow" => of_prefix(topic, "/shadow/update/", Channel::ShadowUpdate)
            .or_else(|| of_prefix(topic, "/shadow/get/", Channel::ShadowGet)),
        "broadcast" => {
            let rest = topic.strip_prefix("/broadcast/")?;
            let (product, name) = rest.split_once('/')?;
            let end = topic.len();
            Some(Address {
                product,
                device: "",
                device_range: end..end,
                variable: Some(end - name.len()..end),
                channel: Some(Channel::Broadcast),
            })
        }
        _ => {
            let mut address = owner(topic, 1)?;
            let tail_start = address.device_range.end + 1;
            let user = topic.get(tail_start..).and_then(|tail| tail.strip_prefix("user/"));
            if let Some(suffix) = user.filter(|suffix| !suffix.is_empty()) {
                address.variable = Some(topic.len() - suffix.len()..topic.len());
                address.channel = Some(Channel::User);
            }
            address.channel?;
            Some(address)
        }
    }
}

/// Product and device that stand at `start` of a topic, one level each.
fn owner(topic: &str, start: usize) -> Option<Address<'_>> {
    let rest = topic.get(start..)?;
    let (product, after) = rest.split_once('/')?;
    let device = after.split('/').next()?;
    if product.is_empty() || device.is_empty() || !topic.starts_with('/') {
        return None;
    }
    let from = start + product.len() + 1;
    Some(Address { product, device, device_range: from..from + device.len(), variable: None, channel: None })
}

fn of_prefix<'t>(topic: &'t str, prefix: &str, channel: Channel) -> Option<Address<'t>> {
    topic.strip_prefix(prefix)?;
    let mut address = owner(topic, prefix.len())?;
    (address.device_range.end == topic.len()).then(|| {
        address.channel = Some(channel);
        address
    })
}

fn parse_sys(topic: &str) -> Option<Address<'_>> {
    let mut address = owner(topic, "/sys/".len())?;
    let start = address.device_range.end + 1;
    let tail = topic.get(start..).unwrap_or_default();
    let end = topic.len();
    let (channel, variable) = if let Some(rest) = tail.strip_prefix("thing/event/property/") {
        (sys_property(rest), None)
    } else if let Some(rest) = tail.strip_prefix("thing/service/property/") {
        (
            match rest {
                "set" => Some(Channel::PropertySet),
                "set_reply" => Some(Channel::PropertySetReply),
                "get" => Some(Channel::PropertyGet),
                "get_reply" => Some(Channel::PropertyGetReply),
                _ => None,
            },
            None,
        )
    } else if let Some(rest) = tail.strip_prefix("thing/event/") {
        let from = end - rest.len();
        match rest.split_once('/') {
            Some((id, "post")) if !id.is_empty() => (Some(Channel::EventPost), Some(from..from + id.len())),
            Some((id, "post_reply")) if !id.is_empty() => (Some(Channel::EventPostReply), Some(from..from + id.len())),
            _ => (None, None),
        }
    } else if let Some(rest) = tail.strip_prefix("thing/service/").filter(|rest| !rest.contains('/')) {
        let from = end - rest.len();
        match rest.strip_suffix("_reply") {
            _ if rest.is_empty() => (None, None),
            Some(id) => (Some(Channel::ServiceReply), Some(from..from + id.len())),
            None => (Some(Channel::Service), Some(from..end)),
        }
    } else if let Some(id) = tail.strip_prefix("rrpc/request/") {
        (Some(Channel::RrpcRequest), Some(end - id.len()..end))
    } else if let Some(id) = tail.strip_prefix("rrpc/response/") {
        (Some(Channel::RrpcResponse), Some(end - id.len()..end))
    } else {
        match (Channel::of_sys(tail), tail) {
            (Some(channel), _) => (Some(channel), None),
            (None, tail) => match (tail.strip_prefix("app/up/"), tail.strip_prefix("app/down/")) {
                (Some(rest), _) if !rest.is_empty() => (Some(Channel::AppUp), Some(end - rest.len()..end)),
                (_, Some(rest)) if !rest.is_empty() => (Some(Channel::AppDown), Some(end - rest.len()..end)),
                _ => (None, None),
            },
        }
    };
    address.channel = channel;
    address.variable = variable;
    Some(address)
}

/// The topics of posts, which a flood is made of, without going through the table.
fn sys_property(rest: &str) -> Option<Channel> {
    Some(match rest {
        "post" => Channel::PropertyPost,
        "post_reply" => Channel::PropertyPostReply,
        "batch/post" => Channel::BatchPost,
        "batch/post_reply" => Channel::BatchPostReply,
        "history/post" => Channel::HistoryPost,
        "history/post_reply" => Channel::HistoryPostReply,
        "pack/post" => Channel::PackPost,
        "pack/post_reply" => Channel::PackPostReply,
        _ => return None,
    })
}

fn parse_ext(topic: &str) -> Option<Address<'_>> {
    let nobody = |channel, variable| {
        let end = topic.len();
        Some(Address { product: "", device: "", device_range: end..end, variable, channel: Some(channel) })
    };
    if let Some(rest) = topic.strip_prefix("/ext/rrpc/") {
        let (id, _) = rest.split_once('/')?;
        let from = "/ext/rrpc/".len();
        let inner_start = from + id.len();
        // The topic behind the message id tells whose it is; the message id stays the variable.
        let inner = topic.get(inner_start..).unwrap_or_default();
        let inner = inner.strip_prefix('/').filter(|rest| rest.starts_with('/')).unwrap_or(inner);
        let offset = topic.len() - inner.len();
        let owner = parse(inner).map(|inner| (inner.product.to_owned(), inner.device_range));
        let range = owner.map_or(topic.len()..topic.len(), |(_, range)| range.start + offset..range.end + offset);
        let product = parse(inner).and_then(|_| inner_product(topic, offset)).unwrap_or_default();
        return Some(Address {
            product,
            device: topic.get(range.clone()).unwrap_or_default(),
            device_range: range,
            variable: Some(from..from + id.len()),
            channel: Some(Channel::ExtRrpc),
        });
    }
    if let Some(id) = topic.strip_prefix("/ext/network/probe/") {
        return nobody(Channel::Probe, Some(topic.len() - id.len()..topic.len()));
    }
    match topic {
        "/ext/register" => return nobody(Channel::ExtRegister, None),
        "/ext/regnwl" => return nobody(Channel::ExtRegnwl, None),
        _ => {}
    }
    if let Some(address) = of_prefix(topic, "/ext/error/", Channel::ExtError) {
        return Some(address);
    }
    let (prefix, ntp) = if topic.starts_with("/ext/ntp/") {
        ("/ext/ntp/", true)
    } else {
        topic.strip_prefix("/ext/session/")?;
        ("/ext/session/", false)
    };
    let mut address = owner(topic, prefix.len())?;
    let tail = topic.get(address.device_range.end + 1..).unwrap_or_default();
    address.channel = match (ntp, tail) {
        (true, "request") => Some(Channel::NtpRequest),
        (true, "response") => Some(Channel::NtpResponse),
        (false, "combine/login") => Some(Channel::CombineLogin),
        (false, "combine/login_reply") => Some(Channel::CombineLoginReply),
        (false, "combine/logout") => Some(Channel::CombineLogout),
        (false, "combine/logout_reply") => Some(Channel::CombineLogoutReply),
        (false, "combine/batch_login") => Some(Channel::CombineBatchLogin),
        (false, "combine/batch_login_reply") => Some(Channel::CombineBatchLoginReply),
        (false, "combine/batch_logout") => Some(Channel::CombineBatchLogout),
        (false, "combine/batch_logout_reply") => Some(Channel::CombineBatchLogoutReply),
        _ => None,
    };
    Some(address)
}

/// The product key of the topic behind a message id.
fn inner_product(topic: &str, offset: usize) -> Option<&str> {
    let inner = topic.get(offset..)?;
    let start = if inner.starts_with("/sys/") { "/sys/".len() } else { 1 };
    inner.get(start..)?.split('/').next()
}

/// The topic behind `/ext/rrpc/{message_id}`, with its slash.
pub fn inner(topic: &str) -> Option<&str> {
    let rest = topic.strip_prefix("/ext/rrpc/")?;
    let (_, inner) = rest.split_at_checked(rest.find('/')?)?;
    Some(inner.strip_prefix('/').filter(|rest| rest.starts_with('/')).unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    #[test]
    fn every_channel_is_found_again_by_its_topic() {
        for &channel in Channel::ALL {
            let variable = match channel {
                Channel::ExtRrpc => "77/sys/pk/dn/thing/service/Blink",
                _ => "x1",
            };
            let topic = if channel == Channel::ExtRrpc {
                "/ext/rrpc/77/sys/pk/dn/thing/service/Blink".to_owned()
            } else {
                channel.topic("pk", "dn", variable)
            };
            let address = parse(&topic).unwrap_or_else(|| panic!("{topic}"));
            assert_eq!(address.channel, Some(channel), "{topic}");
            if channel.pattern().contains("{device_name}") {
                assert_eq!((address.product, address.device), ("pk", "dn"), "{topic}");
                assert_eq!(&topic[address.device_range], "dn", "{topic}");
            }
            if channel.pattern().contains("{identifier}") || channel.pattern().contains("#}") {
                let variable = address.variable.map(|range| &topic[range]);
                assert_eq!(variable, Some(if channel == Channel::ExtRrpc { "77" } else { "x1" }), "{topic}");
            }
        }
    }

    #[test]
    fn patterns_are_unique_and_answers_exist() {
        let patterns: std::collections::BTreeSet<&str> = Channel::ALL.iter().map(|c| c.pattern()).collect();
        assert_eq!(patterns.len(), Channel::ALL.len());
        for channel in Channel::ALL {
            if let Some(reply) = channel.reply() {
                let asker = if channel.published_by(Role::Device) { Role::Device } else { Role::Cloud };
                let asker = if channel.published_by(Role::App) { Role::App } else { asker };
                assert!(reply.subscribed_by(asker), "{channel:?}");
            }
        }
    }

    #[test]
    fn every_filter_is_one_and_holds_its_topics() {
        for &channel in Channel::ALL {
            let filter = channel.filter("pk", "dn");
            assert_eq!(crate::base::topic::validate_filter(&filter), Ok(()), "{filter}");
            let topic = channel.topic("pk", "dn", "x1");
            assert!(crate::base::topic::matches(&filter, &topic), "{filter} {topic}");
        }
    }

    #[test]
    fn both_forms_of_a_wrapped_topic_are_read() {
        for topic in ["/ext/rrpc/12/pk/dn/user/get", "/ext/rrpc/12//pk/dn/user/get"] {
            let address = parse(topic).unwrap();
            assert_eq!((address.product, address.device, address.channel), ("pk", "dn", Some(Channel::ExtRrpc)));
            assert_eq!(inner(topic), Some("/pk/dn/user/get"));
        }
    }

    #[test]
    fn foreign_topics_are_none() {
        for topic in ["", "/", "a/b", "$sys/p/d/thing", "/sys/pk", "/ota/device/x/pk/dn", "/ext/x", "//", "/pk/dn/x"] {
            assert!(parse(topic).and_then(|address| address.channel).is_none(), "{topic}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_topic_panics(topic in "(/|sys|ext|rrpc|ota|device|pk|thing|event|\\PC)*") {
            if let Some(address) = parse(&topic) {
                proptest::prop_assert_eq!(topic.get(address.device_range), Some(address.device));
            }
        }
    }
}
