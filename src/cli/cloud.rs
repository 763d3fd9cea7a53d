//! `iotdbg cloud`: the simulated cloud by itself, until Ctrl-C.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::mpsc as thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::base::lang::{Phrase, Text};
use crate::base::time;
use crate::cli::Context;
use crate::cli::exit::{EXPECTATION, Failure, Outcome, PROFILE};
use crate::cli::output::{Output, Tone};
use crate::dialect::CloudOptions;
use crate::profile::roster;
use crate::serve::{self, CloudEvent, Running, ServeConfig, ServeFault, TlsConfig};
use crate::sim::{Happening, SimFault};

const PORT_FORM: Text = Text::new(
    "ports look like NAME=NUMBER,NAME=NUMBER, found “{}”",
    "端口的写法是 NAME=NUMBER,NAME=NUMBER，实际是“{}”",
);
const OPTION_FORM: Text =
    Text::new("an option looks like NAME=VALUE, found “{}”", "选项的写法是 NAME=VALUE，实际是“{}”");
const ROSTER_LINE: Text = Text::new("{}:{}: {}", "{}:{}：{}");
const NOT_LOOPBACK: Text = Text::new(
    "{} is reachable from other machines: anybody there who knows an identity of the roster can log in",
    "{} 可从其他机器访问：任何知道名单内身份的人都能登录",
);
const ENDPOINT: Text = Text::new("  {} ({}, {})  {}", "  {}（{}，{}）  {}");
const CA_WRITTEN: Text = Text::new("the certificate authority to trust is in {}", "需要信任的 CA 证书已写入 {}");
const UNTRUSTED: Text = Text::new(
    "nobody trusts the certificates of this cloud: --ca-out FILE writes the authority to trust",
    "没有客户端信任这个云的证书：用 --ca-out FILE 写出需要信任的 CA 证书",
);

/// Lines of the log that may wait for whoever reads them.
const BACKLOG: usize = 10_000;

/// Words of `iotdbg cloud`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg cloud\n  iotdbg cloud --json --roster shop.toml --ports onenet-app=0,control=8080\n  \
    iotdbg cloud --tls --ca-out ca.pem"
)]
pub struct Args {
    /// The identities that are known [default: those of the shipped profiles]
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Ports by endpoint, and of the control address; 0 takes a free one, and lets endpoints that are not named do so
    #[arg(long, value_name = "NAME=PORT,...", value_delimiter = ',')]
    ports: Vec<String>,
    /// Speak TLS, with certificates made at the start
    #[arg(long)]
    tls: bool,
    /// Write the certificate authority to trust to this file (PEM)
    #[arg(long, value_name = "FILE", requires = "tls")]
    ca_out: Option<PathBuf>,
    /// Behaviour that the platforms' documents leave open
    #[arg(long = "option", value_name = "NAME=VALUE")]
    options: Vec<String>,
    /// Seed of the ids that the platforms choose
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Print one JSON object per event
    #[arg(long)]
    json: bool,
}

/// Runs the simulated cloud.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let config = config(context, args)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|fault| Failure::new(EXPECTATION, Phrase::verbatim(fault.to_string())))?;
    runtime.block_on(serve_until_told(context, args, config))
}

fn config(context: &Context, args: &Args) -> Result<ServeConfig, Failure> {
    let rosters = match &args.roster {
        Some(path) => roster::read(path),
        None => roster::builtin(),
    };
    let rosters = rosters.map_err(|error| Failure::new(PROFILE, Phrase::verbatim(error.render(context.out.lang))))?;
    let pairs = |given: &[String], form: Text| -> Result<BTreeMap<String, String>, Failure> {
        let pair = |text: &String| {
            let (name, value) = text.split_once('=').ok_or_else(|| Failure::usage(form.with(&[text])))?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        };
        given.iter().map(pair).collect()
    };
    let mut ports = BTreeMap::new();
    for (name, value) in pairs(&args.ports, PORT_FORM)? {
        let port = value.parse().map_err(|_| Failure::usage(PORT_FORM.with(&[&format!("{name}={value}")])))?;
        ports.insert(name, port);
    }
    let options = CloudOptions { settings: pairs(&args.options, OPTION_FORM)?, seed: args.seed };
    let tls = args.tls.then(|| TlsConfig { ca_out: args.ca_out.clone() });
    // Who takes a free port for one endpoint reads it from the first line, and must not meet another cloud at the next.
    let free_ports = ports.iter().any(|(name, port)| *port == 0 && name != "control");
    Ok(ServeConfig { listen: args.listen, ports, free_ports, tls, rosters, options, lang: context.out.lang })
}

