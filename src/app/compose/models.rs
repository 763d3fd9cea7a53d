//! The thing model of a connection: fetched from the platform, learned from its traffic, opened from a file, saved to one.
//!
//! Whatever its origin, it holds at once: for the forms, for the session's own checks, for the profile while this runs. A
//! simulated device keeps the model it was made with until it is connected again.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::compose::Fields;
use crate::app::edit::TextEdit;
use crate::app::effect::{Effect, FileFor};
use crate::app::overlay::{Asked, Overlay, Palette};
use crate::app::{App, Connection};
use crate::base::lang::{Phrase, Text};
use crate::base::text::{group_digits, printable};
use crate::dialect::ModelSource;
use crate::model::learn::{Learner, Observation};
use crate::model::{Batch, ConnectionId, Role, Severity, ThingModel};
use crate::session::Command;

/// Messages that are looked at, the newest.
const MOST_MESSAGES: usize = 20_000;

/// What is under way.
#[derive(Debug, Default)]
pub struct Models {
    /// The connection that asked for its model, and the topic on which the answer comes.
    awaited: Option<(ConnectionId, String)>,
}

/// The platform gives the model to the role of the connection.
pub fn can_fetch(app: &App) -> Result<(), Text> {
    let connection = app.compose_connection().ok_or(super::texts::NO_CONNECTION)?;
    if connection.captured {
        return Err(ONLY_RECORDED);
    }
    match connection.dialect.model_source(connection.role, &connection.settings) {
        Ok(None) => Err(NOT_OFFERED),
        Ok(Some(ModelSource::Message { .. })) if !connection.is_online() => Err(OFFLINE),
        // What is missing so far a login may bring.
        Ok(Some(_)) | Err(_) => Ok(()),
    }
}

impl App {
    /// Runs an action about thing models; says whether it was one.
    pub(super) fn model_action(&mut self, action: Action) -> bool {
        let Some(id) = self.compose_connection().map(|connection| connection.id) else { return false };
        match action {
            Action::ThingModel => {
                let palette = Palette::narrowed(self, MODEL_WORDS.get(self.lang));
                self.open_overlay(Overlay::Palette(palette));
            }
            Action::FetchModel => self.fetch_model(id),
            Action::LearnModel => self.learn_model(id),
            Action::OpenModel => self.open_overlay(Overlay::Prompt {
                title: OPEN_MODEL.into(),
                hint: OPEN_HINT.into(),
                edit: TextEdit::single(""),
                about: Asked::ReadFile(FileFor::Model(id)),
            }),
            Action::SaveModel => self.save_model(id),
            _ => return false,
        }
        true
    }

    fn fetch_model(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(id) else { return };
        if let Ok(Some(ModelSource::Message { topic, payload, reply })) =
            connection.dialect.model_source(connection.role, &connection.settings)
        {
            self.compose.models.awaited = Some((id, reply.clone()));
            self.effect(Effect::Command(id, Command::Subscribe { filter: reply, qos: 0 }));
            self.send_message(id, topic, payload, 0, false);
        } else if let Some(known) = self.connections.profiles().get(connection.profile) {
            let profile = Box::new(known.profile.clone());
            self.effect(Effect::FetchModel { id, profile });
        }
        self.tell(Severity::Info, FETCHING);
    }

    /// A model was fetched, or not.
    pub(in crate::app) fn model_fetched(&mut self, id: ConnectionId, fetched: Result<String, Phrase>) {
        match fetched {
            Ok(text) => self.take_model_text(id, text, None),
            Err(reason) => self.tell(Severity::Error, NOT_FETCHED.around([reason])),
        }
    }

