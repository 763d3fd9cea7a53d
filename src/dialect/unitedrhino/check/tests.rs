//! Wrong logins, one mistake each, and what the checker says of them.

use super::*;

/// The base64 of 1234567890abcdef.
const SECRET: &str = "MTIzNDU2Nzg5MGFiY2RlZg==";
const ID: &str = "23SR0LPzE2I&dev1";
const USER: &str = "23SR0LPzE2I&dev1;12010126;E4F3Q;1800000000";
const NOW: Time = Time::from_secs(1_750_000_000);

fn given(id: &str, user: &str, password: &str) -> Given {
    Given {
        client_id: Some(id.to_owned()),
        username: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        fields: Fields::new().with("device_secret", SECRET),
        ..Given::default()
    }
}

fn sha256(key: &[u8], text: &str) -> String {
    hex::encode(&digest::hmac(Digest::Sha256, key, text.as_bytes()))
}

fn right(user: &str) -> String {
    sha256(b"1234567890abcdef", user) + ";hmacsha256"
}

/// The right login but for the text that was signed.
fn signed(text: &str) -> Given {
    given(ID, USER, &right(text))
}

fn keyed(key: &[u8]) -> Given {
    given(ID, USER, &(sha256(key, USER) + ";hmacsha256"))
}

fn verdict(given: &Given) -> Checked {
    check(None, given, NOW).unwrap()
}

#[test]
fn published_and_computed_logins_are_right() {
    for (user, password) in [
        (USER.to_owned(), right(USER)),
        (
            "23SR0LPzE2I&dev1;12010126;E4F3Q;1700000000".to_owned(),
            "4c9786635daeb11386ef2ec7a8f65a69e8453b2d0a02a5842c71d7ae1e1f63ab;hmacsha256".to_owned(),
        ),
        (
            "23SR0LPzE2I&dev1;12010126;E4F3Q;1700000000".to_owned(),
            "6cf7d28900dd14b9c12af041e43392d70746445e;hmacsha1".to_owned(),
        ),
        (
            "23SR0LPzE2Idev1;12010126;E4F3Q;1700000000".to_owned(),
            "b57035a8ca3bb49d0d4e42e53cf7517e3cb7f2b61deefb06e95f8f0b3f99bbce;hmacsha256".to_owned(),
        ),
    ] {
        let checked = verdict(&given(ID, &user, &password));
        assert!(checked.is_right(), "{user}: {:?}", checked.findings);
        assert_eq!(checked.expected.unwrap().password.unwrap().expose(), password);
    }
}

#[test]
fn one_mistake_each_is_named_and_certain() {
    let token = right(USER).replace(";hmacsha256", "");
    let cases: Vec<(&str, Given)> = vec![
        ("letter_case", given(ID, USER, &format!("{};hmacsha256", token.to_uppercase()))),
        ("suffix_missing", given(ID, USER, &token)),
        ("suffix_unknown", given(ID, USER, &format!("{token};sha256"))),
        ("suffix_unknown", given(ID, USER, &format!("{token};HMACSHA256"))),
        ("digest_mismatch", given(ID, USER, &format!("{token};hmacsha1"))),
        ("key_not_decoded", keyed(SECRET.as_bytes())),
        ("key_as_hex", keyed(hex::encode(b"1234567890abcdef").as_bytes())),
        ("client_id_signed", signed(ID)),
        ("part_left_out", signed("23SR0LPzE2I&dev1;12010126;E4F3Q")),
        ("order", signed("23SR0LPzE2I&dev1;12010126;1800000000;E4F3Q")),
        ("joint", signed("23SR0LPzE2I&dev1,12010126,E4F3Q,1800000000")),
        ("part_added", signed(&format!("{USER};hmacsha256"))),
        ("part_added", signed(&format!("{USER}\n"))),
        ("client_id_form_signed", signed("23SR0LPzE2Idev1;12010126;E4F3Q;1800000000")),
        ("product_and_device_swapped", signed("dev1&23SR0LPzE2I;12010126;E4F3Q;1800000000")),
        ("signed_other_value", signed("23SR0LPzE2I&dev1;12010126;E4F3Q;1800000001")),
        ("signed_other_value", signed("23SR0LPzE2I&dev1;12010126;E4F3O;1800000000")),
        ("signed_other_value", signed("23SR0LPzE2I&dev1;12010126;E4F3Q;1800000000000")),
        ("encoded_before_signing", signed(&USER.replace('&', "%26").replace(';', "%3B"))),
        ("base64_instead_of_hex", {
            let bytes = digest::hmac(Digest::Sha256, b"1234567890abcdef", USER.as_bytes());
            given(ID, USER, &format!("{};hmacsha256", digest::base64_encode(&bytes)))
        }),
        ("signature_typo", given(ID, USER, &format!("{}0;hmacsha256", &token[..63]).replace("00;", "10;"))),
        ("cut_off", given(ID, USER, &format!("{};hmacsha256", &token[..32]))),
        ("secret_sent", given(ID, USER, SECRET)),
        ("not_signed", given(ID, USER, USER)),
        ("username_form", given(ID, ID, &right(ID))),
        ("username_form", given(ID, "23SR0LPzE2I&dev1;12010126;E4F3Q", &right(USER))),
        ("username_separator", given(ID, "23SR0LPzE2I&dev1,12010126,E4F3Q,1800000000", &right(USER))),
        ("client_id_other", given("23SR0LPzE2I&dev2", USER, &right(USER))),
        ("product_and_device_swapped", given("dev1&23SR0LPzE2I", USER, &right(USER))),
        ("client_id_form", given("dev1", USER, &right(USER))),
        ("client_id_separator", given("23SR0LPzE2I.dev1", USER, &right(USER))),
        ("no_hmac", {
            let bytes = digest::hash(Digest::Sha256, format!("1234567890abcdef{USER}").as_bytes());
            given(ID, USER, &format!("{};hmacsha256", hex::encode(&bytes)))
        }),
    ];
    for (code, given) in cases {
        let checked = verdict(&given);
        let errors: Vec<&Finding> =
            checked.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.iter().any(|finding| finding.code == code && finding.certain), "{code}: {errors:?}");
        assert_eq!(errors.len(), 1, "{code}: {errors:?}");
    }
}

