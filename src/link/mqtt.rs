//! MQTT over a connected socket: login, conversation, end.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, NetworkOptions, Outgoing as Wrote, Packet, Publish,
    PublishOptions, QoS, SubscribeReasonCode,
};
use serde_json::json;
use tokio::io::BufReader;
use tokio::time::Sleep;

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::base::units::millis;
use crate::dialect::{MqttLevel, Plan, Via};
use crate::link::connect::{STAGE_LIMIT, Socket};
use crate::link::handed::Handed;
use crate::link::stream::{Valve, Wire};
use crate::link::task::{LARGEST_PACKET, LINGER, Task};
use crate::link::{faults, texts};
use crate::model::batch::Envelope;
use crate::model::{Direction, Notice, Role, Stage, StageReport};
use crate::session::{Action, LinkEvent, Outgoing};

/// Bytes that are taken from the socket at once. The client asks for a few thousand, and in a flood the calls to the system
/// cost more than what they bring. Pages of it that were never filled take no memory.
const READ_AHEAD: usize = 128 * 1024;

impl Task {
    /// Logs in over a connected socket, and stays with the connection to its end.
    pub(super) async fn speak_mqtt(&mut self, plan: &Plan, socket: Box<dyn Socket>) {
        let valve = Arc::new(Valve::default());
        let ahead: Box<dyn Socket> = Box::new(BufReader::with_capacity(READ_AHEAD, socket));
        let wire = Wire::new(ahead, plan.level, Arc::clone(&valve));
        let (client, mut eventloop) = match client(plan, wire, self.in_flight()) {
            Ok(client) => client,
            Err(reason) => return self.tell(LinkEvent::Failed { reason }),
        };
        if self.log_in(plan, &mut eventloop, &valve).await {
            self.be_patient_for((!plan.keep_alive.is_zero()).then_some(plan.keep_alive));
            self.converse(client, eventloop, &valve).await;
        }
    }

    /// How many messages may be unacknowledged at once. The client has a place for each from the start, and there may be
    /// thousands of devices.
    fn in_flight(&self) -> u16 {
        if self.role == Role::Device { 100 } else { 1_000 }
    }

    /// CONNECT and CONNACK. Whether the platform let us in.
    async fn log_in(&mut self, plan: &Plan, eventloop: &mut EventLoop, valve: &Valve) -> bool {
        let started = time::now();
        let mut poll = Box::pin(eventloop.poll());
        // CONNECT is reported when it has left, not when it was answered: an answer may never come.
        let first = async {
            tokio::select! {
                biased;
                result = &mut poll => Some(result),
                () = valve.until_connect_sent() => None,
            }
        };
        let Some(first) = self.race(first).await else { return self.give_up() };
        let sent = valve.connect_sent();
        if let Some(sent) = sent {
            let level = match plan.level {
                MqttLevel::V31 => "MQTT 3.1",
                MqttLevel::V311 => "MQTT 3.1.1",
            };
            let client_id = match plan.client_id.as_str() {
                "" => texts::CHOSEN_BY_SERVER.into(),
                id => Phrase::verbatim(id),
            };
            let keep_alive = plan.keep_alive.as_secs().to_string();
            let rest = [plan.username.clone(), keep_alive, level.to_owned()].map(Phrase::verbatim);
            let detail = texts::CONNECT_SENT.around([client_id].into_iter().chain(rest));
            self.trace(Direction::Out, format_args!("CONNECT {detail}"));
            let details = json!({
                "client_id": plan.client_id, "username": plan.username, "keep_alive_s": plan.keep_alive.as_secs(),
                "clean_session": plan.clean_session, "level": level,
            });
            self.packet(Direction::Out, "CONNECT", || details);
            let elapsed = sent.since(started);
            self.tell(LinkEvent::Stage(StageReport { stage: Stage::Connect, ok: true, elapsed, detail, advice: None }));
        }
        let result = match first {
            Some(result) => result,
            None => match self.race(poll).await {
                Some(result) => result,
                None => return self.give_up(),
            },
        };
        let elapsed = time::now().since(sent.unwrap_or(started));
        match result {
            Ok(Event::Incoming(Packet::ConnAck(connack))) => {
                let session_present = connack.session_present;
                self.trace(Direction::In, format_args!("CONNACK 0 session-present={session_present}"));
                let details = json!({"code": 0, "session_present": session_present, "round_trip_ms": millis(elapsed)});
                self.packet(Direction::In, "CONNACK", || details);
                let detail = if session_present { texts::CONNACK_SESSION } else { texts::CONNACK_OK }.into();
                let report = StageReport { stage: Stage::Connack, ok: true, elapsed, detail, advice: None };
                self.tell(LinkEvent::Stage(report));
                self.tell(LinkEvent::Connected { session_present });
                true
            }
            Ok(_) => {
                let reason = texts::CONNACK_MISSING.around([texts::CLOSED_BY_PEER.into()]);
                self.tell(LinkEvent::Failed { reason });
                false
            }
            Err(error) => {
                self.login_failed(&error, sent.is_some(), elapsed);
                false
            }
        }
    }

