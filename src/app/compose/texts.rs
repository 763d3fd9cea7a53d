//! Words of the Compose tab.

use crate::base::lang::Text;

pub const NO_CONNECTION: Text =
    Text::new("no connection is open: open one on the Connections tab", "没有打开的连接，请先在“连接”页打开一个");
pub const CHOOSE_VALUE: Text =
    Text::new("choose at least one property (space) and give it a value", "请至少选一个属性（空格选入）并填写值");
pub const NOT_OBJECT: Text =
    Text::new("a JSON object is expected: {\"identifier\": value}", "应为 JSON 对象：{\"标识符\": 值}");
pub const NOT_JSON: Text = Text::new("line {}, column {}: {}", "第 {} 行第 {} 列：{}");
pub const ASK_PRODUCTION: Text =
    Text::new("{} is marked production. Send this to it?", "{} 标记为生产环境，确定发送吗？");
pub const NO_REQUEST: Text = Text::new("nothing was sent yet", "还没有发送过请求");
pub const NOT_SENT_YET: Text = Text::new("this request is not in the stream yet", "该请求尚未进入消息流");
pub const NO_REPLY: Text = Text::new("no reply has come", "还没有应答");
pub const NO_FAULT: Text = Text::new("there is no fault to ignore", "没有需要忽略的校验错误");
pub const FAULTY: Text =
    Text::new("mend the marked value, or send in spite of it (S)", "请修正标出的值，或用 S 忽略校验发送");
pub const INCOMPLETE: Text = Text::new("not complete yet: see the preview", "内容不完整，见预览");
pub const GONE_CONNECTION: Text = Text::new("that connection is gone", "该连接已不存在");
pub const NO_TEXT: Text = Text::new("this row has no text to edit", "此行没有可编辑的文本");
pub const NO_CHOICE: Text = Text::new("this row has nothing to choose", "此行没有可选的值");
pub const NO_FORM: Text = Text::new("this operation has no form", "该操作没有表单");
pub const QUEUED_OFFLINE: Text =
    Text::new("queued: it is sent when the connection is online", "已排队，连接恢复在线后发出");
pub const BAD_TIMES: Text = Text::new(
    "how many times: a number from 1, or * for no end; found “{}”",
    "次数：从 1 开始的数字，或用 * 表示不停；实际是“{}”",
);
pub const BAD_EVERY: Text = Text::new("at least 1 ms from one to the next", "间隔至少 1 ms");
pub const SERIES_OVER: Text = Text::new("sent {} times", "已发送 {} 次");
pub const SERIES_STOPPED: Text = Text::new("stopped after {} times", "发送 {} 次后停止");
pub const NO_SERIES: Text = Text::new("nothing is being sent again and again", "没有正在重复发送的内容");
pub const KEEP_AS: Text = Text::new("Keep this request as", "将此请求保存为");
pub const KEEP_HINT: Text = Text::new("a name; one that is there already is replaced", "输入名称；同名的会被替换");
pub const NONE_KEPT: Text =
    Text::new("no request is kept yet: w keeps the one in the form", "还没有保存的请求：按 w 保存当前表单");
pub const SAVED_IN: Text = Text::new("written to {}", "已写入 {}");
pub const NOT_HERE: Text = Text::new(
    "this connection has no operation “{}”: choose another connection (c)",
    "此连接没有操作“{}”：请用 c 换一个连接",
);
