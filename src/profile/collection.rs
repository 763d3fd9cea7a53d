//! Collections: requests that are kept under a name, in TOML files that can lie in a git repository beside the code.
//!
//! ```toml
//! [[request]]
//! name = "lamp on"
//! note = "what the wall switch does"
//! op = "set"                             # an operation of the profile's dialect and role …
//! device = "p1/lamp"
//! params = { Power = true, level = "{{random 10 30}}" }
//!
//! [[request]]
//! name = "raw hello"
//! topic = "bench/hello"                  # … or a hand-made message
//! json = { at = "{{now_ms}}" }           # or text = "…", hex = "…", file = "…"
//! qos = 1
//! ```
//!
//! A collection belongs to no profile: the same request is sent by whoever can. Files are looked for in `requests` beside
//! the profiles and, where a profile came from a file, in `requests` beside that file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use toml_edit::{DocumentMut, Item, Table};

use super::{Dirs, ProfileError, edit, texts};
use crate::base::hex;
use crate::base::lang::{Phrase, Text};
use crate::base::placeholder::{PlaceholderFault, Source as Places};
use crate::base::toml::{Source, key_span, line_and_column, suggestion};
use crate::model::{OpKind, Request};

/// A request under a name. Its texts may hold places to be filled (`crate::base::placeholder`).
#[derive(Debug, Clone, PartialEq)]
pub struct SavedRequest {
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub note: String,
    /// What is sent.
    pub content: Content,
    /// The file it came from.
    pub path: Option<PathBuf>,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// What a saved request sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An operation of the platform.
    Operation(Request),
    /// A hand-made message.
    Message {
        /// MQTT topic.
        topic: String,
        /// Its payload.
        body: Body,
        /// MQTT quality of service, 0–2.
        qos: u8,
        /// MQTT retain flag.
        retain: bool,
    },
}

/// The payload of a hand-made message, as it is written in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Characters.
    Text(String),
    /// A JSON value.
    Json(Value),
    /// Bytes in hexadecimal.
    Hex(String),
    /// A file with the bytes; relative paths count from the collection.
    File(PathBuf),
}

/// What is sent, with every place filled.
#[derive(Debug, Clone, PartialEq)]
pub enum Ready {
    /// An operation.
    Operation(Request),
    /// A message.
    Message {
        /// MQTT topic.
        topic: String,
        /// The exact bytes.
        payload: Vec<u8>,
        /// MQTT quality of service.
        qos: u8,
        /// MQTT retain flag.
        retain: bool,
    },
}

impl Content {
    /// What is sent this time.
    pub fn fill(&self, places: &mut Places) -> Result<Ready, Phrase> {
        let placed = |fault: PlaceholderFault| fault.reason;
        Ok(match self {
            Content::Operation(request) => {
                let mut filled = request.clone();
                filled.params = places.fill_members(&request.params).map_err(placed)?;
                Ready::Operation(filled)
            }
            Content::Message { topic, body, qos, retain } => {
                let topic = places.fill(topic).map_err(placed)?;
                let body = match body {
                    Body::Text(text) => Body::Text(places.fill(text).map_err(placed)?),
                    Body::Json(value) => Body::Json(places.fill_value(value).map_err(placed)?),
                    Body::Hex(text) => Body::Hex(places.fill(text).map_err(placed)?),
                    Body::File(path) => Body::File(path.clone()),
                };
                Ready::Message { topic, payload: body.bytes()?, qos: *qos, retain: *retain }
            }
        })
    }

    /// What is sent where nothing is a place.
    fn plain(&self) -> Result<Ready, Phrase> {
        Ok(match self {
            Content::Operation(request) => Ready::Operation(request.clone()),
            Content::Message { topic, body, qos, retain } => {
                Ready::Message { topic: topic.clone(), payload: body.bytes()?, qos: *qos, retain: *retain }
            }
        })
    }
}

impl SavedRequest {
    /// What is sent this time.
    pub fn fill(&self, places: &mut Places) -> Result<Ready, ProfileError> {
        self.content.fill(places).map_err(|reason| self.fault(reason))
    }

    /// What is sent where nothing is a place.
    pub fn plain(&self) -> Result<Ready, ProfileError> {
        self.content.plain().map_err(|reason| self.fault(reason))
    }

    fn fault(&self, reason: Phrase) -> ProfileError {
        let reason = if self.name.is_empty() {
            reason
        } else {
            IN_REQUEST.around([Phrase::verbatim(self.name.as_str()), reason])
        };
        ProfileError { path: self.path.clone(), line: self.line, column: usize::from(self.line > 0), reason }
    }
}

