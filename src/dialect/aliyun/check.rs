//! The checker: which of the usual mistakes made this password (Aliyun IoT docs, "MQTT 客户端直连" and "一型一密").

pub mod rules;
#[cfg(test)]
mod tests;
mod texts;

use crate::base::digest::Digest;
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::aliyun::sign::{self, ClientId};
use crate::dialect::check::mistakes::{self, Input, Signature};
use crate::dialect::check::search::{Search, Variant};
use crate::dialect::check::{Checked, Finding, Given};
use crate::dialect::{Signed, Step};
use crate::model::{FieldFault, Fields, Role, Severity};
use texts::*;

/// Parameters behind the first bar of a client id (SDKs of the vendor).
const PARAMETERS: [&str; 18] = [
    "securemode",
    "signmethod",
    "timestamp",
    "_v",
    "lan",
    "_ss",
    "ext",
    "gw",
    "pid",
    "mid",
    "v",
    "sii",
    "authType",
    "random",
    "instanceId",
    "partner_id",
    "module_id",
    "os",
];
/// What the vendor's C SDKs send as timestamp.
const SDK_TIMESTAMP: &str = "2524608000000";

/// Gives a parameter of a client id another value, or adds it.
fn set(id: &mut ClientId, name: &str, value: &str) {
    match id.parameters.iter_mut().find(|(key, _)| key == name) {
        Some((_, known)) => value.clone_into(known),
        None => id.parameters.push((name.to_owned(), value.to_owned())),
    }
}

/// Whether this looks like a login of the platform.
pub fn recognises(given: &Given) -> bool {
    let marked = |text: &str| text.contains("securemode=") || text.contains("signmethod=hmac") && text.contains('|');
    given.client_id.as_deref().is_some_and(marked) || given.loose.iter().any(|text| marked(text.expose()))
}

/// The checker.
pub fn check(role: Option<Role>, given: &Given, _now: Time) -> Result<Checked, FieldFault> {
    let mut given = given.clone();
    given.adopt(
        |text| text.contains('|') && (text.contains("mode") || text.contains("signmethod")),
        |text| text.contains('&') && !text.contains(['=', ' ', '|']),
        |text| matches!(text.trim().len(), 24 | 28 | 32 | 40 | 44 | 64) && !text.contains(['&', ' ', '|']),
    );
    let role = role.unwrap_or(Role::Device);
    let mut findings = Vec::new();
    if let Some(finding) = other_product(&given) {
        return Ok(Checked::new(role, given, vec![finding], None));
    }
    packet(&given, &mut findings);
    let Some(text) = given.client_id.clone() else {
        return Err(FieldFault::new("client_id", crate::model::fields::MISSING));
    };
    let mut id = client_id(&text, &mut findings);
    let bare = id.parameters.is_empty();
    modes(&given, &mut id, &mut findings);
    let Some(username) = given.username.clone() else {
        return Err(FieldFault::new("username", crate::model::fields::MISSING));
    };
    let Some((name, key)) = user(&username, &given.fields, &mut findings) else {
        return Ok(Checked::new(role, given, findings, None));
    };
    host(&given, &key, &mut findings);
    let password = given.password().map(str::to_owned).unwrap_or_default();
    if password.is_empty() {
        findings.push(Finding::error("password_missing", NO_PASSWORD, PASSWORD_FORM_FIX));
    }
    if id.get("authType") == Some("connwl") {
        // The password is a token that the platform gave; there is nothing to recompute.
        return Ok(Checked::new(role, given, findings, None));
    }
    let registers = id.get("authType").is_some_and(|kind| kind.starts_with("reg"));
    let field = if registers { "product_secret" } else { "device_secret" };
    let Some(secret) = given.fields.get(field).map(str::to_owned) else {
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok(Checked::new(role, given, findings, None));
        }
        return Err(FieldFault::new(field, NO_SECRET));
    };
    let mut about_digest = Vec::new();
    let digest = declared(&mut id, &password, &mut about_digest);
    if !bare {
        findings.extend(about_digest);
    }
    let login = Login { id: &id, whole: &text, name: &name, key: &key, registers };
    if !password.is_empty() {
        let mut about = signature(&login, &given.fields, field, &secret, &password, digest);
        // Without its parameters a client id does not tell what was signed.
        about.retain(|finding| !bare || finding.certain);
        findings.extend(about);
    }
    let expected = expected(&login, &given, &secret, digest);
    Ok(Checked::new(role, given, findings, Some(expected)))
}

