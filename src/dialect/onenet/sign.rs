//! The token: MQTT password of apps and devices (OneNET docs, `device-auth.md` and `api/auth.md`).
//!
//! 1. The string to sign is the values of `et`, `method`, `res`, `version`, in this order, joined by one line feed.
//! 2. The key is the access key, base64-decoded; published keys have stray trailing bits, so leniently.
//! 3. `sign` = base64(HMAC-`method`(key, string to sign)). `method` is signed literally as written.
//! 4. The token is `version=…&res=…&et=…&method=…&sign=…`, each value percent-encoded; signing sees `res` un-encoded.

use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::base::units;
use crate::dialect::{Server, Signed, Step};
use crate::model::{FieldFault, Fields, Role};

/// `version` of an app's token (OneNET docs, `api/auth.md`).
pub const APP_VERSION: &str = "2020-05-29";
/// `version` of a device's token (OneNET docs, `device-auth.md`).
pub const DEVICE_VERSION: &str = "2018-10-31";
/// Time that a token made by iotdbg is valid, as in the official example.
pub const EXPIRES_IN: &str = "12h";
/// `method` where none is given.
pub const METHOD: &str = "sha256";

/// What is said of an access key that cannot be decoded.
pub const NOT_BASE64: Text = Text::new("must be base64 as shown in the console", "必须是控制台显示的 base64 密钥");
const NO_METHOD: Text = Text::new("must be md5, sha1 or sha256, found “{}”", "必须是 md5、sha1 或 sha256，实际是“{}”");
const NO_DURATION: Text = Text::new("must be a duration such as 12h, found “{}”", "必须是时长（如 12h），实际是“{}”");
const NO_USER: Text =
    Text::new("is required (or project_id and group_id)", "必须填写（或填写 project_id 和 group_id）");
const USER_OR_GROUP: Text =
    Text::new("excludes project_id and group_id: log in as one or the other", "不能与 project_id、group_id 同时填写");
const NO_RESOURCE: Text = Text::new("must be device or product, found “{}”", "必须是 device 或 product，实际是“{}”");
const NO_PARAMETER: Text = Text::new("the token has no {}", "token 缺少 {}");
const TWICE: Text = Text::new("the token has {} twice", "token 中 {} 重复");
const FOREIGN: Text = Text::new("the token has an unknown parameter", "token 含有未知参数");
const NOT_UTF8: Text = Text::new("{} is not UTF-8 once decoded", "{} 解码后不是 UTF-8");
const BAD_EXPIRY: Text = Text::new("et must be a number of seconds", "et 必须是秒数");

/// A token taken apart; values decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Version of the scheme.
    pub version: String,
    /// The resource that it opens.
    pub res: String,
    /// Expiry as written; Unix seconds.
    pub et: String,
    /// The digest as written.
    pub method: String,
    /// The signature in base64.
    pub sign: String,
}

impl Token {
    /// Makes and signs a token; `None` where the method is unknown.
    pub fn make(version: &str, res: &str, et: &str, method: &str, key: &[u8]) -> Option<Token> {
        let mut token = Token {
            version: version.to_owned(),
            res: res.to_owned(),
            et: et.to_owned(),
            method: method.to_owned(),
            sign: String::new(),
        };
        token.sign = token.signature(key)?;
        Some(token)
    }

    /// The text that is signed.
    pub fn content(&self) -> String {
        [&*self.et, &*self.method, &*self.res, &*self.version].join("\n")
    }

    /// What `sign` has to be under a key; `None` where the method is unknown.
    pub fn signature(&self, key: &[u8]) -> Option<String> {
        let digest = Digest::parse(&self.method)?;
        Some(digest::base64_encode(&digest::hmac(digest, key, self.content().as_bytes())))
    }

    /// Expiry as a time.
    pub fn expires_at(&self) -> Option<Time> {
        self.et.parse().ok().map(Time::from_secs)
    }

    /// The token as it stands in the password.
    pub fn emit(&self) -> String {
        let Token { version, res, et, method, sign } = self;
        format!(
            "version={}&res={}&et={}&method={}&sign={}",
            encode(version),
            encode(res),
            encode(et),
            encode(method),
            encode(sign)
        )
    }