impl Body {
    /// The exact bytes.
    fn bytes(&self) -> Result<Vec<u8>, Phrase> {
        match self {
            Body::Text(text) => Ok(text.clone().into_bytes()),
            Body::Json(value) => Ok(value.to_string().into_bytes()),
            Body::Hex(text) => hex::parse(text).map_err(|fault| fault.reason),
            Body::File(path) => {
                std::fs::read(path).map_err(|error| texts::NO_FILE.with(&[&"file", &path.display(), &error]))
            }
        }
    }
}

const KEYS: &[&str] = &[
    "name",
    "note",
    "op",
    "device",
    "service",
    "event",
    "params",
    "identifiers",
    "topic",
    "text",
    "json",
    "hex",
    "file",
    "qos",
    "retain",
];

/// Every saved request: those of the user's own folder and those beside a profile. Files that cannot be read are told,
/// the others are there nevertheless.
pub fn all(dirs: &Dirs, beside: Option<&Path>) -> (Vec<SavedRequest>, Vec<ProfileError>) {
    let mut folders: Vec<PathBuf> = dirs.config().map(|config| config.join(FOLDER)).into_iter().collect();
    folders.extend(beside.and_then(Path::parent).map(|folder| folder.join(FOLDER)));
    let (mut found, mut faults, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for folder in folders {
        let mut files = match super::find::toml_files(&folder) {
            Ok(files) => files,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        files.sort();
        for path in files {
            if !seen.insert(path.clone()) {
                continue;
            }
            let read = std::fs::read_to_string(&path)
                .map_err(|error| vec![ProfileError::whole(Some(path.clone()), texts::CANNOT_READ.with(&[&error]))]);
            match read.and_then(|text| parse(&text, Some(&path))) {
                Ok(requests) => found.extend(requests),
                Err(wrong) => faults.extend(wrong),
            }
        }
    }
    (found, faults)
}

/// The folder of collections, within the config directory and beside profiles.
pub const FOLDER: &str = "requests";

/// The saved request with a name.
pub fn find<'r>(requests: &'r [SavedRequest], name: &str) -> Result<&'r SavedRequest, ProfileError> {
    if let Some(found) = requests.iter().find(|request| request.name == name) {
        return Ok(found);
    }
    let names: Vec<&str> = requests.iter().map(|request| request.name.as_str()).collect();
    let list = if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    Err(ProfileError::whole(
        None,
        match suggestion(name, &names) {
            Some(meant) => NO_REQUEST_MEANT.with(&[&name, &meant, &list]),
            None => NO_REQUEST.with(&[&name, &list]),
        },
    ))
}

/// Reads a collection; every fault with its place.
pub fn parse(text: &str, path: Option<&Path>) -> Result<Vec<SavedRequest>, Vec<ProfileError>> {
    let mut source = Source::new(text);
    let mut requests = Vec::new();
    if let Some(document) = source.document() {
        let top = document.as_table();
        source.refuse_unknown(top, &["request"]);
        if let Some(item) = top.get("request") {
            match item.as_array_of_tables() {
                Some(tables) => {
                    for table in tables {
                        let start = table.span().map_or(0, |span| span.start);
                        let line = line_and_column(text, start).0;
                        if let Some(mut request) = request(&mut source, table) {
                            request.line = line;
                            request.path = path.map(Path::to_owned);
                            if let Content::Message { body: Body::File(file), .. } = &mut request.content
                                && let Some(folder) = path.and_then(Path::parent)
                            {
                                *file = folder.join(&*file);
                            }
                            requests.push(request);
                        }
                    }
                }
                None => source.wrong_type("request", item, A_LIST),
            }
        }
    }
    let faults = source.into_faults();
    if faults.is_empty() {
        return Ok(requests);
    }
    Err(faults.into_iter().map(|fault| ProfileError::at(path.map(Path::to_owned), fault)).collect())
}

fn request(source: &mut Source<'_>, table: &Table) -> Option<SavedRequest> {
    source.refuse_unknown(table, KEYS);
    let name = source.string(table, "name").map(|(name, _)| name);
    if name.is_none() && !table.contains_key("name") {
        source.fault(table.span(), texts::MISSING_KEY.with(&[&"name"]));
    }
    let note = source.string(table, "note").map(|(note, _)| note).unwrap_or_default();
    let content = match (table.contains_key("op"), table.contains_key("topic")) {
        (true, false) => operation(source, table),
        (false, true) => message(source, table),
        _ => {
            source.fault(table.span(), OP_OR_TOPIC);
            None
        }
    };
    Some(SavedRequest { name: name?, note, content: content?, path: None, line: 0 })
}

