//! Lines there and back.

use super::*;
use crate::base::time::Time;
use crate::model::{Batch, ConnectionId, Direction, Envelope, Kind, Notice};

const AT: Time = Time::from_micros(1_700_000_000_123_456);

fn loaded(lines: &[&str], assumed: Assumed) -> Batch {
    let mut batch = Batch::new(ConnectionId(5));
    let mut loader = Loader::new(assumed, 5..8, AT);
    for line in lines {
        loader.line(line.as_bytes(), &mut batch).unwrap_or_else(|fault| panic!("{line}: {fault:?}"));
    }
    loader.finish(&mut batch).unwrap();
    batch
}

fn origins(batch: &Batch) -> Vec<(ConnectionId, Origin)> {
    let of = |notice: &Notice| match notice {
        Notice::Origin { connection, origin } => Some((*connection, origin.as_ref().clone())),
        _ => None,
    };
    batch.notices().iter().filter_map(of).collect()
}

fn post() -> String {
    let dialect = crate::dialect::REGISTRY.iter().find(|dialect| dialect.spec().name.starts_with("one")).unwrap();
    assert!(dialect.spec().role(Role::App).is_some());
    "$sys/demo/lamp/thing/property/post".to_owned()
}

#[test]
fn every_payload_comes_back_byte_by_byte() {
    let payloads: [&[u8]; 9] = [
        br#"{"id":"1","n":1.50,"e":1e40, "s":"\u0041"}"#,
        b"{\"a\":1}\n",
        b"[1, 2]",
        b"{\"broken\":",
        "温度 \"23.5\" \\ \u{1b}[2J".as_bytes(),
        b"\x00\x00\x00\x03\xff",
        b"",
        b" {}",
        b"null",
    ];
    let mut batch = Batch::new(ConnectionId(1));
    for payload in payloads {
        let envelope = Envelope {
            at: AT,
            direction: Direction::Out,
            qos: 1,
            retain: true,
            dup: true,
            meta: crate::model::Meta::default(),
        };
        batch.push(envelope, "a/\"温\"/b", payload);
    }
    let mut out = Vec::new();
    let mut writer = Writer::new(true);
    for (index, message) in batch.messages().enumerate() {
        writer.message(&mut out, index as u64 + 1, "my \"lamp\"", &message);
    }
    let text = String::from_utf8(out).unwrap();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|fault| panic!("{line}: {fault}"));
        assert_eq!((value["v"].as_u64(), value["direction"].as_str()), (Some(1), Some("out")));
    }
    let back = loaded(&text.lines().collect::<Vec<_>>(), Assumed::nothing("x"));
    assert_eq!(back.len(), payloads.len());
    for (message, payload) in back.messages().zip(payloads) {
        assert_eq!(message.payload, payload);
        assert_eq!((message.topic, message.at, message.qos), ("a/\"温\"/b", AT, 1));
        assert!(message.retain && message.dup && message.direction == Direction::Out);
        assert_eq!(message.connection, ConnectionId(5));
    }
    assert_eq!(origins(&back)[0].1.name, "my \"lamp\"");
}

#[test]
fn the_capture_says_whose_messages_they_are_and_keeps_no_secret() {
    let dialect = crate::dialect::REGISTRY[0];
    let spec = dialect.spec().role(Role::Device).unwrap();
    let mut settings = ConnectionSettings::default();
    for field in spec.identity {
        settings.identity.set(field.name, format!("value-of-{}", field.name));
    }
    let origin = origin_of("lamp", dialect, Role::Device, &settings);
    let mut out = Vec::new();
    Writer::default().origin(&mut out, AT, &origin);
    let text = String::from_utf8(out).unwrap();
    for field in spec.identity {
        assert_eq!(text.contains(&format!("value-of-{}\"", field.name)), !field.secret, "{}", field.name);
    }
    let back = loaded(&[text.trim_end()], Assumed::nothing("x"));
    assert_eq!(origins(&back), [(ConnectionId(5), origin)]);
}

