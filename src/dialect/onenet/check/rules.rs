//! The rules of a connection, each with the document that says so.

use crate::base::lang::{Phrase, Text};
use crate::base::topic::has_wildcard;
use crate::dialect::check::Finding;
use crate::dialect::onenet::plan::MAX_TOPICS;
use crate::dialect::{ConnectionSettings, MqttLevel, Plan, Server};
use crate::model::Role;

/// A host of the platform, and what it is for.
struct Host {
    name: &'static str,
    port: u16,
    tls: bool,
    role: Role,
}

const fn host(name: &'static str, port: u16, tls: bool, role: Role) -> Host {
    Host { name, port, tls, role }
}

/// Hosts of the platform (OneNET docs, `mqtt-device-development.md`, `mqtt-example.md`, application long connection).
const HOSTS: [Host; 7] = [
    host("183.230.102.116", 25002, false, Role::App),
    host("183.230.102.116", 8883, true, Role::Device),
    host("218.201.45.7", 1883, false, Role::Device),
    host("studio-mqtt.heclouds.com", 1883, false, Role::Device),
    host("studio-mqtts.heclouds.com", 8883, true, Role::Device),
    host("mqtts.heclouds.com", 1883, false, Role::Device),
    host("mqttstls.heclouds.com", 8883, true, Role::Device),
];
/// Hosts of the predecessor, another product line.
const PREDECESSOR: [&str; 2] = ["183.230.40.96", "183.230.40.16"];
/// Keep-alive in seconds (predecessor, `mqtts-design.md`).
const KEEP_ALIVE: std::ops::RangeInclusive<u64> = 10..=1800;

/// Applies the rules.
pub fn examine(role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    if plan.level != MqttLevel::V311 {
        findings.push(Finding::error("mqtt_level", LEVEL, LEVEL_FIX));
    }
    findings.extend(address(role, settings, &plan.server));
    if role == Role::App {
        for subscription in plan.subscriptions.iter().filter(|subscription| has_wildcard(&subscription.filter)) {
            let finding =
                Finding::error("topic_wildcard", WILDCARD_APP.with(&[&subscription.filter]), WILDCARD_APP_FIX);
            findings.push(finding.supposed());
        }
        return findings;
    }
    let seconds = plan.keep_alive.as_secs();
    if !KEEP_ALIVE.contains(&seconds) {
        findings.push(Finding::error("keep_alive", KEEP_ALIVE_RANGE.with(&[&seconds]), KEEP_ALIVE_FIX));
    }
    if !plan.clean_session {
        findings.push(Finding::error("clean_session", CLEAN, CLEAN_FIX));
    }
    if plan.subscriptions.len() > MAX_TOPICS {
        let message = TOO_MANY.with(&[&plan.subscriptions.len(), &MAX_TOPICS]);
        findings.push(Finding::error("too_many_topics", message, TOO_MANY_FIX));
    }
    let own = settings.identity.get("product_id").zip(settings.identity.get("device_name"));
    for subscription in &plan.subscriptions {
        let filter = &subscription.filter;
        let levels: Vec<&str> = filter.split('/').collect();
        if levels.iter().take(3).any(|level| has_wildcard(level)) {
            findings.push(Finding::error("topic_wildcard", WILDCARD.with(&[filter]), WILDCARD_FIX));
        } else if let Some((product, device)) = own
            && levels.get(1..3).is_some_and(|levels| levels != [product, device])
        {
            let fix = FOREIGN_FIX.with(&[&product, &device]);
            findings.push(Finding::error("topic_foreign", FOREIGN.with(&[filter]), fix));
        }
    }
    findings
}

/// Host against role and product, port against TLS.
fn address(role: Role, settings: &ConnectionSettings, server: &Server) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = server.host.to_ascii_lowercase();
    let usual = |host: &Host| -> Phrase {
        let scheme = if host.tls { "mqtts" } else { "mqtt" };
        SERVER_FIX.with(&[&scheme, &host.name, &host.port])
    };
    if PREDECESSOR.contains(&name.as_str()) {
        let host = HOSTS.iter().find(|host| host.role == role && !host.tls);
        let fix = host.map_or_else(|| LEVEL_FIX.into(), usual);
        findings.push(Finding::error("host_predecessor", OLD_HOST.with(&[&server.host]), fix));
        return findings;
    }
    let of_name: Vec<&Host> = HOSTS.iter().filter(|host| host.name == name).collect();
    let own: Vec<&&Host> = of_name.iter().filter(|host| host.role == role).collect();
    if let Some(other) = of_name.first().filter(|_| own.is_empty()) {
        let right = HOSTS.iter().find(|host| host.role == role && host.tls == server.transport.is_tls());
        let right = right.or_else(|| HOSTS.iter().find(|host| host.role == role));
        let fix = right.map_or_else(|| LEVEL_FIX.into(), usual);
        findings.push(Finding::error("host_of_other_role", OTHER_ROLE.with(&[&server.host, &other.role, &role]), fix));
    } else if let Some(host) =
        own.first().filter(|host| host.port != server.port || host.tls != server.transport.is_tls())
    {
        let message = PORT.with(&[&server.host, &host.port, if host.tls { &"TLS" } else { &"TCP" }]);
        findings.push(Finding::error("port_and_tls", message, usual(host)));
    }
    if let Some((product, _)) = name.split_once(".mqtts.acc.cmcconenet.cn").filter(|_| role == Role::Device)
        && let Some(own) = settings.identity.get("product_id").filter(|own| !own.eq_ignore_ascii_case(product))
    {
        let fix =
            SERVER_FIX.with(&[&server.transport.scheme(), &format!("{own}.mqtts.acc.cmcconenet.cn"), &server.port]);
        findings.push(Finding::error(
            "host_of_other_product",
            OTHER_PRODUCT.with(&[&server.host, &product, &own]),
            fix,
        ));
    }
    findings
}

