//! Where secrets come from: the profile itself, the environment, a file, or the output of a command.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::{Profile, ProfileError, texts};
use crate::base::lang::Phrase;
use crate::base::text::{fit, printable_bytes};
use crate::dialect::{ConnectionSettings, FieldSpec};
use crate::model::{FieldFault, Fields};

/// How long a `cmd:` may take. Password managers ask their user, so it is not short.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest secret that is taken from a file or a command, in bytes.
const MAX_SECRET: usize = 64 * 1024;

/// How many cells of a command's complaint are told.
const MAX_COMPLAINT: usize = 300;

/// The settings of a profile with its secrets in place and the `Spec`'s defaults filled in.
///
/// Runs the commands that the profile names and waits for them, at most half a minute each: not to be called from a task
/// that must not wait.
pub fn resolve(profile: &Profile) -> Result<ConnectionSettings, ProfileError> {
    resolve_with(profile, COMMAND_TIMEOUT)
}

fn resolve_with(profile: &Profile, timeout: Duration) -> Result<ConnectionSettings, ProfileError> {
    let mut settings = profile.settings.clone();
    let Some(role) = profile.role_spec() else { return Ok(settings) };
    let directory = profile.directory();
    let fill = |fields: &mut Fields, specs: &[FieldSpec]| {
        for spec in specs {
            let written = fields.get(spec.name).map(str::to_owned);
            match written {
                Some(text) if spec.secret => {
                    let secret = fetch(spec.name, &text, directory, timeout)
                        .map_err(|reason| at_field(profile, spec.name, reason))?;
                    fields.set(spec.name, secret);
                }
                Some(_) => {}
                None => {
                    if let Some(default) = spec.default {
                        fields.set(spec.name, default);
                    }
                }
            }
        }
        Ok(())
    };
    fill(&mut settings.identity, role.identity)?;
    for device in &mut settings.devices {
        fill(device, role.device)?;
    }
    Ok(settings)
}

fn at_field(profile: &Profile, field: &str, reason: Phrase) -> ProfileError {
    let place = profile.locate(&FieldFault::new(field, reason.clone()));
    ProfileError { reason, ..place }
}

/// Whether a secret stands in the profile itself.
pub(super) fn is_literal(written: &str) -> bool {
    !["env:", "file:", "cmd:"].iter().any(|scheme| written.starts_with(scheme))
}

fn fetch(field: &str, written: &str, directory: Option<&Path>, timeout: Duration) -> Result<String, Phrase> {
    if let Some(name) = written.strip_prefix("env:") {
        return match std::env::var(name.trim()) {
            Ok(value) if value.is_empty() => Err(texts::EMPTY_SECRET.with(&[&field, &written])),
            Ok(value) => Ok(value),
            Err(std::env::VarError::NotPresent) => Err(texts::NO_ENV.with(&[&field, &name.trim()])),
            Err(std::env::VarError::NotUnicode(_)) => Err(texts::NOT_UNICODE.with(&[&field, &written])),
        };
    }
    let bytes = if let Some(path) = written.strip_prefix("file:") {
        from_file(field, &absolute(path.trim(), directory))?
    } else if let Some(command) = written.strip_prefix("cmd:") {
        from_command(field, command.trim(), directory, timeout)?
    } else {
        return Ok(written.to_owned());
    };
    if bytes.len() > MAX_SECRET {
        return Err(texts::SECRET_TOO_LONG.with(&[&field, &written, &MAX_SECRET]));
    }
    let text = String::from_utf8(bytes).map_err(|_| texts::NOT_UNICODE.with(&[&field, &written]))?;
    // Files and commands end their text with a line end that is not part of it.
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(texts::EMPTY_SECRET.with(&[&field, &written]));
    }
    Ok(secret.to_owned())
}

fn absolute(path: &str, directory: Option<&Path>) -> PathBuf {
    if let Some(rest) = path.strip_prefix("~/")
        && let Ok(home) = etcetera::home_dir()
    {
        return home.join(rest);
    }
    directory.map_or_else(|| PathBuf::from(path), |directory| directory.join(path))
}

fn from_file(field: &str, path: &Path) -> Result<Vec<u8>, Phrase> {
    let fault = |error: std::io::Error| texts::NO_FILE.with(&[&field, &path.display(), &error]);
    read_limited(std::fs::File::open(path).map_err(fault)?).map_err(fault)
}

