//! `iotdbg profiles`: what there is, what is in it, and whether it is right.

use std::io::{Read as _, Write};
use std::path::PathBuf;

use serde_json::{Map, json};

use crate::base::secret::MASK;
use crate::base::text::{printable, width};
use crate::base::time;
use crate::cli::exit::{Failure, Outcome, PROFILE};
use crate::cli::message::padded;
use crate::cli::output::Tone;
use crate::cli::{Context, codes, load, texts};
use crate::model::{Fields, Role};
use crate::profile::import::{self, Import};
use crate::profile::{self, Profile};

/// Words of `iotdbg profiles`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg profiles list\n  iotdbg profiles new lamp --dialect onenet --role device\n  iotdbg profiles check lamp\n  iotdbg profiles import MQTTX.json\n  iotdbg profiles export lamp -o lamp.toml"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List all profiles
    #[command(after_help = "Example:\n  iotdbg profiles list --json")]
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Show what a profile says, secrets masked
    #[command(after_help = "Example:\n  iotdbg profiles show onenet-app")]
    Show {
        /// Name or path
        name: String,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write a commented profile to be filled in
    #[command(after_help = "Example:\n  iotdbg profiles new lamp --dialect onenet --role device")]
    New {
        /// Name of the profile, or a path that ends in .toml
        name: String,
        /// The platform
        #[arg(long, value_name = "D")]
        dialect: String,
        /// app or device
        #[arg(long, value_name = "R")]
        role: String,
    },
    /// Check a profile, or all of them
    #[command(after_help = "Example:\n  iotdbg profiles check lamp")]
    Check {
        /// Name or path; all profiles if it is left out
        name: Option<String>,
    },
    /// Make profiles of an MQTTX export, of a .json with triples, of a triple, a login or code as text
    #[command(
        after_help = "Examples:\n  iotdbg profiles import MQTTX.json\n  iotdbg profiles import lamp.json --name lamp\n  \
            pbpaste | iotdbg profiles import - --dry-run"
    )]
    Import {
        /// A file, the text itself, or - for standard input
        from: String,
        /// Name of the profile, where there is only one
        #[arg(long)]
        name: Option<String>,
        /// Print the profiles instead of saving them
        #[arg(long)]
        dry_run: bool,
        /// One JSON object per line
        #[arg(long, conflicts_with = "dry_run")]
        json: bool,
    },
    /// Print a profile without its secrets, to be passed on
    #[command(after_help = "Example:\n  iotdbg profiles export lamp -o lamp.toml")]
    Export {
        /// Name or path
        name: String,
        /// Write to this file instead of standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Print the folder of profiles
    #[command(after_help = "Example:\n  cd \"$(iotdbg profiles path)\"")]
    Path,
}

/// Does what was asked for.
pub fn run(context: &Context, args: &Args) -> Outcome {
    match &args.what {
        What::List { json } => list(context, *json),
        What::Show { name, json } => show(context, name, *json),
        What::New { name, dialect, role } => new(context, name, dialect, role),
        What::Check { name } => check(context, name.as_deref()),
        What::Import { from, name, dry_run, json } => {
            let import = material(context, from)?;
            if *dry_run { print(context, import) } else { keep(context, import, name.as_deref(), *json) }
        }
        What::Export { name, output } => export(context, name, output.as_deref()),
        What::Path => {
            let folder = load::dirs(context).profiles().ok_or_else(|| Failure::new(PROFILE, texts::NO_FOLDER))?;
            context.out.line(&folder.display().to_string())
        }
    }
}

