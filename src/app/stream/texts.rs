//! The words of the stream.

use crate::base::lang::Text;

pub(super) const SENT: Text = Text::new("sent", "已发送");
pub(super) const ACKNOWLEDGED: Text = Text::new("acknowledged", "已确认(PUBACK)");
pub(super) const REPLIED: Text = Text::new("replied", "已应答");
pub(super) const REFUSED: Text = Text::new("refused", "被拒绝");
pub(super) const OBSERVED: Text = Text::new("observed in a report", "后续上报已生效");
pub(super) const TIMED_OUT: Text = Text::new("timed out", "超时");
pub(super) const LINK_LOST: Text = Text::new("link lost", "连接中断");
pub(super) const FAILED: Text = Text::new("not sent", "发送失败");
pub(super) const REPLIED_LATE: Text = Text::new("replied late", "迟到的应答");
pub(super) const REPLIED_AGAIN: Text = Text::new("replied again", "重复应答");
pub(super) const UNSOLICITED: Text = Text::new("unsolicited", "无对应请求");

pub(super) const NO_MESSAGE: Text = Text::new("no message is selected", "未选中消息");
pub(super) const HAS_LEFT: Text = Text::new("this message is no longer in the history", "该消息已移出历史缓存");
pub(super) const NO_REQUEST_ID: Text = Text::new("this message has no request id", "该消息没有请求 ID");
pub(super) const NO_FILTER: Text = Text::new("no filter is active", "当前没有过滤条件");
pub(super) const NO_INSPECTOR: Text = Text::new("no message is open", "未打开消息");
pub(super) const NO_MARKS: Text = Text::new("nothing is marked", "没有标记");
pub(super) const NOT_A_REQUEST: Text = Text::new("this message asks for nothing", "该消息不是请求");
pub(super) const NO_ANSWER: Text = Text::new("the platform wants no answer to this", "平台不需要应答该消息");
pub(super) const NONE_FURTHER: Text = Text::new("none further in this direction", "该方向没有更多匹配");
pub(super) const NO_SUCH_CONNECTION: Text = Text::new("its connection is gone", "所属连接已不存在");
pub(super) const MARKED: Text = Text::new("{} marked; {} and {} go through them", "已标记 {} 条，用 {} 和 {} 跳转");
pub(super) const NOT_OURS: Text = Text::new(
    "it was received; only what was sent from here can be sent again",
    "这是收到的消息，只能重发由本端发出的消息",
);
pub(super) const OURS: Text =
    Text::new("it was sent from here; there is nothing to answer", "这是本端发出的消息，无需应答");
pub(super) const FIND_TOPIC: Text = Text::new("Find a topic", "查找主题");
pub(super) const TARGETS: Text = Text::new("Devices", "设备");
pub(super) const UNHEARD: Text = Text::new("nothing heard yet", "尚无消息");
pub(super) const SILENT_FOR: Text = Text::new("silent {}", "静默 {}");
pub(super) const DEVICES: Text =
    Text::new("Devices, watched and of the newest messages", "关注的设备与最近消息中的设备");
pub(super) const MARKS: Text = Text::new("Marks", "标记");
pub(super) const SAVED_FILTERS: Text = Text::new("Saved filters", "已保存的过滤条件");
pub(super) const NO_SAVED_FILTERS: Text = Text::new(
    "no filter is kept yet: ctrl-s in the filter box keeps one, ctrl-e edits the file",
    "还没有保存的过滤条件：在过滤框按 ctrl-s 保存，ctrl-e 编辑文件",
);
pub(super) const NOTE: Text = Text::new("Mark with a note", "标记并备注");
pub(super) const NOTE_HINT: Text = Text::new("` lists the marks", "按 ` 列出标记");
pub(super) const GO_TO_TIME: Text = Text::new("Go to a time", "跳转到时间");
pub(super) const GO_TO_TIME_HINT: Text = Text::new(
    "14:02, 14:02:11.5, 2026-01-31 or 2026-01-31T14:02; the first message from then on is selected",
    "14:02、14:02:11.5、2026-01-31 或 2026-01-31T14:02，选中该时刻起的第一条",
);
pub(super) const KEEP_FILTER_AS: Text = Text::new("Keep “{}” under a name", "保存过滤条件“{}”");
pub(super) const KEEP_FILTER_HINT: Text = Text::new("F lists the filters that are kept", "按 F 列出已保存的过滤条件");
pub(super) const NO_FILTER_TO_KEEP: Text = Text::new("type a filter that can be read first", "请先输入有效的过滤条件");
pub(super) const PACKETS_ON: Text = Text::new(
    "control packets are shown from now on; kind:packet finds them, not kind:packet hides them",
    "从现在起显示控制报文；kind:packet 查找，not kind:packet 隐藏",
);
pub(super) const PACKETS_OFF: Text = Text::new("control packets are no longer shown", "不再显示控制报文");
pub(super) const NOT_ONLINE: Text = Text::new("its connection is not online", "所属连接未在线");
pub(super) const SEND_ON_PRODUCTION: Text =
    Text::new("“{1}” is marked as production. Send to {0}?", "“{1}”标记为生产环境，确定发送到 {0} 吗？");
pub(super) const SENT_TO: Text = Text::new("sent to {}", "已发送到 {}");
pub(in crate::app) const NO_COMPLETION: Text = Text::new("nothing to complete here", "此处没有可补全的内容");
