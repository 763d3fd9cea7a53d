//! Every sample of the application long connection page ("应用长连接"), as printed there, faults included.

use serde_json::json;

use crate::base::lang::Lang;
use crate::dialect::onenet::OneNet;
use crate::dialect::{Context, Dialect, Reading};
use crate::model::{Direction, Dissection, Fields, Kind, Meta, Role, Severity};

const LIFECYCLE: &str = r#"{    
    "productId": "00001",                    
    "deviceName": "iot-0001",      
    "messageType": "lifecycle", 
    "data":  {
        "status": "online",
        "time": 1524448722123
    }
}"#;

const PROPERTY: &str = r#"{  
    "productId": "00001",                   
    "deviceName": "iot-0001",     
    "messageType": "notify",
    "notifyType": "property",
    "data": {                         
        "id":  "12345",                
        "params": {
            "Power": {
                "value": "on",
                "time": 1524448722123
            },
            "WF": {
                "value": 23.6,
                "time": 1524448722123
            }
        }
    } 
}"#;

const EVENT: &str = r#"{
    "productId": "00001",                        
    "deviceName": "iot-0001",    
    "messageType": "notify",
    "notifyType": "event",
    "data": {
        "id": "123",
        "version": "1.0",
        "params": {
            "identifier1":{
                "value": {
                    "Power": "on",
                    "WF": "2"
                },
                "time": 1524448722123
            },
            "identifier2": {
                "value": {
                    "Power": "on",
                    "WF": "2"
                },
                "time": 1524448722123
            }
        }
    }
}"#;

const SET: &str = r#"{
    "requestId": "8906582E6722409AA6C40E7863B733A5",
    "data": {
        "version": "1.0",  // 可选,不填默认为1.0
        "params": {        // 属性设置,必须为对
            "temperature":"30.5"
        }
    }  
}"#;

const GOOD_REPLY: &str = r#"{
    "requestId": "8906582E6722409AA6C40E7863B733A5", //用户自定义id 
    "success": true,
}"#;

const BAD_REPLY: &str = r#"{
    "requestId": "8906582E6722409AA6C40E7863B733A5",
    "code":  "deviceNotFound",
    "msg": "device does not exist", 
    "success": false
}"#;

fn run(tail: &str, payload: &str) -> (Meta, Dissection, Vec<Reading>) {
    let topic = if tail.is_empty() { String::new() } else { format!("$sys/00001/iot-0001/thing/{tail}") };
    let identity = Fields::new();
    let context = Context { role: Role::App, identity: &identity, devices: &[], model: None, lang: Lang::Zh };
    let meta = OneNet.classify(Role::App, Direction::In, &topic, payload.as_bytes());
    let readings = OneNet.read(&context, &topic, payload.as_bytes());
    (meta, OneNet.dissect(&context, &topic, payload.as_bytes()), readings)
}

#[test]
fn every_sample_is_recognised_with_and_without_its_topic() {
    for (tail, payload, kind, device) in [
        ("lifecycle", LIFECYCLE, Kind::Online, true),
        ("property", PROPERTY, Kind::Report, true),
        ("event", EVENT, Kind::Event, true),
        ("property/set", SET, Kind::Set, false),
        ("property/set/reply", GOOD_REPLY, Kind::SetReply, false),
        ("property/set/reply", BAD_REPLY, Kind::SetReply, false),
    ] {
        let (meta, dissection, _) = run(tail, payload);
        assert_eq!((meta.kind, dissection.kind), (kind, kind), "{tail}");
        let (bare, dissection, _) = run("", payload);
        assert_eq!((bare.kind, dissection.kind), (kind, kind), "{tail}");
        if device {
            assert_eq!(bare.device.text("", payload.as_bytes()), Some("iot-0001"));
        }
    }
    let (meta, _, _) = run("property/desired/set", SET);
    assert_eq!(meta.kind, Kind::DesiredSet);
}

#[test]
fn the_good_samples_say_what_they_say() {
    let (_, dissection, readings) = run("lifecycle", LIFECYCLE);
    assert_eq!(dissection.problems, []);
    assert_eq!(readings, [Reading::Presence { device: Some("iot-0001".to_owned()), online: true }]);

    let (meta, dissection, readings) = run("property", PROPERTY);
    assert_eq!(dissection.problems, []);
    assert_eq!(dissection.summary, "属性上报 iot-0001 Power=on WF=23.6");
    let crate::model::Id::Text(id) = meta.id else { panic!() };
    assert_eq!(id.text("", PROPERTY.as_bytes()), Some("12345"));
    let Some(Reading::Values { values, .. }) = readings.first() else { panic!("{readings:?}") };
    assert_eq!(json!(values), json!({"Power": "on", "WF": 23.6}));

    let (_, dissection, _) = run("event", EVENT);
    assert_eq!(dissection.summary, "事件上报 iot-0001 identifier1(Power=on WF=2) identifier2(Power=on WF=2)");
}

#[test]
fn the_broken_samples_are_read_and_their_faults_placed() {
    let (_, dissection, readings) = run("property/set/reply", GOOD_REPLY);
    let errors: Vec<usize> = dissection
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.offset)
        .collect();
    assert_eq!(errors, [GOOD_REPLY.find("//").unwrap(), GOOD_REPLY.rfind(',').unwrap()]);
    assert!(dissection.problems[0].message.contains("301"));
    let Some(Reading::Reply(reply)) = readings.first() else { panic!("{readings:?}") };
    assert!(reply.ok);
    assert_eq!(reply.request_id.as_deref(), Some("8906582E6722409AA6C40E7863B733A5"));

    let (_, dissection, _) = run("property/set", SET);
    let places: Vec<(Severity, &str)> = dissection
        .problems
        .iter()
        .map(|problem| (problem.severity, &SET[problem.offset..problem.offset + problem.length]))
        .collect();
    assert_eq!(
        places,
        [
            (Severity::Error, "// 可选,不填默认为1.0"),
            (Severity::Error, "// 属性设置,必须为对"),
            (Severity::Info, "\"30.5\""),
        ]
    );
}

#[test]
fn the_refusal_carries_code_and_words() {
    let (meta, dissection, readings) = run("property/set/reply", BAD_REPLY);
    assert_eq!((meta.ok, dissection.problems.len()), (Some(false), 0));
    assert_eq!(dissection.summary, "设置应答 iot-0001 deviceNotFound 设备不存在 device does not exist");
    let Some(Reading::Reply(reply)) = readings.first() else { panic!("{readings:?}") };
    assert_eq!(reply.code.as_deref(), Some("deviceNotFound"));
    assert_eq!(reply.message.as_deref(), Some("device does not exist"));
}
