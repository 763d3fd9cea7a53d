//! `iotdbg` without a command: the terminal application. `demo.rs` opens the same over a simulated cloud.

use std::cell::Cell;
use std::future::Future;
use std::io::IsTerminal;

use crate::app::keymap::Keymap;
use crate::app::{AppConfig, KnownProfile};
use crate::base::lang::Phrase;
use crate::base::time;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::{Context, load, texts};
use crate::link::Trace;
use crate::profile::{self, settings, workspace};
use crate::tui::looks::{self, Surroundings};
use crate::tui::theme::Theme;
use crate::tui::{self, Next, TuiConfig};

/// The budget of the history where none is named: 256 MiB.
const HISTORY: u64 = 256 << 20;

/// Opens the terminal application with the named profiles connected.
pub fn run(context: &Context, names: &[String], workspace: Option<&str>) -> Outcome {
    require_terminal()?;
    let workspace = match workspace {
        Some(name) => Some(workspace::get(&load::dirs(context), name).map_err(|error| load::fault(context, &error))?),
        None => None,
    };
    let app = AppConfig { workspace, ..prepared(context, names)? };
    match block_on(show(context, app))? {
        Next::End => Ok(()),
        #[cfg(feature = "cloud")]
        Next::Demo => super::demo::run(context, &super::demo::Args::default()),
        #[cfg(not(feature = "cloud"))]
        Next::Demo => Ok(()),
    }
}

/// What the application starts with where these profiles are to be connected.
pub fn prepared(context: &Context, names: &[String]) -> Result<AppConfig, Failure> {
    let mut known = Vec::new();
    let mut faults = Vec::new();
    let mut history = None;
    for listed in profile::list(&load::dirs(context)).map_err(|error| load::fault(context, &error))? {
        // A profile with a fault must not keep the others from being used.
        match listed.profile {
            Ok(profile) => known.push(profile),
            Err(error) => faults.extend(load::fault(context, &error).words),
        }
    }
    let mut open = Vec::new();
    for name in names {
        let named = load::unresolved(context, name)?;
        history = history.max(named.history);
        open.push(named.name.clone());
        if known.iter().all(|profile| profile.name != named.name || profile.path != named.path) {
            known.retain(|profile| profile.name != named.name);
            known.push(named);
        }
    }
    let profiles = known
        .into_iter()
        .map(|profile| {
            let model = load::model_of(&profile, None)?;
            Ok(KnownProfile::new(profile, model))
        })
        .filter_map(|result: Result<KnownProfile, Failure>| match result {
            Ok(known) => Some(known),
            Err(failure) => {
                faults.extend(failure.words);
                None
            }
        })
        .collect();
    let layout = workspace::last_layout(&load::dirs(context));
    let base = config(context, history, time::now().as_micros());
    Ok(AppConfig { profiles, open, demo: false, faults, layout, ..base })
}

/// What every start of the application has in common.
pub fn config(context: &Context, history: Option<u64>, seed: u64) -> AppConfig {
    let named = context.globals.history.or(history);
    let history = named.unwrap_or(HISTORY);
    AppConfig {
        history_grows: named.is_none(),
        lang: context.out.lang,
        history: usize::try_from(history).unwrap_or(usize::MAX),
        seed,
        has_demo: cfg!(feature = "cloud"),
        control: std::env::var("IOTDBG_CLOUD").ok().map(|url| url.trim_end_matches('/').to_owned()),
        env: Some(|name| std::env::var(name).ok()),
        ..AppConfig::default()
    }
}

/// The application needs a terminal on both sides.
pub fn require_terminal() -> Outcome {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        Ok(())
    } else {
        Err(Failure::usage(texts::NO_TERMINAL))
    }
}

/// Runs the asynchronous part.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| system(&error))?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}

/// Shows the application until it is left.
pub async fn show(context: &Context, app: AppConfig) -> Result<Next, Failure> {
    let trace = context.globals.trace.as_deref().map(|path| {
        Trace::open(path).map_err(|error| Failure::usage(texts::UNWRITABLE.with(&[&path.display(), &error])))
    });
    let (settings, mut faults) = settings::load(&load::dirs(context));
    let (keymap, wrong) = Keymap::new(&settings);
    faults.extend(wrong);
    let named = context.globals.theme.as_deref();
    if let Some(name) = named.filter(|name| !looks::is_known(name, &settings)) {
        return Err(Failure::usage(texts::NO_THEME.with(&[&name])));
    }
    let var = |name: &str| std::env::var(name).ok();
    let colours = context.out.colours();
    let asked = Cell::new(false);
    let ask = || {
        asked.set(true);
        None
    };
    let (theme, wrong) = looks::theme(&settings, named, &Surroundings { colours, var: &var, is_light: &ask });
    faults.extend(wrong);
    // The settings are no reason not to start: what is wrong with them is told, what is right holds.
    let faults = faults.iter().map(|fault| Phrase::verbatim(fault.render(context.out.lang)));
    let faults = app.faults.iter().cloned().chain(faults).collect();
    let mouse = settings.mouse.unwrap_or(true);
    let app = AppConfig { keymap, mouse, faults, ..app };
    let named = named.map(str::to_owned);
    let settle = move || {
        let around = Surroundings { colours, var: &|name| std::env::var(name).ok(), is_light: &looks::ask_terminal };
        looks::theme(&settings, named.as_deref(), &around).0
    };
    let settled: Option<Box<dyn FnOnce() -> Theme + Send>> = if asked.get() { Some(Box::new(settle)) } else { None };
    let config = TuiConfig { app, theme, settled, mouse, dirs: load::dirs(context), trace: trace.transpose()? };
    tui::run(config).await.map_err(|error| system(&error))
}

fn system(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(EXPECTATION, Phrase::verbatim(error.to_string()))
}