#[test]
fn lines_of_others_are_decoded_like_live_traffic() {
    let post = post();
    let lines = [
        format!(
            r#"{{"tst":"2023-11-14T22:13:20.500000+0000","topic":"{post}","qos":1,"retain":0,"payloadlen":8,"payload":{{"id":"7"}}}}"#
        ),
        format!(r#"{{"topic":"{post}","payload":"{{\"id\":\"8\"}}","timestamp":1700000001000}}"#),
        format!(r#"{{"topic":"{post}","message":"aGk=","time":1700000002.25}}"#),
        format!(r#"{{"topic":"{post}","payload_base64":"aGk="}}"#),
        format!(r#"{{"topic":"{post}","payload_hex":"00 ff","direction":"sent"}}"#),
        format!(r#"{{"topic":"{post}","payload":{{"text":"a","json":"b","more":1}}}}"#),
    ];
    let batch = loaded(&lines.iter().map(String::as_str).collect::<Vec<_>>(), Assumed::nothing("log"));
    let payloads: Vec<&[u8]> = batch.messages().map(|message| message.payload).collect();
    assert_eq!(
        payloads,
        [&br#"{"id":"7"}"#[..], br#"{"id":"8"}"#, b"aGk=", b"hi", b"\x00\xff", br#"{"text":"a","json":"b","more":1}"#]
    );
    let times: Vec<u64> = batch.messages().map(|message| message.at.as_millis()).collect();
    assert_eq!(times[..3], [1_700_000_000_500, 1_700_000_001_000, 1_700_000_002_250]);
    assert!(times.is_sorted());
    assert!(batch.messages().take(1).all(|message| message.meta.kind == Kind::Report && message.qos == 1));
    assert_eq!(batch.message(4).unwrap().direction, Direction::Out);
}

#[test]
fn what_mosquitto_prints_is_read_with_and_without_times() {
    let post = post();
    let lines = [
        format!("{post} {{\"id\":\"1\"}}"),
        format!("2023-11-14T22:13:20+0000 {post} {{\"id\":\"2\"}}"),
        format!("1700000001.500000 {post} {{"),
        "  \"id\": \"3\"".to_owned(),
        "}".to_owned(),
        "a/b (null)".to_owned(),
        "a/b two words".to_owned(),
    ];
    let batch = loaded(&lines.iter().map(String::as_str).collect::<Vec<_>>(), Assumed::nothing("log"));
    let payloads: Vec<String> = batch.messages().map(|m| String::from_utf8_lossy(m.payload).into_owned()).collect();
    assert_eq!(payloads, ["{\"id\":\"1\"}", "{\"id\":\"2\"}", "{\n  \"id\": \"3\"\n}", "", "two words"]);
    assert_eq!(batch.message(1).unwrap().at, Time::from_secs(1_700_000_000));
    assert_eq!(batch.message(2).unwrap().at, Time::from_millis(1_700_000_001_500));
    assert_eq!(batch.message(2).unwrap().meta.kind, Kind::Report);
    assert_eq!(batch.message(2).unwrap().request_id().as_deref(), Some("3"));
}

#[test]
fn what_is_wrong_with_a_line_is_said() {
    let mut loader = Loader::new(Assumed::nothing("x"), 1..2, AT);
    let mut batch = Batch::new(ConnectionId(1));
    for (line, words) in [
        ("{\"v\":1,\"at\":\"2023-11-14T22:13:20Z\",\"topic\":\"a\"", "cut off"),
        ("{\"a\":1}", "topic"),
        ("{\"v\":1,\"topic\":\"a\",\"direction\":\"up\",\"payload\":{\"text\":\"\"}}", "in or out"),
        ("{\"v\":1,\"topic\":\"a\"}", "payload"),
        ("{\"v\":1,\"topic\":\"a\",\"payload\":{\"hex\":\"0\"}}", "hexadecimal"),
        ("{\"v\":1,\"topic\":\"a\",\"at\":\"soon\",\"payload\":{\"text\":\"\"}}", "soon"),
        ("a/# b", "expected a JSON object"),
        ("word", "expected a JSON object"),
        ("{\"v\":1,\"connection\":\"a\",\"dialect\":\"nobody\",\"role\":\"app\"}", "nobody"),
    ] {
        let fault = loader.line(line.as_bytes(), &mut batch).expect_err(line).render(crate::base::lang::Lang::En);
        assert!(fault.contains(words), "{line}: {fault}");
    }
    assert_eq!(loader.line(b"{\"v\":1,\"event\":\"online\"}", &mut batch), Ok(()));
    assert_eq!(loader.line(b"", &mut batch), Ok(()));
}

#[test]
fn a_rewritten_message_has_a_new_id_and_times_of_today() {
    let post = post();
    let line = format!(
        r#"{{"at":"2023-11-14T22:13:20Z","topic":"{post}","payload":{{"id":"77","params":{{"a":{{"value":77,"time":1700000000500}},"n":1700000000999123}}}}}}"#
    );
    let batch = loaded(&[&line], Assumed::nothing("x"));
    let message = batch.message(0).unwrap();
    let now = Time::from_secs(1_800_000_000);
    let mut rewriter = Rewriter::new(Rewrite { ids: true, times: true }, 100);
    let (topic, payload) = rewriter.rewrite(&message, None, now);
    assert_eq!(topic, post);
    assert_eq!(
        String::from_utf8(payload).unwrap(),
        r#"{"id":"101","params":{"a":{"value":77,"time":1800000000500},"n":1700000000999123}}"#
    );
    let (_, payload) = Rewriter::new(Rewrite::default(), 100).rewrite(&message, None, now);
    assert_eq!(payload, message.payload);
}

#[test]
fn the_number_of_a_frame_is_rewritten_and_so_is_that_of_its_acknowledgement() {
    // Gizwits 0x0093 (control with ACK) of an app and the 0x0094 of the device, both with sn 0x0000002a.
    let lines = [
        r#"{"connection":"app","dialect":"gizwits","role":"app","direction":"out","topic":"app2dev/did0/client0","payload_hex":"00000003080000930000002a12"}"#,
        r#"{"connection":"app","dialect":"gizwits","role":"app","direction":"in","topic":"dev2app/did0","payload_hex":"00000003070000940000002a"}"#,
    ];
    let batch = loaded(&lines, Assumed::nothing("x"));
    let dialect = crate::dialect::find("gizwits");
    let mut rewriter = Rewriter::new(Rewrite { ids: true, times: true }, 0x0102_0304_0506);
    let sent: Vec<String> =
        batch.messages().map(|message| crate::base::hex::encode(&rewriter.rewrite(&message, dialect, AT).1)).collect();
    assert_eq!(sent, ["00000003080000930304050712", "000000030700009403040507"]);
}

#[test]
fn exports_are_tables_and_commands() {
    let batch = loaded(
        &[r#"{"topic":"a/it's","payload":"x,\"y\"\n","qos":1}"#, r#"{"topic":"b","payload_hex":"00ff"}"#],
        Assumed::nothing("log"),
    );
    let export = |format| {
        let mut out = Vec::new();
        let mut exporter = Exporter::new(format, false, crate::base::lang::Lang::En);
        exporter.head(&mut out);
        for (index, message) in batch.messages().enumerate() {
            let told = Told { message, connection: "log", outcome: None, latency: None };
            exporter.message(&mut out, index as u64 + 1, &told);
        }
        String::from_utf8(out).unwrap()
    };
    let csv = export(Format::Csv);
    assert!(csv.contains("log,in,a/it's,unknown,") && csv.contains(",text,\"x,\"\"y\"\"\n\"\r\n"), "{csv}");
    assert!(csv.contains(",hex,00ff\r\n"), "{csv}");
    let commands = export(Format::Commands);
    assert!(commands.contains(r"printf '\170\054\042\171\042\012' | pub -q 1 -t 'a/it'\''s' -s"), "{commands}");
    assert!(commands.contains(r"printf '\000\377' | pub -t b -s"), "{commands}");
    assert_eq!(export(Format::Jsonl).lines().count(), 2);
}

proptest::proptest! {
    #[test]
    fn no_line_panics(line: Vec<u8>) {
        let mut batch = Batch::new(ConnectionId(1));
        let mut loader = Loader::new(Assumed::nothing("x"), 1..2, AT);
        let _ = loader.line(&line, &mut batch);
        let _ = loader.finish(&mut batch);
        let _ = mask(&line);
    }

    #[test]
    fn no_line_like_ours_panics(tail in "[{}\\[\\]\":,a-z0-9 .-]{0,60}") {
        let mut batch = Batch::new(ConnectionId(1));
        let mut loader = Loader::new(Assumed::nothing("x"), 1..2, AT);
        let _ = loader.line(format!("{{\"v\":1,\"topic\":\"a\",\"payload\":{tail}}}").as_bytes(), &mut batch);
        let _ = loader.finish(&mut batch);
    }
}
