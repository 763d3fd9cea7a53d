//! What the commands say to people.

use crate::base::lang::Text;
use crate::model::RequestState;

/// A language that is not spoken.
pub const NO_LANGUAGE: Text = Text::new("iotdbg speaks en and zh-CN", "iotdbg 支持 en 与 zh-CN");
/// A choice that is none.
pub const ONE_OF: Text = Text::new("must be one of: {}", "可选值：{}");
/// No such dialect.
pub const NO_DIALECT: Text = Text::new("there is no dialect “{}”; there are: {}", "没有平台“{}”，可用：{}");
/// A reply that names no request.
pub const INFERRED: Text = Text::new(
    "the platform's reply carries no id; it is paired by order and kind (inferred)",
    "平台应答不带 id，按先后顺序与类型配对（推断）",
);
/// No topic for a message.
pub const NEEDS_TOPIC: Text =
    Text::new("name the topic with -t; only a WebSocket needs none", "请用 -t 给出 topic；只有 WebSocket 连接可以省略");
/// No such code.
pub const NO_CODE: Text = Text::new("no platform here knows the code “{}”", "没有平台使用返回码“{}”");
/// Heading of a cause.
pub const CAUSE: Text = Text::new("usual cause: {}", "常见原因：{}");
/// No such command.
pub const NO_COMMAND: Text = Text::new("there is no command “{}”", "没有命令“{}”");
/// A flag that is missing or wrong.
pub const FIELD: Text = Text::new("{} {}", "{} {}");
/// An operation and what is wrong with its words.
pub const OPERATION_WORDS: Text = Text::new("{}: {}", "{}：{}");
/// Nothing to set.
pub const NEEDS_ASSIGNMENT: Text = Text::new("give at least one KEY=VALUE", "请至少给出一个 KEY=VALUE");
/// Nothing to name.
pub const NEEDS_IDENTIFIER: Text = Text::new("give at least one identifier", "请至少给出一个标识符");
/// No event, no service.
pub const NEEDS_NAME: Text = Text::new("give the name first, then KEY=VALUE", "请先给出名称，再给 KEY=VALUE");
/// Not JSON.
pub const BAD_JSON: Text = Text::new("not a JSON object: {}", "不是 JSON 对象：{}");
/// Not KEY=VALUE.
pub const NOT_ASSIGNMENT: Text = Text::new("expected KEY=VALUE, found “{}”", "应为 KEY=VALUE，实际是“{}”");
/// Nothing to sign.
pub const SIGN_WHAT: Text =
    Text::new("name a dialect ({}) or a profile (-p NAME)", "请给出平台（{}）或 profile（-p NAME）");
/// A role is missing.
pub const WHICH_ROLE: Text = Text::new("name the role, one of: {}", "请给出角色，可选：{}");
/// A field of another role.
pub const FOREIGN_FIELD: Text = Text::new("--{} is not a field of {} {}", "--{} 不是 {} {} 的字段");
/// Profile and command speak of two platforms.
pub const OTHER_DIALECT: Text = Text::new("the profile is of {}, the command of {}", "配置属于 {}，命令要求 {}");
/// Label.
pub const DIALECT: Text = Text::new("dialect", "平台");
/// Label.
pub const ROLE: Text = Text::new("role", "角色");
/// Label.
pub const EXPIRES: Text = Text::new("expires", "过期时间");
/// An operation that is not there.
pub const NO_OPERATION: Text = Text::new("no operation “{}” here; {} has: {}", "此处没有操作“{}”；{} 可用的操作：{}");
/// A file that cannot be read.
pub const UNREADABLE: Text = Text::new("cannot read {}: {}", "无法读取 {}：{}");
/// A theme that is none.
pub const NO_THEME: Text = Text::new(
    "there is no theme “{}”; there are auto, terminal, light, dark, contrast and those of settings.toml",
    "没有主题“{}”；可用 auto、terminal、light、dark、contrast 以及 settings.toml 中定义的主题",
);
/// Hex that is none.
pub const BAD_HEX: Text = Text::new("hex, character {}: {}", "hex 第 {} 个字符：{}");
/// Nothing to decode.
pub const MODEL_OF_WHAT: Text = Text::new(
    "--model needs --dialect: files of thing models differ",
    "--model 需要同时给出 --dialect：各平台的物模型文件不同",
);
pub const DECODE_WHAT: Text =
    Text::new("give the message in hex, or with --text, --file or -", "请以十六进制给出消息，或使用 --text、--file、-");
