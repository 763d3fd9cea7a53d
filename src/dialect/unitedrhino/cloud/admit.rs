//! Who is let in, and which topics a device may use (`loginAuthLogic.go`, `accessAuth.go`; page "websocket开发").

use crate::base::lang::{Phrase, Text};
use crate::dialect::cloud::{Admission, Client, Connect, Denial, Manners};
use crate::dialect::unitedrhino::cloud::Platform;
use crate::dialect::unitedrhino::cloud::roster::User;
use crate::dialect::unitedrhino::sign::{self, UserName};
use crate::dialect::unitedrhino::topic::{self, Channel};
use crate::dialect::unitedrhino::{codes, spec};
use crate::dialect::{HttpAnswer, HttpRequest, Upgrade};
use crate::model::Role;

/// MQTT 3.1.1, section 3.2.2.3.
const BAD_LEVEL: u8 = 1;
/// Stands before the identity of a device that logged in to register itself.
const REGISTERS: &str = "register&";

const LEVEL: Text = Text::new("MQTT level {} is not spoken here; 3 and 4 are", "不支持 MQTT level {}，应为 3 或 4");
const CLIENT_ID: Text = Text::new(
    "the client id is productID&deviceName (or, in the older form, both without &), found “{}”",
    "clientID 应为 productID&deviceName（旧版不含 &），实际是“{}”",
);
const UNKNOWN: Text = Text::new("the roster has no device “{}”", "名册中没有设备“{}”");
const OTHER_DEVICE: Text =
    Text::new("the user name is for {}, the client id for {}", "username 属于 {}，clientID 属于 {}，两者不一致");
const PASSWORD: Text =
    Text::new("the signature does not fit the secret of {} (signed text: {})", "签名与 {} 的密钥不符（签名内容：{}）");
const PASSWORD_CASE: Text = Text::new(
    "the signature of {} is right but for its case: lower-case hex is compared",
    "{} 的签名仅大小写不符：平台按小写十六进制比较",
);
const NOT_TEXT: Text = Text::new("the password is no text", "password 不是文本");
const NOT_OWN: Text = Text::new(
    "a device uses its own topics and those of its sub-devices only, those of {}",
    "设备只能使用自己（{}）及子设备的主题",
);
const NO_TOPIC: Text = Text::new("no topic that a device may use", "不是设备可用的主题");
const UPWARDS: Text = Text::new("a device publishes to topics with up, found {}", "设备只能发布 up 主题，实际是 {}");
const DOWNWARDS: Text =
    Text::new("a device subscribes topics with down, found {}", "设备只能订阅 down 主题，实际是 {}");
const NO_UPGRADE: Text = Text::new("a WebSocket is opened at {}", "WebSocket 路径应为 {}");
const NO_TOKEN: Text = Text::new("the token is missing", "缺少 token");
const BAD_TOKEN: Text = Text::new("the roster has no user with this token", "名册中没有该 token 对应的用户");
const OTHER_APP: Text = Text::new("the user is in the app “{}”, not in “{}”", "用户属于应用“{}”，而不是“{}”");
const OTHER_TENANT: Text = Text::new("the user is in the tenant “{}”, not in “{}”", "用户属于租户“{}”，而不是“{}”");
const NO_PROJECT: Text = Text::new("the user has no project “{}”", "用户没有项目“{}”的权限");

/// Whether an identity is that of a device which may only register itself.
pub(super) fn registers(identity: &str) -> bool {
    identity.starts_with(REGISTERS)
}

/// Why a call or an upgrade is refused: status, code, and for the log what it was.
pub(super) struct Unknown {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) words: &'static str,
    pub(super) reason: Phrase,
}

impl Unknown {
    /// The answer.
    pub(super) fn answer(&self) -> HttpAnswer {
        let words = if self.words.is_empty() { codes::message(self.code) } else { self.words };
        HttpAnswer::json(self.status, &serde_json::json!({"code": self.code, "msg": words}))
    }
}

impl Platform {
    fn refuse(&self, reason: impl Into<Phrase>) -> Admission {
        Admission::Refuse { connack: self.options.connack, code: String::new(), reason: reason.into() }
    }

    /// Decides on a CONNECT. All failures look alike to the client.
    pub(super) fn decide(&mut self, connect: &Connect<'_>) -> Admission {
        if !matches!(connect.level, 3 | 4) {
            return Admission::Refuse {
                connack: BAD_LEVEL,
                code: String::new(),
                reason: LEVEL.with(&[&connect.level]),
            };
        }
        if let Some(identity) = connect.client_id.strip_prefix(REGISTERS) {
            return self.let_register(connect.client_id, identity);
        }
        let Some((product, device)) = sign::client_parts(connect.client_id) else {
            return self.refuse(CLIENT_ID.with(&[&connect.client_id]));
        };
        let identity = format!("{product}/{device}");
        match self.proves(&identity, connect.username, connect.password) {
            Ok(()) => {
                let down = Channel::ALL.iter().filter(|channel| !channel.is_up());
                Admission::Accept {
                    role: Role::Device,
                    exclusive: true,
                    auto_subscribe: down.map(|channel| channel.topic(product, device)).collect(),
                    manners: Manners::default(),
                    identity,
                }
            }
            Err(reason) => self.refuse(reason),
        }
    }

