//! The words of the inspector.

use crate::base::lang::Text;

pub(super) const GOOD: Text = Text::new("success", "成功");
pub(super) const HEAD_ONLY: Text = Text::new(
    "only the head of this message was kept: that something is not closed or missing comes from that",
    "只保留了消息的开头：下面的“未结束”“缺少”由此而来",
);
pub(super) const TRUNCATED: Text = Text::new("truncated, {} of {}", "已截断，保留 {}，共 {}");
pub(super) const RETAINED: Text = Text::new("retained", "保留消息");
pub(super) const DUPLICATE: Text = Text::new("dup", "重发(DUP)");
pub(super) const LEFT: Text = Text::new("no longer in the history; this is a copy", "已移出历史缓存，此处为副本");
pub(super) const SENT: Text = Text::new("sent", "发出");
pub(super) const RECEIVED: Text = Text::new("received", "收到");
pub(super) const AFTER: Text = Text::new("after {}", "耗时 {}");
pub(super) const DECODING: Text = Text::new("the command that decodes it is running", "解码命令正在运行");
