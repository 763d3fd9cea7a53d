//! The checker: which of the usual mistakes made this login (App与云端通讯 v4.0.4, section 4.2; GAgent; firmware on
//! agent.gizwitsapi.com).

pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::check::mistakes::{self, Input, Signature};
use crate::dialect::check::search::{self, Mac, Search, Variant};
use crate::dialect::check::{Checked, Finding, Given};
use crate::dialect::gizwits::sign::{self, APP_PREFIX, LONGEST_CLIENT_ID, NONCE_LENGTH};
use crate::dialect::{Signed, Step};
use crate::model::{FieldFault, Fields, Role, Severity};
use texts::*;

/// Whether this looks like a login of the platform.
pub fn recognises(given: &Given) -> bool {
    let user = |text: &str| {
        text.starts_with("2$") && text.matches('$').count() == 2 || text.contains("|signmethod=sha256,signnonce=")
    };
    given.username.as_deref().is_some_and(user) || given.loose.iter().any(|text| user(text.expose()))
}

/// The checker.
pub fn check(role: Option<Role>, given: &Given, _now: Time) -> Result<Checked, FieldFault> {
    let mut given = given.clone();
    given.adopt(
        |text| text.starts_with("usr") && text.len() < 40 && !text.contains(['$', '=', ' ']),
        |text| text.contains('$') || text.contains("|sign"),
        |_| false,
    );
    let app = given.username.as_deref().is_some_and(|name| name.contains('$'))
        || given.client_id.as_deref().is_some_and(|id| id.starts_with("usr"))
        || ["appid", "uid", "token"].iter().any(|name| given.fields.get(name).is_some());
    let role = role.unwrap_or(if app { Role::App } else { Role::Device });
    if given.client_id.is_none() && !given.loose.is_empty() && role == Role::Device {
        given.client_id = given.claim(|text| text.len() == 22);
    }
    if given.password.is_none() {
        given.password = given.claim(|_| true).map(Secret::new);
    }
    let mut findings = Vec::new();
    if let Some(packet) = &given.packet {
        if packet.level != 3 {
            findings.push(Finding::warning("mqtt_level", rules::LEVEL.with(&[&packet.level]), rules::LEVEL_FIX));
        }
        findings.extend(rules::keep_alive(u64::from(packet.keep_alive)));
    }
    match role {
        Role::App => app_login(given, findings),
        Role::Device | Role::Cloud => device_login(given, findings),
    }
}

fn signed(given: &Given, client_id: Option<String>, username: Option<String>, password: Option<&str>) -> Signed {
    Signed {
        server: given.server.clone(),
        client_id,
        username,
        password: password.map(Secret::new),
        content: None,
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
        steps: Vec::new(),
    }
}

fn app_login(given: Given, mut findings: Vec<Finding>) -> Result<Checked, FieldFault> {
    if given.client_id.is_none() && given.username.is_none() && given.password.is_none() {
        return Err(FieldFault::new("username", crate::model::fields::MISSING));
    }
    let client_id = given.client_id.clone().map(|id| app_client_id(&id, &mut findings));
    let fields = given.fields.clone();
    let username = given.username.clone().and_then(|name| app_username(&name, &fields, &mut findings));
    let token = fields.get("token");
    let password = given.password().unwrap_or_default().to_owned();
    match token {
        _ if password.is_empty() => findings.push(Finding::error("password_missing", NO_TOKEN, TOKEN_FIX)),
        Some(token) => findings.extend(other_text("token", token, &password, &fields)),
        None => {
            for name in ["uid", "appid", "app_secret", "product_secret"] {
                if fields.get(name).is_some_and(|value| value == password) {
                    findings.push(Finding::error("other_value", OTHER_VALUE.with(&[&name, &"token"]), TOKEN_FIX));
                }
            }
            if username.as_deref().is_some_and(|name| name.split('$').any(|part| part == password)) {
                findings.push(Finding::error("other_value", OTHER_VALUE.with(&[&"appid / uid", &"token"]), TOKEN_FIX));
            }
            if password != password.trim() {
                findings.push(Finding::error("stray_space", SPACE.with(&[&"password"]), SPACE_FIX));
            }
            findings.push(Finding::warning("token_unchecked", UNCHECKED, UNCHECKED_FIX));
        }
    }
    let expected = signed(&given, client_id, username, token.or(Some(password.trim())));
    Ok(Checked::new(Role::App, given, findings, Some(expected)))
}

