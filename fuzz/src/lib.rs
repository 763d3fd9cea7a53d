//! What is fuzzed: every parser of iotdbg, each fed with bytes from outside. `cargo +nightly fuzz run messages` runs one;
//! `tests/corpus.rs` runs all of them over the corpus with every `cargo test`, so that what once broke stays mended.
//!
//! A function here does not return anything: it is good if it ends without a panic and what it checks holds.

use std::collections::BTreeMap;

use iotdbg::base::lang::Lang;
use iotdbg::base::random::Random;
use iotdbg::base::time::Time;
use iotdbg::base::{hex, json, moment, pattern, placeholder, text, topic, units};
use iotdbg::dialect::check::{self, Given, harvest};
use iotdbg::dialect::cloud::{Client, ClientId, CloudMessage, CloudView, Connect};
use iotdbg::dialect::{Answer, CallId, CloudOptions, Context, Dialect, HttpRequest, REGISTRY, Reading, Server};
use iotdbg::model::{Direction, Field, Fields, Role, ThingModel};
use iotdbg::profile::{Profile, collection, roster};
use iotdbg::session::thing::rules::{Reader, Rules};
use iotdbg::store::{Filter, Names};

const NOW: Time = Time::from_secs(1_750_000_000);

/// The platform and the role that the first two bytes choose, and the rest.
fn choose(data: &[u8]) -> Option<(&'static dyn Dialect, Role, &[u8])> {
    let [platform, role, rest @ ..] = data else { return None };
    let dialect = REGISTRY.get(usize::from(*platform) % REGISTRY.len())?;
    let role = [Role::App, Role::Device, Role::Cloud][usize::from(*role) % 3];
    Some((*dialect, role, rest))
}

/// Topic and payload, parted by the first line feed.
fn message(data: &[u8]) -> (String, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (topic, payload) = end.map_or((&[][..], data), |end| (&data[..end], &data[end + 1..]));
    (String::from_utf8_lossy(topic).into_owned(), payload)
}

/// Every field lies in the one that holds it.
fn inside(fields: &[Field], outer: std::ops::Range<usize>) {
    for field in fields {
        let own = field.offset..field.offset + field.length;
        assert!(own.start >= outer.start && own.end <= outer.end, "{field:?} is not in {outer:?}");
        inside(&field.children, own);
    }
}

/// Messages of every platform: classified, taken apart, read and answered.
pub fn messages(data: &[u8]) {
    let Some((dialect, role, rest)) = choose(data) else { return };
    let (topic, payload) = message(rest);
    let (identity, model) = (Fields::new(), dialect.demo_model());
    for model in [None, Some(&model)] {
        let context = Context { role, identity: &identity, devices: &[], model, lang: Lang::Zh };
        for direction in [Direction::In, Direction::Out] {
            let meta = dialect.classify(role, direction, &topic, payload);
            dialect.gist(&context, &topic, payload, &meta);
            dialect.socket_topic(direction, payload);
        }
        for reading in dialect.read(&context, &topic, payload) {
            if let Reading::Request(incoming) = reading {
                dialect.answer(&context, &incoming, &Answer::default(), NOW);
            }
        }
        for dissection in dialect.dissect_each(&context, &topic, payload) {
            inside(&dissection.fields, 0..payload.len());
            for problem in &dissection.problems {
                assert!(problem.offset + problem.length <= payload.len(), "{problem:?}");
            }
        }
    }
}

