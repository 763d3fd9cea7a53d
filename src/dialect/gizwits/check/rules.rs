//! The rules of a connection, each with the document that says so.

use std::time::Duration;

use crate::base::lang::Text;
use crate::dialect::check::Finding;
use crate::dialect::{ConnectionSettings, MqttLevel, Plan};
use crate::model::Role;

/// Above this the server takes the keep-alive for this (App与云端通讯 v4.0.4, section 4.2), in seconds.
const LONGEST_KEEP_ALIVE: u64 = 600;
/// So many pings in [`PING_WINDOW`] end the connection (App与云端通讯 v4.0.4, section 4.3).
const MOST_PINGS: u64 = 60;
/// See [`MOST_PINGS`].
const PING_WINDOW: Duration = Duration::from_secs(180);

/// What is remarkable about a keep-alive.
pub fn keep_alive(seconds: u64) -> Option<Finding> {
    if seconds > LONGEST_KEEP_ALIVE {
        return Some(Finding::warning("keep_alive", KEEP_ALIVE_LONG.with(&[&seconds]), KEEP_ALIVE_FIX));
    }
    let often = seconds > 0 && PING_WINDOW.as_secs() / seconds >= MOST_PINGS;
    often.then(|| Finding::error("ping_rate", PING_RATE.with(&[&seconds]), KEEP_ALIVE_FIX))
}

/// Applies the rules.
pub fn examine(role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
    let mut findings: Vec<Finding> = keep_alive(plan.keep_alive.as_secs()).into_iter().collect();
    if plan.level != MqttLevel::V31 {
        findings.push(Finding::warning("mqtt_level", LEVEL.with(&[&4]), LEVEL_FIX));
    }
    let host = plan.server.host.to_ascii_lowercase();
    if host.contains("gizwits.com") && (host.starts_with("api") || host.contains("openapi")) {
        let fix = HOST_FIX.with(&[&plan.server.transport.scheme(), &plan.server.port]);
        findings.push(Finding::error("host_of_http_api", HTTP_HOST.with(&[&plan.server.host]), fix));
    }
    for subscription in plan.subscriptions.iter().filter(|_| role == Role::App) {
        let filter = &subscription.filter;
        if filter.starts_with("app2dev/") {
            findings.push(Finding::error("topic_direction", DIRECTION.with(&[filter]), DIRECTION_FIX));
        } else if filter.starts_with("dev2app/") && filter.ends_with("/#") {
            findings.push(Finding::warning("topic_wildcard", WILDCARD.with(&[filter]), WILDCARD_FIX));
        } else if let Some(id) = filter.strip_prefix("ser2cli_res/").map(|id| id.trim_end_matches("/#"))
            && id != plan.client_id
        {
            let fix = OWN_FIX.with(&[&plan.client_id]);
            findings.push(Finding::error("topic_foreign", FOREIGN.with(&[filter, &plan.client_id]), fix));
        }
    }
    let Some(own) = settings.identity.get("did").filter(|_| role == Role::Device) else { return findings };
    for subscription in &plan.subscriptions {
        let other = |did: &str| did != own && !subscription.filter.starts_with("ser2cli_noti/");
        if let Some((_, did)) = subscription.filter.split_once('/')
            && let Some(did) = did.split('/').next().filter(|did| other(did))
            && ["app2dev/", "app2module/", "ser2cli_res/"].iter().any(|start| subscription.filter.starts_with(start))
        {
            // MQTT 3.1 has no way to refuse a subscription: it just stays silent.
            let message = FOREIGN_DEVICE.with(&[&subscription.filter, &did, &own]);
            findings.push(Finding::error("topic_foreign", message, FOREIGN_DEVICE_FIX.with(&[&own])).supposed());
        }
        if subscription.filter.starts_with("dev2app/") {
            findings.push(Finding::error(
                "topic_direction",
                DEVICE_DIRECTION.with(&[&subscription.filter]),
                DEVICE_DIRECTION_FIX,
            ));
        }
    }
    findings
}

/// The level that the platform was made for.
pub const LEVEL: Text = Text::new(
    "MQTT level {} is used; the platform was made for MQTT 3.1 (level 3), and strict servers answer CONNACK 1",
    "使用的是 MQTT level {}；该平台按 MQTT 3.1（level 3）设计，严格的服务端会返回 CONNACK 1",
);
/// What to do about it.
pub const LEVEL_FIX: Text = Text::new("[mqtt] version = \"3.1\"", "[mqtt] version = \"3.1\"");
const KEEP_ALIVE_LONG: Text = Text::new(
    "keep-alive is {} s; the server takes everything above 600 s for 600 (App与云端通讯 v4.0.4)",
    "keep-alive 为 {} 秒，超过 600 秒时服务端按 600 秒处理（App与云端通讯 v4.0.4）",
);
const PING_RATE: Text = Text::new(
    "a keep-alive of {} s makes 60 pings or more in 180 s, upon which the server disconnects (App与云端通讯 v4.0.4)",
    "keep-alive 为 {} 秒会在 180 秒内产生 60 次以上心跳，服务端会断开（App与云端通讯 v4.0.4）",
);
const KEEP_ALIVE_FIX: Text = Text::new("[mqtt] keep_alive = 120", "[mqtt] keep_alive = 120");
const HTTP_HOST: Text = Text::new("{} is a host of the HTTP API, not of MQTT", "{} 是 HTTP API 的地址，不是 MQTT 地址");
const HOST_FIX: Text = Text::new("server = \"{}://m2m.gizwits.com:{}\"", "server = \"{}://m2m.gizwits.com:{}\"");
const DIRECTION: Text = Text::new(
    "{} is what apps publish to; they subscribe dev2app/… and ser2cli_res/… (App与云端通讯 v4.0.4)",
    "{} 是应用发布用的主题，应用应订阅 dev2app/… 与 ser2cli_res/…（App与云端通讯 v4.0.4）",
);
const DIRECTION_FIX: Text =
    Text::new("dev2app/<did> and dev2app/<did>/<client id>", "dev2app/<did> 和 dev2app/<did>/<clientId>");
const WILDCARD: Text = Text::new(
    "{} also hears what is meant for other apps; since v4.0.4 two exact topics are subscribed",
    "{} 会收到发给其他应用的消息；v4.0.4 起应订阅两个确切主题",
);
const WILDCARD_FIX: Text =
    Text::new("dev2app/<did> and dev2app/<did>/<client id>", "dev2app/<did> 和 dev2app/<did>/<clientId>");
const FOREIGN: Text = Text::new("{} is not of this client: its id is {}", "{} 不属于本客户端，其 clientId 是 {}");
const OWN_FIX: Text = Text::new("ser2cli_res/{}", "ser2cli_res/{}");
const FOREIGN_DEVICE: Text = Text::new(
    "{} is of the device {}, this one is {}; MQTT 3.1 cannot refuse a subscription, so nothing would ever arrive",
    "{} 属于设备 {}，而本设备是 {}；MQTT 3.1 无法拒绝订阅，只会收不到消息",
);
const FOREIGN_DEVICE_FIX: Text = Text::new("app2dev/{}/#", "app2dev/{}/#");
const DEVICE_DIRECTION: Text = Text::new(
    "{} is what devices publish to; they subscribe app2dev/<did>/#",
    "{} 是设备发布用的主题，设备应订阅 app2dev/<did>/#",
);
const DEVICE_DIRECTION_FIX: Text = Text::new("app2dev/<did>/#", "app2dev/<did>/#");
