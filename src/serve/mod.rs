//! L4: sockets of the simulated cloud.
//!
//! [`start`] opens one listener per endpoint of every dialect and the control address, and gives a [`Running`] cloud.
//! What happens is told as [`CloudEvent`]s, `listening` first. MQTT is spoken by the embedded broker ([`broker`])
//! behind a door ([`door`]) that asks the simulated cloud who may come in.

mod broker;
mod connect;
mod control;
mod door;
mod goodbye;
mod hub;
#[cfg(test)]
mod tests;
mod texts;
mod tls;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::base::lang::{Lang, Phrase};
use crate::base::time;
use crate::dialect::{CloudOptions, Roster, Spec};
use crate::serve::broker::Broker;
use crate::serve::door::Door;
use crate::serve::hub::Hub;
pub use crate::sim::{CloudEvent, Endpoint};
use crate::sim::{CloudSim, Happening, SimFault};

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
    end_control: Option<oneshot::Sender<()>>,
}

impl Running {
    /// The URL of an endpoint.
    pub fn url(&self, endpoint: &str) -> Option<&str> {
        self.endpoints.iter().find(|have| have.name == endpoint).map(|have| have.url.as_str())
    }

    /// Closes every listener and every connection. The ports are free when it returns.
    pub async fn stop(mut self) {
        self.hub.close_all();
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
        self.end_control = None;
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
    sim: CloudSim,
    config: ServeConfig,
    events: mpsc::UnboundedSender<CloudEvent>,
) -> Result<Running, ServeFault> {
    let specs: Vec<&'static Spec> = sim.specs().collect();
    check_ports(&specs, &config.ports)?;
    let mut listeners = Vec::new();
    for spec in &specs {
        for endpoint in spec.endpoints.iter().filter(|endpoint| endpoint.scheme == "mqtt") {
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

    let hub = Arc::new(Hub::new(sim, events));
    let broker = Broker::start(&hub).await.map_err(|fault| ServeFault::System(texts::NO_BROKER.with(&[&fault])))?;
    let mut running = Running {
        endpoints: Vec::new(),
        control: format!("http://{control_address}"),
        ca,
        hub: Arc::clone(&hub),
        broker: None,
        tasks: Vec::new(),
        end_control: None,
    };
    for (spec, endpoint, listener, address) in listeners {
        let scheme = if acceptor.is_some() { "mqtts" } else { "mqtt" };
        let address = reachable(address);
        running.endpoints.push(Endpoint {
            name: endpoint.name.to_owned(),
            dialect: spec.name.to_owned(),
            role: endpoint.role,
            url: format!("{scheme}://{address}"),
        });
        let door = Door {
            dialect: spec.name,
            endpoint: endpoint.name,
            tls: acceptor.clone(),
            broker: broker.address,
            hub: Arc::clone(&hub),
        };
        running.tasks.push(tokio::spawn(door.run(listener)));
    }
    running.broker = Some(broker);
    let (end, ended) = oneshot::channel::<()>();
    running.end_control = Some(end);
    let router = control::router(Arc::clone(&hub), config.lang);
    running.tasks.push(tokio::spawn(async move {
        // Ends when the sender is dropped, or with the task.
        tokio::select! {
            _ = axum::serve(control, router) => {}
            _ = ended => {}
        }
    }));
    let timer = Arc::clone(&hub);
    running.tasks.push(tokio::spawn(async move { timer.keep_time().await }));
    let what = Happening::Listening { control: running.control.clone(), endpoints: running.endpoints.clone() };
    hub.tell(CloudEvent { at: time::now(), dialect: "", who: None, what });
    Ok(running)
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
