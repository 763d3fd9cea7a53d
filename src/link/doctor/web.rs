//! What is not MQTT: logins over HTTP before the connection, and WebSockets.
//!
//! A WebSocket is made by an ordinary link, because what is subscribed inside it and what keeps it alive is the session's
//! knowledge; the doctor listens to what the link tells.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::{Finding, HttpAnswer, Plan};
use crate::link::doctor::{Came, Doctor, texts};
use crate::link::{self, LinkConfig, http, texts as link_texts};
use crate::model::{ConnectionId, LinkState, Notice, Stage, StageReport};
use crate::session::checkup::{self, Part, Step};
use crate::session::{Command, Reconnect, SessionConfig};

/// So many calls in one login lead nowhere.
const MOST_CALLS: usize = 16;
/// The number of the link that the doctor makes.
const OWN: ConnectionId = ConnectionId(u16::MAX);

impl Doctor {
    /// Makes the calls of the login, one after the other; what they bring goes into the settings.
    pub(super) async fn log_in_by_calls(&mut self) -> Came<()> {
        let part = Part::Stage(Stage::Login);
        for _ in 0..MOST_CALLS {
            let patient = &self.patient;
            let now = time::now();
            let call = match patient.dialect.login(patient.role, &patient.settings, now, patient.seed) {
                Ok(None) => return Some(()),
                Ok(Some(call)) => call,
                Err(fault) => {
                    self.profile_fault(fault);
                    return None;
                }
            };
            self.begin(part);
            let answer = http::call(&call, &patient.settings.tls).await;
            let elapsed = time::now().since(now);
            let topic = Phrase::verbatim(call.topic());
            let answer = match answer {
                Ok(answer) => answer,
                Err(fault) => {
                    let fix = fault.advice.unwrap_or_else(|| texts::SEE_ABOVE.into());
                    let finding = Finding::error("login_unreachable", fault.reason.clone(), fix);
                    let detail = texts::FIELD.around([topic, fault.reason]);
                    self.over(Step {
                        part: Part::Stage(fault.stage),
                        ok: false,
                        elapsed,
                        detail,
                        findings: vec![finding],
                    });
                    return None;
                }
            };
            let status = Phrase::verbatim(answer.status.to_string());
            let mut settings = patient.settings.clone();
            let taken = patient.dialect.logged_in(patient.role, &mut settings, &call, &answer);
            match taken {
                Ok(()) => {
                    let detail = texts::CALLED.around([topic, status]);
                    self.over(Step { part, ok: true, elapsed, detail, findings: Vec::new() });
                }
                Err(fault) => {
                    let meaning = patient.dialect.explain_code(&fault.code);
                    let cause = meaning.map(|spec| spec.cause).filter(|cause| !cause.en.is_empty());
                    let fix = Phrase::from(cause.unwrap_or(texts::LOGIN_FIX));
                    let detail = texts::CALL_REFUSED.around([topic, status, fault.reason.clone()]);
                    let mut findings = vec![Finding::error("login_refused", fault.reason, fix)];
                    findings.extend(skew(&answer, now));
                    self.over(Step { part, ok: false, elapsed, detail, findings });
                    return None;
                }
            }
            if let Some(date) = date(&answer) {
                let findings: Vec<Finding> = checkup::clock(date, time::now()).into_iter().collect();
                let ahead = i64::try_from(time::now().as_secs()).unwrap_or_default();
                let detail = texts::CLOCK.with(&[&(ahead - i64::try_from(date.as_secs()).unwrap_or_default())]);
                let ok = findings.is_empty();
                self.over(Step { part: Part::Clock, ok, elapsed: Duration::ZERO, detail, findings });
            }
            self.patient.settings = settings;
        }
        None
    }

    /// A WebSocket, made and watched.
    pub(super) async fn examine_socket(&self, plan: &Plan, rules: &Step) {
        let patient = &self.patient;
        let session = SessionConfig {
            dialect: patient.dialect,
            role: patient.role,
            settings: patient.settings.clone(),
            model: None,
            reconnect: Reconnect::Never,
            thing: None,
            seed: patient.seed,
        };
        let (sender, mut mailbox) = mpsc::channel(1);
        let handle = link::spawn(LinkConfig { id: OWN, session, trace: None, packets: false }, sender);
        handle.command(Command::Connect);
        let mut online: Option<Time> = None;
        loop {
            let left = online.map(|since| patient.watch.saturating_sub(time::now().since(since)));
            let batch = tokio::select! {
                batch = mailbox.recv() => batch,
                () = wait(left), if left.is_some() => {
                    let detail = texts::LEFT_IN_PEACE.with(&[&patient.watch.as_secs()]);
                    self.over(Step { part: Part::Watch, ok: true, elapsed: patient.watch, detail, findings: Vec::new() });
                    break;
                }
            };
            let Some(batch) = batch else { break };
            let mut over = false;
            for notice in batch.notices() {
                match notice {
                    Notice::Stage { report, .. } => self.socket_stage(report, rules),
                    Notice::State { state: LinkState::Connecting(stage), .. } => self.begin(Part::Stage(*stage)),
                    Notice::State { state: LinkState::Online, .. } => {
                        online = Some(time::now());
                        self.begin(Part::Watch);
                    }
                    Notice::State {
                        state: LinkState::Closed | LinkState::Refused(_) | LinkState::Waiting { .. },
                        ..
                    } => over = true,
                    Notice::Warning { what, .. } if online.is_some() => {
                        let elapsed = online.map(|since| time::now().since(since)).unwrap_or_default();
                        let finding = checkup::thrown_out(plan, elapsed, 1);
                        let detail = what.clone();
                        self.over(Step { part: Part::Watch, ok: false, elapsed, detail, findings: vec![finding] });
                        over = true;
                    }
                    _ => {}
                }
            }
            if over {
                break;
            }
        }
        drop(mailbox);
        handle.finish().await;
    }

    fn socket_stage(&self, report: &StageReport, rules: &Step) {
        if report.ok || report.stage != Stage::Upgrade {
            return self.report(report.clone());
        }
        let fix = report.advice.clone().unwrap_or_else(|| texts::SEE_ABOVE.into());
        let mut findings = vec![Finding::error("upgrade_refused", report.detail.clone(), fix)];
        findings
            .extend(rules.findings.iter().filter(|finding| finding.severity == crate::model::Severity::Error).cloned());
        let StageReport { stage, ok, elapsed, detail, .. } = report.clone();
        self.over(Step { part: Part::Stage(stage), ok, elapsed, detail, findings });
    }
}

async fn wait(left: Option<Duration>) {
    match left {
        Some(left) => tokio::time::sleep(left).await,
        None => std::future::pending().await,
    }
}

/// The `Date` of an answer (RFC 9110, section 6.6.1).
fn date(answer: &HttpAnswer) -> Option<Time> {
    let (_, text) = answer.headers.iter().find(|(name, _)| name == "date")?;
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    u64::try_from(at.as_second()).ok().map(Time::from_secs)
}

fn skew(answer: &HttpAnswer, now: Time) -> Option<Finding> {
    checkup::clock(date(answer)?, now)
}

/// A link's words for an address that it cannot carry.
pub(super) fn not_carried(plan: &Plan) -> StageReport {
    StageReport {
        stage: Stage::Connect,
        ok: false,
        elapsed: Duration::ZERO,
        detail: link_texts::NOT_MQTT.with(&[&plan.server.transport.scheme()]),
        advice: None,
    }
}
