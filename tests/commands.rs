//! Commands as processes: what a script sees of those that need no connection, and the exit codes of those that do.

mod support;

use std::net::TcpListener;

use assert_cmd::Command;
use serde_json::Value;
use support::IOTDBG;
use tempfile::TempDir;

/// The example key of the platform's documents.
const KEY: &str = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw=";

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: “{}”\n{}", self.out, self.err))
    }
}

fn run(args: &[&str]) -> Run {
    run_with(args, "")
}

fn run_with(args: &[&str], input: &str) -> Run {
    let output = Command::new(IOTDBG)
        .args(args)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", "C")
        .write_stdin(input)
        .timeout(support::PATIENCE)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn profile(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("p.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn device_at(folder: &TempDir, server: &str) -> String {
    profile(
        folder,
        &format!(
            "dialect = \"onenet\"\nrole = \"device\"\nserver = \"{server}\"\n[identity]\nproduct_id = \"p1\"\n\
             device_name = \"lamp\"\naccess_key = \"aW90ZGJnLXRlc3Qta2V5\"\n"
        ),
    )
}

#[test]
fn sign_gives_the_published_token_of_a_device() {
    // Published in a unit test of a third-party library (ricnsmart/util).
    let signed = run(&[
        "sign",
        "onenet",
        "device",
        "--product-id",
        "123123",
        "--resource",
        "product",
        "--access-key",
        KEY,
        "--version",
        "2018-10-31",
        "--expires-at",
        "1537255523",
        "--method",
        "sha1",
        "--json",
    ]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let object = signed.json();
    assert_eq!(object["v"], 1);
    assert_eq!((&object["dialect"], &object["role"]), (&"onenet".into(), &"device".into()));
    assert_eq!(
        object["password"],
        "version=2018-10-31&res=products%2F123123&et=1537255523&method=sha1&sign=lsaPSiiGvEFFjXu5WU7a6IkScqE%3D"
    );
    assert_eq!(object["content"], "1537255523\nsha1\nproducts/123123\n2018-10-31");
    assert_eq!(object["expires_at"], 1_537_255_523);
    assert!(object["steps"].as_array().is_some_and(|steps| steps.len() >= 3));
}

#[test]
fn sign_gives_the_token_of_an_app() {
    let signed = run(&[
        "sign",
        "onenet",
        "app",
        "--user-id",
        "12321",
        "--access-key",
        KEY,
        "--version",
        "2020-05-29",
        "--expires-at",
        "1700000000",
        "--method",
        "sha256",
        "--json",
    ]);
    let object = signed.json();
    assert_eq!(object["username"], "userid/12321");
    assert!(object["password"].as_str().unwrap().contains("sign=mPM6eMpEeuU42sgGnlqsIjK1sQEpxP9kQ4rswou72N8%3D"));
    assert_eq!((&object["host"], &object["port"]), (&"183.230.102.116".into(), &25_002.into()));
    assert_eq!(object["tls"], false);
}

#[test]
fn sign_guesses_the_role_and_reads_a_profile() {
    let guessed = run(&["sign", "onenet", "--user-id", "1", "--access-key", KEY, "--json"]).json();
    assert_eq!(guessed["role"], "app");
    let profile = run(&["sign", "-p", "onenet-device", "--json"]).json();
    assert_eq!(profile["role"], "device");
    assert_eq!(profile["host"], "127.0.0.1", "the address of the profile");
}

#[test]
fn a_missing_or_foreign_field_is_a_usage_error_that_names_its_flag() {
    let missing = run(&["sign", "onenet", "device", "--access-key", KEY]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("--product-id"), "{}", missing.err);
    assert!(!missing.err.contains(KEY));
    let foreign = run(&["sign", "onenet", "app", "--product-id", "p1", "--access-key", KEY]);
    assert_eq!(foreign.code, 2);
    assert!(foreign.err.contains("--product-id"), "{}", foreign.err);
    assert_eq!(run(&["sign"]).code, 2);
    assert_eq!(run(&["sign", "nonsense"]).code, 2);
}

#[test]
fn encode_takes_the_words_of_the_operation() {
    let encoded =
        run(&["encode", "onenet", "set", "Power=on", "--product-id", "p1", "--device-name", "lamp", "--json"]).json();
    assert_eq!(encoded["v"], 1);
    assert_eq!(encoded["topic"], "$sys/p1/lamp/thing/property/set");
    assert_eq!(encoded["payload"]["json"]["data"]["params"]["Power"], "on");
    let missing = run(&["encode", "onenet", "bind", "--product-id", "p1"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("desired") && missing.err.contains("report"), "{}", missing.err);
}

#[test]
fn the_example_of_every_platform_encodes_something() {
    let listed = run(&["profiles", "list", "--json"]).out;
    let dialects: std::collections::BTreeSet<String> = listed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["dialect"].as_str().unwrap_or_default().to_owned())
        .collect();
    for dialect in dialects.iter().filter(|name| !name.is_empty()) {
        let help = run(&["encode", dialect, "--help"]).out;
        let line = help.lines().find_map(|line| line.trim().strip_prefix("iotdbg ")).unwrap().to_owned();
        let encoded = run(&line.split(' ').collect::<Vec<_>>());
        assert!(encoded.code == 0 && encoded.json()["topic"].is_string(), "{line}: {}", encoded.err);
    }
}

#[test]
fn decode_finds_dialect_and_kind_by_itself() {
    let topic = "$sys/p1/lamp/thing/property/set";
    let text = r#"{"id":"1","version":"1.0","params":{"Power":true}}"#;
    let object = run(&["decode", "--topic", topic, "--text", text, "--json"]).json();
    assert_eq!((&object["dialect"], &object["kind"]), (&"onenet".into(), &"set".into()));
    let fields = object["fields"].as_array().unwrap();
    let params = fields.iter().find(|field| field["name"] == "params").unwrap();
    let (offset, length) = (params["offset"].as_u64().unwrap(), params["length"].as_u64().unwrap());
    let bytes = &text[offset as usize..(offset + length) as usize];
    assert!(bytes.contains("Power"), "the range holds the field: {bytes}");
    let without = run(&["decode", "--text", text, "--json"]).json();
    assert_ne!(without["kind"], "unknown", "no topic is no reason to give up");
}

#[test]
fn decode_takes_hex_files_and_standard_input() {
    let text = r#"{"id":"1","code":200,"msg":"success"}"#;
    let hex: String = text.bytes().map(|byte| format!("0x{byte:02X} ")).collect();
    let expected = run(&["decode", "--text", text, "--json"]).json();
    assert_eq!(run(&["decode", &hex, "--json"]).json(), expected);
    assert_eq!(run_with(&["decode", "-", "--json"], text).json(), expected);
    assert_eq!(run_with(&["decode", "-", "--hex-input", "--json"], &hex).json(), expected);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("message");
    std::fs::write(&path, text).unwrap();
    assert_eq!(run(&["decode", "--file", path.to_str().unwrap(), "--json"]).json(), expected);
}

#[test]
fn what_cannot_be_decoded_ends_with_17_and_still_prints_its_problems() {
    let decoded = run(&["decode", "--json", "00ff1b"]);
    assert_eq!(decoded.code, 17);
    assert!(!decoded.json()["problems"].as_array().unwrap().is_empty());
    assert_eq!(run(&["decode", "zz"]).code, 2);
    assert_eq!(run(&["decode"]).code, 2);
}

#[test]
fn profiles_are_listed_shown_made_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().to_str().unwrap();
    let list = run(&["profiles", "list", "--config", config]);
    assert!(list.out.contains("onenet-app") && list.out.contains("onenet-device"), "{}", list.out);
    let show = run(&["profiles", "show", "onenet-app", "--config", config]);
    assert!(show.out.contains("access_key") && show.out.contains("••••••"), "{}", show.out);

    let made = run(&["profiles", "new", "mine", "--dialect", "onenet", "--role", "device", "--config", config]);
    assert_eq!(made.code, 0, "{}", made.err);
    let path = std::path::PathBuf::from(made.out.trim());
    assert!(path.is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = run(&["profiles", "new", "mine", "--dialect", "onenet", "--role", "device", "--config", config]);
    assert_eq!(again.code, 3, "a profile is never overwritten");
    assert_eq!(run(&["profiles", "path", "--config", config]).out.trim(), path.parent().unwrap().to_str().unwrap());

    let broken = profile(&folder, "dialect = \"onenet\"\nrole = \"app\"\nservre = \"mqtt://h\"\n");
    let checked = run(&["profiles", "check", &broken]);
    assert_eq!(checked.code, 3);
    assert!(checked.err.contains(":3:1") && checked.err.contains("server"), "{}", checked.err);
}

#[test]
fn profiles_are_imported_and_exported_without_secrets() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().to_str().unwrap();
    let export = folder.path().join("MQTTX.json");
    std::fs::write(
        &export,
        r#"[{"name":"my lamp","clientId":"pk.lamp|securemode=2,signmethod=hmacsha256,timestamp=1|",
            "username":"lamp&pk","password":"00","host":"pk.iot-as-mqtt.cn-shanghai.aliyuncs.com","port":1883,"protocol":"mqtt"},
           {"name":"other","clientId":"x","username":"y","password":"z","host":"broker.example","port":1883}]"#,
    )
    .unwrap();
    let made = run(&["profiles", "import", export.to_str().unwrap(), "--json", "--config", config]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(made.json()["dialect"], "aliyun", "{}", made.out);
    assert!(made.err.contains("other"), "what is no login of a platform is told: {}", made.err);
    let name = made.json()["name"].as_str().unwrap().to_owned();
    assert!(std::path::Path::new(made.json()["path"].as_str().unwrap()).exists());

    let triple = r#"{"ProductKey":"pk","DeviceName":"d1","DeviceSecret":"s3cr3t"}"#;
    let pasted = run_with(&["profiles", "import", "-", "--name", "pasted", "--config", config], triple);
    assert_eq!((pasted.code, pasted.err.as_str()), (0, ""));
    let again = run_with(&["profiles", "import", "-", "--name", "pasted", "--config", config], triple);
    assert_eq!(again.code, 3, "a name is not taken twice: {}", again.err);
    let beside = run_with(&["profiles", "import", triple, "--dry-run", "--config", config], "");
    assert!(beside.out.contains("s3cr3t") && beside.out.contains("dialect = \"aliyun\""), "{}", beside.out);

    let exported = run(&["profiles", "export", "pasted", "--config", config]);
    assert!(exported.code == 0 && !exported.out.contains("s3cr3t") && exported.out.contains("d1"), "{}", exported.out);
    let file = folder.path().join("out.toml");
    assert_eq!(run(&["profiles", "export", &name, "-o", file.to_str().unwrap(), "--config", config]).code, 0);
    assert!(std::fs::read_to_string(file).unwrap().contains("dialect = \"aliyun\""));
    assert_eq!(run_with(&["profiles", "import", "-", "--config", config], "nothing").code, 3);
}

#[test]
fn help_manual_and_usage_errors_speak_chinese() {
    let help = run(&["set", "--help", "--lang", "zh-CN"]);
    assert!(help.code == 0 && help.out.contains("用法：iotdbg set") && help.out.contains("选项："), "{}", help.out);
    let wrong = run(&["--lang=zh-CN", "set", "--nonsense"]);
    assert!(
        wrong.code == 2 && wrong.out.is_empty() && wrong.err.starts_with("错误：没有参数 --nonsense"),
        "{}",
        wrong.err
    );
    for line in run(&["man", "--list"]).out.lines() {
        let mut args = vec!["man", "--lang", "zh-CN"];
        args.extend(line.split(' '));
        let page = run(&args);
        assert!(
            page.code == 0 && page.out.contains(".SH 用法") && page.out.contains(".SH 示例"),
            "{line}: {}",
            page.out
        );
    }
    assert!(run(&["completions", "zsh", "--lang", "zh-CN"]).out.contains("打印收到的消息"));
}

#[test]
fn bash_completes_options_and_the_names_of_profiles() {
    let script = run(&["completions", "bash"]).out;
    let tried = "complete() { :; }; source /dev/stdin; \
                 try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); \
                 _iotdbg iotdbg \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; echo \"${COMPREPLY[*]}\"; }; \
                 try iotdbg tail --packe; try iotdbg tail -p onenet-; try iotdbg sign one";
    let path = std::path::Path::new(IOTDBG).parent().unwrap();
    let output = Command::new("bash")
        .args(["--norc", "-c", tried])
        .env("PATH", format!("{}:{}", path.display(), std::env::var("PATH").unwrap()))
        .write_stdin(script)
        .timeout(support::PATIENCE)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(out.lines().collect::<Vec<_>>(), ["--packets", "onenet-app onenet-device", "onenet"], "{output:?}");
}

#[test]
fn completions_and_manual_come_from_the_command_line_itself() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(script.code == 0 && script.out.contains("product-id"), "{shell}: {}", script.err);
    }
    let page = run(&["man"]);
    assert!(page.out.contains(".TH iotdbg"), "{}", page.out);
    assert!(run(&["man", "set"]).out.contains("Power=true"));
    assert_eq!(run(&["man", "nonsense"]).code, 2);
}