fn list(context: &Context, as_json: bool) -> Outcome {
    let out = &context.out;
    let listed = profile::list(&load::dirs(context)).map_err(|error| load::fault(context, &error))?;
    let column = listed.iter().map(|entry| width(&entry.name)).max().unwrap_or_default();
    for entry in &listed {
        if as_json {
            let mut members = Map::new();
            members.insert("name".to_owned(), json!(entry.name));
            members.insert("builtin".to_owned(), json!(entry.builtin));
            members.insert("path".to_owned(), json!(entry.path));
            match &entry.profile {
                Ok(profile) => {
                    members.insert("dialect".to_owned(), json!(profile.dialect.spec().name));
                    members.insert("role".to_owned(), json!(profile.role.name()));
                }
                Err(error) => _ = members.insert("error".to_owned(), json!(error.render(out.lang))),
            }
            out.json(members)?;
            continue;
        }
        let place = match &entry.path {
            Some(path) => path.display().to_string(),
            None => out.text(texts::SHIPPED).to_owned(),
        };
        let about = match &entry.profile {
            Ok(profile) => format!("{:<12} {:<7}", profile.dialect.spec().name, profile.role.name()),
            Err(error) => out.paint(Tone::Bad, &printable(&error.render(out.lang))),
        };
        let name = out.paint(Tone::Name, &padded(&printable(&entry.name), column));
        out.line(&format!("{name}  {about} {}", out.paint(Tone::Dim, &printable(&place))))?;
    }
    Ok(())
}

fn find(context: &Context, name: &str) -> Result<Profile, Failure> {
    profile::find(name, &load::dirs(context)).map_err(|error| load::fault(context, &error))
}

fn show(context: &Context, name: &str, as_json: bool) -> Outcome {
    let out = &context.out;
    let profile = find(context, name)?;
    let spec = profile.role_spec();
    let masked = |fields: &Fields, of_device: bool| -> Vec<(String, String)> {
        let known = spec.map(|spec| if of_device { spec.device } else { spec.identity }).unwrap_or_default();
        fields
            .names()
            .map(|name| {
                // Where a secret is kept is no secret: `env:`, `file:` and `cmd:` are shown as they stand.
                let text = fields.get(name).unwrap_or_default();
                let elsewhere = ["env:", "file:", "cmd:"].iter().any(|scheme| text.starts_with(scheme));
                let secret = known.iter().find(|field| field.name == name).is_none_or(|field| field.secret);
                (name.to_owned(), if secret && !elsewhere { MASK.to_owned() } else { text.to_owned() })
            })
            .collect()
    };
    let identity = masked(&profile.settings.identity, false);
    let devices: Vec<_> = profile.settings.devices.iter().map(|device| masked(device, true)).collect();
    let server = profile
        .settings
        .server
        .as_ref()
        .map(|server| format!("{}://{}:{}{}", server.transport.scheme(), server.host, server.port, server.path));
    if as_json {
        let object = |fields: &[(String, String)]| -> Map<String, serde_json::Value> {
            fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
        };
        let mut members = Map::new();
        members.insert("name".to_owned(), json!(profile.name));
        members.insert("path".to_owned(), json!(profile.path));
        members.insert("dialect".to_owned(), json!(profile.dialect.spec().name));
        members.insert("role".to_owned(), json!(profile.role.name()));
        members.insert("server".to_owned(), json!(server));
        members.insert("production".to_owned(), json!(profile.production));
        members.insert("identity".to_owned(), json!(object(&identity)));
        members.insert("device".to_owned(), devices.iter().map(|device| json!(object(device))).collect());
        return out.json(members);
    }
    let mut rows = vec![
        ("dialect".to_owned(), profile.dialect.spec().name.to_owned()),
        ("role".to_owned(), profile.role.name().to_owned()),
        ("server".to_owned(), server.unwrap_or_else(|| out.text(texts::DERIVED).to_owned())),
        ("production".to_owned(), profile.production.to_string()),
    ];
    rows.extend(identity.into_iter().map(|(name, value)| (format!("identity.{name}"), value)));
    rows.extend(devices.into_iter().flatten().map(|(name, value)| (format!("device.{name}"), value)));
    let column = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    out.line(&out.paint(Tone::Bold, &printable(&profile.shown_path().display().to_string())))?;
    for (name, value) in rows {
        out.line(&format!("{}  {}", out.paint(Tone::Dim, &padded(&name, column)), printable(&value)))?;
    }
    Ok(())
}

