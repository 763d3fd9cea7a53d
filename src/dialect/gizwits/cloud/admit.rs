//! Who is let in, and what a client may subscribe and publish.
//!
//! 1. The user name tells who wants in: `2$appid$uid` an app, `did|signmethod=…` a device with the newer login, its own
//!    client id a device with did and passcode.
//! 2. An app is known as `uid/AppClientId`, a device by its did.
//! 3. Apps reach the devices that are bound to their user, and no other.

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::base::topic::has_wildcard;
use crate::dialect::cloud::{Admission, Client, Connect, Denial, Manners};
use crate::dialect::gizwits::cloud::roster::{Identities, Options};
use crate::dialect::gizwits::plan::LONGEST_KEEP_ALIVE;
use crate::dialect::gizwits::sign;
use crate::dialect::gizwits::topic::{self, Address, Channel};
use crate::model::Role;

/// MQTT 3.1, section 3.2: unacceptable protocol version, identifier rejected, bad user name or password, not authorized.
const BAD_LEVEL: u8 = 1;
const BAD_CLIENT_ID: u8 = 2;
const BAD_LOGIN: u8 = 4;
const NOT_AUTHORIZED: u8 = 5;

const LEVEL: Text =
    Text::new("only MQTT 3.1 (level 3) is spoken here, found level {}", "仅支持 MQTT 3.1（level 3），实际是 level {}");
const NOT_UTF8: Text = Text::new("the password is not text", "password 不是文本");
const NOBODY: Text = Text::new(
    "the user name is neither 2$appid$uid nor the client id (a did) nor did|signmethod=…: “{}”",
    "username 既不是 2$appid$uid，也不是 client id（did），也不是 did|signmethod=…：“{}”",
);
const APP_PARTS: Text = Text::new(
    "the user name of an app has three parts, 2$appid$uid, found “{}”",
    "应用的 username 应为三段 2$appid$uid，实际是“{}”",
);
const NO_APP: Text = Text::new("no application “{}” (9003)", "没有 appid “{}”（9003）");
const NO_USER: Text = Text::new("no user “{}” (9005)", "没有用户“{}”（9005）");
const OTHER_APP: Text =
    Text::new("the user {} belongs to the application {}, not to {}", "用户 {} 属于应用 {}，不属于 {}");
const BAD_TOKEN: Text = Text::new("wrong token of user {} (9004)", "用户 {} 的 token 错误（9004）");
const OLD_TOKEN: Text = Text::new("the token of user {} expired (9006)", "用户 {} 的 token 已过期（9006）");
const NO_DEVICE: Text = Text::new("no device “{}” (9014)", "没有设备“{}”（9014）");
const BAD_PASSCODE: Text = Text::new("wrong passcode of device {} (9016)", "设备 {} 的 passcode 错误（9016）");
const NO_AUTH_KEY: Text = Text::new("device {} has no auth_key in the roster", "名册中设备 {} 没有 auth_key");
const BAD_METHOD: Text = Text::new("signmethod “{}” is not sha256", "signmethod “{}”不是 sha256");
const BAD_SIGNATURE: Text = Text::new(
    "the password of device {} is not hex SHA-256 of product_key,mac,auth_key,nonce",
    "设备 {} 的 password 与 SHA-256(product_key,mac,auth_key,nonce) 不符",
);
const OTHER_DID: Text = Text::new(
    "the client id “{}” is not the did of the user name “{}”",
    "client id “{}”与 username 中的 did “{}”不一致",
);
const CLIENT_ID: Text = Text::new("client id: {}", "client id：{}");

fn refuse(connack: u8, code: &str, reason: impl Into<Phrase>) -> Admission {
    Admission::Refuse { connack, code: code.to_owned(), reason: reason.into() }
}

