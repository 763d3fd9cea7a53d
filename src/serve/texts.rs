//! Words of the simulated cloud's sockets.

use crate::base::lang::Text;

pub(super) const LEFT: Text = Text::new("the client closed the connection", "客户端关闭了连接");
pub(super) const SAID_GOODBYE: Text = Text::new("the client disconnected (DISCONNECT)", "客户端主动断开（DISCONNECT）");
pub(super) const KEEP_ALIVE: Text = Text::new("keep-alive timed out", "心跳超时");
pub(super) const BROKER: Text = Text::new("closed: {}", "已关闭：{}");
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