    /// Looks for an awaited model among messages.
    pub(in crate::app) fn hear_model(&mut self, batch: &Batch) {
        let Some((id, reply)) = self.compose.models.awaited.clone().filter(|(id, _)| *id == batch.connection()) else {
            return;
        };
        let Some(message) = batch.messages().find(|message| message.topic == reply) else { return };
        let Some(dialect) = self.connections.get(id).map(|connection| connection.dialect) else { return };
        self.compose.models.awaited = None;
        let seen = dialect.observe(message.topic, message.payload).into_iter();
        let text = seen.map(|seen| seen.what).find_map(|what| match what {
            Observation::Definition(text) => Some(text),
            _ => None,
        });
        match text {
            Some(text) => self.take_model_text(id, text, None),
            None => self.tell(Severity::Error, NO_MODEL_THERE),
        }
    }

    fn learn_model(&mut self, id: ConnectionId) {
        let Some(dialect) = self.connections.get(id).map(|connection| connection.dialect) else { return };
        let mut learner = Learner::default();
        let newest = self.store.entries(self.store.kept()).rev().map(|entry| entry.message);
        let own: Vec<_> = newest.filter(|message| message.connection == id).take(MOST_MESSAGES).collect();
        for message in own.iter().rev() {
            dialect.observe(message.topic, message.payload).into_iter().for_each(|seen| learner.take(seen));
        }
        let learned = learner.learned(dialect.habits()).into_iter().next();
        let Some(learned) = learned else {
            let words = if learner.nameless() > 0 {
                NAMELESS.with(&[&group_digits(learner.nameless())])
            } else {
                NOTHING.into()
            };
            return self.tell(Severity::Warning, words);
        };
        let text = match &learned.definition {
            Some(text) => Ok(text.clone()),
            None => dialect.write_model(&learned.model),
        };
        match text {
            Ok(text) => self.take_model_text(id, text, Some(learned.never_set)),
            Err(reason) => self.tell(Severity::Warning, reason),
        }
    }

    /// A file was read.
    pub(in crate::app) fn model_file_read(&mut self, id: ConnectionId, path: &str, read: Result<Vec<u8>, Phrase>) {
        let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| NOT_TEXT.with(&[&path])));
        match text {
            Ok(text) => match self.use_model_text(id, &text, path) {
                Ok(words) => self.tell(Severity::Info, words),
                Err(reason) => self.tell(Severity::Error, reason),
            },
            Err(reason) => self.tell(Severity::Error, reason),
        }
    }

    /// Takes a model that has no file yet, and asks for one.
    fn take_model_text(&mut self, id: ConnectionId, text: String, learned: Option<bool>) {
        match self.use_model_text(id, &text, "") {
            Ok(words) => {
                self.tell(Severity::Info, words);
                let hint = match learned {
                    Some(true) => SAVE_NEVER_SET,
                    Some(false) => SAVE_LEARNED,
                    None => SAVE_HINT,
                };
                self.ask_for_model_file(id, text, hint);
            }
            Err(reason) => self.tell(Severity::Error, reason),
        }
    }

    fn ask_for_model_file(&mut self, id: ConnectionId, text: String, hint: Text) {
        let name = self.connections.get(id).map(|connection| connection.name.clone()).unwrap_or_default();
        let name: String =
            name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
        self.open_overlay(Overlay::Prompt {
            title: SAVE_AS.into(),
            hint: hint.into(),
            edit: TextEdit::single(&format!("{name}-model.json")),
            about: Asked::ModelFile(text),
        });
    }

    fn save_model(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get(id) else { return };
        match connection.dialect.write_model(&connection.model) {
            Ok(text) => self.ask_for_model_file(id, text, SAVE_HINT),
            Err(reason) => self.tell(Severity::Warning, reason),
        }
    }

    /// Writes a model into a file.
    pub(in crate::app) fn model_into(&mut self, name: &str, text: &str) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(SAVE_HINT.into());
        }
        self.effect(Effect::SaveFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() });
        Ok(())
    }

    /// Reads a model and lets the connection use it; says what is in it.
    fn use_model_text(&mut self, id: ConnectionId, text: &str, path: &str) -> Result<Phrase, Phrase> {
        let connection = self.connections.get(id).ok_or_else(|| Phrase::from(super::texts::GONE_CONNECTION))?;
        let model = connection.dialect.read_model(text).map_err(|fault| {
            let place = [path.to_owned(), fault.line.to_string(), fault.column.to_string()].map(Phrase::verbatim);
            BAD_MODEL.around(place.into_iter().chain([fault.reason]))
        })?;
        let words = USED.with(&[
            &printable(&connection.name),
            &model.properties.len(),
            &model.events.len(),
            &model.services.len(),
        ]);
        let words = if is_simulated(connection) { USED_NEXT.around([words]) } else { words };
        self.use_model(id, model);
        Ok(words)
    }

    fn use_model(&mut self, id: ConnectionId, model: ThingModel) {
        self.connections.set_model(id, &model);
        // Values composed for other types do not fit.
        self.compose.fields = Fields::default();
        self.compose.name = 0;
        self.stream.inspector.forget();
        self.effect(Effect::Command(id, Command::Model(Arc::new(model))));
        self.settle_form();
    }
}

