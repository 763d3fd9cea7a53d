//! What happens in the simulated cloud, as its log tells it: one JSON line or one line of words per event.
//!
//! The members are a contract (`INTERFACE.md`, "cloud"). Passwords and tokens of a login never get here; members of a
//! payload whose name says that they hold a secret are masked.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Phrase};
use crate::base::secret::MASK;
use crate::base::text::{local_time, printable, rfc3339};
use crate::base::time::Time;
use crate::base::units::millis;
use crate::model::{RequestKey, RequestState, Role};
use crate::sim::texts;

/// The largest payload that an event carries whole, in bytes; of a longer one it tells the length.
pub const MAX_EVENT_PAYLOAD: usize = 64 * 1024;

/// One line of the simulated cloud's log.
#[derive(Debug, Clone, PartialEq)]
pub struct CloudEvent {
    /// When it happened.
    pub at: Time,
    /// The dialect; empty for what concerns all of them.
    pub dialect: &'static str,
    /// Who it is about, where it is about a connection.
    pub who: Option<Who>,
    /// What happened.
    pub what: Happening,
}

/// A connection, as the log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The listener ([`crate::dialect::EndpointSpec::name`]).
    pub endpoint: &'static str,
    /// App or device; not known before it is let in.
    pub role: Option<Role>,
    /// Who it is in the dialect's own form; the MQTT user name before it is let in. Empty where not even that is known.
    pub identity: String,
    /// MQTT client id.
    pub client_id: String,
    /// Its address.
    pub peer: String,
}

/// A listener of the simulated cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The key of `--ports`.
    pub name: String,
    /// The dialect.
    pub dialect: String,
    /// Who connects to it.
    pub roles: &'static [Role],
    /// Address as in `mqtt://127.0.0.1:1883`.
    pub url: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// All listeners are open. The first event.
    Listening {
        /// URL of the control address.
        control: String,
        /// The listeners.
        endpoints: Vec<Endpoint>,
    },
    /// A client is online.
    Connected {
        /// Seconds.
        keep_alive: u16,
        /// Clean session flag.
        clean_session: bool,
        /// MQTT protocol level: 3 or 4.
        level: u8,
    },
    /// A WebSocket is open.
    Upgraded {
        /// The path that was asked for.
        path: String,
    },
    /// A WebSocket was refused before the upgrade.
    UpgradeRefused {
        /// The path that was asked for.
        path: String,
        /// Status of the answer.
        status: u16,
        /// The code in the platform's own log.
        code: String,
        /// Why.
        reason: Phrase,
    },
    /// A call over HTTP was answered. Headers, query and bodies may hold secrets and are not told.
    Called {
        /// `GET`, `POST` …
        method: String,
        /// The path without the query.
        path: String,
        /// Status of the answer.
        status: u16,
        /// From the call to the answer.
        took: Duration,
    },
    /// A call over HTTP had no answer.
    CallAbandoned {
        /// `GET`, `POST` …
        method: String,
        /// The path without the query.
        path: String,
        /// Why.
        reason: Phrase,
    },
    /// A client was not let in.
    Refused {
        /// CONNACK return code, 1–5.
        connack: u8,
        /// The code in the platform's own log.
        code: String,
        /// Why.
        reason: Phrase,
    },
    /// A connection ended before a CONNECT or a call could be read from it.
    Rejected {
        /// Why.
        reason: Phrase,
    },
    /// A subscription was granted.
    Subscribed {
        /// The filter.
        filter: String,
        /// Granted quality of service.
        qos: u8,
    },
    /// A subscription was refused (SUBACK 0x80).
    SubscribeRefused {
        /// The filter.
        filter: String,
        /// The platform's code.
        code: String,
        /// Why.
        reason: Phrase,
    },
    /// A subscription was given up.
    Unsubscribed {
        /// The filter.
        filter: String,
    },
    /// A client published.
    Published {
        /// The topic; empty for a frame on a WebSocket.
        topic: String,
        /// Quality of service.
        qos: u8,
        /// What it published.
        payload: Body,
    },
    /// A client published what it may not.
    PublishRefused {
        /// The topic.
        topic: String,
        /// Quality of service.
        qos: u8,
        /// The platform's code.
        code: String,
        /// Why.
        reason: Phrase,
        /// Whether the connection is closed over it.
        closed: bool,
    },
    /// A connection is to be closed by the cloud. `Disconnected` follows.
    Kicked {
        /// Why.
        reason: Phrase,
    },
    /// A connection is gone.
    Disconnected {
        /// Why.
        reason: Phrase,
    },
    /// The platform tells something: `replied`, `timeout`, `invalid` and whatever else it has.
    Told {
        /// Machine-readable name of the event.
        event: &'static str,
        /// Who it is about, in the dialect's own form.
        identity: String,
        /// The platform's code.
        code: String,
        /// What happened.
        what: Phrase,
    },
    /// A request of the operator has reached a state.
    Operated {
        /// Which request.
        key: RequestKey,
        /// What was asked.
        operation: String,
        /// The device it is about.
        device: String,
        /// The state.
        state: RequestState,
    },
    /// Messages for a client had to be dropped because it reads too slowly.
    Lost {
        /// How many since the last such event.
        count: u64,
    },
    /// Lines of this log had to be left out because its reader is too slow.
    Skipped {
        /// How many since the last such event.
        count: u64,
    },
}

