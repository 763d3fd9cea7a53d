//! A login in the forms in which people take it elsewhere: as lines, as a profile, as a command.

use crate::base::lang::Text;
use crate::dialect::{ConnectionSettings, Dialect, MqttLevel, Server, Signed};
use crate::model::{Fields, Role};

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyForm {
    /// One line per part.
    Block,
    /// Variables of a shell, to be taken over with `eval`.
    Env,
    /// A profile of iotdbg.
    Profile,
    /// `mosquitto_pub`.
    Mosquitto,
    /// `mqttx`.
    Mqttx,
    /// `curl`.
    Curl,
    /// Commands of Quectel modems (`AT+QMTCONN`).
    At,
    /// Commands of Espressif modules (`AT+MQTTUSERCFG`).
    EspAt,
}

/// Why a login has no such form.
pub const NOT_MQTT: Text = Text::new("this login is not one of MQTT", "该登录不是 MQTT 登录");
/// Why a login has no such form.
pub const NOT_HTTP: Text = Text::new("this login does not go over HTTP", "该登录不经 HTTP");

impl CopyForm {
    /// Every form, in the order in which lists show them.
    pub const ALL: [CopyForm; 8] = [
        CopyForm::Block,
        CopyForm::Env,
        CopyForm::Profile,
        CopyForm::Mosquitto,
        CopyForm::Mqttx,
        CopyForm::Curl,
        CopyForm::At,
        CopyForm::EspAt,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            CopyForm::Block => "block",
            CopyForm::Env => "env",
            CopyForm::Profile => "profile",
            CopyForm::Mosquitto => "mosquitto",
            CopyForm::Mqttx => "mqttx",
            CopyForm::Curl => "curl",
            CopyForm::At => "at",
            CopyForm::EspAt => "esp-at",
        }
    }

    /// Its name for people.
    pub const fn title(self) -> Text {
        match self {
            CopyForm::Block => Text::new("all parts", "全部参数"),
            CopyForm::Env => Text::new("shell variables", "shell 变量"),
            CopyForm::Profile => Text::new("profile", "profile 配置"),
            CopyForm::Mosquitto => Text::same("mosquitto_pub"),
            CopyForm::Mqttx => Text::same("mqttx"),
            CopyForm::Curl => Text::same("curl"),
            CopyForm::At => Text::new("AT commands (Quectel)", "AT 指令（移远）"),
            CopyForm::EspAt => Text::new("AT commands (ESP)", "AT 指令（乐鑫）"),
        }
    }

    /// Writes a login; `Err` where it has no such form.
    pub fn write(self, dialect: &dyn Dialect, role: Role, fields: &Fields, signed: &Signed) -> Result<String, Text> {
        let login = Login::new(dialect, role, fields, signed);
        match self {
            CopyForm::Block => Ok(block(&login)),
            CopyForm::Env => Ok(env(&login)),
            CopyForm::Profile => Ok(profile(dialect, role, fields, login.server.as_ref())),
            CopyForm::Curl => curl(&login),
            _ if signed.username.is_none() && signed.client_id.is_none() => Err(NOT_MQTT),
            CopyForm::Mosquitto => Ok(mosquitto(&login)),
            CopyForm::Mqttx => Ok(mqttx(&login)),
            CopyForm::At => Ok(quectel(&login)),
            CopyForm::EspAt => Ok(espressif(&login)),
        }
    }
}

/// What the forms are made of.
struct Login<'a> {
    signed: &'a Signed,
    server: Option<Server>,
    level: MqttLevel,
    keep_alive: u64,
}

impl<'a> Login<'a> {
    /// Address and MQTT level are those that the dialect would use.
    fn new(dialect: &dyn Dialect, role: Role, fields: &Fields, signed: &'a Signed) -> Self {
        let settings = ConnectionSettings {
            identity: fields.clone(),
            server: signed.server.clone(),
            ..ConnectionSettings::default()
        };
        let plan = dialect.plan(role, &settings, crate::base::time::Time::ZERO, 0).ok();
        let server = signed.server.clone().or_else(|| plan.as_ref().map(|plan| plan.server.clone()));
        let level = plan.as_ref().map_or(MqttLevel::V311, |plan| plan.level);
        let keep_alive = plan.map_or(60, |plan| plan.keep_alive.as_secs());
        Login { signed, server, level, keep_alive }
    }

