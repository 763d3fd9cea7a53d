//! The words about recordings, captures and exports.

use crate::base::lang::Text;

pub(super) const RECORD_TO: Text = Text::new("Record everything to a file", "录制全部消息到文件");
pub(super) const RECORD_SHOWN_TO: Text =
    Text::new("Record what the filter admits to a file", "录制符合过滤条件的消息到文件");
pub(super) const RECORD_HINT: Text = Text::new(
    "JSON lines; a name that ends in .zst is compressed. w ends the recording.",
    "JSON 行格式；以 .zst 结尾则压缩。再按 w 结束录制。",
);
pub(super) const EXPORT_TO: Text = Text::new("Write the messages shown to a file", "导出当前显示的消息");
pub(super) const EXPORT_HINT: Text = Text::new(
    ".csv is a table, .sh a script of mosquitto_pub commands, anything else JSON lines",
    ".csv 为表格，.sh 为 mosquitto_pub 命令脚本，其余为 JSON 行",
);
pub(super) const OPEN_WHICH: Text = Text::new("Open a capture", "打开录制文件");
pub(super) const OPEN_HINT: Text = Text::new(
    "a recording of iotdbg (.jsonl, .zst), JSON lines of another program, or the output of mosquitto_sub -v",
    "iotdbg 录制文件（.jsonl、.zst）、其他程序的 JSON 行，或 mosquitto_sub -v 的输出",
);
pub(super) const RECORDING: Text = Text::new("recording to {}; w ends it", "正在录制到 {}，按 w 结束");
pub(super) const RECORDED: Text = Text::new("{} messages recorded in {}", "已录制 {} 条消息到 {}");
pub(super) const BROKE_OFF: Text = Text::new("the recording ended after {} messages: {}", "录制在 {} 条消息后中断：{}");
pub(super) const RECORDED_WITH_LOSS: Text = Text::new(
    "{} messages recorded in {}; {} lost, because the disk was too slow",
    "已录制 {} 条消息到 {}；磁盘太慢，丢失 {} 条",
);
pub(super) const RECORDING_ALREADY: Text = Text::new("a recording is going on; w ends it", "正在录制，按 w 结束");
pub(super) const EXPORTING_ALREADY: Text = Text::new("messages are being written already", "正在导出");
pub(super) const NOTHING_SHOWN: Text = Text::new("no message is shown", "没有显示任何消息");
pub(super) const EXPORTED: Text = Text::new("{} messages written to {}", "已导出 {} 条消息到 {}");
pub(super) const READ: Text = Text::new("{} messages read", "已读取 {} 条消息");
pub(super) const READ_WITH_FAULT: Text = Text::new("{} messages read; {}", "已读取 {} 条消息；{}");
