//! What a session says to people.

use crate::base::lang::{Phrase, Text};
use crate::dialect::HttpAnswer;

/// A CONNACK return code in words (MQTT 3.1.1, table 3.1).
pub(super) fn connack(code: u8) -> Text {
    match code {
        1 => Text::new(
            "CONNACK 1: the server does not accept this MQTT version",
            "CONNACK 1：服务器不接受此 MQTT 协议版本",
        ),
        2 => Text::new("CONNACK 2: the server rejects the client id", "CONNACK 2：服务器拒绝该 clientId"),
        3 => Text::new("CONNACK 3: the server is unavailable", "CONNACK 3：服务器不可用"),
        4 => Text::new(
            "CONNACK 4: bad user name or password. Check identity, key, signature and expiry",
            "CONNACK 4：用户名或密码错误（鉴权失败）。请检查身份信息、密钥、签名和有效期",
        ),
        5 => Text::new(
            "CONNACK 5: not authorized. Check the rights of this identity, and its key",
            "CONNACK 5：未授权。请检查该身份的权限和密钥",
        ),
        _ => Text::new("CONNACK {}: refused with an unknown code", "CONNACK {}：被拒绝，返回码未知"),
    }
}

/// The login had expired before it was used: the likely cause of a refusal.
pub(super) const EXPIRED_LOGIN: Text =
    Text::new("{}. The login had already expired", "{}。登录凭证（token）在使用前已过期");
/// The settings do not make a connection.
pub(super) const NO_PLAN: Text = Text::new("cannot connect: field {} {}", "无法连接：字段 {} {}");
/// The login in use has expired.
pub(super) const EXPIRED: Text = Text::new(
    "the login in use has expired; the connection may be closed by the platform, and the next attempt makes a new login",
    "当前登录凭证已过期；平台可能断开连接，下次连接会重新生成凭证",
);
/// Two clients throw each other out.
pub(super) const KICKED: Text = Text::new(
    "lost {} times in a row shortly after login: probably another client uses the same identity (client id “{}”) and both throw each other out. Not reconnecting; close the other client, then connect again",
    "登录后很快断开，已连续 {} 次：可能有另一个客户端使用相同身份（clientId“{}”），双方互相踢下线。已停止重连，请先关闭另一个客户端再连接",
);
/// A WebSocket that does not last.
pub(super) const THROWN_OUT: Text = Text::new(
    "lost {} times in a row shortly after the WebSocket was granted: the server seems to throw this login out. Not reconnecting; connect again when the cause is mended",
    "WebSocket 建立后很快断开，已连续 {} 次：服务器似乎不接受该登录。已停止重连，请排除原因后再连接",
);
/// A call of the login was answered well.
pub(super) const CALL_ANSWERED: Text = Text::new("{}: HTTP {}", "{}：HTTP {}");
/// A call of the login was refused.
pub(super) const CALL_REFUSED: Text = Text::new("{}: HTTP {}: {}", "{}：HTTP {}：{}");
/// A call of the login was refused with a code.
pub(super) const CALL_REFUSED_CODE: Text = Text::new("{}: HTTP {}, code {}: {}", "{}：HTTP {}，错误码 {}：{}");
/// A call of the login got no answer.
pub(super) const CALL_FAILED: Text = Text::new("{}: {}", "{}：{}");
/// Calls without end.
pub(super) const TOO_MANY_CALLS: Text = Text::new("{} calls did not lead to a login", "连续调用 {} 次接口仍未完成登录");
/// An answer that sends elsewhere.
const REDIRECTED: Text =
    Text::new("the server redirects to {}, which is not followed", "服务器要求重定向到 {}，不会自动跟随");

/// What to say where an answer sends the client elsewhere (HTTP 3xx).
pub(super) fn redirection(answer: &HttpAnswer) -> Option<Phrase> {
    if !(300..400).contains(&answer.status) {
        return None;
    }
    let location = answer.headers.iter().find(|(name, _)| name == "location").map_or("?", |(_, value)| value);
    Some(REDIRECTED.with(&[&location]))
}

/// A subscription inside a WebSocket was granted.
pub(super) const SUBSCRIBED: Text = Text::new("{}: subscribed", "{}：订阅成功");
/// A subscription inside a WebSocket was refused or not answered.
pub(super) const NOT_SUBSCRIBED: Text = Text::new("{}: not subscribed: {}", "{}：订阅失败：{}");
/// It was not answered.
pub(super) const NO_REPLY: Text = Text::new("no reply in time", "应答超时");
/// A request at the beginning of a connection did not go well.
pub(super) const OPENING_FAILED: Text =
    Text::new("{}, asked for at the beginning of the connection, failed: {}", "连接建立时的请求 {} 失败：{}");
/// A topic filter where there are none.
pub(super) const NO_FILTERS: Text = Text::new(
    "{}: not subscribed: a WebSocket has no topic filters; use the operation “subscribe”",
    "{}：未订阅：WebSocket 没有 topic 过滤器，请用 subscribe 操作",
);
/// A connection that is not made again ended.
pub(super) const ENDED: Text = Text::new("the connection ended: {}", "连接已断开：{}");

