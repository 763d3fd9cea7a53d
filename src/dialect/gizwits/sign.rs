//! The logins: CONNECT of apps and devices, and the signatures of the HTTP API.
//!
//! 1. App: user name `2$` appid `$` uid, password the user's token (App与云端通讯 v4.0.4, section 4.2).
//! 2. Device, classic: client id and user name are the DID, the password is the passcode (GAgent, `mqttxpg.c`).
//! 3. Device, newer: user name `DID|signmethod=sha256,signnonce=…`, password hex SHA-256 of product key, mac, auth key and
//!    nonce joined by commas (firmware on agent.gizwitsapi.com).
//! 4. HTTP: `X-Gizwits-Application-Auth` = md5(appid + appsecret); `X-Gizwits-Signature` of bind_mac = md5(product secret +
//!    timestamp), both in lower hex (giz-docs, OpenAPI).

use crate::base::digest::{Digest, hash};
use crate::base::hex;
use crate::base::lang::Text;
use crate::base::random::Random;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::{Server, Signed, Step};
use crate::model::{FieldFault, Fields, Role};

/// The longest client id, in bytes (App与云端通讯 v4.0.4, section 4.2).
pub const LONGEST_CLIENT_ID: usize = 23;
/// What the client id of an app begins with.
pub const APP_PREFIX: &str = "usr";
/// Letters of the nonce of the newer login.
pub const NONCE_LENGTH: usize = 10;

const ALPHANUMERIC: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

const NO_PREFIX: Text = Text::new(
    "begins with usr, found “{}”: the platform tells apps from devices by it",
    "应以 usr 开头，实际是“{}”：平台据此区分应用与设备",
);
const TOO_LONG: Text = Text::new(
    "has at most 23 bytes, found {}: devices cut the rest off and answer on a wrong topic",
    "最长 23 字节，实际 {} 字节：设备会截断多余部分，应答发到错误的主题",
);
const NOT_ALPHANUMERIC: Text =
    Text::new("holds letters and digits only, found “{}”", "只能包含大小写字母和数字，实际有“{}”");
const NO_LOGIN: Text = Text::new(
    "is required: uid and token, or username and password, or anonymous = true",
    "必须填写：uid 与 token，或 username 与 password，或 anonymous = true",
);
const NO_UID: Text =
    Text::new("is required beside the token: the user name is made of it", "必须与 token 一起填写：username 由它组成");
const FROM_LOGIN: Text = Text::new(
    "comes from the login over HTTP; give uid and token to calculate",
    "由 HTTP 登录取得；计算时请直接给出 uid 与 token",
);
const NO_DID: Text = Text::new(
    "is required (or product_key and mac, to register over HTTP)",
    "必须填写（或填写 product_key 与 mac，经 HTTP 注册取得）",
);

/// Text of this length made of `letters`, out of a seed.
pub fn random_text(seed: u64, length: usize, letters: &[u8]) -> String {
    let mut random = Random::new(seed);
    (0..length).filter_map(|_| letters.get(random.index(letters.len())).copied().map(char::from)).collect()
}

/// A client id for an app.
pub fn app_client_id(seed: u64) -> String {
    format!("{APP_PREFIX}{}", random_text(seed, LONGEST_CLIENT_ID - APP_PREFIX.len(), ALPHANUMERIC))
}

/// A passcode as the module firmware makes it: ten letters and digits (GAgent).
pub fn passcode(seed: u64) -> String {
    random_text(seed, 10, ALPHANUMERIC)
}

/// Checks the client id of an app against the platform's rule.
pub fn check_client_id(client_id: &str) -> Result<(), FieldFault> {
    let fault = |reason| Err(FieldFault::new("client_id", reason));
    if !client_id.starts_with(APP_PREFIX) {
        return fault(NO_PREFIX.with(&[&client_id]));
    }
    if client_id.len() > LONGEST_CLIENT_ID {
        return fault(TOO_LONG.with(&[&client_id.len()]));
    }
    match client_id.chars().find(|found| !found.is_ascii_alphanumeric()) {
        Some(found) => fault(NOT_ALPHANUMERIC.with(&[&found])),
        None => Ok(()),
    }
}

