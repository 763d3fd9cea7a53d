//! `iotdbg codes`: the code tables of the platforms.

use serde_json::json;

use crate::cli::exit::{Failure, Outcome};
use crate::cli::output::Tone;
use crate::cli::{Context, texts};
use crate::dialect::{self, REGISTRY};

/// Words of `iotdbg codes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  iotdbg codes\n  iotdbg codes 1106\n  iotdbg codes --dialect onenet --json")]
pub struct Args {
    /// The code; every code if it is left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Only codes of this dialect
    #[arg(long, value_name = "D")]
    dialect: Option<String>,
    /// One JSON object per line
    #[arg(long)]
    json: bool,
}

/// Prints the codes that were asked for.
pub fn run(context: &Context, args: &Args) -> Outcome {
    let out = &context.out;
    let only = args.dialect.as_deref().map(find_dialect).transpose()?;
    let mut found = false;
    for dialect in REGISTRY {
        let spec = dialect.spec();
        if only.is_some_and(|only| only.spec().name != spec.name) {
            continue;
        }
        let wanted = |code: &str| args.code.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(code));
        for code in spec.codes.iter().filter(|code| wanted(code.code)) {
            found = true;
            let (meaning, cause) = (out.text(code.meaning), out.text(code.cause));
            if args.json {
                let mut members = serde_json::Map::new();
                members.insert("dialect".to_owned(), json!(spec.name));
                members.insert("code".to_owned(), json!(code.code));
                members.insert("meaning".to_owned(), json!(meaning));
                if !cause.is_empty() {
                    members.insert("cause".to_owned(), json!(cause));
                }
                out.json(members)?;
            } else {
                let name = out.paint(Tone::Dim, &format!("{:<12}", spec.name));
                out.line(&format!("{name} {}  {meaning}", out.paint(Tone::Bold, &format!("{:<28}", code.code))))?;
                if !cause.is_empty() && args.code.is_some() {
                    out.line(&format!("{:<12} {}", "", texts::CAUSE.fill(out.lang, &[&cause])))?;
                }
            }
        }
    }
    match (&args.code, found) {
        (Some(code), false) => Err(Failure::new(crate::cli::exit::EXPECTATION, texts::NO_CODE.with(&[code]))),
        _ => Ok(()),
    }
}

/// The dialect of that name, or a usage error that lists those there are.
pub fn find_dialect(name: &str) -> Result<&'static dyn dialect::Dialect, Failure> {
    dialect::find(name).ok_or_else(|| {
        let names: Vec<&str> = REGISTRY.iter().map(|dialect| dialect.spec().name).collect();
        Failure::usage(texts::NO_DIALECT.with(&[&name, &names.join(", ")]))
    })
}
