//! Calls over HTTP and WebSockets against a listener of a few lines, which reads requests as they come and answers as
//! told.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tungstenite::Message;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role as Side, WebSocketConfig};

use super::*;
use crate::base::lang::Phrase;
use crate::dialect::{
    Context, EncodeFault, Encoded, Heartbeat, HttpAnswer, HttpCall, LoginFault, Method, OperationSpec, RoleSpec, Via,
};
use crate::model::{OpKind, Request};

/// A platform whose addresses are in the settings: `login` is called first, `call` for an operation.
struct Web;

static ROLES: [RoleSpec; 1] = [RoleSpec {
    role: Role::App,
    identity: &[],
    device: &[],
    server: None,
    operations: &[OperationSpec {
        op: OpKind::Set,
        reply: None,
        timeout: Duration::from_secs(20),
        help: crate::base::lang::Text::same(""),
    }],
    back_off: crate::dialect::BackOff::Doubling,
    refusals: &[],
}];
static WEB: Spec = Spec { name: "web", roles: &ROLES, ..SPEC };

fn call(name: &'static str, url: &str) -> HttpCall {
    HttpCall {
        name,
        method: Method::Post,
        url: url.to_owned(),
        headers: vec![("X-Token", Secret::new("t-1"))],
        body: br#"{"password":"hidden"}"#.to_vec(),
        secret_body: url.contains("secret"),
    }
}

impl Dialect for Web {
    fn spec(&self) -> &'static Spec {
        &WEB
    }

    fn login(&self, _: Role, settings: &ConnectionSettings, _: Time, _: u64) -> Result<Option<HttpCall>, FieldFault> {
        let url = settings.identity.get("login").filter(|_| settings.identity.get("token").is_none());
        Ok(url.map(|url| call("login", url)))
    }

    fn logged_in(
        &self,
        _: Role,
        settings: &mut ConnectionSettings,
        _: &HttpCall,
        answer: &HttpAnswer,
    ) -> Result<(), LoginFault> {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if !answer.is_success() {
            return Err(LoginFault { code: "9020".into(), reason: Phrase::verbatim(text), refused: true });
        }
        settings.identity.set("token", text);
        Ok(())
    }

    fn plan(&self, role: Role, settings: &ConnectionSettings, now: Time, nonce: u64) -> Result<Plan, FieldFault> {
        let beat = settings.identity.number("beat")?.map(Duration::from_millis);
        Ok(Plan {
            subscriptions: Vec::new(),
            headers: vec![("token", Secret::new(settings.identity.get("token").unwrap_or("none")))],
            heartbeat: beat.map(|every| Heartbeat { every, text: "beat".to_owned() }),
            ..Plain.plan(role, settings, now, nonce)?
        })
    }

    fn sign(&self, _: Role, _: &Fields, _: Time, _: u64) -> Result<Signed, FieldFault> {
        Err(FieldFault::new("x", crate::model::fields::MISSING))
    }

    fn classify(&self, _: Role, _: Direction, _: &str, _: &[u8]) -> Meta {
        Meta { kind: Kind::Push, ..Meta::default() }
    }

    fn socket_topic(&self, direction: Direction, _: &[u8]) -> String {
        format!("frames/{}", direction.name())
    }

    fn encode(&self, context: &Context<'_>, _: &Request, _: u64, _: Time, _: bool) -> Result<Encoded, EncodeFault> {
        let call = call("call", context.identity.get("call").unwrap_or_default());
        Ok(Encoded {
            topic: call.topic(),
            payload: call.body.clone(),
            via: Via::Http(Box::new(call)),
            qos: 0,
            request_id: None,
            reply: None,
            timeout: PATIENCE,
        })
    }

    crate::dialect::testing::says_nothing!(but encode);
}

struct Listener(TcpListener);

/// A request as it was written, and the socket to answer on.
struct Asked<S> {
    head: String,
    body: Vec<u8>,
    socket: S,
}

type Frames<S> = WebSocketStream<S>;

impl Listener {
    async fn start() -> Listener {
        Listener(TcpListener::bind("127.0.0.1:0").await.expect("a free port"))
    }

    fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.0.local_addr().expect("an address").port())
    }

    async fn accept(&self) -> TcpStream {
        tokio::time::timeout(PATIENCE, self.0.accept()).await.expect("a client in time").expect("a client").0
    }

    async fn asked(&self) -> Asked<TcpStream> {
        Asked::read(self.accept().await).await
    }
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Asked<S> {
    async fn read(mut socket: S) -> Asked<S> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(tokio::time::timeout(PATIENCE, socket.read_u8()).await.expect("in time").expect("a byte"));
        }
        let head = String::from_utf8(head).expect("text");
        let length = field(&head, "content-length").map_or(0, |length| length.parse().expect("a number"));
        let mut body = vec![0; length];
        socket.read_exact(&mut body).await.expect("the body");
        Asked { head, body, socket }
    }

    async fn answer(mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
        self.socket.write_all(text.as_bytes()).await.expect("written");
        // The client has read all of it when it closes.
        let _ = tokio::time::timeout(PATIENCE, self.socket.read(&mut [0])).await;
    }

    /// Grants the WebSocket that was asked for.
    async fn grant(mut self) -> Frames<S> {
        let key = field(&self.head, "sec-websocket-key").expect("a key");
        let accept = derive_accept_key(key.as_bytes());
        let text = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        self.socket.write_all(text.as_bytes()).await.expect("written");
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        WebSocketStream::from_raw_socket(self.socket, Side::Server, Some(config)).await
    }
}

/// A header field of a request.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

async fn next<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(frames: &mut Frames<S>) -> Message {
    let next = tokio::time::timeout(PATIENCE, frames.next()).await;
    next.expect("a frame in time").expect("a frame").expect("a good frame")
}

fn web(url: &str) -> ConnectionSettings {
    settings(Server::parse(url).expect("an address"))
}

async fn websocket(change: impl FnOnce(&mut ConnectionSettings)) -> (Listener, Frames<TcpStream>, Desk, String) {
    let listener = Listener::start().await;
    let mut settings = web(&listener.url("ws", "/path/to?app=1"));
    change(&mut settings);
    let mut desk = open_on(&Web, settings);
    let asked = listener.asked().await;
    let head = asked.head.clone();
    let frames = asked.grant().await;
    desk.online().await;
    (listener, frames, desk, head)
}

fn set(key: u64) -> Command {
    Command::Request { key: RequestKey(key), request: Request::new(OpKind::Set), timeout: None, check: true }
}

fn frame(key: u64, payload: &[u8]) -> Command {
    let (key, payload) = (RequestKey(key), payload.to_vec());
    Command::Publish { key, topic: String::new(), payload, qos: 0, retain: false }
}

impl Desk {
    fn closed(&self) -> bool {
        self.states.last() == Some(&LinkState::Closed)
    }

    fn state_of(&self, key: u64) -> Option<&RequestState> {
        self.requests.iter().rev().find(|(found, _)| found.0 == key).map(|(_, state)| state)
    }

    /// The warning with which a connection that is not made again ends.
    async fn lost(&mut self) -> String {
        self.until("the end", Desk::closed).await;
        self.warnings.join("\n")
    }
}