/// Checks the client id of an app; gives one that keeps the rule.
fn app_client_id(id: &str, findings: &mut Vec<Finding>) -> String {
    let plain: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    let mended = if plain.starts_with(APP_PREFIX) { plain } else { format!("{APP_PREFIX}{plain}") };
    let mended: String = mended.chars().take(LONGEST_CLIENT_ID).collect();
    let fix = || WRITE.with(&[&"client id", &mended]);
    if !id.starts_with(APP_PREFIX) {
        findings.push(Finding::error("client_id_prefix", PREFIX.with(&[&id]), fix()));
    }
    if id.len() > LONGEST_CLIENT_ID {
        findings.push(Finding::error("client_id_length", LENGTH.with(&[&id.len()]), fix()));
    }
    if id.chars().any(|c| !c.is_ascii_alphanumeric()) {
        findings.push(Finding::error("client_id_characters", CHARACTERS.with(&[&id]), fix()));
    }
    mended
}

/// Checks the user name of an app against `2$appid$uid`; gives the right one where it can be told.
fn app_username(name: &str, fields: &Fields, findings: &mut Vec<Finding>) -> Option<String> {
    let known = (fields.get("appid"), fields.get("uid"));
    let mut plain = name.trim().to_owned();
    if plain != name {
        findings.push(Finding::error("stray_space", SPACE.with(&[&"user name"]), SPACE_FIX));
    }
    if !plain.contains('$') && plain.contains("%24") {
        findings.push(Finding::error("username_encoded", ENCODED, USERNAME_FIX));
        plain = plain.replace("%24", "$");
    }
    let right = sign::app_username;
    let should = known.0.zip(known.1).map(|(appid, uid)| right(appid, uid));
    let fix = |found: Option<&str>| match found.or(should.as_deref()) {
        Some(right) => WRITE.with(&[&"user name", &right]),
        None => USERNAME_FIX.into(),
    };
    let parts: Vec<&str> = plain.split('$').collect();
    match parts.as_slice() {
        ["2", appid, uid] if !appid.is_empty() && !uid.is_empty() => {
            let swapped = appid != uid && (known.0 == Some(*uid) || known.1 == Some(*appid));
            if swapped {
                let mended = right(uid, appid);
                findings.push(Finding::error("appid_uid_swapped", SWAPPED, fix(Some(&mended))));
                return Some(mended);
            }
            for (field, wanted, found) in [("appid", known.0, *appid), ("uid", known.1, *uid)] {
                if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
                    let message = OTHER_ID.with(&[&field, &found, &wanted]);
                    findings.push(Finding::error("username_other", message, fix(None)));
                }
            }
            Some(should.unwrap_or_else(|| right(appid, uid)))
        }
        // A shell takes $appid for a variable.
        ["2" | ""] | ["2", ""] | ["2", "", ""] => {
            findings.push(Finding::error("username_shell", SHELL.with(&[&name]), SHELL_FIX));
            should
        }
        [first, appid, uid] if !appid.is_empty() && !uid.is_empty() => {
            let mended = should.clone().unwrap_or_else(|| right(appid, uid));
            findings.push(Finding::error("username_prefix", USERNAME_PREFIX.with(&[first]), fix(Some(&mended))));
            Some(mended)
        }
        [appid, uid] if parts.len() == 2 => {
            let mended = should.clone().unwrap_or_else(|| right(appid.trim_start_matches('2'), uid));
            findings.push(Finding::error("username_form", USERNAME_FORM.with(&[&name]), fix(Some(&mended))));
            Some(mended)
        }
        _ => {
            let other = ['&', '|', ';', ',', ':', '/', '_', '-', '.', '＄'].into_iter().find_map(|sign| {
                let parts: Vec<&str> = plain.split(sign).collect();
                <[&str; 3]>::try_from(parts.as_slice()).ok()
            });
            let mended = should.clone().or_else(|| other.map(|[_, appid, uid]| right(appid, uid)));
            findings.push(Finding::error("username_form", USERNAME_FORM.with(&[&name]), fix(mended.as_deref())));
            mended
        }
    }
}

