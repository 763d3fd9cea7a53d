//! What the connect doctor looks at, and what it concludes: the stages of a checkup, and the likely causes of a failure
//! in each. The sockets that carry it out are in the link.

use std::time::Duration;

use crate::base::lang::{Phrase, Text};
use crate::base::time::Time;
use crate::dialect::check::Given;
use crate::dialect::{ConnectionSettings, Dialect, Finding, MqttLevel, Plan, Transport};
use crate::model::{Role, Severity, Stage};
use crate::session::subscriptions;

/// Who is examined.
#[derive(Clone)]
pub struct Patient {
    /// The platform.
    pub dialect: &'static dyn Dialect,
    /// The side that is played.
    pub role: Role,
    /// What the profile says, secrets resolved.
    pub settings: ConnectionSettings,
    /// How long the connection is watched after login, to see whether another client throws it out.
    pub watch: Duration,
    /// Seed for everything that is chosen at random.
    pub seed: u64,
}

/// A part of a checkup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The rules of the platform, applied to what is going to be sent.
    Rules,
    /// A stage of the connection.
    Stage(Stage),
    /// PINGREQ and PINGRESP.
    Ping,
    /// Whether the connection is left in peace.
    Watch,
    /// The clock of this machine against that of the server.
    Clock,
}

impl Part {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Part::Rules => "rules",
            Part::Stage(stage) => stage.name(),
            Part::Ping => "ping",
            Part::Watch => "watch",
            Part::Clock => "clock",
        }
    }

    /// The name shown to people.
    pub const fn title(self) -> Text {
        match self {
            Part::Rules => Text::new("Rules", "平台规则"),
            Part::Stage(stage) => stage.title(),
            Part::Ping => Text::same("PING"),
            Part::Watch => Text::new("Watch", "观察"),
            Part::Clock => Text::new("Clock", "时钟"),
        }
    }

    /// The exit code when this is the first part that failed (`INTERFACE.md`, "Exit codes").
    pub const fn exit_code(self) -> u8 {
        match self {
            Part::Rules | Part::Watch | Part::Clock => 1,
            Part::Stage(stage) => stage.exit_code(),
            Part::Ping => 15,
        }
    }
}

/// What the doctor says while working.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// A part begins.
    Begins(Part),
    /// A part is over.
    Over(Step),
}

/// One part of a checkup is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Which.
    pub part: Part,
    /// Whether it went well.
    pub ok: bool,
    /// How long it took.
    pub elapsed: Duration,
    /// What was seen.
    pub detail: Phrase,
    /// Causes and remarks.
    pub findings: Vec<Finding>,
}

/// Applies the rules to a plan, before anything is sent: those of the platform, those of MQTT, and the checker.
pub fn rules(patient: &Patient, plan: &Plan, now: Time) -> Step {
    let mut findings = patient.dialect.examine(patient.role, &patient.settings, plan);
    findings.extend(common_rules(plan));
    findings.extend(checked(patient, plan, now));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), !finding.certain));
    findings.dedup();
    let bad = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let detail = match findings.len() {
        0 => RULES_KEPT.into(),
        all => RULES_BROKEN.with(&[&bad, &(all - bad)]),
    };
    Step { part: Part::Rules, ok: bad == 0, elapsed: Duration::ZERO, detail, findings }
}

/// What the checker says of the login that is going to be sent.
fn checked(patient: &Patient, plan: &Plan, now: Time) -> Vec<Finding> {
    let given = Given {
        client_id: Some(plan.client_id.clone()).filter(|id| !id.is_empty()),
        username: Some(plan.username.clone()).filter(|name| !name.is_empty()),
        password: Some(plan.password.clone()).filter(|password| !password.is_empty()),
        headers: plan.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        server: Some(plan.server.clone()),
        fields: patient.settings.identity.clone(),
        ..Given::default()
    };
    // A login that was fetched over HTTP cannot be recomputed; then there is nothing to say.
    patient.dialect.check(Some(patient.role), &given, now).map(|checked| checked.findings).unwrap_or_default()
}

