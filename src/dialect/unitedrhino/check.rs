//! The checker: which of the usual mistakes made this login (unitedrhino/things, `share/domain/deviceAuth/loginAuth.go`;
//! page "websocket开发").

mod app;
pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::secret::Secret;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::dialect::check::mistakes::{self, Input, Signature};
use crate::dialect::check::search::{Search, Variant};
use crate::dialect::check::{Checked, Finding, Given};
use crate::dialect::unitedrhino::{register, sign};
use crate::dialect::{Signed, Step};
use crate::model::{FieldFault, Fields, Role, Severity};
use texts::*;

/// From here on an expiry counts milliseconds: in seconds it would be the year 5138.
const MILLISECONDS: u64 = 100_000_000_000;
/// The length of a product id in the older form of the client id.
const LEGACY_PRODUCT: usize = 11;
/// Stands before the client id of a device that registers itself.
const REGISTERS: &str = "register&";

fn is_username(text: &str) -> bool {
    text.matches(';').count() == 3 && text.contains(sign::SDK_APP_ID)
}

fn is_password(text: &str) -> bool {
    text.rsplit_once(';').is_some_and(|(_, method)| method.to_ascii_lowercase().starts_with("hmacsha"))
}

/// Whether this looks like a login of the platform.
pub fn recognises(given: &Given) -> bool {
    given.username.as_deref().is_some_and(is_username)
        || given.password().is_some_and(is_password)
        || given.loose.iter().any(|text| is_username(text.expose()) || is_password(text.expose()))
        || app::recognises(given)
}

/// The checker.
pub fn check(role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
    let mut given = given.clone();
    let client_id = |text: &str| text.matches('&').count() == 1 && !text.contains(['=', ';', ' ', '/', '?']);
    given.adopt(client_id, |text| text.matches(';').count() >= 2 && !is_password(text), is_password);
    let app = app::recognises(&given) || given.fields.get("token").is_some() && given.username.is_none();
    match role.unwrap_or(if app { Role::App } else { Role::Device }) {
        Role::App => app::check(given, now),
        Role::Device | Role::Cloud if given.client_id.as_deref().is_some_and(|id| id.starts_with(REGISTERS)) => {
            registration(given)
        }
        Role::Device | Role::Cloud => device(given, now),
    }
}

/// The four parts of a user name, however it was written.
struct Named {
    client_id: String,
    app: String,
    connid: String,
    expiry: String,
}

impl Named {
    fn text(&self) -> String {
        format!("{};{};{};{}", self.client_id, self.app, self.connid, self.expiry)
    }
}

fn device(mut given: Given, now: Time) -> Result<Checked, FieldFault> {
    let username = given.username.clone().ok_or_else(|| FieldFault::new("username", crate::model::fields::MISSING))?;
    let mut findings = Vec::new();
    let named = read_username(&given, &username, &mut findings);
    let Some(named) = named else { return Ok(Checked::new(Role::Device, given, findings, None)) };
    if given.client_id.is_none() {
        given.client_id = given.claim(|text| sign::client_parts(text).is_some() && !text.contains(['=', ';', ' ']));
    }
    let client_id = who(&given, &named, &mut findings);
    expiry(&named, now, &mut findings);
    if let Some(packet) = &given.packet
        && let Some(finding) = rules::keep_alive(u64::from(packet.keep_alive))
    {
        findings.push(finding);
    }
    let Some(password) = given.password().map(str::to_owned).filter(|text| !text.is_empty()) else {
        findings.push(Finding::error("password_missing", NO_PASSWORD, PASSWORD_FIX));
        return Ok(Checked::new(Role::Device, given, findings, None));
    };
    let Some(secret) = given.fields.get("device_secret").map(str::to_owned) else {
        read_password(&password, &mut findings);
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok(Checked::new(Role::Device, given, findings, None));
        }
        return Err(FieldFault::new("device_secret", NO_SECRET));
    };
    if let Some(finding) = mistakes::unsigned(&password, &given.fields, &username) {
        findings.push(finding);
        let expected = expected(&given, client_id, &named, Digest::Sha256, &secret);
        return Ok(Checked::new(Role::Device, given, findings, Some(expected)));
    }
    let (token, method) = read_password(&password, &mut findings);
    if let Some(keys) = mistakes::base64_keys("device_secret", &secret) {
        findings.extend(signature(&given.fields, &named, &named.text(), &token, method, keys, &secret));
    } else {
        findings.push(Finding::error("secret_form", SECRET_FORM, SECRET_FORM_FIX));
    }
    let expected = expected(&given, client_id, &named, method, &secret);
    Ok(Checked::new(Role::Device, given, findings, Some(expected)))
}