/// Decides on a CONNECT.
pub fn admit(known: &Identities, options: &Options, connect: &Connect<'_>, now: Time) -> Admission {
    if options.strict_level && connect.level != 3 {
        return refuse(BAD_LEVEL, "", LEVEL.with(&[&connect.level]));
    }
    let Ok(password) = std::str::from_utf8(connect.password) else { return refuse(BAD_LOGIN, "", NOT_UTF8) };
    let decided = if connect.username.starts_with("2$") {
        admit_app(known, connect, password, now)
    } else if let Some(newer) = sign::read_device_username(connect.username) {
        admit_signed(known, connect, newer, password)
    } else if connect.username == connect.client_id && !connect.client_id.is_empty() {
        admit_device(known, connect, password)
    } else {
        Err(refuse(BAD_LOGIN, "", NOBODY.with(&[&connect.username])))
    };
    let (role, identity) = match decided {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal,
    };
    // A larger keep-alive is taken for the largest (section 4.2).
    let keep_alive = (connect.keep_alive > LONGEST_KEEP_ALIVE).then_some(LONGEST_KEEP_ALIVE);
    let manners = Manners { keep_alive, silent_suback: connect.level == 3 };
    Admission::Accept { role, identity, exclusive: role == Role::Device, auto_subscribe: Vec::new(), manners }
}

type Admitted = Result<(Role, String), Admission>;

fn admit_app(known: &Identities, connect: &Connect<'_>, token: &str, now: Time) -> Admitted {
    let parts: Vec<&str> = connect.username.split('$').collect();
    let ["2", appid, uid] = parts.as_slice() else {
        return Err(refuse(BAD_LOGIN, "", APP_PARTS.with(&[&connect.username])));
    };
    if !known.applications.contains_key(*appid) {
        return Err(refuse(BAD_LOGIN, "9003", NO_APP.with(&[appid])));
    }
    let Some(user) = known.users.get(*uid) else { return Err(refuse(BAD_LOGIN, "9005", NO_USER.with(&[uid]))) };
    if user.appid != *appid {
        return Err(refuse(NOT_AUTHORIZED, "9004", OTHER_APP.with(&[uid, &user.appid, appid])));
    }
    if user.token.expose() != token {
        return Err(refuse(BAD_LOGIN, "9004", BAD_TOKEN.with(&[uid])));
    }
    if user.expires_at.is_some_and(|at| at <= now) {
        return Err(refuse(NOT_AUTHORIZED, "9006", OLD_TOKEN.with(&[uid])));
    }
    if let Err(fault) = sign::check_client_id(connect.client_id) {
        return Err(refuse(BAD_CLIENT_ID, "", CLIENT_ID.around([fault.reason])));
    }
    Ok((Role::App, format!("{uid}/{}", connect.client_id)))
}

fn admit_device(known: &Identities, connect: &Connect<'_>, passcode: &str) -> Admitted {
    let did = connect.client_id;
    let Some(device) = known.devices.get(did) else { return Err(refuse(BAD_LOGIN, "9014", NO_DEVICE.with(&[&did]))) };
    if device.passcode.expose() != passcode {
        return Err(refuse(BAD_LOGIN, "9016", BAD_PASSCODE.with(&[&did])));
    }
    Ok((Role::Device, did.to_owned()))
}

fn admit_signed(
    known: &Identities,
    connect: &Connect<'_>,
    newer: Result<(&str, &str), &str>,
    password: &str,
) -> Admitted {
    let (did, nonce) = newer.map_err(|method| refuse(BAD_LOGIN, "", BAD_METHOD.with(&[&method])))?;
    if connect.client_id != did {
        return Err(refuse(BAD_CLIENT_ID, "", OTHER_DID.with(&[&connect.client_id, &did])));
    }
    let Some(device) = known.devices.get(did) else { return Err(refuse(BAD_LOGIN, "9014", NO_DEVICE.with(&[&did]))) };
    let Some(key) = &device.auth_key else { return Err(refuse(BAD_LOGIN, "", NO_AUTH_KEY.with(&[&did]))) };
    let content = sign::device_content(&device.product_key, &device.mac, key.expose(), nonce);
    if !sign::sha256(&content).eq_ignore_ascii_case(password) {
        return Err(refuse(BAD_LOGIN, "9044", BAD_SIGNATURE.with(&[&did])));
    }
    Ok((Role::Device, did.to_owned()))
}

/// User and AppClientId of an app.
pub fn user_and_client(client: &Client) -> (&str, &str) {
    client.identity.split_once('/').unwrap_or((client.identity.as_str(), ""))
}