/// What is wrong with a text that has to be a given secret itself.
fn other_text(name: &str, right: &str, given: &str, fields: &Fields) -> Option<Finding> {
    if given == right {
        return None;
    }
    let fix = TEXT_FIX.with(&[&name]);
    if given.trim().trim_matches(['"', '\'']) == right {
        return Some(Finding::error("stray_space", SPACE.with(&[&"password"]), SPACE_FIX));
    }
    if given.eq_ignore_ascii_case(right) {
        return Some(Finding::error("letter_case", LETTER_CASE.with(&[&name]), fix));
    }
    if let Some(other) = fields.names().find(|other| *other != name && fields.get(other) == Some(given)) {
        return Some(Finding::error("other_value", OTHER_VALUE.with(&[&other, &name]), fix));
    }
    let digests = [Digest::Md5, Digest::Sha1, Digest::Sha256];
    let hashed = |digest: &Digest| hex::encode(&digest::hash(*digest, right.as_bytes())).eq_ignore_ascii_case(given);
    if let Some(found) = digests.iter().find(|digest| hashed(digest)) {
        return Some(Finding::error("hashed", HASHED.with(&[&found.name(), &name]), fix));
    }
    if digest::base64_encode(right.as_bytes()) == given || hex::encode(right.as_bytes()).eq_ignore_ascii_case(given) {
        return Some(Finding::error("encoded", ENCODED_TEXT.with(&[&name]), fix));
    }
    if percent_encoding::percent_decode_str(given).decode_utf8_lossy() == right {
        return Some(Finding::error("encoded", ENCODED_TEXT.with(&[&name]), fix));
    }
    if let (Some(appid), Some(secret)) = (fields.get("appid"), fields.get("app_secret"))
        && sign::md5(&format!("{appid}{secret}")).eq_ignore_ascii_case(given)
    {
        return Some(Finding::error("application_auth", APPLICATION_AUTH, fix));
    }
    let (long, short) = (right.chars().count(), given.chars().count());
    if short >= 4 && right.starts_with(given) {
        return Some(Finding::error("cut_off", CUT_OFF.with(&[&name, &short, &long]), fix));
    }
    let reversed = right.chars().rev().collect::<String>();
    let distance = strsim::levenshtein(given, right);
    if distance <= 2 && long >= 6 {
        return Some(Finding::error(
            "secret_typo",
            TYPO.with(&[&name, &distance, &search::parting(given, right)]),
            fix,
        ));
    }
    if reversed == given {
        return Some(Finding::error("reversed", TYPO.with(&[&name, &long, &1]), fix));
    }
    Some(Finding::error("other_text", OTHER_TEXT.with(&[&name]), fix))
}

fn device_login(given: Given, mut findings: Vec<Finding>) -> Result<Checked, FieldFault> {
    let fields = given.fields.clone();
    let username = given.username.clone().ok_or_else(|| FieldFault::new("username", crate::model::fields::MISSING))?;
    let newer = username.contains('|') || username.contains("sign") || fields.get("auth_key").is_some();
    let first = username.split(['|', ',']).next().unwrap_or_default().trim().to_owned();
    let client_id = given.client_id.clone();
    let did = fields.get("did").map(str::to_owned).or(client_id.clone()).unwrap_or_else(|| first.clone());
    if client_id.as_deref().is_some_and(|id| id.starts_with("usr")) || username.contains('$') {
        findings.push(Finding::error("app_login", APP_LOGIN, APP_LOGIN_FIX));
        return Ok(Checked::new(Role::Device, given, findings, None));
    }
    for (what, found) in [("client id", client_id.as_deref()), ("user name", Some(first.as_str()))] {
        let Some(found) = found.filter(|found| *found != did) else { continue };
        let message = if found.trim() == did {
            SPACE.with(&[&what])
        } else if fields.get("mac").is_some_and(|mac| mac.eq_ignore_ascii_case(found)) {
            MAC_AS_ID.with(&[&what])
        } else if fields.get("product_key") == Some(found) {
            KEY_AS_ID.with(&[&what])
        } else {
            DID.with(&[&what, &found, &did])
        };
        findings.push(Finding::error("did_mismatch", message, WRITE.with(&[&what, &did])));
    }
    if newer {
        return newer_login(given, &fields, &username, &did, findings);
    }
    let password = given.password().unwrap_or_default().to_owned();
    let Some(passcode) = fields.get("passcode") else {
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok(Checked::new(Role::Device, given, findings, None));
        }
        return Err(FieldFault::new("passcode", NO_SECRET));
    };
    findings.extend(other_text("passcode", passcode, &password, &fields));
    let expected = signed(&given, Some(did.clone()), Some(did), Some(passcode));
    Ok(Checked::new(Role::Device, given, findings, Some(expected)))
}

