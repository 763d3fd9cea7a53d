//! The signature calculator's result.

use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::{ConnectionSettings, Dialect, HttpCall, Server};
use crate::model::{FieldFault, Fields, Role};

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
    /// The body, where the login is a call over HTTP.
    pub body: Option<Secret>,
    /// When the login stops being valid.
    pub expires_at: Option<Time>,
    /// How it was made.
    pub steps: Vec<Step>,
}

impl Signed {
    /// A call over HTTP that has to come before the connection.
    fn of_call(call: HttpCall) -> Signed {
        let body = String::from_utf8(call.body).ok().filter(|body| !body.is_empty());
        let names: Vec<&str> = call.headers.iter().map(|(name, _)| *name).collect();
        let step =
            |name: &str, input: &str, output: String| Step { name: name.to_owned(), input: input.to_owned(), output };
        Signed {
            server: None,
            client_id: None,
            username: None,
            password: None,
            content: None,
            steps: vec![
                step("login over HTTP", call.name, format!("{} {}", call.method.name(), call.url)),
                step("header fields", "the profile's fields", names.join(", ")),
                step("then", "what the answer brings", "the login of the connection".to_owned()),
            ],
            url: Some(Secret::new(call.url)),
            headers: call.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: body.map(Secret::new),
            expires_at: None,
        }
    }
}

/// The calculator: the login of the connection, or, where what it is made of is not known yet, the call over HTTP that
/// brings it.
pub fn calculate(
    dialect: &dyn Dialect,
    role: Role,
    fields: &Fields,
    now: Time,
    nonce: u64,
) -> Result<Signed, FieldFault> {
    dialect.sign(role, fields, now, nonce).or_else(|fault| {
        let settings = ConnectionSettings { identity: fields.clone(), ..ConnectionSettings::default() };
        match dialect.login(role, &settings, now, nonce) {
            Ok(Some(call)) => Ok(Signed::of_call(call)),
            _ => Err(fault),
        }
    })
}
