//! Who is let in, and what a client may subscribe and publish (help page 148610 on CONNACK codes).

use crate::base::lang::{Phrase, Text};
use crate::base::topic::has_wildcard;
use crate::dialect::aliyun::cloud::Platform;
use crate::dialect::aliyun::sign::{self, ClientId};
use crate::dialect::aliyun::topic::{self, Channel};
use crate::dialect::cloud::{Admission, Client, Connect, Denial, Manners};
use crate::model::Role;

/// MQTT 3.1.1, section 3.2.2.3.
const BAD_LEVEL: u8 = 1;
const BAD_CLIENT_ID: u8 = 2;
const BAD_FORM: u8 = 4;
const NOT_AUTHORIZED: u8 = 5;

const LEVEL: Text = Text::new("MQTT level {} is not spoken here; 3 and 4 are", "不支持 MQTT level {}，应为 3 或 4");
const CLIENT_ID: Text = Text::new("client id “{}”: {}", "clientId“{}”：{}");
const TOO_LONG: Text = Text::new(
    "the part of the client id before | has {} characters, at most 64 are taken",
    "clientId 中 | 之前有 {} 个字符，最多 64 个",
);
const USERNAME: Text =
    Text::new("the user name is deviceName&productKey, found “{}”", "username 应为 deviceName&productKey，实际是“{}”");
const METHOD: Text = Text::new("no sign method “{}”", "不支持的 signmethod“{}”");
const SECURE_MODE: Text = Text::new(
    "securemode={} does not fit this transport: 2 is TLS, 3 is plain TCP",
    "securemode={} 与连接方式不符：2 为 TLS，3 为 TCP",
);
const KEEP_ALIVE: Text = Text::new("keep-alive {} s is outside {}–{} s", "KeepAlive {} 秒超出 {}–{} 秒");
const UNKNOWN: Text = Text::new("no device or app “{}”", "没有设备或应用“{}”");
const SIGNATURE: Text = Text::new(
    "the signature does not fit the secret of {} (signed with {}: {})",
    "签名与 {} 的密钥不符（算法 {}，内容：{}）",
);
const NO_PRODUCT: Text = Text::new(
    "product “{}” has no secret in the roster: no dynamic registration (6288)",
    "名册中产品“{}”没有 product_secret，未开启动态注册（6288）",
);
const NOT_OWN: Text = Text::new("a client uses its own topics only, those of {}", "只能使用自己（{}）的主题");
const NO_FILTER: Text = Text::new("no topic that {} may subscribe", "不是 {} 可订阅的主题");
const NO_TOPIC: Text = Text::new("no topic that {} may publish to", "不是 {} 可发布的主题");
const WILDCARD: Text =
    Text::new("an app subscribes topic by topic, without wildcards", "应用需逐个订阅主题，不支持通配符");

fn refuse(connack: u8, code: &str, reason: impl Into<Phrase>) -> Admission {
    Admission::Refuse { connack, code: code.to_owned(), reason: reason.into() }
}

impl Platform {
    /// Decides on a CONNECT.
    pub(super) fn decide(&mut self, connect: &Connect<'_>) -> Admission {
        if !matches!(connect.level, 3 | 4) {
            return refuse(BAD_LEVEL, "", LEVEL.with(&[&connect.level]));
        }
        let client_id = match ClientId::parse(connect.client_id) {
            Ok(client_id) => client_id,
            Err(reason) => {
                let reason = CLIENT_ID.around([Phrase::verbatim(connect.client_id), reason]);
                return refuse(BAD_CLIENT_ID, "", reason);
            }
        };
        let length = client_id.id.chars().count();
        if length > 64 {
            return refuse(BAD_CLIENT_ID, "", TOO_LONG.with(&[&length]));
        }
        let Some((device, product)) = connect.username.split_once('&').filter(|(d, p)| !d.is_empty() && !p.is_empty())
        else {
            return refuse(BAD_FORM, "", USERNAME.with(&[&connect.username]));
        };
        let (low, high) = self.options.keep_alive;
        if !(low..=high).contains(&connect.keep_alive) {
            let reason = KEEP_ALIVE.with(&[&connect.keep_alive, &low, &high]);
            return refuse(self.options.keep_alive_connack, "", reason);
        }
        let mode = client_id.get("securemode").unwrap_or_default();
        if self.options.strict_secure_mode && (mode == "2") != connect.tls {
            return refuse(BAD_CLIENT_ID, "", SECURE_MODE.with(&[&mode]));
        }
        // The oldest documents take hmacmd5 where nothing is said.
        let method = client_id.get("signmethod").unwrap_or("hmacmd5");
        let Some(digest) = sign::digest_of(method) else {
            return refuse(BAD_CLIENT_ID, "6292", METHOD.with(&[&method]));
        };
        let identity = format!("{product}/{device}");
        if client_id.get("authType") == Some("register") {
            return self.register(&client_id, digest, (product, device), connect.password);
        }
        let (role, secret) = match (self.known.devices.get(&identity), self.known.apps.get(&identity)) {
            (Some(device), _) => (Role::Device, &device.secret),
            (None, Some(app)) => (Role::App, &app.secret),
            (None, None) => return refuse(NOT_AUTHORIZED, "6100", UNKNOWN.with(&[&identity])),
        };
        let content = sign::content(&client_id.id, device, product, client_id.get("timestamp"));
        let expected = sign::signature(digest, secret.expose(), &content);
        if !connect.password.eq_ignore_ascii_case(expected.as_bytes()) {
            let reason = SIGNATURE.with(&[&identity, &method, &content]);
            return refuse(self.options.secret_connack, "", reason);
        }
        let ext = client_id.get("ext").and_then(|ext| ext.parse::<u32>().ok()).unwrap_or(0);
        self.held(&identity).ext = ext;
        let auto = client_id.get("_ss") == Some("1") && role == Role::Device;
        let channels = Channel::ALL.iter().filter(|channel| auto && channel.is_subscribed_for());
        Admission::Accept {
            role,
            exclusive: true,
            auto_subscribe: channels.map(|channel| channel.filter(product, device)).collect(),
            manners: Manners::default(),
            identity,
        }
    }

