//! Foreign vectors: results that others printed or that independent code made, with their origin. More of them stand
//! beside what they are about, in `register` and `subscribe`.

use super::sign::{self, UserName};
use crate::base::time::Time;
use crate::dialect::Context;
use crate::dialect::unitedrhino::write;
use crate::model::{Fields, OpKind, Request, Role};

/// The fixture secret of the repository's own tests.
const FIXTURE: &str = "mzxe12OY8z/im7S3DNhHsCXdB4o=";
/// The base64 of 1234567890abcdef.
const DIGITS: &str = "MTIzNDU2Nzg5MGFiY2RlZg==";

/// User name, secret, method, signature (all made with hmac of Python).
const LOGINS: &[(&str, &str, &str, &str)] = &[
    (
        "23SR0LPzE2I&dev1;12010126;E4F3Q;1700000000",
        DIGITS,
        "hmacsha256",
        "4c9786635daeb11386ef2ec7a8f65a69e8453b2d0a02a5842c71d7ae1e1f63ab",
    ),
    ("23SR0LPzE2I&dev1;12010126;E4F3Q;1700000000", DIGITS, "hmacsha1", "6cf7d28900dd14b9c12af041e43392d70746445e"),
    (
        "23SR0LPzE2Idev1;12010126;E4F3Q;1700000000",
        DIGITS,
        "hmacsha256",
        "b57035a8ca3bb49d0d4e42e53cf7517e3cb7f2b61deefb06e95f8f0b3f99bbce",
    ),
    (
        "254pwnKQsvK&test5;12010126;E4F3Q;1700000000",
        FIXTURE,
        "hmacsha256",
        "8bb4c4c2a608716715ce9f7956f4fe2b6e0f1c701424313d8dd0ee82c10811de",
    ),
    ("254pwnKQsvK&test5;12010126;E4F3Q;1700000000", FIXTURE, "hmacsha1", "cfe07a1cee72915c265b25bc985bc04e1aaedbf1"),
    (
        "k0sr6A5BMbN&cB05016F7;12010126;A1B2C;1767225600",
        "c2VjcmV0LW9mLWNCMDUwMTZGNw==",
        "hmacsha256",
        "27c3c67eb56492d0b8df56f86adc5b4e1543ed1b1468cd00b6ce2fedf95f6e70",
    ),
    (
        "k0sr6A5BMbN&cB05016F7;12010126;A1B2C;1767225600",
        "c2VjcmV0LW9mLWNCMDUwMTZGNw==",
        "hmacsha1",
        "d23c6de60d1e558f18148082e8c343559dd69947",
    ),
    (
        "k0sr6A5BMbNcB05016F7;12010126;A1B2C;1767225600",
        "c2VjcmV0LW9mLWNCMDUwMTZGNw==",
        "hmacsha256",
        "2674006b4f2ff04ffc866d7a603eed442296f479180b382b40043add0fc381b4",
    ),
    (
        "k0sr6A5BMbNcB05016F7;12010126;A1B2C;1767225600",
        "c2VjcmV0LW9mLWNCMDUwMTZGNw==",
        "hmacsha1",
        "ccb2dcfc9003ce6e6633763278ab3b59037ffb11",
    ),
    (
        "25iotdbgLmp&lamp;12010126;ZZZZZ;0",
        "aW90ZGJnLWRlbW8tZGV2aWNlLWtleSE=",
        "hmacsha256",
        "d6c4014567863a4ea17cf9b035a9ad2a6a29016dee170357a8d4f6ff2c173af7",
    ),
    (
        "25iotdbgLmp&lamp;12010126;ZZZZZ;0",
        "aW90ZGJnLWRlbW8tZGV2aWNlLWtleSE=",
        "hmacsha1",
        "56259dc9ed6cb1956e75e39c56930bb3d0281bc9",
    ),
    (
        "25iotdbgLmp&灯;12010126;Q0000;4102444800",
        "aW90ZGJnLWRlbW8tZGV2aWNlLWtleSE=",
        "hmacsha256",
        "fe5f85ab46ac2093df0979ca7501621b524db72713c20346be97c2b9a14f3b78",
    ),
    (
        "25iotdbgLmp&灯;12010126;Q0000;4102444800",
        "aW90ZGJnLWRlbW8tZGV2aWNlLWtleSE=",
        "hmacsha1",
        "836ea4e1aeaf29353c633353ffbb10cca0c78fe7",
    ),
];

