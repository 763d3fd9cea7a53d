//! `iotdbg sign`: the signature calculator.

use clap::{Arg, ArgMatches};
use serde_json::{Map, Value, json};

use crate::base::lang::{Lang, Text};
use crate::base::text::{countdown, local_date_time, printable, width};
use crate::base::time::{self, Time};
use crate::cli::check::finding_lines;
use crate::cli::exit::{Failure, Outcome, REFUSED};
use crate::cli::fields::Which;
use crate::cli::output::Tone;
use crate::cli::{Context, fields, load, runner, texts};
use crate::dialect::check;
use crate::dialect::{self, CopyForm, Dialect, HttpCall, Method, REGISTRY, Server, Signed, Spec};
use crate::link;
use crate::model::{Fields, Role};

/// Words of `iotdbg sign`.
#[derive(Debug)]
pub struct Args {
    profile: Option<String>,
    json: bool,
    form: Option<CopyForm>,
    call: Option<String>,
    asked: Option<Asked>,
}

/// A dialect named on the command line, with its fields.
pub struct Asked {
    /// The platform.
    pub dialect: &'static dyn Dialect,
    /// The role, where it is named.
    pub role: Option<Role>,
    /// Whether it is the login of a dynamic registration.
    pub registers: bool,
    /// The fields that were given.
    pub fields: Fields,
}

impl Asked {
    /// What a subcommand of a platform says.
    pub fn new(dialect: &'static dyn Dialect, matches: &ArgMatches, fields: Fields) -> Asked {
        let word = matches.get_one::<String>("role").map(String::as_str);
        let registers = word == Some(REGISTER);
        let role = if registers { Some(Role::Device) } else { word.and_then(Role::parse) };
        Asked { dialect, role, registers, fields }
    }
}

/// In the place of a role: the login of a device that registers itself with the secret of its product.
const REGISTER: &str = "register";

/// What may stand in the place of the role.
pub fn role_names(spec: &Spec) -> Vec<&'static str> {
    let mut names = fields::role_names(spec);
    let device = spec.role(Role::Device).map(|role| role.identity).unwrap_or_default();
    if device.iter().any(|field| field.name == "product_secret") {
        names.push(REGISTER);
    }
    names
}

/// What the command of one platform does.
pub const ABOUT: Text = Text::new("Sign a login of {}", "{}：计算登录信息");

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("dialect", &self.dialect.spec().name).field("role", &self.role).finish()
    }
}

