//! `iotdbg demo`: the terminal application over a simulated cloud in the same process. No account, no network.

use tokio::sync::mpsc;

use crate::app::{AppConfig, KnownProfile};
use crate::base::lang::Phrase;
use crate::base::time;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::{Context, codes, load, screen};
use crate::dialect::{CloudOptions, Server};
use crate::profile::{self, Dirs, Profile, roster};
use crate::serve::{self, Running, ServeConfig};

/// Words of `iotdbg demo`.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Examples:\n  iotdbg demo\n  iotdbg demo --dialect onenet --seed 7 --lang zh-CN")]
pub struct Args {
    /// Only this dialect; may be given several times
    #[arg(long = "dialect", value_name = "D")]
    dialects: Vec<String>,
    /// Seed of everything that is chosen at random
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Starts the cloud and opens the application with an app and a device of every dialect.
pub fn run(context: &Context, args: &Args) -> Outcome {
    screen::require_terminal()?;
    let mut only = Vec::new();
    for name in &args.dialects {
        only.push(codes::find_dialect(name)?.spec().name);
    }
    screen::block_on(demo(context, args, &only))
}

async fn demo(context: &Context, args: &Args, only: &[&str]) -> Outcome {
    let seed = args.seed.unwrap_or_else(|| time::now().as_micros());
    let rosters = roster::builtin().map_err(|error| load::fault(context, &error))?;
    let options = CloudOptions { seed, ..CloudOptions::default() };
    let config = ServeConfig { free_ports: true, rosters, options, lang: context.out.lang, ..ServeConfig::default() };
    let (sender, mut events) = mpsc::unbounded_channel();
    let running = serve::start(config, sender).await.map_err(|fault| Failure::new(EXPECTATION, fault.phrase()))?;
    // The application shows what its own connections see; the cloud's log is for `iotdbg cloud`.
    let log = tokio::spawn(async move { while events.recv().await.is_some() {} });

    // The shipped profiles only: a demo must not connect to anything that is real.
    let shipped = profile::list(&Dirs::default()).map_err(|error| load::fault(context, &error))?;
    let mut profiles = Vec::new();
    for listed in shipped {
        let mut profile = listed.profile.map_err(|error| load::fault(context, &error))?;
        if !only.is_empty() && !only.contains(&profile.dialect.spec().name) {
            continue;
        }
        if let Some(server) = endpoint(&running, &profile)? {
            profile.settings.server = Some(server);
            move_addresses(&running, &mut profile);
            profiles.push(KnownProfile::new(profile, None));
        }
    }
    let open = profiles.iter().map(|known| known.profile.name.clone()).collect();
    let app = AppConfig {
        profiles,
        open,
        demo: true,
        control: Some(running.control.clone()),
        ..screen::config(context, None, seed)
    };
    let outcome = screen::show(context, app).await.map(|_| ());
    running.stop().await;
    log.abort();
    outcome
}

/// The listener that an address of a shipped profile means: it is named by its usual port.
fn meant(profile: &Profile, address: &Server) -> Option<&'static str> {
    let endpoints = profile.dialect.spec().endpoints;
    endpoints.iter().find(|endpoint| endpoint.port == address.port).map(|endpoint| endpoint.name)
}

/// Lets further addresses of a shipped profile, such as that of an HTTP interface, lead into this process.
fn move_addresses(running: &Running, profile: &mut Profile) {
    let names: Vec<String> = profile.settings.identity.names().map(str::to_owned).collect();
    for name in names {
        let address = profile.settings.identity.get(&name).and_then(|text| Server::parse(text).ok());
        if let Some(url) = address.and_then(|address| running.url(meant(profile, &address)?)) {
            profile.settings.identity.set(name, url);
        }
    }
}

/// Where a profile finds its platform in this process.
fn endpoint(running: &Running, profile: &Profile) -> Result<Option<Server>, Failure> {
    let spec = profile.dialect.spec();
    let named = profile.settings.server.as_ref().and_then(|server| meant(profile, server));
    running
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.dialect == spec.name)
        .find(|endpoint| named.map_or(endpoint.roles.contains(&profile.role), |name| endpoint.name == name))
        .map(|endpoint| Server::parse(&endpoint.url))
        .transpose()
        .map_err(|reason| Failure::new(EXPECTATION, Phrase::clone(&reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_address_of_a_shipped_profile_leads_into_the_process() {
        let config = ServeConfig { free_ports: true, rosters: roster::builtin().unwrap(), ..ServeConfig::default() };
        let running = serve::start(config, mpsc::unbounded_channel().0).await.unwrap();
        for listed in profile::list(&Dirs::default()).unwrap().into_iter().filter_map(|listed| listed.profile.ok()) {
            let mut profile = listed;
            let server = endpoint(&running, &profile).unwrap().unwrap();
            move_addresses(&running, &mut profile);
            let identity = &profile.settings.identity;
            let further = identity.names().filter_map(|name| Server::parse(identity.get(name)?).ok());
            for address in further.chain([server]) {
                let found = running.endpoints.iter().map(|endpoint| Server::parse(&endpoint.url).unwrap());
                assert!(found.into_iter().any(|found| found.port == address.port), "{}: {address:?}", profile.name);
            }
        }
        running.stop().await;
    }
}
