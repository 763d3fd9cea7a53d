//! `iotdbg model`: thing models fetched from the platform, learned from recorded traffic, or read from a file.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::base::lang::{Phrase, Text};
use crate::base::text::{group_digits, printable};
use crate::cli::exit::{EXPECTATION, Failure, Outcome, PROFILE, UNDECODABLE};
use crate::cli::output::Tone;
use crate::cli::play::OfCapture;
use crate::cli::{Context, codes, load, runner, texts};
use crate::dialect::{self, Dialect};
use crate::link;
use crate::model::describe::describe;
use crate::model::learn::{Learned, Learner};
use crate::model::thing::Param;
use crate::model::{Batch, ConnectionId, Notice, ThingModel};

/// Words of `iotdbg model`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  iotdbg model fetch -p lamp-app -o lamp.json          # from the platform\n  iotdbg model infer lamp.jsonl -o lamp.json            # from what was recorded\n  mosquitto_sub -v -t '#' | iotdbg model infer - --dialect onenet\n  iotdbg model show lamp.json --dialect onenet          # what is in it, or what is wrong with it"
)]
pub struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Fetch the model of a profile's product from the platform
    #[command(after_help = "Example:\n  iotdbg model fetch -p lamp-app -o lamp.json")]
    Fetch(FetchArgs),
    /// Learn a model from recorded messages
    #[command(
        after_help = "Examples:\n  iotdbg model infer lamp.jsonl -o lamp.json\n  mosquitto_sub -v -t '#' | iotdbg model infer - --dialect onenet"
    )]
    Infer(InferArgs),
    /// Read a model and list what is in it
    #[command(after_help = "Example:\n  iotdbg model show lamp.json --dialect onenet")]
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct FetchArgs {
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: String,
    #[command(flatten)]
    to: To,
}

