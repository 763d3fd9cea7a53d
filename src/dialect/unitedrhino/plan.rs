//! From a profile to a connection: MQTT for a device, a WebSocket for an app.

use std::time::Duration;

use serde_json::json;

use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::plan::Usual;
use crate::dialect::unitedrhino::topic::Channel;
use crate::dialect::unitedrhino::{http, sign, spec};
use crate::dialect::{ConnectionSettings, Heartbeat, MqttLevel, Plan, Server, Signed, Step, Transport};
use crate::model::fields::MISSING;
use crate::model::{FieldFault, Fields, OpKind, Request, Role};

/// Keep-alive in seconds, within the documents' 0–900.
const USUAL: Usual = Usual { keep_alive: 60, level: MqttLevel::V311, qos: 1 };
/// Half of the time after which the server gives up on a silent client at the earliest (conn.go: 5 pings of 10 s).
const HEARTBEAT: Duration = Duration::from_secs(25);

const WEBSOCKET: Text = Text::new(
    "an app connects to a ws:// or wss:// address, found {}://",
    "App 使用 ws:// 或 wss:// 地址，实际是 {}://",
);
const NOT_WEBSOCKET: Text = Text::new("a device connects over MQTT, found {}://", "设备使用 MQTT 接入，实际是 {}://");
const NO_PROJECT: Text = Text::new("is needed to subscribe a project", "按项目订阅时必须填写");

/// What a device subscribes. The platform subscribes it by itself, too.
const CHANNELS: [Channel; 13] = [
    Channel::PropertyDown,
    Channel::EventDown,
    Channel::ActionDown,
    Channel::CustomDown,
    Channel::OtaDown,
    Channel::ConfigDown,
    Channel::ConfigPush,
    Channel::NtpDown,
    Channel::TopoDown,
    Channel::StatusDown,
    Channel::SchemaDown,
    Channel::LogDown,
    Channel::LogUpdate,
];

/// The plan of a connection.
pub fn plan(role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
    let server = settings.server.clone().ok_or_else(|| FieldFault::new("server", MISSING))?;
    if role == Role::App { app(settings, server) } else { device(settings, server, now, nonce) }
}

fn device(settings: &ConnectionSettings, server: Server, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
    if !matches!(server.transport, Transport::Mqtt | Transport::Mqtts) {
        return Err(FieldFault::new("server", NOT_WEBSOCKET.with(&[&server.transport.scheme()])));
    }
    let mut identity = settings.identity.clone();
    identity.remove("product_secret");
    let signed = sign::sign(&identity, now, nonce, Some(server.clone()))?;
    let (product, name) = (identity.require("product_id")?, identity.require("device_name")?);
    let topics = CHANNELS.iter().map(|channel| channel.topic(product, name));
    // The server's check of the expiry is commented out (loginAuthLogic.go).
    Ok(Plan { expires_at: None, ..Plan::of_login(server, signed, settings, topics, USUAL) })
}

/// What a gateway subscribes for a sub-device that is bound to it, on the sub-device's own topics.
pub fn sub_device_filters(device: &str) -> Vec<String> {
    let Some((product, name)) = device.split_once('/') else { return Vec::new() };
    CHANNELS.iter().map(|channel| channel.topic(product, name)).collect()
}

fn app(settings: &ConnectionSettings, mut server: Server) -> Result<Plan, FieldFault> {
    if !server.transport.is_websocket() {
        return Err(FieldFault::new("server", WEBSOCKET.with(&[&server.transport.scheme()])));
    }
    let identity = &settings.identity;
    identity.require("token")?;
    if matches!(server.path.as_str(), "" | "/") {
        spec::CONNECT_PATH.clone_into(&mut server.path);
    }
    let headers = if identity.get("auth") == Some("query") {
        server.path = with_query(&server.path, identity);
        Vec::new()
    } else {
        http::headers(identity)
    };
    Ok(Plan {
        server,
        client_id: String::new(),
        username: String::new(),
        password: Secret::default(),
        keep_alive: Duration::from_secs(u64::from(settings.mqtt.keep_alive.unwrap_or(USUAL.keep_alive))),
        clean_session: true,
        level: USUAL.level,
        subscriptions: Vec::new(),
        headers,
        opening: opening(settings)?,
        // Pings of a client are never answered with a pong here, so a frame of the platform's own has to do.
        heartbeat: Some(Heartbeat { every: HEARTBEAT, text: r#"{"type":"up.ping"}"#.to_owned() }),
        tls: settings.tls.clone(),
        expires_at: None,
    })
}

fn with_query(path: &str, identity: &Fields) -> String {
    let pairs = http::headers(identity);
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value.expose()))).collect();
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{}", query.join("&"))
}

