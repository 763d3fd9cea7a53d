//! `iotdbg check`: is this login right, and if not, what was done wrong.

use std::io::Read as _;

use clap::{Arg, ArgMatches};
use serde_json::{Value, json};

use crate::base::lang::{Lang, Text};
use crate::base::secret::Secret;
use crate::base::text::{printable, width};
use crate::base::time;
use crate::cli::exit::{EXPECTATION, Failure, Outcome};
use crate::cli::fields::Which;
use crate::cli::output::Tone;
use crate::cli::sign::{self, Asked};
use crate::cli::{Context, fields, load, texts};
use crate::dialect::check::{self, differing, harvest};
use crate::dialect::{self, Checked, Dialect, FieldSpec, Finding, Given, REGISTRY};
use crate::model::{Role, Severity};

/// Words of `iotdbg check`.
pub struct Args {
    profile: Option<String>,
    json: bool,
    asked: Option<Asked>,
    given: Given,
    input: Option<String>,
}

/// What the command of one platform does.
pub const ABOUT: Text = Text::new("Check a login of {}", "{}：校验登录信息");

impl std::fmt::Debug for Args {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Args").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What was given to the connection; fields of these names mean something else here.
const PARTS: [(&str, &str, &str); 5] = [
    ("client_id", "client-id", "MQTT client id that was used"),
    ("username", "username", "MQTT user name that was used"),
    ("password", "password", "MQTT password that was used"),
    ("url", "url", "URL that was used"),
    (
        "input",
        "input",
        "A token, URL, CONNECT packet in hex, or code or AT snippet: the text, @FILE, or - for standard input",
    ),
];

/// The fields of a dialect that are flags here.
fn flags(dialect: &dyn Dialect) -> Vec<&'static FieldSpec> {
    let part = |field: &&'static FieldSpec| PARTS.iter().all(|(name, ..)| *name != field.name);
    fields::of(dialect, Which::Identity).into_iter().filter(part).collect()
}