/// What clients do to the simulated platforms: logins, messages, frames, calls; and time.
pub fn clouds(data: &[u8]) {
    let Some((dialect, role, rest)) = choose(data) else { return };
    let Ok(rosters) = roster::builtin() else { return };
    let Some(roster) = rosters.get(dialect.spec().name) else { return };
    let Ok(mut cloud) = dialect.cloud(roster, &CloudOptions::default()) else { return };
    let (topic, payload) = message(rest);
    let endpoint = dialect.spec().endpoints.first().map_or("", |endpoint| endpoint.name);
    let _ = cloud.admit(
        &Connect {
            endpoint,
            client_id: &topic,
            username: &String::from_utf8_lossy(payload),
            password: payload,
            keep_alive: 60,
            clean_session: true,
            level: 4,
            will: false,
            tls: false,
        },
        NOW,
    );
    // Somebody who is in, whoever that is: the devices of the roster, or a stranger.
    let device = roster.table("device").first();
    let names: Vec<&str> = device
        .into_iter()
        .flat_map(|entry| ["product_id", "product_key", "device_name", "did"].map(|name| entry.fields.get(name)))
        .flatten()
        .collect();
    let client =
        Client { id: ClientId(1), role, identity: names.join("/"), exclusive: true, filters: vec!["#".to_owned()] };
    let clients = BTreeMap::from([(1, client.clone())]);
    let mut out = Vec::new();
    let mut view = CloudView { now: NOW, clients: &clients, out: &mut out };
    cloud.online(&client, &mut view);
    let _ = cloud.may_publish(&client, &topic);
    let _ = cloud.may_subscribe(&client, &topic);
    cloud.receive(&client, &CloudMessage { topic: topic.clone(), payload: payload.to_vec(), qos: 1 }, &mut view);
    cloud.receive(&client, &CloudMessage { topic: String::new(), payload: payload.to_vec(), qos: 1 }, &mut view);
    for (number, method) in (0..).zip(["GET", "POST", "PUT", "DELETE"]) {
        let request = HttpRequest { endpoint, method, path: &topic, query: &[], headers: &[], body: payload };
        cloud.http(CallId(number), &request, &mut view);
        let _ = cloud.upgrade(&request, NOW);
    }
    while let Some(at) = cloud.next_timeout().filter(|at| *at < NOW + std::time::Duration::from_secs(60)) {
        view.now = at;
        cloud.handle_timeout(&mut view);
    }
    cloud.offline(&client, &mut view);
}

/// Thing models, and values that are checked against them.
pub fn models(data: &[u8]) {
    let Some((dialect, _, rest)) = choose(data) else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    match dialect.read_model(text) {
        Ok(model) => {
            for property in &model.properties {
                for value in [serde_json::json!(1), serde_json::json!("x"), serde_json::json!([null])] {
                    let _ = dialect.check_value(&model, &property.identifier, &value, true);
                }
            }
        }
        Err(fault) => assert!(fault.line >= 1 && fault.column >= 1, "{fault:?}"),
    }
}

/// What people paste into the checker.
pub fn logins(data: &[u8]) {
    let Some((dialect, role, rest)) = choose(data) else { return };
    let text = String::from_utf8_lossy(rest);
    let mut given = Given::default();
    harvest::harvest(&mut given, dialect.spec(), &text);
    // Searching is slow; what is long is searched no differently.
    if rest.len() < 300 {
        let _ = dialect.check(Some(role).filter(|role| *role != Role::Cloud), &given, NOW);
    }
    let _ = check::guess(&given, &text);
    let _ = Server::parse(&text);
    let _ = check::connect::ConnectPacket::parse(rest);
}

/// Files of the user: profiles, rosters, collections, rules.
pub fn files(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Profile::parse_all(text, "fuzz", None);
    let _ = roster::parse(text, None);
    let _ = collection::parse(text, None);
    for dialect in REGISTRY {
        let model = dialect.demo_model();
        let reader = Reader { dialect: *dialect, model: &model, file: &|_| Ok(String::new()) };
        let _ = Rules::parse(text, reader);
        let model = ThingModel::default();
        let reader = Reader { dialect: *dialect, model: &model, file: &|_| Ok(text.to_owned()) };
        let _ = Rules::parse(text, reader);
    }
}

/// Filters, also half written.
pub fn filters(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Filter::parse(text) {
        Ok(filter) => {
            for range in filter.hits("Power=on 温度 {\"a\":1}") {
                assert!("Power=on 温度 {\"a\":1}".get(range).is_some());
            }
        }
        Err(fault) => assert!(fault.offset <= text.len(), "{fault:?}"),
    }
    for cursor in 0..=text.len().min(64) {
        let _ = Filter::complete(text, cursor, &Names::default());
    }
}

/// Small things that are written by hand, and whatever is shown on a screen.
pub fn texts(data: &[u8]) {
    let shown = text::printable_bytes(data);
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    let parsed = json::parse(data);
    for problem in &parsed.problems {
        assert!(problem.offset <= data.len());
    }
    let Ok(written) = std::str::from_utf8(data) else { return };
    let _ = hex::parse(written);
    let _ = units::parse_duration(written);
    let _ = units::parse_size(written);
    let _ = moment::Moment::parse(written);
    let _ = text::parse_rfc3339(written);
    let _ = pattern::expanded(written).map(|names| assert!(names.len() <= 1_000_000));
    let _ = topic::validate_filter(written);
    let _ = topic::matches(written, "a/b/c");
    assert!(text::width(&text::fit(written, 9)) <= 9);
    assert!(text::width(&text::fit_middle(written, 9)) <= 9);
    let mut source =
        placeholder::Source { now: NOW, count: 1, id: 1, random: Random::new(1), env: |_| Some("{{now}}".to_owned()) };
    let _ = source.fill(written);
}