/// Takes the user name apart; `None` where nothing of it can be told.
fn read_username(given: &Given, username: &str, findings: &mut Vec<Finding>) -> Option<Named> {
    let plain = username.trim_matches([' ', '"', '\'', '\n', '\r', '\t']);
    if plain != username {
        findings.push(Finding::error("stray_space", STRAY.with(&[&"username"]), STRAY_FIX));
    }
    let parts: Vec<&str> = plain.split(';').collect();
    if let [client_id, app, connid, expiry] = parts.as_slice() {
        let own = |text: &&str| (*text).to_owned();
        let named = Named { client_id: own(client_id), app: own(app), connid: own(connid), expiry: own(expiry) };
        if *app != sign::SDK_APP_ID {
            let message = OTHER_APP.with(&[app, &sign::SDK_APP_ID]);
            findings.push(Finding::warning("sdk_app_id", message, OTHER_APP_FIX.with(&[&sign::SDK_APP_ID])));
        }
        return Some(named);
    }
    let others = [',', '|', ':', '/', '_'];
    let separator = others.into_iter().find(|sign| plain.split(*sign).count() == 4);
    if let Some(sign) = separator.filter(|_| parts.len() == 1) {
        let right = plain.replace(sign, ";");
        let message = SEPARATOR.with(&[&sign]);
        findings.push(Finding::error("username_separator", message, WRITE.with(&[&"username", &right])));
        return read_username(given, &right, findings);
    }
    let client_id = given.client_id.as_deref().unwrap_or(parts.first().copied().unwrap_or_default());
    let fix = FORM_FIX.with(&[&client_id, &sign::SDK_APP_ID]);
    if sign::client_parts(plain).is_some() && parts.len() == 1 {
        findings.push(Finding::error("username_form", ONLY_CLIENT_ID, fix));
    } else {
        findings.push(Finding::error("username_form", PARTS.with(&[&parts.len()]), fix));
    }
    None
}

/// Client id and user name have to speak of one device; the client id as it should be.
fn who(given: &Given, named: &Named, findings: &mut Vec<Finding>) -> String {
    let identity = |text: &str| sign::client_parts(text).map(|(p, d)| (p.to_owned(), d.to_owned()));
    let from_fields = given
        .fields
        .get("product_id")
        .zip(given.fields.get("device_name"))
        .map(|(product, device)| (product.to_owned(), device.to_owned()));
    let inside = identity(&named.client_id);
    let Some((product, device)) = from_fields.clone().or_else(|| inside.clone()) else {
        findings.push(Finding::error("client_id_form", CLIENT_ID.with(&[&named.client_id]), CLIENT_ID_FIX));
        return named.client_id.clone();
    };
    let right = format!("{product}&{device}");
    let fix = |what: &str| WRITE.with(&[&what, &right]);
    let swapped = format!("{device}&{product}");
    let fits = |text: &str| text == right || text == format!("{product}{device}");
    for (what, text) in [("client id", given.client_id.as_deref()), ("username", Some(named.client_id.as_str()))] {
        let Some(text) = text.filter(|text| !fits(text)) else { continue };
        if text.trim() == right {
            findings.push(Finding::error("stray_space", STRAY.with(&[&what]), fix(what)));
        } else if text == swapped {
            findings.push(Finding::error("product_and_device_swapped", SWAPPED.with(&[&what]), fix(what)));
        } else if text == device || text == product {
            findings.push(Finding::error("client_id_form", CLIENT_ID.with(&[&text]), fix(what)));
        } else if let Some(other) =
            ['.', '/', '_', '-', '|', ':'].into_iter().find(|other| text == format!("{product}{other}{device}"))
        {
            findings.push(Finding::error("client_id_separator", ID_SEPARATOR.with(&[&what, &other]), fix(what)));
        } else if identity(text) != Some((product.clone(), device.clone())) {
            let message = OTHER_DEVICE.with(&[&what, &text, &right]);
            findings.push(Finding::error("client_id_other", message, fix(what)));
        }
    }
    let legacy = given.client_id.as_deref().is_some_and(|id| !id.contains('&') && fits(id));
    if legacy {
        if product.chars().count() == LEGACY_PRODUCT {
            findings.push(Finding::warning("client_id_legacy", LEGACY, fix("client id")));
        } else {
            let message = LEGACY_LENGTH.with(&[&product.chars().count()]);
            findings.push(Finding::error("client_id_legacy", message, fix("client id")));
        }
    }
    if device.contains('&') {
        findings.push(Finding::error("device_name_ampersand", AMPERSAND.with(&[&device]), AMPERSAND_FIX));
    }
    given.client_id.clone().filter(|id| fits(id)).unwrap_or(right)
}

