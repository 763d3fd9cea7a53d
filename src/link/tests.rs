//! A link against a server of a few lines, which shows every packet and answers as told.

mod server;
mod web;

use std::time::Duration;

use tokio::sync::mpsc;

use super::{LinkConfig, LinkHandle, Trace, spawn};
use crate::base::secret::Secret;
use crate::base::time::Time;
use crate::dialect::{
    ConnectionSettings, Dialect, MqttLevel, Plan, Server, Signed, Spec, Subscription, TlsSettings, Transport,
};
use crate::model::{
    Batch, ConnectionId, Direction, FieldFault, Fields, Kind, LinkState, Meta, Notice, RequestKey, RequestState, Role,
    Stage, StageReport,
};
use crate::session::{Command, Reconnect, SessionConfig};
use server::{Peer, Serving};

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// A platform without rules: what it connects to is in the settings alone.
struct Plain;

static SPEC: Spec = Spec {
    name: "plain",
    aliases: &[],
    title: crate::base::lang::Text::same("plain"),
    example: "",
    roles: &[],
    endpoints: &[],
    roster: &[],
    topics: &[],
    codes: &[],
    operator: &[],
};

impl Dialect for Plain {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, _: Role, settings: &ConnectionSettings, _: Time, _: u64) -> Result<Plan, FieldFault> {
        let server = settings.server.clone().ok_or_else(|| FieldFault::new("server", crate::model::fields::MISSING))?;
        Ok(Plan {
            server,
            client_id: "c".to_owned(),
            username: "u".to_owned(),
            password: Secret::new("hidden"),
            keep_alive: Duration::from_secs(settings.mqtt.keep_alive.unwrap_or(60).into()),
            clean_session: true,
            level: settings.mqtt.level.unwrap_or(MqttLevel::V311),
            subscriptions: vec![Subscription { filter: "own/#".to_owned(), qos: 1 }],
            headers: Vec::new(),
            opening: Vec::new(),
            heartbeat: None,
            tls: settings.tls.clone(),
            expires_at: None,
        })
    }

    fn sign(&self, _: Role, _: &Fields, _: Time, _: u64) -> Result<Signed, FieldFault> {
        Err(FieldFault::new("x", crate::model::fields::MISSING))
    }

    fn classify(&self, _: Role, _: Direction, topic: &str, _: &[u8]) -> Meta {
        Meta { kind: if topic.ends_with("reply") { Kind::SetReply } else { Kind::Report }, ..Meta::default() }
    }

    crate::dialect::testing::says_nothing!();
}

/// A link and everything that came out of it so far.
struct Desk {
    link: LinkHandle,
    mailbox: mpsc::Receiver<Batch>,
    stages: Vec<StageReport>,
    states: Vec<LinkState>,
    requests: Vec<(RequestKey, RequestState)>,
    messages: Vec<(String, Vec<u8>, usize)>,
    warnings: Vec<String>,
    lost: u64,
}

fn settings(server: Server) -> ConnectionSettings {
    ConnectionSettings { server: Some(server), ..ConnectionSettings::default() }
}

fn open(settings: ConnectionSettings) -> Desk {
    open_on(&Plain, settings)
}

fn open_on(dialect: &'static dyn Dialect, settings: ConnectionSettings) -> Desk {
    open_traced(dialect, settings, None)
}

fn open_traced(dialect: &'static dyn Dialect, settings: ConnectionSettings, trace: Option<Trace>) -> Desk {
    let session = SessionConfig {
        dialect,
        role: Role::App,
        settings,
        model: None,
        reconnect: Reconnect::Never,
        thing: None,
        seed: 1,
    };
    let (sender, mailbox) = mpsc::channel(1);
    let link = spawn(LinkConfig { id: ConnectionId(7), session, trace, packets: false }, sender);
    link.command(Command::Connect);
    Desk {
        link,
        mailbox,
        stages: Vec::new(),
        states: Vec::new(),
        requests: Vec::new(),
        messages: Vec::new(),
        warnings: Vec::new(),
        lost: 0,
    }
}

impl Desk {
    fn take(&mut self, batch: &Batch) {
        assert_eq!(batch.connection(), ConnectionId(7));
        for message in batch.messages() {
            self.messages.push((message.topic.to_owned(), message.payload.to_vec(), message.payload_len));
        }
        for notice in batch.notices() {
            match notice {
                Notice::Stage { report, .. } => self.stages.push(report.clone()),
                Notice::State { state, .. } => self.states.push(state.clone()),
                Notice::Update(update) => self.requests.push((update.key, update.state.clone())),
                Notice::Warning { what, .. } => self.warnings.push(what.to_string()),
                Notice::Lost { count, .. } => self.lost += count,
                _ => {}
            }
        }
    }