    /// Reads a token whatever the order of its parameters; values that were not encoded are read as they stand. No
    /// parameter but the five is allowed (device log code 1103). The reason never holds a part of the token.
    pub fn parse(text: &str) -> Result<Token, Phrase> {
        let mut values: [Option<String>; 5] = Default::default();
        const NAMES: [&str; 5] = ["version", "res", "et", "method", "sign"];
        for part in text.split('&') {
            let (name, value) = part.split_once('=').ok_or(FOREIGN)?;
            let (slot, name) = values.iter_mut().zip(NAMES).find(|(_, known)| *known == name).ok_or(FOREIGN)?;
            if slot.is_some() {
                return Err(TWICE.with(&[&name]));
            }
            let decoded = percent_decode_str(value).decode_utf8().map_err(|_| NOT_UTF8.with(&[&name]))?;
            *slot = Some(decoded.into_owned());
        }
        let mut take = values
            .into_iter()
            .zip(NAMES)
            .map(|(value, name)| value.filter(|value| !value.is_empty()).ok_or_else(|| NO_PARAMETER.with(&[&name])));
        let mut next = || take.next().unwrap_or_else(|| Err(FOREIGN.into()));
        let token = Token { version: next()?, res: next()?, et: next()?, method: next()?, sign: next()? };
        if token.et.parse::<u64>().is_err() {
            return Err(BAD_EXPIRY.into());
        }
        Ok(token)
    }
}

/// Percent-encoding exactly as the table of the documents: `+` space `/` `?` `%` `#` `&` `=`, nothing else.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for found in text.chars() {
        match found {
            '+' => out.push_str("%2B"),
            ' ' => out.push_str("%20"),
            '/' => out.push_str("%2F"),
            '?' => out.push_str("%3F"),
            '%' => out.push_str("%25"),
            '#' => out.push_str("%23"),
            '&' => out.push_str("%26"),
            '=' => out.push_str("%3D"),
            other => out.push(other),
        }
    }
    out
}

/// The user name and resource of an app: `userid/…` or `projectid/…/groupid/…`.
pub fn app_resource(fields: &Fields) -> Result<String, FieldFault> {
    match (fields.get("user_id"), fields.get("project_id"), fields.get("group_id")) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(FieldFault::new("user_id", USER_OR_GROUP)),
        (Some(user), None, None) => Ok(format!("userid/{user}")),
        (None, Some(project), Some(group)) => Ok(format!("projectid/{project}/groupid/{group}")),
        (None, Some(_), None) => Err(FieldFault::new("group_id", crate::model::fields::MISSING)),
        (None, None, _) => Err(FieldFault::new("user_id", NO_USER)),
    }
}

/// The resource of a device: its own, or with `resource = "product"` that of its product.
pub fn device_resource(fields: &Fields) -> Result<String, FieldFault> {
    let product = fields.require("product_id")?;
    match fields.get("resource").unwrap_or("device") {
        "device" => Ok(format!("products/{product}/devices/{}", fields.require("device_name")?)),
        "product" => Ok(format!("products/{product}")),
        other => Err(FieldFault::new("resource", NO_RESOURCE.with(&[&other]))),
    }
}

/// Reads `90s`, `5m`, `12h`, `30d`, or, as `et` itself counts, a number of seconds.
fn duration(text: &str) -> Option<Duration> {
    let seconds = || text.trim().parse().ok().map(Duration::from_secs);
    units::parse_duration(text).ok().or_else(seconds)
}

/// `et` as text: `expires_at` literally, or now plus `expires_in`.
fn expiry(fields: &Fields, now: Time) -> Result<String, FieldFault> {
    if let Some(at) = fields.number("expires_at")? {
        return Ok(at.to_string());
    }
    let text = fields.get("expires_in").unwrap_or(EXPIRES_IN);
    let length = duration(text).ok_or_else(|| FieldFault::new("expires_in", NO_DURATION.with(&[&text])))?;
    Ok((now + length).as_secs().to_string())
}

