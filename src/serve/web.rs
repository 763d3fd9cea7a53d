//! Listeners that speak HTTP and WebSocket.
//!
//! `hyper` reads the requests; the platform answers them, now or later. Every path of a listener with the scheme `ws` can
//! be asked for an upgrade. The handshake (RFC 6455, section 4.2) is done here, because a platform decides before it with
//! which status and body it refuses.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{ALLOW, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_VERSION, UPGRADE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use percent_encoding::percent_decode_str;
use tungstenite::handshake::derive_accept_key;

use crate::base::lang::Phrase;
use crate::dialect::{HttpAnswer, HttpRequest};
use crate::serve::front::{Front, HANDSHAKE, Pipe};
use crate::serve::hub::{NoAnswer, lock};
use crate::serve::link::Link;
use crate::serve::{socket, texts};

/// The largest body that is taken, in bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// The most header fields of a request, and the most bytes of them with the request line.
const MAX_HEADERS: usize = 100;
const MAX_HEAD: usize = 32 * 1024;
/// How long a connection is kept for its next request.
const IDLE: Duration = Duration::from_secs(75);
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How long the platform may take to answer. Longer than any platform waits for a device.
const PATIENCE: Duration = Duration::from_secs(60);
/// What every listener understands.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// One listener.
#[derive(Clone)]
pub(super) struct Web {
    pub front: Front,
    /// Whether upgrades are granted.
    pub sockets: bool,
}

/// A WebSocket that was granted and begins once its answer is sent.
struct Opening {
    upgrade: OnUpgrade,
    link: Arc<Link>,
    pong: bool,
}

/// What is known of a connection besides its bytes.
struct Conversation<'a> {
    web: &'a Web,
    peer: SocketAddr,
    served: AtomicUsize,
    opening: Mutex<Option<Opening>>,
}

impl Web {
    /// Speaks with one client until it has gone.
    pub async fn converse(self, stream: Box<dyn Pipe>, peer: SocketAddr) {
        let conversation = Conversation { web: &self, peer, served: AtomicUsize::new(0), opening: Mutex::new(None) };
        let service = service_fn(|request| async { Ok::<_, Infallible>(conversation.answer(request).await) });
        let mut ended = self.front.ended.clone();
        let end = {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(IDLE)
                .max_headers(MAX_HEADERS)
                .max_header_size(MAX_HEAD)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            let mut connection = std::pin::pin!(connection);
            tokio::select! {
                result = connection.as_mut() => result.map_err(|fault| why(&fault)),
                () = conversation.never_begins() => Err(Some(texts::TOO_SLOW.with(&[&HANDSHAKE.as_secs()]))),
                _ = ended.changed() => {
                    // What is being answered is answered still.
                    connection.as_mut().graceful_shutdown();
                    connection.await.map_err(|fault| why(&fault))
                }
            }
        };
        let opening = lock(&conversation.opening).take();
        match opening {
            Some(Opening { upgrade, link, pong }) => match upgrade.await {
                Ok(upgraded) => socket::run(TokioIo::new(upgraded), &self.front.hub, &link, pong).await,
                Err(_) => self.front.hub.gone(&link, texts::NEVER_OPENED.into()),
            },
            None => match end {
                Err(Some(reason)) => self.front.rejected(reason, peer),
                _ if conversation.has_begun() => {}
                _ => self.front.rejected(texts::NO_REQUEST.into(), peer),
            },
        }
    }
}

/// What a client did wrong; nothing where it has gone, or was idle for too long.
fn why(fault: &hyper::Error) -> Option<Phrase> {
    match fault {
        fault if fault.is_parse_too_large() => Some(texts::LARGE_HEAD.with(&[&MAX_HEADERS, &MAX_HEAD])),
        fault if fault.is_parse() => Some(texts::NOT_HTTP.with(&[fault])),
        _ => None,
    }
}