    /// Takes batches until something is true.
    async fn until(&mut self, what: &str, met: impl Fn(&Desk) -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !met(self) {
            match tokio::time::timeout_at(deadline, self.mailbox.recv()).await {
                Ok(Some(batch)) => self.take(&batch),
                Ok(None) => panic!("the link ended before {what}: {:?} {:?}", self.stages, self.states),
                Err(_) => panic!("no {what}: {:?} {:?}", self.stages, self.states),
            }
        }
    }

    async fn online(&mut self) {
        self.until("online", |desk| desk.states.contains(&LinkState::Online)).await;
    }

    fn stage(&self, stage: Stage) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.stage == stage)
    }
}

async fn connected() -> (Serving, Peer, Desk) {
    connected_with(|_| {}).await
}

async fn connected_with(change: impl FnOnce(&mut ConnectionSettings)) -> (Serving, Peer, Desk) {
    let serving = Serving::start().await;
    let mut settings = settings(serving.address());
    change(&mut settings);
    let mut desk = open(settings);
    let mut peer = serving.accept().await;
    peer.let_in().await;
    desk.online().await;
    (serving, peer, desk)
}

#[tokio::test]
async fn every_stage_is_reported_in_its_order() {
    let (_serving, _peer, desk) = connected().await;
    let order: Vec<(Stage, bool)> = desk.stages.iter().map(|report| (report.stage, report.ok)).collect();
    let expected = [Stage::Resolve, Stage::Tcp, Stage::Connect, Stage::Connack, Stage::Suback];
    assert_eq!(order, expected.map(|stage| (stage, true)));
    let said: String = desk.stages.iter().map(|report| report.detail.to_string()).collect();
    assert!(said.contains("127.0.0.1") && said.contains("client id c"), "{said}");
    assert!(!said.contains("hidden"), "{said}");
}

#[tokio::test]
async fn connect_is_written_in_the_level_of_the_plan() {
    for (level, name, number) in [(MqttLevel::V311, "MQTT", 4), (MqttLevel::V31, "MQIsdp", 3)] {
        let serving = Serving::start().await;
        let mut settings = settings(serving.address());
        settings.mqtt.level = Some(level);
        let mut desk = open(settings);
        let mut peer = serving.accept().await;
        let connect = peer.let_in().await;
        let length = name.len();
        assert_eq!(connect.body.get(2..2 + length), Some(name.as_bytes()));
        assert_eq!(connect.body.get(2 + length), Some(&number));
        desk.online().await;
    }
}

#[tokio::test]
async fn a_refused_login_tells_its_code_and_what_to_do() {
    let serving = Serving::start().await;
    let mut desk = open(settings(serving.address()));
    let mut peer = serving.accept().await;
    peer.read().await;
    peer.write(&[0x20, 2, 0, 4]).await;
    desk.until("a refusal", |desk| matches!(desk.states.last(), Some(LinkState::Refused(_)))).await;
    let report = desk.stage(Stage::Connack).expect("a report");
    assert!(!report.ok && report.detail.to_string().starts_with("CONNACK 4"), "{report:?}");
    assert!(report.advice.is_some());
}