impl clap::Args for Args {
    fn augment_args(command: clap::Command) -> clap::Command {
        let command = command
            .arg(
                Arg::new("profile")
                    .short('p')
                    .long("profile")
                    .value_name("NAME")
                    .global(true)
                    .help("Take the fields from a profile; flags go before them"),
            )
            .arg(fields::json_flag())
            .arg(
                Arg::new("as")
                    .long("as")
                    .value_name("FORM")
                    .global(true)
                    .conflicts_with("json")
                    .value_parser(CopyForm::ALL.map(CopyForm::name))
                    .help("Print the login to be pasted elsewhere: as lines, as a profile or as a command"),
            )
            .arg(
                Arg::new("call")
                    .long("call")
                    .value_name("PATH")
                    .requires("profile")
                    .conflicts_with_all(["json", "as"])
                    .help("Log in and print address and header fields of a call over HTTP, for `curl -K -`"),
            )
            .after_help(
                "Examples:\n  iotdbg sign onenet device --product-id 123123 --resource product \\\n    \
                 --access-key KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw= --version 2018-10-31 \\\n    \
                 --expires-at 1537255523 --method sha1 --json\n  iotdbg sign -p lamp-app\n  iotdbg sign -p lamp --as mosquitto",
            );
        REGISTRY.iter().fold(command, |command, dialect| {
            let spec = dialect.spec();
            let subcommand = clap::Command::new(spec.name)
                .aliases(spec.aliases)
                .about(ABOUT.fill(Lang::En, &[&spec.title.get(Lang::En)]))
                .arg(Arg::new("role").value_name("ROLE").value_parser(role_names(spec)).help("Whose login"))
                .after_help(format!("Example:\n  iotdbg sign {} -p my-profile --json", spec.name));
            command.subcommand(fields::add(subcommand, &fields::of(*dialect, Which::Identity)))
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
            let given = fields::read(inner, &fields::of(dialect, Which::Identity));
            Some(Asked::new(dialect, inner, given))
        });
        let form = matches.get_one::<String>("as");
        Ok(Args {
            profile: matches.get_one::<String>("profile").cloned(),
            json: matches.get_flag("json"),
            call: matches.get_one::<String>("call").cloned(),
            form: form.and_then(|name| CopyForm::ALL.into_iter().find(|form| form.name() == name)),
            asked,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Calculates a login and prints it with its steps.
pub fn run(context: &Context, args: Args) -> Outcome {
    if let (Some(path), Some(profile)) = (&args.call, &args.profile) {
        return call(context, path, profile);
    }
    let Subject { dialect, role, fields, server } = subject(context, args.profile.as_deref(), args.asked)?;
    // The time makes a nonce: nothing secret depends on it.
    let now = time::now();
    let mut signed = dialect::sign::calculate(dialect, role, &fields, now, now.as_micros())
        .map_err(|fault| fields::fault(&fault))?;
    if server.is_some() {
        signed.server = server;
    }
    remarks(context, dialect, role, &fields, &signed);
    if let Some(form) = args.form {
        let text = form.write(dialect, role, &fields, &signed).map_err(Failure::usage)?;
        return context.out.bytes(text.as_bytes());
    }
    if args.json {
        context.out.json(object(dialect, role, &signed))
    } else {
        print(context, dialect, role, &signed, now)
    }
}

/// Logs in as a profile and prints a configuration of curl for a call. What curl is given besides is the caller's.
fn call(context: &Context, path: &str, profile: &str) -> Outcome {
    let profile = load::profile(context, profile)?;
    let mut settings = profile.settings.clone();
    runner::block_on(async {
        let login = link::model::log_in(profile.dialect, profile.role, &mut settings).await;
        login.map_err(|reason| Failure::new(REFUSED, reason))
    })?;
    let (url, headers) = (path.to_owned(), Vec::new());
    let mut call = HttpCall { name: "", method: Method::Get, url, headers, body: Vec::new(), secret_body: false };
    profile.dialect.authorize(&settings, &mut call);
    if !call.url.contains("://") {
        return Err(Failure::usage(texts::NO_CALLS.around([profile.dialect.spec().title.into()])));
    }
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let headers = call.headers.iter().map(|(name, value)| format!("header = \"{name}: {}\"\n", quoted(value.expose())));
    context.out.bytes(format!("url = \"{}\"\n{}", quoted(&call.url), headers.collect::<String>()).as_bytes())
}

/// Says what is remarkable about a login that was just made: it has expired, or counts milliseconds.
fn remarks(context: &Context, dialect: &dyn Dialect, role: Role, fields: &Fields, signed: &Signed) {
    for finding in &check::remarks(dialect, role, fields, signed, time::now()) {
        for line in finding_lines(context, finding) {
            context.out.say(Tone::Warn, &line);
        }
    }
}

/// Whose login is to be made.
struct Subject {
    dialect: &'static dyn Dialect,
    role: Role,
    fields: Fields,
    /// The server that the profile names.
    server: Option<Server>,
}

/// Whose login is to be made, from a profile, from flags, or from both.
fn subject(context: &Context, profile: Option<&str>, asked: Option<Asked>) -> Result<Subject, Failure> {
    let loaded = profile.map(|name| load::profile(context, name)).transpose()?;
    let Some(asked) = asked else {
        let loaded = loaded.ok_or_else(|| {
            let names: Vec<&str> = REGISTRY.iter().map(|dialect| dialect.spec().name).collect();
            Failure::usage(texts::SIGN_WHAT.with(&[&names.join(", ")]))
        })?;
        let settings = loaded.settings;
        let (fields, server) = (settings.identity, settings.server);
        return Ok(Subject { dialect: loaded.dialect, role: loaded.role, fields, server });
    };
    let Asked { dialect, role, registers, fields: given } = asked;
    let Some(loaded) = loaded else {
        let roles: Vec<Role> = dialect.spec().roles.iter().map(|spec| spec.role).collect();
        let role = role.or_else(|| fields::guess_role(dialect, &given, Which::Identity, &roles)).ok_or_else(|| {
            let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
            Failure::usage(texts::WHICH_ROLE.with(&[&names.join(", ")]))
        })?;
        if let Some(foreign) = given.names().find(|name| !fields::has(dialect, role, Which::Identity, name)) {
            let words = texts::FOREIGN_FIELD.with(&[&fields::flag(foreign), &dialect.spec().name, &role]);
            return Err(Failure::usage(words));
        }
        return Ok(Subject { dialect, role, fields: given, server: None });
    };
    if loaded.dialect.spec().name != dialect.spec().name {
        return Err(Failure::usage(texts::OTHER_DIALECT.with(&[&loaded.dialect.spec().name, &dialect.spec().name])));
    }
    let mut merged = loaded.settings.identity;
    for name in given.names() {
        merged.set(name, given.get(name).unwrap_or_default());
    }
    if registers {
        // A device that registers has no secret of its own yet.
        merged.remove("device_secret");
    }
    let role = role.unwrap_or(loaded.role);
    // The address of the profile is that of its own role.
    let server = loaded.settings.server.filter(|_| role == loaded.role);
    Ok(Subject { dialect, role, fields: merged, server })
}

/// A login as JSON, as `INTERFACE.md` has it.
pub fn object(dialect: &dyn Dialect, role: Role, signed: &Signed) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            members.insert(name.to_owned(), value);
        }
    };
    put("dialect", Some(json!(dialect.spec().name)));
    put("role", Some(json!(role.name())));
    if let Some(server) = &signed.server {
        put("host", Some(json!(server.host)));
        put("port", Some(json!(server.port)));
        put("tls", Some(json!(server.transport.is_tls())));
    }
    put("client_id", signed.client_id.as_ref().map(|text| json!(text)));
    put("username", signed.username.as_ref().map(|text| json!(text)));
    put("password", signed.password.as_ref().map(|text| json!(text.expose())));
    put("content", signed.content.as_ref().map(|text| json!(text)));
    put("url", signed.url.as_ref().map(|text| json!(text.expose())));
    put("body", signed.body.as_ref().map(|text| json!(text.expose())));
    if !signed.headers.is_empty() {
        let headers: Map<String, Value> =
            signed.headers.iter().map(|(name, value)| (name.clone(), json!(value.expose()))).collect();
        put("headers", Some(Value::Object(headers)));
    }
    put("expires_at", signed.expires_at.map(|at| json!(at.as_secs())));
    let steps: Vec<Value> = signed
        .steps
        .iter()
        .map(|step| json!({"name": step.name, "input": step.input, "output": step.output}))
        .collect();
    put("steps", Some(Value::Array(steps)));
    members
}

fn print(context: &Context, dialect: &dyn Dialect, role: Role, signed: &Signed, now: Time) -> Outcome {
    let out = &context.out;
    let mut rows: Vec<(String, String)> = vec![
        (out.text(texts::DIALECT).to_owned(), out.text(dialect.spec().title).to_owned()),
        (out.text(texts::ROLE).to_owned(), role.name().to_owned()),
    ];
    if let Some(server) = &signed.server {
        rows.push(("server".to_owned(), format!("{}://{}:{}", server.transport.scheme(), server.host, server.port)));
    }
    let triple = [("client_id", &signed.client_id), ("username", &signed.username)];
    rows.extend(triple.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
    let secrets = [("password", &signed.password), ("url", &signed.url), ("body", &signed.body)];
    rows.extend(
        secrets.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_ref()?.expose().to_owned()))),
    );
    rows.extend(signed.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())));
    if let Some(at) = signed.expires_at {
        let left = if at > now {
            texts::EXPIRES_IN.with(&[&countdown(at.since(now))])
        } else {
            texts::EXPIRED_FOR.with(&[&countdown(now.since(at))])
        };
        let words = format!("{} ({}, {})", local_date_time(at), at.as_secs(), out.phrase(&left));
        rows.push((out.text(texts::EXPIRES).to_owned(), words));
    }
    let column = rows.iter().map(|(name, _)| width(name)).max().unwrap_or_default();
    for (name, value) in &rows {
        let pad = " ".repeat(column.saturating_sub(width(name)));
        out.line(&format!("{}{pad}  {}", out.paint(Tone::Dim, name), printable(value)))?;
    }
    for (index, step) in signed.steps.iter().enumerate() {
        out.line(&format!("\n{} {}", out.paint(Tone::Bold, &format!("{}.", index + 1)), printable(&step.name)))?;
        out.line(&format!("   {} {}", out.paint(Tone::Dim, "<"), printable(&step.input)))?;
        out.line(&format!("   {} {}", out.paint(Tone::Dim, ">"), printable(&step.output)))?;
    }
    Ok(())
}
