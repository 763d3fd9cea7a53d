//! What the link says to people.

use crate::base::lang::Text;

/// Addresses found.
pub const RESOLVED: Text = Text::new("{} → {}", "{} → {}");
/// Nothing to resolve.
pub const IS_ADDRESS: Text = Text::new("{} is an address", "{} 已是 IP 地址");
/// The name does not resolve.
pub const NOT_RESOLVED: Text = Text::new("cannot resolve {}: {}", "无法解析 {}：{}");
/// The name resolves to nothing.
pub const NO_ADDRESS: Text = Text::new("{} has no address", "{} 没有对应的地址");
/// What to do about a name that does not resolve.
pub const RESOLVE_ADVICE: Text = Text::new(
    "check the host name in `server` and the DNS of this machine",
    "请检查 `server` 里的域名和本机的 DNS 设置",
);
/// Took too long.
pub const NO_ANSWER_IN: Text = Text::new("no answer within {} s", "{} 秒内没有应答");
/// TCP is there.
pub const TCP_OPEN: Text = Text::new("connected to {} from {}", "已连接 {}，本端 {}");
/// TCP is not there.
pub const TCP_FAILED: Text = Text::new("cannot connect to {}: {}", "无法连接 {}：{}");
/// What to do about a refused TCP connection.
pub const TCP_REFUSED_ADVICE: Text = Text::new(
    "nothing listens there: check the port, and that the broker (or `iotdbg cloud`) is running",
    "该端口没有服务监听：请检查端口，并确认 broker（或 `iotdbg cloud`）正在运行",
);
/// What to do about a TCP connection that gets no answer.
pub const TCP_SILENT_ADVICE: Text = Text::new(
    "a firewall may drop the packets, or the address is wrong: check the network and the outgoing ports allowed in it",
    "可能被防火墙丢弃，或地址有误：请检查网络以及允许的出站端口",
);
/// TLS is there.
pub const TLS_OPEN: Text = Text::new("{}, {}", "{}，{}");
/// TLS is not there.
pub const TLS_FAILED: Text = Text::new("TLS handshake failed: {}", "TLS 握手失败：{}");
/// A TLS file cannot be used.
pub const TLS_FILE: Text = Text::new("cannot use {}: {}", "无法使用 {}：{}");
/// A PEM file without what was looked for.
pub const TLS_EMPTY: Text = Text::new("no certificate found in it", "文件中没有证书");
/// Key without certificate or the reverse.
pub const TLS_PAIR: Text = Text::new(
    "`client_cert` and `client_key` belong together; one is missing",
    "`client_cert` 与 `client_key` 必须同时给出，现缺少一个",
);
/// Advice beside a file that cannot be used.
pub const TLS_FILE_ADVICE: Text =
    Text::new("check the paths in `[tls]`; files are PEM", "请检查 `[tls]` 里的路径，文件须为 PEM 格式");
/// Certificate from an unknown authority.
pub const TLS_UNKNOWN_ISSUER: Text =
    Text::new("the certificate was issued by an authority that is not trusted here", "证书由不受信任的 CA 签发");
/// Advice beside it.
pub const TLS_UNKNOWN_ISSUER_ADVICE: Text = Text::new(
    "name the platform's CA file in `[tls] ca`; for `iotdbg cloud --tls` it is what `--ca-out` wrote",
    "请在 `[tls] ca` 里填平台的 CA 文件；对 `iotdbg cloud --tls` 就是 `--ca-out` 写出的文件",
);
/// Expired certificate.
pub const TLS_EXPIRED: Text = Text::new("the certificate has expired", "证书已过期");
/// Certificate of the future.
pub const TLS_NOT_YET: Text = Text::new("the certificate is not valid yet", "证书尚未生效");
/// Advice beside both.
pub const TLS_CLOCK_ADVICE: Text = Text::new(
    "check the clock of this machine; if it is right, the server must renew",
    "请检查本机时钟；若正确，则须由服务器更换证书",
);
/// Certificate for another name.
pub const TLS_WRONG_NAME: Text = Text::new("the certificate is not for {}", "证书不是签发给 {} 的");
/// Advice beside it.
pub const TLS_WRONG_NAME_ADVICE: Text = Text::new(
    "use the host name of the certificate, or set `verify_hostname = false` in `[tls]` if you trust this address",
    "请使用证书里的主机名；若信任该地址，可在 `[tls]` 设 `verify_hostname = false`",
);
/// The peer does not speak TLS.
pub const TLS_NOT_TLS: Text = Text::new("the server does not speak TLS on this port", "该端口的服务不是 TLS");
/// Advice beside it.
pub const TLS_NOT_TLS_ADVICE: Text =
    Text::new("use mqtt:// for this port, or the platform's TLS port", "该端口请用 mqtt://，或改用平台的 TLS 端口");