    fn give_up(&mut self) -> bool {
        self.tell(LinkEvent::Closed);
        false
    }

    fn login_failed(&mut self, error: &ConnectionError, sent: bool, elapsed: Duration) {
        if let Some(code) = faults::refusal(error) {
            self.trace(Direction::In, format_args!("CONNACK {code}"));
            let details = json!({"code": code, "round_trip_ms": millis(elapsed), "failed": true});
            self.packet(Direction::In, "CONNACK", || details);
            let (meaning, advice) = faults::connack(code);
            let detail = texts::CONNACK_REFUSED.around([Phrase::verbatim(code.to_string()), meaning.into()]);
            let advice = advice.map(Phrase::from);
            self.tell(LinkEvent::Stage(StageReport { stage: Stage::Connack, ok: false, elapsed, detail, advice }));
            return self.tell(LinkEvent::Refused { code });
        }
        let (stage, text, advice) = if sent {
            (Stage::Connack, texts::CONNACK_MISSING, Some(texts::CONNACK_MISSING_ADVICE.into()))
        } else {
            (Stage::Connect, texts::CONNECT_FAILED, None)
        };
        let detail = text.around([faults::reason(error)]);
        let reason = detail.clone();
        self.tell(LinkEvent::Stage(StageReport { stage, ok: false, elapsed, detail, advice }));
        self.tell(LinkEvent::Failed { reason });
    }

    /// The conversation after CONNACK, to its end.
    ///
    /// 1. The client's `poll` is pinned until it is done: dropping it half-way could lose a packet.
    /// 2. What it has read besides is taken from its queue directly, a whole burst at once.
    /// 3. A close wanted by the session waits until everything is written and acknowledged, or [`LINGER`] is over.
    async fn converse(&mut self, client: AsyncClient, mut eventloop: EventLoop, valve: &Valve) {
        let mut handed = Handed::default();
        let mut closing: Option<Pin<Box<Sleep>>> = None;
        let mut disconnecting = false;
        let error = loop {
            let result = {
                let mut poll = pin!(eventloop.poll());
                loop {
                    if self.carry_out(&client, &mut handed) && closing.is_none() {
                        closing = Some(Box::pin(tokio::time::sleep(LINGER)));
                    }
                    if closing.is_some() && !disconnecting && handed.all_acknowledged() {
                        disconnecting = true;
                        // It fails only where the client has ended, which `poll` tells.
                        let _ = client.try_disconnect_now();
                    }
                    valve.set_closed(self.is_holding());
                    let lingered = async {
                        match closing.as_mut() {
                            Some(lingered) => lingered.await,
                            None => std::future::pending().await,
                        }
                    };
                    tokio::select! {
                        result = &mut poll => break Some(result),
                        woken = self.wake() => self.handle(woken),
                        () = lingered => {
                            if disconnecting {
                                break None;
                            }
                            disconnecting = true;
                            let _ = client.try_disconnect_now();
                            closing = Some(Box::pin(tokio::time::sleep(LINGER)));
                        }
                    }
                }
            };
            // What was read at once came at one time; asking for it is dear in a flood.
            let now = time::now();
            let failed = match result {
                None => break None,
                Some(Ok(event)) => {
                    self.event(event, &mut handed, now);
                    None
                }
                Some(Err(error)) => Some(error),
            };
            while let Some(event) = eventloop.state.events.pop_front() {
                self.event(event, &mut handed, now);
            }
            if let Some(error) = failed {
                break Some(error);
            }
        };
        for ticket in handed.unwritten() {
            self.tell(LinkEvent::NotSent { ticket, reason: texts::ENDED_BEFORE_SENT.into() });
        }
        match error {
            Some(error) if closing.is_none() => {
                let reason = faults::reason(&error);
                self.trace(Direction::In, format_args!("(lost: {reason})"));
                let words = reason.render(crate::base::lang::Lang::En);
                self.packet(Direction::In, "LOST", || json!({"reason": words, "failed": true}));
                self.tell(LinkEvent::Lost { reason });
            }
            _ => self.tell(LinkEvent::Closed),
        }
    }