/// Credentials of the vendor's message queue, which look alike.
fn other_product(given: &Given) -> Option<Finding> {
    let id = given.client_id.as_deref().unwrap_or_default();
    let username = given.username.as_deref().unwrap_or_default();
    let mq = id.starts_with("GID_") && id.contains("@@@")
        || ["Signature|", "Token|", "DeviceCredential|"].iter().any(|start| username.starts_with(start));
    mq.then(|| Finding::error("apsaramq", APSARA, APSARA_FIX))
}

/// What the packet says beside the triple.
fn packet(given: &Given, findings: &mut Vec<Finding>) {
    let Some(packet) = &given.packet else { return };
    if !rules::KEEP_ALIVE.contains(&u64::from(packet.keep_alive)) {
        findings.push(rules::keep_alive(u64::from(packet.keep_alive)));
    }
}

/// Takes a client id apart and notes what is wrong with its form.
fn client_id(text: &str, findings: &mut Vec<Finding>) -> ClientId {
    let mut note = |finding| findings.push(finding);
    let plain = text.replace('｜', "|").replace('，', ",");
    if plain != text {
        note(Finding::error("full_width", FULL_WIDTH, FULL_WIDTH_FIX));
    }
    let decoded = percent_encoding::percent_decode_str(&plain).decode_utf8_lossy().into_owned();
    let plain = if !plain.contains('|') && decoded.contains('|') {
        note(Finding::error("client_id_encoded", ENCODED.with(&[&"client id"]), ENCODED_FIX));
        decoded
    } else {
        plain
    };
    let Some((cid, rest)) = plain.split_once('|') else {
        note(Finding::error("client_id_parameters", NO_PARAMETERS.with(&[&text]), CLIENT_ID_FIX));
        return ClientId { id: plain.trim().to_owned(), parameters: Vec::new() };
    };
    let body = match rest.trim_end().strip_suffix('|') {
        Some(body) => body,
        None => {
            note(Finding::error("client_id_bar", NO_BAR, CLIENT_ID_FIX));
            rest
        }
    };
    if text.contains(char::is_whitespace) {
        note(Finding::warning("client_id_spaces", SPACES, SPACES_FIX));
    }
    let separator = [',', '&', ';', '|'].into_iter().find(|separator| body.contains(*separator)).unwrap_or(',');
    if separator != ',' {
        note(Finding::error("client_id_separator", SEPARATOR.with(&[&separator]), CLIENT_ID_FIX));
    }
    let mut parameters = Vec::new();
    for part in body.split(separator).map(str::trim).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=').or_else(|| part.split_once(':')) else {
            note(Finding::error("parameter_form", PARAMETER_FORM.with(&[&part]), CLIENT_ID_FIX));
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        let near = |known: &&&str| {
            let (key, known) = (key.to_lowercase(), known.to_lowercase());
            key == known || known.len() > 5 && strsim::levenshtein(&key, &known) <= 2
        };
        let known = PARAMETERS.iter().find(|known| **known == key).or_else(|| PARAMETERS.iter().find(near));
        if let Some(known) = known.filter(|known| **known != key) {
            note(Finding::error("parameter_misspelt", MISSPELT.with(&[&key, known]), MISSPELT_FIX.with(&[known])));
        }
        parameters.push((known.map_or(key, |known| known).to_owned(), value.to_owned()));
    }
    let cid = cid.trim().to_owned();
    if cid.is_empty() {
        note(Finding::error("client_id_empty", NO_CID, CLIENT_ID_FIX));
    } else if cid.chars().count() > 64 {
        note(Finding::error("client_id_length", LONG_CID.with(&[&cid.chars().count()]), LONG_CID_FIX));
    }
    ClientId { id: cid, parameters }
}

/// Secure mode: there, known, and that of the transport.
fn modes(given: &Given, id: &mut ClientId, findings: &mut Vec<Finding>) {
    let tls = given.server.as_ref().map(|server| server.transport.is_tls());
    let wanted = if tls == Some(true) { "2" } else { "3" };
    let fix = |mode: &str| MODE_FIX.with(&[&mode]);
    match id.get("securemode") {
        _ if id.parameters.is_empty() => {}
        None => findings.push(Finding::error("secure_mode", NO_MODE, fix(wanted))),
        Some("2") if tls == Some(false) => findings.push(Finding::error("secure_mode", MODE_TLS, fix("3"))),
        Some("3") if tls == Some(true) => findings.push(Finding::error("secure_mode", MODE_TCP, fix("2"))),
        Some("2" | "3" | "8" | "-1" | "-2") => return,
        Some(mode) => findings.push(Finding::error("secure_mode", BAD_MODE.with(&[&mode]), fix(wanted))),
    }
    set(id, "securemode", wanted);
}

