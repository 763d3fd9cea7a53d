//! What every listener of an endpoint does alike: accept, unwrap TLS, tell of connections that come to nothing.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::base::lang::Phrase;
use crate::base::time;
use crate::serve::hub::Hub;
use crate::serve::texts;
use crate::sim::{CloudEvent, Happening, Who};

/// How long a connection may take until its first request is complete.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// A connection, encrypted or not.
pub(super) trait Pipe: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Pipe for T {}

/// One listener.
#[derive(Clone)]
pub(super) struct Front {
    pub dialect: &'static str,
    pub endpoint: &'static str,
    pub tls: Option<TlsAcceptor>,
    pub hub: Arc<Hub>,
    /// Loses its sender when the cloud stops.
    pub ended: watch::Receiver<()>,
    /// How long conversations may take to end by themselves once the cloud stops.
    pub farewell: Duration,
}

impl Front {
    /// Accepts until the cloud stops, then waits a little for its conversations. All of them end with it.
    pub async fn run<F, C>(self, listener: TcpListener, converse: F)
    where
        F: Fn(Box<dyn Pipe>, SocketAddr) -> C + Clone + Send + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        let mut ended = self.ended.clone();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, peer)) => {
                        let (front, converse) = (self.clone(), converse.clone());
                        connections.spawn(async move {
                            if let Some(pipe) = front.unwrap_tls(stream, peer).await {
                                converse(pipe, peer).await;
                            }
                        });
                    }
                    // Out of file descriptors, or a connection that went before it was accepted.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next() => {}
                _ = ended.changed() => break,
            }
        }
        drop(listener);
        let ending = async { while connections.join_next().await.is_some() {} };
        // What has not ended by then is ended when the set is dropped.
        let _ = tokio::time::timeout(self.farewell, ending).await;
    }

    async fn unwrap_tls(&self, stream: TcpStream, peer: SocketAddr) -> Option<Box<dyn Pipe>> {
        // Small packets must not wait for each other; without the option they are merely slower.
        let _ = stream.set_nodelay(true);
        let Some(acceptor) = &self.tls else { return Some(Box::new(stream)) };
        match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => return Some(Box::new(stream)),
            Ok(Err(fault)) => self.rejected(texts::TLS_FAILED.with(&[&fault]), peer),
            Err(_) => self.rejected(texts::TOO_SLOW.with(&[&HANDSHAKE.as_secs()]), peer),
        }
        None
    }

    /// Tells of a connection that came to nothing.
    pub fn rejected(&self, reason: Phrase, peer: SocketAddr) {
        self.tell(Happening::Rejected { reason }, String::new(), peer);
    }

    /// Tells the log something of a connection that is no client yet.
    pub fn tell(&self, what: Happening, identity: String, peer: SocketAddr) {
        let (client_id, peer) = (String::new(), peer.to_string());
        let who = Who { endpoint: self.endpoint, role: None, identity, client_id, peer };
        self.hub.tell(CloudEvent { at: time::now(), dialect: self.dialect, who: Some(who), what });
    }
}
