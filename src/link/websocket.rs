//! A WebSocket over a connected socket: upgrade, conversation in text frames, end.
//!
//! 1. The upgrade is an HTTP exchange like any other, so that a server that answers something else is heard out: its
//!    status and its words are the reason of the refusal.
//! 2. A text frame is a message; its name in the stream is the dialect's. A binary frame stands there as it is.
//! 3. Frames are written in their order and told as sent when they have left. Reading stops while the batch is full, as
//!    it does for MQTT, and goes on after [`PATIENCE`], because servers end connections whose pings stay unanswered.
//! 4. Nobody may wait for the end of a connection: a close is answered by the server in time, or the connection just
//!    ends.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::upgrade::Upgraded;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::time::Sleep;
use tokio_tungstenite::WebSocketStream;
use tungstenite::error::Error as SocketError;
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Message, Utf8Bytes};

use crate::base::lang::Phrase;
use crate::base::text::printable;
use crate::base::time;
use crate::base::units::millis;
use crate::dialect::{Heartbeat, HttpAnswer, Plan, Via};
use crate::link::connect::{STAGE_LIMIT, Socket};
use crate::link::http::{self, Body};
use crate::link::task::{LARGEST_PACKET, LINGER, Task};
use crate::link::{faults, texts};
use crate::model::batch::Envelope;
use crate::model::{Code, Direction, Meta, Stage, StageReport};
use crate::session::{Action, LinkEvent, Outgoing, Ticket};

/// How long reading may stop: below the time after which servers take a silent client for dead.
const PATIENCE: Duration = Duration::from_secs(20);
/// Frames read in a row before anything else is looked at.
const READS_IN_A_ROW: usize = 128;
/// The name of a binary frame in the stream.
const BINARY: &str = "ws/binary";
/// So many characters of a refusal's body are told.
const LONGEST_WORDS: usize = 300;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// The end of an upgrade that was not granted.
enum NoUpgrade {
    /// The server answered something else.
    Answered(HttpAnswer),
    /// There was no answer, or none that makes sense.
    Broken(Phrase),
}

/// A frame to be written.
struct Frame {
    topic: String,
    message: Message,
    ticket: Option<Ticket>,
}

/// What the socket has done.
enum Step {
    Read(Option<Result<Message, SocketError>>),
    /// Everything started was written.
    Written,
    /// A frame is not one that can be sent.
    Rejected(Frame, SocketError),
    Broken(SocketError),
}

/// A granted WebSocket, and what is to be written to it.
struct Talk {
    stream: Stream,
    queue: VecDeque<Frame>,
    /// Given to the stream, and perhaps not yet written.
    started: VecDeque<Frame>,
    /// The server's close frame, once it was seen.
    farewell: Option<Phrase>,
}

impl Task {
    /// Asks for the WebSocket over a connected socket, and stays with it to its end.
    pub(super) async fn speak_websocket(&mut self, plan: &Plan, socket: Box<dyn Socket>) {
        let started = time::now();
        let path = http::target(&plan.server).split('?').next().unwrap_or_default().to_owned();
        self.trace(Direction::Out, format_args!("GET {path} (WebSocket)"));
        self.packet(Direction::Out, "UPGRADE", || json!({}));
        let Some(result) = self.race(upgrade(plan, socket)).await else { return self.tell(LinkEvent::Closed) };
        let elapsed = time::now().since(started);
        let stage = Stage::Upgrade;
        match result {
            Ok(stream) => {
                self.trace(Direction::In, format_args!("101 WebSocket granted"));
                self.packet(Direction::In, "UPGRADE", || json!({"status": 101, "round_trip_ms": millis(elapsed)}));
                let detail = texts::UPGRADED.with(&[&path]);
                self.tell(LinkEvent::Stage(StageReport { stage, ok: true, elapsed, detail, advice: None }));
                self.tell(LinkEvent::Connected { session_present: false });
                self.be_patient_for(Some(PATIENCE));
                let talk = Talk { stream, queue: VecDeque::new(), started: VecDeque::new(), farewell: None };
                self.converse_in_frames(talk, plan.heartbeat.as_ref()).await;
            }
            Err(NoUpgrade::Answered(answer)) => {
                self.trace(Direction::In, format_args!("HTTP {} {} bytes", answer.status, answer.body.len()));
                let details = json!({"status": answer.status, "round_trip_ms": millis(elapsed), "failed": true});
                self.packet(Direction::In, "UPGRADE", || details);
                let reason = self.refusal(&answer);
                let detail = reason.clone();
                let cause = self.refusal_code(&answer).and_then(|code| self.cause(&code));
                let advice = cause.or_else(|| advice(answer.status));
                self.tell(LinkEvent::Stage(StageReport { stage, ok: false, elapsed, detail, advice }));
                self.tell(if may_pass(answer.status) {
                    LinkEvent::Failed { reason }
                } else {
                    LinkEvent::Denied { reason }
                });
            }
            Err(NoUpgrade::Broken(reason)) => {
                let reason = texts::NOT_UPGRADED.around([reason]);
                let detail = reason.clone();
                self.tell(LinkEvent::Stage(StageReport { stage, ok: false, elapsed, detail, advice: None }));
                self.tell(LinkEvent::Failed { reason });
            }
        }
    }

