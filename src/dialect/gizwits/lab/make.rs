//! Frames made from nothing: one template for every command that is known, and for what business data can be.

use serde_json::Map;

use crate::base::lang::Text;
use crate::dialect::Context;
use crate::dialect::gizwits::frame::{self, command};
use crate::dialect::gizwits::lab::{CLOUD, LAN, SERIAL, SERVER};
use crate::dialect::gizwits::p0::{self, action};
use crate::dialect::gizwits::{dissect, lan, serial, write};
use crate::dialect::lab::Template;

/// Business data, by the name of its template: command, action, words.
const BUSINESS: [(&str, u16, u8, Text); 15] = [
    ("control", command::CONTROL, action::CONTROL, Text::new("control, 0x0090", "控制 0x0090")),
    ("control-ack", command::WITH_ACK, action::CONTROL, Text::new("control with sn, 0x0093", "控制（带 ACK）0x0093")),
    ("query", command::CONTROL, action::READ, Text::new("query, 0x0090", "查询 0x0090")),
    ("query-ack", command::WITH_ACK, action::READ, Text::new("query with sn, 0x0093", "查询（带 ACK）0x0093")),
    (
        "custom",
        command::CONTROL,
        action::CUSTOM_DOWN,
        Text::new("pass-through to the device, 0x0090", "透传（下行）0x0090"),
    ),
    (
        "custom-ack",
        command::WITH_ACK,
        action::CUSTOM_DOWN,
        Text::new("pass-through with sn, 0x0093", "透传（带 ACK）0x0093"),
    ),
    ("report", command::REPORT, action::REPORT, Text::new("report, 0x0091", "上报 0x0091")),
    ("report-ack", command::WITH_ACK, action::REPORT, Text::new("report with sn, 0x0093", "上报（带 ACK）0x0093")),
    ("reply", command::REPORT, action::READ_REPLY, Text::new("answer to a query, 0x0091", "查询应答 0x0091")),
    ("ack", command::ACK, 0, Text::new("acknowledgement, 0x0094", "ACK 0x0094")),
    (
        "ack-reply",
        command::ACK,
        action::READ_REPLY,
        Text::new("acknowledgement with state, 0x0094", "ACK（带状态）0x0094"),
    ),
    (
        "custom-up",
        command::REPORT,
        action::CUSTOM_UP,
        Text::new("pass-through to the app, 0x0091", "透传（上行）0x0091"),
    ),
    ("sub-online", command::REPORT, 0x71, Text::new("gateway: online states, 0x0091", "网关：子设备在线状态 0x0091")),
    ("sub-control", command::CONTROL, 0x72, Text::new("gateway: control, 0x0090", "网关：控制子设备 0x0090")),
    ("sub-report", command::REPORT, 0x73, Text::new("gateway: reports, 0x0091", "网关：子设备上报 0x0091")),
];

/// Business data on the serial line.
const ON_THE_LINE: [(&str, u8, u8, Text); 3] = [
    ("serial-control", 0x03, action::CONTROL, Text::new("serial 03: control", "串口 03：控制")),
    ("serial-query", 0x03, action::READ, Text::new("serial 03: query", "串口 03：查询")),
    ("serial-report", 0x05, action::REPORT, Text::new("serial 05: report", "串口 05：上报")),
];

/// Every template.
pub fn templates() -> Vec<Template> {
    let template = |name: &str, title: Text, form| Template { name: name.to_owned(), title, form };
    let mut all: Vec<Template> = BUSINESS.iter().map(|(name, _, _, title)| template(name, *title, CLOUD)).collect();
    for (code, title) in dissect::commands() {
        if matches!(*code, command::CONTROL | command::REPORT | command::WITH_ACK | command::ACK) {
            continue;
        }
        all.push(template(&format!("{code:04x}"), *title, if *code >> 8 == 2 { SERVER } else { CLOUD }));
    }
    all.extend(lan::COMMANDS.iter().map(|(code, title)| template(&format!("{code:04x}"), *title, LAN)));
    all.extend(ON_THE_LINE.iter().map(|(name, _, _, title)| template(name, *title, SERIAL)));
    for code in (0x01..=0x12).filter(|code| !matches!(code, 0x03 | 0x05)) {
        let title = serial::name(code).unwrap_or(Text::same(""));
        all.push(template(&format!("serial-{code:02x}"), title, SERIAL));
    }
    all
}

/// A frame as empty as it can be.
pub fn make(context: &Context<'_>, name: &str) -> Option<Vec<u8>> {
    if let Some((_, code, action, _)) = BUSINESS.iter().find(|(known, ..)| *known == name) {
        let data = business(context, *action);
        return Some(match *code {
            command::WITH_ACK | command::ACK => frame::write_numbered(*code, 1, &data),
            code => frame::write(code, &data),
        });
    }
    if let Some((_, code, action, _)) = ON_THE_LINE.iter().find(|(known, ..)| *known == name) {
        return Some(serial::write(*code, 0, 0, &business(context, *action)));
    }
    if let Some(digits) = name.strip_prefix("serial-") {
        let code = u8::from_str_radix(digits, 16).ok().filter(|code| serial::name(*code).is_some())?;
        let data: &[u8] = match code {
            0x0d => &[0, 0],
            0x09 | 0x11 => &[1],
            _ => &[],
        };
        return Some(serial::write(code, 0, 0, data));
    }
    let code = (name.len() == 4).then(|| u16::from_str_radix(name, 16).ok()).flatten()?;
    Some(match code {
        command::ONLINE => write::online("", "", true),
        command::LOG_SWITCHES => write::log_switches(0),
        command::LOG => frame::write(code, &[3, 0, 0, 0, 0, 0, 0]),
        0x0210 | 0x021e => frame::write_server(code, &[0, 0]),
        0x0211 => frame::write_server(code, &[1]),
        code if code >> 8 == 2 => frame::write_server(code, &[]),
        code if dissect::is_command(code) => frame::write(code, &[]),
        _ => return None,
    })
}

/// Business data with every value zero; in a control none is named.
fn business(context: &Context<'_>, action: u8) -> Vec<u8> {
    let known = context.model.filter(|known| known.binary.is_some());
    match (action, known) {
        (0, _) => Vec::new(),
        (action::READ, Some(known)) => p0::query(known, &[]),
        (action::CONTROL | action::READ_REPLY | action::REPORT, Some(known)) => {
            p0::encode(known, action, &Map::new()).unwrap_or_else(|_| vec![action])
        }
        (0x71..=0x73, _) => vec![action, 0, 0],
        _ => vec![action],
    }
}
