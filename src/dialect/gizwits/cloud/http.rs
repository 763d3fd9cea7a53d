//! The HTTP API for apps and devices, with its error codes (giz-docs, OpenAPI and openapi_apps; GAgent, `http.c`).
//!
//! An error is `{"error_code", "error_message", "detail_message"}` under the status that goes with the code.

use serde_json::{Map, Value, json};

use super::Platform;
use super::roster::{Device, Names, User};
use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::cloud::{CloudOutput, CloudView};
use crate::dialect::gizwits::http::read_form;
use crate::dialect::gizwits::{codes, sign, write};
use crate::dialect::{CallId, HttpAnswer, HttpRequest};
use crate::model::Fields;

/// How far the clock of a signed call may be off, in seconds.
const CLOCK_TOLERANCE: u64 = 300;
/// Bindings given at once where the call does not say.
const USUAL_LIMIT: usize = 20;

const CALL_REFUSED: Text = Text::new("{} {}: {}", "{} {}：{}");

/// Why a call is refused: the code, and what exactly is wrong where that helps.
pub(super) struct Refusal {
    code: &'static str,
    detail: Option<String>,
}

type Answered = Result<HttpAnswer, Refusal>;

pub(super) fn refuse(code: &'static str) -> Refusal {
    Refusal { code, detail: None }
}

fn because(code: &'static str, detail: impl Into<String>) -> Refusal {
    Refusal { code, detail: Some(detail.into()) }
}

fn ok(body: &Value) -> Answered {
    Ok(HttpAnswer::json(200, body))
}

fn text(status: u16, body: String) -> Answered {
    let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Ok(HttpAnswer { status, headers, body: body.into_bytes() })
}

/// A member of a body that must be there.
fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let found = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| because("9015", format!("{name} is required")))
}

fn object(request: &HttpRequest<'_>) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(request.body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(because("9015", "a JSON object is expected")),
        Err(fault) => Err(because("9015", fault.to_string())),
    }
}

impl Platform {
    /// Answers a call.
    pub(super) fn called(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        let answer = self.route(request, view).unwrap_or_else(|refusal| {
            let Refusal { code, detail } = refusal;
            let words = format!("{}!", codes::message(code));
            let said = detail.as_deref().unwrap_or(codes::message(code));
            super::log(view, "refused", "", code, CALL_REFUSED.with(&[&request.method, &request.path, &said]));
            let body =
                json!({"error_code": code.parse().unwrap_or(0), "error_message": words, "detail_message": detail});
            HttpAnswer::json(codes::status(code), &body)
        });
        view.out.push(CloudOutput::Answer(id, answer));
    }

    fn route(&mut self, request: &HttpRequest<'_>, view: &mut CloudView<'_>) -> Answered {
        let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        match (request.method, path.as_slice()) {
            ("POST", ["dev", "devices"]) => self.register_device(request),
            ("DELETE", ["dev", "devices"]) => self.reset_device(request),
            ("GET", ["dev", "devices", did]) => self.provision(request, did, view.now),
            (method, ["app", rest @ ..]) => self.route_app(method, rest, request, view),
            _ => Ok(HttpAnswer { status: 404, ..HttpAnswer::default() }),
        }
    }

    fn route_app(
        &mut self,
        method: &str,
        path: &[&str],
        request: &HttpRequest<'_>,
        view: &mut CloudView<'_>,
    ) -> Answered {
        let appid = self.application(request)?;
        match (method, path) {
            ("POST", ["users"]) => return self.register_user(&appid, request, view.now),
            ("POST", ["login"]) => return self.login(&appid, request, view.now),
            ("POST", ["request_token"]) => return self.application_token(&appid, request, view.now),
            ("GET", ["datapoint"]) => return self.datapoint(request),
            _ => {}
        }
        let uid = self.user(&appid, request, view.now)?;
        match (method, path) {
            ("PUT", ["users"]) => self.change_user(&uid, request),
            ("GET", ["bindings"]) => self.list(&uid, request),
            ("POST", ["bindings"]) => self.bind(&uid, request),
            ("DELETE", ["bindings"]) => self.unbind(&uid, request),
            ("PUT", ["bindings", did]) => self.rename(&uid, did, request),
            ("POST", ["bind_mac"]) => self.bind_mac(&uid, request, view.now),
            ("POST", ["control", did]) => self.control(&uid, did, request, view),
            ("GET", ["devdata", did, "latest"]) => self.latest(&uid, did),
            ("GET", ["devices", did]) => {
                self.reachable(&uid, did)?;
                ok(&self.record(&uid, did, request))
            }
            _ => Ok(HttpAnswer { status: 404, ..HttpAnswer::default() }),
        }
    }