const NO_TOPIC: Text = Text::new("no topic of this platform", "不是本平台的主题");
const NO_APP_FILTER: Text = Text::new("no topic that an app may subscribe", "不是应用可订阅的主题");
const NO_DEVICE_FILTER: Text = Text::new("no topic that a device may subscribe", "不是设备可订阅的主题");
const NO_APP_TOPIC: Text = Text::new("no topic that an app may publish to", "不是应用可发布的主题");
const NO_DEVICE_TOPIC: Text = Text::new("no topic that a device may publish to", "不是设备可发布的主题");
const NOT_BOUND: Text = Text::new("the device {} is not bound to user {} (9017)", "设备 {} 未绑定到用户 {}（9017）");
const NOT_OWN: Text =
    Text::new("the topic is that of another client: “{}” is not {}", "这是其他客户端的主题：“{}”不是 {}");
const WILD_DID: Text = Text::new("a did cannot be a wildcard", "did 不能使用通配符");
const FOREIGN: Text = Text::new(
    "answers to other apps are not delivered: subscribe dev2app/<did> and dev2app/<did>/<AppClientId>",
    "不投递发给其他应用的应答：请订阅 dev2app/<did> 与 dev2app/<did>/<AppClientId>",
);

fn deny(code: &str, reason: impl Into<Phrase>) -> Denial {
    Denial { reason: reason.into(), code: code.to_owned(), close: false }
}

fn own(found: &str, expected: &str) -> Result<(), Denial> {
    if found == expected { Ok(()) } else { Err(deny("", NOT_OWN.with(&[&found, &expected]))) }
}

fn bound(known: &Identities, uid: &str, did: &str) -> Result<(), Denial> {
    if known.is_bound(uid, did) { Ok(()) } else { Err(deny("9017", NOT_BOUND.with(&[&did, &uid]))) }
}

/// Whether a client may subscribe a filter, or receive what is published to a topic.
pub fn may_subscribe(known: &Identities, options: &Options, client: &Client, filter: &str) -> Result<(), Denial> {
    let address = topic::parse(filter).ok_or_else(|| deny("", NO_TOPIC))?;
    let subject = address.subject(filter);
    if has_wildcard(subject) {
        return Err(deny("", WILD_DID));
    }
    match client.role {
        Role::App => app_subscribes(known, options, client, &address, filter),
        Role::Device | Role::Cloud => match address.channel {
            Channel::App2Dev | Channel::App2Module | Channel::ServerAnswer => own(subject, &client.identity),
            Channel::ServerNotice => {
                own(subject, known.devices.get(&client.identity).map_or("", |device| device.product_key.as_str()))
            }
            Channel::Broadcast | Channel::Dev2App | Channel::ServerRequest => Err(deny("", NO_DEVICE_FILTER)),
        },
    }
}

fn app_subscribes(
    known: &Identities,
    options: &Options,
    client: &Client,
    address: &Address,
    filter: &str,
) -> Result<(), Denial> {
    let (uid, own_id) = user_and_client(client);
    let (subject, other) = (address.subject(filter), address.client(filter));
    match address.channel {
        Channel::ServerAnswer => own(subject, own_id),
        Channel::ServerNotice => Ok(()),
        Channel::Broadcast => bound(known, uid, subject),
        Channel::Dev2App => {
            bound(known, uid, subject)?;
            if other == own_id || options.foreign_answers { Ok(()) } else { Err(deny("", FOREIGN)) }
        }
        Channel::App2Dev | Channel::App2Module | Channel::ServerRequest => Err(deny("", NO_APP_FILTER)),
    }
}

/// Whether a client may publish to a topic.
pub fn may_publish(known: &Identities, client: &Client, wanted: &str) -> Result<(), Denial> {
    // Topics of newer firmware, which nobody listens to here.
    let newer = |prefix: &str| wanted.strip_prefix(prefix).is_some_and(|did| did.starts_with(&client.identity));
    if client.role == Role::Device && (wanted == "report" || newer("dev2ser/") || newer("sys/")) {
        return Ok(());
    }
    let address = topic::parse(wanted).ok_or_else(|| deny("", NO_TOPIC))?;
    let subject = address.subject(wanted);
    match (client.role, address.channel) {
        (_, Channel::ServerRequest) => Ok(()),
        (Role::App, Channel::App2Dev | Channel::App2Module) => {
            let (uid, own_id) = user_and_client(client);
            bound(known, uid, subject)?;
            own(address.client(wanted), own_id)
        }
        (Role::Device, Channel::Broadcast | Channel::Dev2App) => own(subject, &client.identity),
        (Role::App, _) => Err(deny("", NO_APP_TOPIC)),
        (Role::Device | Role::Cloud, _) => Err(deny("", NO_DEVICE_TOPIC)),
    }
}