fn expiry(named: &Named, now: Time, findings: &mut Vec<Finding>) {
    match named.expiry.parse::<u64>() {
        Err(_) => findings.push(Finding::warning("expiry_form", EXPIRY_FORM.with(&[&named.expiry]), EXPIRY_FIX)),
        Ok(at) if at >= MILLISECONDS => {
            findings.push(Finding::warning("expiry_milliseconds", EXPIRY_MS.with(&[&named.expiry]), EXPIRY_FIX));
        }
        Ok(at) if Time::from_secs(at) < now => {
            let at = local_date_time(Time::from_secs(at));
            findings.push(Finding::warning("expired", EXPIRED.with(&[&at]), EXPIRY_FIX));
        }
        Ok(_) => {}
    }
}

/// Signature and digest of a password, and what is wrong with its form.
fn read_password(password: &str, findings: &mut Vec<Finding>) -> (String, Digest) {
    let plain = password.trim_matches([' ', '"', '\'', '\n', '\r', '\t']);
    if plain != password {
        findings.push(Finding::error("stray_space", STRAY.with(&[&"password"]), STRAY_FIX));
    }
    let by_length = |token: &str| if token.len() == 40 { Digest::Sha1 } else { Digest::Sha256 };
    let Some((token, method)) = plain.rsplit_once(';') else {
        let digest = by_length(plain);
        let message = NO_SUFFIX;
        let fix = SUFFIX_FIX.with(&[&format!("hmac{}", digest.name())]);
        findings.push(Finding::error("suffix_missing", message, fix));
        return (plain.to_owned(), digest);
    };
    if let Some(digest) = sign::digest_of(method) {
        return (token.to_owned(), digest);
    }
    let digest = by_length(token);
    let fix = SUFFIX_FIX.with(&[&format!("hmac{}", digest.name())]);
    findings.push(Finding::error("suffix_unknown", SUFFIX.with(&[&method]), fix));
    (token.to_owned(), digest)
}

/// What was signed, and how.
fn signature(
    fields: &Fields,
    named: &Named,
    username: &str,
    token: &str,
    method: Digest,
    mut keys: Vec<Variant<Vec<u8>>>,
    secret: &str,
) -> Vec<Finding> {
    let expected = sign::token(method, secret, username);
    if token != expected && token.eq_ignore_ascii_case(&expected) {
        return vec![Finding::error("letter_case", UPPER_CASE, UPPER_CASE_FIX)];
    }
    keys.extend(mistakes::other_keys("device_secret", fields, true));
    let spaced = secret.replace('+', " ");
    if spaced != secret {
        let bytes = digest::base64_decode_lenient(&spaced.replace(' ', "")).unwrap_or_default();
        keys.push(Variant::wrong(bytes, Finding::error("secret_plus_lost", PLUS_LOST, PLUS_LOST_FIX)));
    }
    let declared = format!("hmac{}", method.name());
    let search = Search {
        keys,
        texts: texts(named, username),
        macs: mistakes::macs(method, &declared),
        given: mistakes::hex_output(token),
    };
    let with = |named: Named| search.fits_text(named.text().as_bytes());
    let copy = || Named {
        client_id: named.client_id.clone(),
        app: named.app.clone(),
        connid: named.connid.clone(),
        expiry: named.expiry.clone(),
    };
    let inputs = vec![
        Input {
            name: "expiry",
            value: &named.expiry,
            secret: false,
            fits: Box::new(|value| with(Named { expiry: value.to_owned(), ..copy() })),
        },
        Input {
            name: "connid",
            value: &named.connid,
            secret: false,
            fits: Box::new(|value| with(Named { connid: value.to_owned(), ..copy() })),
        },
        Input {
            name: "client id",
            value: &named.client_id,
            secret: false,
            fits: Box::new(|value| with(Named { client_id: value.to_owned(), ..copy() })),
        },
        Input {
            name: "sdkappid",
            value: &named.app,
            secret: false,
            fits: Box::new(|value| with(Named { app: value.to_owned(), ..copy() })),
        },
        Input {
            name: "device_secret",
            value: secret,
            secret: true,
            fits: Box::new(|value| digest::base64_decode_lenient(value).is_ok_and(|key| search.fits_key(&key))),
        },
    ];
    let signature = Signature { given: token, expected: &expected, any_case: false, inputs, tried: TRIED.into() };
    mistakes::diagnose(&search, &signature)
}