    fn client_id(&self) -> &str {
        self.signed.client_id.as_deref().unwrap_or_default()
    }

    fn username(&self) -> &str {
        self.signed.username.as_deref().unwrap_or_default()
    }

    fn password(&self) -> &str {
        self.signed.password.as_ref().map_or("", crate::base::secret::Secret::expose)
    }

    fn host(&self) -> &str {
        self.server.as_ref().map_or("HOST", |server| server.host.as_str())
    }

    fn port(&self) -> u16 {
        self.server.as_ref().map_or(1883, |server| server.port)
    }

    fn tls(&self) -> bool {
        self.server.as_ref().is_some_and(|server| server.transport.is_tls())
    }
}

fn block(login: &Login<'_>) -> String {
    let signed = login.signed;
    let mut lines = Vec::new();
    if let Some(server) = &login.server {
        lines.push(format!("server: {}://{}:{}{}", server.transport.scheme(), server.host, server.port, server.path));
    }
    let secret = |value: &Option<crate::base::secret::Secret>| value.as_ref().map(|value| value.expose().to_owned());
    let parts = [
        ("client_id", signed.client_id.clone()),
        ("username", signed.username.clone()),
        ("password", secret(&signed.password)),
        ("url", secret(&signed.url)),
        ("body", secret(&signed.body)),
    ];
    lines.extend(parts.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))));
    lines.extend(signed.headers.iter().map(|(name, value)| format!("{name}: {}", value.expose())));
    lines.join("\n") + "\n"
}

/// `IOTDBG_HOST` and its like; what is empty stays empty, so that a command can name all of them.
fn env(login: &Login<'_>) -> String {
    let version = match login.level {
        MqttLevel::V31 => "mqttv31",
        MqttLevel::V311 => "mqttv311",
    };
    let port = login.port().to_string();
    [
        ("HOST", login.host()),
        ("PORT", &port),
        ("SCHEME", if login.tls() { "mqtts" } else { "mqtt" }),
        ("TLS", if login.tls() { "--tls-use-os-certs" } else { "" }),
        ("VERSION", version),
        ("CLIENT_ID", login.client_id()),
        ("USERNAME", login.username()),
        ("PASSWORD", login.password()),
        ("URL", login.signed.url.as_ref().map_or("", crate::base::secret::Secret::expose)),
    ]
    .map(|(name, value)| format!("IOTDBG_{name}={}\n", shell(value)))
    .concat()
}

fn profile(dialect: &dyn Dialect, role: Role, fields: &Fields, server: Option<&Server>) -> String {
    let mut text = format!("dialect = {}\nrole = {}\n", toml(dialect.spec().name), toml(role.name()));
    if let Some(server) = server {
        let Server { transport, host, port, path } = server;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        text.push_str(&format!("server = {}\n", toml(&format!("{}://{host}:{port}{path}", transport.scheme()))));
    }
    text.push_str("\n[identity]\n");
    let known = dialect.spec().role(role).map(|role| role.identity).unwrap_or_default();
    for field in known {
        if let Some(value) = fields.get(field.name) {
            let value = match field.kind {
                crate::dialect::FieldType::Integer | crate::dialect::FieldType::Bool => value.to_owned(),
                _ => toml(value),
            };
            text.push_str(&format!("{} = {value}\n", field.name));
        }
    }
    text
}

fn mosquitto(login: &Login<'_>) -> String {
    let level = match login.level {
        MqttLevel::V31 => "mqttv31",
        MqttLevel::V311 => "mqttv311",
    };
    let tls = if login.tls() { " --tls-use-os-certs" } else { "" };
    format!(
        "mosquitto_pub -h {} -p {}{tls} -V {level} -k {} -i {} -u {} -P {} -t TOPIC -m MESSAGE\n",
        shell(login.host()),
        login.port(),
        login.keep_alive,
        shell(login.client_id()),
        shell(login.username()),
        shell(login.password()),
    )
}

