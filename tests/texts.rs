//! Every text in both languages. That none is missing the compiler knows; that each says the same, with its places, is
//! read here from the source.

use std::path::Path;

use syn::visit::Visit;

/// Texts found in a file.
#[derive(Default)]
struct Found {
    pairs: Vec<(String, String)>,
    same: Vec<String>,
}

impl Visit<'_> for Found {
    fn visit_expr_call(&mut self, call: &syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            let names: Vec<String> = path.path.segments.iter().map(|part| part.ident.to_string()).collect();
            let texts: Vec<String> = call.args.iter().filter_map(literal).collect();
            match (names.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), texts.as_slice()) {
                ([.., "Text", "new"], [en, zh]) => self.pairs.push((en.clone(), zh.clone())),
                ([.., "Text", "same"], [text]) => self.same.push(text.clone()),
                _ => {}
            }
        }
        syn::visit::visit_expr_call(self, call);
    }
}

fn literal(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn files(folder: &Path, into: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c)
}

/// The places of a text in the order of their arguments: `{}` counts on, `{1}` names its argument.
fn places(text: &str) -> Vec<usize> {
    let mut next = 0;
    let mut found = Vec::new();
    for inner in text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(inner, _)| inner)) {
        if inner.is_empty() {
            found.push(next);
            next += 1;
        } else if let Ok(number) = inner.parse() {
            found.push(number);
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn both_languages_say_it_with_the_same_places() {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    let (mut count, mut wrong) = (0, String::new());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let parsed = syn::parse_file(&text).unwrap();
        let mut found = Found::default();
        found.visit_file(&parsed);
        count += found.pairs.len();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_test = path.components().any(|part| part.as_os_str() == "tests") || file.starts_with("testing");
        for (en, zh) in found.pairs {
            // Platform terms, keys of profiles and names stay as they are; a sentence does not.
            let words =
                en.split_whitespace().filter(|word| word.len() > 3 && word.chars().all(|c| c.is_ascii_lowercase()));
            let words = words.count();
            if en.chars().any(is_han) && !zh.chars().any(is_han) {
                wrong.push_str(&format!("{file}: the languages stand the wrong way round: {en:?}\n"));
            }
            if !is_test && words > 1 && !zh.chars().any(is_han) {
                wrong.push_str(&format!("{file}: no Chinese for {en:?}: {zh:?}\n"));
            }
            if zh.trim().is_empty() != en.trim().is_empty() {
                wrong.push_str(&format!("{file}: one language is empty: {en:?} {zh:?}\n"));
            }
            if places(&en) != places(&zh) {
                wrong.push_str(&format!("{file}: other places in {en:?} than in {zh:?}\n"));
            }
        }
        for text in found.same.iter().filter(|_| !is_test) {
            let words =
                text.split_whitespace().filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase()));
            if words.count() > 2 {
                wrong.push_str(&format!("{file}: English words without a translation: {text:?}\n"));
            }
        }
    }
    assert!(count > 1_000, "only {count} texts were found");
    assert!(wrong.is_empty(), "\n{wrong}");
}