fn new(context: &Context, name: &str, dialect: &str, role: &str) -> Outcome {
    let dialect = codes::find_dialect(dialect)?;
    let role = Role::parse(role)
        .filter(|role| dialect.spec().role(*role).is_some())
        .ok_or_else(|| Failure::usage(texts::WHICH_ROLE.with(&[&"app, device"])))?;
    let path = if name.ends_with(".toml") {
        PathBuf::from(name)
    } else if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return Err(Failure::usage(texts::BAD_NAME.with(&[&name])));
    } else {
        let folder = load::dirs(context).profiles().ok_or_else(|| Failure::new(PROFILE, texts::NO_FOLDER))?;
        folder.join(format!("{name}.toml"))
    };
    let unwritable = |error: std::io::Error| Failure::new(PROFILE, texts::UNWRITABLE.with(&[&path.display(), &error]));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A secret will be written into it.
        options.mode(0o600);
    }
    let text = profile::template(dialect, role, context.out.lang)
        .ok_or_else(|| Failure::usage(texts::WHICH_ROLE.with(&[&"app, device"])))?;
    options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(unwritable)?;
    context.out.line(&path.display().to_string())
}

/// What was given to be imported; what cannot be used of it is told.
fn material(context: &Context, from: &str) -> Result<Import, Failure> {
    let lang = context.out.lang;
    let import = if from == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| Failure::new(PROFILE, texts::UNREADABLE.with(&[&from, &error])))?;
        import::import(&text, import::UNNAMED, lang)
    } else {
        import::material(from, lang).map_err(|reason| Failure::new(PROFILE, reason))?
    };
    for reason in &import.skipped {
        context.out.say(Tone::Warn, &context.out.phrase(reason));
    }
    // Why was told above.
    if import.found.is_empty() { Err(Failure::silent(PROFILE)) } else { Ok(import) }
}

fn print(context: &Context, import: Import) -> Outcome {
    import.found.iter().try_for_each(|found| {
        context.out.line(&format!("# {}.toml", found.name))?;
        context.out.bytes(found.text.as_bytes())
    })
}

/// Saves what was imported under names that are free, and tells what is still missing.
fn keep(context: &Context, import: Import, name: Option<&str>, as_json: bool) -> Outcome {
    let out = &context.out;
    let dirs = load::dirs(context);
    if name.is_some() && import.found.len() > 1 {
        return Err(Failure::usage(texts::SEVERAL_FOR_ONE_NAME.with(&[&import.found.len()])));
    }
    for found in import.found {
        let name = match name {
            Some(name) => name.to_owned(),
            None => profile::free_name(&dirs, &found.name),
        };
        let path = profile::save(&dirs, &name, &found.text, false).map_err(|error| load::fault(context, &error))?;
        let read = Profile::parse(&found.text, &name, Some(&path)).and_then(|profile| profile.check(time::now()));
        if as_json {
            let mut members = Map::new();
            members.insert("name".to_owned(), json!(name));
            members.insert("dialect".to_owned(), json!(found.dialect));
            members.insert("role".to_owned(), json!(found.role.name()));
            members.insert("path".to_owned(), json!(path));
            if let Err(error) = &read {
                members.insert("error".to_owned(), json!(error.render(out.lang)));
            }
            out.json(members)?;
        } else {
            out.line(&path.display().to_string())?;
            if let Err(error) = &read {
                out.say(Tone::Warn, &printable(&error.render(out.lang)));
            }
        }
    }
    Ok(())
}

fn export(context: &Context, name: &str, output: Option<&std::path::Path>) -> Outcome {
    let text = profile::without_secrets(&find(context, name)?);
    match output {
        None => context.out.bytes(text.as_bytes()),
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure::new(PROFILE, texts::UNWRITABLE.with(&[&path.display(), &error]))),
    }
}

fn check(context: &Context, name: Option<&str>) -> Outcome {
    let out = &context.out;
    let found: Vec<(String, Result<Profile, profile::ProfileError>)> = match name {
        Some(name) => vec![(name.to_owned(), profile::find(name, &load::dirs(context)))],
        None => profile::list(&load::dirs(context))
            .map_err(|error| load::fault(context, &error))?
            .into_iter()
            .map(|entry| (entry.name, entry.profile))
            .collect(),
    };
    let mut wrong = false;
    for (name, profile) in found {
        match profile.and_then(|profile| profile.check(time::now())) {
            Ok(()) => out.line(&format!("{} {}", out.paint(Tone::Good, "✓"), printable(&name)))?,
            Err(error) => {
                wrong = true;
                out.say(Tone::Bad, &format!("✗ {}", printable(&error.render(out.lang))));
            }
        }
    }
    if wrong { Err(Failure::silent(PROFILE)) } else { Ok(()) }
}
