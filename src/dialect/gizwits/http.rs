//! The HTTP API of a client: login and registration before the connection, and what they bring.
//!
//! 1. App: without uid and token `POST /app/login` (or `POST /app/users` for an anonymous user), then without a server
//!    `GET /app/bindings`: the binding of the device tells where its M2M server is (giz-docs, openapi_apps). Where it is
//!    not bound yet, `GET /dev/devices/{did}` tells it as it tells the device.
//! 2. Device: without a did `POST /dev/devices`, then without a server `GET /dev/devices/{did}` (GAgent, `http.c`).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::text::printable_bytes;
use crate::dialect::gizwits::{codes, plan, sign};
use crate::dialect::{ConnectionSettings, HttpAnswer, HttpCall, LoginFault, Method, Server, Transport};
use crate::model::{FieldFault, Fields, Role};

/// Devices asked for at once.
const MOST_BINDINGS: usize = 100;

const NO_API: Text =
    Text::new("is an address such as http://api.gizwits.com: {}", "应为 http://api.gizwits.com 这样的地址：{}");
const NOT_HTTP: Text =
    Text::new("begins with http:// or https://, found “{}”", "应以 http:// 或 https:// 开头，实际是“{}”");
const NO_LOGIN: Text = Text::new(
    "is required: uid and token, or username and password, or anonymous = true",
    "必须填写：uid 与 token，或 username 与 password，或 anonymous = true",
);
const NO_DID: Text = Text::new(
    "is required (with passcode), or product_key and mac to register over HTTP",
    "必须填写（连同 passcode），或填写 product_key 与 mac，经 HTTP 注册",
);
const NO_PRODUCT: Text = Text::new(
    "is needed to fetch the definition: name it for the device, or bind the device first",
    "获取数据点定义需要它：请在 [device] 中填写，或先绑定设备",
);
const REFUSED: Text = Text::new("{} answered {} {} {}", "{} 返回 {} {} {}");
const NO_MEMBER: Text = Text::new("the answer to {} has no {}: {}", "{} 的应答缺少 {}：{}");

/// What may stand in a form or a query as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Under this name the identity of an app holds the device that is not bound, while its server is asked for.
const UNBOUND: &str = "bindings.unbound";

/// The names of calls, by which their answers are known again.
pub mod name {
    /// `POST /app/login`.
    pub const LOGIN: &str = "login";
    /// `POST /app/users`.
    pub const USERS: &str = "users";
    /// `GET /app/datapoint`.
    pub const DATAPOINT: &str = "datapoint";
    /// `/app/bindings`.
    pub const BINDINGS: &str = "bindings";
    /// `POST /app/bind_mac`.
    pub const BIND_MAC: &str = "bind_mac";
    /// `POST /dev/devices`.
    pub const DEVICES: &str = "devices";
    /// `GET /dev/devices/{did}`.
    pub const PROVISION: &str = "provision";
}

/// The address of the HTTP API, without a slash at its end.
pub fn api(identity: &Fields) -> Result<String, FieldFault> {
    let given = identity.get("api").unwrap_or(plan::API);
    let server = Server::parse(given).map_err(|reason| FieldFault::new("api", NO_API.around([reason])))?;
    if !matches!(server.transport, Transport::Http | Transport::Https) {
        return Err(FieldFault::new("api", NOT_HTTP.with(&[&given])));
    }
    Ok(given.trim_end_matches('/').to_owned())
}

/// Text as it stands in a form, a query or a path.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

/// Name and value pairs as `application/x-www-form-urlencoded`.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

/// Reads name and value pairs: the answers to devices are written like a form, but not always encoded like one.
pub fn read_form(text: &str) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in text.trim().split('&').filter_map(|part| part.split_once('=')) {
        fields.set(name, percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy());
    }
    fields
}

/// A call of an app; with the user's token where it is known.
pub fn app_call(
    identity: &Fields,
    name: &'static str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Result<HttpCall, FieldFault> {
    let mut headers = vec![("X-Gizwits-Application-Id", Secret::new(identity.require("appid")?))];
    if let Some(token) = identity.get("token").filter(|_| !matches!(name, name::LOGIN | name::USERS)) {
        headers.push(("X-Gizwits-User-token", Secret::new(token)));
    }
    // Clients of this platform say so whether there is a body or not.
    headers.push(("Content-Type", Secret::new("application/json")));
    Ok(HttpCall {
        name,
        method,
        url: format!("{}{path}", api(identity)?),
        headers,
        body: body.map(Value::to_string).unwrap_or_default().into_bytes(),
        secret_body: matches!(name, name::LOGIN | name::USERS) || (name == name::BINDINGS && body.is_some()),
    })
}

