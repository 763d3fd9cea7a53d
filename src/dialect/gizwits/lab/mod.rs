//! The frame lab: frames found in bytes, taken apart with the rule of every field, changed field by field, and made from
//! nothing.
//!
//! `cut` finds frames, `sheet` tells of each field its type and rule, `edit` changes one, `make` holds the templates.

mod cut;
mod edit;
mod make;
mod sheet;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::base::lang::{Phrase, Text};
use crate::dialect::Context;
use crate::dialect::gizwits::frame::{self, Form};
use crate::dialect::gizwits::{topic, write};
use crate::dialect::lab::{self, Lab, Sheet, Template};
use crate::model::Role;

/// The lab of Gizwits.
pub struct Bench;

const AUTO: &str = "auto";
const CLOUD: &str = "cloud";
const LAN: &str = "lan";
const SERVER: &str = "server";
const SERIAL: &str = "serial";

const FORMS: &[lab::Form] = &[
    lab::Form { name: AUTO, title: Text::new("by its bytes", "自动识别") },
    lab::Form { name: CLOUD, title: Text::new("app and device", "应用与设备") },
    lab::Form { name: LAN, title: Text::new("local network", "局域网") },
    lab::Form { name: SERVER, title: Text::new("server (no length)", "服务器（无长度）") },
    lab::Form { name: SERIAL, title: Text::new("MCU serial line", "MCU 串口") },
];

/// The form that is meant by a name.
fn form_of(name: &str, topic: &str, bytes: &[u8]) -> Form {
    match name {
        CLOUD | LAN => Form::Peer,
        SERVER => Form::Server,
        SERIAL => Form::Serial,
        _ => Form::of(topic::parse(topic).as_ref(), bytes),
    }
}

impl Lab for Bench {
    fn forms(&self) -> &'static [lab::Form] {
        FORMS
    }

    fn first(&self, form: &str, bytes: &[u8]) -> Option<usize> {
        cut::first(form, bytes)
    }

    fn lacks(&self, form: &str, bytes: &[u8]) -> bool {
        cut::lacks(form, bytes)
    }

    fn cut(&self, form: &str, bytes: &[u8]) -> Vec<Range<usize>> {
        cut::cut(form_of(form, "", bytes), bytes)
    }

    fn topic_in(&self, words: &str) -> Option<String> {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '(' | ')' | '[' | ']' | '=');
        let mut all = words.split(is_end).map(|word| word.trim_end_matches(':'));
        all.find(|word| topic::parse(word).is_some()).map(str::to_owned)
    }

    fn read(&self, context: &Context<'_>, form: &str, topic: &str, bytes: &[u8]) -> Sheet {
        sheet::read(context, form_of(form, topic, bytes), topic, bytes)
    }

    fn edit(&self, context: &Context<'_>, form: &str, bytes: &[u8], path: &str, text: &str) -> Result<Vec<u8>, Phrase> {
        edit::edit(context, form_of(form, "", bytes), bytes, path, text)
    }

    fn templates(&self) -> Vec<Template> {
        make::templates()
    }

    fn make(&self, context: &Context<'_>, template: &str) -> Option<Vec<u8>> {
        make::make(context, template)
    }

    fn topic_for(&self, context: &Context<'_>, bytes: &[u8]) -> Option<String> {
        let form = Form::of(None, bytes);
        match (form, context.role) {
            (Form::Serial, _) | (_, Role::Cloud) => None,
            (Form::Server, _) => Some(topic::SERVER_REQUEST.to_owned()),
            (Form::Peer, Role::App) => {
                let did = context.devices.iter().find_map(|device| device.get("did"))?;
                Some(topic::app2dev(did, &write::client_id(context.identity)))
            }
            (Form::Peer, Role::Device) => Some(topic::broadcast(context.identity.get("did")?)),
        }
    }
}

/// The first frame that can be read; nothing in the form of the serial line.
fn first_frame(form: Form, bytes: &[u8]) -> Option<frame::Frame> {
    match form {
        Form::Serial => None,
        form => frame::frames(bytes, form == Form::Server).next()?.ok(),
    }
}