/// The digest that the client id declares; where it does not, the one that the length of the password speaks of.
fn declared(id: &mut ClientId, password: &str, findings: &mut Vec<Finding>) -> Digest {
    let by_length = match password.trim().len() {
        32 => Digest::Md5,
        64 => Digest::Sha256,
        _ => Digest::Sha1,
    };
    let spelled = |digest: Digest| format!("hmac{}", digest.name());
    let Some(method) = id.get("signmethod").map(str::to_owned) else {
        let finding = Finding::error("sign_method", NO_METHOD, METHOD_FIX.with(&[&spelled(by_length)]));
        // The oldest documents take hmacmd5 where nothing is said.
        let severity = if by_length == Digest::Md5 { Severity::Warning } else { Severity::Error };
        findings.push(Finding { severity, ..finding });
        set(id, "signmethod", &spelled(by_length));
        return by_length;
    };
    let digest = Digest::parse(&method).unwrap_or(by_length);
    if !method.eq_ignore_ascii_case(&spelled(digest)) {
        let fix = METHOD_FIX.with(&[&spelled(digest)]);
        findings.push(Finding::error("sign_method", BAD_METHOD.with(&[&method]), fix));
        set(id, "signmethod", &spelled(digest));
    }
    digest
}

/// Device name and product key out of the user name.
fn user(username: &str, fields: &Fields, findings: &mut Vec<Finding>) -> Option<(String, String)> {
    let mut text = username.trim_matches(['"', '\'']).to_owned();
    if text.trim() != username {
        findings.push(Finding::error("username_spaces", USER_SPACES, SPACES_FIX));
        text = text.trim().to_owned();
    }
    if !text.contains('&') && text.contains("%26") {
        findings.push(Finding::error("username_encoded", ENCODED.with(&[&"user name"]), ENCODED_FIX));
        text = text.replace("%26", "&");
    }
    let parts = text.split_once('&').or_else(|| {
        let split = ['|', '@', ';', '/', ',', ':', '$', '＆', '.'].into_iter().find_map(|sign| text.split_once(sign));
        let fix = USER_FIX.with(&[&"deviceName", &"productKey"]);
        let fix = split.map_or(fix, |(left, right)| USER_FIX.with(&[&left, &right]));
        findings.push(Finding::error("username_form", USER_FORM.with(&[&username]), fix));
        split
    });
    let (left, right) = parts?;
    if right.contains('&') {
        findings.push(Finding::error("username_form", USER_FORM.with(&[&username]), USER_FIX.with(&[&left, &right])));
    }
    let known = (fields.get("device_name"), fields.get("product_key"));
    let swapped = left != right && (known.0 == Some(right) || known.1 == Some(left));
    if swapped {
        findings.push(Finding::error(
            "username_swapped",
            USER_SWAPPED.with(&[&username]),
            USER_FIX.with(&[&right, &left]),
        ));
        return Some((right.to_owned(), left.to_owned()));
    }
    for (name, found) in [("device_name", left), ("product_key", right)] {
        if let Some(wanted) = fields.get(name).filter(|wanted| *wanted != found) {
            let fix = USER_FIX.with(&[&known.0.unwrap_or(left), &known.1.unwrap_or(right)]);
            findings.push(Finding::error("username_other", USER_OTHER.with(&[&username, &name, &wanted]), fix));
        }
    }
    Some((known.0.unwrap_or(left).to_owned(), known.1.unwrap_or(right).to_owned()))
}

/// The host names the product.
fn host(given: &Given, key: &str, findings: &mut Vec<Finding>) {
    let Some(server) = &given.server else { return };
    findings.extend(rules::product_of_host(&server.host, key));
}

/// What is signed, and by whom.
struct Login<'a> {
    id: &'a ClientId,
    whole: &'a str,
    name: &'a str,
    key: &'a str,
    registers: bool,
}

impl Login<'_> {
    /// The parts that are signed, sorted by name.
    fn parts(&self) -> Vec<(&str, &str)> {
        if self.registers {
            let random = self.id.get("random").unwrap_or_default();
            return vec![("deviceName", self.name), ("productKey", self.key), ("random", random)];
        }
        let mut parts = vec![("clientId", self.id.id.as_str()), ("deviceName", self.name), ("productKey", self.key)];
        parts.extend(self.id.get("timestamp").map(|at| ("timestamp", at)));
        parts
    }

    fn content(&self) -> String {
        if self.registers {
            return sign::register_content(self.name, self.key, self.id.get("random").unwrap_or_default());
        }
        sign::content(&self.id.id, self.name, self.key, self.id.get("timestamp"))
    }

    /// The parts with one of them changed.
    fn with<'a>(&'a self, name: &str, value: &'a str) -> Vec<(&'a str, &'a str)> {
        self.parts().into_iter().map(|part| if part.0 == name { (part.0, value) } else { part }).collect()
    }
}