/// A payload as an event carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    bytes: Vec<u8>,
    len: usize,
}

impl Body {
    /// Copies what is to be shown of a payload.
    pub fn new(payload: &[u8]) -> Body {
        let kept = if payload.len() > MAX_EVENT_PAYLOAD { &[] } else { payload };
        Body { bytes: kept.to_vec(), len: payload.len() }
    }

    /// The true length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the payload is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// `{"json":…}`, `{"text":…}` or `{"hex":…}`; `{"omitted":true,"length":…}` for what is too long to be shown.
    pub fn to_json(&self) -> Value {
        if self.bytes.len() < self.len {
            return json!({ "omitted": true, "length": self.len });
        }
        if let Ok(mut value) = serde_json::from_slice::<Value>(&self.bytes) {
            mask(&mut value);
            return json!({ "json": value });
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => json!({ "text": text }),
            Err(_) => json!({ "hex": hex::encode(&self.bytes) }),
        }
    }
}

/// Masks every member whose name says that it holds a secret. The depth of `value` is bounded by the parser.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let name = name.to_ascii_lowercase();
                let secret = ["secret", "token", "password", "passwd", "passcode", "access_key", "accesskey"];
                if secret.iter().any(|word| name.contains(word)) && (member.is_string() || member.is_number()) {
                    *member = Value::String(MASK.to_owned());
                } else {
                    mask(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl CloudEvent {
    /// The name of the event in JSON.
    pub fn name(&self) -> &'static str {
        match &self.what {
            Happening::Listening { .. } => "listening",
            Happening::Connected { .. } | Happening::Upgraded { .. } => "connected",
            Happening::Refused { .. } | Happening::UpgradeRefused { .. } => "refused",
            Happening::Called { .. } => "called",
            Happening::CallAbandoned { .. } => "call_abandoned",
            Happening::Rejected { .. } => "rejected",
            Happening::Subscribed { .. } => "subscribed",
            Happening::SubscribeRefused { .. } => "subscribe_refused",
            Happening::Unsubscribed { .. } => "unsubscribed",
            Happening::Published { .. } => "published",
            Happening::PublishRefused { .. } => "publish_refused",
            Happening::Kicked { .. } => "kicked",
            Happening::Disconnected { .. } => "disconnected",
            Happening::Told { event, .. } => event,
            Happening::Operated { .. } => "operated",
            Happening::Lost { .. } => "lost",
            Happening::Skipped { .. } => "skipped",
        }
    }

    /// The event as the object of one JSON line; reasons in `lang`.
    pub fn to_json(&self, lang: Lang) -> Value {
        let mut line = Map::new();
        line.insert("v".into(), json!(1));
        line.insert("event".into(), json!(self.name()));
        line.insert("at".into(), json!(rfc3339(self.at)));
        if !self.dialect.is_empty() {
            line.insert("dialect".into(), json!(self.dialect));
        }
        if let Some(who) = &self.who {
            line.insert("endpoint".into(), json!(who.endpoint));
            if let Some(role) = who.role {
                line.insert("role".into(), json!(role.name()));
            }
            line.insert("identity".into(), json!(who.identity));
            line.insert("client_id".into(), json!(who.client_id));
            line.insert("peer".into(), json!(who.peer));
        }
        if let Value::Object(more) = self.details(lang) {
            line.extend(more);
        }
        Value::Object(line)
    }

    fn details(&self, lang: Lang) -> Value {
        match &self.what {
            Happening::Listening { control, endpoints } => {
                let endpoints: Vec<Value> = endpoints.iter().map(Endpoint::to_json).collect();
                json!({ "control": control, "endpoints": endpoints })
            }
            Happening::Connected { keep_alive, clean_session, level } => {
                json!({ "keep_alive": keep_alive, "clean_session": clean_session, "level": level })
            }
            Happening::Refused { connack, code, reason } => {
                let mut more = reasoned(code, reason, lang);
                more.insert("connack".into(), json!(connack));
                Value::Object(more)
            }
            Happening::Upgraded { path } => json!({ "path": path }),
            Happening::UpgradeRefused { path, status, code, reason } => {
                let mut more = reasoned(code, reason, lang);
                more.insert("path".into(), json!(path));
                more.insert("status".into(), json!(status));
                Value::Object(more)
            }
            Happening::Called { method, path, status, took } => {
                json!({ "method": method, "path": path, "status": status, "latency_ms": millis(*took) })
            }
            Happening::CallAbandoned { method, path, reason } => {
                let mut more = reasoned("", reason, lang);
                more.insert("method".into(), json!(method));
                more.insert("path".into(), json!(path));
                Value::Object(more)
            }
            Happening::Subscribed { filter, qos } => json!({ "filter": filter, "qos": qos }),
            Happening::SubscribeRefused { filter, code, reason } => {
                let mut more = reasoned(code, reason, lang);
                more.insert("filter".into(), json!(filter));
                Value::Object(more)
            }
            Happening::Unsubscribed { filter } => json!({ "filter": filter }),
            Happening::Published { topic, qos, payload } => {
                json!({ "topic": topic, "qos": qos, "payload": payload.to_json() })
            }
            Happening::PublishRefused { topic, qos, code, reason, closed } => {
                let mut more = reasoned(code, reason, lang);
                more.insert("topic".into(), json!(topic));
                more.insert("qos".into(), json!(qos));
                more.insert("closed".into(), json!(closed));
                Value::Object(more)
            }
            Happening::Rejected { reason } | Happening::Kicked { reason } | Happening::Disconnected { reason } => {
                Value::Object(reasoned("", reason, lang))
            }
            Happening::Told { identity, code, what, .. } => {
                let mut more = reasoned(code, what, lang);
                if !identity.is_empty() {
                    more.insert("identity".into(), json!(identity));
                }
                Value::Object(more)
            }
            Happening::Operated { key, operation, device, state } => {
                let mut more = Map::new();
                more.insert("key".into(), json!(key.0));
                more.insert("operation".into(), json!(operation));
                more.insert("device".into(), json!(device));
                more.insert("state".into(), json!(state.name()));
                let (code, message) = answer(state, lang);
                insert_some(&mut more, "code", code);
                insert_some(&mut more, "message", message);
                Value::Object(more)
            }
            Happening::Lost { count } | Happening::Skipped { count } => json!({ "count": count }),
        }
    }

    /// The event as one line of words for a terminal: no control character, no line break.
    pub fn line(&self, lang: Lang) -> String {
        let mut line = local_time(self.at);
        if !self.dialect.is_empty() {
            line.push_str("  ");
            line.push_str(self.dialect);
        }
        let identity = match (&self.who, &self.what) {
            (Some(who), _) => who.identity.as_str(),
            (None, Happening::Told { identity, .. }) => identity.as_str(),
            (None, Happening::Operated { device, .. }) => device.as_str(),
            (None, _) => "",
        };
        if !identity.is_empty() {
            line.push_str("  ");
            line.push_str(&printable(identity));
        }
        line.push_str("  ");
        line.push_str(&printable(&self.words(lang)));
        line
    }

    fn words(&self, lang: Lang) -> String {
        let client_id = self.who.as_ref().map(|who| who.client_id.as_str()).unwrap_or_default();
        match &self.what {
            Happening::Listening { control, .. } => texts::LISTENING.fill(lang, &[control]),
            Happening::Connected { keep_alive, .. } => texts::CONNECTED.fill(lang, &[&client_id, keep_alive]),
            Happening::Refused { connack, code, reason } => {
                because(texts::REFUSED.fill(lang, &[&client_id, connack]), code, reason, lang)
            }
            Happening::Upgraded { path } => texts::UPGRADED.fill(lang, &[path]),
            Happening::UpgradeRefused { path, status, code, reason } => {
                because(texts::UPGRADE_REFUSED.fill(lang, &[path, status]), code, reason, lang)
            }
            Happening::Called { method, path, status, took } => {
                texts::CALLED.fill(lang, &[method, path, status, &took.as_millis()])
            }
            Happening::CallAbandoned { method, path, reason } => {
                because(texts::CALL_ABANDONED.fill(lang, &[method, path]), "", reason, lang)
            }
            Happening::Subscribed { filter, qos } => texts::SUBSCRIBED.fill(lang, &[filter, qos]),
            Happening::SubscribeRefused { filter, code, reason } => {
                because(texts::SUBSCRIBE_REFUSED.fill(lang, &[filter]), code, reason, lang)
            }
            Happening::Unsubscribed { filter } => texts::UNSUBSCRIBED.fill(lang, &[filter]),
            Happening::Published { topic, payload, .. } if topic.is_empty() => {
                texts::FRAME.fill(lang, &[&payload.len()])
            }
            Happening::Published { topic, qos, payload } => texts::PUBLISHED.fill(lang, &[topic, qos, &payload.len()]),
            Happening::PublishRefused { topic, code, reason, .. } => {
                because(texts::PUBLISH_REFUSED.fill(lang, &[topic]), code, reason, lang)
            }
            Happening::Rejected { reason } => because(texts::REJECTED.get(lang).to_owned(), "", reason, lang),
            Happening::Kicked { reason } => because(texts::KICKED_EVENT.get(lang).to_owned(), "", reason, lang),
            Happening::Disconnected { reason } => because(texts::DISCONNECTED.get(lang).to_owned(), "", reason, lang),
            Happening::Told { event, code, what, .. } => because((*event).to_owned(), code, what, lang),
            Happening::Operated { operation, state, .. } => {
                let mut words = texts::OPERATED.fill(lang, &[operation, &state.name()]);
                let (code, message) = answer(state, lang);
                for part in [code, message].into_iter().flatten() {
                    words.push(' ');
                    words.push_str(&part);
                }
                words
            }
            Happening::Lost { count } => texts::LOST.fill(lang, &[count]),
            Happening::Skipped { count } => texts::SKIPPED.fill(lang, &[count]),
        }
    }
}

impl Endpoint {
    /// The role that connects to it; `any` where several do.
    pub fn role_name(&self) -> &'static str {
        match self.roles {
            [one] => one.name(),
            _ => "any",
        }
    }

    /// The endpoint as the first line of `iotdbg cloud --json` tells it.
    pub fn to_json(&self) -> Value {
        json!({ "name": self.name, "dialect": self.dialect, "role": self.role_name(), "url": self.url })
    }
}

