//! How a simulated cloud behaves where the documents leave that open, as `--option name=value` says it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use crate::base::lang::Text;
use crate::base::units;
use crate::dialect::cloud::RosterFault;

const UNKNOWN: Text = Text::new("no such option: {}; there are: {}", "没有选项 {}，可用：{}");
const BAD: Text = Text::new("{} is {}, found “{}”", "{} 应为 {}，实际是“{}”");

/// Behaviour that the platform's documents leave open, and limits that can be switched.
#[derive(Debug, Clone, Default)]
pub struct CloudOptions {
    /// Settings by name, as in `--option name=value`; unknown names are refused by the dialect.
    pub settings: BTreeMap<String, String>,
    /// Seed for ids that the platform chooses.
    pub seed: u64,
}

impl CloudOptions {
    /// The settings whose names begin with the name of a dialect and a dot; others belong to other platforms.
    pub fn of<'o>(&'o self, dialect: &'static str) -> impl Iterator<Item = Setting<'o>> {
        self.settings.iter().filter_map(move |(whole, text)| {
            let name = whole.strip_prefix(dialect)?.strip_prefix('.')?;
            Some(Setting { dialect, name, text })
        })
    }
}

/// One setting of a dialect.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'o> {
    dialect: &'static str,
    /// Its name without that of the dialect.
    pub name: &'o str,
    /// What it is set to.
    pub text: &'o str,
}

impl Setting<'_> {
    /// The fault of a value that is none of those known.
    pub fn bad(self, known: &str) -> RosterFault {
        RosterFault { line: 0, reason: BAD.with(&[&self.whole(self.name), &known, &self.text]) }
    }

    /// The fault of a name that the platform does not have.
    pub fn unknown(self, names: &[&str]) -> RosterFault {
        let names: Vec<String> = names.iter().map(|name| self.whole(name)).collect();
        RosterFault { line: 0, reason: UNKNOWN.with(&[&self.whole(self.name), &names.join(", ")]) }
    }

    fn whole(self, name: &str) -> String {
        format!("{}.{name}", self.dialect)
    }

    /// On or off.
    pub fn switch(self) -> Result<bool, RosterFault> {
        match self.text {
            "true" | "yes" | "on" => Ok(true),
            "false" | "no" | "off" => Ok(false),
            _ => Err(self.bad("on, off")),
        }
    }

    /// A whole number.
    pub fn number<T: FromStr>(self) -> Result<T, RosterFault> {
        self.text.parse().map_err(|_| self.bad("0, 1, 2 …"))
    }

    /// A CONNACK return code of a refusal.
    pub fn connack(self) -> Result<u8, RosterFault> {
        self.text.parse().ok().filter(|code| (1..=5).contains(code)).ok_or_else(|| self.bad("1 – 5"))
    }

    /// A duration.
    pub fn duration(self) -> Result<Duration, RosterFault> {
        units::parse_duration(self.text).map_err(|_| self.bad("8s, 500ms …"))
    }
}
