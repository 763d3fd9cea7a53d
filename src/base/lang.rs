//! The two languages of iotdbg, and the only types that hold words for people.
//!
//! A [`Text`] is made from both languages at once, so a missing translation does not compile. Texts are constants that
//! live beside their subject (`texts.rs` in each folder that speaks). A [`Phrase`] is a text with its arguments, kept
//! unrendered where the reader's language is not known yet: in notices, in errors, in the log of the simulated cloud.

use std::fmt;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English (`en`).
    #[default]
    En,
    /// Simplified Chinese (`zh-CN`).
    Zh,
}

impl Lang {
    /// Reads `en`, `zh`, `zh-CN`, `zh_CN.UTF-8` and the like; `None` for a language that iotdbg does not speak.
    pub fn parse(tag: &str) -> Option<Lang> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Lang::En),
            "zh" => Some(Lang::Zh),
            _ => None,
        }
    }

    /// The language of the environment: the first set and non-empty of `LC_ALL`, `LC_MESSAGES`, `LANG`; English otherwise.
    pub fn from_environment(var: impl Fn(&str) -> Option<String>) -> Lang {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| var(name).filter(|value| !value.is_empty()))
            .and_then(|value| Lang::parse(&value))
            .unwrap_or_default()
    }
}

/// One text in both languages. `{}` marks the places of arguments, in order; `{0}`, `{1}` … where an order must change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Simplified Chinese.
    pub zh: &'static str,
}

impl Text {
    /// Both languages, or it does not compile.
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Text { en, zh }
    }

    /// A text that is the same in both languages: platform terms, units, symbols.
    pub const fn same(text: &'static str) -> Self {
        Text { en: text, zh: text }
    }

    /// The text in one language, its places not filled.
    pub const fn get(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }

    /// The text in one language with its places filled.
    pub fn fill(&self, lang: Lang, args: &[&dyn fmt::Display]) -> String {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        fill(self.get(lang), &args)
    }

    /// The text with its arguments, to be rendered later.
    pub fn with(self, args: &[&dyn fmt::Display]) -> Phrase {
        Phrase { text: self, args: args.iter().map(|arg| Arg::Words(arg.to_string())).collect() }
    }

    /// The text with phrases in its places, each to be rendered later in the same language as the whole. Arguments
    /// without a translation go in as [`Phrase::verbatim`].
    pub fn around(self, args: impl IntoIterator<Item = Phrase>) -> Phrase {
        Phrase { text: self, args: args.into_iter().map(|arg| Arg::Phrase(Box::new(arg))).collect() }
    }
}

impl From<Text> for Phrase {
    fn from(text: Text) -> Self {
        Phrase { text, args: Vec::new() }
    }
}

/// A text and what stands in its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    text: Text,
    args: Vec<Arg>,
}

/// What stands in a place of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Arg {
    /// The same in every language.
    Words(String),
    /// Has its own translation.
    Phrase(Box<Phrase>),
}

impl Phrase {
    /// Words that came from elsewhere (an operating system, a peer) and have no translation.
    pub fn verbatim(words: impl Into<String>) -> Self {
        Phrase { text: Text::same("{}"), args: vec![Arg::Words(words.into())] }
    }

    /// The words in one language. Arguments are inserted as they are: whoever shows them makes them printable.
    pub fn render(&self, lang: Lang) -> String {
        let args: Vec<String> = self
            .args
            .iter()
            .map(|arg| match arg {
                Arg::Words(words) => words.clone(),
                Arg::Phrase(phrase) => phrase.render(lang),
            })
            .collect();
        fill(self.text.get(lang), &args)
    }

    /// Whether this phrase was made from `text`, whatever its arguments.
    pub fn is(&self, text: &Text) -> bool {
        self.text == *text
    }
}

/// English, for `std::error::Error` and for log files.
impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

fn fill(template: &str, args: &[String]) -> String {
    let mut out = String::with_capacity(template.len() + args.iter().map(String::len).sum::<usize>());
    let mut next = 0;
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = after.find('}') else {
            out.push_str(after);
            return out;
        };
        let name = after.get(1..close).unwrap_or_default();
        let index = if name.is_empty() {
            next += 1;
            Some(next - 1)
        } else {
            name.parse().ok()
        };
        match index.and_then(|index: usize| args.get(index)) {
            Some(arg) => out.push_str(arg),
            None => out.push_str(after.get(..=close).unwrap_or_default()),
        }
        rest = after.get(close + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREETING: Text = Text::new("{} says {}", "{1} ← {0}");

    #[test]
    fn places_are_filled_in_the_order_of_the_language() {
        assert_eq!(GREETING.fill(Lang::En, &[&"lamp", &30]), "lamp says 30");
        assert_eq!(GREETING.fill(Lang::Zh, &[&"lamp", &30]), "30 ← lamp");
    }

    #[test]
    fn a_phrase_inside_a_phrase_is_rendered_in_the_same_language() {
        const REASON: Text = Text::new("connection refused", "连接被拒绝");
        const FAILED: Text = Text::new("{}: failed: {}", "{} 失败：{}");
        let phrase = FAILED.around([Phrase::verbatim("lamp"), REASON.into()]);
        assert_eq!(phrase.render(Lang::En), "lamp: failed: connection refused");
        assert_eq!(phrase.render(Lang::Zh), "lamp 失败：连接被拒绝");
    }

    #[test]
    fn a_missing_argument_leaves_its_place_visible() {
        assert_eq!(GREETING.fill(Lang::En, &[&"lamp"]), "lamp says {}");
    }

    #[test]
    fn an_argument_with_braces_is_not_filled_again() {
        assert_eq!(GREETING.fill(Lang::En, &[&"{}", &"x"]), "{} says x");
    }

    #[test]
    fn the_environment_names_the_language() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(Lang::from_environment(env(&[("LANG", "zh_CN.UTF-8")])), Lang::Zh);
        assert_eq!(Lang::from_environment(env(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")])), Lang::En);
        assert_eq!(Lang::from_environment(env(&[("LC_ALL", ""), ("LANG", "de_DE")])), Lang::En);
    }
}
