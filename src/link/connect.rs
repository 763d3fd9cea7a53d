//! The stages before MQTT: name, TCP, TLS. Each is timed and reported by itself.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::base::lang::Phrase;
use crate::base::time;
use crate::dialect::{Server, TlsSettings};
use crate::link::{texts, tls};
use crate::model::{Stage, StageReport};

/// How long one stage may take. The usual platforms answer within a second; a mobile network may need several.
pub const STAGE_LIMIT: Duration = Duration::from_secs(10);

/// A stream that MQTT can be spoken on.
pub trait Socket: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Socket for T {}

/// The result of a stage, and what to tell about it.
pub type Staged<T> = (Option<T>, StageReport);

/// Finds the addresses of the server, IPv4 and IPv6, in the order of the system.
pub async fn resolve(server: &Server) -> Staged<Vec<SocketAddr>> {
    let started = time::now();
    if let Ok(address) = server.host.parse::<IpAddr>() {
        let detail = texts::IS_ADDRESS.with(&[&server.host]);
        return (Some(vec![SocketAddr::new(address, server.port)]), good(Stage::Resolve, started, detail));
    }
    let host = &server.host;
    match limited(tokio::net::lookup_host((host.as_str(), server.port))).await {
        Ok(found) => {
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                let report = bad(Stage::Resolve, started, texts::NO_ADDRESS.with(&[host]), Some(texts::RESOLVE_ADVICE));
                return (None, report);
            }
            let names: Vec<String> = found.iter().map(|address| address.ip().to_string()).collect();
            let detail = texts::RESOLVED.with(&[host, &names.join(", ")]);
            (Some(found), good(Stage::Resolve, started, detail))
        }
        Err(error) => {
            let detail = texts::NOT_RESOLVED.with(&[host, &error]);
            (None, bad(Stage::Resolve, started, detail, Some(texts::RESOLVE_ADVICE)))
        }
    }
}

/// Connects to the first address that answers.
pub async fn tcp(addresses: Vec<SocketAddr>) -> Staged<TcpStream> {
    let started = time::now();
    let mut last = None;
    for address in addresses {
        match limited(TcpStream::connect(address)).await {
            Ok(stream) => {
                // Small packets must not wait for each other; a socket that cannot do this still works.
                let _ = stream.set_nodelay(true);
                let local = stream.local_addr().map(|local| local.to_string()).unwrap_or_default();
                let detail = texts::TCP_OPEN.with(&[&address, &local]);
                return (Some(stream), good(Stage::Tcp, started, detail));
            }
            Err(error) => last = Some((address, error)),
        }
    }
    let report = match last {
        Some((address, error)) => {
            let advice = if error.kind() == io::ErrorKind::ConnectionRefused {
                texts::TCP_REFUSED_ADVICE
            } else {
                texts::TCP_SILENT_ADVICE
            };
            bad(Stage::Tcp, started, texts::TCP_FAILED.with(&[&address, &error]), Some(advice))
        }
        None => bad(Stage::Tcp, started, texts::NOT_CONNECTED.into(), None),
    };
    (None, report)
}

/// Encrypts a connection.
pub async fn encrypt(host: &str, settings: &TlsSettings, stream: TcpStream) -> Staged<Box<dyn Socket>> {
    let started = time::now();
    let config = match tls::config(settings) {
        Ok(config) => config,
        Err(reason) => return (None, bad(Stage::Tls, started, reason, Some(texts::TLS_FILE_ADVICE))),
    };
    let name = match ServerName::try_from(host.to_owned()) {
        Ok(name) => name,
        Err(error) => return (None, bad(Stage::Tls, started, texts::TLS_FAILED.with(&[&error]), None)),
    };
    match limited(TlsConnector::from(config).connect(name, stream)).await {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            let version = match session.protocol_version() {
                Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
                Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
                Some(other) => format!("{other:?}"),
                None => "TLS".to_owned(),
            };
            let suite =
                session.negotiated_cipher_suite().map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
            let detail = texts::TLS_OPEN.with(&[&version, &suite]);
            (Some(Box::new(stream)), good(Stage::Tls, started, detail))
        }
        Err(error) => {
            let (why, advice) = tls::explain(&error, host);
            // The cause is a phrase of its own; its English stands inside the English, its Chinese inside the Chinese.
            let report =
                StageReport { stage: Stage::Tls, ok: false, elapsed: time::now().since(started), detail: why, advice };
            (None, report)
        }
    }
}

async fn limited<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(STAGE_LIMIT, work).await.unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", STAGE_LIMIT.as_secs())))
    })
}

fn good(stage: Stage, started: time::Time, detail: Phrase) -> StageReport {
    StageReport { stage, ok: true, elapsed: time::now().since(started), detail, advice: None }
}

fn bad(stage: Stage, started: time::Time, detail: Phrase, advice: Option<crate::base::lang::Text>) -> StageReport {
    StageReport { stage, ok: false, elapsed: time::now().since(started), detail, advice: advice.map(Phrase::from) }
}
