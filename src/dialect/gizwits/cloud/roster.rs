//! Who the simulated platform knows, and how it behaves where the documents leave that open.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::base::lang::Text;
use crate::base::random::Random;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::cloud::RosterEntry;
use crate::dialect::gizwits::{model, sign};
use crate::dialect::{CloudOptions, Roster, RosterFault};
use crate::model::ThingModel;

const UNKNOWN_UID: Text = Text::new("bound_to names no user of the roster: {}", "bound_to 中的 uid 不在名册中：{}");
const OTHER_MODEL: Text =
    Text::new("product {} has two different data point definitions", "产品 {} 有两份不同的数据点定义");

/// Digits of ids that the platform makes.
const HEX: &[u8] = b"0123456789abcdef";
const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Length of a DID.
const DID_LENGTH: usize = 22;

/// An application.
#[derive(Default)]
pub struct Application {
    /// Its secret, where `X-Gizwits-Application-Auth` is to be checked.
    pub secret: Option<Secret>,
}

/// A user of an application.
pub struct User {
    /// The application.
    pub appid: String,
    /// Login name; `None` for an anonymous user.
    pub username: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// What an anonymous user is known by.
    pub phone_id: Option<String>,
    /// User token.
    pub token: Secret,
    /// When the token ends; `None` for one of the roster.
    pub expires_at: Option<Time>,
}

/// A product.
#[derive(Default)]
pub struct Product {
    /// Name for people.
    pub name: String,
    /// Its secret, for bind_mac.
    pub secret: Option<Secret>,
    /// Its data points as written and as read.
    pub definition: Option<(Value, ThingModel)>,
}

/// A device.
pub struct Device {
    /// Its passcode.
    pub passcode: Secret,
    /// Its product.
    pub product_key: String,
    /// Its MAC address.
    pub mac: String,
    /// Key of the newer login.
    pub auth_key: Option<Secret>,
    /// Users that it is bound to (uid), with what each of them calls it.
    pub bound_to: BTreeMap<String, Names>,
}

/// What a user calls a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Remark.
    pub remark: String,
    /// Alias.
    pub alias: String,
}

/// Every identity.
#[derive(Default)]
pub struct Identities {
    /// Applications by appid.
    pub applications: BTreeMap<String, Application>,
    /// Users by uid.
    pub users: BTreeMap<String, User>,
    /// Products by product key.
    pub products: BTreeMap<String, Product>,
    /// Devices by did.
    pub devices: BTreeMap<String, Device>,
    /// Chance for ids that the platform makes.
    random: Option<Random>,
}

impl Identities {
    /// Reads the tables of a roster.
    pub fn read(roster: &Roster, seed: u64) -> Result<Identities, RosterFault> {
        let mut all = Identities { random: Some(Random::new(seed)), ..Identities::default() };
        for entry in roster.table("app") {
            let appid = entry.require("appid")?;
            let secret = entry.fields.get("app_secret").map(Secret::new);
            entry.unique(all.applications.insert(appid.clone(), Application { secret }).is_none(), &appid)?;
        }
        for entry in roster.table("user") {
            let appid = entry.require("appid")?;
            all.applications.entry(appid.clone()).or_default();
            let uid = entry.fields.get("uid").map_or_else(|| all.fresh(32, HEX), str::to_owned);
            let token = entry.fields.get("token").map_or_else(|| all.fresh(32, HEX), str::to_owned);
            let user = User {
                appid,
                username: Some(entry.require("username")?),
                password: Some(Secret::new(entry.require("password")?)),
                phone_id: None,
                token: Secret::new(token),
                expires_at: None,
            };
            entry.unique(all.users.insert(uid.clone(), user).is_none(), &uid)?;
        }
        for entry in roster.table("product") {
            let key = entry.require("product_key")?;
            let product = Product {
                name: entry.fields.get("name").unwrap_or_default().to_owned(),
                secret: entry.fields.get("product_secret").map(Secret::new),
                definition: None,
            };
            entry.unique(all.products.insert(key.clone(), product).is_none(), &key)?;
            all.define(entry, &key)?;
        }
        for entry in roster.table("device") {
            all.add_device(entry)?;
        }
        Ok(all)
    }

