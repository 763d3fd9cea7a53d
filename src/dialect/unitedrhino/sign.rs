//! The login of a device, and its registration (unitedrhino/things, `share/domain/deviceAuth/loginAuth.go`,
//! `deviceRegisterLogic.go`).
//!
//! 1. Client id `{productID}&{deviceName}`; without the `&` in the older form, with a product id of 11 characters.
//! 2. User name `{clientID};12010126;{connid};{expiry}`.
//! 3. Password: lower-case hex of the HMAC over the whole user name under the base64-decoded secret, `;` and the digest.

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::Text;
use crate::base::random::Random;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::unitedrhino::register;
use crate::dialect::{Server, Signed, Step};
use crate::model::{FieldFault, Fields};

/// The digests of a login.
pub const METHODS: &[&str] = &["hmacsha256", "hmacsha1"];
/// The digest that is used where none is named.
pub const METHOD: &str = "hmacsha256";
/// A constant of the platform; not checked (loginAuth.go).
pub const SDK_APP_ID: &str = "12010126";
/// How long a login says that it is valid: the generator's ten days, in seconds.
const VALIDITY: u64 = 10 * 86_400;

const NO_METHOD: Text =
    Text::new("must be hmacsha256 or hmacsha1, found “{}”", "必须是 hmacsha256 或 hmacsha1，实际是“{}”");
const AMPERSAND: Text =
    Text::new("a device name with “&” breaks the platform's parser", "设备名称含“&”会使平台解析失败");
const FOUR_PARTS: Text = Text::new(
    "the user name has four parts (clientID;12010126;connid;expiry), found {}",
    "username 应有四段（clientID;12010126;connid;expiry），实际有 {} 段",
);
const NO_SUFFIX: Text =
    Text::new("the password ends with ;hmacsha256 or ;hmacsha1", "password 应以 ;hmacsha256 或 ;hmacsha1 结尾");

/// The digest of a name.
pub fn digest_of(method: &str) -> Option<Digest> {
    match method {
        "hmacsha256" => Some(Digest::Sha256),
        "hmacsha1" => Some(Digest::Sha1),
        _ => None,
    }
}

/// The key: what is base64 in the secret, decoded; the platform takes what can be decoded.
pub fn key(secret: &str) -> Vec<u8> {
    digest::base64_decode_lenient(secret).unwrap_or_default()
}

/// The signature over a user name.
pub fn token(digest: Digest, secret: &str, username: &str) -> String {
    hex::encode(&digest::hmac(digest, &key(secret), username.as_bytes()))
}

/// A user name taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName<'u> {
    /// The client id inside.
    pub client_id: &'u str,
    /// The connection's own random text.
    pub connid: &'u str,
    /// Unix seconds.
    pub expiry: &'u str,
}

impl<'u> UserName<'u> {
    /// Reads the four parts.
    pub fn parse(text: &'u str) -> Result<UserName<'u>, crate::base::lang::Phrase> {
        let parts: Vec<&str> = text.split(';').collect();
        match parts.as_slice() {
            [client_id, _, connid, expiry] => Ok(UserName { client_id, connid, expiry }),
            _ => Err(FOUR_PARTS.with(&[&parts.len()])),
        }
    }
}

/// Signature and digest of a password.
pub fn password_parts(password: &str) -> Result<(&str, Digest), crate::base::lang::Phrase> {
    let (token, method) = password.rsplit_once(';').ok_or(NO_SUFFIX)?;
    Ok((token, digest_of(method).ok_or(NO_SUFFIX)?))
}

/// Product and device of a client id, in the current form or the older one.
pub fn client_parts(client_id: &str) -> Option<(&str, &str)> {
    client_id.split_once('&').or_else(|| client_id.split_at_checked(11)).filter(|(p, d)| !p.is_empty() && !d.is_empty())
}

fn method(fields: &Fields) -> Result<(String, Digest), FieldFault> {
    let method = fields.get("sign_method").unwrap_or(METHOD);
    let digest = digest_of(method).ok_or_else(|| FieldFault::new("sign_method", NO_METHOD.with(&[&method])))?;
    Ok((method.to_owned(), digest))
}

/// The calculator of a device; with a `product_secret` and no device secret that of its registration.
pub fn sign(fields: &Fields, now: Time, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    let (product, device) = (fields.require("product_id")?, fields.require("device_name")?);
    if device.contains('&') {
        return Err(FieldFault::new("device_name", AMPERSAND));
    }
    if fields.get("product_secret").is_some() && fields.get("device_secret").is_none() {
        return register(fields, product, device, now, nonce, server);
    }
    let legacy = fields.get("legacy") == Some("true");
    let client_id = if legacy { format!("{product}{device}") } else { format!("{product}&{device}") };
    let connid = fields.get("connid").map_or_else(|| connid(nonce), str::to_owned);
    let expiry = fields.number("expires_at")?.unwrap_or(now.as_secs() + VALIDITY);
    let app = fields.get("sdk_app_id").unwrap_or(SDK_APP_ID);
    let username = format!("{client_id};{app};{connid};{expiry}");
    let (method, digest) = method(fields)?;
    let secret = fields.require("device_secret")?;
    let token = token(digest, secret, &username);
    let password = format!("{token};{method}");
    let step =
        |name: &str, input: &str, output: String| Step { name: name.to_owned(), input: input.to_owned(), output };
    Ok(Signed {
        server,
        client_id: Some(client_id.clone()),
        username: Some(username.clone()),
        password: Some(Secret::new(password.as_str())),
        content: Some(username.clone()),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: Some(Time::from_secs(expiry)),
        steps: vec![
            step("client id", if legacy { "productID deviceName" } else { "productID & deviceName" }, client_id),
            step("string to sign", "clientID ; sdkappid ; connid ; expiry", username),
            step("base64 decode", "device_secret", format!("key, {} bytes", key(secret).len())),
            step(&method, "key, string to sign", token),
            step("password", "lower-case hex ; digest", password),
        ],
    })
}

/// Five letters and digits.
fn connid(nonce: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut random = Random::new(nonce);
    (0..5).filter_map(|_| LETTERS.get(random.index(LETTERS.len()))).map(|letter| char::from(*letter)).collect()
}

fn register(
    fields: &Fields,
    product: &str,
    device: &str,
    now: Time,
    nonce: u64,
    server: Option<Server>,
) -> Result<Signed, FieldFault> {
    let number = fields.get("nonce").map_or_else(|| (nonce % 4_294_967_296).to_string(), str::to_owned);
    let timestamp = fields.number("expires_at")?.unwrap_or(now.as_secs()).to_string();
    let content = register::content(product, device, &number, &timestamp);
    let secret = fields.require("product_secret")?;
    let signature = register::signature(secret, &content);
    let step =
        |name: &str, input: &str, output: String| Step { name: name.to_owned(), input: input.to_owned(), output };
    Ok(Signed {
        server,
        client_id: Some(format!("register&{product}&{device}")),
        username: Some(String::new()),
        password: Some(Secret::new(signature.as_str())),
        content: Some(content.clone()),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: vec![
            step("string to sign", "deviceName, nonce, productID, timestamp as key=value, joined by &", content),
            step("hmac-sha1", "product_secret as text, string to sign", signature.clone()),
            step("base64", "the hex text of the digest", signature),
        ],
    })
}

/// The text that a gateway signs for a sub-device: the server's own, or that of the documentation.
pub fn bind_content(product: &str, device: &str, random: &str, timestamp: &str, documented: bool) -> String {
    let between = if documented { "" } else { ";" };
    format!("{product}{between}{device};{random};{timestamp}")
}