/// User name of an app.
pub fn app_username(appid: &str, uid: &str) -> String {
    format!("2${appid}${uid}")
}

/// What is signed in the newer login of a device.
pub fn device_content(product_key: &str, mac: &str, auth_key: &str, nonce: &str) -> String {
    format!("{product_key},{mac},{auth_key},{nonce}")
}

/// User name of the newer login of a device.
pub fn device_username(did: &str, nonce: &str) -> String {
    format!("{did}|signmethod=sha256,signnonce={nonce}")
}

/// DID and nonce of the user name of the newer login; `Err` holds the sign method where it is not sha256.
pub fn read_device_username(username: &str) -> Option<Result<(&str, &str), &str>> {
    let (did, parameters) = username.split_once('|')?;
    let parameter = |name: &str| {
        parameters
            .split(',')
            .filter_map(|part| part.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, text)| text)
    };
    match parameter("signmethod").unwrap_or_default() {
        "sha256" => Some(Ok((did, parameter("signnonce").unwrap_or_default()))),
        other => Some(Err(other)),
    }
}

/// Hex SHA-256.
pub fn sha256(text: &str) -> String {
    hex::encode(&hash(Digest::Sha256, text.as_bytes()))
}

/// Hex MD5.
pub fn md5(text: &str) -> String {
    hex::encode(&hash(Digest::Md5, text.as_bytes()))
}

fn step(name: &str, input: impl Into<String>, output: impl Into<String>) -> Step {
    Step { name: name.to_owned(), input: input.into(), output: output.into() }
}

fn empty(server: Option<Server>) -> Signed {
    Signed {
        server,
        client_id: None,
        username: None,
        password: None,
        content: None,
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: Vec::new(),
    }
}

/// The calculator, for both roles.
pub fn sign(role: Role, fields: &Fields, now: Time, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    match role {
        Role::App => sign_app(fields, now, nonce, server),
        Role::Device | Role::Cloud => sign_device(fields, nonce, server),
    }
}

fn sign_app(fields: &Fields, now: Time, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    let appid = fields.require("appid")?;
    let mut signed = empty(server);
    let client_id = match fields.get("client_id") {
        Some(given) => given.to_owned(),
        None => app_client_id(nonce),
    };
    check_client_id(&client_id)?;
    headers(&mut signed, fields, appid, now);
    match (fields.get("uid"), fields.get("token")) {
        (Some(uid), Some(token)) => {
            let username = app_username(appid, uid);
            signed.steps.insert(0, step("user name", "2$ appid $ uid", username.clone()));
            signed.steps.insert(1, step("password", "token of the login over HTTP", "token"));
            signed.client_id = Some(client_id);
            signed.username = Some(username);
            signed.password = Some(Secret::new(token));
        }
        (None, Some(_)) => return Err(FieldFault::new("uid", NO_UID)),
        (_, None) if !signed.headers.is_empty() => {}
        (_, None) if fields.get("username").is_some() || fields.get("anonymous") == Some("true") => {
            return Err(FieldFault::new("token", FROM_LOGIN));
        }
        (_, None) => return Err(FieldFault::new("token", NO_LOGIN)),
    }
    Ok(signed)
}

/// The signatures of the HTTP API, where their secrets were given.
fn headers(signed: &mut Signed, fields: &Fields, appid: &str, now: Time) {
    if let Some(secret) = fields.get("app_secret") {
        let auth = md5(&format!("{appid}{secret}"));
        signed.steps.push(step("md5", "appid + app_secret", auth.clone()));
        signed.headers.push(("X-Gizwits-Application-Id".to_owned(), Secret::new(appid)));
        signed.headers.push(("X-Gizwits-Application-Auth".to_owned(), Secret::new(auth)));
    }
    if let Some(secret) = fields.get("product_secret") {
        let timestamp = fields.get("timestamp").map_or_else(|| now.as_secs().to_string(), str::to_owned);
        let signature = bind_signature(secret, &timestamp);
        signed.steps.push(step("md5", format!("product_secret + {timestamp}"), signature.clone()));
        signed.headers.push(("X-Gizwits-Timestamp".to_owned(), Secret::new(timestamp)));
        signed.headers.push(("X-Gizwits-Signature".to_owned(), Secret::new(signature)));
    }
}

