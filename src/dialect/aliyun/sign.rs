//! The login: client id with its extension parameters, and the signature over what is sent (MQTT access, "sign签名").
//!
//! 1. What is signed: `clientId` (the part before the first `|`), `deviceName`, `productKey`, and `timestamp` only where
//!    the extension parameters have one.
//! 2. Keys in alphabetical order, each followed by its value, nothing between them.
//! 3. HMAC under the text of the secret, hexadecimal; letters in either case.

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::{Server, Signed, Step};
use crate::model::{FieldFault, Fields, Role};

/// The digest that is used where none is named.
pub const METHOD: &str = "hmacsha256";
/// The names of the digests in `signmethod`.
pub const METHODS: &[&str] = &["hmacsha1", "hmacsha256", "hmacmd5"];

const NO_METHOD: Text = Text::new(
    "must be hmacsha1, hmacsha256 or hmacmd5, found “{}”",
    "必须是 hmacsha1、hmacsha256、hmacmd5 之一，实际是“{}”",
);
const NO_TIMESTAMP: Text =
    Text::new("must be now, none or milliseconds, found “{}”", "必须是 now、none 或毫秒数，实际是“{}”");
const BAR: Text = Text::new("must not hold “|”, “,” or “=”, found “{}”", "不能含有“|”“,”“=”，实际是“{}”");
const NO_BAR: Text =
    Text::new("the extension parameters begin with | and end with |", "扩展参数必须以 | 开头并以 | 结尾");
const NO_EQUALS: Text = Text::new("“{}” is not key=value", "“{}”不是 key=value");

/// Reads the name of a digest as `signmethod` has it, in any case.
pub fn digest_of(method: &str) -> Option<Digest> {
    let method = method.to_ascii_lowercase();
    Digest::parse(method.strip_prefix("hmac")?)
}

/// A client id taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientId {
    /// What stands before the first `|`: the id that is signed.
    pub id: String,
    /// The extension parameters, in their order.
    pub parameters: Vec<(String, String)>,
}