/// Reads one byte more than allowed, so that too much can be told from just enough.
fn read_limited(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_SECRET as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Runs a command with the shell, in the directory of the profile. Its output is the secret; its complaint, and only
/// that, may be told.
fn from_command(field: &str, command: &str, directory: Option<&Path>, timeout: Duration) -> Result<Vec<u8>, Phrase> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(directory) = directory.filter(|directory| !directory.as_os_str().is_empty()) {
        shell.current_dir(directory);
    }
    let start_fault = |error: std::io::Error| texts::CMD_START.with(&[&field, &error]);
    let mut child = shell.spawn().map_err(start_fault)?;
    let output = drain(child.stdout.take());
    let complaint = drain(child.stderr.take());
    let Ok(bytes) = output.recv_timeout(timeout) else {
        // It may have ended by itself in this moment; then there is nothing left to kill, and that is as good.
        let _ = child.kill();
        let _ = child.wait();
        return Err(texts::CMD_TIMEOUT.with(&[&field, &timeout.as_secs_f32(), &told(&complaint)]));
    };
    let status = child.wait().map_err(start_fault)?;
    if !status.success() {
        return Err(texts::CMD_FAILED.with(&[&field, &status, &told(&complaint)]));
    }
    Ok(bytes)
}

/// Reads a pipe to its end (or to the limit) on a thread of its own; the result comes when it is there.
fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let bytes = pipe.and_then(|pipe| read_limited(pipe).ok()).unwrap_or_default();
        // Nobody waits any more after a timeout.
        let _ = sender.send(bytes);
    });
    receiver
}

fn told(complaint: &mpsc::Receiver<Vec<u8>>) -> String {
    let bytes = complaint.recv_timeout(Duration::from_millis(200)).unwrap_or_default();
    match bytes.trim_ascii() {
        [] => "–".to_owned(),
        words => fit(&printable_bytes(words), MAX_COMPLAINT).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::testing::DIALECTS;

    fn secret_of(written: &str, directory: &Path) -> Result<String, String> {
        let text =
            format!("dialect = \"fake\"\nrole = \"app\"\n[identity]\nuser_id = \"u\"\naccess_key = '''{written}'''\n");
        let (profile, faults) = super::super::parse::read(&text, "lamp", Some(&directory.join("lamp.toml")), DIALECTS);
        assert_eq!(faults, []);
        let settings =
            resolve_with(&profile.unwrap(), Duration::from_millis(500)).map_err(|error| error.to_string())?;
        Ok(settings.identity.get("access_key").unwrap().to_owned())
    }

    #[test]
    fn a_literal_secret_is_taken_as_it_is() {
        assert_eq!(secret_of("hunter2", Path::new("")), Ok("hunter2".to_owned()));
    }

    #[test]
    fn the_environment_gives_a_secret_or_is_named() {
        let path = std::env::var("PATH").unwrap();
        assert_eq!(secret_of("env:PATH", Path::new("")), Ok(path));
        let error = secret_of("env:IOTDBG_TEST_NOT_SET", Path::new("")).unwrap_err();
        assert_eq!(
            error,
            "lamp.toml:5:1: “access_key” is to come from the environment variable IOTDBG_TEST_NOT_SET, which is not set"
        );
    }

    #[test]
    fn a_file_is_found_beside_the_profile_and_its_last_line_end_is_not_part_of_it() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("key"), "s3cret \r\n").unwrap();
        std::fs::write(directory.path().join("empty"), "\n").unwrap();
        assert_eq!(secret_of("file:key", directory.path()), Ok("s3cret ".to_owned()));
        assert!(secret_of("file:empty", directory.path()).unwrap_err().contains("file:empty gives nothing"));
        assert!(secret_of("file:none", directory.path()).unwrap_err().contains("cannot read "));
    }

    #[test]
    fn a_command_gives_a_secret_and_only_its_complaint_is_told() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(secret_of("cmd:printf 's3cret\\n'", directory.path()), Ok("s3cret".to_owned()));
        let error = secret_of("cmd:echo s3cret; printf 'locked\\033' >&2; exit 3", directory.path()).unwrap_err();
        assert!(error.contains("its command ended with exit status: 3; it said: locked␛"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let error = secret_of("cmd:exec sleep 60", directory.path()).unwrap_err();
        assert!(error.contains("did not finish within 0.5 s"), "{error}");
    }

    #[test]
    fn defaults_of_the_spec_are_filled_in() {
        let text = "dialect = \"fake\"\nrole = \"app\"\n[identity]\nuser_id = \"u\"\n";
        let (profile, _) = super::super::parse::read(text, "lamp", None, DIALECTS);
        let profile = profile.unwrap();
        assert_eq!(profile.settings.identity.get("method"), None);
        assert_eq!(resolve(&profile).unwrap().identity.get("method"), Some("sha256"));
    }
}
