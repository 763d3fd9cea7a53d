//! Which side of a platform one speaks for.

use std::fmt;

/// The side of a conversation. Profiles are made for [`Role::App`] and [`Role::Device`]; [`Role::Cloud`] is the
/// simulated cloud, which uses the same codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A phone or server application.
    App,
    /// A device, or a gateway with its sub-devices.
    Device,
    /// The platform.
    Cloud,
}

impl Role {
    /// The name used in profiles, on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Role::App => "app",
            Role::Device => "device",
            Role::Cloud => "cloud",
        }
    }

    /// Reads the role of a profile: `app` or `device`.
    pub fn parse(name: &str) -> Option<Role> {
        match name {
            "app" => Some(Role::App),
            "device" => Some(Role::Device),
            _ => None,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
