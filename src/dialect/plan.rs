//! From a profile to a connection: what was asked for, and the plan that a link carries out.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::Signed;
use crate::dialect::spec::RoleSpec;
use crate::model::{Fields, Request};

/// Under this name the identity holds the MQTT client id of the connection, once a session has begun: topics of some
/// platforms are made of it. No profile can hold a field of this name.
pub const CLIENT_ID_IN_USE: &str = "mqtt.client_id";

/// What a profile says about one connection, validated in form but not yet in meaning.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings {
    /// `[identity]`.
    pub identity: Fields,
    /// `[device]` or `[[device]]`.
    pub devices: Vec<Fields>,
    /// `server`, where given.
    pub server: Option<Server>,
    /// `[mqtt]`.
    pub mqtt: MqttOverrides,
    /// `[tls]`.
    pub tls: TlsSettings,
}

impl ConnectionSettings {
    /// The server that is named, by the profile or as the role's usual one; `None` where it follows from the identity.
    pub fn named_server(&self, role: Option<&RoleSpec>) -> Option<Server> {
        self.server.clone().or_else(|| role.and_then(|role| role.server).and_then(|url| Server::parse(url).ok()))
    }
}

/// An address as in `mqtt://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How to talk.
    pub transport: Transport,
    /// Host name or address.
    pub host: String,
    /// Port; the scheme's usual one where none was given.
    pub port: u16,
    /// What follows the port, with its slash; empty for MQTT.
    pub path: String,
}

/// How to talk to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `mqtt`: MQTT over TCP, usual port 1883.
    Mqtt,
    /// `mqtts`: MQTT over TLS, usual port 8883.
    Mqtts,
    /// `ws`: WebSocket, usual port 80.
    Ws,
    /// `wss`: WebSocket over TLS, usual port 443.
    Wss,
    /// `http`, usual port 80.
    Http,
    /// `https`, usual port 443.
    Https,
}

impl Transport {
    /// The URL scheme.
    pub const fn scheme(self) -> &'static str {
        match self {
            Transport::Mqtt => "mqtt",
            Transport::Mqtts => "mqtts",
            Transport::Ws => "ws",
            Transport::Wss => "wss",
            Transport::Http => "http",
            Transport::Https => "https",
        }
    }

    /// The port used where none is named.
    pub const fn usual_port(self) -> u16 {
        match self {
            Transport::Mqtt => 1883,
            Transport::Mqtts => 8883,
            Transport::Ws | Transport::Http => 80,
            Transport::Wss | Transport::Https => 443,
        }
    }

    /// Whether messages are frames of a WebSocket.
    pub const fn is_websocket(self) -> bool {
        matches!(self, Transport::Ws | Transport::Wss)
    }

    /// Whether it is encrypted.
    pub const fn is_tls(self) -> bool {
        matches!(self, Transport::Mqtts | Transport::Wss | Transport::Https)
    }
}

/// As in a profile.
impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}://{open}{}{close}:{}{}", self.transport.scheme(), self.host, self.port, self.path)
    }
}

impl Server {
    /// Reads `scheme://host[:port][/path]`; an IPv6 address stands in brackets. `Err` holds what is wrong.
    pub fn parse(url: &str) -> Result<Server, crate::base::lang::Phrase> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| NO_SCHEME.with(&[&url]))?;
        let transport =
            [Transport::Mqtt, Transport::Mqtts, Transport::Ws, Transport::Wss, Transport::Http, Transport::Https]
                .into_iter()
                .find(|transport| transport.scheme() == scheme)
                .ok_or_else(|| UNKNOWN_SCHEME.with(&[&scheme]))?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, after)) => (host, after.strip_prefix(':')),
            None => authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
        };
        if host.is_empty() || host.contains(['@', ' ']) {
            return Err(NO_HOST.with(&[&url]));
        }
        let port = match port {
            None => transport.usual_port(),
            Some(text) => text.parse().ok().filter(|port| *port != 0).ok_or_else(|| BAD_PORT.with(&[&text]))?,
        };
        Ok(Server { transport, host: host.to_owned(), port, path: path.to_owned() })
    }
}

