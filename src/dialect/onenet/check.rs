//! The checker: which of the usual mistakes made this token (OneNET docs, `device-auth.md`, `api/auth.md`).

pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::base::digest::{self, Digest};
use crate::base::secret::Secret;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::dialect::check::mistakes::{self, Input, Signature};
use crate::dialect::check::search::{Search, Variant};
use crate::dialect::check::{Checked, Finding, Given};
use crate::dialect::onenet::sign::{self, APP_VERSION, DEVICE_VERSION, Token};
use crate::dialect::{Signed, Step};
use crate::model::{FieldFault, Fields, Role};
use texts::*;

/// Versions that somewhere on the platform are right.
const VERSIONS: [&str; 4] = [DEVICE_VERSION, APP_VERSION, "2022-05-01", "v1.0.0"];
/// From here on `et` counts milliseconds: in seconds it would be the year 5138.
const MILLISECONDS: u64 = 100_000_000_000;

/// How long the token is valid that is shown in the place of an expired one.
const RENEWED: Duration = Duration::from_secs(12 * 3_600);

/// The parameters of a token as they stand, and decoded.
struct Parts {
    raw: Vec<(String, String)>,
    token: Token,
}

/// Whether a text is a token, or was to become one.
pub fn looks_like_token(text: &str) -> bool {
    let plain = percent_decode_str(text).decode_utf8_lossy();
    plain.contains("res=") && plain.contains("sign=")
}

/// Whether this looks like a login of the platform.
pub fn recognises(given: &Given) -> bool {
    given.password().is_some_and(looks_like_token)
        || given.loose.iter().any(|text| looks_like_token(text.expose()))
        || given.username.as_deref().is_some_and(|name| name.starts_with("userid/") || name.starts_with("projectid/"))
}

/// The checker.
pub fn check(role: Option<Role>, given: &Given, now: Time) -> Result<Checked, FieldFault> {
    let mut given = given.clone();
    given.adopt(|_| false, is_account, looks_like_token);
    if given.password.is_none() {
        given.password = given.fields.get("token").map(Secret::new).or(given.header("authorization").map(Secret::new));
    }
    let password = given.password.clone().ok_or_else(|| FieldFault::new("password", crate::model::fields::MISSING))?;
    let mut findings = Vec::new();
    let parts = match read(password.expose(), &mut findings) {
        Ok(parts) => parts,
        Err(finding) => {
            let text = password.expose();
            let alone = mistakes::base64_output(text).iter().any(|read| read.mistakes.is_empty());
            findings.push(match mistakes::unsigned(text, &given.fields, "") {
                Some(finding) => finding,
                None if alone => Finding::error("sign_only", SIGN_ONLY, UNKNOWN_FIX),
                None => finding,
            });
            let role = role.unwrap_or_else(|| role_of(&given, ""));
            return Ok(Checked::new(role, given, findings, None));
        }
    };
    let role = role.unwrap_or_else(|| role_of(&given, &parts.token.res));
    name_the_loose(&mut given, role, &parts.token.res);
    let right = who(role, &given, &parts.token, &mut findings);
    form(role, &parts, now, &mut findings);
    let level = given.packet.as_ref().map(|packet| packet.level);
    if let Some(level) = level.filter(|level| *level != 4) {
        findings.push(Finding::error("mqtt_level", LEVEL.with(&[&level]), LEVEL_FIX));
    }
    let Some(key) = given.fields.get("access_key").map(str::to_owned) else {
        if findings.iter().any(|finding| finding.severity == crate::model::Severity::Error) {
            return Ok(Checked::new(role, given, findings, None));
        }
        return Err(FieldFault::new("access_key", NO_KEY));
    };
    let Some(keys) = mistakes::base64_keys("access_key", &key) else {
        findings.push(Finding::error("key_form", KEY_FORM, KEY_FORM_FIX));
        return Ok(Checked::new(role, given, findings, None));
    };
    findings.extend(signature(&given.fields, &parts, keys, &key));
    let expected = expected(role, &given, &parts.token, right, &key, now);
    Ok(Checked::new(role, given, findings, expected))
}