    /// A device that registers itself: it gets its secret once it is connected.
    fn register(
        &mut self,
        client_id: &ClientId,
        digest: crate::base::digest::Digest,
        (product, device): (&str, &str),
        password: &[u8],
    ) -> Admission {
        let Some(secret) = self.known.products.get(product) else {
            return refuse(NOT_AUTHORIZED, "6288", NO_PRODUCT.with(&[&product]));
        };
        let identity = format!("{product}/{device}");
        let content = sign::register_content(device, product, client_id.get("random").unwrap_or_default());
        let expected = sign::signature(digest, secret.expose(), &content);
        if !password.eq_ignore_ascii_case(expected.as_bytes()) {
            let method = client_id.get("signmethod").unwrap_or_default();
            return refuse(NOT_AUTHORIZED, "6600", SIGNATURE.with(&[&product, &method, &content]));
        }
        if !self.known.devices.contains_key(&identity) {
            return refuse(NOT_AUTHORIZED, "6100", UNKNOWN.with(&[&identity]));
        }
        self.registering.insert(identity.clone());
        Admission::Accept {
            role: Role::Device,
            identity,
            exclusive: true,
            auto_subscribe: vec![Channel::ExtRegister.pattern().to_owned()],
            manners: Manners::default(),
        }
    }

    /// Whether a client may subscribe a filter.
    pub(super) fn permits_filter(&self, client: &Client, filter: &str) -> Result<(), Denial> {
        if client.role == Role::App && has_wildcard(filter) && !self.options.app_wildcards {
            return Err(deny(WILDCARD));
        }
        let own = |identity: &str| {
            let (product, device) = identity.split_once('/').unwrap_or((identity, ""));
            Channel::ALL
                .iter()
                .any(|channel| channel.subscribed_by(client.role) && overlaps(filter, &channel.filter(product, device)))
        };
        let names_own = |identity: &str| {
            filter.contains(&format!("/{identity}/"))
                || filter.ends_with(&format!("/{identity}"))
                || filter.starts_with("/ext/rrpc/")
                || filter.starts_with("/ext/network/probe/")
                || filter.starts_with(&format!("/broadcast/{}/", identity.split('/').next().unwrap_or_default()))
                || matches!(filter, "/ext/register" | "/ext/regnwl")
        };
        let subs = self.topology.get(&client.identity).into_iter().flatten().map(String::as_str);
        let mut identities = std::iter::once(client.identity.as_str()).chain(subs);
        match identities.find(|identity| names_own(identity)) {
            None => Err(deny(NOT_OWN.with(&[&client.identity]))),
            Some(identity) if own(identity) => Ok(()),
            Some(_) => Err(deny(NO_FILTER.with(&[&client.role]))),
        }
    }

    /// Whether a client may publish to a topic. The platform keeps silent where it may not.
    pub(super) fn permits_topic(&self, client: &Client, wanted: &str) -> Result<(), Denial> {
        let Some(address) = topic::parse(wanted) else { return Err(deny(NO_TOPIC.with(&[&client.role]))) };
        let owner = format!("{}/{}", address.product, address.device);
        let nobody = address.product.is_empty();
        let is_sub = self.topology.get(&client.identity).is_some_and(|subs| subs.contains(&owner));
        if !nobody && owner != client.identity && !is_sub {
            return Err(deny(NOT_OWN.with(&[&client.identity])));
        }
        match address.channel {
            Some(channel) if channel.published_by(client.role) => Ok(()),
            _ => Err(deny(NO_TOPIC.with(&[&client.role]))),
        }
    }
}

fn deny(reason: impl Into<Phrase>) -> Denial {
    Denial { reason: reason.into(), code: String::new(), close: false }
}

/// Whether two filters can match the same topic.
fn overlaps(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.split('/'), right.split('/'));
    loop {
        match (left.next(), right.next()) {
            (Some("#"), _) | (_, Some("#")) => return true,
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || a == "+" || b == "+" => {}
            _ => return false,
        }
    }
}
