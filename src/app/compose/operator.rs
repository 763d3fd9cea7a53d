//! The console's side of a simulated cloud, played from the Compose tab: a line such as `set Power=true`, `kick` or
//! `fault delay time=2s` for the platform and device of the connection that composes. Its outcome is a row of the ledger.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::action::Action;
use crate::app::compose::{Draft, Reached, Row};
use crate::app::edit::TextEdit;
use crate::app::effect::{Effect, OperateWanted};
use crate::app::overlay::{Asked, Overlay};
use crate::app::{App, Connection};
use crate::base::lang::{Phrase, Text};
use crate::base::text::printable;
use crate::model::{OpKind, RequestKey, RequestState, Severity};
use crate::sim::words;

/// What the console of every simulated platform can do beside the platform's own operations.
const COMMON: [&str; 4] = ["disable", "enable", "kick", "fault"];
/// What a fault may be.
const FAULTS: &str = "delay drop duplicate reorder code token list clear";

/// Where the simulated cloud is controlled, and what was last asked of it.
#[derive(Debug, Clone, Default)]
pub struct Operator {
    /// The control address.
    pub control: Option<String>,
    last: String,
}

impl Operator {
    /// Nothing was asked yet.
    pub fn new(control: Option<String>) -> Operator {
        Operator { control, last: String::new() }
    }
}

/// The device that a connection is, or the first one that it looks at, as operators name it.
fn device_of(connection: &Connection) -> String {
    let fields = connection.settings.devices.first().unwrap_or(&connection.settings.identity);
    if let Some(did) = fields.get("did") {
        return did.to_owned();
    }
    let product = ["product_id", "product_key"].into_iter().find_map(|name| fields.get(name));
    match (product, fields.get("device_name")) {
        (Some(product), Some(name)) => format!("{product}/{name}"),
        (_, name) => name.unwrap_or_default().to_owned(),
    }
}

impl App {
    /// Asks what the console is to do; for its address first where that is not known.
    pub(super) fn ask_operator(&mut self) {
        let Some(connection) = self.compose_connection() else { return };
        let device = device_of(connection);
        let spec = connection.dialect.spec();
        let operations: Vec<&str> = spec.operator.iter().map(|op| operator_name(*op)).chain(COMMON).collect();
        let (title, hint, text, about) = if self.compose.operator.control.is_none() {
            (ADDRESS.into(), ADDRESS_HINT.into(), "http://127.0.0.1:".to_owned(), Asked::ControlAddress)
        } else {
            let title = TITLE.with(&[&spec.title.get(self.lang), &printable(&device)]);
            let hint = HINT.with(&[&operations.join(" "), &FAULTS]);
            (title, hint, self.compose.operator.last.clone(), Asked::Operate)
        };
        self.open_overlay(Overlay::Prompt { title, hint, edit: TextEdit::single(&text), about });
    }

    /// Takes the control address, and goes on to the question itself.
    pub(in crate::app) fn take_control_address(&mut self, text: &str) -> Result<(), Phrase> {
        let text = text.trim().trim_end_matches('/');
        let rest = text.strip_prefix("http://").ok_or_else(|| Phrase::from(ADDRESS_HINT))?;
        if !rest.contains(|c: char| c.is_ascii_digit()) || rest.contains('/') {
            return Err(ADDRESS_HINT.into());
        }
        self.compose.operator.control = Some(text.to_owned());
        self.ask_operator();
        Ok(())
    }