/// A call of a device: a form where there is a body.
pub fn device_call(
    identity: &Fields,
    name: &'static str,
    method: Method,
    path: &str,
    body: String,
) -> Result<HttpCall, FieldFault> {
    let headers = if body.is_empty() {
        Vec::new()
    } else {
        vec![("Content-Type", Secret::new("application/x-www-form-urlencoded"))]
    };
    let url = format!("{}{path}", api(identity)?);
    Ok(HttpCall { name, method, url, headers, secret_body: !body.is_empty(), body: body.into_bytes() })
}

/// `GET /app/bindings`.
pub fn bindings(identity: &Fields) -> Result<HttpCall, FieldFault> {
    let path = format!("/app/bindings?limit={MOST_BINDINGS}&skip=0&show_disabled=0");
    app_call(identity, name::BINDINGS, Method::Get, &path, None)
}

/// `GET /app/datapoint`: the definition of the product of the first device of which one is known.
pub fn definition(settings: &ConnectionSettings) -> Result<HttpCall, FieldFault> {
    let known = |fields: &Fields| fields.get("product_key").map(str::to_owned);
    let product = settings.devices.iter().find_map(known).or_else(|| known(&settings.identity));
    let product = product.ok_or_else(|| FieldFault::new("product_key", NO_PRODUCT))?;
    let path = format!("/app/datapoint?product_key={}", encoded(&product));
    app_call(&settings.identity, name::DATAPOINT, Method::Get, &path, None)
}

/// The definition in the answer to [`definition`].
pub fn fetched(call: &HttpCall, answer: &HttpAnswer) -> Result<String, LoginFault> {
    if !answer.is_success() {
        return Err(refusal(call, answer));
    }
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    // Indented, as people keep it.
    let indented = serde_json::from_str::<Value>(&body).ok().map(|root| crate::dialect::model_out::file(&root));
    Ok(indented.unwrap_or(body))
}

/// `POST /dev/devices`.
pub fn register_device(identity: &Fields, nonce: u64) -> Result<HttpCall, FieldFault> {
    let (product, mac) = (identity.require("product_key")?, identity.require("mac")?);
    let passcode = identity.get("passcode").map_or_else(|| sign::passcode(nonce), str::to_owned);
    let body = form(&[("mac", mac), ("passcode", &passcode), ("product_key", product)]);
    device_call(identity, name::DEVICES, Method::Post, "/dev/devices", body)
}

/// `GET /dev/devices/{did}`.
pub fn provision(identity: &Fields) -> Result<HttpCall, FieldFault> {
    let path = format!("/dev/devices/{}", encoded(identity.require("did")?));
    device_call(identity, name::PROVISION, Method::Get, &path, String::new())
}

/// Whether a call has to bring uid and token, or the did, before there can be a CONNECT.
pub fn needs_identity(role: Role, identity: &Fields) -> bool {
    match role {
        Role::App => {
            identity.get("token").is_none()
                && (identity.get("username").is_some() || identity.get("anonymous") == Some("true"))
        }
        Role::Device | Role::Cloud => identity.get("did").is_none() && identity.get("product_key").is_some(),
    }
}

/// The next call before the connection; `None` when there is nothing left to ask.
pub fn login(role: Role, settings: &ConnectionSettings, nonce: u64) -> Result<Option<HttpCall>, FieldFault> {
    let identity = &settings.identity;
    match role {
        Role::App => app_login(settings, nonce),
        Role::Device | Role::Cloud if identity.get("did").is_none() => {
            if identity.get("product_key").is_none() {
                return Err(FieldFault::new("did", NO_DID));
            }
            register_device(identity, nonce).map(Some)
        }
        Role::Device | Role::Cloud if settings.server.is_none() => provision(identity).map(Some),
        Role::Device | Role::Cloud => Ok(None),
    }
}

