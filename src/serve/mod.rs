//! L4: sockets of the simulated cloud.
//!
//! [`start`] opens one listener per endpoint of every dialect and the control address, and gives a [`Running`] cloud.
//! What happens is told as [`CloudEvent`]s, `listening` first. MQTT is spoken by the embedded broker ([`broker`])
//! behind a door ([`door`]) that asks the simulated cloud who may come in; HTTP and WebSocket by [`web`] and [`socket`].

mod broker;
mod connect;
mod control;
mod door;
mod frames;
mod front;
mod hub;
mod link;
mod passing;
mod socket;
#[cfg(test)]
mod tests;
mod texts;
mod tls;
mod web;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::base::lang::{Lang, Phrase};
use crate::base::time;
use crate::dialect::{CloudOptions, EndpointSpec, Roster, Spec};
use crate::serve::broker::Broker;
use crate::serve::door::Door;
use crate::serve::front::Front;
use crate::serve::hub::Hub;
use crate::serve::web::Web;
pub use crate::sim::{CloudEvent, Endpoint};
use crate::sim::{CloudSim, Happening, SimFault};

/// How long calls that are being answered may take when the cloud stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// The key of `--ports` for the control address.
pub const CONTROL: &str = "control";

/// What a simulated cloud is started with.
#[derive(Debug, Clone)]
pub struct ServeConfig {
    /// The address of all endpoints. The control address is always on loopback.
    pub listen: IpAddr,
    /// Ports by endpoint name, and of [`CONTROL`]; 0 takes a free one. Endpoints that are not named take the port of
    /// their `Spec`, the control address a free one.
    pub ports: BTreeMap<String, u16>,
    /// Take free ports wherever `ports` names none, too.
    pub free_ports: bool,
    /// Whether endpoints speak TLS.
    pub tls: Option<TlsConfig>,
    /// The identities by dialect name.
    pub rosters: BTreeMap<String, Roster>,
    /// Behaviour of the platforms.
    pub options: CloudOptions,
    /// The language of reasons that the control address gives.
    pub lang: Lang,
}

impl Default for ServeConfig {
    fn default() -> Self {
        ServeConfig {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports: BTreeMap::new(),
            free_ports: false,
            tls: None,
            rosters: BTreeMap::new(),
            options: CloudOptions::default(),
            lang: Lang::En,
        }
    }
}

/// TLS for all endpoints, with certificates made at the start.
#[derive(Debug, Clone, Default)]
pub struct TlsConfig {
    /// Where the certificate authority to be trusted is written to (PEM).
    pub ca_out: Option<PathBuf>,
}

/// Why a simulated cloud does not start.
#[derive(Debug, Clone, PartialEq)]
pub enum ServeFault {
    /// The roster cannot be used.
    Roster(SimFault),
    /// A setting names something that is not there.
    Setting(Phrase),
    /// The operating system does not let it: a port in use, a file that cannot be written.
    System(Phrase),
}

impl ServeFault {
    /// What is wrong, in words.
    pub fn phrase(&self) -> Phrase {
        match self {
            ServeFault::Roster(SimFault::UnknownDialect(reason) | SimFault::UnknownOption(reason)) => reason.clone(),
            ServeFault::Roster(SimFault::Roster { fault, .. }) => fault.reason.clone(),
            ServeFault::Setting(reason) | ServeFault::System(reason) => reason.clone(),
        }
    }
}

impl std::fmt::Display for ServeFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ServeFault::Roster(fault) => fault.fmt(f),
            ServeFault::Setting(reason) | ServeFault::System(reason) => reason.fmt(f),
        }
    }
}

impl std::error::Error for ServeFault {}

/// A simulated cloud that runs. It stops when dropped; [`Running::stop`] waits until its ports are free again.
pub struct Running {
    /// The listeners.
    pub endpoints: Vec<Endpoint>,
    /// URL of the control address.
    pub control: String,
    /// The certificate authority (PEM), with TLS.
    pub ca: Option<String>,
    hub: Arc<Hub>,
    broker: Option<Broker>,
    tasks: Vec<JoinHandle<()>>,
    /// The listeners of the endpoints, which end by themselves soon after `end` is dropped.
    fronts: Vec<JoinHandle<()>>,
    end: Option<watch::Sender<()>>,
}

impl Running {
    /// The URL of an endpoint.
    pub fn url(&self, endpoint: &str) -> Option<&str> {
        self.endpoints.iter().find(|have| have.name == endpoint).map(|have| have.url.as_str())
    }

    /// Closes every listener and every connection. The ports are free when it returns.
    pub async fn stop(mut self) {
        self.hub.close_all();
        self.end = None;
        for front in std::mem::take(&mut self.fronts) {
            // One that panicked has ended, too.
            let _ = front.await;
        }
        if let Some(broker) = self.broker.take() {
            self.tasks.push(broker.task);
        }
        self.end();
        for task in std::mem::take(&mut self.tasks) {
            // An aborted task ends with an error that says so.
            let _ = task.await;
        }
    }

    fn end(&mut self) {
        self.end = None;
        self.fronts.iter().for_each(JoinHandle::abort);
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        if let Some(broker) = &self.broker {
            broker.task.abort();
        }
    }
}

