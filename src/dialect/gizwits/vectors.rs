//! Foreign vectors: frames and results that others made, so that a mistake made on both of our ends shows.
//!
//! Those marked as captures are printed in documents of the vendor; the others were computed once in Python, with an
//! encoder and a decoder of their own, and its standard digests.

use serde_json::{Map, Value, json};

use crate::base::hex;
use crate::base::lang::Lang;
use crate::base::time::Time;
use crate::dialect::gizwits::frame::{self, Frame};
use crate::dialect::gizwits::sign::sign;
use crate::dialect::gizwits::{Gizwits, model, p0, write};
use crate::dialect::{Context, Dialect};
use crate::model::{Fields, Kind, OpKind, Request, Role, ThingModel};

/// The whole state of the bench product.
const STATE: &str = "03355001d1deadbeef075bcd1501015b0201";
const CAPTURE: &str = "published: giz-docs, raw_data sample";
const COMPUTED: &str = "computed in Python";

fn bench() -> ThingModel {
    model::read(include_str!("bench.json")).unwrap()
}

fn variable() -> ThingModel {
    model::read(include_str!("bench-variable.json")).unwrap()
}

fn state() -> Map<String, Value> {
    let state = json!({
        "Power": true, "Mode": 2, "Wind": 3, "Swing": 2, "Lock": true, "Bright": 80, "SetTemp": 26.5, "Tag": "deadbeef",
        "Count": 123_456_789, "Door": true, "RoomTemp": -5.3, "OverHeat": false, "FilterDirty": true, "SensorFail": true,
    });
    state.as_object().cloned().unwrap()
}

/// name, frame, command, sn, p0, kind, origin.
type Vector = (&'static str, &'static str, u16, Option<u32>, &'static str, Kind, &'static str);

const FRAMES: [Vector; 21] = [
    ("G-01", "000000030400009002", 0x90, None, "02", Kind::Get, CAPTURE),
    (
        "G-03",
        "000000031300009001000100010000000000000000000000",
        0x90,
        None,
        "01000100010000000000000000000000",
        Kind::Set,
        COMPUTED,
    ),
    (
        "G-04",
        "000000031300009001004200060001d10000000000000000",
        0x90,
        None,
        "01004200060001d10000000000000000",
        Kind::Set,
        COMPUTED,
    ),
    (
        "G-05",
        "000000031300009001000801000000000000000000000000",
        0x90,
        None,
        "01000801000000000000000000000000",
        Kind::Set,
        COMPUTED,
    ),
    (
        "G-06",
        "0000000313000090010100000000000000000000075bcd15",
        0x90,
        None,
        "010100000000000000000000075bcd15",
        Kind::Set,
        COMPUTED,
    ),
    (
        "G-07",
        "00000003170000930000002a01000100010000000000000000000000",
        0x93,
        Some(42),
        "01000100010000000000000000000000",
        Kind::Set,
        COMPUTED,
    ),
    ("G-08", "00000003070000940000002a", 0x94, Some(42), "", Kind::Ack, COMPUTED),
    (
        "G-09",
        "000000031a0000940000002a0303355001d1deadbeef075bcd1501015b0201",
        0x94,
        Some(42),
        "0303355001d1deadbeef075bcd1501015b0201",
        Kind::Ack,
        COMPUTED,
    ),
    (
        "G-02",
        "00000003160000910303355001d1deadbeef075bcd1501015b0201",
        0x91,
        None,
        "0303355001d1deadbeef075bcd1501015b0201",
        Kind::GetReply,
        COMPUTED,
    ),
    (
        "G-10",
        "00000003160000910403355001d1deadbeef075bcd1501015b0201",
        0x91,
        None,
        "0403355001d1deadbeef075bcd1501015b0201",
        Kind::Report,
        COMPUTED,
    ),
    (
        "G-11",
        "000000031a000093010203040403355001d1deadbeef075bcd1501015b0201",
        0x93,
        Some(0x0102_0304),
        "0403355001d1deadbeef075bcd1501015b0201",
        Kind::Report,
        COMPUTED,
    ),
    (
        "G-12",
        "0000000324000092000c413443463132333435363738000a50415353434f4445303101000000030000",
        0x92,
        None,
        "",
        Kind::Online,
        COMPUTED,
    ),
    (
        "G-13",
        "0000000325000092000c413443463132333435363738000a50415353434f444530310000000003000134",
        0x92,
        None,
        "",
        Kind::Online,
        COMPUTED,
    ),
    ("G-14", "00000003050000100105", 0x10, None, "", Kind::Log, COMPUTED),
    ("G-15", "0000000303000011", 0x11, None, "", Kind::LogReply, COMPUTED),
    (
        "G-16",
        "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831",
        0x12,
        None,
        "",
        Kind::Log,
        COMPUTED,
    ),
    ("G-23", "00000003080000900511223344", 0x90, None, "0511223344", Kind::Raw, COMPUTED),
    ("G-24", "000000030600009106a1b2", 0x91, None, "06a1b2", Kind::Raw, COMPUTED),
    ("G-26", "0000000309000090010200000010", 0x90, None, "010200000010", Kind::Set, CAPTURE),
    ("G-27", "000000030b0000910400000010000000", 0x91, None, "0400000010000000", Kind::Report, CAPTURE),
    ("V-3", "0000000306000090120101", 0x90, None, "120101", Kind::Get, COMPUTED),
];