fn app_login(settings: &ConnectionSettings, nonce: u64) -> Result<Option<HttpCall>, FieldFault> {
    let identity = &settings.identity;
    identity.require("appid")?;
    if identity.get("token").is_some() {
        identity.require("uid")?;
        return match (&settings.server, identity.get(UNBOUND)) {
            (Some(_), _) => Ok(None),
            (None, None) => bindings(identity).map(Some),
            (None, Some(did)) => provision(&Fields::new().with("did", did).with("api", api(identity)?)).map(Some),
        };
    }
    if let Some(username) = identity.get("username") {
        let body = json!({"username": username, "password": identity.require("password")?});
        return app_call(identity, name::LOGIN, Method::Post, "/app/login", Some(&body)).map(Some);
    }
    if identity.get("anonymous") != Some("true") {
        return Err(FieldFault::new("token", NO_LOGIN));
    }
    let phone_id = identity.get("phone_id").map_or_else(|| format!("iotdbg-{nonce:016x}"), str::to_owned);
    let body = json!({"phone_id": phone_id});
    app_call(identity, name::USERS, Method::Post, "/app/users", Some(&body)).map(Some)
}

/// Takes what a call brought into the settings.
pub fn logged_in(settings: &mut ConnectionSettings, call: &HttpCall, answer: &HttpAnswer) -> Result<(), LoginFault> {
    if call.name == name::PROVISION && settings.identity.get(UNBOUND).is_some() {
        settings.identity.remove(UNBOUND);
        // An app may name a device that does not exist yet: it connects nevertheless, to bind others.
        settings.server = provisioned(settings, call, answer).ok().or_else(|| default_server(&settings.identity));
        return Ok(());
    }
    if !answer.is_success() {
        return Err(refusal(call, answer));
    }
    match call.name {
        name::LOGIN | name::USERS => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            for member in ["uid", "token"] {
                let text = body.get(member).and_then(Value::as_str).ok_or_else(|| missing(call, answer, member))?;
                settings.identity.set(member, text);
            }
            Ok(())
        }
        name::BINDINGS => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            let listed = body.get("devices").and_then(Value::as_array);
            take_bindings(settings, listed.ok_or_else(|| missing(call, answer, "devices"))?);
            Ok(())
        }
        name::DEVICES => {
            let told = read_form(&String::from_utf8_lossy(&answer.body));
            let did = told.get("did").ok_or_else(|| missing(call, answer, "did"))?;
            settings.identity.set("did", did);
            let sent = read_form(&String::from_utf8_lossy(&call.body));
            if let Some(passcode) = sent.get("passcode") {
                settings.identity.set("passcode", passcode);
            }
            Ok(())
        }
        name::PROVISION => {
            settings.server = Some(provisioned(settings, call, answer)?);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The server that `GET /dev/devices/{did}` names.
fn provisioned(settings: &ConnectionSettings, call: &HttpCall, answer: &HttpAnswer) -> Result<Server, LoginFault> {
    let told = read_form(&String::from_utf8_lossy(&answer.body));
    let host = told.get("host").ok_or_else(|| missing(call, answer, "host"))?;
    let port = told.get("port").and_then(|port| port.parse().ok());
    Ok(server(host, port.ok_or_else(|| missing(call, answer, "port"))?, is_secure(&settings.identity)))
}

/// Whether the HTTP API is talked to over TLS; then the M2M server is, too.
fn is_secure(identity: &Fields) -> bool {
    identity.get("api").is_some_and(|api| api.starts_with("https://"))
}

fn server(host: &str, port: u16, secure: bool) -> Server {
    let transport = if secure { Transport::Mqtts } else { Transport::Mqtt };
    Server { transport, host: host.to_owned(), port, path: String::new() }
}

/// The M2M server beside an HTTP API: that of the same region (third-party clients).
fn default_server(identity: &Fields) -> Option<Server> {
    let mut found = plan::default_server()?;
    let api = Server::parse(identity.get("api").unwrap_or(plan::API)).ok()?;
    if let Some(region) = api.host.strip_suffix("api.gizwits.com") {
        found.host = format!("{region}m2m.gizwits.com");
    }
    if is_secure(identity) {
        (found.transport, found.port) = (Transport::Mqtts, Transport::Mqtts.usual_port());
    }
    Some(found)
}

/// What is known of the watched devices from their bindings, and the server of the first of them. An app that names no
/// device watches all that are bound.
fn take_bindings(settings: &mut ConnectionSettings, listed: &[Value]) {
    let text = |binding: &Value, member: &str| binding.get(member).and_then(Value::as_str).map(str::to_owned);
    if settings.devices.is_empty() {
        let dids = listed.iter().filter_map(|binding| text(binding, "did"));
        settings.devices = dids.map(|did| Fields::new().with("did", did)).collect();
    }
    let secure = is_secure(&settings.identity);
    let mut server = None;
    for device in &mut settings.devices {
        let Some(binding) = listed.iter().find(|binding| text(binding, "did").as_deref() == device.get("did")) else {
            continue;
        };
        for member in ["product_key", "mac", "passcode"] {
            if let (None, Some(value)) = (device.get(member), text(binding, member)) {
                device.set(member, value);
            }
        }
        server = server.or_else(|| server_of(binding, secure));
    }
    settings.server = server.or_else(|| listed.iter().find_map(|binding| server_of(binding, secure)));
    if settings.server.is_none() {
        match settings.devices.iter().find_map(|device| device.get("did")) {
            Some(did) => settings.identity.set(UNBOUND, did),
            None => settings.server = default_server(&settings.identity),
        }
    }
}

fn server_of(binding: &Value, secure: bool) -> Option<Server> {
    let host = binding.get("host")?.as_str().filter(|host| !host.is_empty())?;
    let port = binding.get(if secure { "port_s" } else { "port" })?;
    let port = port.as_u64().or_else(|| port.as_str()?.parse().ok())?;
    Some(server(host, u16::try_from(port).ok()?, secure))
}

/// Code and words of an error body: `{"error_code", "error_message", "detail_message"}`, the code as text or number.
pub fn error(body: &[u8]) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let code = match body.get("error_code")? {
        Value::String(code) => code.clone(),
        Value::Number(code) => code.to_string(),
        _ => return None,
    };
    let text = |member: &str| body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let words: Vec<&str> =
        [text("error_message"), text("detail_message").or_else(|| text("detail"))].into_iter().flatten().collect();
    Some((code, words.join(" ")))
}