/// The subscriptions inside the WebSocket: they belong to the connection, so they are made anew on each.
fn opening(settings: &ConnectionSettings) -> Result<Vec<Request>, FieldFault> {
    let identity = &settings.identity;
    let codes = identity.get("codes").unwrap_or(spec::CODES);
    let codes: Vec<&str> = codes.split(',').map(str::trim).filter(|code| !matches!(*code, "" | "none")).collect();
    let request = |code: &str, params: serde_json::Value| {
        let mut request = Request::new(OpKind::Subscribe);
        request.name = Some(code.to_owned());
        request.params = params.as_object().cloned().unwrap_or_default();
        request
    };
    if identity.get("scope") == Some("project") {
        let project = identity.get("project_id").ok_or_else(|| FieldFault::new("project_id", NO_PROJECT))?;
        return Ok(codes.iter().map(|code| request(code, json!({"projectID": project}))).collect());
    }
    let mut requests = Vec::new();
    for device in &settings.devices {
        let (product, name) = (device.require("product_id")?, device.require("device_name")?);
        requests.extend(codes.iter().map(|code| request(code, json!({"productID": product, "deviceName": name}))));
    }
    Ok(requests)
}

/// The calculator of an app: the address and the header fields of the upgrade; where there is no token yet, the call that
/// fetches one.
pub fn sign_app(identity: &Fields) -> Result<Signed, FieldFault> {
    if let (None, Some(account)) = (identity.get("token"), identity.get("account")) {
        return Ok(sign_login(account, identity));
    }
    identity.require("token")?;
    let headers = http::headers(identity);
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let url = with_query(spec::CONNECT_PATH, identity);
    let step =
        |name: &str, input: String, output: &str| Step { name: name.to_owned(), input, output: output.to_owned() };
    Ok(Signed {
        server: None,
        client_id: None,
        username: None,
        password: None,
        content: None,
        steps: vec![
            step("upgrade", format!("GET {}", spec::CONNECT_PATH), "101 Switching Protocols"),
            step("header fields", names.join(", "), "or the same names in the query; the header is looked at first"),
        ],
        url: Some(Secret::new(url)),
        body: None,
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        expires_at: None,
    })
}

/// The login by account. The password stands in the body only.
fn sign_login(account: &str, identity: &Fields) -> Signed {
    let step =
        |name: &str, input: String, output: &str| Step { name: name.to_owned(), input, output: output.to_owned() };
    let body = |password: &str| {
        json!({"account": account, "pwdType": 1, "password": password, "loginType": "pwd"}).to_string()
    };
    let who = http::headers(identity).into_iter().filter(|(name, _)| *name != "project-id");
    let headers = who.chain([("Content-Type", Secret::new("application/json"))]);
    Signed {
        server: None,
        client_id: None,
        username: None,
        password: None,
        content: None,
        url: Some(Secret::new(http::LOGIN)),
        body: identity.get("password").map(|password| Secret::new(body(password))),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).collect(),
        expires_at: None,
        steps: vec![
            step("login", format!("POST {}", http::LOGIN), "data.token.accessToken"),
            step("body", "account, pwdType (1 plain, 2 MD5), password, loginType".to_owned(), &body("…")),
            step("upgrade", format!("GET {}", spec::CONNECT_PATH), "101, with the token in the header field “token”"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app_settings() -> ConnectionSettings {
        ConnectionSettings {
            identity: Fields::new().with("token", "t&1").with("app_code", "core"),
            devices: vec![Fields::new().with("product_id", "p").with("device_name", "d")],
            server: Server::parse("ws://127.0.0.1:7777").ok(),
            ..Default::default()
        }
    }

    #[test]
    fn an_app_upgrades_and_subscribes_what_can_be_heard() {
        let plan = plan(Role::App, &app_settings(), Time::ZERO, 0).unwrap();
        assert_eq!(plan.server.path, spec::CONNECT_PATH);
        assert_eq!(plan.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["token", "app-code"]);
        assert_eq!(plan.opening.len(), 5);
        for request in &plan.opening {
            let silent = super::super::subscribe::lint(request.name.as_deref().unwrap(), &request.params);
            assert_eq!(silent, None);
        }
    }

    #[test]
    fn the_token_may_stand_in_the_address() {
        let mut settings = app_settings();
        settings.identity.set("auth", "query");
        let plan = plan(Role::App, &settings, Time::ZERO, 0).unwrap();
        assert!(plan.server.path.ends_with("connect?token=t%261&app-code=core"), "{}", plan.server.path);
        assert_eq!(plan.headers, []);
    }

    #[test]
    fn each_role_has_its_transport() {
        let mut settings = app_settings();
        settings.server = Server::parse("mqtt://127.0.0.1:1").ok();
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 0).unwrap_err().field, "server");
        settings.server = None;
        assert_eq!(plan(Role::Device, &settings, Time::ZERO, 0).unwrap_err().field, "server");
    }

    #[test]
    fn a_project_is_subscribed_whole() {
        let mut settings = app_settings();
        settings.identity.set("scope", "project");
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 0).unwrap_err().field, "project_id");
        settings.identity.set("project_id", "1786838740204359680");
        let plan = plan(Role::App, &settings, Time::ZERO, 0).unwrap();
        assert_eq!(plan.opening[0].params["projectID"], json!("1786838740204359680"), "a text, never a number");
    }
}