fn only(payload: &[u8]) -> Frame {
    let all: Vec<Frame> = frame::frames(payload, false).map(Result::unwrap).collect();
    assert_eq!(all.len(), 1);
    all[0]
}

#[test]
fn frames_of_others_are_read_and_written_alike() {
    for (name, text, command, sn, p0, kind, origin) in FRAMES {
        let payload = hex::parse(text).unwrap();
        let read = only(&payload);
        assert_eq!((read.command, read.sn(&payload)), (command, sn), "{name}, {origin}");
        assert_eq!(hex::encode(read.p0(&payload).unwrap_or_default()), p0, "{name}, {origin}");
        assert_eq!(super::read::kind_of(&read, &payload), kind, "{name}, {origin}");
        assert_eq!(frame::write(command, read.body(&payload)), payload, "{name}, {origin}");
    }
}

#[test]
fn long_frames_of_others_have_long_lengths() {
    // G-17 to G-21: business data of 124 to 65,535 bytes.
    for (size, first, head) in [
        (123usize, 5u8, "000000037f0000900500"),
        (124, 5, "000000038001000090050001"),
        (16_379, 5, "00000003ff7f000090050001"),
        (16_380, 5, "000000038080010000900500"),
        (65_534, 6, "000000038280040000910600"),
    ] {
        let mut data = vec![first];
        data.extend((0..size).map(|index| u8::try_from(index % 256).unwrap()));
        let command = if first == 5 { 0x90 } else { 0x91 };
        let payload = frame::write(command, &data);
        assert!(hex::encode(&payload).starts_with(head), "{size}");
        assert_eq!(only(&payload).p0(&payload), Some(&data[..]));
        let digest = hex::encode(&crate::base::digest::hash(crate::base::digest::Digest::Sha256, &payload));
        match size {
            16_379 => assert_eq!(digest, "d124e7973308156bb1ea9cc00e0f392167770f9c5c0a07ab810677137a9774f3"),
            16_380 => assert_eq!(digest, "526cc7d3c0d05fe13c2949926c5e5db143c7e036db41be6512a8ba451d2fee81"),
            65_534 => assert_eq!(digest, "dc900f673b8b68bb27cdf7052ee0d7aeb6ac28fdfb126468b6e44d6aaea10f50"),
            _ => {}
        }
    }
}

#[test]
fn two_frames_in_one_payload_are_both_read() {
    // G-25.
    let payload = hex::parse("00000003070000940000002a00000003160000910403355001d1deadbeef075bcd1501015b0201").unwrap();
    let commands: Vec<u16> = frame::frames(&payload, false).map(|frame| frame.unwrap().command).collect();
    assert_eq!(commands, [0x94, 0x91]);
}

#[test]
fn the_state_of_the_bench_product_is_read_and_written() {
    let known = bench();
    let wire = [vec![4], hex::parse(STATE).unwrap()].concat();
    let decoded = p0::decode(&known, &wire);
    assert_eq!((decoded.map(), decoded.faults), (state(), Vec::new()));
    assert_eq!(p0::encode(&known, 4, &state()), Ok(wire));
}

