//! The control address: what a person would do at a platform's console, over HTTP on loopback.
//!
//! `POST /operate` takes `{"dialect","device","operation","arguments"}`, waits for the outcome and answers with the
//! request object (`INTERFACE.md`). `GET /devices` tells who is connected; `GET /device/{dialect}/{device}` what a
//! platform holds of a device. A web page cannot drive it: a request with a foreign `Host` or with any `Origin` is
//! refused, whatever a browser lets pass (DNS rebinding included).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Phrase};
use crate::serve::hub::Hub;
use crate::serve::texts;
use crate::sim::OperateRequest;

/// How long an outcome is waited for. Longer than any platform waits for a device.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The body of `POST /operate`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    dialect: String,
    #[serde(default)]
    device: String,
    operation: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

#[derive(Clone)]
struct Control {
    hub: Arc<Hub>,
    lang: Lang,
}

/// The routes of the control address.
pub(super) fn router(hub: Arc<Hub>, lang: Lang) -> Router {
    Router::new()
        .route("/operate", post(operate))
        .route("/devices", get(devices))
        .route("/device/{dialect}/{*device}", get(device))
        .layer(DefaultBodyLimit::max(4 * 1024 * 1024))
        .layer(from_fn(move |request, next| no_browser(lang, request, next)))
        .with_state(Control { hub, lang })
}

async fn no_browser(lang: Lang, request: Request, next: Next) -> Response {
    if is_local(request.headers()) {
        next.run(request).await
    } else {
        fault(StatusCode::FORBIDDEN, &texts::FOREIGN_ORIGIN.into(), lang)
    }
}

fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    let local = name == "localhost" || name.parse::<IpAddr>().is_ok();
    local && !headers.contains_key(header::ORIGIN)
}

async fn operate(State(control): State<Control>, body: Bytes) -> Response {
    let Body { dialect, device, operation, arguments } = match serde_json::from_slice(&body) {
        Ok(body) => body,
        Err(fault_found) => {
            return fault(StatusCode::BAD_REQUEST, &texts::UNREADABLE.with(&[&fault_found]), control.lang);
        }
    };
    let request = OperateRequest { dialect, device, operation, arguments };
    let receiver = match control.hub.operate(&request) {
        Ok(receiver) => receiver,
        Err(found) => return fault(StatusCode::UNPROCESSABLE_ENTITY, &found.reason, control.lang),
    };
    match tokio::time::timeout(PATIENCE, receiver).await {
        Ok(Ok(report)) => answer(StatusCode::OK, &report.to_json(control.lang)),
        Ok(Err(_)) => fault(StatusCode::SERVICE_UNAVAILABLE, &texts::STOPPED.into(), control.lang),
        Err(_) => fault(StatusCode::GATEWAY_TIMEOUT, &texts::NO_OUTCOME.with(&[&PATIENCE.as_secs()]), control.lang),
    }
}

async fn devices(State(control): State<Control>) -> Response {
    let devices = control.hub.look(crate::sim::CloudSim::devices);
    answer(StatusCode::OK, &json!({ "v": 1, "clients": devices }))
}

async fn device(State(control): State<Control>, Path((dialect, device)): Path<(String, String)>) -> Response {
    match control.hub.look(|sim| sim.device_state(&dialect, &device)) {
        Ok(Some(state)) => answer(StatusCode::OK, &json!({ "v": 1, "device": device, "state": state })),
        Ok(None) => answer(StatusCode::NOT_FOUND, &json!({ "v": 1, "device": device, "state": null })),
        Err(found) => fault(StatusCode::NOT_FOUND, &found.reason, control.lang),
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn fault(status: StatusCode, reason: &Phrase, lang: Lang) -> Response {
    answer(status, &json!({ "v": 1, "error": reason.render(lang) }))
}
