//! The connect doctor: makes a connection step by step, times every step, and says what each one means.
//!
//! Name, TCP, TLS, CONNECT, CONNACK, every SUBACK, a ping; then the connection is watched for a while, because a client
//! id that is used twice shows only when the other client comes back. What the answers mean is in `session::checkup`.

mod certificates;
mod clock;
mod packets;
mod texts;
mod web;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio_rustls::TlsConnector;

use crate::base::lang::Phrase;
use crate::base::time::{self, Time};
use crate::dialect::{Finding, MqttLevel, Plan, Server, Subscription, TlsSettings, Transport};
use crate::link::connect::{self, STAGE_LIMIT, Socket};
use crate::link::{faults, texts as link_texts, tls};
use crate::model::{FieldFault, Stage, StageReport};
use crate::session::checkup::{self, Part, Patient, Progress, Step};
use certificates::{Certificate, Noting, Seen};
use packets::{NoPacket, Packet};

/// How long a SUBACK and a PINGRESP are waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How often a connection that is thrown out is made again, to be sure.
const MOST_THROWS: usize = 2;

/// Examines a connection. Every part is told as it begins and as it ends; the end of the channel is the end of the
/// checkup. Dropping the future closes the connection.
pub async fn examine(patient: Patient, tell: UnboundedSender<Progress>) {
    let mut doctor = Doctor { patient, tell };
    // The result of the last part is told; how far it came is of no further use.
    let _ = doctor.work().await;
}

struct Doctor {
    patient: Patient,
    tell: UnboundedSender<Progress>,
}

/// A part that failed ends the checkup.
type Came<T> = Option<T>;

impl Doctor {
    async fn work(&mut self) -> Came<()> {
        self.log_in_by_calls().await?;
        self.begin(Part::Rules);
        let now = time::now();
        let plan = match self.patient.dialect.plan(self.patient.role, &self.patient.settings, now, self.patient.seed) {
            Ok(plan) => plan,
            Err(fault) => {
                self.profile_fault(fault);
                return None;
            }
        };
        let rules = checkup::rules(&self.patient, &plan, now);
        self.over(rules.clone());
        match plan.server.transport {
            Transport::Mqtt | Transport::Mqtts => self.examine_mqtt(&plan, &rules).await,
            Transport::Ws | Transport::Wss => {
                self.examine_socket(&plan, &rules).await;
                Some(())
            }
            Transport::Http | Transport::Https => {
                self.report(web::not_carried(&plan));
                None
            }
        }
    }

    async fn examine_mqtt(&self, plan: &Plan, rules: &Step) -> Came<()> {
        let mut socket = self.reach(plan, true).await?;
        self.log_in(plan, rules, &mut socket).await?;
        let logged_in = time::now();
        self.subscribe(plan, &mut socket).await?;
        self.ping(&mut socket).await?;
        self.ask_for_the_time(&mut socket).await;
        self.watch(plan, socket, logged_in).await;
        Some(())
    }

    /// The profile does not make a connection.
    fn profile_fault(&self, fault: FieldFault) {
        let reason = texts::FIELD.around([Phrase::verbatim(fault.field), fault.reason]);
        let findings = vec![Finding::error("profile", reason.clone(), texts::FIELD_FIX)];
        self.over(Step { part: Part::Rules, ok: false, elapsed: Duration::ZERO, detail: reason, findings });
    }

    fn begin(&self, part: Part) {
        // Nobody listens any more: then the checkup is about to be dropped.
        let _ = self.tell.send(Progress::Begins(part));
    }

    fn over(&self, step: Step) {
        let _ = self.tell.send(Progress::Over(step));
    }

    /// Tells a report of the link.
    fn report(&self, report: StageReport) {
        let findings = if report.ok { Vec::new() } else { vec![cause(&report)] };
        let StageReport { stage, ok, elapsed, detail, .. } = report;
        self.over(Step { part: Part::Stage(stage), ok, elapsed, detail, findings });
    }

    /// Name, TCP, TLS.
    async fn reach(&self, plan: &Plan, aloud: bool) -> Came<Box<dyn Socket>> {
        let server = &plan.server;
        let say = |report: StageReport| {
            if aloud {
                self.report(report);
            }
        };
        let begin = |stage| {
            if aloud {
                self.begin(Part::Stage(stage));
            }
        };
        begin(Stage::Resolve);
        let (addresses, report) = connect::resolve(server).await;
        say(report);
        begin(Stage::Tcp);
        let (stream, report) = connect::tcp(addresses?).await;
        say(report);
        let stream = stream?;
        if !server.transport.is_tls() {
            return Some(Box::new(stream));
        }
        begin(Stage::Tls);
        let (socket, step) = encrypt(server, &plan.tls, stream).await;
        if aloud {
            self.over(step);
        }
        socket
    }

