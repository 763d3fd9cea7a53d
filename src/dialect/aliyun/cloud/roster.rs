//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::dialect::aliyun::{model, plan, write};
use crate::dialect::{CloudOptions, Roster, RosterFault};
use crate::model::ThingModel;

const BAD_DEVICE: Text = Text::new(
    "devices are written product_key/device_name, found “{}”",
    "devices 的写法是 ProductKey/DeviceName，实际是“{}”",
);

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
            let key = entry.require("product_key")?;
            if let Some(model) = entry.model(model::read)? {
                models.insert(key.clone(), model);
            }
            if let Some(secret) = entry.fields.get("product_secret") {
                entry.unique(all.products.insert(key.clone(), Secret::new(secret)).is_none(), &key)?;
            }
        }
        for entry in roster.table("device") {
            let product = entry.require("product_key")?;
            let id = format!("{product}/{}", entry.require("device_name")?);
            let model = entry.model(model::read)?.or_else(|| models.get(&product).cloned());
            let device = Device { secret: Secret::new(entry.require("device_secret")?), model };
            entry.unique(all.devices.insert(id.clone(), device).is_none(), &id)?;
        }
        for entry in roster.table("app") {
            let id = format!("{}/{}", entry.require("product_key")?, entry.require("device_name")?);
            let list = |name: &str| entry.lists.get(name).cloned();
            if let Some(wrong) = list("devices").iter().flatten().find(|device| device.split('/').count() != 2) {
                return Err(entry.fault(BAD_DEVICE.with(&[wrong])));
            }
            let app = App {
                secret: Secret::new(entry.require("device_secret")?),
                tokens: list("iot_tokens").unwrap_or_default().into_iter().collect(),
                devices: list("devices").map(|devices| devices.into_iter().collect()),
            };
            entry.unique(all.apps.insert(id.clone(), app).is_none(), &id)?;
        }
        Ok(all)
    }

    /// The model of a device.
    pub fn model(&self, device: &str) -> Option<&ThingModel> {
        self.devices.get(device)?.model.as_ref()
    }
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
        for setting in options.of("aliyun") {
            match setting.name {
                "keep-alive" => {
                    read.keep_alive = match setting.text {
                        "2018" => plan::WINDOW_2018,
                        "now" => plan::WINDOW_NOW,
                        "any" => (0, u16::MAX),
                        _ => return Err(setting.bad("now, 2018, any")),
                    }
                }
                "keep-alive-connack" => read.keep_alive_connack = setting.connack()?,
                "secret-connack" => read.secret_connack = setting.connack()?,
                "strict-secure-mode" => read.strict_secure_mode = setting.switch()?,
                "app-wildcards" => read.app_wildcards = setting.switch()?,
                "status-as-text" => read.status_as_text = setting.switch()?,
                "rrpc-timeout" => read.rrpc_timeout = setting.duration()?,
                _ => return Err(setting.unknown(&NAMES)),
            }
        }
        Ok(read)
    }
}
