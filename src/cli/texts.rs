//! What the commands say to people.

use crate::base::lang::Text;

/// No such dialect.
pub const NO_DIALECT: Text = Text::new("there is no dialect “{}”; there are: {}", "没有平台“{}”，可用：{}");
/// No such code.
pub const NO_CODE: Text = Text::new("no platform here knows the code “{}”", "没有平台使用返回码“{}”");
/// Heading of a cause.
pub const CAUSE: Text = Text::new("usual cause: {}", "常见原因：{}");
/// No such command.
pub const NO_COMMAND: Text = Text::new("there is no command “{}”", "没有命令“{}”");