    /// CONNECT and CONNACK.
    async fn log_in(&self, plan: &Plan, rules: &Step, socket: &mut Box<dyn Socket>) -> Came<()> {
        self.begin(Part::Stage(Stage::Connect));
        let started = time::now();
        let level = match plan.level {
            MqttLevel::V31 => "MQTT 3.1",
            MqttLevel::V311 => "MQTT 3.1.1",
        };
        let id = match plan.client_id.as_str() {
            "" => link_texts::CHOSEN_BY_SERVER.into(),
            id => Phrase::verbatim(id),
        };
        let keep_alive = plan.keep_alive.as_secs().to_string();
        let rest = [plan.username.clone(), keep_alive, level.to_owned()].map(Phrase::verbatim);
        let detail = link_texts::CONNECT_SENT.around([id].into_iter().chain(rest));
        let sent = packets::write(socket, &packets::connect(plan), STAGE_LIMIT).await;
        let elapsed = time::now().since(started);
        self.over(Step { part: Part::Stage(Stage::Connect), ok: sent.is_ok(), elapsed, detail, findings: Vec::new() });
        self.begin(Part::Stage(Stage::Connack));
        let started = time::now();
        let answer = match sent {
            Ok(()) => packets::read(socket, &[2], STAGE_LIMIT).await,
            Err(fault) => Err(fault),
        };
        let elapsed = time::now().since(started);
        let over = |ok, detail, findings| {
            self.over(Step { part: Part::Stage(Stage::Connack), ok, elapsed, detail, findings });
        };
        match answer {
            Ok(packet) => match code_of(&packet) {
                0 => {
                    let resumed = packet.body.first() == Some(&1);
                    over(
                        true,
                        if resumed { link_texts::CONNACK_SESSION } else { link_texts::CONNACK_OK }.into(),
                        Vec::new(),
                    );
                    Some(())
                }
                code => {
                    let (meaning, advice) = faults::connack(code);
                    let detail =
                        link_texts::CONNACK_REFUSED.around([Phrase::verbatim(code.to_string()), meaning.into()]);
                    let advice = advice.filter(|_| code < 4).map(Phrase::from);
                    over(false, detail, checkup::refused(&self.patient, rules, Some(code), advice));
                    None
                }
            },
            Err(NoPacket::Foreign(bytes)) => {
                let (words, finding) = foreign(&plan.server, &bytes);
                over(false, link_texts::CONNACK_MISSING.around([words]), vec![finding]);
                None
            }
            Err(fault) => {
                let late = matches!(fault, NoPacket::Late);
                let why = if late {
                    link_texts::NO_ANSWER_IN.with(&[&STAGE_LIMIT.as_secs()])
                } else {
                    link_texts::CLOSED_BY_PEER.into()
                };
                let mut findings = Vec::new();
                if !plan.server.transport.is_tls() && speaks_tls(&plan.server).await {
                    findings.push(wants_tls(&plan.server));
                } else {
                    findings.extend(checkup::refused(&self.patient, rules, None, None));
                }
                over(false, link_texts::CONNACK_MISSING.around([why]), findings);
                None
            }
        }
    }

