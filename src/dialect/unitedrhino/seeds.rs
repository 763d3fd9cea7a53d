//! The samples of the platform's page "websocket开发", as they stand there, a broken one included.

use serde_json::json;

use super::{UnitedRhino, read, subscribe};
use crate::base::lang::Lang;
use crate::dialect::{Context, Dialect, Reading};
use crate::model::{Direction, Fields, Kind, Role, Severity};

fn context(nobody: &Fields) -> Context<'_> {
    Context { role: Role::App, identity: nobody, devices: &[], model: None, lang: Lang::En }
}

#[test]
fn every_sample_is_what_the_page_says() {
    let nobody = Fields::new();
    for (payload, direction, kind, gist) in [
        (
            r#"{"code": 200, "msg": "成功", "handler": {"Traceparent": "5a21080b0d1d20a372cb9a1c61e19321", "connectID": "29"}}"#,
            Direction::In,
            Kind::Push,
            "connectID 29",
        ),
        (
            r#"{"type": "up.sub", "body": {"code":"devicePropertyReport", "params":{"productID":"k0sr6A5BMbN", "deviceName":"cB05016F7"}}}"#,
            Direction::Out,
            Kind::Subscribe,
            "devicePropertyReport productID=k0sr6A5BMbN deviceName=cB05016F7",
        ),
        (r#"{"code": 200, "msg": "成功", "type": "down.subRet"}"#, Direction::In, Kind::SubscribeReply, "ok"),
        (
            r#"{"device": {"productID": "产品id", "deviceName":"设备名称"}, "timestamp":"毫秒时间戳", "identifier": "推送属性的标识符", "param":{"power_switch":1, "color":1, "brightness":32}}"#,
            Direction::In,
            Kind::Report,
            r#"推送属性的标识符={"power_switch":1,"color":1,"brightness":32}"#,
        ),
        (
            r#"{"device": {"productID": "产品id", "deviceName":"设备名称"}, "timestamp":"毫秒时间戳", "params":{"power_switch":1, "color":1, "brightness":32}}"#,
            Direction::In,
            Kind::Report,
            "power_switch=1 color=1 brightness=32",
        ),
        (
            r#"{"productID": "xxx", "deviceName":"xxx", "content": "xxx", "topic":"yyy", "action": "xxx", "timestamp":"xxx", "requestID": "xxx", "traceID":"xxx", "resultCode": 200, "respPayload":"xxx"}"#,
            Direction::In,
            Kind::Push,
            "yyy xxx",
        ),
        (
            r#"{"device": {"productID": "产品id", "deviceName":"设备名称"}, "msgToken": "xx", "timestamp":"xx", "actionID": "blink", "params":{"power_switch":1}, "code": 200, "msg":"xxx", "dir": "up", "reqType":"req"}"#,
            Direction::In,
            Kind::Push,
            "blink power_switch=1",
        ),
        (
            r#"{"device": {"productID": "产品id", "deviceName":"设备名称"}, "timestamp":"毫秒时间戳", "status": 1}"#,
            Direction::In,
            Kind::Online,
            "online",
        ),
        (
            r#"{"device": {"productID": "产品id", "deviceName":"设备名称"}, "timestamp":"毫秒时间戳", "status": 1, "detail": "", "step":10}"#,
            Direction::In,
            Kind::Ota,
            "10 % to be confirmed",
        ),
    ] {
        let topic = UnitedRhino.socket_topic(direction, payload.as_bytes());
        let meta = read::classify(direction, &topic, payload.as_bytes());
        assert_eq!(meta.kind, kind, "{payload}");
        assert_eq!(UnitedRhino.gist(&context(&nobody), &topic, payload.as_bytes(), &meta), gist, "{payload}");
        let dissected = UnitedRhino.dissect(&context(&nobody), &topic, payload.as_bytes());
        assert_eq!(dissected.problems, [], "{payload}");
        if payload.contains("设备名称") {
            assert_eq!(meta.device.text(&topic, payload.as_bytes()), Some("设备名称"));
        }
    }
}

#[test]
fn the_broken_sample_is_shown_with_its_place_and_read_anyway() {
    let payload = "{\n\"productID\": \"xxx\",\n\"deviceName\":\"xxx\",\n}";
    let dissected = UnitedRhino.dissect(&context(&Fields::new()), "", payload.as_bytes());
    let comma = payload.rfind(',').unwrap();
    let broken = dissected.problems.iter().any(|p| p.severity == Severity::Error && p.offset >= comma);
    assert!(broken, "{:?}", dissected.problems);
    assert!(dissected.fields.iter().any(|field| field.name == "deviceName" && field.value == "xxx"));
}

#[test]
fn every_parameter_set_of_the_page_can_be_heard() {
    for params in [
        json!({"productID": "xxx", "deviceName": "xxx", "identifier": "xxx"}),
        json!({"productID": "xxx", "deviceName": "xxx"}),
        json!({"projectID": "xxx"}),
        json!({"projectID": "xxx", "areaID": "xxx"}),
    ] {
        assert_eq!(subscribe::lint("devicePropertyReport", params.as_object().unwrap()), None, "{params}");
    }
}

#[test]
fn pushes_tell_values_and_presence_with_and_without_their_frame() {
    let nobody = Fields::new();
    let bare = r#"{"device":{"productID":"p","deviceName":"d"},"timestamp":"1","params":{"a":1}}"#;
    let framed =
        format!(r#"{{"code":200,"msg":"成功","type":"down.pub","path":"devicePropertyReportV2","body":{bare}}}"#);
    for payload in [bare, &framed] {
        let topic = UnitedRhino.socket_topic(Direction::In, payload.as_bytes());
        let told = UnitedRhino.read(&context(&nobody), &topic, payload.as_bytes());
        let Some(Reading::Values { device, values }) = told.first() else { panic!("{told:?}") };
        assert_eq!((device.as_deref(), &values["a"]), (Some("d"), &json!(1)));
    }
    let conn = r#"{"code":200,"type":"down.pub","path":"deviceConn","body":{"device":{"productID":"p","deviceName":"d"},"status":2}}"#;
    let told = UnitedRhino.read(&context(&nobody), "ws/down.pub/deviceConn", conn.as_bytes());
    assert_eq!(told, [Reading::Presence { device: Some("d".to_owned()), online: false }]);
}
