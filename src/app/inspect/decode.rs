//! How a payload is taken apart: by a rule of the person where one fits, otherwise by its platform.
//!
//! A command runs beside the loop: the first look at a message asks for it, and shows what the platform makes of the
//! payload meanwhile; its output is kept for the last messages that were looked at.

use std::collections::VecDeque;
use std::time::Duration;

use super::explain::explain;
use super::texts;
use crate::app::stream::scene::Scene;
use crate::base::lang::{Lang, Phrase};
use crate::base::topic;
use crate::dialect::{binary, tree};
use crate::model::{Dissection, Kind, MessageRef, Problem, Severity};
use crate::profile::stream_file::{DecodeRule, Decoder};
use crate::store::Seq;

/// Outputs that are kept.
const MOST_OUTPUTS: usize = 64;

/// A command that is to be run over a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeWanted {
    /// The message.
    pub seq: Seq,
    /// The command.
    pub command: String,
    /// How long it may take.
    pub timeout: Duration,
    /// The topic, for the command.
    pub topic: String,
    /// The payload, as far as it was kept.
    pub payload: Vec<u8>,
}

/// The rules, and what commands have said.
#[derive(Debug, Default)]
pub struct Decoders {
    rules: Vec<DecodeRule>,
    outputs: VecDeque<(Seq, Result<String, Phrase>)>,
    /// The message that a command runs for.
    running: Option<Seq>,
    wanted: Option<DecodeWanted>,
}

impl Decoders {
    /// Takes other rules.
    pub fn set_rules(&mut self, rules: Vec<DecodeRule>) {
        *self = Decoders { rules, ..Decoders::default() };
    }

    /// The command that is to be run; told once.
    pub fn take_wanted(&mut self) -> Option<DecodeWanted> {
        self.wanted.take()
    }

    /// A command has ended.
    pub fn decoded(&mut self, seq: Seq, output: Result<String, Phrase>) {
        self.running = self.running.filter(|running| *running != seq);
        self.outputs.push_back((seq, output));
        if self.outputs.len() > MOST_OUTPUTS {
            self.outputs.pop_front();
        }
    }

    /// Takes a message apart as the rules say, without asking for a command to be run: where its output is not there,
    /// as the platform does.
    pub(super) fn known(&self, scene: &Scene<'_>, seq: Seq, message: &MessageRef<'_>) -> Dissection {
        match self.rule(message.topic) {
            Some(Decoder::Cbor) => binary::cbor(message.payload, scene.lang),
            Some(Decoder::MessagePack) => binary::msgpack(message.payload, scene.lang),
            Some(Decoder::Command { .. }) => match self.output(seq) {
                Some(Ok(output)) => printed(output, scene.lang),
                _ => platform(scene, message),
            },
            None => platform(scene, message),
        }
    }

    /// The rule for a topic; `None` where the platform decides.
    pub(super) fn rule(&self, name: &str) -> Option<&Decoder> {
        self.rules.iter().find(|rule| topic::matches(&rule.topic, name)).map(|rule| &rule.decoder)
    }

    fn output(&self, seq: Seq) -> Option<&Result<String, Phrase>> {
        self.outputs.iter().find(|(of, _)| *of == seq).map(|(_, output)| output)
    }

    /// Takes a message apart.
    pub(super) fn dissect(&mut self, scene: &Scene<'_>, seq: Seq, message: &MessageRef<'_>) -> Dissection {
        let command = match self.rule(message.topic) {
            Some(Decoder::Command { command, timeout }) => Some((command.clone(), *timeout)),
            _ => None,
        };
        let mut dissection = self.known(scene, seq, message);
        match (command, self.output(seq)) {
            (None, _) | (_, Some(Ok(_))) => {}
            (_, Some(Err(reason))) => dissection = remarked(dissection, Severity::Error, reason.render(scene.lang)),
            (Some((command, timeout)), None) => {
                self.ask(seq, message, command, timeout);
                dissection = remarked(dissection, Severity::Info, texts::DECODING.get(scene.lang).to_owned());
            }
        }
        explain(&mut dissection.fields);
        dissection
    }

    fn ask(&mut self, seq: Seq, message: &MessageRef<'_>, command: String, timeout: Duration) {
        if self.running != Some(seq) {
            self.running = Some(seq);
            let (topic, payload) = (message.topic.to_owned(), message.payload.to_vec());
            self.wanted = Some(DecodeWanted { seq, command, timeout, topic, payload });
        }
    }
}

/// What the platform makes of a message.
fn platform(scene: &Scene<'_>, message: &MessageRef<'_>) -> Dissection {
    if message.meta.kind == Kind::Packet {
        let fields = tree::read(message.payload, scene.lang, |_, _| None).fields;
        return Dissection { kind: Kind::Packet, fields, ..Dissection::default() };
    }
    let dissection = scene
        .peer_of(message)
        .map_or_else(Dissection::default, |peer| peer.dialect.dissect(&peer.context, message.topic, message.payload));
    if !message.is_truncated() || dissection.problems.is_empty() {
        return dissection;
    }
    // The dialect has seen the head only, and takes its end for that of the message.
    remarked(dissection, Severity::Info, texts::HEAD_ONLY.get(scene.lang).to_owned())
}

fn remarked(mut dissection: Dissection, severity: Severity, message: String) -> Dissection {
    dissection.problems.push(Problem { severity, message, offset: 0, length: 0 });
    dissection
}

/// What a command printed, as fields: JSON as a tree, other text line by line. They belong to no bytes of the payload.
fn printed(output: &str, lang: Lang) -> Dissection {
    let is_json = output.trim_start().starts_with(['{', '[']);
    let fields = if is_json {
        let mut fields = tree::read(output.as_bytes(), lang, |_, _| None).fields;
        unplace(&mut fields);
        fields
    } else {
        let line = |(index, line): (usize, &str)| crate::model::Field {
            name: (index + 1).to_string(),
            value: line.to_owned(),
            ..crate::model::Field::default()
        };
        output.lines().enumerate().map(line).collect()
    };
    Dissection { fields, ..Dissection::default() }
}

fn unplace(fields: &mut [crate::model::Field]) {
    for field in fields {
        (field.offset, field.length) = (0, 0);
        unplace(&mut field.children);
    }
}
