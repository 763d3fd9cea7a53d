//! Words of the simulated cloud's sockets.

use crate::base::lang::Text;

pub(super) const LEFT: Text = Text::new("the client closed the connection", "客户端关闭了连接");
pub(super) const SAID_GOODBYE: Text = Text::new("the client disconnected (DISCONNECT)", "客户端主动断开（DISCONNECT）");
pub(super) const KEEP_ALIVE: Text = Text::new("keep-alive timed out", "心跳超时");
pub(super) const BROKER: Text = Text::new("closed: {}", "已关闭：{}");
pub(super) const SAID_CLOSE: Text = Text::new("the client closed the WebSocket", "客户端主动关闭了 WebSocket");
pub(super) const BROKE_PROTOCOL: Text = Text::new("closed, WebSocket protocol: {}", "已关闭，违反 WebSocket 协议：{}");
pub(super) const BAD_FRAME: Text = Text::new("a frame that cannot be read: {}", "无法解析的帧：{}");
pub(super) const RESERVED_BITS: Text = Text::new("reserved bits are set in a frame", "帧的保留位被置位");
pub(super) const UNMASKED: Text = Text::new("a frame of a client has to be masked", "客户端的帧必须加掩码");
pub(super) const LONG_MESSAGE: Text =
    Text::new("a message of {} bytes; at most {} are taken", "消息长 {} 字节，最多接收 {} 字节");
pub(super) const BAD_FRAGMENT: Text = Text::new(
    "a fragment without a beginning, or a message within a message",
    "分片没有起始帧，或消息尚未结束又开始新消息",
);
pub(super) const NOT_UTF8: Text = Text::new("a text frame that is not UTF-8", "文本帧不是 UTF-8");
pub(super) const BAD_CONTROL: Text =
    Text::new("a control frame is too long, fragmented or of no known kind", "控制帧过长、被分片或类型未知");
pub(super) const NEVER_OPENED: Text =
    Text::new("the connection ended before the WebSocket was open", "WebSocket 建立之前连接就断开了");
pub(super) const NO_REQUEST: Text =
    Text::new("the client closed without a complete request", "客户端没有发送完整请求就关闭了连接");
pub(super) const LARGE_HEAD: Text =
    Text::new("more than {} header fields, or more than {} bytes of them", "请求头超过 {} 个字段或 {} 字节");
pub(super) const NOT_HTTP: Text = Text::new("this is not an HTTP request: {}", "不是 HTTP 请求：{}");
pub(super) const BAD_BODY: Text =
    Text::new("the body cannot be taken: {} (at most {} bytes)", "无法接收请求体：{}（最多 {} 字节）");
pub(super) const BAD_UPGRADE: Text = Text::new(
    "a WebSocket is asked for with GET, Sec-WebSocket-Key of 24 characters and Sec-WebSocket-Version 13",
    "WebSocket 握手必须是 GET，Sec-WebSocket-Key 为 24 个字符，Sec-WebSocket-Version 为 13",
);
pub(super) const NEVER_STARTED: Text =
    Text::new("the connection ended before its CONNACK", "连接在 CONNACK 之前就断开了");
pub(super) const TLS_FAILED: Text = Text::new("TLS handshake failed: {}", "TLS 握手失败：{}");
pub(super) const TOO_SLOW: Text = Text::new("nothing complete within {} s", "{} 秒内没有收到完整报文");
pub(super) const NOT_MQTT: Text =
    Text::new("this is not an MQTT CONNECT, it begins with {}", "不是 MQTT CONNECT 报文，开头是 {}");
pub(super) const LEFT_EARLY: Text = Text::new("the client closed after {} bytes", "客户端发送 {} 字节后关闭了连接");
pub(super) const BAD_VERSION: Text = Text::new(
    "MQTT protocol level {}, expected 3 (3.1) or 4 (3.1.1)",
    "MQTT 协议级别为 {}，应为 3（3.1）或 4（3.1.1）",
);
pub(super) const EMPTY_ID: Text = Text::new(
    "an empty client id needs clean session (MQTT-3.1.3-8)",
    "clientId 为空时必须使用 clean session（MQTT-3.1.3-8）",
);
pub(super) const CANNOT_LISTEN: Text = Text::new("cannot listen on {} for {}: {}", "无法在 {} 上为 {} 监听：{}");
pub(super) const UNKNOWN_PORT: Text =
    Text::new("--ports has no key “{}”; there are: {}", "--ports 没有键“{}”，可用的有：{}");
pub(super) const NO_BROKER: Text = Text::new("the embedded broker does not start: {}", "内置 broker 无法启动：{}");
pub(super) const NO_CERTIFICATE: Text = Text::new("cannot make a certificate: {}", "无法生成证书：{}");
pub(super) const NO_CA_FILE: Text = Text::new("cannot write {}: {}", "无法写入 {}：{}");
pub(super) const UNREADABLE: Text = Text::new("this is not a request: {}", "请求无法解析：{}");
pub(super) const FOREIGN_ORIGIN: Text = Text::new(
    "the control address answers programs on this machine only, not web pages",
    "控制地址只接受本机程序的请求，不接受网页的请求",
);
pub(super) const NO_OUTCOME: Text = Text::new("no outcome within {} s", "{} 秒内没有结果");
pub(super) const STOPPED: Text = Text::new("the simulated cloud has stopped", "模拟云已停止");
