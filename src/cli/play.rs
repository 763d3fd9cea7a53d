//! `iotdbg open`: recorded messages in the terminal application. What `replay` and `export` need to know of a recording is
//! here too.

use std::path::PathBuf;

use crate::app::{AppConfig, CaptureWanted};
use crate::capture::{Assumed, Loader};
use crate::cli::args::Worded;
use crate::cli::exit::{Failure, Outcome, USAGE};
use crate::cli::{Context, codes, load, screen, texts};
use crate::link::capture::CaptureFile;
use crate::model::Role;

/// Words of `iotdbg open`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg open lamp.jsonl\n  iotdbg open lamp.jsonl.zst lamp.2.jsonl.zst\n  mosquitto_sub -v -t '#' > log.txt; iotdbg open log.txt"
)]
pub struct Args {
    #[command(flatten)]
    of: OfCapture,
}

/// Which recording, and how its messages are to be read.
#[derive(Debug, clap::Args)]
pub struct OfCapture {
    /// Recordings of iotdbg (.jsonl, .zst), JSON lines of another program, or what `mosquitto_sub -v` printed
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The platform of messages that do not say it; guessed otherwise
    #[arg(long, value_name = "D")]
    pub dialect: Option<String>,
    /// The side that recorded them: app or device
    #[arg(long, value_name = "R", value_parser = role)]
    pub role: Option<Role>,
    /// A profile that says both, and more
    #[arg(short, long, value_name = "NAME")]
    pub profile: Option<String>,
}

fn role(text: &str) -> Result<Role, Worded> {
    Role::parse(text).ok_or_else(|| Worded(texts::ONE_OF.with(&[&"app, device"])))
}

impl OfCapture {
    /// What is known of messages that say nothing of themselves.
    pub fn assumed(&self, context: &Context) -> Result<Assumed, Failure> {
        let stem = self.files.first().and_then(|path| path.file_stem());
        let mut assumed = Assumed::nothing(stem.map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default());
        if let Some(name) = &self.profile {
            let profile = load::unresolved(context, name)?;
            assumed.name.clone_from(&profile.name);
            (assumed.dialect, assumed.role) = (Some(profile.dialect), Some(profile.role));
            let origin = crate::capture::origin_of(&profile.name, profile.dialect, profile.role, &profile.settings);
            (assumed.identity, assumed.devices) = (origin.identity, origin.devices);
        }
        if let Some(name) = &self.dialect {
            assumed.dialect = Some(codes::find_dialect(name)?);
        }
        assumed.role = self.role.or(assumed.role);
        Ok(assumed)
    }

    /// The files, opened to be read by a command.
    pub fn open(&self, context: &Context) -> Result<CaptureFile, Failure> {
        let loader = Loader::new(self.assumed(context)?, 1..u16::MAX, crate::base::time::now());
        CaptureFile::open(&self.files, loader).map_err(|reason| Failure::new(USAGE, reason))
    }

    /// What the application opens.
    pub fn wanted(&self, context: &Context, speed: Option<f64>) -> Result<CaptureWanted, Failure> {
        // A file that is not there is told before the screen is taken.
        self.open(context)?;
        Ok(CaptureWanted { paths: self.files.clone(), assumed: self.assumed(context)?, ids: 0..0, speed })
    }
}

/// Opens the application on the files.
pub fn run(context: &Context, args: &Args) -> Outcome {
    screen::require_terminal()?;
    show(context, &args.of, None)
}

/// Opens the application on a recording, at once or in its own time.
pub fn show(context: &Context, of: &OfCapture, speed: Option<f64>) -> Outcome {
    let captures = vec![of.wanted(context, speed)?];
    let app = AppConfig { captures, ..screen::prepared(context, &[])? };
    screen::block_on(screen::show(context, app)).map(|_| ())
}
