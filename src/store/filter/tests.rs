//! The language as a person meets it.

use std::time::Duration;

use super::*;
use crate::base::time::Time;
use crate::model::{Code, ConnectionId, Direction, Id, Kind, Meta, Place, Span};
use crate::store::{Fate, texts};

fn message<'a>(topic: &'a str, payload: &'a [u8], meta: Meta) -> MessageRef<'a> {
    MessageRef {
        at: Time::ZERO,
        connection: ConnectionId(0),
        direction: Direction::In,
        qos: 0,
        retain: false,
        dup: false,
        topic,
        payload,
        payload_len: payload.len(),
        meta,
    }
}

fn admits(filter: &str, topic: &str, payload: &str) -> bool {
    Filter::parse(filter).unwrap().admits(&message(topic, payload.as_bytes(), Meta::default()))
}

#[test]
fn words_are_found_without_regard_to_case() {
    assert!(admits("power", "t", r#"{"Power":true}"#));
    assert!(admits("POWER lamp", "p1/Lamp", r#"{"Power":true}"#));
    assert!(!admits("power lamp", "p1/fan", r#"{"Power":true}"#));
    assert!(admits("ÉTÉ", "t", "en été"));
    assert!(admits("Ж", "t", "ж"));
}

#[test]
fn chinese_is_found() {
    assert!(admits("温度", "t", "当前温度为 23"));
    assert!(!admits("湿度", "t", "当前温度为 23"));
    assert!(admits("温度 23", "t", "当前温度为 23"));
    assert!(admits("温度\u{3000}23", "t", "当前温度为 23"), "a full-width space separates too");
}

#[test]
fn signs_have_no_meaning_of_their_own() {
    assert!(admits("a.b", "t", "a.b"));
    assert!(!admits("a.b", "t", "axb"));
    assert!(admits("$sys/+/#", "$sys/+/#", ""));
    assert!(admits(r"\d '('", "t", r"(\d"));
    assert!(admits("f(x)", "t", "f(x)"), "a parenthesis inside a word is a letter");
    assert!(admits("Power:true a=b :) !", "t", "power:true a=b :) !"), "what is no field is a word");
}

#[test]
fn quotes_hold_a_word_with_spaces() {
    assert!(admits("\"a b\"", "t", "xa bx"));
    assert!(!admits("\"a b\"", "t", "b a"));
    assert!(admits(r#"'"Power":true'"#, "t", r#"{"Power":true}"#));
    assert!(admits(r#""\"Power\"""#, "t", r#"{"Power":true}"#));
    assert!(admits("it's", "t", "It's"), "a quote inside a word is a letter");
}

#[test]
fn broken_bytes_are_searched_around() {
    let filter = Filter::parse("灯 on").unwrap();
    let payload = [b"\xff\xfe".as_slice(), "灯".as_bytes(), b"\x80ON\xc3"].concat();
    assert!(filter.admits(&message("t", &payload, Meta::default())));
}

#[test]
fn the_kind_is_found_by_name_and_in_both_languages() {
    let meta = Meta { kind: Kind::SetReply, ..Meta::default() };
    for word in ["set_reply", "\"set reply\"", "设置应答", "SET"] {
        assert!(Filter::parse(word).unwrap().admits(&message("t", b"", meta)), "{word}");
    }
    assert!(!Filter::parse("report").unwrap().admits(&message("t", b"", meta)));
}

#[test]
fn device_id_and_code_are_found() {
    let meta = Meta {
        kind: Kind::Set,
        ok: None,
        device: Span::new(Place::Topic, 3, 4),
        id: Id::Number(4711),
        code: Code::Number(-12),
    };
    let message = message("p1/lamp/set", b"\x00\x01", meta);
    for word in ["lamp", "4711", "-12", "lamp 471"] {
        assert!(Filter::parse(word).unwrap().admits(&message), "{word}");
    }
    assert!(!Filter::parse("4712").unwrap().admits(&message));
}

#[test]
fn a_fault_names_the_place() {
    let fault = Filter::parse("灯 \"on").unwrap_err();
    assert_eq!(fault.offset, 4);
    assert!(fault.reason.is(&texts::UNCLOSED_QUOTE));
    let fault = Filter::parse("a ''").unwrap_err();
    assert_eq!((fault.offset, fault.reason.is(&texts::EMPTY_WORD)), (2, true));
    let fault = Filter::parse(&"w ".repeat(65)).unwrap_err();
    assert_eq!((fault.offset, fault.reason.is(&texts::TOO_MANY_WORDS)), (128, true));
    assert!(Filter::parse(&"w ".repeat(64)).is_ok());
}

#[test]
fn an_empty_filter_is_everything() {
    assert!(Filter::parse("  ").unwrap().is_everything());
    assert!(!Filter::parse("a").unwrap().is_everything());
    let scope = Scope { topic: TopicScope::Exact("a".into()), ..Scope::default() };
    assert!(!Filter::everything().with_scope(scope).is_everything());
}

#[test]
fn hits_are_sorted_and_joined() {
    let filter = Filter::parse("ab bc 灯").unwrap();
    assert_eq!(filter.hits("xABc 灯 ab"), [1..4, 5..8, 9..11]);
    assert!(Filter::everything().hits("abc").is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_filter_or_a_fault_within_it(text in "[a-c灯 \"'\\\\\u{3000}]{0,24}") {
        match Filter::parse(&text) {
            Ok(filter) => {
                filter.admits(&message(&text, text.as_bytes(), Meta::default()));
                for hit in filter.hits(&text) {
                    proptest::prop_assert!(text.get(hit).is_some());
                }
            }
            Err(fault) => proptest::prop_assert!(text.get(fault.offset..).is_some_and(|rest| !rest.is_empty())),
        }
    }

    #[test]
    fn a_quoted_word_finds_itself(word in "\\PC{1,12}") {
        let quoted = format!("\"{}\"", word.replace('\\', r"\\").replace('"', "\\\""));
        let payload = format!("<{word}>");
        proptest::prop_assert!(admits(&quoted, "t", &payload));
    }
}

#[test]
fn a_word_may_be_long_but_not_endless() {
    for letter in ["x", "灯", "ß"] {
        let long = letter.repeat(test::MAX_TEXT_BYTES / letter.len());
        assert!(admits(&long, "t", &format!("a{long}b")));
        let fault = Filter::parse(&format!("a {}", letter.repeat(100_000))).unwrap_err();
        assert_eq!((fault.offset, fault.reason.is(&texts::WORD_TOO_LONG)), (2, true));
    }
}

/// A message about which everything is known.
fn subject<'a>(topic: &'a str, payload: &'a [u8], meta: Meta) -> Subject<'a> {
    Subject {
        message: MessageRef {
            // 2026-01-31T14:02:11.250Z; unit tests live in UTC.
            at: Time::from_millis(1_769_868_131_250),
            connection: ConnectionId(3),
            direction: Direction::Out,
            qos: 1,
            retain: true,
            ..message(topic, payload, meta)
        },
        fate: Some(Fate::TimedOut),
        latency: Some(Duration::from_millis(150)),
    }
}

fn holds(filter: &str, subject: &Subject<'_>) -> bool {
    let names = Names::new(vec![ConnectionName {
        id: ConnectionId(3),
        name: "lamp app".into(),
        dialect: "onenet",
        role: crate::model::Role::App,
    }]);
    let filter = Filter::parse(filter)
        .unwrap_or_else(|fault| panic!("{filter}: {} at {}", fault.reason, fault.offset))
        .with_names(Arc::new(names));
    filter.expression.holds(&mut |index| filter.answer(&filter.tests[index], subject))
}

#[test]
fn every_field_is_asked() {
    let meta = Meta {
        kind: Kind::SetReply,
        ok: Some(false),
        device: Span::new(Place::Topic, 3, 4),
        id: Id::Number(4711),
        code: Code::Number(-12),
    };
    let subject = subject("p1/lamp/property/set", br#"{"temp":31,"on":true}"#, meta);
    for yes in [
        "topic:LAMP",
        "t:p1/+/property/#",
        "topic=p1/lamp/property/set",
        "conn:app",
        "conn=\"lamp app\"",
        "dialect:one",
        "role:app",
        "dev:lam",
        "device=lamp",
        "kind:set",
        "kind=set_reply",
        "kind:report,set",
        "kind:\"set reply\"",
        "kind:reply",
        "dir:out",
        "outcome:error",
        "outcome:ok,timeout",
        "code=-12",
        "id:47",
        "id=4711",
        "latency>100ms",
        "latency<=150ms",
        "size=21",
        "size<1KiB",
        "time:14:02",
        "time>14:01",
        "time>=14:02",
        "time<14:03",
        "time:14:00..14:02",
        "at:2026-01-31",
        "qos=1",
        "qos>0",
        "retain:yes",
        "dup:no",
        "text:TEMP",
        "re:temp..3[0-9]",
        "re:'\"temp\":(30|31)'",
        "hex:3a33312c",
        "jq:.temp>30",
        "jq:'.temp > 30 and .on'",
        "jq:.on",
        "KIND:SET",
    ] {
        assert!(holds(yes, &subject), "{yes}");
        assert!(!holds(&format!("not {yes}"), &subject), "not {yes}");
        assert!(!holds(&format!("!{yes}"), &subject), "!{yes}");
    }
    for no in [
        "topic:lamb",
        "t:p1/+/property",
        "topic=lamp",
        "conn:device",
        "dialect:aliyun",
        "role:device",
        "dev=lam",
        "kind=set",
        "kind:request",
        "dir:in",
        "outcome:ok",
        "outcome:open",
        "code:13",
        "id=47",
        "latency>150ms",
        "size>21",
        "time>14:02",
        "time<14:02",
        "time:14:03..14:05",
        "qos!=1",
        "retain:no",
        "dup:yes",
        "text:lamp",
        "re:^temp",
        "hex:ff",
        "jq:.temp>31",
        "jq:.missing",
        "jq:.temp.deeper",
    ] {
        assert!(!holds(no, &subject), "{no}");
    }
}

#[test]
fn questions_are_joined() {
    let subject = subject("p1/lamp", b"red green", Meta::default());
    for (filter, expected) in [
        ("red green", true),
        ("red and green", true),
        ("red blue", false),
        ("red or blue", true),
        ("blue or red green", true),
        ("blue or red black", false),
        ("(blue or red) green", true),
        ("(blue or red) and not (black or white)", true),
        ("not red or green", true),
        ("not (red or green)", false),
        ("!red", false),
        ("!(blue) RED AND Green", true),
        ("text:blue,green", true),
        ("text:(red or green)", false),
        ("(text:red)", true),
        ("qos!=0,2", true),
        ("qos!=0,1", false),
        ("\"or\" or red", true),
        ("orange or red", true),
        ("android", false),
    ] {
        assert_eq!(holds(filter, &subject), expected, "{filter}");
    }
}

#[test]
fn faults_name_place_and_reason() {
    for (filter, offset, words) in [
        ("a (b", 2, "never closed"),
        ("a )", 2, "closes nothing"),
        ("a or", 4, "beside “or”"),
        ("and a", 0, "beside “and”"),
        ("a not", 2, "beside “not”"),
        ("knid:set", 0, "did you mean “kind”"),
        ("kind:sett", 5, "the nearest is “set”"),
        ("kind:", 5, "a value must follow, as in kind:set"),
        ("a dir:up", 6, "in, out"),
        ("topic>3", 5, "cannot be compared"),
        ("latency>5", 8, "500ms"),
        ("size:big", 5, "64MiB"),
        ("time:25:00", 5, "14:02"),
        ("re:(", 3, "regular expression"),
        ("hex:0g", 4, "hex digit"),
        ("topic:a/#/b", 6, "#"),
        ("jq:'.a ='", 8, "jq"),
        ("jq:nothing_like_it", 3, "nothing_like_it"),
        ("jq:env", 3, "env"),
        ("text:'a", 5, "never closed"),
    ] {
        let fault = Filter::parse(filter).expect_err(filter);
        assert_eq!(fault.offset, offset, "{filter}: {}", fault.reason);
        assert!(fault.reason.to_string().contains(words), "{filter}: {}", fault.reason);
    }
}

#[test]
fn only_what_is_wanted_is_highlighted() {
    assert_eq!(Filter::parse("red not green").unwrap().hits("red green"), vec![0..3]);
    assert_eq!(Filter::parse("text:een or re:'r.d'").unwrap().hits("red green"), [0..3, 6..9]);
}

#[test]
fn completions_go_on_with_what_was_typed() {
    let names = Names::new(vec![ConnectionName {
        id: ConnectionId(0),
        name: "lamp app".into(),
        dialect: "onenet",
        role: crate::model::Role::App,
    }]);
    let texts = |source: &str| -> Vec<String> {
        Filter::complete(source, source.len(), &names).into_iter().map(|found| found.text).collect()
    };
    assert_eq!(texts("la"), ["latency>"]);
    assert_eq!(texts("kind:set"), ["set_reply"]);
    assert_eq!(texts("dir:in,o"), ["out"]);
    assert_eq!(texts("conn:"), ["\"lamp app\""]);
    assert_eq!(texts("red (not ou"), ["outcome:"]);
    assert!(texts("\"ki").is_empty(), "within quotes everything is text");
    assert_eq!(texts("").len(), FIELDS.len());
    let found = &Filter::complete("red dir:o", 9, &names)[0];
    assert_eq!((found.replaces.clone(), found.text.as_str()), (8..9, "out"));
}

proptest::proptest! {
    #[test]
    fn any_expression_is_read_or_refused_within_it(text in "(kind|dir|jq|re|size|and|or|not|[a-c:=<>!(),\"' .|])*") {
        match Filter::parse(&text) {
            Ok(filter) => _ = filter.admits(&message("a/b", b"{\"a\":1}", Meta::default())),
            Err(fault) => proptest::prop_assert!(fault.offset <= text.len() && text.is_char_boundary(fault.offset)),
        }
        for found in Filter::complete(&text, text.len(), &Names::default()) {
            proptest::prop_assert!(text.get(found.replaces).is_some());
        }
    }
}
