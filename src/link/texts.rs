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
/// An address that is no connection.
pub const NOT_CARRIED: Text = Text::new(
    "{}:// is no address to stay connected to; use mqtt://, mqtts://, ws:// or wss://",
    "{}:// 不能作为长连接地址，请用 mqtt://、mqtts://、ws:// 或 wss://",
);
/// A text frame where there is no WebSocket.
pub const NO_SOCKET: Text = Text::new("this connection is no WebSocket", "此连接不是 WebSocket");
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
/// An address that cannot be called.
pub const NOT_HTTP: Text =
    Text::new("{}:// cannot be called; use http:// or https://", "{}:// 不能调用，请用 http:// 或 https://");
/// A request that cannot be written.
pub const BAD_REQUEST: Text = Text::new("the request cannot be written: {}", "请求无法写出：{}");
/// A header field that cannot be written.
pub const BAD_HEADER: Text =
    Text::new("the header field {} holds characters that HTTP does not allow", "请求头 {} 含有 HTTP 不允许的字符");
/// The peer does not speak HTTP.
pub const NOT_HTTP_ANSWER: Text = Text::new("the answer is not HTTP: {}", "应答不是 HTTP：{}");
/// More than is read.
pub const ANSWER_TOO_LARGE: Text = Text::new("the answer is larger than {} MiB", "应答超过 {} MiB");
/// The WebSocket is there.
pub const UPGRADED: Text = Text::new("{}: HTTP 101, WebSocket granted", "{}：HTTP 101，WebSocket 已建立");
/// The WebSocket was refused.
pub const UPGRADE_REFUSED: Text = Text::new("the WebSocket was refused: HTTP {}", "WebSocket 被拒绝：HTTP {}");
/// The WebSocket was refused with words.
pub const UPGRADE_REFUSED_WORDS: Text =
    Text::new("the WebSocket was refused: HTTP {}: {}", "WebSocket 被拒绝：HTTP {}：{}");
/// The WebSocket was refused with a code of the platform, whose meaning comes first.
pub const UPGRADE_REFUSED_CODE: Text =
    Text::new("the WebSocket was refused: HTTP {}: {} — {}", "WebSocket 被拒绝：HTTP {}：{} — {}");
/// The server sends elsewhere.
pub const UPGRADE_ELSEWHERE: Text = Text::new(
    "the WebSocket was refused: HTTP {}, redirected to {}, which is not followed",
    "WebSocket 被拒绝：HTTP {}，要求重定向到 {}，不会自动跟随",
);
/// There is no WebSocket.
pub const NOT_UPGRADED: Text = Text::new("no WebSocket: {}", "WebSocket 未建立：{}");
/// A 101 that upgrades to something else.
pub const NO_UPGRADE_HEADER: Text =
    Text::new("HTTP 101 without `Upgrade: websocket`", "HTTP 101 应答缺少 `Upgrade: websocket`");
/// A 101 that does not know our key.
pub const WRONG_ACCEPT: Text = Text::new(
    "HTTP 101 with a wrong `Sec-WebSocket-Accept`: a cache or proxy may have answered",
    "HTTP 101 的 `Sec-WebSocket-Accept` 不正确：可能是缓存或代理作的应答",
);
/// What to do about a refused login.
pub const UPGRADE_AUTH_ADVICE: Text = Text::new(
    "check the token, that it has not expired, and the rights of this account",
    "请检查 token 是否正确、是否过期，以及该账号的权限",
);
/// What to do about a path that is not known.
pub const UPGRADE_PATH_ADVICE: Text = Text::new(
    "check host, port and path in `server`: there is no WebSocket at this address",
    "请检查 `server` 里的主机、端口和路径：该地址没有 WebSocket 服务",
);
/// The server closed with a code.
pub const CLOSE: Text = Text::new("the server closed the WebSocket: {} ({})", "服务器关闭了 WebSocket：{}（{}）");
/// The server closed with a code and words.
pub const CLOSE_WORDS: Text =
    Text::new("the server closed the WebSocket: {} ({}): {}", "服务器关闭了 WebSocket：{}（{}）：{}");
/// The server closed without a code (1005).
pub const CLOSE_WITHOUT_CODE: Text =
    Text::new("the server closed the WebSocket: 1005 (no code given)", "服务器关闭了 WebSocket：1005（未给出关闭码）");
/// The connection ended without a close frame.
pub const CLOSE_ABNORMAL: Text =
    Text::new("the WebSocket ended without a close frame: 1006 ({})", "WebSocket 异常断开，没有关闭帧：1006（{}）");
/// A frame larger than taken.
pub const FRAME_TOO_LARGE: Text = Text::new("a message is larger than {} MiB", "消息超过 {} MiB");
/// The server sent something that is not a frame.
pub const BROKEN_FRAMES: Text =
    Text::new("the server broke the WebSocket protocol: {}", "服务器违反 WebSocket 协议：{}");

/// A close code in words (RFC 6455, section 7.4.1, and the IANA registry).
pub fn close_code(code: u16) -> Text {
    match code {
        1000 => Text::new("normal closure", "正常关闭"),
        1001 => Text::new("going away: the server stops or restarts", "服务器正在停止或重启"),
        1002 => Text::new("protocol error", "协议错误"),
        1003 => Text::new("a kind of frame that it does not take", "不接受的帧类型"),
        1005 => Text::new("no code given", "未给出关闭码"),
        1006 => Text::new("abnormal closure", "异常断开"),
        1007 => Text::new("text that is not UTF-8", "文本不是 UTF-8"),
        1008 => Text::new("policy violation: often a login that is not accepted", "违反策略：常见于鉴权失败"),
        1009 => Text::new("message too big", "消息过大"),
        1010 => Text::new("an extension is missing", "缺少扩展"),
        1011 => Text::new("internal error of the server", "服务器内部错误"),
        1012 => Text::new("the server restarts", "服务器重启"),
        1013 => Text::new("try again later", "请稍后重试"),
        1014 => Text::new("bad gateway", "网关错误"),
        1015 => Text::new("TLS failed", "TLS 失败"),
        4000..=4999 => Text::new("a code of the platform's own", "平台自定义关闭码"),
        _ => Text::new("a code that is not registered", "未登记的关闭码"),
    }
}