    /// Gives the client what the session wants. Whether the session wants the connection closed; what it wants after
    /// that concerns the next one and stays.
    fn carry_out(&mut self, client: &AsyncClient, handed: &mut Handed) -> bool {
        loop {
            match self.actions.pop_front() {
                None => return false,
                Some(Action::Close) => return true,
                Some(next @ (Action::Open(_) | Action::Call { .. })) => {
                    self.actions.push_front(next);
                    return false;
                }
                Some(Action::Subscribe { filter, qos }) => match client.try_subscribe(filter.as_str(), level(qos)) {
                    Ok(()) => handed.subscribe(filter),
                    Err(_) => {
                        let what = texts::BAD_FILTER.with(&[&filter]);
                        self.note(Notice::Warning { what, at: time::now() });
                        self.tell(LinkEvent::SubAck { filter, result: Err(0x80), elapsed: Duration::ZERO });
                    }
                },
                Some(Action::Unsubscribe { filter }) => {
                    if client.try_unsubscribe(filter.as_str()).is_err() {
                        let what = texts::BAD_FILTER.with(&[&filter]);
                        self.note(Notice::Warning { what, at: time::now() });
                    }
                }
                Some(Action::Publish(outgoing)) => match outgoing.via {
                    Via::Http(_) => self.call(outgoing),
                    Via::Mqtt => self.publish(client, handed, outgoing),
                    Via::Socket => {
                        let reason = texts::NO_SOCKET.into();
                        self.tell(LinkEvent::NotSent { ticket: outgoing.ticket, reason });
                    }
                },
            }
        }
    }

    fn publish(&mut self, client: &AsyncClient, handed: &mut Handed, outgoing: Outgoing) {
        let Outgoing { ticket, topic, payload, qos, retain, .. } = &outgoing;
        let size = topic.len().saturating_add(payload.len()).saturating_add(16);
        let reason = if size > LARGEST_PACKET {
            texts::TOO_LARGE.with(&[&payload.len(), &LARGEST_PACKET])
        } else {
            let options = PublishOptions::new(level(*qos)).retain(*retain);
            match client.try_publish(topic.as_str(), payload.as_slice(), options) {
                Ok(()) => return handed.publish(outgoing),
                Err(_) => texts::BAD_TOPIC.with(&[topic]),
            }
        };
        self.tell(LinkEvent::NotSent { ticket: *ticket, reason });
    }

    /// Something happened on the connection.
    fn event(&mut self, event: Event, handed: &mut Handed, now: Time) {
        match event {
            Event::Incoming(Packet::Publish(publish)) => self.published(&publish, now),
            Event::Incoming(Packet::SubAck(suback)) => {
                let Some((filter, asked)) = handed.subscribed(suback.pkid) else { return };
                let result = match suback.return_codes.first() {
                    Some(SubscribeReasonCode::Success(qos)) => Ok(number(*qos)),
                    Some(SubscribeReasonCode::Failure) | None => Err(0x80),
                };
                let code = result.map_or("0x80".to_owned(), |qos| qos.to_string());
                self.trace(Direction::In, format_args!("SUBACK {} {filter} {code}", suback.pkid));
                let elapsed = now.since(asked);
                let mut details =
                    json!({"packet_id": suback.pkid, "filter": filter, "code": code, "round_trip_ms": millis(elapsed)});
                if let (true, Some(members)) = (result.is_err(), details.as_object_mut()) {
                    members.insert("failed".to_owned(), true.into());
                }
                self.packet(Direction::In, "SUBACK", || details);
                self.tell(LinkEvent::SubAck { filter, result, elapsed });
            }
            Event::Incoming(
                ref packet @ (Packet::PubAck(rumqttc::PubAck { pkid }) | Packet::PubComp(rumqttc::PubComp { pkid })),
            ) => {
                let name = if matches!(packet, Packet::PubAck(_)) { "PUBACK" } else { "PUBCOMP" };
                self.trace(Direction::In, format_args!("PUBACK {pkid}"));
                self.answered("PUBLISH", name, pkid);
                if let Some(ticket) = handed.acknowledged(pkid) {
                    self.tell(LinkEvent::PubAck { ticket });
                }
            }
            Event::Incoming(packet) => {
                match &packet {
                    Packet::PingResp => self.ponged("PINGRESP"),
                    Packet::UnsubAck(ack) => self.answered("UNSUBSCRIBE", "UNSUBACK", ack.pkid),
                    Packet::PubRec(ack) => self.packet(Direction::In, "PUBREC", || json!({"packet_id": ack.pkid})),
                    Packet::PubRel(ack) => self.packet(Direction::In, "PUBREL", || json!({"packet_id": ack.pkid})),
                    _ => {}
                }
                self.trace(Direction::In, format_args!("{}", name(packet)));
            }
            Event::Outgoing(Wrote::Publish(number)) => {
                let Some(outgoing) = handed.published(number) else { return };
                self.wrote(number, outgoing);
            }
            Event::Outgoing(Wrote::Subscribe(number)) => {
                let filter = handed.subscribing(number, now).unwrap_or_default().to_owned();
                self.trace(Direction::Out, format_args!("SUBSCRIBE {number} {filter}"));
                let details = json!({"packet_id": number, "filter": filter});
                self.packet(Direction::Out, "SUBSCRIBE", || details);
            }
            Event::Outgoing(other) => {
                self.trace(Direction::Out, format_args!("{}", name(&other)));
                let (name, number) = match other {
                    Wrote::PingReq => return self.pinged("PINGREQ"),
                    Wrote::Disconnect => return self.packet(Direction::Out, "DISCONNECT", || json!({})),
                    Wrote::Unsubscribe(number) => {
                        self.packets.asked("UNSUBSCRIBE", number);
                        ("UNSUBSCRIBE", number)
                    }
                    Wrote::PubAck(number) => ("PUBACK", number),
                    Wrote::PubRec(number) => ("PUBREC", number),
                    Wrote::PubRel(number) => ("PUBREL", number),
                    Wrote::PubComp(number) => ("PUBCOMP", number),
                    _ => return,
                };
                self.packet(Direction::Out, name, || json!({"packet_id": number}));
            }
        }
    }

