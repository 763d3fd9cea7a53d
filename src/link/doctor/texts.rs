//! What the doctor says about sockets.

use crate::base::lang::Text;

pub(super) const FIELD: Text = Text::new("{} {}", "{} {}");
pub(super) const FIELD_FIX: Text =
    Text::new("correct the profile (`iotdbg profiles check`)", "请修正 profile（`iotdbg profiles check`）");
pub(super) const SEE_ABOVE: Text = Text::new("check the address in `server`", "请检查 `server` 里的地址");
pub(super) const GRANTED: Text = Text::new("{}: granted QoS {}", "{}：订阅成功，QoS {}");
pub(super) const NOT_GRANTED: Text = Text::new("{}: refused, SUBACK 0x{}", "{}：订阅被拒绝，SUBACK 0x{}");
pub(super) const NO_SUBACK: Text = Text::new("{}: no SUBACK within {} s", "{}：{} 秒内没有 SUBACK");
pub(super) const NO_SUBACK_FIX: Text = Text::new(
    "the broker ignored the subscription: check the spelling of the topic and the rights of this identity",
    "服务器忽略了该订阅：请检查主题拼写与该身份的权限",
);
pub(super) const CLOSED_ON_SUBSCRIBE: Text =
    Text::new("{}: the server closed the connection upon this subscription", "{}：收到该订阅后服务器断开了连接");
pub(super) const PONG: Text = Text::new("PINGRESP", "PINGRESP");
pub(super) const NO_PONG: Text = Text::new("no PINGRESP within {} s", "{} 秒内没有 PINGRESP");
pub(super) const NO_PONG_FIX: Text = Text::new(
    "the network loses packets, or the server limits the rate of pings: try again with a longer keep-alive",
    "网络丢包，或服务器限制了心跳频率：请加大 keep-alive 再试",
);
pub(super) const LEFT_IN_PEACE: Text = Text::new("stayed connected for {} s", "连接保持了 {} 秒");
pub(super) const THROWN_OUT: Text = Text::new("disconnected {} time(s) shortly after login", "登录后不久被断开 {} 次");
pub(super) const TLS_OPEN: Text = Text::new("{}; {}; {}", "{}；{}；{}");
pub(super) const NO_CERTIFICATE: Text = Text::new("no certificate", "没有证书");
pub(super) const CERTIFICATE: Text =
    Text::new("certificate of {}, issued by {}, valid {} – {}, for {}", "证书 {}，签发者 {}，有效期 {} – {}，域名 {}");
pub(super) const CHAIN: Text = Text::new("{}, chain ← {}", "{}，证书链 ← {}");
pub(super) const TRUST_FILE: Text = Text::new("trusted: {} ([tls] ca)", "信任来源：{}（[tls] ca）");
pub(super) const TRUST_SYSTEM: Text = Text::new("trusted: the authorities of this system", "信任来源：系统证书库");
pub(super) const TRUST_ANY_NAME: Text = Text::new("{}, any name", "{}，不校验域名");
pub(super) const ANY_NAME: Text = Text::new(
    "the name in the certificate is not checked (verify_hostname = false)",
    "未校验证书里的域名（verify_hostname = false）",
);
pub(super) const ANY_NAME_FIX: Text =
    Text::new("leave it so only where the platform's certificate has no name", "仅当平台证书不含域名时才这样设置");
pub(super) const EXPIRES_SOON: Text = Text::new("the certificate expires in {} day(s)", "证书将在 {} 天后过期");
pub(super) const EXPIRES_SOON_FIX: Text = Text::new("the server must renew it", "请服务器方及时更换");
pub(super) const EXPIRED_TOO: Text = Text::new("the certificate also expired on {}", "证书还已于 {} 过期");
pub(super) const SELF_SIGNED: Text = Text::new(
    "the certificate is self-signed: it names itself as its issuer, and is not among the trusted ones",
    "证书是自签名的（签发者是它自己），且不在信任列表里",
);
pub(super) const TLS_SILENT: Text =
    Text::new("the port does not answer the TLS handshake", "该端口对 TLS 握手没有应答");
pub(super) const PLAIN_FIX: Text = Text::new("server = \"{}://{}:{}\"", "server = \"{}://{}:{}\"");
pub(super) const TLS_ALERT: Text = Text::new("the server answered in TLS", "服务器以 TLS 应答");
pub(super) const WANTS_TLS: Text =
    Text::new("port {} speaks TLS, and the connection was made without", "端口 {} 要求 TLS，而本次连接未加密");
pub(super) const HTTP_ANSWER: Text = Text::new("the port speaks HTTP, not MQTT", "该端口是 HTTP，不是 MQTT");
pub(super) const HTTP_FIX: Text = Text::new(
    "check host and port in `server`: this is no MQTT broker",
    "请检查 `server` 的主机与端口：这里不是 MQTT broker",
);
pub(super) const NOT_MQTT: Text =
    Text::new("the answer is no MQTT (it begins with {})", "应答不是 MQTT（开头字节 {}）");
pub(super) const CALLED: Text = Text::new("{}: HTTP {}", "{}：HTTP {}");
pub(super) const CALL_REFUSED: Text = Text::new("{}: HTTP {}: {}", "{}：HTTP {}：{}");
pub(super) const LOGIN_FIX: Text =
    Text::new("check account, password and application id in the profile", "请检查 profile 里的账号、密码与应用 ID");
pub(super) const CLOCK: Text = Text::new("this machine minus the server: {} s", "本机时间减服务器时间：{} 秒");