fn mqttx(login: &Login<'_>) -> String {
    let scheme = if login.tls() { "mqtts" } else { "mqtt" };
    let level = match login.level {
        MqttLevel::V31 => "3.1",
        MqttLevel::V311 => "3.1.1",
    };
    format!(
        "mqttx conn -h {} -p {} -l {scheme} -V {level} -k {} -i {} -u {} -P {}\n",
        shell(login.host()),
        login.port(),
        login.keep_alive,
        shell(login.client_id()),
        shell(login.username()),
        shell(login.password()),
    )
}

fn curl(login: &Login<'_>) -> Result<String, Text> {
    let signed = login.signed;
    // Header fields beside an MQTT login are for calls, which `sign --call` makes ready.
    if signed.url.is_none() && (signed.headers.is_empty() || signed.username.is_some()) {
        return Err(NOT_HTTP);
    }
    let mut text = "curl -i".to_owned();
    for (name, value) in &signed.headers {
        text.push_str(&format!(" -H {}", shell(&format!("{name}: {}", value.expose()))));
    }
    let server = |server: &Server| {
        let scheme = if server.transport.is_tls() { "https" } else { "http" };
        format!("{scheme}://{}:{}{}", server.host, server.port, server.path)
    };
    let url = signed.url.as_ref().map(|url| url.expose().to_owned()).or(login.server.as_ref().map(server));
    let url = url.unwrap_or_else(|| "URL".to_owned());
    // A path alone belongs to a server that the fields may not tell: a call, or what is upgraded to a WebSocket.
    let is_call = signed.body.is_some();
    let scheme = if is_call { "http" } else { "ws" };
    let url = match &login.server {
        Some(at) if url.starts_with('/') => {
            format!("{scheme}{}://{}:{}{url}", if at.transport.is_tls() { "s" } else { "" }, at.host, at.port)
        }
        None if url.starts_with('/') => format!("{scheme}://HOST{url}"),
        _ => url,
    };
    if let Some(body) = &signed.body {
        text.push_str(&format!(" --data {}", shell(body.expose())));
    }
    // A WebSocket is asked for by an ordinary request with these header fields.
    let is_socket = login.server.as_ref().is_some_and(|server| server.transport.scheme().starts_with("ws"));
    if !is_call && (is_socket || url.starts_with("ws")) {
        for header in [
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: aW90ZGJnLWlvdGRiZy1pbw==",
        ] {
            text.push_str(&format!(" -H {}", shell(header)));
        }
    }
    let url = url.strip_prefix("ws").map_or(url.clone(), |rest| format!("http{rest}"));
    Ok(format!("{text} {}\n", shell(&url)))
}

fn quectel(login: &Login<'_>) -> String {
    let version = match login.level {
        MqttLevel::V31 => 3,
        MqttLevel::V311 => 4,
    };
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut lines =
        vec![format!("AT+QMTCFG=\"version\",0,{version}"), format!("AT+QMTCFG=\"keepalive\",0,{}", login.keep_alive)];
    if login.tls() {
        lines.push("AT+QMTCFG=\"ssl\",0,1,2".to_owned());
    }
    lines.push(format!("AT+QMTOPEN=0,{},{}", quoted(login.host()), login.port()));
    lines.push(format!(
        "AT+QMTCONN=0,{},{},{}",
        quoted(login.client_id()),
        quoted(login.username()),
        quoted(login.password())
    ));
    lines.join("\r\n") + "\r\n"
}