/// Whether a simulated device stands behind the connection.
fn is_simulated(connection: &Connection) -> bool {
    connection.role == Role::Device && !connection.captured
}

const MODEL_WORDS: Text = Text::new("thing model ", "物模型 ");
const OPEN_MODEL: Text = Text::new("Open a thing model", "打开物模型");
const OPEN_HINT: Text = Text::new("a file as the platform's console exports it", "平台控制台导出的文件");
const SAVE_AS: Text = Text::new("Save the thing model as", "保存物模型为");
const SAVE_HINT: Text = Text::new(
    "the forms use it already; esc keeps it for this run only. A profile names the file: model = \"…\"",
    "表单已在使用；按 esc 则只在本次运行有效。可在配置中写 model = \"…\" 指定文件",
);
const SAVE_LEARNED: Text = Text::new(
    "learned from what was seen, the forms use it already: names, limits and enums are guesses; esc keeps it for this run only",
    "由流量推断，表单已在使用；名称、范围、枚举均为猜测；按 esc 则只在本次运行有效",
);
const SAVE_NEVER_SET: Text = Text::new(
    "learned from what was seen, the forms use it already. Nothing was set so far, so everything is taken as writable; esc keeps it for this run only",
    "由流量推断，表单已在使用。尚未见到设置，全部按可写处理；按 esc 则只在本次运行有效",
);
const FETCHING: Text = Text::new("asking the platform for the thing model …", "正在向平台获取物模型……");
const NOT_FETCHED: Text = Text::new("the thing model was not fetched: {}", "未能获取物模型：{}");
const NOT_OFFERED: Text = Text::new(
    "this platform does not give it to this role: export it from the console, or learn it from traffic",
    "平台不向此角色提供：请从控制台导出，或由流量推断",
);
const ONLY_RECORDED: Text = Text::new("this connection is only recorded", "这是录制的连接");
const OFFLINE: Text = Text::new("connect first: the model comes over the connection", "请先连接：物模型经此连接获取");
const NO_MODEL_THERE: Text = Text::new("the platform's answer holds no thing model", "平台的应答中没有物模型");
const NAMELESS: Text = Text::new(
    "{} messages carry values without the names of their data points: nothing can be learned of them. Fetch the definition",
    "{} 条消息只有取值、没有数据点名称，无法推断。请获取数据点定义",
);
const NOTHING: Text = Text::new(
    "no message of this connection names a property, an event or a service yet",
    "此连接的消息中还没有出现属性、事件或服务的名称",
);
const NOT_TEXT: Text = Text::new("{} is no text", "{} 不是文本文件");
const BAD_MODEL: Text = Text::new("{}:{}:{}: {}", "{}:{}:{}：{}");
const USED: Text = Text::new(
    "thing model of {}: {} properties, {} events, {} services",
    "{} 的物模型：{} 个属性，{} 个事件，{} 个服务",
);
const USED_NEXT: Text =
    Text::new("{}; connect again to let the simulated device follow it", "{}；重新连接后模拟设备也按它运行");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::{demo, press};
    use crate::app::{Msg, Tab};
    use crate::base::lang::Lang;
    use crate::model::batch::Envelope;
    use crate::model::{Direction, Meta};

    fn heard(app: &mut App, id: u16, topic: &str, payload: &str) {
        let mut batch = Batch::new(ConnectionId(id));
        let (at, meta) = (app.now(), Meta::default());
        let envelope = Envelope { at, direction: Direction::In, qos: 0, retain: false, dup: false, meta };
        batch.push(envelope, topic, payload.as_bytes());
        app.update(Msg::Batch(batch), at);
    }

    fn compose() -> App {
        let mut app = demo(Lang::En);
        app.show(Tab::Compose);
        app.effects();
        app
    }

    #[test]
    fn a_model_is_learned_from_traffic_gives_forms_at_once_and_can_be_saved() {
        let mut app = compose();
        for (power, speed) in [(true, 3), (false, 7)] {
            let body = format!(
                r#"{{"productId":"p1","deviceName":"fan","messageType":"notify","notifyType":"property",
                "data":{{"id":"1","params":{{"On":{{"value":{power},"time":1}},"Speed":{{"value":{speed},"time":1}}}}}}}}"#
            );
            heard(&mut app, 1, "$sys/p1/fan/thing/property", &body);
        }
        app.run(Action::LearnModel);
        let names: Vec<String> = app.compose_rows().iter().map(|row| format!("{row:?}")).collect();
        assert!(names.iter().any(|row| row.contains("\"Speed\"")), "{names:?}");
        assert!(!names.iter().any(|row| row.contains("\"temperature\"")), "the old model is gone: {names:?}");
        let effects = app.effects();
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Command(_, Command::Model(_)))));
        let Some(Overlay::Prompt { hint, .. }) = app.overlays().last() else { panic!("nothing asked") };
        assert!(hint.render(Lang::En).contains("Nothing was set so far"), "{hint:?}");
        press(&mut app, &["enter"]);
        let saved = app.effects().into_iter().find_map(|effect| match effect {
            Effect::SaveFile { name, bytes } => Some((name, bytes)),
            _ => None,
        });
        let (name, bytes) = saved.unwrap();
        assert_eq!(name, "lamp-app-model.json");
        let dialect = app.compose_connection().unwrap().dialect;
        let model = dialect.read_model(std::str::from_utf8(&bytes).unwrap()).unwrap();
        assert_eq!(model.properties.len(), 2);
    }

    #[test]
    fn what_cannot_be_learned_or_fetched_is_told_with_the_reason() {
        let mut app = compose();
        app.run(Action::LearnModel);
        assert!(app.toast().unwrap().text.render(Lang::En).contains("names a property"));
        assert_eq!(can_fetch(&app), Err(NOT_OFFERED), "OneNET gives none to apps");
        app.update(Msg::ModelFetched(ConnectionId(1), Err(Phrase::verbatim("9002"))), app.now());
        assert!(app.toast().unwrap().text.render(Lang::En).contains("9002"));
        let broken = br#"{"properties":[{"identifier":"a","dataType":{"type":"boool"}}]}"#.to_vec();
        app.model_file_read(ConnectionId(1), "lamp.json", Ok(broken));
        let words = app.toast().unwrap().text.render(Lang::En);
        assert!(words.starts_with("lamp.json:1:") && words.contains("boool"), "{words}");
    }

    #[test]
    fn a_fetched_model_is_used_and_a_device_is_told_to_connect_again() {
        let mut app = compose();
        let text = app.compose_connection().unwrap().dialect.write_model(&ThingModel {
            properties: vec![crate::model::thing::Property {
                identifier: "only".to_owned(),
                name: String::new(),
                writable: true,
                data_type: crate::model::thing::DataType::Date,
            }],
            ..ThingModel::default()
        });
        app.update(Msg::ModelFetched(ConnectionId(2), Ok(text.unwrap())), app.now());
        assert!(app.toast().unwrap().text.render(Lang::En).contains("connect again"));
        let device = app.connections.get(ConnectionId(2)).unwrap();
        assert!(device.stale && device.model.properties.len() == 1);
        assert!(app.connections.profiles()[device.profile].own_model);
    }
}
