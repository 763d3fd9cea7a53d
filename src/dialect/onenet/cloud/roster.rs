//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::digest::base64_decode_lenient;
use crate::base::lang::{Phrase, Text};
use crate::base::secret::Secret;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::onenet::model;
use crate::dialect::onenet::sign::NOT_BASE64;
use crate::dialect::{CloudOptions, ModelFault, Roster, RosterFault};
use crate::model::{FieldFault, ThingModel};

const BAD_MODEL: Text = Text::new("model, line {}, column {}: {}", "物模型第 {} 行第 {} 列：{}");
const BAD_DEVICE: Text =
    Text::new("devices are written product_id/device_name, found “{}”", "devices 的写法是 产品ID/设备名称，实际是“{}”");
const TWICE: Text = Text::new("{} is listed twice", "{} 重复");
const UNKNOWN_OPTION: Text = Text::new("no such option: {}; there are: {}", "没有选项 {}，可用：{}");
const BAD_OPTION: Text = Text::new("{} is {}, found “{}”", "{} 应为 {}，实际是“{}”");
const BAD_FIELD: Text = Text::same("{} {}");

/// A product.
#[derive(Default)]
pub struct Product {
    /// The product's access key, where products may log in.
    pub key: Option<Secret>,
    /// Its thing model; values are not checked where there is none.
    pub model: Option<ThingModel>,
}

/// An app's login.
pub struct Account {
    /// Its access key.
    pub key: Secret,
    /// The devices it sees (`pid/name`); `None` for all.
    pub devices: Option<BTreeSet<String>>,
}

/// Every identity.
#[derive(Default)]
pub struct Identities {
    /// Products by id.
    pub products: BTreeMap<String, Product>,
    /// Access keys by `pid/name`.
    pub devices: BTreeMap<String, Secret>,
    /// Users and groups by their user name (`userid/…`, `projectid/…/groupid/…`).
    pub accounts: BTreeMap<String, Account>,
}

impl Identities {
    /// Reads the tables of a roster.
    pub fn read(roster: &Roster) -> Result<Identities, RosterFault> {
        let mut all = Identities::default();
        for entry in roster.table("product") {
            let id = require(entry, "product_id")?;
            let model = match entry.fields.get("model") {
                Some(text) => Some(model::read(text).map_err(|fault| fault_of(entry, bad_model(fault)))?),
                None => None,
            };
            let key = entry.fields.get("access_key").map(|_| access_key(entry)).transpose()?;
            unique(entry, all.products.insert(id.clone(), Product { key, model }).is_none(), &id)?;
        }
        for entry in roster.table("device") {
            let (product, name) = (require(entry, "product_id")?, require(entry, "device_name")?);
            let id = format!("{product}/{name}");
            all.products.entry(product).or_default();
            unique(entry, all.devices.insert(id.clone(), access_key(entry)?).is_none(), &id)?;
        }
        for entry in roster.table("user") {
            let id = format!("userid/{}", require(entry, "user_id")?);
            let account = Account { key: access_key(entry)?, devices: None };
            unique(entry, all.accounts.insert(id.clone(), account).is_none(), &id)?;
        }
        for entry in roster.table("group") {
            let id = format!("projectid/{}/groupid/{}", require(entry, "project_id")?, require(entry, "group_id")?);
            let listed = entry.lists.get("devices").cloned().unwrap_or_default();
            if let Some(wrong) = listed.iter().find(|device| device.split('/').count() != 2) {
                return Err(fault_of(entry, BAD_DEVICE.with(&[wrong])));
            }
            let devices = Some(listed.into_iter().collect());
            let account = Account { key: access_key(entry)?, devices };
            unique(entry, all.accounts.insert(id.clone(), account).is_none(), &id)?;
        }
        Ok(all)
    }

    /// The model of a device's product.
    pub fn model(&self, device: &str) -> Option<&ThingModel> {
        let (product, _) = device.split_once('/')?;
        self.products.get(product)?.model.as_ref()
    }

    /// Whether an app sees a device.
    pub fn sees(&self, account: &str, device: &str) -> bool {
        self.accounts
            .get(account)
            .is_some_and(|account| account.devices.as_ref().is_none_or(|devices| devices.contains(device)))
    }
}

fn require(entry: &RosterEntry, name: &str) -> Result<String, RosterFault> {
    entry
        .fields
        .require(name)
        .map(str::to_owned)
        .map_err(|FieldFault { field, reason }| fault_of(entry, BAD_FIELD.around([Phrase::verbatim(field), reason])))
}

fn bad_model(ModelFault { line, column, reason }: ModelFault) -> Phrase {
    let place = [line, column].map(|number| Phrase::verbatim(number.to_string()));
    BAD_MODEL.around(place.into_iter().chain([reason]))
}

/// A key that a token can be signed with. One that is no base64 would let nobody in, and nobody would know why.
fn access_key(entry: &RosterEntry) -> Result<Secret, RosterFault> {
    let key = require(entry, "access_key")?;
    match base64_decode_lenient(&key) {
        Ok(bytes) if !bytes.is_empty() => Ok(Secret::new(key)),
        _ => Err(fault_of(entry, BAD_FIELD.around([Phrase::verbatim("access_key"), NOT_BASE64.into()]))),
    }
}

