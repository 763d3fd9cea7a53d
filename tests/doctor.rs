//! The connect doctor as a person calls it, on set-ups that are broken in one way each: it names the stage and the cause,
//! and ends with the exit code of the stage.

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use support::IOTDBG;
use support::process::Process;
use tempfile::TempDir;

/// Every listener takes a free port.
const PORTS: &str = "aliyun=0,onenet-app=0,onenet-device=0,gizwits=0,gizwits-http=0,control=0";

/// A simulated cloud on free ports.
struct Cloud {
    process: Process,
    folder: TempDir,
    app: String,
    device: String,
    /// The first line of the cloud.
    first: Value,
}

impl Cloud {
    fn start(tls: bool) -> Cloud {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(IOTDBG);
        command.args(["cloud", "--json", "--ports", PORTS]);
        if tls {
            command.arg("--tls").arg("--ca-out").arg(folder.path().join("ca.pem"));
        }
        let mut process = Process::start(&mut command);
        let first = process.next_json("the cloud to listen", |value| value["event"] == "listening");
        let url = |name: &str| {
            let endpoints = first["endpoints"].as_array().unwrap();
            endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap()["url"].as_str().unwrap().to_owned()
        };
        let (app, device) = (url("onenet-app"), url("onenet-device"));
        Cloud { process, folder, app, device, first }
    }
}