fn join(parts: &[(&str, &str)]) -> String {
    parts.iter().map(|(name, value)| format!("{name}{value}")).collect()
}

/// What is wrong with the password.
fn signature(
    login: &Login<'_>,
    fields: &Fields,
    field: &str,
    secret: &str,
    password: &str,
    digest: Digest,
) -> Vec<Finding> {
    let mut keys = mistakes::text_keys(field, secret);
    keys.extend(mistakes::other_keys(field, fields, false));
    let method = format!("signmethod={}", login.id.get("signmethod").unwrap_or_default());
    let trimmed = password.trim().trim_matches(['"', '\'']);
    let search = Search {
        keys,
        texts: texts(login),
        macs: mistakes::macs(digest, &method),
        given: mistakes::hex_output(trimmed),
    };
    let expected = sign::signature(digest, secret, &login.content());
    let changed = |name: &'static str| {
        let search = &search;
        move |value: &str| search.fits_text(join(&login.with(name, value)).as_bytes())
    };
    let value =
        |name: &str| login.parts().into_iter().find(|part| part.0 == name).map(|part| part.1).unwrap_or_default();
    let mut inputs: Vec<Input<'_>> = ["timestamp", "clientId", "deviceName", "productKey", "random"]
        .into_iter()
        .filter(|name| login.parts().iter().any(|part| part.0 == *name))
        .map(|name| Input { name, value: value(name), secret: false, fits: Box::new(changed(name)) })
        .collect();
    inputs.push(Input {
        name: field,
        value: secret,
        secret: true,
        fits: Box::new(|value| search.fits_key(value.as_bytes())),
    });
    if let Some(finding) = mistakes::unsigned(trimmed, fields, &login.content()) {
        return vec![finding];
    }
    if password != trimmed && trimmed.eq_ignore_ascii_case(&expected) {
        return vec![Finding::error("stray_space", STRAY, SPACES_FIX)];
    }
    let signature = Signature { given: trimmed, expected: &expected, any_case: true, inputs, tried: TRIED.into() };
    mistakes::diagnose(&search, &signature)
}

