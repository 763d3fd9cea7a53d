//! The words of this folder.

use crate::base::lang::Text;

pub(super) const UNCLOSED_QUOTE: Text = Text::new("this {} is never closed", "缺少与此 {} 配对的引号");
pub(super) const EMPTY_WORD: Text = Text::new("there is nothing between these quotes", "引号内没有内容");
pub(super) const TOO_MANY_WORDS: Text = Text::new("at most {} words", "最多 {} 个词");
pub(super) const WORD_TOO_LONG: Text = Text::new("a word has at most {} bytes", "每个词最多 {} 字节");
pub(super) const NOTHING_TO_CLOSE: Text = Text::new(
    "this parenthesis closes nothing; put it into quotes to search for it",
    "此括号没有配对；要查找括号请加引号",
);
pub(super) const NEVER_CLOSED: Text = Text::new("this parenthesis is never closed", "此括号没有配对的右括号");
pub(super) const NOTHING_AFTER: Text = Text::new(
    "something must stand beside “{}”; put it into quotes to search for it",
    "“{}”旁边缺少条件；要查找这个词请加引号",
);
pub(super) const TOO_DEEP: Text = Text::new("at most {} levels of parentheses", "括号最多嵌套 {} 层");
pub(super) const NO_SUCH_FIELD: Text = Text::new(
    "there is no field “{}”; did you mean “{}”? Quotes search for the text",
    "没有字段“{}”，是否为“{}”？加引号则按文字查找",
);
pub(super) const NOT_ORDERED: Text = Text::new("“{}” cannot be compared with {}", "“{}”不能用 {} 比较");
pub(super) const NO_VALUE: Text = Text::new("a value must follow, as in {}", "此处缺少值，例如 {}");
pub(super) const NOT_ONE_OF: Text = Text::new("must be one of {}, found “{}”", "必须是 {} 之一，实际是“{}”");
pub(super) const NOT_A_NUMBER: Text = Text::new("must be a whole number, found “{}”", "必须是整数，实际是“{}”");
pub(super) const BAD_REGEX: Text = Text::new("not a regular expression: {}", "不是正则表达式：{}");
pub(super) const BAD_JQ: Text = Text::new("not a jq expression here: {}", "此处不是 jq 表达式：{}");
