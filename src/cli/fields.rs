//! Flags made from the fields of a dialect: `product_key` becomes `--product-key`.

use clap::{Arg, ArgAction, ArgMatches};

use crate::base::lang::{Lang, Phrase};
use crate::cli::exit::Failure;
use crate::cli::texts;
use crate::dialect::{Dialect, FieldSpec, FieldType, RoleSpec, Spec};
use crate::model::{FieldFault, Fields, Role};

/// Which fields a command takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those of `[identity]`.
    Identity,
    /// Those of `[device]` too.
    All,
}

impl Which {
    fn of(self, role: &'static RoleSpec) -> impl Iterator<Item = &'static FieldSpec> {
        let device: &'static [FieldSpec] = if self == Which::All { role.device } else { &[] };
        role.identity.iter().chain(device)
    }
}

/// The fields of a dialect, of all its roles; each name once, in the order of the forms.
pub fn of(dialect: &dyn Dialect, which: Which) -> Vec<&'static FieldSpec> {
    let mut all: Vec<&'static FieldSpec> = Vec::new();
    for role in dialect.spec().roles {
        for field in which.of(role) {
            if all.iter().all(|known| known.name != field.name) {
                all.push(field);
            }
        }
    }
    all
}

/// The flag of a field, without its dashes.
pub fn flag(field: &str) -> String {
    field.replace('_', "-")
}

/// The names of the roles that a platform has.
pub fn role_names(spec: &Spec) -> Vec<&'static str> {
    spec.roles.iter().map(|role| role.role.name()).collect()
}

/// `--json` of a command with a subcommand for every platform: it may stand before or behind the platform.
pub fn json_flag() -> Arg {
    let help = "One JSON object on one line";
    Arg::new("json").long("json").action(ArgAction::SetTrue).global(true).help(help)
}

/// Adds a flag for every field.
pub fn add(command: clap::Command, fields: &[&'static FieldSpec]) -> clap::Command {
    // A field may be called `version`: the command's own flag steps aside.
    fields.iter().fold(command.disable_version_flag(true), |command, field| {
        let arg = Arg::new(field.name)
            .long(flag(field.name))
            .help(field.help.get(Lang::En))
            .value_name(value_name(field))
            .help_heading("Fields");
        command.arg(match field.kind {
            FieldType::Bool => arg.num_args(0..=1).default_missing_value("true"),
            _ => arg,
        })
    })
}

fn value_name(field: &FieldSpec) -> String {
    match field.kind {
        FieldType::Choice(choices) => choices.join("|"),
        FieldType::Integer => "NUMBER".to_owned(),
        FieldType::Bool => "true|false".to_owned(),
        FieldType::Duration => "DUR".to_owned(),
        FieldType::Path => "FILE".to_owned(),
        FieldType::Text => "TEXT".to_owned(),
    }
}

/// The fields that were given.
pub fn read(matches: &ArgMatches, fields: &[&'static FieldSpec]) -> Fields {
    let mut given = Fields::new();
    for field in fields {
        if let Some(value) = matches.get_one::<String>(field.name) {
            given.set(field.name, value.clone());
        }
    }
    given
}

/// Whether a role has a field of this name.
pub fn has(dialect: &dyn Dialect, role: Role, which: Which, name: &str) -> bool {
    dialect.spec().role(role).is_some_and(|spec| which.of(spec).any(|field| field.name == name))
}

/// The role that the given fields speak of: the only one that has them all. `among` are the candidates.
pub fn guess_role(dialect: &dyn Dialect, fields: &Fields, which: Which, among: &[Role]) -> Option<Role> {
    let mut fitting = among.iter().copied().filter(|role| fields.names().all(|name| has(dialect, *role, which, name)));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// A field that is missing or wrong, as an error of the command line.
pub fn fault(fault: &FieldFault) -> Failure {
    let name = Phrase::verbatim(format!("--{}", flag(&fault.field)));
    Failure::usage(texts::FIELD.around([name, fault.reason.clone()]))
}
