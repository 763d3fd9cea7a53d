//! `iotdbg device --count N`: many devices of one profile, their links on one runtime and in one mailbox.
//!
//! The devices are numbered from 1. The number takes the place of `{n}` in the fields of `[identity]`, in
//! `[mqtt] client_id`; see [`crate::base::pattern`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::base::lang::{Phrase, Text};
use crate::base::pattern::numbered;
use crate::base::text::{local_time, rfc3339};
use crate::base::time::{self, Time};
use crate::cli::exit::{EXPECTATION, Failure, Outcome, REFUSED};
use crate::cli::output::{Tone, json_line};
use crate::cli::runner::{self, Signals};
use crate::cli::{Context, load};
use crate::dialect::ConnectionSettings;
use crate::link::{self, LinkConfig, LinkHandle, RulesFile, Trace};
use crate::model::{Batch, ConnectionId, Direction, LinkState, Notice, ThingModel};
use crate::profile::Profile;
use crate::session::thing::{ThingCommand, ThingConfig};
use crate::session::{Command, Reconnect, SessionConfig};

/// The most devices of one command.
pub const MOST: u16 = 10_000;
/// Time between the first attempts of two devices, so that they do not all knock in one instant.
const PACE: Duration = Duration::from_millis(5);
/// How often a saved rules file is looked for.
pub const LOOK: Duration = Duration::from_millis(500);
/// How long closing all connections may take.
const FAREWELL: Duration = Duration::from_secs(10);

const NOT_NUMBERED: Text = Text::new(
    "--count needs a place for the number: write {n} into a field of [identity] (device_name = \"lamp-{n}\"), or give --vary FIELD=PATTERN",
    "--count 需要编号占位符：请在 [identity] 的某个字段中写 {n}（如 device_name = \"lamp-{n}\"），或使用 --vary 字段=模式",
);
const SUMMARY: Text = Text::new(
    "{} of {} online · sent {} ({}/s) · received {} ({}/s) · refused {} · lost {}",
    "在线 {}/{} · 已发 {}（{}/s）· 已收 {}（{}/s）· 被拒 {} · 丢失 {}",
);
const OF_DEVICE: Text = Text::same("{}: {}");
const LOST: Text = Text::new("{} messages lost: {}", "丢失 {} 条消息：{}");
/// A rules file was read again.
pub const RULES_READ: Text = Text::new("rules read again: {} rules", "已重新读取规则：{} 条");
/// A saved rules file has a mistake.
pub const RULES_KEPT: Text = Text::new("{} — the rules before it stay in force", "{}（仍使用之前的规则）");

/// What many devices are made from.
pub struct Swarm<'a> {
    /// The profile, its secrets in place.
    pub profile: &'a Profile,
    /// How many.
    pub count: u16,
    /// The model of all of them.
    pub model: Arc<ThingModel>,
    /// What each of them is.
    pub thing: ThingConfig,
    /// Their rules file, where they have one.
    pub rules: Option<RulesFile>,
    /// Seed of the first; each further one has the next.
    pub seed: u64,
    /// Stop after this time.
    pub time: Option<Duration>,
    /// Time between two summaries.
    pub every: Duration,
    /// Whether lost connections are made again.
    pub reconnect: bool,
    /// One JSON object per event.
    pub json: bool,
}

/// What is known of one device.
struct Member {
    label: String,
    link: LinkHandle,
    online: bool,
    refused: bool,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    sent: u64,
    received: u64,
    lost: u64,
}

/// The settings of the device with this number.
fn settings_of(profile: &Profile, number: u64) -> ConnectionSettings {
    let mut settings = profile.settings.clone();
    let names: Vec<String> = settings.identity.names().map(str::to_owned).collect();
    for name in names {
        let text = settings.identity.get(&name).unwrap_or_default();
        let text = numbered(text, number);
        settings.identity.set(name, text);
    }
    if let Some(id) = settings.mqtt.client_id.as_mut() {
        *id = numbered(id, number);
    }
    settings
}

/// The name of the device with this number: its numbered fields, as far as they are no secrets.
fn label_of(profile: &Profile, settings: &ConnectionSettings, number: u64) -> String {
    let specs = profile.dialect.spec().role(profile.role).map(|spec| spec.identity).unwrap_or_default();
    let public = specs.iter().filter(|spec| !spec.secret);
    let varied = public.filter_map(|spec| {
        let before = profile.settings.identity.get(spec.name)?;
        settings.identity.get(spec.name).filter(|after| *after != before)
    });
    let label = varied.collect::<Vec<_>>().join("/");
    if label.is_empty() { format!("#{number}") } else { label }
}