    /// Does what a line says.
    pub(in crate::app) fn operate_line(&mut self, line: &str) -> Result<(), Phrase> {
        let Some(connection) = self.compose_connection() else { return Ok(()) };
        let Some(control) = self.compose.operator.control.clone() else { return Err(ADDRESS_HINT.into()) };
        let (id, dialect) = (connection.id, connection.dialect.spec().name);
        let mut device = device_of(connection);
        let mut given = words::split(line);
        if let Some(other) = given.first().and_then(|word| word.strip_prefix('@')) {
            // `@*` is everybody.
            device = if other == "*" { String::new() } else { other.to_owned() };
            given.remove(0);
        }
        let Some((operation, rest)) = given.split_first() else { return Err(EMPTY.into()) };
        let arguments = words::arguments(operation, rest).map_err(|word| SPARE.with(&[&printable(&word)]))?;
        let body = json!({"dialect": dialect, "device": device, "operation": operation, "arguments": arguments});
        let op = OpKind::ALL.iter().copied().find(|op| operator_name(*op) == operation);
        let key = self.new_request();
        self.compose.operator.last = line.trim().to_owned();
        self.compose.ledger.add(Row {
            key,
            at: self.now,
            connection: id,
            op,
            device: Some(device).filter(|device| !device.is_empty()),
            gist: format!("operate {}", line.trim()),
            request_id: None,
            inferred: false,
            topic: String::new(),
            payload: Vec::new(),
            qos: 1,
            // The simulated cloud knows how long it waits.
            timeout: Some(Duration::from_secs(60)),
            states: vec![Reached { state: RequestState::Sent, at: self.now, message: None }],
            draft: Draft::Operator(line.trim().to_owned()),
        });
        self.effect(Effect::Operate(OperateWanted { key, control, body }));
        Ok(())
    }

    /// What the simulated cloud answers.
    pub(in crate::app) fn operated(&mut self, key: RequestKey, answer: Result<Value, Phrase>) {
        let state = match answer {
            Err(reason) => RequestState::Failed(reason),
            Ok(object) => state_of(&object),
        };
        let (severity, words) = match &state {
            RequestState::Replied { message, .. } => (Severity::Info, DONE.with(&[&shortened(message.as_deref())])),
            RequestState::Failed(reason) => (Severity::Warning, NOT_DONE.around([reason.clone()])),
            RequestState::Refused { code, message } | RequestState::TimedOut { code, message } => {
                let words = [code.as_deref().unwrap_or_default(), message.as_deref().unwrap_or_default()].join(" ");
                (Severity::Warning, NOT_DONE.with(&[&shortened(Some(words.trim()))]))
            }
            _ => (Severity::Info, DONE.with(&[&""])),
        };
        let now = self.now;
        self.compose.ledger.reach(key, Reached { state, at: now, message: None });
        self.tell(severity, words);
    }

    /// Runs an action of the operator; says whether it was one.
    pub(super) fn operator_action(&mut self, action: Action) -> bool {
        if action == Action::Operate {
            self.ask_operator();
            return true;
        }
        false
    }
}

/// How the control address names an operation.
const fn operator_name(op: OpKind) -> &'static str {
    match op {
        OpKind::DesiredSet => "desired",
        other => other.name(),
    }
}