    /// Who calls, by `X-Gizwits-Application-Id`.
    fn application(&self, request: &HttpRequest<'_>) -> Result<String, Refusal> {
        let appid = request.header("x-gizwits-application-id").unwrap_or_default();
        if self.known.applications.contains_key(appid) { Ok(appid.to_owned()) } else { Err(refuse("9003")) }
    }

    /// Who calls, by `X-Gizwits-User-token`.
    fn user(&self, appid: &str, request: &HttpRequest<'_>, now: Time) -> Result<String, Refusal> {
        let token = request.header("x-gizwits-user-token").unwrap_or_default();
        let found = self.known.users.iter().find(|(_, user)| user.appid == appid && user.token.expose() == token);
        let (uid, user) = found.filter(|_| !token.is_empty()).ok_or_else(|| refuse("9004"))?;
        if user.expires_at.is_some_and(|at| at <= now) { Err(refuse("9006")) } else { Ok(uid.clone()) }
    }

    /// `POST /app/users`: anonymous by phone_id, or with a name, an e-mail address or a phone number.
    fn register_user(&mut self, appid: &str, request: &HttpRequest<'_>, now: Time) -> Answered {
        let body = object(request)?;
        let given = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(phone_id) = given("phone_id") {
            let known = self
                .known
                .users
                .iter()
                .find(|(_, user)| user.appid == appid && user.phone_id.as_deref() == Some(phone_id))
                .map(|(uid, _)| uid.clone());
            let uid = known.unwrap_or_else(|| self.add_user(appid, None, None, Some(phone_id)));
            return self.token_of(&uid, 201, now);
        }
        let (name, taken) = [("username", "9019"), ("email", "9022"), ("phone", "9018")]
            .into_iter()
            .find_map(|(name, taken)| Some((given(name)?, taken)))
            .ok_or_else(|| because("9015", "phone_id, username, email or phone is required"))?;
        let password = member(&body, "password")?;
        if given("phone").is_some() && given("code").is_none() {
            return Err(refuse("9010"));
        }
        let exists = |user: &User| user.appid == appid && user.username.as_deref() == Some(name);
        if self.known.users.values().any(exists) {
            return Err(refuse(taken));
        }
        let uid = self.add_user(appid, Some(name), Some(password), None);
        self.token_of(&uid, 201, now)
    }

    fn add_user(
        &mut self,
        appid: &str,
        username: Option<&str>,
        password: Option<&str>,
        phone_id: Option<&str>,
    ) -> String {
        let (uid, token) = (self.known.fresh_hex(), self.known.fresh_hex());
        let user = User {
            appid: appid.to_owned(),
            username: username.map(str::to_owned),
            password: password.map(Secret::new),
            phone_id: phone_id.map(str::to_owned),
            token: Secret::new(token),
            expires_at: Some(Time::ZERO),
        };
        self.known.users.insert(uid.clone(), user);
        uid
    }

    /// Uid and token; a token that still is valid is given again (giz-docs), one that is not is made anew.
    fn token_of(&mut self, uid: &str, status: u16, now: Time) -> Answered {
        let fresh = self.known.fresh_hex();
        let lasts = std::time::Duration::from_secs(self.options.token_days.saturating_mul(86_400));
        let user = self.known.users.get_mut(uid).ok_or_else(|| refuse("9005"))?;
        match user.expires_at {
            Some(at) if at <= now => {
                user.token = Secret::new(fresh);
                user.expires_at = Some(now + lasts);
            }
            _ => {}
        }
        let expire_at = user.expires_at.unwrap_or(now + lasts).as_secs();
        Ok(HttpAnswer::json(status, &json!({"uid": uid, "token": user.token.expose(), "expire_at": expire_at})))
    }

