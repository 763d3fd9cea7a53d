//! The words of the inspector's pane.

use crate::base::lang::Text;

pub(super) const INSPECT: Text = Text::new("Inspect", "解析");
pub(super) const NO_FIELDS: Text = Text::new("This message has no fields.", "该消息没有可解析的字段。");
pub(super) const NO_BYTES: Text = Text::new("The payload is empty.", "报文为空。");
pub(super) const AT_BYTE: Text = Text::new("at byte {}", "第 {} 字节");
