//! The samples of the platform's pages, as they stand there, broken ones included.

use serde_json::json;

use super::read;
use crate::base::lang::Lang;
use crate::dialect::aliyun::Aliyun;
use crate::dialect::{Context, Dialect, Reading};
use crate::model::{Direction, Fields, Kind, Role, Severity};

fn context<'a>(role: Role, nobody: &'a Fields) -> Context<'a> {
    Context { role, identity: nobody, devices: &[], model: None, lang: Lang::En }
}

#[test]
fn every_sample_of_the_device_page_is_what_it_says() {
    let nobody = Fields::new();
    for (topic, payload, kind) in [
        (
            "thing/event/property/post",
            r#"{ "id" : "123", "version":"1.0", "params" : { "Power" : "on", "WF" : "2" }, "method":"thing.event.property.post"}"#,
            Kind::Report,
        ),
        ("thing/event/property/post_reply", r#"{ "id":"123", "code":200, "data":{}}"#, Kind::ReportReply),
        (
            "thing/event/Broken/post",
            r#"{ "id" : "123", "version":"1.0", "params" : { "Power" : "on", "WF" : "2" }, "method":"thing.event.{tsl.event.identifier}.post"}"#,
            Kind::Event,
        ),
        ("thing/event/Broken/post_reply", r#"{ "id":"123", "code":200, "data" : {}}"#, Kind::EventReply),
        (
            "thing/service/property/get",
            r#"{ "id" : "123", "version":"1.0", "params" : [ "power" , "temp" ], "method":"thing.service.property.get"}"#,
            Kind::Get,
        ),
        (
            "thing/event/property/post",
            r#"{ "id":"123", "code":200, "data":{ "power":"on", "temp":"23" }}"#,
            Kind::Report,
        ),
        (
            "thing/service/property/set",
            r#"{ "id" : "123", "version":"1.0", "params" : { "Power" : "on", "WF" : "2" }, "method":"thing.service.property.set"}"#,
            Kind::Set,
        ),
        ("thing/service/property/set_reply", r#"{ "id":"123", "code":200, "data":{}}"#, Kind::SetReply),
        (
            "thing/service/Blink",
            r#"{ "id" : "123", "version":"1.0", "params" : { "Power" : "on", "WF" : "2" }, "method":"thing.service.{tsl.service.identifer}"}"#,
            Kind::Invoke,
        ),
        ("thing/service/Blink_reply", r#"{ "id":"123", "code":200, "data":{}}"#, Kind::InvokeReply),
        (
            "rrpc/request/1001",
            r#"{ "id" : "123", "version":"1.0", "params" : { "Power" : "on", "WF" : "2" }, "method":"thing.service.Blink"}"#,
            Kind::Invoke,
        ),
        ("rrpc/response/1001", r#"{ "id":"123", "code":200, "data":{}}"#, Kind::InvokeReply),
    ] {
        let topic = format!("/sys/pk/dn/{topic}");
        let meta = read::classify(Role::Device, Direction::In, &topic, payload.as_bytes());
        assert_eq!(meta.kind, kind, "{topic}");
        let dissection = Aliyun.dissect(&context(Role::Cloud, &nobody), &topic, payload.as_bytes());
        assert_eq!(dissection.fields[0].name, "id", "{topic}");
        assert_eq!(dissection.fields[0].value, "123", "{topic}");
    }
    let topic = "/sys/pk/dn/rrpc/request/1001";
    let payload = br#"{"id":"123","version":"1.0","params":{"Power":"on"},"method":"thing.service.Blink"}"#;
    let readings = Aliyun.read(&context(Role::Device, &nobody), topic, payload);
    let [Reading::Request(incoming)] = readings.as_slice() else { panic!("{readings:?}") };
    assert_eq!((incoming.name.as_deref(), incoming.request_id.as_deref()), (Some("Blink"), Some("123")));
    assert_eq!(json!(incoming.params), json!({"Power": "on"}));
}

const PROPERTIES: &str = r#"{
  "id": "msgid3",
  "version": "1.0",
  "params": {
          "iotId":"0300MSKL03667c544f69342a74Sv4Za4",
          "productKey":"X5eCzh6fEH7",
          "deviceName":"5gJtxDVeGAkaEztpisjX",
          "items":{
              "temperature":{
                  "time":1510292697471,
                  "value":30
              },
              "alarm":{
                  "time":1510292697470,
                  "value":"normal"
              }
          }
    },
  "method":""
}"#;

const EVENTS: &str = r#"{
  "id": "msgid4",
  "version": "1.0",
  "params":{
      "identifier":"BrokenInfo"
      "name":"损坏率上报",
      "type":"info",
      "iotId":"4z819VQHk6VSLmmBJfrf00107ee200",
      "productKey":"X5eCzh6fEH7",
      "deviceName":"5gJtxDVeGAkaEztpisjX",
      "value":{
        "Power":"on"
        "structParam":{
                "param1":"abc",
                "param2":123
            }
       },
       "time":1510799670074
   }
   "method":"thing.events"
}"#;

const STATUS: &str = r#"{
  "id": "msgid4",
  "version": "1.0",
  "params":{
        "iotId":"0300MSKL03667c544f69342a74Sv4Za4",
        "productKey":"X5eCzh6fEH7",
        "deviceName":"5gJtxDVeGAkaEztpisjX",
        "status":{
             "time":1510292697471,
             "value":"0"
         }
  }
  "method":"thing.status"  //0:未激活;1:上线;3:离线;8:禁用;
}"#;

const TOPO: &str = r#"{
    "id":"msgId1",
    "version":"1.0",
    "param":{
        "status":0, //0 添加topo成功,1 子设备注册,设备已被其它网关绑定, 2 子设备注册,注册失败
        "subIotId":"xxx",
        "subProductKey":"xxx",
        "subDeviceName":"sub",
        "newGwDeviceName":"xxx"
    },
    "method":"thing.topo.add.status"
}"#;

const OTA: &str = r#"{
    "id": "123456790123",
    "version": "1.0",
    "params": {
        "iotId": "",
        "srcVersion": "", //最近一次升级源版本
        "step": 1, //升级进度百分比及错误码
        "upgradeStatus": 1 //0:待升级或待确认,1:升级中,2:升级异常,3:升级失败,4:升级完成。
    },
    "method":"ota.device.forward"
}"#;

