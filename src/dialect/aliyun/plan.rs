//! From a profile to a connection.

use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::aliyun::sign;
use crate::dialect::aliyun::topic::Channel;
use crate::dialect::plan::Usual;
use crate::dialect::{ConnectionSettings, MqttLevel, Plan, Server, Transport};
use crate::model::{FieldFault, Fields, OpKind, Request, Role};

/// Keep-alive in seconds: within both windows that documents name.
const USUAL: Usual = Usual { keep_alive: 120, level: MqttLevel::V311, qos: 1 };
/// The window of 2018 (MQTT access: 60秒 to 300秒), in seconds.
pub const WINDOW_2018: (u16, u16) = (60, 300);
/// Today's window (help page 73742), in seconds.
pub const WINDOW_NOW: (u16, u16) = (30, 1_200);

const TLS_MODE: Text = Text::new(
    "secure mode {} does not fit the address {}: 2 is TLS, 3 is plain TCP",
    "securemode={} 与地址 {} 不符：2 为 TLS，3 为 TCP",
);

/// What a device subscribes: exact topics and single-level wildcards, as vendor SDKs do.
const DEVICE_CHANNELS: [Channel; 22] = [
    Channel::PropertyPostReply,
    Channel::PropertySet,
    Channel::PropertyGet,
    Channel::EventPostReply,
    Channel::Service,
    Channel::RrpcRequest,
    Channel::UpRawReply,
    Channel::DownRaw,
    Channel::DesiredGetReply,
    Channel::DesiredDeleteReply,
    Channel::HistoryPostReply,
    Channel::PackPostReply,
    Channel::TagUpdateReply,
    Channel::TagDeleteReply,
    Channel::ConfigGetReply,
    Channel::ConfigPush,
    Channel::OtaUpgrade,
    Channel::FirmwareGetReply,
    Channel::ShadowGet,
    Channel::NtpResponse,
    Channel::LogPostReply,
    Channel::ExtError,
];

/// What a gateway needs beside that.
const GATEWAY_CHANNELS: [Channel; 7] = [
    Channel::TopoAddReply,
    Channel::TopoDeleteReply,
    Channel::TopoGetReply,
    Channel::TopoChange,
    Channel::SubRegisterReply,
    Channel::CombineLoginReply,
    Channel::CombineLogoutReply,
];

/// What an app subscribes, one by one: a newer platform refuses the wildcard (app-client notes).
const APP_CHANNELS: [Channel; 7] = [
    Channel::AppBindReply,
    Channel::AppUnbindReply,
    Channel::AppProperties,
    Channel::AppEvents,
    Channel::AppStatus,
    Channel::AppTopo,
    Channel::AppOta,
];

/// The address that product key, region and secure mode make.
pub fn default_server(fields: &Fields, tls: bool) -> Option<Server> {
    let product = fields.get("product_key")?;
    let region = fields.get("region").unwrap_or("cn-shanghai");
    Some(Server {
        transport: if tls { Transport::Mqtts } else { Transport::Mqtt },
        host: format!("{product}.iot-as-mqtt.{region}.aliyuncs.com"),
        port: 1883,
        path: String::new(),
    })
}