fn fault_of(entry: &RosterEntry, reason: Phrase) -> RosterFault {
    RosterFault { line: entry.line, reason }
}

fn unique(entry: &RosterEntry, new: bool, id: &str) -> Result<(), RosterFault> {
    if new { Ok(()) } else { Err(fault_of(entry, TWICE.with(&[&id]))) }
}

/// What the documents leave open, and limits that can be switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether a product's key may sign a device's resource (two pages of the documents contradict each other).
    pub product_key_with_device_res: bool,
    /// Whether `property/desired/set` is answered on `property/set/reply` (not documented).
    pub desired_reply: bool,
    /// Whether an app may subscribe with wildcards (not documented).
    pub app_wildcards: bool,
    /// Whether any `version` is taken.
    pub any_version: bool,
    /// The code for an unknown identifier: 309 of Studio, or 2306 as seen on the new platform.
    pub unknown_identifier: String,
    /// Filters that a device may subscribe; 0 for no limit (OneNET docs, `mqtt-limit.md`; the other limits too).
    pub topic_limit: usize,
    /// Bytes that the payload of a device may have; a longer one ends the connection. 0 for no limit.
    pub payload_limit: usize,
    /// Messages of a device per second; more are delayed. 0 for no limit.
    pub message_rate: u32,
    /// Logins of a device in five seconds; more are refused. 0 for no limit.
    pub login_limit: usize,
    /// Property sets that a device gets per second; more fail. 0 for no limit.
    pub set_rate: u32,
    /// Whether a device is refused that sets a will or wants a session to be kept (OneNET docs, `mqtt-introduce.md`).
    pub strict_connect: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            product_key_with_device_res: true,
            desired_reply: true,
            app_wildcards: false,
            any_version: false,
            unknown_identifier: "309".to_owned(),
            topic_limit: crate::dialect::onenet::plan::MAX_TOPICS,
            payload_limit: 256 * 1024,
            message_rate: 0,
            login_limit: 0,
            set_rate: 0,
            strict_connect: true,
        }
    }
}

/// The beginning of this platform's option names; settings without it belong to others.
const PREFIX: &str = "onenet.";

/// Every option, after the prefix.
const NAMES: [&str; 12] = [
    "product-key-with-device-res",
    "desired-reply",
    "app-wildcards",
    "any-version",
    "unknown-identifier",
    "topic-limit",
    "payload-limit",
    "message-rate",
    "login-limit",
    "set-rate",
    "strict-connect",
    "limits",
];

const NUMBER: &str = "0, 1, 2 …";

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, RosterFault> {
    text.parse().map_err(|_| RosterFault { line: 0, reason: BAD_OPTION.with(&[&name, &NUMBER, &text]) })
}

impl Options {
    /// With every limit as the documents give it.
    fn limited() -> Options {
        Options { message_rate: 1, login_limit: 3, set_rate: 1, ..Options::default() }
    }

    /// Without any limit.
    fn unlimited() -> Options {
        Options { topic_limit: 0, payload_limit: 0, strict_connect: false, ..Options::default() }
    }

    /// Reads the settings that begin with `onenet.`.
    pub fn read(options: &CloudOptions) -> Result<Options, RosterFault> {
        let mut read = match options.settings.get("onenet.limits").map(String::as_str) {
            None => Options::default(),
            Some("true" | "on") => Options::limited(),
            Some("false" | "off") => Options::unlimited(),
            Some(other) => {
                let reason = BAD_OPTION.with(&[&"limits", &"on | off", &other]);
                return Err(RosterFault { line: 0, reason });
            }
        };
        let fault = |reason| RosterFault { line: 0, reason };
        for (name, value) in
            options.settings.iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)))
        {
            let switch = || match value.as_str() {
                "true" | "on" => Ok(true),
                "false" | "off" => Ok(false),
                other => Err(fault(BAD_OPTION.with(&[&name, &"on | off", &other]))),
            };
            match name {
                "product-key-with-device-res" => read.product_key_with_device_res = switch()?,
                "desired-reply" => read.desired_reply = switch()?,
                "app-wildcards" => read.app_wildcards = switch()?,
                "any-version" => read.any_version = switch()?,
                "unknown-identifier" => match value.as_str() {
                    "309" | "2306" => read.unknown_identifier.clone_from(value),
                    other => return Err(fault(BAD_OPTION.with(&[&name, &"309 | 2306", &other]))),
                },
                "topic-limit" => read.topic_limit = number(name, value)?,
                "payload-limit" => read.payload_limit = number(name, value)?,
                "message-rate" => read.message_rate = number(name, value)?,
                "login-limit" => read.login_limit = number(name, value)?,
                "set-rate" => read.set_rate = number(name, value)?,
                "strict-connect" => read.strict_connect = switch()?,
                "limits" => {}
                other => return Err(fault(UNKNOWN_OPTION.with(&[&other, &NAMES.join(", ")]))),
            }
        }
        Ok(read)
    }
}