fn is_account(text: &str) -> bool {
    ["userid/", "user/", "projectid/"].iter().any(|start| text.starts_with(start))
}

fn role_of(given: &Given, res: &str) -> Role {
    let account = given.username.as_deref().is_some_and(is_account)
        || is_account(res)
        || ["user_id", "project_id", "group_id"].iter().any(|name| given.fields.get(name).is_some());
    if account { Role::App } else { Role::Device }
}

/// Texts without a name that are parts of `res`.
fn name_the_loose(given: &mut Given, role: Role, res: &str) {
    if role != Role::Device {
        return;
    }
    if let Some((product, device)) = product_and_device(res) {
        if given.username.is_none() {
            given.username = given.claim(|text| text == product);
        }
        if given.client_id.is_none() {
            given.client_id =
                given.claim(|text| Some(text) == device || text.ends_with(&format!("&{}", device.unwrap_or("\0"))));
        }
    }
}

fn product_and_device(res: &str) -> Option<(&str, Option<&str>)> {
    let rest = res.trim_start_matches('/').strip_prefix("products/")?;
    Some(match rest.split_once("/devices/") {
        Some((product, device)) => (product, Some(device)),
        None => (rest, None),
    })
}

/// Reads a token however it was broken; `Err` where there is nothing to go on with.
fn read(text: &str, findings: &mut Vec<Finding>) -> Result<Parts, Finding> {
    let mut text = text.trim_matches(['"', '\'', ' ', '\n', '\r']).to_owned();
    if !text.contains('&') && text.to_ascii_lowercase().contains("%26") {
        findings.push(Finding::error("token_encoded_whole", WHOLE, WHOLE_FIX));
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    } else if text.contains("&amp;") {
        findings.push(Finding::error("token_html_encoded", HTML, WHOLE_FIX));
        text = text.replace("&amp;", "&");
    }
    // A percent sign that a printf or a modem swallowed: 2F for /, 3D for =.
    let bare = ["res=products2F", "res=userid2F", "res=projectid2F"].iter().any(|start| text.contains(start));
    if bare && !text.contains('%') {
        findings.push(Finding::error("percent_lost", PERCENT, PERCENT_FIX));
        text = ["2F", "2B", "3D"].iter().fold(text, |text, digits| text.replace(digits, &format!("%{digits}")));
    }
    const NAMES: [&str; 5] = ["version", "res", "et", "method", "sign"];
    let mut raw: Vec<(String, String)> = Vec::new();
    for part in text.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let plain = name.trim();
        if !NAMES.contains(&plain) {
            let near = NAMES.iter().find(|known| strsim::levenshtein(&plain.to_lowercase(), known) <= 1);
            match near {
                Some(known) => {
                    findings.push(Finding::error(
                        "parameter_misspelt",
                        MISSPELT.with(&[&plain, known]),
                        MISSPELT_FIX.with(&[known]),
                    ));
                    raw.push(((*known).to_owned(), value.to_owned()));
                }
                None => findings.push(Finding::error("parameter_unknown", UNKNOWN.with(&[&plain]), UNKNOWN_FIX)),
            }
            continue;
        }
        if plain != name {
            findings.push(Finding::error("stray_space", SPACE_IN_TOKEN, UNKNOWN_FIX));
        }
        if raw.iter().any(|(known, _)| known == plain) {
            findings.push(Finding::error("parameter_twice", PARAMETER_TWICE.with(&[&plain]), UNKNOWN_FIX));
            continue;
        }
        raw.push((plain.to_owned(), value.to_owned()));
    }
    let missing: Vec<&str> =
        NAMES.into_iter().filter(|name| raw.iter().all(|(known, value)| known != name || value.is_empty())).collect();
    if missing.len() >= 3 {
        return Err(Finding::error("not_a_token", NOT_A_TOKEN, NOT_A_TOKEN_FIX));
    }
    for name in &missing {
        findings.push(Finding::error("parameter_missing", MISSING.with(&[name]), UNKNOWN_FIX));
    }
    let encoded_twice = raw.iter().filter(|(_, value)| value.contains("%25")).count();
    if encoded_twice > 0 {
        findings.push(Finding::error("token_encoded_twice", ENCODED_TWICE, ENCODED_TWICE_FIX));
    }
    let value = |name: &str| {
        let text = raw.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
        let once = percent_decode_str(text).decode_utf8_lossy().into_owned();
        if text.contains("%25") { percent_decode_str(&once).decode_utf8_lossy().into_owned() } else { once }
    };
    let token = Token {
        version: value("version"),
        res: value("res"),
        et: value("et"),
        method: value("method"),
        sign: value("sign"),
    };
    Ok(Parts { raw, token })
}

