//! HTTP beside a real-time channel: the calls that a client makes, and what the simulated cloud answers.
//!
//! Some platforms want a call before the connection (login, registration, the address of the broker), some carry
//! operations over HTTP while the answers of devices come over the connection. The dialect says what to call and reads
//! what comes back; the sockets are elsewhere.

use serde_json::Value;

use crate::base::lang::Phrase;
use crate::base::secret::Secret;
use crate::model::Role;

/// The method of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends and asks.
    Post,
    /// Replaces.
    Put,
    /// Removes; may carry a body.
    Delete,
}

impl Method {
    /// As it stands in a request line.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// One call of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// The dialect's own name for it (`login`, `bindings`), by which it knows the answer again.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// `http` or `https`, host, port, path and query. Never holds a secret: those belong into headers or the body.
    pub url: String,
    /// Header fields. `Content-Type` is `application/json` where none is given and there is a body.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body; empty for none. May hold secrets where `secret_body` says so.
    pub body: Vec<u8>,
    /// Whether the body is kept out of streams, logs and recordings, and of its answer what is named like a secret.
    pub secret_body: bool,
}

impl HttpCall {
    /// Method and path without query, as in `POST /app/bindings`: what stands in the place of a topic.
    pub fn topic(&self) -> String {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/");
        let path = path.split(['?', '#']).next().unwrap_or_default();
        format!("{} {path}", self.method.name())
    }
}

/// Whether a topic is that of a call ([`HttpCall::topic`]).
pub fn is_call_topic(topic: &str) -> bool {
    let methods = [Method::Get, Method::Post, Method::Put, Method::Delete];
    topic
        .split_once(' ')
        .is_some_and(|(name, path)| path.starts_with('/') && methods.into_iter().any(|method| method.name() == name))
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpAnswer {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: &Value) -> HttpAnswer {
        HttpAnswer {
            status,
            headers: vec![("content-type".to_owned(), "application/json; charset=utf-8".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    /// Whether the status is 200–299.
    pub const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

/// Why a login over HTTP did not lead to a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct LoginFault {
    /// The platform's code, empty where it gave none.
    pub code: String,
    /// What was seen, and the platform's words.
    pub reason: Phrase,
    /// Whether the platform refused (asking again would be refused again), or could not answer for now.
    pub refused: bool,
}

/// The body of an answer to a call with secrets, as people may see it: the same bytes where nothing in it is named like
/// a token or a password, otherwise JSON without these. `None` where it is no JSON, so that nobody can tell.
pub fn without_secrets(body: &[u8]) -> Option<Vec<u8>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Some(body.to_vec());
    }
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let hidden = hide(&mut value);
    Some(if hidden { value.to_string().into_bytes() } else { body.to_vec() })
}

/// Hides what is named like a secret; whether there was any.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |found, (name, member)| {
            let name = name.to_ascii_lowercase();
            let named = ["token", "secret", "pass", "pwd"].into_iter().any(|word| name.contains(word));
            if named && (member.is_string() || member.is_number()) {
                *member = Value::from(HIDDEN);
                return true;
            }
            hide(member) || found
        }),
        Value::Array(items) => items.iter_mut().map(hide).filter(|hidden| *hidden).count() > 0,
        _ => false,
    }
}

/// Stands for a hidden value.
const HIDDEN: &str = "(hidden)";

/// A call as the simulated cloud received it, or the request of a WebSocket upgrade.
#[derive(Debug, Clone)]
pub struct HttpRequest<'a> {
    /// Which listener ([`crate::dialect::EndpointSpec::name`]).
    pub endpoint: &'a str,
    /// `GET`, `POST` …
    pub method: &'a str,
    /// Path without query, percent-encoded as sent.
    pub path: &'a str,
    /// Query parameters, decoded, in order.
    pub query: &'a [(String, String)],
    /// Header fields, names in lower case.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
}

impl HttpRequest<'_> {
    /// The value of a header field; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Names a call to the simulated cloud until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// Whether a WebSocket upgrade is granted.
#[derive(Debug, Clone, PartialEq)]
pub enum Upgrade {
    /// Granted; [`crate::dialect::Cloud::online`] follows.
    Accept {
        /// App or device.
        role: Role,
        /// Who it is.
        identity: String,
        /// Whether an older connection of the same identity is closed.
        exclusive: bool,
        /// Whether pings of the client are answered with a pong, as RFC 6455 has it; not every platform does.
        pong: bool,
    },
    /// Answered like any other call, without an upgrade.
    Refuse {
        /// The answer.
        answer: HttpAnswer,
        /// The code in the platform's own log; empty where it has none.
        code: String,
        /// Why, for the operator's log.
        reason: Phrase,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_passwords_are_hidden_wherever_they_stand_and_the_rest_is_left_as_it_is() {
        let shown = |body: &str| without_secrets(body.as_bytes()).map(|body| String::from_utf8(body).unwrap());
        let plain = r#"{ "success": ["did"],  "failed": [] }"#;
        assert_eq!(shown(plain).as_deref(), Some(plain), "to the byte");
        assert_eq!(
            shown(r#"{"uid":"u","token":"t","data":[{"accessToken":"t","expires":7,"passcode":1,"tokens":[]}]}"#)
                .as_deref(),
            Some(
                r#"{"uid":"u","token":"(hidden)","data":[{"accessToken":"(hidden)","expires":7,"passcode":"(hidden)","tokens":[]}]}"#
            )
        );
        assert_eq!(shown("did=abc&token=1"), None);
        assert_eq!(shown("").as_deref(), Some(""));
    }

    #[test]
    fn the_topic_of_a_call_is_its_method_and_path() {
        let call = |url: &str| HttpCall {
            name: "x",
            method: Method::Delete,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            secret_body: false,
        };
        assert_eq!(call("http://h:80/app/bindings?limit=1").topic(), "DELETE /app/bindings");
        assert_eq!(call("https://h").topic(), "DELETE /");
        assert!(is_call_topic("DELETE /app/bindings") && !is_call_topic("app2dev/x") && !is_call_topic("GET it"));
    }
}
