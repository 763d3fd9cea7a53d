//! Foreign vectors: results that others printed or that independent code made, with their origin.

use super::sign::{ClientId, digest_of, register_content, sign, signature};
use crate::base::time::Time;
use crate::model::{Fields, Role};

/// Content, key, method, result; the origin beside.
const SIGNATURES: &[(&str, &str, &str, &str)] = &[
    // The platform's own page ("这个例子结果为 …").
    (
        "clientId12345deviceNamedeviceproductKeypktimestamp789",
        "secret",
        "hmacsha1",
        "FAFD82A3D602B37FB0FA8B7892F24A477F851A14",
    ),
    // The same content with the other digests (Python hmac).
    (
        "clientId12345deviceNamedeviceproductKeypktimestamp789",
        "secret",
        "hmacsha256",
        "6074A46A91B1EBB2CC4EA42790AD0E80202C9843859FC292E57C4EB19FAD9E57",
    ),
    ("clientId12345deviceNamedeviceproductKeypktimestamp789", "secret", "hmacmd5", "14B198324FE55E1D3C88F2E705E201EE"),
    // Without a time stamp (Python hmac).
    ("clientId12345deviceNamedeviceproductKeypk", "secret", "hmacsha1", "3504e4df7ce4766d30f796ee973c9ce7fc5425cb"),
    (
        "clientId12345deviceNamedeviceproductKeypk",
        "secret",
        "hmacsha256",
        "c8cb3dcb7159682438e5fd9a9c34f398e41bb8edb6f222795e307bafee151090",
    ),
    ("clientId12345deviceNamedeviceproductKeypk", "secret", "hmacmd5", "2ce7304ec0ddd548eb1492d65ac0b334"),
    // In the way of the vendor's C SDK, with its constant time stamp (Python hmac).
    (
        "clientIda1iotdbg001.bench-01deviceNamebench-01productKeya1iotdbg001timestamp2524608000000",
        "0123456789abcdef0123456789abcdef",
        "hmacsha256",
        "8770651A2B0D8BBADA0C036D3F5FBE716B4DCD1305316833B3B2AA2780AC628E",
    ),
    // In the way of the vendor's Python SDK.
    (
        "clientIda1iotdbg001&bench-01deviceNamebench-01productKeya1iotdbg001timestamp1700000000000",
        "0123456789abcdef0123456789abcdef",
        "hmacsha1",
        "fd7d85617144ce91b4f98336c92e85d2af0d055f",
    ),
    (
        "clientIda1iotdbg001&bench-01deviceNamebench-01productKeya1iotdbg001timestamp1700000000000",
        "0123456789abcdef0123456789abcdef",
        "hmacmd5",
        "db5920ff55f4c9c5a4a0ee94139ba04b",
    ),
    (
        "clientIda1iotdbg001&bench-01deviceNamebench-01productKeya1iotdbg001timestamp1700000000000",
        "0123456789abcdef0123456789abcdef",
        "hmacsha256",
        "266195638141130a40f11a6828be7bf72cdda0969ab11691ee6959d48ac7aaee",
    ),
    // topo/add of a sub-device.
    (
        "clientIda1iotdbg002&sub-01deviceNamesub-01productKeya1iotdbg002timestamp1700000000000",
        "fedcba9876543210fedcba9876543210",
        "hmacsha256",
        "0cdb9de8653c683ce27cc3a5e224eae2e32a90dc1f1a783366ed638c29c85961",
    ),
    (
        "clientIda1iotdbg002&sub-01deviceNamesub-01productKeya1iotdbg002timestamp1700000000000",
        "fedcba9876543210fedcba9876543210",
        "hmacsha1",
        "5b295401db81fa7a7ff55b724b60b7f2b4d1d0f2",
    ),
    // combine/login as the C SDK signs it: the whole client id, bars and all.
    (
        "clientIda1iotdbg002.sub-01|_ss=1,_v=sdk-c-3.2.0|deviceNamesub-01productKeya1iotdbg002timestamp2524608000000",
        "fedcba9876543210fedcba9876543210",
        "hmacsha256",
        "c5f02def1bde30a6f28bc5b8eae232a6b59fdb21a60ef62a9c258fa222606ada",
    ),
    // Dynamic registration.
    (
        "deviceNamebench-01productKeya1iotdbg001random8Ygb7ULYh53B6OA",
        "prodsecret0123456",
        "hmacsha256",
        "594df89031ed5ee63083ee2755ffd321e8cd21bf13d00f2ec35eebb3a6558db0",
    ),
    (
        "deviceNamebench-01productKeya1iotdbg001random8Ygb7ULYh53B6OA",
        "prodsecret0123456",
        "hmacsha1",
        "b599a9f7aa3c62f86792e3526b47d3ddb6749ab2",
    ),
    (
        "deviceNamebench-01productKeya1iotdbg001random8Ygb7ULYh53B6OA",
        "prodsecret0123456",
        "hmacmd5",
        "db444ddb1f5913ad9fea1b0b9ae2d4a6",
    ),
    // The app channel, without and with a time stamp.
    (
        "clientIdappinst-0001&a1appchan01deviceNameappinst-0001productKeya1appchan01",
        "00112233445566778899aabbccddeeff",
        "hmacsha1",
        "8DF646361921A3F50E70309E1EDFEC24FA8B4FEB",
    ),
    (
        "clientIdappinst-0001&a1appchan01deviceNameappinst-0001productKeya1appchan01timestamp1700000000000",
        "00112233445566778899aabbccddeeff",
        "hmacsha1",
        "BA0F3964BAD9838FCB928C370740A09F367F113A",
    ),
    // An app that fetches its triple (third-party app client).
    (
        "appKey20000001clientIdABCDEF12deviceSn0123456789ABCDEF0123456789ABCDEFtimestamp1700000000000",
        "appsecret0123456789",
        "hmacsha1",
        "2bd55c708112068f604ff701d0fbe8a20a9af0a1",
    ),
    // Bare digests in a test of a third-party Go SDK.
    ("thinkgos", "thinkgos", "hmacmd5", "ed9dc7baf84a9740a3ceb6f1f26bfb4f"),
    ("thinkgos", "thinkgos", "hmacsha1", "f9cebe2044ea375cff1a46f4dc05eb15ff9870ee"),
    ("thinkgos", "thinkgos", "hmacsha256", "e9403e3a615fad72d1dd1fe90c225cbec4ba81a03e5474d91a72844d2218954f"),
];

