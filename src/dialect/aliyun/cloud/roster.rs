//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::units;
use crate::dialect::aliyun::{model, plan, write};
use crate::dialect::cloud::RosterEntry;
use crate::dialect::{CloudOptions, ModelFault, Roster, RosterFault};
use crate::model::{FieldFault, ThingModel};

const BAD_MODEL: Text = Text::new("model, line {}, column {}: {}", "物模型第 {} 行第 {} 列：{}");
const BAD_DEVICE: Text = Text::new(
    "devices are written product_key/device_name, found “{}”",
    "devices 的写法是 ProductKey/DeviceName，实际是“{}”",
);
const TWICE: Text = Text::new("{} is listed twice", "{} 重复");
const UNKNOWN_OPTION: Text = Text::new("no such option: {}; there are: {}", "没有选项 {}，可用：{}");
const BAD_OPTION: Text = Text::new("{} is one of {}, found “{}”", "{} 应为 {} 之一，实际是“{}”");
const BAD_FIELD: Text = Text::same("{} {}");

/// A device of the roster.
pub struct Device {
    /// Its secret.
    pub secret: Secret,
    /// Its thing model; values are not checked where there is none.
    pub model: Option<ThingModel>,
}

/// An app of the roster: one installation with its own triple.
pub struct App {
    /// Its secret.
    pub secret: Secret,
    /// The tokens of accounts that may be bound to it.
    pub tokens: BTreeSet<String>,
    /// The devices of these accounts; `None` for all.
    pub devices: Option<BTreeSet<String>>,
}

/// Every identity.
#[derive(Default)]
pub struct Identities {
    /// Secrets of products, for dynamic registration.
    pub products: BTreeMap<String, Secret>,
    /// Devices by `pk/dn`.
    pub devices: BTreeMap<String, Device>,
    /// Apps by `pk/dn`.
    pub apps: BTreeMap<String, App>,
}

impl Identities {
    /// Reads the tables of a roster.
    pub fn read(roster: &Roster) -> Result<Identities, RosterFault> {
        let mut all = Identities::default();
        let mut models: BTreeMap<String, ThingModel> = BTreeMap::new();
        for entry in roster.table("product") {
            let key = require(entry, "product_key")?;
            if let Some(model) = model_of(entry)? {
                models.insert(key.clone(), model);
            }
            if let Some(secret) = entry.fields.get("product_secret") {
                unique(entry, all.products.insert(key.clone(), Secret::new(secret)).is_none(), &key)?;
            }
        }
        for entry in roster.table("device") {
            let product = require(entry, "product_key")?;
            let id = format!("{product}/{}", require(entry, "device_name")?);
            let model = model_of(entry)?.or_else(|| models.get(&product).cloned());
            let device = Device { secret: Secret::new(require(entry, "device_secret")?), model };
            unique(entry, all.devices.insert(id.clone(), device).is_none(), &id)?;
        }
        for entry in roster.table("app") {
            let id = format!("{}/{}", require(entry, "product_key")?, require(entry, "device_name")?);
            let list = |name: &str| entry.lists.get(name).cloned();
            if let Some(wrong) = list("devices").iter().flatten().find(|device| device.split('/').count() != 2) {
                return Err(fault_of(entry, BAD_DEVICE.with(&[wrong])));
            }
            let app = App {
                secret: Secret::new(require(entry, "device_secret")?),
                tokens: list("iot_tokens").unwrap_or_default().into_iter().collect(),
                devices: list("devices").map(|devices| devices.into_iter().collect()),
            };
            unique(entry, all.apps.insert(id.clone(), app).is_none(), &id)?;
        }
        Ok(all)
    }

    /// The model of a device.
    pub fn model(&self, device: &str) -> Option<&ThingModel> {
        self.devices.get(device)?.model.as_ref()
    }
}