#[test]
fn the_help_of_every_command_has_an_example() {
    let help = run(&["--help"]).out;
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"set") && names.contains(&"decode"), "{names:?}");
    for name in names {
        let help = run(&[name, "--help"]);
        assert_eq!(help.code, 0, "{name}");
        assert!(help.out.contains("Example") && help.out.contains(&format!("iotdbg {name}")), "{name}:\n{}", help.out);
    }
}

#[test]
fn codes_and_keys_speak_both_languages() {
    let code = run(&["codes", "1106", "--json"]).json();
    assert_eq!((&code["dialect"], &code["code"]), (&"onenet".into(), &"1106".into()));
    assert_eq!(run(&["codes", "no-such-code"]).code, 1);
    let english = run(&["keys"]).out;
    let chinese = run(&["keys", "--lang", "zh-CN"]).out;
    assert!(!english.is_empty() && english != chinese);
    assert!(chinese.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{chinese}");
}

#[test]
fn errors_of_the_command_line_end_with_2_and_keep_standard_output_clean() {
    for args in [
        vec!["nonsense"],
        vec!["set", "Power=true"],
        vec!["set", "-p", "onenet-app"],
        vec!["set", "-p", "onenet-app", "Power"],
        vec!["get", "-p", "onenet-app", "Power"],
        vec!["bind", "-p", "onenet-app"],
        vec!["send", "-p", "onenet-app", "-t", "a/#", "--text", "x"],
        vec!["send", "-p", "onenet-app", "-t", "a"],
        vec!["tail", "-p", "onenet-app", "-t", "a/#/b"],
        vec!["tail", "-p", "onenet-app", "--for", "soon"],
        vec!["device", "-p", "onenet-app"],
        vec!["-p", "onenet-app", "keys"],
    ] {
        let ended = run(&args);
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.err);
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{args:?}: {}", ended.out);
    }
    let listed = run(&["bind", "-p", "onenet-app"]);
    assert!(listed.err.contains("set") && listed.err.contains("desired"), "{}", listed.err);
}