/// `DID|signmethod=sha256,signnonce=…` and a digest.
fn newer_login(
    given: Given,
    fields: &Fields,
    username: &str,
    did: &str,
    mut findings: Vec<Finding>,
) -> Result<Checked, FieldFault> {
    let right_user = |nonce: &str| sign::device_username(did, nonce);
    let parameters = username.split_once('|').map_or("", |(_, parameters)| parameters);
    let mut nonce = String::new();
    let mut method = None;
    for part in parameters.trim_end_matches('|').split([',', '&', ';']).filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let key = key.trim();
        let near = |known: &str| key == known || strsim::levenshtein(&key.to_lowercase(), known) <= 2;
        let known = ["signmethod", "signnonce"].into_iter().find(|known| near(known));
        if let Some(known) = known.filter(|known| *known != key) {
            findings.push(Finding::error(
                "parameter_misspelt",
                MISSPELT.with(&[&key, &known]),
                WRITE.with(&[&key, &known]),
            ));
        }
        match known {
            Some("signmethod") => method = Some(value.trim().to_owned()),
            Some(_) => value.trim().clone_into(&mut nonce),
            None => findings.push(Finding::warning(
                "parameter_unknown",
                UNKNOWN.with(&[&key]),
                WRITE.with(&[&"user name", &right_user("…")]),
            )),
        }
    }
    if nonce.is_empty() {
        fields.get("nonce").unwrap_or_default().clone_into(&mut nonce);
        let fix = WRITE.with(&[&"user name", &right_user(if nonce.is_empty() { "ABCDEFGHIJ" } else { &nonce })]);
        findings.push(Finding::error("nonce_missing", NO_NONCE.with(&[&username]), fix));
    } else if nonce.len() != NONCE_LENGTH || nonce.chars().any(|c| !c.is_ascii_uppercase()) {
        findings.push(Finding::warning("nonce_form", NONCE_FORM.with(&[&nonce]), NONCE_FIX));
    }
    match method.as_deref() {
        Some("sha256") => {}
        None if parameters.is_empty() => {}
        None => {
            findings.push(Finding::error("sign_method", NO_METHOD, WRITE.with(&[&"user name", &right_user(&nonce)])));
        }
        Some(other) => {
            findings.push(Finding::error(
                "sign_method",
                METHOD.with(&[&other]),
                WRITE.with(&[&"user name", &right_user(&nonce)]),
            ));
        }
    }
    let mut parts = Vec::new();
    for name in ["product_key", "mac", "auth_key"] {
        let Some(value) = fields.get(name) else {
            if findings.iter().any(|finding| finding.severity == Severity::Error) {
                return Ok(Checked::new(Role::Device, given, findings, None));
            }
            return Err(FieldFault::new(name, NO_SECRET));
        };
        parts.push((name, value.to_owned()));
    }
    parts.push(("nonce", nonce.clone()));
    let content = match values(&parts).as_slice() {
        [product, mac, key, nonce] => sign::device_content(product, mac, key, nonce),
        _ => String::new(),
    };
    let expected = sign::sha256(&content);
    let password = given.password().unwrap_or_default().trim().to_owned();
    if password.is_empty() {
        findings.push(Finding::error("password_missing", NO_PASSWORD, PASSWORD_FIX));
    } else if fields.get("passcode") == Some(password.as_str()) {
        findings.push(Finding::error("passcode_in_newer_login", PASSCODE, PASSWORD_FIX));
    } else if password != expected && password.eq_ignore_ascii_case(&expected) {
        findings.push(Finding::error("letter_case", LETTER_CASE.with(&[&"password"]), PASSWORD_FIX).supposed());
    } else if given.password() != Some(password.as_str()) && password == expected {
        findings.push(Finding::error("stray_space", SPACE.with(&[&"password"]), SPACE_FIX));
    } else {
        findings.extend(signature(&parts, did, &password, &expected));
    }
    let mut right = signed(&given, Some(did.to_owned()), Some(right_user(&nonce)), Some(&expected));
    let shown = content.replace(parts.get(2).map(|part| part.1.as_str()).unwrap_or_default(), "auth_key");
    right.steps = vec![
        Step {
            name: "string to sign".to_owned(),
            input: "product_key , mac , auth_key , nonce".to_owned(),
            output: shown.clone(),
        },
        Step { name: "sha256, hex".to_owned(), input: "string to sign".to_owned(), output: expected },
    ];
    right.content = Some(shown);
    Ok(Checked::new(Role::Device, given, findings, Some(right)))
}