    /// What an answer says that is not the WebSocket asked for.
    fn refusal(&self, answer: &HttpAnswer) -> Phrase {
        let status = StatusCode::from_u16(answer.status).ok();
        let name = status.and_then(|status| status.canonical_reason()).unwrap_or_default();
        let status = Phrase::verbatim(format!("{} {name}", answer.status).trim_end().to_owned());
        if let Some((_, location)) = answer.headers.iter().find(|(name, _)| name == "location") {
            return texts::UPGRADE_ELSEWHERE.around([status, Phrase::verbatim(printable(location).into_owned())]);
        }
        let meaning = self.refusal_code(answer).and_then(|code| self.explain(&code));
        let words = String::from_utf8_lossy(&answer.body);
        let words: String = printable(words.trim()).chars().take(LONGEST_WORDS).collect();
        match meaning {
            Some(meaning) => texts::UPGRADE_REFUSED_CODE.around([status, meaning, Phrase::verbatim(words)]),
            None if words.is_empty() => texts::UPGRADE_REFUSED.around([status]),
            None => texts::UPGRADE_REFUSED_WORDS.around([status, Phrase::verbatim(words)]),
        }
    }

    /// The platform's code in an answer: what it calls so in its frames, or the member `code` of what is no frame.
    fn refusal_code(&self, answer: &HttpAnswer) -> Option<String> {
        let meta = self.classify(Direction::In, "", &answer.body);
        match meta.code {
            Code::Text(span) => span.text("", &answer.body).map(str::to_owned),
            Code::Number(number) => Some(number.to_string()),
            Code::None => {
                let body: Value = serde_json::from_slice(&answer.body).ok()?;
                let code = body.get("code")?;
                Some(code.as_str().map_or_else(|| code.to_string(), str::to_owned))
            }
        }
    }

