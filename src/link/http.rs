//! HTTP/1.1 as a client: one call over a connection of its own, and the upgrade of a connection to a WebSocket.
//!
//! It stands on the same stages as every other connection (name, TCP, TLS), so that the TLS settings of a profile hold,
//! failures are told in the same words, and a call that is not wanted any more ends with its future. Nothing is followed,
//! retried or kept alive behind anybody's back: what was sent and answered is what people see.

use std::future::Future;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;

use crate::base::lang::Phrase;
use crate::base::secret::Secret;
use crate::dialect::{HttpAnswer, HttpCall, Server, TlsSettings, Transport};
use crate::link::connect::{self, Socket, Staged};
use crate::link::texts;
use crate::model::Stage;
use crate::session::CallFault;

/// How long an answer is waited for once the call was sent. Platforms that pass a call on to a device answer after their
/// own time limit for the device, which is below this.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// The largest answer that is read.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// What this program calls itself.
const USER_AGENT: &str = concat!("iotdbg/", env!("CARGO_PKG_VERSION"));

/// The body of a call: all of it at once.
pub type Body = Full<Bytes>;

/// Makes one call: connects, sends, and reads the whole answer.
pub async fn call(call: &HttpCall, tls: &TlsSettings) -> Result<HttpAnswer, CallFault> {
    let server = Server::parse(&call.url).map_err(|reason| at(Stage::Login, reason))?;
    if !matches!(server.transport, Transport::Http | Transport::Https) {
        return Err(at(Stage::Login, texts::NOT_HTTP.with(&[&server.transport.scheme()])));
    }
    let request = request(call, &server).map_err(|reason| at(Stage::Login, reason))?;
    let addresses = passed(connect::resolve(&server).await)?;
    let stream = passed(connect::tcp(addresses).await)?;
    let socket: Box<dyn Socket> = if server.transport.is_tls() {
        passed(connect::encrypt(&server.host, tls, stream).await)?
    } else {
        Box::new(stream)
    };
    let work = async {
        let exchange = exchange(socket, request).await.map_err(|error| reason(&error))?;
        read(exchange.response).await
    };
    within(ANSWER_LIMIT, work).await.map_err(|reason| at(Stage::Login, reason))
}

/// An answer whose body is still to be read, and the task that reads from the socket for it.
pub struct Exchange {
    /// Status, header fields and body.
    pub response: Response<Incoming>,
    /// Ends the connection when it is dropped.
    _driver: JoinSet<()>,
}

/// Sends a request over a connected socket; its answer as soon as the header is there.
pub async fn exchange(socket: Box<dyn Socket>, request: Request<Body>) -> Result<Exchange, hyper::Error> {
    // Servers of small devices are known to compare the case of header fields.
    let (mut sender, connection) =
        http1::Builder::new().title_case_headers(true).handshake(TokioIo::new(socket)).await?;
    let mut driver = JoinSet::new();
    // Its error is that of the request, which is told.
    driver.spawn(async move { drop(connection.with_upgrades().await) });
    let response = sender.send_request(request).await?;
    Ok(Exchange { response, _driver: driver })
}

/// Reads a whole answer.
pub async fn read(response: Response<Incoming>) -> Result<HttpAnswer, Phrase> {
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            return texts::ANSWER_TOO_LARGE.with(&[&(LARGEST_ANSWER / 1024 / 1024)]);
        }
        error.downcast_ref::<hyper::Error>().map_or_else(|| texts::BROKEN.with(&[&error]), reason)
    })?;
    Ok(HttpAnswer { status, headers, body: body.to_bytes().to_vec() })
}

/// Waits for an answer, but not for ever.
pub async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Phrase>>) -> Result<T, Phrase> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(texts::NO_ANSWER_IN.with(&[&limit.as_secs()])))
}

/// Why an exchange failed.
pub fn reason(error: &hyper::Error) -> Phrase {
    if error.is_parse() {
        return texts::NOT_HTTP_ANSWER.with(&[error]);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return texts::CLOSED_BY_PEER.into();
    }
    texts::BROKEN.with(&[&innermost(error)])
}

/// The cause of an error that says most: the last of its chain.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn request(call: &HttpCall, server: &Server) -> Result<Request<Body>, Phrase> {
    let has_body = !call.body.is_empty();
    let builder = Request::builder().method(call.method.name()).uri(target(server));
    let mut request =
        builder.body(Full::from(call.body.clone())).map_err(|error| texts::BAD_REQUEST.with(&[&error]))?;
    let headers = request.headers_mut();
    usual_headers(headers, server)?;
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    own_headers(headers, &call.headers)?;
    Ok(request)
}

/// Path and query as they stand in a request line.
pub fn target(server: &Server) -> &str {
    if server.path.is_empty() { "/" } else { server.path.split('#').next().unwrap_or("/") }
}

/// The header fields that every request has.
pub fn usual_headers(headers: &mut header::HeaderMap, server: &Server) -> Result<(), Phrase> {
    let host = if server.host.contains(':') { format!("[{}]", server.host) } else { server.host.clone() };
    let host = if server.port == server.transport.usual_port() { host } else { format!("{host}:{}", server.port) };
    let host = HeaderValue::from_str(&host).map_err(|error| texts::BAD_REQUEST.with(&[&error]))?;
    headers.insert(header::HOST, host);
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    Ok(())
}

/// The header fields that the dialect wants. They take the place of usual ones.
pub fn own_headers(headers: &mut header::HeaderMap, wanted: &[(&'static str, Secret)]) -> Result<(), Phrase> {
    for (name, value) in wanted {
        let bad = || texts::BAD_HEADER.with(&[name]);
        let field = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_bytes(value.expose().as_bytes()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(field, value);
    }
    Ok(())
}

fn passed<T>((result, report): Staged<T>) -> Result<T, CallFault> {
    result.ok_or(CallFault { stage: report.stage, reason: report.detail, advice: report.advice })
}

fn at(stage: Stage, reason: Phrase) -> CallFault {
    CallFault { stage, reason, advice: None }
}