#[tokio::test]
async fn a_login_is_called_and_what_it_brought_is_in_the_upgrade() {
    let listener = Listener::start().await;
    let mut settings = web(&listener.url("ws", "/path"));
    settings.identity.set("login", listener.url("http", "/app/login?lang=en"));
    let mut desk = open_on(&Web, settings);
    let asked = listener.asked().await;
    assert!(asked.head.starts_with("POST /app/login?lang=en HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!(field(&asked.head, "X-Token"), Some("t-1"));
    assert_eq!(field(&asked.head, "Content-Type"), Some("application/json"));
    assert_eq!(field(&asked.head, "Host"), Some(listener.url("", "").trim_start_matches("://")));
    assert_eq!(asked.body, br#"{"password":"hidden"}"#);
    asked.answer("200 OK", "", "token-7").await;
    let asked = listener.asked().await;
    assert_eq!(field(&asked.head, "token"), Some("token-7"));
    let _frames = asked.grant().await;
    desk.online().await;
    let order: Vec<(Stage, bool)> = desk.stages.iter().map(|report| (report.stage, report.ok)).collect();
    assert_eq!(order, [Stage::Login, Stage::Resolve, Stage::Tcp, Stage::Upgrade].map(|stage| (stage, true)));
    let said: String = desk.stages.iter().map(|report| report.detail.to_string()).collect();
    assert!(said.contains("POST /app/login: HTTP 200"), "{said}");
    assert!(!said.contains("token-7") && !said.contains("hidden"), "{said}");
    assert!(desk.messages.is_empty(), "a login stands in no stream");
}

#[tokio::test]
async fn a_refused_login_tells_status_code_and_words() {
    let listener = Listener::start().await;
    let mut settings = web("ws://127.0.0.1:1/");
    settings.identity.set("login", listener.url("http", "/app/login"));
    let mut desk = open_on(&Web, settings);
    listener.asked().await.answer("400 Bad Request", "", "name or password wrong").await;
    desk.until("a refusal", |desk| matches!(desk.states.last(), Some(LinkState::Refused(_)))).await;
    let report = desk.stage(Stage::Login).expect("a report");
    assert_eq!(report.detail.to_string(), "POST /app/login: HTTP 400, code 9020: name or password wrong");
}

#[tokio::test]
async fn a_login_that_nobody_answers_fails_in_its_stage() {
    let listener = Listener::start().await;
    let url = listener.url("http", "/app/login");
    drop(listener);
    let mut settings = web("ws://127.0.0.1:1/");
    settings.identity.set("login", url);
    let mut desk = open_on(&Web, settings);
    desk.until("the end", Desk::closed).await;
    let report = desk.stage(Stage::Tcp).expect("a report");
    assert!(!report.ok && report.advice.is_some() && report.detail.to_string().starts_with("POST /app/login"));
}

#[tokio::test]
async fn disconnecting_does_not_wait_for_a_login() {
    let listener = Listener::start().await;
    let mut settings = web("ws://127.0.0.1:1/");
    settings.identity.set("login", listener.url("http", "/app/login"));
    let mut desk = open_on(&Web, settings);
    let asked = listener.asked().await;
    desk.link.command(Command::Disconnect);
    desk.until("the end", Desk::closed).await;
    let mut socket = asked.socket;
    let end = tokio::time::timeout(PATIENCE, socket.read(&mut [0])).await.expect("the end of the call");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn a_call_runs_beside_the_connection_and_stands_in_the_stream() {
    let calls = Listener::start().await;
    let url = calls.url("http", "/app/control/7?x=1");
    let (_listener, mut frames, mut desk, _) = websocket(|settings| settings.identity.set("call", url)).await;
    desk.link.command(set(1));
    let asked = calls.asked().await;
    // The connection goes on while the call waits.
    frames.send(Message::text("meanwhile")).await.expect("sent");
    desk.until("the frame", |desk| desk.messages.len() == 2).await;
    assert_eq!(desk.state_of(1), Some(&RequestState::Sent));
    asked.answer("200 OK", "", "{}").await;
    desk.until("the answer", |desk| desk.state_of(1) == Some(&RequestState::Acknowledged)).await;
    let found: Vec<(&str, &[u8])> = desk.messages.iter().map(|(topic, body, _)| (topic.as_str(), &body[..])).collect();
    let topic = "POST /app/control/7";
    let body: &[u8] = br#"{"password":"hidden"}"#;
    assert_eq!(found, [(topic, body), ("frames/in", b"meanwhile"), (topic, b"{}")]);
}

#[tokio::test]
async fn a_call_refused_redirected_or_cut_off_says_so() {
    let calls = Listener::start().await;
    let url = calls.url("http", "/secret");
    let (_listener, _frames, mut desk, _) = websocket(|settings| settings.identity.set("call", url)).await;
    desk.link.command(set(1));
    calls.asked().await.answer("302 Found", "Location: http://elsewhere/\r\n", "").await;
    desk.link.command(set(2));
    drop(calls.asked().await);
    desk.link.command(set(3));
    let mut socket = calls.asked().await.socket;
    socket.write_all(b"SSH-2.0-OpenSSH\r\n\r\n").await.expect("written");
    drop(socket);
    desk.until("all three", |desk| (1..=3).all(|key| desk.state_of(key).is_some_and(RequestState::is_final))).await;
    let Some(RequestState::Refused { code, message }) = desk.state_of(1) else { panic!("{:?}", desk.requests) };
    assert_eq!(code.as_deref(), Some("302"));
    assert!(message.as_deref().is_some_and(|words| words.contains("http://elsewhere/")), "{message:?}");
    for (key, words) in [(2, "closed the connection"), (3, "not HTTP")] {
        let Some(RequestState::Failed(reason)) = desk.state_of(key) else { panic!("{:?}", desk.requests) };
        assert!(reason.to_string().contains(words), "{reason}");
    }
}

#[tokio::test]
async fn bodies_with_secrets_stand_in_no_stream() {
    let calls = Listener::start().await;
    let url = calls.url("http", "/secret");
    let (_listener, _frames, mut desk, _) = websocket(|settings| settings.identity.set("call", url)).await;
    desk.link.command(set(1));
    let asked = calls.asked().await;
    assert_eq!(asked.body, br#"{"password":"hidden"}"#, "it is sent");
    asked.answer("200 OK", "", r#"{"uid":7,"token":"hidden"}"#).await;
    desk.until("the answer", |desk| desk.messages.len() == 2).await;
    assert_eq!(desk.messages[0].1, b"(not shown: it holds secrets)");
    assert_eq!(desk.messages[1].1, br#"{"uid":7,"token":"(hidden)"}"#);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_read() {
    let calls = Listener::start().await;
    let url = calls.url("http", "/large");
    let (_listener, _frames, mut desk, _) = websocket(|settings| settings.identity.set("call", url)).await;
    desk.link.command(set(1));
    let mut socket = calls.asked().await.socket;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 17 << 20);
    socket.write_all(head.as_bytes()).await.expect("written");
    // The client may end it at any time.
    let sending = tokio::spawn(async move { drop(socket.write_all(&vec![b'x'; 17 << 20]).await) });
    desk.until("the end", |desk| matches!(desk.state_of(1), Some(RequestState::Failed(_)))).await;
    let Some(RequestState::Failed(reason)) = desk.state_of(1) else { panic!() };
    assert!(reason.to_string().contains("larger than 16 MiB"), "{reason}");
    sending.await.expect("ended");
}

#[tokio::test]
async fn the_upgrade_has_path_query_and_the_headers_of_the_plan() {
    let (listener, _frames, desk, head) = websocket(|_| {}).await;
    assert!(head.starts_with("GET /path/to?app=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(field(&head, "host"), Some(listener.url("", "").trim_start_matches("://")));
    assert_eq!(field(&head, "token"), Some("none"));
    assert_eq!(field(&head, "upgrade"), Some("websocket"));
    assert_eq!(field(&head, "sec-websocket-version"), Some("13"));
    let report = desk.stage(Stage::Upgrade).expect("a report");
    assert!(report.ok && report.detail.to_string().starts_with("/path/to: HTTP 101"), "{report:?}");
}

#[tokio::test]
async fn an_upgrade_answered_with_something_else_tells_status_and_body() {
    let refused = |state: &LinkState| matches!(state, LinkState::Refused(_));
    for (status, body, is_refusal) in [
        ("401 Unauthorized", r#"{"code":1000007,"msg":"尚未登录"}"#, true),
        ("200 OK", r#"{"code":100012}"#, true),
        ("503 Service Unavailable", "busy", false),
    ] {
        let listener = Listener::start().await;
        let mut desk = open_on(&Web, web(&listener.url("ws", "/ws")));
        listener.asked().await.answer(status, "", body).await;
        desk.until("the end", |desk| desk.states.last().is_some_and(|last| refused(last) || desk.closed())).await;
        assert_eq!(desk.states.last().is_some_and(refused), is_refusal, "{status}");
        let report = desk.stage(Stage::Upgrade).expect("a report");
        let words = report.detail.to_string();
        assert!(!report.ok && words.contains(status) && words.contains(body), "{words}");
        assert_eq!(report.advice.is_some(), status.starts_with("401"));
    }
}

#[tokio::test]
async fn a_101_that_does_not_know_the_key_is_no_websocket() {
    let listener = Listener::start().await;
    let mut desk = open_on(&Web, web(&listener.url("ws", "/ws")));
    let headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: other\r\n";
    let asked = listener.asked().await;
    let answering = tokio::spawn(asked.answer("101 Switching Protocols", headers, ""));
    desk.until("the end", Desk::closed).await;
    let report = desk.stage(Stage::Upgrade).expect("a report");
    assert!(!report.ok && report.detail.to_string().contains("Sec-WebSocket-Accept"), "{report:?}");
    answering.await.expect("answered");
}

#[tokio::test]
async fn frames_go_both_ways_and_stand_in_the_stream_under_the_dialects_name() {
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    frames.send(Message::text("hello")).await.expect("sent");
    frames.send(Message::binary(vec![0xff, 0])).await.expect("sent");
    desk.until("both", |desk| desk.messages.len() == 2).await;
    desk.link.command(frame(1, b"by hand"));
    desk.link.command(frame(2, &[0xfe]));
    assert_eq!(next(&mut frames).await, Message::text("by hand"));
    assert_eq!(next(&mut frames).await, Message::binary(vec![0xfe]), "what is no text goes as it is");
    desk.until("both sent", |desk| desk.state_of(2) == Some(&RequestState::Sent)).await;
    let found: Vec<(&str, &[u8])> = desk.messages.iter().map(|(topic, body, _)| (topic.as_str(), &body[..])).collect();
    let expected: [(&str, &[u8]); 4] =
        [("frames/in", b"hello"), ("ws/binary", &[0xff, 0]), ("frames/out", b"by hand"), ("frames/out", &[0xfe])];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn pings_are_answered_and_silence_is_filled_with_heartbeats() {
    let (_listener, mut frames, mut desk, _) = websocket(|settings| settings.identity.set("beat", "50")).await;
    frames.send(Message::Ping(b"1763712000".as_slice().into())).await.expect("sent");
    let (mut ponged, mut beats) = (false, 0);
    while !ponged || beats < 2 {
        match next(&mut frames).await {
            Message::Pong(payload) => ponged = payload == b"1763712000".as_slice(),
            Message::Text(text) if text == "beat" => beats += 1,
            other => panic!("{other:?}"),
        }
    }
    desk.until("a beat", |desk| desk.messages.iter().any(|(topic, ..)| topic == "frames/out")).await;
}

#[tokio::test]
async fn a_close_code_is_told_in_words() {
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    let frame = CloseFrame { code: CloseCode::Policy, reason: "token expired".into() };
    frames.send(Message::text("the last")).await.expect("sent");
    frames.close(Some(frame)).await.expect("closed");
    let words = desk.lost().await;
    assert!(words.contains("1008 (policy violation") && words.contains("token expired"), "{words}");
    assert_eq!(desk.messages.len(), 1, "what came before is kept");
}

#[tokio::test]
async fn an_end_without_a_close_frame_is_1006_with_its_cause() {
    let (_listener, frames, mut desk, _) = websocket(|_| {}).await;
    drop(frames);
    let words = desk.lost().await;
    assert!(words.contains("1006") && words.contains("the server closed the connection"), "{words}");
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    frames.get_mut().write_all(&[0x83, 0x01, b'x']).await.expect("a frame of a reserved kind");
    let words = desk.lost().await;
    assert!(words.contains("1006") && words.contains("broke the WebSocket protocol"), "{words}");
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    let mut header = vec![0x82, 127];
    header.extend_from_slice(&(129_u64 << 20).to_be_bytes());
    frames.get_mut().write_all(&header).await.expect("the header of a frame");
    let words = desk.lost().await;
    assert!(words.contains("1006") && words.contains("larger than 128 MiB"), "{words}");
}

#[tokio::test]
async fn closing_says_goodbye_after_what_was_asked_before() {
    let (_listener, mut frames, desk, _) = websocket(|_| {}).await;
    desk.link.command(frame(1, b"last"));
    desk.link.close();
    assert_eq!(next(&mut frames).await, Message::text("last"));
    let Message::Close(Some(goodbye)) = next(&mut frames).await else { panic!("no goodbye") };
    assert_eq!(goodbye.code, CloseCode::Normal);
    let Desk { link, mailbox, .. } = desk;
    drop(mailbox);
    // The server answers nothing: nobody waits for it longer than a moment.
    tokio::time::timeout(PATIENCE, link.finish()).await.expect("the end");
}

#[tokio::test]
async fn a_reader_that_is_busy_slows_a_websocket_and_loses_nothing() {
    const COUNT: usize = 3_000;
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    let sending = tokio::spawn(async move {
        for number in 0..COUNT {
            frames.send(Message::text(format!("{number:4096}"))).await.expect("sent");
        }
        frames
    });
    // Nobody reads for a while: 12 MiB do not fit into one batch and the buffers of the system.
    tokio::time::sleep(Duration::from_millis(300)).await;
    desk.until("all of them", |desk| desk.messages.len() == COUNT).await;
    assert_eq!(desk.lost, 0);
    let order = desk.messages.iter().map(|(_, payload, _)| String::from_utf8_lossy(payload).trim().parse().ok());
    assert!(order.eq((0..COUNT).map(Some)));
    drop(sending.await);
}

#[tokio::test]
async fn a_message_of_32_mib_arrives_over_a_websocket_and_keeps_its_true_length() {
    let (_listener, mut frames, mut desk, _) = websocket(|_| {}).await;
    let sending = tokio::spawn(async move {
        frames.send(Message::binary(vec![0x5a; 32 << 20])).await.expect("sent");
        frames
    });
    desk.until("the message", |desk| !desk.messages.is_empty()).await;
    assert_eq!(desk.messages[0].2, 32 << 20);
    drop(sending.await);
}

#[tokio::test]
async fn the_trace_has_calls_and_frames_without_their_contents() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("trace");
    let listener = Listener::start().await;
    let mut settings = web(&listener.url("ws", "/ws?token=hidden"));
    settings.identity.set("login", listener.url("http", "/app/login"));
    let mut desk = open_traced(&Web, settings, Some(Trace::open(&file).expect("a trace")));
    listener.asked().await.answer("200 OK", "", "hidden").await;
    let mut frames = listener.asked().await.grant().await;
    frames.send(Message::text("hidden")).await.expect("sent");
    desk.until("the frame", |desk| desk.messages.len() == 1).await;
    let trace = std::fs::read_to_string(&file).expect("the trace");
    for line in ["> POST /app/login 21 bytes", "< POST /app/login HTTP 200 6 bytes", "> GET /ws (WebSocket)", "< 101 "]
    {
        assert!(trace.contains(line), "{line}: {trace}");
    }
    assert!(trace.contains("< FRAME frames/in 6 bytes") && !trace.contains("hidden"), "{trace}");
}

/// The TLS settings of a profile hold for calls and for WebSockets.
#[cfg(feature = "cloud")]
#[tokio::test]
async fn calls_and_websockets_are_encrypted_as_the_profile_says() {
    use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes()).expect("a key");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
        .expect("a configuration");
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, made.cert.pem()).expect("written");

    let listener = Listener::start().await;
    let port = listener.0.local_addr().expect("an address").port();
    let mut settings = web(&format!("wss://127.0.0.1:{port}/ws"));
    settings.identity.set("login", format!("https://localhost:{port}/login"));
    settings.tls.ca = Some(ca);
    let mut desk = open_on(&Web, settings.clone());
    let socket = acceptor.accept(listener.accept().await).await.expect("TLS");
    Asked::read(socket).await.answer("200 OK", "", "token").await;
    // The certificate is for another name than that of the WebSocket.
    let refused = acceptor.accept(listener.accept().await).await;
    assert!(refused.is_err());
    desk.until("the end", Desk::closed).await;
    assert!(desk.stage(Stage::Login).is_some_and(|report| report.ok), "{:?}", desk.stages);
    assert!(desk.stage(Stage::Tls).is_some_and(|report| !report.ok), "{:?}", desk.stages);

    settings.tls.verify_hostname = Some(false);
    settings.identity.set("token", "known");
    let mut desk = open_on(&Web, settings);
    let socket = acceptor.accept(listener.accept().await).await.expect("TLS");
    let mut frames = Asked::read(socket).await.grant().await;
    frames.send(Message::text("hello")).await.expect("sent");
    desk.until("the frame", |desk| desk.messages.len() == 1).await;
}