    fn add_device(&mut self, entry: &RosterEntry) -> Result<(), RosterFault> {
        let did = entry.require("did")?;
        let product_key = entry.require("product_key")?;
        self.define(entry, &product_key)?;
        let bound = entry.lists.get("bound_to").cloned().unwrap_or_default();
        if let Some(unknown) = bound.iter().find(|uid| !self.users.contains_key(*uid)) {
            return Err(entry.fault(UNKNOWN_UID.with(&[unknown])));
        }
        let device = Device {
            passcode: Secret::new(entry.require("passcode")?),
            product_key,
            mac: entry.require("mac")?,
            auth_key: entry.fields.get("auth_key").map(Secret::new),
            bound_to: bound.into_iter().map(|uid| (uid, Names::default())).collect(),
        };
        entry.unique(self.devices.insert(did.clone(), device).is_none(), &did)
    }

    /// Takes the data point definition of an entry, or that of the demo product where it is the one.
    fn define(&mut self, entry: &RosterEntry, key: &str) -> Result<(), RosterFault> {
        let product = self.products.entry(key.to_owned()).or_default();
        let text = match entry.fields.get("model") {
            Some(text) => text,
            None if product.definition.is_none() && key == model::DEMO_PRODUCT => model::DEMO,
            None => return Ok(()),
        };
        let read = model::read(text).map_err(|fault| entry.bad_model(fault))?;
        let mut written: Value = serde_json::from_str(text).unwrap_or_default();
        if let Some(members) = written.as_object_mut() {
            members.insert("product_key".to_owned(), json!(key));
        }
        if product.definition.as_ref().is_some_and(|(known, _)| *known != written) {
            return Err(entry.fault(OTHER_MODEL.with(&[&key])));
        }
        product.definition = Some((written, read));
        Ok(())
    }

    fn fresh(&mut self, length: usize, letters: &[u8]) -> String {
        let seed = self.random.as_mut().map(Random::bits).unwrap_or_default();
        sign::random_text(seed, length, letters)
    }

    /// A uid or token that nobody has.
    pub fn fresh_hex(&mut self) -> String {
        self.fresh(32, HEX)
    }

    /// A did that no device has.
    pub fn fresh_did(&mut self) -> String {
        self.fresh(DID_LENGTH, LETTERS)
    }

    /// The definition of a device's product.
    pub fn model(&self, did: &str) -> Option<&ThingModel> {
        let device = self.devices.get(did)?;
        self.products.get(&device.product_key)?.definition.as_ref().map(|(_, read)| read)
    }

    /// Whether a user may reach a device.
    pub fn is_bound(&self, uid: &str, did: &str) -> bool {
        self.devices.get(did).is_some_and(|device| device.bound_to.contains_key(uid))
    }

    /// The devices bound to a user.
    pub fn bound(&self, uid: &str) -> BTreeSet<&str> {
        let mine = self.devices.iter().filter(|(_, device)| device.bound_to.contains_key(uid));
        mine.map(|(did, _)| did.as_str()).collect()
    }

    /// The device with a product key and MAC address.
    pub fn by_mac(&self, product_key: &str, mac: &str) -> Option<&str> {
        let found = self
            .devices
            .iter()
            .find(|(_, device)| device.product_key == product_key && device.mac.eq_ignore_ascii_case(mac))?;
        Some(found.0)
    }
}

/// What the documents leave open, and limits that can be switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether MQTT 3.1.1 is refused with CONNACK 1 (what today's servers do is not documented).
    pub strict_level: bool,
    /// Whether an app may hear what a device answers to other apps (`dev2app/{did}/#`, before v4.0.4).
    pub foreign_answers: bool,
    /// Pings that a client may send within 180 s; 0 for no limit (App与云端通讯 v4.0.4, section 4.6).
    pub ping_limit: usize,
    /// Whether the old calls with did and passcode (`POST /app/bindings`) are answered with 9039.
    pub deprecated_bind: bool,
    /// How long a user token is valid (old documents 7, current ones 180 days).
    pub token_days: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { strict_level: false, foreign_answers: true, ping_limit: 60, deprecated_bind: false, token_days: 180 }
    }
}

/// Every option, after the prefix.
const NAMES: [&str; 5] = ["strict-level", "foreign-answers", "ping-limit", "deprecated-bind", "token-days"];

impl Options {
    /// Reads the settings that begin with `gizwits.`.
    pub fn read(options: &CloudOptions) -> Result<Options, RosterFault> {
        let mut read = Options::default();
        for setting in options.of("gizwits") {
            match setting.name {
                "strict-level" => read.strict_level = setting.switch()?,
                "foreign-answers" => read.foreign_answers = setting.switch()?,
                "deprecated-bind" => read.deprecated_bind = setting.switch()?,
                "ping-limit" => read.ping_limit = setting.number()?,
                "token-days" => read.token_days = setting.number()?,
                _ => return Err(setting.unknown(&NAMES)),
            }
        }
        Ok(read)
    }
}