fn shortened(text: Option<&str>) -> String {
    let text = printable(text.unwrap_or_default()).into_owned();
    match text.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// The state that a request object ends in.
fn state_of(object: &Value) -> RequestState {
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(error) = text("error") {
        return RequestState::Failed(Phrase::verbatim(error));
    }
    let (code, message) = (text("code"), text("message"));
    match text("outcome").as_deref() {
        Some("replied") => RequestState::Replied { code, message },
        Some("observed") => RequestState::Observed,
        Some("refused") => RequestState::Refused { code, message },
        Some("timeout") => RequestState::TimedOut { code, message },
        _ => RequestState::LinkLost,
    }
}

const TITLE: Text = Text::new("Console of the simulated cloud: {}, {}", "模拟云控制台：{}，{}");
const HINT: Text = Text::new("{} + KEY=VALUE; fault: {}", "{} + KEY=VALUE；fault：{}");
const ADDRESS: Text = Text::new("Control address of the simulated cloud", "模拟云的控制地址");
const ADDRESS_HINT: Text = Text::new(
    "the first line of `iotdbg cloud` names it (“control”), such as http://127.0.0.1:8080; IOTDBG_CLOUD sets it for good",
    "见 `iotdbg cloud` 输出的第一行（control），例如 http://127.0.0.1:8080；也可用环境变量 IOTDBG_CLOUD 预先设置",
);
const EMPTY: Text = Text::new("an operation is missing, for example: set Power=true", "缺少操作，例如：set Power=true");
const SPARE: Text =
    Text::new("“{}” is one word too many; values look like KEY=VALUE", "多余的“{}”；取值写成 KEY=VALUE");
const DONE: Text = Text::new("the console has done it. {}", "控制台操作已完成。{}");
const NOT_DONE: Text = Text::new("the console could not do it: {}", "控制台操作未成功：{}");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::{demo, press};
    use crate::app::{Msg, Tab};
    use crate::base::lang::Lang;

    fn asked(app: &mut App) -> OperateWanted {
        let mut effects = app.effects();
        let found = effects.drain(..).find_map(|effect| match effect {
            Effect::Operate(wanted) => Some(wanted),
            _ => None,
        });
        found.unwrap()
    }

    fn typed(app: &mut App, line: &str) {
        let now = app.now();
        app.update(Msg::Paste(line.to_owned()), now);
        press(app, &["enter"]);
    }

    #[test]
    fn the_console_is_asked_for_what_a_line_says_and_the_ledger_keeps_the_outcome() {
        let mut app = demo(Lang::En);
        app.show(Tab::Compose);
        // The address comes first, once.
        press(&mut app, &["P", "ctrl-u"]);
        typed(&mut app, "nowhere");
        assert!(matches!(app.overlays().last(), Some(Overlay::Prompt { about: Asked::ControlAddress, .. })));
        press(&mut app, &["ctrl-u"]);
        typed(&mut app, "http://127.0.0.1:4711/");
        typed(&mut app, r#"set Power=true color={"r": 1}"#);
        let wanted = asked(&mut app);
        assert_eq!(wanted.control, "http://127.0.0.1:4711");
        assert_eq!(wanted.body["operation"], "set");
        assert_eq!(wanted.body["arguments"], json!({"Power": true, "color": {"r": 1}}));
        assert_eq!(wanted.body["dialect"], "onenet");
        assert!(wanted.body["device"].as_str().is_some_and(|device| device.contains('/')), "{}", wanted.body);
        let now = app.now() + Duration::from_millis(30);
        let refused = json!({"v": 1, "outcome": "refused", "code": "302", "message": "too hot"});
        app.update(Msg::Operated(wanted.key, Ok(refused)), now);
        let row = app.compose.ledger.rows().next().unwrap();
        assert!(
            matches!(&row.outcome().unwrap().state, RequestState::Refused { code: Some(code), .. } if code == "302")
        );
        assert_eq!(row.latency(), Some(Duration::from_millis(30)));

        // The last line stands there again; another device, and everybody.
        press(&mut app, &["P", "ctrl-u"]);
        typed(&mut app, "@* fault drop probability=0.1");
        let wanted = asked(&mut app);
        assert_eq!(wanted.body["device"], "");
        assert_eq!(wanted.body["arguments"], json!({"name": "drop", "probability": 0.1}));
        app.update(Msg::Operated(wanted.key, Err(Phrase::verbatim("no cloud"))), now);
        assert!(matches!(app.compose.ledger.rows().next().unwrap().outcome().unwrap().state, RequestState::Failed(_)));
    }

    #[test]
    fn a_line_that_cannot_be_meant_is_asked_for_again() {
        let mut app = demo(Lang::En);
        app.show(Tab::Compose);
        app.compose.operator.control = Some("http://127.0.0.1:1".to_owned());
        press(&mut app, &["P"]);
        typed(&mut app, "set Power");
        let Some(Overlay::Prompt { hint, .. }) = app.overlays().last() else { panic!("no question") };
        assert!(hint.render(Lang::En).contains("“Power” is one word too many"), "{hint:?}");
        assert!(app.compose.ledger.is_empty());
    }
}
