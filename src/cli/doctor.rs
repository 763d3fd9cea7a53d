//! `iotdbg doctor`: connects step by step and explains.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::base::text::duration_short;
use crate::base::time;
use crate::base::units::millis;
use crate::cli::check::{finding_lines, finding_object};
use crate::cli::exit::{Failure, INTERRUPTED, Outcome};
use crate::cli::output::Tone;
use crate::cli::runner::{self, Signals};
use crate::cli::{Context, args, load, texts};
use crate::link::doctor;
use crate::model::Severity;
use crate::session::checkup::{Part, Patient, Progress, Step};

/// Words of `iotdbg doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  iotdbg doctor -p lamp\n  iotdbg doctor -p lamp --watch 30s --json\n\n\
    The doctor logs in with the identity of the profile: a client that is connected with it is thrown out.")]
pub struct Args {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    /// Watch the connection so long for another client with the same identity; 0s does not
    #[arg(long, value_name = "DUR", value_parser = args::duration, default_value = "5s")]
    watch: Duration,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Examines the connection of a profile.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    let now = time::now();
    let patient = Patient {
        dialect: profile.dialect,
        role: profile.role,
        settings: profile.settings.clone(),
        watch: args.watch,
        seed: now.as_micros(),
    };
    // What the dialect finds wrong with the profile has a place in a file.
    if !profile.dialect.login(profile.role, &profile.settings, now, patient.seed).is_ok_and(|call| call.is_some()) {
        profile
            .dialect
            .plan(profile.role, &profile.settings, now, patient.seed)
            .map_err(|fault| load::fault(context, &profile.locate(&fault)))?;
    }
    runner::block_on(examine(context, patient, args.json))
}

async fn examine(context: &Context, patient: Patient, as_json: bool) -> Outcome {
    let mut signals = Signals::new()?;
    let (tell, mut told) = mpsc::unbounded_channel();
    let work = doctor::examine(patient, tell);
    let mut work = std::pin::pin!(work);
    let mut verdict = Verdict::default();
    let mut working = true;
    loop {
        let progress = tokio::select! {
            biased;
            progress = told.recv() => progress,
            () = &mut work, if working => {
                working = false;
                continue;
            }
            () = signals.wait() => return Err(Failure::silent(INTERRUPTED)),
        };
        match progress {
            Some(Progress::Begins(part)) => {
                let words = texts::EXAMINING.with(&[&context.out.text(part.title())]);
                context.out.progress(&context.out.phrase(&words));
            }
            Some(Progress::Over(step)) => {
                verdict.note(&step);
                if as_json { context.out.json(object(context, &step))? } else { print(context, &step)? }
            }
            // The sender is gone with the work.
            None => break,
        }
        if !working && told.is_empty() {
            break;
        }
    }
    verdict.end(context, as_json)
}

/// What the whole of it means.
#[derive(Default)]
struct Verdict {
    /// The first failed part that is more than a rule.
    failed: Option<Part>,
    /// Whether a rule was broken.
    broken: bool,
}

impl Verdict {
    fn note(&mut self, step: &Step) {
        match step.part {
            _ if step.ok => {}
            Part::Rules => self.broken = true,
            part => self.failed = self.failed.or(Some(part)),
        }
    }

    fn end(&self, context: &Context, as_json: bool) -> Outcome {
        let part = self.failed.or(self.broken.then_some(Part::Rules));
        if !as_json {
            let (tone, words) = match part {
                None => (Tone::Good, texts::HEALTHY.into()),
                Some(Part::Rules) => (Tone::Warn, texts::CONNECTED_BUT.into()),
                Some(part) => (Tone::Bad, texts::FAILED_AT.with(&[&context.out.text(part.title())])),
            };
            context.out.line(&context.out.paint(tone, &context.out.phrase(&words)))?;
        }
        part.map_or(Ok(()), |part| Err(Failure::silent(part.exit_code())))
    }
}

fn object(context: &Context, step: &Step) -> Map<String, Value> {
    let findings: Vec<Value> = step.findings.iter().map(|finding| finding_object(context, finding)).collect();
    let object = json!({
        "stage": step.part.name(),
        "ok": step.ok,
        "elapsed_ms": millis(step.elapsed),
        "detail": context.out.phrase(&step.detail),
        "findings": findings,
    });
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn print(context: &Context, step: &Step) -> Outcome {
    let out = &context.out;
    let remarked = step.findings.iter().any(|finding| finding.severity >= Severity::Warning);
    let (tone, mark) = match (step.ok, remarked) {
        (true, false) => (Tone::Good, "✓"),
        (true, true) => (Tone::Warn, "!"),
        (false, _) => (Tone::Bad, "✗"),
    };
    let time = if step.part == Part::Rules { String::new() } else { format!(" {}", duration_short(step.elapsed)) };
    let title = out.paint(Tone::Bold, out.text(step.part.title()));
    out.line(&format!("{} {title}{time} — {}", out.paint(tone, mark), out.phrase(&step.detail)))?;
    for finding in &step.findings {
        for line in finding_lines(context, finding) {
            out.line(&format!("    {line}"))?;
        }
    }
    Ok(())
}
