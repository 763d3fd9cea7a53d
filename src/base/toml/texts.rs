//! What is said about a TOML text that is not what it should be.

use crate::base::lang::Text;

/// It is no TOML.
pub const SYNTAX: Text = Text::new("not valid TOML: {}", "不是有效的 TOML：{}");
/// A key that is not known at its place.
pub const UNKNOWN_KEY: Text = Text::new("unknown key “{}”; known here: {}", "未知的键“{}”；此处可用：{}");
/// A key that is not known, and the one that was probably meant.
pub const UNKNOWN_KEY_MEANT: Text =
    Text::new("unknown key “{}”; did you mean “{}”? Known here: {}", "未知的键“{}”，是否想写“{}”？此处可用：{}");
/// A value of another type.
pub const WRONG_TYPE: Text = Text::new("“{}” must be {}, found {}", "“{}”必须是{}，实际是{}");
/// What a text looks like.
pub const A_TEXT: Text = Text::new("a text in quotes", "带引号的文本");
/// What an integer is.
pub const AN_INTEGER: Text = Text::new("a whole number", "整数");
/// What a truth value looks like.
pub const A_BOOL: Text = Text::new("true or false", "true 或 false");
/// What a duration looks like.
pub const A_DURATION: Text = Text::new("a duration such as \"12h\"", "时长，例如 \"12h\"");
/// What a table is.
pub const A_TABLE: Text = Text::new("a table", "表");
/// What a list of texts is.
pub const TEXTS: Text = Text::new("a list of texts", "文本列表");
/// A value that is none of the allowed ones.
pub const NOT_A_CHOICE: Text = Text::new("“{}” must be one of {}, found “{}”", "“{}”必须是 {} 之一，实际是“{}”");
/// A value that is none of the allowed ones, and the one that was probably meant.
pub const NOT_A_CHOICE_MEANT: Text = Text::new(
    "“{0}” cannot be “{2}”; did you mean “{3}”? It must be one of {1}",
    "“{0}”不能是“{2}”，是否想写“{3}”？必须是 {1} 之一",
);
/// A value with the complaint of whoever reads it.
pub const BAD_VALUE: Text = Text::new("“{}” {}", "“{}”{}");
/// A key that is missing.
pub const MISSING_KEY: Text = Text::new("“{}” is required here", "此处必须有“{}”");