const LEVEL: Text = Text::new(
    "the platform speaks MQTT 3.1.1 only (OneNET docs, mqtt-introduce)",
    "平台仅支持 MQTT 3.1.1（OneNET 文档 mqtt-introduce）",
);
const LEVEL_FIX: Text = Text::new("[mqtt] version = \"3.1.1\"", "[mqtt] version = \"3.1.1\"");
const WILDCARD_APP: Text = Text::new(
    "{} holds wildcards; an app subscribes device by device (OneNET docs, application long connection, section 4)",
    "{} 含通配符，应用须按单个设备订阅（OneNET 文档“应用长连接”第 4 节）",
);
const WILDCARD_APP_FIX: Text = Text::new(
    "name each device in [[device]] and leave the filter out",
    "请在 [[device]] 里逐个列出设备，并去掉该过滤器",
);
const KEEP_ALIVE_RANGE: Text = Text::new(
    "keep-alive is {} s; 10 to 1800 s are allowed, outside of it the platform disconnects (MQTT IoT kit docs, mqtts-design)",
    "keep-alive 为 {} 秒，允许范围 10–1800 秒，超出会被断开（MQTT 物联网套件文档 mqtts-design）",
);
const KEEP_ALIVE_FIX: Text = Text::new("[mqtt] keep_alive = 60", "[mqtt] keep_alive = 60");
const CLEAN: Text = Text::new(
    "clean_session is false; the platform wants it set (OneNET docs, mqtt-introduce)",
    "clean_session 为 false，平台要求为 true（OneNET 文档 mqtt-introduce）",
);
const CLEAN_FIX: Text = Text::new("[mqtt] clean_session = true", "[mqtt] clean_session = true");
const TOO_MANY: Text = Text::new(
    "{} topics are subscribed; a session may have {} (OneNET docs, mqtt-limit): the ones above fail",
    "共订阅 {} 个主题，单个会话上限 {}（OneNET 文档 mqtt-limit），超出的会失败",
);
const TOO_MANY_FIX: Text = Text::new(
    "subscribe with wildcards from the fourth level on: $sys/<product id>/<device name>/thing/property/#",
    "请从第 4 级起使用通配符：$sys/<产品ID>/<设备名称>/thing/property/#",
);
const WILDCARD: Text = Text::new(
    "{} has a wildcard before the fourth level (MQTT IoT kit docs, mqtts-design)",
    "{} 在第 4 级之前使用了通配符（MQTT 物联网套件文档 mqtts-design）",
);
const WILDCARD_FIX: Text = Text::new("write product id and device name out", "请写明产品 ID 与设备名称");
const FOREIGN: Text = Text::new(
    "{} belongs to another device; a device may use its own topics only (OneNET docs, topic)",
    "{} 属于其他设备，设备只能使用自己的主题（OneNET 文档 topic）",
);
const FOREIGN_FIX: Text = Text::new("$sys/{}/{}/…", "$sys/{}/{}/…");
const SERVER_FIX: Text = Text::new("server = \"{}://{}:{}\"", "server = \"{}://{}:{}\"");
const OLD_HOST: Text = Text::new(
    "{} belongs to the predecessor (MQTT IoT kit); Studio products are not known there",
    "{} 属于旧产品线（MQTT 物联网套件），Studio 产品无法在此登录",
);
const OTHER_ROLE: Text = Text::new(
    "{} is an address for the role {}, not for {} (OneNET docs)",
    "{} 是 {} 的接入地址，不是 {} 的（OneNET 文档）",
);
const PORT: Text = Text::new("{} listens on port {} with {}", "{} 的端口是 {}，方式为 {}");
const OTHER_PRODUCT: Text = Text::new(
    "the host {} belongs to the product {}, the profile to {}",
    "主机 {} 属于产品 {}，而 profile 的产品是 {}",
);