#[test]
fn another_secret_is_no_certain_mistake() {
    let checked = verdict(&keyed(b"something else entirely"));
    assert!(!checked.is_right());
    assert!(checked.findings.iter().all(|finding| !finding.certain || finding.code == "expired"), "{checked:?}");
}

#[test]
fn what_does_not_break_a_login_is_a_warning() {
    let old = "23SR0LPzE2I&dev1;12010126;E4F3Q;1700000000";
    let checked = verdict(&given("23SR0LPzE2Idev1", old, &right(old)));
    let codes: Vec<&str> = checked.findings.iter().map(|finding| finding.code).collect();
    assert!(checked.is_right());
    assert_eq!(codes, ["client_id_legacy", "expired"]);
    let short = "23SR&dev1;12010126;E4F3Q;1800000000";
    let mut given = given("23SRdev1", short, &right(short));
    given.fields.set("product_id", "23SR");
    given.fields.set("device_name", "dev1");
    assert_eq!(verdict(&given).findings[0].code, "client_id_legacy");
    assert!(!verdict(&given).is_right());
}

fn upgrade(url: &str, headers: &[(&str, &str)]) -> Given {
    Given {
        url: Some(Secret::new(url)),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
        ..Given::default()
    }
}

#[test]
fn upgrades_of_apps_are_checked() {
    const URL: &str = "wss://h.example/api/v1/system/common/websocket/connect";
    let expired = format!("e30.{}.sig", digest::base64_encode(br#"{"exp":1700000000}"#));
    let codes = |given: &Given| -> Vec<&str> { verdict(given).findings.iter().map(|finding| finding.code).collect() };
    for (wanted, given) in [
        (&[][..], upgrade(&format!("{URL}?token=t&app-code=core"), &[])),
        (&[], upgrade(URL, &[("Token", "t"), ("app-code", "core"), ("project-id", "17")])),
        (&["token_missing"], upgrade(&format!("{URL}?app-code=core"), &[])),
        (&["token_name"], upgrade(&format!("{URL}?access_token=t&app-code=core"), &[])),
        (&["bearer_prefix"], upgrade(URL, &[("token", "Bearer t"), ("app-code", "core")])),
        (&["scheme"], upgrade(&format!("{}?token=t&app-code=core", URL.replace("wss", "https")), &[])),
        (&["path"], upgrade("wss://h.example/websocket/connect?token=t&app-code=core", &[])),
        (&["project_id_form"], upgrade(&format!("{URL}?token=t&app-code=core&project-id=x"), &[])),
        (&["app_code_missing"], upgrade(&format!("{URL}?token=t"), &[])),
        (&["expired"], upgrade(&format!("{URL}?token={expired}&app-code=core"), &[])),
    ] {
        assert_eq!(codes(&given), wanted, "{:?}", given.url.as_ref().map(Secret::expose));
    }
    let mut given = upgrade(&format!("{URL}?token=abcdefgh&app-code=core"), &[]);
    given.fields.set("token", "abcdefghijkl");
    assert_eq!(codes(&given), ["cut_off"]);
}

#[test]
fn a_registration_is_checked_with_the_product_secret() {
    // unitedrhino/things, deviceRegisterLogic_test.go.
    let given = |password: &str| Given {
        client_id: Some("register&66&test".to_owned()),
        password: Some(Secret::new(password)),
        fields: Fields::new()
            .with("product_secret", "HaWo5qNOmisSLb/36oRUfwAY43A=")
            .with("nonce", "2428685019")
            .with("expires_at", "1756780254"),
        ..Given::default()
    };
    let good = "ZmQyMDk0YTlmNDE4YWMxN2Y5NDU2ZDgyZjM4MTdiNGJmZmRmMDU1OA==";
    assert_eq!(verdict(&given(good)).findings, []);
    assert_eq!(verdict(&given("fd2094a9f418ac17f9456d82f3817b4bffdf0558")).findings, []);
    let key = digest::base64_decode_lenient("HaWo5qNOmisSLb/36oRUfwAY43A=").unwrap();
    let content = register::content("66", "test", "2428685019", "1756780254");
    let decoded = hex::encode(&digest::hmac(Digest::Sha1, &key, content.as_bytes()));
    assert_eq!(verdict(&given(&decoded)).findings[0].code, "key_decoded");
}