/// Connects all devices and stays with them until it is told to stop.
pub async fn run(context: &Context, mut swarm: Swarm<'_>) -> Outcome {
    let profile = swarm.profile;
    let now = time::now();
    let (first, second) = (settings_of(profile, 1), settings_of(profile, 2));
    if swarm.count > 1 && first.identity == second.identity {
        return Err(Failure::usage(NOT_NUMBERED));
    }
    profile
        .dialect
        .plan(profile.role, &first, now, 0)
        .map_err(|fault| load::fault(context, &profile.locate(&fault)))?;
    let mut signals = Signals::new()?;
    let (sender, mut mailbox) = mpsc::channel(1);
    let mut crowd = Crowd {
        context,
        json: swarm.json,
        trace: runner::trace(context)?,
        count: swarm.count,
        members: BTreeMap::new(),
        counts: Counts::default(),
    };
    let deadline = swarm.time.map(|time| now + time);
    let mut before = (now, Counts::default());
    let mut ticks = tokio::time::interval(swarm.every);
    let mut looks = tokio::time::interval(LOOK);
    let mut starts = tokio::time::interval(PACE);
    ticks.tick().await;
    let mut started = 0_u16;
    let outcome = loop {
        let end = async {
            match deadline {
                Some(at) => tokio::time::sleep(at.since(time::now())).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(batch) = mailbox.recv() => {
                if let Err(failure) = crowd.take(&batch) {
                    break Err(failure);
                }
            }
            _ = starts.tick(), if started < swarm.count => {
                started += 1;
                crowd.start(&swarm, started, sender.clone());
            }
            _ = ticks.tick() => {
                let now = time::now();
                if let Err(failure) = crowd.summary(before, now) {
                    break Err(failure);
                }
                before = (now, crowd.counts);
            }
            _ = looks.tick() => crowd.look(swarm.rules.as_mut(), &mut swarm.thing),
            () = signals.wait() => break Ok(()),
            () = end => break Ok(()),
        }
    };
    let told = crowd.summary((now, Counts::default()), time::now());
    let outcome = outcome.and(told).and(crowd.verdict(swarm.time.is_some()));
    // Nobody reads any more, so the links need not wait for it.
    drop(mailbox);
    let goodbyes = crowd.members.into_values().map(|member| member.link.finish());
    let _ = tokio::time::timeout(FAREWELL, futures_util::future::join_all(goodbyes)).await;
    outcome
}

/// The devices, and what was seen of them.
struct Crowd<'a> {
    context: &'a Context,
    json: bool,
    trace: Option<Trace>,
    count: u16,
    members: BTreeMap<u16, Member>,
    counts: Counts,
}

impl Crowd<'_> {
    fn start(&mut self, swarm: &Swarm<'_>, number: u16, mailbox: mpsc::Sender<Batch>) {
        let settings = settings_of(swarm.profile, u64::from(number));
        let label = label_of(swarm.profile, &settings, u64::from(number));
        let session = SessionConfig {
            dialect: swarm.profile.dialect,
            role: swarm.profile.role,
            settings,
            model: Some(Arc::clone(&swarm.model)),
            reconnect: if swarm.reconnect { Reconnect::BackOff } else { Reconnect::Never },
            thing: Some(ThingConfig { number: u64::from(number) - 1, ..swarm.thing.clone() }),
            seed: swarm.seed.wrapping_add(u64::from(number) - 1),
        };
        let link = link::spawn(
            LinkConfig { id: ConnectionId(number), session, trace: self.trace.clone(), packets: false },
            mailbox,
        );
        link.command(Command::Connect);
        self.members.insert(number, Member { label, link, online: false, refused: false });
    }

    /// Reads the rules again if they were saved.
    fn look(&mut self, rules: Option<&mut RulesFile>, thing: &mut ThingConfig) {
        let out = &self.context.out;
        match rules.and_then(RulesFile::changed) {
            None => {}
            Some(Ok(rules)) => {
                out.say(Tone::Good, &RULES_READ.fill(out.lang, &[&rules.len()]));
                thing.rules = Arc::clone(&rules);
                for member in self.members.values() {
                    member.link.command(Command::Thing(ThingCommand::Rules(Arc::clone(&rules))));
                }
            }
            Some(Err(fault)) => out.say(Tone::Bad, &out.phrase(&RULES_KEPT.around([fault]))),
        }
    }

    fn take(&mut self, batch: &Batch) -> Outcome {
        for message in batch.messages() {
            match message.direction {
                Direction::In => self.counts.received += 1,
                Direction::Out => self.counts.sent += 1,
            }
        }
        let Some(member) = self.members.get_mut(&batch.connection().0) else { return Ok(()) };
        let mut lines = Vec::new();
        for notice in batch.notices() {
            if let Some((event, at, members)) = note(member, &mut self.counts, notice, self.context) {
                let mut line = Map::new();
                line.insert("at".to_owned(), json!(rfc3339(at)));
                line.insert("event".to_owned(), json!(event));
                line.insert("device".to_owned(), json!(member.label));
                line.extend(members);
                lines.push(json_line(line));
            }
        }
        if self.json && !lines.is_empty() { self.context.out.line(&lines.join("\n")) } else { Ok(()) }
    }

    fn summary(&self, (since, before): (Time, Counts), now: Time) -> Outcome {
        let online = self.members.values().filter(|member| member.online).count();
        let refused = self.members.values().filter(|member| member.refused).count();
        let Counts { sent, received, lost } = self.counts;
        let out = &self.context.out;
        if self.json {
            let mut line = Map::new();
            for (name, value) in [
                ("at", json!(rfc3339(now))),
                ("event", json!("summary")),
                ("devices", json!(self.count)),
                ("online", json!(online)),
                ("sent", json!(sent)),
                ("received", json!(received)),
                ("refused", json!(refused)),
                ("lost", json!(lost)),
            ] {
                line.insert(name.to_owned(), value);
            }
            return out.json(line);
        }
        let seconds = now.since(since).as_secs_f64().max(0.001);
        let rate = |now: u64, before: u64| {
            let count = u32::try_from(now.saturating_sub(before)).unwrap_or(u32::MAX);
            format!("{:.0}", f64::from(count) / seconds)
        };
        let (up, down) = (rate(sent, before.sent), rate(received, before.received));
        let words = SUMMARY.fill(out.lang, &[&online, &self.count, &sent, &up, &received, &down, &refused, &lost]);
        out.line(&format!("{} {words}", local_time(now)))
    }

    /// How the run ends: badly where messages were lost, or no device ever came online in the time there was.
    fn verdict(&self, timed: bool) -> Outcome {
        if self.counts.lost > 0 {
            return Err(Failure::silent(EXPECTATION));
        }
        let nobody = !self.members.values().any(|member| member.online);
        let refused = self.members.values().all(|member| member.refused);
        match (timed, nobody) {
            (true, true) => Err(Failure::silent(if refused { REFUSED } else { EXPECTATION })),
            _ => Ok(()),
        }
    }
}