/// The text that has to be signed, and the ones that are signed by mistake.
fn texts(named: &Named, username: &str) -> Vec<Variant<Vec<u8>>> {
    const RIGHT: &str = "clientID ; sdkappid ; connid ; expiry";
    let parts = [
        ("clientID", named.client_id.as_str()),
        ("sdkappid", named.app.as_str()),
        ("connid", named.connid.as_str()),
        ("expiry", named.expiry.as_str()),
    ];
    let join =
        |parts: &[(&str, &str)], between: &str| parts.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(between);
    let mut all = vec![Variant::right(username.as_bytes().to_vec())];
    let mut put = |text: String, finding: Finding| all.push(Variant::wrong(text.into_bytes(), finding));
    for order in mistakes::orders(&parts).into_iter().filter(|order| order.as_slice() != parts) {
        let names: Vec<&str> = order.iter().map(|(name, _)| *name).collect();
        put(join(&order, ";"), mistakes::order(&names.join(", "), "clientID, sdkappid, connid, expiry"));
    }
    for (between, shown) in [("", "nothing"), (",", ","), ("&", "&"), ("\n", "\\n"), ("|", "|"), (" ", "a space")] {
        put(join(&parts, between), mistakes::joint(shown, RIGHT));
    }
    for skip in parts {
        let rest: Vec<(&str, &str)> = parts.into_iter().filter(|part| *part != skip).collect();
        put(join(&rest, ";"), mistakes::left_out(skip.0));
    }
    put(named.client_id.clone(), Finding::error("client_id_signed", ONLY_ID_SIGNED, SIGN_FIX));
    for end in [";hmacsha256", ";hmacsha1"] {
        put(format!("{username}{end}"), mistakes::added(end));
    }
    for (end, shown) in [(";", ";"), ("\n", "\\n"), ("\r\n", "CR LF"), ("\0", "NUL")] {
        put(format!("{username}{end}"), mistakes::added(shown));
    }
    let quoted = format!("\"{username}\"");
    put(quoted, mistakes::added("\""));
    let encoded = username.replace('&', "%26").replace(';', "%3B");
    put(encoded, Finding::error("encoded_before_signing", ENCODED, SIGN_FIX));
    if let Some((product, device)) = sign::client_parts(&named.client_id) {
        let with = |id: String| join(&[("clientID", id.as_str()), parts[1], parts[2], parts[3]], ";");
        let other =
            if named.client_id.contains('&') { format!("{product}{device}") } else { format!("{product}&{device}") };
        put(with(other.clone()), Finding::error("client_id_form_signed", OTHER_FORM.with(&[&other]), SIGN_FIX));
        put(
            with(format!("{device}&{product}")),
            Finding::error("product_and_device_swapped", SWAPPED.with(&[&"text that was signed"]), SIGN_FIX),
        );
        for (what, value) in [("device name", device), ("product id", product)] {
            put(with(value.to_owned()), Finding::error("client_id_form_signed", OTHER_FORM.with(&[&what]), SIGN_FIX));
        }
    }
    put(username.to_lowercase(), Finding::error("lower_case_signed", LOWERED, SIGN_FIX));
    put(username.to_uppercase(), Finding::error("upper_case_signed", LOWERED, SIGN_FIX));
    all
}

