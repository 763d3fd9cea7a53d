//! Words of the application as a whole.

use crate::base::lang::Text;

pub const DISABLED: Text = Text::new("{}: {}", "{}：{}");
pub const PASTE_NOWHERE: Text =
    Text::new("nothing here takes text; open a text field first", "当前位置不能输入文本，请先进入输入框");
pub const NOT_HERE: Text = Text::new("“{}” works in: {}", "“{}”只能在“{}”中使用");
pub const QUIT_CONNECTED: Text =
    Text::new("{} connection(s) are open. Close them and quit?", "还有 {} 个连接打开着，断开并退出吗？");
pub const COPIED: Text = Text::new("copied {} bytes to the clipboard", "已复制 {} 字节到剪贴板");
pub const COPIED_OSC52: Text =
    Text::new("sent {} bytes to the terminal's clipboard (OSC 52)", "已将 {} 字节送往终端剪贴板（OSC 52）");
pub const COPIED_FILE: Text = Text::new("no clipboard here; written to {}", "没有可用的剪贴板，已写入 {}");
