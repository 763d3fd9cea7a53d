//! Real clients against the sockets of the simulated cloud, over loopback, with a made-up platform.

use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Packet, PublishOptions, QoS,
    SubscribeReasonCode,
};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::sim::testing::{PASSWORD, toy_cloud};

mod web;

const LIMIT: Duration = Duration::from_secs(20);

struct Bench {
    cloud: Running,
    events: mpsc::UnboundedReceiver<CloudEvent>,
}

impl Bench {
    async fn start(config: ServeConfig) -> Bench {
        let (sender, events) = mpsc::unbounded_channel();
        let cloud = start_with(toy_cloud(), config, sender).await.unwrap();
        Bench { cloud, events }
    }

    async fn plain() -> Bench {
        Bench::start(ServeConfig::default()).await
    }

    fn address(&self, endpoint: &str) -> SocketAddr {
        let url = self.cloud.url(endpoint).unwrap().split_once("://").unwrap().1;
        url.trim_end_matches("/ws").parse().unwrap()
    }

    fn client(&self, endpoint: &str, username: &str, client_id: &str) -> Peer {
        let address = self.address(endpoint);
        let mut options = MqttOptions::new(client_id, (address.ip().to_string(), address.port()));
        options.set_credentials(username, PASSWORD.to_vec());
        options.set_max_packet_size(16 << 20, 16 << 20);
        options.set_keep_alive(30);
        let (client, events) = AsyncClient::builder(options).capacity(1_000).build();
        Peer { client, events }
    }

    async fn online(&self, endpoint: &str, username: &str, client_id: &str) -> Peer {
        let mut peer = self.client(endpoint, username, client_id);
        assert_eq!(peer.connack().await, Ok(()));
        peer
    }

    async fn event(&mut self, name: &str) -> Value {
        let found = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event.name() == name {
                    return event.to_json(Lang::En);
                }
            }
        };
        tokio::time::timeout(LIMIT, found).await.unwrap_or_else(|_| panic!("no event “{name}”"))
    }
}

struct Peer {
    client: AsyncClient,
    events: EventLoop,
}

impl Peer {
    async fn next(&mut self) -> Result<Packet, ConnectionError> {
        loop {
            let event = tokio::time::timeout(LIMIT, self.events.poll()).await.expect("the broker is silent");
            if let Event::Incoming(packet) = event? {
                return Ok(packet);
            }
        }
    }

