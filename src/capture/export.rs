//! Messages for other programs: lines of JSON, a table, commands that send them again.

use std::io::Write as _;

use super::mask::mask;
use super::texts;
use super::write::{Told, Writer};
use crate::base::hex;
use crate::base::lang::Lang;
use crate::base::shell;
use crate::base::units::millis;
use crate::model::MessageRef;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON lines: a capture.
    Jsonl,
    /// Comma-separated values (RFC 4180), with a line of names.
    Csv,
    /// A shell script of `mosquitto_pub` commands.
    Commands,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 3] = [Format::Jsonl, Format::Csv, Format::Commands];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Jsonl => "jsonl",
            Format::Csv => "csv",
            Format::Commands => "commands",
        }
    }

    /// The format that the name of a file asks for.
    pub fn of_file(name: &str) -> Format {
        match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "csv" => Format::Csv,
            "sh" => Format::Commands,
            _ => Format::Jsonl,
        }
    }
}

/// The names of the columns.
const COLUMNS: &str = "seq,at,connection,direction,topic,kind,device,request_id,code,ok,outcome,latency_ms,qos,retain,dup,length,encoding,payload\r\n";

/// Writes messages in one of the formats.
#[derive(Debug, Clone)]
pub struct Exporter {
    format: Format,
    lines: Writer,
    bare: bool,
    lang: Lang,
}

impl Exporter {
    /// Payloads keep their secrets only if `with_secrets`.
    pub fn new(format: Format, with_secrets: bool, lang: Lang) -> Exporter {
        Exporter { format, lines: Writer::new(with_secrets), bare: with_secrets, lang }
    }

    /// What stands before the first message.
    pub fn head(&self, out: &mut Vec<u8>) {
        match self.format {
            Format::Jsonl => {}
            Format::Csv => out.extend_from_slice(COLUMNS.as_bytes()),
            Format::Commands => out.extend_from_slice(
                b"#!/bin/sh\n# HOST and PORT name the broker; AUTH may hold further words: -u NAME -P PASSWORD --cafile FILE.\n\
                  pub() { mosquitto_pub -h \"${HOST:-localhost}\" -p \"${PORT:-1883}\" ${AUTH:-} \"$@\"; }\n",
            ),
        }
    }

    /// Whose messages follow; only a capture says it.
    pub fn origin(&mut self, out: &mut Vec<u8>, at: crate::base::time::Time, origin: &crate::model::Origin) {
        if self.format == Format::Jsonl {
            self.lines.origin(out, at, origin);
        }
    }

    /// Appends a message; `seq` counts from 1.
    pub fn message(&mut self, out: &mut Vec<u8>, seq: u64, told: &Told<'_>) {
        match self.format {
            Format::Jsonl => self.lines.told(out, seq, told),
            Format::Csv => self.row(out, seq, told),
            Format::Commands => self.command(out, &told.message),
        }
    }

    fn row(&mut self, out: &mut Vec<u8>, seq: u64, told: &Told<'_>) {
        let message = &told.message;
        let _ = write!(out, "{seq},");
        self.lines.time(out, message.at);
        let payload = self.payload(message);
        // A spreadsheet has no place for bytes, nor for NUL.
        let (encoding, words) = match std::str::from_utf8(&payload) {
            Ok(text) if !text.contains('\0') => ("text", text.to_owned()),
            _ => ("hex", hex::encode(&payload)),
        };
        let id = message.request_id().unwrap_or_default();
        let code = message.code().unwrap_or_default();
        let yes = |flag: bool| if flag { "true" } else { "false" };
        let latency = told.latency.map(|latency| millis(latency).to_string()).unwrap_or_default();
        let (qos, length) = (message.qos.to_string(), message.payload_len.to_string());
        let cells = [
            told.connection,
            message.direction.name(),
            message.topic,
            message.meta.kind.name(),
            message.device().unwrap_or_default(),
            &id,
            &code,
            message.meta.ok.map_or("", yes),
            told.outcome.unwrap_or_default(),
            &latency,
            &qos,
            yes(message.retain),
            yes(message.dup),
            &length,
            encoding,
            &words,
        ];
        for cell in cells {
            out.push(b',');
            if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
                let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
            } else {
                out.extend_from_slice(cell.as_bytes());
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    fn command(&self, out: &mut Vec<u8>, message: &MessageRef<'_>) {
        if message.is_truncated() {
            let words = texts::ONLY_HEAD.fill(self.lang, &[&message.payload.len(), &message.payload_len]);
            let _ = writeln!(out, "# {}: {words}", crate::base::text::printable(message.topic));
            return;
        }
        let payload = self.payload(message);
        let mut flags = String::new();
        if message.qos > 0 {
            flags.push_str(&format!(" -q {}", message.qos));
        }
        if message.retain {
            flags.push_str(" -r");
        }
        let topic = shell::quoted(message.topic);
        match std::str::from_utf8(&payload) {
            Ok("") => _ = writeln!(out, "pub{flags} -t {topic} -n"),
            Ok(text) if !text.chars().any(char::is_control) && text.len() < 65_536 => {
                let _ = writeln!(out, "pub{flags} -t {topic} -m {}", shell::quoted(text));
            }
            // `printf` is part of the shell: bytes of any value and of any number go through it.
            _ => {
                out.extend_from_slice(b"printf '");
                for byte in payload.iter() {
                    let _ = write!(out, "\\{byte:03o}");
                }
                let _ = writeln!(out, "' | pub{flags} -t {topic} -s");
            }
        }
    }

    fn payload<'a>(&self, message: &MessageRef<'a>) -> std::borrow::Cow<'a, [u8]> {
        let masked = if self.bare { None } else { mask(message.payload) };
        masked.map_or(std::borrow::Cow::Borrowed(message.payload), std::borrow::Cow::Owned)
    }
}
