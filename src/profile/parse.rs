//! From the text of a profile to a [`Profile`], with every fault at its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_edit::{Item, TableLike};

use super::place::ProfileError;
use super::{Profile, Simulate, shown_path, texts};
use crate::base::lang::{Phrase, Text};
use crate::base::pattern;
use crate::base::toml::{Source, key_span, line_and_column};
use crate::base::units::{parse_duration, parse_size};
use crate::dialect::{
    ConnectionSettings, Dialect, FieldSpec, FieldType, MqttLevel, MqttOverrides, Server, TlsSettings,
};
use crate::model::{Fields, Role};

/// Keys of the top level. Tables come last, as TOML wants them.
const TOP: &[&str] =
    &["dialect", "role", "server", "production", "model", "identity", "device", "mqtt", "tls", "history", "simulate"];
const MQTT: &[&str] = &["keep_alive", "clean_session", "client_id", "version", "subscribe"];
const TLS: &[&str] = &["ca", "verify_hostname", "client_cert", "client_key"];
const HISTORY: &[&str] = &["budget"];
const SIMULATE: &[&str] = &["rules", "report_every", "event_every", "drift"];

type Places = BTreeMap<String, (usize, usize)>;

/// Reads a profile of one of `dialects`.
pub(super) fn read(
    text: &str,
    name: &str,
    path: Option<&Path>,
    dialects: &[&'static dyn Dialect],
) -> (Option<Profile>, Vec<ProfileError>) {
    let mut source = Source::new(text);
    let faults = |source: Source<'_>| {
        let faults = source.into_faults().into_iter();
        faults.map(|fault| ProfileError::at(Some(shown_path(name, path)), fault)).collect()
    };
    let Some(document) = source.document() else { return (None, faults(source)) };
    let top = document.as_table();
    let profile = profile(&mut source, top, dialects).map(|mut profile| {
        profile.name = name.to_owned();
        profile.builtin = path.is_none();
        profile.path = path.map(Path::to_owned);
        profile.text = text.to_owned();
        profile.places = places(text, top);
        relative_to(&mut profile, path.and_then(Path::parent));
        profile
    });
    (profile, faults(source))
}

fn profile(source: &mut Source<'_>, top: &dyn TableLike, dialects: &[&'static dyn Dialect]) -> Option<Profile> {
    source.refuse_unknown(top, TOP);
    let server = parsed_server(source, top);
    let production = source.boolean(top, "production").unwrap_or_default();
    let model = source.string(top, "model").map(|(path, _)| PathBuf::from(path));
    let mqtt = source.table(top, "mqtt").map(|table| mqtt(source, table)).unwrap_or_default();
    let tls = source.table(top, "tls").map(|table| tls(source, table)).unwrap_or_default();
    let history = source.table(top, "history").and_then(|table| {
        source.refuse_unknown(table, HISTORY);
        source.parsed(table, "budget", parse_size)
    });
    let dialect = dialect(source, top, dialects);
    let role = dialect.and_then(|dialect| role(source, top, dialect));
    let simulate = source.table(top, "simulate").map(|table| simulate(source, table, role)).unwrap_or_default();
    let (dialect, role) = (dialect?, role?);
    let spec = dialect.spec().role(role)?;

    let identity = source.table(top, "identity").map(|table| fields(source, table, spec.identity)).unwrap_or_default();
    let devices = devices(source, top, spec.device, dialect, role);
    Some(Profile {
        name: String::new(),
        path: None,
        builtin: false,
        dialect,
        role,
        production,
        settings: ConnectionSettings { identity, devices, server, mqtt, tls },
        history,
        model,
        simulate,
        text: String::new(),
        places: Places::new(),
    })
}

