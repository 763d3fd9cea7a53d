//! From a profile to a connection.

use std::time::Duration;

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::gizwits::{http, sign, topic};
use crate::dialect::plan::CLIENT_ID_IN_USE;
use crate::dialect::{ConnectionSettings, MqttLevel, Plan, Server, Subscription};
use crate::model::{FieldFault, Fields, Role};

/// Address of the M2M server where no binding tells another (App与云端通讯 v4.0.4, section 3.3).
pub const SERVER: &str = "mqtt://m2m.gizwits.com:1883";
/// Address of the HTTP API (App与云端通讯 v4.0.4, section 3.2).
pub const API: &str = "http://api.gizwits.com";
/// Keep-alive that the document suggests, in seconds (section 4.2).
const KEEP_ALIVE: u16 = 120;
/// Keep-alive of firmware with the newer login, in seconds.
const NEWER_KEEP_ALIVE: u16 = 60;
/// The server takes a larger one for this (section 4.2).
pub const LONGEST_KEEP_ALIVE: u16 = 600;
/// A ping every three seconds is the fastest that is allowed (60 in 180 s, section 4.6); one more second leaves room.
const SHORTEST_KEEP_ALIVE: u16 = 4;

const FOREIGN_ANSWERS: Text = Text::new(
    "“{}” delivers what the device answers to other apps, too; since v4.0.4 an app subscribes dev2app/<did> and \
     dev2app/<did>/<AppClientId>",
    "“{}”会收到设备发给其他应用的应答；v4.0.4 起应用应订阅 dev2app/<did> 与 dev2app/<did>/<AppClientId>",
);

/// The server of a connection where the profile names none and no login told another.
pub fn default_server() -> Option<Server> {
    Server::parse(SERVER).ok()
}

/// The client id of an app: the one in use, the one that the profile names, or one made up.
fn app_client_id(settings: &ConnectionSettings, nonce: u64) -> Result<String, FieldFault> {
    let identity = &settings.identity;
    let named = settings.mqtt.client_id.as_deref().or_else(|| identity.get("client_id"));
    let Some(given) = named.or_else(|| identity.get(CLIENT_ID_IN_USE)) else { return Ok(sign::app_client_id(nonce)) };
    sign::check_client_id(given)?;
    Ok(given.to_owned())
}

/// The client id of an app, chosen before its topics are made.
pub fn session_client_id(role: Role, settings: &ConnectionSettings, nonce: u64) -> Option<String> {
    if role == Role::App { app_client_id(settings, nonce).ok() } else { None }
}

/// The plan of a connection. Where a login over HTTP is still to come, a plan without a user: it shows what is known.
pub fn plan(role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
    let identity = &settings.identity;
    let server = settings.server.clone().or_else(default_server);
    let Some(server) = server else {
        return Err(FieldFault::new("server", crate::model::fields::MISSING));
    };
    let mqtt = &settings.mqtt;
    let newer = role == Role::Device && identity.get("auth_key").is_some();
    let (client_id, username, password) = if http::needs_identity(role, identity) {
        http::login(role, settings, nonce)?;
        let client_id = if role == Role::App { app_client_id(settings, nonce)? } else { String::new() };
        (client_id, String::new(), Default::default())
    } else {
        let mut fields = identity.clone();
        if role == Role::App {
            fields.remove("app_secret");
            fields.remove("product_secret");
            fields.set("client_id", app_client_id(settings, nonce)?);
        }
        let signed = sign::sign(role, &fields, now, nonce, None)?;
        let client_id = mqtt.client_id.clone().or(signed.client_id).unwrap_or_default();
        (client_id, signed.username.unwrap_or_default(), signed.password.unwrap_or_default())
    };
    let mut subscriptions = match role {
        Role::App => app_subscriptions(&settings.devices, &client_id)?,
        Role::Device | Role::Cloud => device_subscriptions(identity),
    };
    subscriptions.extend(mqtt.subscribe.iter().map(|filter| Subscription { filter: filter.clone(), qos: 0 }));
    let usual = if newer { NEWER_KEEP_ALIVE } else { KEEP_ALIVE };
    Ok(Plan {
        server,
        client_id,
        username,
        password,
        keep_alive: Duration::from_secs(u64::from(keep_alive(mqtt.keep_alive.unwrap_or(usual)))),
        clean_session: mqtt.clean_session.unwrap_or(true),
        level: mqtt.level.unwrap_or(MqttLevel::V31),
        subscriptions,
        headers: Vec::new(),
        opening: Vec::new(),
        heartbeat: None,
        tls: settings.tls.clone(),
        expires_at: None,
    })
}

/// What the server would make of a keep-alive, and not faster than it lets clients ping. Zero stays: no pings at all.
fn keep_alive(wanted: u16) -> u16 {
    if wanted == 0 { 0 } else { wanted.clamp(SHORTEST_KEEP_ALIVE, LONGEST_KEEP_ALIVE) }
}

/// Exactly what v4.0.4 has an app subscribe: the server's answers, and for every device its broadcast and the answers
/// that are meant for this app.
fn app_subscriptions(devices: &[Fields], client_id: &str) -> Result<Vec<Subscription>, FieldFault> {
    let mut filters = vec![topic::server_answer(client_id)];
    for device in devices {
        let did = device.require("did")?;
        filters.push(topic::broadcast(did));
        filters.push(topic::dev2app(did, client_id));
    }
    Ok(filters.into_iter().map(|filter| Subscription { filter, qos: 0 }).collect())
}

