//! The ledger: one row per request, for life. A row only gains states; it never loses one.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::app::compose::Draft;
use crate::base::hex;
use crate::base::lang::{Lang, Text};
use crate::base::text::duration_short;
use crate::base::time::Time;
use crate::dialect::Dialect;
use crate::dialect::http::is_call_topic;
use crate::model::report::RequestReport;
use crate::model::{ConnectionId, Notice, OpKind, RequestKey, RequestState, Severity};
use crate::store::{Seq, SeqRange};

/// Rows that are kept; the oldest leaves first.
const MAX_ROWS: usize = 2_000;

/// A state that a request has reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached {
    /// The state.
    pub state: RequestState,
    /// When.
    pub at: Time,
    /// The message that carried it.
    pub message: Option<Seq>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name for life.
    pub key: RequestKey,
    /// When it was asked for.
    pub at: Time,
    /// Where it goes.
    pub connection: ConnectionId,
    /// What was asked; `None` for a hand-made message.
    pub op: Option<OpKind>,
    /// The device it is about.
    pub device: Option<String>,
    /// What it says, in a few words.
    pub gist: String,
    /// The id that ties the reply to it.
    pub request_id: Option<String>,
    /// Whether the reply carries no id and is paired by order.
    pub inferred: bool,
    /// The topic it went to; empty until the session has made it.
    pub topic: String,
    /// The exact bytes; empty until the session has made them.
    pub payload: Vec<u8>,
    /// Its quality of service: with 0 nothing confirms it.
    pub qos: u8,
    /// How long a reply is waited for; `None` where none is expected.
    pub timeout: Option<Duration>,
    /// Every state, in the order of arrival.
    pub states: Vec<Reached>,
    /// What it was made from, to send it again.
    pub draft: Draft,
}

impl Row {
    /// What was asked, by its name: an operation of the platform, or what the console was told to do; `None` for a hand-made
    /// message.
    pub fn operation(&self) -> Option<&str> {
        match (self.op, &self.draft) {
            (Some(op), _) => Some(op.name()),
            (None, Draft::Operator(line)) => line.split_whitespace().find(|word| !word.starts_with('@')),
            (None, _) => None,
        }
    }

    /// What was asked, in words.
    pub fn title(&self, lang: Lang) -> String {
        match (self.op, self.operation()) {
            (_, Some(name)) if self.is_of_console() => CONSOLE.fill(lang, &[&name]),
            (Some(op), _) => op.title().get(lang).to_owned(),
            (None, _) => HAND_MADE.get(lang).to_owned(),
        }
    }

    /// Whether the console of a simulated cloud was asked, and not a device or platform by a connection.
    fn is_of_console(&self) -> bool {
        matches!(self.draft, Draft::Operator(_))
    }

    /// The state that decides, or the last one so far.
    pub fn outcome(&self) -> Option<&Reached> {
        self.states.iter().find(|reached| reached.state.is_final()).or(self.states.last())
    }

    /// Whether nothing more has to come.
    pub fn is_over(&self) -> bool {
        self.states.iter().any(|reached| match reached.state {
            RequestState::Acknowledged => self.timeout.is_none(),
            RequestState::Sent => self.timeout.is_none() && self.qos == 0,
            _ => reached.state.is_final(),
        })
    }

    /// When it was handed to the socket.
    pub fn sent_at(&self) -> Option<Time> {
        self.sent().map(|reached| reached.at)
    }

    /// The message that carried it.
    pub fn sent_message(&self) -> Option<Seq> {
        self.sent().and_then(|reached| reached.message)
    }

    fn sent(&self) -> Option<&Reached> {
        self.states.iter().find(|reached| reached.state == RequestState::Sent)
    }

    /// The message that answered it, the first where there are several.
    pub fn reply_message(&self) -> Option<Seq> {
        let answers = self.states.iter().filter(|reached| reached.state != RequestState::Sent);
        answers.filter_map(|reached| reached.message).find(|seq| Some(*seq) != self.sent_message())
    }

    /// Time from the socket to the answer.
    pub fn latency(&self) -> Option<Duration> {
        let sent = self.sent_at()?;
        let answered = self.states.iter().find(|reached| {
            matches!(
                reached.state,
                RequestState::Replied { .. }
                    | RequestState::Refused { .. }
                    | RequestState::Observed
                    | RequestState::RepliedLate { .. }
            )
        })?;
        Some(answered.at.since(sent))
    }

