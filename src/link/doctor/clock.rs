//! The clock of this machine against the platform's, where the platform tells the time over the connection itself.

use std::time::Duration;

use serde_json::Value;

use crate::base::lang::{Lang, Phrase};
use crate::base::time::{self, Time};
use crate::dialect::{Context, Finding, Reading};
use crate::link::connect::Socket;
use crate::link::doctor::packets;
use crate::link::doctor::{ANSWER_LIMIT, Doctor, texts};
use crate::model::{Direction, Kind, OpKind, Request};
use crate::session::checkup::{self, Part, Step};

/// How long the time is waited for; a platform that does not answer has told nothing wrong.
const CLOCK_LIMIT: Duration = Duration::from_secs(3);
/// Times in milliseconds lie between these: years 2001 and 5138.
const MILLISECONDS: std::ops::Range<u64> = 1_000_000_000_000..100_000_000_000_000;

impl Doctor {
    /// Asks for the time where the role has an operation for it.
    pub(super) async fn ask_for_the_time(&self, socket: &mut Box<dyn Socket>) {
        let patient = &self.patient;
        let spec = patient.dialect.spec().role(patient.role);
        if !spec.is_some_and(|spec| spec.operations.iter().any(|operation| operation.op == OpKind::Ntp)) {
            return;
        }
        let settings = &patient.settings;
        let context = Context {
            role: patient.role,
            identity: &settings.identity,
            devices: &settings.devices,
            model: None,
            lang: Lang::En,
        };
        let started = time::now();
        let Ok(asked) = patient.dialect.encode(&context, &Request::new(OpKind::Ntp), 1, started, true) else { return };
        self.begin(Part::Clock);
        let message = packets::publish(&asked.topic, &asked.payload);
        if packets::write(socket, &message, ANSWER_LIMIT).await.is_err() {
            return;
        }
        while time::now().since(started) < CLOCK_LIMIT {
            let left = CLOCK_LIMIT.saturating_sub(time::now().since(started));
            let Ok(packet) = packets::read(socket, &[3], left).await else { return };
            let Some((topic, payload)) = packets::published(&packet) else { continue };
            if patient.dialect.classify(patient.role, Direction::In, topic, payload).kind != Kind::NtpReply {
                continue;
            }
            let readings = patient.dialect.read(&context, topic, payload);
            let told = readings.iter().find_map(|reading| match reading {
                Reading::Reply(reply) => reply.data.as_ref().and_then(|data| platform_time(data, &asked.payload)),
                _ => None,
            });
            let Some(told) = told else { return };
            let now = time::now();
            let findings: Vec<Finding> = checkup::clock(told, now).into_iter().collect();
            let seconds = |at: Time| i64::try_from(at.as_secs()).unwrap_or_default();
            let detail: Phrase = texts::CLOCK.with(&[&(seconds(now) - seconds(told))]);
            let (ok, elapsed) = (findings.is_empty(), now.since(started));
            return self.over(Step { part: Part::Clock, ok, elapsed, detail, findings });
        }
    }
}

/// The latest time in an answer that does not come from the question.
fn platform_time(data: &Value, asked: &[u8]) -> Option<Time> {
    let question = String::from_utf8_lossy(asked);
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let times = data.as_object()?.values().filter_map(number).filter(|at| MILLISECONDS.contains(at));
    let mut times: Vec<u64> = times.collect();
    // The question is echoed once; a near platform may read the same millisecond.
    if let Some(own) = times.iter().position(|at| question.contains(&at.to_string())) {
        times.remove(own);
    }
    times.into_iter().max().map(Time::from_millis)
}