#[test]
fn profiles_that_cannot_be_used_end_with_3() {
    assert_eq!(run(&["tail", "-p", "no-such-profile"]).code, 3);
    let folder = tempfile::tempdir().unwrap();
    let path = profile(
        &folder,
        "dialect = \"onenet\"\nrole = \"app\"\nserver = \"mqtt://127.0.0.1:1\"\n[identity]\nuser_id = \"1\"\n\
         access_key = \"env:IOTDBG_TEST_NO_SUCH_VARIABLE\"\n[device]\nproduct_id = \"p\"\ndevice_name = \"d\"\n",
    );
    let ended = run(&["set", "-p", &path, "a=1"]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("IOTDBG_TEST_NO_SUCH_VARIABLE") && ended.err.contains("p.toml"), "{}", ended.err);
}

#[test]
fn a_name_that_does_not_resolve_ends_with_10() {
    let folder = tempfile::tempdir().unwrap();
    let path = device_at(&folder, "mqtt://no-such-host.invalid:1883");
    let ended = run(&["report", "-p", &path, "temperature=1"]);
    assert_eq!(ended.code, 10, "{}", ended.err);
    assert!(ended.err.contains("no-such-host.invalid"), "{}", ended.err);
}

#[test]
fn a_port_where_nobody_listens_ends_with_11() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let path = device_at(&folder, &format!("mqtt://127.0.0.1:{port}"));
    for args in [vec!["report", "-p", &path, "temperature=1"], vec!["tail", "-p", &path, "--no-reconnect"]] {
        let ended = run(&args);
        assert_eq!(ended.code, 11, "{args:?}: {}", ended.err);
        assert!(ended.err.contains(&port.to_string()) && ended.err.contains('→'), "{}", ended.err);
    }
}

