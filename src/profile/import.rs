//! Profiles made from what people have: connections exported from MQTTX, a triple as a console shows it, a `.json` of a
//! vendor, a login, code.
//!
//! 1. A text that is a profile is taken as it is.
//! 2. JSON objects with a client id are connections: the dialect that knows the login says whose it is.
//! 3. Everything else is harvested for fields by name, object by object where it is a list; the platform is the one whose
//!    fields it has most of.
//!
//! A secret that cannot be told from a login stays open: the form asks for it.

use std::path::Path;

use serde_json::{Map, Value};

use super::{Profile, draft};
use crate::base::lang::{Lang, Phrase, Text};
use crate::base::secret::Secret;
use crate::dialect::check::{Given, harvest};
use crate::dialect::{Dialect, REGISTRY, Server};
use crate::model::{Fields, Role};

/// What material is called that has no name.
pub const UNNAMED: &str = "imported";

const UNREADABLE: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
const TOO_LONG: Text = Text::new("{} has more than {} bytes", "{} 超过 {} 字节");

/// A profile that was found in foreign material.
#[derive(Debug, Clone)]
pub struct Imported {
    /// A name for it.
    pub name: String,
    /// Its platform.
    pub dialect: &'static str,
    /// Its role.
    pub role: Role,
    /// The profile as text.
    pub text: String,
}

/// What was found, and what could not be used: why.
#[derive(Debug, Default)]
pub struct Import {
    /// Profiles.
    pub found: Vec<Imported>,
    /// What is no login of a known platform.
    pub skipped: Vec<Phrase>,
}

/// The longest material that is read.
const MOST: u64 = 4 * 1024 * 1024;

/// Reads foreign material from what was given: the path of a file, as typed, dragged into the terminal or copied as a URL;
/// or the text itself.
pub fn material(from: &str, lang: Lang) -> Result<Import, Phrase> {
    let path = from.trim().trim_matches(['\'', '"']);
    let path = path.strip_prefix("file://").unwrap_or(path).replace("\\ ", " ");
    let home = path.strip_prefix("~/").and_then(|rest| std::env::home_dir().map(|home| home.join(rest)));
    let path = home.unwrap_or_else(|| Path::new(&path).to_owned());
    let looks_like_text = from.contains(['{', '\n', '=', '|']) && !path.exists();
    if looks_like_text {
        return Ok(import(from, UNNAMED, lang));
    }
    let text = read(&path)?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or(UNNAMED);
    Ok(import(&text, name, lang))
}