    /// The conversation, to its end.
    async fn converse_in_frames(&mut self, mut talk: Talk, heartbeat: Option<&Heartbeat>) {
        // Until when the end of a conversation that is over is waited for.
        let mut closing: Option<Pin<Box<Sleep>>> = None;
        let mut wanted = false;
        let mut silence = Box::pin(tokio::time::sleep(heartbeat.map_or(Duration::ZERO, |beat| beat.every)));
        let lost = loop {
            if self.carry_out_in_frames(&mut talk) && !wanted {
                wanted = true;
                let goodbye = CloseFrame { code: CloseCode::Normal, reason: Utf8Bytes::default() };
                talk.push(String::new(), Message::Close(Some(goodbye)), None);
            }
            if closing.is_none() && (wanted || talk.farewell.is_some()) {
                closing = Some(Box::pin(tokio::time::sleep(LINGER)));
            }
            let reading = !self.is_holding();
            let beating = heartbeat.is_some() && closing.is_none();
            let lingered = async {
                match closing.as_mut() {
                    Some(lingered) => lingered.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                step = std::future::poll_fn(|cx| talk.poll(cx, reading)) => match step {
                    Step::Read(Some(Ok(message))) => {
                        self.frame(&mut talk, message);
                        self.read_on(&mut talk);
                    }
                    Step::Read(Some(Err(error))) | Step::Broken(error) => break talk.end(Some(&error)),
                    Step::Read(None) => break talk.end(None),
                    Step::Written => {
                        self.written(&mut talk);
                        if let Some(beat) = heartbeat {
                            silence.set(tokio::time::sleep(beat.every));
                        }
                    }
                    Step::Rejected(frame, error) => self.not_sent(&frame, texts::BROKEN.with(&[&error])),
                },
                woken = self.wake() => self.handle(woken),
                () = &mut silence, if beating => {
                    if let Some(beat) = heartbeat {
                        let topic = self.socket_topic(Direction::Out, beat.text.as_bytes());
                        talk.push(topic, Message::text(beat.text.clone()), None);
                        silence.set(tokio::time::sleep(beat.every));
                    }
                }
                () = lingered => break talk.end(None),
            }
        };
        for frame in talk.started.iter().chain(&talk.queue) {
            self.not_sent(frame, texts::ENDED_BEFORE_SENT.into());
        }
        // The socket is gone before anybody is told, so that a new connection does not meet the old one.
        drop(talk);
        if wanted {
            self.trace(Direction::Out, format_args!("(closed)"));
            self.tell(LinkEvent::Closed);
        } else {
            self.trace(Direction::In, format_args!("(lost: {lost})"));
            let words = lost.render(crate::base::lang::Lang::En);
            self.packet(Direction::In, "LOST", || json!({"reason": words, "failed": true}));
            self.tell(LinkEvent::Lost { reason: lost });
        }
    }

    /// Takes what has arrived besides, without waiting for more.
    fn read_on(&mut self, talk: &mut Talk) {
        for _ in 1..READS_IN_A_ROW {
            if self.is_holding() {
                return;
            }
            match talk.stream.next().now_or_never() {
                Some(Some(Ok(message))) => self.frame(talk, message),
                Some(Some(Err(error))) => {
                    talk.farewell.get_or_insert_with(|| abnormal(&error));
                    return;
                }
                Some(None) | None => return,
            }
        }
    }

    /// Gives the socket what the session wants. Whether the session wants the connection closed; what it wants after
    /// that concerns the next one and stays.
    fn carry_out_in_frames(&mut self, talk: &mut Talk) -> bool {
        loop {
            match self.actions.pop_front() {
                None => return false,
                Some(Action::Close) => return true,
                Some(next @ (Action::Open(_) | Action::Call { .. })) => {
                    self.actions.push_front(next);
                    return false;
                }
                // The session knows that there are no filters here, and has said so.
                Some(Action::Subscribe { .. } | Action::Unsubscribe { .. }) => {}
                Some(Action::Publish(outgoing)) => match outgoing.via {
                    Via::Http(_) => self.call(outgoing),
                    Via::Mqtt | Via::Socket => self.send_frame(talk, outgoing),
                },
            }
        }
    }

    /// Queues a message: as text where it is text, as a binary frame otherwise.
    fn send_frame(&mut self, talk: &mut Talk, outgoing: Outgoing) {
        let Outgoing { ticket, topic, payload, .. } = outgoing;
        if payload.len() > LARGEST_PACKET {
            let reason = texts::TOO_LARGE.with(&[&payload.len(), &LARGEST_PACKET]);
            return self.tell(LinkEvent::NotSent { ticket, reason });
        }
        let message =
            String::from_utf8(payload).map_or_else(|error| Message::binary(error.into_bytes()), Message::text);
        talk.push(topic, message, Some(ticket));
    }

    /// Everything that was started has left.
    fn written(&mut self, talk: &mut Talk) {
        for Frame { topic, message, ticket } in talk.started.drain(..) {
            if matches!(message, Message::Close(_)) {
                self.trace(Direction::Out, format_args!("CLOSE 1000"));
                self.packet(Direction::Out, "CLOSE", || json!({"code": 1000}));
                continue;
            }
            let payload = message.into_data();
            self.trace(Direction::Out, format_args!("FRAME {topic} {} bytes", payload.len()));
            self.packet(Direction::Out, "FRAME", || json!({"name": topic, "bytes": payload.len()}));
            let message = self.sent(&topic, &payload, 0, false);
            if let Some(ticket) = ticket {
                self.tell(LinkEvent::Sent { ticket, message });
            }
        }
    }

    fn not_sent(&mut self, frame: &Frame, reason: Phrase) {
        if let Some(ticket) = frame.ticket {
            self.tell(LinkEvent::NotSent { ticket, reason });
        }
    }

    /// A frame was received.
    fn frame(&mut self, talk: &mut Talk, message: Message) {
        let now = time::now();
        let (topic, meta, payload) = match message {
            Message::Text(text) => {
                let topic = self.socket_topic(Direction::In, text.as_bytes());
                let meta = self.classify(Direction::In, &topic, text.as_bytes());
                (topic, meta, text.into())
            }
            Message::Binary(bytes) => (BINARY.to_owned(), Meta::default(), bytes),
            // The answer to a ping is written by the library, with the next step of the socket.
            Message::Ping(data) => {
                self.packet(Direction::In, "PING", || json!({"bytes": data.len()}));
                return self.trace(Direction::In, format_args!("PING"));
            }
            Message::Pong(_) => {
                self.ponged("PONG");
                return self.trace(Direction::In, format_args!("PONG"));
            }
            Message::Close(frame) => {
                let words = farewell(frame.as_ref());
                self.trace(Direction::In, format_args!("CLOSE {words}"));
                let said = words.render(crate::base::lang::Lang::En);
                self.packet(Direction::In, "CLOSE", || json!({"reason": said}));
                talk.farewell = Some(words);
                return;
            }
            Message::Frame(_) => return,
        };
        self.trace(Direction::In, format_args!("FRAME {topic} {} bytes", payload.len()));
        self.packet(Direction::In, "FRAME", || json!({"name": topic, "bytes": payload.len()}));
        let direction = Direction::In;
        let envelope = Envelope { at: now, direction, qos: 0, retain: false, dup: false, meta };
        self.received(envelope, &topic, &payload);
    }
}

impl Talk {
    fn push(&mut self, topic: String, message: Message, ticket: Option<Ticket>) {
        self.queue.push_back(Frame { topic, message, ticket });
    }