fn dialect(
    source: &mut Source<'_>,
    top: &dyn TableLike,
    dialects: &[&'static dyn Dialect],
) -> Option<&'static dyn Dialect> {
    if top.get("dialect").is_none() {
        source.fault(None, texts::MISSING_KEY.with(&[&"dialect"]));
    }
    let (name, span) = source.string(top, "dialect")?;
    let found = dialects.iter().copied().find(|dialect| {
        let spec = dialect.spec();
        spec.name == name || spec.aliases.contains(&name.as_str())
    });
    if found.is_none() {
        let names: Vec<&str> = dialects.iter().map(|dialect| dialect.spec().name).collect();
        source.not_a_choice("dialect", &name, &names, span);
    }
    found
}

fn role(source: &mut Source<'_>, top: &dyn TableLike, dialect: &'static dyn Dialect) -> Option<Role> {
    if top.get("role").is_none() {
        source.fault(None, texts::MISSING_KEY.with(&[&"role"]));
    }
    let (name, span) = source.string(top, "role")?;
    let found = Role::parse(&name).filter(|role| dialect.spec().role(*role).is_some());
    if found.is_none() {
        let names: Vec<&str> = dialect.spec().roles.iter().map(|spec| spec.role.name()).collect();
        source.not_a_choice("role", &name, &names, span);
    }
    found
}

fn devices(
    source: &mut Source<'_>,
    top: &dyn TableLike,
    specs: &'static [FieldSpec],
    dialect: &'static dyn Dialect,
    role: Role,
) -> Vec<Fields> {
    let Some(item) = top.get("device") else { return Vec::new() };
    if specs.is_empty() {
        let reason = texts::NO_DEVICE_HERE.with(&[&dialect.spec().name, &role]);
        source.fault(key_span(top, "device").or_else(|| item.span()), reason);
        return Vec::new();
    }
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().flat_map(|table| several(source, table, specs)).collect();
    }
    match item.as_table_like() {
        Some(table) => several(source, table, specs),
        None => {
            source.wrong_type("device", item, texts::A_TABLE);
            Vec::new()
        }
    }
}

/// The devices that one table stands for: one, or as many as the ranges in its fields have numbers (`lamp-{1..500}`).
fn several(source: &mut Source<'_>, table: &dyn TableLike, specs: &'static [FieldSpec]) -> Vec<Fields> {
    let written = fields(source, table, specs);
    let mut made = vec![written.clone()];
    for spec in specs {
        let Some(text) = written.get(spec.name).filter(|text| text.contains("..")) else { continue };
        let Some(names) = pattern::expanded(text) else {
            source.fault(table.get(spec.name).and_then(Item::span), texts::BAD_RANGE.with(&[&text, &pattern::MOST]));
            continue;
        };
        match (made.len(), names.len()) {
            (_, 1) => continue,
            (1, _) => made.resize(names.len(), written.clone()),
            (before, now) if before == now => {}
            (before, now) => {
                let reason = texts::OTHER_RANGE.with(&[&text, &now, &before]);
                source.fault(table.get(spec.name).and_then(Item::span), reason);
                continue;
            }
        }
        for (device, name) in made.iter_mut().zip(names) {
            device.set(spec.name, name);
        }
    }
    made
}

/// The fields of `[identity]` or `[device]`, as text, each checked against its type.
fn fields(source: &mut Source<'_>, table: &dyn TableLike, specs: &'static [FieldSpec]) -> Fields {
    let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
    source.refuse_unknown(table, &known);
    let mut fields = Fields::new();
    for spec in specs {
        if let Some(text) = table.get(spec.name).and_then(|item| field(source, spec, item)) {
            fields.set(spec.name, text);
        }
    }
    fields
}