/// A file that cannot be written.
pub const UNWRITABLE: Text = Text::new("cannot write {}: {}", "无法写入 {}：{}");
/// Messages flow.
pub const ONLINE: Text = Text::new("online", "已上线");
/// The next attempt.
pub const WAITING: Text = Text::new("{}; attempt {2} in {1}", "{}；{1} 后进行第 {2} 次重连");
/// The connection ended.
pub const CONNECTION_LOST: Text = Text::new("the connection ended", "连接已断开");
/// Messages were lost.
pub const LOST: Text = Text::new("{} messages lost: {}", "丢失 {} 条消息：{}");
/// Asked before sending.
pub const PRODUCTION_ASK: Text =
    Text::new("{} is marked as production. Send? [y/N]", "{} 标记为生产环境，确认发送？[y/N]");
/// Not confirmed.
pub const PRODUCTION_NO: Text = Text::new(
    "{} is marked as production; nothing was sent (--yes sends without asking)",
    "{} 标记为生产环境，未发送（使用 --yes 可跳过确认）",
);
/// Messages were recorded.
pub const RECORDED: Text =
    Text::new("{} messages recorded, {}, {} file(s), lost {}", "已录制 {} 条消息，{}，{} 个文件，丢失 {}");
/// Messages were written.
pub const EXPORTED: Text = Text::new("{} of {} messages written", "已导出 {} / {} 条消息");
/// Messages were sent again.
pub const REPLAYED: Text = Text::new("{} of {} messages sent in {}", "已发送 {} / {} 条消息，用时 {}");
/// A part of a payload cannot be sent.
pub const ONLY_HEADS: Text = Text::new(
    "{} messages were left out, because only the head of their payload was recorded",
    "{} 条消息只录制了开头部分，未发送",
);
/// Nothing to send.
pub const NOTHING_TO_REPLAY: Text = Text::new(
    "none of the {} messages is to be sent; --direction in|out|both and --filter choose them",
    "{} 条消息中没有可发送的；用 --direction in|out|both 与 --filter 选择",
);
/// A recording of an app for a device.
pub const FOREIGN_SIDE: Text = Text::new(
    "an app recorded this: its topics are not those of a device; --as-device lets a device report the same values, --direction in publishes the messages as they are",
    "这是 app 端的录制，其 topic 不是设备使用的；--as-device 让模拟设备上报同样的值，--direction in 则原样发布",
);
/// A speed that is none.
pub const BAD_SPEED: Text = Text::new("--speed must be a positive number or max", "--speed 必须是正数或 max");
/// What a recording cannot know.
pub const NO_OUTCOMES_YET: Text = Text::new(
    "what becomes of a request is not known when it is recorded: outcome and latency hold for no message here; record all and filter when exporting",
    "录制时还不知道请求的结局：outcome 与 latency 在这里不会匹配任何消息；请录制全部，导出时再过滤",
);
/// A filter expression that cannot be read.
pub const BAD_FILTER: Text = Text::new("--filter, character {}: {}", "--filter 第 {} 个字符：{}");
/// A topic filter that is not one.
pub const BAD_TOPIC_FILTER: Text = Text::new("“{}” is not a topic filter: {}", "“{}”不是 topic 过滤器：{}");
/// A topic that is not one.
pub const BAD_TOPIC: Text = Text::new("“{}” is not a topic: {}", "“{}”不是 topic：{}");
/// The time for `--count` messages is over.
pub const FEWER_CAME: Text =
    Text::new("time is up; {} more message(s) were expected", "时间已到，还差 {} 条消息未收到");
/// Messages were sent.
pub const SENT: Text = Text::new("{} sent in {}", "已发送 {} 条，用时 {}");
/// No acknowledgement.
pub const NO_PUBACK: Text =
    Text::new("the broker did not acknowledge it (no PUBACK)", "broker 未确认（没有收到 PUBACK）");
/// A saved request that is no message, or no operation.
pub const UNFIT_REQUEST: Text = Text::new("this request cannot be sent in this way", "此请求不能以这种方式发送");
/// A profile of another role.
pub const NOT_A_DEVICE: Text =
    Text::new("{} is a profile of the role {}; a device is needed", "{} 的角色是 {}，此命令需要 device");

