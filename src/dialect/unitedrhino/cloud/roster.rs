//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::base::secret::Secret;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::unitedrhino::model;
use crate::dialect::{CloudOptions, Roster, RosterFault};
use crate::model::ThingModel;

/// A user: what stands in the header fields of its calls.
pub struct User {
    /// Its token.
    pub token: Secret,
    /// The app that it is in.
    pub app_code: String,
    /// Its tenant.
    pub tenant_code: String,
    /// The projects that it may use.
    pub projects: Vec<String>,
    /// Account and password, where it may log in.
    pub login: Option<(String, Secret)>,
}

impl User {
    /// The name under which it is connected.
    pub fn name(&self) -> &str {
        self.login.as_ref().map_or("user", |(account, _)| account)
    }
}

/// A device.
pub struct Device {
    /// Its secret, in base64.
    pub secret: Secret,
    /// Its project; any user sees it where none is named.
    pub project: Option<String>,
    /// Its area in the project.
    pub area: Option<String>,
    /// Its thing model; values are not checked where there is none.
    pub model: Option<Model>,
}

/// A thing model as written and as read.
#[derive(Clone)]
pub struct Model {
    /// As a gateway gets it.
    pub file: Value,
    /// As values are checked.
    pub known: ThingModel,
}

/// Every identity.
#[derive(Default)]
pub struct Identities {
    /// Users in the order of the file.
    pub users: Vec<User>,
    /// Secrets of products, for dynamic registration.
    pub products: BTreeMap<String, Secret>,
    /// Devices by `productID/deviceName`.
    pub devices: BTreeMap<String, Device>,
}

impl Identities {
    /// Reads the tables of a roster.
    pub fn read(roster: &Roster) -> Result<Identities, RosterFault> {
        let mut all = Identities::default();
        let mut models: BTreeMap<String, Model> = BTreeMap::new();
        for entry in roster.table("product") {
            let id = entry.require("product_id")?;
            if let Some(model) = model_of(entry)? {
                models.insert(id.clone(), model);
            }
            if let Some(secret) = entry.fields.get("product_secret") {
                entry.unique(all.products.insert(id.clone(), Secret::new(secret)).is_none(), &id)?;
            }
        }
        for entry in roster.table("device") {
            let product = entry.require("product_id")?;
            let id = format!("{product}/{}", entry.require("device_name")?);
            let text = |name: &str| entry.fields.get(name).map(str::to_owned);
            let device = Device {
                secret: Secret::new(entry.require("device_secret")?),
                project: text("project_id"),
                area: text("area_id"),
                model: model_of(entry)?.or_else(|| models.get(&product).cloned()),
            };
            entry.unique(all.devices.insert(id.clone(), device).is_none(), &id)?;
        }
        for entry in roster.table("user") {
            let token = entry.require("token")?;
            entry.unique(all.users.iter().all(|user| user.token.expose() != token), "token")?;
            let login = entry
                .fields
                .get("account")
                .map(|account| (account.to_owned(), Secret::new(entry.fields.get("password").unwrap_or_default())));
            all.users.push(User {
                token: Secret::new(token),
                app_code: entry.require("app_code")?,
                tenant_code: entry.fields.get("tenant_code").unwrap_or("default").to_owned(),
                projects: entry.lists.get("project_ids").cloned().unwrap_or_default(),
                login,
            });
        }
        Ok(all)
    }

    /// The model of a device.
    pub fn model(&self, device: &str) -> Option<&ThingModel> {
        Some(&self.devices.get(device)?.model.as_ref()?.known)
    }
}

fn model_of(entry: &RosterEntry) -> Result<Option<Model>, RosterFault> {
    let file = entry.fields.get("model").and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    Ok(entry.model(model::read)?.map(|known| Model { file, known }))
}

/// What the documents leave open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The CONNACK code of every refusal: 5 as EMQX 5 gives it, 4 as others do (inferred).
    pub connack: u8,
    /// How long a device may take to answer (inferred).
    pub reply_timeout: Duration,
    /// How long pushes are gathered (`userSubscribe.go`: one second).
    pub push_delay: Duration,
    /// Whether what an app subscribes is checked against its projects.
    pub check_subscriptions: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            connack: 5,
            reply_timeout: Duration::from_secs(10),
            push_delay: Duration::from_secs(1),
            check_subscriptions: true,
        }
    }
}

const NAMES: [&str; 4] = ["connack", "reply-timeout", "push-delay", "check-subscriptions"];

impl Options {
    /// Reads the settings that are meant for this platform.
    pub fn read(options: &CloudOptions) -> Result<Options, RosterFault> {
        let mut read = Options::default();
        for setting in options.of("unitedrhino") {
            match setting.name {
                "connack" => {
                    let code = setting.connack()?;
                    read.connack = if matches!(code, 4 | 5) { code } else { return Err(setting.bad("4, 5")) };
                }
                "reply-timeout" => read.reply_timeout = setting.duration()?,
                "push-delay" => read.push_delay = setting.duration()?,
                "check-subscriptions" => read.check_subscriptions = setting.switch()?,
                _ => return Err(setting.unknown(&NAMES)),
            }
        }
        Ok(read)
    }
}