/// A filter was granted.
pub(super) const GRANTED: Text = Text::new("{}: granted QoS {}", "{}：订阅成功，QoS {}");
/// A filter was granted with less than asked for.
pub(super) const GRANTED_LESS: Text =
    Text::new("{}: granted QoS {}, asked for {}", "{}：订阅成功，QoS {}（请求的是 {}）");
/// A filter was refused.
pub(super) const FILTER_REFUSED: Text = Text::new("{}: refused, SUBACK 0x{}", "{}：订阅被拒绝，SUBACK 0x{}");
/// A filter was not answered.
pub(super) const NO_SUBACK: Text = Text::new("{}: no SUBACK within {} s", "{}：{} 秒内没有 SUBACK");
/// A subscription that the broker leaves unanswered.
pub(super) const ADVICE_NO_SUBACK: Text = Text::new(
    "the broker ignored the subscription; messages of this filter may not arrive",
    "服务器没有应答该订阅，可能收不到此主题的消息",
);
/// A topic that exists, but not for this role.
pub(super) const ADVICE_WRONG_ROLE: Text =
    Text::new("the platform has this topic, but not for the role {} to subscribe", "平台有该主题，但角色 {} 不能订阅");
/// A topic that the platform has and the role may subscribe.
pub(super) const ADVICE_KNOWN: Text = Text::new(
    "the topic exists: check that product and device in it belong to this identity, and how many topics are subscribed (platforms limit their number)",
    "主题本身存在：请检查其中的产品与设备是否属于当前身份，以及订阅数量是否超过平台上限",
);
/// A wildcard that the platform may not allow.
pub(super) const ADVICE_WILDCARD: Text = Text::new(
    "the filter holds wildcards, which the platform may not allow here: subscribe the exact topic",
    "过滤器含通配符，平台可能不允许：请订阅完整主题",
);
/// A topic that the platform does not have.
pub(super) const ADVICE_UNKNOWN: Text = Text::new(
    "the platform's documents have no such topic: check the spelling of every level",
    "平台文档中没有此主题：请逐级检查拼写",
);
/// A filter that cannot be subscribed at all.
pub(super) const BAD_FILTER: Text = Text::new("{}: not subscribed: {}", "{}：未订阅：{}");
/// A topic that cannot be published to at all.
pub(super) const BAD_TOPIC: Text = Text::new("not sent: {}", "未发送：{}");
/// A request without a connection.
pub(super) const NOT_CONNECTED: Text = Text::new("not connected", "未连接");
/// A request that waited when the person closed the connection.
pub(super) const CLOSED_BEFORE_SENT: Text =
    Text::new("the connection was closed before it was sent", "发送之前连接已关闭");
/// A request that waited when the connection ended for good.
pub(super) const ENDED_BEFORE_SENT: Text = Text::new("not sent: {}", "未发送：{}");
/// A request that waited too long.
pub(super) const WAITED_TOO_LONG: Text =
    Text::new("not sent: no connection within {} s", "未发送：{} 秒内没有可用连接");
/// The outbox is full.
pub(super) const OUTBOX_FULL: Text =
    Text::new("not sent: {} messages or {} MiB are already waiting", "未发送：等待队列已满（{} 条或 {} MiB）");
/// The request table is full.
pub(super) const TOO_MANY_OPEN: Text =
    Text::new("not sent: {} requests are already waiting for an outcome", "未发送：已有 {} 个请求在等待结果");
/// Messages of the simulated device that a lost link took along.
pub(super) const LOST_WITH_LINK: Text = Text::new(
    "messages of the simulated device were not sent before the connection ended",
    "模拟设备的消息在断开前未能发出",
);
/// A message of the simulated device could not be sent.
pub(super) const THING_NOT_SENT: Text =
    Text::new("a message of the simulated device was not sent: {}", "模拟设备的消息未发送：{}");
/// A message of the simulated device was refused by the platform.
pub(super) const THING_REFUSED: Text = Text::new(
    "the platform refused a message of the simulated device: {}: {} {}",
    "平台拒绝了模拟设备的消息：{}：{} {}",
);
/// A message of the simulated device was not answered.
pub(super) const THING_UNANSWERED: Text = Text::new(
    "the platform did not answer a message of the simulated device in time: {} (told once per connection)",
    "平台没有按时应答模拟设备的消息：{}（每次连接只提示一次）",
);
/// A recorded message that a device cannot send.
pub(super) const THING_PLAYS_NOT: Text = Text::new(
    "a recorded message was left out, because an app received it and its values cannot be read: {}",
    "跳过一条录制的消息：它由应用侧收到，且无法解析出属性值：{}",
);
/// No simulated device here.
pub(super) const NO_THING: Text = Text::new("this connection has no simulated device", "此连接没有模拟设备");
