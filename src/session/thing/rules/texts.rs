//! What is said about rules.

use crate::base::lang::Text;

/// A number with a fraction or without.
pub(super) const A_NUMBER: Text = Text::new("a number", "数字");
/// A whole number that is not negative.
pub(super) const A_COUNT: Text = Text::new("a whole number from 0", "不小于 0 的整数");
/// A list of whole numbers.
pub(super) const INTEGERS: Text = Text::new("a list of whole numbers", "整数列表");
/// One text or several.
pub(super) const TEXT_OR_TEXTS: Text = Text::new("a text or a list of texts", "文本或文本列表");
/// One duration or several.
pub(super) const DURATIONS: Text =
    Text::new("a list of durations such as [\"5s\", \"1m\"]", "时长列表，例如 [\"5s\", \"1m\"]");
/// Array of tables.
pub(super) const TABLES: Text = Text::new("written [[{}]]", "写成 [[{}]]");
/// The forms of a delay.
pub(super) const A_DELAY: Text = Text::new(
    "a duration such as \"3s\", or one of { uniform = [\"1s\", \"3s\"] }, { normal = { mean = \"1s\", deviation = \"200ms\" } }, { exponential = \"500ms\" }",
    "时长（例如 \"3s\"），或 { uniform = [\"1s\", \"3s\"] }、{ normal = { mean = \"1s\", deviation = \"200ms\" } }、{ exponential = \"500ms\" } 之一",
);
/// Limits in the wrong order.
pub(super) const WRONG_ORDER: Text = Text::new("“{}” must not be larger than “{}”", "“{}”不能大于“{}”");
/// Outside of limits.
pub(super) const OUTSIDE: Text =
    Text::new("“{}” must be from {} to {}, found {}", "“{}”必须在 {} 到 {} 之间，实际是 {}");
/// Must be more than nothing.
pub(super) const NOT_POSITIVE: Text = Text::new("“{}” must be more than 0", "“{}”必须大于 0");
/// A key that has no meaning beside another.
pub(super) const ONLY_WITH: Text = Text::new("“{}” is only for do = \"{}\"", "“{}”只用于 do = \"{}\"");
/// Two shapes.
pub(super) const ONE_SHAPE: Text =
    Text::new("only one of {} can be given, found “{}” and “{}”", "{} 只能给出一个，实际有“{}”和“{}”");
/// A schedule without times.
pub(super) const NO_TIMES: Text = Text::new(
    "say when: “every” (a period) or “at” (a list of times)",
    "请给出时间：“every”（周期）或“at”（时间列表）",
);
/// Not in the model.
pub(super) const NO_PROPERTY: Text =
    Text::new("the model has no property “{}”; it has: {}", "物模型没有属性“{}”，可用的有：{}");
/// Not in the model, but nearly.
pub(super) const NO_PROPERTY_MEANT: Text = Text::new(
    "the model has no property “{}”; did you mean “{}”? It has: {}",
    "物模型没有属性“{}”，是否想写“{}”？可用的有：{}",
);
/// Not in the model.
pub(super) const NO_EVENT: Text =
    Text::new("the model has no event “{}”; it has: {}", "物模型没有事件“{}”，可用的有：{}");
/// No sub-device of that name.
pub(super) const NO_SUB_DEVICE: Text =
    Text::new("no [[sub_device]] is called “{}”; there are: {}", "没有名为“{}”的 [[sub_device]]，可用的有：{}");
/// An operation that there is not.
pub(super) const NO_OPERATION: Text =
    Text::new("no operation is called “{}”; there are: {}", "没有操作“{}”，可用的有：{}");
/// A condition with a fault.
pub(super) const IN_CONDITION: Text = Text::new("condition: {}", "条件：{}");
/// A file that cannot be read.
pub(super) const NO_FILE: Text = Text::new("cannot read “{}”: {}", "无法读取“{}”：{}");
/// A file without the column.
pub(super) const NO_COLUMN: Text =
    Text::new("“{}” has no column “{}”; its first line names the columns", "“{}”没有列“{}”；首行为列名");
/// A file without values.
pub(super) const NO_ROWS: Text = Text::new("“{}” has no values in column “{}”", "“{}”的列“{}”没有取值");
/// A capture with a fault.
pub(super) const IN_FILE: Text = Text::new("“{}”, line {}: {}", "“{}”第 {} 行：{}");
/// A capture in which there is nothing to play.
pub(super) const NOTHING_RECORDED: Text =
    Text::new("“{}” holds no report, event or raw message of a device", "“{}”里没有设备上报、事件或透传消息");
/// A line that is no JSON.
pub(super) const NOT_JSON: Text = Text::new("not a line of `tail --json`: {}", "不是 `tail --json` 的输出行：{}");
/// A line without a member.
pub(super) const NO_MEMBER: Text = Text::new("“{}” is missing or cannot be read", "缺少“{}”或无法读取");
/// A model with a fault.
pub(super) const IN_MODEL: Text = Text::new("“{}”, line {}, column {}: {}", "“{}”第 {} 行第 {} 列：{}");

/// In a condition: what joins two parts.
pub(super) const AN_OPERATOR: Text = Text::new("and, or, or the end", "and、or 或结尾");
/// In a condition: what is compared.
pub(super) const A_TERM: Text = Text::new("a value or a name", "取值或名称");
/// In a condition: a literal.
pub(super) const A_LITERAL: Text =
    Text::new("a number, a text in quotes, true, false or null", "数字、带引号的文本、true、false 或 null");
/// In a condition: its end.
pub(super) const THE_END: Text = Text::new("the end", "结尾");
/// In a condition: something else than expected.
pub(super) const UNEXPECTED: Text = Text::new("expected {}, found {}", "应为{}，实际是 {}");
/// In a condition: a quote without its end.
pub(super) const OPEN_QUOTE: Text = Text::new("the text has no closing quote", "文本缺少结束引号");
/// In a condition: no number.
pub(super) const BAD_NUMBER: Text = Text::new("“{}” is not a number", "“{}”不是数字");
/// In a condition: a sign without meaning.
pub(super) const BAD_SIGN: Text = Text::new("“{}” has no meaning in a condition", "条件中不能使用“{}”");
/// In a condition: too many parentheses.
pub(super) const TOO_DEEP: Text = Text::new("nested deeper than {} levels", "嵌套超过 {} 层");
/// In a condition: an unknown word.
pub(super) const UNKNOWN_WORD: Text = Text::new(
    "“{}” is neither value, identifier, op, name, device nor an identifier of the model (a text stands in quotes)",
    "“{}”不是 value、identifier、op、name、device，也不是物模型的标识符（文本要加引号）",
);
