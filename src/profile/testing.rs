//! A platform that exists only to test how profiles are read.

use std::time::Duration;

use crate::base::lang::Text;
use crate::base::time::Time;
use crate::dialect::{BackOff, ConnectionSettings, Server, Transport};
use crate::dialect::{Dialect, FieldSpec, FieldType, Plan, RoleSpec, RosterTable, Signed, Spec};
use crate::model::{Direction, FieldFault, Fields, Meta, Role};

/// The platforms of these tests.
pub(super) static DIALECTS: &[&dyn Dialect] = &[&Fake];

/// A profile that uses everything.
pub(super) const GOOD: &str = r#"# A profile with everything.
dialect = "fake"
role = "app"
server = "mqtt://127.0.0.1:1884"
production = true
model = "/models/lamp.json"

[identity]
user_id = 12321
access_key = "env:KEY"
method = "sha256"
expires_in = "12h"

[[device]]
product_id = "p1"
device_name = "lamp"

[[device]]
product_id = "p1"
device_name = "灯 2"

[mqtt]
keep_alive = 60
clean_session = true
client_id = "me"
version = "3.1"
subscribe = ["a/+", "b"]

[tls]
ca = "ca.pem"
verify_hostname = false

[history]
budget = "64MiB"
"#;

const fn field(name: &'static str, kind: FieldType, secret: bool, default: Option<&'static str>) -> FieldSpec {
    FieldSpec { name, kind, secret, default, help: Text::new("What it is", "说明"), signing_only: false }
}

const METHODS: &[&str] = &["md5", "sha1", "sha256"];

static IDENTITY: [FieldSpec; 6] = [
    field("user_id", FieldType::Text, false, None),
    field("access_key", FieldType::Text, true, None),
    field("method", FieldType::Choice(METHODS), false, Some("sha256")),
    field("expires_in", FieldType::Duration, false, Some("1h")),
    field("count", FieldType::Integer, false, Some("1")),
    field("anonymous", FieldType::Bool, false, None),
];
static DEVICE: [FieldSpec; 2] =
    [field("product_id", FieldType::Text, false, None), field("device_name", FieldType::Text, false, None)];

const fn role(role: Role, device: &'static [FieldSpec]) -> RoleSpec {
    RoleSpec {
        role,
        identity: &IDENTITY,
        device,
        server: None,
        operations: &[],
        back_off: BackOff::Doubling,
        refusals: &[],
    }
}

static ROLES: [RoleSpec; 2] = [role(Role::App, &DEVICE), role(Role::Device, &[])];

static SPEC: Spec = Spec {
    name: "fake",
    aliases: &["sham"],
    title: Text::new("Fake", "假平台"),
    example: "",
    roles: &ROLES,
    endpoints: &[],
    roster: &[
        RosterTable {
            name: "device",
            required: &["product_id", "device_name", "access_key"],
            optional: &["model"],
            lists: &[],
        },
        RosterTable { name: "group", required: &["group_id"], optional: &["devices"], lists: &["devices"] },
    ],
    topics: &[],
    codes: &[],
    operator: &[],
};

/// See the module.
struct Fake;

impl Dialect for Fake {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _: Role, settings: &ConnectionSettings, _: Time, _: u64) -> Result<Plan, FieldFault> {
        let user = settings.identity.require("user_id")?;
        let server = Server { transport: Transport::Mqtt, host: "localhost".into(), port: 1883, path: String::new() };
        Ok(Plan {
            server: settings.server.clone().unwrap_or(server),
            client_id: String::new(),
            username: user.to_owned(),
            password: crate::base::secret::Secret::default(),
            keep_alive: Duration::from_secs(60),
            clean_session: true,
            level: crate::dialect::MqttLevel::V311,
            subscriptions: Vec::new(),
            headers: Vec::new(),
            opening: Vec::new(),
            heartbeat: None,
            tls: settings.tls.clone(),
            expires_at: None,
        })
    }

    fn sign(&self, _: Role, _: &Fields, _: Time, _: u64) -> Result<Signed, FieldFault> {
        Err(FieldFault::new("user_id", crate::model::fields::MISSING))
    }

    fn classify(&self, _: Role, _: Direction, _: &str, _: &[u8]) -> Meta {
        Meta::default()
    }

    crate::dialect::testing::says_nothing!();
}