fn model_of(entry: &RosterEntry) -> Result<Option<ThingModel>, RosterFault> {
    let bad = |ModelFault { line, column, reason }: ModelFault| {
        let place = [line, column].map(|number| Phrase::verbatim(number.to_string()));
        fault_of(entry, BAD_MODEL.around(place.into_iter().chain([reason])))
    };
    entry.fields.get("model").map(model::read).transpose().map_err(bad)
}

fn require(entry: &RosterEntry, name: &str) -> Result<String, RosterFault> {
    entry
        .fields
        .require(name)
        .map(str::to_owned)
        .map_err(|FieldFault { field, reason }| fault_of(entry, BAD_FIELD.around([Phrase::verbatim(field), reason])))
}

fn fault_of(entry: &RosterEntry, reason: Phrase) -> RosterFault {
    RosterFault { line: entry.line, reason }
}

fn unique(entry: &RosterEntry, new: bool, id: &str) -> Result<(), RosterFault> {
    if new { Ok(()) } else { Err(fault_of(entry, TWICE.with(&[&id]))) }
}

/// What the documents leave open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The window of keep-alive, in seconds.
    pub keep_alive: (u16, u16),
    /// The CONNACK code for a keep-alive outside of it (not documented).
    pub keep_alive_connack: u8,
    /// The CONNACK code for a wrong secret: 5 by the documents, 4 as older servers did.
    pub secret_connack: u8,
    /// Whether a login is refused whose secure mode does not fit the transport.
    pub strict_secure_mode: bool,
    /// Whether an app may subscribe with wildcards.
    pub app_wildcards: bool,
    /// Whether states of devices are pushed as text, as the page's sample has them; otherwise as numbers.
    pub status_as_text: bool,
    /// How long a device may take to answer a call that waits.
    pub rrpc_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            keep_alive: plan::WINDOW_NOW,
            keep_alive_connack: 2,
            secret_connack: 5,
            strict_secure_mode: false,
            app_wildcards: false,
            status_as_text: false,
            rrpc_timeout: write::RRPC_TIMEOUT,
        }
    }
}

/// The beginning of this platform's option names; settings without it belong to others.
const PREFIX: &str = "aliyun.";

const NAMES: [&str; 7] = [
    "keep-alive",
    "keep-alive-connack",
    "secret-connack",
    "strict-secure-mode",
    "app-wildcards",
    "status-as-text",
    "rrpc-timeout",
];

impl Options {
    /// Reads the settings that are meant for this platform.
    pub fn read(options: &CloudOptions) -> Result<Options, RosterFault> {
        let mut read = Options::default();
        for (name, text) in &options.settings {
            let Some(own) = name.strip_prefix(PREFIX) else { continue };
            let bad = |known: &str| RosterFault { line: 0, reason: BAD_OPTION.with(&[name, &known, text]) };
            let flag = || match text.as_str() {
                "true" | "yes" | "on" => Ok(true),
                "false" | "no" | "off" => Ok(false),
                _ => Err(bad("true, false")),
            };
            let connack = || text.parse().ok().filter(|code| (1..=5).contains(code)).ok_or_else(|| bad("1 – 5"));
            match own {
                "keep-alive" => {
                    read.keep_alive = match text.as_str() {
                        "2018" => plan::WINDOW_2018,
                        "now" => plan::WINDOW_NOW,
                        "any" => (0, u16::MAX),
                        _ => return Err(bad("now, 2018, any")),
                    }
                }
                "keep-alive-connack" => read.keep_alive_connack = connack()?,
                "secret-connack" => read.secret_connack = connack()?,
                "strict-secure-mode" => read.strict_secure_mode = flag()?,
                "app-wildcards" => read.app_wildcards = flag()?,
                "status-as-text" => read.status_as_text = flag()?,
                "rrpc-timeout" => read.rrpc_timeout = units::parse_duration(text).map_err(|_| bad("8s, 500ms …"))?,
                _ => {
                    let reason =
                        UNKNOWN_OPTION.with(&[name, &NAMES.map(|known| format!("{PREFIX}{known}")).join(", ")]);
                    return Err(RosterFault { line: 0, reason });
                }
            }
        }
        Ok(read)
    }
}
