//! Firmware over the air. The platform announces a task over MQTT (`ota/inform`); everything else is HTTP: the version a
//! device runs, the question for a task, the progress (OneNET docs, OTA pages).
//!
//! The contents of the announcement are not documented. Here they are an envelope like any other downlink's, with the
//! target version and the number of the task, `tid`. (inferred)

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::base::json;
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::onenet::spec::CLOUD_TIMEOUT;
use crate::dialect::onenet::{body, sign};
use crate::dialect::{Context, EncodeFault, Encoded, HttpCall, Method, Reading, ReplyBody, Via};
use crate::model::{Code, Kind, Meta, Place, Request, Role, Span};

/// Where the calls go (OneNET docs, OTA pages).
pub const SERVER: &str = "http://studio-ota.heclouds.com";
/// The code of a good answer.
const SUCCESS: i64 = 0;
/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

const NO_ACTION: Text =
    Text::new("the action is one of version, check, progress", "操作应为 version、check、progress 之一");
const MISSING: Text = Text::new("{} is required", "必须填写 {}");
const BAD_LOGIN: Text = Text::new("the token of the call cannot be made: {} {}", "无法生成请求的 token：{} {}");
const BAD_STEP: Text = Text::new("step is a whole number", "step 应为整数");

/// Whether a topic stands for one of these calls.
pub fn is_call(topic: &str) -> bool {
    topic.split_once(' ').is_some_and(|(_, path)| path.starts_with("/ota/"))
}

/// A device tells its version, asks for a task, or tells how far it is.
pub fn encode(context: &Context<'_>, request: &Request, now: Time) -> Result<Encoded, EncodeFault> {
    let argument = |text: Text| EncodeFault::Argument(text.into());
    let text = |name: &str| body::text(request.params.get(name));
    let required = |name: &str| match text(name) {
        given if given.is_empty() => Err(EncodeFault::Argument(MISSING.with(&[&name]))),
        given => Ok(given),
    };
    let (method, tail, query, content) = match request.name.as_deref() {
        Some("version") => {
            let version = required("version")?;
            let software = text("s_version");
            let software = if software.is_empty() { version.clone() } else { software };
            let content = json!({"s_version": software, "f_version": version});
            (Method::Post, "version".to_owned(), String::new(), Some(content))
        }
        Some("check") => {
            let version = required("version")?;
            let kind = text("type");
            let kind = if kind.is_empty() { "1".to_owned() } else { kind };
            let query = format!("?type={}&version={}", segment(&kind), segment(&version));
            (Method::Get, "check".to_owned(), query, None)
        }
        Some("progress") => {
            let step = request.params.get("step").and_then(Value::as_i64).ok_or_else(|| argument(BAD_STEP))?;
            let tail = format!("{}/status", segment(&required("tid")?));
            (Method::Post, tail, String::new(), Some(json!({"step": step})))
        }
        _ => return Err(argument(NO_ACTION)),
    };
    let own = |name| segment(context.identity.get(name).unwrap_or_default());
    let server = context.identity.get("ota_server").unwrap_or(SERVER).trim_end_matches('/');
    let url = format!("{server}/ota/{}/{}/{tail}{query}", own("product_id"), own("device_name"));
    let signed = sign::sign(Role::Device, context.identity, now, None);
    let signed = signed
        .map_err(|fault| EncodeFault::Argument(BAD_LOGIN.around([Phrase::verbatim(fault.field), fault.reason])))?;
    let body = content.map(|content| content.to_string().into_bytes()).unwrap_or_default();
    let headers = signed.password.into_iter().map(|token| ("Authorization", token)).collect();
    let call = HttpCall { name: "ota", method, url, headers, body: body.clone(), secret_body: false };
    Ok(Encoded {
        topic: call.topic(),
        via: Via::Http(Box::new(call)),
        payload: body,
        qos: 1,
        request_id: None,
        reply: Some(Kind::OtaReply),
        timeout: CLOUD_TIMEOUT,
    })
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// What a call or its answer is: an answer has a code.
pub fn classify(payload: &[u8]) -> Meta {
    let Some(code) = json::member(payload, "code").and_then(|member| json::scalar(payload, member)) else {
        return Meta { kind: Kind::Ota, ..Meta::default() };
    };
    Meta {
        kind: Kind::OtaReply,
        ok: Some(payload.get(code.clone()) == Some(b"0")),
        code: Code::Text(Span::new(Place::Payload, code.start, code.len())),
        ..Meta::default()
    }
}

/// The answer to a call.
pub fn read(payload: &[u8]) -> Option<Reading> {
    let value = json::parse(payload).root?.to_json();
    let code = value.get("code")?.as_i64()?;
    Some(Reading::Reply(ReplyBody {
        ok: code == SUCCESS,
        code: Some(code.to_string()),
        message: value.get("msg").and_then(Value::as_str).map(str::to_owned),
        data: value.get("data").cloned(),
        ..ReplyBody::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::lang::Lang;
    use crate::dialect::onenet::sign::Token;
    use crate::model::{Fields, OpKind};

    fn run(name: &str, params: Value) -> Result<HttpCall, EncodeFault> {
        let identity = Fields::new()
            .with("product_id", "p1")
            .with("device_name", "lamp 1")
            .with("access_key", "a2V5")
            .with("ota_server", "http://127.0.0.1:1/");
        let context = Context { role: Role::Device, identity: &identity, devices: &[], model: None, lang: Lang::En };
        let request = Request {
            name: Some(name.to_owned()),
            params: params.as_object().cloned().unwrap(),
            ..Request::new(OpKind::Ota)
        };
        let sent = encode(&context, &request, Time::from_secs(1_000))?;
        let Via::Http(call) = sent.via else { panic!("not a call") };
        assert!(is_call(&sent.topic) && sent.topic == call.topic());
        assert_eq!(classify(&sent.payload).kind, Kind::Ota);
        Ok(*call)
    }

    #[test]
    fn calls_are_made_as_the_documents_have_them() {
        let call = run("version", json!({"version": "1.2"})).unwrap();
        assert_eq!(call.url, "http://127.0.0.1:1/ota/p1/lamp%201/version");
        assert_eq!(call.body, br#"{"s_version":"1.2","f_version":"1.2"}"#);
        let (_, token) = &call.headers[0];
        assert_eq!(Token::parse(token.expose()).unwrap().res, "products/p1/devices/lamp 1");
        let call = run("check", json!({"version": "1.2"})).unwrap();
        assert_eq!((call.method, call.body.len()), (Method::Get, 0));
        assert!(call.url.ends_with("/check?type=1&version=1%2E2") || call.url.ends_with("/check?type=1&version=1.2"));
        let call = run("progress", json!({"step": 40, "tid": "77"})).unwrap();
        assert!(call.url.ends_with("/77/status"));
        assert_eq!(call.body, br#"{"step":40}"#);
        for (name, params) in [("progress", json!({"step": 40})), ("version", json!({})), ("download", json!({}))] {
            assert!(run(name, params).is_err(), "{name}");
        }
    }

    #[test]
    fn an_answer_is_told_by_its_code() {
        let payload = br#"{"code":0,"msg":"succ","data":{"tid":"7"}}"#;
        assert_eq!((classify(payload).kind, classify(payload).ok), (Kind::OtaReply, Some(true)));
        let Some(Reading::Reply(reply)) = read(payload) else { panic!("no reply") };
        assert!(reply.ok && reply.data == Some(json!({"tid": "7"})));
        assert_eq!(classify(br#"{"code":10403}"#).ok, Some(false));
        assert_eq!(read(b"<html>"), None);
    }
}
