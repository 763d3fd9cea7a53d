//! Words of the Frames tab.

use crate::base::lang::Text;

pub const NO_LAB: Text = Text::new("no platform here has binary frames", "没有使用二进制帧的平台");
pub const NO_FRAME: Text = Text::new("there is no frame yet: paste one", "还没有帧：请先粘贴");
pub const NO_FIELD: Text = Text::new("no field is selected", "没有选中字段");
pub const NOT_EDITABLE: Text = Text::new("this follows from other fields", "此项由其他字段决定");
pub const NO_UNDO: Text = Text::new("there is no change to take back", "没有可撤销的修改");
pub const NO_REDO: Text = Text::new("there is no change to make again", "没有可重做的修改");
pub const NO_CONNECTION: Text = Text::new("no connection of this platform is open", "没有打开该平台的连接");
pub const ONE_FRAME: Text = Text::new("there is one frame only", "只有一帧");
pub const NO_PROBLEM: Text = Text::new("nothing is wrong with this frame", "该帧没有问题");
pub const NO_CHANGE: Text = Text::new("“{}” does not change further on", "“{}”在后面没有变化");
pub const WHICH_VALUE: Text =
    Text::new("put the cursor on the value whose change is looked for", "请先把光标移到要查找变化的字段");
pub const CAUGHT: Text = Text::new("{} frames", "找到 {} 帧");
pub const CAUGHT_SOME: Text =
    Text::new("{} frames; {} stretches of bytes without a frame left out", "找到 {} 帧；略去 {} 段不含帧的字节");
pub const NOTHING_CAUGHT: Text = Text::new("no bytes were found in what was pasted", "粘贴内容中没有找到字节");
pub const TOO_MANY: Text = Text::new(
    "the bench is full with {} frames: {} did not fit; D clears it",
    "工作台最多放 {} 帧，另有 {} 帧放不下；D 清空",
);
pub const OPEN_FILE: Text = Text::new("Open a file with frames", "打开含有帧的文件");
pub const OPEN_HINT: Text = Text::new(
    "a log, hex in any dress, binary bytes, or a packet capture (pcap)",
    "日志、任意写法的十六进制、二进制文件或抓包文件（pcap）",
);
pub const OPEN_MODEL: Text = Text::new("Open a data point definition", "打开数据点定义");
pub const MODEL_HINT: Text = Text::new("a JSON file as the platform gives it out", "平台导出的 JSON 文件");
pub const BAD_MODEL: Text = Text::new("{}:{}:{}: {}", "{}:{}:{}：{}");
pub const NOT_TEXT: Text = Text::new("{} is no text", "{} 不是文本");
pub const SEND_TITLE: Text = Text::new("Send over {}: topic", "经 {} 发送：主题");
pub const SEND_HINT: Text = Text::new("{} bytes, QoS 0; enter sends", "{} 字节，QoS 0；按 enter 发送");
pub const NO_TOPIC: Text = Text::new("a topic is missing", "缺少主题");
pub const OFFLINE: Text = Text::new("{} is not online", "{} 不在线");
pub const SEND_ON_PRODUCTION: Text =
    Text::new("Send to {} on {}, which is marked production?", "{1} 标记为生产环境，确定发送到 {0}？");
pub const COMPARE_WITH: Text =
    Text::new("compared with frame {} from now on; c again ends it", "之后与第 {} 帧比较；再按 c 结束");
pub const COMPARE_OVER: Text = Text::new("no longer compared", "已结束比较");
pub const NO_LAB_MESSAGE: Text = Text::new("this message is no binary frame", "该消息不是二进制帧");
pub const AUTO: Text = Text::new("by connection", "取自连接");
pub const RAW: Text = Text::new("none: raw bytes", "无（原始字节）");
pub const DEFINITION: Text = Text::new("definition: {}", "数据点定义：{}");
pub const CHANGES: Text =
    Text::new("byte {} changes in {} of {} steps, bits {}; values {}", "字节 {}：{}/{} 次变化，变化位 {}；取值 {}");
pub const NO_CHANGES: Text = Text::new("byte {} is the same in all {} frames", "字节 {} 在 {} 帧中都相同");
pub const NOT_COMPARED: Text =
    Text::new("byte {} was not compared: only the first {} bytes are", "未比较字节 {}：只比较前 {} 字节");
pub const DIFFERS: Text = Text::new("against frame {}: {} bytes differ; {}", "与第 {} 帧相比：{} 个字节不同；{}");
pub const SAME: Text = Text::new("against frame {}: the same bytes", "与第 {} 帧相比：字节完全相同");
pub const RULE: Text = Text::new("rule: {} ({})", "规则：{}（{}）");
pub const AT_BYTE: Text = Text::new("at byte {}", "字节 {}");
pub const LEDGER: Text = Text::new("sent: {} · {}", "已发送：{} · {}");
pub const FINE: Text = Text::new("nothing is wrong with this frame", "该帧没有问题");
pub const NOT_READ: Text = Text::new("cannot be read: {}", "无法读取：{}");