#[tokio::test]
async fn a_port_without_a_listener_fails_in_the_tcp_stage() {
    let serving = Serving::start().await;
    let address = serving.address();
    drop(serving);
    let mut desk = open(settings(address));
    desk.until("the end", |desk| desk.states.last() == Some(&LinkState::Closed)).await;
    let report = desk.stage(Stage::Tcp).expect("a report");
    assert!(!report.ok && report.advice.is_some(), "{report:?}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_fails_in_the_resolve_stage() {
    let server =
        Server { transport: Transport::Mqtt, host: "no-such-host.invalid".into(), port: 1883, path: String::new() };
    let mut desk = open(settings(server));
    desk.until("the end", |desk| desk.states.last() == Some(&LinkState::Closed)).await;
    assert!(desk.stage(Stage::Resolve).is_some_and(|report| !report.ok), "{:?}", desk.stages);
}

#[tokio::test]
async fn a_connection_closed_without_a_connack_is_explained() {
    let serving = Serving::start().await;
    let mut desk = open(settings(serving.address()));
    let mut peer = serving.accept().await;
    peer.read().await;
    drop(peer);
    desk.until("the end", |desk| desk.states.last() == Some(&LinkState::Closed)).await;
    let report = desk.stage(Stage::Connack).expect("a report");
    assert!(!report.ok && report.detail.to_string().starts_with("no CONNACK"), "{report:?}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named() {
    let serving = Serving::start().await;
    let address = Server { transport: Transport::Mqtts, ..serving.address() };
    let mut desk = open(settings(address));
    let mut peer = serving.accept().await;
    peer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    desk.until("the end", |desk| desk.states.last() == Some(&LinkState::Closed)).await;
    let report = desk.stage(Stage::Tls).expect("a report");
    assert!(!report.ok && report.advice.is_some(), "{report:?}");
}

#[tokio::test]
async fn a_refused_filter_is_reported_beside_those_that_were_granted() {
    let (_serving, mut peer, mut desk) = connected().await;
    desk.link.command(Command::Subscribe { filter: "foreign/#".to_owned(), qos: 1 });
    let subscribe = peer.read().await;
    let [high, low] = [subscribe.body[0], subscribe.body[1]];
    peer.write(&[0x90, 3, high, low, 0x80]).await;
    desk.until("the answer", |desk| desk.stages.iter().any(|report| report.stage == Stage::Suback && !report.ok)).await;
    let report = desk.stages.last().expect("a report");
    assert!(report.detail.to_string().contains("foreign/#"), "{report:?}");
}

#[tokio::test]
async fn a_puback_belongs_to_the_message_it_confirms() {
    let (_serving, mut peer, mut desk) = connected().await;
    for key in 1..=2 {
        let (topic, payload) = (format!("t/{key}"), vec![key]);
        let key = RequestKey(key.into());
        desk.link.command(Command::Publish { key, topic, payload, qos: 1, retain: false });
    }
    let (first, second) = (peer.read().await, peer.read().await);
    // The second is confirmed first.
    for packet in [second, first] {
        let number = &packet.body[5..7];
        peer.write(&[0x40, 2, number[0], number[1]]).await;
    }
    desk.until("both", |desk| {
        desk.requests.iter().filter(|(_, state)| *state == RequestState::Acknowledged).count() == 2
    })
    .await;
    let order: Vec<u64> =
        desk.requests.iter().filter(|(_, state)| *state == RequestState::Acknowledged).map(|(key, _)| key.0).collect();
    assert_eq!(order, [2, 1]);
    let sent: Vec<&str> = desk.messages.iter().map(|(topic, ..)| topic.as_str()).collect();
    assert_eq!(sent, ["t/1", "t/2"], "what was sent stands in the stream too");
}

#[tokio::test]
async fn a_topic_with_a_wildcard_is_refused_and_the_connection_stays() {
    let (_serving, mut peer, mut desk) = connected().await;
    let publish = |key, topic: &str| Command::Publish {
        key: RequestKey(key),
        topic: topic.into(),
        payload: vec![],
        qos: 0,
        retain: false,
    };
    desk.link.command(publish(1, "a/+"));
    desk.link.command(publish(2, "a/b"));
    assert_eq!(peer.read().await.first, 0x30);
    desk.until("both outcomes", |desk| {
        desk.requests.iter().any(|(key, state)| key.0 == 2 && *state == RequestState::Sent)
    })
    .await;
    assert!(desk.requests.iter().any(|(key, state)| key.0 == 1 && matches!(state, RequestState::Failed(_))));
}

#[tokio::test]
async fn the_last_message_never_stays_behind() {
    let (_serving, mut peer, mut desk) = connected().await;
    for number in 0..50_u8 {
        peer.publish("own/a", &[number]).await;
        desk.until("the message", |desk| desk.messages.len() > usize::from(number)).await;
    }
    assert_eq!(desk.messages[49].1, [49]);
}

#[tokio::test]
async fn a_payload_of_64_mib_arrives_and_keeps_its_true_length() {
    let (_serving, mut peer, mut desk) = connected().await;
    let payload = vec![0x5a; 64 << 20];
    let sending = tokio::spawn(async move {
        peer.publish("own/large", &payload).await;
        peer
    });
    desk.until("the message", |desk| !desk.messages.is_empty()).await;
    let (_, kept, length) = &desk.messages[0];
    assert_eq!(*length, 64 << 20);
    assert_eq!(kept.len(), crate::model::batch::MAX_KEPT_PAYLOAD);
    drop(sending.await);
}

#[tokio::test]
async fn closing_sends_disconnect() {
    let (_serving, mut peer, desk) = connected().await;
    let Desk { link, mailbox, .. } = desk;
    drop(mailbox);
    link.finish().await;
    assert_eq!(peer.read().await.first, 0xe0);
    assert!(peer.try_read().await.is_none(), "the connection is closed after DISCONNECT");
}

#[tokio::test]
async fn closing_waits_for_what_was_asked_before() {
    let (_serving, mut peer, mut desk) = connected().await;
    let key = RequestKey(1);
    desk.link.command(Command::Publish { key, topic: "t".into(), payload: b"last".to_vec(), qos: 0, retain: false });
    desk.until("sent", |desk| desk.requests.iter().any(|(_, state)| *state == RequestState::Sent)).await;
    desk.link.close();
    assert!(peer.read().await.body.ends_with(b"last"));
    assert_eq!(peer.read().await.first, 0xe0);
}

#[tokio::test]
async fn a_lost_connection_is_told_after_what_it_still_brought() {
    let (_serving, mut peer, mut desk) = connected().await;
    for number in 0..100_u8 {
        peer.publish("own/a", &[number]).await;
    }
    drop(peer);
    desk.until("the end", |desk| desk.states.last() == Some(&LinkState::Closed)).await;
    assert_eq!(desk.messages.len(), 100);
}

#[tokio::test]
async fn a_reader_that_is_busy_slows_the_sender_and_loses_nothing() {
    const COUNT: u32 = 3_000;
    let (_serving, mut peer, mut desk) = connected().await;
    let sending = tokio::spawn(async move {
        let mut payload = vec![0; 4_096];
        for number in 0..COUNT {
            payload[..4].copy_from_slice(&number.to_be_bytes());
            peer.publish("own/a", &payload).await;
        }
        peer
    });
    // Nobody reads for a while: 12 MiB do not fit into one batch and the buffers of the system.
    tokio::time::sleep(Duration::from_millis(300)).await;
    desk.until("all of them", |desk| desk.messages.len() == COUNT as usize).await;
    assert_eq!(desk.lost, 0);
    let order = desk.messages.iter().map(|(_, payload, _)| u32::from_be_bytes(payload[..4].try_into().unwrap()));
    assert!(order.eq(0..COUNT));
    drop(sending.await);
}

#[tokio::test]
async fn a_reader_that_is_away_for_longer_than_the_keep_alive_is_told_what_it_missed() {
    const COUNT: usize = 4_000;
    let (_serving, mut peer, mut desk) = connected_with(|settings| settings.mqtt.keep_alive = Some(1)).await;
    // The server answers pings, so the connection must live on while nobody takes the batches.
    let payload = vec![0; 4_096];
    for _ in 0..COUNT {
        peer.publish("own/a", &payload).await;
    }
    let pinged = tokio::time::timeout(PATIENCE, async {
        for _ in 0..3 {
            assert_eq!(peer.read().await.first, 0xc0);
            peer.write(&[0xd0, 0]).await;
        }
        peer.publish("own/reply", b"kept").await;
    });
    pinged.await.expect("three pings");
    tokio::time::sleep(Duration::from_millis(200)).await;
    peer.publish("own/last", b"").await;
    desk.until("the last", |desk| desk.messages.iter().any(|(topic, ..)| topic == "own/last")).await;
    assert!(desk.lost > 0);
    let reports = desk.messages.iter().filter(|(topic, ..)| topic == "own/a").count();
    assert_eq!(reports as u64 + desk.lost, COUNT as u64, "every message is there or counted");
    assert!(desk.messages.iter().any(|(topic, ..)| topic == "own/reply"), "a reply is kept");
}

#[test]
fn broken_tls_settings_name_the_file() {
    let tls = |change: fn(&mut TlsSettings)| {
        let mut settings = TlsSettings::default();
        change(&mut settings);
        super::tls::config(&settings).err().map(|reason| reason.to_string()).unwrap_or_default()
    };
    assert!(tls(|tls| tls.ca = Some("/no/such/ca.pem".into())).contains("/no/such/ca.pem"));
    assert!(tls(|tls| tls.client_cert = Some("/no/such/cert.pem".into())).contains("client_key"));
}
