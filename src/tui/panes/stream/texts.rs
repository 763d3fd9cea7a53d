//! The words of the stream's panes.

use crate::base::lang::Text;

pub(super) const TOPICS: Text = Text::new("Topics", "主题");
pub(super) const DEVICES: Text = Text::new("Devices", "设备");
pub(super) const FURTHER_DEVICES: Text = Text::new("further devices", "其余设备");
pub(super) const IN_DEVICE: Text = Text::new("device {}", "设备 {}");
pub(super) const ALL_TOPICS: Text = Text::new("all", "全部");
pub(super) const FURTHER_TOPICS: Text = Text::new("further topics", "其余主题");
pub(super) const EMPTY_LEVEL: Text = Text::new("(empty)", "（空）");
pub(super) const BY_NAME: Text = Text::new("by name", "按名称");
pub(super) const BY_RATE: Text = Text::new("by rate", "按速率");
pub(super) const BY_COUNT: Text = Text::new("by count", "按数量");
pub(super) const BY_TIME: Text = Text::new("latest first", "按最近");
pub(super) const SILENT: Text = Text::new("silent {}", "静默 {}");
pub(super) const STREAM: Text = Text::new("Stream", "消息流");
pub(super) const FILTER: Text = Text::new("filter: ", "过滤：");
pub(super) const IN_TOPIC: Text = Text::new("in {}", "主题 {}");
pub(super) const COUNTS: Text = Text::new("{} of {}", "{} / {}");
pub(super) const PAUSED: Text = Text::new("paused · {} new", "已暂停 · 新增 {}");
pub(super) const FOLLOWING: Text = Text::new("following", "跟随中");
pub(super) const HELD: Text = Text::new("held · G follows", "停留在此 · G 跟随");
pub(super) const BEHIND: Text = Text::new("{} newer · G follows", "之后还有 {} 条 · G 跟随");
pub(super) const SCANNING: Text = Text::new("filtering {}%", "过滤中 {}%");
pub(super) const READING: Text = Text::new("reading the capture {}%", "读取录制文件 {}%");
pub(super) const WRITING: Text = Text::new("writing {}%", "导出中 {}%");
pub(super) const HUNTING: Text = Text::new("searching … esc stops", "查找中… esc 停止");
pub(super) const FAULT: Text = Text::new("column {}: {}", "第 {} 列：{}");
pub(super) const SILENCE: Text = Text::new(
    "Nothing has come yet. These topics are subscribed. Does the device use the same product and name, and is it online? `[mqtt] subscribe` in the profile adds topics.",
    "还没有消息。已订阅以下主题：请核对其中的产品与设备名，并确认设备在线。其他主题可写入配置的 `[mqtt] subscribe`。",
);
pub(super) const MORE_LISTENED: Text = Text::new("{} more: see 1", "另有 {} 个，见 1");
pub(super) const NOTHING_YET: Text = Text::new(
    "Nothing yet. What connections send and receive appears here; 1 shows the connections.",
    "暂无消息。连接收发的消息会显示在这里，按 1 查看连接。",
);
pub(super) const NOTHING_FITS: Text = Text::new(
    "None of the {} messages kept fits the filter. x takes it away.",
    "已保留的 {} 条消息都不符合过滤条件，按 x 清除过滤。",
);
pub(super) const COPY_WHAT: Text = Text::new("copy what?", "复制什么？");