    /// Every filter by itself.
    async fn subscribe(&self, plan: &Plan, socket: &mut Box<dyn Socket>) -> Came<()> {
        let mut filters: Vec<Subscription> = Vec::new();
        let further = self.patient.settings.mqtt.subscribe.iter();
        let further = further.map(|filter| Subscription { filter: filter.clone(), qos: 1 });
        for wanted in plan.subscriptions.iter().cloned().chain(further) {
            if filters.iter().all(|known| known.filter != wanted.filter) {
                filters.push(wanted);
            }
        }
        for (number, wanted) in filters.iter().enumerate() {
            let part = Part::Stage(Stage::Suback);
            self.begin(part);
            let started = time::now();
            let id = u16::try_from(number + 1).unwrap_or(u16::MAX);
            let sent = packets::write(socket, &packets::subscribe(id, wanted), ANSWER_LIMIT).await;
            let answer = match sent {
                Ok(()) => packets::read(socket, &[9], ANSWER_LIMIT).await,
                Err(fault) => Err(fault),
            };
            let elapsed = time::now().since(started);
            let filter = &wanted.filter;
            let refused = || checkup::filter_refused(&self.patient, filter);
            let (ok, detail, findings, goes_on) = match answer {
                Ok(packet) => match packet.body.get(2).copied().unwrap_or(0x80) {
                    granted @ 0..=2 => (true, texts::GRANTED.with(&[filter, &granted]), Vec::new(), true),
                    code => {
                        let detail = texts::NOT_GRANTED.with(&[filter, &format!("{code:02x}")]);
                        (false, detail, vec![refused()], true)
                    }
                },
                Err(NoPacket::Late) => {
                    let detail = texts::NO_SUBACK.with(&[filter, &ANSWER_LIMIT.as_secs()]);
                    (false, detail.clone(), vec![Finding::error("no_suback", detail, texts::NO_SUBACK_FIX)], true)
                }
                Err(_) => {
                    let detail = texts::CLOSED_ON_SUBSCRIBE.with(&[filter]);
                    (false, detail, vec![refused()], false)
                }
            };
            self.over(Step { part, ok, elapsed, detail, findings });
            if !goes_on {
                return None;
            }
        }
        Some(())
    }

    async fn ping(&self, socket: &mut Box<dyn Socket>) -> Came<()> {
        self.begin(Part::Ping);
        let started = time::now();
        let answer = match packets::write(socket, packets::PING, ANSWER_LIMIT).await {
            Ok(()) => packets::read(socket, &[13], ANSWER_LIMIT).await,
            Err(fault) => Err(fault),
        };
        let elapsed = time::now().since(started);
        let failed = |detail: Phrase| {
            let finding = Finding::error("no_ping_response", detail.clone(), texts::NO_PONG_FIX);
            Step { part: Part::Ping, ok: false, elapsed, detail, findings: vec![finding] }
        };
        match answer {
            Ok(_) => {
                self.over(Step {
                    part: Part::Ping,
                    ok: true,
                    elapsed,
                    detail: texts::PONG.into(),
                    findings: Vec::new(),
                });
                Some(())
            }
            Err(NoPacket::Late | NoPacket::Foreign(_)) => {
                self.over(failed(texts::NO_PONG.with(&[&ANSWER_LIMIT.as_secs()])));
                None
            }
            // Closed in the middle of it: the watch says why.
            Err(NoPacket::Closed) => Some(()),
        }
    }

    /// Waits whether the connection is left in peace; one that is thrown out is made once more, to be sure.
    async fn watch(&self, plan: &Plan, mut socket: Box<dyn Socket>, mut logged_in: Time) {
        self.begin(Part::Watch);
        let started = time::now();
        let mut times = 0;
        loop {
            let left = self.patient.watch.saturating_sub(time::now().since(logged_in));
            match packets::read(&mut socket, &[14], left).await {
                Err(NoPacket::Late) => {
                    // Nothing depends on this packet.
                    let _ = packets::write(&mut socket, packets::DISCONNECT, ANSWER_LIMIT).await;
                    break;
                }
                Ok(_) | Err(NoPacket::Closed | NoPacket::Foreign(_)) => {
                    times += 1;
                    let after = time::now().since(logged_in);
                    let again = times < MOST_THROWS;
                    let next = if again { self.quietly(plan).await } else { None };
                    match next {
                        Some(next) => (socket, logged_in) = (next, time::now()),
                        None => {
                            let findings = vec![checkup::thrown_out(plan, after, times)];
                            let detail = texts::THROWN_OUT.with(&[&times]);
                            let elapsed = time::now().since(started);
                            return self.over(Step { part: Part::Watch, ok: false, elapsed, detail, findings });
                        }
                    }
                }
            }
        }
        let elapsed = time::now().since(started);
        let (ok, detail, findings) = if times == 0 {
            (true, texts::LEFT_IN_PEACE.with(&[&self.patient.watch.as_secs()]), Vec::new())
        } else {
            (false, texts::THROWN_OUT.with(&[&times]), vec![checkup::thrown_out(plan, elapsed, times)])
        };
        self.over(Step { part: Part::Watch, ok, elapsed, detail, findings });
    }

    /// The same connection once more, without words.
    async fn quietly(&self, plan: &Plan) -> Option<Box<dyn Socket>> {
        let mut socket = self.reach(plan, false).await?;
        packets::write(&mut socket, &packets::connect(plan), STAGE_LIMIT).await.ok()?;
        let packet = packets::read(&mut socket, &[2], STAGE_LIMIT).await.ok()?;
        (code_of(&packet) == 0).then_some(socket)
    }
}

