//! The HTTP API of an app: the login by account, and the calls that control devices.

use serde_json::{Value, json};

use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::dialect::unitedrhino::read;
use crate::dialect::{ConnectionSettings, HttpAnswer, HttpCall, LoginFault, Method, Server};
use crate::model::{FieldFault, Fields};

/// Where control lies (unitedrhino/things, `http/things/device/interact`).
pub const INTERACT: &str = "/api/v1/things/device/interact/";
/// The login (unitedrhino/core).
pub const LOGIN: &str = "/api/v1/system/user/self/login";

/// The thing model of a product (unitedrhino/things, `http/things/product/schema.api`).
pub const MODEL: &str = "/api/v1/things/product/schema/tsl-read";

const NO_LOGIN: Text = Text::new("is required, or account and password", "必须填写，或填写 account 与 password");
const REFUSED: Text = Text::new("the login answered HTTP {}: {} {}", "登录返回 HTTP {}：{} {}");
const NO_TOKEN: Text =
    Text::new("the answer to the login has no data.token.accessToken", "登录应答缺少 data.token.accessToken");
const NO_MODEL: Text = Text::new("the answer has no data.tsl", "应答缺少 data.tsl");
const NO_PRODUCT: Text = Text::new("is needed to fetch the thing model", "获取物模型需要填写");
const MODEL_REFUSED: Text = Text::new("HTTP {}: {} {}", "HTTP {}：{} {}");
const NO_API: Text = Text::new("is needed where no server is named", "未指定 server 时必须填写");

/// The address of the API: the one given, or that of the WebSocket.
fn api(identity: &Fields, server: Option<&Server>) -> Option<String> {
    if let Some(given) = identity.get("api") {
        return Some(given.trim_end_matches('/').to_owned());
    }
    let server = server?;
    let scheme = if server.transport.is_tls() { "https" } else { "http" };
    Some(format!("{scheme}://{}:{}", server.host, server.port))
}

/// The header fields that say who calls.
pub fn headers(identity: &Fields) -> Vec<(&'static str, Secret)> {
    [("token", "token"), ("app-code", "app_code"), ("project-id", "project_id"), ("tenant-code", "tenant_code")]
        .into_iter()
        .filter_map(|(header, field)| identity.get(field).map(|value| (header, Secret::new(value))))
        .collect()
}

/// A call that concerns a device. It is encoded before anybody has logged in, so [`authorize`] completes it.
pub fn call(name: &'static str, body: &Value) -> HttpCall {
    HttpCall {
        name,
        method: Method::Post,
        url: format!("{INTERACT}{name}"),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
        secret_body: false,
    }
}

/// Puts the address of the API and who calls into a call.
pub fn authorize(settings: &ConnectionSettings, call: &mut HttpCall) {
    if call.url.starts_with('/')
        && let Some(api) = api(&settings.identity, settings.server.as_ref())
    {
        call.url.insert_str(0, &api);
    }
    call.headers = headers(&settings.identity);
}

/// The login that has to come first: none where there is a token.
pub fn login(settings: &ConnectionSettings) -> Result<Option<HttpCall>, FieldFault> {
    let identity = &settings.identity;
    if identity.get("token").is_some() {
        return Ok(None);
    }
    let (Some(account), Some(password)) = (identity.get("account"), identity.get("password")) else {
        return Err(FieldFault::new("token", NO_LOGIN));
    };
    let api = api(identity, settings.server.as_ref()).ok_or_else(|| FieldFault::new("api", NO_API))?;
    let body = json!({"account": account, "pwdType": 1, "password": password, "loginType": "pwd"});
    let headers = headers(identity).into_iter().filter(|(name, _)| *name != "project-id").collect();
    Ok(Some(HttpCall {
        name: "login",
        method: Method::Post,
        url: format!("{api}{LOGIN}"),
        headers,
        body: body.to_string().into_bytes(),
        secret_body: true,
    }))
}

/// Takes the token of a login.
pub fn logged_in(settings: &mut ConnectionSettings, answer: &HttpAnswer) -> Result<(), LoginFault> {
    let root: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let code = root.get("code").map(read::text).unwrap_or_default();
    if !answer.is_success() || code != read::SUCCESS {
        let words = root.get("msg").and_then(Value::as_str).unwrap_or_default();
        let reason = REFUSED.with(&[&answer.status, &code, &words]);
        return Err(LoginFault { code, reason, refused: answer.status < 500 });
    }
    let token = root.pointer("/data/token/accessToken").and_then(Value::as_str);
    let fault = || LoginFault { code: code.clone(), reason: NO_TOKEN.into(), refused: true };
    settings.identity.set("token", token.ok_or_else(fault)?);
    Ok(())
}

/// The call that reads the thing model of the first device's product.
pub fn model(settings: &ConnectionSettings) -> Result<HttpCall, FieldFault> {
    let product = settings.devices.iter().find_map(|device| device.get("product_id"));
    let product = product.ok_or_else(|| FieldFault::new("product_id", NO_PRODUCT))?;
    let api = api(&settings.identity, settings.server.as_ref()).ok_or_else(|| FieldFault::new("api", NO_API))?;
    let body = json!({"productID": product});
    Ok(HttpCall { url: format!("{api}{MODEL}"), headers: headers(&settings.identity), ..call("tsl-read", &body) })
}

/// The thing model in the answer to [`model`]: text that holds it, or the object itself.
pub fn fetched(answer: &HttpAnswer) -> Result<String, LoginFault> {
    let root: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let code = root.get("code").map(read::text).unwrap_or_default();
    if !answer.is_success() || code != read::SUCCESS {
        let words = root.get("msg").and_then(Value::as_str).unwrap_or_default();
        let reason = MODEL_REFUSED.with(&[&answer.status, &code, &words]);
        return Err(LoginFault { code, reason, refused: answer.status < 500 });
    }
    let fault = || LoginFault { code: code.clone(), reason: NO_MODEL.into(), refused: true };
    let held = root.pointer("/data/tsl").ok_or_else(fault)?;
    let parsed = held.as_str().map_or_else(|| Some(held.clone()), |text| serde_json::from_str(text).ok());
    Ok(parsed.map_or_else(|| read::text(held), |model| crate::dialect::model_out::file(&model)))
}
