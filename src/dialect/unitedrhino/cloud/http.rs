//! The HTTP API: login, property control and actions of apps, registration and messages of devices (unitedrhino/core,
//! `self/login`; unitedrhino/things, `http/things/device`). Errors of the API come under status 200 with their code.

use serde_json::{Map, Value, json};

use super::control::{Asked, Outcome, Waiter};
use super::device::{Refusal, because, refuse, strict};
use super::{Platform, log, send};
use crate::base::digest::{self, Digest};
use crate::base::hex;
use crate::base::lang::Text;
use crate::dialect::cloud::{CloudOutput, CloudView};
use crate::dialect::unitedrhino::http::{INTERACT, LOGIN, MODEL};
use crate::dialect::unitedrhino::topic::Channel;
use crate::dialect::unitedrhino::{codes, model, read, sign};
use crate::dialect::{CallId, HttpAnswer, HttpRequest};

/// Devices register themselves here.
const REGISTER: &str = "/api/v1/things/device/auth/register";
/// Devices send messages here that otherwise go over MQTT.
const EDGE: &str = "/api/v1/things/device/edge/send/";
/// Seconds that a token is said to be valid.
const VALID_FOR: u64 = 10 * 86_400;

const CALL_REFUSED: Text = Text::new("{} {}: {}", "{} {}：{}");
const NOT_OBJECT: Text = Text::new("a JSON object is expected", "应为 JSON 对象");
const NOT_JSON: Text = Text::new("“{}” is text that holds a JSON object", "“{}”应为内容是 JSON 对象的字符串");
const REQUIRED: Text = Text::new("“{}” is required", "必须给出“{}”");
const NO_ACTION: Text = Text::new("the thing model has no action “{}”", "物模型中没有行为“{}”");

/// An answer, or `None` where it comes later.
type Answered = Result<Option<HttpAnswer>, Refusal>;

fn ok(data: &Value) -> Answered {
    Ok(Some(HttpAnswer::json(200, &json!({"code": 200, "msg": "成功", "data": data}))))
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    body.get(name).filter(|value| !value.is_null()).map(read::text).unwrap_or_default()
}

fn required(body: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    Some(text(body, name)).filter(|text| !text.is_empty()).ok_or_else(|| because(100_006, REQUIRED.with(&[&name])))
}

/// A member that is text and holds an object.
fn inner(body: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match body.get(name).map(|value| value.as_str().map(serde_json::from_str::<Map<String, Value>>)) {
        None => Ok(Map::new()),
        Some(Some(Ok(members))) => Ok(members),
        Some(_) => Err(because(100_006, NOT_JSON.with(&[&name]))),
    }
}

impl Platform {
    /// Answers a call, now or when the device has answered.
    pub(super) fn called(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) {
        let answer = match self.route(id, request, view) {
            Ok(None) => return,
            Ok(Some(answer)) => answer,
            Err(Refusal { code, reason }) => {
                let words = codes::message(code);
                let said = if words == reason.to_string() { words.to_owned() } else { format!("{words}:{reason}") };
                log(view, "refused", "", code, CALL_REFUSED.with(&[&request.method, &request.path, &said]));
                HttpAnswer::json(200, &json!({"code": code, "msg": said}))
            }
        };
        view.out.push(CloudOutput::Answer(id, answer));
    }

