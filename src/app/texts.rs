//! Words of the application as a whole.

use crate::base::lang::Text;

pub const DISABLED: Text = Text::new("{}: {}", "{}：{}");
pub const PASTE_NOWHERE: Text =
    Text::new("nothing here takes text; open a text field first", "当前位置不能输入文本，请先进入输入框");
pub const TYPED_NOWHERE: Text =
    Text::new("text was typed where nothing takes it; q alone quits", "此处不能输入文本；单独按 q 才会退出");
pub const NOT_HERE: Text = Text::new("“{}” works in: {}", "“{}”只能在“{}”中使用");
pub const QUIT_CONNECTED: Text =
    Text::new("{} connection(s) are open. Close them and quit?", "还有 {} 个连接打开着，断开并退出吗？");
pub const MOUSE_ON: Text = Text::new(
    "the mouse works here; hold shift to select text, or F2 to give it back to the terminal",
    "鼠标已启用；按住 shift 可选择文字，或按 F2 交还终端",
);
pub const MOUSE_OFF: Text = Text::new(
    "the mouse is the terminal's: select text with it; F2 takes it again",
    "鼠标已交还终端，可直接选择文字；按 F2 重新启用",
);
pub const NO_SHELL: Text = Text::new(
    "no shell runs this program, so nothing could bring it back: it stays",
    "不是由 shell 启动的，转到后台后无法恢复，故未执行",
);
pub const COPIED: Text = Text::new("copied {} bytes to the clipboard", "已复制 {} 字节到剪贴板");
pub const COPIED_OSC52: Text =
    Text::new("sent {} bytes to the terminal's clipboard (OSC 52)", "已将 {} 字节送往终端剪贴板（OSC 52）");
pub const COPIED_FILE: Text = Text::new("no clipboard here; written to {}", "没有可用的剪贴板，已写入 {}");