/// The text of a file, unless it is too long to be material for profiles.
pub fn read(path: &Path) -> Result<String, Phrase> {
    let unreadable = |error: std::io::Error| UNREADABLE.with(&[&path.display(), &error]);
    if std::fs::metadata(path).map_err(unreadable)?.len() > MOST {
        return Err(TOO_LONG.with(&[&path.display(), &MOST]));
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// Reads foreign material. `name` is what it is called where it says nothing itself, such as the name of its file.
pub fn import(text: &str, name: &str, lang: Lang) -> Import {
    let mut import = Import::default();
    let (profile, faults) = Profile::parse_all(text, name, None);
    if let Some(profile) = profile.filter(|_| faults.is_empty()) {
        let dialect = profile.dialect.spec().name;
        import.found.push(Imported { name: slug(name), dialect, role: profile.role, text: text.to_owned() });
        return import;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => items.iter().for_each(|item| import.item(item, name, lang)),
        Ok(Value::Object(members)) => match members.get("connections").and_then(Value::as_array) {
            Some(items) => items.iter().for_each(|item| import.item(item, name, lang)),
            None => import.item(&Value::Object(members), name, lang),
        },
        _ => import.triple(text, None, name, lang),
    }
    import
}

impl Import {
    fn item(&mut self, item: &Value, name: &str, lang: Lang) {
        let Some(members) = item.as_object() else {
            return self.skipped.push(NO_OBJECT.into());
        };
        if text_of(members, &["clientId", "client_id"]).is_some() && text_of(members, &["username"]).is_some() {
            return self.connection(members, name, lang);
        }
        self.triple(&labelled(members), Some(members), name, lang);
    }

    /// A connection as MQTTX exports it.
    fn connection(&mut self, members: &Map<String, Value>, name: &str, lang: Lang) {
        let text = |names: &[&str]| text_of(members, names);
        let label = text(&["name"]).unwrap_or_else(|| name.to_owned());
        let server = server(members);
        let given = Given {
            client_id: text(&["clientId", "client_id"]),
            username: text(&["username"]),
            password: text(&["password"]).map(Secret::new),
            server: server.clone(),
            ..Given::default()
        };
        let Some((dialect, role, fields)) = known_login(&given) else {
            return self.skipped.push(NOT_KNOWN.with(&[&label]));
        };
        let mut made = draft::Draft::new(dialect, role, lang);
        made.fill(&fields);
        if let Some(server) = server {
            made.set(draft::Slot::top("server"), &server.to_string());
        }
        if let Some(seconds) = members.get("keepalive").and_then(Value::as_u64) {
            made.set_raw("mqtt", "keep_alive", &seconds.to_string());
        }
        self.found.push(Imported { name: slug(&label), dialect: dialect.spec().name, role, text: made.text() });
    }

    /// Fields by their names.
    fn triple(&mut self, text: &str, members: Option<&Map<String, Value>>, name: &str, lang: Lang) {
        let Some((dialect, role, fields)) = best(text) else {
            return self.skipped.push(NOTHING.with(&[&names()]));
        };
        let mut made = draft::Draft::new(dialect, role, lang);
        made.fill(&fields);
        let label = members.and_then(|members| text_of(members, &["name", "nickname"]));
        let of_device = ["device_name", "did", "mac"].iter().find_map(|name| fields.get(name).map(str::to_owned));
        let label = label.or(of_device).unwrap_or_else(|| name.to_owned());
        self.found.push(Imported { name: slug(&label), dialect: dialect.spec().name, role, text: made.text() });
    }
}

/// Whose login it is: a platform that recognises it first, then one whose parser reads it.
fn known_login(given: &Given) -> Option<(&'static dyn Dialect, Role, Fields)> {
    let read = |dialect: &'static dyn Dialect| dialect.identity(given).map(|(role, fields)| (dialect, role, fields));
    let sure = REGISTRY.iter().copied().filter(|dialect| dialect.recognises(given)).find_map(read);
    sure.or_else(|| REGISTRY.iter().copied().find_map(read))
}

/// The platform and role whose fields a text has most of; at least two, for one could be anything.
fn best(text: &str) -> Option<(&'static dyn Dialect, Role, Fields)> {
    let mut best: Option<(usize, &'static dyn Dialect, Role, Fields)> = None;
    for dialect in REGISTRY.iter().copied() {
        let mut given = Given::default();
        harvest::harvest(&mut given, dialect.spec(), text);
        // The password of a triple that names fields is one of them.
        if let Some((role, fields)) = dialect.recognises(&given).then(|| dialect.identity(&given)).flatten() {
            return Some((dialect, role, fields));
        }
        for role in dialect.spec().roles {
            let mut fields = Fields::new();
            let mut score = 0;
            for field in role.identity {
                if let Some(value) = given.fields.get(field.name) {
                    fields.set(field.name, value);
                    // What has a default is no sign of a platform, and a triple is of a device rather than of an app.
                    score += if field.default.is_none() { 2 } else { 0 };
                }
            }
            score += usize::from(role.role == Role::Device && score > 0);
            if score >= 4 && best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, dialect, role.role, fields));
            }
        }
    }
    best.map(|(_, dialect, role, fields)| (dialect, role, fields))
}

/// Members of an object, and of objects inside, as lines with labels.
fn labelled(members: &Map<String, Value>) -> String {
    let mut lines = String::new();
    for (name, value) in members {
        match value {
            Value::Object(inner) => lines.push_str(&labelled(inner)),
            Value::String(text) => lines.push_str(&format!("{name}: {text}\n")),
            Value::Number(number) => lines.push_str(&format!("{name}: {number}\n")),
            _ => {}
        }
    }
    lines
}

fn text_of(members: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| members.get(*name))?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Some(text).filter(|text| !text.is_empty() && text != "null")
}

/// `protocol`, `host`, `port`, `path`, `ssl` of a connection.
fn server(members: &Map<String, Value>) -> Option<Server> {
    let host = text_of(members, &["host", "hostname"])?;
    let host = host.rsplit("://").next().unwrap_or_default();
    let tls = members.get("ssl").and_then(Value::as_bool).unwrap_or(false);
    let protocol = text_of(members, &["protocol"]).unwrap_or_default();
    let scheme = match (protocol.trim_end_matches("://"), tls) {
        ("ws" | "wss", true) | ("wss", false) => "wss",
        ("ws", false) => "ws",
        ("mqtts" | "ssl" | "tls", _) | (_, true) => "mqtts",
        _ => "mqtt",
    };
    let port = text_of(members, &["port"]).map(|port| format!(":{port}")).unwrap_or_default();
    let path = text_of(members, &["path"]).filter(|_| scheme.starts_with("ws")).unwrap_or_default();
    Server::parse(&format!("{scheme}://{host}{port}{path}")).ok()
}

/// A name as profiles have them.
fn slug(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.chars().map(kept).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "imported".to_owned() } else { name.to_owned() }
}

fn names() -> String {
    REGISTRY.iter().map(|dialect| dialect.spec().name).collect::<Vec<_>>().join(", ")
}