    fn route(&mut self, id: CallId, request: &HttpRequest<'_>, view: &mut CloudView<'_>) -> Answered {
        let known = request.method == "POST"
            && (matches!(request.path, LOGIN | REGISTER | MODEL)
                || [INTERACT, EDGE].iter().any(|start| request.path.starts_with(start)));
        if !known {
            return Ok(Some(HttpAnswer { status: 404, ..HttpAnswer::default() }));
        }
        if let Some(what) = request.path.strip_prefix(EDGE) {
            return self.edge(what, request, view);
        }
        let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(request.body) else {
            return Err(because(100_006, NOT_OBJECT));
        };
        match request.path {
            LOGIN => return self.login(&body, view),
            REGISTER => {
                let device = format!("{}/{}", required(&body, "productID")?, required(&body, "deviceName")?);
                return ok(&self.register(&device, &body, view)?);
            }
            _ => {}
        }
        let projects = match self.authenticate(request) {
            Ok(user) => user.projects.clone(),
            Err(unknown) => {
                let what = CALL_REFUSED.with(&[&request.method, &request.path, &unknown.reason]);
                log(view, "refused", "", unknown.code, what);
                return Ok(Some(unknown.answer()));
            }
        };
        if request.path == MODEL {
            let product = required(&body, "productID")?;
            let demo = || (product == model::DEMO_PRODUCT).then(|| model::DEMO.to_owned());
            let file = self.product_model(&product).map(|model| model.file.to_string()).or_else(demo);
            return ok(&json!({"tsl": file.ok_or_else(|| refuse(100_009))?}));
        }
        let name = request.path.strip_prefix(INTERACT).unwrap_or_default();
        if matches!(name, "property-control-read" | "action-read") {
            let token = required(&body, "msgToken")?;
            let result = self.results.get(&token).cloned();
            let waiting = self.pending.keys().any(|(_, pending)| *pending == token);
            return match result {
                Some(result) => Ok(Some(result.answer())),
                None => Err(refuse(if waiting { 100_024 } else { 100_009 })),
            };
        }
        let device = format!("{}/{}", required(&body, "productID")?, required(&body, "deviceName")?);
        let known = self.known.devices.get(&device).ok_or_else(|| refuse(100_009))?;
        if known.project.as_ref().is_some_and(|project| !projects.contains(project)) {
            return Err(refuse(100_012));
        }
        match name {
            "property-control-send" => self.control(id, &device, &body, view),
            "property-get-report-send" => {
                let names = body.get("dataIDs").filter(|names| names.is_array());
                let arguments = names.map(|names| ("identifiers".to_owned(), names.clone())).into_iter().collect();
                self.ask(&device, Asked::Get, &arguments, Waiter::Call(id), view);
                Ok(None)
            }
            "action-send" => self.action(id, &device, &body, view),
            "action-resp" => self.answer_action(&device, &body, view),
            _ => Err(refuse(100_018)),
        }
    }

    /// `pwdType` 0 and 1 is the password itself, 2 its MD5.
    fn login(&mut self, body: &Map<String, Value>, view: &mut CloudView<'_>) -> Answered {
        let (account, password) = (required(body, "account")?, text(body, "password"));
        let hashed = text(body, "pwdType") == "2";
        let fits = |known: &str| {
            let md5 = || hex::encode(&digest::hash(Digest::Md5, known.as_bytes()));
            if hashed { password.eq_ignore_ascii_case(&md5()) } else { password == known }
        };
        let user = self
            .known
            .users
            .iter()
            .find(|user| user.login.as_ref().is_some_and(|(name, known)| *name == account && fits(known.expose())));
        let user = user.ok_or_else(|| refuse(1_000_004))?;
        ok(&json!({
            "info": {"userName": account},
            "token": {
                "accessToken": user.token.expose(), "accessExpire": view.now.as_secs() + VALID_FOR,
                "refreshAfter": view.now.as_secs() + VALID_FOR / 2,
            },
        }))
    }

    /// `property-control-send`. `shadowControl`: 0 by itself, 1 and 5 the device only, 2 the shadow only, 3, 4 and 6 the
    /// value in the cloud only.
    fn control(&mut self, id: CallId, device: &str, body: &Map<String, Value>, view: &mut CloudView<'_>) -> Answered {
        let mut values = inner(body, "data")?;
        if values.is_empty() {
            return Err(because(100_006, REQUIRED.with(&[&"data"])));
        }
        if let Some(known) = self.known.model(device) {
            for (name, value) in &values {
                model::check_property(known, name, value, true).map_err(|(fault, code)| {
                    let code = code.and_then(|code| code.parse().ok()).unwrap_or(100_006);
                    because(code, fault.describe(name))
                })?;
            }
            values = model::wire_values(known, &values);
        }
        match text(body, "shadowControl").as_str() {
            "2" => {
                self.wish(device, values, view);
                return ok(&json!({"code": 200, "msg": "成功"}));
            }
            "3" | "4" | "6" => {
                self.held(device).values.extend(values.clone());
                self.push_cloud_values(device, &values, view);
                return ok(&json!({"code": 200, "msg": "成功"}));
            }
            _ => {}
        }
        let arguments = Map::from_iter([("params".to_owned(), Value::Object(values.clone()))]);
        self.wait_or_not(id, device, Asked::Set(values), &arguments, body, view)
    }