    /// The states with the time since sending: `queued → sent → PUBACK +3 ms → replied +34 ms`.
    pub fn journey(&self, lang: Lang) -> String {
        let since = self.sent_at().unwrap_or(self.at);
        let steps: Vec<String> = self
            .states
            .iter()
            .map(|reached| match reached.state {
                RequestState::Queued | RequestState::Sent => state_title(&reached.state).get(lang).to_owned(),
                RequestState::Acknowledged if is_call_topic(&self.topic) => {
                    format!("{} +{}", CALL_TAKEN.get(lang), duration_short(reached.at.since(since)))
                }
                _ => format!("{} +{}", state_title(&reached.state).get(lang), duration_short(reached.at.since(since))),
            })
            .collect();
        steps.join(" → ")
    }

    /// The outcome in words, with what the code means.
    pub fn outcome_words(&self, dialect: &dyn Dialect, lang: Lang) -> String {
        let Some(decisive) = self.outcome() else { return state_title(&RequestState::Queued).get(lang).to_owned() };
        let mut words = match &decisive.state {
            RequestState::Refused { code, message } => {
                REFUSED.fill(lang, &[&explained(dialect, code.as_deref(), message.as_deref(), lang)])
            }
            RequestState::TimedOut { code: Some(code), message } => {
                SILENT.fill(lang, &[&explained(dialect, Some(code), message.as_deref(), lang)])
            }
            RequestState::Failed(reason) => FAILED.fill(lang, &[&reason.render(lang)]),
            RequestState::TimedOut { .. } => match self.timeout {
                Some(timeout) => TIMED_OUT.fill(lang, &[&duration_short(timeout)]),
                None => state_title(&decisive.state).get(lang).to_owned(),
            },
            RequestState::Acknowledged if self.timeout.is_none() => ACKNOWLEDGED_ONLY.get(lang).to_owned(),
            state => state_title(state).get(lang).to_owned(),
        };
        if self.inferred && matches!(decisive.state, RequestState::Replied { .. } | RequestState::Refused { .. }) {
            words.push_str(BY_ORDER.get(lang));
        }
        for reached in &self.states {
            let (text, code) = match &reached.state {
                RequestState::RepliedLate { code, .. } => (THEN_LATE, code),
                RequestState::RepliedAgain { code, .. } => (THEN_AGAIN, code),
                _ => continue,
            };
            let after = duration_short(reached.at.since(self.sent_at().unwrap_or(self.at)));
            words.push_str(&text.fill(lang, &[&after, &code.as_deref().unwrap_or("–")]));
        }
        words
    }

    /// The row as `INTERFACE.md` has requests, with what the ledger knows beside.
    fn json(&self, connection: &str) -> Value {
        let states: Vec<(RequestState, Time)> =
            self.states.iter().map(|reached| (reached.state.clone(), reached.at)).collect();
        let report = RequestReport { request_id: self.request_id.as_deref(), topic: &self.topic, states: &states };
        let mut members = Map::new();
        members.insert("v".to_owned(), json!(1));
        members.insert("connection".to_owned(), json!(connection));
        members.insert("operation".to_owned(), json!(self.operation()));
        members.insert("device".to_owned(), json!(self.device));
        members.extend(report.json());
        let payload = match std::str::from_utf8(&self.payload) {
            Ok(text) => json!({"text": text}),
            Err(_) => json!({"hex": hex::encode(&self.payload)}),
        };
        members.insert("payload".to_owned(), payload);
        Value::Object(members)
    }

    /// Whether it was answered late, or more than once.
    fn is_odd(&self) -> bool {
        self.states.iter().any(|reached| {
            matches!(reached.state, RequestState::RepliedAgain { .. } | RequestState::RepliedLate { .. })
        })
    }

    /// How bad the outcome is; `None` while it is open.
    pub fn severity(&self) -> Option<Severity> {
        if !self.is_over() {
            return None;
        }
        Some(match self.outcome().map(|reached| &reached.state) {
            Some(
                RequestState::Replied { .. } | RequestState::Observed | RequestState::Acknowledged | RequestState::Sent,
            ) if self.is_odd() => Severity::Warning,
            Some(
                RequestState::Replied { .. } | RequestState::Observed | RequestState::Acknowledged | RequestState::Sent,
            ) => Severity::Info,
            _ => Severity::Error,
        })
    }
}