/// Encoding, version, method and expiry.
fn form(role: Role, parts: &Parts, now: Time, findings: &mut Vec<Finding>) {
    let Parts { raw, token } = parts;
    let written =
        |name: &str| raw.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let fix = || TOKEN_FIX.with(&[&token.emit()]);
    let encoded_whole = findings.iter().any(|finding| finding.code == "token_encoded_whole");
    if encoded_whole {
        // What was encoded as a whole shows nothing of its parts.
    } else if written("sign").contains(['+', '/', '=']) {
        findings.push(Finding::error("token_not_encoded", NOT_ENCODED.with(&[&"sign"]), fix()));
    } else if written("res").contains('/') {
        // Official examples have it so; a platform that decodes gets the same.
        findings.push(Finding::warning("res_not_encoded", NOT_ENCODED.with(&[&"res"]), fix()));
    }
    if token.sign.contains(' ') {
        findings.push(Finding::error("plus_became_space", PLUS, fix()));
    }
    let expected = if role == Role::App { APP_VERSION } else { DEVICE_VERSION };
    if token.version == "2022-05-01" {
        findings.push(Finding::warning(
            "version_other",
            VERSION_NEW.with(&[&expected]),
            VERSION_FIX.with(&[&expected]),
        ));
    } else if token.version != expected && !token.version.is_empty() {
        findings.push(Finding::error(
            "version_other",
            VERSION.with(&[&token.version, &expected]),
            VERSION_FIX.with(&[&expected]),
        ));
    }
    match Digest::parse(&token.method) {
        _ if token.method.is_empty() => {}
        Some(digest) if digest.name() == token.method => {}
        Some(digest) if digest.name().eq_ignore_ascii_case(&token.method) => {
            findings.push(Finding::warning(
                "method_capitals",
                METHOD_CAPITALS.with(&[&token.method]),
                METHOD_FIX.with(&[&digest.name()]),
            ));
        }
        Some(digest) => {
            findings.push(Finding::error(
                "method_unknown",
                METHOD.with(&[&token.method]),
                METHOD_FIX.with(&[&digest.name()]),
            ));
        }
        None => findings.push(Finding::error(
            "method_unknown",
            METHOD.with(&[&token.method]),
            METHOD_FIX.with(&[&"sha256"]),
        )),
    }
    match token.et.parse::<u64>() {
        Err(_) if token.et.is_empty() => {}
        Err(_) => findings.push(Finding::error("et_form", ET_FORM.with(&[&token.et]), ET_FIX)),
        Ok(et) if et >= MILLISECONDS => {
            let at = local_date_time(Time::from_millis(et));
            findings.push(Finding::warning("et_milliseconds", ET_MS.with(&[&token.et, &at]), ET_FIX));
        }
        Ok(et) if Time::from_secs(et) < now => {
            let at = local_date_time(Time::from_secs(et));
            findings.push(Finding::error("expired", EXPIRED.with(&[&at, &token.et, &now.as_secs()]), EXPIRED_FIX));
        }
        Ok(_) => {}
    }
}

