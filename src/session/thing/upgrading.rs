//! A firmware upgrade: the progress is told step by step, at the end the new version.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::base::time::Time;
use crate::dialect::{Answer, Incoming};
use crate::model::{OpKind, Request};
use crate::session::thing::simulated::{Deed, Thing};
use crate::session::thing::texts;
use crate::session::thing::ticker::SHORTEST_PERIOD;

/// The progress that says that an upgrade failed, where nothing more exact is known.
const FAILED: i64 = -1;
/// The progress at the end.
const DONE: i64 = 100;

/// An upgrade under way.
#[derive(Debug)]
pub(super) struct Upgrade {
    device: Option<String>,
    /// The task as it was received.
    task: Map<String, Value>,
    steps: VecDeque<i64>,
    next: Time,
}

impl Upgrade {
    /// When the next step is told.
    pub(super) fn next_timeout(&self) -> Time {
        self.next
    }
}

impl Thing {
    /// An upgrade waits; `answer` is what the thing makes of it.
    pub(super) fn upgrade_asked(&mut self, incoming: &Incoming, answer: &Answer, now: Time) -> Vec<Deed> {
        let device = incoming.device.clone();
        if let Some(code) = &answer.code {
            let step = code.parse().ok().filter(|step| *step < 0).unwrap_or(FAILED);
            let words = answer.message.clone().unwrap_or_default();
            return vec![progress(device, &incoming.params, step, &words)];
        }
        let version = version_of(&incoming.params);
        let steps = self.rules.upgrade.steps.iter().copied().collect();
        let next = now + self.rules.upgrade.every.max(SHORTEST_PERIOD);
        self.upgrade = Some(Upgrade { device, task: incoming.params.clone(), steps, next });
        vec![Deed::Say(texts::UPGRADES.with(&[&version]))]
    }

    /// Tells the step that is due.
    pub(super) fn upgrade_due(&mut self, now: Time) -> Vec<Deed> {
        let Some(upgrade) = self.upgrade.as_mut().filter(|upgrade| upgrade.next <= now) else { return Vec::new() };
        let Some(step) = upgrade.steps.pop_front() else {
            self.upgrade = None;
            return Vec::new();
        };
        let version = version_of(&upgrade.task);
        let told = progress(upgrade.device.clone(), &upgrade.task, step, "");
        upgrade.next = now + self.rules.upgrade.every.max(SHORTEST_PERIOD);
        let mut deeds = vec![told];
        if step < 0 {
            deeds.insert(0, Deed::Say(texts::UPGRADE_FAILED.with(&[&version, &step])));
            self.upgrade = None;
        } else if step >= DONE {
            let (device, task) = (upgrade.device.clone(), upgrade.task.clone());
            self.upgrade = None;
            deeds.insert(0, Deed::Say(texts::UPGRADED.with(&[&version])));
            deeds.push(version_told(device, &task, &version));
        } else {
            deeds.insert(0, Deed::Say(texts::UPGRADE_STEP.with(&[&version, &step])));
        }
        deeds
    }
}

fn version_of(task: &Map<String, Value>) -> String {
    match task.get("version") {
        Some(Value::String(version)) => version.clone(),
        Some(version) => version.to_string(),
        None => "?".to_owned(),
    }
}

fn progress(device: Option<String>, task: &Map<String, Value>, step: i64, desc: &str) -> Deed {
    let mut params = Map::from_iter([("step".to_owned(), json!(step)), ("desc".to_owned(), json!(desc))]);
    // What names the task goes back with it; the dialect takes what it needs.
    for name in ["module", "version", "tid"] {
        if let Some(value) = task.get(name) {
            params.insert(name.to_owned(), value.clone());
        }
    }
    Deed::Ask(Request { device, name: Some("progress".to_owned()), params, ..Request::new(OpKind::Ota) })
}

/// The thing tells which version it runs.
pub(super) fn version_told(device: Option<String>, task: &Map<String, Value>, version: &str) -> Deed {
    let mut params = Map::from_iter([("version".to_owned(), json!(version))]);
    if let Some(module) = task.get("module") {
        params.insert("module".to_owned(), module.clone());
    }
    Deed::Ask(Request { device, name: Some("version".to_owned()), params, ..Request::new(OpKind::Ota) })
}