/// The calculator, for both roles.
pub fn sign(role: Role, fields: &Fields, now: Time, server: Option<Server>) -> Result<Signed, FieldFault> {
    let (res, username, client_id, version) = match role {
        Role::App => {
            let res = app_resource(fields)?;
            (res.clone(), res, fields.get("client_id").map(str::to_owned), APP_VERSION)
        }
        Role::Device | Role::Cloud => (
            device_resource(fields)?,
            fields.require("product_id")?.to_owned(),
            fields.get("device_name").map(str::to_owned),
            DEVICE_VERSION,
        ),
    };
    let mut signed = Signed {
        server,
        client_id,
        username: Some(username),
        password: None,
        content: None,
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: Vec::new(),
    };
    if let Some(token) = fields.get("token") {
        signed.password = Some(Secret::new(token));
        signed.expires_at = Token::parse(token).ok().and_then(|token| token.expires_at());
        return Ok(signed);
    }
    let method = fields.get("method").unwrap_or(METHOD);
    let digest = Digest::parse(method)
        .filter(|digest| digest.name().eq_ignore_ascii_case(method))
        .ok_or_else(|| FieldFault::new("method", NO_METHOD.with(&[&method])))?;
    let key = digest::base64_decode_lenient(fields.require("access_key")?)
        .map_err(|_| FieldFault::new("access_key", NOT_BASE64))?;
    let mut token = Token {
        version: fields.get("version").unwrap_or(version).to_owned(),
        res,
        et: expiry(fields, now)?,
        method: method.to_owned(),
        sign: String::new(),
    };
    let content = token.content();
    let mac = digest::hmac(digest, &key, content.as_bytes());
    token.sign = digest::base64_encode(&mac);
    let password = token.emit();
    let step = |name: &str, input: String, output: String| Step { name: name.to_owned(), input, output };
    signed.steps = vec![
        step("string to sign", "et \\n method \\n res \\n version".to_owned(), content.clone()),
        step("base64 decode", "access_key".to_owned(), format!("key, {} bytes", key.len())),
        step(&format!("hmac-{}", digest.name()), "key, string to sign".to_owned(), hex::encode(&mac)),
        step("base64 encode", hex::encode(&mac), token.sign.clone()),
        step(
            "percent-encode",
            format!(
                "version={}, res={}, et={}, method={}, sign={}",
                token.version, token.res, token.et, token.method, token.sign
            ),
            password.clone(),
        ),
    ];
    signed.expires_at = token.expires_at();
    signed.content = Some(content);
    signed.password = Some(Secret::new(password));
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_in_any_order_and_without_encoding() {
        let key = b"key";
        let token = Token::make("2018-10-31", "products/p/devices/d", "1700000000", "sha1", key).unwrap();
        assert_eq!(Token::parse(&token.emit()), Ok(token.clone()));
        let Token { version, res, et, method, sign } = &token;
        let shuffled = format!("et={et}&method={method}&res={res}&version={version}&sign={sign}");
        assert_eq!(Token::parse(&shuffled), Ok(token.clone()));
        assert!(Token::parse("version=1&res=2&et=3&method=4").is_err_and(|reason| reason.is(&NO_PARAMETER)));
        assert!(Token::parse(&format!("{shuffled}&x=1")).is_err_and(|reason| reason.is(&FOREIGN)));
        assert!(Token::parse(&format!("{shuffled}&et=1")).is_err_and(|reason| reason.is(&TWICE)));
        assert!(Token::parse("version=1&res=2&et=x&method=4&sign=5").is_err_and(|reason| reason.is(&BAD_EXPIRY)));
        assert!(Token::parse("").is_err());
    }

    #[test]
    fn the_encoding_table_is_the_documents_own() {
        assert_eq!(encode("+ /?%#&=a-_.~"), "%2B%20%2F%3F%25%23%26%3Da-_.~");
    }

    #[test]
    fn durations_are_read() {
        assert_eq!(duration("12h"), Some(Duration::from_secs(43_200)));
        assert_eq!(duration("90"), Some(Duration::from_secs(90)));
        assert_eq!(duration("h"), None);
        assert_eq!(duration("99999999999999999999d"), None);
    }

    #[test]
    fn what_is_missing_is_named() {
        let fault = |role, fields: Fields| sign(role, &fields, Time::ZERO, None).unwrap_err().field;
        assert_eq!(fault(Role::App, Fields::new()), "user_id");
        assert_eq!(fault(Role::App, Fields::new().with("project_id", "p")), "group_id");
        assert_eq!(fault(Role::App, Fields::new().with("user_id", "1")), "access_key");
        assert_eq!(fault(Role::App, Fields::new().with("user_id", "1").with("access_key", "!")), "access_key");
        assert_eq!(fault(Role::Device, Fields::new().with("product_id", "1")), "device_name");
        let base = Fields::new().with("user_id", "1").with("access_key", "YQ==");
        assert_eq!(fault(Role::App, base.clone().with("method", "sm2")), "method");
        assert_eq!(fault(Role::App, base.with("expires_in", "soon")), "expires_in");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text: String) {
            let _ = (Token::parse(&text), duration(&text));
        }

        #[test]
        fn every_token_is_read_back(res in ".{1,20}", et: u32, key: Vec<u8>) {
            let token = Token::make("v", &res, &et.to_string(), "md5", &key).unwrap();
            assert_eq!(Token::parse(&token.emit()), Ok(token));
        }
    }
}