    fn action(&mut self, id: CallId, device: &str, body: &Map<String, Value>, view: &mut CloudView<'_>) -> Answered {
        let name = required(body, "actionID")?;
        let mut params = inner(body, "inputParams")?;
        if let Some(known) = self.known.model(device) {
            let action = known.services.iter().find(|action| action.identifier == name);
            let action = action.ok_or_else(|| because(100_006, NO_ACTION.with(&[&name])))?;
            strict(&action.inputs, &params)?;
            params = model::wire_params(&action.inputs, &params);
        }
        let arguments =
            Map::from_iter([("actionID".to_owned(), json!(name)), ("params".to_owned(), Value::Object(params))]);
        self.wait_or_not(id, device, Asked::Action(name), &arguments, body, view)
    }

    /// A call waits for the device unless it is asynchronous; then it is answered with the token.
    fn wait_or_not(
        &mut self,
        id: CallId,
        device: &str,
        asked: Asked,
        arguments: &Map<String, Value>,
        body: &Map<String, Value>,
        view: &mut CloudView<'_>,
    ) -> Answered {
        if body.get("isAsync").and_then(Value::as_bool) != Some(true) {
            self.ask(device, asked, arguments, Waiter::Call(id), view);
            return Ok(None);
        }
        let token = self.ask(device, asked, arguments, Waiter::Later, view);
        // A device that is offline is told at once here as well.
        match self.results.get(&token) {
            Some(result) if result.code != 200 => Ok(Some(
                self.results.remove(&token).map_or_else(|| Outcome::plain(100_020).answer(), |result| result.answer()),
            )),
            _ => ok(&json!({"msgToken": token})),
        }
    }

    /// The answer of an app to an action that a device asked for.
    fn answer_action(&mut self, device: &str, body: &Map<String, Value>, view: &mut CloudView<'_>) -> Answered {
        let code = body.get("code").and_then(Value::as_i64).unwrap_or(200);
        let reply = json!({
            "method": "actionReply", "msgToken": required(body, "msgToken")?, "code": code, "msg": text(body, "msg"),
            "data": inner(body, "outputParams")?,
        });
        send(view, Channel::ActionDown, device, &reply);
        ok(&json!({}))
    }

    /// A message of a device over HTTP, named by user name and password of its MQTT login.
    fn edge(&mut self, what: &str, request: &HttpRequest<'_>, view: &mut CloudView<'_>) -> Answered {
        let credentials = request
            .header("authorization")
            .and_then(|header| header.strip_prefix("Basic "))
            .and_then(|text| digest::base64_decode_lenient(text).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| refuse(1_000_007))?;
        let (username, password) = credentials.split_once(':').ok_or_else(|| refuse(1_000_007))?;
        let client_id = username.split(';').next().unwrap_or_default();
        let (product, name) = sign::client_parts(client_id).ok_or_else(|| refuse(1_000_007))?;
        let device = format!("{product}/{name}");
        self.proves(&device, username, password.as_bytes()).map_err(|reason| because(1_000_004, reason))?;
        let (handle, kind) = what.split_once('/').ok_or_else(|| refuse(100_006))?;
        let head = format!("${handle}/up/{kind}");
        let channel = Channel::ALL.iter().copied().find(|channel| channel.head() == head);
        let channel = channel.ok_or_else(|| refuse(100_006))?;
        let reply = self.device_speaks(&device, channel, request.body, view);
        let body = reply.map_or_else(|| json!({"code": 200, "msg": "成功"}), |(_, reply)| reply);
        Ok(Some(HttpAnswer::json(200, &body)))
    }
}