impl Conversation<'_> {
    /// Whether a request was read.
    fn has_begun(&self) -> bool {
        self.served.load(Ordering::Relaxed) > 0
    }

    /// Ends where no request was complete in time; for ever otherwise.
    async fn never_begins(&self) {
        tokio::time::sleep(HANDSHAKE).await;
        if self.has_begun() {
            std::future::pending::<()>().await;
        }
    }

    async fn answer(&self, mut request: Request<Incoming>) -> Response<Body> {
        self.served.fetch_add(1, Ordering::Relaxed);
        if self.web.sockets && is_upgrade(request.headers()) {
            let upgrade = hyper::upgrade::on(&mut request);
            return self.open(&request.into_parts().0, upgrade);
        }
        let (parts, body) = request.into_parts();
        match parts.method {
            Method::OPTIONS => with_header(StatusCode::NO_CONTENT, ALLOW, METHODS),
            Method::TRACE | Method::CONNECT => with_header(StatusCode::METHOD_NOT_ALLOWED, ALLOW, METHODS),
            _ => self.call(&parts, Body::new(body)).await,
        }
    }

    async fn call(&self, parts: &Parts, body: Body) -> Response<Body> {
        let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, MAX_BODY)).await {
            Ok(Ok(body)) => body,
            Ok(Err(fault)) => {
                self.web.front.rejected(texts::BAD_BODY.with(&[&fault, &MAX_BODY]), self.peer);
                return empty(StatusCode::PAYLOAD_TOO_LARGE);
            }
            Err(_) => {
                self.web.front.rejected(texts::TOO_SLOW.with(&[&BODY_TIME.as_secs()]), self.peer);
                return empty(StatusCode::REQUEST_TIMEOUT);
            }
        };
        let (query, headers) = (query(parts), headers(&parts.headers));
        let method = if parts.method == Method::HEAD { "GET" } else { parts.method.as_str() };
        let request = HttpRequest { body: &body, ..self.request(parts, method, &query, &headers) };
        let (waiting, slow) = self.web.front.hub.http(&request, &self.peer.to_string());
        if let Some(slow) = slow {
            slow.relief().await;
        }
        match waiting.answer(PATIENCE).await {
            Ok(answer) => response(answer),
            Err(NoAnswer::Silence) => empty(StatusCode::GATEWAY_TIMEOUT),
            Err(NoAnswer::Stopped) => empty(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    fn request<'a>(
        &self,
        parts: &'a Parts,
        method: &'a str,
        query: &'a [(String, String)],
        headers: &'a [(String, String)],
    ) -> HttpRequest<'a> {
        HttpRequest { endpoint: self.web.front.endpoint, method, path: parts.uri.path(), query, headers, body: &[] }
    }

    /// Answers the request of an upgrade. The WebSocket itself begins when the answer is sent.
    fn open(&self, parts: &Parts, upgrade: OnUpgrade) -> Response<Body> {
        let key = parts.headers.get("sec-websocket-key").filter(|key| key.len() == 24);
        let (Some(key), &Method::GET) = (key, &parts.method) else {
            self.web.front.rejected(texts::BAD_UPGRADE.into(), self.peer);
            return empty(StatusCode::BAD_REQUEST);
        };
        if parts.headers.get(SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            self.web.front.rejected(texts::BAD_UPGRADE.into(), self.peer);
            return with_header(StatusCode::UPGRADE_REQUIRED, SEC_WEBSOCKET_VERSION, "13");
        }
        let (query, headers) = (query(parts), headers(&parts.headers));
        let request = self.request(parts, "GET", &query, &headers);
        let (link, pong) = match self.web.front.hub.upgrade(&request, &self.peer.to_string()) {
            Ok(granted) => granted,
            Err(answer) => return response(answer),
        };
        let mut response = empty(StatusCode::SWITCHING_PROTOCOLS);
        let accept = derive_accept_key(key.as_bytes());
        for (name, value) in [(CONNECTION, "Upgrade"), (UPGRADE, "websocket"), (SEC_WEBSOCKET_ACCEPT, &accept)] {
            // All of them are letters and digits.
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        *lock(&self.opening) = Some(Opening { upgrade, link, pong });
        response
    }
}

/// Whether a request asks for a WebSocket (RFC 6455, section 4.2.1).
fn is_upgrade(headers: &HeaderMap) -> bool {
    let has = |name, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case(wanted)))
    };
    has(CONNECTION, "upgrade") && has(UPGRADE, "websocket")
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}

/// The query, decoded as forms encode it.
fn query(parts: &Parts) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let query = parts.uri.query().unwrap_or_default();
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// The answer of a platform. One that cannot be sent as it is becomes an error of the server.
fn response(answer: HttpAnswer) -> Response<Body> {
    let HttpAnswer { status, headers, body } = answer;
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    match response.body(Body::from(body)) {
        Ok(response) if !response.status().is_informational() => response,
        _ => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_header(status: StatusCode, name: axum::http::HeaderName, value: &'static str) -> Response<Body> {
    let mut response = empty(status);
    response.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
    response
}