/// Who logs in, as it should be written: client id, user name, `res`.
struct Who {
    client_id: Option<String>,
    username: Option<String>,
    res: String,
}

/// `res`, user name and client id have to speak of the same party (device log code 1114).
fn who(role: Role, given: &Given, token: &Token, findings: &mut Vec<Finding>) -> Who {
    let mut right =
        Who { client_id: given.client_id.clone(), username: given.username.clone(), res: token.res.clone() };
    if role == Role::App {
        account(given, token, &mut right, findings);
    } else {
        device(given, token, &mut right, findings);
    }
    right
}

fn account(given: &Given, token: &Token, right: &mut Who, findings: &mut Vec<Finding>) {
    let known = sign::app_resource(&given.fields).ok();
    let mend = |text: &str| {
        let text = text.trim_start_matches('/').trim_end_matches('/');
        text.strip_prefix("user/").map_or_else(|| text.to_owned(), |id| format!("userid/{id}"))
    };
    let should = known.clone().unwrap_or_else(|| {
        mend(if token.res.is_empty() { given.username.as_deref().unwrap_or_default() } else { &token.res })
    });
    for (code, what, text) in
        [("user_prefix", "username", given.username.as_deref()), ("user_prefix", "res", Some(token.res.as_str()))]
    {
        let Some(text) = text.filter(|text| text.starts_with("user/")) else { continue };
        findings.push(Finding::error(code, USER_PREFIX.with(&[&what, &text]), WRITE.with(&[&what, &mend(text)])));
    }
    if let Some(username) = given.username.as_deref() {
        if mend(username) != mend(&token.res) && !token.res.is_empty() {
            let fix = RES_FIX.with(&[&username]);
            findings.push(Finding::error("res_username", RES_USERNAME.with(&[&token.res, &username]), fix));
        } else if username != token.res
            && !username.starts_with("user/")
            && !token.res.starts_with("user/")
            && !token.res.is_empty()
        {
            findings.push(Finding::error(
                "res_form",
                RES_USERNAME.with(&[&token.res, &username]),
                WRITE.with(&[&"res", &should]),
            ));
        }
    }
    if let Some(known) = &known
        && *known != mend(&token.res)
        && given.username.is_none()
    {
        findings.push(Finding::error("res_username", RES_USERNAME.with(&[&token.res, known]), RES_FIX.with(&[known])));
    }
    let group = should.starts_with("projectid/") && should.contains("/groupid/");
    if !(should.is_empty() || group || should.starts_with("userid/")) {
        findings.push(Finding::error("username_form", USERNAME_FORM.with(&[&should]), USERNAME_FORM_FIX));
    }
    right.res.clone_from(&should);
    right.username = Some(should);
}

