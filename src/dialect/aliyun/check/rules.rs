//! The rules of a connection, each with the document that says so.

use crate::base::lang::Text;
use crate::dialect::check::Finding;
use crate::dialect::{ConnectionSettings, Plan};
use crate::model::Role;

/// Keep-alive in seconds (help.aliyun.com 73742; the document of 2018 says 60 to 300).
pub const KEEP_ALIVE: std::ops::RangeInclusive<u64> = 30..=1200;

/// A keep-alive that is refused.
pub fn keep_alive(seconds: u64) -> Finding {
    Finding::error("keep_alive", KEEP_ALIVE_RANGE.with(&[&seconds]), KEEP_ALIVE_FIX)
}

/// A host of another product.
pub fn product_of_host(host: &str, key: &str) -> Option<Finding> {
    let (product, _) = host.split_once(".iot-as-mqtt.")?;
    (!product.eq_ignore_ascii_case(key)).then(|| {
        let fix = HOST_FIX.with(&[&host.replacen(product, key, 1)]);
        Finding::error("host_of_other_product", HOST_PRODUCT.with(&[&host, &product, &key]), fix)
    })
}

/// Applies the rules.
pub fn examine(role: Role, settings: &ConnectionSettings, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let seconds = plan.keep_alive.as_secs();
    if !KEEP_ALIVE.contains(&seconds) {
        findings.push(keep_alive(seconds));
    } else if !(60..=300).contains(&seconds) {
        findings.push(Finding::warning("keep_alive_2018", KEEP_ALIVE_OLD.with(&[&seconds]), KEEP_ALIVE_FIX));
    }
    let identity = &settings.identity;
    let (key, name) = (identity.get("product_key"), identity.get("device_name"));
    findings.extend(key.and_then(|key| product_of_host(&plan.server.host, key)));
    if let Some(region) = identity.get("region")
        && let Some((_, rest)) = plan.server.host.split_once(".iot-as-mqtt.")
        && let Some(found) = rest.split('.').next().filter(|found| *found != region)
    {
        let fix = HOST_FIX.with(&[&plan.server.host.replacen(found, region, 1)]);
        findings.push(Finding::error("host_of_other_region", HOST_REGION.with(&[&found, &region]), fix));
    }
    let tls = plan.server.transport.is_tls();
    for (mode, right) in [("securemode=2", true), ("securemode=3", false)] {
        if plan.client_id.contains(mode) && tls != right {
            let (message, fix) = if tls { (MODE_TCP, "securemode=2") } else { (MODE_TLS, "securemode=3") };
            findings.push(Finding::error("secure_mode", message, MODE_FIX.with(&[&fix])));
        }
    }
    if let (Some(key), Some(name)) = (key, name) {
        let own = [
            format!("/sys/{key}/{name}/"),
            format!("/{key}/{name}/"),
            "/ota/device/".to_owned(),
            "/ext/".to_owned(),
            "/shadow/".to_owned(),
            "/broadcast/".to_owned(),
        ];
        for subscription in &plan.subscriptions {
            let filter = &subscription.filter;
            if role == Role::Device
                && filter.starts_with("/sys/")
                && !own.iter().any(|own| filter.starts_with(own.as_str()))
            {
                findings.push(
                    Finding::error("topic_foreign", FOREIGN.with(&[filter]), FOREIGN_FIX.with(&[&key, &name]))
                        .supposed(),
                );
            }
        }
    }
    findings
}

const KEEP_ALIVE_RANGE: Text = Text::new(
    "keep-alive is {} s; 30 to 1200 s are allowed, outside of it the platform refuses the connection (help.aliyun.com 73742)",
    "keep-alive 为 {} 秒，允许范围 30–1200 秒，超出会被拒绝连接（help.aliyun.com 73742）",
);
const KEEP_ALIVE_OLD: Text = Text::new(
    "keep-alive is {} s; older documents allow 60 to 300 s only, and old instances may refuse it",
    "keep-alive 为 {} 秒；旧文档只允许 60–300 秒，老实例可能会拒绝",
);
const KEEP_ALIVE_FIX: Text = Text::new("[mqtt] keep_alive = 300", "[mqtt] keep_alive = 300");
const HOST_PRODUCT: Text =
    Text::new("the host {} belongs to the product {}, the login to {}", "主机 {} 属于产品 {}，而登录的产品是 {}");
const HOST_REGION: Text =
    Text::new("the host is of the region {}, the profile of {}", "主机属于地域 {}，而 profile 的地域是 {}");
const HOST_FIX: Text = Text::new("{}", "{}");
const MODE_TLS: Text = Text::new(
    "securemode=2 says TLS, but the address is plain TCP (help.aliyun.com 73742)",
    "securemode=2 表示 TLS，而地址是明文 TCP（help.aliyun.com 73742）",
);
const MODE_TCP: Text = Text::new(
    "securemode=3 says plain TCP, but the address is TLS (help.aliyun.com 73742)",
    "securemode=3 表示 TCP 明文，而地址是 TLS（help.aliyun.com 73742）",
);
const MODE_FIX: Text = Text::new("{}", "{}");
const FOREIGN: Text = Text::new(
    "{} belongs to another device; a device may use /sys/<its product key>/<its name>/… only",
    "{} 属于其他设备，设备只能使用 /sys/<自己的 ProductKey>/<自己的 DeviceName>/…",
);
const FOREIGN_FIX: Text = Text::new("/sys/{}/{}/…", "/sys/{}/{}/…");