fn values<'a>(parts: &'a [(&'static str, String)]) -> Vec<&'a str> {
    parts.iter().map(|part| part.1.as_str()).collect()
}

fn signature(parts: &[(&'static str, String)], did: &str, password: &str, expected: &str) -> Vec<Finding> {
    let key = parts.get(2).map(|part| part.1.clone()).unwrap_or_default();
    let mut macs = vec![Variant::right(Mac::Plain(Digest::Sha256))];
    for digest in [Digest::Md5, Digest::Sha1] {
        macs.push(Variant::wrong(
            Mac::Plain(digest),
            Finding::error("digest_mismatch", DIGEST.with(&[&digest.name()]), DIGEST_FIX),
        ));
    }
    for digest in [Digest::Sha256, Digest::Md5, Digest::Sha1] {
        macs.push(Variant::wrong(
            Mac::Hmac(digest),
            Finding::error("hmac_used", HMAC.with(&[&digest.name()]), DIGEST_FIX),
        ));
    }
    let search = Search {
        keys: vec![Variant::right(key.clone().into_bytes())],
        texts: texts(parts, did),
        macs,
        given: mistakes::hex_output(password),
    };
    let with = |at: usize, value: &str| {
        let mut other = parts.to_vec();
        if let Some(part) = other.get_mut(at) {
            value.clone_into(&mut part.1);
        }
        search.fits_text(values(&other).join(",").as_bytes())
    };
    let mut inputs: Vec<Input<'_>> = parts
        .iter()
        .enumerate()
        .map(|(at, (name, value))| Input {
            name,
            value,
            secret: *name == "auth_key",
            fits: Box::new(move |value| with(at, value)),
        })
        .collect();
    inputs.rotate_right(1);
    let signature = Signature { given: password, expected, any_case: true, inputs, tried: TRIED.into() };
    mistakes::diagnose(&search, &signature)
}

/// The text that has to be digested, and the ones that are by mistake.
fn texts(parts: &[(&'static str, String)], did: &str) -> Vec<Variant<Vec<u8>>> {
    const SHOWN: &str = "product_key,mac,auth_key,nonce";
    let right = values(parts).join(",");
    let mut all = vec![Variant::right(right.clone().into_bytes())];
    let mut put = |text: String, finding: Finding| {
        if text != right {
            all.push(Variant::wrong(text.into_bytes(), finding));
        }
    };
    for order in mistakes::orders(parts) {
        let names: Vec<&str> = order.iter().map(|part| part.0).collect();
        put(values(&order).join(","), mistakes::order(&names.join(","), SHOWN));
    }
    for between in ["", ";", "&", "|", ":", ", ", "\n", "-", "_"] {
        put(
            values(parts).join(between),
            mistakes::joint(&format!("product_key{}mac…", between.replace('\n', "\\n")), SHOWN),
        );
    }
    let named: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    put(named.join(","), mistakes::joint("name=value,…", SHOWN));
    put(named.join("&"), mistakes::joint("name=value&…", SHOWN));
    for skip in parts {
        let rest: Vec<(&'static str, String)> = parts.iter().filter(|part| *part != skip).cloned().collect();
        put(values(&rest).join(","), mistakes::left_out(skip.0));
    }
    let mac = parts.get(1).map(|part| part.1.clone()).unwrap_or_default();
    let digits: String = mac.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs = |sign: &str| digits.as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join(sign);
    for other in [
        mac.to_lowercase(),
        mac.to_uppercase(),
        pairs(":"),
        pairs("-"),
        digits.clone(),
        digits.to_lowercase(),
        digits.to_uppercase(),
        pairs(":").to_lowercase(),
    ] {
        let mut changed = parts.to_vec();
        if let Some(part) = changed.get_mut(1) {
            other.clone_into(&mut part.1);
        }
        put(values(&changed).join(","), Finding::error("mac_form", MAC_FORM.with(&[&other, &mac]), MAC_FIX));
    }
    for at in 0..=parts.len() {
        let mut more = parts.to_vec();
        more.insert(at.min(more.len()), ("did", did.to_owned()));
        put(values(&more).join(","), mistakes::added("did"));
    }
    let mut replaced = parts.to_vec();
    if let Some(part) = replaced.get_mut(0) {
        did.clone_into(&mut part.1);
    }
    put(values(&replaced).join(","), Finding::error("did_for_product_key", DID_SIGNED, DID_SIGNED_FIX));
    for end in ["\n", "\0", ","] {
        put(format!("{right}{end}"), mistakes::added(&end.replace('\n', "\\n").replace('\0', "\\0")));
    }
    all
}
