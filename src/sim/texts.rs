//! Words of the simulated cloud.

use crate::base::lang::Text;

pub(super) const LEFT_CALL: Text = Text::new("the client did not wait", "客户端没有等待应答");
pub(super) const STOPPED_CALL: Text = Text::new("the simulated cloud stops", "模拟云正在停止");
pub(super) const SILENT_CALL: Text = Text::new("no answer within {} s", "{} 秒内没有应答");
pub(super) const NO_ENDPOINT: Text = Text::new("no dialect has an endpoint “{}”", "没有任何平台的接入点叫“{}”");
pub(super) const DISABLED: Text = Text::new("the operator has disabled this identity", "该身份已被管理员禁用");
pub(super) const DUPLICATE: Text = Text::new(
    "the same identity logged in again from {}: the older connection is closed",
    "同一身份从 {} 重复登录，旧连接被踢下线",
);
pub(super) const KICKED: Text = Text::new("kicked by the operator", "被管理员踢下线");
pub(super) const DENIED: Text = Text::new("closed by the platform: {}", "平台关闭了连接：{}");
pub(super) const NOT_CONNECTED: Text = Text::new("“{}” is not connected", "“{}”不在线");
pub(super) const UNKNOWN_IDENTITY: Text =
    Text::new("“{}” was never connected, or is not the only one of that name", "“{}”从未连接过，或有重名");
pub(super) const NO_DEVICE: Text = Text::new("name the device", "请指明设备");
pub(super) const NO_DIALECT: Text =
    Text::new("no dialect is called “{}”; there are: {}", "没有叫“{}”的平台，可用的有：{}");
pub(super) const MANY_DIALECTS: Text = Text::new("name the dialect (--as), one of: {}", "请用 --as 指明平台，可选：{}");
pub(super) const ROSTER_DIALECT: Text = Text::new(
    "the roster has entries for “{}”, which is no dialect; there are: {}",
    "名单里有“{}”的条目，但没有这个平台，可用的有：{}",
);
pub(super) const OPTION_DIALECT: Text = Text::new(
    "the option “{}” belongs to no dialect; options begin with: {}",
    "选项“{}”不属于任何平台，选项开头为：{}",
);
pub(super) const NOT_DELIVERED: Text =
    Text::new("no client of this platform has the number {}", "该平台没有编号为 {} 的连接");

pub(super) const LISTENING: Text = Text::new("listening, control address {}", "开始监听，控制地址 {}");
pub(super) const CONNECTED: Text =
    Text::new("connected, client id “{}”, keep-alive {} s", "已连接，clientId “{}”，心跳 {} 秒");
pub(super) const REFUSED: Text =
    Text::new("refused, client id “{}”, CONNACK {}", "拒绝连接，clientId “{}”，CONNACK {}");
pub(super) const REJECTED: Text = Text::new("connection without a request", "连接未发送有效请求");
pub(super) const UPGRADED: Text = Text::new("connected, WebSocket {}", "已连接，WebSocket {}");
pub(super) const UPGRADE_REFUSED: Text = Text::new("refused, WebSocket {}, HTTP {}", "拒绝连接，WebSocket {}，HTTP {}");
pub(super) const CALLED: Text = Text::new("{} {}: {} ({} ms)", "{} {}：{}（{} ms）");
pub(super) const CALL_ABANDONED: Text = Text::new("{} {}: no answer", "{} {}：未应答");
pub(super) const FRAME: Text = Text::new("text frame ({} bytes)", "文本帧（{} 字节）");
pub(super) const SUBSCRIBED: Text = Text::new("subscribed {} (QoS {})", "订阅 {}（QoS {}）");
pub(super) const SUBSCRIBE_REFUSED: Text = Text::new("subscription refused {}", "订阅被拒 {}");
pub(super) const UNSUBSCRIBED: Text = Text::new("unsubscribed {}", "取消订阅 {}");
pub(super) const PUBLISHED: Text = Text::new("published {} (QoS {}, {} bytes)", "发布 {}（QoS {}，{} 字节）");
pub(super) const PUBLISH_REFUSED: Text = Text::new("publish refused {}", "发布被拒 {}");
pub(super) const DISCONNECTED: Text = Text::new("disconnected", "已断开");
pub(super) const KICKED_EVENT: Text = Text::new("kicked", "踢下线");
pub(super) const OPERATED: Text = Text::new("operation {}: {}", "操作 {}：{}");
pub(super) const LOST: Text = Text::new("{} messages dropped", "丢弃了 {} 条消息");
pub(super) const SKIPPED: Text =
    Text::new("{} lines of this log left out: its reader is too slow", "读取太慢，略去了 {} 行日志");
pub(super) const TOKEN_EXPIRED: Text = Text::new("the login has expired (fault)", "登录凭据已过期（故障注入）");
pub(super) const FAULT_APPLIED: Text = Text::new("fault {}: {} {}", "故障 {}：{} {}");
pub(super) const FAULT_NAME: Text = Text::new("no fault is called “{}”; there are: {}", "没有故障“{}”，可用的有：{}");
pub(super) const FAULT_ARGUMENT: Text =
    Text::new("fault has no argument “{}”; it has: {}", "fault 没有参数“{}”，可用的有：{}");
pub(super) const FAULT_VALUE: Text = Text::new("“{}” cannot be “{}”", "“{}”不能是“{}”");
pub(super) const FAULT_NEEDS: Text = Text::new("fault {} needs: {}", "fault {} 需要参数：{}");
pub(super) const TOO_MANY_FAULTS: Text =
    Text::new("there are {} faults already; clear some", "已有 {} 个故障，请先清除");