#[test]
fn a_server_that_speaks_no_tls_ends_with_12() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        use std::io::Write;
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 mail.example ready\r\n").unwrap();
        stream
    });
    let folder = tempfile::tempdir().unwrap();
    let path = device_at(&folder, &format!("mqtts://127.0.0.1:{port}"));
    let ended = run(&["report", "-p", &path, "temperature=1"]);
    assert_eq!(ended.code, 12, "{}", ended.err);
    assert!(ended.err.contains("TLS"), "{}", ended.err);
    drop(server.join());
}

#[test]
fn words_come_in_the_language_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = device_at(&folder, "mqtt://no-such-host.invalid:1883");
    let ended = run(&["report", "-p", &path, "temperature=1", "--lang", "zh-CN"]);
    assert!(ended.err.contains("无法解析"), "{}", ended.err);
    assert_eq!(run(&["keys", "--lang", "tlh"]).code, 2);
}

#[test]
fn colours_appear_only_when_asked_for() {
    assert!(!run(&["keys"]).out.contains('\u{1b}'));
    assert!(run(&["keys", "--color", "always"]).out.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    for args in [vec!["codes"], vec!["keys"], vec!["man"], vec!["completions", "zsh"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(IOTDBG).args(&args).stdout(writer).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && words.is_empty(), "{args:?}: {words}");
    }
}

#[test]
fn a_message_that_cannot_be_delivered_ends_with_the_code_of_the_connection() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = TempDir::new().unwrap();
    let device = device_at(&folder, &format!("mqtt://127.0.0.1:{port}"));
    let sent = run(&["send", "-p", &device, "-t", "a", "--text", "x"]);
    assert_eq!(sent.code, 11, "{}", sent.err);
    let watched = run(&["tail", "-p", &device, "--for", "300ms"]);
    assert_eq!(watched.code, 11, "{}", watched.err);
    let played = run(&["device", "-p", &device, "--for", "300ms"]);
    assert_eq!(played.code, 11, "{}", played.err);
}

