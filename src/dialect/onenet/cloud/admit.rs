//! Who is let in, and what a client may subscribe and publish.
//!
//! A refused login gets CONNACK 4 whatever the reason; the exact code of the device log goes to the operator (OneNET docs,
//! device log, "业务状态码"; none of these codes travels in a CONNACK).

use crate::base::digest::base64_decode_lenient;
use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::base::topic::{has_wildcard, matches};
use crate::dialect::cloud::{Admission, Client, Connect, Denial, Manners};
use crate::dialect::onenet::cloud::roster::{Identities, Options};
use crate::dialect::onenet::sign::{APP_VERSION, DEVICE_VERSION, Token};
use crate::dialect::onenet::spec;
use crate::dialect::onenet::topic::{self, Channel};
use crate::model::Role;

/// MQTT 3.1.1, section 3.2.2.3: bad user name or password.
const BAD_LOGIN: u8 = 4;
/// MQTT 3.1.1, section 3.2.2.3: unacceptable protocol version.
const BAD_LEVEL: u8 = 1;

const LEVEL: Text = Text::new(
    "only MQTT 3.1.1 is spoken here (level 4), found level {}",
    "仅支持 MQTT 3.1.1（level 4），实际是 level {}",
);
const EMPTY: Text = Text::new("{} is empty", "{} 为空");
const EXPIRED: Text = Text::new("the token expired: et {}, now {}", "token 已过期：et 为 {}，当前时间 {}");
const VERSION: Text = Text::new("version “{}” is not taken here; {} is", "version “{}”不可用，应为 {}");
const METHOD: Text = Text::new("method “{}” is none of md5, sha1, sha256", "method “{}”不是 md5、sha1、sha256 之一");
const RES_USERNAME: Text =
    Text::new("the token is for “{}”, the user name is “{}”", "token 的 res 是“{}”，而 username 是“{}”");
const RES_DEVICE: Text = Text::new(
    "the token is for “{}”; products/{1} or products/{1}/devices/{2} was expected",
    "token 的 res 是“{}”，应为 products/{1} 或 products/{1}/devices/{2}",
);
const USER_SPELLING: Text = Text::new(
    "the user name is spelled userid/…, not user/… (the platform's own Java example has it wrong)",
    "username 应写作 userid/…，不是 user/…（官方 Java 示例写错了）",
);
const RES_SPELLING: Text = Text::new(
    "the res of the token is spelled {}, not {}: res and user name are the same",
    "token 的 res 应写作 {}，不是 {}：res 与 username 必须一致",
);
const NO_ACCOUNT: Text = Text::new("no user or group “{}”", "没有用户或分组“{}”");
const NO_DEVICE: Text = Text::new("no device “{1}” in product “{0}”", "产品“{}”中没有设备“{}”");
const AMPERSAND: Text = Text::new(
    "the client id is the device name alone, not product&device: found “{}”",
    "clientId 只填设备名称，不是 产品ID&设备名称：实际是“{}”",
);
const NO_PRODUCT_KEY: Text = Text::new("product “{}” has no access key in the roster", "名册中产品“{}”没有 access_key");
const SIGNATURE: Text = Text::new("the signature does not fit the key of {}", "签名与 {} 的密钥不符");
const PRODUCT_KEY: Text =
    Text::new("the key of the product signed the resource of a device", "用产品密钥签了设备级 res");
const NOT_UTF8: Text = Text::new("the password is not text", "password 不是文本");

fn refuse(code: &str, reason: impl Into<Phrase>) -> Admission {
    Admission::Refuse { connack: BAD_LOGIN, code: code.to_owned(), reason: reason.into() }
}

const LOGINS: Text = Text::new("more than {} logins of this device within 5 s", "该设备 5 秒内登录超过 {} 次");
const NO_CLEAN_SESSION: Text = Text::new("clean session must be 1", "clean session 必须为 1");
const NO_WILL: Text = Text::new("a will is not supported: its flags must be 0", "不支持遗嘱消息，will 标志必须为 0");

/// The refusal of a device that logs in too often.
pub fn too_many_logins(limit: usize) -> Admission {
    refuse("", LOGINS.with(&[&limit]))
}

/// Decides on a CONNECT.
pub fn admit(known: &Identities, options: &Options, connect: &Connect<'_>, now: Time) -> Admission {
    if connect.level != 4 {
        return Admission::Refuse { connack: BAD_LEVEL, code: String::new(), reason: LEVEL.with(&[&connect.level]) };
    }
    let app = connect.endpoint == spec::APP_ENDPOINT;
    // An app may leave the client id to the platform.
    for (name, empty) in [
        ("clientId", connect.client_id.is_empty() && !app),
        ("username", connect.username.is_empty()),
        ("password", connect.password.is_empty()),
    ] {
        if empty {
            return refuse("1101", EMPTY.with(&[&name]));
        }
    }
    // Of apps the documents do not say it.
    if options.strict_connect && !app {
        if !connect.clean_session {
            return refuse("", NO_CLEAN_SESSION);
        }
        if connect.will {
            return refuse("", NO_WILL);
        }
    }
    let Ok(password) = std::str::from_utf8(connect.password) else { return refuse("1103", NOT_UTF8) };
    let token = match Token::parse(password) {
        Ok(token) => token,
        Err(reason) => return refuse("1103", reason),
    };
    if let Err(refusal) = check_form(options, &token, app, now) {
        return refusal;
    }
    let admitted = if app { admit_app(known, connect, &token) } else { admit_device(known, options, connect, &token) };
    admitted.unwrap_or_else(|refusal| refusal)
}