/// The ledger.
#[derive(Debug, Default)]
pub struct Ledger {
    rows: Vec<Row>,
    /// The row under the cursor, among those that are shown; the newest is on top and has index 0.
    pub cursor: usize,
    show: Show,
}

impl Ledger {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing was sent yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Which rows are shown.
    pub fn show(&self) -> Show {
        self.show
    }

    /// Shows other rows; the cursor goes to the newest of them.
    pub fn show_next(&mut self) {
        let at = Show::ALL.iter().position(|show| *show == self.show).unwrap_or_default();
        self.show = Show::ALL.get((at + 1) % Show::ALL.len()).copied().unwrap_or_default();
        self.cursor = 0;
    }

    /// The rows that are shown, from the newest to the oldest.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().rev().filter(|row| self.show.holds(row))
    }

    /// Number of rows that are shown.
    pub fn shown(&self) -> usize {
        self.rows().count()
    }

    /// What is known of all requests like this one: the same operation on the same connection.
    pub fn statistics(&self, of: &Row) -> Statistics {
        let kind = |row: &Row| (row.operation().map(str::to_owned), row.is_of_console(), row.connection);
        let wanted = kind(of);
        Statistics::of(self.rows.iter().filter(|row| kind(row) == wanted))
    }

    /// The rows that are shown as JSON lines, oldest first; `name` gives the name of a connection.
    pub fn export(&self, name: impl Fn(ConnectionId) -> String) -> String {
        let rows: Vec<&Row> = self.rows().collect();
        rows.iter().rev().map(|row| format!("{}\n", row.json(&name(row.connection)))).collect()
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<&Row> {
        self.rows().nth(self.cursor)
    }

    /// Requests that still wait for something.
    pub fn open(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_over()).count()
    }

    /// Adds a request that was just asked for.
    pub fn add(&mut self, row: Row) {
        if self.rows.len() == MAX_ROWS {
            self.rows.remove(0);
        }
        self.rows.push(row);
        self.cursor = 0;
    }

    /// Takes what a session tells of a request. A state is kept once only where it can be reached once only.
    pub fn notice(&mut self, notice: &Notice, range: SeqRange) {
        match notice {
            Notice::Request { key, info, at } => {
                let Some(row) = self.row(*key) else { return };
                row.topic.clone_from(&info.topic);
                row.payload.clone_from(&info.payload);
                row.request_id.clone_from(&info.request_id);
                row.inferred = info.inferred;
                row.qos = info.qos;
                row.timeout = info.timeout;
                row.device = info.device.clone().or(row.device.take());
                if row.states.is_empty() {
                    row.states.push(Reached { state: RequestState::Queued, at: *at, message: None });
                }
            }
            Notice::Update(update) => {
                let message = update.message.and_then(|index| u64::try_from(index).ok()).map(|i| range.start.plus(i));
                let Some(row) = self.row(update.key) else { return };
                let queued = |reached: &Reached| reached.state == RequestState::Queued;
                if update.state != RequestState::Queued || !row.states.iter().any(queued) {
                    row.states.push(Reached { state: update.state.clone(), at: update.at, message });
                }
            }
            _ => {}
        }
    }

    /// Enters a state that no session tells.
    pub fn reach(&mut self, key: RequestKey, reached: Reached) {
        if let Some(row) = self.row(key) {
            row.states.push(reached);
        }
    }

    fn row(&mut self, key: RequestKey) -> Option<&mut Row> {
        self.rows.iter_mut().rev().find(|row| row.key == key)
    }
}

/// Which rows of the ledger are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that wait for something.
    Open,
    /// Those that ended well.
    Good,
    /// Those that were refused, not answered, or not sent.
    Bad,
    /// Those that were answered late, or more than once.
    Odd,
}

impl Show {
    /// All of them, in the order in which they are gone through.
    pub const ALL: [Show; 5] = [Show::All, Show::Open, Show::Good, Show::Bad, Show::Odd];

