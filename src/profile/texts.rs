//! What profiles and rosters say to people.

use crate::base::lang::Text;
pub(super) use crate::base::toml::texts::{
    A_BOOL, A_DURATION, A_TABLE, A_TEXT, AN_INTEGER, BAD_VALUE, MISSING_KEY, SYNTAX, WRONG_TYPE,
};

pub(super) const BAD_SERVER: Text = Text::new("“server”: {}", "“server”：{}");
pub(super) const KEEP_ALIVE: Text = Text::new(
    "“keep_alive” must be seconds from 0 to 65535, found {}",
    "“keep_alive”必须是 0 到 65535 的秒数，实际是 {}",
);
pub(super) const NO_DEVICE_HERE: Text = Text::new("{} as {} has no [device]", "{} 的 {} 角色没有 [device]");
pub(super) const BAD_RANGE: Text = Text::new(
    "“{}” is no range: the first number comes first, and there are at most {} names",
    "“{}”不是合法的范围：起始编号在前，且最多 {} 个名称",
);
pub(super) const OTHER_RANGE: Text = Text::new(
    "“{}” stands for {} names, another range in this table for {}",
    "“{}”对应 {} 个名称，而此表中另一个范围对应 {} 个",
);
pub(super) const BAD_COUNT: Text =
    Text::new("“count” must be from 1 to {}, found {}", "“count”必须在 1 到 {} 之间，实际是 {}");
pub(super) const COUNT_WITHOUT_PLACE: Text = Text::new(
    "“count” needs a place for the number: {n} in one of the texts",
    "“count”需要在某个文本中写上编号占位符 {n}",
);
pub(super) const NO_SIMULATE_HERE: Text =
    Text::new("[simulate] is for role = \"device\"", "[simulate] 只用于 role = \"device\"");

pub(super) const NO_ENV: Text = Text::new(
    "“{}” is to come from the environment variable {}, which is not set",
    "“{}”取自环境变量 {}，但它没有设置",
);
pub(super) const NOT_UNICODE: Text =
    Text::new("“{}”: what {} gives is not UTF-8 text", "“{}”：{} 给出的不是 UTF-8 文本");
pub(super) const EMPTY_SECRET: Text = Text::new("“{}”: {} gives nothing", "“{}”：{} 没有给出内容");
pub(super) const SECRET_TOO_LONG: Text =
    Text::new("“{}”: {} gives more than {} bytes", "“{}”：{} 给出的内容超过 {} 字节");
pub(super) const NO_FILE: Text = Text::new("“{}”: cannot read {}: {}", "“{}”：无法读取 {}：{}");
pub(super) const CMD_START: Text = Text::new("“{}”: cannot run its command: {}", "“{}”：无法运行取密命令：{}");
pub(super) const CMD_FAILED: Text =
    Text::new("“{}”: its command ended with {}; it said: {}", "“{}”：取密命令以 {} 结束，输出：{}");
pub(super) const CMD_TIMEOUT: Text = Text::new(
    "“{}”: its command did not finish within {} s; it said: {}",
    "“{}”：取密命令在 {} 秒内没有结束，输出：{}",
);

pub(super) const CANNOT_READ: Text = Text::new("cannot be read: {}", "无法读取：{}");
pub(super) const CANNOT_WRITE: Text = Text::new("cannot be written: {}", "无法写入：{}");
pub(super) const NOT_FOUND: Text = Text::new("no profile “{}”; there are: {}", "没有配置“{}”；现有：{}");
pub(super) const NOT_FOUND_MEANT: Text =
    Text::new("no profile “{}”; did you mean “{}”? There are: {}", "没有配置“{}”，是否想写“{}”？现有：{}");
pub(super) const BAD_NAME: Text = Text::new(
    "a profile name has letters, digits, “-”, “_” and “.”, and does not begin with a dot; found “{}”",
    "配置名由文字、数字、“-”、“_”、“.”组成，且不以点开头；实际是“{}”",
);
pub(super) const EXISTS: Text = Text::new("there is a profile “{}” already", "配置“{}”已存在");
pub(super) const NO_CONFIG_DIR: Text =
    Text::new("no home directory is known; use --config DIR", "找不到主目录，请用 --config DIR 指定");

pub(super) const UNKNOWN_TABLE: Text =
    Text::new("no roster table [[{}.{}]]; there are: {}", "名册没有 [[{}.{}]] 表；可用：{}");
pub(super) const UNKNOWN_DIALECT: Text = Text::new("unknown dialect “{}”; known: {}", "未知的平台“{}”；可用：{}");
pub(super) const NO_DIALECT: Text = Text::new("“dialect” and “role” are required", "必须有“dialect”和“role”");
pub(super) const NO_WORKSPACE: Text = Text::new("no workspace “{}”; there are: {}", "没有工作区“{}”；现有：{}");
pub(super) const A_KEY: Text = Text::new("a key or a list of keys, as text", "按键文本或其列表");
pub(super) const A_SHARE: Text = Text::new("a share from 0 to 1000", "0 到 1000 的份额");
