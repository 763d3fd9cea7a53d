//! Secrets in payloads: some platforms send them (a registration answers with the device's secret, a login carries a
//! token). A recording goes to colleagues, so they are taken out of it unless asked for.

use std::sync::OnceLock;

use regex::bytes::Regex;

/// What stands in the place of a secret.
const MASK: &[u8] = b"***";

/// Members of JSON whose value is a secret, whatever the platform: names are compared without regard to case, `_` and
/// `-`.
const NAMES: &str = "(?:device|product|app|client)?[_-]?secret|passw(?:or)?d|passcode|(?:iot|access|refresh|auth|user|id)?[_-]?token|(?:access|auth|api|private)[_-]?key";

fn pattern() -> Option<&'static Regex> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    PATTERN.get_or_init(|| Regex::new(&format!(r#"(?i-u)"(?:{NAMES})"\s*:\s*"((?:[^"\\]|\\.)+)"?"#)).ok()).as_ref()
}

/// The payload without its secrets; `None` where it holds none.
pub fn mask(payload: &[u8]) -> Option<Vec<u8>> {
    // Cheaper than the search, and enough for nearly every message.
    if !payload.contains(&b'"') {
        return None;
    }
    let mut out = Vec::new();
    let mut done = 0;
    for found in pattern()?.captures_iter(payload) {
        let Some(secret) = found.get(1) else { continue };
        out.extend_from_slice(payload.get(done..secret.start())?);
        out.extend_from_slice(MASK);
        done = secret.end();
    }
    if done == 0 {
        return None;
    }
    out.extend_from_slice(payload.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_taken_out_and_everything_else_stays() {
        let masked = |text: &str| mask(text.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(
            masked(r#"{"id":"1","data":{"deviceSecret":"abc","iotToken" : "x\"y","n":1}}"#).as_deref(),
            Some(r#"{"id":"1","data":{"deviceSecret":"***","iotToken" : "***","n":1}}"#)
        );
        assert_eq!(masked(r#"{"PASSWORD":"cut"#).as_deref(), Some(r#"{"PASSWORD":"***"#));
        assert_eq!(masked(r#"{"tokens":"3","key":"v","secretary":"Ann","token":5}"#), None);
        assert_eq!(masked("plain"), None);
    }
}
