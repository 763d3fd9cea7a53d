//! From a profile to a connection.

use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::onenet::sign;
use crate::dialect::onenet::topic::Channel;
use crate::dialect::plan::Usual;
use crate::dialect::{ConnectionSettings, MqttLevel, Plan, Server};
use crate::model::{FieldFault, Fields, Role};

/// Address of the application long connection ("服务地址").
pub const APP_SERVER: &str = "mqtt://183.230.102.116:25002";
/// Address of the device access (OneNET docs, `mqtt-device-development.md`).
pub const DEVICE_SERVER: &str = "mqtt://studio-mqtt.heclouds.com:1883";
/// Keep-alive of the official example, in seconds.
const USUAL: Usual = Usual { keep_alive: 60, level: MqttLevel::V311, qos: 1 };
/// Topics that one session of a device may subscribe (OneNET docs, `mqtt-limit.md`).
pub const MAX_TOPICS: usize = 10;

const NO_SESSION: Text =
    Text::new("an empty client id needs a clean session", "client id 为空时必须使用清除会话（clean session）");

/// What an app subscribes for every device: the topics of the official example, exactly, since publish and subscribe
/// granularity is the single device.
const APP_CHANNELS: [Channel; 4] =
    [Channel::Lifecycle, Channel::PropertyNotify, Channel::EventNotify, Channel::AppSetReply];

/// What a device subscribes. Ten filters do not hold every topic, so wildcards from the fourth level on.
const DEVICE_FILTERS: [&str; 9] = [
    "thing/property/#",
    "thing/event/#",
    "thing/service/#",
    "thing/pack/post/reply",
    "thing/history/post/reply",
    "thing/sub/#",
    "custome/up_reply",
    "custome/down/+",
    "ota/inform",
];

/// The server of a role where the profile names none.
pub fn default_server(role: Role) -> Option<Server> {
    let url = if role == Role::App { APP_SERVER } else { DEVICE_SERVER };
    Server::parse(url).ok()
}

/// The plan of a connection.
pub fn plan(role: Role, settings: &ConnectionSettings, now: Time) -> Result<Plan, FieldFault> {
    let identity = &settings.identity;
    if role == Role::Device {
        // Signing with the product's resource would do without, a connection does not.
        identity.require("device_name")?;
    }
    let Some(server) = settings.server.clone().or_else(|| default_server(role)) else {
        return Err(FieldFault::new("server", crate::model::fields::MISSING));
    };
    let signed = sign::sign(role, identity, now, Some(server.clone()))?;
    let topics = match role {
        Role::App => app_topics(&settings.devices)?,
        Role::Device | Role::Cloud => device_topics(identity)?,
    };
    let plan = Plan::of_login(server, signed, settings, topics, USUAL);
    if plan.client_id.is_empty() && !plan.clean_session {
        // MQTT 3.1.1, section 3.1.3.1.
        return Err(FieldFault::new("clean_session", NO_SESSION));
    }
    Ok(plan)
}

fn app_topics(devices: &[Fields]) -> Result<Vec<String>, FieldFault> {
    let mut topics = Vec::new();
    for device in devices {
        let (product, name) = (device.require("product_id")?, device.require("device_name")?);
        topics.extend(APP_CHANNELS.iter().map(|channel| channel.topic(product, name, "")));
    }
    Ok(topics)
}

fn device_topics(identity: &Fields) -> Result<Vec<String>, FieldFault> {
    let (product, name) = (identity.require("product_id")?, identity.require("device_name")?);
    Ok(DEVICE_FILTERS.iter().map(|tail| format!("$sys/{product}/{name}/{tail}")).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::dialect::onenet::topic::overlaps;

    fn identity() -> Fields {
        Fields::new().with("product_id", "p1").with("device_name", "lamp").with("access_key", "YQ==")
    }

    #[test]
    fn a_device_logs_in_with_its_name_and_product_and_hears_every_topic_it_may() {
        let settings = ConnectionSettings { identity: identity(), ..Default::default() };
        let plan = plan(Role::Device, &settings, Time::from_secs(1_000)).unwrap();
        assert_eq!((plan.client_id.as_str(), plan.username.as_str()), ("lamp", "p1"));
        assert_eq!((plan.server.host.as_str(), plan.server.port), ("studio-mqtt.heclouds.com", 1883));
        assert!(plan.clean_session && plan.subscriptions.len() <= MAX_TOPICS);
        assert_eq!(plan.expires_at, Some(Time::from_secs(1_000 + 12 * 3_600)));
        for &channel in Channel::ALL.iter().filter(|channel| channel.subscribed_by(Role::Device)) {
            assert!(DEVICE_FILTERS.iter().any(|tail| overlaps(tail, channel)), "{channel:?}");
        }
    }

    #[test]
    fn an_app_subscribes_exact_topics_of_each_device() {
        let settings = ConnectionSettings {
            identity: Fields::new().with("user_id", "7").with("access_key", "YQ=="),
            devices: vec![identity(), Fields::new().with("product_id", "p2").with("device_name", "fan")],
            ..Default::default()
        };
        let plan = plan(Role::App, &settings, Time::ZERO).unwrap();
        assert_eq!((plan.client_id.as_str(), plan.username.as_str()), ("", "userid/7"));
        assert_eq!((plan.server.host.as_str(), plan.server.port), ("183.230.102.116", 25002));
        assert_eq!(plan.keep_alive, Duration::from_secs(60));
        let filters: Vec<&str> = plan.subscriptions.iter().map(|subscription| subscription.filter.as_str()).collect();
        assert_eq!(filters.len(), 8);
        assert_eq!(filters[0], "$sys/p1/lamp/thing/lifecycle");
        assert_eq!(filters[7], "$sys/p2/fan/thing/property/set/reply");
        assert!(filters.iter().all(|filter| !crate::base::topic::has_wildcard(filter)));
    }

    #[test]
    fn an_empty_client_id_keeps_no_session() {
        let mut settings = ConnectionSettings {
            identity: Fields::new().with("user_id", "7").with("access_key", "YQ=="),
            ..Default::default()
        };
        settings.mqtt.clean_session = Some(false);
        assert_eq!(plan(Role::App, &settings, Time::ZERO).unwrap_err().field, "clean_session");
        settings.mqtt.client_id = Some("me".to_owned());
        assert!(!plan(Role::App, &settings, Time::ZERO).unwrap().clean_session);
    }

    #[test]
    fn a_ready_token_is_used_as_it_is() {
        let token = "version=2018-10-31&res=products%2Fp1&et=1537255523&method=sha1&sign=x%3D";
        let mut settings = ConnectionSettings { identity: identity(), ..Default::default() };
        settings.identity.remove("access_key");
        settings.identity.set("token", token);
        let plan = plan(Role::Device, &settings, Time::ZERO).unwrap();
        assert_eq!(plan.password.expose(), token);
        assert_eq!(plan.expires_at, Some(Time::from_secs(1_537_255_523)));
    }
}