/// What can be told without knowing who it is.
fn check_form(options: &Options, token: &Token, app: bool, now: Time) -> Result<(), Admission> {
    // 2022-05-01 belongs to the new platform; clients use it for Studio devices too (openLuat/LuatOS).
    let version = if app { APP_VERSION } else { DEVICE_VERSION };
    if !options.any_version && token.version != version && token.version != "2022-05-01" {
        return Err(refuse("1111", VERSION.with(&[&token.version, &version])));
    }
    if !matches!(token.method.to_ascii_lowercase().as_str(), "md5" | "sha1" | "sha256") {
        return Err(refuse("1110", METHOD.with(&[&token.method])));
    }
    match token.expires_at() {
        Some(at) if at >= now => Ok(()),
        _ => Err(refuse("1104", EXPIRED.with(&[&token.et, &now.as_secs()]))),
    }
}

fn admit_app(known: &Identities, connect: &Connect<'_>, token: &Token) -> Result<Admission, Admission> {
    let username = connect.username;
    let Some(account) = known.accounts.get(username) else {
        let spelling =
            username.strip_prefix("user/").is_some_and(|id| known.accounts.contains_key(&format!("userid/{id}")));
        return Err(if spelling {
            refuse("1114", USER_SPELLING)
        } else {
            refuse("1105", NO_ACCOUNT.with(&[&username]))
        });
    };
    let res_as_in_the_example = token.res.strip_prefix("user/").zip(username.strip_prefix("userid/"));
    if res_as_in_the_example.is_some_and(|(res, id)| res == id) {
        return Err(refuse("1114", RES_SPELLING.with(&[&username, &token.res])));
    }
    if token.res != username {
        return Err(refuse("1114", RES_USERNAME.with(&[&token.res, &username])));
    }
    if !fits(token, &account.key) {
        return Err(refuse("1106", SIGNATURE.with(&[&username])));
    }
    Ok(Admission::Accept {
        role: Role::App,
        identity: username.to_owned(),
        exclusive: false,
        auto_subscribe: Vec::new(),
        manners: Manners::default(),
    })
}

fn admit_device(
    known: &Identities,
    options: &Options,
    connect: &Connect<'_>,
    token: &Token,
) -> Result<Admission, Admission> {
    let (product, name) = (connect.username, connect.client_id);
    let identity = format!("{product}/{name}");
    let Some(key) = known.devices.get(&identity) else {
        return Err(if name.contains('&') {
            refuse("1114", AMPERSAND.with(&[&name]))
        } else {
            refuse("1107", NO_DEVICE.with(&[&product, &name]))
        });
    };
    let product_key = known.products.get(product).and_then(|product| product.key.as_ref());
    if token.res == format!("products/{product}") {
        let key = product_key.ok_or_else(|| refuse("1105", NO_PRODUCT_KEY.with(&[&product])))?;
        if !fits(token, key) {
            return Err(refuse("1106", SIGNATURE.with(&[&token.res])));
        }
    } else if token.res == format!("products/{product}/devices/{name}") {
        if !fits(token, key) {
            let by_product = product_key.is_some_and(|key| fits(token, key));
            if by_product && !options.product_key_with_device_res {
                return Err(refuse("1106", PRODUCT_KEY));
            }
            if !by_product {
                return Err(refuse("1106", SIGNATURE.with(&[&identity])));
            }
        }
    } else {
        return Err(refuse("1114", RES_DEVICE.with(&[&token.res, &product, &name])));
    }
    Ok(Admission::Accept {
        role: Role::Device,
        identity,
        exclusive: true,
        auto_subscribe: Vec::new(),
        manners: Manners::default(),
    })
}

/// Whether a token was signed with a key of the roster.
pub fn fits(token: &Token, key: &Secret) -> bool {
    let key = base64_decode_lenient(key.expose()).unwrap_or_default();
    token.signature(&key).is_some_and(|expected| expected == token.sign)
}

