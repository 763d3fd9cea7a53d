//! What screens, commands and profiles need to know about a platform in advance, as data.

use std::time::Duration;

use crate::base::lang::Text;
use crate::model::{Kind, OpKind, Role};

/// A platform in data.
#[derive(Debug)]
pub struct Spec {
    /// The name in profiles, on the command line and in JSON.
    pub name: &'static str,
    /// Other names that are understood.
    pub aliases: &'static [&'static str],
    /// The name shown to people.
    pub title: Text,
    /// Words behind `iotdbg encode NAME` that encode something as they stand, for help.
    pub example: &'static str,
    /// What it offers to an app and to a device.
    pub roles: &'static [RoleSpec],
    /// The listeners of the simulated cloud.
    pub endpoints: &'static [EndpointSpec],
    /// The tables that a roster may hold for it.
    pub roster: &'static [RosterTable],
    /// Every topic of the platform.
    pub topics: &'static [TopicSpec],
    /// Every code of the platform with its meaning.
    pub codes: &'static [CodeSpec],
    /// The operations of the platform's console that the simulated cloud can play.
    pub operator: &'static [OpKind],
}

impl Spec {
    /// What it offers to a role.
    pub fn role(&self, role: Role) -> Option<&'static RoleSpec> {
        self.roles.iter().find(|spec| spec.role == role)
    }
}

/// What a platform offers to one role.
#[derive(Debug)]
pub struct RoleSpec {
    /// The role.
    pub role: Role,
    /// Fields of `[identity]`, in the order of a form.
    pub identity: &'static [FieldSpec],
    /// Fields of `[device]`; empty where the role has none.
    pub device: &'static [FieldSpec],
    /// The server used where the profile names none; `None` where it must be named or is derived from the identity.
    pub server: Option<&'static str>,
    /// The operations of this role, in the order in which lists show them.
    pub operations: &'static [OperationSpec],
    /// How long to wait between attempts to connect.
    pub back_off: BackOff,
    /// What a simulated device of this role can be told to answer: refusal codes offered by the Device screen.
    pub refusals: &'static [&'static str],
}

/// The waits between attempts to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackOff {
    /// One second, doubled each time up to thirty, less up to a quarter by chance: where the platform says nothing.
    Doubling,
    /// A multiple of this more each time, from zero, without limit but for `longest`.
    Growing {
        /// What is added each time.
        by: Duration,
        /// The longest wait.
        longest: Duration,
    },
}

/// One field of a form, a profile or a command line. As a flag its underscores become dashes.
#[derive(Debug)]
pub struct FieldSpec {
    /// The name in profiles and JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldType,
    /// Whether it is never shown, logged or recorded.
    pub secret: bool,
    /// The value used where none is given.
    pub default: Option<&'static str>,
    /// One sentence: what it is and where to find it.
    pub help: Text,
    /// Whether only signing needs it (it is not part of `INTERFACE.md`'s profile table but may stand there).
    pub signing_only: bool,
}

/// A field that may be shown.
pub const fn field(name: &'static str, kind: FieldType, help: Text) -> FieldSpec {
    FieldSpec { name, kind, secret: false, default: None, help, signing_only: false }
}

/// A secret text.
pub const fn secret(name: &'static str, help: Text) -> FieldSpec {
    FieldSpec { name, kind: FieldType::Text, secret: true, default: None, help, signing_only: false }
}

/// The same field with a value that is used where none is given.
pub const fn with_default(mut field: FieldSpec, default: &'static str) -> FieldSpec {
    field.default = Some(default);
    field
}

/// The same field, needed for signing only.
pub const fn for_signing(mut field: FieldSpec) -> FieldSpec {
    field.signing_only = true;
    field
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum FieldType {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Bool,
    /// One of these, compared exactly.
    Choice(&'static [&'static str]),
    /// A duration such as `12h`.
    Duration,
    /// A file.
    Path,
}

/// An operation of a role.
#[derive(Debug)]
pub struct OperationSpec {
    /// Which.
    pub op: OpKind,
    /// The kind of reply, where there is one.
    pub reply: Option<Kind>,
    /// How long the platform waits.
    pub timeout: Duration,
    /// What is sent where, in one sentence.
    pub help: Text,
}

/// An operation.
pub const fn operation(op: OpKind, reply: Option<Kind>, timeout: Duration, help: Text) -> OperationSpec {
    OperationSpec { op, reply, timeout, help }
}

/// A topic pattern with `{name}` for each variable level, and who may use it.
#[derive(Debug)]
pub struct TopicSpec {
    /// For example `$sys/{product_id}/{device_name}/thing/property/post`.
    pub pattern: &'static str,
    /// What its messages are.
    pub kind: Kind,
    /// Who may publish to it.
    pub publishers: &'static [Role],
    /// Who may subscribe to it.
    pub subscribers: &'static [Role],
    /// Where the platform says so.
    pub source: &'static str,
}

/// A code and its meaning.
#[derive(Debug)]
pub struct CodeSpec {
    /// The code as the platform writes it.
    pub code: &'static str,
    /// What it means.
    pub meaning: Text,
    /// What usually causes it; empty where nothing is known.
    pub cause: Text,
}

/// A listener of the simulated cloud.
#[derive(Debug)]
pub struct EndpointSpec {
    /// The key of `--ports`.
    pub name: &'static str,
    /// Who connects to it.
    pub roles: &'static [Role],
    /// URL scheme: `mqtt`, `http`, `ws`. One with `ws` answers calls over HTTP, too.
    pub scheme: &'static str,
    /// The port used where none is given.
    pub port: u16,
    /// What the URL has after the port, with its slash: where clients are to upgrade to a WebSocket. Empty otherwise.
    pub path: &'static str,
}

/// A table of the roster, for example `[[onenet.device]]`.
#[derive(Debug)]
pub struct RosterTable {
    /// The name after the dot.
    pub name: &'static str,
    /// Keys that must be there.
    pub required: &'static [&'static str],
    /// Keys that may be there.
    pub optional: &'static [&'static str],
    /// Those of the keys that hold lists of text.
    pub lists: &'static [&'static str],
}