fn device(given: &Given, token: &Token, right: &mut Who, findings: &mut Vec<Finding>) {
    let (client_id, username) = (given.client_id.as_deref(), given.username.as_deref());
    let spelled = token.res.trim_start_matches('/');
    let mended = spelled.replacen("product/", "products/", 1).replacen("/device/", "/devices/", 1);
    let mended = if spelled.starts_with("product/") || !spelled.starts_with("products") {
        mended
    } else {
        spelled.replacen("/device/", "/devices/", 1)
    };
    if mended != token.res {
        findings.push(Finding::error("res_form", RES_FORM.with(&[&token.res]), WRITE.with(&[&"res", &mended])));
    }
    let parsed = product_and_device(&mended).map(|(product, device)| (product.to_owned(), device.map(str::to_owned)));
    let Some((product, device)) = parsed else {
        if mended == token.res && !token.res.is_empty() {
            let pair = username.zip(client_id).map(|(product, name)| format!("products/{product}/devices/{name}"));
            let should = pair.unwrap_or_else(|| "products/{product_id}/devices/{device_name}".to_owned());
            findings.push(Finding::error("res_form", RES_FORM.with(&[&token.res]), WRITE.with(&[&"res", &should])));
        }
        return;
    };
    let (product, device) = (
        given.fields.get("product_id").map_or(product.clone(), str::to_owned),
        given.fields.get("device_name").map(str::to_owned).or(device),
    );
    let known = |name: &str| given.fields.get(name).is_some();
    right.username = Some(product.clone());
    right.res = match &device {
        Some(device) if product_and_device(&mended).is_some_and(|(_, found)| found.is_some()) => {
            format!("products/{product}/devices/{device}")
        }
        _ => format!("products/{product}"),
    };
    let named = |id: &str| {
        [format!("{product}&"), format!("{product}."), format!("{product}/"), format!("{product}_")]
            .iter()
            .find_map(|start| id.strip_prefix(start.as_str()).map(str::to_owned))
    };
    if let Some(id) = client_id {
        if device.as_deref().is_some_and(|device| device != id && username == Some(device)) && id == product {
            findings.push(Finding::error("client_id_and_username_swapped", SWAPPED, SWAPPED_FIX));
            right.client_id.clone_from(&device);
            return;
        }
        if let Some(name) = named(id).filter(|name| device.as_ref().is_none_or(|device| device == name)) {
            findings.push(Finding::error(
                "client_id_with_product",
                CLIENT_ID.with(&[&id]),
                WRITE.with(&[&"client id", &name]),
            ));
            right.client_id = Some(name);
        } else if let Some((name, _)) = id
            .split_once('&')
            .filter(|(name, rest)| *rest == product && device.as_deref().is_none_or(|device| device == *name))
        {
            findings.push(Finding::error(
                "client_id_with_product",
                CLIENT_ID.with(&[&id]),
                WRITE.with(&[&"client id", &name]),
            ));
            right.client_id = Some(name.to_owned());
        } else if let Some(device) = device.as_deref().filter(|device| *device != id) {
            let message = RES_CLIENT_ID.with(&[&token.res, &id]);
            findings.push(Finding::error("res_client_id", message, WRITE.with(&[&"client id", &device])));
            right.client_id = Some(device.to_owned());
        }
    } else {
        right.client_id = device;
    }
    if let Some(name) = username.filter(|name| *name != product) {
        if name.contains(product.as_str()) {
            findings.push(Finding::error(
                "username_form",
                USERNAME_PRODUCT.with(&[&name]),
                WRITE.with(&[&"user name", &product]),
            ));
        } else {
            let message = RES_PRODUCT.with(&[&token.res, &name]);
            findings.push(Finding::error("res_username", message, WRITE.with(&[&"user name", &product])));
        }
    }
    if known("product_id") && token.res != right.res && mended == token.res {
        findings.push(Finding::error(
            "res_username",
            RES_OTHER.with(&[&token.res, &right.res]),
            WRITE.with(&[&"res", &right.res]),
        ));
    }
}