#[test]
fn a_topic_of_the_device_is_read_in_its_place() {
    let topic = "$sys/p1/lamp/thing/property/post/reply";
    let found = run(&["decode", "--topic", topic, "--text", r#"{"id":"1","code":200,"msg":"success"}"#, "--json"]);
    assert_eq!(found.json()["problems"], Value::Array(vec![]), "{}", found.out);
}

#[test]
fn hex_that_is_none_is_told_with_its_place() {
    let found = run(&["decode", "00 0g"]);
    assert_eq!(found.code, 2);
    assert!(found.err.contains("character 5"), "{}", found.err);
}

#[test]
fn chinese_words_hold_no_english_ones() {
    let found = run(&["--lang", "zh-CN", "decode", "--text", "{bad"]);
    assert!(found.out.contains("实际是结尾") && !found.out.contains("the end"), "{}", found.out);
}

#[test]
fn encode_takes_the_words_of_set() {
    let identity = ["--product-id", "p1", "--device-name", "lamp", "--json"];
    let encode = |words: &[&str]| run(&[&["encode", "onenet"], words, &identity[..]].concat());
    assert_eq!(encode(&["set", "Power=on"]).json()["topic"], "$sys/p1/lamp/thing/property/set");
    assert_eq!(encode(&["set", "--desired", "Power=on"]).json()["topic"], "$sys/p1/lamp/thing/property/desired/set");
    assert_eq!(encode(&["get", "--desired", "Power"]).json()["topic"], "$sys/p1/lamp/thing/property/desired/get");
    assert_eq!(encode(&["desired_get", "Power"]).json()["topic"], "$sys/p1/lamp/thing/property/desired/get");
    let refused = encode(&["report", "--desired", "Power=on"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--desired"), "{}", refused.err);
    let nobody = run(&["encode", "onenet", "set", "Power=on"]);
    assert_eq!(nobody.code, 2);
    assert!(nobody.err.contains("product_id"), "{}", nobody.err);
    let unknown = encode(&["dance"]);
    assert!(unknown.err.contains("“dance”") && unknown.err.contains("desired-get"), "{}", unknown.err);
}

#[cfg(feature = "cloud")]
#[test]
fn a_cloud_does_not_start_with_what_it_would_have_to_ignore() {
    let folder = TempDir::new().unwrap();
    let roster = |text: &str| profile(&folder, text);
    let start = |args: &[&str]| run(&[&["cloud", "--ports", "onenet-app=0,onenet-device=0"], args].concat());
    let device =
        |key: &str| format!("[[onenet.device]]\nproduct_id = \"p\"\ndevice_name = \"d\"\naccess_key = \"{key}\"\n");
    let wrong_key = start(&["--roster", &roster(&device("not base64!"))]);
    assert_eq!(wrong_key.code, 3, "{}", wrong_key.err);
    assert!(wrong_key.err.contains(":1: access_key") && !wrong_key.err.contains("not base64!"), "{}", wrong_key.err);
    let misspelt = start(&["--roster", &roster(&device("a2V5").replace("device_name", "device_nam"))]);
    assert_eq!(misspelt.code, 3);
    assert!(misspelt.err.contains(":3:1: unknown key “device_nam”; did you mean “device_name”?"), "{}", misspelt.err);
    for option in ["x=y", "onenet.x=y", "onenet.topic-limit=many"] {
        let refused = start(&["--option", option]);
        assert_eq!(refused.code, 2, "{option}: {}", refused.err);
    }
}