    /// Whether user name and password are those of a device; not whether they have expired, which the platform does not
    /// check either.
    pub(super) fn proves(&self, identity: &str, username: &str, password: &[u8]) -> Result<(), Phrase> {
        let user = UserName::parse(username)?;
        let named = sign::client_parts(user.client_id).map(|(product, device)| format!("{product}/{device}"));
        if named.as_deref() != Some(identity) {
            return Err(OTHER_DEVICE.with(&[&named.unwrap_or_default(), &identity]));
        }
        let known = self.known.devices.get(identity).ok_or_else(|| UNKNOWN.with(&[&identity]))?;
        let password = std::str::from_utf8(password).map_err(|_| NOT_TEXT)?;
        let (token, digest) = sign::password_parts(password)?;
        let expected = sign::token(digest, known.secret.expose(), username);
        if token == expected {
            Ok(())
        } else if token.eq_ignore_ascii_case(&expected) {
            Err(PASSWORD_CASE.with(&[&identity]))
        } else {
            Err(PASSWORD.with(&[&identity, &username]))
        }
    }

    /// Nobody's password is checked here: the request itself is signed.
    fn let_register(&self, client_id: &str, identity: &str) -> Admission {
        let Some((product, device)) = identity.split_once('&').filter(|(p, d)| !p.is_empty() && !d.is_empty()) else {
            return self.refuse(CLIENT_ID.with(&[&client_id]));
        };
        Admission::Accept {
            role: Role::Device,
            identity: format!("{REGISTERS}{product}/{device}"),
            exclusive: true,
            auto_subscribe: vec![Channel::RegisterDown.topic(product, device)],
            manners: Manners::default(),
        }
    }

    /// Whether a device may publish to a topic (`up`) or subscribe it (`down`).
    pub(super) fn permits(&self, client: &Client, wanted: &str, up: bool) -> Result<(), Denial> {
        let deny = |reason: Phrase| Err(Denial { reason, code: String::new(), close: false });
        let address = topic::parse(wanted).and_then(|address| Some((address.channel?, address)));
        let Some((channel, address)) = address else { return deny(NO_TOPIC.into()) };
        if channel.is_up() != up {
            return deny(if up { UPWARDS } else { DOWNWARDS }.with(&[&wanted]));
        }
        let owner = format!("{}/{}", address.product, address.device);
        if let Some(own) = client.identity.strip_prefix(REGISTERS) {
            let allowed = matches!(channel, Channel::RegisterUp | Channel::RegisterDown) && owner == own;
            return if allowed { Ok(()) } else { deny(NO_TOPIC.into()) };
        }
        let is_sub = self.topology.get(&client.identity).is_some_and(|subs| subs.contains(&owner));
        if owner == client.identity || is_sub { Ok(()) } else { deny(NOT_OWN.with(&[&client.identity])) }
    }

    /// Decides on a WebSocket.
    pub(super) fn decide_upgrade(&self, request: &HttpRequest<'_>) -> Upgrade {
        if request.path != spec::CONNECT_PATH {
            return Upgrade::Refuse {
                answer: HttpAnswer { status: 404, ..HttpAnswer::default() },
                code: String::new(),
                reason: NO_UPGRADE.with(&[&spec::CONNECT_PATH]),
            };
        }
        match self.authenticate(request) {
            Ok(user) => {
                Upgrade::Accept { role: Role::App, identity: user.name().to_owned(), exclusive: false, pong: false }
            }
            Err(unknown) => {
                Upgrade::Refuse { answer: unknown.answer(), code: unknown.code.to_string(), reason: unknown.reason }
            }
        }
    }

    /// Who calls: by header or query, the header first, in either spelling of the names (`middlewareCheckToken.go`).
    pub(super) fn authenticate(&self, request: &HttpRequest<'_>) -> Result<&User, Unknown> {
        let given = |name: &str| {
            let older = format!("ithings-{name}");
            let either = |name: &str| request.header(name).or_else(|| request.parameter(name));
            either(name).or_else(|| either(&older)).filter(|text| !text.is_empty())
        };
        let refuse = |status, code, words, reason: Phrase| Err(Unknown { status, code, words, reason });
        let Some(token) = given("token") else {
            return refuse(401, 1_000_007, "尚未登录:认证失败", NO_TOKEN.into());
        };
        let Some(user) = self.known.users.iter().find(|user| user.token.expose() == token) else {
            return refuse(401, 100_005, "", BAD_TOKEN.into());
        };
        if let Some(app) = given("app-code").filter(|app| *app != user.app_code) {
            return refuse(400, 100_012, "", OTHER_APP.with(&[&user.app_code, &app]));
        }
        if let Some(tenant) = given("tenant-code").filter(|tenant| *tenant != user.tenant_code) {
            return refuse(401, 100_005, "", OTHER_TENANT.with(&[&user.tenant_code, &tenant]));
        }
        match given("project-id").filter(|project| !user.projects.iter().any(|own| own == project)) {
            Some(project) => refuse(200, 100_012, "权限不足:无所选项目的权限", NO_PROJECT.with(&[&project])),
            None => Ok(user),
        }
    }
}