/// `X-Gizwits-Signature` of bind_mac.
pub fn bind_signature(product_secret: &str, timestamp: &str) -> String {
    md5(&format!("{product_secret}{timestamp}"))
}

fn sign_device(fields: &Fields, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    let did = fields.get("did").ok_or_else(|| FieldFault::new("did", NO_DID))?;
    let mut signed = empty(server);
    signed.client_id = Some(did.to_owned());
    let Some(auth_key) = fields.get("auth_key") else {
        let passcode = fields.require("passcode")?;
        signed.steps = vec![
            step("client id and user name", "did", did),
            step("password", "passcode kept by the module", "passcode"),
        ];
        signed.username = Some(did.to_owned());
        signed.password = Some(Secret::new(passcode));
        return Ok(signed);
    };
    let (product, mac) = (fields.require("product_key")?, fields.require("mac")?);
    let nonce = match fields.get("nonce") {
        Some(given) => given.to_owned(),
        None => random_text(nonce, NONCE_LENGTH, CAPITALS),
    };
    let password = sha256(&device_content(product, mac, auth_key, &nonce));
    let shown = device_content(product, mac, "auth_key", &nonce);
    let username = device_username(did, &nonce);
    signed.steps = vec![
        step("string to sign", "product_key , mac , auth_key , nonce", shown.clone()),
        step("sha256", "string to sign", password.clone()),
        step("user name", format!("did |signmethod=sha256,signnonce= {nonce}"), username.clone()),
    ];
    signed.content = Some(shown);
    signed.username = Some(username);
    signed.password = Some(Secret::new(password));
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(role: Role, fields: Fields) -> String {
        sign(role, &fields, Time::ZERO, 1, None).unwrap_err().field
    }

    #[test]
    fn what_is_missing_is_named() {
        let app = Fields::new().with("appid", "a");
        assert_eq!(fault(Role::App, Fields::new()), "appid");
        assert_eq!(fault(Role::App, app.clone()), "token");
        assert_eq!(fault(Role::App, app.clone().with("token", "t")), "uid");
        assert_eq!(fault(Role::App, app.clone().with("username", "u").with("password", "p")), "token");
        assert_eq!(fault(Role::App, app.with("uid", "u").with("token", "t").with("client_id", "web1")), "client_id");
        assert_eq!(fault(Role::Device, Fields::new()), "did");
        assert_eq!(fault(Role::Device, Fields::new().with("did", "d")), "passcode");
        assert_eq!(fault(Role::Device, Fields::new().with("did", "d").with("auth_key", "k")), "product_key");
    }

    #[test]
    fn the_client_id_of_an_app_keeps_the_rule() {
        let made = app_client_id(7);
        assert_eq!((made.len(), check_client_id(&made)), (23, Ok(())));
        assert_ne!(made, app_client_id(8));
        for wrong in ["usr-1", "USR1", "usrABCDEFGHIJKLMNOPQRSTUVW"] {
            assert!(check_client_id(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_user_name_of_the_newer_login_is_read_back() {
        assert_eq!(read_device_username(&device_username("D", "N")), Some(Ok(("D", "N"))));
        assert_eq!(read_device_username("D|signnonce=N,signmethod=sha256"), Some(Ok(("D", "N"))));
        assert_eq!(read_device_username("D|signmethod=md5,signnonce=N"), Some(Err("md5")));
        assert_eq!(read_device_username("D"), None);
    }

    #[test]
    fn no_secret_stands_in_a_step() {
        let fields =
            Fields::new().with("did", "D").with("product_key", "P").with("mac", "M").with("auth_key", "SECRET");
        let signed = sign(Role::Device, &fields, Time::ZERO, 1, None).unwrap();
        assert!(signed.steps.iter().all(|step| !format!("{}{}", step.input, step.output).contains("SECRET")));
    }
}