/// CONNECT was sent.
pub const CONNECT_SENT: Text =
    Text::new("client id {}, user name {}, keep-alive {} s, {}", "clientId {}，用户名 {}，保活 {} 秒，{}");
/// Stands for a client id that the server is to choose.
pub const CHOSEN_BY_SERVER: Text = Text::new("chosen by the server", "由服务器分配");
/// CONNECT could not be sent.
pub const CONNECT_FAILED: Text = Text::new("CONNECT not sent: {}", "CONNECT 未发出：{}");
/// CONNACK 0.
pub const CONNACK_OK: Text = Text::new("CONNACK 0, accepted", "CONNACK 0，已接受");
/// CONNACK 0 with a session.
pub const CONNACK_SESSION: Text = Text::new("CONNACK 0, accepted, session resumed", "CONNACK 0，已接受，会话已恢复");
/// CONNACK with another code.
pub const CONNACK_REFUSED: Text = Text::new("CONNACK {}: {}", "CONNACK {}：{}");
/// No CONNACK.
pub const CONNACK_MISSING: Text = Text::new("no CONNACK: {}", "没有收到 CONNACK：{}");
/// What to do about a missing CONNACK.
pub const CONNACK_MISSING_ADVICE: Text = Text::new(
    "the platform closed the connection without a word: it does so for some wrong logins, for a client id that is in use, \
     and when the port expects TLS",
    "平台未应答即断开：登录信息有误、clientId 已被占用、或该端口要求 TLS 时都会如此",
);
/// Codes of MQTT 3.1.1, section 3.2.2.3.
pub const CONNACK_CODES: [Text; 5] = [
    Text::new("unacceptable protocol version", "不支持的协议版本"),
    Text::new("client id rejected", "clientId 被拒绝"),
    Text::new("server unavailable", "服务不可用"),
    Text::new("bad user name or password", "用户名或密码错误"),
    Text::new("not authorized", "未授权"),
];
/// A code that MQTT does not know.
pub const CONNACK_OTHER: Text = Text::new("a code that MQTT 3.1.1 does not define", "MQTT 3.1.1 未定义的返回码");
/// What to do about the codes of MQTT 3.1.1.
pub const CONNACK_ADVICE: [Text; 5] = [
    Text::new(
        "set `version` in `[mqtt]` to the one that the platform asks for",
        "请把 `[mqtt]` 的 `version` 改为平台要求的版本",
    ),
    Text::new(
        "check the client id: wrong form, or in use by another connection",
        "请检查 clientId：格式不对，或已被另一个连接占用",
    ),
    Text::new("the platform is busy or the product is disabled; try again later", "平台繁忙或产品已停用，请稍后再试"),
    Text::new(
        "check the identity and the key in the profile, and that the token has not expired; `iotdbg sign` shows how it is made",
        "请检查 profile 里的身份与密钥，以及 token 是否过期；`iotdbg sign` 可查看其计算过程",
    ),
    Text::new(
        "the login is not allowed: check that the identity exists, is enabled, and that the key belongs to it",
        "鉴权失败：请检查该身份是否存在、是否启用，密钥是否与之对应",
    ),
];
/// The peer ended the connection.
pub const CLOSED_BY_PEER: Text = Text::new("the server closed the connection", "服务器断开了连接");
/// Keep-alive went unanswered.
pub const PING_UNANSWERED: Text = Text::new("no answer to the keep-alive ping", "保活 PINGREQ 没有应答");
/// The server sent something that is not MQTT.
pub const PROTOCOL_ERROR: Text = Text::new("the server broke the MQTT protocol: {}", "服务器违反 MQTT 协议：{}");
/// The connection failed in another way.
pub const BROKEN: Text = Text::new("the connection broke: {}", "连接中断：{}");
/// Not an MQTT address.
pub const NOT_MQTT: Text = Text::new(
    "{}:// is not carried by this connection; use mqtt:// or mqtts://",
    "此连接不支持 {}://，请用 mqtt:// 或 mqtts://",
);
/// Nothing is connected.
pub const NOT_CONNECTED: Text = Text::new("not connected", "未连接");
/// The topic cannot be published to.
pub const BAD_TOPIC: Text = Text::new("“{}” is not a topic that can be published to", "“{}”不是可发布的 topic");
/// The filter cannot be subscribed.
pub const BAD_FILTER: Text = Text::new("“{}” is not a valid topic filter", "“{}”不是有效的 topic 过滤器");
/// The message is larger than MQTT allows.
pub const TOO_LARGE: Text =
    Text::new("the message has {} bytes; at most {} can be sent", "消息共 {} 字节，最多可发送 {}");
/// The connection ended before the message left.
pub const ENDED_BEFORE_SENT: Text = Text::new("the connection ended before it was sent", "发出之前连接已断开");
/// Messages were dropped because nobody took them.
pub const DROPPED: Text = Text::new(
    "arrived while the application was busy for longer than the keep-alive allows",
    "到达时程序繁忙，已超过保活允许的时间",
);
