//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::digest::base64_decode_lenient;
use crate::base::lang::Text;
use crate::base::secret::Secret;
use crate::dialect::cloud::{RosterEntry, Setting};
use crate::dialect::onenet::model;
use crate::dialect::onenet::sign::NOT_BASE64;
use crate::dialect::{CloudOptions, Roster, RosterFault};
use crate::model::ThingModel;

const BAD_DEVICE: Text =
    Text::new("devices are written product_id/device_name, found “{}”", "devices 的写法是 产品ID/设备名称，实际是“{}”");

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
            let id = entry.require("product_id")?;
            let model = match entry.fields.get("model") {
                Some(text) => Some(model::read(text).map_err(|fault| entry.bad_model(fault))?),
                None => None,
            };
            let key = entry.fields.get("access_key").map(|_| access_key(entry)).transpose()?;
            entry.unique(all.products.insert(id.clone(), Product { key, model }).is_none(), &id)?;
        }
        for entry in roster.table("device") {
            let (product, name) = (entry.require("product_id")?, entry.require("device_name")?);
            let id = format!("{product}/{name}");
            all.products.entry(product).or_default();
            entry.unique(all.devices.insert(id.clone(), access_key(entry)?).is_none(), &id)?;
        }
        for entry in roster.table("user") {
            let id = format!("userid/{}", entry.require("user_id")?);
            let account = Account { key: access_key(entry)?, devices: None };
            entry.unique(all.accounts.insert(id.clone(), account).is_none(), &id)?;
        }
        for entry in roster.table("group") {
            let id = format!("projectid/{}/groupid/{}", entry.require("project_id")?, entry.require("group_id")?);
            let listed = entry.lists.get("devices").cloned().unwrap_or_default();
            if let Some(wrong) = listed.iter().find(|device| device.split('/').count() != 2) {
                return Err(entry.fault(BAD_DEVICE.with(&[wrong])));
            }
            let devices = Some(listed.into_iter().collect());
            let account = Account { key: access_key(entry)?, devices };
            entry.unique(all.accounts.insert(id.clone(), account).is_none(), &id)?;
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

/// A key that a token can be signed with. One that is no base64 would let nobody in, and nobody would know why.
fn access_key(entry: &RosterEntry) -> Result<Secret, RosterFault> {
    let key = entry.require("access_key")?;
    match base64_decode_lenient(&key) {
        Ok(bytes) if !bytes.is_empty() => Ok(Secret::new(key)),
        _ => Err(entry.bad_field("access_key", NOT_BASE64)),
    }
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
        let limits = options.of("onenet").find(|setting| setting.name == "limits").map(Setting::switch).transpose()?;
        let mut read = match limits {
            None => Options::default(),
            Some(true) => Options::limited(),
            Some(false) => Options::unlimited(),
        };
        for setting in options.of("onenet") {
            match setting.name {
                "product-key-with-device-res" => read.product_key_with_device_res = setting.switch()?,
                "desired-reply" => read.desired_reply = setting.switch()?,
                "app-wildcards" => read.app_wildcards = setting.switch()?,
                "any-version" => read.any_version = setting.switch()?,
                "unknown-identifier" => match setting.text {
                    "309" | "2306" => setting.text.clone_into(&mut read.unknown_identifier),
                    _ => return Err(setting.bad("309, 2306")),
                },
                "topic-limit" => read.topic_limit = setting.number()?,
                "payload-limit" => read.payload_limit = setting.number()?,
                "message-rate" => read.message_rate = setting.number()?,
                "login-limit" => read.login_limit = setting.number()?,
                "set-rate" => read.set_rate = setting.number()?,
                "strict-connect" => read.strict_connect = setting.switch()?,
                "limits" => {}
                _ => return Err(setting.unknown(&NAMES)),
            }
        }
        Ok(read)
    }
}
