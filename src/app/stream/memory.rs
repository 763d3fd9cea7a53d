//! What the person keeps about the stream: filters under names, highlights, decoders — as `stream.toml` says.

use std::sync::Arc;

use crate::app::App;
use crate::app::edit::TextEdit;
use crate::app::effect::Effect;
use crate::app::overlay::{Asked, Overlay};
use crate::app::stream::texts;
use crate::base::lang::Phrase;
use crate::base::text::printable;
use crate::model::Severity;
use crate::profile::ProfileError;
use crate::profile::stream_file::{SavedFilter, StreamFile};
use crate::store::{Entry, Filter, Matcher, Names};

/// Filters under names, and highlights.
#[derive(Debug, Default)]
pub struct Memory {
    filters: Vec<SavedFilter>,
    rules: Vec<(Matcher, usize)>,
    names: Arc<Names>,
    asks_for_names: bool,
}

impl Memory {
    /// Filters under names.
    pub fn filters(&self) -> &[SavedFilter] {
        &self.filters
    }

    /// Whether a highlight asks what the connections are called.
    pub fn asks_for_names(&self) -> bool {
        self.asks_for_names
    }

    /// Whether there is any highlight.
    pub fn highlights(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The connections are called so from now on.
    pub fn rename(&mut self, names: Arc<Names>) {
        if *names != *self.names {
            for (matcher, _) in &mut self.rules {
                *matcher = Matcher::new(matcher.filter().clone().with_names(Arc::clone(&names)));
            }
            self.names = names;
        }
    }

    /// The colour of the first highlight that fits.
    pub fn colour(&mut self, entry: &Entry<'_>) -> Option<usize> {
        self.rules.iter_mut().find_map(|(matcher, colour)| matcher.admits(entry).then_some(*colour))
    }
}

impl App {
    /// Takes what the file says; what is wrong with it is told, and everything else holds.
    pub(in crate::app) fn stream_file_read(&mut self, read: Result<StreamFile, Vec<ProfileError>>) {
        let file = match read {
            Ok(file) => file,
            Err(faults) => return self.tell_fault(faults.first()),
        };
        let mut faults = Vec::new();
        let mut rules = Vec::new();
        for rule in &file.highlights {
            match Filter::parse(&rule.expr) {
                Ok(filter) => rules.push((Matcher::new(filter), rule.colour)),
                Err(fault) => faults.push(file.fault(rule.line, fault.reason)),
            }
        }
        for saved in &file.filters {
            if let Err(fault) = Filter::parse(&saved.expr) {
                faults.push(file.fault(saved.line, fault.reason));
            }
        }
        let asks_for_names = rules.iter().any(|(matcher, _)| matcher.filter().asks_for_names());
        let names = Arc::default();
        self.stream.memory = Memory { filters: file.filters, rules, names, asks_for_names };
        self.stream.decoders.set_rules(file.decoders);
        self.stream.inspector.forget();
        self.stream.forget_lines();
        self.tell_fault(faults.first());
    }

    fn tell_fault(&mut self, fault: Option<&ProfileError>) {
        if let Some(fault) = fault {
            let words = Phrase::verbatim(fault.render(self.lang));
            self.tell(Severity::Error, words);
        }
    }

    /// Asks under which name the filter in the box is kept.
    pub(super) fn ask_to_keep_filter(&mut self) {
        let expr = self.stream.filter.text();
        if expr.trim().is_empty() || self.stream.filter.fault().is_some() {
            return self.tell(Severity::Warning, texts::NO_FILTER_TO_KEEP);
        }
        self.open_overlay(Overlay::Prompt {
            title: texts::KEEP_FILTER_AS.with(&[&printable(&expr)]),
            hint: texts::KEEP_FILTER_HINT.into(),
            edit: TextEdit::single(""),
            about: Asked::FilterName(expr),
        });
    }

    /// Keeps a filter under a name.
    pub(in crate::app) fn keep_filter(&mut self, name: &str, expr: &str) -> Result<(), Phrase> {
        let name = name.trim();
        if name.is_empty() {
            return Err(texts::KEEP_FILTER_HINT.into());
        }
        self.effect(Effect::KeepFilter { name: name.to_owned(), expr: expr.to_owned() });
        Ok(())
    }
}