async fn serve_until_told(context: &Context, args: &Args, config: ServeConfig) -> Outcome {
    let system = |fault: std::io::Error| Failure::new(EXPECTATION, Phrase::verbatim(fault.to_string()));
    // Before anything listens, so that no signal is missed.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(system)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(system)?;
    let (sender, mut events) = mpsc::unbounded_channel();
    let running = serve::start(config, sender).await.map_err(|fault| failure(args, &fault))?;
    introduce(context, args, &running);

    let (printer, printed) = print_lines(context.out.clone(), args.json);
    let mut skipped = 0;
    let mut told = std::pin::pin!(printed);
    let outcome = loop {
        tokio::select! {
            Some(event) = events.recv() => pass_on(&printer, event, &mut skipped),
            outcome = &mut told => break outcome.unwrap_or(Ok(())),
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
        }
    };
    running.stop().await;
    outcome
}

/// Gives an event to the printer; one that has no place is counted and told as soon as there is a place again.
fn pass_on(printer: &thread::SyncSender<CloudEvent>, event: CloudEvent, skipped: &mut u64) {
    if *skipped > 0 {
        let what = Happening::Skipped { count: *skipped };
        if printer.try_send(CloudEvent { at: time::now(), dialect: "", who: None, what }).is_ok() {
            *skipped = 0;
        }
    }
    if let Err(thread::TrySendError::Full(_)) = printer.try_send(event) {
        *skipped += 1;
    }
}

/// Prints events in a thread of its own, because standard output may be slow. The receiver gets the end of it: a closed
/// pipe, or a fault.
fn print_lines(out: Output, json: bool) -> (thread::SyncSender<CloudEvent>, tokio::sync::oneshot::Receiver<Outcome>) {
    let (sender, receiver) = thread::sync_channel::<CloudEvent>(BACKLOG);
    let (done, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        for event in receiver {
            let line = if json { event.to_json(out.lang).to_string() } else { event.line(out.lang) };
            if let Err(failure) = out.line(&line) {
                // The command may have ended meanwhile; then nobody waits for this.
                let _ = done.send(Err(failure));
                return;
            }
        }
    });
    (sender, ended)
}

/// Tells people where to connect; a script reads the first line of `--json` instead.
fn introduce(context: &Context, args: &Args, running: &Running) {
    let out = &context.out;
    if !args.listen.is_loopback() {
        out.say(Tone::Warn, &NOT_LOOPBACK.fill(out.lang, &[&args.listen]));
    }
    if let Some(path) = &args.ca_out {
        out.say(Tone::Plain, &CA_WRITTEN.fill(out.lang, &[&path.display()]));
    } else if args.tls {
        out.say(Tone::Warn, out.text(UNTRUSTED));
    }
    if !args.json {
        for endpoint in &running.endpoints {
            let line =
                ENDPOINT.fill(out.lang, &[&endpoint.name, &endpoint.dialect, &endpoint.role_name(), &endpoint.url]);
            out.say(Tone::Plain, &line);
        }
    }
}

fn failure(args: &Args, fault: &ServeFault) -> Failure {
    match fault {
        ServeFault::Roster(SimFault::Roster { fault, .. }) if fault.line > 0 => {
            let path = args.roster.as_deref().unwrap_or_else(|| std::path::Path::new("<builtin>"));
            let place = [path.display().to_string(), fault.line.to_string()].map(Phrase::verbatim);
            Failure::new(PROFILE, ROSTER_LINE.around(place.into_iter().chain([fault.reason.clone()])))
        }
        // Where no line is named, it is a setting of the command line.
        ServeFault::Roster(SimFault::UnknownOption(_) | SimFault::Roster { .. }) => Failure::usage(fault.phrase()),
        ServeFault::Roster(_) => Failure::new(PROFILE, fault.phrase()),
        ServeFault::Setting(_) => Failure::usage(fault.phrase()),
        ServeFault::System(_) => Failure::new(EXPECTATION, fault.phrase()),
    }
}