/// Takes note of what one device tells: the event of its line, its time and its members.
fn note(
    member: &mut Member,
    counts: &mut Counts,
    notice: &Notice,
    context: &Context,
) -> Option<(&'static str, Time, Map<String, Value>)> {
    let out = &context.out;
    let one = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let say = |tone, words: Phrase| {
        let whole = OF_DEVICE.around([Phrase::verbatim(member.label.clone()), words]);
        out.say(tone, &out.phrase(&whole));
    };
    match notice {
        Notice::State { state, at } => {
            (member.online, member.refused) =
                (*state == LinkState::Online, matches!(state, LinkState::Refused(_)) || member.refused);
            let name = match state {
                LinkState::Closed => "closed",
                LinkState::Connecting(_) => return None,
                LinkState::Online => {
                    member.refused = false;
                    "online"
                }
                LinkState::Waiting { reason, .. } => {
                    say(Tone::Warn, reason.clone());
                    "waiting"
                }
                LinkState::Refused(reason) => {
                    say(Tone::Bad, reason.clone());
                    "refused"
                }
            };
            Some(("state", *at, one("state", json!(name))))
        }
        Notice::Thing { what, at, .. } => Some(("thing", *at, one("what", json!(what.render(out.lang))))),
        Notice::Said { what, at } => {
            say(Tone::Dim, what.clone());
            Some(("said", *at, one("what", json!(what.render(out.lang)))))
        }
        Notice::Warning { what, at } => {
            say(Tone::Warn, what.clone());
            Some(("warning", *at, one("what", json!(what.render(out.lang)))))
        }
        Notice::Lost { count, why, at } => {
            counts.lost = counts.lost.saturating_add(*count);
            say(Tone::Bad, LOST.around([Phrase::verbatim(count.to_string()), why.clone()]));
            let mut members = one("count", json!(count));
            members.insert("why".to_owned(), json!(why.render(out.lang)));
            Some(("lost", *at, members))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_takes_its_place_in_every_field_and_names_the_device() {
        let text = "dialect = \"onenet\"\nrole = \"device\"\n[identity]\nproduct_id = \"p1\"\ndevice_name = \"lamp-{n:03}\"\naccess_key = \"a{n}\"\n[mqtt]\nclient_id = \"c{n}\"\n";
        let profile = Profile::parse(text, "lamp", None).unwrap();
        let settings = settings_of(&profile, 42);
        assert_eq!(settings.identity.get("device_name"), Some("lamp-042"));
        assert_eq!(settings.identity.get("access_key"), Some("a42"));
        assert_eq!(settings.mqtt.client_id.as_deref(), Some("c42"));
        assert_eq!(label_of(&profile, &settings, 42), "lamp-042");
    }
}
