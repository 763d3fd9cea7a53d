//! The words of the inspector's pane.

use crate::base::lang::Text;

pub(super) const INSPECT: Text = Text::new("Inspect", "解析");
pub(super) const NO_FIELDS: Text = Text::new("This message has no fields.", "该消息没有可解析的字段。");
pub(super) const NO_BYTES: Text = Text::new("The payload is empty.", "报文为空。");
pub(super) const AT_BYTE: Text = Text::new("at byte {}", "第 {} 字节");
pub(super) const NOTHING_BEFORE: Text = Text::new(
    "No message of its kind (topic, connection, direction, device) is kept before it.",
    "此前没有保留同类消息（主题、连接、方向、设备相同）。",
);
pub(super) const DIFFERENCES: Text =
    Text::new("{} differ, {} are the same; the one before was {} earlier", "{} 项不同，{} 项相同；上一条早 {}");
pub(super) const NO_VALUES: Text = Text::new(
    "Choose a value in the tree (v); what it was in messages of this kind is shown here.",
    "请在字段视图（v）中选择一个值，这里显示它在同类消息中的历史。",
);
pub(super) const VALUES_RANGE: Text =
    Text::new("min {}  max {}  last {}  ·  {} values over {}", "最小 {}  最大 {}  最新 {}  ·  {} 个值，跨度 {}");
pub(super) const VALUES: Text = Text::new("last {}  ·  {} values over {}", "最新 {}  ·  {} 个值，跨度 {}");