    fn login(&mut self, appid: &str, request: &HttpRequest<'_>, now: Time) -> Answered {
        let body = object(request)?;
        let (name, password) = (member(&body, "username")?, member(&body, "password")?);
        let fits = |user: &User| {
            user.appid == appid
                && user.username.as_deref() == Some(name)
                && user.password.as_ref().is_some_and(|known| known.expose() == password)
        };
        let uid = self.known.users.iter().find(|(_, user)| fits(user)).map(|(uid, _)| uid.clone());
        self.token_of(&uid.ok_or_else(|| refuse("9020"))?, 200, now)
    }

    fn change_user(&mut self, uid: &str, request: &HttpRequest<'_>) -> Answered {
        let body = object(request)?;
        let given = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let user = self.known.users.get_mut(uid).ok_or_else(|| refuse("9005"))?;
        if let Some(new) = given("new_pwd") {
            if user.password.as_ref().map(Secret::expose) != given("old_pwd") {
                return Err(refuse("9020"));
            }
            user.password = Some(Secret::new(new));
        }
        if let (Some(name), Some(password)) = (given("username"), given("password")) {
            user.username = Some(name.to_owned());
            user.password = Some(Secret::new(password));
        }
        ok(&json!({"updatedAt": uid}))
    }

    /// `POST /app/request_token`: the application itself, by its secret.
    fn application_token(&mut self, appid: &str, request: &HttpRequest<'_>, now: Time) -> Answered {
        let secret = self.known.applications.get(appid).and_then(|application| application.secret.as_ref());
        let secret = secret.ok_or_else(|| because("9038", "the roster has no app_secret for this application"))?;
        let expected = sign::md5(&format!("{appid}{}", secret.expose()));
        if request.header("x-gizwits-application-auth") != Some(expected.as_str()) {
            return Err(refuse("9038"));
        }
        let expires = now + std::time::Duration::from_secs(self.options.token_days.saturating_mul(86_400));
        let token = self.known.fresh_hex();
        ok(&json!({"token": token, "expired_at": expires.as_secs()}))
    }

    fn datapoint(&self, request: &HttpRequest<'_>) -> Answered {
        let key = request.parameter("product_key").unwrap_or_default();
        let product = self.known.products.get(key).ok_or_else(|| refuse("9002"))?;
        let (written, _) = product.definition.as_ref().ok_or_else(|| refuse("9029"))?;
        ok(written)
    }

    /// Whether there is such a device, and whether it is bound to the user.
    fn reachable(&self, uid: &str, did: &str) -> Result<&Device, Refusal> {
        let device = self.known.devices.get(did).ok_or_else(|| refuse("9014"))?;
        if device.bound_to.contains_key(uid) { Ok(device) } else { Err(refuse("9017")) }
    }

    fn list(&self, uid: &str, request: &HttpRequest<'_>) -> Answered {
        let number = |name: &str, usual: usize| match request.parameter(name) {
            None => Ok(usual),
            Some(given) => given.parse().map_err(|_| because("9015", format!("{name} is a number"))),
        };
        let (limit, skip) = (number("limit", USUAL_LIMIT)?, number("skip", 0)?);
        let bound = self.known.bound(uid);
        let devices: Vec<Value> =
            bound.iter().skip(skip).take(limit).map(|did| self.record(uid, did, request)).collect();
        ok(&json!({"devices": devices}))
    }

    /// A device as the list of bound devices has it.
    fn record(&self, uid: &str, did: &str, request: &HttpRequest<'_>) -> Value {
        let Some(device) = self.known.devices.get(did) else { return Value::Null };
        let names = device.bound_to.get(uid).cloned().unwrap_or_default();
        let (host, port) = self.m2m(request);
        json!({
            "did": did,
            "mac": device.mac,
            "product_key": device.product_key,
            "product_name": self.known.products.get(&device.product_key).map_or("", |product| product.name.as_str()),
            "passcode": device.passcode.expose(),
            "is_online": self.devices.get(did).is_some_and(|held| held.online),
            "is_disabled": false,
            "is_sandbox": false,
            "host": host,
            "port": port,
            "port_s": port,
            "ws_port": 0,
            "wss_port": 0,
            "remark": names.remark,
            "dev_alias": names.alias,
            "dev_label": [],
            "type": "normal",
            "role": "normal",
            "proto_ver": "03",
            "wifi_soft_version": "",
        })
    }