#[test]
fn controls_of_the_bench_product_are_read_and_written() {
    let known = bench();
    for (name, wire, values) in [
        ("G-03", "01000100010000000000000000000000", json!({"Power": true})),
        ("G-04", "01004200060001d10000000000000000", json!({"Mode": 3, "SetTemp": 26.5})),
        ("G-05", "01000801000000000000000000000000", json!({"Swing": 2})),
        ("G-06", "010100000000000000000000075bcd15", json!({"Count": 123_456_789})),
    ] {
        let wire = hex::parse(wire).unwrap();
        let decoded = p0::decode(&known, &wire);
        assert_eq!(Value::Object(decoded.map()), values, "{name}");
        assert_eq!(decoded.faults, Vec::new(), "{name}");
        assert_eq!(write::control(&known, values.as_object().unwrap(), true), Ok(wire), "{name}");
    }
    let named = json!({"Mode": "heat", "SetTemp": 26.5});
    let wire = hex::parse("01004200060001d10000000000000000").unwrap();
    assert_eq!(write::control(&known, named.as_object().unwrap(), true), Ok(wire));
}

#[test]
fn products_of_variable_length_carry_what_their_flags_name() {
    let known = variable();
    for (name, wire, values) in [
        ("V-1", "11000101", json!({"Power": true})),
        ("V-2", "1100220301d1", json!({"Mode": 3, "SetTemp": 26.5})),
        ("V-4", "13010101015b", json!({"Power": true, "RoomTemp": -5.3})),
        ("V-5", "14009f033550", json!({"Power": true, "Mode": 2, "Wind": 3, "Swing": 2, "Bright": 80, "Door": true})),
    ] {
        let wire = hex::parse(wire).unwrap();
        let decoded = p0::decode(&known, &wire);
        assert_eq!(decoded.faults, Vec::new(), "{name}");
        let mut sorted: Vec<(String, Value)> = decoded.map().into_iter().collect();
        let mut expected: Vec<(String, Value)> = values.as_object().cloned().unwrap().into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(sorted, expected, "{name}");
        assert_eq!(p0::encode(&known, wire[0] & 0x0f, values.as_object().unwrap()), Ok(wire), "{name}");
    }
    let asked = ["Power".to_owned(), "RoomTemp".to_owned()];
    assert_eq!(hex::encode(&p0::query(&known, &asked)), "120101");
    assert_eq!(p0::decode(&known, &hex::parse("120101").unwrap()).named, asked);
}

#[test]
fn frames_of_the_server_have_neither_length_nor_flag() {
    for (name, text, command, body) in [
        ("S-1", "00000003020f", 0x020f, ""),
        ("S-2", "0000000302100002", 0x0210, "0002"),
        ("S-3", "00000003021102", 0x0211, "02"),
        ("S-4", "00000003021e0000", 0x021e, "0000"),
    ] {
        let payload = hex::parse(text).unwrap();
        let read = frame::frames(&payload, true).next().unwrap().unwrap();
        assert_eq!((read.command, hex::encode(read.body(&payload))), (command, body.to_owned()), "{name}");
        assert_eq!(frame::write_server(command, &hex::parse(body).unwrap()), payload, "{name}");
    }
}

#[test]
fn presence_switches_and_logs_are_written_as_others_write_them() {
    assert_eq!(
        hex::encode(&write::online("A4CF12345678", "PASSCODE01", true)),
        "0000000324000092000c413443463132333435363738000a50415353434f4445303101000000030000"
    );
    assert_eq!(hex::encode(&write::log_switches(0x0105)), "00000003050000100105");
    let (identity, known) = (Fields::new().with("did", "D"), bench());
    let context =
        Context { role: Role::Device, identity: &identity, devices: &[], model: Some(&known), lang: Lang::En };
    let params = json!({"level": "warning", "tag": "wifi", "source": "mcu", "content": "信号弱 rssi=-81"});
    let request = Request { params: params.as_object().cloned().unwrap(), ..Request::new(OpKind::Log) };
    let sent = Gizwits.encode(&context, &request, 1, Time::ZERO, true).unwrap();
    assert_eq!(sent.topic, "dev2app/D");
    assert_eq!(
        hex::encode(&sent.payload),
        "00000003230000120200047769666900036d63750012e4bfa1e58fb7e5bcb120727373693d2d3831"
    );
    // G-22: a log of more than 127 bytes.
    let params = json!({"level": 2, "tag": "net", "source": "gagent", "content": "x".repeat(200)});
    let request = Request { params: params.as_object().cloned().unwrap(), ..Request::new(OpKind::Log) };
    let sent = Gizwits.encode(&context, &request, 1, Time::ZERO, true).unwrap();
    let head = "00000003db010000120200036e65740006676167656e7400c8";
    assert_eq!(hex::encode(&sent.payload), format!("{head}{}", "78".repeat(200)));
}