fn expected(given: &Given, client_id: String, named: &Named, digest: Digest, secret: &str) -> Signed {
    // Either form of the client id may stand in the user name; what names another device is mended.
    let parts = |text: &str| sign::client_parts(text).map(|(p, d)| (p.to_owned(), d.to_owned()));
    let inside = if parts(&named.client_id) == parts(&client_id) { named.client_id.clone() } else { client_id.clone() };
    let username = format!("{inside};{};{};{}", named.app, named.connid, named.expiry);
    let token = sign::token(digest, secret, &username);
    let method = format!("hmac{}", digest.name());
    let step =
        |name: &str, input: &str, output: String| Step { name: name.to_owned(), input: input.to_owned(), output };
    Signed {
        server: given.server.clone(),
        client_id: Some(client_id),
        username: Some(username.clone()),
        password: Some(Secret::new(format!("{token};{method}"))),
        content: Some(username.clone()),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: vec![
            step("string to sign", "the whole user name", username),
            step("base64 decode", "device_secret", format!("key, {} bytes", sign::key(secret).len())),
            step(&method, "key, string to sign", token),
        ],
    }
}

/// A device that registers itself: not the login is signed, but the request that follows.
fn registration(given: Given) -> Result<Checked, FieldFault> {
    let mut findings = Vec::new();
    let id = given.client_id.clone().unwrap_or_default();
    let named = id.strip_prefix(REGISTERS).and_then(|rest| rest.split_once('&'));
    let Some((product, device)) = named.filter(|(product, device)| !product.is_empty() && !device.is_empty()) else {
        findings.push(Finding::error("client_id_form", REGISTER_ID.with(&[&id]), REGISTER_ID_FIX));
        return Ok(Checked::new(Role::Device, given, findings, None));
    };
    let field = |name: &str| given.fields.get(name).map(str::to_owned);
    let secret = field("product_secret").ok_or_else(|| FieldFault::new("product_secret", NO_SECRET))?;
    let (Some(nonce), Some(time), Some(password)) =
        (field("nonce"), field("expires_at"), given.password().map(str::to_owned))
    else {
        findings.push(Finding::warning("registration_unchecked", REGISTER_UNCHECKED, REGISTER_FIX));
        return Ok(Checked::new(Role::Device, given, findings, None));
    };
    let content = register::content(product, device, &nonce, &time);
    let keys = mistakes::text_keys("product_secret", &secret);
    // Both the base64 of the hex text and the bare hex are taken.
    let bytes = digest::base64_decode_lenient(&password).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let token = bytes.filter(|text| text.len() == 40).unwrap_or_else(|| password.clone());
    if !register::fits(&password, &secret, &content) {
        let other = register::content(device, product, &nonce, &time);
        let texts = vec![
            Variant::right(content.clone().into_bytes()),
            Variant::wrong(
                other.into_bytes(),
                Finding::error("product_and_device_swapped", SWAPPED.with(&[&"signed text"]), REGISTER_FIX),
            ),
            Variant::wrong(
                format!("productID={product}&deviceName={device}&nonce={nonce}&timestamp={time}").into_bytes(),
                mistakes::order("productID, deviceName, nonce, timestamp", "deviceName, nonce, productID, timestamp"),
            ),
            Variant::wrong(format!("{content}\n").into_bytes(), mistakes::added("\\n")),
        ];
        let search =
            Search { keys, texts, macs: mistakes::macs(Digest::Sha1, "hmacsha1"), given: mistakes::hex_output(&token) };
        let expected = hex::encode(&digest::hmac(Digest::Sha1, secret.as_bytes(), content.as_bytes()));
        let signature =
            Signature { given: &token, expected: &expected, any_case: true, inputs: Vec::new(), tried: TRIED.into() };
        findings.extend(mistakes::diagnose(&search, &signature));
    }
    let expected = Signed {
        server: given.server.clone(),
        client_id: Some(id.clone()),
        username: None,
        password: Some(Secret::new(register::signature(&secret, &content))),
        content: Some(content),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: Vec::new(),
    };
    Ok(Checked::new(Role::Device, given, findings, Some(expected)))
}