/// A shipped profile with another server and lines changed or added; its path.
fn profile(folder: &Path, shipped: &str, server: &str, change: &[(&str, &str)], more: &str) -> String {
    let path = format!("{}/profiles/{shipped}.toml", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let key = line.split(['=', ' ']).next().unwrap_or_default();
        match change.iter().find(|(name, _)| *name == key) {
            _ if key == "server" => text.push_str(&format!("server = \"{server}\"\n")),
            Some((_, value)) => text.push_str(&format!("{value}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    let path = folder.join("patient.toml");
    std::fs::write(&path, text + more).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The parts of a checkup, and its exit code.
fn doctor(profile: &str, watch: &str) -> (Vec<Value>, i32) {
    let output = Command::new(IOTDBG)
        .args(["doctor", "-p", profile, "--watch", watch, "--json", "--lang", "en"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let steps = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (steps, output.status.code().unwrap())
}

/// The checkup ends in `stage` with `code` as a certain cause or a supposed one, and with the exit code.
fn expect(profile: &str, watch: &str, stage: &str, code: &str, exit: i32) {
    let (steps, found) = doctor(profile, watch);
    let shown = steps.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(found, exit, "{shown}");
    let failed = steps.iter().find(|step| step["ok"] == false && (step["stage"] != "rules" || stage == "rules"));
    let failed = failed.unwrap_or_else(|| panic!("nothing failed:\n{shown}"));
    assert_eq!(failed["stage"], stage, "{shown}");
    let findings = failed["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["code"] == code).unwrap_or_else(|| panic!("{code}:\n{shown}"));
    assert!(!finding["message"].as_str().unwrap().is_empty() && !finding["fix"].as_str().unwrap().is_empty());
}

#[test]
fn a_healthy_connection_passes_every_part() {
    let cloud = Cloud::start(false);
    let (steps, code) = doctor(&profile(cloud.folder.path(), "onenet-device", &cloud.device, &[], ""), "0s");
    assert_eq!(code, 0, "{steps:?}");
    let parts: Vec<&str> = steps.iter().map(|step| step["stage"].as_str().unwrap()).collect();
    assert_eq!(parts[..5], ["rules", "resolve", "tcp", "connect", "connack"]);
    assert_eq!(parts[parts.len() - 2..], ["ping", "watch"]);
    assert!(steps.iter().all(|step| step["v"] == 1 && step["ok"] == true && step["elapsed_ms"].is_number()));
}

#[test]
fn what_lies_before_mqtt_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let with = |server: &str| profile(folder.path(), "onenet-device", server, &[], "");
    expect(&with("mqtt://no-such-host.invalid:1883"), "0s", "resolve", "host_unknown", 10);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    expect(&with(&format!("mqtt://127.0.0.1:{free}")), "0s", "tcp", "port_closed", 11);
    let cloud = Cloud::start(false);
    expect(&with(&cloud.device.replace("mqtt://", "mqtts://")), "0s", "tls", "not_tls", 12);
    let cloud = Cloud::start(true);
    expect(&with(&cloud.device.replace("mqtts://", "mqtt://")), "0s", "connack", "port_wants_tls", 13);
    expect(&with(&cloud.device), "0s", "tls", "certificate_untrusted", 12);
}

#[test]
fn what_the_platform_refuses_is_told_apart() {
    let cloud = Cloud::start(false);
    let folder = cloud.folder.path();
    let with = |change: &[(&str, &str)], more: &str| profile(folder, "onenet-device", &cloud.device, change, more);
    expect(&with(&[], "\n[mqtt]\nversion = \"3.1\"\n"), "0s", "connack", "mqtt_level", 13);
    expect(&with(&[], "\n[mqtt]\nkeep_alive = 5\n"), "0s", "rules", "keep_alive", 1);
    let secret = [("access_key", "access_key = \"c29tZXRoaW5nIGVsc2U=\"")];
    expect(&with(&secret, ""), "0s", "connack", "identity_or_secret", 13);
    let name = [("device_name", "device_name = \"nobody\"")];
    expect(&with(&name, ""), "0s", "connack", "identity_or_secret", 13);
    let token = "token = \"version=2018-10-31&res=products%2Fdemo%2Fdevices%2Flamp&et=1537255523&method=sha1&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D\"";
    expect(&with(&[("access_key", token)], ""), "0s", "connack", "expired", 13);
    let client_id = "\n[mqtt]\nclient_id = \"demo&lamp\"\n";
    expect(&with(&[], client_id), "0s", "connack", "client_id_with_product", 13);
    let topic = "\n[mqtt]\nsubscribe = [\"$sys/demo/other/thing/property/set\"]\n";
    expect(&with(&[], topic), "0s", "suback", "topic_refused", 14);
    let app = profile(
        folder,
        "onenet-app",
        &cloud.app,
        &[],
        "\n[mqtt]\nsubscribe = [\"$sys/demo/lamp/thing/property/post\"]\n",
    );
    expect(&app, "0s", "suback", "topic_refused", 14);
    let (_, code) = doctor("no-such-profile", "0s");
    assert_eq!(code, 3);
}

#[test]
fn the_rules_of_other_platforms_are_known_too() {
    let cloud = Cloud::start(false);
    let folder = cloud.folder.path();
    let url = |name: &str| {
        let endpoints = cloud.first["endpoints"].as_array().unwrap();
        endpoints.iter().find(|endpoint| endpoint["name"] == name).unwrap()["url"].as_str().unwrap().to_owned()
    };
    let (aliyun, gizwits, http) = (url("aliyun"), url("gizwits"), url("gizwits-http"));
    let api = format!("api = \"{http}\"");
    let aliyun = |change: &[(&str, &str)], more: &str| profile(folder, "aliyun-device", &aliyun, change, more);
    expect(&aliyun(&[], "\n[mqtt]\nkeep_alive = 10\n"), "0s", "connack", "keep_alive", 13);
    expect(
        &aliyun(&[("secure_mode", "")], "\n[mqtt]\nclient_id = \"12345\"\n"),
        "0s",
        "connack",
        "client_id_parameters",
        13,
    );
    let (steps, code) = doctor(&aliyun(&[], ""), "0s");
    assert_eq!(code, 0, "{steps:?}");
    let clock = steps.iter().find(|step| step["stage"] == "clock").unwrap();
    assert_eq!(clock["ok"], true, "{clock}");
    let secret = [("device_secret", "device_secret = \"another secret\"")];
    expect(&aliyun(&secret, ""), "0s", "connack", "identity_or_secret", 13);
    let gizwits = |shipped: &str, change: &[(&str, &str)], more: &str| {
        let change: Vec<(&str, &str)> = change.iter().copied().chain([("api", api.as_str())]).collect();
        profile(folder, shipped, &gizwits, &change, more)
    };
    expect(&gizwits("gizwits-app", &[("token", "token = \"stale\"")], ""), "0s", "connack", "identity_or_secret", 13);
    let account = [("uid", "username = \"nobody\""), ("token", "password = \"nothing\"")];
    expect(&gizwits("gizwits-app", &account, ""), "0s", "login", "login_refused", 13);
    expect(
        &gizwits("gizwits-device", &[("passcode", "passcode = \"wrong\"")], ""),
        "0s",
        "connack",
        "identity_or_secret",
        13,
    );
}

#[test]
fn a_client_id_that_is_used_twice_is_noticed() {
    let mut cloud = Cloud::start(false);
    let path = profile(cloud.folder.path(), "onenet-device", &cloud.device, &[], "");
    let _thief = Process::start(Command::new(IOTDBG).args(["device", "-p", &path, "--json"]));
    cloud.process.next_json("the other client to subscribe", |value| value["event"] == "subscribed");
    expect(&path, "25s", "watch", "client_id_stolen", 1);
}

/// A TLS server with this certificate; it shows it and nothing else. The URL of it under `host`.
fn tls_server(runtime: &tokio::runtime::Runtime, chain: Vec<Vec<u8>>, key: &KeyPair, host: &str) -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
    let chain = chain.into_iter().map(CertificateDer::from).collect();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client breaks the handshake off; that is what is tested.
            let _ = acceptor.accept(stream).await;
        }
    });
    format!("mqtts://{host}:{port}")
}

#[test]
fn every_fault_of_a_certificate_has_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
    let trusting = "\n[tls]\nca = \"ca.pem\"\n";
    let key = KeyPair::generate().unwrap();
    let with = |url: &str, more: &str| profile(folder.path(), "onenet-device", url, &[], more);

    let mut expired = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    expired.not_before = rcgen::date_time_ymd(2020, 1, 1);
    expired.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let expired = expired.signed_by(&key, &authority).unwrap().der().to_vec();
    let url = tls_server(&runtime, vec![expired], &key, "localhost");
    expect(&with(&url, trusting), "0s", "tls", "certificate_expired", 12);

    let other = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
    let other = other.signed_by(&key, &authority).unwrap().der().to_vec();
    let url = tls_server(&runtime, vec![other], &key, "localhost");
    expect(&with(&url, trusting), "0s", "tls", "certificate_name", 12);

    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let url = tls_server(&runtime, vec![own.der().to_vec()], &key, "localhost");
    expect(&with(&url, ""), "0s", "tls", "certificate_self_signed", 12);
}