#[test]
fn the_damage_of_flags_and_of_gateway_data_is_named() {
    let known = bench();
    let faults = |wire: &str| {
        let decoded = p0::decode(&known, &hex::parse(wire).unwrap());
        decoded.faults.into_iter().map(|(place, reason)| (place, reason.to_string())).collect::<Vec<_>>()
    };
    // Mode and SetTemp, the bytes of their flags swapped.
    let (place, reason) = faults("01420000060001d10000000000000000").remove(0);
    assert_eq!(place, 1..3);
    assert!(reason.ends_with("Reversed they would name Mode, SetTemp"), "{reason}");
    assert!(faults("0403355001d1")[0].1.contains("dev_status"));
    assert!(faults(&format!("04{STATE}ff"))[0].1.contains("1 bytes longer"));
    // Newer firmware writes bytes of its own before the state.
    let prefixed = hex::parse(&format!("aabbcc03{STATE}")).unwrap();
    assert_eq!(p0::decode(&known, p0::from_the_end(&known, &prefixed).unwrap()).map(), state());
    let dissect = |command, p0: &str| {
        let payload = frame::write(command, &hex::parse(p0).unwrap());
        let (identity, role) = (Fields::new(), Role::App);
        let context = Context { role, identity: &identity, devices: &[], model: None, lang: Lang::En };
        Gizwits.dissect(&context, "", &payload)
    };
    // Two sub-devices, with ids of three bytes: one is online, the other is not.
    let read = dissect(0x91, "710002 03a1b2c301 03a1b2c400");
    assert!(read.problems.is_empty() && read.summary.ends_with("sub_device a1b2c3=1 sub_device a1b2c4=0"), "{read:?}");
    assert_eq!(dissect(0x90, "720001 01ff 0002 0201").problems, Vec::new());
    assert_eq!(dissect(0x90, "720001 01ff 0009 0201").problems.len(), 1);
}

const PRODUCT: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn logins_are_made_as_others_make_them() {
    let made = |role, fields: Fields| sign(role, &fields, Time::from_secs(1), 1, None).unwrap();
    // M-1.
    let app = Fields::new()
        .with("appid", PRODUCT)
        .with("uid", "fedcba9876543210fedcba9876543210")
        .with("token", "00112233445566778899aabbccddeeff")
        .with("client_id", "usrA1b2C3d4E5f6G7h8I9j0");
    let signed = made(Role::App, app);
    assert_eq!(signed.client_id.as_deref(), Some("usrA1b2C3d4E5f6G7h8I9j0"));
    let user = "2$0123456789abcdef0123456789abcdef$fedcba9876543210fedcba9876543210";
    assert_eq!(signed.username.as_deref(), Some(user));
    // M-2.
    let did = "iotdbgDid0123456789ABC";
    let signed = made(Role::Device, Fields::new().with("did", did).with("passcode", "PASSCODE01"));
    assert_eq!((signed.client_id.as_deref(), signed.username.as_deref()), (Some(did), Some(did)));
    assert_eq!(signed.password.unwrap().expose(), "PASSCODE01");
    // The newer login.
    let newer = Fields::new()
        .with("did", did)
        .with("product_key", PRODUCT)
        .with("mac", "A4CF12345678")
        .with("auth_key", "authkey0123456789")
        .with("nonce", "ABCDEFGHIJ");
    let signed = made(Role::Device, newer);
    let password = "6ee688ea921f74fff86bcbab8ed253fb4ef503c418ef91598d72857258fc2704";
    assert_eq!(signed.password.unwrap().expose(), password);
    assert_eq!(signed.username.unwrap(), format!("{did}|signmethod=sha256,signnonce=ABCDEFGHIJ"));
}

#[test]
fn signatures_of_the_http_api_are_those_of_others() {
    let fields = Fields::new()
        .with("appid", PRODUCT)
        .with("app_secret", "89abcdef0123456789abcdef01234567")
        .with("product_secret", "5ea6b4b8a1c94b1f8f3a2c7d9e0f1234")
        .with("timestamp", "1700000000");
    let signed = sign(Role::App, &fields, Time::ZERO, 1, None).unwrap();
    let header = |name: &str| {
        signed.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.expose().to_owned()).unwrap()
    };
    // H-1, H-2.
    assert_eq!(header("X-Gizwits-Signature"), "34ccbf0397a38fb0f2f48011ffdfbe5e");
    assert_eq!(header("X-Gizwits-Application-Auth"), "c035106dd4ed5b22af9ee0a0e2d09997");
    assert_eq!(header("X-Gizwits-Timestamp"), "1700000000");
}