/// What the module firmware subscribes (GAgent, `mqttxpg.c`).
fn device_subscriptions(identity: &Fields) -> Vec<Subscription> {
    let Some(did) = identity.get("did") else { return Vec::new() };
    let product = identity.get("product_key").map(topic::server_notice);
    let filters = product.into_iter().chain([topic::server_answer(did), format!("app2dev/{did}/#")]);
    filters.map(|filter| Subscription { filter, qos: 0 }).collect()
}

/// What is to be said of a filter that an app subscribes though the protocol has a better one.
pub fn lint(role: Role, filter: &str) -> Option<Phrase> {
    let rest = filter.strip_prefix("dev2app/").filter(|_| role == Role::App)?;
    let (_, client) = rest.split_once('/')?;
    matches!(client, "#" | "+").then(|| FOREIGN_ANSWERS.with(&[&filter]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> ConnectionSettings {
        ConnectionSettings {
            identity: Fields::new().with("appid", "A").with("uid", "U").with("token", "T"),
            devices: vec![Fields::new().with("did", "D1"), Fields::new().with("did", "D2")],
            ..Default::default()
        }
    }

    #[test]
    fn an_app_subscribes_exactly_the_topics_of_the_document() {
        let plan = plan(Role::App, &app(), Time::ZERO, 3).unwrap();
        assert_eq!((plan.username.as_str(), plan.password.expose()), ("2$A$U", "T"));
        assert_eq!((plan.level, plan.clean_session, plan.keep_alive.as_secs()), (MqttLevel::V31, true, 120));
        assert!(plan.client_id.starts_with("usr") && plan.client_id.len() == 23);
        let own = &plan.client_id;
        let filters: Vec<String> = plan.subscriptions.iter().map(|one| one.filter.clone()).collect();
        let expected = [
            format!("ser2cli_res/{own}"),
            "dev2app/D1".into(),
            format!("dev2app/D1/{own}"),
            "dev2app/D2".into(),
            format!("dev2app/D2/{own}"),
        ];
        assert_eq!(filters, expected);
        assert!(plan.subscriptions.iter().all(|one| one.qos == 0 && lint(Role::App, &one.filter).is_none()));
    }

    #[test]
    fn the_filter_of_an_older_document_is_explained() {
        let said = lint(Role::App, "dev2app/D1/#").unwrap();
        assert!(said.to_string().contains("answers to other apps") && said.to_string().contains("<AppClientId>"));
        assert_eq!(lint(Role::App, "dev2app/D1"), None);
        assert_eq!(lint(Role::Device, "dev2app/D1/#"), None);
    }

    #[test]
    fn the_keep_alive_is_what_the_server_would_make_of_it() {
        let kept = |wanted| {
            let mut settings = app();
            settings.mqtt.keep_alive = Some(wanted);
            plan(Role::App, &settings, Time::ZERO, 1).unwrap().keep_alive.as_secs()
        };
        assert_eq!([kept(0), kept(1), kept(60), kept(600), kept(65_535)], [0, 4, 60, 600, 600]);
    }

    #[test]
    fn the_client_id_stays_for_the_life_of_a_session_and_keeps_the_rule() {
        let mut settings = app();
        settings.identity.set(CLIENT_ID_IN_USE, "usr123");
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 9).unwrap().client_id, "usr123");
        settings.mqtt.client_id = Some("web-1".to_owned());
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 9).unwrap_err().field, "client_id");
    }

    #[test]
    fn a_device_logs_in_in_either_form() {
        let mut settings = ConnectionSettings {
            identity: Fields::new().with("did", "D").with("passcode", "P").with("product_key", "K"),
            ..Default::default()
        };
        let classic = plan(Role::Device, &settings, Time::ZERO, 1).unwrap();
        assert_eq!((classic.client_id.as_str(), classic.username.as_str()), ("D", "D"));
        assert_eq!((classic.password.expose(), classic.keep_alive.as_secs()), ("P", 120));
        let filters: Vec<&str> = classic.subscriptions.iter().map(|one| one.filter.as_str()).collect();
        assert_eq!(filters, ["ser2cli_noti/K", "ser2cli_res/D", "app2dev/D/#"]);
        settings.identity.set("mac", "M");
        settings.identity.set("auth_key", "A");
        let newer = plan(Role::Device, &settings, Time::ZERO, 1).unwrap();
        assert!(newer.username.starts_with("D|signmethod=sha256,signnonce="), "{}", newer.username);
        assert_eq!((newer.password.expose().len(), newer.keep_alive.as_secs()), (64, 60));
    }

    #[test]
    fn a_login_over_http_that_is_still_to_come_is_no_fault() {
        let mut settings = app();
        settings.identity = Fields::new().with("appid", "A").with("username", "u").with("password", "p");
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 1).unwrap().username, "");
        settings.identity.remove("password");
        assert_eq!(plan(Role::App, &settings, Time::ZERO, 1).unwrap_err().field, "password");
    }
}