    /// The M2M server: the host by which the caller reached the HTTP API, the port of our own listener.
    fn m2m(&self, request: &HttpRequest<'_>) -> (String, u16) {
        let (host, port) = self.m2m.as_ref().map_or(("127.0.0.1", 0), |at| (at.host.as_str(), at.port));
        let called = request.header("host").map(|host| match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or(rest),
            None => host.rsplit_once(':').map_or(host, |(host, _)| host),
        });
        (called.filter(|host| !host.is_empty()).unwrap_or(host).to_owned(), port)
    }

    /// `POST /app/bindings`, the old call with did and passcode.
    fn bind(&mut self, uid: &str, request: &HttpRequest<'_>) -> Answered {
        if self.options.deprecated_bind {
            return Err(refuse("9039"));
        }
        let (mut success, mut failed) = (Vec::new(), Vec::new());
        for wanted in listed(request)? {
            let did = member(&wanted, "did")?.to_owned();
            let passcode = wanted.get("passcode").and_then(Value::as_str).unwrap_or_default();
            match self.known.devices.get_mut(&did) {
                Some(device) if device.passcode.expose() == passcode => {
                    let names = device.bound_to.entry(uid.to_owned()).or_default();
                    take_names(names, &wanted);
                    success.push(did);
                }
                _ => failed.push(did),
            }
        }
        if success.is_empty() {
            return Err(because("9016", failed.join(", ")));
        }
        ok(&json!({"success": success, "failed": failed}))
    }

    /// `DELETE /app/bindings`, with a body.
    fn unbind(&mut self, uid: &str, request: &HttpRequest<'_>) -> Answered {
        let (mut success, mut failed) = (Vec::new(), Vec::new());
        for wanted in listed(request)? {
            let did = member(&wanted, "did")?.to_owned();
            let bound = self.known.devices.get_mut(&did).and_then(|device| device.bound_to.remove(uid));
            if bound.is_some() { success.push(did) } else { failed.push(did) }
        }
        ok(&json!({"success": success, "failed": failed}))
    }

    fn rename(&mut self, uid: &str, did: &str, request: &HttpRequest<'_>) -> Answered {
        let body = object(request)?;
        self.reachable(uid, did)?;
        if let Some(names) = self.known.devices.get_mut(did).and_then(|device| device.bound_to.get_mut(uid)) {
            take_names(names, &body);
        }
        ok(&self.record(uid, did, request))
    }

    /// `POST /app/bind_mac`, signed with the product's secret.
    fn bind_mac(&mut self, uid: &str, request: &HttpRequest<'_>, now: Time) -> Answered {
        let body = object(request)?;
        let (key, mac) = (member(&body, "product_key")?, member(&body, "mac")?);
        let product = self.known.products.get(key).ok_or_else(|| refuse("9002"))?;
        let timestamp = request.header("x-gizwits-timestamp").unwrap_or_default();
        let sent: u64 = timestamp.parse().map_err(|_| because("9043", "X-Gizwits-Timestamp is missing"))?;
        if sent.abs_diff(now.as_secs()) > CLOCK_TOLERANCE {
            return Err(because("9043", format!("{sent} is {} s off", sent.abs_diff(now.as_secs()))));
        }
        let secret = product.secret.as_ref();
        let secret = secret.ok_or_else(|| because("9044", "the roster has no product_secret for this product"))?;
        let expected = sign::bind_signature(secret.expose(), timestamp);
        if request.header("x-gizwits-signature") != Some(expected.as_str()) {
            return Err(refuse("9044"));
        }
        let did = self.known.by_mac(key, mac).ok_or_else(|| refuse("9014"))?.to_owned();
        if let Some(device) = self.known.devices.get_mut(&did) {
            take_names(device.bound_to.entry(uid.to_owned()).or_default(), &body);
        }
        Ok(HttpAnswer::json(201, &self.record(uid, &did, request)))
    }

    /// `POST /app/control/{did}`: data points or raw bytes, sent on as 0x0090.
    fn control(&mut self, uid: &str, did: &str, request: &HttpRequest<'_>, view: &mut CloudView<'_>) -> Answered {
        let body = object(request)?;
        self.reachable(uid, did)?;
        let p0 = match (body.get("raw"), body.get("attrs")) {
            (Some(raw), _) => raw_bytes(raw)?,
            (None, Some(Value::Object(attrs))) => {
                let known = self.known.model(did).ok_or_else(|| refuse("9029"))?;
                write::control(known, attrs, true).map_err(|fault| because("9025", fault.phrase().to_string()))?
            }
            (None, _) => return Err(because("9015", "attrs or raw is required")),
        };
        if super::connected(did, view).is_none() {
            return Err(refuse("9042"));
        }
        self.send_down(did, &write::transparent(&p0), view);
        ok(&json!({}))
    }

    fn latest(&self, uid: &str, did: &str) -> Answered {
        self.reachable(uid, did)?;
        let held = self.devices.get(did);
        let updated = held.and_then(|held| held.updated).map_or(0, Time::as_secs);
        let values = held.map(|held| held.values.clone()).unwrap_or_default();
        let shown = match self.known.model(did) {
            Some(model) => write::http_values(model, &values),
            None => values,
        };
        ok(&json!({"did": did, "updated_at": updated, "attr": shown}))
    }

    /// `POST /dev/devices`: a device that is known by product and mac keeps its did.
    fn register_device(&mut self, request: &HttpRequest<'_>) -> Answered {
        let form = read_form(&String::from_utf8_lossy(request.body));
        let (mac, passcode) = (field(&form, "mac")?, field(&form, "passcode")?);
        let key = field(&form, "product_key")?;
        if !self.known.products.contains_key(key) {
            return Err(refuse("9002"));
        }
        let known = self.known.by_mac(key, mac).map(str::to_owned);
        let did = known.unwrap_or_else(|| self.known.fresh_did());
        let device = self.known.devices.entry(did.clone()).or_insert_with(|| Device {
            passcode: Secret::new(passcode),
            product_key: key.to_owned(),
            mac: mac.to_owned(),
            auth_key: None,
            bound_to: Default::default(),
        });
        // A reset makes a new passcode: whoever was bound by the old one has to bind again.
        if device.passcode.expose() != passcode {
            device.passcode = Secret::new(passcode);
            device.bound_to.clear();
        }
        text(201, format!("did={did}"))
    }

    fn provision(&self, request: &HttpRequest<'_>, did: &str, now: Time) -> Answered {
        if !self.known.devices.contains_key(did) {
            return Err(refuse("9014"));
        }
        let (host, port) = self.m2m(request);
        text(200, format!("host={host}&port={port}&server_ts={}&log_host={host}&log_port={port}", now.as_secs()))
    }

    /// `DELETE /dev/devices`: a factory reset.
    fn reset_device(&mut self, request: &HttpRequest<'_>) -> Answered {
        let form = read_form(&String::from_utf8_lossy(request.body));
        let (did, passcode) = (field(&form, "did")?, field(&form, "passcode")?);
        match self.known.devices.get_mut(did) {
            Some(device) if device.passcode.expose() == passcode => {
                device.bound_to.clear();
                text(200, String::new())
            }
            _ => Err(refuse("9016")),
        }
    }
}

fn field<'a>(form: &'a Fields, name: &str) -> Result<&'a str, Refusal> {
    form.get(name).ok_or_else(|| because("9015", format!("{name} is required")))
}

/// `{"devices": [{…}]}`.
fn listed(request: &HttpRequest<'_>) -> Result<Vec<Map<String, Value>>, Refusal> {
    let body = object(request)?;
    let list = body.get("devices").and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| because("9015", "devices is required"))?;
    list.iter()
        .map(|entry| entry.as_object().cloned().ok_or_else(|| because("9015", "devices holds objects")))
        .collect()
}

fn take_names(names: &mut Names, body: &Map<String, Value>) {
    let given = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(remark) = given("remark") {
        names.remark = remark;
    }
    if let Some(alias) = given("dev_alias") {
        names.alias = alias;
    }
}

/// `raw` is an array of bytes.
fn raw_bytes(raw: &Value) -> Result<Vec<u8>, Refusal> {
    let bytes = raw.as_array().and_then(|list| {
        list.iter().map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok())).collect::<Option<Vec<u8>>>()
    });
    bytes.filter(|bytes| !bytes.is_empty()).ok_or_else(|| because("9015", "raw is an array of bytes, 0 to 255"))
}
