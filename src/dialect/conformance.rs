//! What every dialect has to hold to, checked for each of the registry: a further dialect is covered by being registered.
//!
//! The parties are those of the shipped profiles, the values those of the demo model, the platform the dialect's own
//! cloud in virtual time ([`world`]): logins over HTTP, MQTT and WebSockets as the dialect's plans want them.

mod models;
mod world;

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use self::world::{APP, DEVICE, World, worlds};
use super::cloud::RosterEntry;
use super::*;
use crate::base::topic;
use crate::model::thing::{DataType, Param, Range};
use crate::model::{Field, Id, Span};

const NOW: Time = Time::from_secs(1_750_000_000);

/// One shipped profile.
struct Party {
    role: Role,
    settings: ConnectionSettings,
}

fn fields(table: &toml::Table) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in table {
        fields.set(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    fields
}

fn parties(dialect: &dyn Dialect) -> Vec<Party> {
    let read = |(name, text): &(&str, &str)| {
        let profile: toml::Table = text.parse().unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let devices = match profile.get("device") {
            Some(toml::Value::Table(one)) => vec![fields(one)],
            Some(toml::Value::Array(several)) => several.iter().filter_map(|one| one.as_table()).map(fields).collect(),
            _ => Vec::new(),
        };
        let settings = ConnectionSettings {
            identity: fields(profile["identity"].as_table().unwrap()),
            devices,
            server: profile.get("server").map(|server| Server::parse(server.as_str().unwrap()).unwrap()),
            ..ConnectionSettings::default()
        };
        Party { role: Role::parse(profile["role"].as_str().unwrap()).unwrap(), settings }
    };
    dialect.shipped().profiles.iter().map(read).collect()
}

/// The parties after the calls that they make before they connect.
fn ready(dialect: &'static dyn Dialect) -> Vec<Party> {
    let mut world = World::new(dialect);
    let mut parties = parties(dialect);
    for party in &mut parties {
        world.prepare(party).unwrap();
    }
    parties
}

fn roster(dialect: &dyn Dialect) -> Roster {
    let all: toml::Table = dialect.shipped().roster.parse().unwrap();
    let mut roster = Roster::default();
    let Some(tables) = all.get(dialect.spec().name).and_then(toml::Value::as_table) else { return roster };
    for (name, entries) in tables {
        assert!(dialect.spec().roster.iter().any(|table| table.name == name), "{name}");
        let entries = entries.as_array().unwrap().iter().map(|entry| {
            let mut read = RosterEntry::default();
            for (key, value) in entry.as_table().unwrap() {
                match value {
                    toml::Value::Array(list) => {
                        let list = list.iter().map(|item| item.as_str().unwrap().to_owned()).collect();
                        read.lists.insert(key.clone(), list);
                    }
                    value => {
                        read.fields.set(key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                    }
                }
            }
            read
        });
        roster.tables.insert(name.clone(), entries.collect());
    }
    roster
}

fn middle(range: &Range) -> f64 {
    (range.min.unwrap_or(0.0) + range.max.unwrap_or(20.0)) / 2.0
}

fn sample(data_type: &DataType) -> Value {
    match data_type {
        DataType::Int { range, .. } => json!(middle(range) as i64),
        DataType::Float { range, .. } => json!(middle(range) + 0.5),
        DataType::Bool { .. } => json!(true),
        DataType::Enum(names) => json!(names.last().map_or(0, |(number, _)| *number)),
        DataType::Bits { .. } => json!(1),
        DataType::Text { .. } => json!("灯"),
        DataType::Binary(length) => json!("0f".repeat(*length)),
        DataType::Date => json!(NOW.as_millis()),
        DataType::Struct(params) => Value::Object(samples(params)),
        DataType::Array { element, .. } => json!([sample(element)]),
        DataType::Other(_) => json!("x"),
    }
}

fn samples(params: &[Param]) -> Map<String, Value> {
    params.iter().map(|param| (param.identifier.clone(), sample(&param.data_type))).collect()
}

/// Requests of every kind that the model allows; the ones whose arguments are the platform's own come last.
fn requests(model: &ThingModel, op: OpKind) -> Vec<Request> {
    let properties = |writing: bool| {
        let chosen = model.properties.iter().filter(|property| !writing || property.writable);
        chosen.map(|property| (property.identifier.clone(), sample(&property.data_type))).collect::<Map<_, _>>()
    };
    let mut request = Request::new(op);
    match op {
        OpKind::Set | OpKind::DesiredSet => request.params = properties(true),
        OpKind::Report => request.params = properties(false),
        OpKind::Get | OpKind::DesiredGet => request.identifiers = properties(false).keys().cloned().collect(),
        OpKind::DesiredDelete => request.identifiers = properties(true).keys().cloned().collect(),
        OpKind::Raw => request.raw = b"\x00\xff raw".to_vec(),
        OpKind::Event => {
            let one = |event: &crate::model::thing::Event| Request {
                name: Some(event.identifier.clone()),
                params: samples(&event.outputs),
                ..Request::new(op)
            };
            return model.events.iter().map(one).collect();
        }
        OpKind::Invoke => {
            let one = |service: &crate::model::thing::Service| Request {
                name: Some(service.identifier.clone()),
                params: samples(&service.inputs),
                ..Request::new(op)
            };
            return model.services.iter().map(one).collect();
        }
        OpKind::Bind
        | OpKind::Unbind
        | OpKind::Subscribe
        | OpKind::Unsubscribe
        | OpKind::Pack
        | OpKind::History
        | OpKind::Topology
        | OpKind::Ota
        | OpKind::Config
        | OpKind::Tag
        | OpKind::Shadow
        | OpKind::Ntp
        | OpKind::List
        | OpKind::Register
        | OpKind::Log => {
            request.params = properties(false);
        }
    }
    vec![request]
}

/// Whether the arguments of an operation are the same on every platform.
fn is_common(op: OpKind) -> bool {
    !matches!(
        op,
        OpKind::Bind
            | OpKind::Unbind
            | OpKind::Subscribe
            | OpKind::Unsubscribe
            | OpKind::Pack
            | OpKind::History
            | OpKind::Topology
            | OpKind::Ota
            | OpKind::Config
            | OpKind::Tag
            | OpKind::Shadow
            | OpKind::Ntp
            | OpKind::List
            | OpKind::Register
            | OpKind::Log
    )
}

fn context<'a>(party: &'a Party, model: &'a ThingModel) -> Context<'a> {
    let ConnectionSettings { identity, devices, .. } = &party.settings;
    Context { role: party.role, identity, devices, model: Some(model), lang: Lang::En }
}

/// Every message that the shipped parties can send.
fn messages(dialect: &'static dyn Dialect) -> Vec<(Role, OpKind, Encoded)> {
    let model = dialect.demo_model();
    let mut all = Vec::new();
    for party in ready(dialect) {
        for operation in dialect.spec().role(party.role).unwrap().operations {
            for request in requests(&model, operation.op) {
                match dialect.encode(&context(&party, &model), &request, 7, NOW, true) {
                    Ok(encoded) => all.push((party.role, operation.op, encoded)),
                    Err(fault) => assert!(!is_common(operation.op), "{:?}: {}", operation.op, fault.phrase()),
                }
            }
        }
    }
    assert!(!all.is_empty());
    all
}

fn id_text(meta: &Meta, topic: &str, payload: &[u8]) -> Option<String> {
    match meta.id {
        Id::None => None,
        Id::Text(span) => span.text(topic, payload).map(str::to_owned),
        Id::Number(number) => Some(number.to_string()),
    }
}

fn inside(fields: &[Field], outer: std::ops::Range<usize>) {
    for field in fields {
        assert!(field.offset >= outer.start && field.offset + field.length <= outer.end, "{field:?} in {outer:?}");
        inside(&field.children, field.offset..field.offset + field.length);
    }
}

/// Everything that reads, on one message.
fn exercise(dialect: &dyn Dialect, party: &Party, model: &ThingModel, topic: &str, payload: &[u8]) -> Dissection {
    let context = context(party, model);
    let mut last = Dissection::default();
    for direction in [Direction::In, Direction::Out] {
        let meta = dialect.classify(party.role, direction, topic, payload);
        for span in [meta.device, if let Id::Text(span) = meta.id { span } else { Span::NONE }] {
            assert!(span.is_none() || span.bytes(topic, payload).is_some());
        }
        dialect.gist(&context, topic, payload, &meta);
        for reading in dialect.read(&context, topic, payload) {
            if let Reading::Request(incoming) = reading {
                dialect.answer(&context, &incoming, &Answer::default(), NOW);
            }
        }
        last = dialect.dissect(&context, topic, payload);
        inside(&last.fields, 0..payload.len());
        assert!(last.problems.iter().all(|problem| problem.offset + problem.length <= payload.len()), "{last:?}");
    }
    last
}

#[test]
fn what_is_encoded_is_classified_and_dissected_alike() {
    for dialect in REGISTRY {
        let (spec, model) = (dialect.spec(), dialect.demo_model());
        let parties = ready(*dialect);
        for (role, op, sent) in messages(*dialect) {
            let place = format!("{} {role} {}", spec.name, op.name());
            let meta = dialect.classify(role, Direction::Out, &sent.topic, &sent.payload);
            let kind = if op == OpKind::DesiredSet {
                Some(Kind::DesiredSet)
            } else {
                Kind::parse(&op.name().replace('-', "_"))
            };
            assert_eq!(Some(meta.kind), kind, "{place}");
            assert_eq!(id_text(&meta, &sent.topic, &sent.payload), sent.request_id, "{place}");
            if sent.via == Via::Mqtt {
                assert_eq!(topic::validate_topic(&sent.topic), Ok(()), "{place}");
            }
            let party = parties.iter().find(|party| party.role == role).unwrap();
            let dissected = exercise(*dialect, party, &model, &sent.topic, &sent.payload);
            assert_eq!(dissected.kind, meta.kind, "{place}");
            assert_eq!(
                dissected.problems.iter().find(|problem| problem.severity == crate::model::Severity::Error),
                None,
                "{place}"
            );
            assert!(!dissected.fields.is_empty() && !dissected.summary.is_empty(), "{place}");
            let operation = spec.role(role).unwrap().operations.iter().find(|operation| operation.op == op).unwrap();
            assert_eq!(sent.reply, operation.reply, "{place}");
        }
    }
}

#[test]
fn no_prefix_and_no_flipped_bit_panics_anything() {
    for dialect in REGISTRY {
        let (model, parties) = (dialect.demo_model(), ready(*dialect));
        for (_, _, sent) in messages(*dialect) {
            for party in &parties {
                for end in 0..sent.payload.len() {
                    exercise(*dialect, party, &model, &sent.topic, &sent.payload[..end]);
                }
                // Five has no factor in common with eight: every bit position is met, in a fifth of the time.
                for bit in (0..sent.payload.len() * 8).step_by(5) {
                    let mut payload = sent.payload.clone();
                    payload[bit / 8] ^= 1 << (bit % 8);
                    let dialect = *dialect;
                    exercise(dialect, party, &model, if bit % 2 == 0 { &sent.topic } else { "" }, &payload);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_random_bytes_panic_anything(bytes: Vec<u8>, text: String, pick: prop::sample::Index) {
        for dialect in REGISTRY {
            let (model, parties, messages) = (dialect.demo_model(), ready(*dialect), messages(*dialect));
            let (_, _, sent) = &messages[pick.index(messages.len())];
            for party in &parties {
                for topic in [sent.topic.as_str(), "", text.as_str()] {
                    exercise(*dialect, party, &model, topic, &bytes);
                    exercise(*dialect, party, &model, topic, text.as_bytes());
                }
            }
        }
    }
}

#[test]
fn a_value_of_the_wrong_type_is_refused_unless_it_is_meant() {
    for dialect in REGISTRY {
        let model = dialect.demo_model();
        for party in ready(*dialect) {
            let operations = dialect.spec().role(party.role).unwrap().operations;
            let Some(operation) =
                operations.iter().find(|operation| matches!(operation.op, OpKind::Set | OpKind::Report))
            else {
                continue;
            };
            let number = model
                .properties
                .iter()
                .find(|property| matches!(property.data_type, DataType::Int { .. } | DataType::Float { .. }))
                .unwrap();
            let mut request = Request::new(operation.op);
            request.params.insert(number.identifier.clone(), json!("not a number"));
            let refused = dialect.encode(&context(&party, &model), &request, 1, NOW, true);
            assert!(matches!(refused, Err(EncodeFault::Value { code: Some(_), .. })), "{refused:?}");
        }
    }
}

#[test]
fn the_spec_agrees_with_the_shipped_profiles() {
    for dialect in REGISTRY {
        let spec = dialect.spec();
        for party in parties(*dialect) {
            let role = spec.role(party.role).unwrap();
            for name in party.settings.identity.names() {
                assert!(role.identity.iter().any(|field| field.name == name), "{} {name}", spec.name);
            }
            let server = party.settings.server.as_ref().unwrap();
            assert!(spec.endpoints.iter().any(|endpoint| endpoint.port == server.port), "{}", spec.name);
        }
        assert!(dialect.read_model("").is_err());
        assert!(!dialect.demo_model().properties.is_empty());
    }
}

#[test]
fn a_report_reaches_the_app() {
    for mut world in worlds() {
        world.pass(Duration::from_secs(2));
        let presence = world.told(APP);
        assert!(presence.iter().any(|told| matches!(told, Reading::Presence { online: true, .. })), "{presence:?}");
        let request = requests(&world.model, OpKind::Report).remove(0);
        let sent = world.encode(DEVICE, &request, 3);
        world.send(DEVICE, &sent);
        // Some platforms gather what they push.
        world.pass(Duration::from_secs(2));
        let mut values = Map::new();
        for told in world.told(APP) {
            if let Reading::Values { values: some, .. } = told {
                values.extend(some);
            }
        }
        for (identifier, value) in &request.params {
            let same = values.get(identifier).is_some_and(|found| crate::model::thing::same_value(found, value));
            assert!(same, "{}: {identifier} = {value}: {values:?}", world.name());
        }
        if sent.reply.is_some() {
            let answer = world.reply(DEVICE).unwrap_or_else(|| panic!("{}: {:?}", world.name(), world.logs));
            assert_eq!((answer.ok, &answer.request_id), (true, &sent.request_id));
        }
    }
}

#[test]
fn what_the_cloud_answers_is_known_as_the_answer() {
    for mut world in worlds() {
        let operations = world.dialect.spec().role(Role::Device).unwrap().operations;
        for (number, operation) in (50..).zip(operations.iter().filter(|operation| operation.reply.is_some())) {
            let Some(request) = requests(&world.model, operation.op).into_iter().next() else { continue };
            // Some need arguments of the platform's own.
            let Some(sent) = world.try_encode(DEVICE, &request, number) else { continue };
            world.send(DEVICE, &sent);
            let answer = world.reply(DEVICE);
            let answer = answer.unwrap_or_else(|| panic!("{} {:?}: {:?}", world.name(), operation.op, world.logs));
            assert_eq!(answer.request_id, sent.request_id, "{} {:?}", world.name(), operation.op);
        }
    }
}

#[test]
fn a_set_is_answered_by_the_device_or_refused_when_it_is_silent() {
    for mut world in worlds() {
        let operations = world.dialect.spec().role(Role::App).unwrap().operations;
        if !operations.iter().any(|operation| operation.op == OpKind::Set) {
            continue;
        }
        for silent in [false, true] {
            world.silent = silent;
            world.told(APP);
            let sent = world.encode(APP, &requests(&world.model, OpKind::Set).remove(0), u64::from(silent) + 10);
            world.send(APP, &sent);
            if sent.reply.is_none() {
                continue;
            }
            match world.reply(APP) {
                Some(reply) => {
                    assert_eq!(reply.ok, !silent, "{}: {reply:?}", world.name());
                    assert!(sent.request_id.is_none() || reply.request_id == sent.request_id, "{reply:?}");
                }
                // Where peers talk to each other directly, nobody answers for one that is silent.
                None => assert!(silent, "{}: {:?}", world.name(), world.logs),
            }
        }
    }
}

#[test]
fn a_wrong_secret_and_an_expired_login_are_refused_with_a_reason() {
    for dialect in REGISTRY {
        for index in 0..parties(*dialect).len() {
            let mut world = World::new(*dialect);
            let mut party = parties(*dialect).remove(index);
            let secrets = dialect.spec().role(party.role).unwrap().identity.iter().filter(|field| field.secret);
            let secrets: Vec<&str> = secrets.map(|field| field.name).collect();
            let mut wrong = parties(*dialect).remove(index);
            let plan = world.prepare(&mut party).unwrap();
            world.enter(&party, &plan, NOW).unwrap();
            if let Some(at) = plan.expires_at {
                let late = world.enter(&party, &plan, at + Duration::from_secs(1)).unwrap_err();
                assert!(!late.reason.is_empty(), "{late:?}");
            }
            let given = secrets.into_iter().filter(|name| wrong.settings.identity.get(name).is_some());
            let given: Vec<&str> = given.collect();
            for name in &given {
                wrong.settings.identity.set(*name, "d3Jvbmc=");
            }
            if given.is_empty() {
                continue;
            }
            let entered = world.prepare(&mut wrong).and_then(|plan| world.enter(&wrong, &plan, NOW));
            let refused = entered.unwrap_err();
            assert!(!refused.reason.is_empty() && refused.is_refusal, "{refused:?}");
        }
    }
}

#[test]
fn a_foreign_topic_is_refused_with_a_reason() {
    for world in worlds() {
        for client in world.clients.values().filter(|client| !world.sockets.contains(&client.id.0)) {
            for foreign in ["iotdbg/foreign/topic", "#"] {
                let denied = world.cloud.may_subscribe(client, foreign).unwrap_err();
                assert!(!denied.reason.to_string().is_empty());
            }
            let denied = world.cloud.may_publish(client, "iotdbg/foreign/topic").unwrap_err();
            assert!(!denied.reason.to_string().is_empty());
        }
    }
}

#[test]
fn nonsense_over_http_and_websocket_is_answered_or_refused() {
    for mut world in worlds() {
        let endpoints = world.dialect.spec().endpoints.iter();
        for endpoint in endpoints.filter(|endpoint| matches!(endpoint.scheme, "http" | "ws")) {
            for path in ["/", "/iotdbg/foreign", endpoint.path, "/%ff%00"] {
                for body in [&b""[..], b"{", b"[]", b"\xff\0", b"{\"a\":{\"b\":null}}"] {
                    let status = world.request(endpoint.name, "POST", path, &[], body).status;
                    assert!((200..600).contains(&status), "{} {path}: {status}", endpoint.name);
                }
                let request =
                    HttpRequest { endpoint: endpoint.name, method: "GET", path, query: &[], headers: &[], body: &[] };
                if let Upgrade::Refuse { answer, reason, .. } = world.cloud.upgrade(&request, NOW) {
                    assert!(answer.status >= 200 && !reason.to_string().is_empty());
                } else {
                    panic!("{}: somebody without a name is let in", endpoint.name);
                }
            }
        }
        for id in world.sockets.clone() {
            for body in ["", "{", "[]", "null", "{\"type\":1}", "{\"type\":\"iotdbg\",\"body\":[]}"] {
                world.frame(id, body.as_bytes());
            }
        }
    }
}

#[test]
fn the_calculator_gives_the_login_that_the_plan_uses() {
    for dialect in REGISTRY {
        let mut world = World::new(*dialect);
        for mut party in parties(*dialect) {
            let plan = world.prepare(&mut party).unwrap();
            let signed = dialect.sign(party.role, &party.settings.identity, NOW, 1).unwrap();
            if let Some(password) = &signed.password {
                assert_eq!(password, &plan.password);
                assert_eq!(signed.username.as_deref(), Some(plan.username.as_str()));
                assert!(!signed.steps.is_empty());
            }
        }
    }
}