/// The name of a state of a request.
pub const fn state(state: &RequestState) -> Text {
    match state {
        RequestState::Queued => Text::new("queued", "排队中"),
        RequestState::Sent => Text::new("sent", "已发送"),
        RequestState::Acknowledged => Text::new("acknowledged", "已确认"),
        RequestState::Replied { .. } => Text::new("replied", "已应答"),
        RequestState::Refused { .. } => Text::new("refused", "被拒绝"),
        RequestState::Observed => Text::new("observed", "已生效"),
        RequestState::TimedOut { .. } => Text::new("timeout", "超时"),
        RequestState::LinkLost => Text::new("link lost", "连接断开"),
        RequestState::Failed(_) => Text::new("failed", "失败"),
        RequestState::RepliedLate { .. } => Text::new("replied late", "迟到应答"),
        RequestState::RepliedAgain { .. } => Text::new("replied again", "重复应答"),
    }
}
/// No home directory.
pub const NO_FOLDER: Text =
    Text::new("no config directory is known; name one with --config", "没有可用的配置目录，请用 --config 指定");
/// Where a shipped profile is.
pub const SHIPPED: Text = Text::new("shipped with iotdbg", "内置");
/// Where an address comes from.
pub const DERIVED: Text = Text::new("the platform's own", "平台默认地址");
/// One name for several profiles.
pub const SEVERAL_FOR_ONE_NAME: Text =
    Text::new("there are {} profiles in it, --name names one", "其中有 {} 个配置，--name 只能命名一个");
/// Calls that nobody can make ready.
pub const NO_CALLS: Text = Text::new(
    "{} has no HTTP interface that calls of one's own go to; give the path with its leading /",
    "{} 没有可自行调用的 HTTP 接口；路径须以 / 开头",
);
/// Not a name.
pub const BAD_NAME: Text = Text::new("“{}” cannot be the name of a profile", "“{}”不能作为配置名称");
/// No terminal.
pub const NO_TERMINAL: Text = Text::new(
    "the application needs a terminal; see iotdbg --help for commands that do not",
    "该程序需要终端；不需要终端的命令见 iotdbg --help",
);
/// A profile beside a command.
pub const PROFILE_BESIDE: Text =
    Text::new("-p belongs after the command: iotdbg COMMAND -p NAME", "-p 应放在命令之后：iotdbg COMMAND -p NAME");
/// Nothing to check.
pub const CHECK_WHAT: Text = Text::new(
    "give what was used: --client-id, --username, --password, or --input with a token, URL, packet or code",
    "请给出连接时使用的 --client-id、--username、--password，或用 --input 给出 token、URL、报文或代码",
);
/// The verdict.
pub const CHECK_RIGHT: Text = Text::new("right: the platform should accept this login", "正确：平台应当接受该登录");
/// The verdict.
pub const CHECK_WRONG: Text = Text::new("wrong: the platform refuses this login", "错误：平台会拒绝该登录");
/// Before a finding that is not proved.
pub const SUPPOSED: Text = Text::new("probably: ", "可能：");
/// Label.
pub const GIVEN: Text = Text::new("given", "给出");
/// Label.
pub const EXPECTED: Text = Text::new("expected", "期望");
/// Heading.
pub const SIGNED_TEXT: Text = Text::new("text that is signed", "待签内容");
/// A login of another platform.
pub const OTHER_PLATFORM: Text = Text::new("this is a login of {}, not of {}", "这是 {} 的登录信息，不是 {} 的");
/// What to do about it.
pub const OTHER_PLATFORM_FIX: Text = Text::new("check it with `iotdbg check {}`", "请用 `iotdbg check {}` 校验");
/// Progress.
pub const EXAMINING: Text = Text::new("… {}", "… {}");
/// The end of a checkup.
pub const HEALTHY: Text = Text::new("connected: nothing is wrong", "连接正常，未发现问题");
/// The end of a checkup.
pub const CONNECTED_BUT: Text = Text::new(
    "connected here, but rules of the platform are broken (see above)",
    "此处可以连接，但违反了平台规则（见上）",
);
/// The end of a checkup.
pub const FAILED_AT: Text = Text::new("failed at: {}", "失败于：{}");
/// A login that is still valid.
pub const EXPIRES_IN: Text = Text::new("in {}", "还有 {}");
/// A login that is not valid any more.
pub const EXPIRED_FOR: Text = Text::new("{} ago", "已过期 {}");
/// A platform that was recognised and not named.
pub const CHECK_AS: Text =
    Text::new("this is a login of {2}: iotdbg check {0} … --{1} …", "这是 {2} 的登录信息：iotdbg check {0} … --{1} …");
