//! Work beside the loop that is no connection of the stream: secrets for a form, and the doctor. What comes of it is told
//! to the application as messages.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::Msg;
use crate::app::checkups::WATCH;
use crate::app::effect::OperateWanted;
use crate::app::inspect::decode::DecodeWanted;
use crate::base::lang::{Phrase, Text};
use crate::base::text::{duration_short, printable};
use crate::base::time;
use crate::dialect::{Finding, HttpCall, Method, TlsSettings};
use crate::link::{doctor, http, model};
use crate::model::ConnectionId;
use crate::profile::{self, Profile};
use crate::session::checkup::{Part, Patient, Progress, Step};

/// What is under way.
pub struct Errands {
    told: mpsc::UnboundedSender<Msg>,
    checkup: Option<JoinHandle<()>>,
}

impl Errands {
    /// Nothing is under way. What comes of errands goes to `told`.
    pub fn new(told: mpsc::UnboundedSender<Msg>) -> Errands {
        Errands { told, checkup: None }
    }

    /// Fetches the secrets of a profile; a `cmd:` may take long.
    pub fn fetch(&self, profile: usize, from: Box<Profile>) {
        let told = self.told.clone();
        tokio::task::spawn_blocking(move || {
            let settings = profile::resolve(&from);
            let identity = settings.map(|settings| settings.identity);
            // The English words stand for both languages: they quote a file or a command.
            let identity = identity.map_err(|fault| Phrase::verbatim(fault.render(crate::base::lang::Lang::En)));
            // The loop may have ended meanwhile.
            let _ = told.send(Msg::Fetched { profile, identity });
        });
    }

    /// Lets the doctor examine a profile.
    pub fn examine(&mut self, profile: usize, from: Box<Profile>) {
        self.stop();
        let told = self.told.clone();
        self.checkup = Some(tokio::spawn(async move {
            let tell = |progress| {
                // The loop may have ended meanwhile.
                let _ = told.send(Msg::Examined { profile, progress });
            };
            let (dialect, role) = (from.dialect, from.role);
            let settings = tokio::task::spawn_blocking(move || profile::resolve(&from)).await;
            let settings = match settings {
                Ok(Ok(settings)) => settings,
                Ok(Err(fault)) => {
                    tell(Some(Progress::Over(unreadable(&fault.render(crate::base::lang::Lang::En)))));
                    return tell(None);
                }
                Err(_) => return tell(None),
            };
            let patient = Patient { dialect, role, settings, watch: WATCH, seed: time::now().as_micros() };
            let (sender, mut steps) = mpsc::unbounded_channel();
            let work = doctor::examine(patient, sender);
            let pass_on = async {
                while let Some(progress) = steps.recv().await {
                    tell(Some(progress));
                }
            };
            tokio::join!(work, pass_on);
            tell(None);
        }));
    }

    /// Fetches the thing model of a profile's product for a connection.
    pub fn fetch_model(&self, id: ConnectionId, from: Box<Profile>) {
        let told = self.told.clone();
        tokio::spawn(async move {
            let (dialect, role) = (from.dialect, from.role);
            let settings = tokio::task::spawn_blocking(move || profile::resolve(&from)).await;
            let fetched = match settings {
                Ok(Ok(settings)) => model::fetch(dialect, role, settings).await,
                // The English words stand for both languages: they quote a file or a command.
                Ok(Err(fault)) => Err(Phrase::verbatim(fault.render(crate::base::lang::Lang::En))),
                Err(_) => return,
            };
            // The loop may have ended meanwhile.
            let _ = told.send(Msg::ModelFetched(id, fetched));
        });
    }

    /// Lets a command decode a payload, for as long as it may take.
    pub fn decode(&self, wanted: DecodeWanted) {
        let told = self.told.clone();
        tokio::spawn(async move {
            let seq = wanted.seq;
            let output = run(wanted).await;
            // The loop may have ended meanwhile.
            let _ = told.send(Msg::Decoded(seq, output));
        });
    }

    /// Lets the console of a simulated cloud do something.
    pub fn operate(&self, wanted: OperateWanted) {
        let told = self.told.clone();
        tokio::spawn(async move {
            let OperateWanted { key, control, body } = wanted;
            let answer = ask(&control, &body).await;
            // The loop may have ended meanwhile.
            let _ = told.send(Msg::Operated(key, answer));
        });
    }

    /// Breaks the checkup off.
    pub fn stop(&mut self) {
        if let Some(checkup) = self.checkup.take() {
            checkup.abort();
        }
    }
}

