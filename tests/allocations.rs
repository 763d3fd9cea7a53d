//! What happens for every message of a flood must not ask for memory.

use iotdbg::dialect;
use iotdbg::model::{Direction, Kind, Role};

/// Messages of every dialect and side, JSON and frames, good and broken.
const MESSAGES: &[(&str, Role, Direction, &str, &[u8])] = &[
    (
        "aliyun",
        Role::Device,
        Direction::In,
        "/sys/a1b2c3d4e5F/lamp0001/thing/service/property/set",
        br#"{"method":"thing.service.property.set","id":"123","params":{"power":1},"version":"1.0.0"}"#,
    ),
    (
        "aliyun",
        Role::Device,
        Direction::In,
        "/sys/a1b2c3d4e5F/lamp0001/thing/event/property/post_reply",
        br#"{"code":460,"data":{},"id":"\u0031","message":"request parameter error"}"#,
    ),
    (
        "onenet",
        Role::App,
        Direction::In,
        "$sys/p1/lamp/thing/property/set_reply",
        br#"{"id":"7","code":200,"msg":"success"}"#,
    ),
    ("onenet", Role::Device, Direction::Out, "$sys/p1/lamp/thing/property/post", br#"{"id":"7","params":"#),
    (
        "unitedrhino",
        Role::App,
        Direction::In,
        "ws/down.pub/devicePropertyReportV2",
        br#"{"code":200,"type":"down.pub","path":"devicePropertyReportV2","body":{"device":{"productID":"p","deviceName":"d"}}}"#,
    ),
    (
        "unitedrhino",
        Role::Device,
        Direction::Out,
        "$thing/up/property/p1/lamp0001",
        br#"{"method":"report","msgToken":"1234567","timestamp":1700000000123,"params":{"power":1}}"#,
    ),
    ("gizwits", Role::Device, Direction::Out, "dev2app/zKCDgjfWaDJ5hmPhEBbgTm", &[0, 0, 0, 3, 5, 0, 0, 0x91, 4, 1]),
    (
        "gizwits",
        Role::App,
        Direction::Out,
        "app2dev/zKCDgjfWaDJ5hmPhEBbgTm/client",
        &[0, 0, 0, 3, 9, 0, 0, 0x93, 0, 0, 0, 7, 1, 1],
    ),
    ("gizwits", Role::Device, Direction::In, "app2dev/zKCDgjfWaDJ5hmPhEBbgTm/client", &[0, 0, 0, 3, 0x80]),
];

#[test]
fn classifying_a_message_asks_for_no_memory() {
    for (name, role, direction, topic, payload) in MESSAGES {
        let dialect = dialect::find(name).unwrap();
        let mut kind = Kind::Unknown;
        let asked = allocation_counter::measure(|| kind = dialect.classify(*role, *direction, topic, payload).kind);
        assert_eq!(asked.count_total, 0, "{name} {topic}: {} bytes", asked.bytes_total);
        let is_cut = payload.len() == 5;
        assert_eq!(kind == Kind::Unknown, is_cut, "{name} {topic}: {kind:?}");
    }
    let asked = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8; 10])));
    assert_eq!(asked.count_total, 1, "the counter counts");
}
