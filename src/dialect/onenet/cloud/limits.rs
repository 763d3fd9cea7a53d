//! Limits of the device access that can be switched (OneNET docs, `mqtt-limit.md`): logins, messages, payloads, sets.
//!
//! What is over the limit of messages is not lost but delayed to the next second, as the platform says it does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::roster::Options;
use super::{Platform, log};
use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::cloud::{Client, CloudMessage, CloudOutput, CloudView};
use crate::model::Role;

/// The time in which logins are counted.
const LOGIN_WINDOW: Duration = Duration::from_secs(5);
/// Messages of one device that may wait for their second.
const MOST_DELAYED: usize = 1_000;

const TOO_LONG: Text =
    Text::new("a payload of {} bytes; more than {} ends the connection", "载荷长 {} 字节，超过 {} 字节即断开连接");
const DELAYED: Text =
    Text::new("more than {} messages per second: delayed by {} ms", "每秒超过 {} 条消息：推迟 {} 毫秒处理");
const DROPPED: Text =
    Text::new("{} messages wait for their second already: this one is dropped", "已有 {} 条消息在等待，此条被丢弃");

/// What the limits have to remember. Only devices of the roster are counted.
#[derive(Default)]
pub(super) struct Pace {
    logins: BTreeMap<String, VecDeque<Time>>,
    /// When a device's next message may be taken, and how many wait.
    messages: BTreeMap<String, (Time, usize)>,
    /// When a device was last asked to set something.
    sets: BTreeMap<String, Time>,
    /// Messages by when they are taken, in their order.
    delayed: BTreeMap<(Time, u64), (Client, CloudMessage)>,
    number: u64,
}

impl Pace {
    /// Counts a login; whether it is within the limit.
    pub fn login(&mut self, limit: usize, device: &str, now: Time) -> bool {
        let logins = self.logins.entry(device.to_owned()).or_default();
        logins.retain(|at| now.since(*at) < LOGIN_WINDOW);
        if limit > 0 && logins.len() >= limit {
            return false;
        }
        logins.push_back(now);
        true
    }

    /// Counts a set; whether it is within the limit of so many per second.
    pub fn set(&mut self, rate: u32, device: &str, now: Time) -> bool {
        let Some(spacing) = Duration::from_secs(1).checked_div(rate) else { return true };
        if self.sets.get(device).is_some_and(|last| now.since(*last) < spacing) {
            return false;
        }
        self.sets.insert(device.to_owned(), now);
        true
    }

    /// When a message is taken, of which so many are per second; `None` where too many wait already.
    fn slot(&mut self, rate: u32, device: &str, now: Time) -> Option<Time> {
        let Some(spacing) = Duration::from_secs(1).checked_div(rate) else { return Some(now) };
        let (next, waiting) = self.messages.entry(device.to_owned()).or_insert((now, 0));
        let slot = (*next).max(now);
        if slot > now {
            if *waiting >= MOST_DELAYED {
                return None;
            }
            *waiting += 1;
        }
        *next = slot + spacing;
        Some(slot)
    }

    /// When the next message is taken.
    pub fn next_timeout(&self) -> Option<Time> {
        self.delayed.keys().next().map(|(at, _)| *at)
    }
}

impl Platform {
    /// Whether a message is to be taken now. One that comes too soon is kept, one that is too long ends the connection.
    pub(super) fn within_limits(&mut self, client: &Client, message: &CloudMessage, view: &mut CloudView<'_>) -> bool {
        let Options { payload_limit, message_rate, .. } = self.options;
        if client.role != Role::Device {
            return true;
        }
        let device = client.identity.as_str();
        let length = message.payload.len();
        if payload_limit > 0 && length > payload_limit {
            let reason: Phrase = TOO_LONG.with(&[&length, &payload_limit]);
            log(view, "limit", device, "", reason.clone());
            view.out.push(CloudOutput::Kick(client.id.clone(), reason));
            return false;
        }
        match self.pace.slot(message_rate, device, view.now) {
            Some(at) if at <= view.now => true,
            Some(at) => {
                log(view, "limit", device, "", DELAYED.with(&[&message_rate, &at.since(view.now).as_millis()]));
                self.pace.number += 1;
                self.pace.delayed.insert((at, self.pace.number), (client.clone(), message.clone()));
                false
            }
            None => {
                log(view, "limit", device, "", DROPPED.with(&[&MOST_DELAYED]));
                false
            }
        }
    }

    /// Takes the messages whose second has come.
    pub(super) fn take_delayed(&mut self, view: &mut CloudView<'_>) {
        while self.pace.next_timeout().is_some_and(|at| at <= view.now) {
            let Some((_, (client, message))) = self.pace.delayed.pop_first() else { return };
            if let Some((_, waiting)) = self.pace.messages.get_mut(&client.identity) {
                *waiting = waiting.saturating_sub(1);
            }
            self.take(&client, &message, view);
        }
    }
}