    async fn connack(&mut self) -> Result<(), ConnectReturnCode> {
        match self.next().await {
            Ok(Packet::ConnAck(ack)) if ack.code == ConnectReturnCode::Success => Ok(()),
            Ok(other) => panic!("{other:?}"),
            Err(ConnectionError::ConnectionRefused(code)) => Err(code),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn subscribe(&mut self, filter: &str) -> bool {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        loop {
            if let Packet::SubAck(ack) = self.next().await.unwrap() {
                return !ack.return_codes.contains(&SubscribeReasonCode::Failure);
            }
        }
    }

    async fn publish(&mut self, topic: &str, payload: Vec<u8>) {
        let options = PublishOptions::new(QoS::AtLeastOnce);
        self.client.publish(topic, payload, options).await.unwrap();
        while !matches!(self.next().await.unwrap(), Packet::PubAck(_)) {}
    }

    async fn message(&mut self) -> (String, Vec<u8>) {
        loop {
            if let Packet::Publish(publish) = self.next().await.unwrap() {
                return (String::from_utf8(publish.topic.to_vec()).unwrap(), publish.payload.to_vec());
            }
        }
    }

    async fn closed(&mut self) {
        while self.next().await.is_ok() {}
    }
}

/// A CONNECT of MQTT 3.1 (`MQIsdp`, level 3).
fn connect_v31(username: &str, password: &[u8]) -> Vec<u8> {
    let mut body = b"\0\x06MQIsdp\x03\xc2\0\x3c\0\x05old-1".to_vec();
    for field in [username.as_bytes(), password] {
        body.extend_from_slice(&u16::try_from(field.len()).unwrap().to_be_bytes());
        body.extend_from_slice(field);
    }
    let mut packet = vec![0x10, u8::try_from(body.len()).unwrap()];
    packet.append(&mut body);
    packet
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, packet: &[u8]) -> Vec<u8> {
    stream.write_all(packet).await.unwrap();
    let mut answer = vec![0; 64];
    let read = tokio::time::timeout(LIMIT, stream.read(&mut answer)).await.unwrap().unwrap();
    answer.truncate(read);
    answer
}

#[tokio::test]
async fn the_first_event_names_every_endpoint_and_the_control_address() {
    let mut bench = Bench::plain().await;
    let first = bench.events.recv().await.unwrap().to_json(Lang::En);
    assert_eq!((&first["v"], &first["event"]), (&json!(1), &json!("listening")));
    assert_eq!(first["control"], bench.cloud.control);
    let endpoints = first["endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 4);
    assert_eq!((&endpoints[0]["name"], &endpoints[0]["role"]), (&json!("toy-app"), &json!("app")));
    assert!(endpoints[1]["url"].as_str().unwrap().starts_with("mqtt://127.0.0.1:"));
    assert_eq!(endpoints[2]["role"], "any");
    let socket = endpoints[3]["url"].as_str().unwrap();
    assert!(socket.starts_with("ws://127.0.0.1:") && socket.ends_with("/ws"), "{socket}");
}

#[tokio::test]
async fn every_connack_code_comes_out_as_the_platform_wants_it() {
    let mut bench = Bench::plain().await;
    let codes = [
        (1, ConnectReturnCode::RefusedProtocolVersion),
        (2, ConnectReturnCode::BadClientId),
        (3, ConnectReturnCode::ServiceUnavailable),
        (4, ConnectReturnCode::BadUserNamePassword),
        (5, ConnectReturnCode::NotAuthorized),
    ];
    for (number, code) in codes {
        let mut peer = bench.client("toy-app", &format!("code:{number}"), "c1");
        assert_eq!(peer.connack().await, Err(code));
        let refused = bench.event("refused").await;
        assert_eq!((&refused["connack"], &refused["code"]), (&json!(number), &json!("T0")));
    }
    bench.online("toy-app", "anna", "c1").await;
}

#[tokio::test]
async fn messages_cross_the_bridge_and_dollar_topics_match_wildcards() {
    let mut bench = Bench::plain().await;
    let mut app = bench.online("toy-app", "anna", "app").await;
    assert!(app.subscribe("$sys/+/lifecycle").await);
    assert!(app.subscribe("dev/lamp/note").await);
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    assert_eq!(app.message().await, ("$sys/lamp/lifecycle".into(), b"online".to_vec()));
    assert!(lamp.subscribe("dev/lamp/command").await);
    lamp.publish("dev/lamp/post", b"{\"t\":1}".to_vec()).await;
    assert_eq!(app.message().await, ("dev/lamp/note".into(), b"{\"t\":1}".to_vec()));
    app.publish("dev/lamp/set", b"on".to_vec()).await;
    assert_eq!(lamp.message().await, ("dev/lamp/command".into(), b"on".to_vec()));
    let published = bench.event("published").await;
    assert_eq!(published["payload"], json!({ "json": { "t": 1 } }));
    drop(lamp);
    assert_eq!(app.message().await, ("$sys/lamp/lifecycle".into(), b"offline".to_vec()));
}

#[tokio::test]
async fn a_foreign_filter_gets_suback_0x80_and_a_denied_publish_is_acknowledged_and_goes_nowhere() {
    let mut bench = Bench::plain().await;
    let mut app = bench.online("toy-app", "anna", "app").await;
    assert!(app.subscribe("dev/#").await);
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    assert!(!lamp.subscribe("dev/fan/command").await);
    assert_eq!(bench.event("subscribe_refused").await["filter"], "dev/fan/command");
    lamp.publish("dev/fan/post", b"1".to_vec()).await;
    assert_eq!(bench.event("publish_refused").await["closed"], false);
    lamp.publish("dev/lamp/post", b"2".to_vec()).await;
    assert_eq!(app.message().await, ("dev/lamp/note".into(), b"2".to_vec()));
    let options = PublishOptions::new(QoS::AtMostOnce);
    lamp.client.publish("dev/lamp/forbidden", "x", options).await.unwrap();
    lamp.closed().await;
}

#[tokio::test]
async fn a_second_login_of_a_device_closes_the_older_one_and_only_that() {
    let bench = Bench::plain().await;
    let mut older = bench.online("toy-device", "lamp", "same").await;
    let mut other = bench.online("toy-device", "fan", "same").await;
    let mut newer = bench.online("toy-device", "lamp", "same").await;
    older.closed().await;
    assert!(other.subscribe("dev/fan/command").await);
    assert!(newer.subscribe("dev/lamp/command").await);
}

#[tokio::test]
async fn stopping_closes_everything_and_the_same_ports_can_be_taken_again() {
    let bench = Bench::plain().await;
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    let port = |bench: &Bench, name: &str| (name.to_owned(), bench.address(name).port());
    let mut ports = BTreeMap::from([port(&bench, "toy-app"), port(&bench, "toy-device")]);
    ports.insert(CONTROL.to_owned(), bench.cloud.control.rsplit_once(':').unwrap().1.parse().unwrap());
    let Bench { cloud, mut events } = bench;
    cloud.stop().await;
    lamp.closed().await;
    let log = async { while events.recv().await.is_some() {} };
    tokio::time::timeout(LIMIT, log).await.expect("the log has no end");
    assert!(TcpStream::connect(("127.0.0.1", ports["toy-device"])).await.is_err());
    let bench = Bench::start(ServeConfig { ports: ports.clone(), ..ServeConfig::default() }).await;
    assert_eq!(bench.address("toy-device").port(), ports["toy-device"]);
    assert_eq!(lamp.connack().await, Ok(()));
    bench.cloud.stop().await;
}

#[tokio::test]
async fn a_large_payload_passes_whole() {
    let bench = Bench::plain().await;
    let mut app = bench.online("toy-app", "anna", "app").await;
    app.subscribe("dev/lamp/note").await;
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    let payload: Vec<u8> = (0..3_000_000_u32).map(|index| index.to_le_bytes()[0]).collect();
    lamp.client.publish("dev/lamp/post", payload.clone(), PublishOptions::new(QoS::AtLeastOnce)).await.unwrap();
    let send = async { while !matches!(lamp.next().await.unwrap(), Packet::PubAck(_)) {} };
    let ((), (topic, received)) = tokio::join!(send, app.message());
    assert_eq!(topic, "dev/lamp/note");
    assert!(received == payload, "the payload changed on the way");
}

#[tokio::test]
async fn mqtt_3_1_is_spoken_and_mqtt_5_is_refused_in_its_own_words() {
    let mut bench = Bench::plain().await;
    let stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    assert_eq!(answer(stream, &connect_v31("lamp", PASSWORD)).await, [0x20, 2, 0, 0]);
    assert_eq!(bench.event("connected").await["level"], 3);
    let stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    assert_eq!(answer(stream, &connect_v31("lamp", b"wrong")).await, [0x20, 2, 0, 4]);
    let stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    let v5 = b"\x10\x0f\0\x04MQTT\x05\x02\0\x3c\0\0\x02id";
    assert_eq!(answer(stream, v5).await, [0x20, 3, 0, 0x84, 0]);
    let stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    let nameless = b"\x10\x0c\0\x04MQTT\x04\0\0\x3c\0\0";
    assert_eq!(answer(stream, nameless).await, [0x20, 2, 0, 2]);
}

#[tokio::test]
async fn packets_sent_before_the_connack_are_answered() {
    let bench = Bench::plain().await;
    let mut packets = connect_v31("lamp", PASSWORD);
    packets.extend_from_slice(b"\xc0\0");
    let mut stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    stream.write_all(&packets).await.unwrap();
    let mut answer = [0; 6];
    tokio::time::timeout(LIMIT, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(answer, [0x20, 2, 0, 0, 0xd0, 0]);
}

#[tokio::test]
async fn pings_are_told_the_keep_alive_is_the_platforms_and_a_refused_filter_may_look_granted() {
    let mut bench = Bench::plain().await;
    let mut packets = connect_v31("old-lamp", PASSWORD);
    // SUBSCRIBE to a topic of somebody else, and two pings, one of them in two pieces.
    packets.extend_from_slice(b"\x82\x15\0\x07\0\x10dev/lamp/command\x01\xc0\0\xc0");
    let mut stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    stream.write_all(&packets).await.unwrap();
    let mut answers = [0; 11];
    tokio::time::timeout(LIMIT, stream.read_exact(&mut answers)).await.unwrap().unwrap();
    assert_eq!(answers, [0x20, 2, 0, 0, 0x90, 3, 0, 7, 1, 0xd0, 0]);
    stream.write_all(b"\0").await.unwrap();
    // The door tells of pings, the broker of the subscription: in either order.
    let told = async {
        let (mut pings, mut refused) = (0, 0);
        while pings < 2 || refused < 1 {
            match bench.events.recv().await.unwrap().name() {
                "pinged" => pings += 1,
                "subscribe_refused" => refused += 1,
                _ => {}
            }
        }
        (pings, refused)
    };
    assert_eq!(tokio::time::timeout(LIMIT, told).await.unwrap(), (2, 1));
    // Nothing is delivered for the filter.
    let mut app = bench.online("toy-app", "anna", "app").await;
    app.publish("dev/lamp/set", b"on".to_vec()).await;
    // It asked for 60 s and is held to one.
    let mut rest = Vec::new();
    tokio::time::timeout(LIMIT, stream.read_to_end(&mut rest)).await.expect("it stays open").unwrap();
    assert_eq!(rest, b"\xd0\0");
    assert_eq!(bench.event("disconnected").await["reason"], "keep-alive timed out");
}

#[tokio::test]
async fn nobody_gets_past_the_door() {
    let bench = Bench::plain().await;
    let broker = bench.cloud.broker.as_ref().unwrap().address;
    let stream = TcpStream::connect(broker).await.unwrap();
    assert_eq!(answer(stream, &connect_v31("lamp", PASSWORD)).await, [0x20, 2, 0, 5]);
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_logs_in_over_tls() {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName};

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let tls = Some(TlsConfig { ca_out: Some(file.clone()) });
    let bench = Bench::start(ServeConfig { tls, ..ServeConfig::default() }).await;
    assert!(bench.cloud.url("toy-device").unwrap().starts_with("mqtts://"));
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&file).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    for name in ["127.0.0.1", "localhost"] {
        let stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
        let stream = connector.connect(ServerName::try_from(name).unwrap(), stream).await.unwrap();
        assert_eq!(answer(stream, &connect_v31("lamp", PASSWORD)).await, [0x20, 2, 0, 0]);
    }
    assert!(bench.cloud.url("toy-http").unwrap().starts_with("https://"));
    assert!(bench.cloud.url("toy-ws").unwrap().starts_with("wss://"));
    for (endpoint, request, status) in [
        ("toy-http", "GET / HTTP/1.1\r\nHost: toy\r\n\r\n".to_owned(), "200"),
        ("toy-ws", web::upgrade("/ws?token=open%20sesame&user=anna"), "101"),
    ] {
        let stream = TcpStream::connect(bench.address(endpoint)).await.unwrap();
        let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        let answer = answer(stream, request.as_bytes()).await;
        assert!(answer.starts_with(format!("HTTP/1.1 {status}").as_bytes()), "{endpoint}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_asks_over_http_and_web_pages_may_not() {
    let mut bench = Bench::plain().await;
    let control = bench.cloud.control.clone();
    let ask = move |path: &str, origin: Option<&str>, host: Option<&str>, body: &str| {
        let url = format!("{control}{path}");
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let mut request = ureq::Agent::new_with_config(config).post(url);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        if let Some(host) = host {
            request = request.header("Host", host);
        }
        let body = body.to_owned();
        async move {
            tokio::task::spawn_blocking(move || {
                let mut response = request.send(body).unwrap();
                let value: Value = response.body_mut().read_json().unwrap_or_default();
                (response.status().as_u16(), value)
            })
            .await
            .unwrap()
        }
    };
    let set = r#"{"dialect":"toy","device":"lamp","operation":"set","arguments":{"Power":true}}"#;
    assert_eq!(ask("/operate", Some("http://evil.example"), None, set).await.0, 403);
    assert_eq!(ask("/operate", None, Some("evil.example:80"), set).await.0, 403);
    assert_eq!(ask("/operate", None, None, "{").await.0, 400);
    let (status, refused) = ask("/operate", None, None, r#"{"operation":"dance"}"#).await;
    assert_eq!((status, &refused["error"]), (422, &json!("only set")));

    let (status, late) = ask("/operate", None, None, set).await;
    assert_eq!((status, &late["outcome"]), (200, &json!("timeout")));

    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    assert!(lamp.subscribe("dev/lamp/command").await);
    let answering = async {
        assert_eq!(lamp.message().await.1, b"{\"Power\":true}");
        lamp.publish("dev/lamp/answer", b"0".to_vec()).await;
    };
    let ((status, done), ()) = tokio::join!(ask("/operate", None, None, set), answering);
    assert_eq!((status, &done["v"], &done["outcome"]), (200, &json!(1), &json!("replied")));
    assert_eq!(done["topic"], "dev/lamp/command");

    let kick = r#"{"device":"lamp","operation":"kick"}"#;
    assert_eq!(ask("/operate", None, None, kick).await.0, 200);
    lamp.closed().await;
    assert!(bench.event("disconnected").await["identity"] == "lamp");
}

#[tokio::test]
async fn a_port_that_nobody_has_is_named_with_those_that_there_are() {
    let (sender, _events) = mpsc::unbounded_channel();
    let config = ServeConfig { ports: BTreeMap::from([("toy-apps".to_owned(), 1)]), ..ServeConfig::default() };
    let Err(fault) = start_with(toy_cloud(), config, sender).await else { panic!("it started") };
    assert!(
        fault.to_string().contains("toy-apps")
            && fault.to_string().contains("toy-app, toy-device, toy-http, toy-ws, control")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_arrives_whole() {
    const COUNT: u32 = 30_000;
    let bench = Bench::plain().await;
    let mut app = bench.online("toy-app", "anna", "app").await;
    assert!(app.subscribe("dev/lamp/note").await);
    let mut stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
    stream.write_all(&connect_v31("lamp", PASSWORD)).await.unwrap();
    let mut flood = Vec::new();
    for number in 0..COUNT {
        flood.extend_from_slice(b"\x30\x13\0\x0ddev/lamp/post");
        flood.extend_from_slice(&number.to_be_bytes());
    }
    let started = time::now();
    let sending = async { stream.write_all(&flood).await.unwrap() };
    let receiving = async {
        for number in 0..COUNT {
            assert_eq!(app.message().await.1, number.to_be_bytes());
        }
    };
    tokio::join!(sending, receiving);
    println!("{COUNT} messages in {:?}", time::now().since(started));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_does_not_read_loses_messages_that_are_counted_and_stops_nobody() {
    let mut bench = Bench::plain().await;
    let mut app = bench.online("toy-app", "anna", "app").await;
    assert!(app.subscribe("dev/lamp/note").await);
    let mut lamp = bench.online("toy-device", "lamp", "c1").await;
    // Nobody polls the app from here on.
    for _ in 0..60 {
        lamp.publish("dev/lamp/post", vec![0; 4 << 20]).await;
    }
    assert!(bench.event("lost").await["count"].as_u64().unwrap() > 0);
    let mut other = bench.online("toy-app", "bert", "app").await;
    assert!(other.subscribe("dev/lamp/note").await);
    lamp.publish("dev/lamp/post", b"still here".to_vec()).await;
    assert_eq!(other.message().await.1, b"still here");
}

#[tokio::test]
async fn a_connection_that_is_no_mqtt_is_told_and_closed() {
    let mut bench = Bench::plain().await;
    let stream = TcpStream::connect(bench.address("toy-app")).await.unwrap();
    assert_eq!(answer(stream, b"GET / HTTP/1.1\r\n\r\n").await, b"");
    let rejected = bench.event("rejected").await;
    assert_eq!(rejected["endpoint"], "toy-app");
    assert!(rejected["reason"].as_str().unwrap().contains("474554"), "{rejected}");
    drop(TcpStream::connect(bench.address("toy-app")).await.unwrap());
    assert!(bench.event("rejected").await["reason"].as_str().unwrap().contains("0 bytes"));
}

#[tokio::test]
async fn the_log_tells_how_a_connection_ended() {
    let mut bench = Bench::plain().await;
    let mut ends = Vec::new();
    for (goodbye, keep_alive) in [(&b"\xe0\0"[..], 60), (&b""[..], 60), (&b"\xf0\0"[..], 60), (&b""[..], 1)] {
        let mut packet = connect_v31("lamp", PASSWORD);
        // Keep-alive follows header (2), protocol name (8), level and flags (2).
        packet[13] = keep_alive;
        packet.extend_from_slice(goodbye);
        let mut stream = TcpStream::connect(bench.address("toy-device")).await.unwrap();
        stream.write_all(&packet).await.unwrap();
        bench.event("connected").await;
        if goodbye.is_empty() && keep_alive > 1 {
            stream.shutdown().await.unwrap();
        }
        if keep_alive > 1 {
            let mut rest = Vec::new();
            tokio::time::timeout(LIMIT, stream.read_to_end(&mut rest)).await.expect("it stays open").unwrap();
        }
        ends.push(bench.event("disconnected").await["reason"].as_str().unwrap().to_owned());
    }
    assert_eq!(ends[0], "the client disconnected (DISCONNECT)");
    assert_eq!(ends[1], "the client closed the connection");
    assert!(ends[2].starts_with("closed: "), "{}", ends[2]);
    assert_eq!(ends[3], "keep-alive timed out");
}