impl clap::Args for Args {
    fn augment_args(command: clap::Command) -> clap::Command {
        let mut command = command
            .arg(
                Arg::new("profile")
                    .short('p')
                    .long("profile")
                    .value_name("NAME")
                    .global(true)
                    .help("Take the secret and the other fields from a profile"),
            )
            .arg(fields::json_flag())
            .after_help(
                "Examples:\n  iotdbg check aliyun device --client-id '12345|securemode=3,signmethod=hmacsha1,timestamp=789|' \\\n    \
                 --username 'device&pk' --password FAFD82A3D602B37FB0FA8B7892F24A477F851A14 --device-secret secret\n  \
                 iotdbg check onenet --input @main.c --access-key KEY\n  \
                 iotdbg check -p lamp --input 'version=2018-10-31&res=…&et=…&method=sha1&sign=…'",
            );
        for (name, flag, help) in PARTS {
            command = command
                .arg(Arg::new(name).long(flag).value_name("TEXT").global(true).help(help).allow_hyphen_values(true));
        }
        REGISTRY.iter().fold(command, |command, dialect| {
            let spec = dialect.spec();
            let subcommand = clap::Command::new(spec.name)
                .aliases(spec.aliases)
                .about(ABOUT.fill(Lang::En, &[&spec.title.get(Lang::En)]))
                .arg(Arg::new("role").value_name("ROLE").value_parser(sign::role_names(spec)).help("Whose login"))
                .after_help(format!("Example:\n  iotdbg check {} -p my-profile --input @main.c", spec.name));
            command.subcommand(fields::add(subcommand, &flags(*dialect)))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Args {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let asked = matches.subcommand().and_then(|(name, inner)| {
            let dialect = dialect::find(name)?;
            Some(Asked::new(dialect, inner, fields::read(inner, &flags(dialect))))
        });
        let part = |name: &str| matches.get_one::<String>(name).cloned();
        let given = Given {
            client_id: part("client_id"),
            username: part("username"),
            password: part("password").map(Secret::new),
            url: part("url").map(Secret::new),
            ..Given::default()
        };
        let profile = matches.get_one::<String>("profile").cloned();
        Ok(Args { profile, json: matches.get_flag("json"), asked, given, input: part("input") })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Checks a login and says what is wrong with it.
pub fn run(context: &Context, args: Args) -> Outcome {
    let Args { profile, json, asked, mut given, input } = args;
    let loaded = profile.map(|name| load::profile(context, &name)).transpose()?;
    let text = input.as_deref().map(read).transpose()?;
    let named = asked.as_ref().map(|asked| asked.dialect).or(loaded.as_ref().map(|loaded| loaded.dialect));
    // What was pasted may tell by itself which platform it is of.
    let guess = || check::guess(&given, text.as_deref().unwrap_or_default());
    let by_name = named.is_some();
    let Some(dialect) = named.or_else(guess) else {
        let names: Vec<&str> = REGISTRY.iter().map(|dialect| dialect.spec().name).collect();
        return Err(Failure::usage(texts::SIGN_WHAT.with(&[&names.join(", ")])));
    };
    let mut role = asked.as_ref().and_then(|asked| asked.role);
    if let Some(asked) = asked {
        given.fields = asked.fields;
    }
    if let Some(text) = text {
        harvest::harvest(&mut given, dialect.spec(), &text);
    }
    if let Some(loaded) = loaded {
        if loaded.dialect.spec().name != dialect.spec().name {
            let names = [loaded.dialect.spec().name, dialect.spec().name];
            return Err(Failure::usage(texts::OTHER_DIALECT.with(&[&names[0], &names[1]])));
        }
        role = role.or(Some(loaded.role));
        for name in loaded.settings.identity.names().filter(|name| PARTS.iter().all(|(part, ..)| part != name)) {
            if given.fields.get(name).is_none() {
                given.fields.set(name, loaded.settings.identity.get(name).unwrap_or_default());
            }
        }
        if given.server.is_none() {
            given.server.clone_from(&loaded.settings.server);
        }
        if given.is_empty() {
            // The login that the profile itself would make.
            let plan = dialect
                .plan(loaded.role, &loaded.settings, time::now(), 0)
                .map_err(|fault| load::fault(context, &loaded.locate(&fault)))?;
            given.client_id = Some(plan.client_id);
            given.username = Some(plan.username);
            given.password = Some(plan.password);
            given.headers = plan.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        }
    }
    if given.is_empty() && given.fields.get("token").is_none() {
        return Err(Failure::usage(texts::CHECK_WHAT));
    }
    let checked = dialect.check(role, &given, time::now());
    let foreign = check::foreign(dialect, &given).map(|other| {
        let title = other.spec().title.get(context.out.lang);
        Finding::error(
            "other_platform",
            texts::OTHER_PLATFORM.with(&[&title, &dialect.spec().title.get(context.out.lang)]),
            texts::OTHER_PLATFORM_FIX.with(&[&other.spec().name]),
        )
    });
    let checked = match (checked, foreign) {
        (Ok(mut checked), Some(finding)) => {
            if !checked.is_right() {
                checked.findings.insert(0, finding);
            }
            checked
        }
        (Err(_), Some(finding)) => Checked::new(role.unwrap_or(Role::Device), given, vec![finding], None),
        (Ok(checked), None) => checked,
        (Err(fault), None) => {
            let spec = dialect.spec();
            let advice =
                texts::CHECK_AS.with(&[&spec.name, &fields::flag(&fault.field), &spec.title.get(context.out.lang)]);
            return Err(fields::fault(&fault).with_advice((!by_name).then_some(advice)));
        }
    };
    if json {
        context.out.json(object(context, dialect, &checked))?;
    } else {
        print(context, dialect, &checked)?;
    }
    if checked.is_right() { Ok(()) } else { Err(Failure::silent(EXPECTATION)) }
}

/// The text itself, a file's, or that of standard input.
fn read(text: &str) -> Result<String, Failure> {
    let lossy = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if text == "-" {
        let mut bytes = Vec::new();
        let fault = |error| Failure::usage(texts::UNREADABLE.with(&[&"-", &error]));
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(fault)?;
        return Ok(lossy(bytes));
    }
    match text.strip_prefix('@') {
        Some(path) => {
            std::fs::read(path).map(lossy).map_err(|error| Failure::usage(texts::UNREADABLE.with(&[&path, &error])))
        }
        None => Ok(text.to_owned()),
    }
}

fn object(context: &Context, dialect: &dyn Dialect, checked: &Checked) -> serde_json::Map<String, Value> {
    let mut members = serde_json::Map::new();
    members.insert("ok".to_owned(), json!(checked.is_right()));
    members.insert("dialect".to_owned(), json!(dialect.spec().name));
    members.insert("role".to_owned(), json!(checked.role.name()));
    members.insert(
        "findings".to_owned(),
        checked.findings.iter().map(|finding| finding_object(context, finding)).collect(),
    );
    if let Some(expected) = &checked.expected {
        members.insert("expected".to_owned(), Value::Object(sign::object(dialect, checked.role, expected)));
    }
    members
}

/// A finding as `INTERFACE.md` has it.
pub fn finding_object(context: &Context, finding: &Finding) -> Value {
    json!({
        "code": finding.code,
        "severity": finding.severity.name(),
        "certain": finding.certain,
        "message": context.out.phrase(&finding.message),
        "fix": context.out.phrase(&finding.fix),
    })
}

/// A finding as lines for a person.
pub fn finding_lines(context: &Context, finding: &Finding) -> [String; 2] {
    let out = &context.out;
    let (tone, mark) = match finding.severity {
        Severity::Error => (Tone::Bad, "✗"),
        Severity::Warning => (Tone::Warn, "!"),
        Severity::Info => (Tone::Plain, "·"),
    };
    let guess = if finding.certain { "" } else { out.text(texts::SUPPOSED) };
    [
        format!(
            "{} {guess}{} {}",
            out.paint(tone, mark),
            out.phrase(&finding.message),
            out.paint(Tone::Dim, &format!("({})", finding.code))
        ),
        format!("  → {}", out.phrase(&finding.fix)),
    ]
}

fn print(context: &Context, dialect: &dyn Dialect, checked: &Checked) -> Outcome {
    let out = &context.out;
    let verdict = if checked.is_right() { (Tone::Good, texts::CHECK_RIGHT) } else { (Tone::Bad, texts::CHECK_WRONG) };
    let who = format!("{} {}", out.text(dialect.spec().title), checked.role.name());
    out.line(&out.paint(verdict.0, &format!("{} ({who})", out.text(verdict.1))))?;
    for finding in &checked.findings {
        for line in finding_lines(context, finding) {
            out.line(&line)?;
        }
    }
    let Some(expected) = &checked.expected else { return Ok(()) };
    let given = &checked.given;
    let rows = [
        ("client_id", given.client_id.clone(), expected.client_id.clone()),
        ("username", given.username.clone(), expected.username.clone()),
        (
            "password",
            given.password().map(str::to_owned),
            expected.password.as_ref().map(|text| text.expose().to_owned()),
        ),
        (
            "url",
            given.url.as_ref().map(|text| text.expose().to_owned()),
            expected.url.as_ref().map(|text| text.expose().to_owned()),
        ),
    ];
    let labels = [texts::GIVEN, texts::EXPECTED].map(|text| out.text(text));
    let column = labels.iter().map(|label| width(label)).max().unwrap_or_default();
    let pad =
        |label: &str| format!("{}{}", out.paint(Tone::Dim, label), " ".repeat(column.saturating_sub(width(label))));
    for (name, found, right) in rows {
        let Some(right) = right else { continue };
        let known = found.is_some();
        let found = found.unwrap_or_default();
        if found == right {
            out.line(&format!("\n{} {}", out.paint(Tone::Bold, name), out.paint(Tone::Good, "✓")))?;
            out.line(&format!("  {}  {}", pad(labels[1]), printable(&right)))?;
            continue;
        }
        out.line(&format!("\n{}", out.paint(Tone::Bold, name)))?;
        if let Some(range) = differing(&found, &right).filter(|_| known) {
            let part = |range: std::ops::Range<usize>| found.get(range).unwrap_or_default().to_owned();
            let (front, middle, back) = (part(0..range.start), part(range.clone()), part(range.end..found.len()));
            let marked = out.paint(Tone::Bad, &printable(&middle));
            out.line(&format!("  {}  {}{marked}{}", pad(labels[0]), printable(&front), printable(&back)))?;
            let under = "^".repeat(width(&printable(&middle)).max(1));
            out.line(&format!(
                "  {}  {}{}",
                " ".repeat(column),
                " ".repeat(width(&printable(&front))),
                out.paint(Tone::Bad, &under)
            ))?;
        }
        out.line(&format!("  {}  {}", pad(labels[1]), printable(&right)))?;
    }
    if let Some(content) = &expected.content {
        out.line(&format!("\n{}\n  {}", out.paint(Tone::Bold, out.text(texts::SIGNED_TEXT)), printable(content)))?;
    }
    Ok(())
}