/// Rules that hold on every platform.
fn common_rules(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let server = &plan.server;
    let usual = |port: u16| match port {
        8883 | 443 | 8443 => Some(true),
        1883 | 80 => Some(false),
        _ => None,
    };
    let other = match server.transport {
        Transport::Mqtt => Transport::Mqtts,
        Transport::Mqtts => Transport::Mqtt,
        Transport::Ws => Transport::Wss,
        Transport::Wss => Transport::Ws,
        Transport::Http => Transport::Https,
        Transport::Https => Transport::Http,
    };
    if usual(server.port).is_some_and(|tls| tls != server.transport.is_tls()) {
        let fix = SERVER_FIX.with(&[&other.scheme(), &server.host, &server.port]);
        let message = if server.transport.is_tls() { PORT_PLAIN } else { PORT_TLS };
        findings.push(
            Finding::warning("port_and_tls", message.with(&[&server.port, &server.transport.scheme()]), fix).supposed(),
        );
    }
    if matches!(server.transport, Transport::Mqtt | Transport::Mqtts) {
        if plan.level == MqttLevel::V31 && (plan.client_id.len() > 23 || plan.client_id.is_empty()) {
            let message = CLIENT_ID_31.with(&[&plan.client_id.len()]);
            findings.push(Finding::warning("client_id_length", message, CLIENT_ID_31_FIX));
        }
        if plan.keep_alive.is_zero() {
            findings.push(Finding::warning("keep_alive_off", KEEP_ALIVE_OFF, KEEP_ALIVE_OFF_FIX));
        }
    }
    findings
}

/// Why a login was probably refused: the rules that it breaks, and what the code speaks of. `code` is `None` where the
/// server closed the connection without a word.
pub fn refused(patient: &Patient, rules: &Step, code: Option<u8>, advice: Option<Phrase>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        rules.findings.iter().filter(|finding| finding.severity == Severity::Error).cloned().collect();
    // A code that speaks of one thing leaves the rest aside.
    let about: &[&str] = match code {
        Some(1) => &["mqtt_level"],
        Some(2) => &["client_id", "keep_alive"],
        _ => &[],
    };
    if findings.iter().any(|finding| about.iter().any(|name| finding.code.starts_with(name))) {
        findings.retain(|finding| about.iter().any(|name| finding.code.starts_with(name)));
    }
    if findings.is_empty() {
        let message = match code {
            Some(1) => REFUSED_LEVEL,
            Some(2) => REFUSED_CLIENT_ID,
            Some(3) => REFUSED_BUSY,
            Some(_) => REFUSED_IDENTITY,
            None => CLOSED_SILENTLY,
        };
        let name = match code {
            Some(1) => "mqtt_level",
            Some(2) => "client_id",
            Some(3) => "server_unavailable",
            Some(_) => "identity_or_secret",
            None => "closed_silently",
        };
        let console = patient.dialect.spec().title;
        let fix = advice.unwrap_or_else(|| REFUSED_FIX.around([title(console)]));
        findings.push(Finding::error(name, message, fix).supposed());
    }
    findings
}

fn title(text: Text) -> Phrase {
    text.into()
}

/// Why a filter was probably refused.
pub fn filter_refused(patient: &Patient, filter: &str) -> Finding {
    let advice = subscriptions::advice(filter, patient.dialect.spec(), patient.role);
    Finding::error("topic_refused", TOPIC_REFUSED.with(&[&filter]), advice)
}

/// A connection that ended soon after its login.
pub fn thrown_out(plan: &Plan, after: Duration, times: usize) -> Finding {
    let seconds = format!("{:.1}", after.as_secs_f64());
    let finding =
        Finding::error("client_id_stolen", THROWN_OUT.with(&[&seconds, &plan.client_id, &times]), THROWN_OUT_FIX);
    if times > 1 { finding } else { finding.supposed() }
}

/// The clock of this machine against the `Date` that a server wrote.
pub fn clock(server: Time, now: Time) -> Option<Finding> {
    let (ahead, skew) = if now > server { (true, now.since(server)) } else { (false, server.since(now)) };
    // A second of resolution, and the way there and back.
    (skew > Duration::from_secs(60)).then(|| {
        let message = if ahead { CLOCK_AHEAD } else { CLOCK_BEHIND };
        Finding::error("clock_skew", message.with(&[&skew.as_secs()]), CLOCK_FIX)
    })
}

