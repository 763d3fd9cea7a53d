//! What the simulated thing says to people.

use crate::base::lang::Text;

/// It came online.
pub(super) const ONLINE: Text = Text::new("online", "已上线");
/// It starts with these values.
pub(super) const START: Text = Text::new("starts with {} properties", "初始化 {} 个属性");
/// It starts with these values and rules.
pub(super) const START_RULES: Text = Text::new("starts with {} properties and {} rules", "初始化 {} 个属性、{} 条规则");
/// It takes other rules.
pub(super) const RULES: Text = Text::new("follows {} rules from now on", "开始执行 {} 条规则");
/// A sentence and the rule that it comes from.
pub(super) const BY_RULE: Text = Text::new("{} (rule in line {})", "{}（规则第 {} 行）");
/// A request was carried out, its numbers brought inside their limits.
pub(super) const CLAMPED: Text = Text::new("{}: done, inside the limits", "{}：已限幅并执行");
/// A request was carried out but is not answered.
pub(super) const MUTE: Text = Text::new("{}: done, not answered, as told", "{}：已执行，按设定不应答");
/// A request was answered with a foreign id.
pub(super) const WRONG_ID: Text =
    Text::new("{}: done, answered with a wrong id, as told", "{}：已执行，按设定用错误的 id 应答");
/// A request without an id cannot be answered with a wrong one.
pub(super) const NO_ID: Text =
    Text::new("{}: done; the request has no id that could be wrong", "{}：已执行，请求中没有可改错的 id");
/// A request was answered with bytes that cannot be read.
pub(super) const MALFORMED: Text =
    Text::new("{}: done, answered with a malformed reply, as told", "{}：已执行，按设定返回残缺应答");
/// It received its configuration.
pub(super) const CONFIGURED: Text = Text::new("receives the configuration {}", "收到配置 {}");
/// It was told the time.
pub(super) const TIME_TOLD: Text = Text::new("is told the time: {}", "收到对时结果：{}");
/// It asks or tells something on schedule.
pub(super) const ASKS: Text = Text::new("on schedule: {} {}", "按计划：{} {}");
/// A recorded message was played.
pub(in crate::session) const PLAYS: Text = Text::new("plays {}", "回放 {}");
/// An upgrade begins.
pub(super) const UPGRADES: Text = Text::new("upgrades to version {}", "开始升级到版本 {}");
/// An upgrade goes on.
pub(super) const UPGRADE_STEP: Text = Text::new("upgrade to {}: {} %", "升级到 {}：{}%");
/// An upgrade failed.
pub(super) const UPGRADE_FAILED: Text = Text::new("upgrade to {} failed with step {}", "升级到 {} 失败，step {}");
/// An upgrade is done.
pub(super) const UPGRADED: Text = Text::new("runs version {} now", "已升级到版本 {}");
/// A request was carried out.
pub(super) const DONE: Text = Text::new("{}: done", "{}：已执行");
/// A request was refused.
pub(super) const REFUSED: Text = Text::new("{}: refused with code {}", "{}：已拒绝，code {}");
/// A request is not answered, as told.
pub(super) const IGNORED: Text = Text::new("{}: not answered, as told", "{}：按设定不应答");
/// A request will be answered later.
pub(super) const LATER: Text = Text::new("{}: received, answers in {}", "{}：已收到，{} 后应答");
/// Too many requests wait for their answer.
pub(super) const TOO_MANY: Text = Text::new(
    "{}: not answered, {} requests already wait for their delayed answers",
    "{}：未应答，已有 {} 个请求在等待延迟应答",
);
/// Answers that could not be given because the connection ended.
pub(super) const ANSWERS_LOST: Text =
    Text::new("{} delayed answers were dropped with the connection", "连接断开，丢弃 {} 个延迟应答");
/// It reports its values.
pub(super) const REPORTS: Text = Text::new("reports {}", "上报 {}");
/// It reports an event.
pub(super) const EVENT: Text = Text::new("reports event {} ({})", "上报事件 {}（{}）");
/// It was told to report an event that the model does not have.
pub(super) const NO_EVENT: Text =
    Text::new("the model has no event “{}”; it has: {}", "物模型没有事件“{}”，可用的有：{}");
/// It was told to do something that needs a connection.
pub(super) const OFFLINE: Text = Text::new("not online: nothing was reported", "未上线：没有上报");
/// It asks for its desired values.
pub(super) const ASKS_DESIRED: Text = Text::new("asks for its desired values", "获取期望值");
/// It took desired values.
pub(super) const TAKES_DESIRED: Text = Text::new("takes the desired values {}", "采用期望值 {}");
/// It does not take a desired value.
pub(super) const LEAVES_DESIRED: Text =
    Text::new("does not take the desired value {}: the model does not allow it", "不采用期望值 {}：不符合物模型");
/// It behaves differently from now on.
pub(super) const BEHAVES: Text = Text::new("answers: {}, delay {}", "应答方式：{}，延迟 {}");
/// It takes values that a person gave.
pub(super) const VALUES: Text = Text::new("values set by hand: {}", "手动设置：{}");
/// It reports periodically.
pub(super) const REPORT_EVERY: Text = Text::new("reports every {}", "每 {} 上报属性");
/// It does not report periodically.
pub(super) const REPORT_NEVER: Text = Text::new("periodic reports stopped", "停止定时上报");
/// It sends events periodically.
pub(super) const EVENT_EVERY: Text = Text::new("reports an event every {}", "每 {} 上报一个事件");
/// It does not send events periodically.
pub(super) const EVENT_NEVER: Text = Text::new("periodic events stopped", "停止定时事件");
/// Its numbers drift.
pub(super) const DRIFTS: Text = Text::new("read-only numbers drift", "只读数值随时间漂移");
/// Its numbers do not drift.
pub(super) const DRIFTS_NOT: Text = Text::new("read-only numbers stay as they are", "只读数值保持不变");

/// Takes what the model allows.
pub(super) const ACCEPTS: Text = Text::new("accept", "接受");
/// Refuses everything.
pub(super) const REFUSES: Text = Text::new("refuse with code {}", "拒绝（code {}）");
/// Says nothing.
pub(super) const IGNORES: Text = Text::new("ignore", "不应答");
/// Answers twice.
pub(super) const TWICE: Text = Text::new("answer twice", "应答两次");