fn operation(source: &mut Source<'_>, table: &Table) -> Option<Content> {
    let (op, at) = source.string(table, "op")?;
    let Some(op) = OpKind::parse(&op) else {
        let names: Vec<&str> = OpKind::ALL.iter().map(|op| op.name()).collect();
        source.not_a_choice("op", &op, &names, at);
        return None;
    };
    let mut request = Request::new(op);
    request.device = source.string(table, "device").map(|(device, _)| device);
    request.name = ["service", "event"].iter().find_map(|key| source.string(table, key)).map(|(name, _)| name);
    request.identifiers = source.strings(table, "identifiers").unwrap_or_default();
    if let Some(item) = table.get("params") {
        match json(item) {
            Some(Value::Object(members)) => request.params = members,
            _ => source.wrong_type("params", item, texts::A_TABLE),
        }
    }
    if let Some((text, at)) = source.string(table, "hex") {
        match hex::parse(&text) {
            Ok(bytes) => request.raw = bytes,
            Err(fault) => source.fault(at, texts::BAD_VALUE.around([Phrase::verbatim("hex"), fault.reason])),
        }
    }
    for key in ["topic", "text", "json", "file", "qos", "retain"] {
        if table.contains_key(key) {
            source.fault(key_span(table, key), NOT_FOR_OPERATION.with(&[&key]));
        }
    }
    Some(Content::Operation(request))
}

fn message(source: &mut Source<'_>, table: &Table) -> Option<Content> {
    let (topic, _) = source.string(table, "topic")?;
    let qos = match table.get("qos") {
        None => 0,
        Some(item) => match item.as_integer().and_then(|qos| u8::try_from(qos).ok()).filter(|qos| *qos <= 2) {
            Some(qos) => qos,
            None => {
                source.wrong_type("qos", item, A_QOS);
                0
            }
        },
    };
    let retain = source.boolean(table, "retain").unwrap_or_default();
    let mut bodies: Vec<Body> = Vec::new();
    bodies.extend(source.string(table, "text").map(|(text, _)| Body::Text(text)));
    bodies.extend(source.string(table, "hex").map(|(text, _)| Body::Hex(text)));
    bodies.extend(source.string(table, "file").map(|(path, _)| Body::File(path.into())));
    if let Some(item) = table.get("json") {
        match json(item) {
            Some(value) => bodies.push(Body::Json(value)),
            None => source.wrong_type("json", item, A_JSON),
        }
    }
    for key in ["device", "service", "event", "params", "identifiers"] {
        if table.contains_key(key) {
            source.fault(key_span(table, key), NOT_FOR_MESSAGE.with(&[&key]));
        }
    }
    if bodies.len() != 1 {
        source.fault(table.span(), ONE_BODY);
        return None;
    }
    bodies.pop().map(|body| Content::Message { topic, body, qos, retain })
}

/// A TOML value as JSON; `None` for a date, which JSON does not have.
fn json(item: &Item) -> Option<Value> {
    if let Some(table) = item.as_table_like() {
        let members: Option<Map<String, Value>> =
            table.iter().map(|(key, item)| Some((key.to_owned(), json(item)?))).collect();
        return members.map(Value::Object);
    }
    json_value(item.as_value()?)
}

fn json_value(value: &toml_edit::Value) -> Option<Value> {
    Some(match value {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Float(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(flag) => Value::from(*flag.value()),
        toml_edit::Value::Datetime(_) => return None,
        toml_edit::Value::Array(items) => Value::Array(items.iter().map(json_value).collect::<Option<_>>()?),
        toml_edit::Value::InlineTable(table) => Value::Object(
            table.iter().map(|(key, value)| Some((key.to_owned(), json_value(value)?))).collect::<Option<_>>()?,
        ),
    })
}

/// Keeps a request under a name in the user's own collection (`requests/own.toml`); one of the same name there is
/// replaced, everything else in the file stays as it is. Gives the path.
pub fn save(dirs: &Dirs, name: &str, content: &Content) -> Result<PathBuf, ProfileError> {
    let folder = dirs.config().ok_or_else(|| ProfileError::whole(None, texts::NO_CONFIG_DIR))?.join(FOLDER);
    let path = folder.join("own.toml");
    let fault = |reason: Phrase| ProfileError::whole(Some(path.clone()), reason);
    let old = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fault(texts::CANNOT_READ.with(&[&error]))),
    };
    let mut document: DocumentMut =
        old.parse().map_err(|error: toml_edit::TomlError| fault(texts::SYNTAX.with(&[&error.message().trim()])))?;
    let item = document.entry("request").or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
    let tables = item.as_array_of_tables_mut().ok_or_else(|| fault(A_LIST.into()))?;
    let fresh = table(name, content);
    let same = tables.iter().position(|table| table.get("name").and_then(Item::as_str) == Some(name));
    match same.and_then(|index| tables.get_mut(index)) {
        Some(same) => *same = fresh,
        None => tables.push(fresh),
    }
    edit::write(&path, &document.to_string(), false).map_err(|error| fault(texts::CANNOT_WRITE.with(&[&error])))?;
    Ok(path)
}

