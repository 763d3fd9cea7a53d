//! HTTP and WebSocket clients against the sockets of the simulated cloud: bytes written by hand, and a foreign client.

use std::io::Cursor;

use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use super::*;

const TOKEN: &str = "open%20sesame";

/// A connection that speaks as it is told to.
struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer to a request.
#[derive(Debug)]
struct Answered {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answered {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// A frame as a client sends it. The mask changes nothing where it is zero, and is one nevertheless.
fn frame(first: u8, mask: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        long => {
            bytes.push(0xff);
            bytes.extend_from_slice(&u64::try_from(long).unwrap().to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The request of an upgrade.
pub(super) fn upgrade(target: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: toy\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

impl Raw {
    async fn open(bench: &Bench, endpoint: &str) -> Raw {
        Raw { stream: TcpStream::connect(bench.address(endpoint)).await.unwrap(), received: Vec::new() }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Reads more; `false` at the end.
    async fn more(&mut self) -> bool {
        let read = self.stream.read_buf(&mut self.received);
        tokio::time::timeout(LIMIT, read).await.expect("the cloud is silent").unwrap_or(0) > 0
    }

    async fn answer(&mut self) -> Answered {
        let end = loop {
            if let Some(end) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(self.more().await, "no answer but {:?}", String::from_utf8_lossy(&self.received));
        };
        let head = String::from_utf8(self.received.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.unwrap_or(0);
        while self.received.len() < length {
            assert!(self.more().await);
        }
        Answered { status, head, body: self.received.drain(..length).collect() }
    }

    async fn call(&mut self, request_line: &str, headers: &str, body: &[u8]) -> Answered {
        let head = format!("{request_line} HTTP/1.1\r\nHost: toy\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        self.send(head.as_bytes()).await;
        self.send(body).await;
        self.answer().await
    }

    async fn ask_upgrade(&mut self, target: &str, headers: &str) -> Answered {
        let head = upgrade(target).replace("\r\n\r\n", &format!("\r\n{headers}\r\n"));
        self.send(head.as_bytes()).await;
        self.answer().await
    }

    /// A WebSocket that was granted.
    async fn socket(bench: &Bench, parameters: &str) -> Raw {
        let mut raw = Raw::open(bench, "toy-ws").await;
        let answer = raw.ask_upgrade(&format!("/ws?token={TOKEN}&{parameters}"), "").await;
        assert_eq!(answer.status, 101, "{answer:?}");
        raw
    }

    /// The next frame; `None` at the end of the stream.
    async fn frame(&mut self) -> Option<(OpCode, Vec<u8>)> {
        loop {
            let mut cursor = Cursor::new(&self.received);
            if let Some((header, length)) = FrameHeader::parse(&mut cursor).unwrap() {
                let (start, length) = (cursor.position() as usize, length as usize);
                if self.received.len() >= start + length {
                    assert!(header.is_final && header.mask.is_none());
                    let payload = self.received[start..start + length].to_vec();
                    self.received.drain(..start + length);
                    return Some((header.opcode, payload));
                }
            }
            if !self.more().await {
                assert!(self.received.is_empty(), "the stream ends within a frame");
                return None;
            }
        }
    }

    async fn text(&mut self) -> String {
        match self.frame().await {
            Some((OpCode::Data(Data::Text), payload)) => String::from_utf8(payload).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn echo(&mut self, text: &str) {
        self.send(&frame(TEXT, [0x37, 0xfa, 0x21, 0x3d], text.as_bytes())).await;
        assert_eq!(self.text().await, text);
    }

    /// The status of the close frame with which it ends.
    async fn close_status(&mut self) -> u16 {
        let Some((OpCode::Control(Control::Close), payload)) = self.frame().await else { panic!("no close frame") };
        assert_eq!(self.frame().await, None);
        u16::from_be_bytes([payload[0], payload[1]])
    }
}

#[tokio::test]
async fn a_call_arrives_whole_and_is_answered_at_once() {
    let mut bench = Bench::plain().await;
    for endpoint in ["toy-http", "toy-ws"] {
        let mut raw = Raw::open(&bench, endpoint).await;
        let answer = raw.call("POST /app/a%2Fb?x=1%202&y=a+b&z", "X-Note: hi\r\n", b"{\"k\":1}").await;
        assert_eq!(answer.status, 200);
        assert!(answer.head.to_lowercase().contains("content-type: application/json"));
        let seen = answer.json();
        assert_eq!((&seen["endpoint"], &seen["method"]), (&json!(endpoint), &json!("POST")));
        assert_eq!(
            (&seen["path"], &seen["note"], &seen["body"]),
            (&json!("/app/a%2Fb"), &json!("hi"), &json!("{\"k\":1}"))
        );
        assert_eq!(seen["query"], json!([["x", "1 2"], ["y", "a b"], ["z", ""]]));
        let called = bench.event("called").await;
        assert_eq!(
            (&called["method"], &called["path"], &called["status"]),
            (&json!("POST"), &json!("/app/a%2Fb"), &json!(200))
        );
        assert!(called["endpoint"] == endpoint && called["peer"].is_string() && called["query"].is_null());
        // The same connection goes on.
        assert_eq!(raw.call("DELETE /app/bindings", "", b"{\"did\":1}").await.json()["body"], "{\"did\":1}");
        assert_eq!(bench.event("called").await["method"], "DELETE");
    }
}

#[tokio::test]
async fn head_gets_no_body_and_options_needs_no_platform() {
    let bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-http").await;
    raw.send(b"HEAD /x HTTP/1.1\r\nHost: toy\r\nConnection: close\r\n\r\n").await;
    while raw.more().await {}
    let all = String::from_utf8(raw.received).unwrap();
    assert!(all.starts_with("HTTP/1.1 200") && all.ends_with("\r\n\r\n"), "{all}");
    let mut raw = Raw::open(&bench, "toy-http").await;
    let options = raw.call("OPTIONS /x", "", b"").await;
    assert!(options.status == 204 && options.head.contains("DELETE"), "{options:?}");
    assert_eq!(raw.call("TRACE /x", "", b"").await.status, 405);
}

#[tokio::test]
async fn an_answer_may_wait_for_a_device_and_holds_up_nobody() {
    let mut bench = Bench::plain().await;
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    assert!(lamp.subscribe("dev/lamp/command").await);
    let mut asking = Raw::open(&bench, "toy-http").await;
    asking.send(b"POST /ask/lamp HTTP/1.1\r\nHost: toy\r\nContent-Length: 2\r\n\r\non").await;
    assert_eq!(lamp.message().await.1, b"on");
    let mut other = Raw::open(&bench, "toy-http").await;
    assert_eq!(other.call("GET /now", "", b"").await.status, 200);
    lamp.publish("dev/lamp/answer", b"done".to_vec()).await;
    let answer = asking.answer().await;
    assert_eq!((answer.status, answer.body.as_slice()), (202, &b"done"[..]));
    assert_eq!(bench.event("called").await["path"], "/now");
    assert_eq!(bench.event("called").await["path"], "/ask/lamp");
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_told() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-http").await;
    raw.send(b"GET /never HTTP/1.1\r\nHost: toy\r\n\r\n").await;
    let mut other = Raw::open(&bench, "toy-http").await;
    other.send(b"GET /never HTTP/1.1\r\nHost: toy\r\n\r\n").await;
    drop(raw);
    let abandoned = bench.event("call_abandoned").await;
    assert_eq!((&abandoned["path"], &abandoned["reason"]), (&json!("/never"), &json!("the client did not wait")));
    // Nothing waits for a cloud that stops, and it is said to those who wait.
    let (ended, answer) = tokio::join!(tokio::time::timeout(LIMIT, bench.cloud.stop()), other.answer());
    ended.unwrap();
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_is_an_error_of_the_server() {
    let bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-http").await;
    assert_eq!(raw.call("GET /unfit", "", b"").await.status, 500);
}

#[tokio::test]
async fn an_upgrade_is_refused_with_the_platforms_status_and_body() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-ws").await;
    let answer = raw.ask_upgrade("/ws?token=wrong", "").await;
    assert_eq!((answer.status, &answer.json()["code"]), (401, &json!(1_000_007)));
    let refused = bench.event("refused").await;
    assert_eq!(
        (&refused["status"], &refused["code"], &refused["path"]),
        (&json!(401), &json!("1000007"), &json!("/ws"))
    );
    assert!(refused["reason"] == "wrong token" && !refused.to_string().contains("token=wrong"));
    // The same connection may try again, with a header this time.
    let answer = raw.ask_upgrade("/ws?user=anna", "Token: open sesame\r\n").await;
    assert_eq!(answer.status, 101);
    assert!(answer.head.to_lowercase().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="), "{answer:?}");
    let connected = bench.event("connected").await;
    assert_eq!(
        (&connected["identity"], &connected["role"], &connected["path"]),
        (&json!("anna"), &json!("app"), &json!("/ws"))
    );
    raw.echo("over the same connection").await;
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_refused() {
    let bench = Bench::plain().await;
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let mut raw = Raw::open(&bench, "toy-ws").await;
    assert_eq!(raw.call("GET /ws", "Connection: Upgrade\r\nUpgrade: websocket\r\n", b"").await.status, 400);
    let old = raw.call("GET /ws", &format!("{upgrade}Sec-WebSocket-Version: 8\r\n"), b"").await;
    assert!(old.status == 426 && old.head.to_lowercase().contains("sec-websocket-version: 13"), "{old:?}");
    // A listener that has no WebSockets takes it for a call.
    let mut raw = Raw::open(&bench, "toy-http").await;
    assert_eq!(raw.call("GET /ws", upgrade, b"").await.json()["path"], "/ws");
}

#[tokio::test]
async fn frames_go_both_ways_in_their_order_and_fragments_become_one_message() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=socket-1").await;
    raw.echo("灯").await;
    assert_eq!(bench.event("published").await["payload"], json!({ "text": "灯" }));
    let long = "长".repeat(50_000);
    raw.echo(&long).await;
    let mut several: Vec<u8> =
        (0..100).flat_map(|number| frame(TEXT, [1, 2, 3, 4], format!("n{number}").as_bytes())).collect();
    several.extend(frame(0x01, [0; 4], "灯".as_bytes().get(..1).unwrap()));
    several.extend(frame(PING, [0; 4], b""));
    several.extend(frame(0x00, [0; 4], "灯".as_bytes().get(1..).unwrap()));
    several.extend(frame(0x80, [0; 4], b"!"));
    raw.send(&several).await;
    for number in 0..100 {
        assert_eq!(raw.text().await, format!("n{number}"));
    }
    assert_eq!(raw.text().await, "灯!");
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    lamp.publish("dev/lamp/post", b"{\"t\":1}".to_vec()).await;
    assert_eq!(raw.text().await, "{\"t\":1}");
}

#[tokio::test]
async fn pings_have_their_payload_and_a_pong_comes_only_where_the_platform_sends_one() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=anna").await;
    raw.send(&frame(TEXT, [9; 4], b"ping me")).await;
    assert_eq!(raw.frame().await, Some((OpCode::Control(Control::Ping), b"1750000000".to_vec())));
    raw.send(&frame(PONG, [9; 4], b"1750000000")).await;
    assert_eq!(bench.event("ponged").await["identity"], "anna");
    raw.send(&frame(PING, [9; 4], b"are you there")).await;
    assert_eq!(bench.event("pinged").await["identity"], "anna");
    raw.echo("no pong before this").await;

    let mut raw = Raw::socket(&bench, "user=bert&pong").await;
    raw.send(&frame(PING, [9; 4], b"are you there")).await;
    assert_eq!(raw.frame().await, Some((OpCode::Control(Control::Pong), b"are you there".to_vec())));
}

#[tokio::test]
async fn a_client_that_closes_gets_its_close_frame_back() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=anna").await;
    raw.send(&frame(CLOSE, [5; 4], &[0x03, 0xe8])).await;
    assert_eq!(raw.close_status().await, 1000);
    assert_eq!(bench.event("disconnected").await["reason"], "the client closed the WebSocket");
    drop(Raw::socket(&bench, "user=bert").await);
    assert_eq!(bench.event("disconnected").await["reason"], "the client closed the connection");
}

#[tokio::test]
async fn a_kick_ends_the_stream_without_a_close_frame_after_what_was_sent() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=anna").await;
    raw.send(&frame(TEXT, [7; 4], b"kick me")).await;
    assert_eq!(raw.text().await, "bye");
    assert_eq!(raw.frame().await, None);
    assert_eq!(bench.event("kicked").await["reason"], "as asked");
    assert_eq!(bench.event("disconnected").await["identity"], "anna");
}

#[tokio::test]
async fn a_second_login_closes_an_exclusive_websocket_only() {
    let mut bench = Bench::plain().await;
    let mut first = Raw::socket(&bench, "user=anna").await;
    let mut second = Raw::socket(&bench, "user=anna").await;
    first.echo("both").await;
    second.echo("stay").await;
    let mut third = Raw::socket(&bench, "user=anna&only").await;
    assert_eq!((first.frame().await, second.frame().await), (None, None));
    third.echo("alone").await;
    assert!(bench.event("kicked").await["reason"].as_str().unwrap().contains("logged in again"));
    bench.cloud.stop().await;
    assert_eq!(third.frame().await, None);
}

#[tokio::test]
async fn the_operator_kicks_and_disables_websockets_too() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=anna").await;
    raw.echo("here").await;
    let request = |operation: &str| crate::sim::OperateRequest {
        device: "anna".into(),
        operation: operation.into(),
        ..Default::default()
    };
    let report = bench.cloud.hub.operate(&request("disable")).unwrap().await.unwrap();
    assert!(report.outcome().is_some());
    assert_eq!(raw.frame().await, None);
    let mut raw = Raw::open(&bench, "toy-ws").await;
    assert_eq!(raw.ask_upgrade(&format!("/ws?token={TOKEN}&user=anna"), "").await.status, 403);
    assert_eq!(bench.event("refused").await["status"], 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_websockets_are_held_and_reached() {
    let mut bench = Bench::plain().await;
    let mut sockets = Vec::new();
    for number in 0..1_000 {
        sockets.push(Raw::socket(&bench, &format!("user=socket-{number}")).await);
    }
    for _ in 0..1_000 {
        bench.event("connected").await;
    }
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    lamp.publish("dev/lamp/post", b"to all".to_vec()).await;
    for socket in &mut sockets {
        assert_eq!(socket.text().await, "to all");
    }
    bench.cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_that_does_not_read_loses_messages_that_are_counted_and_stops_nobody() {
    let mut bench = Bench::plain().await;
    let mut full = Raw::socket(&bench, "user=socket-1").await;
    full.send(&frame(TEXT, [7; 4], b"fill me")).await;
    // The queue was full before the next frame is looked at.
    assert!(bench.event("lost").await["count"].as_u64().unwrap() > 0);
    let mut other = Raw::socket(&bench, "user=bert").await;
    other.echo("still here").await;
    full.send(&frame(TEXT, [7; 4], b"kick me")).await;
    assert_eq!(full.text().await.len(), 4 << 20);
}

#[tokio::test]
async fn garbage_is_counted_and_survived() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-ws").await;
    raw.send(b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n").await;
    assert_eq!(raw.answer().await.status, 400);
    let rejected = bench.event("rejected").await;
    assert!(rejected["reason"].as_str().unwrap().starts_with("this is not an HTTP request"), "{rejected}");

    let mut raw = Raw::open(&bench, "toy-http").await;
    raw.send(format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000)).as_bytes()).await;
    assert_eq!(raw.answer().await.status, 431);
    assert!(bench.event("rejected").await["reason"].as_str().unwrap().contains("header fields"));

    let mut raw = Raw::open(&bench, "toy-http").await;
    let head = format!("POST / HTTP/1.1\r\nHost: toy\r\nContent-Length: {}\r\n\r\n", 100 << 20);
    raw.send(head.as_bytes()).await;
    raw.send(&vec![0; 1 << 20]).await;
    // It may be refused before everything was sent.
    while raw.stream.write_all(&[0; 64 * 1024]).await.is_ok() && bench.events.is_empty() {}
    assert!(bench.event("rejected").await["reason"].as_str().unwrap().contains("body"));

    drop(Raw::open(&bench, "toy-http").await);
    assert!(bench.event("rejected").await["reason"].as_str().unwrap().contains("without a complete request"));
    let mut raw = Raw::open(&bench, "toy-http").await;
    assert_eq!(raw.call("GET /", "", b"").await.status, 200);
}

#[tokio::test]
async fn a_request_that_dribbles_is_cut_off() {
    let mut bench = Bench::plain().await;
    let mut raw = Raw::open(&bench, "toy-http").await;
    let dribbling = async {
        while raw.stream.write_all(b"GET / HTTP/1.1\r\nX: y\r\n").await.is_ok() && bench.events.len() < 2 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(LIMIT, dribbling).await.expect("it may dribble for ever");
    assert!(bench.event("rejected").await["reason"].as_str().unwrap().contains("within"));
}

#[tokio::test]
async fn a_frame_that_breaks_the_protocol_closes_with_the_status_that_says_so() {
    let mut bench = Bench::plain().await;
    let hostile: [(&[u8], u16); 8] = [
        (b"\x81\x02hi", 1002),
        (b"\xf1\x80\0\0\0\0", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x80\x80\0\0\0\0", 1002),
        (b"\x09\x80\0\0\0\0", 1002),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 1009),
        (b"\x81\x81\0\0\0\0\xff", 1007),
    ];
    for (bytes, status) in hostile {
        let mut raw = Raw::socket(&bench, "user=anna").await;
        raw.send(bytes).await;
        assert_eq!(raw.close_status().await, status, "{bytes:?}");
        let reason = bench.event("disconnected").await["reason"].as_str().unwrap().to_owned();
        assert!(reason.starts_with("closed, WebSocket protocol"), "{reason}");
    }
    Raw::socket(&bench, "user=anna").await.echo("still here").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_client_speaks_with_it() {
    let bench = Bench::plain().await;
    let address = bench.address("toy-ws");
    let talking = tokio::task::spawn_blocking(move || {
        let stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let url = format!("ws://{address}/ws?user=anna&pong&token={TOKEN}");
        let (mut socket, answer) = tungstenite::client(url, stream).unwrap();
        assert_eq!(answer.status(), 101);
        for text in ["{}", "", &"x".repeat(70_000)] {
            socket.send(tungstenite::Message::text(text)).unwrap();
            assert_eq!(socket.read().unwrap(), tungstenite::Message::text(text));
        }
        socket.send(tungstenite::Message::text("ping me")).unwrap();
        assert_eq!(socket.read().unwrap(), tungstenite::Message::Ping("1750000000".into()));
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    tokio::time::timeout(LIMIT, talking).await.unwrap().unwrap();
}

#[tokio::test]
async fn faults_of_the_operator_meet_websockets_too() {
    let bench = Bench::plain().await;
    let mut raw = Raw::socket(&bench, "user=anna").await;
    raw.echo("before").await;
    let fault = |arguments: Value| crate::sim::OperateRequest {
        operation: "fault".into(),
        arguments: arguments.as_object().cloned().unwrap(),
        ..Default::default()
    };
    let told = bench.cloud.hub.operate(&fault(json!({"name": "duplicate", "direction": "down"}))).unwrap().await;
    assert!(told.unwrap().outcome().is_some());
    raw.echo("twice").await;
    assert_eq!(raw.text().await, "twice");
    bench.cloud.hub.operate(&fault(json!({"name": "token", "times": 1}))).unwrap().await.unwrap();
    let mut refused = Raw::open(&bench, "toy-ws").await;
    let target = format!("/ws?token={TOKEN}&user=bert");
    assert_eq!(refused.ask_upgrade(&target, "").await.status, 401);
    assert_eq!(refused.ask_upgrade(&target, "").await.status, 101);
}
