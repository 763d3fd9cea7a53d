//! A thing model fetched from the platform: the calls of a login, then the question for the model — a call as well, or a
//! message of a connection of its own.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::lang::{Phrase, Text};
use crate::base::time;
use crate::dialect::{ConnectionSettings, Dialect, HttpCall, LoginFault, ModelSource};
use crate::link::{self, LinkConfig, http};
use crate::model::learn::Observation;
use crate::model::{Batch, ConnectionId, FieldFault, LinkState, Notice, RequestKey, Role, StageReport};
use crate::session::{Command, Reconnect, SessionConfig};

/// Calls that a login may take; more means that it goes in circles.
const MOST_CALLS: usize = 10;
/// How long connection and answer may take together.
const PATIENCE: Duration = Duration::from_secs(30);
/// The number of the connection of its own.
const OWN: ConnectionId = ConnectionId(1);

const NOT_OFFERED: Text = Text::new(
    "{} does not give the thing model to this role: export it from the console, or learn it from traffic \
     (iotdbg model infer)",
    "{} 不向此角色提供物模型：请从控制台导出，或由流量推断（iotdbg model infer）",
);
const REFUSED: Text = Text::new("{}: {}", "{}：{}");
const FIELD: Text = Text::new("{} {}", "{} {}");
const CIRCLES: Text = Text::new("the login does not come to an end", "登录流程没有结束");
const NO_ANSWER: Text = Text::new("no answer on {} within {} s", "{} 在 {} 秒内没有应答");
const NO_MODEL: Text = Text::new("the answer on {} holds no thing model: {}", "{} 的应答中没有物模型：{}");

/// Fetches the model file of what these settings name.
///
/// # Errors
///
/// Where the platform gives none, refuses, or cannot be reached.
pub async fn fetch(
    dialect: &'static dyn Dialect,
    role: Role,
    mut settings: ConnectionSettings,
) -> Result<String, Phrase> {
    // What is not offered needs no login.
    if let Ok(None) = dialect.model_source(role, &settings) {
        return Err(NOT_OFFERED.around([dialect.spec().title.into()]));
    }
    log_in(dialect, role, &mut settings).await?;
    match dialect.model_source(role, &settings).map_err(field)? {
        Some(ModelSource::Call(call)) => {
            let answer = called(&call, &settings).await?;
            dialect.fetched_model(&call, &answer).map_err(|fault| refused(&call, fault))
        }
        Some(ModelSource::Message { topic, payload, reply }) => {
            ask(dialect, role, settings, topic, payload, reply).await
        }
        None => Err(NOT_OFFERED.around([dialect.spec().title.into()])),
    }
}

/// Makes the calls of a login, and puts what they bring into the settings.
///
/// # Errors
///
/// Where the platform refuses, or cannot be reached.
pub async fn log_in(
    dialect: &'static dyn Dialect,
    role: Role,
    settings: &mut ConnectionSettings,
) -> Result<(), Phrase> {
    let seed = time::now().as_micros();
    for _ in 0..MOST_CALLS {
        let Some(call) = dialect.login(role, settings, time::now(), seed).map_err(field)? else { return Ok(()) };
        let answer = called(&call, settings).await?;
        dialect.logged_in(role, settings, &call, &answer).map_err(|fault| refused(&call, fault))?;
    }
    Err(CIRCLES.into())
}

fn field(fault: FieldFault) -> Phrase {
    FIELD.around([Phrase::verbatim(fault.field), fault.reason])
}

async fn called(call: &HttpCall, settings: &ConnectionSettings) -> Result<crate::dialect::HttpAnswer, Phrase> {
    let told = |reason| REFUSED.around([Phrase::verbatim(call.topic()), reason]);
    http::call(call, &settings.tls).await.map_err(|fault| told(fault.reason))
}

fn refused(call: &HttpCall, fault: LoginFault) -> Phrase {
    REFUSED.around([Phrase::verbatim(call.topic()), fault.reason])
}

/// Asks over a connection of its own, which ends with the answer.
async fn ask(
    dialect: &'static dyn Dialect,
    role: Role,
    settings: ConnectionSettings,
    topic: String,
    payload: Vec<u8>,
    reply: String,
) -> Result<String, Phrase> {
    let seed = time::now().as_micros();
    let session =
        SessionConfig { dialect, role, settings, model: None, reconnect: Reconnect::Never, thing: None, seed };
    let (sender, mut mailbox) = mpsc::channel(1);
    let link = link::spawn(LinkConfig { id: OWN, session, trace: None, packets: false }, sender);
    link.command(Command::Connect);
    link.command(Command::Subscribe { filter: reply.clone(), qos: 0 });
    link.command(Command::Publish { key: RequestKey(1), topic, payload, qos: 0, retain: false });
    let heard = async {
        let mut failed = None;
        while let Some(batch) = mailbox.recv().await {
            if let Some(found) = answer(dialect, &batch, &reply) {
                return found;
            }
            for notice in batch.notices() {
                match notice {
                    Notice::Stage { report, .. } if !report.ok => failed = Some(stage(report)),
                    Notice::State { state: LinkState::Refused(reason), .. } => return Err(reason.clone()),
                    Notice::State { state: LinkState::Closed, .. } if failed.is_some() => break,
                    _ => {}
                }
            }
        }
        Err(failed.unwrap_or_else(|| NO_ANSWER.with(&[&reply, &0])))
    };
    let silent = || Err(NO_ANSWER.with(&[&reply, &PATIENCE.as_secs()]));
    let found = tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| silent());
    link.finish().await;
    found
}

fn stage(report: &StageReport) -> Phrase {
    REFUSED.around([report.stage.title().into(), report.detail.clone()])
}

/// The model in the answer, once there is one.
fn answer(dialect: &dyn Dialect, batch: &Batch, reply: &str) -> Option<Result<String, Phrase>> {
    let message = batch.messages().find(|message| message.topic == reply)?;
    let definition = dialect.observe(message.topic, message.payload).into_iter().find_map(|seen| match seen.what {
        Observation::Definition(text) => Some(text),
        _ => None,
    });
    let head =
        || crate::base::text::printable_bytes(message.payload.get(..200).unwrap_or(message.payload)).into_owned();
    Some(definition.ok_or_else(|| NO_MODEL.with(&[&reply, &head()])))
}
