//! jq expressions over payloads, run by jaq.
//!
//! Only the first result of an expression is looked at. An expression sees one message at a time and has no input, no
//! files and no environment.

use std::fmt;
use std::rc::Rc;

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, compile, data};
use jaq_json::{Val, read};

/// Payloads beyond this are not parsed: half of one is no JSON, and a large one takes too long.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// Functions that look or write beyond the message, and what the library defines through them.
const FORBIDDEN: &[&str] = &["env", "now", "halt", "halt_error", "debug", "debug_empty", "stderr", "stderr_empty"];

type Compiled = jaq_core::Filter<data::JustLut<Val>>;

/// An expression made ready.
#[derive(Clone)]
pub(super) struct Query {
    source: String,
    compiled: Rc<Compiled>,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Query").field(&self.source).finish()
    }
}

impl Query {
    /// Reads an expression. `Err` holds the byte of it where it is wrong, where that is known, and what is wrong.
    pub(super) fn parse(source: &str) -> Result<Query, (usize, String)> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let definitions = definitions.filter(|definition| !FORBIDDEN.contains(&definition.name));
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let functions = functions.filter(|(name, ..)| !FORBIDDEN.contains(name));
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code: source, path: () })
            .map_err(|errors| explain_load(source, &errors))?;
        let compiled = Compiler::default()
            .with_funs(functions)
            .compile(modules)
            .map_err(|errors| explain_compile(source, &errors))?;
        Ok(Query { source: source.to_owned(), compiled: Rc::new(compiled) })
    }

    /// Whether the expression holds for a payload: its first result is neither `false` nor `null`. What is not JSON, and
    /// what the expression fails on, does not pass.
    pub(super) fn holds(&self, payload: &[u8]) -> bool {
        let looks_like_json = payload
            .iter()
            .find(|byte| !byte.is_ascii_whitespace())
            .is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'));
        if !looks_like_json || payload.len() > MAX_PAYLOAD {
            return false;
        }
        let Ok(input) = read::parse_single(payload) else { return false };
        let context = Ctx::<data::JustLut<Val>>::new(&self.compiled.lut, Vars::new([]));
        let first = self.compiled.id.run((context, input)).next();
        !matches!(first, None | Some(Err(_) | Ok(Val::Null | Val::Bool(false))))
    }
}

/// What the loader found wrong, said in jq's own terms.
fn explain_load(source: &str, errors: &load::Errors<&str, ()>) -> (usize, String) {
    match errors.first().map(|(_, error)| error) {
        Some(load::Error::Lex(errors)) => match errors.first() {
            Some((expected, found)) => (offset_in(source, found), expected.as_str().to_owned()),
            None => (0, String::new()),
        },
        Some(load::Error::Parse(errors)) => match errors.first() {
            Some((expected, found)) => (offset_in(source, found), expected.as_str().to_owned()),
            None => (0, String::new()),
        },
        Some(load::Error::Io(errors)) => errors.first().map(|(_, error)| (0, error.clone())).unwrap_or_default(),
        None => (0, String::new()),
    }
}

/// What the compiler found wrong: names that nothing has.
fn explain_compile(source: &str, errors: &compile::Errors<&str, ()>) -> (usize, String) {
    match errors.first().and_then(|(_, errors)| errors.first()) {
        Some((name, what)) => (offset_in(source, name), format!("{} {name}", what.as_str())),
        None => (0, String::new()),
    }
}

/// The byte of `source` where `part`, a piece of it, begins.
fn offset_in(source: &str, part: &str) -> usize {
    (part.as_ptr() as usize).checked_sub(source.as_ptr() as usize).filter(|at| *at <= source.len()).unwrap_or(0)
}