const RULES_KEPT: Text = Text::new("nothing remarkable", "未发现异常");
const RULES_BROKEN: Text = Text::new("{} error(s), {} remark(s)", "{} 个错误，{} 条提示");
const PORT_PLAIN: Text = Text::new(
    "port {} is usually a port without TLS, but the address says {}://",
    "端口 {} 一般不带 TLS，而地址写的是 {}://",
);
const PORT_TLS: Text = Text::new(
    "port {} is usually a port with TLS, but the address says {}://",
    "端口 {} 一般要求 TLS，而地址写的是 {}://",
);
const SERVER_FIX: Text = Text::new("server = \"{}://{}:{}\"", "server = \"{}://{}:{}\"");
const CLIENT_ID_31: Text = Text::new(
    "the client id has {} bytes; MQTT 3.1 allows 1 to 23 (MQTT 3.1, section 3.1)",
    "clientId 长 {} 字节，MQTT 3.1 只允许 1–23 字节（MQTT 3.1 第 3.1 节）",
);
const CLIENT_ID_31_FIX: Text = Text::new("shorten it, or use MQTT 3.1.1", "请缩短，或改用 MQTT 3.1.1");
const KEEP_ALIVE_OFF: Text = Text::new(
    "keep-alive is 0: nobody notices a dead connection, and many platforms refuse it",
    "keep-alive 为 0：断线无法察觉，许多平台会拒绝",
);
const KEEP_ALIVE_OFF_FIX: Text = Text::new("[mqtt] keep_alive = 60", "[mqtt] keep_alive = 60");
const REFUSED_LEVEL: Text = Text::new("the server does not speak this version of MQTT", "服务器不支持该 MQTT 协议版本");
const REFUSED_CLIENT_ID: Text = Text::new(
    "the server does not take this client id: its form, or it is in use",
    "服务器不接受该 clientId：格式不对或已被占用",
);
const REFUSED_BUSY: Text = Text::new("the server says that it is unavailable", "服务器表示暂不可用");
const REFUSED_IDENTITY: Text = Text::new(
    "the login is made right for this identity and secret, so one of these is another than the platform has: the secret, the name, or the identity is unknown or disabled there",
    "该登录由所填身份与密钥正确计算得出，因此是其中之一与平台不符：密钥、名称有误，或该身份在平台上不存在、已禁用",
);
const REFUSED_FIX: Text = Text::new(
    "compare name and secret with the console of {}, and look into its device log for the reason",
    "请与 {} 控制台逐项核对名称和密钥，并在其设备日志中查看原因",
);
const CLOSED_SILENTLY: Text = Text::new(
    "the server closed the connection instead of answering CONNECT: wrong port or transport, a login it does not answer, or too many attempts",
    "服务器未应答 CONNECT 就断开了连接：端口或传输方式不对、登录信息不被应答，或尝试过于频繁",
);
const TOPIC_REFUSED: Text = Text::new("the platform refused the subscription of {}", "平台拒绝订阅 {}");
const THROWN_OUT: Text = Text::new(
    "{0} s after login the platform closed the connection without a word ({2} time(s)): another client is connected with the client id “{1}”, and the two throw each other out",
    "登录 {0} 秒后平台直接断开了连接（第 {2} 次）：另有客户端在用 clientId“{1}”，双方互踢下线",
);
const THROWN_OUT_FIX: Text = Text::new(
    "stop the other client, or give this one an identity of its own; look in the console for the address it comes from",
    "请停掉另一个客户端，或为本端使用单独的身份；可在控制台查看对方的来源地址",
);
const CLOCK_AHEAD: Text =
    Text::new("the clock of this machine is {} s ahead of the server's", "本机时钟比服务器快 {} 秒");
const CLOCK_BEHIND: Text =
    Text::new("the clock of this machine is {} s behind the server's", "本机时钟比服务器慢 {} 秒");
const CLOCK_FIX: Text = Text::new(
    "set it (NTP): logins carry times, and one of the past is refused",
    "请校准时钟（NTP）：登录信息含时间，过期会被拒绝",
);