fn table(name: &str, content: &Content) -> Table {
    let mut table = Table::new();
    table.insert("name", toml_edit::value(name));
    match content {
        Content::Operation(request) => {
            table.insert("op", toml_edit::value(request.op.name()));
            if let Some(device) = &request.device {
                table.insert("device", toml_edit::value(device.as_str()));
            }
            if let Some(name) = &request.name {
                let key = if request.op == OpKind::Event { "event" } else { "service" };
                table.insert(key, toml_edit::value(name.as_str()));
            }
            if !request.identifiers.is_empty() {
                let list: toml_edit::Array = request.identifiers.iter().map(String::as_str).collect();
                table.insert("identifiers", toml_edit::value(list));
            }
            if !request.params.is_empty() {
                table.insert("params", toml_edit::value(inline(&request.params)));
            }
            if !request.raw.is_empty() {
                table.insert("hex", toml_edit::value(hex::encode(&request.raw)));
            }
        }
        Content::Message { topic, body, qos, retain } => {
            table.insert("topic", toml_edit::value(topic.as_str()));
            match body {
                Body::Text(text) => table.insert("text", toml_edit::value(text.as_str())),
                Body::Hex(text) => table.insert("hex", toml_edit::value(text.as_str())),
                Body::File(path) => table.insert("file", toml_edit::value(path.display().to_string())),
                // What TOML cannot hold (null, numbers beyond 64 bits) is kept as text.
                Body::Json(value) => match toml_value(value) {
                    Some(value) => table.insert("json", toml_edit::value(value)),
                    None => table.insert("text", toml_edit::value(value.to_string())),
                },
            };
            if *qos > 0 {
                table.insert("qos", toml_edit::value(i64::from(*qos)));
            }
            if *retain {
                table.insert("retain", toml_edit::value(true));
            }
        }
    }
    table
}

fn inline(members: &Map<String, Value>) -> toml_edit::InlineTable {
    members.iter().filter_map(|(key, value)| Some((key.as_str(), toml_value(value)?))).collect()
}

fn toml_value(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => {
            toml_edit::Value::Array(items.iter().map(toml_value).collect::<Option<toml_edit::Array>>()?)
        }
        Value::Object(members) => {
            let parts: Option<Vec<(&str, toml_edit::Value)>> =
                members.iter().map(|(key, value)| Some((key.as_str(), toml_value(value)?))).collect();
            toml_edit::Value::InlineTable(parts?.into_iter().collect())
        }
    })
}

const A_LIST: Text = Text::new("a list of tables [[request]]", "表数组 [[request]]");
const A_QOS: Text = Text::new("0, 1 or 2", "0、1 或 2");
const A_JSON: Text = Text::new("a value that JSON has", "JSON 可以表示的值");
const OP_OR_TOPIC: Text = Text::new(
    "a request has either “op” (an operation) or “topic” (a hand-made message)",
    "一个请求要么有“op”（平台操作），要么有“topic”（自定义消息）",
);
const ONE_BODY: Text = Text::new(
    "a hand-made message has exactly one of “text”, “json”, “hex”, “file”",
    "自定义消息必须且只能有“text”、“json”、“hex”、“file”之一",
);
const NOT_FOR_OPERATION: Text =
    Text::new("“{}” is for hand-made messages (with “topic”)", "“{}”只用于带“topic”的自定义消息");
const NOT_FOR_MESSAGE: Text = Text::new("“{}” is for operations (with “op”)", "“{}”只用于带“op”的平台操作");
const IN_REQUEST: Text = Text::new("request “{}”: {}", "请求“{}”：{}");
const NO_REQUEST: Text = Text::new("no saved request “{}”; there are: {}", "没有名为“{}”的请求；现有：{}");
const NO_REQUEST_MEANT: Text =
    Text::new("no saved request “{}”; did you mean “{}”? There are: {}", "没有名为“{}”的请求，是否想写“{}”？现有：{}");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::random::Random;
    use crate::base::time::Time;

    const SAMPLE: &str = r#"
