//! The login of an app: the address and the header fields of a WebSocket upgrade (page "websocket开发"; unitedrhino/core,
//! `share/middlewares/middlewareCheckToken.go`).

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::texts::*;
use crate::base::digest;
use crate::base::text::local_date_time;
use crate::base::time::Time;
use crate::dialect::check::{Checked, Finding, Given};
use crate::dialect::unitedrhino::{http, plan, spec};
use crate::model::{FieldFault, Fields, Role};

/// Names under which a token is sent in vain.
const OTHER_NAMES: [&str; 6] =
    ["access_token", "accesstoken", "access-token", "x-token", "ithings_token", "authorization"];

/// Whether this looks like the upgrade of an app.
pub fn recognises(given: &Given) -> bool {
    given.url.as_ref().is_some_and(|url| url.expose().contains("/websocket/connect"))
        || given.header("app-code").is_some()
        || given.header("ithings-token").is_some()
        || given.loose.iter().any(|text| text.expose().contains("/websocket/connect"))
}

/// Checks an upgrade.
pub fn check(mut given: Given, now: Time) -> Result<Checked, FieldFault> {
    if given.url.is_none() {
        given.url = given.claim(|text| text.contains("://")).map(crate::base::secret::Secret::new);
    }
    let url = given.url.as_ref().map(|url| url.expose().to_owned());
    if url.is_none() && given.headers.is_empty() && given.fields.get("token").is_none() {
        return Err(FieldFault::new("url", crate::model::fields::MISSING));
    }
    if url.as_deref().is_some_and(|url| url.ends_with(http::LOGIN)) {
        // The call that fetches a token: there is nothing in it that could be recomputed.
        return Ok(Checked::new(Role::App, given, Vec::new(), None));
    }
    let mut findings = Vec::new();
    let mut pairs: Vec<(String, String)> =
        given.headers.iter().map(|(name, value)| (name.to_lowercase(), value.expose().to_owned())).collect();
    if let Some(url) = &url {
        address(url, &mut findings);
        pairs.extend(query(url));
    }
    let value = |name: &str| {
        let older = format!("ithings-{name}");
        pairs.iter().find(|(key, _)| key == name || *key == older).map(|(_, value)| value.as_str())
    };
    let known = given.fields.get("token");
    let token = value("token").or_else(|| known.filter(|_| pairs.is_empty()));
    match token {
        None => findings.push(no_token(&pairs)),
        Some(token) => findings.extend(token_findings(token, known, now)),
    }
    if value("app-code").or(given.fields.get("app_code")).is_none() {
        findings.push(Finding::warning("app_code_missing", NO_APP_CODE, APP_CODE_FIX));
    }
    if let Some(project) = value("project-id").filter(|text| text.bytes().any(|byte| !byte.is_ascii_digit())) {
        findings.push(Finding::error("project_id_form", PROJECT.with(&[&project]), PROJECT_FIX));
    }
    let mut fields = Fields::new();
    let right_token = known.or(token).map(|token| clean(token).to_owned());
    let given_or = |name: &str, field: &str| value(name).or(given.fields.get(field)).map(str::to_owned);
    for (field, text) in [
        ("token", right_token),
        ("app_code", given_or("app-code", "app_code")),
        ("project_id", given_or("project-id", "project_id")),
        ("tenant_code", given_or("tenant-code", "tenant_code")),
    ] {
        if let Some(text) = text {
            fields.set(field, text);
        }
    }
    let expected = plan::sign_app(&fields).ok();
    Ok(Checked::new(Role::App, given, findings, expected))
}

/// Without what stands around a token by mistake.
fn clean(token: &str) -> &str {
    let token = token.trim_matches([' ', '"', '\'', '\n', '\r']);
    token.strip_prefix("Bearer ").unwrap_or(token)
}

/// Scheme and path.
fn address(url: &str, findings: &mut Vec<Finding>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    if matches!(scheme, "http" | "https" | "mqtt" | "tcp") {
        let right = if scheme == "https" { "wss" } else { "ws" };
        findings.push(Finding::error("scheme", SCHEME.with(&[&scheme]), SCHEME_FIX.with(&[&right])));
    }
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.trim_end_matches('/') != spec::CONNECT_PATH {
        let fix = PATH_FIX.with(&[&spec::CONNECT_PATH]);
        findings.push(Finding::error("path", PATH.with(&[&path, &spec::CONNECT_PATH]), fix));
    }
}

fn query(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (name.to_lowercase(), percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

/// The token is not where it is looked for.
fn no_token(pairs: &[(String, String)]) -> Finding {
    let near = |name: &str| {
        let name = name.to_lowercase();
        OTHER_NAMES.contains(&name.as_str()) || strsim::levenshtein(&name, "token") <= 1
    };
    match pairs.iter().find(|(name, _)| near(name)) {
        Some((name, _)) => Finding::error("token_name", TOKEN_NAME.with(&[name]), TOKEN_NAME_FIX),
        None => Finding::error("token_missing", NO_TOKEN, TOKEN_NAME_FIX),
    }
}

fn token_findings(token: &str, known: Option<&str>, now: Time) -> Vec<Finding> {
    let mut findings = Vec::new();
    if token.trim_start().starts_with("Bearer ") {
        findings.push(Finding::error("bearer_prefix", BEARER, BEARER_FIX));
    } else if clean(token) != token {
        findings.push(Finding::error("stray_space", STRAY.with(&[&"token"]), STRAY_FIX));
    }
    let plain = clean(token);
    if let Some(known) = known.filter(|known| *known != plain) {
        let finding = if known.starts_with(plain) && plain.len() >= 8 {
            Finding::error("cut_off", TOKEN_CUT.with(&[&plain.len(), &known.len()]), TOKEN_NAME_FIX)
        } else if percent_decode_str(plain).decode_utf8_lossy() == known {
            Finding::error("encoded", TOKEN_ENCODED, TOKEN_NAME_FIX)
        } else {
            Finding::error("other_text", TOKEN_OTHER, TOKEN_NAME_FIX)
        };
        findings.push(finding);
    }
    findings.extend(claims(plain).and_then(|claims| validity(&claims, now)));
    findings
}

/// The contents of a JSON Web Token, without the check of its signature, whose key only the server has.
fn claims(token: &str) -> Option<Value> {
    let [_, payload, _] = <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>()).ok()?;
    let standard = payload.replace('-', "+").replace('_', "/");
    serde_json::from_slice(&digest::base64_decode_lenient(&standard).ok()?).ok()
}

/// Whether the times of a token allow it now.
fn validity(claims: &Value, now: Time) -> Option<Finding> {
    let time = |name: &str| claims.get(name).and_then(Value::as_u64).map(Time::from_secs);
    if let Some(at) = time("exp").filter(|at| *at < now) {
        return Some(Finding::error("expired", TOKEN_EXPIRED.with(&[&local_date_time(at)]), TOKEN_EXPIRED_FIX));
    }
    let early = time("nbf").filter(|at| *at > now)?;
    Some(Finding::error("not_yet_valid", TOKEN_EARLY.with(&[&local_date_time(early)]), CLOCK_FIX))
}
