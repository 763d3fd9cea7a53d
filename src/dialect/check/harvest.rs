//! Reads a login out of what people paste: a token, a URL, a CONNECT packet in hex, lines with labels, commands of a
//! shell or a modem, code in C, Python and their like.
//!
//! Nothing is executed. Code is read as a row of text literals, each with the name that it is assigned to or the call that
//! it stands in. What has no name is kept as a loose text: a dialect knows its own by their form.

use crate::base::secret::Secret;
use crate::dialect::check::connect::ConnectPacket;
use crate::dialect::check::{Given, literals};
use crate::dialect::{Server, Spec};

/// The most that is read; pasted material is a page, not a book.
const MOST: usize = 256 * 1024;

/// Adds to `given` what is found in pasted material. What was given by name is kept.
pub fn harvest(given: &mut Given, spec: &Spec, text: &str) {
    let text = text.get(..text.floor_char_boundary(MOST)).unwrap_or_default().trim().trim_start_matches('\u{feff}');
    if let Some(packet) = ConnectPacket::from_hex(text) {
        given.client_id.get_or_insert_with(|| packet.client_id.clone());
        set(&mut given.username, packet.username.clone());
        if given.password.is_none() {
            given.password = packet.password.clone();
        }
        given.packet = Some(packet);
        return;
    }
    if is_url(text) {
        return url(given, text);
    }
    let mut found = literals::Found::default();
    literals::scan(text, &mut found);
    for (name, value) in found.named {
        assign(given, spec, &name, &value);
    }
    given.loose.extend(found.loose.into_iter().map(Secret::new));
}

fn set(slot: &mut Option<String>, value: Option<String>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// Keeps the first value, unless a later one was made out of it: code names the parts before the whole.
fn fuller(slot: &mut Option<String>, value: &str) {
    let plain = !value.contains(['"', '\'', ' ', '(']);
    if slot.as_deref().is_none_or(|known| plain && known.len() < value.len() && value.contains(known)) {
        *slot = Some(value.to_owned());
    }
}

fn is_url(text: &str) -> bool {
    let scheme = text.split("://").next().unwrap_or_default();
    text.contains("://")
        && !text.contains(char::is_whitespace)
        && !text.contains(['"', '\''])
        && scheme.chars().all(|c| c.is_ascii_alphanumeric())
        && !scheme.is_empty()
}

/// A URL: where to, who with, and its query for the dialect.
fn url(given: &mut Given, text: &str) {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if let Some((login, host)) = authority.rsplit_once('@') {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        set(&mut given.username, Some(decode(user)).filter(|user| !user.is_empty()));
        if given.password.is_none() && !password.is_empty() {
            given.password = Some(Secret::new(decode(password)));
        }
        given.server = server(&format!("{scheme}://{host}"));
    } else {
        given.server = server(text.split('?').next().unwrap_or_default());
    }
    if given.url.is_none() {
        given.url = Some(Secret::new(text));
    }
}

/// An address as tools write it: `tcp` and `ssl` are the names of some libraries for `mqtt` and `mqtts`.
fn server(text: &str) -> Option<Server> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "tcp" => "mqtt".to_owned(),
        "ssl" | "tls" => "mqtts".to_owned(),
        other => other.to_owned(),
    };
    Server::parse(&format!("{scheme}://{rest}")).ok()
}

/// Letters and digits of a name, in lower case: `mqtt_clientId` becomes `mqttclientid`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// Short names of fields in code.
const SHORT: &[(&str, &str)] = &[
    ("pk", "product_key"),
    ("dn", "device_name"),
    ("ds", "device_secret"),
    ("ps", "product_secret"),
    ("pid", "product_id"),
    ("key", "access_key"),
    ("psk", "device_secret"),
    ("secret", "device_secret"),
    ("devname", "device_name"),
    ("uid", "uid"),
];

/// Gives a value to the part that its name speaks of; keeps it as a loose text where the name says nothing.
fn assign(given: &mut Given, spec: &Spec, name: &str, value: &str) {
    if let Some(header) = name.strip_prefix("header:") {
        given.headers.push((header.to_owned(), Secret::new(value)));
        return;
    }
    if value.is_empty() {
        return;
    }
    let plain = plain(name);
    let fields = || spec.roles.iter().flat_map(|role| role.identity.iter().chain(role.device)).map(|field| field.name);
    let known = |wanted: &str| fields().find(|field| *field == wanted);
    let field = fields().find(|field| {
        let field = field.replace('_', "");
        field.len() >= 5 && plain.ends_with(&field) && !matches!(field.as_str(), "clientid" | "username" | "password")
    });
    // The password of the radio stands in every example, before the one that counts.
    if ["wifi", "ssid", "wlan", "hotspot"].iter().any(|word| plain.contains(word)) {
        return;
    }
    let short = || SHORT.iter().find(|(short, _)| *short == plain).and_then(|(_, field)| known(field));
    if plain.ends_with("clientid") || plain == "cid" || plain == "mqttid" {
        fuller(&mut given.client_id, value);
    } else if plain.contains("username")
        || plain.contains("usrname")
        || plain == "user"
        || plain == "usr"
        || plain.ends_with("mqttuser")
    {
        fuller(&mut given.username, value);
    } else if plain.contains("passwor") || plain.contains("passwd") || plain.ends_with("pwd") || plain.ends_with("pass")
    {
        if given.password.is_none() {
            given.password = Some(Secret::new(value));
        }
    } else if let Some(field) = field.or_else(short) {
        if given.fields.get(field).is_none() {
            given.fields.set(field, value);
        }
    } else if ["url", "host", "server", "broker", "uri", "address", "endpoint"].iter().any(|word| plain.contains(word))
    {
        if is_url(value) && given.server.is_none() {
            url(given, value);
        }
    } else {
        given.loose.push(Secret::new(value));
    }
}