fn code_of(packet: &Packet) -> u8 {
    packet.body.get(1).copied().unwrap_or(u8::MAX)
}

/// The report of a failed stage as a finding.
fn cause(report: &StageReport) -> Finding {
    let advice = report.advice.clone();
    let code = match report.stage {
        Stage::Resolve => "host_unknown",
        Stage::Tcp if advice.as_ref().is_some_and(|advice| advice.is(&link_texts::TCP_REFUSED_ADVICE)) => "port_closed",
        Stage::Tcp => "unreachable",
        _ => "failed",
    };
    let fix = advice.unwrap_or_else(|| texts::SEE_ABOVE.into());
    Finding::error(code, report.detail.clone(), fix)
}

/// The TLS handshake, with everything that the certificates say.
async fn encrypt(server: &Server, settings: &TlsSettings, stream: TcpStream) -> (Option<Box<dyn Socket>>, Step) {
    let started = time::now();
    let step = |ok, detail, findings| {
        let elapsed = time::now().since(started);
        Step { part: Part::Stage(Stage::Tls), ok, elapsed, detail, findings }
    };
    let seen = Seen::default();
    let noted = seen.clone();
    let config = match tls::config_with(settings, |inner| Arc::new(Noting { seen: noted, inner })) {
        Ok(config) => config,
        Err(reason) => {
            let finding = Finding::error("tls_file", reason.clone(), link_texts::TLS_FILE_ADVICE);
            return (None, step(false, reason, vec![finding]));
        }
    };
    let name = match ServerName::try_from(server.host.clone()) {
        Ok(name) => name,
        Err(error) => {
            let detail = link_texts::TLS_FAILED.with(&[&error]);
            return (None, step(false, detail.clone(), vec![Finding::error("host_form", detail, texts::SEE_ABOVE)]));
        }
    };
    let connecting = tokio::time::timeout(STAGE_LIMIT, TlsConnector::from(config).connect(name, stream)).await;
    let late = || io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", STAGE_LIMIT.as_secs()));
    match connecting.unwrap_or_else(|_| Err(late())) {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            let version = session.protocol_version().map_or_else(String::new, |version| match version {
                rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
                rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
                other => format!("{other:?}"),
            });
            let cipher =
                session.negotiated_cipher_suite().map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
            let link = Phrase::verbatim(format!("{version}, {cipher}"));
            let detail = texts::TLS_OPEN.around([link, chain_words(&seen.chain()), trust(settings)]);
            let findings = remarks(settings, &seen.chain());
            (Some(Box::new(stream)), step(true, detail, findings))
        }
        Err(error) => {
            let (why, advice) = tls::explain(&error, &server.host);
            let chain = seen.chain();
            let findings = tls_causes(server, &error, why.clone(), advice, &chain);
            let detail = if chain.is_empty() {
                why
            } else {
                texts::TLS_OPEN.around([why, chain_words(&chain), trust(settings)])
            };
            (None, step(false, detail, findings))
        }
    }
}

/// The chain in words: each certificate with issuer, dates and names.
fn chain_words(chain: &[Certificate]) -> Phrase {
    let Some((own, others)) = chain.split_first() else { return texts::NO_CERTIFICATE.into() };
    let own = texts::CERTIFICATE.around(own.parts().map(Phrase::verbatim));
    if others.is_empty() {
        return own;
    }
    let above: Vec<&str> = others.iter().map(|certificate| certificate.subject.as_str()).collect();
    texts::CHAIN.around([own, Phrase::verbatim(above.join(" ← "))])
}

/// Where trust comes from.
fn trust(settings: &TlsSettings) -> Phrase {
    let store: Phrase = match &settings.ca {
        Some(path) => texts::TRUST_FILE.with(&[&path.display()]),
        None => texts::TRUST_SYSTEM.into(),
    };
    if settings.verify_hostname == Some(false) { texts::TRUST_ANY_NAME.around([store]) } else { store }
}