#[test]
fn logins_are_signed_as_others_sign_them() {
    for (username, secret, method, signature) in LOGINS {
        let digest = sign::digest_of(method).unwrap();
        assert_eq!(&sign::token(digest, secret, username), signature, "{username} {method}");
        let user = UserName::parse(username).unwrap();
        let (product, device) = sign::client_parts(user.client_id).unwrap();
        let fields = Fields::new()
            .with("product_id", product)
            .with("device_name", device)
            .with("device_secret", *secret)
            .with("sign_method", *method)
            .with("connid", user.connid)
            .with("expires_at", user.expiry)
            .with("legacy", if user.client_id.contains('&') { "false" } else { "true" });
        let signed = sign::sign(&fields, Time::ZERO, 1, None).unwrap();
        assert_eq!(signed.username.as_deref(), Some(*username));
        assert_eq!(signed.client_id.as_deref(), Some(user.client_id));
        assert_eq!(signed.password.unwrap().expose(), format!("{signature};{method}"));
    }
}

#[test]
fn sub_devices_are_bound_with_the_signature_of_others() {
    // The text of the server and that of the page; both made with hmac of Python.
    for (documented, method, signature) in [
        (false, "hmacsha1", "2d8d43eca4015530dc7ac6a5e5e3ff104ba194c5"),
        (false, "hmacsha256", "ef642a72eb410e295c8b311d2f1c648e3edf9bb451cc637bb1f7b9b671f193e1"),
        (true, "hmacsha1", "4a892c0842f764daf8ca2bfa8e88bfa3cda2faa0"),
        (true, "hmacsha256", "520df13ccbd6dba4899b0137ab5550a4946754f78eb9af65e5f72d465f33f3c7"),
    ] {
        let content = sign::bind_content("254pwnKQsvK", "sub1", "12345", "1700000000", documented);
        assert_eq!(sign::token(sign::digest_of(method).unwrap(), FIXTURE, &content), signature, "{content}");
    }
}

#[test]
fn what_cannot_be_signed_is_told() {
    let fields = Fields::new().with("product_id", "p").with("device_name", "a&b").with("device_secret", DIGITS);
    assert_eq!(sign::sign(&fields, Time::ZERO, 1, None).unwrap_err().field, "device_name");
    let fields = Fields::new()
        .with("product_id", "p")
        .with("device_name", "d")
        .with("device_secret", DIGITS)
        .with("sign_method", "md5");
    assert_eq!(sign::sign(&fields, Time::ZERO, 1, None).unwrap_err().field, "sign_method");
}

#[test]
fn a_gateway_binds_with_the_same_signature_and_keeps_the_secret() {
    let identity = Fields::new().with("product_id", "gp").with("device_name", "gd");
    let context = Context {
        role: Role::Device,
        identity: &identity,
        devices: &[],
        model: None,
        lang: crate::base::lang::Lang::En,
    };
    let request = Request {
        device: Some("254pwnKQsvK/sub1".to_owned()),
        name: Some("bind".to_owned()),
        params: [("deviceSecret".to_owned(), FIXTURE.into())].into_iter().collect(),
        ..Request::new(OpKind::Topology)
    };
    let sent = write::encode(&context, &request, 12345, Time::from_secs(1_700_000_000), true).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&sent.payload).unwrap();
    let sub = &body["payload"]["devices"][0];
    assert_eq!(sent.topic, "$gateway/up/topo/gp/gd");
    assert_eq!((sub["productID"].as_str(), sub["deviceName"].as_str()), (Some("254pwnKQsvK"), Some("sub1")));
    assert_eq!(sub["signature"], "ef642a72eb410e295c8b311d2f1c648e3edf9bb451cc637bb1f7b9b671f193e1");
    assert!(sub.get("deviceSecret").is_none());
}