    /// Its name.
    pub const fn title(self) -> Text {
        match self {
            Show::All => Text::new("all", "全部"),
            Show::Open => Text::new("open", "未完成"),
            Show::Good => Text::new("good", "成功"),
            Show::Bad => Text::new("failed", "失败"),
            Show::Odd => Text::new("late or repeated", "迟到或重复"),
        }
    }

    fn holds(self, row: &Row) -> bool {
        match self {
            Show::All => true,
            Show::Open => !row.is_over(),
            Show::Good => row.severity() == Some(Severity::Info),
            Show::Bad => row.severity() == Some(Severity::Error),
            Show::Odd => row.is_odd(),
        }
    }
}

/// Numbers over several requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Requests.
    pub total: usize,
    /// Those that ended well.
    pub good: usize,
    /// Those that did not.
    pub bad: usize,
    /// Half of the answers were at least as quick.
    pub median: Option<Duration>,
    /// 99 of 100 answers were at least as quick.
    pub p99: Option<Duration>,
}

impl Statistics {
    fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Statistics {
        let mut statistics = Statistics::default();
        let mut latencies = Vec::new();
        for row in rows {
            statistics.total += 1;
            match row.severity() {
                None => {}
                Some(Severity::Error) => statistics.bad += 1,
                Some(_) => statistics.good += 1,
            }
            latencies.extend(row.latency());
        }
        latencies.sort_unstable();
        // The nearest rank: the smallest value that so many of a hundred do not exceed.
        let rank = |percent: usize| latencies.get((latencies.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        (statistics.median, statistics.p99) = (rank(50), rank(99));
        statistics
    }
}

/// A state in a word.
pub const fn state_title(state: &RequestState) -> Text {
    match state {
        RequestState::Queued => Text::new("queued", "排队"),
        RequestState::Sent => Text::new("sent", "已发出"),
        RequestState::Acknowledged => Text::same("PUBACK"),
        RequestState::Replied { .. } => Text::new("replied", "已应答"),
        RequestState::Refused { .. } => Text::new("refused", "被拒绝"),
        RequestState::Observed => Text::new("observed", "已生效（后续上报）"),
        RequestState::TimedOut { .. } => Text::new("timed out", "超时"),
        RequestState::LinkLost => Text::new("link lost", "连接断开"),
        RequestState::Failed(_) => Text::new("not sent", "未能发出"),
        RequestState::RepliedLate { .. } => Text::new("replied late", "迟到的应答"),
        RequestState::RepliedAgain { .. } => Text::new("replied again", "重复应答"),
    }
}

/// `setPropertyFailed property set failed: 302 data type error`: a code, what it means, and what was said with it.
pub fn explained(dialect: &dyn Dialect, code: Option<&str>, message: Option<&str>, lang: Lang) -> String {
    let code = code.unwrap_or_default();
    let meaning = dialect.explain_code(code).map(|spec| spec.meaning.get(lang)).unwrap_or_default();
    let head = format!("{code} {meaning}");
    let head = head.trim();
    match message.filter(|message| !message.is_empty() && *message != meaning) {
        Some(message) if head.is_empty() => message.to_owned(),
        Some(message) => SAID.fill(lang, &[&head, &message]),
        None => head.to_owned(),
    }
}

const CONSOLE: Text = Text::new("console: {}", "控制台：{}");
const HAND_MADE: Text = Text::new("message", "自定义消息");
const SAID: Text = Text::new("{}: {}", "{}：{}");
const SILENT: Text = Text::new("timed out ({})", "超时（{}）");
const REFUSED: Text = Text::new("refused {}", "被拒绝 {}");
const FAILED: Text = Text::new("not sent: {}", "未能发出：{}");
const TIMED_OUT: Text = Text::new("no reply within {}", "{} 内无应答（超时）");
const ACKNOWLEDGED_ONLY: Text = Text::new("acknowledged by the broker", "broker 已确认");
const THEN_LATE: Text = Text::new(" · late reply after {} (code {})", " · {} 后收到迟到的应答（码 {}）");
const CALL_TAKEN: Text = Text::new("HTTP ok", "HTTP 成功");
const BY_ORDER: Text = Text::new(" · paired by order, the reply has no id", " · 应答没有 id，按先后顺序配对（推断）");
const THEN_AGAIN: Text = Text::new(" · replied again after {} (code {})", " · {} 后重复应答（码 {}）");