impl ClientId {
    /// Reads a client id. White space around keys and values is the work of an SDK's template and means nothing.
    pub fn parse(text: &str) -> Result<ClientId, crate::base::lang::Phrase> {
        let Some((id, rest)) = text.split_once('|') else { return Err(NO_BAR.into()) };
        let inner = rest.trim_end().strip_suffix('|').ok_or(NO_BAR)?;
        let mut parameters = Vec::new();
        for part in inner.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').ok_or_else(|| NO_EQUALS.with(&[&part]))?;
            parameters.push((key.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(ClientId { id: id.to_owned(), parameters })
    }

    /// As it is sent.
    pub fn emit(&self) -> String {
        let parameters: Vec<String> = self.parameters.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{}|{}|", self.id, parameters.join(","))
    }

    /// A parameter.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// The text that is signed.
pub fn content(client_id: &str, device: &str, product: &str, timestamp: Option<&str>) -> String {
    let mut content = format!("clientId{client_id}deviceName{device}productKey{product}");
    if let Some(timestamp) = timestamp {
        content.push_str("timestamp");
        content.push_str(timestamp);
    }
    content
}

/// The signature, in capitals as the platform's own example prints it.
pub fn signature(digest: Digest, secret: &str, content: &str) -> String {
    hex::encode(&digest::hmac(digest, secret.as_bytes(), content.as_bytes())).to_ascii_uppercase()
}

/// The text that is signed for a registration (help page on dynamic registration; vendor SDKs).
pub fn register_content(device: &str, product: &str, random: &str) -> String {
    format!("deviceName{device}productKey{product}random{random}")
}

/// The digest that the fields name.
pub fn method(fields: &Fields, default: &'static str) -> Result<(String, Digest), FieldFault> {
    let method = fields.get("sign_method").unwrap_or(default);
    let digest = digest_of(method).ok_or_else(|| FieldFault::new("sign_method", NO_METHOD.with(&[&method])))?;
    Ok((method.to_owned(), digest))
}

fn plain<'f>(fields: &'f Fields, name: &str) -> Result<&'f str, FieldFault> {
    let value = fields.require(name)?;
    if value.contains(['|', ',', '=']) && name != "client_id" {
        return Err(FieldFault::new(name, BAR.with(&[&value])));
    }
    Ok(value)
}

/// The calculator: device, app, and with a `product_secret` and no device secret the registration.
pub fn sign(role: Role, fields: &Fields, now: Time, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    if fields.get("product_secret").is_some() && fields.get("device_secret").is_none() {
        return register(fields, nonce, server);
    }
    let (product, device) = (plain(fields, "product_key")?, plain(fields, "device_name")?);
    let default_id = if role == Role::App { format!("{device}&{product}") } else { format!("{product}.{device}") };
    let id = fields.get("client_id").unwrap_or(&default_id).to_owned();
    if id.contains('|') {
        return Err(FieldFault::new("client_id", BAR.with(&[&id])));
    }
    let (method, digest) = method(fields, if role == Role::App { "hmacsha1" } else { METHOD })?;
    let timestamp = match fields.get("timestamp").unwrap_or(if role == Role::App { "none" } else { "now" }) {
        "now" => Some(now.as_millis().to_string()),
        "none" => None,
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => Some(number.to_owned()),
        other => return Err(FieldFault::new("timestamp", NO_TIMESTAMP.with(&[&other]))),
    };
    let secure_mode = fields.get("secure_mode").unwrap_or(if role == Role::App { "2" } else { "3" });
    let mut client_id = ClientId {
        id: id.clone(),
        parameters: vec![("securemode".to_owned(), secure_mode.to_owned()), ("signmethod".to_owned(), method.clone())],
    };
    if let Some(timestamp) = &timestamp {
        client_id.parameters.push(("timestamp".to_owned(), timestamp.clone()));
    }
    for part in fields.get("ext_params").unwrap_or_default().split(',').filter(|part| !part.trim().is_empty()) {
        let (key, value) =
            part.split_once('=').ok_or_else(|| FieldFault::new("ext_params", NO_EQUALS.with(&[&part])))?;
        client_id.parameters.push((key.trim().to_owned(), value.trim().to_owned()));
    }
    let content = content(&id, device, product, timestamp.as_deref());
    let password = signature(digest, fields.require("device_secret")?, &content);
    let step = |name: &str, input: String, output: String| Step { name: name.to_owned(), input, output };
    let joined = if timestamp.is_some() {
        "clientId, deviceName, productKey, timestamp: key and value of each, nothing between"
    } else {
        "clientId, deviceName, productKey: key and value of each, nothing between"
    };
    Ok(Signed {
        server,
        client_id: Some(client_id.emit()),
        username: Some(format!("{device}&{product}")),
        password: Some(Secret::new(password.as_str())),
        content: Some(content.clone()),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: vec![
            step("string to sign", joined.to_owned(), content),
            step(&method, "device_secret as text, string to sign".to_owned(), password),
            step("client id", "id | extension parameters |".to_owned(), client_id.emit()),
            step("user name", "deviceName & productKey".to_owned(), format!("{device}&{product}")),
        ],
    })
}

/// The login of a device that registers itself over MQTT.
fn register(fields: &Fields, nonce: u64, server: Option<Server>) -> Result<Signed, FieldFault> {
    let (product, device) = (plain(fields, "product_key")?, plain(fields, "device_name")?);
    let (method, digest) = method(fields, METHOD)?;
    let random = fields.get("random").map_or_else(|| nonce.to_string(), str::to_owned);
    let content = register_content(device, product, &random);
    let password = signature(digest, fields.require("product_secret")?, &content);
    let id = fields.get("client_id").map_or_else(|| format!("{device}.{product}"), str::to_owned);
    let parameter = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let client_id = ClientId {
        id,
        parameters: vec![
            parameter("random", &random),
            parameter("authType", "register"),
            parameter("securemode", "2"),
            parameter("signmethod", &method),
        ],
    };
    let step = |name: &str, input: String, output: String| Step { name: name.to_owned(), input, output };
    Ok(Signed {
        server,
        client_id: Some(client_id.emit()),
        username: Some(format!("{device}&{product}")),
        password: Some(Secret::new(password.as_str())),
        content: Some(content.clone()),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: vec![
            step("string to sign", "deviceName, productKey, random: key and value of each".to_owned(), content),
            step(&method, "product_secret as text, string to sign".to_owned(), password),
            step("client id", "id | extension parameters |".to_owned(), client_id.emit()),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_read_in_any_order_and_with_white_space() {
        let id = ClientId::parse("a&b|_ss=1,\n  timestamp = 7 , securemode=3,_v=1.2.13,lan=Python|").unwrap();
        assert_eq!((id.id.as_str(), id.get("timestamp"), id.get("securemode")), ("a&b", Some("7"), Some("3")));
        for broken in ["12345", "12345|securemode=3", "12345|securemode|"] {
            assert!(ClientId::parse(broken).is_err(), "{broken}");
        }
        let same = "x|securemode=2,signmethod=hmacsha1|";
        assert_eq!(ClientId::parse(same).unwrap().emit(), same);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let fault = |fields: Fields| sign(Role::Device, &fields, Time::ZERO, 0, None).unwrap_err().field;
        assert_eq!(fault(Fields::new()), "product_key");
        let base = Fields::new().with("product_key", "pk").with("device_name", "dn");
        assert_eq!(fault(base.clone()), "device_secret");
        let base = base.with("device_secret", "s");
        assert_eq!(fault(base.clone().with("sign_method", "sha1")), "sign_method");
        assert_eq!(fault(base.clone().with("timestamp", "soon")), "timestamp");
        assert_eq!(fault(base.clone().with("client_id", "a|b")), "client_id");
        assert_eq!(fault(base.with("device_name", "a=b")), "device_name");
    }

    proptest::proptest! {
        #[test]
        fn no_client_id_panics(text: String) {
            if let Ok(id) = ClientId::parse(&text) {
                let _ = id.emit();
            }
        }
    }
}