/// The plan of a connection.
pub fn plan(role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
    let mut identity = settings.identity.clone();
    let default_mode = if role == Role::App { "2" } else { "3" };
    if identity.get("secure_mode").is_none() {
        // The address says it where it is given.
        let tls = settings.server.as_ref().map_or(default_mode == "2", |server| server.transport.is_tls());
        identity.set("secure_mode", if tls { "2" } else { "3" });
    }
    let mode = identity.get("secure_mode").unwrap_or(default_mode).to_owned();
    identity.remove("product_secret");
    let server = match settings.server.clone() {
        Some(server) => server,
        None => {
            identity.require("product_key")?;
            default_server(&identity, mode == "2")
                .ok_or_else(|| FieldFault::new("server", crate::model::fields::MISSING))?
        }
    };
    if server.transport.is_tls() != (mode == "2") {
        let url = format!("{}://{}", server.transport.scheme(), server.host);
        return Err(FieldFault::new("secure_mode", TLS_MODE.with(&[&mode, &url])));
    }
    let signed = sign::sign(role, &identity, now, nonce, Some(server.clone()))?;
    let (product, device) = (identity.require("product_key")?, identity.require("device_name")?);
    let auto = identity.get("ext_params").is_some_and(|ext| ext.split(',').any(|part| part.trim() == "_ss=1"));
    let channels: Vec<Channel> = match role {
        Role::App => APP_CHANNELS.to_vec(),
        // The platform subscribes by itself what `_ss=1` asks for.
        Role::Device | Role::Cloud if auto => Vec::new(),
        Role::Device | Role::Cloud => DEVICE_CHANNELS.iter().chain(&GATEWAY_CHANNELS).copied().collect(),
    };
    let binds = role == Role::App && identity.get("iot_token").is_some() && identity.get("bind") != Some("no");
    let topics = channels.into_iter().map(|channel| channel.filter(product, device));
    // Pushes begin with the binding, so it is made anew on every connection.
    let opening = if binds { vec![Request::new(OpKind::Bind)] } else { Vec::new() };
    Ok(Plan { opening, ..Plan::of_login(server, signed, settings, topics, USUAL) })
}

/// What a gateway subscribes for a sub-device, on the sub-device's own topics (vendor SDKs).
pub fn sub_device_filters(device: &str) -> Vec<String> {
    let Some((product, name)) = device.split_once('/') else { return Vec::new() };
    DEVICE_CHANNELS
        .iter()
        .filter(|channel| **channel != Channel::ExtError)
        .map(|channel| channel.filter(product, name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> ConnectionSettings {
        let identity = Fields::new().with("product_key", "pk").with("device_name", "dn").with("device_secret", "s");
        ConnectionSettings { identity, ..Default::default() }
    }

    #[test]
    fn the_address_follows_from_product_and_region() {
        let plan = plan(Role::Device, &settings(), Time::from_secs(1), 0).unwrap();
        assert_eq!(plan.server.host, "pk.iot-as-mqtt.cn-shanghai.aliyuncs.com");
        assert_eq!((plan.server.transport, plan.server.port), (Transport::Mqtt, 1883));
        assert_eq!(plan.client_id, "pk.dn|securemode=3,signmethod=hmacsha256,timestamp=1000|");
        assert_eq!(plan.username, "dn&pk");
        assert!(plan.subscriptions.iter().any(|s| s.filter == "/sys/pk/dn/thing/event/+/post_reply"));
        assert!(plan.subscriptions.iter().any(|s| s.filter == "/sys/pk/dn/rrpc/request/+"));
    }

    #[test]
    fn an_app_speaks_tls_and_binds_its_account() {
        let mut settings = settings();
        settings.identity.set("iot_token", "t");
        settings.identity.set("region", "us-east-1");
        let plan = plan(Role::App, &settings, Time::ZERO, 0).unwrap();
        assert_eq!(plan.client_id, "dn&pk|securemode=2,signmethod=hmacsha1|");
        assert!(plan.server.transport.is_tls() && plan.server.host.contains("us-east-1"));
        assert_eq!(plan.opening.len(), 1);
        assert!(plan.subscriptions.iter().all(|s| !crate::base::topic::has_wildcard(&s.filter)));
    }

    #[test]
    fn the_secure_mode_must_fit_the_address() {
        let mut settings = settings();
        settings.server = Server::parse("mqtts://127.0.0.1:1").ok();
        assert!(plan(Role::Device, &settings, Time::ZERO, 0).unwrap().client_id.contains("securemode=2"));
        settings.identity.set("secure_mode", "3");
        assert_eq!(plan(Role::Device, &settings, Time::ZERO, 0).unwrap_err().field, "secure_mode");
    }

    #[test]
    fn with_ss_the_platform_subscribes() {
        let mut settings = settings();
        settings.identity.set("ext_params", "ext=1,_ss=1");
        assert_eq!(plan(Role::Device, &settings, Time::ZERO, 0).unwrap().subscriptions, []);
    }
}