const NO_OBJECT: Text = Text::new("an entry is no object with fields", "有一项不是含字段的对象");
const NOT_KNOWN: Text = Text::new(
    "“{}”: client id and user name are of no platform that iotdbg speaks",
    "“{}”：client id 与用户名不属于 iotdbg 支持的平台",
);
const NOTHING: Text = Text::new(
    "no triple of {} was found; it needs names, such as productKey, deviceName, deviceSecret",
    "没有找到 {} 的三元组；内容要带字段名，例如 productKey、deviceName、deviceSecret",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Time;

    fn only(text: &str) -> Imported {
        let mut import = import(text, "file", Lang::En);
        assert_eq!(import.found.len(), 1, "{:?}", import.skipped);
        import.found.remove(0)
    }

    fn value(imported: &Imported, field: &str) -> Option<String> {
        let profile = Profile::parse(&imported.text, "x", None).unwrap_or_else(|e| panic!("{e}\n{}", imported.text));
        profile.settings.identity.get(field).map(str::to_owned)
    }

    #[test]
    fn a_connection_of_mqttx_becomes_a_profile_of_its_platform() {
        let text = r#"[{"id":"1","name":"my lamp","clientId":"12345|securemode=3,signmethod=hmacsha1,timestamp=789|",
            "username":"device&pk","password":"FAFD","protocol":"mqtt","host":"pk.iot-as-mqtt.cn-shanghai.aliyuncs.com",
            "port":1883,"keepalive":65,"mqttVersion":"3.1.1","ssl":false,"messages":[],"subscriptions":[]}]"#;
        let made = only(text);
        assert_eq!((made.name.as_str(), made.dialect, made.role), ("my-lamp", "aliyun", Role::Device));
        assert_eq!(value(&made, "product_key").as_deref(), Some("pk"));
        assert_eq!(value(&made, "device_name").as_deref(), Some("device"));
        assert!(made.text.contains("\nkeep_alive = 65"), "{}", made.text);
        assert!(made.text.contains("server = \"mqtt://pk.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883\""));
        let other =
            import(r#"[{"clientId":"x","username":"u","password":"p","host":"h","name":"mine"}]"#, "f", Lang::En);
        assert!(other.found.is_empty());
        assert!(other.skipped[0].to_string().contains("“mine”"));
    }

    #[test]
    fn triples_are_read_whatever_they_are_written_in() {
        for text in [
            r#"{"productKey":"a1","deviceName":"lamp","deviceSecret":"s3cret"}"#,
            "ProductKey: a1\nDeviceName: lamp\nDeviceSecret: s3cret\n",
            "{\n  \"ProductKey\": \"a1\",\n  \"DeviceName\": \"lamp\",\n  \"DeviceSecret\": \"s3cret\"\n}",
        ] {
            let made = only(text);
            assert_eq!((made.name.as_str(), made.role), ("lamp", Role::Device), "{text}");
            assert_eq!(value(&made, "device_name").as_deref(), Some("lamp"));
            assert_eq!(value(&made, "device_secret").as_deref(), Some("s3cret"));
        }
        assert!(import("hello", "f", Lang::En).found.is_empty());
    }

    #[test]
    fn a_list_of_devices_gives_a_profile_each() {
        let text = r#"[{"product_id":"p","device_name":"a","access_key":"k2V5"},{"product_id":"p","device_name":"b","access_key":"k2V5"},3]"#;
        let import = import(text, "f", Lang::Zh);
        assert_eq!(import.found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((import.found[0].dialect, import.skipped.len()), ("onenet", 1));
    }

    /// The login of every shipped profile leads back to its identity.
    #[test]
    fn the_identity_is_read_back_out_of_the_login_of_every_profile() {
        for (name, text) in super::super::shipped::all() {
            let profile = Profile::parse(text, name, None).unwrap();
            let identity = &profile.settings.identity;
            let Ok(signed) = profile.dialect.sign(profile.role, identity, Time::from_secs(1_700_000_000), 1) else {
                continue;
            };
            if signed.username.as_ref().is_none_or(String::is_empty) {
                continue;
            }
            let given = Given {
                client_id: signed.client_id.clone(),
                username: signed.username.clone(),
                password: signed.password.clone(),
                ..Given::default()
            };
            let (dialect, role, fields) = known_login(&given).unwrap_or_else(|| panic!("{name} is not recognised"));
            assert_eq!(dialect.spec().name, profile.dialect.spec().name);
            for field in fields.names().filter(|field| identity.get(field).is_some() && role == profile.role) {
                assert_eq!(fields.get(field), identity.get(field), "{name}: {field}");
            }
            let found = fields.names().filter(|field| identity.get(field).is_some()).count();
            assert!(found >= 1, "{name}: {:?}", fields.names().collect::<Vec<_>>());
        }
    }
}