fn refusal(call: &HttpCall, answer: &HttpAnswer) -> LoginFault {
    let (code, words) = error(&answer.body).unwrap_or_default();
    let words = if words.is_empty() { codes::message(&code).to_owned() } else { words };
    let status = answer.status.to_string();
    let reason = REFUSED.around([call.name, &status, &code, &words].map(Phrase::verbatim));
    // Throttling and a server's own fault pass by themselves.
    let refused = answer.status < 500 && answer.status != 429;
    LoginFault { code, reason, refused }
}

fn missing(call: &HttpCall, answer: &HttpAnswer, member: &str) -> LoginFault {
    let shown = printable_bytes(answer.body.get(..answer.body.len().min(80)).unwrap_or_default());
    LoginFault { code: String::new(), reason: NO_MEMBER.with(&[&call.name, &member, &shown]), refused: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(identity: Fields) -> ConnectionSettings {
        ConnectionSettings {
            identity: identity.with("appid", "A").with("api", "http://127.0.0.1:80/"),
            ..Default::default()
        }
    }

    fn header(call: &HttpCall, name: &str) -> Option<String> {
        call.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.expose().to_owned())
    }

    #[test]
    fn an_app_logs_in_and_takes_the_server_of_its_binding() {
        let mut settings = app(Fields::new().with("username", "u").with("password", "p"));
        settings.devices = vec![Fields::new().with("did", "D2")];
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        assert_eq!((call.method, call.url.as_str()), (Method::Post, "http://127.0.0.1:80/app/login"));
        assert_eq!(call.body, br#"{"username":"u","password":"p"}"#);
        assert!(call.secret_body && header(&call, "X-Gizwits-User-token").is_none());
        let answer = HttpAnswer::json(200, &json!({"uid": "U", "token": "T", "expire_at": 1_700_000_000}));
        logged_in(&mut settings, &call, &answer).unwrap();
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        assert!(call.url.starts_with("http://127.0.0.1:80/app/bindings?limit="));
        assert_eq!(header(&call, "X-Gizwits-User-token").as_deref(), Some("T"));
        let answer = HttpAnswer::json(
            200,
            &json!({"devices": [
                {"did": "D1", "host": "h1", "port": 1883},
                {"did": "D2", "host": "h2", "port": 2883, "mac": "M", "product_key": "K"},
            ]}),
        );
        logged_in(&mut settings, &call, &answer).unwrap();
        assert_eq!(settings.server, Some(server("h2", 2883, false)));
        assert_eq!((settings.devices.len(), settings.devices[0].get("mac")), (1, Some("M")));
        assert_eq!(login(Role::App, &settings, 1), Ok(None));
    }

    #[test]
    fn an_app_that_names_no_device_watches_all_that_are_bound() {
        let mut settings = app(Fields::new().with("uid", "U").with("token", "T"));
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        let answer =
            HttpAnswer::json(200, &json!({"devices": [{"did": "D1"}, {"did": "D2", "host": "h", "port": "1"}]}));
        logged_in(&mut settings, &call, &answer).unwrap();
        assert_eq!(settings.devices.len(), 2);
        assert_eq!(settings.server, Some(server("h", 1, false)));
    }

    #[test]
    fn an_app_asks_for_the_server_of_a_device_that_is_not_bound_yet() {
        let mut settings = app(Fields::new().with("uid", "U").with("token", "T"));
        settings.devices = vec![Fields::new().with("did", "D")];
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        logged_in(&mut settings, &call, &HttpAnswer::json(200, &json!({"devices": []}))).unwrap();
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        assert_eq!(call.url, "http://127.0.0.1:80/dev/devices/D");
        let body = b"host=h&port=1884".to_vec();
        logged_in(&mut settings, &call, &HttpAnswer { status: 200, body, ..HttpAnswer::default() }).unwrap();
        assert_eq!(
            (settings.server.clone(), login(Role::App, &settings, 1)),
            (Some(server("h", 1884, false)), Ok(None))
        );
        settings.server = None;
        settings.identity.set("api", "https://euapi.gizwits.com");
        settings.identity.set(UNBOUND, "D");
        let unknown = HttpAnswer { status: 404, ..HttpAnswer::default() };
        logged_in(&mut settings, &call, &unknown).unwrap();
        assert_eq!(settings.server, Some(server("eum2m.gizwits.com", 8883, true)));
    }

    #[test]
    fn a_device_registers_and_asks_for_its_server() {
        let mut settings = ConnectionSettings {
            identity: Fields::new().with("product_key", "K").with("mac", "A4:CF").with("passcode", "P"),
            ..Default::default()
        };
        let call = login(Role::Device, &settings, 1).unwrap().unwrap();
        assert_eq!(call.url, "http://api.gizwits.com/dev/devices");
        assert_eq!(call.body, b"mac=A4%3ACF&passcode=P&product_key=K");
        let answer = HttpAnswer { status: 201, body: b"did=D".to_vec(), ..HttpAnswer::default() };
        logged_in(&mut settings, &call, &answer).unwrap();
        let call = login(Role::Device, &settings, 1).unwrap().unwrap();
        assert_eq!((call.method, call.url.as_str()), (Method::Get, "http://api.gizwits.com/dev/devices/D"));
        let body = b"host=m2m.example&port=1884&server_ts=1700000000".to_vec();
        logged_in(&mut settings, &call, &HttpAnswer { status: 200, body, ..HttpAnswer::default() }).unwrap();
        assert_eq!(settings.server, Some(server("m2m.example", 1884, false)));
        assert_eq!(login(Role::Device, &settings, 1), Ok(None));
    }

    #[test]
    fn a_refusal_carries_the_platforms_code() {
        let mut settings = app(Fields::new().with("username", "u").with("password", "p"));
        let call = login(Role::App, &settings, 1).unwrap().unwrap();
        let body = json!({"error_code": 9020, "error_message": "username or password error!", "detail_message": null});
        let fault = logged_in(&mut settings, &call, &HttpAnswer::json(400, &body)).unwrap_err();
        assert_eq!((fault.code.as_str(), fault.refused), ("9020", true));
        let throttled = HttpAnswer::json(429, &json!({"error_code": "9041", "error_message": "throttled"}));
        assert!(!logged_in(&mut settings, &call, &throttled).unwrap_err().refused);
        assert!(logged_in(&mut settings, &call, &HttpAnswer::json(200, &json!({}))).is_err());
    }
}
