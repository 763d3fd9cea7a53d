//! The rules of a connection, each with the document that says so.

use crate::base::lang::{Phrase, Text};
use crate::base::topic::has_wildcard;
use crate::dialect::check::Finding;
use crate::dialect::unitedrhino::{read, sign, spec, topic};
use crate::dialect::{ConnectionSettings, Plan};
use crate::model::Role;

/// The longest keep-alive that the documents allow (page "mqtt认证"), in seconds.
const LONGEST_KEEP_ALIVE: u64 = 900;

/// A keep-alive outside of what the documents allow.
pub fn keep_alive(seconds: u64) -> Option<Finding> {
    (seconds > LONGEST_KEEP_ALIVE).then(|| Finding::warning("keep_alive", KEEP_ALIVE.with(&[&seconds]), KEEP_ALIVE_FIX))
}

/// Applies the rules.
pub fn examine(role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(port(plan));
    if role == Role::App {
        findings.extend(app(plan));
    } else {
        findings.extend(keep_alive(plan.keep_alive.as_secs()));
        findings.extend(device(settings, plan));
    }
    findings
}

/// The ports of a deployment as it is shipped (unitedrhino/things, deploy): 1883 and 8083 plain, 8883 and 8084 TLS.
fn port(plan: &Plan) -> Option<Finding> {
    let tls = plan.server.transport.is_tls();
    let (message, fix) = match plan.server.port {
        8883 | 8084 if !tls => (PORT_TLS, TLS_FIX),
        1883 | 8083 if tls => (PORT_PLAIN, PLAIN_FIX),
        _ => return None,
    };
    Some(Finding::warning("port_and_tls", message.with(&[&plan.server.port]), fix))
}

fn app(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let path = plan.server.path.split('?').next().unwrap_or_default();
    if path.trim_end_matches('/') != spec::CONNECT_PATH {
        let message = PATH.with(&[&path, &spec::CONNECT_PATH]);
        findings.push(Finding::warning("path", message, PATH_FIX.with(&[&spec::CONNECT_PATH])));
    }
    for request in &plan.opening {
        let code = request.name.as_deref().unwrap_or_default();
        if let Some(silent) = read::silent_subscription(code, &request.params) {
            let message = Text::same("{}: {}").around([Phrase::verbatim(code), silent]);
            findings.push(Finding::warning("silent_subscription", message, SILENT_FIX));
        }
    }
    findings
}

fn device(settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let identity = &settings.identity;
    let (product, name) =
        (identity.get("product_id").unwrap_or_default(), identity.get("device_name").unwrap_or_default());
    let fits = |id: &str| sign::client_parts(id) == Some((product, name)) || id == format!("{product}{name}");
    if !fits(&plan.client_id) {
        let right = format!("{product}&{name}");
        findings.push(Finding::error(
            "client_id_other",
            CLIENT_ID.with(&[&plan.client_id, &right]),
            CLIENT_ID_FIX.with(&[&right]),
        ));
    }
    for subscription in &plan.subscriptions {
        let filter = &subscription.filter;
        let address = topic::parse(filter);
        let finding = match address.as_ref().and_then(|address| Some((address, address.channel?))) {
            _ if has_wildcard(filter) => Finding::error("topic_wildcard", WILDCARD.with(&[filter]), OWN_FIX),
            None => Finding::error("topic_unknown", UNKNOWN.with(&[filter]), OWN_FIX),
            Some((_, channel)) if channel.is_up() => {
                Finding::error("topic_direction", DIRECTION.with(&[filter]), OWN_FIX)
            }
            Some((address, _)) if (address.product, address.device) != (product, name) => {
                Finding::error("topic_foreign", FOREIGN.with(&[filter]), OWN_FIX).supposed()
            }
            Some(_) => continue,
        };
        findings.push(finding);
    }
    findings
}

const KEEP_ALIVE: Text = Text::new(
    "keep-alive is {} s; the documents allow 0 to 900 s (page “mqtt认证”)",
    "keep-alive 为 {} 秒，文档允许 0–900 秒（文档“mqtt认证”）",
);
const KEEP_ALIVE_FIX: Text = Text::new("[mqtt] keep_alive = 60", "[mqtt] keep_alive = 60");
const PORT_TLS: Text = Text::new(
    "port {} is the TLS port of a deployment as shipped (EMQX); the address is plain",
    "{} 是默认部署（EMQX）的 TLS 端口，而地址是明文",
);
const PORT_PLAIN: Text = Text::new(
    "port {} is the plain port of a deployment as shipped (EMQX); the address is TLS",
    "{} 是默认部署（EMQX）的明文端口，而地址使用 TLS",
);
const TLS_FIX: Text = Text::new("use mqtts:// or wss://", "改用 mqtts:// 或 wss://");
const PLAIN_FIX: Text = Text::new("use mqtt:// or ws://", "改用 mqtt:// 或 ws://");
const PATH: Text = Text::new(
    "the path is {}; the page “websocket开发” has {}; behind a gateway it may differ",
    "路径为 {}，文档“websocket开发”为 {}；经过网关时可能不同",
);
const PATH_FIX: Text = Text::same("{}");
const SILENT_FIX: Text = Text::new(
    "productID + deviceName, or projectID, as texts",
    "使用 productID + deviceName，或 projectID，均为字符串",
);
const CLIENT_ID: Text = Text::new(
    "the client id is {}; the platform wants {} (loginAuth.go)",
    "client id 为 {}，平台要求 {}（loginAuth.go）",
);
const CLIENT_ID_FIX: Text = Text::new("[mqtt] client_id = \"{}\"", "[mqtt] client_id = \"{}\"");
const WILDCARD: Text = Text::new(
    "{} has a wildcard: the platform answers SUBACK 0x80 (accessAuth.go)",
    "{} 含通配符：平台返回 SUBACK 0x80（accessAuth.go）",
);
const UNKNOWN: Text = Text::new(
    "{} is no topic of the platform: SUBACK 0x80 (accessAuth.go)",
    "{} 不是平台主题：返回 SUBACK 0x80（accessAuth.go）",
);
const DIRECTION: Text = Text::new(
    "{} goes up; a device subscribes what goes down (accessAuth.go)",
    "{} 是上行主题，设备只能订阅 down 主题（accessAuth.go）",
);
const FOREIGN: Text = Text::new(
    "{} belongs to another device, or to a sub-device that has to be bound first (accessAuth.go)",
    "{} 属于其他设备，或属于尚未绑定的子设备（accessAuth.go）",
);
const OWN_FIX: Text = Text::new(
    "$thing/down/property/{productID}/{deviceName} …, those of the device itself; it is subscribed to them at login anyway",
    "使用设备自己的 $thing/down/property/{productID}/{deviceName} …；登录时平台已自动订阅",
);