fn field(source: &mut Source<'_>, spec: &FieldSpec, item: &Item) -> Option<String> {
    let text = item.as_str().map(str::to_owned);
    // A number where text is expected is taken as it is written: ids of people and projects are often bare digits.
    let number = item.as_integer().map(|number| number.to_string());
    let (found, expected): (Option<String>, Text) = match spec.kind {
        FieldType::Text => (text.or(number), texts::A_TEXT),
        FieldType::Path => (text, texts::A_TEXT),
        FieldType::Integer => (number, texts::AN_INTEGER),
        FieldType::Bool => (item.as_bool().map(|value| value.to_string()), texts::A_BOOL),
        FieldType::Choice(_) => (text.or(number), texts::A_TEXT),
        FieldType::Duration => (text, texts::A_DURATION),
    };
    let Some(found) = found else {
        source.wrong_type(spec.name, item, expected);
        return None;
    };
    match spec.kind {
        FieldType::Choice(choices) if !choices.contains(&found.as_str()) => {
            source.not_a_choice(spec.name, &found, choices, item.span());
            None
        }
        FieldType::Duration => match parse_duration(&found) {
            Ok(_) => Some(found),
            Err(reason) => {
                source.fault(item.span(), texts::BAD_VALUE.around([Phrase::verbatim(spec.name), reason]));
                None
            }
        },
        _ => Some(found),
    }
}

fn mqtt(source: &mut Source<'_>, table: &dyn TableLike) -> MqttOverrides {
    source.refuse_unknown(table, MQTT);
    let keep_alive = table.get("keep_alive").and_then(|item| {
        let Some(number) = item.as_integer() else {
            source.wrong_type("keep_alive", item, texts::AN_INTEGER);
            return None;
        };
        let seconds = u16::try_from(number).ok();
        if seconds.is_none() {
            source.fault(item.span(), texts::KEEP_ALIVE.with(&[&number]));
        }
        seconds
    });
    let level = source.string(table, "version").and_then(|(version, span)| match version.as_str() {
        "3.1" => Some(MqttLevel::V31),
        "3.1.1" => Some(MqttLevel::V311),
        _ => {
            source.not_a_choice("version", &version, &["3.1", "3.1.1"], span);
            None
        }
    });
    MqttOverrides {
        keep_alive,
        clean_session: source.boolean(table, "clean_session"),
        client_id: source.string(table, "client_id").map(|(id, _)| id),
        level,
        subscribe: source.strings(table, "subscribe").unwrap_or_default(),
    }
}

fn tls(source: &mut Source<'_>, table: &dyn TableLike) -> TlsSettings {
    source.refuse_unknown(table, TLS);
    let mut path = |key: &str| source.string(table, key).map(|(path, _)| PathBuf::from(path));
    let (ca, client_cert, client_key) = (path("ca"), path("client_cert"), path("client_key"));
    TlsSettings { ca, verify_hostname: source.boolean(table, "verify_hostname"), client_cert, client_key }
}

fn simulate(source: &mut Source<'_>, table: &dyn TableLike, role: Option<Role>) -> Simulate {
    source.refuse_unknown(table, SIMULATE);
    if role.is_some_and(|role| role != Role::Device) {
        let first = table.iter().next().and_then(|(key, _)| key_span(table, key));
        source.fault(first, texts::NO_SIMULATE_HERE);
    }
    Simulate {
        rules: source.string(table, "rules").map(|(path, _)| PathBuf::from(path)),
        report_every: source.parsed(table, "report_every", parse_duration),
        event_every: source.parsed(table, "event_every", parse_duration),
        drift: source.boolean(table, "drift").unwrap_or_default(),
    }
}

fn parsed_server(source: &mut Source<'_>, top: &dyn TableLike) -> Option<Server> {
    let (url, span) = source.string(top, "server")?;
    match Server::parse(&url) {
        Ok(server) => Some(server),
        Err(reason) => {
            source.fault(span, texts::BAD_SERVER.around([reason]));
            None
        }
    }
}

