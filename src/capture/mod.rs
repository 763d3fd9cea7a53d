//! L3: recorded messages as lines of text. No files: lines and bytes go in, messages and bytes come out.
//!
//! A capture is JSON lines. A line with a topic is a message as `tail --json` prints it, but with its exact bytes and its
//! time to the microsecond; a line with a connection and no topic says whose messages these are ([`Origin`]), so that
//! they can be read again on another day, without a profile. What comes from elsewhere is read too: JSON lines with
//! other names for the same things, and what `mosquitto_sub -v` prints.
//!
//! - `write` makes lines, `mask` takes secrets out of payloads.
//! - `record` reads a line, whoever wrote it; `load` makes messages of records, classified as if they had come just now.
//! - `pairing` ties the replies of a capture to its requests; `rewrite` gives a message that is sent again a new id and
//!   times of today; `export` writes tables and commands.

mod export;
mod load;
mod mask;
mod pairing;
mod record;
mod rewrite;
mod stamp;
#[cfg(test)]
mod tests;
mod texts;
mod write;

pub use export::{Exporter, Format};
pub use load::{Assumed, Loader};
pub use mask::mask;
pub use pairing::{Pair, Pairing};
pub use rewrite::{Rewrite, Rewriter};
pub use write::{Told, Writer};

use crate::dialect::{ConnectionSettings, Dialect};
use crate::model::{Fields, Origin, Role};

/// What a capture says about a connection: everything that is no secret.
pub fn origin_of(name: &str, dialect: &dyn Dialect, role: Role, settings: &ConnectionSettings) -> Origin {
    let spec = dialect.spec().role(role);
    let open = |fields: &Fields, specs: &[crate::dialect::FieldSpec]| {
        let mut kept = Fields::new();
        for field in specs.iter().filter(|field| !field.secret) {
            if let Some(value) = fields.get(field.name) {
                kept.set(field.name, value);
            }
        }
        kept
    };
    Origin {
        name: name.to_owned(),
        dialect: dialect.spec().name.to_owned(),
        role,
        identity: spec.map(|spec| open(&settings.identity, spec.identity)).unwrap_or_default(),
        devices: settings
            .devices
            .iter()
            .map(|device| spec.map(|spec| open(device, spec.device)).unwrap_or_default())
            .collect(),
    }
}