fn espressif(login: &Login<'_>) -> String {
    // Commas, quotes and backslashes inside a parameter are escaped (ESP-AT user guide, MQTT commands).
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace(',', "\\,").replace('"', "\\\""));
    let scheme = if login.tls() { 2 } else { 1 };
    let lines = [
        format!(
            "AT+MQTTUSERCFG=0,{scheme},{},{},{},0,0,\"\"",
            quoted(login.client_id()),
            quoted(login.username()),
            quoted(login.password())
        ),
        format!("AT+MQTTCONNCFG=0,{},0,\"\",\"\",0,0", login.keep_alive),
        format!("AT+MQTTCONN=0,{},{},1", quoted(login.host()), login.port()),
    ];
    lines.join("\r\n") + "\r\n"
}

/// A word for a shell.
pub fn shell(text: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '+' | '@' | '%');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// A basic string of TOML.
fn toml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for found in text.chars() {
        match found {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            found if u32::from(found) < 0x20 || found == '\u{7f}' => {
                out.push_str(&format!("\\u{:04X}", u32::from(found)));
            }
            found => out.push(found),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;
    use crate::base::time::Time;
    use crate::dialect::REGISTRY;
    use crate::dialect::check::{Given, harvest};

    fn login() -> (Fields, Signed) {
        let dialect = REGISTRY[0];
        let (role, fields) = parts(dialect);
        let signed = dialect.sign(role, &fields, Time::from_secs(1_700_000_000), 0).unwrap();
        (fields, signed)
    }

    fn parts(dialect: &dyn Dialect) -> (Role, Fields) {
        let shipped = dialect.shipped().profiles;
        let text = shipped.iter().find(|(_, text)| text.contains("role = \"device\"")).unwrap().1;
        let table: toml::Table = text.parse().unwrap();
        let mut fields = Fields::new();
        for (name, value) in table["identity"].as_table().unwrap() {
            fields.set(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        (Role::Device, fields)
    }

    #[test]
    fn every_command_gives_back_the_login_that_it_was_made_from() {
        let (fields, signed) = login();
        for form in [CopyForm::Block, CopyForm::Mosquitto, CopyForm::Mqttx, CopyForm::At] {
            let text = form.write(REGISTRY[0], Role::Device, &fields, &signed).unwrap();
            let mut given = Given::default();
            harvest::harvest(&mut given, REGISTRY[0].spec(), &text);
            assert_eq!(given.client_id, signed.client_id, "{text}");
            assert_eq!(given.username, signed.username, "{text}");
            assert_eq!(given.password(), signed.password.as_ref().map(Secret::expose), "{text}");
        }
    }

    #[test]
    fn a_login_over_http_is_a_call_with_its_body() {
        let dialect = crate::dialect::find("gizwits").unwrap();
        let fields = Fields::new().with("appid", "a").with("username", "u").with("password", "it's");
        let now = Time::from_secs(1_700_000_000);
        let signed = crate::dialect::sign::calculate(dialect, Role::App, &fields, now, 0).unwrap();
        let text = CopyForm::Curl.write(dialect, Role::App, &fields, &signed).unwrap();
        assert!(
            text.contains(r#"--data '{"username":"u","password":"it'\''s"}' http://api.gizwits.com/app/login"#),
            "{text}"
        );
        assert!(text.contains("-H 'X-Gizwits-Application-Id: a'"), "{text}");
        // What is not known is told, not guessed.
        let fault = crate::dialect::sign::calculate(dialect, Role::App, &Fields::new(), now, 0).unwrap_err();
        assert_eq!(fault.field, "appid");
    }

    #[test]
    fn a_profile_is_toml_with_the_fields_of_the_role() {
        let (fields, signed) = login();
        let text = CopyForm::Profile.write(REGISTRY[0], Role::Device, &fields, &signed).unwrap();
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table["role"].as_str(), Some("device"));
        assert_eq!(table["identity"].as_table().unwrap().len(), fields.names().count());
    }

    #[test]
    fn quotes_are_kept_from_the_shell() {
        assert_eq!(shell("it's"), "'it'\\''s'");
        assert_eq!(shell("a|b"), "'a|b'");
        assert_eq!(toml("a\"b\n"), "\"a\\\"b\\u000A\"");
    }
}