#[test]
fn signatures_of_others_are_made() {
    for (content, key, method, expected) in SIGNATURES {
        let made = signature(digest_of(method).unwrap(), key, content);
        assert!(made.eq_ignore_ascii_case(expected), "{content} {method}: {made}");
    }
}

fn fields(values: &[(&str, &str)]) -> Fields {
    values.iter().fold(Fields::new(), |fields, (name, value)| fields.with(*name, *value))
}

#[test]
fn the_pages_example_gives_the_whole_triple() {
    let fields = fields(&[
        ("product_key", "pk"),
        ("device_name", "device"),
        ("device_secret", "secret"),
        ("client_id", "12345"),
        ("timestamp", "789"),
        ("sign_method", "hmacsha1"),
        ("secure_mode", "3"),
    ]);
    let signed = sign(Role::Device, &fields, Time::ZERO, 0, None).unwrap();
    // The page prints the closing bar glued to the next word.
    assert_eq!(signed.client_id.as_deref(), Some("12345|securemode=3,signmethod=hmacsha1,timestamp=789|"));
    assert_eq!(signed.username.as_deref(), Some("device&pk"));
    assert_eq!(signed.password.unwrap().expose(), "FAFD82A3D602B37FB0FA8B7892F24A477F851A14");
    assert_eq!(signed.content.as_deref(), Some("clientId12345deviceNamedeviceproductKeypktimestamp789"));
}

#[test]
fn a_registration_is_signed_with_the_products_secret() {
    let fields = fields(&[
        ("product_key", "a1iotdbg001"),
        ("device_name", "bench-01"),
        ("product_secret", "prodsecret0123456"),
        ("random", "8Ygb7ULYh53B6OA"),
    ]);
    let signed = sign(Role::Device, &fields, Time::ZERO, 0, None).unwrap();
    assert_eq!(
        signed.client_id.as_deref(),
        Some("bench-01.a1iotdbg001|random=8Ygb7ULYh53B6OA,authType=register,securemode=2,signmethod=hmacsha256|")
    );
    let password = signed.password.unwrap();
    assert!(password.expose().eq_ignore_ascii_case("594df89031ed5ee63083ee2755ffd321e8cd21bf13d00f2ec35eebb3a6558db0"));
    assert_eq!(signed.content.unwrap(), register_content("bench-01", "a1iotdbg001", "8Ygb7ULYh53B6OA"));
}

#[test]
fn client_ids_of_vendor_sdks_are_read() {
    for (text, id, pairs) in [
        // Python SDK.
        (
            "pk&dn|securemode=2,signmethod=hmacsha1,ext=1,_ss=1,lan=Python,_v=1.2.13,timestamp=1700000000000|",
            "pk&dn",
            7,
        ),
        // C SDK 3.x.
        (
            "pk.dn|timestamp=2524608000000,_ss=1,_v=sdk-c-3.2.0,securemode=3,signmethod=hmacsha256,lan=C,gw=0,ext=0|",
            "pk.dn",
            8,
        ),
        // A Node SDK whose template leaves white space.
        ("pk&dn|securemode=3,\n        signmethod=hmacsha1,timestamp=1,lan=JS,_v=1.2.8|", "pk&dn", 5),
    ] {
        let read = ClientId::parse(text).unwrap();
        assert_eq!((read.id.as_str(), read.parameters.len()), (id, pairs), "{text}");
    }
}
