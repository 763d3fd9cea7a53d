//! What the Sign tab says.

use crate::base::lang::Text;

pub(super) const NOTHING_USED: Text = Text::new(
    "Paste what was used: press enter on “pasted” and paste a token, a URL, a CONNECT packet in hex, or code as it stands; or fill in the three parts. Then the secret.",
    "请给出连接时使用的内容：在“粘贴内容”上按 enter，粘贴 token、URL、CONNECT 报文（hex）或代码原文；或分别填写三个参数。再填写密钥。",
);
pub(super) const MISSING: Text = Text::new("{} {}", "{} {}");
pub(super) const STEPS: Text = Text::new("How it is made", "计算过程");
pub(super) const COPY_AS: Text = Text::new("Copy as", "复制为");
pub(super) const LOGIN: Text = Text::new("Login", "登录信息");
pub(super) const EXPECTED: Text = Text::new("Expected", "期望值");
pub(super) const EXPIRES: Text = Text::new("expires", "过期时间");
pub(super) const EXPIRES_IN: Text = Text::new("{} (in {})", "{}（还有 {}）");
pub(super) const EXPIRED: Text = Text::new("{} (expired)", "{}（已过期）");
pub(super) const RIGHT: Text = Text::new("right: the platform should accept this login", "正确：平台应当接受该登录");
pub(super) const WRONG: Text = Text::new("wrong: the platform refuses this login", "错误：平台会拒绝该登录");
pub(super) const SUPPOSED: Text = Text::new("probably: {}", "可能：{}");
pub(super) const GIVEN: Text = Text::new("given", "给出");
pub(super) const NO_COPY: Text = Text::new("there is nothing to copy on this row", "此行没有可复制的内容");
pub(super) const NO_PROFILES: Text = Text::new("there is no profile", "没有配置");
