//! `iotdbg operate`: what a person would do at the console of a simulated cloud, by way of its control address.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::text::{duration_short, printable};
use crate::cli::exit::{EXPECTATION, Failure, Outcome, PEER_ERROR, TIMEOUT};
use crate::cli::output::Tone;
use crate::cli::{Context, texts};
use crate::model::{RequestState, Stage};
use crate::sim::words;

const UNREACHABLE: Text = Text::new("no simulated cloud at {}: {}", "{} 没有模拟云：{}");
const NO_CLOUD: Text = Text::new(
    "which simulated cloud? --cloud URL, or IOTDBG_CLOUD",
    "未指明模拟云：请用 --cloud URL 或环境变量 IOTDBG_CLOUD",
);
const UNREACHABLE_ADVICE: Text = Text::new(
    "take the address from the first line of `iotdbg cloud` (“control”)",
    "地址见 `iotdbg cloud` 输出的第一行（control）",
);
const UNREADABLE: Text = Text::new("{} does not answer like a simulated cloud: {}", "{} 的应答不像模拟云：{}");
const SPARE_WORD: Text =
    Text::new("“{}” is one word too many; values look like KEY=VALUE", "多余的“{}”；取值写成 KEY=VALUE");
const OUTCOME: Text = Text::new("{}: {}", "{}：{}");

/// Longer than the simulated cloud itself waits.
const PATIENCE: Duration = Duration::from_secs(70);

/// Words of `iotdbg operate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    iotdbg operate --cloud http://127.0.0.1:8080 --as onenet set --device pid/lamp Power=true\n  \
    iotdbg operate --cloud http://127.0.0.1:8080 get --device pid/lamp Power Brightness\n  \
    iotdbg operate --cloud http://127.0.0.1:8080 kick --device pid/lamp\n  \
    iotdbg operate --cloud http://127.0.0.1:8080 fault delay time=2s..6s direction=down --device pid/lamp\n  \
    iotdbg operate --cloud http://127.0.0.1:8080 fault clear\n\n\
    Faults: delay (time=2s or time=1s..3s), drop, duplicate, reorder, code (code=500), token, list, clear; each but the last two \
    with direction=down|up, topic=FILTER, probability=0.1, times=3 where wanted")]
pub struct Args {
    /// The control address of the simulated cloud: the first line of `iotdbg cloud` names it
    #[arg(long, value_name = "URL", env = "IOTDBG_CLOUD")]
    cloud: Option<String>,
    /// The platform; may be left out where the simulated cloud has only one
    #[arg(long = "as", value_name = "DIALECT", default_value = "")]
    dialect: String,
    /// The device as the platform names it, for example product/name
    #[arg(long, value_name = "DEVICE", default_value = "")]
    device: String,
    /// Print the request as one JSON object
    #[arg(long)]
    json: bool,
    /// set, get, invoke, desired, ota, raw, kick, disable, enable, fault
    #[arg(value_name = "OPERATION")]
    operation: String,
    /// KEY=VALUE (a JSON value, or else text); names for `get`, `invoke` and `fault`
    #[arg(value_name = "ARGUMENT")]
    arguments: Vec<String>,
}

/// Asks, waits, reports.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let cloud = args.cloud.as_deref().ok_or_else(|| Failure::usage(NO_CLOUD).with_advice(Some(UNREACHABLE_ADVICE)))?;
    let arguments =
        words::arguments(&args.operation, &args.arguments).map_err(|word| Failure::usage(SPARE_WORD.with(&[&word])))?;
    let body = json!({
        "dialect": args.dialect,
        "device": args.device,
        "operation": args.operation,
        "arguments": arguments,
    });
    let (status, object) = ask(cloud, &body)?;
    if let Some(error) = object.get("error").and_then(Value::as_str) {
        let words = Phrase::verbatim(error);
        return Err(match status {
            400..=499 => Failure::usage(words),
            504 => Failure::new(TIMEOUT, words),
            _ => Failure::new(EXPECTATION, words),
        });
    }
    let outcome = object.get("outcome").and_then(Value::as_str).unwrap_or_default().to_owned();
    if args.json {
        context.out.line(&object.to_string())?;
    } else {
        context.out.line(&in_words(context, args, &object, &outcome))?;
    }
    match outcome.as_str() {
        "replied" | "observed" => Ok(()),
        "refused" => Err(Failure::silent(PEER_ERROR)),
        "timeout" => Err(Failure::silent(TIMEOUT)),
        _ => Err(Failure::silent(EXPECTATION)),
    }
}

fn ask(cloud: &str, body: &Value) -> Result<(u16, Value), Failure> {
    let unreachable = |fault: ureq::Error| {
        Failure::new(Stage::Tcp.exit_code(), UNREACHABLE.with(&[&cloud, &fault])).with_advice(Some(UNREACHABLE_ADVICE))
    };
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
    let url = format!("{}/operate", cloud.trim_end_matches('/'));
    let mut response = ureq::Agent::new_with_config(config).post(&url).send_json(body).map_err(unreachable)?;
    let status = response.status().as_u16();
    let object: Value = response
        .body_mut()
        .read_json()
        .map_err(|fault| Failure::new(EXPECTATION, UNREADABLE.with(&[&cloud, &fault])))?;
    Ok((status, object))
}

/// `set p1/lamp: replied 200 success (34 ms)`
fn in_words(context: &Context, args: &Args, object: &Value, outcome: &str) -> String {
    let tone = if matches!(outcome, "replied" | "observed") { Tone::Good } else { Tone::Bad };
    let states = [
        RequestState::Replied { code: None, message: None },
        RequestState::Refused { code: None, message: None },
        RequestState::TimedOut { code: None, message: None },
        RequestState::Observed,
        RequestState::LinkLost,
    ];
    let title = states.iter().find(|state| state.name() == outcome).map(|state| context.out.text(texts::state(state)));
    let mut result = context.out.paint(tone, &printable(title.unwrap_or(outcome)));
    for name in ["code", "message"] {
        if let Some(text) = object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            result.push(' ');
            result.push_str(&printable(text));
        }
    }
    if let Some(millis) = object.get("latency_ms").and_then(Value::as_f64)
        && let Ok(latency) = Duration::try_from_secs_f64(millis / 1_000.0)
    {
        result.push_str(&format!(" ({})", duration_short(latency)));
    }
    let what = format!("{} {}", args.operation, args.device);
    OUTCOME.fill(context.out.lang, &[&printable(what.trim_end()), &result])
}