/// Asks the control address of a simulated cloud.
async fn ask(control: &str, body: &Value) -> Result<Value, Phrase> {
    let call = HttpCall {
        name: "operate",
        method: Method::Post,
        url: format!("{control}/operate"),
        headers: Vec::new(),
        body: body.to_string().into_bytes(),
        secret_body: false,
    };
    let no_cloud = |reason: Phrase| NO_CLOUD.around([Phrase::verbatim(control), reason]);
    let answer = http::call(&call, &TlsSettings::default()).await.map_err(|fault| no_cloud(fault.reason))?;
    serde_json::from_slice(&answer.body).map_err(|fault| no_cloud(Phrase::verbatim(fault.to_string())))
}

const NO_CLOUD: Text = Text::new("no simulated cloud at {}: {}", "{} 没有模拟云：{}");

/// A profile whose secrets cannot be read, as a part of the checkup.
fn unreadable(words: &str) -> Step {
    let detail = Phrase::verbatim(words);
    Step {
        part: Part::Rules,
        ok: false,
        elapsed: Duration::ZERO,
        findings: vec![Finding::error("secret", detail.clone(), SECRET_FIX)],
        detail,
    }
}

const SECRET_FIX: Text = Text::new("correct the profile", "请修正配置");

/// What a command prints of a payload.
async fn run(wanted: DecodeWanted) -> Result<String, Phrase> {
    let DecodeWanted { command, timeout, topic, payload, .. } = wanted;
    let failed = |error: &dyn std::fmt::Display| COMMAND_FAILED.with(&[&command, error]);
    let mut child = tokio::process::Command::new("sh")
        .args(["-c", &command])
        .env("IOTDBG_TOPIC", &topic)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(&error))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let stderr = child.stderr.take();
    let work = async {
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A command that does not read its input says nothing against it.
                let _ = stdin.write_all(&payload).await;
            }
        };
        let (mut said, mut complaint) = (Vec::new(), Vec::new());
        let read = async {
            if let Some(stdout) = stdout {
                let _ = stdout.take(MOST_OUTPUT).read_to_end(&mut said).await;
            }
        };
        let hear = async {
            if let Some(stderr) = stderr {
                let _ = stderr.take(MOST_COMPLAINT).read_to_end(&mut complaint).await;
            }
        };
        tokio::join!(feed, read, hear);
        let status = child.wait().await.map_err(|error| failed(&error))?;
        if !status.success() {
            let complaint = String::from_utf8_lossy(&complaint);
            let first = complaint.trim().lines().next().unwrap_or_default();
            return Err(failed(&format!("{status} {}", printable(first))));
        }
        Ok(String::from_utf8_lossy(&said).into_owned())
    };
    match tokio::time::timeout(timeout, work).await {
        Ok(result) => result,
        Err(_) => Err(COMMAND_SLOW.with(&[&command, &duration_short(timeout)])),
    }
}

/// Bytes of output that are read.
const MOST_OUTPUT: u64 = 1024 * 1024;
/// Bytes of complaints that are read.
const MOST_COMPLAINT: u64 = 4096;

const COMMAND_FAILED: Text = Text::new("“{}” failed: {}", "“{}”失败：{}");
const COMMAND_SLOW: Text = Text::new("“{}” took longer than {} and was ended", "“{}”超过 {} 未结束，已终止");

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::lang::Lang;
    use crate::store::Seq;

    async fn said(command: &str, timeout: u64) -> Result<String, String> {
        let wanted = DecodeWanted {
            seq: Seq(1),
            command: command.to_owned(),
            timeout: Duration::from_millis(timeout),
            topic: "a/b".to_owned(),
            payload: b"hello".to_vec(),
        };
        run(wanted).await.map_err(|fault| fault.render(Lang::En))
    }

    #[tokio::test]
    async fn a_command_gets_the_payload_and_its_output_is_heard() {
        assert_eq!(said("cat; printf ' %s' \"$IOTDBG_TOPIC\"", 10_000).await.as_deref(), Ok("hello a/b"));
        assert_eq!(said("echo nothing read", 10_000).await.as_deref(), Ok("nothing read\n"));
    }

    #[tokio::test]
    async fn a_command_that_fails_or_takes_too_long_is_told() {
        let failed = said("echo why >&2; exit 3", 10_000).await.unwrap_err();
        assert!(failed.contains("exit status: 3") && failed.contains("why"), "{failed}");
        let slow = said("sleep 60", 50).await.unwrap_err();
        assert!(slow.contains("longer than 50 ms"), "{slow}");
    }
}