# kept
[[request]]
name = "lamp on"
note = "wall switch"
op = "set"
device = "p1/lamp"
params = { Power = true, level = "{{random 5 5}}", deep = { a = [1, 2.5] } }

[[request]]
name = "hello"
topic = "bench/{{n}}"
json = { at = "{{now_ms}}" }
qos = 1
retain = true

[[request]]
name = "bytes"
topic = "bench/hex"
hex = "00 ff"
"#;

    fn places() -> Places {
        Places { now: Time::from_millis(1_700_000_000_000), count: 3, id: 0, random: Random::new(1), env: |_| None }
    }

    #[test]
    fn requests_are_read_and_filled() {
        let requests = parse(SAMPLE, Some(Path::new("/x/a.toml"))).unwrap();
        let lamp = find(&requests, "lamp on").unwrap();
        assert_eq!((lamp.note.as_str(), lamp.line), ("wall switch", 3));
        let Ready::Operation(request) = lamp.fill(&mut places()).unwrap() else { panic!("an operation") };
        assert_eq!((request.op, request.device.as_deref()), (OpKind::Set, Some("p1/lamp")));
        assert_eq!(Value::Object(request.params), json!({"Power": true, "level": 5, "deep": {"a": [1, 2.5]}}));
        assert_eq!(
            find(&requests, "hello").unwrap().fill(&mut places()).unwrap(),
            Ready::Message {
                topic: "bench/3".into(),
                payload: br#"{"at":1700000000000}"#.to_vec(),
                qos: 1,
                retain: true
            }
        );
        let bytes = find(&requests, "bytes").unwrap().fill(&mut places()).unwrap();
        assert!(matches!(bytes, Ready::Message { payload, .. } if payload == [0, 0xff]));
        assert!(find(&requests, "helo").unwrap_err().to_string().contains("did you mean “hello”"));
    }

    #[test]
    fn faults_have_their_place() {
        for (text, line, words) in [
            ("[[request]]\nname = \"a\"\nop = \"sett\"", 3, "did you mean “set”"),
            ("[[request]]\nname = \"a\"", 1, "either “op”"),
            ("[[request]]\nop = \"get\"", 1, "“name” is required"),
            ("[[request]]\nname = \"a\"\ntopic = \"t\"", 1, "exactly one"),
            ("[[request]]\nname = \"a\"\ntopic = \"t\"\ntext = \"x\"\nqos = 3", 5, "0, 1 or 2"),
            ("[[request]]\nname = \"a\"\ntopic = \"t\"\ntext = \"x\"\nparams = {}", 5, "is for operations"),
            ("[[request]]\nname = \"a\"\nop = \"set\"\nparam = {}", 4, "did you mean “params”"),
            ("[[request]\n", 1, "TOML"),
        ] {
            let faults = parse(text, None).expect_err(text);
            assert_eq!(faults[0].line, line, "{text}: {}", faults[0]);
            assert!(faults.iter().any(|fault| fault.to_string().contains(words)), "{text}: {}", faults[0]);
        }
    }

    #[test]
    fn what_is_saved_is_read_again_and_the_rest_of_the_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let dirs = Dirs::new(Some(folder.path().to_owned()));
        std::fs::create_dir_all(folder.path().join(FOLDER)).unwrap();
        std::fs::write(folder.path().join(FOLDER).join("own.toml"), SAMPLE).unwrap();
        let request = Request {
            params: json!({"Power": false, "text": "a\"b"}).as_object().unwrap().clone(),
            ..Request::new(OpKind::Set)
        };
        let path = save(&dirs, "lamp on", &Content::Operation(request.clone())).unwrap();
        let message = Content::Message {
            topic: "t".into(),
            body: Body::Json(json!({"a": [1, {"b": true}]})),
            qos: 2,
            retain: false,
        };
        save(&dirs, "new", &message).unwrap();
        let (requests, faults) = all(&dirs, None);
        assert_eq!(faults, []);
        assert_eq!(requests.len(), 4);
        assert_eq!(find(&requests, "lamp on").unwrap().content, Content::Operation(request));
        assert_eq!(find(&requests, "new").unwrap().content, message);
        assert!(std::fs::read_to_string(path).unwrap().contains("{{now_ms}}"));
    }
}