/// What was signed, and how.
fn signature(fields: &Fields, parts: &Parts, mut keys: Vec<Variant<Vec<u8>>>, key: &str) -> Vec<Finding> {
    let token = &parts.token;
    if token.sign.is_empty() {
        return Vec::new();
    }
    let digest = Digest::parse(&token.method).unwrap_or(Digest::Sha256);
    keys.extend(mistakes::other_keys("access_key", fields, true));
    let mut given = mistakes::base64_output(&token.sign.replace(' ', "+"));
    // A percent sign that a printf or a modem swallowed: 3D for =, 2B for +, 2F for /.
    let swallowed = [("3D", "="), ("2B", "+"), ("2F", "/"), ("3d", "="), ("2b", "+"), ("2f", "/")]
        .iter()
        .fold(token.sign.clone(), |text, (from, to)| text.replace(from, to));
    if given.is_empty() && swallowed != token.sign {
        let finding = || Finding::error("percent_lost", PERCENT, PERCENT_FIX);
        given.extend(mistakes::base64_output(&swallowed).into_iter().map(|read| Variant::wrong(read.value, finding())));
    }
    let search =
        Search { keys, texts: texts(token), macs: mistakes::macs(digest, &format!("method={}", token.method)), given };
    let right_key = digest::base64_decode_lenient(key).unwrap_or_default();
    let expected = digest::base64_encode(&digest::hmac(digest, &right_key, token.content().as_bytes()));
    let with = |change: &dyn Fn(&mut Token)| {
        let mut other = token.clone();
        change(&mut other);
        search.fits_text(other.content().as_bytes())
    };
    let inputs = vec![
        Input {
            name: "et",
            value: &token.et,
            secret: false,
            fits: Box::new(|value| with(&|token| value.clone_into(&mut token.et))),
        },
        Input {
            name: "res",
            value: &token.res,
            secret: false,
            fits: Box::new(|value| with(&|token| value.clone_into(&mut token.res))),
        },
        Input {
            name: "version",
            value: &token.version,
            secret: false,
            fits: Box::new(|value| with(&|token| value.clone_into(&mut token.version))),
        },
        Input {
            name: "access_key",
            value: key,
            secret: true,
            fits: Box::new(|value| digest::base64_decode_lenient(value).is_ok_and(|key| search.fits_key(&key))),
        },
    ];
    let signature = Signature { given: &token.sign, expected: &expected, any_case: false, inputs, tried: TRIED.into() };
    let mut found = mistakes::diagnose(&search, &signature);
    if found.iter().any(|finding| finding.code == "unexplained") {
        let level = if token.res.contains("/devices/") { KEY_LEVEL_DEVICE } else { KEY_LEVEL_PRODUCT };
        if token.res.starts_with("products/") {
            found.push(Finding::error("key_level", level, KEY_LEVEL_FIX).supposed());
        }
    }
    found
}

/// The text that has to be signed, and the ones that are signed by mistake.
fn texts(token: &Token) -> Vec<Variant<Vec<u8>>> {
    let Token { version, res, et, method, .. } = token;
    const RIGHT: &str = "et \\n method \\n res \\n version";
    let parts =
        [("et", et.as_str()), ("method", method.as_str()), ("res", res.as_str()), ("version", version.as_str())];
    let join =
        |parts: &[(&str, &str)], between: &str| parts.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(between);
    let mut all = vec![Variant::right(token.content().into_bytes())];
    let mut put = |text: String, finding: Finding| all.push(Variant::wrong(text.into_bytes(), finding));
    let with =
        |name: &str, value: &str| join(&parts.map(|part| if part.0 == name { (part.0, value) } else { part }), "\n");
    let encoded = sign::encode(res);
    put(with("res", &encoded), Finding::error("res_encoded_before_signing", RES_ENCODED, RES_ENCODED_FIX));
    put(
        with("res", &encoded.to_lowercase().replace(&res.to_lowercase(), res)),
        Finding::error("res_encoded_before_signing", RES_ENCODED, RES_ENCODED_FIX),
    );
    for order in mistakes::orders(&parts).into_iter().filter(|order| order.as_slice() != parts) {
        let names: Vec<&str> = order.iter().map(|(name, _)| *name).collect();
        put(join(&order, "\n"), mistakes::order(&names.join(", "), "et, method, res, version"));
    }
    for (between, shown) in [
        ("", "et+method+res+version"),
        ("\\n", "a backslash and the letter n"),
        ("\r\n", "CR LF"),
        ("&", "&"),
        (" ", "a space"),
        (",", ","),
        ("\t", "a tab"),
    ] {
        put(join(&parts, between), mistakes::joint(shown, RIGHT));
    }
    for end in ["\n", "\r\n", "\0"] {
        put(join(&parts, "\n") + end, mistakes::added("\\n (at the end)"));
    }
    let named: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    put(named.join("\n"), mistakes::joint("name=value \\n …", RIGHT));
    put(named.join("&"), mistakes::joint("name=value & …", RIGHT));
    for skip in parts {
        let rest: Vec<(&str, &str)> = parts.into_iter().filter(|part| *part != skip).collect();
        put(join(&rest, "\n"), mistakes::left_out(skip.0));
    }
    for other in VERSIONS.into_iter().filter(|other| other != version) {
        put(
            with("version", other),
            Finding::error("version_signed_other", SIGNED_VERSION.with(&[&other, version]), SIGNED_VERSION_FIX),
        );
    }
    let methods = [method.to_uppercase(), method.to_lowercase(), format!("hmac{method}"), format!("hmac-{method}")];
    for other in methods.iter().filter(|other| *other != method) {
        put(
            with("method", other),
            Finding::error("method_signed_other", SIGNED_METHOD.with(&[other, method]), SIGNED_VERSION_FIX),
        );
    }
    let digests = ["md5", "sha1", "sha256"].into_iter().filter(|other| !other.eq_ignore_ascii_case(method));
    for other in digests {
        put(
            with("method", other),
            Finding::error("method_signed_other", SIGNED_METHOD.with(&[&other, method]), SIGNED_VERSION_FIX),
        );
    }
    for other in other_resources(res) {
        put(with("res", &other), Finding::error("res_signed_other", SIGNED_RES.with(&[&other, res]), SIGNED_RES_FIX));
    }
    all
}

