//! Words that only the pane needs.

use crate::base::lang::Text;

pub const EMPTY: Text = Text::new(
    "Paste frames anywhere on this tab: hex with or without blanks, 0x, C arrays, escaped text, base64, hex dumps, logs \
     of modules and serial tools with time stamps, whole MQTT packets.\n\n\
     o  opens a file: a log, binary bytes, a packet capture\n\
     a  builds a frame from nothing\n\
     B  on the Stream tab brings the selected message here\n\
     m  changes the data point definition, M opens one from a file",
    "在本页任意位置粘贴帧：带或不带空格的十六进制、0x、C 数组、转义字符串、base64、十六进制转储、带时间戳的模组或串口日志、\
     完整的 MQTT 报文。\n\n\
     o  打开文件：日志、二进制、抓包文件\n\
     a  从零构造一帧\n\
     B  在“消息流”页按 B，把选中的消息带到这里\n\
     m  切换数据点定义，M 从文件打开",
);
pub const TITLE: Text = Text::new("form: {} · definition: {}", "格式：{} · 数据点定义：{}");
pub const LIST: Text = Text::new("Frames {} of {} · {} · {}", "帧 {}/{} · {} · {}");
pub const EXPLANATION: Text = Text::new("Explanation", "说明");