/// Where every key stands: `server`, `identity`, `identity.access_key`, `device.0.model` …
fn places(text: &str, top: &dyn TableLike) -> Places {
    let mut places = Places::new();
    let mut note = |name: String, table: &dyn TableLike, key: &str| {
        if let Some(span) = key_span(table, key) {
            places.insert(name, line_and_column(text, span.start));
        }
    };
    for (key, item) in top.iter() {
        note(key.to_owned(), top, key);
        let tables: Vec<&dyn TableLike> = match item.as_array_of_tables() {
            Some(tables) => tables.iter().map(|table| table as &dyn TableLike).collect(),
            None => item.as_table_like().into_iter().collect(),
        };
        for (index, table) in tables.into_iter().enumerate() {
            for (inner, _) in table.iter() {
                let name = match key {
                    "device" => format!("device.{index}.{inner}"),
                    _ => format!("{key}.{inner}"),
                };
                note(name, table, inner);
            }
        }
    }
    places
}

/// Makes relative paths count from the directory of the profile.
fn relative_to(profile: &mut Profile, directory: Option<&Path>) {
    let Some(directory) = directory else { return };
    let tls = &mut profile.settings.tls;
    let rules = &mut profile.simulate.rules;
    for path in
        [rules, &mut profile.model, &mut tls.ca, &mut tls.client_cert, &mut tls.client_key].into_iter().flatten()
    {
        *path = directory.join(&*path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::testing::{DIALECTS, GOOD};

    fn parse(text: &str) -> (Option<Profile>, Vec<ProfileError>) {
        read(text, "lamp", Some(Path::new("conf/lamp.toml")), DIALECTS)
    }

    fn faults(text: &str) -> Vec<String> {
        parse(text).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_good_profile_is_read_whole() {
        let (profile, faults) = parse(GOOD);
        assert_eq!(faults, []);
        let profile = profile.unwrap();
        assert_eq!(profile.dialect.spec().name, "fake");
        assert_eq!(profile.role, Role::App);
        assert!(profile.production);
        assert_eq!(profile.settings.identity.get("user_id"), Some("12321"));
        assert_eq!(profile.settings.identity.get("expires_in"), Some("12h"));
        assert_eq!(profile.settings.devices.len(), 2);
        assert_eq!(profile.settings.devices[1].get("device_name"), Some("灯 2"));
        let server = profile.settings.server.unwrap();
        assert_eq!((server.host.as_str(), server.port), ("127.0.0.1", 1884));
        assert_eq!(profile.settings.mqtt.keep_alive, Some(60));
        assert_eq!(profile.settings.mqtt.level, Some(MqttLevel::V31));
        assert_eq!(profile.settings.mqtt.subscribe, ["a/+", "b"]);
        assert_eq!(profile.settings.tls.ca.as_deref(), Some(Path::new("conf/ca.pem")));
        assert_eq!(profile.settings.tls.verify_hostname, Some(false));
        assert_eq!(profile.history, Some(64 << 20));
        assert_eq!(profile.model.as_deref(), Some(Path::new("/models/lamp.json")));
    }

    #[test]
    fn an_alias_names_the_dialect() {
        let (profile, _) = parse("dialect = \"sham\"\nrole = \"device\"\n");
        assert_eq!(profile.unwrap().dialect.spec().name, "fake");
    }

    #[test]
    fn an_unknown_key_is_refused_at_its_place_with_the_key_that_was_meant() {
        let text = "dialect = \"fake\"\nrole = \"app\"\n[identity]\nuser_id = 1\nacess_key = \"x\"\n";
        let found = faults(text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0]
                .starts_with("conf/lamp.toml:5:1: unknown key “acess_key”; did you mean “access_key”? Known here: "),
            "{}",
            found[0]
        );
    }

    #[test]
    fn every_fault_of_a_file_is_told_in_order() {
        let text = "dialect = \"fake\"\nrole = \"app\"\nserver = \"127.0.0.1\"\nproduction = \"yes\"\n[identity]\nmethod = \"sha265\"\nexpires_in = \"soon\"\n[mqtt]\nkeep_alive = 70000\nversion = \"5\"\n[tls]\nca = 1\n[history]\nbudget = \"lots\"\n";
        let found: Vec<(usize, usize)> = parse(text).1.iter().map(|fault| (fault.line, fault.column)).collect();
        assert_eq!(found, [(3, 10), (4, 14), (6, 10), (7, 14), (9, 14), (10, 11), (12, 6), (14, 10)]);
        let words = faults(text);
        assert!(words[1].contains("“production” must be true or false, found string"), "{}", words[1]);
        assert!(words[2].contains("cannot be “sha265”; did you mean “sha256”? It must be one of md5, sha1, sha256"));
    }

    #[test]
    fn a_wrong_type_is_told_without_its_value() {
        let text = "dialect = \"fake\"\nrole = \"app\"\n[identity]\naccess_key = [\"hunter2\"]\n";
        let found = faults(text);
        assert_eq!(found, ["conf/lamp.toml:4:14: “access_key” must be a text in quotes, found array"]);
    }

    #[test]
    fn a_syntax_error_has_line_and_column() {
        let found = parse("dialect = \"fake\"\nrole = app\n").1;
        assert_eq!((found[0].line, found[0].column), (2, 8), "{}", found[0]);
    }

    #[test]
    fn dialect_and_role_are_required_and_must_be_known() {
        assert!(faults("role = \"app\"\n")[0].contains("“dialect” is required"));
        assert!(faults("dialect = \"fake\"\n")[0].contains("“role” is required"));
        assert!(faults("dialect = \"fak\"\nrole = \"app\"\n")[0].contains("did you mean “fake”?"));
        assert!(faults("dialect = \"fake\"\nrole = \"ap\"\n")[0].contains("did you mean “app”?"));
        assert!(faults("dialect = \"fake\"\nrole = \"cloud\"\n")[0].contains("one of app, device"));
    }

    #[test]
    fn tables_that_a_role_does_not_have_are_refused() {
        let device = "dialect = \"fake\"\nrole = \"device\"\n[device]\nproduct_id = \"p\"\n";
        assert!(faults(device)[0].contains("fake as device has no [device]"), "{:?}", faults(device));
        let app = "dialect = \"fake\"\nrole = \"app\"\n[simulate]\nreport_every = \"5s\"\n";
        assert_eq!(faults(app), ["conf/lamp.toml:4:1: [simulate] is for role = \"device\""]);
    }

    #[test]
    fn the_simulated_device_is_told_how_to_behave() {
        let text = "dialect = \"fake\"\nrole = \"device\"\n[simulate]\nreport_every = \"5s\"\nevent_every = \"1m\"\ndrift = true\n";
        let (profile, found) = parse(text);
        assert_eq!(found, []);
        let simulate = profile.unwrap().simulate;
        assert_eq!(simulate.report_every, Some(std::time::Duration::from_secs(5)));
        assert_eq!(simulate.event_every, Some(std::time::Duration::from_secs(60)));
        assert!(simulate.drift);
    }

    #[test]
    fn a_complaint_of_the_dialect_finds_its_line() {
        let (profile, _) = parse(GOOD);
        let profile = profile.unwrap();
        let fault = |field: &str| crate::model::FieldFault::new(field, crate::model::fields::MISSING);
        let line = |field: &str| profile.locate(&fault(field)).line;
        let line_of = |words: &str| GOOD.lines().position(|line| line.starts_with(words)).unwrap() + 1;
        assert_eq!(line("user_id"), line_of("user_id"));
        assert_eq!(line("device_name"), line_of("device_name"));
        assert_eq!(line("keep_alive"), line_of("keep_alive"));
        assert_eq!(line("server"), line_of("server"));
        assert_eq!(line("token"), line_of("[identity]"), "a missing field is told where it belongs");
        assert_eq!(
            profile.locate(&fault("token")).to_string(),
            format!("conf/lamp.toml:{}:2: “token” is required", line_of("[identity]"))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s)[a-z\\[\\]=\"\n #.{},0-9值]{0,120}") {
            let _ = parse(&text);
        }
    }
}