/// What else is taken for the resource.
fn other_resources(res: &str) -> Vec<String> {
    let mut all = vec![format!("/{res}"), format!("{res}/"), res.to_lowercase()];
    if let Some((product, device)) = product_and_device(res) {
        all.extend(device.map(|_| format!("products/{product}")));
        let Some(device) = device else { return all };
        all.extend([
            format!("product/{product}/device/{device}"),
            format!("products/{product}/device/{device}"),
            format!("products/{product}/{device}"),
            format!("products/{device}/devices/{product}"),
            format!("{product}/{device}"),
            product.to_owned(),
            device.to_owned(),
        ]);
    }
    if let Some(id) = res.strip_prefix("userid/") {
        all.extend([format!("user/{id}"), id.to_owned(), format!("users/{id}")]);
    }
    if let Some(id) = res.strip_prefix("user/") {
        all.push(format!("userid/{id}"));
    }
    all.retain(|other| other != res);
    all
}

/// The login as it should be: of the same party, method and time, but with a time that has not passed.
fn expected(role: Role, given: &Given, token: &Token, right: Who, key: &str, now: Time) -> Option<Signed> {
    let digest = Digest::parse(&token.method).unwrap_or(Digest::Sha256);
    let known = VERSIONS.contains(&token.version.as_str());
    let default = if role == Role::App { APP_VERSION } else { DEVICE_VERSION };
    let foreign = token.version == if role == Role::App { DEVICE_VERSION } else { APP_VERSION };
    let number = token.et.parse::<u64>().ok()?;
    let seconds = if number >= MILLISECONDS { number / 1_000 } else { number };
    let renewed = now + RENEWED;
    let et = if Time::from_secs(seconds) < now { renewed.as_secs() } else { seconds }.to_string();
    let mut made = Token {
        version: if known && !foreign { token.version.clone() } else { default.to_owned() },
        res: right.res,
        et,
        method: digest.name().to_owned(),
        sign: String::new(),
    };
    made.sign = made.signature(&digest::base64_decode_lenient(key).ok()?)?;
    let content = made.content();
    let password = made.emit();
    let step =
        |name: &str, input: &str, output: String| Step { name: name.to_owned(), input: input.to_owned(), output };
    Some(Signed {
        server: given.server.clone(),
        client_id: right.client_id,
        username: right.username,
        expires_at: made.expires_at(),
        steps: vec![
            step("string to sign", "et \\n method \\n res \\n version", content.clone()),
            step(&format!("hmac-{}, base64", digest.name()), "key, string to sign", made.sign.clone()),
        ],
        password: Some(Secret::new(password)),
        content: Some(content),
        url: None,
        body: None,
        headers: Vec::new(),
    })
}