const NOT_OWN: Text = Text::new("a device uses its own topics only: $sys/{}/…", "设备只能使用自己的主题：$sys/{}/…");
const NO_APP_FILTER: Text = Text::new("no topic that an app may subscribe", "不是应用可订阅的主题");
const NO_APP_TOPIC: Text = Text::new("no topic that an app may publish to", "不是应用可发布的主题");
const NO_DEVICE_FILTER: Text = Text::new("no topic that a device may subscribe", "不是设备可订阅的主题");
const NO_DEVICE_TOPIC: Text = Text::new("no topic that a device may publish to", "不是设备可发布的主题");
const WILDCARD: Text =
    Text::new("an app subscribes device by device, without wildcards", "应用按单个设备订阅，不支持通配符");
const WILDCARD_LEVEL: Text = Text::new("wildcards are taken from the fourth level on", "通配符只能从第 4 级开始使用");
const UNSEEN: Text = Text::new("{} does not see the device {}", "{} 看不到设备 {}");
const TOO_MANY: Text = Text::new("more than {} topics in one session", "单个会话订阅超过 {} 个主题");
const HINT_SET_REPLY: Text = Text::new(
    "set_reply is the device's topic; an app subscribes thing/property/set/reply",
    "set_reply 是设备侧主题，应用应订阅 thing/property/set/reply",
);
const HINT_POST: Text = Text::new(
    "this is the device's topic; an app subscribes thing/property and thing/event",
    "这是设备侧主题，应用应订阅 thing/property、thing/event",
);

fn deny(code: &str, reason: impl Into<Phrase>, close: bool) -> Denial {
    Denial { reason: reason.into(), code: code.to_owned(), close }
}

/// Whether a client may subscribe a filter.
pub fn may_subscribe(known: &Identities, options: &Options, client: &Client, filter: &str) -> Result<(), Denial> {
    match client.role {
        Role::App => app_subscribes(known, options, client, filter),
        Role::Device | Role::Cloud => device_subscribes(options, client, filter),
    }
}

fn app_subscribes(known: &Identities, options: &Options, client: &Client, filter: &str) -> Result<(), Denial> {
    if has_wildcard(filter) {
        let own_level = topic::parse(filter)
            .is_some_and(|address| known.sees(&client.identity, &format!("{}/{}", address.product, address.device)));
        return if options.app_wildcards && own_level { Ok(()) } else { Err(deny("", WILDCARD, false)) };
    }
    let address = topic::parse(filter).ok_or_else(|| deny("", NO_APP_FILTER, false))?;
    match address.channel {
        Some(channel) if channel.subscribed_by(Role::App) => {}
        Some(Channel::PropertySetReply) => return Err(deny("", HINT_SET_REPLY, false)),
        Some(Channel::PropertyPost | Channel::EventPost) => return Err(deny("", HINT_POST, false)),
        _ => return Err(deny("", NO_APP_FILTER, false)),
    }
    let device = format!("{}/{}", address.product, address.device);
    if !known.devices.contains_key(&device) || !known.sees(&client.identity, &device) {
        return Err(deny("resourePermissionDeny", UNSEEN.with(&[&client.identity, &device]), false));
    }
    Ok(())
}

fn device_subscribes(options: &Options, client: &Client, filter: &str) -> Result<(), Denial> {
    let tail = own_tail(client, filter).ok_or_else(|| {
        let reason = if filter.split('/').take(3).any(|level| matches!(level, "+" | "#")) {
            WILDCARD_LEVEL.into()
        } else {
            NOT_OWN.with(&[&client.identity])
        };
        deny("", reason, false)
    })?;
    let known =
        Channel::ALL.iter().any(|&channel| channel.subscribed_by(Role::Device) && topic::overlaps(tail, channel));
    if !known {
        return Err(deny("", NO_DEVICE_FILTER, false));
    }
    // What an older filter already covers is no further topic.
    let covered = client.filters.iter().any(|held| held == filter || matches(held, filter));
    if !covered && options.topic_limit > 0 && client.filters.len() >= options.topic_limit {
        return Err(deny("", TOO_MANY.with(&[&options.topic_limit]), false));
    }
    Ok(())
}

/// What follows `$sys/{pid}/{name}/` of the client itself.
fn own_tail<'a>(client: &Client, topic: &'a str) -> Option<&'a str> {
    topic.strip_prefix("$sys/")?.strip_prefix(client.identity.as_str())?.strip_prefix('/')
}

/// Whether a client may publish to a topic. An app may name any device: the platform answers with the reason.
pub fn may_publish(client: &Client, wanted: &str) -> Result<(), Denial> {
    let channel = topic::parse(wanted).and_then(|address| address.channel);
    let allowed = channel.is_some_and(|channel| channel.published_by(client.role));
    if client.role == Role::Device && own_tail(client, wanted).is_none() {
        return Err(deny("", NOT_OWN.with(&[&client.identity]), true));
    }
    if allowed {
        return Ok(());
    }
    // A publish to an illegal topic ends a device's connection (predecessor's documents, device development).
    match client.role {
        Role::App => Err(deny("", NO_APP_TOPIC, false)),
        Role::Device | Role::Cloud => Err(deny("", NO_DEVICE_TOPIC, true)),
    }
}
