//! The words about captures.

use crate::base::lang::Text;

pub(super) const NO_TOPIC: Text =
    Text::new("expected a member that names the topic, found none", "应含有 topic 字段，未找到");
pub(super) const NO_PAYLOAD: Text = Text::new(
    "expected “payload” (or message, data, body), found none",
    "应含有 payload 字段（或 message、data、body），未找到",
);
pub(super) const BAD_PAYLOAD: Text =
    Text::new("the payload must hold json, text or hex, found {}", "payload 必须包含 json、text 或 hex，实际是 {}");
pub(super) const BAD_HEX: Text = Text::new("the payload is not hexadecimal: {}", "payload 不是十六进制：{}");
pub(super) const BAD_BASE64: Text = Text::new("the payload is not base64: {}", "payload 不是 base64：{}");
pub(super) const BAD_DIRECTION: Text =
    Text::new("direction must be in or out, found “{}”", "direction 必须是 in 或 out，实际是“{}”");
pub(super) const BAD_TIME: Text = Text::new("“{}” is not a time", "“{}”不是时间");
pub(super) const BAD_ROLE: Text =
    Text::new("role must be app or device, found “{}”", "role 必须是 app 或 device，实际是“{}”");
pub(super) const CUT_OFF: Text = Text::new("the line is cut off", "该行不完整");
pub(super) const NOT_A_MESSAGE: Text =
    Text::new("expected a JSON object or “topic payload”, found “{}”", "应为 JSON 对象或“topic payload”，实际是“{}”");
pub(super) const UNKNOWN_DIALECT: Text = Text::new("there is no platform “{}”", "没有平台“{}”");
pub(super) const ONLY_HEAD: Text =
    Text::new("only {} of {} bytes were kept; it cannot be sent again", "只保留了 {} / {} 字节，无法重新发送");
