//! The Compose tab: form and preview above, the ledger below.

mod form;
mod ledger;

use ratatui::layout::Rect;

use crate::app::splits::{Handle, Split};
use crate::app::{App, Place, Target};
use crate::base::lang::Text;
use crate::base::text::{human_size, printable_bytes, width};
use crate::base::wrap::wrap;
use crate::tui::frame::Canvas;
use crate::tui::panes::split::divide;
use crate::tui::theme::Role;

/// Draws the tab.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let rows = u16::try_from(app.compose_rows().len()).unwrap_or(u16::MAX);
    // The ledger gets what the form leaves, but always a few rows.
    let wanted = rows.saturating_add(3).max(10);
    let above = wanted.min(area.height.saturating_sub(6)).max(area.height / 2);
    let rows = divide(app, Split::Ledger, area, false, above, app.area() != Place::Ledger);
    let top = rows.first;
    if !top.is_empty() {
        // Form and preview belong together: they are seen together also when they have all the room.
        let left = app.splits.cells(Split::Compose, top.width, (top.width * 11 / 20).clamp(40, 90));
        let right = Rect { x: top.x + left, width: top.width - left, ..top };
        form::draw(canvas, Rect { width: left, ..top }, app);
        preview(canvas, right, app);
        let handle = Handle { split: Split::Compose, start: top.x, length: top.width, sideways: true };
        canvas.hit(Rect { x: right.x.saturating_sub(1), width: 2.min(top.width), ..top }, Target::Split(handle));
    }
    if !rows.second.is_empty() {
        ledger::draw(canvas, rows.second, app);
    }
    rows.grip(canvas);
}

/// The exact topic and bytes, or why there are none yet.
fn preview(canvas: &mut Canvas<'_>, area: Rect, app: &App) {
    let inner = canvas.frame(area, canvas.words(&PREVIEW), false);
    canvas.hit(area, Target::Area(Place::ComposeForm));
    let mut lines: Vec<(String, Role)> = Vec::new();
    match app.compose_preview() {
        Err(reason) => lines.push((format!("· {}", reason.render(app.lang)), Role::Warning)),
        Ok((encoded, fault)) => {
            if let Some(fault) = fault {
                lines.push((format!("✗ {}", fault.render(app.lang)), Role::Bad));
            }
            let remarks = app.compose_remarks();
            lines.extend(remarks.iter().map(|remark| (format!("! {}", remark.render(app.lang)), Role::Warning)));
            lines.push((encoded.topic.clone(), Role::Name));
            let size = human_size(encoded.payload.len() as u64);
            lines.push((SIZE.fill(app.lang, &[&encoded.qos, &size]), Role::Dim));
            let made = app.compose_operation().is_some();
            match (pretty(&encoded.payload), std::str::from_utf8(&encoded.payload)) {
                (Some(text), _) if made => lines.extend(text.lines().map(|line| (line.to_owned(), Role::Text))),
                // What was written by hand is shown as it is.
                (_, Ok(text)) => lines.extend(text.split('\n').map(|line| (line.to_owned(), Role::Text))),
                (_, Err(_)) => lines.extend(dump(&encoded.payload).map(|line| (line, Role::Text))),
            }
        }
    }
    let mut y = inner.y;
    for (line, role) in lines {
        let indent = line.len() - line.trim_start().len();
        let style = canvas.style(role);
        for part in wrap(line.trim_start(), usize::from(inner.width).saturating_sub(indent)) {
            if y >= inner.bottom() {
                return;
            }
            let lead = " ".repeat(indent);
            canvas.text(inner.x, y, inner.width, &format!("{lead}{part}"), style);
            y += 1;
        }
    }
}

/// Bytes that are no text, 8 to a line.
fn dump(payload: &[u8]) -> impl Iterator<Item = String> {
    payload.chunks(8).take(64).map(|bytes| {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{:<24} {}", hex.join(" "), printable_bytes(bytes))
    })
}

/// JSON over several lines where that still shows the same bytes apart from white space.
fn pretty(payload: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    serde_json::to_string_pretty(&value).ok().filter(|text| width(text) < 20_000)
}

const PREVIEW: Text = Text::new("Preview", "预览");
const SIZE: Text = Text::new("QoS {} · {} · the id is given when it is sent", "QoS {} · {} · 消息 id 在发送时分配");