#[test]
fn the_pushes_of_the_app_page_are_read_in_spite_of_their_faults() {
    let nobody = Fields::new();
    let context = context(Role::App, &nobody);
    for (tail, payload, kind, device, faults) in [
        ("thing/properties", PROPERTIES, Kind::Report, "5gJtxDVeGAkaEztpisjX", 0),
        ("thing/events", EVENTS, Kind::Event, "5gJtxDVeGAkaEztpisjX", 3),
        ("thing/status", STATUS, Kind::Online, "5gJtxDVeGAkaEztpisjX", 2),
        ("thing/topo/add/status", TOPO, Kind::Topology, "sub", 1),
        ("ota/device/forward", OTA, Kind::Ota, "phone", 3),
    ] {
        let topic = format!("/sys/app/phone/app/down/{tail}");
        let meta = read::classify(Role::App, Direction::In, &topic, payload.as_bytes());
        assert_eq!(meta.kind, kind, "{tail}");
        assert_eq!(meta.device.text(&topic, payload.as_bytes()), Some(device), "{tail}");
        let dissection = Aliyun.dissect(&context, &topic, payload.as_bytes());
        let errors = dissection.problems.iter().filter(|problem| problem.severity == Severity::Error);
        assert_eq!(errors.count(), faults, "{tail}: {:?}", dissection.problems);
    }
    // The place of the missing comma behind "BrokenInfo".
    let broken = Aliyun.dissect(&context, "/sys/app/phone/app/down/thing/events", EVENTS.as_bytes());
    let place = EVENTS.find("\"name\"").unwrap();
    assert!(
        broken.problems.iter().any(|problem| problem.offset <= place && problem.offset + problem.length + 40 > place)
    );

    let values = Aliyun.read(&context, "/sys/app/phone/app/down/thing/properties", PROPERTIES.as_bytes());
    let [Reading::Values { values, .. }] = values.as_slice() else { panic!("{values:?}") };
    assert_eq!(json!(values), json!({"temperature": 30, "alarm": "normal"}));
    for (value, online) in [("\"1\"", true), ("1", true), ("\"3\"", false), ("3", false)] {
        let payload = STATUS.replace("\"0\"", value);
        let readings = Aliyun.read(&context, "/sys/app/phone/app/down/thing/status", payload.as_bytes());
        assert!(
            matches!(readings.as_slice(), [Reading::Presence { online: found, .. }] if *found == online),
            "{value}"
        );
    }
}

#[test]
fn codes_have_their_words() {
    let nobody = Fields::new();
    let context = context(Role::Device, &nobody);
    let payload = br#"{"id":"1","code":460,"message":"params error","data":{}}"#;
    let topic = "/sys/pk/dn/thing/event/property/post_reply";
    let dissection = Aliyun.dissect(&context, topic, payload);
    let code = dissection.fields.iter().find(|field| field.name == "code").unwrap();
    assert_eq!(code.note.as_deref(), Some("parameters empty or of wrong form"));
    assert!(dissection.summary.contains("460"), "{}", dissection.summary);
    let status =
        Aliyun.dissect(&self::context(Role::App, &nobody), "/sys/a/p/app/down/thing/status", STATUS.as_bytes());
    assert!(status.summary.contains("not activated"), "{}", status.summary);
}