fn reasoned(code: &str, reason: &Phrase, lang: Lang) -> Map<String, Value> {
    let mut more = Map::new();
    if !code.is_empty() {
        more.insert("code".into(), json!(code));
    }
    more.insert("reason".into(), json!(reason.render(lang)));
    more
}

fn because(mut words: String, code: &str, reason: &Phrase, lang: Lang) -> String {
    let reason = reason.render(lang);
    for part in [code, &reason] {
        if !part.is_empty() {
            words.push_str(" · ");
            words.push_str(part);
        }
    }
    words
}

fn insert_some(line: &mut Map<String, Value>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        line.insert(name.to_owned(), Value::String(value));
    }
}

/// The code and the words of the peer that a state carries.
pub(super) fn answer(state: &RequestState, lang: Lang) -> (Option<String>, Option<String>) {
    match state {
        RequestState::Replied { code, message }
        | RequestState::Refused { code, message }
        | RequestState::TimedOut { code, message } => (code.clone(), message.clone()),
        RequestState::RepliedLate { code, .. } | RequestState::RepliedAgain { code, .. } => (code.clone(), None),
        RequestState::Failed(reason) => (None, Some(reason.render(lang))),
        RequestState::Queued
        | RequestState::Sent
        | RequestState::Acknowledged
        | RequestState::Observed
        | RequestState::LinkLost => (None, None),
    }
}