/// What is remarkable about a handshake that went well.
fn remarks(settings: &TlsSettings, chain: &[Certificate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if settings.verify_hostname == Some(false) {
        findings.push(Finding::warning("any_name", texts::ANY_NAME, texts::ANY_NAME_FIX));
    }
    let now = time::now();
    if let Some(own) =
        chain.first().filter(|own| own.until > now && own.until.since(now) < Duration::from_secs(14 * 86_400))
    {
        let days = own.until.since(now).as_secs() / 86_400;
        findings.push(Finding::warning(
            "certificate_expires_soon",
            texts::EXPIRES_SOON.with(&[&days]),
            texts::EXPIRES_SOON_FIX,
        ));
    }
    findings
}

/// Why a handshake failed.
fn tls_causes(
    server: &Server,
    error: &io::Error,
    why: Phrase,
    advice: Option<Phrase>,
    chain: &[Certificate],
) -> Vec<Finding> {
    let fix = advice.unwrap_or_else(|| texts::SEE_ABOVE.into());
    let now = time::now();
    let own = chain.first();
    let plain = || {
        let to = if server.transport == Transport::Mqtts { "mqtt" } else { "ws" };
        texts::PLAIN_FIX.with(&[&to, &server.host, &server.port])
    };
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        if error.kind() == io::ErrorKind::TimedOut {
            return vec![Finding::error("not_tls", texts::TLS_SILENT, plain()).supposed()];
        }
        return vec![Finding::error("not_tls", why, plain()).supposed()];
    };
    let mut findings = match tls {
        rustls::Error::InvalidMessage(_) => vec![Finding::error("not_tls", why, plain())],
        rustls::Error::InvalidCertificate(fault) => {
            let selfmade = own.is_some_and(|own| own.self_issued);
            let (code, message) = match fault {
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => ("certificate_expired", why),
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    ("certificate_not_yet_valid", why)
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    ("certificate_name", why)
                }
                _ if selfmade => ("certificate_self_signed", texts::SELF_SIGNED.into()),
                CertificateError::UnknownIssuer => ("certificate_untrusted", why),
                _ => ("certificate", why),
            };
            let fix = if selfmade && code == "certificate_self_signed" {
                link_texts::TLS_UNKNOWN_ISSUER_ADVICE.into()
            } else {
                fix
            };
            vec![Finding::error(code, message, fix)]
        }
        _ => vec![Finding::error("tls_handshake", why, fix)],
    };
    // The library stops at the first fault; a certificate may have several.
    if let Some(own) =
        own.filter(|own| own.until < now && findings.iter().all(|known| known.code != "certificate_expired"))
    {
        let message = texts::EXPIRED_TOO.with(&[&crate::base::text::local_date_time(own.until)]);
        findings.push(Finding::error("certificate_expired", message, link_texts::TLS_CLOCK_ADVICE));
    }
    findings
}

/// What the first bytes of something that is not MQTT are.
fn foreign(server: &Server, bytes: &[u8]) -> (Phrase, Finding) {
    match bytes {
        [0x15 | 0x16, 0x03, ..] => (texts::TLS_ALERT.into(), wants_tls(server)),
        [b'H', b'T', ..] => {
            (texts::HTTP_ANSWER.into(), Finding::error("port_speaks_http", texts::HTTP_ANSWER, texts::HTTP_FIX))
        }
        _ => {
            let shown = crate::base::hex::encode(bytes);
            let words = texts::NOT_MQTT.with(&[&shown]);
            (words.clone(), Finding::error("not_mqtt", words, texts::HTTP_FIX))
        }
    }
}

fn wants_tls(server: &Server) -> Finding {
    let to = if server.transport == Transport::Mqtt { "mqtts" } else { "wss" };
    Finding::error(
        "port_wants_tls",
        texts::WANTS_TLS.with(&[&server.port]),
        texts::PLAIN_FIX.with(&[&to, &server.host, &server.port]),
    )
}

/// Whether the port answers the first message of a TLS handshake in TLS. No login is sent.
async fn speaks_tls(server: &Server) -> bool {
    let (Some(addresses), _) = connect::resolve(server).await else { return false };
    let (Some(stream), _) = connect::tcp(addresses).await else { return false };
    let seen = Seen::default();
    let (socket, _) = {
        let noted = seen.clone();
        let Ok(config) = tls::config_with(&TlsSettings::default(), |inner| Arc::new(Noting { seen: noted, inner }))
        else {
            return false;
        };
        let Ok(name) = ServerName::try_from(server.host.clone()) else { return false };
        let work = TlsConnector::from(config).connect(name, stream);
        (tokio::time::timeout(ANSWER_LIMIT, work).await, ())
    };
    // Whether its certificate is trusted does not matter here: only a TLS server has shown one.
    matches!(socket, Ok(Ok(_))) || !seen.chain().is_empty()
}
