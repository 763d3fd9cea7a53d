//! The signature calculator's result.

use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::Server;

/// One step of a calculation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done, in a few words (`string to sign`, `hmac-sha1`, `base64`).
    pub name: String,
    /// What goes in. Secrets are named, not shown, unless they were asked for.
    pub input: String,
    /// What comes out.
    pub output: String,
}

/// A login: the CONNECT triple (or URL, or headers), and how it was made.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Where this login belongs to; `None` where the fields do not tell.
    pub server: Option<Server>,
    /// MQTT client id.
    pub client_id: Option<String>,
    /// MQTT user name.
    pub username: Option<String>,
    /// MQTT password.
    pub password: Option<Secret>,
    /// The text that was signed.
    pub content: Option<String>,
    /// A URL, where the platform logs in by one.
    pub url: Option<Secret>,
    /// HTTP headers, where the platform logs in by them.
    pub headers: Vec<(String, Secret)>,
    /// When the login stops being valid.
    pub expires_at: Option<Time>,
    /// How it was made.
    pub steps: Vec<Step>,
}