#[derive(Debug, clap::Args)]
struct InferArgs {
    #[command(flatten)]
    of: OfCapture,
    /// The product, where several speak; the one that speaks most otherwise
    #[arg(long, value_name = "ID")]
    product: Option<String>,
    #[command(flatten)]
    to: To,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// The model file; without it, the model of the profile
    #[arg(value_name = "FILE", required_unless_present = "profile")]
    file: Option<PathBuf>,
    /// The platform whose format the file has
    #[arg(long, value_name = "D")]
    dialect: Option<String>,
    /// Profile: a name or a path
    #[arg(short, long, value_name = "NAME")]
    profile: Option<String>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Where a model goes.
#[derive(Debug, clap::Args)]
struct To {
    /// A new file for the model; standard output otherwise
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    force: bool,
}

/// Does what is asked.
pub fn run(context: &Context, args: &Args) -> Outcome {
    match &args.deed {
        Deed::Fetch(args) => fetch(context, args),
        Deed::Infer(args) => infer(context, args),
        Deed::Show(args) => show(context, args),
    }
}

fn fetch(context: &Context, args: &FetchArgs) -> Outcome {
    let profile = load::profile(context, &args.profile)?;
    runner::block_on(async {
        let work = link::model::fetch(profile.dialect, profile.role, profile.settings.clone());
        let text = work.await.map_err(|reason| Failure::new(EXPECTATION, reason))?;
        put(context, profile.dialect, &text, &args.to)
    })
}

fn infer(context: &Context, args: &InferArgs) -> Outcome {
    let mut file = args.of.open(context)?;
    let mut learners: HashMap<&'static str, Learner> = HashMap::new();
    let mut spoken: HashMap<ConnectionId, &'static dyn Dialect> = HashMap::new();
    loop {
        let mut batch = Batch::new(ConnectionId(1));
        let more = file.read_line(&mut batch);
        for notice in batch.notices() {
            if let Notice::Origin { connection, origin } = notice
                && let Some(dialect) = dialect::find(&origin.dialect)
            {
                spoken.insert(*connection, dialect);
            }
        }
        for message in batch.messages() {
            let Some(dialect) = spoken.get(&message.connection) else { continue };
            let learner = learners.entry(dialect.spec().name).or_default();
            dialect.observe(message.topic, message.payload).into_iter().for_each(|seen| learner.take(seen));
        }
        if !more {
            break;
        }
    }
    if let Some(fault) = file.fault_words() {
        if file.messages() == 0 {
            return Err(Failure::new(UNDECODABLE, fault));
        }
        context.out.say(Tone::Warn, &context.out.phrase(&fault));
    }
    let wanted = args.of.dialect.as_deref().map(codes::find_dialect).transpose()?;
    let mut best: Option<(&'static dyn Dialect, Learned)> = None;
    for dialect in dialect::REGISTRY.iter().copied() {
        let Some(learner) = learners.get(dialect.spec().name) else { continue };
        if wanted.is_some_and(|wanted| wanted.spec().name != dialect.spec().name) {
            continue;
        }
        if learner.nameless() > 0 {
            let words =
                NAMELESS.with(&[&group_digits(learner.nameless()), &dialect.spec().title.get(context.out.lang)]);
            context.out.say(Tone::Warn, &context.out.phrase(&words));
        }
        if learner.left_out() > 0 {
            let words = LEFT_OUT.with(&[&group_digits(learner.left_out())]);
            context.out.say(Tone::Warn, &context.out.phrase(&words));
        }
        for learned in learner.learned(dialect.habits()) {
            if args.product.as_ref().is_some_and(|product| *product != learned.product) {
                continue;
            }
            let more = best.as_ref().is_none_or(|(_, best)| learned.messages > best.messages);
            let other = if more { best.replace((dialect, learned)).map(|(_, old)| old) } else { Some(learned) };
            if let Some(other) = other.filter(|_| args.product.is_none()) {
                let words = ANOTHER.with(&[&printable(&other.product), &group_digits(other.messages)]);
                context.out.say(Tone::Dim, &context.out.phrase(&words));
            }
        }
    }
    let (dialect, learned) = best.ok_or_else(|| Failure::new(UNDECODABLE, NOTHING.with(&[&file.messages()])))?;
    let text = match &learned.definition {
        Some(text) => text.clone(),
        None => dialect.write_model(&learned.model).map_err(|reason| Failure::new(UNDECODABLE, reason))?,
    };
    let words = LEARNED.with(&[&printable(&learned.product), &group_digits(learned.messages)]);
    context.out.say(Tone::Plain, &context.out.phrase(&words));
    if learned.never_set {
        context.out.say(Tone::Warn, context.out.text(NEVER_SET));
    }
    put(context, dialect, &text, &args.to)
}

/// Writes a model where it goes, and says what is in it.
fn put(context: &Context, dialect: &dyn Dialect, text: &str, to: &To) -> Outcome {
    let read = dialect.read_model(text);
    match &to.output {
        Some(path) => {
            write(path, text, to.force)?;
            context.out.say(Tone::Good, &context.out.phrase(&WRITTEN.with(&[&path.display()])));
        }
        None => context.out.bytes(text.as_bytes())?,
    }
    match read {
        Ok(model) => {
            context.out.say(Tone::Plain, &context.out.phrase(&counted(&model)));
            Ok(())
        }
        // What the platform gave is kept all the same; what is wrong with it can be mended by hand.
        Err(fault) => {
            let place = format!("{}:{}", fault.line, fault.column);
            Err(Failure::new(PROFILE, UNREADABLE.around([Phrase::verbatim(place), fault.reason])))
        }
    }
}

fn write(path: &Path, text: &str, force: bool) -> Outcome {
    let failed = |error: std::io::Error| Failure::new(EXPECTATION, texts::UNWRITABLE.with(&[&path.display(), &error]));
    let mut file = if force { std::fs::File::create(path) } else { std::fs::File::create_new(path) }.map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// How much is in a model.
fn counted(model: &ThingModel) -> Phrase {
    COUNTED.with(&[&model.properties.len(), &model.events.len(), &model.services.len()])
}

fn show(context: &Context, args: &ShowArgs) -> Outcome {
    let profile = args.profile.as_deref().map(|name| load::unresolved(context, name)).transpose()?;
    let named = args.dialect.as_deref().map(codes::find_dialect).transpose()?;
    let model = match (&args.file, &profile) {
        (Some(path), profile) => {
            let dialect = named.or_else(|| profile.as_ref().map(|profile| profile.dialect));
            load::model(dialect.ok_or_else(|| Failure::usage(texts::MODEL_OF_WHAT))?, path)?
        }
        (None, Some(profile)) => {
            let own = load::model_of(profile, None)?;
            own.ok_or_else(|| Failure::new(PROFILE, NO_MODEL.with(&[&profile.name])))?
        }
        (None, None) => return Err(Failure::usage(texts::MODEL_OF_WHAT)),
    };
    for property in &model.properties {
        let mode = if property.writable { "rw" } else { "r" };
        let line = Line { of: "property", mode, name: &property.identifier, title: &property.name };
        line.print(context, &describe(&property.data_type), args.json)?;
    }
    for event in &model.events {
        let line = Line { of: "event", mode: &event.class, name: &event.identifier, title: &event.name };
        line.print(context, &listed(&event.outputs), args.json)?;
    }
    for service in &model.services {
        let mode = if service.synchronous { "sync" } else { "async" };
        let line = Line { of: "service", mode, name: &service.identifier, title: &service.name };
        let about = format!("{} → {}", listed(&service.inputs), listed(&service.outputs));
        line.print(context, &about, args.json)?;
    }
    context.out.say(Tone::Plain, &context.out.phrase(&counted(&model)));
    Ok(())
}

fn listed(params: &[Param]) -> String {
    let one = |param: &Param| format!("{}: {}", param.identifier, describe(&param.data_type));
    format!("({})", params.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// A part of a model, to be printed.
struct Line<'m> {
    of: &'static str,
    mode: &'m str,
    name: &'m str,
    title: &'m str,
}

impl Line<'_> {
    fn print(&self, context: &Context, about: &str, json: bool) -> Outcome {
        let out = &context.out;
        if json {
            let members = [("kind", self.of), ("identifier", self.name), ("name", self.title), ("mode", self.mode)];
            let mut object: Map<String, Value> =
                members.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
            object.insert("type".to_owned(), json!(about));
            return out.json(object);
        }
        let name = out.paint(Tone::Name, &format!("{:<24}", printable(self.name)));
        let head = format!("{:<9} {:<6} {name} {}", self.of, printable(self.mode), printable(about));
        out.line(&format!("{head}  {}", out.paint(Tone::Dim, &printable(self.title))))
    }
}

const WRITTEN: Text = Text::new("written: {}", "已写入 {}");
const COUNTED: Text = Text::new("{} properties, {} events, {} services", "{} 个属性，{} 个事件，{} 个服务");
const UNREADABLE: Text = Text::new("the model cannot be read: {}: {}", "物模型无法读取：{}：{}");
const NO_MODEL: Text = Text::new("the profile {} names no model", "配置 {} 没有指定物模型");
const LEARNED: Text = Text::new("product {}: learned from {} messages", "产品 {}：由 {} 条消息推断");
const ANOTHER: Text = Text::new(
    "another product spoke too: {} ({} messages); --product names one",
    "还有产品 {}（{} 条消息），可用 --product 指定",
);
const NEVER_SET: Text = Text::new(
    "no property was set in these messages: all of them are taken as writable",
    "这些消息中没有设置过属性，全部按可写处理",
);
const NOTHING: Text = Text::new(
    "{} messages, and none of them names a property, an event or a service",
    "共 {} 条消息，其中没有出现任何属性、事件或服务的名称",
);
const NAMELESS: Text = Text::new(
    "{} messages of {} carry values in binary, without the names of their data points: nothing can be learned of them. \
     Fetch the definition instead: iotdbg model fetch -p APP",
    "有 {} 条 {} 消息只以二进制携带取值，不含数据点名称，无法由此推断。请获取数据点定义：iotdbg model fetch -p APP",
);
const LEFT_OUT: Text = Text::new("{} names were left out: too many", "名称过多，{} 个未计入");