/// Starts a simulated cloud. `events` gets its log, `listening` first.
pub async fn start(config: ServeConfig, events: mpsc::UnboundedSender<CloudEvent>) -> Result<Running, ServeFault> {
    let sim = CloudSim::new(&config.rosters, &config.options).map_err(ServeFault::Roster)?;
    start_with(sim, config, events).await
}

/// Starts the sockets of a simulated cloud that was made elsewhere.
async fn start_with(
    mut sim: CloudSim,
    config: ServeConfig,
    events: mpsc::UnboundedSender<CloudEvent>,
) -> Result<Running, ServeFault> {
    let specs: Vec<&'static Spec> = sim.specs().collect();
    check_ports(&specs, &config.ports)?;
    let mut listeners = Vec::new();
    for spec in &specs {
        for endpoint in spec.endpoints {
            let port = config.ports.get(endpoint.name).copied();
            let port = port.unwrap_or(if config.free_ports { 0 } else { endpoint.port });
            let (listener, address) = listen(SocketAddr::new(config.listen, port), endpoint.name).await?;
            listeners.push((*spec, endpoint, listener, address));
        }
    }
    let control_port = config.ports.get(CONTROL).copied().unwrap_or_default();
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, control_port));
    let (control, control_address) = listen(loopback, CONTROL).await?;
    let (acceptor, ca) = match &config.tls {
        None => (None, None),
        Some(tls) => {
            let (acceptor, ca) = tls::certificates(config.listen)
                .map_err(|fault| ServeFault::System(texts::NO_CERTIFICATE.with(&[&fault])))?;
            if let Some(path) = &tls.ca_out {
                std::fs::write(path, &ca)
                    .map_err(|fault| ServeFault::System(texts::NO_CA_FILE.with(&[&path.display(), &fault])))?;
            }
            (Some(acceptor), Some(ca))
        }
    };

    let endpoints: Vec<Endpoint> =
        listeners.iter().map(|(spec, endpoint, _, address)| at(spec, endpoint, *address, acceptor.is_some())).collect();
    sim.listening(&endpoints);
    let hub = Arc::new(Hub::new(sim, events));
    let broker = Broker::start(&hub).await.map_err(|fault| ServeFault::System(texts::NO_BROKER.with(&[&fault])))?;
    let mut running = Running {
        endpoints,
        control: format!("http://{control_address}"),
        ca,
        hub: Arc::clone(&hub),
        broker: None,
        tasks: Vec::new(),
        fronts: Vec::new(),
        end: None,
    };
    let (end, ended) = watch::channel(());
    for (spec, endpoint, listener, _) in listeners {
        let is_web = matches!(endpoint.scheme, "http" | "ws");
        let front = Front {
            dialect: spec.name,
            endpoint: endpoint.name,
            tls: acceptor.clone(),
            hub: Arc::clone(&hub),
            ended: ended.clone(),
            farewell: if is_web { FAREWELL } else { Duration::ZERO },
        };
        running.fronts.push(if is_web {
            let web = Web { front: front.clone(), sockets: endpoint.scheme == "ws" };
            tokio::spawn(front.run(listener, move |stream, peer| web.clone().converse(stream, peer)))
        } else {
            let door = Door { front: front.clone(), broker: broker.address };
            tokio::spawn(front.run(listener, move |stream, peer| door.clone().admit(stream, peer)))
        });
    }
    running.broker = Some(broker);
    running.end = Some(end);
    let mut ended = ended;
    let router = control::router(Arc::clone(&hub), config.lang);
    running.tasks.push(tokio::spawn(async move {
        // Ends when the sender is dropped, or with the task.
        tokio::select! {
            _ = axum::serve(control, router) => {}
            _ = ended.changed() => {}
        }
    }));
    let timer = Arc::clone(&hub);
    running.tasks.push(tokio::spawn(async move { timer.keep_time().await }));
    let what = Happening::Listening { control: running.control.clone(), endpoints: running.endpoints.clone() };
    hub.tell(CloudEvent { at: time::now(), dialect: "", who: None, what });
    Ok(running)
}

/// An endpoint as clients find it.
fn at(spec: &Spec, endpoint: &EndpointSpec, address: SocketAddr, tls: bool) -> Endpoint {
    let secure = if tls { "s" } else { "" };
    Endpoint {
        name: endpoint.name.to_owned(),
        dialect: spec.name.to_owned(),
        roles: endpoint.roles,
        url: format!("{}{secure}://{}{}", endpoint.scheme, reachable(address), endpoint.path),
    }
}

/// An address to connect to: of a listener on every address, the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    }
}

fn check_ports(specs: &[&'static Spec], ports: &BTreeMap<String, u16>) -> Result<(), ServeFault> {
    let endpoints = || specs.iter().flat_map(|spec| spec.endpoints).map(|endpoint| endpoint.name).chain([CONTROL]);
    match ports.keys().find(|name| !endpoints().any(|known| known == name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<&str> = endpoints().collect();
            Err(ServeFault::Setting(texts::UNKNOWN_PORT.with(&[name, &known.join(", ")])))
        }
    }
}

async fn listen(address: SocketAddr, name: &str) -> Result<(TcpListener, SocketAddr), ServeFault> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        std::io::Result::Ok((listener, address))
    };
    bound.await.map_err(|fault| ServeFault::System(texts::CANNOT_LISTEN.with(&[&address, &name, &fault])))
}