    /// A message was received.
    fn published(&mut self, publish: &Publish, at: Time) {
        let topic = String::from_utf8_lossy(&publish.topic);
        let meta = self.classify(Direction::In, &topic, &publish.payload);
        let (size, qos) = (publish.payload.len(), number(publish.qos));
        self.trace(Direction::In, format_args!("PUBLISH {} {topic} qos={qos} {size} bytes", publish.pkid));
        let (retain, dup) = (publish.retain, publish.dup);
        let envelope = Envelope { at, direction: Direction::In, qos, retain, dup, meta };
        self.received(envelope, &topic, &publish.payload);
    }

    /// A message was written to the socket.
    fn wrote(&mut self, packet: u16, outgoing: Outgoing) {
        let Outgoing { ticket, topic, payload, qos, retain, .. } = outgoing;
        let size = payload.len();
        if packet != 0 {
            self.packets.asked("PUBLISH", packet);
        }
        self.trace(Direction::Out, format_args!("PUBLISH {packet} {topic} qos={qos} retain={retain} {size} bytes"));
        let message = self.sent(&topic, &payload, qos, retain);
        self.tell(LinkEvent::Sent { ticket, message });
    }
}

/// An MQTT client for one connection over a stream that is already there.
fn client(plan: &Plan, wire: Wire<Box<dyn Socket>>, in_flight: u16) -> Result<(AsyncClient, EventLoop), Phrase> {
    let mut options = MqttOptions::new(plan.client_id.as_str(), (plan.server.host.as_str(), plan.server.port));
    options.set_keep_alive(u16::try_from(plan.keep_alive.as_secs()).unwrap_or(u16::MAX));
    options
        .try_set_clean_session(plan.clean_session)
        .map_err(|error| texts::CONNECT_FAILED.with(&[&error]))?
        .set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET)
        .set_read_batch_size(128)
        .set_inflight(in_flight);
    if !plan.username.is_empty() || !plan.password.is_empty() {
        options.set_credentials(plan.username.as_str(), plan.password.expose().to_owned());
    }
    // The connector is asked once, because every attempt has a client of its own.
    let wire = std::sync::Mutex::new(Some(wire));
    options.set_socket_connector(move |_, _| {
        let wire = wire.lock().ok().and_then(|mut wire| wire.take());
        async move { wire.ok_or_else(|| std::io::ErrorKind::NotConnected.into()) }
    });
    let (client, mut eventloop) = AsyncClient::builder(options).unbounded().build();
    let mut network = NetworkOptions::new();
    network.set_connection_timeout(STAGE_LIMIT.as_secs());
    eventloop.set_network_options(network);
    Ok((client, eventloop))
}

fn level(qos: u8) -> QoS {
    match qos {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    }
}

/// A packet that has no line of its own in the trace, as the others are named there.
fn name(packet: impl std::fmt::Debug) -> String {
    format!("{packet:?}").to_uppercase()
}

fn number(qos: QoS) -> u8 {
    match qos {
        QoS::AtMostOnce => 0,
        QoS::AtLeastOnce => 1,
        QoS::ExactlyOnce => 2,
    }
}