    /// Writes what can be written, then reads if it may.
    fn poll(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<Step> {
        while !self.queue.is_empty() {
            match self.stream.poll_ready_unpin(cx) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) => return Poll::Ready(Step::Broken(error)),
                Poll::Ready(Ok(())) => {}
            }
            let Some(frame) = self.queue.pop_front() else { break };
            match self.stream.start_send_unpin(frame.message.clone()) {
                Ok(()) => self.started.push_back(frame),
                Err(error @ (SocketError::Capacity(_) | SocketError::WriteBufferFull(_))) => {
                    return Poll::Ready(Step::Rejected(frame, error));
                }
                Err(error) => {
                    self.queue.push_front(frame);
                    return Poll::Ready(Step::Broken(error));
                }
            }
        }
        if !self.started.is_empty() {
            match self.stream.poll_flush_unpin(cx) {
                Poll::Ready(Ok(())) => return Poll::Ready(Step::Written),
                Poll::Ready(Err(error)) => return Poll::Ready(Step::Broken(error)),
                Poll::Pending => {}
            }
        }
        if reading { self.stream.poll_next_unpin(cx).map(Step::Read) } else { Poll::Pending }
    }

    /// Why the connection ended.
    fn end(&mut self, error: Option<&SocketError>) -> Phrase {
        let cause = || error.map_or_else(|| texts::CLOSE_ABNORMAL.around([texts::CLOSED_BY_PEER.into()]), abnormal);
        self.farewell.take().unwrap_or_else(cause)
    }
}