const NO_SCHEME: crate::base::lang::Text = crate::base::lang::Text::new(
    "an address looks like mqtt://host:port, found “{}”",
    "地址的写法是 mqtt://host:port，实际是“{}”",
);
const UNKNOWN_SCHEME: crate::base::lang::Text = crate::base::lang::Text::new(
    "“{}” is not one of mqtt, mqtts, ws, wss, http, https",
    "“{}”不是 mqtt、mqtts、ws、wss、http、https 之一",
);
const NO_HOST: crate::base::lang::Text = crate::base::lang::Text::new("no host name in “{}”", "“{}”里没有主机名");
const BAD_PORT: crate::base::lang::Text = crate::base::lang::Text::new(
    "a port is a number from 1 to 65535, found “{}”",
    "端口是 1 到 65535 的数字，实际是“{}”",
);

/// `[mqtt]` of a profile: what overrides the dialect's own choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MqttOverrides {
    /// Seconds.
    pub keep_alive: Option<u16>,
    /// Clean session flag.
    pub clean_session: Option<bool>,
    /// Client id.
    pub client_id: Option<String>,
    /// Protocol level.
    pub level: Option<MqttLevel>,
    /// Further topic filters to subscribe.
    pub subscribe: Vec<String>,
}

/// MQTT protocol level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MqttLevel {
    /// MQTT 3.1 (`MQIsdp`, level 3).
    V31,
    /// MQTT 3.1.1 (`MQTT`, level 4).
    V311,
}

/// `[tls]` of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// A file with the certificate authority to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// `false` accepts any name in the certificate.
    pub verify_hostname: Option<bool>,
    /// Certificate of the client (PEM).
    pub client_cert: Option<PathBuf>,
    /// Key of the client (PEM).
    pub client_key: Option<PathBuf>,
}

/// One filter to subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// MQTT topic filter.
    pub filter: String,
    /// Requested QoS.
    pub qos: u8,
}

/// A text frame that is sent when nothing else was sent for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// The longest silence.
    pub every: Duration,
    /// The frame.
    pub text: String,
}

/// A connection, ready to be made. Made anew before every attempt, because logins expire.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where to.
    pub server: Server,
    /// MQTT client id.
    pub client_id: String,
    /// MQTT user name.
    pub username: String,
    /// MQTT password.
    pub password: Secret,
    /// MQTT keep-alive.
    pub keep_alive: Duration,
    /// MQTT clean session flag.
    pub clean_session: bool,
    /// MQTT protocol level. A server with a `ws` scheme is talked to in text frames, without MQTT.
    pub level: MqttLevel,
    /// What to subscribe on every CONNACK.
    pub subscriptions: Vec<Subscription>,
    /// Header fields of a WebSocket upgrade.
    pub headers: Vec<(&'static str, Secret)>,
    /// Requests made and tracked after every login, before anything else (subscriptions inside a WebSocket).
    pub opening: Vec<Request>,
    /// What keeps a WebSocket alive.
    pub heartbeat: Option<Heartbeat>,
    /// TLS settings.
    pub tls: TlsSettings,
    /// When the login stops being valid; `None` where it never does or that is not known.
    pub expires_at: Option<Time>,
}

/// What the plans of a platform begin with where the profile says nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Usual {
    /// MQTT keep-alive in seconds.
    pub keep_alive: u16,
    /// MQTT protocol level.
    pub level: MqttLevel,
    /// MQTT quality of service of subscriptions.
    pub qos: u8,
}

impl Plan {
    /// The MQTT connection of a login: `topics` are subscribed, and what the profile adds; what it overrides goes before
    /// the login and before what is usual.
    pub fn of_login(
        server: Server,
        signed: Signed,
        settings: &ConnectionSettings,
        topics: impl IntoIterator<Item = String>,
        usual: Usual,
    ) -> Plan {
        let mqtt = &settings.mqtt;
        let filters = topics.into_iter().chain(mqtt.subscribe.iter().cloned());
        Plan {
            server,
            client_id: mqtt.client_id.clone().or(signed.client_id).unwrap_or_default(),
            username: signed.username.unwrap_or_default(),
            password: signed.password.unwrap_or_default(),
            keep_alive: Duration::from_secs(u64::from(mqtt.keep_alive.unwrap_or(usual.keep_alive))),
            clean_session: mqtt.clean_session.unwrap_or(true),
            level: mqtt.level.unwrap_or(usual.level),
            subscriptions: filters.map(|filter| Subscription { filter, qos: usual.qos }).collect(),
            headers: Vec::new(),
            opening: Vec::new(),
            heartbeat: None,
            tls: settings.tls.clone(),
            expires_at: signed.expires_at,
        }
    }
}