/// The text that has to be signed, and the ones that are signed by mistake.
fn texts(login: &Login<'_>) -> Vec<Variant<Vec<u8>>> {
    let parts = login.parts();
    let right = login.content();
    let shown: String = parts.iter().map(|(name, _)| format!("{name}{{{name}}}")).collect();
    let mut all = vec![Variant::right(right.clone().into_bytes())];
    let mut put = |text: String, finding: Finding| {
        // A mistake that changes nothing is none: a device whose client id is its name, for example.
        if text != right {
            all.push(Variant::wrong(text.into_bytes(), finding));
        }
    };
    let ClientId { id: cid, parameters } = login.id;
    if !login.registers {
        put(
            join(&login.with("clientId", login.whole)),
            Finding::error("client_id_whole", WHOLE, WHOLE_FIX.with(&[cid])),
        );
        let ends = [format!("{cid}|"), login.id.emit(), login.whole.trim_end_matches('|').to_owned()];
        for whole in &ends {
            put(join(&login.with("clientId", whole)), Finding::error("client_id_whole", WHOLE, WHOLE_FIX.with(&[cid])));
        }
    }
    for skip in &parts {
        let rest: Vec<(&str, &str)> = parts.iter().filter(|part| *part != skip).copied().collect();
        put(
            join(&rest),
            if skip.0 == "timestamp" {
                Finding::error("timestamp_left_out", NO_TIME, NO_TIME_FIX)
            } else {
                mistakes::left_out(skip.0)
            },
        );
    }
    if !login.registers && login.id.get("timestamp").is_none() {
        for at in [SDK_TIMESTAMP, ""] {
            let more: Vec<(&str, &str)> = parts.iter().copied().chain([("timestamp", at)]).collect();
            put(join(&more), Finding::error("timestamp_added", TIME_ADDED.with(&[&at]), TIME_ADDED_FIX.with(&[&at])));
        }
    }
    let swapped: Vec<(&str, &str)> = parts
        .iter()
        .map(|part| match part.0 {
            "deviceName" => (part.0, login.key),
            "productKey" => (part.0, login.name),
            _ => *part,
        })
        .collect();
    put(
        join(&swapped),
        Finding::error(
            "name_and_key_swapped",
            SWAPPED,
            SWAPPED_FIX.with(&[&login.name, &login.key, &login.name, &login.key]),
        ),
    );
    for order in mistakes::orders(&parts).into_iter().filter(|order| *order != parts) {
        let names: Vec<&str> = order.iter().map(|part| part.0).collect();
        put(join(&order), mistakes::order(&names.join(", "), &shown));
    }
    let pairs = |equals: &str, between: &str| {
        parts.iter().map(|(name, value)| format!("{name}{equals}{value}")).collect::<Vec<_>>().join(between)
    };
    for (equals, between) in [
        ("=", "&"),
        ("=", ","),
        ("=", ""),
        ("", "&"),
        ("", ","),
        ("", "\n"),
        ("", ";"),
        ("=", "\n"),
        ("=", ";"),
        (":", ","),
        (":", ""),
    ] {
        let words = format!("name{equals}value{}…", between.replace('\n', "\\n"));
        put(pairs(equals, between), mistakes::joint(&words, &shown));
    }
    let values: Vec<&str> = parts.iter().map(|part| part.1).collect();
    for between in ["", "&", ",", "\n"] {
        put(values.join(between), Finding::error("names_left_out", VALUES_ONLY, VALUES_ONLY_FIX.with(&[&shown])));
    }
    let renamed = |change: fn(&str) -> String| {
        parts.iter().map(|(name, value)| format!("{}{value}", change(name))).collect::<String>()
    };
    let changes: [fn(&str) -> String; 4] = [str::to_lowercase, capitalised, str::to_uppercase, snake];
    for change in changes {
        put(renamed(change), Finding::error("name_case", NAME_CASE, NAME_CASE_FIX.with(&[&shown])));
    }
    // Everything behind the bar, too.
    let mut every: Vec<(&str, &str)> = parts.clone();
    every.extend(
        parameters
            .iter()
            .filter(|(key, _)| parts.iter().all(|part| part.0 != key))
            .map(|(key, value)| (key.as_str(), value.as_str())),
    );
    every.sort_unstable();
    put(join(&every), mistakes::added("securemode, signmethod"));
    for extra in ["signmethod", "securemode"] {
        if let Some(value) = login.id.get(extra) {
            let mut more: Vec<(&str, &str)> = parts.iter().copied().chain([(extra, value)]).collect();
            more.sort_unstable();
            put(join(&more), mistakes::added(extra));
        }
    }
    let (name, key) = (login.name, login.key);
    if !login.registers {
        let others = [
            format!("{key}.{name}"),
            format!("{key}&{name}"),
            format!("{name}&{key}"),
            format!("{name}.{key}"),
            name.to_owned(),
            key.to_owned(),
        ];
        for other in &others {
            let finding =
                Finding::error("client_id_signed_other", OTHER_ID.with(&[other, cid]), OTHER_ID_FIX.with(&[cid]));
            put(join(&login.with("clientId", other)), finding);
        }
    }
    for text in
        [login.whole.to_owned(), cid.clone(), format!("{name}&{key}"), format!("{name}{key}"), format!("{key}{name}")]
    {
        put(text, Finding::error("other_text_signed", OTHER_TEXT, OTHER_TEXT_FIX.with(&[&shown])));
    }
    for end in ["\n", "\r\n", "\0"] {
        put(format!("{right}{end}"), mistakes::added("\\n"));
    }
    all
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn snake(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] }).collect()
}

/// The login as it should be, in the case of letters in which the password was given.
fn expected(login: &Login<'_>, given: &Given, secret: &str, digest: Digest) -> Signed {
    let content = login.content();
    let mut password = sign::signature(digest, secret, &content);
    if given.password().is_some_and(|given| given.chars().any(|c| c.is_ascii_lowercase())) {
        password = password.to_lowercase();
    }
    let step = |name: &str, input: String, output: String| Step { name: name.to_owned(), input, output };
    let names: Vec<&str> = login.parts().iter().map(|part| part.0).collect();
    Signed {
        server: given.server.clone(),
        client_id: Some(login.id.emit()),
        username: Some(format!("{}&{}", login.name, login.key)),
        steps: vec![
            step("string to sign", names.join(" + "), content.clone()),
            step(&format!("hmac-{}, hex", digest.name()), "secret, string to sign".to_owned(), password.clone()),
        ],
        password: Some(Secret::new(password)),
        content: Some(content),
        url: None,
        body: None,
        headers: Vec::new(),
        expires_at: None,
    }
}