/// Asks for the WebSocket.
fn upgrade(plan: &Plan, socket: Box<dyn Socket>) -> impl Future<Output = Result<Stream, NoUpgrade>> + use<> {
    let key = generate_key();
    let request = request(plan, &key);
    let work = async move {
        let request = request.map_err(NoUpgrade::Broken)?;
        let exchange = http::exchange(socket, request).await;
        let exchange = exchange.map_err(|error| NoUpgrade::Broken(http::reason(&error)))?;
        if exchange.response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(http::read(exchange.response).await.map_or_else(NoUpgrade::Broken, NoUpgrade::Answered));
        }
        if let Some(fault) = handshake_fault(exchange.response.headers(), &key) {
            return Err(NoUpgrade::Broken(fault));
        }
        let raw = hyper::upgrade::on(exchange.response).await;
        let raw = raw.map_err(|error| NoUpgrade::Broken(http::reason(&error)))?;
        let config =
            WebSocketConfig::default().max_message_size(Some(LARGEST_PACKET)).max_frame_size(Some(LARGEST_PACKET));
        Ok(WebSocketStream::from_raw_socket(TokioIo::new(raw), Role::Client, Some(config)).await)
    };
    async move {
        let late = |_| Err(NoUpgrade::Broken(texts::NO_ANSWER_IN.with(&[&STAGE_LIMIT.as_secs()])));
        tokio::time::timeout(STAGE_LIMIT, work).await.unwrap_or_else(late)
    }
}

/// The request of an upgrade (RFC 6455, section 4.1).
fn request(plan: &Plan, key: &str) -> Result<Request<Body>, Phrase> {
    let bad = |error: &dyn std::fmt::Display| texts::BAD_REQUEST.with(&[error]);
    let builder = Request::builder().method("GET").uri(http::target(&plan.server));
    let mut request = builder.body(Body::default()).map_err(|error| bad(&error))?;
    let headers = request.headers_mut();
    http::usual_headers(headers, &plan.server)?;
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(header::SEC_WEBSOCKET_KEY, HeaderValue::from_str(key).map_err(|error| bad(&error))?);
    http::own_headers(headers, &plan.headers)?;
    Ok(request)
}

/// What is wrong with a 101 (RFC 6455, section 4.1).
fn handshake_fault(headers: &HeaderMap, key: &str) -> Option<Phrase> {
    let upgrade = headers.get(header::UPGRADE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case(b"websocket") {
        return Some(texts::NO_UPGRADE_HEADER.into());
    }
    let accept = headers.get(header::SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes).unwrap_or_default();
    (accept != derive_accept_key(key.as_bytes()).as_bytes()).then(|| texts::WRONG_ACCEPT.into())
}

/// Whether the same request may be granted a little later.
fn may_pass(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn advice(status: u16) -> Option<Phrase> {
    let text = match status {
        401 | 403 => texts::UPGRADE_AUTH_ADVICE,
        404 | 405 | 426 => texts::UPGRADE_PATH_ADVICE,
        _ => return None,
    };
    Some(text.into())
}

/// A close frame in words (RFC 6455, section 7.4).
fn farewell(frame: Option<&CloseFrame>) -> Phrase {
    let Some(frame) = frame else { return texts::CLOSE_WITHOUT_CODE.into() };
    let code = u16::from(frame.code);
    let meaning = texts::close_code(code);
    let code = Phrase::verbatim(code.to_string());
    if frame.reason.is_empty() {
        return texts::CLOSE.around([code, meaning.into()]);
    }
    let words: String = printable(&frame.reason).chars().take(LONGEST_WORDS).collect();
    texts::CLOSE_WORDS.around([code, meaning.into(), Phrase::verbatim(words)])
}

/// The end of a connection without a close frame, which is code 1006, and its cause.
fn abnormal(error: &SocketError) -> Phrase {
    use tungstenite::error::ProtocolError;
    let cause = match error {
        SocketError::ConnectionClosed
        | SocketError::AlreadyClosed
        | SocketError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => texts::CLOSED_BY_PEER.into(),
        SocketError::Io(error) => faults::io_reason(error),
        SocketError::Capacity(_) => texts::FRAME_TOO_LARGE.with(&[&(LARGEST_PACKET / 1024 / 1024)]),
        SocketError::Protocol(_) | SocketError::Utf8(_) => texts::BROKEN_FRAMES.with(&[error]),
        other => texts::BROKEN.with(&[other]),
    };
    texts::CLOSE_ABNORMAL.around([cause])
}
