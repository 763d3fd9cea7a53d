//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::base::units;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::unitedrhino::model;
use crate::dialect::{CloudOptions, ModelFault, Roster, RosterFault};
use crate::model::{FieldFault, ThingModel};

const BAD_MODEL: Text = Text::new("model, line {}, column {}: {}", "物模型第 {} 行第 {} 列：{}");
const TWICE: Text = Text::new("{} is listed twice", "{} 重复");
const UNKNOWN_OPTION: Text = Text::new("no such option: {}; there are: {}", "没有选项 {}，可用：{}");
const BAD_OPTION: Text = Text::new("{} is {}, found “{}”", "{} 应为 {}，实际是“{}”");
const BAD_FIELD: Text = Text::same("{} {}");

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
            let id = require(entry, "product_id")?;
            if let Some(model) = model_of(entry)? {
                models.insert(id.clone(), model);
            }
            if let Some(secret) = entry.fields.get("product_secret") {
                unique(entry, all.products.insert(id.clone(), Secret::new(secret)).is_none(), &id)?;
            }
        }
        for entry in roster.table("device") {
            let product = require(entry, "product_id")?;
            let id = format!("{product}/{}", require(entry, "device_name")?);
            let text = |name: &str| entry.fields.get(name).map(str::to_owned);
            let device = Device {
                secret: Secret::new(require(entry, "device_secret")?),
                project: text("project_id"),
                area: text("area_id"),
                model: model_of(entry)?.or_else(|| models.get(&product).cloned()),
            };
            unique(entry, all.devices.insert(id.clone(), device).is_none(), &id)?;
        }
        for entry in roster.table("user") {
            let token = require(entry, "token")?;
            unique(entry, all.users.iter().all(|user| user.token.expose() != token), "token")?;
            let login = entry
                .fields
                .get("account")
                .map(|account| (account.to_owned(), Secret::new(entry.fields.get("password").unwrap_or_default())));
            all.users.push(User {
                token: Secret::new(token),
                app_code: require(entry, "app_code")?,
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
    let bad = |ModelFault { line, column, reason }: ModelFault| {
        let place = [line, column].map(|number| Phrase::verbatim(number.to_string()));
        fault_of(entry, BAD_MODEL.around(place.into_iter().chain([reason])))
    };
    let read = |text: &str| {
        let known = model::read(text)?;
        Ok(Model { file: serde_json::from_str(text).unwrap_or(Value::Null), known })
    };
    entry.fields.get("model").map(read).transpose().map_err(bad)
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

/// The beginning of this platform's option names; settings without it belong to others.
const PREFIX: &str = "unitedrhino.";

const NAMES: [&str; 4] = ["connack", "reply-timeout", "push-delay", "check-subscriptions"];

impl Options {
    /// Reads the settings that are meant for this platform.
    pub fn read(options: &CloudOptions) -> Result<Options, RosterFault> {
        let mut read = Options::default();
        for (name, text) in &options.settings {
            let Some(own) = name.strip_prefix(PREFIX) else { continue };
            let bad = |known: &str| RosterFault { line: 0, reason: BAD_OPTION.with(&[name, &known, text]) };
            let time = || units::parse_duration(text).map_err(|_| bad("8s, 500ms …"));
            match own {
                "connack" => {
                    let code = text.parse().ok().filter(|code| matches!(code, 4 | 5));
                    read.connack = code.ok_or_else(|| bad("4, 5"))?;
                }
                "reply-timeout" => read.reply_timeout = time()?,
                "push-delay" => read.push_delay = time()?,
                "check-subscriptions" => {
                    read.check_subscriptions = match text.as_str() {
                        "true" | "yes" | "on" => true,
                        "false" | "no" | "off" => false,
                        _ => return Err(bad("true, false")),
                    }
                }
                _ => {
                    let known = NAMES.map(|known| format!("{PREFIX}{known}")).join(", ");
                    return Err(RosterFault { line: 0, reason: UNKNOWN_OPTION.with(&[name, &known]) });
                }
            }
        }
        Ok(read)
    }
}
